"""Checks of the exercises on padding: how much, on which side, and with what."""

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part
from helpers.convolution import correlate2d
from helpers.padding import same_padding as padding_of_tensorflow

# --- same_padding -----------------------------------------------------------------------------


def _padding_by_tensorflow(size, kernel_size, stride=1, dilation=1):
    """Read the padding off TensorFlow's own convolution.

    The pixels carry their position; a kernel that is 1 at one tap and 0 elsewhere copies into
    each output the pixel under that tap. Any pixel found tells where its window began.
    """
    import tensorflow as tf

    reach = (kernel_size - 1) * dilation + 1
    row = np.arange(1, size + 1, dtype="float32").reshape(1, 1, size, 1)
    for tap in range(0, reach, dilation):
        kernel = np.zeros((1, reach, 1, 1), "float32")
        kernel[0, tap] = 1
        copied = tf.nn.conv2d(row, kernel, stride, "SAME").numpy().ravel()
        if copied.any():
            output = int(np.flatnonzero(copied)[0])
            before = output * stride + tap - (int(copied[output]) - 1)
            last = (len(copied) - 1) * stride - before + reach - 1
            return before, max(last - (size - 1), 0)
    raise AssertionError("no window saw a pixel")


def _padding_with(slips, size, kernel_size, stride=1, dilation=1):
    """`same_padding` as someone with these slips writes it; without any it is right."""
    reach = dilation * (kernel_size - 1) + 1
    if "dilation_ignored" in slips:
        reach = kernel_size
    if "kernel_times_dilation" in slips:
        reach = kernel_size * dilation
    outputs = size // stride if "floor_output" in slips else -(-size // stride)
    if "output_as_long_as_input" in slips:
        outputs = size
    if "stride_ignored" in slips:
        stride, outputs = 1, size
    total = (outputs - 1) * stride + reach - size
    if "negative_count" not in slips:
        total = max(total, 0)
    before = total // 2
    if "extra_first" in slips:
        before = total - total // 2
    if "all_after" in slips:
        before = 0
    after = before if "symmetric" in slips else total - before
    if "symmetric" in slips:
        before = after = -(-total // 2)
    return before, after


def _padding_cases(rng):
    def case(part, *numbers):
        names = ("size", "kernel_size", "stride", "dilation")
        return Case(part, dict(zip(names, map(int, numbers), strict=False)))

    def odd_total():
        while True:
            size, kernel_size, stride = rng.integers((7, 2, 1), (30, 8, 5))
            sides = padding_of_tensorflow(int(size), int(kernel_size), int(stride))
            if sum(sides) % 2 and sum(sides) > 1 and kernel_size > stride:
                return case("odd totals", size, kernel_size, stride)

    wide, small = 2 * rng.integers(1, 4, 2) + 1, rng.integers(2, 4)
    return [
        case("odd totals", 6, 3, 2),
        case("odd totals", 8, 5, 3),
        case("stride 1, odd kernel", 5, 3),
        case("stride 1, odd kernel", rng.integers(8, 40), wide[0]),
        case("odd totals", rng.integers(8, 40), 4),
        odd_total(),
        case("kernel smaller than the stride", 6, 1, 2),
        case("kernel smaller than the stride", 2 * (small + 1), small, small + 1),
        case("kernel smaller than the stride", 4, 2, 3),
        case("dilation", 11, 3, 1, 3),
        case("dilation", rng.integers(15, 40), wide[1], 1, 2),
    ]


same_padding = Exercise(
    name="same_padding",
    points=5,
    parts=(
        Part("a pair of whole numbers", 0.1, "The answer is a pair: (before, after).", form=True),
        Part(
            "stride 1, odd kernel",
            0.2,
            "With stride 1 each pixel gets an output. How many zeros must stand before the first "
            "pixel, so that the middle of the kernel can lie on it?",
        ),
        Part(
            "odd totals",
            0.3,
            "Count the outputs first, ceil(size / stride). Where does the last window end?",
        ),
        Part(
            "kernel smaller than the stride",
            0.2,
            "Some pixels lie between two windows here. Can there be fewer than no zeros?",
        ),
        Part(
            "dilation",
            0.2,
            "A dilated kernel has gaps between its taps. How many pixels lie from its first tap "
            "to its last?",
        ),
    ),
    cases=_padding_cases,
    expected=_padding_by_tensorflow,
    answer_with=_padding_with,
    misconceptions=(
        Misconception(
            "extra_first",
            "Your totals are right, but an odd one is split the wrong way round. On which side "
            "does TensorFlow put the extra zero: before the first pixel or after the last?",
        ),
        Misconception(
            "symmetric",
            "You give both sides the same count. What happens to a total that is odd: do both "
            "sides get the larger half, or is one side left with less?",
        ),
        Misconception(
            "stride_ignored",
            "Your answer does not change with the stride. With stride 2 only every second window "
            "is taken: does the last one still reach as far past the edge?",
        ),
        Misconception(
            "negative_count",
            "One of your counts is below zero. If the windows end before the row does, how many "
            "zeros does TensorFlow add?",
        ),
        Misconception(
            "output_as_long_as_input",
            'You ask for as many outputs as there are pixels. Is that what "same" means when '
            "the stride is 2? Count the outputs of a row of 6.",
        ),
        Misconception(
            "floor_output",
            'You drop the last, incomplete stride. Does "same" round size / stride down or up?',
        ),
        Misconception(
            "all_after",
            "All your zeros stand after the row. Where does the middle of the kernel lie in the "
            "first window then, and where should it?",
        ),
        Misconception(
            "dilation_ignored",
            "Your answer does not change with the dilation. If the 3 taps of a kernel lie 2 "
            "pixels apart, how many pixels does it span?",
        ),
        Misconception(
            "kernel_times_dilation",
            "You let the kernel span kernel_size x dilation pixels. Draw 3 taps with one gap "
            "between neighbours: is there a gap after the last tap as well?",
        ),
    ),
    forbidden=(
        "helpers.padding.same_padding",
        "helpers.padding.resolve_padding",
    ),
    hints=(
        'First count the outputs: "same" promises ceil(size / stride) of them. The padding is '
        "whatever makes that many windows fit.",
        "The last window begins (outputs - 1) * stride pixels after the first. Add the pixels "
        "that the kernel spans, take away the pixels that are there, and never go below 0. Then "
        "split the total: the smaller half stands before.",
    ),
    proved="same_padding pads as TensorFlow does: odd totals, wide strides and dilation included.",
)

# --- symmetric_conv ---------------------------------------------------------------------------

MIRRORS = {"reflect_without_edge": "reflect", "edge_repeated": "edge", "wraps_around": "wrap"}


def _symmetric_conv_by_tensorflow(image, kernel):
    import tensorflow as tf

    sides = [padding_of_tensorflow(n, k) for n, k in zip(image.shape, kernel.shape, strict=True)]
    padded = tf.pad(image, sides, "SYMMETRIC")[None, :, :, None]
    return tf.nn.conv2d(padded, kernel[:, :, None, None], 1, "VALID").numpy()[0, :, :, 0]


def _symmetric_conv_with(slips, image, kernel):
    """`symmetric_conv` as someone with these slips writes it."""
    if "valid_shrinks" in slips:
        return correlate2d(image, kernel)
    taps = (kernel.shape[0],) * 2 if "one_size_for_both_axes" in slips else kernel.shape
    sides = [padding_of_tensorflow(n, k) for n, k in zip(image.shape, taps, strict=True)]
    if "extra_first" in slips:
        sides = [side[::-1] for side in sides]
    modes = [mode for slip, mode in MIRRORS.items() if slip in slips] or ["symmetric"]
    if "zeros_outside" in slips:
        modes = ["constant"]
    padded = np.pad(image, sides, modes[0])
    return correlate2d(padded, kernel[::-1, ::-1] if "kernel_flipped" in slips else kernel)


def _symmetric_conv_cases(rng):
    def case(part, image_shape, kernel_shape):
        image = rng.integers(0, 10, image_shape).astype("float32")
        kernel = rng.integers(-2, 4, kernel_shape).astype("float32")
        kernel[0, 0], kernel[-1, -1] = 4, -3  # no symmetric kernel: a flip must show
        return Case(part, {"image": image, "kernel": kernel})

    taught = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "float32")
    sum_of_five = np.ones((1, 5), "float32")
    return [
        Case("a wide odd kernel", {"image": taught, "kernel": sum_of_five}),
        case("a 3 x 3 kernel", (4, 5), (3, 3)),
        case("a wide odd kernel", (6, 5), (5, 5)),
        case("an even or oblong kernel", (5, 6), (2, 4)),
        case("an even or oblong kernel", (6, 5), (3, 5)),
    ]


symmetric_conv = Exercise(
    name="symmetric_conv",
    points=3,
    parts=(
        Part(
            "one output for each pixel",
            0.1,
            "The output has the height and the width of the image.",
            form=True,
        ),
        Part(
            "a 3 x 3 kernel",
            0.3,
            "With 3 taps one pixel is missing on each side. Which pixel of the image stands in "
            "for it?",
        ),
        Part(
            "a wide odd kernel",
            0.3,
            "With 5 taps two pixels are missing on each side. In a mirror at the edge of the row "
            "1, 2, 3: which is the first that you see, which is the second?",
        ),
        Part(
            "an even or oblong kernel",
            0.3,
            "Height and width are padded each by their own rule, the one of same_padding.",
        ),
    ),
    cases=_symmetric_conv_cases,
    expected=_symmetric_conv_by_tensorflow,
    answer_with=_symmetric_conv_with,
    misconceptions=(
        Misconception(
            "zeros_outside",
            "Outside the image you have zeros. What does a mirror at the edge show instead?",
        ),
        Misconception(
            "reflect_without_edge",
            "Your mirror stands on the middle of the edge pixel: 3 2 | 1 2 3. Where must it "
            "stand so that the edge pixel itself is seen in it: 2 1 | 1 2 3?",
        ),
        Misconception(
            "edge_repeated",
            "You repeat the edge pixel again and again: 1 1 | 1 2 3. In a mirror, what stands "
            "behind the first one?",
        ),
        Misconception(
            "wraps_around",
            "Your image goes on with its other end, like wallpaper: 2 3 | 1 2 3. Which end of "
            "the row is near the left edge in a mirror?",
        ),
        Misconception(
            "valid_shrinks",
            "Your output is smaller than the image. Was anything put around the image before "
            "the kernel slid over it?",
        ),
        Misconception(
            "extra_first",
            "With an even kernel your result is shifted by one pixel. On which side does the "
            "extra pixel go?",
        ),
        Misconception(
            "kernel_flipped",
            "You turned the kernel around. Does TensorFlow's convolution flip it?",
        ),
        Misconception(
            "one_size_for_both_axes",
            "You padded the width for the kernel's height. How many taps has the kernel from "
            "left to right?",
        ),
    ),
    forbidden=("scipy.signal.convolve2d", "scipy.signal.correlate2d", "scipy.ndimage.correlate",
               "scipy.ndimage.convolve"),
    hints=(
        "Two steps: make the image larger, then slide the kernel over it without padding. "
        "padding.same_padding tells how many pixels are missing on each side.",
        "np.pad knows several ways to fill. Try them on np.arange(1, 4) with 2 pixels a side, "
        "and take the one that gives 2 1 1 2 3 3 2. For the sliding: convolution.correlate2d.",
    ),
    proved="symmetric_conv keeps the size and fills the border from a mirror, for any kernel.",
    picture=pictures.arrays,
)  # fmt: skip

# --- window_mean ------------------------------------------------------------------------------


def _window_mean_by_tensorflow(image, size):
    import tensorflow as tf

    batch = tf.cast(image, "float32")[None, :, :, None]
    return tf.nn.avg_pool2d(batch, size, 1, "SAME").numpy()[0, :, :, 0]


def _window_mean_with(slips, image, size):
    """`window_mean` as someone with these slips writes it."""
    image = image.astype("float32")
    sides = [padding_of_tensorflow(length, size) for length in image.shape]
    if "extra_first" in slips:
        sides = [side[::-1] for side in sides]
    if "shrinks" in slips:
        sides = [(0, 0), (0, 0)]
    window = np.ones((size, size), "float32")
    mode = "edge" if "edge_copied" in slips else "constant"
    sums = correlate2d(np.pad(image, sides, mode), window)
    if "sum_only" in slips:
        return sums
    if "zeros_counted" in slips or "edge_copied" in slips:
        return sums / size**2
    inside = image != 0 if "black_pixels_left_out" in slips else np.ones_like(image)
    counts = correlate2d(np.pad(inside.astype("float32"), sides), window)
    if "length_for_area" in slips:
        counts = np.sqrt(counts)
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)


def _window_mean_cases(rng):
    def case(part, shape, size, low=0):
        image = rng.integers(low, 10, shape).astype("float32")
        image[shape[0] // 2, shape[1] // 2] = 0  # a black pixel is a pixel too
        return Case(part, {"image": image, "size": size})

    white = np.ones((4, 4), "float32")
    return [
        Case("the border", {"image": white, "size": 3}),
        case("the middle", (7, 8), 3, low=1),
        case("the border", (5, 6), 3),
        case("an even window", (6, 5), 2),
        case("an even window", (6, 7), 4),
    ]


def _middle_only(value, case):
    """For the property "the middle": the border is cut off, so that it alone can hold."""
    if case.part != "the middle" or not isinstance(value, np.ndarray) or value.ndim != 2:
        return value
    return value[1:-1, 1:-1] if value.shape == case.arguments["image"].shape else value


window_mean = Exercise(
    name="window_mean",
    points=2,
    parts=(
        Part("one mean for each pixel", 0.1, "The output has the shape of the image.", form=True),
        Part("the middle", 0.2, "Away from the border it is the plain mean of size x size pixels."),
        Part(
            "the border",
            0.4,
            "At the border a part of the window hangs over the edge. How many real pixels are "
            "in it?",
        ),
        Part(
            "an even window",
            0.3,
            "An even window has no middle pixel; same_padding puts the extra zero after.",
        ),
    ),
    cases=_window_mean_cases,
    expected=_window_mean_by_tensorflow,
    answer_with=_window_mean_with,
    probe=_middle_only,
    misconceptions=(
        Misconception(
            "zeros_counted",
            "A white image gets a grey frame in your version: you divide by size x size at the "
            "border too. How many pixels of the image are in the window of a corner?",
        ),
        Misconception(
            "edge_copied",
            "You filled the border with copies of the edge, and copies count as pixels. The "
            "mean is to be over the real pixels only: how would you count them?",
        ),
        Misconception(
            "black_pixels_left_out",
            "You left out the pixels whose value is 0. Is a black pixel inside the image the "
            "same as no pixel at all?",
        ),
        Misconception("sum_only", "These are sums. What makes a sum a mean?"),
        Misconception(
            "shrinks",
            "Your output is smaller than the image. Which window belongs to the pixel in the "
            "corner?",
        ),
        Misconception(
            "extra_first",
            "With an even window your result is shifted by one pixel. On which side does the "
            "extra pixel go?",
        ),
        Misconception(
            "length_for_area",
            "You divide by the length of the window's side. How many pixels does a window of "
            "3 x 3 hold?",
        ),
    ),
    forbidden=("tensorflow.nn.avg_pool2d", "tensorflow.nn.avg_pool", "tensorflow.nn.pool",
               "tensorflow.raw_ops.AvgPool", "keras.ops.average_pool",
               "keras.layers.AveragePooling2D", "scipy.ndimage.uniform_filter"),
    hints=(
        "A mean is a sum divided by a count. Both change at the border; zeros do no harm to the "
        "sum, only to the count.",
        "Slide a kernel of ones over the image, padding=\"same\": that is the sum. Slide the "
        "same kernel over an image of ones: that is the count of real pixels in each window.",
    ),
    proved="window_mean divides by the pixels that are there, as TensorFlow's pooling does.",
    picture=pictures.arrays,
)  # fmt: skip

# --- pad_image (practice) ---------------------------------------------------------------------


def _pad_image_by_tensorflow(image, top, bottom, left, right):
    import tensorflow as tf

    return tf.pad(image, [(top, bottom), (left, right), (0, 0)]).numpy()


def _pad_image_with(slips, image, top, bottom, left, right):
    """`pad_image` as someone with these slips writes it."""
    if "top_and_bottom_swapped" in slips:
        top, bottom = bottom, top
    if "left_and_right_swapped" in slips:
        left, right = right, left
    if "one_count_for_both_sides" in slips:
        bottom, right = top, left
    rows, columns = (top, bottom), (left, right)
    if "rows_and_columns_swapped" in slips:
        rows, columns = columns, rows
    channels = (1, 1) if "channels_padded_too" in slips else (0, 0)
    mode = "edge" if "edge_copied" in slips else "constant"
    return np.pad(image, [rows, columns, channels], mode)


def _pad_image_cases(rng):
    def image(height, width, channels):
        return rng.integers(1, 10, (height, width, channels)).astype("float32")

    def case(part, pixels, top, bottom, left, right):
        sides = {"top": top, "bottom": bottom, "left": left, "right": right}
        return Case(part, {"image": pixels, **sides})

    return [
        case("the same on all sides", image(2, 3, 1), 1, 1, 1, 1),
        case("the same on all sides", image(3, 3, 2), 2, 2, 2, 2),
        case("rows", image(3, 4, 2), 2, 1, 0, 0),
        case("columns", image(3, 4, 2), 0, 0, 1, 2),
        case("all four", image(3, 2, 3), 1, 2, 3, 4),
    ]


pad_image = Exercise(
    name="pad_image",
    points=0,
    parts=(
        Part(
            "the padded shape",
            0.1,
            "Height grows by top + bottom, width by left + right, the channels stay.",
            form=True,
        ),
        Part("the same on all sides", 0.3, "Where does the image begin in the larger array?"),
        Part("rows", 0.2, "Only the height changes here: top zeros above, bottom zeros below."),
        Part("columns", 0.2, "Only the width changes here."),
        Part("all four", 0.2, "Four different counts: which one belongs to which side?"),
    ),
    cases=_pad_image_cases,
    expected=_pad_image_by_tensorflow,
    answer_with=_pad_image_with,
    misconceptions=(
        Misconception(
            "rows_and_columns_swapped",
            "Your rows grew where the columns should. Which axis of (height, width, channels) "
            "does `top` belong to?",
        ),
        Misconception(
            "top_and_bottom_swapped",
            "Your image sits too low or too high. How many rows of zeros come before the first "
            "row of pixels: `top` or `bottom`?",
        ),
        Misconception(
            "left_and_right_swapped",
            "Your image sits too far left or right. How many columns of zeros come before the "
            "first column of pixels?",
        ),
        Misconception(
            "one_count_for_both_sides",
            "You give both ends of an axis the same count. Where did `bottom` and `right` go?",
        ),
        Misconception(
            "channels_padded_too",
            "Your image has got more channels. Should zeros be added in front of red and "
            "behind blue?",
        ),
        Misconception(
            "edge_copied",
            "You copied the edge outwards. What is the value of a pixel of zero padding?",
        ),
    ),
    forbidden=("numpy.pad", "tensorflow.pad", "keras.ops.pad", "keras.layers.ZeroPadding2D"),
    hints=(
        "How large is the result? Make an array of zeros of that shape first.",
        "np.zeros((height + top + bottom, ...)), then copy the image into the rows from top to "
        "top + height and the columns from left to left + width.",
    ),
    proved="pad_image puts the right number of zeros on each of the four sides.",
    picture=pictures.arrays,
)
