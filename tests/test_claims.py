"""What must not pass: a mark or a row of the table that says more than a cell shows."""

import claims
import pytest

SOURCE = next(path for path in claims.build.sources() if path.stem.startswith("02"))
MARKS = claims.marks(SOURCE)
CELL, (CLAIM, *_) = MARKS[0]
TEXT = claims.build.read_source(SOURCE).cells[0].id  # a cell without code


@pytest.fixture
def rows():
    return {claim: dict(row) for claim, row in claims.table().items()}


@pytest.fixture
def problems(monkeypatch):
    """The problems of a notebook whose claims are marked otherwise than in its source."""

    def of(rows, marked=MARKS):
        told = claims.marks(SOURCE, "topics")
        kinds = {"claims": marked, "topics": told}
        monkeypatch.setattr(claims, "marks", lambda path, kind="claims": kinds[kind])
        return claims.problems(SOURCE, rows)

    return of


def test_as_it_is_there_is_no_problem(problems, rows):
    assert problems(rows) == []


def test_a_mark_that_names_no_claim(problems, rows):
    assert f"{SOURCE.stem}: cell {CELL} names X999, which is no claim" in problems(
        rows, [*MARKS, (CELL, ["X999"])]
    )


def test_a_cell_with_more_than_three_marks(problems, rows):
    four = [claim for _, ids in MARKS for claim in ids][:4]
    assert f"{SOURCE.stem}: cell {CELL} names 4 claims, at most 3" in problems(
        rows, [*MARKS, (CELL, four)]
    )


def test_an_output_that_lacks_what_the_table_expects(problems, rows):
    rows[CLAIM]["expected"] += " && 41.999"
    assert problems(rows) == [f"{SOURCE.stem}: cell {CELL}: {CLAIM} lacks '41.999'"]


def test_a_claim_without_a_cell(problems, rows):
    assert [f"{SOURCE.stem}: no cell executes {CLAIM} ({rows[CLAIM]['claim'][:60]})"] == problems(
        rows, [(cell, [i for i in ids if i != CLAIM]) for cell, ids in MARKS]
    )


def test_a_text_that_would_be_there_whatever_comes_out(problems, rows):
    rows[CLAIM]["expected"] = "add up to"  # the cell's own words
    (found,) = problems(rows)
    assert found.endswith(f"{CLAIM} expects only what the cell's code says: 'add up to'")


def test_nothing_expected(problems, rows):
    rows[CLAIM]["expected"] = ""
    assert problems(rows) == [
        f"{SOURCE.stem}: cell {CELL} executes {CLAIM}; the table's `expected` is ''"
    ]


def test_a_claim_that_is_marked_and_excused(problems, rows):
    rows[CLAIM]["expected"] = "not executed: too long"
    assert len(problems(rows)) == 1


def test_a_test_that_does_not_exist(problems, rows):
    unmarked = [(cell, [i for i in ids if i != CLAIM]) for cell, ids in MARKS]
    rows[CLAIM]["expected"] = "test: test_claims.py::test_nothing_expected"
    assert problems(rows, unmarked) == []
    for name in ("test_claims.py::test_of_nothing", "test_of_nothing.py::test_nothing_expected"):
        rows[CLAIM]["expected"] = f"test: {name}"
        assert len(problems(rows, unmarked)) == 1


def test_a_mark_on_a_cell_without_code(problems, rows):
    moved = [(TEXT if cell == CELL else cell, ids) for cell, ids in MARKS]
    assert f"{SOURCE.stem}: cell {TEXT} executes {CLAIM}, but has no code" in problems(rows, moved)


def test_a_cell_that_was_edited_and_not_built_again(problems, rows):
    edited = [("0" * 8 if cell == CELL else cell, ids) for cell, ids in MARKS]
    assert problems(rows, edited) == [
        f"{SOURCE.stem}: cell {'0' * 8} is not in the reference notebook: run `make build`"
    ]
