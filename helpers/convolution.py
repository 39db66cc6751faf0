"""What a convolutional layer computes, first as its definition in loops, then fast.

A layer slides the kernel over the image as it is, which mathematicians call *correlation*. Their
*convolution* turns the kernel by half a circle first; that is `convolve2d`.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.arguments import height_and_width, real_numbers
from helpers.kernels import flip
from helpers.padding import kernel_span, padding_of_each_axis, resolve_padding, same_padding
from helpers.shapes import conv_output_size


def correlate2d_loops(image, kernel, stride=1, padding="valid", dilation=1):
    """Slide a kernel over an image: the definition, one product at a time.

    Each output is the sum, over all taps and all channels, of a pixel times the weight that
    lies on it. This is the text that `correlate2d` is held against; it takes seconds for a photo.

    Args, Returns and Raises are those of `correlate2d`.

    Example:
        >>> correlate2d_loops([[1, 2, 3], [4, 5, 6]], [[0, 1], [10, 100]])
        array([[542., 653.]])
    """
    task = _task(image, kernel, stride, padding, dilation)
    (row_stride, column_stride), (row_dilation, column_dilation) = task.stride, task.dilation
    output = np.zeros(task.output_shape, task.image.dtype)
    for n, i, j, f in np.ndindex(output.shape):
        for u, v, c in np.ndindex(task.kernel.shape[:3]):
            row = i * row_stride + u * row_dilation
            column = j * column_stride + v * column_dilation
            output[n, i, j, f] += task.image[n, row, column, c] * task.kernel[u, v, c, f]
    return task.as_given(output)


def correlate2d(image, kernel, stride=1, padding="valid", dilation=1):
    """Slide a kernel over an image: what a convolutional layer computes, without its bias.

    The same numbers as `correlate2d_loops`, as matrix products: what lies in a window, times the
    weights of all filters. Neighbouring windows share most of their pixels, but a matrix wants
    each one written out. There are two ways, and which is faster depends on the filters:

    - many (or windows that share little): im2col. Whole windows become the rows of one matrix,
      KH * KW * C long. Copying takes little time next to the one large product.
    - few: only the KW * C values that a window has of one row of the image are written out. The
      KH products, one for each row of the kernel, add up. Each pixel is copied KW times in place
      of KH * KW times.

    Args:
        image: array (H, W), one plane; or (N, H, W, C), a batch of images with channels.
        kernel: array (KH, KW) for a plane; or (KH, KW, C, F), F filters over C channels.
        stride: pixels between two outputs: a number, or a pair (height, width).
        padding: zeros around the image: ``"valid"`` (none), ``"same"``, a whole number for all
            four sides, ``((top, bottom), (left, right))``, or a pair (before, after), which is
            meant for both axes: (0, 1) adds a row below and a column on the right.
        dilation: pixels from one tap to the next: a number, or a pair (height, width).

    Returns:
        Array (OH, OW) for a plane, (N, OH, OW, F) for a batch. float32 if image and kernel fit
        into it (float32, or integers of up to 16 bits), otherwise float64. Integers are computed
        as floats, so nothing wraps around at 255.

    Raises:
        TypeError: an array holds no real numbers, or a length is not a whole number.
        ValueError: the arrays' axes do not fit each other, the kernel does not fit into the
            padded image, a length is below 1, or the padding is unknown. The message names the
            argument, what it is and what is allowed.

    Example:
        >>> image = np.array([[1, 2, 3], [4, 5, 6]], "float32")
        >>> correlate2d(image, [[0, 1], [10, 100]])
        array([[542., 653.]])
        >>> correlate2d(image, image).dtype, correlate2d(image, image).shape
        (dtype('float32'), (1, 1))

    Source:
        TensorFlow API docs, ``tf.nn.conv2d``; Chellapilla, Puri and Simard, "High Performance
        Convolutional Neural Networks for Document Processing", 2006 (im2col).
    """
    task = _task(image, kernel, stride, padding, dilation)
    *taps, _, filters = task.kernel.shape
    in_one = filters * task.stride[0] >= MANY_FILTERS or max(taps) == 1
    output = _one_product(task) if in_one else _a_product_for_each_row(task)
    return task.as_given(output)


def convolve2d(image, kernel, padding="full"):
    """The convolution of mathematics: turn the kernel by half a circle, then slide it.

    A single bright pixel becomes a copy of the kernel, the right way up. "full" takes every
    position at which kernel and image touch, so the output is larger than the image.

    Args:
        image: array (H, W), or (N, H, W, C).
        kernel: array (KH, KW), or (KH, KW, C, F).
        padding: ``"full"``: output H + KH - 1 by W + KW - 1; ``"same"``: its middle, as large as
            the image; ``"valid"``: only where the kernel lies inside. With the kernel, the extra
            zero of an even "same" changes sides.

    Returns:
        Array (OH, OW), or (N, OH, OW, F); its dtype as in `correlate2d`.

    Raises:
        TypeError, ValueError: as `correlate2d`, or the padding is none of the three.

    Example:
        >>> convolve2d([[1, 0, 0]], [[1, 2, 3]])
        array([[1., 2., 3., 0., 0.]])

    Source:
        SciPy API docs, ``scipy.signal.convolve2d``.
    """
    turned = flip(kernel)
    taps = turned.shape[:2]
    sides = {
        "full": [(size - 1, size - 1) for size in taps],
        "same": [same_padding(1, size)[::-1] for size in taps],
        "valid": [(0, 0), (0, 0)],
    }
    if not isinstance(padding, str) or padding not in sides:
        raise ValueError(f'padding must be "full", "same" or "valid", got {padding!r}')
    return correlate2d(image, turned, padding=sides[padding])


# --- the two fast ways ------------------------------------------------------------------------

# Measured: benchmarks/README.md.
MANY_FILTERS = 32
SHORT_RUN = 8  # values that lie side by side in memory


def _one_product(task):
    """im2col: (N * OH * OW, KH * KW * C) times (KH * KW * C, F)."""
    windows = _windows(task, axes=(0, 1))  # (N, OH, OW, KH, KW, C)
    matrix = _written_out(windows).reshape(-1, task.kernel[..., 0].size)
    return (matrix @ task.kernel.reshape(matrix.shape[1], -1)).reshape(task.output_shape)


def _a_product_for_each_row(task):
    """The sum over the kernel's rows of (OW, KW * C) times (KW * C, F)."""
    windows = _written_out(_windows(task, axes=(1,)))  # (N, H, OW, KW, C)
    windows = windows.reshape(*windows.shape[:3], -1)
    weights = task.kernel.reshape(len(task.kernel), windows.shape[3], -1)  # (KH, KW * C, F)
    output = np.zeros(task.output_shape, windows.dtype)
    part = np.empty_like(output)
    last = (output.shape[1] - 1) * task.stride[0] + 1
    for u, weights_of_row in enumerate(weights):
        first = u * task.dilation[0]
        rows = windows[:, first : first + last : task.stride[0]]  # (N, OH, OW, KW * C)
        output += np.matmul(rows, weights_of_row, out=part)
    return output


def _windows(task, axes):
    """All windows along the axes given (0: height, 1: width), their taps before the channels.

    Nothing is copied yet: windows that overlap share their pixels.
    """
    spans = [kernel_span(task.kernel.shape[axis], task.dilation[axis]) for axis in axes]
    windows = sliding_window_view(task.image, spans, axis=[1 + axis for axis in axes])
    steps = [slice(None, None, task.stride[axis] if axis in axes else 1) for axis in (0, 1)]
    gaps = [slice(None, None, task.dilation[axis]) for axis in axes]
    windows = windows[:, *steps, :, *gaps]
    return windows.transpose(0, 1, 2, *range(4, windows.ndim), 3)


def _written_out(windows):
    """A copy in which each window has its own values, (..., taps, C)."""
    *taps, channels = windows.shape[3:]
    if max(taps) == 1:
        return windows  # windows of one tap do not overlap
    copy = np.empty(windows.shape, windows.dtype)
    if taps[-1] * channels >= SHORT_RUN:
        copy[...] = windows
    else:  # NumPy is slow at many short runs: one place in all windows at a time
        for place in product(*map(range, windows.shape[3:])):
            copy[..., *place] = windows[..., *place]
    return copy


# --- what all versions start from -------------------------------------------------------------


class _Task(NamedTuple):
    """A correlation with everything decided: four axes, zeros in place, sizes as pairs."""

    image: np.ndarray  # (N, H, W, C), padded
    kernel: np.ndarray  # (KH, KW, C, F)
    stride: tuple
    dilation: tuple
    output_shape: tuple  # (N, OH, OW, F)
    is_plane: bool

    def as_given(self, output):
        """The output with two axes if the image had two."""
        return output[0, :, :, 0] if self.is_plane else output


def _task(image, kernel, stride, padding, dilation):
    image, kernel, is_plane = _with_four_axes(
        real_numbers("image", image), real_numbers("kernel", kernel)
    )
    stride, dilation = height_and_width("stride", stride), height_and_width("dilation", dilation)
    dtype = np.result_type(image, kernel, "float32")
    taps, each = kernel.shape[:2], padding_of_each_axis(padding)
    sides = [*map(resolve_padding, each, image.shape[1:3], taps, stride, dilation)]
    image = _padded(image, sides).astype(dtype, copy=False)
    size = image.shape[1:3]
    try:
        rows, columns = map(conv_output_size, size, taps, stride, ("valid", "valid"), dilation)
    except ValueError:
        spans = "{} x {}".format(*map(kernel_span, taps, dilation))
        raise ValueError(
            f"kernel must fit into the padded image, {size[0]} x {size[1]} pixels, "
            f"got one that spans {spans}"
        ) from None
    shape = (len(image), rows, columns, kernel.shape[3])
    return _Task(image, kernel.astype(dtype, copy=False), stride, dilation, shape, is_plane)


def _with_four_axes(image, kernel):
    if image.ndim == kernel.ndim == 2:
        return image[None, :, :, None], kernel[:, :, None, None], True
    if image.ndim != 4 or kernel.ndim != 4:
        raise ValueError(
            "image and kernel must be (H, W) with (KH, KW), or (N, H, W, C) with (KH, KW, C, F), "
            f"got shapes {image.shape} and {kernel.shape}"
        )
    if image.shape[3] != kernel.shape[2]:
        raise ValueError(
            f"kernel must have as many channels as the image, {image.shape[3]} (its third axis), "
            f"got {kernel.shape[2]} in shape {kernel.shape}"
        )
    return image, kernel, False


def _padded(image, sides):
    return np.pad(image, [(0, 0), *sides, (0, 0)]) if any(map(any, sides)) else image
