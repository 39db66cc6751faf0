"""The second transport: learners' cells run in a child process, which answers with plain values.

Messages are JSON with their length in front. What the child sends is data, never code: a value
that is not plain, a reply that makes no sense and silence are each an outcome of their own.
"""

import json
import linecache
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from helpers.checks import attempt as attempts
from helpers.checks import models
from helpers.checks.plain import NotPlain, decode, encode

ROOT = Path(__file__).parents[2]
LARGEST_MESSAGE = 128 << 20  # bytes
CELL = "<exercise {number}>"


class Child:
    """A process that runs learners' cells, one after another, each in names of its own.

    Args:
        seconds: how long one call may take.

    Use it as a context manager; `child.attempt(source, name)` gives the attempt.
    """

    def __init__(self, seconds=30):
        self.seconds, self.cells = seconds, 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpers.checks.child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def attempt(self, source, name, forbidden=()):
        """The attempt at the exercise `name` that the cell `source` makes."""
        self.cells += 1
        return ChildAttempt(self, self.cells, source, name, forbidden)

    def ask(self, **request):
        """The child's answer, a dict.

        Raises:
            Stopped: the process ended, took too long or sent what nobody can read.
        """
        try:
            send(self.process.stdin, request)
            return receive(self.process.stdout, time.monotonic() + self.seconds)
        except TimeoutError:
            self.process.kill()
            limit = f"no answer within {self.seconds} seconds"
            raise attempts.Stopped(["TimeoutError"], limit) from None
        except (OSError, EOFError):  # after TimeoutError, which is an OSError
            raise attempts.Stopped(["SystemExit"], "the process that ran it ended") from None
        except ValueError as error:
            self.process.kill()
            raise attempts.Stopped(["ValueError"], f"unreadable answer: {error}") from None


class ChildAttempt:
    """A learner's function in a child process: same face as `attempt.FunctionAttempt`."""

    def __init__(self, child, number, source, name, forbidden=()):
        self.child, self.name, self.forbidden = child, name, tuple(forbidden)
        self.untouched = attempts.is_stub(source, name)
        self.number = number
        self._defined = None if self.untouched else self._ask(do="define", source=source)

    def call(self, **arguments):
        """What the function returns for `arguments`; errors as in `FunctionAttempt.call`."""
        return self._value(self._ask(do="call", **self._sent(arguments)))

    def model(self, input_shape, **arguments):
        """The Keras model that the function builds upon a symbolic input of `input_shape`."""
        shape = list(input_shape)
        return self._value(self._ask(do="model", input_shape=shape, **self._sent(arguments)))

    def _sent(self, arguments):
        return {
            "forbidden": self.forbidden,
            "arguments": {name: encode(value) for name, value in arguments.items()},
        }

    def _ask(self, **request):
        if request["do"] != "define" and "stopped" in self._defined:
            return self._defined
        try:
            return self.child.ask(number=self.number, name=self.name, **request)
        except attempts.Stopped as stop:
            return {"stopped": [list(stop.kinds), stop.message, stop.line]}

    def _value(self, answer):
        match answer:
            case {"stopped": [list(kinds), str(message), str(line)]}:
                raise attempts.Stopped(kinds, message, line)
            case {"borrowed": str(name)}:
                raise attempts.Borrowed(name)
            case {"unreadable": str(what)}:
                raise attempts.Unreadable(what)
            case {"value": value}:
                try:
                    return decode(value)
                except (NotPlain, models.NotStock) as error:
                    raise attempts.Unreadable(str(error)) from None
        raise attempts.Unreadable("unreadable answer")


def send(stream, message):
    """Write `message` as JSON with its length in front."""
    raw = json.dumps(message).encode()
    stream.write(struct.pack(">I", len(raw)) + raw)
    stream.flush()


def receive(stream, deadline=None):
    """Read one message.

    Raises:
        EOFError: the other side is gone. TimeoutError: nothing came before `deadline`, in
        seconds of `time.monotonic`. ValueError: too long, or not JSON.
    """
    (length,) = struct.unpack(">I", _read(stream, 4, deadline))
    if length > LARGEST_MESSAGE:
        raise ValueError(f"{length} bytes, at most {LARGEST_MESSAGE}")
    return json.loads(_read(stream, length, deadline))


def _read(stream, count, deadline):
    raw = bytearray()
    while len(raw) < count:
        if (
            deadline is not None
            and not select.select([stream], [], [], max(deadline - time.monotonic(), 0))[0]
        ):
            raise TimeoutError
        piece = os.read(stream.fileno(), min(count - len(raw), 1 << 20))
        if not piece:
            raise EOFError
        raw += piece
    return bytes(raw)


def serve(requests, answers):
    """Answer requests until the other side closes: the child's main loop."""
    cells = {}
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        send(answers, answer(request, cells))


def answer(request, cells):
    """The answer to one request; `cells` holds each cell's names by its number."""
    try:
        if request["do"] == "define":
            cells[request["number"]] = define(request["source"], request["number"])
            return {"value": None}
        function = cells[request["number"]].get(request["name"])
        if not callable(function):
            message = f"name {request['name']!r} is not defined"
            return {"stopped": [["NameError"], message, ""]}
        if request["do"] == "model":
            function = attempts.build_model(function, tuple(request["input_shape"]))
        arguments = {name: decode(value) for name, value in request["arguments"].items()}
        value = attempts.call_quietly(function, arguments, request["forbidden"])
        return {"value": encode(value)}
    except attempts.Borrowed as name:
        return {"borrowed": str(name)}
    except attempts.Unreadable as what:
        return {"unreadable": str(what)}
    except attempts.Stopped as stop:
        return {"stopped": [list(stop.kinds), stop.message, stop.line]}


def define(source, number):
    """Run a learner's cell after what the set-up cell leaves; the names it then knows."""
    from helpers.notebook import names_after_set_up

    filename = CELL.format(number=number)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names = {"__name__": "__main__", **names_after_set_up()}

    def run():
        exec(compile(source, filename, "exec"), names)

    run.learners_file = filename
    attempts.call_quietly(run, {})
    return names


def main():
    """Serve on the descriptors that were stdin and stdout; learners get neither."""
    requests, answers = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nowhere, number)
    serve(requests, answers)


if __name__ == "__main__":
    main()
