"""Batch, layer and group normalization from their definitions, and how one folds the first away.

All of them subtract a mean and divide by a standard deviation. They differ in the numbers that
mean and deviation are taken over.
"""

import numpy as np

from helpers.arguments import real_numbers, whole_number


def batch_norm(x, gamma, beta, epsilon=1e-3):
    """Batch normalization in training: each channel by its own mean and deviation in the batch.

    Mean and variance of a channel run over batch, height and width, ``m = N H W`` numbers, and the
    variance is the sum of squares over ``m``. ``epsilon`` stands inside the root, so a channel
    that never changes becomes ``beta`` and not 0 / 0, and the variance of what comes out is
    ``gamma**2 v / (v + epsilon)``: a little below ``gamma**2``.

    Args:
        x: maps ``(N, H, W, C)``, real numbers.
        gamma: the scale of each channel, ``(C,)``.
        beta: the shift of each channel, ``(C,)``.
        epsilon: added to the variance; 0 or more. Keras's default is 0.001.

    Returns:
        ``(N, H, W, C)``: float32 if ``x`` fits into it, otherwise float64.

    Raises:
        TypeError: an argument holds no real numbers.
        ValueError: a shape does not fit, or ``epsilon`` is below 0; the message names it.

    Example:
        >>> x = np.array([1.0, 3.0, 1.0, 3.0]).reshape(2, 1, 2, 1)
        >>> batch_norm(x, gamma=[10.0], beta=[5.0], epsilon=0.0).ravel()
        array([-5., 15., -5., 15.])

    Source:
        Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1 and section 3.2.
    """
    x = _maps("x", x)
    return _normalized(x, *_moments(x, (0, 1, 2)), gamma, beta, epsilon)


def batch_norm_at_inference(x, gamma, beta, mean, variance, epsilon=1e-3):
    """Batch normalization at inference: by numbers that training has left, not by the batch.

    Each image is treated alone, and each channel is only scaled and shifted.

    Args:
        x: maps ``(N, H, W, C)``, real numbers.
        gamma, beta: as in `batch_norm`.
        mean, variance: the running statistics, ``(C,)``; see `running_statistics`.
        epsilon: added to the variance; 0 or more.

    Returns:
        ``(N, H, W, C)``, as `batch_norm`.

    Raises:
        TypeError, ValueError: as `batch_norm`.

    Example:
        >>> x = np.full((1, 1, 1, 1), 7.0)
        >>> batch_norm_at_inference(x, [1.0], [0.0], mean=[3.0], variance=[4.0], epsilon=0.0).item()
        2.0

    Source:
        Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 2.
    """
    return _normalized(_maps("x", x), mean, variance, gamma, beta, epsilon)


def running_statistics(mean, variance, batch, momentum=0.99):
    """Mean and variance that are kept for inference, after one more batch was seen in training.

    Both move a little towards those of the batch: ``momentum`` is the share of the old that stays.

    Args:
        mean, variance: what was kept so far, ``(C,)``. Keras begins with 0 and 1.
        batch: maps ``(N, H, W, C)``, real numbers.
        momentum: from 0, only the new batch, to 1, nothing new. Keras's default is 0.99. In
            PyTorch ``momentum`` is the share of the *new*.

    Returns:
        ``(mean, variance)``, ``(C,)`` each. The variance of the batch is the sum of squares over
        m, as in Keras 3; Keras 2 on some machines and PyTorch divide it by m - 1 here.

    Raises:
        TypeError: an argument holds no real numbers.
        ValueError: a shape does not fit, or ``momentum`` is not from 0 to 1.

    Example:
        >>> batch = np.array([1.0, 3.0]).reshape(1, 1, 2, 1)
        >>> running_statistics([0.0], [1.0], batch, momentum=0.5)
        (array([1.]), array([1.]))

    Source:
        Keras API docs, ``keras.layers.BatchNormalization``.
    """
    batch = _maps("batch", batch)
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
    channels = batch.shape[3]
    kept = _row("mean", mean, channels), _row("variance", variance, channels)
    seen = batch.mean(axis=(0, 1, 2)), batch.var(axis=(0, 1, 2))
    return tuple(momentum * old + (1 - momentum) * new for old, new in zip(kept, seen, strict=True))


def batch_norm_layer(
    x, gamma, beta, mean, variance, training=False, epsilon=1e-3, momentum=0.99
):  # fmt: skip
    """The whole layer: what comes out, and the statistics that are kept.

    In training the batch normalizes itself and the kept statistics move towards it. At inference
    the kept ones normalize, and stay as they are.

    Args:
        x: maps ``(N, H, W, C)``, real numbers.
        gamma, beta, mean, variance: ``(C,)`` each, as in `batch_norm` and `running_statistics`.
        training: whether the network is being trained.
        epsilon, momentum: as in `batch_norm` and `running_statistics`.

    Returns:
        ``(outputs, mean, variance)``: ``(N, H, W, C)``, ``(C,)`` and ``(C,)``.

    Raises:
        TypeError, ValueError: as `batch_norm` and `running_statistics`.

    Example:
        >>> x = np.array([1.0, 3.0]).reshape(2, 1, 1, 1)
        >>> outputs, mean, _ = batch_norm_layer(x, [1.0], [0.0], [0.0], [1.0], epsilon=0.0)
        >>> outputs.ravel(), mean
        (array([1., 3.]), array([0.]))

    Source:
        Keras API docs, ``keras.layers.BatchNormalization``.
    """
    if not training:
        kept = np.asarray(mean), np.asarray(variance)
        return batch_norm_at_inference(x, gamma, beta, *kept, epsilon), *kept
    return batch_norm(x, gamma, beta, epsilon), *running_statistics(mean, variance, x, momentum)


def fold_into_conv(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """The convolution that does the work of a convolution and the batch normalization behind it.

    At inference batch normalization multiplies each channel by ``s = gamma / sqrt(variance +
    epsilon)`` and adds something. A convolution can do both itself. The two agree to the last
    digits of the type, which add up in another order.

    Args:
        kernel: ``(KH, KW, C, F)``, real numbers.
        bias: of the convolution, ``(F,)``; zeros if it has none.
        gamma, beta, mean, variance: of the batch normalization, ``(F,)`` each.
        epsilon: of the batch normalization; 0 or more.

    Returns:
        ``(kernel, bias)`` of the one convolution, shaped like those given.

    Raises:
        TypeError: an argument holds no real numbers.
        ValueError: a shape does not fit, or ``epsilon`` is below 0; the message names it.

    Example:
        >>> kernel = np.array([2.0, 3.0]).reshape(1, 1, 2, 1)
        >>> folded, bias = fold_into_conv(kernel, [5.0], [6.0], [1.0], [4.0], [9.0], epsilon=0.0)
        >>> folded.ravel(), bias
        (array([4., 6.]), array([3.]))

    Source:
        Jacob et al., "Quantization and Training of Neural Networks for Efficient
        Integer-Arithmetic-Only Inference", 2018, section 3.2.
    """
    kernel = real_numbers("kernel", kernel)
    if kernel.ndim != 4:
        raise ValueError(f"kernel must have shape (KH, KW, C, F), got {kernel.shape}")
    filters = kernel.shape[3]
    bias, beta, mean = (
        _row(name, row, filters)
        for name, row in {"bias": bias, "beta": beta, "mean": mean}.items()
    )  # fmt: skip
    scale = _scale(gamma, variance, epsilon, filters)
    return kernel * scale, (bias - mean) * scale + beta


def layer_norm(x, epsilon=1e-3):
    """Layer normalization as Keras's layer does it by default: each pixel over its channels.

    The layer normalization of the literature on images runs over height, width and channels of
    an image: that is ``group_norm(x, groups=1)``.

    Args:
        x: maps ``(N, H, W, C)``, real numbers.
        epsilon: added to the variance; 0 or more. Keras's default is 0.001.

    Returns:
        ``(N, H, W, C)``: float32 if ``x`` fits into it, otherwise float64. No gamma, no beta.

    Raises:
        TypeError: ``x`` holds no real numbers.
        ValueError: its shape does not fit, or ``epsilon`` is below 0.

    Example:
        >>> layer_norm(np.array([1.0, 3.0]).reshape(1, 1, 1, 2), epsilon=0.0).ravel()
        array([-1.,  1.])

    Source:
        Ba, Kiros and Hinton, "Layer Normalization", 2016; Keras API docs,
        ``keras.layers.LayerNormalization``, whose ``axis`` is -1.
    """
    return _standardised(_maps("x", x), (3,), epsilon)


def group_norm(x, groups, epsilon=1e-3):
    """Group normalization: each image over height, width and one group of channels.

    Neighbouring channels form a group: with 6 channels and 2 groups the first three, the last
    three. Nothing depends on the other images.

    Args:
        x: maps ``(N, H, W, C)``, real numbers.
        groups: how many there are; it divides ``C``. 1: the whole image at once, the layer
            normalization of the literature. ``C``: each channel alone, called instance
            normalization. Keras's default is 32.
        epsilon: added to the variance; 0 or more. Keras's default is 0.001.

    Returns:
        ``(N, H, W, C)``: float32 if ``x`` fits into it, otherwise float64. No gamma, no beta.

    Raises:
        TypeError: ``x`` holds no real numbers, or ``groups`` is not a whole number.
        ValueError: ``groups`` does not divide the channels, or ``epsilon`` is below 0.

    Example:
        >>> x = np.array([1.0, 3.0, 10.0, 50.0]).reshape(1, 1, 1, 4)
        >>> group_norm(x, groups=2, epsilon=0.0).ravel()
        array([-1.,  1., -1.,  1.])

    Source:
        Wu and He, "Group Normalization", 2018, section 3.
    """
    x = _maps("x", x)
    channels, groups = x.shape[3], whole_number("groups", groups)
    if channels % groups:
        raise ValueError(f"groups must divide the {channels} channels, got {groups}")
    grouped = x.reshape(*x.shape[:3], groups, channels // groups)
    return _standardised(grouped, (1, 2, 4), epsilon).reshape(x.shape)


def _normalized(x, mean, variance, gamma, beta, epsilon):
    channels = x.shape[3]
    scale = _scale(gamma, variance, epsilon, channels)
    y = (x - _row("mean", mean, channels)) * scale + _row("beta", beta, channels)
    return y.astype(x.dtype, copy=False)


def _scale(gamma, variance, epsilon, channels):
    """What each channel is multiplied by: gamma over the root of variance + epsilon."""
    variance = _row("variance", variance, channels)
    if (variance < 0).any():
        raise ValueError(f"variance must be 0 or more, got {variance}")
    return _row("gamma", gamma, channels) / np.sqrt(variance + _at_least_0("epsilon", epsilon))


def _moments(x, axes, keepdims=False):
    """Mean and variance, added up in float64: float32 loses digits over thousands of numbers."""
    settings = {"axis": axes, "keepdims": keepdims, "dtype": "float64"}
    return x.mean(**settings), x.var(**settings)


def _standardised(x, axes, epsilon):
    mean, variance = _moments(x, axes, keepdims=True)
    y = (x - mean) / np.sqrt(variance + _at_least_0("epsilon", epsilon))
    return y.astype(x.dtype, copy=False)


def _at_least_0(name, value):
    if not value >= 0:
        raise ValueError(f"{name} must be 0 or more, got {value!r}")
    return value


def _row(name, numbers, count):
    row = real_numbers(name, numbers)
    if row.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), one a channel, got {row.shape}")
    return row


def _maps(name, maps):
    maps = real_numbers(name, maps)
    if maps.ndim != 4:
        raise ValueError(f"{name} must have shape (N, H, W, C), got {maps.shape}")
    return maps.astype(np.result_type(maps, "float32"), copy=False)
