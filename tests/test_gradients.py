"""The checks on gradients: each of several values earns its own points and has its own words."""

import numpy as np
import pytest
from answers import EXERCISES, in_the_notebook, slipped

from helpers.checks.exercise import judge

BACK = "def linear_gradient(x, weights, upstream):\n    return {}\n"
RIGHT = ["upstream @ weights.T", "x.T @ upstream", "upstream.sum(axis=0)"]


def score_of(name, source):
    exercise = EXERCISES[name]
    return judge(exercise, in_the_notebook(source, name, exercise.forbidden))


def earned(score):
    return {name: got for name, got, _ in score.parts if got}


@pytest.mark.parametrize(
    ("wrong", "lost"), [(0, "the inputs"), (1, "the weights"), (2, "the bias")]
)
def test_one_wrong_gradient_costs_only_its_own_points(wrong, lost):
    items = [f"3 * ({item})" if i == wrong else item for i, item in enumerate(RIGHT)]
    score = score_of("linear_gradient", BACK.format(", ".join(items)))
    kept = {"the inputs", "the weights", "the bias"} - {lost}
    assert kept <= set(earned(score)) and lost not in earned(score)


def test_the_feedback_names_the_value_that_is_wrong():
    source = BACK.format(f"{RIGHT[0]}, {RIGHT[1]}, upstream.mean(axis=0)")
    said = score_of("linear_gradient", source).feedback
    assert ")[2] is np.array(" in said[0]
    assert "The same bias is added for every image" in said[1]


@pytest.mark.parametrize("value", ["0.5", "np.ones(3)"])
def test_one_value_where_two_are_due_is_told_so(value):
    source = f"def softmax_cross_entropy(scores, labels):\n    return {value}\n"
    score = score_of("softmax_cross_entropy", source)
    assert score.share == 0
    assert "where more are due" in " ".join(score.feedback)
    assert "The answer is a pair" in score.feedback[-1]


def test_whole_numbers_are_as_good_as_floats():
    source = (
        "def backward_gates(x, y, z, upstream):\n"
        "    if x * y >= z:\n        return [int(y + 1) * upstream, x * upstream, 0]\n"
        "    return np.array([upstream, 0, upstream])\n"
    )
    assert score_of("backward_gates", source).outcome == "right"


def test_zeros_without_a_point_do_not_hide_the_misconception():
    source = (
        "def backward_gates(x, y, z, upstream):\n"
        "    if x * y > z:\n        return y * upstream + upstream, x * upstream, 0\n"
        "    return upstream, 0, upstream\n"
    )
    assert score_of("backward_gates", source).misconception == "tie_to_z"


def test_two_slips_of_one_learner_are_both_named():
    source = slipped("softmax_cross_entropy", "overflow", "gradient_not_divided")
    score = score_of("softmax_cross_entropy", source)
    assert score.misconception == "overflow + gradient_not_divided"


def test_every_seed_draws_a_sure_and_wrong_answer():
    exercise = EXERCISES["softmax_cross_entropy"]
    for seed in range(5):
        cases = exercise.cases(np.random.default_rng(seed))
        assert max(exercise.expected(**case.arguments)[0] for case in cases) > 500
