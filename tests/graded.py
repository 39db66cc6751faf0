"""Submissions for the tests of the judge: made from the course's notebooks, then spoilt."""

import atexit
import copy
import functools
import json
from pathlib import Path

import build
import pytest
from answers import notebooks, solution

from grading import judge as judging
from grading.judge import Judge
from grading.result import Submission
from grading.sandbox import available

needs_sandbox = pytest.mark.skipif(not available(), reason="no bubblewrap (bwrap) on this machine")


@functools.cache
def judge():
    """The judge of this test process: one warm sandbox for all tests."""
    # A hanging answer is given up sooner than in earnest.
    judging.CALL_SECONDS, judging.COMPUTING_SECONDS = 6, 2
    made = Judge(seed="the tests' secret")
    atexit.register(made.__exit__)
    return made


@functools.cache
def _handed_out(stem):
    place = [path.stem for path in build.sources()].index(stem)
    return build.written(build.for_learner(notebooks()[place]))


def handed_out(stem):
    """The notebook as learners get it, as a dict; each source as one text."""
    notebook = json.loads(_handed_out(stem))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def exercises_of(stem):
    """Names of a notebook's exercises, in order."""
    marks = [cell["metadata"].get("nbgrader", {}) for cell in handed_out(stem)["cells"]]
    return [mark["grade_id"] for mark in marks if mark.get("solution")]


def solved(stem, **sources):
    """The notebook with all solutions in it, or other sources by exercise."""
    made = handed_out(stem)
    for name in exercises_of(stem):
        cell_of(made, name)["source"] = sources.get(name, solution(name))
    return made


def cell_of(notebook, name):
    """The cell of an exercise, by its grade id."""
    return notebook["cells"][place_of(notebook, name)]


def place_of(notebook, name):
    """The index of the cell of an exercise."""
    for i, cell in enumerate(notebook["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
            return i
    raise LookupError(name)


def code(source, **more):
    """A code cell that a learner added."""
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [],
            "execution_count": None} | more  # fmt: skip


def added(notebook, source, above):
    """A copy with a code cell added above the cell of the exercise `above`."""
    made = copy.deepcopy(notebook)
    made["cells"].insert(place_of(made, above), code(source))
    return made


def graded(notebook, stem, folder):
    """The result of a notebook: a dict, or the text or bytes of its file."""
    path = Path(folder) / f"{stem}.ipynb"
    if isinstance(notebook, dict):
        notebook = json.dumps(notebook)
    if isinstance(notebook, str):
        notebook = notebook.encode()
    path.write_bytes(notebook)
    return judge().grade(Submission("ada", stem, {stem: path}), [stem])


def outcomes(result):
    """(outcome, score) by exercise."""
    return {item.exercise: (item.outcome, item.score) for item in result.exercises}
