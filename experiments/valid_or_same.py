"""Does it cost accuracy when the maps shrink fast? "valid" against "same", everything else equal.

Layers of 5 x 5 are stacked on Fashion-MNIST. With "valid" each takes 4 pixels: after 3 layers 28
pixels are 16, after 6 they are 4, and a seventh finds no place. With "same" they stay 28. The mean
of each map follows (global average pooling), so that both networks have the same weights. They
train for the same number of steps, too, a short time: four times as many give 0.1 more to both.

    python experiments/valid_or_same.py     writes data/experiments/valid_or_same.csv
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import tensorflow as tf

import experiments
from helpers import datasets

IMAGES, TESTED = 6_400, 2_000
STEPS, BATCH = 400, 32
KERNEL_SIZE, FILTERS, LEARNING_RATE = 5, 8, 0.002
CONFIGURATIONS = [
    {"padding": padding, "layers": layers, "seed": seed}
    for seed in range(5)
    for layers in (3, 6)
    for padding in ("valid", "same")
]


def run(padding, layers, seed, steps=STEPS):
    """Train one network and count what it names right.

    Args:
        padding: of each convolution, ``"valid"`` or ``"same"``.
        layers: how many convolutions; with ``"valid"`` at most 6, as a seventh finds no place.
        seed: of the first weights and of the order of the images.
        steps: batches of 32 images, out of the first 6,400 of the training images.

    Returns:
        A row of results: the arguments, how many images there were, the height of the last
        maps (``output_size``, pixels), the share of the first 2,000 test images that is named
        right (``test_accuracy``), and the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = network(padding, layers)
    model.fit(_training_batches(seed, steps), verbose=0)
    return {
        "padding": padding,
        "layers": layers,
        "seed": seed,
        "steps": steps,
        "images": IMAGES,
        "output_size": model.get_layer("mean").input.shape[1],
        "test_accuracy": _accuracy(model),
        "seconds": round(time.perf_counter() - start, 1),
    }


def network(padding, layers):
    """Some convolutions 5 x 5 with 8 filters, the mean of each map, and a softmax."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(layers):
        model.add(_convolution(padding))
    model.add(keras.layers.GlobalAveragePooling2D(name="mean"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "sparse_categorical_crossentropy")
    return model


def _convolution(padding):
    return keras.layers.Conv2D(
        FILTERS, KERNEL_SIZE, padding=padding, activation="relu", kernel_initializer="he_normal"
    )


def _training_batches(seed, steps):
    images, labels = datasets.fashion_mnist("train", n=IMAGES)
    pairs = tf.data.Dataset.from_tensor_slices((_scaled(images), labels))
    return pairs.shuffle(IMAGES, seed=seed).repeat().batch(BATCH).take(steps)


def _accuracy(model):
    images, labels = datasets.fashion_mnist("test", n=TESTED)
    answers = model.predict(_scaled(images), batch_size=500, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


def _scaled(images):
    return images.astype("float32") / 255


if __name__ == "__main__":
    print("wrote", experiments.write("valid_or_same", experiments.measure(run, CONFIGURATIONS)))
