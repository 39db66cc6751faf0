# %% [markdown]
# # 8. Pool a map, and see which pixels learn
#
# **You will be able to** compute max, average and adaptive pooling by hand, ragged edge and
# padding included; say which pixels of an image get a gradient through each of them; and tell
# what a pool saves, what it throws away, and what a convolution can learn in its place.
#
# **You need** notebooks 3 to 5 (padding, output sizes, channels) and 6 (a gradient goes back
# through a maximum). **Time:** 40 minutes; no GPU.
#
# Exercises: `max_pool` (3 points, 8 min), `max_pool_gradient` (3 points, 6 min), `average_pool`
# (2 points, 3 min), `adaptive_average_pool` (2 points, 5 min); `ragged_edge` and
# `average_pool_as_conv` for practice.

# %% [markdown]
# ## Three quarters of this photo are dark
#
# Left, a part of a photo. Right, the same with most pixels switched off. Not by hand: a rule
# decided, for each block of 2 x 2 pixels by itself, which of the four stays lit. Look at the white
# spot in the eye, and at the rim of the pupil.

# %%
eye = datasets.photo("cat")[76:140, 136:216]
lit = layers.max_pool_gradient(datasets.grey(eye), np.ones((32, 40))) > 0

# %%
fig, (left, right) = plots.image_axes(eye.shape, eye.shape, width=3.8, scale=False)
plots.draw_image(left, eye, title="A part of a photo")
plots.draw_image(right, np.where(lit[..., None], eye, 0), title="What stays lit")
plots.show(fig)

# %% [markdown]
# **Predict:** which pixel of a block stays lit?

# %%
prediction = None  # "A": one drawn at random, "B": the brightest, "C": the one nearest to the mean

# %%
blocks = datasets.grey(eye).reshape(32, 2, 40, 2)
stays = lit.reshape(32, 2, 40, 2)
brightest = np.where(stays, blocks, 0).max(axis=(1, 3)) == blocks.max(axis=(1, 3))
print("lit pixels in a block:", set(stays.sum(axis=(1, 3)).ravel().tolist()),
      " the lit one is the brightest in", f"{brightest.mean():.0%} of the blocks")
predictions.choice("which pixel stays lit", prediction, "B" if brightest.all() else "A",
                   {"A": "one drawn at random", "B": "the brightest", "C": "nearest to the mean"})

# %% [markdown] topics="T076"
# The brightest of each block, always. A layer that lets only the largest number of each window
# through is called *max pooling*. It is in almost every network of these lectures. Keep the dark
# picture in mind: it will come back with another meaning.
#
# ## The largest of each window
#
# **Pooling** slides a window over a map, as a convolution does, and takes one number out of each
# window. *Max pooling* takes the largest, *average pooling* the mean. It has a window size and a
# stride. Most often both are 2, so the windows lie side by side. Here are the grids of three
# lectures. Work out the four maxima of each, then run.

# %% claims="N043 N013"
grid = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], "float32")
dull = np.array([[1, .5, 1, 0], [0, .25, .5, 1], [1, .25, 0, 1], [.5, 0, 1, 1]], "float32")
for name, numbers in {"first": grid, "second": dull}.items():
    batch = numbers[None, :, :, None]
    print(name, "max", tf.nn.max_pool2d(batch, 2, 2, "VALID")[0, :, :, 0].numpy().tolist(),
          " mean", tf.nn.avg_pool2d(batch, 2, 2, "VALID")[0, :, :, 0].numpy().tolist())

# %%
fig, (left, middle, right) = plots.grid_axes((4, 4), (2, 2), (2, 2))
windows = [(row, column, 2, 2) for row in (0, 2) for column in (0, 2)]
plots.draw_grid(left, grid, title="The first grid", window=windows)
plots.draw_grid(middle, layers.max_pool(grid[None, :, :, None])[0, :, :, 0], title="Max")
plots.draw_grid(right, layers.average_pool(grid[None, :, :, None])[0, :, :, 0], title="Mean")
plots.show(fig)

# %% [markdown]
# The second grid gives four ones: its maxima hide everything that its means still show.
#
# On a photo pooling is a way to lower the resolution, by as much as one likes.

# %% claims="Q029"
cat = datasets.photo("cat").astype("float32") / 255
small = {size: layers.max_pool(cat[None], size)[0] for size in (2, 6, 15)}
print({f"{size} x {size}": pooled.shape for size, pooled in small.items()})
fig, axes = plots.image_axes(*[cat.shape] * 4, width=1.6, scale=False)
for ax, picture, size in zip(axes, [cat, *small.values()], [1, *small]):
    plots.draw_image(ax, picture, title=f"max pool {size} x {size}" if size > 1 else "the photo")
plots.show(fig)

# %% [markdown]
# The picture gets brighter as it gets coarser: of each window only the brightest red, green and
# blue is left. A slide says that max pooling "keeps track of regions with highest activations,
# indicating object presence". Highest, that is, not strongest. An edge filter answers with a
# large positive number where dark turns to bright, and with a large *negative* one where
# bright turns to dark. Both are edges. On this photo about half of its answers are negative.
#
# **Predict:** the map is max pooled, 8 x 8. Which percentage of the pooled numbers is negative?

# %%
prediction = None  # a number from 0 to 100

# %% claims="Q028"
edges = convolution.correlate2d(datasets.grey(cat), kernels.sobel_x())
pooled = layers.max_pool(edges[None, :, :, None], 8)[0, :, :, 0]
strong = {"before": edges, "after": pooled}
print("negative:", {name: f"{(maps < 0).mean():.1%}" for name, maps in strong.items()},
      " below -0.2:", {name: f"{(maps < -0.2).mean():.1%}" for name, maps in strong.items()})
predictions.number("negative numbers after max pooling", prediction, 100 * (pooled < 0).mean(),
                   "%", tolerance=2, surprise="A window needs one positive number to lose them.")

# %%
around_the_eye = edges[64:160, 128:256]
fig, (left, right) = plots.image_axes(around_the_eye.shape, around_the_eye.shape, width=3)
plots.draw_signed(left, around_the_eye, title="Edges around an eye", limit=1)
plots.draw_signed(right, pooled[8:20, 16:32], title="The same, max pooled 8 x 8", limit=1)
plots.show(fig)

# %% [markdown]
# Every blue edge is gone. What max pooling finds is the presence of a *feature*, in one sign. In
# a network a ReLU usually stands before it, and the negative numbers are gone already.
#
# ## What stands in the padding?
#
# The slides say: "it is not common to use zero-padding for pooling". Yet `"same"` exists for
# pools too, and some famous networks pad theirs. Take a map in which every number is -1, and
# pool it with windows of 3 x 3, stride 2: once with `padding="same"`, once with a ring of zeros
# put around it by `ZeroPadding2D` and then `"valid"`.
#
# **Predict** the number in the upper left corner, for each of the two.

# %%
prediction = None  # two numbers: "same", ring of zeros

# %%
below = tf.fill((1, 5, 5, 1), -1.0)
same = keras.layers.MaxPooling2D(3, 2, padding="same")(below)
ring = keras.layers.MaxPooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(below))
predictions.values("corner of a max pool over -1", prediction,
                   [float(same[0, 0, 0, 0]), float(ring[0, 0, 0, 0])],
                   surprise="The padding of a pool holds no number; a ring of zeros does.")

# %% [markdown]
# A max pool treats its own padding as if minus infinity stood there, so it never wins. (An average
# pool leaves its padding out of the count, as notebook 3 showed.) `ZeroPadding2D` knows nothing of
# the pool behind it, and its zeros beat every negative number.
#
# Now look into two networks that are in use: who pads a pool, and how?

# %% claims="Q007"
print("building two networks ...", flush=True)
resnet = keras.applications.ResNet50(weights=None)
print("ResNet50:", " -> ".join(layer.name for layer in resnet.layers[4:7]))
inception = keras.applications.InceptionV3(weights=None, include_top=False)
for kind in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D):
    modes = [layer.padding for layer in inception.layers if type(layer) is kind]
    print("InceptionV3:", len(modes), kind.__name__, "with padding", set(modes))
print("all -1: same", float(same[0, 0, 0, 0]), " ring of zeros", float(ring[0, 0, 0, 0]))

# %% [markdown]
# ResNet-50 puts zeros around the map before its first pool. Right before stands a ReLU: after it
# nothing is below 0, so a zero never beats a real pixel. InceptionV3 pads all its average pools.
# Not common, then, but not rare either.
#
# ## Exercise: `max_pool` (3 points, about 8 minutes)
#
# Write it for a batch, as TensorFlow does: `images` (N, H, W, C), a window of `size` x `size`.
# `stride=None` means that windows lie side by side. Begin with `"valid"`. For `"same"`, think
# what may stand in the padding so that it never wins. `same_padding` is at hand.


# %% exercise="max_pool"
same_padding = padding.same_padding  # (size, kernel_size, stride) -> (before, after)


def max_pool(images, size=2, stride=None, padding="valid"):
    """The largest of each window and channel: (N, H, W, C) to (N, OH, OW, C)."""
    ### BEGIN SOLUTION
    stride = stride or size
    if padding == "same":
        sides = [same_padding(length, size, stride) for length in images.shape[1:3]]
        images = np.pad(images, [(0, 0), *sides, (0, 0)], constant_values=-np.inf)
    rows, columns = ((length - size) // stride + 1 for length in images.shape[1:3])
    pooled = np.empty((len(images), rows, columns, images.shape[3]), "float32")
    for i, j in np.ndindex(rows, columns):
        top, left = i * stride, j * stride
        pooled[:, i, j] = images[:, top:top + size, left:left + size].max(axis=(1, 2))
    return pooled
    ### END SOLUTION


# %% check="max_pool"
checks.pooling.max_pool(max_pool)

# %% [markdown]
# ## Does the slide hold?
#
# A figure of the lectures pools a row of six with windows of 3 and a stride of 2. The third
# window hangs over the edge. The text under it says: this region is smaller, "but must be
# included if we do not want to ignore some of the detector units". Its result is 1, 0.2, 0.1.
#
# **Predict:** what does `keras.layers.MaxPooling1D(3, strides=2)` give?

# %%
prediction = None  # "A": 1, 0.2, 0.1   "B": 1, 0.2   "C": an error, as 3 and 2 do not fit 6

# %% claims="Q035 Q036"
row = np.array([0.1, 1, 0.2, 0.1, 0, 0.1], "float32").reshape(1, 6, 1)
default = keras.layers.MaxPooling1D(3, strides=2)(row).numpy().ravel().tolist()
whole = keras.layers.MaxPooling1D(3, strides=2, padding="same")(row).numpy().ravel().tolist()
print('default: "valid"', np.round(default, 2).tolist(), " 6 ->", len(default))
print('padding="same"  ', np.round(whole, 2).tolist(), " 6 ->", len(whole))
predictions.choice("a pool that does not fit", prediction, "B" if len(default) == 2 else "A",
                   {"A": "1, 0.2, 0.1", "B": "1, 0.2", "C": "an error"},
                   surprise="The default drops what does not fill a window, without a word.")

# %%
fig, (upper, lower) = plt.subplots(2, 1, figsize=(6, 3.6))
plots.draw_padding(upper, 6, 0, 0, windows=[(0, 3), (2, 3)], values=row.ravel(),
                   title='"valid": the last pixel is in no window')
plots.draw_padding(lower, 6, 0, 0, windows=[(0, 3), (2, 3), (4, 2)], values=row.ravel(),
                   title='"same": the last window has two real pixels')
plots.show(fig)

# %% [markdown]
# The figure shows `"same"`. The default of Keras ignores just the unit that must not be ignored.
# And "reduces by a factor of two", as the text goes on, is right for `"same"` (6 to 3) and only
# roughly for `"valid"` (6 to 2).
#
# The slides give one formula, `(W - F) / S + 1`, without saying how to round. And two of them
# announce three hyperparameters, then list two: F and S.

# %% claims="F015 F016 F017"
for size, window, stride in ((7, 2, 2), (224, 3, 2), (224, 2, 2)):
    made = [shapes.conv_output_size(size, window, stride, mode) for mode in ("valid", "same")]
    print(f"{size} pixels, F = {window}, S = {stride}: formula {(size - window) / stride + 1:g},",
          'valid and same:', made)
settings = keras.layers.MaxPooling2D(3, strides=2).get_config()
print("what a pool is given:", {name: settings[name] for name in
      ("pool_size", "strides", "padding", "data_format")})
print("channels:", keras.layers.MaxPooling2D(2)(tf.zeros((1, 8, 6, 5))).shape)

# %% [markdown]
# Two numbers, F and S, are what is needed. TensorFlow asks for two more decisions: the padding
# (`"valid"` rounds the formula down, `"same"` is `ceil(W / S)`), and where the channels stand.
#
# ## Practice: `ragged_edge` (no points)
#
# For one row: how many pixels lie in no window with `"valid"`, and how many real pixels are in
# the last window with `"same"`? For the row above: (1, 2). `padding.same_padding` may be called.


# %% exercise="ragged_edge"
def ragged_edge(size, window, stride):
    """(pixels in no window of "valid", real pixels in the last window of "same")."""
    ### BEGIN SOLUTION
    firsts = range(0, size - window + 1, stride)
    seen = {first + place for first in firsts for place in range(window)}
    outputs = -(-size // stride)
    begin = (outputs - 1) * stride - padding.same_padding(size, window, stride)[0]
    return size - len(seen), min(begin + window, size) - max(begin, 0)
    ### END SOLUTION


# %% check="ragged_edge"
checks.pooling.ragged_edge(ragged_edge)

# %% [markdown]
# ## Who learns?
#
# A network learns from gradients: for each number, how much the loss changes with it (notebook
# 6). Through a max pool the gradient goes back to the *winner* of each window. If another pixel of
# the window changes a little, the largest stays what it is, and so does the loss.
#
# So the dark picture was this: **lit are the pixels that get a gradient. The others get nothing.**
# Whatever made the dark ones is told nothing by this image. Here is the gradient itself, as
# TensorFlow computes it: one number for each pixel.

# %%
def gradient(pool, image):
    pixels = tf.Variable(image[None, :, :, None])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(pool(pixels))
    return tape.gradient(total, pixels).numpy()[0, :, :, 0]


bright = datasets.grey(eye)
of_max = gradient(lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), bright)
of_mean = gradient(lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"), bright)
for name, found in {"max": of_max, "mean": of_mean}.items():
    print(name, "values", np.unique(found).tolist(), " pixels with a gradient",
          f"{(found > 0).mean():.0%}", " sum", found.sum())

# %%
fig, (left, right) = plots.image_axes(eye.shape, eye.shape, width=3.8, scale=False)
for ax, name, found in ((left, "max", of_max), (right, "average", of_mean)):
    shown = (eye * found[..., None]).astype("uint8")
    plots.draw_image(ax, shown, title=f"The photo times its gradient: {name} pooling")
plots.show(fig)

# %% [markdown]
# A quarter of the pixels learn, four times as much as each pixel does through the mean, where all
# of them learn a little. The sum is the same.
#
# The windows may overlap: F = 3 and S = 2 is the other common choice. One pixel may then be the
# winner of several windows, and gets the gradient of each.
#
# **Predict:** order these four pools by the share of the cat's pixels that get any gradient at all,
# the largest share first.

# %%
prediction = None  # such as ["max 2/2", "max 3/2", "max 3/1", "mean 2/2"]  (window / stride)

# %%
pools = {"max 2/2": (tf.nn.max_pool2d, 2, 2), "max 3/2": (tf.nn.max_pool2d, 3, 2),
         "max 3/1": (tf.nn.max_pool2d, 3, 1), "mean 2/2": (tf.nn.avg_pool2d, 2, 2)}
grey = datasets.grey(cat)
found = {name: gradient(lambda x: pool(x, size, stride, "VALID"), grey)
         for name, (pool, size, stride) in pools.items()}
share = {name: float((values > 0).mean()) for name, values in found.items()}
for name, values in found.items():
    print(f"{name}: {share[name]:.0%} of the pixels, the most for one pixel {values.max():g}")
predictions.ranking("pixels that learn, most first", prediction,
                    sorted(share, key=share.get, reverse=True))

# %% [markdown]
# Windows of 3 with stride 2 are nearly as many as windows of 2, but they pass the gradient to
# fewer pixels: some win in up to four windows. With stride 1 one pixel can win in nine.
#
# And if two pixels of a window are equal? In a photo that is no rare case: a clear sky has few
# grey levels.

# %%
window = tf.Variable(tf.fill((1, 2, 2, 1), 5.0))
with tf.GradientTape(persistent=True) as tape:
    pooled, largest = tf.nn.max_pool2d(window, 2, 2, "VALID"), tf.reduce_max(window)
print("max_pool2d", tape.gradient(pooled, window).numpy().ravel(),
      " reduce_max", tape.gradient(largest, window).numpy().ravel())
sky = datasets.grey(datasets.photo("rocket"))[:426, :636].reshape(213, 2, 318, 2)
ties = (sky == sky.max(axis=(1, 3), keepdims=True)).sum(axis=(1, 3)) > 1
print(f"windows of the rocket photo with a tie: {ties.mean():.0%}")

# %% [markdown]
# `tf.nn.max_pool2d` pays the first of the equals, reading row by row. `tf.reduce_max` shares among
# them. Both are called "max", and nearly half of the windows of that photo are decided so. Where
# all four pixels are equal the winner is the upper left one. The edge of a space suit before a
# black wall shows it:

# %%
suit = datasets.photo("astronaut")[384:416, 300:340]
won = layers.max_pool_gradient(datasets.grey(suit), np.ones((16, 20)))

# %%
fig, (left, right) = plots.image_axes(suit.shape, suit.shape, width=3, scale=False)
plots.draw_image(left, suit, title="A suit, a black wall")
plots.draw_image(right, won, title="White: gets a gradient")
plots.show(fig)

# %% [markdown]
# ## Exercise: `max_pool_gradient` (3 points, about 6 minutes)
#
# Now the way back, for one plane and `"valid"` windows. `upstream` has one number for each window:
# how much the loss changes with the pooled number. Each window pays its winner, the first one if
# there are several. Who wins twice is paid twice.


# %% exercise="max_pool_gradient"
def max_pool_gradient(image, upstream, size=2, stride=2):
    """Gradient with respect to `image` (H, W), from `upstream` (OH, OW), one for each window."""
    ### BEGIN SOLUTION
    gradient = np.zeros(image.shape, "float32")
    for i, j in np.ndindex(upstream.shape):
        window = image[i * stride:i * stride + size, j * stride:j * stride + size]
        row, column = np.unravel_index(window.argmax(), window.shape)
        gradient[i * stride + row, j * stride + column] += upstream[i, j]
    return gradient
    ### END SOLUTION


# %% check="max_pool_gradient"
checks.pooling.max_pool_gradient(max_pool_gradient)

# %% [markdown]
# ## The mean is a convolution
#
# One lecture calls pooling a "convolution-specific activation function". An activation has to bend
# something (notebook 7): a linear layer gives, for the sum of two inputs, the sum of the two
# outputs. Test it on two photos.

# %% claims="Q027"
one, other = (datasets.grey(datasets.photo(name))[None, :300, :450, None]
              for name in ("cat", "rocket"))
for name, pool in {"average": layers.average_pool, "max": layers.max_pool}.items():
    difference = np.abs(pool(one + other) - (pool(one) + pool(other))).max()
    print(f"{name} pooling: largest difference {difference:.4f}, linear: {difference < 1e-5}")

# %% [markdown]
# Average pooling is linear: it cannot take the place of an activation, and a network of
# convolutions and average pools collapses into one linear map, as in notebook 7. Max pooling does
# bend. What all pools have in common is something else: they make the map smaller.
#
# ## Exercise: `average_pool` (2 points, about 3 minutes)
#
# The same windows as in `max_pool`, another number out of each. With `"same"` the padding is left
# out of the count, as TensorFlow does.


# %% exercise="average_pool"
same_padding = padding.same_padding  # (size, kernel_size, stride) -> (before, after)


def average_pool(images, size=2, stride=None, padding="valid"):
    """The mean of each window and channel: (N, H, W, C) to (N, OH, OW, C)."""
    ### BEGIN SOLUTION
    stride = stride or size
    real = np.ones_like(images)
    if padding == "same":
        sides = [same_padding(length, size, stride) for length in images.shape[1:3]]
        images, real = (np.pad(x, [(0, 0), *sides, (0, 0)]) for x in (images, real))
    rows, columns = ((length - size) // stride + 1 for length in images.shape[1:3])
    pooled = np.empty((len(images), rows, columns, images.shape[3]), "float32")
    for i, j in np.ndindex(rows, columns):
        place = np.s_[:, i * stride:i * stride + size, j * stride:j * stride + size]
        pooled[:, i, j] = images[place].sum(axis=(1, 2)) / real[place].sum(axis=(1, 2))
    return pooled
    ### END SOLUTION


# %% check="average_pool"
checks.pooling.average_pool(average_pool)

# %% [markdown]
# ## Practice: `average_pool_as_conv` (no points)
#
# If average pooling is linear, slides a window and treats all places alike, then it is a
# convolution. Write its kernel, of shape (size, size, channels, channels): convolved with stride
# `size` it has to give what average pooling gives. Remember that a filter looks at *all* channels,
# while a pool keeps them apart.


# %% exercise="average_pool_as_conv"
def average_pool_as_conv(size, channels):
    """Kernel (size, size, channels, channels) of a convolution that is average pooling."""
    ### BEGIN SOLUTION
    kernel = np.zeros((size, size, channels, channels), "float32")
    kernel[:, :] = np.eye(channels) / size**2
    return kernel
    ### END SOLUTION


# %% check="average_pool_as_conv"
checks.pooling.average_pool_as_conv(average_pool_as_conv)

# %% [markdown]
# ## Does the slide hold?
#
# Another slide: "the network can learn its own pooling function", by a strided convolution.
# Test it. A convolution with one filter of 2 x 2 and stride 2 sees patches and is told what a pool
# gives for them. It learns by gradient descent to give the same. Afterwards: which part of the
# variance of the pooled numbers does it get right on new patches? 1 is all of it.
#
# It is told the means first. Then it is told the maxima. The patches are white noise: each pixel
# drawn by itself.
#
# **Predict:** how much of the variance of the *maxima* will it get right?

# %%
prediction = None  # a number from 0 to 1

# %% tags=["nbval-ignore-output"]
import experiments
from experiments import learned_pooling

mine = {}
for target in ("average", "max"):
    print("learning from the", target, "of noise: 400 steps ...", flush=True)
    mine[target] = learned_pooling.run("noise", target, seed=0)
    print("  got right:", mine[target]["explained"])

# %%
found = mine["max"]["explained"]
print("average: all of it, above 0.999:", mine["average"]["explained"] > 0.999,
      "; every weight within 0.01 of 1/4:", mine["average"]["weight_off"] < 0.01)
print("max: between 0.48 and 0.54:", 0.48 < found < 0.54)
predictions.number("what a convolution gets right of max pooling noise", prediction,
                   round(found, 1), tolerance=0.1, surprise="No weights can do better than 0.51.")

# %% [markdown]
# It becomes average pooling: four weights of 1/4. The maximum it never becomes, and not because it
# trained too little. A filter is linear, and *the best linear filter there is* can be computed, by
# least squares. The others of 30 runs are in `data/experiments`, made by
# `experiments/learned_pooling.py`: five seeds, on noise, on the edges of photos, on the photos
# themselves.

# %% claims="Q030"
runs = experiments.read("learned_pooling")
for target in ("average", "max"):
    for maps in ("noise", "edges", "photos"):
        rows = [r for r in runs if (r["target"], r["maps"]) == (target, maps)]
        best = [r["best_explained"] for r in rows]
        gap = max(r["best_explained"] - r["explained"] for r in rows)
        print(f"{target:7} of {maps:6}: the best filter {min(best):.2f} to {max(best):.2f},",
              f"learned within {gap:.3f} of it")

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.5, 2.4))
groups = {f"max of {maps}": [r["explained"] for r in runs if (r["maps"], r["target"]) ==
                             (maps, "max")] for maps in ("noise", "edges", "photos")}
plots.draw_dots(ax, groups, title="A strided convolution that imitates max pooling",
                x_label="part of the variance that it gets right, one dot a seed",
                ringed=("max of noise", mine["max"]["explained"]))
plots.show(fig)

# %% [markdown]
# So the slide needs a word: a strided convolution can learn *average* pooling exactly, or another
# weighting of the window; max pooling never. How near it comes depends on what is pooled. In a
# photo the neighbours are nearly equal, mean and maximum hardly differ, and 0.97 is cheap. On noise
# it is half.
#
# It takes a bend. The larger of two numbers is `b + relu(a - b)`: with a ReLU between two layers a
# convolution can do it. A max pool has it for nothing.

# %%
a, b = one[..., ::2, :], one[..., 1::2, :]
print("largest difference:", float(np.abs(np.maximum(a, b) - (b + np.maximum(a - b, 0))).max()))

# %% [markdown]
# ## Any size in, one size out
#
# So far the window was given, and the output followed. It can be the other way round: ask for an
# output of 3 x 3, and let the windows follow. That is *adaptive* pooling. With 1 x 1 it is *global*
# pooling: one number a map.
#
# A dense layer needs an input of one fixed size (notebook 5). Behind an adaptive pool it gets it
# from an image of any size, and the network may be fed with whatever comes.

# %% claims="K019"
pool = keras.layers.AdaptiveAveragePooling2D((3, 3))
for height, width in ((7, 11), (32, 20), (5, 5), (300, 451)):
    print((height, width), "->", pool(tf.zeros((1, height, width, 3))).shape[1:3])
anything = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(8, 3), pool,
                             keras.layers.Flatten(), keras.layers.Dense(10)])
print("photo and thumbnail:", anything(cat[None]).shape, anything(cat[None, ::9, ::9]).shape)

# %% [markdown]
# (`tf_keras`, the Keras of older notebooks, does not have this layer. For 1 x 1 there is
# `GlobalAveragePooling2D`.)
#
# Where do the windows lie when 7 pixels have to become 3? Bin `i` begins at `i * 7 / 3`, rounded
# down, and ends at `(i + 1) * 7 / 3`, rounded up. No pixel is left out, and neighbours may share
# one.

# %%
fig, ax = plt.subplots(figsize=(6, 2.2))
plots.draw_padding(ax, 7, 0, 0, windows=[(0, 3), (2, 3), (4, 3)], values=range(1, 8),
                   title="7 pixels in 3 bins: the means are 2, 4, 6")
print(layers.adaptive_average_pool(np.arange(1, 8).reshape(1, 1, 7, 1), (1, 3)).ravel())
plots.show(fig)

# %% [markdown]
# ## Exercise: `adaptive_average_pool` (2 points, about 5 minutes)
#
# The mean of each bin, for `output_size` = (height, width) bins. First the bins of one axis, then
# both.


# %% exercise="adaptive_average_pool"
def adaptive_average_pool(images, output_size):
    """Means of (height, width) bins: (N, H, W, C) to (N, height, width, C)."""
    ### BEGIN SOLUTION
    def bins(length, count):
        return [slice(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]

    rows, columns = map(bins, images.shape[1:3], output_size)
    means = [[images[:, r, c].mean(axis=(1, 2)) for c in columns] for r in rows]
    return np.moveaxis(np.array(means), 2, 0)
    ### END SOLUTION


# %% check="adaptive_average_pool"
checks.pooling.adaptive_average_pool(adaptive_average_pool)

# %% [markdown]
# ## What a pool saves, and what it does not
#
# A pool makes 224 x 224 x 64 into 112 x 112 x 64: the channels stay, each pooled by itself, and
# three of four numbers are thrown away. Of an odd map even more: of 5 x 5 numbers 4 are left.

# %%
maps = np.random.default_rng(0).normal(size=(1, 224, 224, 64)).astype("float32")
pooled = tf.nn.max_pool2d(maps, 2, 2, "VALID")
alone = tf.nn.max_pool2d(maps[..., 7:8], 2, 2, "VALID")

# %% claims="N044 N045 K022"
print(maps.shape, "->", pooled.shape, f" thrown away: {1 - pooled.numpy().size / maps.size:.0%}")
print("channel 7 pooled alone is channel 7 of the pool:",
      bool(tf.reduce_all(alone[..., 0] == pooled[..., 7])))
print("of 5 x 5 numbers stay", tf.nn.max_pool2d(maps[:, :5, :5, :1], 2, 2, "VALID").numpy().size)

# %% [markdown]
# A slide says that a pool introduces zero parameters. Today's do. The *subsampling* of LeNet-5, the
# network of 1998, had two for each map: a coefficient for the mean, and a bias. It was trained.

# %% claims="K021"
def subsampling(channels):
    return keras.Sequential([keras.Input((10, 10, channels)), keras.layers.AveragePooling2D(2),
                             keras.layers.DepthwiseConv2D(1), keras.layers.Activation("tanh")])


print("MaxPooling2D:", keras.layers.MaxPooling2D(2).count_params(), "parameters")
print("LeNet-5's two:", subsampling(6).count_params(), "and", subsampling(16).count_params())

# %% [markdown]
# Another slide says that pooling "reduces the amount of parameters and computation, and hence
# controls overfitting". A network for 28 x 28 pixels: a convolution with 8 filters of 3 x 3
# (80 parameters, `"same"`), then a dense layer for ten classes on all 28 x 28 x 8 numbers (62,730).
#
# **Predict** how many parameters the convolution has, and how many the dense layer has, when a
# 2 x 2 pool stands between them.

# %%
prediction = None  # two numbers: convolution, dense layer

# %% claims="Q033"
def parameters(pool, head):
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 3, padding="same")])
    for layer in [keras.layers.MaxPooling2D()] * pool + [head(), keras.layers.Dense(10)]:
        model.add(layer)
    return [layer.count_params() for layer in (model.layers[0], model.layers[-1])]


for head in (keras.layers.Flatten, keras.layers.GlobalAveragePooling2D):
    print(f"{head.__name__}: without pool {parameters(False, head)}, with {parameters(True, head)}")
predictions.values("parameters with a pool between", prediction,
                   parameters(True, keras.layers.Flatten),
                   surprise="A kernel is the same on any map; the dense layer shrinks.")

# %% [markdown]
# A pool takes weights from one place only: from a dense layer behind `Flatten`. The weights of
# convolutions do not change, and with a global head there is nothing to take. What it always saves
# is work, as all layers after it have a quarter of the pixels.
#
# ## How large may a pool be?
#
# "Minimal information loss in practice", says one lecture. "Pooling sizes with larger receptive
# fields are too destructive", says another. Both can be measured: a convolution with 16 filters of
# 5 x 5, a pool, a dense layer, on Fashion-MNIST, for the same number of steps. The pool is none,
# 2 x 2, 4 x 4, 7 x 7, 14 x 14, or 28 x 28: global.
#
# **Predict:** by how much does the *mean accuracy* of max pooling 2 x 2 differ from no pool at all?

# %%
prediction = None  # "A": worse by 0.02 or more, "B": within 0.02, "C": better by 0.02 or more

# %% tags=["nbval-ignore-output"]
from experiments import pool_size

print("training 400 steps ...", flush=True)
mine = pool_size.run("max", 4, seed=0)
print("max pooling 4 x 4:", mine["test_accuracy"], " on bent images:", mine["bent_accuracy"])

# %% claims="Q031 Q032"
runs = experiments.read("pool_size")
def mean(pool, size, column="test_accuracy"):
    rows = [r[column] for r in runs if (r["pool"], r["size"]) == (pool, size)]
    return float(np.mean(rows))


print(f"no pool {mean('none', 1):.3f}")
for pool in ("max", "average"):
    print(pool, {size: round(mean(pool, size), 3) for size in (2, 4, 7, 14, 28)})
gain = mean("max", 2) - mean("none", 1)
predictions.choice("2 x 2 against no pool", prediction, "ABC"[int(np.digitize(gain, (-.02, .02)))],
                   {"A": "worse", "B": "within 0.02", "C": "better"},
                   surprise="Three of four numbers are gone, and hardly any accuracy.")

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.5, 3.2))
groups = {f"{r['pool']} {r['size']} x {r['size']}" if r["size"] > 1 else "no pool": [
    q["test_accuracy"] for q in runs if (q["pool"], q["size"]) == (r["pool"], r["size"])]
    for r in runs if r["seed"] == 0}
plots.draw_dots(ax, groups, title="55 networks; the ringed one is yours",
                x_label="test accuracy, one dot a seed",
                ringed=("max 4 x 4", mine["test_accuracy"]))
plots.show(fig)

# %% [markdown]
# Two by two costs nothing here: 0.849 without a pool, 0.856 and 0.853 with one, and a single
# network is off by 0.01 from seed to seed. A mean of 4 x 4 costs a little, 7 x 7 hurts, and a
# global pool right behind the first convolution is destructive indeed. But it depends on where the
# pool stands. Many networks end with a global pool: there the maps are small, and many.

# %%
last = resnet.get_layer("avg_pool")
print("ResNet50 ends with", type(last).__name__, "on maps of", last.input.shape[1:])

# %% [markdown]
# And "robust toward small deformations", as a third lecture says? The networks were also shown
# the test pictures bent: each pixel moved by about one pixel, neighbours moved alike. Nobody had
# trained for that.

# %% claims="Q034"
pairs = [("none", 1)] + [(pool, size) for pool in ("max", "average") for size in (2, 4, 7, 28)]
for pool, size in pairs:
    straight, bent = mean(pool, size), mean(pool, size, "bent_accuracy")
    print(f"{pool:7} {size:2}: {straight:.3f}, bent {bent:.3f}, lost {straight - bent:.3f}")
print("my run, accuracy above 0.8:", mine["test_accuracy"] > 0.8)

# %% [markdown]
# Averaging does: the larger the window, the smaller the loss. Max pooling does up to 7 x 7; the
# global maximum loses more than no pool at all. (Bending also blurs a picture a little. Perhaps
# that is why; it was not measured.) And less loss is not more accuracy: bent or not, the pools of
# 2 x 2 and 4 x 4 name the most.
#
# ## Pool over features, and rotation goes too
#
# A pool over *places* forgets where something was. A pool over *features* forgets which of several
# filters saw it. Take one edge filter and its three quarter turns. For each filter, the largest
# answer on the whole photo; and then the largest of the four.

# %%
turns = [np.rot90(kernels.sobel_x(), quarter) for quarter in range(4)]
square = datasets.grey(cat)[70:170, 120:220]
fig, axes = plots.image_axes(*[square.shape] * 4, width=1.6, scale=False)
for quarter, ax in enumerate(axes):
    turned = np.rot90(square, quarter)
    answers = [float(convolution.correlate2d(turned, kernel).max()) for kernel in turns]
    print([round(answer, 3) for answer in answers], " largest", round(max(answers), 3))
    plots.draw_image(ax, turned, title=f"one {answers[0]:.2f}, four {max(answers):.2f}")
plots.show(fig)

# %% [markdown]
# When the photo turns, the four answers change places, and the largest of them stays. One filter
# alone gives another number each time. That is how a network can learn to be invariant to
# something: filters for each case, and a pool over them. *Maxout* (notebook 7) is such a pool, too.
# Notebook 10 carries this further.
#
# There are more ways to take one number out of a window: the root of the mean of the squares (L2
# pooling), or one number drawn at random, larger ones more often (stochastic pooling). They are
# rare.
#
# ## Recap
#
# - A max pool gives each window's gradient to **one** pixel, the first of equals; an average pool
#   shares it. Neither has weights, and both keep the channels.
# - `"valid"`, the default, drops the ragged edge; the padding of `"same"` holds **no number**: it
#   never wins and never counts.
# - Average pooling is a convolution. Max pooling is none, and no strided convolution can learn it.
#
# To play: change the photo in the first cells (`datasets.photos()` lists them), or give the pools
# under "Who learns?" other windows, and say before you look where the picture will be lit. Next,
# notebook 9: a whole network learns.

# %%
predictions.recap()

# %%
checks.progress()
