# %% [markdown]
# # 11. Send a gradient through forty layers
#
# **You will be able to** say beforehand how much of a gradient is left after forty layers, choose
# first weights with which it neither vanishes nor explodes, and repair a deep network that does
# not train.
#
# **You need** notebook 6 (a gradient goes backwards through each step) and notebook 7
# (activations and their slopes). **Time:** 35 minutes; no GPU.
#
# Exercises: `gradient_norms` (4 points, 9 min), `he_stddev` (2 points, 3 min), `repair`
# (4 points, 7 min); `chain` for practice.

# %% [markdown]
# ## Why not a hundred layers?
#
# AlexNet won the ImageNet contest of 2012 with eight layers. From then on the winners got deeper.
# "By 2015 more than 100 layers, better than a human", says a slide. The network is ResNet-152.
# Count its layers: one at the beginning, one at the end, and between them 3 + 8 + 36 + 3 blocks of
# three.

# %% claims="H006"
print("ResNet-152:", 1 + 3 * (3 + 8 + 36 + 3) + 1, "layers")

# %% [markdown]
# The depth is right. "Better than a human" cannot be run here; it rests on two numbers in papers,
# and needs a footnote for each. An error of 3.57 % (He and others, 2015) belongs to **six networks
# together**, an ensemble. An error of 5.1 % (Russakovsky and others, 2015) belongs to **one**
# trained person, who had to know 1000 classes, 120 breeds of dogs among them.
#
# If deep is good, why not start with a hundred layers at once? The lectures give three
# reasons: computing, data, and *vanishing and exploding gradients*. This notebook is about the
# third. At its end you will meet a fourth one.
#
# ## A chain
#
# The smallest deep network has one unit a layer: F = f1(w1, f2(w2, f3(w3))). Going back from F, the
# gradient is multiplied in each layer by that layer's slope. Take three layers that each multiply
# by 0.1, then three that each multiply by 2.

# %% claims="N048 N049 F038"
for slope in (0.1, 2.0):
    x = tf.Variable(1.0, dtype="float64")
    with tf.GradientTape() as tape:
        F = slope * (slope * (slope * x))
    gradient = float(tape.gradient(F, x))
    print(slope, "three times:", gradient, " the product of the slopes:",
          bool(np.isclose(gradient, slope**3)))

# %% [markdown]
# `(.1)^3 = .001` and `(2)^3 = 8`, as on the slides. (The last digit of 0.001 is
# float64's; so never compare such numbers with `==`, use `np.isclose`.)
#
# Nobody builds a layer with a slope of 0.1. Take milder ones, and more of them.
#
# **Predict:** forty layers. What is left of a gradient of 1 when each layer multiplies it by 0.9?
# And by 1.1?

# %%
prediction = None  # two numbers, such as [0.5, 2]

# %% claims="Q140"
left = [0.9**40, 1.1**40]
print("0.9 forty times:", round(left[0], 4), "  1.1 forty times:", round(left[1], 1))
predictions.values("forty factors of 0.9, and of 1.1", prediction, left, tolerance=0.005,
                   surprise="Between the two lies a factor of 3000.")

# %% [markdown]
# "Adding more layers adds more factors of at most 1." What counts is how far each is from 1,
# because there are so many. Nothing in between is stable: below 1 the product goes to 0, above 1
# to infinity.
#
# ## Practice: `chain` (no points, 3 minutes)
#
# The output is `weights[n-1] * ... * weights[1] * weights[0] * x`. Return its gradient with
# respect to each weight, in the order of `weights`. One of the weights may be 0.


# %% exercise="chain"
def chain(weights, x):
    """The gradient of the product of x and all weights by each weight: a tuple of floats."""
    ### BEGIN SOLUTION
    before, after = [x], [1.0]
    for weight in weights[:-1]:
        before.append(before[-1] * weight)
    for weight in weights[:0:-1]:
        after.append(after[-1] * weight)
    return tuple(float(b * a) for b, a in zip(before, after[::-1]))
    ### END SOLUTION


# %% check="chain"
checks.initialization.chain(chain)

# %% [markdown]
# ## Does the slide hold?
#
# A real layer does two things: it multiplies by weights, and it bends by an activation. The slide
# about vanishing gradients says of the second: *Common activation functions typically have a
# derivative smaller than 1 (or at least not more than 1).* You know sigmoid and tanh from
# notebook 7. GELU and SELU are younger, and common too: GELU stands in most language models.
#
# **Predict:** put the four in order of their steepest slope, the smallest first.

# %%
prediction = None  # such as ["gelu", "selu", "sigmoid", "tanh"]

# %% claims="Q064"
names = ("sigmoid", "tanh", "relu", "elu", "softplus", "silu", "gelu", "mish", "selu")
x = tf.Variable(np.linspace(-8, 8, 32001), dtype="float32")
steepest = {}
for name in names:
    with tf.GradientTape() as tape:
        y = keras.activations.get(name)(x)
    steepest[name] = round(float(tf.reduce_max(tape.gradient(y, x))), 3)
    print(f"{name:8} steepest slope {steepest[name]:.2f}", "  above 1" * (steepest[name] > 1.001))

# %%
four = ("sigmoid", "tanh", "gelu", "selu")
predictions.ranking("steepest slope, the smallest first", prediction,
                    sorted(four, key=steepest.get))

# %% [markdown]
# It holds for sigmoid, tanh, ReLU, ELU and softplus. It does not for SiLU, GELU, Mish and SELU.
# And there is a larger hole in the argument: the **weights**. On its way back through a layer a
# gradient is multiplied by the slope of each unit *and* by the matrix of the weights. Slopes of at
# most 1 prove nothing while the weights may be anything. So look at both.
#
# ## Forty layers of clothes
#
# 64 clothes, 784 pixels each, go through forty dense layers of 64 units with ReLU. There are no
# biases. The weights are random, as at the start of training; how large they are on average, their
# **spread**, is the standard deviation of the draw. Three spreads: one that He and others published
# in 2015 (you will find out where it comes from), half of it, and twice as much.

# %%
from helpers import initialization

clothes, _ = datasets.fashion_mnist("train", n=64)
x = ((clothes.reshape(64, 784) / 255 - 0.286) / 0.353).astype("float32")
widths = [784] + 40 * [64]
spreads = {"half": 0.5, "He": 1, "double": 2}
starts = {name: initialization.random_weights(widths, scale) for name, scale in spreads.items()}
print({name: round(float(weights[1].std()), 3) for name, weights in starts.items()})

# %% [markdown]
# The loss is simply the mean of all numbers that come out. For each layer the gradient of that loss
# with respect to its weights is an array; its size is its **norm**, the root of the sum of all
# squares. `initialization.gradient_norms` gives these forty numbers. Do they agree with
# TensorFlow?

# %%
weights = [tf.Variable(matrix) for matrix in starts["He"]]
with tf.GradientTape() as tape:
    h = tf.constant(x)
    for matrix in weights:
        h = tf.nn.relu(h @ matrix)
    loss = tf.reduce_mean(h)
by_tape = [float(tf.norm(gradient)) for gradient in tape.gradient(loss, weights)]
norms = {name: initialization.gradient_norms(start, x, "relu") for name, start in starts.items()}
print("as TensorFlow's:", bool(np.allclose(norms["He"], by_tape, rtol=1e-3)))

# %% [markdown]
# **Predict:** halve all weights. The gradient of the first layer becomes smaller by a factor of 10
# to the power of what? (-1 for a tenth, -2 for a hundredth, ...)

# %%
prediction = None  # a power of ten, such as -1

# %% claims="Q065"
shrunk = norms["half"][0] / norms["He"][0]
print(f"half the weights: {shrunk:.1e} of the gradient, 2 to the power of {np.log2(shrunk):.2f}")
predictions.number("halved weights, forty layers: power of ten", prediction,
                   round(float(np.log10(shrunk)), 1), tolerance=1,
                   surprise="39 other layers halve it, one after another: 2 to the power of -39.")

# %% [markdown]
# About a millionth of a millionth, from halving. The slope of ReLU is 1, as good as it gets; the
# weights alone did this. "Vanishing gradients are caused by the repeated multiplication of numbers
# smaller than 1": yes, and the numbers are slopes **times weights**.
#
# Now all forty layers. The slides say that gradients *earlier in the network* tend to vanish.
#
# **Predict:** in the ReLU network with halved weights, which layer has the smallest gradient?

# %%
prediction = None  # "A": the first, "B": the last, "C": none, all are about equally small

# %%
small = norms["half"]
print("largest of the forty / smallest: below 100:", bool(small.max() / small.min() < 100))
predictions.choice("smallest gradient, ReLU, halved weights", prediction,
                   "C" if small.max() / small.min() < 100 else "AB"[int(small.argmin() > 20)],
                   {"A": "the first layer", "B": "the last layer", "C": "all about the same"},
                   surprise="What comes in shrinks as well, and a gradient is a product of both.")

# %% tags=["nbval-ignore-output"]
sigmoid = {name: initialization.gradient_norms(start, x, "sigmoid")
           for name, start in starts.items()}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, found, title in zip(axes, (norms, sigmoid), ("ReLU", "Sigmoid")):
    ax.set_yscale("log")
    for name in ("double", "He", "half"):
        plots.draw_curve(ax, range(1, 41), found[name], label=name, title=title, x_label="layer")
axes[0].set_ylabel("norm of the gradient")
plots.show(fig)

# %% [markdown]
# Look at the scale: between the upper and the lower line on the left lie 23 powers of ten. Same
# depth, same clothes, same draws; only the spread of the first weights differs.
#
# And the lines are **flat**. The gradient of a weight is *what comes into its layer, times
# what comes back to it*. The first layer gets full-size pixels, and what comes back to it was
# halved 39 times. The last layer gets the full gradient, but the numbers that arrive there were
# halved 39 times on the way forward. The same product. So in a ReLU network no layer is better
# off: they vanish together, or explode together.
#
# The slide's picture is that of the **sigmoid**, on the right. Its outputs stay near a half,
# whatever comes in, so nothing shrinks on the way forward. On the way back each layer multiplies
# by a slope of a quarter at most. The last layers learn, the first ones get nothing, and doubling
# the weights does not save them.
#
# One slide asks: *if you could make one change to a weight to have the biggest change on output,
# which weight would you pick?* The picture that belongs to it is lost, but a gradient answers it
# for any network. Here are the forty layers again, and the layer where the largest entry of all
# gradients sits.

# %% claims="Q068"
def layer_of_the_largest(activation, scale):
    weights = [tf.Variable(m) for m in initialization.random_weights(widths, scale)]
    with tf.GradientTape() as tape:
        h = tf.constant(x)
        for matrix in weights:
            h = activation(h @ matrix)
        loss = tf.reduce_mean(h)
    return 1 + int(np.argmax([tf.reduce_max(abs(g)) for g in tape.gradient(loss, weights)]))


print("sigmoid: among the last 3:", layer_of_the_largest(tf.sigmoid, 1) > 37)
print("tanh, double weights: among the first 3:", layer_of_the_largest(tf.tanh, 2) < 4)

# %% [markdown]
# So it depends: with the sigmoid pick a weight near the output, with a tanh whose weights are too
# large pick one near the input.
#
# ## Exercise: `gradient_norms` (4 points, about 9 minutes)
#
# Write what drew the curves. Each layer computes `h = f(h @ W)`, the last one included; the first
# `h` is `x`. The loss is the mean of all numbers that come out of the last layer. Return the norm
# of the gradient of each matrix, the first layer first.
#
# Think in this order: one unit a layer (a chain); then matrices (notebook 6: which one leads
# backwards?); then the slopes. That of ReLU is 1 above 0 and else 0; those of the others are
# easily had from what comes *out*: `1 - h * h` for tanh, `h * (1 - h)` for the sigmoid. NumPy will
# do.


# %% exercise="gradient_norms"
def gradient_norms(weights, x, activation):
    """The norm of each layer's gradient, an array; activation: "relu", "tanh" or "sigmoid"."""
    ### BEGIN SOLUTION
    bend = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh,
            "sigmoid": lambda z: 1 / (1 + np.exp(-z))}[activation]
    slope = {"relu": lambda h: h > 0, "tanh": lambda h: 1 - h * h,
             "sigmoid": lambda h: h * (1 - h)}[activation]
    outputs = [x]
    for matrix in weights:
        outputs.append(bend(outputs[-1] @ matrix))
    upstream, norms = np.full(outputs[-1].shape, 1 / outputs[-1].size), []
    for layer in reversed(range(len(weights))):
        upstream = upstream * slope(outputs[layer + 1])
        norms.insert(0, np.linalg.norm(outputs[layer].T @ upstream))
        upstream = upstream @ weights[layer].T
    return np.array(norms)
    ### END SOLUTION


# %% check="gradient_norms"
checks.initialization.gradient_norms(gradient_norms)

# %% [markdown]
# ## All of it at once
#
# Three activations, three spreads, depths from 2 to 40. "Small" is a spread of 0.01, which AlexNet
# was trained with; "large" is 0.4. Each curve is the gradient of the first layer.

# %%
depths, he = (2, 5, 10, 20, 30, 40), initialization.he_stddev((64, 64))
spreads = {"small: 0.01": 0.01 / he, "He: 0.18": 1, "large: 0.4": 0.4 / he}


def first_and_last(activation, scale, depth):
    weights = initialization.random_weights([784] + depth * [64], scale)
    return initialization.gradient_norms(weights, x, activation)[[0, -1]]


# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(1, 3, figsize=(9.6, 3.6), sharey=True)
for ax, activation in zip(axes, ("sigmoid", "tanh", "relu")):
    ax.set_yscale("log")
    for name, scale in spreads.items():
        first = [first_and_last(activation, scale, depth)[0] for depth in depths]
        plots.draw_curve(ax, depths, first, label=name, title=activation, x_label="layers")
axes[0].set_ylabel("gradient of the first layer")
plots.show(fig)

# %% tags=["nbval-ignore-output"]
print("first layer / last layer, forty layers:")
for activation in ("sigmoid", "tanh", "relu"):
    pairs = [first_and_last(activation, scale, 40) for scale in spreads.values()]
    print(f"  {activation:8}", *[f"{a:8.0e} / {b:.0e}" for a, b in pairs])

# %% claims="Q066 Q067"
gone = first_and_last("sigmoid", spreads["small: 0.01"], 40)[0]
print("sigmoid, small: exactly 0:", gone == 0.0)
grown = first_and_last("relu", spreads["large: 0.4"], 40)[0]
print("ReLU, large: above 1e11:", bool(grown > 1e11))

# %% [markdown]
# - **Sigmoid**: no spread helps. With small weights the gradient of the first layer is not small
#   but 0: below 1e-45 float32 has no numbers left. (Where a curve drops straight down, it is 0.)
# - **tanh**: near 0 it is a line of slope 1, so small weights make it vanish like ReLU. Large ones
#   push it into its flat ends, and yet the first layers explode: where a unit is not
#   saturated, its large weights pass on a lot. (Forty such layers are chaotic: rounding is enough
#   to change the digits of that gradient from run to run.)
# - **ReLU**: everything between 0 and infinity, by the spread alone.
#
# Two slides are right, then, if one reads *numbers* as slopes times weights: numbers below 1 make
# gradients vanish, numbers above 1 make them explode. Making everything steeper is no way out. The
# only way is to stay near 1.
#
# ## How large should the first weights be?
#
# Send the cat through 16 convolution layers of 3 x 3 with 32 channels, ReLU behind each. The
# weights are random, with the same three spreads as in the first picture: half, He, double. All
# pictures have the same grey scale.

# %%
def cat_after(scale, layers=(1, 4, 8, 16)):
    maps = datasets.grey(datasets.photo("cat"))[None, ::3, ::3, None]
    rng, seen = np.random.default_rng(2), []
    for count in range(1, max(layers) + 1):
        shape = (3, 3, maps.shape[-1], 32)
        kernel = scale * initialization.he_stddev(shape) * rng.normal(size=shape)
        maps = tf.nn.relu(tf.nn.conv2d(maps, kernel.astype("float32"), 1, "SAME"))
        if count in layers:
            seen.append((count, tf.sqrt(tf.reduce_mean(maps**2, axis=-1))[0].numpy()))
    return seen


# %%
fig, axes = plt.subplots(3, 4, figsize=(8.4, 5.2))
for line, (name, scale) in zip(axes, {"half": 0.5, "He": 1, "double": 2}.items()):
    for ax, (count, picture) in zip(line, cat_after(scale)):
        plots.draw_image(ax, np.minimum(picture, 1.2), limits=(0, 1.2),
                         title=f"{name}, layer {count}")
plots.show(fig)

# %% [markdown]
# Black, cat, white. (Each pixel shows the root of the mean square of its 32 channels. With other
# draws the cat in the middle gets somewhat lighter or darker; above and below, all stays as it is.)
# Where the picture is gone on the way forward, the gradient is gone on the way back. So ask for one
# thing: **each layer should keep its numbers as large as they are**, on average.
#
# One output is a sum of products, weight times input. Call their number n. Random signs make them
# cancel in part, so the sum grows like the root of n, not like n: its *mean square* is n times that
# of one product. Then ReLU sets the negative half to 0, and the mean square halves. Measure both
# for 256 inputs and weights with a spread of 1:

# %%
rng = np.random.default_rng(0)
inputs = rng.normal(size=(4000, 256))  # mean square 1
sums = inputs @ rng.normal(size=(256, 400))
print("mean square of the sums / 256:  ", round(float((sums**2).mean() / 256), 2))
print("behind ReLU, what is left of it:", round(float((np.maximum(sums, 0)**2).mean()
                                                      / (sums**2).mean()), 2))

# %% [markdown]
# n times the variance of a weight, times one half, should be 1. That is **He's rule**: variance
# 2 / n, and the spread is its root. With a slope a below 0 (leaky ReLU, PReLU) the negative half
# keeps a² of its mean square, and the half becomes (1 + a²) / 2.
#
# ## Exercise: `he_stddev` (2 points, about 3 minutes)
#
# Return the standard deviation. `kernel_shape` is (KH, KW, C, F) of a convolution, or (inputs,
# units) of a dense layer. `slope` is the slope a below 0.


# %% exercise="he_stddev"
def he_stddev(kernel_shape, slope=0.0):
    """The standard deviation of the first weights by He's rule, a float."""
    ### BEGIN SOLUTION
    products = np.prod(kernel_shape[:-1])
    return float(np.sqrt(2 / ((1 + slope**2) * products)))
    ### END SOLUTION


# %% check="he_stddev"
checks.initialization.he_stddev(he_stddev)

# %% [markdown]
# Keras begins otherwise, if you do not tell it: with Glorot's rule of 2010, made for tanh. It
# counts inputs and outputs, variance 2 / (inputs + outputs), and knows nothing of the half that
# ReLU takes. In a layer with as many outputs as inputs that is He's spread divided by the root of
# 2. Harmless? In forty layers:

# %%
glorot = initialization.random_weights(widths, scale=0.5**0.5)
smaller = initialization.gradient_norms(glorot, x, "relu")[0] / norms["He"][0]
print(f"ReLU with Glorot's spread: {smaller:.0e} of the gradient with He's")
print("Keras's Dense begins with", type(keras.layers.Dense(1).kernel_initializer).__name__)

# %% [markdown]
# In a network of three layers nobody notices. In a deep plain one say
# `kernel_initializer="he_normal"`.
#
# ## Stuck, or unstable
#
# So much for the start. What becomes of such networks in training? Three kinds of clothes
# (T-shirts, trousers, ankle boots; 40 pictures of 7 x 7 pixels), twenty layers of 64 units, and a
# hundred steps of plain gradient descent: each step moves every weight by the learning rate times
# its gradient, no more. `initialization.train` does it.

# %%
raw, labels = datasets.fashion_mnist("train", n=1000)
chosen = np.flatnonzero(np.isin(labels, (0, 1, 9)))[:40]
small = raw[chosen].reshape(40, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(40, 49)
images = ((small - small.mean()) / small.std()).astype("float32")
kinds = np.searchsorted((0, 1, 9), labels[chosen])
print("images", images.shape, " kinds", sorted(set(kinds.tolist())))

# %% claims="Q144"
he = initialization.he_stddev((64, 64))
for name, spread in {"a tenth of He's": he / 10, "He's": he, "3 times He's": 3 * he}.items():
    run = initialization.train(images, kinds, 20, 64, "relu", spread, rate=0.02)
    print(f"{name:16} first layer moved by more than 1e-6 of itself: {run.moved[0] > 1e-6},",
          f" 90 % right: {max(run.right) > 0.9},  finite: {bool(np.isfinite(run.losses[-1]))}")

# %% [markdown]
# "Early weights get stuck or unstable": with a tenth of the spread nothing moves; with three times
# the spread the very first steps throw the weights out of the range of float32. The network
# with He's spread learns.
#
# ## Exercise: `repair` (4 points, about 7 minutes)
#
# You get the settings of a network like these: its depth, its width (the units of a layer), the
# activation, the spread of the first weights between its layers, and the learning rate. Something
# is wrong with it: the spread, the activation or the learning rate. Sometimes nothing is. Return
# `(activation, stddev, rate)` with which it trains. **What works stays**: replace the activation
# only where no spread could save it.
#
# The check trains your networks as above, and asks for 9 of 10 right within a hundred steps. Depths
# are from 20 to 24, widths from 48 to 112. A learning rate near 0.02 suits them all. To try things
# out use `initialization.train(images, kinds, depth, width, activation, stddev, rate)`: its
# `.norms` are the gradients at the start, `.right` the share named right, step by step.


# %% exercise="repair"
from helpers import initialization


def repair(depth, width, activation, stddev, rate):
    """(activation, stddev, rate) with which a plain network of this depth and width trains."""
    ### BEGIN SOLUTION
    if activation == "sigmoid":
        activation = "relu"
    slope = 0.0 if activation == "relu" else 1.0  # near 0, tanh is a line of slope 1
    stddev = initialization.he_stddev((width, width), slope)
    return activation, stddev, 0.02
    ### END SOLUTION


# %% check="repair"
checks.initialization.repair(repair)

# %% [markdown]
# ## Does the slide hold?
#
# Now that deep networks begin well: do they pay? A slide has a theory: *Having more layers gives
# better performance with the same number of total weights (with lots of caveats)*. Let us test it.
# Networks of dense layers, from 1 to 32 of them, and networks of convolutions, from 2 to 16. The
# deeper a network is, the narrower are its layers, so that all have about 12,000 weights. All begin
# with He's spread and are trained with Adam for 200 steps; each gets the better of two learning
# rates. Three seeds.
#
# **Predict:** put the dense networks in order, the one that knows most of its *training* images
# last.

# %%
prediction = None  # such as [1, 8, 16, 32], the worst first

# %% tags=["nbval-ignore-output"]
import experiments
from experiments import plain_depth

print("training 16 dense layers, 200 steps ...")
mine = plain_depth.run("dense", depth=16, rate=0.001, seed=0)
print({name: mine[name] for name in ("weights", "train_accuracy", "test_accuracy", "seconds")})

# %%
rows = experiments.read("plain_depth")
means = {layers: {} for layers in plain_depth.DEPTHS}
for layers, tried in plain_depth.DEPTHS.items():
    for depth in tried:
        train, test = (np.mean(plain_depth.best(rows, layers, depth, column))
                       for column in ("train_accuracy", "test_accuracy"))
        means[layers][depth] = train
        print(f"{layers:12}{depth:3} layers: training images {train:.2f}, test images {test:.2f}")

# %% claims="Q063"
print("my run between 0.4 and 0.8:", 0.4 < mine["test_accuracy"] < 0.8)
print("worst on training images:", {layers: min(train, key=train.get)
                                    for layers, train in means.items()})

# %%
predictions.ranking("dense networks, the worst on training images first", prediction,
                    sorted((1, 8, 16, 32), key=means["dense"].get),
                    surprise="Not even the training images: it is harder to train, not too strong.")

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.3), sharex=True)
for ax, (layers, tried) in zip(axes, plain_depth.DEPTHS.items()):
    groups = {str(depth): plain_depth.best(rows, layers, depth) for depth in tried}
    ring = ("16", mine["test_accuracy"]) if layers == "dense" else None
    plots.draw_dots(ax, groups, title=f"{layers}, one dot a seed", x_label="test accuracy",
                    ringed=ring)
    ax.set_ylabel("layers")
plots.show(fig)

# %% [markdown] topics="T112"
# For a few layers at most. Four convolutions do better than two: 0.74 against 0.71 of the training
# images. Eight are no better than four, and sixteen are worst. Among dense layers two are as good
# as one, and each doubling after that costs more.
#
# Look where they get worse: not only on test images, on the **training** images, too. So it is not
# that deep networks learn too much by heart; they are harder to train. And they began with He's
# spread, so gradients that vanish at the start do not explain it either. This is the fourth reason:
# **degradation**. (Ours get narrower as well, the price of as many weights.) He and others saw it
# in 2015 with layers of the same width: a plain network of 56 convolutions in the manner of VGG had
# a larger error on its *training* images than one of 20. Their cure made ResNet out of VGG. It is
# the subject of notebook 13.
#
# ## Convolutions and depth
#
# "We can add more layers to CNNs than MLPs with the same inference time." Inference is a pass
# forward, for one image. Take maps of 64 x 64. A convolution of 3 x 3 from 64 to 64 channels on
# them costs 151 million multiply-adds. A dense layer from 64 x 64 x 3 numbers to 4096 units costs
# 50 million, a third of it.
#
# **Predict:** which of the two takes longer?

# %%
prediction = None  # "A": the dense layer, "B": the convolution, "C": about the same

# %% tags=["nbval-ignore-output"]
from timeit import repeat

maps, taps = tf.ones((1, 64, 64, 64)), tf.ones((3, 3, 64, 64))
row, matrix = tf.ones((1, 64 * 64 * 3)), tf.ones((64 * 64 * 3, 4096))
work = {"dense": lambda: tf.matmul(row, matrix),
        "convolution": lambda: tf.nn.conv2d(maps, taps, 1, "SAME")}
took = {name: 1000 * min(repeat(job, number=1, repeat=15)) for name, job in work.items()}
adds = {"dense": matrix.shape.num_elements(), "convolution": 64 * 64 * taps.shape.num_elements()}
for name in work:
    print(f"{name:12} {adds[name] / 1e6:5.0f} million multiply-adds, {took[name]:6.2f} ms,",
          f"{1e6 * took[name] / adds[name]:.3f} ns for each")

# %% tags=["nbval-ignore-output"]
ratio = took["dense"] / took["convolution"]
predictions.choice("which takes longer", prediction,
                   "A" if ratio > 1.2 else "B" if ratio < 1 / 1.2 else "C",
                   {"A": "the dense layer", "B": "the convolution", "C": "about the same"},
                   surprise="A weight of the dense layer is fetched from memory to be used once.")

# %% claims="Q062 Q139"
dearer = took["dense"] / adds["dense"] > 1.5 * took["convolution"] / adds["convolution"]
print("a multiply-add of the dense layer takes longer, by half at least:", dearer)
print("weights: dense", f"{adds['dense']:,}", " convolution", f"{taps.shape.num_elements():,}")

# %% [markdown] topics="T109"
# The dense layer has 50 million weights, 200 MB, and each has to be fetched from memory to be used
# *once*. The convolution has 37 thousand, and uses each of them at 4096 places. So the slide is
# right, for one image: per multiply-add the convolution is cheaper. (With a large batch the dense
# layer uses its weights more often, too, and catches up.)
#
# "Convolutions let us train deeper networks than MLPs"? They cost less, in weights and in time, so
# more of them can be afforded. But what limited the depth above was neither. It was the
# gradients and the training, and those do not ask whether a layer is dense.
#
# ## Recap
#
# - A gradient is multiplied by **slopes times weights** in every layer. Forty times half is 1e-12.
#   Sigmoids starve the first layers; ReLU layers vanish or explode together.
# - **He's rule**, variance 2 / (products in one sum), keeps numbers and gradients as large as
#   they are. For tanh leave out the 2.
# - A good start is not enough: beyond a few layers a deeper **plain** network of as many weights is
#   *worse*, on its training images, too.
#
# To play: train 60 layers with `initialization.train`; look for a spread, a width and a rate at
# which they still learn. Next, notebook 12: numbers that are brought back to size in every layer,
# not only at the start.

# %%
predictions.recap()

# %%
checks.progress()
