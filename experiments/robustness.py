"""Which augmentation helps against what?

LeNet-5 learns from 1,000 clothes (or 100): as they are, or with one kind of augmentation, drawn
anew for each image in each epoch. It is tested on clothes that were all changed in one way, and
on those that it has seen. Noise comes in four strengths, as a sweep; what is done all together is
trained for longer, too.

    python experiments/robustness.py     writes data/experiments/robustness.csv
"""

import os
import sys
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import tensorflow as tf

import experiments
from helpers import augmentation, datasets, models, transformations

TESTED = 2_000
BATCH, STEPS, QUARTERS = 50, 400, 4  # 20 epochs of 1,000 images
RATE = 0.002
TESTS = {  # each changes all test images in the same way
    "clean": lambda x: x,
    "shift_3": lambda x: transformations.shift(x, right=3),
    "turn_20": lambda x: transformations.rotate(x, 20),
    "scale_75": lambda x: transformations.scale(x, 0.75),
    "mirrored": lambda x: x[:, :, ::-1],
    "dark_10": lambda x: transformations.darken(x, 0.1),
    "bright_50": lambda x: transformations.brighten(x, 0.5),
    **{f"noise_{s}": lambda x, s=s: transformations.add_noise(x, s / 100) for s in (20, 40, 60)},
    "hidden_12": lambda x: transformations.occlude(x, 12),
}


def run(training, images, steps, seed):
    """Train one network on few images and test it on changed ones.

    Args:
        training: one of ``TRAININGS``: what is done to each image before each step. ``"nothing"``
            leaves the images alone, ``"all"`` does shift, turn, light, noise and erase together,
            ``"dropout"`` leaves them alone and puts a dropout of one half before the last layer.
        images: how many of the training images, 1,000 or another multiple of 50.
        steps: batches of 50 images.
        seed: of the first weights, of the order of the images and of all that is drawn.

    Returns:
        A row of results: the arguments, the share of the training images, as they are, that is
        named right in the end (``train``), that of the first 2,000 test images after each change
        of ``TESTS``, and the seconds.
    """
    start = time.perf_counter()
    model = train(training, images, steps, seed)
    known = round(share_right(model, *clothes("train", images)), 4)
    shares = accuracies(model)
    seconds = round(time.perf_counter() - start, 1)
    row = {"training": training, "images": images, "steps": steps, "seed": seed, "train": known}
    return {**row, **shares, "seconds": seconds}


def train(training, images=1_000, steps=STEPS, seed=0, callbacks=()):
    """The network after its steps; the arguments are those of `run`, and Keras callbacks."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network(dropout=0.5 if training == "dropout" else 0)
    parts = {"epochs": QUARTERS, "steps_per_epoch": steps // QUARTERS}  # a line for each quarter
    model.fit(batches(training, images, seed), **parts, verbose=0, callbacks=list(callbacks))
    return model


def network(dropout=0.0):
    """LeNet-5, compiled; with ``dropout`` before its last layer, if that is above 0."""
    lenet = models.lenet5()
    x = lenet.layers[-2].output
    if dropout:
        x = keras.layers.Dropout(dropout, seed=0)(x)
    model = keras.Model(lenet.inputs[0], lenet.layers[-1](x))
    loss = keras.losses.CategoricalCrossentropy()
    model.compile(keras.optimizers.Adam(RATE), loss, metrics=["accuracy"])
    return model


def batches(training, count, seed):
    """Batches (images, targets) without end: each epoch in a new order, with new draws."""
    images, labels = clothes("train", count)
    targets = np.eye(10, dtype="float32")[labels]
    rng, change = np.random.default_rng(seed), TRAININGS[training]
    while True:
        order = rng.permutation(len(images)).reshape(-1, BATCH)
        for chosen in order:
            yield change(images[chosen], targets[chosen], rng)


def accuracies(model):
    """The share of the test images that a network names right after each change of ``TESTS``."""
    images, labels = clothes("test", TESTED)
    return {
        name: round(share_right(model, change(images), labels), 4) for name, change in TESTS.items()
    }


def share_right(model, images, labels):
    """The share of images that a network names as `labels` says."""
    answers = model.predict(images, batch_size=500, verbose=0).argmax(axis=1)
    return float((answers == labels).mean())


def clothes(split, n):
    """The first n images, float32 0 to 1, and their labels."""
    images, labels = datasets.fashion_mnist(split, n=n)
    return images.astype("float32") / 255, labels


# --- what is done in training: (images, targets, rng) to (images, targets) ----------------------


def _nothing(images, targets, rng):
    return images, targets


def _shift(images, targets, rng):
    return augmentation.random_translate(images, 3, seed=int(rng.integers(2**31))), targets


def _mirror(images, targets, rng):
    mirrored = rng.random(len(images)) < 0.5
    return np.where(mirrored[:, None, None, None], images[:, :, ::-1], images), targets


def _turn(images, targets, rng):
    return _one_by_one(transformations.rotate, images, rng.uniform(-25, 25, len(images))), targets


def _scale(images, targets, rng):
    factors = rng.uniform(0.7, 1.2, len(images))
    return _one_by_one(transformations.scale, images, factors), targets


def _light(images, targets, rng):
    """From a twentieth of the light to all of it, and up to 0.6 added."""
    factors, added = (rng.uniform(*ends, (len(images), 1, 1, 1)) for ends in ((0.05, 1), (0, 0.6)))
    return np.minimum(images * factors + added, 1).astype("float32"), targets


def _noise(images, targets, rng, stddev=0.4):
    return transformations.add_noise(images, stddev, seed=int(rng.integers(2**31))), targets


def _erase(images, targets, rng):
    rows, columns = rng.integers(0, 28, (2, len(images)))
    return augmentation.cutout(images, 12, rows, columns), targets


def _all(images, targets, rng):
    for change in (_shift, _turn, _light, _noise, _erase):
        images, targets = change(images, targets, rng)
    return images, targets


def _mixup(images, targets, rng):
    weights, partners = rng.beta(0.4, 0.4, len(images)), rng.permutation(len(images))
    return augmentation.mixup(images, targets, weights, partners)


def _one_by_one(change, images, amounts):
    pairs = zip(images, amounts, strict=True)
    return np.concatenate([change(image[None], amount) for image, amount in pairs])


TRAININGS = {
    "nothing": _nothing,
    "mirror": _mirror,
    "shift": _shift,
    "turn": _turn,
    "scale": _scale,
    "light": _light,
    "noise": _noise,
    "erase": _erase,
    "all": _all,
    "mixup": _mixup,
    "dropout": _nothing,
    **{f"noise_{s}": partial(_noise, stddev=s / 100) for s in (10, 20, 60)},
}
SETTINGS = [
    *((training, 1_000, STEPS) for training in TRAININGS),
    *((training, 100, STEPS) for training in ("nothing", "mirror", "shift")),
    ("all", 1_000, 4 * STEPS),
]
CONFIGURATIONS = [
    {"training": training, "images": images, "steps": steps, "seed": seed}
    for seed in range(3)
    for training, images, steps in SETTINGS
]

if __name__ == "__main__":
    print("wrote", experiments.write("robustness", experiments.measure(run, CONFIGURATIONS)))
