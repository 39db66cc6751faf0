# %% [markdown]
# # 5. Build a whole convolution layer
#
# **You will be able to** write a layer with channels, filters, biases, stride and padding that
# gives every number of a worked example, read the shape of its kernel, count its weights and its
# multiply-adds, and say which layers are large and which are slow.
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
fig, axes = plots.image_axes(*[photo.shape] * 4, width=2.0, scale=False)
for ax, name, picture in zip(axes, ["The photo", "red", "green", "blue"], [photo, *channels]):
    plots.draw_image(ax, picture, title=name)
plots.show(fig)

# %% [markdown]
# The fur is brightest in red and darkest in blue, the white cloth is the same in all three.
#
# The slides write such a block of numbers as width x height x depth. TensorFlow puts the height
# first, then the width, then the channels, and the number of images in front of all. Whoever
# copies the order of the slide gets a network for photos that lie on their side.

# %% claims="D007"
batch = photo[None].astype("float32") / 255
print("the photo, as TensorFlow wants it:", batch.shape)
sideways = keras.Sequential([keras.Input((451, 300, 3)), keras.layers.Conv2D(4, 3)])
try:
    sideways(batch)
except ValueError as error:
    print("built as width x height x depth:", type(error).__name__)

# %% [markdown]
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
fig, axes = plots.grid_axes(*[(3, 3)] * 6, cell=0.42)
for index, (left, middle, right) in enumerate([axes[:3], axes[3:]]):
    plots.draw_grid(left, slide[index], title=f"Slide, {index}", colours="signed", limits=(-10, 10))
    plots.draw_signs(middle, slide[index], ours[:, :, index])
    plots.draw_grid(right, ours[:, :, index], title=f"Layer, {index}", colours="signed",
                    limits=(-10, 10))
plots.show(fig)

# %% [markdown]
# Eighteen of eighteen. In a moment your own ten lines will give them, too.
#
# The lecture calls it "a valid convolution of the d-th filter over the input, offset by the d-th
# bias". Valid it is, over the input *with its zeros*. A convolution in the sense of notebook 2 it
# is not: that would turn the filters first.

# %% claims="F009"
turned = convolution.correlate2d(volume[None], kernels.flip(filters), stride=2, padding=1)
print("turned filters:", (turned + biases)[0, :, :, 0].astype(int).tolist())
by_hand = [sum((np.pad(volume, [(1, 1), (1, 1), (0, 0)])[i:i + 3, j:j + 3] * filters[..., d]).sum()
               for i, j in [(2, 4)]) + biases[d] for d in (0, 1)]
print("as they are, row 1, column 2:", [int(n) for n in by_hand])
same = tf.nn.conv2d(volume[None], filters, 2, "SAME")
print('"SAME" pads alike here:', bool(np.array_equal(same + biases, ours[None])))

# %% [markdown]
# (`"SAME"` agrees because 5 is odd. With six pixels it would not: notebook 3.)
