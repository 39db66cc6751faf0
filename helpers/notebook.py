"""What the set-up cell of every notebook calls: one state to start from, the same everywhere."""

import logging
import os
import warnings

# TensorFlow reads these when it is first imported; its C++ log lines would differ on each run.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Colab pairs packages whose protobuf versions only seem to clash.
os.environ.setdefault("TEMPORARILY_DISABLE_PROTOBUF_VERSION_CHECK", "true")

HELPERS = (
    "checks",
    "convolution",
    "datasets",
    "kernels",
    "layers",
    "models",
    "neighbours",
    "padding",
    "plots",
    "predictions",
    "shapes",
    "training",
    "transformations",
    "visualization",
)


def set_up(seed=0):
    """Fix the seed, make operations deterministic, set the figures' defaults, hush the logs.

    Running it twice does no harm: it puts the state back to the start.

    Args:
        seed: for Python, NumPy and TensorFlow; at least 0.

    Raises:
        ValueError: seed is not a whole number from 0 up.
    """
    if not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0 up, got {seed!r}")
    # A package below TensorFlow warns of Python versions whose end is years away.
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    import keras
    import tensorflow as tf

    from helpers import plots, predictions

    for name in ("tensorflow", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    plots.set_defaults()
    predictions.forget()


def names_after_set_up():
    """The names that the set-up cell leaves, for a process that runs a learner's cell alone."""
    import importlib

    set_up()
    libraries = {"np": "numpy", "tf": "tensorflow", "keras": "keras", "plt": "matplotlib.pyplot"}
    names = {name: importlib.import_module(module) for name, module in libraries.items()}
    helpers = {name: importlib.import_module(f"helpers.{name}") for name in HELPERS}
    return names | helpers
