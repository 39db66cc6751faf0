"""The same training on one process and on several, joined by tf.distribute.

    python -m helpers.distributed              two processes, held against one
    python -m helpers.distributed --workers 3  three

Each step has one batch. Of several processes each takes its part of it, and the gradients are
added up before the weights move. `launch` starts the processes on free ports of this machine, and
ends them when they take too long.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import keras
import numpy as np
import tensorflow as tf

from helpers import datasets
from helpers.arguments import whole_number

ROOT = Path(__file__).resolve().parent.parent
BATCH, STEPS, SEED = 64, 8, 0
KINDS = ("plain", "batch normalization", "synchronized")
TRIES = 3  # a free port may be taken by another program before it is used


class Trained(NamedTuple):
    """What one process has after its steps.

    Attributes:
        weights: the trainable ones, a list of arrays in the order of the network.
        losses: the mean loss of each step's batch, all processes together.
    """

    weights: list
    losses: list


class Worker(NamedTuple):
    """What one process of `launch` has done.

    Attributes:
        trained: a `Trained` for each kind of network, by its name.
        fit: what Keras's ``fit`` said under the strategy; "" if it was not asked.
    """

    trained: dict
    fit: str


def network(kind="plain"):
    """A small network for 28 x 28 grey pixels.

    Args:
        kind: one of `KINDS`: without batch normalization; with it; or with one that takes mean
            and variance over all processes.
    """
    layers = [keras.layers.Conv2D(8, 5, strides=2, activation="relu")]
    if kind != "plain":
        layers.append(keras.layers.BatchNormalization(synchronized=kind == "synchronized"))
    layers += [keras.layers.Conv2D(16, 3, strides=2, activation="relu"), keras.layers.Flatten()]
    layers.append(keras.layers.Dense(10, activation="softmax"))
    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


def step_of(model, optimizer):
    """One step of training, on the part of a batch that one process has."""

    def step(images, labels):
        with tf.GradientTape() as tape:
            scores = model(images, training=True)
            each = keras.losses.sparse_categorical_crossentropy(labels, scores)
            loss = tf.reduce_sum(each) / BATCH  # the length of the whole batch, not of this part
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)  # adds up over all processes first
        return loss

    return step


def train(kind="plain", strategy=None, part=0, parts=1, steps=STEPS):
    """Train on one part of each batch, while the strategy's other processes train on the others.

    Args:
        kind: of the network, one of `KINDS`.
        strategy: a `tf.distribute.Strategy` with one replica in each process; None for one
            process alone.
        part, parts: this process takes every ``parts``-th image of a batch, from ``part`` on.
        steps: how many; at least 1.

    Returns:
        `Trained`; the same one in all processes.
    """
    strategy = strategy or tf.distribute.get_strategy()
    images, labels = datasets.fashion_mnist("train", n=steps * BATCH)
    keras.utils.set_random_seed(SEED)
    with strategy.scope():  # weights made here are the same in all processes
        model = network(kind)
        optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
        optimizer.build(model.trainable_variables)
    step = step_of(model, optimizer)

    @tf.function
    def everywhere(images, labels):
        return strategy.reduce("SUM", strategy.run(step, (images, labels)), axis=None)

    losses = []
    for first in range(0, steps * BATCH, BATCH):
        mine = slice(first + part, first + BATCH, parts)
        pixels = tf.constant(images[mine] / np.float32(255))
        losses.append(float(everywhere(pixels, tf.constant(labels[mine], tf.int32))))
    return Trained([weight.numpy() for weight in model.trainable_variables], losses)


def what_fit_says(strategy):
    """The error of Keras's own ``fit`` under a strategy, or "no error"."""
    images, labels = datasets.fashion_mnist("train", n=BATCH)
    keras.utils.set_random_seed(SEED)
    with strategy.scope():
        model = network()
        model.compile("sgd", "sparse_categorical_crossentropy")
    try:
        model.fit(images / np.float32(255), labels, BATCH, verbose=0)
    except Exception as error:  # which one it is, is the question
        words = re.sub(r"\{.*\}", "{...}", str(error), flags=re.DOTALL)  # without the pixels in it
        return f"{type(error).__name__}: {words}"
    return "no error"


def furthest(one, other):
    """The largest difference between the weights of two trainings."""
    return max(float(np.abs(a - b).max()) for a, b in zip(one.weights, other.weights, strict=True))


# --- processes ----------------------------------------------------------------------------------


def launch(workers=2, kinds=("plain",), steps=STEPS, ask_fit=False, seconds=120):
    """Train on several processes of this machine.

    Args:
        workers: how many processes; 1 to 64. Each batch of 64 images is dealt out among them.
        kinds: of the networks, some of `KINDS`; one is trained after the other.
        steps: of each training; at least 1.
        ask_fit: whether Keras's ``fit`` is tried as well, before.
        seconds: after which all processes are ended.

    Returns:
        A list of `Worker`, one for each process.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.
        TimeoutError: they took longer than ``seconds``.
        RuntimeError: a process failed; the message has its last words.

    Source:
        TensorFlow tutorial "Custom training loop with Keras and MultiWorkerMirroredStrategy".
    """
    whole_number("steps", steps)
    if whole_number("workers", workers) > BATCH:
        raise ValueError(f"workers must be at most {BATCH}, the length of a batch, got {workers}")
    if not kinds or not set(kinds) <= set(KINDS):
        raise ValueError(f"kinds must be some of {', '.join(KINDS)}, got {kinds!r}")
    options = ["--steps", str(steps), "--kinds", *kinds, *["--ask-fit"] * ask_fit]
    for _ in range(TRIES - 1):
        try:
            return _launch(workers, options, seconds)
        except RuntimeError as error:
            if "address already in use" not in str(error).lower():
                raise
    return _launch(workers, options, seconds)


def _launch(workers, options, seconds):
    addresses = [f"localhost:{port}" for port in free_ports(workers)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        processes = []
        for index in range(workers):
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            said = stack.enter_context(open(folder / f"{index}.txt", "wb"))
            processes.append(_start(task, [*options, "--out", str(folder / f"{index}.npz")], said))
            stack.callback(_end, processes[-1])
        _wait(processes, time.monotonic() + seconds, folder)
        return [_read(folder / f"{index}.npz") for index in range(workers)]


def free_ports(count):
    """Ports of this machine that nobody listens on at this moment, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("localhost", 0))  # the system picks a free one
        return [one.getsockname()[1] for one in sockets]


def _start(task, options, said):
    """A process that knows from TF_CONFIG which one it is, and where the others are."""
    environment = {**os.environ, "TF_CONFIG": json.dumps(task), "CUDA_VISIBLE_DEVICES": "-1"}
    line = [sys.executable, "-m", "helpers.distributed", *options]
    return subprocess.Popen(line, cwd=ROOT, env=environment, stdout=said, stderr=said)


def _end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


def _wait(processes, end, folder):
    """Wait until all are done, or one has failed: the others would wait for that one for ever."""
    while any(process.poll() is None for process in processes):
        if any(process.poll() for process in processes):
            break
        if time.monotonic() > end:
            raise TimeoutError(f"{len(processes)} processes took too long and were ended")
        time.sleep(0.05)
    for index, process in enumerate(processes):
        if process.poll():
            words = (folder / f"{index}.txt").read_text(errors="replace").strip()[-2000:]
            raise RuntimeError(f"process {index} of {len(processes)} failed: {words}")


def _work(options):
    """What one of the processes does."""
    task = json.loads(os.environ["TF_CONFIG"])
    strategy = tf.distribute.MultiWorkerMirroredStrategy()  # before any other operation
    tf.config.experimental.enable_op_determinism()
    arrays = {"fit": what_fit_says(strategy) if options.ask_fit else ""}
    part, parts = task["task"]["index"], len(task["cluster"]["worker"])
    for kind in options.kinds:
        made = train(kind, strategy, part, parts, options.steps)
        arrays[f"{kind}/losses"] = made.losses
        arrays |= {f"{kind}/{number}": array for number, array in enumerate(made.weights)}
    np.savez(options.out, **arrays)


def _read(path):
    with np.load(path) as arrays:
        kinds = [name.removesuffix("/losses") for name in arrays.files if name.endswith("/losses")]
        trained = {}
        for kind in kinds:
            names = [name for name in arrays.files if name.startswith(f"{kind}/")]
            losses = arrays[f"{kind}/losses"].tolist()
            trained[kind] = Trained([arrays[name] for name in names[1:]], losses)
        return Worker(trained, str(arrays["fit"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2, help="how many processes")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each training")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS, help="of networks")
    parser.add_argument("--ask-fit", action="store_true", help="try Keras's fit as well")
    parser.add_argument("--out", help=argparse.SUPPRESS)  # set for a process of `launch`
    options = parser.parse_args()
    if options.out:
        return _work(options)
    together = launch(options.workers, options.kinds, options.steps, options.ask_fit)[0]
    for kind in options.kinds:
        alone = train(kind, steps=options.steps)
        print(f"{kind}: weights differ by at most {furthest(alone, together.trained[kind]):.1e}")
        print("  losses of one process:", *[f"{loss:.4f}" for loss in alone.losses])
        print(
            f"  losses of {options.workers}:", *[f"{x:.4f}" for x in together.trained[kind].losses]
        )
    if options.ask_fit:
        print("fit:", together.fit)


if __name__ == "__main__":
    main()
