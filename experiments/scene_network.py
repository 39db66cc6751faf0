"""The network of notebook 17: it names a garment that lies somewhere in a scene.

A scene is 40 x 40 pixels. One picture of Fashion-MNIST, 28 x 28, lies anywhere in it; around it is
black, a piece of a photograph, or a texture. Each run trains a network, and then looks inside it
and inside the same network before training: where do saliency and Grad-CAM point, are pictures
with like embeddings of one class, and how many units stand for a garment?

    python experiments/scene_network.py          writes data/experiments/scene_network.csv
    python experiments/scene_network.py --ship   writes scene_network.npz too, and says its sha256

Another processor adds in another order, so only ``--ship`` touches the weights that
``helpers.datasets.trained_scene_network`` reads; their new sum goes into ``helpers/datasets.py``
and ``data/README.md``.
"""

import argparse
import functools
import hashlib
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import tensorflow as tf
from scipy import ndimage

import experiments
from helpers import datasets, visualization

SIZE, GARMENT = 40, 28  # pixels
ROUNDS, IMAGES, BATCH = 8, 15_000, 64
LEARNING_RATE = 0.003  # at the start; it falls to 0 along a cosine
TESTED, SHIPPED = 1_000, 0
PHOTOS = ("astronaut", "coffee", "rocket")  # of the backgrounds; the cat is kept for tests
TEXTURES = {
    "rows": lambda y, x: y % 2,
    "columns": lambda y, x: x % 2,
    "checks": lambda y, x: (y + x) % 2,
    "dots": lambda y, x: (y % 2) * (x % 2),
}
EDGES = {  # which way lies what is next to it: axis of (N, H, W), pixels
    "left edge": (2, 1),
    "right edge": (2, -1),
    "upper edge": (1, 1),
    "lower edge": (1, -1),
}
CONFIGURATIONS = [{"seed": seed} for seed in range(3)]


def run(seed, rounds=ROUNDS):
    """Train one network and look inside it, before and after.

    Args:
        seed: of the first weights and of the scenes.
        rounds: how often it sees 15,000 new scenes.

    Returns:
        A row of results. Of 1,000 test scenes with a black background and of as many with pieces
        of a photograph that was never seen in training: the share named right
        (``accuracy_black``, ``accuracy_cat``). For the untrained and the trained network: the share
        of the saliency that lies on the garment, on black (``saliency_...``); the share of the
        scenes on the photograph in which the strongest point of Grad-CAM lies on the garment
        (``peak_...``), or at most four pixels from it, one place of conv4 (``near_...``); the share
        of the five nearest embeddings that are of the right class (``retrieval_...``); how many of
        the 64 units of conv4 are units for a garment (``garments_...``). For the trained network
        also the share named right when a square of the scenes on the photograph is covered: at
        Grad-CAM's strongest point (``covered_peak``), or anywhere, by lot (``covered_anywhere``).
        And the seconds that it took.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = datasets.untrained_scene_network()
    before = looked_inside(model, "untrained")
    train(model, seed, rounds)
    return {
        "seed": seed,
        "rounds": rounds,
        "accuracy_black": accuracy_on("black", model),
        "accuracy_cat": accuracy_on("cat", model),
        **before,
        **looked_inside(model, "trained"),
        **missed(model),
        "seconds": round(time.perf_counter() - start, 1),
    }


def train(model, seed, rounds=ROUNDS):
    """Fit a network to new scenes in each round."""
    images, labels = datasets.fashion_mnist("train")
    rng = np.random.default_rng(seed)
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, rounds * -(-IMAGES // BATCH))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss)
    for _ in range(rounds):
        chosen = rng.permutation(len(images))[:IMAGES]
        made, _ = scenes(images[chosen], rng)
        model.fit(made, labels[chosen], BATCH, verbose=0)


def scenes(images, rng, background="any", size=SIZE):
    """Garments, each somewhere in a scene of its own.

    Args:
        images: uint8 ``(N, 28, 28, 1)``.
        rng: a NumPy Generator.
        background: ``"black"``, the name of a photograph or of a texture; or ``"any"``, of which
            two in five are black, two are of ``PHOTOS`` and one is of ``TEXTURES``.
        size: height and width of the scenes, pixels.

    Returns:
        ``(scenes, masks)``: float32 ``(N, size, size, 1)``, 0 to 1, and bool ``(N, size, size)``,
        True on the garment: where its picture is not black.
    """
    made = np.zeros((len(images), size, size, 1), "float32")
    masks = np.zeros((len(images), size, size), bool)
    for scene, mask, image in zip(made, masks, images, strict=True):
        scene[:, :, 0] = background_of(background, rng, size)
        lay(scene, mask, image, *rng.integers(0, size - GARMENT + 1, 2))
    return made, masks


def lay(scene, mask, image, row, column):
    """Lay one garment into a scene, its upper left corner at (row, column), and mark its mask."""
    window = slice(row, row + GARMENT), slice(column, column + GARMENT)
    scene[window] = np.where(image > 0, image / np.float32(255), scene[window])
    mask[window] |= image[:, :, 0] > 0


def background_of(kind, rng, size=SIZE):
    """One background, float32 ``(size, size)``, at most 0.6 bright."""
    if kind == "any":
        kinds = (("black",), PHOTOS, tuple(TEXTURES))
        kind = rng.choice(kinds[np.searchsorted((0.4, 0.8, 1), rng.random())])
    if kind == "black":
        return np.zeros((size, size), "float32")
    brightness = rng.uniform(0.2, 0.6)
    if kind in TEXTURES:
        width, (down, right) = rng.integers(2, 5), rng.integers(0, 8, 2)
        y, x = np.indices((size, size))
        return (brightness * TEXTURES[kind]((y + down) // width, (x + right) // width)).astype(
            "float32"
        )
    photo = grey_photo(kind)
    row, column = (rng.integers(length - size) for length in photo.shape)
    return brightness * photo[row : row + size, column : column + size]


@functools.cache
def grey_photo(name):
    """A photograph in grey, float32 ``(H, W)``; read once."""
    return datasets.grey(datasets.photo(name))


def test_scenes(background):
    """The 1,000 test scenes with a background: (scenes, masks, labels)."""
    images, labels = datasets.fashion_mnist("test", n=TESTED)
    return *scenes(images, np.random.default_rng(0), background), labels


def dissection_scenes(count=200):
    """Scenes of which it is known, pixel by pixel, what is where.

    Returns:
        ``(scenes, concepts)``: float32 ``(count, 40, 40, 1)``, and a dict from the name of each
        concept to its bool masks ``(count, 40, 40)``: the four textures, the four edges of a
        garment (two pixels wide), and the ten kinds of garments.
    """
    images, labels = datasets.fashion_mnist("test", n=count)
    rng, made, masks = np.random.default_rng(0), [], []
    kinds = np.resize(["black"] * 6 + list(TEXTURES), count)
    for image, kind in zip(images, kinds, strict=True):
        scene, mask = scenes(image[np.newaxis], rng, kind)
        made.append(scene[0])
        masks.append(mask[0])
    masks = np.array(masks)
    concepts = {kind: ~masks & (kinds == kind)[:, None, None] for kind in TEXTURES}
    for name, (axis, step) in EDGES.items():
        outside = [~np.roll(masks, step * pixels, axis) for pixels in (1, 2)]
        concepts[name] = masks & (outside[0] | outside[1])
    for label, name in enumerate(datasets.CLASS_NAMES):
        concepts[name] = masks & (labels == label)[:, None, None]
    return np.array(made), concepts


def accuracy_on(background, model):
    """The share of the 1,000 test scenes with a background that a network names right."""
    made, _, labels = test_scenes(background)
    return accuracy(model, made, labels)


def accuracy(model, made, labels):
    """The share of scenes that a network names right."""
    answers = model.predict(made, batch_size=250, verbose=0).argmax(axis=1)
    return round(float((answers == labels).mean()), 4)


def looked_inside(model, which):
    """What ``run`` measures in a network, the names ending in ``which``."""
    made, masks, labels = (array[:200] for array in test_scenes("black"))
    maps = visualization.saliency(model, made, labels)
    on_garment = float((maps * masks).sum() / maps.sum())
    found = {f"saliency_{which}": round(on_garment, 4)}
    found[f"peak_{which}"] = round(float(peaks_on_garment(model).mean()), 4)
    found[f"near_{which}"] = round(float(peaks_on_garment(model, margin=4).mean()), 4)
    found[f"retrieval_{which}"] = retrieval(model)
    return found | {f"garments_{which}": garment_units(model)}


def grad_cams(model, made, labels):
    """Grad-CAM of conv4 for the class of each scene, as large as the scenes: ``(N, H, W)``."""
    maps, gradients = visualization.maps_and_gradients(model, "conv4", made, labels)
    cams = np.stack([visualization.grad_cam(*pair) for pair in zip(maps, gradients, strict=True)])
    return visualization.enlarge(cams, made.shape[1:3])


def peaks_on_garment(model, margin=0):
    """For each test scene on the photograph: is Grad-CAM strongest on the garment?

    What lies at most ``margin`` rows and columns from the garment counts as on it.
    """
    made, masks, labels = test_scenes("cat")
    masks = ndimage.maximum_filter(masks, (1, 2 * margin + 1, 2 * margin + 1), mode="constant")
    peaks = grad_cams(model, made, labels).reshape(len(made), -1).argmax(axis=1)
    return masks.reshape(len(masks), -1)[np.arange(len(masks)), peaks]


def missed(model):
    """What is still named right on the photograph when a square of the scene is covered."""
    made, _, labels = test_scenes("cat")
    orders = {
        "covered_peak": grad_cams(model, made, labels),
        "covered_anywhere": np.random.default_rng(0).random(made.shape[:3]),
    }
    return {name: accuracy(model, covered(made, order), labels) for name, order in orders.items()}


def covered(made, order):
    """The scenes, each with a grey square of 9 x 9 around the place where ``order`` is largest."""
    made = made.copy()
    for scene, place in zip(made, order, strict=True):
        row, column = np.unravel_index(place.argmax(), place.shape)
        scene[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 0.3
    return made


def retrieval(model):
    """The share of the five nearest embeddings of a test scene that are of its class."""
    made, _, labels = test_scenes("black")
    embeddings = visualization.feature_maps(model, "mean", made)
    found = visualization.nearest_embeddings(embeddings[:200], embeddings[200:], 5)
    return round(float((labels[200:][found] == labels[:200, None]).mean()), 4)


def garment_units(model):
    """How many units of conv4 meet a kind of garment best, with an IoU above 0.1."""
    made, concepts = dissection_scenes()
    maps = visualization.enlarge(visualization.feature_maps(model, "conv4", made), SIZE)
    ious = visualization.dissect(maps, np.stack(list(concepts.values()), axis=-1), quantile=0.97)
    best = ious.argmax(axis=1)[ious.max(axis=1) > 0.1]
    return int((best >= len(TEXTURES) + len(EDGES)).sum())  # the garments are the last concepts


def ship():
    """Write the weights of one network; gives their sha256."""
    keras.utils.set_random_seed(SHIPPED)
    tf.config.experimental.enable_op_determinism()
    model = datasets.untrained_scene_network()
    train(model, SHIPPED)
    path = experiments.RESULTS / "scene_network.npz"
    with experiments.replacing(path) as file:
        np.savez(file, **{variable.path: variable.numpy() for variable in model.weights})
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Train three networks and look inside them.")
    options.add_argument("--ship", action="store_true", help="write scene_network.npz, too")
    if options.parse_args().ship:
        print("scene_network.npz has the sha256", ship())
    print("wrote", experiments.write("scene_network", experiments.measure(run, CONFIGURATIONS)))
