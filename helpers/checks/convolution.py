"""Checks of the exercises on convolution: slide a kernel, turn it, make it a matrix, find it."""

import numpy as np

from helpers import convolution
from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part
from helpers.padding import same_padding

LIBRARIES = (
    "scipy.signal.correlate2d",
    "scipy.signal.convolve2d",
    "scipy.signal.correlate",
    "scipy.signal.convolve",
    "scipy.signal.fftconvolve",
    "scipy.ndimage.correlate",
    "scipy.ndimage.convolve",
    "tensorflow.raw_ops.Conv2D",
    "tensorflow.raw_ops.Conv2DBackpropInput",
    "tensorflow.raw_ops.DepthwiseConv2dNative",
)

LECTURE_IMAGE = np.array(
    [[1, 0.5, 1, 0], [0, 0.25, 0.5, 1], [1, 0.25, 0, 1], [0.5, 0, 1, 1]], "float32"
)
LECTURE_KERNEL = np.array([[1, 0], [0, 2]], "float32")


def _an_image(rng, *shape):
    return rng.integers(0, 10, shape).astype("float32")


def _a_kernel(rng, *shape):
    """Whole numbers that all differ, so that every turn and every swap shows."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - count // 2).reshape(shape).astype("float32")


# --- correlate2d ------------------------------------------------------------------------------


def _correlate2d_by_tensorflow(image, kernel, stride=1):
    import tensorflow as tf

    images, kernels = image[None, :, :, None], kernel[:, :, None, None]
    return tf.nn.conv2d(images, kernels, stride, "VALID").numpy()[0, :, :, 0]


def _places(slips, size, taps, stride):
    """How many windows someone with these slips counts along one axis."""
    room = size - taps
    if "last_window_missed" in slips:  # range(0, size - taps, stride)
        return -(-room // stride)
    if "plus_one_forgotten" in slips:
        return room // stride
    if "begins_at_every_pixel" in slips:  # range(0, size, stride); slices end at the edge
        return -(-size // stride)
    return (-(-room // stride) if "ragged_window_kept" in slips else room // stride) + 1


def _correlate2d_with(slips, image, kernel, stride=1):
    """`correlate2d` as someone with these slips writes it; without any it is right."""
    kernel = kernel[::-1, ::-1] if "kernel_flipped" in slips else kernel
    kernel = kernel[::-1] if "flipped_on_one_axis" in slips else kernel
    if "pads_to_same" in slips:
        axes = zip(image.shape, kernel.shape, strict=True)
        image = np.pad(image, [same_padding(n, taps, stride) for n, taps in axes])
    steps = [1 if "stride_ignored" in slips else stride] * 2
    if "stride_on_one_axis" in slips:
        steps[1] = 1
    lengths, taps = image.shape, kernel.shape
    if "one_size_for_both_axes" in slips:
        lengths, taps = lengths[:1] * 2, taps[:1] * 2
    counts = [_places(slips, *axis) for axis in zip(lengths, taps, steps, strict=True)]
    if "ragged_window_kept" in slips:
        image = np.pad(image, [(0, step) for step in steps])
    if "stride_not_used_in_window" in slips:
        steps = (1, 1)
    output = np.zeros(counts, "float32")
    for i, j in np.ndindex(*counts):
        row, column = i * steps[0], j * steps[1]
        products = image[row : row + taps[0], column : column + taps[1]] * kernel
        output[i, j] = products.mean() if "average_of_products" in slips else products.sum()
    if "holes_between_outputs" in slips:
        spread = np.zeros([n - k + 1 for n, k in zip(image.shape, taps, strict=True)])
        for i, j in np.ndindex(*counts):
            spread[i * steps[0], j * steps[1]] = output[i, j]
        output = spread
    return np.trunc(output) if "whole_numbers_only" in slips else output


def _correlate2d_cases(rng):
    def case(part, image_shape, kernel_shape, **stride):
        image, kernel = _an_image(rng, *image_shape), _a_kernel(rng, *kernel_shape)
        return Case(part, {"image": image, "kernel": kernel, **stride})

    def one_tap(part, image_shape):
        weight = rng.integers(2, 9, (1, 1)).astype("float32")
        return Case(part, {"image": _an_image(rng, *image_shape), "kernel": weight})

    lecture = {"image": LECTURE_IMAGE, "kernel": LECTURE_KERNEL}
    return [
        Case("a square image and kernel", lecture),
        case("a square image and kernel", (5, 5), (3, 3)),
        case("an oblong image or kernel", (3, 5), (2, 3)),
        case("an oblong image or kernel", (6, 4), (3, 3)),
        case("an oblong image or kernel", (4, 7), (4, 1)),
        one_tap("a 1 x 1 kernel", (3, 3)),
        one_tap("a 1 x 1 kernel", (2, 5)),
        case("a stride that fits", (4, 6), (2, 2), stride=2),
        case("a stride that fits", (8, 5), (2, 2), stride=3),
        case("a stride that leaves pixels over", (4, 6), (3, 3), stride=2),
        case("a stride that leaves pixels over", (7, 10), (2, 3), stride=3),
    ]


correlate2d = Exercise(
    name="correlate2d",
    points=4,
    parts=(
        Part(
            "one number for each place of the kernel",
            0.05,
            "At how many places does the kernel fit, from top to bottom and from left to right? "
            "Count them on a row of 4 pixels with a kernel of 2.",
            form=True,
        ),
        Part(
            "a square image and kernel",
            0.2,
            "Take the first output. Which pixels lie under the kernel, and which weight lies on "
            "each of them?",
        ),
        Part(
            "an oblong image or kernel",
            0.2,
            "Height and width differ here. Does each axis use its own size of image and kernel?",
        ),
        Part(
            "a 1 x 1 kernel",
            0.2,
            "A single weight lies on one pixel at a time. How many outputs are there, and what "
            "is each of them?",
        ),
        Part(
            "a stride that fits",
            0.15,
            "With stride 2 the kernel jumps two pixels. At which pixel does the window of output "
            "[0, 1] begin?",
        ),
        Part(
            "a stride that leaves pixels over",
            0.2,
            "After the last jump a few pixels remain, too few for a window. What becomes of them?",
        ),
    ),
    cases=_correlate2d_cases,
    expected=_correlate2d_by_tensorflow,
    answer_with=_correlate2d_with,
    misconceptions=(
        Misconception(
            "kernel_flipped",
            "You turned the kernel by half a circle, as mathematicians do. Which weight lies on "
            "the top left pixel of a window when the layer takes the kernel as it is written?",
        ),
        Misconception(
            "flipped_on_one_axis",
            "Your kernel stands on its head: its last row meets the first row of the window. "
            "Should anything be turned here?",
        ),
        Misconception(
            "last_window_missed",
            "Your output is one short where the kernel just fits. A kernel of 2 on a row of 4: "
            "write down all places where it can begin. How many are there?",
        ),
        Misconception(
            "plus_one_forgotten",
            "You count the jumps. A kernel that jumps twice has stood at how many places?",
        ),
        Misconception(
            "begins_at_every_pixel",
            "Your kernel begins at every pixel, even where there is no room for it any more. "
            "Which is the last pixel at which it may begin?",
        ),
        Misconception(
            "ragged_window_kept",
            "Your last window hangs over the edge. Is there a place for the kernel where some of "
            "its weights lie on nothing?",
        ),
        Misconception(
            "stride_not_used_in_window",
            "You make fewer outputs, but your windows still begin at neighbouring pixels. With "
            "stride 2, where does the second window begin?",
        ),
        Misconception(
            "holes_between_outputs",
            "Your outputs are right but lie far apart, with zeros between them. The second place "
            "of the kernel gives which entry of the output?",
        ),
        Misconception(
            "stride_ignored",
            "Your output is the same for every stride. How far does the kernel jump between two "
            "outputs?",
        ),
        Misconception(
            "stride_on_one_axis",
            "Your kernel jumps downwards but creeps sideways. Does the stride hold for one axis "
            "or for both?",
        ),
        Misconception(
            "average_of_products",
            "You take the mean of the products. Does the rule say to average them, or to add them "
            "up?",
        ),
        Misconception(
            "whole_numbers_only",
            "Your outputs have lost their decimals. Does the array that you fill hold whole "
            "numbers, or is there an `int(...)` on the way?",
        ),
        Misconception(
            "pads_to_same",
            "Your output has a number for places where the kernel hangs over the edge. May it "
            "leave the image here?",
        ),
        Misconception(
            "one_size_for_both_axes",
            "You use the height where the width is meant. What are the sizes of the image and of "
            "the kernel from left to right?",
        ),
    ),
    forbidden=(
        "helpers.convolution.correlate2d",
        "helpers.convolution.correlate2d_loops",
        "helpers.convolution.convolve2d",
        *LIBRARIES,
    ),
    hints=(
        "First the shape: how many windows fit below each other, how many beside each other? "
        "Make an array of zeros of that shape, and fill it in two loops.",
        "Output [i, j] belongs to the window whose first pixel is [i * stride, j * stride]. Cut "
        "that window out of the image with a slice, multiply it by the kernel number by number, "
        "and add up.",
    ),
    proved="correlate2d gives what tf.nn.conv2d gives: any shape of image and kernel, any stride.",
    picture=pictures.arrays,
)

# --- convolve2d -------------------------------------------------------------------------------


def _convolve2d_by_scipy(image, kernel):
    from scipy import signal

    return signal.convolve2d(image, kernel, mode="full")


def _convolve2d_with(slips, image, kernel):
    """`convolve2d` as someone with these slips writes it."""
    taps = kernel.shape[:1] * 2 if "one_size_for_both_axes" in slips else kernel.shape
    around = [(size - 1, size - 1) for size in taps]
    if "valid_shrinks" in slips:
        around = [(0, 0), (0, 0)]
    if "same_size" in slips:
        around = [same_padding(1, size) for size in taps]
    if "half_padding" in slips:
        around = [(size // 2, size // 2) for size in taps]
    if "pads_a_whole_kernel" in slips:
        around = [(size, size) for size in taps]
    turned = kernel[::-1, ::-1]
    if "kernel_not_flipped" in slips:
        turned = kernel
    if "flipped_on_one_axis" in slips:
        turned = kernel[::-1]
    if "quarter_turn" in slips:
        turned = np.rot90(kernel)
    if "kernel_transposed" in slips:
        turned = kernel.T
    return convolution.correlate2d(np.pad(image, around), turned)


def _convolve2d_cases(rng):
    def bright_pixel(height, width, *at):
        image = np.zeros((height, width), "float32")
        image[at] = 1
        return image

    def case(part, image, *kernel_shape):
        return Case(part, {"image": image, "kernel": _a_kernel(rng, *kernel_shape)})

    def one_tap(part, *shape):
        weight = rng.integers(2, 9, (1, 1)).astype("float32")
        return Case(part, {"image": _an_image(rng, *shape), "kernel": weight})

    four = np.array([[1, 2], [3, 4]], "float32")
    lecture = {"image": LECTURE_IMAGE, "kernel": LECTURE_KERNEL}
    return [
        Case("a single bright pixel", {"image": bright_pixel(3, 3, 1, 1), "kernel": four}),
        case("a single bright pixel", bright_pixel(2, 4, 0, 2), 3, 3),
        Case("a square kernel", lecture),
        case("a square kernel", _an_image(rng, 3, 4), 3, 3),
        case("an oblong kernel", _an_image(rng, 3, 3), 2, 3),
        case("an oblong kernel", _an_image(rng, 4, 2), 1, 4),
        case("an oblong kernel", _an_image(rng, 2, 2), 4, 3),
        one_tap("a 1 x 1 kernel", 2, 3),
        one_tap("a 1 x 1 kernel", 3, 3),
    ]


convolve2d = Exercise(
    name="convolve2d",
    points=2,
    parts=(
        Part(
            "one number for each place where they touch",
            0.05,
            "Every place counts at which kernel and image share a pixel. A kernel of 2 on a row "
            "of 3: how many places are that?",
            form=True,
        ),
        Part(
            "a single bright pixel",
            0.2,
            "The image is black but for one pixel. Do you get the kernel back, the right way up?",
        ),
        Part(
            "a square kernel",
            0.25,
            "The first output is one pixel times one weight. Which pixel, and which weight?",
        ),
        Part(
            "an oblong kernel",
            0.3,
            "The kernel's height and width differ here, and it may be larger than the image. How "
            "much room does it need above, and how much on the left?",
        ),
        Part(
            "a 1 x 1 kernel",
            0.2,
            "A kernel of one weight touches the image only when it lies on it. How large is the "
            "output then?",
        ),
    ),
    cases=_convolve2d_cases,
    expected=_convolve2d_by_scipy,
    answer_with=_convolve2d_with,
    misconceptions=(
        Misconception(
            "kernel_not_flipped",
            "You slide the kernel as it is written; that is what the layer does. How must it lie "
            "so that a single bright pixel gives the kernel the right way up?",
        ),
        Misconception(
            "flipped_on_one_axis",
            "You turned over one axis only, so left is still left. If a sheet of paper is turned "
            "by half a circle, where does its right edge go?",
        ),
        Misconception(
            "quarter_turn",
            "You turned the kernel by a quarter of a circle. Where must its first weight end up: "
            "in the next corner, or in the one across?",
        ),
        Misconception(
            "kernel_transposed",
            "You exchanged the kernel's rows and columns. Where does the weight in its top right "
            "corner go then, and where does half a turn take it?",
        ),
        Misconception(
            "valid_shrinks",
            "Your kernel stays inside the image, so the output shrinks. At how many places do "
            "kernel and image touch, if one common pixel is enough?",
        ),
        Misconception(
            "same_size",
            "Your output is as large as the image. At how many places do kernel and image touch, "
            "if one common pixel is enough?",
        ),
        Misconception(
            "half_padding",
            "You leave room for half a kernel. When the kernel touches the image with its very "
            "last row only, how many of its rows hang over the edge?",
        ),
        Misconception(
            "pads_a_whole_kernel",
            "Your output has a frame of zeros too many: there the kernel no longer touches the "
            "image. How many rows may hang over the edge, if one has to stay on it?",
        ),
        Misconception(
            "one_size_for_both_axes",
            "You leave the same room on both axes. How wide is the kernel, and how high?",
        ),
    ),
    forbidden=("helpers.convolution.convolve2d", *LIBRARIES),
    hints=(
        "Two steps lead from correlation to convolution: turn the kernel by half a circle, and "
        "let it slide further, over the edge. convolution.correlate2d may do the sliding.",
        "The kernel may hang over the edge as long as one row and one column of it stay on the "
        "image. Put that many zeros around the image with np.pad. A slice with step -1 turns an "
        "axis round; there are two axes.",
    ),
    proved="convolve2d is the convolution of mathematics, every place counted, for any kernel.",
    key="SciPy",
    picture=pictures.arrays,
)

# --- toeplitz_matrix --------------------------------------------------------------------------


def _toeplitz_by_numpy(kernel, size):
    return np.stack([np.convolve(kernel, pixel) for pixel in np.eye(size)], axis=1)


def _toeplitz_with(slips, kernel, size):
    """`toeplitz_matrix` as someone with these slips writes it."""
    taps = len(kernel)
    if "correlation_matrix" in slips:
        kernel = kernel[::-1]
    columns = taps if "columns_for_the_kernel" in slips else size
    matrix = np.zeros((size + taps - 1, columns))
    lowest = -len(matrix) if "negative_index" in slips else 0
    for row, column in np.ndindex(matrix.shape):
        if lowest <= row - column < taps:
            matrix[row, column] = kernel[row - column]
    if "cut_to_square" in slips:
        matrix = matrix[:size]
    if "wraps_around" in slips:
        folded = np.zeros((size, columns))
        for row, weights in enumerate(matrix):
            folded[row % size] += weights
        matrix = folded
    if "inner_rows_only" in slips:
        matrix = matrix[taps - 1 : size]
    return matrix.T if "transposed" in slips else matrix


def _toeplitz_cases(rng):
    def case(part, taps, size):
        return Case(part, {"kernel": rng.permutation(9)[:taps] + 1.0, "size": size})

    slide = {"kernel": np.array([1.0, 1.0, 2.0]), "size": 3}
    return [
        Case("a row as long as the kernel", slide),
        case("a row as long as the kernel", 2, 2),
        case("a row as long as the kernel", 4, 4),
        case("another length of row", 2, 5),
        case("another length of row", 3, int(rng.integers(5, 8))),
        case("another length of row", 4, 2),
        case("a kernel of one tap", 1, 3),
        case("a kernel of one tap", 1, 4),
        case("a row of one pixel", 3, 1),
        case("a row of one pixel", 2, 1),
    ]


toeplitz_matrix = Exercise(
    name="toeplitz_matrix",
    points=2,
    parts=(
        Part(
            "a row for each output, a column for each pixel",
            0.1,
            "The matrix takes x to the output. How many numbers does x have, and how many has "
            "the full convolution?",
            form=True,
        ),
        Part(
            "a row as long as the kernel",
            0.25,
            "Multiply your matrix by (1, 0, 0): that picks its first column. What is the "
            "convolution of the kernel with this x?",
        ),
        Part(
            "another length of row",
            0.25,
            "Each further pixel brings one more column. How does it differ from the one before?",
        ),
        Part(
            "a kernel of one tap",
            0.2,
            "One tap multiplies each pixel by the same number. What does that look like as a "
            "matrix?",
        ),
        Part(
            "a row of one pixel",
            0.2,
            "One pixel, so one column. What is the convolution of the kernel with a single 1?",
        ),
    ),
    cases=_toeplitz_cases,
    expected=_toeplitz_by_numpy,
    answer_with=_toeplitz_with,
    misconceptions=(
        Misconception(
            "correlation_matrix",
            "Your columns hold the kernel upside down, so your matrix correlates. With x = "
            "(1, 0, 0) the output must begin with the kernel: is its first number the first tap?",
        ),
        Misconception(
            "transposed",
            "Rows and columns have changed places. In T @ x each number of x meets one column: "
            "how many columns does that make?",
        ),
        Misconception(
            "columns_for_the_kernel",
            "Your matrix has a column for each tap. What is it multiplied by: the kernel or the "
            "row of pixels?",
        ),
        Misconception(
            "cut_to_square",
            "You have as many outputs as pixels. The last pixel still meets the taps that come "
            "after the first one: where do these products go?",
        ),
        Misconception(
            "wraps_around",
            "What leaves your matrix below comes in again at the top, as on a ring. Does a "
            "row of pixels have neighbours beyond its end?",
        ),
        Misconception(
            "inner_rows_only",
            "You keep only the outputs for which the whole kernel lies on the row. Does the full "
            "convolution leave out the others?",
        ),
        Misconception(
            "negative_index",
            "There are taps above the diagonal of your matrix. What does Python do with an index "
            "below 0, and what should stand there?",
        ),
    ),
    forbidden=("scipy.linalg.toeplitz", "scipy.linalg.convolution_matrix"),
    hints=(
        "What is T @ x for x = (1, 0, 0)? And for (0, 1, 0)? Each of these picks one column of "
        "T, and you know what the convolution gives.",
        "Make the zeros first, size + len(kernel) - 1 rows and size columns. Then go through the "
        "columns: each holds the whole kernel, and in each it begins one row further down.",
    ),
    proved="toeplitz_matrix turns the full convolution with any kernel into one matrix product.",
    key="NumPy",
    picture=pictures.arrays,
)

# --- recover_kernel ---------------------------------------------------------------------------


def _shifted_copies(image, output_shape, kernel_shape):
    """For each tap, in reading order, the image as that tap lays it into the output, (N, taps)."""
    copies = np.zeros((*kernel_shape, *output_shape))
    for tap in np.ndindex(*kernel_shape):
        rows, columns = (slice(at, at + n) for at, n in zip(tap, image.shape, strict=True))
        copies[tap][rows, columns] = image
    return copies.reshape(-1, copies[0, 0].size).T


def _recover_kernel_by_numpy(image, output, kernel_shape):
    copies = _shifted_copies(image, output.shape, kernel_shape)
    weights = np.linalg.lstsq(copies, output.ravel(), rcond=None)[0]
    return weights.reshape(kernel_shape).round(9) + 0.0  # so that 0 is printed as 0


def _peeled(image, output, kernel_shape):
    """One tap after the other, from the corner on: each time divide by the first pixel."""
    kernel = np.zeros(kernel_shape)
    for at in np.ndindex(*kernel_shape):
        explained = _shifted_copies(image, output.shape, kernel_shape) @ kernel.ravel()
        kernel[at] = (output - explained.reshape(output.shape))[at] / image[0, 0]
    return kernel


def _recover_kernel_with(slips, image, output, kernel_shape):
    """`recover_kernel` as someone with these slips writes it."""
    rows, columns = shape = kernel_shape
    if "one_size_for_both_axes" in slips:
        rows, columns = shape = (rows, rows)
    if "peeled_from_the_corner" in slips:
        kernel = _peeled(image, output, shape)
    elif "spectra_divided" in slips:
        quotient = np.fft.fft2(output) / np.fft.fft2(image, output.shape)
        kernel = np.fft.ifft2(quotient).real[:rows, :columns]
    else:
        used = np.full(output.shape, "inner_windows_only" not in slips)
        used[rows - 1 : image.shape[0], columns - 1 : image.shape[1]] = True
        copies = _shifted_copies(image, output.shape, shape)[used.ravel()]
        kernel = np.linalg.lstsq(copies, output[used], rcond=None)[0].reshape(shape)
    if "reshaped_by_columns" in slips:
        kernel = kernel.ravel().reshape(shape, order="F")
    if "kernel_flipped" in slips:
        kernel = kernel[::-1, ::-1]
    return np.round(kernel) if "rounded" in slips else kernel


def _recover_kernel_cases(rng):
    def case(part, image, kernel, rounded=False):
        output = convolution.convolve2d(image, kernel).astype("float64")
        output = np.round(output) if rounded else output
        return Case(part, {"image": image, "output": output, "kernel_shape": kernel.shape})

    def a_picture(height, width, first=None):
        image = 1 + rng.integers(0, 9, (height, width)).astype("float32")
        image[0, 0] = image[0, 0] if first is None else first
        return image

    def in_quarters(*shape):
        return _a_kernel(rng, *shape) / 4 + np.float32(0.25)

    taught = np.array([[2, 0, 1], [1, 3, 0], [0, 1, 4]], "float32")
    cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], "float32")
    return [
        case("a square kernel", taught, np.array([[3, 1], [0, -2]], "float32")),
        case("a square kernel", a_picture(5, 6), _a_kernel(rng, 3, 3)),
        case("an oblong kernel", a_picture(4, 5), in_quarters(2, 3)),
        case("an oblong kernel", a_picture(6, 4), in_quarters(4, 1)),
        case("a kernel that half a turn leaves as it is", a_picture(4, 4), cross),
        case("a dark corner", a_picture(4, 4, first=0), _a_kernel(rng, 2, 2)),
        case("a dark corner", a_picture(5, 4, first=0), _a_kernel(rng, 3, 3)),
        case("an output rounded to whole numbers", a_picture(6, 7), in_quarters(2, 2), True),
        case("an output rounded to whole numbers", a_picture(7, 6), in_quarters(2, 3), True),
    ]


recover_kernel = Exercise(
    name="recover_kernel",
    points=2,
    parts=(
        Part(
            "one weight for each tap",
            0.1,
            "The kernel to be found has the shape kernel_shape: rows first, then columns.",
            form=True,
        ),
        Part(
            "a square kernel",
            0.2,
            "Convolve the image with your kernel. Do you get the output back?",
        ),
        Part(
            "an oblong kernel",
            0.2,
            "This kernel is not square, and its weights are no whole numbers. Does each tap get "
            "the weight that belongs to it?",
        ),
        Part(
            "a kernel that half a turn leaves as it is",
            0.15,
            "Convolve the image with your kernel. Do you get the output back?",
        ),
        Part(
            "a dark corner",
            0.15,
            "The first pixel is 0 here. Which other outputs tell about the same tap?",
        ),
        Part(
            "an output rounded to whole numbers",
            0.2,
            "No kernel gives this output exactly. Which one comes nearest, when every output "
            "pixel counts the same?",
        ),
    ),
    cases=_recover_kernel_cases,
    expected=_recover_kernel_by_numpy,
    answer_with=_recover_kernel_with,
    misconceptions=(
        Misconception(
            "kernel_flipped",
            "You found the kernel as it lies on the image while it slides. This output was made "
            "by a convolution: how does the kernel look before it is turned?",
        ),
        Misconception(
            "peeled_from_the_corner",
            "You find one weight after the other and divide by the first pixel. What if that "
            "pixel is 0, or the output a little off? How many other outputs know about each "
            "weight?",
        ),
        Misconception(
            "inner_windows_only",
            "You use only the outputs for which the whole kernel lay on the image. What do the "
            "outputs along the border know that you leave out?",
        ),
        Misconception(
            "reshaped_by_columns",
            "Your weights are right and stand in the wrong places. In which order did you take "
            "the taps, and in which order are they laid back into the kernel?",
        ),
        Misconception(
            "one_size_for_both_axes",
            "You look for a square kernel. How many columns does kernel_shape ask for?",
        ),
        Misconception(
            "spectra_divided",
            "You divide one spectrum by the other. Some frequencies are weak in the image: what "
            "does the division make of a small error there?",
        ),
        Misconception(
            "rounded",
            "You round the weights to whole numbers. Who says that they were?",
        ),
    ),
    forbidden=(),
    hints=(
        "The output is a sum of shifted copies of the image, one for each tap, each times the "
        "weight of that tap. The copies are known, the weights are not: these are linear "
        "equations, one for each output pixel.",
        "For each tap make an array of zeros as large as the output and lay the image into it, "
        "shifted by that tap. Flattened, these arrays are the columns of a matrix. "
        "np.linalg.lstsq finds the weights with which the columns come nearest to the output.",
    ),
    proved="recover_kernel reads the kernel off an image and its convolution, noise or no noise.",
    key="NumPy",
    picture=pictures.arrays,
)  # fmt: skip
