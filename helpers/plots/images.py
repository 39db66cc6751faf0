"""Photographs and signed feature maps."""

import numpy as np
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from helpers.plots.style import (
    LINE,
    SIGNED,
    draw_box,
    draw_outline,
    real_array,
    set_frame,
    set_title,
)
from helpers.plots.words import (
    describe,
    number,
    numbers_in_words,
    on_paper,
    range_in_words,
    scale_of,
    shape_in_words,
)


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
    image = real_array("image", image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3):
        raise ValueError(f"image must have shape (H, W), (H, W, 1) or (H, W, 3), got {image.shape}")
    black, white = _brightness_limits(image, limits)
    shown = np.clip((image.astype("float64") - black) / (white - black), 0, 1)
    shown = (255 * np.nan_to_num(shown)).round().astype("uint8")
    ax.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation=_smoothing(shown))
    set_frame(ax, image.shape[0], image.shape[1])
    set_title(ax, title)
    kind = "Colour picture" if image.ndim == 3 else "Grey picture"
    describe(ax, f"{kind} of {shape_in_words(image.shape[:2])}; {range_in_words(image)}.")
    draw_outline(ax, window, thickness=2)


def _smoothing(picture):
    """Single pixels stay square; a photograph is usually drawn smaller than it is."""
    return "nearest" if max(picture.shape[:2]) <= 150 else "antialiased"


def _brightness_limits(image, limits):
    if limits is not None:
        return check_limits(limits)
    if image.dtype == np.uint8:
        return 0, 255
    low, high = float(image.min()), float(image.max())
    if not (low >= -1e-6 and high <= 1 + 1e-6):
        raise ValueError(
            "image must be uint8 or floats from 0 to 1, or come with limits=(black, white); "
            f"got {image.dtype} from {number(low)} to {number(high)}"
        )
    return 0, 1


def check_limits(limits):
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
    maps = real_array("maps", maps).astype("float64")
    if maps.ndim not in (2, 3):
        raise ValueError(f"maps must have shape (H, W) or (H, W, C), got {maps.shape}")
    if limit is not None and not limit > 0:
        raise ValueError(f"limit must be above 0, got {limit!r}")
    maps = maps if maps.ndim == 3 else maps[:, :, np.newaxis]
    largest = scale_of(maps)
    limit = float(limit) if limit is not None else largest
    height, width = _draw_maps(ax, maps, limit)
    set_frame(ax, height, width, outline=maps.shape[2] == 1)
    set_title(ax, title)
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
            draw_box(ax, row, column, height, width, colour=LINE, thickness=0.8)
    return rows * (height + gap) - gap, columns * (width + gap) - gap


def _maps_in_words(maps):
    if maps.shape[2] == 1:
        one = maps[:, :, 0]
        if one.size <= 100:
            return f"{shape_in_words(one.shape)} of signed numbers.\n{numbers_in_words(one)}"
        return f"Signed map of {shape_in_words(one.shape)}; {range_in_words(one)}."
    each = [f"Map {c}: {range_in_words(maps[:, :, c])}." for c in range(maps.shape[2])]
    head = f"{maps.shape[2]} signed maps of {shape_in_words(maps.shape[:2])}."
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
    scale.set_xticks([-1, 0, 1], [on_paper(f"{less}-{end}"), "0", f"{more}+{end}"], fontsize=9)
    scale.tick_params(length=0)
