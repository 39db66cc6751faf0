"""All exercises and their misconceptions as a table: `python -m helpers.checks`.

For each: what an answer with it earns, and the first words that the learner reads.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

from helpers import checks
from helpers.checks.attempt import FunctionAttempt
from helpers.checks.exercise import judge

WORDS = 90  # characters of the feedback that the table shows


def rows():
    """The rows of the table: exercise, misconception, what it earns, first words."""
    for exercise in checks.exercises().values():
        for misconception in exercise.misconceptions:
            slips = frozenset({misconception.name})

            def answer(*args, slips=slips, exercise=exercise, **arguments):
                return exercise.answer_with(slips, *args, **arguments)

            score = judge(exercise, FunctionAttempt(answer, exercise.name))
            earned = f"{float(score):g} of {exercise.points:g}"
            if not exercise.points:
                earned = f"practice, {score.share:.0%}"
            words = score.feedback[0][:WORDS].rsplit(" ", 1)[0]
            yield exercise.name, misconception.name, earned, f"{words} ..."


def main():
    print("| exercise | misconception | earns | first words of the feedback |\n|---|---|---|---|")
    for row in rows():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
