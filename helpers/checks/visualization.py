"""Exercises on what a trained network looks at."""

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- grad_cam ---------------------------------------------------------------------------------

ONE_MAP, SEVERAL = "a single map", "several maps are added up"
AGAINST, FOR, NOTHING = "places that speak against it", "no place at zero", "nothing speaks for it"


def _grad_cam_by_tensorflow(maps, gradients):
    import tensorflow as tf

    maps, gradients = tf.cast(maps, "float64"), tf.cast(gradients, "float64")
    weights = tf.reduce_mean(gradients, axis=(0, 1))
    seen = tf.nn.relu(tf.tensordot(maps, weights, 1))
    return tf.math.divide_no_nan(seen, tf.reduce_max(seen))


def _grad_cam_with(slips, maps, gradients):
    """`grad_cam` as someone with these slips writes it; without any it is right."""
    maps, gradients = maps.astype(float), gradients.astype(float)
    if "only_positive_gradients" in slips:
        gradients = np.maximum(gradients, 0)
    if "maps_and_gradients_swapped" in slips:
        maps, gradients = gradients, maps
    weights = gradients.mean(axis=(0, 1))
    if "averaged_over_the_maps" in slips:
        weights = gradients.mean(axis=2, keepdims=True)
    if "gradients_not_averaged" in slips:
        weights = gradients
    if "gradients_ignored" in slips:
        weights = 1.0
    weighted = maps * weights
    if "cut_off_before_the_sum" in slips:
        weighted = np.maximum(weighted, 0)
    seen = weighted.max(axis=2) if "strongest_map_only" in slips else weighted.sum(axis=2)
    if "absolute_value" in slips:
        seen = np.abs(seen)
    elif "not_cut_off" not in slips:
        seen = np.maximum(seen, 0)
    if "lowest_made_zero" in slips:
        seen = seen - seen.min()
    if "not_scaled" in slips:
        return seen
    largest = np.abs(seen).max() if "not_cut_off" in slips else seen.max()
    if largest == 0 and "divided_by_zero" not in slips:
        return seen
    return seen / largest


def _grad_cam_cases(rng):
    def drawn(shape, lowest=-3):
        """Maps as behind a ReLU, and gradients of either sign."""
        return {
            "maps": rng.integers(0, 10, shape).astype("float32"),
            "gradients": rng.integers(lowest, 5, shape).astype("float32"),
        }

    def weights_of(arguments):
        return arguments["gradients"].mean(axis=(0, 1))

    def mixed(part, shape):
        """Evidence for and against the class: some places above zero, some below."""
        while True:
            arguments = drawn(shape, lowest=-5)
            sums = arguments["maps"] @ weights_of(arguments)
            if sums.min() < -1 and sums.max() > 1 and -sums.min() != sums.max():
                return Case(part, arguments)

    def all_for(part, shape):
        while True:
            arguments = drawn(shape)
            sums = arguments["maps"] @ weights_of(arguments)
            if 0.5 < sums.min() < sums.max() - 0.5 and weights_of(arguments).min() < -0.2:
                return Case(part, arguments)

    def all_against(part, shape):
        arguments = drawn(shape)
        return Case(part, arguments | {"gradients": -1 - np.abs(arguments["gradients"])})

    single = drawn((2, 3, 1), lowest=1)
    taught = {
        "maps": np.array([[[1, 0], [4, 2]], [[0, 6], [2, 2]]], "float32"),
        "gradients": np.array([[[1, -2], [3, 0]], [[4, -1], [0, -1]]], "float32"),
    }
    return [
        Case(ONE_MAP, single | {"maps": single["maps"] + 1}),
        Case(SEVERAL, taught),
        all_for(FOR, (2, 3, 3)),
        mixed(SEVERAL, (3, 5, 3)),
        mixed(AGAINST, (3, 2, 2)),
        mixed(AGAINST, (4, 3, 4)),
        all_against(NOTHING, (2, 3, 2)),
    ]


grad_cam = Exercise(
    name="grad_cam",
    points=4,
    parts=(
        Part("one map", 0.05, "The answer is one map, of shape (H, W).", form=True),
        Part(
            ONE_MAP,
            0.15,
            "With one map there is one weight, so the result is that map, its largest number "
            "made 1.",
        ),
        Part(
            SEVERAL,
            0.3,
            "Each map has one weight: the mean of its own gradient over all places. Work out the "
            "weights of the small example first, then the sum at one place.",
        ),
        Part(
            FOR,
            0.1,
            "Every place has a sum above zero here. Only the largest has to become 1; the others "
            "keep their ratio to it.",
        ),
        Part(
            AGAINST,
            0.25,
            "At some places the sum is below zero: they speak against the class. What becomes of "
            "them, and at which moment?",
        ),
        Part(NOTHING, 0.15, "No place speaks for the class. What is the largest number then?"),
    ),
    cases=_grad_cam_cases,
    expected=_grad_cam_by_tensorflow,
    answer_with=_grad_cam_with,
    misconceptions=(
        Misconception(
            "gradients_not_averaged",
            "You multiply each number of a map by the gradient at its own place. In Grad-CAM a map "
            "has a single weight. How do you get one number for each channel out of (H, W, C)?",
        ),
        Misconception(
            "averaged_over_the_maps",
            "You have one weight for each place. Which should have a weight of its own, a place "
            "or a map? Over which axes of (H, W, C) is the mean then?",
        ),
        Misconception(
            "maps_and_gradients_swapped",
            "You take the mean of the maps and weight the gradients with it. Which of the two "
            "shows where something was seen, and which says what it is worth?",
        ),
        Misconception(
            "gradients_ignored",
            "Your answer does not change with the gradients. Where does the class come in, if each "
            "map counts the same?",
        ),
        Misconception(
            "not_cut_off",
            "There are numbers below zero in your map. What do these places say about the class, "
            "and should a map of what speaks *for* it show them?",
        ),
        Misconception(
            "absolute_value",
            "You dropped the signs. A place that speaks strongly against the class is now as "
            "bright as one that speaks for it. What should it be?",
        ),
        Misconception(
            "cut_off_before_the_sum",
            "You set the negative numbers of each map to zero before you add the maps. One map "
            "says +3 at a place, another one -5: does this place speak for the class?",
        ),
        Misconception(
            "only_positive_gradients",
            "You leave out the negative gradients before taking the mean. May a map not have a "
            "negative weight, when the class's score falls with it?",
        ),
        Misconception(
            "strongest_map_only",
            "At each place you keep only the strongest of the weighted maps. What do the others "
            "have to say there?",
        ),
        Misconception(
            "not_scaled",
            "The map is right up to a factor. Which number should its largest one be?",
        ),
        Misconception(
            "lowest_made_zero",
            "You move the lowest number to zero. If every place speaks for the class, should the "
            "weakest one look as if it said nothing?",
        ),
        Misconception(
            "divided_by_zero",
            "When no place speaks for the class, your map holds nan. By which number do you divide "
            "there, and what should the map be?",
        ),
    ),
    forbidden=("helpers.visualization.grad_cam",),
    hints=(
        "Three steps: one weight for each channel; one sum for each place; then two things that "
        "happen to the finished map.",
        "gradients.mean(axis=(0, 1)) has C numbers, and maps * weights multiplies each map by its "
        "own. Add over the last axis, replace what is below 0 by 0, and divide by the largest "
        "number unless it is 0.",
    ),
    proved="grad_cam weights each map by its mean gradient, adds, and keeps what speaks for it.",
    picture=pictures.arrays,
)

# --- unit_iou ---------------------------------------------------------------------------------

MEET, ONE_IMAGE, MANY = "both are the same places", "one image", "several images, one threshold"
ZEROS, EMPTY = "many activations are zero", "nothing to find"


def _unit_iou_by_numpy(activations, masks, quantile):
    strong = activations > np.quantile(activations, quantile)
    union = np.logical_or(strong, masks).sum()
    return float(np.logical_and(strong, masks).sum() / union) if union else 0.0


def _unit_iou_with(slips, activations, masks, quantile):
    """`unit_iou` as someone with these slips writes it; without any it is right."""
    part = 1 - quantile if "quantile_from_above" in slips else quantile
    axes = (1, 2) if "threshold_for_each_image" in slips else None
    threshold = np.quantile(activations, part, axis=axes, keepdims=True)
    if "share_of_the_largest" in slips:
        threshold = part * activations.max(axis=axes, keepdims=True)
    strong = activations >= threshold if "equals_counted" in slips else activations > threshold
    axes = (1, 2) if "mean_over_images" in slips else None
    both = (strong & masks).sum(axis=axes)
    shares = {
        "share_of_the_mask": (both, masks.sum(axis=axes)),
        "share_of_the_strong": (both, strong.sum(axis=axes)),
        "counted_twice": (both, strong.sum(axis=axes) + masks.sum(axis=axes)),
        "dice": (2 * both, strong.sum(axis=axes) + masks.sum(axis=axes)),
        "agreement": ((strong == masks).sum(axis=axes), np.ones(masks.shape).sum(axis=axes)),
    }
    share = (both, (strong | masks).sum(axis=axes))
    for slip, other in shares.items():
        share = other if slip in slips else share
    above, below = (np.asarray(number, float) for number in share)
    return float(np.divide(above, below, out=np.zeros_like(above), where=below > 0).mean())


def _unit_iou_cases(rng):
    def case(part, shape, quantile):
        """A unit that is strong where the mask is, mostly; the last of several masks is empty."""
        masks = np.zeros(shape, bool)
        for mask in masks[: max(1, shape[0] - 1)]:
            (top, left), width = rng.integers(0, 2, 2), rng.integers(2, 4)
            mask[top : top + 2, left : left + width] = True
        numbers = rng.permutation(99)[: masks.size].reshape(shape)  # no two are equal
        activations = numbers * np.where(masks, 1.5, 1)
        activations += 10 * np.arange(shape[0])[:, None, None]  # another level in each image
        return Case(part, {"activations": activations, "masks": masks, "quantile": quantile})

    def told_apart(part, shape, quantile):
        """A case in which every slip that can show gives a number of its own."""
        hidden = 1 + 2 * (shape[0] == 1)  # equals; and in one image, what is about several
        while True:
            made = case(part, shape, quantile)
            slips = [set(), *({m.name} for m in unit_iou.misconceptions)]
            numbers = [round(_unit_iou_with(s, **made.arguments), 6) for s in slips]
            if len(set(numbers)) >= len(numbers) - hidden and 0.15 < numbers[0] < 0.9:
                return made

    def mostly_zeros():
        made = told_apart(ZEROS, (2, 4, 5), 0.6)
        activations = made.arguments["activations"]
        weak = activations <= np.quantile(activations, 0.7)
        return Case(ZEROS, made.arguments | {"activations": np.where(weak, 0.0, activations)})

    def the_same():
        activations = rng.permutation(12).reshape(1, 3, 4) + 1.0
        masks = activations > np.quantile(activations, 0.75)
        arguments = {"activations": activations, "masks": masks, "quantile": 0.75}
        return Case(MEET, arguments)

    def nothing():
        arguments = {"activations": np.zeros((2, 3, 4)), "masks": np.zeros((2, 3, 4), bool)}
        return Case(EMPTY, arguments | {"quantile": 0.5})

    return [
        the_same(),
        told_apart(ONE_IMAGE, (1, 4, 5), 0.75),
        told_apart(MANY, (3, 4, 5), 0.8),
        told_apart(MANY, (2, 5, 4), 0.7),
        mostly_zeros(),
        nothing(),
    ]


unit_iou = Exercise(
    name="unit_iou",
    points=3,
    parts=(
        Part(
            "one number",
            0.05,
            "The answer is one number, a float from 0 to 1, also when there is nothing to divide.",
            form=True,
        ),
        Part(
            MEET,
            0.15,
            "The unit is strong exactly where the mask is. Which part of the union do both share?",
        ),
        Part(
            ONE_IMAGE,
            0.25,
            "Mark by hand the places above the threshold. How many of them lie in the mask, and "
            "how many places are marked or in the mask, or both?",
        ),
        Part(
            MANY,
            0.35,
            "One threshold for the unit, over all images; all places of all images counted "
            "together; one division at the end.",
        ),
        Part(
            ZEROS,
            0.15,
            "Behind a ReLU most activations are 0, and so is the threshold here. Is a place that "
            "has exactly the threshold above it?",
        ),
        Part(EMPTY, 0.05, "Nothing is strong and nothing is in a mask. The answer should be 0."),
    ),
    cases=_unit_iou_cases,
    expected=_unit_iou_by_numpy,
    key="NumPy",
    answer_with=_unit_iou_with,
    misconceptions=(
        Misconception(
            "threshold_for_each_image",
            "You take a threshold for each image. In an image that shows nothing of the concept, "
            "how many places are strong then? Over what should the quantile be taken?",
        ),
        Misconception(
            "mean_over_images",
            "You divide in each image and take the mean. What does an image count in which there "
            "is next to nothing? Count all places together, and divide how often?",
        ),
        Misconception(
            "quantile_from_above",
            "Too much is strong. np.quantile(numbers, 0.9): does nine tenths of the numbers lie "
            "below this, or above?",
        ),
        Misconception(
            "share_of_the_largest",
            "Your threshold is a share of the largest activation. The quantile is about how many: "
            "which number do that many activations lie below?",
        ),
        Misconception(
            "equals_counted",
            "You count places that are just at the threshold as strong. When the threshold is 0, "
            "what happens to all the places at which the unit is silent?",
        ),
        Misconception(
            "share_of_the_mask",
            "You divide by the size of the masks. A unit that is strong everywhere would get 1. "
            "What else must stand below the line?",
        ),
        Misconception(
            "share_of_the_strong",
            "You divide by the number of strong places. A unit that is strong at a single place of "
            "a large mask would get 1. What else must stand below the line?",
        ),
        Misconception(
            "counted_twice",
            "You divide by the strong places plus the places in the masks. Which places have been "
            "counted twice there?",
        ),
        Misconception(
            "dice",
            "Twice the common places over the sum of both sizes: that is another measure (Dice). "
            "What is the *union* of two sets of places, if each place may count once only?",
        ),
        Misconception(
            "agreement",
            "You count the places at which both say the same, also those at which both say no. "
            "What would a unit get that is never strong, when the masks are small?",
        ),
    ),
    forbidden=("helpers.visualization.unit_iou", "helpers.visualization.dissect"),
    hints=(
        "np.quantile(activations, quantile) is one number for all images. Comparing with it gives "
        "an array of True and False, like the masks.",
        "For two arrays of booleans, a & b is True where both are, a | b where at least one is; "
        ".sum() counts. Return a plain float, and 0.0 when there is nothing to divide by.",
    ),
    proved="unit_iou counts, over all images, where a unit and a concept meet.",
)  # fmt: skip

# --- nearest_embeddings -----------------------------------------------------------------------

SINGLE, DIRECTION = "a single stored embedding", "directions, not lengths"
MORE, EQUALS = "several queries, k answers", "of equals"


def _nearest_embeddings_by_scipy(queries, embeddings, k):
    from scipy.spatial.distance import cdist

    distances = cdist(queries, embeddings, "cosine").round(12)
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


def _nearest_embeddings_with(slips, queries, embeddings, k):
    """`nearest_embeddings` as someone with these slips writes it; without any it is right."""
    queries, embeddings = queries.astype(float), embeddings.astype(float)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    if "divided_by_sum" in slips:
        lengths = np.abs(embeddings).sum(axis=1, keepdims=True)
    if "each_dimension_scaled" in slips:
        lengths = np.linalg.norm(embeddings, axis=0, keepdims=True)
    if "lengths_count" in slips:
        lengths = 1.0
    likeness = (queries @ (embeddings / lengths).T).round(12)
    if "distances" in slips:
        likeness = -((queries[:, None] - embeddings) ** 2).sum(axis=2)
    if "signs_dropped" in slips:
        likeness = np.abs(likeness)
    if "least_alike_first" in slips:
        likeness = -likeness
    axis = 0 if "other_axis" in slips else 1
    if "last_of_equals" in slips:
        order = np.flip(np.argsort(likeness, axis=axis, kind="stable"), axis)
    else:
        order = np.argsort(-likeness, axis=axis, kind="stable")
    if "cosines_returned" in slips:
        cosines = likeness / np.linalg.norm(queries, axis=1, keepdims=True)
        return np.take_along_axis(cosines, order, axis)[:, :k]
    if "first_left_out" in slips:
        return order[:, 1 : k + 1]
    return order if "all_returned" in slips else order[:, :k]


def _clear(queries, embeddings):
    """Whether no two embeddings are nearly equally like a query."""
    lengths = [np.linalg.norm(rows, axis=1) for rows in (queries, embeddings)]
    cosines = queries @ embeddings.T / np.outer(*lengths)
    return np.diff(np.sort(cosines, axis=1), axis=1).min() > 0.01


def _nearest_embeddings_cases(rng):
    def told_apart(part, queries, stored, width, k):
        """Embeddings in which the slips change the order, and no two cosines are nearly equal."""
        slips = ("lengths_count", "distances", "divided_by_sum", "each_dimension_scaled")
        slips = [(), *({slip} for slip in (*slips, "signs_dropped", "other_axis"))]
        while True:
            rows = rng.integers(-4, 9, (queries + stored, width)).astype("float32")
            if not rows.any(axis=1).all() or not _clear(rows[:queries], rows[queries:]):
                continue
            arguments = {"queries": rows[:queries], "embeddings": rows[queries:], "k": k}
            made = [_nearest_embeddings_with(slip, **arguments).tolist() for slip in slips]
            if all(answer not in made[:i] for i, answer in enumerate(made)):
                return Case(part, arguments)

    def equals():
        """Signs only: every embedding has the length 2, so equal cosines are equal exactly."""
        signs = np.array([[1, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]], "float32")
        stored = np.concatenate([signs, -signs[:1]])[rng.permutation(5)]
        query = np.array([[2, 2, 2, 2], [3, 3, 3, 3]], "float32")
        return Case(EQUALS, {"queries": query, "embeddings": stored, "k": 3})

    taught = {
        "queries": np.array([[1, 1]], "float32"),
        "embeddings": np.array([[9, 0], [1, 2], [6, 5], [-3, -3]], "float32"),
        "k": 2,
    }
    single = {
        "queries": rng.integers(1, 9, (3, 2)).astype("float32"),
        "embeddings": rng.integers(1, 9, (1, 2)).astype("float32"),
        "k": 1,
    }
    return [
        Case(SINGLE, single),
        Case(DIRECTION, taught),
        told_apart(DIRECTION, 1, 6, 3, 2),
        told_apart(MORE, 4, 6, 3, 3),
        told_apart(MORE, 3, 7, 4, 4),
        equals(),
    ]


nearest_embeddings = Exercise(
    name="nearest_embeddings",
    points=3,
    parts=(
        Part(
            "k places for each query",
            0.1,
            "The answer is an array of shape (M, k): a row for each query.",
            form=True,
        ),
        Part(SINGLE, 0.1, "Only one is stored: which place can each query get?"),
        Part(
            DIRECTION,
            0.3,
            "The cosine of two rows of numbers is their dot product, divided by both lengths. "
            "Work it out for the first query and each stored row.",
        ),
        Part(
            MORE,
            0.35,
            "A row of k places for each query: the most alike first, in the order of the cosine.",
        ),
        Part(
            EQUALS,
            0.15,
            "Some stored embeddings are equally like the query. The one stored first comes first.",
        ),
    ),
    cases=_nearest_embeddings_cases,
    expected=_nearest_embeddings_by_scipy,
    key="SciPy",
    answer_with=_nearest_embeddings_with,
    misconceptions=(
        Misconception(
            "lengths_count",
            "You compare dot products. An embedding that is twice as long has twice the dot "
            "product, though it points the same way. What must be divided out?",
        ),
        Misconception(
            "distances",
            "You look for the least distance. Two embeddings may point the same way and lie far "
            "apart, as one is longer. What do they have in common that a cosine sees?",
        ),
        Misconception(
            "divided_by_sum",
            "You divide by the sum of the numbers. Is that the length of (3, 4)? By Pythagoras it "
            "is 5.",
        ),
        Misconception(
            "each_dimension_scaled",
            "You divide each column by its length. What should have length 1: a dimension over all "
            "embeddings, or an embedding? Along which axis is the length taken?",
        ),
        Misconception(
            "signs_dropped",
            "An embedding that points the opposite way counts as alike with you. What is the "
            "cosine of two opposite directions?",
        ),
        Misconception(
            "least_alike_first",
            "Your answers are those least like the query. argsort begins with the smallest: is a "
            "small cosine alike?",
        ),
        Misconception(
            "other_axis",
            "You sorted the queries for each stored embedding. In a table with a row for each "
            "query, along which axis do the stored ones lie?",
        ),
        Misconception(
            "cosines_returned",
            "These are cosines. Which embeddings do they belong to? Places were asked for.",
        ),
        Misconception(
            "first_left_out",
            "You leave out the most alike one, as if it were the query itself. Is the query among "
            "the stored ones here?",
        ),
        Misconception(
            "all_returned",
            "You give all stored embeddings in order. How many were asked for?",
        ),
        Misconception(
            "last_of_equals",
            "Of equals you put the later one first. That happens when the order of argsort is "
            "turned around. What else could be turned around before sorting?",
        ),
    ),
    forbidden=(
        "helpers.visualization.nearest_embeddings",
        "helpers.neighbours.nearest",
        "scipy.spatial.distance.cdist",
        "scipy.spatial.distance.cosine",
        "keras.losses.cosine_similarity",
    ),
    hints=(
        "Make every row have length 1 first; np.linalg.norm with axis=1 and keepdims=True gives "
        "the lengths. Then one matrix product has all cosines, a row for each query.",
        'np.argsort(-cosines, axis=1, kind="stable") lists the places of each row, the largest '
        "cosine first and of equals the earlier one. Keep the first k of each row.",
    ),
    proved="nearest_embeddings finds the stored embeddings that point the way of each query.",
)

# --- maximise_unit ----------------------------------------------------------------------------

STEP, STEPS, RANGE = "one step", "several steps", "from black to white"
MANY_CHANNELS, SILENT = "one of several units", "a unit that is silent"


def _unit(kernel, bias):
    """A network of one convolution with a ReLU."""
    import keras

    height, width, channels, filters = kernel.shape
    layer = keras.layers.Conv2D(filters, (height, width), activation="relu")
    model = keras.Sequential([keras.Input((None, None, channels)), layer])
    model.set_weights([kernel, bias])
    return model


def _gradient(slips, model, image, channel):
    """Of the mean of one map with respect to the image: each place that is on adds its taps."""
    kernel, bias = model.get_weights()
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    on = np.tensordot(windows, kernel, ((3, 4, 2), (0, 1, 2))) + bias > 0
    if "all_units" not in slips:
        on, kernel = on[..., [channel]], kernel[..., [channel]]
    gradient = np.zeros(image.shape)
    for row, column in np.ndindex(kernel.shape[:2]):
        places = slice(row, row + on.shape[0]), slice(column, column + on.shape[1])
        gradient[places] += on @ kernel[row, column].T / on.size
    return gradient


def _size_of(slips, gradient):
    if "not_normalised" in slips:
        return 1.0
    if "divided_by_largest" in slips:
        return np.abs(gradient).max()
    if "divided_by_length" in slips:
        return np.sqrt((gradient**2).sum())
    return np.sqrt((gradient**2).mean())


def _maximise_unit_by_tensorflow(model, image, channel, steps, step_size):
    """The answer key: the loop as TensorFlow runs it."""
    import tensorflow as tf

    pixels = tf.Variable(image[np.newaxis])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            goal = tf.reduce_mean(model(pixels)[..., channel])
        gradient = tape.gradient(goal, pixels)
        size = tf.sqrt(tf.reduce_mean(gradient**2))
        step = step_size * tf.math.divide_no_nan(gradient, size)
        pixels.assign(tf.clip_by_value(pixels + step, 0, 1))
    return pixels[0]


def _maximise_unit_with(slips, model, image, channel, steps, step_size):
    """`maximise_unit` as someone with these slips writes it; without any it is right."""
    first = image
    for _ in range(1 if "one_step_only" in slips else steps):
        at = first if "gradient_of_the_start" in slips else image
        gradient = _gradient(slips, model, at, channel)
        size = _size_of(slips, gradient)
        if size == 0 and "divided_by_zero" not in slips:
            size = 1.0
        direction = np.sign(gradient) if "signs_only" in slips else gradient / size
        image = image + (-1 if "downhill" in slips else 1) * step_size * direction
        if not slips & {"never_clipped", "clipped_at_the_end"}:
            image = np.clip(image, 0, 1)
    return image if "never_clipped" in slips else np.clip(image, 0, 1)


class _Weights(tuple):
    """Kernel and bias, before there is a model: to try out many is cheap."""

    __slots__ = ()

    def get_weights(self):
        return self


def _maximise_unit_cases(rng):
    def drawn(shape, filters, bias, **settings):
        kernel = rng.integers(-4, 5, (2, 3, shape[2], filters)).astype("float32")
        kernel[0, 0], kernel[1, 2] = 5, -3  # no unit is without a slope
        weights = _Weights((kernel, np.full(filters, bias, "float32")))
        image = rng.integers(40, 61, shape).astype("float32") / 100
        return {"model": weights, "image": image, **settings}

    def built(part, arguments):
        return Case(part, arguments | {"model": _unit(*arguments["model"])})

    def told_apart(part, slips, *shapes, **settings):
        """On the way places switch on or off, so that each of some slips leads elsewhere."""
        while True:
            arguments = drawn(*shapes, **settings)
            right = _maximise_unit_with(set(), **arguments)
            others = [_maximise_unit_with({slip}, **arguments) for slip in slips]
            if all(np.abs(right - other).max() > 0.02 for other in others):
                return built(part, arguments)

    several, at_the_edge = ("gradient_of_the_start",), ("never_clipped", "clipped_at_the_end")
    small = dict(bias=-0.5, steps=4, step_size=0.1)
    return [
        built(STEP, drawn((3, 4, 1), 1, bias=1, channel=0, steps=1, step_size=0.05)),
        told_apart(STEPS, several, (4, 5, 1), 2, channel=1, **small),
        told_apart(STEPS, several, (4, 4, 2), 2, channel=0, **small),
        built(MANY_CHANNELS, drawn((3, 5, 2), 3, bias=1, channel=1, steps=1, step_size=0.05)),
        told_apart(RANGE, at_the_edge, (4, 4, 1), 2, bias=-0.5, channel=1, steps=4, step_size=0.3),
        built(SILENT, drawn((3, 4, 1), 2, bias=-99, channel=0, steps=2, step_size=0.1)),
    ]


maximise_unit = Exercise(
    name="maximise_unit",
    points=0,
    parts=(
        Part("an image", 0.1, "The answer has the shape of the image.", form=True),
        Part(
            STEP,
            0.2,
            "One step: gradient of the mean of the unit's map with respect to the image, divided "
            "by its root mean square, times step_size, added to the image.",
        ),
        Part(
            MANY_CHANNELS,
            0.1,
            "The model gives (1, h, w, channels). Which of them is the unit?",
        ),
        Part(STEPS, 0.25, "At each step the image is another one. Where is the gradient taken?"),
        Part(RANGE, 0.2, "After each step, pixels below 0 become 0 and pixels above 1 become 1."),
        Part(
            SILENT,
            0.15,
            "The unit gives 0 everywhere, and no pixel changes that. The image stays as it is.",
        ),
    ),
    cases=_maximise_unit_cases,
    expected=_maximise_unit_by_tensorflow,
    answer_with=_maximise_unit_with,
    misconceptions=(
        Misconception(
            "downhill",
            "With your image the unit says less than before. In training one walks against the "
            "gradient: is the goal here to be small?",
        ),
        Misconception(
            "not_normalised",
            "The direction is right, the length of the step is not: it changes with the size of "
            "the gradient. What should the gradient be divided by?",
        ),
        Misconception(
            "divided_by_length",
            "You divide by the length of the gradient: the root of the *sum* of squares. With that "
            "a large image moves less in each pixel. Which mean was asked for?",
        ),
        Misconception(
            "divided_by_largest",
            "You divide by the largest number of the gradient. One pixel alone decides then how "
            "far all move. What is the root of the mean of the squares?",
        ),
        Misconception(
            "signs_only",
            "All your pixels move equally far. Should a pixel that matters little move as far as "
            "one that matters much?",
        ),
        Misconception(
            "all_units",
            "You take the mean over all channels of the model. Which one of them is the unit that "
            "was asked for?",
        ),
        Misconception(
            "one_step_only",
            "The first step is right. How many were asked for, and from where does the next begin?",
        ),
        Misconception(
            "gradient_of_the_start",
            "You take the gradient once and use it in every step. Places where the unit has gone "
            "silent have another one. Where in the loop must it be computed?",
        ),
        Misconception(
            "never_clipped",
            "Some of your pixels are darker than black or brighter than white. What should become "
            "of them?",
        ),
        Misconception(
            "clipped_at_the_end",
            "You clip once, at the end. On the way the pixels have been outside, and the gradients "
            "were taken there. When should they be put back?",
        ),
        Misconception(
            "divided_by_zero",
            "For a unit that is silent you give nan. By which number do you divide there? The "
            "image can stay as it is.",
        ),
    ),
    forbidden=("helpers.visualization.maximise_unit",),
    hints=(
        "A tf.GradientTape watches a tf.constant after tape.watch(pixels). The model wants a batch "
        "axis: image[np.newaxis]. The goal is the mean of model(pixels)[..., channel].",
        "In each of the steps: take the gradient, compute size = sqrt(mean(gradient ** 2)); if it "
        "is above 0 add step_size * gradient / size; then tf.clip_by_value(pixels, 0, 1). At "
        "the end leave out the batch axis again.",
    ),
    proved="maximise_unit climbs: step by step the image gets what the unit looks for.",
    picture=pictures.arrays,
)
