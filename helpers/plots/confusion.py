"""The confusion matrix: which class is taken for which, and how often."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from helpers.plots.style import LINE, POSITIVE, draw_box, readable_on, real_array, set_title
from helpers.plots.words import describe

MOST_CLASSES = 20  # more could not be read
RIGHT = LinearSegmentedColormap.from_list("right", ["white", "0.55"])
WRONG = LinearSegmentedColormap.from_list("wrong", ["white", POSITIVE])


def draw_confusion(ax, counts, names, title=None):
    """Draw how often each class was taken for each, with the counts in the cells.

    A row is a true class, a column an answer. Right answers stand on the diagonal, grey; errors
    are orange. Both are the fuller, the larger a part of their row they are.

    Args:
        ax: the Matplotlib Axes to draw on; 0.5 inches a class, and as much again for the names.
        counts: ``(classes, classes)``, whole numbers from 0, as of ``helpers.training.confusion``.
        names: of the classes, one each.
        title: what was tested.

    Raises:
        ValueError: ``counts`` is not square or holds other numbers, there are too many classes to
            read, or the names are not as many.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> from helpers.plots.words import in_words
        >>> fig, ax = plt.subplots()
        >>> draw_confusion(ax, [[9, 1], [0, 5]], ["bag", "coat"])
        >>> print(in_words(fig))
        Rows are true classes, columns are answers.
        bag: 9 of 10 right; 1 taken for coat.
        coat: 5 of 5 right.
        Horizontal axis: answer. Vertical axis: true class.
    """
    counts, names = _checked(counts, names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    worst = max((shares - np.diag(shares.diagonal())).max(), 1e-9)
    paint = WRONG(shares / worst)[:, :, :3]
    paint[np.diag_indices_from(shares)] = RIGHT(shares.diagonal())[:, :3]
    ax.imshow(paint, interpolation="nearest")
    for (row, column), count in np.ndenumerate(counts):
        ink = readable_on(paint[row, column]) if count else LINE
        ax.text(column, row, str(count), ha="center", va="center", color=ink, fontsize=9)
    _frame(ax, names)
    set_title(ax, title)
    describe(ax, _in_words(counts, names))


def _checked(counts, names):
    counts, names = real_array("counts", counts), [str(name) for name in names]
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1]
    if not square or not 1 <= len(counts) <= MOST_CLASSES:
        raise ValueError(
            f"counts must be a square of at most {MOST_CLASSES} classes, got {counts.shape}"
        )
    if not np.issubdtype(counts.dtype, np.integer) or counts.min() < 0:
        raise ValueError(
            f"counts must be whole numbers from 0, got {counts.dtype} from {counts.min():g}"
        )
    if len(names) != len(counts):
        raise ValueError(f"names must have {len(counts)} names, one a class, got {len(names)}")
    return counts, names


def _frame(ax, names):
    count = len(names)
    ax.set_xticks(range(count), names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(count), names)
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=LINE, linewidth=0.8)
    edges = np.arange(1, count) - 0.5
    ax.vlines(edges, -0.5, count - 0.5, LINE, linewidth=0.5)
    ax.hlines(edges, -0.5, count - 0.5, LINE, linewidth=0.5)
    for index in range(count):
        draw_box(ax, index, index, 1, 1, thickness=1)
    ax.set_xlabel("answer")
    ax.set_ylabel("true class")


def _in_words(counts, names):
    lines = ["Rows are true classes, columns are answers."]
    for index, row in enumerate(counts):
        order = sorted(np.flatnonzero(row), key=lambda other, row=row: -row[other])
        wrong = [f"{row[other]} taken for {names[other]}" for other in order if other != index]
        found = f"{row[index]} of {row.sum()} right"
        lines.append(f"{names[index]}: {'; '.join([found, *wrong])}.")
    return "\n".join(lines)
