"""The two transports: what goes in, what comes out, and what a learner's function may do."""

import numpy as np
import pytest
from answers import in_the_notebook

from helpers.checks.attempt import Borrowed, Stopped, Unreadable, is_stub
from helpers.checks.child import Child
from helpers.checks.plain import NotPlain, decode, encode

RETURN_IT = "def give(value):\n    return value\n"


@pytest.fixture(params=["in the notebook", "in a child"])
def attempt(request):
    """Makes the attempt of a cell, over each of the two transports."""
    if request.param == "in the notebook":
        return in_the_notebook
    return request.getfixturevalue("child").attempt


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", (1, 2.0, "a"), (), range(2, 9, 3), 10**30, float("inf")],
    ids=repr,
)
def test_a_plain_value_comes_back_as_it_went(value, attempt):
    back = attempt(RETURN_IT, "give").call(value=value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_an_array_comes_back_with_its_shape_and_dtype(dtype, attempt):
    array = np.arange(6).reshape(1, 2, 3).astype(dtype)
    back = attempt(RETURN_IT, "give").call(value=array)
    assert back.dtype == array.dtype and np.array_equal(back, array)


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("np.float32(2.5)", 2.5),
        ("np.int64(3)", 3),
        ("[1, [2, 3]]", (1, (2, 3))),
        ("np.array(4)", 4),
        ("tf.constant([1, 2])", np.array([1, 2])),
    ],
)
def test_numpy_and_tensorflow_values_are_made_plain(source, plain, attempt):
    back = attempt(f"def make():\n    return {source}\n", "make").call()
    assert type(back) is type(plain)
    assert back == plain if isinstance(plain, tuple) else np.array_equal(back, plain)


@pytest.mark.parametrize("source", ["object()", "{1: 2}", "lambda: 1", "np.array(['a'])", "1j"])
def test_anything_else_is_unreadable(source, attempt):
    with pytest.raises(Unreadable):
        attempt(f"def make():\n    return {source}\n", "make").call()


def test_an_error_carries_its_kind_its_message_and_the_learners_line(attempt):
    source = "def fail():\n    size = 3\n    return size / 0\n"
    with pytest.raises(Stopped) as stop:
        attempt(source, "fail").call()
    assert stop.value.kinds[:2] == ("ZeroDivisionError", "ArithmeticError")
    assert (stop.value.message, stop.value.line) == ("division by zero", "return size / 0")


def test_a_function_cannot_change_the_arguments_of_the_check(attempt):
    array = np.zeros(3)
    attempt("def spoil(array):\n    array += 1\n    return array\n", "spoil").call(array=array)
    assert not array.any()


def test_an_alias_does_not_hide_a_borrowed_function(attempt):
    source = (
        "from helpers.padding import same_padding as mine\n\n"
        "def pads(size):\n    return [mine(size, 3) for _ in range(2)][0]\n"
    )
    with pytest.raises(Borrowed, match="helpers.padding.same_padding"):
        attempt(source, "pads", ["helpers.padding.same_padding"]).call(size=5)


def test_an_operation_of_tensorflow_can_be_forbidden_below_all_its_faces(attempt):
    source = (
        "def convolve(image):\n"
        "    return keras.layers.Conv2D(1, 3)(image[None, :, :, None]).numpy()\n"
    )
    with pytest.raises(Borrowed, match="Conv2D"):
        attempt(source, "convolve", ["tensorflow.raw_ops.Conv2D"]).call(image=np.ones((5, 5)))


def test_a_function_written_in_c_can_be_forbidden(attempt):
    for use in ("np.dot(a, a)", "np.maximum(a, a)", "np.maximum.reduce(a)", "math.fsum(a)"):
        source = f"import math\n\ndef total(a):\n    return {use}\n"
        forbidden = ["numpy.dot", "numpy.maximum", "math.fsum"]
        with pytest.raises(Borrowed):
            attempt(source, "total", forbidden).call(a=np.ones(3))
        assert attempt(source, "total").call(a=np.ones(3)) is not None
    assert type(np.maximum) is np.ufunc


def test_an_error_whose_text_fails_is_an_error(attempt):
    source = (
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n\n"
        "def fail():\n    raise Odd\n"
    )
    with pytest.raises(Stopped) as stop:
        attempt(source, "fail").call()
    assert (stop.value.kinds[0], stop.value.message) == ("Odd", "")


def test_a_text_without_end_is_unreadable(attempt):
    with pytest.raises(Unreadable, match="at most 100000"):
        attempt("def make():\n    return 'x' * 10**6\n", "make").call()


MODEL = """
def block(inputs, filters=3):
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(inputs)
    return keras.ops.relu(x + inputs) * 2.0
"""


def test_a_builder_becomes_a_model_with_its_weights(attempt):
    model = attempt(MODEL, "block").model((8, 8, 3), filters=3)
    assert model.count_params() == 3 * 3 * 3 * 3 + 3
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype("float32")
    kernel, bias = model.get_weights()
    import tensorflow as tf

    branch = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME") + bias)
    wanted = 2 * tf.nn.relu(branch + image)
    np.testing.assert_allclose(model(image), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("source", "value"), [("None", None), ("'abc'", "abc"), ("3", 3)])
def test_a_builder_that_returns_no_tensor_gives_what_it_returns(source, value, attempt):
    made = attempt(f"def block(inputs):\n    return {source}\n", "block")
    assert made.model((4, 4, 1)) == value


RELU = "keras.layers.ReLU()"


@pytest.mark.parametrize("what", [f"keras.Model(inputs, {RELU}(inputs))", RELU])
def test_a_builder_that_returns_a_model_or_a_layer_is_unreadable(what, attempt):
    with pytest.raises(Unreadable, match="Keras model|ReLU"):
        attempt(f"def block(inputs):\n    return {what}\n", "block").model((4, 4, 1))


def test_a_model_may_be_returned_as_a_value(attempt):
    source = (
        "def build(filters):\n"
        "    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(filters, 3)])\n"
    )
    assert attempt(source, "build").call(filters=2).output_shape == (None, 2, 2, 2)


def test_a_model_that_was_compiled_crosses_without_its_optimizer(attempt):
    source = (
        "def build():\n"
        "    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])\n"
        "    model.compile('adam', 'mse', metrics=['accuracy'])\n    return model\n"
    )
    model = attempt(source, "build").call()
    assert model.output_shape == (None, 16) and not model.compiled


@pytest.mark.parametrize(
    "made",
    [
        "keras.ops.relu(inputs)",
        "inputs[:, 1:, ::2] * 2.0 + inputs[:, 1:, ::2]",
        "keras.ops.concatenate([inputs, keras.ops.max(inputs, axis=(1, 2), keepdims=True)"
        " * keras.ops.ones((1, 4, 4, 1))], axis=-1)",
        "keras.ops.cast(keras.ops.where(inputs > 0, inputs, 0.1 * inputs), 'float32')",
        "keras.ops.logsumexp(keras.ops.image.resize(inputs, (2, 2)), axis=-1)",
        "keras.layers.Conv2D(2, 3, activation=tf.nn.relu, kernel_regularizer='l2',"
        " kernel_initializer=keras.initializers.HeNormal(seed=2**40))(inputs)",
        "keras.layers.Bidirectional(keras.layers.LSTM(2))(keras.layers.Reshape((16, 1))(inputs))",
        "keras.Sequential([keras.layers.RandomFlip(seed=3), keras.layers.Dropout(0.5)])(inputs)",
    ],
)
def test_layers_and_operations_of_keras_cross(made, attempt):
    model = attempt(f"def block(inputs):\n    return {made}\n", "block").model((4, 4, 1))
    assert model.input_shape == (None, 4, 4, 1)


@pytest.mark.parametrize(
    "layer",
    [
        "keras.layers.Lambda(lambda x: x + 1)",
        "type('Mine', (keras.layers.ReLU,), {})()",
        "keras.layers.Dense(2, activation=lambda x: x)",
        "keras.layers.UpSampling2D(5000)",
        "keras.layers.StringLookup(vocabulary=['a'])",
        "(lambda x: keras.ops.cond(True, lambda: x, lambda: x))",
        "(lambda x: keras.ops.map(lambda y: y, x))",
    ],
)
def test_a_model_with_code_of_its_own_is_refused(layer, attempt):
    # Stopped: a branch of `cond` takes no argument, and Keras itself may find no way to its input.
    with pytest.raises((Unreadable, Stopped)):
        attempt(f"def block(inputs):\n    return {layer}(inputs)\n", "block").model((4, 4, 1))


def test_a_cell_that_does_not_run_stops_every_call(child):
    made = child.attempt("def broken(:\n", "broken")
    with pytest.raises(Stopped) as stop:
        made.call()
    assert stop.value.kinds[0] == "SyntaxError"


def test_a_name_that_the_cell_does_not_define_is_said(child):
    with pytest.raises(Stopped, match="'wanted' is not defined"):
        child.attempt("other = 1\n", "wanted").call()


@pytest.mark.parametrize(
    ("body", "kind"),
    [("import os; os._exit(0)", "SystemExit"), ("while True: pass", "TimeoutError")],
)
def test_a_child_that_dies_or_hangs_is_an_outcome(body, kind):
    with Child(seconds=60) as own:
        made = own.attempt(f"def end():\n    {body}\n", "end")
        own.seconds = 2
        with pytest.raises(Stopped) as stop:
            made.call()
        assert stop.value.kinds[0] == kind


@pytest.mark.parametrize(
    "message",
    [{"array": "?"}, {"array": 3}, {"tuple": 1}, {"range": [1]}, {"other": 1}, [1],
     {"array": encode(np.zeros(3))["array"][:20]}],
    ids=str,
)  # fmt: skip
def test_a_message_that_encode_never_made_is_refused(message):
    with pytest.raises(NotPlain):
        decode(message)


def test_a_pickled_array_is_refused():
    import base64
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(NotPlain):
        decode({"array": base64.b64encode(buffer.getvalue()).decode()})


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("...", True),
        ('"""Doc."""\n    ...', True),
        ("# a thought\n    ...", True),
        ("pass", True),
        ("return None", False),
        ("x = 1", False),
    ],
)
def test_only_a_body_that_says_nothing_is_the_stub(body, stub):
    assert is_stub(f"def f(x):\n    {body}\n", "f") is stub
