"""The trained network of notebook 00, and what becomes of it when the images move.

One convolution, one pooling, one dense layer, trained on all of Fashion-MNIST. Each run shifts the
test images right by 0 to 4 pixels, zeros moving in, and counts how many are still named right.

    python experiments/start_network.py          writes data/experiments/start_network.csv
    python experiments/start_network.py --ship   writes start_network.npz too, and says its sha256

Another processor adds in another order: the weights differ in their last digits, and with them the
sha256 that ``helpers.datasets.trained_network`` asks for. So only ``--ship`` touches the weights;
their new sum goes into ``helpers/datasets.py`` and ``data/README.md``.
"""

import argparse
import hashlib
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

SHIFTS = range(5)  # pixels to the right
EPOCHS, BATCH = 4, 64
SHIPPED = 0  # the seed of the network in start_network.npz
CONFIGURATIONS = [{"seed": seed} for seed in range(3)]


def run(seed, epochs=EPOCHS):
    """Train one network and count what it names right when the images are shifted.

    Args:
        seed: of the first weights and of the order of the images.
        epochs: how often it sees the 60,000 training images.

    Returns:
        A row of results: seed, epochs, the share of the 10,000 test images named right at each
        shift (``accuracy_shift_0`` to ``accuracy_shift_4``), and the seconds that it took.
    """
    start = time.perf_counter()
    accuracies = shift_accuracies(train(seed, epochs))
    seconds = round(time.perf_counter() - start, 1)
    return {"seed": seed, "epochs": epochs, **accuracies, "seconds": seconds}


def train(seed, epochs=EPOCHS):
    """The network after training on images scaled to 0..1."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    images, labels = datasets.fashion_mnist("train")
    model = datasets.untrained_network()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(_scaled(images), labels, batch_size=BATCH, epochs=epochs, verbose=0)
    return model


def shift_accuracies(model):
    """The share of the test images that a network names right, for each shift."""
    images, labels = datasets.fashion_mnist("test")
    return {f"accuracy_shift_{k}": _accuracy(model, shift_right(images, k), labels) for k in SHIFTS}


def shift_right(images, pixels):
    """Images ``(N, H, W, C)`` moved right by some pixels; zeros come in from the left."""
    moved = np.zeros_like(images)
    moved[:, :, pixels:] = images[:, :, : images.shape[2] - pixels]
    return moved


def ship():
    """Write the weights of one network; gives their sha256."""
    arrays = train(SHIPPED).get_weights()
    path = experiments.RESULTS / "start_network.npz"
    with experiments.replacing(path) as file:
        np.savez(file, **dict(zip(datasets.NETWORK_ARRAYS, arrays, strict=True)))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _scaled(images):
    return images.astype("float32") / 255


def _accuracy(model, images, labels):
    answers = model.predict(_scaled(images), batch_size=1000, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Train three networks and shift their images.")
    options.add_argument("--ship", action="store_true", help="write start_network.npz, too")
    if options.parse_args().ship:
        print("start_network.npz has the sha256", ship())
    print("wrote", experiments.write("start_network", experiments.measure(run, CONFIGURATIONS)))
