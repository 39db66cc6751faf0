"""Transformations of images against SciPy, NumPy and TensorFlow, and what each promises."""

import doctest

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from helpers import datasets, transformations
from helpers.transformations import (
    add_noise,
    bend,
    brighten,
    darken,
    invert,
    occlude,
    on_canvas,
    rotate,
    scale,
    shift,
)

ALL = {
    "shift": lambda x: shift(x, right=2, down=-1),
    "rotate": lambda x: rotate(x, 30),
    "scale": lambda x: scale(x, 0.7),
    "bend": lambda x: bend(x, 1.5),
    "darken": lambda x: darken(x, 0.5),
    "brighten": lambda x: brighten(x, 0.3),
    "invert": invert,
    "add_noise": lambda x: add_noise(x, 0.2),
    "occlude": lambda x: occlude(x, 3),
}


def noise(*shape):
    return np.random.default_rng(0).random(shape).astype("float32")


def test_the_examples_run():
    assert doctest.testmod(transformations).failed == 0


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(1, 8, 8, 1), (3, 7, 10, 3)])
def test_a_batch_stays_a_batch_from_0_to_1_and_the_input_is_left_alone(name, shape):
    images = noise(*shape)
    before = images.copy()
    changed = ALL[name](images)
    assert changed.shape == shape and changed.dtype == np.float32
    assert changed.min() >= -1e-6 and changed.max() <= 1 + 1e-6
    assert not np.array_equal(changed, images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", ["shift", "rotate", "scale", "darken", "brighten", "invert"])
def test_each_image_of_a_batch_is_changed_as_it_would_be_alone(name):
    images = noise(3, 8, 8, 2)
    one_by_one = np.concatenate([ALL[name](image[None]) for image in images])
    np.testing.assert_allclose(ALL[name](images), one_by_one, atol=1e-6)


@pytest.mark.parametrize("name", ["bend", "add_noise", "occlude"])
def test_what_is_random_follows_its_seed_and_differs_from_image_to_image(name):
    images = np.repeat(noise(1, 9, 9, 1), 4, axis=0)
    function = {"bend": bend, "add_noise": add_noise, "occlude": occlude}[name]
    amount = {"bend": 1.0, "add_noise": 0.2, "occlude": 3}[name]
    first, again, other = (function(images, amount, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("down", [-9, -2, 0, 1, 5, 9])
@pytest.mark.parametrize("right", [-9, -3, 0, 2, 6, 9])
def test_a_shift_moves_each_pixel_by_that_many(right, down):
    images = noise(2, 5, 6, 3)
    moved, around = (shift(images, right, down, border) for border in ("zeros", "circular"))
    np.testing.assert_array_equal(around, np.roll(images, (down, right), axis=(1, 2)))
    expected = ndimage.shift(images, (0, down, right, 0), order=0, mode="constant")
    np.testing.assert_array_equal(moved, expected)


@pytest.mark.parametrize("quarters", range(-4, 5))
def test_quarter_turns_copy_the_pixels_counter_clockwise(quarters):
    images = noise(2, 7, 7, 3)
    expected = np.rot90(images, quarters, axes=(1, 2))
    np.testing.assert_allclose(rotate(images, 90 * quarters), expected, atol=1e-6)


def test_turning_there_and_back_gives_a_smooth_picture_again():
    picture = ndimage.gaussian_filter(noise(1, 40, 40, 1), (0, 4, 4, 0))
    back = rotate(rotate(picture, 25), -25)
    np.testing.assert_allclose(back[:, 12:28, 12:28], picture[:, 12:28, 12:28], atol=0.01)


def test_scaling_by_1_changes_nothing():
    images = noise(2, 7, 8, 1)
    np.testing.assert_allclose(scale(images, 1), images, atol=1e-6)


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.25, 2])
def test_a_disc_grows_by_the_square_of_the_factor_and_stays_in_the_middle(factor):
    distance = np.hypot(*(np.indices((41, 41)) - 20))
    disc = (distance <= 9).astype("float32")[None, :, :, None]
    scaled = scale(disc, factor)
    assert scaled.sum() == pytest.approx(factor**2 * disc.sum(), rel=0.05)
    middle = ndimage.center_of_mass(scaled[0, :, :, 0])
    assert middle == pytest.approx((20, 20), abs=0.05)


def test_shrinking_is_close_to_tensorflow_with_antialiasing():
    picture = datasets.grey(datasets.photo("cat"))[None, 40:168, 100:228, None]
    half = tf.image.resize(picture, (64, 64), antialias=True).numpy()
    ours = scale(picture, 0.5)[:, 32:96, 32:96]
    plain = picture[:, ::2, ::2]
    assert np.abs(ours - half).mean() < 0.3 * np.abs(plain - half).mean()


def test_bending_by_nothing_changes_nothing_and_more_bends_more():
    images = noise(2, 12, 12, 1)
    np.testing.assert_allclose(bend(images, 0), images, atol=1e-6)
    smooth = ndimage.gaussian_filter(noise(4, 30, 30, 1), (0, 2, 2, 0))
    off = [np.abs(bend(smooth, strength) - smooth).mean() for strength in (0.5, 1, 2)]
    assert off == sorted(off)


def test_pixels_move_by_the_strength_on_average():
    ramp = np.broadcast_to(np.arange(60, dtype="float32") / 100, (60, 60))[None, :, :, None]
    moved = 100 * np.abs(bend(ramp, 1.0) - ramp)[0, 10:50, 10:50, 0].mean()
    assert moved == pytest.approx(2 / np.pi, abs=0.2)  # the mean of |cos|: only one direction shows


def test_light_is_a_product_or_a_sum_that_is_cut_off():
    images = noise(1, 4, 4, 1)
    np.testing.assert_allclose(darken(images, 0.25), images / 4)
    np.testing.assert_allclose(brighten(images, 0.5), np.clip(images + 0.5, 0, 1))
    np.testing.assert_allclose(invert(invert(images)), images, atol=1e-6)


def test_noise_has_its_standard_deviation():
    grey = np.full((4, 50, 50, 1), 0.5, "float32")
    assert (add_noise(grey, 0.1) - 0.5).std() == pytest.approx(0.1, rel=0.03)


def test_the_hidden_square_is_black_whole_and_lies_inside():
    hidden = occlude(np.ones((30, 6, 8, 2), "float32"), 3)
    assert np.all((hidden == 0).sum(axis=(1, 2)) == 9)
    places = [np.argwhere(image[..., 0] == 0) for image in hidden]
    assert all((place.max(axis=0) - place.min(axis=0)).tolist() == [2, 2] for place in places)


def test_a_canvas_has_the_image_in_its_middle():
    image = noise(1, 4, 5, 1)
    canvas = on_canvas(image, 10)
    np.testing.assert_array_equal(canvas[:, 3:7, 2:7], image)
    assert canvas.sum() == pytest.approx(image.sum(), rel=1e-6)


def test_halving_takes_the_mean_of_four_as_average_pooling_does():
    images, _ = datasets.fashion_mnist("test", n=3)
    halved = on_canvas(images, 14, halve=True)
    expected = tf.nn.avg_pool2d(images / np.float32(255), 2, 2, "VALID")
    np.testing.assert_allclose(halved, expected, atol=1e-6)


def test_bytes_are_read_as_0_to_255():
    assert invert(np.full((1, 1, 1, 1), 255, "uint8")).item() == 0


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: shift(x[0]), ValueError, r"images must have shape \(N, H, W, C\), got"),
        (lambda x: shift(x, right=1.5), TypeError, "right must be a whole number of pixels, got"),
        (lambda x: shift(x, border="wrap"), ValueError, "border must be .* got \"?'wrap"),
        (lambda x: rotate(x, "far"), TypeError, "degrees must be a number, got 'far'"),
        (lambda x: rotate(x, np.nan), ValueError, "degrees must be a finite number, got nan"),
        (lambda x: scale(x, 0), ValueError, "factor must be above 0, got 0"),
        (lambda x: darken(x, 1.5), ValueError, "factor must be from 0 to 1, got 1.5"),
        (lambda x: brighten(x, -1), ValueError, "amount must be from 0 to 1, got -1"),
        (lambda x: bend(x, -1), ValueError, "strength must be from 0 up"),
        (lambda x: add_noise(x, -1), ValueError, "stddev must be from 0 up, got -1"),
        (lambda x: occlude(x, 9), ValueError, "size must be at most 4 pixels, got 9"),
        (lambda x: on_canvas(x, 3), ValueError, "size must be at least 6 pixels, got 3"),
        (lambda x: on_canvas(x[:, :3], 9, halve=True), ValueError, "an even height and width"),
        (lambda x: invert(x.astype(str)), TypeError, "images must hold real numbers"),
    ],
)
def test_bad_input_is_named_in_the_error(call, kind, message):
    with pytest.raises(kind, match=message):
        call(np.ones((1, 4, 6, 1)))
