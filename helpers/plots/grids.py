"""Small grids of numbers, cell by cell."""

import numpy as np

from helpers.plots.images import check_limits
from helpers.plots.style import (
    ACCENT,
    INK,
    LINE,
    SIGNED,
    draw_box,
    draw_outline,
    readable_on,
    real_array,
    set_frame,
    set_title,
)
from helpers.plots.words import (
    count_of,
    describe,
    number,
    numbers_in_words,
    on_paper,
    scale_of,
    shape_in_words,
)

MOST_CELLS = 400  # a grid with more numbers than this could not be read


def draw_grid(ax, values, title=None, padding=0, window=None, colours="pixels", limits=None):
    """Draw a small array with its numbers in the cells.

    Args:
        ax: the Matplotlib Axes to draw on; ``grid_axes`` makes fitting ones.
        values: ``(H, W)``, or ``(W,)`` for one row.
        title: what the array is.
        padding: zeros drawn around it, in pixels: a count for all sides, a pair
            ``(before, after)`` for both directions, or ``((top, bottom), (left, right))``.
        window: the kernel's window, ``(row, column, height, width)`` in pixels, outlined; or a
            list of them. Row 0 and column 0 are the first real pixel, so that a window may
            begin at -1, in the padding.
        colours: ``"pixels"``, brighter grey for larger numbers; or ``"signed"``, orange for
            positive, blue for negative and white for zero.
        limits: the numbers ``(lowest, highest)`` that get the darkest and the brightest grey,
            or the fullest blue and orange; what the values range over when None.

    Raises:
        ValueError: an argument is none of these, or there are too many numbers to read.

    Example:
        >>> fig, ax = grid_axes((3, 3))
        >>> draw_grid(ax, np.eye(3), title="Identity", window=(0, 0, 2, 2))
        >>> print(in_words(fig))
        Identity: 3 rows, 3 columns.
        1, 0, 0
        0, 1, 0
        0, 0, 1
        Outlined: rows 0 to 1, columns 0 to 1.
    """
    values = np.atleast_2d(real_array("values", values))
    (top, bottom), (left, right) = sides = _sides(padding)
    height, width = values.shape[0] + top + bottom, values.shape[1] + left + right
    _check_grid(values, height * width)
    paint = np.ones((height, width, 3))
    inside = (slice(top, height - bottom), slice(left, width - right))
    paint[inside] = _cell_colours(values, colours, limits)
    edges = (-left - 0.5, width - left - 0.5, height - top - 0.5, -top - 0.5)
    ax.imshow(paint, extent=edges, interpolation="nearest")
    ax.vlines(np.arange(edges[0] + 1, edges[1]), edges[3], edges[2], LINE, linewidth=0.8)
    ax.hlines(np.arange(edges[3] + 1, edges[2]), edges[0], edges[1], LINE, linewidth=0.8)
    draw_box(ax, -top, -left, height, width, colour=LINE, thickness=0.8)
    draw_box(ax, 0, 0, *values.shape)
    _write_numbers(ax, np.pad(values.astype("float64"), sides), paint, (top, left))
    set_frame(ax, height, width, (top, left), outline=False)
    set_title(ax, title)
    describe(ax, _grid_in_words(values, sides))
    draw_outline(ax, window)


def draw_kernel(ax, kernel, title=None, limits=None):
    """Draw a kernel: its weights as numbers, orange positive, blue negative, white zero.

    Args:
        ax: the Matplotlib Axes to draw on.
        kernel: ``(KH, KW)``.
        title: the kernel's name.
        limits: ``(lowest, highest)`` for the fullest blue and orange; what the weights range
            over when None.
    """
    draw_grid(ax, kernel, title=title, colours="signed", limits=limits)


def draw_equal(ax, one, other, title=None):
    """Draw between two small grids, cell by cell, whether their numbers are equal.

    Args:
        ax: the Matplotlib Axes to draw on, as large as those of the grids.
        one, other: ``(H, W)`` each.
        title: what the signs are.

    Raises:
        ValueError: the arrays differ in shape, or have too many numbers to read.

    Example:
        >>> fig, ax = grid_axes((1, 2))
        >>> draw_equal(ax, [[1, 2]], [[1, 3]])
        >>> in_words(fig)
        'Equal: 1 of 2 cells.'
    """
    one, other = real_array("one", one), real_array("other", other)
    if one.shape != other.shape:
        raise ValueError(f"other must have the shape of one, {one.shape}, got {other.shape}")
    _check_grid(one, one.size)
    for (row, column), same in np.ndenumerate(np.equal(one, other)):
        style = {"color": INK} if same else {"color": ACCENT, "fontweight": "bold"}
        ax.text(column, row, "=" if same else "≠", ha="center", va="center", fontsize=13, **style)
    set_frame(ax, *one.shape, outline=False)
    set_title(ax, title)
    describe(ax, f"Equal: {np.equal(one, other).sum()} of {count_of(one.size, 'cell')}.")


def _write_numbers(ax, values, paint, before):
    scale = scale_of(values)
    texts = [on_paper(number(value, scale=scale)) for value in values.ravel()]
    size = 10 if max(len(text) for text in texts) <= 4 else 9
    for (row, column), text in zip(np.ndindex(values.shape), texts, strict=True):
        place = (column - before[1], row - before[0])
        ink = readable_on(paint[row, column])
        ax.text(*place, text, ha="center", va="center", color=ink, fontsize=size)


def _check_grid(values, count):
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"values must have shape (H, W) or (W,), got {values.shape}")
    if count > MOST_CELLS:
        raise ValueError(
            f"values must have at most {MOST_CELLS} numbers, padding included, to be readable, "
            f"got {count}; draw_image and draw_signed draw larger ones"
        )


def _sides(padding):
    """``((top, bottom), (left, right))``, from any of the ways to give a padding."""
    try:
        sides = np.broadcast_to(np.asarray(padding), (2, 2))
    except ValueError:
        sides = np.array(-1)
    if not np.issubdtype(sides.dtype, np.integer) or sides.min() < 0:
        raise ValueError(
            "padding must be a count, (before, after) or ((top, bottom), (left, right)), "
            f"each at least 0 pixels, got {padding!r}"
        )
    return tuple((int(before), int(after)) for before, after in sides)


def _cell_colours(values, colours, limits):
    values = values.astype("float64")
    if colours == "signed":
        limit = max(map(abs, check_limits(limits))) if limits is not None else scale_of(values)
        paint = SIGNED(0.5 + values / limit / 2)[:, :, :3]
    elif colours == "pixels":
        low, high = check_limits(limits) if limits is not None else range_of(values)
        share = np.clip((values - low) / (high - low), 0, 1)
        paint = np.repeat((0.32 + 0.5 * share)[:, :, np.newaxis], 3, axis=2)
    else:
        raise ValueError(f'colours must be "pixels" or "signed", got {colours!r}')
    return np.where(np.isfinite(values)[:, :, np.newaxis], paint, 0.75)


def range_of(values):
    """The lowest and the highest finite number; of equal ones, limits that put them halfway."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if low < high else (low - 1, high + 1)


def _grid_in_words(values, sides):
    (top, bottom), (left, right) = sides
    said = f"{shape_in_words(values.shape)}.\n{numbers_in_words(values, most=MOST_CELLS)}"
    if top or bottom or left or right:
        said += (
            f"\nZeros around it, in pixels: {top} above, {bottom} below, "
            f"{left} on the left, {right} on the right."
        )
    return said
