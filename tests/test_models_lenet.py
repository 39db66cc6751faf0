"""The networks of the literature have the layers, shapes and counts of their papers."""

import doctest

import keras
import numpy as np
import pytest

from helpers import models
from helpers.models import C3_SEES, lenet, lenet5, lenet5_1998

# --- lenet5


def test_lenet5_has_the_shapes_and_counts_of_its_table():
    rows = [(layer.name, layer.output.shape[1:], layer.count_params()) for layer in lenet5().layers]
    assert rows == [
        ("C1", (28, 28, 6), 156),
        ("S2", (14, 14, 6), 0),
        ("C3", (10, 10, 16), 2416),
        ("S4", (5, 5, 16), 0),
        ("flatten", (400,), 0),
        ("C5", (120,), 48120),
        ("F6", (84,), 10164),
        ("output", (10,), 850),
    ]


def test_lenet5_gives_probabilities_for_other_images_and_classes():
    model = lenet5((16, 20, 3), classes=4)
    answers = model(np.random.default_rng(0).normal(size=(2, 16, 20, 3)))
    assert answers.shape == (2, 4)
    np.testing.assert_allclose(keras.ops.sum(answers, axis=1), 1, atol=1e-6)


def test_lenet5_needs_12_pixels():
    assert lenet5((12, 12, 1)).get_layer("S4").output.shape[1:3] == (1, 1)
    with pytest.raises(ValueError, match="at least 12 pixels high and wide, got 11 x 28"):
        lenet5((11, 28, 1))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"input_shape": (28, 28)}, ValueError, r"input_shape must be \(height, width, channels\)"),
        ({"input_shape": (28, 28.0, 1)}, TypeError, "input_shape must be a whole number"),
        ({"input_shape": (28, 28, 0)}, ValueError, "channels must be at least 1, got 0"),
        ({"classes": 1}, ValueError, "classes must be at least 2, got 1"),
    ],
)
def test_wrong_arguments_of_lenet5_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        lenet5(**arguments)


# --- lenet5_1998


def test_the_1998_network_has_the_counts_of_the_paper():
    counts = {"C1": 0, "S2": 0, "C3": 0, "S4": 0, "C5": 0, "F6": 0}
    model = lenet5_1998()
    for layer in model.layers:
        if layer.name[:2] in counts:
            counts[layer.name[:2]] += layer.count_params()
    assert list(counts.values()) == [156, 12, 1516, 32, 48120, 10164]
    assert model.count_params() == sum(counts.values()) == 60_000
    assert len(model.trainable_variables) == sum(2 for w in model.layers if w.count_params())


def test_the_connection_table_is_that_of_the_paper():
    rows = [[int(m in seen) for seen in C3_SEES] for m in range(6)]
    assert [sum(row) for row in rows] == [10] * 6  # each map of S2 is seen by ten of C3
    assert [len(seen) for seen in C3_SEES] == [3] * 6 + [4] * 9 + [6]
    assert "".join(map(str, rows[0])) == "1000111001111011"
    assert len(set(C3_SEES)) == 16


def test_a_filter_of_c3_does_not_react_to_maps_that_it_does_not_see():
    model = lenet5_1998()
    upper = keras.Model(model.get_layer("S2").output, model.get_layer("C3").output)
    maps = np.random.default_rng(0).normal(size=(1, 14, 14, 6)).astype("float32")
    before = upper(maps).numpy()
    for changed in range(6):
        other = maps.copy()
        other[..., changed] += 1
        moved = np.abs(upper(other).numpy() - before).max(axis=(0, 1, 2)) > 1e-6
        assert moved.tolist() == [changed in seen for seen in C3_SEES]


def test_subsampling_is_a_sum_with_a_factor_and_a_bias_for_each_map():
    model = lenet5_1998()
    layer = model.get_layer("S2")
    factor, bias = np.linspace(-1, 1, 6, dtype="float32"), np.arange(6, dtype="float32") / 10
    layer.set_weights([factor.reshape(layer.get_weights()[0].shape), bias])
    one = keras.Model(model.get_layer("C1").output, layer.output)
    maps = np.random.default_rng(0).normal(size=(1, 28, 28, 6)).astype("float32")
    sums = maps.reshape(1, 14, 2, 14, 2, 6).sum(axis=(2, 4))
    expected = 1.7159 * np.tanh(2 / 3 * (factor * sums + bias))
    np.testing.assert_allclose(one(maps), expected, atol=1e-5)


def test_the_output_is_the_squared_distance_from_each_code():
    codes = np.where(np.random.default_rng(1).random((3, 84)) < 0.5, -1, 1)
    model = lenet5_1998(codes)
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 1)).astype("float32")
    units = keras.Model(model.input, model.get_layer("F6").output)(images).numpy()
    expected = ((units[:, None] - codes) ** 2).sum(axis=2)
    np.testing.assert_allclose(model(images), expected, rtol=1e-5)


def test_the_squashing_function_keeps_1():
    np.testing.assert_allclose(models.scaled_tanh(np.array([-1.0, 0, 1])), [-1, 0, 1], atol=1e-4)


@pytest.mark.parametrize("codes", [np.ones((10, 83)), np.zeros((10, 84)), np.ones(84)])
def test_wrong_codes_are_refused(codes):
    with pytest.raises(ValueError, match=r"codes must have shape \(classes, 84\) and hold -1"):
        lenet5_1998(codes)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(lenet).failed == 0
