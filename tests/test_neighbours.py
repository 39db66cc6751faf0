"""Nearest neighbours against SciPy's distances."""

import doctest

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from helpers import datasets, neighbours
from helpers.neighbours import classify, nearest


def test_the_examples_run():
    assert doctest.testmod(neighbours).failed == 0


def flat(items):
    return np.reshape(items, (len(items), -1)).astype("float64")


@pytest.mark.parametrize("k", [1, 3, 30])
@pytest.mark.parametrize("shape", [(4,), (5, 3), (3, 4, 2)])
def test_the_neighbours_are_those_of_scipy(shape, k):
    rng = np.random.default_rng(0)
    stored, queries = rng.normal(size=(30, *shape)), rng.normal(size=(7, *shape))
    by_scipy = cdist(flat(queries), flat(stored))
    indices, distances = nearest(stored, queries, k)
    assert indices.shape == distances.shape == (7, k)
    np.testing.assert_array_equal(indices, by_scipy.argsort(axis=1)[:, :k])
    np.testing.assert_allclose(distances, np.sort(by_scipy, axis=1)[:, :k], atol=1e-7)


def test_uint8_images_do_not_wrap_around():
    images, _ = datasets.fashion_mnist("train", n=300)
    queries, _ = datasets.fashion_mnist("test", n=20)
    by_scipy = cdist(flat(queries), flat(images))
    indices, distances = nearest(images, queries)
    np.testing.assert_array_equal(indices[:, 0], by_scipy.argmin(axis=1))
    np.testing.assert_allclose(distances[:, 0], by_scipy.min(axis=1), rtol=1e-12)


def test_an_image_that_is_stored_is_its_own_nearest_at_distance_0():
    images, _ = datasets.fashion_mnist("train", n=50)
    indices, distances = nearest(images, images)
    np.testing.assert_array_equal(indices[:, 0], np.arange(50))
    np.testing.assert_array_equal(distances, 0)


def test_what_does_not_fit_into_memory_at_once_is_cut_into_parts(monkeypatch):
    rng = np.random.default_rng(1)
    stored, queries = rng.normal(size=(12, 3)), rng.normal(size=(10, 3))
    at_once = nearest(stored, queries, k=2)
    for most in (1, 25, 36):
        monkeypatch.setattr(neighbours, "MOST_DISTANCES", most)
        for one, other in zip(nearest(stored, queries, k=2), at_once, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_of_equally_far_items_the_first_stored_comes_first(k):
    indices, _ = nearest([[1], [3], [1]], [[2]], k)
    assert indices.tolist() == [[0, 1, 2][:k]]


def test_most_votes_win_and_the_nearest_decides_a_draw():
    stored, labels = [[1], [2], [3], [10]], [5, 8, 8, 5]
    assert classify(stored, labels, [[0]], k=1).tolist() == [5]
    assert classify(stored, labels, [[0]], k=3).tolist() == [8]
    assert classify(stored, labels, [[0]], k=4).tolist() == [5]  # two votes each


def test_classes_are_int64_one_for_each_query():
    named = classify(np.zeros((2, 3), "uint8"), np.array([9, 1], "uint8"), np.ones((4, 3)))
    assert named.dtype == "int64" and named.tolist() == [9, 9, 9, 9]


@pytest.mark.parametrize("k", [0, 4])
def test_k_is_from_1_to_the_number_of_stored_items(k):
    with pytest.raises(ValueError, match=rf"^k must be at (least 1|most 3).*, got {k}"):
        nearest(np.zeros((3, 2)), np.zeros((1, 2)), k)


def test_k_is_a_whole_number():
    with pytest.raises(TypeError, match="^k must be a whole number, got 1.5"):
        nearest(np.zeros((3, 2)), np.zeros((1, 2)), k=1.5)


def test_shapes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"^queries must hold items of shape \(2, 3\).*\(3, 2\)"):
        nearest(np.zeros((4, 2, 3)), np.zeros((4, 3, 2)))


@pytest.mark.parametrize("name", ["stored", "queries"])
@pytest.mark.parametrize("value", [np.zeros(3), np.zeros((0, 3)), [["a", "b"]], [[1j, 0]]])
def test_what_is_no_row_of_items_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must"):
        nearest(**{"stored": np.zeros((2, 3)), "queries": np.zeros((1, 3))} | {name: value})


@pytest.mark.parametrize("labels", [[1, 2], [1.0, 2.0, 3.0], [0, 1, -1], [[1, 2, 3]]])
def test_labels_are_one_whole_number_for_each_stored_item(labels):
    with pytest.raises(ValueError, match="^labels must be 3 whole numbers from 0 up"):
        classify(np.zeros((3, 2)), labels, np.zeros((1, 2)))
