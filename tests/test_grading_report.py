"""The class report: counts that hold, names only where they are asked for, CSV behind it."""

import csv

import fake_judge
import pytest
from test_grading_feedback import NASTY, Page

from grading.report import group_of, write_csv, write_report
from grading.result import OUTCOMES, ExerciseResult, Result

STEM = "03_padding_modes"


def exercise(outcome="right", score=5.0, misconception=None, feedback=("words",), name=None):
    name = name or "same_padding"
    return ExerciseResult(name, score, 5.0, outcome, misconception, feedback)


def result(student, *exercises, **more):
    return Result(student, STEM, exercises, **more)


CLASS = [
    result("ada", exercise(), seconds=1.0),
    result("ben", exercise("wrong", 3.5, "extra_first", ("Which side?", "f(6) gave (1, 0)."))),
    result("eve", exercise("wrong", 1.0, "extra_first + symmetric", ("Which side?", "...")),
           notes=("a cell was skipped",)),
    result("gus", exercise("crashed", 0.0), seconds=9.0),
    result("hal", exercise("missing", 0.0)),
    result("ivy", reason="unreadable JSON: damaged"),
]  # fmt: skip


@pytest.fixture
def report(tmp_path):
    """A function from results to (text of the page, rows of each table)."""

    def make(results, title=None):
        path = write_report(tmp_path, STEM, results, title)
        tables = {
            file.stem.removeprefix(f"{STEM}_"): list(csv.DictReader(file.open()))
            for file in tmp_path.glob("*.csv")
        }
        return path.read_text(), tables

    return make


def test_the_points_are_counted(report):
    _, tables = report(CLASS)
    counted = {row["from"]: int(row["submissions"]) for row in tables["points"]}
    assert sum(counted.values()) == 5
    assert counted["5.0"] == 1  # full marks stand alone
    assert counted["3.5"] == 1 and counted["1.0"] == 1 and counted["0.0"] == 2


def test_the_success_rate_and_the_outcomes_of_each_exercise(report):
    _, tables = report(CLASS)
    (row,) = tables["exercises"]
    assert (row["exercise"], row["submissions"], row["success rate"]) == (
        "same_padding",
        "5",
        "0.2",
    )
    assert row["mean points"] == "1.9"
    assert (row["right"], row["partly right"], row["stopped with an error"]) == ("1", "2", "1")
    assert row["not written"] == "1"


def test_misconceptions_are_counted_one_by_one(report):
    text, tables = report(CLASS)
    counted = {r["misconception"]: int(r["submissions"]) for r in tables["misconceptions"]}
    assert counted == {"extra_first": 2, "symmetric": 1}
    assert list(counted) == ["extra_first", "symmetric"]  # the most frequent first
    assert "same_padding: extra first" in text


def test_each_misconception_has_its_question_and_an_example(report):
    from helpers import checks

    known = {m.name: m.question for m in checks.find("same_padding").misconceptions}
    text = Page(report(CLASS)[0]).text
    assert known["extra_first"] in text and known["symmetric"] in text
    assert "f(6) gave (1, 0)." in text  # of the one who had this misconception alone


def test_the_page_names_no_student_before_the_last_section(report):
    text, tables = report(CLASS)
    open_part = Page(text.split("<summary>")[0]).text
    names = {result.student for result in CLASS}
    assert not names & set(open_part.replace(",", " ").split())
    listed = {(row["student"], row["why"]) for row in tables["slow_and_crashed"]}
    assert ("gus", "crashed: same_padding") in listed
    assert ("ivy", "not graded: unreadable JSON: damaged") in listed
    assert ("eve", "a cell was skipped") in listed
    assert ("gus", "among the slowest") in listed


def test_each_figure_says_in_words_what_it_shows(report):
    images = [value for key, value in Page(report(CLASS)[0]).attributes if key == "alt"]
    points, outcomes, misconceptions = images
    assert "5: 1" in points and "3.5–4: 1" in points
    assert "same_padding: right 20%" in outcomes
    assert "extra first 2" in misconceptions


def test_nothing_of_a_learners_is_markup(report):
    items = (exercise("wrong", 0.0, "extra_first", (NASTY, f"x\n{NASTY}")),)
    nasty = Page(report([Result(NASTY, STEM, items, notes=(NASTY,)),
                         Result("b", STEM, reason=NASTY)], title=NASTY)[0])  # fmt: skip
    assert "script" not in nasty.tags
    assert not {"onerror", "onload"} & {key for key, _ in nasty.attributes}
    sources = [value for key, value in nasty.attributes if key == "src"]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)


@pytest.mark.parametrize(
    "results",
    [
        [Result("ivy", STEM, reason="too large")],
        [result("ada", exercise())],
        [Result("ada", STEM, (fake_judge.result_of("pad_image", 0.0, 1.0),))],  # practice only
        [result(f"s{i}", exercise("wrong", 0.0, "extra_first")) for i in range(40)],
    ],
    ids=["none graded", "one", "no points", "all the same"],
)
def test_a_class_of_any_kind_has_a_report(report, results):
    assert "Class report" in report(results)[0]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_its_place(outcome):
    from grading.report import GROUPS

    assert group_of(exercise(outcome, 0.0)) in GROUPS


def test_no_cell_of_a_table_is_taken_for_a_formula(tmp_path):
    path = tmp_path / "t.csv"
    write_csv(path, ("a", "b"), [("=1+1", 2.5), ("@x", None), ("plain, with comma", -3)])
    assert path.read_text() == "a,b\n'=1+1,2.5\n'@x,\n\"plain, with comma\",-3\n"
