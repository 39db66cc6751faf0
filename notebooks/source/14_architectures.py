# %% [markdown]
# # 14. Count a network: where the weights are, where the work is
#
# **You will be able to** count what a network stores and what it computes, from the figure in its
# paper and before you build it; write the blocks that GoogLeNet and DenseNet are made of; and say
# which of seven well-known networks is large, which is slow, and why that is not the same.
#
# **You need** notebooks 5 (parameters, multiply-adds), 9 (LeNet), 12 (batch normalization) and 13
# (residual blocks). **Time:** 40 minutes; no GPU.
#
# Exercises: `alexnet_parameters` (2 points, 6 min), `model_cost` (2 points, 7 min),
# `inception_block` (3 points, 7 min), `dense_block` (3 points, 7 min).

# %% [markdown]
# ## Five guesses
#
# Most of these networks were made for one competition. From 2010 to 2017 the ImageNet Large Scale
# Visual Recognition Challenge (ILSVRC) gave out 1.2 million photos, each with one of 1000 labels.
# A photo may show several things, but it has only one label. So a network may name **five**
# classes. The photo counts as right when its label is one of them, in whatever order. The share
# of photos without a hit is the **top-5 error** (notebook 9 has computed one).
#
# A slide shows a fish, and five guesses: sponge, person, llama, flower, boat. A miss. Here are
# two photos with scores for eight classes:

# %% claims="D006"
names = ["sponge", "person", "llama", "flower", "boat", "fish", "zebra", "carpet"]
scores = np.array([[9, 8, 7, 6, 5, 4, 3, 2], [1, 2, 9, 8, 7, 3, 6, 5]], "float32")
labels = [names.index("fish"), names.index("carpet")]
print("five best of the second:", *[names[i] for i in np.argsort(-scores[1])[:5]])
print("hits", tf.math.in_top_k(labels, scores, k=5).numpy().tolist())
scores[1, 7] = 99  # carpet first instead of fifth
print("hits", tf.math.in_top_k(labels, scores, k=5).numpy().tolist())

# %% [markdown]
# Carpet is the fifth guess, then the first: a hit either way. (`in_top_k` wants its scores as
# float32, and in a tie at the fifth place it counts all of the tied ones.)
#
# In 2012 a network of Krizhevsky, Sutskever and Hinton, who had entered as team SuperVision, had a
# top-5 error of 15.3 %; the second had 26.2 %. A slide says so, and the numbers are those of the
# paper. Read its small print, too: 15.3 % is the mean answer of **seven** networks, two of them
# trained on more data. One network alone had 18.2 %. Since then everyone calls it **AlexNet**.
#
# ## AlexNet
#
# "More layers, ReLU instead of tanh, dropout as regularization", says another slide, and "five
# convolutional layers, three fully connected ones". See whether the paper's network has them:

# %% claims="N042 H009"
alexnet, lenet = models.alexnet(), models.lenet5_1998()
for layer in alexnet.layers:
    if layer.count_params():
        print(f"{layer.name}  {str(layer.output.shape[1:]):14} {layer.count_params():10,}")
kinds = [type(layer).__name__ for layer in alexnet.layers]
print({kind: kinds.count(kind) for kind in ("Conv2D", "MaxPooling2D", "Dense", "Dropout")})
bends = {layer.activation.__name__ for layer in alexnet.layers if hasattr(layer, "activation")}
print("activations", *sorted(bends), " LeNet in 1998:", lenet.get_layer("F6").activation.__name__)

# %% [markdown]
# All true. The network was trained on two graphics cards, since one had not enough memory. In
# conv2, conv4 and conv5 a filter sees only the maps on its own card: a convolution in two
# **groups** (notebook 5).
#
# "60 million parameters", the slide goes on.
#
# **Predict:** how many percent of them are in the three dense layers, fc6 to fc8? Don't add; guess.

# %%
prediction = None  # percent, such as 50

# %% claims="N041"
costs = {"AlexNet": models.cost_of_layers(alexnet)}
stored = {cost.layer: cost.parameters for cost in costs["AlexNet"]}
dense = sum(count for name, count in stored.items() if name.startswith("fc"))
print("in two groups", f"{alexnet.count_params():,}",
      " without groups", f"{models.alexnet_parameters(groups=1):,}")
predictions.number("AlexNet's parameters in dense layers", prediction,
                   round(100 * dense / alexnet.count_params()), "percent", tolerance=4,
                   surprise="fc6 alone joins 9,216 numbers to 4,096 units: 37.7 million weights.")

# %% [markdown]
# 61 million, to be exact. Most copies of AlexNet in Keras leave out the groups, and come to 62
# million. Five convolutions that do the seeing share four percent of it.
#
# ## Does the slide hold?
#
# A slide shows the paper's figure with its caption: *The network's input is 150,528-dimensional,
# and the number of neurons in the network's remaining layers is given by*
#
# **253,440 – 186,624 – 64,896 – 64,896 – 43,264** – 4096 – 4096 – 1000.
#
# A "neuron" is one number of a map: a layer with 27 x 27 x 256 maps has 186,624. The shapes stand
# above.
#
# **Predict:** one of the bold numbers is not what its layer has. Which one?

# %%
prediction = None  # "A": 253,440 (conv1), "B": 186,624 (conv2), "C": 64,896, "D": 43,264 (conv5)

# %% claims="N040"
caption = {"conv1": 253_440, "conv2": 186_624, "conv3": 64_896, "conv4": 64_896, "conv5": 43_264}
neurons = {name: int(np.prod(alexnet.get_layer(name).output.shape[1:])) for name in caption}
print({name: f"{count:,}" for name, count in neurons.items()})
dense = 4096 + 4096 + 1000
print("in all", f"{sum(neurons.values()) + dense:,}", " by the caption",
      f"{sum(caption.values()) + dense:,}")
wrong = next("ABCCD"[list(caption).index(name)] for name in caption
             if neurons[name] != caption[name])
predictions.choice("the number that does not fit", prediction, wrong,
                   {"A": "conv1", "B": "conv2", "C": "conv3 and conv4", "D": "conv5"},
                   surprise="55 x 55 x 96 is 290,400; the caption has 55 x 48 x 96.")

# %% [markdown]
# The slip is the paper's own: elsewhere it speaks of 650,000 neurons, which fits 659,272 and not
# 622,312. And the input? 150,528 is 224 x 224 x 3. Let conv1, of 11 x 11 pixels and stride 4, slide
# over it:

# %% claims="N039"
print("224 x 224 x 3 =", f"{224 * 224 * 3:,}")
for size in (224, 227):
    print(size, "pixels leave", shapes.conv_output_size(size, 11, stride=4), "places;",
          "pixels left over", (size - 11) % 4)

# %% [markdown]
# The paper has 55. So its images were 227 pixels wide, or padded in a way that it does not mention.
# One sees that only when one builds it.
#
# ## Exercise: `alexnet_parameters` (2 points, about 6 minutes)
#
# Count AlexNet's parameters for square colour images of any `input_size`, for any number of
# `classes`, in one group or in two. No network needs to be built. `shapes.conv_parameters`,
# `shapes.dense_parameters` and `shapes.conv_output_size` may be called.
#
# | layer | what it does | output | parameters |
# |---|---|---|---|
# | conv1 | 96 filters of 11 x 11, stride 4, "valid" | 55 x 55 x 96 | 34,944 |
# | pool1 | the largest of each 3 x 3, stride 2 | 27 x 27 x 96 | 0 |
# | conv2 | 256 filters of 5 x 5, "same", in groups | 27 x 27 x 256 | 307,456 |
# | pool2 | the largest of each 3 x 3, stride 2 | 13 x 13 x 256 | 0 |
# | conv3 | 384 filters of 3 x 3, "same" | 13 x 13 x 384 | 885,120 |
# | conv4 | 384 filters of 3 x 3, "same", in groups | 13 x 13 x 384 | 663,936 |
# | conv5 | 256 filters of 3 x 3, "same", in groups | 13 x 13 x 256 | 442,624 |
# | pool5 | the largest of each 3 x 3, stride 2 | 6 x 6 x 256 | 0 |
# | fc6 | dense | 4096 | 37,752,832 |
# | fc7 | dense | 4096 | 16,781,312 |
# | fc8 | dense | `classes` | 4,097,000 |


# %% exercise="alexnet_parameters"
def alexnet_parameters(input_size, classes, groups):
    """The number of weights and biases of AlexNet; groups is 1 or 2."""
    ### BEGIN SOLUTION
    side = input_size
    for kernel_size, stride in [(11, 4), (3, 2), (3, 2), (3, 2)]:
        side = shapes.conv_output_size(side, kernel_size, stride)
    convolutions = [(11, 3, 96, 1), (5, 96, 256, groups), (3, 256, 384, 1),
                    (3, 384, 384, groups), (3, 384, 256, groups)]
    count = sum(shapes.conv_parameters(k, c, f, groups=g) for k, c, f, g in convolutions)
    for inputs, units in [(side * side * 256, 4096), (4096, 4096), (4096, classes)]:
        count += (inputs + 1) * units
    return count
    ### END SOLUTION


# %% check="alexnet_parameters"
checks.architectures.alexnet_parameters(alexnet_parameters)

# %% [markdown]
# ## A layer that is gone
#
# Between its convolutions AlexNet has a layer that you will not find in younger networks. A slide
# calls it *local contrast normalization*, and shows the order CONV1, MAX POOL1, NORM1. Two checks:
# what is it, and where does it stand?
#
# If it is about contrast, it compares a pixel with its surroundings. So here is a map value of 10,
# once alone, once with a 100 **beside** it (the next place, the same channel), and once with a 100
# **behind** it (the same place, the next channel).

# %% claims="H007 H008"
alone = np.zeros((1, 3, 3, 9), "float32")
alone[0, 1, 1, 4] = 10
beside, behind = alone.copy(), alone.copy()
beside[0, 1, 2, 4], behind[0, 1, 1, 5] = 100, 100
for name, maps in {"alone": alone, "beside": beside, "behind": behind}.items():
    normal = tf.nn.local_response_normalization(maps, 2, bias=2, alpha=1e-4, beta=0.75)
    print(f"{name:6} 10 becomes {normal[0, 1, 1, 4]:.2f}")
order = [x.name for x in alexnet.layers if x.name.startswith(("conv", "norm", "pool"))]
print("in the paper's network:", *order[:6])

# %% [markdown]
# Its neighbours in the picture do not matter; its neighbours among the **channels** do. It is local
# *response* normalization: a loud filter makes the filters next to it quieter. And it comes
# **before** the pool. The slide has the order of CaffeNet, a copy of AlexNet. Two years later the
# authors of VGG tried it, saw no gain, and left it out. Batch normalization (notebook 12) took its
# place.
#
# ## VGG: only 3 x 3
#
# Simonyan and Zisserman asked in 2014 what happens when one only makes a network deeper. All their
# kernels are 3 x 3. Between 256 maps:

# %%
for count, size in ((2, 5), (3, 7)):
    field, _, _ = shapes.receptive_field([(3, 1)] * count)
    print(f"{count} layers of 3 x 3 see {field} x {field} pixels with",
          f"{count * shapes.conv_parameters(3, 256, 256):9,} parameters;",
          f"one of {size} x {size} has {shapes.conv_parameters(size, 256, 256):9,}")

# %% [markdown] topics="T100"
# As much of the picture, for fewer weights, and with a ReLU in between each time.
#
# VGG16 has thirteen such convolutions, a pool after the 2nd, 4th, 7th, 10th and 13th, then three
# dense layers: 7 x 7 x 512 numbers to 4096 units, to 4096, to 1000. For one image of 224 x 224 each
# layer takes some multiply-adds (notebook 5): products with a weight, added to a sum.
#
# **Predict:** how many percent of the *parameters* do the thirteen convolutions have, and how many
# percent of the *work* do they do?

# %%
prediction = None  # two percentages, such as (50, 50)

# %%
alexnet = layer = None  # one large network at a time: VGG16 fills half a gigabyte
keras.backend.clear_session()
vgg = models.vgg16()
costs["VGG16"] = models.cost_of_layers(vgg)
table = np.array([cost[1:] for cost in costs["VGG16"]])  # parameters, multiply-adds
totals, convolutions = table.sum(axis=0), table[:13].sum(axis=0)
shares = 100 * convolutions / totals
print("parameters", f"{totals[0]:,}", " multiply-adds", f"{totals[1]:,}")
predictions.values("the convolutions' percent of parameters and of work", prediction,
                   shares.round(1), tolerance=4,
                   surprise="A weight of a convolution is used at thousands of places.")

# %%
fig, ax = plt.subplots(figsize=(7.4, 5))
plots.draw_mirrored(ax, [cost.layer for cost in costs["VGG16"]], table[:, 0] / 1e6,
                    table[:, 1] / 1e6, "parameters (millions)", "multiply-adds (millions)",
                    title="VGG16: where the weights are, where the work is")
plots.show(fig)

# %% [markdown]
# A tenth of the weights does 99 % of the work. The weights are at the end, where every number of
# the last maps meets every unit. The work is at the beginning, where the maps are large.
#
# Each block of convolutions has half the side of the one before: a quarter of the places. It has
# twice the maps: four times the weights. So the second layer of each block takes the same work as
# that of the next, up to the fifth block, which keeps its 512 maps.
#
# And the clock? Send one image through, and time the two parts.

# %% tags=["nbval-ignore-output"]
import time

seconds, numbers = {"convolutions": 0.0, "dense layers": 0.0}, tf.ones((1, 224, 224, 3))
for layer in vgg.layers:
    start = time.perf_counter()
    numbers = layer(numbers)
    part = "dense layers" if isinstance(layer, keras.layers.Dense) else "convolutions"
    seconds[part] += time.perf_counter() - start
print({part: f"{1000 * taken:.0f} ms" for part, taken in seconds.items()})

# %%
print("the convolutions take longer:", seconds["convolutions"] > seconds["dense layers"])
share = seconds["dense layers"] / sum(seconds.values())
print("the dense layers take more than their 0.8 %:", share > 0.008)

# %% [markdown]
# The clock agrees, more or less. The dense layers take longer than their share of the work: each of
# their 124 million weights has to be fetched from memory, and is used only once.
#
# ## Exercise: `model_cost` (2 points, about 7 minutes)
#
# Write the counter. `input_shape` is (height, width, channels); `layers` is a tuple of layers, in
# order, each one of
#
# - `("conv", filters, kernel_size, stride, padding)`, with a bias; the padding is `"valid"` or
#   `"same"`, kernel size and stride hold for both axes;
# - `("pool", size, stride)`, without padding;
# - `("dense", units)`, with a bias; it flattens what comes in.
#
# Give back the parameters and the multiply-adds of all layers together. Biases and pools count as
# no work. `shapes.conv_output_size` may be called.


# %% exercise="model_cost"
def model_cost(input_shape, layers):
    """(parameters, multiply-adds for one image) of a row of layers: two whole numbers."""
    ### BEGIN SOLUTION
    shape, parameters, work = tuple(input_shape), 0, 0
    for kind, *settings in layers:
        if kind == "dense":
            (units,) = settings
            weights, places, shape = int(np.prod(shape)) * units, 1, (units,)
        else:
            filters, size, stride, padding = (
                settings if kind == "conv" else (shape[2], *settings, "valid"))
            sides = [shapes.conv_output_size(n, size, stride, padding) for n in shape[:2]]
            weights, places = size * size * shape[2] * filters, sides[0] * sides[1]
            shape = (*sides, filters)
        if kind != "pool":
            parameters += weights + shape[-1]
            work += weights * places
    return parameters, work
    ### END SOLUTION


# %% check="model_cost"
checks.architectures.model_cost(model_cost)

# %% [markdown] topics="T102"
# ## A network in the network
#
# Where can one save? Lin, Chen and Yan (2013, "Network in network") had two ideas, both with
# kernels of 1 x 1. The first: after each convolution put 1 x 1 convolutions with ReLU, a small
# dense network that looks at one place and slides over the map. The second is about the end of the
# network. Make **one map for each class**, and let the mean of the map be the score of its class.
#
# What would that save at the end of VGG16? The maps there are 7 x 7 x 512.

# %%
maps = tf.random.stateless_normal((1, 7, 7, 512), seed=(0, 1))
pointwise = keras.layers.Conv2D(1000, 1)
scores = tf.reduce_mean(pointwise(maps), axis=(1, 2))  # the mean of each map
again = tf.reduce_mean(maps, axis=(1, 2)) @ pointwise.kernel[0, 0] + pointwise.bias
head = sum(cost.parameters for cost in costs["VGG16"][13:])
print(f"three dense layers {head:,}, a map for each class {pointwise.count_params():,}")
print("first the means, then dense:", bool(np.allclose(scores, again, atol=1e-4)))

# %% [markdown]
# 240 times fewer. And it makes no difference whether one takes the mean of each class's map, or a
# dense layer of the mean of each of the 512 maps. The second form is what GoogLeNet, ResNet and
# DenseNet end with.
#
# A 1 x 1 convolution can also save **work**. GoogLeNet has, somewhere, 28 x 28 x 192 maps, and
# makes 32 new ones with kernels of 5 x 5: 120 million multiply-adds.
#
# **Predict:** put a 1 x 1 convolution before it, which makes 16 maps of the 192. How many million
# multiply-adds do both layers take together?

# %%
prediction = None  # millions, such as 60

# %% topics="T101"
same = {"padding": "same"}
straight = shapes.conv_multiply_adds(28, 5, 192, 32, **same)
narrow = [shapes.conv_multiply_adds(28, 1, 192, 16, **same),
          shapes.conv_multiply_adds(28, 5, 16, 32, **same)]
print(f"5 x 5 alone {straight:,}; 1 x 1 {narrow[0]:,} and 5 x 5 {narrow[1]:,}")
predictions.number("million multiply-adds with the 1 x 1", prediction, round(sum(narrow) / 1e6, 1),
                   tolerance=3, surprise="The 5 x 5 kernels reach through 16 maps, not 192.")

# %% [markdown]
# Ten times less. This is a **bottleneck**. ResNet-50's blocks have one, too.
#
# ## Look in four ways at once
#
# Which kernel size is best, 1, 3 or 5? Szegedy and others (2014) took all of them. Their
# **inception block** looks at its input in four ways and lays the maps one behind the other. The
# large kernels have a bottleneck; behind the pool a 1 x 1 convolution makes the maps fewer. Here is
# the first of GoogLeNet's nine blocks, with the number of maps of each layer:

# %%
boxes = {"input\n192": (0, 1.5), "1 x 1\n96": (1, 1), "1 x 1\n16": (1, 2), "max 3 x 3\n192": (1, 3),
         "1 x 1\n64": (2, 0), "3 x 3\n128": (2, 1), "5 x 5\n32": (2, 2), "1 x 1\n32": (2, 3),
         "concatenate\n256": (3, 1.5)}
start, reduce3, reduce5, pool, *looks, end = boxes
arrows = [(start, looks[0]), (start, reduce3), (start, reduce5), (start, pool),
          *zip([reduce3, reduce5, pool], looks[1:]), *[(look, end) for look in looks]]
fig, ax = plt.subplots(figsize=(7, 2.9))
plots.draw_block(ax, boxes, arrows, title="An inception block, and how many maps each layer makes")
plots.show(fig)

# %% [markdown]
# ## Exercise: `inception_block` (3 points, about 7 minutes)
#
# Build it for any maps. `filters` holds six numbers, in the order of the paper's table:
#
# `(1 x 1, before 3 x 3, 3 x 3, before 5 x 5, 5 x 5, behind the pool)`
#
# which is (64, 96, 128, 16, 32, 32) in the figure. Each convolution has a bias and a ReLU. Every
# layer keeps height and width, the pool too. The looks come out in the order 1 x 1, 3 x 3, 5 x 5,
# pool.


# %% exercise="inception_block"
def inception_block(inputs, filters):
    """Four looks at a symbolic tensor (N, H, W, C), laid one behind the other: a Keras tensor."""
    ### BEGIN SOLUTION
    ones, reduce3, threes, reduce5, fives, pooled = filters

    def look(x, count, size):
        return keras.layers.Conv2D(count, size, padding="same", activation="relu")(x)

    pool = keras.layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
    looks = [look(inputs, ones, 1), look(look(inputs, reduce3, 1), threes, 3),
             look(look(inputs, reduce5, 1), fives, 5), look(pool, pooled, 1)]
    return keras.layers.Concatenate()(looks)
    ### END SOLUTION


# %% check="inception_block"
checks.architectures.inception_block(inception_block)

# %% [markdown]
# Nine of these and one dense layer are GoogLeNet:

# %%
vgg = layer = numbers = None
keras.backend.clear_session()
googlenet = models.googlenet()
costs["GoogLeNet"] = models.cost_of_layers(googlenet)
for name, kernel in {"one dense layer": "linear", "5 x 5": "5x5", "3 x 3": "3x3"}.items():
    picked = [c for c in costs["GoogLeNet"] if c.layer.endswith(kernel)]
    print(f"{name:15} {sum(c.parameters for c in picked):9,} parameters")
print(f"{'in all':15} {googlenet.count_params():9,}; VGG16 has",
      f"{totals[0] / googlenet.count_params():.0f} times as many")

# %% [markdown]
# (If you count after the paper, as one should: in its table 1 the numbers of parameters do not
# follow from the filters in the same rows for seven of the nine blocks. The filters are what people
# build.)
#
# ## Keep everything
#
# A residual block (notebook 13) *adds* what came in to what it has made. Huang and others (2016)
# do not add: they **keep** it. In a **dense block** each layer makes `k` new maps and lays them
# behind all maps that there are; the next layer reads them all. `k` is called the **growth rate**.
# Dense here means densely connected; there is no Dense layer in it.
#
# The lecture's picture has the caption *A 5-layer dense block with a growth rate of k = 4. Each
# layer takes all preceding feature-maps as input.* As a table (1 means "reads"):

# %%
tables = {"A plain chain": np.eye(4), "A dense block": np.tril(np.ones((4, 4)))}
fig, axes = plt.subplots(1, 2, figsize=(5.6, 2.7))
for ax, (title, table) in zip(axes, tables.items()):
    plots.draw_grid(ax, table.astype(int), title=title)
    ax.set_xticks(range(4), ["input", "H1", "H2", "H3"])
    ax.set_yticks(range(4), ["H1 reads", "H2 reads", "H3 reads", "H4 reads"])
    plots.describe(ax, "Rows: what H1, H2, H3, H4 read. Columns: input, H1, H2, H3.")
plots.show(fig)

# %% [markdown]
# The picture draws four such layers, H1 to H4; the fifth is a "transition" behind them. Say that
# six maps come in, and the growth rate is 4.
#
# **Predict:** how many maps does each of the four layers read, and how many come out in the end?

# %%
prediction = None  # five numbers: what H1, H2, H3, H4 read, and what comes out

# %% claims="N051"
image = keras.Input((8, 8, 6))
block = keras.Model(image, models.dense_block(image, depth=4, growth=4))
read = [x.kernel.shape[2] for x in block.layers if isinstance(x, keras.layers.Conv2D)]
print("each layer makes", {x.filters for x in block.layers if hasattr(x, "filters")})
pixels = tf.random.stateless_normal((1, 8, 8, 6), seed=(0, 2))
kept = np.array_equal(block(pixels)[..., :6], pixels)
print("read", read, " out", block.output.shape[-1], " the input comes out untouched:", kept)
predictions.values("maps read, and maps that come out", prediction, [*read, block.output.shape[-1]],
                   surprise="Each layer adds 4 maps to the 6, and all that follow read them.")

# %% [markdown]
# 6 + 4 x 4 = 22. The 6 have nothing to do with the growth rate. The layers can be thin, say the
# authors, as nothing has to be learned twice: what one layer has found, all later ones can read.
# (DenseNet-121 has a growth rate of 32, and a bottleneck of 1 x 1 in each of its layers.)
#
# ## Exercise: `dense_block` (3 points, about 7 minutes)
#
# `depth` layers, each of which reads all maps so far. A layer is batch normalization, ReLU, and a
# 3 x 3 convolution without bias that keeps height and width and makes `growth` maps. They are laid
# **behind** what was read.


# %% exercise="dense_block"
def dense_block(inputs, depth, growth):
    """A dense block on a symbolic tensor (N, H, W, C): a Keras tensor, C + depth * growth deep."""
    ### BEGIN SOLUTION
    maps = inputs
    for _ in range(depth):
        new = keras.layers.ReLU()(keras.layers.BatchNormalization()(maps))
        new = keras.layers.Conv2D(growth, 3, padding="same", use_bias=False)(new)
        maps = keras.layers.Concatenate()([maps, new])
    return maps
    ### END SOLUTION


# %% check="dense_block"
checks.architectures.dense_block(dense_block)

# %% [markdown]
# ## Does the slide hold?
#
# A slide says of ResNet: *Lots of layers, tons of learnable parameters*. Lots of layers, yes:
# ResNet-50 has 50 with weights, VGG16 has 16 and AlexNet has 8.
#
# **Predict:** AlexNet has 61 million parameters, VGG16 138 million. How many has ResNet-50?

# %%
prediction = None  # "A": more than VGG16, "B": between the two, "C": fewer than AlexNet

# %% [markdown]
# While we are at it, count the others, too. Each network is built, counted and dropped:

# %%
googlenet = None
makers = {"LeNet-5": models.lenet5, "ResNet-50": models.resnet50, "U-Net": models.unet,
          "DenseNet-121": models.densenet121}
for name, make in makers.items():
    keras.backend.clear_session()
    costs[name] = models.cost_of_layers(make())
    print(name, "is counted")
sums = {name: np.sum([cost[1:] for cost in rows], axis=0) for name, rows in costs.items()}

# %%
resnet, alexnet, vgg = (sums[name][0] for name in ("ResNet-50", "AlexNet", "VGG16"))
print(f"ResNet-50 has {resnet:,} parameters; AlexNet {alexnet / resnet:.1f} times as many,",
      f"VGG16 {vgg / resnet:.1f} times")
predictions.choice("parameters of ResNet-50", prediction,
                   "A" if resnet > vgg else "B" if resnet > alexnet else "C",
                   {"A": "more than VGG16", "B": "between the two", "C": "fewer than AlexNet"},
                   surprise="No dense layer on flattened maps: the mean of each map comes first.")

# %% [markdown]
# Tons they are not: fewer than AlexNet has with its 8 layers. It is not depth that costs weights,
# but dense layers on flattened maps.
#
# ## Seven networks
#
# The lectures show how the networks evolved: LeNet-5 (1998), AlexNet (2012), VGG16 and GoogLeNet
# (2014), ResNet-50 (2015), DenseNet-121 (2016). (The last four papers were first put on the net in
# these years, and printed a year later.) The seventh here is U-Net (2015), which gives a label to
# each pixel of a picture: that is notebook 15.
#
# Two of them you know nothing about yet. U-Net has 31 million parameters, for a picture of
# 572 x 572. DenseNet-121 has 8 million, for 224 x 224 as most of the others.
#
# **Predict:** put these five in order of their **work**, the fewest multiply-adds first.

# %%
prediction = None  # such as ["AlexNet", "VGG16", "ResNet-50", "U-Net", "DenseNet-121"]

# %%
five = [name for name in sums if name not in ("LeNet-5", "GoogLeNet")]
predictions.ranking("least work first", prediction, sorted(five, key=lambda name: sums[name][1]),
                    surprise="Work is weights times places, and U-Net has very many places.")

# %%
years = {"LeNet-5": 1998, "AlexNet": 2012, "VGG16": 2014, "GoogLeNet": 2014, "ResNet-50": 2015,
         "U-Net": 2015, "DenseNet-121": 2016}
stored, work = np.array([sums[name] for name in years]).T
fig, ax = plt.subplots(figsize=(7.4, 3.2))
plots.draw_mirrored(ax, [f"{name}, {year}" for name, year in years.items()], stored / 1e6,
                    work / 1e9, "parameters (millions)", "multiply-adds (billions)",
                    title="Seven networks, each on one image of its paper")
plots.show(fig)

# %% [markdown]
# The right side is no mirror of the left. AlexNet has more than seven times the parameters of
# DenseNet-121 and takes a quarter of its work. U-Net has less than a quarter of VGG16's parameters
# and takes almost ten times its work: its images are larger, and in the end it makes large maps
# again.
#
# Which of them is *best* this table does not say, since none of them was trained here. The papers
# give a top-5 error of 6.7 % for GoogLeNet (seven networks together) and 3.6 % for ResNet (six
# together).
#
# One more question before the end. All of these counts are for one size of image. What if the
# images are twice as high and wide?

# %%
keras.backend.clear_session()
larger = models.cost_of_layers(models.googlenet((448, 448, 3)))
times = np.sum([cost[1:] for cost in larger], axis=0) / sums["GoogLeNet"]
print("GoogLeNet on 448 pixels: parameters x", times[0], " work x", times[1].round(2))
print("AlexNet on 454 pixels: parameters x",
      round(models.alexnet_parameters(454) / sums["AlexNet"][0], 2))

# %% [markdown]
# With a mean at its end a network keeps its parameters: it can even take images of any size. With
# flattened maps at its end, it becomes another network. The work of the convolutions grows about
# fourfold in either case.
#
# ## Recap
#
# - **Weights** are where every number meets every unit: dense layers on flattened maps. **Work** is
#   where the maps are large: in VGG16 10.6 % of the weights do 99.2 % of the work.
# - 1 x 1 convolutions make maps fewer before a large kernel, and a mean of each map replaces the
#   dense layers: that is how GoogLeNet, ResNet and DenseNet became small.
# - Four ways to join maps: one after the other (VGG), side by side (inception), **added**
#   (residual), **kept** (dense). And count for yourself: captions and slides have slips.
#
# To play: give `models.unet` images of 284 x 284 and say beforehand how the two bars will change.
# Next, notebook 15: a label for each pixel.

# %%
predictions.recap()

# %%
checks.progress()
