"""What does it take until nine in ten clothes are named right: steps, seconds, multiply-adds?

Two networks of three convolutions with batch normalization are trained on all images of
Fashion-MNIST as they are, by a rate that rises and then falls to 0: the thrifty one of the last
notebook's answer, and a wider one that keeps all pixels in its first convolution. Each is trained
for 500, 1,000 and 2,000 steps, and names all 10,000 test images.

    python experiments/ninety.py     writes data/experiments/ninety.csv
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import tensorflow as tf

import experiments
from helpers import recipes

GOAL = 0.9  # of the test images, as they are
RECIPE = {"images": 60_000, "batch": 64, "learning_rate": 0.01, "schedule": "warm up"}
BUDGET = 10**12  # multiply-adds; more than the judge of the notebook allows
STEPS = {"thrifty": (500, 1000, 2000, 4000), "wide": (500, 1000, 2000)}
CONFIGURATIONS = [
    {"network": network, "steps": steps, "seed": seed}
    for seed in range(3)
    for network, counts in STEPS.items()
    for steps in counts
]


def run(network, steps, seed, progress=False):
    """Train one network for so many steps.

    Args:
        network: one of ``STEPS``.
        steps: of 64 images; the rate rises for a fifth of them and falls to 0 in the others.
        seed: of the first weights and of the order of the images.
        progress: print a line after each quarter of the training.

    Returns:
        A row of results: the arguments, the multiply-adds of one image (once forward) and of the
        whole training (``work``), the parameters, the share of the test images named right as they
        are (``accuracy``) and changed as the last notebook's judge does (``changed``), and the
        seconds of the training.
    """
    tf.config.experimental.enable_op_determinism()
    recipe = tuple((RECIPE | {"steps": steps}).items())
    trained = recipes.train(build(network), recipe, seed, progress, BUDGET)
    images, changed, labels = recipes.judged_images(seed)
    return {
        "network": network,
        "steps": steps,
        "seed": seed,
        "multiply_adds": trained.cost.multiply_adds,
        "work": trained.cost.work,
        "parameters": trained.cost.parameters,
        "accuracy": round(trained.accuracy(images, labels), 4),
        "changed": round(trained.accuracy(changed, labels), 4),
        "seconds": round(trained.seconds, 1),
    }


def build(network):
    """One of the two networks, for 28 x 28 grey pixels and ten classes."""
    if network == "thrifty":
        layers = [*_convolution(12, 5, 2), *_convolution(24, 3, 2), *_convolution(48, 3, 2)]
    else:
        pool = keras.layers.MaxPooling2D
        layers = [*_convolution(16, 3), pool(2), *_convolution(32, 3), pool(2)]
        layers += [*_convolution(64, 3), pool(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


def _convolution(filters, size, stride=1):
    return [
        keras.layers.Conv2D(filters, size, stride, padding="same", use_bias=False),
        keras.layers.BatchNormalization(momentum=0.9),
        keras.layers.ReLU(),
    ]


if __name__ == "__main__":
    print("wrote", experiments.write("ninety", experiments.measure(run, CONFIGURATIONS)))
