"""Checks of the exercises on parts of well-known networks, and on what they cost."""

from math import prod

import numpy as np

from helpers import shapes
from helpers.checks import models
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- alexnet_parameters -----------------------------------------------------------------------

ALEXNET_PLAIN, ALEXNET_GROUPS, ALEXNET_SIZES = (
    "every filter sees all maps",
    "two groups",
    "other images",
)
# Kernel size, channels, filters, whether it is grouped; the three pools come after 1, 2 and 5.
ALEXNET_CONVOLUTIONS = (
    (11, 3, 96, False), (5, 96, 256, True), (3, 256, 384, False), (3, 384, 384, True),
    (3, 384, 256, True),
)  # fmt: skip


def _alexnet_by_keras(input_size, classes, groups):
    """Sizes as Keras infers them, times channels: built whole, the network fills 250 MB."""
    import keras

    layers = keras.layers
    steps = [layers.Conv2D(96, 11, 4), layers.MaxPooling2D(3, 2), layers.MaxPooling2D(3, 2),
             layers.MaxPooling2D(3, 2)]  # fmt: skip
    maps = (None, input_size, input_size, 3)
    for step in steps:
        maps = step.compute_output_shape(maps)
    counts = [
        shapes.conv_parameters(size, channels, filters, groups=groups if grouped else 1)
        for size, channels, filters, grouped in ALEXNET_CONVOLUTIONS
    ]
    dense = ((*maps[1:3], 256), 4096), (4096, 4096), (4096, classes)
    return sum(counts) + sum(shapes.dense_parameters(*layer) for layer in dense)


def _alexnet_with(slips, input_size, classes, groups):
    """`alexnet_parameters` as someone with these slips writes it; without any it is right."""
    groups = 1 if "groups_ignored" in slips else groups
    bias = 0 if "biases_forgotten" in slips else 1
    total = 0
    for size, channels, filters, grouped in ALEXNET_CONVOLUTIONS:
        parts = groups if grouped or "conv3_grouped" in slips and channels == 256 else 1
        biases = bias * filters
        if "biases_grouped" in slips:
            biases //= parts
        weights = size * size * channels * filters // parts
        if "one_gpu_only" in slips:
            weights, biases = weights // parts, biases // parts
        total += weights + biases
    units = [_alexnet_left(slips, input_size), 4096, 4096, classes]
    if "two_dense_layers" in slips:
        del units[1]
    if "always_1000_classes" in slips:
        units[-1] = 1000
    return total + sum((a + bias) * b for a, b in zip(units, units[1:], strict=False))


def _alexnet_left(slips, size):
    """Numbers that the last pool leaves for the first dense layer."""
    if "always_6_x_6" in slips:
        return 6 * 6 * 256
    if "mean_of_each_map" in slips:
        return 256
    pool = 2 if "pools_of_2_x_2" in slips else 3
    size = -(-size // 4) if "first_layer_same" in slips else (size - 11) // 4 + 1
    for _ in range(2 if "last_pool_forgotten" in slips else 3):
        size = (size - pool) // 2 + 1
    return size * size * 256


def _alexnet_cases(rng):
    def case(part, input_size, classes, groups):
        arguments = {"input_size": int(input_size), "classes": int(classes), "groups": groups}
        return Case(part, arguments)

    sizes = range(100, 360)
    wide = rng.choice([n for n in sizes if _shows(n, "pools_of_2_x_2", "always_6_x_6")])
    padded = rng.choice([n for n in sizes if _shows(n, "first_layer_same", "always_6_x_6")])
    classes, fewer = rng.integers(200, 900), rng.integers(5, 90)
    return [
        case(ALEXNET_PLAIN, 227, 1000, 1),
        case(ALEXNET_PLAIN, 227, fewer, 1),
        case(ALEXNET_GROUPS, 227, 1000, 2),
        case(ALEXNET_GROUPS, 227, classes, 2),
        case(ALEXNET_SIZES, 175, 10, 1),
        case(ALEXNET_SIZES, padded, classes, 2),
        case(ALEXNET_SIZES, wide, fewer, 2),
    ]


def _shows(size, *slips):
    """Whether each of these slips changes what the first dense layer reads at this size."""
    right = _alexnet_left((), size)
    return all(_alexnet_left((slip,), size) != right for slip in slips)


alexnet_parameters = Exercise(
    name="alexnet_parameters",
    points=2,
    parts=(
        Part("a whole number", 0.2, "The answer is one whole number.", form=True),
        Part(
            ALEXNET_PLAIN,
            0.25,
            "No groups here, and the images of the table. Count a line of the table at a time: "
            "which of your eight numbers is not there?",
        ),
        Part(
            ALEXNET_GROUPS,
            0.25,
            "With groups=2 the table is met number for number. Which of your eight is not?",
        ),
        Part(
            ALEXNET_SIZES,
            0.3,
            "Only one layer knows how large the image was. Follow height and width through conv1 "
            "and the three pools: how many numbers does the last pool leave?",
        ),
    ),
    cases=_alexnet_cases,
    expected=_alexnet_by_keras,
    answer_with=_alexnet_with,
    misconceptions=(
        Misconception(
            "groups_ignored",
            "Your answer does not change with `groups`. When there are two groups, how many of 96 "
            "maps does one filter of conv2 see?",
        ),
        Misconception(
            "conv3_grouped",
            "You cut conv3 into groups too. Look at its line in the table: 885,120 is how many "
            "weights for each of its 384 filters, and how many maps do these reach through?",
        ),
        Misconception(
            "one_gpu_only",
            "In a layer with groups you counted the filters of one GPU. Half as deep, yes: but who "
            "counts the other half of the filters?",
        ),
        Misconception(
            "biases_grouped",
            "You divide the biases by `groups`, too. Does a filter that sees fewer maps have a "
            "smaller bias?",
        ),
        Misconception(
            "biases_forgotten",
            "Your number is too small by all the biases. What does the table's 34,944 for conv1 "
            "hold beside 11 x 11 x 3 x 96 weights?",
        ),
        Misconception(
            "pools_of_2_x_2",
            "Your pools take 2 x 2. On 227 pixels no one notices: try 55 places and 3 x 3, then "
            "54 places. Where do the two kinds of pool part?",
        ),
        Misconception(
            "first_layer_same",
            'You pad the first convolution. The table begins with 55: what does "same" give for '
            "227 pixels and stride 4?",
        ),
        Misconception(
            "last_pool_forgotten",
            "Your first dense layer reads the maps of conv5. What stands between the two in the "
            "table?",
        ),
        Misconception(
            "always_6_x_6",
            "Your first dense layer always reads 6 x 6 x 256 numbers. How many does the last pool "
            "leave when the image is larger?",
        ),
        Misconception(
            "mean_of_each_map",
            "Your first dense layer reads one number of each map. The table has 37,752,832 "
            "parameters there: how many numbers meet the 4096 units?",
        ),
        Misconception(
            "two_dense_layers",
            "You count two dense layers. How many has the table?",
        ),
        Misconception(
            "always_1000_classes",
            "Your answer does not change with `classes`. Which layer has one unit for each class?",
        ),
    ),
    forbidden=("helpers.models.alexnet_parameters", "helpers.models.alexnet"),
    hints=(
        "Eight layers have parameters. Seven of them do not care how large the image is: write "
        "these down first, with shapes.conv_parameters and shapes.dense_parameters.",
        "For fc6, follow one side: conv1, then pool1, pool2 and pool5, each by "
        "shapes.conv_output_size. conv2 to conv5 keep the size. 227 must end as 6.",
    ),
    proved="alexnet_parameters counts AlexNet, in one group or two, for any image and any classes.",
    key="Keras",
    tolerance=1e-9,  # all the biases together are 0.02 % of the parameters
)

# --- building blocks --------------------------------------------------------------------------


def _with_weights_by_shape(model):
    """Give equal weights to layers of equal shape, whatever order they were made in.

    Some are below 0, so that a ReLU cuts something off; a kernel larger than 1 x 1 has most of its
    weight in one corner, so that a turned or smaller one shows. The variance is large, so that the
    epsilon of a batch normalization does not.
    """
    for layer in _layers_of(model):
        if type(layer).__name__ == "BatchNormalization":
            channel = np.arange(layer.moving_mean.shape[0])
            chosen = {
                "gamma": 10.0 * (1 + channel % 3),
                "beta": channel % 4 - 1.0,
                "moving_mean": 10.0 * (channel % 3 - 1),
                "moving_variance": 100.0 + 0 * channel,
            }
            for weight in layer.weights:
                weight.assign(chosen[weight.name])
        else:
            for weight in layer.weights:
                weight.assign(_numbers_for(tuple(weight.shape)))


def _numbers_for(shape):
    if len(shape) < 2:  # a bias
        return np.arange(prod(shape)).reshape(shape) % 3 - 1.0
    numbers = np.random.default_rng(shape).integers(-2, 4, shape).astype("float32")
    if prod(shape[:-2]) > 1:
        numbers[0, -1] *= 5
    return numbers


def _layers_of(model):
    """All layers, those of a model inside the model included."""
    for layer in model.layers:
        yield from _layers_of(layer) if models.is_model(layer) else [layer]


def _maps_of(model, case):
    """What comes out of the model for whole numbers, with weights of ours."""
    _with_weights_by_shape(model)
    shape = case.arguments["input_shape"]
    pixels = np.random.default_rng(prod(shape)).integers(-3, 6, (1, *shape)).astype("float32")
    return model(pixels, training=False).numpy()


# --- inception_block --------------------------------------------------------------------------

INCEPTION_WEIGHTS = "the number of parameters"
LOOKS = {"1 x 1": 0, "3 x 3": 2, "5 x 5": 4, "the pool": 5}  # places in `filters`


def _inception_by_keras(inputs, filters):
    from helpers.models import inception_block

    return inception_block(inputs, filters)


def _inception_with(slips, inputs, filters):
    """`inception_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    ones, reduce3, threes, reduce5, fives, pooled = filters
    if "reduce_and_kernel_swapped" in slips:
        reduce3, threes, reduce5, fives = threes, reduce3, fives, reduce5
    bend = None if "no_activation" in slips else "relu"

    def look(x, count, size, activation=bend):
        padding = "valid" if "sizes_differ" in slips else "same"
        return layers.Conv2D(count, size, padding=padding, activation=activation)(x)

    def thinner(x, count):
        if "no_reduction" in slips:
            return x
        return look(x, count, 1, None if "linear_reduction" in slips else bend)

    pool = layers.AveragePooling2D if "average_pooling" in slips else layers.MaxPooling2D
    largest = pool(3, 1, padding="same")
    if "projection_before_the_pool" in slips:
        last = largest(look(inputs, pooled, 1))
    else:
        last = largest(inputs)
        last = last if "no_projection" in slips else look(last, pooled, 1)
    looks = [
        look(inputs, ones, 1),
        look(thinner(inputs, reduce3), threes, 3),
        look(thinner(inputs, reduce5), fives, 3 if "3_x_3_twice" in slips else 5),
        last,
    ]
    return (layers.Add if "added_up" in slips else layers.Concatenate)()(looks)


def _inception_seen(model, case):
    """The number of parameters, or the maps of one of the four looks."""
    if case.part == INCEPTION_WEIGHTS:
        return model.count_params()
    filters = case.arguments["filters"]
    counts = [filters[place] for place in LOOKS.values()]
    number = list(LOOKS).index(case.part)
    first = sum(counts[:number])
    maps = _maps_of(model, case)
    return maps[..., first : first + counts[number]]


def _inception_cases(rng):
    height, width, channels = map(int, 5 + rng.permutation(3))
    # Six different numbers, none of them that of the channels: so each kernel has its own shape.
    others = tuple(map(int, rng.permutation([2, 3, 4, 8, 9, 10])))
    arguments = {"input_shape": (height, width, channels), "filters": others}
    alike = {"input_shape": (6, 8, 5), "filters": (4, 6, 4, 3, 4, 4)}  # these could be added up
    return [Case(INCEPTION_WEIGHTS, alike), *(Case(look, arguments) for look in LOOKS)]


inception_block = Exercise(
    name="inception_block",
    points=3,
    parts=(
        Part(
            "the shape of the maps",
            0.1,
            "Height and width stay, and the maps of all four looks lie one behind the other. How "
            "many are there?",
            form=True,
        ),
        Part(
            INCEPTION_WEIGHTS,
            0.1,
            "Six convolutions with their biases. Count each by hand: kernel, channels that come "
            "in, filters. Which one is off?",
        ),
        Part(
            "1 x 1",
            0.15,
            "The first maps that come out are those of the 1 x 1 look, each with a ReLU.",
        ),
        Part(
            "3 x 3",
            0.2,
            "The maps of the 3 x 3 look come second. Before its kernel stands a 1 x 1 "
            "convolution; both have a ReLU.",
        ),
        Part(
            "5 x 5",
            0.2,
            "The maps of the 5 x 5 look come third. Before its kernel stands a 1 x 1 convolution; "
            "both have a ReLU.",
        ),
        Part(
            "the pool",
            0.25,
            "The last maps: the largest of each 3 x 3 of the input, at every pixel, then 1 x 1 "
            "with ReLU.",
        ),
    ),
    cases=_inception_cases,
    expected=_inception_by_keras,
    answer_with=_inception_with,
    misconceptions=(
        Misconception(
            "added_up",
            "You add the four looks up. With `filters` that differ this stops; with equal ones it "
            "runs, and the maps are mixed. What should become of four stacks of maps?",
        ),
        Misconception(
            "sizes_differ",
            "Your four looks do not have the same height and width, so they cannot be laid one "
            "behind the other. Which layers shrink their maps unless they are told otherwise? A "
            "pool has two such arguments.",
        ),
        Misconception(
            "no_reduction",
            "Your large kernels read the input itself. What are the second and the fourth number "
            "of `filters` for?",
        ),
        Misconception(
            "no_projection",
            "Behind your pool nothing follows, so it passes on as many maps as come in. What is "
            "the last number of `filters` for?",
        ),
        Misconception(
            "projection_before_the_pool",
            "You make the maps fewer, then pool. In the drawing, which of the two comes first?",
        ),
        Misconception(
            "average_pooling",
            "Your pool passes on the mean of each 3 x 3. Which of the nine numbers does the "
            "drawing ask for?",
        ),
        Misconception(
            "3_x_3_twice",
            "Two of your looks have kernels of the same size. What sizes has the drawing?",
        ),
        Misconception(
            "reduce_and_kernel_swapped",
            "Your 1 x 1 convolutions before the large kernels make more maps, and the large "
            "kernels fewer. In `filters`, which comes first: the reduction, or the kernel behind "
            "it?",
        ),
        Misconception(
            "no_activation",
            "Some of your outputs are below 0. What stands behind each convolution of the block?",
        ),
        Misconception(
            "linear_reduction",
            "Your 1 x 1 convolutions before the large kernels have no ReLU. Two linear layers in a "
            "row amount to how many?",
        ),
    ),
    forbidden=("helpers.models.inception_block", "helpers.models.googlenet"),
    hints=(
        "Four looks at the same `inputs`, each a short chain of layers; then one Concatenate. Give "
        'every layer padding="same". A pool that is to keep the size needs strides=1 as well.',
        "Take the six numbers apart first: ones, reduce3, threes, reduce5, fives, pooled = "
        "filters. Then write the 5 x 5 look as you wrote the 3 x 3 one.",
    ),
    proved="inception_block looks at its input in four ways, and lays what it sees in a row.",
    key="the paper's block",
    builds=True,
    probe=_inception_seen,
)

# --- dense_block ------------------------------------------------------------------------------

DENSE_WEIGHTS, DENSE_ONE, DENSE_MORE = "the number of parameters", "one layer", "several layers"


def _dense_block_by_keras(inputs, depth, growth):
    from helpers.models import dense_block

    return dense_block(inputs, depth, growth)


def _dense_block_with(slips, inputs, depth, growth):
    """`dense_block` as someone with these slips writes it; without any it is right."""
    from keras import layers

    steps = ["norm", "relu", "conv"]
    if "convolution_first" in slips:
        steps = ["conv", "norm", "relu"]
    if "relu_after_the_convolution" in slips:
        steps = ["norm", "conv", "relu"]
    if "no_batch_norm" in slips:
        steps.remove("norm")
    if "no_relu" in slips:
        steps.remove("relu")

    padding = "valid" if "maps_shrink" in slips else "same"

    def layer(x, count):
        made = {
            "norm": layers.BatchNormalization,
            "relu": layers.ReLU,
            "conv": lambda: layers.Conv2D(count, 3, padding=padding, use_bias="bias_kept" in slips),
        }  # fmt: skip
        for step in steps:
            x = made[step]()(x)
        return x

    join = layers.Add if "added_up" in slips else layers.Concatenate
    maps, new, made = inputs, inputs, []
    for number in range(depth):
        read = maps
        if "reads_the_last_only" in slips or "only_the_last_comes_out" in slips:
            read = new
        if "all_read_the_input" in slips:
            read = inputs
        new = layer(read, growth * (number + 1 if "growth_grows" in slips else 1))
        made.append(new)
        maps = join()([new, maps] if "new_maps_in_front" in slips else [maps, new])
    if "only_the_last_comes_out" in slips:
        return new
    if "input_left_out" in slips:
        return layers.Concatenate()(made) if len(made) > 1 else new
    return maps


def _dense_block_seen(model, case):
    """The number of parameters, or the maps that come out."""
    return model.count_params() if case.part == DENSE_WEIGHTS else _maps_of(model, case)


def _dense_block_cases(rng):
    def case(part, input_shape, depth, growth):
        return Case(part, {"input_shape": input_shape, "depth": depth, "growth": growth})

    channels, growth = map(int, 3 + rng.permutation(3)[:2])
    return [
        case(DENSE_WEIGHTS, (4, 5, 6), 2, 4),
        case(DENSE_ONE, (4, 5, 3), 1, 2),
        case(DENSE_MORE, (5, 4, 2), 2, 2),  # as many new maps as old ones: these could be added up
        case(DENSE_MORE, (4, 6, channels), 3, growth),
    ]


dense_block = Exercise(
    name="dense_block",
    points=3,
    parts=(
        Part(
            "the shape of the maps",
            0.15,
            "Height and width stay. All that came in is still there, and each layer has laid "
            "`growth` maps behind it. How many come out?",
            form=True,
        ),
        Part(
            DENSE_WEIGHTS,
            0.2,
            "This counts what your block has learned or kept. For each layer: how many maps does "
            "it read? Each of them has 4 numbers in the batch normalization, and 3 x 3 weights "
            "for each new map.",
        ),
        Part(
            DENSE_ONE,
            0.25,
            "A single layer: batch normalization, ReLU, 3 x 3. Behind what does its result lie?",
        ),
        Part(
            DENSE_MORE,
            0.4,
            "One layer is right, several are not: what does the second layer read, and what is "
            "laid behind what?",
        ),
    ),
    cases=_dense_block_cases,
    expected=_dense_block_by_keras,
    answer_with=_dense_block_with,
    misconceptions=(
        Misconception(
            "added_up",
            "You add the new maps to the old ones, as a residual block does; that needs equally "
            "many of both. What does a dense block do instead, so that nothing is overwritten?",
        ),
        Misconception(
            "only_the_last_comes_out",
            "Your layers stand in a plain chain: what comes out are the maps of the last one. "
            "Where are the maps that came in?",
        ),
        Misconception(
            "reads_the_last_only",
            "All maps come out, but each of your layers has read only the newest of them. What "
            "does the third layer see in the table above?",
        ),
        Misconception(
            "all_read_the_input",
            "Each of your layers has read only the block's input: they stand side by side. Which "
            "variable should the second layer read?",
        ),
        Misconception(
            "input_left_out",
            "The new maps come out, the input does not. Who needs it behind this block?",
        ),
        Misconception(
            "growth_grows",
            "Your second layer makes twice as many maps as the first. What grows from layer to "
            "layer: what is made, or what is read?",
        ),
        Misconception(
            "new_maps_in_front",
            "Your new maps stand in front of the old ones. In which order does Concatenate lay "
            "what it is given?",
        ),
        Misconception(
            "convolution_first",
            "You convolve first and normalise what comes out. In which order does a layer of this "
            "block do its three steps?",
        ),
        Misconception(
            "relu_after_the_convolution",
            "Your ReLU stands behind the convolution, so that no new map is ever below 0. What "
            "stands before the convolution of this block, and what behind it?",
        ),
        Misconception(
            "maps_shrink",
            "Your new maps are smaller than the old ones, so they cannot be laid behind them. What "
            "does a Keras convolution do at the border unless it is told otherwise?",
        ),
        Misconception(
            "no_batch_norm",
            "You have no batch normalization. What does a layer of this block do first?",
        ),
        Misconception(
            "no_relu",
            "Nothing in your block bends. What stands between the normalization and the "
            "convolution?",
        ),
        Misconception(
            "bias_kept",
            "Your convolutions have a bias. What does a Keras layer add unless it is told not to?",
        ),
    ),
    forbidden=("helpers.models.dense_block", "helpers.models.densenet121"),
    hints=(
        "One variable holds all maps so far. A layer reads it, makes `growth` new maps, and "
        "Concatenate makes the variable longer. Do that `depth` times.",
        "In the loop: BatchNormalization, ReLU, Conv2D(growth, 3, ...) on the maps so far; then "
        "Concatenate()([maps, new]). Two arguments of Conv2D are not the default ones.",
    ),
    proved="dense_block reads all maps before it in every layer, and keeps them.",
    key="the paper's block",
    builds=True,
    probe=_dense_block_seen,
)

# --- model_cost -------------------------------------------------------------------------------

COST_ONE, COST_STORED, COST_WORK = "one convolution", "parameters", "multiply-adds"


def _model_cost_by_keras(input_shape, layers):
    import keras

    from helpers.models import cost_of_layers

    made = [keras.Input(input_shape)]
    for kind, *settings in layers:
        if kind == "conv":
            filters, size, stride, padding = settings
            made.append(keras.layers.Conv2D(filters, size, stride, padding))
        elif kind == "pool":
            made.append(keras.layers.MaxPooling2D(*settings))
        else:
            made += [keras.layers.Flatten(), keras.layers.Dense(*settings)]
    model = keras.Sequential(made)
    return model.count_params(), sum(cost.multiply_adds for cost in cost_of_layers(model))


def _model_cost_with(slips, input_shape, layers):
    """`model_cost` as someone with these slips writes it; without any it is right."""
    maps, stored, work = tuple(input_shape), 0, 0
    for kind, *settings in layers:
        if kind == "pool":
            size, stride = settings
            size_left = size if "pool_only_strides" not in slips else stride
            after = (*(_outputs(n, size_left, stride, "valid") for n in maps[:2]), maps[2])
            if "pool_counted" in slips:
                work += prod(after) * size * size
            maps = maps if "pool_keeps_the_size" in slips else after
            continue
        weights, after = _weights_and_maps(slips, kind, settings, maps, input_shape)
        places = prod(after[:-1])
        if "places_of_the_input" in slips and kind == "conv":
            places = prod(maps[:2])
        biases = 0 if "biases_forgotten" in slips else after[-1]
        stored += (weights + biases) * (places if "stored_at_each_place" in slips else 1)
        work += weights * (1 if "work_is_weights" in slips else places)
        work += places * after[-1] if "biases_are_work" in slips else 0
        if kind == "conv" or "dense_keeps_the_maps" not in slips:
            maps = after
    return stored, 2 * work if "multiply_and_add_apart" in slips else work


def _weights_and_maps(slips, kind, settings, maps, input_shape):
    """The weights of one layer, and the shape of what it makes."""
    if kind == "dense":
        seen = maps[-1] if "dense_sees_channels_only" in slips else prod(maps)
        return seen * settings[0], (settings[0],)
    filters, size, stride, padding = settings
    channels = input_shape[2] if "channels_of_the_image" in slips else maps[2]
    if "always_valid" in slips:
        padding = "valid"
    stride = 1 if "stride_ignored" in slips else stride
    sides = tuple(_outputs(n, size, stride, padding) for n in maps[:2])
    if "height_for_both_sides" in slips:
        sides = (sides[0], sides[0])
    return size * size * channels * filters, (*sides, filters)


def _outputs(size, kernel_size, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel_size) // stride + 1


def _model_cost_cases(rng):
    def cases(part, input_shape, *layers):
        arguments = {"input_shape": input_shape, "layers": layers}
        if part == COST_ONE:
            return [Case(part, arguments)]
        return [Case(COST_STORED, arguments, 0), Case(COST_WORK, arguments, 1)]

    height = int(rng.choice([16, 19, 20, 23]))  # leaves an even number of rows for the pool
    width = int(rng.choice([17, 18, 21, 22]))
    few, more, units = map(int, 4 + rng.permutation(6)[:3])  # never the 3 of the image
    return [
        *cases(COST_ONE, (6, 6, 1), ("conv", 2, 3, 1, "valid")),
        *cases(COST_ONE, (9, 7, 3), ("conv", 4, 3, 2, "same")),
        *cases("all", (8, 8, 3), ("conv", 4, 3, 1, "same"), ("pool", 2, 2), ("dense", 10)),
        *cases(
            "all",
            (height, width, 3),
            ("conv", few, 5, 2, "valid"),
            ("pool", 3, 2),
            ("conv", more, 3, 1, "same"),
            ("dense", units),
            ("dense", 5),
        ),
    ]


model_cost = Exercise(
    name="model_cost",
    points=2,
    parts=(
        Part("two whole numbers", 0.2, "Give back a pair (parameters, multiply_adds).", form=True),
        Part(
            COST_ONE,
            0.2,
            "A single layer. Parameters: each filter's weights and its bias. Multiply-adds: the "
            "weights, once at each place of what comes out.",
        ),
        Part(
            COST_STORED,
            0.25,
            "Follow the shape from layer to layer: the channels of one are the filters of the one "
            "before, and a dense layer reads all numbers of the maps.",
        ),
        Part(
            COST_WORK,
            0.35,
            "The weights of each layer are used at each place of what *this* layer makes. How high "
            "and wide are its maps?",
        ),
    ),
    cases=_model_cost_cases,
    expected=_model_cost_by_keras,
    answer_with=_model_cost_with,
    misconceptions=(
        Misconception(
            "channels_of_the_image",
            "Each of your convolutions reads as many channels as the image has. Who made the maps "
            "that the second one reads?",
        ),
        Misconception(
            "pool_keeps_the_size",
            "Behind your pool the maps are as large as before. What is left of 8 x 8 when the "
            "largest of each 2 x 2 is taken?",
        ),
        Misconception(
            "pool_only_strides",
            "You divide by the stride of a pool, whatever its size is. How many windows of 3 with "
            "stride 2 fit into 8 pixels?",
        ),
        Misconception(
            "pool_counted",
            "You count a pool as work. Does taking the largest of some numbers multiply anything?",
        ),
        Misconception(
            "places_of_the_input",
            "You count a place for each pixel that comes in. At how many places does a kernel with "
            "stride 2 stop?",
        ),
        Misconception(
            "stride_ignored",
            "Your answer does not change with the stride. How many outputs are left when only "
            "every second place is taken?",
        ),
        Misconception(
            "always_valid",
            'Your answer does not change with the padding. How many outputs does "same" give?',
        ),
        Misconception(
            "height_for_both_sides",
            "Your answer does not change with the width of the image. What if it is not square?",
        ),
        Misconception(
            "dense_sees_channels_only",
            "Your dense layer reads one number of each map. What stands between maps and a dense "
            "layer in Keras, and how many numbers does it make?",
        ),
        Misconception(
            "dense_keeps_the_maps",
            "Each of your dense layers reads the maps. What does the second one read, when the "
            "first has made a row of units?",
        ),
        Misconception(
            "biases_forgotten",
            "Your parameters are too few, by one for each filter and each unit. What is missing?",
        ),
        Misconception(
            "biases_are_work",
            "You count the biases among the multiply-adds. With what is a bias multiplied?",
        ),
        Misconception(
            "stored_at_each_place",
            "Your parameters grow with the image. How often is the kernel of a convolution "
            "*stored*, and how often is it *used*?",
        ),
        Misconception(
            "work_is_weights",
            "You use each weight of a convolution once. At how many places does its kernel stop?",
        ),
        Misconception(
            "multiply_and_add_apart",
            "You come out at exactly twice the work. One product and its addition: are they one "
            "multiply-add or two?",
        ),
    ),
    forbidden=(
        "helpers.models.cost_of_layers",
        "keras.Sequential",
        "keras.layers.Conv2D",
        "keras.layers.Dense",
    ),
    hints=(
        "Walk through the layers with one variable that holds the shape (height, width, channels) "
        "of what comes in, and two sums. Every layer but the pool adds to the sums; every layer "
        "changes the shape.",
        "For a convolution: new height and width by shapes.conv_output_size; weights = size * size "
        "* channels * filters; the work is weights * new height * new width. A dense layer is the "
        "case of one place, and it reads height * width * channels.",
    ),
    proved="model_cost counts what a network stores and what it computes, layer by layer.",
    key="Keras",
    tolerance=1e-9,
)
