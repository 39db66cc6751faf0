"""Pooling against TensorFlow and Keras themselves, which is what it claims to describe."""

import doctest
from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import datasets, layers

SHAPES = [(1, 5, 7, 1), (2, 6, 4, 3), (1, 9, 8, 2)]
SETTINGS = list(product([2, 3, (2, 3), (1, 4)], [None, 1, 2, 3, (2, 1)], ["valid", "same"]))


def noise(shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def by_tensorflow(pool, images, size, stride, padding):
    return pool(images, size, stride or size, padding.upper()).numpy()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("size", "stride", "padding"), SETTINGS)
def test_max_pool_gives_what_tensorflow_gives(shape, size, stride, padding):
    images = noise(shape) - 2  # mostly negative: zeros in the padding would win
    expected = by_tensorflow(tf.nn.max_pool2d, images, size, stride, padding)
    np.testing.assert_array_equal(layers.max_pool(images, size, stride, padding), expected)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("size", "stride", "padding"), SETTINGS)
def test_average_pool_gives_what_tensorflow_gives(shape, size, stride, padding):
    images = noise(shape)
    expected = by_tensorflow(tf.nn.avg_pool2d, images, size, stride, padding)
    ours = layers.average_pool(images, size, stride, padding)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("output_size", [1, 2, 3, 4, (3, 2), (1, 5), (5, 4)])
def test_adaptive_average_pool_gives_what_keras_gives(shape, output_size):
    images = noise(shape)
    expected = keras.layers.AdaptiveAveragePooling2D(output_size)(images)
    ours = layers.adaptive_average_pool(images, output_size)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5)


def test_adaptive_average_pool_to_one_pixel_is_the_mean_of_each_map():
    images = noise((2, 7, 5, 3))
    expected = keras.layers.GlobalAveragePooling2D(keepdims=True)(images)
    np.testing.assert_allclose(layers.adaptive_average_pool(images, 1), expected, atol=1e-6)


@pytest.mark.parametrize("values", ["ties", "no ties"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3), ((1, 3), (2, 1))])
def test_max_pool_gradient_gives_what_tensorflow_gives(values, size, stride):
    rng = np.random.default_rng(1)
    image = rng.integers(0, 3, (7, 9)) if values == "ties" else rng.normal(size=(7, 9))
    pixels = tf.Variable(image.astype("float32")[None, :, :, None])
    with tf.GradientTape() as tape:
        pooled = tf.nn.max_pool2d(pixels, size, stride, "VALID")
        upstream = rng.integers(-9, 10, pooled.shape).astype("float32")
        loss = tf.reduce_sum(pooled * upstream)
    expected = tape.gradient(loss, pixels).numpy()[0, :, :, 0]
    ours = layers.max_pool_gradient(image, upstream[0, :, :, 0], size, stride)
    np.testing.assert_array_equal(ours, expected)


def test_each_window_of_a_photo_has_one_winner():
    grey = datasets.grey(datasets.photo("rocket"))[:60, :80]
    gradient = layers.max_pool_gradient(grey, np.ones((30, 40)))
    assert gradient.sum() == np.count_nonzero(gradient) == 30 * 40


def test_bytes_do_not_wrap_around():
    images = np.full((1, 4, 4, 1), 255, "uint8")
    for pool in (layers.max_pool, layers.average_pool):
        assert pool(images).dtype == np.float32
        assert pool(images).max() == 255


def test_what_goes_in_is_left_as_it_is():
    images = noise((1, 5, 5, 1))
    before = images.copy()
    layers.max_pool(images, 3, 2, "same"), layers.average_pool(images, 3, 2, "same")
    layers.max_pool_gradient(images[0, :, :, 0], np.ones((2, 2)))
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("pool", [layers.max_pool, layers.average_pool])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"images": np.ones((4, 4))}, r"images must have shape \(N, H, W, C\), got \(4, 4\)"),
        ({"images": np.ones((0, 4, 4, 1))}, r"images must not be empty, got shape \(0, 4, 4, 1\)"),
        ({"size": 0}, "size must be at least 1 pixel, got 0"),
        ({"size": (5, 2)}, r"size must fit into the image, 4 x 4 pixels, got \(5, 2\)"),
        ({"stride": 0}, "stride must be at least 1 pixel, got 0"),
        ({"padding": "SAME"}, 'padding must be "valid" or "same", got \'SAME\''),
    ],
)
def test_a_wrong_value_is_named_in_the_error(pool, wrong, message):
    with pytest.raises(ValueError, match=message):
        pool(**{"images": np.ones((1, 4, 4, 1)), **wrong})


def test_a_wrong_type_is_named_in_the_error():
    with pytest.raises(TypeError, match="images must hold real numbers"):
        layers.max_pool(np.full((1, 2, 2, 1), "a"))
    with pytest.raises(TypeError, match="size must be a whole number of pixels, got 2.0"):
        layers.average_pool(np.ones((1, 2, 2, 1)), 2.0)
    with pytest.raises(TypeError, match="output_size must be a whole number of pixels, got 1.5"):
        layers.adaptive_average_pool(np.ones((1, 2, 2, 1)), 1.5)


def test_a_gradient_of_another_shape_is_named_in_the_error():
    message = r"upstream must have one number for each window, shape \(2, 3\), got \(3, 2\)"
    with pytest.raises(ValueError, match=message):
        layers.max_pool_gradient(np.ones((4, 6)), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"image must have shape \(H, W\), got \(1, 4, 6\)"):
        layers.max_pool_gradient(np.ones((1, 4, 6)), np.ones((2, 3)))


@pytest.mark.parametrize(
    "name", ["max_pool", "average_pool", "adaptive_average_pool", "max_pool_gradient"]
)
def test_the_example_of_the_docstring_runs(name):
    for test in doctest.DocTestFinder(recurse=False).find(
        getattr(layers, name), name, globs=vars(layers).copy()
    ):
        assert test.examples
        assert doctest.DocTestRunner().run(test).failed == 0
