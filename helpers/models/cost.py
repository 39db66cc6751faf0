"""What a network costs: the numbers it stores, and the multiplications for one image."""

from math import prod
from typing import NamedTuple

import keras


class Cost(NamedTuple):
    """One layer: parameters stored, and multiply-adds for one image."""

    layer: str
    parameters: int
    multiply_adds: int


def cost_of_layers(model):
    """What each layer of a model costs, those that cost nothing left out.

    A multiply-add is a product and its place in a sum. Counted are the products with weights in
    convolutions and dense layers; a bias, an activation or a pool adds next to nothing.

    Args:
        model: a Keras model that is built, with one input and one output of each layer.

    Returns:
        A list of `Cost`, in the order of the model.

    Raises:
        ValueError: the size of an input is not known, so that places can't be counted.

    Example:
        >>> model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(6, 5)])
        >>> cost_of_layers(model)[0][1:]
        (156, 86400)
    """
    costs = [
        Cost(layer.name, layer.count_params(), _multiply_adds(layer)) for layer in model.layers
    ]
    return [cost for cost in costs if cost.parameters or cost.multiply_adds]


def _multiply_adds(layer):
    """Each weight of a kernel is used once at each place."""
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return _places(layer.input.shape, layer.name) * prod(layer.kernel.shape)
    if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        return _places(layer.output.shape, layer.name) * prod(layer.kernel.shape)
    if isinstance(layer, keras.layers.Dense):
        return _places(layer.output.shape, layer.name) * prod(layer.kernel.shape)
    return 0


def _places(shape, name):
    """Positions in a map ``(N, ..., C)``; 1 where there is only one vector."""
    if None in shape[1:]:
        raise ValueError(f"model must know the size of its images; in {name} it is {shape}")
    return prod(shape[1:-1])
