"""What a large learning rate does to ReLU, to leaky ReLU and to ELU.

A unit (a channel) is dead when it is above 0 at no place of any image. With ReLU its gradient is
then 0, and it can't come back. Counted after training, for six learning rates and five seeds,
with the accuracy on clean and on noisy images beside it.

    python experiments/dead_units.py     writes data/experiments/dead_units.csv
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

import experiments
from experiments import _activation_network as small

STEPS, TESTED = 300, 2_000
NOISE = (0.3, 0.6)  # standard deviation, where black is 0 and white is 1
RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5)
CONFIGURATIONS = [
    {"activation": activation, "rate": rate, "seed": seed}
    for seed in range(5)
    for activation in ("relu", "leaky relu", "elu")
    for rate in RATES
]


def run(activation, rate, seed, steps=STEPS):
    """Train one network, count its dead units, and test it on clean and on noisy images.

    Args:
        activation: one of ``_activation_network.ACTIVATIONS``.
        rate: the learning rate.
        seed: of the first weights, of the order of the images and of the noise.
        steps: batches of 64 images.

    Returns:
        A row of results: the arguments, the share of the 16 channels of each layer that are above
        0 at no place of the test images (``dead_1`` to ``dead_3``; 1 where the weights have left
        the range of float32), the share of the first 2,000 test images named right
        (``test_accuracy``), the same with noise (``accuracy_noise_0.3``, ``accuracy_noise_0.6``),
        and the seconds.
    """
    begin = time.perf_counter()
    small.start(seed)
    model = small.compiled(small.network(activation), rate)
    small.fit(model, seed, steps, [keras.callbacks.TerminateOnNaN()])
    pixels, labels = small.images("test", TESTED)
    noise = np.random.default_rng(seed).normal(size=pixels.shape).astype("float32")
    noisy = {
        f"accuracy_noise_{s}": small.accuracy(model, pixels + s * noise, labels) for s in NOISE
    }
    return {
        "activation": activation,
        "rate": rate,
        "seed": seed,
        "steps": steps,
        **dead_shares(model, pixels),
        "test_accuracy": round(small.accuracy(model, pixels, labels), 4),
        **{name: round(value, 4) for name, value in noisy.items()},
        "seconds": round(time.perf_counter() - begin, 1),
    }


def dead_shares(model, pixels):
    """The share of dead channels of each layer: ``{"dead_1": ..., "dead_2": ..., "dead_3": ...}``.

    Args:
        model: a ``network``.
        pixels: the images that a channel must answer to, to be alive, ``(N, 14, 14, 1)``.
    """
    names = ("act1", "act2", "act3")
    maps = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])(pixels)
    alive = [(np.asarray(one) > 0).any(axis=(0, 1, 2)).mean() for one in maps]
    return {f"dead_{number}": round(1 - float(a), 4) for number, a in enumerate(alive, 1)}


if __name__ == "__main__":
    print("wrote", experiments.write("dead_units", experiments.measure(run, CONFIGURATIONS)))
