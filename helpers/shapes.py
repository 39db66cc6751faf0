"""What a convolution makes of sizes: outputs, parameters, multiplications, receptive fields.

The functions on one axis serve height and width alike, since the two never mix.
"""

from itertools import pairwise
from math import prod
from typing import NamedTuple

from helpers.arguments import height_and_width, pixels, whole_number
from helpers.padding import kernel_span, padding_of_each_axis, resolve_padding


def conv_output_size(size, kernel_size, stride=1, padding="valid", dilation=1):
    """Positions at which the kernel lies inside the padded axis: one output each.

    The first window starts at the first pixel, zeros included. What is left over behind it,
    divided by the stride and rounded *down*, is the number of further windows: an incomplete
    step at the end gives no output. That is so for pooling too.

    Args:
        size: length of the axis, in pixels; at least 1.
        kernel_size: taps in the kernel along this axis; at least 1.
        stride: pixels between two output positions; at least 1.
        padding: ``"valid"`` (none), ``"same"``, a whole number for both sides, or a pair
            (before, after); in pixels.
        dilation: pixels from one tap to the next; 1 means no gaps.

    Returns:
        The number of outputs; at least 1.

    Raises:
        TypeError: a length is not a whole number.
        ValueError: a length is too small, the padding is unknown, or the kernel does not fit
            into the padded axis even once. The message names the argument and its value.

    Example:
        >>> conv_output_size(size=7, kernel_size=3, stride=2)
        3
        >>> conv_output_size(size=8, kernel_size=3, stride=2)  # the last pixel is never seen
        3

    Source:
        TensorFlow API docs, ``tf.nn``, "Notes on padding"; Dumoulin and Visin, "A guide to
        convolution arithmetic for deep learning", 2016, relationship 6.
    """
    before, after = resolve_padding(padding, size, kernel_size, stride, dilation)
    span, padded = kernel_span(kernel_size, dilation), before + size + after
    if span > padded:
        raise ValueError(
            f"kernel_size must fit into the padded axis, at most {padded} pixels, "
            f"got {kernel_size} (with dilation {dilation} it spans {span})"
        )
    return int((padded - span) // stride + 1)


def inputs_with_output(output_size, kernel_size, stride=1, padding="valid", dilation=1):
    """All input sizes from which a convolution makes this output size.

    Rounding forgets: with a stride of s there are s neighbouring sizes that end alike. So a
    layer that undoes the convolution has to be told which of them to go back to.

    Args:
        output_size: the number of outputs; at least 1.
        kernel_size, stride, padding, dilation: as in `conv_output_size`.

    Returns:
        A range of sizes, in pixels. It is empty if no size has this output: with padding 2,
        even a single pixel gives a kernel of 3 taps 3 positions.

    Raises:
        TypeError, ValueError: as `conv_output_size`.

    Example:
        >>> inputs_with_output(output_size=3, kernel_size=3, stride=2)
        range(7, 9)
        >>> list(inputs_with_output(output_size=2, kernel_size=3, padding=2))
        []

    Source:
        `conv_output_size`, solved for the size.
    """
    (output_size,) = pixels(output_size=output_size)
    before, after = resolve_padding(padding, 1, kernel_size, stride, dilation)
    if isinstance(padding, str) and padding == "same":  # ceil(size / stride) is output_size
        smallest = (output_size - 1) * stride + 1
    else:
        last_window_ends = (output_size - 1) * stride + kernel_span(kernel_size, dilation)
        smallest = last_window_ends - before - after
    return range(max(smallest, 1), max(smallest + stride, 1))


def dense_parameters(input_shape, units, use_bias=True):
    """Numbers that dense layers learn, one after another, the first one on a flattened input.

    Each unit has one weight for every number that comes in, wherever in the image it stands, and
    one bias. So the size of the image counts in full.

    Args:
        input_shape: what comes in: a whole number, or a shape such as (height, width, channels),
            whose numbers are put in one row.
        units: the units of the layer; or a list, the units of each layer in turn.
        use_bias: whether each unit has a bias.

    Returns:
        The number of parameters. As float32 each takes 4 bytes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is below 1, or there is no layer or no axis.

    Example:
        >>> dense_parameters(input_shape=(28, 28, 1), units=10)  # 784 * 10 + 10
        7850
        >>> dense_parameters(input_shape=(28, 28, 1), units=[128, 10])
        101770

    Source:
        Keras API docs, ``Dense`` and ``Flatten``.
    """
    inputs = prod(_row("input_shape", input_shape))
    layers = _row("units", units)
    weights = sum(before * after for before, after in pairwise([inputs, *layers]))
    return weights + (sum(layers) if use_bias else 0)


def conv_parameters(kernel_size, in_channels, filters, use_bias=True, groups=1):
    """Numbers that a convolution learns.

    Each filter has one weight for each tap and each channel that it looks at, and one bias. The
    size of the image does not occur.

    Args:
        kernel_size: taps along one axis of a square kernel, or a pair (height, width).
        in_channels: channels of the input; at least 1.
        filters: channels of the output; at least 1.
        use_bias: whether each filter has a bias.
        groups: parts into which the channels are cut; a filter looks at one part only. Divides
            in_channels and filters. ``groups=in_channels`` is a depthwise convolution.

    Returns:
        The number of parameters.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is below 1, or groups does not divide the channels.

    Example:
        >>> conv_parameters(kernel_size=3, in_channels=3, filters=32)  # 3 * 3 * 3 * 32 + 32
        896

    Source:
        Keras API docs, ``Conv2D``, arguments ``filters`` and ``groups``.
    """
    height, width = height_and_width("kernel_size", kernel_size)
    seen_channels, filters = _channels(in_channels, filters, groups)
    return height * width * seen_channels * filters + (filters if use_bias else 0)


def conv_multiply_adds(
    size, kernel_size, in_channels, filters, stride=1, padding="valid", dilation=1, groups=1
):
    """Multiplications, each with its addition, that a convolution does for one image.

    Each output is one sum of products: as many as a filter has weights. Products with a zero of
    the padding count, since they are computed; biases do not.

    Args:
        size: pixels of the image: a side, or a pair (height, width).
        kernel_size: taps of the kernel: a side, or a pair (height, width).
        in_channels, filters, groups: as in `conv_parameters`.
        stride: pixels between two outputs: a number, or a pair (height, width).
        padding: ``"valid"``, ``"same"``, a whole number or a pair (before, after), each for both
            axes; or ``((top, bottom), (left, right))``.
        dilation: pixels from one tap to the next: a number, or a pair (height, width).

    Returns:
        The number of multiply-adds. Many people count 2 "FLOPs" for each; some count 1.

    Raises:
        TypeError, ValueError: as `conv_output_size` and `conv_parameters`.

    Example:
        >>> conv_multiply_adds(size=28, kernel_size=3, in_channels=1, filters=32, padding="same")
        225792

    Source:
        He et al., "Deep residual learning for image recognition", 2015, table 1, whose FLOPs
        are multiply-adds.
    """
    axes = zip(
        height_and_width("size", size),
        height_and_width("kernel_size", kernel_size),
        height_and_width("stride", stride),
        padding_of_each_axis(padding),
        height_and_width("dilation", dilation),
        strict=True,
    )
    rows, columns = (conv_output_size(*axis) for axis in axes)
    weights = conv_parameters(kernel_size, in_channels, filters, use_bias=False, groups=groups)
    return rows * columns * weights


def receptive_field(layers):
    """What one output of a stack of layers sees of the input: how much, how far apart, where.

    Going through the layers, each one adds its kernel's reach, counted in *its* pixels; one of
    those is as many input pixels as the strides of the layers **before** it multiply to. Its own
    stride counts only from the next layer on.

    Args:
        layers: from the first to the last, either of

            - a list of (kernel_size, stride) or (kernel_size, stride, dilation), each a number or
              a pair (height, width); without padding;
            - a Keras model, built, of one path: convolutions, poolings, zero padding and layers
              that treat each pixel alone. Their padding moves ``start``. If it is "same" at a
              stride above 1, it depends on the input's size, so the model needs one.

    Returns:
        ``(size, jump, start)``, all in input pixels: how long the field is along one axis, gaps
        of a dilation included; how far apart the fields of two neighbouring outputs are; where
        the first one has its centre, if pixel 0 has its own at 0.0. Part of it may lie in the
        padding. Output i sees ``size`` pixels from ``start + i * jump - (size - 1) / 2`` on.

    Raises:
        TypeError: layers is neither a list nor a model, or a length is not a whole number.
        ValueError: height and width come out different, or the model has a layer or a branch
            that is not described above. The message names the layer.

    Example:
        >>> receptive_field([(3, 1), (3, 1)])  # two 3 x 3 see as far as one 5 x 5
        (5, 1, 2.0)
        >>> receptive_field([(3, 2), (3, 1)])
        (7, 2, 3.0)

    Source:
        Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks",
        Distill, 2019.
    """
    if hasattr(layers, "layers"):
        steps = [_step_of_layer(layer) for layer in _path(layers)]
        lengths = layers.inputs[0].shape[1:3]
    elif isinstance(layers, list | tuple):
        steps = [_step_of_entry(number, entry) for number, entry in enumerate(layers)]
        lengths = (None, None)
    else:
        raise TypeError(f"layers must be a list of pairs or a Keras model, got {layers!r}")
    heights, widths = (list(_fields(steps, axis, lengths[axis])) for axis in (0, 1))
    if heights[-1] != widths[-1]:
        after_each = zip(steps, heights[1:], widths[1:], strict=True)
        parting = next(step.name for step, height, width in after_each if height != width)
        raise ValueError(
            "layers must treat height and width alike, got (size, jump, start) "
            f"{heights[-1]} and {widths[-1]}; they part at {parting}"
        )
    return heights[-1]


# --- how receptive_field reads a network ------------------------------------------------------

CONVOLUTIONS = {"Conv2D", "DepthwiseConv2D", "SeparableConv2D"}
POOLINGS = {"AveragePooling2D", "MaxPooling2D"}
# Each output of these depends on the input at its own place only (BatchNormalization too, once
# the network is trained).
POINTWISE = {"Activation", "BatchNormalization", "Dropout", "ELU", "GaussianDropout",
             "GaussianNoise", "Identity", "LeakyReLU", "PReLU", "ReLU", "Relu", "Rescaling",
             "SpatialDropout2D"}  # fmt: skip


class _Step(NamedTuple):
    """One layer, as far as places go; each entry is a pair: for the height, for the width."""

    name: str
    kernel_size: tuple = (1, 1)
    stride: tuple = (1, 1)
    dilation: tuple = (1, 1)
    padding: tuple = ("valid", "valid")


def _fields(steps, axis, length):
    """(size, jump, start) along one axis: before the first layer, then after each one."""
    size, jump, start = 1, 1, 0.0
    yield size, jump, start
    for name, *along_both in steps:
        kernel_size, stride, dilation, padding = (pair[axis] for pair in along_both)
        if length is None and padding == "same" and stride > 1:
            raise ValueError(f'{name} has padding "same" and stride {stride}: how much it pads '
                             "depends on the input's size, but the model's is None")  # fmt: skip
        # An unknown length may stand as 1: at stride 1, "same" adds as much to every length.
        before, after = resolve_padding(padding, length or 1, kernel_size, stride, dilation)
        reach = kernel_span(kernel_size, dilation) - 1
        size += reach * jump
        start += (reach / 2 - before) * jump
        jump *= stride
        if length is not None:
            length = conv_output_size(length, kernel_size, stride, (before, after), dilation)
        yield size, jump, start


def _step_of_entry(number, entry):
    name = f"layers[{number}]"
    if not isinstance(entry, tuple | list) or len(entry) not in (2, 3):
        raise ValueError(f"{name} must be (kernel_size, stride[, dilation]), got {entry!r}")
    words = ("kernel_size", "stride", "dilation")
    pairs = zip(words, entry, strict=False)
    return _Step(name, *(height_and_width(f"{word} of {name}", value) for word, value in pairs))


def _step_of_layer(layer):
    name, kinds = f"layer {layer.name!r}", {kind.__name__ for kind in type(layer).__mro__}
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ValueError(f'{name} must have data_format "channels_last", got "{layer.data_format}"')
    if kinds & CONVOLUTIONS:
        padding = (layer.padding, layer.padding)
        return _Step(name, layer.kernel_size, layer.strides, layer.dilation_rate, padding)
    if kinds & POOLINGS:
        padding = (layer.padding, layer.padding)
        return _Step(name, layer.pool_size, layer.strides, padding=padding)
    if "ZeroPadding2D" in kinds:
        return _Step(name, padding=layer.padding)
    if kinds & POINTWISE:
        return _Step(name)
    known = ", ".join(sorted(CONVOLUTIONS | POOLINGS | POINTWISE | {"ZeroPadding2D"}))
    raise ValueError(f"{name} is a {type(layer).__name__}; allowed are {known}")


def _path(model):
    """The layers from a model's input to its output; a model inside is opened."""
    inputs, outputs = (getattr(model, end, None) or () for end in ("inputs", "outputs"))
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"layers must be a built model with one input and one output, got {model.name!r} "
            f"with {len(inputs)} and {len(outputs)}"
        )
    path, tensor = [], outputs[0]
    while tensor is not inputs[0]:  # Keras notes for each tensor which call it came from
        layer, call, _ = tensor._keras_history
        sources = layer._inbound_nodes[call].input_tensors
        if len(sources) != 1:
            raise ValueError(
                f"layers must form one path, got layer {layer.name!r} with {len(sources)} inputs"
            )
        path[:0] = _path(layer) if hasattr(layer, "layers") else [layer]
        tensor = sources[0]
    return path


def _row(name, value):
    """One whole number, or several, as a list of at least one."""
    numbers = list(value) if isinstance(value, tuple | list) else [value]
    if not numbers:
        raise ValueError(f"{name} must have at least one number, got {value!r}")
    return [whole_number(name, number) for number in numbers]


def _channels(in_channels, filters, groups):
    """The channels that one filter looks at, and the filters, once groups divides both."""
    counts = {"in_channels": in_channels, "filters": filters, "groups": groups}
    in_channels, filters, groups = (whole_number(*count) for count in counts.items())
    if in_channels % groups or filters % groups:
        raise ValueError(
            f"groups must divide in_channels ({in_channels}) and filters ({filters}), got {groups}"
        )
    return in_channels // groups, filters
