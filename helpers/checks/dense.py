"""Checks of the exercises on dense layers: what they compute, and how much they learn."""

import numpy as np

from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- mlp_forward ------------------------------------------------------------------------------

ONE_UNIT, ONE_LAYER = "layers of one unit", "one layer"
NO_BIAS, TWO_LAYERS, THREE_LAYERS = "two layers, biases 0", "two layers", "three layers"


def _mlp_by_tensorflow(x, weights, biases):
    import tensorflow as tf

    row = x.T
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        row = tf.nn.bias_add(tf.matmul(row, weight, transpose_b=True), bias)
        if number < len(weights):
            row = tf.nn.relu(row)
    return row.numpy().T


def _mlp_with(slips, x, weights, biases):
    """`mlp_forward` as someone with these slips writes it; without any it is right."""
    if "two_layers_only" in slips:
        weights, biases = (weights[0], weights[1]), (biases[0], biases[1])
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        if "relu_before_the_weights" in slips:
            x = np.maximum(0, x)
        x = (weight.T if "weights_transposed" in slips else weight) @ x
        bias = bias if "bias_broadcast" in slips else bias[:, None]
        if "bias_forgotten" not in slips and "bias_after_relu" not in slips:
            x = x + bias
        if number < len(weights) or "relu_at_the_end" in slips:
            x = _activation_with(slips, x)
        if "bias_after_relu" in slips:
            x = x + bias
    return x


def _activation_with(slips, x):
    if slips & {"no_relu", "relu_before_the_weights"}:
        return x
    if "sigmoid" in slips:
        return 1 / (1 + np.exp(-x))
    if "python_max" in slips:
        return max(0, x)
    if "numpy_max" in slips:
        return np.max(0, x)
    return np.maximum(0, x)


def _mlp_cases(rng):
    def whole(*shape):
        return rng.choice([-3, -2, -1, 1, 2, 3], shape).astype("float32")

    def case(part, *sizes):
        """A network with so many inputs, and so many units in each layer after them."""
        pairs = list(zip(sizes[1:], sizes, strict=False))
        weights = tuple(whole(units, inputs) for units, inputs in pairs)
        biases = tuple(2 * (part != NO_BIAS) * whole(units) for units, _ in pairs)
        return Case(part, {"x": whole(sizes[0], 1), "weights": weights, "biases": biases})

    def one_unit(*numbers):
        """x, then weight and bias of each layer."""
        x, *layers = (np.full((1, 1), number, "float32") for number in numbers)
        weights, biases = tuple(layers[::2]), tuple(bias[0] for bias in layers[1::2])
        return Case(ONE_UNIT, {"x": x, "weights": weights, "biases": biases})

    def visible(part, *sizes):
        """Drawn until each hidden layer has a unit that ReLU cuts off and one that it keeps."""
        while True:
            made = case(part, *sizes)
            if _some_cut_some_kept(**made.arguments):
                return made

    a, b, c = (int(number) for number in rng.integers(2, 6, 3))
    return [
        one_unit(3, 2, 1, 1, -3),  # 2 * 3 + 1 = 7; 1 * 7 - 3 = 4
        one_unit(2, -3, 1, 2, c),  # -3 * 2 + 1 = -5, which becomes 0; 2 * 0 + c
        case(ONE_LAYER, 3, 2),
        case(ONE_LAYER, a, a),
        visible(NO_BIAS, 3, 4, 2),
        visible(TWO_LAYERS, 3, 4, 2),
        visible(TWO_LAYERS, 3, 3, 3),
        visible(THREE_LAYERS, 3, 4, 4, 1),  # the lecture's
        visible(THREE_LAYERS, 2, b + 1, 3, 2),
    ]


def _some_cut_some_kept(x, weights, biases):
    for weight, bias in list(zip(weights, biases, strict=True))[:-1]:
        x = weight @ x + bias[:, None]
        if not (x < 0).any() or not (x > 0).any():
            return False
        x = np.maximum(0, x)
    return bool((weights[-1] @ x + biases[-1][:, None] < 0).any())


mlp_forward = Exercise(
    name="mlp_forward",
    points=4,
    parts=(
        Part(
            "one column",
            0.1,
            "The answer is a column: one row for each unit of the last layer, and one column.",
            form=True,
        ),
        Part(
            ONE_UNIT,
            0.15,
            "Every array has one number here, so go through it by hand: times the weight, plus "
            "the bias, below zero becomes zero; then the next layer, where nothing is cut off.",
        ),
        Part(ONE_LAYER, 0.15, "A single layer is a linear score: weight @ x, and a bias each row."),
        Part(NO_BIAS, 0.2, "This is the lecture's f = W2 max(0, W1 x), with biases of 0."),
        Part(
            TWO_LAYERS,
            0.2,
            "The first layer gives h = max(0, W1 x + b1), a column. The second one takes h in the "
            "place of x, and gives its sum as it is.",
        ),
        Part(
            THREE_LAYERS,
            0.2,
            "Each hidden layer takes what the one before it gave. How many layers there are, "
            "len(weights) says.",
        ),
    ),
    cases=_mlp_cases,
    expected=_mlp_by_tensorflow,
    answer_with=_mlp_with,
    misconceptions=(
        Misconception(
            "bias_broadcast",
            "A column (4, 1) plus a bias of shape (4,) is not a column any more: NumPy makes a "
            "table of (4, 4) of it, every sum with every bias. Which shape must the bias have, so "
            "that each row gets its own one?",
        ),
        Misconception(
            "relu_at_the_end",
            "None of your scores is below zero. After which layers does the formula "
            "W2 max(0, W1 x + b1) + b2 cut off?",
        ),
        Misconception(
            "no_relu",
            "Your layers never cut anything off: then all of them together are one linear "
            "function. What happens to the sums of a hidden layer that are below zero?",
        ),
        Misconception(
            "relu_before_the_weights",
            "You cut off the input of each layer, the image's own numbers too. In "
            "max(0, W1 x + b1), what is it that is compared with zero?",
        ),
        Misconception(
            "bias_after_relu",
            "You add the bias when the sum has already been cut off. In max(0, W1 x + b1), on "
            "which side of the comma does b1 stand?",
        ),
        Misconception(
            "bias_forgotten",
            "With x = 0 your first layer gives 0. What should it give?",
        ),
        Misconception(
            "sigmoid",
            "Your hidden layers give numbers between 0 and 1: this is the lecture's sigmoid. Which "
            "function stands in f = W2 max(0, W1 x + b1) + b2?",
        ),
        Misconception(
            "weights_transposed",
            "You use the weights the other way round. A weight has the shape (units, inputs), and "
            "x is a column of inputs: which of the two axes meets x in a product `@`?",
        ),
        Misconception(
            "two_layers_only",
            "You always take two layers. What does your function do with one layer, and with "
            "three? len(weights) says how many there are.",
        ),
        Misconception(
            "python_max",
            "Python's max(0, array) wants to know whether the whole array is larger than 0, and "
            "gives one of the two. Which function of NumPy compares number by number?",
        ),
        Misconception(
            "numpy_max",
            "np.max(array, axis) looks for the largest number *in* one array. Which function of "
            "NumPy compares two, number by number?",
        ),
    ),
    forbidden=("keras.layers.Dense", "keras.Sequential", "keras.Model"),
    hints=(
        "A layer is weight @ x + bias. Go through zip(weights, biases) with a loop, and let what "
        "a layer gives be the x of the next one. Print x.shape in each: it stays a column.",
        "bias[:, np.newaxis] (or bias.reshape(-1, 1)) makes a column of a bias. np.maximum(0, x) "
        "cuts off below zero; leave it away after the last layer.",
    ),
    proved="mlp_forward computes a dense network of any depth, as TensorFlow does.",
)

# --- dense_parameters -------------------------------------------------------------------------

A_ROW, A_PICTURE = "a row of numbers", "a colour picture"
SEVERAL, WEIGHTS_ONLY = "several layers", "without biases"


def _dense_parameters_by_keras(input_shape, units, use_bias=True):
    import keras

    dense = [keras.layers.Dense(count, use_bias=use_bias) for count in units]
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), *dense])
    return int(model.count_params())


def _dense_parameters_with(slips, input_shape, units, use_bias=True):
    """`dense_parameters` as someone with these slips writes it; without any it is right."""
    shape = list(input_shape)
    if "channels_forgotten" in slips:
        shape = shape[:2]
    if "square_picture" in slips:
        shape[1:2] = shape[:1] * len(shape[1:2])
    if "only_first_layer" in slips:
        units = units[:1]
    inputs, image, total = int(np.prod(shape)), int(np.prod(shape)), 0
    if "sides_added" in slips:
        inputs = image = sum(shape)
    for count in units:
        total += inputs + count if "sizes_added" in slips else inputs * count
        if use_bias or "use_bias_ignored" in slips:
            total += _biases_with(slips, inputs, count)
        inputs = image if "all_from_the_image" in slips else count
    return total


def _biases_with(slips, inputs, count):
    if "bias_forgotten" in slips:
        return 0
    if "one_bias_a_layer" in slips:
        return 1
    return inputs if "bias_for_each_input" in slips else count


def _dense_parameters_cases(rng):
    def case(part, input_shape, units, **use_bias):
        arguments = {"input_shape": input_shape, "units": units}
        sizes = {name: tuple(map(int, numbers)) for name, numbers in arguments.items()}
        return Case(part, sizes | use_bias)

    height, width = rng.permutation(np.arange(4, 12))[:2]
    return [
        case(A_ROW, (3,), (4,)),
        case(A_ROW, rng.integers(20, 60, 1), rng.integers(5, 12, 1)),
        case(A_PICTURE, (2, 4, 3), (5,)),
        case(A_PICTURE, (height, width, 3), rng.integers(5, 12, 1)),
        case(SEVERAL, (3,), (4, 4, 1)),
        case(SEVERAL, (width, height, 2), rng.integers(3, 20, 3)),
        case(WEIGHTS_ONLY, (3,), (4,), use_bias=False),
        case(WEIGHTS_ONLY, (height, width, 3), rng.integers(3, 20, 2), use_bias=False),
    ]


dense_parameters = Exercise(
    name="dense_parameters",
    points=2,
    parts=(
        Part("a whole number", 0.1, "A count is a whole number, an int.", form=True),
        Part(
            A_ROW,
            0.15,
            "3 numbers come in, 4 units: draw a line from each number to each unit, then give "
            "each unit a bias.",
        ),
        Part(
            A_PICTURE,
            0.25,
            "The picture becomes one row of numbers first. How many numbers are in it?",
        ),
        Part(SEVERAL, 0.3, "What comes into the second layer, and how many numbers are that?"),
        Part(WEIGHTS_ONLY, 0.2, "With use_bias=False only the weights are counted."),
    ),
    cases=_dense_parameters_cases,
    expected=_dense_parameters_by_keras,
    answer_with=_dense_parameters_with,
    misconceptions=(
        Misconception(
            "bias_forgotten",
            "These are the weights. What else does each unit learn?",
        ),
        Misconception(
            "use_bias_ignored",
            "Your answer does not change with `use_bias`. What is left of a unit without its bias?",
        ),
        Misconception(
            "one_bias_a_layer",
            "You count a single bias for a whole layer. Who has a bias: the layer, or each of "
            "its units?",
        ),
        Misconception(
            "bias_for_each_input",
            "You count a bias for each number that comes in. Where is a bias added: before the "
            "weights, or to the sum of a unit?",
        ),
        Misconception(
            "channels_forgotten",
            "For a colour picture you count too little. How many numbers does one pixel hold?",
        ),
        Misconception(
            "square_picture",
            "You took the height for the width. Is every picture a square?",
        ),
        Misconception(
            "sides_added",
            "You add height, width and channels. How many numbers are in a picture of 2 rows, 4 "
            "columns and 3 channels?",
        ),
        Misconception(
            "sizes_added",
            "You add inputs and units. With 3 inputs and 4 units, how many lines lead from an "
            "input to a unit?",
        ),
        Misconception(
            "only_first_layer",
            "Your answer does not change with the layers after the first. Do they learn nothing?",
        ),
        Misconception(
            "all_from_the_image",
            "You connect every layer with the picture. What does the second layer look at?",
        ),
    ),
    forbidden=(
        "helpers.shapes.dense_parameters",
        "keras.layers.Dense",
        "keras.Model.count_params",
        "keras.Layer.count_params",
    ),
    hints=(
        "How many numbers come into the first layer? Each of its units has a weight for every "
        "one of them, and one bias more.",
        "Go through `units` with a loop. For each layer add inputs * count, and count once more if "
        "there are biases; then what comes into the next layer is `count`.",
    ),
    proved="dense_parameters counts what Keras counts, for any picture and any number of layers.",
    key="Keras",
)
