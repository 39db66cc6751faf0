"""A score: a number for nbgrader, words for a person."""

import pytest

from helpers.checks.score import Score


def score(**changes):
    given = {"name": "f", "points": 4, "share": 0.5, "outcome": "wrong", "feedback": ["a < b"]}
    return Score(**{**given, **changes})


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "2.0"), (1 / 3, "1.33"), (7, "4.0"), (-1, "0.0")]
)
def test_its_text_is_a_plain_number_within_the_points(share, text):
    assert repr(score(share=share)) == text and float(score(share=share)) == float(text)


def test_a_practice_exercise_earns_nothing():
    assert repr(score(points=0, share=1)) == "0.0"
    assert "practice" in score(points=0)._repr_html_()


def test_what_a_learner_wrote_is_text_in_the_html():
    assert "a &lt; b" in score()._repr_html_()
    assert "<script>" not in score(feedback=["<script>alert(1)</script>\n"])._repr_html_()


def test_a_picture_is_drawn_only_when_the_score_is_shown():
    drawn = []

    class Shown:
        def html(self):
            return "<img alt='described'>"

    def picture():
        drawn.append(1)
        return Shown()

    made = score(picture=picture)
    assert not drawn
    assert "described" in made._repr_html_() and drawn


def test_an_unknown_outcome_is_named_in_the_error():
    with pytest.raises(ValueError, match="got 'fine'"):
        score(outcome="fine")
