"""Keras models as configuration and weights: how one crosses to another process.

A model is rebuilt only from the layers and operations that are allowed here by name. Whatever
could carry code of its own (a Lambda layer, a subclass), read a file (a layer with a vocabulary) or
call back (`keras.ops.cond`) is refused by name, and so is a configuration that is far larger than
any model of this course.
"""

import math
import sys

# Everything of `keras.layers` that is arithmetic on its inputs and weights.
LAYERS = """
InputLayer Identity Activation ActivityRegularization Masking
Dense EinsumDense Embedding
Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
ReLU LeakyReLU PReLU ELU Softmax
BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization
SpectralNormalization Normalization Rescaling
Dropout AlphaDropout GaussianDropout GaussianNoise
SpatialDropout1D SpatialDropout2D SpatialDropout3D
Add Subtract Multiply Average Maximum Minimum Concatenate Dot
Flatten Reshape Permute RepeatVector
ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D
UpSampling1D UpSampling2D UpSampling3D Resizing CenterCrop
RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue
RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
RandomSharpness RandomShear RandomTranslation RandomZoom
AugMix AutoContrast CutMix Equalization MaxNumBoundingBoxes MixUp RandAugment Solarization
Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
SimpleRNN SimpleRNNCell LSTM LSTMCell GRU GRUCell RNN StackedRNNCells
ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional TimeDistributed Pipeline
"""
# Modules of Keras whose classes become the layers of `x + inputs` or `keras.ops.relu(x)`.
OPERATIONS = frozenset(f"keras.src.ops.{name}" for name in ("numpy", "nn", "core", "image",
                                                            "linalg", "math"))  # fmt: skip
CALLING_BACK = {"AssociativeScan", "Cond", "ForiLoop", "JVP", "Map", "Scan", "Switch",
                "VectorizedMap", "WhileLoop"}  # fmt: skip
# What a layer is made of: the base class by module.
PARTS = {
    "keras.initializers": "Initializer",
    "keras.regularizers": "Regularizer",
    "keras.constraints": "Constraint",
}
CONTAINERS = {
    ("keras.src.models.functional", "Functional"),
    ("keras.src.models.sequential", "Sequential"),
    ("keras.models", "Functional"),
    ("keras.models", "Sequential"),
    ("keras", "Functional"),
    ("keras", "Model"),
    ("keras", "Sequential"),
    ("keras", "DTypePolicy"),
}
MARKERS = {"__tensor__", "__keras_tensor__", "__tuple__", "__slice__", "__numpy__", "__ellipsis__"}
# For comparison: the configuration of Keras's ResNet50 has 9,937 values, nested 12 deep.
MOST_VALUES, DEEPEST, LARGEST_NUMBER = 200_000, 60, 1 << 20
LARGEST_TENSOR = 1 << 24  # values of one example between two layers
MOST_LAYERS = 2_000  # ResNet-152 has 515


class NotStock(TypeError):
    """A model holds something that is not a stock part of Keras; the message names it."""


def is_model(value):
    """Whether `value` is a Keras model (without importing Keras to find out)."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def describe(model):
    """The configuration (a dict that JSON can carry) and the weights (arrays) of `model`.

    How the model was compiled stays behind.

    Raises:
        NotStock: the model holds a part that is not stock Keras.
    """
    import keras

    try:
        config = keras.saving.serialize_keras_object(model)
    except Exception as error:  # a layer of one's own without get_config, and the like
        raise NotStock(f"a model that Keras cannot describe ({type(error).__name__})") from error
    config = _without_compilation(config)
    refuse_strangers(config)
    return config, model.get_weights()


def rebuild(config, weights):
    """The model that `describe` described.

    Raises:
        NotStock: the configuration names something that is not stock Keras, or does not make
            a model that the weights fit.
    """
    import keras

    config = _without_compilation(config)
    refuse_strangers(config)
    scope = keras.StatelessScope(initialize_variables=False)  # a weight is a shape, no numbers yet
    try:
        with scope:
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
            refuse_giants(model)
            _refuse_misfits(model, weights)
            scope.initialize_variables = True  # when the block ends
        model.set_weights(weights)
    except NotStock:
        raise
    except Exception as error:  # Keras raises many kinds for a configuration that makes no model
        kind = type(error).__name__
        raise NotStock(f"a configuration that Keras cannot build ({kind})") from error
    finally:
        _forget_weights_not_made()
    return model


def _refuse_misfits(model, weights):
    """Raise NotStock unless the weights fit: who sends a large network has to send all of it."""
    wanted = [tuple(weight.shape) for weight in model.weights]
    if wanted != [getattr(array, "shape", ()) for array in weights]:
        count = sum(map(math.prod, wanted))
        raise NotStock(f"a model of {count:.3g} weights, with others than these")


def _forget_weights_not_made():
    """What Keras would make the next time, of a model that was refused."""
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("uninitialized_variables", [])


def refuse_strangers(config):
    """Raise NotStock at the first part of `config` that is not stock Keras, or at its size."""
    left, layers = [(config, 0)], 0
    for _ in range(MOST_VALUES):
        if not left:
            return
        item, depth = left.pop()
        if depth > DEEPEST:
            raise NotStock(f"a configuration nested more than {DEEPEST} deep")
        if isinstance(item, dict):
            if "class_name" in item and not _is_stock(item):
                raise NotStock(str(item.get("registered_name") or item["class_name"])[:80])
            layers += item.get("module") == "keras.layers"
            if layers > MOST_LAYERS:
                raise NotStock(f"a model of more than {MOST_LAYERS:,} layers")
            left += [(value, depth + 1) for name, value in item.items() if name != "seed"]
        elif isinstance(item, (list, tuple)):
            left += [(value, depth + 1) for value in item]
        elif type(item) is int and abs(item) > LARGEST_NUMBER:
            raise NotStock(f"a number as large as {item:.3g}")
    raise NotStock(f"a configuration of more than {MOST_VALUES} values")


def refuse_giants(model):
    """Raise NotStock where one example would take more values than `LARGEST_TENSOR`."""
    for operation in getattr(model, "operations", model.layers):
        if is_model(operation):
            refuse_giants(operation)
        for node in operation._inbound_nodes:
            for tensor in node.output_tensors:
                size = math.prod(length or 1 for length in tensor.shape)
                if size > LARGEST_TENSOR:
                    raise NotStock(f"a layer that makes {size:.3g} values of one example")


def names_in(config):
    """The dotted public names of the layers that `config` is made of, such as keras.layers.Add."""
    if isinstance(config, dict):
        if config.get("module") == "keras.layers":
            yield f"keras.layers.{config.get('class_name')}"
        for value in config.values():
            yield from names_in(value)
    elif isinstance(config, (list, tuple)):
        for value in config:
            yield from names_in(value)


def _without_compilation(config):
    return {name: value for name, value in config.items() if name != "compile_config"}


def _is_stock(part):
    name, module = part["class_name"], part.get("module")
    if not isinstance(name, str) or part.get("registered_name") not in (None, name):
        return False
    if name in MARKERS:
        return True
    if not isinstance(module, str):
        return False
    if module == "keras.layers":
        return name in LAYERS.split()
    if module in OPERATIONS:
        return name not in CALLING_BACK and _is_subclass(module, name, _operation())
    if module in PARTS:
        return _is_subclass(module, name, getattr(sys.modules[module], PARTS[module]))
    return (module, name) in CONTAINERS


def _operation():
    from keras.src.ops.operation import Operation

    return Operation


def _is_subclass(module, name, base):
    """Whether `name` is a class in the Keras module `module` that derives from `base`."""
    found = vars(sys.modules[module]).get(name)
    return isinstance(found, type) and issubclass(found, base) and found is not base
