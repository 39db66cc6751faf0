"""What has been graded: one file a submission, written last, so that what is there is complete.

    results/ASSIGNMENT/STUDENT.json

Each file says in its `key` what the result came from: the seed, the course, the files that were
handed in. A run that goes on after an interruption skips exactly what would come out the same.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from grading.result import Result

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 120  # bytes of a name that becomes the name of a file as it is
FAULT = "the grader failed"  # how a reason begins that is no fault of the submission
COURSE = ("helpers/**/*.py", "grading/**/*.py")


class Journal:
    """The results in a folder.

    Args:
        folder: where they are; made if it is not there.
        seed: the secret one of this run; it goes into the keys as a hash only.
        course: a digest of the course that grades, see `digest_of_course`.
        notebooks: the notebooks as they were handed out: bytes of the file, by name.
    """

    def __init__(self, folder, seed, course, notebooks):
        self.folder, self.notebooks = Path(folder), notebooks
        self.folder.mkdir(parents=True, exist_ok=True)
        self.of_run = _digest(b"journal", str(seed).encode(), course.encode())

    def key(self, submission):
        """What a submission's result follows from, as a digest."""
        parts = [self.of_run.encode(), str(submission.reason).encode()]
        for stem, path in sorted(submission.paths.items()):
            parts += [stem.encode(), self.notebooks[stem], bytes_of(path)]
        return _digest(*parts)

    def write(self, result, key):
        """Keep a result, whole or not at all."""
        path = self._path(result.assignment, result.student)
        path.parent.mkdir(exist_ok=True)
        write_whole(path, json.dumps({"key": key, "result": json.loads(result.to_json())}))

    def has(self, submission):
        """Whether the result of this very submission is here already."""
        try:
            path = self._path(submission.assignment, submission.student)
            kept = json.loads(path.read_text("utf-8"))
            ours = str(kept["result"]["reason"]).startswith(FAULT)  # worth another try
            return kept["key"] == self.key(submission) and not ours
        except (OSError, ValueError, LookupError, TypeError):
            return False

    def results(self):
        """All results, of this run and of those before it, by assignment and student."""
        found = []
        for path in self.folder.glob("*/*.json"):
            plain = json.loads(path.read_text("utf-8"))["result"]
            found.append(Result.from_json(json.dumps(plain)))
        return sorted(found, key=lambda result: (result.assignment, result.student))

    def _path(self, assignment, student):
        return self.folder / file_name(assignment or "_") / f"{file_name(student)}.json"


def bytes_of(path):
    """What is in a file; nothing if it is gone by now, which the judge then says."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def file_name(name):
    """A name for a file that follows from `name` and fits every file system."""
    raw = name.encode("utf-8", "replace")
    if len(raw) <= LONGEST and "/" not in name and name not in (".", ".."):
        return name
    return f"{raw[:60].decode(errors='ignore').replace('/', '_')}-{_digest(raw)[:16]}"


def write_whole(path, text):
    """Write a text file that takes the place of `path` when it is on disk, never half of it."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def digest_of_course():
    """A digest of all files of the course that a score follows from: checks, helpers, judge."""
    paths = [path for pattern in COURSE for path in sorted(ROOT.glob(pattern))]
    return _digest(*(path.read_bytes() for path in paths))


def _digest(*parts):
    hasher = hashlib.sha256()
    for part in parts:  # each with its length: no two lists of parts look the same
        hasher.update(len(part).to_bytes(8, "big") + part)
    return hasher.hexdigest()
