"""One row of pixels, curves, bars and dots."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.plots.style import ACCENT, CURVES, INK, LINE, NEGATIVE, POSITIVE, real_array, set_title
from helpers.plots.words import count_of, describe, number, numbers_in_words, on_paper, scale_of


def draw_padding(ax, size, before, after, windows=None, values=None, title=None):
    """Draw one row of pixels with the zeros beside it, and kernel windows under it.

    Args:
        ax: the Matplotlib Axes to draw on; a wide and low one, such as ``figsize=(6, 1.6)``.
        size: pixels in the row; drawn grey.
        before, after: zeros on either side, in pixels; drawn white, with a 0.
        windows: kernel positions, each ``(first position, taps)`` in pixels, drawn as brackets
            under the row. Position 0 is the first real pixel.
        values: the numbers of the pixels, written into them; ``(size,)``.
        title: what the row is.

    Raises:
        ValueError: ``size`` is below 1, ``before`` or ``after`` below 0, or there are not
            ``size`` values.
    """
    _check_row(size, before, after, values)
    for position in range(-before, size + after):
        real = 0 <= position < size
        face = "0.7" if real else "white"
        ax.add_patch(Rectangle((position - 0.5, 0), 1, 1, facecolor=face, edgecolor=LINE))
        text = (
            number(values[position], scale=scale_of(values)) if real and values is not None else ""
        )
        ax.text(position, 0.5, on_paper(text if real else "0"), ha="center", va="center")
    ax.add_patch(Rectangle((-0.5, 0), size, 1, facecolor="none", edgecolor=INK, linewidth=1.5))
    windows = list(windows) if windows is not None else []
    for index, (first, taps) in enumerate(windows):
        _bracket(ax, first, first + taps - 1, index)
    _row_axis(ax, size, before, after, len(windows))
    set_title(ax, title)
    describe(ax, _row_in_words(size, before, after, windows, values))


def _check_row(size, before, after, values):
    lowest = {"size": (size, 1), "before": (before, 0), "after": (after, 0)}
    for name, (value, least) in lowest.items():
        if value < least:
            raise ValueError(f"{name} must be at least {least} pixels, got {value!r}")
    if values is not None and len(values) != size:
        raise ValueError(f"values must have {size} numbers, one a pixel, got {len(values)}")


def _bracket(ax, first, last, index):
    left, right, down = first - 0.42, last + 0.42, -0.25 - 0.42 * index
    ends = ([left, left, right, right], [down + 0.2, down, down, down + 0.2])
    ax.plot(*ends, color=ACCENT, linewidth=2.5, solid_joinstyle="miter", clip_on=False)


def _row_axis(ax, size, before, after, brackets):
    ax.set_xlim(-before - 0.6, size + after - 0.4)
    ax.set_ylim(-0.42 * brackets - 0.04, 1.1)
    ax.set_aspect("equal")
    ax.set_xticks(np.arange(-before, size + after))
    ax.set_xticklabels([on_paper(str(p)) for p in range(-before, size + after)])
    ax.set_yticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("position (pixels; 0 is the first real one)")


def _row_in_words(size, before, after, windows, values):
    row = f"Row of {count_of(size, 'pixel')}"
    if values is not None:
        row += f" ({numbers_in_words(values)})"
    said = f"{row}, {count_of(before, 'zero')} before it and {count_of(after, 'zero')} after it."
    if windows:
        spans = ", ".join(f"{first} to {first + taps - 1}" for first, taps in windows)
        said += f" Kernel windows: positions {spans}."
    return said


def draw_curve(ax, x, y, label=None, title=None, x_label=None, y_label=None):
    """Draw numbers against numbers: a line through points. Call it once for each curve.

    The curves of one Axes differ in colour, dashes and marker; with labels a legend tells
    which is which. A logarithmic axis is set before: then no number is too small for the words.

    Args:
        ax: the Matplotlib Axes to draw on.
        x, y: the points, ``(N,)`` each.
        label: the curve's name, when there are several.
        title: what is seen.
        x_label, y_label: the quantities, with their units.

    Raises:
        ValueError: ``x`` and ``y`` differ in length or are empty.
    """
    x, y = real_array("x", x).astype("float64"), real_array("y", y).astype("float64")
    if x.ndim != 1 or x.shape != y.shape or not x.size:
        raise ValueError(f"x and y must be two rows of equal length, got {x.shape} and {y.shape}")
    colour, dashes, marker = CURVES[len(ax.lines) % len(CURVES)]
    marker = marker if x.size <= 30 else ""
    ax.plot(x, y, dashes, color=colour, marker=marker, markersize=5, linewidth=1.8, label=label)
    if label is not None:
        ax.legend(loc="best")
    _label(ax, title, x_label, y_label)
    describe(ax, f"{label or 'Curve'}: {_points_in_words(ax, x, y)}.")


def _label(ax, title, x_label, y_label):
    set_title(ax, title)
    if x_label is not None:
        ax.set_xlabel(x_label)
    if y_label is not None:
        ax.set_ylabel(y_label)


def _points_in_words(ax, x, y, most=12):
    # What is 1e-12 of the largest is rounding error, but not on a logarithmic axis.
    scales = [
        0 if axis == "log" else 1e-6 * scale_of(values)
        for axis, values in ((ax.get_xscale(), x), (ax.get_yscale(), y))
    ]

    def point(i):
        return f"({number(x[i], scale=scales[0])}, {number(y[i], scale=scales[1])})"

    if x.size <= most:
        return ", ".join(point(i) for i in range(x.size))
    said = f"{x.size} points from {point(0)} to {point(-1)}"
    if np.isfinite(y).any():
        said += f"; lowest {point(np.nanargmin(y))}, highest {point(np.nanargmax(y))}"
    return said


def draw_bars(ax, labels, values, title=None, x_label=None):
    """Draw one horizontal bar for each name, with its number beside it.

    Args:
        ax: the Matplotlib Axes to draw on.
        labels: the names, from top to bottom.
        values: one number for each name. When some are negative, orange is positive and blue
            is negative.
        title: what is compared.
        x_label: the quantity, with its unit.

    Raises:
        ValueError: there is not one value for each label.
    """
    values = real_array("values", values).astype("float64")
    labels = [str(label) for label in labels]
    if values.shape != (len(labels),) or not labels:
        raise ValueError(f"values must have {len(labels)} numbers, one a label, got {values.shape}")
    signed = bool((values < 0).any())
    colours = np.where(values < 0, NEGATIVE, POSITIVE) if signed else "0.45"
    rows = np.arange(len(labels))
    ax.barh(rows, values, color=colours, height=0.7)
    texts = [_with_commas(value, scale_of(values)) for value in values]
    for row, value, text in zip(rows, values, texts, strict=True):
        _beside_bar(ax, row, value, text)
    ax.set_yticks(rows, labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    _bar_axis(ax, values, signed)
    _label(ax, title, x_label, None)
    pairs = [f"{label} {text}" for label, text in zip(labels, texts, strict=True)]
    describe(ax, f"Bars: {'; '.join(pairs)}.")


def _with_commas(value, scale):
    whole = np.isfinite(value) and value == round(value)
    return f"{int(value):,}" if whole else number(value, scale=1e-6 * scale)


def _beside_bar(ax, row, value, text):
    side = -1 if value < 0 else 1
    at = (value if np.isfinite(value) else 0, row)
    place = dict(xytext=(4 * side, 0), textcoords="offset points", va="center")
    ax.annotate(on_paper(text), at, ha="left" if side > 0 else "right", **place)


def _bar_axis(ax, values, signed):
    """From zero, with room for the numbers; these stand at the bars, so there are no ticks."""
    finite = np.append(values[np.isfinite(values)], 0)
    low, high = finite.min(), finite.max()
    room = 0.25 * ((high - low) or 1)
    ax.set_xlim(low - room * signed, high + room)
    ax.set_xticks([])
    ax.axvline(0, color=INK, linewidth=1)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)


def draw_dots(ax, groups, title=None, x_label=None, ringed=None):
    """Draw one dot for each number, in a row for each group: the spread over seeds.

    Args:
        ax: the Matplotlib Axes to draw on.
        groups: dict from each group's name to its numbers, from top to bottom.
        title: what is compared.
        x_label: the quantity, with its unit.
        ringed: ``(name, number)`` of one more dot, drawn with a ring: one's own run.

    Raises:
        ValueError: there is no group, or a group without numbers, or no group for the ring.
    """
    if not groups or not all(len(values) for values in groups.values()):
        raise ValueError(f"groups must have numbers in each group, got {groups!r}")
    if ringed is not None and ringed[0] not in groups:
        raise ValueError(f"ringed must name one of {', '.join(groups)}, got {ringed[0]!r}")
    for row, (name, values) in enumerate(groups.items()):
        values = real_array(f"groups[{name!r}]", values).astype("float64")
        ax.plot(values, np.full(values.size, row), "o", color=INK, alpha=0.6, markersize=6)
        describe(ax, f"{name}: {', '.join(number(value) for value in values)}.")
    if ringed is not None:
        row = list(groups).index(ringed[0])
        ax.plot(ringed[1], row, "o", markersize=12, mfc="none", mec=ACCENT, mew=2.5)
        describe(ax, f"Ringed, in {ringed[0]}: {number(float(ringed[1]))}.")
    ax.set_yticks(range(len(groups)), list(groups))
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.grid(axis="x", color=LINE, linewidth=0.5)
    _label(ax, title, x_label, None)
