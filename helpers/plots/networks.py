"""Networks: how a block is put together, and what its layers cost."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from helpers.plots.style import CURVES, INK, LINE, real_array, set_title
from helpers.plots.words import describe

WIDTH, HEIGHT = 0.72, 0.6  # of a box, in columns and rows
SIDES = (CURVES[1][0], CURVES[2][0])  # colours of the left and the right bars


def draw_mirrored(ax, labels, left, right, left_label, right_label, unit="", title=None):
    """Draw two bars for each name, back to back: one quantity to the left, another to the right.

    Each side has a scale of its own, so that the longest bar on either side is equally long.

    Args:
        ax: the Matplotlib Axes to draw on.
        labels: the names, from top to bottom.
        left, right: one number for each name, at least 0; written beside its bar.
        left_label, right_label: the quantities.
        unit: of both, written behind each number, such as "%".
        title: what is compared.

    Raises:
        ValueError: there is not one number for each label, or one is negative.
    """
    labels = [str(label) for label in labels]
    sides = [_side(name, values, labels) for name, values in (("left", left), ("right", right))]
    rows = np.arange(len(labels))
    for sign, values, colour in zip((-1, 1), sides, SIDES, strict=True):
        lengths = sign * values / (values.max() or 1)
        ax.barh(rows, lengths, color=colour, height=0.72)
        for row, length, value in zip(rows, lengths, values, strict=True):
            ax.annotate(
                f"{_written(value)}{unit}", (length, row), xytext=(4 * sign, 0), va="center",
                textcoords="offset points", ha="left" if sign > 0 else "right", fontsize=9,
            )  # fmt: skip
    ax.set_xlim(-1.4, 1.4)  # room for the numbers beside the bars
    ax.set_xticks([-0.5, 0.5], [left_label, right_label], fontsize=10)
    ax.set_yticks(rows, labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.axvline(0, color=INK, linewidth=1)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    set_title(ax, title)
    pairs = [
        f"{label} {_written(a)}{unit} and {_written(b)}{unit}"
        for label, a, b in zip(labels, *sides, strict=True)
    ]
    describe(ax, f"Bars to the left ({left_label}) and right ({right_label}): {'; '.join(pairs)}.")


def _side(name, values, labels):
    values = real_array(name, values).astype("float64")
    if values.shape != (len(labels),) or not labels:
        raise ValueError(f"{name} must have {len(labels)} numbers, one a label, got {values.shape}")
    if not (values >= 0).all():
        raise ValueError(f"{name} must be at least 0 everywhere, got {values.min()}")
    return values


def _written(value):
    """Three digits that count, without powers of ten."""
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(value))))
    return f"{value:,.{digits}f}"


def draw_block(ax, boxes, arrows, title=None):
    """Draw layers as boxes and what goes from one to the next as arrows, from left to right.

    Args:
        ax: the Matplotlib Axes to draw on; for 5 columns and 4 rows about 7.5 x 2.6 inches.
        boxes: dict from each box's text to its place, ``(column, row)``; row 0 is on top.
            Fractions are allowed.
        arrows: pairs (from, to) of such texts. Where a box is in the way, the arrow goes up or
            down first.
        title: what is drawn.

    Raises:
        ValueError: there is no box, or an arrow names none of them.
    """
    if not boxes:
        raise ValueError("boxes must hold at least one box, got none")
    for end in (end for arrow in arrows for end in arrow):
        if end not in boxes:
            known = ", ".join(map(_line, boxes))
            raise ValueError(f"arrows must join boxes ({known}), got {end!r}")
    for source, target in arrows:
        _draw_arrow(ax, boxes, source, target)
    for text, (x, y) in boxes.items():
        corner = (x - WIDTH / 2, y - HEIGHT / 2)
        ax.add_patch(Rectangle(corner, WIDTH, HEIGHT, facecolor="0.92", edgecolor=INK, zorder=2))
        ax.text(x, y, text, ha="center", va="center", fontsize=9, zorder=3)
    places = np.array(list(boxes.values()), float)
    (left, top), (right, bottom) = places.min(axis=0), places.max(axis=0)
    ax.set_xlim(left - 0.55, right + 0.55)
    ax.set_ylim(bottom + 0.4, top - 0.4)
    ax.axis("off")
    set_title(ax, title)
    describe(ax, f"Boxes and arrows: {_paths_in_words(arrows)}.")


def _draw_arrow(ax, boxes, source, target):
    """From the right of one box to the left of another, around what stands between them."""
    (x0, y0), (x1, y1) = boxes[source], boxes[target]
    start, end = np.array([x0 + WIDTH / 2, y0]), np.array([x1 - WIDTH / 2, y1])
    style = "arc3"
    others = [place for name, place in boxes.items() if name not in (source, target)]
    if any(_crosses(start, end, place) for place in others):
        start = np.array([x0, y0 + np.sign(y1 - y0) * HEIGHT / 2])
        style = "angle,angleA=90,angleB=0,rad=0"
    arrow = FancyArrowPatch(
        start, end, connectionstyle=style, arrowstyle="-|>", mutation_scale=9, color=LINE,
        linewidth=1.2, shrinkA=0, shrinkB=0, zorder=1,
    )  # fmt: skip
    ax.add_patch(arrow)


def _crosses(start, end, place):
    """Whether the straight line goes through the box at ``place``."""
    points = start + np.linspace(0, 1, 50)[:, None] * (end - start)
    return bool((np.abs(points - place) < [WIDTH / 2, HEIGHT / 2]).all(axis=1).any())


def _paths_in_words(arrows):
    """Each arrow's ends, those from the same box together."""
    targets = {}
    for source, target in arrows:
        targets.setdefault(_line(source), []).append(_line(target))
    return "; ".join(f"{source} to {', '.join(ends)}" for source, ends in targets.items())


def _line(text):
    return " ".join(text.split())
