# %% [markdown]
# # 7. Bend the line between two layers
#
# **You will be able to** turn a stack of layers without activations into the single kernel that it
# really is, say for each of seven activations where its gradient dies, and tell which of the
# lectures' claims about them a measurement bears out.
#
# **You need** notebook 5 (channels, biases) and notebook 6 (a gradient goes backwards through each
# step). **Time:** 35 minutes; no GPU.
#
# Exercises: `collapse_linear` (3 points, 9 min), `dead_fraction` (2 points, 4 min), `prelu`
# (2 points, 4 min), `maxout` (3 points, 7 min); `elu` for practice.

# %% [markdown]
# ## Five layers on a cat
#
# Here are five convolution layers, one after another: 1,905 numbers in all. The kernels are
# 3 x 3; there are eight channels between the layers; each filter has its bias. Padding is
# `"valid"`. Nothing else happens: what leaves one layer is what the next one gets.

# %%
from helpers import activations

rng, channels = np.random.default_rng(1), [1, 8, 8, 8, 8, 1]
stack = [(rng.normal(size=(3, 3, c, f)) / np.sqrt(9 * c), rng.normal(size=f) / 10)
         for c, f in zip(channels, channels[1:])]
print("numbers:", sum(kernel.size + bias.size for kernel, bias in stack))

# %% [markdown]
# There is **one** layer, with one channel in and one filter, that gives the same picture as all
# five.
#
# **Predict:** how many pixels wide is its kernel?

# %%
prediction = None  # a whole number of pixels

# %%
kernel, bias = stack[0]
for layer in stack[1:]:
    kernel, bias = activations.collapse_linear(kernel, bias, *layer)
print("one kernel", kernel.shape, "and one bias, so", kernel.size + bias.size, "numbers")
predictions.number("the width of the one kernel", prediction, kernel.shape[1], "pixels",
                   surprise="Each layer after the first lets it see one more pixel on each side.")

# %% claims="Q026"
def five_layers(image, padding="valid"):
    for kernel, bias in stack:
        image = convolution.correlate2d(image, kernel, padding=padding) + bias
    return image


photo = datasets.grey(datasets.photo("cat"))[None, :, :, None]
deep, single = five_layers(photo), convolution.correlate2d(photo, kernel) + bias
print("the same picture:", bool(np.allclose(deep, single, rtol=0, atol=1e-6)))

# %%
fig, axes = plots.image_axes(*[photo[0].shape] * 4, width=2.1, scale=False)
ends = float(deep.min()), float(deep.max())
plots.draw_image(axes[0], photo[0], title="The photo")
plots.draw_image(axes[1], deep[0], title="Five layers", limits=ends)
plots.draw_image(axes[2], single[0], title="One layer", limits=ends)
plots.draw_image(axes[3], np.abs(deep - single)[0].round(6), title="Difference")
plots.show(fig)

# %% [markdown]
# The difference is black. Depth has bought nothing here: a sum of weighted pixels, weighted and
# summed again, is a sum of weighted pixels. That is what **linear** means (with the biases one
# should say *affine*). The five layers have fifteen times as many numbers, and can do no more than
# the 122.
#
# In a real network the padding is mostly `"same"`. Take the same five layers with `"same"`, and
# the one kernel with `"same"`, on the same photo.
#
# **Predict:** where do the two pictures differ now?

# %%
prediction = None  # "A": nowhere, "B": at the border, "C": everywhere

# %%
off = np.abs(five_layers(photo, "same") - convolution.correlate2d(photo, kernel, padding="same")
             - bias)[0, :, :, 0].round(6)
inside = off[4:-4, 4:-4].max()
print("largest difference inside", inside, " within 4 pixels of the border", off.max() > 0.01)
predictions.choice("five layers with zeros around each", prediction,
                   "A" if off.max() == 0 else "C" if inside else "B",
                   {"A": "nowhere", "B": "at the border", "C": "everywhere"},
                   surprise="Each layer puts new zeros around its maps, the one layer only once.")

# %% [markdown]
# At the border each layer cuts off what the one before it had spread out there. It is still linear,
# but no single kernel does it.
#
# ## Exercise: `collapse_linear` (3 points, about 9 minutes)
#
# Make one layer of two. `first` is the kernel that sees the image, (KH, KW, C, M), `second` the
# one that sees its maps, (LH, LW, M, F). Padding is `"valid"`, the stride 1. Return the pair
# (kernel, bias) of the one layer.
#
# Think in this order: a row of pixels and two kernels of two taps; then the channels in between;
# then the biases, on a black image. `convolution.convolve2d` may be called, loops will do as well.


# %% exercise="collapse_linear"
def collapse_linear(first, first_bias, second, second_bias):
    """(kernel, bias) of the one layer that does what the two do; kernels (KH, KW, C, F)."""
    ### BEGIN SOLUTION
    as_images = np.moveaxis(first, 2, 0)  # C images of M channels
    kernel = np.moveaxis(convolution.convolve2d(as_images, second), 0, 2)
    bias = first_bias @ second.sum(axis=(0, 1)) + second_bias
    return kernel, bias
    ### END SOLUTION


# %% check="collapse_linear"
checks.activations.collapse_linear(collapse_linear)

# %% [markdown]
# ## One bend is enough
#
# So between two layers the line has to be bent. A function that does this to each number is an
# **activation**. The simplest one is **ReLU**, "rectified linear unit": negative numbers become 0.
# Two of them already make a function that no linear layer can: |x|.

# %%
x = np.array([-2.0, -1, 0, 1, 2])
relu = keras.activations.relu
print("x            ", *x)
print("ReLU(x)      ", *relu(x).numpy())
print("with ReLU(-x)", *(relu(x) + relu(-x)).numpy())

# %% [markdown]
# The lectures show a "zoo" of them. They have formulas for three, which Keras computes as
# they are written:

# %% claims="F018 F021 F024"
formulas = {"sigmoid": 1 / (1 + np.exp(-x)), "relu": np.maximum(0, x),
            "elu": np.where(x > 0, x, 1 * (np.exp(x) - 1))}  # alpha is 1
for name, values in formulas.items():
    same = np.allclose(getattr(keras.activations, name)(x), values, atol=1e-6)
    print(f"{name:8}", "".join(f"{value:8.3f}" for value in values), "  as in Keras:", same)

# %% [markdown]
# Learning goes backwards, so what counts is the **slope** of the curve, its derivative. Every
# gradient on its way back is multiplied by it. (At the corner itself ReLU has no slope;
# TensorFlow takes 0.)
#
# **Predict:** the sigmoid climbs from 0 to 1. What is its slope where it is steepest?

# %%
prediction = None  # a number, such as 1.5

# %%
def slope(function, x):
    x = tf.constant(x, "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy()


steepest = slope(tf.sigmoid, np.linspace(-6, 6, 1201)).max()
predictions.number("the steepest slope of the sigmoid", prediction, round(float(steepest), 4),
                   tolerance=0.01, surprise="Each sigmoid weakens the gradient to a quarter.")

# %% [markdown]
# Here they all are. The solid line is the value, the dashed line is the slope.

# %%
bends = {"none": lambda x: x, "sigmoid": tf.sigmoid, "tanh": tf.tanh, "ReLU": tf.nn.relu,
         "leaky ReLU, slope 0.1": lambda x: tf.nn.leaky_relu(x, 0.1),
         "PReLU, slope −0.5": lambda x: tf.where(x > 0, x, -0.5 * x),
         "ELU": tf.nn.elu, "maxout of x + 1 and −x": lambda x: tf.maximum(x + 1, -x)}
x = np.linspace(-4, 4, 161).astype("float32")
fig, axes = plt.subplots(2, 4, figsize=(9, 4.6), sharex=True, sharey=True)
for ax, (name, function) in zip(axes.flat, bends.items()):
    plots.draw_curve(ax, x, function(x), title=name)
    plots.draw_curve(ax, x, slope(function, x), x_label="x" if ax in axes[1] else None)
axes[0, 0].set_ylim(-1.3, 2.2)
fig.suptitle("Solid: the value at x. Dashed: the slope there.")
plots.show(fig)

# %% [markdown]
# **Sigmoid** and **tanh** go flat at both ends. The others keep a slope of 1 above 0 and differ
# below. **Leaky ReLU** has a small fixed slope there, **PReLU** one that it learns, **ELU** a
# curve that ends at -1. **Maxout** takes the largest of several lines, and learns the lines.
#
# ## Where the gradient dies
#
# Where the curve is flat the unit is **saturated**: nothing gets through backwards. As a table:

# %% claims="Q089 Q093 Q094"
at = [-10.0, -5, -3, 0, 3, 5, 10, 20]
print("slope at" + "".join(f"{x:9.0f}" for x in at))
for name in ("sigmoid", "tanh", "ReLU", "ELU"):
    print(f"{name:8}" + "".join(f"{value:9.1g}" for value in slope(bends[name], at)))

# %% [markdown]
# The slides say that the outputs lie in [0, 1] and [-1, 1]. In mathematics the ends are never
# reached. In float32 they are, and early:

# %% claims="F019 F020"
for name, function, far in (("sigmoid", tf.sigmoid, 17.0), ("tanh", tf.tanh, 10.0)):
    one = bool(function(far) == 1.0)
    print(f"{name}({far:.0f}) is exactly 1: {one}, slope {slope(function, far)}; "
          f"{name}({far / 2}) is exactly 1: {bool(function(far / 2) == 1.0)}")
print("sigmoid(-110) is exactly 0:", bool(tf.sigmoid(-110.0) == 0.0))

# %% [markdown]
# From there on the gradient is not small, it is 0.
#
# So how much of the gradient dies in a layer? Take the maps of the first layer above on the cat,
# shifted to mean 0 and scaled to a **spread** (standard deviation) of 1, which is about what a
# network starts with. Count the numbers at which the slope is below 0.01.
#
# **Predict:** with which of the four are the most gradients dead, at a spread of 1?

# %%
prediction = None  # "A": sigmoid, "B": tanh, "C": ReLU, "D": ELU

# %%
maps = convolution.correlate2d(photo, stack[0][0])[:, ::4, ::4]
maps = (maps - maps.mean(axis=(0, 1, 2))) / maps.std(axis=(0, 1, 2))
four, spreads = ("sigmoid", "tanh", "ReLU", "ELU"), (0.5, 1, 2, 4, 8, 16, 32)
dead = {name: [(np.abs(slope(bends[name], s * maps)) < 0.01).mean() for s in spreads]
        for name in four}
print("dead at a spread of 1:", {name: round(float(shares[1]), 2) for name, shares in dead.items()})
most = max(four, key=lambda name: dead[name][1])
predictions.choice("most dead gradients at a spread of 1", prediction, "ABCD"[four.index(most)],
                   dict(zip("ABCD", four)),
                   surprise="Below 0 the slope of ReLU is 0, and about half of all numbers are.")

# %%
fig, ax = plt.subplots(figsize=(6, 3.2))
for name, shares in dead.items():
    plots.draw_curve(ax, spreads, shares, label=name, x_label="spread of what comes in",
                     y_label="share of slopes below 0.01")
ax.set_xscale("log", base=2)
ax.set_xticks(spreads, spreads)
plots.show(fig)

# %% [markdown]
# Two different deaths. The sigmoid lives while its inputs are small, and dies when they grow: at
# **both** ends, so that a large input, the surest answer of all, can't be corrected. ReLU loses
# about half, however large the inputs are. Mostly that is no harm: the number that is 0 at this
# pixel is above 0 at another one, and there the whole gradient gets through.
#
# It is harm when a unit is above 0 **nowhere**.
#
# ## Exercise: `dead_fraction` (2 points, about 4 minutes)
#
# A unit is a channel here: one kernel, one bias. It is **dead** when it is above 0 at no place of
# any image. `maps` is (N, H, W, C), from behind a ReLU or from before it. Return the share of the
# channels that are dead.


# %% exercise="dead_fraction"
def dead_fraction(maps):
    """The share of channels of (N, H, W, C) that are nowhere above 0, a float from 0 to 1."""
    ### BEGIN SOLUTION
    alive = (maps > 0).any(axis=(0, 1, 2))
    return 1 - alive.mean()
    ### END SOLUTION


# %% check="dead_fraction"
checks.activations.dead_fraction(dead_fraction)

# %% [markdown]
# ## What kills units
#
# A dead ReLU has a gradient of 0 for every image, so nothing moves its weights any more. What
# brings it there is one step that went too far, and the length of a step is the learning rate.
#
# The experiment: three convolution layers of 16 units each, ReLU, Fashion-MNIST made small
# (14 x 14 pixels), 300 steps. With a learning rate of 0.1 no unit of the first layer dies, or
# hardly one.
#
# **Predict:** at twice that rate, 0.2, how many of the 16 units in the first layer are dead in the
# end? (The mean of five seeds.)

# %%
prediction = None  # a number of units, from 0 to 16

# %% [markdown]
# One of the runs is made here, now. The others are in `data/experiments`, made by
# `experiments/dead_units.py`.

# %% tags=["nbval-ignore-output"]
import experiments
from experiments import dead_units

print("training 300 steps ...")
mine = dead_units.run("relu", rate=0.2, seed=0)
print({name: mine[name] for name in ("dead_1", "dead_2", "dead_3", "test_accuracy", "seconds")})

# %% claims="Q099"
print("more than 1 and fewer than 15 units dead in my run:", 1 / 16 < mine["dead_1"] < 15 / 16)
runs = [run for run in experiments.read("dead_units") if run["activation"] == "relu"]
groups = {f"rate {rate}": [16 * run["dead_1"] for run in runs if run["rate"] == rate]
          for rate in dead_units.RATES}
print({name: round(float(np.mean(units)), 1) for name, units in groups.items()})
predictions.number("dead units of 16 at a rate of 0.2", prediction,
                   round(float(np.mean(groups["rate 0.2"])), 1), "units", tolerance=2,
                   surprise="Between 0.1 and 0.2 lies a cliff.")

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.5, 2.9))
plots.draw_dots(ax, groups, title="Dead units after 300 steps; the ringed run is yours",
                x_label="dead units of the 16 in the first layer, one dot a seed",
                ringed=("rate 0.2", 16 * mine["dead_1"]))
plots.show(fig)

# %% [markdown]
# At 0.1 a single unit died, in five networks. At twice that rate it is half of the layer. One of
# the five networks has lost all units of its last layer: it gives every image the same answer,
# and no gradient will ever get through again. "Be careful with your learning rates", says the
# slide. That is why.
#
# Then take a unit that can't die. Below 0 **leaky ReLU** has a small slope instead of none, so a
# gradient always gets through. "Will not die", says the slide.
#
# **Predict:** train the same network at a rate of 0.3, where ReLU loses most of its units. Which
# activation gives the best test accuracy?

# %%
prediction = None  # "A": ReLU, "B": leaky ReLU, "C": ELU

# %% claims="Q100"
runs = experiments.read("dead_units")
names = ("relu", "leaky relu", "elu")
accuracy = {name: [np.mean([run["test_accuracy"] for run in runs
                            if (run["activation"], run["rate"]) == (name, rate)])
                   for rate in dead_units.RATES] for name in names}
print("rate      " + "".join(f"{rate:7}" for rate in dead_units.RATES))
for name in names:
    print(f"{name:10}" + "".join(f"{value:7.2f}" for value in accuracy[name]))
best = max(names, key=lambda name: accuracy[name][4])
predictions.choice("the best at a rate of 0.3", prediction, "ABC"[names.index(best)],
                   dict(zip("ABC", names)), surprise="A unit that is dead can't run away.")

# %% [markdown]
# At 0.2 the slide is right: leaky ReLU stays alive, and is the best of the three. At 0.3 it is the
# worst choice: all five networks with it ran out of the range of float32. Their gradient always
# gets through, so nothing stops weights that have begun to run away. A dead ReLU is a brake. The
# lesson that holds for all three is the smaller learning rate, where they are about equal.
#
# ## Does the slide hold?
#
# One slide writes leaky ReLU as max(0.1x, x), another one as max(0.01x, x). Keras has it three
# times: as a layer, `keras.layers.LeakyReLU()`, as a function, `keras.activations.leaky_relu`,
# and under it TensorFlow's own, `tf.nn.leaky_relu`. Nothing is said about the slope, so each
# takes its default.
#
# **Predict** the three slopes, in this order.

# %%
prediction = None  # three numbers, such as [0.1, 0.1, 0.1]

# %% claims="F022"
defaults = [keras.layers.LeakyReLU(), keras.activations.leaky_relu, tf.nn.leaky_relu]
found = [round(float(-function(tf.constant(-1.0))), 3) for function in defaults]
print("layer", found[0], " keras.activations", found[1], " tf.nn", found[2])
predictions.values("the three default slopes", prediction, found,
                   surprise="Neither slide's number: always give the slope yourself.")

# %% [markdown]
# Why choose the slope at all? **PReLU** learns it, like a weight. How many slopes that
# makes is a trap of its own:

# %% claims="F023"
slide = max(2 * 3, 3)  # max(slope * x, x) at x = 3 with a slope of 2
print("slope 2, x = 3: the slide's formula", slide, " PReLU", *activations.prelu([3.0], [2.0]))
for settings in ({}, {"shared_axes": [1, 2]}):
    layer = keras.layers.PReLU(**settings)
    layer.build((None, 28, 28, 8))
    print(settings, "slopes:", layer.count_params(), " they start at", float(layer.alpha[0, 0, 0]))

# %% [markdown]
# Keras gives each **pixel** of each map its own slope, unless it is told to share them along height
# and width. With `shared_axes=[1, 2]` there is one for each channel, as in the paper (He et al.,
# 2015).
#
# ## Exercise: `prelu` (2 points, about 4 minutes)
#
# `maps` is (N, H, W, C), `slopes` has one number for each channel. Above 0 nothing changes, below
# 0 each number is multiplied by the slope of its channel. The slopes are learned: they may be
# anything.


# %% exercise="prelu"
def prelu(maps, slopes):
    """ReLU with a slope below 0 for each channel: maps (N, H, W, C), slopes (C,)."""
    ### BEGIN SOLUTION
    return np.where(maps > 0, maps, slopes * maps)
    ### END SOLUTION


# %% check="prelu"
checks.activations.prelu(prelu)

# %% [markdown]
# ## Let lines compete
#
# All of these bend at 0, and someone chose how. **Maxout** chooses nothing: a unit has two lines
# (or more), and its value is the larger one. Both lines are learned. Two lines are enough
# for ReLU, for leaky ReLU and for |x|.

# %% claims="Q105 Q106"
x = np.array([[-2.0], [-1], [0], [1], [2]])
pairs = {"ReLU": [1, 0], "leaky ReLU": [1, 0.1], "|x|": [1, -1]}
for name, lines in pairs.items():
    weights = np.reshape(lines, (2, 1, 1))
    print(f"{name:10}", activations.maxout(x, weights, np.zeros((2, 1))).ravel().tolist())
low = activations.maxout(x, np.ones((2, 1, 1)), [[0.0], [-5.0]])
print("x against x - 5: the second line is chosen", int((low != x).sum()), "times")

# %% [markdown]
# A maxout unit is never flat, unless it learns a flat line, so it does not saturate. "Does not
# die", says the slide. The unit does not; but a *line* that is never the larger one gets no
# gradient, just like a dead ReLU.
#
# Keras has no maxout layer. One dense layer makes all the lines, a maximum chooses:

# %% claims="F025 Q107"
inputs = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
for pieces in (1, 2, 3):
    dense = keras.layers.Dense(pieces * 8, bias_initializer=keras.initializers.RandomNormal(seed=1))
    lines = tf.reshape(dense(inputs), (5, pieces, 8))
    weights = np.moveaxis(np.reshape(dense.kernel, (4, pieces, 8)), 1, 0)
    ours = activations.maxout(inputs, weights, np.reshape(dense.bias, (pieces, 8)))
    print("lines", pieces, " parameters", dense.count_params(), " the same values:",
          bool(np.allclose(ours, tf.reduce_max(lines, axis=1), atol=1e-5)))

# %% [markdown]
# With two lines the parameters double, as the slide says; with three there are three times as many.
#
# ## Exercise: `maxout` (3 points, about 7 minutes)
#
# `inputs` is (N, D). There are K pieces: piece k of all U units is a dense layer with the weights
# `weights[k]`, (D, U), and the biases `biases[k]`, (U,). Return (N, U): for each unit the largest
# of its K pieces.


# %% exercise="maxout"
def maxout(inputs, weights, biases):
    """The largest piece of each unit: (N, D), (K, D, U), (K, U) give (N, U)."""
    ### BEGIN SOLUTION
    pieces = inputs @ weights + biases[:, None]  # K, N, U
    return pieces.max(axis=0)
    ### END SOLUTION


# %% check="maxout"
checks.activations.maxout(maxout)

# %% [markdown]
# ## Practice: `elu` (no points, 3 minutes)
#
# x above 0, alpha * (e ** x - 1) at 0 and below, for an array of any shape. Large numbers belong
# to it: nothing may become infinite or "not a number" that should not.


# %% exercise="elu"
def elu(x, alpha=1.0):
    """x above 0, alpha * (e ** x - 1) at 0 and below; x is an array."""
    ### BEGIN SOLUTION
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))
    ### END SOLUTION


# %% check="elu"
checks.activations.elu(elu)

# %% [markdown]
# ELU has "all benefits of ReLU", says the slide. Three of them are: it does not saturate, it is
# cheap, and it is **sparse** (many of its outputs are exactly 0, a kind of silence).

# %% claims="Q101"
numbers = tf.constant(maps, "float32")
for name in ("ReLU", "ELU"):
    silent = float((bends[name](numbers).numpy() == 0).mean())
    print(f"{name}: slope at -10 {slope(bends[name], -10.0):.1g}, exactly 0: {silent:.0%}")

# %% [markdown]
# ELU saturates below 0, as slowly as the sigmoid does. It is silent nowhere, and it needs an
# exponential. In exchange it has something else: its mean.
#
# ## Outputs that are not centred
#
# Feed each activation with numbers of mean 0 and spread 1 (the normal distribution). What is the
# mean of what comes out?
#
# **Predict:** put the four in order, the mean that is nearest to 0 first.

# %%
prediction = None  # such as ["sigmoid", "tanh", "ReLU", "ELU"]

# %% claims="Q090 Q098 Q102"
from scipy.stats import norm

spread_out = norm.ppf((np.arange(10_000) + 0.5) / 10_000)  # each as likely as the next
means = {name: float(np.mean(bends[name](tf.constant(spread_out)))) for name in four}
print({name: round(value, 3) + 0.0 for name, value in means.items()})
predictions.ranking("means, the nearest to 0 first", prediction,
                    sorted(means, key=lambda name: abs(means[name])))

# %% [markdown]
# Why should that matter? The slide: a unit whose inputs are all positive, as behind a sigmoid, gets
# a gradient whose signs are **all the same**. The gradient of weight i is the error times input
# i; the error is one number, and the inputs are all positive. So all weights go up
# together or down together, and the way to a place where one is larger and one smaller is a
# zigzag.
#
# That is about one image. A step is made for a batch of images, whose gradients are added up.
# Here are 32 sigmoid units on clothes, and ten outputs behind them. The weights are random.
#
# **Predict:** with batches of 32 images, at which share of the outputs do all 32 gradients have the
# same sign?

# %%
prediction = None  # a share from 0 to 1

# %%
clothes, labels = datasets.fashion_mnist("train", n=6400)
pixels = clothes.reshape(-1, 784) / 255 - 0.286  # minus the mean of all pixels
sizes = (1, 4, 8, 16, 32, 64, 128)  # images in a batch


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def one_signed(function, seed):
    rng = np.random.default_rng(seed)
    hidden = function(pixels @ rng.normal(size=(784, 32)) / 28)
    error = tf.nn.softmax(hidden @ rng.normal(size=(32, 10)) / 32**0.5).numpy() - np.eye(10)[labels]
    each = hidden[:, :, None] * error[:, None]  # the gradient of each image: N, 32, 10
    batches = [each.reshape(-1, size, 32, 10).sum(axis=1) for size in sizes]
    return [float((abs(np.sign(batch).sum(axis=1)) == 32).mean()) for batch in batches]


# %%
by_seed = np.array([one_signed(sigmoid, seed) for seed in range(5)])
shares = by_seed.mean(axis=0)
print("sigmoid, one image:", shares[0], " batches of 32, five seeds:", *by_seed[:, 4].round(2))
print("tanh,    one image:", one_signed(np.tanh, 0)[0])
predictions.number("one sign only, batches of 32", prediction, round(shares[4], 2), tolerance=0.1,
                   surprise="A batch mixes the signs, but less than one would think.")

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
plots.draw_curve(ax, sizes, shares, label="sigmoid")
plots.draw_curve(ax, sizes, one_signed(np.tanh, 0), label="tanh", x_label="images in a batch",
                 y_label="outputs with one sign\n(share)")
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, sizes)
plots.show(fig)

# %% [markdown]
# For one image the slide is right: always, behind a sigmoid. For a batch of 32 it is no longer
# "always", but still about three in four. Behind tanh, whose outputs have both signs, it is none.
#
# So much for the signs. Does it *cost* anything? To find out, take tanh and lift it by 1. It has
# the same slopes, but its outputs lie above 0. The biases of the next layer can undo the 1, and in
# the experiment they do so at the start: both networks begin as the very same function, and
# can become the same functions. Only the way there differs. The result is in the next
# section's table, as "tanh + 1".
#
# ## Six times faster?
#
# "Converges much faster than sigmoid/tanh in practice (e.g. 6x)", says the slide of ReLU, and then
# the slide of leaky ReLU says it again. The 6 comes from one figure: Krizhevsky, Sutskever and
# Hinton (2012), a network of four layers on CIFAR-10, against **tanh**, until 3 of 4 training
# images are right, each with the learning rate that suits it best. For leaky ReLU there is no
# such figure.
#
# The same question for the small network: steps until 3 of 4 training images are right, at the best
# of two learning rates, five seeds.
#
# **Predict:** how many times as many steps as ReLU does tanh take?

# %%
prediction = None  # "A": 6 or more, "B": 2 to 6, "C": less than 2

# %% tags=["nbval-ignore-output"]
from experiments import activation_speed

print("training until 3 of 4 are right ...")
mine = activation_speed.run("relu", rate=0.1, seed=0)
print(mine["steps"], "steps,", mine["seconds"], "seconds")

# %% claims="Q096"
print("my run between 30 and 200 steps:", 30 <= mine["steps"] <= 200)
runs = experiments.read("activation_speed")
names = ("relu", "leaky relu", "elu", "tanh", "tanh + 1", "sigmoid")
steps = {name: [activation_speed.best_steps(runs, name, seed)[0] for seed in range(5)]
         for name in names}
for name in names:
    print(f"{name:10}", *["never" if value == np.inf else value for value in steps[name]])
ratio = np.median(steps["tanh"]) / np.median(steps["relu"])
letter = "A" if ratio >= 6 else "B" if ratio >= 2 else "C"
predictions.choice("tanh against ReLU", prediction, letter,
                   {"A": "6 or more", "B": "2 to 6", "C": "less than 2"},
                   surprise="A number from one network on one task.")

# %% [markdown]
# Here tanh takes no longer than ReLU: the seed decides more than the activation. ELU needs half the
# steps. Only the sigmoid does not arrive, at either of its rates. The slide's 6 is the ratio of two
# such rows, for another network on another task.
#
# Now compare tanh with "tanh + 1". They began as the same function, but the lifted one mostly does
# not arrive. That is the price of outputs that are not centred at 0.

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.5, 2.9))
reached = {name: [min(value, 450) for value in values] for name, values in steps.items()}
plots.draw_dots(ax, reached, title="Steps at the best learning rate; the ringed run is yours",
                x_label="steps until 3 of 4 are right, one dot a seed (450: not reached)",
                ringed=("relu", mine["steps"]))
plots.show(fig)

# %% claims="Q108"
for name in names:
    print(f"{name:10} {np.median(steps[name]) / np.median(steps['relu']):.1f} times ReLU's steps")

# %% [markdown]
# The lecture sums up: use ReLU, try leaky ReLU, maxout or ELU, try tanh but don't expect much,
# don't use the sigmoid. For this small network leaky ReLU is ReLU's equal, ELU and tanh do better
# than the advice says, and the sigmoid is as bad. A deeper network may say otherwise.
#
# ## Noise, time, and the last layer
#
# Three claims are left. "Negative saturation adds some robustness to noise", says the slide of ELU.
# The networks of the first experiment were also tested on images with noise (spread 0.3, where
# black is 0 and white is 1):

# %% claims="Q103"
runs = experiments.read("dead_units")
for rate in (0.01, 0.03, 0.1):
    noisy = {name: [run["accuracy_noise_0.3"] for run in runs if
                    (run["activation"], run["rate"]) == (name, rate)] for name in ("relu", "elu")}
    better = sum(elu > relu for relu, elu in zip(noisy["relu"], noisy["elu"]))
    print(f"rate {rate}: ReLU {np.mean(noisy['relu']):.2f}, ELU {np.mean(noisy['elu']):.2f}, "
          f"ELU better with {better} of 5 seeds")

# %% [markdown]
# With the two smaller learning rates ELU does better on noise with every seed. But there it is the
# better network on clean images, too, and at 0.1 the advantage is gone. So "some robustness" holds
# here for small learning rates, and is no property of the activation alone.
#
# "exp() is a bit expensive": compare it with what stands beside it, a convolution of 32 filters on
# 32 channels, on maps of the same size.

# %% tags=["nbval-ignore-output"]
from timeit import repeat

maps = tf.random.normal((8, 28, 28, 32), seed=0)
taps = tf.random.normal((3, 3, 32, 32), seed=0)
work = {"ReLU": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid, "ELU": tf.nn.elu,
        "convolution": lambda x: tf.nn.conv2d(x, taps, 1, "SAME")}
took = {name: 1000 * min(repeat(lambda: function(maps), number=1, repeat=40))
        for name, function in work.items()}
print({name: round(value, 2) for name, value in took.items()}, "milliseconds")

# %% claims="Q091 Q095 Q104"
for name in ("ReLU", "sigmoid"):
    print(f"{name} takes less than half the time of the convolution:",
          took[name] < took["convolution"] / 2)
print("sigmoid takes longer than ReLU:", took["sigmoid"] > took["ReLU"])
print("ELU at -1 is exp(-1) - 1:", bool(np.isclose(tf.nn.elu(-1.0), np.exp(-1) - 1)))

# %% [markdown]
# The exponential is dearer than a comparison, and in a network you would hardly notice.
#
# So is the sigmoid of no use? Inside a convolutional network hardly any. But where an answer
# between 0 and 1 is wanted, it is the right one. What the **last** layer needs depends on the task
# and on its loss. One class of three: softmax, which shares out 1. Any number of labels at once: a
# sigmoid for each. A quantity: no activation. The memory cells of recurrent networks, LSTM and
# GRU, are built on tanh, and their gates are sigmoids.

# %% claims="Q109 Q141"
scores = tf.constant([[2.0, 1.0, -1.0]])
for task in ("softmax", "sigmoid", "linear"):
    answers = keras.activations.get(task)(scores).numpy()[0]
    print(f"{task:8}", *answers.round(2), " sum", round(float(answers.sum()), 2))
for layer in (keras.layers.LSTM(1), keras.layers.GRU(1)):
    print(type(layer).__name__, layer.activation.__name__, layer.recurrent_activation.__name__)

# %% [markdown]
# Where do they come from? Leaky ReLU: Maas, Hannun and Ng, 2013 (the slides write "Mass"). PReLU:
# He et al., 2015. ELU: Clevert, Unterthiner and Hochreiter, 2015. Maxout: Goodfellow et al., 2013.
# The slides give LeCun et al., 1991, for tanh, and call ReLU "more biologically plausible"; neither
# can be tested here.
#
# ## Recap
#
# - Without an activation, layers collapse: five convolutions are one kernel of 11 x 11.
# - Gradients die where the curve is flat: a sigmoid at both ends, a ReLU below 0. A unit that is
#   above 0 nowhere is dead for good, and a large learning rate makes many of those.
# - What is said about an activation ("will not die", "six times faster") was measured somewhere, on
#   one network. Learning rate and seed can change it: measure before you quote.
#
# To play: put a ReLU between the five layers of the first cells (`np.maximum(image, 0)`) and look
# at the difference again. Next, notebook 8: pooling.

# %%
predictions.recap()

# %%
checks.progress()
