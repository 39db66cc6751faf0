"""The activation helpers give what TensorFlow and Keras give, and name what does not fit."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import activations
from helpers.activations import collapse_linear, dead_fraction, elu, maxout, prelu

RNG = np.random.default_rng(0)


def drawn(*shape):
    return RNG.normal(size=shape).astype("float32")


def layers_of(*shapes):
    return [array for shape in shapes for array in (drawn(*shape), drawn(shape[-1]))]


def by_tensorflow(images, *layers):
    for kernel, bias in zip(layers[::2], layers[1::2], strict=True):
        images = tf.nn.conv2d(images, kernel, 1, "VALID") + bias
    return images.numpy()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((3, 3, 1, 1), (3, 3, 1, 1)),
        ((2, 3, 3, 4), (4, 1, 4, 2)),
        ((1, 1, 2, 5), (3, 2, 5, 1)),
        ((5, 2, 1, 3), (1, 1, 3, 3)),
    ],
)
def test_the_collapsed_layer_gives_the_maps_of_the_two(first, second):
    layers = layers_of(first, second)
    images = drawn(2, 9, 8, first[2])
    kernel, bias = collapse_linear(*layers)
    one = by_tensorflow(images, kernel.astype("float32"), bias.astype("float32"))
    np.testing.assert_allclose(one, by_tensorflow(images, *layers), atol=2e-4)


def test_a_collapsed_layer_collapses_again():
    a, b, c = (layers_of(shape) for shape in ((3, 3, 1, 4), (3, 3, 4, 4), (3, 3, 4, 1)))
    left = collapse_linear(*collapse_linear(*a, *b), *c)
    right = collapse_linear(*a, *collapse_linear(*b, *c))
    for one, other in zip(left, right, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert left[0].shape == (7, 7, 1, 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (layers_of((3, 3, 1, 2), (3, 3, 1, 2)), "second must take the 2 channels that first makes"),
        ([drawn(3, 3), drawn(1), *layers_of((3, 3, 1, 1))], r"first must be a kernel .* \(3, 3\)"),
        ([*layers_of((3, 3, 1, 2)), drawn(3, 3, 2, 4), drawn(3)], "second_bias must have 4"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, message):
    with pytest.raises(ValueError, match=message):
        collapse_linear(*layers)


@pytest.mark.parametrize("slopes", [[0.1, 0.5, 0.0], [2.0, -1.0, 1.0]])
def test_prelu_is_that_of_keras_with_one_slope_a_channel(slopes):
    maps = drawn(2, 4, 3, 3)
    layer = keras.layers.PReLU(shared_axes=[1, 2])
    layer.build(maps.shape)
    layer.set_weights([np.reshape(slopes, (1, 1, 3))])
    made = prelu(maps, np.array(slopes, "float32"))
    assert made.dtype == "float32"
    np.testing.assert_allclose(made, layer(maps), rtol=1e-6)


@pytest.mark.parametrize("slopes", [[1.0], 1.0, [[1.0, 2.0]]])
def test_prelu_wants_one_slope_for_each_channel(slopes):
    with pytest.raises(ValueError, match="slopes must have one number for each channel"):
        prelu(drawn(1, 2, 2, 2), slopes)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_maxout_is_a_dense_layer_whose_outputs_compete(pieces):
    inputs, weights, biases = drawn(6, 4), drawn(pieces, 4, 3), drawn(pieces, 3)
    dense = keras.layers.Dense(pieces * 3)
    dense.build(inputs.shape)
    dense.set_weights([weights.transpose(1, 0, 2).reshape(4, -1), biases.ravel()])
    expected = tf.reduce_max(tf.reshape(dense(inputs), (6, pieces, 3)), axis=1)
    np.testing.assert_allclose(maxout(inputs, weights, biases), expected, atol=1e-5)


def test_maxout_names_the_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"got \(6, 4\), \(2, 5, 3\), \(2, 3\)"):
        maxout(drawn(6, 4), drawn(2, 5, 3), drawn(2, 3))
    with pytest.raises(ValueError, match=r"got \(6, 4\), \(2, 4, 3\), \(3,\)"):
        maxout(drawn(6, 4), drawn(2, 4, 3), drawn(3))


def test_a_channel_that_answers_at_one_pixel_is_alive():
    maps = np.zeros((2, 3, 3, 4))
    maps[1, 2, 0, 3] = 0.001
    assert dead_fraction(maps) == 0.75
    assert dead_fraction(maps - 1) == 1
    assert dead_fraction(maps[:, 0, 0]) == 1


@pytest.mark.parametrize("maps", [np.zeros((0, 3, 3, 2)), np.zeros(4)])
def test_dead_fraction_wants_images_and_channels(maps):
    with pytest.raises(ValueError, match=r"maps must be \(N, H, W, C\)"):
        dead_fraction(maps)


@pytest.mark.parametrize("alpha", [1.0, 0.3, 2.0])
def test_elu_is_that_of_keras_without_a_warning(alpha):
    x = np.array([-1e4, -3, -0.5, -1e-5, 0, 0.5, 3, 1e4], "float32")
    with np.errstate(all="raise", under="ignore"):
        made = elu(x, alpha)
    assert made.dtype == "float32"
    np.testing.assert_allclose(made, keras.activations.elu(x, alpha), rtol=1e-4, atol=1e-7)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(activations).failed == 0
