"""Up-convolution and IoU against TensorFlow and Keras; blocks, scenes and their labels."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import models, segmentation


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(segmentation).failed == 0


# --- upsample ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [(1, 1), (2, 2), (3, 2), (4, 5)])
def test_upsample_gives_what_keras_gives(kernel_size, stride):
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(3, 5, 2)).astype("float32")
    layer = keras.layers.Conv2DTranspose(4, kernel_size, stride, use_bias=False)
    by_keras = layer(maps[None])[0]
    np.testing.assert_allclose(
        segmentation.upsample(maps, layer.kernel.numpy(), stride), by_keras, rtol=0, atol=1e-5
    )


def test_upsample_is_the_transpose_of_the_convolution_with_the_same_kernel():
    rng = np.random.default_rng(0)
    image, maps = rng.normal(size=(1, 7, 9, 3)), rng.normal(size=(3, 4, 2))
    kernel = rng.normal(size=(3, 3, 3, 2))
    down = tf.nn.conv2d(image, kernel, 2, "VALID")[0]
    up = segmentation.upsample(maps, kernel, 2)
    assert np.sum(down * maps) == pytest.approx(np.sum(image[0] * up))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 2)), np.ones((2, 2, 1, 1)), 2), r"shapes \(H, W, C\) .* got \(2, 2\)"),
        ((np.ones((2, 2, 3)), np.ones((2, 2, 3, 1)), 2), r"and \(2, 2, 3, 1\)"),
        ((np.ones((2, 2, 1)), np.ones((2, 2, 1, 1)), 0), "stride must be at least 1 pixel, got 0"),
    ],
)
def test_upsample_names_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        segmentation.upsample(*arguments)


# --- up_block and the U-Net without skips -------------------------------------------------------


def test_up_block_is_the_upper_part_of_a_unet_with_one_level():
    image = keras.Input((8, 12, 3))
    block = keras.Model(image, segmentation.up_block(image, filters=5))
    assert block.output.shape == (None, 8, 12, 5)
    kernels = [tuple(w.shape) for w in block.weights if len(w.shape) == 4]
    assert kernels == [(2, 2, 5, 3), (3, 3, 8, 5), (3, 3, 5, 5)]
    assert not any(isinstance(layer, keras.layers.Add) for layer in block.layers)


def test_up_block_lays_the_untouched_inputs_first():
    image = keras.Input((4, 4, 2))
    segments = keras.Model(image, segmentation.up_block(image, filters=3)).layers
    (joint,) = [layer for layer in segments if isinstance(layer, keras.layers.Concatenate)]
    assert joint.input[0] is image


def test_up_block_refuses_an_odd_side():
    with pytest.raises(ValueError, match="even height and width"):
        segmentation.up_block(keras.Input((5, 4, 1)), 2)


def test_a_unet_without_skips_has_the_same_layers_behind_the_way_up_and_more_weights():
    settings = dict(classes=3, filters=4, depth=2, padding="same")
    both = [models.unet((16, 24, 1), skips=skips, **settings) for skips in (True, False)]
    shapes = [{x.name: x.kernel.shape for x in m.layers if hasattr(x, "kernel")} for m in both]
    differing = {name for name in shapes[0] if shapes[0][name] != shapes[1][name]}
    assert differing == {"up1_conv", "up2_conv"}
    assert both[1].count_params() > both[0].count_params()
    assert not any(isinstance(layer, keras.layers.Concatenate) for layer in both[1].layers)


def test_the_same_weights_label_a_picture_of_another_size():
    settings = dict(classes=3, filters=2, depth=2, padding="same")
    small, large = (models.unet((*size, 1), **settings) for size in ((16, 16), (24, 40)))
    large.set_weights(small.get_weights())
    assert large(np.zeros((1, 24, 40, 1))).shape == (1, 24, 40, 3)


# --- mean_iou -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_mean_iou_gives_what_keras_gives_with_absent_classes_too(seed):
    rng = np.random.default_rng(seed)
    labels, answers = rng.integers(0, 3, (2, 2, 5, 6))
    metric = keras.metrics.MeanIoU(num_classes=5)
    metric.update_state(labels, answers)
    ours = segmentation.mean_iou(labels, answers, classes=5)
    assert ours == pytest.approx(float(metric.result()), abs=1e-6)


def test_a_class_in_neither_map_has_no_iou():
    ratios = segmentation.iou_of_classes([0, 2], [0, 0], classes=4)
    np.testing.assert_array_equal(ratios, [0.5, np.nan, 0, np.nan])


@pytest.mark.parametrize(
    ("labels", "answers", "message"),
    [
        ([0, 1], [0, 1, 1], "one shape"),
        ([0, 2], [0, 1], "labels must hold whole numbers from 0 to 1"),
        ([0, 1], [0.0, 1.0], "answers must hold whole numbers from 0 to 1, got float64"),
    ],
)
def test_mean_iou_names_what_does_not_fit(labels, answers, message):
    with pytest.raises(ValueError, match=message):
        segmentation.mean_iou(labels, answers, classes=2)


@pytest.mark.parametrize("pixels", [1, 2, 3])
def test_near_edges_is_what_comparing_all_neighbours_gives(pixels):
    labels = np.random.default_rng(0).integers(0, 2, (2, 6, 7)).cumsum(axis=2) // 3
    near = segmentation.near_edges(labels, pixels)
    for image, row, column in np.ndindex(*labels.shape):
        window = range(-pixels, pixels + 1)
        cross = [(row + d, column) for d in window] + [(row, column + d) for d in window]
        inside = [place for place in cross if 0 <= place[0] < 6 and 0 <= place[1] < 7]
        classes = {int(labels[image][place]) for place in inside}
        assert near[image, row, column] == (len(classes) > 1)


# --- scenes -------------------------------------------------------------------------------------


def test_scenes_are_grey_pictures_with_a_class_for_each_pixel():
    made, labels = segmentation.scenes(20, (40, 64), seed=1)
    assert (made.shape, made.dtype) == ((20, 40, 64, 1), "float32")
    assert made.min() >= 0 and made.max() <= 1
    assert (labels.shape, labels.dtype) == ((20, 40, 64), "uint8")
    assert set(np.unique(labels)) == {0, 1}


def test_the_same_seed_gives_the_same_scenes_and_another_one_others():
    first, again, other = (segmentation.scenes(2, 32, seed=seed)[0] for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_garment_lies_where_the_label_says():
    images = np.zeros((1, 28, 28, 1), "uint8")
    images[0, 3:9, 5:8] = 255
    scene, label = np.full((30, 28, 1), 0.5, "float32"), np.zeros((30, 28), "uint8")
    segmentation._lay(scene, label, images[0], np.random.default_rng(0))
    np.testing.assert_array_equal(scene[:, :, 0], np.where(label == 1, 1, 0.5))
    assert np.count_nonzero(label) == 18


def test_the_photograph_kept_for_tests_is_in_no_training_scene():
    assert "cat" not in segmentation.BACKGROUNDS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(count=0), "count must be at least 1"),
        (dict(size=20), "size must be at least 28 pixels, got 20 x 20"),
        (dict(split="all"), 'split must be "train" or "test"'),
        (dict(backgrounds=("dog",)), "name must be one of"),
        (dict(backgrounds="cat"), "backgrounds must be a list of names"),
        (dict(size=(400, 64), backgrounds=("cat",)), "size must be at most 300 x 451"),
    ],
)
def test_scenes_names_what_does_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        segmentation.scenes(**dict(count=1, size=32, seed=0) | arguments)
