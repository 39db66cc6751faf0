# %% [markdown]
# # 15. Label every pixel, of a picture of any size
#
# **You will be able to** turn a network that names pictures of one size into one that labels every
# pixel of a picture of any size; make maps larger with an up-convolution, and say beforehand where
# it leaves a checkerboard; and judge a label map by a number that an answer of nothing but
# background does not fool.
#
# **You need** notebooks 5 (channels, 1 x 1 kernels), 8 (pooling), 9 (training) and 14 (how maps are
# joined). **Time:** 35 minutes; no GPU.
#
# Exercises: `mean_iou` (3 points, 7 min), `upsample` (4 points, 10 min), `up_block` (3 points, 6
# min).

# %% [markdown] topics="T141 T142"
# ## What is where?
#
# So far a network gave one name to a whole picture. The lectures show two harder questions.
# **Detection** asks for a box around each thing, and its name (Faster R-CNN, by Ren and others,
# 2015). **Segmentation** asks for a class for each **pixel** (Farabet and others, 2013, did it with
# streets). A picture of classes is called a label map. Here is one that a network should find. It
# has two classes, background (0, black) and garment (1, white).

# %%
from helpers import segmentation

large = (96, 160)  # height, width
scene, truth = (made[0] for made in segmentation.scenes(1, large, seed=2, split="test", garments=6,
                                                        backgrounds=["cat"]))
fig, axes = plots.image_axes(large, large, width=3.6, scale=False)
plots.draw_image(axes[0], scene, title="Clothes on a photograph")
plots.draw_image(axes[1], truth, title="The label map", limits=(0, 1))
plots.show(fig)

# %% [markdown]
# To train on, we make scenes of 64 x 64 pixels, with two garments each, on waves and on pieces of
# photographs. The photograph above, a cat's fur, is not among them.

# %%
small = (64, 64)
examples, example_labels = segmentation.scenes(4, small, seed=1)
fig, axes = plt.subplots(2, 4, figsize=(7, 3.7))
for number, (upper, lower) in enumerate(axes.T):
    plots.draw_image(upper, examples[number])
    plots.draw_image(lower, example_labels[number], limits=(0, 1))
plots.show(fig)

# %% [markdown]
# ## Nothing but background
#
# How good is a label map? The first idea is the accuracy: the share of pixels that are right. Try
# it on a network that has learned nothing at all, and answers "background" for every pixel of 100
# test scenes of 64 x 64.
#
# **Predict:** how many percent of the pixels does it name right?

# %%
prediction = None  # percent

# %%
tests, test_labels = segmentation.scenes(100, small, seed=0, split="test")
nothing = np.zeros_like(test_labels)
predictions.number("percent right with nothing but background", prediction,
                   round(100 * np.mean(nothing == test_labels), 1), "percent", tolerance=4,
                   surprise="Most pixels are background, so most of the answers are right.")

# %% [markdown]
# Not one garment was found, and the number looks like success. So one asks for each class by
# itself: of all pixels that have the class in the truth **or** in the answer (the **union**), how
# many have it in both (the **intersection**)? The ratio is the *intersection over union*, IoU. It
# is 1 where both agree, and 0 where they share nothing. The mean over all classes is the **mean
# IoU**. A small example with two classes:

# %%
labels, answers = np.array([[0, 0, 1, 1], [0, 0, 1, 1]]), np.array([[0, 1, 1, 1], [0, 0, 0, 0]])
fig, axes = plots.grid_axes(labels.shape, labels.shape, titles=("The truth", "The answer"))
plots.draw_grid(axes[0], labels, title="The truth")
plots.draw_grid(axes[1], answers, title="The answer")
plots.show(fig)

# %%
for number in (0, 1):
    true, said = labels == number, answers == number
    print(f"class {number}: {np.sum(true & said)} pixels in both, {np.sum(true | said)} in either")
print("accuracy", np.mean(labels == answers),
      " mean IoU", round(segmentation.mean_iou(labels, answers, classes=2), 3))

# %%
empty = segmentation.iou_of_classes(test_labels, nothing, classes=2)
print("nothing but background: IoU of background", empty[0].round(2), " of garment", empty[1],
      " mean", empty.mean().round(2))

# %% [markdown]
# The garments get 0 now, and the mean shows it. IoU is strict: 5 right pixels of 8 were a mean IoU
# of 0.45.
#
# ## Exercise: `mean_iou` (3 points, about 7 minutes)
#
# `labels` and `answers` are (N, H, W), whole numbers from 0 to `classes - 1`. For each class take
# the ratio over the pixels of **all** images together. A class that is in neither map has no ratio:
# leave it out. Give the mean of the other ratios, as a float.


# %% exercise="mean_iou"
def mean_iou(labels, answers, classes):
    """Intersection over union, averaged over the classes that occur in either map: a float."""
    ### BEGIN SOLUTION
    ratios = []
    for number in range(classes):
        wanted, named = labels == number, answers == number
        union = np.sum(wanted | named)
        if union:
            ratios.append(np.sum(wanted & named) / union)
    return float(np.mean(ratios))
    ### END SOLUTION


# %% check="mean_iou"
checks.segmentation.mean_iou(mean_iou)

# %% [markdown]
# ## Any size?
#
# Our scenes come in two sizes. Which networks can take both? A convolution can: its kernel slides,
# however far. It is the head that decides. Put four heads behind the same convolution:
#
# - **A** flatten all maps, then a dense layer;
# - **B** the mean of each map, then a dense layer;
# - **C** means of 3 x 3 bins (adaptive pooling, notebook 8), flattened, then a dense layer;
# - **D** a 1 x 1 convolution with four filters.
#
# **Predict:** which of them can *not* take both 64 x 64 and 96 x 160?

# %%
prediction = None  # "A", "B", "C" or "D"

# %%
def three_by_three(maps):
    return layers.adaptive_average_pool(np.asarray(maps), 3)


heads = {"A": [keras.layers.Flatten(), keras.layers.Dense(4)],
         "B": [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(4)],
         "C": [three_by_three, keras.layers.Flatten(), keras.layers.Dense(4)],
         "D": [keras.layers.Conv2D(4, 1)]}

# %% claims="Q006"
refusing = []
for letter, head in heads.items():
    for height, width in (small, large):
        maps = tf.ones((1, height, width, 8))
        try:
            for layer in head:
                maps = layer(maps)
            print(letter, (height, width), "->", maps.shape)
        except ValueError:
            refusing.append(letter)
            print(letter, (height, width), "-> ValueError")

# %%
predictions.choice("the head that refuses another size", prediction, refusing[0],
                   {"A": "flatten, dense", "B": "mean, dense", "C": "bins, dense", "D": "1 x 1"},
                   surprise="Only the flattened maps grow with the picture.")

# %% [markdown] topics="T134"
# A dense layer has a weight for each number that it reads, so that count has to stay. B and C see
# to it by pooling to a fixed size first. A slide says that adaptive pooling is for *fully
# convolutional networks*. Not quite: it helps a head with a **dense layer**. D is what is called a
# **fully convolutional network**: nothing but layers that slide. It needs no such pooling, and it
# is the only one whose answer has a place for each pixel.
#
# Another slide says that dense layers are why pictures get **resized** to one size, and that one
# size allows for batches. The second part holds for every network: an array has one height and one
# width. So D too takes pictures of different sizes one at a time, or each size in a batch of its
# own.
#
# ## Down, and up again
#
# Does a grey pixel belong to a coat, or to the wall behind it? One has to see a good part of the
# coat to tell. To see far, networks make the maps smaller (notebooks 4 and 8). But we want an
# answer for each pixel, so the maps have to become large again.
#
# `UpSampling2D` repeats each number. An **up-convolution** (also: transposed convolution,
# `Conv2DTranspose` in Keras) has a kernel to learn. It turns around what a convolution does. A
# convolution reads a patch and writes one number; an up-convolution reads one number and writes a
# **patch**: the kernel times the number. `stride` says how far the patches are apart. Here two
# numbers become patches of 2 x 2:

# %%
numbers, kernel = np.array([[1, 10]]), np.array([[1, 2], [3, 4]])
patches = segmentation.upsample(numbers[:, :, None], kernel[:, :, None, None], stride=2)[:, :, 0]
titles = ("Two numbers", "Kernel", "Two patches, stride 2")
fig, axes = plots.grid_axes((1, 2), (2, 2), (2, 4), titles=titles)
for ax, values, title in zip(axes, (numbers, kernel, patches), titles):
    plots.draw_grid(ax, values.astype(int), title=title)
plots.show(fig)

# %% [markdown]
# A slide says that up-convolution is *up-sampling with parameters, to increase the resolution*.
# Count them, and look at the sizes, for one map of 7 x 7:

# %% claims="K018"
one_map = tf.ones((1, 7, 7, 1))
for size, padding in ((2, "valid"), (3, "valid"), (3, "same")):
    up = keras.layers.Conv2DTranspose(1, size, strides=2, padding=padding)
    print(f"{size} x {size}, {padding}: 7 -> {up(one_map).shape[1]},",
          up.count_params(), "parameters")
repeat = keras.layers.UpSampling2D(2)
print(f"UpSampling2D: 7 -> {repeat(one_map).shape[1]},", repeat.count_params(), "parameters")

# %% [markdown]
# True: it makes the maps larger, and it has parameters. (One of them is the bias.) But larger is
# not sharper. It spreads what is there, and does not bring back what a pool has thrown away.
#
# What if the kernel is larger than the stride? Then neighbouring patches share pixels, and there
# the numbers are **added**. Take a row of three ones, a kernel of three ones, and stride 2.
#
# **Predict:** which seven numbers come out?

# %%
prediction = None  # seven numbers

# %%
row = segmentation.upsample(np.ones((1, 3, 1)), np.ones((1, 3, 1, 1)), stride=2)[0, :, 0]
predictions.values("three ones, three taps, stride 2", prediction, row,
                   surprise="Every second pixel gets two patches, its neighbours get one.")

# %% [markdown]
# The input was as smooth as can be, and the output is not. In two directions it becomes a
# **checkerboard**. Four by four ones, and the kernel 3 x 3 or 4 x 4:

# %%
smooth, boards = np.ones((4, 4, 1)), {}
for size in (3, 4):
    boards[size] = segmentation.upsample(smooth, np.ones((size, size, 1, 1)), stride=2)[:, :, 0]
titles = [f"Kernel {size} x {size}, stride 2" for size in boards]
fig, axes = plots.grid_axes(*(board.shape for board in boards.values()), cell=0.3, titles=titles)
for ax, board, title in zip(axes, boards.values(), titles):
    plots.draw_grid(ax, board.astype(int), title=title)
plots.show(fig)

# %% [markdown]
# With 3 x 3 there are ones, twos and fours everywhere. With 4 x 4 only the edge is uneven: when the
# stride divides the kernel size, every pixel inside gets equally many patches. A network can learn
# to hide a checkerboard, but it has to learn it (Odena, Dumoulin and Olah, 2016). Better not to
# make it: 2 x 2 or 4 x 4 for stride 2.
#
# ## Exercise: `upsample` (4 points, about 10 minutes)
#
# `maps` is (H, W, C). `kernel` is (KH, KW, F, C), as Keras keeps it: `kernel[:, :, f, c]` is the
# patch that channel `c` puts into map `f` of the output. KH and KW are at least `stride`. Nothing
# is cut off: the output ends where the last patch ends. Patches that overlap are added. NumPy will
# do.


# %% exercise="upsample"
def upsample(maps, kernel, stride):
    """Up-convolution: each place of the maps adds a patch, `stride` pixels from the next."""
    ### BEGIN SOLUTION
    (height, width, _), (tall, wide, filters, _) = maps.shape, kernel.shape
    output = np.zeros(((height - 1) * stride + tall, (width - 1) * stride + wide, filters))
    for row in range(height):
        for column in range(width):
            top, left = row * stride, column * stride
            output[top : top + tall, left : left + wide] += kernel @ maps[row, column]
    return output
    ### END SOLUTION


# %% check="upsample"
checks.segmentation.upsample(upsample)

# %% [markdown]
# The other name, *transposed convolution*, has a reason. Notebook 2 wrote a convolution as a
# matrix; the up-convolution with the same kernel is the transposed matrix. Some call it
# "deconvolution", as if it undid the convolution. Does it? Here is a picture of 4 x 4, down with a
# kernel of ones, then up with the same one:

# %%
picture = np.arange(16.0).reshape(1, 4, 4, 1)
ones = np.ones((2, 2, 1, 1))
down = tf.nn.conv2d(picture, ones, 2, "VALID")[0].numpy()
print("before", *picture.ravel().astype(int))
print("after ", *segmentation.upsample(down, ones, stride=2).ravel().astype(int))

# %% [markdown]
# It gives back the size, not the numbers.
#
# ## A U
#
# Down gives up *where* to find out *what*; up does not bring the *where* back. Ronneberger, Fischer
# and Brox (2015) kept it. Before each pool their **U-Net** lays the maps aside, and on the way up
# it lays them beside the maps of the same size that come from below. These are its **skips**. Ours
# is small; the paper's goes down four times and begins with 64 maps.

# %% topics="T107"
boxes = {"image\n64 x 64": (0, 0), "64 x 64\n8 maps": (1, 0), "32 x 32\n16 maps": (2, 1),
         "16 x 16\n32 maps": (3, 2), "8 x 8\n64 maps": (4, 3), "16 x 16\n32 + 32": (5, 2),
         "32 x 32\n16 + 16": (6, 1), "64 x 64\n8 + 8": (7, 0), "64 x 64\n2 scores": (8, 0)}
image, *way_down, bottom, up3, up2, up1, scores = boxes
way = [image, *way_down, bottom, up3, up2, up1, scores]
arrows = [*zip(way, way[1:]), *zip(way_down, (up1, up2, up3))]
fig, ax = plt.subplots(figsize=(9, 3.2))
plots.draw_block(ax, boxes, arrows, title="A small U-Net: down is a pool, up an up-convolution, "
                 "level arrows are skips")
plots.show(fig)

# %% [markdown]
# Each box in between is two 3 x 3 convolutions with ReLU, and the last is a 1 x 1 convolution: a
# score for each class at each pixel. (The paper's convolutions are "valid", so its maps shrink, and
# those laid aside must be cut to fit. And its "up-convolution" is described as an upsampling
# followed by a 2 x 2 convolution.)
#
# ## Exercise: `up_block` (3 points, about 6 minutes)
#
# Build the smallest U: one pool down, and up again. `inputs` has an even height and width.
#
# 1. Pool: the largest of each 2 x 2 of `inputs`.
# 2. Up: an up-convolution of 2 x 2 with stride 2 and a bias, without activation, `filters` maps.
# 3. Join: lay `inputs` first and what came up behind them.
# 4. Two convolutions of 3 x 3, `filters` maps each, "same", each with bias and ReLU.


# %% exercise="up_block"
def up_block(inputs, filters):
    """Down and up, with a skip, on a symbolic tensor (N, H, W, C): (N, H, W, filters)."""
    ### BEGIN SOLUTION
    below = keras.layers.MaxPooling2D(2)(inputs)
    up = keras.layers.Conv2DTranspose(filters, 2, strides=2)(below)
    maps = keras.layers.Concatenate()([inputs, up])
    for _ in range(2):
        maps = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(maps)
    return maps
    ### END SOLUTION


# %% check="up_block"
checks.segmentation.up_block(up_block)

# %% [markdown]
# ## With skips, and without
#
# Now train two networks: the U of the drawing, and the same without its skips. There the
# up-convolutions make twice as many maps instead, so that all else stays as it is. It even has more
# weights. Both see 1,200 scenes of 64 x 64, each once, in 150 steps of 8.
# (`experiments/unet_skips.py` does the training; three seeds of each are in its results.)

# %% tags=["nbval-ignore-output"]
import experiments
from experiments import unet_skips

with_skips = unet_skips.trained("with", seed=0, callbacks=[training.Progress()])

# %% tags=["nbval-ignore-output"]
without_skips = unet_skips.trained("without", seed=0, callbacks=[training.Progress()])

# %% [markdown]
# The networks were built for 64 x 64. No kernel of theirs knows that: the same weights fit into a
# network built for 96 x 160. How well will it do on 40 large scenes, on a photograph that it has
# never seen? As a third answer, do what one does for a dense head: **resize** each large scene to
# 64 x 64, let the network with skips label it, and resize the labels back. A fourth answer is
# nothing but background.
#
# **Predict:** put the four in order of their mean IoU on the large scenes, the lowest first.

# %%
prediction = None  # such as ["background", "resized", "without skips", "with skips"]

# %%
scenes, truths = unet_skips.test_scenes(large)
squeezed = unet_skips.answers(with_skips, tf.image.resize(scenes, small, antialias=True))
stretched = tf.image.resize(squeezed[..., None], large, method="nearest")[..., 0].numpy()
said = {"background": np.zeros_like(truths), "resized": stretched}
for skips, model in {"without": without_skips, "with": with_skips}.items():
    said[f"{skips} skips"] = unet_skips.answers(unet_skips.model_for(large, model, skips), scenes)
iou = {name: segmentation.mean_iou(truths, labels, 2) for name, labels in said.items()}

# %% tags=["nbval-ignore-output"]
accuracy = {name: np.mean(labels == truths) for name, labels in said.items()}
for name in said:
    print(f"{name:13} mean IoU {iou[name]:.2f}, accuracy {accuracy[name]:.2f}")

# %%
print("with skips above 0.8:", iou["with skips"] > 0.8)
for name in ("without skips", "resized"):
    print(f"better than {name} by 0.02:", iou["with skips"] > iou[name] + 0.02)

# %% tags=["nbval-ignore-output"]
predictions.ranking("lowest mean IoU first", prediction, sorted(iou, key=iou.get),
                    surprise="Whoever blurs the edges loses IoU, be it by a pool or by resizing.")

# %% tags=["nbval-ignore-output"]
titles = ("The scene", "With skips", "The truth", "Without skips")
pictures = (scenes[0], said["with skips"][0], truths[0], said["without skips"][0])
fig, axes = plt.subplots(2, 2, figsize=(7.4, 5))
for ax, picture, title in zip(axes.flat, pictures, titles):
    plots.draw_image(ax, picture, title=title, limits=(0, 1))
plots.show(fig)

# %% [markdown]
# The network without skips knows **what** is there, but it smears: soles, heels and sleeves become
# lumps. It has to tell the edge from maps of 8 x 8 places, and that cannot be done to the pixel.
# The skips carry the edges past the bottom. (They carry texture, too: look whether a patterned
# garment has got holes.) Were three seeds needed to see this? One of the three without skips is far
# worse than the other two:

# %% tags=["nbval-ignore-output"]
rows = experiments.read("unet_skips")
groups = {f"{skips} skips": [row["iou_96x160"] for row in rows if row["skips"] == skips]
          for skips in ("with", "without")}
fig, ax = plt.subplots(figsize=(6, 1.7))
plots.draw_dots(ax, groups, x_label="mean IoU on 96 x 160; ringed: yours",
                ringed=("with skips", iou["with skips"]))
plots.show(fig)

# %% [markdown]
# Every seed with skips is better than every seed without, though these have more weights. And the
# network with skips is a little better on 96 x 160 than on the 64 x 64 that it was trained on:
# there is more background there, which is easy.
#
# ## Sizes that do not fit
#
# "Any size" has small print. Each pool halves, and three pools need a side that can be halved three
# times, or what comes up does not fit beside what was laid aside:

# %%
try:
    unet_skips.network((100, 160), "with")
except ValueError as error:
    print(error)

# %% [markdown]
# One pads such a picture to the next multiple of 8 and cuts the answer. The pixels at the new edge
# see padding then, as all edges do (notebook 3).
#
# ## Recap
#
# - A network of layers that **slide** takes pictures of any size. Dense layers on flattened maps do
#   not; that, and batches, is what resizing is for.
# - An **up-convolution** adds up patches. It makes maps larger, does not undo a pool, and leaves a
#   checkerboard unless the stride divides the kernel.
# - Down finds out what, up says where, and **skips** keep the edges. Judge it by **IoU**: nothing
#   but background has a high accuracy too.
#
# To play: let the network with skips label a scene of 200 x 320, with 30 garments. Next, notebook
# 16: more pictures from the same pictures.

# %%
predictions.recap()

# %%
checks.progress()
