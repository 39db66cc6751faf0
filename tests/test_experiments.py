"""The shipped results are whole, can be had again, and survive an interrupted run."""

import doctest
import statistics
from pathlib import Path

import numpy as np
import pytest

import experiments
from experiments import start_network, valid_or_same
from helpers import datasets

SCRIPTS = {"start_network": start_network, "valid_or_same": valid_or_same}


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
