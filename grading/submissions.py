"""Find what was handed in: nbgrader's folders, or files named by student as an LMS exports them.

    student/assignment/notebook.ipynb    nbgrader
    student/notebook.ipynb               a folder for each student (Moodle)
    student_notebook.ipynb               files side by side (Canvas, Moodle)
    student.ipynb                        the same; the notebook is recognised by what is in it

Nothing here raises for what a learner can hand in: a submission that can't be graded carries the
reason.
"""

import json
import os
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from grading.rebuild import LARGEST_FILE
from grading.result import Submission

LARGEST = 20 << 20  # bytes of a file that is opened to see which notebook it is
LONGEST_NAME = 128  # characters of a student's name that the gradebook keeps
MOST_BYTES = 180  # of the same, since it becomes the name of a folder
SKIPPED = ("__MACOSX",)
# What learning platforms put between the student's name and the name of the file.
MOODLE = re.compile(r"_assignsubmission_(file|onlinetext)_*$")
CANVAS = re.compile(r"^(?P<name>.+?)(_LATE)?_(?P<user>\d+)_\d+$")


def find(folder, assignments, exercises=None):
    """All submissions in a folder, in the order of assignment and student.

    Args:
        folder: the folder that holds them, in one of the layouts above, or a mix.
        assignments: names of notebooks by assignment, as `release.assignments` gives them.
        exercises: names of exercises by notebook, to recognise one whose file was renamed.

    Returns:
        A list of `Submission`. One that can't be graded has a `reason`.

    Raises:
        ValueError: `folder` is not a folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"submissions must be a folder, got {str(folder)!r}")
    finder = _Finder(assignments, exercises or {})
    for entry in _entries(folder):
        if entry.is_dir():
            finder.add_student(entry)
        elif entry.suffix == ".ipynb":
            finder.add_flat(entry)
    return finder.submissions()


def student_of(name):
    """The student that a file or folder is named after: what platforms add is taken off."""
    name = unicodedata.normalize("NFC", shown(name))
    name = MOODLE.sub("", name).strip(" _-.")
    canvas = CANVAS.match(name)
    if canvas:  # the last number changes with each submission, the one before is the student's
        name = f"{canvas['name']}_{canvas['user']}"
    return name[:LONGEST_NAME].encode()[:MOST_BYTES].decode(errors="ignore")


def shown(name):
    """The name of a file as text that can be written; what is no UTF-8 in it gets a mark."""
    return os.fsencode(name).decode("utf-8", "replace")


def _entries(folder):
    """What lies in a folder, by name; without hidden files."""
    found = sorted(folder.iterdir(), key=lambda path: path.name)
    return [path for path in found if path.name[0] != "." and path.name not in SKIPPED]


class _Finder:
    """Collects files by assignment and student."""

    def __init__(self, assignments, exercises):
        self.assignments, self.exercises = assignments, exercises
        self.owner = {stem: name for name, stems in assignments.items() for stem in stems}
        self.files = defaultdict(lambda: defaultdict(list))  # (assignment, student): stem: paths
        self.reasons = {}  # (assignment, student): reason

    def submissions(self):
        keys = sorted(self.files.keys() | self.reasons.keys())
        return [self._submission(assignment, student) for assignment, student in keys]

    def _submission(self, assignment, student):
        files = self.files.get((assignment, student), {})
        reason = self.reasons.get((assignment, student))
        for stem, paths in files.items():
            if len(paths) > 1:
                names = ", ".join(sorted(shown(path.name) for path in paths))
                reason = reason or f"more than one file: {names} are all {stem}; leave one"
        paths = {stem: paths[0] for stem, paths in sorted(files.items())}
        return Submission(student, assignment, {} if reason else paths, reason)

    def add_student(self, folder):
        """A student's folder: of assignments, or of notebooks."""
        name = shown(folder.name)
        student = student_of(name) or name
        if folder.is_symlink():
            self.reasons["", student] = f"a link: {name} is a link, not a folder"
            return
        for entry in _entries(folder):
            if entry.suffix == ".ipynb":
                self._add(student, entry, self._stem_of(entry, self.owner))
            elif entry.is_symlink():
                name = shown(entry.name)
                self.reasons[name, student] = f"a link: {name} is a link, not a folder"
            elif entry.is_dir():
                self._add_assignment(student, entry)

    def _add_assignment(self, student, folder):
        name = shown(folder.name)
        key = name, student
        if name not in self.assignments:
            known = ", ".join(self.assignments)
            self.reasons[key] = f"unknown assignment: {name}; there are {known}"
            return
        stems = self.assignments[name]
        notebooks = [path for path in _entries(folder) if path.suffix == ".ipynb"]
        for path in notebooks:
            stem = self._stem_of(path, stems)
            if stem is None and len(stems) == len(notebooks) == 1:
                stem = stems[0]  # renamed; the judge says if it is another notebook
            if stem:
                self._add(student, path, stem, name)
        if key not in self.files and key not in self.reasons:
            there = ", ".join(shown(path.name) for path in notebooks) or "none"
            wanted = " or ".join(f"{stem}.ipynb" for stem in stems)
            self.reasons[key] = f"no notebook: {wanted} is missing; notebooks there: {there}"

    def add_flat(self, path):
        """A file that lies beside those of other students."""
        stem = self._stem_of(path, self.owner)
        before, _, _ = path.stem.partition(stem) if stem else (path.stem, "", "")
        if stem and stem not in path.stem:
            before = path.stem
        student = student_of(before)
        if student:
            self._add(student, path, stem)
        else:
            reason = f"no student: the name of {shown(path.name)} does not begin with one"
            self.reasons[self.owner.get(stem, ""), shown(path.stem)] = reason

    def _add(self, student, path, stem, assignment=None):
        key = assignment or self.owner.get(stem, ""), student
        name = shown(path.name)
        if path.is_symlink() or not path.is_file():
            self.reasons[key] = f"a link: {name} is not a file of its own"
        elif why := _unreadable(path):
            self.reasons[key] = why
        elif stem is None:
            self.reasons[key] = f"not this course: {name} is no notebook of an assignment"
        else:
            self.files[key][stem].append(path)

    def _stem_of(self, path, stems):
        """Which of the notebooks `stems` a file is: by its name, else by its exercises."""
        named = [stem for stem in stems if stem in path.stem]
        if named:
            return max(named, key=len)
        text = _text_of(path)
        counts = {stem: _count(text, self.exercises.get(stem, ())) for stem in stems}
        most = max(counts.values(), default=0)
        best = [stem for stem, count in counts.items() if count == most]
        return best[0] if most and len(best) == 1 else None


def _unreadable(path):
    """Why a file can't be read, or None."""
    name = shown(path.name)
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        return f"unreadable file: {name}: {error.strerror}"
    return f"too large: {name} has {size >> 20} MiB" if size > LARGEST_FILE else None


def _count(text, names):
    """How many of the functions `names` are defined in `text`."""
    return sum(bool(re.search(rf"\bdef {re.escape(name)}\b", text)) for name in names)


def _text_of(path):
    """The code in a file that may be a notebook; "" if it can't be read."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            return ""  # to open a named pipe, for one, would be to wait for ever
        cells = json.loads(path.read_bytes())["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""
