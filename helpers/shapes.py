"""What a convolution layer costs and gives: output size, receptive field, weights, work.

Sizes, strides and dilations are in pixels. Height and width are decided separately; where they
may differ, an argument is one number for both or a pair (height, width).
"""

from helpers.arguments import height_and_width, pixels, whole_number
from helpers.padding import kernel_span, resolve_padding


def conv_output_size(size, kernel_size, stride=1, padding="valid", dilation=1):
    """Length of the output of a convolution or a pooling layer along one axis.

    It is the number of windows that fit: one, and one more for each whole stride that is left.
    What is left of the last stride is not looked at.

    Args:
        size: length of the input, in pixels; at least 1.
        kernel_size: taps of the kernel along this axis; at least 1.
        stride: pixels between two neighbouring windows; at least 1.
        padding: ``"valid"``, ``"same"``, a count of zeros for both sides, or a pair
            ``(before, after)``.
        dilation: pixels between two neighbouring taps; 1 means no gaps.

    Returns:
        The length in pixels, an int from 1 up.

    Raises:
        TypeError, ValueError: an argument is out of its range, or the kernel is longer than the
            padded input; the message names it and its value.

    Example:
        >>> conv_output_size(7, 3, stride=3), conv_output_size(7, 3, stride=3, padding="same")
        (2, 3)

    Source:
        TensorFlow API docs, ``tf.nn.convolution``; Dumoulin and Visin 2016, relationship 6.
    """
    size, stride = pixels(size=size, stride=stride)
    before, after = resolve_padding(padding, size, kernel_size, stride, dilation)
    reach = kernel_span(kernel_size, dilation)
    if reach > size + before + after:
        raise ValueError(
            f"kernel_size must fit into the input: {kernel_size} taps span {reach} pixels, the "
            f"input has {size + before + after} with padding {padding!r}"
        )
    return (size + before + after - reach) // stride + 1


def inputs_with_output(output_size, kernel_size, stride=1, padding="valid", dilation=1):
    """All input lengths that give one output length: what the stride makes the same.

    Args:
        output_size: length of the output, in pixels; at least 1.
        kernel_size, stride, padding, dilation: as in ``conv_output_size``.

    Returns:
        A range of lengths in pixels. It is shorter than ``stride``, even empty, where a length
        below 1 would be needed.

    Raises:
        TypeError, ValueError: as in ``conv_output_size``.

    Example:
        >>> list(inputs_with_output(3, kernel_size=3, stride=2))
        [7, 8]

    Source:
        ``conv_output_size``, solved for the size.
    """
    output_size, stride = pixels(output_size=output_size, stride=stride)
    if padding == "same":
        resolve_padding(padding, 1, kernel_size, stride, dilation)  # for its errors
        return range((output_size - 1) * stride + 1, output_size * stride + 1)
    zeros = sum(resolve_padding(padding, 1, kernel_size, stride, dilation))
    least = (output_size - 1) * stride + kernel_span(kernel_size, dilation) - zeros
    return range(max(least, 1), max(least + stride, 1))


def conv_parameters(kernel_size, in_channels, filters, use_bias=True, groups=1):
    """Trainable numbers of a convolution layer; the image's size does not matter.

    Args:
        kernel_size: taps; one number or (height, width).
        in_channels: channels of the input; a multiple of ``groups``.
        filters: channels of the output; a multiple of ``groups``.
        use_bias: whether each filter has a bias, as in Keras by default.
        groups: parts into which the channels are split, each with its own filters.

    Returns:
        The count, an int.

    Raises:
        TypeError, ValueError: an argument is out of its range; the message names it.

    Example:
        >>> conv_parameters(5, in_channels=3, filters=10)
        760

    Source:
        Keras API docs, ``Conv2D``.
    """
    height, width = height_and_width("kernel_size", kernel_size)
    filters = whole_number("filters", filters)
    weights = height * width * _channels_a_filter(in_channels, filters, groups) * filters
    return weights + (filters if use_bias else 0)


def conv_multiply_adds(
    size, kernel_size, in_channels, filters, stride=1, padding="valid", dilation=1, groups=1
):
    """Multiply-add operations that a convolution layer needs for one image.

    Each number of the output is a sum of one product for each weight of its filter. Adding the
    bias is not counted.

    Args:
        size: of the input, in pixels; one number or (height, width).
        kernel_size, stride, dilation: one number or (height, width).
        padding: as in ``conv_output_size``, the same for both axes.
        in_channels, filters, groups: as in ``conv_parameters``.

    Returns:
        The count, an int. Multiplications with padded zeros are counted: they are done.

    Raises:
        TypeError, ValueError: as in ``conv_output_size`` and ``conv_parameters``.

    Example:
        >>> conv_multiply_adds(224, 3, in_channels=3, filters=64, padding="same")
        86704128

    Source:
        He et al. 2015, "Deep residual learning", table 1, counts FLOPs in this way.
    """
    weights = conv_parameters(kernel_size, in_channels, filters, use_bias=False, groups=groups)
    axes = zip(
        height_and_width("size", size),
        height_and_width("kernel_size", kernel_size),
        height_and_width("stride", stride),
        height_and_width("dilation", dilation),
        strict=True,
    )
    rows, columns = (conv_output_size(n, k, s, padding, d) for n, k, s, d in axes)
    return rows * columns * weights


def receptive_field(layers):
    """What one output of a stack of layers sees of the input, along one axis.

    Args:
        layers: a list of ``(kernel_size, stride)`` or ``(kernel_size, stride, dilation)``, from
            the input on, all without padding; or a Keras model whose layers form one path.

    Returns:
        ``(size, jump, start)`` in pixels of the input: how many one output sees, how far the
        fields of two neighbouring outputs lie apart, and where the centre of the first output's
        field is. Pixel 0 has its centre at 0.0. Padding moves ``start`` to the left.

    Raises:
        TypeError, ValueError: a layer is not such a tuple, or not of a known kind, or its
            height and width differ; the message names it.

    Example:
        >>> receptive_field([(3, 1), (2, 2), (3, 1)])
        (8, 2, 3.5)

    Source:
        Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural
        networks", section 2.
    """
    steps = _steps_of_model(layers) if hasattr(layers, "layers") else _steps_of_list(layers)
    size, jump, start = 1, 1, 0.0
    for reach, stride, before in steps:
        size += (reach - 1) * jump
        start += ((reach - 1) / 2 - before) * jump
        jump *= stride  # only from here on: a layer's own stride spreads the next layer's taps
    return size, jump, start


def _steps_of_list(layers):
    """(span, stride, zeros before) of each layer of a list."""
    for index, layer in enumerate(layers):
        if not isinstance(layer, (tuple, list)) or len(layer) not in (2, 3):
            raise ValueError(
                f"layers[{index}] must be (kernel_size, stride) or (kernel_size, stride, "
                f"dilation), got {layer!r}"
            )
        kernel_size, stride, dilation = (*layer, 1)[:3]
        yield kernel_span(kernel_size, dilation), whole_number("stride", stride), 0


POINTWISE = ("InputLayer", "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax",
             "BatchNormalization", "Dropout", "SpatialDropout2D", "Rescaling", "GaussianNoise",
             "Identity")  # fmt: skip


def _steps_of_model(model):
    """(span, stride, zeros before) of each layer of a Keras model."""
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "ZeroPadding2D":
            (top, _), (left, _) = layer.padding
            yield 1, 1, _same_on_both_axes(layer, top, left)
        elif hasattr(layer, "kernel_size") and "Transpose" not in kind:
            yield _step_of_layer(layer, layer.kernel_size, layer.dilation_rate)
        elif hasattr(layer, "pool_size"):
            yield _step_of_layer(layer, layer.pool_size, 1)
        elif kind not in POINTWISE:
            raise ValueError(
                f"layers must slide a kernel or act pixel by pixel; {layer.name} is a {kind}"
            )


def _step_of_layer(layer, kernel_size, dilation):
    axes = zip(
        layer.input.shape[1:3],
        height_and_width("kernel_size", kernel_size),
        height_and_width("strides", layer.strides),
        height_and_width("dilation_rate", dilation),
        strict=True,
    )
    height, width = (
        (kernel_span(k, d), s, resolve_padding(layer.padding, n, k, s, d)[0]) for n, k, s, d in axes
    )
    return _same_on_both_axes(layer, height, width)


def _same_on_both_axes(layer, height, width):
    if height != width:
        raise ValueError(f"layers must treat height and width alike; {layer.name} does not")
    return height


def _channels_a_filter(in_channels, filters, groups):
    """Input channels that one filter sees."""
    in_channels, groups = whole_number("in_channels", in_channels), whole_number("groups", groups)
    for name, channels in (("in_channels", in_channels), ("filters", filters)):
        if channels % groups:
            raise ValueError(f"{name} must be a multiple of groups ({groups}), got {channels}")
    return in_channels // groups
