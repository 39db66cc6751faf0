"""Checks of the exercises on activations: layers without one, learned ones, and dead units."""

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part
from helpers.convolution import convolve2d

# --- collapse_linear --------------------------------------------------------------------------


def _collapse_linear_by_tensorflow(first, first_bias, second, second_bias):
    """Read kernel and bias off TensorFlow's own two layers.

    Without light only the biases come through. With a single bright pixel in one channel, what
    comes on top of them is a picture of the kernel, turned by half a circle.
    """
    import tensorflow as tf

    size = np.add(first.shape[:2], second.shape[:2]) - 1
    channels = first.shape[2]
    points = np.zeros((channels + 1, *(2 * size - 1), channels), "float32")
    for channel in range(channels):
        points[channel, size[0] - 1, size[1] - 1, channel] = 1
    maps = tf.nn.conv2d(points, first, 1, "VALID") + first_bias
    maps = (tf.nn.conv2d(maps, second, 1, "VALID") + second_bias).numpy()
    bias = maps[-1, 0, 0]
    turned = np.moveaxis(maps[:-1] - bias, 0, 2)  # (KH, KW, C, F)
    return turned[::-1, ::-1].copy(), bias


def _collapse_linear_with(slips, first, first_bias, second, second_bias):
    """`collapse_linear` as someone with these slips writes it; without any it is right."""
    bias = first_bias @ second.sum(axis=(0, 1)) + second_bias
    if "first_bias_forgotten" in slips:
        bias = second_bias
    if "biases_added" in slips:
        bias = first_bias + second_bias  # stops where the two are not equally many
    if "first_bias_through_one_tap" in slips:
        bias = first_bias @ second[0, 0] + second_bias
    return _kernel_with(slips, first, second), bias


def _kernel_with(slips, first, second):
    if "first_hidden_channel_only" in slips:
        first, second = first[..., :1], second[:, :, :1]
    if "hidden_channels_summed_first" in slips:
        first, second = first.sum(3, keepdims=True), second.sum(2, keepdims=True)
    if "multiplied_tap_by_tap" in slips:
        return first @ second
    if "kernels_correlated" in slips:
        second = second[::-1, ::-1]
    images = np.moveaxis(first, 2, 0)  # each channel of the image is one picture of M channels
    mode = "same" if "cropped" in slips else "full"
    kernel = np.moveaxis(convolve2d(images, second, mode), 0, 2)
    if "copies_overwritten" in slips:
        (height, width), kernel = first.shape[:2], np.zeros_like(kernel)
        for i, j in np.ndindex(second.shape[:2]):
            kernel[i : i + height, j : j + width] = first @ second[i, j]
    return kernel[::-1, ::-1] if "turned_around" in slips else kernel


ONE_CHANNEL, SEVERAL, BIASES = "one channel", "several channels", "the bias"


def _collapse_linear_cases(rng):
    def whole(shape):
        """Whole numbers, none 0, that look different when turned."""
        drawn = rng.integers(1, 4, shape) * rng.choice([-1, 1], shape)
        drawn[0, 0], drawn[-1, -1] = 4, -5
        return drawn.astype("float32")

    def case(part, first, second, item=0):
        biases = [rng.integers(1, 6, n) * (part == BIASES) for n in (first[3], second[3])]
        first_bias, second_bias = (bias.astype("float32") for bias in biases)
        layers = {"first": whole(first), "first_bias": first_bias}
        return Case(part, {**layers, "second": whole(second), "second_bias": second_bias}, item)

    return [
        case(ONE_CHANNEL, (1, 2, 1, 1), (1, 2, 1, 1)),
        case(ONE_CHANNEL, (2, 3, 1, 1), (3, 2, 1, 1)),
        case(SEVERAL, (1, 2, 1, 2), (1, 2, 2, 1)),
        case(SEVERAL, (2, 1, 2, 3), (1, 3, 3, 3)),
        case(SEVERAL, (3, 2, 3, 2), (2, 3, 2, 1)),
        case(BIASES, (1, 1, 1, 1), (1, 2, 1, 1), item=1),
        case(BIASES, (2, 2, 2, 3), (2, 2, 3, 3), item=1),
    ]


collapse_linear = Exercise(
    name="collapse_linear",
    points=3,
    parts=(
        Part(
            "the shapes",
            0.1,
            "The kernel is (height, width, channels of the image, filters of the second layer), "
            "the bias has one number a filter. How many pixels of the image does one output of "
            "the two layers see, from left to right?",
            form=True,
        ),
        Part(
            ONE_CHANNEL,
            0.3,
            "Take a row of pixels a, b, c and two kernels of two taps each. Write the output of "
            "the second layer out in a, b and c. What stands before each of the three?",
        ),
        Part(
            SEVERAL,
            0.3,
            "Each channel between the two layers has its own two kernels, one that makes it and "
            "one that reads it. What becomes of these pairs?",
        ),
        Part(
            BIASES,
            0.3,
            "Show both layers a black image. What are the maps after the first one, and what "
            "does the second one make of them?",
        ),
    ),
    cases=_collapse_linear_cases,
    expected=_collapse_linear_by_tensorflow,
    answer_with=_collapse_linear_with,
    misconceptions=(
        Misconception(
            "kernels_correlated",
            "You slid one kernel over the other as it is written. Take two kernels of two taps, "
            "and ask which of their taps meet on the *first* pixel that the two layers see: do "
            "the first tap of one and the last tap of the other?",
        ),
        Misconception(
            "turned_around",
            "Your kernel is turned by half a circle. If you read it off the picture of a single "
            "bright pixel: what does a layer make of such a point (notebook 2)?",
        ),
        Misconception(
            "multiplied_tap_by_tap",
            "You multiplied the taps that lie on top of each other, and the kernel did not grow. "
            "How many pixels of the image does one output of two layers of 3 x 3 see?",
        ),
        Misconception(
            "copies_overwritten",
            "Where two copies of the first kernel overlap, your later one wiped out the earlier. "
            "A pixel that the second layer sees through two of its taps: which of them counts?",
        ),
        Misconception(
            "cropped",
            "Your kernel is a part of the right one. Is there a pixel that the two layers see and "
            "your kernel does not?",
        ),
        Misconception(
            "hidden_channels_summed_first",
            "You added up the channels between the layers first, and combined the sums. Does the "
            "kernel that reads channel 0 ever meet the kernel that makes channel 1?",
        ),
        Misconception(
            "first_hidden_channel_only",
            "Only the first of the channels between the layers is in your kernel. Which way does "
            "the light of the image take through the others?",
        ),
        Misconception(
            "first_bias_forgotten",
            "Your bias is that of the second layer alone. Show both layers a black image: is "
            "what the second one sees black, too?",
        ),
        Misconception(
            "biases_added",
            "You added the biases of the first layer as they are. The second layer reads them "
            "like any other numbers in its maps: through which weights?",
        ),
        Misconception(
            "first_bias_through_one_tap",
            "You sent the first bias through a single tap. It stands at *every* pixel between the "
            "layers: how many taps of the second kernel read it?",
        ),
    ),
    forbidden=("helpers.activations.collapse_linear",),
    hints=(
        "One tap of the second kernel lays a copy of the whole first kernel, weighted, at its own "
        "place. Begin with zeros of the size that all the copies need.",
        "Tap (i, j) of the second kernel is a matrix, from the channels between to the filters: "
        "`first @ second[i, j]` carries the first kernel through it. At which row and column does "
        "that copy begin? "
        "For the bias: on a black image every tap of the second kernel reads first_bias.",
    ),
    proved="collapse_linear makes one layer of two: what is linear twice is linear once.",
)

# --- prelu ------------------------------------------------------------------------------------


def _prelu_by_tensorflow(maps, slopes):
    """As `keras.layers.PReLU` computes it, without building a layer for each case."""
    import tensorflow as tf

    return (tf.nn.relu(maps) - slopes * tf.nn.relu(-maps)).numpy()


def _prelu_with(slips, maps, slopes):
    """`prelu` as someone with these slips writes it; without any it is right."""
    if "one_slope_for_all" in slips:
        slopes = slopes[:1]
    if "mean_slope" in slips:
        slopes = slopes.mean(keepdims=True)
    if "slope_per_row" in slips:
        slopes = slopes.reshape(-1, 1, 1)
    if "slope_per_column" in slips:
        slopes = slopes.reshape(-1, 1)
    bent = slopes * maps
    if "sign_lost" in slips:
        bent = slopes * np.abs(maps)
    if "slope_subtracted" in slips:
        bent = maps - slopes
    if "relu_only" in slips:
        bent = np.zeros_like(bent)
    if "larger_of_the_two" in slips:
        return np.maximum(bent, maps)
    if "sides_swapped" in slips:
        return np.where(maps > 0, bent, maps)
    return np.where(maps > 0, maps, bent)


ABOVE_0, GENTLE = "nothing changes above 0", "a slope between 0 and 1"
STEEP, OWN_SLOPE = "any slope", "each channel its own slope"


def _prelu_cases(rng):
    def case(part, shape, *slopes):
        maps = rng.integers(1, 13, shape) / 2
        if part != ABOVE_0:
            maps *= rng.choice([-1, 1], shape)
            maps.flat[:3], maps.flat[-1] = (-4, 6, -0.5), 0  # both signs, near 0 as well
        return Case(part, {"maps": maps.astype("float32"), "slopes": np.array(slopes, "float32")})

    return [
        case(ABOVE_0, (1, 1, 4, 1), 0.5),
        case(ABOVE_0, (2, 1, 3, 1), 0.25),
        case(GENTLE, (1, 1, 4, 1), 0.5),
        case(GENTLE, (1, 2, 3, 1), rng.choice([0.25, 0.75])),
        case(STEEP, (1, 1, 4, 1), 2),
        case(STEEP, (1, 2, 3, 1), rng.choice([-1.5, -0.5])),
        case(STEEP, (1, 3, 2, 1), rng.choice([3, 4])),
        case(OWN_SLOPE, (1, 3, 3, 3), *rng.permutation([0.25, 0.5, 0.75])),
        case(OWN_SLOPE, (2, 2, 2, 2), *rng.permutation([0.125, 0.5])),
    ]


prelu = Exercise(
    name="prelu",
    points=2,
    parts=(
        Part("the shape of the maps", 0.1, "Each number becomes one number.", form=True),
        Part(ABOVE_0, 0.1, "All these numbers are above 0. Should a slope below 0 matter to them?"),
        Part(GENTLE, 0.3, "What becomes of -4 when the slope is 0.5?"),
        Part(
            STEEP,
            0.25,
            "A slope that is learned may pass 1, or fall below 0. What must 6 become when the "
            "slope is 2?",
        ),
        Part(
            OWN_SLOPE,
            0.25,
            "There is one slope for each channel, the last axis of (N, H, W, C).",
        ),
    ),
    cases=_prelu_cases,
    expected=_prelu_by_tensorflow,
    answer_with=_prelu_with,
    misconceptions=(
        Misconception(
            "larger_of_the_two",
            "You take the larger of slope * x and x, as the slide does. With a slope of 2, which "
            "of the two is larger at x = 3, and which one is wanted?",
        ),
        Misconception(
            "sides_swapped",
            "The slope acts on your positive numbers. On which side of 0 does ReLU throw away "
            "what PReLU wants to keep a part of?",
        ),
        Misconception(
            "relu_only",
            "All your negative numbers became 0. What are the slopes for?",
        ),
        Misconception(
            "one_slope_for_all",
            "All your channels got the first slope. What are the other numbers of `slopes` for?",
        ),
        Misconception(
            "mean_slope",
            "All your channels got the same slope, the mean. If each channel learns its own, "
            "should it care about the others?",
        ),
        Misconception(
            "slope_per_row",
            "Your first row got the first slope, your second row the second. Which axis of "
            "(batch, height, width, channels) should count the slopes?",
        ),
        Misconception(
            "slope_per_column",
            "Your first column got the first slope, your second column the second. Which axis of "
            "(batch, height, width, channels) should count the slopes?",
        ),
        Misconception(
            "sign_lost",
            "With a slope of 0.5 your -4 became +2. Which sign has half of -4?",
        ),
        Misconception(
            "slope_subtracted",
            "You shifted the negative numbers by the slope. What does a *slope* do to a number: "
            "does -8 change as much as -4?",
        ),
    ),
    forbidden=(
        "helpers.activations.prelu",
        "keras.layers.PReLU",
    ),
    hints=(
        "Two cases, decided by the sign of each number: keep it, or multiply it. Which NumPy "
        "function chooses between two arrays, element by element?",
        "np.where(maps > 0, ..., ...). The slopes stand along the last axis, so `slopes * maps` "
        "gives each channel its own, without a loop.",
    ),
    proved="prelu bends each channel by its own slope, above 1 and below 0, too.",
    picture=pictures.arrays,
)

# --- maxout -----------------------------------------------------------------------------------


def _maxout_by_tensorflow(inputs, weights, biases):
    """One dense layer that makes all pieces of all units, then the largest of each."""
    import tensorflow as tf

    pieces, _, units = weights.shape
    side_by_side = weights.transpose(1, 0, 2).reshape(-1, pieces * units)
    lines = tf.matmul(inputs, side_by_side) + biases.ravel()
    return tf.reduce_max(tf.reshape(lines, (len(inputs), pieces, units)), axis=1).numpy()


def _maxout_with(slips, inputs, weights, biases):
    """`maxout` as someone with these slips writes it; without any it is right."""
    if "two_pieces_only" in slips:  # stops where there is but one
        weights, biases = np.stack([weights[0], weights[1]]), biases[:2]
    if "biases_forgotten" in slips:
        biases = np.zeros_like(biases)
    late = np.zeros_like(biases[0])
    if "biases_after_the_maximum" in slips:
        late, biases = biases.max(axis=0), np.zeros_like(biases)
    if "largest_weights" in slips:
        return inputs @ weights.max(axis=0) + biases.max(axis=0) + late
    if "maximum_before_the_sum" in slips:
        products = inputs[None, :, :, None] * weights[:, None]  # (K, N, D, U)
        return products.max(axis=0).sum(axis=1) + biases.max(axis=0) + late
    lines = inputs @ weights + biases[:, None]  # (K, N, U)
    if "biases_along_the_inputs" in slips:  # stops where inputs and pieces are not equally many
        lines = inputs @ weights + biases
    if "maximum_over_units" in slips:
        return lines.max(axis=2)
    if "pieces_added" in slips:
        return lines.sum(axis=0) + late
    if "pieces_averaged" in slips:
        return lines.mean(axis=0) + late
    if "largest_magnitude" in slips:
        largest = np.abs(lines).argmax(axis=0)[None]
        return np.take_along_axis(lines, largest, axis=0)[0] + late
    if "never_below_0" in slips:
        return np.maximum(lines.max(axis=0) + late, 0)
    return lines.max(axis=0) + late


ONE_PIECE, TWO_PIECES = "one piece: a linear layer", "two pieces"
OWN_BIAS, MORE_PIECES = "a bias for each piece", "three pieces and more"


def _maxout_cases(rng):
    def case(part, n, d, k, u):
        def whole(*shape):
            return (rng.integers(1, 5, shape) * rng.choice([-1, 1], shape)).astype("float32")

        inputs, weights, biases = whole(n, d), whole(k, d, u), whole(k, u)
        if part in (TWO_PIECES, MORE_PIECES):
            biases *= 0
        if part == OWN_BIAS:
            biases *= 5
        inputs[0], weights[:, :, 0] = abs(inputs[0]), -abs(weights[:, :, 0])  # one below 0
        return Case(part, {"inputs": inputs, "weights": weights, "biases": biases})

    def line(slopes, biases):
        x = np.array([[-2], [1], [3]], "float32")
        weights = np.array(slopes, "float32").reshape(-1, 1, 1)
        return {"inputs": x, "weights": weights, "biases": np.array(biases, "float32")[:, None]}

    return [
        case(ONE_PIECE, 3, 2, 1, 2),
        case(ONE_PIECE, 2, 3, 1, 4),
        Case(TWO_PIECES, line([1, -1], [0, 0])),
        case(TWO_PIECES, 2, 3, 2, 1),
        case(TWO_PIECES, 4, 3, 2, 3),
        Case(OWN_BIAS, line([1, 0], [0, 2])),
        case(OWN_BIAS, 5, 3, 2, 3),
        case(OWN_BIAS, 2, 3, 2, 2),
        Case(MORE_PIECES, line([1, 0, -1], [0, 0, 0])),
        case(MORE_PIECES, 5, 2, 4, 3),
        case(MORE_PIECES, 6, 3, 5, 2),
    ]


maxout = Exercise(
    name="maxout",
    points=3,
    parts=(
        Part(
            "one number for each unit",
            0.1,
            "What comes out is (N, U): one row for each input, one number for each unit. The "
            "pieces are gone.",
            form=True,
        ),
        Part(
            ONE_PIECE,
            0.2,
            "With a single piece there is nothing to choose from: the unit is a dense layer "
            "without an activation.",
        ),
        Part(
            TWO_PIECES,
            0.3,
            "With one input x and the two weights 1 and -1 the two pieces are x and -x. Which "
            "function is the larger of them?",
        ),
        Part(
            OWN_BIAS,
            0.2,
            "Each piece has its own bias. Is a piece chosen with its bias or without?",
        ),
        Part(
            MORE_PIECES,
            0.2,
            "The slide has two pieces; how many are in `weights`?",
        ),
    ),
    cases=_maxout_cases,
    expected=_maxout_by_tensorflow,
    answer_with=_maxout_with,
    misconceptions=(
        Misconception(
            "maximum_over_units",
            "You took the largest of the *units* and kept the pieces. What should be left over "
            "for the next layer: a number for each unit, or for each piece?",
        ),
        Misconception(
            "largest_weights",
            "You took the largest weights first and made one line of them. The pieces are whole "
            "lines: for x = -2, which of x and -x is larger, and which one has the larger weight?",
        ),
        Misconception(
            "maximum_before_the_sum",
            "You took the largest product at each input and added these up. Do the pieces compete "
            "input by input, or with their whole sums?",
        ),
        Misconception(
            "biases_after_the_maximum",
            "You chose without the biases and added the largest bias afterwards. When a piece "
            "wins, whose bias comes with it?",
        ),
        Misconception(
            "biases_along_the_inputs",
            "(K, N, U) + (K, U) lines up the last axes: your first bias goes to the first *input*, "
            "or it does not fit at all. Where do the biases need an axis more?",
        ),
        Misconception("biases_forgotten", "Your units have no bias. What is `biases` for?"),
        Misconception(
            "pieces_added",
            "You added the pieces up. A sum of linear functions is linear: where would the bend "
            "come from?",
        ),
        Misconception(
            "pieces_averaged",
            "You took the mean of the pieces. A mean of linear functions is linear: where would "
            "the bend come from?",
        ),
        Misconception(
            "largest_magnitude",
            "You chose the number that is farthest from 0. Which is larger, -3 or 1?",
        ),
        Misconception(
            "never_below_0",
            "You put a ReLU on top. Must the larger of two negative numbers become 0?",
        ),
        Misconception(
            "two_pieces_only",
            "Only the first two pieces take part, as on the slide. How many rows has `biases`?",
        ),
    ),
    forbidden=("helpers.activations.maxout",),
    hints=(
        "First all pieces of all units, (K, N, U), then the largest along one axis. With one piece "
        "it is `inputs @ weights[0] + biases[0]`.",
        "`inputs @ weights` makes all K products at once, (K, N, U). The biases (K, U) need an "
        "axis for the inputs in between: biases[:, None]. Then take the maximum over the axis of "
        "the pieces.",
    ),
    proved="maxout lets whole lines compete, with their biases, however many there are.",
)

# --- dead_fraction ----------------------------------------------------------------------------


def _dead_fraction_by_numpy(maps):
    return float((maps.max(axis=(0, 1, 2)) <= 0).mean())


def _dead_fraction_with(slips, maps):
    """`dead_fraction` as someone with these slips writes it; without any it is right."""
    channels = maps.reshape(-1, maps.shape[-1])
    silent = (channels <= 0).all(axis=0)
    if "strictly_below_0" in slips:
        silent = (channels < 0).all(axis=0)
    if "share_of_zeros" in slips:
        silent = maps == 0 if "exactly_0" in slips else maps <= 0
    if "dead_in_each_image" in slips:
        silent = (maps <= 0).all(axis=(1, 2))
    if "silent_in_some_image" in slips:
        silent = (maps <= 0).all(axis=(1, 2)).any(axis=0)
    if "first_image_only" in slips:
        silent = (maps[0] <= 0).all(axis=(0, 1))
    if "each_pixel_a_unit" in slips:
        silent = (maps <= 0).all(axis=0)
    if "any_silent_pixel" in slips:
        silent = (channels <= 0).any(axis=0)
    if "exactly_0" in slips and "share_of_zeros" not in slips:
        silent = (channels == 0).all(axis=0)
    if "mean_below_0" in slips:
        silent = channels.mean(axis=0) <= 0
    if "alive_ones" in slips:
        silent = ~silent
    return int(silent.sum()) if "counted" in slips else float(silent.mean())


ALL_OR_NONE, BEHIND_RELU = "all dead, none dead", "behind a ReLU"
SOME_IMAGES, NEGATIVE = "units that few images wake", "negative numbers"


def _dead_fraction_cases(rng):
    def case(part, n, h, w, dead, alive):
        """Maps of which `dead` channels never answer; the others do, some at one pixel only."""
        maps = np.zeros((n, h, w, dead + alive), "float32")
        if part == BEHIND_RELU:  # each living unit answers in each image, with gaps
            maps[..., :alive] = rng.integers(0, 2, (n, h, w, alive)) * rng.integers(1, 9, alive)
            maps[:, 0, 0, :alive], maps[:, -1, -1, :alive] = 3, 0
        for channel in range(alive) if part != BEHIND_RELU else ():
            places = [int(rng.integers(size)) for size in (n, h, w)]
            places[0] = (channel + 1) % n  # the last image first, then the first one, ...
            maps[(*places, channel)] = rng.integers(1, 9)
        if part == NEGATIVE:
            maps[maps == 0] = -rng.integers(1, 9, (maps == 0).sum())
        return Case(part, {"maps": maps[..., rng.permutation(dead + alive)]})

    silent = np.zeros((2, 2, 2, 2), "float32")
    return [
        Case(ALL_OR_NONE, {"maps": silent}),
        Case(ALL_OR_NONE, {"maps": silent + 3}),
        case(BEHIND_RELU, 1, 2, 2, 1, 1),
        case(BEHIND_RELU, 2, 3, 2, 3, 1),
        case(BEHIND_RELU, 3, 2, 3, 2, 3),
        case(SOME_IMAGES, 2, 2, 2, 1, 2),
        case(SOME_IMAGES, 4, 3, 2, 2, 6),
        case(SOME_IMAGES, 3, 2, 2, 1, 3),
        case(NEGATIVE, 2, 2, 2, 1, 1),
        case(NEGATIVE, 3, 2, 3, 3, 1),
    ]


dead_fraction = Exercise(
    name="dead_fraction",
    points=2,
    parts=(
        Part("a single number", 0.1, "A share is one float, from 0 to 1.", form=True),
        Part(
            ALL_OR_NONE,
            0.1,
            "When nothing is above 0 all units are dead, and when everything is, none. As shares?",
        ),
        Part(
            BEHIND_RELU,
            0.3,
            "A unit is a channel. Go through the channels one by one: which of them are above 0 "
            "somewhere?",
        ),
        Part(
            SOME_IMAGES,
            0.3,
            "Here some units answer in one image only, at one pixel. Are they dead?",
        ),
        Part(
            NEGATIVE,
            0.2,
            "Here the maps come from before the ReLU. What does the ReLU let through of a "
            "channel that is below 0 everywhere?",
        ),
    ),
    cases=_dead_fraction_cases,
    expected=_dead_fraction_by_numpy,
    key="NumPy",
    answer_with=_dead_fraction_with,
    misconceptions=(
        Misconception(
            "share_of_zeros",
            "You counted zeros. A living unit is 0 at many places, too: what must hold at *all* "
            "places before you call it dead?",
        ),
        Misconception(
            "dead_in_each_image",
            "You counted each unit once for each image. If it is silent in this image and "
            "answers in the next one, can it still learn?",
        ),
        Misconception(
            "silent_in_some_image",
            "You called a unit dead because it is silent in one of the images. Would a unit that "
            "looks for sandals answer to a shirt?",
        ),
        Misconception(
            "first_image_only",
            "Only the first image counts in your version. Can a unit that is silent there wake "
            "up at the next image?",
        ),
        Misconception(
            "each_pixel_a_unit",
            "You took each place of each map for a unit of its own. All places of a channel share "
            "one kernel: when is that kernel out of reach of every gradient?",
        ),
        Misconception(
            "any_silent_pixel",
            "A single 0 makes a unit dead in your version. How many places must be silent?",
        ),
        Misconception(
            "exactly_0",
            "You asked for exactly 0. What about a channel that is -3 everywhere: what leaves the "
            "ReLU?",
        ),
        Misconception(
            "strictly_below_0",
            "A unit that is exactly 0 everywhere lives in your version. What slope has a ReLU that "
            "gives 0, and can the unit change?",
        ),
        Misconception(
            "mean_below_0",
            "You looked at the mean of a channel. If it is -5 at most places and +2 at one, does "
            "the ReLU let anything through?",
        ),
        Misconception(
            "counted",
            "You returned how many there are. What is the *share* of 2 dead units among 8?",
        ),
        Misconception(
            "alive_ones", "Your number grows when more units live. Which share is asked for?"
        ),
    ),
    forbidden=("helpers.activations.dead_fraction",),
    hints=(
        "First one yes or no for each channel, then the share of yes. A channel is alive as soon "
        "as one of its numbers is above 0.",
        "(maps > 0).any(axis=...) with the three axes that are not the channels says which "
        "channels live. The mean of yes and no is a share.",
    ),
    proved="dead_fraction counts the channels that no image wakes at any place.",
)

# --- elu (practice) ---------------------------------------------------------------------------


def _elu_by_keras(x, alpha=1.0):
    import keras

    return np.array(keras.activations.elu(x, alpha))


def _elu_with(slips, x, alpha=1.0):
    """`elu` as someone with these slips writes it; without any it is right."""
    if "alpha_ignored" in slips:
        alpha = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        curve = alpha * (np.exp(x) - 1)
        if "alpha_on_the_exponential_only" in slips:
            curve = alpha * np.exp(x) - 1
        if "minus_1_forgotten" in slips:
            curve = alpha * np.exp(x)
        if "alpha_in_the_exponent" in slips:
            curve = np.exp(alpha * x) - 1
        if "a_straight_line" in slips:
            curve = alpha * x
        above = alpha * x if "alpha_above_0_too" in slips else x
        if "sides_added_by_a_mask" in slips:
            return (above * (x > 0) + curve * (x <= 0)).astype("float32")
        if "larger_of_the_two" in slips:
            return np.maximum(above, curve).astype("float32")
        where = x <= 0 if "sides_swapped" in slips else x > 0
        return np.where(where, above, curve).astype("float32")


ALPHA_1, OTHER_ALPHA, FAR = "alpha is 1", "another alpha", "far from 0"


def _elu_cases(rng):
    def case(part, *x, **alpha):
        return Case(part, {"x": np.array(x, "float32"), **alpha})

    below = -rng.integers(1, 16, 3) / 4
    return [
        case(ALPHA_1, -1, 0, 1),
        case(ALPHA_1, *below, -0.5, 0.5, 2.5),
        case(OTHER_ALPHA, -1, 0, 1, alpha=0.5),
        case(OTHER_ALPHA, *below, -0.5, 0.5, 2.5, alpha=float(rng.choice([1.5, 2.0, 3.0]))),
        case(FAR, -1000, 1000),
        case(FAR, float(rng.integers(100, 500)), float(rng.integers(600, 900))),
    ]


elu = Exercise(
    name="elu",
    points=0,
    parts=(
        Part("the shape of x", 0.1, "Each number becomes one number.", form=True),
        Part(ALPHA_1, 0.4, "e ** -1 is about 0.37. What is ELU at -1, at 0, at 1?"),
        Part(OTHER_ALPHA, 0.3, "alpha scales the whole curve below 0. Which value does it near?"),
        Part(
            FAR,
            0.2,
            "e ** 1000 is infinite for a computer. Look at what your formula does with it where "
            "x is 1000.",
        ),
    ),
    cases=_elu_cases,
    expected=_elu_by_keras,
    key="Keras",
    answer_with=_elu_with,
    misconceptions=(
        Misconception(
            "sides_added_by_a_mask",
            "You multiply the side that is not wanted by 0. At x = 1000 that side is infinite: "
            "what is 0 times infinity?",
        ),
        Misconception(
            "alpha_on_the_exponential_only",
            "Put x = 0 into your formula with alpha = 0.5. Should the curve jump there? Look at "
            "what alpha multiplies.",
        ),
        Misconception(
            "minus_1_forgotten",
            "Your curve jumps from alpha to 0 at x = 0. What is missing so that it starts at 0?",
        ),
        Misconception(
            "alpha_in_the_exponent",
            "Your alpha stretches the curve sideways: far below 0 it always nears -1. Which value "
            "should it near when alpha is 0.5?",
        ),
        Misconception(
            "a_straight_line",
            "Yours is a straight line below 0, a leaky ReLU. Where does the E of ELU come from?",
        ),
        Misconception(
            "larger_of_the_two",
            "You take the larger of the two sides. e ** x - 1 runs above x everywhere, for alpha 1 "
            "they only touch at 0: which of them do you get at x = 1?",
        ),
        Misconception("alpha_ignored", "Your answer does not change with alpha. What is it for?"),
        Misconception(
            "alpha_above_0_too",
            "alpha changes your positive numbers. Above 0, what does every kind of ReLU do?",
        ),
        Misconception(
            "sides_swapped",
            "Your negative numbers stay and the positive ones explode. On which side is the curve?",
        ),
    ),
    forbidden=(
        "helpers.activations.elu",
        "keras.activations.elu",
        "keras.ops.elu",
        "keras.layers.ELU",
        "tensorflow.nn.elu",
    ),
    hints=(
        "Two cases, decided by the sign of each number: keep it, or bend it. np.where chooses.",
        "The bent side is alpha * (np.exp(x) - 1): the bracket first, then alpha.",
    ),
    proved="elu keeps what is above 0 and nears -alpha far below.",
)
