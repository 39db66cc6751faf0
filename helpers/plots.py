"""Drawings, and the same drawings in words.

Each ``draw_...`` function draws one thing on the Axes it is given and says in words what it
drew. A cell that draws ends with ``plots.show(fig)``, which shows the picture and its words.

One grammar holds in the whole course: grey is a pixel, white with a 0 is padding, the magenta
outline is the kernel's window, and for signed numbers orange is positive, blue is negative and
white is zero.
"""

import base64
import html
import io
import weakref

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation, blended_transform_factory
from PIL import Image

DPI = 100  # dots per inch of every picture
INK = "0.15"  # text, outlines and first curves
LINE = "0.6"  # lines between cells
ACCENT = "#c2127d"  # the kernel's window
POSITIVE, NEGATIVE = "#e06c00", "#1a55a5"
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "white", POSITIVE], N=257)
SIGNED = SIGNED.with_extremes(bad="0.75")  # where there is no number
CURVES = (  # colour, dashes, marker: told apart in grey, too
    (INK, "-", "o"),
    ("#00795c", "--", "s"),
    ("#8a4fa3", ":", "^"),
    ("#8c6d1f", "-.", "D"),
)
LARGE = 60_000  # bytes of a PNG above which 32 steps of each colour have to do
LETTER = 0.085  # inches that a letter of a title takes
MOST_CELLS = 400  # a grid with more numbers than this could not be read
_WORDS = weakref.WeakKeyDictionary()  # Axes -> sentences about what is drawn on it


# --- a figure and its words ---------------------------------------------------------------------


def set_defaults():
    """Set Matplotlib's defaults for the course, whatever the machine's own settings are.

    Fonts, sizes and resolution are fixed, so that the same cell gives the same picture
    everywhere. ``savefig.bbox`` stays unset: cropping to the text would make a picture's
    size depend on the version of Matplotlib.

    Example:
        >>> set_defaults()
        >>> matplotlib.rcParams["font.sans-serif"]
        ['DejaVu Sans']
    """
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(
        {
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 10,
            "axes.titlesize": 10.5,
            "axes.labelsize": 10,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9.5,
            "legend.frameon": False,
            "text.color": INK,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": matplotlib.cycler(color=[colour for colour, _, _ in CURVES]),
            "figure.figsize": (6, 3.5),
            "figure.dpi": DPI,
            "figure.constrained_layout.use": True,
            "savefig.dpi": "figure",
            "savefig.bbox": None,
            "image.interpolation": "nearest",
            "svg.hashsalt": "course",
        }
    )


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
                f"axes {number} of {len(panels)} ({_title_of(ax)!r}) of the figure has no words: "
                "say what it shows with plots.describe(ax, text)"
            )
    headline = [_one_line(fig.get_suptitle())] if fig.get_suptitle() else []
    return "\n".join(headline + [_panel_in_words(ax) for ax in panels])


def _has_content(ax):
    if not ax.get_visible() or ax.get_label() == "<colorbar>":  # its map is described
        return False
    return bool(ax.has_data() or ax.texts or ax.child_axes)


def _panel_in_words(ax):
    title = _title_of(ax)
    labels = [
        f"{which} axis: {_one_line(label)}."
        for which, label in [("Horizontal", ax.get_xlabel()), ("Vertical", ax.get_ylabel())]
        if label
    ]
    said = "\n".join(_WORDS[ax] + [" ".join(labels)] * bool(labels))
    if not title:
        return said
    return f"{title} {said}" if title.endswith((".", "?", "!", ":")) else f"{title}: {said}"


def _title_of(ax):
    titles = [ax.get_title(loc) for loc in ("left", "center", "right")]
    return _one_line(" ".join(title for title in titles if title))


def _one_line(text):
    return " ".join(text.split())


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
    names = [_one_line(fig.get_suptitle())] + [_title_of(ax) for ax in fig.axes]
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


# --- numbers as text ----------------------------------------------------------------------------


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


def _on_paper(text):
    return text.replace("-", "−")


def _scale(values):
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
    scale = _scale(values)
    if values.size <= most and 1 <= values.ndim <= 2:
        rows = np.atleast_2d(values)
        return "\n".join(", ".join(number(v, scale=scale) for v in row) for row in rows)
    return f"{_shape_in_words(values.shape)}; {_range_in_words(values)}"


def _range_in_words(values):
    values = np.asarray(values, "float64")
    missing = int(np.size(values) - np.isfinite(values).sum())
    if missing == values.size:
        return "no finite number"
    finite, scale = values[np.isfinite(values)], _scale(values)
    low, high = number(finite.min(), 2, scale), number(finite.max(), 2, scale)
    mean = number(float(f"{finite.mean():.2g}"), scale=1000 * scale)  # what cancels is called 0
    said = f"from {low} to {high}, mean {mean}"
    return said + (f"; {missing} not finite" if missing else "")


def _count(many, what):
    return f"{many} {what}" + ("" if many == 1 else "s")


def _shape_in_words(shape):
    if len(shape) > 4:
        return f"shape {tuple(shape)}"
    axes = {0: (), 1: ("number",), 2: ("row", "column"), 3: ("row", "column", "channel")}
    names = axes.get(len(shape), ("image", "row", "column", "channel"))
    return ", ".join(_count(size, name) for size, name in zip(shape, names, strict=True))


# --- photographs and maps -----------------------------------------------------------------------


def draw_image(ax, image, title=None, limits=None, window=None):
    """Draw a photograph or any picture whose numbers are brightness.

    Args:
        ax: the Matplotlib Axes to draw on.
        image: ``(H, W)`` or ``(H, W, 1)`` for grey, ``(H, W, 3)`` for red, green, blue;
            uint8 0 to 255, or floats 0 to 1.
        title: what the picture is.
        limits: ``(black, white)``, the numbers shown as black and as white, when they are not
            0 and 255 (uint8) or 0 and 1 (floats). Numbers outside are cut off.
        window: ``(row, column, height, width)`` in pixels, outlined; or a list of them.

    Raises:
        ValueError: ``image`` has another shape, or floats outside 0 to 1 without ``limits``.
    """
    image = _array("image", image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3):
        raise ValueError(f"image must have shape (H, W), (H, W, 1) or (H, W, 3), got {image.shape}")
    black, white = _brightness_limits(image, limits)
    shown = np.clip((image.astype("float64") - black) / (white - black), 0, 1)
    shown = (255 * np.nan_to_num(shown)).round().astype("uint8")
    ax.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation=_smoothing(shown))
    _frame(ax, image.shape[0], image.shape[1])
    _set_title(ax, title)
    kind = "Colour picture" if image.ndim == 3 else "Grey picture"
    describe(ax, f"{kind} of {_shape_in_words(image.shape[:2])}; {_range_in_words(image)}.")
    _outline(ax, window, thickness=2)


def _smoothing(picture):
    """Single pixels stay square; a photograph is usually drawn smaller than it is."""
    return "nearest" if max(picture.shape[:2]) <= 150 else "antialiased"


def _brightness_limits(image, limits):
    if limits is not None:
        return _limits(limits)
    if image.dtype == np.uint8:
        return 0, 255
    low, high = float(image.min()), float(image.max())
    if not (low >= -1e-6 and high <= 1 + 1e-6):
        raise ValueError(
            "image must be uint8 or floats from 0 to 1, or come with limits=(black, white); "
            f"got {image.dtype} from {number(low)} to {number(high)}"
        )
    return 0, 1


def _limits(limits):
    low, high = limits
    if not low < high:
        raise ValueError(f"limits must be (lower, higher), got {limits!r}")
    return low, high


def draw_signed(ax, maps, title=None, limit=None):
    """Draw maps whose numbers have a sign: orange positive, blue negative, white zero.

    Below the map stands the scale, always symmetric about zero, so that white is zero.

    Args:
        ax: the Matplotlib Axes to draw on.
        maps: ``(H, W)``, or ``(H, W, C)`` for C maps side by side, on one common scale.
        title: what the maps are.
        limit: the number shown in full orange (and, negative, in full blue); the largest
            absolute value when None.

    Raises:
        ValueError: ``maps`` has another shape, or ``limit`` is not above 0.
    """
    maps = _array("maps", maps).astype("float64")
    if maps.ndim not in (2, 3):
        raise ValueError(f"maps must have shape (H, W) or (H, W, C), got {maps.shape}")
    if limit is not None and not limit > 0:
        raise ValueError(f"limit must be above 0, got {limit!r}")
    maps = maps if maps.ndim == 3 else maps[:, :, np.newaxis]
    largest = _scale(maps)
    limit = float(limit) if limit is not None else largest
    height, width = _draw_maps(ax, maps, limit)
    _frame(ax, height, width, outline=maps.shape[2] == 1)
    _set_title(ax, title)
    end, cut_off = number(limit, 2, limit), largest > limit * (1 + 1e-6)
    _signed_scale(ax, end, cut_off)
    describe(ax, _maps_in_words(maps))
    if cut_off:
        describe(ax, f"Full colour from {end} on, either way.")


def _draw_maps(ax, maps, limit):
    """Draw each map in its place; gives the (height, width) of all together."""
    height, width, count = maps.shape
    columns = min(count, 4 if count > 3 else 3)
    rows, gap = -(-count // columns), max(1, width // 16) if count > 1 else 0
    for index in range(count):
        row, column = (index // columns) * (height + gap), (index % columns) * (width + gap)
        edges = (column - 0.5, column + width - 0.5, row + height - 0.5, row - 0.5)
        colours = dict(cmap=SIGNED, vmin=-limit, vmax=limit, interpolation=_smoothing(maps))
        ax.imshow(maps[:, :, index], extent=edges, **colours)
        if count > 1:
            _box(ax, row, column, height, width, colour=LINE, thickness=0.8)
    return rows * (height + gap) - gap, columns * (width + gap) - gap


def _maps_in_words(maps):
    if maps.shape[2] == 1:
        one = maps[:, :, 0]
        if one.size <= 100:
            return f"{_shape_in_words(one.shape)} of signed numbers.\n{numbers_in_words(one)}"
        return f"Signed map of {_shape_in_words(one.shape)}; {_range_in_words(one)}."
    each = [f"Map {c}: {_range_in_words(maps[:, :, c])}." for c in range(maps.shape[2])]
    head = f"{maps.shape[2]} signed maps of {_shape_in_words(maps.shape[:2])}."
    return "\n".join([head] + each)


def _signed_scale(ax, end, cut_off):
    """A bar from blue to orange, at a fixed distance (inches) under ``ax``."""
    inches = ax.figure.dpi_scale_trans + ScaledTranslation(0, 0, ax.transAxes)
    place = blended_transform_factory(ax.transAxes, inches)
    scale = ax.inset_axes((0.1, -0.17, 0.8, 0.08), transform=place)
    ramp = np.linspace(-1, 1, 257)[np.newaxis, :]
    scale.imshow(ramp, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto", extent=(-1, 1, 0, 1))
    scale.spines[:].set(visible=True, color=LINE, linewidth=0.8)
    less, more = ("≤ ", "≥ ") if cut_off else ("", "")
    scale.set_yticks([])
    scale.set_xticks([-1, 0, 1], [_on_paper(f"{less}-{end}"), "0", f"{more}+{end}"], fontsize=9)
    scale.tick_params(length=0)


# --- small grids of numbers ---------------------------------------------------------------------


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
    values = np.atleast_2d(_array("values", values))
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
    _box(ax, -top, -left, height, width, colour=LINE, thickness=0.8)
    _box(ax, 0, 0, *values.shape)
    _write_numbers(ax, np.pad(values.astype("float64"), sides), paint, (top, left))
    _frame(ax, height, width, (top, left), outline=False)
    _set_title(ax, title)
    describe(ax, _grid_in_words(values, sides))
    _outline(ax, window)


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
    one, other = _array("one", one), _array("other", other)
    if one.shape != other.shape:
        raise ValueError(f"other must have the shape of one, {one.shape}, got {other.shape}")
    _check_grid(one, one.size)
    for (row, column), same in np.ndenumerate(np.equal(one, other)):
        style = {"color": INK} if same else {"color": ACCENT, "fontweight": "bold"}
        ax.text(column, row, "=" if same else "≠", ha="center", va="center", fontsize=13, **style)
    _frame(ax, *one.shape, outline=False)
    _set_title(ax, title)
    describe(ax, f"Equal: {np.equal(one, other).sum()} of {_count(one.size, 'cell')}.")


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
    fig, axes = _panels(sizes, titles, headline)
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
    fig, axes = _panels(sizes, titles, headline, below=0.3 * scale)
    return fig, axes[0] if len(axes) == 1 else axes


def _panels(sizes, titles=(), headline=None, below=0.0):
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


def _write_numbers(ax, values, paint, before):
    scale = _scale(values)
    texts = [_on_paper(number(value, scale=scale)) for value in values.ravel()]
    size = 10 if max(len(text) for text in texts) <= 4 else 9
    for (row, column), text in zip(np.ndindex(values.shape), texts, strict=True):
        place = (column - before[1], row - before[0])
        ink = _readable_on(paint[row, column])
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
        limit = max(map(abs, _limits(limits))) if limits is not None else _scale(values)
        paint = SIGNED(0.5 + values / limit / 2)[:, :, :3]
    elif colours == "pixels":
        low, high = _limits(limits) if limits is not None else _range(values)
        share = np.clip((values - low) / (high - low), 0, 1)
        paint = np.repeat((0.32 + 0.5 * share)[:, :, np.newaxis], 3, axis=2)
    else:
        raise ValueError(f'colours must be "pixels" or "signed", got {colours!r}')
    return np.where(np.isfinite(values)[:, :, np.newaxis], paint, 0.75)


def _range(values):
    """The lowest and the highest finite number; of equal ones, limits that put them halfway."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if low < high else (low - 1, high + 1)


def _readable_on(colour):
    return "black" if _luminance(colour) > 0.179 else "white"  # the better contrast, >= 4.5


def _luminance(colour):
    """Relative luminance, 0 black to 1 white (WCAG 2)."""
    rgb = np.asarray(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _grid_in_words(values, sides):
    (top, bottom), (left, right) = sides
    said = f"{_shape_in_words(values.shape)}.\n{numbers_in_words(values, most=MOST_CELLS)}"
    if top or bottom or left or right:
        said += (
            f"\nZeros around it, in pixels: {top} above, {bottom} below, "
            f"{left} on the left, {right} on the right."
        )
    return said


# --- one row of pixels, curves, bars ------------------------------------------------------------


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
        text = number(values[position], scale=_scale(values)) if real and values is not None else ""
        ax.text(position, 0.5, _on_paper(text if real else "0"), ha="center", va="center")
    ax.add_patch(Rectangle((-0.5, 0), size, 1, facecolor="none", edgecolor=INK, linewidth=1.5))
    windows = list(windows) if windows is not None else []
    for index, (first, taps) in enumerate(windows):
        _bracket(ax, first, first + taps - 1, index)
    _row_axis(ax, size, before, after, len(windows))
    _set_title(ax, title)
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
    ax.set_xticklabels([_on_paper(str(p)) for p in range(-before, size + after)])
    ax.set_yticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("position (pixels; 0 is the first real one)")


def _row_in_words(size, before, after, windows, values):
    row = f"Row of {_count(size, 'pixel')}"
    if values is not None:
        row += f" ({numbers_in_words(values)})"
    said = f"{row}, {_count(before, 'zero')} before it and {_count(after, 'zero')} after it."
    if windows:
        spans = ", ".join(f"{first} to {first + taps - 1}" for first, taps in windows)
        said += f" Kernel windows: positions {spans}."
    return said


def draw_curve(ax, x, y, label=None, title=None, x_label=None, y_label=None):
    """Draw numbers against numbers: a line through points. Call it once for each curve.

    The curves of one Axes differ in colour, dashes and marker; with labels a legend tells
    which is which.

    Args:
        ax: the Matplotlib Axes to draw on.
        x, y: the points, ``(N,)`` each.
        label: the curve's name, when there are several.
        title: what is seen.
        x_label, y_label: the quantities, with their units.

    Raises:
        ValueError: ``x`` and ``y`` differ in length or are empty.
    """
    x, y = _array("x", x).astype("float64"), _array("y", y).astype("float64")
    if x.ndim != 1 or x.shape != y.shape or not x.size:
        raise ValueError(f"x and y must be two rows of equal length, got {x.shape} and {y.shape}")
    colour, dashes, marker = CURVES[len(ax.lines) % len(CURVES)]
    marker = marker if x.size <= 30 else ""
    ax.plot(x, y, dashes, color=colour, marker=marker, markersize=5, linewidth=1.8, label=label)
    if label is not None:
        ax.legend(loc="best")
    _label(ax, title, x_label, y_label)
    describe(ax, f"{label or 'Curve'}: {_points_in_words(x, y)}.")


def _label(ax, title, x_label, y_label):
    _set_title(ax, title)
    if x_label is not None:
        ax.set_xlabel(x_label)
    if y_label is not None:
        ax.set_ylabel(y_label)


def _points_in_words(x, y, most=12):
    scales = 1e-6 * _scale(x), 1e-6 * _scale(y)  # small numbers count on a logarithmic axis

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
    values = _array("values", values).astype("float64")
    labels = [str(label) for label in labels]
    if values.shape != (len(labels),) or not labels:
        raise ValueError(f"values must have {len(labels)} numbers, one a label, got {values.shape}")
    signed = bool((values < 0).any())
    colours = np.where(values < 0, NEGATIVE, POSITIVE) if signed else "0.45"
    rows = np.arange(len(labels))
    ax.barh(rows, values, color=colours, height=0.7)
    texts = [_with_commas(value, _scale(values)) for value in values]
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
    ax.annotate(_on_paper(text), at, ha="left" if side > 0 else "right", **place)


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
        values = _array(f"groups[{name!r}]", values).astype("float64")
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


# --- what was wanted beside what came -----------------------------------------------------------


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
    return np.allclose(yours, expected, rtol=0, atol=1e-6 * _scale(expected), equal_nan=True)


def _difference(expected, yours):
    with np.errstate(invalid="ignore"):  # infinity less infinity is drawn as "nan"
        return yours - expected


def _numbers(name, value):
    array = _array(name, value).astype("float64")
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
    fig, axes = _panels(sizes, titles, headline, below=0.3 * maps)
    for ax, (name, array) in zip(axes, before, strict=False):
        _draw_panel(ax, array, name, bool((array < 0).any()), None)
    for ax, (name, array) in zip(axes[len(before) :], answers[:2], strict=False):
        _draw_panel(ax, array, name, signed, limits)
    for ax, (name, array) in zip(axes[len(before) + 2 :], answers[2:], strict=True):
        _draw_panel(ax, array, name, True, None)
    return fig


def _common_limits(arrays):
    return _range(np.concatenate([array.ravel() for array in arrays] + [[0.0]]))


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


# --- shared by the drawings ---------------------------------------------------------------------


def _array(name, value):
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array with rows of equal length: {error}") from error
    if array.dtype == bool:
        array = array.astype("uint8")
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise ValueError(f"{name} must be an array of real numbers, got dtype {array.dtype}")
    return array


def _set_title(ax, title):
    if title is not None:
        ax.set_title(title)


def _frame(ax, height, width, before=(0, 0), outline=True):
    """No ticks; the picture in a thin frame, with room for the outline's thickness."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(outline)
    ax.spines[:].set(color=LINE, linewidth=0.8)
    room = 0.5 if outline else 0.56
    ax.set_xlim(-before[1] - room, width - before[1] - 1 + room)
    ax.set_ylim(height - before[0] - 1 + room, -before[0] - room)


def _box(ax, row, column, height, width, colour=INK, thickness=1.5, **more):
    corner = (column - 0.5, row - 0.5)
    style = dict(facecolor="none", edgecolor=colour, linewidth=thickness, clip_on=False)
    ax.add_patch(Rectangle(corner, width, height, **style, **more))


def _outline(ax, window, thickness=3):
    """Outline kernel windows in the accent colour, with a white edge that shows on any grey."""
    if window is None:
        return
    windows = [window] if np.ndim(window) == 1 else list(window)
    halo = [withStroke(linewidth=1.8 * thickness, foreground="white")]
    for one in windows:
        if len(one) != 4 or min(one[2:]) < 1:
            raise ValueError(
                "window must be (row, column, height, width) in pixels, or a list of such, "
                f"got {one!r}"
            )
        _box(ax, *one, colour=ACCENT, thickness=thickness, path_effects=halo, zorder=5)
    spans = [
        f"rows {row} to {row + height - 1}, columns {column} to {column + width - 1}"
        for row, column, height, width in windows
    ]
    describe(ax, f"Outlined: {'; '.join(spans)}.")
