"""Is ReLU six times faster? Steps until 3 of 4 training images are named right.

Krizhevsky, Sutskever and Hinton (2012) drew one curve: on CIFAR-10 a network of four layers with
ReLU needs a sixth of the epochs of the same network with tanh, until 3 of 4 training images are
right, "the learning rates for each network chosen independently". Here the same is asked of a small
network on Fashion-MNIST, for six activations, two learning rates each and five seeds.

"tanh + 1" is tanh with all outputs above 0. It starts as the same function, has the same slopes
and can become the same functions. So what it takes longer is the price of not being centred at 0.

    python experiments/activation_speed.py     writes data/experiments/activation_speed.csv
"""

import functools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import tensorflow as tf

import experiments
from experiments import _activation_network as small

TARGET, MOST, EVERY = 0.75, 450, 5  # share of the watched images, steps, steps
WATCHED = 500  # of the training images
RATES = (0.03, 0.1)  # at 0.01 ReLU, tanh and ELU are slower, at 0.2 ReLU and ELU are lost
SIGMOID_RATES = (0.3, 1.0)  # its slopes are small
CONFIGURATIONS = [
    {"activation": activation, "rate": rate, "seed": seed}
    for seed in range(5)
    for activation in small.ACTIVATIONS
    for rate in (SIGMOID_RATES if activation == "sigmoid" else RATES)
]


def run(activation, rate, seed, most=MOST):
    """Train until 3 of 4 training images are named right.

    Args:
        activation: one of ``_activation_network.ACTIVATIONS``.
        rate: the learning rate.
        seed: of the first weights and of the order of the images.
        most: steps (batches of 64 images) after which to give up.

    Returns:
        A row of results: the arguments, the steps that it took (``steps``, a multiple of 5, or
        ``"never"``), and the seconds.
    """
    begin = time.perf_counter()
    small.start(seed)
    model = _traced(activation)
    _set_back(model, small.network(activation).get_weights(), rate)
    watch = Watch(*small.images("train", WATCHED))
    small.fit(model, seed, most, [watch])
    return {
        "activation": activation,
        "rate": rate,
        "seed": seed,
        "steps": watch.steps or "never",
        "seconds": round(time.perf_counter() - begin, 1),
    }


@functools.cache
def _traced(activation):
    """One network for each activation: TensorFlow's graph of a step is made once for all runs."""
    model = small.compiled(small.network(activation), rate=0.1)
    model.optimizer.build(model.trainable_variables)
    model.scores = tf.function(lambda pixels: model(pixels))
    return model


def _set_back(model, weights, rate):
    """Make it a new network: these weights, this learning rate, no momentum yet."""
    model.set_weights(weights)
    model.optimizer.learning_rate.assign(rate)
    for momentum in model.optimizer.momentums:
        momentum.assign(tf.zeros_like(momentum))


class Watch(keras.callbacks.Callback):
    """Ends a fit when the target is reached, or when it can't be reached any more.

    That is so when the scores have left the range of float32, and when all images get exactly
    the same scores: then no unit of some layer is alive, and no gradient gets through it.
    """

    def __init__(self, pixels, labels):
        super().__init__()
        self.pixels, self.labels, self.steps = tf.constant(pixels), labels, None

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % EVERY:
            return
        scores = self.model.scores(self.pixels).numpy()
        if (scores.argmax(axis=1) == self.labels).mean() >= TARGET:
            self.steps = batch + 1
        lost = not (abs(scores) < 1e30).all() or (scores == scores[0]).all()
        self.model.stop_training = self.steps is not None or lost


def best_steps(rows, activation, seed):
    """The steps of one activation and seed at the learning rate that suits them best.

    Returns:
        ``(steps, rate)``; steps is infinite when no rate reached the target.
    """
    mine = [row for row in rows if (row["activation"], row["seed"]) == (activation, seed)]
    steps = [(_finite(row["steps"]), row["rate"]) for row in mine]
    return min(steps)


def _finite(steps):
    return float("inf") if steps == "never" else steps


if __name__ == "__main__":
    print("wrote", experiments.write("activation_speed", experiments.measure(run, CONFIGURATIONS)))
