"""The class report: what a class earned, where it stopped, and what it misunderstands.

One page an assignment. It names no student until one opens the last section, so that it can be
shown in class. Behind each figure stands a table, as CSV beside the page.
"""

import base64
import csv
import io
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass

from grading.journal import file_name, write_whole
from grading.pages import clean, page, points
from helpers import checks

MOST_BARS = 11  # of the distribution of points
MOST_MISCONCEPTIONS = 15  # that are drawn; all are told
SLOWEST = 5
# Outcomes of an exercise as the report groups them, the best first, with their greys or colours:
# dark enough to be told apart in print.
GROUPS = {
    "right": "#2a8a3e",
    "partly right": "#9ccc9f",
    "wrong": "#f2a654",
    "stopped with an error": "#b3261e",
    "borrowed": "#7a4fa3",
    "not written": "#c8c8c8",
}
GROUP_OF = {
    "right": "right",
    "error": "stopped with an error",
    "crashed": "stopped with an error",
    "borrowed": "borrowed",
    "not attempted": "not written",
    "missing": "not written",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula


@dataclass(frozen=True)
class Figure:
    """A drawing with the same in words; `image` is a data URI."""

    image: str
    words: str


def write_report(folder, assignment, results, title=None):
    """Write the report of one assignment: FOLDER/ASSIGNMENT.html, its tables beside it.

    Args:
        folder: where to; it must be there.
        assignment: its name.
        results: a `Result` for each of its submissions; at least one.
        title: what the page is headed with; the name of the assignment if None.

    Returns:
        The path of the page.
    """
    graded = [result for result in results if result.reason is None]
    tables = {
        "points": _points_table(graded),
        "exercises": _exercises_table(graded),
        "misconceptions": _misconceptions_table(graded),
        "slow_and_crashed": _attention_table(results),
    }
    name = file_name(assignment)
    for table, rows in tables.items():
        write_csv(folder / f"{name}_{table}.csv", *rows)
    text = page(
        "report.html",
        title=title or assignment,
        graded=graded,
        results=results,
        reasons=Counter(r.reason.partition(":")[0] for r in results if r.reason).most_common(),
        summary=_summary(graded),
        distribution=_draw_distribution(graded) if graded else None,
        outcomes=_draw_outcomes(graded) if graded else None,
        exercises=_as_dicts(tables["exercises"]),
        misconceptions=_misconceptions(graded),
        matched=_draw_misconceptions(graded) if _matches(graded) else None,
        attention=_as_dicts(tables["slow_and_crashed"]),
        files=[f"{name}_{table}.csv" for table in tables],
    )
    path = folder / f"{name}.html"
    write_whole(path, text)
    return path


def write_csv(path, header, rows):
    """Write a table as CSV; no cell of it can be taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_whole(path, buffer.getvalue())


def _cell(value):
    if not isinstance(value, str):
        return "" if value is None else value
    text = clean(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _as_dicts(table):
    header, rows = table
    return [dict(zip(header, row, strict=True)) for row in rows]


# --- What is counted ----------------------------------------------------------------------------


def _summary(graded):
    """Median and range of the points, or None."""
    if not graded:
        return None
    scores = [result.score for result in graded]
    return {
        "median": points(statistics.median(scores)),
        "least": points(min(scores)),
        "most": points(max(scores)),
        "all": points(max(result.points for result in graded)),
    }


def _points_table(graded):
    """How many submissions lie in each range of points."""
    return ("from", "to", "submissions"), [
        (round(low, 4), round(high, 4), count) for low, high, count in _bins(graded)
    ]


def _bins(graded):
    """Ranges of points with equal width; the last takes in full marks alone."""
    if not graded:
        return []
    most = max(result.points for result in graded) or 1.0
    ranges = MOST_BARS - 1
    counts = Counter(
        ranges if r.score >= most else int(r.score / most * ranges + 1e-9) for r in graded
    )
    width = most / ranges
    bins = [(i * width, (i + 1) * width, counts[i]) for i in range(ranges)]
    return [*bins, (most, most, counts[ranges])]


def group_of(exercise):
    """The report's group for one exercise of one submission."""
    partly = "partly right" if exercise.score > 0 else "wrong"
    return GROUP_OF.get(exercise.outcome, partly)


def _by_exercise(graded):
    """The results of each exercise, in the assignment's order."""
    found = defaultdict(list)
    for result in graded:
        for item in result.exercises:
            found[item.exercise].append(item)
    return found


def _exercises_table(graded):
    """For each exercise: how many were right, what was earned on average, how many a group."""
    header = ("exercise", "points", "submissions", "success rate", "mean points", *GROUPS)
    rows = []
    for name, items in _by_exercise(graded).items():
        groups = Counter(map(group_of, items))
        mean = round(statistics.fmean(item.score for item in items), 3)
        rate = round(groups["right"] / len(items), 4)
        rows.append((name, items[0].points, len(items), rate, mean, *(groups[g] for g in GROUPS)))
    return header, rows


def _matches(graded):
    """(exercise, misconception): the exercises' results that it explains, alone or with another."""
    found = defaultdict(list)
    for result in graded:
        for item in result.exercises:
            for name in (item.misconception or "").split(" + "):
                if name:
                    found[item.exercise, name].append(item)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _misconceptions_table(graded):
    header = ("exercise", "misconception", "submissions", "of them with another one")
    rows = [
        (*key, len(items), sum(" + " in item.misconception for item in items))
        for key, items in _matches(graded)
    ]
    return header, rows


def _misconceptions(graded):
    """For each misconception that was matched: its count, its share, and an example."""
    submissions = {name: len(items) for name, items in _by_exercise(graded).items()}
    shown = []
    for (exercise, name), items in _matches(graded):
        alone = [item for item in items if item.misconception == name]
        question, example = _example(exercise, name, min(alone or items, key=_feedback).feedback)
        shown.append(
            {
                "exercise": exercise,
                "name": name,
                "words": name.replace("_", " "),
                "count": len(items),
                "share": len(items) / submissions[exercise],
                "question": question,
                "example": example,
            }
        )
    return shown


def _feedback(item):
    return item.feedback


def _example(exercise, name, feedback):
    """The question that leads out of a misconception, and the rest of what a student read."""
    known = checks.exercises().get(exercise)
    questions = {m.name: m.question for m in known.misconceptions} if known else {}
    rest = [line for line in feedback if line not in questions.values()]
    return questions.get(name, ""), rest


def _attention_table(results):
    """The slowest submissions, those with an exercise that crashed, those that were not graded."""
    header = ("student", "why", "seconds")
    slowest = sorted(results, key=lambda result: -result.seconds)[:SLOWEST]
    rows = [(r.student, "among the slowest", round(r.seconds, 2)) for r in slowest if r.seconds]
    for result in results:
        crashed = [item.exercise for item in result.exercises if item.outcome == "crashed"]
        if crashed:
            rows.append(
                (result.student, f"crashed: {', '.join(crashed)}", round(result.seconds, 2))
            )
        if result.reason:
            rows.append((result.student, f"not graded: {result.reason}", round(result.seconds, 2)))
        for note in result.notes:
            rows.append((result.student, note, round(result.seconds, 2)))
    return header, rows


# --- What is drawn ------------------------------------------------------------------------------


def _draw_distribution(graded):
    from matplotlib.figure import Figure as Canvas

    bins = _bins(graded)
    canvas = Canvas(figsize=(7.2, 2.9), layout="constrained")
    ax = canvas.add_subplot()
    bars = ax.bar(range(len(bins)), [count for *_, count in bins], color="0.35", width=0.9)
    ax.bar_label(bars, labels=[count or "" for *_, count in bins], fontsize=9)
    ax.set_xticks(range(len(bins)), [_range(low, high) for low, high, _ in bins], fontsize=9)
    ax.set_xlabel(f"points, of {points(bins[-1][0])}")
    ax.set_ylabel("submissions")
    ax.margins(y=0.15)
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.spines[["top", "right"]].set_visible(False)
    said = ", ".join(f"{_range(low, high)}: {count}" for low, high, count in bins)
    return Figure(_data_uri(canvas), f"Submissions by points. {said}.")


def _range(low, high):
    return points(low) if low == high else f"{points(low)}–{points(high)}"


def _draw_outcomes(graded):
    from matplotlib.figure import Figure as Canvas

    by_exercise = _by_exercise(graded)
    shares = {
        name: {g: n / len(items) for g, n in Counter(map(group_of, items)).items()}
        for name, items in by_exercise.items()
    }
    canvas = Canvas(figsize=(7.2, 1.2 + 0.42 * len(shares)), layout="constrained")
    ax = canvas.add_subplot()
    left = dict.fromkeys(shares, 0.0)
    for group, colour in GROUPS.items():
        widths = [shares[name].get(group, 0.0) for name in shares]
        if not any(widths):
            continue
        bars = ax.barh(
            list(shares), widths, left=list(left.values()), color=colour, edgecolor="white",
            label=group,
        )  # fmt: skip
        dark = group in ("right", "stopped with an error", "borrowed")
        labels = [f"{width:.0%}" if width >= 0.06 else "" for width in widths]
        ax.bar_label(bars, labels, label_type="center", color="w" if dark else "k", fontsize=9)
        left = {name: left[name] + width for name, width in zip(shares, widths, strict=True)}
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ax.set_xlabel("share of the graded submissions")
    ax.spines[["top", "right"]].set_visible(False)
    canvas.legend(loc="outside upper center", ncols=len(GROUPS), frameon=False, fontsize=8,
                  handlelength=1, columnspacing=1)  # fmt: skip
    said = "; ".join(
        f"{name}: " + ", ".join(f"{group} {share:.0%}" for group, share in found.items())
        for name, found in shares.items()
    )
    return Figure(_data_uri(canvas), f"Outcomes of each exercise. {said}.")


def _draw_misconceptions(graded):
    from matplotlib.figure import Figure as Canvas

    found = [(exercise, name, len(items)) for (exercise, name), items in _matches(graded)]
    drawn = found[:MOST_MISCONCEPTIONS]
    names = [f"{exercise}: {name.replace('_', ' ')}" for exercise, name, _ in drawn]
    canvas = Canvas(figsize=(7.2, 0.9 + 0.3 * len(drawn)), layout="constrained")
    ax = canvas.add_subplot()
    bars = ax.barh(names, [count for *_, count in drawn], color="0.35")
    ax.bar_label(bars, fontsize=9, padding=3)
    ax.invert_yaxis()
    ax.tick_params("y", labelsize=9)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("submissions")
    ax.spines[["top", "right"]].set_visible(False)
    said = ", ".join(f"{name} {count}" for name, (*_, count) in zip(names, drawn, strict=True))
    return Figure(_data_uri(canvas), f"Misconceptions by submissions. {said}.")


def _data_uri(canvas):
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
