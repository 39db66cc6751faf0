"""Which claims of the lectures are executed where, and which are still missing.

    python notebooks/claims.py           list them, notebook by notebook
    python notebooks/claims.py 03        only one notebook

The table is docs/claims.csv. A cell's marker names the claims that it executes (at most three,
`claims="N014 N017"`); the table's column `expected` says what the cell's output must contain,
several pieces joined by " && ". At least one piece must be computed: what the cell's own code says
is there whatever comes out. A row that a test executes names it: "test: file.py::name". A row
that cannot be executed says why: "not executed: ...". A topic of docs/topics.csv without a claim
of its own is marked where it is told, in any cell: `topics="T007 T145"`.
"""

import csv
import html
import re
import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parent))
import build  # noqa: E402

TABLE = build.ROOT / "docs" / "claims.csv"
TOPICS = build.ROOT / "docs" / "topics.csv"
MOST = 3  # claims a cell
WHY_NOT, IN_TEST = "not executed:", "test:"


def table(path=TABLE):
    """The rows of a table, by id."""
    with open(path, newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def marks(path, kind="claims"):
    """What the cells of one source file mark: a list of (cell id, list of ids).

    `kind` is "claims" or "topics".
    """
    cells = build.read_source(path).cells
    return [(c.id, c.metadata[kind].split()) for c in cells if kind in c.metadata]


def output_of(cell):
    """All text that a cell put out, with its white space made single."""
    pieces = [cell.source] if cell.cell_type == "markdown" else []
    for output in cell.get("outputs", []):
        pieces.append(output.get("text", ""))
        data = output.get("data", {})
        pieces.append(data.get("text/plain", ""))
        pieces.append(html.unescape(re.sub(r"<[^>]+>", " ", data.get("text/html", ""))))
    return " ".join(" ".join(pieces).split())


def problems(path, rows):
    """What is wrong with the claims of one notebook, a line each."""
    marked = marks(path)
    reference = nbformat.read(build.REFERENCE / f"{path.stem}.ipynb", 4)
    cells = {cell.id: cell for cell in reference.cells}
    number, found = path.stem[:2], []
    for cell, ids in marked:
        where = f"{path.stem}: cell {cell}"
        if len(ids) > MOST:
            found.append(f"{where} names {len(ids)} claims, at most {MOST}")
        if cell not in cells:
            found.append(f"{where} is not in the reference notebook: run `make build`")
            continue
        for claim in ids:
            found += _wrong_with(claim, rows, where, cells[cell])
    executed = {claim for _, ids in marked for claim in ids}
    for claim, row in rows.items():
        if row["notebook"] == number and claim not in executed and not _elsewhere(row):
            found.append(f"{path.stem}: no cell executes {claim} ({row['claim'][:60]})")
    topics = table(TOPICS)
    for cell, ids in marks(path, "topics"):
        found += [f"{path.stem}: cell {cell} names no topic: {i}" for i in ids if i not in topics]
    return found


def _elsewhere(row):
    """Whether a test executes the claim, or nothing can."""
    if not row["expected"].startswith(IN_TEST):
        return row["expected"].startswith(WHY_NOT)
    file, _, name = row["expected"].removeprefix(IN_TEST).strip().partition("::")
    path = build.ROOT / "tests" / file
    return path.is_file() and f"def {name}(" in path.read_text()


def _wrong_with(claim, rows, where, cell):
    if claim not in rows:
        return [f"{where} names {claim}, which is no claim"]
    if cell.cell_type != "code":
        return [f"{where} executes {claim}, but has no code"]
    expected, output = rows[claim]["expected"], output_of(cell)
    if not expected or expected.startswith((WHY_NOT, IN_TEST)):
        return [f"{where} executes {claim}; the table's `expected` is {expected!r}"]
    pieces, code = [" ".join(piece.split()) for piece in expected.split(" && ")], cell.source
    lacking = [f"{where}: {claim} lacks {piece!r}" for piece in pieces if piece not in output]
    if all(piece in " ".join(code.split()) for piece in pieces):
        lacking.append(f"{where}: {claim} expects only what the cell's code says: {expected!r}")
    return lacking


def main():
    rows, prefixes = table(), sys.argv[1:]
    for path in build.sources(prefixes):
        print(path.stem)
        for cell, ids in marks(path):
            for claim in ids:
                row = rows.get(claim, {"claim": "?", "verdict": "?"})
                print(f"  {claim}  cell {cell}  {row['verdict']}: {row['claim'][:70]}")
        for line in problems(path, rows):
            print(f"  PROBLEM {line}")
    written = {path.stem[:2] for path in build.sources()}
    for number in sorted({row["notebook"] for row in rows.values()} - written):
        if not prefixes or number in prefixes:
            of_it = [claim for claim, row in rows.items() if row["notebook"] == number]
            print(f"{number} is not written yet; its claims: {' '.join(of_it)}")


if __name__ == "__main__":
    main()
