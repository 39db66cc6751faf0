"""How helpers read a size: what counts as a whole number, and what an error says."""

import doctest

import numpy as np
import pytest

from helpers import arguments
from helpers.arguments import height_and_width, pixels, whole_number


def test_the_examples_run():
    assert doctest.testmod(arguments).failed == 0


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_a_whole_number_of_numpy_is_one_and_comes_back_as_an_int(value):
    number = whole_number("size", value)
    assert number == 3 and type(number) is int


@pytest.mark.parametrize("value", [3.0, np.float32(3), "3", None, True, np.True_, [3], 2 + 1j])
def test_anything_else_is_named_in_a_type_error(value):
    with pytest.raises(TypeError, match="size must be a whole number, got"):
        whole_number("size", value)


def test_an_error_names_the_unit():
    with pytest.raises(TypeError, match="size must be a whole number of pixels, got 3.5"):
        pixels(stride=1, size=3.5)
    with pytest.raises(ValueError, match="stride must be at least 1 pixel, got 0"):
        pixels(stride=0, size=3.5)
    with pytest.raises(ValueError, match="padding must be at least 0 pixels, got -1"):
        whole_number("padding", -1, at_least=0, unit="pixel")
    with pytest.raises(ValueError, match="groups must be at least 1, got 0"):
        whole_number("groups", 0)


def test_one_number_serves_both_axes_and_a_pair_is_height_then_width():
    assert height_and_width("stride", 2) == height_and_width("stride", [2, 2]) == (2, 2)
    assert height_and_width("stride", (1, 3)) == (1, 3)


@pytest.mark.parametrize("value", [(), (1,), (1, 2, 3)])
def test_more_or_less_than_a_pair_is_an_error(value):
    with pytest.raises(ValueError, match=r"stride must be one number or a pair \(height, width\)"):
        height_and_width("stride", value)


def test_each_number_of_a_pair_is_checked():
    with pytest.raises(ValueError, match="stride must be at least 1 pixel, got 0"):
        height_and_width("stride", (1, 0))
    with pytest.raises(TypeError, match="stride must be a whole number of pixels, got 1.0"):
        height_and_width("stride", (1.0, 1))
