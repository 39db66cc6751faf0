"""What does a network still name right when the image moves, turns, grows or gets dark?

Clothes of 14 x 14 pixels on a black canvas of 24 x 24, so that a shift by up to 5 pixels cuts
nothing off. Six networks learn from clothes in the middle (one of them from moved ones) and are
tested on clothes that were shifted, turned, scaled, bent and lit in another way. A seventh sees
the pictures as they come, 28 x 28, where clothes fill the frame and a shift cuts them off.

    python experiments/heads.py     writes data/experiments/heads.csv
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
from helpers import datasets, transformations

IMAGES, TESTED = 10_000, 2_000
CANVAS, RAW = 24, 28  # pixels
BATCH, STEPS = 64, 640
FILTERS = 16, 32
MOST = 5  # pixels that a moved image may lie off the middle
HEADS = ("dense", "no_pool", "flatten", "global", "blurred", "shifted", "raw")
TESTS = {
    **{f"shift_{k}": lambda x, k=k: transformations.shift(x, right=k) for k in range(MOST + 1)},
    **{f"turn_{d}": lambda x, d=d: transformations.rotate(x, d) for d in (15, 30, 45, 90, 180)},
    **{
        f"scale_{p}": lambda x, p=p: transformations.scale(x, p / 100)
        for p in (50, 75, 90, 110, 125, 150)
    },
    **{f"dark_{p}": lambda x, p=p: transformations.darken(x, p / 100) for p in (50, 25, 10)},
    **{f"bright_{p}": lambda x, p=p: transformations.brighten(x, p / 100) for p in (10, 30, 50)},
    "inverted": transformations.invert,
    **{f"bent_{t}": lambda x, t=t: transformations.bend(x, t / 10) for t in (5, 10, 15, 20)},
}
CONFIGURATIONS = [{"head": head, "seed": seed} for seed in range(5) for head in HEADS]


def run(head, seed, steps=STEPS):
    """Train one network and count what it names right when the images are changed.

    Args:
        head: one of ``HEADS``, see `network`; ``"shifted"`` is ``"flatten"``, trained on images
            that were moved by up to 5 pixels each way; ``"raw"`` is ``"global"`` on raw images.
        seed: of the first weights, of the order of the images and of their moves.
        steps: batches of 64 images, out of the first 10,000 of the training images.

    Returns:
        A row of results: the arguments, how many images there were, the share of the first 2,000
        test images that is named right after each change of ``TESTS``, and the seconds that it
        took.
    """
    start = time.perf_counter()
    model = train(head, seed, steps)
    accuracies = {name: accuracy(model, change) for name, change in TESTS.items()}
    seconds = round(time.perf_counter() - start, 1)
    row = {"head": head, "seed": seed, "steps": steps, "images": IMAGES}
    return {**row, **accuracies, "seconds": seconds}


def train(head, seed, steps=STEPS, callbacks=()):
    """The network after its steps; the arguments are those of `run`, and Keras callbacks."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network("flatten" if head == "shifted" else head)
    batches = _training_batches(seed, model.input_shape[1], moved=head == "shifted")
    parts = {"epochs": 4, "steps_per_epoch": steps // 4}  # a line of progress for each quarter
    model.fit(batches, **parts, verbose=0, callbacks=list(callbacks))
    return model


def network(head):
    """Two convolutions with one pooling between them, and a head that decides.

    Args:
        head: ``"flatten"``, a Dense layer with a weight for each place; ``"global"``, the largest
            value of each map, wherever it is, then a Dense layer; ``"blurred"``, the same with a
            blur before the pooling leaves out every second pixel; ``"no_pool"``, as ``"flatten"``
            without the pooling; ``"dense"``, no convolution at all; ``"raw"``, as ``"global"``,
            for images of 28 x 28.

    Returns:
        A compiled Keras model, from ``(N, 24, 24, 1)`` (``"raw"``: 28) to ``(N, 10)``.
    """
    deciding = [keras.layers.Flatten()]
    if head in ("global", "blurred", "raw"):
        deciding = [keras.layers.GlobalMaxPooling2D()]
    if head == "dense":
        middle = [keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")]
    else:
        middle = [_convolution(FILTERS[0], 5), *_pooling(head), _convolution(FILTERS[1], 3)]
    size = RAW if head == "raw" else CANVAS
    canvas = keras.Input((size, size, 1))
    deciding.append(keras.layers.Dense(10, activation="softmax"))
    model = keras.Sequential([canvas, *middle, *deciding])
    model.compile(
        keras.optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def accuracy(model, change=None):
    """The share of the test images that a network names right after a change of the images."""
    images, labels = canvases("test", TESTED, model.input_shape[1])
    changed = images if change is None else change(images)
    answers = model.predict(changed, batch_size=500, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


@functools.cache
def canvases(split, n, size=CANVAS):
    """Clothes of 14 x 14 in the middle of 24 x 24 black pixels, or raw ones; and their labels."""
    images, labels = datasets.fashion_mnist(split, n=n)
    return transformations.on_canvas(images, size, halve=size != RAW), labels


def _convolution(filters, size):
    return keras.layers.Conv2D(filters, size, padding="same", activation="relu")


def _pooling(head):
    """The largest of each 2 x 2 pixels, stride 2; blurred, its stride comes after a blur."""
    if head == "no_pool":
        return []
    if head != "blurred":
        return [keras.layers.MaxPooling2D(2)]
    taps = np.outer([1, 2, 1], [1, 2, 1]).reshape(3, 3, 1, 1) / 16
    blur = keras.layers.DepthwiseConv2D(
        3, strides=2, padding="same", use_bias=False, trainable=False,
        depthwise_initializer=lambda shape, dtype=None: np.broadcast_to(taps, shape),
    )  # fmt: skip
    return [keras.layers.MaxPooling2D(2, strides=1, padding="same"), blur]


def _training_batches(seed, size, moved):
    images, labels = canvases("train", IMAGES, size)
    if moved:
        rng = np.random.default_rng(seed)
        images = np.concatenate([
            transformations.shift(image[None], *map(int, rng.integers(-MOST, MOST + 1, 2)))
            for image in images
        ])  # fmt: skip
    pairs = tf.data.Dataset.from_tensor_slices((images, labels))
    return pairs.shuffle(IMAGES, seed=seed).repeat().batch(BATCH)


if __name__ == "__main__":
    print("wrote", experiments.write("heads", experiments.measure(run, CONFIGURATIONS)))
