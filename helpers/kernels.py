"""Kernels that have a name, and what each does to a photograph.

They are meant for correlation, which is what a convolutional layer computes: the kernel lies on
the image as it is written here, its first row at the top. Each is a new float32 array (KH, KW).
"""

import numpy as np

from helpers.arguments import pixels


def identity(size=3):
    """Leaves a photo as it is: each pixel looks at itself only.

    Args:
        size: taps along each side; odd, so that there is a middle.

    Returns:
        float32 array (size, size): a 1 in the middle of zeros.

    Raises:
        TypeError, ValueError: size is not an odd whole number of at least 1.

    Example:
        >>> identity()
        array([[0., 0., 0.],
               [0., 1., 0.],
               [0., 0., 0.]], dtype=float32)
    """
    kernel = np.zeros((_odd(size), size), "float32")
    kernel[size // 2, size // 2] = 1
    return kernel


def box_blur(size=3):
    """Blurs a photo: each pixel becomes the mean of its neighbourhood.

    Even grey areas stay as they are, since the taps add up to 1. Points turn into small squares.

    Args:
        size: taps along each side; at least 1.

    Returns:
        float32 array (size, size), the same everywhere.

    Raises:
        TypeError, ValueError: size is not a whole number of at least 1.

    Example:
        >>> box_blur(2)
        array([[0.25, 0.25],
               [0.25, 0.25]], dtype=float32)
    """
    (size,) = pixels(size=size)
    return np.full((size, size), 1 / size**2, "float32")


def gaussian(size=5, sigma=1.0):
    """Blurs a photo softly: the nearer a neighbour, the more it counts.

    Points turn into round spots, without the corners that `box_blur` leaves.

    Args:
        size: taps along each side; odd. Beyond 3 sigma on either side hardly anything is left.
        sigma: how far the blur reaches, in pixels; above 0.

    Returns:
        float32 array (size, size) that adds up to 1.

    Raises:
        TypeError, ValueError: size is not an odd whole number of at least 1.
        ValueError: sigma is not above 0.

    Example:
        >>> (16 * gaussian(3, sigma=0.85)).round()
        array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]], dtype=float32)
    """
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0 pixels, got {sigma!r}")
    distance = np.arange(_odd(size)) - size // 2
    bell = np.exp(-(distance**2) / (2 * sigma**2))
    kernel = np.outer(bell, bell)
    return (kernel / kernel.sum()).astype("float32")


def sharpen():
    """Sharpens a photo: adds to each pixel how far it stands out from its four neighbours.

    It is `identity` minus `laplacian`. Noise gets stronger too, and values may leave the range
    of the image: below 0 beside a bright edge, above 255 on it.

    Returns:
        float32 array (3, 3) that adds up to 1.

    Example:
        >>> sharpen()
        array([[ 0., -1.,  0.],
               [-1.,  5., -1.],
               [ 0., -1.,  0.]], dtype=float32)
    """
    return identity() - laplacian()


def sobel_x():
    """Shows the edges between left and right: positive where a photo gets brighter to the right.

    Each row takes the right neighbour minus the left one; the rows above and below calm the
    noise, with half the weight. On a slope that rises by 1 a pixel it gives 8.

    Returns:
        float32 array (3, 3) that adds up to 0: even areas turn to 0.

    Example:
        >>> sobel_x()
        array([[-1.,  0.,  1.],
               [-2.,  0.,  2.],
               [-1.,  0.,  1.]], dtype=float32)
    """
    return np.outer([1, 2, 1], [-1, 0, 1]).astype("float32")


def sobel_y():
    """Shows the edges between above and below: positive where a photo gets brighter downwards.

    Returns:
        float32 array (3, 3): `sobel_x` with rows and columns exchanged.

    Example:
        >>> sobel_y()
        array([[-1., -2., -1.],
               [ 0.,  0.,  0.],
               [ 1.,  2.,  1.]], dtype=float32)
    """
    return sobel_x().T.copy()


def prewitt_x():
    """Shows the edges between left and right, as `sobel_x` does, with all three rows alike.

    Returns:
        float32 array (3, 3) that adds up to 0.

    Example:
        >>> prewitt_x()
        array([[-1.,  0.,  1.],
               [-1.,  0.,  1.],
               [-1.,  0.,  1.]], dtype=float32)
    """
    return np.outer([1, 1, 1], [-1, 0, 1]).astype("float32")


def prewitt_y():
    """Shows the edges between above and below, as `sobel_y` does, with all three columns alike.

    Returns:
        float32 array (3, 3): `prewitt_x` with rows and columns exchanged.

    Example:
        >>> prewitt_y()
        array([[-1., -1., -1.],
               [ 0.,  0.,  0.],
               [ 1.,  1.,  1.]], dtype=float32)
    """
    return prewitt_x().T.copy()


def laplacian():
    """Shows edges of every direction, and points: the four neighbours minus four times the pixel.

    An edge gives two lines, one of each sign, since it answers to a change of the slope; an even
    slope gives 0. Turned by 90 degrees it is still itself.

    Returns:
        float32 array (3, 3) that adds up to 0.

    Example:
        >>> laplacian()
        array([[ 0.,  1.,  0.],
               [ 1., -4.,  1.],
               [ 0.,  1.,  0.]], dtype=float32)
    """
    return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], "float32")


def flip(kernel):
    """The kernel turned by half a circle: what tells a convolution from a correlation.

    Args:
        kernel: array (KH, KW), or (KH, KW, C, F), whose channels and filters stay in place.

    Returns:
        A new array of the same shape and dtype.

    Raises:
        ValueError: the array has less than two axes.

    Example:
        >>> flip([[1, 2, 3], [4, 5, 6]])
        array([[6, 5, 4],
               [3, 2, 1]])
    """
    kernel = np.asarray(kernel)
    if kernel.ndim < 2:
        raise ValueError(f"kernel must have a height and a width, got shape {kernel.shape}")
    return kernel[::-1, ::-1].copy()


def _odd(size):
    (size,) = pixels(size=size)
    if size % 2 == 0:
        raise ValueError(f"size must be odd, so that there is a middle, got {size}")
    return size
