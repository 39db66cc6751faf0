"""Who notices when all pixels of all images are shuffled alike, or when the images move?

Four ways to name Fashion-MNIST: the nearest of the stored images, a linear score, a dense network
with one hidden layer, and a small convolutional network. Each works once with the pixels in their
places and once with one fixed shuffle of all 784, the same in training and in testing. Then the
test images are moved right by 0 to 4 pixels (before the shuffle), zeros moving in.

    python experiments/shuffled_pixels.py     writes data/experiments/shuffled_pixels.csv
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
from helpers import datasets, neighbours

IMAGES, TESTED = 5_000, 1_000
EPOCHS, BATCH, HIDDEN = 10, 50, 128
SHIFTS = range(5)  # pixels to the right
METHODS = ("nearest", "linear", "two layers", "convolution")
CONFIGURATIONS = [
    {"method": method, "pixels": pixels, "seed": seed}
    for method in METHODS
    for seed in range(5)
    for pixels in ("in place", "shuffled")
]


def run(method, pixels, seed):
    """Learn from 5,000 images in one of the ways, and count what is named right.

    Args:
        method: one of ``METHODS``.
        pixels: ``"in place"`` or ``"shuffled"``.
        seed: says which 5,000 images of the training file (0: the first ones), and is the seed of
            the shuffle, of the first weights and of the order of the images.

    Returns:
        A row of results: the arguments; the share of the first 1,000 test images that is named
        right after moving them 0 to 4 pixels (``accuracy_shift_0`` to ``accuracy_shift_4``); and
        the seconds that it took.
    """
    start = time.perf_counter()
    places = shuffle(seed) if pixels == "shuffled" else np.arange(28 * 28)
    name = _learned(method, *_training_images(seed), places, seed)
    images, labels = datasets.fashion_mnist("test", n=TESTED)
    shares = {}
    for k in SHIFTS:
        named = name(rearranged(shifted(images, k), places))
        shares[f"accuracy_shift_{k}"] = round(float((named == labels).mean()), 4)
    seconds = round(time.perf_counter() - start, 1)
    return {"method": method, "pixels": pixels, "seed": seed, **shares, "seconds": seconds}


def shuffle(seed):
    """A fixed order of the 784 pixels: where each one of the new picture comes from."""
    return np.random.default_rng(seed).permutation(28 * 28)


def rearranged(images, places):
    """Images ``(N, 28, 28, 1)`` whose pixels are taken from the given places, row by row."""
    return images.reshape(len(images), -1)[:, places].reshape(images.shape)


def shifted(images, pixels):
    """Images ``(N, H, W, C)`` moved right by some pixels; zeros come in from the left."""
    return np.pad(images, [(0, 0), (0, 0), (pixels, 0), (0, 0)])[:, :, : images.shape[2]]


def network(method):
    """The network of a method: from images ``(N, 28, 28, 1)``, 0 to 1, to probabilities."""
    if method == "convolution":
        model = datasets.untrained_network()
    else:
        hidden = [keras.layers.Dense(HIDDEN, activation="relu")] if method == "two layers" else []
        last = keras.layers.Dense(10, activation="softmax")
        model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), *hidden, last])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def _learned(method, images, labels, places, seed):
    """A function that names images, once the method has seen the training images."""
    images = rearranged(images, places)
    if method == "nearest":
        return lambda unseen: neighbours.classify(images, labels, unseen)
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network(method)
    model.fit(_scaled(images), labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return lambda unseen: model.predict(_scaled(unseen), batch_size=500, verbose=0).argmax(axis=1)


def _training_images(seed):
    images, labels = datasets.fashion_mnist("train", n=IMAGES * (seed + 1))
    return images[-IMAGES:], labels[-IMAGES:]


def _scaled(images):
    return images.astype("float32") / 255


if __name__ == "__main__":
    print("wrote", experiments.write("shuffled_pixels", experiments.measure(run, CONFIGURATIONS)))
