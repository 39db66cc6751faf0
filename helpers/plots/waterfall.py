"""A waterfall: what each of several steps adds to a number, or takes away."""

import numpy as np

from helpers.plots.charts import _label
from helpers.plots.style import ACCENT, INK, LINE, NEGATIVE, POSITIVE, real_array
from helpers.plots.words import describe, number, on_paper, scale_of


def draw_waterfall(ax, labels, values, spread=None, title=None, x_label=None, ringed=None):
    """Draw how a number grows step by step: a floating bar for what each step adds.

    Args:
        ax: the Matplotlib Axes to draw on.
        labels: the names of the steps, from top to bottom.
        values: the number after each step, ``(N,)``. The first bar is thin and grey, as there is
            nothing before it; from then on orange adds and blue takes away.
        spread: for each step the single measurements, drawn as dots on the bar; None for none.
        title: what grows.
        x_label: the quantity, with its unit.
        ringed: ``(label, number)`` of one more measurement, drawn with a ring: one's own run.

    Raises:
        ValueError: there is not one value, and not one row of measurements, for each label; or no
            label for the ring.
    """
    values = real_array("values", values).astype("float64")
    labels = [str(label) for label in labels]
    if values.shape != (len(labels),) or not labels:
        raise ValueError(f"values must have {len(labels)} numbers, one a label, got {values.shape}")
    if spread is not None and len(spread) != len(labels):
        raise ValueError(f"spread must have {len(labels)} rows, one a label, got {len(spread)}")
    if ringed is not None and ringed[0] not in labels:
        raise ValueError(f"ringed must name one of {', '.join(labels)}, got {ringed[0]!r}")
    gains = np.diff(values, prepend=values[0])
    rows = np.arange(len(labels))
    ax.plot([values[0]] * 2, [-0.35, 0.35], color=INK, linewidth=3)
    colours = np.where(gains < 0, NEGATIVE, POSITIVE)
    ax.barh(rows, gains, left=values - gains, color=colours, height=0.6)
    ax.vlines(values[:-1], rows[:-1] + 0.3, rows[1:] - 0.3, color=INK, linewidth=0.8)
    texts = [_gain_in_words(*pair) for pair in zip(gains, values, strict=True)]
    dots = [[]] * len(labels) if spread is None else [list(measured) for measured in spread]
    for row, measured in enumerate(dots):
        ax.plot(measured, np.full(len(measured), row), "o", color=INK, alpha=0.6, markersize=4)
    if ringed is not None:
        row = labels.index(ringed[0])
        ax.plot(ringed[1], row, "o", markersize=11, mfc="none", mec=ACCENT, mew=2.5)
        dots[row] = [*dots[row], ringed[1]]
    for row, (gain, value) in enumerate(zip(gains, values, strict=True)):
        _beside(ax, row, max(value, value - gain, *dots[row]), texts[row])
    _axes(ax, labels, np.concatenate([values, *dots]))
    _label(ax, title, x_label, None)
    pairs = [f"{label} {text}" for label, text in zip(labels, texts, strict=True)]
    describe(ax, f"Waterfall: {'; '.join(pairs)}.")
    if ringed is not None:
        describe(ax, f"Ringed, in {ringed[0]}: {number(float(ringed[1]))}.")


def _gain_in_words(gain, value):
    scale = scale_of([value])
    if not gain:
        return number(value, scale=1e-6 * scale)
    return f"{'+' if gain > 0 else ''}{number(gain, scale=1e-6 * scale)}"


def _beside(ax, row, right, text):
    place = dict(xytext=(8, 0), textcoords="offset points", va="center", ha="left")
    ax.annotate(on_paper(text), (right, row), **place)


def _axes(ax, labels, values):
    """Not from zero: what counts is the length of the floating bars; the ticks say where."""
    room = 0.2 * ((values.max() - values.min()) or 1)
    ax.set_xlim(values.min() - 0.5 * room, values.max() + 1.5 * room)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(axis="x", color=LINE, linewidth=0.5)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
