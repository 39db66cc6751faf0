"""A drawing of a computational graph: its numbers are TensorFlow's, and it says them in words."""

import doctest

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

from helpers import plots
from helpers.plots import graphs

SUM_TIMES = {"x": -2, "y": 5, "z": -4}, {"q": ("+", "x", "y"), "f": ("×", "q", "z")}
FAN_OUT = {"x": 3, "y": -4}, {"q": ("+", "x", "y"), "f": ("×", "q", "x")}
GATES = {"+": tf.add, "×": tf.multiply, "max": tf.maximum}


@pytest.fixture(autouse=True)
def course_defaults():
    plots.set_defaults()
    yield
    plt.close("all")


def drawn(graph, **options):
    fig, ax = plots.graph_axes(*graph)
    plots.draw_graph(ax, *graph, **options)
    return fig, ax


def words_of(graph, **options):
    return plots.in_words(drawn(graph, **options)[0])


def random_graph(rng):
    """Three inputs and five gates, some of which use the same name twice; with ties."""
    inputs = {name: float(rng.integers(-2, 3)) for name in "xyz"}
    names, gates = list(inputs), {}
    for name in "abcde":
        first, second = rng.choice(names, 2)
        gates[name] = (str(rng.choice(list(GATES))), str(first), str(second))
        names.append(name)
    return inputs, gates


def test_the_example_of_the_docstring_runs():
    assert doctest.testmod(graphs).failed == 0


@pytest.mark.parametrize("seed", range(30))
def test_values_and_gradients_are_those_of_tensorflow(seed):
    inputs, gates = random_graph(np.random.default_rng(seed))
    tensors = {name: tf.Variable(value) for name, value in inputs.items()}
    with tf.GradientTape() as tape:
        for name, (symbol, first, second) in gates.items():
            tensors[name] = GATES[symbol](tensors[first], tensors[second])
    sources = [tensors[name] for name in inputs]
    wanted = tape.gradient(tensors["e"], sources, tf.constant(3.0))
    values = graphs._values(inputs, gates)
    _, totals = graphs._gradients(values, gates, 3.0)
    assert values == {name: float(tensor) for name, tensor in tensors.items()}
    for name, gradient in zip(inputs, wanted, strict=True):
        assert totals[name] == (0 if gradient is None else float(gradient))


def test_the_words_give_every_value_and_every_gradient():
    assert words_of(SUM_TIMES, title="f = (x + y) z").splitlines() == [
        "f = (x + y) z: Values forward: x = -2, y = 5, z = -4; q = x + y = 3; f = q × z = -12.",
        "Gradients backward: f 1; q -4, z 3; x -4, y -4.",
    ]


def test_what_is_used_twice_gets_the_sum_of_what_comes_back():
    assert words_of(FAN_OUT).endswith("In all x gets 3 − 1 = 2.")
    square = {"x": 3}, {"f": ("×", "x", "x")}
    assert words_of(square).endswith("f 1; x 3, x 3. In all x gets 3 + 3 = 6.")


def test_a_tie_sends_the_gradient_to_the_first():
    tie = {"x": 5, "y": 5}, {"f": ("max", "x", "y")}
    assert "f = max(x, y) = 5" in words_of(tie)
    assert words_of(tie).endswith("f 1; x 1, y 0.")


def test_the_upstream_gradient_scales_all_others():
    assert words_of(SUM_TIMES, upstream=2).endswith("f 2; q -8, z 6; x -8, y -8.")


def test_a_drawing_without_gradients_gives_none_away():
    fig, ax = drawn(FAN_OUT, gradients=False)
    assert plots.in_words(fig) == "Values forward: x = 3, y = -4; q = x + y = -1; f = q × x = -3."
    assert not [text for text in ax.texts if "←" in text.get_text()]


def test_every_number_stands_on_the_picture():
    _, ax = drawn(SUM_TIMES)
    texts = [text.get_text() for text in ax.texts]
    for wanted in ("−2", "5", "−4", "3", "−12", "← 1", "← −4", "← 3", "x", "y", "z", "q", "f"):
        assert wanted in texts


@pytest.mark.parametrize("graph", [SUM_TIMES, FAN_OUT, ({"x": 3}, {"f": ("×", "x", "x")})])
def test_no_two_labels_overlap_and_all_lie_inside(graph):
    fig, ax = drawn(graph)
    fig.canvas.draw()
    texts = [t for t in ax.texts if t.get_text().strip() and t.get_color() != "white"]
    boxes = [text.get_window_extent() for text in texts]
    for i, box in enumerate(boxes):
        assert fig.bbox.x0 <= box.x0 and box.x1 <= fig.bbox.x1, texts[i]
        assert fig.bbox.y0 <= box.y0 and box.y1 <= fig.bbox.y1, texts[i]
        for other in boxes[i + 1 :]:
            assert not box.shrunk(0.9, 0.7).overlaps(other.shrunk(0.9, 0.7))


def test_an_edge_keeps_clear_of_the_gates_between():
    places = graphs._places(*FAN_OUT)
    edges = {(source, gate): bend for source, gate, _, bend in graphs._edges(FAN_OUT[1], places)}
    assert edges["x", "f"] != 0 and edges["x", "q"] == 0


def test_the_picture_is_the_same_on_every_run():
    assert plots.show(drawn(FAN_OUT)[0]).png == plots.show(drawn(FAN_OUT)[0]).png


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ({}, "gates must hold at least one gate"),
        ({"f": ("-", "x", "y")}, r"gates\['f'\] must be \(symbol, first, second\).*'-'"),
        ({"f": ("+", "x")}, r"gates\['f'\] must be"),
        ({"f": ("+", "x", "w")}, r"gates\['f'\] uses 'w', which does not stand before it"),
        ({"x": ("+", "x", "y")}, r"gates\['x'\] has a name that does stand before it"),
    ],
)
def test_a_graph_that_is_none_is_named_in_the_error(gates, said):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=said):
        plots.draw_graph(ax, {"x": 1, "y": 2}, gates)


def test_a_number_that_is_not_finite_is_named_in_the_error():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="y must be a finite number, got nan"):
        plots.draw_graph(ax, {"x": 1, "y": float("nan")}, {"f": ("+", "x", "y")})
