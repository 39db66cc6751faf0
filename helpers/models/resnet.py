"""ResNet-50: sixteen bottleneck blocks, each the identity plus a deviation."""

import keras

from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

layers = keras.layers
STAGES = ((3, 64), (4, 128), (6, 256), (3, 512))  # blocks, filters; the last 1 x 1 has 4 times more
EPSILON = 1.001e-5  # of batch normalization, as in keras.applications


def resnet50(input_shape=(224, 224, 3), classes=1000):
    """ResNet-50: a 7 x 7 convolution, 16 bottleneck blocks in four stages, one dense layer.

    A bottleneck makes the maps thinner by 1 x 1, convolves by 3 x 3, makes them thicker again, and
    adds what came in. Where the shape changes a 1 x 1 convolution brings what came in to the new
    one.

    25,636,712 parameters for 224 x 224 x 3 pixels and 1000 classes, 53,120 of them not trained
    (the running means and variances): less than a fifth of VGG16's.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 32 pixels.
        classes: how many there are; at least 2.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to probabilities ``(N, classes)``. Layer by
        layer it is ``keras.applications.ResNet50``: the stride stands in the first 1 x 1
        convolution of a stage, as in the paper, and convolutions have biases, which the batch
        normalization behind them makes superfluous.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is too small, or ``classes`` below 2.

    Source:
        He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015, table 1,
        column "50-layer", and figure 5.
    """
    check_image_shape(input_shape, least=32)
    classes = whole_number("classes", classes, at_least=2)
    image = keras.Input(input_shape)
    maps = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    maps = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(maps)
    maps = _normalized(maps, "conv1")
    maps = layers.ReLU(name="conv1_relu")(maps)
    maps = layers.ZeroPadding2D(1, name="pool1_pad")(maps)
    maps = layers.MaxPooling2D(3, 2, name="pool1_pool")(maps)
    for stage, (blocks, filters) in enumerate(STAGES, 2):
        for block in range(1, blocks + 1):
            stride = 2 if block == 1 and stage > 2 else 1
            name = f"conv{stage}_block{block}"
            maps = bottleneck(maps, filters, stride, name, project=block == 1)
    means = layers.GlobalAveragePooling2D(name="avg_pool")(maps)
    output = layers.Dense(classes, activation="softmax", name="predictions")(means)
    return keras.Model(image, output, name="resnet50")


def bottleneck(maps, filters, stride, name, project):
    """1 x 1, 3 x 3, 1 x 1, plus what came in.

    Args:
        maps: symbolic tensor ``(N, H, W, C)``.
        filters: of the first two convolutions; the third has four times as many.
        stride: of the first convolution.
        name: of the block; its layers are named after it.
        project: whether a 1 x 1 convolution brings what came in to the shape of the sum.

    Returns:
        A symbolic tensor ``(N, ceil(H / stride), ceil(W / stride), 4 * filters)``.
    """
    came_in = maps
    if project:
        came_in = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(maps)
        came_in = _normalized(came_in, f"{name}_0")
    maps = layers.Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(maps)
    maps = layers.ReLU(name=f"{name}_1_relu")(_normalized(maps, f"{name}_1"))
    maps = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(maps)
    maps = layers.ReLU(name=f"{name}_2_relu")(_normalized(maps, f"{name}_2"))
    maps = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(maps)
    maps = _normalized(maps, f"{name}_3")
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([came_in, maps]))


def _normalized(maps, name):
    return layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(maps)
