"""Submissions are found in every layout; what can't be graded carries a reason, never an error."""

import json
import os

import pytest

from grading.submissions import find, student_of

ASSIGNMENTS = {"03_padding": ["03_padding"], "homework1": ["04_size", "05_channels"]}
EXERCISES = {"03_padding": ["same_padding", "window_mean"], "05_channels": ["bias_add"]}


def notebook(*functions):
    """The bytes of a notebook that defines these functions."""
    cells = [
        {"cell_type": "code", "source": [f"def {name}(x):\n", "    ..."]} for name in functions
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


@pytest.fixture
def folder(tmp_path):
    """Writes files by relative path, and gives the folder."""

    def write(*paths, text="{}"):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path

    return write


def found(folder):
    """Submissions by (assignment, student): names of files by notebook, or the reason."""
    return {
        (s.assignment, s.student): s.reason or {stem: path.name for stem, path in s.paths.items()}
        for s in find(folder, ASSIGNMENTS, EXERCISES)
    }


def test_nbgraders_layout(folder):
    where = folder("ada/03_padding/03_padding.ipynb", "ada/03_padding/timestamp.txt",
                   "ben/homework1/04_size.ipynb", "ben/homework1/05_channels.ipynb")  # fmt: skip
    assert found(where) == {
        ("03_padding", "ada"): {"03_padding": "03_padding.ipynb"},
        ("homework1", "ben"): {"04_size": "04_size.ipynb", "05_channels": "05_channels.ipynb"},
    }


def test_a_notebook_that_is_missing_from_an_assignment_is_left_to_the_judge(folder):
    assert found(folder("ben/homework1/04_size.ipynb")) == {
        ("homework1", "ben"): {"04_size": "04_size.ipynb"}
    }


@pytest.mark.parametrize(
    ("file", "student"),
    [
        ("ada_03_padding.ipynb", "ada"),
        ("Ada Lovelace - 03_padding (1).ipynb", "Ada Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file_03_padding.ipynb", "Ada Lovelace_1234"),
        ("lovelaceada_LATE_1234_98765_03_padding-2.ipynb", "lovelaceada_1234"),
        ("Ada Lovelace_1234_assignsubmission_file/03_padding.ipynb", "Ada Lovelace_1234"),
    ],
)
def test_files_as_learning_platforms_name_them(folder, file, student):
    assert list(found(folder(file))) == [("03_padding", student)]


def test_two_notebooks_of_one_student_make_one_submission(folder):
    where = folder("ada_04_size.ipynb", "ada_05_channels.ipynb")
    assert list(found(where)) == [("homework1", "ada")]


def test_a_renamed_notebook_is_recognised_by_its_exercises(folder):
    where = folder("ada.ipynb", text=notebook("window_mean", "helper"))
    folder("ben.ipynb", text=notebook("bias_add"))
    assert list(found(where)) == [("03_padding", "ada"), ("homework1", "ben")]


def test_a_renamed_notebook_in_nbgraders_layout_is_taken_as_it_is(folder):
    assert found(folder("ada/03_padding/final version.ipynb")) == {
        ("03_padding", "ada"): {"03_padding": "final version.ipynb"}
    }


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("ada.ipynb", "not this course"),
        ("03_padding.ipynb", "no student"),
        ("...03_padding.ipynb", None),  # hidden
        ("ada/99_other/03_padding.ipynb", "unknown assignment"),
        ("ada/03_padding/answers.docx", "no notebook"),
        ("ada/notes.ipynb", "not this course"),
    ],
)
def test_what_cannot_be_graded_has_a_reason(folder, file, reason):
    reasons = [s.reason.split(":")[0] for s in find(folder(file), ASSIGNMENTS, EXERCISES)]
    assert reasons == ([reason] if reason else [])


@pytest.mark.parametrize(
    "text", ["", "[]", '{"cells": 3}', "[" * 100_000, '{"cells": [{}]}', "\x00"]
)
def test_files_that_are_no_notebooks_do_no_harm(folder, text):
    (submission,) = find(folder("ada.ipynb", text=text), ASSIGNMENTS, EXERCISES)
    assert submission.reason.startswith("not this course")


def test_two_files_for_one_notebook_are_left_to_the_instructor(folder):
    where = folder("ada_03_padding.ipynb", "ada_03_padding-1.ipynb")
    assert found(where) == {
        ("03_padding", "ada"): "more than one file: ada_03_padding-1.ipynb, ada_03_padding.ipynb "
        "are all 03_padding; leave one"
    }


def test_links_are_not_followed(folder):
    where = folder("ada/03_padding/03_padding.ipynb")
    (where / "eve").mkdir()
    os.symlink("../ada/03_padding", where / "eve" / "03_padding")
    os.symlink("ada/03_padding/03_padding.ipynb", where / "mal_03_padding.ipynb")
    os.symlink("ada", where / "zoe")
    reasons = {s.student: s.reason for s in find(where, ASSIGNMENTS, EXERCISES)}
    assert reasons["ada"] is None
    assert reasons["eve"].startswith("a link") and reasons["mal"].startswith("a link")
    assert reasons["zoe"].startswith("a link")


def test_a_file_that_is_too_large_is_not_read(folder):
    where = folder("ada_03_padding.ipynb")
    os.truncate(where / "ada_03_padding.ipynb", 65 << 20)
    assert found(where)["03_padding", "ada"].startswith("too large: ada_03_padding.ipynb has 65")


def test_two_spellings_of_one_accent_are_one_student():
    assert student_of("Zoe\u0308") == student_of("Zo\u00eb")


def test_a_name_that_is_not_unicode_and_one_that_is_too_long_are_kept_readable():
    assert student_of(os.fsdecode(b"z\xff")) == "z\ufffd"
    assert len(student_of("x" * 200)) == 128


@pytest.mark.parametrize(
    ("path", "key", "reason"),
    [
        (b"Jos\xe9.ipynb", ("", "Jos\ufffd"), "not this course: Jos\ufffd.ipynb"),
        (b"ada/L\xf6sung.ipynb", ("", "ada"), "not this course: L\ufffdsung.ipynb"),
        (b"ada/\xdcbung/x.ipynb", ("\ufffdbung", "ada"), "unknown assignment: \ufffdbung"),
        (b"Jos\xe9/03_padding/03_padding.ipynb", ("03_padding", "Jos\ufffd"), None),
    ],
)
def test_names_that_are_not_unicode_can_be_written_everywhere(tmp_path, path, key, reason):
    path = os.path.join(os.fsencode(tmp_path), path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("{}")
    (submission,) = find(tmp_path, ASSIGNMENTS, EXERCISES)
    assert (submission.assignment, submission.student) == key
    assert (submission.reason or "").startswith(reason or "")
    f"{submission.reason} {key}".encode()  # raises for what can't be written


@pytest.mark.parametrize("place", ["eve.ipynb", "eve/03_padding.ipynb", "eve/03_padding/x.ipynb"])
def test_a_pipe_in_place_of_a_file_is_never_opened(folder, place):
    path = folder("ada_03_padding.ipynb") / place
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    (reason,) = [item for key, item in found(folder()).items() if key[1] == "eve"]
    assert reason.startswith("a link") and "not a file of its own" in reason


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="submissions must be a folder, got .*nowhere"):
        find(tmp_path / "nowhere", ASSIGNMENTS)
