"""GoogLeNet: nine inception modules, and one dense layer after a global mean."""

import keras

from helpers.arguments import whole_number
from helpers.models.alexnet import local_response_normalization
from helpers.models.arguments import check_image_shape

layers = keras.layers
# Table 1: filters of 1 x 1; 3 x 3 reduce, 3 x 3; 5 x 5 reduce, 5 x 5; of 1 x 1 behind the pool.
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(input_shape=(224, 224, 3), classes=1000):
    """GoogLeNet without the two heads that help during training.

    An inception module looks at its input in four ways at once: 1 x 1, 3 x 3, 5 x 5 and a max
    pool; a 1 x 1 convolution first makes the input of the larger kernels thinner. After the last
    module the mean of each map goes into the only dense layer.

    6,998,552 parameters with biases for 224 x 224 x 3 pixels and 1000 classes: a twentieth of
    VGG16's.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 32 pixels.
        classes: how many there are; at least 2.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to probabilities ``(N, classes)``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is too small, or ``classes`` below 2.

    Source:
        Szegedy et al., "Going deeper with convolutions", 2014, table 1 and figure 3. The filters
        are the table's; its column "params" is rounded, and in some rows it is not what the
        filters of that row make (see the test).
    """
    check_image_shape(input_shape, least=32)
    classes = whole_number("classes", classes, at_least=2)
    same = {"padding": "same", "activation": "relu"}
    image = keras.Input(input_shape)
    maps = layers.Conv2D(64, 7, strides=2, name="conv1", **same)(image)
    maps = layers.MaxPooling2D(3, 2, padding="same", name="pool1")(maps)
    maps = local_response_normalization(maps, name="norm1")
    maps = layers.Conv2D(64, 1, name="conv2_reduce", **same)(maps)
    maps = layers.Conv2D(192, 3, name="conv2", **same)(maps)
    maps = local_response_normalization(maps, name="norm2")
    maps = layers.MaxPooling2D(3, 2, padding="same", name="pool2")(maps)
    for name, filters in INCEPTIONS.items():
        maps = inception_block(maps, filters, f"inception_{name}")
        if name in ("3b", "4e"):
            maps = layers.MaxPooling2D(3, 2, padding="same", name=f"pool{name[0]}")(maps)
    means = layers.GlobalAveragePooling2D(name="mean")(maps)
    means = layers.Dropout(0.4, name="dropout")(means)
    output = layers.Dense(classes, activation="softmax", name="linear")(means)
    return keras.Model(image, output, name="googlenet")


def inception_block(maps, filters, name=None):
    """Four looks at the same maps, laid one behind the other.

    1 x 1; 3 x 3 behind a 1 x 1 that makes the maps fewer; 5 x 5 behind another such; and the
    largest of each 3 x 3, then 1 x 1. Every convolution has a ReLU, and all keep height and width.

    Args:
        maps: symbolic tensor ``(N, H, W, C)``.
        filters: six counts, as in table 1 of the paper: 1 x 1; 3 x 3 reduce; 3 x 3; 5 x 5 reduce;
            5 x 5; 1 x 1 behind the pool.
        name: of the block; its layers are named after it. None leaves the names to Keras.

    Returns:
        A symbolic tensor ``(N, H, W, filters of the four looks together)``.

    Raises:
        ValueError: there are not six counts.

    Source:
        Szegedy et al., "Going deeper with convolutions", 2014, figure 2(b) and section 5.
    """
    if len(filters) != 6:
        raise ValueError(f"filters must be six counts, got {filters!r}")
    ones, reduce3, threes, reduce5, fives, pooled = filters
    seen3 = _convolution(maps, reduce3, 1, name, "3x3_reduce")
    seen5 = _convolution(maps, reduce5, 1, name, "5x5_reduce")
    largest = layers.MaxPooling2D(3, 1, padding="same", name=_part(name, "pool"))(maps)
    looks = [
        _convolution(maps, ones, 1, name, "1x1"),
        _convolution(seen3, threes, 3, name, "3x3"),
        _convolution(seen5, fives, 5, name, "5x5"),
        _convolution(largest, pooled, 1, name, "proj"),
    ]
    return layers.Concatenate(name=name)(looks)


def _convolution(maps, filters, size, name, part):
    return layers.Conv2D(filters, size, padding="same", activation="relu", name=_part(name, part))(
        maps
    )


def _part(name, part):
    return f"{name}_{part}" if name else None
