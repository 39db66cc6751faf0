"""Computational graphs: values forward, gradients backward."""

from math import isfinite

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch

from helpers.plots.style import INK, LINE, set_title
from helpers.plots.words import describe, number, on_paper

BACKWARD = "#00795c"  # gradients; an arrow to the left marks them in grey, too
RADIUS = 0.17  # of a gate, in inches
COLUMN, ROW = 1.5, 0.9  # inches from one gate to the next
LEFT, RIGHT, ABOVE, BELOW = 0.75, 1.05, 0.28, 0.42  # inches of room around the names
TITLE = 0.3  # inches

FORWARD_OF = {
    "+": lambda a, b: a + b,
    "×": lambda a, b: a * b,
    "max": max,
}
BACKWARD_OF = {  # what each of two inputs gets of the upstream gradient
    "+": lambda a, b, upstream: (upstream, upstream),
    "×": lambda a, b, upstream: (b * upstream, a * upstream),
    "max": lambda a, b, upstream: (upstream, 0.0) if a >= b else (0.0, upstream),
}


def draw_graph(ax, inputs, gates, upstream=1.0, gradients=True, title=None):
    """Draw a computational graph: on each edge its value, and under it its gradient.

    The graph is computed from the numbers given. Values flow from left to right. A gradient,
    marked with an arrow to the left, is what the edge sends back to where it comes from. What
    is used more than once gets the sum of its gradients, which is written under it.

    Args:
        ax: the Matplotlib Axes to draw on; ``graph_axes`` makes a fitting one.
        inputs: dict from the name of each input to its number, from top to bottom.
        gates: dict from the name of each result to ``(symbol, first, second)``: the symbol is
            ``"+"``, ``"×"`` or ``"max"``, the others are names of inputs or of results that
            stand before it. In a tie ``"max"`` sends the gradient to the first, as
            ``tf.maximum`` does. The last gate gives the output.
        upstream: the gradient that arrives at the output.
        gradients: False draws only the values.
        title: what is computed.

    Raises:
        ValueError: there is no gate; a symbol or name is unknown, or given twice; a number is
            not finite.

    Example:
        >>> graph = {"x": -2, "y": 5, "z": -4}, {"q": ("+", "x", "y"), "f": ("×", "q", "z")}
        >>> fig, ax = graph_axes(*graph)
        >>> draw_graph(ax, *graph)
        >>> from helpers import plots
        >>> print(plots.in_words(fig))
        Values forward: x = -2, y = 5, z = -4; q = x + y = 3; f = q × z = -12.
        Gradients backward: f 1; q -4, z 3; x -4, y -4.

    Source:
        CS231n, Stanford, notes on backpropagation ("circuit diagrams").
    """
    _check_graph(inputs, gates, upstream)
    values = _values(inputs, gates)
    edges, totals = _gradients(values, gates, upstream)
    places = _places(inputs, gates)
    for source, gate, slot, bend in _edges(gates, places):
        sent = edges[gate, slot] if gradients else None
        _draw_edge(ax, places, source, gate, bend, values[source], sent)
    _draw_names(ax, inputs, gates, places)
    if gradients:
        _write_sums(ax, gates, edges, totals, places)
    _draw_output(ax, places[list(gates)[-1]], values, upstream if gradients else None)
    _frame(ax, _limits(gates, places))
    set_title(ax, title)
    describe(ax, _forward_in_words(inputs, gates, values))
    if gradients:
        describe(ax, _backward_in_words(gates, edges, totals))


def graph_axes(inputs, gates):
    """A figure with one Axes, of the size that ``draw_graph`` needs for a graph.

    Args:
        inputs, gates: the graph, as for ``draw_graph``.

    Returns:
        ``(fig, ax)``.
    """
    _check_graph(inputs, gates, 1.0)
    left, right, bottom, top = _limits(gates, _places(inputs, gates))
    width, height = right - left, top - bottom
    fig = plt.figure(figsize=(width, height + TITLE), layout="none")
    return fig, fig.add_axes((0, 0, 1, height / (height + TITLE)))


# --- the numbers ------------------------------------------------------------------------------


def _check_graph(inputs, gates, upstream):
    if not gates:
        raise ValueError("gates must hold at least one gate, got none")
    known = set(inputs)
    for name, gate in gates.items():
        if len(gate) != 3 or gate[0] not in FORWARD_OF:
            raise ValueError(
                f"gates[{name!r}] must be (symbol, first, second) with the symbol "
                f'"+", "×" or "max", got {gate!r}'
            )
        unknown = [source for source in gate[1:] if source not in known]
        if unknown or name in known:
            what = f"uses {unknown[0]!r}, which does not" if unknown else "has a name that does"
            raise ValueError(f"gates[{name!r}] {what} stand before it ({', '.join(known)})")
        known.add(name)
    for name, value in {**inputs, "upstream": upstream}.items():
        if not isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")


def _values(inputs, gates):
    values = dict(inputs)
    for name, (symbol, first, second) in gates.items():
        values[name] = FORWARD_OF[symbol](values[first], values[second])
    return values


def _gradients(values, gates, upstream):
    """The gradient on each edge, by (gate, slot), and the sum that each name gets."""
    edges, totals = {}, dict.fromkeys(values, 0.0)
    totals[list(gates)[-1]] = upstream
    for name, (symbol, *sources) in reversed(gates.items()):
        sent = BACKWARD_OF[symbol](*(values[source] for source in sources), totals[name])
        for slot, source in enumerate(sources):
            edges[name, slot] = sent[slot]
            totals[source] += sent[slot]
    return edges, totals


def _uses(gates, name):
    """The edges, (gate, slot), that leave a name."""
    return [(g, s) for g, gate in gates.items() for s in (0, 1) if gate[1 + s] == name]


# --- the picture ------------------------------------------------------------------------------


def _places(inputs, gates):
    """Where each name stands, (x, y) in inches: a gate behind its inputs, halfway between."""
    column, row = dict.fromkeys(inputs, 0), {name: at for at, name in enumerate(inputs)}
    for name, (_, *sources) in gates.items():
        column[name] = 1 + max(column[source] for source in sources)
        row[name] = sum(row[source] for source in sources) / 2
    return {name: (COLUMN * column[name], -ROW * row[name]) for name in row}


def _bend(places, source, gate, slot, twice):
    """How far an edge is bent (``rad`` of Matplotlib's ``arc3``): 0 where nothing is in its way."""
    if twice:  # both inputs of the gate are the same name: one edge above the other
        return 0.55 if slot == 0 else -0.55
    start, end = np.array(places[source]), np.array(places[gate])
    along = (end - start) / np.linalg.norm(end - start)
    for name, place in places.items():
        offset = np.array(place) - start
        beside = abs(along[0] * offset[1] - along[1] * offset[0])
        between = 0 < along @ offset < np.linalg.norm(end - start)
        if name not in (source, gate) and between and beside < 2.5 * RADIUS:
            return 0.35 if end[1] <= start[1] else -0.35
    return 0.0


def _middle(places, source, gate, bend):
    """The middle of an edge, (x, y) in inches: half of the bend off the straight line."""
    (x0, y0), (x1, y1) = places[source], places[gate]
    x0 += RADIUS
    return (x0 + x1) / 2 - bend / 2 * (y1 - y0), (y0 + y1) / 2 + bend / 2 * (x1 - x0)


def _edges(gates, places):
    """(source, gate, slot, bend) of each edge."""
    for name, (_, *sources) in gates.items():
        for slot, source in enumerate(sources):
            twice = sources[0] == sources[1]
            yield source, name, slot, _bend(places, source, name, slot, twice)


def _limits(gates, places):
    """Left, right, bottom and top of the drawing, in inches."""
    edges = list(_edges(gates, places))
    middles = [_middle(places, source, gate, bend) for source, gate, _, bend in edges]
    xs, ys = zip(*places.values(), *middles, strict=True)
    return -LEFT, max(xs) + RIGHT, min(ys) - BELOW, max(ys) + ABOVE


def _write(ax, place, text, **style):
    ax.text(*place, text, ha="center", va="center", **style)


def _draw_names(ax, inputs, gates, places):
    for name in inputs:
        _write(ax, places[name], name, fontstyle="italic", fontsize=12)
    ring = dict(boxstyle="circle,pad=0.32", facecolor="0.88", edgecolor=INK, linewidth=1.4)
    for name, (symbol, *_) in gates.items():
        x, y = places[name]
        _write(ax, (x, y), symbol, fontsize=9 if symbol == "max" else 13, bbox=ring, zorder=4)
        _write(ax, (x + 0.31, y + 0.2), name, fontstyle="italic", fontsize=12, zorder=4)


def _draw_edge(ax, places, source, gate, bend, value, sent):
    """A line from a name to a gate, and on its middle the value and what is sent back."""
    (x, y), end = places[source], places[gate]
    style = dict(arrowstyle="-", connectionstyle=f"arc3,rad={-bend}", color=LINE, linewidth=1.4)
    ax.add_patch(FancyArrowPatch((x + RADIUS, y), end, zorder=1, shrinkA=0, shrinkB=0, **style))
    _write_numbers(ax, _middle(places, source, gate, bend), value, sent)


def _write_numbers(ax, place, value, sent):
    paper = dict(boxstyle="square,pad=0.12", facecolor="white", edgecolor="none")
    text = on_paper(number(value))
    up = 0.09 if sent is not None else 0.0
    blank = "\n".join([text, on_paper(_arrow(sent))] if up else [text])
    ax.text(*place, blank, ha="center", va="center", color="white", bbox=paper, zorder=2)
    ax.text(place[0], place[1] + up, text, ha="center", va="center", zorder=3)
    if up:
        style = dict(color=BACKWARD, fontweight="bold", zorder=3)
        ax.text(place[0], place[1] - up, on_paper(_arrow(sent)), ha="center", va="center", **style)


def _arrow(gradient):
    return f"← {number(gradient)}"


def _write_sums(ax, gates, edges, totals, places):
    """Under each name that is used more than once: the sum of what comes back to it."""
    for name, total in totals.items():
        uses = _uses(gates, name)
        if len(uses) > 1:
            place = places[name][0] - 0.15, places[name][1] - 0.26
            text = on_paper(f"← {_sum_in_words([edges[use] for use in uses], total)}")
            _write(ax, place, text, color=BACKWARD, fontweight="bold", zorder=5)


def _draw_output(ax, place, values, upstream):
    x, y = place
    ax.plot([x, x + RIGHT - 0.1], [y, y], color=LINE, linewidth=1.4, zorder=1)
    _write_numbers(ax, (x + 0.68, y), list(values.values())[-1], upstream)


def _frame(ax, limits):
    ax.set_xlim(*limits[:2])
    ax.set_ylim(*limits[2:])
    ax.set_aspect("equal")
    ax.axis("off")


# --- the words --------------------------------------------------------------------------------


def _forward_in_words(inputs, gates, values):
    given = ", ".join(f"{name} = {number(value)}" for name, value in inputs.items())
    steps = [
        f"{name} = {_of(symbol, *sources)} = {number(values[name])}"
        for name, (symbol, *sources) in gates.items()
    ]
    return f"Values forward: {'; '.join([given, *steps])}."


def _of(symbol, first, second):
    return f"max({first}, {second})" if symbol == "max" else f"{first} {symbol} {second}"


def _backward_in_words(gates, edges, totals):
    said = [f"{list(gates)[-1]} {number(totals[list(gates)[-1]])}"]
    for name, (_, *sources) in reversed(gates.items()):
        sent = [f"{source} {number(edges[name, slot])}" for slot, source in enumerate(sources)]
        said.append(", ".join(sent))
    sums = []
    for name, total in totals.items():
        uses = _uses(gates, name)
        if len(uses) > 1:
            sums.append(f" In all {name} gets {_sum_in_words([edges[u] for u in uses], total)}.")
    return f"Gradients backward: {'; '.join(said)}.{''.join(sums)}"


def _sum_in_words(parts, total):
    terms = "".join(f"{' − ' if part < 0 else ' + '}{number(abs(part))}" for part in parts)
    first = "-" if parts[0] < 0 else ""
    return f"{first}{terms[3:]} = {number(total)}"
