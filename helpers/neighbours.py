"""Nearest neighbours: the stored images, or rows of numbers, that are most like a given one."""

import numpy as np

from helpers.arguments import whole_number

MOST_DISTANCES = 5_000_000  # that are computed at a time: 40 MB of float64


def nearest(stored, queries, k=1):
    """The stored items with the least distance to each query.

    The distance is that of Euclid: the square root of the sum of squared differences, over all
    pixels and channels. It never builds all differences, which for 5,000 stored images and 1,000
    queries of 784 pixels would be 31 GB: since ``(q - s)^2`` is ``q^2 - 2 q s + s^2``, one matrix
    product gives all distances. It computes in float64, so nothing wraps around at 255, and
    the distances of uint8 images are exact: equal images have distance 0.

    Args:
        stored: ``(N, ...)``: images ``(N, H, W, C)`` or rows ``(N, D)``; any real numbers.
        queries: ``(M, ...)``, each of the shape of one stored item.
        k: how many neighbours; from 1 to N.

    Returns:
        ``(indices, distances)``, both ``(M, k)``: which stored items, nearest first, as int64, and
        how far they are, as float64 in the unit of the numbers given. Of items that are equally
        far, the one that is stored first comes first.

    Raises:
        TypeError: k is not a whole number.
        ValueError: there is nothing stored, an array is complex or text, the shapes of a stored
            item and a query differ, or k is not from 1 to N. The message names the argument.

    Example:
        >>> indices, distances = nearest([[0, 0], [3, 4], [9, 9]], [[0, 1]], k=2)
        >>> indices.tolist(), distances.round(2).tolist()
        ([[0, 1]], [[1.0, 4.24]])

    Source:
        Cover and Hart, "Nearest neighbor pattern classification", 1967.
    """
    stored, queries = _rows("stored", stored), _rows("queries", queries)
    if stored.shape[1:] != queries.shape[1:]:
        raise ValueError(
            f"queries must hold items of shape {stored.shape[1:]}, like stored, "
            f"got {queries.shape[1:]}"
        )
    k = whole_number("k", k)
    if k > len(stored):
        raise ValueError(f"k must be at most {len(stored)}, as many as are stored, got {k}")
    stored, queries = _flat(stored), _flat(queries)
    indices = np.empty((len(queries), k), "int64")
    distances = np.empty((len(queries), k))
    step = max(1, MOST_DISTANCES // len(stored))
    for first in range(0, len(queries), step):
        part = slice(first, first + step)
        squares = _squared_distances(stored, queries[part])
        indices[part] = _smallest(squares, k)
        distances[part] = np.sqrt(np.take_along_axis(squares, indices[part], axis=1))
    return indices, distances


def classify(stored, labels, queries, k=1):
    """Name each query like most of its nearest neighbours.

    Args:
        stored, queries, k: as in `nearest`.
        labels: ``(N,)``: the class of each stored item, whole numbers from 0 up.

    Returns:
        int64 ``(M,)``: a class for each query. When several classes have equally many votes, the
        one among them whose neighbour is nearest wins.

    Raises:
        TypeError, ValueError: as `nearest`; or labels are not N whole numbers from 0 up.

    Example:
        >>> classify([[0], [1], [9]], [7, 7, 4], [[2], [8]])
        array([7, 4])

    Source:
        Cover and Hart, "Nearest neighbor pattern classification", 1967.
    """
    labels, stored = np.asarray(labels), _rows("stored", stored)
    if labels.dtype.kind not in "iu" or labels.shape != (len(stored),) or labels.min() < 0:
        raise ValueError(
            f"labels must be {len(stored)} whole numbers from 0 up, one for each stored item, "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    indices, _ = nearest(stored, queries, k)
    return np.array([_majority(votes) for votes in labels[indices]], "int64")


def _rows(name, value):
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got {array.dtype}")
    if array.ndim < 2 or not array.size:
        raise ValueError(
            f"{name} must be items along the first axis, (N, D) or (N, H, W, C), got {array.shape}"
        )
    return array


def _flat(items):
    return items.reshape(len(items), -1).astype("float64")


def _squared_distances(stored, queries):
    """``(M, N)``. Rounding may make a zero a little less than zero, hence the maximum."""
    squares = (queries**2).sum(axis=1)[:, None] + (stored**2).sum(axis=1)
    squares -= 2 * queries @ stored.T
    return np.maximum(squares, 0)


def _smallest(values, k):
    """Indices of the k smallest of each row, smallest first, the earlier one on a tie."""
    if k == 1:  # the common case, ten times as fast as sorting
        return values.argmin(axis=1)[:, None]
    return values.argsort(axis=1, kind="stable")[:, :k]


def _majority(votes):
    """The most frequent class; the votes are in the order of their distance."""
    counts = np.bincount(votes)
    return next(vote for vote in votes if counts[vote] == counts.max())
