"""What the comparison with the reference must notice, each in a small notebook of its own."""

import base64
import copy
import io
import os
import re
import subprocess
import sys

import nbformat
import pytest
from answers import ROOT, build
from PIL import Image

CELLS = [
    f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"  # without TensorFlow, for speed
    "import matplotlib.pyplot as plt\nimport numpy as np\n"
    "from helpers import plots\nplots.set_defaults()",
    'print("widths", 32, 28, 24)',
    "noise = np.random.default_rng({seed}).integers(0, 10, (4, 4))\n"
    "fig, ax = plots.grid_axes((4, 4))\n"
    'plots.draw_grid(ax, noise, title="Noise")\n'
    "plots.show(fig)",
    "picture = np.random.default_rng({seed}).random((40, 40))\n"
    "fig, ax = plt.subplots()\n"
    "plots.draw_image(ax, picture)\n"
    "plots.show(fig)",
    "1 + 1;",
]


def made(seed=0):
    """The small notebook, run, with a seed of its figures."""
    cells = [nbformat.v4.new_code_cell(text.replace("{seed}", str(seed))) for text in CELLS]
    return build.run(nbformat.v4.new_notebook(cells=cells))


def unchanged(reference):
    """Nothing at all."""


def text(reference):
    """A number in a line of text."""
    output = reference.cells[1].outputs[0]
    output.text = output.text.replace("28", "27")


def number_in_a_figure(reference):
    """A number inside a figure: only the words can show it, the pixels move too little."""
    data = reference.cells[2].outputs[0].data
    first = re.search(r"\d", data["text/plain"].splitlines()[1])
    at = data["text/plain"].index("\n") + 1 + first.start()
    data["text/plain"] = data["text/plain"][:at] + "77" + data["text/plain"][at + 1 :]


def pixels(reference):
    """A figure whose words agree, but whose picture is another."""
    data = reference.cells[3].outputs[0].data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    buffer = io.BytesIO()
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(buffer, "PNG")
    data["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def never_run(reference):
    """A cell without a number: nbval alone would let it pass."""
    reference.cells[1].execution_count = None
    reference.cells[1].outputs = []


CHANGES = {"unchanged": unchanged, "text": text, "number_in_a_figure": number_in_a_figure,
           "pixels": pixels, "never_run": never_run}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """The numbers of the cells that fail in each notebook."""
    folder = tmp_path_factory.mktemp("notebooks")
    reference = made()
    for name, change in CHANGES.items():
        changed = copy.deepcopy(reference)
        change(changed)
        nbformat.write(changed, folder / f"{name}.ipynb")
    other = made(seed=1)
    for cell, text in zip(other.cells, CELLS, strict=True):
        cell.source = text.replace("{seed}", "0")
    nbformat.write(other, folder / "another_seed.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "strict_nbval", "-q", "-rA",
               "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]  # fmt: skip
    here = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    said = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True).stdout
    results = re.findall(r"^(PASSED|FAILED) (?:.*/)?(\w+)\.ipynb::Cell (\d+)", said, re.M)
    assert len(results) == len(CELLS) * (len(CHANGES) + 1), said[-3000:]
    return {
        name: [int(n) for result, which, n in results if which == name and result == "FAILED"]
        for name in [*CHANGES, "another_seed"]
    }


@pytest.mark.parametrize(
    ("name", "cells"),
    [("unchanged", []), ("text", [1]), ("number_in_a_figure", [2]), ("pixels", [3]),
     ("never_run", [1]), ("another_seed", [2, 3])],
)  # fmt: skip
def test_the_comparison_fails_where_something_changed(name, cells, verdicts):
    assert verdicts[name] == cells
