"""The judge: a submission in, what it earned out.

Three processes share the work, each trusted with what it needs:

    judge     reads the submission, decides what is run; never runs it, never parses it as Python
    sandbox   runs the learner's cells; knows no answer, no seed and no other submission
    scorer    sends secret inputs to the sandbox and holds what comes back against the answer key
"""

import contextlib
import hashlib
import socket
import sys
import time
from functools import cache
from pathlib import Path

from grading import rebuild
from grading.channel import Channel, Gone
from grading.result import ExerciseResult, Result
from grading.sandbox import (
    ROOT,
    START_SECONDS,
    Sandbox,
    assert_confinement,
    command,
    end,
    last_words,
    start,
)
from grading.session import readable

CALL_SECONDS, TRAINING_SECONDS = 10, 120  # for one call; for one that trains a network
# Of processor time, for all calls of one exercise. No solution that trains nothing takes 0.5.
COMPUTING_SECONDS, TRAINING_COMPUTING_SECONDS = 5, 240
CELL_SECONDS, CELLS_SECONDS = 5, 10  # for one cell that the learner added, for all of them
PAUSES = (0.2, 1, 3)  # seconds, between two tries to fork
MOST_DEATHS = 3  # of the learner's process, by cells around the exercise's own
NOT_SHOWN = "This is not an answer that can be checked."


class Judge:
    """Grades submissions, one after another, in one warm sandbox.

    Args:
        release: folder of the notebooks as they were handed out; None for the repository's own.
        seed: the secret that the checks' cases follow from; the same one gives the same scores.
        sandbox: False for `--no-sandbox`: a learner's code then runs unconfined.

    Raises:
        grading.sandbox.NoSandbox: there is no bubblewrap on this machine.

    Use it as a context manager.
    """

    def __init__(self, release=None, seed=0, sandbox=True):
        from helpers import checks

        self.folder = Path(release) if release else ROOT / "notebooks"
        self.seed, self.exercises = str(seed), checks.exercises()
        forbidden = {name for item in self.exercises.values() for name in item.forbidden}
        self.scorer = Scorer(confined=sandbox)  # imports TensorFlow while the sandbox does
        try:
            self.sandbox = Sandbox(sorted(forbidden), confined=sandbox)
        except BaseException:
            self.scorer.stop()
            raise
        self.release = cache(self._release)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.__exit__()
        self.scorer.stop()

    def _release(self, stem):
        """The notebook `stem` as it was handed out."""
        return rebuild.read_release((self.folder / f"{stem}.ipynb").read_bytes())

    def grade(self, submission, stems):
        """What a submission earned; it never raises for what a learner can do.

        Args:
            submission: the `Submission`.
            stems: names of the assignment's notebooks, such as ["03_padding_modes"].

        Raises:
            grading.channel.Gone, grading.sandbox.NoSandbox: this machine can't start a process
                for it; no fault of the submission's.
        """
        start = time.monotonic()
        about = {"student": submission.student, "assignment": submission.assignment}
        if submission.reason:
            return Result(**about, reason=submission.reason)
        results, notes, reasons = [], [], []
        for stem in stems:
            release = self.release(stem)
            try:
                works = self._works(release, submission.paths.get(stem))
            except rebuild.Ungradable as reason:
                reasons.append(str(reason))
                works = {name: rebuild.Work(None) for name in release.exercises}
            graded, noted = self._notebook(works)
            results += graded
            notes += noted
        seconds = round(time.monotonic() - start, 3)
        if len(reasons) == len(stems):
            return Result(**about, reason=reasons[0], seconds=seconds)
        return Result(**about, exercises=tuple(results), notes=(*reasons, *notes), seconds=seconds)

    def _works(self, release, path):
        if path is None:
            raise rebuild.Ungradable("missing file: the notebook was not handed in")
        return rebuild.rebuild(release, rebuild.read_submission(Path(path)))

    def _notebook(self, works):
        """The results of one notebook's exercises, and notes on it."""
        around = Around()
        results = []
        for name, work in works.items():
            results.append(self._exercise(name, work, around))
        return results, around.notes

    def _exercise(self, name, work, around):
        """The result of one exercise."""
        if work.source is None:
            return self._result(name, "missing", f"There is no cell for {name}.")
        result, ended = self._attempt(name, work, around)
        if result is None:  # the scoring process ended, perhaps by another's doing
            result, ended = self._attempt(name, work, around)
        if result is None:
            around.notes.append(f"{name} could not be checked: {readable(ended)}")
            return self._result(name, "crashed", NOT_SHOWN)
        if ended and "within" not in ended and any(work.others):
            # Perhaps it was one of the other cells, which are run when the exercise's own stops.
            alone = rebuild.Work(work.source, work.before)
            result = self._attempt(name, alone, around)[0] or result
        return result

    def _attempt(self, name, work, around):
        """A result, and why the learner's process ended before its time or None.

        Where the scoring process ended there is no result.
        """
        exercise = self.exercises[name]
        trains = getattr(exercise, "trains", False)
        seconds = TRAINING_SECONDS if trains else CALL_SECONDS
        request = {
            "exercise": name,
            "source": work.source,
            "others": [
                [source for source in step if source not in around.skipped] for step in work.others
            ],
            "seconds": seconds,
            "processor": TRAINING_COMPUTING_SECONDS if trains else COMPUTING_SECONDS,
            "seed": seed_of(self.seed, name),
        }
        with self._learner(name, work, around, 3 * seconds + CELLS_SECONDS) as learner:
            try:
                answer = self.scorer.ask(request, learner.channel, 2 * seconds + 60)
            except Gone as gone:
                answer = {"failed": str(gone)}
            if "failed" in answer:
                return None, answer["failed"]
            why = learner.why(0.2) if answer.get("ended") else ""
        return self._scored(name, answer, why), answer.get("ended")

    @contextlib.contextmanager
    def _learner(self, name, work, around, seconds):
        """A process of the sandbox in which the cells above the exercise's own have run."""
        forbidden = self.exercises[name].forbidden
        limits = {"wall": seconds + 30, "cpu": 2 * seconds + 60}
        for deaths in range(MOST_DEATHS + 1):
            learner = self._opened(name, forbidden, limits)
            try:
                if deaths < MOST_DEATHS:
                    around.run(work.before, learner)
                break
            except Gone:
                learner.close()
            except BaseException:
                learner.close()
                raise
        with learner:
            yield learner

    def _opened(self, name, forbidden, limits):
        """A process of the sandbox; a fork that fails is tried again.

        It fails as long as the many processes of a learner before are still ending.
        """
        for pause in PAUSES:
            try:
                return self.sandbox.open(name, forbidden, **limits)
            except Gone:
                time.sleep(pause)
        self.sandbox.stop()  # the next one starts with nobody else's processes
        self.sandbox.start(self.sandbox.warm)
        return self.sandbox.open(name, forbidden, **limits)

    def _scored(self, name, answer, why):
        """The result that the scorer's answer says."""
        feedback = [str(line) for line in answer["feedback"]]
        if answer["outcome"] == "crashed" and why not in ("", "let go", "the process ended"):
            feedback.insert(0, f"Your code was stopped: {why}.")
        return ExerciseResult(
            name,
            answer["score"],
            float(self.exercises[name].points),
            answer["outcome"],
            answer["misconception"],
            tuple(feedback),
            tuple((what, got, most) for what, got, most in answer["parts"]),
            answer["seconds"],
        )

    def _result(self, name, outcome, line):
        points = float(self.exercises[name].points)
        return ExerciseResult(name, 0.0, points, outcome, feedback=(line,))


class Around:
    """The cells around the exercises of one notebook: what became of them, for all exercises.

    Attributes:
        skipped: sources of cells that are not run again.
        notes: on each of these, for the instructor.
    """

    def __init__(self):
        self.skipped, self.notes = set(), []

    def run(self, sources, learner):
        """Run cells, one after another; one that fails is passed over.

        Raises:
            Gone: the process ended; the cell that did it will be skipped.
        """
        end = time.monotonic() + CELLS_SECONDS
        for source in sources:
            if source in self.skipped:
                continue
            left = min(end - time.monotonic(), CELL_SECONDS)
            if left <= 0:
                self._skip(source, "all the cells above it took too long")
                continue
            try:
                request = {"do": "cell", "source": source, "seconds": left}
                answer = learner.channel.ask(request, left + 2)
            except Gone as gone:
                self._skip(source, str(gone))
                raise
            if answer.get("cell") == "it took too long":
                self._skip(source, "it took too long")

    def _skip(self, source, why):
        self.skipped.add(source)
        line = readable(source.strip().split("\n")[0][:60])
        self.notes.append(f"a cell was skipped, {why}: {line}")


class Scorer:
    """The process of `grading.scorer`, started again when it ends.

    Args:
        confined: whether it runs in bubblewrap, where it sees helpers and data only.
    """

    def __init__(self, confined=True):
        if confined:
            assert_confinement()
        self.confined = confined
        self.start()

    def start(self):
        """Start the process; it is ready some seconds later."""
        ours, theirs = socket.socketpair()
        script = ROOT / "grading" / "scorer.py"
        places = {}
        if self.confined:
            places = {f"/course/{name}": ROOT / name for name in ("helpers", "data", "grading")}
            script = "/course/grading/scorer.py"
        line = command([str(script), str(theirs.fileno())], places, self.confined)
        self.process = start(line, theirs)
        self.connection, self.channel, self.ready = ours, Channel(ours), False

    def stop(self):
        """End the process."""
        self.channel.close()
        end(self.process)

    def ask(self, request, learner, seconds):
        """The scorer's answer to a request on the learner's process behind a channel.

        Raises:
            Gone: it ended or took too long; it has been started again.
        """
        if self.process.poll() is not None:  # ended while nobody asked: nobody's fault
            self.stop()
            self.start()
        try:
            if not self.ready:
                self.channel.receive(START_SECONDS)
                self.ready = True
            try:
                socket.send_fds(self.connection, [b"F"], [learner.fileno()])
            except OSError as error:
                raise Gone(f"the scoring process does not answer ({error})") from None
            return self.channel.ask(request, seconds)
        except Gone as gone:
            words = last_words(self.process)
            self.stop()
            self.start()
            raise Gone(f"{gone}; the scoring process said: {words}") from None


def seed_of(secret, name):
    """The seed of an exercise's cases: it follows from the secret, and does not tell it."""
    digest = hashlib.sha256(f"{secret}\n{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def main():
    """Grade single files by hand: `python -m grading.judge STEM FILE ...`."""
    from grading.result import Submission

    stem, *files = sys.argv[1:]
    with Judge() as judge:
        for file in files:
            made = judge.grade(Submission(file, stem, {stem: Path(file)}), [stem])
            print(made.to_json())


if __name__ == "__main__":
    main()
