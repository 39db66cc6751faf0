"""Transformations of images: shift, rotate, scale, bend, lighting, noise, occlusion.

Each takes a batch ``(N, H, W, C)`` of floats, 0 black to 1 white, and gives a new one of the same
shape, float32. What comes in from outside is black.
"""

import numpy as np

from helpers.arguments import image_batch, whole_number

BORDERS = ("zeros", "circular")


def on_canvas(images, size, halve=False):
    """Lay images in the middle of a black canvas, so that there is room to move them.

    Args:
        images: ``(N, H, W, C)``, floats 0 to 1, or uint8 0 to 255.
        size: height and width of the canvas, pixels; at least those of the images.
        halve: True first takes the mean of each 2 x 2 pixels; H and W must be even.

    Returns:
        float32 ``(N, size, size, C)``, 0 to 1. An odd rest leaves the extra row or column at the
        end.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> on_canvas(np.ones((1, 28, 28, 1)), 24, halve=True)[0, 11, ::4, 0].tolist()
        [0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    """
    images = image_batch(images)
    if halve:
        count, height, width, channels = images.shape
        if height % 2 or width % 2:
            raise ValueError(f"images must have an even height and width, got {images.shape}")
        images = images.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
    size = whole_number("size", size, at_least=max(images.shape[1:3]), unit="pixel")
    sides = [((size - length) // 2, -((length - size) // 2)) for length in images.shape[1:3]]
    return np.pad(images, [(0, 0), *sides, (0, 0)])


def shift(images, right=0, down=0, border="zeros"):
    """Move images by whole pixels.

    Args:
        images: ``(N, H, W, C)``.
        right, down: pixels; negative numbers move to the left and up.
        border: what comes in: ``"zeros"``, black; or ``"circular"``, what went out on the other
            side.

    Returns:
        float32 ``(N, H, W, C)``.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> row = np.array([1, 2, 3, 4]).reshape(1, 1, 4, 1)
        >>> shift(row, right=1).ravel(), shift(row, right=1, border="circular").ravel()
        (array([0., 1., 2., 3.], dtype=float32), array([4., 1., 2., 3.], dtype=float32))
    """
    images = image_batch(images)
    if border not in BORDERS:
        raise ValueError(f'border must be "zeros" or "circular", got {border!r}')
    for axis, (name, pixels) in enumerate([("down", down), ("right", right)], start=1):
        size = images.shape[axis]
        pixels = whole_number(name, pixels, at_least=-(10**9), unit="pixel")
        images = np.roll(images, pixels, axis)
        if border == "zeros":
            came_in = np.arange(size) < pixels if pixels > 0 else np.arange(size) >= size + pixels
            images[(slice(None),) * axis + (came_in,)] = 0
    return images


def rotate(images, degrees):
    """Turn images about their middle.

    Args:
        images: ``(N, H, W, C)``.
        degrees: counter-clockwise. Quarters of a turn copy the pixels of a square image, other
            angles mix four neighbours (bilinear).

    Returns:
        float32 ``(N, H, W, C)``; the corners that turn out of the picture are lost.

    Raises:
        TypeError, ValueError: ``images`` is no batch, or ``degrees`` no finite number.

    Example:
        >>> rotate(np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1), 90)[0, :, :, 0]
        array([[2., 4.],
               [1., 3.]], dtype=float32)

    Source:
        SciPy API docs, ``scipy.ndimage.rotate``.
    """
    from scipy import ndimage

    images, degrees = image_batch(images), _real("degrees", degrees)
    turned = ndimage.rotate(images, degrees, axes=(2, 1), reshape=False, order=1)
    return turned.astype("float32")


def scale(images, factor):
    """Make what is in the images larger or smaller, about their middle; the size stays.

    Pixels are mixed from their four neighbours (bilinear). Before it shrinks, an image is blurred,
    as otherwise the pixels left over would be a matter of chance.

    Args:
        images: ``(N, H, W, C)``.
        factor: 2 doubles the length of things, 0.5 halves it; above 0.

    Returns:
        float32 ``(N, H, W, C)``.

    Raises:
        TypeError, ValueError: ``images`` is no batch, or ``factor`` not a number above 0.

    Example:
        >>> scale(np.ones((1, 4, 4, 1)), 0.5)[0, :, :, 0].round(2)[0].tolist()
        [0.0, 0.0, 0.0, 0.0]

    Source:
        The blur is that of scikit-image's ``transform.resize``: sigma (1 / factor - 1) / 2.
    """
    from scipy import ndimage

    images, factor = image_batch(images), _real("factor", factor)
    if factor <= 0:
        raise ValueError(f"factor must be above 0, got {factor}")
    if factor < 1:
        sigma = (1 / factor - 1) / 2
        images = ndimage.gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")
    middle = (np.array(images.shape[1:3]) - 1) / 2
    first = middle - middle / factor  # the place in the image that comes to row 0, column 0
    scaled = ndimage.affine_transform(
        images, (1, 1 / factor, 1 / factor, 1), (0, *first, 0), order=1
    )
    return scaled.astype("float32")


def bend(images, strength, smoothness=3.0, seed=0):
    """Move each pixel by a little, its neighbours by nearly the same: an elastic deformation.

    Args:
        images: ``(N, H, W, C)``.
        strength: how far pixels move on average, pixels; from 0 up.
        smoothness: over how many pixels the movement changes (sigma of a Gaussian); above 0.
        seed: of the movement. Each image has its own.

    Returns:
        float32 ``(N, H, W, C)``.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to
        Visual Document Analysis", 2003, section 2.
    """
    from scipy import ndimage

    images, strength = image_batch(images), _real("strength", strength)
    smoothness = _real("smoothness", smoothness)
    if strength < 0 or smoothness <= 0:
        raise ValueError(
            "strength must be from 0 up and smoothness above 0, "
            f"got strength {strength} and smoothness {smoothness}"
        )
    rng, size = np.random.default_rng(seed), images.shape[1:3]
    moves = rng.normal(size=(2, len(images), *size))
    moves = ndimage.gaussian_filter(moves, (0, 0, smoothness, smoothness), mode="wrap")
    moves *= strength / np.hypot(*moves).mean(axis=(1, 2))[:, None, None]
    grid = np.indices(size)
    bent = np.empty_like(images)
    for image, move, result in zip(images, moves.swapaxes(0, 1), bent, strict=True):
        for channel in range(images.shape[3]):
            result[..., channel] = ndimage.map_coordinates(
                image[..., channel], grid + move, order=1
            )
    return bent


def darken(images, factor):
    """Multiply all pixels: less light.

    Args:
        images: ``(N, H, W, C)``, 0 to 1.
        factor: 1 leaves the images alone, 0 makes them black.

    Raises:
        TypeError, ValueError: ``images`` is no batch, or ``factor`` not from 0 to 1.

    Example:
        >>> darken(np.ones((1, 1, 2, 1)), 0.25).ravel()
        array([0.25, 0.25], dtype=float32)
    """
    return image_batch(images) * np.float32(_share("factor", factor))


def brighten(images, amount):
    """Add to all pixels, and cut off what gets brighter than white.

    Args:
        images: ``(N, H, W, C)``, 0 to 1.
        amount: 0 leaves the images alone, 1 makes them white.

    Raises:
        TypeError, ValueError: ``images`` is no batch, or ``amount`` not from 0 to 1.

    Example:
        >>> brighten(np.array([0, 0.75]).reshape(1, 1, 2, 1), 0.5).ravel()
        array([0.5, 1. ], dtype=float32)
    """
    return np.minimum(image_batch(images) + np.float32(_share("amount", amount)), 1)


def invert(images):
    """Black becomes white and white black.

    Example:
        >>> invert(np.array([0, 0.75]).reshape(1, 1, 2, 1)).ravel()
        array([1.  , 0.25], dtype=float32)
    """
    return 1 - image_batch(images)


def add_noise(images, stddev, seed=0):
    """Add a random number of its own to each pixel; the result is cut to 0..1.

    Args:
        images: ``(N, H, W, C)``, 0 to 1.
        stddev: standard deviation of the normal numbers; from 0 up.
        seed: of the numbers.

    Raises:
        TypeError, ValueError: ``images`` is no batch, or ``stddev`` below 0.
    """
    images, stddev = image_batch(images), _real("stddev", stddev)
    if stddev < 0:
        raise ValueError(f"stddev must be from 0 up, got {stddev}")
    noise = np.random.default_rng(seed).normal(0, stddev, images.shape)
    return np.clip(images + noise, 0, 1).astype("float32")


def occlude(images, size, seed=0):
    """Hide a black square at a random place in each image.

    Args:
        images: ``(N, H, W, C)``.
        size: side of the square, pixels; at least 1, and not larger than the images.
        seed: of the places. Each image has its own; the square lies inside.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
        2017, arXiv 1708.04552 (where the square may lie partly outside).
    """
    images, size = image_batch(images), whole_number("size", size, unit="pixel")
    count, height, width, _ = images.shape
    if size > min(height, width):
        raise ValueError(f"size must be at most {min(height, width)} pixels, got {size}")
    hidden, rng = images.copy(), np.random.default_rng(seed)
    tops = rng.integers(0, height - size + 1, count)
    lefts = rng.integers(0, width - size + 1, count)
    for image, top, left in zip(hidden, tops, lefts, strict=True):
        image[top : top + size, left : left + size] = 0
    return hidden


def _real(name, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return number


def _share(name, value):
    number = _real(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be from 0 to 1, got {value!r}")
    return number
