"""Is the identity easier to learn with skip connections? Stacks of blocks that have to copy.

What comes in is noise, 8 x 8 pixels and 4 channels, and the same is to come out. Each block is two
convolutions of 3 x 3 with a ReLU between them, with a skip around them or without; kernels begin
with He's initialisation. In the third kind of stack the last convolution of each block begins
with zeros, so that each block begins as the identity.

    python experiments/learn_identity.py     writes data/experiments/learn_identity.csv
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

STEPS, BATCH, CHANNELS, LEARNING_RATE = 200, 32, 4, 0.001
KINDS = {  # skip, kernel of the last convolution of a block at the start
    "plain": (False, "he_normal"),
    "skip": (True, "he_normal"),
    "skip from zero": (True, "zeros"),
}
CONFIGURATIONS = [
    {"kind": kind, "blocks": blocks, "seed": seed}
    for blocks in (2, 10)
    for kind in KINDS
    for seed in range(5)
]


def run(kind, blocks, seed):
    """Train one stack of blocks to copy, and say how far it is off before and after.

    Args:
        kind: one of ``KINDS``.
        blocks: how many in a row.
        seed: of the first weights and of the noise.

    Returns:
        A row of results: the arguments, the steps, the mean squared error on new noise (whose
        variance is 1) before and after training (``error_before``, ``error``), and the seconds.
    """
    start = time.perf_counter()
    tf.config.experimental.enable_op_determinism()
    model = _compiled(kind, blocks)
    keras.utils.set_random_seed(seed)
    model.set_weights(build(kind, blocks).get_weights())
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = LEARNING_RATE
    noise = np.random.default_rng(seed).normal(size=((STEPS + 8) * BATCH, 8, 8, CHANNELS))
    noise = noise.astype("float32")
    new, seen = noise[: 8 * BATCH], noise[8 * BATCH :]
    before = model.evaluate(new, new, BATCH, verbose=0)
    model.fit(seen, seen, BATCH, verbose=0)
    return {
        "kind": kind,
        "blocks": blocks,
        "seed": seed,
        "steps": STEPS,
        "error_before": round(before, 4),
        "error": round(model.evaluate(new, new, BATCH, verbose=0), 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def build(kind, blocks):
    """The stack, not trained."""
    skip, last = KINDS[kind]
    inputs = x = keras.Input((8, 8, CHANNELS))
    for _ in range(blocks):
        branch = _convolution(x, "relu", "he_normal")
        branch = _convolution(branch, None, last)
        x = keras.layers.Add()([x, branch]) if skip else branch
    return keras.Model(inputs, x)


def _convolution(x, activation, kernel):
    return keras.layers.Conv2D(
        CHANNELS, 3, padding="same", activation=activation, kernel_initializer=kernel
    )(x)


@functools.cache
def _compiled(kind, blocks):
    """Compiling takes longer than training, so it is done once for each kind of stack."""
    model = build(kind, blocks)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "mse")
    return model


if __name__ == "__main__":
    print("wrote", experiments.write("learn_identity", experiments.measure(run, CONFIGURATIONS)))
