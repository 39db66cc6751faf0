"""Make docs/lectures.md and docs/errata.md from the tables and from the marks in the notebooks.

    python notebooks/lectures.py             write both pages, and say how much is covered

docs/claims.csv says what the lectures claim (`slides`: "A12" is the twelfth claim of lecture A),
docs/topics.csv what they are about, docs/errata.csv where they are wrong, incomplete or
misleading. Which cell runs a claim is marked in the cell itself, in notebooks/source.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import build  # noqa: E402
import claims  # noqa: E402

DOCS = build.ROOT / "docs"
LECTURES = {  # title and course, as the first slides have them
    "A": (
        "Filters are Learnable",
        "no title slide; from the key idea *Filters are Learnable* to *CNN Architectures*",
    ),
    "B": ("Convolutional Neural Networks", "*Deep Learning*, MSDS 631, Michael Ruddy"),
    "C": (
        "CNNs I - Architecture & Equivariance",
        "*Lecture 5*, Xuming He, SIST, ShanghaiTech, fall 2019",
    ),
    "D": (
        "Backpropagation, Convolutional Neural Networks",
        "no title slide; its outline goes from *Image Classification* to *Batch Normalization*",
    ),
    "E": (
        "Convolutional neural networks",
        "*ENM 5310: Data-driven Modeling and Probabilistic Scientific Computing*, Lecture #14, "
        "Paris Perdikaris, March 21, 2023",
    ),
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
        self.claims, self.topics, claimed = {}, {}, {}
        rows = claims.table()
        for path in build.sources():
            links = _links(path)
            for cell, ids in claims.marks(path):
                for claim in rows.keys() & ids:  # one that is no claim is reported by claims.py
                    self.claims.setdefault(claim, links[cell])
                    claimed.setdefault(rows[claim]["topic_id"], links[cell])
            for cell, ids in claims.marks(path, "topics"):
                for topic in ids:
                    self.topics.setdefault(topic, links[cell])
        self.topics = claimed | self.topics  # what is marked as the topic's place comes first

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


def _links(path):
    """Two links to each cell of a notebook: its output, and its line in the source."""
    notebook = build.read_source(path)
    title = build.facts(notebook)[0]
    text = path.read_text().splitlines()
    lines = [number for number, line in enumerate(text, 1) if line.startswith("# %%")]
    cells = [cell for cell in notebook.cells if cell.id not in ("colab", "set-up")]
    links, heading = {}, ""
    for cell, line in zip(cells, lines, strict=True):
        before, heading = heading, _last_heading(cell) or heading
        if heading == title:
            heading = title.split(". ", 1)[1]
        across = heading != before and before and not cell.source.startswith("#")
        words = f"{before} / {heading}" if across else heading
        links[cell.id] = _link(path.stem, cell.id, line, title.split(".")[0], words)
    return links


def _link(stem, cell, line, number, heading):
    words = re.sub(r" \([^)]*minutes?\)", "", _cell(heading))
    output = f"../notebooks/reference/{stem}.ipynb#cell-id={cell}"
    return f"[{number}: {words}]({output}), [code](../notebooks/source/{stem}.py#L{line})"


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


HOW_TO_LINK = (
    "A link names the notebook and the section, and leads to the solved notebook with its outputs: "
    "in JupyterLab to the cell, on GitHub to the top of the notebook. *code* leads to the cell's "
    "line in the source, on GitHub too."
)


def _verdict(row, errata=()):
    """The verdict, with what limits it; or the number of its erratum, which says more.

    A slide that asks gets its answer.
    """
    asks, limited = row["claim"].endswith("?"), row["verdict"] != "true" and not errata
    parts = ["a question" if asks else VERDICTS[row["verdict"]]]
    if asks or limited and not row["expected"].startswith(claims.WHY_NOT):
        parts.append(_cell(row["note"].partition(") ")[2]))
    return "; ".join([": ".join(filter(None, parts)), *errata])


def lectures_page(places):
    """The map: each lecture in the order of its slides, each claim with the cell that runs it."""
    rows, topics = claims.table(), claims.table(claims.TOPICS)
    wrong = _errata_of_claims()
    parts = [
        MADE,
        "# The lectures, claim by claim",
        "For someone who teaches from one of the five lectures: what each slide claims, what "
        "came out when it was run, and the cell that runs it. What limits a claim stands behind "
        "its verdict; what is wrong, incomplete or misleading has an entry in "
        "[errata.md](errata.md), whose number is given. Where a run disagreed with what "
        "was held to be true before, the run has the last word, and the row says so.",
        HOW_TO_LINK,
        _table(["", "", "of"], [[what, str(n), str(of)] for what, n, of in counts(places)]),
    ]
    for letter, (title, course) in LECTURES.items():
        parts += [f"## Lecture {letter}: {title}", f"{course[0].upper()}{course[1:]}."]
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
                        _verdict(rows[claim], wrong.get(claim, [])),
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
            links.setdefault(claim, []).append(f"[{number}](errata.md#{number.lower()})")
    return links


def errata_page(places):
    """What is wrong, incomplete or misleading in the lectures, with evidence and cell."""
    rows = claims.table()
    parts = [
        MADE,
        "# Errata of the lectures",
        "What the slides say, what is true, and the output that shows it. The lectures, all of "
        "whose claims are in [lectures.md](lectures.md):",
        "\n".join(f"- **{letter}**: {title}; {name}" for letter, (title, name) in LECTURES.items()),
        HOW_TO_LINK,
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
    pieces = row["expected"].split(" && ")
    shown = ", ".join(f"`` {piece} ``" if "`" in piece else f"`{piece}`" for piece in pieces)
    return f"{shown} in {where}"


def main():
    places = Places()
    (DOCS / "lectures.md").write_text(lectures_page(places))
    (DOCS / "errata.md").write_text(errata_page(places))
    for what, number, of in counts(places):
        print(f"{what}: {number} of {of}")


if __name__ == "__main__":
    main()
