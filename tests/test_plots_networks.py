"""Drawings of blocks and of costs: what is drawn is what was given, in words too."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots

BOXES = {"input": (0, 0.5), "3 x 3\n8": (1, 0), "1 x 1": (1, 1), "sum": (2, 0.5)}
ARROWS = [("input", "3 x 3\n8"), ("input", "1 x 1"), ("3 x 3\n8", "sum"), ("1 x 1", "sum")]


@pytest.fixture(autouse=True)
def course_defaults():
    plots.set_defaults()
    yield
    plt.close("all")


def mirrored(left=(2, 1, 0), right=(5, 50, 500), **options):
    fig, ax = plt.subplots()
    plots.draw_mirrored(ax, "abc", left, right, "weights", "work", **options)
    return fig, ax


def test_each_side_has_a_scale_of_its_own():
    _, ax = mirrored()
    lengths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(lengths, [-1, -0.5, 0, 0.01, 0.1, 1])


def test_mirrored_bars_say_each_number_with_its_unit():
    fig, ax = mirrored(left=(0.0617, 138.36, 0), unit=" M")
    said = "weights) and right (work): a 0.0617 M and 5.00 M; b 138 M and 50.0 M; c 0 M and 500 M."
    assert said in plots.in_words(fig)
    assert [text.get_text() for text in ax.texts][:3] == ["0.0617 M", "138 M", "0 M"]


def test_numbers_are_not_cut_off():
    fig, ax = mirrored(left=(1234, 1, 2), right=(1, 2, 1850), unit=" M")
    fig.canvas.draw()
    inside = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1


@pytest.mark.parametrize(
    ("left", "message"),
    [((1, 2), "left must have 3 numbers"), ((1, -2, 3), "left must be at least 0 everywhere")],
)
def test_mirrored_bars_refuse_what_they_cannot_draw(left, message):
    with pytest.raises(ValueError, match=message):
        mirrored(left=left)


def test_a_block_has_a_box_for_each_layer_and_an_arrow_for_each_path():
    fig, ax = plt.subplots()
    plots.draw_block(ax, BOXES, ARROWS, title="A block")
    assert [text.get_text() for text in ax.texts] == list(BOXES)
    assert len(ax.patches) == len(BOXES) + len(ARROWS)
    assert plots.in_words(fig) == (
        "A block: Boxes and arrows: input to 3 x 3 8, 1 x 1; 3 x 3 8 to sum; 1 x 1 to sum."
    )


def test_an_arrow_goes_around_a_box_that_is_in_its_way():
    fig, ax = plt.subplots()
    boxes = {"a": (0, 1.5), "b": (1, 1), "c": (2, 0)}
    plots.draw_block(ax, boxes, [("a", "c"), ("b", "c")])
    around, straight = (arrow.get_path().vertices for arrow in ax.patches[:2])
    np.testing.assert_allclose(around[0], [0, 1.2], atol=0.01)  # the upper edge of a
    assert straight[0][0] > 1 and abs(straight[0][1] - 1) < 0.01


def test_a_block_refuses_an_arrow_to_nowhere():
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"arrows must join boxes .*, got 'nowhere'"):
        plots.draw_block(ax, BOXES, [("input", "nowhere")])
    with pytest.raises(ValueError, match="boxes must hold at least one box"):
        plots.draw_block(ax, {}, [])
