"""LeNet-5 on Fashion-MNIST after a few seconds of training, and with all pixels shuffled.

The network of ``helpers.models.lenet5`` sees the first 15,000 training images four times. In half
of the runs one fixed permutation has moved the pixels of every image, training and test alike:
each image holds the same numbers, but neighbours are no longer neighbours.

    python experiments/lenet.py     writes data/experiments/lenet.csv
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
from experiments.shuffled_pixels import rearranged, shuffle
from helpers import datasets, models, training

IMAGES, EPOCHS, BATCH = 15_000, 4, 64
LEARNING_RATE = 0.004  # at the start; it falls to 0 along a cosine
CONFIGURATIONS = [
    {"pixels": pixels, "seed": seed} for seed in range(5) for pixels in ("in place", "permuted")
]


def run(pixels, seed, epochs=EPOCHS):
    """Train one network and count what it names wrong.

    Args:
        pixels: ``"in place"`` or ``"permuted"``.
        seed: of the first weights, of the order of the images and of the permutation.
        epochs: how often it sees the images.

    Returns:
        A row of results: the arguments, images and steps of training, the share of the 10,000
        test images named right (``test_accuracy``), the share whose class is not among the five
        highest scores (``top_5_error``), the worst share of a class that is named right
        (``worst_class``) with that class's name, and the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    images, labels = datasets.fashion_mnist("train", n=IMAGES)
    tested, truth = datasets.fashion_mnist("test")
    images, tested = training.standardise(images, tested)
    if pixels == "permuted":
        places = shuffle(seed)
        images, tested = rearranged(images, places), rearranged(tested, places)
    model = models.lenet5()
    steps = epochs * -(-IMAGES // BATCH)
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy")
    model.fit(images, labels, BATCH, epochs, verbose=0)
    scores = model.predict(tested, batch_size=1000, verbose=0)
    counts = training.confusion(truth, scores.argmax(axis=1), 10)
    found = counts.diagonal() / counts.sum(axis=1)
    return {
        "pixels": pixels,
        "seed": seed,
        "images": IMAGES,
        "steps": steps,
        "test_accuracy": round(1 - training.top_k_error(scores, truth), 4),
        "top_5_error": round(training.top_k_error(scores, truth, 5), 4),
        "worst_class": round(float(found.min()), 4),
        "worst_class_name": datasets.CLASS_NAMES[found.argmin()],
        "seconds": round(time.perf_counter() - start, 1),
    }


if __name__ == "__main__":
    print("wrote", experiments.write("lenet", experiments.measure(run, CONFIGURATIONS)))
