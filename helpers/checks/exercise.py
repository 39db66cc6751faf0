"""An exercise and its check: cases, properties with their shares, misconceptions, hints.

A check calls the learner's function on cases drawn from a seed and holds what comes back against
TensorFlow (or NumPy, SciPy). What is earned depends on the properties that hold. What is *said*
depends on the whole vector of results: when a wrong model of the exercise gives the very same
vector, its misconception has been found.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

import numpy as np

from helpers.checks import compare, models, words
from helpers.checks.attempt import (
    Borrowed,
    FunctionAttempt,
    Stopped,
    Unreadable,
    build_model,
    quiet,
    stop_of,
)
from helpers.checks.plain import NotPlain, to_plain
from helpers.checks.score import Score

session = {}  # the last score of each exercise checked in this process, by name


@dataclass(frozen=True)
class Case:
    """One call of the learner's function.

    `part` names the property that the case belongs to. `arguments` are plain values. For a
    builder, `input_shape` among them is the shape of the symbolic input, without the batch axis.
    Of a function that returns several things, `item` is the index of the one that this case looks
    at; None for all of them.
    """

    part: str
    arguments: dict
    item: int | None = None


@dataclass(frozen=True)
class Part:
    """One property of a right answer, with its share of the points.

    Args:
        name: what the cases of this property are marked with, and what the learner reads.
        share: part of the points, from 0 to 1; those of an exercise add up to 1.
        nudge: what to look at when it does not hold and no misconception explains why.
        form: True for the property "kind and shape are right", which is held against all cases
            in which a value is due.
    """

    name: str
    share: float
    nudge: str
    form: bool = False


@dataclass(frozen=True)
class Graded:
    """What a probe saw, where a property may hold in part.

    Args:
        words: what happened, briefly. Two of these are the same when their words are.
        share: how much of the property holds, from 0 to 1.
        said: the same for the learner, with the numbers.
    """

    words: str
    share: float = field(compare=False)
    said: str = field(compare=False)

    def __repr__(self):
        return self.said


@dataclass(frozen=True)
class Misconception:
    """A wrong model that people really have: its name, and a question that leads out of it."""

    name: str
    question: str


@dataclass(frozen=True)
class Exercise:
    """All that belongs to one exercise. Calling it with a function checks that function.

    Args:
        name: name of the function to write.
        points: 0 for a practice exercise.
        parts: the properties, in the order in which a learner should meet them.
        cases: function from a NumPy Generator to a list of `Case`; those that teach come first.
        expected: the answer key, called with a case's arguments; computes with `key`. An
            exception that it raises is what is expected of the learner's function.
        key: who says so, as the subject of "... gives" ("TensorFlow").
        answer_with: `answer_with(slips, **arguments)`: the answer of someone with the given
            slips, a set of names of misconceptions.
        misconceptions: all the slips that people really make.
        forbidden: dotted names that may not be called.
        hints: two hints; the second says more.
        proved: what a right answer has shown.
        builds: True for a builder, whose first argument is a symbolic Keras tensor and which
            returns another one; what is checked is the model between them.
        probe: function (value, case) from what was returned, or the model that was built, to the
            plain value that is compared; None where the value itself is.
        picture: function (case, got, expected) to what `plots.show` returns; None for none.
        tolerance: how far numbers may differ, relative to the largest one expected.
        trains: True where an answer trains a network, so that a check may take 10 seconds, not 1.
    """

    name: str
    points: float
    parts: tuple[Part, ...]
    cases: Callable
    expected: Callable
    answer_with: Callable
    misconceptions: tuple[Misconception, ...]
    forbidden: tuple[str, ...]
    hints: tuple[str, str]
    proved: str
    key: str = "TensorFlow"
    builds: bool = False
    probe: Callable | None = None
    picture: Callable | None = None
    tolerance: float = 1e-4
    trains: bool = False

    def __call__(self, function):
        """Check `function` and return its Score; see `judge`."""
        score = session[self.name] = judge(self, self.attempt(function))
        return score

    def attempt(self, function):
        """The attempt that holds `function` itself."""
        return FunctionAttempt(function, self.name, self.forbidden)

    def observe(self, case, call):
        """What `call(**arguments)` gives, made comparable: a plain value or an exception."""
        try:
            value = call(**case.arguments)
        except (Stopped, Unreadable, Borrowed) as outcome:
            return outcome
        return self._probed(value, case)

    def _probed(self, value, case):
        if case.item is not None and value is not None:
            if not isinstance(value, tuple) or len(value) <= case.item:
                many = f"{len(value)} values" if isinstance(value, tuple) else "one value"
                return Unreadable(f"{many}, where more are due")
            value = value[case.item]
        if self.probe is None or (self.builds and not models.is_model(value)):
            return value
        try:
            with quiet():
                return self.probe(value, case)
        except Exception as error:  # a model that was built, but cannot be run
            return stop_of(error)

    def trusted(self, case, function):
        """The same for a function of ours: the answer key, or a wrong model."""

        def call(**arguments):
            made = function
            if self.builds:
                made = build_model(function, arguments.pop("input_shape"))
            try:
                with quiet():
                    return to_plain(made(**arguments))
            except NotPlain as error:
                raise Unreadable(str(error)) from None
            except Exception as error:
                raise stop_of(error) from None

        return self.observe(case, call)


def judge(exercise, attempt, seed=0):
    """The score of an attempt at an exercise.

    Args:
        exercise: an `Exercise`.
        attempt: an attempt at it, over either transport.
        seed: of the cases; the notebook's is 0, a grader has its own.
    """
    if attempt.untouched:
        line = f"{exercise.name} is still to be written."
        more = f'For a first hint: checks.hint("{exercise.name}", 1)'
        return Score(exercise.name, exercise.points, 0, "not attempted", [line, more])
    cases = exercise.cases(np.random.default_rng(seed))
    call = attempt.model if exercise.builds else attempt.call
    got = [exercise.observe(case, call) for case in cases]
    borrowed = next((outcome for outcome in got if isinstance(outcome, Borrowed)), None)
    if borrowed:
        lines = words.about_borrowing(exercise.name, str(borrowed))
        return Score(exercise.name, exercise.points, 0, "borrowed", lines)
    expected = [exercise.trusted(case, exercise.expected) for case in cases]
    return _score(exercise, cases, got, expected)


def _score(exercise, cases, got, expected):
    parts = [(p.name, _earned(exercise, p, cases, got, expected), p.share) for p in exercise.parts]
    share = sum(earned for _, earned, _ in parts)
    first = _first_failure(exercise, cases, got, expected)
    if first is None:
        return Score(exercise.name, exercise.points, 1, "right", [exercise.proved], parts=parts)
    case, came, wanted = first
    found = matching(exercise, cases, got)
    stopped = isinstance(came, Stopped) and not isinstance(wanted, Stopped)
    return Score(
        exercise.name,
        exercise.points,
        share,
        "error" if stopped else "wrong",
        words.about_failure(exercise, case, came, wanted, found),
        misconception=" + ".join(m.name for m in found) or None,
        parts=parts,
        picture=_picture(exercise, case, came, wanted),
    )


def _earned(exercise, part, cases, got, expected):
    """The share of a property: all of it when each of its cases is right, else nothing.

    Where a probe gives `Graded` values, the case with the least share counts.
    """
    triples = zip(cases, got, expected, strict=True)
    if part.form:
        holds = all(
            compare.same_form(came, wanted)
            for _, came, wanted in triples
            if not isinstance(wanted, Exception)  # where an error is due, there is no form
        )
    else:
        holds = min(
            came.share
            if isinstance(came, Graded)
            else compare.same_value(came, wanted, exercise.tolerance)
            for case, came, wanted in triples
            if case.part == part.name
        )
    return part.share * holds


def _first_failure(exercise, cases, got, expected):
    """The first case, in the order of the properties, that is not right: (case, got, wanted)."""
    order = [part.name for part in exercise.parts]
    triples = zip(cases, got, expected, strict=True)
    for triple in sorted(triples, key=lambda item: order.index(item[0].part)):
        _, came, wanted = triple
        right = compare.same_value(came, wanted, exercise.tolerance)
        if not (right and compare.same_form(came, wanted)):
            return triple
    return None


def matching(exercise, cases, got):
    """The misconceptions that explain all results: one, else the only pair that does, else none."""
    singles = [{m.name} for m in exercise.misconceptions]
    pairs = [{a.name, b.name} for a, b in combinations(exercise.misconceptions, 2)]
    # A network for each pair would let the learner wait for ten seconds.
    for candidates in (singles,) if exercise.builds else (singles, pairs):
        fits = [slips for slips in candidates if _explains(exercise, slips, cases, got)]
        if fits:  # two that fit equally well explain nothing
            return [m for m in exercise.misconceptions if len(fits) == 1 and m.name in fits[0]]
    return []


def _explains(exercise, slips, cases, got):
    """Whether a learner with these slips would have got exactly these results."""

    slipped = partial(exercise.answer_with, frozenset(slips))
    return all(
        compare.same_outcome(came, exercise.trusted(case, slipped), exercise.tolerance)
        for case, came in zip(cases, got, strict=True)
    )


def _picture(exercise, case, came, wanted):
    """What draws the failure, if there is something to draw."""
    drawable = not isinstance(came, Exception) and not isinstance(wanted, Exception)
    if exercise.picture is None or not drawable or came is None:
        return None
    return lambda: exercise.picture(case, came, wanted)
