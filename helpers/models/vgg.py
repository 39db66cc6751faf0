"""VGG16: the same 3 x 3 convolution, thirteen times."""

import keras

from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

layers = keras.layers
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))  # convolutions, filters


def vgg16(input_shape=(224, 224, 3), classes=1000):
    """VGG16: five blocks of 3 x 3 convolutions with ReLU, each halved by max pooling; three dense.

    Two 3 x 3 layers see 5 x 5 pixels, three see 7 x 7, with fewer weights than one large kernel.
    138,357,544 parameters for 224 x 224 x 3 pixels and 1000 classes, of which the first dense layer
    has 102,764,544.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 32 pixels.
        classes: how many there are; at least 2.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to probabilities ``(N, classes)``. Its layers
        have the names of ``keras.applications.VGG16``, and the order of its weights.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is too small, or ``classes`` below 2.

    Source:
        Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
        recognition", 2014, table 1, column D. The paper's dropout of a half between the dense
        layers is left out, as in ``keras.applications``: it has no parameters.
    """
    check_image_shape(input_shape, least=32)
    classes = whole_number("classes", classes, at_least=2)
    model = keras.Sequential([keras.Input(input_shape)], name="vgg16")
    for block, (convolutions, filters) in enumerate(BLOCKS, 1):
        for number in range(1, convolutions + 1):
            model.add(
                layers.Conv2D(
                    filters, 3, padding="same", activation="relu", name=f"block{block}_conv{number}"
                )
            )
        model.add(layers.MaxPooling2D(2, name=f"block{block}_pool"))
    model.add(layers.Flatten(name="flatten"))
    model.add(layers.Dense(4096, activation="relu", name="fc1"))
    model.add(layers.Dense(4096, activation="relu", name="fc2"))
    model.add(layers.Dense(classes, activation="softmax", name="predictions"))
    return model
