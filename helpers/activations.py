"""Activation functions that learn or choose, units that are dead, and layers without activation.

NumPy arrays in, NumPy arrays out. What Keras has as a plain function (sigmoid, tanh, ReLU, ELU)
is not repeated here, except ELU, whose one trap is worth reading.
"""

import numpy as np


def collapse_linear(first, first_bias, second, second_bias):
    """The one convolution that two convolutions without an activation between them are.

    With "valid" padding and stride 1 it gives the same maps as first the one layer, then the
    other. Each tap of the second kernel lays a copy of the first one, weighted, at its own place:
    the two are convolved in the sense of mathematics (`convolution.convolve2d`, "full"), and the
    channels between the layers are summed over, as in a product of matrices.

    Args:
        first: kernel (KH, KW, C, M) of the layer that sees the image.
        first_bias: its biases, (M,).
        second: kernel (LH, LW, M, F) of the layer after it.
        second_bias: its biases, (F,).

    Returns:
        ``(kernel, bias)``: float64 (KH + LH - 1, KW + LW - 1, C, F) and (F,).

    Raises:
        ValueError: a kernel has not four axes, the second layer does not take the M channels that
            the first one makes, or a layer has not one bias for each filter.

    Example:
        >>> blur = np.ones((1, 2, 1, 1)) / 2
        >>> kernel, bias = collapse_linear(blur, [1.0], blur, [10.0])
        >>> kernel.ravel(), bias
        (array([0.25, 0.5 , 0.25]), array([11.]))

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.1 (linear layers are one
        linear layer); convolutions compose by convolving their kernels.
    """
    first, first_bias = _layer("first", first, first_bias)
    second, second_bias = _layer("second", second, second_bias)
    if first.shape[3] != second.shape[2]:
        raise ValueError(
            f"second must take the {first.shape[3]} channels that first makes (its third axis), "
            f"got {second.shape[2]} in shape {second.shape}"
        )
    (height, width), (rows, columns) = first.shape[:2], second.shape[:2]
    size = (height + rows - 1, width + columns - 1)
    kernel = np.zeros((*size, first.shape[2], second.shape[3]))
    for i, j in np.ndindex(rows, columns):
        kernel[i : i + height, j : j + width] += first @ second[i, j]
    return kernel, first_bias @ second.sum(axis=(0, 1)) + second_bias


def _layer(name, kernel, bias):
    kernel, bias = np.asarray(kernel, "float64"), np.asarray(bias, "float64")
    if kernel.ndim != 4:
        raise ValueError(f"{name} must be a kernel (KH, KW, C, F), got shape {kernel.shape}")
    if bias.shape != kernel.shape[3:]:
        raise ValueError(
            f"{name}_bias must have {kernel.shape[3]} numbers, one a filter, got shape {bias.shape}"
        )
    return kernel, bias


def prelu(maps, slopes):
    """ReLU with a slope below 0, one for each channel, that a network can learn.

    Written with `where`, since a slope that is learned may pass 1. ``max(slope * x, x)``, as
    lectures have it, is the same only up to there.

    Args:
        maps: array (..., C), such as (N, H, W, C).
        slopes: (C,), the slope below 0 of each channel; any numbers.

    Returns:
        Array of the shape of the maps, float32 unless one of the two is float64.

    Raises:
        ValueError: there is not one slope for each channel.

    Example:
        >>> prelu([[-1.0, -1.0], [3.0, 3.0]], [0.5, 2.0])
        array([[-0.5, -2. ],
               [ 3. ,  3. ]])

    Source:
        He et al., "Delving Deep into Rectifiers", 2015, equation 1; ``keras.layers.PReLU`` with
        ``shared_axes=[1, 2]``.
    """
    maps, slopes = np.asarray(maps), np.asarray(slopes)
    if slopes.shape != maps.shape[-1:] or not maps.ndim:
        raise ValueError(
            "slopes must have one number for each channel, the last axis of maps, got shape "
            f"{slopes.shape} for maps of shape {maps.shape}"
        )
    maps = maps.astype(np.result_type(maps, slopes, "float32"), copy=False)
    return np.where(maps > 0, maps, slopes * maps).astype(maps.dtype, copy=False)


def maxout(inputs, weights, biases):
    """A layer of units that are the largest of several linear functions each.

    Args:
        inputs: (N, D).
        weights: (K, D, U): for each of K pieces the weights of a dense layer of U units.
        biases: (K, U).

    Returns:
        Array (N, U): ``max over k of (inputs @ weights[k] + biases[k])``.

    Raises:
        ValueError: the shapes do not fit each other; the message gives them.

    Example:
        >>> x = np.array([[-2.0], [3.0]])
        >>> maxout(x, [[[1.0]], [[-1.0]]], [[0.0], [0.0]])  # two pieces, x and -x
        array([[2.],
               [3.]])

    Source:
        Goodfellow et al., "Maxout Networks", 2013, section 3.
    """
    inputs, weights, biases = map(np.asarray, (inputs, weights, biases))
    fits = weights.ndim == 3 and inputs.ndim == 2 and inputs.shape[1] == weights.shape[1]
    if not fits or biases.shape != (weights.shape[0], weights.shape[2]):
        raise ValueError(
            "inputs, weights, biases must have shapes (N, D), (K, D, U), (K, U), got "
            f"{inputs.shape}, {weights.shape}, {biases.shape}"
        )
    return (inputs @ weights + biases[:, None]).max(axis=0)  # (K, N, U) before the maximum


def dead_fraction(maps):
    """The share of channels that are above 0 nowhere: in no image, at no place.

    Behind a ReLU such a channel has a gradient of 0 for all these images, and its weights stay as
    they are. It is not the share of zeros: a channel that answers at a single pixel is alive.

    Args:
        maps: activations (N, H, W, C), or (N, C) of a dense layer. What a channel is worth shows
            only over many images.

    Returns:
        A float from 0 to 1.

    Raises:
        ValueError: maps are empty, or have no axis of channels behind that of the images.

    Example:
        >>> dead_fraction([[0.0, 0.0], [5.0, 0.0]])  # two images, two channels
        0.5
    """
    maps = np.asarray(maps)
    if maps.ndim < 2 or not maps.size:
        raise ValueError(f"maps must be (N, H, W, C) or (N, C) and not empty, got {maps.shape}")
    alive = (maps > 0).any(axis=tuple(range(maps.ndim - 1)))
    return float(1 - alive.mean())


def elu(x, alpha=1.0):
    """x above 0, ``alpha * (e ** x - 1)`` at 0 and below.

    The exponential is taken of the negative numbers only: of large positive ones it is infinite,
    and a warning.

    Args:
        x: array of any shape.
        alpha: minus the value that it approaches far below 0.

    Returns:
        Array of that shape, float32 unless x is float64.

    Example:
        >>> elu(np.array([-1000.0, 0.0, 1000.0]), alpha=2.0)
        array([  -2.,    0., 1000.])

    Source:
        Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by
        Exponential Linear Units (ELUs)", 2015, equation 15; ``keras.activations.elu``.
    """
    x = np.asarray(x)
    x = x.astype(np.result_type(x, "float32"), copy=False)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))).astype(x.dtype, copy=False)
