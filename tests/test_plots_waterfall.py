"""A waterfall has the numbers it was given, in the picture and in words."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_each_bar_begins_where_the_one_before_ends(ax):
    plots.draw_waterfall(ax, ["a", "b", "c"], [60, 75, 70], spread=[[59, 61], [75], [69, 71]])
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert spans == [(60, 60), (60, 75), (75, 70)]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]
    left, right = ax.get_xlim()
    assert left < 59 and right > 75


def test_it_says_in_words_what_each_step_adds(ax):
    plots.draw_waterfall(ax, ["plain", "more", "less"], [60, 75.5, 70], title="Gains")
    assert "Waterfall: plain 60; more +15.5; less -5.5." in plots.in_words(ax.figure)


def test_ones_own_run_is_ringed(ax):
    plots.draw_waterfall(ax, ["plain", "more"], [60, 75], ringed=("plain", 62))
    assert "Ringed, in plain: 62." in plots.in_words(ax.figure)
    plots.draw_waterfall(ax, ["plain", "more"], [60, 75], ringed=("plain", 40))
    assert ax.get_xlim()[0] < 40


def test_more_is_orange_and_less_is_blue(ax):
    plots.draw_waterfall(ax, ["a", "b", "c"], [1, 2, 1])
    colours = [plt.matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches[1:]]
    wanted = [plt.matplotlib.colors.to_hex(name) for name in (plots.POSITIVE, plots.NEGATIVE)]
    assert colours == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a"], [1, 2]), r"values must have 1 numbers, one a label, got \(2,\)"),
        (([], np.ones(0)), "values must have"),
        ((["a"], [1], None, None, None, ("b", 1)), "ringed must name one of a, got 'b'"),
        ((["a", "b"], [1, 2], [[1]]), "spread must have 2 rows, one a label, got 1"),
    ],
)
def test_numbers_that_do_not_fit_are_named(ax, arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.draw_waterfall(ax, *arguments)
