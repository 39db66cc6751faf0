"""AlexNet, the network that won ImageNet's competition of 2012."""

import keras
import numpy as np

from helpers import shapes
from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

layers = keras.layers
LEAST = 67  # pixels, so that one place is left for each pool


def alexnet(input_shape=(227, 227, 3), classes=1000, groups=2):
    """AlexNet: five convolutions, three dense layers.

    The paper trained it on two GPUs. In its second, fourth and fifth convolution a filter sees only
    the maps on its own GPU: these are convolutions in two groups. Rebuilt without them, the network
    has 62,378,344 parameters.

    ======= ======================================= =============== ============
    layer   what it does                            output          parameters
    ======= ======================================= =============== ============
    conv1   96 filters of 11 x 11, stride 4, ReLU   55 x 55 x 96          34,944
    norm1   local response normalization            55 x 55 x 96               0
    pool1   the largest of each 3 x 3, stride 2     27 x 27 x 96               0
    conv2   256 of 5 x 5 in 2 groups, "same", ReLU  27 x 27 x 256        307,456
    norm2   local response normalization            27 x 27 x 256              0
    pool2   the largest of each 3 x 3, stride 2     13 x 13 x 256              0
    conv3   384 of 3 x 3, "same", ReLU              13 x 13 x 384        885,120
    conv4   384 of 3 x 3 in 2 groups, "same", ReLU  13 x 13 x 384        663,936
    conv5   256 of 3 x 3 in 2 groups, "same", ReLU  13 x 13 x 256        442,624
    pool5   the largest of each 3 x 3, stride 2     6 x 6 x 256                0
    fc6     dense, ReLU, dropout of a half          4096              37,752,832
    fc7     dense, ReLU, dropout of a half          4096              16,781,312
    fc8     dense, softmax                          1000               4,097,000
    ======= ======================================= =============== ============

    The paper says 224 pixels. 11 x 11 with stride 4 then leaves no whole number; its own 55 x 55
    maps take 227, or padding that it does not mention.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 67 pixels.
        classes: how many there are; at least 2.
        groups: 2 as in the paper, or 1 for filters that see all maps.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to probabilities ``(N, classes)``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is too small, ``classes`` below 2, or ``groups`` not 1 or 2.

    Source:
        Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
        networks", 2012, figure 2 and section 3.
    """
    check_image_shape(input_shape, least=LEAST)
    classes = whole_number("classes", classes, at_least=2)
    _check_groups(groups)
    same = {"padding": "same", "activation": "relu"}
    image = keras.Input(input_shape)
    maps = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(image)
    maps = local_response_normalization(maps, name="norm1")
    maps = layers.MaxPooling2D(3, 2, name="pool1")(maps)
    maps = layers.Conv2D(256, 5, groups=groups, name="conv2", **same)(maps)
    maps = local_response_normalization(maps, name="norm2")
    maps = layers.MaxPooling2D(3, 2, name="pool2")(maps)
    maps = layers.Conv2D(384, 3, name="conv3", **same)(maps)
    maps = layers.Conv2D(384, 3, groups=groups, name="conv4", **same)(maps)
    maps = layers.Conv2D(256, 3, groups=groups, name="conv5", **same)(maps)
    maps = layers.MaxPooling2D(3, 2, name="pool5")(maps)
    units = layers.Flatten(name="flatten")(maps)
    for name in ("fc6", "fc7"):
        units = layers.Dense(4096, activation="relu", name=name)(units)
        units = layers.Dropout(0.5, name=f"{name}_dropout")(units)
    output = layers.Dense(classes, activation="softmax", name="fc8")(units)
    return keras.Model(image, output, name="alexnet")


def alexnet_parameters(input_size=227, classes=1000, groups=2):
    """How many parameters AlexNet has, counted without building it.

    Only the first dense layer depends on the size of the image: it has a weight for each number
    that the last pool leaves.

    Args:
        input_size: height and width of the colour images, in pixels; at least 67.
        classes: how many there are; at least 2.
        groups: 2 as in the paper, or 1 for filters that see all maps.

    Returns:
        The number of weights and biases.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_size`` is below 67, ``classes`` below 2, or ``groups`` not 1 or 2.

    Example:
        >>> alexnet_parameters()
        60965224
        >>> alexnet_parameters(groups=1)
        62378344

    Source:
        The layers of `alexnet`.
    """
    size = whole_number("input_size", input_size, at_least=LEAST, unit="pixels")
    classes = whole_number("classes", classes, at_least=2)
    _check_groups(groups)
    for kernel_size, stride in ((11, 4), (3, 2), (3, 2), (3, 2)):  # conv1 and the three pools
        size = shapes.conv_output_size(size, kernel_size, stride)
    convolutions = ((11, 3, 96, 1), (5, 96, 256, groups), (3, 256, 384, 1), (3, 384, 384, groups),
                    (3, 384, 256, groups))  # fmt: skip
    dense = ((size, size, 256), 4096), (4096, 4096), (4096, classes)
    return sum(shapes.conv_parameters(*layer[:3], groups=layer[3]) for layer in convolutions) + sum(
        shapes.dense_parameters(*layer) for layer in dense
    )


def _check_groups(groups):
    if groups not in (1, 2):
        raise ValueError(f"groups must be 1 or 2, got {groups!r}")


def local_response_normalization(maps, radius=2, bias=2.0, alpha=1e-4, beta=0.75, name=None):
    """Divide each value by what its neighbours in the *channel* axis say at the same place.

    b = a / (bias + alpha * sum of a^2 over the channels within ``radius``)^beta

    It is not contrast within the image: no two places are compared.

    Args:
        maps: symbolic tensor or array ``(N, H, W, C)``.
        radius: channels to each side that count; the paper's n = 5 is a radius of 2.
        bias, alpha, beta: the paper's k, alpha and beta.
        name: of the last operation, in a model.

    Returns:
        A tensor of the same shape.

    Source:
        Krizhevsky et al. 2012, section 3.3; the same as ``tf.nn.local_response_normalization``.
    """
    channels = np.arange(maps.shape[-1])
    near = (np.abs(channels[:, None] - channels) <= radius).astype("float32")
    neighbours = keras.ops.matmul(keras.ops.square(maps), near)
    scale = keras.ops.power(bias + alpha * neighbours, -beta)
    return layers.Multiply(name=name)([maps, scale])
