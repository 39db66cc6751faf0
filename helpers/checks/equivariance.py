"""Exercises on what happens to the output when the input moves."""

import numpy as np

from helpers import layers
from helpers.checks import pictures
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- equivariance_error -----------------------------------------------------------------------

NOTHING, STRIDE_1, STRIDE_2 = "a layer without error", "stride 1", "stride 2"
SEVERAL = "several images, oblong ones"


def _error_by_numpy(layer, images, shift):
    maps = layers.apply(layer, images)
    stride = images.shape[2] // maps.shape[2]
    moved_maps = np.roll(maps, shift // stride, axis=2)
    maps_of_moved = layers.apply(layer, np.roll(images, shift, axis=2))
    return float(np.abs(maps_of_moved - moved_maps).max() / np.abs(maps).max())


def _error_with(slips, layer, images, shift):
    """`equivariance_error` as someone with these slips writes it; without any it is right."""
    axis = 1 if "other_axis" in slips else 2
    if "other_direction" in slips:
        shift = -shift

    def move(array, pixels):
        if "no_axis" in slips:
            return np.roll(array, pixels)
        moved = np.roll(array, pixels, axis)
        if "zero_fill_shift" in slips:
            places = np.arange(array.shape[axis])
            came_in = places < pixels if pixels > 0 else places >= array.shape[axis] + pixels
            moved[(slice(None),) * axis + (came_in,)] = 0
        return moved

    maps, of_moved = layers.apply(layer, images), layers.apply(layer, move(images, shift))
    stride = 1 if "stride_forgotten" in slips else images.shape[2] // maps.shape[2]
    wanted = of_moved if "misprint_double_shift" in slips else maps
    if "invariance_instead" not in slips:
        wanted = move(wanted, shift // stride)
    difference, largest = of_moved - wanted, np.abs(maps).max()
    if "not_relative" in slips:
        largest = 1
    if "sign_kept" in slips:
        return float(difference.max() / largest)
    if "signed_mean" in slips:
        return float(difference.mean() / largest)
    if "mean_for_largest" in slips:
        return float(np.abs(difference).mean() / largest)
    return float(np.abs(difference).max() / largest)


def _error_cases(rng):
    def case(part, layer, shape, shift):
        images = rng.integers(1, 10, shape).astype("float32")
        return Case(part, {"layer": layer, "images": images, "shift": int(shift)})

    return [
        case(NOTHING, "conv", (1, 3, 6, 1), 1),
        case(NOTHING, "conv", (1, 6, 5, 2), rng.integers(2, 5)),
        case(STRIDE_1, "conv_same", (1, 3, 6, 1), 2),
        case(STRIDE_2, "max_pool", (1, 4, 8, 1), 2),
        case(STRIDE_2, "conv_stride2", (1, 4, 8, 1), 1),
        case(STRIDE_2, "max_pool", (1, 6, 8, 1), 3),
        case(SEVERAL, "conv_same", (3, 5, 7, 2), rng.integers(1, 4)),
        case(SEVERAL, "two_blocks", (2, 8, 16, 3), 5),
        case(SEVERAL, "blur_pool", (2, 8, 6, 2), 3),
    ]


equivariance_error = Exercise(
    name="equivariance_error",
    points=4,
    parts=(
        Part("one number", 0.05, "The answer is one number, a float.", form=True),
        Part(
            NOTHING,
            0.15,
            "This convolution moves its maps along exactly. Which two arrays should be equal then?",
        ),
        Part(
            STRIDE_1,
            0.25,
            "Two ways from an image to moved maps: move, then the layer; or the layer, then move. "
            "Compute both, and hold them against each other.",
        ),
        Part(
            STRIDE_2,
            0.3,
            "The maps are only half as wide as the images. When the image moves by 2 pixels, how "
            "far do the maps have to move?",
        ),
        Part(
            SEVERAL,
            0.25,
            "Which axis of (N, H, W, C) is the width? And over which numbers do you take the "
            "largest?",
        ),
    ),
    cases=_error_cases,
    expected=_error_by_numpy,
    key="NumPy",
    answer_with=_error_with,
    misconceptions=(
        Misconception(
            "invariance_instead",
            "You ask whether the maps stay the same when the image moves. That would be "
            "invariance. Equivariance asks whether they move too: what is missing on one side?",
        ),
        Misconception(
            "misprint_double_shift",
            "Both sides of your comparison start from the moved image, and one is moved once more. "
            "From which image do the maps come that are to be moved?",
        ),
        Misconception(
            "stride_forgotten",
            "With stride 1 you are right. Behind a stride of 2 the maps have half the width: how "
            "many steps on them is a shift by 2 pixels?",
        ),
        Misconception(
            "other_axis",
            "Your images move down, not right. In (N, H, W, C), which axis counts the columns?",
        ),
        Misconception(
            "no_axis",
            "Without an axis np.roll makes one long row of all numbers and moves that: what leaves "
            "one row comes in at the next. Which axis should move?",
        ),
        Misconception(
            "other_direction",
            "Your images move to the left. np.roll(row, 1): where does the first number go, and "
            "what does a minus do?",
        ),
        Misconception(
            "signed_mean",
            "You average differences that still have their sign. What is the mean of +5 and -5, "
            "and do those two maps agree?",
        ),
        Misconception(
            "sign_kept",
            "You take the largest of differences that still have their sign. Is -5 not as far off "
            "as +5?",
        ),
        Misconception(
            "mean_for_largest",
            "You give the mean difference. Most places agree and hide the few that do not: which "
            "number tells how far off the worst one is?",
        ),
        Misconception(
            "not_relative",
            "Your differences are right, but a map of large numbers has large differences. By what "
            "must they be divided, so that images of twice the brightness give the same?",
        ),
        Misconception(
            "zero_fill_shift",
            "Where your images move away, zeros come in, so something is lost and something new "
            "appears. What would have to come in on the left for nothing to be lost?",
        ),
    ),
    forbidden=("helpers.layers.equivariance_error",),
    hints=(
        "Four arrays: the maps of the images; these maps, moved; the moved images; their maps. "
        "Two of the four should be equal. layers.apply(layer, images) gives the maps, "
        "np.roll(array, steps, axis) moves an array.",
        "The total stride is the width of the images over the width of the maps. The maps move by "
        "shift // stride. Then: the largest absolute difference, over the largest absolute number "
        "in the maps of the images that were not moved.",
    ),
    proved="equivariance_error measures whether a layer moves its maps along, strides included.",
)

# --- antialiased_pool -------------------------------------------------------------------------

EVEN, SPOT = "an even grey area", "one bright pixel"
BORDER, MANY = "up to the border", "images, channels, other strides"


def _antialiased_pool_by_tensorflow(images, stride=2):
    import tensorflow as tf

    channels = images.shape[3]
    largest = tf.nn.max_pool2d(tf.cast(images, "float32"), 2, 1, "SAME")
    padded = tf.pad(largest, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")  # one: its edge pixel
    taps = np.outer([1, 2, 1], [1, 2, 1]).astype("float32") / 16
    kernel = np.repeat(taps[:, :, None, None], channels, axis=2)
    blurred = tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")
    return blurred[:, ::stride, ::stride].numpy()


def _blurred(slips, maps):
    mode = "constant" if "zeros_outside" in slips else "edge"
    for axis in (2,) if "blurred_one_way" in slips else (1, 2):
        sides = [(1, 1) if a == axis else (0, 0) for a in range(4)]
        before, here, after = (
            np.take(np.pad(maps, sides, mode), range(i, i + maps.shape[axis]), axis)
            for i in range(3)
        )
        maps = before + 2 * here + after
        maps = maps if "not_divided" in slips else maps / 4
        if "divided_once" in slips and axis == 1:
            maps = maps * 4
    return maps


def _largest(maps):
    """The largest of the 2 x 2 pixels that begin at each pixel, of those that are there."""
    for axis in (1, 2):
        neighbour = np.roll(maps, -1, axis)
        last = (slice(None),) * axis + (-1,)
        neighbour[last] = maps[last]
        maps = np.maximum(maps, neighbour)
    return maps


def _antialiased_pool_with(slips, images, stride=2):
    """`antialiased_pool` as someone with these slips writes it; without any it is right."""
    if "stride_always_2" in slips:
        stride = 2
    first = 1 if "begins_one_later" in slips and stride > 1 else 0
    every = (slice(None), slice(first, None, stride), slice(first, None, stride))
    maps = images.astype("float32")
    if "windows_inside_only" in slips:
        return _blurred(slips, _largest(maps)[:, :-1, :-1])[every]
    if "blur_before_the_max" in slips:
        return _largest(_blurred(slips, maps))[every]
    if "no_max" not in slips:
        maps = _largest(maps)
    if "no_blur" in slips:
        return maps[every]
    if "blur_after_the_stride" in slips:
        return _blurred(slips, maps[every])
    if "stride_twice" in slips:
        maps = maps[every]
    return _blurred(slips, maps)[every]


def _antialiased_pool_cases(rng):
    def case(part, shape, **stride):
        images = rng.integers(0, 10, shape).astype("float32")
        return Case(part, {"images": images, **stride})

    spot = np.zeros((1, 5, 6, 1), "float32")
    spot[0, 2, 2] = 16
    moved = np.roll(spot, (1, 1), axis=(1, 2))
    grey = np.full((1, 4, 6, 1), rng.integers(2, 9), "float32")
    return [
        Case(EVEN, {"images": grey}),
        Case(SPOT, {"images": spot}),
        Case(SPOT, {"images": moved}),
        case(BORDER, (1, 4, 4, 1)),
        case(BORDER, (1, 5, 7, 1)),
        case(MANY, (2, 6, 5, 3), stride=1),
        case(MANY, (2, 7, 9, 2), stride=3),
    ]


antialiased_pool = Exercise(
    name="antialiased_pool",
    points=3,
    parts=(
        Part(
            "the shape of the maps",
            0.1,
            "Height and width over the stride, rounded up; batch and channels as they were.",
            form=True,
        ),
        Part(EVEN, 0.15, "In an even grey, neither a maximum nor a mean changes anything."),
        Part(
            SPOT,
            0.25,
            "Follow the one bright pixel: which windows find it, what makes the blur of them, and "
            "which of those numbers are kept?",
        ),
        Part(
            BORDER,
            0.2,
            "At the border both steps look past the last pixel. Past it, its own number goes on.",
        ),
        Part(
            MANY,
            0.3,
            "Each image and each channel is pooled alone. With stride 1 everything is kept, with "
            "stride 3 every third.",
        ),
    ),
    cases=_antialiased_pool_cases,
    expected=_antialiased_pool_by_tensorflow,
    answer_with=_antialiased_pool_with,
    misconceptions=(
        Misconception(
            "blur_after_the_stride",
            "You leave pixels out first and blur what is left. What was in the pixels that were "
            "left out: can a blur bring it back?",
        ),
        Misconception(
            "blur_before_the_max",
            "You blur the image and then take the largest. Which of the two steps makes the sharp "
            "edges that the stride stumbles over?",
        ),
        Misconception(
            "no_blur",
            "This is plain max pooling. What should happen between the largest and the stride?",
        ),
        Misconception(
            "no_max",
            "You blur, but nothing takes the largest. Which step of a max pool is missing?",
        ),
        Misconception(
            "not_divided",
            "Your grey areas get brighter. What do the weights 1, 2, 1 add up to, and what should "
            "the weights of a mean add up to?",
        ),
        Misconception(
            "divided_once",
            "Your grey areas get brighter by a factor of 4. There are two blurs, one down and one "
            "across: is each of them a mean?",
        ),
        Misconception(
            "windows_inside_only",
            "Your maps lose a row and a column before the stride. How many windows are there when "
            "one begins at each pixel, those of the last row and column included?",
        ),
        Misconception(
            "blurred_one_way",
            "Your maps are blurred across only. The stride leaves out rows as well: what protects "
            "those?",
        ),
        Misconception(
            "zeros_outside",
            "Your border is too dark. What did notebook 3 say of zeros around a blur, and what "
            "else can stand there?",
        ),
        Misconception(
            "stride_twice",
            "Your maps are too small: pixels are left out twice. Which of the steps should use the "
            "stride, and what is the stride of the other?",
        ),
        Misconception(
            "begins_one_later",
            "You keep the second of each group. Which pixel does a pool with this stride begin at?",
        ),
        Misconception(
            "stride_always_2",
            "Your answer does not change with the stride. Where is that argument used?",
        ),
    ),
    forbidden=("helpers.layers.blur_pool",),
    hints=(
        "Three steps, in this order: the largest of 2 x 2 with stride 1 and padding same; a blur "
        "with 1, 2, 1 over 4, once down and once across; every stride-th row and column.",
        "layers.max_pool(images, 2, stride=1, padding='same') is the first step. For the blur "
        "put one more pixel on each side with np.pad(..., mode='edge'); then three slices of it, "
        "one pixel apart, are what 1, 2 and 1 stand before. The last step is [:, ::stride, ...].",
    ),
    proved="antialiased_pool takes the largest, blurs, and only then leaves pixels out.",
    picture=pictures.arrays,
)

# --- lift_rotations ---------------------------------------------------------------------------

ALIKE, QUARTERS = "a kernel without direction", "a kernel with a direction"
OBLONG = "an oblong image"


def _lift_rotations_by_tensorflow(image, kernel):
    import tensorflow as tf

    turned = np.stack([np.rot90(kernel, r) for r in range(4)], axis=-1)[:, :, None]
    return tf.nn.conv2d(image[None, :, :, None], turned, 1, "VALID").numpy()[0]


def _lift_rotations_with(slips, image, kernel):
    """`lift_rotations` as someone with these slips writes it; without any it is right."""
    if "kernel_flipped" in slips:
        kernel = kernel[::-1, ::-1]
    turns = range(3) if "three_copies" in slips else range(4)
    step = -1 if "clockwise" in slips else 1
    step = 2 if "half_turns" in slips else step
    first = 1 if "begins_turned" in slips else 0
    made = [np.rot90(kernel, (first + r) * step) for r in turns]
    if "never_turned" in slips:
        made = [kernel for _ in turns]
    if "mirrors_for_turns" in slips:
        made = [kernel, kernel[::-1], kernel[:, ::-1], kernel[::-1, ::-1]][: len(turns)]
    if "transposed" in slips:
        other = kernel[::-1, ::-1]
        made = [kernel, kernel.T, other, other.T][: len(turns)]
    images = [image for _ in turns]
    if "image_turned" in slips:
        images, made = [np.rot90(image, r * step) for r in turns], [kernel for _ in turns]
    maps = [layers.correlate2d(*pair) for pair in zip(images, made, strict=True)]
    if "maps_turned" in slips:
        maps = [np.rot90(layers.correlate2d(image, kernel), r * step) for r in turns]
    if "largest_of_four" in slips:
        return np.max(maps, axis=0)
    return np.stack(maps, axis=0 if "channels_first" in slips else -1)


def _lift_rotations_cases(rng):
    def case(part, image_shape, size):
        image = rng.integers(0, 10, image_shape).astype("float32")
        numbers = rng.permutation(np.arange(-2, size**2 - 2))
        return Case(part, {"image": image, "kernel": numbers.reshape(size, size).astype("float32")})

    def without_direction(image_shape):
        corner, edge, middle = map(int, rng.permutation(np.arange(-3, 6))[:3])
        row = [corner, edge, corner]
        kernel = np.array([row, [edge, middle, edge], row], "float32")
        return Case(
            ALIKE, {"image": case(ALIKE, image_shape, 2).arguments["image"], "kernel": kernel}
        )

    counted = np.array([[1, 2], [3, 4]], "float32")
    spot = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], "float32")
    return [
        Case(ALIKE, {"image": spot, "kernel": np.array([[2, 2], [2, 2]], "float32")}),
        without_direction((4, 6)),
        Case(QUARTERS, {"image": spot, "kernel": counted}),
        case(QUARTERS, (5, 5), 3),
        case(QUARTERS, (6, 6), 2),
        case(OBLONG, (3, 5), 2),
        case(OBLONG, (7, 5), 3),
    ]


lift_rotations = Exercise(
    name="lift_rotations",
    points=3,
    parts=(
        Part(
            "four maps side by side",
            0.1,
            "The shape is (H - K + 1, W - K + 1, 4): the four maps are the channels.",
            form=True,
        ),
        Part(
            ALIKE,
            0.2,
            "Turned or not, this kernel looks the same. What have the four maps in common then?",
        ),
        Part(
            QUARTERS,
            0.4,
            "For the next channel the kernel is turned by a quarter, counter-clockwise. Do it on "
            "paper with 1 2 over 3 4.",
        ),
        Part(OBLONG, 0.3, "The image stays as it is, so it need not be square. What is turned?"),
    ),
    cases=_lift_rotations_cases,
    expected=_lift_rotations_by_tensorflow,
    answer_with=_lift_rotations_with,
    misconceptions=(
        Misconception(
            "clockwise",
            "Your first and third map are right, the second and fourth have changed places. Which "
            "way round does the kernel turn?",
        ),
        Misconception(
            "image_turned",
            "You turned the image and left the kernel alone. Then each map lies another way round, "
            "and those of an oblong image do not even fit together. What should turn?",
        ),
        Misconception(
            "maps_turned",
            "You slide the kernel as it is, and turn what comes out. That shows the same map four "
            "times, from four sides. What should have turned before the sliding?",
        ),
        Misconception(
            "mirrors_for_turns",
            "You mirrored the kernel. Write an F on paper: can it be turned so that it looks like "
            "its mirror image?",
        ),
        Misconception(
            "transposed",
            "You exchanged rows and columns. 1 2 over 3 4 becomes 1 3 over 2 4: does a turn by a "
            "quarter leave the 1 in its corner?",
        ),
        Misconception(
            "half_turns",
            "Two of your maps come twice. By how much does your kernel turn from one map to the "
            "next?",
        ),
        Misconception(
            "never_turned",
            "Your four maps are the same. np.rot90 gives a new array: is it the one that is slid "
            "over the image?",
        ),
        Misconception(
            "begins_turned",
            "Your four maps are right, in another order. Which kernel makes channel 0?",
        ),
        Misconception(
            "kernel_flipped",
            "You slide the kernel flipped, as the convolution of mathematics does. Does a layer of "
            "TensorFlow?",
        ),
        Misconception(
            "three_copies",
            "You have three maps. After how many quarter turns is the kernel back where it was?",
        ),
        Misconception(
            "channels_first",
            "Your maps are stacked along the first axis. Where do the channels stand in NHWC?",
        ),
        Misconception(
            "largest_of_four",
            "You keep only the largest of the four maps. That is a good next step; here all four "
            "are wanted.",
        ),
    ),
    forbidden=("helpers.layers.lift_rotations", "helpers.layers.rotation_conv"),
    hints=(
        "Four times the same: a kernel, slid over the image by convolution.correlate2d. The kernel "
        "is another one each time.",
        "np.rot90(kernel, r) turns an array by r quarters, counter-clockwise; np.stack(maps, "
        "axis=-1) makes channels of a list of maps.",
    ),
    proved="lift_rotations makes one map for each quarter turn of the kernel.",
    picture=pictures.arrays,
)
