"""What a check says of an answer: a number for the gradebook, words and pictures for a person."""

import html

OUTCOMES = ("not attempted", "error", "wrong", "right", "borrowed")
EDGE = {"right": "#2a8a3e", "wrong": "#c4620a", "error": "#b3261e"}  # colour beside the text


class Score:
    """The result of one check.

    `float(score)` is what was earned; the text form is that number alone, since nbgrader reads
    it as partial credit; the HTML form is the feedback.

    Args:
        name: the exercise's name.
        points: the most that can be earned; 0 for a practice exercise.
        share: the part of it that was earned, from 0 to 1.
        outcome: one of "not attempted", "error", "wrong", "right", "borrowed".
        misconception: the name of the misconception that explains every result, or None. Two at
            once are joined by " + ".
        feedback: plain lines, the most important first.
        parts: (what, earned share, possible share) for each property of the answer.
        picture: a function without arguments that returns what `plots.show` returns, or None.
            It is called only when the score is shown.
    """

    def __init__(self, name, points, share, outcome, feedback, misconception=None, parts=(),
                 picture=None):  # fmt: skip
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {OUTCOMES}, got {outcome!r}")
        self.name, self.points, self.outcome = name, points, outcome
        self.share = min(max(float(share), 0.0), 1.0)
        self.feedback, self.misconception = list(feedback), misconception
        self.parts, self.picture = tuple(parts), picture

    def __float__(self):
        return min(round(float(self.points) * self.share, 2), float(self.points))

    def __repr__(self):
        return repr(float(self))

    def _repr_html_(self):
        edge = EDGE.get(self.outcome, "#777777")
        lines = "".join(_paragraph(line) for line in self.feedback)
        return (
            f'<div style="border-left: 5px solid {edge}; padding: 2px 0 2px 12px">'
            f"<p><b>{self.name}: {self._verdict()}</b></p>{lines}{self._table()}"
            f"{self._drawn()}</div>"
        )

    def _verdict(self):
        if not self.points:
            return f"{self.outcome} (practice, no points)"
        return f"{self.outcome}, {float(self):g} of {self.points:g} points"

    def _table(self):
        if self.outcome not in ("wrong", "error") or not self.parts:
            return ""
        rows = "".join(
            f"<tr><td style='text-align: left'>{html.escape(what)}</td>"
            f"<td>{holds(got, most)}</td><td>{self._worth(got, most)}</td></tr>"
            for what, got, most in self.parts
        )
        head = "<tr><th style='text-align: left'>property</th><th>holds</th><th>worth</th></tr>"
        return f"<table>{head}{rows}</table>"

    def _worth(self, got, most):
        if not self.points:
            return f"{got:.0%} of {most:.0%}"
        return f"{round(self.points * got, 2):g} of {round(self.points * most, 2):g}"

    def _drawn(self):
        """The picture and its text alternative, drawn only now that someone looks."""
        shown = self.picture() if self.picture else None
        return shown.html() if shown else ""


def holds(got, most):
    """Whether a property holds, in words, when `got` of its share `most` was earned."""
    return "yes" if got >= most else "in part" if got else "not yet"


def _paragraph(line):
    """One line of feedback; code in it, which stands on lines of its own, keeps its shape."""
    if "\n" in line:
        return f"<pre style='margin: 0'>{html.escape(line)}</pre>"
    return f"<p>{html.escape(line)}</p>"
