"""HTML pages: one file each, without scripts; whatever a learner wrote is shown as text."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

LONGEST_LINE = 4000  # characters of one line of feedback
# What can't be shown or stored: control characters and halves of surrogate pairs; and what turns
# the direction of the text around it.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def printable(text):
    """`text` without what can't be shown or stored."""
    return UNSHOWN.sub("\ufffd", text)


def clean(text):
    """The same, and not longer than a page bears."""
    text = printable(text)
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + " ..."


def points(number):
    """Points as one writes them: 2 rather than 2.0."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


_environment.filters |= {"clean": clean, "points": points}


def page(template, **values):
    """The page that a template makes of `values`; every value is escaped."""
    return _environment.get_template(template).render(**values)
