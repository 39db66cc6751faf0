"""The process that holds a learner's answers against the answer key.

It is trusted; what it reads is not. So it is a process of its own, confined as well: a model too
large for this machine, or a crash of TensorFlow on hostile numbers, ends it and not the grading.
"""

import contextlib
import gc
import os
import resource
import socket
import sys
import time
import traceback

COURSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, COURSE)

from grading.channel import Channel  # noqa: E402
from grading.session import SandboxAttempt, readable  # noqa: E402
from helpers import checks  # noqa: E402
from helpers.checks.child import receive, send  # noqa: E402
from helpers.checks.exercise import judge  # noqa: E402

MEMORY = 4 << 30  # bytes
MOST_LINES, LONGEST_TEXT = 40, 5000  # of feedback: lines, characters of one


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from helpers.notebook import set_up

    set_up()
    exercises = checks.exercises()
    gc.collect()
    gc.freeze()  # what is there by now stays; a collection need not look at it again
    answers = os.fdopen(os.dup(control.fileno()), "wb")
    send(answers, {"ready": True})
    while True:
        mark, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not mark:
            return
        request = receive(control)
        with contextlib.closing(Channel(socket.socket(fileno=fds[0]))) as channel:
            made = answer(request, exercises[request["exercise"]], channel)
            send(answers, made | {"token": request["token"]})


def answer(request, exercise, channel):
    """What `score` gives; why it does not, where a check can't cope with what it got."""
    try:
        return score(request, exercise, channel)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return {"failed": f"{type(error).__name__} in {place.name}: {error}"}


def score(request, exercise, channel):
    """What an attempt at an exercise earned, as plain data.

    Args:
        request: a dict with `source`, `others`, `seconds`, `processor` (see `SandboxAttempt`) and
            `seed`.
        exercise: the `Exercise`.
        channel: to the process in which the learner's cell runs.
    """
    start = time.monotonic()
    cell = {name: request[name] for name in ("source", "others", "seconds", "processor")}
    attempt = SandboxAttempt(channel, name=exercise.name, forbidden=exercise.forbidden, **cell)
    made = judge(exercise, attempt, request["seed"])
    forget_models(exercise)
    lines = [readable(line, LONGEST_TEXT) for line in made.feedback[:MOST_LINES]]
    return {
        "score": float(made),
        "outcome": "crashed" if attempt.ended and made.outcome != "right" else made.outcome,
        "misconception": made.misconception,
        "feedback": lines,
        "parts": [[str(what), float(got), float(most)] for what, got, most in made.parts],
        "seconds": round(time.monotonic() - start, 3),
        "ended": attempt.ended,
    }


def forget_models(exercise):
    """Let go of what Keras keeps of the models of an exercise that builds some."""
    if exercise.builds:
        import keras

        keras.backend.clear_session()


if __name__ == "__main__":
    main()
