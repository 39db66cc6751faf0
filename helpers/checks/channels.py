"""Checks of the exercises on channels: the bias, the whole layer, 1x1 and separable ones."""

from math import prod

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part
from helpers.padding import same_padding


def _whole_numbers(rng, shape, low=-4, high=6):
    """Small whole numbers as float32, none of them 0, so that a product is never lost."""
    numbers = rng.integers(low, high, shape)
    return np.where(numbers == 0, high, numbers).astype("float32")


def _all_different(rng, shape):
    """1, 2, 3, ... in any order: what is flipped, swapped or left out shows."""
    return 1 + rng.permutation(prod(shape)).reshape(shape).astype("float32")


# --- bias_add ---------------------------------------------------------------------------------

AXES_BEHIND = {"per_column": 1, "per_row": 2, "per_image": 3}  # behind the bias, in (N, H, W, C)


def _bias_add_by_tensorflow(maps, bias):
    import tensorflow as tf

    try:
        return tf.nn.bias_add(maps, bias).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(error.message) from None


def _bias_add_with(slips, maps, bias):
    """`bias_add` as someone with these slips writes it; without any it is right."""
    if len(bias) != maps.shape[3] and "broadcast_any_length" not in slips:
        raise ValueError(f"{len(bias)} biases for {maps.shape[3]} channels")
    if "one_bias_for_all" in slips:
        bias = bias[:1]
    if "sum_of_biases" in slips:
        bias = bias.sum(keepdims=True)
    for slip, axes in AXES_BEHIND.items():
        if slip in slips:
            bias = bias.reshape((-1,) + (1,) * axes)
    return maps * bias if "scaled_not_shifted" in slips else maps + bias


def _bias_add_cases(rng):
    def case(part, shape, *bias):
        maps = rng.integers(2, 10, shape).astype("float32")
        return Case(part, {"maps": maps, "bias": np.array(bias, "float32")})

    own, as_many = "each channel its own bias", "as many biases as channels"
    return [
        case(own, (2, 2, 2, 2), 10, 100),
        case(own, (3, 3, 3, 3), 1, 10, 100),
        case(own, (2, 4, 5, 3), *rng.permutation([-20, 30, 70])),
        case(own, (1, 3, 4, 6), *rng.permutation(100)[:6]),
        case(as_many, (1, 2, 2, 3), 5),
        case(as_many, (1, 2, 3, 1), 7),
        case(as_many, (2, 2, 2, 1), 1, 10, 100),
    ]


bias_add = Exercise(
    name="bias_add",
    points=2,
    parts=(
        Part(
            "the shape of the maps",
            0.2,
            "A bias changes numbers, not shapes: what comes out has the shape of the maps.",
            form=True,
        ),
        Part(
            "each channel its own bias",
            0.5,
            "Look at one channel of the maps, maps[:, :, :, 0]. Which number belongs to it?",
        ),
        Part(
            "as many biases as channels",
            0.3,
            "The number of biases and the number of channels: what should happen when they "
            "differ, and does it?",
        ),
    ),
    cases=_bias_add_cases,
    expected=_bias_add_by_tensorflow,
    answer_with=_bias_add_with,
    misconceptions=(
        Misconception(
            "per_row",
            "Your first row got the first bias, your second row the second. Which axis of "
            "(batch, height, width, channels) should count the biases?",
        ),
        Misconception(
            "per_column",
            "Your first column got the first bias, your second column the second. Which axis of "
            "(batch, height, width, channels) should count the biases?",
        ),
        Misconception(
            "per_image",
            "Your first image got the first bias, your second image the second. Has a layer one "
            "bias for each image that it will ever see, or for something else?",
        ),
        Misconception(
            "one_bias_for_all",
            "All your channels got the first bias. What are the other numbers of `bias` for?",
        ),
        Misconception(
            "sum_of_biases",
            "All your channels got the same number, the sum of the biases. If there are three "
            "channels and three biases, how many of them should one channel get?",
        ),
        Misconception(
            "broadcast_any_length",
            "A single bias went onto all channels, or one channel became several, and no one "
            "noticed. What must hold for len(bias), and what should happen when it does not?",
        ),
        Misconception(
            "scaled_not_shifted",
            "You multiplied. A pixel of 0 stays 0 then, whatever the bias is. What should become "
            "of it?",
        ),
    ),
    forbidden=("tensorflow.nn.bias_add", "tensorflow.raw_ops.BiasAdd"),
    hints=(
        "NumPy lines up the *last* axes of two arrays when it adds them. What is the last axis "
        "of the maps?",
        "The sum itself needs no loop and no reshaping. What is missing is a comparison before "
        "it: len(bias) with maps.shape[-1], and a raise when they differ.",
    ),
    proved="bias_add gives each channel its own number, and refuses a bias that does not fit.",
    picture=pictures.arrays,
)

# --- conv_layer -------------------------------------------------------------------------------


def slide():
    """The arguments of `conv_layer` for the worked example of the notebook."""
    channels = (
        "0 0 1 0 2  1 0 2 0 1  1 0 2 2 0  2 0 0 2 0  2 1 2 2 0",
        "2 1 2 1 1  2 1 2 0 1  0 2 1 0 1  1 2 2 2 2  0 1 2 0 1",
        "2 1 1 2 0  1 0 0 1 0  0 1 0 0 0  1 0 2 1 0  2 2 1 1 1",
    )
    filters = (
        "-1 0 1  0 0 1  1 -1 1   -1 0 1  1 -1 1  0 1 0   -1 1 1  1 1 0  0 -1 0",
        "0 1 -1  0 -1 0  0 -1 1   -1 0 0  1 -1 0  1 -1 0   -1 1 -1  0 -1 -1  1 0 0",
    )
    image = np.array([rows.split() for rows in channels], "float32").reshape(1, 3, 5, 5)
    kernel = np.array([taps.split() for taps in filters], "float32").reshape(2, 3, 3, 3)
    return {
        "images": image.transpose(0, 2, 3, 1).copy(),  # from N, C, H, W
        "kernel": kernel.transpose(2, 3, 1, 0).copy(),  # from F, C, H, W
        "bias": np.array([1, 0], "float32"),
        "stride": 2,
        "padding": 1,
    }


def _conv_layer_by_tensorflow(images, kernel, bias, stride=1, padding=0):
    import tensorflow as tf

    sides = [[0, 0], [padding] * 2, [padding] * 2, [0, 0]]
    return tf.nn.bias_add(tf.nn.conv2d(images, kernel, stride, sides), bias).numpy()


def _conv_layer_with(slips, images, kernel, bias, stride=1, padding=0):
    """`conv_layer` as someone with these slips writes it; without any it is right."""
    if "kernel_flipped" in slips:
        kernel = kernel[::-1, ::-1]
    if "channels_flipped_too" in slips:
        kernel = kernel[::-1, ::-1, ::-1]
    if "first_channel_only" in slips:
        images, kernel = images[..., :1], kernel[:, :, :1]
    sizes, taps, channels = images.shape[1:3], kernel.shape[:2], images.shape[3]
    sides = [(padding, padding)] * 2
    if "same_instead_of_explicit" in slips and padding:
        sides = [same_padding(n, k, stride) for n, k in zip(sizes, taps, strict=True)]
    if "padding_ignored" in slips:
        sides = [(0, 0), (0, 0)]
    others = (padding, padding) if "all_axes_padded" in slips else (0, 0)
    padded = np.pad(images, [others, *sides, others])  # with more channels it no longer fits
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps, (1, 2))  # N, I, J, C, U, V
    strided = windows[:, ::stride, ::stride]
    if "windows_one_pixel_apart" in slips:
        strided = windows[:, : strided.shape[1], : strided.shape[2]]
    if "last_window_missed" in slips:
        strided = strided[:, :-1, :-1]
    maps = np.einsum("nijcuv,uvcf->nijcf", strided, kernel)
    if "channels_not_summed" in slips:
        maps, bias = maps.reshape(*maps.shape[:3], -1), np.tile(bias, channels)
    else:
        maps = maps.mean(axis=3) if "channels_averaged" in slips else maps.sum(axis=3)
    if "images_added_up" in slips:
        maps = np.repeat(maps.sum(axis=0, keepdims=True), len(maps), axis=0)
    if "bias_for_each_channel" in slips:
        bias = bias * channels
    if "one_bias_for_all" in slips:
        bias = bias[:1]
    return maps if "bias_forgotten" in slips else maps + bias


ONE_CHANNEL, SUMMED = "a kernel on one channel", "channels are added up"
BIASES, TOGETHER = "one bias for each filter", "stride and padding"


def _conv_layer_cases(rng):
    def case(part, image_shape, kernel_shape, **settings):
        images = _whole_numbers(rng, image_shape)
        if part == BIASES:
            images = np.zeros_like(images)
        bias = 10 * rng.permutation(1 + np.arange(kernel_shape[3])).astype("float32")
        bias *= part in (BIASES, TOGETHER)
        kernel = _all_different(rng, kernel_shape)
        return Case(part, {"images": images, "kernel": kernel, "bias": bias, **settings})

    return [
        case(ONE_CHANNEL, (1, 3, 4, 1), (2, 2, 1, 1)),
        case(ONE_CHANNEL, (1, 5, 6, 1), (3, 2, 1, 1)),
        case(SUMMED, (1, 2, 3, 2), (1, 1, 2, 1)),
        case(SUMMED, (2, 3, 4, 3), (1, 1, 3, 2)),
        case(BIASES, (1, 2, 3, 2), (1, 1, 2, 3)),
        case(BIASES, (2, 5, 4, 3), (2, 3, 3, 2)),
        Case(TOGETHER, slide()),
        case(TOGETHER, (2, 6, 8, 3), (3, 2, 3, 4), stride=2, padding=1),
        case(TOGETHER, (1, 7, 5, 2), (2, 3, 2, 3), stride=3, padding=2),
    ]


conv_layer = Exercise(
    name="conv_layer",
    points=4,
    parts=(
        Part(
            "the shape of the maps",
            0.1,
            "What comes out is (batch, height, width, filters): one map for each filter. How "
            "many windows fit into the padded image, from top to bottom and from left to right?",
            form=True,
        ),
        Part(
            ONE_CHANNEL,
            0.2,
            "One channel, one filter, no bias: lay the kernel on the first window as it is "
            "written. What is the sum of the products?",
        ),
        Part(
            SUMMED,
            0.25,
            "The kernel has one tap here, with a weight for each channel. What becomes of the "
            "products at one pixel?",
        ),
        Part(
            BIASES,
            0.2,
            "The image is zero here, and so is every product. What is left in each map?",
        ),
        Part(
            TOGETHER,
            0.25,
            "Two sizes to keep apart: how far the window moves, and how many zeros stand on each "
            "of the four sides.",
        ),
    ),
    cases=_conv_layer_cases,
    expected=_conv_layer_by_tensorflow,
    answer_with=_conv_layer_with,
    misconceptions=(
        Misconception(
            "kernel_flipped",
            "You turned the kernel around. Mathematicians do; does a layer? Lay the kernel on "
            "the first window as it is written and compare.",
        ),
        Misconception(
            "channels_flipped_too",
            "You reversed rows, columns and channels of the kernel. Should anything be turned? "
            "Which channel of the kernel lies on which channel of the image?",
        ),
        Misconception(
            "first_channel_only",
            "Your maps do not change when the second channel of the image does. How far into "
            "the depth of the image does a filter reach?",
        ),
        Misconception(
            "channels_averaged",
            "Your numbers are too small by a factor, the number of channels. Is one output the "
            "mean over the channels, or something else?",
        ),
        Misconception(
            "channels_not_summed",
            "You have one map for each pair of channel and filter. How many numbers does one "
            "filter give at one place?",
        ),
        Misconception(
            "bias_for_each_channel",
            "Your bias comes out as many times too large as the image has channels. When in the "
            "sum is it added: for each channel, or when the channels have been added up?",
        ),
        Misconception(
            "bias_forgotten",
            "On a black image your maps are all 0. What should be left there?",
        ),
        Misconception(
            "one_bias_for_all",
            "All your maps got the first bias. Who owns the other ones?",
        ),
        Misconception(
            "padding_ignored",
            "Your answer does not change with `padding`. Where does the first window begin when "
            "there is one row of zeros above the image?",
        ),
        Misconception(
            "same_instead_of_explicit",
            'You padded by the rule of "same", which looks at stride and kernel. How many zeros '
            "on each side does `padding=1` ask for, whatever the stride is?",
        ),
        Misconception(
            "all_axes_padded",
            "You put zeros around every axis, so that there are empty images and empty channels. "
            "Which axes of (N, H, W, C) have an edge to pad?",
        ),
        Misconception(
            "images_added_up",
            "With two images you get the same maps for both: the products of all images have "
            "been added up. Over which axes of a window (N, KH, KW, C) does the sum run?",
        ),
        Misconception(
            "last_window_missed",
            "Your maps lack their last row and their last column. How often can the first window "
            "move, and how many places are that together with the one where it began?",
        ),
        Misconception(
            "windows_one_pixel_apart",
            "You give the right number of outputs, but your windows lie one pixel apart. With "
            "stride 2, at which pixel does the second window begin?",
        ),
    ),
    forbidden=(
        "helpers.convolution.correlate2d",
        "helpers.convolution.correlate2d_loops",
        "helpers.convolution.convolve2d",
        "tensorflow.raw_ops.Conv2D",
        "tensorflow.raw_ops.Conv3D",
        "tensorflow.raw_ops.DepthwiseConv2dNative",
        "scipy.signal.correlate",
        "scipy.signal.convolve",
        "scipy.signal.correlate2d",
        "scipy.signal.convolve2d",
        "scipy.ndimage.correlate",
        "scipy.ndimage.convolve",
    ),
    hints=(
        "One output at a time: cut the window images[n, top:top + KH, left:left + KW] out of the "
        "padded images: (KH, KW, C). It lies on one filter, kernel[:, :, :, f], of the same shape.",
        "np.pad with no zeros for batch and channels. Then four loops, over images, rows, columns "
        "and filters, around (window * kernel[:, :, :, f]).sum() + bias[f]. Where the window "
        "begins, the stride decides.",
    ),
    proved="conv_layer is a whole layer. The 18 numbers of the slide were among those checked.",
    picture=pictures.arrays,
)

# --- pointwise_as_dense -----------------------------------------------------------------------


def _pointwise_by_tensorflow(images, weights, bias):
    import tensorflow as tf

    return tf.nn.bias_add(tf.nn.conv2d(images, weights[None, None], 1, "VALID"), bias).numpy()


def _pointwise_with(slips, images, weights, bias):
    """`pointwise_as_dense` as someone with these slips writes it; without any it is right."""
    count, height, width, channels = images.shape
    if "weights_transposed" in slips:
        weights = weights.T
    if "channels_averaged" in slips:
        weights = weights / channels
    for slip, axes in AXES_BEHIND.items():
        if slip in slips:
            bias = bias.reshape((-1,) + (1,) * axes)
    if "bias_forgotten" in slips:
        bias = 0
    if "flattened_image" in slips:
        return images.reshape(count, -1) @ weights + bias
    if "unrolled_in_another_order" in slips:
        images = images.reshape(count, channels, height, width).transpose(0, 2, 3, 1)
    return images @ weights + bias


ONE_TO_ONE, AS_MANY = "one channel in, one out", "as many channels out as in"
OTHER_COUNT = "fewer or more channels"


def _pointwise_cases(rng):
    def case(part, image_shape, filters):
        weights = _all_different(rng, (image_shape[3], filters)) + 1
        bias = (part != ONE_TO_ONE) * 10.0 ** np.arange(filters)
        images = _whole_numbers(rng, image_shape)
        return Case(part, {"images": images, "weights": weights, "bias": bias.astype("float32")})

    return [
        case(ONE_TO_ONE, (1, 2, 3, 1), 1),
        case(ONE_TO_ONE, (2, 3, 2, 1), 1),
        case(AS_MANY, (2, 2, 2, 2), 2),
        case(AS_MANY, (1, 3, 3, 3), 3),
        case(OTHER_COUNT, (1, 2, 3, 3), 1),
        case(OTHER_COUNT, (2, 3, 2, 2), 4),
    ]


pointwise_as_dense = Exercise(
    name="pointwise_as_dense",
    points=0,
    parts=(
        Part(
            "the shape of the maps",
            0.1,
            "Batch, height and width stay. Only the last axis changes: from C to F numbers.",
            form=True,
        ),
        Part(ONE_TO_ONE, 0.2, "One weight, no bias: what happens to each pixel?"),
        Part(
            AS_MANY,
            0.35,
            "Take one pixel. Its C numbers are the input of a Dense layer with these weights.",
        ),
        Part(
            OTHER_COUNT,
            0.35,
            "The weights are (C, F). Which of the two belongs to the channels that come in?",
        ),
    ),
    cases=_pointwise_cases,
    expected=_pointwise_by_tensorflow,
    answer_with=_pointwise_with,
    misconceptions=(
        Misconception(
            "weights_transposed",
            "You read the weights as (F, C). With as many channels out as in it runs, and mixes "
            "them up. Which axis of (C, F) meets the channels of a pixel?",
        ),
        Misconception(
            "channels_averaged",
            "Your numbers are too small by a factor, the number of channels. Are the products "
            "of one pixel added up, or averaged?",
        ),
        Misconception(
            "bias_forgotten",
            "Your maps have no bias. What does a Dense layer do after the weights?",
        ),
        Misconception(
            "per_row",
            "Your first row got the first bias, your second row the second. Who owns a bias: a "
            "row, or a filter?",
        ),
        Misconception(
            "per_column",
            "Your first column got the first bias, your second column the second. Who owns a "
            "bias: a column, or a filter?",
        ),
        Misconception(
            "unrolled_in_another_order",
            "You reshaped the images so that the channels come first. Does reshape move the "
            "numbers of a channel together, or only cut the same row of numbers elsewhere?",
        ),
        Misconception(
            "flattened_image",
            "You made one long row of the whole image. How many pixels at a time does a 1 x 1 "
            "kernel see?",
        ),
    ),
    forbidden=(
        "helpers.convolution.correlate2d",
        "helpers.convolution.correlate2d_loops",
        "tensorflow.raw_ops.Conv2D",
        "keras.layers.Dense",
    ),
    hints=(
        "Take one pixel, images[n, i, j]: C numbers. A Dense layer multiplies them by the "
        "weights (C, F) and adds the bias (F,). Now the same for all pixels.",
        "The matrix product @ works on the last axis of its left side and leaves all axes in "
        "front of it alone. So no loop and no reshaping.",
    ),
    proved="pointwise_as_dense is a 1 x 1 convolution: one small Dense layer, at every pixel.",
    picture=pictures.arrays,
)

# --- separable_block --------------------------------------------------------------------------

COUNTED, DARK = "number of weights", "an image of zeros"
POSITIVE, SIGNED = "positive pixels", "pixels of both signs"


def _separable_by_keras(inputs, filters, kernel_size=3):
    import keras

    return keras.layers.SeparableConv2D(filters, kernel_size, padding="same")(inputs)


def _separable_with(slips, inputs, filters, kernel_size=3):
    """`separable_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    size = 3 if "always_three_taps" in slips else kernel_size
    padding = "valid" if "valid_padding" in slips else "same"
    use_bias = "no_bias_at_all" not in slips
    across = layers.DepthwiseConv2D(size, padding=padding, use_bias="depthwise_bias_kept" in slips)
    steps = [across, layers.Conv2D(filters, 1, use_bias=use_bias)]
    if "pointwise_first" in slips:
        steps.reverse()
    if "standard_conv" in slips:
        steps = [layers.Conv2D(filters, size, padding=padding, use_bias=use_bias)]
    if "no_pointwise" in slips:
        steps = [across]
    if "relu_between" in slips:
        steps.insert(1, layers.ReLU())
    if "relu_at_the_end" in slips:
        steps.append(layers.ReLU())
    for step in steps:
        inputs = step(inputs)
    return inputs


def _seen_in(model, case):
    """What a case looks at: the number of weights, or the maps with weights that we set.

    Whoever wrote the model, its weights are found by their shape. A kernel of several taps gets
    a single one, in its last column, in another row and of another value for each channel; a
    1 x 1 kernel counts 1, 2, 3, ...; a bias counts 10, 20, 30, ... where it is looked at, and is
    0 elsewhere.
    """
    if case.part == COUNTED:
        return model.count_params()
    for weight in model.weights:
        weight.assign(_chosen_weights(tuple(weight.shape), case.part == DARK))
    shape = case.arguments["input_shape"]
    pixels = np.random.default_rng(0).integers(1, 10, (1, *shape))
    pixels = {DARK: 0 * pixels, POSITIVE: pixels, SIGNED: pixels - 5}[case.part]
    return model(pixels.astype("float32"), training=False).numpy()


def _chosen_weights(shape, with_bias):
    if len(shape) < 2:
        return (10.0 if with_bias else 0.0) * (1 + np.arange(prod(shape)).reshape(shape))
    if prod(shape[:-2]) == 1:  # a 1 x 1 kernel, or a Dense layer's
        return 1.0 + np.arange(prod(shape)).reshape(shape)
    kernel = np.zeros((*shape[:2], prod(shape[2:])))
    for channel in range(kernel.shape[2]):
        kernel[channel % shape[0], -1, channel] = 1 + channel
    return kernel.reshape(shape)


def _separable_cases(rng):
    def case(part, input_shape, filters, **kernel_size):
        shape = tuple(map(int, input_shape))
        return Case(part, {"input_shape": shape, "filters": int(filters), **kernel_size})

    height, width = rng.integers(4, 7, 2)
    return [
        case(COUNTED, (4, 5, 3), 4),
        case(COUNTED, (8, 8, 2), rng.integers(5, 9), kernel_size=5),
        case(DARK, (4, 4, 2), 3),
        case(POSITIVE, (height, width, 3), 2),
        case(POSITIVE, (4, 5, 2), 2),
        case(SIGNED, (height, width, 2), 3, kernel_size=5),
    ]


separable_block = Exercise(
    name="separable_block",
    points=0,
    parts=(
        Part(
            "the shape of the maps",
            0.15,
            "One map for each filter, each as high and as wide as the input.",
            form=True,
        ),
        Part(
            COUNTED,
            0.3,
            "Count by hand for 3 channels and 4 filters: the taps of one kernel for each "
            "channel, then the 1 x 1 weights, then the biases. Which of the three is off?",
        ),
        Part(DARK, 0.15, "Every product is 0 here. What is left are the biases of the last layer."),
        Part(
            POSITIVE,
            0.2,
            "Each channel is to be seen by a kernel of its own, and only then are the channels "
            "mixed.",
        ),
        Part(SIGNED, 0.2, "With pixels below 0 something else happens. Is anything cut off?"),
    ),
    cases=_separable_cases,
    expected=_separable_by_keras,
    answer_with=_separable_with,
    misconceptions=(
        Misconception(
            "standard_conv",
            "You have one kernel for each pair of channel and filter. How many kernels are there "
            "when each channel has only its own?",
        ),
        Misconception(
            "pointwise_first",
            "Your channels are mixed before any kernel has seen them. Which of the two steps "
            "comes first?",
        ),
        Misconception(
            "depthwise_bias_kept",
            "You have a few weights too many: one for each channel of the input. What does a "
            "Keras layer add unless it is told not to?",
        ),
        Misconception(
            "no_bias_at_all",
            "On a black image your maps are all 0. Which of the two layers should keep its bias?",
        ),
        Misconception(
            "valid_padding",
            "Your maps are smaller than the input. What does a Keras layer do at the border "
            "unless it is told otherwise?",
        ),
        Misconception(
            "no_pointwise",
            "As many maps come out as channels went in, and none has seen two channels. Which "
            "step is missing?",
        ),
        Misconception(
            "relu_between",
            "Between the two steps the numbers below 0 disappear. Was an activation asked for "
            "there?",
        ),
        Misconception(
            "relu_at_the_end",
            "None of your outputs is below 0. Was an activation asked for?",
        ),
        Misconception(
            "always_three_taps",
            "Your block is the same for every `kernel_size`. Where is that argument used?",
        ),
    ),
    forbidden=("keras.layers.SeparableConv2D", "keras.ops.separable_conv"),
    hints=(
        "Two layers, one after the other, each called on a tensor: y = layer(...)(x). One has a "
        "kernel for each channel (its name begins with Depthwise), the other has 1 x 1 kernels.",
        "Three settings are not the default ones: the padding of the first layer, its bias, and "
        "the number of filters of the second.",
    ),
    proved="separable_block looks across the image channel by channel, then mixes the channels.",
    key="Keras",
    builds=True,
    probe=_seen_in,
)
