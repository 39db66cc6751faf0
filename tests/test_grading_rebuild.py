"""What of a submission is run: its exercise cells, found in whatever state the file is."""

import copy
import json

import pytest
from answers import solution, stub
from graded import added, cell_of, code, exercises_of, handed_out, place_of, solved

from grading import rebuild

STEM = "03_padding_modes"
NAME = "same_padding"


def release():
    return rebuild.read_release(json.dumps(handed_out(STEM)).encode())


def works(notebook):
    """What is run of a notebook, by exercise."""
    return rebuild.rebuild(release(), rebuild.cells_in(json.dumps(notebook).encode()))


def test_the_exercises_are_those_of_the_release_in_order():
    assert release().exercises == tuple(exercises_of(STEM))
    assert exercises_of(STEM)[0] == NAME


def test_each_exercise_gets_its_own_cell_and_nothing_else_runs_before():
    found = works(solved(STEM))
    assert {name: work.source for name, work in found.items()} == {
        name: solution(name) for name in exercises_of(STEM)
    }
    assert found[NAME].before == ()
    assert found["symmetric_conv"].before == (solution(NAME),)


def test_checks_stubs_and_the_set_up_cell_are_never_run():
    found = works(solved(STEM, window_mean=stub("window_mean")))
    everything = [source for work in found.values() for step in work.others for source in step]
    assert everything
    assert not any("Set-up" in source for source in everything)
    assert not any("checks.padding." in source for source in everything)
    assert stub("window_mean") not in everything


def test_cells_that_the_learner_added_above_run_before():
    found = works(added(solved(STEM), "helper = 3", "symmetric_conv"))
    assert found["symmetric_conv"].before == (solution(NAME), "helper = 3")
    assert found[NAME].before == ()
    assert "helper = 3" in found[NAME].others[0]


def test_demonstrations_are_not_run_unless_something_is_missing():
    made = solved(STEM)
    for cell in made["cells"]:
        if cell["source"].startswith("prediction = None"):
            cell["source"] = "prediction = 3"
    found = works(made)[NAME]
    assert found.before == ()
    assert not any("prediction" in source for source in found.others[0])
    assert any("prediction = 3" in source for source in found.others[1])


def lost(notebook, *what):
    """A copy whose cells have lost keys."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        for key in what:
            cell.pop(key, None)
    return made


@pytest.mark.parametrize("what", [("metadata",), ("id",), ("metadata", "id", "outputs")])
def test_cells_are_found_when_their_marks_are_lost(what):
    found = works(lost(solved(STEM), *what))
    assert {name: work.source for name, work in found.items()} == {
        name: solution(name) for name in exercises_of(STEM)
    }


@pytest.mark.parametrize(
    "source",
    [
        "same_padding = lambda size, kernel_size, stride=1, dilation=1: (0, 0)",
        "from functools import cache\n\n@cache\ndef same_padding(size):\n    return 0, 0",
        "class same_padding:\n    pass",
        "same_padding: object = print",
    ],
)
def test_a_cell_is_known_by_what_it_defines(source):
    made = lost(solved(STEM, same_padding=source), "metadata", "id")
    assert works(made)[NAME].source == source


@pytest.mark.parametrize(
    "source", ["same_padding == 3", "x = same_padding(3, 3)", "def same_padding_2(x):\n    ..."]
)
def test_a_cell_that_only_mentions_an_exercise_is_none(source):
    made = solved(STEM)
    made["cells"][place_of(made, NAME)] = code("# nothing")
    made["cells"].insert(1, code(source))
    assert works(made)[NAME].source in (None, "# nothing")


def test_a_cell_without_name_and_mark_is_known_by_its_place():
    made = solved(STEM)
    made["cells"][place_of(made, NAME)] = code("def my_padding(size):\n    return 0, 0")
    assert works(made)[NAME].source.startswith("def my_padding")


def test_two_cells_in_that_place_are_no_answer():
    made = solved(STEM)
    place = place_of(made, NAME)
    made["cells"][place : place + 1] = [code("a = 1"), code("b = 2")]
    assert works(made)[NAME].source is None


def test_of_several_answers_the_one_that_the_check_would_see_counts():
    made = solved(STEM, same_padding="def same_padding(size):\n    return 1, 1")
    above = code("def same_padding(size):\n    return 0, 0")
    between = code("def same_padding(size):\n    return 2, 2")
    below = code("def same_padding(size):\n    return 3, 3")
    place = place_of(made, NAME)
    made["cells"][place : place + 2] = [above, *made["cells"][place : place + 2], below]
    assert "return 1, 1" in works(made)[NAME].source
    assert "return 0, 0" in works(made)[NAME].before[0]
    made["cells"].insert(place + 2, between)
    assert "return 2, 2" in works(made)[NAME].source


def test_an_answer_goes_before_a_stub_with_the_same_mark():
    made = solved(STEM)
    place = place_of(made, NAME)
    unsolved = copy.deepcopy(made["cells"][place]) | {"source": stub(NAME)}
    for where in (place, place + 1):
        both = copy.deepcopy(made)
        both["cells"].insert(where, unsolved)
        assert works(both)[NAME].source == solution(NAME)


def test_an_answer_below_the_check_counts_when_there_is_no_other():
    made = handed_out(STEM)
    made["cells"].append(code(solution(NAME)))
    assert works(made)[NAME].source == solution(NAME)


def test_a_check_in_the_answers_own_cell_does_no_harm():
    source = f"{solution(NAME)}\n\nchecks.padding.same_padding(same_padding)"
    assert works(solved(STEM, same_padding=source))[NAME].source == source


def test_marks_that_are_nonsense_are_no_marks():
    made = solved(STEM)
    for cell in made["cells"]:
        cell["metadata"] = {"nbgrader": {"grade_id": ["same_padding"], "points": 1000}}
        cell["id"] = 7
    assert works(made)[NAME].source == solution(NAME)


def test_a_text_cell_is_never_run():
    made = solved(STEM)
    cell_of(made, NAME)["cell_type"] = "markdown"
    assert works(made)[NAME].source is None


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(end):
    made = solved(STEM)
    for cell in made["cells"]:
        cell["source"] = cell["source"].replace("\n", end)
    assert works(made)[NAME].source == solution(NAME)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_other_editors_are_read(encoding):
    raw = json.dumps(solved(STEM), ensure_ascii=False).encode(encoding)
    found = rebuild.rebuild(release(), rebuild.cells_in(raw))
    assert found[NAME].source == solution(NAME)


def test_a_demonstration_of_an_older_release_is_not_the_learners():
    import hashlib

    source = "old = np.ones(3)"
    digest = hashlib.sha1(source.encode()).hexdigest()[:8]
    made = solved(STEM)
    made["cells"].insert(1, code(source, id=digest))
    assert source not in works(made)[NAME].before
    made["cells"][1]["source"] += "\nmine = 1"
    assert works(made)[NAME].before == (source + "\nmine = 1",)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "unreadable JSON"),
        (b"[" * 10**6, "unreadable JSON"),
        (b'{"cells": ' + b"9" * 10**5 + b"}", "unreadable JSON"),
        (b"\xff\xfe\xff", "unreadable JSON"),
        (b"null", "not a notebook"),
        (b'{"worksheets": [3]}', "not a notebook"),
        (b'{"cells": [' + b"1," * 2500 + b"1]}", "too large"),
    ],
    ids=range(7),
)
def test_what_is_no_notebook_is_named(raw, reason):
    with pytest.raises(rebuild.Ungradable, match=reason):
        rebuild.cells_in(raw)


def test_another_notebook_is_not_this_assignment():
    with pytest.raises(rebuild.Ungradable, match="not this assignment"):
        works({"cells": [code("x = 1"), {"cell_type": "markdown", "source": "# Hello"}]})
