"""Padding counts against TensorFlow itself, which is what they claim to describe."""

import doctest

import numpy as np
import pytest
import tensorflow as tf

from helpers import padding
from helpers.padding import kernel_span, padding_of_each_axis, resolve_padding, same_padding

SIZES = [1, 2, 5, 6, 7, 8, 13]


def test_the_examples_run():
    assert doctest.testmod(padding).failed == 0


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
def test_same_padding_gives_what_tensorflow_gives(kernel_size, stride, dilation):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(1, kernel_size, 1, 1)).astype("float32")
    for size in SIZES:
        row = rng.normal(size=(1, 1, size, 1)).astype("float32")  # NHWC
        sides = same_padding(size, kernel_size, stride, dilation)
        padded = np.pad(row, [(0, 0), (0, 0), sides, (0, 0)])

        by_tensorflow = tf.nn.conv2d(row, kernel, stride, "SAME", dilations=dilation)
        by_us = tf.nn.conv2d(padded, kernel, stride, "VALID", dilations=dilation)
        np.testing.assert_allclose(by_us, by_tensorflow, rtol=0, atol=1e-5, err_msg=f"{size=}")


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("pool_size", [1, 2, 3, 5])
def test_pooling_pads_as_convolution_does(pool_size, stride):
    for size in SIZES:
        row = np.random.default_rng(0).normal(size=(1, size, 1)).astype("float32")
        sides = same_padding(size, pool_size, stride)
        padded = np.pad(row, [(0, 0), sides, (0, 0)], constant_values=-np.inf)

        by_tensorflow = tf.nn.max_pool1d(row, pool_size, stride, "SAME")
        by_us = tf.nn.max_pool1d(padded, pool_size, stride, "VALID")
        np.testing.assert_array_equal(by_us, by_tensorflow, err_msg=f"{size=}")


def test_an_odd_total_leaves_the_extra_zero_at_the_end():
    assert same_padding(size=6, kernel_size=3, stride=2) == (0, 1)


def test_windows_that_leave_pixels_out_need_no_zeros():
    assert same_padding(size=6, kernel_size=1, stride=3) == (0, 0)


def test_the_counts_are_plain_ints():
    sides = same_padding(np.int64(6), np.int64(4), np.uint8(1), np.int32(1))
    assert [type(side) for side in sides] == [int, int]


def test_a_kernel_spans_the_gaps_between_its_taps_and_none_after_the_last():
    row = np.zeros((1, 1, 9, 1), "float32")
    row[0, 0, 4] = 1
    kernel = np.ones((1, 3, 1, 1), "float32")
    touched = np.flatnonzero(tf.nn.conv2d(row, kernel, 1, "SAME", dilations=3))
    assert np.ptp(touched) + 1 == kernel_span(kernel_size=3, dilation=3) == 7


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        ("valid", (0, 0)),
        ("same", (0, 1)),
        (0, (0, 0)),
        (2, (2, 2)),
        ((2, 1), (2, 1)),
        ([0, 3], (0, 3)),
    ],
)
def test_each_way_to_say_how_to_pad_comes_to_a_pair(given, sides):
    assert resolve_padding(given, size=6, kernel_size=3, stride=2) == sides


@pytest.mark.parametrize("given", ["SAME", "Valid", "full", "", (1, 2, 3), (), ((1, 2), (3, 4), 5)])
def test_an_unknown_padding_is_told_what_is_allowed(given):
    with pytest.raises(ValueError, match=r'"valid" or "same" \(in lower case\).* got') as error:
        resolve_padding(given, size=6, kernel_size=3)
    assert repr(given) in str(error.value)


@pytest.mark.parametrize("given", [1.0, True, None, (1, 0.5), ("same", "valid")])
def test_a_padding_that_is_no_whole_number_is_a_type_error(given):
    with pytest.raises(TypeError, match="padding must be a whole number of pixels, got"):
        resolve_padding(given, size=6, kernel_size=3)


@pytest.mark.parametrize("given", [-1, (0, -1)])
def test_padding_does_not_cut_pixels_off(given):
    with pytest.raises(ValueError, match="padding must be at least 0 pixels, got -1"):
        resolve_padding(given, size=6, kernel_size=3)


@pytest.mark.parametrize("how", ["valid", "same", 1, (1, 2)])
@pytest.mark.parametrize("name", ["size", "kernel_size", "stride", "dilation"])
def test_a_length_below_one_is_named_in_the_error(name, how):
    lengths = {"size": 6, "kernel_size": 3, "stride": 1, "dilation": 1, name: 0}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1 pixel, got 0"):
        resolve_padding(how, **lengths)


@pytest.mark.parametrize("wrong", [3.0, True, "3", None])
@pytest.mark.parametrize("name", ["size", "kernel_size", "stride", "dilation"])
def test_a_length_that_is_no_whole_number_is_named_in_the_error(name, wrong):
    lengths = {"size": 6, "kernel_size": 3, "stride": 1, "dilation": 1, name: wrong}
    with pytest.raises(TypeError, match=f"^{name} must be a whole number of pixels, got {wrong!r}"):
        same_padding(**lengths)


def test_a_pair_of_pairs_is_top_and_bottom_then_left_and_right_as_in_keras():
    given = ((1, 2), (3, 4))
    height, width = padding_of_each_axis(given)
    assert (height, width) == given
    assert padding_of_each_axis((1, 2)) == ((1, 2), (1, 2))


@pytest.mark.parametrize("given", [((1, 2), 3), (1, (2, 3)), ((1, 2), (3, 4), (5, 6))])
def test_half_a_pair_of_pairs_is_an_error(given):
    with pytest.raises(ValueError, match=r"must be \(\(top, bottom\), \(left, right\)\), got"):
        padding_of_each_axis(given)
