"""The shipped results are whole, can be had again, and survive an interrupted run."""

import doctest
import statistics
from pathlib import Path

import numpy as np
import pytest

import experiments
from experiments import (
    _activation_network,
    activation_speed,
    dead_units,
    heads,
    learned_pooling,
    lenet,
    pool_size,
    random_labels,
    shuffled_pixels,
    spectral_bias,
    start_network,
    valid_or_same,
)
from helpers import datasets, layers

SCRIPTS = {
    "activation_speed": activation_speed,
    "dead_units": dead_units,
    "heads": heads,
    "learned_pooling": learned_pooling,
    "lenet": lenet,
    "pool_size": pool_size,
    "random_labels": random_labels,
    "shuffled_pixels": shuffled_pixels,
    "spectral_bias": spectral_bias,
    "start_network": start_network,
    "valid_or_same": valid_or_same,
}


def room(rows, column):
    """How far a run on another machine may be off: three times the seeds' standard deviation."""
    return 3 * statistics.stdev(row[column] for row in rows)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_results_have_one_row_for_each_configuration(name):
    rows, configurations = experiments.read(name), SCRIPTS[name].CONFIGURATIONS
    assert [{key: row[key] for key in configurations[0]} for row in rows] == configurations


def test_every_script_has_its_results_and_a_test():
    scripts = {path.stem for path in Path(experiments.__file__).parent.glob("[!_]*.py")}
    assert scripts == set(SCRIPTS) == {path.stem for path in experiments.RESULTS.glob("*.csv")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_results_say_what_they_were_made_with(name):
    lines = (experiments.RESULTS / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    header = "\n".join(line for line in lines if line.startswith("# "))
    for word in (f"experiments/{name}.py", "tensorflow 2", "keras 3", "numpy 2", "python 3", "cpu"):
        assert word in header


def test_the_first_row_of_valid_or_same_comes_out_again():
    like = [row for row in experiments.read("valid_or_same") if row["output_size"] == 16]
    again = valid_or_same.run(**valid_or_same.CONFIGURATIONS[0])
    assert list(again) == list(like[0])
    tolerance = room(like, "test_accuracy")
    assert again["test_accuracy"] == pytest.approx(like[0]["test_accuracy"], abs=tolerance)


@pytest.mark.slow
def test_the_first_row_of_start_network_comes_out_again():
    rows = experiments.read("start_network")
    again = start_network.run(**start_network.CONFIGURATIONS[0])
    assert list(again) == list(rows[0])
    for column in [column for column in again if column.startswith("accuracy")]:
        assert again[column] == pytest.approx(rows[0][column], abs=room(rows, column)), column


def test_the_shipped_network_is_the_one_that_was_measured():
    row = experiments.read("start_network")[start_network.SHIPPED]
    for column, accuracy in start_network.shift_accuracies(datasets.trained_network()).items():
        assert accuracy == pytest.approx(row[column], abs=0.001), column


def test_every_seed_of_the_start_network_names_85_in_100_right():
    assert min(row["accuracy_shift_0"] for row in experiments.read("start_network")) > 0.85


@pytest.mark.parametrize("pixels", range(5))
def test_shifting_right_moves_zeros_in(pixels):
    images, _ = datasets.fashion_mnist("test", n=2)
    moved = start_network.shift_right(images, pixels)
    expected = np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, :28]
    np.testing.assert_array_equal(moved, expected)


def test_valid_takes_4_pixels_a_layer_and_leaves_nothing_after_7():
    networks = [valid_or_same.network("valid", layers) for layers in (3, 6, 7)]
    assert [network.get_layer("mean").input.shape[1] for network in networks] == [16, 4, 0]


def test_both_paddings_have_the_same_number_of_weights():
    counts = {valid_or_same.network(padding, 6).count_params() for padding in ("valid", "same")}
    assert len(counts) == 1


# --- shuffled_pixels, spectral_bias -----------------------------------------------------------


def rows_like(name, **settings):
    """The shipped rows with these settings, one for each seed."""
    rows = experiments.read(name)
    return [row for row in rows if settings.items() <= row.items()]


def test_neighbours_are_found_again_to_the_last_digit_and_do_not_notice_the_shuffle():
    again = shuffled_pixels.run("nearest", "shuffled", seed=0)
    for pixels in ("in place", "shuffled"):
        (row,) = rows_like("shuffled_pixels", method="nearest", pixels=pixels, seed=0)
        assert row == again | {"pixels": pixels, "seconds": row["seconds"]}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["linear", "two layers", "convolution"])
def test_a_row_of_shuffled_pixels_comes_out_again(method):
    like = rows_like("shuffled_pixels", method=method, pixels="shuffled")
    again = shuffled_pixels.run(method, "shuffled", seed=0)
    assert list(again) == list(like[0])
    for column in [column for column in again if column.startswith("accuracy")]:
        assert again[column] == pytest.approx(like[0][column], abs=room(like, column)), column


def test_a_shuffle_keeps_all_pixels_and_moves_those_of_all_images_alike():
    images, _ = datasets.fashion_mnist("test", n=3)
    places = shuffled_pixels.shuffle(seed=1)
    mixed = shuffled_pixels.rearranged(images, places)
    assert sorted(places) == list(range(784)) and mixed.shape == images.shape
    np.testing.assert_array_equal(mixed[2, 0, :5, 0], images[2].ravel()[places[:5]])


def test_the_networks_that_were_shuffled_have_the_weights_that_the_notebook_names():
    counts = [shuffled_pixels.network(method).count_params() for method in ("linear", "two layers")]
    assert counts == [7_850, 101_770]


@pytest.mark.parametrize("network", spectral_bias.NETWORKS)
def test_a_row_of_spectral_bias_comes_out_again(network):
    like = rows_like("spectral_bias", network=network, steps=20)
    again = spectral_bias.run(network, steps=20, seed=0)
    assert list(again) == list(like[0])
    for column in [column for column in again if column.startswith("amplitude")]:
        tolerance = max(room(like, column), 0.02)
        assert again[column] == pytest.approx(like[0][column], abs=tolerance), column


def test_the_target_holds_all_of_each_wave_and_nothing_of_others():
    assert spectral_bias.amplitudes(spectral_bias.target()) == [1, 1, 1, 1, 1]
    assert spectral_bias.amplitudes(spectral_bias.wave(10)) == [0, 0, 1, 0, 0]
    assert spectral_bias.amplitudes(spectral_bias.wave(7)) == [0, 0, 0, 0, 0]


def test_the_first_row_of_dead_units_comes_out_again():
    first = dead_units.CONFIGURATIONS[0]
    rows = experiments.read("dead_units")
    like = [r for r in rows if (r["activation"], r["rate"]) == (first["activation"], first["rate"])]
    again = dead_units.run(**first)
    assert list(again) == list(like[0])
    for column in ("test_accuracy", "accuracy_noise_0.3", "accuracy_noise_0.6"):
        assert again[column] == pytest.approx(like[0][column], abs=room(like, column)), column
    assert again["dead_1"] == like[0]["dead_1"] == 0


def test_the_first_row_of_activation_speed_comes_out_again():
    first = activation_speed.CONFIGURATIONS[0]
    rows = experiments.read("activation_speed")
    like = [r for r in rows if (r["activation"], r["rate"]) == (first["activation"], first["rate"])]
    again = activation_speed.run(**first)
    assert list(again) == list(like[0])
    assert again["steps"] == pytest.approx(like[0]["steps"], abs=room(like, "steps"))


def test_tanh_lifted_by_1_starts_as_the_same_function():
    pixels, _ = _activation_network.images("test", 10)
    scores = []
    for activation in ("tanh", "tanh + 1"):
        _activation_network.start(seed=3)
        scores.append(_activation_network.network(activation)(pixels).numpy())
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_the_best_learning_rate_is_the_one_with_the_fewest_steps():
    rows = [
        {"activation": "relu", "seed": 0, "rate": rate, "steps": steps}
        for rate, steps in ((0.01, 90), (0.1, 70), (1.0, "never"))
    ]
    assert activation_speed.best_steps(rows, "relu", 0) == (70, 0.1)
    assert activation_speed.best_steps(rows[2:], "relu", 0)[0] == float("inf")


def test_a_channel_that_no_image_wakes_is_counted_as_dead():
    _activation_network.start(seed=0)
    model = _activation_network.network("relu")
    first = model.layers[0]
    first.bias.assign([-1e6] * 4 + [0.0] * 12)
    shares = dead_units.dead_shares(model, _activation_network.images("test", 50)[0])
    assert list(shares) == ["dead_1", "dead_2", "dead_3"]
    assert shares["dead_1"] >= 0.25


# --- heads -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("head", ["dense", "global", "blurred"])
def test_a_row_of_heads_comes_out_again(head):
    like = rows_like("heads", head=head)
    again = heads.run(head, seed=0)
    assert list(again) == list(like[0])
    for column in [f"shift_{pixels}" for pixels in range(6)]:
        assert again[column] == pytest.approx(like[0][column], abs=room(like, column)), column


def test_every_seed_has_the_zigzag_and_the_blur_makes_it_smaller():
    def zigzag(row):
        return min(row["shift_0"], row["shift_2"]) - max(row["shift_1"], row["shift_3"])

    gaps = {head: [zigzag(row) for row in rows_like("heads", head=head)] for head in heads.HEADS}
    assert min(gaps["global"]) > 0.03 > max(gaps["blurred"])
    assert max(gaps["raw"]) < 0.03


def test_the_blurred_network_pools_as_blur_pool_does_but_begins_one_pixel_later():
    maps = np.random.default_rng(0).random((2, 24, 24, 16)).astype("float32")
    pool, blur = heads.network("blurred").layers[1:3]
    expected = layers.blur_pool(maps, stride=1)[:, 1::2, 1::2]
    inside = slice(None), slice(None, -1), slice(None, -1)  # its border is padded with zeros
    np.testing.assert_allclose(blur(pool(maps))[inside], expected[inside], atol=1e-6)


def test_a_shift_by_5_pixels_cuts_nothing_off_the_canvas():
    images, _ = heads.canvases("test", 50)
    moved = heads.TESTS["shift_5"](images)
    np.testing.assert_allclose(moved.sum(axis=(1, 2, 3)), images.sum(axis=(1, 2, 3)), rtol=1e-5)


def test_what_is_written_is_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments, "RESULTS", tmp_path)
    rows = [{"padding": "same", "seed": 0, "test_accuracy": 0.5, "seconds": 1.0}] * 2
    experiments.write("try", rows)
    assert experiments.read("try") == rows
    assert [path.name for path in tmp_path.iterdir()] == ["try.csv"]


def test_an_interrupted_run_leaves_the_old_results_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments, "RESULTS", tmp_path)
    path = experiments.write("try", [{"seed": 0}])
    old = path.read_bytes()
    with pytest.raises(KeyboardInterrupt), experiments.replacing(path) as file:
        file.write(b"half a row")
        raise KeyboardInterrupt
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_experiment_is_named_with_those_there_are():
    message = r"start_network, valid_or_same\), got 'no_such'"
    with pytest.raises(ValueError, match=message):
        experiments.read("no_such")


def test_progress_is_printed_for_each_run(capsys):
    experiments.measure(lambda seed: {"seed": seed, "value": seed / 4}, [{"seed": 1}, {"seed": 2}])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 of 2  seed=1: value=0.25  (") and first.endswith("s left)")
    assert second == "2 of 2  seed=2: value=0.5  (0 s left)"


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(experiments).failed == 0


@pytest.mark.parametrize("target", ["average", "max"])
def test_what_a_filter_learned_from_pooled_noise_comes_out_again(target):
    settings = {"maps": "noise", "target": target}
    rows = [r for r in experiments.read("learned_pooling") if settings.items() <= r.items()]
    again = learned_pooling.run(**settings, seed=0)
    assert list(again) == list(rows[0])
    off = {"explained": 0.005 + room(rows, "explained"), "weight_off": 0.01}
    for column, tolerance in off.items():
        assert again[column] == pytest.approx(rows[0][column], abs=tolerance), column


def test_a_strided_convolution_learns_average_pooling_and_never_max_pooling():
    for row in experiments.read("learned_pooling"):
        if row["target"] == "average":
            assert row["explained"] > 0.999
        else:
            assert row["explained"] < row["best_explained"] + 0.002 < 0.99


def test_the_best_filter_for_the_maximum_of_noise_gets_half_of_it_right():
    # By theory: each pixel correlates 1/4 with the maximum, whose variance is 0.4917.
    rows = [r for r in experiments.read("learned_pooling") if r["maps"] == "noise"]
    found = [r["best_explained"] for r in rows if r["target"] == "max"]
    assert statistics.mean(found) == pytest.approx(4 * (1 / 4) ** 2 / 0.4917, abs=0.01)


@pytest.mark.slow
def test_the_first_row_of_pool_size_comes_out_again():
    rows = [r for r in experiments.read("pool_size") if r["pool"] == "none"]
    again = pool_size.run(**pool_size.CONFIGURATIONS[0])
    assert list(again) == list(rows[0])
    for column in ("test_accuracy", "bent_accuracy"):
        assert again[column] == pytest.approx(rows[0][column], abs=room(rows, column)), column


def test_a_larger_pool_leaves_fewer_weights_and_a_convolution_as_it_is():
    networks = [pool_size.network("max", size) for size in (2, 4, 28)]
    assert [network.layers[0].count_params() for network in networks] == [16 * 26] * 3
    assert [network.layers[-1].count_params() for network in networks] == [31370, 7850, 170]


def test_bent_pictures_are_moved_by_about_a_pixel():
    ramp = np.tile(np.arange(28.0), (28, 1))  # a pixel's value is its column
    moved = pool_size.bend(ramp, np.random.default_rng(0)) - ramp
    inside = moved[4:-4, 4:-4]
    assert 0.5 < np.sqrt(np.mean(np.square(inside))) < 1.5
    assert np.abs(np.diff(inside, axis=1)).max() < 1  # neighbours are moved alike


# --- lenet, random_labels ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("pixels", ["in place", "permuted"])
def test_a_row_of_lenet_comes_out_again(pixels):
    like = rows_like("lenet", pixels=pixels)
    again = lenet.run(pixels, seed=0)
    assert list(again) == list(like[0])
    for column in ("test_accuracy", "top_5_error", "worst_class"):
        assert again[column] == pytest.approx(like[0][column], abs=room(like, column)), column


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["true", "random"])
def test_a_row_of_random_labels_comes_out_again(labels):
    like = rows_like("random_labels", labels=labels)
    again = random_labels.run(labels, seed=0)
    assert list(again) == list(like[0])
    for column in ("epochs_to_90", "epochs_to_100", "test_accuracy"):
        tolerance = max(room(like, column), 0.01)
        assert again[column] == pytest.approx(like[0][column], abs=tolerance), column


def test_every_seed_of_lenet_names_86_in_100_right_and_finds_shirts_hardest():
    rows = rows_like("lenet", pixels="in place")
    assert min(row["test_accuracy"] for row in rows) > 0.86
    assert max(row["top_5_error"] for row in rows) < 0.01
    assert {row["worst_class_name"] for row in experiments.read("lenet")} == {"Shirt"}


def test_every_seed_loses_a_little_by_permuted_pixels():
    found = {name: [row["test_accuracy"] for row in rows_like("lenet", pixels=name)]
             for name in ("in place", "permuted")}  # fmt: skip
    assert 0.8 < min(found["permuted"]) <= max(found["permuted"]) < min(found["in place"])


def test_every_seed_learns_500_random_labels_by_heart_and_nothing_else():
    for row in experiments.read("random_labels"):
        assert row["train_accuracy"] == 1 and 0 < row["epochs_to_100"] <= 40
        assert (row["test_accuracy"] > 0.75) == (row["labels"] == "true")
        assert (row["test_accuracy"] < 0.2) == (row["labels"] == "random")


def test_the_first_epoch_that_reaches_a_share_is_counted_from_1():
    assert random_labels.first_epoch([0.2, 0.9, 0.8, 1.0], 0.9) == 2
    assert random_labels.first_epoch([0.2, 0.9], 1) == 0
