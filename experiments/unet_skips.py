"""What do the skips of a U-Net buy, and does it label pictures larger than those it learned from?

Each run trains a small U-Net, with its skips or without, on scenes of 64 x 64 pixels with two
garments. Then it labels test scenes of that size, and scenes of 96 x 160 pixels with six garments
on a photograph that was never seen in training. Without skips the up-convolutions make twice as
many maps, so that network has more weights, not fewer.

    python experiments/unet_skips.py          writes data/experiments/unet_skips.csv
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
from helpers import models, segmentation

SIZE, LARGE = (64, 64), (96, 160)  # pixels
CLASSES = 2
FILTERS, DEPTH = 8, 3
STEPS, BATCH, LEARNING_RATE = 150, 8, 0.005  # the rate falls to 0 along a cosine
CONFIGURATIONS = [
    {"skips": skips, "seed": seed} for skips in ("with", "without") for seed in range(3)
]


def run(skips, seed, steps=STEPS):
    """Train one network and let it label scenes.

    Args:
        skips: ``"with"`` or ``"without"``.
        seed: of the first weights and of the training scenes.
        steps: how many batches of 8 scenes; no scene comes twice.

    Returns:
        A row of results: on 100 test scenes of 64 x 64 and on 40 of 96 x 160, the share of pixels
        named right (``accuracy_...``), the mean IoU (``iou_...``), and the share of the wrong
        pixels that lie at most 2 pixels from the edge of a garment (``at_edges_...``); the
        parameters, and the seconds that it took.
    """
    start = time.perf_counter()
    model = trained(skips, seed, steps)
    row = {"skips": skips, "seed": seed, "steps": steps, "parameters": model.count_params()}
    for name, shape in (("64", SIZE), ("96x160", LARGE)):
        made, labels = test_scenes(shape)
        found = judged(labels, answers(model_for(shape, model, skips), made))
        row |= {f"{measure}_{name}": value for measure, value in found.items()}
    return row | {"seconds": round(time.perf_counter() - start, 1)}


def trained(skips, seed, steps=STEPS, callbacks=()):
    """A network fitted to `steps` batches of new scenes; an "epoch" is a fifth of them."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    made, labels = segmentation.scenes(steps * BATCH, SIZE, seed=seed + 1)
    model = network(SIZE, skips)
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss)
    batches = tf.data.Dataset.from_tensor_slices((centred(made), labels)).batch(BATCH)
    model.fit(batches, epochs=5, steps_per_epoch=steps // 5, verbose=0, callbacks=list(callbacks))
    return model


def centred(made):
    """Brightness from -1 to 1: from 0 to 1 some seeds stay with "background everywhere"."""
    return 2 * made - 1


def network(size, skips):
    """A U-Net for images of one size, with random weights."""
    settings = dict(classes=CLASSES, filters=FILTERS, depth=DEPTH, padding="same")
    return models.unet((*size, 1), skips=skips == "with", **settings)


def model_for(size, model, skips):
    """The same weights in a network for images of another size."""
    other = network(size, skips)
    other.set_weights(model.get_weights())
    return other


def test_scenes(size):
    """Scenes that no network was trained on: (scenes, labels)."""
    if size == SIZE:
        return segmentation.scenes(100, SIZE, seed=0, split="test")
    return segmentation.scenes(40, size, 0, "test", garments=6, backgrounds=("cat",))


def answers(model, made):
    """The class with the highest score for each pixel."""
    return model.predict(centred(made), batch_size=20, verbose=0).argmax(axis=3)


def judged(labels, said):
    """Accuracy, mean IoU, and the share of the errors that lie at edges."""
    wrong = said != labels
    at_edges = wrong & segmentation.near_edges(labels, pixels=2)
    return {
        "accuracy": round(float(1 - wrong.mean()), 4),
        "iou": round(segmentation.mean_iou(labels, said, CLASSES), 4),
        "at_edges": round(float(at_edges.sum() / max(wrong.sum(), 1)), 4),
    }


if __name__ == "__main__":
    print("wrote", experiments.write("unet_skips", experiments.measure(run, CONFIGURATIONS)))
