"""What a trained network looks at: saliency, Grad-CAM, images that excite a unit.

Each function asks a Keras model one question and answers in arrays. Images are batches
``(N, H, W, C)`` of floats, 0 black to 1 white. A class's score is the number that the network's
last layer gives for it; take a network that ends *without* a softmax, as behind one all scores pull
on each other, and a sure answer has next to no gradient.
"""

import numpy as np

from helpers.arguments import real_numbers, whole_number

LUMPS = 250  # images that are sent through a network at a time


def feature_maps(model, layer, images):
    """What one layer of a network puts out.

    Args:
        model: a Keras model with named layers, built.
        layer: the name of one of them.
        images: ``(N, H, W, C)``, as the model takes them.

    Returns:
        float32, the layer's output for each image: ``(N, h, w, channels)`` for a convolution,
        ``(N, units)`` for a dense layer.

    Raises:
        ValueError: the model has no such layer, or ``images`` are no batch of images.

    Example:
        >>> from helpers import datasets
        >>> model = datasets.trained_network()
        >>> feature_maps(model, "pool", np.zeros((1, 28, 28, 1))).shape
        (1, 13, 13, 8)

    Source:
        Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.
    """
    upper = up_to(model, layer)
    images = _batch("images", images)
    lumps = [images[i : i + LUMPS] for i in range(0, len(images), LUMPS)]
    return np.concatenate([np.asarray(upper(lump, training=False)) for lump in lumps])


def up_to(model, layer):
    """The part of a network from its input to the output of one layer, as a model of its own.

    The two share their weights.

    Args:
        model: a Keras model with named layers, built.
        layer: the name of one of them.

    Raises:
        ValueError: the model has no such layer; the message lists those it has.
    """
    import keras

    names = [each.name for each in model.layers]
    if layer not in names:
        raise ValueError(f"layer must be one of {', '.join(names)}, got {layer!r}")
    return keras.Model(model.inputs[0], model.get_layer(layer).output)


def saliency(model, images, classes):
    """How much each pixel matters to the score of a class, if it changes a little.

    The absolute value of the gradient of the score with respect to the pixel; of several colour
    channels the largest.

    Args:
        model: a Keras model that gives scores ``(N, classes)``.
        images: ``(N, H, W, C)``.
        classes: the class asked about for each image, ``(N,)``, whole numbers from 0; or one for
            all.

    Returns:
        float32 ``(N, H, W)``, from 0 up, in score per unit of brightness.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2013, section 3.1.
    """
    images = _batch("images", images)
    classes = _classes(classes, len(images), model.output_shape[-1])
    found = [
        _score_gradient(model, images[i : i + LUMPS], classes[i : i + LUMPS])
        for i in range(0, len(images), LUMPS)
    ]
    return np.abs(np.concatenate(found)).max(axis=3)


def _score_gradient(model, images, classes):
    import tensorflow as tf

    images = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = _total_score(model(images, training=False), classes)
    return tape.gradient(total, images).numpy()


def _total_score(scores, classes):
    """The sum over images; each score depends on its own image only, so gradients stay apart."""
    import tensorflow as tf

    return tf.reduce_sum(tf.gather(scores, classes, axis=1, batch_dims=1))


def maps_and_gradients(model, layer, images, classes):
    """A layer's maps, and the gradient of a class's score with respect to them.

    Args:
        model: a Keras model that gives scores ``(N, classes)``.
        layer: the name of a layer of it.
        images, classes: as for ``saliency``.

    Returns:
        ``(maps, gradients)``, both float32, of the shape of the layer's output.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.
    """
    import keras

    images = _batch("images", images)
    classes = _classes(classes, len(images), model.output_shape[-1])
    inner = up_to(model, layer).outputs
    both = keras.Model(model.inputs[0], [*inner, *model.outputs])
    pairs = [
        _maps_and_gradients(both, images[i : i + LUMPS], classes[i : i + LUMPS])
        for i in range(0, len(images), LUMPS)
    ]
    return tuple(np.concatenate(each) for each in zip(*pairs, strict=True))


def _maps_and_gradients(both, images, classes):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        images = tf.constant(images)
        tape.watch(images)  # or nothing is recorded when the weights are frozen
        maps, scores = both(images, training=False)
        total = _total_score(scores, classes)
    return maps.numpy(), tape.gradient(total, maps).numpy()


def grad_cam(maps, gradients):
    """Where in an image a class is seen: the maps of a layer, weighted by their gradients.

    The weight of a map is the mean of its gradient over all places. The weighted maps are added,
    what is below zero becomes zero, and the largest number becomes 1.

    Args:
        maps: ``(H, W, C)``, the output of a convolutional layer for one image.
        gradients: ``(H, W, C)``, the gradient of the class's score with respect to it.

    Returns:
        float32 ``(H, W)``, 0 to 1; all 0 where nothing speaks for the class.

    Raises:
        TypeError, ValueError: the arguments are not two arrays of one such shape.

    Example:
        >>> maps = np.array([[[1, 0], [4, 2]]])
        >>> grad_cam(maps, np.array([[[1, -2], [3, 0]]]))  # the weights are 2 and -1
        array([[0.33333334, 1.        ]], dtype=float32)

    Source:
        Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
        Localization", 2017, equations 1 and 2.
    """
    maps, gradients = real_numbers("maps", maps), real_numbers("gradients", gradients)
    if maps.ndim != 3 or maps.shape != gradients.shape:
        raise ValueError(
            f"maps and gradients must have one shape (H, W, C), got {maps.shape} "
            f"and {gradients.shape}"
        )
    weights = gradients.mean(axis=(0, 1), dtype="float64")
    seen = np.maximum(maps @ weights, 0)
    return (seen / (seen.max() or 1)).astype("float32")


def enlarge(maps, size):
    """Maps as large as the image they were made of, smoothly: bilinear interpolation.

    Args:
        maps: ``(N, h, w)`` or ``(N, h, w, C)``.
        size: the new height and width, pixels: one number for both or a pair.

    Returns:
        float32 ``(N, height, width)`` or ``(N, height, width, C)``.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        TensorFlow API docs, ``tf.image.resize``.
    """
    import tensorflow as tf

    from helpers.arguments import height_and_width

    maps = real_numbers("maps", maps).astype("float32")
    if maps.ndim not in (3, 4):
        raise ValueError(f"maps must have shape (N, h, w) or (N, h, w, C), got {maps.shape}")
    size = height_and_width("size", size)
    deep = maps if maps.ndim == 4 else maps[..., np.newaxis]
    larger = tf.image.resize(deep, size).numpy()
    return larger if maps.ndim == 4 else larger[..., 0]


def nearest_embeddings(queries, embeddings, k=1):
    """Which stored embeddings point most nearly in the direction of each query.

    Directions are compared by the cosine of the angle between them, so how long an embedding is
    does not count. One that is all zeros has no direction; its cosine counts as 0.

    Args:
        queries: ``(M, D)``.
        embeddings: ``(N, D)``, the stored ones.
        k: how many of them for each query; from 1 to N.

    Returns:
        int64 ``(M, k)``: places in ``embeddings``, the most alike first; of equals the one that is
        stored first.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> nearest_embeddings([[1, 1]], [[9, 0], [0.1, 0.1], [3, 2]], k=2)
        array([[1, 2]])
    """
    queries, embeddings = real_numbers("queries", queries), real_numbers("embeddings", embeddings)
    if queries.ndim != 2 or embeddings.ndim != 2 or queries.shape[1] != embeddings.shape[1]:
        raise ValueError(
            "queries and embeddings must have shapes (M, D) and (N, D), "
            f"got {queries.shape} and {embeddings.shape}"
        )
    k = whole_number("k", k)
    if k > len(embeddings):
        raise ValueError(f"k must be at most {len(embeddings)}, as many as are stored, got {k}")
    cosines = _directions(queries) @ _directions(embeddings).T
    return np.argsort(-cosines, axis=1, kind="stable")[:, :k]


def _directions(rows):
    rows = rows.astype("float64")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)


def unit_iou(activations, masks, quantile=0.9):
    """How well the places at which a unit is strong cover the places of a concept.

    Strong is what lies above the quantile of all the unit's activations. The share is the
    intersection over the union of both sets of places, counted over all images together.

    Args:
        activations: ``(N, H, W)``, of one unit for N images, as large as the masks; see
            ``enlarge``.
        masks: bool ``(N, H, W)``, True where the concept is.
        quantile: the share of all activations that are not strong; from 0 to 1.

    Returns:
        A float, 0 to 1; 0 when there is no place in either.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Example:
        >>> activations = np.array([[[0, 1, 2, 9]], [[0, 0, 5, 7]]])
        >>> masks = np.array([[[0, 0, 1, 1]], [[0, 0, 0, 1]]], bool)
        >>> unit_iou(activations, masks, quantile=0.5)  # strong: 2, 9, 5, 7
        0.75

    Source:
        Bau, Zhou, Khosla, Oliva and Torralba, "Network Dissection", 2017, equation 1 (there the
        quantile is 0.995, since concepts are small in photographs).
    """
    activations, masks = real_numbers("activations", activations), np.asarray(masks)
    if activations.ndim != 3 or masks.dtype != bool or masks.shape != activations.shape:
        raise ValueError(
            "activations and masks must have one shape (N, H, W), masks of bool; got "
            f"{activations.shape} and {masks.dtype} of shape {masks.shape}"
        )
    return float(dissect(activations[..., np.newaxis], masks[..., np.newaxis], quantile)[0, 0])


def dissect(activations, masks, quantile=0.9):
    """The number of ``unit_iou`` for every unit of a layer and every concept.

    Args:
        activations: ``(N, H, W, units)``.
        masks: bool ``(N, H, W, concepts)``.
        quantile: the share of a unit's activations that are not strong; from 0 to 1.

    Returns:
        float64 ``(units, concepts)``, 0 to 1.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        As for ``unit_iou``.
    """
    activations, masks = real_numbers("activations", activations), np.asarray(masks)
    if activations.ndim != 4 or masks.dtype != bool or masks.shape[:-1] != activations.shape[:-1]:
        raise ValueError(
            "activations and masks must have shapes (N, H, W, units) and (N, H, W, concepts), "
            f"masks of bool; got {activations.shape} and {masks.dtype} of shape {masks.shape}"
        )
    if not 0 <= quantile <= 1:
        raise ValueError(f"quantile must be from 0 to 1, got {quantile!r}")
    strong = activations > np.quantile(activations, quantile, axis=(0, 1, 2))
    strong, masks = (a.reshape(-1, a.shape[-1]).astype("float32") for a in (strong, masks))
    both = (strong.T @ masks).astype("float64")  # counts below 2^24, so float32 has them exactly
    either = strong.sum(axis=0)[:, np.newaxis] + masks.sum(axis=0) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def maximise_unit(model, image, channel, steps=30, step_size=0.05):
    """Change an image, step by step, so that a unit puts out more: gradient ascent.

    Each step moves along the gradient of the mean of the unit's map. The gradient is first divided
    by its root mean square, so a step moves the pixels by ``step_size`` whatever the unit's scale.

    Args:
        model: a Keras model; its last axis counts the units, ``(N, h, w, units)`` or
            ``(N, units)``. ``up_to`` gives the model that ends in an inner layer.
        image: ``(H, W, C)``, where to start.
        channel: which unit, from 0.
        steps: how many; at least 1.
        step_size: root mean square of what a step adds, in units of brightness.

    Returns:
        float32 ``(H, W, C)``, 0 to 1. Where the unit is silent and no pixel changes that, the
        image stays as it is.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        Erhan, Bengio, Courville and Vincent, "Visualizing Higher-Layer Features of a Deep
        Network", 2009.
    """
    import tensorflow as tf

    pixels = tf.Variable(_batch("image[np.newaxis]", np.asarray(image)[np.newaxis]))
    channel = whole_number("channel", channel, at_least=0)
    if channel >= model.output_shape[-1]:
        raise ValueError(f"channel must be below {model.output_shape[-1]}, got {channel}")
    return _climb(pixels, lambda x: tf.reduce_mean(model(x)[..., channel]), steps, step_size)


def _climb(pixels, goal, steps, step_size):
    """The image after some steps uphill: float32 ``(H, W, C)``."""
    import tensorflow as tf

    for _ in range(whole_number("steps", steps)):
        with tf.GradientTape() as tape:
            reached = goal(pixels)
        gradient = tape.gradient(reached, pixels)
        size = tf.sqrt(tf.reduce_mean(gradient**2))
        step = step_size * tf.math.divide_no_nan(gradient, size)
        pixels.assign(tf.clip_by_value(pixels + step, 0, 1))
    return pixels[0].numpy()


def deep_dream(model, image, steps=12, step_size=0.02, octaves=3, ratio=1.4):
    """Make more of whatever a layer sees in an image.

    Each step makes the mean of the squares of all the layer's activations larger: what is strong
    grows most. It begins on a small version of the image, so that large shapes come first; what
    was lost by shrinking is put back before it goes on with a larger one (an octave).

    Args:
        model: a Keras model that ends in the layer, see ``up_to``; for images of any size.
        image: ``(H, W, C)``, 0 to 1.
        steps: in each octave; at least 1.
        step_size: root mean square of what a step adds, in units of brightness.
        octaves: how many sizes; at least 1.
        ratio: from one size to the next; above 1.

    Returns:
        float32 ``(H, W, C)``, 0 to 1.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        Mordvintsev, Olah and Tyka, "Inceptionism: Going Deeper into Neural Networks", Google
        Research Blog, 2015; https://www.tensorflow.org/tutorials/generative/deepdream
    """
    import tensorflow as tf

    image = _batch("image[np.newaxis]", np.asarray(image)[np.newaxis])
    if not ratio > 1:
        raise ValueError(f"ratio must be above 1, got {ratio!r}")
    full, added = np.array(image.shape[1:3]), np.zeros_like(image)
    for octave in range(whole_number("octaves", octaves) - 1, -1, -1):
        size = tuple(int(length) for length in np.round(full / ratio**octave))
        small = enlarge(image, size)
        pixels = tf.Variable(np.clip(small + enlarge(added, size), 0, 1))
        dreamed = _climb(pixels, lambda x: tf.reduce_mean(model(x) ** 2), steps, step_size)
        added = dreamed[np.newaxis] - small
    return np.clip(image + added, 0, 1)[0]


def gram_matrix(maps):
    """Which maps are strong together, wherever that is: the style of an image.

    The mean over all places of the product of two maps, for every two maps. Where in the image
    something is plays no part.

    Args:
        maps: ``(H, W, C)``, the output of a convolutional layer for one image.

    Returns:
        float32 ``(C, C)``, symmetric.

    Raises:
        TypeError, ValueError: ``maps`` is no such array.

    Example:
        >>> gram_matrix(np.array([[[1, 2], [3, 0]]]))
        array([[5., 1.],
               [1., 2.]], dtype=float32)

    Source:
        Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", 2016,
        equation 3 (a sum there, a mean here, so that images of two sizes can be compared).
    """
    maps = real_numbers("maps", maps)
    if maps.ndim != 3:
        raise ValueError(f"maps must have shape (H, W, C), got {maps.shape}")
    rows = maps.reshape(-1, maps.shape[2]).astype("float64")
    return (rows.T @ rows / len(rows)).astype("float32")


def paint(model, layers, style, content=None, weight=1.0, steps=100, step_size=0.02, seed=0):
    """Paint an image in the style of another one: with its Gram matrices.

    It begins with noise and follows the gradient (Adam). With ``content``, it begins with that, and
    the maps of the last layer are to stay those of ``content``.

    Args:
        model: a Keras model with named layers, for images of any size.
        layers: names of the layers whose Gram matrices are to be met.
        style: ``(H, W, C)``, 0 to 1.
        content: ``(h, w, C)``, what is to be seen; None for nothing but style, as large as
            ``style``.
        weight: how much content counts beside style; from 0 up.
        steps: how many; at least 1.
        step_size: learning rate of Adam, in units of brightness.
        seed: of the noise.

    Returns:
        float32, of the shape of ``content``, or else of ``style``; 0 to 1.

    Raises:
        TypeError, ValueError: an argument is none of these; the message names it and its value.

    Source:
        Gatys, Ecker and Bethge, as for ``gram_matrix``, section 2.
    """
    import keras
    import tensorflow as tf

    inner = keras.Model(model.inputs[0], [up_to(model, name).outputs[0] for name in layers])
    style = _batch("style[np.newaxis]", np.asarray(style)[np.newaxis])
    wanted = [_gram(maps) for maps in inner(style)]
    if content is None:
        start = np.random.default_rng(seed).random(style.shape, dtype="float32")
        kept = None
    else:
        start = _batch("content[np.newaxis]", np.asarray(content)[np.newaxis])
        kept = inner(start)[-1]
    pixels, adam = tf.Variable(start), keras.optimizers.Adam(step_size)
    for _ in range(whole_number("steps", steps)):
        with tf.GradientTape() as tape:
            maps = inner(pixels)
            losses = [_off(_gram(m), gram) for m, gram in zip(maps, wanted, strict=True)]
            if kept is not None:
                losses.append(weight * _off(maps[-1], kept))
            loss = tf.add_n(losses)
        adam.apply([tape.gradient(loss, pixels)], [pixels])
        pixels.assign(tf.clip_by_value(pixels, 0, 1))
    return pixels[0].numpy()


def _gram(maps):
    import tensorflow as tf

    rows = tf.reshape(maps, (-1, maps.shape[3]))
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(tf.shape(rows)[0], "float32")


def _off(found, wanted):
    """The squared error relative to what is wanted, so that each layer counts the same."""
    import tensorflow as tf

    return tf.reduce_mean((found - wanted) ** 2) / (tf.reduce_mean(wanted**2) + 1e-12)


def _batch(name, images):
    images = real_numbers(name, images)
    if images.ndim != 4:
        raise ValueError(f"{name} must have shape (N, H, W, C), got {images.shape}")
    return images.astype("float32")


def _classes(classes, count, most):
    classes = np.asarray(classes)
    if classes.dtype.kind not in "iu" or classes.shape not in ((), (count,)):
        raise ValueError(
            f"classes must be one whole number or {count}, one an image, got {classes.dtype} of "
            f"shape {classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= most:
        raise ValueError(f"classes must be from 0 to {most - 1}, got {classes}")
    return np.broadcast_to(classes, (count,)).astype("int64")
