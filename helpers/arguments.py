"""How sizes are given to every helper: whole numbers of at least 1, and pairs (height, width)."""

import operator

import numpy as np


def whole_number(name, value, at_least=1, unit=""):
    """The value as an int, once it is known to be a whole number that is large enough.

    A NumPy integer is a whole number. 3.0 is not (a size that came from a division is a mistake
    worth seeing), and neither is True.

    Args:
        name: what to call the value in an error.
        value: what was given.
        at_least: the smallest number allowed.
        unit: what is counted, for the error, such as ``"pixel"``; empty for a plain number.

    Returns:
        The value as an int.

    Raises:
        TypeError: the value is not a whole number.
        ValueError: the value is below ``at_least``.

    Example:
        >>> whole_number("stride", 0, unit="pixel")
        Traceback (most recent call last):
        ValueError: stride must be at least 1 pixel, got 0
    """
    try:
        number = None if isinstance(value, bool | np.bool) else operator.index(value)
    except TypeError:
        number = None
    units = f" {unit}s" if unit else ""
    if number is None:
        raise TypeError(f"{name} must be a whole number{units and ' of' + units}, got {value!r}")
    if number < at_least:
        least = f"{at_least}{units.removesuffix('s') if at_least == 1 else units}"
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number


def pixels(**lengths):
    """Several lengths at once, each a whole number of at least 1 pixel.

    Args:
        lengths: the lengths by name.

    Returns:
        A list of ints, in the order given.

    Raises:
        TypeError, ValueError: as `whole_number`, for the first length that is wrong.

    Example:
        >>> pixels(size=28, stride=2)
        [28, 2]
    """
    return [whole_number(name, length, unit="pixel") for name, length in lengths.items()]


def height_and_width(name, value):
    """A length that may differ between the axes, as a pair.

    Args:
        name: what to call the value in an error.
        value: a whole number for both axes, or a pair (height, width); pixels, at least 1.

    Returns:
        ``(height, width)``, two ints.

    Raises:
        TypeError: it holds something that is not a whole number.
        ValueError: it is neither one number nor two, or one of them is below 1.

    Example:
        >>> height_and_width("stride", 2), height_and_width("kernel_size", (3, 5))
        ((2, 2), (3, 5))
    """
    pair = value if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} must be one number or a pair (height, width), got {value!r}")
    return tuple(whole_number(name, length, unit="pixel") for length in pair)


def real_numbers(name, array):
    """`array` as a NumPy array of real numbers, with at least one in it.

    Raises:
        TypeError: it holds something else. ValueError: it is empty.
    """
    array = np.asarray(array)
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if 0 in array.shape:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    return array


def image_batch(images):
    """`images` as a new float32 array from 0 to 1, of shape (N, H, W, C).

    Whole numbers of 8 bits are taken for pixels from 0 to 255.

    Raises:
        TypeError: they are no real numbers. ValueError: their shape is another one, or empty.
    """
    images = real_numbers("images", images)
    if images.ndim != 4:
        raise ValueError(f"images must have shape (N, H, W, C), got {images.shape}")
    return images.astype("float32") / np.float32(255 if images.dtype == np.uint8 else 1)
