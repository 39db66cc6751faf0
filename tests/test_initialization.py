"""Gradients, first weights and training of plain networks against TensorFlow and Keras."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import initialization

FUNCTIONS = {"relu": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid}


def by_tape(weights, x, activation):
    """The norms that TensorFlow's tape gives."""
    variables = [tf.Variable(weight) for weight in weights]
    with tf.GradientTape() as tape:
        h = tf.constant(x)
        for variable in variables:
            h = FUNCTIONS[activation](h @ variable)
        loss = tf.reduce_mean(h)
    return [float(tf.norm(gradient)) for gradient in tape.gradient(loss, variables)]


def pictures(count=6, inputs=5):
    return np.random.default_rng(1).normal(size=(count, inputs)).astype("float32")


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("widths", [(5, 3), (5, 4, 2), (5, 8, 8, 8, 3)])
def test_gradient_norms_are_those_of_the_tape(widths, activation):
    weights, x = initialization.random_weights(widths, seed=2), pictures()
    ours = initialization.gradient_norms(weights, x, activation)
    np.testing.assert_allclose(ours, by_tape(weights, x, activation), rtol=1e-4)


def test_half_the_weights_of_n_relu_layers_leave_2_to_the_1_minus_n_of_the_gradient():
    x = pictures()
    whole, half = (
        initialization.gradient_norms(
            initialization.random_weights([5] + 20 * [16], scale), x, "relu"
        )
        for scale in (1, 0.5)
    )
    np.testing.assert_allclose(half / whole, 2.0**-19, rtol=1e-5)


def test_a_gradient_below_float32_is_0_and_in_float64_it_is_not():
    weights = initialization.random_weights([5] + 40 * [16], scale=0.05)
    narrow = initialization.gradient_norms(weights, pictures(), "sigmoid")
    wide = initialization.gradient_norms(
        [weight.astype("float64") for weight in weights], pictures().astype("float64"), "sigmoid"
    )
    assert narrow[0] == 0 < wide[0] < 1e-45


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_a_norm_is_right_where_its_squares_leave_float32(scale):
    weights = [np.full((1, 1), scale, "float32"), np.full((1, 1), 1.0, "float32")]
    norms = initialization.gradient_norms(weights, np.ones((1, 1), "float32"), "relu")
    np.testing.assert_allclose(norms, [1, scale], rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "x", "activation", "said"),
    [
        ([np.ones((2, 2))], np.ones((1, 2)), "gelu", "activation must be one of.*got 'gelu'"),
        ([np.ones((3, 2))], np.ones((1, 2)), "relu", r"got \(3, 2\) behind \(1, 2\)"),
        ([np.ones(2)], np.ones((1, 2)), "relu", r"got shapes \[\(1, 2\), \(2,\)\]"),
        ([], np.ones((1, 2)), "relu", "at least one"),
    ],
)
def test_what_does_not_fit_is_named_in_the_error(weights, x, activation, said):
    with pytest.raises(ValueError, match=said):
        initialization.gradient_norms(weights, x, activation)


@pytest.mark.parametrize("weights", [(2.0,), (2.0, 3.0), (0.5, -3.0, 0.0, 7.0)])
def test_chain_gives_the_gradients_of_the_tape(weights):
    variables = [tf.Variable(weight, dtype="float64") for weight in weights]
    with tf.GradientTape() as tape:
        output = tf.constant(1.5, "float64")
        for variable in variables:
            output = output * variable
    expected = [float(gradient) for gradient in tape.gradient(output, variables)]
    np.testing.assert_allclose(initialization.chain(weights, 1.5), expected)


def test_a_chain_without_weights_is_refused():
    with pytest.raises(ValueError, match="weights must hold at least one number"):
        initialization.chain([], 1.0)


@pytest.mark.parametrize("shape", [(50, 30), (3, 3, 8, 16), (1, 5, 4, 10)])
def test_he_stddev_is_the_spread_that_keras_draws_with(shape):
    he = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal", seed=3)
    plain = keras.initializers.RandomNormal(stddev=1.0, seed=3)
    spread = np.linalg.norm(he(shape)) / np.linalg.norm(plain(shape))
    assert initialization.he_stddev(shape) == pytest.approx(spread, rel=1e-5)


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_he_stddev_keeps_the_mean_square_behind_a_leaky_relu(slope):
    rng = np.random.default_rng(0)
    kernel = initialization.he_stddev((400, 400), slope) * rng.normal(size=(400, 400))
    sums = rng.normal(size=(500, 400)) @ kernel
    behind = np.where(sums > 0, sums, slope * sums)
    assert (behind**2).mean() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("shape", [(5,), (3, 0, 4, 4)])
def test_a_kernel_without_inputs_is_refused(shape):
    with pytest.raises(ValueError, match="kernel_shape"):
        initialization.he_stddev(shape)


def test_two_scales_of_random_weights_differ_by_a_factor_only():
    whole, half = (initialization.random_weights([7, 5, 3], scale) for scale in (1, 0.5))
    for one, other in zip(whole, half, strict=True):
        np.testing.assert_array_equal(one / 2, other)
    with pytest.raises(ValueError, match=r"at least two numbers, got \[7\]"):
        initialization.random_weights([7])


# --- training ---------------------------------------------------------------------------------


def clothes(count=40):
    """Pictures that are easily told apart: their class is where the largest number stands."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, count)
    return (rng.normal(size=(count, 6)) + 3 * np.eye(6)[labels]).astype("float32"), labels


def test_one_step_of_train_is_one_of_keras():
    images, labels = clothes()
    run = initialization.train(images, labels, 3, 8, "tanh", 0.3, rate=0.1, steps=1, seed=4)
    model = keras.Sequential([keras.Input((6,))])
    for _ in range(3):
        model.add(keras.layers.Dense(8, "tanh", use_bias=False))
    model.add(keras.layers.Dense(3, use_bias=False))
    model.set_weights(initialization._first_weights(images, labels, 3, 8, 0.3, seed=4))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    losses = [model.evaluate(images, labels, len(labels), verbose=0)]
    model.train_on_batch(images, labels)
    losses.append(model.evaluate(images, labels, len(labels), verbose=0))
    np.testing.assert_allclose(run.losses, losses, rtol=1e-4)
    assert len(run.norms) == len(run.moved) == 4 and min(run.moved) > 0


def test_train_stops_when_enough_are_right_and_when_numbers_leave_float32():
    images, labels = clothes()
    run = initialization.train(images, labels, 2, 16, "relu", 0.35, rate=0.1, enough=0.9)
    assert run.right[-1] >= 0.9 > max(run.right[:-1], default=0) and len(run.right) < 101
    wild = initialization.train(images, labels, 20, 16, "relu", 50.0, rate=1.0)
    assert not np.isfinite(wild.losses[-1]) and len(wild.losses) < 101


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize(("depth", "width"), [(20, 48), (24, 128)])
def test_what_repair_returns_trains_and_keeps_what_works(depth, width, activation):
    kept, spread, rate = initialization.repair(depth, width, activation, 5.0, 100.0)
    assert kept == ("relu" if activation == "sigmoid" else activation)
    images, labels = clothes(64)
    run = initialization.train(images, labels, depth, width, kept, spread, rate, seed=1, enough=0.9)
    assert max(run.right) >= 0.9


def test_repair_and_train_name_an_activation_that_they_do_not_know():
    with pytest.raises(ValueError, match="got 'swish'"):
        initialization.repair(20, 64, "swish", 0.1, 0.1)
    with pytest.raises(ValueError, match="got 'swish'"):
        initialization.train(*clothes(), 2, 4, "swish", 0.1, 0.1)


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(initialization).failed == 0
