"""How large the first weights are, and what that does to gradients in a deep plain network.

A plain network is dense layers in a row without skip connections, without normalization and
without biases. NumPy arrays in, numbers and NumPy arrays out.
"""

from dataclasses import dataclass
from math import prod, sqrt

import numpy as np

from helpers.arguments import whole_number

# Each activation, and its slope as a function of what comes *out* of it.
ACTIVATIONS = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(h.dtype)),
}
SOUND_RATE = 0.02  # of gradient descent; deep plain networks bear no more than about 0.05


def chain(weights, x):
    """The gradient of ``w[n-1] * ... * w[1] * w[0] * x`` with respect to each weight.

    This is a network of one unit a layer, without activation. Each weight gets the product of
    everything else: of what comes into its layer, and of the weights that come after it.

    Args:
        weights: one number a layer; ``weights[0]`` meets ``x`` first. At least one.
        x: the number that comes in.

    Returns:
        A tuple of floats, one for each weight.

    Raises:
        ValueError: there is no weight.

    Example:
        >>> chain([2.0, 3.0, 5.0], x=1.0)
        (15.0, 10.0, 6.0)

    Source:
        The chain rule; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.2.5.
    """
    weights = [float(weight) for weight in weights]
    if not weights:
        raise ValueError(f"weights must hold at least one number, got {weights!r}")
    return tuple(
        prod(weights[:layer]) * float(x) * prod(weights[layer + 1 :])
        for layer in range(len(weights))
    )


def gradient_norms(weights, x, activation):
    """How large the gradient of each layer's weights is, in a plain network.

    Layer k computes ``h[k] = f(h[k-1] @ weights[k])``, with ``h[-1] = x``; the activation follows
    each layer, the last one included. The loss is the mean of all numbers that come out. The size
    of a gradient is its Frobenius norm: the root of the sum of the squares of all its entries.

    Args:
        weights: a matrix ``(inputs, units)`` for each layer; at least one.
        x: the images, ``(N, inputs of the first layer)``.
        activation: ``"sigmoid"``, ``"tanh"`` or ``"relu"``. The slope of ReLU at 0 is 0.

    Returns:
        Array ``(layers,)``, the first layer first. All is computed in the type of ``x`` and the
        weights: in float32 a number below 1e-45 is 0.

    Raises:
        ValueError: the activation is none of the three, or the matrices do not fit each other.

    Example:
        >>> gradient_norms([[[2.0]], [[3.0]]], x=[[1.0]], activation="relu")
        array([3., 2.])

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010, equations 2 to 6; the same numbers as `tf.GradientTape`.
    """
    weights, x = _network(weights, x)
    function, slope = _activation(activation)
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = _forward(weights, x, function)
        upstream = np.full_like(outputs[-1], 1 / outputs[-1].size)
        return np.array([_norm(g) for g in _backward(weights, outputs, upstream, slope)])


def _network(weights, x):
    weights = [np.asarray(weight) for weight in weights]
    x = np.asarray(x)
    shapes = [x.shape, *(weight.shape for weight in weights)]
    if not weights or any(len(shape) != 2 for shape in shapes):
        raise ValueError(f"x and weights must be one matrix and at least one, got shapes {shapes}")
    for before, after in zip(shapes, shapes[1:], strict=False):
        if before[1] != after[0]:
            raise ValueError(
                f"weights must fit each other and x, got {after} behind {before} in {shapes}"
            )
    kind = np.result_type(x, *weights)
    kind = kind if kind.kind == "f" else np.dtype("float64")
    return [weight.astype(kind, copy=False) for weight in weights], x.astype(kind, copy=False)


def _activation(name):
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


def _forward(weights, x, function):
    """What comes into the first layer, then what comes out of each."""
    outputs = [x]
    for weight in weights:
        outputs.append(function(outputs[-1] @ weight))
    return outputs


def _backward(weights, outputs, upstream, slope):
    """The gradient of each matrix; `upstream` is that of the last outputs."""
    gradients = []
    for weight, before, after in zip(
        weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True
    ):  # fmt: skip
        upstream = upstream * slope(after)
        gradients.append(before.T @ upstream)
        upstream = upstream @ weight.T
    return gradients[::-1]


def _norm(gradient):
    """The Frobenius norm; scaled first, as the square of 1e-30 is 0 in float32."""
    largest = np.abs(gradient).max()
    if largest == 0 or not np.isfinite(largest):
        return float(largest)
    return float(largest * np.linalg.norm(gradient / largest))


def he_stddev(kernel_shape, slope=0.0):
    """The standard deviation that He et al. give the first weights of a layer before a ReLU.

    Each output is a sum of ``inputs`` products, so its variance is that many times the variance
    of a weight times the mean square of an input. ReLU keeps half of that mean square. A spread
    of ``sqrt(2 / inputs)`` makes up for both: layer after layer the numbers stay as large as
    they were. With a slope below 0 less gets lost, and a slope of 1 is no activation at all.

    Args:
        kernel_shape: of a convolution, ``(KH, KW, C, F)``, or of a dense layer, ``(inputs,
            units)``. With groups C is the number of channels that one filter sees.
        slope: of the activation below 0: 0 for ReLU, more for leaky ReLU and PReLU.

    Returns:
        A float.

    Raises:
        ValueError: the kernel has not two axes or more, or one of them is below 1.

    Example:
        >>> round(he_stddev((3, 3, 64, 128)), 4), he_stddev((8, 100))
        (0.0589, 0.5)

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, equations 10 and 15;
        ``keras.initializers.HeNormal`` for slope 0.
    """
    if len(kernel_shape) < 2:
        raise ValueError(f"kernel_shape must have an axis of units behind others: {kernel_shape}")
    inputs = prod(whole_number("kernel_shape", length) for length in kernel_shape[:-1])
    return sqrt(2 / ((1 + slope**2) * inputs))


def random_weights(widths, scale=1.0, seed=0):
    """First weights of a plain network: normally distributed, He's spread times ``scale``.

    The same seed gives the same draws, so that two scales differ by a factor and nothing else.

    Args:
        widths: of the input and of each layer, such as ``[784, 64, 64]``; at least two.
        scale: 1 for He; 0.707 is the spread that Glorot and Bengio give a square layer.
        seed: of the draws.

    Returns:
        A list of float32 matrices ``(inputs, units)``.

    Raises:
        ValueError: there are fewer than two widths, or one is below 1.

    Example:
        >>> [matrix.shape for matrix in random_weights([784, 64, 10])]
        [(784, 64), (64, 10)]
    """
    widths = [whole_number("widths", width) for width in widths]
    if len(widths) < 2:
        raise ValueError(f"widths must hold at least two numbers, got {widths}")
    rng = np.random.default_rng(seed)
    shapes = zip(widths, widths[1:], strict=False)
    return [
        (scale * he_stddev(shape) * rng.normal(size=shape)).astype("float32") for shape in shapes
    ]


def repair(depth, width, activation, stddev, rate):
    """The same network, changed so that it trains; what works stays.

    Args:
        depth: layers of ``width`` units, each with its activation.
        width: units of a layer.
        activation: ``"sigmoid"``, ``"tanh"`` or ``"relu"``. Only the sigmoid is replaced: each
            layer takes three quarters of the gradient or more, whatever the weights.
        stddev: standard deviation of the first weights.
        rate: the learning rate of gradient descent.

    Returns:
        ``(activation, stddev, rate)``.

    Raises:
        ValueError: the activation is none of the three, or ``width`` is below 1.

    Example:
        >>> repair(depth=20, width=50, activation="relu", stddev=0.01, rate=0.02)
        ('relu', 0.2, 0.02)
        >>> repair(depth=20, width=64, activation="tanh", stddev=3.0, rate=50.0)
        ('tanh', 0.125, 0.02)
    """
    _activation(activation)
    if activation == "sigmoid":
        activation = "relu"
    lost = 0.0 if activation == "relu" else 1.0  # the slope of tanh at 0, on both sides
    return activation, he_stddev((width, width), slope=lost), SOUND_RATE


@dataclass(frozen=True)
class Training:
    """What `train` saw.

    Attributes:
        norms: the norm of each layer's gradient before the first step, ``(layers,)``.
        losses: the cross-entropy before each step and after the last.
        right: the share of the images that is named right, at the same moments.
        moved: how far each layer's weights moved in all, as a share of their own norm.
    """

    norms: np.ndarray
    losses: list
    right: list
    moved: list


def train(images, labels, depth, width, activation, stddev, rate, steps=100, seed=0, enough=None):
    """Train a plain network by gradient descent, on all images in each step.

    Args:
        images: ``(N, inputs)``, about 1 in size.
        labels: whole numbers from 0, ``(N,)``.
        depth: layers of ``width`` units, each with its activation, at least 1. A linear layer
            makes the scores of the classes from the last one.
        width: units of a layer.
        activation: ``"sigmoid"``, ``"tanh"`` or ``"relu"``.
        stddev: of the first weights between two layers of ``width`` units. The first layer and
            the one that makes the scores have ``1 / sqrt(inputs)``.
        rate: the learning rate.
        steps: at most; 0 only looks at the start.
        seed: of the first weights.
        enough: the share of images named right at which it stops early; None: never.

    Returns:
        A `Training`. It also ends when a number leaves the range of float32.

    Raises:
        ValueError: the activation is none of the three, or ``depth`` or ``width`` is below 1.
    """
    function, slope = _activation(activation)
    weights = first = _first_weights(images, labels, depth, width, stddev, seed)
    truth = np.eye(labels.max() + 1, dtype="float32")[labels]
    norms, losses, right = None, [], []
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            outputs = _forward(weights[:-1], images, function)
            logs = _log_softmax(outputs[-1] @ weights[-1])
            losses.append(float(-(logs * truth).sum(axis=1).mean()))
            right.append(float((logs.argmax(axis=1) == labels).mean()))
            gradients = _all_gradients(
                weights, outputs, (np.exp(logs) - truth) / len(labels), slope
            )
            norms = np.array([_norm(g) for g in gradients]) if norms is None else norms
            over = not np.isfinite(losses[-1]) or (enough is not None and right[-1] >= enough)
            if over or step == steps:
                break
            weights = [w - np.float32(rate) * g for w, g in zip(weights, gradients, strict=True)]
        moved = [_norm(w - v) / _norm(v) for w, v in zip(weights, first, strict=True)]
    return Training(norms, losses, right, moved)


def _first_weights(images, labels, depth, width, stddev, seed):
    depth, width = whole_number("depth", depth), whole_number("width", width)
    rng, inputs = np.random.default_rng(seed), images.shape[1]
    weights = [rng.normal(size=(inputs, width)) / sqrt(inputs)]
    weights += [rng.normal(size=(width, width)) * stddev for _ in range(depth - 1)]
    weights += [rng.normal(size=(width, int(labels.max()) + 1)) / sqrt(width)]
    return [weight.astype("float32") for weight in weights]


def _log_softmax(scores):
    lowered = scores - scores.max(axis=1, keepdims=True)
    return lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))


def _all_gradients(weights, outputs, error, slope):
    """Those of the hidden layers, then that of the linear layer whose scores have this error."""
    hidden = _backward(weights[:-1], outputs, error @ weights[-1].T, slope)
    return [*hidden, outputs[-1].T @ error]
