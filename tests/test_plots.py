"""A drawing says in words what it shows, is readable, and is the same on every run."""

import base64
import io
import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from helpers import datasets, plots
from helpers.plots.style import luminance

RNG = np.random.default_rng(0)
SMALL = np.arange(1, 17).reshape(4, 4)


@pytest.fixture(autouse=True)
def course_defaults():
    plots.set_defaults()
    yield
    plt.close("all")


def grid_words(values, **options):
    fig, ax = plots.grid_axes(np.atleast_2d(values).shape)
    plots.draw_grid(ax, values, **options)
    return plots.in_words(fig)


def words_of(draw, *arguments, **options):
    fig, ax = plt.subplots()
    draw(ax, *arguments, **options)
    return plots.in_words(fig)


def pixels(shown):
    return np.asarray(Image.open(io.BytesIO(shown.png)))


# --- show and describe


def test_words_give_titles_and_axis_labels_of_all_axes_in_order():
    fig, (left, right) = plt.subplots(1, 2)
    fig.suptitle("Two\ncurves")
    plots.draw_curve(left, [0, 1], [2, 3], title="Up", x_label="step", y_label="loss (nats)")
    plots.draw_curve(right, [0, 1], [3, 2], title="Is it down?")
    assert plots.in_words(fig).splitlines() == [
        "Two curves",
        "Up: Curve: (0, 2), (1, 3).",
        "Horizontal axis: step. Vertical axis: loss (nats).",
        "Is it down? Curve: (0, 3), (1, 2).",
    ]


def test_a_drawing_without_words_is_named_in_the_error():
    fig, (left, right) = plt.subplots(1, 2)
    plots.draw_curve(left, [0, 1], [2, 3])
    right.plot([1, 2])
    right.set_title("Forgotten")
    with pytest.raises(ValueError, match=r"axes 2 of 2 \('Forgotten'\).*plots.describe\(ax, text"):
        plots.show(fig)


def test_text_alone_needs_words_too():
    fig, ax = plt.subplots()
    ax.text(0.5, 0.5, "7")
    with pytest.raises(ValueError, match="has no words"):
        plots.show(fig)


def test_empty_and_hidden_axes_need_no_words():
    fig, axes = plt.subplots(1, 3)
    plots.draw_curve(axes[0], [0], [1])
    axes[2].plot([1, 2])
    axes[2].set_visible(False)
    assert plots.in_words(fig) == "Curve: (0, 1)."


def test_a_colour_bar_needs_no_words_beside_those_of_its_map():
    fig, ax = plt.subplots()
    fig.colorbar(ax.imshow(SMALL))
    plots.describe(ax, "A map.")
    assert plots.in_words(fig) == "A map."


def test_a_figure_that_shows_nothing_is_refused():
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match="fig shows nothing"):
        plots.show(fig)


def test_an_empty_description_is_refused():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="text must say something about the drawing, got '  '"):
        plots.describe(ax, "  ")


def test_show_closes_the_figure_so_that_it_does_not_appear_twice():
    fig, ax = plt.subplots()
    plots.draw_curve(ax, [0, 1], [2, 3])
    plots.show(fig)
    assert plt.get_fignums() == []


def test_a_cell_displays_the_picture_with_its_words_and_then_the_details(monkeypatch):
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: calls.append((a, k)))
    fig, ax = plt.subplots(figsize=(3, 2))
    plots.draw_curve(ax, [0, 1], [2, 3], title="Loss < 4")
    shown = plots.show(fig)
    shown._ipython_display_()
    ((picture,), options), ((details,), _) = calls
    assert base64.b64decode(picture["image/png"]) == shown.png
    assert picture["text/plain"] == "Loss < 4: Curve: (0, 2), (1, 3)."
    alt = "Loss < 4. Described under the picture."
    assert options["metadata"] == {"image/png": {"width": 300, "height": 200, "alt": alt}}
    assert details["text/html"] == (
        "<details><summary>Figure in words</summary>"
        "<p>Loss &lt; 4: Curve: (0, 2), (1, 3).</p></details>"
    )


def test_html_needs_no_other_file_and_has_an_alternative_text():
    fig, ax = plt.subplots()
    plots.draw_curve(ax, [0, 1], [2, 3], title='A "curve"')
    html = plots.show(fig).html()
    assert 'alt="A &quot;curve&quot;. Described under the picture."' in html
    assert 'src="data:image/png;base64,' in html
    assert "(0, 2), (1, 3)" in html


def test_the_picture_has_the_size_of_the_figure_at_100_dots_per_inch():
    fig, ax = plt.subplots(figsize=(4.2, 1.7))
    plots.draw_curve(ax, [0, 1], [2, 3], title="A title that is far too long for the figure it has")
    shown = plots.show(fig)
    assert pixels(shown).shape == (170, 420, 3)
    assert (shown.height, shown.width) == (170, 420)


def test_the_picture_does_not_depend_on_settings_of_the_machine():
    def picture():
        plots.set_defaults()
        return plots.show(plots.compare_arrays(SMALL, SMALL, SMALL + 1)).png

    first = picture()
    plt.rcParams.update({"font.size": 20, "savefig.bbox": "tight", "savefig.dpi": 30})
    assert picture() == first


def test_setting_the_defaults_leaves_the_backend_alone():
    before = plt.get_backend()
    plots.set_defaults()
    assert plt.get_backend() == before


def test_a_photograph_makes_a_small_file_in_nearly_its_own_colours():
    cat = datasets.photo("cat")
    fig, ax = plots.image_axes(cat.shape, width=4.51, scale=False)
    plots.draw_image(ax, cat)
    shown = plots.show(fig)
    assert len(shown.png) < 130_000
    middle = pixels(shown)[80:280, 60:400].astype(float)
    assert abs(middle.mean((0, 1)) - cat[46:246, 50:390].mean((0, 1))).max() < 6


# --- numbers


@pytest.mark.parametrize(
    "value, text",
    [
        (3.0, "3"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (1 / 9, "0.111"),
        (-0.0625, "-0.0625"),
        (231.7, "232"),
        (1234567.0, "1234567"),
        (np.float32(0.1), "0.1"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_is_short_and_never_minus_zero(value, text):
    assert plots.number(value) == text


def test_a_hundred_numbers_are_all_said_and_more_are_summed_up():
    assert plots.numbers_in_words(np.arange(100).reshape(10, 10)).count(",") == 90
    more = plots.numbers_in_words(np.arange(101))
    assert more == "101 numbers; from 0 to 100, mean 50"


def test_an_array_of_four_axes_is_summed_up_with_its_axes_named():
    words = plots.numbers_in_words(np.ones((1, 2, 3, 4)))
    assert words == "1 image, 2 rows, 3 columns, 4 channels; from 1 to 1, mean 1"


def test_a_mean_that_cancels_is_called_zero():
    noise = np.concatenate([np.ones(200), -np.ones(200)]) + 1e-9
    assert plots.numbers_in_words(noise).endswith("mean 0")


def test_numbers_that_are_missing_are_counted():
    values = np.full(200, np.nan)
    assert plots.numbers_in_words(values).endswith("no finite number")
    values[0] = 2
    assert plots.numbers_in_words(values).endswith("from 2 to 2, mean 2; 199 not finite")


# --- pictures and maps


def test_a_photograph_is_described_by_shape_and_range():
    words = words_of(plots.draw_image, datasets.photo("cat"), title="Chelsea")
    assert words == "Chelsea: Colour picture of 300 rows, 451 columns; from 0 to 231, mean 120."


def test_black_and_white_do_not_depend_on_what_else_is_in_the_picture():
    fig, ax = plt.subplots()
    plots.draw_image(ax, np.array([[0.5, 0.6]]))
    np.testing.assert_array_equal(ax.images[0].get_array(), [[128, 153]])
    assert ax.images[0].get_clim() == (0, 255)


def test_one_channel_is_drawn_as_grey():
    assert "Grey picture of 5 rows, 4 columns" in words_of(plots.draw_image, np.zeros((5, 4, 1)))


def test_numbers_outside_0_to_1_need_limits():
    with pytest.raises(ValueError, match=r"limits=\(black, white\); got float64 from -3 to 1"):
        words_of(plots.draw_image, np.array([[-3.0, 1.0]]))
    assert "from -3 to 1" in words_of(plots.draw_image, np.array([[-3.0, 1.0]]), limits=(-3, 3))


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4, 3), (4, 4, 2)])
def test_an_image_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=re.escape(f"got {shape}")):
        words_of(plots.draw_image, np.zeros(shape))


def test_the_signed_scale_is_symmetric_so_that_white_is_zero():
    fig, ax = plt.subplots()
    plots.draw_signed(ax, np.array([[-1.0, 0.0], [4.0, 2.0]]))
    assert ax.images[0].get_clim() == (-4, 4)
    assert plots.SIGNED(0.5)[:3] == (1, 1, 1)
    red, green, blue, _ = plots.SIGNED(1.0)
    assert red > green > blue
    red, green, blue, _ = plots.SIGNED(0.0)
    assert blue > green > red


def test_each_of_several_maps_is_described():
    words = words_of(plots.draw_signed, np.stack([np.zeros((9, 9)), np.ones((9, 9))], axis=2))
    assert words.splitlines() == [
        "2 signed maps of 9 rows, 9 columns.",
        "Map 0: from 0 to 0, mean 0.",
        "Map 1: from 1 to 1, mean 1.",
    ]


def test_a_limit_that_cuts_numbers_off_is_said_and_marked_on_the_scale():
    fig, ax = plt.subplots()
    plots.draw_signed(ax, np.array([[-1.0, 5.0]]), limit=2)
    assert "Full colour from 2 on, either way." in plots.in_words(fig)
    ticks = [label.get_text() for label in ax.child_axes[0].get_xticklabels()]
    assert ticks == ["≤ −2", "0", "≥ +2"]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_is_not_above_zero_is_named(limit):
    with pytest.raises(ValueError, match=f"limit must be above 0, got {limit}"):
        words_of(plots.draw_signed, SMALL, limit=limit)


# --- grids


def test_a_grid_says_all_its_numbers_its_padding_and_its_window():
    words = grid_words(SMALL, title="Image", padding=(1, 2), window=(-1, -1, 3, 3))
    assert words.splitlines() == [
        "Image: 4 rows, 4 columns.",
        "1, 2, 3, 4",
        "5, 6, 7, 8",
        "9, 10, 11, 12",
        "13, 14, 15, 16",
        "Zeros around it, in pixels: 1 above, 2 below, 1 on the left, 2 on the right.",
        "Outlined: rows -1 to 1, columns -1 to 1.",
    ]


def test_a_changed_number_changes_the_words():
    changed = SMALL.copy()
    changed[2, 1] = 11
    assert grid_words(changed) != grid_words(SMALL)


def test_padding_is_drawn_white_with_a_zero_and_pixels_never_white():
    fig, ax = plots.grid_axes((6, 6))
    plots.draw_grid(ax, SMALL, padding=1)
    paint = ax.images[0].get_array()
    assert (paint[0] == 1).all() and (paint[:, -1] == 1).all()
    assert paint[1:-1, 1:-1].max() < 0.9
    assert [text.get_text() for text in ax.texts[:6]] == ["0"] * 6


def test_padding_may_differ_on_each_side():
    words = grid_words(SMALL, padding=((0, 1), (2, 3)))
    assert "0 above, 1 below, 2 on the left, 3 on the right" in words


@pytest.mark.parametrize("padding", [-1, 1.5, "same", (1, 2, 3), (1, -1)])
def test_padding_that_is_none_is_named(padding):
    with pytest.raises(ValueError, match=r"padding must be a count.*" + re.escape(repr(padding))):
        grid_words(SMALL, padding=padding)


def test_several_windows_may_be_outlined():
    words = grid_words(SMALL, window=[(0, 0, 2, 2), (0, 2, 2, 2)])
    assert words.endswith("rows 0 to 1, columns 0 to 1; rows 0 to 1, columns 2 to 3.")


@pytest.mark.parametrize("window", [(0, 0, 3), (0, 0, 0, 3)])
def test_a_window_that_is_none_is_named(window):
    with pytest.raises(ValueError, match=r"window must be \(row, column, height, width\)"):
        grid_words(SMALL, window=window)


@pytest.mark.parametrize("colours", ["pixels", "signed"])
def test_every_number_can_be_read_on_its_cell(colours):
    values = np.linspace(-1, 1, 100).reshape(10, 10)
    fig, ax = plots.grid_axes((10, 10))
    plots.draw_grid(ax, values, colours=colours)
    for cell, text in zip(ax.images[0].get_array().reshape(-1, 3), ax.texts, strict=True):
        light, dark = sorted([luminance(cell), luminance(text.get_color())])[::-1]
        assert (light + 0.05) / (dark + 0.05) >= 4.5
        assert text.get_fontsize() >= 9


def test_a_grid_of_equal_numbers_can_be_drawn():
    assert "3, 3" in grid_words(np.full((2, 2), 3))


def test_colours_that_do_not_exist_are_named():
    with pytest.raises(ValueError, match='colours must be "pixels" or "signed", got \'red\''):
        grid_words(SMALL, colours="red")


def test_a_grid_too_large_to_read_is_refused_with_what_to_use_instead():
    with pytest.raises(ValueError, match="at most 400 numbers.*got 784; draw_image"):
        grid_words(np.zeros((28, 28)))


@pytest.mark.parametrize("values", [np.array([["a"]]), np.array([[1j]]), [[1], [2, 3]]])
def test_what_is_no_array_of_numbers_is_named(values):
    with pytest.raises(ValueError, match="values must be an array"):
        plots.draw_grid(plt.subplots()[1], values)


def test_grids_side_by_side_have_cells_of_one_size():
    fig, axes = plots.grid_axes((6, 6), (3, 3), (4, 1), titles=["a", "b", "a long title\nof two"])
    for ax, columns in zip(axes, [6, 3, 1], strict=True):
        assert ax.get_window_extent().width == pytest.approx(48 * columns, abs=0.01)


def test_signs_between_two_grids_say_where_they_are_equal():
    fig, ax = plots.grid_axes((2, 2))
    plots.draw_equal(ax, [[1, 2], [3, 4]], [[1, 2], [3, -4]])
    assert plots.in_words(fig) == "Equal: 3 of 4 cells."
    signs = {(text.get_position()): text.get_text() for text in ax.texts}
    assert signs == {(0, 0): "=", (1, 0): "=", (0, 1): "=", (1, 1): "≠"}


def test_signs_need_two_grids_of_one_shape():
    with pytest.raises(ValueError, match=r"other must have the shape of one, \(2, 2\)"):
        plots.draw_equal(plt.figure().add_subplot(), np.ones((2, 2)), np.ones((1, 2)))


def test_a_kernel_is_drawn_with_its_signs():
    fig, ax = plots.grid_axes((3, 3))
    plots.draw_kernel(ax, [[1, 0, -1]] * 3, title="Prewitt x")
    np.testing.assert_allclose(ax.images[0].get_array()[0, 0], to_rgb(plots.POSITIVE), atol=1e-6)
    np.testing.assert_allclose(ax.images[0].get_array()[0, 2], to_rgb(plots.NEGATIVE), atol=1e-6)


# --- rows, curves, bars


def test_a_padded_row_says_its_zeros_and_windows():
    words = words_of(plots.draw_padding, 6, 0, 1, windows=[(0, 3), (4, 3)], values=range(1, 7))
    assert words.splitlines() == [
        "Row of 6 pixels (1, 2, 3, 4, 5, 6), 0 zeros before it and 1 zero after it. "
        "Kernel windows: positions 0 to 2, 4 to 6.",
        "Horizontal axis: position (pixels; 0 is the first real one).",
    ]


@pytest.mark.parametrize("arguments, name", [((0, 1, 1), "size"), ((3, -1, 0), "before")])
def test_a_row_with_a_count_too_low_is_named(arguments, name):
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        words_of(plots.draw_padding, *arguments)


def test_a_row_needs_one_value_for_each_pixel():
    with pytest.raises(ValueError, match="values must have 3 numbers, one a pixel, got 2"):
        words_of(plots.draw_padding, 3, 0, 0, values=[1, 2])


def test_a_long_curve_is_said_by_its_ends_and_extremes():
    x = np.linspace(0, 1, 101)
    words = words_of(plots.draw_curve, x, (x - 0.5) ** 2)
    assert words == (
        "Curve: 101 points from (0, 0.25) to (1, 0.25); lowest (0.5, 0), highest (0, 0.25)."
    )


def test_a_small_number_of_a_curve_is_not_called_zero():
    assert "(1, 1e-09)" in words_of(plots.draw_curve, [0, 1], [1.0, 1e-9])


def test_no_number_of_a_curve_is_too_small_for_a_logarithmic_axis():
    def drawn(ax):
        ax.set_yscale("log")
        plots.draw_curve(ax, [0, 1, 2], [1e13, 1.5, 1e-21])

    assert words_of(drawn).endswith("Curve: (0, 10000000000000), (1, 1.5), (2, 1e-21).")


def test_curves_of_one_axes_differ_in_colour_dashes_and_marker():
    fig, ax = plt.subplots()
    for name in "abcd":
        plots.draw_curve(ax, [0, 1], [2, 3], label=name)
    styles = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert all(len(set(part)) == 4 for part in zip(*styles, strict=True))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcd")


@pytest.mark.parametrize("x, y", [([1, 2], [1]), ([], []), ([[1]], [[1]])])
def test_a_curve_needs_as_many_x_as_y(x, y):
    with pytest.raises(ValueError, match="x and y must be two rows of equal length"):
        words_of(plots.draw_curve, np.array(x, float), np.array(y, float))


def test_bars_say_each_name_with_its_number():
    words = words_of(plots.draw_bars, ["AlexNet", "VGG"], [61e6, 0.5], title="Size")
    assert words == "Size: Bars: AlexNet 61,000,000; VGG 0.5."


def test_bars_need_a_value_for_each_label():
    with pytest.raises(ValueError, match=r"values must have 2 numbers, one a label, got \(3,\)"):
        words_of(plots.draw_bars, ["a", "b"], [1, 2, 3])


def test_dots_say_each_number_of_each_group_and_the_ringed_one():
    words = words_of(plots.draw_dots, {"a": [0.5, 0.75], "b": [1]}, ringed=("b", 0.25))
    assert words == "a: 0.5, 0.75.\nb: 1.\nRinged, in b: 0.25."


def test_dots_need_numbers_and_a_group_for_the_ring():
    with pytest.raises(ValueError, match="groups must have numbers"):
        words_of(plots.draw_dots, {"a": []})
    with pytest.raises(ValueError, match="ringed must name one of a, got 'b'"):
        words_of(plots.draw_dots, {"a": [1]}, ringed=("b", 1))


# --- comparisons


def test_a_wrong_answer_is_shown_beside_the_right_one_with_the_difference():
    fig = plots.compare_arrays(SMALL, np.array([[1, 2]]), np.array([[1, 5]]))
    words = plots.in_words(fig)
    assert [ax.get_title() for ax in fig.axes] == ["Input", "Expected", "Yours", "Yours − expected"]
    assert words.endswith("Yours − expected: 1 row, 2 columns.\n0, 3")


def test_a_right_answer_has_no_difference_to_draw():
    fig = plots.compare_arrays(None, SMALL, SMALL + 1e-9)
    assert [ax.get_title() for ax in fig.axes] == ["Expected", "Yours"]


def test_equal_numbers_have_equal_colours_in_both_answers():
    fig = plots.compare_arrays(None, np.array([[-1.0, 2.0]]), np.array([[-1.0, 9.0]]))
    expected, yours = (ax.images[0].get_array() for ax in fig.axes[:2])
    np.testing.assert_array_equal(expected[0, 0], yours[0, 0])


def test_the_image_and_channel_that_differ_most_are_drawn():
    expected = RNG.normal(size=(2, 4, 4, 3))
    yours = expected.copy()
    yours[1, 2, 2, 0] += 1
    fig = plots.compare_arrays(np.ones((2, 6, 6, 1)), expected, yours)
    assert fig.get_suptitle() == "Image index 1, channel index 0: the largest difference"
    assert len(fig.axes) == 4


def test_answers_of_other_shapes_are_drawn_with_their_shapes():
    fig = plots.compare_arrays(None, np.ones((2, 3)), np.ones((1, 3, 2, 1)))
    assert [ax.get_title() for ax in fig.axes] == [
        "Expected, shape (2, 3)",
        "Yours, shape (1, 3, 2, 1)",
    ]


@pytest.mark.parametrize("shape", [(3,), (4, 5), (28, 28), (2, 9, 9, 3)])
@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -1e30])
def test_any_wrong_answer_can_be_shown_without_a_warning(shape, spoilt):
    expected = RNG.normal(size=shape).astype("float32")
    yours = expected.copy()
    yours[0] = spoilt
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)
        for right, answer in [(expected, yours), (abs(expected), abs(yours)), (expected, yours.T)]:
            fig = plots.compare_arrays(expected, right, answer)
            assert plots.in_words(fig)
            fig.canvas.draw()


@pytest.mark.parametrize("yours", ["text", None, 3.0, np.zeros((0, 2)), np.zeros((1,) * 5), [1j]])
def test_what_cannot_be_drawn_is_named(yours):
    with pytest.raises(ValueError, match="yours must be an array"):
        plots.compare_arrays(None, SMALL, yours)
