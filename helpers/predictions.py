"""Predict, then run: cells that hold a guess against what comes out.

A prediction is `None` until the learner writes one. Nothing is graded; a guess that is far off
is what to remember.
"""

import html

import numpy as np

made = {}  # the last verdict on each prediction of this notebook, by its question


class Verdict:
    """What became of a prediction: its text is shown at the end of a cell.

    Attributes:
        outcome: "nothing predicted", "matched", "off" or "unreadable".
        text: one or two sentences.
    """

    def __init__(self, question, outcome, text):
        self.question, self.outcome, self.text = question, outcome, text
        made[question] = self

    def __repr__(self):
        return f"{self.question}: {self.text}"

    def _repr_html_(self):
        question, text = html.escape(self.question), html.escape(self.text)
        return f"<p><b>{question}:</b> {text}</p>"


def number(question, predicted, actual, unit="", tolerance=0.0, surprise=""):
    """Hold a predicted number against the one that came out.

    Args:
        question: what was asked, in a few words.
        predicted: the learner's number, or None.
        actual: the number that came out.
        unit: printed after the numbers, such as "pixels".
        tolerance: how far off still counts as matched, in the same unit; at least 0.
        surprise: why the answer surprises; said when the prediction is off.

    Returns:
        A Verdict. A prediction of the wrong kind is one too, never an exception.

    Example:
        >>> number("zeros on the right", 0, 1, surprise="The extra zero stands last.")
        zeros on the right: You said 0, it is 1: off by 1. The extra zero stands last.
    """
    came = f"{_short(actual)} {unit}".strip()
    if predicted is None:
        return _nothing(question, came)
    if isinstance(predicted, bool) or not isinstance(predicted, (int, float, np.number)):
        return _unreadable(question, predicted, "a number", came)
    distance = abs(float(predicted) - float(actual))
    if distance <= tolerance:
        return _matched(question, came)
    off = f"You said {_short(predicted)}, it is {came}: off by {_short(distance)}."
    return _off(question, off, surprise)


def choice(question, predicted, actual, options, surprise=""):
    """Hold a choice among `options`, such as "A", "B", "C", against the right one.

    Args:
        options: dict from each letter to what it stands for. See `number` for the others.

    Example:
        >>> choice("which side", "A", "B", {"A": "before", "B": "after"})
        which side: You chose A (before); it is B (after).
    """
    came = f"{actual} ({options[actual]})"
    if predicted is None:
        return _nothing(question, came)
    letter = str(predicted).strip().upper()
    if letter not in options:
        return _unreadable(question, predicted, f"one of {', '.join(options)}", came)
    if letter == actual:
        return _matched(question, came)
    return _off(question, f"You chose {letter} ({options[letter]}); it is {came}.", surprise)


def ranking(question, predicted, actual, surprise=""):
    """Hold a predicted order, a list of names, against the order that came out.

    Example:
        >>> ranking("fewest weights first", ["a", "b", "c"], ["b", "a", "c"])
        fewest weights first: 1 of your 3 places is right; the order is b, a, c.
    """
    came = ", ".join(map(str, actual))
    if predicted is None:
        return _nothing(question, came)
    if isinstance(predicted, str) or not isinstance(predicted, (list, tuple)):
        return _unreadable(question, predicted, "a list of names", came)
    if sorted(map(str, predicted)) != sorted(map(str, actual)):
        return _unreadable(question, predicted, f"a list of all of {sorted(actual)}", came)
    right = sum(str(p) == str(a) for p, a in zip(predicted, actual, strict=True))
    if right == len(actual):
        return _matched(question, came)
    places = f"{right} of your {len(actual)} places {'is' if right == 1 else 'are'} right"
    return _off(question, f"{places}; the order is {came}.", surprise)


def values(question, predicted, actual, tolerance=0.0, surprise=""):
    """Hold several predicted numbers, a shape or the points of a curve, against what came out.

    Args:
        predicted: a list, tuple or array of as many numbers as `actual`, or None.
        tolerance: how far off each may be and still count as right.

    Example:
        >>> values("shape", (1, 28, 28), (1, 26, 26))
        shape: 1 of your 3 numbers is right; they are 1, 26, 26. You said 1, 28, 28.
    """
    came = _listed(np.ravel(actual))
    if predicted is None:
        return _nothing(question, came)
    wanted = np.ravel(np.asarray(actual, "float64"))
    try:
        said = np.ravel(np.asarray(predicted, "float64"))
    except (TypeError, ValueError):
        said = None
    if said is None or said.shape != wanted.shape:
        return _unreadable(question, predicted, f"{wanted.size} numbers", came)
    right = int((np.abs(said - wanted) <= tolerance).sum())
    if right == wanted.size:
        return _matched(question, came)
    counted = f"{right} of your {wanted.size} numbers {'is' if right == 1 else 'are'} right"
    return _off(question, f"{counted}; they are {came}. You said {_listed(said)}.", surprise)


def recap():
    """How many predictions of this notebook matched, and the ones to remember."""
    return Recap(made.values())


class Recap:
    """The predictions of a notebook in a few lines."""

    def __init__(self, verdicts):
        self.verdicts = list(verdicts)

    def __repr__(self):
        guessed = [v for v in self.verdicts if v.outcome in ("matched", "off")]
        matched = [v for v in guessed if v.outcome == "matched"]
        lines = [f"{len(guessed)} of {len(self.verdicts)} predicted, {len(matched)} matched."]
        lines += [f"Remember: {v!r}" for v in guessed if v.outcome == "off"]
        return "\n".join(lines)


def forget():
    """Start anew: the set-up cell calls this."""
    made.clear()


def _nothing(question, came):
    return Verdict(question, "nothing predicted", f"It is {came}. (You predicted nothing yet.)")


def _matched(question, came):
    return Verdict(question, "matched", f"As you said: {came}.")


def _off(question, text, surprise):
    return Verdict(question, "off", f"{text} {surprise}".strip())


def _unreadable(question, predicted, wanted, came):
    text = f"A prediction here is {wanted}, not {predicted!r}. It is {came}."
    return Verdict(question, "unreadable", text)


def _short(value):
    return f"{float(value):.4g}" if abs(float(value)) < 1e4 else f"{float(value):,.0f}"


def _listed(array):
    return ", ".join(_short(value) for value in array)
