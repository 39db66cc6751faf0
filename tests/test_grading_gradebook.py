"""What is recorded stands in nbgrader's gradebook, in SQLite and in PostgreSQL alike."""

import datetime
import functools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import build
import fake_judge
import nbformat
import postgres as database
import pytest
from nbgrader import api
from nbgrader.api import Gradebook

from grading.as_graded import as_graded
from grading.gradebook import Grades, contents, handed_in, score_of
from grading.result import ExerciseResult, Result, Submission

ROOT = Path(__file__).parents[1]
STEM = "03_padding_modes"
# nbgrader asks a new process for this number at each new database.
api.get_alembic_version = functools.cache(api.get_alembic_version)
CELLS = ["same_padding-check", "symmetric_conv-check", "window_mean-check"]


@pytest.fixture(scope="module")
def released():
    """The notebook as it is handed out."""
    return build.for_learner(build.read_source(ROOT / "notebooks" / "source" / f"{STEM}.py"))


@pytest.fixture(scope="module")
def server():
    """The URL of a PostgreSQL server."""
    if why := database.missing():
        pytest.skip(why)
    with database.postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gradebook.db"
    return database.another(request.getfixturevalue("server"))


@pytest.fixture
def grades(url, released):
    """A gradebook with one assignment."""
    with Grades(url) as book:
        book.add_assignment(STEM, {STEM: released})
        yield book


def result(student="ada", share=0.5, **more):
    """What a submission earned: this share of each exercise's points."""
    exercises = tuple(
        fake_judge.result_of(name, points, share) for name, points in fake_judge.EXERCISES.items()
    )
    return Result(student, STEM, exercises, **more)


def rows(url):
    """(student, cell, score, waits for a person) of each grade."""
    return [(row[0], row[3], row[4], row[6]) for row in contents(url)]


def test_each_exercise_has_its_score_and_the_sum_is_nbgraders(grades, url):
    grades.record(result("ada", 0.5))
    grades.record(result("ben", 1.0))
    assert rows(url) == [
        *zip(["ada"] * 3, CELLS, [2.5, 1.5, 1.0], [False] * 3, strict=True),
        *zip(["ben"] * 3, CELLS, [5.0, 3.0, 2.0], [False] * 3, strict=True),
    ]
    assert score_of(url, STEM, "ada") == 5.0 and score_of(url, STEM, "eve") is None


def test_recording_again_changes_nothing_and_a_regrade_replaces(grades, url):
    grades.record(result(share=0.5))
    before = contents(url)
    grades.record(result(share=0.5))
    assert contents(url) == before
    grades.record(result(share=1.0))
    assert score_of(url, STEM, "ada") == 10.0
    assert len(contents(url)) == len(before)


def test_the_assignment_may_be_added_again(grades, url, released):
    grades.record(result(share=0.5))
    before = contents(url)
    grades.add_assignment(STEM, {STEM: released})
    assert contents(url) == before


def test_what_a_person_entered_stays_and_is_marked(grades, url):
    grades.record(result(share=0.5))
    with Gradebook(url) as book:
        book.find_grade(CELLS[0], STEM, STEM, "ada").manual_score = 4.0
        book.db.commit()
    grades.record(result(share=0.0))
    assert score_of(url, STEM, "ada") == 4.0
    assert [row[3] for row in rows(url)] == [True, False, False]


def test_what_could_not_be_graded_waits_for_a_person(grades, url):
    grades.record(Result("eve", STEM, reason="unreadable JSON: not a notebook"))
    assert rows(url) == [("eve", cell, 0.0, True) for cell in CELLS]


def test_names_of_every_kind_can_be_recorded(grades, url):
    names = ["Zoë Ångström", "O'Neil; DROP TABLE grade", "x" * 128, "名前", "a+b c"]
    for name in names:
        grades.record(result(name))
    assert {row[0] for row in rows(url)} == set(names)


def test_comments_hold_only_our_own_words(grades, url):
    nasty = "<script>alert(1)</script>\x00\ud800"
    cell = ExerciseResult("same_padding", 0.0, 5.0, "error", feedback=(nasty,))
    stub = ExerciseResult("window_mean", 0.0, 2.0, "not attempted", feedback=(nasty,))
    grades.record(Result("eve", STEM, (cell, stub)))
    with Gradebook(url) as book:
        comments = book.find_submission_notebook(STEM, STEM, "eve").comments
        said = {comment.cell.name: comment.comment for comment in comments}
    assert said["same_padding"] == "Check: error."
    assert said["window_mean"] == "No response."
    assert said["symmetric_conv"] is None


def test_when_it_was_handed_in_is_taken_from_the_exchange(grades, url, tmp_path):
    (tmp_path / "timestamp.txt").write_text("2026-11-21 10:00:00 UTC\n")
    when = handed_in(Submission("ada", STEM, {STEM: tmp_path / f"{STEM}.ipynb"}))
    assert when == datetime.datetime(2026, 11, 21, 10)
    grades.record(result(), when)
    assert contents(url)[0][-1] == "2026-11-21T10:00:00"


@pytest.mark.parametrize("text", ["", "soon", "x" * 1000, "9" * 60, "\x00"])
def test_a_time_stamp_that_says_nothing_is_passed_over(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text)
    assert handed_in(Submission("ada", STEM, {STEM: tmp_path / f"{STEM}.ipynb"})) is None


# --- What the formgrader shows ------------------------------------------------------------------


def with_answer(released, source):
    """The notebook with this source in the cell of same_padding, and things that do not belong."""
    made = json.loads(nbformat.writes(released))
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "same_padding":
            cell["source"] = source
            cell["outputs"] = [{"output_type": "display_data", "metadata": {},
                                "data": {"text/html": "<script>alert(1)</script>"}}]  # fmt: skip
        if cell["cell_type"] == "markdown":
            cell["source"] = "<script>alert(2)</script>"
    return made


def test_the_notebook_as_graded_has_the_learners_code_and_nothing_else_of_theirs(
    released, tmp_path
):
    source = "def same_padding(size, kernel_size, stride=1, dilation=1):\n    return 1, 2"
    path = tmp_path / f"{STEM}.ipynb"
    path.write_text(json.dumps(with_answer(released, source)))
    shown = as_graded(released, result(), path)
    nbformat.validate(shown)
    text = nbformat.writes(shown)
    assert "<script>" not in text
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in shown.cells}
    assert cells["same_padding"].source == source
    assert cells["same_padding-check"].outputs[-1].data == {"text/plain": "2.5"}
    assert "(1, 0)" in cells["same_padding-check"].outputs[0].text
    assert {o.output_type for c in shown.cells for o in c.get("outputs", ())} == {
        "stream", "execute_result",
    }  # fmt: skip


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"cells": 3}', b"\xff", None])
def test_a_submission_that_cannot_be_read_is_shown_as_handed_out(released, tmp_path, raw):
    path = None
    if raw is not None:
        path = tmp_path / "x.ipynb"
        path.write_bytes(raw)
    shown = as_graded(released, Result("eve", STEM, reason="unreadable JSON"), path)
    assert [cell.source for cell in shown.cells] == [cell.source for cell in released.cells]
    assert "Not graded. unreadable JSON" in nbformat.writes(shown)


@pytest.mark.slow
def test_nbgraders_formgrader_opens_the_gradebook(released, tmp_path):
    from grading import run
    from grading.command import parser

    options = parser().parse_args(["grade", "submissions", "--out", str(tmp_path)])
    graded = replace(result(share=0.5), notes=("slow",))
    run._write_config(options)
    with Grades(f"sqlite:///{tmp_path}/gradebook.db") as grades:
        grades.add_assignment(STEM, {STEM: released})
        run._write_handed_out(tmp_path, STEM, {STEM: released})
        run._write_pages(tmp_path, graded, Submission("ada", STEM), {STEM: released})
        grades.record(graded)
        notebook = grades.gradebook.find_submission_notebook(STEM, STEM, "ada").id

    with formgrader(tmp_path) as get:
        (listed,) = json.loads(get("/formgrader/api/assignments"))
        assert (listed["name"], listed["average_score"]) == (STEM, 5.0)
        (student,) = json.loads(get(f"/formgrader/api/submissions/{STEM}"))
        assert (student["student"], student["score"], student["max_score"]) == ("ada", 5.0, 10.0)
        page = get(f"/formgrader/submissions/{notebook}/")
        assert "same_padding(size=6) returned (1, 0)." in page


class formgrader:
    """A Jupyter server with nbgrader's formgrader in a folder; gives a function that fetches."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        extension = "nbgrader.server_extensions.formgrader"
        settings = {extension: True}
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--port={self.port}",
                   "--IdentityProvider.token=", "--ServerApp.password=", "--allow-root",
                   f"--ServerApp.jpserver_extensions={settings}",
                   f"--ServerApp.root_dir={folder}"]  # fmt: skip
        home = {**os.environ, "HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "none")}
        self.log = (folder / "server.log").open("w")
        self.process = subprocess.Popen(command, cwd=folder, env=home, stderr=self.log)

    def __enter__(self):
        deadline = time.monotonic() + 180
        while True:
            try:
                self.get("/api")
                return self.get
            except OSError:
                assert self.process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "no server after 180 s"
                time.sleep(0.5)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return answer.read().decode()

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
