# %% [markdown]
# # 13. Make depth pay with residual blocks
#
# **You will be able to** build the residual block of a lecture and the one of the ResNet paper,
# carry weights between two editions of Keras, and say from several seeds whether one network is
# really better than another.
#
# **You need** notebooks 7 (ReLU), 9 (training), 11 (gradients in deep networks) and 12 (batch
# normalization). **Time:** 45 minutes; no GPU.
#
# Exercises: `res_block` (4 points, 8 min), `projection_block` (4 points, 12 min), `better_by`
# (2 points, 5 min); `tfm_weights_to_keras` for practice.

# %% [markdown]
# ## Keep what came in, and change it a little
#
# In a deep network, says a lecture, each layer often needs to make only a small change to what the
# layer before has made. So do not ask a layer for the whole: let it give the **change**, and add
# that to what came in. The change is called the **residual**, the way around the layers the
# **skip connection**, and all of it a **residual block**. Kaiming He and others made the idea known
# in 2015, with networks of up to 152 layers. Here is the block as the lecture has it, which took it
# from [a Keras example](https://keras.io/examples/vision/edsr/).

# %%
from helpers import residual_blocks


def ResBlock(inputs):
    x = keras.layers.Conv2D(64, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.Conv2D(64, 3, padding="same")(x)
    x = keras.layers.Add()([inputs, x])
    return x


# %%
boxes = {"input": (0, 0.5), "conv 3 x 3\nReLU": (1, 0), "conv 3 x 3": (2, 0), "+": (3, 0.5),
         "skip": (1.5, 1)}
arrows = [("input", "conv 3 x 3\nReLU"), ("conv 3 x 3\nReLU", "conv 3 x 3"), ("conv 3 x 3", "+"),
          ("input", "skip"), ("skip", "+")]
fig, ax = plt.subplots(figsize=(6, 1.6))
plots.draw_block(ax, boxes, arrows, title="The lecture's block")
plots.show(fig)

# %% [markdown]
# The upper line is called the **branch**; it gives the residual. With all of its weights 0 the
# block gives back what came in: it *is* the identity. A network can grow by such blocks and be no
# worse for it.
#
# Here is what the sum does to the derivative. The **Jacobian** of a block (notebook 6) has a row
# for each output and a column for each input. Take a small map of 3 x 3 pixels and 2 channels, so
# 18 numbers in and 18 out, and a block with random weights.

# %%
def jacobian(function, x):
    """One row for each of the 18 outputs: 18 copies of x, each with one output's gradient."""
    copies = tf.repeat(x, 18, axis=0)
    with tf.GradientTape() as tape:
        tape.watch(copies)
        outputs = function(copies)
    one_each = tf.reshape(tf.eye(18), (18, 3, 3, 2))
    return tape.gradient(outputs, copies, one_each).numpy().reshape(18, 18)


# %% claims="F042"
x, small = tf.random.stateless_normal((1, 3, 3, 2), seed=(0, 1)), keras.Input((3, 3, 2))
block = keras.Model(small, residual_blocks.res_block(small, filters=2))
branch = keras.Model(small, block.layers[-2].output)
whole, part = jacobian(block, x), jacobian(branch, x)
print("block = identity + branch:", np.allclose(whole, np.eye(18) + part, atol=1e-5))

# %%
fig, axes = plt.subplots(1, 3, figsize=(8, 2.9))
for ax, matrix, title in zip(axes, (whole, np.eye(18), part), ("block", "identity", "branch")):
    plots.draw_signed(ax, matrix, title=f"Jacobian: {title}", limit=1)
plots.show(fig)

# %% [markdown]
# A gradient that arrives at the output is multiplied by this matrix. So it reaches the input on two
# ways: around the branch, unchanged, and through the branch. What arrives is the sum.

# %% claims="Q072"
arrives = np.arange(1, 19) / 18
around, through = arrives, arrives @ part
print("around ", around[:4].round(2), "\nthrough", through[:4].round(2))
print("their sum is the whole gradient:", np.allclose(arrives @ whole, around + through, atol=1e-5))

# %%
for weight in block.weights:
    weight.assign(tf.zeros_like(weight))
print("all weights 0, the output is the input:", np.array_equal(block(x), x))

# %% [markdown]
# ## Does the slide hold?
#
# The slide says that this function is all it takes. Call it on maps with 64, 32, 3 and 1 channels.
#
# **Predict:** for which of them does it run without an error?

# %%
prediction = None  # "A": 64 only, "B": 64 and 32, "C": 64 and 1, "D": all four

# %%
def works(channels):
    try:
        return f"gives {ResBlock(keras.Input((8, 8, channels))).shape[1:]}"
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


# %% claims="K009"
for channels in (64, 32, 3, 1):
    print(f"{channels:2} channels {works(channels)}")
wide = keras.Input((8, 8, 64))
print("parameters with 64 channels:", f"{keras.Model(wide, ResBlock(wide)).count_params():,}")
predictions.choice("the slide's block runs for", prediction, "C",
                   {"A": "64 only", "B": "64 and 32", "C": "64 and 1", "D": "all four"},
                   surprise="One channel is stretched to 64 by broadcasting.")

# %% [markdown]
# The 64 is written into the function, so it fits maps of 64 channels. With 32 or 3 there is an
# error, which is good. With **one** channel there is none: `Add` *broadcasts*, it uses the one map
# 64 times. A grey picture goes in, 64 channels come out, and nobody is told that the identity
# is gone.
#
# It is also not the block of the ResNet paper: it has no batch normalization and no activation
# behind the sum. It comes from EDSR, a network that makes pictures larger.
#
# ## Exercise: `res_block` (4 points, about 8 minutes)
#
# Write the block for any number of channels: two 3 x 3 convolutions with biases, as many `filters`
# as `inputs` has channels, a ReLU between them, and the sum. When `filters` is not the number of
# channels, raise a `ValueError`.


# %% exercise="res_block"
def res_block(inputs, filters):
    """inputs + conv(relu(conv(inputs))) on a symbolic tensor (N, H, W, filters)."""
    ### BEGIN SOLUTION
    if inputs.shape[-1] != filters:
        raise ValueError(f"filters must be {inputs.shape[-1]}, got {filters}")
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.Conv2D(filters, 3, padding="same")(x)
    return keras.layers.Add()([inputs, x])
    ### END SOLUTION


# %% check="res_block"
checks.residual_blocks.res_block(res_block)

# %% [markdown]
# ## When the shape changes
#
# Every network must make its maps smaller at some point, and give them more channels. Then input
# and branch no longer have the same shape, and there is nothing to add. The paper's answer is the
# **projection**: a 1 x 1 convolution with the same stride on the lower line. It mixes channels and
# leaves out pixels, and does not look at neighbours.
#
# This is He's block. `norm` is batch normalization; no convolution has a bias.

# %%
boxes = {"input": (0, 0.5), "conv 3 x 3\nstride": (1, 0), "norm 1": (2, 0), "ReLU": (3, 0),
         "conv 3 x 3": (4, 0), "norm 2": (5, 0), "conv 1 x 1\nstride": (4, 1), "norm 3": (5, 1),
         "+": (6, 0.5), "last ReLU": (7, 0.5)}
names = list(boxes)
upper, lower = names[:6], [names[0], *names[6:9]]
arrows = [*zip(upper, upper[1:]), *zip(lower, lower[1:]), ("norm 2", "+"), ("+", "last ReLU")]
fig, ax = plt.subplots(figsize=(9.6, 1.9))
plots.draw_block(ax, boxes, arrows, title="He's block with a projection")
plots.show(fig)

# %% [markdown]
# Where the shape stays, the lower line is the input itself, without a layer. The ReLU behind the
# sum lets nothing below 0 through, so even with a branch of 0 this block is the identity
# only for inputs that are not negative. (They are not: they come from a block that ends in a ReLU.)
#
# **Predict:** 16 channels come in, 32 go out. How many parameters has He's block with its
# projection? Each batch normalization has four numbers for each channel.

# %%
prediction = None  # a whole number

# %%
maps = keras.Input((28, 28, 16))
projected = keras.Model(maps, residual_blocks.projection_block(maps, filters=32, stride=2))
print("output", projected.output.shape[1:], " kernels", 9 * 16 * 32, 9 * 32 * 32, 16 * 32)
predictions.number("parameters of the block", prediction, projected.count_params(),
                   surprise="Three kernels without biases, and three times 4 x 32.")

# %% [markdown]
# ## Exercise: `projection_block` (4 points, about 12 minutes)
#
# Build He's block with its projection, as it is drawn. The projection is always there, also where
# the shape stays. Batch normalization has Keras's default settings, 3 x 3 kernels have
# `padding="same"`, and no convolution has a bias (notebook 12 says why).


# %% exercise="projection_block"
def projection_block(inputs, filters, stride):
    """He's block on a symbolic tensor (N, H, W, C), with `filters` channels and the stride."""
    ### BEGIN SOLUTION
    layers = keras.layers
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    projected = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(inputs)
    projected = layers.BatchNormalization()(projected)
    return layers.ReLU()(layers.Add()([x, projected]))
    ### END SOLUTION


# %% check="projection_block"
checks.residual_blocks.projection_block(projection_block)

# %% [markdown]
# ## The same block from a library
#
# The lecture names two ways to a residual block. The second is the function above. The first is a
# ready-made layer of the TensorFlow Model Garden: `tfm.vision.layers.ResidualBlock(filters,
# strides)`. Before you use it you have to know that there are two editions of Keras.
#
# - **Keras 3** is what this course uses, as `keras` and as `tf.keras`.
# - **Keras 2** lives on in the package `tf_keras`. The Model Garden is written in it.
#
# They look alike, and they do not mix. A convolution of Keras 2, put into a model of Keras 3:

# %%
import tf_keras


def tried(what, action):
    """Say what an action gives, or the core of its error."""
    try:
        print(f"{what}: {action()}")
    except Exception as error:
        core = str(error).split("\n\n")[:2][-1].split("}} ")[-1]
        print(f"{what}: {type(error).__name__}: {core[:72]}")


print("keras is Keras", keras.__version__[0], " tf_keras is Keras", tf_keras.__version__[0])
tried("Keras 2 in Keras 3", lambda: tf_keras.layers.Conv2D(8, 3)(keras.Input((8, 8, 1))))

# %% [markdown]
# Keras 3 hands over a *symbolic* tensor of its own. Keras 2 does not know that kind: it looks for
# something in it that is not there, and stops with an error about something else.
#
# Now the Model Garden's block. It needs the package `tf-models-official`, which is large and does
# not exist for Windows. In Colab the next cell installs it, which takes seconds. Where it is
# missing, the cell says so, and the cells that need it do nothing.

# %% tags=["nbval-ignore-output"]
residual_blocks.get_model_garden_in_colab()
try:
    ResidualBlock = residual_blocks.tfm_residual_block()
    print("found:", ResidualBlock.__module__, ResidualBlock.__name__)
except ImportError as error:
    ResidualBlock = None
    print(error)

# %%
def in_keras_2():
    image = tf_keras.Input((8, 8, 16))
    model = tf_keras.Model(image, ResidualBlock(16, 1)(image))
    return f"{len(model.trainable_variables)} arrays to train"


# %% tags=["nbval-ignore-output"] claims="K007"
if ResidualBlock:
    tried("in a tf_keras model", in_keras_2)
    tried("in a Keras 3 model", lambda: ResidualBlock(16, 1)(keras.Input((8, 8, 16))))
    tried("in keras.Sequential", lambda: keras.Sequential([ResidualBlock(16, 1)]))

# %% [markdown]
# In a model of `tf_keras` it works. In Keras 3 both usual ways end in an error. There is a third
# way, which seems to work and is the worst: wrap the block in a layer of Keras 3 of one's own.

# %% tags=["nbval-ignore-output"]
class Wrapped(keras.layers.Layer):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def call(self, inputs):
        return self.block(inputs)


if ResidualBlock:
    wrapped, outside = Wrapped(ResidualBlock(16, 1)), keras.Input((8, 8, 16))
    wrapper = keras.Model(outside, wrapped(outside))
    print("output", wrapper(tf.ones((1, 8, 8, 16))).shape,
          " arrays to train:", len(wrapper.trainable_variables))

# %% [markdown]
# It runs, and Keras 3 finds nothing in it to train: the block keeps its random weights for ever,
# and nobody says so. (A layer that does not learn shows on the ladder of notebook 9.)
#
# The lecture's call has two arguments, filters and strides. Do they suffice?

# %% tags=["nbval-ignore-output"] claims="K008"
if ResidualBlock:
    maps = tf.random.stateless_normal((2, 8, 8, 16), seed=(0, 1))
    for filters, strides, settings in ((16, 1, {}), (32, 1, {}), (16, 2, {}),
                                       (32, 2, {"use_projection": True})):
        tried(f"filters {filters}, strides {strides} {settings or ''}",
              lambda: ResidualBlock(filters, strides, **settings)(maps).shape)
    lowest = float(tf.reduce_min(ResidualBlock(16, 1)(maps)))
    print("lowest number that comes out:", lowest)

# %% [markdown]
# Only where nothing changes. Otherwise it takes `use_projection=True`. And no number below 0 comes
# out: this is He's block, ReLU behind the sum and all. Which means that it is *your*
# `projection_block`, in another edition of Keras. If so, the same weights must give the same
# numbers. The two keep them in different orders:
#
# - `tf_keras`, tfm's block: first what is trained: kernel, gamma and beta of the projection, of the
#   first convolution, of the second. Then mean and variance of the projection, of the first, of the
#   second.
# - Keras 3, our model: layer by layer, in the columns of the drawing, the upper line before the
#   lower one where two of their layers are equally far from the sum. A normalization has gamma,
#   beta, mean, variance. So: the first kernel and its normalization; the second kernel; the
#   projection's kernel; the second normalization; the projection's.
#
# ## Practice: `tfm_weights_to_keras` (no points, 6 minutes)
#
# Put a list in tfm's order into ours. With a projection there are 15 entries; a block without one
# has 10, and lacks the projection's everywhere. The check gives names in place of arrays, so that
# you can read what went where: do not ask the entries for their shapes.


# %% exercise="tfm_weights_to_keras"
def tfm_weights_to_keras(weights):
    """The 15 (or 10) entries of a list in tfm's order, as a list in the order of our block."""
    ### BEGIN SOLUTION
    count = len(weights) // 5
    kernels, norms = list(weights[:3 * count:3]), []
    for i in range(count):
        statistics = weights[3 * count + 2 * i: 3 * count + 2 * i + 2]
        norms.append([*weights[3 * i + 1: 3 * i + 3], *statistics])
    if count == 3:  # the projection goes last
        kernels, norms = kernels[1:] + kernels[:1], norms[1:] + norms[:1]
    later = [number for norm in norms[1:] for number in norm]
    return [kernels[0], *norms[0], *kernels[1:], *later]
    ### END SOLUTION


# %% check="tfm_weights_to_keras"
checks.residual_blocks.tfm_weights_to_keras(tfm_weights_to_keras)

# %% [markdown]
# Here are a block of the Model Garden, a few steps old so that its means and variances are no
# longer 0 and 1, and ours with its weights.

# %% tags=["nbval-ignore-output"]
if ResidualBlock:
    theirs = ResidualBlock(32, 2, use_projection=True)
    for step in range(5):
        theirs(3 * maps + step, training=True)
    ours = keras.Model(start := keras.Input((8, 8, 16)),
                       residual_blocks.projection_block(start, filters=32, stride=2))
    ours.set_weights(residual_blocks.tfm_weights_to_keras(theirs.get_weights()))
    off = np.abs(ours(maps) - theirs(maps, training=False)).max()
    print("largest output", round(float(np.max(ours(maps))), 2), " equal to 1e-5:", off < 1e-5)

# %% [markdown]
# Equal. The lecture's two options are not two kinds of layer. One is a library's He block in
# Keras 2; write it yourself, in Keras 3, and you have it without the library.
#
# ## Does the slide hold?
#
# "Avoids the vanishing gradient problem", says a slide about ResNet. "Allows the gradient to flow
# through two pathways", says the next one, and another lecture: the gradient of early parameters
# "depends more directly on the output".
#
# Build four networks of 41 convolutions, all with He's initialisation, none trained yet: `plain`;
# with batch normalization (`norm`); with skips (`skip`); with both. Send one batch of clothes
# through each, and take the gradient of the loss.
#
# **Predict:** in which of them is the gradient of the **first** convolution's kernel smallest, in
# which is it largest? Put the four in order.

# %%
prediction = None  # such as ["plain", "norm", "skip", "skip and norm"], the smallest first

# %%
from experiments import skip_and_norm

clothes, answers = (array[:64] for array in skip_and_norm.small_images(25)[0])


def gradients(network, convolutions=41):
    """Loss, gradient of the first and of the last kernel, and of the maps after each block."""
    keras.utils.set_random_seed(0)
    model = skip_and_norm.build(network, convolutions)
    after = [x.output for x in model.layers if isinstance(x, keras.layers.ReLU)][::2]
    model = keras.Model(model.inputs[0], [*after, model.outputs[0]])
    with tf.GradientTape() as tape:
        *maps, scores = model(clothes, training=True)
        loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(answers, scores))
    kernels_of = [v.value for v in model.trainable_variables if v.name == "kernel"]
    first, last, *flow = tape.gradient(loss, [kernels_of[0], kernels_of[-2], *maps])
    return float(loss), float(tf.norm(first)), float(tf.norm(last)), flow


# %% claims="Q070"
found = {network: gradients(network) for network in skip_and_norm.NETWORKS}
for network, (loss, first, last, _) in found.items():
    print(f"{network:13} loss {loss:<6.2g} gradient of the first kernel {first:<8.2g}",
          f"of the last one {last:.2g}")
order = sorted(found, key=lambda network: found[network][1])
predictions.ranking("gradient of the first kernel, the smallest first", prediction, order,
                    surprise="Plain does not vanish, and skips alone make numbers explode.")

# %% [markdown]
# So the slide does not hold. Nothing vanishes in `plain`: He's initialisation sees to that
# (notebook 11). With skips **alone** each block adds a branch that is about as large as what came
# in, the numbers grow from block to block, and the first loss is some hundred times too large. And
# the authors of ResNet say themselves (section 4.1) that vanishing gradients are *unlikely* to be
# the reason why plain deep networks train badly: theirs had batch normalization, and healthy
# gradients. With both, first and last gradient have about the same size, and so has the loss.
#
# What the skips do change is the *direction*. Compare the gradient after each block with the one
# after the last block. The **cosine** of the angle between them is 1 where they point the same way,
# and 0 where one says nothing about the other.

# %%
def cosines(flow):
    last = tf.reshape(flow[-1], -1)
    flat = [tf.reshape(g, -1) for g in flow]
    return [round(float(tf.reduce_sum(g * last) / tf.norm(g) / tf.norm(last)), 2) for g in flat]


fig, ax = plt.subplots(figsize=(6.5, 3.2))
for network, (*_, flow) in found.items():
    plots.draw_curve(ax, range(21), cosines(flow), label=network, x_label="block",
                     y_label="cosine with the last gradient", title="20 blocks, not trained")
ax.set_xticks(range(0, 21, 5))
plots.show(fig)

# %% claims="Q075"
close = {network: cosines(flow)[15] for network, (*_, flow) in found.items()}
print("five blocks before the end, above 0.5:", {n: c > 0.5 for n, c in close.items()})

# %% [markdown]
# Without skips the gradient is turned by each block, and after two or three nothing is left of its
# direction. With skips and normalization it comes back along the sum, unchanged, plus what the
# branch sends: the two ways of the Jacobian at the beginning. So "more directly" is right. It is a
# matter of direction more than of size.
#
# ## Is the identity easier to learn?
#
# So a slide says, with skips. Stacks of 2 and of 10 blocks had to copy noise of variance 1. With
# skips there were two starts: He's initialisation in both convolutions of a block, or zeros in the
# second one. An error of 1 is what one gets by always answering 0.

# %% claims="Q074"
import experiments

copies = experiments.read("learn_identity")
for blocks in (2, 10):
    for kind in ("plain", "skip", "skip from zero"):
        rows = [row for row in copies if (row["kind"], row["blocks"]) == (kind, blocks)]
        before, after = (np.mean([row[c] for row in rows]) for c in ("error_before", "error"))
        print(f"{blocks:2} blocks, {kind:15} error {before:8.2f} before, {after:6.2f} after "
              f"{rows[0]['steps']} steps")

# %% [markdown]
# Without skips the stacks learn to answer 0, and little more. With two blocks the skips help. With
# ten and He's start they do the opposite: each block adds as much as there was, the stack starts
# with an error of tens of thousands, and is still far off after training. From zero the stack *is*
# the identity, and has nothing to learn. So the sentence needs an "if": if the branch starts small.
# (Batch normalization does something like it: it keeps each branch at size 1 while the sum grows,
# so a branch matters less and less.)
#
# ## Twenty-five convolutions, two by two
#
# Now train. Four networks of 25 convolutions, as above; 300 steps each on small clothes of 14 x 14
# pixels; two learning rates, of which the better one counts; and each five times, with five
# **seeds** (first weights and order of the images).
#
# **Predict:** the accuracy of `norm`, the lowest and the highest of its five seeds. (Guessing gives
# 0.1.)

# %%
prediction = None  # two numbers from 0 to 1, such as [0.5, 0.6]

# %%
rows = experiments.read("skip_and_norm")


def accuracies(network, convolutions, rate):
    wanted = (network, convolutions, rate)
    return [r["test_accuracy"] for r in rows
            if (r["network"], r["convolutions"], r["rate"]) == wanted]


best = {network: max([accuracies(network, 25, rate) for rate in skip_and_norm.RATES[25]],
                     key=np.mean) for network in skip_and_norm.NETWORKS}

# %% claims="Q073"
for network, found_in in best.items():
    print(f"{network:13} mean {np.mean(found_in):.2f}, from {min(found_in):.2f}",
          f"to {max(found_in):.2f}")
predictions.values("norm, lowest and highest of five seeds", prediction,
                   [min(best["norm"]), max(best["norm"])], tolerance=0.05,
                   surprise="The same network and the same images; only the seed differs.")

# %%
fig, ax = plt.subplots(figsize=(6.5, 2.2))
plots.draw_dots(ax, best, title="25 convolutions, 300 steps, five seeds each",
                x_label="accuracy on 2,000 test images (share)")
plots.show(fig)

# %% [markdown]
# Each dot is a whole training. Both together win: nearly every dot lies above all others. Skips
# **alone** are the worst of the four, as their first loss made one fear. So when a lecture says
# that residual blocks "significantly stabilise the training of very deep networks", it is true of
# skips *with* normalization.
#
# ## One seed lies
#
# Now look at `plain` and `norm`. Whoever trains each of them once may find either one ahead, and by
# a lot. So: how sure is a difference? Two numbers answer that.
#
# - The **difference** of the two means.
# - Its **standard error**: how far the difference would move about if everything were done again
#   with other seeds. For one side it is the variance of its results, divided by how many there are;
#   the two are added, and the root is taken.
#
# $$\sqrt{\frac{s_a^2}{N_a} + \frac{s_b^2}{N_b}} \qquad s^2 = \frac{1}{N - 1} \sum_i (x_i - m)^2$$
#
# Here $m$ is the mean of the results $x_i$ of one side.
# A difference of two standard errors or less may well be luck.
#
# ## Exercise: `better_by` (2 points, about 5 minutes)
#
# `a` and `b` are rows of results, such as accuracies, one for each seed; they need not be equally
# long. Give the difference of the means, positive where `a` is better, and its standard error.


# %% exercise="better_by"
def better_by(a, b):
    """By how much the results a lie above the results b: (difference, standard error), floats."""
    ### BEGIN SOLUTION
    difference = np.mean(a) - np.mean(b)
    squares = np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)
    return float(difference), float(np.sqrt(squares))
    ### END SOLUTION


# %% check="better_by"
checks.residual_blocks.better_by(better_by)

# %% [markdown]
# Now every pair of the four:

# %%
from itertools import combinations

ranked = sorted(best, key=lambda network: np.mean(best[network]), reverse=True)
for a, b in combinations(ranked, 2):
    difference, error = residual_blocks.better_by(best[a], best[b])
    verdict = "better" if difference > 2 * error else "may be luck"
    print(f"{a:13} over {b:8} {difference:.3f}, standard error {error:.3f}: {verdict}")

# %% [markdown]
# Both together are better than anything else, by far more than luck. But whether normalization
# alone helps these plain networks, five seeds cannot say, whatever one pair of runs may suggest.
#
# Add a run of your own: the smaller edition, 13 convolutions and 150 steps, `plain` and with both.

# %% tags=["nbval-ignore-output"]
mine = {}
for network in ("plain", "skip and norm"):
    print(f"training {network}, 150 steps ...", flush=True)
    trained = skip_and_norm.train(network, 13, rate=0.01, seed=0)  # 150 steps
    mine[network] = skip_and_norm.accuracy(trained, 13)

# %%
print("skip and norm above 0.35:", mine["skip and norm"] > 0.35)

# %% tags=["nbval-ignore-output"]
smaller = {network: accuracies(network, 13, 0.01) for network in skip_and_norm.NETWORKS}
fig, ax = plt.subplots(figsize=(6.5, 2.2))
plots.draw_dots(ax, smaller, title="13 convolutions, 150 steps; the ringed one is yours",
                x_label="accuracy on 2,000 test images (share)",
                ringed=("skip and norm", mine["skip and norm"]))
plots.show(fig)

# %% [markdown]
# ## How large are the residuals?
#
# The block was invented for *small* changes. Are they small? Measure it in the network that you
# have just trained: for each block, the size of what the branch adds over the size of what came in
# (root of the mean square), before training and after.

# %%
def residual_sizes(model):
    sums = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
    sides = [side for layer in sums for side in layer.input]
    sizes = [float(np.sqrt(np.mean(np.square(maps))))
             for maps in keras.Model(model.inputs[0], sides)(clothes, training=True)]
    return [branch / came_in for came_in, branch in zip(sizes[::2], sizes[1::2])]


# %% tags=["nbval-ignore-output"]
untrained = residual_sizes(skip_and_norm.build("skip and norm", 13))
after = residual_sizes(trained)
print("untrained", *[f"{size:.2f}" for size in untrained])
print("trained  ", *[f"{size:.2f}" for size in after])

# %% claims="Q071"
print("trained: first above 1:", after[0] > 1, " last below 0.7:", after[-1] < 0.7)

# %% [markdown]
# Not small. The first block adds more than came in, the last one less than half, and training
# has hardly changed that. What makes the later ones smaller is the growing sum. But this is a small
# network after 150 steps. In networks of 20 to 110 layers, trained to the end, the authors find
# that the branches answer less the deeper the network is (figure 7 of the paper). So "often needs
# only a small change" is a finding about large networks, not a law.
#
# ## Against LeNet
#
# "Lots of layers, tons of learnable parameters", says a slide about ResNet. Count.

# %% claims="Q069"
resnet50 = models.resnet50()
kernels_of = [x for x in resnet50.layers if hasattr(x, "kernel")]
print("ResNet-50:", len(kernels_of), f"kernels, {resnet50.count_params():,} parameters")
filters = [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
vgg16 = sum(shapes.conv_parameters(3, *pair) for pair in zip([3, *filters], filters))
for inputs, units in (((7, 7, 512), 4096), ((4096,), 4096), ((4096,), 1000)):
    vgg16 += shapes.dense_parameters(inputs, units)
print("VGG16:    ", len(filters) + 3, f"kernels, {vgg16:,} parameters")

# %% [markdown]
# Many layers, yes; tons of parameters, no: less than a fifth of VGG16's, which is three times less
# deep. (Four of the 54 kernels are projections; the other 50 stand one behind the other.) Most of
# VGG16's are in a dense layer behind the last maps. ResNet takes the mean of each map instead.
#
# Here is a ResNet for clothes, made of the blocks of this notebook: a convolution and a max
# pooling, each with stride 2; a block of 16 filters, one of 32 with stride 2, one of 64 with stride
# 2; the mean of each map, and a dense layer. It meets LeNet of notebook 9.

# %%
from experiments import resnet_or_lenet

for network in (resnet_or_lenet.small_resnet(), models.lenet5()):
    work = sum(cost.multiply_adds for cost in models.cost_of_layers(network))
    print(f"{network.name:12} {network.count_params():,} parameters, {work:,} multiply-adds")

# %% [markdown]
# About as many parameters, and less than twice the work for each image. But there are many more
# layers, and each costs time of its own: a step of it takes about twice as long. So they meet
# twice: in as many steps, two epochs of 7,500 images; and once more with LeNet training for twice
# as many steps, which is about as long.
#
# **Predict:** which of the three has the best accuracy on the test images?

# %%
prediction = None  # "A": the ResNet, "B": LeNet in as many steps, "C": LeNet in as much time

# %%
match = experiments.read("resnet_or_lenet")
sides = {name: [row for row in match if row["network"] == name]
         for name in resnet_or_lenet.EPOCHS_OF}
scores = {name: [row["test_accuracy"] for row in of_it] for name, of_it in sides.items()}
for name, of_it in sides.items():
    print(f"{name:20} {of_it[0]['steps']} steps, accuracy {np.mean(scores[name]):.3f}")
winner = max(scores, key=lambda name: np.mean(scores[name]))
predictions.choice("the best accuracy", prediction, "ABC"[list(scores).index(winner)],
                   {"A": "the ResNet", "B": "LeNet in as many steps", "C": "LeNet in as much time"},
                   surprise="On small, simple pictures a cheap network with more steps wins.")

# %%
for other in ("lenet", "lenet twice as long"):
    difference, error = residual_blocks.better_by(scores["resnet"], scores[other])
    print(f"resnet over {other:20} {difference:+.4f}, standard error {error:.4f}")

# %% [markdown]
# In as many steps the ResNet is better, by about one point in a hundred and far more than luck. In
# as much time it is not: LeNet comes out ahead by about as much. On these small clothes depth is
# hardly worth its time. ResNet was made for large pictures and a thousand classes.
#
# Train the ResNet once yourself.

# %% tags=["nbval-ignore-output"]
own = resnet_or_lenet.run("resnet", seed=0, callbacks=[training.Progress()])
print({name: own[name] for name in ("steps", "test_accuracy", "seconds")})

# %%
print("accuracy above 0.82:", own["test_accuracy"] > 0.82)

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.5, 1.9))
plots.draw_dots(ax, scores, title="Five seeds each; the ringed one is yours",
                x_label="accuracy on 10,000 test images (share)",
                ringed=("resnet", own["test_accuracy"]))
plots.show(fig)

# %% [markdown]
# ## Recap
#
# - A residual block gives **what came in plus a change**. Where the shape changes, a **1 x 1
#   projection** brings the input to the new one.
# - Skips do not cure a vanishing gradient. They keep its **direction**, and it takes normalization
#   (or a start from zero) to keep its size.
# - **One seed lies**: give a difference together with its standard error.
#
# To play: give `skip_and_norm.train` a rate of 0.001 and other seeds, and see where your dots fall.
# Next, notebook 14: the famous networks, and where their weights are.

# %%
predictions.recap()

# %%
checks.progress()
