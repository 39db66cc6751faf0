"""The notebooks are what their sources make, follow the rules, and run through."""

import re
import statistics

import claims
import nbformat
import pytest
from answers import EXERCISES, build, notebooks
from nbclient import NotebookClient

SOURCES = build.sources()
PAIRS = list(zip(SOURCES, notebooks(), strict=True))
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
each_pair = pytest.mark.parametrize(
    ("source", "notebook"), PAIRS, ids=lambda x: getattr(x, "stem", "")
)
MADE = "it is made from notebooks/source: run `make build`"


@each_pair
def test_the_learners_notebook_is_what_its_source_makes(source, notebook):
    path = build.NOTEBOOKS / f"{source.stem}.ipynb"
    assert path.read_text() == build.written(build.for_learner(notebook)), MADE


@each_source
def test_building_twice_gives_the_same_bytes(source):
    once, again = (build.written(build.for_learner(build.read_source(source))) for _ in range(2))
    assert once == again


@each_pair
def test_the_reference_has_the_cells_of_its_source(source, notebook):
    reference = nbformat.read(build.REFERENCE / f"{source.stem}.ipynb", 4)
    assert [(c.id, c.source) for c in reference.cells] == [
        (c.id, c.source) for c in notebook.cells
    ], MADE


def test_no_notebook_is_left_without_its_source():
    stems = {path.stem for path in SOURCES}
    assert {path.stem for path in build.NOTEBOOKS.glob("*.ipynb")} == stems
    assert {path.stem for path in build.REFERENCE.glob("*.ipynb")} == stems


def test_the_readme_lists_the_notebooks_as_they_are():
    text = (build.ROOT / "README.md").read_text()
    assert text == build.readme_with_table(text), MADE


@each_source
def test_the_learners_notebook_gives_nothing_away(source):
    text = (build.NOTEBOOKS / f"{source.stem}.ipynb").read_text()
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN)|\"claims\"", text)
    cells = nbformat.reads(text, 4).cells
    assert not any(cell.get("outputs") for cell in cells)


@each_pair
def test_no_line_of_a_solution_is_in_the_learners_notebook(source, notebook):
    given = (build.NOTEBOOKS / f"{source.stem}.ipynb").read_text()
    shown = {line.strip() for c in nbformat.reads(given, 4).cells for line in c.source.splitlines()}
    for cell in notebook.cells:
        for block in re.findall(r"### BEGIN SOLUTION\n(.*?)### END", cell.source, re.S):
            long = {line.strip() for line in block.splitlines() if len(line.strip()) > 25}
            assert not long & shown


@each_source
def test_a_learners_notebook_is_valid_and_its_cells_have_names_of_their_own(source):
    notebook = nbformat.read(build.NOTEBOOKS / f"{source.stem}.ipynb", 4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@each_source
def test_the_claims_of_a_notebook_are_executed_by_marked_cells(source):
    assert claims.problems(source, claims.table()) == []


@each_pair
def test_code_cells_are_short(source, notebook):
    lengths = [len(c.source.splitlines()) for c in _demonstrations(notebook)]
    assert statistics.median(lengths) <= 5
    assert sorted(lengths)[int(0.9 * len(lengths)) - 1] <= 12


@each_pair
def test_predictions_are_at_least_four_and_varied(source, notebook):
    asked = [c for c in notebook.cells if re.match(r"prediction = None", c.source)]
    forms = re.findall(r"predictions\.(number|choice|ranking|values)\(",
                       "\n".join(c.source for c in notebook.cells))  # fmt: skip
    assert len(asked) == len(forms) >= 4
    assert len(set(forms)) >= 2


@each_pair
def test_each_exercise_is_followed_by_its_check(source, notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, after in zip(code, code[1:], strict=False):
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution"):
            name = mark["grade_id"]
            call = rf"checks\.\w+\.{name}\({name}\)"
            assert re.fullmatch(call, after.source), f"{name} has no check right after it"
            assert name in EXERCISES


@each_pair
def test_a_notebook_opens_with_what_when_and_how_long(source, notebook):
    title, minutes, points = build.facts(notebook)
    assert re.match(r"\d+\. ", title) and 10 <= minutes <= 60 and points >= 0
    assert "**You will be able to**" in notebook.cells[0].source
    assert "**You need**" in notebook.cells[0].source


@each_source
def test_a_reference_is_small(source):
    assert (build.REFERENCE / f"{source.stem}.ipynb").stat().st_size < 500_000


def _slow_if_it_trains(path):
    """The notebooks from 09 on; what they run is run in their reference, too."""
    trains = path.stem[:2] >= "09" and path.stem[:2] != "14"
    return pytest.param(path, id=path.stem, marks=pytest.mark.slow if trains else ())


@pytest.mark.parametrize("source", [_slow_if_it_trains(path) for path in SOURCES])
def test_run_all_on_the_untouched_notebook_never_stops(source, tmp_path):
    notebook = nbformat.read(build.NOTEBOOKS / f"{source.stem}.ipynb", 4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(build.NOTEBOOKS)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    scores = [
        c for c in notebook.cells if c.source.startswith("checks.") and "hint" not in c.source
    ]
    said = [o.data["text/plain"] for c in scores for o in c.outputs if "data" in o]
    assert said[:-1] == ["0.0"] * (len(said) - 1)


def _demonstrations(notebook):
    """Code cells that a learner reads but does not write, without the set-up cell."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.id != "set-up"
        and not cell.metadata.get("nbgrader", {}).get("solution")
    ]
