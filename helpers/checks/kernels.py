"""Checks of the exercises on kernels that have a name."""

import numpy as np

from helpers import convolution
from helpers.checks import pictures
from helpers.checks.compare import same_value
from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- sobel (practice) -------------------------------------------------------------------------


def _sobel_by_tensorflow(image):
    import tensorflow as tf

    batch = tf.cast(image, "float32")[None, :, :, None]
    inside = tf.image.sobel_edges(batch).numpy()[0, 1:-1, 1:-1, 0]  # (H - 2, W - 2, dy and dx)
    return inside[:, :, 1], inside[:, :, 0]


def _sobel_with(slips, image):
    """`sobel` as someone with these slips writes it; without any it is right."""
    across = [1, 1, 1] if "all_rows_alike" in slips else [1, 2, 1]
    kernel = np.outer(across, [-1, 0, 1]).astype("float32")
    border = "same" if "pads_to_same" in slips else "valid"
    dx = convolution.correlate2d(image, kernel, padding=border)
    dy = convolution.correlate2d(image, kernel.T, padding=border)
    if "upwards_is_positive" in slips:
        dy = -dy
    if "kernels_flipped" in slips:
        dx, dy = -dx, -dy
    if "divided_by_8" in slips:
        dx, dy = dx / 8, dy / 8
    if "sign_lost" in slips:
        dx, dy = np.abs(dx), np.abs(dy)
    if "wraps_at_256" in slips and image.dtype == np.uint8:
        dx, dy = dx % 256, dy % 256
    return (dy, dx) if "axes_swapped" in slips else (dx, dy)


def _sobel_cases(rng):
    def rising(count):
        return np.cumsum(rng.integers(1, 4, count)).astype("float32")

    def any_picture(height, width, most=10, kind="float32"):
        return Case(
            "a photo of whole numbers" if kind == "uint8" else "edges of any direction",
            {"image": rng.integers(0, most, (height, width)).astype(kind)},
        )

    step = np.array([[0, 0, 1, 1]] * 3, "float32")
    return [
        Case("brighter to the right", {"image": step}),
        Case("brighter to the right", {"image": np.tile(rising(5), (4, 1))}),
        Case("brighter downwards", {"image": step.T.copy()}),
        Case("brighter downwards", {"image": np.tile(rising(4)[:, None], (1, 5))}),
        any_picture(4, 5),
        any_picture(6, 4),
        any_picture(5, 5, most=256, kind="uint8"),
        any_picture(3, 6, most=256, kind="uint8"),
    ]


def _first_wrong_map(case, got, expected):
    """The picture of dx if that is wrong, else of dy; None where there is no pair of maps."""
    if not isinstance(got, tuple) or len(got) != 2:
        return None
    wrong = int(same_value(got[0], expected[0]))
    return pictures.arrays(case, got[wrong], expected[wrong])


sobel = Exercise(
    name="sobel",
    points=0,
    parts=(
        Part(
            "a pair of maps",
            0.1,
            "The answer is a pair (dx, dy); the 3 x 3 kernels stay inside the image.",
            form=True,
        ),
        Part(
            "brighter to the right",
            0.2,
            "The picture gets brighter from left to right only. Which of the two maps sees it?",
        ),
        Part(
            "brighter downwards",
            0.2,
            "The picture gets brighter from top to bottom only. Is dy positive then?",
        ),
        Part(
            "edges of any direction",
            0.25,
            "Take one window: right column minus left column. Which of the three rows counts "
            "twice?",
        ),
        Part(
            "a photo of whole numbers",
            0.25,
            "The pixels are uint8 here, 0 to 255. Do your differences survive that?",
        ),
    ),
    cases=_sobel_cases,
    expected=_sobel_by_tensorflow,
    answer_with=_sobel_with,
    misconceptions=(
        Misconception(
            "axes_swapped",
            "Your two maps have changed places. In which of them should an upright edge, dark on "
            "the left and bright on the right, show?",
        ),
        Misconception(
            "kernels_flipped",
            "Your signs are the wrong way round on both axes. Which column is taken from which, "
            "if brighter to the right is to be positive?",
        ),
        Misconception(
            "upwards_is_positive",
            "Your dy counts upwards. In which direction do the rows of an array count?",
        ),
        Misconception(
            "sign_lost",
            "Nothing in your maps is below 0. How would one tell dark to bright from bright to "
            "dark?",
        ),
        Misconception(
            "all_rows_alike",
            "In your kernels all three rows count alike, which is Prewitt's. Which row does Sobel "
            "trust most?",
        ),
        Misconception(
            "divided_by_8",
            "Your maps are the slope per pixel. Are the weights of the two kernels whole numbers "
            "or eighths?",
        ),
        Misconception(
            "pads_to_same",
            "Your maps are as large as the image. What would a kernel see beyond the edge, and "
            "would that be an edge of the picture?",
        ),
        Misconception(
            "wraps_at_256",
            "On uint8 pixels your negative numbers turn into large ones: 3 - 5 becomes 254. What "
            "kind of number has room for both signs?",
        ),
    ),
    forbidden=(
        "helpers.kernels.sobel_x",
        "helpers.kernels.sobel_y",
        "tensorflow.image.sobel_edges",
    ),
    hints=(
        "dx is large where the pixels on the right are brighter than those on the left. Write a "
        "3 x 3 kernel that takes the left column from the right one, the middle row twice.",
        "The kernel for dy is the same with rows and columns exchanged. convolution.correlate2d "
        "slides both over the image.",
    ),
    proved="sobel gives both slopes with their signs, as tf.image.sobel_edges does inside.",
    picture=_first_wrong_map,
)
