"""Predictions: empty, right, off and unreadable, in each form."""

import doctest

import numpy as np
import pytest

from helpers import predictions

FORMS = {
    "number": (lambda p: predictions.number("q", p, 4, "pixels", surprise="Why."), 4, 6, "six"),
    "choice": (
        lambda p: predictions.choice("q", p, "B", {"A": "before", "B": "after"}, "Why."),
        "b", "A", "C",
    ),
    "ranking": (
        lambda p: predictions.ranking("q", p, ["x", "y", "z"], "Why."),
        ["x", "y", "z"], ["y", "x", "z"], ["x", "y"],
    ),
    "values": (
        lambda p: predictions.values("q", p, np.array([1, 2, 3]), surprise="Why."),
        [1, 2, 3], (1, 2, 4), [1, 2],
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def anew():
    predictions.forget()


@pytest.mark.parametrize("form", FORMS)
def test_nothing_predicted_shows_what_came_out(form):
    verdict = FORMS[form][0](None)
    assert verdict.outcome == "nothing predicted" and "It is " in verdict.text


@pytest.mark.parametrize("form", FORMS)
def test_a_right_prediction_matches(form):
    hold, right, _, _ = FORMS[form]
    assert hold(right).outcome == "matched"


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_prediction_is_told_why_it_surprises(form):
    hold, _, wrong, _ = FORMS[form]
    verdict = hold(wrong)
    assert verdict.outcome == "off" and verdict.text.endswith("Why.")


@pytest.mark.parametrize("form", FORMS)
def test_a_prediction_of_the_wrong_kind_is_no_exception(form):
    hold, _, _, odd = FORMS[form]
    assert hold(odd).outcome == "unreadable"
    assert hold(object()).outcome == "unreadable"


def test_how_far_off_a_number_is_has_its_words():
    assert "off by 2" in predictions.number("q", 6, 4).text
    assert predictions.number("q", 4.3, 4, tolerance=0.5).outcome == "matched"
    assert predictions.number("q", np.float32(4), 4).outcome == "matched"
    assert predictions.number("q", True, 1).outcome == "unreadable"


def test_the_recap_counts_each_question_once_and_lists_the_surprises():
    predictions.number("one", None, 4)
    predictions.number("one", 4, 4)
    predictions.number("two", 9, 4)
    predictions.number("three", None, 4)
    said = repr(predictions.recap())
    assert said.startswith("2 of 3 predicted, 1 matched.")
    assert "Remember: two" in said and "one" not in said.splitlines()[-1]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(predictions).failed == 0
