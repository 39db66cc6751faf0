"""Residual blocks: what came in, plus a deviation from it; and how to tell whether they help.

Two blocks of the literature, one that stands in two libraries at once, and the comparison of two
networks over several seeds.
"""

import importlib.util
import subprocess
import sys

import keras
import numpy as np

from helpers.arguments import real_numbers, whole_number

layers = keras.layers

MODEL_GARDEN = "tf-models-official==2.20.0"


def res_block(inputs, filters=64):
    """The residual block of the lecture: ``inputs + conv(relu(conv(inputs)))``, kernels of 3 x 3.

    Neither batch normalization nor an activation behind the sum: the block of EDSR, a network that
    makes images larger. With all weights 0 it gives back what came in.

    Args:
        inputs: symbolic tensor ``(N, H, W, C)``.
        filters: of both convolutions; C, as the two sides of the sum must have the same shape.

    Returns:
        A symbolic tensor ``(N, H, W, C)``. With 64 channels there are 73,856 parameters.

    Raises:
        TypeError: ``filters`` is not a whole number.
        ValueError: ``filters`` is not C. Keras would notice, except that it stretches one channel
            to many without a word.

    Source:
        Lim and others, "Enhanced deep residual networks for single image super-resolution", 2017,
        figure 2; as code in https://keras.io/examples/vision/edsr/, with 64 filters.
    """
    filters = _fitting_filters(inputs, filters)
    branch = layers.Conv2D(filters, 3, padding="same", activation="relu")(inputs)
    branch = layers.Conv2D(filters, 3, padding="same")(branch)
    return layers.Add()([inputs, branch])


def basic_block(inputs, filters):
    """He's block where the shape stays: ``relu(inputs + BN conv relu BN conv(inputs))``.

    Args:
        inputs: symbolic tensor ``(N, H, W, C)``.
        filters: of both convolutions; C.

    Returns:
        A symbolic tensor ``(N, H, W, C)``, nowhere below 0.

    Raises:
        TypeError: ``filters`` is not a whole number.
        ValueError: ``filters`` is not C; `projection_block` changes the channels.

    Source:
        He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015, equation 1
        and figure 5, left.
    """
    filters = _fitting_filters(inputs, filters)
    return layers.ReLU()(layers.Add()([_branch(inputs, filters, 1), inputs]))


def projection_block(inputs, filters, stride=1):
    """He's block with a projection: both sides of the sum get the new shape.

    ``relu(BN conv relu BN conv_stride(inputs) + BN conv1x1_stride(inputs))``. Convolutions have no
    bias: the batch normalization behind each would take it away.

    Args:
        inputs: symbolic tensor ``(N, H, W, C)``.
        filters: of all three convolutions; at least 1.
        stride: of the first 3 x 3 convolution and of the 1 x 1, in pixels; at least 1.

    Returns:
        A symbolic tensor ``(N, ceil(H / stride), ceil(W / stride), filters)``, nowhere below 0.

    Raises:
        TypeError: ``filters`` or ``stride`` is not a whole number.
        ValueError: one of them is below 1.

    Source:
        He, Zhang, Ren and Sun, 2015, equation 2, option B. With 3 x 3 kernels, "same" padding and
        Keras's epsilon and momentum it is ``tfm.vision.layers.ResidualBlock(filters, strides,
        use_projection=True)``.
    """
    filters = whole_number("filters", filters)
    stride = whole_number("stride", stride, unit="pixel")
    branch = _branch(inputs, filters, stride)
    projected = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(inputs)
    projected = layers.BatchNormalization()(projected)
    return layers.ReLU()(layers.Add()([branch, projected]))


def _branch(inputs, filters, stride):
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def _fitting_filters(inputs, filters):
    filters = whole_number("filters", filters)
    if inputs.shape[-1] != filters:
        raise ValueError(
            f"filters must be the {inputs.shape[-1]} channels of inputs, got {filters}"
        )
    return filters


# --- the block of the Model Garden ------------------------------------------------------------


def get_model_garden_in_colab():
    """Install the Model Garden in Colab, where it takes seconds; elsewhere do nothing.

    Colab has the packages that the residual block needs, so it is installed without its own
    dependencies: they would replace half of Colab's packages.
    """
    if "google.colab" not in sys.modules or importlib.util.find_spec("official"):
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", MODEL_GARDEN]
    subprocess.run(pip, capture_output=True)  # where it fails, `tfm_residual_block` says so
    importlib.invalidate_caches()


def tfm_residual_block():
    """The class ``tfm.vision.layers.ResidualBlock`` of the TensorFlow Model Garden.

    It is a layer of ``tf_keras`` (Keras 2). It is taken from the module that defines it, which
    needs fewer packages than ``import tensorflow_models as tfm``; the class is the same.

    Returns:
        The class.

    Raises:
        ImportError: the package ``tf-models-official``, or one that it needs, is not installed
            here; the message names it and says how to get it.
    """
    try:
        from official.vision.modeling.layers.nn_blocks import ResidualBlock
    except ImportError as error:
        missing = error.name or error
        if missing == "official":  # the module; the package has another name
            missing = MODEL_GARDEN.partition("==")[0]
        raise ImportError(
            f"{missing} is missing, so the Model Garden can't be imported. "
            f"To get it, on Linux: pip install {MODEL_GARDEN}; in Colab, whose own packages "
            f"suffice: pip install --no-deps {MODEL_GARDEN}. It does not exist for Windows."
        ) from error
    return ResidualBlock


def tfm_weights_to_keras(weights):
    """The weights of a tfm residual block, in the order of our Keras model of the same block.

    ``tf_keras`` lists what is trained first and then the moving statistics, and tfm's block creates
    the projection, if it has one, before the other two convolutions. A model of Keras 3 lists the
    weights layer by layer, and its layers column by column, as one draws the block: the second
    convolution and the projection first, then the normalizations behind them.

    Args:
        weights: the arrays of ``block.get_weights()``. With a projection 15 of them: kernel, gamma
            and beta of the projection, of the first and of the second convolution; then moving
            mean and moving variance of each, in the same order. Without one 10.

    Returns:
        A list of as many arrays, for ``model.set_weights`` of a Keras model that is
        `projection_block` (or `basic_block`) and nothing else.

    Raises:
        ValueError: there are neither 10 nor 15 arrays.

    Example:
        >>> tfm_weights_to_keras("k1 g1 b1 k2 g2 b2 m1 v1 m2 v2".split())
        ['k1', 'g1', 'b1', 'm1', 'v1', 'k2', 'g2', 'b2', 'm2', 'v2']
    """
    weights = list(weights)
    if len(weights) not in (10, 15):
        raise ValueError(f"weights must be 10 or 15 arrays, got {len(weights)}")
    count = len(weights) // 5
    moving = weights[3 * count :]
    kernels = weights[: 3 * count : 3]
    norms = [weights[3 * i + 1 : 3 * i + 3] + moving[2 * i : 2 * i + 2] for i in range(count)]
    if count == 3:  # the projection goes last
        kernels, norms = kernels[1:] + kernels[:1], norms[1:] + norms[:1]
    return [kernels[0], *norms[0], *kernels[1:], *sum(norms[1:], [])]


# --- is one better than the other? ------------------------------------------------------------


def better_by(a, b):
    """By how much the results ``a`` lie above the results ``b``, and how sure that is.

    Each is one number a seed. The standard error says how far the difference would move about if
    everything were done again with other seeds. A difference of less than two standard errors may
    be luck.

    Args:
        a, b: results of two networks, such as accuracies; ``(N,)`` and ``(M,)``, at least two each.

    Returns:
        ``(difference, standard_error)``, two floats in the unit of the results: the difference of
        the means, and the root of ``s_a**2 / N + s_b**2 / M``, where ``s`` is the standard
        deviation of the sample (divided by N - 1).

    Raises:
        TypeError: ``a`` or ``b`` holds no real numbers.
        ValueError: one of them is not a row of at least two.

    Example:
        >>> better_by([5, 7], [1, 2, 3])
        (4.0, 1.1547005383792515)

    Source:
        Welch, "The generalization of 'Student's' problem when several different population
        variances are involved", Biometrika, 1947.
    """
    a, b = _results("a", a), _results("b", b)
    spread = a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)
    return float(a.mean() - b.mean()), float(np.sqrt(spread))


def _results(name, values):
    values = real_numbers(name, values).astype("float64")
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"{name} must be a row of at least two results, got shape {values.shape}")
    return values
