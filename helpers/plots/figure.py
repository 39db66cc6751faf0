"""How a figure begins and ends: its axes, and one PNG with its words."""

import base64
import html
import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from helpers.plots.style import DPI, LETTER
from helpers.plots.words import in_words, one_line, title_of

LARGE = 60_000  # bytes of a PNG above which 32 steps of each colour have to do


class Shown:
    """A finished figure: a picture, and the same in words. ``show`` makes it.

    Attributes:
        png: the picture, as the bytes of a PNG file.
        words: what the picture shows, as text.
        width, height: of the picture, in pixels.
        alt: one line that names the picture.
    """

    def __init__(self, png, words, width, height, alt):
        self.png, self.words, self.alt = png, words, alt
        self.width, self.height = width, height

    def __repr__(self):
        return self.words

    def details(self):
        """The words as HTML that opens on a click, for a page that already has the picture."""
        said = "<br>".join(html.escape(line) for line in self.words.splitlines())
        return f"<details><summary>Figure in words</summary><p>{said}</p></details>"

    def html(self):
        """Picture and words as one piece of HTML that needs no other file."""
        source = "data:image/png;base64," + base64.b64encode(self.png).decode()
        size = f'width="{self.width}" height="{self.height}"'
        return f'<img alt="{html.escape(self.alt)}" {size} src="{source}">{self.details()}'

    def _ipython_display_(self):
        from IPython.display import display

        picture = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.words}
        size = {"width": self.width, "height": self.height, "alt": self.alt}
        display(picture, metadata={"image/png": size}, raw=True)
        words = {"text/html": self.details(), "text/plain": "(the figure in words)"}
        display(words, raw=True)


def show(fig):
    """Finish a figure: the value that a cell ends with to show picture and words.

    Two outputs appear: the picture, and under it "Figure in words", which opens on a click
    and which a screen reader reads. The figure is closed, so that it does not appear twice.

    Args:
        fig: the Matplotlib Figure; everything drawn on it has been described.

    Returns:
        A ``Shown``: Jupyter displays it; ``.png``, ``.words`` and ``.html()`` give its parts.

    Raises:
        ValueError: something on the figure was not described; the message names it.
    """
    words = in_words(fig)
    png = _png(fig)
    plt.close(fig)
    width, height = (int(round(inches * DPI)) for inches in fig.get_size_inches())
    names = [one_line(fig.get_suptitle())] + [title_of(ax) for ax in fig.axes]
    name = "; ".join(name.rstrip(".") for name in names if name) or "Figure"
    return Shown(png, words, width, height, f"{name}. Described under the picture.")


def _png(fig):
    if fig.get_layout_engine() is not None:
        for _ in range(3):  # room for titles settles only after the shape of an image is known
            fig.get_layout_engine().execute(fig)
    file = io.BytesIO()
    with matplotlib.rc_context({"savefig.bbox": None}):
        fig.savefig(file, format="png", dpi=DPI, facecolor="white")
    pixels = np.asarray(Image.open(file).convert("RGB"))
    png = _encode(pixels)
    return png if len(png) <= LARGE else _encode(_coarser(pixels))


def _encode(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", optimize=True)
    return file.getvalue()


def _coarser(pixels):
    """The picture with 32 steps of brightness in each colour: half the bytes, hardly seen."""
    return (np.round(pixels / 255 * 31) / 31 * 255).round().astype("uint8")


def grid_axes(*shapes, cell=0.48, titles=(), headline=None):
    """A figure with one Axes for each grid, side by side, all with cells of the same size.

    Args:
        shapes: ``(height, width)`` of each grid in cells, its padding included.
        cell: side of a cell, in inches; numbers of six characters fit into 0.48.
        titles: the titles that will stand above the grids; wide ones get the room they need.
        headline: a title of the whole figure, drawn above the others.

    Returns:
        ``(fig, axes)``; a single Axes instead of a list of them for one shape.

    Example:
        >>> fig, (image, kernel, output) = grid_axes((5, 5), (3, 3), (3, 3))
    """
    sizes = [(cell * height, cell * width) for height, width in shapes]
    fig, axes = panel_axes(sizes, titles, headline)
    return fig, axes[0] if len(axes) == 1 else axes


def image_axes(*shapes, width=2.2, titles=(), headline=None, scale=True):
    """A figure with one Axes for each picture, side by side, without empty paper around them.

    Args:
        shapes: the shape of each picture, ``(H, W)`` or ``(H, W, C)``.
        width: of the widest picture, in inches. The others are drawn to the same scale, but
            not below a third of it.
        titles: the titles that will stand above the pictures; wide ones get the room they need.
        headline: a title of the whole figure, drawn above the others.
        scale: True leaves room below for the scale that ``draw_signed`` draws.

    Returns:
        ``(fig, axes)``; a single Axes instead of a list of them for one shape.

    Example:
        >>> fig, (photo, edges) = image_axes((300, 451, 3), (298, 449))
    """
    widest = max(shape[1] for shape in shapes)
    widths = [width * max(shape[1] / widest, 1 / 3) for shape in shapes]
    sizes = [(w * shape[0] / shape[1], w) for w, shape in zip(widths, shapes, strict=True)]
    fig, axes = panel_axes(sizes, titles, headline, below=0.3 * scale)
    return fig, axes[0] if len(axes) == 1 else axes


def panel_axes(sizes, titles=(), headline=None, below=0.0):
    """A figure with Axes of the sizes given, (height, width) in inches, in a row."""
    gap, edge, above = 0.35, 0.1, 0.34
    rooms = [max(width, 1.1) for _, width in sizes]
    for index, title in enumerate(titles):
        lines = title.split("\n")
        rooms[index] = max(rooms[index], LETTER * max(map(len, lines)) - gap / 2)
        above = max(above, 0.16 + 0.18 * len(lines))
    tallest = max(height for height, _ in sizes)
    width = max(sum(rooms) + gap * (len(sizes) - 1) + 2 * edge, LETTER * len(headline or ""))
    height = tallest + above + edge + below + (0.3 if headline else 0)
    figsize = np.ceil(np.multiply((width, height), DPI)) / DPI
    fig = plt.figure(figsize=figsize, layout="none")
    axes, left = [], (width - sum(rooms) - gap * (len(sizes) - 1)) / 2
    for (height, width), room in zip(sizes, rooms, strict=True):
        corner = (left + (room - width) / 2, edge + below + (tallest - height) / 2)
        axes.append(fig.add_axes(tuple(np.divide([*corner, width, height], np.tile(figsize, 2)))))
        left += room + gap
    if headline:
        fig.suptitle(headline, fontsize=11, y=1 - 0.08 / figsize[1], va="top")
    return fig, axes
