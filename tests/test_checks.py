"""Every check, held against right answers, broken ones and every misconception."""

import re
import sys
import time
from functools import partial

import nbformat
import numpy as np
import pytest
from answers import (
    BROKEN,
    EXERCISES,
    MISCONCEPTIONS,
    blanket_answers,
    broken,
    function_of,
    in_the_notebook,
    noisy,
    same_vector,
    slipped,
    solution,
    stub,
    vector,
)
from nbgrader.utils import determine_grade

from helpers import checks
from helpers.checks.attempt import FunctionAttempt, code_of
from helpers.checks.exercise import judge

few_and_many_seeds = pytest.mark.parametrize(
    "seeds",
    [range(1, 6), pytest.param(range(6, 21), marks=pytest.mark.slow)],
    ids=["seeds 1-5", "seeds 6-20"],
)
NAMESAKES = [  # exercises that a helper of the same name solves
    name
    for name, exercise in EXERCISES.items()
    if any(re.fullmatch(rf"helpers\.\w+\.{name}", other) for other in exercise.forbidden)
]
FORBIDDEN = sorted({name for exercise in EXERCISES.values() for name in exercise.forbidden})


@pytest.fixture(params=["in the notebook", "in a child"])
def attempt(request):
    """Makes the attempt of a cell, over each of the two transports."""
    if request.param == "in the notebook":
        return in_the_notebook
    return request.getfixturevalue("child").attempt


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_earns_all_points(name, attempt):
    exercise = EXERCISES[name]
    score = judge(exercise, attempt(solution(name), name, exercise.forbidden))
    assert (score.outcome, score.share, float(score)) == ("right", 1.0, float(exercise.points))
    assert score.feedback == [exercise.proved]


@few_and_many_seeds
@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_earns_all_points_with_other_seeds(name, seeds, attempt):
    exercise = EXERCISES[name]
    made = attempt(solution(name), name, exercise.forbidden)
    seeds = seeds[:2] if exercise.trains else seeds
    assert [judge(exercise, made, seed).outcome for seed in seeds] == ["right"] * len(seeds)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_untouched_stub_is_not_an_attempt(name, attempt):
    score = judge(EXERCISES[name], attempt(stub(name), name))
    assert (score.outcome, float(score)) == ("not attempted", 0.0)


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("name", EXERCISES)
def test_a_broken_answer_earns_nothing_and_is_told_why(name, how, attempt):
    score = judge(EXERCISES[name], attempt(broken(name, how), name))
    assert score.outcome == ("error" if how in ("throws", "exits") else "wrong")
    assert score.share == 0 and score.misconception is None
    said = " ".join(score.feedback)
    wanted = {"throws": "on purpose", "returns None": "return", "exits": "SystemExit"}
    assert wanted.get(how, name) in said


@pytest.mark.parametrize("name", EXERCISES)
def test_printing_and_warning_costs_nothing(name, attempt, capfd):
    made = attempt(noisy(name), name, EXERCISES[name].forbidden)
    capfd.readouterr()
    score = judge(EXERCISES[name], made)
    assert score.outcome == "right"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", NAMESAKES)
def test_the_helper_of_the_same_name_may_not_be_borrowed(name, attempt):
    exercise = EXERCISES[name]
    module = next(f for f in exercise.forbidden if f.endswith(f".{name}")).rpartition(".")[0]
    source = f"from {module} import {name} as borrowed\n\ndef {name}(*args, **kwargs):\n"
    score = judge(exercise, attempt(f"{source}    return borrowed(*args, **kwargs)\n", name,
                                    exercise.forbidden))  # fmt: skip
    assert (score.outcome, score.share) == ("borrowed", 0)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_name_exists(name):
    module = name.rpartition(".")[0]
    while module and module not in sys.modules:
        try:
            __import__(module)
        except ImportError:
            module = module.rpartition(".")[0]
    assert code_of(name), f"{name} is no function whose calls can be noticed"


@pytest.mark.parametrize(("name", "slip"), MISCONCEPTIONS)
def test_a_misconception_is_named_and_costs_points(name, slip, attempt):
    exercise = EXERCISES[name]
    score = judge(exercise, attempt(slipped(name, slip), name))
    question = next(m.question for m in exercise.misconceptions if m.name == slip)
    others = {m.question for m in exercise.misconceptions} - {question}
    assert score.misconception == slip
    assert score.share <= 0.85 + 1e-9  # sums of shares are not exact
    assert score.feedback[0] == question and not others & set(score.feedback)


@few_and_many_seeds
@pytest.mark.parametrize("name", EXERCISES)
def test_the_cases_tell_every_two_misconceptions_apart(name, seeds):
    exercise = EXERCISES[name]
    for seed in seeds[:2] if exercise.trains else seeds:
        cases = exercise.cases(np.random.default_rng(seed))
        vectors = {"right": vector(exercise, cases, exercise.expected)}
        for slip in (m.name for m in exercise.misconceptions):
            vectors[slip] = vector(exercise, cases, partial(exercise.answer_with, {slip}))
        names = list(vectors)
        alike = [
            (one, other)
            for i, one in enumerate(names)
            for other in names[i + 1 :]
            if same_vector(exercise, vectors[one], vectors[other])
        ]
        assert not alike, f"seed {seed}"


@pytest.mark.parametrize("name", EXERCISES)
def test_the_model_without_slips_is_right(name):
    exercise = EXERCISES[name]
    cases = exercise.cases(np.random.default_rng(5))
    ours = vector(exercise, cases, partial(exercise.answer_with, frozenset()))
    assert same_vector(exercise, ours, vector(exercise, cases, exercise.expected))


@pytest.mark.parametrize("name", EXERCISES)
def test_an_answer_that_knows_nothing_earns_at_most_a_fifth(name):
    exercise = EXERCISES[name]
    for what, function in blanket_answers(exercise).items():
        for seed in (0, 1, 2):
            score = judge(exercise, FunctionAttempt(function, name), seed)
            assert score.share <= 0.2, f"{what}, seed {seed}"


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_complete(name):
    exercise = EXERCISES[name]
    assert sum(part.share for part in exercise.parts) == pytest.approx(1)
    assert sum(part.share for part in exercise.parts if part.form) <= 0.2
    assert len(exercise.misconceptions) >= 4 and len(exercise.hints) == 2
    cases = exercise.cases(np.random.default_rng(0))
    parts = {part.name for part in exercise.parts if not part.form}
    assert {case.part for case in cases} == parts
    assert all(str(checks.hint(name, number)) for number in (1, 2))


@pytest.mark.parametrize("name", EXERCISES)
def test_the_same_seed_gives_the_same_score(name):
    exercise = EXERCISES[name]
    slip = exercise.misconceptions[0].name
    scores = [judge(exercise, in_the_notebook(slipped(name, slip), name), 7) for _ in range(2)]
    assert float(scores[0]) == float(scores[1]) and scores[0].feedback == scores[1].feedback
    assert scores[0]._repr_html_() == scores[1]._repr_html_()


@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_takes_less_than_a_second_or_10_if_it_trains(name):
    exercise = EXERCISES[name]
    made = in_the_notebook(solution(name), name, exercise.forbidden)

    def seconds():
        start = time.perf_counter()
        judge(exercise, made)
        return time.perf_counter() - start

    if exercise.trains:
        assert seconds() < 10
    else:  # the quickest of three: the machine does other things too
        assert min(seconds() for _ in range(3)) < 1


@pytest.mark.parametrize("name", [n for n, e in EXERCISES.items() if e.points])
def test_nbgrader_reads_the_score_as_partial_credit(name):
    exercise = EXERCISES[name]
    slip = exercise.misconceptions[0].name
    for source in (solution(name), stub(name), slipped(name, slip), broken(name, "throws")):
        score = judge(exercise, in_the_notebook(source, name))
        assert grade_by_nbgrader(exercise, score) == (float(score), exercise.points)


def grade_by_nbgrader(exercise, score):
    """What nbgrader makes of a check cell that ended in `score`."""
    cell = nbformat.v4.new_code_cell("check")
    cell.metadata["nbgrader"] = {
        "grade_id": "check", "grade": True, "solution": False, "locked": True,
        "points": exercise.points, "schema_version": 3, "task": False,
    }  # fmt: skip
    data = {"text/plain": repr(score), "text/html": score._repr_html_()}
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    return determine_grade(cell)


def test_calling_a_check_records_the_progress():
    checks.find("same_padding")(function_of(slipped("same_padding", "extra_first"), "same_padding"))
    assert "same_padding" in repr(checks.progress())


def test_an_unknown_exercise_is_named_in_the_error():
    with pytest.raises(ValueError, match="got 'same_paddin'"):
        checks.find("same_paddin")
    with pytest.raises(ValueError, match="number must be from 1 to 2, got 3"):
        checks.hint("same_padding", 3)


def test_two_misconceptions_at_once_are_both_named():
    answer = slipped("same_padding", "extra_first", "dilation_ignored")
    score = judge(EXERCISES["same_padding"], in_the_notebook(answer, "same_padding"))
    assert score.misconception == "extra_first + dilation_ignored"
