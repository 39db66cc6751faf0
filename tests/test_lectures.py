"""The pages on the lectures follow from the tables, and the tables hold together."""

import claims
import lectures
import pytest

ROWS = claims.table()
TOPICS = claims.table(claims.TOPICS)
ERRATA = claims.table(lectures.DOCS / "errata.csv")
WRITTEN = {path.stem[:2] for path in claims.build.sources()}
MADE = "it is made from docs/*.csv and the notebooks: run `make build`"


@pytest.fixture(scope="module")
def places():
    return lectures.Places()


def test_the_pages_are_what_the_tables_make(places):
    assert (lectures.DOCS / "lectures.md").read_text() == lectures.lectures_page(places), MADE
    assert (lectures.DOCS / "errata.md").read_text() == lectures.errata_page(places), MADE


def test_nothing_of_the_lectures_is_missing_from_the_tables():
    assert (len(TOPICS), len(ROWS), len(ERRATA)) == (146, 301, 64)


@pytest.mark.parametrize("letter", lectures.LECTURES)
def test_the_claims_of_a_lecture_are_numbered_in_the_order_of_its_slides(letter):
    numbers = sorted(number for number, _ in lectures._placed(ROWS, letter))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == sum(letter in row["deck"].split(",") for row in ROWS.values())


def test_each_claim_has_a_topic_a_notebook_and_a_verdict():
    assert {row["topic_id"] for row in ROWS.values()} <= set(TOPICS)
    assert {row["notebook"] for row in ROWS.values()} <= WRITTEN
    assert {row["verdict"] for row in ROWS.values()} <= set(lectures.VERDICTS)


def test_each_erratum_names_the_claims_that_it_corrects():
    for number, row in ERRATA.items():
        named = row["claims"].split()
        assert named and set(named) <= set(ROWS), number
        decks = {deck for claim in named for deck in ROWS[claim]["deck"].split(",")}
        assert decks & set(row["decks"].split(",")), number


def test_each_erratum_is_shown_by_a_cell(places):
    without = [
        i for i, row in ERRATA.items() if not set(row["claims"].split()) & set(places.claims)
    ]
    assert without == ["E63"]  # names that are misspelt


def test_each_topic_of_a_notebook_that_exists_is_told(places):
    missing = [
        f"{topic} ({row['notebook']}: {row['topic']})"
        for topic, row in TOPICS.items()
        if row["notebook"] in WRITTEN and topic not in places.topics
    ]
    assert missing == []


def test_each_claim_has_a_cell_a_test_or_a_reason(places):
    missing = [claim for claim, row in ROWS.items() if places.of_claim(row) == "not yet"]
    assert missing == []


def test_what_a_claims_cell_puts_out_is_compared_when_the_notebook_is_run_again():
    """But for a block that is not on every machine; test_residual_blocks.py holds the two."""
    loose = set()
    for path in claims.build.sources():
        cells = {cell.id: cell for cell in claims.build.read_source(path).cells}
        for cell, ids in claims.marks(path):
            if "nbval-ignore-output" in cells[cell].metadata.get("tags", []):
                loose |= set(ids)
    assert loose == {"K007", "K008"}


def test_a_verdict_that_is_not_plain_says_why():
    errata = {claim for row in ERRATA.values() for claim in row["claims"].split()}
    for claim, row in ROWS.items():
        if row["verdict"] != "true" and claim not in errata:
            excused = row["expected"].startswith(claims.WHY_NOT)
            assert excused or len(lectures._verdict(row).partition(": ")[2]) > 10, claim


def test_a_topics_own_mark_comes_before_a_claim_about_it(places):
    """The weekday of a lecture in notebook 0 is not where its goal is told."""
    assert places.topics["T005"].startswith("[1: A picture is a row of numbers]")


@pytest.mark.parametrize("path", claims.build.sources(), ids=lambda path: path.stem)
def test_a_link_to_the_code_opens_the_cell(path):
    lines = path.read_text().splitlines()
    links = lectures._links(path)
    for kind in ("claims", "topics"):
        for cell, ids in claims.marks(path, kind):
            number = int(links[cell].rpartition("#L")[2].rstrip(")"))
            assert f'{kind}="{" ".join(ids)}"' in lines[number - 1]


def test_a_claim_without_a_cell_is_not_yet_there():
    nowhere = lectures.Places.__new__(lectures.Places)
    nowhere.claims, nowhere.topics = {}, {}
    row = {**ROWS["N001"], "expected": ""}
    assert nowhere.of_claim(row) == "not yet"
    assert nowhere.of_claim({**row, "expected": "not executed: a date"}).endswith("a date")
    assert nowhere.of_claim({**row, "expected": "test: test_a.py::test_b"}) == (
        "`tests/test_a.py::test_b`"
    )
