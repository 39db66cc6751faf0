"""Training: how images are prepared, what one sees while a network learns, how it is judged."""

import time

import keras
import numpy as np

from helpers.arguments import whole_number


class Progress(keras.callbacks.Callback):
    """Prints one line an epoch while `model.fit(..., verbose=0, callbacks=[Progress()])` runs.

    Each line gives the epoch, the metrics of the training images, those of the validation images
    where there are any, and the seconds since the start. How long a fit takes differs on each run,
    so a cell that prints these lines carries the tag `nbval-ignore-output`.

    Source: https://keras.io/guides/writing_your_own_callbacks/

    Args:
        every: print only every so many epochs, and the last; at least 1.

    Raises:
        ValueError: `every` is not a whole number from 1 up.
    """

    def __init__(self, every=1):
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a whole number from 1 up, got {every!r}")
        self.every = every

    def on_train_begin(self, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        epochs = self.params["epochs"]
        if (epoch + 1) % self.every and epoch + 1 != epochs:
            return
        values = "  ".join(f"{_in_words(name)} {value:.3f}" for name, value in logs.items())
        seconds = time.perf_counter() - self.start
        print(f"epoch {epoch + 1} of {epochs}  {values}  ({seconds:.1f} s)", flush=True)


def _in_words(metric):
    return metric.replace("val_", "validation ").replace("_", " ")


def standardise(train, test):
    """Both sets shifted and scaled so that the training images have mean 0 and deviation 1.

    Mean and standard deviation are taken over all training images, rows and columns, for each
    channel alone. The test images get the same two numbers: what will be tested may tell nothing
    beforehand, and a pixel has to mean the same to the network in both sets.

    Args:
        train: images ``(N, H, W, C)``, any numbers.
        test: images ``(M, H, W, C)``.

    Returns:
        ``(train, test)``, both float32. A channel that never changes becomes 0 in ``train``.

    Raises:
        ValueError: an argument has not four axes, or the channels differ in number.

    Example:
        >>> train = np.reshape([2.0, 4.0], (2, 1, 1, 1))
        >>> test = np.reshape([3.0, 9.0], (2, 1, 1, 1))
        >>> [images.ravel().tolist() for images in standardise(train, test)]
        [[-1.0, 1.0], [0.0, 6.0]]

    Source:
        LeCun, Bottou, Orr and Mueller, "Efficient BackProp", 1998, section 4.3.
    """
    train, test = np.asarray(train), np.asarray(test)
    for name, images in {"train": train, "test": test}.items():
        if images.ndim != 4:
            raise ValueError(f"{name} must have shape (N, H, W, C), got {images.shape}")
    if train.shape[3] != test.shape[3]:
        raise ValueError(f"test must have {train.shape[3]} channels like train, got {test.shape}")
    mean = train.mean(axis=(0, 1, 2), dtype="float64")
    deviation = train.std(axis=(0, 1, 2), dtype="float64")
    deviation[deviation == 0] = 1  # nothing to scale
    return tuple(((images - mean) / deviation).astype("float32") for images in (train, test))


def top_k_error(scores, labels, k=1):
    """The share of images whose class is not among the ``k`` that got the highest scores.

    ``k=1`` is the usual error: 1 - accuracy. Of equal scores the class with the lower number
    comes first.

    Args:
        scores: ``(N, classes)``; probabilities, or any numbers of which the highest is the answer.
        labels: the true classes, whole numbers ``(N,)``, from 0.
        k: how many answers each image has; at least 1.

    Returns:
        A float from 0 to 1.

    Raises:
        ValueError: the shapes do not fit together, a label is no class, or ``k`` is below 1.

    Example:
        >>> top_k_error([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], labels=[1, 2], k=1)
        0.5
        >>> top_k_error([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], labels=[1, 2], k=2)
        0.0

    Source:
        Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015, section 4.1.
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or not scores.size or labels.shape != scores.shape[:1]:
        raise ValueError(
            "scores must have shape (N, classes) and labels (N,), "
            f"got {scores.shape} and {labels.shape}"
        )
    _check_classes("labels", labels, scores.shape[1])
    best = np.argsort(-scores, axis=1, kind="stable")[:, : whole_number("k", k)]
    return float(1 - (best == labels[:, np.newaxis]).any(axis=1).mean())


def confusion(labels, answers, classes):
    """How often each class is taken for each: the confusion matrix.

    Args:
        labels: the true classes, whole numbers ``(N,)``, from 0.
        answers: the classes that were named, ``(N,)``.
        classes: how many there are; at least 1.

    Returns:
        Counts, int64 ``(classes, classes)``: a row for each true class, a column for each answer.
        The right answers stand on the diagonal.

    Raises:
        ValueError: the shapes differ, or a number is no class.

    Example:
        >>> confusion(labels=[0, 0, 1, 1], answers=[0, 1, 1, 1], classes=2)
        array([[1, 1],
               [0, 2]])
    """
    labels, answers = np.asarray(labels), np.asarray(answers)
    if labels.ndim != 1 or labels.shape != answers.shape:
        raise ValueError(f"labels and answers must be (N,), got {labels.shape} and {answers.shape}")
    classes = whole_number("classes", classes)
    _check_classes("labels", labels, classes)
    _check_classes("answers", answers, classes)
    counts = np.zeros((classes, classes), "int64")
    np.add.at(counts, (labels, answers), 1)  # += would count a pair that occurs twice only once
    return counts


def _check_classes(name, numbers, classes):
    whole = np.issubdtype(numbers.dtype, np.integer)
    if not whole or (numbers.size and not 0 <= numbers.min() <= numbers.max() < classes):
        raise ValueError(f"{name} must be whole numbers from 0 to {classes - 1}, got {numbers}")
