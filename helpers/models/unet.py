"""U-Net: down to what is there, up again to where it is."""

import keras

from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

layers = keras.layers


def unet(input_shape=(572, 572, 1), classes=2, filters=64, depth=4, padding="valid", skips=True):
    """U-Net: a label for each pixel.

    On the way down two 3 x 3 convolutions with ReLU, then the largest of each 2 x 2, ``depth``
    times, with twice the maps each time. On the way up an up-convolution doubles height and width
    and halves the maps, and the maps of the same level on the way down are laid behind them.

    With the paper's values, 572 x 572 pixels become 388 x 388 labels, and there are 31,030,658
    parameters.

    Args:
        input_shape: ``(H, W, C)`` of the images. With ``"same"`` height and width must be
            multiples of ``2 ** depth``; with ``"valid"`` each map that is pooled must be even.
        classes: how many there are; at least 2.
        filters: of the first convolution; at least 1.
        depth: how often the maps are halved; at least 1.
        padding: ``"valid"`` as in the paper, which cuts the maps from the way down to size, or
            ``"same"``.
        skips: False leaves out the maps from the way down. The up-convolution then makes twice as
            many maps, so that all that follows stays as it is.

    Returns:
        A Keras model from images ``(N, H, W, C)`` to scores (logits) ``(N, H', W', classes)``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: an argument is out of range, or a map to be pooled is odd.

    Source:
        Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
        segmentation", 2015, figure 1; the first weights, section 3.
    """
    check_image_shape(input_shape, least=2**depth)
    classes = whole_number("classes", classes, at_least=2)
    filters = whole_number("filters", filters)
    depth = whole_number("depth", depth)
    if padding not in ("valid", "same"):
        raise ValueError(f'padding must be "valid" or "same", got {padding!r}')
    image = keras.Input(input_shape)
    maps, kept = image, []
    for level in range(depth):
        maps = _two_convolutions(maps, filters * 2**level, padding, f"down{level + 1}")
        kept.append(maps)
        _check_even(maps, input_shape, level)
        maps = layers.MaxPooling2D(2, name=f"pool{level + 1}")(maps)
    maps = _two_convolutions(maps, filters * 2**depth, padding, "bottom")
    for level in reversed(range(depth)):
        name, count = f"up{level + 1}", filters * 2**level
        made = count if skips else 2 * count
        maps = layers.Conv2DTranspose(made, 2, strides=2, name=f"{name}_conv")(maps)
        if skips:
            maps = layers.Concatenate(name=name)([_cut_to(kept[level], maps, name), maps])
        maps = _two_convolutions(maps, count, padding, name)
    scores = layers.Conv2D(classes, 1, name="scores")(maps)
    return keras.Model(image, scores, name="unet")


def _two_convolutions(maps, filters, padding, name):
    for number in (1, 2):
        settings = dict(activation="relu", kernel_initializer="he_normal")  # as in section 3
        maps = layers.Conv2D(filters, 3, padding=padding, name=f"{name}_{number}", **settings)(maps)
    return maps


def _check_even(maps, input_shape, level):
    height, width = maps.shape[1:3]
    if height < 2 or width < 2 or height % 2 or width % 2:
        raise ValueError(
            f"input_shape must leave maps of even size wherever they are halved, got {input_shape}:"
            f" on level {level + 1} they are {height} x {width}"
        )


def _cut_to(maps, smaller, name):
    """The middle of ``maps``, as large as ``smaller``."""
    excess = [a - b for a, b in zip(maps.shape[1:3], smaller.shape[1:3], strict=True)]
    if not any(excess):
        return maps
    sides = [(side // 2, side - side // 2) for side in excess]
    return layers.Cropping2D(sides, name=f"{name}_cut")(maps)
