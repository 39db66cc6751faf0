"""The page that a student gets back: what each exercise earned, and why."""

from grading.pages import page, points
from helpers.checks.score import holds

VERDICT = {"error": "stopped with an error", "missing": "not found", "crashed": "gave no answer"}
WITH_PROPERTIES = ("wrong", "error")  # where it helps to see which properties hold


def feedback_page(result, title=None):
    """The feedback on one submission, as the text of an HTML file.

    The page needs no other file and no network. Nothing of the learner's is markup in it.

    Args:
        result: a `Result`.
        title: what the page is headed with; the name of the assignment if None.
    """
    exercises = [_shown(item) for item in result.exercises]
    return page(
        "feedback.html", result=result, title=title or result.assignment, exercises=exercises
    )


def _shown(item):
    """An exercise's result in the words of the page."""
    verdict = VERDICT.get(item.outcome, item.outcome)
    if item.points:
        verdict += f", {points(item.score)} of {points(item.points)} points"
    else:
        verdict += " (practice, no points)"
    parts = [_part(item, *part) for part in item.parts if item.outcome in WITH_PROPERTIES]
    return {
        "name": item.exercise,
        "outcome": item.outcome,
        "verdict": verdict,
        "feedback": item.feedback,
        "parts": parts,
    }


def _part(item, name, got, most):
    if item.points:
        worth = f"{points(item.points * got)} of {points(item.points * most)}"
    else:
        worth = f"{got:.0%} of {most:.0%}"
    return {"name": name, "holds": holds(got, most), "worth": worth}
