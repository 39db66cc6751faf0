"""Residual blocks against Keras and the Model Garden; differences between runs against SciPy."""

import builtins
import doctest
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import keras
import numpy as np
import pytest
from scipy import stats

from helpers import residual_blocks
from helpers.notebook import names_after_set_up
from helpers.residual_blocks import (
    basic_block,
    better_by,
    projection_block,
    res_block,
    tfm_residual_block,
    tfm_weights_to_keras,
)

RNG = np.random.default_rng(0)


def model_of(block, channels, *arguments, size=(7, 6)):
    """A Keras model that is the block and nothing else."""
    inputs = keras.Input((*size, channels))
    return keras.Model(inputs, block(inputs, *arguments))


def maps(*shape):
    return RNG.normal(size=shape).astype("float32")


def with_random_weights(model):
    """Weights of any size, variances above 0, so that no layer is the identity."""
    for weight in model.weights:
        numbers = RNG.normal(size=weight.shape)
        weight.assign(np.abs(numbers) + 0.5 if weight.name == "moving_variance" else numbers)
    return model


# --- the lecture's block ----------------------------------------------------------------------


def test_res_block_is_the_one_of_the_keras_example():
    def slide(inputs):
        x = keras.layers.Conv2D(64, 3, padding="same", activation="relu")(inputs)
        x = keras.layers.Conv2D(64, 3, padding="same")(x)
        return keras.layers.Add()([inputs, x])

    theirs, ours = model_of(slide, 64), model_of(res_block, 64)
    ours.set_weights(theirs.get_weights())
    images = maps(2, 7, 6, 64)
    np.testing.assert_array_equal(ours(images), theirs(images))
    assert ours.count_params() == 73_856


def test_res_block_with_weights_of_0_is_the_identity():
    model = model_of(res_block, 3, 3)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    images = maps(2, 7, 6, 3)
    np.testing.assert_array_equal(model(images), images)


@pytest.mark.parametrize("block", [res_block, basic_block])
@pytest.mark.parametrize(("channels", "filters"), [(1, 4), (4, 1), (3, 5)])
def test_filters_that_do_not_fit_are_named_in_the_error(block, channels, filters):
    message = f"filters must be the {channels} channels of inputs, got {filters}"
    with pytest.raises(ValueError, match=message):
        model_of(block, channels, filters)


# --- He's block -------------------------------------------------------------------------------


@pytest.mark.parametrize(("stride", "size"), [(1, (7, 6)), (2, (4, 3)), (3, (3, 2))])
def test_projection_block_gives_the_shape_of_its_docstring(stride, size):
    model = model_of(projection_block, 3, 5, stride)
    assert model.output.shape[1:] == (*size, 5)
    # three kernels without biases, four numbers a channel for each of three normalizations
    assert model.count_params() == 9 * 3 * 5 + 9 * 5 * 5 + 3 * 5 + 3 * 4 * 5


def test_nothing_below_0_comes_out_of_hes_blocks():
    for model in (model_of(projection_block, 4, 4, 1), model_of(basic_block, 4, 4)):
        outputs = with_random_weights(model)(maps(2, 7, 6, 4)).numpy()
        assert outputs.min() == 0 < outputs.max()


def test_a_projection_that_is_the_identity_makes_the_basic_block():
    plain = with_random_weights(model_of(basic_block, 3, 3))
    projected = model_of(projection_block, 3, 3, 1)
    weights = plain.get_weights()
    kernel, norm = np.eye(3)[None, None], [np.ones(3), np.zeros(3), np.zeros(3), np.ones(3) - 1e-3]
    projected.set_weights([*weights[:6], kernel, *weights[6:], *norm])
    images = maps(2, 7, 6, 3)
    np.testing.assert_allclose(projected(images), plain(images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("filters", "stride", "error", "message"),
    [
        (0, 1, ValueError, "filters must be at least 1, got 0"),
        (4, 0, ValueError, "stride must be at least 1 pixel, got 0"),
        (4.0, 1, TypeError, "filters must be a whole number, got 4.0"),
    ],
)
def test_projection_block_names_what_is_wrong(filters, stride, error, message):
    with pytest.raises(error, match=message):
        model_of(projection_block, 3, filters, stride)


# --- the block of the Model Garden ------------------------------------------------------------

needs_tfm = pytest.mark.skipif(
    importlib.util.find_spec("official") is None,
    reason=f"{residual_blocks.MODEL_GARDEN} is not installed: pip install --no-deps "
    f"{residual_blocks.MODEL_GARDEN} (it does not exist for Windows)",
)


@pytest.fixture
def without_tfm(monkeypatch):
    """As on a machine without the Model Garden."""
    imported = builtins.__import__

    def refuse(name, *arguments, **more):
        if name.startswith("official"):
            raise ModuleNotFoundError("No module named 'official'", name="official")
        return imported(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)


def said_by_the_notebook(capsys):
    """What the cells of notebook 13 on the library's block print, one after another."""
    source = (Path(__file__).parents[1] / "notebooks/source/13_residual_blocks.py").read_text()
    section = source.split("# ## The same block from a library")[1].split("# ## Does the slide")[0]
    cells = re.findall(r"^# %%(?! \[markdown\]| exercise| check)[^\n]*\n(.*?)(?=^# %%)", section,
                       re.M | re.S)  # fmt: skip
    names = {**names_after_set_up(), "residual_blocks": residual_blocks}
    capsys.readouterr()
    for cell in cells:
        exec(cell, names)
    out, err = capsys.readouterr()
    assert not err
    return out


def test_without_the_model_garden_the_notebook_says_so_and_goes_on(without_tfm, capsys):
    said = said_by_the_notebook(capsys)
    assert "Keras 2 in Keras 3: AttributeError" in said
    assert said.rstrip().endswith("It does not exist for Windows.")


@needs_tfm
def test_with_the_model_garden_the_notebook_carries_its_weights_over(capsys):
    said = said_by_the_notebook(capsys)
    assert "found: official.vision.modeling.layers.nn_blocks ResidualBlock" in said
    assert "arrays to train: 0" in said
    assert said.rstrip().endswith("equal to 1e-5: True")


@pytest.fixture
def installed(monkeypatch):
    """The commands that were started; none of them runs."""
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    return commands


def test_in_colab_the_model_garden_is_installed_without_its_dependencies(monkeypatch, installed):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    residual_blocks.get_model_garden_in_colab()
    (command,) = installed
    assert command[1:4] == ["-m", "pip", "install"]
    assert "--no-deps" in command and command[-1] == residual_blocks.MODEL_GARDEN


@pytest.mark.parametrize("in_colab", [True, False])
def test_the_model_garden_is_not_installed_where_it_is_or_outside_colab(
    monkeypatch, installed, in_colab
):
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "found" if in_colab else None)
    residual_blocks.get_model_garden_in_colab()
    assert installed == []


def test_without_the_model_garden_the_error_says_how_to_get_it(without_tfm):
    with pytest.raises(
        ImportError, match="^tf-models-official is missing.*pip install --no-deps tf-models"
    ):
        tfm_residual_block()


@needs_tfm
@pytest.mark.parametrize(("filters", "stride"), [(8, 1), (16, 1), (16, 2)])
def test_tfms_block_with_its_weights_carried_over_is_our_block(filters, stride):
    projection = (filters, stride) != (8, 1)
    theirs = tfm_residual_block()(filters, stride, use_projection=projection)
    images = maps(4, 9, 10, 8)
    for step in range(3):  # so that means and variances are no longer 0 and 1
        theirs(3 * images + step, training=True)
    arguments = (projection_block, 8, filters, stride) if projection else (basic_block, 8, filters)
    ours = model_of(*arguments, size=(9, 10))
    ours.set_weights(tfm_weights_to_keras(theirs.get_weights()))
    assert np.max(ours(images)) > 0.5
    np.testing.assert_allclose(ours(images), theirs(images, training=False), rtol=0, atol=1e-5)


@needs_tfm
def test_tfms_block_works_in_keras_2_and_not_in_keras_3():
    import tf_keras

    block = tfm_residual_block()
    image = tf_keras.Input((8, 8, 16))
    assert len(tf_keras.Model(image, block(16, 1)(image)).trainable_variables) == 6
    with pytest.raises(AttributeError, match="'tuple' object has no attribute 'rank'"):
        block(16, 1)(keras.Input((8, 8, 16)))
    with pytest.raises(ValueError, match="Only instances of `keras.Layer` can be added"):
        keras.Sequential([block(16, 1)])


@needs_tfm
def test_inside_a_layer_of_keras_3_tfms_block_has_nothing_to_train():
    class Wrapped(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.block = tfm_residual_block()(16, 1)

        def call(self, inputs):
            return self.block(inputs)

    wrapped = Wrapped()
    assert wrapped(maps(1, 8, 8, 16)).shape == (1, 8, 8, 16)
    assert wrapped.trainable_variables == []


@needs_tfm
@pytest.mark.parametrize(("filters", "stride"), [(32, 1), (16, 2)])
def test_tfms_block_needs_a_projection_where_the_shape_changes(filters, stride):
    import tensorflow as tf

    images = maps(1, 8, 8, 16)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
        tfm_residual_block()(filters, stride)(images)
    projected = tfm_residual_block()(filters, stride, use_projection=True)(images)
    assert projected.shape == (1, 8 // stride, 8 // stride, filters)


@needs_tfm
def test_it_is_the_class_that_the_lecture_names():
    tfm = pytest.importorskip(
        "tensorflow_models", reason="it needs more packages than the block itself"
    )
    assert tfm.vision.layers.ResidualBlock is tfm_residual_block()


@pytest.mark.parametrize("count", [0, 5, 14])
def test_a_wrong_number_of_weights_is_named_in_the_error(count):
    with pytest.raises(ValueError, match=f"weights must be 10 or 15 arrays, got {count}"):
        tfm_weights_to_keras([0] * count)


# --- is one better than the other? ------------------------------------------------------------


@pytest.mark.parametrize(("count_a", "count_b"), [(2, 2), (5, 5), (3, 8)])
def test_better_by_has_the_statistic_of_welchs_test(count_a, count_b):
    a, b = RNG.normal(0.6, 0.1, count_a), RNG.normal(0.5, 0.05, count_b)
    difference, error = better_by(a, b)
    assert difference / error == pytest.approx(stats.ttest_ind(a, b, equal_var=False).statistic)
    assert difference == pytest.approx(a.mean() - b.mean())


def test_the_standard_error_is_how_far_the_difference_moves():
    rng = np.random.default_rng(1)
    runs = [(rng.normal(0, 2, 5), rng.normal(0, 1, 3)) for _ in range(4000)]
    differences, errors = zip(*(better_by(a, b) for a, b in runs), strict=True)
    assert np.std(differences) == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=0.05)


@pytest.mark.parametrize(
    ("a", "error", "message"),
    [
        ([0.5], ValueError, r"a must be a row of at least two results, got shape \(1,\)"),
        ([[0.5, 0.6]], ValueError, r"a must be a row of at least two results, got shape \(1, 2\)"),
        (["high", "low"], TypeError, "a must hold real numbers"),
    ],
)
def test_results_that_are_no_row_of_numbers_are_named_in_the_error(a, error, message):
    with pytest.raises(error, match=message):
        better_by(a, [0.4, 0.5])


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(residual_blocks).failed == 0
