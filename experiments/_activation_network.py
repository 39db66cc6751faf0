"""The small network that the experiments on activations train: three convolutions and a head.

It is small so that many seeds and many learning rates can be afforded: images of 14 x 14 pixels,
three layers of 16 filters without padding, a dense layer. Only the activation changes.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import keras
import numpy as np
import tensorflow as tf

from helpers import datasets

FILTERS, KERNEL_SIZE, STRIDES = 16, 3, (1, 2, 1)  # of the three layers: maps of 12, 5, 3 pixels
IMAGES, BATCH, MOMENTUM = 6_400, 64, 0.9
MEAN = 0.286  # of all training pixels, black 0 to white 1


def shifted_tanh(x):
    """tanh, raised by 1: the same slopes everywhere, but no output is below 0."""
    return keras.ops.tanh(x) + 1


def leaky_relu(x):
    """The slide's leaky ReLU, slope 0.01 below 0.

    Keras's own layer makes TensorFlow's graph optimizer complain on stderr behind a convolution.
    """
    return keras.ops.maximum(0.01 * x, x)


# Each with the spread of first weights that its literature has: He for the ReLU family, Glorot
# for the others.
ACTIVATIONS = {
    "relu": ("relu", "he_normal"),
    "leaky relu": (leaky_relu, "he_normal"),
    "elu": ("elu", "he_normal"),
    "tanh": ("tanh", "glorot_uniform"),
    "tanh + 1": (shifted_tanh, "glorot_uniform"),
    "sigmoid": ("sigmoid", "glorot_uniform"),
}


def start(seed):
    """The state that every run begins with."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def network(activation):
    """The network with one of ``ACTIVATIONS``: from ``(N, 14, 14, 1)`` to ten scores.

    Its activations are the layers "act1", "act2" and "act3". With "tanh + 1" the biases start
    where they undo the 1, so that it computes at first the very scores of the network with
    "tanh" from the same seed.
    """
    function, initializer = ACTIVATIONS[activation]
    model = keras.Sequential([keras.Input((14, 14, 1))])
    for number, stride in enumerate(STRIDES, 1):
        model.add(
            keras.layers.Conv2D(
                FILTERS, KERNEL_SIZE, strides=stride, kernel_initializer=initializer
            )
        )
        model.add(keras.layers.Activation(function, name=f"act{number}"))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10))
    if activation == "tanh + 1":
        _undo_the_shift(model)
    return model


def _undo_the_shift(model):
    layers = [layer for layer in model.layers if layer.weights]
    for layer in layers[1:]:  # the first one sees the image
        kernel = layer.kernel.numpy()
        layer.bias.assign(-kernel.sum(axis=tuple(range(kernel.ndim - 1))))


def images(split, n):
    """The first images, their 2 x 2 pixels averaged, minus the mean: float32 ``(n, 14, 14, 1)``."""
    pixels, labels = datasets.fashion_mnist(split, n=n)
    small = pixels.reshape(n, 14, 2, 14, 2, 1).mean(axis=(2, 4)) / 255
    return (small - MEAN).astype("float32"), labels


def compiled(model, rate):
    """The network with its loss and its optimizer, gradient descent with momentum 0.9."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate, momentum=MOMENTUM), loss)
    return model


def fit(model, seed, steps, callbacks=()):
    """Train on batches of 64 images.

    Args:
        model: a ``compiled`` network.
        seed: of the order of the images.
        steps: batches, out of the first 6,400 training images.
        callbacks: of Keras.
    """
    pairs = tf.data.Dataset.from_tensor_slices(images("train", IMAGES))
    batches = pairs.shuffle(IMAGES, seed=seed).repeat().batch(BATCH).take(steps)
    model.fit(batches, verbose=0, callbacks=list(callbacks))


def accuracy(model, pixels, labels):
    """The share of images that the network names right."""
    return float(np.mean(model(pixels).numpy().argmax(axis=1) == labels))
