"""A judge that needs no sandbox, for the tests of what stands around it.

It reads from the first code cell of a notebook what to do: a share of the points to give, or a
way to fail.
"""

import json
import os
import time
from contextlib import contextmanager
from pathlib import Path

from grading.result import ExerciseResult, Result

EXERCISES = {"same_padding": 5.0, "symmetric_conv": 3.0, "window_mean": 2.0, "pad_image": 0.0}
DIED = "died"  # beside a submission: its judge has died once


def notebook(told):
    """The text of a notebook that tells the judge what to do: a number or a word."""
    return json.dumps({"cells": [{"cell_type": "code", "source": str(told)}]})


class FakeJudge:
    """Gives what the submission tells it to give."""

    def grade(self, submission, stems):
        (path,) = submission.paths.values()
        told = json.loads(Path(path).read_text())["cells"][0]["source"]
        time.sleep(float(os.environ.get("FAKE_JUDGE_SECONDS", 0)))
        if told == "raise":
            raise RuntimeError("on purpose")
        if told == "sleep":
            time.sleep(3600)
        if told == "die" or (told == "die once" and self._for_the_first_time(path)):
            os._exit(9)
        share = 1.0 if told == "die once" else float(told)
        exercises = tuple(result_of(name, points, share) for name, points in EXERCISES.items())
        return Result(submission.student, submission.assignment, exercises, seconds=0.01)

    @staticmethod
    def _for_the_first_time(path):
        mark = Path(os.environ["FAKE_JUDGE_MARKS"], DIED)
        if mark.exists():
            return False
        mark.touch()
        return True


def result_of(name, points, share):
    """The result of one exercise that earned a share of its points."""
    outcome, misconception = ("right", None) if share == 1 else ("wrong", "extra_first")
    feedback = ("Which side gets the extra zero?", f"{name}(size=6) returned (1, 0).")
    parts = (("kind and shape", 0.2, 0.2), ("values", 0.8 * share, 0.8))
    score = round(points * share, 2)
    return ExerciseResult(name, score, points, outcome, misconception, feedback, parts, 0.01)


@contextmanager
def opened(settings):
    """A fake judge, as `schedule.open_judge` gives a real one."""
    yield FakeJudge()


@contextmanager
def refused(settings):
    """A judge that can't be opened."""
    raise RuntimeError("bubblewrap is missing")
    yield
