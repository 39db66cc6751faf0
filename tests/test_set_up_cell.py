"""The set-up cell: in a checkout, on its own with a clone, twice, and without a network."""

import os
import shutil
import subprocess
import sys

import pytest
from answers import ROOT, build

CELL = build.set_up_cell().source
NAMES = "np tf keras plt checks convolution datasets kernels padding plots predictions shapes"
LEFT = "\nprint(*sorted(n for n in globals() if n in '" + NAMES + "'.split()), course)"
ALL = sorted(NAMES.split())


def run(folder, code, **environment):
    """Run code in a folder, with nothing of this process on the path."""
    clean = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "CNN_COURSE_REPOSITORY")
    }
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True,
                          env={**clean, **environment})  # fmt: skip


@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/reference", "tests"])
def test_it_finds_the_course_from_any_folder_of_a_checkout(folder):
    found = CELL[: CELL.index("from helpers.notebook")] + "print(course)"
    assert run(ROOT / folder, found).stdout.split() == [str(ROOT)]


def test_it_leaves_the_names_that_an_exercise_needs_and_may_run_twice():
    done = run(ROOT / "notebooks", f"{CELL}\n{CELL}{LEFT}")
    assert done.stdout.split() == [*ALL, str(ROOT)], done.stderr
    assert done.stderr == ""


def test_a_notebook_on_its_own_fetches_the_tagged_course_once(tmp_path):
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this copy of the course is no git repository, so there is none to clone")
    tag = build.settings()["tag"]
    repository, alone = tmp_path / "repository", tmp_path / "alone"
    alone.mkdir()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "clone", "--quiet", "--bare", ROOT, repository], check=True)
    subprocess.run([*git, "-C", repository, "tag", "--force", tag], check=True)
    place = {"CNN_COURSE_REPOSITORY": repository.as_uri(), "TMPDIR": str(tmp_path)}
    done = run(alone, CELL + LEFT, **place)
    assert done.stdout.split() == [*ALL, str(tmp_path / f"cnn-course-{tag}")], done.stderr
    place["CNN_COURSE_REPOSITORY"] = "file:///gone"  # it has been fetched: no need of it
    assert run(alone, CELL.replace("import keras", "raise SystemExit(0)"), **place).returncode == 0


def test_without_network_it_says_in_one_sentence_what_to_do(tmp_path):
    place = {"CNN_COURSE_REPOSITORY": "file:///nowhere", "TMPDIR": str(tmp_path)}
    done = run(tmp_path, CELL, **place)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("RuntimeError: The course's helpers could not be fetched from file:///")
    assert last.endswith("or open the notebook inside a copy of the whole course.")
    assert list(tmp_path.iterdir()) == []


def test_its_address_is_the_one_in_the_settings():
    settings = build.settings()
    assert settings["repository"] in CELL and f"--branch {settings['tag']}" in CELL
    assert "@" not in CELL.replace("@{", "")
