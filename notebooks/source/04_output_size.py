# %% [markdown]
# # 4. Predict every shape before you build
#
# **You will be able to** say how long the output of any convolution or pooling layer is, which
# inputs a layer makes alike, which pixels it never looks at, and how much of the image one output
# of a deep network sees.
#
# **You need** notebook 3 (`"valid"`, `"same"`, zeros on either side). **Time:** 35 minutes; no GPU.
#
# Exercises: `conv_output_size` (4 points, 8 min), `inputs_with_output` (2 points, 5 min),
# `receptive_field` (4 points, 10 min).

# %% [markdown]
# ## Count the places of a window
#
# A layer has one output for each place of its window. So to know the shape of an output is to
# count places. Height and width are counted each on their own, so one row of pixels will do.

# %%
fig, (upper, lower) = plt.subplots(2, 1, figsize=(5.2, 4.6))
plots.draw_padding(upper, 7, 0, 0, windows=[(n, 3) for n in (0, 1, 2, 3, 4)],
                   title="7 pixels, 3 taps, stride 1: 5 places")
plots.draw_padding(lower, 7, 0, 0, windows=[(n, 3) for n in (0, 2, 4)],
                   title="7 pixels, 3 taps, stride 2: 3 places")
lower.set_ylim(upper.get_ylim())  # the same scale for both
plots.show(fig)

# %% [markdown]
# The first window takes 3 pixels and leaves 4. With stride 1 it can move 4 times, with stride 2
# twice. Count the place where it began as well: 5 and 3. The lecture's formula says so, too:
# `(N - F) / stride + 1`, with `N` for the pixels and `F` for the taps.

# %% claims="N027 N028 F005"
image = tf.zeros((1, 7, 7, 1))  # one grey image of 7 x 7
for stride in (1, 2):
    output = keras.layers.Conv2D(1, 3, strides=stride)(image)
    print("stride", stride, "formula", (7 - 3) / stride + 1, "Keras", output.shape[1:3])

# %% [markdown]
# Each filter gives one such map, whatever the number of channels that it reads. (Notebook 5 is
# about channels.) A colour image of 32 x 32, seen by one filter of 5 x 5, then by six:

# %% claims="N026"
colour = tf.zeros((1, 32, 32, 3))
print(keras.layers.Conv2D(1, 5)(colour).shape, keras.layers.Conv2D(6, 5)(colour).shape)

# %% [markdown]
# ## Does the slide hold?
#
# One slide goes on to stride 3. The formula gives (7 - 3) / 3 + 1 = 2.33, and the slide says:
# *doesn't fit! cannot apply 3x3 filter on 7x7 input with stride 3.*
#
# **Predict:** what does Keras do with this layer, on 7 x 7 pixels, without padding?

# %%
prediction = None  # "A": an error, "B": 2 x 2 outputs, "C": 3 x 3 outputs

# %% claims="N029 Q001"
valid = keras.layers.Conv2D(1, 3, strides=3)(image)
same = keras.layers.Conv2D(1, 3, strides=3, padding="same")(image)
print("formula", round((7 - 3) / 3 + 1, 2), " valid", valid.shape[1:3], " same", same.shape[1:3])
predictions.choice("3 x 3 on 7 x 7 with stride 3", prediction, "ABC"[valid.shape[1] - 1],
                   {"A": "an error", "B": "2 x 2 outputs", "C": "3 x 3 outputs"},
                   surprise="Pixels at the end are left out, without a warning.")

# %% [markdown]
# It runs. There are two places; the third would hang over the edge, so it is not taken. The
# formula wants to be rounded **down**: `floor((N - F) / stride) + 1`. Nothing warns you of the
# pixel that is left over.
#
# ## Part of the cat is never looked at
#
# Here is the photo of a cat in 43 x 46 pixels. A window of 11 x 11 moves over it by 4, as in the
# first layer of AlexNet.
#
# **Predict:** from left to right there are 46 columns. How many of them does no window touch?

# %%
prediction = None  # a number of columns

# %%
cat = datasets.photo("cat")[36:251:5, 100:330:5]  # every fifth pixel, in both directions
pixels = tf.Variable(tf.ones((1, *cat.shape[:2], 1)))
with tf.GradientTape() as tape:
    total = tf.reduce_sum(tf.nn.conv2d(pixels, tf.ones((11, 11, 1, 1)), 4, "VALID"))
windows = tape.gradient(total, pixels).numpy()[0, :, :, 0].astype(int)
print(cat.shape, "windows that see a pixel of the middle row:", *windows[21])
predictions.number("columns that no window touches", prediction,
                   int((windows.sum(axis=0) == 0).sum()), "columns",
                   surprise="46 - 11 = 35: that is eight strides of 4, and a remainder of 3.")

# %% [markdown]
# From top to bottom nothing is left over: 11 and 8 strides of 4 are 43.
#
# The gradient of the sum of all outputs counts, for each pixel, the windows that see it, when all
# weights are 1. Shade the photo by this count: a pixel that no window sees is black.

# %%
fig, (left, right) = plots.image_axes(cat.shape, cat.shape, width=3.4, scale=False)
plots.draw_image(left, cat, title="First and last place", window=[(0, 0, 11, 11), (0, 32, 11, 11)])
shade = np.sqrt(windows / windows.max())[:, :, None]
plots.draw_image(right, cat / 255 * shade, title="Seen by 9 windows (full) to none (black)")
counts = plots.numbers_in_words(windows[21])
plots.describe(right, f"Windows for each column of the middle row: {counts}.")
plots.show(fig)

# %% [markdown]
# Three columns, right through the cat's second eye. Whatever is in them, this layer gives the same
# output, and so does every layer behind it. Paint them green:

# %%
painted = cat.astype("float32")
painted[:, 43:] = [0, 255, 0]
layer = keras.layers.Conv2D(1, 11, strides=4)  # with random weights
before, after = layer(cat[None].astype("float32")), layer(painted[None])
print("outputs", before.shape[1:3], " largest change", float(tf.reduce_max(abs(after - before))))

# %% [markdown]
# The corners are dark as well: there one window looks, where up to nine look at the middle.
#
# ## The formula, rounded down
#
# With `W` pixels (`N` above), stride `S` and `P` zeros on each side the row has `W + 2P` pixels,
# and the slides write the length of the output as `(W - F + 2P) / S + 1`. How often does that come
# out even? Ask TensorFlow, 256 times.

# %% claims="F003 F004"
layers = [(w, f, s) for w in range(5, 21) for f in range(2, 6) for s in range(1, 5)]
made = [tf.nn.conv1d(tf.zeros((1, w, 1)), tf.zeros((f, 1, 1)), s, "VALID").shape[1]
        for w, f, s in layers]
print(len(layers), "layers without padding;", sum((w - f) % s > 0 for w, f, s in layers), "uneven")
print("rounded down, the formula is TensorFlow's in",
      sum(m == (w - f) // s + 1 for m, (w, f, s) in zip(made, layers)))
no_p = [1 for w, f, s in layers if not any((w - f + 2 * p) / s + 1 == -(-w // s) for p in range(9))]
print('what "same" gives has a whole P in', len(layers) - len(no_p))

# %% [markdown]
# So the formula needs its floor. `"same"` is `ceil(W / S)`. Without rounding, no `P` gives that
# length in about half of the cases; with the floor one mostly does, but the zeros can still lie
# elsewhere (notebook 3).
#
# One thing the formula cannot tell: a kernel longer than its row. There is no place at all then,
# and our helper says so. TensorFlow mostly does; on a row that is one pixel too short, some
# versions give numbers from nowhere (TensorFlow, issue 65214).

# %%
try:
    shapes.conv_output_size(4, kernel_size=5)
except ValueError as error:
    print(error)

# %% [markdown]
# ## With zeros around
#
# The examples of the lectures, each as `w` pixels, `p` zeros on each side, and what comes out.

# %% claims="N017 N018 N030"
def output_width(w, f, s, p):
    padded = keras.layers.ZeroPadding2D(p)(tf.zeros((1, w, w, 3)))
    return keras.layers.Conv2D(1, f, strides=s)(padded).shape[2]


for w, f, s, p in [(4, 3, 1, 0), (4, 3, 1, 1), (7, 3, 1, 1)]:
    print(f"w={w}, f={f}, s={s}, p={p} -> {output_width(w, f, s, p)}")

# %% [markdown]
# A ring of `(F - 1) / 2` zeros keeps the size. That asks for an odd kernel and for stride 1: with
# an even kernel it is not a whole number. TensorFlow's `"same"` then puts the extra zero at the
# end. This is why odd kernels are the custom: only they have a middle pixel.

# %% claims="N031 F006 Q021"
for f in (3, 5, 7):
    print(f"F={f} -> pad {f // 2}: 32 becomes {output_width(32, f, 1, f // 2)}", end="; ")
    print(f"with stride 2 it becomes {output_width(32, f, 2, f // 2)}")
for f in (2, 4):
    print(f"F={f} -> pad {(f - 1) / 2}; TensorFlow's zeros:", padding.same_padding(32, f))

# %% [markdown]
# The common settings, then, all of which keep the size. The number of filters is mostly a power of
# two; that is a habit and no more (AlexNet has layers of 96, 256 and 384).

# %% claims="Q008 N033"
for f, s, p in [(3, 1, 1), (5, 1, 2), (1, 1, 0)]:
    print(f"F={f}, S={s}, P={p}: 32 becomes {output_width(32, f, s, p)}")
ten = keras.layers.Conv2D(10, 5)(keras.layers.ZeroPadding2D(2)(colour))
width = (32 + 2 * 2 - 5) // 1 + 1
print("ten filters of 5 x 5, pad 2: (32+2*2-5)/1+1 =", width, "->", ten.shape[1:])
print("a power of two:", {filters: filters.bit_count() == 1 for filters in (96, 256, 384)})

# %% [markdown]
# Without the zeros, each layer of 5 x 5 takes 4 pixels, until none fits.

# %% claims="N032"
widths = [32]
while widths[-1] >= 5:
    widths.append(output_width(widths[-1], 5, 1, 0))
print(*widths, sep=" -> ")

# %% [markdown]
# ## Does the slide hold?
#
# The slide with the common settings has one more line: *F = 5, S = 2, P = ? (whatever fits)*.
#
# **Predict:** a row of 32 pixels. Which `P` makes `(32 - 5 + 2P) / 2 + 1` a whole number?

# %%
prediction = None  # "A": P = 1, "B": P = 2, "C": P = 3, "D": none

# %% claims="N052"
for size in (32, 33):
    print(f"{size} pixels, P from 0 to 4:", [(size - 5 + 2 * p) / 2 + 1 for p in range(5)])
fits = [p for p in range(100) if (32 - 5 + 2 * p) % 2 == 0]
print('P that fit 32:', fits, ' zeros of "same":', padding.same_padding(32, 5, 2))
predictions.choice("the P that fits", prediction, "ABC"[fits[0] - 1] if fits else "D",
                   {"A": "P = 1", "B": "P = 2", "C": "P = 3", "D": "none"},
                   surprise="Odd taps, even row, two equal sides: 32 - 5 + 2P is always odd.")

# %% [markdown]
# No `P` makes it a whole number, for any even row. Keras takes `P = 2` all the same and rounds
# down: 16, as above. `"same"` puts one zero before and two after, which no `P` can say.
#
# ## What decides a length
#
# Four numbers, say the slides: filters, taps, stride, padding. The number of filters decides the
# depth, not the length. For the length two things are missing, and one of the others does not
# always count.

# %% claims="F007"
print("size 7, 8, 9                       ", [shapes.conv_output_size(n, 3) for n in (7, 8, 9)])
print("dilation 1, 2, 3, 4                ",
      [shapes.conv_output_size(9, 3, dilation=d) for d in (1, 2, 3, 4)])
print('1, 2, 3, 5 taps, stride 2, "same"  ',
      [shapes.conv_output_size(9, k, 2, "same") for k in (1, 2, 3, 5)])

# %% [markdown]
# The size of the input counts, of course. Dilation counts: it pulls the taps apart, and the window
# gets longer. And under `"same"` the taps do not count at all.
#
# ## Exercise: `conv_output_size` (4 points, about 8 minutes)
#
# Put it all into one function, for one axis. `padding` is `"valid"`, `"same"`, a whole number (so
# many zeros on each side), or a pair: (before, after). `dilation` is the distance between two
# neighbouring taps: 1 means no gaps. The window always fits.


# %% exercise="conv_output_size"
def conv_output_size(size, kernel_size, stride=1, padding="valid", dilation=1):
    """Length of a convolution's output along one axis, an int (pixels)."""
    ### BEGIN SOLUTION
    if padding == "same":
        return -(-size // stride)  # rounded up
    if padding == "valid":
        padding = 0
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    window = (kernel_size - 1) * dilation + 1
    return (before + size + after - window) // stride + 1
    ### END SOLUTION


# %% check="conv_output_size"
checks.shapes.conv_output_size(conv_output_size)

# %% [markdown]
# ## Backwards: which inputs does a layer make alike?
#
# A stride that leaves pixels alone makes inputs of different length look the same. So the question
# has an answer backwards, too, only it is not a single one.
#
# **Predict:** a layer of 3 taps with stride 3, without padding, has 2 outputs. What is the smallest
# and what the largest size that its input can have?

# %%
prediction = None  # two sizes, the smallest and the largest, such as [3, 5]

# %%
sizes = [n for n in range(3, 50)
         if tf.nn.conv1d(tf.zeros((1, n, 1)), tf.zeros((3, 1, 1)), 3, "VALID").shape[1] == 2]
print("sizes with 2 outputs:", *sizes)
predictions.values("smallest and largest input", prediction, [min(sizes), max(sizes)],
                   surprise="The remainder may be 0, 1 or 2 pixels.")

# %%
fig, axes = plt.subplots(3, 1, figsize=(5.2, 5.2))
for ax, size in zip(axes, sizes):
    plots.draw_padding(ax, size, 0, 0, windows=[(0, 3), (3, 3)],
                       title=f"{size} pixels: 2 windows, {size - 6} left over")
    ax.set_xlim(-0.6, 7.6)
plots.show(fig)

# %% [markdown] topics="T046"
# As many sizes as the stride is long. Pooling counts its windows in the same way. The two common
# ones are 2 pixels with stride 2, and 3 pixels with stride 2, whose windows overlap. A
# convolution with stride 2 can take their place: it halves the map as well, with weights that it
# learns.

# %% claims="Q009"
for size in (27, 28, 29, 55):
    maps = tf.zeros((1, size, size, 1))
    twos, threes = (tf.nn.max_pool2d(maps, f, 2, "VALID").shape[1] for f in (2, 3))
    strided = keras.layers.Conv2D(1, 3, strides=2)(maps).shape[1]
    print(f"{size}: F=2, S=2 -> {twos}; F=3, S=2 -> {threes}; convolution 3, stride 2 -> {strided}")

# %% [markdown]
# ## Exercise: `inputs_with_output` (2 points, about 5 minutes)
#
# All input sizes that give `output_size` outputs, as a `range`. Sizes below 1 pixel do not count.
# Do it without trying sizes out: `shapes.conv_output_size` may not be called.


# %% exercise="inputs_with_output"
def inputs_with_output(output_size, kernel_size, stride=1, padding="valid", dilation=1):
    """All lengths of an axis (pixels) that give this output, as a range, the smallest first."""
    ### BEGIN SOLUTION
    if padding == "same":
        return range((output_size - 1) * stride + 1, output_size * stride + 1)
    if padding == "valid":
        padding = 0
    zeros = sum(padding) if isinstance(padding, tuple) else 2 * padding
    covered = (output_size - 1) * stride + (kernel_size - 1) * dilation + 1
    return range(max(covered - zeros, 1), covered - zeros + stride)
    ### END SOLUTION


# %% check="inputs_with_output"
checks.shapes.inputs_with_output(inputs_with_output)

# %% [markdown]
# ## What one output sees
#
# One output of a 3-tap layer sees 3 pixels. One output of the next layer sees 3 outputs of the
# first. How many pixels is that? What an output sees of the input is its **receptive field**.
#
# **Predict:** three layers of 3 taps, stride 1, one upon the other. How many neighbouring pixels
# does one output of the third see?

# %%
prediction = None  # a number of pixels

# %%
def ways(*layers, size=60):
    """In how many ways each pixel reaches the first output, through layers (taps, stride)."""
    row = tf.Variable(tf.ones((1, size, 1)))
    with tf.GradientTape() as tape:
        maps = row
        for taps, stride in layers:
            maps = tf.nn.conv1d(maps, tf.ones((taps, 1, 1)), stride, "VALID")
        first = maps[0, 0, 0]
    return np.trim_zeros(tape.gradient(first, row).numpy().ravel()).astype(int)


three = ways((3, 1), (3, 1), (3, 1))
print("ways:", *three)
predictions.number("three layers of 3 taps", prediction, len(three), "pixels",
                   surprise="The windows overlap: each layer adds 2 pixels, not 3.")

# %% [markdown]
# The gradient of one output differs from zero at exactly those pixels that it sees. Each layer
# adds 2 pixels: 3, 5, 7. A stride makes the field grow faster: behind it, neighbours in the map
# are 2 pixels apart in the input. Pooling is a stride as well.

# %% claims="Q012"
print("1, 2, 3 layers of 3 taps:", [len(ways(*[(3, 1)] * n)) for n in (1, 2, 3)])
print("two layers, the first with stride 2:", len(ways((3, 2), (3, 1))))
print("two layers, the second with stride 2:", len(ways((3, 1), (3, 2))))
print("two layers, pooling 2 x 2 between them:", len(ways((3, 1), (2, 2), (3, 1))))

# %% [markdown]
# The stride of the last layer changes nothing in what *one* output sees. It spreads the taps of
# those layers that come after it.
#
# ## Exercise: `receptive_field` (4 points, about 10 minutes)
#
# Three numbers tell where the outputs of a stack of layers look, along one axis, in pixels:
#
# - **size**: from the first to the last pixel that one output sees, both included;
# - **jump**: how many pixels the field moves from one output to the next;
# - **start**: where the middle of the first output's field is. Pixel 0 has its middle at 0.0,
#   so a field of pixels 0 to 3 has its middle at 1.5.
#
# `layers` is a sequence of `(kernel_size, stride)` or `(kernel_size, stride, dilation)`, from the
# input on, all without padding. (`for kernel_size, stride, *dilation in layers` reads both.)


# %% exercise="receptive_field"
def receptive_field(layers):
    """(size, jump, start) of the outputs of a stack of layers without padding, in pixels."""
    ### BEGIN SOLUTION
    size, jump = 1, 1
    for kernel_size, stride, *dilation in layers:
        gap = dilation[0] if dilation else 1
        size += (kernel_size - 1) * gap * jump  # the taps lie `jump` pixels apart, or more
        jump *= stride
    return size, jump, (size - 1) / 2
    ### END SOLUTION


# %% check="receptive_field"
checks.shapes.receptive_field(receptive_field)

# %% [markdown]
# ## Does a deep network see the whole image?
#
# VGG16 has 13 convolutions of 3 x 3 in five blocks, and a 2 x 2 pooling with stride 2 after each
# block. The images are 224 x 224. The lecture says that deep units see *all or most of the image*.
#
# **Predict:** how wide is what one output of the last pooling sees?

# %%
prediction = None  # "A": 32 pixels, "B": about half of 224, "C": nearly 224, "D": more than 224

# %% claims="Q013"
layers, fields = [], []
for block, convolutions in enumerate([2, 2, 3, 3, 3], start=1):
    layers += [(3, 1)] * convolutions
    last_convolution = shapes.receptive_field(layers)[0]
    layers += [(2, 2)]
    fields.append(shapes.receptive_field(layers)[0])
    print(f"block {block}: the last convolution sees {last_convolution}, the pooling {fields[-1]}")
answer = "A" if fields[-1] < 60 else "B" if fields[-1] < 160 else "C" if fields[-1] <= 224 else "D"
predictions.choice("the field of VGG16's last pooling", prediction, answer,
                   {"A": "32 pixels", "B": "about half of 224", "C": "nearly 224",
                    "D": "more than 224"}, surprise="Each pooling doubles what later layers add.")

# %%
middle = [(112 - field // 2, 112 - field // 2, field, field) for field in fields]
fig, ax = plots.image_axes((224, 224), width=3.6, scale=False)
plots.draw_image(ax, datasets.photo("cat")[:224, 60:284], window=middle,
                 title="What one output sees after blocks 1 to 5")
plots.show(fig)

# %% [markdown]
# After two blocks an output sees a part of the pupil, after four the whole eye, after five nearly
# all of the image. VGG16 pads: that moves the fields over the edge and leaves their size as it is.
#
# "Sees" is meant generously here. Count the ways again: a pixel in the middle of the field reaches
# the output in many ways, one at the edge in a single one.

# %%
ten = ways(*[(3, 1)] * 10)
fig, ax = plt.subplots(figsize=(6, 3))
plots.draw_curve(ax, np.arange(21) - 10, 100 * ten / ten.sum(), title="Ten layers of 3 taps",
                 x_label="distance from the middle of the field (pixels)",
                 y_label="ways (% of all)")
ax.set_xticks(range(-10, 11, 5))
plots.show(fig)

# %%
share = ten[6:15].sum() / ten.sum()
print(f"the {len(ten)} pixels have {ten.sum()} ways; the middle 9 have {share:.0%}")

# %% [markdown]
# So, with equal weights, most of the influence comes from a part of the field that is narrower than
# the whole.
#
# ## Smaller, equal, larger
#
# One slide is still open: the output of a convolution *is always smaller than the input*. Take a
# row of 8 pixels.
#
# **Predict:** order these four layers by the length of their output, the shortest first.
#
# - `"valid"`: 3 taps, no padding
# - `"one tap"`: 1 tap, no padding
# - `"half"`: 3 taps, stride 2, `padding="same"`
# - `"full"`: 3 taps, with 2 zeros before and 2 after

# %%
prediction = None  # such as ["valid", "one tap", "half", "full"]

# %% claims="Q016"
lengths = {"valid": shapes.conv_output_size(8, 3), "one tap": shapes.conv_output_size(8, 1),
           "half": shapes.conv_output_size(8, 3, stride=2, padding="same"),
           "full": shapes.conv_output_size(8, 3, padding=2)}
full = convolution.convolve2d(np.ones((3, 3)), np.ones((2, 2)))
print(lengths, " full, 2 x 2 on 3 x 3:", full.shape)
doubled = keras.layers.Conv2DTranspose(1, 2, strides=2)(tf.zeros((1, 8, 8, 1)))
print("transposed, 2 x 2 with stride 2:", doubled.shape[1:3])
predictions.ranking("outputs, the shortest first", prediction, sorted(lengths, key=lengths.get))

# %% [markdown]
# It shrinks where more than one tap meets no padding, and where there is a stride. It need not
# otherwise: the lectures' own example of a full convolution turns 3 x 3 into 4 x 4, and a
# transposed one (notebook 15) doubles each side.
#
# To play: change AlexNet's 11 and 4 under "Part of the cat" and predict the black strip. And a
# question without a check: which layer, placed first, would you use on 300 x 451 pixels so that
# nothing of the photo is lost?
#
# ## Recap
#
# - A length is a count of places: `floor((size + zeros - window) / stride) + 1`. What the last
#   stride leaves over is not looked at, and nothing says so.
# - `"same"` is `ceil(size / stride)`, whatever the kernel.
# - A layer widens the receptive field by `(taps - 1) * dilation` **times the product of the strides
#   before it**.
#
# Next, notebook 5: several channels, several filters, and what they cost.

# %%
predictions.recap()

# %%
checks.progress()
