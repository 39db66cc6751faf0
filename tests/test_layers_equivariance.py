"""Blur pool and turned kernels against TensorFlow; layers by name; what becomes of a shift."""

import doctest

import numpy as np
import pytest
import tensorflow as tf

from helpers import layers


def noise(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def depthwise(images, kernel, stride, padding):
    taps = np.repeat(kernel[:, :, None, None], images.shape[3], axis=2).astype("float32")
    return tf.nn.depthwise_conv2d(images, taps, [1, stride, stride, 1], padding).numpy()


def wrapped(images):
    return np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], "wrap")


def test_the_examples_run():
    assert doctest.testmod(layers).failed == 0


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 6, 8, 1), (2, 5, 7, 3)])
def test_blur_pool_is_a_max_pool_a_blur_and_a_stride(shape, stride):
    images = noise(*shape)
    largest = tf.nn.max_pool2d(images, 2, 1, "SAME")
    edges = tf.pad(largest, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")  # one: the edge itself
    taps = np.outer([1, 2, 1], [1, 2, 1]) / 16
    expected = depthwise(edges, taps, stride, "VALID")
    np.testing.assert_allclose(layers.blur_pool(images, stride), expected, atol=1e-6)


def test_a_circular_blur_pool_with_stride_1_commutes_with_every_shift():
    images = noise(2, 6, 8, 3)
    for moves in [(1, 0), (0, 1), (3, 5)]:
        moved = layers.blur_pool(np.roll(images, moves, (1, 2)), 1, "circular")
        expected = np.roll(layers.blur_pool(images, 1, "circular"), moves, (1, 2))
        np.testing.assert_array_equal(moved, expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv", lambda x: depthwise(wrapped(x), layers.KERNEL, 1, "VALID")),
        ("conv_same", lambda x: depthwise(x, layers.KERNEL, 1, "SAME")),
        ("conv_stride2", lambda x: depthwise(wrapped(x), layers.KERNEL, 2, "VALID")),
        ("max_pool", lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID").numpy()),
        ("average_pool", lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID").numpy()),
    ],
)
def test_a_layer_by_name_gives_what_tensorflow_gives(name, expected):
    images = noise(2, 6, 8, 3)
    np.testing.assert_allclose(layers.apply(name, images), expected(images), atol=1e-5)


def test_two_blocks_are_four_layers_one_after_the_other():
    images = noise(2, 8, 12, 2)
    expected = images
    for name in ("conv", "max_pool", "conv", "max_pool"):
        expected = layers.apply(name, expected)
    np.testing.assert_array_equal(layers.apply("two_blocks", images), expected)


@pytest.mark.parametrize("name", layers.LAYERS)
def test_a_layer_divides_the_size_by_its_total_stride(name):
    stride, _ = layers.LAYERS[name]
    assert layers.apply(name, noise(2, 8, 12, 3)).shape == (2, 8 // stride, 12 // stride, 3)


@pytest.mark.parametrize("name", layers.LAYERS)
def test_shifts_by_the_total_stride_have_no_error_unless_zeros_stand_around(name):
    stride, _ = layers.LAYERS[name]
    error = layers.equivariance_error(name, noise(2, 8, 12, 3), 2 * stride)
    assert error > 0.1 if name == "conv_same" else error == 0


@pytest.mark.parametrize(("name", "shifts"), [("max_pool", (1, 3)), ("two_blocks", (1, 2, 3))])
def test_other_shifts_have_an_error(name, shifts):
    images = noise(1, 8, 12, 1)
    assert all(layers.equivariance_error(name, images, shift) > 0.1 for shift in shifts)


def test_the_error_is_relative_and_knows_functions():
    images = noise(1, 8, 8, 1)
    one, three = (layers.equivariance_error("conv_same", f * images, 1) for f in (1, 3))
    assert one == pytest.approx(three, rel=1e-5)
    assert layers.equivariance_error(lambda x: x[:, ::2, ::2], images, 2) == 0


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("shape", [(6, 6), (5, 8)])
def test_lifting_is_a_convolution_with_four_turned_kernels(shape, size):
    image, kernel = noise(*shape), noise(size, size)
    filters = np.stack([np.rot90(kernel, r) for r in range(4)], axis=-1)[:, :, None]
    expected = tf.nn.conv2d(image[None, :, :, None], filters, 1, "VALID")[0]
    np.testing.assert_allclose(layers.lift_rotations(image, kernel), expected, atol=1e-5)


def turned(maps):
    """What becomes of a stack of four maps when its image turns by a quarter."""
    return np.roll(np.rot90(maps), 1, axis=2)


def test_lifting_and_the_layer_behind_it_turn_with_the_image():
    image, kernel, weights = noise(7, 9), noise(3, 3), noise(2, 2, 4)
    lifted, of_turned = (layers.lift_rotations(x, kernel) for x in (image, np.rot90(image)))
    np.testing.assert_allclose(of_turned, turned(lifted), atol=1e-5)
    second, second_of_turned = (layers.rotation_conv(x, weights) for x in (lifted, of_turned))
    np.testing.assert_allclose(second_of_turned, turned(second), atol=1e-4)


def test_the_first_output_of_a_group_convolution_is_a_plain_one():
    maps, weights = noise(6, 6, 4), noise(3, 3, 4)
    expected = tf.nn.conv2d(maps[None], weights[..., None], 1, "VALID")[0, ..., 0]
    np.testing.assert_allclose(layers.rotation_conv(maps, weights)[..., 0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: layers.apply("conv3", x), "layer must be one of conv, .* got 'conv3'"),
        (lambda x: layers.apply("max_pool", x[:, :5]), "height and a width that 2 divides, got"),
        (lambda x: layers.apply("conv", x[0]), r"images must have shape \(N, H, W, C\), got"),
        (lambda x: layers.blur_pool(x, 0), "stride must be at least 1 pixel, got 0"),
        (lambda x: layers.blur_pool(x, border="zeros"), "border must be .* got 'zeros'"),
        (lambda x: layers.lift_rotations(x[0, ..., 0], np.ones((2, 3))), r"shape \(K, K\), got"),
        (lambda x: layers.rotation_conv(x[0], np.ones((2, 2, 4))), "must have 4 channels"),
        (lambda x: layers.rotation_conv(x[0], np.ones((2, 2))), r"shape \(K, K, 4\), got"),
    ],
)
def test_bad_input_is_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call(noise(1, 6, 6, 1))
