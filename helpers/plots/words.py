"""What a drawing says in words: its sentences, and numbers as a person writes them."""

import weakref

import numpy as np

_WORDS = weakref.WeakKeyDictionary()  # Axes -> sentences about what is drawn on it


def describe(ax, text):
    """Add a sentence to what is said in words about the drawing on ``ax``.

    The ``draw_...`` functions call this themselves. Call it for what you draw with
    Matplotlib, and give the values: whoever does not see the picture has only the words.

    Args:
        ax: the Matplotlib Axes that the words are about.
        text: one or more sentences. A new line starts a new line in the words, too.

    Raises:
        ValueError: ``text`` is empty.

    Example:
        >>> fig, ax = plt.subplots()
        >>> describe(ax, "A line from (0, 0) to (1, 2).")
        >>> in_words(fig)
        'A line from (0, 0) to (1, 2).'
    """
    if not str(text).strip():
        raise ValueError(f"text must say something about the drawing, got {text!r}")
    _WORDS.setdefault(ax, []).append(str(text).strip())


def in_words(fig):
    """What a figure shows, in words: titles, axis labels and the descriptions, in order.

    Args:
        fig: the Matplotlib Figure; everything drawn on it has been described.

    Returns:
        The text; one line for each line of a description.

    Raises:
        ValueError: nothing is drawn on the figure, or something on it was not described; the
            message names it.
    """
    panels = [ax for ax in fig.axes if ax in _WORDS or _has_content(ax)]
    if not panels:
        raise ValueError("fig shows nothing: draw on one of its Axes before plots.show(fig)")
    for number, ax in enumerate(panels, start=1):
        if ax not in _WORDS:
            raise ValueError(
                f"axes {number} of {len(panels)} ({title_of(ax)!r}) of the figure has no words: "
                "say what it shows with plots.describe(ax, text)"
            )
    headline = [one_line(fig.get_suptitle())] if fig.get_suptitle() else []
    return "\n".join(headline + [_panel_in_words(ax) for ax in panels])


def _has_content(ax):
    if not ax.get_visible() or ax.get_label() == "<colorbar>":  # its map is described
        return False
    return bool(ax.has_data() or ax.texts or ax.child_axes)


def _panel_in_words(ax):
    title = title_of(ax)
    labels = [
        f"{which} axis: {one_line(label)}."
        for which, label in [("Horizontal", ax.get_xlabel()), ("Vertical", ax.get_ylabel())]
        if label
    ]
    said = "\n".join(_WORDS[ax] + [" ".join(labels)] * bool(labels))
    if not title:
        return said
    return f"{title} {said}" if title.endswith((".", "?", "!", ":")) else f"{title}: {said}"


def title_of(ax):
    titles = [ax.get_title(loc) for loc in ("left", "center", "right")]
    return one_line(" ".join(title for title in titles if title))


def one_line(text):
    return " ".join(text.split())


def number(value, digits=3, scale=1.0):
    """A number as the course writes it in pictures and words: short, and never ``-0``.

    Whole numbers are written in full, and so is the whole part of others; otherwise a few
    significant digits are written. What is a millionth of ``scale`` or less is taken for
    rounding error, and is written 0.

    Args:
        value: the number.
        digits: significant digits of a number that is not whole.
        scale: the size of the numbers that it stands among; 0 when none is too small to count.

    Returns:
        The text; with an ASCII minus, so that it can be copied into code.

    Example:
        >>> number(12.0), number(1 / 9), number(-1e-9), number(231.7, digits=2)
        ('12', '0.111', '0', '232')
    """
    value = float(value)
    if not np.isfinite(value):
        return str(value)
    if abs(value) <= 1e-6 * scale:
        return "0"
    if value == round(value) and abs(value) < 1e15:
        return str(int(value))
    if 10**digits <= abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def on_paper(text):
    return text.replace("-", "−")


def scale_of(values):
    finite = np.abs(np.asarray(values, "float64"))
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def numbers_in_words(values, most=100):
    """An array in words: all its numbers, row by row, or if it has many, what they range over.

    Args:
        values: array of one or two axes in which every number counts, or of any shape.
        most: an array of more numbers than this is given as shape, least, greatest and mean,
            to 2 significant digits.

    Returns:
        The text.

    Example:
        >>> numbers_in_words([[1, 2], [3, 4.5]])
        '1, 2\\n3, 4.5'
        >>> numbers_in_words(np.arange(200).reshape(10, 20))
        '10 rows, 20 columns; from 0 to 199, mean 100'
    """
    values = np.asarray(values, "float64")
    scale = scale_of(values)
    if values.size <= most and 1 <= values.ndim <= 2:
        rows = np.atleast_2d(values)
        return "\n".join(", ".join(number(v, scale=scale) for v in row) for row in rows)
    return f"{shape_in_words(values.shape)}; {range_in_words(values)}"


def range_in_words(values):
    values = np.asarray(values, "float64")
    missing = int(np.size(values) - np.isfinite(values).sum())
    if missing == values.size:
        return "no finite number"
    finite, scale = values[np.isfinite(values)], scale_of(values)
    low, high = number(finite.min(), 2, scale), number(finite.max(), 2, scale)
    mean = number(float(f"{finite.mean():.2g}"), scale=1000 * scale)  # what cancels is called 0
    said = f"from {low} to {high}, mean {mean}"
    return said + (f"; {missing} not finite" if missing else "")


def count_of(many, what):
    return f"{many} {what}" + ("" if many == 1 else "s")


def shape_in_words(shape):
    if len(shape) > 4:
        return f"shape {tuple(shape)}"
    axes = {0: (), 1: ("number",), 2: ("row", "column"), 3: ("row", "column", "channel")}
    names = axes.get(len(shape), ("image", "row", "column", "channel"))
    return ", ".join(count_of(size, name) for size, name in zip(shape, names, strict=True))
