"""What does each ingredient of a recipe buy, when clothes are moved, turned and darkened?

LeNet-5 is trained for 500 steps by a plain recipe; then one ingredient after another is added. In a
second series one ingredient is left out of the full recipe. Each network names 5,000 test images,
as they are and changed as the last notebook's judge changes them.

    python experiments/ingredients.py     writes data/experiments/ingredients.csv
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import tensorflow as tf

import experiments
from helpers import models, recipes

PLAIN = {"images": 10_000, "batch": 64, "steps": 500, "learning_rate": 0.001}
TESTED = 5_000  # test images
INGREDIENTS = {  # what each adds; "batch normalization" changes the network
    "all images": {"images": 60_000},
    "changes": recipes.CHANGES,
    "batch normalization": {},
    "higher rate": {"learning_rate": 0.01},
    "warm up": {"schedule": "warm up"},
}
LADDER = ("plain", *INGREDIENTS)  # each with all that stand before it
WITHOUT = tuple(f"without {name}" for name in list(INGREDIENTS)[:-1])  # the last: LADDER[-2]
CONFIGURATIONS = [
    {"ingredients": name, "seed": seed} for seed in range(3) for name in (*LADDER, *WITHOUT)
]


def run(ingredients, seed, progress=False):
    """Train one network by one recipe.

    Args:
        ingredients: one of ``LADDER``: that ingredient and all before it; or of ``WITHOUT``: all
            but that one.
        seed: of the first weights, of the order of the images, and of all changes.
        progress: print a line after each quarter of the training.

    Returns:
        A row of results: the arguments, the work in multiply-adds, the parameters, the share of
        the test images named right as they are (``accuracy``) and changed (``changed``), and the
        seconds of the training.
    """
    tf.config.experimental.enable_op_determinism()
    names = chosen(ingredients)
    recipe = PLAIN.copy()
    for name in names:
        recipe |= INGREDIENTS[name]
    model = network("batch normalization" in names)
    trained = recipes.train(model, tuple(recipe.items()), seed, progress)
    images, changed, labels = recipes.judged_images(seed, TESTED)
    return {
        "ingredients": ingredients,
        "seed": seed,
        "steps": recipe["steps"],
        "work": trained.cost.work,
        "parameters": trained.cost.parameters,
        "accuracy": round(trained.accuracy(images, labels), 4),
        "changed": round(trained.accuracy(changed, labels), 4),
        "seconds": round(trained.seconds, 1),
    }


def chosen(ingredients):
    """The names of the ingredients that a row has."""
    if ingredients in WITHOUT:
        return [name for name in INGREDIENTS if f"without {name}" != ingredients]
    return LADDER[1 : LADDER.index(ingredients) + 1]


def network(batch_normalization):
    """LeNet-5, with or without batch normalization before each ReLU."""
    if not batch_normalization:
        return models.lenet5()
    layers = []
    for layer in models.lenet5().layers:
        config = layer.get_config()
        bends = config.get("activation") == "relu"
        if bends:
            config |= {"activation": "linear", "use_bias": False}
        layers.append(type(layer).from_config(config))
        if bends:
            layers += [keras.layers.BatchNormalization(momentum=0.9), keras.layers.ReLU()]
    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


if __name__ == "__main__":
    print("wrote", experiments.write("ingredients", experiments.measure(run, CONFIGURATIONS)))
