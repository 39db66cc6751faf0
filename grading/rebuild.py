"""What of a submission is run: the trusted release, and the learner's cells for it.

Only the sources of exercise cells and of code cells that the learner added come from the
submission. An exercise cell is found by its grade id or cell id, else by what it defines, else by
its place. Whatever else the file says (flags, points, tags, outputs, kernel) is never read.

Text that a learner wrote is never parsed as Python here; the parser itself can be brought down.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field

LARGEST_FILE = 64 << 20  # bytes; a notebook of this course with all its figures has under 2 MiB
LARGEST_SOURCE = 1 << 20  # characters of all code cells together
MOST_CELLS = 2000


class Ungradable(Exception):
    """A submission that can't be graded: a short name of the reason, and what it means."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook file: its text with "\\n" as line end, and what names it."""

    code: bool
    source: str
    names: frozenset[str] = frozenset()  # grade id, cell id

    @property
    def shape(self):
        """The text without what editors change: blank lines and spaces at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.source.split("\n") if line.strip())


@dataclass(frozen=True)
class Work:
    """What is run for one exercise, in this order; each a cell's source.

    Args:
        source: the exercise's own cell; None if the submission has none.
        before: the learner's own cells above it, and other exercises' cells there.
        others: what is run when `source` needs more, in two steps: all of the learner's own cells,
            then all code cells of the notebook in order.
    """

    source: str | None
    before: tuple[str, ...] = ()
    others: tuple[tuple[str, ...], ...] = ()


@dataclass
class Release:
    """A notebook as it was handed out.

    Args:
        cells: its cells.
        exercises: names of its exercises, in order.
    """

    cells: list[Cell]
    exercises: tuple[str, ...] = ()
    stubs: dict[str, str] = field(default_factory=dict)


def read_release(raw):
    """The release notebook in the bytes `raw`; its metadata is ours and trusted."""
    notebook = json.loads(raw)
    cells = [_cell(item) for item in notebook["cells"]]
    stubs = {}
    for item, cell in zip(notebook["cells"], cells, strict=True):
        mark = item["metadata"].get("nbgrader", {})
        if mark.get("solution"):
            stubs[mark["grade_id"]] = cell.shape
    return Release(cells, tuple(stubs), stubs)


def read_submission(path):
    """The cells of a submitted file.

    Raises:
        Ungradable: it is no notebook that can be read, or it is too large.
    """
    try:
        if not path.is_file():
            raise Ungradable("unreadable file: it is not an ordinary file")
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Ungradable(f"unreadable file: {error.strerror}") from None
    if len(raw) > LARGEST_FILE:
        raise Ungradable(f"too large: more than {LARGEST_FILE >> 20} MiB")
    return cells_in(raw)


def cells_in(raw):
    """The cells in the bytes of a submitted notebook, format 3 or 4; see `read_submission`."""
    try:
        notebook = json.loads(_text(raw))
    except (ValueError, RecursionError):
        raise Ungradable("unreadable JSON: the file is damaged, or no notebook") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if found is None and isinstance(notebook, dict):  # format 3
        sheets = notebook.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else None
        found = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(found, list):
        raise Ungradable("not a notebook: the file has no list of cells")
    if len(found) > MOST_CELLS:
        raise Ungradable(f"too large: {len(found)} cells, at most {MOST_CELLS}")
    cells = [_cell(item) for item in found if isinstance(item, dict)]
    if sum(len(cell.source) for cell in cells if cell.code) > LARGEST_SOURCE:
        raise Ungradable(f"too large: more than {LARGEST_SOURCE >> 20} MiB of code")
    return cells


def _text(raw):
    """The text of a file that some editor may have saved in its own way."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    return raw.decode("utf-8-sig")


def _cell(item):
    source = item.get("source", item.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        source = ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return Cell(item.get("cell_type") == "code", source, frozenset(_names(item)))


def _names(item):
    """What names a cell: its id, the grade id in its metadata, and Colab's id."""
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    mark = metadata.get("nbgrader")
    mark = mark if isinstance(mark, dict) else {}
    for name in (mark.get("grade_id"), item.get("id"), metadata.get("id")):
        if isinstance(name, str) and name:
            yield name


def rebuild(release, cells):
    """What is run for each exercise of a release: dict of `Work` by name.

    Args:
        release: the `Release`.
        cells: the submission's cells.

    Raises:
        Ungradable: nothing in the submission belongs to this release.
    """
    if not _belongs(release, cells):
        raise Ungradable("not this assignment: no cell of it is there")
    chosen = {name: _find(name, release, cells) for name in release.exercises}
    return {name: _work(name, chosen, release, cells) for name in release.exercises}


def _belongs(release, cells):
    names = {name for cell in release.cells for name in cell.names}
    shapes = {cell.shape for cell in release.cells if len(cell.shape) > 40}
    return any(
        cell.names & names
        or cell.shape in shapes
        or any(_defines(cell, name) for name in release.exercises)
        for cell in cells
    )


def _find(name, release, cells):
    """The index of the cell of the exercise `name`, or None.

    As when all is run from the top: of several it is the last one that the check would see. One
    that has been written in goes before one that is still the stub.
    """
    written = [i for i, cell in enumerate(cells) if _is_answer(cell, name, release)]
    check = _place_of_check(name, cells)
    seen = [i for i in written if i <= check]
    if seen:
        return seen[-1]
    if written:
        return written[0]
    by_place = _by_place(name, release, cells, check)
    if by_place is not None:
        return by_place
    stubs = [i for i, cell in enumerate(cells) if cell.code and _is_stub(cell, name, release)]
    return stubs[0] if stubs else None


def _place_of_check(name, cells):
    """The index of the check that counts: the release's own, else the last one, else the end."""
    ours = [i for i, cell in enumerate(cells) if f"{name}-check" in cell.names]
    calls = [i for i, cell in enumerate(cells) if _checks(cell, name)]
    return (ours or calls or [len(cells)])[-1]


def _is_answer(cell, name, release):
    return (
        cell.code
        and bool(cell.source.strip())
        and (name in cell.names or _defines(cell, name))
        and not _is_stub(cell, name, release)
        and not _checks(cell, name, alone=True)
    )


def _is_stub(cell, name, release):
    return cell.shape == release.stubs[name]


def _defines(cell, name):
    """Whether a cell gives `name` a meaning at its top level: the marker when metadata is lost."""
    word = re.escape(name)
    pattern = rf"^(?:(?:async\s+)?def\s+{word}\s*\(|class\s+{word}\b|{word}\s*(?::[^=\n]+)?=[^=])"
    return cell.code and re.search(pattern, cell.source, re.M) is not None


def _checks(cell, name, alone=False):
    """Whether a cell runs the check of `name`; `alone`: whether it does nothing else."""
    call = rf"checks\.\w+\.{re.escape(name)}\s*\("
    if alone:
        return cell.code and re.fullmatch(rf"\s*{call}[^\n]*\s*", cell.source) is not None
    return cell.code and (f"{name}-check" in cell.names or re.search(call, cell.source) is not None)


def _by_place(name, release, cells, check):
    """The cell that stands where the exercise's cell stood: after its neighbour, before its check.

    Counts only when it is the one cell there that the release does not know.
    """
    place = next(i for i, cell in enumerate(release.cells) if name in cell.names)
    above = release.cells[place - 1] if place else None
    known = {cell.shape for cell in release.cells}
    start = next((i for i, cell in enumerate(cells) if above and cell.shape == above.shape), None)
    if start is None or check == len(cells):
        return None
    between = [
        i
        for i in range(start + 1, check)
        if cells[i].code and cells[i].source.strip() and cells[i].shape not in known
    ]
    return between[0] if len(between) == 1 else None


def _work(name, chosen, release, cells):
    own = chosen[name]
    if own is None:
        return Work(None)
    answers = {i for i in chosen.values() if i is not None}
    others = [i for i, cell in enumerate(cells) if i != own and _may_run(cell, release)]
    learners = [i for i in others if i in answers or _is_added(cells[i], release)]

    def sources(places):
        return tuple(cells[i].source for i in places)

    before = sources(i for i in learners if i < own)
    return Work(cells[own].source, before, (sources(learners), sources(others)))


def _may_run(cell, release):
    """Whether a cell is code that can do something: no check, no stub, not the set-up cell."""
    return (
        cell.code
        and bool(cell.source.strip())
        and not any(_checks(cell, name, alone=True) for name in release.exercises)
        and cell.shape not in release.stubs.values()
        and not _is_set_up(cell)
    )


def _is_added(cell, release):
    """Whether a cell is the learner's own, not one of this or an older release."""
    ids = {name for known in release.cells for name in known.names} - set(release.exercises)
    shapes = {known.shape for known in release.cells}
    return not (cell.names & ids or cell.shape in shapes or _is_of_older_release(cell))


def _is_set_up(cell):
    """Whether this is the set-up cell of any release: the sandbox has its own."""
    return "set-up" in cell.names or cell.source.lstrip().startswith("# Set-up: run this cell")


def _is_of_older_release(cell):
    """Whether a cell is one of ours as it was handed out once: its id follows from its text."""
    digest = hashlib.sha1(cell.source.encode("utf-8", "replace")).hexdigest()[:8]
    return any(name.partition("-")[0] == digest for name in cell.names)
