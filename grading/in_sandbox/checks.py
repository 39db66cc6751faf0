"""Checks as the sandbox has them: they say nothing, since the real ones stand outside.

A learner's own cell may call a check, ask for a hint or for the progress; it goes on as if it had.
"""

from pathlib import Path


class _Silent:
    """Answers every call and every attribute with itself, and counts as 0."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_, **__):
        return self

    def __float__(self):
        return 0.0

    def __repr__(self):
        return "0.0"


def __getattr__(name):
    """A silent check, unless there is a module of that name here: Python imports that then."""
    if name.startswith("__") or (Path(__file__).parent / f"{name}.py").is_file():
        raise AttributeError(name)
    return _Silent()
