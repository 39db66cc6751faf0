"""Plain values: what goes into a learner's function and what may come out of it.

Numbers, strings, None, tuples, ranges, NumPy arrays, and models made of stock Keras layers.
Everything else stays outside, so that a check reads the same whether the function ran in the
notebook or in another process.
"""

import base64
import io

import numpy as np

from helpers.checks import models

LARGEST_ARRAY = 64 << 20  # bytes
LONGEST_TEXT = 100_000  # characters


class NotPlain(TypeError):
    """A value that no check can read; the message names its type."""


def to_plain(value):
    """The plain form of `value`: tensors become arrays, NumPy scalars numbers, lists tuples.

    Raises:
        NotPlain: the value is of another kind; the message names it.
    """
    if type(value) is str and len(value) > LONGEST_TEXT:
        raise NotPlain(f"text of {len(value)} characters (at most {LONGEST_TEXT})")
    if value is None or type(value) in (bool, int, float, str, range) or models.is_model(value):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(to_plain(item) for item in value)
    if callable(getattr(value, "numpy", None)):  # tensors and variables of TensorFlow and Keras
        value = value.numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain_array(np.asarray(value))
    raise NotPlain(type(value).__name__)


def _plain_array(array):
    if array.dtype.kind not in "biuf":
        raise NotPlain(f"array of {array.dtype}")
    if array.nbytes > LARGEST_ARRAY:
        raise NotPlain(f"array of {array.nbytes >> 20} MiB (at most {LARGEST_ARRAY >> 20})")
    return array.item() if array.ndim == 0 else np.array(array)


def encode(value):
    """`value`, which is plain, as what JSON can carry."""
    if isinstance(value, np.ndarray):
        buffer = io.BytesIO()
        np.save(buffer, value, allow_pickle=False)
        return {"array": base64.b64encode(buffer.getvalue()).decode()}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if models.is_model(value):
        config, weights = models.describe(value)
        return {"model": config, "weights": [encode(array) for array in weights]}
    return value


def decode(message):
    """The plain value that `encode` turned into `message`.

    Raises:
        NotPlain: the message is none of `encode`'s.
    """
    if message is None or type(message) in (bool, int, float, str):
        return to_plain(message)
    if isinstance(message, dict):
        match message:
            case {"array": str(text)}:
                return _decode_array(text)
            case {"tuple": list(items)}:
                return tuple(decode(item) for item in items)
            case {"range": [int(start), int(stop), int(step)]} if step:
                return range(start, stop, step)
            case {"model": dict(config), "weights": list(weights)}:
                return models.rebuild(config, [decode(array) for array in weights])
    raise NotPlain("unreadable message")


def _decode_array(text):
    try:
        raw = base64.b64decode(text, validate=True)
        return _plain_array(np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False))
    except (ValueError, EOFError, OSError, MemoryError) as error:
        raise NotPlain("unreadable array") from error
