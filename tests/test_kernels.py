"""Kernels against SciPy's filters, and what their docstrings say they do to a picture."""

import doctest

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from helpers import kernels
from helpers.convolution import correlate2d

EDGES = [
    kernels.sobel_x,
    kernels.sobel_y,
    kernels.prewitt_x,
    kernels.prewitt_y,
    kernels.laplacian,
]
AVERAGES = [kernels.identity, kernels.box_blur, kernels.gaussian, kernels.sharpen]


@pytest.fixture(scope="module")
def picture():
    """Hills and an edge, float64 (20, 24), with values from 0 to 255."""
    rows, columns = np.mgrid[:20, :24]
    return 100 + 60 * np.sin(rows / 3) * np.cos(columns / 4) + 80 * (columns > 12)


def inside(filtered, kernel):
    """The part of SciPy's output, as large as the image, where the kernel lies inside."""
    margin = kernel.shape[0] // 2
    return filtered[margin:-margin, margin:-margin]


def test_the_examples_run():
    assert doctest.testmod(kernels).failed == 0


@pytest.mark.parametrize("kernel", EDGES + AVERAGES)
def test_a_kernel_is_a_new_float32_array(kernel):
    first = kernel()
    assert first.dtype == np.float32 and first.ndim == 2
    first[:] = 7  # writing into it must not change the next one
    assert kernel().max() < 7


@pytest.mark.parametrize(
    ("kernel", "by_scipy"),
    [
        (kernels.sobel_x(), lambda image: scipy.ndimage.sobel(image, axis=1)),
        (kernels.sobel_y(), lambda image: scipy.ndimage.sobel(image, axis=0)),
        (kernels.prewitt_x(), lambda image: scipy.ndimage.prewitt(image, axis=1)),
        (kernels.prewitt_y(), lambda image: scipy.ndimage.prewitt(image, axis=0)),
        (kernels.laplacian(), scipy.ndimage.laplace),
        (kernels.box_blur(3), lambda image: scipy.ndimage.uniform_filter(image, 3)),
        (kernels.box_blur(5), lambda image: scipy.ndimage.uniform_filter(image, 5)),
        (
            kernels.gaussian(5, 1.0),
            lambda image: scipy.ndimage.gaussian_filter(image, 1.0, radius=2),
        ),
        (
            kernels.gaussian(9, 1.7),
            lambda image: scipy.ndimage.gaussian_filter(image, 1.7, radius=4),
        ),
        (kernels.sharpen(), lambda image: image - scipy.ndimage.laplace(image)),
        (kernels.identity(3), lambda image: image),
    ],
)
def test_a_correlation_with_the_kernel_is_scipy_s_filter(kernel, by_scipy, picture):
    np.testing.assert_allclose(
        correlate2d(picture, kernel), inside(by_scipy(picture), kernel), rtol=0, atol=1e-3
    )


@pytest.mark.parametrize("kernel", AVERAGES)
def test_an_even_area_keeps_its_brightness(kernel):
    np.testing.assert_allclose(correlate2d(np.full((9, 9), 200.0), kernel()), 200, rtol=1e-6)


@pytest.mark.parametrize("kernel", EDGES)
def test_an_even_area_has_no_edges(kernel):
    assert not correlate2d(np.full((9, 9), 200.0), kernel()).any()


def test_sobel_is_positive_where_it_gets_brighter_to_the_right_or_downwards():
    slope = np.tile(np.arange(9.0), (9, 1))  # rises by 1 a pixel, to the right
    np.testing.assert_array_equal(correlate2d(slope, kernels.sobel_x()), 8)
    np.testing.assert_array_equal(correlate2d(slope, kernels.sobel_y()), 0)
    np.testing.assert_array_equal(correlate2d(slope.T, kernels.sobel_y()), 8)


def test_the_laplacian_gives_an_edge_two_signs_and_a_slope_nothing():
    step = np.tile([0.0, 0, 0, 1, 1, 1], (3, 1))
    np.testing.assert_array_equal(correlate2d(step, kernels.laplacian()), [[0, 1, -1, 0]])
    slope = np.tile(np.arange(9.0), (9, 1))
    assert not correlate2d(slope, kernels.laplacian()).any()
    np.testing.assert_array_equal(np.rot90(kernels.laplacian()), kernels.laplacian())


def test_sharpen_leaves_the_range_of_the_image_beside_an_edge():
    step = np.tile([0.0, 0, 0, 255, 255, 255], (3, 1))
    np.testing.assert_array_equal(correlate2d(step, kernels.sharpen()), [[0, -255, 510, 255]])


def test_a_gaussian_falls_off_with_the_distance_alone():
    kernel = kernels.gaussian(7, 1.5)
    rows, columns = np.mgrid[-3:4, -3:4]
    by_distance = np.argsort((rows**2 + columns**2).ravel(), kind="stable")
    assert np.all(np.diff(kernel.ravel()[by_distance]) <= 1e-7)
    assert kernel.sum() == pytest.approx(1)


def test_flip_is_what_turns_a_correlation_into_scipy_s_convolution(picture):
    kernel = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(
        correlate2d(picture, kernels.flip(kernel)),
        scipy.signal.convolve2d(picture, kernel, mode="valid"),
    )


def test_flip_leaves_channels_and_filters_in_place():
    kernel = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    np.testing.assert_array_equal(kernels.flip(kernel), np.rot90(kernel, 2))
    assert not np.shares_memory(kernels.flip(kernel), kernel)


def test_flip_of_a_row_is_an_error():
    with pytest.raises(
        ValueError, match=r"kernel must have a height and a width, got shape \(3,\)"
    ):
        kernels.flip([1, 2, 3])


@pytest.mark.parametrize("kernel", [kernels.identity, kernels.gaussian])
def test_a_kernel_with_a_middle_has_an_odd_size(kernel):
    with pytest.raises(ValueError, match="size must be odd, so that there is a middle, got 4"):
        kernel(4)


@pytest.mark.parametrize("kernel", [kernels.identity, kernels.box_blur, kernels.gaussian])
def test_a_wrong_size_is_named(kernel):
    with pytest.raises(ValueError, match="size must be at least 1 pixel, got 0"):
        kernel(0)
    with pytest.raises(TypeError, match="size must be a whole number of pixels, got 3.0"):
        kernel(3.0)


@pytest.mark.parametrize("sigma", [0, -1.0, float("nan")])
def test_a_sigma_that_is_not_above_0_is_named(sigma):
    with pytest.raises(ValueError, match="sigma must be above 0 pixels, got"):
        kernels.gaussian(3, sigma)
