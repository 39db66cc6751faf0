"""A run of the grader: find, judge, write; every grade is on disk before the next begins."""

import fcntl
import secrets
import shutil
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
from sqlalchemy.exc import SQLAlchemyError

from grading import release as releases
from grading import schedule
from grading.as_graded import as_graded
from grading.feedback import feedback_page
from grading.gradebook import Grades, handed_in
from grading.journal import ROOT, Journal, digest_of_course, file_name, write_whole
from grading.report import write_csv, write_report
from grading.schedule import GradingError, Settings
from grading.submissions import find

SCORES = ("student", "assignment", "score", "points", "reason")
EXERCISES = ("student", "assignment", "exercise", "score", "points", "outcome", "misconception")
COURSE = ROOT / "dist" / "course"
EVERY = 10  # seconds between two lines of progress where there is no terminal

CONFIG = '''"""nbgrader's formgrader, run in this folder, shows these grades."""

import os

c = get_config()  # noqa: F821
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.source_directory = "handed_out"
'''
DATABASE = """c.CourseDirectory.db_url = os.environ["GRADEBOOK"]  # the URL that was given as --db
"""


def run(options, opened_by=schedule.open_judge):
    """Grade as the command line says; see `command.parser`.

    Args:
        options: what the parser made of the command line.
        opened_by: what opens a judge, see `schedule`.

    Raises:
        GradingError, ValueError: nothing can be graded; the message says why.
    """
    course = _course(options.release)
    assignments = releases.assignments(course)
    notebooks = {name: _released(course, name, stems) for name, stems in assignments.items()}
    chosen = _chosen(assignments, options.assignment)
    submissions = find(options.submissions, assignments, _exercises(notebooks))
    submissions = [item for item in submissions if not chosen or item.assignment in chosen]
    if not submissions:
        raise GradingError(f"no notebooks in {options.submissions}; see --help for its layouts")
    options.out.mkdir(parents=True, exist_ok=True)
    with _only_one(options.out):
        in_use = {item.assignment for item in submissions}
        files = {
            stem: nbformat.writes(notebook).encode()
            for name, group in notebooks.items()
            for stem, notebook in group.items()
            if name in in_use
        }
        settings = Settings(_seed(options), assignments, files, not options.no_sandbox)
        journal = Journal(options.out / "results", settings.seed, digest_of_course(), files)
        left = [s for s in submissions if not (options.resume and journal.has(s))]
        # Closed here, whatever happens: a run that is ended ends its judges before it goes.
        with closing(_judge_all(options, settings, left, opened_by)) as results:
            _write_all(options, results, journal, notebooks, left)
        if len(left) < len(submissions):
            print(f"{len(submissions) - len(left)} had been graded before.")
        write_tables(options.out, journal.results(), notebooks)
        print(f"Written to {options.out}: scores.csv, exercises.csv, report, feedback, gradebook.")


def _judge_all(options, settings, submissions, opened_by):
    """The results, as they are done."""
    if options.scheduler:
        return schedule.on_cluster(submissions, settings, options.scheduler, opened_by)
    return schedule.on_this_machine(submissions, settings, options.jobs, opened_by)


def _write_all(options, results, journal, notebooks, submissions):
    """Write each result as it comes, one after another."""
    url = options.db or f"sqlite:///{(options.out / 'gradebook.db').resolve()}"
    by_name = {(item.assignment, item.student): item for item in submissions}
    progress = Progress(len(submissions))
    with _gradebook(url) as grades:
        _write_config(options)
        for name in sorted({item.assignment for item in submissions} & notebooks.keys()):
            try:
                grades.add_assignment(name, notebooks[name])
            except RuntimeError as error:  # nbgrader's own words
                raise GradingError(f"{error} Grade into another --out or --db.") from None
            _write_handed_out(options.out, name, notebooks[name])
        for result in results:
            submission = by_name[result.assignment, result.student]
            _write_pages(options.out, result, submission, notebooks.get(result.assignment, {}))
            if result.assignment in notebooks:
                _record(grades, result, submission)
            journal.write(result, journal.key(submission))  # last: it says that all is written
            progress.add(result)
    progress.end()


def _record(grades, result, submission):
    try:
        grades.record(result, handed_in(submission))
    except SQLAlchemyError as error:
        raise GradingError(
            f"the gradebook can't be written any more ({type(error).__name__}): {_first(error)}\n"
            "What was graded before is safe: give the same command with --resume to go on."
        ) from None


def _first(error):
    return str(error).splitlines()[0]


def _gradebook(url):
    try:
        return Grades(url)
    except (SQLAlchemyError, ImportError) as error:  # the latter for a driver that is missing
        kind = type(error).__name__
        raise GradingError(f"--db can't be opened ({kind}): {_first(error)}") from None


def _write_handed_out(out, name, notebooks):
    """What an assignment was; the formgrader lists those whose folder it finds."""
    folder = out / "handed_out" / name
    folder.mkdir(parents=True, exist_ok=True)
    for stem, notebook in notebooks.items():
        write_whole(folder / f"{stem}.ipynb", nbformat.writes(notebook) + "\n")


def _write_pages(out, result, submission, notebooks):
    """The feedback page and the notebooks that the formgrader shows."""
    name = file_name(result.assignment or "unknown")
    folder = out / "feedback" / file_name(result.student) / name
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.html", feedback_page(result, _title(notebooks)))
    shown = out / "autograded" / result.student / result.assignment
    for stem, notebook in notebooks.items():
        shown.mkdir(parents=True, exist_ok=True)
        graded = as_graded(notebook, result, submission.paths.get(stem))
        write_whole(shown / f"{stem}.ipynb", nbformat.writes(graded) + "\n")


def write_tables(out, results, notebooks):
    """scores.csv, exercises.csv and the class reports, from all results in OUT."""
    most = {name: _points(group) for name, group in notebooks.items()}
    scores = [
        (r.student, r.assignment, r.score, most.get(r.assignment, r.points), r.reason)
        for r in results
    ]
    exercises = [
        (r.student, r.assignment, e.exercise, e.score, e.points, e.outcome, e.misconception)
        for r in results
        for e in r.exercises
    ]
    write_csv(out / "scores.csv", SCORES, scores)
    write_csv(out / "exercises.csv", EXERCISES, exercises)
    folder = out / "report"
    folder.mkdir(exist_ok=True)
    for name in sorted({result.assignment for result in results}):
        of_this = [result for result in results if result.assignment == name]
        title = _title(notebooks.get(name, {}))
        write_report(folder, name or "unknown", of_this, title)


# --- What the run begins with -------------------------------------------------------------------


def _course(folder):
    """The course folder that is asked for, or the usual one if it is there, or None."""
    if folder is None:
        return COURSE if COURSE.is_dir() else None
    if not any(folder.glob("release/*/*.ipynb")):
        raise ValueError(f"--release must be a course folder of `release`, got {str(folder)!r}")
    return folder


def _chosen(assignments, names):
    """The assignments asked for; none for all of them."""
    unknown = [name for name in names or () if name not in assignments]
    if unknown:
        known = ", ".join(assignments)
        raise ValueError(f"--assignment must be one of {known}; got {', '.join(unknown)}")
    return set(names or ())


def _released(course, assignment, stems):
    """The notebooks of an assignment as they were handed out, by name."""
    if course is None:
        import build

        paths = {path.stem: path for path in build.sources()}
        return {stem: build.for_learner(build.read_source(paths[stem])) for stem in stems}
    folder = Path(course) / "release" / assignment
    return {stem: nbformat.read(folder / f"{stem}.ipynb", as_version=4) for stem in stems}


def _exercises(notebooks):
    """Names of exercises by notebook."""
    return {
        stem: [
            cell.metadata["nbgrader"]["grade_id"]
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        ]
        for group in notebooks.values()
        for stem, notebook in group.items()
    }


def _points(notebooks):
    """The points of an assignment."""
    marks = [cell.metadata.get("nbgrader", {}) for nb in notebooks.values() for cell in nb.cells]
    return float(sum(mark["points"] for mark in marks if mark.get("grade")))


def _title(notebooks):
    """The heading of an assignment of one notebook; None for another."""
    if len(notebooks) != 1:
        return None
    (notebook,) = notebooks.values()
    return notebook.cells[0].source.partition("\n")[0].lstrip("# ")


def _seed(options):
    """The secret of this run: the one given, else the one kept in OUT, else a new one."""
    kept = options.out / "seed"
    seed = options.seed
    if seed is None:
        seed = kept.read_text().strip() if kept.exists() else secrets.token_hex(16)
    if not kept.exists():
        kept.touch(mode=0o600)
    kept.write_text(f"{seed}\n")
    return seed


@contextmanager
def _only_one(out):
    """Hold OUT for this run alone; a process that dies lets go of it."""
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradingError(f"another run is writing to {out}") from None
        yield


def _write_config(options):
    """Let nbgrader's formgrader find the gradebook; a database's password is not written down."""
    config = options.out / "nbgrader_config.py"
    if not config.exists():  # from then on it is the instructor's
        config.write_text(CONFIG + (DATABASE if options.db else ""), encoding="utf-8")


class Progress:
    """Says how far a run is: on a terminal in one line, elsewhere every ten seconds."""

    def __init__(self, count, stream=None):
        self.count, self.done, self.ungraded, self.stream = count, 0, 0, (stream or sys.stderr)
        self.began = self.said = time.monotonic()

    def add(self, result):
        self.done += 1
        self.ungraded += result.reason is not None
        now = time.monotonic()
        if self.stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            print("\r" + self.line(now)[:width].ljust(width), end="", file=self.stream, flush=True)
        elif now - self.said > EVERY:
            print(self.line(now), file=self.stream, flush=True)
            self.said = now

    def line(self, now):
        """How many of how many, how fast, how long still."""
        seconds = max(now - self.began, 1e-6)
        left = seconds / self.done * (self.count - self.done) if self.done else 0
        return (
            f"{self.done} of {self.count} submissions, {60 * self.done / seconds:.0f} a minute, "
            f"{_duration(left)} left"
        )

    def end(self):
        if self.stream.isatty() and self.done:
            print(file=self.stream)
        seconds = time.monotonic() - self.began
        print(f"{self.done} submissions in {_duration(seconds)}", end="")
        print(f", {self.ungraded} of them could not be graded." if self.ungraded else ".")


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
