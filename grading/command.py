"""The command line: release the course, grade what comes back."""

import argparse
import os
import signal
import sys
from pathlib import Path

from grading.journal import ROOT

LAYOUTS = """\
SUBMISSIONS is a folder with any of
  STUDENT/ASSIGNMENT/NOTEBOOK.ipynb    nbgrader's layout
  STUDENT/NOTEBOOK.ipynb               a folder for each student
  STUDENT_NOTEBOOK.ipynb               files side by side, as a learning platform exports them

OUT then has
  scores.csv         student, assignment, score, points, reason
  exercises.csv      student, assignment, exercise, score, points, outcome, misconception
  report/            one page an assignment for the class, with its tables as CSV
  feedback/          one page a submission, STUDENT/ASSIGNMENT/ASSIGNMENT.html
  gradebook.db       nbgrader's gradebook; run nbgrader's formgrader in this folder
  autograded/        the notebooks that the formgrader shows; handed_out/ those handed out
  results/, seed     what --resume goes by, and the secret that the cases are drawn from

OUT collects: what was graded into it before stays, unless it is graded again.
"""


def parser():
    """The parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="python -m grading", description="Release the course, and grade what comes back."
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="release | grade")
    _add_release(commands)
    _add_grade(commands)
    return whole


def _add_release(commands):
    command = commands.add_parser(
        "release",
        help="write the learners' folder, its zip, and nbgrader's course folder",
        description="Write TO/student (without any solution), TO/student.zip and TO/course (for "
        "nbgrader: source and release versions of each assignment).",
    )
    command.add_argument("--to", type=Path, default=ROOT / "dist", help="folder (default: dist)")
    command.add_argument(
        "--assignment",
        action="append",
        metavar="NAME=03,04",
        help="make one assignment of these notebooks; may be repeated (default: one assignment "
        "a notebook, beside those that TO/course has already)",
    )


def _add_grade(commands):
    command = commands.add_parser(
        "grade",
        help="grade a folder of submissions",
        description="Grade a folder of submissions: each learner's code runs in a sandbox, the "
        "checks of the course outside of it, on cases that are drawn from a secret seed.",
        epilog=LAYOUTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("submissions", type=Path, metavar="SUBMISSIONS", help="the folder, see below")
    add("--out", type=Path, default=Path("grades"), help="folder to write to (default: grades)")
    add(
        "--release",
        type=Path,
        metavar="COURSE",
        help="nbgrader's course folder that the assignments are taken from (default: dist/course "
        "if there is one, else one assignment a notebook)",
    )
    add(
        "--assignment",
        action="append",
        metavar="NAME",
        help="grade this assignment only; may be repeated",
    )
    add(
        "--seed",
        help="secret that the cases are drawn from; the same seed gives the same scores to the "
        "last digit (default: the one in OUT/seed, made at random the first time)",
    )
    add("--db", metavar="URL", help="SQLAlchemy URL of the gradebook (default: OUT/gradebook.db)")
    add(
        "--resume",
        action="store_true",
        help="go on after an interruption: skip what has been graded with this seed, this course "
        "and these very files",
    )
    add(
        "--jobs",
        type=_at_least_one,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that judge (default: one a core, here %(default)s)",
    )
    add(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="judge on the workers of this Dask cluster, which have the same course on their "
        "Python path, in place of --jobs",
    )
    add(
        "--no-sandbox",
        action="store_true",
        help="run learners' code WITHOUT confinement, as the user who grades: it can then read, "
        "change and delete whatever that user can, grades included",
    )


def _at_least_one(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 up, got {text!r}")
    return int(text)


def main(arguments=None, opened_by=None):
    """Run the command line; the exit status.

    Args:
        arguments: what stands on it; that of the process if None.
        opened_by: what opens a judge; the sandboxed one if None.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
    options = parser().parse_args(arguments)
    try:
        return _release(options) if options.command == "release" else _grade(options, opened_by)
    except KeyboardInterrupt:
        print("\nStopped. Give the same command with --resume to go on.", file=sys.stderr)
        return 130


def _release(options):
    from grading.release import NotReleased, release

    try:
        groups = _groups(options.assignment)
        planned = release(options.to, groups)
    except (NotReleased, ValueError) as error:
        return _failed(error)
    print(f"{options.to}/student      for learners; the same in {options.to}/student.zip")
    print(f"{options.to}/course       for nbgrader: {', '.join(planned)}")
    return 0


def _groups(texts):
    """{"homework1": ["02", "03"]} from ["homework1=02,03"]; None from nothing."""
    if not texts:
        return None
    groups = {}
    for text in texts:
        name, equals, prefixes = text.partition("=")
        if not equals or not prefixes:
            raise ValueError(f"--assignment must be NAME=03,04, got {text!r}")
        groups[name] = [prefix.strip() for prefix in prefixes.split(",")]
    return groups


def _grade(options, opened_by):
    if sys.platform != "linux":
        return _failed(
            "grading needs Linux (or WSL on Windows): the sandbox that learners' code runs in is "
            "made of Linux's namespaces. Releasing works here; grade on a Linux machine or in a "
            "virtual one."
        )
    from grading.run import run
    from grading.schedule import GradingError, open_judge

    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        run(options, opened_by or open_judge)
    except (GradingError, ValueError) as error:
        return _failed(error)
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _stop:  # else the process is about to end: undisturbed
                signal.signal(number, handler)
    return 0


def _stop(*_):
    """End the run; a second signal must not end the tidying up, or judges would be left behind."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _failed(why):
    print(f"error: {why}", file=sys.stderr)
    return 1
