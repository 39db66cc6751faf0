"""Is a deeper plain network better, if it has as many weights? Dense layers and convolutions.

"Plain" is without skip connections and without normalization. The deeper a network, the narrower
its layers, so that all have about 12,000 weights. All begin with He's spread, are trained for the
same number of steps with Adam, and each has the better of two learning rates (``best``). What they
name right is counted on training images, too: a network that is worse *there* has not learned too
much by heart; it was harder to train.

    python experiments/plain_depth.py     writes data/experiments/plain_depth.csv
"""

import functools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import tensorflow as tf

import experiments
from helpers import datasets

WEIGHTS, CLASSES, SIDE = 12_000, 10, 14  # about; images of 14 x 14 pixels
IMAGES, JUDGED, BATCH, STEPS = 12_800, 2_000, 64, 200
RATES = (0.001, 0.004)
DEPTHS = {"dense": (1, 2, 4, 8, 16, 32), "convolution": (2, 4, 8, 16)}
SEEDS = 3
CONFIGURATIONS = [
    {"layers": layers, "depth": depth, "rate": rate, "seed": seed}
    for layers, depths in DEPTHS.items()
    for seed in range(SEEDS)
    for depth in depths
    for rate in RATES
]


def run(layers, depth, rate, seed, steps=STEPS):
    """Train one network and count what it names right.

    Args:
        layers: ``"dense"`` or ``"convolution"`` (3 x 3, the first one with stride 2, which leaves
            maps of 7 x 7; after the last one comes the mean of each map).
        depth: how many of them, each with a ReLU; the layer that gives the ten scores comes on
            top. A convolution needs at least 2: a single one of 12,000 weights has 631 filters.
        rate: the learning rate of Adam.
        seed: of the first weights and of the order of the images.
        steps: batches of 64 images, out of the first 12,800 training images.

    Returns:
        A row of results: the arguments, the width of the layers and their weights in all, the
        share named right of 2,000 training images (``train_accuracy``) and of the first 2,000
        test images (``test_accuracy``), and the seconds.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = _traced(layers, depth)
    _set_back(model, network(layers, depth).get_weights(), rate)
    pairs = tf.data.Dataset.from_tensor_slices(images("train", IMAGES))
    batches = pairs.shuffle(IMAGES, seed=seed).repeat().batch(BATCH).take(steps)
    model.fit(batches, verbose=0)
    return {
        "layers": layers,
        "depth": depth,
        "rate": rate,
        "seed": seed,
        "steps": steps,
        "width": width_of(layers, depth),
        "weights": model.count_params(),
        "train_accuracy": _accuracy(model, "train"),
        "test_accuracy": _accuracy(model, "test"),
        "seconds": round(time.perf_counter() - start, 1),
    }


def width_of(layers, depth):
    """Units (or filters) of each layer with which the network has about 12,000 weights."""
    widths = np.arange(1, 1000)
    return int(widths[np.abs(_weights(layers, depth, widths) - WEIGHTS).argmin()])


def _weights(layers, depth, width):
    taps, inputs = (1, SIDE * SIDE) if layers == "dense" else (9, 1)
    hidden = (depth - 1) * (taps * width + 1) * width
    return (taps * inputs + 1) * width + hidden + (width + 1) * CLASSES


def network(layers, depth):
    """The network, not compiled: from ``(N, 14, 14, 1)`` to ten scores."""
    width = width_of(layers, depth)
    he = {"activation": "relu", "kernel_initializer": "he_normal"}
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1))])
    if layers == "dense":
        model.add(keras.layers.Flatten())
    for number in range(depth):
        if layers == "dense":
            model.add(keras.layers.Dense(width, **he))
        else:
            stride = 1 if number else 2
            model.add(keras.layers.Conv2D(width, 3, stride, "same", **he))
    if layers == "convolution":
        model.add(keras.layers.GlobalAveragePooling2D())
    model.add(keras.layers.Dense(CLASSES))
    return model


@functools.cache
def _traced(layers, depth):
    """One compiled network for each shape: TensorFlow's graph of a step is made once for all."""
    model = network(layers, depth)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATES[0]), loss)
    model.optimizer.build(model.trainable_variables)
    return model


def _set_back(model, weights, rate):
    """Make it a new network: these weights, this learning rate, an optimizer without a past."""
    model.set_weights(weights)
    for variable in model.optimizer.variables:
        variable.assign(tf.zeros_like(variable))
    model.optimizer.learning_rate.assign(rate)


@functools.cache
def images(split, n):
    """The first images, their 2 x 2 pixels averaged, mean 0, deviation 1: ``(n, 14, 14, 1)``."""
    pixels, labels = datasets.fashion_mnist(split, n=n)
    small = pixels.reshape(n, SIDE, 2, SIDE, 2, 1).mean(axis=(2, 4)) / 255
    return ((small - 0.286) / 0.33).astype("float32"), labels.astype("int64")


def _accuracy(model, split):
    pixels, labels = images(split, JUDGED)
    answers = model.predict(pixels, batch_size=500, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


def best(rows, layers, depth, column="test_accuracy"):
    """For each seed the number in ``column`` at the rate that does better on the training images.

    Returns:
        A list with one number a seed.
    """
    mine = [row for row in rows if (row["layers"], row["depth"]) == (layers, depth)]
    seeds = sorted({row["seed"] for row in mine})
    each = [[row for row in mine if row["seed"] == seed] for seed in seeds]
    return [max(runs, key=lambda row: row["train_accuracy"])[column] for runs in each]


if __name__ == "__main__":
    print("wrote", experiments.write("plain_depth", experiments.measure(run, CONFIGURATIONS)))
