"""Recipes are checked before anything is trained; a training is the same each time."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import datasets, models, recipes, transformations
from helpers.recipes import Refused

layers = keras.layers
TINY = (("images", 200), ("batch", 16), ("steps", 30))


def small(*between, end=None):
    """A network that begins with what is to be tried."""
    end = end or layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input((28, 28, 1)), *between, layers.Flatten(), end])


# --- recipes ------------------------------------------------------------------------------------


def test_what_a_recipe_leaves_out_has_its_default():
    whole = recipes.whole_recipe((("steps", 600), ("shift", np.float64(2))))
    defaults = {name: ingredient.value for name, ingredient in recipes.INGREDIENTS.items()}
    assert whole == defaults | {"steps": 600, "shift": 2.0}
    assert recipes.whole_recipe(()) == defaults


def test_every_default_is_allowed_and_every_limit_too():
    for name, (value, allowed, meaning) in recipes.INGREDIENTS.items():
        for one in (value, *allowed):
            if name not in ("images", "batch"):  # these two limit each other
                assert recipes.whole_recipe(((name, one),))[name] == one
        assert meaning


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"steps": 5}, "tuple of pairs"),
        ("steps", "tuple of pairs"),
        ((("steps", 5, 6),), "tuple of pairs"),
        ((("epochs", 5),), "no ingredient 'epochs'; it has images, batch, steps"),
        (((5, 5),), "no ingredient 5"),
        ((("steps", 5), ("steps", 6)), "steps stands twice"),
        ((("steps", 2.5),), "steps must be a whole number from 1 to 4000, got 2.5"),
        ((("steps", 0),), "got 0"),
        ((("steps", 10**30),), "from 1 to 4000"),
        ((("steps", True),), "got True"),
        ((("steps", "800"),), "got '800'"),
        ((("learning_rate", float("nan")),), "learning_rate must be a number from 1e-06 to 10"),
        ((("learning_rate", float("inf")),), "got inf"),
        ((("flip", 1),), r"flip must be one of \(False, True\), got 1"),
        ((("optimizer", "rmsprop"),), r"optimizer must be one of \('adam', 'sgd'\)"),
        ((("images", 100), ("batch", 128)), "batch must be at most images, got 128 of 100"),
    ],
)  # fmt: skip
def test_a_recipe_that_is_none_is_refused_by_name(recipe, message):
    with pytest.raises(Refused, match=message):
        recipes.whole_recipe(recipe)


# --- networks -----------------------------------------------------------------------------------


def test_the_cost_of_lenet_is_counted():
    cost = recipes.cost(models.lenet5(), (("steps", 800), ("batch", 64)))
    forward = 28 * 28 * 25 * 6 + 10 * 10 * 25 * 6 * 16 + 400 * 120 + 120 * 84 + 84 * 10
    assert cost == (61_706, forward, 3 * forward * 64 * 800)


class Own(layers.Layer):
    """A layer that nobody knows."""

    def call(self, x):
        return x


def twice():
    inputs, shared = keras.Input((28, 28, 1)), layers.Conv2D(1, 3, padding="same")
    x = layers.Flatten()(shared(shared(inputs)))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def weighted():
    inputs = keras.Input((28, 28, 1))
    x = layers.Flatten()(inputs) * np.ones(784, "float32")
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


REFUSED = {
    "a layer of one's own": (lambda: small(Own()), "Own is not allowed"),
    "a model in the model": (lambda: small(small(end=layers.Reshape((28, 28, 1)))), "Sequential"),
    "work that is not counted": (lambda: small(layers.SeparableConv2D(4, 3)), "SeparableConv2D"),
    "a layer used twice": (twice, "used more than once"),
    "numbers that are multiplied": (weighted, "not allowed|more than 64 numbers"),
    "weights in an initialiser": (
        lambda: small(end=layers.Dense(10, kernel_initializer="identity")),
        "weights begin with",
    ),
    "weights in a constant": (
        lambda: small(
            layers.Conv2D(70, 3, bias_initializer=keras.initializers.Constant([1.0] * 70))
        ),
        "more than 64 numbers",
    ),
    "channels first": (lambda: small(layers.MaxPooling2D(2, data_format="channels_first")), "last"),
    "half precision": (lambda: small(layers.Conv2D(4, 3, dtype="mixed_bfloat16")), "float32"),
    "too many parameters": (lambda: small(layers.Flatten(), layers.Dense(2000)), "1,000,000"),
    "too many layers": (lambda: small(*[layers.ReLU() for _ in range(90)]), "at most 80"),
    "too much work": (lambda: small(layers.Conv2D(100, 25, padding="same")), "150 billion"),
    "too many values": (lambda: small(layers.UpSampling2D(32)), "values of an image|parameters"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_network_that_hides_its_cost_or_is_too_large_is_refused(what):
    build, message = REFUSED[what]
    with pytest.raises(Refused, match=message):
        recipes.cost(build())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: models.lenet5((32, 32, 1)), r"must take images \(None, 28, 28, 1\)"),
        (lambda: models.lenet5(classes=11), r"must give \(None, 10\), it gives \(None, 11\)"),
        (lambda: small(end=layers.Dense(10)), "must give probabilities"),
        (lambda: small(end=layers.Dense(10, activation="sigmoid")), "add up to 1"),
    ],
)
def test_a_network_must_give_probabilities_of_ten_classes(build, message):
    with pytest.raises(Refused, match=message):
        recipes.check_answers(build(), (28, 28, 1), 10)


def test_what_is_refused_is_not_trained(monkeypatch):
    monkeypatch.setattr(recipes, "_steps", lambda *_: pytest.fail("it was trained"))
    for model, recipe in ((small(Own()), ()), (small(), (("steps", 10**9),)),
                          (small(end=layers.Dense(10)), ())):  # fmt: skip
        with pytest.raises(Refused):
            recipes.train(model, recipe)


def test_skips_and_the_layers_of_this_course_are_allowed():
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
    x = keras.ops.relu(layers.BatchNormalization()(x) + x)
    x = layers.Concatenate()([x, layers.DepthwiseConv2D(3, padding="same")(x)])
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    assert recipes.cost(model).multiply_adds == 14 * 14 * (9 * 4 + 9 * 4) + 80


# --- points -------------------------------------------------------------------------------------


def test_points_grow_evenly_between_their_limits():
    low, high = recipes.ACCURACY
    few, many = recipes.WORK
    assert recipes.shares(low, many, recipes.PARAMETERS[1]) == (0, 0, 0)
    assert recipes.shares(high, few, recipes.PARAMETERS[0]) == (1, 1, 1)
    assert recipes.shares(1, 0, 0) == (1, 1, 1)
    middle = recipes.shares((low + high) / 2, (few + many) / 2, 0)
    assert middle == pytest.approx((0.5, 0.5, 1))
    assert recipes.shares(float("nan"), 0, 0).accuracy != 1


# --- pictures -----------------------------------------------------------------------------------


def photographs(n=6):
    images, _ = datasets.fashion_mnist("test", n=n)
    return images / np.float32(255)


def moved(images, right=0, down=0, degrees=0, size=1):
    numbers = (tf.fill([len(images)], np.float32(x)) for x in (right, down, degrees, size))
    return recipes.move(tf.constant(images), *numbers).numpy()


def test_moves_are_those_of_the_transformations():
    images = photographs()
    shifted = transformations.shift(images, right=2, down=-3)
    np.testing.assert_allclose(moved(images, 2, -3), shifted, atol=1e-5)
    quarter = transformations.rotate(images, 90)
    np.testing.assert_allclose(moved(images, degrees=90), quarter, atol=1e-4)
    inside = slice(None), slice(4, 24), slice(4, 24)  # they treat the border differently
    turned = transformations.rotate(images, 20)
    np.testing.assert_allclose(moved(images, degrees=20)[inside], turned[inside], atol=1e-4)
    larger = transformations.scale(images, 1.5)
    np.testing.assert_allclose(moved(images, size=1.5)[inside], larger[inside], atol=1e-4)


def test_each_image_gets_numbers_of_its_own():
    images = photographs(2)
    both = recipes.move(tf.constant(images), *map(tf.constant, ([1.0, 0], [0.0, 2], [0.0, 0],
                                                                [1.0, 1])))  # fmt: skip
    np.testing.assert_allclose(both[0], transformations.shift(images[:1], right=1)[0], atol=1e-5)
    np.testing.assert_allclose(both[1], transformations.shift(images[1:], down=2)[0], atol=1e-5)


def test_nothing_changes_where_no_strength_is_given():
    images = tf.constant(photographs())
    np.testing.assert_array_equal(recipes.vary(images, (0, 1), {}), images)


@pytest.mark.parametrize("name", [*recipes.CHANGES, "flip"])
def test_a_change_depends_on_its_seed_alone_and_stays_in_range(name):
    images = tf.constant(photographs(40))
    strength = {name: recipes.CHANGES.get(name, True)}
    once, again, other = (recipes.vary(images, seed, strength) for seed in ((1, 2), (1, 2), (1, 3)))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other) and not np.array_equal(once, images)
    assert once.shape == images.shape and np.min(once) >= 0 and np.max(once) <= 1 + 1e-5


def test_the_strength_is_the_most_that_happens():
    square = np.zeros((500, 28, 28, 1), "float32")
    square[:, 10:18, 10:18] = 1
    places = np.argwhere(recipes.vary(tf.constant(square), (0, 0), {"shift": 3.0}).numpy() > 0.5)
    rows = {int(row) for row in places[:, 1]}
    assert rows == set(range(7, 21))
    darker = recipes.vary(tf.constant(square), (0, 0), {"light": 0.5}).numpy().max(axis=(1, 2, 3))
    assert 0.5 <= darker.min() < 0.52 and 0.98 < darker.max() <= 1


def test_the_judged_images_follow_from_their_seed():
    images, changed, labels = recipes.judged_images(3, n=50)
    assert images.shape == changed.shape == (50, 28, 28, 1) and labels.shape == (50,)
    np.testing.assert_array_equal(images, photographs(50))
    np.testing.assert_array_equal(changed, recipes.judged_images(3, n=50)[1])
    assert not np.array_equal(changed, recipes.judged_images(4, n=50)[1])


# --- training -----------------------------------------------------------------------------------


def test_a_training_begins_anew_and_is_the_same_each_time(capsys):
    model = small(layers.Dropout(0.3))
    model.set_weights([np.full(weight.shape, 7.0) for weight in model.get_weights()])
    settings = (*TINY, ("shift", 2), ("noise", 0.1), ("flip", True), ("schedule", "warm up"))
    once, again = (recipes.train(model, settings, progress=True) for _ in range(2))
    for one, other in zip(once.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.all(model.get_weights()[0] == 7), "the learner's model was changed"
    assert np.abs(once.model.get_weights()[0]).max() < 1, "its weights were taken over"
    other = recipes.train(model, settings, seed=1)
    assert not np.array_equal(other.model.get_weights()[0], once.model.get_weights()[0])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[1].startswith("step 30 of 30  loss ")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_step_is_that_of_keras(optimizer):
    recipe = (("images", 100), ("batch", 100), ("steps", 1), ("optimizer", optimizer),
              ("learning_rate", 0.1), ("label_smoothing", 0.2))  # fmt: skip
    trained = recipes.train(small(), recipe, seed=5)
    images, labels = datasets.fashion_mnist("train", n=100)
    model = small()
    keras.utils.set_random_seed(5)
    model = keras.models.clone_model(model)
    rule = {
        "adam": keras.optimizers.Adam(0.1),
        "sgd": keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    }[optimizer]
    model.compile(rule, keras.losses.CategoricalCrossentropy(label_smoothing=0.2))
    pixels = (images / 255 - images.mean() / 255) / (images.std() / 255)
    model.train_on_batch(pixels.astype("float32"), np.eye(10, dtype="float32")[labels])
    for ours, theirs in zip(trained.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3 if optimizer == "adam" else 1e-5)


def test_it_learns_a_few_images_by_heart():
    recipe = (("images", 100), ("batch", 50), ("steps", 150), ("learning_rate", 0.01))
    trained = recipes.train(small(), recipe)
    images, labels = datasets.fashion_mnist("train", n=100)
    assert trained.accuracy(images / 255, labels) > 0.95
    assert trained.losses[0] > 2 * trained.losses[1]
    assert trained.cost == recipes.cost(small(), recipe) and trained.seconds > 0


def test_every_image_is_seen_before_one_comes_again():
    order = recipes._order(recipes.whole_recipe(TINY), seed=0).ravel()
    assert order.shape == (480,)
    assert sorted(order[:200]) == sorted(order[200:400]) == list(range(200))
    assert list(order[:200]) != list(order[200:400])


def test_rates_fall_to_0_and_rise_before():
    def rates(schedule):
        recipe = recipes.whole_recipe((("schedule", schedule), ("steps", 100)))
        rate = recipes._optimizer(recipe)._learning_rate
        return [float(rate(step)) for step in (0, 20, 100)]

    assert rates("cosine") == pytest.approx([0.001, 0.0009, 0], abs=2e-5)
    assert rates("warm up") == pytest.approx([0.00005, 0.001, 0], abs=2e-5)


def test_a_training_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(recipes, "MOST_SECONDS", 0)
    with pytest.raises(Refused, match="20 of 30 steps took .* at most 0"):
        recipes.train(small(), TINY)


def test_with_a_budget_of_its_own_a_training_may_take_more_and_is_not_timed(monkeypatch):
    model, recipe = models.lenet5(), (("steps", 4000),)
    with pytest.raises(Refused, match="at most 150 billion"):
        recipes.cost(model, recipe)
    assert recipes.cost(model, recipe, budget=10**12).work == 3 * 416_520 * 64 * 4000
    with pytest.raises(Refused, match="at most 0.001 billion"):
        recipes.train(small(), TINY, budget=10**6)
    monkeypatch.setattr(recipes, "MOST_SECONDS", 0)
    assert recipes.train(small(), TINY, budget=10**8).losses[1] > 0


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(recipes).failed == 0
