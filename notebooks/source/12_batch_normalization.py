# %% [markdown]
# # 12. Normalise a layer, fold it away, and break it
#
# **You will be able to** write batch normalization so that it agrees with Keras in training and at
# inference, fold it into a convolution where it costs nothing, and say what it buys, what it does
# not, and how one wrong word makes a good network guess.
#
# **You need** notebooks 5 (channels), 9 (training) and 11 (depth and first weights).
# **Time:** 45 minutes; no GPU.
#
# Exercises: `batch_norm` (3 points, 9 min), `running_statistics` (2 points, 5 min),
# `layer_or_group_norm` (2 points, 7 min), `fold_into_conv` (3 points, 8 min); `find_the_bug` for
# practice.

# %% [markdown]
# ## The pixels were standardised. Then what?
#
# In notebook 9 the pixels got mean 0 and deviation 1, and training went better. But only the first
# layer sees pixels. Every other layer sees what the layers before it have made, and nobody has
# standardised that. Here are six convolutions with ReLU between them, whose first weights are half
# as large again as He's. How large are the numbers behind each?

# %%
from experiments import normalized_training
from helpers import normalization

# 14 x 14 pixels, standardised
(images, labels), (test_images, test_labels) = normalized_training.clothes()

# %%
def behind(network, kind):
    """All maps behind the layers of one kind, for 64 clothes, as in training."""
    taps = [layer.output for layer in network.layers if isinstance(layer, kind)]
    tapped = keras.Model(network.inputs[0], taps)
    return [maps.numpy() for maps in tapped(images[:64], training=True)]

# %% claims="Q142"
plain, normalized = normalized_training.network("none"), normalized_training.network("batch")
spread = {}
for network, kind in ((plain, keras.layers.Conv2D), (normalized, keras.layers.BatchNormalization)):
    normalized_training.start(network, seed=0, scale=1.5)
    spread[kind.__name__] = [float(maps.std()) for maps in behind(network, kind)]
    print(f"{kind.__name__:18}", *[f"{deviation:.1f}" for deviation in spread[kind.__name__]])
means = [maps.mean() for maps in behind(normalized, keras.layers.ReLU)]
print("mean behind every ReLU above 0.3:", min(means) > 0.3)

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
for name, deviations in spread.items():
    plots.draw_curve(ax, range(1, 7), deviations, label=f"behind {name}", x_label="layer",
                     y_label="standard deviation", title="Before training, weights 1.5 x He")
plots.show(fig)

# %% [markdown]
# It goes on like that: a factor of 1.5 a layer makes 3,000 after twenty layers. *Batch
# normalization* is a layer that undoes it: it subtracts a mean and divides by a deviation, in the
# middle of the network. One lecture says: "normalize the activations for each feature at each
# layer". More exactly: wherever you insert it. Behind the next ReLU the mean is not 0 any more, as
# the last line says.
#
# ## One mean for how many numbers?
#
# The first convolution makes maps of shape (64, 14, 14, 16): 64 images, 14 x 14 places, 16
# channels.
#
# **Predict:** how many different means does batch normalization subtract from these 200,704
# numbers?

# %%
prediction = None  # a whole number

# %%
maps = behind(plain, keras.layers.Conv2D)[0]
layer = keras.layers.BatchNormalization()
by_keras = layer(maps, training=True)
predictions.number("different means", prediction, int(layer.moving_mean.shape[0]),
                   surprise="A kernel is the same at all places, so all places share its mean.")

# %% [markdown]
# One for each **channel**. What comes out of one filter belongs together, at every place and in
# every image: 64 x 14 x 14 = 12,544 numbers share a mean. (Of a dense layer, whose output is (N,
# C), each unit is such a *feature*, and the mean is over the N examples.) The name says where they
# come from: from the *batch* that is being trained on.
#
# Ioffe and Szegedy (2015) wrote it down as an algorithm. With m the number of numbers in a channel:
#
# | step | |
# |---|---|
# | mean | μ = (x₁ + ... + xₘ) / m |
# | variance | σ² = ((x₁ - μ)² + ... + (xₘ - μ)²) / m |
# | normalize | x̂ = (x - μ) / √(σ² + ε) |
# | scale and shift | y = γ x̂ + β |
#
# γ (gamma) and β (beta) are learned, a pair for each channel; they begin as 1 and 0. ε (epsilon) is
# a small number, 0.001 in Keras. Four lines of NumPy:

# %% claims="F032 F027"
mean, variance = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
ours = (maps - mean) / np.sqrt(variance + 1e-3)
print("equal to Keras's layer:", bool(np.allclose(ours, by_keras, atol=1e-4)))
apart = maps.var(axis=(0, 1, 2), ddof=1) / variance  # the sum over m - 1
print(f"divided by m - 1 the variance would be {apart.mean():.5f} times as large")

# %% [markdown]
# A slide adds that this is "a vanilla differentiable function", computed "independently for each
# dimension" (for convolutions read *channel*). So gradients pass through it. On which numbers does
# one single output depend? Where its gradient is not 0:

# %% claims="Q083"
numbers = tf.constant(maps[:4])
with tf.GradientTape() as tape:
    tape.watch(numbers)
    one = layer(numbers, training=True)[0, 5, 5, 3]
reached = np.count_nonzero(tape.gradient(one, numbers), axis=(0, 1, 2))
print("one output of channel 3 depends on so many numbers of each channel:\n", *reached)

# %% [markdown]
# On all 4 x 14 x 14 = 784 numbers of its channel, in all four images, and on nothing else.
#
# ## Does the slide hold?
#
# Another slide gives the mean like this, and the deviation with the same sum:
#
# $$\mu_{batch} = \frac{\sum_{i=0}^{batch\_size} x_i}{batch\_size}$$
#
# Take a batch of four numbers, `x = [2, 4, 6, 8]`, and write the sum in Python as it stands there.
#
# **Predict:** what comes out?

# %%
prediction = None  # "A": 5, the mean, "B": another number, "C": an error

# %% claims="F026"
x, batch_size = [2, 4, 6, 8], 4
try:
    print("as printed:", sum(x[i] for i in range(0, batch_size + 1)) / batch_size)
except IndexError as error:
    print("as printed: IndexError,", error)
print("from 0 to batch_size - 1:", sum(x[i] for i in range(0, batch_size)) / batch_size)

# %%
predictions.choice("the slide's sum", prediction, "C", {"A": "5", "B": "another number",
                   "C": "an error"}, surprise="From 0 to batch_size: those are five terms.")

# %% [markdown]
# The sum has one term too many: it must end at batch_size - 1. The next slide divides x - μ by σ
# and says: "Feature x now has mean 0 and variance 1 along the batch". Its formula has no ε. What
# does that small number do? Take a channel that hardly changes, say with deviation 0.001.
#
# **Predict:** Keras's layer (ε = 0.001) normalizes it. What deviation has it then?

# %%
prediction = None  # a number from 0 to 1

# %%
def deviation_after(deviation):
    noise = np.random.default_rng(0).normal(0, deviation, (64, 14, 14, 1)).astype("float32")
    return float(np.std(keras.layers.BatchNormalization()(noise, training=True)))

# %% claims="F028 F029 F030"
for deviation in (1, 0.1, 0.01, 0.001):
    print(f"deviation {deviation} becomes {deviation_after(deviation):.2f}")
flat = np.zeros(8)
with np.errstate(invalid="ignore"):
    print("a constant channel: the slide's", ((flat - flat.mean()) / flat.std())[0],
          " Keras's", deviation_after(0.0))

# %%
predictions.number("deviation 0.001, normalized", prediction, round(deviation_after(0.001), 3),
                   tolerance=0.01, surprise="The variance is 0.000001; ε is a thousand times that.")

# %% [markdown]
# The variance becomes v / (v + ε), which is nearly 1 as long as v is much larger than ε. A channel
# that does not change at all would be 0 / 0; with ε it stays 0.
#
# ## What stays as it was
#
# "You want unit Gaussian activations? Just make them so", a slide says. Gaussian means the shape of
# a bell. Normalizing shifts and scales. Here are the pixels of the clothes (many black, few
# bright), before and after; the *skew* is 0 for anything symmetric, as a bell is.

# %%
from scipy import stats

# %% claims="F033"
pixels = (images[:500] - images.min()).astype("float32")  # black is 0
after = keras.layers.BatchNormalization()(pixels, training=True).numpy()
waiting = np.random.default_rng(0).exponential(size=(500, 14, 14, 1))
afterwards = normalization.batch_norm(waiting, [1], [0])
for name, pair in {"clothes": (pixels, after), "exponential": (waiting, afterwards)}.items():
    for when, numbers in zip(("before", "after"), pair):
        skew = stats.skew(numbers, axis=None)
        print(f"{name:11} {when:6} deviation {numbers.std():.1f}, skew {skew:.1f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True)
for ax, numbers, title in zip(axes, (pixels, after), ("Before", "Normalized")):
    counts, edges = np.histogram(numbers, bins=24)
    plots.draw_curve(ax, (edges[1:] + edges[:-1]) / 2, counts, title=title, x_label="pixel",
                     y_label="how many" if title == "Before" else None)
plots.show(fig)

# %% [markdown]
# The axis below has other numbers, the curve has not changed. Batch normalization sets a mean and
# a variance, no more.
#
# ## Exercise: `batch_norm` (3 points, about 9 minutes)
#
# Now all four lines: `x` is (N, H, W, C), `gamma` and `beta` are (C,). Give back what Keras's layer
# gives in training. NumPy will do.


# %% exercise="batch_norm"
def batch_norm(x, gamma, beta, epsilon=1e-3):
    """Each channel normalized over batch, height and width, scaled, shifted: (N, H, W, C)."""
    ### BEGIN SOLUTION
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    ### END SOLUTION


# %% check="batch_norm"
checks.normalization.batch_norm(batch_norm)

# %% [markdown]
# ## γ and β can undo it
#
# Why scale and shift, when one has just normalized? So that the network can "squash the range if it
# wants to", or take the normalization back. A slide says that γ = √variance and β = mean give the
# identity. Try it with numbers of deviation 0.05:

# %% claims="F031"
x, other = (np.random.default_rng(seed).normal(1, 0.05, (64, 8, 8, 1)) for seed in (0, 1))
for name, added in {"sqrt(variance)": 0.0, "sqrt(variance + ε)": 1e-3}.items():
    gamma, beta = np.sqrt(x.var(axis=(0, 1, 2)) + added), x.mean(axis=(0, 1, 2))
    back = normalization.batch_norm(x, gamma, beta)
    print(f"γ = {name:19} off by at most {np.abs(back - x).max():.4f}")
back = normalization.batch_norm(other, gamma, beta)
print(f"the same γ and β, another batch: off by at most {np.abs(back - other).max():.4f}")

# %% [markdown]
# Nearly: γ must be √(variance + ε). And only for the very batch whose mean and variance they are.
#
# ## In Keras
#
# One lecture calls the layer like this: `tf.keras.layers.BatchNormalization(input)`. A layer is
# *made* first and called then, and the first thing that it takes when it is made is an axis:

# %% claims="K010"
try:
    tf.keras.layers.BatchNormalization(maps)
    print("made")
except (TypeError, ValueError) as error:
    print("BatchNormalization(input):", type(error).__name__)
print("BatchNormalization()(input):", tf.keras.layers.BatchNormalization()(maps).shape)

# %% [markdown]
# Where does it stand? "Usually after fully connected or convolutional layers, and before the
# nonlinearity", as in the paper. It also works behind the ReLU, and notebook 13 has blocks that
# begin with it. One thing is certain: straight behind a convolution, the convolution's own bias is
# useless. β does its work:

# %% claims="Q081"
bias = np.arange(16, dtype="float32") * 10
same = np.allclose(layer(maps + bias, training=True), layer(maps, training=True), atol=1e-3)
print("a bias of 0 to 150 makes no difference:", same)
print("behind the ReLU:", layer(tf.nn.relu(maps), training=True).shape, "works too")

# %% [markdown]
# So the convolution is made with `use_bias=False`, and saves a number a filter.
#
# ## Two layers in one
#
# A trained network is asked about one image. What is the mean of the batch? There is no batch. So
# the layer keeps statistics while it trains, and uses these when it is asked. In Keras:
#
# - `layer(x, training=True)` normalizes x by its own mean and variance, and moves the kept ones;
# - `layer(x)`, or `training=False`, normalizes x by the kept ones, and changes nothing.
#
# `fit` does the first, `predict` and `evaluate` the second. What is kept is a **running average**:
# after each batch, new = momentum x old + (1 - momentum) x the batch's. It begins with mean 0 and
# variance 1, and Keras's momentum is 0.99.
#
# **Predict:** each batch has the mean 5. What mean is kept after 100 batches?

# %%
prediction = None  # "A": about 5, "B": about 3, "C": about 0.05

# %%
layer = keras.layers.BatchNormalization()
batch = np.full((4, 3, 3, 1), 5.0, "float32")
for step in range(1, 101):
    layer(batch, training=True)
    if step in (1, 10, 100):
        print(f"batches {step:3}: the kept mean is {layer.moving_mean.numpy()[0]:.2f}")

# %%
means = {"A": 5, "B": 3, "C": 0.05}
nearest = min(means, key=lambda letter: abs(means[letter] - layer.moving_mean.numpy()[0]))
predictions.choice("the mean kept after 100 batches", prediction, nearest, means,
                   surprise="0.99 to the power of 100 is 0.37: so much is still the first 0.")

# %% [markdown]
# 0.99 is made for thousands of steps. The networks here train for some hundred, and have 0.9.
#
# ## Exercise: `running_statistics` (2 points, about 5 minutes)
#
# `mean` and `variance` are (C,), what was kept so far; `batch` is (N, H, W, C). Give back the pair
# (mean, variance) that is kept after this batch. The batch's variance is the one of the algorithm
# above, divided by m. (PyTorch and some versions of Keras 2 divide by m - 1 here.)


# %% exercise="running_statistics"
def running_statistics(mean, variance, batch, momentum=0.99):
    """What is kept after one more batch: (mean, variance), each (C,)."""
    ### BEGIN SOLUTION
    seen = batch.mean(axis=(0, 1, 2)), batch.var(axis=(0, 1, 2))
    mean, variance = (momentum * a + (1 - momentum) * b for a, b in zip((mean, variance), seen))
    return mean, variance
    ### END SOLUTION


# %% check="running_statistics"
checks.normalization.running_statistics(running_statistics)

# %% [markdown]
# ## Practice: `find_the_bug` (no points, 8 minutes)
#
# Someone wrote the whole layer from the slides. It runs. It has five bugs:
#
# ```python
# def layer(x, gamma, beta, mean, variance, training=False):
#     batch_mean, batch_variance = x.mean(axis=0), x.var(axis=0)
#     mean = 0.01 * mean + 0.99 * batch_mean
#     variance = 0.01 * variance + 0.99 * batch_variance
#     outputs = (x - batch_mean) / np.sqrt(batch_variance)
#     return gamma * outputs + beta, mean, variance
# ```
#
# Write it so that it does what Keras's layer does with its defaults (ε = 0.001, momentum 0.99), in
# both modes. Begin with a copy of the bugs.


# %% exercise="find_the_bug"
def find_the_bug(x, gamma, beta, mean, variance, training=False):
    """The whole layer: (outputs, mean, variance), the last two as they are kept."""
    ### BEGIN SOLUTION
    used = mean, variance
    if training:
        used = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
        mean, variance = 0.99 * mean + 0.01 * used[0], 0.99 * variance + 0.01 * used[1]
    return gamma * (x - used[0]) / np.sqrt(used[1] + 1e-3) + beta, mean, variance
    ### END SOLUTION


# %% check="find_the_bug"
checks.normalization.find_the_bug(find_the_bug)

# %% [markdown]
# ## The same network, the same images
#
# Train the six convolutions with batch normalization, 300 steps.

# %% tags=["nbval-ignore-output"]
from experiments import batch_statistics

network = batch_statistics.trained(seed=0, callbacks=[training.Progress()])
asked, truth = test_images[:500], test_labels[:500]
mine = {"kept": normalized_training.accuracy(network, asked, truth)}
print("named right, of 500 test images:", mine["kept"])

# %%
print("named right: above 0.78:", mine["kept"] > 0.78)

# %% [markdown]
# Now ask for the same 500 images again, but forget what "inference" means: `training=True`, so each
# batch is normalized by its own statistics. In batches of 500, of 32, of 8, of 1.
#
# **Predict:** how many in 100 does it name right?

# %%
prediction = None  # four numbers, for batches of 500, 32, 8 and 1, such as [76, 76, 76, 76]

# %% tags=["nbval-ignore-output"]
weights = network.get_weights()
for size in batch_statistics.SIZES:
    mine[f"batch_{size}"] = batch_statistics.by_batches(network, asked, truth, size)
    network.set_weights(weights)
print(mine)

# %% tags=["nbval-ignore-output"]
predictions.values("right in 100, batches of 500, 32, 8, 1", prediction,
                   [round(100 * mine[f"batch_{size}"]) for size in (500, 32, 8, 1)], tolerance=5,
                   surprise="The others in the batch decide what an image is compared with.")

# %% tags=["nbval-ignore-output"]
import experiments

rows, sizes = experiments.read("batch_statistics"), batch_statistics.SIZES
fig, ax = plt.subplots(figsize=(6.4, 3.2))
plots.draw_curve(ax, sizes, [mine["kept"]] * len(sizes), label="kept statistics")
for name, one in (("yours", mine), *((f"seed {row['seed']}", row) for row in rows[1:3])):
    plots.draw_curve(ax, sizes, [one[f"batch_{size}"] for size in sizes], label=name)
ax.set(xscale="log", xlabel="images in a test batch", ylabel="named right", ylim=(0, 1))
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
plots.show(fig)

# %% [markdown]
# One image at a time it guesses. Nothing about the network has changed, not one weight. With a
# batch of one, each map has the mean 0 and the deviation 1 in *this very image*. How bright a map
# is on the whole, which is what the last layers go by, has been divided out.
#
# A slide says: at test time "a single fixed empirical **mean** of activations during training is
# used". Is the mean enough? Is a large batch safe? And what if one has asked the wrong way for a
# while, say about 200 ankle boots, and asks the right way then?

# %% tags=["nbval-ignore-output"]
in_order = np.argsort(truth, kind="stable")
mine["kept_mean_only"] = batch_statistics.by_kept_mean(network, asked, truth)
mine["one_class"] = batch_statistics.by_batches(network, asked[in_order], truth[in_order], 32)
network.set_weights(weights)
batch_statistics.by_batches(network, *batch_statistics.boots(), 8)
mine["damaged"] = normalized_training.accuracy(network, asked, truth)
network.set_weights(weights)
print({name: mine[name] for name in ("kept", "kept_mean_only", "one_class", "damaged")})

# %% claims="Q082"
print("batches of one: below 0.2:", mine["batch_1"] < 0.2)
print("kept mean, variance 1: worse by 0.03:", mine["kept_mean_only"] < mine["kept"] - 0.03)
print("batches of 32 clothes of one class: below 0.5:", mine["one_class"] < 0.5)
print("the right way, after 200 boots asked the wrong way: worse by 0.05:",
      mine["damaged"] < mine["kept"] - 0.05)

# %% [markdown]
# - The **variance** has to be kept as well as the mean.
# - A batch in which all clothes are alike is as bad as a small one: what they have in common is
#   subtracted.
# - The damage stays. Each call with `training=True` moves the kept statistics: after the boots they
#   are those of boots, and the network is wrong in the right mode, too. (Here they were put back.)
#
# So leave `training` alone, and let `fit` and `predict` set it.
#
# ## Normalize without a batch
#
# What if batches must be small, since the images are large? Take the mean over something else than
# the batch. Below, a row is an image and a column a channel; each cell stands for a whole map.
# Cells with the same number share a mean.

# %%
ones = np.ones((3, 6), int)
image, channel = np.arange(3)[:, None] * ones, np.arange(6) * ones
shared = {"Batch": channel, "Group, 1 group": image, "Group, 2 groups": 2 * image + channel // 3,
          "Group, 6 groups": 6 * image + channel}
fig, axes = plots.grid_axes(*[(3, 6)] * 4, cell=0.33, titles=list(shared))
for ax, (name, number) in zip(axes, shared.items()):
    plots.draw_grid(ax, number + 1, title=name)
plots.show(fig)

# %% [markdown] topics="T118"
# The right three do not mix rows, so an image gets the same answer whoever stands beside it, and in
# training too. One group is what the literature calls **layer normalization** of images; as many
# groups as channels, *instance normalization*; **group normalization** is what lies between.
#
# A slide lists all three in a line. In Keras, mind what they do when they are not told otherwise:

# %% claims="K020"
maps = behind(network, keras.layers.Conv2D)[1]
default, whole = keras.layers.LayerNormalization()(maps), keras.layers.GroupNormalization(1)(maps)
print("LayerNormalization(): each pixel by itself over its 16 channels:",
      np.allclose(default, normalization.layer_norm(maps), atol=1e-4))
print("the same as GroupNormalization(1):", np.allclose(default, whole, atol=0.1))
try:
    keras.layers.GroupNormalization()(maps)
except ValueError:
    print("GroupNormalization() on 16 channels: ValueError, it wants 32 groups")

# %% [markdown]
# ## Exercise: `layer_or_group_norm` (2 points, about 7 minutes)
#
# `x` is (N, H, W, C). With `groups=None` do what `LayerNormalization()` does: each pixel alone,
# over its channels. With a number do what `GroupNormalization(groups)` does: neighbouring channels
# form a group, and each group of each image has one mean and one variance. No gamma, no beta.


# %% exercise="layer_or_group_norm"
def layer_or_group_norm(x, groups=None, epsilon=1e-3):
    """x (N, H, W, C), normalized over the channels of each pixel, or over groups of channels."""
    ### BEGIN SOLUTION
    images, height, width, channels = x.shape
    parts, axes = x, 3
    if groups is not None:
        parts, axes = x.reshape(images, height, width, groups, channels // groups), (1, 2, 4)
    mean, variance = parts.mean(axis=axes, keepdims=True), parts.var(axis=axes, keepdims=True)
    return ((parts - mean) / np.sqrt(variance + epsilon)).reshape(x.shape)
    ### END SOLUTION


# %% check="layer_or_group_norm"
checks.normalization.layer_or_group_norm(layer_or_group_norm)

# %% [markdown]
# ## Fold it away
#
# At inference the kept statistics are just numbers. Then batch normalization multiplies each map by
# one number and adds another one. The convolution before it could do that itself, with other
# weights. `normalization.fold_into_conv` finds them. Do it with all six layers:

# %%
def folded(network):
    """The same network without batch normalization: six convolutions with a bias."""
    weights, found = network.get_weights(), []
    for at in range(0, 30, 5):  # of each layer: a kernel, gamma, beta, mean, variance
        kernel, *four = weights[at : at + 5]
        found += normalization.fold_into_conv(kernel, np.zeros(16), *four)
    single = normalized_training.network("none")
    single.set_weights([*found, *weights[30:]])
    return single

# %%
single = folded(network)
difference = np.abs(single.predict(asked, verbose=0) - network.predict(asked, verbose=0)).max()
print(len(network.layers), "layers became", len(single.layers))
print("largest difference of a probability below 0.0001:", difference < 1e-4)

# %% [markdown]
# **Predict:** of 100 milliseconds that the network takes at inference, how many are left?

# %%
prediction = None  # a number from 0 to 100

# %% tags=["nbval-ignore-output"]
import time

calls = {"two layers": tf.function(network), "folded": tf.function(single)}
batch, took = tf.constant(test_images), {name: [] for name in calls}
for _ in range(8):
    for name, ask in calls.items():
        start = time.perf_counter()
        ask(batch)
        took[name].append(1000 * (time.perf_counter() - start))

# %% tags=["nbval-ignore-output"]
best = {name: min(times[1:]) for name, times in took.items()}  # the first is for making the graph
print({name: f"{best[name]:.0f} ms" for name in best}, "for 2,000 images")
left = round(100 * best["folded"] / best["two layers"])
predictions.number("milliseconds of 100", prediction, left, tolerance=10,
                   surprise="A normalization reads and writes every map, and multiplies little.")

# %%
print("folded takes less than 1.1 times as long:", best["folded"] < 1.1 * best["two layers"])

# %% [markdown]
# The same answers for less work. That is how networks are shipped. The batch size cannot matter any
# more, either: there is nothing left that could look at a batch.
#
# ## Exercise: `fold_into_conv` (3 points, about 8 minutes)
#
# `kernel` is (KH, KW, C, F); `bias`, `gamma`, `beta`, `mean`, `variance` are (F,). Behind the
# convolution stands a batch normalization with these kept statistics. Give back the (kernel, bias)
# of the one convolution that does the same.


# %% exercise="fold_into_conv"
def fold_into_conv(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Kernel and bias of a convolution that does the work of both layers at inference."""
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, (bias - mean) * scale + beta
    ### END SOLUTION


# %% check="fold_into_conv"
checks.normalization.fold_into_conv(fold_into_conv)

# %% [markdown]
# ## What it brings
#
# The lectures list five gains: faster training, higher learning rates, less dependence on the first
# weights, a better gradient flow, a little regularization. All five can be measured. The network is
# the same, with batch normalization and without; plain gradient descent, 200 steps, 3 seeds for
# each setting, made by `experiments/normalized_training.py`.

# %%
rows = experiments.read("normalized_training")

# %%
def mean_accuracy(normalization, rate=0.1, scale=1.0):
    """Of 3 seeds, on 2,000 test images."""
    settings = {"normalization": normalization, "rate": rate, "scale": scale}
    found = [row["test_accuracy"] for row in rows if settings.items() <= row.items()]
    return float(np.mean(found))

# %%
def table(**settings):
    """The means of both networks for each value of one setting, a line each."""
    ((name, values),) = settings.items()
    for value in values:
        pair = [mean_accuracy(kind, **{name: value}) for kind in ("none", "batch")]
        print(f"{name} {value:<5}  without {pair[0]:.2f}  with {pair[1]:.2f}")

# %% [markdown]
# **Predict:** at the *smallest* learning rate, 0.003, which one names more clothes right?

# %%
prediction = None  # "A": with batch normalization, "B": without, "C": the same, within 0.03

# %% claims="Q076 Q078"
table(rate=normalized_training.RATES)

# %%
ahead = mean_accuracy("batch", 0.003) - mean_accuracy("none", 0.003)
predictions.choice("the better one at learning rate 0.003", prediction,
                   "C" if abs(ahead) <= 0.03 else "A" if ahead > 0 else "B",
                   {"A": "with", "B": "without", "C": "the same"},
                   surprise="With steps that small neither gets far.")

# %% claims="Q079"
scales = (0.01, 1.0, 3.0, 10.0)
table(scale=scales)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.6, 3), sharey=True)
for ax, name, values in zip(axes, ("rate", "scale"), (normalized_training.RATES, scales)):
    for kind, label in {"none": "without", "batch": "with"}.items():
        means = [mean_accuracy(kind, **{name: value}) for value in values]
        plots.draw_curve(ax, values, means, label=label)
    ax.set(xscale="log", ylim=(0, 0.9))
axes[0].set(xlabel="learning rate, weights of He", ylabel="named right, 2,000 clothes")
axes[1].set(xlabel="first weights / those of He, learning rate 0.1")
plots.show(fig)

# %% [markdown]
# It does not make *every* training faster: at the smallest rate both are equally slow, at the
# largest both guess. What it does is to **allow** rates at which the plain network guesses, and
# those are fast ones. It forgives bad first weights, too: the next normalization divides by their
# scale.
#
# One run is no proof, and neither is a table that someone else made. Train the plain network
# yourself, at learning rate 1, and look where it falls among the three. (A loss of `nan`, not a
# number: the weights have grown beyond what a float can hold.)

# %% tags=["nbval-ignore-output"]
mine["none"] = normalized_training.run("none", 1.0, 1.0, seed=0, callbacks=[training.Progress()])

# %% tags=["nbval-ignore-output"]
at_rate = {kind: [row["test_accuracy"] for row in rows
                  if (row["normalization"], row["rate"]) == (kind, 1.0)]
           for kind in ("none", "batch")}
fig, ax = plt.subplots(figsize=(6, 1.7))
plots.draw_dots(ax, at_rate, x_label="named right, learning rate 1, 3 seeds",
                ringed=("none", mine["none"]["test_accuracy"]))
plots.show(fig)

# %%
print("without, at rate 1: below 0.3:", mine["none"]["test_accuracy"] < 0.3)

# %% [markdown]
# ### The gradient
#
# Notebook 11 measured how much gradient reaches the first layer of a deep network before training.
# The number below is the norm of the first layer's gradient over the last one's: 1 is best.

# %%
def gradient_ratio(activation, depth, normalized):
    """Norm of the gradient of the first kernel over that of the last, before training."""
    spread = "he_normal" if activation == "relu" else "glorot_uniform"
    stack = []
    for _ in range(depth):
        stack.append(keras.layers.Conv2D(8, 3, padding="same", kernel_initializer=spread))
        stack += [keras.layers.BatchNormalization()] if normalized else []
        stack.append(keras.layers.Activation(activation))
    pooled = keras.layers.GlobalAveragePooling2D()
    model = keras.Sequential([*stack, pooled, keras.layers.Dense(10, activation="softmax")])
    with tf.GradientTape() as tape:
        answers = model(images[:32], training=True)
        loss = keras.losses.sparse_categorical_crossentropy(labels[:32], answers)
    kernels = [layer.kernel for layer in stack if isinstance(layer, keras.layers.Conv2D)]
    first, *_, last = tape.gradient(loss, kernels)
    return float(tf.norm(first) / tf.norm(last))

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
ratios = {(activation, depth, normalized): gradient_ratio(activation, depth, normalized)
          for activation, depth in (("sigmoid", 20), ("relu", 40)) for normalized in (False, True)}
for (activation, depth, normalized), ratio in ratios.items():
    print(f"{activation:8}{depth} layers, {'with' if normalized else 'without':8} {ratio:.0e}")

# %% claims="Q077"
print("sigmoid, 20 layers, without: below 1e-8:", ratios["sigmoid", 20, False] < 1e-8)
print("sigmoid, 20 layers, with: from 0.01 to 100:", 0.01 < ratios["sigmoid", 20, True] < 100)
print("ReLU, 40 layers, without: from 0.01 to 100:", 0.01 < ratios["relu", 40, False] < 100)
print("ReLU, 40 layers, with: above 30:", ratios["relu", 40, True] > 30)

# %% [markdown]
# "Improves gradient flow": it rescues the sigmoid. With ReLU and He's weights there was nothing to
# rescue, and in 40 layers batch normalization makes the gradients *explode*. Notebook 13 adds what
# is missing.
#
# ### Regularization
#
# Noise keeps a network from learning by heart, and the mean of a batch is noise: it depends on
# which images happen to be together. "Acts as a form of regularization in a funny way", says a
# slide, "and slightly reduces the need for dropout, maybe". (Dropout sets random numbers to 0 in
# training; notebook 16.) 200 images, learned by heart; 2,000 others, asked:

# %%
few = experiments.read("few_images")
shares = {}
for kind in ("none", "batch"):
    for dropout in (0.0, 0.3):
        settings = {"normalization": kind, "dropout": dropout}
        name = f"{kind}, dropout {dropout}"
        shares[name] = [row["test_accuracy"] for row in few if settings.items() <= row.items()]
        print(f"{name:18} {np.mean(shares[name]):.3f}")

# %% claims="Q080"
def gain(one, other):
    """By how much `other` is better, seed by seed: the mean, and for how many seeds."""
    gains = np.subtract(shares[other], shares[one])
    return f"{gains.mean():+.3f}, better for {(gains > 0).sum()} of {gains.size} seeds"


print("batch normalization:", gain("none, dropout 0.0", "batch, dropout 0.0"))
print("dropout, without it:", gain("none, dropout 0.0", "none, dropout 0.3"))
print("dropout, with it:   ", gain("batch, dropout 0.0", "batch, dropout 0.3"))

# %%
fig, ax = plt.subplots(figsize=(6, 2.2))
plots.draw_dots(ax, shares, x_label="named right of 2,000 others, 5 seeds")
plots.show(fig)

# %% [markdown]
# A gain of half a point on the mean, with single seeds between 4 points worse and 3 better: on
# these clothes that is not more than chance. What the slide says of dropout can be seen a little:
# beside batch normalization it costs a point, without it it costs nothing. "Maybe" is the right
# word.
#
# ## Why does it work? The first explanation
#
# The paper of 2015 says: it reduces **internal covariate shift**. While a layer learns, the layers
# below it learn as well, so what it gets to see changes all the time. The lecture compares it with
# a network that gets pictures with scaled colours: "we wouldn't expect a neural network to do
# well". Nor does it, if one scales a lot. Here is the network above, with less light:

# %% claims="Q055"
for per_cent in (50, 25, 10):
    changed = batch_statistics.darkened(asked, per_cent)
    mine[f"dark_{per_cent}"] = normalized_training.accuracy(network, changed, truth)
lost = [mine["kept"] - mine[f"dark_{per_cent}"] for per_cent in (50, 25, 10)]
print("half of the light costs less than 0.2:", lost[0] < 0.2)
print("a tenth of the light costs more than 0.4:", lost[2] > 0.4)

# %% [markdown]
# So steady inputs for each layer sound right. Santurkar, Tsipras, Ilyas and Mądry (2018) put it to
# the test. Behind each batch normalization they put **noise**: in each step every channel is moved
# and scaled by random numbers, and by other ones in the next step. What the layers see shifts all
# the time then, by design.
#
# **Predict:** learning rate 1. Put the three in order, the best first: `"none"`, `"batch"`,
# `"batch then noise"`.

# %%
prediction = None  # the three names

# %% claims="Q085 Q087"
kinds = ("none", "batch", "batch then noise")
for rate in (0.1, 0.3, 1.0, 3.0):
    print(f"rate {rate:<5}", {kind: round(mean_accuracy(kind, rate), 2) for kind in kinds})

# %%
predictions.ranking("at learning rate 1, the best first", prediction,
                    sorted(kinds, key=lambda kind: -mean_accuracy(kind, 1.0)),
                    surprise="Its inputs are anything but steady, and still it learns.")

# %% [markdown]
# The noise costs something. But at the rates at which the plain network guesses, 1 and 3, the
# network with noise behind every normalization learns. So steady inputs can't be what made these
# rates possible: they have "little to do with the success", as the authors put it. It had been the
# most commonly cited reason. "Theory, intuition, and experimental results can all tell you
# different things", the lecture says.
#
# ## The second explanation
#
# Santurkar and others say: it makes the **loss smoother**. Gradient descent looks at the slope
# where it stands, and then takes a step. That is a good idea if the slope is still about the same
# at the other end. So look ahead in each step of training: go along the gradient, half as far to
# four times as far as the step will go. Over which range does the loss vary there? By how much
# does the gradient change?

# %% tags=["nbval-ignore-output"]
from experiments import loss_smoothness

ahead = {}
for kind in ("none", "batch"):
    start = time.perf_counter()
    ahead[kind] = loss_smoothness.trace(kind, seed=0, steps=30)
    print(f"{kind}: 30 steps, looked ahead at 4 places each, {time.perf_counter() - start:.0f} s")

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3), layout="constrained")
for kind, seen in ahead.items():
    steps = range(1, 31)
    plots.draw_curve(left, steps, np.ptp(seen["losses"], axis=1), label=kind, x_label="step",
                     y_label="range of the loss", title="The loss ahead")
    plots.draw_curve(right, steps, seen["changes"].max(axis=1), label=kind, x_label="step",
                     y_label="change / length", title="The gradient ahead")
for ax in (left, right):
    ax.set_yscale("log")
plots.show(fig)

# %% claims="Q086"
rows = experiments.read("loss_smoothness")
for column in ("loss_range", "gradient_change"):
    seeds = {kind: [row[column] for row in rows if row["normalization"] == kind] for kind in ahead}
    for kind, name in {"none": "without", "batch": "with"}.items():
        print(f"{column}, 5 seeds, {name:7}: {min(seeds[kind]):.2f} to {max(seeds[kind]):.2f}")

# %% [markdown]
# Without batch normalization the gradient at the far end is another one altogether: it has changed
# by several times its own length. With it the change is about one and a half times the length, and
# the loss varies far less. A slope that can be trusted longer allows longer steps: that is what
# the table of learning rates showed.
#
# A slide's headline goes further: "makes the loss landscape smoother with fewer local minima,
# saddle points". The paper shows the first half. It does not count minima or saddle points, and
# neither have we.
#
# ## Recap
#
# - One mean and one variance for each **channel**, over batch, height and width; ε stands under the
#   root. In training the batch's own, at inference the **kept** ones: mean *and* variance.
# - At inference batch normalization is a factor and a shift, so it can be **folded** into the
#   convolution before it, and vanishes.
# - It allows learning rates and first weights at which a plain network guesses. Steady inputs are
#   not the reason: with noise behind it it still does.
#
# To play: make `batch_statistics.RATE` 3.0, train again, and see whether the kept statistics still
# agree with large batches. Next, notebook 13: blocks that add their input.

# %%
predictions.recap()

# %%
checks.progress()
