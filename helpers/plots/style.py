"""What all drawings share: colours, sizes, frames and outlines."""

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from helpers.plots.words import describe

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
LETTER = 0.085  # inches that a letter of a title takes


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


def real_array(name, value):
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array with rows of equal length: {error}") from error
    if array.dtype == bool:
        array = array.astype("uint8")
    if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
        raise ValueError(f"{name} must be an array of real numbers, got dtype {array.dtype}")
    return array


def set_title(ax, title):
    if title is not None:
        ax.set_title(title)


def set_frame(ax, height, width, before=(0, 0), outline=True):
    """No ticks; the picture in a thin frame, with room for the outline's thickness."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(outline)
    ax.spines[:].set(color=LINE, linewidth=0.8)
    room = 0.5 if outline else 0.56
    ax.set_xlim(-before[1] - room, width - before[1] - 1 + room)
    ax.set_ylim(height - before[0] - 1 + room, -before[0] - room)


def draw_box(ax, row, column, height, width, colour=INK, thickness=1.5, **more):
    corner = (column - 0.5, row - 0.5)
    style = dict(facecolor="none", edgecolor=colour, linewidth=thickness, clip_on=False)
    ax.add_patch(Rectangle(corner, width, height, **style, **more))


def draw_outline(ax, window, thickness=3):
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
        draw_box(ax, *one, colour=ACCENT, thickness=thickness, path_effects=halo, zorder=5)
    spans = [
        f"rows {row} to {row + height - 1}, columns {column} to {column + width - 1}"
        for row, column, height, width in windows
    ]
    describe(ax, f"Outlined: {'; '.join(spans)}.")


def luminance(colour):
    """Relative luminance, 0 black to 1 white (WCAG 2)."""
    rgb = np.asarray(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def readable_on(colour):
    return "black" if luminance(colour) > 0.179 else "white"  # the better contrast, >= 4.5
