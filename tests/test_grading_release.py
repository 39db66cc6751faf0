"""What leaves the course: no solution in it, and nbgrader accepts it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import build
import nbformat
import pytest

from grading import release, sandbox_copy

ROOT = Path(__file__).parents[1]
STEM = "03_padding_modes"
LINE = "outputs = -(-size // stride)  # ceil, in whole numbers"  # of the solution of same_padding


@pytest.fixture(scope="module")
def notebooks():
    """All notebooks with their solutions, by name."""
    return {path.stem: build.read_source(path) for path in build.sources()}


@pytest.fixture(scope="module")
def student(notebooks, tmp_path_factory):
    """The learners' folder."""
    folder = tmp_path_factory.mktemp("dist") / "student"
    release.write_student_folder(folder, notebooks)
    return folder


@pytest.fixture(scope="module")
def course(notebooks, tmp_path_factory):
    """nbgrader's course folder with one assignment."""
    folder = tmp_path_factory.mktemp("dist") / "course"
    release.copy_what_notebooks_need(folder)
    release.write_assignment(folder, STEM, {STEM: notebooks[STEM]})
    return folder


# --- For learners -------------------------------------------------------------------------------


def test_a_learner_gets_what_is_needed_and_nothing_else(student, notebooks):
    assert sorted(path.name for path in student.iterdir()) == sorted(
        [*release.NEEDED, *release.TEXTS, "README.md", "notebooks"]
    )
    there = {str(path.relative_to(student)) for path in student.rglob("*") if path.is_file()}
    assert {f"notebooks/{stem}.ipynb" for stem in notebooks} <= there
    parts = {part for path in there for part in Path(path).parts}
    assert not parts & {"source", "reference", "grading", "tests", "build.py", "__pycache__"}


def test_the_readme_lists_the_notebooks_and_its_links_lead_somewhere(student, notebooks):
    text = (student / "README.md").read_text()
    for stem in notebooks:
        assert f"(notebooks/{stem}.ipynb)" in text
    assert "requirements.txt" in text


def test_every_solution_has_a_line_to_search_for(notebooks):
    secret = release.solution_lines(notebooks)
    assert secret[LINE] == "same_padding"
    marks = [c.metadata.get("nbgrader", {}) for nb in notebooks.values() for c in nb.cells]
    assert {mark["grade_id"] for mark in marks if mark.get("solution")} == set(secret.values())


def test_no_solution_leaves_with_the_notebooks(student, notebooks):
    assert release.leaks(student, notebooks) == []


@pytest.mark.parametrize("place", ["README.md", "experiments/extra.py", "notebooks/extra.ipynb",
                                   "data/notes.bin"])  # fmt: skip
def test_a_line_of_a_solution_is_found_wherever_it_stands(tmp_path, notebooks, place):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"before\n      {LINE}  \nafter"
    if path.suffix == ".ipynb":
        output = nbformat.v4.new_output("stream", text=text)
        cell = nbformat.v4.new_code_cell("show()", outputs=[output])
        text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    path.write_bytes(text.encode() + (b"\xff\x00" if path.suffix == ".bin" else b""))
    assert release.leaks(tmp_path, notebooks) == [f"{place} has a line of same_padding: {LINE}"]


def test_a_line_that_learners_are_shown_anyway_gives_nothing_away(tmp_path, notebooks):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "padding.py").write_text(LINE)
    (tmp_path / "demonstration.py").write_text("import numpy as np\nreturn x\n")
    assert release.leaks(tmp_path, notebooks) == []


def test_a_solution_that_would_leave_stops_the_release(tmp_path, notebooks, monkeypatch):
    monkeypatch.setattr(build, "for_learner", lambda notebook: notebook)
    with pytest.raises(release.NotReleased, match="has a line of same_padding"):
        release.write_student_folder(tmp_path / "student", {STEM: notebooks[STEM]})
    assert not (tmp_path / "student").exists()


def test_the_zip_holds_the_same_and_has_the_same_bytes_each_time(student):
    first = release.write_zip(student).read_bytes()
    assert release.write_zip(student).read_bytes() == first
    with zipfile.ZipFile(student.with_suffix(".zip")) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    files = [path for path in student.rglob("*") if path.is_file()]
    assert packed == {f"student/{p.relative_to(student)}": p.read_bytes() for p in files}


@pytest.mark.slow
def test_a_released_notebook_runs_in_its_folder(student, tmp_path):
    """The set-up cell finds the helpers of the learners' folder, not those of the repository."""
    notebook = nbformat.read(student / "notebooks" / f"{STEM}.ipynb", as_version=4)
    question = "import helpers; print(helpers.__path__)"
    notebook.cells = [*notebook.cells[:3], nbformat.v4.new_code_cell(question)]
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(student / "notebooks")}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert str(student / "helpers") in notebook.cells[-1].outputs[0].text


# --- For nbgrader -------------------------------------------------------------------------------


def test_nbgrader_makes_of_the_source_what_we_hand_out(course):
    ours = build.for_learner(build.read_source(ROOT / "notebooks" / "source" / f"{STEM}.py"))
    theirs = nbformat.read(course / "release" / STEM / f"{STEM}.ipynb", as_version=4)
    assert [cell.source for cell in theirs.cells] == [cell.source for cell in ours.cells]
    assert [cell.metadata.get("nbgrader") for cell in theirs.cells] == [
        cell.metadata.get("nbgrader") for cell in ours.cells
    ]


def test_the_course_folder_has_the_points(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert book.find_assignment(STEM).max_score == 10


def test_what_nbgrader_refuses_is_not_released(tmp_path, notebooks):
    broken = nbformat.from_dict(notebooks[STEM])
    for cell in broken.cells:
        cell.metadata.pop("nbgrader", None)
        if "### BEGIN SOLUTION" in cell.source:
            cell.source = cell.source.replace("### END SOLUTION", "")
    with pytest.raises(release.NotReleased, match="nbgrader refuses broken"):
        release.write_assignment(tmp_path, "broken", {STEM: broken})


@pytest.mark.slow
def test_nbgrader_validates_the_source(course):
    told = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", f"{STEM}.ipynb"],
        cwd=course / "source" / STEM,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "Success! Your notebook passes all the tests." in told.stdout, told.stdout + told.stderr


def test_several_notebooks_make_one_assignment_and_stay_together(tmp_path):
    made = release.release(tmp_path, {"homework1": ["03", "04"]})
    assert made == {"homework1": [STEM, "04_output_size"]}
    assert release.assignments(tmp_path / "course") == made
    again = release.plan([STEM, "04_output_size", "05_x"], None, made)
    assert again == made | {"05_x": ["05_x"]}


def test_by_default_each_notebook_is_an_assignment():
    assert release.assignments()[STEM] == [STEM]
    assert release.plan(["a", "b"], None, {}) == {"a": ["a"], "b": ["b"]}


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"h": ["99"]}, "'99' must be the beginning of one notebook's name"),
        ({"h": [""]}, "must be the beginning of one"),
        ({"h": ["0"]}, "there are 03_a, 04_b"),
        ({"a+b": ["03"]}, "name of an assignment must be letters"),
        ({"../x": ["03"]}, "name of an assignment must be letters"),
        ({"h": ["03"], "g": ["03"]}, "03_a would be part of two assignments, h and g"),
        ({"h": ["04"]}, "04_b would be part of two assignments, old and h"),
    ],
)
def test_a_group_that_makes_no_sense_is_named(groups, message):
    with pytest.raises(ValueError, match=message):
        release.plan(["03_a", "04_b"], groups, {"old": ["04_b"]})


# --- For the sandbox ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A folder with the sandbox's copy of the helpers."""
    folder = tmp_path_factory.mktemp("sandbox")
    sandbox_copy.sandbox_copy(folder)
    return folder


def in_copy(copy, script):
    """What a script prints that runs with the copy in place of the course."""
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


def test_the_answers_are_not_in_the_sandboxs_copy(copy):
    text = "\n".join(path.read_text() for path in copy.rglob("*.py"))
    words = ("answer_with", "Misconception", "expected=", "_by_tensorflow", "_cases(rng")
    assert [word for word in words if word in text] == []
    kept = {path.name for path in (copy / "helpers" / "checks").iterdir()}
    assert kept == {*sandbox_copy.KEPT_CHECKS, "__init__.py"}


def test_a_check_in_the_sandbox_says_nothing(copy):
    script = (
        "from helpers import checks; from helpers.checks import padding\n"
        "checks.progress(); checks.hint('same_padding', 1)\n"
        "print(checks.padding.same_padding(3), float(padding.same_padding(3)))"
    )
    assert in_copy(copy, script) == "0.0 0.0"


def test_the_helpers_themselves_are_the_same(copy):
    for path in (ROOT / "helpers").rglob("*.py"):
        if "checks" not in path.parts:
            there = copy / path.relative_to(ROOT)
            assert there.read_bytes() == path.read_bytes()
