"""How smooth is the loss along the gradient, with batch normalization and without?

The network of six convolutions in ``normalized_training.py`` is trained by plain gradient descent.
In each step we look ahead along the gradient, 0.5 to 4 times as far as the step will go, and ask
two things: over which range the loss varies there, and how much the gradient changes on the way.

    python experiments/loss_smoothness.py     writes data/experiments/loss_smoothness.csv
"""

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
from experiments import normalized_training

STEPS, RATE = 60, 0.1
AHEAD = 0.5, 1.0, 2.0, 4.0  # times the step that gradient descent takes
CONFIGURATIONS = [
    {"normalization": normalization, "seed": seed}
    for seed in range(5)
    for normalization in ("none", "batch")
]


def run(normalization, seed, steps=STEPS):
    """Train one network and look ahead in each step.

    Args:
        normalization: ``"none"`` or ``"batch"``.
        seed: of the first weights and of the order of the images.
        steps: how many, of 64 images each.

    Returns:
        A row of results: the arguments, the medians over the steps of the range of the loss
        (``loss_range``) and of the largest change of the gradient, over its length
        (``gradient_change``), the last loss, and the seconds that it took.
    """
    begin = time.perf_counter()
    seen = trace(normalization, seed, steps)
    return {
        "normalization": normalization,
        "seed": seed,
        "steps": steps,
        "loss_range": round(float(np.median(np.ptp(seen["losses"], axis=1))), 4),
        "gradient_change": round(float(np.median(seen["changes"].max(axis=1))), 4),
        "last_loss": round(float(seen["losses"][-1, 0]), 4),
        "seconds": round(time.perf_counter() - begin, 1),
    }


def trace(normalization, seed, steps=STEPS):
    """What was seen ahead in each step of training.

    Returns:
        A dict: ``"losses"``, ``(steps, 5)``, where training stands and at ``AHEAD``; ``"changes"``,
        ``(steps, 4)``, how far the gradient at ``AHEAD`` is from the one where training stands,
        over the length of that one.
    """
    (images, labels), _ = normalized_training.clothes()
    model = normalized_training.network(normalization)
    normalized_training.start(model, seed)
    look = _looker(model)
    order = np.random.default_rng(seed).permutation(len(images))[
        : steps * normalized_training.BATCH
    ]
    seen = [
        look(images[batch], labels[batch])
        for batch in order.reshape(steps, normalized_training.BATCH)
    ]
    losses, changes = (np.array(column) for column in zip(*seen, strict=True))
    return {"losses": losses, "changes": changes}


def _looker(model):
    """A function that looks ahead along the gradient for one batch, and then takes the step."""
    weights = model.trainable_variables
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()

    @tf.function
    def loss_and_gradient(images, labels):
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(images, training=True))
        return loss, tape.gradient(loss, weights)

    def step_from(places, gradient, length):
        for weight, place, slope in zip(weights, places, gradient, strict=True):
            weight.assign(place - length * slope)

    def look(images, labels):
        images, labels = tf.constant(images), tf.constant(labels)
        places = [tf.identity(weight) for weight in weights]
        here, gradient = loss_and_gradient(images, labels)
        losses, changes = [float(here)], []
        for times in AHEAD:
            step_from(places, gradient, times * RATE)
            loss, there = loss_and_gradient(images, labels)
            losses.append(float(loss))
            difference = [a - b for a, b in zip(there, gradient, strict=True)]
            change = tf.linalg.global_norm(difference) / tf.linalg.global_norm(gradient)
            changes.append(float(change))
        step_from(places, gradient, RATE)
        return losses, changes

    return look


if __name__ == "__main__":
    print("wrote", experiments.write("loss_smoothness", experiments.measure(run, CONFIGURATIONS)))
