# %% [markdown]
# # 5. Build a whole convolution layer
#
# **You will be able to** write a layer with channels, filters, biases, stride and padding that
# gives every number of a worked example, read the shape of its kernel, count its weights and its
# multiply-adds, and say which layers have many weights and which take much work.
#
# **You need** notebooks 2 to 4 (a kernel slides over an image; stride, padding, output sizes).
# **Time:** 40 minutes; no GPU.
#
# Exercises: `bias_add` (2 points, 4 min), `conv_layer` (4 points, 10 min), `conv_parameters`
# (2 points, 4 min), `conv_multiply_adds` (2 points, 4 min); `pointwise_as_dense` and
# `separable_block` for practice.

# %% [markdown]
# ## A photo is three pictures
#
# Each pixel of a colour photo has three numbers: how much red, how much green, how much blue.
# Take the numbers of one colour only, and you have a grey picture: a **channel**.

# %%
photo = datasets.photo("cat")
channels = np.moveaxis(photo, -1, 0)
fig, axes = plots.image_axes(*[photo.shape] * 4, width=1.9, scale=False)
for ax, name, picture in zip(axes, ["The photo", "red", "green", "blue"], [photo, *channels]):
    plots.draw_image(ax, picture, title=name)
plots.show(fig)

# %% [markdown]
# The picture is warm: on the whole red is the brightest channel and blue the darkest. Each of
# them is an ordinary grey picture, which the kernels of notebook 2 could slide over.
#
# The slides write such a block of numbers as width x height x depth. TensorFlow puts the height
# first, then the width, then the channels, and the number of images in front of all. Here is the
# photo in TensorFlow's order, and a network that was announced in the order of the slide.

# %% claims="D007"
batch = photo[None].astype("float32") / 255
print("the photo, as TensorFlow wants it:", batch.shape)
sideways = keras.Sequential([keras.Input((451, 300, 3)), keras.layers.Conv2D(4, 3)])
print("announced output", sideways.output_shape, " real output", tuple(sideways(batch).shape))

# %% [markdown]
# No one complains. The network expects photos that lie on their side, and what it says about its
# output is not what comes out. A square image would never have shown it.
#
# ## A filter reaches through all channels
#
# A filter of 5 x 5 on such a photo is a block of weights: 5 high, 5 wide, and as deep as the
# photo has channels. It gives **one** map. Several filters give several maps, and these are the
# channels of the next layer's input.
#
# A layer with six filters of 5 x 5 keeps all its weights in a single array.
#
# **Predict** the shape of that array: four numbers. The order is height, width, channels that
# come in, filters.

# %%
prediction = None  # four numbers, such as (1, 2, 3, 4)

# %% claims="Q023 Q002"
layer = keras.layers.Conv2D(filters=6, kernel_size=5)
maps = layer(tf.zeros((1, 32, 32, 3)))
print("output", maps.shape)
print("it learns", {weight.name: tuple(weight.shape) for weight in layer.trainable_variables})
predictions.values("the kernel of six filters of 5 x 5 on RGB", prediction, layer.kernel.shape,
                   surprise="One block of 5 x 5 x 3 for each of the six filters.")

# %% [markdown]
# Six filters, six channels out. Beside the kernel the layer has learned numbers called `bias`:
# one for each filter.
#
# ## One number, by hand
#
# One lecture works an example through to the end. The input has 5 x 5 pixels and three channels;
# there are two filters of 3 x 3 x 3 with their biases, stride 2, and one ring of zeros.

# %%
x0 = [[0, 0, 1, 0, 2], [1, 0, 2, 0, 1], [1, 0, 2, 2, 0], [2, 0, 0, 2, 0], [2, 1, 2, 2, 0]]
x1 = [[2, 1, 2, 1, 1], [2, 1, 2, 0, 1], [0, 2, 1, 0, 1], [1, 2, 2, 2, 2], [0, 1, 2, 0, 1]]
x2 = [[2, 1, 1, 2, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [1, 0, 2, 1, 0], [2, 2, 1, 1, 1]]
volume = np.stack([x0, x1, x2], axis=-1).astype("float32")  # height, width, channel
volume.shape

# %%
w0 = [[[-1, 0, 1], [0, 0, 1], [1, -1, 1]], [[-1, 0, 1], [1, -1, 1], [0, 1, 0]],
      [[-1, 1, 1], [1, 1, 0], [0, -1, 0]]]
w1 = [[[0, 1, -1], [0, -1, 0], [0, -1, 1]], [[-1, 0, 0], [1, -1, 0], [1, -1, 0]],
      [[-1, 1, -1], [0, -1, -1], [1, 0, 0]]]
filters = np.array([w0, w1], "float32").transpose(2, 3, 1, 0)  # height, width, channel, filter
biases = np.array([1, 0], "float32")
filters.shape

# %%
fig, axes = plots.grid_axes((7, 7), (7, 7), (7, 7), cell=0.36)
for channel, ax in enumerate(axes):
    plots.draw_grid(ax, volume[:, :, channel], title=f"Input, channel {channel}", padding=1,
                    window=(-1, -1, 3, 3))
plots.show(fig)

# %%
fig, axes = plots.grid_axes((3, 3), (3, 3), (3, 3), headline="The first filter, bias 1")
for channel, ax in enumerate(axes):
    plots.draw_kernel(ax, filters[:, :, channel, 0], title=f"channel {channel}")
plots.show(fig)

# %% [markdown]
# Lay each slice of the filter on the outlined window of its channel, multiply, and add up. Add
# the three sums, then the bias.
#
# **Predict:** what is the first number of the first map?

# %%
prediction = None  # a whole number

# %%
window = np.pad(volume, [(1, 1), (1, 1), (0, 0)])[:3, :3]
sums = (window * filters[:, :, :, 0]).sum(axis=(0, 1))
print("sums of the channels", *sums.astype(int), " bias", int(biases[0]))
predictions.number("the first number of the first map", prediction, sums.sum() + biases[0],
                   surprise="Three sums, one for each channel, become one number.")

# %% [markdown]
# 27 products go into one number. The channels are **added up**; the bias comes once, at the end.
#
# ## All eighteen
#
# Now the other numbers: both filters, all nine windows. On the left is what the slide prints, on
# the right what the layer gives.

# %% claims="N001 N002 N003"
slide = np.array([[[2, 3, 3], [3, 7, 3], [8, 10, -3]], [[-8, -8, -3], [-3, 1, 0], [-3, -8, -5]]])
maps = convolution.correlate2d(volume[None], filters, stride=2, padding=1)
ours = tf.nn.bias_add(maps, biases)[0].numpy()
print("output", ours.shape, " parameters", filters.size + biases.size)
print("first filter ", ours[:, :, 0].astype(int).tolist())
print("second filter", ours[:, :, 1].astype(int).tolist())

# %%
fig, axes = plt.subplots(2, 3, figsize=(5.4, 3.9))
for index, (left, middle, right) in enumerate(axes):
    look = {"colours": "signed", "limits": (-10, 10)}
    plots.draw_grid(left, slide[index], title=f"The slide, filter {index}", **look)
    plots.draw_equal(middle, slide[index], ours[:, :, index])
    plots.draw_grid(right, ours[:, :, index], title=f"The layer, filter {index}", **look)
plots.show(fig)

# %% [markdown]
# Eighteen of eighteen. The exercise `conv_layer` will make them with ten lines of your own.
#
# The lecture says: each map is "a valid convolution of the d-th filter over the input volume",
# offset by the d-th bias. Valid, yes, but over the input *with its zeros*. And a convolution in
# the sense of notebook 2 it is not: that would turn the filters first.

# %% claims="F009"
padded = np.pad(volume, [(1, 1), (1, 1), (0, 0)])[None]
as_they_are = tf.nn.conv2d(padded, filters, 2, "VALID") + biases
turned = tf.nn.conv2d(padded, kernels.flip(filters), 2, "VALID") + biases
print("filters as they are", as_they_are[0, :, :, 0].numpy().astype(int).tolist())
print("filters turned     ", turned[0, :, :, 0].numpy().astype(int).tolist())

# %% [markdown] topics="T038"
# ## The bias
#
# In TensorFlow `tf.nn.conv2d` gives the maps without their biases, and `tf.nn.bias_add` adds
# these. A Keras layer has a bias from the start, unless it is told `use_bias=False`. It begins
# at 0 and is learned like a weight. (The lecture links to the documentation of TensorFlow 2.0,
# which describes Keras 2. You are using a newer one.)

# %% claims="K005 K006"
layer = keras.layers.Conv2D(2, 3, strides=2, padding="same")
layer.build((None, 5, 5, 3))
print("use_bias", layer.use_bias, " bias", layer.bias.numpy().tolist())
layer.set_weights([filters, biases])
print("the slide's numbers:", bool(np.array_equal(layer(volume[None])[0], ours)))
print("Keras", keras.__version__.split(".")[0], tf.keras.layers.Conv2D is keras.layers.Conv2D)

# %% [markdown]
# Why not write `maps + bias`? It does the same, as long as the bias is right. Here are three maps,
# all zero, with three biases, and then with a single one.

# %% claims="K004"
maps = tf.zeros((1, 2, 2, 3))
for bias in ([1.0, 10.0, 100.0], [7.0]):
    print(bias, " + gives", (maps + bias)[0, 0, 0].numpy().tolist())
    try:
        print(bias, " bias_add gives", tf.nn.bias_add(maps, bias)[0, 0, 0].numpy().tolist())
    except tf.errors.InvalidArgumentError as error:
        print(bias, " bias_add:", type(error).__name__)

# %% [markdown]
# The `+` spreads a single number over all maps, and no one notices. Worse: a bias that lies along
# another axis. `bias` is 1, 10, 100; the maps have 3 rows, 3 columns and 3 channels, all zero.
# Each picture is the **first channel** of a sum.

# %%
bias = np.array([1, 10, 100], "float32")
pictures = {"A": np.ones((3, 3)), "B": np.stack([bias] * 3, 1), "C": np.stack([bias] * 3, 0)}
fig, axes = plots.grid_axes((3, 3), (3, 3), (3, 3))
for ax, (letter, picture) in zip(axes, pictures.items()):
    plots.draw_grid(ax, picture, title=letter)
plots.show(fig)

# %% [markdown]
# **Predict:** one of them is the first channel of `maps + bias[:, None]`. Which one? The shape of
# `bias[:, None]` is (3, 1), and NumPy lines up the *last* axes.

# %%
prediction = None  # "A", "B" or "C"

# %%
first = (np.zeros((1, 3, 3, 3), "float32") + bias[:, None])[0, :, :, 0]
print(first.astype(int).tolist())
letter = next(name for name, picture in pictures.items() if np.array_equal(first, picture))
predictions.choice("maps + bias[:, None]", prediction, letter,
                   {"A": "all 1", "B": "one bias a row", "C": "one bias a column"},
                   surprise="(3, 1) meets (width, channels): the biases count the columns.")

# %% [markdown]
# The picture you want is A: the first channel gets the first bias everywhere. Plain `maps + bias`
# gives it, since the channels are the last axis. The slip runs wherever the width equals the number
# of biases, as here; at most other widths it stops with an error.
#
# ## Exercise: `bias_add` (2 points, about 4 minutes)
#
# `maps` is (N, H, W, C). Add to each channel its own number of `bias`. Be as strict as
# TensorFlow: raise a `ValueError` unless there are exactly as many biases as channels.


# %% exercise="bias_add"
def bias_add(maps, bias):
    """Add to each channel of maps (N, H, W, C) its bias; ValueError if there are not C of them."""
    ### BEGIN SOLUTION
    if len(bias) != maps.shape[-1]:
        raise ValueError(f"maps have {maps.shape[-1]} channels, bias has {len(bias)} numbers")
    return maps + bias
    ### END SOLUTION


# %% check="bias_add"
checks.channels.bias_add(bias_add)

# %% [markdown]
# ## Exercise: `conv_layer` (4 points, about 10 minutes)
#
# The whole layer, in about ten lines: NumPy and loops, no convolution of a library. `images` is
# (N, H, W, C), `kernel` is (KH, KW, C, F), `bias` is (F,). `stride` holds for both axes;
# `padding` is the number of zeros on each of the four sides. What comes out is (N, OH, OW, F).
#
# The check begins with one channel and one filter, then adds channels, biases, stride and
# padding. The eighteen numbers of the slide are among its cases.


# %% exercise="conv_layer"
def conv_layer(images, kernel, bias, stride=1, padding=0):
    """The maps (N, OH, OW, F) of images (N, H, W, C), a kernel (KH, KW, C, F), a bias (F,)."""
    ### BEGIN SOLUTION
    images = np.pad(images, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    (kh, kw, _, count), (n, h, w, _) = kernel.shape, images.shape
    maps = np.zeros((n, (h - kh) // stride + 1, (w - kw) // stride + 1, count), "float32")
    for i, j in np.ndindex(maps.shape[1:3]):
        below, right = i * stride, j * stride
        patches = images[:, below:below + kh, right:right + kw, :, None]  # N, KH, KW, C, 1
        maps[:, i, j] = (patches * kernel).sum(axis=(1, 2, 3)) + bias
    return maps
    ### END SOLUTION


# %% check="conv_layer"
checks.channels.conv_layer(conv_layer)

# %% [markdown]
# ## Two filters look for two things
#
# One filter is one question. Sobel's two kernels ask for upright edges and for lying ones. Put
# them into one layer as two filters, and show it a picture of either kind.

# %% claims="Q022"
upright = np.repeat([[0, 0, 0, 0, 1, 1, 1, 1]], 8, axis=0)
edges = np.stack([upright, upright.T])[..., None]  # two images of one channel
sobel = np.stack([kernels.sobel_x(), kernels.sobel_y()], axis=-1)[:, :, None]
sums = np.abs(convolution.correlate2d(edges, sobel)).sum(axis=(1, 2)).astype(int)
print("kernel", sobel.shape, " upright edge", sums[0], " lying edge", sums[1])

# %% [markdown]
# Each filter answers to its own kind of edge and is silent at the other. A pair of trousers has
# mostly upright ones:

# %%
clothes, _ = datasets.fashion_mnist("test", n=3)
trousers = clothes[2:].astype("float32") / 255
maps = convolution.correlate2d(trousers, sobel)[0]
fig, (left, right) = plots.image_axes((26, 28), (26, 54), width=4.6)
plots.draw_image(left, trousers[0], title="Trousers")
plots.draw_signed(right, maps, title="Upright edges, lying edges", limit=3)
plots.show(fig)

# %% [markdown]
# ## A kernel of one pixel
#
# A kernel of 1 x 1 sees no neighbours. In a grey picture it could only multiply every pixel by
# the same number. But it reaches through all channels: at each pixel it weighs red, green and blue
# against each other. That is a Dense layer, with the channels as its inputs, at every pixel.

# %% claims="K017 Q004 Q005"
pointwise, dense = keras.layers.Conv2D(7, 1), keras.layers.Dense(7)
maps, _ = pointwise(batch), dense(batch)
dense.set_weights([pointwise.kernel[0, 0], pointwise.bias])
print("same as Dense:", bool(np.allclose(maps, dense(batch), atol=1e-5)))
print(batch.shape, "to more channels", maps.shape, "to one", keras.layers.Conv2D(1, 1)(batch).shape)

# %% [markdown]
# It can condense the channels or spread them out, and height and width stay. The slides call it
# "feature pooling". Here are three such kernels, each with three weights, and what each makes of
# a photo (orange is above 0, blue below).

# %%
weights = {1: (1, 0, -1), 2: (-1, 1, 0), 3: (1 / 3, 1 / 3, 1 / 3)}  # red, green, blue
suit = datasets.photo("astronaut")[:420:2, :420:2] / 255
order = np.random.default_rng(3).permutation([1, 2, 3])
fig, axes = plots.image_axes(*[suit.shape] * 4, width=1.7)
plots.draw_image(axes[0], suit, title="The photo")
for ax, letter, number in zip(axes[1:], "ABC", order):
    plots.draw_signed(ax, suit @ np.array(weights[number]), title=letter, limit=1)
plots.show(fig)

# %% [markdown]
# Kernel 1 has the weights 1, 0, -1 for red, green, blue: red minus blue. Kernel 2 is green minus
# red, kernel 3 the mean of the three.
#
# **Predict:** which picture belongs to kernel 1, which to 2, which to 3? Think of the grey
# background first: its three numbers are alike.

# %%
prediction = None  # three letters, such as ["A", "B", "C"]

# %%
letters = ["ABC"[list(order).index(number)] for number in weights]
print("sums of the weights", *[round(sum(three), 3) for three in weights.values()])
predictions.ranking("the pictures of kernels 1, 2, 3", prediction, letters,
                    surprise="Weights that add up to 0 give 0 wherever the photo is grey.")

# %% [markdown]
# Red minus blue finds the orange suit. In picture A, the brightness, the suit differs far less
# clearly from the background: what tells them apart is how the channels of *one* pixel compare.
#
# ## Practice: `pointwise_as_dense` (no points, 3 minutes)
#
# A 1 x 1 convolution without a layer: `images` (N, H, W, C), `weights` (C, F), `bias` (F,) give
# (N, H, W, F). One line will do, and no loop.


# %% exercise="pointwise_as_dense"
def pointwise_as_dense(images, weights, bias):
    """A 1 x 1 convolution: the Dense layer (C, F), (F,) at every pixel of (N, H, W, C)."""
    ### BEGIN SOLUTION
    return images @ weights + bias
    ### END SOLUTION


# %% check="pointwise_as_dense"
checks.channels.pointwise_as_dense(pointwise_as_dense)

# %% [markdown]
# ## From n to n, or from n to one?
#
# One lecture asks which makes more sense for an input of n channels: a filter for each channel,
# which gives n maps (option 1), or a filter through all of them, which gives one (option 2).
# Option 2 is the usual one. Option 1 exists as well, under the name **depthwise**.

# %% claims="Q003"
sobel_rgb = np.stack([kernels.sobel_x()] * 3, axis=-1)[..., None]  # 3 x 3, three channels
face = batch[:, 20:200:2, 100:350:2]  # every second pixel
three = tf.nn.depthwise_conv2d(face, sobel_rgb, [1, 1, 1, 1], "VALID")
one = tf.nn.conv2d(face, sobel_rgb, 1, "VALID")
print("option 1", three.shape, "option 2", one.shape)
print("added up, the same:", bool(np.allclose(tf.reduce_sum(three, -1), one[..., 0], atol=1e-4)))
for layer in (keras.layers.DepthwiseConv2D(3), keras.layers.Conv2D(1, 3)):
    layer.build((None, 90, 125, 3))
    print(type(layer).__name__, "has", layer.count_params(), "parameters")

# %%
fig, (left, right) = plots.image_axes((88, 3 * 123), (88, 123), width=4.5)
plots.draw_signed(left, three[0].numpy(), title="Option 1: red, green, blue each alone", limit=2)
plots.draw_signed(right, one[0, :, :, 0].numpy(), title="Option 2: added up", limit=2)
plots.show(fig)

# %% [markdown]
# On this photo the three maps of option 1 are nearly the same: an edge is an edge in every
# colour. Option 2 adds them up, and with other weights it could subtract them: only it uses the
# channels together. Both cost about the same here, but one gives a map and the other three.
#
# ## Does the slide hold?
#
# One slide says, five times and with three exclamation marks: *Filter channels must match input
# channels!!!* Another: *Filters always extend the full depth of the input volume.*
#
# Take an input with **six** channels and four filters that are only **three** channels deep.
#
# **Predict:** what does `tf.nn.conv2d` do? (Notebook 2 has met `groups`.)

# %%
prediction = None  # "A": stops, "B": leaves three channels out, "C": splits the six channels

# %% claims="K013 K014"
shallow = tf.ones((3, 3, 3, 4))  # 3 x 3, three channels deep, four filters
lit = np.eye(6, dtype="float32")[:, None, None] * np.ones((1, 3, 3, 1), "float32")
seen = tf.nn.conv2d(lit, shallow, 1, "VALID").numpy()[:, 0, 0] > 0  # channel lit, filter
for channel in range(6):
    print(f"channel {channel} is seen by the filters", *np.flatnonzero(seen[channel]))
outcome = "C" if seen.any(axis=1).all() else "B"
predictions.choice("six channels, filters three deep", prediction, outcome,
                   {"A": "stops", "B": "leaves channels out", "C": "splits them"},
                   surprise="A depth that divides the channels makes groups, without a word.")

# %% [markdown]
# It runs, without a flag and without a warning. Two filters see the first three channels, two see
# the others: a convolution in two **groups**. In Keras one says `groups=2`. With as many groups
# as channels it is the depthwise one.
#
# So the slides are right about the usual case, and about a depth that does not divide:

# %%
try:
    tf.nn.conv2d(lit, tf.ones((3, 3, 4, 4)), 1, "VALID")
except tf.errors.InvalidArgumentError as error:
    words = "must be evenly divisible"
    print("four channels deep stops:", words if words in str(error) else error)

# %% [markdown]
# ## Practice: `separable_block` (no points, 5 minutes)
#
# First each channel alone, then all channels of one pixel: a depthwise and a 1 x 1 convolution,
# one after the other. MobileNet is built of such blocks. Write it with two Keras layers. The
# function takes a symbolic tensor and returns one. The depthwise layer keeps height and width and
# has no bias; the 1 x 1 layer has one. No activations.


# %% exercise="separable_block"
def separable_block(inputs, filters, kernel_size=3):
    """A depthwise convolution without bias, "same", then a 1 x 1 convolution: a Keras tensor."""
    ### BEGIN SOLUTION
    x = keras.layers.DepthwiseConv2D(kernel_size, padding="same", use_bias=False)(inputs)
    return keras.layers.Conv2D(filters, 1)(x)
    ### END SOLUTION


# %% check="separable_block"
checks.channels.separable_block(separable_block)

# %% [markdown]
# ## One axis, three axes
#
# All of this works along one axis (sound, text) and along three (a scan, a film) as well. The
# slide's order for three, (C, H, W, L), has the channels first, as PyTorch does. In Keras the
# channels stay last.

# %% claims="K016 K015"
for layer, shape in [(keras.layers.Conv1D(4, 3), (1, 100, 2)),
                     (keras.layers.Conv3D(4, 3), (1, 8, 16, 24, 2))]:
    output = layer(tf.zeros(shape))
    print(type(layer).__name__, shape, "gives", tuple(output.shape), "kernel", layer.kernel.shape)

# %% [markdown]
# ## Count the weights
#
# A filter of 5 x 5 on RGB: 75 weights and a bias. Ten of them, on images of four sizes:

# %% claims="N034 N035 Q112"
print("one filter:", shapes.conv_parameters(kernel_size=5, in_channels=3, filters=1))
for size in (8, 32, 224, 1024):
    layer = keras.layers.Conv2D(10, 5)
    layer.build((None, size, size, 3))
    print(f"ten filters on {size} x {size} pixels:", layer.count_params())

# %% [markdown]
# The size of the image does not occur. That is what a slide means by "O(1) parameters per
# filter": the same weights are used at every place.
#
# Another slide asks: VGG has 3 x 3 kernels; how many weights are in its first filter bank, from
# 224 x 224 x 3 to 224 x 224 x 64?
#
# **Predict:** build this layer in Keras. What does `count_params()` say?

# %%
prediction = None  # a whole number

# %% claims="N038"
first = keras.layers.Conv2D(64, 3, padding="same")
print("output", first(tf.zeros((1, 224, 224, 3))).shape)
print("weights", np.prod(first.kernel.shape), " with biases", first.count_params())
predictions.number("parameters of VGG's first layer", prediction, first.count_params(),
                   surprise="3 x 3 x 3 x 64 weights, and 64 biases on top.")

# %% [markdown]
# The slides count 76 with the bias, but ask for 1728 without. Read twice what is counted; Keras
# counts everything that is learned.
#
# With `D` channels, `K` filters of `F` x `F` and `g` groups, each filter is only `D / g` channels
# deep. The slide's (F x F x D) x K weights and K biases are the case of one group, and of a square
# kernel.

# %% claims="F008"
for groups in (1, 2, 48):
    layer = keras.layers.Conv2D(96, 5, groups=groups)
    layer.build((None, 27, 27, 48))
    weights = 5 * 5 * 48 // groups * 96
    print(f"groups {groups:2}: {weights:6,} weights + 96 biases, Keras {layer.count_params():7,}")

# %% [markdown]
# ## Exercise: `conv_parameters` (2 points, about 4 minutes)
#
# Count what a convolution layer learns. `kernel_size` is a number for a square kernel or a pair
# (height, width). The groups divide the channels and the filters without a remainder.


# %% exercise="conv_parameters"
def conv_parameters(kernel_size, in_channels, filters, use_bias=True, groups=1):
    """The number of weights and biases of a 2-D convolution layer."""
    ### BEGIN SOLUTION
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    one_filter = height * width * in_channels // groups
    return (one_filter + use_bias) * filters
    ### END SOLUTION


# %% check="conv_parameters"
checks.shapes.conv_parameters(conv_parameters)

# %% [markdown]
# ## Count the work
#
# The work of a layer is counted in **multiply-adds**: one product, added to a sum. Each of the
# 18 numbers of the slide took 27 of them, so the layer takes 486. Products with the zeros of the
# padding count, since they are computed; the biases do not.

# %% claims="Q113"
print("the slide's layer:", shapes.conv_multiply_adds(5, 3, 3, 2, stride=2, padding=1))
for size in (32, 64, 128):
    work = shapes.conv_multiply_adds(size, 3, 8, 8, padding="same")
    print(f"8 channels, 8 filters on {size:3} x {size:3} pixels: {work:9,}")

# %% [markdown]
# Twice the side is four times the pixels and four times the work. For n pixels a slide writes
# O(n): in proportion to n. Weights do not grow with the image, work does.
#
# ## Exercise: `conv_multiply_adds` (2 points, about 4 minutes)
#
# Count the multiply-adds of one layer for one image. `size` and `kernel_size` are numbers or
# pairs (height, width); `padding` is `"valid"` or `"same"`; `stride` holds for both axes.
# `shapes.conv_output_size` may be called.


# %% exercise="conv_multiply_adds"
def conv_multiply_adds(
    size, kernel_size, in_channels, filters, stride=1, padding="valid", groups=1
):
    """The number of multiply-adds of a 2-D convolution layer, for one image."""
    ### BEGIN SOLUTION
    (h, w), (kh, kw) = (x if isinstance(x, tuple) else (x, x) for x in (size, kernel_size))
    rows = shapes.conv_output_size(h, kh, stride, padding)
    columns = shapes.conv_output_size(w, kw, stride, padding)
    return rows * columns * filters * kh * kw * in_channels // groups
    ### END SOLUTION


# %% check="conv_multiply_adds"
checks.shapes.conv_multiply_adds(conv_multiply_adds)

# %% [markdown]
# ## Does the slide hold?
#
# One slide says: *Convolutions are much faster to run than a linear layer on the same size
# input.* First a case where they are: from 32 x 32 x 3 to 32 x 32 x 8, once by a convolution,
# once by a Dense layer from every number to every number.

# %%
image = tf.ones((1, 32, 32, 3))
conv, dense = keras.layers.Conv2D(8, 3, padding="same"), keras.layers.Dense(32 * 32 * 8)
maps, numbers = conv(image), dense(tf.reshape(image, (1, -1)))
print("outputs", maps.shape, numbers.shape)

# %% tags=["nbval-ignore-output"]
import timeit

row = tf.reshape(image, (1, -1))
ways = {"convolution": lambda: tf.nn.conv2d(image, conv.kernel, 1, "SAME").numpy(),
        "dense": lambda: tf.matmul(row, dense.kernel).numpy()}
taken = {name: 1000 * min(timeit.repeat(way, number=1, repeat=9)) for name, way in ways.items()}
print({name: round(milliseconds, 2) for name, milliseconds in taken.items()}, "milliseconds")

# %% claims="Q138"
print(f"parameters: convolution {conv.count_params()}, dense {dense.count_params():,}")
print("the convolution is faster:", taken["convolution"] < taken["dense"])
print(f"one layer of VGG's fifth block: {shapes.conv_parameters(3, 512, 512):,} parameters")

# %% [markdown]
# Fewer parameters and less time. (Few is not a law: a convolution between 512 channels has more
# than two million.) But "the same size input" says nothing about the output. Take VGG's image of
# 224 x 224, and compare three layers:
#
# - `conv1_1`: 3 x 3, from 3 channels to 64;
# - `conv1_2`: 3 x 3, from these 64 channels to 64;
# - `dense`: all 224 x 224 x 3 numbers to 4096, the layer of another slide.
#
# **Predict:** which takes the fewest multiply-adds, which the most?

# %%
prediction = None  # the names, fewest first, such as ["conv1_1", "conv1_2", "dense"]

# %% claims="Q061"
vgg = {"conv1_1": (224, 3, 3, 64), "conv1_2": (224, 3, 64, 64), "dense": (224, 224, 3, 4096)}
work = {name: shapes.conv_multiply_adds(*layer, padding="same" if "conv" in name else "valid")
        for name, layer in vgg.items()}
learned = {name: shapes.conv_parameters(*layer[1:]) for name, layer in vgg.items()}
for name, (*_, biases) in vgg.items():
    places = work[name] // (learned[name] - biases)  # at how many places each weight is used
    print(f"{name}: {work[name]:13,} multiply-adds, {learned[name]:11,} parameters")
    print(f"{'':7}  each weight is used {places:,} times")
predictions.ranking("fewest multiply-adds first", prediction, sorted(work, key=work.get),
                    surprise="A weight of a convolution works at many places, one of dense at one.")

# %% [markdown]
# (A Dense layer is a convolution whose kernel covers the whole image: one place, all channels.)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 1.9))
plots.draw_bars(left, vgg, np.array(list(work.values())) / 1e6, x_label="multiply-adds (millions)")
plots.draw_bars(right, vgg, np.array(list(learned.values())) / 1e6, x_label="parameters (millions)")
plots.show(fig)

# %% [markdown]
# `conv1_2` has 37 thousand parameters and takes three times the work of a Dense layer with 617
# million. A Dense layer uses each weight **once** for an image, these convolutions use it at
# 50,176 places. So few parameters do not mean little work. What the clock says depends on the
# machine, too: a Dense layer has to fetch all its weights from memory. (The slide with the Dense
# layer asks for its weights, without the 4096 biases.) Notebook 14 adds up whole networks.
#
# ## How many layers?
#
# The slide with O(1) and O(n) goes on: "O(log n) layers in classification tasks". Count the
# layers of stride 2 that take an image of n pixels down to a single one.

# %% claims="Q114"
for side in (32, 128, 512):
    sizes = [side]
    while sizes[-1] > 1:
        sizes.append(shapes.conv_output_size(sizes[-1], kernel_size=3, stride=2, padding="same"))
    print(f"n = {side**2:6}: {len(sizes) - 1} layers, half of log2 n is {np.log2(side**2) / 2:g}")

# %% [markdown]
# It holds where every layer halves the side. Most networks halve only now and then: ResNet-152
# has 152 layers for images of 224 x 224.
#
# ## Recap
#
# - A filter reaches through **all channels** and gives **one map**: the products are added up,
#   and its bias is added once. Kernel: height, width, channels in, filters.
# - `groups` cuts the channels into parts; a depthwise convolution gives each channel its own
#   kernel, a 1 x 1 convolution mixes them.
# - **Parameters** do not depend on the size of the image, **work** grows with it.
#
# To play: change a weight in `w0` and say beforehand which of the eighteen numbers will change.
# Next, notebook 6: how the weights learn.

# %%
predictions.recap()

# %%
checks.progress()
