"""LeNet-5, as it is built today and as it was in 1998."""

import keras
import numpy as np

from helpers.arguments import whole_number
from helpers.models.arguments import check_image_shape

# Table I of LeCun et al. 1998: the maps of S2 that each of the 16 maps of C3 looks at.
C3_SEES = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),  # three neighbours
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),  # four
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),  # four with gaps
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip


def lenet5(input_shape=(28, 28, 1), classes=10):
    """LeNet-5 as it is usually built today: ReLU, max pooling, three dense layers and a softmax.

    The first convolution pads with zeros, which makes of 28 pixels what the paper made of 32.
    Everything else has the sizes of the paper. For 28 x 28 grey pixels and 10 classes:

    ====== ================================== =============== ==========
    layer  what it does                       output          parameters
    ====== ================================== =============== ==========
    C1     6 filters of 5 x 5, "same", ReLU   28 x 28 x 6            156
    S2     the largest of each 2 x 2          14 x 14 x 6              0
    C3     16 filters of 5 x 5, ReLU          10 x 10 x 16         2,416
    S4     the largest of each 2 x 2          5 x 5 x 16               0
    C5     dense, ReLU                        120                 48,120
    F6     dense, ReLU                        84                  10,164
    output dense, softmax                     10                     850
    ====== ================================== =============== ==========

    What was different in 1998: `lenet5_1998`.

    Args:
        input_shape: ``(H, W, C)`` of the images; height and width at least 12 pixels.
        classes: how many there are; at least 2.

    Returns:
        A Keras model, built with random weights (Glorot, from Keras's seed) and not compiled: from
        images ``(N, H, W, C)``, best with mean 0 and standard deviation 1, to the probabilities of
        the classes, ``(N, classes)``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: ``input_shape`` is not three sizes, is too small, or ``classes`` is below 2.

    Example:
        >>> lenet5().count_params()
        61706

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
        recognition", Proceedings of the IEEE, 1998, figure 2 and section II.B.
    """
    check_image_shape(input_shape, least=12)
    classes = whole_number("classes", classes, at_least=2)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(6, 5, padding="same", activation="relu", name="C1"),
            layers.MaxPooling2D(2, name="S2"),
            layers.Conv2D(16, 5, activation="relu", name="C3"),
            layers.MaxPooling2D(2, name="S4"),
            layers.Flatten(name="flatten"),
            layers.Dense(120, activation="relu", name="C5"),
            layers.Dense(84, activation="relu", name="F6"),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="lenet5",
    )


def lenet5_1998(codes=None):
    """LeNet-5 as the paper has it: 60,000 trainable parameters.

    Beside `lenet5` four things differ. The activations are tanh. Subsampling adds up four pixels
    and has a factor and a bias to learn for each map. A map of C3 looks at some of the six maps of
    S2 only (table I). The output has no weights to learn: it measures how far the 84 numbers of F6
    are from a code of each class, and the smallest distance wins.

    ====== ======================================= =============== ==========
    layer  what it does                            output          parameters
    ====== ======================================= =============== ==========
    C1     6 filters of 5 x 5                      28 x 28 x 6            156
    S2     sum of each 2 x 2, factor, bias         14 x 14 x 6             12
    C3     16 filters of 5 x 5 x 3, 4 or 6         10 x 10 x 16         1,516
    S4     sum of each 2 x 2, factor, bias         5 x 5 x 16              32
    C5     120 filters of 5 x 5                    1 x 1 x 120         48,120
    F6     dense                                   84                  10,164
    output squared distances to the codes          10                       0
    ====== ======================================= =============== ==========

    Args:
        codes: ``(classes, 84)`` of -1 and 1, fixed. The authors drew the ten digits on 7 x 12
            pixels; they say that codes at random would do, and those stand here when None.

    Returns:
        A Keras model, built and not compiled: from images ``(N, 32, 32, 1)``, background -0.1 and
        ink 1.175 in the paper, to the squared distances ``(N, classes)``, at least 0.

    Raises:
        ValueError: ``codes`` has another shape or other numbers.

    Example:
        >>> lenet5_1998().count_params()
        60000

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
        recognition", Proceedings of the IEEE, 1998, figure 2, table I and section II.B.
    """
    layers = keras.layers
    codes = _codes(codes)
    image = keras.Input((32, 32, 1))
    maps = layers.Conv2D(6, 5, activation=scaled_tanh, name="C1")(image)
    maps = _trainable_subsampling(maps, "S2")
    maps = _partly_connected(maps, C3_SEES, "C3")
    maps = _trainable_subsampling(maps, "S4")
    maps = layers.Conv2D(120, 5, activation=scaled_tanh, name="C5")(maps)
    units = layers.Dense(84, activation=scaled_tanh, name="F6")(layers.Flatten()(maps))
    differences = layers.Reshape((1, 84))(units) - codes[np.newaxis]
    distances = keras.ops.sum(keras.ops.square(differences), axis=-1)
    return keras.Model(image, distances, name="lenet5_1998")


def scaled_tanh(x):
    """The squashing function of LeNet-5: 1.7159 tanh(2/3 x), so that 1 gives 1 and -1 gives -1.

    Args:
        x: a tensor of any shape.

    Returns:
        A tensor of that shape, between -1.7159 and 1.7159.

    Source:
        LeCun et al. 1998, appendix A.
    """
    return 1.7159 * keras.ops.tanh(2 / 3 * x)


def _trainable_subsampling(maps, name):
    """Half the size: the sum of each 2 x 2, then a factor and a bias a map, then the squashing."""
    sums = 4 * keras.layers.AveragePooling2D(2)(maps)
    return keras.layers.DepthwiseConv2D(1, activation=scaled_tanh, name=name)(sums)


def _partly_connected(maps, table, name):
    """A 5 x 5 convolution whose filters see some of the maps: one row of the table each."""
    seen = (keras.ops.take(maps, np.array(row), axis=-1) for row in table)
    made = [
        keras.layers.Conv2D(1, 5, activation=scaled_tanh, name=f"{name}_{index}")(some)
        for index, some in enumerate(seen)
    ]
    return keras.layers.Concatenate(name=name)(made)


def _codes(codes):
    if codes is None:
        codes = np.random.default_rng(0).choice([-1, 1], (10, 84))
    codes = np.asarray(codes, "float32")
    if codes.ndim != 2 or codes.shape[1] != 84 or not np.isin(codes, (-1, 1)).all():
        raise ValueError(
            f"codes must have shape (classes, 84) and hold -1 and 1, got shape {codes.shape} "
            f"with numbers from {codes.min(initial=0):g} to {codes.max(initial=0):g}"
        )
    return codes
