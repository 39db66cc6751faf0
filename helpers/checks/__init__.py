"""Checks: each says of an answer whether it is right, and if not, why.

    checks.padding.same_padding(same_padding)   the check of one exercise, by subject and name
    checks.find("same_padding")                 the same check, by name alone
    checks.hint("same_padding", 1)              its first hint, then its second
    checks.progress()                           what has been checked since the kernel started

The solution is never one call away.
"""

import importlib

from helpers.checks.exercise import Exercise, session

SUBJECTS = (
    "activations",
    "architectures",
    "augmentation",
    "channels",
    "convolution",
    "dense",
    "equivariance",
    "gradients",
    "initialization",
    "kernels",
    "neighbours",
    "normalization",
    "padding",
    "pooling",
    "recipes",
    "residual_blocks",
    "segmentation",
    "shapes",
    "training",
    "visualization",
)


def __getattr__(name):
    """Import a subject when it is first asked for, as `checks.padding`."""
    if name not in SUBJECTS:
        raise AttributeError(f"checks has no subject {name!r}; it has {', '.join(SUBJECTS)}")
    return importlib.import_module(f"helpers.checks.{name}")


def exercises():
    """All exercises, by name."""
    modules = [importlib.import_module(f"helpers.checks.{subject}") for subject in SUBJECTS]
    found = [item for module in modules for item in vars(module).values()]
    return {item.name: item for item in found if isinstance(item, Exercise)}


def find(name):
    """The check of the exercise `name`.

    Raises:
        ValueError: there is no such exercise; the message lists those there are.
    """
    known = exercises()
    if name not in known:
        raise ValueError(f"name must be one of {', '.join(sorted(known))}; got {name!r}")
    return known[name]


class Hint(str):
    """A hint, shown without quotation marks."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def hint(name, number=1):
    """Hint `number`, 1 or 2, for the exercise `name`; the second says more.

    Raises:
        ValueError: no such exercise, or no such hint.
    """
    hints = find(name).hints
    if number not in range(1, len(hints) + 1):
        raise ValueError(f"number must be from 1 to {len(hints)}, got {number!r}")
    return Hint(hints[number - 1])


class Progress:
    """What has been checked in this session, as a table."""

    def __init__(self, scores):
        self.scores = dict(scores)

    def __repr__(self):
        if not self.scores:
            return "Nothing has been checked yet."
        rows = [f"{name:24} {s.outcome:14} {self._worth(s)}" for name, s in self.scores.items()]
        return "\n".join([*rows, f"{'in all':24} {'':14} {self._total()}"])

    @staticmethod
    def _worth(score):
        return f"{float(score):g} of {score.points:g}" if score.points else "practice"

    def _total(self):
        earned = sum(map(float, self.scores.values()))
        return f"{earned:g} of {sum(s.points for s in self.scores.values()):g} points"


def progress():
    """What has been checked since the kernel started: exercise, outcome, points."""
    return Progress(session)
