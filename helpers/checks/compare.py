"""When two results are the same: in kind and shape, in value, or as outcomes on the whole."""

import numpy as np

from helpers.checks import models
from helpers.checks.attempt import Stopped


def kind(value):
    """The kind of a plain value: "int", "tuple", "array of shape (2, 3)", ..."""
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    if models.is_model(value):
        return "model"
    return type(value).__name__


def same_form(got, expected):
    """Whether `got` has the kind and the shape of `expected`."""
    if isinstance(expected, Exception) or isinstance(got, Exception):
        return isinstance(expected, Exception) and _same_error(got, expected)
    if isinstance(expected, np.ndarray):
        array = as_array(got)
        return array is not None and array.shape == expected.shape
    if isinstance(expected, tuple):
        items = as_tuple(got)
        same_length = items is not None and len(items) == len(expected)
        return same_length and all(map(same_form, items, expected))
    if type(expected) is float:
        number = type(got) in (int, float)
        return number and (got == got or expected != expected)  # not a number is no number
    return kind(got) == kind(expected)


def same_value(got, expected, tolerance=1e-4):
    """Whether `got` is `expected`; numbers may differ by `tolerance` of the largest one."""
    if isinstance(expected, Exception) or isinstance(got, Exception):
        return isinstance(expected, Exception) and _same_error(got, expected)
    if isinstance(expected, np.ndarray):
        array = as_array(got)
        return array is not None and array.shape == expected.shape and _near(
            array, expected, tolerance
        )  # fmt: skip
    if isinstance(expected, tuple):
        items = as_tuple(got)
        same_length = items is not None and len(items) == len(expected)
        return same_length and all(
            same_value(item, wanted, tolerance)
            for item, wanted in zip(items, expected, strict=True)
        )
    if type(expected) in (int, float):
        return type(got) in (int, float) and _near(got, expected, tolerance)
    return type(got) is type(expected) and got == expected


def same_outcome(got, other, tolerance=1e-4):
    """Whether two results are alike in every respect, errors included."""
    if isinstance(got, Exception) or isinstance(other, Exception):
        return isinstance(got, Exception) and _same_error(got, other)
    return same_form(got, other) and same_form(other, got) and same_value(got, other, tolerance)


def as_array(value):
    """`value` as an array if it is one, or a nest of numbers that makes one; else None."""
    if not isinstance(value, (np.ndarray, tuple, int, float)) or isinstance(value, bool):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None


def as_tuple(value):
    """`value` as a tuple if it is one, or a row of numbers; else None."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return tuple(value.tolist())
    return value if isinstance(value, tuple) else None


def _near(got, expected, tolerance):
    """Whether all numbers agree within `tolerance` of the largest expected; NaN equals NaN."""
    got, expected = np.asarray(got, "float64"), np.asarray(expected, "float64")
    finite = np.abs(expected[np.isfinite(expected)])
    allowed = tolerance * max(finite.max(initial=0.0), 1e-6)
    return bool(np.allclose(got, expected, rtol=0, atol=allowed, equal_nan=True))


def _same_error(got, expected):
    """Whether both stopped with an error, and the one got is of the kind expected."""
    if not (isinstance(got, Stopped) and isinstance(expected, Stopped)):
        return type(got) is type(expected) and str(got) == str(expected)
    return expected.kinds[0] in got.kinds
