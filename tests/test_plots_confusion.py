"""The drawn confusion matrix has every count, in the cells and in words, and can be read."""

import doctest

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers import plots
from helpers.plots import confusion
from helpers.plots.style import luminance

COUNTS = np.array([[7, 0, 3], [1, 9, 0], [0, 0, 5]])
NAMES = ["bag", "coat", "dress"]


@pytest.fixture
def ax():
    plots.set_defaults()
    _, ax = plt.subplots(figsize=(3, 3))
    yield ax
    plt.close("all")


def test_every_cell_has_its_count(ax):
    plots.draw_confusion(ax, COUNTS, NAMES)
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(j, i): str(count) for (i, j), count in np.ndenumerate(COUNTS)}


def test_names_stand_at_rows_and_columns(ax):
    plots.draw_confusion(ax, COUNTS, NAMES)
    assert [label.get_text() for label in ax.get_xticklabels()] == NAMES
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer", "true class")


def test_the_words_name_the_commonest_error_first(ax):
    counts = COUNTS + [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    plots.draw_confusion(ax, counts, NAMES, title="Test images")
    said = plots.in_words(ax.figure).splitlines()
    assert said[0] == "Test images: Rows are true classes, columns are answers."
    assert said[1] == "bag: 7 of 11 right; 3 taken for dress; 1 taken for coat."
    assert said[3] == "dress: 5 of 5 right."


def test_numbers_stand_out_from_their_cells(ax):
    plots.draw_confusion(ax, [[500, 480, 20], [0, 1000, 0], [300, 300, 400]], NAMES)
    paint = ax.images[0].get_array()
    for text in ax.texts:
        if text.get_text() != "0":
            column, row = text.get_position()
            pair = sorted([luminance(paint[row, column]), luminance(to_rgb(text.get_color()))])
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_a_class_without_images_and_a_matrix_without_errors_can_be_drawn(ax):
    plots.draw_confusion(ax, np.diag([3, 0]), ["bag", "coat"])
    assert "coat: 0 of 0 right." in plots.in_words(ax.figure)


def test_what_cannot_be_drawn_is_refused(ax):
    with pytest.raises(ValueError, match=r"counts must be a square.*got \(2, 3\)"):
        plots.draw_confusion(ax, COUNTS[:2], NAMES)
    with pytest.raises(ValueError, match=r"at most 20 classes, got \(21, 21\)"):
        plots.draw_confusion(ax, np.eye(21, dtype=int), range(21))
    with pytest.raises(ValueError, match="counts must be whole numbers from 0, got float64"):
        plots.draw_confusion(ax, COUNTS / 2, NAMES)
    with pytest.raises(ValueError, match="from -9"):
        plots.draw_confusion(ax, -COUNTS, NAMES)
    with pytest.raises(ValueError, match="names must have 3 names, one a class, got 2"):
        plots.draw_confusion(ax, COUNTS, NAMES[:2])


def test_the_example_of_the_docstring_runs():
    assert doctest.testmod(confusion).failed == 0
