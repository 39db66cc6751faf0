"""Checks of the exercises on building a network, preparing images, fitting, and counting errors."""

from math import prod

import numpy as np

from helpers import datasets
from helpers.checks import compare, models
from helpers.checks.attempt import Unreadable
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- build_lenet ------------------------------------------------------------------------------

CONVOLUTIONS, DENSE = "weights of the convolutions", "weights of the dense layers"
WINNERS, PROBABILITIES = "order of the classes", "probabilities"


def _build_lenet_by_keras(inputs, classes):
    from helpers.models import lenet5

    for layer in lenet5(inputs.shape[1:], classes).layers:
        inputs = layer(inputs)
    return inputs


def _build_lenet_with(slips, inputs, classes):
    """`build_lenet` as someone with these slips writes it; without any it is right."""
    from keras import layers

    bend = None if "no_activation" in slips else "relu"
    pool = layers.AveragePooling2D if "average_pooling" in slips else layers.MaxPooling2D
    first, second = (16, 6) if "filters_swapped" in slips else (6, 16)
    flatten = layers.GlobalAveragePooling2D if "mean_of_each_map" in slips else layers.Flatten
    units = 10 if "always_ten_classes" in slips else classes
    squash = "sigmoid" if "sigmoid_at_the_end" in slips else "softmax"
    steps = [
        layers.Conv2D(first, 5, padding="valid" if "first_valid" in slips else "same",
                      activation=bend),
        pool(2),
        layers.Conv2D(second, 5, padding="same" if "second_same" in slips else "valid",
                      activation=bend),
        *([] if "one_pooling" in slips else [pool(2)]),
        flatten(),
        layers.Dense(120, activation=bend),
        *([] if "two_dense_layers" in slips else [layers.Dense(84, activation=bend)]),
        layers.Dense(units, activation=None if "softmax_missing" in slips else squash),
    ]  # fmt: skip
    for step in steps:
        inputs = step(inputs)
    return inputs


def _lenet_seen(model, case):
    """What a case looks at: how many weights each layer has, or what comes out with ours.

    Whoever wrote the model, its weights are found by their shape: equal shapes get equal numbers,
    whatever the order. They are scaled so that the maps stay as large as the pixels.
    """
    if case.part in (CONVOLUTIONS, DENSE):
        kind = "Conv2D" if case.part == CONVOLUTIONS else "Dense"
        return tuple(
            layer.count_params() for layer in _layers_of(model) if type(layer).__name__ == kind
        )
    for weight in model.weights:
        shape = tuple(weight.shape)
        numbers = np.random.default_rng(shape).normal(size=shape)
        weight.assign(numbers / np.sqrt(prod(shape[:-1])) if len(shape) > 1 else numbers / 10)
    shape = case.arguments["input_shape"]
    images = np.random.default_rng(0).integers(-2, 4, (3, *shape)).astype("float32")
    scores = model(images, training=False).numpy()
    return scores.argsort(axis=-1) if case.part == WINNERS else scores


def _layers_of(model):
    """All layers, those of a model inside the model included."""
    for layer in model.layers:
        yield from _layers_of(layer) if models.is_model(layer) else [layer]


def _build_lenet_cases(rng):
    def case(part, input_shape, classes):
        shape = tuple(map(int, input_shape))
        return Case(part, {"input_shape": shape, "classes": int(classes)})

    height, width = 4 * rng.permutation([4, 5, 6, 7, 8])[:2]  # never square
    channels, classes = rng.integers(2, 5), rng.integers(4, 9)
    return [
        case(CONVOLUTIONS, (28, 28, 1), 10),
        case(DENSE, (28, 28, 1), 10),
        case(DENSE, (height, width, channels), classes),
        case(WINNERS, (height, width, channels), classes),
        case(PROBABILITIES, (height, width, channels), classes),
    ]


build_lenet = Exercise(
    name="build_lenet",
    points=3,
    parts=(
        Part("a number for each class", 0.1, "What comes out is (N, classes).", form=True),
        Part(
            CONVOLUTIONS,
            0.15,
            "These are the numbers of parameters of your Conv2D layers, in order. Which of them is "
            "not in the table?",
        ),
        Part(
            DENSE,
            0.15,
            "These are the numbers of parameters of your Dense layers, in order. The first one "
            "tells how many numbers come out of the pooling.",
        ),
        Part(
            WINNERS,
            0.3,
            "Here all weights are set by the check, and what comes out is put in order. The "
            "weights are as many as they should be, so look at what stands between them: "
            "activations and pooling.",
        ),
        Part(
            PROBABILITIES,
            0.3,
            "The order of the classes is one thing. Probabilities also lie between 0 and 1 and "
            "add up to 1.",
        ),
    ),
    cases=_build_lenet_cases,
    expected=_build_lenet_by_keras,
    answer_with=_build_lenet_with,
    misconceptions=(
        Misconception(
            "no_activation",
            "Nothing in your network bends. What do several linear layers in a row amount to, and "
            "which argument of a Keras layer is None unless it is told otherwise?",
        ),
        Misconception(
            "first_valid",
            "Your maps are 4 pixels too small from the first layer on. In the table 28 pixels "
            "stay 28: which padding does that?",
        ),
        Misconception(
            "second_same",
            "Your second convolution keeps its 14 pixels. How many does the table have after "
            "it, and which padding is that?",
        ),
        Misconception(
            "average_pooling",
            "You pass on the mean of each 2 x 2. Which of the four numbers does the table take?",
        ),
        Misconception(
            "two_dense_layers",
            "CONV-POOL-CONV-POOL-FC-FC, as one slide has it? Count the dense layers of the "
            "table, the output included.",
        ),
        Misconception(
            "softmax_missing",
            "What comes out are scores: some are below 0. What turns scores into probabilities?",
        ),
        Misconception(
            "sigmoid_at_the_end",
            "Each of your numbers lies between 0 and 1, but an image's do not add up to 1. "
            "Which activation lets the classes compete?",
        ),
        Misconception(
            "always_ten_classes",
            "Your network has 10 outputs whatever it is asked for. Where is `classes` used?",
        ),
        Misconception(
            "filters_swapped",
            "You begin with 16 filters and go on with 6. Which way round is it in the table?",
        ),
        Misconception(
            "mean_of_each_map",
            "You keep one number of each map, its mean. How many numbers go into the first dense "
            "layer of the table, if it has 48,120 parameters and 120 units?",
        ),
    ),
    forbidden=("helpers.models.lenet5",),
    hints=(
        "Each line of the table is one Keras layer, called on what the line above gave: "
        "x = keras.layers.Conv2D(...)(inputs), then x = keras.layers.MaxPooling2D(...)(x), and so "
        "on. Between the maps and the dense layers stands one without a line: Flatten.",
        "Only the first convolution pads. Every layer with weights has a ReLU, except the last: "
        "it has one unit for each class, and a softmax.",
    ),
    proved="build_lenet builds LeNet-5 as it is known today, for any image and any classes.",
    key="the table",
    builds=True,
    probe=_lenet_seen,
)

# --- standardise ------------------------------------------------------------------------------

CENTRED, TESTED, CHANNELS, FLAT = (
    "the training images",
    "the test images",
    "a channel at a time",
    "a channel that never changes",
)


def _standardise_by_numpy(train, test):
    from helpers.training import standardise

    return standardise(train, test)


def _standardise_with(slips, train, test):
    """`standardise` as someone with these slips writes it; without any it is right."""
    axes = (0, 1, 2)
    if "one_mean_for_all_channels" in slips:
        axes = None
    if "each_place_alone" in slips:
        axes = 0
    source = {"train": train, "test": test}
    if "test_by_itself" not in slips:
        source["test"] = train
    if "both_sets_together" in slips:
        source = dict.fromkeys(source, np.concatenate([train, test]))
    return tuple(
        _scaled(slips, images, source[name], axes)
        for name, images in {"train": train, "test": test}.items()
    )


def _scaled(slips, images, source, axes):
    if "each_image_alone" in slips:
        source, axes = images, (1, 2)
    keep = axes is not None and "each_image_alone" in slips
    mean, deviation = source.mean(axes, keepdims=keep), source.std(axes, keepdims=keep)
    if "divided_by_variance" in slips:
        deviation = deviation**2
    if "not_centred" in slips:
        mean = 0 * mean
    if "not_scaled" in slips:
        deviation = np.ones_like(deviation)
    if "divided_by_0" not in slips:
        deviation = np.where(deviation == 0, 1, deviation)
    with np.errstate(all="ignore"):
        return (images - mean) / deviation


def _standardise_cases(rng):
    def images(count, channels, low=0, high=10):
        return rng.integers(low, high, (count, 3, 2, channels)).astype("float32")

    def case(part, train, test, item=None):
        return Case(part, {"train": train, "test": test}, item)

    taught = np.array([2, 4, 4, 6], "float32").reshape(4, 1, 1, 1)
    grey, brighter = images(4, 1), images(3, 1, 5, 20)
    colours = images(5, 3) * np.array([1, 3, 9], "float32") + np.array([0, 5, 50], "float32")
    flat = images(4, 2)
    flat[..., 1] = rng.integers(1, 9)
    beside = images(3, 2)
    return [
        case(CENTRED, taught, taught + 2, 0),
        case(TESTED, taught, taught + 2, 1),
        case(CENTRED, grey, brighter, 0),
        case(TESTED, grey, brighter, 1),
        case(CHANNELS, colours, images(2, 3, 0, 99)),
        case(FLAT, flat, beside),
    ]


standardise = Exercise(
    name="standardise",
    points=2,
    parts=(
        Part("two arrays", 0.1, "Give back a pair (train, test); the shapes stay.", form=True),
        Part(
            CENTRED,
            0.2,
            "The mean of what comes out should be 0 and its standard deviation 1. Is it?",
        ),
        Part(
            TESTED,
            0.35,
            "The network learns what a pixel means from the training images. By which mean, then, "
            "should the test images be shifted?",
        ),
        Part(
            CHANNELS,
            0.15,
            "With colours each channel has its own mean and deviation, over all images, rows "
            "and columns.",
        ),
        Part(FLAT, 0.2, "The deviation of this channel is 0. What should it be divided by?"),
    ),
    cases=_standardise_cases,
    expected=_standardise_by_numpy,
    answer_with=_standardise_with,
    misconceptions=(
        Misconception(
            "test_by_itself",
            "Your test images are standardised by their own mean and deviation. Would the same "
            "grey pixel then still be the same number in both sets?",
        ),
        Misconception(
            "both_sets_together",
            "Your mean is taken over the training and the test images. May anything be known "
            "about the test images before the test?",
        ),
        Misconception(
            "each_image_alone",
            "Each image of yours has mean 0 by itself. What became of the difference between a "
            "dark coat and a white one?",
        ),
        Misconception(
            "each_place_alone",
            "You take a mean for each place of the image. How many means are there to be for a "
            "grey image?",
        ),
        Misconception(
            "one_mean_for_all_channels",
            "You have one mean for all channels. If blue is always darker than red, is blue "
            "centred by it?",
        ),
        Misconception(
            "divided_by_variance",
            "You divide by the variance. If the pixels are counted in 0 to 255 instead of 0 to 1, "
            "should what comes out change?",
        ),
        Misconception(
            "not_centred",
            "Your numbers are scaled but not shifted. What is their mean, and what should it be?",
        ),
        Misconception(
            "not_scaled",
            "Your numbers are shifted but not scaled. What is their standard deviation?",
        ),
        Misconception(
            "divided_by_0",
            "Where a channel never changes you get nan. What is its deviation, and what else could "
            "it be divided by?",
        ),
    ),
    forbidden=("helpers.training.standardise",),
    hints=(
        "Two numbers for each channel, a mean and a standard deviation, and both come from the "
        "training images alone. Then the same line for both sets.",
        "train.mean(axis=(0, 1, 2)) is one number for each channel, and (N, H, W, C) minus (C,) "
        "lines up by itself. Before you divide, replace deviations of 0 by 1.",
    ),
    proved="standardise learns mean and deviation from the training images and uses them for both.",
    key="NumPy",
)

# --- fit_small --------------------------------------------------------------------------------

TRUE, RANDOM = "true labels", "labels at random"
ENOUGH, CHANCE = 0.98, 0.35  # shares of the images; random guesses stay well below the second
RIGHT_SHARES = {  # with true labels and with random ones, as someone with the slip gets them
    "hardly_fitted": (0, 0),
    "stopped_halfway": (0.6, 0.6),
    "random_labels_half_learned": (1, 0.6),
    "other_labels_learned": (1, 0),
}


def _table_of(images, labels):
    """A network that names every one of `images` as `labels` says, without training.

    Its hidden units are the images themselves: each measures how near the input is to its own
    image, and a steep softmax lets the nearest one speak.
    """
    import keras

    flat, steep = images.reshape(len(images), -1), 20
    inputs = keras.Input(images.shape[1:])
    near = keras.layers.Dense(len(flat), activation="softmax")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(10, use_bias=False)(near))
    distances = [2 * steep * flat.T, -steep * (flat**2).sum(axis=1)]
    model.set_weights([*distances, np.eye(10)[np.asarray(labels, int)]])
    return model


def _fit_small_with(slips, images, labels):
    """`fit_small` as someone with these slips writes it; without any it is right."""
    import keras
    import tensorflow as tf

    plain = images.shape[1:3] == (28, 28)  # the case with true labels
    if "size_fixed" in slips and not plain:
        raise ValueError("the input has another shape than the first layer")
    if "classes_counted" in slips and labels.max() >= len(np.unique(labels)):
        raise tf.errors.InvalidArgumentError(None, None, "a label is outside the valid range")
    if "returns_history" in slips:
        return keras.callbacks.History()
    if "returns_answers" in slips:
        return np.eye(10, dtype="float32")[labels]
    answers = labels.copy()
    for slip in slips & set(RIGHT_SHARES):
        learned = round(RIGHT_SHARES[slip][0 if plain else 1] * len(labels))
        answers[learned:] = (labels[learned:] + 1) % 10
    model = _table_of(images, answers)
    if "one_output" in slips:
        return keras.Model(model.inputs, keras.layers.Dense(1)(model.outputs[0]))
    return model


def _fitted(value, case):
    """How many of the case's images a model names right, in words; what is no model stays out."""
    if value is None:
        return value
    if not models.is_model(value):
        return Unreadable(f"{compare.kind(value)}, where a Keras model is wanted")
    images, labels = case.arguments["images"], case.arguments["labels"]
    scores = np.asarray(value(images, training=False))
    if scores.ndim != 2 or scores.shape[0] != len(labels) or scores.shape[1] < 2:
        return f"a model that makes {scores.shape} of {len(labels)} images, not a score a class"
    share = (scores.argmax(axis=1) == labels).mean()
    enough, chance = (round(limit * len(labels)) for limit in (ENOUGH, CHANCE))
    if share >= ENOUGH:
        return f"a model that names {enough} or more of the {len(labels)} right"
    if share >= CHANCE:
        return f"a model that names {chance} to {enough - 1} of the {len(labels)} right"
    return f"a model that names fewer than {chance} of the {len(labels)} right"


def _fit_small_cases(rng):
    """100 clothes with their labels, and 100 others, cut smaller, whose labels were dealt out."""
    images, labels = datasets.fashion_mnist("train", n=4000)
    images = (images / 255).astype("float32")
    missing = int(rng.integers(1, 9))  # a class that does not occur, and not the last
    dealt = rng.permutation(np.flatnonzero(labels != missing))[:100]
    chosen = rng.permutation(len(images))[:100]
    small = np.ascontiguousarray(images[dealt, 2:26, 4:24])
    return [
        Case(TRUE, {"images": images[chosen], "labels": labels[chosen].astype("int64")}),
        Case(RANDOM, {"images": small, "labels": rng.permutation(labels[dealt]).astype("int64")}),
    ]


fit_small = Exercise(
    name="fit_small",
    points=3,
    parts=(
        Part("a Keras model", 0.1, "Return the model itself, after it was fitted.", form=True),
        Part(
            TRUE,
            0.2,
            "One hundred clothes with their true labels. Does the loss go on falling where you "
            "stop? How many of the hundred does the model name right then?",
        ),
        Part(
            RANDOM,
            0.7,
            "The images are smaller here (look at images.shape), and their labels were dealt out "
            "at random. The network has to learn each image by heart, which takes more steps.",
        ),
    ),
    cases=_fit_small_cases,
    expected=_table_of,
    answer_with=_fit_small_with,
    probe=_fitted,
    misconceptions=(
        Misconception(
            "hardly_fitted",
            "Your model hardly knows more than a guess. For how many steps was it fitted, and what "
            "was the loss before and after? If it did not fall: is the learning rate too large?",
        ),
        Misconception(
            "stopped_halfway",
            "Your model has begun to learn: it knows more than a guess and less than all. What "
            "was the loss doing when you stopped?",
        ),
        Misconception(
            "random_labels_half_learned",
            "True labels are all learned, random ones only in part. Which of the two takes more "
            "steps, and do yours suffice for both?",
        ),
        Misconception(
            "other_labels_learned",
            "Your model knows clothes, but not these labels. Was it fitted to the `images` and "
            "`labels` that it was given, or to others?",
        ),
        Misconception(
            "size_fixed",
            "It works for 28 x 28 pixels only. Where can the model learn which shape `images` has?",
        ),
        Misconception(
            "classes_counted",
            "Your model has as many outputs as there are different labels. If only the labels "
            "0, 2 and 9 occur, how many outputs does it take for number 9 to be one of them?",
        ),
        Misconception(
            "one_output",
            "Your model gives one number for an image. If it says 2.5, which class is that? How "
            "many numbers does a softmax over ten classes give?",
        ),
        Misconception(
            "returns_history",
            "What comes back is the History, which `fit` returns: the losses. Who has the weights?",
        ),
        Misconception(
            "returns_answers",
            "What comes back are the answers for these images. The check wants to ask the model "
            "itself: what should stand after `return`?",
        ),
    ),
    forbidden=(),  # nothing that exists knows these images by heart
    hints=(
        "Three steps: a model whose input has the shape images.shape[1:] (models.lenet5 makes "
        "one), model.compile with an optimiser and a loss, and enough steps. Print the accuracy "
        "on the hundred while you try.",
        'For labels that are numbers the loss is "sparse_categorical_crossentropy". All hundred '
        "images fit into one batch: model.train_on_batch(images, labels), a hundred times or more "
        "with Adam, is quick. Return the model.",
    ),
    proved="fit_small learns a hundred images by heart, with true labels and with random ones.",
    key="fitting to the end",
    trains=True,
)

# --- top_k_error ------------------------------------------------------------------------------


def _top_k_error_by_tensorflow(scores, labels, k):
    import tensorflow as tf

    found = tf.math.in_top_k(labels, scores.astype("float32"), k)
    return float(1 - np.mean(found))


def _top_k_error_with(slips, scores, labels, k):
    """`top_k_error` as someone with these slips writes it; without any it is right."""
    order = np.argsort(scores, axis=1)
    if "lowest_scores" not in slips:
        order = order[:, ::-1]
    if "one_too_many" in slips:
        k = k + 1
    if "always_the_first" in slips:
        k = 1
    best = order[:, k - 1 : k] if "only_the_kth" in slips else order[:, :k]
    right = (best == labels[:, None]).any(axis=1)
    if "any_of_the_batch" in slips:
        right = np.isin(labels, best)
    if "classes_from_1" in slips:
        right = (best + 1 == labels[:, None]).any(axis=1)
    wrong = right if "accuracy_for_error" in slips else ~right
    return int(wrong.sum()) if "count_for_share" in slips else float(wrong.mean())


def _top_k_error_cases(rng):
    def case(part, count, classes, k, right_places):
        """Scores of whole numbers, no two alike; the true class has one of the places given."""
        scores = np.array([rng.permutation(classes) for _ in range(count)]).astype("float32")
        places = rng.permutation(np.resize(right_places, count))
        labels = np.argsort(-scores, axis=1)[np.arange(count), places]
        return Case(part, {"scores": scores, "labels": labels, "k": int(k)})

    taught = {"scores": np.array([[5, 3, 2], [1, 2, 7]], "float32"), "labels": np.array([1, 2])}
    return [
        Case("k = 1", {**taught, "k": 1}),
        Case("k = 2 and more", {**taught, "k": 2}),
        case("k = 1", 8, 5, 1, [0, 0, 0, 1, 4]),
        case("k = 2 and more", 8, 6, 2, [0, 1, 1, 2, 5, 0, 3, 0]),
        case("k = 2 and more", 10, 7, rng.integers(3, 5), [0, 1, 2, 3, 4, 5, 6, 6, 0, 1]),
        case("all classes", 4, 5, 5, [0, 2, 4]),
    ]


top_k_error = Exercise(
    name="top_k_error",
    points=2,
    parts=(
        Part("one number", 0.1, "A single float, from 0 to 1.", form=True),
        Part(
            "k = 1",
            0.3,
            "With k = 1 an image counts as wrong when the highest score is not its own class's.",
        ),
        Part(
            "k = 2 and more",
            0.5,
            "Put the classes of one image in order, the highest score first. Is the true one among "
            "the first k?",
        ),
        Part("all classes", 0.1, "With k = classes every class is named. How many are missed?"),
    ),
    cases=_top_k_error_cases,
    expected=_top_k_error_by_tensorflow,
    answer_with=_top_k_error_with,
    misconceptions=(
        Misconception(
            "accuracy_for_error",
            "What you count are the images that are right. Which ones does an error count?",
        ),
        Misconception(
            "lowest_scores",
            "np.argsort begins with the smallest. Which classes stand in your first k places?",
        ),
        Misconception(
            "only_the_kth",
            "You look only at place k. With k = 5 and the true class on place 2: is it found?",
        ),
        Misconception(
            "one_too_many",
            "You let one class more count than k. How many places has a slice that ends at k?",
        ),
        Misconception(
            "always_the_first",
            "Your result does not change with k. Where is `k` used?",
        ),
        Misconception(
            "any_of_the_batch",
            "You look for a label among the answers for all images. Whose answers should the "
            "label of image 3 be compared with?",
        ),
        Misconception(
            "classes_from_1",
            "Your classes begin at 1. Which label has the first column of `scores`?",
        ),
        Misconception("count_for_share", "That is a count. What share of the images is it?"),
    ),
    forbidden=(
        "helpers.training.top_k_error",
        "tensorflow.math.in_top_k",
        "keras.ops.in_top_k",
        "keras.metrics.top_k_categorical_accuracy",
        "keras.metrics.sparse_top_k_categorical_accuracy",
        "keras.metrics.TopKCategoricalAccuracy",
        "keras.metrics.SparseTopKCategoricalAccuracy",
    ),
    hints=(
        "np.argsort(scores, axis=1) gives the classes of each image in the order of their scores, "
        "the lowest first. So where do the k highest stand?",
        "Compare the (N, k) best classes with labels[:, None], of shape (N, 1). An image is right "
        "when any of its k comparisons is; the error is the share of the others.",
    ),
    proved="top_k_error is the share of images whose class is not among the k best scores.",
)

# --- confusion (practice) ---------------------------------------------------------------------


def _confusion_by_tensorflow(labels, answers, classes):
    import tensorflow as tf

    return tf.math.confusion_matrix(labels, answers, classes).numpy()


def _confusion_with(slips, labels, answers, classes):
    """`confusion` as someone with these slips writes it; without any it is right."""
    if "answers_in_rows" in slips:
        labels, answers = answers, labels
    if "only_classes_that_occur" in slips:
        occurring, both = np.unique(np.concatenate([labels, answers]), return_inverse=True)
        classes, labels, answers = len(occurring), both[: len(labels)], both[len(labels) :]
    counts = np.zeros((classes, classes), int)
    if "each_pair_once" in slips:
        counts[labels, answers] += 1
    else:
        np.add.at(counts, (labels, answers), 1)
    if "errors_only" in slips:
        np.fill_diagonal(counts, 0)
    if "one_array_for_all" in slips:
        counts = counts.sum(axis=1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) if _shares(slips) else counts


def _shares(slips):
    return "shares_for_counts" in slips and "one_array_for_all" not in slips


def _confusion_cases(rng):
    def case(part, count, classes, occurring):
        labels, answers = rng.choice(occurring, (2, count))
        labels[:2], answers[:2] = occurring[0], occurring[1]  # a pair that occurs twice
        return Case(part, {"labels": labels, "answers": answers, "classes": classes})

    taught = {"labels": np.array([0, 1, 2, 2]), "answers": np.array([0, 2, 1, 2]), "classes": 3}
    oneway = {"labels": np.array([0, 0, 1]), "answers": np.array([1, 2, 1]), "classes": 3}
    return [
        Case("few images", taught),
        Case("few images", oneway),
        case("many images", 30, 4, np.arange(4)),
        case("a class that never occurs", 12, 5, np.array([0, 2, 4])),
    ]


confusion = Exercise(
    name="confusion",
    points=0,
    parts=(
        Part("a square of counts", 0.15, "A row and a column for each class.", form=True),
        Part("few images", 0.25, "Row: the true class. Column: what was answered."),
        Part("many images", 0.4, "Many images share a pair of label and answer; each one counts."),
        Part("a class that never occurs", 0.2, "It keeps its row and its column, all 0."),
    ),
    cases=_confusion_cases,
    expected=_confusion_by_tensorflow,
    answer_with=_confusion_with,
    misconceptions=(
        Misconception(
            "answers_in_rows",
            "Your rows and columns are swapped. Which of the two is the row: what the image is, "
            "or what was answered?",
        ),
        Misconception(
            "each_pair_once",
            "A pair of label and answer counts once in your square, however often it occurs. That "
            "is what counts[labels, answers] += 1 does; what would a loop do?",
        ),
        Misconception(
            "only_classes_that_occur",
            "Your square has only the classes that occur. In which row should class 4 stand if "
            "class 3 never does?",
        ),
        Misconception("errors_only", "Your diagonal is empty. Where do the right answers stand?"),
        Misconception(
            "shares_for_counts",
            "These are shares of a row. The exercise asks how many images there are, not how large "
            "a part.",
        ),
        Misconception(
            "one_array_for_all",
            "You count how often each class occurs. For each class, where do its images go?",
        ),
    ),
    forbidden=(
        "helpers.training.confusion",
        "tensorflow.math.confusion_matrix",
    ),
    hints=(
        "Begin with classes x classes zeros. Then go through the pairs of label and answer, one "
        "after the other.",
        "Each pair adds 1 in the row of its label and the column of its answer.",
    ),
    proved="confusion counts each pair of true class and answer in its own place.",
)
