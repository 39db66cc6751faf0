"""Checks of the exercises on a label for each pixel."""

import numpy as np

from helpers.checks import compare
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- upsample ---------------------------------------------------------------------------------

BESIDE, OVERLAPPING, CHANNELS = (
    "patches side by side",
    "patches that overlap",
    "several channels",
)


def _upsample_by_tensorflow(maps, kernel, stride):
    import tensorflow as tf

    (height, width, _), (tall, wide, filters, _) = maps.shape, kernel.shape
    size = (height - 1) * stride + tall, (width - 1) * stride + wide
    return tf.nn.conv2d_transpose(maps[None], kernel, (1, *size, filters), stride, "VALID")[0]


def _upsample_with(slips, maps, kernel, stride):
    """`upsample` as someone with these slips writes it; without any it is right."""
    maps, kernel = maps.astype("float64"), kernel.astype("float64")
    if "pixels_repeated" in slips:
        return maps.repeat(stride, axis=0).repeat(stride, axis=1)
    if "zeros_between" in slips:
        return _upsample_spread(maps, stride)
    if "kernel_flipped" in slips:
        kernel = kernel[::-1, ::-1]
    if "kernel_axes_swapped" in slips:
        kernel = kernel.swapaxes(2, 3)
    if "first_channel_only" in slips:
        maps, kernel = maps[:, :, :1], kernel[:, :, :, :1]
    if "last_number_wins" in slips:  # the last channel's patches cover those of all others
        maps, kernel = maps[:, :, -1:], kernel[:, :, :, -1:]
    if "strided_convolution" in slips:
        return _upsample_shrunk(maps, kernel, stride)
    steps = _upsample_steps(slips, kernel.shape[:2], stride)
    lengths = list(zip(maps.shape[:2], steps, kernel.shape[:2], strict=True))
    size = [(n - 1) * step + k for n, step, k in lengths]
    if "stride_times_as_large" in slips:
        size = [stride * n for n in maps.shape[:2]]
    output, patches = np.zeros((*size, kernel.shape[2])), np.zeros((*size, 1))
    for place in np.ndindex(*maps.shape[:2]):
        starts = [i * step for i, step in zip(place, steps, strict=True)]
        window = tuple(slice(a, a + k) for a, (*_, k) in zip(starts, lengths, strict=True))
        if {"overlap_overwritten", "last_number_wins"} & set(slips):
            output[window] = 0
        output[window] += kernel @ maps[place]
        patches[window] += 1
    if "overlap_averaged" in slips:
        output /= patches
    if "cut_to_same" in slips:
        top, left = (max(k - stride, 0) // 2 for k in kernel.shape[:2])
        height, width = (stride * n for n in maps.shape[:2])
        output = output[top : top + height, left : left + width]
    return output


def _upsample_spread(maps, stride):
    """Each pixel with zeros to its right and below it."""
    height, width, channels = maps.shape
    output = np.zeros((height * stride, width * stride, channels))
    output[::stride, ::stride] = maps
    return output


def _upsample_shrunk(maps, kernel, stride):
    """An ordinary convolution with a stride, "valid"."""
    pairs = zip(maps.shape[:2], kernel.shape[:2], strict=True)
    size = [max((n - k) // stride + 1, 0) for n, k in pairs]
    output = np.zeros((*size, kernel.shape[2]))
    for row, column in np.ndindex(*size):
        top, left = row * stride, column * stride
        window = maps[top : top + kernel.shape[0], left : left + kernel.shape[1]]
        output[row, column] = np.einsum("hwc,hwfc->f", window, kernel)
    return output


def _upsample_steps(slips, kernel_size, stride):
    """From one patch to the next, along both axes."""
    if "a_kernel_apart" in slips:
        return kernel_size
    if "stride_ignored" in slips:
        return 1, 1
    return (stride, 1) if "stride_on_one_axis" in slips else (stride, stride)


def _upsample_cases(rng):
    def case(part, size, kernel, stride):
        """`size` is (H, W, C), `kernel` is (KH, KW, F)."""
        maps = rng.integers(1, 10, size).astype("float32")
        weights = rng.integers(-3, 6, (*kernel, size[2])).astype("float32")
        weights[0, 0] += 11  # so that a kernel is never the same when it is turned round
        return Case(part, {"maps": maps, "kernel": weights, "stride": stride})

    return [
        case(BESIDE, (2, 3, 1), (2, 2, 1), 2),
        case(BESIDE, (3, 2, 1), (3, 3, 1), 3),
        case(OVERLAPPING, (2, 3, 1), (3, 3, 1), 2),
        case(OVERLAPPING, (4, 3, 1), (3, 4, 1), 2),
        case(OVERLAPPING, (5, 4, 1), (4, 3, 1), 1),
        case(CHANNELS, (2, 3, 2), (2, 2, 3), 2),
        case(CHANNELS, (3, 2, 3), (2, 2, 3), 2),
    ]


def _upsample_picture(case, got, expected):
    """The first map of the answer beside TensorFlow's."""
    from helpers import plots

    maps, yours = case.arguments["maps"], compare.as_array(got)
    if yours is None or yours.ndim != 3 or not yours.size:
        return None
    before = maps[:, :, 0] if maps.shape[2] == 1 else None
    return plots.show(plots.compare_arrays(before, expected[:, :, 0], yours[:, :, 0]))


upsample = Exercise(
    name="upsample",
    points=4,
    parts=(
        Part(
            "the shape of the maps",
            0.1,
            "The last patch begins at (H - 1) * stride and is as high as the kernel. Where does it "
            "end?",
            form=True,
        ),
        Part(
            BESIDE,
            0.2,
            "Each number of the map becomes a patch: the kernel, times that number. Here the "
            "patches touch and do not overlap. Work out the first two on paper.",
        ),
        Part(
            OVERLAPPING,
            0.35,
            "The kernel is larger than the stride, so neighbouring patches share pixels. Work out "
            "a single row of two numbers on paper: what does a shared pixel get?",
        ),
        Part(
            CHANNELS,
            0.35,
            "kernel[:, :, f, c] is the patch that channel c of the input puts into map f of the "
            "output. A map of the output gets patches from every channel.",
        ),
    ),
    cases=_upsample_cases,
    expected=_upsample_by_tensorflow,
    answer_with=_upsample_with,
    misconceptions=(
        Misconception(
            "overlap_overwritten",
            "Where two of your patches meet, one of them is gone. Does your line put the patch "
            "in the place of what is there, or does it add to it?",
        ),
        Misconception(
            "last_number_wins",
            "Every pixel of your output holds a single product, the last that was written there. "
            "Several patches meet at a pixel, and every channel brings one: what should your "
            "innermost line do with what is there already?",
        ),
        Misconception(
            "overlap_averaged",
            "You divide by the number of patches that meet at a pixel. TensorFlow gives larger "
            "numbers there: what does it do with the patches?",
        ),
        Misconception(
            "stride_times_as_large",
            "Your output is stride * H high. That is enough while the kernel is as large as the "
            "stride. Let the kernel be 3 and the stride 2: where does the last patch end?",
        ),
        Misconception(
            "cut_to_same",
            'You cut the output to stride * H rows, as padding="same" does. Nothing is cut off '
            "here: how many rows do all of the patches need?",
        ),
        Misconception(
            "stride_ignored",
            "Your patches lie one pixel apart, whatever `stride` is. Where should the patch of row "
            "1 begin when the stride is 2?",
        ),
        Misconception(
            "stride_on_one_axis",
            "Downwards your patches keep the distance of `stride`, to the right they do not. Which "
            "of the two indices was not multiplied?",
        ),
        Misconception(
            "a_kernel_apart",
            "Your patches never overlap: each begins where the last one ended. Which argument says "
            "how far apart they begin?",
        ),
        Misconception(
            "kernel_flipped",
            "Your patches are turned round by half a turn. Take a map with a single 1: what should "
            "its patch look like? (Whoever puts zeros between the pixels and slides a kernel over "
            "them has to turn the kernel first. Adding patches needs no turning.)",
        ),
        Misconception(
            "pixels_repeated",
            "You repeat each pixel; the kernel plays no part. What is there to learn in that? Put "
            "a whole patch, number times kernel, where you put copies of the number.",
        ),
        Misconception(
            "zeros_between",
            "You move the pixels apart and leave zeros between them; the kernel plays no part. "
            "What should stand in the place of one number?",
        ),
        Misconception(
            "strided_convolution",
            "Your output is smaller than the input: you slide a window over the maps and write one "
            "number for each. Here it is the other way round: one number is read, and how many "
            "are written?",
        ),
        Misconception(
            "kernel_axes_swapped",
            "You take the third axis of the kernel for the channels that come in. In which order "
            "does the text give the four axes?",
        ),
        Misconception(
            "first_channel_only",
            "Your output does not change when the second channel of the maps does. How many "
            "channels put a patch into one map of the output?",
        ),
    ),
    forbidden=(
        "helpers.segmentation.upsample",
        "tensorflow.nn.conv2d_transpose",
        "tensorflow.nn.conv_transpose",
        "keras.ops.conv_transpose",
        "keras.layers.Conv2DTranspose",
    ),
    hints=(
        "Begin with an array of zeros that is large enough for the last patch. Then two loops over "
        "the rows and columns of `maps`: each place makes a patch and adds it in.",
        "For one place, kernel @ maps[row, column] multiplies the last axis of the kernel with the "
        "channels and adds them up: a patch of shape (KH, KW, F). It belongs into the window that "
        "begins at (row * stride, column * stride).",
    ),
    proved="upsample turns each number into a patch, and adds the patches up as TensorFlow does.",
    picture=_upsample_picture,
)

# --- up_block ---------------------------------------------------------------------------------

WEIGHTS, ALIKE, OTHER = "the number of parameters", "as many maps as come in", "any number of maps"


def _up_block_by_keras(inputs, filters):
    from helpers.segmentation import up_block

    return up_block(inputs, filters)


def _up_block_with(slips, inputs, filters):
    """`up_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    pool = layers.AveragePooling2D if "average_pooled" in slips else layers.MaxPooling2D
    below = pool(2)(inputs)
    if "pixels_repeated" in slips:
        up = layers.UpSampling2D(2)(below)
    else:
        size = 3 if "kernel_of_3" in slips else 2
        bend = "relu" if "relu_on_the_way_up" in slips else None
        up = layers.Conv2DTranspose(filters, size, 2, padding="same", activation=bend)(below)
    kept = below if "sizes_differ" in slips else inputs
    pair = [up, kept] if "inputs_last" in slips else [kept, up]
    if "skip_forgotten" in slips:
        maps = up
    else:
        maps = (layers.Add if "added_up" in slips else layers.Concatenate)()(pair)
    padding = "valid" if "maps_shrink" in slips else "same"
    bend = None if "no_relu" in slips else "relu"
    for _ in range(1 if "one_convolution" in slips else 2):
        maps = layers.Conv2D(filters, 3, padding=padding, activation=bend)(maps)
    return maps


def _up_block_seen(model, case):
    """The number of parameters, or the maps for whole numbers, with weights of ours.

    Weights of equal shape get equal numbers, whatever order the layers were made in.
    """
    if case.part == WEIGHTS:
        return model.count_params()
    for weight in model.weights:
        shape = tuple(weight.shape)
        weight.assign(np.random.default_rng(shape).integers(-2, 4, shape))
    shape = case.arguments["input_shape"]
    pixels = np.random.default_rng(0).integers(-4, 6, (1, *shape)).astype("float32")
    return model(pixels, training=False).numpy()


def _up_block_cases(rng):
    def case(part, input_shape, filters):
        return Case(part, {"input_shape": input_shape, "filters": filters})

    channels, filters = map(int, rng.permutation([2, 3, 5])[:2])  # never 4, as in the first case
    return [
        case(WEIGHTS, (4, 6, 6), 4),
        case(ALIKE, (6, 8, 3), 3),  # the two stacks could be added up here
        case(OTHER, (8, 6, channels), filters),
    ]


up_block = Exercise(
    name="up_block",
    points=3,
    parts=(
        Part(
            "the shape of the maps",
            0.15,
            "Height and width come out as they came in, and `filters` maps. Which layer halves, "
            "and which one doubles?",
            form=True,
        ),
        Part(
            WEIGHTS,
            0.2,
            "Three layers have weights: the up-convolution of 2 x 2, and two convolutions of "
            "3 x 3. How many maps does the first 3 x 3 read?",
        ),
        Part(
            ALIKE,
            0.3,
            "The number of parameters does not show everything: a pool, a ReLU and the order of "
            "the maps weigh nothing. Go through the five steps of the text once more.",
        ),
        Part(
            OTHER,
            0.35,
            "The inputs and what comes up may differ in their number of maps. Which layer joins "
            "such stacks?",
        ),
    ),
    cases=_up_block_cases,
    expected=_up_block_by_keras,
    answer_with=_up_block_with,
    misconceptions=(
        Misconception(
            "skip_forgotten",
            "What comes out of your block has seen the pooled maps only. Which of the two stacks "
            "still knows where the edges are, to the pixel?",
        ),
        Misconception(
            "added_up",
            "You add the inputs to what comes up, as a residual block does; with other numbers of "
            "maps that stops. What does a U-Net do, so that the next layer can read both?",
        ),
        Misconception(
            "inputs_last",
            "Your block has the maps in the other order: first what comes up, then the inputs. A "
            "network would learn as well with it. Which order does the text ask for?",
        ),
        Misconception(
            "sizes_differ",
            "The two stacks that you join do not have the same height and width. Print the shape "
            "of both: which one should still be as large as the input, and does the other one "
            "step two pixels at a time on the way up?",
        ),
        Misconception(
            "pixels_repeated",
            "Your way up repeats pixels, so it has nothing to learn and passes on as many maps as "
            "it gets. Which layer doubles the size with a kernel of its own?",
        ),
        Misconception(
            "kernel_of_3",
            "Your up-convolution has a 3 x 3 kernel. With stride 2 its patches overlap here and "
            "not there. Which size makes them lie side by side?",
        ),
        Misconception(
            "relu_on_the_way_up",
            "What comes up in your block is never below 0. Which layers have a ReLU in the text, "
            "and which one has none?",
        ),
        Misconception(
            "one_convolution",
            "Your block has one 3 x 3 convolution behind the joint. How many are drawn?",
        ),
        Misconception(
            "no_relu",
            "Your block gives numbers below 0. What follows each 3 x 3 convolution?",
        ),
        Misconception(
            "maps_shrink",
            "Your maps come out smaller than they came in. What does a Keras convolution do at the "
            "border unless it is told otherwise?",
        ),
        Misconception(
            "average_pooled",
            "Your way down passes on the mean of each 2 x 2. Which of the four numbers does the "
            "text ask for?",
        ),
    ),
    forbidden=("helpers.segmentation.up_block", "helpers.models.unet"),
    hints=(
        "Keep `inputs` under its name: it is needed twice. Once it is pooled and comes up again, "
        "once it is laid beside what came up.",
        "MaxPooling2D(2), then Conv2DTranspose(filters, 2, strides=2); Concatenate()([inputs, "
        '...]); then two Conv2D with padding="same" and a ReLU.',
    ),
    proved="up_block goes down and up again, and lays what it kept beside what comes up.",
    key="the paper's block",
    builds=True,
    probe=_up_block_seen,
)

# --- mean_iou ---------------------------------------------------------------------------------

TWO, SEVERAL, ABSENT = "two classes", "several images", "classes that do not occur"


def _mean_iou_by_keras(labels, answers, classes):
    import keras

    metric = keras.metrics.MeanIoU(num_classes=classes)
    metric.update_state(labels, answers)
    return float(metric.result())


def _mean_iou_with(slips, labels, answers, classes):
    """`mean_iou` as someone with these slips writes it; without any it is right."""
    if "accuracy" in slips:
        return float(np.mean(labels == answers))
    if "mean_over_images" in slips:
        rest = frozenset(slips) - {"mean_over_images"}
        pairs = zip(labels[:, None], answers[:, None], strict=True)
        return float(np.mean([_mean_iou_with(rest, *pair, classes) for pair in pairs]))
    numbers = np.arange("background_left_out" in slips, classes)
    true = np.array([np.count_nonzero(labels == n) for n in numbers])
    said = np.array([np.count_nonzero(answers == n) for n in numbers])
    both = np.array([np.count_nonzero((labels == n) & (answers == n)) for n in numbers])
    below = _mean_iou_below(slips, true, said, both)
    if "dice" in slips:
        both = 2 * both
    if "one_ratio_for_all" in slips:
        return float(both.sum() / below.sum())
    with np.errstate(invalid="ignore"):
        ratios = both / below
    absent = true + said == 0
    if "absent_counts_as_0" in slips:
        ratios[absent] = 0
    if "absent_counts_as_1" in slips:
        ratios[absent] = 1
    if "weighted_by_pixels" in slips:
        return float(np.nansum(ratios * true) / true.sum())
    mean = np.mean if "absent_gives_nan" in slips else np.nanmean
    return float(mean(ratios))


def _mean_iou_below(slips, true, said, both):
    """What the pixels of both are divided by."""
    if "share_of_the_true_pixels" in slips:
        return true
    if "share_of_the_answers" in slips:
        return said
    return true + said - (0 if {"shared_counted_twice", "dice"} & set(slips) else both)


def _mean_iou_cases(rng):
    def case(part, shape, present, classes):
        """Labels and answers that agree on half of the pixels or so; each class in both."""
        while True:
            labels = rng.choice(present, shape, p=_falling(len(present)))
            other = rng.choice(present, shape)
            answers = np.where(rng.random(shape) < 0.5, labels, other)
            if all(set(map(int, array.ravel())) == set(present) for array in (labels, answers)):
                return Case(part, {"labels": labels, "answers": answers, "classes": classes})

    taught = np.zeros((1, 2, 4), int), np.zeros((1, 2, 4), int)
    taught[0][0, :, 2:] = 1
    taught[1][0, 0, 1:] = 1
    taught = dict(zip(("labels", "answers"), taught, strict=True), classes=2)
    several = case(SEVERAL, (3, 5, 6), [0, 1, 2], 3)
    several.arguments["labels"][0] = several.arguments["answers"][0] = 0  # an empty scene
    return [
        Case(TWO, taught),
        case(TWO, (1, 4, 7), [0, 1], 2),
        several,
        case(SEVERAL, (2, 6, 5), [0, 1, 2], 3),
        case(ABSENT, (2, 5, 6), [0, 2], 4),
        case(ABSENT, (1, 6, 7), [0, 1, 3], 5),
    ]


def _falling(count):
    """Probabilities of the classes, each half of the one before: the background is common."""
    weights = 0.5 ** np.arange(count)
    return weights / weights.sum()


mean_iou = Exercise(
    name="mean_iou",
    points=3,
    parts=(
        Part("a number", 0.1, "The answer is one number, a float from 0 to 1.", form=True),
        Part(
            TWO,
            0.3,
            "One image, two classes. For each class count the pixels that have it in both maps, "
            "and those that have it in at least one. Two ratios; their mean.",
        ),
        Part(
            SEVERAL,
            0.3,
            "One image is right, several are not. All pixels of all images are counted together, "
            "before anything is divided.",
        ),
        Part(
            ABSENT,
            0.3,
            "`classes` is larger than what the maps hold. A class that is in neither map has 0 "
            "pixels over 0 pixels: what does the text do with it?",
        ),
    ),
    cases=_mean_iou_cases,
    expected=_mean_iou_by_keras,
    answer_with=_mean_iou_with,
    misconceptions=(
        Misconception(
            "accuracy",
            "You give the share of pixels that are right. An answer of nothing but background "
            "would do well there. Over which pixels does the union of one class go?",
        ),
        Misconception(
            "dice",
            "You count the shared pixels twice, above and below the line. That is another measure, "
            "the Dice score. What does a union count?",
        ),
        Misconception(
            "shared_counted_twice",
            "Your ratios are at most 1/2, even where both maps agree. How often does your union "
            "count a pixel that has the class in both maps?",
        ),
        Misconception(
            "share_of_the_true_pixels",
            "You divide by the true pixels of the class only. Who answers with this class "
            "everywhere then has a full score for it. Which pixels are missing below the line?",
        ),
        Misconception(
            "share_of_the_answers",
            "You divide by the pixels that were answered only. Who answers with this class for "
            "one sure pixel then has a full score for it. Which pixels are missing below the line?",
        ),
        Misconception(
            "mean_over_images",
            "You take a mean for each image, then the mean of these. A scene with three pixels of "
            "a class counts as much as one with a thousand. What does the text count together?",
        ),
        Misconception(
            "one_ratio_for_all",
            "You add up all classes and divide once, so the background, which has most pixels, "
            "decides. How many ratios should there be before you take a mean?",
        ),
        Misconception(
            "weighted_by_pixels",
            "Your common classes count more than rare ones. What weight has each class in a plain "
            "mean?",
        ),
        Misconception(
            "background_left_out",
            "You leave out class 0. Is it among the `classes`?",
        ),
        Misconception(
            "absent_counts_as_0",
            "A class that is in neither map lowers your mean. Did anybody get it wrong?",
        ),
        Misconception(
            "absent_counts_as_1",
            "A class that is in neither map raises your mean. Did anybody get it right?",
        ),
        Misconception(
            "absent_gives_nan",
            "Your answer is nan where a class is in neither map: 0 over 0. Over which classes "
            "should the mean go?",
        ),
    ),
    forbidden=(
        "helpers.segmentation.mean_iou",
        "helpers.segmentation.iou_of_classes",
        "keras.metrics.MeanIoU",
        "keras.metrics.IoU",
        "keras.metrics.OneHotMeanIoU",
    ),
    hints=(
        "One class at a time: `labels == number` and `answers == number` are two masks. & of both "
        "gives the intersection, | gives the union; count the True in each.",
        "Collect a ratio for each number from 0 to classes - 1, but only if its union is not "
        "empty. The answer is the mean of what you have collected.",
    ),
    proved="mean_iou holds every class against all pixels that anyone gave to it.",
    key="Keras",
)
