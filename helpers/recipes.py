"""A network and a recipe, trained within a budget and judged on pictures that were changed.

A *recipe* says how a network is trained: a tuple of pairs ``(ingredient, value)``, such as
``(("steps", 600), ("batch", 64))``; what is left out has the value in `INGREDIENTS`. The trainer
takes over the network's layers and never its weights: every training begins anew, from one seed.
It is counted in steps and multiply-adds, never in seconds.
"""

import time
from numbers import Real
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from helpers import datasets
from helpers.models.cost import cost_of_layers


class Ingredient(NamedTuple):
    """One entry of a recipe: its value when left out, what it may be, what it does."""

    value: Any
    allowed: tuple
    meaning: str


INGREDIENTS = {
    "images": Ingredient(10_000, (100, 60_000), "training images, the first ones of the file"),
    "batch": Ingredient(64, (8, 512), "images in one step"),
    "steps": Ingredient(500, (1, 4_000), "how often the weights move"),
    "optimizer": Ingredient("adam", ("adam", "sgd"), "the rule they move by; sgd: momentum 0.9"),
    "learning_rate": Ingredient(0.001, (1e-6, 10.0), "how far they move, the highest of all steps"),
    "schedule": Ingredient("constant", ("constant", "cosine", "warm up"),
                           "cosine: falls to 0; warm up: rises for a fifth of the steps, then so"),
    "weight_decay": Ingredient(0.0, (0.0, 0.1), "share of a weight lost a step, times the rate"),
    "label_smoothing": Ingredient(0.0, (0.0, 0.5), "share of a label spread over all classes"),
    "flip": Ingredient(False, (False, True), "mirror half of the images, left to right"),
    "shift": Ingredient(0.0, (0.0, 8.0), "move by up to so many pixels, each way"),
    "turn": Ingredient(0.0, (0.0, 45.0), "turn by up to so many degrees, either way"),
    "zoom": Ingredient(0.0, (0.0, 0.5), "0.1: up to a tenth smaller or larger"),
    "light": Ingredient(0.0, (0.0, 0.9), "0.3: take away up to three tenths of the light"),
    "noise": Ingredient(0.0, (0.0, 0.5), "largest deviation of the noise on a pixel"),
}  # fmt: skip
CHANGES = {"shift": 2.0, "turn": 10.0, "zoom": 0.1, "light": 0.3, "noise": 0.05}  # of the judge

MOST_PARAMETERS = 1_000_000
MOST_WORK = 150_000_000_000  # multiply-adds of the whole training
MOST_LAYERS = 80
MOST_VALUES = 40_000_000  # that the layers make of one batch
MOST_SECONDS = 90  # only a guard: what is judged does not depend on the machine's speed
LONGEST_LIST = 64  # numbers in a row in the configuration of a layer
PASSES = 3  # forward; backward to the weights; backward to the maps
ROUND = 20  # steps between two looks at the clock
LAYERS = """
InputLayer Conv2D DepthwiseConv2D Dense BatchNormalization LayerNormalization GroupNormalization
Activation ReLU LeakyReLU PReLU ELU Softmax Dropout SpatialDropout2D GaussianNoise
MaxPooling2D AveragePooling2D GlobalMaxPooling2D GlobalAveragePooling2D Flatten Reshape Identity
Add Multiply Average Maximum Concatenate Rescaling ZeroPadding2D Cropping2D Resizing UpSampling2D
Relu
"""  # whose work `cost` can count; the last one is keras.ops.relu
INITIALIZERS = """
Zeros Ones Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform
RandomNormal RandomUniform TruncatedNormal VarianceScaling Orthogonal
"""

# Between these grows what is earned, from nothing to all or from all to nothing. The answer key
# names 0.825, 0.832 and 0.823 of the changed images right with seeds 0, 1 and 2, for 55 billion
# multiply-adds and 21,286 parameters: room for another processor, and for other ideas.
ACCURACY = 0.74, 0.79  # share of the changed images that is named right
WORK = 60_000_000_000, 150_000_000_000
PARAMETERS = 25_000, 70_000


class Refused(ValueError):
    """A network or a recipe that is not trained.

    Attributes:
        about: what it is about, in a word or two.
    """

    def __init__(self, about, message):
        super().__init__(message)
        self.about = about


# --- recipes ------------------------------------------------------------------------------------


def whole_recipe(recipe):
    """A recipe with all ingredients, as a dict.

    Args:
        recipe: pairs ``(name, value)``; each name of `INGREDIENTS` at most once.

    Returns:
        A dict of all ingredients; whole numbers are ints, the other numbers floats.

    Raises:
        Refused: it is no row of pairs, or an ingredient is unknown, named twice or out of range.
            The message names it, its value and what is allowed.

    Example:
        >>> whole_recipe((("steps", 600), ("shift", 2)))["shift"]
        2.0
    """
    if not isinstance(recipe, tuple | list) or not all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in recipe
    ):
        raise Refused("pairs", f"a recipe is a tuple of pairs (name, value), got {recipe!r:.200}")
    whole = {name: ingredient.value for name, ingredient in INGREDIENTS.items()}
    named = set()
    for name, value in recipe:
        if not isinstance(name, str) or name not in INGREDIENTS:
            raise Refused(
                f"unknown ingredient {name!r:.40}",
                f"a recipe has no ingredient {name!r:.40}; it has {', '.join(INGREDIENTS)}",
            )
        if name in named:
            raise Refused(name, f"{name} stands twice in the recipe")
        named.add(name)
        whole[name] = _in_range(name, value)
    if whole["batch"] > whole["images"]:
        raise Refused("batch", f"batch must be at most images, got {whole['batch']} of "
                      f"{whole['images']}")  # fmt: skip
    return whole


def _in_range(name, value):
    """The value of an ingredient, of the kind that its default has."""
    default, allowed, _ = INGREDIENTS[name]
    if isinstance(default, str | bool):
        if type(value) is not type(default) or value not in allowed:
            raise Refused(name, f"{name} must be one of {allowed}, got {value!r:.40}")
        return value
    number = isinstance(value, Real) and not isinstance(value, bool)
    whole = isinstance(default, int)
    kind = "a whole number" if whole else "a number"
    if not number or (whole and value != int(value)) or not allowed[0] <= value <= allowed[1]:
        limits = f"from {allowed[0]:g} to {allowed[1]:g}"
        raise Refused(name, f"{name} must be {kind} {limits}, got {value!r:.40}")
    return int(value) if whole else float(value)


# --- networks -----------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What a network and a recipe cost, before anything is trained.

    Attributes:
        parameters: numbers that the network stores.
        multiply_adds: products with weights for one image, once forward.
        work: of the whole training: multiply_adds x 3 passes x batch x steps.
    """

    parameters: int
    multiply_adds: int
    work: int


def cost(model, recipe=(), budget=None):
    """What a network and a recipe cost, once it is sure that they may be trained.

    Args:
        model: a Keras model for images (N, H, W, C).
        recipe: pairs ``(name, value)``.
        budget: how many multiply-adds the training may take; None for the judge's `MOST_WORK`.

    Returns:
        A `Cost`.

    Raises:
        Refused: the recipe is none (see `whole_recipe`); the network has a layer whose work can't
            be counted or that brings its weights along; it or the training is too large.
    """
    recipe = whole_recipe(recipe)
    _check_size(model)
    model = keras.models.clone_model(model)  # free of what its layers were used for before
    _check_layers(model)
    multiply_adds = sum(layer.multiply_adds for layer in cost_of_layers(model))
    work = PASSES * multiply_adds * recipe["batch"] * recipe["steps"]
    most = MOST_WORK if budget is None else budget
    if work > most:
        raise Refused(
            "work",
            f"the training takes {work / 1e9:.1f} billion multiply-adds ({PASSES} x "
            f"{multiply_adds:,} x {recipe['batch']} images x {recipe['steps']} steps), "
            f"at most {most / 1e9:g} billion are allowed",
        )
    values = sum(_values_of(operation) for operation in _operations(model))
    if values * recipe["batch"] > MOST_VALUES:
        raise Refused(
            "memory",
            f"all layers together make {values:,} values of an image, {values * recipe['batch']:,} "
            f"of a batch of {recipe['batch']}; at most {MOST_VALUES:,} are allowed",
        )
    return Cost(model.count_params(), multiply_adds, work)


def _operations(model):
    """The layers of a model and the operations between them, such as the sum of ``x + y``."""
    return getattr(model, "operations", model.layers)


def _check_size(model):
    """Raise Refused where a network is too large, or has no shape before it sees images."""
    functional = isinstance(model, keras.Sequential) or hasattr(model, "operations")
    if not functional or not model.built:
        raise Refused("input", "the network must begin with keras.Input(input_shape)")
    many = len(_operations(model))
    if many > MOST_LAYERS:
        raise Refused("layers", f"the network has {many} layers, at most {MOST_LAYERS} are allowed")
    if model.count_params() > MOST_PARAMETERS:
        many = f"{model.count_params():,} parameters"
        raise Refused("parameters", f"the network has {many}, at most {MOST_PARAMETERS:,} allowed")


def _check_layers(model):
    """Raise Refused where a network hides its work, or brings numbers along."""
    for operation in _operations(model):
        kind = type(operation).__name__
        if kind not in LAYERS.split():
            raise Refused("layer", f"the layer {kind} is not allowed; allowed are: "
                          f"{', '.join(LAYERS.split())}")  # fmt: skip
        if len(operation._inbound_nodes) > 1:
            raise Refused("layer", f"the layer {operation.name} is used more than once")
        if getattr(operation, "data_format", "channels_last") != "channels_last":
            raise Refused("layer", f"{operation.name} must have its channels last")
        policy = getattr(operation, "dtype_policy", None)
        if policy is not None and policy.name != "float32":
            raise Refused("layer", f"{operation.name} must be float32, got {policy.name}")
    _check_numbers(keras.saving.serialize_keras_object(model))


def _check_numbers(config):
    """Raise Refused at an initialiser that is not random, or a list long enough to be weights."""
    if isinstance(config, dict):
        starts, kind = config.get("module") == "keras.initializers", config.get("class_name")
        if starts and kind not in INITIALIZERS.split():
            allowed = ", ".join(INITIALIZERS.split())
            raise Refused("initializer", f"weights begin with one of {allowed}; got {kind}")
        for value in config.values():
            _check_numbers(value)
    elif isinstance(config, list | tuple):
        if _numbers_in(config) > LONGEST_LIST:
            raise Refused("numbers", f"a layer brings more than {LONGEST_LIST} numbers along; all "
                          "weights are learned here, from a random start")  # fmt: skip
        for value in config:
            _check_numbers(value)


def _numbers_in(items):
    """How many numbers a nest of lists holds."""
    nested = (_numbers_in(item) for item in items if isinstance(item, list | tuple))
    return sum(isinstance(item, Real) for item in items) + sum(nested)


def _values_of(operation):
    """How many values a layer makes of one image."""
    return int(np.prod(operation.output.shape[1:]))


def check_answers(model, shape, classes):
    """Raise Refused unless a network takes images of a shape and gives probabilities of classes.

    Args:
        model: a Keras model.
        shape: (H, W, C) of the images.
        classes: how many there are.
    """
    inputs, outputs = (tuple(tensor.shape) for tensor in (model.inputs[0], model.outputs[0]))
    if len(model.inputs) > 1 or inputs != (None, *shape):
        raise Refused("input", f"the network must take images {(None, *shape)}, it takes {inputs}")
    if len(model.outputs) > 1 or outputs != (None, classes):
        raise Refused("output", f"the network must give {(None, classes)}, it gives {outputs}")
    rng = np.random.default_rng(0)
    scores = model(rng.normal(size=(4, *shape)).astype("float32"), training=False).numpy()
    if scores.min() < 0 or not np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        raise Refused("probabilities", "the network must give probabilities, which are not negative"
                      f" and add up to 1; for some images it gives {_row(scores[0])}")  # fmt: skip


def _row(numbers):
    return "[" + ", ".join(f"{number:.2f}" for number in numbers[:5]) + ", ...]"


class Shares(NamedTuple):
    """How much is earned of the points for accuracy, for work and for parameters, each 0 to 1."""

    accuracy: float
    work: float
    parameters: float


def shares(accuracy, work, parameters):
    """What an accuracy on changed images, a work and a number of parameters earn.

    Each grows evenly from nothing to all between the two numbers of `ACCURACY`, `WORK` and
    `PARAMETERS`; of work and parameters few are good.

    Returns:
        `Shares`. The latter two count in so far as the accuracy does.

    Example:
        >>> shares(0.9, WORK[1], PARAMETERS[0])
        Shares(accuracy=1.0, work=0.0, parameters=1.0)
    """

    def share(value, nothing, everything):
        return abs(float(np.clip((value - nothing) / (everything - nothing), 0, 1)))  # no -0.0

    return Shares(
        share(accuracy, *ACCURACY), share(work, *WORK[::-1]), share(parameters, *PARAMETERS[::-1])
    )


# --- pictures -----------------------------------------------------------------------------------


def move(images, right, down, degrees, size):
    """Move, turn and scale images, each by numbers of its own.

    Pixels are mixed from their four neighbours (bilinear); what comes in from outside is black.

    Args:
        images: a tensor ``(N, H, W, C)``, float32.
        right, down: tensors ``(N,)``, pixels; negative ones move to the left and up.
        degrees: tensor ``(N,)``, counter-clockwise, about the middle.
        size: tensor ``(N,)``: 2 doubles the length of things; above 0.

    Returns:
        A tensor like ``images``.

    Source:
        The operation is that of ``keras.layers.RandomRotation``, which maps each place of the
        result to the place that it is taken from.
    """
    height, width = images.shape[1:3]
    x, y = (width - 1) / 2, (height - 1) / 2
    cos, sin = (f(degrees * (np.pi / 180)) / size for f in (tf.cos, tf.sin))
    from_x = x - cos * (x + right) + sin * (y + down)
    from_y = y - sin * (x + right) - cos * (y + down)
    none = tf.zeros_like(cos)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([cos, -sin, from_x, sin, cos, from_y, none, none], axis=1),
        output_shape=[height, width],
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )


def vary(images, seed, strengths):
    """Images as a recipe changes them while a network learns: each one by numbers of its own.

    Args:
        images: a tensor ``(N, H, W, C)``, float32, 0 black to 1 white.
        seed: a pair of whole numbers; the same one gives the same changes.
        strengths: a dict with any of "flip", "shift", "turn", "zoom", "light" and "noise", as in
            `INGREDIENTS`.

    Returns:
        A tensor like ``images``.
    """
    strength = {name: 0.0 for name in CHANGES} | dict(strengths)
    count = images.shape[0]
    draws = tf.unstack(tf.random.stateless_uniform((7, count), seed, -1, 1))
    if strength.get("flip"):
        mirrored = (draws[0] > 0)[:, None, None, None]
        images = tf.where(mirrored, images[:, :, ::-1], images)
    if strength["shift"] or strength["turn"] or strength["zoom"]:
        right, down = (tf.round(draw * strength["shift"]) for draw in draws[1:3])
        degrees, size = strength["turn"] * draws[3], 1 + strength["zoom"] * draws[4]
        images = move(images, right, down, degrees, size)
    if strength["light"]:
        images *= (1 - strength["light"] * (draws[5] + 1) / 2)[:, None, None, None]
    if strength["noise"]:
        deviation = (strength["noise"] * (draws[6] + 1) / 2)[:, None, None, None]
        normal = tf.random.stateless_normal(images.shape, tf.stack(seed) + 1)
        images = tf.clip_by_value(images + deviation * normal, 0, 1)
    return images


def judged_images(seed, n=10_000):
    """The first test images as they are, and as the judge changes them.

    Each is moved by up to 2 pixels, turned by up to 10 degrees, made up to a tenth smaller or
    larger, loses up to three tenths of its light and gets some noise: see `CHANGES`.

    Args:
        seed: of the changes.
        n: how many images; 1 to 10,000.

    Returns:
        ``(images, changed, labels)``: float32 ``(n, 28, 28, 1)``, 0 to 1, twice, and ``(n,)``.
    """
    images, labels = datasets.fashion_mnist("test", n=n)
    images = images / np.float32(255)
    seeds = np.random.default_rng(seed).integers(2**30, size=2)
    return images, vary(tf.constant(images), tuple(map(int, seeds)), CHANGES).numpy(), labels


# --- training -----------------------------------------------------------------------------------


class Trained(NamedTuple):
    """What a training made.

    Attributes:
        model: the trained Keras model; it wants images that were standardised.
        mean, deviation: of the training images, for that.
        cost: a `Cost`.
        losses: mean loss of the first and of the last 20 steps.
        seconds: that it took on this machine.
    """

    model: keras.Model
    mean: float
    deviation: float
    cost: Cost
    losses: tuple
    seconds: float

    def accuracy(self, images, labels):
        """The share of images ``(N, H, W, C)``, 0 to 1, that the network names as ``labels``."""
        images = (np.asarray(images, "float32") - self.mean) / self.deviation
        scores = self.model.predict(images, batch_size=500, verbose=0)
        return float((scores.argmax(axis=1) == labels).mean())


def train(model, recipe=(), seed=0, progress=False, budget=None):
    """Train a network on Fashion-MNIST by a recipe, from new random weights.

    Args:
        model: a Keras model, (N, 28, 28, 1) to probabilities of 10 classes. It is left as it is;
            what is trained is a network with the same layers.
        recipe: pairs ``(name, value)``, see `INGREDIENTS`.
        seed: of the weights, the order of the images, and their changes.
        progress: print a line after each quarter of the steps.
        budget: how many multiply-adds it may take; None for what the judge allows: `MOST_WORK`,
            within `MOST_SECONDS`.

    Returns:
        `Trained`.

    Raises:
        Refused: see `cost` and `check_answers`; or it took too long.
    """
    price = cost(model, recipe, budget)
    check_answers(model, (28, 28, 1), 10)
    recipe, start = whole_recipe(recipe), time.perf_counter()
    keras.utils.set_random_seed(seed)
    model = keras.models.clone_model(model)
    images, labels = datasets.fashion_mnist("train", n=recipe["images"])
    mean, deviation = images.mean() / 255, images.std() / 255
    steps = _steps(model, recipe, images, labels, (mean, deviation), seed)
    losses, count = [], recipe["steps"]
    for first in range(0, count, ROUND):
        last = min(first + ROUND, count)
        losses.append(float(steps(tf.constant(first), tf.constant(last))))
        seconds = time.perf_counter() - start
        if budget is None and seconds > MOST_SECONDS:
            raise Refused("time", f"{last} of {count} steps took {seconds:.0f} seconds, "
                          f"at most {MOST_SECONDS} are allowed")  # fmt: skip
        if progress and 4 * last // count > 4 * first // count:
            print(f"step {last} of {count}  loss {losses[-1]:.3f}  ({seconds:.1f} s)", flush=True)
    ends = losses[0], losses[-1]
    return Trained(model, mean, deviation, price, ends, time.perf_counter() - start)


def _steps(model, recipe, images, labels, scale, seed):
    """A function (first, last) that makes these steps and gives their mean loss."""
    mean, deviation = scale
    images = tf.constant(images)
    spread = recipe["label_smoothing"]
    labels = tf.constant(np.eye(10, dtype="float32")[labels] * (1 - spread) + spread / 10)
    order = tf.constant(_order(recipe, seed), tf.int32)
    optimizer = _optimizer(recipe)
    optimizer.build(model.trainable_variables)

    def step(number):
        chosen = order[number]
        seen = tf.cast(tf.gather(images, chosen), tf.float32) / 255
        seen = (vary(seen, (seed, number), recipe) - mean) / deviation
        with tf.GradientTape() as tape:
            scores = model(seen, training=True)
            each = keras.losses.categorical_crossentropy(tf.gather(labels, chosen), scores)
            loss = tf.reduce_mean(each)
            total = tf.add_n([loss, *model.losses])  # with what regularizers add
        gradients = tape.gradient(total, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def steps(first, last):
        total = 0.0
        for number in tf.range(first, last):  # in the graph: no Python between two steps
            total += step(number)
        return total / tf.cast(last - first, tf.float32)

    return steps


def _order(recipe, seed):
    """Which images each step sees ``(steps, batch)``: all of them once before one comes again."""
    images, wanted = recipe["images"], recipe["steps"] * recipe["batch"]
    rng = np.random.default_rng(seed)
    rounds = [rng.permutation(images) for _ in range(-(-wanted // images))]
    return np.concatenate(rounds)[:wanted].reshape(recipe["steps"], recipe["batch"])


def _optimizer(recipe):
    rate, steps = recipe["learning_rate"], recipe["steps"]
    if recipe["schedule"] == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    elif recipe["schedule"] == "warm up":
        rising = max(steps // 5, 1)
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 20, max(steps - rising, 1), warmup_target=rate, warmup_steps=rising
        )
    decay = recipe["weight_decay"] or None
    if recipe["optimizer"] == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
    return keras.optimizers.Adam(rate, weight_decay=decay)
