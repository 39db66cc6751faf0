# %% [markdown]
# # 16. Augment the images, and measure what helps against what
#
# **You will be able to** make many training images out of few, each with a draw of its own; say
# for which classes a change keeps the label; and measure which change in training helps against
# which change in use.
#
# **You need** notebooks 9 (a trained network) and 10 (what happens when the image moves).
# **Time:** 40 minutes; no GPU.
#
# Exercises: `label_preserving` (2 points, 5 min), `augment` (4 points, 12 min), `mixup` (2 points,
# 4 min), `dropout` (2 points, 4 min); `cutout` and `random_translate` for practice.

# %% [markdown]
# ## Fourteen cats
#
# Labelled pictures are expensive. So one makes more of them out of those one has: this is
# **augmentation**. A slide lists what is common: rotation, translation, rescaling, shearing,
# zooming, mirroring, noise, lighting, elastic distortion. Here they are, on one cat.

# %%
from helpers import augmentation


def square(name, top, left):
    """A piece of a photo, 288 x 288 pixels, made smaller to 72 x 72: a batch of one image."""
    piece = datasets.photo(name)[top : top + 288, left : left + 288] / 255
    return piece.reshape(1, 72, 4, 72, 4, 3).mean(axis=(2, 4))


cat, cup = square("cat", 6, 60), square("coffee", 60, 140)

# %% topics="T125 T127"
changes = {
    "as it is": cat,
    "moved": transformations.shift(cat, right=15, down=6),
    "turned": transformations.rotate(cat, 20),
    "smaller": transformations.scale(cat, 0.7),
    "zoomed": transformations.scale(cat, 1.6),
    "sheared": augmentation.shear(cat, 0.4),
    "mirrored": cat[:, :, ::-1],
    "noise": transformations.add_noise(cat, 0.2),
}

# %%
both = {"images": np.concatenate([cat, cup] * 20).astype("float32"),
        "labels": np.tile(np.eye(2, dtype="float32"), (20, 1))}


def mixed_by(layer):
    """Of 20 cats and 20 cups, one that the layer has made of both, and its label."""
    made = layer(both)
    labels = np.asarray(made["labels"])
    place = next(i for i, label in enumerate(labels) if 0.3 < label[0] < 0.7)
    return np.asarray(made["images"])[[place]], labels[place]


# %% topics="T132"
mixed, pasted = (mixed_by(layer) for layer in (keras.layers.MixUp(alpha=1.0, seed=0),
                                               keras.layers.CutMix(seed=0)))
changes |= {
    "darker": transformations.darken(cat, 0.4),
    "hidden": transformations.occlude(cat, 27, seed=1),
    "bent": transformations.bend(cat, 1.8, smoothness=4),
    "RandAugment": keras.layers.RandAugment((0, 1), factor=0.3, seed=1)(cat),
    "MixUp": mixed[0], "CutMix": pasted[0],
}

# %%
fig, axes = plt.subplots(2, 7, figsize=(6.7, 2.4))
for ax, (name, images) in zip(axes.ravel(), changes.items()):
    plots.draw_image(ax, np.clip(images[0], 0, 1), title=name)
plots.show(fig)

# %% [markdown]
# MixUp lays two pictures over each other, CutMix pastes a piece of the second into the first.
# RandAugment draws two changes out of a list of eleven.
#
# Augmentation is allowed to change the pixels, never what the picture shows.
#
# **Predict:** for which of the fourteen is "cat" not the right label any more?

# %%
prediction = None  # "A": none, "B": hidden and bent, "C": MixUp and CutMix, "D": RandAugment

# %%
for name, (_, label) in {"MixUp": mixed, "CutMix": pasted}.items():
    share = float(label[0])
    print(f"{name}: {share:.2f} of a cat, {1 - share:.2f} of a cup")
predictions.choice("not a cat any more", prediction, "C",
                   {"A": "none", "B": "hidden and bent", "C": "MixUp and CutMix",
                    "D": "RandAugment"},
                   surprise="Both change the label on purpose: it is mixed as the pixels are.")

# %% [markdown]
# The others keep the label, of *this cat*. Is that so for every class? Take the digits of a clock,
# seven segments each. Turn each by half a turn, and look what it says. (Blank columns at its side
# do not count.)

# %%
SEGMENTS = ["111101101101111", "001001001001001", "111001111100111", "111001111001111",
            "101101111001001", "111100111001111", "111100111101111", "111001001001001",
            "111101111101111", "111101111001111"]
clock = [np.array(list(digit), int).reshape(5, 3) for digit in SEGMENTS]


def read(picture):
    """What a picture says: a digit as text, or "-"."""
    picture = picture[:, picture.any(axis=0)]
    said = (n for n, d in enumerate(clock) if np.array_equal(picture, d[:, d.any(axis=0)]))
    return str(next(said, "-"))

# %%
fig, axes = plt.subplots(1, 10, figsize=(6.4, 1.2))
for number, ax in enumerate(axes):
    plots.draw_image(ax, 1.0 - clock[number], title=str(number))
plots.show(fig)

# %% [markdown]
# **Predict:** how many of the ten say a digit after half a turn, and how many of these say
# **another** one?

# %%
prediction = None  # two numbers, such as (3, 1)

# %% claims="Q124 Q137"
turned, mirrored = ([read(change(digit)) for digit in clock] for change in
                    (lambda x: np.rot90(x, 2), lambda x: x[:, ::-1]))
print("as it is: 0 1 2 3 4 5 6 7 8 9\nturned  :", *turned, "\nmirrored:", *mirrored)
others = [turned[n] for n in range(10) if turned[n] not in ("-", str(n))]
predictions.values("digits after half a turn, other ones among them", prediction,
                   (10 - turned.count("-"), len(others)),
                   surprise="6 and 9 change places; 3, 4 and 7 say nothing.")

# %% [markdown]
# "A transformed cat is a cat", says a slide, and another one: the network has to recognise the
# object "in any orientation". A turned 6 is a 9. A mirrored 2 is a 5. Whether a change keeps the
# label depends on the **class**, and nobody but you knows which changes are harmless in your task.
#
# For clothes, ask a network that knows them. It names 2,000 test images, once as they are and once
# changed.

# %%
raw, labels = datasets.fashion_mnist("test", n=2000)
images = raw.astype("float32") / 255
judge = datasets.trained_network()


def named(images):
    """The class that the judge sees in each image."""
    return judge.predict(images, batch_size=500, verbose=0).argmax(axis=1)


before = named(images)

# %%
asked = {"mirrored": lambda x: x[:, :, ::-1], "upside down": lambda x: x[:, ::-1, ::-1],
         "darker": lambda x: transformations.darken(x, 0.5),
         "moved 2": lambda x: transformations.shift(x, right=2),
         "bent 1": lambda x: transformations.bend(x, 1)}
kept = {name: augmentation.label_preserving(labels, before, named(change(images)), classes=10)
        for name, change in asked.items()}
print(f"{'':12}", *[f"{name:>11}" for name in kept])
for number, name in enumerate(datasets.CLASS_NAMES):
    print(f"{name:12}", *[f"{share[number]:11.2f}" for share in kept.values()])

# %% [markdown]
# Each number is a share of the images that the judge had right: how many of them does it still
# name right? Trousers and dresses survive the mirror, shoes do not, though a shoe in the mirror is
# still a shoe. (All shoes of this data set point to the left; the judge has never seen another
# one.) So a low number means one of two things: the label is really lost, or the network has
# something to learn. In the second case augmentation is what it needs.
#
# ## Exercise: `label_preserving` (2 points, about 5 minutes)
#
# Write that table's column. `labels`, `before` and `after` are (N,), whole numbers from 0: the true
# classes, the answers for the images as they are, and the answers for the changed ones. For each
# class take the images that were named right before; which share of these is right after? Give an
# array (classes,), with np.nan where a class was never right before.


# %% exercise="label_preserving"
def label_preserving(labels, before, after, classes):
    """Of the images of each class that were right before: the share still right, (classes,)."""
    ### BEGIN SOLUTION
    shares = np.full(classes, np.nan)
    for number in range(classes):
        known = (labels == number) & (before == number)
        if known.any():
            shares[number] = (after[known] == number).mean()
    return shares
    ### END SOLUTION


# %% check="label_preserving"
checks.augmentation.label_preserving(label_preserving)

# %% [markdown]
# How strong may a change be? Elastic distortions, says a slide, give "many artificial images that
# are label preserving". Bend the clothes more and more. The strength is how far a pixel moves on
# average.

# %% claims="Q135"
strengths = [0, 0.5, 1, 2, 3, 4]
left = [float((named(transformations.bend(images, s))[before == labels]
               == labels[before == labels]).mean()) for s in strengths]
print({strength: round(share, 2) for strength, share in zip(strengths, left)})

# %%
fig, axes = plots.image_axes(*[(28, 28)] * 6, width=1.2, scale=False)
for ax, strength in zip(axes, strengths):
    bent = np.clip(transformations.bend(images[:1], strength)[0], 0, 1)
    plots.draw_image(ax, bent, title=f"{strength} pixels")
plots.show(fig)

# %% [markdown]
# A little of it, yes. At 4 pixels one would not want to teach a network that this is an ankle boot.
#
# ## Four traps
#
# Keras has the changes ready made, as layers. Each draws anew for each image.

# %% claims="K023"
slide = {"rotation": "RandomRotation", "translation": "RandomTranslation", "zoom": "RandomZoom",
         "shearing": "RandomShear", "mirroring": "RandomFlip", "noise": "GaussianNoise",
         "lighting": "RandomBrightness", "contrast": "RandomContrast",
         "elastic": "RandomElasticTransform", "removed regions": "RandomErasing"}
print("all there:", all(hasattr(keras.layers, name) for name in slide.values()))

# %% [markdown]
# **First trap: the range.** Take 200 copies of the cat, with pixels from 0 to 1, and ask for up to
# 20 per cent more or less light: `RandomBrightness(0.2)`.
#
# **Predict:** how many of the 200 come out all black?

# %%
prediction = None  # a number from 0 to 200

# %%
copies = np.repeat(cat[:, ::3, ::3].astype("float32"), 200, axis=0)
lit = np.asarray(keras.layers.RandomBrightness(0.2, seed=0)(copies))
black = int((lit.max(axis=(1, 2, 3)) == 0).sum())
print(f"pixels from {lit.min():.0f} to {lit.max():.0f}")
lit = np.asarray(keras.layers.RandomBrightness(0.2, value_range=(0, 1), seed=0)(copies))
print(f"with value_range=(0, 1): from {lit.min():.0f} to {lit.max():.0f}, none black:",
      bool(lit.max(axis=(1, 2, 3)).min() > 0))
predictions.number("black cats", prediction, black, unit="of 200", tolerance=15,
                   surprise="The layer takes it that white is 255, and adds up to 51.")

# %% [markdown]
# Brightness, contrast, erasing, elastic and RandAugment all assume 0 to 255, and none of them
# complains. Write `value_range=(0, 1)`, and look at a few pictures before you train.
#
# **Second trap: a factor is an upper bound.** `RandomErasing(factor=1.0)` does not hide something
# in every image: it draws the chance, too, from 0 to 1.

# %%
for factor in (1.0, (1.0, 1.0)):
    erased = keras.layers.RandomErasing(factor, value_range=(0, 1), seed=0)(copies)
    hit = np.abs(np.asarray(erased) - copies).max(axis=(1, 2, 3)) > 1e-6
    print(f"factor={factor}: {hit.sum()} of 200 changed")

# %% [markdown]
# ## Practice: `cutout` (no points, 5 minutes)
#
# The same without chance: a black square in each image. Its middle is at (`rows[i]`,
# `columns[i]`) of image i, and it begins `size // 2` pixels above and to the left of that. What
# lies outside the image is cut off. Give a new array; black is 0.


# %% exercise="cutout"
def cutout(images, size, rows, columns):
    """Images (N, H, W, C) with a black square each, size x size pixels about (rows, columns)."""
    ### BEGIN SOLUTION
    hidden = images.copy()
    for image, row, column in zip(hidden, rows, columns):
        top, left = row - size // 2, column - size // 2
        image[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
    return hidden
    ### END SOLUTION


# %% check="cutout"
checks.augmentation.cutout(cutout)

# %% [markdown]
# ## The other two traps
#
# Some factors count in units of their own. `RandomRotation(0.25)` turns by up to a quarter of a
# **full turn**, either way. In `RandomZoom`, a range below 0 such as (-0.3, -0.1) zooms *in*: the
# piece that is seen gets smaller.
#
# **Third trap: is it on?** Augmentation belongs into training only. In `fit` the layers are on, in
# `predict` they are off. But what if you call a layer yourself, `layer(images)`, and say nothing
# about training?
#
# **Predict:** which of these change the pictures then? `RandomFlip`, `GaussianNoise`, `Dropout`.

# %%
prediction = None  # "A": all three, "B": none, "C": only RandomFlip, "D": all but RandomFlip

# %%
layers_asked = {"RandomFlip": keras.layers.RandomFlip(seed=0),
                "GaussianNoise": keras.layers.GaussianNoise(0.1, seed=0),
                "Dropout": keras.layers.Dropout(0.5, seed=0)}
on = {name: not np.allclose(layer(copies), copies) for name, layer in layers_asked.items()}
off = {name: not np.allclose(layer(copies, training=False), copies)
       for name, layer in layers_asked.items()}
print("called without a word:", on, "\nwith training=False:  ", off)
predictions.choice("on without a word", prediction,
                   {3: "A", 0: "B", 1: "C", 2: "D"}[sum(on.values())],
                   {"A": "all three", "B": "none", "C": "only RandomFlip",
                    "D": "all but RandomFlip"},
                   surprise="Image layers are made for use outside a network, so they are on.")

# %% [markdown] topics="T133"
# **Fourth trap: pixels that were not there before.** Turn a picture a little, and its corners come
# from outside. A slide warns of it: the network may take the new background for a feature.

# %% claims="Q128 Q129 Q130"
inside = np.ones((1, 240, 240, 1))
for degrees in (5, 15, 90):
    lost = float((transformations.rotate(inside, degrees) < 0.5).mean())
    print(f"turned by {degrees} degrees: {lost:.0%} new pixels")
oblong = np.arange(28).reshape(4, 7)
print("4 x 7 by a quarter turn:", np.rot90(oblong).shape, " same pixels:",
      sorted(np.rot90(oblong).ravel()) == sorted(oblong.ravel()))

# %% [markdown]
# A quarter turn needs no new pixels. "Assuming the image is square", adds the slide; that is not
# needed, but another shape comes out with height and width exchanged, and does not fit into the
# batch any more.
#
# What the layers put into the corners is called `fill_mode`.

# %% topics="T124"
turn = {mode: keras.layers.RandomRotation((0.08, 0.08), fill_mode=mode)(cat)[0]
        for mode in ("reflect", "constant", "nearest", "wrap")}
fig, axes = plots.image_axes(*[(72, 72)] * 4, width=1.4, scale=False)
for ax, (mode, picture) in zip(axes, turn.items()):
    plots.draw_image(ax, np.clip(picture, 0, 1), title=mode)
plots.show(fig)

# %%
import inspect

for name in ("RandomRotation", "RandomTranslation", "RandomZoom", "RandomShear"):
    default = inspect.signature(getattr(keras.layers, name).__init__).parameters["fill_mode"]
    print(f"{name:18} fill_mode={default.default!r}")

# %% [markdown]
# Nobody asked for `reflect`, and a piece of a second ear in the corner is a strange thing to learn
# from. On black backgrounds, like those of our clothes, `constant` is right.
#
# Shearing has the choice, too: keep the size and lose the corners, or keep all pixels and get a
# wider picture ("size preserving shearing" is what a slide calls the first).

# %%
fig, axes = plots.image_axes((72, 72), (72, 102), width=2.0, scale=False)
for ax, keep in zip(axes, (True, False)):
    plots.draw_image(ax, np.clip(augmentation.shear(cat, 0.4, keep_size=keep)[0], 0, 1),
                     title="size kept" if keep else "pixels kept")
plots.show(fig)

# %% [markdown]
# And mirrors: "mirroring produces a different set of images from rotation at multiples of 90
# degrees". For a cat, yes. A picture that is its own mirror image is the exception, and a mirror
# that lies flat is nothing new: it is the upright mirror and half a turn.

# %% claims="Q131" topics="T128"
def turns(picture):
    return [np.rot90(picture, quarters) for quarters in range(4)]


cat_face, cross = cat[0], np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
for name, picture in {"cat": cat_face, "cross": cross}.items():
    found = any(np.array_equal(picture[:, ::-1], turned) for turned in turns(picture))
    print(f"{name}: its mirror image is one of its turns: {found}")
print("flat mirror = upright mirror, then half a turn:",
      np.array_equal(cat_face[::-1], np.rot90(cat_face[:, ::-1], 2)))

# %% [markdown]
# One more thing has to be settled before a batch can be augmented: all its images need one size. A
# slide says why: because of the dense layers. Half of it is true.

# %% claims="Q136"
def head(layer):
    """A network without a fixed size, from a map to ten scores."""
    inputs = keras.Input((None, None, 3))
    maps = keras.layers.Conv2D(4, 3)(inputs)
    return keras.Model(inputs, keras.layers.Dense(10)(layer(maps)))


try:
    head(keras.layers.Flatten())
except ValueError as error:
    print("Flatten, then Dense: an error:", type(error).__name__)
pooled = head(keras.layers.GlobalAveragePooling2D())
print("mean of each map:", *[pooled(tf.zeros((1, *size, 3))).shape for size in ((20, 30), (9, 50))])

# %% [markdown]
# With a mean of each map any size will do. What a *batch* needs is another matter: it is one array,
# so all its images must be as large as each other, whatever the head is.
#
# ## How many pictures?
#
# "Our model would never see twice the exact same picture", says the slide. That depends on what is
# drawn. Mirrored or not: two pictures. Now add moves, by whole pixels, by up to 2 down or up and up
# to 2 right or left.
#
# **Predict:** how many different pictures can come of one?

# %%
prediction = None  # a number

# %% claims="Q126"
coat = np.repeat(images[:1], 50, axis=0)
for name, layer in {"RandomFlip": keras.layers.RandomFlip("horizontal", seed=0),
                    "RandomRotation": keras.layers.RandomRotation(0.1, seed=0)}.items():
    made = np.asarray(layer(coat))
    print(f"{name}: {len({picture.tobytes() for picture in made})} different ones in 50 draws")
moves = [transformations.shift(images[:1], right, down)
         for right in range(-2, 3) for down in range(-2, 3)]
made = {picture.tobytes() for move in moves for picture in (move, move[:, :, ::-1].copy())}
predictions.number("different pictures", prediction, len(made),
                   surprise="2 times 5 times 5. Over 20 epochs that is soon used up.")

# %% [markdown]
# Flips and whole pixels come to an end; angles and brightness do not.
#
# ## Practice: `random_translate` (no points, 5 minutes)
#
# Move each image by whole pixels of its own: down by a number from `-most` to `most`, right by
# another one. Black comes in. All numbers come from `seed`. `transformations.shift` may be called;
# it moves a whole batch alike, also a batch of one.


# %% exercise="random_translate"
def random_translate(images, most, seed):
    """Images (N, H, W, C), each moved by its own (down, right), at most `most` pixels; black in."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    moved = []
    for image in images:
        right, down = (int(rng.integers(-most, most + 1)) for _ in range(2))
        moved.append(transformations.shift(image[None], right=right, down=down)[0])
    return np.stack(moved)
    ### END SOLUTION


# %% check="random_translate"
checks.augmentation.random_translate(random_translate)

# %% [markdown]
# ## Exercise: `augment` (4 points, about 12 minutes)
#
# Three changes in a row, as before a training step. `images` is (N, H, W, C) from 0 to 1; each gets
# draws of its own.
#
# 1. Mirror it left to right, with probability 1/2.
# 2. Move it by whole pixels: -2 to 2 down, and -2 to 2 to the right. Where it has moved away, its
#    edge pixel is repeated.
# 3. Add one number from -0.2 to 0.2 to all its pixels. Cut off what leaves 0 to 1.
#
# Give back the pair (images, labels). The labels stay as they are, and with `training=False` the
# images do too. All draws come from `seed`: the same seed, the same images. (Do not write into
# `images` itself: it is the training set, and in the next epoch it would be gone.)


# %% exercise="augment"
def augment(images, labels, seed, training=True):
    """The images, each mirrored, moved and lit by its own draws, and the labels: a pair."""
    ### BEGIN SOLUTION
    if not training:
        return images, labels
    rng, new = np.random.default_rng(seed), []
    height, width = images.shape[1:3]
    for image in images:
        if rng.random() < 0.5:
            image = image[:, ::-1]
        padded = np.pad(image, [(2, 2), (2, 2), (0, 0)], mode="edge")
        row, column = rng.integers(0, 5, 2)
        new.append(padded[row : row + height, column : column + width] + rng.uniform(-0.2, 0.2))
    return np.clip(np.stack(new), 0, 1), labels
    ### END SOLUTION


# %% check="augment"
checks.augmentation.augment(augment)

# %% [markdown]
# ## Mix two images
#
# The two that changed the label. **MixUp** takes a weight w for each image, from a distribution
# that likes numbers near 0 and 1: the new image is w times the image and 1 - w times its partner,
# and so is the new **target**, the row of ten numbers that the network should give. **CutMix**
# pastes a rectangle and mixes the targets by its area.

# %%
fig, axes = plt.subplots(1, 5, figsize=(7.4, 2.1))
pair, targets = images[[0, 1]], np.eye(10)[labels[[0, 1]]]
for ax, weight in zip(axes, (1, 0.9, 0.5, 0.1, 0)):
    mixed_pair, mixed_targets = augmentation.mixup(pair, targets, [weight, 1], [1, 0])
    said = [f"{share:.1f} {datasets.CLASS_NAMES[c]}" for c, share in enumerate(mixed_targets[0])
            if share > 0]
    plots.draw_image(ax, mixed_pair[0], title="\n".join(said))
plots.show(fig)

# %% [markdown]
# ## Exercise: `mixup` (2 points, about 4 minutes)
#
# `images` is (N, H, W, C), `targets` (N, classes). Image i keeps `weights[i]` of itself and gets
# the rest from image `partners[i]`. The targets are mixed in the same way. Give the pair of new
# arrays.


# %% exercise="mixup"
def mixup(images, targets, weights, partners):
    """Each image and each target mixed with its partner's: a pair of new arrays."""
    ### BEGIN SOLUTION
    for_images, for_targets = weights[:, None, None, None], weights[:, None]
    return (for_images * images + (1 - for_images) * images[partners],
            for_targets * targets + (1 - for_targets) * targets[partners])
    ### END SOLUTION


# %% check="mixup"
checks.augmentation.mixup(mixup)

# %% [markdown] topics="T122"
# ## Against learning by heart
#
# A slide says that augmentation "helps prevent overfitting". **Overfitting** is what notebook 9
# showed: the network knows the training images better than it knows the world. Here are LeNets that
# learned from 1,000 clothes, or from 100: as they are, or moved, or mirrored at random. (Three
# seeds of each, made by `experiments/robustness.py`; the mean of the three.) On the left, the share
# of the training images that is named right in the end; on the right, of new ones.

# %%
import experiments

runs = experiments.read("robustness")


def mean_of(name, *columns, images=1000, steps=400):
    """The mean over the seeds of one training, for each of the columns."""
    like = [run for run in runs if (run["training"], run["images"], run["steps"])
            == (name, images, steps)]
    return [float(np.mean([run[column] for run in like])) for column in columns]

# %% claims="Q127"
print("                    training  test")
for name, count in (("nothing", 1000), ("shift", 1000), ("mirror", 1000), ("dropout", 1000),
                    ("nothing", 100), ("shift", 100), ("mirror", 100)):
    known, clean = mean_of(name, "train", "clean", images=count)
    print(f"{count:5} images, {name:8} {known:.2f}  {clean:.2f}")

# %% [markdown]
# The gap gets smaller, since less is learned by heart. But what one wants is the last column, and
# it does not grow: not with 1,000 images and not with 100. So the slide is right about the gap, and
# the gain is not automatic: it has to be measured, in your task, with your changes. (New images
# that *are* moved or mirrored are another matter: soon.)
#
# One row is no augmentation. **Dropout** works inside the network: in each training step every
# unit is switched off at random, with a probability called the *rate*. AlexNet had it, with rate
# 0.5, in its two large dense layers. No unit can rely on another one being there. When the network
# is used, all units work.
#
# But then the next layer would get more than it was trained with. So in training the numbers that
# are left are made larger. A unit gives 3, the rate is 0.25.

# %% topics="T121"
layer = keras.layers.Dropout(0.25, seed=0)
threes = np.full((1, 100_000), 3, "float32")
dropped = np.asarray(layer(threes, training=True))
print("values:", sorted(set(dropped.ravel().tolist())), " mean:", round(float(dropped.mean()), 1))
print("training=False:", sorted(set(np.asarray(layer(threes)).ravel().tolist())))

# %% [markdown]
# ## Exercise: `dropout` (2 points, about 4 minutes)
#
# Write this layer. `noise` has the shape of `x` and a random number from 0 to 1 for each: where it
# is below `rate`, the number of `x` becomes 0. The others are divided by the share that is left on
# average. With `training=False`, `x` comes back as it is.


# %% exercise="dropout"
def dropout(x, rate, noise, training=True):
    """x with the share `rate` of its numbers set to 0 and the others made larger."""
    ### BEGIN SOLUTION
    if not training:
        return x
    return np.where(noise < rate, 0, x / (1 - rate))
    ### END SOLUTION


# %% check="dropout"
checks.augmentation.dropout(dropout)

# %% [markdown]
# ## What helps against what
#
# Now to the question of this notebook. Train LeNet-5 on 1,000 clothes, 20 epochs: once as they are,
# once each moved by up to 3 pixels, anew in each epoch. Then ask both about 2,000 clothes that were
# all changed in one way, and in another. Here is a boot after each of the changes. Which of them
# will hurt a network that has seen nothing of the kind?

# %%
from experiments import robustness

test_images, test_labels = robustness.clothes("test", 6)
shown = {name: change(test_images[:1])[0] for name, change in robustness.TESTS.items()
         if name not in ("noise_20", "noise_60")}
fig, axes = plt.subplots(1, 9, figsize=(8.6, 1.4))
for ax, (name, picture) in zip(axes, shown.items()):
    plots.draw_image(ax, np.clip(picture, 0, 1), title=name)
plots.show(fig)

# %% [markdown]
# The numbers are pixels, degrees, per cent of the size, per cent of the light; `bright_50` adds
# half of white, `noise_40` adds noise of standard deviation 0.4, `hidden_12` hides 12 x 12 pixels.
#
# **Predict:** four of them, the one that costs the untouched network least first: `turn_20`,
# `scale_75`, `noise_40`, `shift_3`.

# %%
prediction = None  # the four names in order

# %% tags=["nbval-ignore-output"]
print("training 400 steps, images as they are ...")
plain = robustness.train("nothing", callbacks=[training.Progress()])

# %% tags=["nbval-ignore-output"]
print("training 400 steps, images moved ...")
moved = robustness.train("shift", callbacks=[training.Progress()])

# %% tags=["nbval-ignore-output"]
mine = {"nothing": robustness.accuracies(plain), "shift": robustness.accuracies(moved)}
for name, shares in mine.items():
    print(f"{name:8}", {test: round(share, 2) for test, share in shares.items()})

# %%
print("both above 0.73 on clean images:", min(s["clean"] for s in mine.values()) > 0.73)
print("nothing below 0.6 on moved ones:", mine["nothing"]["shift_3"] < 0.6)
gain = mine["shift"]["shift_3"] - mine["nothing"]["shift_3"]
print("moving in training gains more than 0.15 there:", gain > 0.15)

# %% tags=["nbval-ignore-output"]
groups = {name: [run["shift_3"] for run in runs if run["training"] == name
                 and run["images"] == 1000] for name in mine}
fig, ax = plt.subplots(figsize=(6, 1.9))
plots.draw_dots(ax, groups, title="Three seeds; the ringed one is yours",
                x_label="named right, of images that were moved by 3 pixels",
                ringed=("shift", mine["shift"]["shift_3"]))
plots.show(fig)

# %% [markdown]
# That is one seed, two trainings. `data/experiments/robustness.csv` has them all, three seeds each;
# the next cells take the mean of the three.

# %%
four = ["turn_20", "scale_75", "noise_40", "shift_3"]
costs = dict(zip(four, mean_of("nothing", *four)))
print({name: round(share, 2) for name, share in costs.items()})
predictions.ranking("what costs least first", prediction,
                    sorted(costs, key=costs.get, reverse=True),
                    surprise="3 pixels of 28 are worst: nothing stands where it stood.")

# %% claims="Q125 Q134"
tests = ["clean", "mirrored", "shift_3", "turn_20", "scale_75", "dark_10", "bright_50", "noise_40",
         "hidden_12"]
cures = ["nothing", "mirror", "shift", "turn", "scale", "light", "noise", "erase"]
table = np.array([mean_of(cure, *tests) for cure in cures])
print(f"{'':8}", *[f"{name:>9}" for name in tests])
for cure, row in zip(cures, table):
    print(f"{cure:8}", *[f"{share:9.2f}" for share in row])

# %%
best = [(int(row), column, 1, 1) for column, row in enumerate(table.argmax(axis=0))]
fig, ax = plt.subplots(figsize=(6.4, 5.8))
plots.draw_grid(ax, table.round(2), limits=(0.2, 0.85), window=best[1:],
                title="Share named right; outlined: the best training for each test")
ax.set_yticks(range(len(cures)), cures)
ax.set_xticks(range(len(tests)), tests, rotation=45, ha="right")
ax.set(xlabel="tested on", ylabel="trained with")
plots.describe(ax, f"Rows: {', '.join(cures)}. Columns: {', '.join(tests)}.")
plots.show(fig)

# %% [markdown]
# There is a diagonal. **Each cure works on its own disease, and hardly on another.** Moved images
# in training: good at moved images in use, and at little else. Worse, several cures *harm*: `shift`
# makes bright images worse, `noise` dark ones, `erase` noisy ones. Read the first column, too: no
# cure makes the clean images better here. What one gains is that the network does not break.
#
# So "augmentation stands in for invariances that the network does not have": yes, for those that
# you show, and it has a price.
#
# ## Does the slide hold?
#
# On lighting, a slide says: "The lighting condition of the images are varied by adding Gaussian
# noise in the image." If that is so, the row `noise` should help in the columns `dark_10` and
# `bright_50`.
#
# **Predict:** of three trainings, which is best in a tenth of the light?

# %%
prediction = None  # "A": nothing, "B": noise, "C": light

# %% claims="Q132" topics="T131"
grey_cat = 0.4 + 0.2 * cat
for name, picture in {"noise": transformations.add_noise(grey_cat, 0.1),
                      "light": transformations.brighten(grey_cat, 0.1)}.items():
    print(f"{name}: the mean brightness changes by {abs(picture.mean() - grey_cat.mean()):.2f}")
for name in ("nothing", "noise", "light"):
    print(f"{name:8}", *[f"{share:.2f}" for share in mean_of(name, "dark_10", "bright_50")])
dark = {name: mean_of(name, "dark_10")[0] for name in ("nothing", "noise", "light")}
predictions.choice("best in the dark", prediction,
                   dict(zip(dark, "ABC"))[max(dark, key=dark.get)],
                   dict(zip("ABC", dark)), surprise="Noise leaves the brightness as it is.")

# %% [markdown]
# It does not hold. Noise changes each pixel and leaves the mean alone; light changes all pixels
# alike. Trained with noise, the network is *worse* in the dark than without, with each of the three
# seeds. To vary the lighting, change the brightness and the contrast. (In the dark chance has a
# large part: with other first weights the untouched network names 0.36 or 0.66 right.)
#
# Does noise help against noise, at least? That depends on how much of it there is. Each curve is a
# training, with noise of one strength.

# %% claims="Q133" topics="T129"
levels = {"none": "nothing", "0.1": "noise_10", "0.2": "noise_20", "0.4": "noise",
          "0.6": "noise_60"}
columns = ["clean", "noise_20", "noise_40", "noise_60"]
sweep = {level: mean_of(name, *columns) for level, name in levels.items()}
for level, shares in sweep.items():
    print(f"trained with {level:4}", *[f"{share:.2f}" for share in shares])

# %%
fig, ax = plt.subplots(figsize=(6, 3.4))
for level in ("none", "0.2", "0.4", "0.6"):
    plots.draw_curve(ax, [0, 0.2, 0.4, 0.6], sweep[level], label=f"trained with {level}",
                     x_label="noise in the test images (standard deviation)",
                     y_label="named correctly (share)", title="Noise against noise, three seeds")
ax.set_ylim(0.4, 0.9)
plots.show(fig)

# %% [markdown]
# Against little noise (0.2) nothing needs to be done: the network bears it. Against much of it the
# training helps a lot, and the more of it is shown in training, the more is paid on clean images.
# With augmentation one buys; the price list is such a sweep.
#
# ## All at once?
#
# If each cure has its own disease, why not take them all?

# %%
for steps in (400, 1600):
    shares = mean_of("all", "clean", "shift_3", "noise_40", "hidden_12", "dark_10", steps=steps)
    print(f"all, {steps:4} steps", *[f"{share:.2f}" for share in shares])

# %% [markdown]
# Moved, turned, lit, noisy and hidden at the same time, this network hardly gets beyond half of
# the clean images, and four times the steps do not save it. It is small, and the pictures have
# become hard to read. Augmentation needs a network that is large enough to learn all of it, and a
# dose. (RandAugment draws two changes an image, and has one number for the dose.)

# %% [markdown]
# ## What is the most important one?
#
# A slide calls differently scaled objects "the most important aspect of image diversity". Whether
# size, place, light or something else matters most is a question about the pictures that will come,
# not about augmentation. What can be measured is what a network loses that has seen none of it:

# %% topics="T126"
clean, *lost = mean_of("nothing", "clean", *tests[1:])
drop = sorted(zip((clean - share for share in lost), tests[1:]), reverse=True)
fig, ax = plt.subplots(figsize=(6, 2.6))
plots.draw_bars(ax, [name for _, name in drop], [round(value, 2) for value, _ in drop],
                title="Lost by a network trained on clothes as they are", x_label="accuracy lost")
plots.show(fig)

# %% [markdown]
# ## Recap
#
# - A change is harmless for a **class**, not as such: a turned 6 is a 9. Look at the pictures, with
#   their labels, before you train: `value_range`, `factor`, `fill_mode`, `training`.
# - Augmentation works **against what it shows**, hardly against anything else, and may cost
#   something elsewhere. Noise is not lighting.
# - Each image gets draws of its own, in training only. Dropout draws inside the network, and makes
#   up for it at once.
#
# To play: write a training of your own, such as `robustness.TRAININGS["mine"] = lambda images,
# targets, rng: (images[:, :, ::-1], targets)`, train with `robustness.train("mine")`, and look for
# a dose of everything that does not hurt. Next, notebook 17: what has the network learned to look
# at?

# %%
predictions.recap()

# %%
checks.progress()
