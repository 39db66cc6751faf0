"""Checks of the exercises on augmentation and dropout."""

from dataclasses import dataclass

import numpy as np

from helpers import augmentation
from helpers.checks import changes, pictures
from helpers.checks.attempt import Unreadable
from helpers.checks.compare import as_array
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- exercises that draw: no two right answers are alike, so it is told what was done -----------


@dataclass(frozen=True)
class Again(Case):
    """The same call three times: with its seed, with it again, and with another one."""


class DrawnExercise(Exercise):
    """An exercise whose answer is drawn at random; `probe` says in a sentence what was done."""

    def observe(self, case, call):
        """As an exercise does; what an `Again` gives is a sentence on the seeds."""
        if not isinstance(case, Again):
            return super().observe(case, call)
        seed = case.arguments["seed"]
        seeds = (seed, seed, seed + 1)
        calls = [Again(case.part, {**case.arguments, "seed": number}) for number in seeds]
        drawn = [super(DrawnExercise, self).observe(again, call) for again in calls]
        images = [_images_of(value, case) for value in drawn]
        if any(array is None for array in images):
            return drawn[0]
        same = "the same" if np.array_equal(images[0], images[1]) else "other"
        others = "the same" if np.array_equal(images[0], images[2]) else "other"
        return f"the same seed gives {same} images, another seed gives {others} ones"


def _images_of(value, case):
    """The images in an answer, if they have the shape of those that went in; else None."""
    value = value[0] if isinstance(value, tuple) and value else value
    array = as_array(value) if not isinstance(value, Exception) else None
    return array if array is not None and array.shape == case.arguments["images"].shape else None


def _draws_in_words(images):
    """How many different pictures came of copies of one."""
    different = len({image.tobytes() for image in np.ascontiguousarray(images, "float32")})
    if different == 1:
        return changes.ALIKE
    own = different >= len(images) // 3
    return "each image has draws of its own" if own else "there are few different images"


def _generator(slips, seed):
    """The generator of someone with these slips."""
    if "seed_ignored" in slips:
        return np.random.default_rng()
    return np.random.default_rng(0 if "same_every_time" in slips else seed)


def _moved(images, moves, most, mode):
    """Each image moved by its own (down, right); np.pad's `mode` says what comes in."""
    height, width = images.shape[1:3]
    padded = np.pad(images, [(0, 0), (most, most), (most, most), (0, 0)], mode)
    return np.stack([
        image[down : down + height, right : right + width]
        for image, (down, right) in zip(padded, most - moves, strict=True)
    ])  # fmt: skip


def _many_of_one(rng, count, shape):
    return np.repeat(changes.patterns(rng, (1, *shape)), count, axis=0)


# --- augment ----------------------------------------------------------------------------------

KEPT, DRAWS = "labels, and training=False", "draws and seed"
MIRRORED, MOVED, LIT = "mirrored", "moved", "brighter or darker"
BORDER_SLIPS = {"border_zeros": "constant", "wraps_around": "wrap", "border_mirrored": "symmetric"}


def _augment_with(slips, images, labels, seed, training=True):
    """`augment` as someone with these slips writes it; without any it is right."""
    if not training and "augments_at_inference" not in slips:
        return images, labels
    rng = _generator(slips, seed)
    count = 1 if "one_draw_for_the_batch" in slips else len(images)
    chance = 1.0 if "always_flips" in slips else 0.0 if "no_flip" in slips else 0.5
    mirrored = rng.random(count) < chance
    axis = 1 if "flips_height" in slips else 2
    images = np.where(mirrored[:, None, None, None], np.flip(images, axis), images)
    moves = rng.integers(-2, 2, (count, 2), endpoint="end_excluded" not in slips)
    if "one_axis_only" in slips:
        moves[:, 0] = 0
    mode = next((mode for slip, mode in BORDER_SLIPS.items() if slip in slips), "edge")
    images = _moved(images, np.broadcast_to(moves, (len(images), 2)), 2, mode)
    images = _lit(slips, images, rng, count)
    return images, rng.permutation(labels) if "labels_shuffled" in slips else labels


def _lit(slips, images, rng, count):
    shape = images.shape if "noise_for_light" in slips else (count, 1, 1, 1)
    light = rng.uniform(0 if "only_brighter" in slips else -0.2, 0.2, shape)
    if "counted_to_255" in slips:
        light = 255 * light
    lit = images * (1 + light) if "multiplied" in slips else images + light
    return lit if "range_left" in slips else np.clip(lit, 0, 1)


def _augmented(value, case):
    """What was done to the images of a case, in a sentence; an answer of another form as it is."""
    if isinstance(value, str):  # not to be taken for one of our sentences
        return Unreadable("text")
    if isinstance(case, Again) or not isinstance(value, tuple) or len(value) != 2:
        return value
    images, labels = _images_of(value, case), as_array(value[1])
    before, given = case.arguments["images"], case.arguments["labels"]
    if images is None or labels is None or labels.shape != given.shape:
        return value
    if not case.arguments.get("training", True):
        same = [np.allclose(*pair) for pair in ((images, before), (labels, given))]
        names = [name for name, kept in zip(("images", "labels"), same, strict=True) if not kept]
        return f"the {' and the '.join(names)} changed" if names else "all is as it was"
    if case.part == KEPT:
        if np.array_equal(labels, given):
            return "the labels are as they were"
        moved = np.array_equal(np.sort(labels), np.sort(given))
        return "the labels are in another order" if moved else "the labels are others"
    if case.part == DRAWS:
        return _draws_in_words(images)
    if case.part == LIT and before.max() == 1:
        outside = images.min() < -1e-6 or images.max() > 1 + 1e-6
        return "some pixels are below 0 or above 1" if outside else "all pixels are from 0 to 1"
    change = changes.of(before, images)
    in_words = {MIRRORED: change.mirrored, MOVED: change.moved, LIT: lambda: change.lit(0.2)}
    return in_words[case.part]()


def _augment_cases(rng):
    def case(part, images, kind=Case, **more):
        labels = rng.integers(1, 10, len(images))
        labels[:2] = 3, 8  # two that differ
        seed = int(rng.integers(1, 1000))
        return kind(part, {"images": images, "labels": labels, "seed": seed, **more})

    many = changes.patterns(rng, (64, 8, 9, 1))
    read = case(MIRRORED, many).arguments  # one call's worth of images for three properties
    black_and_white = np.round(changes.patterns(rng, (20, 5, 6, 1)))
    return [
        case(KEPT, changes.patterns(rng, (5, 4, 6, 3)), training=False),
        case(KEPT, changes.patterns(rng, (40, 6, 5, 1))),
        case(DRAWS, _many_of_one(rng, 24, (7, 6, 1))),
        case(DRAWS, changes.patterns(rng, (10, 6, 7, 2)), Again),
        Case(MIRRORED, read),
        Case(MOVED, read),
        Case(LIT, read),
        case(LIT, black_and_white),
    ]


augment = DrawnExercise(
    name="augment",
    points=4,
    parts=(
        Part(
            "images and labels",
            0.05,
            "Give back a pair (images, labels), each of the shape that it came with.",
            form=True,
        ),
        Part(
            KEPT,
            0.2,
            "Image 0 comes back at place 0: which label belongs there? And when the network is "
            "used, nobody wants its picture changed: what should happen with training=False?",
        ),
        Part(
            DRAWS,
            0.2,
            "Each image gets draws of its own, and all draws come from `seed`: "
            "np.random.default_rng(seed) makes a generator for them.",
        ),
        Part(
            MIRRORED,
            0.175,
            "Draw a yes or no for each image, with even chances. For yes, its first column becomes "
            "its last.",
        ),
        Part(
            MOVED,
            0.175,
            "Two whole numbers for each image, from -2 to 2, both ends included. What stands at "
            "the side where the image has moved away?",
        ),
        Part(
            LIT,
            0.2,
            "One number for each image, from -0.2 to 0.2, is added to all its pixels. Then, what "
            "is blacker than black or whiter than white?",
        ),
    ),
    cases=_augment_cases,
    expected=augmentation.augment,
    answer_with=_augment_with,
    probe=_augmented,
    misconceptions=(
        Misconception(
            "one_draw_for_the_batch",
            "All images of a batch are changed in the same way. How many numbers do you draw for "
            "64 images: one, or one for each?",
        ),
        Misconception(
            "always_flips",
            "Every image comes back mirrored. Then the network has never seen one as it was: who "
            "decides which ones are mirrored?",
        ),
        Misconception("no_flip", "No image is mirrored. Which of the three steps is missing?"),
        Misconception(
            "flips_height",
            "Your clothes stand on their heads. In (N, H, W, C), which axis runs from left to "
            "right?",
        ),
        Misconception(
            "border_zeros",
            "Where an image has moved away, black comes in. That is a new edge in the picture "
            "which was not there. What is asked for instead?",
        ),
        Misconception(
            "wraps_around",
            "What leaves on the left comes in on the right, as np.roll does it. Does a real "
            "picture do that?",
        ),
        Misconception(
            "border_mirrored",
            "A mirror image of the border comes in, as with the fill_mode of Keras's layers. For "
            "a row 1 2 3 that moved by two, do you want 2 1 1 or 1 1 1?",
        ),
        Misconception(
            "end_excluded",
            "Your images move by -2 to 1. Ask rng.integers(-2, 2, 1000).max(): does it include its "
            "upper end?",
        ),
        Misconception(
            "one_axis_only",
            "Your images move to the side only. How many numbers does a move in the plane need?",
        ),
        Misconception(
            "only_brighter",
            "Your images only get brighter. Which half of -0.2 to 0.2 is missing?",
        ),
        Misconception(
            "multiplied",
            "You multiply by the light: a light pixel then changes by more than a dark one, and "
            "black stays black. What does adding do to black?",
        ),
        Misconception(
            "noise_for_light",
            "Each of your pixels gets a number of its own. Is that light, or noise? What happens "
            "to all pixels when a lamp is switched on?",
        ),
        Misconception(
            "counted_to_255",
            "Your images become all black or all white. The pixels go from 0 to 1 here: how large "
            "is the amount that you add?",
        ),
        Misconception(
            "range_left",
            "Some of your pixels are below 0 or above 1. What is to be cut off, and when?",
        ),
        Misconception(
            "augments_at_inference",
            "With training=False your images change too. Where do you ask for `training`?",
        ),
        Misconception(
            "labels_shuffled",
            "Your labels come back in another order than the images. Which label does a network "
            "then learn for image 0?",
        ),
        Misconception(
            "seed_ignored",
            "The same seed gives other images each time, so nobody can repeat your training. Which "
            "generator do your numbers come from?",
        ),
        Misconception(
            "same_every_time",
            "Whatever the seed, your images are the same, in every epoch. What is the seed for?",
        ),
    ),
    forbidden=("helpers.augmentation.augment",),
    hints=(
        "Begin with `if not training: return images, labels`. Then rng = np.random."
        "default_rng(seed), and a loop over the images with three steps for each: mirror it or "
        "not, move it, light it. Collect them in a list and np.stack it.",
        "image[:, ::-1] is the mirror image. To move it, pad by 2 with np.pad(image, [(2, 2), "
        '(2, 2), (0, 0)], mode="edge") and cut out H x W pixels that begin at a row and a column '
        "drawn from 0 to 4. Then add rng.uniform(-0.2, 0.2), and np.clip.",
    ),
    proved="augment gives each image its own draws, leaves the labels alone, and rests when the "
    "network is used.",
    key="a right answer",
)

# --- mixup ------------------------------------------------------------------------------------

IMAGES, TARGETS, MANY = "the images", "the targets", "large and small weights"


def _mixup_by_keras(images, targets, weights, partners):
    import keras

    layer = keras.layers.MixUp()
    drawn = {"mix_weight": weights, "permutation_order": partners}
    mixed = layer.transform_images(images, drawn), layer.transform_labels(targets, drawn)
    return tuple(np.asarray(array) for array in mixed)


def _mixup_with(slips, images, targets, weights, partners):
    """`mixup` as someone with these slips writes it; without any it is right."""
    if "weights_swapped" in slips:
        weights = 1 - weights
    if "one_weight_for_all" in slips:
        weights = np.full_like(weights, weights[0])
    if "halves" in slips:
        weights = np.full_like(weights, 0.5)
    if "last_image_is_partner" in slips:
        partners = np.arange(len(images))[::-1]
    mixed = _mixed(slips, images, weights, partners)
    if "targets_kept" in slips:
        return mixed, targets
    if "target_of_the_larger" in slips:
        return mixed, np.where(weights[:, None] >= 0.5, targets, targets[partners])
    if "targets_other_way_round" in slips:
        weights = 1 - weights
    if "target_weights_along_the_classes" in slips:
        slips = slips | {"weights_along_the_last_axis"}
    return mixed, _mixed(slips, targets, weights, partners)


def _mixed(slips, array, weights, partners):
    shape = (-1,) if "weights_along_the_last_axis" in slips else (-1, *[1] * (array.ndim - 1))
    weights = weights.reshape(shape)
    if "partner_added" in slips:
        return array + (1 - weights) * array[partners]
    if "already_mixed" not in slips:
        return weights * array + (1 - weights) * array[partners]
    array = array.copy()
    for place, partner in enumerate(partners):
        weight = weights[place]
        array[place] = weight * array[place] + (1 - weight) * array[partner]
    return array


def _mixup_cases(rng):
    def case(part, shape, classes, weights, item):
        count = shape[0]
        images = rng.integers(0, 10, shape).astype("float32")
        targets = np.eye(classes, dtype="float32")[(np.arange(count) + rng.integers(9)) % classes]
        partners = np.roll(np.arange(count), rng.integers(1, count))  # none is its own
        weights = np.array(weights, "float32")
        arguments = {"images": images, "targets": targets, "weights": weights,
                     "partners": partners}  # fmt: skip
        return Case(part, arguments, item)

    taught = {
        "images": np.array([10, 20, 40], "float32").reshape(3, 1, 1, 1),
        "targets": np.eye(3, dtype="float32"),
        "weights": np.array([0.9, 0.6, 0.5], "float32"),
        "partners": np.array([1, 2, 0]),
    }
    cube = rng.permutation([0.2, 0.3, 0.7, 0.8])[:3]
    many = rng.permutation([0.1, 0.25, 0.4, 0.75, 0.9])
    return [
        Case(IMAGES, taught, 0),
        Case(TARGETS, taught, 1),
        case(IMAGES, (3, 3, 3, 3), 3, cube, 0),
        case(IMAGES, (5, 2, 4, 2), 4, many, 0),
        case(TARGETS, (5, 1, 2, 1), 4, many, 1),
        case(MANY, (4, 2, 1, 2), 6, [1, 0, 0.95, 0.05], 0),
        case(MANY, (4, 2, 1, 2), 6, [1, 0, 0.95, 0.05], 1),
    ]


mixup = Exercise(
    name="mixup",
    points=2,
    parts=(
        Part(
            "two arrays",
            0.1,
            "Give back a pair (images, targets); both keep their shapes. An array of weights, "
            "(N,), must line up with (N, H, W, C) first.",
            form=True,
        ),
        Part(
            IMAGES,
            0.35,
            "Image i keeps weights[i] of itself; the rest comes from image partners[i]. With 0.9 "
            "of 10 and 0.1 of 20, which number is that?",
        ),
        Part(
            TARGETS,
            0.35,
            "If a picture is nine tenths coat and one tenth bag, what should the network answer?",
        ),
        Part(
            MANY,
            0.2,
            "A weight of 1 leaves the image as it is, with 0 nothing of it is left.",
        ),
    ),
    cases=_mixup_cases,
    expected=_mixup_by_keras,
    answer_with=_mixup_with,
    misconceptions=(
        Misconception(
            "targets_kept",
            "The images are mixed, the targets are not. If one tenth of a picture is a bag, what "
            "should the network answer?",
        ),
        Misconception(
            "target_of_the_larger",
            "Your target is the class that has the larger part. What is said of the class that has "
            "the smaller part, which is in the picture too?",
        ),
        Misconception(
            "targets_other_way_round",
            "Your images and your targets disagree: which of the two keeps weights[i] of itself?",
        ),
        Misconception(
            "weights_swapped",
            "With a weight of 0.9 your image keeps a tenth of itself. Whose share is the weight?",
        ),
        Misconception(
            "one_weight_for_all",
            "All your images are mixed with the first weight. How many weights are there?",
        ),
        Misconception(
            "halves",
            "You take half of each, whatever the weights are. Where are `weights` used?",
        ),
        Misconception(
            "last_image_is_partner",
            "You mix the first image with the last one. Which argument says who belongs together?",
        ),
        Misconception(
            "partner_added",
            "You add a part of the partner but keep the whole image. What do the shares add up to?",
        ),
        Misconception(
            "already_mixed",
            "Some partners have been mixed already when their turn comes to be added. From which "
            "array should a partner be taken: the old one or the one you are filling?",
        ),
        Misconception(
            "target_weights_along_the_classes",
            "Your images are right. In the targets your weights (N,) line up with the classes: "
            "what has to be done so that they line up with the images, the first axis?",
        ),
        Misconception(
            "weights_along_the_last_axis",
            "Your weights (N,) line up with the last axis of (N, H, W, C), the channels. How many "
            "axes of length 1 must follow N?",
        ),
    ),
    forbidden=("helpers.augmentation.mixup", "keras.layers.MixUp",
               "keras.layers.MixUp.transform_images", "keras.layers.MixUp.transform_labels"),
    hints=(
        "images[partners] is the batch of the partners, in the right order, in one step. The same "
        "for targets[partners].",
        "weights[:, None, None, None] has the shape (N, 1, 1, 1) and lines up with the images; "
        "weights[:, None] lines up with the targets. A share and the rest: w and 1 - w.",
    ),
    proved="mixup lays images over each other and gives the targets the same shares.",
    key="Keras's MixUp",
    picture=pictures.arrays,
)  # fmt: skip

# --- dropout ----------------------------------------------------------------------------------

HALF, RATES, REST = "rate 0.5", "other rates", "in use"


def _dropout_by_tensorflow(x, rate, noise, training=True):
    import tensorflow as tf

    if not training:
        return x
    return tf.nn.experimental.general_dropout(x, rate, lambda shape, dtype: noise).numpy()


def _dropout_with(slips, x, rate, noise, training=True):
    """`dropout` as someone with these slips writes it; without any it is right."""
    if not training and "drops_at_inference" not in slips:
        return x * (1 - rate) if "scaled_at_inference" in slips else x
    if "one_row_for_all" in slips:
        noise = np.broadcast_to(noise[:1], x.shape)
    if "multiplied_by_noise" in slips:
        return x * noise
    kept = noise < rate if slips & {"drops_the_others", "rate_is_kept"} else noise >= rate
    scale = 1 / (1 - rate)
    if "divided_by_the_rate" in slips or "rate_is_kept" in slips:
        scale = 1 / rate if rate else 1
    if slips & {"not_scaled", "scaled_at_inference"}:
        scale = 1
    if "made_smaller" in slips:
        scale = 1 - rate
    if "counted_afterwards" in slips:
        scale = 1 / max(kept.mean(), 1e-9)
    return kept * x * scale


def _dropout_cases(rng):
    def case(part, shape, rate, **more):
        x = rng.integers(1, 9, shape).astype("float32")
        noise = (np.arange(x.size) + 0.3) / x.size  # no draw is the rate itself
        noise = rng.permutation(noise).reshape(shape).astype("float32")
        return Case(part, {"x": x, "rate": rate, "noise": noise, **more})

    taught = {
        "x": np.full((2, 4), 3, "float32"),
        "rate": 0.25,
        "noise": np.array([[0.1, 0.3, 0.6, 0.9], [0.8, 0.45, 0.2, 0.15]], "float32"),
    }
    half = taught | {"rate": 0.5, "noise": np.array([[0.1, 0.7, 0.6, 0.9], [0.8, 0.3, 0.2, 0.95]],
                                                    "float32")}  # fmt: skip
    rates = [float(rate) for rate in rng.permutation([0.2, 0.4, 0.6, 0.8])[:2]]
    return [
        Case(HALF, half),
        case(HALF, (3, 5), 0.5),
        Case(RATES, taught),
        case(RATES, (3, 7), rates[0]),
        case(RATES, (2, 2, 3, 2), rates[1]),
        Case(REST, taught | {"training": False}),
        case(REST, (2, 5), rates[0], training=False),
    ]


dropout = Exercise(
    name="dropout",
    points=2,
    parts=(
        Part("an array like x", 0.02, "What comes out has the shape of x.", form=True),
        Part(
            HALF,
            0.3,
            "Where noise is below the rate, the number becomes 0. What must happen to the others, "
            "so that the sum stays the same on average?",
        ),
        Part(
            RATES,
            0.51,
            "With a rate of 0.25, three of four numbers are left on average. By what must they be "
            "divided, so that they weigh as much as four?",
        ),
        Part(REST, 0.17, "When the network is used, all its units work. What is left to do?"),
    ),
    cases=_dropout_cases,
    expected=_dropout_by_tensorflow,
    answer_with=_dropout_with,
    misconceptions=(
        Misconception(
            "not_scaled",
            "You drop numbers and leave the others as they are. In training the next layer then "
            "gets less than when the network is used: by which factor?",
        ),
        Misconception(
            "scaled_at_inference",
            "You make the numbers smaller when the network is used. That is dropout as it was "
            "first published. Today's layers do nothing then: where does the factor go instead?",
        ),
        Misconception(
            "made_smaller",
            "What is left over gets smaller in your version. Some numbers are missing already: "
            "which way must the others go?",
        ),
        Misconception(
            "divided_by_the_rate",
            "You divide by the share that is dropped. With a rate of 0.25, by how much do your "
            "numbers grow, and how many are there still?",
        ),
        Misconception(
            "drops_the_others",
            "You drop where the noise is above the rate. With a rate of 0.25, how many numbers are "
            "left then?",
        ),
        Misconception(
            "rate_is_kept",
            "You keep the share `rate`; TensorFlow once asked for that (keep_prob). "
            "Which share does a rate name?",
        ),
        Misconception(
            "drops_at_inference",
            "With training=False you drop numbers too. Should a network that is asked twice give "
            "two answers?",
        ),
        Misconception(
            "multiplied_by_noise",
            "You multiply by the noise. Dropping is a decision, yes or no: what is the noise to be "
            "compared with?",
        ),
        Misconception(
            "one_row_for_all",
            "You use the first row of the noise for all. Should all images of a batch lose the "
            "same units?",
        ),
        Misconception(
            "counted_afterwards",
            "You divide by the share that happens to be left. On average that is 1 - rate, but "
            "what if all are dropped? Which number is known beforehand?",
        ),
    ),
    forbidden=("helpers.augmentation.dropout", "tensorflow.nn.dropout", "keras.random.dropout",
               "tensorflow.nn.experimental.general_dropout", "keras.layers.Dropout",
               "tensorflow.nn.experimental.stateless_dropout"),
    hints=(
        "noise >= rate is True where a number stays. True times a number is the number, False "
        "times it is 0.",
        "The numbers that stay are divided by 1 - rate, in training. With training=False x comes "
        "back as it is.",
    ),
    proved="dropout drops the share `rate`, makes up for it at once, and rests when the network "
    "is used.",
    picture=pictures.arrays,
)  # fmt: skip

# --- label_preserving -------------------------------------------------------------------------

KNOWN, ERRORS, NEVER = "all were right before", "some were wrong before", "a class never right"


def _label_preserving_by_numpy(labels, before, after, classes):
    shares = np.full(classes, np.nan)
    for number in range(classes):
        right = after[(labels == number) & (before == number)] == number
        shares[number] = right.mean() if right.size else np.nan
    return shares


def _label_preserving_with(slips, labels, before, after, classes):
    """`label_preserving` as someone with these slips writes it; without any it is right."""
    if "condition_swapped" in slips:
        before, after = after, before
    chosen, kept = before == labels, after == labels
    groups = labels
    if "errors_judged_too" in slips:
        chosen = np.ones_like(chosen)
    if "errors_counted_as_lost" in slips:
        chosen, kept = np.ones_like(chosen), chosen & kept
    if "agreement_even_if_wrong" in slips:
        chosen, kept = np.ones_like(chosen), before == after
    if "grouped_by_answer" in slips:
        chosen, kept, groups = np.ones_like(chosen), before == after, before
    if "one_number" in slips:
        return float(kept[chosen].mean()) if chosen.any() else float("nan")
    counted = [(kept[chosen & (groups == c)], (groups == c).sum()) for c in range(classes)]
    if "counts" in slips:
        return np.array([float(group.sum()) for group, _ in counted])
    empty = 0.0 if "empty_class_is_0" in slips else np.nan
    return np.array([group.mean() if group.size else empty for group, _ in counted])


def _label_preserving_cases(rng):
    def answers(labels, classes, wrong):
        """The labels with every so many replaced by another class."""
        off = rng.random(len(labels)) < wrong
        return np.where(off, (labels + rng.integers(1, classes, len(labels))) % classes, labels)

    def case(part, count, classes, wrong, never=None):
        labels = rng.permutation(np.arange(count) % classes)
        before, after = answers(labels, classes, wrong), answers(labels, classes, 0.4)
        if never is not None:
            before[labels == never] = (never + 1) % classes
        return Case(part, {"labels": labels, "before": before, "after": after, "classes": classes})

    def of(part, labels, before, after, classes):
        rows = {"labels": labels, "before": before, "after": after}
        arrays = {name: np.array(row) for name, row in rows.items()}
        return Case(part, {**arrays, "classes": classes})

    classes = int(rng.integers(3, 6))
    return [
        of(KNOWN, [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1], 2),
        case(KNOWN, 24, 3, 0),
        of(ERRORS, [0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], [0, 1, 1, 0, 1, 0], 2),
        case(ERRORS, 60, classes, 0.3),
        case(NEVER, 40, 4, 0.2, never=int(rng.integers(0, 4))),
        of(NEVER, [0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1], 3),
    ]


label_preserving = Exercise(
    name="label_preserving",
    points=2,
    parts=(
        Part("a number for each class", 0.05, "An array of shape (classes,).", form=True),
        Part(
            KNOWN,
            0.25,
            "Take the images of one class. Which share of them does the network still name right?",
        ),
        Part(
            ERRORS,
            0.4,
            "An image that was wrong before says nothing about the transformation. Which images "
            "may be counted, and which of those are kept?",
        ),
        Part(
            NEVER,
            0.3,
            "There is a class here with no image that was right before. Which share of none is it?",
        ),
    ),
    cases=_label_preserving_cases,
    expected=_label_preserving_by_numpy,
    answer_with=_label_preserving_with,
    misconceptions=(
        Misconception(
            "errors_judged_too",
            "You ask how many are right after the transformation. An image that was wrong before "
            "cannot lose its label: should it be counted?",
        ),
        Misconception(
            "errors_counted_as_lost",
            "You divide by all images of the class. Those that were wrong before then count as "
            "lost: did the transformation lose them?",
        ),
        Misconception(
            "agreement_even_if_wrong",
            "You ask whether the answer stays the same. Bag before and Bag after, for a coat: has "
            "the label of the coat been kept?",
        ),
        Misconception(
            "condition_swapped",
            "Of those that are right *after*, you count which were right before. Which comes "
            "first?",
        ),
        Misconception(
            "one_number",
            "You give one number for all classes. A turned bag and a turned shoe: do they fare "
            "alike?",
        ),
        Misconception(
            "grouped_by_answer",
            "You sort the images by what the network said. Whose class is asked about: the "
            "answer's, or the image's?",
        ),
        Misconception("counts", "Those are counts. What share of the images is it?"),
        Misconception(
            "empty_class_is_0",
            "A class without any image that was right gets a 0 from you, as if all had been lost. "
            "np.nan says that nothing is known.",
        ),
    ),
    forbidden=("helpers.augmentation.label_preserving",),
    hints=(
        "For each class one mask: the images that are of this class *and* were named right before. "
        "The mean of (after == class) over these images is the share.",
        "mask = (labels == c) & (before == c), for c in range(classes). mask.sum() may be 0: then "
        "the share is np.nan.",
    ),
    proved="label_preserving judges a transformation only by images that the network knew.",
    key="NumPy",
)

# --- cutout (practice) ------------------------------------------------------------------------

INSIDE, OVER, SEVERAL = "inside", "over the edge", "several images, channels, sizes"


def _cutout_with(slips, images, size, rows, columns):
    """`cutout` as someone with these slips writes it; without any it is right."""
    images, (height, width) = images.copy(), images.shape[1:3]
    if "rows_and_columns_swapped" in slips:
        rows, columns = columns, rows
    if "same_place_for_all" in slips:
        rows, columns = np.full_like(rows, rows[0]), np.full_like(columns, columns[0])
    back = 0 if "corner_for_middle" in slips else size // 2
    reach = 2 * (size // 2) + 1 if "one_too_many" in slips else size
    if "one_too_few" in slips:
        reach = 2 * (size // 2)
    channels = np.s_[:1] if "first_channel_only" in slips else np.s_[:]
    for place, (row, column) in enumerate(zip(rows, columns, strict=True)):
        top, left = int(row) - back, int(column) - back
        bottom, right = top + reach, left + reach
        if "moved_inside" in slips:
            top, left = (min(max(at, 0), end - size) for at, end in ((top, height), (left, width)))
            bottom, right = top + reach, left + reach
        if "slice_from_the_end" not in slips:
            top, left = max(top, 0), max(left, 0)
        square = np.s_[top:bottom, left:right, channels]
        if "all_but_the_square" in slips:
            rest = np.zeros_like(images[place])
            rest[square] = images[place][square]
            images[place] = rest
        else:
            images[place][square] = images.max() if "white_square" in slips else 0
    return images


def _cutout_cases(rng):
    def case(part, shape, size, rows, columns):
        images = rng.integers(1, 10, shape).astype("float32")
        places = {"rows": np.array(rows), "columns": np.array(columns)}
        return Case(part, {"images": images, "size": size, **places})

    return [
        case(INSIDE, (1, 4, 6, 1), 2, [2], [3]),
        case(INSIDE, (1, 6, 7, 1), 3, [2], [4]),
        case(OVER, (1, 4, 5, 1), 3, [0], [3]),
        case(OVER, (1, 5, 6, 1), 4, [3], [int(rng.integers(0, 2))]),
        case(SEVERAL, (3, 5, 8, 2), 3, rng.permutation([0, 2, 4]), rng.permutation([1, 4, 7])),
        case(SEVERAL, (2, 7, 6, 3), 4, rng.permutation([2, 6]), rng.permutation([0, 4])),
    ]


cutout = Exercise(
    name="cutout",
    points=0,
    parts=(
        Part("images as they came", 0.05, "What comes out has the shape of `images`.", form=True),
        Part(
            INSIDE,
            0.25,
            "The square begins size // 2 pixels above and to the left of its middle. Where does it "
            "end?",
        ),
        Part(
            OVER,
            0.35,
            "The square hangs over the edge. Which of its rows are rows of the image?",
        ),
        Part(SEVERAL, 0.35, "Each image has its own place, and black is 0 in all channels."),
    ),
    cases=_cutout_cases,
    expected=augmentation.cutout,
    answer_with=_cutout_with,
    misconceptions=(
        Misconception(
            "slice_from_the_end",
            "Where the square begins above the image, nothing is hidden. What does Python make of "
            "a slice from -1 to 2?",
        ),
        Misconception(
            "moved_inside",
            "You push the square back into the image. May a part of it lie outside?",
        ),
        Misconception(
            "corner_for_middle",
            "Your square begins at (row, column). Which point of the square is that to be?",
        ),
        Misconception(
            "one_too_many",
            "With an even size your square is one pixel too large. From row - 1 to row + 1, how "
            "many rows are there?",
        ),
        Misconception(
            "one_too_few",
            "With an odd size your square is one pixel too small. From row - 1 up to, but without, "
            "row + 1: how many rows are there?",
        ),
        Misconception(
            "rows_and_columns_swapped",
            "Your square lies on the other side of the diagonal. Which axis of (N, H, W, C) counts "
            "the rows?",
        ),
        Misconception(
            "same_place_for_all",
            "All your images are hidden at the same place. How many rows and columns are given?",
        ),
        Misconception(
            "first_channel_only",
            "You set only the first channel to 0. Is a red-green-blue pixel black then?",
        ),
        Misconception("white_square", "Your square is white. Which number is black?"),
        Misconception(
            "all_but_the_square",
            "You keep the square and hide the rest. Which of the two should be seen?",
        ),
    ),
    forbidden=("helpers.augmentation.cutout", "keras.layers.RandomErasing"),
    hints=(
        "Work on a copy, image by image: copy[i, top:bottom, left:right] = 0.",
        "top = row - size // 2 may be below 0, and a slice must not begin there: max(top, 0). The "
        "end needs no care, as a slice stops at the end of the array by itself.",
    ),
    proved="cutout hides a square in each image, also where it hangs over the edge.",
    key="NumPy",
    picture=pictures.arrays,
)

# --- random_translate (practice) --------------------------------------------------------------

OWN, REACH, COMES_IN = "draws and seeds", "how far", "what comes in"


def _random_translate_with(slips, images, most, seed):
    """`random_translate` as someone with these slips writes it; without any it is right."""
    rng, count = _generator(slips, seed), len(images)
    low = 0 if "one_way_only" in slips else -most
    moves = rng.integers(low, most, (count, 2), endpoint="end_excluded" not in slips)
    if "always_the_most" in slips:
        moves = most * rng.choice([-1, 1], (count, 2))
    if "one_number_for_both" in slips:
        moves[:, 0] = moves[:, 1]
    if "one_draw_for_the_batch" in slips:
        moves = np.repeat(moves[:1], count, axis=0)
    borders = {"wraps_around": "wrap", "edge_repeated": "edge"}
    mode = next((mode for slip, mode in borders.items() if slip in slips), "constant")
    return _moved(images, moves, most, mode)


def _translated(value, case):
    """What was done to the images of a case, in a sentence; an answer of another form as it is."""
    if isinstance(value, str):
        return Unreadable("text")
    if isinstance(case, Again) or isinstance(value, tuple) or _images_of(value, case) is None:
        return value
    images = _images_of(value, case)
    if case.part == OWN:
        return _draws_in_words(images)
    sentence = changes.of(case.arguments["images"], images).moved()
    reach, semicolon, border = sentence.partition("; ")
    return border if case.part == COMES_IN and semicolon else reach


def _random_translate_cases(rng):
    def case(part, shape, most, kind=Case):
        images = changes.patterns(rng, shape)
        return kind(part, {"images": images, "most": most, "seed": int(rng.integers(1, 1000))})

    read, wide = case(REACH, (64, 8, 9, 1), 2), case(REACH, (90, 9, 8, 1), 3)
    copies = case(OWN, (1, 7, 6, 1), 3).arguments
    copies = copies | {"images": np.repeat(copies["images"], 24, axis=0)}
    return [
        Case(OWN, copies),
        case(OWN, (10, 6, 7, 2), 2, Again),
        read,
        wide,
        Case(COMES_IN, read.arguments),
        Case(COMES_IN, wide.arguments),
    ]


random_translate = DrawnExercise(
    name="random_translate",
    points=0,
    parts=(
        Part("images as they came", 0.05, "What comes out has the shape of `images`.", form=True),
        Part(
            OWN,
            0.35,
            "Each image gets two numbers of its own, and all numbers come from `seed`.",
        ),
        Part(
            REACH,
            0.35,
            "From -most to most, both ends included, for each of the two directions.",
        ),
        Part(COMES_IN, 0.25, "Where an image has moved away, there is nothing: black, which is 0."),
    ),
    cases=_random_translate_cases,
    expected=augmentation.random_translate,
    answer_with=_random_translate_with,
    probe=_translated,
    misconceptions=(
        Misconception(
            "one_draw_for_the_batch",
            "All images of a batch move by the same number of pixels. How many pairs do you draw?",
        ),
        Misconception(
            "end_excluded",
            "Your images never move by the full `most` to the right or down. Does rng.integers "
            "include its upper end?",
        ),
        Misconception(
            "one_way_only",
            "Your images move down and to the right only. Which numbers move them the other way?",
        ),
        Misconception(
            "one_number_for_both",
            "Your images move along the diagonal: always as far down as to the right. How many "
            "numbers does each image need?",
        ),
        Misconception(
            "always_the_most",
            "Your images move by the full `most`, or the full `most` the other way. What of the "
            "numbers in between?",
        ),
        Misconception(
            "wraps_around",
            "What leaves on one side comes in on the other, as np.roll does it. What should come "
            "in?",
        ),
        Misconception(
            "edge_repeated",
            "Where an image has moved away, its edge pixel is repeated. What should come in here?",
        ),
        Misconception(
            "seed_ignored",
            "The same seed gives other images each time. Which generator do your numbers come "
            "from?",
        ),
        Misconception(
            "same_every_time",
            "Whatever the seed, your images are the same. What is the seed for?",
        ),
    ),
    forbidden=("helpers.augmentation.random_translate", "keras.layers.RandomTranslation"),
    hints=(
        "Draw all moves at once: rng.integers(-most, most, (N, 2), endpoint=True). Then move image "
        "after image; transformations.shift moves a batch of one.",
        "Without a helper: put `most` black pixels around all images with np.pad, and cut from "
        "each H x W pixels that begin at its own row and column.",
    ),
    proved="random_translate moves each image by whole pixels of its own.",
    key="a right answer",
)
