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
        for number in range(1, count + 1):
            maps = dense_layer(maps, GROWTH, f"conv{block}_block{number}")
        if block < 5:
            maps = transition(maps, f"pool{block}")
    maps = _normalized_relu(maps, "last")
    means = layers.GlobalAveragePooling2D(name="avg_pool")(maps)
    output = layers.Dense(classes, activation="softmax", name="predictions")(means)
    return keras.Model(image, output, name="densenet121")


def dense_layer(maps, growth, name):
    """Lay ``growth`` new maps, made of all maps so far, behind these.

    Args:
        maps: symbolic tensor ``(N, H, W, C)``.
        growth: how many maps are made; the 1 x 1 convolution before has four times as many.
        name: of the layer; its parts are named after it.

    Returns:
        A symbolic tensor ``(N, H, W, C + growth)``.
    """
    made = _normalized_relu(maps, f"{name}_0")
    made = layers.Conv2D(4 * growth, 1, use_bias=False, name=f"{name}_1_conv")(made)
    made = _normalized_relu(made, f"{name}_1")
    made = layers.Conv2D(growth, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(made)
    return layers.Concatenate(name=f"{name}_concat")([maps, made])


def transition(maps, name):
    """Half the maps, by 1 x 1, and half the size, by means of 2 x 2."""
    half = maps.shape[-1] // 2
    maps = _normalized_relu(maps, name)
    maps = layers.Conv2D(half, 1, use_bias=False, name=f"{name}_conv")(maps)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(maps)


def _normalized_relu(maps, name):
    maps = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(maps)
    return layers.ReLU(name=f"{name}_relu")(maps)
