"""Augmentation: new training images made from old ones, each with a draw of its own; dropout.

Images are batches ``(N, H, W, C)`` of floats, 0 black to 1 white, or uint8 0 to 255. What comes
back is new and float32.
"""

import numpy as np

from helpers.arguments import image_batch, whole_number

FARTHEST, BRIGHTEST = 2, 0.2  # what `augment` does at most: pixels, and shares of full white


def augment(images, labels, seed, training=True):
    """Mirror, move and light each image anew, as a training step wants it.

    An image is mirrored left to right with probability 1/2, moved by up to 2 pixels down or up and
    right or left (the edge pixels are repeated), and made brighter or darker by up to 0.2. What
    gets darker than black or brighter than white is cut off.

    Args:
        images: ``(N, H, W, C)``, floats 0 black to 1 white.
        labels: ``(N, ...)``, whatever belongs to the images; they come back as they are.
        seed: of all that is drawn. Each image gets its own draws.
        training: False gives the images back as they are.

    Returns:
        ``(images, labels)``, both new arrays; the images are float32.

    Raises:
        ValueError: ``images`` is no such batch, or there is not one label for each image.

    Example:
        >>> images, labels = augment(np.full((2, 4, 4, 1), 0.5), [7, 8], seed=0)
        >>> images.shape, labels.tolist(), bool(abs(images - 0.5).max() <= 0.2)
        ((2, 4, 4, 1), [7, 8], True)
    """
    images, labels = image_batch(images), np.array(labels)
    if labels.shape[:1] != images.shape[:1]:
        raise ValueError(f"labels must be one for each image, got {labels.shape}, {images.shape}")
    if not training:
        return images, labels
    rng, count = np.random.default_rng(seed), len(images)
    mirrored = rng.random(count) < 0.5
    images[mirrored] = images[mirrored][:, :, ::-1]
    moves = rng.integers(-FARTHEST, FARTHEST, (count, 2), endpoint=True)
    images = _moved(images, moves, FARTHEST, "edge")
    light = rng.uniform(-BRIGHTEST, BRIGHTEST, (count, 1, 1, 1)).astype("float32")
    return np.clip(images + light, 0, 1), labels


def random_translate(images, most, seed):
    """Move each image by whole pixels of its own; black comes in.

    Args:
        images: ``(N, H, W, C)``.
        most: how far at most, pixels, down or up and right or left; from 0 up.
        seed: of the moves. Every pair (down, right) from ``-most`` to ``most`` is equally likely.

    Returns:
        float32 ``(N, H, W, C)``.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> random_translate(np.ones((1, 2, 2, 1)), most=0, seed=0).ravel()
        array([1., 1., 1., 1.], dtype=float32)
    """
    images, most = image_batch(images), whole_number("most", most, at_least=0, unit="pixel")
    moves = np.random.default_rng(seed).integers(-most, most, (len(images), 2), endpoint=True)
    return _moved(images, moves, most, "constant")


def shear(images, slope, keep_size=True):
    """Move each row to the side, the more the farther it is from the middle: an italic picture.

    Pixels are mixed from their two neighbours (bilinear); black comes in.

    Args:
        images: ``(N, H, W, C)``.
        slope: pixels to the right for each pixel down; negative leans the other way.
        keep_size: True cuts off what leaves the picture; False makes the picture wider by the
            same number of columns on both sides, so that nothing is lost.

    Returns:
        float32 ``(N, H, W, C)``, or wider.

    Raises:
        ValueError: ``images`` is no batch, or ``slope`` no finite number.

    Example:
        >>> bar = np.zeros((1, 3, 3, 1))
        >>> bar[:, :, 1] = 1
        >>> shear(bar, slope=1)[0, :, :, 0]
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]], dtype=float32)
        >>> shear(bar, slope=2, keep_size=False).shape
        (1, 3, 7, 1)
    """
    from scipy import ndimage

    images = image_batch(images)
    if not np.isfinite(slope):
        raise ValueError(f"slope must be a finite number, got {slope!r}")
    middle = (images.shape[1] - 1) / 2
    if not keep_size:
        sides = int(np.ceil(abs(slope) * middle))
        images = np.pad(images, [(0, 0), (0, 0), (sides, sides), (0, 0)])
    # the pixel that comes to (row, column) is at column - slope * (row - middle)
    matrix = np.eye(4)
    matrix[2, 1] = -slope
    return ndimage.affine_transform(images, matrix, (0, 0, slope * middle, 0), order=1)


def cutout(images, size, rows, columns):
    """Hide a black square in each image. What of the square lies outside the image is cut off.

    Args:
        images: ``(N, H, W, C)``.
        size: side of the square, pixels; at least 1.
        rows, columns: where the middle of each image's square is, whole numbers ``(N,)``; the
            square begins ``size // 2`` pixels above and to the left of it. It may lie outside.

    Returns:
        float32 ``(N, H, W, C)``.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> cutout(np.ones((1, 3, 4, 1)), size=2, rows=[0], columns=[2])[0, :, :, 0]
        array([[1., 0., 0., 1.],
               [1., 1., 1., 1.],
               [1., 1., 1., 1.]], dtype=float32)

    Source:
        DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
        2017, arXiv 1708.04552, section 3.
    """
    images, size = image_batch(images), whole_number("size", size, unit="pixel")
    rows, columns = (
        _one_each(name, values, len(images))
        for name, values in {"rows": rows, "columns": columns}.items()
    )
    tops, lefts = rows[:, None] - size // 2, columns[:, None] - size // 2
    down, across = np.arange(images.shape[1]), np.arange(images.shape[2])
    in_rows = (down >= tops) & (down < tops + size)  # (N, H)
    in_columns = (across >= lefts) & (across < lefts + size)  # (N, W)
    images[in_rows[:, :, None] & in_columns[:, None, :]] = 0
    return images


def mixup(images, targets, weights, partners):
    """Lay two images over each other, and their targets in the same proportion.

    Args:
        images: ``(N, H, W, C)``.
        targets: ``(N, classes)``, such as 1 for the true class and 0 for the others.
        weights: ``(N,)``, from 0 to 1: how much of itself each image keeps.
        partners: ``(N,)``, the place in the batch of the image that gives the rest.

    Returns:
        ``(images, targets)``, float32, of the same shapes.

    Raises:
        ValueError: the shapes do not fit together, a weight is not from 0 to 1, or a partner is
            not in the batch.

    Example:
        >>> images = np.reshape([10.0, 20.0], (2, 1, 1, 1))
        >>> mixed, targets = mixup(images, np.eye(2), weights=[0.75, 0.5], partners=[1, 0])
        >>> mixed.ravel(), targets[0]
        (array([12.5, 15. ], dtype=float32), array([0.75, 0.25], dtype=float32))

    Source:
        Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018,
        arXiv 1710.09412, section 2.
    """
    images, targets = image_batch(images), np.array(targets, "float32")
    weights = np.asarray(weights, "float32")
    partners = _one_each("partners", partners, len(images))
    if targets.ndim != 2 or len(targets) != len(images):
        raise ValueError(f"targets must have shape (N, classes), got {targets.shape}")
    if weights.shape != images.shape[:1] or not ((weights >= 0) & (weights <= 1)).all():
        raise ValueError(f"weights must be (N,), each from 0 to 1, got {weights}")
    if partners.min() < 0 or partners.max() >= len(images):
        raise ValueError(f"partners must be from 0 to {len(images) - 1}, got {partners}")
    return tuple(
        _share_of_each(weights, array) + _share_of_each(1 - weights, array[partners])
        for array in (images, targets)
    )


def dropout(x, rate, noise, training=True):
    """Set numbers to 0 at random, and make up for it, so that their sum stays the same on average.

    Args:
        x: numbers of any shape, such as the outputs of a layer.
        rate: the share that is dropped on average; from 0 up, below 1.
        noise: a random number from 0 to 1 for each number of ``x``, of the same shape. Where it is
            below ``rate`` the number is dropped.
        training: False gives ``x`` back as it is.

    Returns:
        float32, of the shape of ``x``: 0, or ``x / (1 - rate)``.

    Raises:
        ValueError: ``rate`` is out of its range, or ``noise`` has another shape.

    Example:
        >>> dropout([3.0, 3.0, 3.0], rate=0.25, noise=[0.1, 0.25, 0.9])
        array([0., 4., 4.], dtype=float32)

    Source:
        TensorFlow API docs, ``tf.nn.experimental.general_dropout``. Srivastava, Hinton, Krizhevsky,
        Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent Neural Networks from
        Overfitting", 2014, where the weights are made smaller afterwards instead (section 10: the
        scaling used here).
    """
    x, noise = np.array(x, "float32"), np.asarray(noise)
    if not 0 <= rate < 1:
        raise ValueError(f"rate must be from 0 up and below 1, got {rate!r}")
    if noise.shape != x.shape:
        raise ValueError(f"noise must have the shape of x, {x.shape}, got {noise.shape}")
    if not training:
        return x
    return np.where(noise < rate, np.float32(0), x / np.float32(1 - rate))


def label_preserving(labels, before, after, classes):
    """Of the images of a class that a network had right, which share does it still have right?

    It asks whether a transformation keeps the label, as far as a network can tell. Images that
    were wrong from the start say nothing about that, and are left out.

    Args:
        labels: the true classes, whole numbers ``(N,)``, from 0.
        before: what the network said about the images as they were, ``(N,)``.
        after: what it said about the transformed images, ``(N,)``.
        classes: how many classes there are; at least 1.

    Returns:
        float64 ``(classes,)``, from 0 to 1; nan for a class that the network never had right.

    Raises:
        ValueError: the lengths differ, or a label is no class.

    Example:
        >>> label_preserving([0, 0, 0, 1], before=[0, 0, 1, 0], after=[0, 1, 0, 1], classes=2)
        array([0.5, nan])
    """
    labels, before, after = (np.asarray(array) for array in (labels, before, after))
    classes = whole_number("classes", classes)
    if labels.ndim != 1 or not labels.shape == before.shape == after.shape:
        shapes = ", ".join(str(array.shape) for array in (labels, before, after))
        raise ValueError(f"labels, before and after must be (N,), got {shapes}")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels must be from 0 to {classes - 1}, got {labels}")
    knew = before == labels
    known = np.bincount(labels[knew], minlength=classes)
    kept = np.bincount(labels[knew & (after == labels)], minlength=classes)
    return np.divide(kept, known, out=np.full(classes, np.nan), where=known > 0)


def _moved(images, moves, most, mode):
    """Each image moved by its own (down, right), at most `most` pixels; np.pad's `mode` fills."""
    height, width = images.shape[1:3]
    padded = np.pad(images, [(0, 0), (most, most), (most, most), (0, 0)], mode)
    moved = np.empty_like(images)
    for image, (down, right), place in zip(padded, most - moves, range(len(images)), strict=True):
        moved[place] = image[down : down + height, right : right + width]
    return moved


def _share_of_each(weights, array):
    """Item i of `array` times weight i, whatever the shape of an item."""
    return weights.reshape(-1, *[1] * (array.ndim - 1)) * array


def _one_each(name, values, count):
    values = np.asarray(values)
    if values.shape != (count,) or not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{name} must be {count} whole numbers, one for each image, got {values}")
    return values
