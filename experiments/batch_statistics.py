"""What a network with batch normalization answers when test batches are normalized alone.

The network of six convolutions in ``normalized_training.py`` is trained for 300 steps. Then it
names test images, in batches of 1 to 500: with the statistics kept from training, as one should,
and by those of each batch. That second way also overwrites what was kept.

    python experiments/batch_statistics.py     writes data/experiments/batch_statistics.csv
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
from experiments import normalized_training

RATE = 0.3
SIZES = 1, 2, 4, 8, 32, 128, 500  # images in a test batch
ASKED = 500  # test images
DARK = 50, 25, 10  # per cent of the light
BOOT = 9  # the class of ankle boots
CONFIGURATIONS = [{"seed": seed} for seed in range(5)]


def run(seed):
    """Train one network and ask it in two ways.

    Args:
        seed: of the first weights and of the order of the images.

    Returns:
        A row of results: the seed, the steps, the share of 500 test images named right with the
        kept statistics (``kept``), by the statistics of batches of each size (``batch_1`` ...),
        with the kept mean and the variance that it began with, 1 (``kept_mean_only``), by those
        of batches of one class (``one_class``); with the kept statistics again after all
        boots of the test images were asked by the batches' own (``damaged``); of images with
        less light, with the kept statistics (``dark_50`` ...); and the seconds.
    """
    begin = time.perf_counter()
    model = trained(seed)
    _, (images, labels) = normalized_training.clothes()
    images, labels = images[:ASKED], labels[:ASKED]
    row = {"seed": seed, "steps": normalized_training.STEPS + 100}
    row["kept"] = normalized_training.accuracy(model, images, labels)
    row |= {
        f"dark_{p}": normalized_training.accuracy(model, darkened(images, p), labels) for p in DARK
    }
    row["kept_mean_only"] = by_kept_mean(model, images, labels)
    kept = model.get_weights()
    row |= {f"batch_{size}": by_batches(model, images, labels, size) for size in SIZES}
    model.set_weights(kept)
    in_order = np.argsort(labels, kind="stable")
    row["one_class"] = by_batches(model, images[in_order], labels[in_order], 32)
    model.set_weights(kept)
    by_batches(model, *boots(), 8)
    row["damaged"] = normalized_training.accuracy(model, images, labels)
    return row | {"seconds": round(time.perf_counter() - begin, 1)}


def trained(seed, callbacks=()):
    """The network after its steps: 200 of them, and 100 small ones in which it settles."""
    model = normalized_training.trained("batch", RATE, 1.0, seed, callbacks)
    model.optimizer.learning_rate.assign(RATE / 10)
    (images, labels), _ = normalized_training.clothes()
    model.fit(images, labels, normalized_training.BATCH, verbose=0, callbacks=list(callbacks))
    return model


def by_batches(model, images, labels, size):
    """The share named right when each batch is normalized by itself; this damages the model."""
    ask = _asker(model)
    batches = [images[at : at + size] for at in range(0, len(images), size)]
    answers = np.concatenate([ask(tf.constant(batch)) for batch in batches])
    return round(float((answers == labels).mean()), 4)


def by_kept_mean(model, images, labels):
    """The share named right with the kept means, but the variances of the start, which are 1."""
    kept = model.get_weights()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(np.ones(normalized_training.FILTERS))
    share = normalized_training.accuracy(model, images, labels)
    model.set_weights(kept)
    return share


def boots():
    """The ankle boots among the 2,000 test images, and their labels."""
    _, (images, labels) = normalized_training.clothes()
    return images[labels == BOOT], labels[labels == BOOT]


def darkened(images, per_cent):
    """Standardised images with so much of their light left: black stays black."""
    black = images.min()
    return black + (images - black) * np.float32(per_cent / 100)


@functools.cache
def _asker(model):
    @tf.function(input_signature=[tf.TensorSpec((None, *model.input_shape[1:]))])
    def ask(batch):  # one trace for batches of all sizes
        return tf.argmax(model(batch, training=True), axis=1)

    return lambda batch: ask(batch).numpy()


if __name__ == "__main__":
    print("wrote", experiments.write("batch_statistics", experiments.measure(run, CONFIGURATIONS)))
