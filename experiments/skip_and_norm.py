"""Skip connections with and without batch normalization: 25 convolutions, two by two networks.

All four networks have the same convolutions of 3 x 3, eight filters each, on Fashion-MNIST made
smaller to 14 x 14 pixels. They differ in two things: whether each pair of convolutions has a skip
around it, and whether batch normalization follows each convolution. Which learning rate is best
differs between them, so each gets two. A smaller edition of each, with 13 convolutions, trains in
seconds.

    python experiments/skip_and_norm.py     writes data/experiments/skip_and_norm.csv
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

BATCH, FILTERS, TESTED = 32, 8, 2000
NETWORKS = {  # skip, norm
    "plain": (False, False),
    "norm": (False, True),
    "skip": (True, False),
    "skip and norm": (True, True),
}
STEPS = {25: 300, 13: 150}  # by the number of convolutions
RATES = {25: (0.01, 0.001), 13: (0.01,)}
CONFIGURATIONS = [
    {"network": network, "convolutions": convolutions, "rate": rate, "seed": seed}
    for convolutions in STEPS
    for network in NETWORKS
    for rate in RATES[convolutions]
    for seed in range(5)
]


def run(network, convolutions, rate, seed):
    """Train one network and say how much it names right.

    Args:
        network: one of ``NETWORKS``.
        convolutions: how many in a row; one of ``STEPS``.
        rate: learning rate of Adam.
        seed: of the first weights and of the order of the images.

    Returns:
        A row of results: the arguments, the steps, the share of 2,000 test images named right
        (``test_accuracy``), and the seconds that it took.
    """
    start = time.perf_counter()
    model = train(network, convolutions, rate, seed)
    return {
        "network": network,
        "convolutions": convolutions,
        "rate": rate,
        "seed": seed,
        "steps": STEPS[convolutions],
        "test_accuracy": round(accuracy(model, convolutions), 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def train(network, convolutions, rate, seed, callbacks=()):
    """The trained network. Arguments as of `run`; callbacks of `keras.Model.fit`."""
    (images, labels), _ = small_images(convolutions)
    model = started(network, convolutions, rate, seed)
    model.fit(images, labels, BATCH, verbose=0, callbacks=list(callbacks))
    return model


def accuracy(model, convolutions):
    """The share of 2,000 test images that a network of so many convolutions names right."""
    _, (images, truth) = small_images(convolutions)
    answers = model.predict(images, batch_size=1000, verbose=0).argmax(axis=1)
    return float(np.mean(answers == truth))


@functools.cache
def small_images(convolutions):
    """Images of 14 x 14 pixels, standardised, with their labels: (training, test).

    As many training images as the steps for so many convolutions take, each seen once.
    """
    images, labels = datasets.fashion_mnist("train", n=STEPS[convolutions] * BATCH)
    tested, truth = datasets.fashion_mnist("test", n=TESTED)
    images, tested = training.standardise(_halved(images), _halved(tested))
    return (images, labels), (tested, truth)


def _halved(images):
    """Each 2 x 2 pixels become one, their mean."""
    return images.astype("float32").reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4))


def build(network, convolutions):
    """The network, not trained: a first convolution, pairs of convolutions, a mean, ten scores.

    He's initialisation stands in all of them.
    """
    skip, norm = NETWORKS[network]
    inputs = keras.Input((14, 14, 1))
    x = keras.layers.ReLU()(_convolution(inputs, norm))
    for _ in range((convolutions - 1) // 2):
        branch = keras.layers.ReLU()(_convolution(x, norm))
        branch = _convolution(branch, norm)
        x = keras.layers.ReLU()(keras.layers.Add()([x, branch]) if skip else branch)
    means = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(means))


def _convolution(x, norm):
    x = keras.layers.Conv2D(
        FILTERS, 3, padding="same", use_bias=not norm, kernel_initializer="he_normal"
    )(x)
    # 300 steps are too few for the usual momentum of 0.99
    return keras.layers.BatchNormalization(momentum=0.9)(x) if norm else x


def started(network, convolutions, rate, seed):
    """The network, compiled, with the first weights that the seed gives.

    Compiling 25 convolutions takes longer than training them for 300 steps, so it is done once for
    each network; then the weights and the optimiser are put back to the start.
    """
    tf.config.experimental.enable_op_determinism()
    model = _compiled(network, convolutions)
    keras.utils.set_random_seed(seed)
    model.set_weights(build(network, convolutions).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = rate
    return model


@functools.cache
def _compiled(network, convolutions):
    model = build(network, convolutions)
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


if __name__ == "__main__":
    print("wrote", experiments.write("skip_and_norm", experiments.measure(run, CONFIGURATIONS)))
