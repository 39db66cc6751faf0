"""Checks of the exercises on depth, on the first weights, and on the size of gradients."""

from functools import lru_cache
from math import prod, sqrt

import numpy as np

from helpers.checks import compare
from helpers.checks.attempt import Unreadable
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- chain (practice) -------------------------------------------------------------------------

TWO, MORE, INPUT, ZERO = "two layers", "more layers", "another input", "a weight of 0"


def _chain_by_tensorflow(weights, x):
    import tensorflow as tf

    variables = [tf.Variable(weight, dtype="float64") for weight in weights]
    with tf.GradientTape() as tape:
        output = tf.constant(x, "float64")
        for variable in variables:
            output = variable * output
    return tuple(float(gradient) for gradient in tape.gradient(output, variables))


def _chain_with(slips, weights, x):
    """`chain` as someone with these slips writes it; without any it is right."""
    x = 1.0 if "input_forgotten" in slips else x
    order = weights[::-1] if "last_weight_first" in slips else weights
    if "divided_by_the_weight" in slips:
        with np.errstate(all="ignore"):
            return tuple(float(np.float64(prod(order) * x) / weight) for weight in order)
    return tuple(_share_of_chain(slips, order, layer, x) for layer in range(len(order)))


def _share_of_chain(slips, weights, layer, x):
    before, after = prod(weights[:layer]) * x, prod(weights[layer + 1 :])
    if "weights_after_only" in slips:
        before = 1.0
    if "value_before_only" in slips:
        after = 1.0
    if "factors_added" in slips:
        return float(x + sum(weights) - weights[layer])
    own = weights[layer] if "own_weight_counted" in slips else 1.0
    return float(before * own * after)


def _chain_cases(rng):
    def case(part, weights, x=1.0):
        return Case(part, {"weights": tuple(map(float, weights)), "x": float(x)})

    def drawn(count):
        return rng.choice([2, 3, 4, 5, 6, 7], count, replace=False) * rng.choice([-1, 1], count)

    with_zero = drawn(4)
    with_zero[rng.integers(1, 3)] = 0
    return [
        case(TWO, (2, 3)),
        case(TWO, drawn(2)),
        case(MORE, (2, 3, 5)),
        case(MORE, drawn(4)),
        case(INPUT, (2, 3), 10),
        case(INPUT, drawn(3), rng.integers(2, 9)),
        case(ZERO, with_zero, 2),
    ]


chain = Exercise(
    name="chain",
    points=0,
    parts=(
        Part("a number for each weight", 0.2, "As many gradients as weights.", form=True),
        Part(
            TWO,
            0.2,
            "The output is w1 * w0 * x. Nudge w0 by 1: by how much does the output move? And when "
            "you nudge w1 by 1?",
        ),
        Part(MORE, 0.2, "What stands beside a weight in the product, before it and after it?"),
        Part(INPUT, 0.2, "Here x is not 1. Which of the gradients does it reach?"),
        Part(ZERO, 0.2, "One weight is 0. Nudge it: does the output stay 0?"),
    ),
    cases=_chain_cases,
    expected=_chain_by_tensorflow,
    answer_with=_chain_with,
    misconceptions=(
        Misconception(
            "own_weight_counted",
            "You give each weight the product of all weights, its own one as well. Nudge w in "
            "5 * w by 1: does it matter how large w is?",
        ),
        Misconception(
            "weights_after_only",
            "You multiplied the weights that come after. A weight is multiplied with what comes "
            "*into* its layer: what has become of that number?",
        ),
        Misconception(
            "value_before_only",
            "You took what comes into each layer. On its way to the output a nudge goes through "
            "the layers after it: what do they do to it?",
        ),
        Misconception(
            "input_forgotten",
            "With x = 1 all is right. When x is ten times as large, by how much does a nudge of a "
            "weight move the output?",
        ),
        Misconception(
            "last_weight_first",
            "Your gradients belong to the weights in the other order. Which weight meets x first?",
        ),
        Misconception(
            "divided_by_the_weight",
            "You divided the whole product by the weight. What if that weight is 0? Is there a way "
            "that needs no division?",
        ),
        Misconception(
            "factors_added",
            "You added up the other factors. Two layers that each double a nudge: what do they do "
            "to it together, times 2 + 2 or times 2 * 2? And three of them?",
        ),
    ),
    forbidden=("helpers.initialization.chain", "tensorflow.GradientTape"),
    hints=(
        "The output is one long product. Its derivative with respect to one factor is the product "
        "of all the others.",
        "For weight i: np.prod(weights[:i]) * x is what comes into its layer, and "
        "np.prod(weights[i + 1:]) is what the layers after it do.",
    ),
    proved="chain gives each weight the product of everything else, x and zeros included.",
)

# --- gradient_norms ---------------------------------------------------------------------------

ONE_UNIT, RELU, SMOOTH = "one unit a layer", "ReLU", "tanh and sigmoid"
BENDS = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
SLOPES = {  # of what comes out of the activation
    "relu": lambda h: (h > 0).astype(float),
    "tanh": lambda h: 1 - h**2,
    "sigmoid": lambda h: h * (1 - h),
}


def _gradient_norms_by_tensorflow(weights, x, activation):
    import tensorflow as tf

    variables = [tf.Variable(weight, dtype="float64") for weight in weights]
    with tf.GradientTape() as tape:
        h = tf.constant(x, "float64")
        for variable in variables:
            h = {"relu": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid}[activation](
                h @ variable
            )
        loss = tf.reduce_mean(h)
    return np.array([float(tf.norm(gradient)) for gradient in tape.gradient(loss, variables)])


def _gradient_norms_with(slips, weights, x, activation):
    """`gradient_norms` as someone with these slips writes it; without any it is right."""
    sums, outputs = [], [np.asarray(x, float)]
    for weight in weights:
        sums.append(outputs[-1] @ weight)
        outputs.append(BENDS[activation](sums[-1]))
    counted = len(outputs[-1]) if "mean_over_images" in slips else outputs[-1].size
    upstream = np.full_like(outputs[-1], 1 if "summed" in slips else 1 / counted)
    sizes = []
    for layer in range(len(weights) - 1, -1, -1):
        if "begun_anew" in slips:
            upstream = np.full_like(outputs[layer + 1], 1 / outputs[layer + 1].size)
        last = layer == len(weights) - 1
        if not ("slope_forgotten" in slips or (last and "last_slope_forgotten" in slips)):
            seen = sums[layer] if "slope_of_the_sum" in slips else outputs[layer + 1]
            upstream = upstream * SLOPES[activation](seen)
        before = outputs[layer + 1] if "own_output_for_input" in slips else outputs[layer]
        gradient = upstream if "gradient_of_the_sums" in slips else before.T @ upstream
        sizes.append(_size_with(slips, gradient))
        upstream = upstream @ (weights[layer] if "not_transposed" in slips else weights[layer].T)
    return np.array(sizes if "last_layer_first" in slips else sizes[::-1])


def _size_with(slips, gradient):
    if "largest_entry" in slips:
        return float(np.abs(gradient).max())
    if "largest_stretch" in slips:
        return float(np.linalg.norm(gradient, 2))
    squares = float((gradient**2).sum())
    if "divided_by_the_count" in slips:
        squares /= gradient.size
    return squares if "root_forgotten" in slips else sqrt(squares)


def _gradient_norms_cases(rng):
    def case(part, activation, weights, x):
        arrays = tuple(np.array(weight, "float64") for weight in weights)
        return Case(
            part, {"weights": arrays, "x": np.array(x, "float64"), "activation": activation}
        )

    def drawn(part, activation, *widths, images=3):
        """Small numbers, drawn until every layer has a gradient worth the name."""
        scale = 1.0 if activation == "relu" else 0.5
        while True:
            shapes = zip(widths, widths[1:], strict=False)
            weights = [scale * rng.integers(-2, 4, shape) for shape in shapes]
            made = case(part, activation, weights, rng.integers(-1, 3, (images, widths[0])))
            norms = _gradient_norms_with(frozenset(), **made.arguments)
            differ = len(norms) == 1 or norms.max() > 1.3 * norms.min()
            if differ and norms.min() > max(0.02 * norms.max(), 0.01):
                return made

    single = [[[value]] for value in rng.choice([2, 3, 4, 5], 3, replace=False)]
    return [
        case(ONE_UNIT, "relu", ([[2]], [[3]]), [[1]]),
        case(ONE_UNIT, "relu", single, [[rng.integers(2, 5)]]),
        drawn(RELU, "relu", 3, 3, 3, images=2),
        drawn(RELU, "relu", 4, 3, 5, 2, images=3),
        drawn(SMOOTH, "tanh", 2, 2, images=3),
        drawn(SMOOTH, "tanh", 3, 4, 2, images=2),
        drawn(SMOOTH, "sigmoid", 4, 3, 3, 2, images=2),
    ]


gradient_norms = Exercise(
    name="gradient_norms",
    points=4,
    parts=(
        Part("a number for each layer", 0.2, "One number a layer, the first layer first.",
             form=True),
        Part(
            ONE_UNIT,
            0.2,
            "With one unit a layer and no negative number this is a chain: each gradient is the "
            "product of everything else.",
        ),
        Part(
            RELU,
            0.3,
            "Go through one layer with pencil and paper: the sums h @ W, what ReLU lets through, "
            "what comes back. Where a sum was below 0, what is the slope?",
        ),
        Part(
            SMOOTH,
            0.3,
            "The slope of tanh is 1 - h * h, that of the sigmoid h * (1 - h), where h is what "
            "comes *out* of it. Which layers have an activation?",
        ),
    ),
    cases=_gradient_norms_cases,
    expected=_gradient_norms_by_tensorflow,
    answer_with=_gradient_norms_with,
    misconceptions=(
        Misconception(
            "slope_forgotten",
            "Your gradient goes back through the weights only. It also has to pass the activation "
            "of each layer: what does a ReLU that gave 0 do to it?",
        ),
        Misconception(
            "last_slope_forgotten",
            "The activation of the last layer is missing on your way back. The loss sees what "
            "comes out of it: what lies between the loss and the last weights?",
        ),
        Misconception(
            "slope_of_the_sum",
            "For ReLU all is right. For tanh you put the sum z into 1 - h * h. Which number is h: "
            "what goes into the tanh, or what comes out?",
        ),
        Misconception(
            "not_transposed",
            "On the way back you multiply by the weights as on the way forward. Forward W leads "
            "from inputs to units. Which matrix leads from units to inputs?",
        ),
        Misconception(
            "begun_anew",
            "Each of your layers gets a gradient as if the loss stood right behind it. Through "
            "which layers does the loss of the last one reach the first?",
        ),
        Misconception(
            "own_output_for_input",
            "You multiplied by what comes out of each layer. With which number is a weight "
            "multiplied on the way forward?",
        ),
        Misconception(
            "gradient_of_the_sums",
            "These are the sizes of what comes back to each layer's sums. How does one get from "
            "there to the gradient of the *weights* (notebook 6)?",
        ),
        Misconception(
            "summed",
            "Your numbers are too large, all by the same factor. The loss is the mean of all "
            "numbers that come out: what does the mean do to the gradient of each?",
        ),
        Misconception(
            "mean_over_images",
            "Your numbers are too large, all by the same factor: you divided by the number of "
            "images. The loss is the mean of *all* numbers that come out. How many are these, with "
            "3 images and 2 units?",
        ),
        Misconception(
            "last_layer_first",
            "Your numbers are right but stand in the other order. The way back begins at the last "
            "layer; where should its number stand?",
        ),
        Misconception(
            "root_forgotten",
            "You have the sum of the squares. The length of the arrow (3, 4) is 5, not 25: what is "
            "missing?",
        ),
        Misconception(
            "divided_by_the_count",
            "You divided by the number of weights before the root. A layer with twice as many "
            "weights: should the arrow of its gradient be as long as before?",
        ),
        Misconception(
            "largest_entry",
            "You took the largest entry of each gradient. What is the length of the arrow (3, 4)?",
        ),
        Misconception(
            "largest_stretch",
            "np.linalg.norm(g, 2) of a *matrix* is the largest factor by which it stretches an "
            "arrow. What does np.linalg.norm do without the 2?",
        ),
    ),
    forbidden=("helpers.initialization.gradient_norms", "tensorflow.GradientTape",
               "tensorflow.GradientTape.gradient", "tensorflow.gradients"),
    hints=(
        "Two loops. Forward: keep what comes into each layer and what comes out of its activation. "
        "Backward, from the last layer on: what comes back begins as 1 / h.size everywhere.",
        "In each layer, on the way back: times the slope of its activation, then "
        "before.T @ upstream is the gradient of the weights, then upstream @ W.T goes on to the "
        "layer before. np.linalg.norm(gradient) is its size.",
    ),
    proved="gradient_norms says for each layer how large the gradient of its weights is.",
)  # fmt: skip

# --- he_stddev --------------------------------------------------------------------------------

DENSE, CONVOLUTION, SLOPE = "a dense layer", "a convolution", "a slope below 0"


def _he_stddev_by_keras(kernel_shape, slope):
    """Read it off Keras: the same seed, drawn with the spread to be known and with spread 1."""
    import keras

    scale = 2 / (1 + slope**2)
    he = keras.initializers.VarianceScaling(scale, "fan_in", "untruncated_normal", seed=1)
    one = keras.initializers.RandomNormal(stddev=1.0, seed=1)
    drawn, plain = (np.asarray(made(kernel_shape), "float64") for made in (he, one))
    return float(np.linalg.norm(drawn) / np.linalg.norm(plain))


def _he_stddev_with(slips, kernel_shape, slope):
    """`he_stddev` as someone with these slips writes it; without any it is right."""
    *taps, channels, filters = kernel_shape
    inputs = prod(taps) * channels
    if "outputs_counted" in slips:
        inputs = prod(taps) * filters
    if "both_counted" in slips:
        inputs = prod(taps) * (channels + filters)
    if "taps_only" in slips:
        inputs = prod(taps)
    if "channels_only" in slips:
        inputs = channels
    if "all_weights_counted" in slips:
        inputs = prod(kernel_shape)
    if "sides_added" in slips:
        inputs = (sum(taps) or 1) * channels
    gain = 2 / (1 + slope**2)
    if "slope_forgotten" in slips:
        gain = 2
    if "slope_not_squared" in slips:
        gain = 2 / (1 + slope)
    if "two_forgotten" in slips:
        gain = gain / 2
    if "limit_for_deviation" in slips:
        gain = 3 * gain
    return gain / inputs if "variance_for_deviation" in slips else sqrt(gain / inputs)


def _he_stddev_cases(rng):
    def case(part, kernel_shape, slope=0.0):
        shape = tuple(map(int, kernel_shape))
        return Case(part, {"kernel_shape": shape, "slope": float(slope)})

    height, width = rng.choice([2, 3, 4, 5, 7], 2, replace=False)
    channels, filters = rng.choice(np.arange(6, 40), 2, replace=False)
    return [
        case(DENSE, (8, 100)),
        case(DENSE, (filters, channels)),
        case(CONVOLUTION, (3, 3, 2, 16)),
        case(CONVOLUTION, (height, width, channels, filters)),
        case(SLOPE, (8, 100), 1.0),
        case(SLOPE, (channels, filters), rng.choice([0.25, 0.5, 0.75])),
    ]


he_stddev = Exercise(
    name="he_stddev",
    points=2,
    parts=(
        Part("one number", 0.2, "A single float.", form=True),
        Part(DENSE, 0.2, "How many products are added up in one output of a dense layer?"),
        Part(
            CONVOLUTION,
            0.4,
            "One output of a convolution is a sum over all taps of all channels that the filter "
            "sees. How many products is that?",
        ),
        Part(
            SLOPE,
            0.2,
            "Behind a slope a below 0 the negative half is not lost: what becomes of its mean "
            "square?",
        ),
    ),
    cases=_he_stddev_cases,
    expected=_he_stddev_by_keras,
    answer_with=_he_stddev_with,
    misconceptions=(
        Misconception(
            "outputs_counted",
            "You counted the outputs. One output is a sum: of how many products? Does it matter "
            "for that sum how many other outputs there are?",
        ),
        Misconception(
            "both_counted",
            "You counted inputs and outputs together: that is Glorot's rule. Which of the two "
            "decides how large one output gets?",
        ),
        Misconception(
            "taps_only",
            "You counted the taps of one channel. A filter looks at all channels of its input: how "
            "many products are that?",
        ),
        Misconception(
            "channels_only",
            "You counted the channels. At how many places of each channel does a 3 x 3 filter "
            "look?",
        ),
        Misconception(
            "all_weights_counted",
            "You counted all weights of the layer. How many of them are in the sum of *one* "
            "output?",
        ),
        Misconception(
            "sides_added",
            "You added height and width of the kernel. How many taps has a kernel of 3 x 5?",
        ),
        Misconception(
            "variance_for_deviation",
            "This is the variance. What is its standard deviation?",
        ),
        Misconception(
            "two_forgotten",
            "This keeps the size of the sums where nothing is lost. What does a ReLU do to half of "
            "the numbers, and what makes up for it?",
        ),
        Misconception(
            "limit_for_deviation",
            "This is how far a uniform distribution would reach to both sides. What was asked is "
            "the standard deviation.",
        ),
        Misconception(
            "slope_forgotten",
            "For ReLU all is right. Where does `slope` come in? Behind a slope of 1 nothing is "
            "lost: what has the 2 to make up for then?",
        ),
        Misconception(
            "slope_not_squared",
            "Below 0 the numbers are multiplied by the slope. By what are their *squares* "
            "multiplied?",
        ),
    ),
    forbidden=(
        "helpers.initialization.he_stddev",
        "keras.initializers.HeNormal",
        "keras.initializers.HeUniform",
        "keras.initializers.VarianceScaling",
    ),
    hints=(
        "Count the products in one output; that is every axis of the kernel but one. The variances "
        "of independent products add up.",
        "The variance of a weight is 2 / ((1 + slope ** 2) * products). With slope 0 the 2 makes "
        "up for the half that ReLU loses.",
    ),
    proved="he_stddev counts what one output adds up, for any kernel and any slope.",
    key="Keras",
)

# --- repair -----------------------------------------------------------------------------------

SPREAD, SIGMOID, STEP, SOUND = (
    "the first weights",
    "the activation",
    "the learning rate",
    "what works stays",
)
CLASSES, PICTURES, STEPS, ENOUGH = (0, 1, 9), 40, 100, 0.9  # T-shirt, trouser, ankle boot
SMALLEST, LARGEST = 1e-2, 1e2  # norms of gradients from which a deep plain network still learns
HARDLY = 1e-4  # a way, in all steps together, that is too short to change an answer
LEARNS = "a network that learns"
KNOWN = ("sigmoid", "tanh", "relu")


def _repair_by_helper(depth, width, activation, stddev, rate):
    from helpers.initialization import repair

    return repair(depth, width, activation, stddev, rate)


def _repair_with(slips, depth, width, activation, stddev, rate):
    """`repair` as someone with these slips does it; without any it is right."""
    if "only_the_rate_changed" in slips:
        return activation, stddev, _rate_against(width, activation, stddev, rate)
    kept = activation if activation == "tanh" and "always_relu" not in slips else "relu"
    if "sigmoid_kept" in slips and activation == "sigmoid":
        kept = activation
    gain = 1 if "two_forgotten" in slips or kept != "relu" else 2
    spread = sqrt(gain / (depth if "depth_for_width" in slips else width))
    if "variance_for_deviation" in slips:
        spread = gain / width
    if "one_spread_for_all" in slips:
        spread = 0.2
    if "spread_kept" in slips:
        spread = stddev
    new_rate = min(rate, 0.02) if "short_steps_kept" in slips else 0.02
    return kept, spread, rate if "rate_kept" in slips else new_rate


def _rate_against(width, activation, stddev, rate):
    """Longer steps where the gradient is too small, shorter ones where it is too large."""
    sound = sqrt((2 if activation == "relu" else 1) / width)
    if activation == "sigmoid" or stddev < sound / 2:
        return 1000 * rate
    return rate / 1000 if stddev > 2 * sound else 0.02


def _repair_seen(value, case):
    """What becomes of the network that an answer describes, in words: it is trained."""
    if value is None:
        return value
    items = compare.as_tuple(value)
    names = isinstance(items, tuple) and len(items) == 3 and items[0] in KNOWN
    if not names or any(type(item) not in (int, float) for item in items[1:]):
        return Unreadable('not three things such as ("relu", 0.1, 0.02)')
    depth, width, asked = (case.arguments[name] for name in ("depth", "width", "activation"))
    became = _trained(depth, width, items[0], float(items[1]), float(items[2]))
    if became == LEARNS and asked not in ("sigmoid", items[0]):
        return f"{LEARNS}, but its activation was replaced, which worked"
    return became


@lru_cache(maxsize=500)
def _trained(depth, width, activation, stddev, rate):
    from helpers.initialization import train

    settings = (*_clothes(), depth, width, activation, stddev, rate)
    run = train(*settings, steps=0)
    if not max(run.norms) * rate * STEPS < HARDLY:  # else no number of these steps gets anywhere
        run = train(*settings, STEPS, enough=ENOUGH)
    first, last = run.norms[0], run.norms[-1]
    if max(run.right) >= ENOUGH:
        return LEARNS
    if not first <= LARGEST:  # or not a number
        return "a network whose gradients explode"
    if first < SMALLEST:
        early = last > 1000 * first
        return f"a network whose {'first layers get hardly any gradient' if early else _VANISH}"
    longer = not run.losses[-1] <= run.losses[0]
    return f"a network whose gradients are sound, but its steps are too {_LENGTH[longer]}"


_VANISH, _LENGTH = "gradients vanish in all layers", {True: "long", False: "short"}


@lru_cache(maxsize=1)
def _clothes():
    """40 clothes of three classes, 7 x 7 pixels, mean 0 and deviation 1; their labels 0 to 2."""
    from helpers import datasets

    images, labels = datasets.fashion_mnist("train", n=1000)
    chosen = np.flatnonzero(np.isin(labels, CLASSES))[:PICTURES]
    small = images[chosen].reshape(PICTURES, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(PICTURES, 49)
    pixels = ((small - small.mean()) / small.std()).astype("float32")
    return pixels, np.searchsorted(CLASSES, labels[chosen])


def _repair_cases(rng):
    def case(part, depth, width, activation, stddev, rate):
        numbers = {"stddev": round(float(stddev), 3), "rate": float(rate)}
        sizes = {"depth": int(depth), "width": int(width), "activation": activation}
        return Case(part, {**sizes, **numbers})

    def wide():
        return rng.integers(20, 25), int(rng.choice([96, 100, 104, 108, 112]))

    narrow, small = rng.choice([48, 50, 52]), rng.choice([0.01, 0.02, 0.03])
    (d1, w1), (d2, w2), (d3, w3), (d4, w4), (d5, w5), (d6, w6) = (wide() for _ in range(6))
    return [
        case(SPREAD, 20, narrow, "relu", small, 0.02),
        case(SPREAD, d1, w1, "relu", rng.choice([0.8, 1.0]), 0.02),
        case(SOUND, d2, w2, "tanh", rng.choice([0.01, 0.02]), 0.02),
        case(SIGMOID, d3, w3, "sigmoid", sqrt(2 / w3), 0.02),
        case(STEP, d4, w4, "relu", sqrt(2 / w4), rng.choice([10, 20, 50])),
        case(STEP, d5, w5, "tanh", sqrt(1 / w5), rng.choice([1e-6, 1e-5])),
        case(SOUND, d6, w6, "tanh", sqrt(1 / w6), 0.02),
    ]


repair = Exercise(
    name="repair",
    points=4,
    parts=(
        Part(
            "three settings",
            0.2,
            'Return the activation, the spread and the learning rate: ("relu", 0.1, 0.02).',
            form=True,
        ),
        Part(
            SPREAD,
            0.2,
            "Here the spread of the first weights is wrong. On what does the right one depend: on "
            "the depth, the width, the activation?",
        ),
        Part(
            SIGMOID,
            0.2,
            "Here the activation takes the gradient, a part in each layer. Which ones don't?",
        ),
        Part(
            STEP,
            0.2,
            "Here the gradients are sound, and the steps are not: much too long, or much too "
            "short.",
        ),
        Part(
            SOUND,
            0.2,
            "Nothing is wrong here but the spread, if anything. Does your network still have its "
            "activation? And does its spread fit that activation?",
        ),
    ),
    cases=_repair_cases,
    expected=_repair_by_helper,
    answer_with=_repair_with,
    probe=_repair_seen,
    misconceptions=(
        Misconception(
            "only_the_rate_changed",
            "You answer a small gradient with long steps, and a large one with short steps. A "
            "gradient of 1e-20 in one network and of 1e+20 in the next: is that a matter of "
            "the step, or of what the weights make of the gradient?",
        ),
        Misconception(
            "spread_kept",
            "The first weights of your networks are as they were. By what factor does one layer "
            "change the gradient when they are a tenth of He's, and what do twenty layers do?",
        ),
        Misconception(
            "sigmoid_kept",
            "Your network still has the sigmoid. Its steepest slope is a quarter: what is left "
            "after twenty layers?",
        ),
        Misconception(
            "rate_kept",
            "The learning rates are as they were. One of them was 10 or more, one a "
            "hundred-thousandth. What do steps of such a length do?",
        ),
        Misconception(
            "short_steps_kept",
            "You shortened the steps that were too long. What about those that are far too short?",
        ),
        Misconception(
            "variance_for_deviation",
            "Your first weights are too small in all networks. 2 / width is the *variance* of He's "
            "weights: what is their standard deviation?",
        ),
        Misconception(
            "depth_for_width",
            "Your first weights are too large in all networks. How many products are added up in "
            "one unit: as many as there are layers, or as there are units in the layer before?",
        ),
        Misconception(
            "one_spread_for_all",
            "Your spread fits the narrowest network only. When twice as many products are added "
            "up, what must become of each weight?",
        ),
        Misconception(
            "two_forgotten",
            "With tanh your spread is right, with ReLU the gradients still get smaller. What does "
            "ReLU do to half of the numbers, and how does He make up for it?",
        ),
        Misconception(
            "always_relu",
            "Your networks learn. But some of them had tanh, and tanh was not what was broken. "
            "Which spread lets a network with tanh learn?",
        ),
    ),
    forbidden=("helpers.initialization.repair",),
    hints=(
        "Three questions, one after another. Is the activation one that takes most of the "
        "gradient? Which spread keeps the numbers as large as they are, for this width and this "
        "activation? Is the learning rate anywhere near the 0.02 that works?",
        "A sigmoid becomes a ReLU, all else keeps its activation. The spread is "
        "initialization.he_stddev((width, width)) for ReLU; near 0 tanh is a line of slope 1, so "
        "for tanh the 2 is not needed.",
    ),
    proved="repair finds what is broken in a deep plain network and leaves what works.",
    key="the solution",
    trains=True,
)
