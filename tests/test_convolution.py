"""Both versions of correlate2d against tf.nn.conv2d, and convolve2d against SciPy."""

import doctest
import runpy
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import convolution
from helpers.convolution import convolve2d, correlate2d, correlate2d_loops

BOTH = pytest.mark.parametrize("correlate", [correlate2d, correlate2d_loops])


def test_the_examples_run():
    assert doctest.testmod(convolution).failed == 0


def by_tensorflow(image, kernel, stride=(1, 1), padding="valid", dilation=(1, 1)):
    """The oracle. A dilated kernel is written out with its zeros: TensorFlow's documentation
    does not promise stride and dilation at once."""
    spans = [d * (taps - 1) + 1 for d, taps in zip(dilation, kernel.shape[:2], strict=True)]
    dilated = np.zeros((*spans, *kernel.shape[2:]), kernel.dtype)
    dilated[:: dilation[0], :: dilation[1]] = kernel
    padding = padding.upper() if isinstance(padding, str) else [[0, 0], *padding, [0, 0]]
    return tf.nn.conv2d(image, dilated, stride, padding).numpy()


def random_arrays(seed, image_shape, kernel_shape):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=shape).astype("float32") for shape in (image_shape, kernel_shape))


@pytest.mark.parametrize("dilation", [(1, 1), (2, 2), (1, 3)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (3, 1)])
@pytest.mark.parametrize("padding", ["valid", "same", ((1, 0), (2, 3))])
@pytest.mark.parametrize("taps", [(1, 1), (3, 3), (2, 3), (4, 1), (1, 5)])
@pytest.mark.parametrize("filters", [4, 40])
def test_correlate2d_gives_what_tensorflow_gives(filters, taps, padding, stride, dilation):
    for size in [(7, 13), (8, 14), (12, 15)]:
        image, kernel = random_arrays(0, (2, *size, 3), (*taps, 3, filters))
        np.testing.assert_allclose(
            correlate2d(image, kernel, stride, padding, dilation),
            by_tensorflow(image, kernel, stride, padding, dilation),
            rtol=0,
            atol=1e-4,
        )


PAIRS_OF_SIDES = st.tuples(*[st.tuples(st.integers(0, 4), st.integers(0, 4))] * 2)


@st.composite
def correlations(draw, most=14, most_channels=20, many_filters=40):
    """Arguments of correlate2d in which the kernel fits."""
    pair = st.tuples(st.integers(1, 5), st.integers(1, 5))
    taps, stride, dilation = draw(pair), draw(pair), draw(pair.map(lambda d: (d[0] % 4, d[1] % 4)))
    dilation = tuple(max(1, d) for d in dilation)
    padding = draw(st.sampled_from(["valid", "same"]) | PAIRS_OF_SIDES)
    least = [d * (k - 1) + 1 for d, k in zip(dilation, taps, strict=True)]
    if isinstance(padding, tuple):
        least = [max(1, span - sum(side)) for span, side in zip(least, padding, strict=True)]
    if padding == "same":
        least = [1, 1]
    size = [draw(st.integers(low, low + most)) for low in least]
    images, channels = draw(st.integers(1, 3)), draw(st.integers(1, most_channels))
    filters = draw(st.sampled_from([1, 2, 5, many_filters]))
    image, kernel = random_arrays(
        draw(st.integers(0, 99)), (images, *size, channels), (*taps, channels, filters)
    )
    return image, kernel, stride, padding, dilation


@given(correlations())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_correlation_is_tensorflow_s(arguments):
    np.testing.assert_allclose(
        correlate2d(*arguments), by_tensorflow(*arguments), rtol=0, atol=1e-4
    )


@given(correlations(most=3, most_channels=3, many_filters=3))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_loops_are_tensorflow_s_correlation_too(arguments):
    np.testing.assert_allclose(
        correlate2d_loops(*arguments), by_tensorflow(*arguments), rtol=0, atol=1e-4
    )


@BOTH
def test_a_plane_is_a_batch_of_one_image_with_one_channel(correlate):
    image, kernel = random_arrays(1, (6, 7), (2, 3))
    as_batch = by_tensorflow(image[None, :, :, None], kernel[:, :, None, None], (2, 1), "same")
    plane = correlate(image, kernel, stride=(2, 1), padding="same")
    np.testing.assert_allclose(plane, as_batch[0, :, :, 0], rtol=0, atol=1e-5)


def test_a_plane_is_scipy_s_correlation():
    image, kernel = random_arrays(2, (9, 8), (4, 3))
    np.testing.assert_allclose(
        correlate2d(image, kernel), scipy.signal.correlate2d(image, kernel, "valid"), atol=1e-5
    )


@pytest.mark.parametrize("dilation", [2, (1, 2), (3, 2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_tensorflow_s_own_dilation_at_a_stride_agrees(padding, dilation):
    image, kernel = random_arrays(3, (1, 11, 12, 2), (3, 2, 2, 3))
    np.testing.assert_allclose(
        correlate2d(image, kernel, 2, padding, dilation),
        tf.nn.conv2d(image, kernel, 2, padding.upper(), dilations=dilation),
        rtol=0,
        atol=1e-5,
    )


@BOTH
def test_one_number_is_meant_for_both_axes(correlate):
    image, kernel = random_arrays(4, (7, 8), (2, 2))
    np.testing.assert_array_equal(
        correlate(image, kernel, stride=2, padding=1, dilation=2),
        correlate(image, kernel, stride=(2, 2), padding=((1, 1), (1, 1)), dilation=(2, 2)),
    )


@BOTH
def test_a_pair_of_sides_is_before_and_after_on_both_axes(correlate):
    image, kernel = random_arrays(5, (4, 5), (2, 2))
    padded = np.pad(image, [(0, 2), (0, 2)])
    np.testing.assert_array_equal(
        correlate(image, kernel, padding=(0, 2)), correlate(padded, kernel)
    )


@BOTH
@pytest.mark.parametrize(
    ("image", "kernel", "output"),
    [
        ("float32", "float32", "float32"),
        ("uint8", "float32", "float32"),
        ("uint8", "uint8", "float32"),
        ("float16", "float32", "float32"),
        ("bool", "int8", "float32"),
        ("float64", "float32", "float64"),
        ("int64", "float32", "float64"),
    ],
)
def test_what_fits_into_float32_stays_float32(correlate, image, kernel, output):
    result = correlate(np.ones((3, 3), image), np.ones((2, 2), kernel))
    assert result.dtype == output
    np.testing.assert_array_equal(result, 4)


@BOTH
def test_bytes_do_not_wrap_around(correlate):
    image, kernel = np.full((3, 3), 255, "uint8"), np.array([[1, 1], [-3, 0]], "int8")
    np.testing.assert_array_equal(correlate(image, kernel), -255)


@BOTH
def test_lists_and_tensors_are_arrays_too(correlate):
    image, kernel = tf.constant([[1.0, 2, 3], [4, 5, 6]]), [[0, 1], [10, 100]]
    np.testing.assert_array_equal(correlate(image, kernel), [[542, 653]])


@BOTH
def test_the_arguments_are_left_as_they_were(correlate):
    image, kernel = random_arrays(6, (2, 5, 5, 1), (1, 1, 1, 1))
    before = image.copy(), kernel.copy()
    output = correlate(image, kernel)
    output[:] = 9
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(kernel, before[1])


@pytest.mark.parametrize("turn", [np.transpose, np.flipud, lambda image: image[::2, 1::3]])
def test_an_image_that_is_a_view_is_read_right(turn):
    image, kernel = random_arrays(7, (14, 17), (3, 2))
    expected = scipy.signal.correlate2d(turn(image), kernel, "valid")
    np.testing.assert_allclose(correlate2d(turn(image), kernel), expected, atol=1e-5)


# --- wrong input ------------------------------------------------------------------------------

PLANE, SQUARE = np.ones((4, 5), "float32"), np.ones((2, 2), "float32")


@BOTH
@pytest.mark.parametrize(
    ("image", "kernel"),
    [((4, 5, 3), (2, 2)), ((1, 4, 5, 3), (2, 2)), ((4,), (2,)), ((4, 5), (2, 2, 1, 1))],
)
def test_axes_that_do_not_go_together_are_named(correlate, image, kernel):
    with pytest.raises(ValueError, match=r"image and kernel must be \(H, W\) with .* got") as error:
        correlate(np.ones(image), np.ones(kernel))
    assert f"got shapes {image} and {kernel}" in str(error.value)


@BOTH
def test_channels_that_do_not_match_are_named(correlate):
    with pytest.raises(ValueError, match=r"kernel must have as many channels .*, 3 .*, got 1"):
        correlate(np.ones((1, 4, 5, 3)), np.ones((2, 2, 1, 8)))


@BOTH
@pytest.mark.parametrize("taps", [(5, 1), (1, 6)])
def test_a_kernel_that_does_not_fit_is_named(correlate, taps):
    message = rf"kernel must fit .*, 4 x 5 pixels, got one that spans {taps[0]} x {taps[1]}"
    with pytest.raises(ValueError, match=message):
        correlate(PLANE, np.ones(taps))


@BOTH
def test_a_kernel_that_fits_only_with_padding_is_fine(correlate):
    assert correlate(PLANE, np.ones((5, 6)), padding="same").shape == (4, 5)
    with pytest.raises(ValueError, match="spans 5 x 6"):
        correlate(PLANE, np.ones((5, 6)))


@BOTH
def test_a_dilation_that_makes_the_kernel_too_large_is_named(correlate):
    with pytest.raises(ValueError, match="4 x 5 pixels, got one that spans 5 x 2"):
        correlate(PLANE, SQUARE, dilation=(4, 1))


@BOTH
@pytest.mark.parametrize("name", ["stride", "dilation"])
def test_a_wrong_stride_or_dilation_is_named(correlate, name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1 pixel, got 0"):
        correlate(PLANE, SQUARE, **{name: (1, 0)})
    with pytest.raises(ValueError, match=rf"{name} must be one number or a pair"):
        correlate(PLANE, SQUARE, **{name: (1, 1, 1)})
    for wrong in (1.0, True):
        with pytest.raises(
            TypeError, match=f"{name} must be a whole number of pixels, got {wrong}"
        ):
            correlate(PLANE, SQUARE, **{name: wrong})


@BOTH
@pytest.mark.parametrize("padding", ["SAME", "full", (1, 1, 1)])
def test_an_unknown_padding_is_named(correlate, padding):
    with pytest.raises(ValueError, match='padding must be "valid" or "same" .*got'):
        correlate(PLANE, SQUARE, padding=padding)


@BOTH
def test_an_empty_array_is_named(correlate):
    with pytest.raises(ValueError, match=r"image must not be empty, got shape \(0, 5\)"):
        correlate(np.ones((0, 5)), SQUARE)
    with pytest.raises(ValueError, match=r"kernel must not be empty, got shape \(2, 0\)"):
        correlate(PLANE, np.ones((2, 0)))


@BOTH
@pytest.mark.parametrize("dtype", ["complex64", "object", "<U3"])
def test_what_is_no_number_is_named(correlate, dtype):
    with pytest.raises(TypeError, match="image must hold real numbers, got dtype"):
        correlate(PLANE.astype(dtype), SQUARE)
    with pytest.raises(TypeError, match="kernel must hold real numbers, got dtype"):
        correlate(PLANE, SQUARE.astype(dtype))


# --- convolve2d -------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["full", "same", "valid"])
@pytest.mark.parametrize("taps", [(1, 1), (2, 3), (3, 4), (4, 2), (5, 5)])
def test_convolve2d_is_scipy_s(taps, padding):
    image, kernel = random_arrays(8, (6, 7), taps)
    np.testing.assert_allclose(
        convolve2d(image, kernel, padding),
        scipy.signal.convolve2d(image, kernel, mode=padding),
        rtol=0,
        atol=1e-5,
    )


def test_a_bright_pixel_becomes_the_kernel():
    point = np.zeros((5, 5), "float32")
    point[2, 2] = 1
    kernel = np.arange(9, dtype="float32").reshape(3, 3)
    np.testing.assert_array_equal(convolve2d(point, kernel, "valid"), kernel)
    np.testing.assert_array_equal(correlate2d(point, kernel), kernel[::-1, ::-1])


def test_full_convolution_does_not_mind_which_is_the_image():
    image, kernel = random_arrays(9, (2, 3), (4, 5))
    np.testing.assert_allclose(convolve2d(image, kernel), convolve2d(kernel, image), atol=1e-6)


def test_a_batch_is_what_a_transposed_convolution_of_tensorflow_makes():
    image, kernel = random_arrays(10, (2, 5, 6, 3), (3, 2, 3, 4))
    transposed = tf.nn.conv2d_transpose(
        image, np.swapaxes(kernel, 2, 3), (2, 7, 7, 4), strides=1, padding="VALID"
    )
    np.testing.assert_allclose(convolve2d(image, kernel), transposed, rtol=0, atol=1e-4)


@pytest.mark.parametrize("padding", ["FULL", 1, None, [1]])
def test_an_unknown_padding_of_convolve2d_is_named(padding):
    with pytest.raises(ValueError, match='padding must be "full", "same" or "valid", got'):
        convolve2d(PLANE, SQUARE, padding)


# --- the benchmark ----------------------------------------------------------------------------


def test_the_benchmark_compares_the_same_numbers():
    benchmark = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks/convolution.py"))
    for image_shape, kernel_shape, stride in benchmark["SHAPES"][-2:]:
        benchmark["compare"](image_shape, kernel_shape, stride, seconds=0.01)
