"""The data files are the published ones, load fast, and say so when they are damaged."""

import doctest
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from helpers import datasets
from helpers.datasets import CLASS_NAMES, SHA256, fashion_mnist, grey, photo, photos


@pytest.fixture
def copied_data(tmp_path, monkeypatch):
    """A copy of the small data files, which a test may damage."""
    for name in SHA256:
        if "train-images" not in name:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            shutil.copy(datasets.DATA / name, tmp_path / name)
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    return tmp_path


@pytest.mark.parametrize("split, count", [("train", 60_000), ("test", 10_000)])
def test_fashion_mnist_has_equally_many_pictures_of_each_class(split, count):
    images, labels = fashion_mnist(split)
    assert (images.shape, images.dtype) == ((count, 28, 28, 1), np.uint8)
    assert (labels.shape, labels.dtype) == ((count,), np.uint8)
    assert np.bincount(labels).tolist() == [count // 10] * len(CLASS_NAMES)


def test_the_first_training_picture_is_an_ankle_boot_with_a_black_corner():
    images, labels = fashion_mnist(n=1)
    assert CLASS_NAMES[labels[0]] == "Ankle boot"
    assert images[0, 0, 0, 0] == 0
    assert images.max() == 255


def test_n_gives_the_first_pictures_of_the_file():
    every_image, every_label = fashion_mnist("test")
    images, labels = fashion_mnist("test", n=7)
    np.testing.assert_array_equal(images, every_image[:7])
    np.testing.assert_array_equal(labels, every_label[:7])


def test_arrays_may_be_changed_without_changing_the_next_call():
    images, _ = fashion_mnist("test", n=1)
    images[:] = 1
    assert fashion_mnist("test", n=1)[0].min() == 0


def test_the_training_pictures_load_in_half_a_second():
    def seconds():
        start = time.process_time()  # of this process: other load on the machine does not count
        fashion_mnist("train")
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.5


@pytest.mark.parametrize("split", ["valid", "", None, 3, ["train"]])
def test_an_unknown_split_is_named(split):
    with pytest.raises(ValueError, match=re.escape(f'must be "train" or "test", got {split!r}')):
        fashion_mnist(split)


@pytest.mark.parametrize("n", [0, -1, 10_001, 2.0, "5", True])
def test_a_count_out_of_range_is_named(n):
    with pytest.raises(ValueError, match=f"n must be None or an int from 1 to 10000.*got {n!r}"):
        fashion_mnist("test", n=n)


def test_a_damaged_file_is_named_with_both_sums_and_the_way_to_restore_it(copied_data):
    name = "fashion_mnist/t10k-labels-idx1-ubyte.gz"
    content = bytearray((copied_data / name).read_bytes())
    content[-1] ^= 1
    (copied_data / name).write_bytes(content)
    with pytest.raises(OSError) as error:
        fashion_mnist("test", n=1)
    message = str(error.value)
    assert str(copied_data / name) in message
    assert f"expected sha256 {SHA256[name]}" in message
    assert len(set(re.findall("[0-9a-f]{64}", message))) == 2
    assert f"git checkout -- data/{name}" in message


def test_a_missing_file_is_named_with_the_way_to_restore_it(copied_data):
    (copied_data / "photos/cat.png").unlink()
    with pytest.raises(FileNotFoundError, match="cat.png is missing.*git checkout"):
        photo("cat")


@pytest.mark.parametrize("name", photos())
def test_every_photograph_is_in_colour_and_uses_most_of_the_range(name):
    image = photo(name)
    assert image.dtype == np.uint8
    assert image.ndim == 3 and image.shape[2] == 3
    assert np.ptp(image) > 200
    assert not np.array_equal(image[:, :, 0], image[:, :, 2])


def test_there_is_a_cat():
    assert photo("cat").shape == (300, 451, 3)


@pytest.mark.parametrize("name", ["dog", "", None, "../photos/cat"])
def test_an_unknown_photograph_is_named_with_those_there_are(name):
    message = f"name must be one of astronaut, cat, coffee, rocket, got {name!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        photo(name)


def test_grey_gives_the_brightness_that_tensorflow_gives():
    import tensorflow as tf

    image = photo("cat")
    by_tensorflow = tf.image.rgb_to_grayscale(image.astype("float32") / 255)[:, :, 0]
    np.testing.assert_allclose(grey(image), by_tensorflow, rtol=0, atol=2e-4)


def test_grey_treats_floats_from_0_to_1_as_it_treats_bytes():
    image = photo("cat")
    np.testing.assert_allclose(grey(image / 255), grey(image), rtol=0, atol=1e-6)
    assert grey(image).dtype == np.float32


def test_grey_names_the_shape_of_what_is_no_colour_picture():
    with pytest.raises(ValueError, match=r"image must have shape \(H, W, 3\), got \(4, 4\)"):
        grey(np.zeros((4, 4)))


def test_the_readme_lists_every_file_with_its_sha256():
    text = (datasets.DATA / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\S+)` .* `([0-9a-f]{64})` \|$", text, flags=re.MULTILINE))
    assert listed == SHA256


def test_every_data_file_is_one_that_is_checked():
    paths = [path for path in datasets.DATA.glob("*/*") if path.suffix != ".csv"]
    files = {f"{path.parent.name}/{path.name}" for path in paths}
    assert files - {"fashion_mnist/LICENSE"} == set(SHA256)


def test_the_trained_network_has_the_shapes_that_the_readme_gives():
    model = datasets.trained_network()
    shapes = [weights.shape for weights in model.get_weights()]
    assert shapes == [(3, 3, 1, 8), (8,), (1352, 10), (10,)]
    assert {weights.dtype for weights in model.get_weights()} == {np.dtype("float32")}
    assert not model.compiled


def test_the_trained_network_names_most_test_pictures_right():
    images, labels = fashion_mnist("test", n=2000)
    answers = datasets.trained_network().predict(images / 255, verbose=0).argmax(axis=1)
    assert (answers == labels).mean() > 0.85


def test_a_coat_that_moves_by_2_pixels_becomes_a_shirt():
    images, labels = fashion_mnist("test", n=8653)
    here = images[8652] / 255
    there = np.pad(here, ((0, 0), (2, 0), (0, 0)))[:, :-2]
    before, after = datasets.trained_network().predict(np.stack([here, there]), verbose=0)
    assert CLASS_NAMES[labels[8652]] == CLASS_NAMES[before.argmax()] == "Coat"
    assert CLASS_NAMES[after.argmax()] == "Shirt"
    assert before.max() > 0.9 and after.max() > 0.7
    assert there.sum() == pytest.approx(here.sum())  # nothing of the coat is lost


def test_a_damaged_network_is_named(copied_data):
    path = copied_data / "experiments/start_network.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(OSError, match="start_network.npz is damaged.*git checkout"):
        datasets.trained_network()


def test_the_trained_network_waits_for_keras_only_when_it_is_asked_for():
    code = "import sys, helpers.datasets; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=datasets.DATA.parent).returncode == 0


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(datasets).failed == 0
