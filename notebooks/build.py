"""Make the notebooks from notebooks/source/.

For each source/NN_name.py, with its solutions, write
  NN_name.ipynb            what a learner opens: no solutions, no outputs;
  reference/NN_name.ipynb  solved and run from the top: text and figures.
The README's table of notebooks is brought up to date as well.

    python notebooks/build.py                 all of it
    python notebooks/build.py 03 05           only the notebooks whose names begin so
    python notebooks/build.py --no-run        without running the reference notebooks
"""

import argparse
import hashlib
import os
import re
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, LockCells

NOTEBOOKS = Path(__file__).resolve().parent
ROOT = NOTEBOOKS.parent
SOURCE, REFERENCE = NOTEBOOKS / "source", NOTEBOOKS / "reference"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
STUB = {"python": "# write your code here\n..."}
MARKS = ("claims", "topics")  # what a cell says of the lectures; stays in the source

sys.path.insert(0, str(ROOT))
from helpers import checks  # noqa: E402


def settings():
    """The course's title, public address and tag, from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["course"]


def sources(prefixes=()):
    """The source files, in order; only those whose names begin with one of `prefixes`."""
    found = sorted(SOURCE.glob("[0-9][0-9]_*.py"))
    return [path for path in found if not prefixes or path.stem.startswith(tuple(prefixes))]


def read_source(path):
    """The notebook that one source file describes, solutions included.

    Its cells carry nbgrader's metadata; the marks `claims` and `topics` stay in the cell's
    metadata, and are taken out of whatever is written.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.cells.insert(1, set_up_cell())
    notebook.cells.insert(1, badge_cell(path.stem))
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
        _mark(cell)
    _name_cells(notebook.cells)
    return notebook


def _mark(cell):
    """Turn `exercise=` and `check=` in a cell's marker into nbgrader's metadata."""
    exercise = cell.metadata.pop("exercise", None)
    check = cell.metadata.pop("check", None)
    name = exercise or check
    if not name:
        return
    points = checks.find(name).points
    graded = bool(check) and points > 0  # a practice exercise has no grade cell
    if exercise or graded:
        cell.metadata["nbgrader"] = {
            "grade_id": exercise or f"{check}-check",
            "solution": bool(exercise),
            "grade": graded,
            "locked": bool(check),
            "task": False,
            "schema_version": 3,
            **({"points": points} if graded else {}),
        }
    else:
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), f"check-{check}"]


def _name_cells(cells):
    """Give each cell an id that follows from its text, so that an edit changes one id only."""
    seen = {}
    for cell in cells:
        graded = cell.metadata.get("nbgrader", {})
        digest = hashlib.sha1(cell.source.encode()).hexdigest()[:8]
        name = graded.get("grade_id") or cell.metadata.pop("id", None) or digest
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"


def badge_cell(stem):
    """The link that opens the learner's notebook in Colab; its picture travels with the cell."""
    address = settings()["repository"].removeprefix("https://github.com/")
    link = f"https://colab.research.google.com/github/{address}/blob/{settings()['tag']}"
    cell = nbformat.v4.new_markdown_cell(
        f"[Open this notebook in Colab]({link}/notebooks/{stem}.ipynb)"
    )
    cell.metadata["id"] = "colab"
    return cell


def set_up_cell():
    """The set-up cell, the same in every notebook, from its template."""
    text = (NOTEBOOKS / "set_up_cell.py").read_text()
    for name in ("repository", "tag"):
        text = text.replace(f"@{name}@", settings()[name])
    cell = nbformat.v4.new_code_cell(text.strip())
    cell.metadata["id"] = "set-up"
    return cell


def for_learner(notebook):
    """A copy without solutions and outputs, its checks locked for nbgrader."""
    copy = _without_marks(notebook)
    for step in (LockCells(), ClearSolutions(code_stub=STUB), ComputeChecksums()):
        copy, _ = step.preprocess(copy, {})
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def run(notebook):
    """A copy that has been run from the top; what went to stderr is dropped."""
    copy = _without_marks(notebook)
    # ipykernel leaves C++'s own output alone when it sees this, as it does under nbval.
    os.environ["PYTEST_CURRENT_TEST"] = "build"
    here = {"metadata": {"path": str(REFERENCE)}}
    NotebookClient(copy, timeout=600, resources=here, coalesce_streams=True).execute()
    copy.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for cell in copy.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return copy


def _without_marks(notebook):
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        for mark in MARKS:
            cell.metadata.pop(mark, None)
    return copy


def written(notebook):
    """A notebook as the text of its file."""
    return nbformat.writes(notebook) + "\n"


def facts(notebook):
    """Title, minutes and points of a notebook, for the README."""
    head = notebook.cells[0].source
    title = re.search(r"^# (.+)$", head, re.M).group(1)
    minutes = int(re.search(r"\*\*Time:\*\* (\d+) minutes", head).group(1))
    points = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)
    return title, minutes, points


def readme_table():
    """The README's table of notebooks, from the sources."""
    address = settings()["repository"].removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{address}/blob/{settings()['tag']}/notebooks"
    rows = ["| notebook | minutes | points | |", "|---|---|---|---|"]
    for path in sources():
        title, minutes, points = facts(read_source(path))
        badge = f"[![Open in Colab](docs/colab.svg)]({colab}/{path.stem}.ipynb)"
        rows.append(
            f"| [{title}](notebooks/{path.stem}.ipynb) | {minutes} | {points:g} | {badge} |"
        )
    return "\n".join(rows)


def readme_with_table(text):
    """The README's text with its table brought up to date."""
    begin, end = "<!-- notebooks -->", "<!-- /notebooks -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{readme_table()}\n{end}{rest.split(end)[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prefixes", nargs="*", help="begin of the names, such as 03")
    parser.add_argument("--no-run", action="store_true", help="leave the reference notebooks")
    options = parser.parse_args()
    REFERENCE.mkdir(exist_ok=True)
    for path in sources(options.prefixes):
        notebook = read_source(path)
        (NOTEBOOKS / f"{path.stem}.ipynb").write_text(written(for_learner(notebook)))
        if not options.no_run:
            (REFERENCE / f"{path.stem}.ipynb").write_text(written(run(notebook)))
        print(path.stem, flush=True)
    readme = ROOT / "README.md"
    readme.write_text(readme_with_table(readme.read_text()))


if __name__ == "__main__":
    main()
