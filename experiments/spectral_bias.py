"""Does training find slow waves before fast ones? Three networks learn the same five waves.

The target is a sum of five sine waves of amplitude 1, with 1, 5, 10, 20 and 40 periods along a row
of 512 points. What a network has learned of one wave is the amplitude of that wave in its output.
Three networks get to know the points in three ways:

- "coordinate": the position, one number from -1 to 1, goes through three dense layers;
- "waves": the same dense layers, but the position is given as 64 sines and 64 cosines;
- "convolution": no position at all; convolutions turn a row of fixed noise into the target.

    python experiments/spectral_bias.py     writes data/experiments/spectral_bias.csv
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

PERIODS = (1, 5, 10, 20, 40)  # of the five waves, along the whole row
POINTS, UNITS, CHANNELS, LEARNING_RATE = 512, 256, 64, 0.001
X = np.linspace(-1, 1, POINTS, endpoint=False, dtype="float32")
NETWORKS = ("coordinate", "waves", "convolution")
CONFIGURATIONS = [
    {"network": network, "steps": steps, "seed": seed}
    for network in NETWORKS
    for steps in (20, 100, 300, 1000)
    for seed in range(5)
]


def run(network, steps, seed):
    """Train one network and measure each wave in its output.

    Args:
        network: one of ``NETWORKS``.
        steps: of training; each sees all points.
        seed: of the first weights, and of the noise of "convolution".

    Returns:
        A row of results: the arguments, the amplitude of each wave in the output
        (``amplitude_1`` to ``amplitude_40``, 1 being learned), and the seconds that it took.
    """
    start = time.perf_counter()
    learned = amplitudes(fit(network, steps, seed))
    named = {f"amplitude_{periods}": value for periods, value in zip(PERIODS, learned, strict=True)}
    seconds = round(time.perf_counter() - start, 1)
    return {"network": network, "steps": steps, "seed": seed, **named, "seconds": seconds}


def fit(network, steps, seed):
    """The output of a network after training, float32 ``(512,)``. See `run`."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    inputs, layers = NETWORK_OF[network](seed)
    model = keras.Sequential([keras.Input(inputs.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "mse")
    wanted = target().reshape(*inputs.shape[:-1], 1)
    model.fit(tf.data.Dataset.from_tensors((inputs, wanted)).repeat(steps), verbose=0)
    return model.predict_on_batch(inputs).ravel()


def wave(periods):
    """A sine wave of amplitude 1 along the row, float32 ``(512,)``."""
    return np.sin(np.pi * periods * (X + 1)).astype("float32")


def target():
    """The sum of the five waves, float32 ``(512,)``."""
    return np.sum([wave(periods) for periods in PERIODS], axis=0)


def amplitudes(row):
    """How much of each of the five waves is in a row ``(512,)``: 1 is all of it, 0 is nothing."""
    return [round(float(2 * np.mean(row * wave(periods))), 3) for periods in PERIODS]


def _coordinate(seed):
    return X[:, None], _dense_layers()


def _waves(seed):
    angles = np.pi * np.arange(1, 65) * (X[:, None] + 1)
    inputs = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return inputs.astype("float32"), _dense_layers()


def _dense_layers():
    hidden = [keras.layers.Dense(UNITS, activation="relu") for _ in range(3)]
    return [*hidden, keras.layers.Dense(1)]


def _convolution(seed):
    noise = np.random.default_rng(seed).normal(size=(1, POINTS, 32)).astype("float32")
    same = {"kernel_size": 5, "padding": "same"}
    hidden = [keras.layers.Conv1D(CHANNELS, activation="relu", **same) for _ in range(3)]
    return noise, [*hidden, keras.layers.Conv1D(1, **same)]


NETWORK_OF = {"coordinate": _coordinate, "waves": _waves, "convolution": _convolution}


if __name__ == "__main__":
    print("wrote", experiments.write("spectral_bias", experiments.measure(run, CONFIGURATIONS)))
