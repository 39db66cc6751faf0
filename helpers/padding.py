"""How much to pad an image before a convolution, and on which side.

TensorFlow decides height and width separately, so almost everything here is about one axis.
"""

from helpers.arguments import pixels, whole_number


def kernel_span(kernel_size, dilation=1):
    """Pixels from the first tap of a kernel to its last, both included.

    Args:
        kernel_size: taps in the kernel along one axis; at least 1.
        dilation: pixels from one tap to the next; 1 means no gaps.

    Returns:
        The span, in pixels.

    Raises:
        TypeError, ValueError: an argument is not a whole number of at least 1.

    Example:
        Three taps two pixels apart cover five: ``x.x.x``

        >>> kernel_span(kernel_size=3, dilation=2)
        5
    """
    kernel_size, dilation = pixels(kernel_size=kernel_size, dilation=dilation)
    return dilation * (kernel_size - 1) + 1


def same_padding(size, kernel_size, stride=1, dilation=1):
    """Zeros that ``padding="same"`` adds before and after one axis.

    TensorFlow first fixes the output length, ``ceil(size / stride)``, then adds just
    enough zeros to reach it. An odd total leaves the extra zero at the end, which is
    why a stride-2 "same" convolution is not centred as it would be in PyTorch.

    Args:
        size: length of the axis, in pixels; at least 1.
        kernel_size: taps in the kernel along this axis; at least 1.
        stride: pixels between two output positions; at least 1.
        dilation: pixels from one tap to the next; 1 means no gaps.

    Returns:
        ``(before, after)``: zeros on each side, in pixels. They differ by at most 1.

    Raises:
        TypeError: an argument is not a whole number; the message names it and its value.
        ValueError: an argument is below 1; the message names it and its value.

    Example:
        A row of six, three taps, stride 2: ``123456 -> 1234560``

        >>> same_padding(size=6, kernel_size=3, stride=2)
        (0, 1)

    Source:
        TensorFlow API docs, ``tf.nn``, "Notes on padding".
    """
    size, stride = pixels(size=size, stride=stride)
    output_size = -(-size // stride)  # ceil, in integers
    last_window_ends = (output_size - 1) * stride + kernel_span(kernel_size, dilation)
    total = max(last_window_ends - size, 0)  # a window may also end before the axis does
    before = total // 2
    return before, total - before


def resolve_padding(padding, size, kernel_size, stride=1, dilation=1):
    """The zeros before and after one axis, for any way to say how to pad.

    Args:
        padding: one of the following, of which only ``"same"`` looks at the other arguments.

            - ``"valid"``: no padding, ``1234 -> 1234``.
            - ``"same"``: as `same_padding` counts; three taps, ``1234 -> 012340``.
            - a whole number from 0 up: so many on both sides; 2, ``1234 -> 00123400``.
            - a pair (before, after) of them: (2, 1), ``1234 -> 0012340``.
        size: length of the axis, in pixels; at least 1.
        kernel_size: taps in the kernel along this axis; at least 1.
        stride: pixels between two output positions; at least 1.
        dilation: pixels from one tap to the next; 1 means no gaps.

    Returns:
        ``(before, after)``: zeros on each side, in pixels.

    Raises:
        TypeError: a length is not a whole number.
        ValueError: a length is too small, or the padding is none of the above. Keras reads
            ``"SAME"`` too; here there is one spelling, lower case.

    Example:
        >>> resolve_padding("same", size=6, kernel_size=3, stride=2)
        (0, 1)
        >>> resolve_padding(1, size=6, kernel_size=3, stride=2)
        (1, 1)
    """
    if isinstance(padding, str) and padding == "same":
        return same_padding(size, kernel_size, stride, dilation)
    pixels(size=size, kernel_size=kernel_size, stride=stride, dilation=dilation)
    if isinstance(padding, str) and padding == "valid":
        return 0, 0
    sides = padding if isinstance(padding, tuple | list) else (padding, padding)
    if isinstance(padding, str) or len(sides) != 2:
        raise ValueError(
            'padding must be "valid" or "same" (in lower case), a whole number of pixels, or a '
            f"pair (before, after) of them, got {padding!r}"
        )
    before, after = (whole_number("padding", side, at_least=0, unit="pixel") for side in sides)
    return before, after


def padding_of_each_axis(padding):
    """The padding of the height and the padding of the width, each as `resolve_padding` reads it.

    Args:
        padding: ``"valid"``, ``"same"``, a whole number or a pair (before, after), each meant for
            both axes; or ``((top, bottom), (left, right))``.

    Returns:
        Two paddings: of the height, of the width.

    Example:
        >>> padding_of_each_axis("same")
        ('same', 'same')
        >>> padding_of_each_axis((0, 1))  # nothing above and left, 1 pixel below and right
        ((0, 1), (0, 1))
        >>> padding_of_each_axis(((2, 2), (0, 0)))  # above and below only
        ((2, 2), (0, 0))
    """
    if isinstance(padding, tuple | list) and any(
        isinstance(side, tuple | list) for side in padding
    ):
        if len(padding) != 2 or not all(isinstance(side, tuple | list) for side in padding):
            raise ValueError(f"padding must be ((top, bottom), (left, right)), got {padding!r}")
        return tuple(padding)
    return padding, padding
