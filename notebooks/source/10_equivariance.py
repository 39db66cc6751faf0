# %% [markdown]
# # 10. Move the image, watch the label
#
# **You will be able to** measure whether a layer moves its output along with its input, find the
# part of a network that loses track of a shift and repair it, and build a layer that turns along
# with its image.
#
# **You need** notebooks 3 (padding), 8 (pooling) and 9 (a trained network). **Time:** 45 minutes;
# no GPU.
#
# Exercises: `equivariance_error` (4 points, 12 min), `antialiased_pool` (3 points, 9 min),
# `lift_rotations` (3 points, 7 min).

# %% [markdown]
# ## Every second step
#
# Notebook 0 ended with a coat that became a dress when it moved. Here is the repair that everyone
# tries first. A network of two convolutions, with a pooling between them, keeps only the
# **largest** value of each map, wherever it stands (global max pooling). Where the clothes are
# should not matter any more.
#
# The clothes are 14 x 14 pixels on a black canvas of 24 x 24. A shift by up to 5 pixels cuts
# nothing off. The network learns from clothes that lie in the middle.

# %%
from experiments import heads

clothes, labels = heads.canvases("test", 2000)
fig, axes = plots.image_axes(*[(24, 24)] * 6, width=1.25, scale=False)
for pixels, ax in enumerate(axes):
    moved = transformations.shift(clothes[:1], right=pixels)
    plots.draw_image(ax, moved[0], title=f"{pixels} px")
plots.show(fig)

# %% tags=["nbval-ignore-output"]
print("training 640 steps ...")
network = heads.train("global", seed=0, callbacks=[training.Progress()])

# %%
def curve(model):
    """Accuracy on clothes that were moved right by 0 to 5 pixels."""
    return [heads.accuracy(model, heads.TESTS[f"shift_{pixels}"]) for pixels in range(6)]


mine = {"global": curve(network)}

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(5.5, 3))
plots.draw_curve(ax, range(6), mine["global"], title="2,000 clothes, moved to the right",
                 x_label="moved by (pixels)", y_label="named correctly (share)")
ax.set_ylim(0.6, 0.9)
plots.show(fig)

# %%
even, odd = mine["global"][0:4:2], mine["global"][1:4:2]
print("moved by 0 or 2: above 0.7:", min(even) > 0.7)
print("each odd shift at least 0.02 below each even one:", min(even) > max(odd) + 0.02)

# %% [markdown]
# Moved by one pixel it gets worse. Moved by **two** it is as good as before. By three: worse
# again. Nobody trained it to count in twos. What does?
#
# The network has five layers: a convolution 5 x 5 (zeros around the canvas), a max pooling 2 x 2
# with stride 2, a convolution 3 x 3, the largest of each map, a Dense layer.
#
# **Predict:** which part makes the zig-zag?

# %%
prediction = None  # "A": the zeros at the border, "B": the pooling, "C": the Dense layer

# %% [markdown]
# To find out, move something by one pixel at one place after another: first the images, then what
# the first layer made of them, then what the second layer made of that, and so on. As long as the
# move comes before the culprit, it should cost accuracy; behind it, it should cost nothing.

# %%
def moved_after(count):
    """Accuracy when the output of the first `count` layers is moved right by one place."""
    maps = clothes
    for number, layer in enumerate(network.layers):
        maps = layer(np.roll(maps, 1, axis=2) if number == count else maps)
    return float((np.argmax(maps, axis=1) == labels).mean())


costs = [mine["global"][0] - moved_after(count) for count in range(4)]
for name, cost in zip(("images", "after convolution 1", "after the pooling", "after convolution 2"),
                      costs):
    print(f"moved {name}: costs more than 0.02: {cost > 0.02}")
predictions.choice("the part that makes the zig-zag", prediction, "B" if costs[2] < 0.02 else "C",
                   {"A": "the zeros at the border", "B": "the pooling", "C": "the Dense layer"},
                   surprise="Its stride is 2, so it has a grid of its own, which does not move.")

# %% [markdown]
# The pooling. Its windows lie on a fixed grid, two pixels apart. Move the image by two, and
# everything falls into the next window. Move it by one, and other pixels share a window: the
# network gets maps that it has never seen.
#
# ## Two words
#
# Write T for a transformation of the image, such as a shift, and f for a layer or a network.
#
# - f is **invariant**: f(T(x)) = f(x). The image changes, the output does not.
# - f is **equivariant**: f(T(x)) = T(f(x)). The output changes *in the same way*. Both ways lead
#   to the same: move, then f; or f, then move.
#
# For "what is it?" one wants the first, for "where is it?" the second. A slide says the second with
# coordinates, I'(x, y) = I(x - 1, y), and calls it a shift to the right. With the minus many people
# expect the left.

# %% claims="F041 D003"
row = np.array([5, 6, 7, 8, 0, 0])
moved = [int(row[x - 1]) for x in range(6)]
print("I ", *row, "\nI'", *moved)
eye = datasets.grey(datasets.photo("cat"))[None, 73:153, 133:213, None]  # 80 x 80 pixels
print("stride 1, one pixel:", layers.equivariance_error("conv", eye, 1))
maps, of_moved = (layers.apply("conv_stride2", x) for x in (eye, np.roll(eye, 2, axis=2)))
print("stride 2, two pixels; the maps move by 2:", np.array_equal(of_moved, np.roll(maps, 2, 2)),
      " by 1:", np.array_equal(of_moved, np.roll(maps, 1, 2)))

# %% [markdown]
# To the right: the pixel at x is now the one that was at x - 1.
#
# Behind a stride of 2 the maps move by 1 when the image moves by 2. So the input's shift and the
# output's shift need not be the same one, and f(T(x)) = T'(f(x)) is the better formula.
#
# `layers.equivariance_error(layer, images, shift)` says with one number how far the two ways are
# apart: the largest difference between them, over the largest number in the maps. 0: equivariant.
# The images move circularly here: what leaves on the right comes in on the left, so nothing is
# lost. `"conv"` looks around the edge in the same way.
#
# ## The border
#
# Most networks put zeros around the image (`"conv_same"`). Take 16 columns of noise, a 3 x 3
# kernel, and a circular shift by 2.
#
# **Predict:** in how many of the 16 columns do the two ways differ?

# %%
prediction = None  # a number from 0 to 16

# %% claims="F039 Q046"
noise = np.random.default_rng(0).random((1, 16, 16, 1)).astype("float32")
for name in ("conv", "conv_same"):
    one_way = layers.apply(name, transformations.shift(noise, right=2, border="circular"))
    other = np.roll(layers.apply(name, noise), 2, axis=2)
    wrong = np.flatnonzero((np.abs(one_way - other) > 1e-5).any(axis=(0, 1, 3)))
    print(f"{name}: wrong columns", wrong.tolist())
predictions.number("wrong columns", prediction, wrong.size,
                   surprise="Zeros spoil both ends of the map, once before the move, once after.")

# %% [markdown]
# Moved, then convolved: columns 0 and 15 see zeros. Convolved, then moved: the columns that have
# seen zeros stand at 2 and 1 now. That makes four. All the others are equal.
#
# ## The stride
#
# Two blocks of convolution and max pooling, as in notebook 9, have a total stride of 4.
#
# **Predict:** by how many pixels, from 1 to 8, may the image move so that the two ways agree? Give
# all of them.

# %%
prediction = None  # the numbers, such as [1, 2, 3]

# %% claims="Q045"
shifts = range(9)
errors = {name: [layers.equivariance_error(name, eye, k) for k in shifts]
          for name in ("conv", "conv_same", "conv_stride2", "two_blocks")}
for name, values in errors.items():
    print(f"{name:13}", *[f"{value:.2f}" for value in values])
agree = [k for k in shifts if k and errors["two_blocks"][k] == 0]
predictions.values("shifts with which two blocks agree", prediction, agree,
                   surprise="Two strides of 2 make a grid of 4.")

# %%
fig, ax = plt.subplots(figsize=(7, 3.4))
for name, values in errors.items():
    plots.draw_curve(ax, shifts, values, label=name, x_label="moved by (pixels)",
                     y_label="equivariance error (share)", title="Four layers on the cat's eye")
ax.set_ylim(-0.05, 1.3)
ax.legend(loc="upper center", ncols=4)
plots.show(fig)

# %% [markdown]
# A slide sums it up: "Convolutions and pooling give us translationally equivariant layers." True
# for shifts that are a multiple of the total stride, and away from zeros at the border. With other
# shifts the error is not small. (It tells of the *worst* place of the map: for `conv_same` that is
# in one of the four columns, all others agree.)
#
# ## Exercise: `equivariance_error` (4 points, about 12 minutes)
#
# Write that number. `layers.apply(layer, images)` gives the maps of a layer by its name, (N, H, W,
# C) to (N, H / s, W / s, C); s, the total stride, can be read off the two widths. Move the images
# circularly to the right by `shift` pixels and the maps by `shift // s`. Then the largest absolute
# difference between the two ways, over the largest absolute number in the maps of the images that
# were not moved.


# %% exercise="equivariance_error"
def equivariance_error(layer, images, shift):
    """How far the layer of that name is from moving along with the images: a float, 0 or more."""
    ### BEGIN SOLUTION
    maps = layers.apply(layer, images)
    stride = images.shape[2] // maps.shape[2]
    one_way = layers.apply(layer, np.roll(images, shift, axis=2))
    other_way = np.roll(maps, shift // stride, axis=2)
    return float(np.abs(one_way - other_way).max() / np.abs(maps).max())
    ### END SOLUTION


# %% check="equivariance_error"
checks.equivariance.equivariance_error(equivariance_error)

# %% [markdown]
# ## Does the slide hold?
#
# One lecture quotes a textbook. Here are three of its statements; one of them is a misprint. I is
# an image, g moves every pixel one unit to the right, I' = g(I) is the moved image.
#
# - **A.** f is equivariant to g if f(g(x)) = g(f(x)).
# - **B.** I'(x, y) = I(x - 1, y) shifts every pixel one unit to the right.
# - **C.** "If we apply this transformation to I, then apply convolution, the result will be the
#   same as if we applied convolution to I', then applied the transformation g to the output."
#
# **Predict:** which one?

# %%
prediction = None  # "A", "B" or "C"

# %%
def f(image):
    return layers.apply("conv", image)


def g(image):
    return np.roll(image, 1, axis=2)

# %% claims="F040"
holds = {"A": np.array_equal(f(g(eye)), g(f(eye))),
         "B": np.array_equal(g(eye), eye[:, :, [x - 1 for x in range(80)]]),
         "C": np.array_equal(f(g(eye)), g(f(g(eye))))}
print(holds)
predictions.choice("the misprint", prediction, min(holds, key=holds.get),
                   {letter: "holds" if true else "does not" for letter, true in holds.items()},
                   surprise="Convolution of I', then g: that moves twice. It must be I.")

# %% [markdown]
# C moves the image twice on its right side. "Applied convolution to **I**" is meant. With formulas
# that you can run, such a thing is found in a line.
#
# ## What pooling does with one pixel
#
# Pooling is said to do more than to move along: "the highest activation can shift around within
# the window, and the output does not change". Take one bright pixel.

# %% claims="Q037"
for place in [(2, 2), (2, 3), (3, 2), (3, 3), (3, 4)]:
    spot = np.zeros((1, 6, 6, 1), "float32")
    spot[0, place[0], place[1]] = 1
    print("bright pixel at", place, "gives", np.argwhere(layers.max_pool(spot))[0, 1:3].tolist())

# %% [markdown]
# Four places, one output; the fifth lies across the edge of the window. So far it holds. The
# textbook goes on: "if we translate the input by a small amount, the values of **most** of the
# pooled outputs do not change". Take three kinds of pictures: noise, where each pixel has a random
# value; the same noise blurred until it is smooth; and 200 clothes, 28 x 28. Pool them 2 x 2, move
# them by one pixel, pool again.
#
# **Predict:** how many per cent of the pooled numbers are exactly the same as before?

# %%
prediction = None  # three numbers (noise, smooth, clothes), such as [90, 90, 90]

# %%
from scipy import ndimage

noise = np.random.default_rng(0).random((20, 64, 64, 1)).astype("float32")
smooth = ndimage.gaussian_filter(noise, (0, 3, 3, 0), mode="wrap")
pictures = {"noise": noise, "smooth": smooth,
            "clothes": datasets.fashion_mnist("test", n=200)[0] / np.float32(255)}


def unchanged(layer, images):
    """Per cent of a layer's outputs that stay exactly the same after one pixel."""
    moved = np.roll(images, 1, axis=2)
    return round(100 * float((layer(images) == layer(moved)).mean()))

# %% claims="Q038 Q039"
for name, images in pictures.items():
    print(f"{name:8} 2 x 2: {unchanged(layers.max_pool, images):2} %,  3 x 3, stride 2: "
          f"{unchanged(lambda x: layers.max_pool(x, 3, 2), images):2} %,  "
          f"no pooling: {unchanged(lambda x: x, images):2} %")
shares = [unchanged(layers.max_pool, images) for images in pictures.values()]
predictions.values("per cent unchanged: noise, smooth, clothes", prediction, shares, tolerance=8,
                   surprise="Where a picture rises or falls, the largest is always at one edge.")

# %% [markdown]
# On two of three kinds most of the outputs *do* change. For noise the third can be worked out:
# the old window and the new one cover 6 pixels together and share 2 of them. The output stays if
# the largest of the six is a shared one: 2 of 6.
#
# The clothes look better, but look at the last column. Nearly as many pixels do not change
# *without* any pooling: they are background. Black stays black. Leave the black windows out:

# %%
images = pictures["clothes"]
before, after = layers.max_pool(images), layers.max_pool(np.roll(images, 1, axis=2))
cloth = (before > 0) | (after > 0)
print(f"clothes, windows that are not black: {(before == after)[cloth].mean():.0%} unchanged")

# %% [markdown]
# "In all cases, pooling helps", says the textbook. *Exactly the same* is a strict question, so ask
# by how much the outputs change: the mean change, over the mean distance of the outputs from their
# average. To see what the maximum contributes, take pixels out without any maximum, too.

# %% claims="Q040"
pools = {"no pooling": lambda x: x, "max": layers.max_pool, "average": layers.average_pool,
         "every second pixel": lambda x: x[:, ::2, ::2]}


def change(layer, images):
    before, after = layer(images), layer(np.roll(images, 1, axis=2))
    return np.abs(after - before).mean() / np.abs(before - before.mean()).mean()


for name, images in pictures.items():
    print(f"{name:8}", {pool: round(float(change(f, images)), 2) for pool, f in pools.items()})

# %% [markdown]
# On noise the maximum helps a lot, on clothes somewhat, on smooth pictures not at all.
#
# And the *largest of a whole map*? That window has no edge that something could fall over. Move 200
# clothes by one pixel; the Dense layer has random weights.

# %% claims="D002 Q041 Q044"
def maps_of(name, k):
    """A layer's maps of 200 clothes moved by k pixels, one row for each garment."""
    return layers.apply(name, np.roll(clothes[:200], k, axis=2)).reshape(200, -1)


for name in ("conv", "two_blocks"):
    still, moved = maps_of(name, 0), maps_of(name, 1)
    dense = np.random.default_rng(0).normal(size=(still.shape[1], 10))
    largest = np.abs(moved.max(axis=1) / still.max(axis=1) - 1).mean()
    off = np.linalg.norm(moved @ dense - still @ dense) / np.linalg.norm(still @ dense)
    print(f"{name}: the largest changes by {largest:.1%}, a Dense layer on all of it by {off:.0%}")

# %% [markdown]
# A convolution and the largest of the whole map: f(T(x)) = f(x), invariant. With strides in between
# it is only nearly so. A slide gives "convolution + pooling + FC" as its example of invariance; a
# fully connected (Dense) layer has a weight for each place, and one pixel changes its output by a
# quarter and more. (Another slide says "Convolutional (Translation invariance)". A convolution is
# *equi*variant.)
#
# ## Blur before you leave out
#
# What goes wrong in the stride has a name in signal processing: **aliasing**. Before one keeps
# every second number, what changes from one number to the next has to be smoothed away, or else it
# depends on chance which half of it is kept. A max pooling of stride 2 is two steps in one: the
# largest of each window at *every* pixel, then every second of them. Put a blur between the two:
# that is `layers.blur_pool`.

# %%
rows = 8 * np.eye(8, dtype="float32")[2:6].reshape(4, 1, 8, 1)  # the bright pixel moves on
results = [rows, layers.max_pool(rows, (1, 2)), layers.blur_pool(rows)]
titles = ["One bright pixel, 4 places", "Max pool", "Blur pool"]
fig, axes = plots.grid_axes((4, 8), (4, 4), (4, 4), titles=titles)
for ax, title, result in zip(axes, titles, results):
    plots.draw_grid(ax, result[:, 0, :, 0], title=title, limits=(0, 8))
plots.show(fig)

# %% [markdown]
# Read from row to row: the max pool stands still, then jumps by a whole place. The blurred one
# glides: its numbers say where between two places the pixel is. Measured on the cat's eye, moved
# by one pixel:

# %%
for name in ("max_pool", "average_pool", "blur_pool"):
    print(f"{name:12} equivariance error {layers.equivariance_error(name, eye, 1):.2f}")

# %% [markdown]
# ## Exercise: `antialiased_pool` (3 points, about 9 minutes)
#
# Write it: images (N, H, W, C) to (N, ceil(H / stride), ceil(W / stride), C), each channel alone.
# First the largest of the 2 x 2 pixels that begin at each pixel; the windows of the last row and
# column have only the pixels that are there (`layers.max_pool` with stride 1 and `"same"` does
# that). Then a blur, down and across: weights 1, 2, 1 over 4, and past the border the pixel at the
# border goes on. Last every `stride`-th row and column, beginning with the first.


# %% exercise="antialiased_pool"
def antialiased_pool(images, stride=2):
    """Largest of 2 x 2, blurred with 1, 2, 1 both ways, then every stride-th: (N, H, W, C)."""
    ### BEGIN SOLUTION
    maps = layers.max_pool(images, 2, stride=1, padding="same")
    padded = np.pad(maps, [(0, 0), (1, 1), (1, 1), (0, 0)], "edge")
    down = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    both = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 4
    return both[:, ::stride, ::stride]
    ### END SOLUTION


# %% check="antialiased_pool"
checks.equivariance.antialiased_pool(antialiased_pool)

# %% [markdown]
# ## Four heads
#
# Back to the network. What comes after the convolutions is called its *head*. Four networks, all
# trained on clothes in the middle:
#
# - `dense`: no convolution, one hidden layer on all pixels;
# - `flatten`: the two convolutions, then a Dense layer with a weight for each place;
# - `global`: the two convolutions, then the largest of each map: the zig-zag;
# - `blurred`: the same as `global`, but with the blur before the stride.
#
# **Predict:** the clothes move by three pixels. Which network is best, which comes next, ...?

# %%
prediction = None  # the four names, the best first

# %% tags=["nbval-ignore-output"]
print("training 640 steps ...")
mine["flatten"] = curve(heads.train("flatten", seed=0, callbacks=[training.Progress()]))

# %% tags=["nbval-ignore-output"]
print("training 640 steps ...")
mine["blurred"] = curve(heads.train("blurred", seed=0, callbacks=[training.Progress()]))

# %% [markdown]
# Two were trained here. The file `data/experiments/heads.csv` has all four with five seeds each,
# made by `experiments/heads.py`; the next cell takes the mean of these.

# %% claims="Q042 Q043"
import experiments

runs = experiments.read("heads")


def mean_of(head, *columns):
    """The mean accuracy over five seeds, for each of the columns."""
    return [float(np.mean([run[c] for run in runs if run["head"] == head])) for c in columns]


shift_columns = [f"shift_{k}" for k in range(6)]
four = {head: mean_of(head, *shift_columns) for head in ("dense", "flatten", "global", "blurred")}
for head, accuracies in four.items():
    print(f"{head:8}", *[f"{a:.2f}" for a in accuracies])
predictions.ranking("best at a shift of 3", prediction,
                    sorted(four, key=lambda head: four[head][3], reverse=True))

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
for head, accuracies in four.items():
    plots.draw_curve(left, range(6), accuracies, label=head, x_label="moved by (pixels)",
                     y_label="named correctly (share)", title="Four heads, mean of five seeds")
    plots.draw_curve(right, range(6), accuracies, label=head, x_label="moved by (pixels)",
                     title="The upper two from near")
left.set_ylim(0, 1)
right.set_ylim(0.7, 0.85)
plots.show(fig)

# %%
print("my flatten, moved by 3 pixels, below 0.4:", mine["flatten"][3] < 0.4)
steps = {head: min(mine[head][0:4:2]) - max(mine[head][1:4:2]) for head in ("global", "blurred")}
print("my zig-zag is smaller with the blur:", steps["blurred"] < steps["global"])

# %% tags=["nbval-ignore-output"]
zigzags = {head: [run["shift_0"] - run["shift_1"] for run in runs if run["head"] == head]
           for head in ("global", "blurred")}
fig, ax = plt.subplots(figsize=(6.5, 1.9))
plots.draw_dots(ax, zigzags, title="Lost by one pixel, five seeds; the ringed one is yours",
                x_label="accuracy in the middle, less accuracy one pixel off",
                ringed=("blurred", mine["blurred"][0] - mine["blurred"][1]))
plots.show(fig)

# %% [markdown]
# "CNNs are *sort of* translation invariant", says a slide: shifting the content "tends not to
# drastically affect" the output. For the usual network with a Dense layer at its end (`flatten`) it
# does, drastically: moved by three pixels it is not even as good as the network without any
# convolution. (And strictly, says the next slide, CNNs are not invariant. So it is.) Nothing in the
# convolutions makes a network invariant. The head does, and it needs a stride that plays along.
#
# Neither is it for free. In the middle, at 0, `flatten` is the best of the four, and the blur costs
# `global` a little. Now the same `global` network on the raw pictures, 28 x 28, where clothes fill
# the frame and a shift cuts them off:

# %%
print("raw pictures", *[f"{a:.2f}" for a in mean_of("raw", *shift_columns)])

# %% [markdown]
# No zig-zag: the accuracy falls from step to step. What is cut off costs more than the grid. (A
# canvas was needed to see the one without the other.)
#
# The other way is to **show** it moved clothes. `shifted` is `flatten`, trained on clothes that
# were moved by up to 5 pixels: networks "require lots of training data", says a slide, and one has
# to "show many examples".

# %% claims="Q054"
for head in ("flatten", "shifted"):
    print(f"{head:8}", *[f"{a:.2f}" for a in mean_of(head, *shift_columns)])

# %% [markdown]
# It works, and no new photo had to be taken: that is *augmentation*, notebook 16. Here it costs 0.1
# in the middle, as the same network has more to learn in the same number of steps.
#
# ## Turn the image
#
# What of other transformations? Turn the cat by a quarter and by 45 degrees, and double its size.
# A kernel that has a direction (Sobel) is compared with one that has none (Laplace). For a turn by
# 45 degrees pixels must be mixed, so it can't be exact; take a smooth picture and leave the corners
# out.

# %% claims="Q047 Q048"
soft = ndimage.gaussian_filter(datasets.grey(datasets.photo("cat"))[40:240, 100:300], 1.5)
circle = np.hypot(*(np.indices((200, 200)) - 99.5)) < 90
changes = {"quarter turn": lambda x: np.rot90(x),
           "45 degrees": lambda x: transformations.rotate(x[None, :, :, None], 45)[0, :, :, 0],
           "twice as large": lambda x: transformations.scale(x[None, :, :, None], 2)[0, :, :, 0]}
for name, kernel in {"Sobel": kernels.sobel_x(), "Laplace": kernels.laplacian()}.items():
    def f(x):
        return convolution.correlate2d(x, kernel, padding="same") * circle

    off = {what: np.linalg.norm((f(T(soft)) - T(f(soft))) * circle) / np.linalg.norm(T(f(soft)))
           for what, T in changes.items()}
    print(f"{name:8}", {what: round(float(error), 2) for what, error in off.items()})

# %% [markdown]
# "Not equivariant to rotation" is right for kernels with a direction. A kernel that looks the same
# from all sides turns along. Neither knows about size.
#
# So take one kernel with a direction and use it **four times**, turned by 0, 1, 2 and 3 quarters:
# four maps, one for each. This is called *lifting*.

# %%
face = eye[0, :, :, 0].astype("float64")
lifted, of_turned = (layers.lift_rotations(x, kernels.sobel_x()) for x in (face, np.rot90(face)))
fig, (left, right) = plots.image_axes((78, 4 * 78), (78, 4 * 78), width=4.6)
plots.draw_signed(left, lifted, title="The eye: channels 0, 1, 2, 3", limit=1)
plots.draw_signed(right, of_turned, title="The turned eye: channels 0, 1, 2, 3", limit=1)
plots.show(fig)

# %% [markdown]
# Turn the image by a quarter (counter-clockwise, as the kernels). All maps turn. But the one that
# was channel 0 is not channel 0 any more.
#
# **Predict:** where does it stand now?

# %%
prediction = None  # 0, 1, 2 or 3

# %% claims="Q049"
from itertools import permutations

new = next(c for c in range(4) if np.allclose(of_turned[..., c], np.rot90(lifted[..., 0])))
print("all four, each moved on by one channel:",
      np.allclose(of_turned, np.roll(np.rot90(lifted), 1, axis=2)))
three = [np.allclose(of_turned[..., :3], np.rot90(lifted)[..., list(order)])
         for order in permutations(range(3))]
print("with three copies, in any order:", any(three))
predictions.number("new place of channel 0", prediction, new,
                   surprise="The next kernel is the first one turned, as the image was.")

# %% [markdown]
# All four copies are needed: with three, the map that would come next has nowhere to go. (A lecture
# says only "rotated copies of the same filter".) And the output does not merely turn, its channels
# change places as well. That is why a third lecture writes equivariance as φ(gx) = M φ(x), with
# some map M for each transformation g. Here M turns the maps and moves on the channels.
#
# ## Exercise: `lift_rotations` (3 points, about 7 minutes)
#
# Write the lifting: an image (H, W) and a kernel (K, K) give (H - K + 1, W - K + 1, 4). Channel r
# is made by the kernel turned by r quarters, counter-clockwise. Slide it without flipping;
# `convolution.correlate2d` may be called.


# %% exercise="lift_rotations"
def lift_rotations(image, kernel):
    """Four maps of (H, W), made by a kernel (K, K) in its four quarter turns, as channels."""
    ### BEGIN SOLUTION
    turned = [np.rot90(kernel, quarters) for quarters in range(4)]
    return np.stack([convolution.correlate2d(image, one) for one in turned], axis=-1)
    ### END SOLUTION


# %% check="lift_rotations"
checks.equivariance.lift_rotations(lift_rotations)

# %% [markdown]
# ## From equivariant to invariant
#
# Take the largest over the four channels, then the largest over all places: what is left does not
# know any more how the image was turned. A textbook figure shows the same with *learned* filters:
# three of them, each for a 5 in another orientation, and the largest of the three.

# %% claims="D005 Q050"
kernel = layers.KERNEL  # 3 x 3, no symmetry
turns = [np.rot90(face, r) for r in range(4)]
print("largest over channels and places:",
      *[f"{layers.lift_rotations(x, kernel).max():.4f}" for x in turns])
print("one kernel alone:", *[f"{convolution.correlate2d(x, kernel).max():.4f}" for x in turns])

# %% [markdown]
# Can one stack such layers? A plain convolution on top mixes the four channels always in the same
# way, though they change places. A *group convolution* turns its kernel and its channels together.

# %% claims="Q051"
weights = np.random.default_rng(1).normal(size=(3, 3, 4))
lifted, of_turned = layers.lift_rotations(face, kernel), layers.lift_rotations(turns[1], kernel)
first, second = (layers.rotation_conv(x, weights) for x in (lifted, of_turned))
print("group convolution:", np.allclose(second, np.roll(np.rot90(first), 1, axis=2)))
first, second = (convolution.correlate2d(x[None], weights[..., None])[0]
                 for x in (lifted, of_turned))
print("plain convolution:", np.allclose(second, np.rot90(first)))

# %% [markdown] topics="T093"
# So "redefine convolution", as the slide says, and it holds. Networks of such layers are
# **group-equivariant** networks (Cohen and Welling, ICML 2016; Kondor
# and Trivedi, ICML 2018). The idea goes further than grids: spherical CNNs (Cohen, Geiger, Köhler,
# Welling, ICLR 2018), CNNs on graphs (Niepert, Ahmed, Kutzkov, ICML 2016) and on curved surfaces,
# manifolds (Monti and others, CVPR 2017; a slide calls this one "manifold-valued", but there the
# *domain* is the manifold, not the values).
#
# One caution about φ(gx) = M φ(x): if *any* M will do, it says nothing. Here φ is a Dense layer
# with random weights, and g a shift.

# %% claims="D004"
rng = np.random.default_rng(0)
g, x = np.roll(np.eye(8), 1, axis=0), rng.normal(size=8)
layers_of_chance = [rng.normal(size=(8, 8)) for _ in range(2)]
found = [phi @ g @ np.linalg.inv(phi) for phi in layers_of_chance]
print("M exists:", [bool(np.allclose(phi @ (g @ x), M @ (phi @ x)))
                    for phi, M in zip(layers_of_chance, found)])
print("the same M for both:", np.allclose(*found))

# %% [markdown]
# Every invertible φ is "equivariant" in this sense. It means something when M is simple and the
# same for all weights: for a convolution it is the shift itself.
#
# ## Turned, scaled, bent, lit
#
# The last question: how do the trained networks take other changes, which they have never seen?
# Here is one garment after some of them. The numbers are degrees, per cent of the size, per cent of
# the light; `bent_20` moves each pixel by 2 on average, its neighbours by nearly the same.

# %%
some = ["turn_30", "turn_90", "scale_75", "scale_150", "bent_20", "dark_25", "bright_30",
        "inverted"]
fig, axes = plots.image_axes(*[(24, 24)] * 8, width=1.0, scale=False)
for ax, name in zip(axes, some):
    plots.draw_image(ax, heads.TESTS[name](clothes[:1])[0], title=name)
plots.show(fig)

# %% [markdown]
# **Predict:** four of them cost `flatten` how much? Put them in order: `turn_30`, `scale_75`,
# `dark_25` (a quarter of the light), `inverted` (black is white).

# %%
prediction = None  # the four names, the one that costs least first

# %%
asked = ["turn_30", "scale_75", "dark_25", "inverted"]
left_over = dict(zip(asked, mean_of("flatten", *asked)))
print({name: round(share, 2) for name, share in left_over.items()})
predictions.ranking("from the least costly", prediction,
                    sorted(left_over, key=left_over.get, reverse=True),
                    surprise="Less light changes all numbers by one factor; ReLU lets it through.")

# %% claims="Q052 Q053"
columns = ["shift_0", "scale_50", "scale_75", "scale_150", "dark_50", "dark_25", "dark_10",
           "bright_30", "bright_50", "inverted"]
print(f"{'':8}", *[f"{name:>9}" for name in columns])
for head in ("dense", "no_pool", "flatten", "global", "shifted"):
    print(f"{head:8}", *[f"{share:9.2f}" for share in mean_of(head, *columns)])

# %% [markdown] topics="T064"
# - **Size.** "Max pooling gives some amount of size invariance", says a slide. `no_pool` is
#   `flatten` without its pooling: compare their rows. At 75 per cent the pooling helps by about as
#   much as the seeds differ, at 150 hardly, at 50 not at all, and at all three the network fails.
# - **Light.** "CNNs do not fare well with large changes in lighting or scale." With scale it is
#   so. With light it depends: half of it costs `flatten` little, a tenth of it a lot. A little
#   light *added* is borne well by `flatten`, badly by `global` (and by each of its seeds
#   differently), and worst by `shifted`: moved clothes have taught it nothing about light. Black
#   for white is the end of them all.
#
# Last, two properties that a slide names together. *Scale separation*: early layers find small
# parts, later ones what the parts form. And "filters localized in space (deformation stability)":
# bent a little, a part is still found. Bend the clothes more and more.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for head in ("dense", "flatten", "global", "blurred"):
    bent = mean_of(head, "shift_0", *[f"bent_{t}" for t in (5, 10, 15, 20)])
    plots.draw_curve(left, [0, 0.5, 1, 1.5, 2], bent, label=head, title="Bent",
                     x_label="mean movement (pixels)", y_label="named correctly (share)")
    turned = mean_of(head, "shift_0", *[f"turn_{d}" for d in (15, 30, 45, 90, 180)])
    plots.draw_curve(right, [0, 15, 30, 45, 90, 180], turned, label=head, title="Turned",
                     x_label="turned by (degrees)")
right.set_xticks([0, 15, 30, 45, 90, 180])
left.set_ylim(0, 1)
plots.show(fig)

# %% [markdown]
# Bent clothes: `global` and `blurred` begin lower and end higher than the two others. So there is
# something like stability, where local filters meet a head that does not ask for the place; it is
# no guarantee. Turned by a quarter, all four fail. What is not built in must be shown in training.
#
# ## Recap
#
# - **Equivariant**: the output moves along; **invariant**: it stays. A convolution is the first, a
#   convolution and the largest of the whole map the second. A Dense layer on flattened maps is
#   neither.
# - A stride has a grid: shifts that are no multiple of it fall through (the zig-zag). A blur before
#   the stride repairs most of it.
# - Four turned kernels make a layer that turns along, its channels in turn. Nothing else that one
#   may want, size or light, comes by itself.
#
# To play: call `layers.equivariance_error` with a function of your own, such as
# `lambda x: layers.apply("blur_pool", layers.apply("max_pool", x))`, and predict the shifts at
# which it is 0. Next, notebook 11: what happens when networks get deep.

# %%
predictions.recap()

# %%
checks.progress()
