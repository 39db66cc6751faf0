"""Make nbval strict: it compares figures, honours a trailing ';' and refuses cells never run.

A pytest plugin for `pytest --nbval`. Left to itself nbval ignores every PNG, and lets a cell
pass that the reference never ran.
"""

import base64
import io

import nbval.kernel
import nbval.plugin
import numpy as np
import pytest
from PIL import Image

BLOCK = 8  # pixels; means over blocks forgive another version's rendering of letters
MOST = 32  # of 255: how far the mean of a block may move


def block_means(png):
    """Size of a base64 PNG, and its means over blocks of 8 x 8 pixels, one for each colour."""
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        pixels = np.asarray(image.convert("RGB"), dtype="float32")
    height, width = (length // BLOCK * BLOCK for length in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    return pixels.shape, blocks.mean(axis=(1, 3))


class Picture(str):
    """A base64 PNG that equals another when sizes agree and no block looks different."""

    def __eq__(self, other):
        if str.__eq__(self, other):
            return True
        (size, blocks), (other_size, other_blocks) = block_means(self), block_means(other)
        return size == other_size and bool(np.abs(blocks - other_blocks).max() <= MOST)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


class StrictFile(nbval.plugin.IPyNbFile):
    """A notebook whose cells are strict."""

    def collect(self):
        for cell in super().collect():
            cell.__class__ = StrictCell
            yield cell


class StrictCell(nbval.plugin.IPyNbCell):
    """A cell that must have been run in the reference."""

    def runtest(self):
        if self.cell.source.strip() and self.cell.execution_count is None:
            self.raise_cell_error("the reference never ran this cell: run `make build`")
        super().runtest()

    def sanitize(self, text):
        if isinstance(text, str) and text.startswith("iVBORw0KGgo"):  # a PNG in base64
            return Picture(text.replace("\n", ""))
        return super().sanitize(text)


def execute_as_jupyter_does(kernel, source, allow_stdin=None):
    """Run a cell with its history kept, without which a trailing ';' would not hide a value."""
    return kernel.kc.execute(
        source, allow_stdin=allow_stdin, store_history=True, stop_on_error=False
    )


def pytest_configure():
    """Have nbval run cells as Jupyter does."""
    nbval.kernel.RunningKernel.execute_cell_input = execute_as_jupyter_does


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Make each notebook that nbval collects a strict one that compares its pictures too."""
    collected = yield
    for file in collected:
        if isinstance(file, nbval.plugin.IPyNbFile):
            file.__class__ = StrictFile
            file.skip_compare = tuple(kind for kind in file.skip_compare if kind != "image/png")
    return collected
