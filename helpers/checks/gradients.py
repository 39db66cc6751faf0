"""Checks of the exercises on gradients: gates, a linear layer, softmax with cross-entropy."""

import numpy as np

from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- backward_gates ---------------------------------------------------------------------------


def _backward_gates_by_tensorflow(x, y, z, upstream):
    import tensorflow as tf

    variables = [tf.Variable(value, dtype="float64") for value in (x, y, z)]
    with tf.GradientTape() as tape:
        output = tf.maximum(variables[0] * variables[1], variables[2]) + variables[0]
    gradients = tape.gradient(output, variables, tf.constant(upstream, "float64"))
    return tuple(float(gradient) for gradient in gradients)


def _backward_gates_with(slips, x, y, z, upstream):
    """`backward_gates` as someone with these slips writes it; without any it is right."""
    to_plus = 1.0 if "plus_sends_one" in slips else upstream
    through_max = 1.0 if "upstream_forgotten" in slips else upstream
    if "upstream_forgotten" in slips:
        to_plus = 1.0
    product = x * y
    if "max_gives_its_value" in slips:
        through_max *= max(product, z)
    to_product, to_z = _sent_by_max(slips, product, z, through_max)
    through_product = (x if "own_value" in slips else y) * to_product
    dy = (y if "own_value" in slips else x) * to_product
    dx = through_product + to_plus
    if "overwritten" in slips:
        dx = through_product
    if "product_path_forgotten" in slips:
        dx = to_plus
    if "paths_multiplied" in slips:
        dx = through_product * to_plus
    return float(dx), float(dy), float(to_z)


def _sent_by_max(slips, product, z, gradient):
    """What max sends to the product and to z."""
    if "max_sends_to_both" in slips:
        return gradient, gradient
    if product == z and "tie_split" in slips:
        return gradient / 2, gradient / 2
    if product == z and "tie_to_both" in slips:
        return gradient, gradient
    if product == z and "tie_to_neither" in slips:
        return 0.0, 0.0
    if "larger_without_its_sign" in slips and abs(product) != abs(z):
        product, z = abs(product), abs(z)
    to_product = product > z or (product == z and "tie_to_z" not in slips)
    return (gradient, 0.0) if to_product else (0.0, gradient)


def _floats(value, case):
    """Three numbers as floats, however they came: 0 is as good as 0.0."""
    numbers = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(numbers, (list, tuple)) and all(type(n) in (int, float) for n in numbers):
        return tuple(map(float, numbers))
    return value


def _backward_gates_cases(rng):
    def case(part, *numbers):
        names = ("x", "y", "z", "upstream")
        return Case(part, dict(zip(names, map(float, numbers), strict=True)))

    def drawn(low=2, high=8):
        x, y = rng.choice(np.arange(low, high), 2, replace=False) * rng.choice([-1, 1], 2)
        return x, y, int(rng.integers(2, 9))

    cases = [case("the product wins", 3, 2, 1, 1), case("z wins", 3, 2, 10, 1)]
    cases += [case("the product wins", 3, 2, -10, 1), case("z wins", 3, -2, 1, 1)]
    x, y, gap = drawn()
    cases += [case("the product wins", x, y, x * y - gap, 1)]
    x, y, gap = drawn()
    cases += [case("z wins", x, y, x * y + gap, 1)]
    cases += [case("a tie", 3, 2, 6, 1), case("an upstream gradient", 3, 2, 1, 5)]
    x, y, gap = drawn()
    cases += [case("a tie", x, y, x * y, 1)]
    for sign in (-1, 1):
        x, y, gap = drawn()
        upstream = int(rng.integers(2, 5)) * rng.choice([-1, 1])
        cases += [case("an upstream gradient", x, y, x * y + sign * gap, upstream)]
    return cases


backward_gates = Exercise(
    name="backward_gates",
    points=4,
    parts=(
        Part("three numbers", 0.1, "The answer is three numbers: (dx, dy, dz).", form=True),
        Part(
            "the product wins",
            0.25,
            "Draw the graph and write the value on each edge. x * y is larger than z here: which "
            "way does max send the gradient? And how many edges leave x?",
        ),
        Part(
            "z wins",
            0.25,
            "z is larger than x * y here. What reaches x and y through the product then, and what "
            "reaches x on its other way?",
        ),
        Part(
            "a tie",
            0.15,
            "x * y and z are equal here. To which of its two inputs does tf.maximum send the "
            "gradient then?",
        ),
        Part(
            "an upstream gradient",
            0.25,
            "What arrives at f is not 1 here. Where does it go first, and what becomes of it on "
            "each way?",
        ),
    ),
    cases=_backward_gates_cases,
    expected=_backward_gates_by_tensorflow,
    answer_with=_backward_gates_with,
    misconceptions=(
        Misconception(
            "overwritten",
            "You counted only what comes back to x through the product. Look at f once more: on "
            "how many ways does a nudge of x reach it, and what happens to their effects?",
        ),
        Misconception(
            "product_path_forgotten",
            "You counted only what comes back to x through the last +. Does x also reach f on "
            "another way?",
        ),
        Misconception(
            "paths_multiplied",
            "You multiplied the two gradients that come back to x. Along one way local gradients "
            "are multiplied. What is done with two ways that meet again?",
        ),
        Misconception(
            "own_value",
            "At the product each of your inputs got its own value. Nudge x by a little: by how "
            "much does x * y move, by x times the nudge or by something else?",
        ),
        Misconception(
            "max_sends_to_both",
            "Your max sends the gradient to both of its inputs, as + does. Nudge the smaller one "
            "by a little: does the larger of the two change?",
        ),
        Misconception(
            "max_gives_its_value",
            "You multiplied by what max puts out. Nudge the larger of its inputs by 0.01: by how "
            "much does max move?",
        ),
        Misconception(
            "larger_without_its_sign",
            "Your max looks at the size of its inputs without their signs. Which of 6 and -10 is "
            "the larger one?",
        ),
        Misconception(
            "upstream_forgotten",
            "Your answer does not change with `upstream`. If the loss rises by 5 for each step of "
            "f, and f goes up by 2 for each step of y, what does a step of y do to the loss?",
        ),
        Misconception(
            "plus_sends_one",
            "`upstream` arrives through max, but on the way from the last + to x you have a 1. "
            "What does + send back to each of its inputs?",
        ),
        Misconception(
            "tie_split",
            "In a tie you give half to each. tf.reduce_max does that. What did tf.maximum do in "
            "the notebook, just above?",
        ),
        Misconception(
            "tie_to_z",
            "In a tie your gradient goes to z. In max(x * y, z), which one comes first? Look at "
            "the comparison that you wrote: what does it say of two equal numbers?",
        ),
        Misconception(
            "tie_to_both",
            "In a tie both of your inputs get all of it, so that more comes back than went in. "
            "What did tf.maximum do in the notebook, just above?",
        ),
        Misconception(
            "tie_to_neither",
            "In a tie neither of your inputs gets anything. Are both of your comparisons strict? "
            "One of the two has to win.",
        ),
    ),
    forbidden=(
        "tensorflow.GradientTape",
        "tensorflow.GradientTape.gradient",
        "tensorflow.gradients",
        "helpers.plots.draw_graph",
    ),
    hints=(
        "Go backward, one gate at a time. + sends `upstream` to both of its inputs, to max and "
        "to x. What max got goes on to one of its inputs. If that is the product: x gets it "
        "times y, y gets it times x.",
        "Name what reaches the product, for instance to_product: it is `upstream` or 0. Then "
        "three lines are left, one each for dx, dy and dz. Two gradients come back to x: one of "
        "them straight from the +.",
    ),
    proved="backward_gates adds at the fan-out, switches, routes, and breaks ties as TensorFlow.",
    probe=_floats,
)

# --- linear_gradient --------------------------------------------------------------------------


def _linear_gradient_by_tensorflow(x, weights, upstream):
    import tensorflow as tf

    x, weights = tf.Variable(x), tf.Variable(weights)
    bias = tf.Variable(np.zeros(weights.shape[1], "float32"))
    with tf.GradientTape() as tape:
        z = tf.matmul(x, weights) + bias
    return tuple(g.numpy() for g in tape.gradient(z, [x, weights, bias], tf.constant(upstream)))


def _linear_gradient_with(slips, x, weights, upstream):
    """`linear_gradient` as someone with these slips writes it; without any it is right."""
    if "upstream_forgotten" in slips:
        upstream = np.ones_like(upstream)
    dx = upstream @ (weights if "weights_not_turned" in slips else weights.T)
    dweights, dbias = x.T @ upstream, upstream.sum(axis=0)
    if "first_image_only" in slips:
        dweights, dbias = np.outer(x[0], upstream[0]), upstream[0]
    if "weights_the_other_way" in slips:
        dweights = upstream.T @ x
    if "mean_over_the_batch" in slips:
        dweights, dbias = dweights / len(x), dbias / len(x)
    if "bias_for_each_image" in slips:
        dbias = upstream
    if "one_number_for_the_bias" in slips:
        dbias = float(upstream.sum())
    if "bias_summed_over_outputs" in slips:
        dbias = upstream.sum(axis=1)
    if "bias_gets_one" in slips:
        dbias = np.ones(upstream.shape[1], "float32")
    if "weights_first" in slips:
        return dweights, dx, dbias
    return dx, dweights, dbias


def _linear_gradient_cases(rng):
    def drawn(images, inputs, outputs):
        shapes = {
            "x": (images, inputs),
            "weights": (inputs, outputs),
            "upstream": (images, outputs),
        }
        arrays = {name: rng.integers(-4, 6, shape) for name, shape in shapes.items()}
        arrays = {name: np.where(a == 0, 6, a).astype("float32") for name, a in arrays.items()}
        arrays["upstream"][0, 0] = 7.0  # no batch whose upstream is all ones
        return arrays

    numbers = [[[1, 2, 3]], [[1, 0], [2, 5], [-1, 4]], [[10, 1]]]
    names = ("x", "weights", "upstream")
    taught = {n: np.array(a, "float32") for n, a in zip(names, numbers, strict=True)}
    cases = [Case("one image", taught), Case("one image", drawn(1, 2, 4))]
    for shape in ((2, 3, 4), (4, 3, 3)):
        arrays = drawn(*shape)
        for item, part in enumerate(("the inputs", "the weights", "the bias")):
            cases.append(Case(part, arrays, item))
    return cases


linear_gradient = Exercise(
    name="linear_gradient",
    points=3,
    parts=(
        Part(
            "three arrays, shaped as what they belong to",
            0.1,
            "The answer is three arrays: dx with the shape of x, dweights with the shape of "
            "weights, dbias with one number for each output, (M,).",
            form=True,
        ),
        Part(
            "one image",
            0.2,
            "With a single image: weight [i, j] multiplies input i on its way to output j. What "
            "comes back to it, and what to input i, to bias j?",
        ),
        Part(
            "the weights",
            0.3,
            "A weight is used once for each image. What does it get from each of them, and what "
            "is done with what comes back on several ways?",
        ),
        Part(
            "the inputs",
            0.2,
            "One input of one image goes into every output. What comes back from output j to "
            "input i?",
        ),
        Part(
            "the bias",
            0.2,
            "The same bias is added for every image. What comes back to it from each of them?",
        ),
    ),
    cases=_linear_gradient_cases,
    expected=_linear_gradient_by_tensorflow,
    answer_with=_linear_gradient_with,
    misconceptions=(
        Misconception(
            "weights_not_turned",
            "For dx you multiplied by `weights` as they lie, (inputs, outputs). The upstream "
            "gradient has one number for each output, dx one for each input: which way must the "
            "weights lie in between?",
        ),
        Misconception(
            "weights_the_other_way",
            "Your dweights lies on its side: its rows are outputs. Which shape have the weights "
            "from which it will be subtracted?",
        ),
        Misconception(
            "mean_over_the_batch",
            "You divided by the number of images. If a loss takes a mean, that 1/N is in "
            "`upstream` already. What is done with gradients that come back on several ways?",
        ),
        Misconception(
            "first_image_only",
            "Only the first image has changed your weights. Each image used them. What should "
            "happen to the gradients of the others?",
        ),
        Misconception(
            "bias_for_each_image",
            "Your dbias has a row for each image. How many biases has the layer, and on how many "
            "ways does one of them reach the loss?",
        ),
        Misconception(
            "one_number_for_the_bias",
            "Your dbias is a single number, the sum over images and outputs. Does the bias of "
            "one output reach the other outputs, too?",
        ),
        Misconception(
            "bias_summed_over_outputs",
            "Your dbias has one number for each image. Which axis of (images, outputs) counts "
            "the biases, and along which one should the sum run?",
        ),
        Misconception(
            "bias_gets_one",
            "Your dbias is 1 for each output: that is the local gradient of a sum. What arrives "
            "from above, and what does the chain rule do with the two?",
        ),
        Misconception(
            "upstream_forgotten",
            "Your answer does not change with the numbers in `upstream`. What you have is the "
            "gradient of the sum of all outputs. Which number says how much the loss cares for "
            "one output?",
        ),
        Misconception(
            "weights_first",
            "The gradients themselves are right. In which order should the three come back?",
        ),
    ),
    forbidden=(
        "tensorflow.GradientTape",
        "tensorflow.GradientTape.gradient",
        "tensorflow.gradients",
    ),
    hints=(
        "Let the shapes lead you: x is (N, D), weights (D, M), upstream (N, M). Which product of "
        "two of them is (D, M)? Which is (N, D)? One factor may have to be turned: a.T.",
        "Write out one weight: over all images n, the sum of x[n, i] * upstream[n, j]. That sum "
        "over n is a matrix product with x.T in front. For dx the sum runs over the outputs. "
        "For the bias nothing is multiplied: upstream is added up over the images.",
    ),
    proved="linear_gradient sends a batch's gradient back to inputs, weights and biases.",
)

# --- softmax_cross_entropy --------------------------------------------------------------------


def _softmax_cross_entropy_by_tensorflow(scores, labels):
    import tensorflow as tf

    scores = tf.Variable(scores, dtype="float64")
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        loss = tf.reduce_mean(losses)
    return float(loss), tape.gradient(loss, scores).numpy()


def _softmax(scores, axis, shift):
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True) * shift)
    return raised / raised.sum(axis=axis, keepdims=True)


def _softmax_cross_entropy_with(slips, scores, labels):
    """`softmax_cross_entropy` as someone with these slips writes it; without any it is right."""
    images = np.arange(len(scores))
    with np.errstate(all="ignore"):
        shift = "overflow" not in slips
        axes = {"softmax_over_the_images": 0, "softmax_over_everything": None}
        axis = next((axis for slip, axis in axes.items() if slip in slips), 1)
        if "one_maximum_for_all" in slips:
            scores, shift = scores - scores.max(), False
        chances = _softmax(scores, axis, shift)
        if "softmax_twice" in slips:
            chances = _softmax(chances, 1, shift)
        loss = _loss_with(slips, scores, chances, labels, shift)
        gradient = chances.copy()
        gradient[images, labels] -= 1
        if "one_hot_forgotten" in slips:
            gradient = chances.copy()
        if "gradient_of_log_only" in slips:
            gradient = np.zeros_like(chances)
            gradient[images, labels] = -1 / chances[images, labels]
        if "uphill" in slips:
            gradient = -gradient
    whole = {"summed", "gradient_not_divided"} & set(slips)
    return loss, gradient if whole else gradient / len(scores)


def _loss_with(slips, scores, chances, labels, shift):
    images = np.arange(len(scores))
    taken = chances.argmax(axis=1) if "loss_of_the_favourite" in slips else labels
    logs = np.log(chances)
    of_chances = {"softmax_twice", "softmax_over_the_images", "softmax_over_everything"}
    if shift and not {"log_of_zero", *of_chances} & set(slips):
        # The logarithm of a probability that is rounded to 0 is still a number.
        lowered = scores - scores.max(axis=1, keepdims=True)
        logs = lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))
    losses = -logs[images, taken]
    if "log_to_base_2" in slips:
        losses = losses / np.log(2)
    if "minus_forgotten" in slips:
        losses = -losses
    if "no_logarithm" in slips:
        losses = 1 - chances[images, taken]
    return float(losses.sum() if "summed" in slips else losses.mean())


def _softmax_cross_entropy_cases(rng):
    def drawn(images, classes):
        scores = np.stack([rng.permutation(classes) for _ in range(images)]) + 0.0
        labels = rng.integers(0, classes, images)
        labels[0] = scores[0].argmin()  # one image at least that is not recognised
        scores[0, 0] += 0.5
        return {"scores": scores, "labels": labels}

    three = {"scores": np.array([[2.0, 1.0, 0.0]]), "labels": np.array([1])}
    cases = []
    for arrays in (three, drawn(3, 4), drawn(4, 4)):
        cases += [Case("the loss", arrays, 0), Case("its gradient", arrays, 1)]
    large = np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.0, -999.0]])
    large += rng.integers(0, 50)
    far = np.array([[1000.0 + rng.integers(0, 50), 0.0, 2.0]])  # sure, and wrong
    return [
        *cases,
        Case("large scores", {"scores": large[:1], "labels": np.array([0])}),
        Case("large scores", {"scores": large, "labels": rng.integers(0, 3, 2)}),
        Case("large scores", {"scores": far, "labels": np.array([1])}),
    ]


softmax_cross_entropy = Exercise(
    name="softmax_cross_entropy",
    points=3,
    parts=(
        Part(
            "a number and an array",
            0.1,
            "The answer is a pair: the loss, one number, and its gradient with the shape of the "
            "scores.",
            form=True,
        ),
        Part(
            "the loss",
            0.35,
            "Take one image: its softmax first, then the probability of the right class alone, "
            "then minus its natural logarithm. The loss is the mean over the images.",
        ),
        Part(
            "its gradient",
            0.35,
            "Nudge one score by 0.001 and watch your own loss: does it move by 0.001 times the "
            "number in your gradient?",
        ),
        Part(
            "large scores",
            0.2,
            "What is np.exp(1000)? A score that is added to all of one image's scores does not "
            "change their softmax: which one would make the largest exponent 0? And what is "
            "np.log of a probability that was rounded to 0?",
        ),
    ),
    cases=_softmax_cross_entropy_cases,
    expected=_softmax_cross_entropy_by_tensorflow,
    answer_with=_softmax_cross_entropy_with,
    misconceptions=(
        Misconception(
            "overflow",
            "With small scores all is right, with scores near 1000 it is not. What is "
            "np.exp(1000)? And what becomes of a softmax when the same number is taken away from "
            "all scores of an image?",
        ),
        Misconception(
            "softmax_over_the_images",
            "Your probabilities add up to 1 over the images. Which axis of (images, classes) "
            "holds what one image may be?",
        ),
        Misconception(
            "softmax_over_everything",
            "You divided by one sum for the whole batch. Should the probabilities of one image "
            "depend on which other images are in the batch?",
        ),
        Misconception(
            "one_maximum_for_all",
            "You took the largest score of the whole batch away from all of them. What is left "
            "of an image whose scores all lie 2000 lower?",
        ),
        Misconception(
            "log_of_zero",
            "Where the network is sure and wrong, your loss is infinite: the probability was "
            "rounded to 0 before its logarithm was taken. What is the logarithm of a fraction, "
            "and of e to the power of a score? Does it need the fraction at all?",
        ),
        Misconception(
            "softmax_twice",
            "A softmax was taken of what was a softmax already. How sure can a network be then, "
            "at most?",
        ),
        Misconception(
            "summed",
            "Your loss and your gradient are those of the sum. With twice as many images, should "
            "the loss double?",
        ),
        Misconception(
            "gradient_not_divided",
            "Your loss is a mean, your gradient that of a sum. What does a mean do to the share "
            "of one image?",
        ),
        Misconception(
            "one_hot_forgotten",
            "Your gradient is above 0 for every score. Should the score of the right class fall "
            "as well? What is missing there?",
        ),
        Misconception(
            "uphill",
            "Your gradient has the opposite sign. When the score of the right class goes up, "
            "does the loss go up or down?",
        ),
        Misconception(
            "gradient_of_log_only",
            "Your gradient is that of -log p with regard to p. The scores lie one step further "
            "back: if the score of a wrong class goes up, what happens to p of the right one?",
        ),
        Misconception(
            "loss_of_the_favourite",
            "Your loss looks at the class with the highest probability. Is that always the right "
            "one? What would the loss of a network be that is sure and wrong?",
        ),
        Misconception(
            "minus_forgotten",
            "Your loss is below 0. The logarithm of a probability is negative or 0. What is the "
            "loss of an answer that is certain and right? Should a worse one have more or less?",
        ),
        Misconception(
            "no_logarithm",
            "Your loss is 1 - p. What does it cost to give the right class a probability of "
            "0.000001: at most 1, or much more?",
        ),
        Misconception(
            "log_to_base_2",
            "Your losses are too large, all by the same factor, 1.44. To which base is the "
            "logarithm?",
        ),
    ),
    forbidden=(
        "tensorflow.GradientTape",
        "tensorflow.GradientTape.gradient",
        "tensorflow.gradients",
        "tensorflow.nn.sparse_softmax_cross_entropy_with_logits",
        "tensorflow.nn.softmax_cross_entropy_with_logits",
        "tensorflow.nn.log_softmax",
        "tensorflow.nn.softmax",
        "keras.losses.sparse_categorical_crossentropy",
        "keras.losses.categorical_crossentropy",
        "keras.ops.softmax",
        "keras.ops.log_softmax",
        "scipy.special.softmax",
        "scipy.special.log_softmax",
    ),
    hints=(
        "First lower the scores of each image by their largest: keepdims=True keeps (N, 1), so "
        "that the subtraction fits. Then exp, divided by its sum along the classes, gives "
        "probabilities. For the right ones: chances[np.arange(N), labels].",
        "The log of a softmax is lowered - log(sum(exp(lowered))): so nothing is ever rounded "
        "to log(0). The gradient is the probabilities, less 1 at the right class of each image, "
        "and all of it divided by what the mean divides by.",
    ),
    proved="softmax_cross_entropy gives loss and gradient of a batch, however large the scores.",
)
