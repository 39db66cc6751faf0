"""Drawings, and the same drawings in words.

Each ``draw_...`` function draws one thing on the Axes it is given and says in words what it
drew. A cell that draws ends with ``plots.show(fig)``, which shows the picture and its words.

One grammar holds in the whole course: grey is a pixel, white with a 0 is padding, the magenta
outline is the kernel's window, and for signed numbers orange is positive, blue is negative and
white is zero.
"""

from helpers.plots.charts import draw_bars, draw_curve, draw_dots, draw_padding
from helpers.plots.comparison import compare_arrays
from helpers.plots.confusion import draw_confusion
from helpers.plots.figure import Shown, grid_axes, image_axes, show
from helpers.plots.graphs import draw_graph, graph_axes
from helpers.plots.grids import draw_equal, draw_grid, draw_kernel
from helpers.plots.images import draw_image, draw_signed
from helpers.plots.networks import draw_block, draw_mirrored
from helpers.plots.style import (
    ACCENT,
    CURVES,
    DPI,
    INK,
    LETTER,
    LINE,
    NEGATIVE,
    POSITIVE,
    SIGNED,
    set_defaults,
)
from helpers.plots.waterfall import draw_waterfall
from helpers.plots.words import describe, in_words, number, numbers_in_words
