"""A label for each pixel: up-convolution, the block that goes up, intersection over union, scenes.

A label map holds whole numbers, one for each pixel: 0 is the background, the other classes count
from 1. In the scenes made here there is one other class, garment.
"""

import functools

import numpy as np

from helpers import datasets
from helpers.arguments import height_and_width, real_numbers, whole_number

BACKGROUNDS = ("texture", "astronaut", "coffee", "rocket")  # the cat is kept for tests
GARMENT = 28  # pixels, height and width of a picture of Fashion-MNIST
DARKEST = 40  # of 255; what is darker in such a picture is noise around the garment

# --- up-convolution -----------------------------------------------------------------------------


def upsample(maps, kernel, stride):
    """Up-convolution, also called transposed convolution: patches that are added up.

    Each place of the maps puts a patch into the output, ``stride`` pixels from the patch of its
    neighbour: the kernel, weighted by the numbers at that place. Where patches overlap, they add
    up. No number of the input is lost, and none is repeated: it is spread over a patch.

    Args:
        maps: ``(H, W, C)``, real numbers.
        kernel: ``(KH, KW, F, C)``, in the order of ``keras.layers.Conv2DTranspose``: the maps that
            come out stand before those that come in.
        stride: from one patch to the next, in pixels, along both axes; at least 1.

    Returns:
        ``((H - 1) * stride + KH, (W - 1) * stride + KW, F)``, float64. A kernel that is smaller
        than the stride leaves gaps of zeros, the last one included, as in TensorFlow.

    Raises:
        TypeError: an array holds no real numbers, or ``stride`` is not a whole number.
        ValueError: the shapes do not fit together, or ``stride`` is below 1.

    Example:
        >>> row, kernel = np.array([[[1], [10]]]), np.ones((1, 3, 1, 1))
        >>> upsample(row, kernel, stride=2)[0, :, 0]
        array([ 1.,  1., 11., 10., 10.])

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4;
        TensorFlow API docs, ``tf.nn.conv2d_transpose`` with padding "VALID".
    """
    maps, kernel = real_numbers("maps", maps), real_numbers("kernel", kernel)
    stride = whole_number("stride", stride, unit="pixel")
    if maps.ndim != 3 or kernel.ndim != 4 or kernel.shape[3] != maps.shape[2]:
        raise ValueError(
            "maps and kernel must have shapes (H, W, C) and (KH, KW, F, C), "
            f"got {maps.shape} and {kernel.shape}"
        )
    (height, width, _), (tall, wide, filters, _) = maps.shape, kernel.shape
    reach = max(tall, stride), max(wide, stride)
    output = np.zeros(((height - 1) * stride + reach[0], (width - 1) * stride + reach[1], filters))
    for row in range(height):
        for column in range(width):
            patch = kernel @ maps[row, column].astype("float64")  # (KH, KW, F)
            top, left = row * stride, column * stride
            output[top : top + tall, left : left + wide] += patch
    return output


def up_block(inputs, filters):
    """The smallest U: down once, up again, and the input laid beside what comes up.

    The largest of each 2 x 2; an up-convolution of 2 x 2 that brings back height and width and
    makes ``filters`` maps; the inputs are laid before these; two 3 x 3 convolutions with ReLU.
    A U-Net has more layers between the way down and the way up, `helpers.models.unet`.

    Args:
        inputs: a symbolic tensor ``(N, H, W, C)``; H and W even.
        filters: maps that each convolution makes; at least 1.

    Returns:
        A Keras tensor ``(N, H, W, filters)``.

    Raises:
        TypeError: ``filters`` is not a whole number.
        ValueError: ``filters`` is below 1, or a side is odd.

    Source:
        Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
        segmentation", 2015, figure 1.
    """
    from keras import layers

    filters = whole_number("filters", filters)
    if any(side % 2 for side in inputs.shape[1:3]):
        raise ValueError(f"inputs must have an even height and width, got shape {inputs.shape}")
    below = layers.MaxPooling2D(2)(inputs)
    up = layers.Conv2DTranspose(filters, 2, strides=2)(below)
    maps = layers.Concatenate()([inputs, up])
    for _ in range(2):
        maps = layers.Conv2D(filters, 3, padding="same", activation="relu")(maps)
    return maps


# --- how well two label maps agree --------------------------------------------------------------


def mean_iou(labels, answers, classes):
    """Intersection over union of each class, averaged over the classes that occur.

    For a class: the pixels that have it in both maps, over the pixels that have it in either. All
    images are counted together. A class that occurs in neither has no such ratio and is left out.

    Args:
        labels: the true classes, whole numbers of any shape, from 0 to ``classes - 1``.
        answers: what a network says, of the same shape.
        classes: how many there are; at least 1.

    Returns:
        A float from 0 to 1.

    Raises:
        TypeError: ``classes`` is not a whole number, or an array holds something else.
        ValueError: the shapes differ, or a number is no class.

    Example:
        >>> labels, answers = [[0, 0, 0, 1]], [[0, 0, 1, 1]]
        >>> round(mean_iou(labels, answers, classes=2), 3)  # 2 of 3, and 1 of 2
        0.583

    Source:
        Everingham et al., "The PASCAL Visual Object Classes Challenge: a retrospective", 2015,
        section 3.2; ``keras.metrics.MeanIoU``.
    """
    ratios = iou_of_classes(labels, answers, classes)
    return float(np.nanmean(ratios))


def iou_of_classes(labels, answers, classes):
    """Intersection over union of each class: float64 ``(classes,)``, nan where it does not occur.

    Arguments and errors are those of `mean_iou`.
    """
    labels, answers = real_numbers("labels", labels), real_numbers("answers", answers)
    classes = whole_number("classes", classes)
    if labels.shape != answers.shape:
        raise ValueError(
            f"labels and answers must have one shape, got {labels.shape} and {answers.shape}"
        )
    for name, array in (("labels", labels), ("answers", answers)):
        if array.dtype.kind not in "iu" or not 0 <= array.min() <= array.max() < classes:
            raise ValueError(
                f"{name} must hold whole numbers from 0 to {classes - 1}, got {array.dtype} "
                f"from {array.min()} to {array.max()}"
            )
    ratios = np.full(classes, np.nan)
    for number in range(classes):
        true, said = labels == number, answers == number
        union = np.count_nonzero(true | said)
        if union:
            ratios[number] = np.count_nonzero(true & said) / union
    return ratios


def near_edges(labels, pixels):
    """The pixels near an edge: another class is at most so many pixels away, along rows or columns.

    Args:
        labels: whole numbers ``(N, H, W)``.
        pixels: how far an edge reaches on either side of it; at least 1.

    Returns:
        bool ``(N, H, W)``.

    Raises:
        TypeError, ValueError: an argument is none of these.

    Example:
        >>> near_edges(np.array([[[0, 0, 0, 1]]]), pixels=2)
        array([[[False,  True,  True,  True]]])
    """
    labels, pixels = real_numbers("labels", labels), whole_number("pixels", pixels, unit="pixel")
    if labels.ndim != 3:
        raise ValueError(f"labels must have shape (N, H, W), got {labels.shape}")
    near = np.zeros(labels.shape, bool)
    for axis in (1, 2):
        for step in range(1, min(pixels, labels.shape[axis] - 1) + 1):
            along = np.moveaxis(labels, axis, 0), np.moveaxis(near, axis, 0)
            differs = along[0][step:] != along[0][:-step]
            along[1][step:] |= differs
            along[1][:-step] |= differs
    return near


# --- scenes -------------------------------------------------------------------------------------


def scenes(count, size, seed, split="train", garments=2, backgrounds=BACKGROUNDS):
    """Grey pictures of clothes on a textured ground, with the class of each pixel.

    The clothes are pictures of Fashion-MNIST, laid anywhere; one may cover a part of another. A
    garment is where its picture is not black or nearly so.

    Args:
        count: how many scenes; at least 1.
        size: height and width in pixels: a number, or a pair; at least 28.
        seed: of everything that is drawn: which garments, where, on what. At least 0.
        split: ``"train"`` or ``"test"``, which pictures of Fashion-MNIST.
        garments: in each scene; at least 1.
        backgrounds: what to draw from, names of photographs (see ``datasets.photos``; a piece of
            it is taken) and ``"texture"``, waves and noise.

    Returns:
        ``(scenes, labels)``: float32 ``(count, H, W, 1)``, 0 to 1, and uint8 ``(count, H, W)``,
        1 on a garment.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> made, labels = scenes(3, (32, 40), seed=0)
        >>> made.shape, labels.shape
        ((3, 32, 40, 1), (3, 32, 40))
    """
    count, garments = whole_number("count", count), whole_number("garments", garments)
    size = height_and_width("size", size)
    if min(size) < GARMENT:
        raise ValueError(f"size must be at least {GARMENT} pixels, got {size[0]} x {size[1]}")
    _check_backgrounds(backgrounds, size)
    rng = np.random.default_rng(whole_number("seed", seed, at_least=0))
    images, _ = datasets.fashion_mnist(split)
    made = np.zeros((count, *size, 1), "float32")
    labels = np.zeros((count, *size), "uint8")
    for scene, label in zip(made, labels, strict=True):
        scene[:, :, 0] = _background(backgrounds[rng.integers(len(backgrounds))], size, rng)
        for chosen in rng.integers(len(images), size=garments):
            _lay(scene, label, images[chosen], rng)
    return made, labels


def _lay(scene, label, image, rng):
    """Lay one garment into a scene, and mark its pixels in the label map."""
    row, column = (rng.integers(side - GARMENT + 1) for side in label.shape)
    window = slice(row, row + GARMENT), slice(column, column + GARMENT)
    garment = image >= DARKEST
    scene[window] = np.where(garment, image / np.float32(255), scene[window])
    label[window] = np.where(garment[:, :, 0], 1, label[window])


def _check_backgrounds(backgrounds, size):
    if isinstance(backgrounds, str) or not backgrounds:
        raise ValueError(f"backgrounds must be a list of names, got {backgrounds!r}")
    for name in backgrounds:
        if name == "texture":
            continue
        there = _grey_photo(name).shape
        if size[0] > there[0] or size[1] > there[1]:
            raise ValueError(
                f"size must be at most {there[0]} x {there[1]} pixels on the photograph {name}, "
                f"got {size[0]} x {size[1]}"
            )


def _background(kind, size, rng):
    """One background, float32 ``(H, W)``, 0 to 1."""
    if kind == "texture":
        return texture(size, rng)
    photo = _grey_photo(kind)
    row, column = (rng.integers(a - b + 1) for a, b in zip(photo.shape, size, strict=True))
    return rng.uniform(0.4, 0.7) * photo[row : row + size[0], column : column + size[1]]


def texture(size, rng):
    """Two plane waves and some noise, of random direction, width, contrast and brightness.

    Args:
        size: ``(height, width)`` in pixels.
        rng: a NumPy Generator.

    Returns:
        float32 ``(H, W)``, 0 to 1.
    """
    rows, columns = np.indices(size)
    pattern = rng.normal(0, 0.3, size)
    for angle, length in zip(rng.uniform(0, np.pi, 2), rng.uniform(4, 16, 2), strict=True):
        along = np.cos(angle) * columns + np.sin(angle) * rows
        pattern += np.sin(2 * np.pi * (along / length + rng.random()))
    bright = rng.uniform(0.15, 0.4) + rng.uniform(0.05, 0.15) * pattern
    return np.clip(bright, 0, 1).astype("float32")


@functools.cache
def _grey_photo(name):
    """A photograph in grey, float32 ``(H, W)``; read once."""
    return datasets.grey(datasets.photo(name))
