"""Checks of the exercises on pooling: what comes out, and who gets the gradient."""

import numpy as np

from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part
from helpers.padding import same_padding


def _whole_numbers(rng, shape, low=-9, high=10):
    return rng.integers(low, high, shape).astype("float32")


def _windows_along(slips, length, size, stride, padding):
    """Where the windows of one axis begin and end, as someone with these slips lays them.

    A window may reach over either edge, by what is padding there.
    """
    before, after = same_padding(length, size, stride) if padding == "same" else (0, 0)
    if "extra_first" in slips:
        before, after = after, before
    outputs = (before + length + after - size) // stride + 1
    if padding == "valid" and "ragged_edge_kept_in_valid" in slips:
        outputs = -(-length // stride)
    if padding == "same" and "ragged_edge_dropped_in_same" in slips:
        outputs = length // stride
    step = 1 if "windows_not_moved_by_stride" in slips else stride
    return [(i * step - before, i * step - before + size) for i in range(outputs)]


def _pooled(slips, images, size, stride, padding, reduce):
    """`reduce(pixels, missing)` of each window: its real pixels (N, h, w, C), and how many lack."""
    if stride is None:
        stride = 1 if "stride_default_1" in slips else size
    if "stride_always_size" in slips:
        stride = size
    rows, columns = (_windows_along(slips, n, size, stride, padding) for n in images.shape[1:3])
    pooled = np.empty((len(images), len(rows), len(columns), images.shape[3]), "float32")
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            pixels = images[:, max(top, 0) : bottom, max(left, 0) : right]
            missing = size**2 - pixels.shape[1] * pixels.shape[2]
            pooled[:, i, j] = reduce(pixels, missing)
    return pooled


SIDE_BY_SIDE, OVERLAP = "windows side by side", "a stride of its own"
SEVERAL, NO_STRIDE = "several images and channels", "no stride given"
VALID_EDGE, SAME_EDGE = 'the edge, "valid"', 'the edge, "same"'
SLIDE = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], "float32")


def _pool_cases(rng):
    """Calls of a pool (images, size, stride, padding); their stride is often left away."""

    def case(part, shape, size=2, high=10, **settings):
        return Case(
            part, {"images": _whole_numbers(rng, shape, high=high), "size": size} | settings
        )

    slide = SLIDE.copy()[None, :, :, None]
    return [
        Case(SIDE_BY_SIDE, {"images": slide, "size": 2, "stride": 2}),
        case(SIDE_BY_SIDE, (1, 4, 6, 1), stride=2, high=-1),
        case(OVERLAP, (1, 5, 5, 1), 3, stride=1),
        case(OVERLAP, (1, 7, 5, 1), 3, stride=2),
        case(OVERLAP, (1, 8, 5, 1), 2, stride=3),
        case(SEVERAL, (2, 4, 6, 3), stride=2),
        case(NO_STRIDE, (1, 4, 6, 1)),
        case(NO_STRIDE, (1, 6, 3, 2), 3),
        case(VALID_EDGE, (1, 5, 7, 1), stride=2, padding="valid"),
        case(SAME_EDGE, (1, 5, 6, 1), 3, stride=2, padding="same", high=-1),
        case(SAME_EDGE, (1, 5, 5, 2), stride=2, padding="same"),
    ]


def _pool_parts(one_window):
    return (
        Part(
            "the shape of the maps",
            0.1,
            "What comes out is (batch, height, width, channels). How many windows lie one below "
            "the other, and how many side by side?",
            form=True,
        ),
        Part(SIDE_BY_SIDE, 0.15, one_window),
        Part(
            OVERLAP,
            0.15,
            "The stride is not the size here. At which pixel does the second window begin, and "
            "how many pixels does it hold?",
        ),
        Part(
            SEVERAL,
            0.2,
            "Each image and each channel is pooled for itself. Over which two axes of "
            "(N, H, W, C) does a window reach?",
        ),
        Part(
            NO_STRIDE,
            0.1,
            "Without a stride the windows lie side by side. How far is it from one to the next?",
        ),
        Part(VALID_EDGE, 0.1, "Does the last window still lie on the image with all its pixels?"),
        Part(
            SAME_EDGE,
            0.2,
            '"same" promises ceil(size / stride) windows; same_padding says how far they '
            "reach over each edge. Which pixels of such a window are real?",
        ),
    )


STRIDE_SLIPS = (
    Misconception(
        "stride_default_1",
        "Without a stride your windows move one pixel at a time, and the map hardly shrinks. "
        "Where does the second window begin when they lie side by side?",
    ),
    Misconception(
        "stride_always_size",
        "Your answer does not change with the stride. With windows of 3 pixels and a stride of "
        "2: at which pixel does the second window begin?",
    ),
    Misconception(
        "windows_not_moved_by_stride",
        "You make as many outputs as there should be, but your windows lie one pixel apart. "
        "Where in the image does the window of output 1 begin when the stride is 2?",
    ),
)
EDGE_SLIPS = (
    Misconception(
        "ragged_edge_kept_in_valid",
        "You begin a window at every stride, even where it hangs over the edge. What does "
        '"valid" ask of a window?',
    ),
    Misconception(
        "ragged_edge_dropped_in_same",
        'With "same" your map lacks its last row or column. Does "same" round '
        "size / stride down or up?",
    ),
    Misconception(
        "extra_first",
        'With "same" your windows are shifted by one pixel. On which side of the image does the '
        "odd pixel of padding go?",
    ),
)

# --- max_pool ---------------------------------------------------------------------------------


def _max_pool_by_tensorflow(images, size=2, stride=None, padding="valid"):
    import tensorflow as tf

    return tf.nn.max_pool2d(images, size, stride or size, padding.upper()).numpy()


def _max_pool_with(slips, images, size=2, stride=None, padding="valid"):
    """`max_pool` as someone with these slips writes it."""

    def winner(pixels):
        flat = pixels.reshape(len(pixels), -1, pixels.shape[3])
        if "average" in slips:
            return flat.mean(axis=1)
        if "largest_magnitude" in slips:
            places = np.abs(flat).argmax(axis=1)[:, None]
            return np.take_along_axis(flat, places, axis=1)[:, 0]
        return flat.max(axis=1)

    def largest(pixels, missing):
        found = winner(pixels)
        if "starts_from_zero" in slips or ("zeros_in_the_padding" in slips and missing):
            found = np.maximum(found, 0)
        if "max_over_channels" in slips:
            found = found.max(axis=1, keepdims=True)
        return found.max(axis=0) if "max_over_batch" in slips else found

    return _pooled(slips, images, size, stride, padding, largest)


max_pool = Exercise(
    name="max_pool",
    points=3,
    parts=_pool_parts(
        "Lay the first window on the upper left corner. Which of its numbers is the largest? "
        "Mind that all of them may be negative."
    ),
    cases=_pool_cases,
    expected=_max_pool_by_tensorflow,
    answer_with=_max_pool_with,
    misconceptions=(
        Misconception(
            "average",
            "You give the mean of each window. Which single pixel of the window does max pooling "
            "let through?",
        ),
        Misconception(
            "starts_from_zero",
            "Where all numbers of a window are negative you give 0. Is there a 0 in that window?",
        ),
        Misconception(
            "zeros_in_the_padding",
            "Over the edge your windows see zeros, and among negative numbers a zero wins. Can a "
            "pixel that is not there be the largest?",
        ),
        Misconception(
            "largest_magnitude",
            "You choose the number that is farthest from zero. Which is larger, -9 or 1?",
        ),
        *STRIDE_SLIPS,
        *EDGE_SLIPS,
        Misconception(
            "max_over_channels",
            "All your channels are the same: you took the largest over the channels too. Does a "
            "window reach into the depth?",
        ),
        Misconception(
            "max_over_batch",
            "Your images have all become the same: you took the largest over the batch too. "
            "Should one photo change what comes out for another?",
        ),
    ),
    forbidden=(
        "helpers.layers.max_pool",
        "tensorflow.nn.max_pool2d",
        "tensorflow.nn.max_pool",
        "tensorflow.nn.max_pool_with_argmax",
        "tensorflow.nn.pool",
        "tensorflow.raw_ops.MaxPool",
        "tensorflow.raw_ops.MaxPoolWithArgmax",
        "keras.ops.max_pool",
        "keras.layers.MaxPooling2D",
        "scipy.ndimage.maximum_filter",
    ),
    hints=(
        "First the places: along each axis, where do the windows begin? Then, for each pair of "
        "places, cut the window out of images[:, rows, columns] and take its largest number for "
        "each image and each channel.",
        'For "same", put something around the image first that can never be the largest: '
        "np.pad(images, ..., constant_values=-np.inf), with the counts of same_padding. "
        'Then go on as for "valid". window.max(axis=(1, 2)) leaves images and channels apart.',
    ),
    proved="max_pool gives what TensorFlow gives: any stride, ragged edges and padding included.",
    picture=pictures.arrays,
)

# --- max_pool_gradient ------------------------------------------------------------------------


def _max_pool_gradient_by_tensorflow(image, upstream, size=2, stride=2):
    import tensorflow as tf

    pixels = tf.constant(image[None, :, :, None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        pooled = tf.nn.max_pool2d(pixels, size, stride, "VALID")
        loss = tf.reduce_sum(pooled * upstream[None, :, :, None])
    return tape.gradient(loss, pixels).numpy()[0, :, :, 0]


def _max_pool_gradient_with(slips, image, upstream, size=2, stride=2):
    """`max_pool_gradient` as someone with these slips writes it."""
    gradient = np.zeros(image.shape, "float32")
    step = size if "stride_always_size" in slips else stride
    for i, j in np.ndindex(upstream.shape):
        place = (slice(i * step, i * step + size), slice(j * step, j * step + size))
        window = image[place]
        share = _share_of_window(slips, window)
        if "placed_without_the_stride" in slips:
            place = (slice(i, i + size), slice(j, j + size))
        if "times_the_input" in slips:
            share = share * window
        if "upstream_ignored" not in slips:
            share = share * upstream[i, j]
        if "window_overwritten" in slips:
            gradient[place] = share
        elif "overlap_overwritten" in slips:
            gradient[place] = np.where(share != 0, share, gradient[place])
        else:
            gradient[place] += share
    return gradient


def _share_of_window(slips, window):
    """What part of the upstream gradient each pixel of a window gets."""
    if "spread_as_average" in slips:
        return np.full(window.shape, 1 / window.size)
    if "copied_to_everyone" in slips:
        return np.ones(window.shape)
    winners = (window == window.max()).astype("float32")
    if "every_tie_gets_all" in slips:
        return winners
    if "ties_split" in slips:
        return winners / winners.sum()
    places = np.flatnonzero(winners)
    if "first_tie_by_columns" in slips:
        places = sorted(places, key=lambda place: divmod(place, window.shape[1])[::-1])
    alone = np.zeros(window.size, "float32")
    alone[places[-1 if "last_tie_wins" in slips else 0]] = 1
    return alone.reshape(window.shape)


NO_TIES, TIES = "one winner in each window", "equal numbers in a window"
SHARED, UNSEEN = "windows that overlap", "pixels in no window"


def _max_pool_gradient_cases(rng):
    def case(part, image, size, stride):
        rows, columns = ((length - size) // stride + 1 for length in image.shape)
        upstream = rng.permutation(np.arange(1, rows * columns + 1)) * rng.choice([-1, 1])
        upstream = upstream.reshape(rows, columns).astype("float32")
        return Case(
            part, {"image": image, "upstream": upstream, "size": size, "stride": stride}
        )  # fmt: skip

    def different(shape):
        return rng.permutation(np.arange(2, 2 + np.prod(shape))).reshape(shape).astype("float32")

    corner_tie = np.array([[2, 7, 5, 5], [7, 3, 5, 5]], "float32")
    ties = np.where(rng.random((6, 4)) < 0.6, 4, 2).astype("float32")
    ties[:2, :2] = [[2, 4], [4, 2]]
    peak = different((5, 5))
    peak[2, 2] = 99  # lies in four windows of 3 x 3 with stride 2
    won_once = np.array([[1, 5, 9, 2], [0, 3, 4, 8]], "float32")  # 5 wins here, loses there
    return [
        case(NO_TIES, SLIDE.copy(), 2, 2),
        case(NO_TIES, different((4, 6)), 2, 2),
        case(TIES, corner_tie, 2, 2),
        case(TIES, ties, 2, 2),
        case(SHARED, peak, 3, 2),
        case(SHARED, won_once, 2, 1),
        case(SHARED, different((4, 6)), 2, 1),
        case(UNSEEN, different((5, 7)), 2, 2),
        case(UNSEEN, different((5, 8)), 2, 3),
    ]


max_pool_gradient = Exercise(
    name="max_pool_gradient",
    points=3,
    parts=(
        Part(
            "a gradient for each pixel",
            0.1,
            "The gradient has the shape of the image: one number for each pixel, often 0.",
            form=True,
        ),
        Part(
            NO_TIES,
            0.3,
            "Change a pixel a little. Does the largest number of its window change too? If so, "
            "the loss changes by what stands in upstream for that window.",
        ),
        Part(
            TIES,
            0.2,
            "Several pixels of a window are equally large. TensorFlow chooses a single one: "
            "which, reading row by row?",
        ),
        Part(
            SHARED,
            0.25,
            "A pixel may be the largest of several windows. Each of them passes its upstream "
            "gradient on: what does the pixel get in all?",
        ),
        Part(
            UNSEEN,
            0.15,
            "Between the windows or at the edge lie pixels that no window sees. What does the "
            "loss do when they change?",
        ),
    ),
    cases=_max_pool_gradient_cases,
    expected=_max_pool_gradient_by_tensorflow,
    answer_with=_max_pool_gradient_with,
    misconceptions=(
        Misconception(
            "every_tie_gets_all",
            "Where pixels are equally large, you pay each of them in full: more comes out at the "
            "bottom than went in at the top. How many pixels of a window may win?",
        ),
        Misconception(
            "ties_split",
            "You share among equals, as tf.reduce_max does. A max pool takes one pixel out of "
            "each window. Which of two equal ones, if it reads row by row and keeps the first?",
        ),
        Misconception(
            "last_tie_wins",
            "Of equal pixels you choose the last. If a later one replaces the best so far only "
            "when it is larger, which of two equal ones is kept?",
        ),
        Misconception(
            "first_tie_by_columns",
            "Of equal pixels you choose the first by columns. In which order does NumPy, and "
            "TensorFlow, go through a window: down the columns or along the rows?",
        ),
        Misconception(
            "spread_as_average",
            "You share the gradient among all pixels of a window. That is right for the mean. If "
            "a pixel that is not the largest changes a little, what does the largest do?",
        ),
        Misconception(
            "copied_to_everyone",
            "Each pixel of a window gets the whole gradient from you. If a pixel that is not the "
            "largest changes a little, what does the largest do?",
        ),
        Misconception(
            "overlap_overwritten",
            "Where a pixel wins in several windows, you keep one of its gradients. A number that "
            "is used in several places: do its gradients replace each other?",
        ),
        Misconception(
            "window_overwritten",
            "Each window of yours writes over all its pixels, so that one that won in an earlier "
            "window is set back to 0. Does a pixel lose there what it has won elsewhere?",
        ),
        Misconception(
            "placed_without_the_stride",
            "Your winners crowd in the upper left corner. With stride 2, at which pixel of the "
            "image does window (1, 1) begin?",
        ),
        Misconception(
            "upstream_ignored",
            "You mark the winners with 1. How much does the loss change with the pooled number "
            "itself, and where does `upstream` say so?",
        ),
        Misconception(
            "times_the_input",
            "You multiply by the pixel's own value. If the largest pixel grows by a little, by "
            "how many times as much does the pooled number grow?",
        ),
        Misconception(
            "stride_always_size",
            "Your answer does not change with the stride: you lay the windows side by side. With "
            "size 3 and stride 2, at which pixel does the second window begin?",
        ),
    ),
    forbidden=(
        "helpers.layers.max_pool_gradient",
        "tensorflow.GradientTape",
        "tensorflow.gradients",
        "tensorflow.raw_ops.MaxPoolGrad",
    ),
    hints=(
        "Begin with zeros in the shape of the image. Then go through the windows one by one, as "
        "the pool did: each gives its number of `upstream` to one pixel.",
        "window.argmax() counts through the window row by row and stops at the first of the "
        "largest; np.unravel_index turns the count into a row and a column. Add the window's "
        "own place in the image, and add to what is there already.",
    ),
    proved="max_pool_gradient pays the first winner of each window and adds up overlaps.",
    picture=pictures.arrays,
)

# --- average_pool -----------------------------------------------------------------------------


def _average_pool_by_tensorflow(images, size=2, stride=None, padding="valid"):
    import tensorflow as tf

    return tf.nn.avg_pool2d(images, size, stride or size, padding.upper()).numpy()


def _average_pool_with(slips, images, size=2, stride=None, padding="valid"):
    """`average_pool` as someone with these slips writes it."""

    def mean(pixels, missing):
        count = pixels.shape[1] * pixels.shape[2]
        if "zeros_counted" in slips:
            count += missing
        if "divided_by_length" in slips:
            count = size
        if "black_pixels_left_out" in slips:
            count = np.maximum((pixels != 0).sum(axis=(1, 2)), 1)
        sums = pixels.sum(axis=(1, 2))
        found = sums if "sum_only" in slips else sums / count
        if "largest" in slips:
            found = pixels.max(axis=(1, 2))
        if "mean_over_channels" in slips:
            found = found.mean(axis=1, keepdims=True)
        return found.mean(axis=0) if "mean_over_batch" in slips else found

    return _pooled(slips, images, size, stride, padding, mean)


def _average_pool_cases(rng):
    """Those of any pool; two of them have a black pixel, which is a number like any other."""
    cases = _pool_cases(rng)
    for case in cases:
        images = case.arguments["images"]
        images[images == 0] = 5
    for case in (cases[1], cases[5]):
        case.arguments["images"][0, 1, 1] = 0
    return cases


average_pool = Exercise(
    name="average_pool",
    points=2,
    parts=_pool_parts(
        "Lay the first window on the upper left corner. Add up its numbers; by how many of them "
        "do you divide?"
    ),
    cases=_average_pool_cases,
    expected=_average_pool_by_tensorflow,
    answer_with=_average_pool_with,
    misconceptions=(
        Misconception(
            "zeros_counted",
            'With "same" your means come too near to 0 at the edge: you divide by the whole '
            "window there too. How many of its pixels are real?",
        ),
        Misconception("sum_only", "These are sums. What makes a sum a mean?"),
        Misconception(
            "divided_by_length",
            "You divide by the length of the window's side. How many pixels does a window of "
            "3 x 3 hold?",
        ),
        Misconception("largest", "These are the largest numbers. Which pixels does a mean ask?"),
        Misconception(
            "black_pixels_left_out",
            "You leave out the pixels whose value is 0. Is a black pixel inside the image the "
            "same as no pixel at all?",
        ),
        *STRIDE_SLIPS,
        *EDGE_SLIPS,
        Misconception(
            "mean_over_channels",
            "All your channels are the same: you took the mean over the channels too. Does a "
            "window reach into the depth?",
        ),
        Misconception(
            "mean_over_batch",
            "Your images have all become the same: you took the mean over the batch too. Should "
            "one photo change what comes out for another?",
        ),
    ),
    forbidden=(
        "helpers.layers.average_pool",
        "helpers.layers.adaptive_average_pool",
        "tensorflow.nn.avg_pool2d",
        "tensorflow.nn.avg_pool",
        "tensorflow.nn.pool",
        "tensorflow.raw_ops.AvgPool",
        "keras.ops.average_pool",
        "keras.layers.AveragePooling2D",
        "scipy.ndimage.uniform_filter",
    ),
    hints=(
        "Lay the windows as max_pool does. What is different is what you take out of each, and "
        "what may stand in the padding.",
        'For "same": the sum does not mind zeros in the padding, the count does. Pool an image of '
        "ones in the same way, and you have the count of real pixels in each window.",
    ),
    proved="average_pool divides by the pixels that are there, as TensorFlow's does.",
    picture=pictures.arrays,
)

# --- adaptive_average_pool --------------------------------------------------------------------


def _adaptive_average_pool_by_keras(images, output_size):
    import keras

    return np.asarray(keras.layers.AdaptiveAveragePooling2D(output_size)(images))


def _bins_along(slips, length, count):
    """(first pixel, pixel after the last) of each bin, as someone with these slips lays them."""
    step = length // count
    firsts = [i * length // count for i in range(count)]
    ends = [-(-(i + 1) * length // count) for i in range(count)]
    if "pixels_given_to_one_bin" in slips:
        ends = [(i + 1) * length // count for i in range(count)]
    if "rest_dropped" in slips:
        firsts, ends = ([step * (i + k) for i in range(count)] for k in (0, 1))
    if "rest_to_the_last" in slips:
        firsts, ends = ([step * (i + k) for i in range(count)] for k in (0, 1))
        ends[-1] = length
    if "rest_to_the_first" in slips:
        parts = np.array_split(np.arange(length), count)
        firsts, ends = [part[0] for part in parts], [part[-1] + 1 for part in parts]
    if "bins_rounded_up" in slips:
        longest = -(-length // count)
        firsts, ends = ([longest * (i + k) for i in range(count)] for k in (0, 1))
    if "bounds_rounded_to_nearest" in slips:
        bounds = [*map(int, np.round(np.linspace(0, length, count + 1)))]
        firsts, ends = bounds[:-1], bounds[1:]
    if "one_stride_for_all" in slips:
        firsts = [step * i for i in range(count)]
        ends = [first + length - step * (count - 1) for first in firsts]
    if "one_pixel_a_bin" in slips:
        ends = [first + 1 for first in firsts]
    return [*zip(firsts, ends, strict=True)]


def _adaptive_average_pool_with(slips, images, output_size):
    """`adaptive_average_pool` as someone with these slips writes it."""
    height, width = output_size
    if "height_and_width_swapped" in slips:
        height, width = width, height
    if "one_count_for_both_axes" in slips:
        width = height
    rows = _bins_along(slips, images.shape[1], height)
    columns = _bins_along(slips, images.shape[2], width)
    pooled = np.empty((len(images), height, width, images.shape[3]), "float32")
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            pixels = images[:, top:bottom, left:right]
            found = pixels.max(axis=(1, 2)) if "largest" in slips else pixels.mean(axis=(1, 2))
            if "mean_over_channels" in slips:
                found = found.mean(axis=1, keepdims=True)
            pooled[:, i, j] = found
    return pooled


GLOBAL, DIVIDES, ROW, RAGGED = (
    "one bin for all",
    "a count that divides the size",
    "one row of pixels",
    "bins that share a pixel",
)


def _adaptive_average_pool_cases(rng):
    def case(part, shape, output_size):
        return Case(part, {"images": _whole_numbers(rng, shape), "output_size": output_size})

    seven = np.arange(1, 8, dtype="float32").reshape(1, 1, 7, 1)
    return [
        case(GLOBAL, (1, 3, 4, 1), (1, 1)),
        case(GLOBAL, (2, 5, 3, 3), (1, 1)),
        case(DIVIDES, (1, 4, 6, 1), (2, 3)),
        case(DIVIDES, (2, 6, 4, 2), (3, 2)),
        Case(ROW, {"images": seven, "output_size": (1, 3)}),
        case(ROW, (1, 1, 8, 1), (1, 3)),
        case(ROW, (1, 1, 11, 1), (1, 4)),
        case(RAGGED, (1, 5, 7, 1), (2, 3)),
        case(RAGGED, (2, 11, 8, 2), (4, 3)),
    ]


adaptive_average_pool = Exercise(
    name="adaptive_average_pool",
    points=2,
    parts=(
        Part(
            "the shape that was asked for",
            0.1,
            "The output is (batch, height of output_size, width of output_size, channels), "
            "whatever the size of the images.",
            form=True,
        ),
        Part(GLOBAL, 0.2, "One bin holds the whole image: the mean of each channel, by itself."),
        Part(DIVIDES, 0.25, "Bins of equal size, side by side. Which is the height of a bin?"),
        Part(
            ROW,
            0.2,
            "Bin i begins at i * size / count, rounded down. Where does it end, so that no pixel "
            "is lost?",
        ),
        Part(
            RAGGED,
            0.25,
            "Rows and columns are divided each by their own count, as you did for a single row.",
        ),
    ),
    cases=_adaptive_average_pool_cases,
    expected=_adaptive_average_pool_by_keras,
    key="Keras",
    answer_with=_adaptive_average_pool_with,
    misconceptions=(
        Misconception(
            "rest_dropped",
            "You make all bins equally long and leave the rest of the pixels out. 7 pixels in 3 "
            "bins: who sees the last one?",
        ),
        Misconception(
            "rest_to_the_last",
            "Your last bin takes all that is left over. 11 pixels in 4 bins: is it as long as the "
            "others? Where would bin 1 begin if 11 / 4 were not rounded before it is multiplied?",
        ),
        Misconception(
            "rest_to_the_first",
            "You share the pixels out as np.array_split does, the longer bins first. Here a bin "
            "begins at i * size / count, rounded down: where does bin 1 of 7 pixels in 3 begin?",
        ),
        Misconception(
            "bins_rounded_up",
            "You make all bins as long as the longest, side by side. 7 pixels in 3 bins: what is "
            "left for the last one?",
        ),
        Misconception(
            "bounds_rounded_to_nearest",
            "You round the bounds of the bins to the nearest pixel. If a bound falls inside a "
            "pixel, which of the two bins reaches that pixel: the nearer one, or both?",
        ),
        Misconception(
            "pixels_given_to_one_bin",
            "Each pixel of yours lies in one bin only. A bin ends at (i + 1) * size / count: if "
            "that falls inside a pixel, does the bin reach it or not?",
        ),
        Misconception(
            "one_stride_for_all",
            "Your bins are all equally long and begin at equal distances. 8 pixels in 3 bins "
            "should begin at 0, 8/3 and 16/3, rounded down: are these distances equal?",
        ),
        Misconception(
            "one_pixel_a_bin",
            "You take one pixel out of each bin. What became of its neighbours in the bin?",
        ),
        Misconception(
            "height_and_width_swapped",
            "Your output lies on its side. Which of the two numbers of output_size is the height?",
        ),
        Misconception(
            "one_count_for_both_axes",
            "You use the first number of output_size for both axes. What is the second for?",
        ),
        Misconception("largest", "These are the largest numbers of the bins, not their means."),
        Misconception(
            "mean_over_channels",
            "All your channels are the same. Should the mean go over the channels too?",
        ),
    ),
    forbidden=(
        "helpers.layers.adaptive_average_pool",
        "keras.layers.AdaptiveAveragePooling2D",
        "keras.ops.adaptive_average_pool",
        "keras.layers.GlobalAveragePooling2D",
    ),
    hints=(
        "Draw 7 pixels as a bar, and cut it into 3 equal pieces with a pencil. A cut may go "
        "through a pixel. Which bins does that pixel belong to?",
        "Bin i reaches from i * size / count, rounded down, to (i + 1) * size / count, rounded "
        "up. In whole numbers: a // b rounds down, -(-a // b) rounds up. Two loops, over the "
        "bins of the rows and of the columns; images[:, rows, columns].mean(axis=(1, 2)).",
    ),
    proved="adaptive_average_pool gives any image the size asked for, with Keras's bins.",
    picture=pictures.arrays,
)

# --- average_pool_as_conv (practice) ----------------------------------------------------------


def _average_pool_as_conv_by_tensorflow(size, channels):
    """Read the kernel off TensorFlow's pooling: a pixel that is 1 alone shows its weight."""
    import tensorflow as tf

    taps = size * size * channels
    alone = np.eye(taps, dtype="float32").reshape(taps, size, size, channels)
    pooled = tf.nn.avg_pool2d(alone, size, size, "VALID").numpy()
    return pooled.reshape(size, size, channels, channels)


def _average_pool_as_conv_with(slips, size, channels):
    """`average_pool_as_conv` as someone with these slips writes it."""
    weight = 1 / size**2
    if "sum_only" in slips:
        weight = 1.0
    if "divided_by_length" in slips:
        weight *= size
    if "divided_by_channels_too" in slips:
        weight /= channels
    which = np.eye(channels, dtype="float32")
    if "channels_mixed" in slips:
        which = np.ones_like(which)
    if "first_channel_only" in slips:
        which = which * (np.arange(channels) == 0)
    kernel = np.zeros((size, size, channels, channels), "float32")
    taps = (slice(0, 1),) * 2 if "one_tap" in slips else (slice(None),) * 2
    kernel[taps] = weight * which
    return kernel[..., :1] if "one_filter" in slips else kernel


def _average_pool_as_conv_cases(rng):
    def case(part, size, channels):
        return Case(part, {"size": int(size), "channels": int(channels)})

    return [
        case("one channel", 2, 1),
        case("one channel", rng.integers(3, 6), 1),
        case("several channels", 2, 3),
        case("several channels", 3, rng.integers(2, 5)),
    ]


average_pool_as_conv = Exercise(
    name="average_pool_as_conv",
    points=0,
    parts=(
        Part(
            "the shape of a kernel",
            0.1,
            "A kernel is (height, width, channels in, filters). How many maps come out of a pool?",
            form=True,
        ),
        Part("one channel", 0.3, "What does each pixel of a window count in its mean?"),
        Part(
            "several channels",
            0.6,
            "Filter 0 makes map 0. Which channels of the image may it look at, if pooling keeps "
            "the channels apart?",
        ),
    ),
    cases=_average_pool_as_conv_cases,
    expected=_average_pool_as_conv_by_tensorflow,
    answer_with=_average_pool_as_conv_with,
    misconceptions=(
        Misconception(
            "channels_mixed",
            "Each of your filters looks at all channels. Which channel alone should filter 0 see?",
        ),
        Misconception(
            "sum_only",
            "Your layer gives the sum of a window. What does each pixel count in the mean?",
        ),
        Misconception(
            "divided_by_length",
            "Your weights add up to more than 1. How many pixels share in a window of 3 x 3?",
        ),
        Misconception(
            "divided_by_channels_too",
            "Your weights add up to less than 1 for each filter. Do the channels share in one "
            "mean, or has each its own?",
        ),
        Misconception(
            "first_channel_only",
            "Only your first map has anything in it. Who makes the others?",
        ),
        Misconception(
            "one_tap",
            "Your layer takes one pixel of each window. What becomes of the other pixels?",
        ),
        Misconception(
            "one_filter",
            "One filter gives one map. How many maps come out of a pool over three channels?",
        ),
    ),
    forbidden=(),
    hints=(
        "For one channel the kernel of a 2 x 2 mean has four equal weights. What do they add up "
        "to?",
        "With several channels, kernel[:, :, c, f] is what filter f does with channel c: a mean "
        "where c == f, zero elsewhere. np.eye knows where that is.",
    ),
    proved="A convolution with this kernel and a stride of size is average pooling.",
)

# --- ragged_edge (practice) -------------------------------------------------------------------


def _ragged_edge_by_tensorflow(size, window, stride):
    """Ask TensorFlow: which pixels move a pooled number, and how many ones a window adds up."""
    import tensorflow as tf

    row = tf.ones((1, size, 1))
    with tf.GradientTape() as tape:
        tape.watch(row)
        total = tf.reduce_sum(tf.nn.avg_pool1d(row, window, stride, "VALID"))
    unseen = int((tape.gradient(total, row).numpy() == 0).sum())
    counts = tf.nn.conv1d(row, tf.ones((window, 1, 1)), stride, "SAME")
    return unseen, int(counts[0, -1, 0])


def _ragged_edge_with(slips, size, window, stride):
    """`ragged_edge` as someone with these slips writes it."""
    windows = (size - window) // stride + 1
    seen = {place for i in range(windows) for place in range(i * stride, i * stride + window)}
    unseen = size - len(seen)
    if "gaps_forgotten" in slips:
        unseen = size - ((windows - 1) * stride + window)
    if "rest_of_the_division" in slips:
        unseen = size % stride
    if "valid_keeps_the_rest" in slips:
        unseen = 0
    outputs = -(-size // stride)
    before, after = same_padding(size, window, stride)
    if "extra_first" in slips:
        before, after = after, before
    if "all_after" in slips:
        before = 0
    first = (outputs - 1) * stride - before
    last = size - max(first, 0) if first + window > size else window
    if "last_window_full" in slips:
        last = window
    if "only_what_is_new" in slips:
        last = size % stride or stride
    return unseen, last


def _ragged_edge_cases(rng):
    def case(part, *numbers):
        return Case(
            part, dict(zip(("size", "window", "stride"), map(int, numbers), strict=True))
        )  # fmt: skip

    many = rng.integers(3, 9)
    return [
        case("windows side by side", 6, 2, 2),
        case("windows side by side", 3 * many + rng.integers(1, 3), 3, 3),
        case("windows that overlap", 6, 3, 2),
        case("windows that overlap", 8, 5, 3),
        case("windows that overlap", 3 * many + 2, 4, 3),
        case("gaps between the windows", 9, 2, 3),
        case("gaps between the windows", 3 * many + 1, 2, 3),
        case("gaps between the windows", 4 * many, 1, 4),
    ]


ragged_edge = Exercise(
    name="ragged_edge",
    points=0,
    parts=(
        Part("a pair of whole numbers", 0.1, "The answer is (unseen, in_last).", form=True),
        Part(
            "windows side by side",
            0.3,
            "Lay the windows down one after the other, from the first pixel on. How many pixels "
            'are left behind the last full one? "same" gives them a window of their own; if none '
            "is left, its last window is the last full one.",
        ),
        Part(
            "windows that overlap",
            0.3,
            '"valid": where does the last window that fits end? "same": where does the last '
            "window begin, if same_padding moves the first one out by `before`?",
        ),
        Part(
            "gaps between the windows",
            0.3,
            "The stride is larger than the window. Which pixels are never seen?",
        ),
    ),
    cases=_ragged_edge_cases,
    expected=_ragged_edge_by_tensorflow,
    answer_with=_ragged_edge_with,
    misconceptions=(
        Misconception(
            "gaps_forgotten",
            "You count the pixels behind the last window. If the windows are 2 wide and 3 apart, "
            "does every pixel between the first and the last one lie in a window?",
        ),
        Misconception(
            "rest_of_the_division",
            "You give the rest of size / stride as unseen. 6 pixels, window 3, stride 2: which "
            "pixels does the second window reach?",
        ),
        Misconception(
            "valid_keeps_the_rest",
            'For you every pixel is seen. What does "valid" do with a window that does not fit?',
        ),
        Misconception(
            "last_window_full",
            'Your last window of "same" is always full. Does it lie on the image with all its '
            "pixels?",
        ),
        Misconception(
            "only_what_is_new",
            "You count only the pixels that the last window does not share with the one before. "
            "How many real pixels does it hold in all?",
        ),
        Misconception(
            "extra_first",
            'Your windows of "same" begin one pixel too early. On which side does the odd pixel '
            "of padding go?",
        ),
        Misconception(
            "all_after",
            'For you the first window of "same" begins at the first pixel. How much of the '
            "padding stands before it?",
        ),
    ),
    forbidden=("tensorflow.nn.avg_pool1d", "tensorflow.nn.conv1d"),
    hints=(
        "Take 6 pixels, a window of 3 and a stride of 2, and draw both rows of windows. "
        "padding.same_padding says how far the first one of \"same\" hangs over.",
        "unseen: put the places of all windows of \"valid\" into a set. in_last: the last window "
        "of \"same\" begins at (outputs - 1) * stride - before; it ends with the image.",
    ),
    proved="ragged_edge knows what \"valid\" drops and what \"same\" keeps.",
)  # fmt: skip
