"""Layers as plain functions on arrays: pooling, activations, blur; and one layer by its name."""

from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.arguments import height_and_width, real_numbers, whole_number
from helpers.convolution import correlate2d
from helpers.padding import resolve_padding

# --- pooling ------------------------------------------------------------------------------------


def max_pool(images, size=2, stride=None, padding="valid"):
    """The largest number of each window, each channel for itself.

    Padding holds no number: with ``"same"`` a window that hangs over the edge takes the largest
    of its real pixels, even where all of them are negative. `keras.layers.ZeroPadding2D` before a
    pool is something else, its zeros do count.

    Args:
        images: ``(N, H, W, C)``, real numbers.
        size: of the window, in pixels: a number, or a pair (height, width); at least 1.
        stride: from one window to the next, in pixels: a number or a pair; ``size`` when None.
        padding: ``"valid"``, only windows that lie on the image, or ``"same"``,
            ``ceil(H / stride)`` rows of them.

    Returns:
        ``(N, OH, OW, C)``: float32 if the images fit into it (float32, or integers of up to 16
        bits), otherwise float64.

    Raises:
        TypeError: ``images`` holds no real numbers, or a length is not a whole number.
        ValueError: ``images`` has another shape, a length is below 1, ``padding`` is neither, or
            not even one window fits. The message names the argument and its value.

    Example:
        >>> grid = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
        >>> max_pool(grid[None, :, :, None])[0, :, :, 0]
        array([[6., 8.],
               [3., 4.]])

    Source:
        TensorFlow API docs, ``tf.nn.max_pool2d``.
    """
    return _windows(_images(images), size, stride, padding, outside=-np.inf).max(axis=(4, 5))


def average_pool(images, size=2, stride=None, padding="valid"):
    """The mean of each window, each channel for itself.

    Padding holds no number: with ``"same"`` a window that hangs over the edge is divided by the
    count of its real pixels.

    Args, Returns and Raises are those of `max_pool`.

    Example:
        >>> grid = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
        >>> average_pool(grid[None, :, :, None])[0, :, :, 0]
        array([[3.25, 5.25],
               [2.  , 2.  ]])

    Source:
        TensorFlow API docs, ``tf.nn.avg_pool2d``.
    """
    images = _images(images)
    real = np.ones_like(images[:1, :, :, :1])
    sums, counts = (
        _windows(pixels, size, stride, padding, outside=0).sum(axis=(4, 5))
        for pixels in (images, real)
    )
    return sums / counts


def adaptive_average_pool(images, output_size):
    """The mean of each bin, for as many bins as are asked for, whatever the size of the image.

    Bin i of h begins at pixel ``floor(i H / h)`` and ends before pixel ``ceil((i + 1) H / h)``.
    Where h does not divide H, neighbouring bins share a pixel, so that all of them have about the
    same size and none is left out: 7 pixels in 3 bins are ``[0 1 2] [2 3 4] [4 5 6]``.

    Args:
        images: ``(N, H, W, C)``, real numbers.
        output_size: the bins along an axis: a number, or a pair (height, width); at least 1.

    Returns:
        ``(N, h, w, C)``: of the type that `max_pool` gives.

    Raises:
        TypeError, ValueError: as `max_pool`.

    Example:
        >>> row = np.arange(7).reshape(1, 1, 7, 1)
        >>> adaptive_average_pool(row, (1, 3)).ravel()
        array([1., 3., 5.])

    Source:
        Keras API docs, ``keras.layers.AdaptiveAveragePooling2D``.
    """
    images = _images(images)
    height, width = height_and_width("output_size", output_size)
    pooled = np.empty((len(images), height, width, images.shape[3]), images.dtype)
    for i, rows in enumerate(_bins(images.shape[1], height)):
        for j, columns in enumerate(_bins(images.shape[2], width)):
            pooled[:, i, j] = images[:, rows, columns].mean(axis=(1, 2))
    return pooled


def max_pool_gradient(image, upstream, size=2, stride=2):
    """How much the loss changes with each pixel below a max pool: the winners get all.

    Of several equal numbers in a window the first wins, row by row. A pixel that wins in several
    windows gets the sum; one that wins in none gets 0. ``tf.reduce_max`` shares among equals.

    Args:
        image: ``(H, W)``, what was pooled, ``"valid"``; real numbers.
        upstream: ``(OH, OW)``, how much the loss changes with each pooled number.
        size: of the window, in pixels: a number, or a pair (height, width); at least 1.
        stride: from one window to the next, in pixels: a number or a pair; at least 1.

    Returns:
        ``(H, W)``: float32 if both arrays fit into it, otherwise float64.

    Raises:
        TypeError: an array holds no real numbers, or a length is not a whole number.
        ValueError: ``image`` is not a plane, a length is below 1, no window fits, or ``upstream``
            does not have one number for each window. The message names it and its value.

    Example:
        >>> max_pool_gradient([[1, 5, 2, 2], [0, 3, 2, 1]], upstream=[[10, 20]])
        array([[ 0., 10., 20.,  0.],
               [ 0.,  0.,  0.,  0.]])

    Source:
        The gradient of ``tf.nn.max_pool2d`` on a CPU.
    """
    image, upstream = _real_numbers("image", image), _real_numbers("upstream", upstream)
    if image.ndim != 2:
        raise ValueError(f"image must have shape (H, W), got {image.shape}")
    windows = _windows(image[None, :, :, None], size, stride, "valid", outside=0)[0, :, :, 0]
    if upstream.shape != windows.shape[:2]:
        raise ValueError(
            f"upstream must have one number for each window, shape {windows.shape[:2]}, "
            f"got {upstream.shape}"
        )
    row_stride, column_stride = height_and_width("stride", stride)
    gradient = np.zeros(image.shape, np.result_type(image, upstream))
    for i, j in np.ndindex(upstream.shape):
        window = windows[i, j]
        row, column = np.unravel_index(window.argmax(), window.shape)  # the first of equals
        gradient[i * row_stride + row, j * column_stride + column] += upstream[i, j]
    return gradient


def _windows(images, size, stride, padding, outside):
    """All windows, ``(N, OH, OW, C, KH, KW)``; beyond the edge stands the number ``outside``."""
    size = height_and_width("size", size)
    stride = size if stride is None else height_and_width("stride", stride)
    if padding not in ("valid", "same"):
        raise ValueError(f'padding must be "valid" or "same", got {padding!r}')
    sides = map(resolve_padding, (padding, padding), images.shape[1:3], size, stride)
    padded = np.pad(images, [(0, 0), *sides, (0, 0)], constant_values=outside)
    height, width = padded.shape[1:3]
    if size[0] > height or size[1] > width:
        raise ValueError(f"size must fit into the image, {height} x {width} pixels, got {size}")
    return sliding_window_view(padded, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]


def _bins(length, count):
    """``count`` slices that cover ``length`` pixels; neighbours may share one."""
    return [slice(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


def _images(images):
    images = _real_numbers("images", images)
    if images.ndim != 4:
        raise ValueError(f"images must have shape (N, H, W, C), got {images.shape}")
    return images


def _real_numbers(name, array):
    """The array as floats, so that nothing wraps around at 255."""
    array = real_numbers(name, array)
    return array.astype(np.result_type(array, "float32"), copy=False)


# --- blur before the stride, turned kernels, and what becomes of a shift ------------------------

KERNEL = np.array([[1, 2, 0], [0, -1, 3], [-2, 1, 1]], "float32")  # no symmetry at all


def blur_pool(images, stride=2, border="edge"):
    """Max pooling whose stride comes last, after a blur: it keeps track of small shifts.

    A max pool of 2 x 2 and stride 2 is two steps in one: the largest of each window, one window a
    pixel, and then every second of them. The second step is where shifts get lost. Here a blur
    with 1, 2, 1 (over 4), down and across, stands between the two.

    Args:
        images: ``(N, H, W, C)``, real numbers.
        stride: pixels from one output to the next; at least 1.
        border: what lies outside the image: ``"edge"``, its nearest pixel, or ``"circular"``, its
            other end.

    Returns:
        ``(N, ceil(H / stride), ceil(W / stride), C)``: of the type that `max_pool` gives.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> row = np.array([0, 0, 8, 0, 0, 0]).reshape(1, 1, 6, 1)
        >>> max_pool(row, (1, 2)).ravel()
        array([0., 8., 0.])
        >>> blur_pool(row).ravel()  # the largest of neighbours: 0 8 8 0 0 0
        array([2., 6., 0.])

    Source:
        Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019, arXiv 1904.11486,
        MaxBlurPool with the filter "Triangle-3".
    """
    from scipy import ndimage

    images, stride = _images(images), whole_number("stride", stride, unit="pixel")
    modes = {"edge": ("edge", "nearest"), "circular": ("wrap", "wrap")}  # NumPy's name, SciPy's
    if border not in modes:
        raise ValueError(f'border must be "edge" or "circular", got {border!r}')
    numpy_mode, scipy_mode = modes[border]
    after = np.pad(images, [(0, 0), (0, 1), (0, 1), (0, 0)], numpy_mode)
    maps = max_pool(after, 2, stride=1)
    for axis in (1, 2):
        maps = ndimage.correlate1d(maps, [0.25, 0.5, 0.25], axis, mode=scipy_mode)
    return maps[:, ::stride, ::stride]


def lift_rotations(image, kernel):
    """Four maps of an image, made by one kernel in its four quarter turns.

    Where the image is turned by a quarter, counter-clockwise, each map turns with it and moves on
    to the next channel: the stack is equivariant to quarter turns.

    Args:
        image: ``(H, W)``.
        kernel: ``(K, K)``, slid over the image without padding, not flipped.

    Returns:
        ``(H - K + 1, W - K + 1, 4)``: channel r is made by the kernel after r quarter turns,
        counter-clockwise.

    Raises:
        TypeError, ValueError: the kernel is not square, or the two do not fit each other.

    Example:
        >>> lift_rotations(np.eye(2), np.array([[1, 2], [3, 4]]))
        array([[[5., 5., 5., 5.]]])

    Source:
        Cohen and Welling, "Group Equivariant Convolutional Networks", 2016, arXiv 1602.07576,
        the first layer of a network on p4.
    """
    kernel = _square_kernel(kernel, axes=2)
    return np.stack([correlate2d(image, np.rot90(kernel, r)) for r in range(4)], axis=-1)


def rotation_conv(maps, kernel):
    """The layer that follows `lift_rotations`: it turns its kernel, and its channels with it.

    A plain convolution mixes the four channels always in the same way, and so undoes what lifting
    has won. Here the kernel for output r is turned by r quarters, and so is the order in which it
    looks at the four orientations.

    Args:
        maps: ``(H, W, 4)``, one map for each orientation.
        kernel: ``(K, K, 4)``.

    Returns:
        ``(H - K + 1, W - K + 1, 4)``, again one map for each orientation.

    Raises:
        TypeError, ValueError: an argument has another shape.

    Source:
        Cohen and Welling, 2016, section 6: the group convolution on p4.
    """
    maps, kernel = np.asarray(maps), _square_kernel(kernel, axes=3)
    if maps.ndim != 3 or maps.shape[2] != 4 or kernel.shape[2] != 4:
        raise ValueError(
            "maps and kernel must have 4 channels, one for each orientation, "
            f"got shapes {maps.shape} and {kernel.shape}"
        )
    turned = [np.roll(np.rot90(kernel, r), r, axis=2) for r in range(4)]
    return correlate2d(maps[None], np.stack(turned, axis=-1))[0]


def equivariance_error(layer, images, shift):
    """How far a layer is from moving its maps along when its images move to the right.

    The images move circularly, so that nothing is lost. Behind a total stride of s a shift by d
    pixels is d // s steps on the maps. 0: the layer commutes with the shift.

    Args:
        layer: a name that `apply` knows, or a function from ``(N, H, W, C)`` to maps.
        images: ``(N, H, W, C)``; the width is a multiple of the total stride.
        shift: pixels to the right.

    Returns:
        The largest difference between the maps of the moved images and the moved maps, over the
        largest absolute value of the maps; a float.

    Raises:
        TypeError, ValueError: as `apply`, or ``shift`` is not a whole number.

    Example:
        >>> image = np.arange(16).reshape(1, 4, 4, 1)
        >>> equivariance_error("conv", image, 1), equivariance_error("max_pool", image, 2)
        (0.0, 0.0)
    """
    shift = whole_number("shift", shift, at_least=-(10**9), unit="pixel")
    images = _images(images)
    function = layer if callable(layer) else partial(apply, layer)
    maps = np.asarray(function(images))
    steps = shift // (images.shape[2] // maps.shape[2])
    moved = np.asarray(function(np.roll(images, shift, axis=2)))
    return float(np.abs(moved - np.roll(maps, steps, axis=2)).max() / np.abs(maps).max())


def apply(layer, images):
    """One layer, given by its name, on a batch of images; each channel for itself.

    Args:
        layer: one of the following. The kernel is always the same, 3 x 3, without symmetry.

            - ``"conv"``: beyond its edge the image goes on with its other end (circular);
            - ``"conv_same"``: zeros beyond the edge, as with ``padding="same"``;
            - ``"conv_stride2"``: as ``"conv"``, every second row and column;
            - ``"max_pool"``, ``"average_pool"``: 2 x 2, stride 2;
            - ``"blur_pool"``: as `blur_pool`, stride 2, circular;
            - ``"two_blocks"``: conv, max_pool, conv, max_pool: a total stride of 4.
        images: ``(N, H, W, C)``; height and width are multiples of the layer's total stride.

    Returns:
        ``(N, H / s, W / s, C)`` for a layer of total stride s; float32 or float64, as `max_pool`.

    Raises:
        TypeError: ``images`` holds no real numbers.
        ValueError: ``layer`` is none of these, or the images do not fit. The message names the
            argument and its value.

    Example:
        >>> apply("max_pool", np.arange(4).reshape(1, 2, 2, 1)).ravel()
        array([3.])
    """
    if not isinstance(layer, str) or layer not in LAYERS:
        raise ValueError(f"layer must be one of {', '.join(LAYERS)}, got {layer!r}")
    images, (stride, function) = _images(images), LAYERS[layer]
    if images.shape[1] % stride or images.shape[2] % stride:
        raise ValueError(
            f"images must have a height and a width that {stride} divides, got {images.shape}"
        )
    return function(images)


def _conv(images, mode="wrap"):
    from scipy import ndimage

    return ndimage.correlate(images, KERNEL[None, :, :, None], mode=mode)


LAYERS = {  # total stride, function
    "conv": (1, _conv),
    "conv_same": (1, partial(_conv, mode="constant")),
    "conv_stride2": (2, lambda images: _conv(images)[:, ::2, ::2]),
    "max_pool": (2, max_pool),
    "average_pool": (2, average_pool),
    "blur_pool": (2, partial(blur_pool, border="circular")),
    "two_blocks": (4, lambda images: max_pool(_conv(max_pool(_conv(images))))),
}


def _square_kernel(kernel, axes):
    kernel = _real_numbers("kernel", kernel)
    if kernel.ndim != axes or kernel.shape[0] != kernel.shape[1]:
        shape = "(K, K)" if axes == 2 else "(K, K, 4)"
        raise ValueError(f"kernel must have shape {shape}, got {kernel.shape}")
    return kernel
