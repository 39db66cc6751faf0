"""What looks into a network against Keras, NumPy and what must be true of it."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import datasets, visualization
from helpers.visualization import (
    deep_dream,
    dissect,
    enlarge,
    feature_maps,
    grad_cam,
    gram_matrix,
    maps_and_gradients,
    maximise_unit,
    nearest_embeddings,
    paint,
    saliency,
    unit_iou,
    up_to,
)


@pytest.fixture(scope="module")
def network():
    return datasets.trained_scene_network()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((3, 16, 20, 1)).astype("float32")


def linear(weights):
    """A network without any ReLU: its scores are the pixels times the weights (H, W, C, K)."""
    weights = np.asarray(weights, "float32")
    height, width, channels, classes = weights.shape
    model = keras.Sequential(
        [
            keras.Input((height, width, channels)),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(classes, name="scores"),
        ]
    )
    model.set_weights([weights.reshape(-1, classes), np.zeros(classes)])
    return model


def test_the_examples_run():
    assert doctest.testmod(visualization, globs=vars(visualization).copy()).failed == 0


# --- feature maps, saliency ---------------------------------------------------------------------


def test_feature_maps_are_the_layers_output_also_in_lumps(network, images, monkeypatch):
    whole = feature_maps(network, "conv2", images)
    first = network.get_layer("pool1")(network.get_layer("conv1")(images))
    np.testing.assert_allclose(whole, network.get_layer("conv2")(first), atol=1e-5)
    monkeypatch.setattr(visualization, "LUMPS", 2)
    np.testing.assert_allclose(feature_maps(network, "conv2", images), whole, atol=1e-5)


def test_the_last_feature_maps_are_the_scores(network, images):
    np.testing.assert_allclose(feature_maps(network, "scores", images), network(images), atol=1e-5)


def test_a_layer_that_is_not_there_is_named(network, images):
    with pytest.raises(ValueError, match=r"layer must be one of conv1, .* got 'conv9'"):
        feature_maps(network, "conv9", images)


def test_the_saliency_of_a_linear_network_is_the_size_of_its_weights():
    weights = np.random.default_rng(0).normal(size=(3, 4, 2, 5))
    maps = saliency(linear(weights), np.ones((2, 3, 4, 2)), [1, 4])
    for found, label in zip(maps, (1, 4), strict=True):
        np.testing.assert_allclose(found, np.abs(weights[..., label]).max(axis=2), rtol=1e-5)


def test_the_saliency_tells_what_a_small_change_of_a_pixel_does(network, images):
    maps, step = saliency(network, images, 3), 1e-3  # small: a ReLU has a corner
    for row, column in ((5, 7), (9, 12)):
        changed = [images.copy(), images.copy()]
        changed[0][:, row, column], changed[1][:, row, column] = (
            images[:, row, column] + step,
            images[:, row, column] - step,
        )
        up, down = (network(x).numpy()[:, 3] for x in changed)
        np.testing.assert_allclose(np.abs(up - down) / (2 * step), maps[:, row, column], atol=0.02)


def test_each_image_of_a_batch_is_asked_alone(network, images, monkeypatch):
    together = saliency(network, images, [0, 5, 9])
    alone = [saliency(network, images[i : i + 1], label)[0] for i, label in enumerate((0, 5, 9))]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    monkeypatch.setattr(visualization, "LUMPS", 2)
    np.testing.assert_allclose(saliency(network, images, [0, 5, 9]), together, atol=1e-5)


def test_without_biases_black_has_no_saliency():
    blank = datasets.untrained_scene_network()
    scene = np.zeros((1, 72, 72, 1), "float32")
    scene[:, 30:40, 30:40] = 1
    maps = saliency(blank, scene, 0)[0]
    assert maps[:8].max() == maps[:, -8:].max() == 0 < maps[30:40, 30:40].max()


@pytest.mark.parametrize("classes", [10, -1, [0, 1], 1.5])
def test_classes_that_are_none_are_named(network, images, classes):
    with pytest.raises(ValueError, match="classes must be"):
        saliency(network, images, classes)


# --- Grad-CAM -----------------------------------------------------------------------------------


def test_maps_and_gradients_are_those_of_the_tape(network, images):
    maps, gradients = maps_and_gradients(network, "conv3", images, [1, 2, 3])
    np.testing.assert_allclose(maps, feature_maps(network, "conv3", images), atol=1e-5)
    with tf.GradientTape() as tape:
        inner = tf.constant(maps)
        tape.watch(inner)
        scores = network.get_layer("scores")(
            network.get_layer("mean")(network.get_layer("conv4")(inner))
        )
        total = scores[0, 1] + scores[1, 2] + scores[2, 3]
    np.testing.assert_allclose(gradients, tape.gradient(total, inner), atol=1e-6)


def test_behind_a_mean_and_a_dense_layer_grad_cam_is_the_class_activation_map(network, images):
    """Zhou et al. 2016: the maps weighted by the Dense layer's own weights."""
    maps, gradients = maps_and_gradients(network, "conv4", images, 6)
    weights = network.get_layer("scores").kernel.numpy()[:, 6]
    for one, gradient in zip(maps, gradients, strict=True):
        wanted = np.maximum(one @ weights, 0)
        np.testing.assert_allclose(grad_cam(one, gradient), wanted / wanted.max(), atol=1e-4)


def test_grad_cam_goes_from_0_to_1_or_is_all_0():
    rng = np.random.default_rng(0)
    maps, gradients = rng.random((4, 5, 3)), rng.normal(size=(4, 5, 3))
    found = grad_cam(maps, gradients)
    assert found.dtype == np.float32 and found.min() >= 0 and found.max() == 1
    assert not grad_cam(maps, -1 - np.abs(gradients)).any()


def test_grad_cam_names_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"got \(4, 5, 3\) and \(4, 5, 2\)"):
        grad_cam(np.ones((4, 5, 3)), np.ones((4, 5, 2)))


def test_enlarge_is_bilinear_and_keeps_what_is_even():
    np.testing.assert_allclose(enlarge(np.full((2, 3, 3), 4.0), (6, 9)), np.full((2, 6, 9), 4.0))
    row = enlarge(np.array([[[0.0, 1.0]]]), (1, 4))
    np.testing.assert_allclose(row[0, 0], [0, 0.25, 0.75, 1])
    assert enlarge(np.zeros((1, 2, 2, 5)), 4).shape == (1, 4, 4, 5)


# --- units --------------------------------------------------------------------------------------


def test_unit_iou_is_what_sets_of_places_say():
    rng = np.random.default_rng(0)
    activations, masks = rng.random((3, 6, 5)), rng.random((3, 6, 5)) < 0.3
    threshold = np.quantile(activations, 0.8)
    strong = {tuple(place) for place in np.argwhere(activations > threshold)}
    concept = {tuple(place) for place in np.argwhere(masks)}
    wanted = len(strong & concept) / len(strong | concept)
    assert unit_iou(activations, masks, 0.8) == pytest.approx(wanted)


def test_dissect_is_unit_iou_for_each_pair():
    rng = np.random.default_rng(1)
    activations, masks = rng.random((3, 6, 5, 4)), rng.random((3, 6, 5, 2)) < 0.3
    wanted = [[unit_iou(activations[..., u], masks[..., c], 0.7) for c in (0, 1)] for u in range(4)]
    np.testing.assert_allclose(dissect(activations, masks, 0.7), wanted)


def test_where_nothing_is_the_iou_is_0():
    assert unit_iou(np.zeros((1, 2, 2)), np.zeros((1, 2, 2), bool)) == 0


@pytest.mark.parametrize(
    ("masks", "quantile", "said"),
    [
        (np.ones((1, 2, 2)), 0.5, "masks of bool"),
        (np.ones((1, 2, 3), bool), 0.5, r"one shape \(N, H, W\)"),
        (np.ones((1, 2, 2), bool), 1.5, "quantile must be from 0 to 1, got 1.5"),
    ],
)
def test_unit_iou_names_what_is_wrong(masks, quantile, said):
    with pytest.raises(ValueError, match=said):
        unit_iou(np.ones((1, 2, 2)), masks, quantile)


def test_a_climb_makes_the_unit_stronger_and_stays_between_black_and_white(network):
    start = np.full((24, 24, 1), 0.5, "float32") + 0.01 * np.eye(24, dtype="float32")[..., None]
    for layer, unit in (("conv1", 3), ("conv4", 30), ("scores", 1)):
        upper = up_to(network, layer)
        image = maximise_unit(upper, start, unit, steps=10)
        before, after = (upper(x[None]).numpy()[..., unit].mean() for x in (start, image))
        assert after > before
        assert image.shape == start.shape and 0 <= image.min() <= image.max() <= 1


def test_one_step_moves_the_pixels_by_the_step_size():
    model = linear(np.random.default_rng(0).normal(size=(4, 4, 1, 2)))
    image = maximise_unit(model, np.full((4, 4, 1), 0.5), 0, steps=1, step_size=0.1)
    assert np.sqrt(((image - 0.5) ** 2).mean()) == pytest.approx(0.1, rel=1e-4)


def test_a_silent_unit_leaves_the_image_as_it_is():
    model = linear(np.zeros((2, 3, 1, 1)))
    image = np.random.default_rng(0).random((2, 3, 1)).astype("float32")
    np.testing.assert_array_equal(maximise_unit(model, image, 0, steps=3), image)


def test_a_unit_that_is_not_there_is_named(network):
    with pytest.raises(ValueError, match="channel must be below 10, got 10"):
        maximise_unit(network, np.zeros((8, 8, 1)), 10)


def test_a_dream_makes_the_layer_stronger(network):
    photo = datasets.grey(datasets.photo("cat"))[100:140, 100:150, None]
    upper = up_to(network, "conv3")
    dreamed = deep_dream(upper, photo, steps=4, octaves=2)
    before, after = (float((upper(x[None]).numpy() ** 2).mean()) for x in (photo, dreamed))
    assert after > before
    assert dreamed.shape == photo.shape and 0 <= dreamed.min() <= dreamed.max() <= 1


# --- likeness -----------------------------------------------------------------------------------


def test_nearest_embeddings_are_those_of_scipy():
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(0)
    queries, embeddings = rng.normal(size=(7, 5)), rng.normal(size=(40, 5))
    wanted = cdist(queries, embeddings, "cosine").argsort(axis=1)[:, :6]
    np.testing.assert_array_equal(nearest_embeddings(queries, embeddings, 6), wanted)


def test_length_plays_no_part_and_of_equals_the_first_comes_first():
    stored = np.array([[0, 1], [5, 5], [1, 1], [0, 0], [-1, -1]])
    assert nearest_embeddings([[2, 2]], stored, 5).tolist() == [[1, 2, 0, 3, 4]]


def test_nearest_embeddings_names_what_is_wrong():
    with pytest.raises(ValueError, match="k must be at most 2, as many as are stored, got 3"):
        nearest_embeddings([[1, 1]], [[1, 0], [0, 1]], 3)
    with pytest.raises(ValueError, match=r"got \(1, 2\) and \(1, 3\)"):
        nearest_embeddings([[1, 1]], [[1, 0, 2]])


def test_the_gram_matrix_is_symmetric_and_does_not_know_the_places():
    maps = np.random.default_rng(0).normal(size=(5, 6, 4))
    gram = gram_matrix(maps)
    wanted = np.einsum("hwc,hwd->cd", maps, maps) / 30
    np.testing.assert_allclose(gram, wanted, rtol=1e-5)
    shuffled = np.random.default_rng(1).permutation(maps.reshape(30, 4)).reshape(5, 6, 4)
    np.testing.assert_allclose(gram_matrix(shuffled), gram, rtol=1e-5)


def test_painting_comes_nearer_to_the_style(network):
    style = datasets.grey(datasets.photo("cat"))[200:232, 60:92, None]
    painted = paint(network, ["conv1", "conv2"], style, steps=15, seed=4)
    start = np.random.default_rng(4).random(style.shape, dtype="float32")
    first, last, wanted = (
        gram_matrix(feature_maps(network, "conv2", x[None])[0]) for x in (start, painted, style)
    )
    assert np.abs(last - wanted).sum() < np.abs(first - wanted).sum()
    assert painted.shape == style.shape and 0 <= painted.min() <= painted.max() <= 1


def test_with_much_weight_the_content_stays(network):
    style = datasets.grey(datasets.photo("cat"))[200:232, 60:92, None]
    content = datasets.grey(datasets.photo("coffee"))[100:124, 200:232, None]
    little, much = (
        paint(network, ["conv1", "conv2"], style, content, weight, steps=10) for weight in (0, 100)
    )
    deep = [feature_maps(network, "conv2", x[None])[0] for x in (content, little, much)]
    assert np.abs(deep[2] - deep[0]).mean() < np.abs(deep[1] - deep[0]).mean()
    assert much.shape == content.shape
