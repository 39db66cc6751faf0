"""What batch normalization brings: learning rates, first weights, and noise put in behind it.

Clothes at half their size, 14 x 14, go through six convolutions of 3 x 3 and 16 filters, each
followed by ReLU, with two poolings in between; then the mean of each map and a Dense layer. The
network is trained by plain gradient descent, 200 steps of 64 images, with batch normalization
between each convolution and its ReLU, and without. Either the learning rate varies, with He's first
weights, or the scale of the first weights does, with the learning rate 0.1. A third network gets
noise behind each batch normalization, which takes the steady inputs away again.

    python experiments/normalized_training.py     writes data/experiments/normalized_training.csv
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
from helpers import datasets, training

IMAGES, TESTED, SIDE = 6_400, 2_000, 14
CONVOLUTIONS, FILTERS, BATCH = 6, 16, 64
NORMALIZATIONS = ("none", "batch", "batch then noise")
MOMENTUM = 0.9  # Keras's 0.99 is meant for thousands of steps, not for hundreds
STEPS, RATE = 200, 0.1
RATES, SCALES = (0.003, 0.1, 0.3, 1.0, 3.0, 10.0), (0.01, 3.0, 10.0)
SETTINGS = [(rate, 1.0) for rate in RATES] + [(RATE, scale) for scale in SCALES]
CONFIGURATIONS = [
    {"normalization": normalization, "rate": rate, "scale": scale, "seed": seed}
    for normalization in NORMALIZATIONS
    for rate, scale in SETTINGS
    for seed in range(3)
    if normalization != "batch then noise" or (scale == 1 and 0.1 <= rate <= 3)
]


def run(normalization, rate, scale, seed, callbacks=()):
    """Train one network.

    Args:
        normalization: one of ``NORMALIZATIONS``, see `network`.
        rate: the learning rate.
        scale: of the first weights, in standard deviations of He's.
        seed: of the first weights and of the order of the images.
        callbacks: of Keras, such as one that shows how far it is.

    Returns:
        A row of results: the arguments but the last, the steps, the share of 2,000 test images
        named right (``test_accuracy``; 0.1 is a guess), and the seconds that it took.
    """
    begin = time.perf_counter()
    _, test = clothes()
    model = trained(normalization, rate, scale, seed, callbacks)
    return {
        "normalization": normalization,
        "rate": rate,
        "scale": scale,
        "seed": seed,
        "steps": STEPS,
        "test_accuracy": accuracy(model, *test),
        "seconds": round(time.perf_counter() - begin, 1),
    }


def trained(normalization, rate, scale, seed, callbacks=()):
    """The network after its steps; the next call with the same normalization trains it anew."""
    (images, labels), _ = clothes()
    model = _compiled(normalization)
    start(model, seed, scale)
    model.optimizer.learning_rate.assign(rate)
    parts = {"epochs": STEPS * BATCH // len(images), "callbacks": list(callbacks)}
    model.fit(images, labels, batch_size=BATCH, verbose=0, **parts)
    return model


@functools.cache
def _compiled(normalization):
    """One network for all runs: it takes longer to trace a network than to train it."""
    model = network(normalization)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


class ShiftingNoise(keras.layers.Layer):
    """Moves and scales each channel by other random numbers in every step: a covariate shift.

    In training each step draws, for each channel, a mean from -0.5 to 0.5 and a scale from 1 to
    1.25; each image gets these two numbers give or take 0.1. Otherwise the layer does nothing.

    After: Santurkar et al., "How Does Batch Normalization Help Optimization?", 2018, appendix A.
    """

    def __init__(self, seed, **more):
        super().__init__(**more)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def _uniform(self, shape, low, high):
        return keras.random.uniform(shape, low, high, seed=self.seed_generator)

    def call(self, maps, training=False):
        if not training:
            return maps
        count, channels = keras.ops.shape(maps)[0], maps.shape[-1]
        each = (count, 1, 1, channels)
        mean = self._uniform((1, 1, 1, channels), -0.5, 0.5) + self._uniform(each, -0.1, 0.1)
        scale = self._uniform((1, 1, 1, channels), 1, 1.25) + self._uniform(each, -0.1, 0.1)
        return maps * scale + mean


def network(normalization, dropout=0.0):
    """The network, not compiled.

    Args:
        normalization: ``"none"``; ``"batch"``, between each convolution and its ReLU, which then
            needs no bias; ``"batch then noise"``, with `ShiftingNoise` behind each of them.
        dropout: share of the 16 means that is left out before the Dense layer, in training.

    Returns:
        A Keras model from ``(N, 14, 14, 1)`` to the probabilities ``(N, 10)``.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(f"normalization must be one of {NORMALIZATIONS}, got {normalization!r}")
    layers = [keras.Input((SIDE, SIDE, 1))]
    for number in range(1, CONVOLUTIONS + 1):
        biased = normalization == "none"
        layers.append(keras.layers.Conv2D(FILTERS, 3, padding="same", use_bias=biased))
        if normalization != "none":
            layers.append(keras.layers.BatchNormalization(momentum=MOMENTUM))
        if normalization == "batch then noise":
            layers.append(ShiftingNoise(seed=number))
        layers.append(keras.layers.ReLU())
        if number in (2, 4):
            layers.append(keras.layers.MaxPooling2D(2))
    layers.append(keras.layers.GlobalAveragePooling2D())
    if dropout:
        layers.append(keras.layers.Dropout(dropout, seed=0))
    return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])


def start(model, seed, scale=1.0):
    """Put a model back to its start: He's random weights times ``scale``, everything else anew."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            ones, zeros = np.ones(FILTERS), np.zeros(FILTERS)
            layer.set_weights([ones, zeros, zeros, ones])
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            shape = layer.kernel.shape
            deviation = np.sqrt(2 / np.prod(shape[:-1]))
            layer.kernel.assign(rng.normal(0, scale * deviation, shape))
            if layer.use_bias:
                layer.bias.assign(np.zeros(shape[-1]))
        elif isinstance(layer, ShiftingNoise | keras.layers.Dropout):
            layer.seed_generator.state.assign(np.array([seed, 0]))


@functools.cache
def clothes(n=IMAGES):
    """``(images, labels), (test images, test labels)``: 14 x 14, standardised."""
    images, labels = datasets.fashion_mnist("train", n=n)
    tested, truth = datasets.fashion_mnist("test", n=TESTED)
    halved = training.standardise(*map(_halved, (images, tested)))
    return (halved[0], labels), (halved[1], truth)


def _halved(images):
    pairs = images.astype("float32").reshape(len(images), SIDE, 2, SIDE, 2, 1)
    return pairs.mean(axis=(2, 4))


def accuracy(model, images, labels):
    """The share of images that a model names right."""
    answers = model.predict(images, batch_size=500, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


if __name__ == "__main__":
    print(
        "wrote", experiments.write("normalized_training", experiments.measure(run, CONFIGURATIONS))
    )
