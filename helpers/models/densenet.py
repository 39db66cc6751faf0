"""DenseNet-121: each layer reads the maps of all layers before it."""

import keras

from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

layers = keras.layers
BLOCKS = (6, 12, 24, 16)  # layers of each dense block
GROWTH = 32  # maps that a layer adds
EPSILON = 1.001e-5  # of batch normalization, as in keras.applications


def densenet121(input_shape=(224, 224, 3), classes=1000):
    """DenseNet-121: four dense blocks, between them transitions that halve maps and sizes.

    A layer of a block is batch normalization, ReLU, 1 x 1 to 4 x 32 maps, batch normalization,
    ReLU, 3 x 3 to 32 maps; these 32 are laid behind all that it read.

    8,062,504 parameters for 224 x 224 x 3 pixels and 1000 classes, 83,648 of them not trained.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 32 pixels.
        classes: how many there are; at least 2.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to probabilities ``(N, classes)``; layer by
        layer it is ``keras.applications.DenseNet121``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is too small, or ``classes`` below 2.

    Source:
        Huang, Liu, van der Maaten and Weinberger, "Densely connected convolutional networks",
        2016, table 1, column "DenseNet-121 (k = 32)", compression 0.5.
    """
    check_image_shape(input_shape, least=32)
    classes = whole_number("classes", classes, at_least=2)
    image = keras.Input(input_shape)
    maps = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    maps = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(maps)
    maps = _normalized_relu(maps, "conv1")
    maps = layers.ZeroPadding2D(1, name="pool1_pad")(maps)
    maps = layers.MaxPooling2D(3, 2, name="pool1")(maps)
    for block, count in enumerate(BLOCKS, 2):
        maps = dense_block(maps, count, GROWTH, bottleneck=True, name=f"conv{block}")
        if block < 5:
            maps = transition(maps, f"pool{block}")
    maps = _normalized_relu(maps, "last")
    means = layers.GlobalAveragePooling2D(name="avg_pool")(maps)
    output = layers.Dense(classes, activation="softmax", name="predictions")(means)
    return keras.Model(image, output, name="densenet121")


def dense_block(maps, depth, growth, bottleneck=False, name=None):
    """A dense block: each layer reads all maps before it and lays ``growth`` new ones behind them.

    A layer is batch normalization, ReLU, and a 3 x 3 convolution without bias. With a bottleneck
    the same three steps with 1 x 1 kernels come first, and bring what is read to 4 x ``growth``
    maps.

    Args:
        maps: symbolic tensor ``(N, H, W, C)``.
        depth: layers in the block; at least 1.
        growth: maps that each layer adds, the paper's k; at least 1.
        bottleneck: whether a 1 x 1 convolution stands before each 3 x 3, as in DenseNet-121.
        name: of the block; its layers are named after it. None leaves the names to Keras.

    Returns:
        A symbolic tensor ``(N, H, W, C + depth * growth)``.

    Raises:
        TypeError: ``depth`` or ``growth`` is not a whole number.
        ValueError: one of them is below 1.

    Source:
        Huang et al. 2016, figure 1 and section 3.
    """
    depth, growth = whole_number("depth", depth), whole_number("growth", growth)
    for number in range(1, depth + 1):
        layer = f"{name}_block{number}" if name else None
        made = maps
        if bottleneck:
            made = _normalized_relu(made, _part(layer, "0"))
            made = _convolution(made, 4 * growth, 1, _part(layer, "1_conv"))
        made = _normalized_relu(made, _part(layer, "1"))
        made = _convolution(made, growth, 3, _part(layer, "2_conv"))
        maps = layers.Concatenate(name=_part(layer, "concat"))([maps, made])
    return maps


def transition(maps, name):
    """Half the maps, by 1 x 1, and half the size, by means of 2 x 2."""
    half = maps.shape[-1] // 2
    maps = _normalized_relu(maps, name)
    maps = layers.Conv2D(half, 1, use_bias=False, name=f"{name}_conv")(maps)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(maps)


def _normalized_relu(maps, name):
    maps = layers.BatchNormalization(epsilon=EPSILON, name=_part(name, "bn"))(maps)
    return layers.ReLU(name=_part(name, "relu"))(maps)


def _convolution(maps, filters, size, name):
    return layers.Conv2D(filters, size, padding="same", use_bias=False, name=name)(maps)


def _part(name, part):
    return f"{name}_{part}" if name else None
