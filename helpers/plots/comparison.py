"""What was wanted beside what came."""

import numpy as np

from helpers.plots.figure import panel_axes
from helpers.plots.grids import draw_grid, range_of
from helpers.plots.images import draw_image, draw_signed
from helpers.plots.style import real_array
from helpers.plots.words import scale_of


def compare_arrays(input, expected, yours):
    """A figure of what went in, what was wanted, what came back, and their difference.

    Small arrays are drawn with their numbers, larger ones as pictures. Of arrays with images
    and channels, the one image and channel that differs most is drawn. When the shapes differ
    there is no difference to draw, and the titles give the shapes. Right and wrong answer
    share their scale, so that equal numbers have equal colours.

    Args:
        input: what the function was called with; drawn when it is one map, ``(H, W)``, or
            images of one channel, ``(N, H, W, 1)``.
        expected: the right answer, an array of 1 to 4 axes.
        yours: the learner's answer, an array of 1 to 4 axes.

    Returns:
        The Figure; ``plots.show`` shows it.

    Raises:
        ValueError: ``expected`` or ``yours`` is not such an array.
    """
    expected, yours = _numbers("expected", expected), _numbers("yours", yours)
    if expected.shape != yours.shape:
        answers = [("Expected", expected), ("Yours", yours)]
        answers = [(f"{name}, shape {array.shape}", _map_at(array)) for name, array in answers]
        return _draw_panels(_input_panel(input), answers)
    image, channel = _most_different(expected, yours)
    maps = [_map_at(array, image, channel) for array in (expected, yours)]
    answers = [("Expected", maps[0]), ("Yours", maps[1])]
    headline = _place(expected.shape, image, channel)
    if not _agree(*maps):
        answers.append(("Yours − expected", _difference(*maps)))
        headline = headline and f"{headline}: the largest difference"
    return _draw_panels(_input_panel(input, image), answers, headline)


def _agree(expected, yours):
    return np.allclose(yours, expected, rtol=0, atol=1e-6 * scale_of(expected), equal_nan=True)


def _difference(expected, yours):
    with np.errstate(invalid="ignore"):  # infinity less infinity is drawn as "nan"
        return yours - expected


def _numbers(name, value):
    array = real_array(name, value).astype("float64")
    if not 1 <= array.ndim <= 4 or array.size == 0:
        raise ValueError(f"{name} must be an array of 1 to 4 axes, got shape {array.shape}")
    return array


def _most_different(expected, yours):
    """The (image, channel) of the largest difference; 0 for what the arrays do not have."""
    if expected.ndim < 3:
        return 0, 0
    finite = [np.nan_to_num(a, posinf=1e30, neginf=-1e30) for a in (expected, yours)]
    off = np.abs(finite[0] - finite[1])
    place = np.unravel_index(np.argmax(off), off.shape)
    return (int(place[0]) if expected.ndim == 4 else 0), int(place[-1])


def _map_at(array, image=0, channel=0):
    """The (H, W) of one image and channel; an array of one axis becomes one row."""
    if array.ndim <= 2:
        return np.atleast_2d(array)
    return array[..., channel] if array.ndim == 3 else array[image, ..., channel]


def _place(shape, image, channel):
    """Which of several images and channels is drawn, as a headline; None if there is but one."""
    said = [f"image index {image}"] if len(shape) == 4 and shape[0] > 1 else []
    said += [f"channel index {channel}"] if len(shape) > 2 and shape[-1] > 1 else []
    return ", ".join(said).capitalize() or None


def _input_panel(input, image=0):
    """The input as a panel, if it is one map: (H, W), or images of one channel."""
    if np.ndim(input) == 4 and np.shape(input)[3] == 1 and image < np.shape(input)[0]:
        input = np.asarray(input)[image, :, :, 0]
    return [("Input", _numbers("input", input))] if np.ndim(input) == 2 else []


def _draw_panels(before, answers, headline=None):
    signed = any((array < 0).any() for _, array in answers[:2])
    limits = _common_limits([array for _, array in answers[:2]])
    panels = before + answers
    maps = any(not _small(array) for _, array in panels)
    sizes, titles = [_panel_size(array) for _, array in panels], [name for name, _ in panels]
    fig, axes = panel_axes(sizes, titles, headline, below=0.3 * maps)
    for ax, (name, array) in zip(axes, before, strict=False):
        _draw_panel(ax, array, name, bool((array < 0).any()), None)
    for ax, (name, array) in zip(axes[len(before) :], answers[:2], strict=False):
        _draw_panel(ax, array, name, signed, limits)
    for ax, (name, array) in zip(axes[len(before) + 2 :], answers[2:], strict=True):
        _draw_panel(ax, array, name, True, None)
    return fig


def _common_limits(arrays):
    return range_of(np.concatenate([array.ravel() for array in arrays] + [[0.0]]))


def _small(array):
    return array.size <= 100 and max(array.shape) <= 16


def _panel_size(array):
    height, width = array.shape
    if _small(array):
        return 0.48 * height, 0.48 * width
    return 2.2 * max(min(height / width, 1), 0.1), 2.2 * max(min(width / height, 1), 0.1)


def _draw_panel(ax, array, title, signed, limits):
    if _small(array):
        draw_grid(ax, array, title, colours="signed" if signed else "pixels", limits=limits)
    elif signed:
        draw_signed(ax, array, title, limit=max(map(abs, limits)) if limits else None)
    else:
        draw_image(ax, array, title, limits=limits or _common_limits([array]))
