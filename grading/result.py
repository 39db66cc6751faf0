"""What goes into the judge and what comes out of it: a submission, its exercises' results.

All of it is plain data, so that a result can cross to another process, be kept as JSON, and be
read by someone who does not have the submission.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from helpers.checks.score import OUTCOMES as SCORED

# "missing": no cell for this exercise was found. "crashed": the learner's process ended, or had
# to be ended, before it could answer.
OUTCOMES = (*SCORED, "missing", "crashed")


@dataclass(frozen=True)
class Submission:
    """The files that one student handed in for one assignment.

    Args:
        student: the student's name or number, as the gradebook knows it.
        assignment: the assignment's name.
        paths: file by the stem of the notebook that it is of, such as "03_padding_modes".
        reason: why it can't be graded, in words for the instructor; None if it can.
    """

    student: str
    assignment: str
    paths: dict[str, Path] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise of a submission earned.

    Args:
        exercise: the exercise's name.
        score: points earned, from 0 to `points`, rounded as `helpers.checks.score.Score` rounds.
        points: the most that can be earned; 0 for a practice exercise.
        outcome: one of `OUTCOMES`.
        misconception: name of the one that explains every answer, two joined by " + ", or None.
        feedback: plain lines for the student, the most important first.
        parts: (what, earned share, possible share) for each property of the answer.
        seconds: wall time that the check took.
    """

    exercise: str
    score: float
    points: float
    outcome: str
    misconception: str | None = None
    feedback: tuple[str, ...] = ()
    parts: tuple[tuple[str, float, float], ...] = ()
    seconds: float = 0.0

    def __post_init__(self):
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {OUTCOMES}, got {self.outcome!r}")
        if not 0 <= self.score <= self.points:  # NaN is refused here, too
            raise ValueError(f"score must be from 0 to {self.points}, got {self.score!r}")


@dataclass(frozen=True)
class Result:
    """What one submission earned.

    Args:
        student, assignment: those of the submission.
        exercises: one result for each exercise of the assignment, in its order; empty when
            there is a `reason`.
        reason: why nothing could be graded, as a short name and what it means; else None.
        notes: what the instructor should know, such as "an added cell was skipped".
        seconds: wall time that the submission took.
    """

    student: str
    assignment: str
    exercises: tuple[ExerciseResult, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def score(self):
        """Points earned in all."""
        return round(sum(result.score for result in self.exercises), 2)

    @property
    def points(self):
        """Points that can be earned in all."""
        return round(sum(result.points for result in self.exercises), 2)

    def to_json(self):
        """This result as one line of JSON."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text):
        """The result that `to_json` wrote as `text`."""
        plain = json.loads(text)
        exercises = tuple(
            ExerciseResult(
                **item
                | {
                    "feedback": tuple(item["feedback"]),
                    "parts": tuple(map(tuple, item["parts"])),
                }
            )
            for item in plain["exercises"]
        )
        return cls(**plain | {"exercises": exercises, "notes": tuple(plain["notes"])})
