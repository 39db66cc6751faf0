"""Preparing images, watching a fit and counting errors, against TensorFlow and Keras."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import training
from helpers.training import Progress, confusion, standardise, top_k_error


def images(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype("uint8")


# --- standardise


@pytest.mark.parametrize("channels", [1, 3])
def test_standardise_is_keras_normalization_fitted_to_the_training_images(channels):
    train, test = images(20, 5, 4, channels), images(7, 5, 4, channels, seed=1)
    layer = keras.layers.Normalization(axis=-1)
    layer.adapt(train.astype("float32"))
    for ours, given in zip(standardise(train, test), (train, test), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, layer(given.astype("float32")), atol=1e-4)


def test_the_training_images_end_with_mean_0_and_deviation_1():
    train, _ = standardise(images(50, 6, 6, 2), images(1, 6, 6, 2))
    np.testing.assert_allclose(train.mean(axis=(0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=(0, 1, 2)), 1, atol=1e-6)


def test_the_test_images_change_nothing_about_each_other():
    train, test = images(5, 3, 3, 1), images(4, 3, 3, 1, seed=1)
    both, alone = standardise(train, test)[1], standardise(train, test[:1])[1]
    np.testing.assert_array_equal(both[:1], alone)


def test_a_channel_that_never_changes_becomes_0():
    train = np.full((3, 2, 2, 1), 7.0)
    assert not standardise(train, train)[0].any()
    assert standardise(train, train + 2)[1].ravel().tolist() == [2.0] * 12


def test_wrong_image_shapes_are_named():
    with pytest.raises(ValueError, match=r"test must have shape \(N, H, W, C\), got \(3, 4\)"):
        standardise(images(2, 3, 4, 1), images(3, 4))
    with pytest.raises(ValueError, match="test must have 3 channels like train"):
        standardise(images(2, 3, 4, 3), images(2, 3, 4, 1))


# --- top_k_error


@pytest.mark.parametrize("k", [1, 2, 5, 10])
def test_top_k_error_is_what_tensorflow_and_keras_count(k):
    rng = np.random.default_rng(k)
    scores, labels = rng.random((200, 10)).astype("float32"), rng.integers(0, 10, 200)
    ours = top_k_error(scores, labels, k)
    assert ours == pytest.approx(1 - np.mean(tf.math.in_top_k(labels, scores, k)))
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k)
    metric.update_state(labels, scores)
    assert ours == pytest.approx(1 - float(metric.result()), abs=1e-6)


def test_of_equal_scores_the_first_class_wins():
    assert top_k_error([[1, 1, 1]], [0], 1) == 0 and top_k_error([[1, 1, 1]], [1], 1) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2]], [0, 1]), r"got \(1, 2\) and \(2,\)"),
        (([1, 2], [0]), r"scores must have shape \(N, classes\)"),
        (([[1, 2]], [2]), r"labels must be whole numbers from 0 to 1, got \[2\]"),
        (([[1, 2]], [0.0]), "labels must be whole numbers"),
        (([[1, 2]], [0], 0), "k must be at least 1, got 0"),
    ],
)
def test_wrong_arguments_of_top_k_error_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        top_k_error(*arguments)


# --- confusion


def test_confusion_is_tensorflows():
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 6, (2, 300))
    expected = tf.math.confusion_matrix(labels, answers, 7).numpy()
    np.testing.assert_array_equal(confusion(labels, answers, 7), expected)


def test_wrong_arguments_of_confusion_are_named():
    with pytest.raises(ValueError, match=r"must be \(N,\), got \(2,\) and \(1,\)"):
        confusion([0, 1], [0], 2)
    with pytest.raises(ValueError, match="answers must be whole numbers from 0 to 1"):
        confusion([0, 1], [0, 2], 2)
    with pytest.raises(ValueError, match="labels must be whole numbers from 0 to 1"):
        confusion([0, -1], [0, 1], 2)


# --- Progress


def fitted(callback, epochs, **more):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.eye(2), np.arange(2), epochs=epochs, verbose=0, callbacks=[callback], **more)


def test_progress_prints_a_line_an_epoch_with_the_metrics(capsys):
    fitted(Progress(), epochs=2, validation_data=(np.eye(2), np.arange(2)))
    lines = capsys.readouterr().out.splitlines()
    assert [line[:13] for line in lines] == ["epoch 1 of 2 ", "epoch 2 of 2 "]
    assert all("  validation accuracy " in line and line.endswith(" s)") for line in lines)


def test_progress_can_skip_epochs_but_not_the_last(capsys):
    fitted(Progress(every=2), epochs=5)
    assert [line[6] for line in capsys.readouterr().out.splitlines()] == ["2", "4", "5"]


@pytest.mark.parametrize("every", [0, 1.5, "2"])
def test_a_wrong_interval_is_named(every):
    with pytest.raises(ValueError, match=f"every must be a whole number from 1 up, got {every!r}"):
        Progress(every)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(training).failed == 0
