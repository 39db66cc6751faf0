"""Augmentation against Keras, TensorFlow and SciPy, and what each function promises."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from helpers import augmentation, transformations
from helpers.augmentation import (
    augment,
    cutout,
    dropout,
    label_preserving,
    mixup,
    random_translate,
    shear,
)
from helpers.checks import changes


def noise(*shape):
    return np.random.default_rng(0).random(shape).astype("float32")


def patterns(*shape):
    return changes.patterns(np.random.default_rng(0), shape)


def test_the_examples_run():
    assert doctest.testmod(augmentation).failed == 0


MAKERS = {
    "augment": lambda x: augment(x, np.arange(len(x)), seed=1)[0],
    "random_translate": lambda x: random_translate(x, 2, seed=1),
    "shear": lambda x: shear(x, 0.5),
    "cutout": lambda x: cutout(x, 3, np.full(len(x), 2), np.full(len(x), 3)),
    "mixup": lambda x: mixup(x, np.eye(len(x)), np.full(len(x), 0.7), np.arange(len(x))[::-1])[0],
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("shape", [(4, 8, 8, 1), (3, 7, 10, 3)])
def test_a_batch_stays_a_batch_from_0_to_1_and_the_input_is_left_alone(name, shape):
    images = noise(*shape)
    before = images.copy()
    made = MAKERS[name](images)
    assert made.shape == shape and made.dtype == np.float32
    assert made.min() >= -1e-6 and made.max() <= 1 + 1e-6
    assert not np.array_equal(made, images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", MAKERS)
def test_pixels_from_0_to_255_are_taken_for_what_they_are(name):
    whole = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1)).astype("uint8")
    np.testing.assert_allclose(MAKERS[name](whole), MAKERS[name](whole / 255), atol=1e-6)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("wrong", [np.zeros((4, 4, 1)), np.zeros((0, 4, 4, 1)), np.array("cat")])
def test_what_is_no_batch_is_named_in_the_error(name, wrong):
    message = "images must (have shape|hold real numbers|not be empty).*, got"
    with pytest.raises((TypeError, ValueError), match=message):
        MAKERS[name](wrong if wrong.ndim else np.full((4, 4, 4, 1), "cat"))


# --- augment, random_translate -----------------------------------------------------------------


def test_augment_mirrors_half_moves_by_2_and_lights_by_a_fifth():
    images = patterns(200, 8, 9, 1)
    change = changes.of(images, augment(images, np.arange(200), seed=3)[0])
    assert change.mirrored() == "about half are mirrored left to right, the others are not"
    assert change.moved() == (
        "moved down by -2 to 2, right by -2 to 2 pixels; the edge pixels are repeated"
    )
    assert change.lit(0.2) == "some are brighter, some darker, by up to 0.2"


def test_the_labels_stay_and_without_training_the_images_do_too():
    images, labels = noise(6, 5, 5, 1), np.array([3, 1, 4, 1, 5, 9])
    np.testing.assert_array_equal(augment(images, labels, seed=0)[1], labels)
    same, given = augment(images, np.eye(6), seed=0, training=False)
    np.testing.assert_array_equal(same, images)
    np.testing.assert_array_equal(given, np.eye(6))


@pytest.mark.parametrize("name", ["augment", "random_translate"])
def test_what_is_drawn_follows_its_seed_and_differs_from_image_to_image(name):
    images = np.repeat(noise(1, 9, 9, 1), 8, axis=0)

    def made(seed):
        moved = random_translate(images, 3, seed)
        return augment(images, np.arange(8), seed)[0] if name == "augment" else moved

    np.testing.assert_array_equal(made(1), made(1))
    assert not np.array_equal(made(1), made(2))
    assert len({image.tobytes() for image in made(1)}) > 3


def test_a_missing_label_is_named():
    with pytest.raises(ValueError, match=r"labels must be one for each image, got \(3,\)"):
        augment(noise(4, 5, 5, 1), [1, 2, 3], seed=0)


def test_random_translate_is_a_shift_of_each_image_by_a_draw_that_is_even():
    images = patterns(2500, 8, 9, 1)
    moved = random_translate(images, 2, seed=0)
    moves = changes.of(images, moved).moves
    for image, result, (down, right) in zip(images[:40], moved, moves, strict=False):
        expected = transformations.shift(image[None], int(right), int(down))[0]
        np.testing.assert_array_equal(result, expected)
    counts = np.unique(moves, axis=0, return_counts=True)[1]
    assert counts.size == 25 and counts.min() > 60 and counts.max() < 145  # 100 on average


@pytest.mark.parametrize("most", [-1, 1.5, True])
def test_a_wrong_distance_is_named(most):
    with pytest.raises((TypeError, ValueError), match="most must be"):
        random_translate(noise(2, 4, 4, 1), most, seed=0)


# --- shear, cutout, mixup ----------------------------------------------------------------------


@pytest.mark.parametrize("slope", [-1, 1, 2])
def test_a_shear_by_whole_pixels_moves_each_row(slope):
    images = noise(2, 5, 9, 2)
    sheared = shear(images, slope)
    for row in range(5):
        expected = transformations.shift(images[:, row : row + 1], right=slope * (row - 2))
        np.testing.assert_allclose(sheared[:, row : row + 1], expected, atol=1e-6)


def test_a_wider_picture_keeps_all_its_pixels_and_a_slope_between_them_mixes_two():
    images = noise(1, 7, 6, 1)
    wider = shear(images, 0.5, keep_size=False)
    assert wider.shape == (1, 7, 10, 1)
    np.testing.assert_allclose(wider.sum(axis=2), images.sum(axis=2), rtol=1e-5)
    by_scipy = ndimage.shift(np.pad(images[0, 4, :, 0], 2), 0.5, order=1)
    np.testing.assert_allclose(wider[0, 4, :, 0], by_scipy, atol=1e-6)
    with pytest.raises(ValueError, match="slope must be a finite number, got nan"):
        shear(images, np.nan)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_cutout_hides_the_pixels_within_the_square_and_no_others(size):
    images = 1 + noise(30, 6, 7, 2)
    rng = np.random.default_rng(size)
    rows, columns = rng.integers(-2, 9, 30), rng.integers(-2, 9, 30)
    hidden = cutout(images, size, rows, columns)
    for n, row, column in np.ndindex(30, 6, 7):
        below, beside = row - (rows[n] - size // 2), column - (columns[n] - size // 2)
        inside = 0 <= below < size and 0 <= beside < size
        expected = np.zeros(2) if inside else images[n, row, column]
        np.testing.assert_array_equal(hidden[n, row, column], expected)


@pytest.mark.parametrize("wrong", [[1, 2], [0.5, 1.0, 2.0], 3])
def test_wrong_places_are_named(wrong):
    with pytest.raises(ValueError, match="columns must be 3 whole numbers"):
        cutout(noise(3, 5, 5, 1), 2, rows=[0, 1, 2], columns=wrong)


def test_mixup_mixes_as_keras_does():
    images, targets = noise(5, 4, 6, 3), np.eye(7, dtype="float32")[:5]
    weights, partners = noise(5), np.array([3, 0, 4, 4, 1])
    layer, drawn = keras.layers.MixUp(), {"mix_weight": weights, "permutation_order": partners}
    mixed, mixed_targets = mixup(images, targets, weights, partners)
    np.testing.assert_allclose(mixed, layer.transform_images(images, drawn), atol=1e-6)
    np.testing.assert_allclose(mixed_targets, layer.transform_labels(targets, drawn), atol=1e-6)
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("weights", [0.5, 1.5], "weights must be"),
        ("weights", [0.5], "weights must be"),
        ("partners", [0, 2], "partners must be from 0 to 1"),
        ("partners", [0.0, 1.0], "partners must be 2 whole numbers"),
        ("targets", [1, 0], "targets must have shape"),
    ],
)
def test_what_does_not_fit_into_mixup_is_named(name, value, message):
    right = {"targets": np.eye(2), "weights": [0.5, 0.5], "partners": [1, 0]}
    with pytest.raises(ValueError, match=message):
        mixup(noise(2, 3, 3, 1), **(right | {name: value}))


# --- dropout, label_preserving -----------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, 0.2, 0.5, 0.9])
def test_dropout_is_tensorflows_with_the_same_noise(rate):
    x, drawn = noise(4, 5, 3) - 0.5, noise(4, 5, 3)[::-1]
    by_tensorflow = tf.nn.experimental.general_dropout(x, rate, lambda shape, dtype: drawn)
    np.testing.assert_allclose(dropout(x, rate, drawn), by_tensorflow, atol=1e-6)
    np.testing.assert_array_equal(dropout(x, rate, drawn, training=False), x)


def test_dropout_keeps_the_mean():
    x, drawn = np.full(200_000, 3.0), np.random.default_rng(0).random(200_000)
    assert dropout(x, 0.25, drawn).mean() == pytest.approx(3, 0.01)


def test_a_rate_of_1_and_noise_of_another_shape_are_named():
    with pytest.raises(ValueError, match="rate must be from 0 up and below 1, got 1"):
        dropout(noise(3), 1, noise(3))
    with pytest.raises(ValueError, match="noise must have the shape of x"):
        dropout(noise(3, 2), 0.5, noise(3))


def test_label_preserving_is_the_diagonal_of_what_the_known_images_become():
    rng = np.random.default_rng(0)
    labels, before, after = (rng.integers(0, 6, 500) for _ in range(3))
    before[labels == 2] = 0
    before[::2] = np.where(labels[::2] == 2, 0, labels[::2])
    knew = before == labels
    counts = tf.math.confusion_matrix(labels[knew], after[knew], num_classes=7).numpy()
    with np.errstate(invalid="ignore"):
        expected = counts.diagonal() / counts.sum(axis=1)
    np.testing.assert_allclose(label_preserving(labels, before, after, classes=7), expected)
    assert np.isnan(expected[[2, 6]]).all()


@pytest.mark.parametrize("wrong", [[0, 1, 7], [-1, 0, 1], [0, 1]])
def test_wrong_labels_are_named(wrong):
    with pytest.raises(ValueError, match="labels"):
        label_preserving(wrong, [0, 1, 1], [0, 1, 1], classes=3)


# --- what the checks read off augmented images --------------------------------------------------


@pytest.mark.parametrize("down", [-3, 0, 2])
@pytest.mark.parametrize("right", [-2, 0, 4])
@pytest.mark.parametrize("border", ["edge", "zeros", "wrap", "symmetric", "reflect"])
def test_a_move_and_what_comes_in_are_read_off_the_images(down, right, border):
    images = patterns(20, 9, 10, 2)
    mode = "constant" if border == "zeros" else border
    padded = np.pad(images, [(0, 0), (4, 4), (4, 4), (0, 0)], mode)
    moved = padded[:, 4 - down : 13 - down, 4 - right : 14 - right] + 0.1
    change = changes.of(images, moved)
    assert set(map(tuple, change.moves)) == {(down, right)} and set(change.turns) == {""}
    if (down, right) != (0, 0):
        assert change.borders == border
    np.testing.assert_allclose(change.dark, 0.35, atol=1e-5)


@pytest.mark.parametrize("turn", changes.TURNS)
def test_a_mirror_is_read_off_the_images(turn):
    rows, columns = changes.TURNS[turn]
    images = patterns(20, 8, 9, 1)
    assert set(changes.of(images, images[:, ::rows, ::columns] - 0.1).turns) == {turn}


def test_light_that_is_not_one_number_an_image_is_told_apart():
    images, rng = patterns(40, 8, 9, 1), np.random.default_rng(1)
    each = rng.uniform(-0.2, 0.2, (40, 1, 1, 1))
    sentences = [
        changes.of(images, made).lit(0.2)
        for made in (
            images + each,
            images * (1 + each),
            images + rng.uniform(-0.2, 0.2, images.shape),
            images + np.abs(each),
            images - np.abs(each),
            images + 3 * each,
            images + 0.2 * each,
        )
    ]
    assert len(set(sentences)) == 7


def test_a_move_by_half_a_pixel_is_no_noise():
    images, rng = patterns(40, 8, 9, 1), np.random.default_rng(1)
    halfway = np.stack([ndimage.shift(image, (*rng.uniform(-2, 2, 2), 0), order=1, mode="nearest")
                        for image in images])  # fmt: skip
    assert "parts of a pixel" in changes.of(images, halfway).moved()
    assert changes.of(images, halfway).lit(0.2) == "pixels are mixed with their neighbours"
    noisy = images + rng.uniform(-0.2, 0.2, images.shape)
    assert not changes.of(images, noisy).mixed


def test_what_says_nothing_about_single_images_is_said_first():
    images = patterns(10, 8, 9, 1)
    assert changes.of(images, images).moved() == changes.NOTHING
    assert changes.of(images, np.roll(images, 1, axis=2)).mirrored() == changes.ALIKE
    assert changes.of(images, np.ones_like(images)).lit(0.2) == changes.BLANK
