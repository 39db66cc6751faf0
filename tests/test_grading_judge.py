"""The judge: honest submissions, however messy, earn what they deserve; a regrade the same."""

import copy
import json
import time

import build
import pytest
from answers import EXERCISES, slipped, solution, stub
from graded import (
    added,
    cell_of,
    code,
    exercises_of,
    graded,
    handed_out,
    judge,
    needs_sandbox,
    outcomes,
    place_of,
    solved,
)

from grading.channel import Gone
from grading.judge import seed_of
from grading.result import ExerciseResult, Result, Submission

pytestmark = needs_sandbox
STEM = "03_padding_modes"
PLOT = """
plt.plot([1, 2])
plt.show()
print("here")
display(plt.gcf())
"""
NOISE = """
import logging, os, sys, warnings
print("x" * 200_000)
print("to stderr", file=sys.stderr)
os.write(2, b"from below")
warnings.warn("careful")
logging.error("said")
"""


def full(result):
    """Whether every exercise of a result is right, for all its points."""
    return all(
        (item.outcome, item.score) == ("right", EXERCISES[item.exercise].points)
        for item in result.exercises
    )


def each_code_cell(notebook, change):
    """A copy in which `change(cell)` has been called on each code cell."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            change(cell)
    return made


def with_noise():
    sources = {name: NOISE + solution(name) for name in exercises_of(STEM)}
    return solved(STEM, **sources)


def noisy_inside():
    """Each function prints, warns and writes to stderr when it is called."""
    loud = {
        name: solution(name) + f"\n_quiet_{name} = {name}\n\ndef {name}(*args, **more):\n"
        f"    import sys, warnings\n    print('x', file=sys.stderr)\n    warnings.warn('x')\n"
        f"    plt.figure(); plt.plot([1])\n    return _quiet_{name}(*args, **more)\n"
        for name in exercises_of(STEM)
    }
    return solved(STEM, **loud)


def without_metadata():
    made = solved(STEM)
    for cell in made["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    made["metadata"] = {}
    return made


def without_ids():
    made = solved(STEM)
    for cell in made["cells"]:
        cell.pop("id", None)
    made["nbformat_minor"] = 4
    return made


def by_colab():
    """As Colab saves it: ids in the metadata, lines in a list, nbgrader's marks on some cells."""
    made = solved(STEM)
    for number, cell in enumerate(made["cells"]):
        cell["source"] = cell["source"].splitlines(True)
        cell["metadata"] = {"id": f"Xy{number}", "executionInfo": {"user": {"displayName": "A"}}}
        cell.pop("id", None)
    made["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    made["nbformat_minor"] = 0
    return made


def windows():
    made = each_code_cell(solved(STEM), lambda cell: cell.update(
        source=cell["source"].replace("\n", "\r\n")))  # fmt: skip
    return b"\xef\xbb\xbf" + json.dumps(made, indent=1).replace("\n", "\r\n").encode()


def reordered():
    made = solved(STEM)
    made["cells"] = [made["cells"][1], *reversed(made["cells"])]
    return made


def older():
    """A notebook of an earlier release: other text, other demonstrations, the same exercises."""
    made = solved(STEM)
    kept = [cell_of(made, name) for name in exercises_of(STEM)]
    for number, cell in enumerate(kept):
        cell["metadata"]["nbgrader"]["schema_version"] = 2
        cell["id"] = f"old{number}"
    demonstration = code("old = np.ones((3, 3))\nprint(old)", id="abcdef12")
    check = code("checks.padding.same_padding(same_padding)")
    title = {"cell_type": "markdown", "source": "# Padding", "metadata": {}}
    made["cells"] = [title, demonstration, *kept, check]
    return made


def format_3():
    made = solved(STEM)
    cells = [{"cell_type": c["cell_type"], "input" if c["cell_type"] == "code" else "source":
              c["source"], "metadata": {}} for c in made["cells"]]  # fmt: skip
    return {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}


def copied_cells():
    """Each exercise's cell twice, with one grade id, as copy and paste leaves it."""
    made = solved(STEM)
    for name in exercises_of(STEM):
        place = place_of(made, name)
        made["cells"].insert(place, copy.deepcopy(made["cells"][place]) | {"source": stub(name)})
    return made


def helper_above():
    source = solution("same_padding").replace("-(-size // stride)", "ceil_of(size / stride)")
    made = solved(STEM, same_padding=source)
    return added(made, "from math import ceil as ceil_of", "same_padding")


def helper_below():
    source = solution("same_padding").replace("-(-size // stride)", "ceil_of(size / stride)")
    made = solved(STEM, same_padding=source)
    place = place_of(made, "same_padding")
    made["cells"].insert(place + 2, code("from math import ceil as ceil_of"))
    return made


def name_of_a_demonstration():
    """The function uses a name that a cell of the notebook itself makes."""
    source = solution("window_mean").replace("return sums", "white.shape\n    return sums")
    return solved(STEM, window_mean=source)


def own_earlier_answer():
    source = solution("symmetric_conv").replace("padding.same_padding", "same_padding")
    return solved(STEM, symmetric_conv=source)


def extra_cells():
    made = solved(STEM)
    cells = ["1 / 0", "%matplotlib inline", "!pip install nothing", "%%time\nx = 1", "input()",
             "import time; time.sleep(0.1)", PLOT, "raise KeyboardInterrupt", "exit()",
             "checks.progress()", 'checks.hint("same_padding", 1)']  # fmt: skip
    for cell in cells:
        made = added(made, cell, "same_padding")
    return made


def magics_in_the_cell():
    source = "%matplotlib inline\n" + solution("same_padding") + "\n!ls\n%time same_padding(7, 3)\n"
    return solved(STEM, same_padding=source, window_mean="%%time\n" + solution("window_mean"))


def checked_in_the_cell():
    sources = {n: f"{solution(n)}\n\nchecks.padding.{n}({n})\n" for n in exercises_of(STEM)}
    return solved(STEM, **sources)


def compared_with_the_helper():
    """A learner compares with the helper, which raises here, below the function."""
    more = "\nprint(same_padding(7, 3), padding.same_padding(7, 3))\n"
    return solved(STEM, same_padding=solution("same_padding") + more)


def fails_below_the_function():
    return solved(
        STEM, same_padding=solution("same_padding") + "\nassert same_padding(1, 2) == 3\n"
    )


def edited_demonstrations():
    """Predictions written in, demonstrations played with; one would train for minutes."""

    def change(cell):
        if cell["source"].startswith("prediction = None"):
            cell["source"] = 'prediction = "B"'
        if "valid_or_same.run" in cell["source"]:
            cell["source"] = "while True: pass"

    return each_code_cell(solved(STEM), change)


def a_slow_cell_added():
    return added(solved(STEM), "import time\ntime.sleep(600)", "same_padding")


def a_deadly_cell_added():
    return added(solved(STEM), "import os\nos._exit(3)", "same_padding")


def renamed_to_markdown_and_back():
    """An exercise's cell without any id, in its place, with a decorator and another start."""
    made = solved(
        STEM, same_padding="import functools\n\n@functools.cache\n" + solution("same_padding")
    )
    cell = cell_of(made, "same_padding")
    cell["metadata"] = {}
    cell["id"] = "0c1d2e3f"
    return made


MESSY = [with_noise, noisy_inside, without_metadata, without_ids, by_colab, windows, reordered,
         older, format_3, copied_cells, helper_above, helper_below, name_of_a_demonstration,
         own_earlier_answer, extra_cells, magics_in_the_cell, checked_in_the_cell,
         compared_with_the_helper, fails_below_the_function, edited_demonstrations,
         a_slow_cell_added, a_deadly_cell_added, renamed_to_markdown_and_back]  # fmt: skip


@pytest.mark.parametrize("make", MESSY, ids=lambda make: make.__name__)
def test_an_honest_submission_keeps_full_marks(make, tmp_path):
    result = graded(make(), STEM, tmp_path)
    assert result.reason is None
    assert full(result), [item for item in result.exercises if item.outcome != "right"]


@pytest.mark.slow
@pytest.mark.parametrize("stem", [path.stem for path in build.sources()])
def test_the_solutions_of_every_notebook_have_full_marks(stem, tmp_path):
    result = graded(solved(stem), stem, tmp_path)
    assert full(result), [item for item in result.exercises if item.outcome != "right"]


def test_an_untouched_notebook_is_not_attempted(tmp_path):
    result = graded(handed_out(STEM), STEM, tmp_path)
    assert {item.outcome for item in result.exercises} == {"not attempted"}
    assert (result.score, result.points, result.reason) == (0, 10, None)


def test_a_wrong_answer_gets_the_same_words_as_in_the_notebook(tmp_path):
    source = (
        "def same_padding(size, kernel_size, stride=1, dilation=1):\n"
        "    total = max((-(-size // stride) - 1) * stride + dilation * (kernel_size - 1) + 1"
        " - size, 0)\n    return total - total // 2, total // 2\n"
    )
    result = graded(solved(STEM, same_padding=source), STEM, tmp_path)
    wrong = result.exercises[0]
    exercise = EXERCISES["same_padding"]
    assert wrong.outcome == "wrong" and 0 < wrong.score < 5
    question = next(m.question for m in exercise.misconceptions if m.name == wrong.misconception)
    assert wrong.feedback[0] == question
    assert sum(earned for _, earned, _ in wrong.parts) * 5 == pytest.approx(wrong.score)


def test_an_answer_with_the_checks_own_wrong_models_has_none_of_them_to_call(tmp_path):
    result = graded(solved(STEM, same_padding=slipped("same_padding")), STEM, tmp_path)
    assert result.exercises[0].score == 0


def test_a_cell_that_is_not_there_is_missing_and_costs_only_itself(tmp_path):
    made = solved(STEM)
    del made["cells"][place_of(made, "same_padding")]
    result = graded(made, STEM, tmp_path)
    assert outcomes(result)["same_padding"] == ("missing", 0)
    assert result.score == 5


def test_a_regrade_is_the_same_to_the_last_digit(tmp_path):
    source = "def same_padding(size, kernel_size, stride=1, dilation=1):\n    return 1, 1\n"
    made = solved(STEM, same_padding=source)
    first, second = graded(made, STEM, tmp_path), graded(made, STEM, tmp_path)

    def told(result):
        return [
            (r.score, r.outcome, r.misconception, r.feedback, r.parts) for r in result.exercises
        ]

    assert told(first) == told(second)


def test_the_seed_follows_from_the_secret_and_the_exercise():
    assert seed_of("a", "x") == seed_of("a", "x")
    assert len({seed_of(secret, name) for secret in "ab" for name in "xy"}) == 4


def test_several_notebooks_make_one_result(tmp_path):
    stems = [STEM, "04_output_size"]
    paths = {}
    for stem in stems:
        paths[stem] = tmp_path / f"{stem}.ipynb"
        paths[stem].write_text(json.dumps(solved(stem)))
    result = judge().grade(Submission("ada", "two", paths), stems)
    assert full(result) and result.points == 20
    del paths["04_output_size"]
    result = judge().grade(Submission("ada", "two", paths), stems)
    assert (result.score, result.points, result.reason) == (10, 20, None)
    assert any("not handed in" in note for note in result.notes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "unreadable JSON"),
        (b"{", "unreadable JSON"),
        (b"\xff\xfe\x00", "unreadable JSON"),
        (b"[" * 200_000, "unreadable JSON"),
        (b"9" * 100_000, "unreadable JSON"),
        (b"PK\x03\x04not a notebook", "unreadable JSON"),
        (b"[]", "not a notebook"),
        (b'{"cells": 3}', "not a notebook"),
        (b'{"cells": []}', "not this assignment"),
        (b'{"cells": [1, null, {}, {"cell_type": []}]}', "not this assignment"),
        (json.dumps({"cells": [code("x = 1")]}).encode(), "not this assignment"),
        (json.dumps({"cells": [code("1")] * 3000}).encode(), "too large"),
        (json.dumps({"cells": [code("x" * (2 << 20))]}).encode(), "too large"),
        (b" " * (65 << 20), "too large"),
    ],
    ids=range(14),
)
def test_what_cannot_be_graded_gets_a_named_reason(content, reason, tmp_path):
    result = graded(content, STEM, tmp_path)
    assert result.reason.startswith(reason)
    assert result.exercises == () and result.score == 0


def test_a_file_that_is_no_file_gets_a_named_reason(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "zero.ipynb").symlink_to("/dev/zero")
    for path in (tmp_path, tmp_path / "pipe.ipynb", tmp_path / "zero.ipynb", tmp_path / "none"):
        result = judge().grade(Submission("ada", STEM, {STEM: path}), [STEM])
        assert result.reason.startswith("unreadable file")
    result = judge().grade(Submission("ada", STEM, {}, reason="two files"), [STEM])
    assert result.reason == "two files"


def test_the_scorer_may_die_and_the_next_submission_is_graded(tmp_path):
    judge().scorer.process.kill()
    judge().scorer.process.wait()
    assert full(graded(solved(STEM), STEM, tmp_path))


def test_a_scorer_that_dies_at_work_costs_nothing(tmp_path, monkeypatch):
    asked = judge().scorer.channel.ask

    def dying(request, seconds):
        judge().scorer.process.kill()
        return asked(request, seconds)

    monkeypatch.setattr(judge().scorer.channel, "ask", dying)
    assert full(graded(solved(STEM), STEM, tmp_path))


def test_a_scorer_that_dies_of_one_exercise_costs_that_exercise(tmp_path, monkeypatch):
    asked = judge().scorer.ask

    def dying(request, learner, seconds):
        if request["exercise"] == "same_padding":
            raise Gone("it ended")
        return asked(request, learner, seconds)

    monkeypatch.setattr(judge().scorer, "ask", dying)
    result = graded(solved(STEM), STEM, tmp_path)
    assert [item.outcome for item in result.exercises] == ["crashed", *["right"] * 3]
    assert "same_padding could not be checked" in result.notes[0]


def test_the_sandbox_may_die_and_the_next_submission_is_graded(tmp_path):
    judge().sandbox.process.kill()
    judge().sandbox.process.wait()
    assert full(graded(solved(STEM), STEM, tmp_path))


def test_a_result_survives_as_json(tmp_path):
    result = graded(handed_out(STEM), STEM, tmp_path)
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("score", [float("nan"), -0.1, 5.1, float("inf")])
def test_a_score_outside_of_the_points_is_refused(score):
    with pytest.raises(ValueError, match="score"):
        ExerciseResult("same_padding", score, 5.0, "wrong")


def test_warm_grading_takes_a_second_or_two_a_submission(tmp_path):
    graded(solved(STEM), STEM, tmp_path)
    start = time.process_time()
    graded(solved(STEM), STEM, tmp_path)
    assert time.process_time() - start < 0.5  # of the judge itself; it never imports TensorFlow
