"""Batch, layer and group normalization against the layers of Keras, and folding against both."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import normalization
from helpers.normalization import (
    batch_norm,
    batch_norm_at_inference,
    batch_norm_layer,
    fold_into_conv,
    group_norm,
    layer_norm,
    running_statistics,
)

SHAPES = [(4, 3, 5, 2), (1, 6, 4, 3), (8, 1, 1, 5)]


def maps(shape, seed=0, scale=3.0):
    rng = np.random.default_rng(seed)
    return (scale * rng.normal(size=shape) + rng.normal(size=shape[3])).astype("float32")


def rows(count, channels, seed=1):
    """So many rows with a number for each channel, all above 0."""
    return np.random.default_rng(seed).uniform(0.5, 2, (count, channels)).astype("float32")


def layer_of_keras(gamma, beta, mean, variance, **settings):
    layer = keras.layers.BatchNormalization(**settings)
    layer.build((None, None, None, len(gamma)))
    layer.set_weights([gamma, beta, mean, variance])
    return layer


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(normalization).failed == 0


@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_layer_is_the_one_of_keras(shape, epsilon):
    x, row = maps(shape), rows(4, shape[3])
    for training in (True, False):
        layer = layer_of_keras(*row, epsilon=epsilon, momentum=0.8)
        by_keras = layer(x, training=training)
        ours, mean, variance = batch_norm_layer(
            x, *row, training=training, epsilon=epsilon, momentum=0.8
        )
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, by_keras, atol=2e-5)
        np.testing.assert_allclose(mean, layer.moving_mean, atol=1e-5)
        np.testing.assert_allclose(variance, layer.moving_variance, rtol=1e-5)


def test_the_two_modes_are_those_of_keras_with_its_defaults():
    x, (gamma, beta, mean, variance) = maps((2, 4, 4, 3)), rows(4, 3)
    layer = layer_of_keras(gamma, beta, mean, variance)
    by_numbers = batch_norm_at_inference(x, gamma, beta, mean, variance)
    np.testing.assert_allclose(by_numbers, layer(x), atol=2e-5)
    np.testing.assert_allclose(batch_norm(x, gamma, beta), layer(x, training=True), atol=2e-5)
    kept = running_statistics(mean, variance, x)
    np.testing.assert_allclose(kept[0], layer.moving_mean, atol=1e-6)
    np.testing.assert_allclose(kept[1], layer.moving_variance, rtol=1e-5)


def test_a_channel_that_never_changes_becomes_beta():
    x = np.full((2, 3, 3, 2), 7.0)
    assert np.unique(batch_norm(x, [1, 1], [4, 4])).tolist() == [4]


def test_integers_become_floats_and_float64_stays():
    assert batch_norm(np.ones((1, 2, 2, 1), "uint8"), [1], [0]).dtype == np.float32
    assert batch_norm(np.ones((1, 2, 2, 1)), [1], [0]).dtype == np.float64


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 5)])
def test_the_folded_convolution_does_the_work_of_both(size):
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(*size, 2, 4)).astype("float32")
    bias, gamma, beta, mean, variance = rows(5, 4)
    x = maps((2, 7, 8, 2))
    convolved = tf.nn.conv2d(x, kernel, 1, "SAME") + bias
    expected = layer_of_keras(gamma, beta, mean, variance)(convolved)
    folded, shift = fold_into_conv(kernel, bias, gamma, beta, mean, variance)
    assert folded.dtype == np.float32
    np.testing.assert_allclose(tf.nn.conv2d(x, folded, 1, "SAME") + shift, expected, atol=2e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_layer_norm_is_the_default_of_keras(shape):
    x = maps(shape)
    np.testing.assert_allclose(layer_norm(x), keras.layers.LayerNormalization()(x), atol=2e-5)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_group_norm_is_the_layer_of_keras(groups):
    x = maps((3, 4, 5, 6))
    by_keras = keras.layers.GroupNormalization(groups)(x)
    np.testing.assert_allclose(group_norm(x, groups), by_keras, atol=2e-5)


def test_one_group_is_layer_normalization_over_the_whole_image():
    x = maps((3, 4, 5, 6))
    whole = keras.layers.LayerNormalization(axis=(1, 2, 3))(x)
    np.testing.assert_allclose(group_norm(x, 1), whole, atol=2e-5)


def test_group_and_layer_norm_do_not_look_at_other_images():
    x = maps((3, 4, 5, 6))
    for alone in (lambda x: group_norm(x, 2), layer_norm):
        np.testing.assert_allclose(alone(x)[:1], alone(x[:1]), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_norm(np.ones((2, 2)), [1], [0]), r"x must have shape \(N, H, W, C\)"),
        (lambda: batch_norm(np.ones((1, 2, 2, 3)), [1], [0] * 3), r"gamma must have shape \(3,\)"),
        (lambda: batch_norm(np.ones((1, 2, 2, 1)), [1], [0], -1), "epsilon must be 0 or more"),
        (
            lambda: batch_norm_at_inference(np.ones((1, 1, 1, 1)), [1], [0], [0], [-1.0]),
            "variance must be 0 or more",
        ),
        (
            lambda: running_statistics([0], [1], np.ones((1, 1, 1, 1)), momentum=1.5),
            "momentum must be from 0 to 1, got 1.5",
        ),
        (lambda: group_norm(np.ones((1, 2, 2, 16)), 32), "groups must divide the 16 channels"),
        (
            lambda: fold_into_conv(np.ones((3, 3, 2)), [0], [1], [0], [0], [1]),
            r"kernel must have shape \(KH, KW, C, F\)",
        ),
        (
            lambda: fold_into_conv(np.ones((1, 1, 2, 2)), [0], *[[1, 1]] * 4),
            r"bias must have shape \(2,\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_text_is_no_number():
    with pytest.raises(TypeError, match="x must hold real numbers"):
        layer_norm([[[["a"]]]])
