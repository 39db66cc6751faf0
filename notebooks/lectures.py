"""Make docs/lectures.md and docs/errata.md from the tables and from the marks in the notebooks.

    python notebooks/lectures.py             write both pages, and say how much is covered

docs/claims.csv says what the lectures claim (`slides`: "A12" is the twelfth claim of lecture A),
docs/topics.csv what they are about, docs/errata.csv where they are wrong, incomplete or
misleading. Which cell runs a claim is marked in the cell itself, in notebooks/source.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import build  # noqa: E402
import claims  # noqa: E402

DOCS = build.ROOT / "docs"
LECTURES = {
    "A": "a lecture without a title slide, from *Filters are learnable* to *CNN Architectures*",
    "B": "*Deep Learning, MSDS 631: Convolutional Neural Networks*, Michael Ruddy",
    "C": "*Lecture 5: CNNs I - Architecture & Equivariance*, Xuming He, ShanghaiTech, fall 2019",
    "D": "a lecture without a title slide, whose outline goes from *Image Classification* to "
    "*Batch Normalization*",
    "E": "*ENM 5310: Data-driven Modeling and Probabilistic Scientific Computing, Lecture #14: "
    "Convolutional neural networks*, Paris Perdikaris, 2023",
}
VERDICTS = {
    "true": "true",
    "true-with-caveat": "true, with a caveat",
    "false": "false",
    "ambiguous-OCR": "unreadable in the text we have",
    "not-checkable": "cannot be checked",
}
KINDS = {
    "wrong": "wrong",
    "misleading": "misleading",
    "incomplete": "incomplete",
    "typo": "misspelt",
    "ocr": "unreadable",
}
MADE = "<!-- Made by notebooks/lectures.py from docs/*.csv and the notebooks: run `make build`. -->"


class Places:
    """Where in the notebooks each claim and each topic is."""

    def __init__(self):
        self.claims, self.topics = {}, {}
        rows = claims.table()
        for path in build.sources():
            headings, heading = {}, ""
            title = build.facts(build.read_source(path))[0]
            for cell in build.read_source(path).cells:
                heading = _last_heading(cell) or heading
                headings[cell.id] = _link(path.stem, cell.id, title, heading)
            for cell, ids in claims.marks(path):
                for claim in ids:
                    self.claims.setdefault(claim, headings[cell])
                    self.topics.setdefault(rows[claim]["topic_id"], headings[cell])
            for cell, ids in claims.marks(path, "topics"):
                for topic in ids:
                    self.topics.setdefault(topic, headings[cell])

    def of_claim(self, row):
        """Where a claim is executed: a link, a test, or why nowhere."""
        if row["id"] in self.claims:
            return self.claims[row["id"]]
        expected = row["expected"]
        if expected.startswith(claims.IN_TEST):
            return f"`tests/{expected.removeprefix(claims.IN_TEST).strip()}`"
        if expected.startswith(claims.WHY_NOT):
            return expected
        return "not yet"


def _last_heading(cell):
    if cell.cell_type != "markdown":
        return ""
    lines = [line for line in cell.source.splitlines() if line.startswith("#")]
    return lines[-1].lstrip("# ") if lines else ""


def _link(stem, cell, title, heading):
    number = title.split(".")[0]
    words = heading if heading != title else title.split(". ", 1)[1]
    return f"[{number}: {_cell(words)}](../notebooks/reference/{stem}.ipynb#cell-id={cell})"


def _cell(text):
    """Text that fits into a cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def counts(places):
    """How much of the lectures is covered, as (what, how many, of how many)."""
    rows, topics = claims.table(), claims.table(claims.TOPICS)
    errata = claims.table(DOCS / "errata.csv")
    elsewhere = [row for claim, row in rows.items() if claim not in places.claims]
    tested = [row for row in elsewhere if row["expected"].startswith(claims.IN_TEST)]
    excused = [row for row in elsewhere if row["expected"].startswith(claims.WHY_NOT)]
    settled = {*places.claims, *(row["id"] for row in tested + excused)}
    found = [row for row in errata.values() if set(row["claims"].split()) & settled]
    return [
        ("topics told in a notebook", len(places.topics), len(topics)),
        ("claims executed in a notebook", len(places.claims), len(rows)),
        ("claims executed in a test", len(tested), len(rows)),
        ("claims that nothing can execute", len(excused), len(rows)),
        ("errata with a cell or a reason", len(found), len(errata)),
    ]


def lectures_page(places):
    """The map: each lecture in the order of its slides, each claim with the cell that runs it."""
    rows, topics = claims.table(), claims.table(claims.TOPICS)
    wrong = _errata_of_claims()
    parts = [
        MADE,
        "# The lectures, claim by claim",
        "For someone who teaches from one of the five lectures: what each slide claims, what "
        "came out when it was run, and the cell that runs it. The cells are those of the solved "
        "notebooks, with their outputs. What is wrong, incomplete or misleading carries the "
        "number of its entry in [errata.md](errata.md).",
        _table(["", "", "of"], [[what, str(n), str(of)] for what, n, of in counts(places)]),
    ]
    for letter, name in LECTURES.items():
        parts += [f"## Lecture {letter}", f"{name[0].upper()}{name[1:]}."]
        order = sorted(_placed(rows, letter))
        parts.append(
            _table(
                ["", "topic", "claim", "what it says", "verdict", "cell"],
                [
                    [
                        str(number),
                        _cell(topics[rows[claim]["topic_id"]]["topic"]),
                        claim,
                        _cell(rows[claim]["claim"]),
                        VERDICTS[rows[claim]["verdict"]] + "".join(wrong.get(claim, [])),
                        places.of_claim(rows[claim]),
                    ]
                    for number, claim in order
                ],
            )
        )
    parts += ["## Topics", "Every topic of the lectures, and the first cell that tells it."]
    told = [
        [topic, _cell(row["topic"]), row["decks"], places.topics.get(topic, "not yet")]
        for topic, row in topics.items()
    ]
    parts.append(_table(["", "topic", "lectures", "cell"], told))
    return "\n\n".join(parts) + "\n"


def _placed(rows, letter):
    """(number, claim) of each claim of a lecture."""
    for claim, row in rows.items():
        for place in row["slides"].split():
            if place[0] == letter:
                yield int(place[1:]), claim


def _errata_of_claims():
    """For each claim the links to its errata."""
    links = {}
    for number, row in claims.table(DOCS / "errata.csv").items():
        for claim in row["claims"].split():
            links.setdefault(claim, []).append(f", [{number}](errata.md#{number.lower()})")
    return links


def errata_page(places):
    """What is wrong, incomplete or misleading in the lectures, with evidence and cell."""
    rows = claims.table()
    parts = [
        MADE,
        "# Errata of the lectures",
        "What the slides say, what is true, and the output that shows it. Lectures are named by "
        "letter as in [lectures.md](lectures.md).",
    ]
    for number, row in claims.table(DOCS / "errata.csv").items():
        said = [claim for claim in row["claims"].split() if claim in rows]
        parts.append(
            f"### {number}\n\n"
            f"*Lecture{'s' if ',' in row['decks'] else ''} {row['decks'].replace(',', ', ')}, "
            f"{KINDS[row['kind']]}:* {row['slide']}.\n\n{row['correct']}\n"
        )
        parts += [f"- {claim}: {_evidence(rows[claim], places)}" for claim in said]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def _evidence(row, places):
    where = places.of_claim(row)
    if row["id"] not in places.claims:
        return where
    shown = ", ".join(f"`{piece}`" for piece in row["expected"].split(" && "))
    return f"{shown} in {where}"


def main():
    places = Places()
    (DOCS / "lectures.md").write_text(lectures_page(places))
    (DOCS / "errata.md").write_text(errata_page(places))
    for what, number, of in counts(places):
        print(f"{what}: {number} of {of}")


if __name__ == "__main__":
    main()
