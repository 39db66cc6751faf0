"""Does batch normalization replace dropout when there are few images?

The network of six convolutions in ``normalized_training.py`` learns 200 images by heart, with batch
normalization and without, and with dropout before its last layer and without. What counts is what
it names right of 2,000 images that it has not seen.

    python experiments/few_images.py     writes data/experiments/few_images.csv
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

import experiments
from experiments import normalized_training

IMAGES, BATCH, STEPS, DROPOUT = 200, 50, 400, 0.3
CONFIGURATIONS = [
    {"normalization": normalization, "dropout": dropout, "seed": seed}
    for normalization in ("none", "batch")
    for dropout in (0.0, DROPOUT)
    for seed in range(5)
]


def run(normalization, dropout, seed):
    """Train one network on few images.

    Args:
        normalization: ``"none"`` or ``"batch"``.
        dropout: the share of the 16 means that is left out in training.
        seed: of the images that are drawn, of the first weights, of their order, of dropout.

    Returns:
        A row of results: the arguments, images and steps, the share of the 200 images named right
        at the end (``train_accuracy``), of 2,000 others (``test_accuracy``), and the seconds.
    """
    begin = time.perf_counter()
    (images, labels), test = normalized_training.clothes()
    drawn = np.random.default_rng(seed).permutation(len(images))[:IMAGES]
    model = _compiled(normalization, dropout)
    normalized_training.start(model, seed)
    epochs = STEPS * BATCH // IMAGES
    _forget(model.optimizer)
    model.fit(images[drawn], labels[drawn], batch_size=BATCH, epochs=epochs, verbose=0)
    return {
        "normalization": normalization,
        "dropout": dropout,
        "seed": seed,
        "images": IMAGES,
        "steps": STEPS,
        "train_accuracy": normalized_training.accuracy(model, images[drawn], labels[drawn]),
        "test_accuracy": normalized_training.accuracy(model, *test),
        "seconds": round(time.perf_counter() - begin, 1),
    }


@functools.cache
def _compiled(normalization, dropout):
    """One network for all seeds: it takes longer to trace a network than to train it."""
    model = normalized_training.network(normalization, dropout)
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def _forget(optimizer):
    """Adam as it begins: no steps, no averages of gradients."""
    for variable in optimizer.variables:
        if "learning_rate" not in variable.path:
            variable.assign(np.zeros(variable.shape))


if __name__ == "__main__":
    print("wrote", experiments.write("few_images", experiments.measure(run, CONFIGURATIONS)))
