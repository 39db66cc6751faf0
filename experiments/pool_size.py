"""How large may a pool be? Accuracy on Fashion-MNIST with pools from none to the whole map.

One convolution, 16 filters of 5 x 5, then a pool of side 1 (none), 2, 4, 7, 14 or 28 (the whole
map: a global pool), then a dense layer. All train for the same number of steps. The larger the
pool, the fewer numbers are left for the dense layer, and the fewer weights it has.

The test pictures are also shown bent a little: each pixel moved by a smooth random field.

    python experiments/pool_size.py     writes data/experiments/pool_size.csv
"""

import os
import sys
import time
from functools import cache
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import tensorflow as tf
from scipy import ndimage

import experiments
from helpers import datasets

IMAGES, TESTED = 6_400, 2_000
STEPS, BATCH, FILTERS, KERNEL_SIZE, LEARNING_RATE = 400, 32, 16, 5, 0.005
BENT_BY, SMOOTH_OVER = 1.0, 4  # pixels: root mean square of each shift; scale of the field
POOLS = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
CONFIGURATIONS = [
    {"pool": pool, "size": size, "seed": seed}
    for seed in range(5)
    for pool, size in [("none", 1)] + [(p, s) for p in POOLS for s in (2, 4, 7, 14, 28)]
]


def run(pool, size, seed, steps=STEPS):
    """Train one network and count what it names right.

    Args:
        pool: ``"max"``, ``"average"`` or ``"none"``.
        size: side of the pool's window and its stride, in pixels; 1 with ``"none"``.
        seed: of the first weights and of the order of the images.
        steps: batches of 32 images, out of the first 6,400 of the training images.

    Returns:
        A row of results: the arguments, the number of parameters, the share of the first 2,000
        test images that is named right (``test_accuracy``), the same when they are bent
        (``bent_accuracy``), and the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network(pool, size)
    images, labels = datasets.fashion_mnist("train", n=IMAGES)
    pairs = tf.data.Dataset.from_tensor_slices((_scaled(images), labels))
    model.fit(pairs.shuffle(IMAGES, seed=seed).repeat().batch(BATCH).take(steps), verbose=0)
    images, labels = datasets.fashion_mnist("test", n=TESTED)
    return {
        "pool": pool,
        "size": size,
        "seed": seed,
        "steps": steps,
        "parameters": model.count_params(),
        "test_accuracy": _accuracy(model, _scaled(images), labels),
        "bent_accuracy": _accuracy(model, bent_images(), labels),
        "seconds": round(time.perf_counter() - start, 1),
    }


def network(pool, size):
    """A convolution with ReLU, a pool, and a dense layer with a softmax."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(
        keras.layers.Conv2D(
            FILTERS, KERNEL_SIZE, padding="same", activation="relu", kernel_initializer="he_normal"
        )
    )
    if pool != "none":
        model.add(POOLS[pool](size))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "sparse_categorical_crossentropy")
    return model


@cache
def bent_images():
    """The test images, float32 ``(2000, 28, 28, 1)``, each bent by a smooth field of its own."""
    images, _ = datasets.fashion_mnist("test", n=TESTED)
    rng = np.random.default_rng(0)
    return np.stack([bend(image, rng) for image in _scaled(images)[..., 0]])[..., None]


def bend(image, rng):
    """One image, ``(H, W)``, with each pixel taken from a place nearby; black beyond the edge."""
    field = rng.normal(size=(2, *image.shape))
    field = ndimage.gaussian_filter(field, (0, SMOOTH_OVER, SMOOTH_OVER), mode="wrap")
    field *= BENT_BY / np.sqrt(np.mean(np.square(field)))
    places = np.indices(image.shape) + field
    return ndimage.map_coordinates(image, places, order=1).astype("float32")


def _accuracy(model, images, labels):
    answers = model.predict(images, batch_size=500, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


def _scaled(images):
    return images.astype("float32") / 255


if __name__ == "__main__":
    print("wrote", experiments.write("pool_size", experiments.measure(run, CONFIGURATIONS)))
