"""Checks of the exercises on residual blocks, and on what a difference between runs says."""

from functools import partial

import numpy as np

from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- what both builders share -----------------------------------------------------------------

COUNTED = "number of weights"


def _seen_in(model, case, with_bias):
    """What a case looks at: the number of weights, or the maps with weights that we set.

    Whoever wrote the block, its weights are found by their names, and equal shapes get equal
    numbers: so the order in which the layers were made does not matter. A 3 x 3 kernel gets one
    tap, off its centre.
    """
    if case.part == COUNTED:
        return model.count_params()
    for weight in model.weights:
        weight.assign(_chosen_weight(weight.name, tuple(weight.shape), with_bias))
    shape = case.arguments["input_shape"]
    maps = np.random.default_rng(0).integers(-5, 6, (1, *shape)).astype("float32")
    return model(maps, training=False).numpy()


def _chosen_weight(name, shape, with_bias):
    if len(shape) == 1:
        constant = {"gamma": 1, "beta": 0, "moving_mean": 1, "moving_variance": 4}
        bias = with_bias * (1 + np.arange(shape[0]) % 3)
        return bias if name == "bias" else np.full(shape, constant.get(name, 1))
    channels, filters = np.indices(shape[2:])
    kernel = np.zeros(shape)
    # signs alternate over filters, so that a ReLU has something to cut off
    size = 2 if shape[:2] == (3, 3) else 3
    kernel[0, -1] = size * (-1.0) ** filters * (channels % 3 == filters % 3)
    return kernel


# --- res_block --------------------------------------------------------------------------------

SLIDE, SUMS = "64 channels, as on the slide", "maps for any number of channels"
REFUSED = "filters that do not fit"


def _res_block_by_keras(inputs, filters):
    from helpers.residual_blocks import res_block

    return res_block(inputs, filters)


def _res_block_with(slips, inputs, filters):
    """`res_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    if "filters_fixed_at_64" in slips:
        filters = 64
    elif "one_channel_broadcasts" not in slips and inputs.shape[-1] != filters:
        raise ValueError(f"{filters} filters for {inputs.shape[-1]} channels")

    def convolution():
        padding = "valid" if "valid_padding" in slips else "same"
        return layers.Conv2D(filters, 3, padding=padding, use_bias="no_biases" not in slips)

    def normalized(x):
        return layers.BatchNormalization()(x) if "batch_norm_added" in slips else x

    first = convolution()
    middle = normalized(first(inputs))
    if not slips & {"no_relu_inside", "relu_behind_the_second"}:
        middle = layers.ReLU()(middle)
    second = first if "one_layer_used_twice" in slips else convolution()
    branch = normalized(second(middle))
    if slips & {"relu_on_the_branch_end", "relu_behind_the_second"}:
        branch = layers.ReLU()(branch)
    outputs = _joined(slips, middle if "skip_from_the_middle" in slips else inputs, branch)
    return layers.ReLU()(outputs) if "relu_after_the_sum" in slips else outputs


def _joined(slips, came_in, branch):
    """The two sides put together; by a sum, without slips."""
    from keras import layers

    if "no_skip" in slips:
        return branch
    if "concatenated" in slips:
        return layers.Concatenate()([came_in, branch])
    if "multiplied" in slips:
        return layers.Multiply()([came_in, branch])
    return layers.Add()([came_in, branch])


def _builder_case(part, input_shape, filters, **stride):
    shape = tuple(map(int, input_shape))
    return Case(part, {"input_shape": shape, "filters": int(filters), **stride})


def _res_block_cases(rng):
    channels, more = rng.permutation([3, 4, 5, 6])[:2]
    height, width = rng.permutation([5, 6, 7, 8])[:2]
    return [
        _builder_case(SLIDE, (5, 6, 64), 64),
        _builder_case(COUNTED, (5, 6, channels), channels),
        _builder_case(SUMS, (height, width, channels), channels),
        _builder_case(REFUSED, (5, 6, 1), more),
        _builder_case(REFUSED, (5, 6, more), more + 2),
        _builder_case(REFUSED, (4, 5, 64), 8),
    ]


res_block = Exercise(
    name="res_block",
    points=4,
    parts=(
        Part(
            SLIDE,
            0.2,
            "Two convolutions with a ReLU between them, and the sum of what came in and what the "
            "second one gives. What else happens to your numbers?",
        ),
        Part(
            COUNTED,
            0.2,
            "Count by hand: two kernels of 3 x 3, from C channels to as many, and the biases of "
            "both. Which layer is missing or too many?",
        ),
        Part(
            SUMS,
            0.4,
            "Set the weights of both convolutions to 0 in your mind. What should come out, and "
            "what would your block give? Then think of what comes in below 0.",
        ),
        Part(
            REFUSED,
            0.2,
            "A sum needs two sides of the same shape. What should happen when `filters` is not "
            "the number of channels of `inputs`?",
        ),
    ),
    cases=_res_block_cases,
    expected=_res_block_by_keras,
    answer_with=_res_block_with,
    misconceptions=(
        Misconception(
            "no_skip",
            "With all weights 0 your block gives 0, whatever comes in. Where does `inputs` go "
            "besides the first convolution?",
        ),
        Misconception(
            "relu_on_the_branch_end",
            "What you add to the inputs is never below 0, so your block can make numbers larger "
            "only. Which of the two convolutions has a ReLU behind it?",
        ),
        Misconception(
            "relu_after_the_sum",
            "Nothing below 0 comes out of your block. With all weights 0, what becomes of an input "
            "of -5, and what should?",
        ),
        Misconception(
            "skip_from_the_middle",
            "You add the result of the first convolution. What is the *second* convolution's "
            "result to be added to?",
        ),
        Misconception(
            "concatenated",
            "You put the two side by side and get twice as many channels. How are they put "
            "together so that their number stays?",
        ),
        Misconception(
            "one_layer_used_twice",
            "Your block has half of the weights: one layer, called twice, has one kernel. How "
            "does the second convolution get a kernel of its own?",
        ),
        Misconception(
            "no_relu_inside",
            "Between your convolutions nothing bends. What are two convolutions in a row without "
            "an activation, by notebook 7?",
        ),
        Misconception(
            "relu_behind_the_second",
            "Your ReLU stands behind the second convolution. Between which two layers does the "
            "slide have it?",
        ),
        Misconception(
            "no_biases",
            "Your convolutions have no biases. That is right in front of a batch normalization; "
            "is there one here?",
        ),
        Misconception(
            "multiplied",
            "You multiply the two sides. With all weights 0 nothing comes out then. Which "
            "operation gives back the inputs when the other side is 0?",
        ),
        Misconception(
            "filters_fixed_at_64",
            "Your block makes 64 channels whatever it is asked for. Where is `filters` used?",
        ),
        Misconception(
            "one_channel_broadcasts",
            "One channel and many were added, and Keras stretched the one without a word. What "
            "must hold for inputs.shape[-1], and what should happen when it does not?",
        ),
        Misconception(
            "batch_norm_added",
            "Your block has some weights more: a batch normalization. Many blocks have one; does "
            "this one?",
        ),
        Misconception(
            "valid_padding",
            "The two sides of your sum differ in height and width. What does a Keras convolution "
            "do at the border unless it is told otherwise?",
        ),
    ),
    forbidden=(
        "helpers.residual_blocks.res_block",
        "helpers.residual_blocks.basic_block",
        "helpers.residual_blocks.projection_block",
    ),
    hints=(
        "Three layers: two convolutions and a sum. The second line of the slide's function takes "
        "`x`, the third takes both `inputs` and `x`.",
        "Replace the 64 twice by `filters`. Before anything else compare filters with "
        "inputs.shape[-1], and raise a ValueError when they differ.",
    ),
    proved="res_block is the identity plus a deviation, for any channels, and refuses a misfit.",
    key="Keras",
    builds=True,
    probe=partial(_seen_in, with_bias=True),
)

# --- projection_block -------------------------------------------------------------------------

SAME_SIZE, SMALLER = "stride 1", "stride 2"


def _projection_block_by_keras(inputs, filters, stride):
    from helpers.residual_blocks import projection_block

    return projection_block(inputs, filters, stride)


def _projection_block_with(slips, inputs, filters, stride):
    """`projection_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    late, both = "stride_in_the_second_conv" in slips, "stride_on_both_convs" in slips
    first, second = (1 if late else stride), (stride if late or both else 1)
    branch = _convolved(slips, inputs, filters, 3, first)
    steps = [layers.BatchNormalization()]
    if "no_relu_inside" not in slips:
        steps.append(layers.ReLU())
    for step in reversed(steps) if "norm_after_relu" in slips else steps:
        branch = step(branch)
    branch = layers.BatchNormalization()(_convolved(slips, branch, filters, 3, second))
    if "relu_before_the_sum" in slips:
        branch = layers.ReLU()(branch)
    outputs = _joined(slips, _projected(slips, inputs, filters, stride), branch)
    return outputs if "no_final_relu" in slips else layers.ReLU()(outputs)


def _convolved(slips, x, filters, size, stride):
    from keras import layers

    use_bias = "conv_bias_kept" in slips
    padding = "valid" if "valid_padding" in slips else "same"
    return layers.Conv2D(filters, size, stride, padding=padding, use_bias=use_bias)(x)


def _projected(slips, x, filters, stride):
    """What came in, in its new shape."""
    from keras import layers

    fits = (stride, x.shape[-1]) == (1, filters)
    if "no_projection" in slips or ("projected_only_where_needed" in slips and fits):
        return x
    if "pooled_then_projected" in slips:
        x, stride = layers.MaxPooling2D(stride, padding="same")(x), 1
    x = _convolved(slips, x, filters, 3 if "projection_3x3" in slips else 1, stride)
    if "no_batch_norm_on_projection" not in slips:
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(x) if "relu_on_the_projection" in slips else x


def _projection_block_cases(rng):
    channels, filters = rng.permutation([4, 5, 6, 7])[:2]  # never 3: that is the kernel size
    height, width = rng.permutation([9, 10, 11, 12])[:2]
    return [
        _builder_case(COUNTED, (9, 12, 2), 3, stride=3),
        _builder_case(SAME_SIZE, (height, width, filters), filters, stride=1),
        _builder_case(SMALLER, (width, height, channels), filters, stride=2),
    ]


projection_block = Exercise(
    name="projection_block",
    points=4,
    parts=(
        Part(
            "the shape of the maps",
            0.2,
            "One map for each filter; height and width are those of the input divided by the "
            "stride, rounded up.",
            form=True,
        ),
        Part(
            SAME_SIZE,
            0.35,
            "Follow the drawing from left to right: which layer comes after which, on the upper "
            "line and on the lower one, and what comes after the sum?",
        ),
        Part(
            SMALLER,
            0.25,
            "Both sides have to become smaller, each exactly once. Which convolutions have the "
            "stride?",
        ),
        Part(
            COUNTED,
            0.2,
            "Count by hand: three kernels, and four numbers a channel (gamma, beta, mean, "
            "variance) for each of three batch normalizations. Is one missing in your block, is "
            "one used twice, or is there something more?",
        ),
    ),
    cases=_projection_block_cases,
    expected=_projection_block_by_keras,
    answer_with=_projection_block_with,
    misconceptions=(
        Misconception(
            "relu_on_the_projection",
            "Your projection lets nothing below 0 through. How many ReLUs are in the drawing, and "
            "on which lines?",
        ),
        Misconception(
            "relu_before_the_sum",
            "Your branch has a ReLU right before the sum, so it can only add. Should a deviation "
            "be able to make a number smaller?",
        ),
        Misconception(
            "no_final_relu",
            "Numbers below 0 come out of your block. What stands behind the sum in the drawing?",
        ),
        Misconception(
            "stride_in_the_second_conv",
            "In your branch the first convolution still works on the large map, and the second "
            "one makes it smaller. Which of them does it in the drawing?",
        ),
        Misconception(
            "stride_on_both_convs",
            "Your branch becomes smaller twice, the projection once, and the two no longer fit. "
            "How many layers of the branch should have the stride?",
        ),
        Misconception(
            "projection_3x3",
            "Your projection looks at 3 x 3 pixels. Which kernel size changes the number of "
            "channels and leaves the neighbours alone?",
        ),
        Misconception(
            "no_batch_norm_on_projection",
            "Your projection comes to the sum as the convolution made it. What do both sides of "
            "the drawing have right before the sum?",
        ),
        Misconception(
            "pooled_then_projected",
            "You made the input smaller by pooling first. How does a 1 x 1 convolution make it "
            "smaller by itself?",
        ),
        Misconception(
            "no_skip",
            "Your block is the branch alone. What should be added to it?",
        ),
        Misconception(
            "no_projection",
            "You add the input as it came. What happens to it on the lower line of the drawing "
            "before it gets to the sum?",
        ),
        Misconception(
            "valid_padding",
            "Your 3 x 3 convolutions cut off the border, so the two sides of the sum differ in "
            "size. Which padding keeps it?",
        ),
        Misconception(
            "conv_bias_kept",
            "Your convolutions have biases. What does the batch normalization right behind a "
            "convolution do with a number that is added to a whole map?",
        ),
        Misconception(
            "projected_only_where_needed",
            "Where stride and channels stay you add the input itself. Many networks do so, and "
            "well. What is this block asked to do there?",
        ),
        Misconception(
            "norm_after_relu",
            "Inside your branch the ReLU comes first and the normalization after it. In which "
            "order are they drawn?",
        ),
        Misconception(
            "no_relu_inside",
            "Between the two convolutions of your branch nothing bends. What follows the first "
            "batch normalization in the drawing?",
        ),
    ),
    forbidden=(
        "helpers.residual_blocks.projection_block",
        "helpers.residual_blocks.basic_block",
        "helpers.residual_blocks.res_block",
        "helpers.models.resnet.bottleneck",
    ),
    hints=(
        "Write the two sides one after the other. The branch: convolution, normalization, ReLU, "
        "convolution, normalization. The projection: convolution, normalization. All that is left "
        "are a sum and a ReLU.",
        'Settings that are not the default: padding="same" for 3 x 3, use_bias=False for all '
        "three, strides=stride for the first of the branch and for the projection.",
    ),
    proved="projection_block is He's block: it changes size and channels on both sides of the sum.",
    key="Keras",
    builds=True,
    probe=partial(_seen_in, with_bias=False),
)

# --- better_by --------------------------------------------------------------------------------

DIFFERENCE, EQUAL_COUNTS, OTHER_COUNTS = (
    "the difference",
    "the standard error",
    "not as many seeds",
)


def _better_by_by_scipy(a, b):
    from scipy import stats

    return float(np.mean(a) - np.mean(b)), float(np.hypot(stats.sem(a), stats.sem(b)))


def _better_by_with(slips, a, b):
    """`better_by` as someone with these slips writes it; without any it is right."""
    middle = np.median if "median_for_mean" in slips else np.mean
    if "best_seed" in slips:
        middle = np.max
    difference = middle(a) - middle(b)
    if "b_minus_a" in slips:
        difference = -difference
    if "distance" in slips:
        difference = abs(difference)
    return float(difference), float(_error_with(slips, a, b))


def _error_with(slips, a, b):
    ddof = 0 if "population_deviation" in slips else 1
    if "paired" in slips:
        return np.std(a - b, ddof=ddof) / np.sqrt(len(a))
    if "all_in_one" in slips:
        both = np.concatenate([a, b])
        return np.std(both, ddof=ddof) / np.sqrt(len(both))
    counts = (1, 1) if "deviation_for_error" in slips else (len(a), len(b))
    if "count_of_a_for_both" in slips:
        counts = (len(a), len(a))
    squares = [np.var(x, ddof=ddof) / n for x, n in zip((a, b), counts, strict=True)]
    if "divided_by_n" in slips:
        squares = [square / n for square, n in zip(squares, counts, strict=True)]
    if "spread_of_one" in slips:
        squares = squares[:1]
    if "errors_added" in slips:
        return sum(np.sqrt(squares))
    return sum(squares) if "variance_for_error" in slips else np.sqrt(sum(squares))


def _better_by_cases(rng):
    def results(count, low, high):
        """Whole per cent, as floats; never all equal, and lopsided, so mean and median differ."""
        drawn = rng.choice(np.arange(low, high), count, replace=False)
        drawn[drawn.argmax()] = high + 7
        return drawn.astype("float64")

    def cases(part, a, b):
        of_means = part if part == OTHER_COUNTS else DIFFERENCE
        return [Case(of_means, {"a": a, "b": b}, 0), Case(part, {"a": a, "b": b}, 1)]

    taught = np.array([60.0, 64.0, 71.0]), np.array([50.0, 52.0, 57.0])
    return [
        *cases(EQUAL_COUNTS, *taught),
        *cases(EQUAL_COUNTS, results(5, 40, 60), results(5, 55, 75)),
        *cases(EQUAL_COUNTS, results(4, 70, 90), results(4, 30, 60)),
        *cases(OTHER_COUNTS, results(3, 70, 80), results(8, 30, 70)),
        *cases(OTHER_COUNTS, results(7, 20, 60), results(2, 80, 95)),
    ]


better_by = Exercise(
    name="better_by",
    points=2,
    parts=(
        Part(
            "a pair of numbers", 0.1, "Return two numbers: difference, standard error.", form=True
        ),
        Part(
            DIFFERENCE,
            0.3,
            "The mean of `a` and the mean of `b`. Which is taken from which, if a positive number "
            "is to say that `a` is better?",
        ),
        Part(
            EQUAL_COUNTS,
            0.4,
            "Three steps for each side: the variance of the sample, divided by how many there "
            "are; then the sum of both sides; then one root.",
        ),
        Part(
            OTHER_COUNTS,
            0.2,
            "The two sides have different numbers of seeds here. Which count belongs to which?",
        ),
    ),
    cases=_better_by_cases,
    expected=_better_by_by_scipy,
    answer_with=_better_by_with,
    misconceptions=(
        Misconception(
            "population_deviation",
            "Your spread is a little too small. np.var divides by N unless it is told otherwise; "
            "what should a *sample* of N be divided by?",
        ),
        Misconception(
            "deviation_for_error",
            "That is how far single runs lie apart. Does the mean of 100 runs move about as much "
            "as one run?",
        ),
        Misconception(
            "variance_for_error",
            "Your error is in squared per cent. What brings it back to the unit of the results?",
        ),
        Misconception(
            "errors_added",
            "You added the two standard errors. Luck does not always strike both sides in the "
            "same direction: which sum is smaller and has squares in it?",
        ),
        Misconception(
            "divided_by_n",
            "You divide the standard deviation by N. What does the standard error of a mean "
            "divide it by?",
        ),
        Misconception(
            "spread_of_one",
            "Your error does not change when the results of `b` are spread wider. Whose luck is "
            "in the difference?",
        ),
        Misconception(
            "all_in_one",
            "You threw both sides into one heap, so the difference itself counts as spread. How "
            "far apart are the seeds of *one* network?",
        ),
        Misconception(
            "paired",
            "You subtracted run by run. Has the first run of `a` anything to do with the first "
            "run of `b`? And what if they are not as many?",
        ),
        Misconception(
            "count_of_a_for_both",
            "Both of your sides are divided by the number of results in `a`. How many has `b`?",
        ),
        Misconception(
            "b_minus_a",
            "Your difference has the wrong sign. If `a` is better, should it be above or below 0?",
        ),
        Misconception(
            "distance",
            "Your difference is never below 0. How would one see that `a` is the worse one?",
        ),
        Misconception(
            "best_seed",
            "You compared the best run of each. Who has tried more seeds has a better best one: "
            "what can be compared fairly?",
        ),
        Misconception(
            "median_for_mean",
            "You compared medians; the standard error belongs to means. What is np.mean here?",
        ),
    ),
    forbidden=(
        "helpers.residual_blocks.better_by",
        "scipy.stats.sem",
        "scipy.stats.ttest_ind",
        "scipy.stats.ttest_ind_from_stats",
    ),
    hints=(
        "The standard error of one mean is its standard deviation (of a sample: ddof=1) over the "
        "root of N. Two independent errors add up like the sides of a right angle.",
        "np.var(a, ddof=1) / len(a) is the square of one side's error. Add the two squares and "
        "take the root of the sum.",
    ),
    proved="better_by says how large a difference is, and how far luck alone would move it.",
    key="SciPy",
)

# --- tfm_weights_to_keras (practice) ----------------------------------------------------------

WITH_PROJECTION, WITHOUT = "15 weights, with a projection", "10 weights, without"
TRAINED, MOVING = ("kernel", "gamma", "beta"), ("mean", "variance")


def _tfm_weights_by_helper(weights):
    from helpers.residual_blocks import tfm_weights_to_keras

    return tuple(tfm_weights_to_keras(weights))


def _tfm_weights_with(slips, weights):
    """`tfm_weights_to_keras` as someone with these slips writes it; without any it is right."""
    if "order_kept" in slips:
        return tuple(weights)
    count = 3 if "always_three_convolutions" in slips else len(weights) // 5
    trained, moving = weights[: 3 * count], weights[3 * count :]
    kernels = [trained[3 * i] for i in range(count)]
    scales = [trained[3 * i + 1 : 3 * i + 3] for i in range(count)]
    pairs = [moving[2 * i : 2 * i + 2] for i in range(count)]
    if "beta_first" in slips:
        scales = [scale[::-1] for scale in scales]
    if "variance_first" in slips:
        pairs = [pair[::-1] for pair in pairs]
    if "all_means_first" in slips:
        pairs = [moving[i::count] for i in range(count)]
    if "projection_stays_first" not in slips and count == 3:
        kernels, scales = kernels[1:] + kernels[:1], scales[1:] + scales[:1]
        if "statistics_not_moved" not in slips:
            pairs = pairs[1:] + pairs[:1]
    return _listed(slips, kernels, scales, pairs)


def _listed(slips, kernels, scales, pairs):
    """All weights in one row, from those of each convolution in its turn."""
    if "statistics_at_the_end" in slips:
        norms, end = scales, sum(pairs, ())
    else:
        norms, end = [a + b for a, b in zip(scales, pairs, strict=True)], ()
    if "convolution_by_convolution" in slips:
        groups = [(kernel, *norm) for kernel, norm in zip(kernels, norms, strict=True)]
        return sum(groups, ()) + end
    if "all_kernels_first" in slips:
        return (*kernels, *sum(norms, ()), *end)
    return (kernels[0], *norms[0], *kernels[1:], *sum(norms[1:], ()), *end)


def _tfm_weights_cases(rng):
    def case(part, names):
        trained = tuple(f"{name}.{kind}" for name in names for kind in TRAINED)
        moving = tuple(f"{name}.{kind}" for name in names for kind in MOVING)
        return Case(part, {"weights": trained + moving})

    letter = "abcdefgh"[rng.integers(8)]
    return [
        case(WITH_PROJECTION, ("projection", "first", "second")),
        case(WITH_PROJECTION, (f"{letter}0", f"{letter}1", f"{letter}2")),
        case(WITHOUT, ("first", "second")),
        case(WITHOUT, (f"{letter}1", f"{letter}2")),
    ]


tfm_weights_to_keras = Exercise(
    name="tfm_weights_to_keras",
    points=0,
    parts=(
        Part("a list as long as the one given", 0.2, "All weights, in another order.", form=True),
        Part(
            WITH_PROJECTION,
            0.4,
            "Take it in two steps: gather what belongs to each convolution (a kernel, and four "
            "numbers a channel of its normalization), then go through the drawing by columns.",
        ),
        Part(
            WITHOUT,
            0.4,
            "There are two convolutions here, and none of them is a projection. How many of the "
            "ten are trained?",
        ),
    ),
    cases=_tfm_weights_cases,
    expected=_tfm_weights_by_helper,
    answer_with=_tfm_weights_with,
    misconceptions=(
        Misconception(
            "order_kept",
            "Your list is the one that came in. In tfm's list, which five entries belong to the "
            "first convolution?",
        ),
        Misconception(
            "projection_stays_first",
            "The first kernel in your list is the projection's. Which layer of the drawing comes "
            "first, in the leftmost column?",
        ),
        Misconception(
            "convolution_by_convolution",
            "In your list each convolution is followed by its own normalization. In the drawing "
            "the second convolution and the projection stand in the same column: what comes "
            "between them and their normalizations?",
        ),
        Misconception(
            "all_kernels_first",
            "All kernels stand at the head of your list. Which layer stands between the first "
            "convolution and the second?",
        ),
        Misconception(
            "statistics_at_the_end",
            "Kernels, gammas and betas are in order, but means and variances stand at the end. "
            "What follows the beta of a layer in Keras 3?",
        ),
        Misconception(
            "statistics_not_moved",
            "Kernels, gammas and betas were put in order, means and variances were not. Whose mean "
            "stands behind the beta of the first convolution?",
        ),
        Misconception(
            "variance_first",
            "Mean and variance are swapped. In which order does tfm's list have them?",
        ),
        Misconception(
            "beta_first",
            "Gamma and beta are swapped. Which of them does tfm's list have first?",
        ),
        Misconception(
            "all_means_first",
            "You read the end of tfm's list as all means, then all variances. Look again: what "
            "follows the first mean?",
        ),
        Misconception(
            "always_three_convolutions",
            "It works with a projection only. With ten weights, how many convolutions are there?",
        ),
    ),
    forbidden=("helpers.residual_blocks.tfm_weights_to_keras",),
    hints=(
        "With n convolutions the first 3 n entries are trained, three for each; the last 2 n are "
        "means and variances, two for each. n = len(weights) // 5.",
        "Kernel of convolution i: weights[3 * i]. Its normalization: the two entries after that, "
        "and two more from 3 * n + 2 * i on. In Keras 3 come the first kernel, its normalization, "
        "the other kernels, then the other normalizations; the projection is always last.",
    ),
    proved="tfm_weights_to_keras puts each weight where Keras 3 looks for it.",
    key="the table",
    tolerance=0,
)
