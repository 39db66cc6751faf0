"""The exercise of the last notebook: a network and the recipe that trains it."""

import json
from dataclasses import dataclass
from functools import lru_cache

from helpers.checks import compare, models
from helpers.checks.attempt import Unreadable
from helpers.checks.exercise import Case, Exercise, Graded, Misconception, Part

ACCURACY, WORK, PARAMETERS = "changed images named right", "work of the training", "parameters"
SHAPE, CLASSES = (28, 28, 1), 10
GUESS, GAP = 0.3, 0.08  # accuracies: hardly better than chance; lost when the images are changed
KEPT = 4  # trainings of one process that are not made again
FILTERS = ((12, 5), (24, 3), (48, 3))  # of the answer key's convolutions: how many, how wide
RECIPE = {
    "images": 60_000, "batch": 64, "steps": 800, "learning_rate": 0.01, "schedule": "warm up",
    "shift": 2.0, "turn": 10.0, "zoom": 0.1, "light": 0.3, "noise": 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class Trial(Case):
    """A case whose network is trained; how the images are changed follows from a secret."""

    secret: int = 0


# --- how an answer comes out --------------------------------------------------------------------


def _capstone_seen(value, case):
    """What becomes of a network and a recipe: refused, or a `Graded` that says how it did."""
    from helpers.recipes import Refused

    if value is None:
        return value
    if not isinstance(value, tuple) or len(value) != 2 or not models.is_model(value[0]):
        return Unreadable(f"{_kinds(value)}, where a model and a recipe are wanted")
    try:
        return _outcome(*value, case)
    except Refused as error:
        return Graded(f"refused: {error.about}", 0.0, f"what is refused: {error}")


def _kinds(value):
    if not isinstance(value, tuple):
        return compare.kind(value)
    return f"a tuple of {', '.join(map(compare.kind, value[:3])) or 'nothing'}"


def _outcome(model, recipe, case):
    """The `Graded` of one case; raises Refused before anything is trained."""
    from helpers import recipes

    known = hasattr(model, "known")  # a model of ours: what a learner sends is built anew here
    cost = _cost_of_ours(model, recipe) if known else recipes.cost(model, recipe)
    _check_answers(model, *case.arguments.values())
    if not isinstance(case, Trial):
        return _graded_size(cost)
    if known:
        return _graded(case.part, cost, *model.known, said=_goal(case.part))
    settings = tuple(sorted(recipes.whole_recipe(recipe).items()))
    plain, changed = _accuracies(_description(model), settings, case.secret)
    return _graded(case.part, cost, plain, changed)


@lru_cache(maxsize=64)  # when a misconception is looked for, ours are asked again and again
def _cost_of_ours(model, recipe):
    from helpers import recipes

    return recipes.cost(model, recipe)


@lru_cache(maxsize=64)
def _check_answers(model, shape, classes):
    from helpers import recipes

    recipes.check_answers(model, shape, classes)


@lru_cache(maxsize=2 * KEPT)
def _accuracies(description, settings, secret):
    """The shares of the test images named right: as they are, and changed."""
    from helpers import recipes

    images, changed, labels = recipes.judged_images(secret)
    trained = _trained(description, settings)
    few = slice(None, len(labels) // 2)  # of those left as they are, which earn nothing
    return trained.accuracy(images[few], labels[few]), trained.accuracy(changed, labels)


@lru_cache(maxsize=KEPT)
def _trained(description, settings):
    """A training: the same network and recipe give the same weights, so it is made only once."""
    import keras

    from helpers import recipes

    return recipes.train(keras.saving.deserialize_keras_object(json.loads(description)), settings)


def _description(model):
    """The layers of a model as a text; their names, which Keras counts on, are made the same."""
    import keras

    config = keras.saving.serialize_keras_object(model)
    config.pop("compile_config", None)
    names = {name: f"part_{number}" for number, name in enumerate(_names_in(config))}
    return json.dumps(_renamed(config, names), sort_keys=True)


def _names_in(config):
    """The names of the model and of all its layers, in order."""
    if isinstance(config, dict):
        inner = config.get("config")
        if isinstance(inner, dict) and "name" in inner and config["class_name"] != "DTypePolicy":
            yield inner["name"]
        for value in config.values():
            yield from _names_in(value)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from _names_in(value)


def _renamed(config, names, here=False):
    """A configuration with other names of layers; `here` where a text is the name of one."""
    if isinstance(config, dict):
        places = ("name", "keras_history", "input_layers", "output_layers")
        return {key: _renamed(value, names, key in places) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [_renamed(value, names, here) for value in config]
    return names.get(config, config) if here and isinstance(config, str) else config


def _graded_size(cost):
    """Another shape of images: nothing is trained, the network has to fit it and to be small."""
    from helpers import recipes

    share = recipes.shares(1, 0, cost.parameters).parameters
    words = "small" if share == 1 else "large"
    return Graded(words, share, f"a network of {cost.parameters:,} parameters")


def _graded(part, cost, plain, changed, said=None):
    """How a trained network did in one of the three properties."""
    from helpers import recipes

    shares = recipes.shares(changed, cost.work, cost.parameters)
    words = _in_words(plain, changed)
    named = f"names {changed:.3f} of the changed images right"
    if part == ACCURACY:
        told = f"a network that {named} ({plain:.3f} of those left as they are)"
        return Graded(words, shares.accuracy, said or told)
    told = f"a training of {cost.work / 1e9:.1f} billion multiply-adds; the network {named}"
    saved = shares.work
    if part == PARAMETERS:
        told, saved = f"a network of {cost.parameters:,} parameters that {named}", shares.parameters
    words += ", thrifty" if saved == 1 else ", not thrifty"
    return Graded(words, saved * shares.accuracy, said or told)


def _in_words(plain, changed):
    """How a training came out; accuracies on images as they are, and on changed ones."""
    from helpers import recipes

    if changed >= recipes.ACCURACY[1]:
        return "right"
    if changed < GUESS:
        return "a guess"
    return "lost by the changes" if plain - changed > GAP else "short of it"


def _goal(part):
    from helpers import recipes

    right = f"{recipes.ACCURACY[1]:g} or more of the changed images right"
    return {
        ACCURACY: right,
        WORK: f"{recipes.WORK[0] / 1e9:g} billion or fewer, and {right}",
        PARAMETERS: f"{recipes.PARAMETERS[0]:,} or fewer, and {right}",
    }[part]


# --- capstone -----------------------------------------------------------------------------------


def _capstone_by_keras(input_shape, classes):
    return _capstone_with(frozenset(), input_shape, classes)


def _capstone_with(slips, input_shape, classes):
    """`capstone` as someone with these slips writes it; without any it is right."""
    from helpers import recipes

    if "size_fixed" in slips:
        input_shape, classes = SHAPE, CLASSES
    known = (recipes.ACCURACY[1],) * 2  # what training gives: a test finds the same
    recipe = dict(RECIPE)
    if "no_augmentation" in slips:
        recipe = {name: recipe[name] for name in recipe if name not in recipes.CHANGES}
        known = recipes.ACCURACY[1], recipes.ACCURACY[1] - 2 * GAP
    if "hardly_fitted" in slips:
        recipe |= {"steps": 5, "learning_rate": 1e-6}
        known = 0.1, 0.1
    if "too_much_work" in slips:
        recipe["steps"] = 4000
    if "epochs_for_steps" in slips:
        del recipe["steps"]
        recipe["epochs"] = 5
    hidden, squash = "dense_head" in slips, "softmax_missing" not in slips
    model = _network(tuple(input_shape), classes, hidden, squash, known)
    if "model_alone" in slips:
        return model
    return model, recipe if "recipe_in_a_dict" in slips else tuple(recipe.items())


@lru_cache(maxsize=64)
def _network(input_shape, classes, hidden, squash, known):
    """Three convolutions and a Dense layer; with a hidden one, or without a softmax, if asked."""
    import keras

    layers = keras.layers
    steps = [keras.Input(input_shape)]
    for filters, size in FILTERS:
        steps += [
            layers.Conv2D(filters, size, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]
    steps += [layers.Flatten()] + [layers.Dense(256, activation="relu")] * hidden
    steps.append(layers.Dense(classes, activation="softmax" if squash else None))
    model = keras.Sequential(steps)
    model.known = known
    return model


def _capstone_cases(rng):
    height, width = 4 * rng.permutation([5, 6, 8, 9])[:2]  # never square, never 28
    other = {
        "input_shape": (int(height), int(width), int(rng.integers(1, 4))),
        "classes": int(rng.integers(3, 10)),
    }
    ours = {"input_shape": SHAPE, "classes": CLASSES}
    secret = int(rng.integers(2**31))
    trials = [Trial(part, ours, secret=secret) for part in (ACCURACY, WORK, PARAMETERS)]
    return [Case(PARAMETERS, other), *trials]


capstone = Exercise(
    name="capstone",
    points=28,
    parts=(
        Part(
            ACCURACY,
            14 / 28,
            "Was it trained at all? If it broke a rule, the line above says which. If it was: how "
            "far are its two accuracies apart? If the changed images come out much worse, the "
            "training has not shown it enough changes. If both are low, it has seen too few "
            "images, or its rate or its size does not fit.",
        ),
        Part(
            WORK,
            8 / 28,
            "recipes.cost(model, recipe) shows what a training costs before it is made. Which "
            "layer does most of the work (models.cost_of_layers), and does it need so many "
            "places? What thrift earns is multiplied by what the accuracy earns.",
        ),
        Part(
            PARAMETERS,
            6 / 28,
            "Which layer has most of the parameters (models.cost_of_layers)? How many numbers go "
            "into it? What thrift earns is multiplied by what the accuracy earns.",
        ),
    ),
    cases=_capstone_cases,
    expected=_capstone_by_keras,
    answer_with=_capstone_with,
    probe=_capstone_seen,
    misconceptions=(
        Misconception(
            "no_augmentation",
            "Your network knows clothes as they are in the file, and loses many when they are "
            "moved, turned or darkened. Which ingredients of the recipe show it such clothes?",
        ),
        Misconception(
            "hardly_fitted",
            "After your training the network hardly knows more than a guess. How many steps are "
            "there, and how does the loss run over them (recipes.train with progress=True)? If it "
            "does not fall, is the rate too large? Weights that you have trained yourself do not "
            "come along: the judge begins anew.",
        ),
        Misconception(
            "dense_head",
            "It names enough right, at little work, but most of its parameters sit in one place. "
            "How many numbers does Flatten give to the layer after it, and how many weights does "
            "each unit of that layer need then?",
        ),
        Misconception(
            "too_much_work",
            "The training costs more than is allowed, so it was not begun. Work is 3 x "
            "multiply-adds of an image x batch x steps: which of the three is far larger than it "
            "must be?",
        ),
        Misconception(
            "epochs_for_steps",
            "The recipe counts steps, not epochs: a step is one batch. How many steps make an "
            "epoch, if there are `images` of them and `batch` in a step?",
        ),
        Misconception(
            "size_fixed",
            "It works for 28 x 28 grey pixels and ten classes only. What are `input_shape` and "
            "`classes` for?",
        ),
        Misconception(
            "softmax_missing",
            "What comes out of your network are scores, not probabilities: they do not add up to "
            "1. Which activation makes probabilities of scores?",
        ),
        Misconception(
            "model_alone",
            "A model came back, and no recipe. What should stand after `return`, so that both "
            "come out?",
        ),
        Misconception(
            "recipe_in_a_dict",
            "A recipe is a tuple of pairs, (name, value), not a dict. If `recipe` is your dict, "
            "what does tuple(recipe.items()) give?",
        ),
    ),
    forbidden=(),  # a solution is a design, no function has it
    hints=(
        "Begin with the network and the recipe of the table, and change one thing at a time: "
        "recipes.train(model, recipe, progress=True) takes seconds. First make it good at changed "
        "images, then make it cheap.",
        "A stride of 2 in the first convolution leaves a quarter of the places to all layers after "
        'it. Batch normalisation bears a rate of 0.01 with Adam, with schedule "warm up". '
        "Changes half as strong as the judge's, or as strong, are worth their work.",
    ),
    proved="capstone makes a network and a recipe that are good, cheap and small at once.",
    key="a solution for all points",
    trains=True,
)
