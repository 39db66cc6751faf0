"""Keras models as configuration and weights: how one crosses to another process.

A model is rebuilt only from stock layers and operations of Keras. Whatever could carry code of
its own (a Lambda layer, a subclass) is refused by name.
"""

import sys

STOCK = ("keras.layers", "keras.models", "keras.initializers", "keras.regularizers",
         "keras.constraints", "keras.activations", "keras.src.ops", "keras.src.models",
         "keras.ops")  # fmt: skip
TOP_LEVEL = {"DTypePolicy", "Sequential"}  # of the package keras itself
MARKERS = {"__tensor__", "__keras_tensor__", "__tuple__", "__slice__", "__numpy__"}
REFUSED = {"Lambda", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer"}


class NotStock(TypeError):
    """A model holds something that is not a stock part of Keras; the message names it."""


def is_model(value):
    """Whether `value` is a Keras model (without importing Keras to find out)."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def describe(model):
    """The configuration (a dict that JSON can carry) and the weights (arrays) of `model`.

    Raises:
        NotStock: the model holds a part that is not stock Keras.
    """
    import keras

    config = keras.saving.serialize_keras_object(model)
    refuse_strangers(config)
    return config, model.get_weights()


def rebuild(config, weights):
    """The model that `describe` described.

    Raises:
        NotStock: the configuration names something that is not stock Keras, or does not make
            a model that the weights fit.
    """
    import keras

    refuse_strangers(config)
    try:
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        model.set_weights(weights)
    except Exception as error:  # Keras raises many kinds for a configuration that makes no model
        kind = type(error).__name__
        raise NotStock(f"a configuration that Keras cannot build ({kind})") from error
    return model


def refuse_strangers(config):
    """Raise NotStock at the first part of `config` that is not stock Keras."""
    if isinstance(config, (list, tuple)):
        for item in config:
            refuse_strangers(item)
    elif isinstance(config, dict):
        if "class_name" in config and not _is_stock(config):
            raise NotStock(f"{config.get('registered_name') or config['class_name']}")
        for item in config.values():
            refuse_strangers(item)


def _is_stock(part):
    name, module = part["class_name"], part.get("module")
    if name in MARKERS:
        return True
    if name in REFUSED or part.get("registered_name") not in (None, name):
        return False
    if module == "keras" and name in TOP_LEVEL:
        return True
    return any(module == stock or str(module).startswith(stock + ".") for stock in STOCK)
