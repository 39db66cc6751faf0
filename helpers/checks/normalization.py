"""Checks of the exercises on batch, layer and group normalization."""

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part

FORBIDDEN = (  # whatever normalizes by itself
    "helpers.normalization.batch_norm",
    "helpers.normalization.batch_norm_at_inference",
    "helpers.normalization.batch_norm_layer",
    "helpers.normalization.running_statistics",
    "helpers.normalization.fold_into_conv",
    "helpers.normalization.layer_norm",
    "helpers.normalization.group_norm",
    "tensorflow.nn.batch_normalization",
    "tensorflow.raw_ops.FusedBatchNormV3",
    "keras.ops.batch_normalization",
    "keras.ops.layer_normalization",
    "keras.layers.BatchNormalization",
    "keras.layers.LayerNormalization",
    "keras.layers.GroupNormalization",
    "keras.layers.Normalization",
)


def _layer_of_keras(gamma, beta, mean=None, variance=None, **settings):
    """Keras's layer with the given weights; its running statistics are 0 and 1 where none are."""
    import keras

    layer = keras.layers.BatchNormalization(**settings)
    layer.build((None, None, None, len(gamma)))
    zeros, ones = np.zeros(len(gamma)), np.ones(len(gamma))
    kept = (zeros if mean is None else mean, ones if variance is None else variance)
    layer.set_weights([gamma, beta, *kept])
    return layer


def _row(*numbers):
    return np.array(numbers, "float32")


# --- batch_norm -------------------------------------------------------------------------------

AXES = {  # over which mean and variance are taken, of (N, H, W, C)
    "over_the_batch_only": 0,
    "each_image_alone": (1, 2),
    "over_channels": 3,
    "over_everything": None,
}
PLAIN, IMAGES = "one number a channel", "maps with height and width"
LARGE, SCALED, EPSILON = "a batch of the usual size", "gamma and beta", "epsilon"


def _batch_norm_by_keras(x, gamma, beta, epsilon=1e-3):
    return _layer_of_keras(gamma, beta, epsilon=epsilon)(x, training=True).numpy()


def _batch_norm_with(slips, x, gamma, beta, epsilon=1e-3):
    """`batch_norm` as someone with these slips writes it; without any it is right."""
    x = x.astype("float64")
    axes = next((axes for slip, axes in AXES.items() if slip in slips), (0, 1, 2))
    mean = x.mean(axis=axes, keepdims=True)
    squares = (x - mean) ** 2
    count = x.size // mean.size
    if "off_by_one" in slips:  # the slide's sum has one term more than the batch has numbers
        mean = mean * count / (count + 1)
        squares, count = (x - mean) ** 2, count + 1
    if "unbiased_variance" in slips:
        count -= 1
    variance = squares.sum(axis=axes, keepdims=True) / count
    if "mean_not_subtracted" in slips:
        mean = 0
    y = (x - mean) / _root(slips, variance, epsilon)
    if "gamma_beta_forgotten" in slips:
        return y
    return gamma * (y + beta) if "beta_scaled" in slips else gamma * y + beta


def _root(slips, variance, epsilon):
    """What is divided by."""
    if "no_epsilon" in slips:
        epsilon = 0
    if "epsilon_outside_the_root" in slips:
        return np.sqrt(variance) + epsilon
    if "divided_by_variance" in slips:
        return variance + epsilon
    return np.sqrt(variance + epsilon)


def _batch_norm_cases(rng):
    def case(part, shape, gamma, beta, epsilon):
        x = rng.integers(-4, 6, shape).astype("float32")
        x[0, 0, 0], x[-1, -1, -1] = -5, 6  # no channel is constant by chance
        settings = {"gamma": _row(*gamma), "beta": _row(*beta), "epsilon": epsilon}
        return Case(part, {"x": x, **settings})

    tiny, ones = 1e-7, [1, 1, 1]
    constant = case(EPSILON, (2, 2, 1, 2), [1, 2], [3, 4], 1e-3)
    constant.arguments["x"][..., 1] = 7
    return [
        case(PLAIN, (4, 1, 1, 2), [1, 1], [0, 0], tiny),
        case(PLAIN, (6, 1, 1, 3), ones, [0, 0, 0], tiny),
        case(IMAGES, (2, 2, 3, 3), ones, [0, 0, 0], tiny),
        case(IMAGES, (3, 3, 3, 3), ones, [0, 0, 0], tiny),
        case(LARGE, (8, 40, 48, 1), [1], [0], tiny),
        case(SCALED, (2, 2, 3, 3), rng.permutation([2, 5, -3]), rng.permutation([0, 10, 20]), tiny),
        case(EPSILON, (2, 2, 3, 3), [2, 1, 3], rng.permutation([1, 5, 9]), 0.5),
        constant,
    ]


batch_norm = Exercise(
    name="batch_norm",
    points=3,
    parts=(
        Part("the shape of the maps", 0.1, "What comes out has the shape of x.", form=True),
        Part(
            PLAIN,
            0.15,
            "Height and width are 1 here. Each channel is a row of N numbers: subtract their mean, "
            "divide by their deviation.",
        ),
        Part(
            IMAGES,
            0.25,
            "How many means are there for maps of shape (N, H, W, C)? Each one is the mean of how "
            "many numbers?",
        ),
        Part(
            LARGE,
            0.1,
            "8 images of 40 x 48: each channel has 15,360 numbers. What are the mean and the "
            "deviation of what comes out?",
        ),
        Part(SCALED, 0.2, "What is done with gamma and beta once the channel is normalized?"),
        Part(
            EPSILON,
            0.2,
            "A channel that never changes has variance 0, and x - mean is 0 as well. What should "
            "come out, and which number sees to it?",
        ),
    ),
    cases=_batch_norm_cases,
    expected=_batch_norm_by_keras,
    answer_with=_batch_norm_with,
    misconceptions=(
        Misconception(
            "over_the_batch_only",
            "You have a mean for each place of the map. A convolution uses the same kernel at all "
            "places: should a place at the top have another mean than one at the bottom?",
        ),
        Misconception(
            "each_image_alone",
            "You normalize each image by its own numbers. What does the *batch* in the name stand "
            "for: which images share a mean?",
        ),
        Misconception(
            "over_channels",
            "You take the mean over the channels of one pixel. Which numbers of (N, H, W, C) come "
            "from the same filter, and belong together?",
        ),
        Misconception(
            "over_everything",
            "You have one mean for all channels. One channel may hold numbers around 100 and "
            "another around 0: what becomes of them?",
        ),
        Misconception(
            "unbiased_variance",
            "Your deviation is a little too large, and more so the smaller the batch is. Is the "
            "sum of squares divided by m or by m - 1? (Look at the algorithm's box.)",
        ),
        Misconception(
            "off_by_one",
            "You divide by one more than there are numbers, so that not even the mean comes out as "
            "0. How many terms has a sum from i = 0 to m - 1?",
        ),
        Misconception(
            "epsilon_outside_the_root",
            "Your epsilon is added to the deviation. Where does it stand in the formula: under the "
            "root, or behind it?",
        ),
        Misconception(
            "divided_by_variance",
            "Your numbers have the deviation 1 / std, not 1. What did you divide by? In which unit "
            "is a variance, if x is in metres?",
        ),
        Misconception(
            "no_epsilon",
            "It works until a channel never changes: then you divide 0 by 0. What is `epsilon` "
            "for, and where do you use it?",
        ),
        Misconception(
            "mean_not_subtracted",
            "Your deviation is right, but the mean is not beta. What has to happen to x before it "
            "is divided?",
        ),
        Misconception(
            "beta_scaled",
            "You add beta first and multiply by gamma then. If gamma is 2 and beta is 10, around "
            "which number should the channel lie: 10 or 20?",
        ),
        Misconception(
            "gamma_beta_forgotten",
            "Your answer does not change with gamma and beta. What are they for?",
        ),
    ),
    forbidden=FORBIDDEN,
    hints=(
        "np.mean takes several axes at once: axis=(0, 1, 2). Which of the four axes of "
        "(N, H, W, C) must be left, so that each filter has a mean of its own?",
        "Three lines: mean and variance over axis=(0, 1, 2), both of shape (C,); then x minus the "
        "mean, over np.sqrt of (variance + epsilon); then times gamma, plus beta. NumPy lines up "
        "the last axis by itself.",
    ),
    proved="batch_norm does in training what Keras's layer does, constant channels included.",
    key="Keras",
    picture=pictures.arrays,
)

# --- running_statistics -----------------------------------------------------------------------

THE_MEAN, THE_VARIANCE, MOMENTA = "the mean", "the variance", "other momenta"


def _running_statistics_by_keras(mean, variance, batch, momentum=0.99):
    ones, zeros = np.ones(len(mean)), np.zeros(len(mean))
    layer = _layer_of_keras(ones, zeros, mean, variance, momentum=momentum)
    layer(batch, training=True)
    return layer.moving_mean.numpy(), layer.moving_variance.numpy()


def _running_statistics_with(slips, mean, variance, batch, momentum=0.99):
    """`running_statistics` as someone with these slips writes it."""
    batch = batch.astype("float64")
    axes = 0 if "over_the_batch_only" in slips else (0, 1, 2)
    if "over_everything" in slips:
        axes = None
    old, new = (mean, variance), [batch.mean(axis=axes), batch.var(axis=axes)]
    if "unbiased_variance" in slips:
        new[1] = batch.var(axis=axes, ddof=1)
    if "deviation_for_variance" in slips:
        new[1] = np.sqrt(new[1])
    if "momentum_swapped" in slips:
        momentum = 1 - momentum
    if "mean_of_old_and_new" in slips:
        momentum = 0.5
    if "only_the_new_batch" in slips:
        momentum = 0
    if "old_not_weighted" in slips:
        kept = [was + (1 - momentum) * now for was, now in zip(old, new, strict=True)]
    else:
        kept = [momentum * was + (1 - momentum) * now for was, now in zip(old, new, strict=True)]
    if "variance_about_the_running_mean" in slips:
        about = ((batch - kept[0]) ** 2).mean(axis=axes)
        kept[1] = momentum * variance + (1 - momentum) * about
    if "deviations_averaged" in slips:
        root = momentum * np.sqrt(variance) + (1 - momentum) * np.sqrt(new[1])
        kept[1] = root**2
    if "variance_left_alone" in slips:
        kept[1] = variance
    return tuple(kept)


def _running_statistics_cases(rng):
    def cases(parts, shape, mean, variance, **settings):
        batch = rng.integers(0, 10, shape).astype("float32")
        batch[0, 0, 0], batch[-1, -1, -1] = 0, 12
        kept = {"mean": _row(*mean), "variance": _row(*variance)}
        arguments = {**kept, "batch": batch, **settings}
        return [Case(part, arguments, item) for item, part in enumerate(parts)]

    both = THE_MEAN, THE_VARIANCE
    momentum = int(rng.integers(6, 9)) / 10
    return [
        *cases(both, (1, 2, 2, 1), [20], [100], momentum=0.9),
        *cases(both, (2, 2, 3, 3), rng.permutation([-10, 0, 30]), [1, 4, 400], momentum=0.9),
        *cases((MOMENTA,) * 2, (3, 3, 3, 3), [-40, 5, 50], [9, 900, 25], momentum=momentum),
        *cases((MOMENTA,) * 2, (2, 3, 1, 2), [500, -300], [40_000, 10_000]),
    ]


running_statistics = Exercise(
    name="running_statistics",
    points=2,
    parts=(
        Part(
            "a pair of rows",
            0.1,
            "Two arrays come back, (mean, variance), with a number for each channel.",
            form=True,
        ),
        Part(
            THE_MEAN,
            0.3,
            "With momentum 0.9 the new mean lies near the old one, and a little nearer to the "
            "batch's. Which of the two gets the 0.9?",
        ),
        Part(
            THE_VARIANCE,
            0.4,
            "The variance moves as the mean does. Which variance of the batch: about which mean, "
            "divided by how many?",
        ),
        Part(MOMENTA, 0.2, "The default is 0.99; 1 would keep the old numbers for ever."),
    ),
    cases=_running_statistics_cases,
    expected=_running_statistics_by_keras,
    answer_with=_running_statistics_with,
    misconceptions=(
        Misconception(
            "momentum_swapped",
            "Your numbers jump to those of the batch. Which part of the old should stay when the "
            "momentum is 0.9? (In PyTorch the same word means the share of the new.)",
        ),
        Misconception(
            "unbiased_variance",
            "Your mean is right, your variance a little too large. Keras 3 keeps the very variance "
            "that it has divided by. Is that a sum over m or over m - 1?",
        ),
        Misconception(
            "deviation_for_variance",
            "You mix the batch's deviation into a variance. If x is in metres, in which unit is "
            "each of them?",
        ),
        Misconception(
            "deviations_averaged",
            "You average the deviations and square them in the end. Is the mean of 2 and 10, "
            "squared, the mean of 4 and 100? Which of them is to be kept?",
        ),
        Misconception(
            "variance_about_the_running_mean",
            "Your variance measures how far the batch is from the kept mean, so it grows when the "
            "mean is off. About which mean is the variance of a batch taken?",
        ),
        Misconception(
            "variance_left_alone",
            "Your variance does not change. Does inference divide by something that was seen, or "
            "by what it was at the start?",
        ),
        Misconception(
            "only_the_new_batch",
            "Your answer is that of the last batch alone. What were `mean` and `variance` handed "
            "in for?",
        ),
        Misconception(
            "mean_of_old_and_new",
            "Your answer does not change with `momentum`: old and new count half each. After ten "
            "batches, how much of the first one would be left?",
        ),
        Misconception(
            "old_not_weighted",
            "Your numbers grow and grow: all of the old is kept, and some of the new is added. "
            "What must the two shares add up to?",
        ),
        Misconception(
            "over_everything",
            "All channels move towards the same mean, that of the whole batch. Whose mean should "
            "the first channel move towards?",
        ),
        Misconception(
            "over_the_batch_only",
            "You have a mean for each place. How many channels are there, and how many numbers "
            "should be kept?",
        ),
    ),
    forbidden=(*FORBIDDEN, "tensorflow.train.ExponentialMovingAverage"),
    hints=(
        "First mean and variance of the batch, over axis=(0, 1, 2). Then each of the two kept "
        "numbers becomes a mixture of what it was and what the batch has.",
        "A mixture has two shares that add up to 1: momentum for the old, 1 - momentum for the "
        "new. The same line for the mean and for the variance. Return both.",
    ),
    proved="running_statistics keeps what Keras keeps: both numbers, mixed by the momentum.",
    key="Keras",
)

# --- fold_into_conv ---------------------------------------------------------------------------

KERNEL, BIAS, SQUARE = "the kernel", "the bias", "as many filters as channels"


def _fold_into_conv_by_keras(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Read kernel and bias off the two layers: a black patch, and patches with one bright pixel."""
    import tensorflow as tf

    size = int(np.prod(kernel.shape[:3]))
    patches = np.concatenate([np.zeros((1, size)), np.eye(size)]).reshape(-1, *kernel.shape[:3])
    convolved = tf.nn.conv2d(patches, kernel.astype("float64"), 1, "VALID") + bias
    layer = _layer_of_keras(gamma, beta, mean, variance, epsilon=epsilon, dtype="float64")
    answers = layer(convolved, training=False).numpy()[:, 0, 0]
    return (answers[1:] - answers[0]).reshape(kernel.shape), answers[0]


def _fold_into_conv_with(slips, kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """`fold_into_conv` as someone with these slips writes it."""
    scale = gamma / _root(slips, variance.astype("float64"), epsilon)
    if "gamma_forgotten" in slips:
        scale = scale / gamma
    on_mean = 1 if "mean_not_scaled" in slips else scale
    on_bias = 1 if "own_bias_not_scaled" in slips else scale
    if "own_bias_dropped" in slips:
        on_bias = 0
    if "mean_forgotten" in slips:
        on_mean = 0
    shift = bias * on_bias - mean * on_mean + beta
    if "mean_added" in slips:
        shift = bias * on_bias + mean * on_mean + beta
    if "beta_forgotten" in slips:
        shift = shift - beta
    if "bias_only" in slips:
        return kernel, shift
    across = scale[:, None] if "scaled_by_input_channel" in slips else scale
    return kernel * across, shift


def _fold_into_conv_cases(rng):
    def cases(parts, shape, epsilon):
        filters = shape[3]
        kernel = rng.integers(1, 10, shape) * rng.choice([-1, 1], shape)
        columns = {
            "bias": 1 + rng.permutation(filters),
            "gamma": 2.0 ** (1 + rng.permutation(filters)) - 1,  # never in step with the root
            "beta": 10 * (1 + rng.permutation(filters)),
            "mean": 2 + rng.permutation(filters) * 2,
            "variance": (2 + rng.permutation(filters)) ** 2 / 4,
        }
        rows = {name: _row(*row) for name, row in columns.items()}
        arguments = {"kernel": kernel.astype("float32"), **rows, "epsilon": epsilon}
        return [Case(part, arguments, item) for item, part in enumerate(parts)]

    return [
        *cases((KERNEL, BIAS), (1, 1, 2, 4), 1e-7),
        *cases((KERNEL, BIAS), (2, 3, 2, 4), 1e-7),
        *cases((SQUARE, SQUARE), (3, 3, 3, 3), 1e-7),
        *cases((EPSILON, EPSILON), (1, 2, 3, 2), 0.1),
    ]


fold_into_conv = Exercise(
    name="fold_into_conv",
    points=3,
    parts=(
        Part(
            "kernel and bias",
            0.1,
            "Two arrays come back, (kernel, bias), shaped like those that went in.",
            form=True,
        ),
        Part(
            KERNEL,
            0.25,
            "Batch normalization multiplies each map by one number. By which? And to which axis of "
            "(KH, KW, C, F) does a map belong?",
        ),
        Part(
            BIAS,
            0.35,
            "The image is black: the convolution gives its bias. What does the normalization make "
            "of this number, step by step?",
        ),
        Part(SQUARE, 0.1, "With 3 channels and 3 filters NumPy does not notice a wrong axis."),
        Part(EPSILON, 0.2, "The deviation that is divided by has an epsilon under its root."),
    ),
    cases=_fold_into_conv_cases,
    expected=_fold_into_conv_by_keras,
    answer_with=_fold_into_conv_with,
    misconceptions=(
        Misconception(
            "own_bias_dropped",
            "The convolution's own bias has vanished. It is added before the normalization: what "
            "becomes of it there?",
        ),
        Misconception(
            "own_bias_not_scaled",
            "The convolution's bias arrives as it was. Does the normalization scale only the "
            "products, or all that the convolution gives?",
        ),
        Misconception(
            "mean_not_scaled",
            "You subtract the mean itself. Is it subtracted before the division or after it?",
        ),
        Misconception(
            "mean_forgotten",
            "Your bias does not change with `mean`. What does the normalization do first?",
        ),
        Misconception(
            "mean_added",
            "The mean comes in with the wrong sign. What does the normalization do first: add it, "
            "or subtract it?",
        ),
        Misconception(
            "gamma_forgotten",
            "Your answer does not change with `gamma`. By what does the normalization multiply, "
            "once it has divided by the deviation?",
        ),
        Misconception(
            "beta_forgotten",
            "Your bias does not change with `beta`. What does the normalization add last?",
        ),
        Misconception(
            "bias_only",
            "Your kernel came back as it was. If the normalization doubles a map, which numbers of "
            "the convolution must double?",
        ),
        Misconception(
            "scaled_by_input_channel",
            "You scale the kernel along the channels that go *in*. Which axis of (KH, KW, C, F) "
            "has one entry for each map that comes out?",
        ),
        Misconception(
            "no_epsilon",
            "Your scale is a little too large, most where the variance is small. What stands under "
            "the root beside the variance?",
        ),
        Misconception(
            "epsilon_outside_the_root",
            "Your epsilon is added to the deviation. Under the root, or behind it?",
        ),
        Misconception(
            "divided_by_variance",
            "You divide by the variance. What does a normalization divide by?",
        ),
    ),
    forbidden=FORBIDDEN,
    hints=(
        "Write down what comes out for one map: gamma * (conv + bias - mean) / root + beta. "
        "Multiply it out: what stands in front of conv, and what is left over?",
        "s = gamma / np.sqrt(variance + epsilon), one number for each filter. The kernel becomes "
        "kernel * s (its last axis is the filters'), and all that is left over is the new bias.",
    ),
    proved="fold_into_conv makes one convolution of two layers, bias and epsilon included.",
    key="the two layers one after the other",
)

# --- layer_or_group_norm ----------------------------------------------------------------------

LAYER, GROUPS = "the layer's default", "groups of channels"
ONE, ROOT = "one group, and as many as channels", "epsilon under the root"


def _layer_or_group_norm_by_keras(x, groups=None, epsilon=1e-3):
    import keras

    if groups is None:
        return keras.layers.LayerNormalization(epsilon=epsilon)(x).numpy()
    return keras.layers.GroupNormalization(groups, epsilon=epsilon)(x).numpy()


def _layer_or_group_norm_with(slips, x, groups=None, epsilon=1e-3):
    """`layer_or_group_norm` as someone with these slips writes it."""
    x = x.astype("float64")
    images, height, width, channels = x.shape
    if groups is None:
        axes = (1, 2, 3) if "layer_over_the_image" in slips else 3
        return _standardised(slips, x, axes, epsilon)
    if "groups_for_their_size" in slips:
        groups = channels // groups
    if "every_channel_alone" in slips:
        groups = channels
    if "groups_ignored" in slips:
        groups = 1
    if "every_second_channel" in slips:
        grouped = x.reshape(images, height, width, channels // groups, groups)
        grouped = np.swapaxes(grouped, 3, 4)
    else:
        grouped = x.reshape(images, height, width, groups, channels // groups)
    axes = (1, 2, 4)
    if "over_the_batch_too" in slips:
        axes = (0, 1, 2, 4)
    if "each_pixel_in_its_group" in slips:
        axes = 4
    y = _standardised(slips, grouped, axes, epsilon)
    return (np.swapaxes(y, 3, 4) if "every_second_channel" in slips else y).reshape(x.shape)


def _standardised(slips, x, axes, epsilon):
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / _root(slips, variance, epsilon)


def _layer_or_group_norm_cases(rng):
    def case(part, shape, epsilon=1e-7, **settings):
        x = rng.integers(0, 10, shape) + 10 * rng.integers(0, 4, shape[3])
        x[..., 0], x[..., -1] = x[..., 0] - 30, x[..., -1] + 40  # no pixel, no group is constant
        x[:, 0, 0, :] -= 7
        return Case(part, {"x": x.astype("float32"), **settings, "epsilon": epsilon})

    return [
        case(LAYER, (1, 1, 2, 3)),
        case(LAYER, (2, 3, 4, 4)),
        case(GROUPS, (1, 2, 2, 6), groups=2),
        case(GROUPS, (2, 3, 2, 6), groups=3),
        case(GROUPS, (3, 2, 3, 8), groups=2),
        case(ONE, (2, 3, 3, 4), groups=1),
        case(ONE, (2, 3, 3, 3), groups=3),
        case(ROOT, (2, 2, 3, 4), epsilon=50.0, groups=2),
        case(ROOT, (1, 2, 3, 4), epsilon=50.0),
    ]


layer_or_group_norm = Exercise(
    name="layer_or_group_norm",
    points=2,
    parts=(
        Part("the shape of the maps", 0.1, "What comes out has the shape of x.", form=True),
        Part(
            LAYER,
            0.2,
            "groups is None here: what keras.layers.LayerNormalization() does to maps. Which "
            "numbers does one pixel share its mean with?",
        ),
        Part(
            GROUPS,
            0.3,
            "6 channels in 2 groups: channels 0, 1, 2 and 3, 4, 5. How many means has one image?",
        ),
        Part(
            ONE,
            0.2,
            "One group takes in a whole image. As many groups as channels: each map alone.",
        ),
        Part(ROOT, 0.2, "What is divided by is the root of variance + epsilon."),
    ),
    cases=_layer_or_group_norm_cases,
    expected=_layer_or_group_norm_by_keras,
    answer_with=_layer_or_group_norm_with,
    misconceptions=(
        Misconception(
            "layer_over_the_image",
            "For groups=None you take the mean over the whole image, as the paper on group "
            "normalization describes layer normalization. Which axis does Keras's layer take if it "
            "is not told otherwise?",
        ),
        Misconception(
            "over_the_batch_too",
            "Your groups share their mean between images. Which normalization does that, and why "
            "does one want another?",
        ),
        Misconception(
            "every_second_channel",
            "Your groups are channels 0, 2, 4 and 1, 3, 5: you reshaped to (size, groups). In "
            "which order do neighbouring channels stay together?",
        ),
        Misconception(
            "groups_for_their_size",
            "You made groups *of* that many channels. With 6 channels and groups=2, how many "
            "groups are wanted?",
        ),
        Misconception(
            "each_pixel_in_its_group",
            "Every pixel of your group has a mean of its own. Over which axes does the mean of a "
            "group run, besides its channels?",
        ),
        Misconception(
            "every_channel_alone",
            "You normalize each channel alone, whatever `groups` says. What do the channels of a "
            "group share?",
        ),
        Misconception(
            "groups_ignored",
            "Your answer does not change with the number of groups. How many means has an image "
            "with 3 groups?",
        ),
        Misconception(
            "epsilon_outside_the_root",
            "Your epsilon is added to the deviation. Under the root, or behind it?",
        ),
        Misconception(
            "divided_by_variance",
            "You divide by the variance. What does a normalization divide by?",
        ),
        Misconception("no_epsilon", "Your answer does not change with `epsilon`. Where is it?"),
    ),
    forbidden=FORBIDDEN,
    hints=(
        "For groups=None: mean and variance over the last axis only, with keepdims=True, so that "
        "they line up with x. For groups: first x.reshape into five axes.",
        "x.reshape(N, H, W, groups, C // groups) puts neighbouring channels into one group. Then "
        "mean and variance over axes (1, 2, 4), normalize, and reshape back.",
    ),
    proved="layer_or_group_norm does what two layers of Keras do, and looks at no other image.",
    key="Keras",
    picture=pictures.arrays,
)

# --- find_the_bug (practice) ------------------------------------------------------------------

IN_TRAINING, AT_INFERENCE = "outputs in training", "outputs at inference"
KEPT, UNTOUCHED = "what training keeps", "what inference keeps"


def _find_the_bug_by_keras(x, gamma, beta, mean, variance, training=False):
    layer = _layer_of_keras(gamma, beta, mean, variance)
    outputs = layer(x, training=training).numpy()
    return outputs, layer.moving_mean.numpy(), layer.moving_variance.numpy()


def _find_the_bug_with(slips, x, gamma, beta, mean, variance, training=False):
    """`find_the_bug` with the bugs that are left in it."""
    x = x.astype("float64")
    axes = 0 if "over_the_batch_only" in slips else (0, 1, 2)
    seen = x.mean(axis=axes), x.var(axis=axes)
    kept = mean.astype("float64"), variance.astype("float64")
    if training or "statistics_move_at_inference" in slips:
        new = 0.99 if "momentum_swapped" in slips else 0.01
        kept = tuple((1 - new) * old + new * now for old, now in zip(kept, seen, strict=True))
    mixed = "batch_deviation_at_inference" in slips and not training
    by_batch = training or "batch_statistics_at_inference" in slips
    if training and "kept_statistics_in_training" in slips:
        by_batch = False
    mean, variance = seen if by_batch else kept
    if mixed and not by_batch:
        variance = seen[1]
    y = (x - mean) / _root(slips, variance, 1e-3)
    return gamma * y + beta, *kept


def _find_the_bug_cases(rng):
    def cases(parts, shape, training, constant=False):
        x = rng.integers(-4, 6, shape) / 4
        x[0, 0, 0], x[-1, -1, -1] = -2, 2
        if constant:
            x[..., 1] = 3
        channels = shape[3]
        columns = {
            "gamma": 1 + rng.permutation(channels),
            "beta": 1 + rng.permutation(channels),
            "mean": 3 * (1 + rng.permutation(channels)),
            "variance": (1 + rng.permutation(channels)) ** 2 / 4,
        }
        rows = {name: _row(*row) for name, row in columns.items()}
        arguments = {"x": x.astype("float32"), **rows, "training": training}
        return [Case(part, arguments, item) for item, part in enumerate(parts)]

    trained = IN_TRAINING, KEPT, KEPT
    asked = AT_INFERENCE, UNTOUCHED, UNTOUCHED
    return [
        *cases(trained, (2, 3, 3, 3), True),
        *cases(trained, (3, 2, 2, 2), True, constant=True),
        *cases(asked, (1, 2, 3, 3), False),
        *cases(asked, (3, 2, 2, 2), False),
    ]


find_the_bug = Exercise(
    name="find_the_bug",
    points=0,
    parts=(
        Part(
            "three arrays",
            0.1,
            "Three arrays come back: (outputs, mean, variance), shaped like x, mean and variance.",
            form=True,
        ),
        Part(IN_TRAINING, 0.25, "In training the batch normalizes itself. Over which axes?"),
        Part(
            KEPT, 0.2, "After a batch, 99 parts in 100 of the kept numbers are still the old ones."
        ),
        Part(AT_INFERENCE, 0.3, "At inference the batch does not matter: what normalizes then?"),
        Part(UNTOUCHED, 0.15, "At inference nothing is learned. What may change then?"),
    ),
    cases=_find_the_bug_cases,
    expected=_find_the_bug_by_keras,
    answer_with=_find_the_bug_with,
    misconceptions=(
        Misconception(
            "over_the_batch_only",
            "A bug is left: mean and variance have the shape (H, W, C). How many of each does a "
            "layer keep?",
        ),
        Misconception(
            "no_epsilon",
            "A bug is left: a channel that never changes gives nan. What is missing under the "
            "root?",
        ),
        Misconception(
            "epsilon_outside_the_root",
            "You have put in the epsilon, but behind the root. Where does it stand in the formula?",
        ),
        Misconception(
            "momentum_swapped",
            "A bug is left: what is kept jumps to the last batch. Which number gets the 0.99?",
        ),
        Misconception(
            "batch_statistics_at_inference",
            "A bug is left: ask about a single image and it is normalized by itself. Which mean "
            "and variance should be used when `training` is False?",
        ),
        Misconception(
            "batch_deviation_at_inference",
            "At inference your mean is the kept one, as the slide says. And the variance?",
        ),
        Misconception(
            "kept_statistics_in_training",
            "In training you normalize by what is kept, which at first has little to do with the "
            "batch. Whose mean and variance belong there?",
        ),
        Misconception(
            "statistics_move_at_inference",
            "A bug is left: a network changes when one asks it something. When may the kept "
            "numbers move?",
        ),
    ),
    forbidden=FORBIDDEN,
    hints=(
        "There are five bugs. Try them one by one: axes, the root, the mixture, which numbers "
        "normalize at inference, and when the kept ones move.",
        "Begin with `if training:`. In that branch take mean and variance of the batch over (0, 1, "
        "2) and mix them into the kept ones; the outputs use the batch's. In the other branch the "
        "outputs use the kept ones, which are returned as they came.",
    ),
    proved="find_the_bug is Keras's layer, in training and at inference.",
    key="Keras",
)
