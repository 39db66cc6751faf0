"""Checks of the exercises on shapes: of a batch, of an output, and of what an output sees."""

import itertools

import numpy as np

from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- image_shape ------------------------------------------------------------------------------

PICTURE_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's names, by the number of channels


def _image_shape_by_keras(width, height, channels=3, count=1):
    """The shape of real pictures: made as a camera says it, read as Keras reads them."""
    import keras
    from PIL import Image

    picture = Image.new(PICTURE_MODES[channels], (width, height))
    return np.stack([keras.utils.img_to_array(picture, dtype="uint8")] * count).shape


def _image_shape_with(slips, width, height, channels=3, count=1):
    """`image_shape` as someone with these slips writes it; without any it is right."""
    known = {"channels": channels, "count": count}
    if "width_first" in slips:
        width, height = height, width
    if "always_three_channels" in slips:
        channels = 3
    if "always_one_image" in slips:
        count = 1
    if "grey_without_channel" in slips and known["channels"] == 1:
        picture = (height, width)
    elif "channels_first" in slips:
        picture = (channels, height, width)
    else:
        picture = (height, width, channels)
    alone = "no_batch_of_one" in slips and known["count"] == 1
    if "no_batch_axis" in slips or alone:
        return picture
    return (*picture, count) if "batch_last" in slips else (count, *picture)


def _image_shape_cases(rng):
    def case(part, width, height, channels=None, count=None):
        sizes = {"width": int(width), "height": int(height)}
        more = {"channels": channels, "count": count}
        return Case(part, sizes | {k: int(v) for k, v in more.items() if v is not None})

    upright, wide = rng.integers(20, 60, 2), rng.integers(60, 120, 2)
    return [
        case("one colour picture", 640, 480),
        case("one colour picture", 300, 400),
        case("one colour picture", wide[0], upright[0]),
        case("several pictures", 640, 480, count=2),
        case("several pictures", upright[1], wide[1], count=rng.integers(3, 9)),
        case("other channels", 28, 20, channels=1),
        case("other channels", wide[0], upright[1], channels=1, count=rng.integers(5, 9)),
        case("other channels", 60, 40, channels=4, count=2),
        case("square pictures", 32, 32, count=16),
        case("square pictures", upright[0], upright[0], count=rng.integers(2, 9)),
    ]


image_shape = Exercise(
    name="image_shape",
    points=2,
    parts=(
        Part(
            "four whole numbers",
            0.2,
            "A shape is a tuple of whole numbers, one for each axis, and a batch always has four. "
            "Is one missing, or too many?",
            form=True,
        ),
        Part(
            "one colour picture",
            0.2,
            "Compare your tuple with the right one, axis by axis: images, rows, columns, colours.",
        ),
        Part("several pictures", 0.2, "Which axis says how many pictures there are?"),
        Part("other channels", 0.2, "Not every picture has 3 channels. Which axis counts them?"),
        Part("square pictures", 0.2, "Height and width are equal here. And the other two axes?"),
    ),
    cases=_image_shape_cases,
    expected=_image_shape_by_keras,
    key="Keras",
    answer_with=_image_shape_with,
    misconceptions=(
        Misconception(
            "width_first",
            "You kept the order in which the camera says it. What does an array count first: its "
            "rows or its columns? And which of the two is the height?",
        ),
        Misconception(
            "channels_first",
            "Your channels stand before height and width. The letters are N, H, W, C: which of "
            "them comes last?",
        ),
        Misconception(
            "batch_last",
            "Your count of pictures stands at the end. When you write images[0] you want the "
            "first picture: so which axis has to be the first?",
        ),
        Misconception(
            "no_batch_axis",
            "Your tuple describes one picture, not a batch. Where does it say how many there are?",
        ),
        Misconception(
            "no_batch_of_one",
            "You leave the first axis out when there is one picture only. A network always reads "
            "four axes: how long is the first one then?",
        ),
        Misconception(
            "grey_without_channel",
            "You leave the last axis out when the picture is grey. A network always reads four "
            "axes: how many channels has a grey picture?",
        ),
        Misconception(
            "always_three_channels",
            "Your pictures always have 3 channels. What if the function is told another number?",
        ),
        Misconception(
            "always_one_image",
            "Your batch always holds 1 picture. What if the function is told another number?",
        ),
    ),
    forbidden=(),
    hints=(
        "The letters N, H, W, C give the order: number of pictures, height, width, channels. The "
        "camera says the width first, and the function gets it first, too.",
        "Return a tuple of the four arguments, in the order of the letters. Grey pictures and "
        "batches of one need nothing of their own: their axis is there, and it is 1 long.",
    ),
    proved="image_shape gives the four axes of a batch in TensorFlow's order: N, H, W, C.",
)

# --- conv_output_size -------------------------------------------------------------------------


def _outputs_by_tensorflow(size, kernel_size, stride=1, padding="valid", dilation=1):
    """Count the outputs of TensorFlow's own convolution; 0 where no window fits.

    On a row that is too short by a pixel TensorFlow 2.20 gives numbers from nowhere on some
    processors, so there it is not asked.
    """
    import tensorflow as tf

    sides = padding if isinstance(padding, tuple) else (padding, padding)
    zeros = {"valid": "VALID", "same": "SAME"}.get(padding, [[0, 0], [0, 0], list(sides), [0, 0]])
    length = size if padding == "valid" else size + sum(sides) if padding != "same" else None
    if length is not None and length < (kernel_size - 1) * dilation + 1:
        return 0
    row, kernel = tf.zeros((1, 1, size, 1)), tf.zeros((1, kernel_size, 1, 1))
    steps = dict(strides=[1, 1, stride, 1], dilations=[1, 1, dilation, 1])
    return int(tf.nn.conv2d(row, kernel, padding=zeros, **steps).shape[2])


def _span_with(slips, kernel_size, dilation):
    """Pixels from the first tap to the last, as someone with these slips counts them."""
    if "dilation_ignored" in slips:
        return kernel_size
    if "kernel_times_dilation" in slips:
        return kernel_size * dilation
    return (kernel_size - 1) * dilation + 1


def _zeros_with(slips, padding, kernel_size):
    """Zeros on both sides together, where the padding is not the true "same"."""
    if padding == "valid":
        return 0
    if padding == "same":
        padding = (kernel_size - 1) // 2
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    if "padding_once" in slips:
        return before
    return 2 * before if "pair_read_as_2_before" in slips else before + after


def _conv_output_size_with(slips, size, kernel_size, stride=1, padding="valid", dilation=1):
    """`conv_output_size` as someone with these slips writes it; without any it is right."""
    if padding == "same" and "same_keeps_size" in slips:
        return size
    if padding == "same" and "same_by_half_kernel" not in slips:
        return size // stride if "same_floor" in slips else -(-size // stride)
    zeros = _zeros_with(slips, padding, kernel_size)
    if "padding_after_the_stride" in slips and padding != "same":
        slips = slips - {"padding_after_the_stride"}
        layer = (kernel_size, stride, "valid", dilation)
        return _conv_output_size_with(slips, size, *layer) + zeros
    rest = size + zeros - _span_with(slips, kernel_size, dilation)
    if "plus_one_before_division" in slips:
        rest += 1
    steps = rest // stride
    if "ceil_for_floor" in slips:
        steps = -(-rest // stride)
    if "rounded_to_nearest" in slips:
        steps = round(rest / stride)
    if "not_rounded" in slips:
        steps = rest / stride
    return steps if slips & {"fence_post", "plus_one_before_division"} else steps + 1


def _layer_case(first):
    """A function that makes cases from numbers in the order of the arguments, `first` first."""
    names = (first, "kernel_size", "stride", "padding", "dilation")

    def case(part, *numbers):
        plain = [n if isinstance(n, (str, tuple)) else int(n) for n in numbers]
        return Case(part, dict(zip(names, plain, strict=False)))

    return case


def _conv_output_size_cases(rng):
    case, size = _layer_case("size"), rng.integers(25, 60, 5)
    stride = int(rng.integers(3, 6))
    most = 4 + stride * int(rng.integers(4, 9)) + stride - 1  # the longest rest that can be
    return [
        case("stride 1", 7, 3),
        case("stride 1", size[0], 4),
        case("wider strides", 7, 3, 3),
        case("wider strides", 7, 3, 2),
        case("wider strides", most, 4, stride),
        case("zeros by number", 4, 3, 1, 1),
        case("zeros by number", 9, 3, 1, (2, 1)),
        case("zeros by number", 2 * (size[1] // 2), 6, 2, (0, 3)),
        case("same", 7, 3, 2, "same"),
        case("same", 2 * (size[2] // 2) + 1, 4, 2, "same"),
        case("dilation", 12, 3, 1, "valid", 2),
        case("dilation", size[3], 4, 1, "valid", 3),
    ]


SPAN_QUESTIONS = (
    Misconception(
        "dilation_ignored",
        "Your answer does not change with the dilation. If 3 taps lie 2 pixels apart, how many "
        "pixels does the window cover?",
    ),
    Misconception(
        "kernel_times_dilation",
        "You let the window cover kernel_size x dilation pixels. Draw 3 taps with one gap between "
        "neighbours: is there a gap after the last tap as well?",
    ),
)

conv_output_size = Exercise(
    name="conv_output_size",
    points=4,
    parts=(
        Part(
            "a whole number",
            0.1,
            "A count of windows is a whole number, an int. Which division gives one?",
            form=True,
        ),
        Part(
            "stride 1",
            0.1,
            "Write the pixels in a row and slide the window by hand: how many places are there?",
        ),
        Part(
            "wider strides",
            0.2,
            "The first window stands at the start. How many whole strides can it still go before "
            "its end would hang over?",
        ),
        Part(
            "zeros by number",
            0.2,
            "How long is the row once the zeros lie beside it? A pair gives each side its own.",
        ),
        Part(
            "same",
            0.2,
            '"same" does not count windows: it promises a length that only the size and the '
            "stride decide. Which one?",
        ),
        Part(
            "dilation",
            0.2,
            "A dilated window is longer than its number of taps. From the first tap to the last: "
            "how many pixels?",
        ),
    ),
    cases=_conv_output_size_cases,
    expected=_outputs_by_tensorflow,
    answer_with=_conv_output_size_with,
    misconceptions=(
        Misconception(
            "ceil_for_floor",
            "You count one more window where the stride leaves a remainder. Would all of its taps "
            "lie on the row?",
        ),
        Misconception(
            "rounded_to_nearest",
            "You count one more window where more than half of a stride is left. Is two thirds of "
            "a stride enough for another window to find room?",
        ),
        Misconception(
            "not_rounded",
            "Your count is not always an int. Can there be a third of a window? And if the "
            "division comes out even, which kind of number does / give in Python?",
        ),
        Misconception(
            "fence_post",
            "You count the strides. A window that has moved four times: at how many places has it "
            "stood?",
        ),
        Misconception(
            "plus_one_before_division",
            "You count one pixel more and then divide. Is the first window one more pixel, or "
            "one more window?",
        ),
        Misconception(
            "padding_once",
            "Your row grows on one side only. Where does padding put zeros: before, after, both?",
        ),
        Misconception(
            "pair_read_as_2_before",
            "You took twice the first number of the pair. What does the second one say?",
        ),
        Misconception(
            "padding_after_the_stride",
            "You add the zeros to the output. With stride 2 the window jumps over every second "
            "pixel, zeros too: do 2 zeros more make 2 windows more?",
        ),
        Misconception(
            "same_keeps_size",
            'With "same" you always give back the size. Is that so when the stride is 2?',
        ),
        Misconception(
            "same_floor",
            'With "same" you drop the last, incomplete stride. Take 7 pixels and stride 2: with '
            "zeros at the end, does one more window find room?",
        ),
        Misconception(
            "same_by_half_kernel",
            'For "same" you put half the kernel on each side. What is half of an even kernel, '
            "and does the count still come out as TensorFlow's?",
        ),
        *SPAN_QUESTIONS,
    ),
    forbidden=(
        "helpers.shapes.conv_output_size",
        "helpers.shapes.conv_multiply_adds",
        "tensorflow.raw_ops.Conv2D",
        "tensorflow.raw_ops.MaxPool",
        "tensorflow.raw_ops.AvgPool",
        "keras.layers.Conv1D",
        "keras.layers.Conv2D",
        "keras.layers.MaxPooling1D",
        "keras.layers.MaxPooling2D",
        "keras.layers.AveragePooling1D",
        "keras.layers.AveragePooling2D",
    ),
    hints=(
        'Two kinds of padding, two ways. "same" is a promise about the output: it depends on '
        "size and stride only. All else is counting: how long is the row with its zeros, how long "
        "the window, how many whole strides fit into what is left?",
        "7 pixels, 3 taps, stride 3: the first window takes 3, which leaves 4; one whole stride "
        "fits into 4; with the first window that makes 2. Now with letters. A window of 3 taps, "
        "2 pixels apart, is 5 long. For a quotient rounded up, -(-a // b) stays in whole numbers.",
    ),
    proved="conv_output_size counts windows as TensorFlow does, with remainders, zeros and gaps.",
)

# --- inputs_with_output -----------------------------------------------------------------------


def _inputs_by_tensorflow(output_size, kernel_size, stride=1, padding="valid", dilation=1):
    """Lengthen the input of TensorFlow's convolution until its output is longer than wanted."""
    layer, fit = (kernel_size, stride, padding, dilation), []
    for size in itertools.count(1):
        outputs = _outputs_by_tensorflow(size, *layer)
        if outputs > output_size:
            return range(fit[0], fit[-1] + 1)
        if outputs == output_size:
            fit.append(size)


def _inputs_with_output_with(
    slips, output_size, kernel_size, stride=1, padding="valid", dilation=1
):
    """`inputs_with_output` as someone with these slips writes it; without any it is right."""
    length = stride
    if padding == "same" and "same_keeps_size" in slips:
        least, length = output_size, 1
    elif padding == "same" and "same_by_half_kernel" not in slips:
        whole = slips & {"same_floor", "one_size", "only_sizes_that_divide"}
        least = output_size * stride if whole else (output_size - 1) * stride + 1
    else:
        zeros = _zeros_with(slips, padding, kernel_size)
        strides = output_size if "fence_post" in slips else output_size - 1
        least = strides * stride + _span_with(slips, kernel_size, dilation)
        least += zeros if "padding_added" in slips else -zeros
        if "ceil_for_floor" in slips:
            least -= stride - 1
    if "one_size" in slips:
        return least
    if "only_sizes_that_divide" in slips:
        length = 1
    stop = least + length - ("last_left_out" in slips) + ("one_too_many" in slips)
    if "size_zero_counted" not in slips:
        least = max(least, 1)
    return range(least, stop)


def _inputs_with_output_cases(rng):
    case, outputs = _layer_case("output_size"), rng.integers(4, 8, 5)
    return [
        case("stride 1", 5, 3),
        case("stride 1", outputs[0], 4),
        case("wider strides", 3, 3, 2),
        case("wider strides", 2, 3, 3),
        case("wider strides", outputs[1], 4, 5),
        case("zeros by number", 4, 3, 1, 1),
        case("zeros by number", outputs[2], 4, 2, (2, 1)),
        case("zeros by number", 1, 2, 4, 1),
        case("same", 4, 3, 2, "same"),
        case("same", outputs[3], 4, 3, "same"),
        case("dilation", 4, 3, 1, "valid", 2),
        case("dilation", outputs[4], 4, 2, "valid", 3),
    ]


def _as_range(value, case):
    """A list or tuple of neighbouring sizes counts as the range that it spells out."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu":
        value = tuple(value.tolist())
    if isinstance(value, tuple) and value and all(type(item) is int for item in value):
        spelt = range(value[0], value[-1] + 1)
        return spelt if tuple(spelt) == value else value
    return value


inputs_with_output = Exercise(
    name="inputs_with_output",
    points=2,
    parts=(
        Part(
            "a range of sizes",
            0.1,
            "Several sizes may give the same output: the answer is a range of them, in order.",
            form=True,
        ),
        Part(
            "stride 1",
            0.1,
            "With stride 1 each size has an output of its own. Which one has this?",
        ),
        Part(
            "wider strides",
            0.2,
            "Find the shortest row that has so many windows. How many pixels can be added to it "
            "before one window more finds room?",
        ),
        Part(
            "zeros by number",
            0.2,
            "The zeros fill a part of the padded row. How many of its pixels are real, and how "
            "few can they be?",
        ),
        Part(
            "same",
            0.2,
            '"same" rounds size / stride up. Which sizes are rounded to this output?',
        ),
        Part(
            "dilation",
            0.2,
            "A dilated window is longer than its number of taps. From the first tap to the last: "
            "how many pixels?",
        ),
    ),
    cases=_inputs_with_output_cases,
    expected=_inputs_by_tensorflow,
    answer_with=_inputs_with_output_with,
    probe=_as_range,
    misconceptions=(
        Misconception(
            "one_size",
            "You give one size. With stride 2, 3 taps and no padding: do 7 pixels and 8 pixels "
            "have different outputs?",
        ),
        Misconception(
            "only_sizes_that_divide",
            "You give only the size at which the stride comes out even. What happens to the "
            'output when the row is one pixel longer, or with "same" one pixel shorter?',
        ),
        Misconception(
            "last_left_out",
            "The largest size is missing. What does range(7, 9) hold, and what not?",
        ),
        Misconception(
            "one_too_many",
            "Your largest size is one too large: there, one window more has found room. How many "
            "sizes share an output when the stride is 3?",
        ),
        Misconception(
            "fence_post",
            "You let the window go one stride too far. How many strides lie between the first "
            "and the last of 3 windows?",
        ),
        Misconception(
            "ceil_for_floor",
            "Your sizes end where they should begin. Is a row that is one pixel short of the "
            "last window long enough for it?",
        ),
        Misconception(
            "padding_added",
            "Your sizes grow with the padding. If zeros already fill a part of the row, do you "
            "need more real pixels for the same output, or fewer?",
        ),
        Misconception(
            "padding_once",
            "Your row has zeros on one side only. Where does padding put them: before, after, or "
            "both?",
        ),
        Misconception(
            "pair_read_as_2_before",
            "You took twice the first number of the pair. What does the second one say?",
        ),
        Misconception(
            "size_zero_counted",
            "Among your sizes there is one below 1. What would a picture of 0 pixels show?",
        ),
        Misconception(
            "same_keeps_size",
            'With "same" you take the output for the input. Is that so when the stride is 2?',
        ),
        Misconception(
            "same_floor",
            'With "same" your sizes begin at a multiple of the stride. Does "same" round '
            "size / stride down or up?",
        ),
        Misconception(
            "same_by_half_kernel",
            'For "same" you put half the kernel on each side. What is half of an even kernel, '
            "and do the sizes still come out as TensorFlow's?",
        ),
        *SPAN_QUESTIONS,
    ),
    forbidden=("helpers.shapes.inputs_with_output", *conv_output_size.forbidden),
    hints=(
        "Turn the counting round. How long is the row that the windows cover, from the start of "
        "the first to the end of the last? That is the shortest. Then: how much longer may it be?",
        "3 windows of 3 taps, stride 2: the last begins 4 pixels after the first and is 3 long, "
        "so 7 pixels are the least. An eighth pixel is left over, a ninth makes a fourth window. "
        'Zeros are part of that length, and no picture has fewer than 1 pixel. "same" goes its '
        "own way: which sizes, divided by the stride, are rounded up to the output?",
    ),
    proved="inputs_with_output finds all sizes that a layer makes alike, and no others.",
)

# --- receptive_field --------------------------------------------------------------------------

LONG_ROW = 150  # pixels: two outputs of any case's layers fit
NOT_LOOKED_AT = "any start"  # stands in for the start in those cases that are about size and jump


def _field_by_gradient(layers):
    """Ask TensorFlow's gradient which pixels the first two outputs of a real network depend on."""
    import tensorflow as tf

    row = tf.Variable(tf.ones((1, 1, LONG_ROW, 1)))
    with tf.GradientTape(persistent=True) as tape:
        maps = row
        for kernel_size, stride, *dilation in layers:
            spread = np.zeros((1, (kernel_size - 1) * (*dilation, 1)[0] + 1, 1, 1), "float32")
            spread[:, :: (*dilation, 1)[0]] = 1  # the CPU has no gradient for dilations
            maps = tf.nn.conv2d(maps, spread, stride, "VALID")
        first, second = maps[0, 0, 0, 0], maps[0, 0, 1, 0]
    seen, seen_next = (
        np.flatnonzero(tape.gradient(one, row).numpy().ravel()) for one in (first, second)
    )
    size, jump = seen[-1] - seen[0] + 1, seen_next[0] - seen[0]
    return int(size), int(jump), float(seen[0] + seen[-1]) / 2


def _receptive_field_with(slips, layers):
    """`receptive_field` as someone with these slips writes it; without any it is right."""
    size, jump = 0 if slips & {"sum_of_kernels", "own_pixel_forgotten"} else 1, 1
    for kernel_size, stride, *dilation in layers[::-1] if "from_the_output" in slips else layers:
        span = _span_with(slips, kernel_size, (*dilation, 1)[0])
        before = jump
        jump = jump + stride if "strides_added" in slips else jump * stride
        if "strides_ignored" in slips:
            jump = 1
        spread = jump if "own_stride_first" in slips else before
        if "strides_do_not_spread" in slips:
            spread = 1
        size += (span if "sum_of_kernels" in slips else span - 1) * spread
    if "last_stride_forgotten" in slips:
        jump = before
    if "stride_of_the_last_layer" in slips:
        jump = stride
    start = (size - 1) / 2
    if "start_at_the_edge" in slips:
        start = 0.0
    if "start_in_corner_coordinates" in slips:
        start = size / 2
    if "start_rounded" in slips:
        start = float(size // 2)
    return size, jump, start


def _receptive_field_cases(rng):
    def case(part, *layers):
        return Case(part, {"layers": tuple(tuple(map(int, layer)) for layer in layers)})

    taps = rng.integers(2, 6, 9)
    wide, odd = rng.integers(2, 4, 4), 2 * rng.integers(1, 3) + 1
    return [
        case("one layer", (3, 1)),
        case("one layer", (taps[0] + 2, wide[0])),
        case("layers of stride 1", (3, 1), (3, 1)),
        case("layers of stride 1", (taps[1], 1), (taps[2], 1), (taps[3], 1)),
        case("strides", (3, 2), (3, 1)),
        case("strides", (3, 1), (2, 2), (3, 1)),
        case("strides", (taps[4] + 2, 2), (2, 2), (3, wide[1])),
        case("dilation", (3, 1), (3, 1, 2)),
        case("dilation", (taps[5], 1, wide[2] + 1), (taps[6], 1)),
        case("the first centre", (3, 1), (2, 1)),
        case("the first centre", (odd, 1), (3, 1)),
        case("the first centre", (taps[7], 2), (taps[8], 1)),
    ]


def _start_where_it_counts(value, case):
    """Only the cases about the first centre look at `start`; the others leave it out."""
    if case.part == "the first centre" or not isinstance(value, tuple) or len(value) != 3:
        return value
    return (*value[:2], NOT_LOOKED_AT)


receptive_field = Exercise(
    name="receptive_field",
    points=4,
    parts=(
        Part(
            "three numbers",
            0.1,
            "The answer is a tuple (size, jump, start): two whole numbers and one that may end "
            "in .5.",
            form=True,
        ),
        Part(
            "one layer",
            0.1,
            "One layer: which pixels does its first output see, and how far does the window move "
            "to the second?",
        ),
        Part(
            "layers of stride 1",
            0.1,
            "One output of the second layer sees 3 neighbours of the first layer. Their windows "
            "overlap: how many pixels do they cover together?",
        ),
        Part(
            "strides",
            0.25,
            "After a stride, neighbours in the map are further apart in the input. How far apart "
            "are the taps of the next layer, in pixels?",
        ),
        Part(
            "dilation",
            0.2,
            "A dilated kernel has gaps between its taps. How far is it from the first to the last?",
        ),
        Part(
            "the first centre",
            0.25,
            "The first output sees the pixels from 0 on. Which position is in the middle of them, "
            "when the middle of pixel 0 is 0.0?",
        ),
    ),
    cases=_receptive_field_cases,
    expected=_field_by_gradient,
    answer_with=_receptive_field_with,
    probe=_start_where_it_counts,
    misconceptions=(
        Misconception(
            "own_stride_first",
            "You let a layer's own stride spread its own taps. The taps of a first layer lie on "
            "neighbouring pixels, whatever its stride: whose taps does the stride move apart?",
        ),
        Misconception(
            "sum_of_kernels",
            "You added up whole windows. Two windows that are one pixel apart overlap: how many "
            "new pixels does the second one bring?",
        ),
        Misconception(
            "own_pixel_forgotten",
            "Your fields are one pixel short. With no layer at all, how many pixels does a pixel "
            "see?",
        ),
        Misconception(
            "strides_do_not_spread",
            "Your size does not change with the strides. After a layer of stride 2, how many "
            "pixels apart are two neighbours of its map?",
        ),
        Misconception(
            "strides_added",
            "You added the strides. Two layers of stride 2: every second one of every second pixel "
            "is kept. How many pixels apart are those?",
        ),
        Misconception(
            "strides_ignored",
            "Your jump is 1 whatever the strides. If a window moves by 2 pixels, how far apart are "
            "the fields of two neighbouring outputs?",
        ),
        Misconception(
            "last_stride_forgotten",
            "Your jump leaves out the last layer. Do its outputs lie one step apart in the map "
            "that it reads, or one stride?",
        ),
        Misconception(
            "stride_of_the_last_layer",
            "Your jump is the stride of the last layer. That counts steps in the map that the "
            "last layer reads: how many input pixels is one such step?",
        ),
        Misconception(
            "from_the_output",
            "You went through the list from its end. Which layer touches the pixels: the first "
            "of the list, or the last?",
        ),
        Misconception(
            "start_at_the_edge",
            "Your start is the first pixel of the field. Where is its centre?",
        ),
        Misconception(
            "start_in_corner_coordinates",
            "Your start is half a pixel too far right. Is the middle of pixel 0 at 0.0 or at 0.5?",
        ),
        Misconception(
            "start_rounded",
            "Your start is always a whole number. Which pixel is in the middle of a field of 4?",
        ),
        *SPAN_QUESTIONS,
    ),
    forbidden=("helpers.shapes.receptive_field",),
    hints=(
        "Go through the layers from the input on, and keep two numbers: how many pixels one "
        "output sees, and how many pixels two neighbouring outputs lie apart. Before the first "
        "layer both are 1. What does a layer of 3 taps add to the first number?",
        "Each tap after the first adds as many pixels as its neighbours lie apart in the map "
        "that the layer *reads*; only after that does the layer's own stride count. Without "
        "padding the first field begins at pixel 0, so its middle follows from its size.",
    ),
    proved="receptive_field tells what an output sees, as the gradient of a real network does.",
)

# --- conv_parameters --------------------------------------------------------------------------


def _sides_of(value):
    """Height and width, of a number for both or of a pair."""
    return value if isinstance(value, tuple) else (value, value)


def _conv_parameters_by_keras(kernel_size, in_channels, filters, use_bias=True, groups=1):
    """Build the layer and let it count."""
    import keras

    layer = keras.layers.Conv2D(filters, kernel_size, groups=groups, use_bias=use_bias)
    layer.build((None, None, None, in_channels))
    return layer.count_params()


def _conv_parameters_with(slips, kernel_size, in_channels, filters, use_bias=True, groups=1):
    """`conv_parameters` as someone with these slips writes it; without any it is right."""
    height, width = _sides_of(kernel_size)
    taps = height * width
    if "kernel_not_squared" in slips and not isinstance(kernel_size, tuple):
        taps = height
    if "height_for_both_sides" in slips:
        taps = height * height
    seen_channels = in_channels if "groups_ignored" in slips else in_channels // groups
    if "channels_forgotten" in slips:
        seen_channels = 1
    counted = 1 if "filters_forgotten" in slips else filters
    biases = 1 if "one_bias" in slips else counted
    if "bias_for_each_channel" in slips:
        biases *= in_channels
    if "bias_forgotten" in slips or not (use_bias or "bias_always" in slips):
        biases = 0
    if "one_group_only" in slips:
        counted //= groups
    return taps * seen_channels * counted + biases


def _conv_parameters_cases(rng):
    def case(part, kernel_size, in_channels, filters, **settings):
        first = {"kernel_size": kernel_size, "in_channels": in_channels, "filters": filters}
        return Case(part, first | settings)

    one, many, oblong, no_bias, groups = (p.name for p in conv_parameters.parts if not p.form)
    channels, filters, taps = map(int, rng.integers((4, 5, 2), (9, 40, 8)))
    return [
        case(one, 5, 3, 1),
        case(one, taps, channels, 1),
        case(many, 5, 3, 10),
        case(many, taps + 1, channels, filters),
        case(oblong, (3, 5), 1, 4),
        case(oblong, (taps, 1), 1, filters),
        case(no_bias, 3, 3, 64, use_bias=False),
        case(no_bias, taps, channels, filters, use_bias=False),
        case(groups, 3, 6, 4, groups=2),
        case(groups, 3, channels, channels, groups=channels),
        case(groups, taps, 3 * channels, 3 * filters, groups=3),
    ]


GROUP_MISCONCEPTIONS = (  # of both counts
    Misconception(
        "groups_ignored",
        "Your answer does not change with the groups. How many channels does one filter "
        "still see when they are dealt out to two groups?",
    ),
    Misconception(
        "one_group_only",
        "With groups you come out too low. You divided the channels and the filters: how "
        "many such groups are there?",
    ),
)

conv_parameters = Exercise(
    name="conv_parameters",
    points=2,
    parts=(
        Part("a whole number", 0.1, "The answer is one whole number.", form=True),
        Part(
            "one filter",
            0.1,
            "Draw the one filter as a block: how high is it, how wide, and how deep? And what is "
            "added after its sum?",
        ),
        Part("several filters", 0.15, "How much of a second filter is shared with the first?"),
        Part(
            "an oblong kernel",
            0.2,
            "The kernel is a pair (height, width) here. How many taps has a kernel of 3 x 5?",
        ),
        Part("without bias", 0.2, "With `use_bias=False` only the weights are left."),
        Part(
            "groups",
            0.25,
            "With groups=2 the first half of the filters looks at the first half of the channels. "
            "How deep is one filter then, and how many filters are there?",
        ),
    ),
    cases=_conv_parameters_cases,
    expected=_conv_parameters_by_keras,
    answer_with=_conv_parameters_with,
    misconceptions=(
        Misconception(
            "kernel_not_squared",
            "A kernel_size of 5 gives you 5 taps. How many has a kernel that is 5 high and 5 wide?",
        ),
        Misconception(
            "height_for_both_sides",
            "Your answer does not change with the kernel's width. How many taps has a kernel of "
            "3 x 5?",
        ),
        Misconception(
            "channels_forgotten",
            "Your answer does not change with the channels of the input. How deep is a filter "
            "that looks at red, green and blue?",
        ),
        Misconception(
            "filters_forgotten",
            "Your answer does not change with the filters: you counted a single one. Do they "
            "share their weights?",
        ),
        *GROUP_MISCONCEPTIONS,
        Misconception(
            "bias_forgotten",
            "Some numbers are missing, one for each filter. What does a Keras layer have unless "
            "it is told not to?",
        ),
        Misconception(
            "bias_always",
            "Your answer does not change with `use_bias`. How many biases has a layer without?",
        ),
        Misconception(
            "one_bias",
            "You counted one bias for the whole layer. Which of the maps would get it?",
        ),
        Misconception(
            "bias_for_each_channel",
            "You counted a bias for each pair of channel and filter. Is it added before or after "
            "the channels have been added up?",
        ),
    ),
    forbidden=(
        "helpers.shapes.conv_parameters",
        "keras.layers.Conv2D",
        "keras.layers.DepthwiseConv2D",
    ),
    hints=(
        "One filter first. It is a block of weights: height x width x the channels that it sees. "
        "Then: how many such blocks, and what comes on top?",
        "The groups change the depth of each filter, not the number of filters. The biases "
        "depend on the filters alone. Hold your answer against 76, for one filter of 5 x 5 x 3.",
    ),
    proved="conv_parameters counts what a Keras layer learns: oblong, grouped, with bias or not.",
    key="Keras",
)

# --- conv_multiply_adds -----------------------------------------------------------------------


def _multiply_adds_by_tensorflow(
    size, kernel_size, in_channels, filters, stride=1, padding="valid", groups=1
):
    """As many outputs as TensorFlow computes, times the weights that Keras gives one filter."""
    import keras
    import tensorflow as tf

    image = np.zeros((1, *_sides_of(size), 1), "float32")
    taps = np.zeros((*_sides_of(kernel_size), 1, 1), "float32")
    outputs = tf.size(tf.nn.conv2d(image, taps, stride, padding.upper())).numpy()
    layer = keras.layers.Conv2D(filters, kernel_size, groups=groups, use_bias=False)
    layer.build((None, None, None, in_channels))
    return int(outputs) * layer.count_params()


def _products_of_axis(slips, size, taps, stride, padding):
    """(outputs, products of a tap and a pixel) along one axis."""
    zeros = 0
    if padding == "valid" or "padding_ignored" in slips:
        outputs = (size - taps) // stride + 1
    else:
        outputs = size // stride if "same_rounds_down" in slips else -(-size // stride)
        zeros = max((outputs - 1) * stride + taps - size, 0) // 2
    if "input_size_for_output_size" in slips:
        outputs = size
    starts = range(-zeros, outputs * stride - zeros, stride)
    seen = sum(0 <= start + tap < size for start in starts for tap in range(taps))
    return outputs, seen if "padding_left_out" in slips else outputs * taps


def _multiply_adds_with(
    slips, size, kernel_size, in_channels, filters, stride=1, padding="valid", groups=1
):
    """`conv_multiply_adds` as someone with these slips writes it; without any it is right."""
    (height, width), (rows, columns) = _sides_of(size), _sides_of(kernel_size)
    stride = 1 if "stride_ignored" in slips else stride
    stride_across = 1 if "stride_on_one_axis" in slips else stride
    down, products = _products_of_axis(slips, height, rows, stride, padding)
    along, more = _products_of_axis(slips, width, columns, stride_across, padding)
    if "height_for_both_sides" in slips:
        along, more = down, down * columns
    products *= along if "kernel_side_not_area" in slips else more
    seen_channels = in_channels if "groups_ignored" in slips else in_channels // groups
    if "channels_forgotten" in slips:
        seen_channels = 1
    counted = 1 if "filters_forgotten" in slips else filters
    biases = down * along * counted if "bias_counted" in slips else 0
    if "one_group_only" in slips:
        counted //= groups
    total = products * seen_channels * counted + biases
    return 2 * total if "multiply_and_add_apart" in slips else total


def _multiply_adds_cases(rng):
    def case(part, size, kernel_size, in_channels, filters, **settings):
        first = {"size": size, "kernel_size": kernel_size}
        return Case(part, first | {"in_channels": in_channels, "filters": filters} | settings)

    one, several, strides, same, groups = (
        part.name for part in conv_multiply_adds.parts if not part.form
    )
    height, width = map(int, rng.permutation(np.arange(9, 20))[:2])
    channels, filters = map(int, rng.integers(3, 8, 2))
    return [
        case(one, 5, 3, 1, 1),
        case(one, (height, width), (3, 2), 1, 1),
        case(several, 6, 3, 3, 4),
        case(several, height, 5, channels, filters),
        case(strides, 7, 3, 2, 3, stride=2),
        case(strides, (7, 10), 3, 2, 3, stride=2, padding="same"),
        case(strides, height, 2, channels, filters, stride=3),
        case(same, 4, 3, 2, 3, padding="same"),
        case(same, (height, width), 4, channels, filters, padding="same"),
        case(groups, 6, 3, 4, 6, groups=2),
        case(groups, height, 3, channels, channels, groups=channels),
    ]


conv_multiply_adds = Exercise(
    name="conv_multiply_adds",
    points=2,
    parts=(
        Part("a whole number", 0.2, "The answer is one whole number.", form=True),
        Part(
            "one channel, one filter",
            0.15,
            "How many windows are there, and how many products in each?",
        ),
        Part(
            "several channels and filters",
            0.15,
            "One number of one map: how many weights does its filter have? And how many maps?",
        ),
        Part("stride", 0.2, "Count the outputs from top to bottom, then from left to right."),
        Part(
            '"same" padding',
            0.1,
            'With "same" the kernel also lies over the edge. How many windows are there, and '
            "how many taps has each?",
        ),
        Part(
            "groups",
            0.2,
            "With groups=2 a filter sees half of the channels. How many products has one output "
            "then, and how many outputs are there?",
        ),
    ),
    cases=_multiply_adds_cases,
    expected=_multiply_adds_by_tensorflow,
    answer_with=_multiply_adds_with,
    misconceptions=(
        Misconception(
            "input_size_for_output_size",
            "You counted a window for each pixel of the input. How many 3 x 3 windows fit into "
            "5 x 5 pixels?",
        ),
        Misconception(
            "height_for_both_sides",
            "Your answer does not change with the width of the image. What if it is not square?",
        ),
        Misconception(
            "kernel_side_not_area",
            "You counted the taps along one side of the kernel. How many products does one whole "
            "window take?",
        ),
        Misconception(
            "channels_forgotten",
            "Your answer does not change with the channels. Through how many channels does one "
            "window reach?",
        ),
        Misconception(
            "filters_forgotten",
            "Your answer does not change with the filters. Who computes the second map?",
        ),
        Misconception(
            "stride_ignored",
            "Your answer does not change with the stride. How many windows are left when only "
            "every second one is taken?",
        ),
        Misconception(
            "stride_on_one_axis",
            "You use the stride from top to bottom only. How far to the right of the first window "
            "does the second one of the same row begin?",
        ),
        Misconception(
            "padding_ignored",
            'Your answer does not change with the padding. How many outputs does "same" give?',
        ),
        Misconception(
            "same_rounds_down",
            'You drop the last, incomplete stride. Does "same" round size / stride down or up?',
        ),
        Misconception(
            "padding_left_out",
            "You left out the products with zeros of the padding. Their sum does not change, but "
            "does a machine that multiplies know that beforehand?",
        ),
        Misconception(
            "bias_counted",
            "You counted the biases too. A bias is added: with what is it multiplied?",
        ),
        Misconception(
            "multiply_and_add_apart",
            "You come out at exactly twice the number. One product and its addition: are they "
            "one multiply-add or two?",
        ),
        *GROUP_MISCONCEPTIONS,
    ),
    forbidden=(
        "helpers.shapes.conv_multiply_adds",
        "keras.layers.Conv2D",
        "tensorflow.raw_ops.Conv2D",
    ),
    hints=(
        "Two questions: how many numbers come out, and how many products is each of them the "
        "sum of? shapes.conv_output_size answers half of the first.",
        "An output is the sum over one filter: its height x its width x the channels that it "
        "sees. Outputs: rows x columns x filters. For a padded zero a product counts like any "
        "other.",
    ),
    proved="conv_multiply_adds counts the work of a layer: outputs, times products in each.",
)
