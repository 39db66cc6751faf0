"""Whole runs of the command line, with a judge that does what a submission tells it."""

import csv
import functools
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import build
import fake_judge
import nbformat
import postgres as database
import psutil
import pytest
from nbgrader import api
from test_grading_schedule import cluster  # noqa: F401  a fixture

from grading.command import main, parser
from grading.gradebook import contents
from grading.result import Submission
from grading.sandbox import available
from grading.schedule import Settings, on_cluster, on_this_machine

ROOT = Path(__file__).parents[1]
STEM = "03_padding_modes"
# nbgrader asks a new process for this number at each new database.
api.get_alembic_version = functools.cache(api.get_alembic_version)
TOLD = {"ada": 1, "ben": 0.5, "eve": "raise", "gus": 0.25}
SCRIPT = """
import sys
if __name__ == "__main__":
    import fake_judge
    from grading.command import main
    sys.exit(main(sys.argv[1:], opened_by=fake_judge.opened))
"""


@pytest.fixture
def submissions(tmp_path):
    """A folder of submissions in nbgrader's layout, and one file that is no notebook of ours."""
    return write(tmp_path / "submissions", TOLD)


def write(folder, told):
    for student, what in told.items():
        path = folder / student / STEM / f"{STEM}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(fake_judge.notebook(what))
    (folder / "zoe.ipynb").write_text("{}")
    return folder


def grade(folder, out, *more):
    """The exit status of a run."""
    arguments = ["grade", str(folder), "--out", str(out), "--jobs", "1", "--seed", "s", *more]
    return main(arguments, opened_by=fake_judge.opened)


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def scores(out):
    """Scores by student."""
    return {row["student"]: float(row["score"]) for row in table(out / "scores.csv")}


def test_a_run_writes_all_that_it_promises(submissions, tmp_path, capsys):
    out = tmp_path / "grades"
    assert grade(submissions, out) == 0
    assert "5 submissions in" in capsys.readouterr().out
    rows = {row["student"]: row for row in table(out / "scores.csv")}
    assert list(rows["ada"]) == ["student", "assignment", "score", "points", "reason"]
    assert (rows["ben"]["score"], rows["ben"]["points"], rows["ben"]["reason"]) == (
        "5.0", "10.0", "",
    )  # fmt: skip
    assert (float(rows["eve"]["score"]), rows["eve"]["points"]) == (0, "10.0")
    assert rows["eve"]["reason"].startswith("the grader failed: RuntimeError: on purpose")
    assert rows["zoe"]["reason"].startswith("not this course")
    exercises = table(out / "exercises.csv")
    assert list(exercises[0]) == ["student", "assignment", "exercise", "score", "points",
                                  "outcome", "misconception"]  # fmt: skip
    assert len(exercises) == 3 * len(fake_judge.EXERCISES)
    for student in TOLD:
        assert (out / "feedback" / student / STEM / f"{STEM}.html").is_file()
        assert (out / "autograded" / student / STEM / f"{STEM}.ipynb").is_file()
    assert (out / "report" / f"{STEM}.html").is_file()
    book = contents(f"sqlite:///{out}/gradebook.db")
    assert {row[0] for row in book} == set(TOLD)


def test_names_and_files_of_odd_kinds_do_not_cost_the_others_their_grade(submissions, tmp_path):
    with open(os.path.join(os.fsencode(submissions), b"Jos\xe9.ipynb"), "w") as file:
        file.write("{}")
    os.makedirs(os.path.join(os.fsencode(submissions), b"kai", b"\xdcbung"))
    os.mkfifo(submissions / "mallory.ipynb")
    out = tmp_path / "grades"
    assert grade(submissions, out) == 0
    assert {name: scores(out)[name] for name in ("ada", "ben")} == {"ada": 10.0, "ben": 5.0}
    reasons = {row["student"]: row["reason"] for row in table(out / "scores.csv")}
    assert reasons["Jos\ufffd"].startswith("not this course")
    assert reasons["mallory"].startswith("a link")
    assert reasons["kai"].startswith("unknown assignment")


def test_the_seed_is_made_once_and_kept_for_its_owner(submissions, tmp_path):
    out = tmp_path / "grades"
    options = parser().parse_args(["grade", str(submissions), "--out", str(out)])
    from grading.run import _seed

    out.mkdir()
    first = _seed(options)
    assert len(first) == 32 and _seed(options) == first
    assert (out / "seed").stat().st_mode & 0o077 == 0
    options.seed = "mine"
    assert _seed(options) == "mine"


def test_resume_grades_only_what_is_new_or_has_changed(submissions, tmp_path, capsys):
    out = tmp_path / "grades"
    grade(submissions, out)
    (submissions / "ben" / STEM / f"{STEM}.ipynb").write_text(fake_judge.notebook(1))
    capsys.readouterr()
    assert grade(submissions, out, "--resume") == 0
    said = capsys.readouterr().out
    assert "2 submissions in" in said  # ben's, and eve's, whose grading failed through our fault
    assert "3 had been graded before" in said
    assert scores(out)["ben"] == 10.0 and scores(out)["gus"] == 2.5

    assert grade(submissions, out, "--resume", "--seed", "another") == 0
    assert "5 submissions in" in capsys.readouterr().out


def test_one_assignment_alone(submissions, tmp_path, capsys):
    assert grade(submissions, tmp_path / "grades", "--assignment", "99_none") == 1
    assert "--assignment must be one of" in capsys.readouterr().err
    assert grade(submissions, tmp_path / "grades", "--assignment", STEM) == 0
    assert set(scores(tmp_path / "grades")) == set(TOLD)


def test_two_runs_do_not_write_to_one_folder(submissions, tmp_path, capsys):
    from grading.run import _only_one

    (tmp_path / "grades").mkdir()
    with _only_one(tmp_path / "grades"):
        assert grade(submissions, tmp_path / "grades") == 1
    assert "another run is writing to" in capsys.readouterr().err


def test_an_empty_folder_and_a_missing_one_are_named(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert grade(tmp_path / "empty", tmp_path / "grades") == 1
    assert "no notebooks in" in capsys.readouterr().err
    assert grade(tmp_path / "nowhere", tmp_path / "grades") == 1
    assert "submissions must be a folder" in capsys.readouterr().err


def test_without_bubblewrap_nothing_is_graded(submissions, tmp_path, capsys):
    arguments = ["grade", str(submissions), "--out", str(tmp_path / "grades"), "--jobs", "1"]
    assert main(arguments, opened_by=fake_judge.refused) == 1
    assert "bubblewrap is missing" in capsys.readouterr().err
    assert not (tmp_path / "grades" / "scores.csv").exists()


def test_on_macos_it_says_that_it_needs_linux(submissions, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert grade(submissions, "grades") == 1
    assert "grading needs Linux" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--jobs", "two"], ["--unknown"]])
def test_what_the_command_line_does_not_know_is_named(submissions, words, capsys):
    with pytest.raises(SystemExit):
        grade(submissions, "grades", *words)
    assert words[-1] in capsys.readouterr().err


def test_help_says_all_of_it(capsys):
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    text = capsys.readouterr().out
    for word in ("--seed", "--db", "--resume", "--jobs", "--scheduler", "--no-sandbox", "OUT",
                 "scores.csv", "exercises.csv", "STUDENT/ASSIGNMENT/NOTEBOOK.ipynb"):  # fmt: skip
        assert word in text


def test_postgresql_as_gradebook_gives_the_same(submissions, tmp_path):
    if why := database.missing():
        pytest.skip(why)
    grade(submissions, tmp_path / "grades")
    with database.postgres() as url:
        assert grade(submissions, tmp_path / "other", "--db", url) == 0
        assert contents(url) == contents(f"sqlite:///{tmp_path}/grades/gradebook.db")
    assert not (tmp_path / "other" / "gradebook.db").exists()
    assert url not in (tmp_path / "other" / "nbgrader_config.py").read_text()


@pytest.mark.parametrize("url", ["no url", "sqlite:////nowhere/at/all.db", "oracle://x"])
def test_a_gradebook_that_cannot_be_opened_is_named(submissions, tmp_path, capsys, url):
    assert grade(submissions, tmp_path / "grades", "--db", url) == 1
    assert "error: --db can't be opened" in capsys.readouterr().err


# --- Killed, and on with it ---------------------------------------------------------------------


def start(folder, out, *more):
    """A run in a process of its own."""
    paths = [str(ROOT), str(ROOT / "notebooks"), str(ROOT / "tests")]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "FAKE_JUDGE_SECONDS": "0.2"}
    script = out.parent / "run.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), "grade", str(folder), "--out", str(out),
               "--jobs", "2", "--seed", "s", "--resume", *more]  # fmt: skip
    return subprocess.Popen(command, env=here, cwd=out.parent, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)  # fmt: skip


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_killed_at_any_moment_and_resumed_it_gives_the_same_gradebook(tmp_path, kills):
    folder = write(tmp_path / "submissions", {f"s{i:02}": i % 7 / 6 for i in range(16 * kills)})
    grade(folder, tmp_path / "undisturbed")
    rng, out = random.Random(kills), tmp_path / "grades"
    for done in range(kills):
        run = start(folder, out)
        wanted = 1 + done * 14  # so many results are there before it is killed
        while len(list(out.glob("results/*/*.json"))) < wanted:
            assert run.poll() is None, "the run ended before it could be killed"
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.5))
        os.kill(run.pid, signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    assert start(folder, out).wait(300) == 0

    for name in ("scores.csv", "exercises.csv"):
        assert (out / name).read_text() == (tmp_path / "undisturbed" / name).read_text()
    wanted = contents(f"sqlite:///{tmp_path}/undisturbed/gradebook.db")
    assert contents(f"sqlite:///{out}/gradebook.db") == wanted
    assert len(wanted) == 3 * 16 * kills
    assert pages(out) == pages(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGKILL,), (signal.SIGINT, signal.SIGINT, signal.SIGTERM)],
    ids=["terminated", "killed", "interrupted again and again"],
)
def test_a_grader_that_is_ended_leaves_no_process_behind(tmp_path, signals):
    folder, out = (
        write(tmp_path / "submissions", {f"s{i:02}": 1 for i in range(40)}),
        tmp_path / "g",
    )
    run = start(folder, out)
    while not list(out.glob(f"results/{STEM}/s*.json")):  # what no worker judges is written first
        assert run.poll() is None, "the run ended before it could be ended"
        time.sleep(0.02)
    workers = psutil.Process(run.pid).children(recursive=True)
    assert len(workers) >= 2
    for number in signals:
        os.kill(run.pid, number)
        time.sleep(0.05)
    assert run.wait(60) == (-signal.SIGKILL if signal.SIGKILL in signals else 130)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []


def test_a_gradebook_that_is_lost_on_the_way_is_named(submissions, tmp_path, capsys, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def lost(*_):
        raise OperationalError("INSERT", {}, Exception("server closed the connection"))

    monkeypatch.setattr("grading.gradebook.Grades.record", lost)
    assert grade(submissions, tmp_path / "grades") == 1
    said = capsys.readouterr().err
    assert "server closed the connection" in said and "--resume" in said


def pages(out):
    """The pages of a run, by name."""
    return {path.relative_to(out): path.read_text() for path in out.glob("feedback/**/*.html")}


# --- On a cluster, with the judge itself --------------------------------------------------------


@pytest.mark.slow
def test_a_cluster_gives_the_same_scores_with_the_real_judge(cluster, tmp_path):  # noqa: F811
    """Two workers; then one of them is killed in the middle of a run."""
    from graded import solved  # imports TensorFlow

    if not available():
        pytest.skip("no bubblewrap (bwrap) on this machine")
    released = build.for_learner(build.read_source(ROOT / "notebooks" / "source" / f"{STEM}.py"))
    given = []
    for number in range(12):
        wrong = {"same_padding": "def same_padding(size, **_):\n    return 0, 1"}
        path = tmp_path / f"s{number}.ipynb"
        path.write_text(json.dumps(solved(STEM, **(wrong if number % 3 == 0 else {}))))
        given.append(Submission(f"s{number:02}", STEM, {STEM: path}))
    settings = Settings("s", {STEM: [STEM]}, {STEM: nbformat.writes(released).encode()})

    here = told(on_this_machine(given, settings, jobs=1))
    assert {score for score, _ in here.values()} == {10.0, here["s00"][0]}
    assert here["s00"][0] < 10
    address, workers = cluster(workers=2)
    assert told(on_cluster(given, settings, address)) == here
    results = on_cluster(given, settings, address)
    first = next(results)
    workers[0].kill()
    assert told([first, *results]) == here


def told(results):
    """By student: the score, and all that is said of each exercise but how long it took."""
    return {
        result.student: (
            result.score,
            [replace(exercise, seconds=0.0) for exercise in result.exercises],
        )
        for result in results
    }
