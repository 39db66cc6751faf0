"""The feedback page: everything a student needs, nothing that a student could plant in it."""

import re
from html.parser import HTMLParser

import fake_judge
import pytest

from grading.feedback import feedback_page
from grading.pages import LONGEST_LINE, clean
from grading.result import OUTCOMES, ExerciseResult, Result

STEM = "03_padding_modes"
NASTY = (
    "</pre></p><script>alert(1)</script><img src=x onerror=alert(2)>&{{ 7*7 }}\x00\x1b[31m\u202e"
)


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_data(self, text):
        self.text += text


def exercise(outcome="wrong", score=2.5, feedback=("Which side?", "f(6) returned 1."), **more):
    parts = (("kind and shape", 0.2, 0.2), ("odd totals", 0.0, 0.3))
    return ExerciseResult("same_padding", score, 5.0, outcome, None, feedback, parts, **more)


def test_it_says_the_points_the_words_and_the_properties():
    page = Page(feedback_page(Result("ada", STEM, (exercise(),)), title="3. Padding"))
    for words in ("3. Padding", "ada", "2.5 of 5 points", "Which side?", "f(6) returned 1.",
                  "odd totals", "not yet", "0 of 1.5"):  # fmt: skip
        assert words in page.text


def test_practice_has_shares_in_place_of_points():
    item = fake_judge.result_of("pad_image", 0.0, 0.5)
    text = Page(feedback_page(Result("ada", STEM, (item,)))).text
    assert "wrong (practice, no points)" in text and "20% of 20%" in text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_its_words(outcome):
    score = 5.0 if outcome == "right" else 0.0
    text = Page(feedback_page(Result("ada", STEM, (exercise(outcome, score),)))).text
    assert re.search(r"same_padding: \w[\w ]+, [05] of 5 points", text)
    assert ("odd totals" in text) == (outcome in ("wrong", "error"))


def test_a_submission_that_was_not_graded_says_why():
    page = Page(feedback_page(Result("ada", STEM, reason="unreadable JSON: damaged")))
    assert "unreadable JSON: damaged" in page.text and "points" not in page.text


def nasty_page():
    items = (exercise(feedback=(NASTY, f"a\n{NASTY}")),)
    return feedback_page(Result(NASTY, NASTY, items, notes=(NASTY,)), title=NASTY)


def test_nothing_of_a_learners_is_markup():
    page = Page(nasty_page())
    plain = Page(feedback_page(Result("a", "b", (exercise(feedback=("c", "d\ne")),), notes=("f",))))
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert "<script>alert(1)</script>" in page.text and "{{ 7*7 }}" in page.text
    assert not re.search("[\x00\x1b\u202e]", page.text)


def test_the_page_needs_nothing_else_and_allows_no_script():
    text = nasty_page()
    assert "default-src 'none'" in text
    attributes = dict(Page(text).attributes)
    assert not {"src", "href", "onerror", "onload"} & attributes.keys()


@pytest.mark.browser
def test_a_browser_runs_nothing_of_it(tmp_path):
    from lab import chromium

    path = tmp_path / "page.html"
    path.write_text(nasty_page())
    said = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        assert page.locator("script, img").count() == 0
        assert "<script>alert(1)</script>" in page.inner_text("body")
    assert said == []


def test_a_page_can_be_written_whatever_a_learner_printed():
    nasty_page().encode("utf-8")
    assert clean("\ud800\udfff") == "\ufffd\ufffd"
    assert clean("tab\tand\nline") == "tab\tand\nline"


def test_a_line_without_end_is_cut():
    assert len(clean("x" * 10**6)) == LONGEST_LINE + len(" ...")
