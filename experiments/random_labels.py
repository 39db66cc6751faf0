"""How long it takes to learn 500 images by heart: with true labels, and with labels at random.

The network of ``helpers.models.lenet5`` and everything about its training are the same; only the
labels differ. The random ones are the true ones, dealt out anew, so each class is as frequent.

    python experiments/random_labels.py     writes data/experiments/random_labels.csv
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
from helpers import datasets, models, training

IMAGES, TESTED = 500, 2_000
EPOCHS, BATCH, LEARNING_RATE = 40, 50, 0.003
CONFIGURATIONS = [
    {"labels": labels, "seed": seed} for seed in range(5) for labels in ("true", "random")
]


def run(labels, seed, epochs=EPOCHS):
    """Train one network on 500 images and follow how many of them it knows.

    Args:
        labels: ``"true"`` or ``"random"``.
        seed: of the first weights, of the order of the images and of the random labels.
        epochs: how often it sees the images.

    Returns:
        A row of results: the arguments, images and steps of training; after which epoch it named
        90 in 100 and all of the 500 right while training (0: never); the share that it names
        right in the end, of the 500 (``train_accuracy``) and of the first 2,000 test images
        (``test_accuracy``); and the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    images, truth = datasets.fashion_mnist("train", n=IMAGES)
    tested, tested_truth = datasets.fashion_mnist("test", n=TESTED)
    images, tested = training.standardise(images, tested)
    taught = truth if labels == "true" else np.random.default_rng(seed).permutation(truth)
    model = models.lenet5()
    adam = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    log = model.fit(images, taught, BATCH, epochs, verbose=0).history["accuracy"]
    return {
        "labels": labels,
        "seed": seed,
        "images": IMAGES,
        "steps": epochs * IMAGES // BATCH,
        "epochs_to_90": first_epoch(log, 0.9),
        "epochs_to_100": first_epoch(log, 1),
        "train_accuracy": _accuracy(model, images, taught),
        "test_accuracy": _accuracy(model, tested, tested_truth),
        "seconds": round(time.perf_counter() - start, 1),
    }


def first_epoch(accuracies, share):
    """The number, from 1, of the first epoch with an accuracy of at least `share`; 0: none."""
    return next((n for n, accuracy in enumerate(accuracies, 1) if accuracy >= share - 1e-6), 0)


def _accuracy(model, images, labels):
    scores = model.predict(images, batch_size=500, verbose=0)
    return round(1 - training.top_k_error(scores, labels), 4)


if __name__ == "__main__":
    print("wrote", experiments.write("random_labels", experiments.measure(run, CONFIGURATIONS)))
