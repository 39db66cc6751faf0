"""The notebook that nbgrader's formgrader shows: the release, with the learner's answers in it.

Its Markdown and its layout are ours; of the learner's there is only the code of the exercises, and
every output is plain text.
"""

import nbformat

from grading.gradebook import CHECK
from grading.pages import printable
from grading.rebuild import read_release, read_submission, rebuild


def as_graded(released, result, path=None):
    """A copy of a released notebook (nbformat) with the learner's code and the checks' words.

    Args:
        released: the notebook as it was handed out.
        result: the `Result` of the submission.
        path: the submitted file, or None if there is none.
    """
    copy = nbformat.from_dict(released)
    answers = {} if path is None else _answers(released, path)
    earned = {item.exercise: item for item in result.exercises}
    for cell in copy.cells:
        mark = cell.metadata.get("nbgrader", {})
        name = mark.get("grade_id", "")
        if mark.get("solution") and answers.get(name) is not None:
            cell.source = printable(answers[name])
        elif mark.get("grade"):
            cell.outputs = _outputs(earned.get(name.removesuffix(CHECK)), result.reason)
    return copy


def _answers(released, path):
    """The sources of the exercises in a submitted file, by name; none if it can't be read."""
    try:
        release = read_release(nbformat.writes(released).encode())
        work = rebuild(release, read_submission(path))
    except Exception:  # whatever a learner's file does to us: the page is then without it
        return {}
    return {name: item.source for name, item in work.items()}


def _outputs(exercise, reason):
    """What stands under a check: its words and its score, as text."""
    if exercise is None:
        return [_text(f"Not graded. {reason}" if reason else "Not found in the submission.")]
    score = nbformat.v4.new_output("execute_result", {"text/plain": repr(float(exercise.score))})
    return [_text("\n".join((f"{exercise.outcome}", *exercise.feedback))), score]


def _text(text):
    return nbformat.v4.new_output("stream", name="stdout", text=printable(text) + "\n")
