"""nbgrader's gradebook: assignments go in once, then one submission at a time, each in full.

Everything goes through nbgrader's own interface, so its formgrader, its manual grading and its
export find what they expect. One process writes.
"""

from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import parse_utc

from grading.release import tools_on_path

CHECK = "-check"  # what the name of a grade cell has after that of its exercise


class Grades:
    """A gradebook that is open for writing; a context manager.

    Args:
        url: SQLAlchemy URL of the database, such as "sqlite:////home/ada/grades/gradebook.db".
    """

    def __init__(self, url):
        tools_on_path()  # a new database: nbgrader asks alembic for the version of its tables
        self.url = url
        self.gradebook = Gradebook(url)
        self.assignments = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()

    def add_assignment(self, name, notebooks):
        """Enter an assignment and its cells, or bring them up to date.

        Args:
            name: of the assignment.
            notebooks: the released notebooks (nbformat), by name.

        Raises:
            RuntimeError: from nbgrader: its graded cells changed after it was first graded.
        """
        self.gradebook.update_or_create_assignment(name)
        for stem, notebook in notebooks.items():
            where = {"notebook": stem, "assignment": name, "db_url": self.url}
            SaveCells().preprocess(notebook, {"nbgrader": where})
        self.assignments.add(name)

    def record(self, result, handed_in=None):
        """Enter the result of a submission; it is on disk when this returns.

        Recording the same result again changes nothing. What a person has entered by hand
        stays, and is marked for another look, as nbgrader does. A submission that could not be
        graded gets 0 points and the same mark.

        Args:
            result: a `Result` of one of the assignments that were added.
            handed_in: when it was handed in, in UTC, or None.
        """
        book, ungraded = self.gradebook, result.reason is not None
        book.update_or_create_student(result.student)
        when = {"timestamp": handed_in} if handed_in else {}
        with book.db.no_autoflush:  # else SQLAlchemy warns of rows that are only half there
            submission = book.update_or_create_submission(result.assignment, result.student, **when)
        earned = {item.exercise: item for item in result.exercises}
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                exercise = earned.get(grade.cell.name.removesuffix(CHECK))
                grade.auto_score = exercise.score if exercise else 0.0
                grade.needs_manual_grade = ungraded or grade.manual_score is not None
            for comment in notebook.comments:
                comment.auto_comment = _comment(earned.get(comment.cell.name), result.reason)
        book.db.commit()
        book.db.expunge_all()  # else each submission is slower than the one before


def _comment(exercise, reason):
    """What a person who grades sees beside the cell.

    Only words of ours: nbgrader's feedback pages show a comment as Markdown, HTML and all.
    """
    if reason:
        return "Not graded; the reason is in scores.csv."
    if exercise is None:
        return None
    if exercise.outcome == "not attempted":
        return "No response."  # as nbgrader says it
    named = f" ({exercise.misconception})" if exercise.misconception else ""
    return f"Check: {exercise.outcome}{named}."


def handed_in(submission):
    """When nbgrader's exchange took the submission in, from its timestamp.txt, in UTC; or None."""
    for path in submission.paths.values():
        stamp = Path(path).parent / "timestamp.txt"
        if stamp.is_symlink() or not stamp.is_file() or stamp.stat().st_size > 100:
            continue
        try:
            return parse_utc(stamp.read_text().strip())
        except (ValueError, OverflowError):  # the learner wrote something else into it
            continue
    return None


def contents(url):
    """What a gradebook says, without the numbers that differ each time: a sorted list of tuples.

    For each grade: student, assignment, notebook, cell, score, the person's score, whether it
    waits for a person, and the time of handing in.
    """
    with Gradebook(url) as book:
        rows = [
            (
                submission.student.id,
                submission.assignment.name,
                notebook.name,
                grade.cell.name,
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
                submission.timestamp and submission.timestamp.isoformat(),
            )
            for assignment in book.assignments
            for submission in assignment.submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]
    return sorted(rows, key=repr)


def score_of(url, assignment, student):
    """Points of a submission as the gradebook adds them up; None if it is not there."""
    with Gradebook(url) as book:
        try:
            return book.find_submission(assignment, student).score
        except MissingEntry:
            return None
