"""Can a strided convolution learn to pool? It is shown the answers of a pool, and imitates them.

One filter of 2 x 2 with stride 2 and a bias, trained by gradient descent on the squared error. The
answers are those of average pooling or of max pooling; what is pooled is noise, the brightness of
photographs, or their edges (Sobel), as a network's first layer would find them. Beside the trained
filter stands the best one there is, by least squares: no training can do better.

    python experiments/learned_pooling.py     writes data/experiments/learned_pooling.csv
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
from helpers import convolution, datasets, kernels, layers

STEPS, BATCH, LEARNING_RATE = 400, 16, 0.3
SIDE, PATCHES, TESTED = 32, 400, 100  # patches of 32 x 32 pixels; the last 100 are for the test
POOLS = {"average": layers.average_pool, "max": layers.max_pool}
CONFIGURATIONS = [
    {"maps": maps, "target": target, "seed": seed}
    for seed in range(5)
    for maps in ("noise", "edges", "photos")
    for target in ("average", "max")
]


def run(maps, target, seed, steps=STEPS):
    """Train one filter to imitate a pool, and measure how near it comes.

    Args:
        maps: what is pooled: ``"noise"``, ``"edges"`` or ``"photos"``.
        target: what is to be imitated: ``"average"`` or ``"max"``.
        seed: of the first weights, of the patches and of their order.
        steps: batches of 16 patches.

    Returns:
        A row of results: the arguments; ``explained``, the part of the variance of the pooled
        numbers that the filter gets right, on patches that it was not trained on (1 is all of
        it); the same for the best filter (``best_explained``); the largest distance of a weight
        from 1/4 (``weight_off``); the bias; and the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    images = patches(maps, seed)
    answers = POOLS[target](images)
    model = network()
    pairs = tf.data.Dataset.from_tensor_slices((images[:-TESTED], answers[:-TESTED]))
    model.fit(pairs.shuffle(PATCHES, seed=seed).repeat().batch(BATCH).take(steps), verbose=0)
    kernel, bias = model.get_weights()
    got = model.predict(images[-TESTED:], verbose=0)
    best = least_squares(images[:-TESTED], answers[:-TESTED])
    return {
        "maps": maps,
        "target": target,
        "seed": seed,
        "steps": steps,
        "explained": round(explained(got, answers[-TESTED:]), 4),
        "best_explained": round(explained(best(images[-TESTED:]), answers[-TESTED:]), 4),
        "weight_off": round(float(np.abs(kernel - 0.25).max()), 4),
        "bias": round(float(bias[0]), 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def patches(maps, seed):
    """Patches out of the maps, float32 ``(400, 32, 32, 1)``, with mean 0 and variance 1."""
    rng = np.random.default_rng(seed)
    if maps == "noise":
        return rng.normal(size=(PATCHES, SIDE, SIDE, 1)).astype("float32")
    planes = [datasets.grey(datasets.photo(name)) for name in datasets.photos()]
    if maps == "edges":
        planes = [convolution.correlate2d(plane, kernels.sobel_x()) for plane in planes]
    cut = np.stack([_patch(planes[i % len(planes)], rng) for i in range(PATCHES)])[..., None]
    return ((cut - cut.mean()) / cut.std()).astype("float32")


def _patch(plane, rng):
    top, left = (rng.integers(length - SIDE + 1) for length in plane.shape)
    return plane[top : top + SIDE, left : left + SIDE]


def network():
    """One filter of 2 x 2 with stride 2 and a bias: five numbers to learn."""
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, STEPS)
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), keras.layers.Conv2D(1, 2, strides=2)])
    model.compile(keras.optimizers.Adam(falling), "mse")
    return model


def least_squares(images, answers):
    """The filter with the smallest squared error, as a function from images to answers."""
    solution, *_ = np.linalg.lstsq(_windows(images), answers.ravel(), rcond=None)
    return lambda others: (_windows(others) @ solution).reshape(len(others), SIDE // 2, -1, 1)


def _windows(images):
    """The four pixels of each window and a 1 for the bias, ``(windows, 5)``."""
    half = SIDE // 2
    taps = images.reshape(-1, half, 2, half, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4)
    return np.column_stack([taps, np.ones(len(taps))])


def explained(got, answers):
    """Which part of the variance of the answers is right in what was got."""
    return float(1 - np.mean(np.square(got - answers)) / np.var(answers))


if __name__ == "__main__":
    print("wrote", experiments.write("learned_pooling", experiments.measure(run, CONFIGURATIONS)))
