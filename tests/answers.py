"""Answers to the exercises, as the source of a cell: the solution, the stub and wrong ones."""

import functools
from pathlib import Path

import build
import keras
import numpy as np

from helpers import checks
from helpers.checks import compare, models
from helpers.checks.attempt import FunctionAttempt

ROOT = Path(__file__).parents[1]
EXERCISES = checks.exercises()
MISCONCEPTIONS = [(name, m.name) for name, e in EXERCISES.items() for m in e.misconceptions]

NOISY = """
_silent_{name} = {name}

def {name}(*args, **kwargs):
    import os, sys, warnings
    print("debugging")
    print("debugging", file=sys.stderr)
    warnings.warn("careful")
    os.write(2, b"from below")
    return _silent_{name}(*args, **kwargs)
"""
SLIPPED = """
from helpers import checks

def {name}(*args, **kwargs):
    return checks.find("{name}").answer_with(frozenset({slips!r}), *args, **kwargs)
"""
BROKEN = {
    "throws": "raise RuntimeError('on purpose')",
    "returns None": "answer = 1; return None",
    "returns a string": "return 'abc'",
    "returns NaN": "return float('nan')",
    "exits": "raise SystemExit",
    "returns something odd": "return object()",
}


@functools.cache
def notebooks():
    """The notebook of each source file, solutions included."""
    return [build.read_source(path) for path in build.sources()]


def _cell(name, notebooks):
    for notebook in notebooks:
        for cell in notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            if mark.get("solution") and mark.get("grade_id") == name:
                return cell.source
    raise LookupError(f"no notebook has the exercise {name}")


def solution(name):
    """The solution's cell."""
    return _cell(name, notebooks())


@functools.cache
def stub(name):
    """The cell as the learner gets it."""
    return _cell(name, [build.for_learner(notebook) for notebook in notebooks()])


def noisy(name):
    """The solution, but it prints, warns and writes to stderr."""
    return solution(name) + NOISY.format(name=name)


def broken(name, how):
    """An answer that is broken in one of the ways of `BROKEN`."""
    return f"def {name}(*args, **kwargs):\n    {BROKEN[how]}\n"


def slipped(name, *slips):
    """An answer with the given misconceptions."""
    return SLIPPED.format(name=name, slips=set(slips))


def function_of(source, name):
    """The function that a cell defines, after the set-up cell."""
    import linecache

    from helpers.notebook import names_after_set_up

    filename = f"<cell {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names = {"__name__": "__main__", **names_after_set_up()}
    exec(compile(source, filename, "exec"), names)
    return names[name]


def in_the_notebook(source, name, forbidden=()):
    """The attempt that a cell makes, over the first transport."""
    return FunctionAttempt(function_of(source, name), name, forbidden)


def blanket_answers(exercise):
    """Answers that know nothing: zeros, a constant, the input, the first public answer."""
    first = exercise.cases(np.random.default_rng(0))[0]
    if exercise.builds:
        return blanket_builders(exercise, first)

    def alike(value, number):
        if models.is_model(value):
            twin = keras.models.clone_model(value)
            twin.set_weights([alike(weights, number) for weights in value.get_weights()])
            return twin
        if isinstance(value, np.ndarray):
            return np.full(value.shape, number, value.dtype)
        if isinstance(value, tuple):
            return tuple(alike(item, number) for item in value)
        return range(number) if isinstance(value, range) else type(value)(number)

    def filled(number):
        return lambda **arguments: alike(exercise.expected(**arguments), number)

    return {
        "zeros": filled(0),
        "ones": filled(1),
        "the input": lambda **arguments: next(iter(arguments.values())),
        "the first public answer": lambda **_: exercise.expected(**first.arguments),
    }


def blanket_builders(exercise, first):
    """The same for a builder: maps of the right shape without a weight, the input, one model."""

    def filled(number):
        def build(inputs, **arguments):
            shape = exercise.expected(inputs, **arguments).shape[1:]
            nothing = 0.0 * keras.ops.mean(inputs, axis=(1, 2, 3), keepdims=True)
            return nothing + np.full((1, *shape), number, "float32")

        return build

    public = {name: value for name, value in first.arguments.items() if name != "input_shape"}
    return {
        "zeros": filled(0),
        "ones": filled(1),
        "the input": lambda inputs, **_: inputs,
        "the first public answer": lambda inputs, **_: exercise.expected(inputs, **public),
    }


def vector(exercise, cases, function):
    """What a function of ours gives for each case."""
    return [exercise.trusted(case, function) for case in cases]


def same_vector(exercise, one, other):
    """Whether two vectors of results are alike in every respect."""
    pairs = zip(one, other, strict=True)
    return all(compare.same_outcome(a, b, exercise.tolerance) for a, b in pairs)
