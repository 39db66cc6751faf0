"""The check of the exercise on nearest neighbours: whose picture is most like this one?"""

import numpy as np

from helpers.checks.exercise import Case, Exercise, Misconception, Part

# --- nearest_neighbour ------------------------------------------------------------------------

SINGLE = "a single stored picture"
COPY = "a copy is stored"
DARK = "dark pictures, 0 to 9"
ALL = "all of 0 to 255"
ONE_LARGE = "one large difference or several small ones"
TIE = "two that are equally near"


def _nearest_neighbour_by_scipy(images, labels, queries):
    from scipy.spatial.distance import cdist

    rows = [array.reshape(len(array), -1).astype("float64") for array in (queries, images)]
    return labels[cdist(*rows, "sqeuclidean").argmin(axis=1)]


def _nearest_neighbour_with(slips, images, labels, queries):
    """`nearest_neighbour` as someone with these slips writes it; without any it is right."""
    if "not_added_up" in slips:
        squares = [(images.astype(float) - query) ** 2 for query in queries]
        return labels[[int(square.argmin()) for square in squares]]
    distances = np.array([_distances_with(slips, images, query) for query in queries])
    if "farthest" in slips:
        distances = -distances
    if "axes_swapped" in slips:
        return labels[distances.argmin(axis=0)]
    if "last_of_equals" in slips:
        found = distances.shape[1] - 1 - distances[:, ::-1].argmin(axis=1)
    else:
        found = distances.argmin(axis=1)
    if "one_answer" in slips:
        return int(labels[found[0]])
    return found if "index_for_label" in slips else labels[found]


def _distances_with(slips, images, query):
    """From one query to each stored image: a row of numbers."""
    if "first_channel_only" in slips:
        images, query = images[..., :1], query[..., :1]
    kept = slips & {"uint8_wraps", "uint8_difference"}
    images, query = (images, query) if kept else (images.astype(float), query.astype(float))
    differences = (images - query).reshape(len(images), -1)
    if "uint8_difference" in slips:
        differences = differences.astype(float)
    if "signs_cancel" in slips:
        return differences.sum(axis=1)
    if "total_brightness" in slips:
        return np.abs(differences.sum(axis=1).astype(float))
    if "absolute_differences" in slips and "uint8_wraps" not in slips:  # that is about squares
        return np.abs(differences).sum(axis=1)
    return (differences**2).sum(axis=1)


def _nearest_neighbour_cases(rng):
    def images(count, brightest, channels=1):
        return rng.integers(0, brightest + 1, (count, 2, 3, channels)).astype("uint8")

    def labels(count):
        return rng.permutation(np.arange(2, 10))[:count]

    def case(part, stored, queries):
        arguments = {"images": stored, "labels": labels(len(stored)), "queries": queries}
        return Case(part, arguments)

    def nearest_is_clear(part, brightest, channels=1):
        """No two stored images are equally near, the answers are not all the same, and in
        colours the first channel alone would give others."""
        while True:
            stored, queries = images(4, brightest, channels), images(3, brightest, channels)
            distances = np.array([_distances_with(set(), stored, query) for query in queries])
            in_red = [_distances_with({"first_channel_only"}, stored, query) for query in queries]
            found, found_in_red = distances.argmin(axis=1), np.argmin(in_red, axis=1)
            clear = all(len(set(row)) == len(row) for row in distances.tolist())
            if clear and len(set(found)) > 1 and (channels == 1 or any(found != found_in_red)):
                return case(part, stored, queries)

    def a_copy():
        made = nearest_is_clear(COPY, 9)
        stored = made.arguments["images"]
        return Case(COPY, made.arguments | {"queries": stored[[2, 0]].copy()})

    def one_large():
        """One pixel that is 6 off, against five that are 2 off: 36 against 20, and 6 against 10."""
        queries = images(2, 5) + 2
        stored = np.concatenate([queries + np.uint8(2), queries])
        for i in (0, 1):
            stored[i].flat[rng.integers(6)] -= 2
            stored[2 + i].flat[rng.integers(6)] += 6
        queries_far_apart = queries + np.array([0, 100], "uint8").reshape(2, 1, 1, 1)
        stored = stored + np.array([0, 100, 0, 100], "uint8").reshape(4, 1, 1, 1)
        order = rng.permutation(4)
        return case(ONE_LARGE, stored[order], queries_far_apart)

    def a_tie():
        """Two stored images lie on either side of a query, and a third one farther away."""
        queries = images(2, 5) + np.array([2, 100], "uint8").reshape(2, 1, 1, 1)
        stored = np.concatenate([queries, queries, queries + np.uint8(3)])
        for i in (0, 1):
            stored[i].flat[rng.integers(6)] += 2
            stored[2 + i].flat[rng.integers(6)] -= 2
        return case(TIE, stored, queries)

    return [
        case(SINGLE, images(1, 9), images(3, 9)),
        a_copy(),
        nearest_is_clear(DARK, 9),
        nearest_is_clear(DARK, 9),
        nearest_is_clear(ALL, 255),
        nearest_is_clear(ALL, 255, channels=3),
        one_large(),
        a_tie(),
    ]


def _query_and_stored(case, got, expected):
    """The first query that is named wrongly, and its true distance to each stored image."""
    from helpers import plots

    images, labels, queries = (case.arguments[name] for name in ("images", "labels", "queries"))
    answers = np.asarray(got)
    wrong = 0
    if answers.shape == expected.shape:
        wrong = int(np.flatnonzero(answers != expected)[0])
    shapes = [queries.shape[1:3]] * (1 + len(images))
    fig, axes = plots.grid_axes(*shapes)
    _draw(axes[0], queries[wrong], f"queries[{wrong}]")
    squares = _distances_with(set(), images, queries[wrong])
    for ax, image, label, square in zip(axes[1:], images, labels, squares, strict=True):
        _draw(ax, image, f"label {label}\nsquares: {square:,.0f}")
    return plots.show(fig)


def _draw(ax, image, title):
    from helpers import plots

    if image.shape[2] == 1:
        plots.draw_grid(ax, image[:, :, 0], title=title, limits=(0, 255))
    else:
        plots.draw_image(ax, image, title=title)


nearest_neighbour = Exercise(
    name="nearest_neighbour",
    points=4,
    parts=(
        Part(
            "one label for each query",
            0.1,
            "The answer is an array with as many labels as there are queries.",
            form=True,
        ),
        Part(SINGLE, 0.1, "Only one picture is stored: whose label can each query get?"),
        Part(COPY, 0.1, "Each query is also among the stored images. How far is it from itself?"),
        Part(
            DARK,
            0.2,
            "Take one query and one stored image: square the difference of each pair of pixels, "
            "add up. Which stored image has the least sum?",
        ),
        Part(
            ALL,
            0.2,
            "The same with brighter pixels, and with colours. Print one difference and one "
            "square: are they what you would get on paper?",
        ),
        Part(
            ONE_LARGE,
            0.15,
            "One pixel that is 6 off, or five that are 2 off: which of the two has the smaller sum "
            "of squares?",
        ),
        Part(TIE, 0.15, "Two stored images are equally near. The one that is stored first counts."),
    ),
    cases=_nearest_neighbour_cases,
    expected=_nearest_neighbour_by_scipy,
    answer_with=_nearest_neighbour_with,
    misconceptions=(
        Misconception(
            "uint8_wraps",
            "With dark pictures you are right, with bright ones not. The pixels are uint8: try "
            "np.uint8([10]) - np.uint8([30]), and np.uint8([30]) ** 2. Which numbers can such a "
            "pixel not hold?",
        ),
        Misconception(
            "uint8_difference",
            "Where the query is brighter than the stored pixel, your difference is not below "
            "zero. The pixels are uint8: try np.uint8([3]) - np.uint8([5]). Where does such a "
            "number go when it should be negative?",
        ),
        Misconception(
            "absolute_differences",
            "You add up the differences without their signs. What was to be done with each "
            "difference before adding? It makes one large difference count for more.",
        ),
        Misconception(
            "signs_cancel",
            "You add up the differences with their signs. One pixel is 5 brighter, another one 5 "
            "darker: how far apart would these two pictures be?",
        ),
        Misconception(
            "total_brightness",
            "You compare the sums of all pixels. Two pictures can be equally bright in all and "
            "show different things. Which pixels are to be compared with each other?",
        ),
        Misconception(
            "not_added_up",
            "You looked for the least square of all pixels of all stored images, and argmin counts "
            "pixels there. How many numbers should there be for one query, and what must be added "
            "up to get them?",
        ),
        Misconception(
            "farthest",
            "You name each query like the picture that is least like it. Does a small distance "
            "mean alike, or different?",
        ),
        Misconception(
            "index_for_label",
            "These are places in the row of stored images: 0, 1, 2, ... What is the class of the "
            "image that stands there?",
        ),
        Misconception(
            "axes_swapped",
            "You give one label for each stored image. In a table of distances with a row for "
            "each query, along which axis does one look for the least?",
        ),
        Misconception(
            "one_answer",
            "You give a single label. How many pictures were to be named?",
        ),
        Misconception(
            "last_of_equals",
            "Of two pictures that are equally near you take the later one. What happens in your "
            "comparison when a distance is just as small as the least one so far?",
        ),
        Misconception(
            "first_channel_only",
            "Your answers do not change with green and blue. Which of the channels of (H, W, C) "
            "are part of a picture?",
        ),
    ),
    forbidden=(
        "helpers.neighbours.nearest",
        "helpers.neighbours.classify",
        "scipy.spatial.distance.cdist",
        "scipy.spatial.KDTree",
        "scipy.cluster.vq.vq",
    ),
    hints=(
        "One query at a time. images - query subtracts it from all stored images at once; then "
        "one sum for each stored image, over its height, its width and its channels.",
        "Before subtracting, turn the pixels into numbers that can be negative and large: "
        'images.astype("float64"). np.argmin gives the place of the first of the least numbers, '
        "and labels[place] its class. Collect one label for each query.",
    ),
    proved="nearest_neighbour names each query like the stored picture with the least distance.",
    key="SciPy",
    picture=_query_and_stored,
)
