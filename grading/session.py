"""A learner's cell in the sandbox, with the face that checks know: `call`, `model`, `untouched`.

What comes back is data from a process that is not trusted. It is brought into the form that an
honest process would have sent, or refused; it can be wrong, and nothing worse.
"""

import re

from grading.channel import Gone
from helpers.checks import attempt as attempts
from helpers.checks import models, plain
from helpers.checks.child import ChildAttempt

LONGEST_LINE = 500  # characters of an error's message or line that a student reads
UNPRINTABLE = re.compile(r"[^\n\t -~\u00a1-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KIND = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")


class SandboxAttempt(ChildAttempt):
    """A learner's function in a process of the sandbox.

    Args:
        channel: the channel to the process.
        source: the exercise's cell.
        name: of the exercise.
        forbidden: dotted names that it may not use.
        seconds: how long one call may take.
        processor: seconds of processor time that the cell and all calls together may take.
        others: lists of sources of cells; one after another is run when the function stops with an
            error.

    Attributes:
        ended: why the process is gone, in words; None as long as it answers.
    """

    def __init__(self, channel, source, name, forbidden=(), seconds=30, processor=30, others=()):
        self.channel, self.name, self.forbidden = channel, name, tuple(forbidden)
        self.seconds, self.ended = seconds, None
        self.untouched = attempts.is_stub(source, name)
        define = {"source": source, "others": list(others), "seconds": seconds / 4}
        define["processor"] = processor
        self._defined = None if self.untouched else self._ask(do="define", **define)

    def _ask(self, **request):
        if request["do"] != "define" and "stopped" in self._defined:
            return self._defined
        if self.ended is None:
            try:
                return self.channel.ask(request, self.seconds)
            except Gone as gone:
                self.ended = str(gone)
        kind = "TimeoutError" if "within" in self.ended else "SystemExit"
        return {"stopped": [[kind], self.ended, ""]}

    def _value(self, answer):
        match answer:
            case {"stopped": [list(kinds), str(message), str(line)]}:
                kinds = [kind for kind in kinds[:20] if isinstance(kind, str) and is_kind(kind)]
                raise attempts.Stopped(kinds or ["Exception"], readable(message), readable(line))
            case {"borrowed": str(name)} if name in self.forbidden:
                raise attempts.Borrowed(name)
            case {"unreadable": str(what)}:
                raise attempts.Unreadable(readable(what))
            case {"value": value}:
                return self._decoded(value)
        raise attempts.Unreadable("unreadable answer")

    def _decoded(self, value):
        try:
            found = plain.decode(value)
        except (plain.NotPlain, models.NotStock, RecursionError) as error:
            raise attempts.Unreadable(readable(str(error))) from None
        for name in layers_in(value):  # whatever way it was made, and whatever its maker says
            if name in self.forbidden:
                raise attempts.Borrowed(name)
        return found


def layers_in(message):
    """The dotted names of the layers of all models in a message."""
    if isinstance(message, dict):
        if isinstance(message.get("model"), dict):
            yield from models.names_in(message["model"])
        for item in message.get("tuple") or ():
            yield from layers_in(item)


def is_kind(text):
    """Whether a text can be the name of a class."""
    return KIND.fullmatch(text) is not None


def readable(text, longest=LONGEST_LINE):
    """A text of a learner's process as it may stand in a gradebook and on a page."""
    cut = UNPRINTABLE.sub("\ufffd", text[:longest])
    return cut if len(text) <= longest else cut + " ..."
