"""Sizes, counts and receptive fields against TensorFlow and Keras, which they describe."""

import doctest
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from helpers import shapes
from helpers.shapes import (
    conv_multiply_adds,
    conv_output_size,
    conv_parameters,
    dense_parameters,
    inputs_with_output,
    receptive_field,
)


def test_the_examples_run():
    assert doctest.testmod(shapes).failed == 0


# --- conv_output_size, inputs_with_output -----------------------------------------------------

PADDINGS = ["valid", "same", 0, 2, (1, 0), (0, 3)]


def sides_for_tensorflow(padding):
    """The padding as tf.nn.conv2d takes it; of the width only."""
    if isinstance(padding, str):
        return padding.upper()
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    return [[0, 0], [0, 0], [before, after], [0, 0]]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 5])
def test_conv_output_size_is_what_tensorflow_makes(kernel_size, stride, dilation, padding):
    kernel = np.zeros((1, kernel_size, 1, 1), "float32")
    for size in range(5 + 4 * (dilation - 1), 16):
        row = np.zeros((1, 1, size, 1), "float32")
        sides = sides_for_tensorflow(padding)
        by_tensorflow = tf.nn.conv2d(row, kernel, stride, sides, dilations=dilation).shape[2]
        assert conv_output_size(size, kernel_size, stride, padding, dilation) == by_tensorflow


def test_an_incomplete_step_at_the_end_gives_no_output():
    assert [conv_output_size(size, 3, stride=2) for size in (7, 8, 9)] == [3, 3, 4]


def test_the_size_is_a_plain_int():
    assert type(conv_output_size(np.int64(8), np.int64(3), np.uint8(2), np.int64(1))) is int


@pytest.mark.parametrize("padding", ["valid", 0, (0, 0)])
def test_a_kernel_larger_than_a_valid_input_is_an_error(padding):
    with pytest.raises(ValueError, match="kernel_size must fit .* at most 4 pixels, got 5"):
        conv_output_size(size=4, kernel_size=5, padding=padding)


def test_a_kernel_that_only_its_dilation_makes_too_large_is_told_so():
    with pytest.raises(ValueError, match=r"got 3 \(with dilation 2 it spans 5\)"):
        conv_output_size(size=4, kernel_size=3, dilation=2)


@given(
    output_size=st.integers(1, 9),
    kernel_size=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.sampled_from(PADDINGS) | st.tuples(st.integers(0, 9), st.integers(0, 9)),
    dilation=st.integers(1, 3),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_inputs_with_output_are_all_the_sizes_with_that_output_and_no_others(
    output_size, kernel_size, stride, padding, dilation
):
    def has_this_output(size):
        try:
            return conv_output_size(size, kernel_size, stride, padding, dilation) == output_size
        except ValueError:  # the kernel does not fit
            return False

    found = inputs_with_output(output_size, kernel_size, stride, padding, dilation)
    assert isinstance(found, range)
    assert list(found) == [size for size in range(1, 100) if has_this_output(size)]


def test_each_output_size_has_as_many_inputs_as_the_stride_has_pixels():
    assert [len(inputs_with_output(5, 3, stride)) for stride in (1, 2, 3)] == [1, 2, 3]


def test_an_output_that_no_size_has_gives_an_empty_range():
    assert len(inputs_with_output(output_size=2, kernel_size=3, padding=2)) == 0


@pytest.mark.parametrize("padding", ["valid", "same", 1])
@pytest.mark.parametrize("name", ["output_size", "kernel_size", "stride", "dilation"])
def test_a_wrong_argument_of_inputs_with_output_is_named(name, padding):
    lengths = {"output_size": 2, "kernel_size": 3, "stride": 1, "dilation": 1}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1 pixel, got 0"):
        inputs_with_output(**lengths | {name: 0}, padding=padding)
    with pytest.raises(TypeError, match=f"^{name} must be a whole number of pixels, got 2.0"):
        inputs_with_output(**lengths | {name: 2.0}, padding=padding)


# --- conv_parameters, conv_multiply_adds ------------------------------------------------------


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("kernel_size", [1, 3, (2, 5)])
def test_conv_parameters_is_what_keras_counts(kernel_size, groups, use_bias):
    layer = layers.Conv2D(12, kernel_size, use_bias=use_bias, groups=groups)
    layer.build((None, 8, 8, 6))
    assert conv_parameters(kernel_size, 6, 12, use_bias, groups) == layer.count_params()


def test_as_many_groups_as_channels_is_a_depthwise_convolution():
    layer = layers.DepthwiseConv2D(3, depth_multiplier=2)
    layer.build((None, 8, 8, 5))
    assert conv_parameters(3, in_channels=5, filters=10, groups=5) == layer.count_params()


@pytest.mark.parametrize("padding", ["valid", "same", 1, (0, 2), ((1, 2), (0, 3))])
@pytest.mark.parametrize("kernel_size", [1, (3, 2)])
@pytest.mark.parametrize("stride", [1, (2, 3)])
def test_ones_times_ones_add_up_to_the_multiply_adds(kernel_size, stride, padding):
    pair = (kernel_size, kernel_size) if kernel_size == 1 else kernel_size
    strides = (1, 1) if stride == 1 else stride
    kernel = np.ones((*pair, 2, 5), "float32")
    if padding == "same":  # its zeros are multiplied too: give them ones as well
        sides = [
            shapes.resolve_padding("same", *axis)
            for axis in zip((9, 7), pair, strides, strict=True)
        ]
    else:
        sides = [
            shapes.resolve_padding(side, 9, 1) for side in shapes.padding_of_each_axis(padding)
        ]
    image = np.ones((1, 9 + sum(sides[0]), 7 + sum(sides[1]), 2), "float32")
    by_tensorflow = float(tf.reduce_sum(tf.nn.conv2d(image, kernel, strides, "VALID")))
    assert conv_multiply_adds((9, 7), kernel_size, 2, 5, stride, padding) == by_tensorflow


def test_a_dilation_and_groups_are_obeyed():
    whole = conv_multiply_adds(size=9, kernel_size=3, in_channels=4, filters=8)
    assert whole == 7 * 7 * 9 * 4 * 8
    assert conv_multiply_adds(9, 3, 4, 8, groups=4) == whole // 4
    assert conv_multiply_adds(9, 3, 4, 8, dilation=(1, 2)) == 7 * 5 * 9 * 4 * 8


@pytest.mark.parametrize("groups", [2, 4])
def test_groups_that_do_not_divide_the_channels_are_named(groups):
    message = rf"groups must divide in_channels \(6\) and filters \(9\), got {groups}"
    with pytest.raises(ValueError, match=message):
        conv_parameters(3, in_channels=6, filters=9, groups=groups)
    with pytest.raises(ValueError, match=message):
        conv_multiply_adds(8, 3, in_channels=6, filters=9, groups=groups)


@pytest.mark.parametrize("name", ["kernel_size", "in_channels", "filters", "groups"])
def test_a_wrong_count_is_named(name):
    counts = {"kernel_size": 3, "in_channels": 4, "filters": 4, "groups": 1}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1.*, got 0"):
        conv_parameters(**counts | {name: 0})
    with pytest.raises(TypeError, match=f"^{name} must be a whole number.*, got 2.0"):
        conv_parameters(**counts | {name: 2.0})


# --- dense_parameters -------------------------------------------------------------------------


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("units", [[1], [4], [5, 3], (7, 2, 6)])
@pytest.mark.parametrize("input_shape", [(6,), (3, 5), (4, 3, 2)])
def test_dense_parameters_is_what_keras_counts(input_shape, units, use_bias):
    dense = [layers.Dense(count, use_bias=use_bias) for count in units]
    model = keras.Sequential([keras.Input(input_shape), layers.Flatten(), *dense])
    assert dense_parameters(input_shape, units, use_bias) == model.count_params()


def test_one_layer_and_one_axis_may_be_plain_numbers():
    assert dense_parameters(6, 4) == dense_parameters((6,), [4]) == 28
    assert type(dense_parameters(np.int64(6), np.int32(4))) is int


def test_the_lectures_dense_layers():
    assert dense_parameters((200, 200, 3), 1000, use_bias=False) == 120_000_000
    assert dense_parameters((224, 224, 3), 4096) == 616_566_784


@pytest.mark.parametrize("name", ["input_shape", "units"])
def test_a_wrong_size_of_a_dense_layer_is_named(name):
    sizes = {"input_shape": (4, 4, 1), "units": [3, 2]}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1, got 0"):
        dense_parameters(**sizes | {name: (4, 0)})
    with pytest.raises(TypeError, match=f"^{name} must be a whole number, got 2.0"):
        dense_parameters(**sizes | {name: 2.0})
    with pytest.raises(ValueError, match=rf"^{name} must have at least one number, got \(\)"):
        dense_parameters(**sizes | {name: ()})


# --- receptive_field --------------------------------------------------------------------------


def conv(*arguments, **options):
    return layers.Conv2D(*arguments, **options, kernel_initializer="ones")  # no gradient cancels


def pixels_with_a_gradient(model, output):
    """The first and the last pixel that output (i, i) depends on: along the height, the width."""
    image = tf.random.stateless_uniform((1, *model.input_shape[1:]), seed=(1, 2), minval=0.5)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = tf.reduce_sum(model(image)[0, output, output])
    rows, columns = np.nonzero(np.any(tape.gradient(value, image)[0] != 0, axis=-1))
    return (rows.min(), rows.max()), (columns.min(), columns.max())


def pixels_that_change(model, output):
    """The same without gradients, for max pooling: which single bright pixel changes the output?"""
    height, width, channels = model.input_shape[1:]
    bright = np.eye(height * width, dtype="float32").reshape(-1, height, width, 1)
    changed = model(np.repeat(bright, channels, axis=3))[:, output, output, 0] > 0
    rows, columns = np.nonzero(np.reshape(changed, (height, width)))
    return (rows.min(), rows.max()), (columns.min(), columns.max())


def outputs_inside(field, length):
    """The outputs whose field lies inside the image, with their first and last pixel."""
    size, jump, start = field
    firsts = {output: start - (size - 1) / 2 + output * jump for output in range(length)}
    return {
        output: (first, first + size - 1)
        for output, first in firsts.items()
        if first >= 0 and first + size <= length
    }


def check_against(pixels_seen, model):
    found = outputs_inside(receptive_field(model), model.input_shape[1])
    assert found, "the image is too small for this network"
    for output in (min(found), max(found)):
        assert pixels_seen(model, output) == (found[output], found[output])


LAYERS = st.one_of(
    st.builds(
        conv, st.just(2), st.integers(1, 4), st.integers(1, 3), st.sampled_from(["valid", "same"])
    ),
    st.builds(
        conv,
        st.just(1),
        st.integers(2, 3),
        dilation_rate=st.integers(2, 3),
        padding=st.sampled_from(["valid", "same"]),
    ),
    st.builds(
        layers.DepthwiseConv2D,
        st.integers(1, 4),
        st.integers(1, 2),
        st.sampled_from(["valid", "same"]),
        depthwise_initializer=st.just("ones"),
    ),
    st.builds(
        layers.AveragePooling2D,
        st.integers(1, 3),
        st.none() | st.integers(1, 3),
        st.sampled_from(["valid", "same"]),
    ),
    st.builds(
        lambda before, after: layers.ZeroPadding2D(((before, after), (before, after))),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    st.sampled_from([layers.BatchNormalization, layers.ReLU]).map(lambda kind: kind()),
)


@given(stack=st.lists(LAYERS, min_size=1, max_size=5), size=st.integers(40, 45))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_receptive_field_is_where_a_real_network_has_its_gradient(stack, size):
    model = keras.Sequential([keras.Input((size, size, 1))])
    for layer in stack:
        model.add(layer)
        field, jump, _ = receptive_field(model)
        if field + jump > size:  # no output is left whose field lies inside the image
            model.pop()
            break
    check_against(pixels_with_a_gradient, model)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_max_pooling_sees_what_average_pooling_sees(padding):
    model = keras.Sequential([keras.Input((20, 20, 1)), conv(2, 3, padding=padding)])
    model.add(layers.MaxPooling2D(3, 2, padding))
    model.add(conv(1, 2, padding=padding))
    check_against(pixels_that_change, model)


def test_a_list_is_read_as_the_same_layers_without_padding():
    for stack in itertools.product([(3, 1), (2, 2), (3, 2), (3, 1, 2)], repeat=3):
        model = keras.Sequential([keras.Input((None, None, 1))])
        for kernel_size, stride, *dilation in stack:
            strides = (
                {"strides": stride}
                if stride > 1
                else {"dilation_rate": dilation[0] if dilation else 1}
            )
            model.add(layers.Conv2D(1, kernel_size, **strides))
        assert receptive_field(list(stack)) == receptive_field(model)


def test_no_layers_see_one_pixel():
    assert receptive_field([]) == (1, 1, 0.0)


def test_the_layer_s_own_stride_counts_from_the_next_layer_on():
    assert receptive_field([(3, 2)]) == (3, 2, 1.0)
    assert receptive_field([(3, 2), (3, 1)]) == (7, 2, 3.0)


def test_vgg16_sees_212_pixels_after_its_last_pooling():
    block = {2: [(3, 1), (3, 1), (2, 2)], 3: [(3, 1), (3, 1), (3, 1), (2, 2)]}
    vgg16 = [layer for convolutions in (2, 2, 3, 3, 3) for layer in block[convolutions]]
    assert receptive_field(vgg16)[:2] == (212, 32)
    assert receptive_field(vgg16[:-1])[:2] == (196, 16)  # conv5_3


def test_same_padding_moves_the_start_to_the_left_and_nothing_else():
    def with_padding(padding):
        model = keras.Sequential([keras.Input((20, 20, 1)), conv(1, 3, padding=padding)])
        return receptive_field(model)

    assert with_padding("valid") == (3, 1, 1.0)
    assert with_padding("same") == (3, 1, 0.0)


def test_an_even_image_moves_the_start_of_a_strided_same_convolution():
    starts = {}
    for size in (20, 21):
        model = keras.Sequential([keras.Input((size, size, 1)), conv(1, 3, 2, "same")])
        starts[size] = receptive_field(model)[2]
        check_against(pixels_with_a_gradient, model)
    assert starts == {20: 1.0, 21: 0.0}


def test_without_an_input_size_a_strided_same_convolution_is_named():
    model = keras.Sequential([keras.Input((None, None, 1)), conv(1, 3, 2, "same", name="first")])
    with pytest.raises(ValueError, match=r"layer 'first' has padding \"same\" and stride 2.*None"):
        receptive_field(model)


def test_without_an_input_size_a_same_convolution_of_stride_1_is_read():
    model = keras.Sequential([keras.Input((None, None, 1)), conv(1, 4, 1, "same")])
    assert receptive_field(model) == (4, 1, 0.5)


def test_a_functional_model_is_followed_along_its_path():
    inputs = keras.Input((24, 24, 3))
    inner = keras.Sequential([keras.Input((22, 22, 2)), conv(2, 2, 2), layers.ReLU()])
    twice = conv(2, 3, padding="same")  # one layer, called two times
    hidden = keras.ops.relu(conv(2, 3)(inputs))
    model = keras.Model(inputs, twice(twice(inner(hidden))))
    assert receptive_field(model) == (12, 2, 1.5)
    check_against(pixels_with_a_gradient, model)


def test_a_part_of_a_model_is_read_as_that_part():
    whole = keras.Sequential([keras.Input((24, 24, 1)), conv(1, 3), conv(1, 3, 2), conv(1, 3)])
    part = keras.Model(whole.inputs, whole.layers[1].output)
    assert receptive_field(part) == (5, 2, 2.0)


def test_a_layer_that_treats_the_axes_differently_is_named():
    model = keras.Sequential(
        [keras.Input((24, 24, 1)), conv(1, 3), conv(1, (3, 1), name="tall"), conv(1, 3)]
    )
    with pytest.raises(
        ValueError, match=r"\(7, 1, 3.0\) and \(5, 1, 2.0\); they part at layer 'tall'"
    ):
        receptive_field(model)
    with pytest.raises(ValueError, match=r"alike, .* they part at layers\[1\]"):
        receptive_field([(3, 1), ((1, 3), 1)])


def test_a_pair_of_layers_that_makes_up_for_each_other_is_fine():
    assert receptive_field([((1, 7), 1), ((7, 1), 1)]) == receptive_field([(7, 1)])


@pytest.mark.parametrize(
    "layer",
    [
        layers.Flatten(name="odd_one"),
        layers.Dense(3, name="odd_one"),
        layers.GlobalAveragePooling2D(name="odd_one"),
        layers.Conv2DTranspose(1, 3, name="odd_one"),
        layers.UpSampling2D(name="odd_one"),
        layers.LayerNormalization(axis=(1, 2, 3), name="odd_one"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_that_does_not_slide_is_named(layer):
    model = keras.Sequential([keras.Input((8, 8, 1)), conv(1, 3), layer])
    with pytest.raises(ValueError, match=f"layer 'odd_one' is a {type(layer).__name__}; allowed"):
        receptive_field(model)


def test_channels_first_is_an_error():
    inputs = keras.Input((1, 8, 8))
    pool = layers.AveragePooling2D(2, data_format="channels_first", name="odd_one")
    with pytest.raises(ValueError, match='layer .odd_one. must have data_format "channels_last"'):
        receptive_field(keras.Model(inputs, pool(inputs)))


def test_two_branches_are_named_where_they_join():
    inputs = keras.Input((8, 8, 1))
    joined = layers.Add(name="join")([conv(1, 3, padding="same")(inputs), inputs])
    with pytest.raises(ValueError, match="one path, got layer 'join' with 2 inputs"):
        receptive_field(keras.Model(inputs, joined))


def test_two_outputs_and_an_unbuilt_model_are_errors():
    inputs = keras.Input((8, 8, 1))
    for model in (
        keras.Model(inputs, [inputs, conv(1, 3)(inputs)]),
        keras.Sequential([conv(1, 3)]),
    ):
        with pytest.raises(ValueError, match="layers must be a built model with one input and one"):
            receptive_field(model)


@pytest.mark.parametrize("entry", [3, (3,), (3, 1, 1, 1), "31"])
def test_an_entry_that_is_no_layer_is_named(entry):
    with pytest.raises(
        ValueError, match=r"layers\[1\] must be \(kernel_size, stride\[, dilation\]\)"
    ):
        receptive_field([(3, 1), entry])


def test_a_wrong_length_in_an_entry_is_named():
    with pytest.raises(ValueError, match=r"stride of layers\[1\] must be at least 1 pixel, got 0"):
        receptive_field([(3, 1), (3, 0)])
    with pytest.raises(TypeError, match=r"kernel_size of layers\[0\] must be a whole number"):
        receptive_field([(3.0, 1)])


def test_something_else_than_layers_is_a_type_error():
    with pytest.raises(TypeError, match="layers must be a list of pairs or a Keras model, got 3"):
        receptive_field(3)
