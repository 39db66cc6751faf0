"""A small ResNet against LeNet-5 on Fashion-MNIST: in equal steps, and in about equal time.

Both see the first 7,500 training images in batches of 32, so that a run is short. A step of the
ResNet takes at least ``STEP_COST`` times as long as a step of LeNet, so LeNet gets a second
chance with that many times more steps: about equal time, rather less than more. It is counted in
steps, so that it is the same on every machine.

    python experiments/resnet_or_lenet.py     writes data/experiments/resnet_or_lenet.csv
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import tensorflow as tf

import experiments
from helpers import datasets, models, training
from helpers.residual_blocks import basic_block, projection_block

IMAGES, BATCH, EPOCHS = 7_500, 32, 2
STEP_COST = 2  # of a ResNet step, in steps of LeNet: 13 ms of processor time against 6 ms
LEARNING_RATE = 0.004  # of Adam at the start; it falls to 0 along a cosine
EPOCHS_OF = {"resnet": EPOCHS, "lenet": EPOCHS, "lenet twice as long": EPOCHS * STEP_COST}
CONFIGURATIONS = [{"network": network, "seed": seed} for network in EPOCHS_OF for seed in range(5)]


def run(network, seed, callbacks=()):
    """Train one network and say how much it names right.

    Args:
        network: one of ``EPOCHS_OF``.
        seed: of the first weights and of the order of the images.
        callbacks: of `keras.Model.fit`, such as `training.Progress()`.

    Returns:
        A row of results: the arguments, parameters and steps, the share of the 10,000 test images
        named right (``test_accuracy``), and the seconds of the whole run.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    images, labels = datasets.fashion_mnist("train", n=IMAGES)
    tested, truth = datasets.fashion_mnist("test")
    images, tested = training.standardise(images, tested)
    model = small_resnet() if network == "resnet" else models.lenet5()
    epochs, steps_an_epoch = EPOCHS_OF[network], -(-IMAGES // BATCH)
    falling = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps_an_epoch)
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy")
    model.fit(images, labels, BATCH, epochs, verbose=0, callbacks=list(callbacks))
    answers = model.predict(tested, batch_size=1000, verbose=0).argmax(axis=1)
    return {
        "network": network,
        "seed": seed,
        "parameters": model.count_params(),
        "steps": epochs * steps_an_epoch,
        "test_accuracy": round(float(np.mean(answers == truth)), 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def small_resnet(input_shape=(28, 28, 1), classes=10):
    """A ResNet of seven 3 x 3 convolutions in a row: 16 filters, then 32, then 64.

    As in the paper, a convolution and a max pooling make the maps four times smaller in front of
    the blocks. Then one block that keeps the shape, two that halve it and double the channels, a
    mean over each map, one dense layer.
    """
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = basic_block(x, 16)
    x = projection_block(x, 32, stride=2)
    x = projection_block(x, 64, stride=2)
    means = keras.layers.GlobalAveragePooling2D()(x)
    outputs = keras.layers.Dense(classes, activation="softmax")(means)
    return keras.Model(inputs, outputs, name="small_resnet")


if __name__ == "__main__":
    print("wrote", experiments.write("resnet_or_lenet", experiments.measure(run, CONFIGURATIONS)))
