"""Two processes train as one does; ports are free, and nothing runs for ever."""

import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from helpers import distributed


@pytest.fixture(scope="module")
def two():
    """What two processes have after eight steps with each kind of network."""
    return distributed.launch(workers=2, kinds=distributed.KINDS, ask_fit=True)


@pytest.fixture(scope="module")
def alone():
    """What one process has after them."""
    return {kind: distributed.train(kind) for kind in distributed.KINDS}


@pytest.mark.parametrize("kind", ["plain", "synchronized"])
def test_two_processes_train_as_one_does(kind, two, alone):
    together = two[0].trained[kind]
    assert distributed.furthest(alone[kind], together) < 1e-5
    np.testing.assert_allclose(alone[kind].losses, together.losses, atol=1e-5)
    assert len(together.losses) == distributed.STEPS and together.losses[-1] < together.losses[0]


def test_batch_normalization_sees_its_own_part_only(two, alone):
    kind = "batch normalization"
    assert distributed.furthest(alone[kind], two[0].trained[kind]) > 1e-3


@pytest.mark.parametrize("kind", distributed.KINDS)
def test_all_processes_have_the_same_weights(kind, two):
    first, second = (worker.trained[kind] for worker in two)
    assert distributed.furthest(first, second) == 0 and first.losses == second.losses


def test_fit_does_not_support_the_strategy(two):
    assert two[0].fit == two[1].fit
    assert "Error" in two[0].fit and "PerReplica" in two[0].fit and len(two[0].fit) < 500


def test_free_ports_are_free_and_differ():
    ports = distributed.free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as one:
            one.bind(("localhost", port))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"workers": 0}, ValueError, "workers must be at least 1, got 0"),
        ({"workers": 65}, ValueError, "workers must be at most 64.* got 65"),
        ({"workers": 1.5}, TypeError, "workers must be a whole number"),
        ({"steps": 0}, ValueError, "steps must be at least 1"),
        ({"kinds": ("odd",)}, ValueError, "kinds must be some of plain"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        distributed.launch(**arguments)


def started(monkeypatch, program):
    """The processes that `launch` starts, each of which runs `program` instead."""
    processes = []

    def start(task, options, said):
        line = [sys.executable, "-c", program]
        environment = {**os.environ, "INDEX": str(task["task"]["index"])}
        processes.append(subprocess.Popen(line, env=environment, stdout=said, stderr=said))
        return processes[-1]

    monkeypatch.setattr(distributed, "_start", start)
    return processes


def test_processes_that_take_too_long_are_ended(monkeypatch):
    processes = started(monkeypatch, "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="2 processes took too long"):
        distributed.launch(seconds=0.2)
    assert time.monotonic() - start < 10
    assert [process.poll() is None for process in processes] == [False, False]


def test_when_one_fails_the_others_are_ended_and_its_last_words_are_told(monkeypatch):
    program = "import os, time\nif os.environ['INDEX'] == '1': raise SystemExit('no such thing')\n"
    processes = started(monkeypatch, f"{program}time.sleep(60)")
    with pytest.raises(RuntimeError, match="process 1 of 2 failed: no such thing"):
        distributed.launch()
    assert [process.poll() is None for process in processes] == [False, False]


def test_a_port_that_was_taken_meanwhile_is_given_up_for_another(monkeypatch):
    tries = []

    def launch(workers, options, seconds):
        tries.append(workers)
        if len(tries) < 3:
            raise RuntimeError("process 0 of 2 failed: Address already in use")
        return "done"

    monkeypatch.setattr(distributed, "_launch", launch)
    assert distributed.launch() == "done" and len(tries) == 3
