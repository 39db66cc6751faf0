"""Pictures to work with: Fashion-MNIST and a few photographs, from the repository's own files.

Every file is checked against its sha256 before it is used, so a damaged one is noticed here and
not as a network that learns badly. Where the files come from: ``data/README.md``.
"""

import hashlib
import io
import operator
import zlib
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SPLITS = {"train": ("train", 60_000), "test": ("t10k", 10_000)}  # start of file names, images
NETWORK_ARRAYS = ("conv_kernel", "conv_bias", "dense_kernel", "dense_bias")  # as get_weights()
SHA256 = {
    "experiments/start_network.npz": (
        "6295abf1082de6ca3556b442f7f1094ae6b14f4a3ec95fa6f9ae4350dde80c68"
    ),
    "experiments/scene_network.npz": (
        "7a37ecd2e6ecff8a74cc9121fb3ea50d675f54206b508fc81c42f45dbadf95f1"
    ),
    "fashion_mnist/train-images-idx3-ubyte.gz": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
    ),
    "fashion_mnist/train-labels-idx1-ubyte.gz": (
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
    ),
    "fashion_mnist/t10k-images-idx3-ubyte.gz": (
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
    ),
    "fashion_mnist/t10k-labels-idx1-ubyte.gz": (
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
    ),
    "photos/astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "photos/cat.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "photos/coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "photos/rocket.png": "576db6f5369c6b19a78e18d875fa1a26a1fc6165b6bb9665e5b970fae8f8d9d7",
}


def fashion_mnist(split="train", n=None):
    """Grey pictures of clothes with the number of their class: Fashion-MNIST.

    There are ten classes, equally many pictures of each; ``CLASS_NAMES[label]`` is the name.
    0 is the black background.

    Args:
        split: ``"train"``, 60,000 pictures, or ``"test"``, 10,000 others.
        n: how many pictures, the first ones of the file; all of them when None.

    Returns:
        ``(images, labels)``: uint8 ``(N, 28, 28, 1)``, 0 to 255, and uint8 ``(N,)``, 0 to 9.

    Raises:
        ValueError: ``split`` or ``n`` is none of these; the message names it and its value.
        OSError: a file is missing or damaged; the message names it and says what to do.

    Example:
        >>> images, labels = fashion_mnist("test", n=3)
        >>> images.shape, [CLASS_NAMES[label] for label in labels]
        ((3, 28, 28, 1), ['Ankle boot', 'Pullover', 'Trouser'])

    Source:
        Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
        Machine Learning Algorithms", 2017, arXiv 1708.07747.
    """
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    start, most = SPLITS[split]
    count = most if n is None else _count(n, most, split)
    images = _numbers(f"fashion_mnist/{start}-images-idx3-ubyte.gz", 16, count * 28 * 28)
    labels = _numbers(f"fashion_mnist/{start}-labels-idx1-ubyte.gz", 8, count)
    return images.reshape(count, 28, 28, 1), labels


def photos():
    """The names of the photographs that ``photo`` can give.

    Example:
        >>> photos()
        ['astronaut', 'cat', 'coffee', 'rocket']
    """
    return sorted(Path(name).stem for name in SHA256 if name.startswith("photos/"))


def photo(name):
    """A colour photograph.

    Args:
        name: one of ``photos()``.

    Returns:
        uint8 ``(H, W, 3)``: red, green and blue, 0 to 255.

    Raises:
        ValueError: there is no photograph of that name; the message lists those there are.
        OSError: the file is missing or damaged; the message names it and says what to do.

    Example:
        >>> photo("cat").shape
        (300, 451, 3)
    """
    if not isinstance(name, str) or name not in photos():
        raise ValueError(f"name must be one of {', '.join(photos())}, got {name!r}")
    from PIL import Image

    return np.array(Image.open(io.BytesIO(_checked_bytes(f"photos/{name}.png"))))


def trained_network():
    """A small network that already knows Fashion-MNIST.

    It has learned from all training pictures, scaled to 0..1, and names about 88 in 100 of the
    test pictures rightly. Where a picture stands matters to it: only the dense layer decides, and
    that has a weight of its own for each place.

    Returns:
        A Keras model that is not compiled, so it predicts but does not train: from float32
        ``(N, 28, 28, 1)``, 0 to 1, to the probabilities of the ten classes, float32 ``(N, 10)``.
        Its layers are "conv", "pool", "flatten" and "dense".

    Raises:
        OSError: the file is missing or damaged; the message names it and says what to do.

    Example:
        >>> images, labels = fashion_mnist("test", n=3)
        >>> probabilities = trained_network().predict(images / 255, verbose=0)
        >>> [CLASS_NAMES[label] for label in probabilities.argmax(axis=1)]
        ['Ankle boot', 'Pullover', 'Trouser']

    Source:
        Trained by ``experiments/start_network.py``.
    """
    model = untrained_network()
    arrays = np.load(io.BytesIO(_checked_bytes("experiments/start_network.npz")))
    model.set_weights([arrays[name] for name in NETWORK_ARRAYS])
    return model


def untrained_network():
    """The network of ``trained_network`` with random weights: Glorot, from Keras's seed.

    Returns:
        A Keras model, 13,610 parameters: 8 filters of 3 x 3, ReLU, the largest of each 2 x 2, and
        a dense layer with a softmax over the ten classes.

    Example:
        >>> untrained_network().count_params()
        13610
    """
    import keras  # here, as reading pictures should not wait for it

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 3, activation="relu", name="conv"),
            keras.layers.MaxPooling2D(2, name="pool"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(10, activation="softmax", name="dense"),
        ],
        name="start_network",
    )


def trained_scene_network():
    """A network of four convolutions that names a garment which lies anywhere in a scene.

    A scene is a grey picture with one garment of 28 x 28 pixels, on black, on a piece of a
    photograph or on a texture. The network takes pictures of any size, since the mean of each map
    stands before its last layer.

    Returns:
        A Keras model that is not compiled: from float32 ``(N, H, W, 1)``, 0 to 1, to the scores of
        the ten classes, float32 ``(N, 10)``. There is no softmax at its end; the class with the
        highest score is the answer.

    Raises:
        OSError: the file is missing or damaged; the message names it and says what to do.

    Source:
        Trained by ``experiments/scene_network.py``.
    """
    model = untrained_scene_network()
    arrays = np.load(io.BytesIO(_checked_bytes("experiments/scene_network.npz")))
    model.set_weights([arrays[variable.path] for variable in model.weights])
    return model


def untrained_scene_network():
    """The network of ``trained_scene_network`` with random weights: He, from Keras's seed.

    Returns:
        A Keras model, 29,986 parameters. Its layers are "conv1", "pool1", "conv2", "pool2",
        "conv3", "conv4", "mean" and "scores".

    Example:
        >>> untrained_scene_network().count_params()
        29986
    """
    import keras  # here, as reading pictures should not wait for it

    def conv(number, filters, size):
        settings = dict(padding="same", activation="relu", kernel_initializer="he_normal")
        return keras.layers.Conv2D(filters, size, name=f"conv{number}", **settings)

    return keras.Sequential(
        [
            keras.Input((None, None, 1)),
            conv(1, 16, 5),
            keras.layers.MaxPooling2D(2, name="pool1"),
            conv(2, 24, 3),
            keras.layers.MaxPooling2D(2, name="pool2"),
            conv(3, 32, 3),
            conv(4, 64, 3),
            keras.layers.GlobalAveragePooling2D(name="mean"),
            keras.layers.Dense(10, name="scores"),
        ],
        name="scene_network",
    )


def grey(image):
    """The brightness of a colour picture, as a kernel for one channel wants it.

    Green counts most and blue least, as they do for the eye.

    Args:
        image: ``(H, W, 3)``, uint8 0 to 255 or floats 0 to 1.

    Returns:
        float32 ``(H, W)``, 0 black to 1 white.

    Raises:
        ValueError: ``image`` has another shape.

    Example:
        >>> grey(np.full((1, 2, 3), 255, dtype="uint8"))
        array([[1., 1.]], dtype=float32)

    Source:
        Recommendation ITU-R BT.601, luma. ``tf.image.rgb_to_grayscale`` has 0.2989 for red.
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must have shape (H, W, 3), got {image.shape}")
    white = 255 if image.dtype == np.uint8 else 1
    return (image.astype("float64") @ [0.299, 0.587, 0.114] / white).astype("float32")


def _count(n, most, split):
    try:
        count = operator.index(n)
    except TypeError:
        count = 0
    if isinstance(n, bool) or not 1 <= count <= most:
        raise ValueError(f'n must be None or an int from 1 to {most} for "{split}", got {n!r}')
    return count


def _numbers(name, header, count):
    """``count`` uint8 numbers that follow ``header`` bytes in a file of the IDX format."""
    unpacked = zlib.decompressobj(wbits=31).decompress(_checked_bytes(name), header + count)
    return np.frombuffer(unpacked, dtype="uint8", offset=header).copy()


def _checked_bytes(name):
    """The bytes of a file of ``data/``, the very ones that were published."""
    path, repair = DATA / name, f"restore it with: git checkout -- data/{name}"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{path} is missing: found no file, expected sha256 {SHA256[name]}; {repair}"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise OSError(
            f"{path} is damaged: found sha256 {found}, expected sha256 {SHA256[name]}; {repair}"
        )
    return content
