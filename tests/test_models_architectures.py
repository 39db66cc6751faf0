"""The networks have the layers, counts and outputs of their papers, or of keras.applications."""

import doctest
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import models
from helpers.models import cost
from helpers.models.googlenet import INCEPTIONS


@pytest.fixture(autouse=True)
def one_network_at_a_time():
    yield
    keras.backend.clear_session()


def parameters_of(model):
    return {cost.layer: cost.parameters for cost in models.cost_of_layers(model)}


# --- counts, against the papers


def test_alexnet_has_the_table_of_its_docstring():
    model = models.alexnet()
    counts = {
        "conv1": 34_944, "conv2": 307_456, "conv3": 885_120, "conv4": 663_936, "conv5": 442_624,
        "fc6": 37_752_832, "fc7": 16_781_312, "fc8": 4_097_000,
    }  # fmt: skip
    assert parameters_of(model) == counts
    assert model.count_params() == sum(counts.values()) == 60_965_224
    assert model.get_layer("conv1").output.shape == (None, 55, 55, 96)
    assert model.get_layer("pool5").output.shape == (None, 6, 6, 256)


def test_alexnet_without_groups_has_more():
    assert models.alexnet(groups=1).count_params() == 62_378_344


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"input_shape": (67, 67, 3), "classes": 7, "groups": 1},
        {"input_shape": (100, 100, 3), "classes": 12, "groups": 2},
    ],
)
def test_alexnets_parameters_can_be_counted_without_building_it(arguments):
    counted = dict(arguments)
    if "input_shape" in counted:
        counted["input_size"] = counted.pop("input_shape")[0]
    assert models.alexnet_parameters(**counted) == models.alexnet(**arguments).count_params()


def test_alexnets_neurons_are_not_those_of_the_caption():
    """The paper's figure 2 says 253,440 for the first layer; its own maps hold 290,400."""
    model = models.alexnet(classes=1000)
    neurons = [np.prod(model.get_layer(f"conv{i}").output.shape[1:]) for i in range(1, 6)]
    assert [int(n) for n in neurons] == [290_400, 186_624, 64_896, 64_896, 43_264]


def test_vgg16_has_the_published_count():
    assert models.vgg16().count_params() == 138_357_544


def test_resnet50_has_the_published_count():
    model = models.resnet50()
    assert model.count_params() == 25_636_712
    assert sum(int(np.prod(w.shape)) for w in model.non_trainable_weights) == 53_120


def test_densenet121_has_the_published_count():
    model = models.densenet121()
    assert model.count_params() == 8_062_504
    assert sum(int(np.prod(w.shape)) for w in model.non_trainable_weights) == 83_648


def test_unet_has_the_shapes_of_figure_1():
    model = models.unet()
    assert model.output.shape == (None, 388, 388, 2)
    sizes = [model.get_layer(f"down{i}_2").output.shape[1] for i in range(1, 5)]
    assert sizes == [568, 280, 136, 64]
    assert model.get_layer("bottom_2").output.shape == (None, 28, 28, 1024)
    assert model.count_params() == 31_030_658


# Column "params" of table 1 in thousands of 1024, by module.
GOOGLENET_TABLE = {
    "3a": 159, "3b": 380, "4a": 364, "4b": 437, "4c": 463, "4d": 580, "4e": 840, "5a": 1072,
    "5b": 1388,
}  # fmt: skip
# Here the filters in the same row of the table make another number: nobody's rounding.
NOT_ITS_OWN_FILTERS = {"4a", "4b", "4c", "4d", "4e", "5a", "5b"}


def test_googlenet_has_the_filters_of_table_1():
    model = models.googlenet()
    assert model.count_params() == 6_998_552
    for name, filters in INCEPTIONS.items():
        made = model.get_layer(f"inception_{name}").output.shape[-1]
        assert made == filters[0] + filters[2] + filters[4] + filters[5]
    assert model.get_layer("inception_5b").output.shape == (None, 7, 7, 1024)


def test_googlenets_column_of_parameters_follows_from_its_filters_in_some_rows():
    counts = parameters_of(models.googlenet())
    off = set()
    for name, table in GOOGLENET_TABLE.items():
        module = sum(n for layer, n in counts.items() if layer.startswith(f"inception_{name}_"))
        if abs(module / 1024 - table) > 1:
            off.add(name)
    assert off == NOT_ITS_OWN_FILTERS


# --- layer by layer, against keras.applications

SMALL = {"input_shape": (64, 64, 3), "classes": 10}
SAME_NAMES = {"zero_padding2d": "conv1_pad", "zero_padding2d_1": "pool1_pad", "bn": "last_bn",
              "relu": "last_relu"}  # fmt: skip


def described(model):
    """(output shape, shapes of weights, epsilon or None) of each layer but the input, by name."""
    return {
        SAME_NAMES.get(layer.name, layer.name): (
            layer.output.shape,
            [tuple(weight.shape) for weight in layer.weights],
            getattr(layer, "epsilon", None),  # fresh statistics would hide another one
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    }


@pytest.mark.parametrize(
    ("ours", "name"),
    [(models.vgg16, "VGG16"), (models.resnet50, "ResNet50"), (models.densenet121, "DenseNet121")],
)
def test_a_network_is_that_of_keras_layer_by_layer(ours, name):
    theirs = getattr(keras.applications, name)(weights=None, **SMALL)
    model = ours(**SMALL)
    assert described(model) == described(theirs)
    for layer in theirs.layers:
        if layer.weights:
            twin = model.get_layer(SAME_NAMES.get(layer.name, layer.name))
            twin.set_weights(layer.get_weights())
    images = np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype("float32")
    np.testing.assert_allclose(model(images), theirs(images), atol=1e-5)


# --- parts


def test_local_response_normalization_is_tensorflows():
    maps = np.random.default_rng(0).normal(size=(2, 4, 5, 7)).astype("float32") * 30
    expected = tf.nn.local_response_normalization(maps, 2, 2.0, 1e-4, 0.75)
    np.testing.assert_allclose(models.local_response_normalization(maps), expected, rtol=1e-5)


def test_unet_keeps_the_size_with_same_padding():
    model = models.unet((32, 48, 1), classes=3, filters=4, depth=2, padding="same")
    assert model.output.shape == (None, 32, 48, 3)


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (models.alexnet, {"groups": 3}, "groups must be 1 or 2, got 3"),
        (models.alexnet, {"input_shape": (66, 227, 3)}, "at least 67 pixels"),
        (models.alexnet_parameters, {"input_size": 66}, "input_size must be at least 67 pixels"),
        (models.alexnet_parameters, {"groups": 4}, "groups must be 1 or 2, got 4"),
        (models.inception_block, {"maps": None, "filters": (1, 2)}, "filters must be six counts"),
        (models.dense_block, {"maps": None, "depth": 0, "growth": 4}, "depth must be at least 1"),
        (models.vgg16, {"input_shape": (31, 31, 3)}, "at least 32 pixels"),
        (models.vgg16, {"classes": 1}, "classes must be at least 2, got 1"),
        (models.googlenet, {"input_shape": (224, 224)}, r"must be \(height, width, channels\)"),
        (models.unet, {"padding": "full"}, 'padding must be "valid" or "same"'),
        (models.unet, {"input_shape": (570, 570, 1)}, "maps of even size"),
        (models.unet, {"input_shape": (36, 36, 1), "padding": "same"}, "on level 3 they are 9 x 9"),
    ],
)
def test_wrong_arguments_are_named(build, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


def with_chosen_weights(model, seed=0):
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.uniform(0.2, 1, weight.shape))
    return {tuple(weight.shape): weight.numpy() for weight in model.weights}


def test_an_inception_block_is_its_four_looks_computed_by_tensorflow():
    image = keras.Input((5, 6, 3))
    model = keras.Model(image, models.inception_block(image, (2, 4, 5, 6, 7, 8)))
    kernels = {shape: k for shape, k in with_chosen_weights(model).items() if len(shape) == 4}
    biases = {shape[0]: b for shape, b in with_chosen_weights(model).items() if len(shape) == 1}

    def look(maps, *shape):
        sums = tf.nn.conv2d(maps, kernels[shape], 1, "SAME") + biases[shape[-1]]
        return tf.nn.relu(sums)

    pixels = np.random.default_rng(1).normal(size=(2, 5, 6, 3)).astype("float32")
    largest = tf.nn.max_pool2d(pixels, 3, 1, "SAME")
    expected = tf.concat(
        [
            look(pixels, 1, 1, 3, 2),
            look(look(pixels, 1, 1, 3, 4), 3, 3, 4, 5),
            look(look(pixels, 1, 1, 3, 6), 5, 5, 6, 7),
            look(largest, 1, 1, 3, 8),
        ],
        axis=-1,
    )
    np.testing.assert_allclose(model(pixels), expected, rtol=1e-5)


def test_a_dense_block_keeps_all_that_it_read_and_adds_growth_a_layer():
    image = keras.Input((4, 5, 6))
    model = keras.Model(image, models.dense_block(image, depth=4, growth=4))
    assert model.output.shape[-1] == 6 + 4 * 4
    read = [x.kernel.shape[2] for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    assert read == [6, 10, 14, 18]
    pixels = np.random.default_rng(1).normal(size=(2, 4, 5, 6)).astype("float32")
    np.testing.assert_array_equal(model(pixels)[..., :6], pixels)


def test_a_layer_of_a_dense_block_is_that_of_tensorflow():
    image = keras.Input((4, 5, 2))
    model = keras.Model(image, models.dense_block(image, depth=1, growth=3))
    norm = next(x for x in model.layers if isinstance(x, keras.layers.BatchNormalization))
    kernel = next(x.kernel for x in model.layers if isinstance(x, keras.layers.Conv2D))
    values = np.array([[2, 3], [-1, 0.5], [1, 2], [4, 9]], "float32")  # gamma, beta, mean, variance
    norm.set_weights(values)
    pixels = np.random.default_rng(1).normal(size=(2, 4, 5, 2)).astype("float32")
    gamma, beta, mean, variance = values
    scaled = tf.nn.batch_normalization(pixels, mean, variance, beta, gamma, 1.001e-5)
    made = tf.nn.conv2d(tf.nn.relu(scaled), kernel, 1, "SAME")
    np.testing.assert_allclose(model(pixels), tf.concat([pixels, made], -1), atol=1e-5)


# --- what a network costs


def test_vgg16_stores_at_its_end_and_works_at_its_beginning():
    costs = models.cost_of_layers(models.vgg16())
    convolutions = [c for c in costs if "conv" in c.layer]
    work = sum(c.multiply_adds for c in convolutions) / sum(c.multiply_adds for c in costs)
    stored = sum(c.parameters for c in convolutions) / sum(c.parameters for c in costs)
    assert sum(c.multiply_adds for c in costs) == 15_470_264_320
    assert (round(work, 3), round(stored, 3)) == (0.992, 0.106)


def test_the_cost_of_an_up_convolution_counts_its_inputs():
    layer = keras.layers.Conv2DTranspose(3, 2, strides=2)
    model = keras.Sequential([keras.Input((4, 5, 6)), layer])
    assert models.cost_of_layers(model)[0][1:] == (2 * 2 * 3 * 6 + 3, 4 * 5 * 2 * 2 * 3 * 6)


def test_the_cost_of_groups_and_of_depthwise_kernels():
    image = keras.Input((8, 8, 4))
    model = keras.Sequential([image, keras.layers.Conv2D(6, 3, groups=2, use_bias=False),
                              keras.layers.DepthwiseConv2D(3, use_bias=False)])  # fmt: skip
    grouped, depthwise = models.cost_of_layers(model)
    assert grouped[1:] == (3 * 3 * 2 * 6, 6 * 6 * 3 * 3 * 2 * 6)
    assert depthwise[1:] == (3 * 3 * 6, 4 * 4 * 3 * 3 * 6)


def test_a_network_for_images_of_any_size_has_no_known_cost():
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match="must know the size of its images"):
        models.cost_of_layers(model)


@pytest.mark.parametrize("module", [sys.modules["helpers.models.alexnet"], cost])
def test_the_examples_of_the_docstrings_run(module):
    assert doctest.testmod(module).failed == 0
