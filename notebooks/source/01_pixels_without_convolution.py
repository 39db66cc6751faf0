# %% [markdown]
# # 1. Name pictures from their pixels alone
#
# **You will be able to** name pictures by their nearest neighbour, by a linear score and by a dense
# network; count what a dense layer has to learn; and say what is lost when a picture becomes one
# row of numbers.
#
# **You need** notebook 0 (the shape of a batch), NumPy, the product of a matrix and a vector.
# **Time:** 35 minutes; no GPU.
#
# Exercises: `nearest_neighbour` (4 points, 10 min), `mlp_forward` (4 points, 8 min),
# `dense_parameters` (2 points, 4 min).

# %% [markdown] topics="T005 T008 T009 T145"
# ## A picture is a row of numbers
#
# *Image classification*: a picture goes in, the name of a class comes out. The signal is nothing
# but numbers; the answer means something. Our eyes and brain get from one to the other in many
# steps. The networks of this course do so too, and each lecture asks the same three questions of
# them: how is the network built, how does it learn from pictures, and how far can it be trusted?
#
# Data sets for this have names. MNIST: handwritten digits, 28 x 28, grey. CIFAR-10: 32 x 32 in
# colour, ten classes. ImageNet: over a million photos, a thousand classes. We take Fashion-MNIST,
# as in notebook 0: 5,000 pictures to learn from, and 1,000 unseen ones to be tested with.

# %%
images, labels = datasets.fashion_mnist("train", n=5000)
unseen, truth = datasets.fashion_mnist("test", n=1000)
rows = images.reshape(5000, -1)
print("one picture", images[0].shape, " as a row", rows[0].shape, " all rows", rows.shape)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 2.2), width_ratios=[1, 3.2])
plots.draw_image(left, images[0], title="An ankle boot")
plots.draw_curve(right, range(784), rows[0], title="The same 784 numbers, row after row",
                 x_label="place in the row", y_label="brightness")
plots.show(fig)

# %% [markdown]
# The row on the right holds everything. This notebook names clothes from such rows: no layer
# here knows which pixels are neighbours.
#
# ## Which picture is most like this one?
#
# The simplest way: keep all 5,000 pictures. Name a new one like the stored picture that is
# nearest to it. *Near* means: subtract pixel from pixel, square, add up; the root of the sum is the
# *distance*.

# %%
trousers, moved, shirt = unseen[2], np.roll(unseen[2], 3, axis=1), images[160]
grey = np.full_like(trousers, trousers.mean())  # each pixel has the mean brightness
pictures = {"a pair of trousers": trousers, "A: moved by 3 pixels": moved,
            "B: a T-shirt": shirt, "C: evenly grey": grey}
fig, axes = plt.subplots(1, 4, figsize=(8, 2.3))
for ax, (name, picture) in zip(axes, pictures.items()):
    plots.draw_image(ax, picture, title=name)
plots.show(fig)

# %% [markdown]
# **Predict:** which of A, B and C is nearest to the pair of trousers on the left? Put them in
# order, the nearest first.

# %%
prediction = None  # such as ["A", "B", "C"]

# %%
order, distances = neighbours.nearest(np.stack([moved, shirt, grey]), trousers[None], k=3)
print({"ABC"[i]: round(distance) for i, distance in zip(order[0], distances[0])})
predictions.ranking("nearest to the trousers", prediction, ["ABC"[i] for i in order[0]],
                    surprise="The same trousers, 3 pixels further right, lie on other pixels.")

# %% [markdown]
# For the pixels, the same trousers 3 pixels further right are less like the trousers than an even
# grey. Keep that in mind. And yet:
#
# **Predict:** of the 1,000 unseen pictures, how many are named rightly by their nearest neighbour
# among the 5,000? (Guessing would give about 100.)

# %%
prediction = None  # a number from 0 to 1000

# %%
named = neighbours.classify(images, labels, unseen)
predictions.number("named rightly by the nearest neighbour", prediction, (named == truth).sum(),
                   "of 1,000", tolerance=40)

# %%
wrong = np.flatnonzero(named != truth)[:6]
places, _ = neighbours.nearest(images, unseen[wrong])
fig, axes = plt.subplots(2, 6, figsize=(8, 3.6))
for upper, lower, query, place in zip(*axes, wrong, places[:, 0]):
    plots.draw_image(upper, unseen[query], title=datasets.CLASS_NAMES[truth[query]])
    plots.draw_image(lower, images[place], title=datasets.CLASS_NAMES[labels[place]])
fig.suptitle("Six that go wrong: unseen picture, and below it its nearest neighbour")
plots.show(fig)

# %% [markdown] topics="T010"
# One can see why. One can also ask `k` neighbours and let them vote: *k-nearest neighbours*, which
# one lecture begins with. (To move the points of such a classifier about:
# [the KNN demo](http://vision.stanford.edu/teaching/cs231n-demos/knn/).)

# %%
tops = np.isin(truth, (0, 2, 4, 6)) & np.isin(named, (0, 2, 4, 6))  # T-shirt, pullover, coat, shirt
print((named != truth).sum(), "mistakes,", (tops & (named != truth)).sum(), "of them among tops")
for k in (1, 7, 50):
    by_vote = neighbours.classify(images, labels, unseen, k)
    print(f"{k:2} neighbours: {(by_vote == truth).mean():.3f} right")

# %% [markdown]
# A few neighbours even out the odd one; too many are no neighbours any more.
#
# ## Exercise: `nearest_neighbour` (4 points, about 10 minutes)
#
# Write it for `k` = 1. The pictures are uint8, as they come from the file. Of pictures that are
# equally near, the one that is stored first counts. A loop over the queries is fine. (Do not build
# all differences at once: for 5,000 x 1,000 pictures as float64 that is an array of 31 GB.)


# %% exercise="nearest_neighbour"
def nearest_neighbour(images, labels, queries):
    """Labels (M,) of the images (N, H, W, C), uint8, that are nearest to queries (M, H, W, C)."""
    ### BEGIN SOLUTION
    stored = images.astype("float64")
    squares = [((stored - query) ** 2).sum(axis=(1, 2, 3)) for query in queries]
    return labels[np.argmin(squares, axis=1)]
    ### END SOLUTION


# %% check="nearest_neighbour"
checks.neighbours.nearest_neighbour(nearest_neighbour)

# %% [markdown] topics="T011"
# ## A score for each class
#
# Neighbours learn nothing: they keep all pictures and search through them for every answer. The
# next idea keeps one set of *weights* for each class, 784 of them. Each pixel is multiplied by its
# weight, the products are added up, and a number of the class's own, its *bias*, is added: that is
# the class's *score*. For all ten classes at once it is a product of a matrix and a vector,
# `f = W x + b`, a *linear* score. In Keras it is a layer called `Dense`.
#
# The weights are learned. A number, the *loss*, says how bad the scores are on some pictures; then
# each weight is changed a little, so that the loss falls. Again and again (notebook 6 tells how).
# `softmax` turns the ten scores into probabilities.

# %%
import time


def network(*layers):
    """A network on flattened pictures, with random first weights, always the same ones."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def learn(model, pictures):
    """Train on 5,000 pictures, ten times on each; gives the seconds that it took."""
    begin = time.perf_counter()
    model.fit(pictures / 255, labels, epochs=10, batch_size=50, verbose=0,
              callbacks=[training.Progress(every=2)])
    return time.perf_counter() - begin

# %%
def accuracy(model, pictures):
    """The share of the unseen pictures that a network names rightly."""
    return float((model.predict(pictures / 255, verbose=0).argmax(axis=1) == truth).mean())

# %% tags=["nbval-ignore-output"]
linear = network(keras.layers.Dense(10, activation="softmax"))
linear_took = learn(linear, images)

# %%
print("linear score, more than 0.78 right:", accuracy(linear, unseen) > 0.78)

# %% [markdown]
# That is about as good as the neighbours, and it needs 7,850 numbers where they need 3,920,000. The
# weights of a class can be put back in the places of their pixels. Orange: brightness here speaks
# for the class; blue: against it.

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(2, 5, figsize=(8, 4.2))
weights = linear.get_weights()[0]
for kind, ax in enumerate(axes.flat):
    plots.draw_signed(ax, weights[:, kind].reshape(28, 28), title=datasets.CLASS_NAMES[kind])
plots.show(fig)

# %% [markdown]
# One template for each class, for all its pictures together. In some of them you can see the
# garment, and around it in blue the places where it must not be.
#
# ## Does the slide hold?
#
# A slide warns: if all inputs of a unit are positive, the gradients of its weights are *all
# positive or all negative*. (The *gradient* holds for each weight how fast the loss grows with it.
# So all weights of the unit could only rise together, or fall together.) Pixels are such inputs:
# none is below 0. A network learns from *batches*, here of 32 pictures at a time.
#
# **Predict:** take the unit for "shirt" and 100 batches of 32 pictures. In how many batches have
# its 784 gradients one common sign?

# %%
prediction = None  # "A": in all 100, "B": in about half of them, "C": in fewer than 10

# %%
start = network(keras.layers.Dense(10, activation="softmax"))


def one_sign(batch):
    """Whether no two gradients of the unit for "shirt" have opposite signs (0 has none)."""
    with tf.GradientTape() as tape:
        said = start(images[batch] / 255)
        loss = keras.losses.SparseCategoricalCrossentropy()(labels[batch], said)
    gradients = tape.gradient(loss, start.trainable_weights[0])[:, 6].numpy()
    return bool((gradients >= 0).all() or (gradients <= 0).all())

# %% claims="Q092"
alone = sum(one_sign(np.arange(i, i + 1)) for i in range(100))
counted = sum(one_sign(np.arange(32 * i, 32 * i + 32)) for i in range(100))
no_shirt = sum((labels[32 * i:32 * i + 32] != 6).all() for i in range(100))
print(f"one sign: {alone} of 100 single pictures, {counted} of 100 batches; {no_shirt} batches "
      "have no shirt")
predictions.choice("batches with one sign", prediction,
                   "C" if counted < 10 else "A" if counted == 100 else "B",
                   {"A": "in all 100", "B": "in about half", "C": "in fewer than 10"},
                   surprise="Shirts pull one way, all other pictures the other way.")

# %% [markdown] topics="T007"
# For a single picture it holds, always: each gradient is a pixel times one number that they share.
# In a batch that number is negative for shirts and positive for all other pictures, and the sum
# has both signs. What is left are the batches without a single shirt.
#
# ## Two layers
#
# Put a second linear score upon the first, and nothing is gained: two matrices in a row are one
# matrix. Something has to stand between them. The lecture's choice is to cut off what is below 0,
# with NumPy `np.maximum(0, ...)`, called *ReLU*:
#
# - before: `f = W x`
# - now: `f = W2 max(0, W1 x)`, a 2-layer network; or `f = W3 max(0, W2 max(0, W1 x))`, with 3
#
# (The slide leaves out the biases.) The numbers in between are *hidden units*; "neuron" is another
# word for a unit, but nothing here depends on brains. Networks of such layers are called *dense*,
# *fully connected* or *MLP*. You can play with one [in the browser](https://playground.tensorflow.org).

# %% tags=["nbval-ignore-output"]
dense = network(keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(10, activation="softmax"))
dense_took = learn(dense, images)

# %% [markdown]
# What Keras computes is the formula. Here it is on the first unseen picture, with the learned
# weights (Keras stores them as (inputs, units), so they are turned over).

# %% claims="F036"
W1, b1, W2, b2 = dense.get_weights()
x = unseen[0].reshape(784) / 255
scores = W2.T @ np.maximum(0, W1.T @ x + b1) + b2
by_keras = dense.predict(unseen[:1] / 255, verbose=0)[0]
print("f = W2 max(0, W1 x + b1) + b2:", scores.shape, "scores; softmax gives what Keras gives:",
      np.allclose(tf.nn.softmax(scores), by_keras, atol=1e-4))
print("two layers, more than 0.79 right:", accuracy(dense, unseen) > 0.79)

# %% [markdown]
# ## Exercise: `mlp_forward` (4 points, about 8 minutes)
#
# Write the formula for any number of layers. `weights` and `biases` have an entry for each layer, a
# weight of shape (units, inputs) and a bias of shape (units,). `x` is a column, (inputs, 1), and so
# is the answer. ReLU after every layer but the last.


# %% exercise="mlp_forward"
def mlp_forward(x, weights, biases):
    """Scores (units of the last layer, 1) of a dense network with ReLU between its layers."""
    ### BEGIN SOLUTION
    last = len(weights) - 1
    for number, (weight, bias) in enumerate(zip(weights, biases)):
        x = weight @ x + bias[:, np.newaxis]
        x = x if number == last else np.maximum(0, x)
    return x
    ### END SOLUTION


# %% check="mlp_forward"
checks.dense.mlp_forward(mlp_forward)

# %% [markdown]
# ## Run the lecture's code
#
# One lecture has a forward pass in NumPy: 3 numbers in, two hidden layers of 4 units, one number
# out, with a sigmoid in place of ReLU. It does not say where the `W` and `b` come from, so here
# they are random. Only their shapes matter.

# %% claims="K011 N053"
def f(x):
    return 1.0 / (1.0 + np.exp(-x))  # the activation function of the slide


def forward(bias_shape):
    rng = np.random.default_rng(0)
    W1, W2, W3 = rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(1, 4))
    b1, b2, b3 = rng.normal(size=bias_shape), rng.normal(size=bias_shape), rng.normal(size=(1, 1))
    h1 = f(np.dot(W1, rng.normal(size=(3, 1))) + b1)
    h2 = f(np.dot(W2, h1) + b2)
    out = np.dot(W3, h2) + b3
    print("bias", bias_shape, " h1", h1.shape, " h2", h2.shape, " out", out.shape)


forward((4, 1))
forward((4,))
print(shapes.dense_parameters(input_shape=3, units=[4, 4, 1]), "numbers to learn")

# %% [markdown]
# With columns it runs as drawn. With biases of shape (4,) it runs too, without a word, and gives
# four answers in place of one.
#
# ## How many weights is that?
#
# In a dense layer every unit looks at every pixel. For a real photo that is a lot. One lecture
# asks: a photo of 224 x 224 x 3 goes to a hidden layer of 4,096 units. How many weights?
#
# **Predict:** how much memory do these weights take, at 4 bytes each?

# %%
prediction = None  # a number of gigabytes, such as 0.1

# %% claims="N025 N036 Q058"
for shape, units in (((28, 28, 1), 128), ((200, 200, 3), 1000), ((224, 224, 3), 4096)):
    weights = shapes.dense_parameters(shape, units, use_bias=False)
    print(f"{shape} to {units} units: {weights:,} weights, "
          f"{shapes.dense_parameters(shape, units):,} with biases")
predictions.number("weights of the layer on the photo", prediction, round(4 * weights / 1e9, 2),
                   "GB", tolerance=0.3, surprise="150,528 numbers come in, and each goes to 4,096.")

# %% [markdown]
# All that for a single layer. The lectures count weights only: 120 million for the photo of
# 200 x 200. Keras counts the 1,000 biases as well. (One lecture guesses why convolutional networks
# work: fewer weights let us go deeper. That is a hypothesis; no cell here can test it.)
#
# ## Exercise: `dense_parameters` (2 points, about 4 minutes)
#
# Count what a stack of dense layers learns: the weights, and the biases too if `use_bias` is true.
# `input_shape` is a tuple, such as (28, 28, 1) or (3,), and is flattened first; `units` is a tuple,
# the units of each layer in turn.


# %% exercise="dense_parameters"
def dense_parameters(input_shape, units, use_bias=True):
    """Numbers that dense layers learn, one after another, on a flattened input: an int."""
    ### BEGIN SOLUTION
    inputs, total = int(np.prod(input_shape)), 0
    for count in units:
        total += inputs * count + (count if use_bias else 0)
        inputs = count
    return total
    ### END SOLUTION


# %% check="dense_parameters"
checks.dense.dense_parameters(dense_parameters)

# %% [markdown]
# ## Three ways side by side

# %% tags=["nbval-ignore-output"]
def timed(name, numbers, took, answer):
    begin = time.perf_counter()
    right = (answer(unseen) == truth).mean()
    seconds = time.perf_counter() - begin
    print(f"{name:18}{right:.3f} right   {numbers:9,} numbers   {took:4.1f} s to learn   "
          f"{seconds:.3f} s for 1,000 answers")


timed("nearest neighbour", rows.size, 0, lambda p: neighbours.classify(images, labels, p))
for name, model, took in (("linear score", linear, linear_took), ("two layers", dense, dense_took)):
    timed(name, model.count_params(), took, lambda p: np.argmax(model(p / 255), axis=1))

# %% [markdown]
# The networks took seconds to learn, and answer at once. The neighbours learned in no time, and
# search for each answer.
#
# ## Shuffle all pixels
#
# Now draw the 784 pixels like lots: one order, drawn once. Every picture, whether to learn from or
# unseen, has its pixels put in that order. For you, each becomes confetti. A new network with two
# layers learns from the confetti.
#
# **Predict:** how does it do on unseen confetti, compared with the network above?

# %%
prediction = None  # "A": close to 0.1, as if guessing, "B": worse by 0.1 or more, "C": the same

# %% tags=["nbval-ignore-output"]
lots = np.random.default_rng(0).permutation(784)


def shuffled(pictures):
    return pictures.reshape(len(pictures), 784)[:, lots].reshape(pictures.shape)


confetti = network(keras.layers.Dense(128, activation="relu"),
                   keras.layers.Dense(10, activation="softmax"))
learn(confetti, shuffled(images))

# %% claims="Q056"
in_place, on_confetti = accuracy(dense, unseen), accuracy(confetti, shuffled(unseen))
difference = abs(in_place - on_confetti)
print("less than 0.03 apart:", difference < 0.03)
predictions.choice("two layers on confetti", prediction,
                   "C" if difference < 0.03 else "A" if on_confetti < 0.2 else "B",
                   {"A": "as if guessing", "B": "worse by 0.1 or more", "C": "the same"},
                   surprise="To a dense layer a picture is a row; in which order, it never knew.")

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(2, 10, figsize=(9, 2.7))
for kind, (upper, lower) in enumerate(axes.T):
    garment = unseen[truth == kind][:1]
    plots.draw_image(upper, garment[0])
    plots.draw_image(lower, shuffled(garment)[0])
fig.suptitle(f"Above: {in_place:.3f} right. Below: {on_confetti:.3f} right.")
plots.show(fig)

# %% [markdown]
# Why? Take the *first* network and put the weights of its first layer in the order of the lots.
# Each weight meets the same pixel as before. So for each network on pictures there is one on
# confetti that gives the same answers, and learning finds the one as easily as the other. Distances
# between pictures stay what they were, too.

# %%
twin = network(keras.layers.Dense(128, activation="relu"),
               keras.layers.Dense(10, activation="softmax"))
twin.set_weights([W1[lots], b1, W2, b2])
by_twin = twin.predict(shuffled(unseen) / 255, verbose=0)
print("twin on confetti and network on pictures agree:",
      np.allclose(by_twin, dense.predict(unseen / 255, verbose=0), atol=1e-4))
print("neighbours give the same 1,000 names:",
      (neighbours.classify(shuffled(images), labels, shuffled(unseen)) == named).all())

# %% [markdown]
# What did the shuffle destroy, then? Only what no method so far has used: which pixels lie beside
# each other. *Geometry is free data*, one lecture says. It can be seen in a single number: how much
# a pixel differs from its right neighbour.

# %%
for name, batch in (("in place", unseen), ("shuffled", shuffled(unseen))):
    steps = np.abs(np.diff(batch[..., 0].astype(float), axis=2))
    print(f"{name}: neighbours differ by {steps.mean():.0f} of 255")

# %% [markdown]
# What a network takes for granted before it has seen a single picture is its *inductive bias*. A
# dense network takes nothing for granted, not even that: its bias is weak.
#
# Is it so for other seeds, too? Each dot below is a run of its own, with other pictures to learn
# from and other lots, made by `experiments/shuffled_pixels.py`. The last two rows are a small
# *convolutional* network, the subject of the coming notebooks. The ring is your own run.

# %% tags=["nbval-ignore-output"]
import experiments

runs = experiments.read("shuffled_pixels")
ways = ("nearest", "linear", "two layers", "convolution")
groups = {f"{way}, {pixels}": [run["accuracy_shift_0"] for run in runs
                               if (run["method"], run["pixels"]) == (way, pixels)]
          for way in ways for pixels in ("in place", "shuffled")}
fig, ax = plt.subplots(figsize=(7, 3.6))
plots.draw_dots(ax, groups, title="Five seeds each", ringed=("two layers, shuffled", on_confetti),
                x_label="share of 1,000 pictures named rightly")
plots.show(fig)

# %%
for way in ways:
    in_order, in_disorder = groups[f"{way}, in place"], groups[f"{way}, shuffled"]
    lost = np.subtract(in_order, in_disorder)
    print(f"{way:12} {np.mean(in_order):.3f} in place; the shuffle costs {lost.mean():6.3f}, from "
          f"{lost.min():.3f} to {lost.max():.3f}")

# %% [markdown]
# Only the convolutional network loses in all five runs, and not much: it ends in a dense layer that
# learns around the shuffle. The next test is harder.
#
# ## Move the pictures
#
# The unseen pictures move to the right, as in notebook 0; the networks stay as they are. The
# experiment did that with all its networks.
#
# **Predict:** two layers name 84% of the pictures in place rightly. How many after moving them by 2
# pixels?

# %%
prediction = None  # a number of per cent, such as 80

# %% claims="Q057 Q059"
def moved_by(way):
    """Per cent named rightly after moving by 0 to 4 pixels, the mean of five seeds."""
    chosen = [run for run in runs if (run["method"], run["pixels"]) == (way, "in place")]
    return [100 * np.mean([run[f"accuracy_shift_{k}"] for run in chosen]) for k in range(5)]


curves = {way: moved_by(way) for way in ways}
mine = 100 * accuracy(dense, np.pad(unseen, [(0, 0), (0, 0), (2, 0), (0, 0)])[:, :, :28])
print("two layers:", *(f"{value:.0f}%" for value in curves["two layers"]), " for 0 to 4 pixels")
print("the network of this notebook, 2 pixels: between 35% and 65%:", 35 < mine < 65)
predictions.number("two layers, moved by 2 pixels", prediction, round(curves["two layers"][2]),
                   "per cent", tolerance=5, surprise="Think of the trousers above.")

# %%
fig, ax = plt.subplots(figsize=(6, 3.4))
for way, values in curves.items():
    plots.draw_curve(ax, range(5), values, label=way, title="1,000 unseen pictures, moved right",
                     x_label="moved by (pixels)", y_label="named rightly (%)")
ax.set_ylim(0, 100)
ax.set_xticks(range(5))
plots.show(fig)

# %% [markdown] topics="T006"
# All fall, the dense networks fastest; the convolutional network, which knows about neighbours,
# loses least at one pixel. In a dense layer each weight belongs to one place, and what is learned
# for one place says nothing about the next. A network that sees should cope with very many inputs,
# use which pixels are neighbours, and not mind a small shift or bend, or other light. Dense layers
# do none of the three. Convolution alone does not repair it either; notebook 10 does.
#
# ## Slow waves first?
#
# One more charge from the lectures: training by gradient descent brings a *spectral bias*
# ([Rahaman et al., 2019](https://arxiv.org/abs/1806.08734);
# [Cao et al., 2019](https://arxiv.org/abs/1912.01198)): slow, smooth parts are learned first, fast
# ones late. Test it on a row of 512 points. The target is a sum of five waves, with 1, 5, 10, 20
# and 40 periods, all of amplitude 1. A dense network gets the position and shall give the target.
#
# **Predict:** after 300 steps of training, how much of each wave has it learned? 1 is all of
# it, 0 is nothing.

# %%
prediction = None  # five numbers for 1, 5, 10, 20, 40 periods, such as [1, 1, 1, 1, 1]

# %%
waves = experiments.read("spectral_bias")


def learned(network, steps):
    """The amplitude of each of the five waves, the mean of five seeds."""
    chosen = [run for run in waves if (run["network"], run["steps"]) == (network, steps)]
    return [round(float(np.mean([run[f"amplitude_{n}"] for run in chosen])), 2)
            for n in (1, 5, 10, 20, 40)]


predictions.values("learned of each wave in 300 steps", prediction, learned("coordinate", 300),
                   tolerance=0.2)

# %% tags=["nbval-ignore-output"]
from experiments import spectral_bias

print("training 300 steps ...")
output = spectral_bias.fit("coordinate", steps=300, seed=0)
fig, ax = plt.subplots(figsize=(7, 2.8))
for label, row in (("target", spectral_bias.target()), ("network", output)):
    plots.draw_curve(ax, spectral_bias.X, row, label=label, title="After 300 steps",
                     x_label="position", y_label="value")
plots.show(fig)

# %% [markdown]
# The network follows the slow bends and leaves out the ripples. Does the slide hold, then, for
# every network? Give the same dense layers the position in another form, as 64 sines and
# cosines; or let a network of convolutions turn noise into the target. All three, five
# seeds each:

# %% claims="Q060"
slow, *_, fast = spectral_bias.amplitudes(output)
print("my run, 300 steps: slowest wave above 0.9:", slow > 0.9, " fastest below 0.2:", fast < 0.2)
for name, steps in (("coordinate", 300), ("coordinate", 1000), ("waves", 20), ("convolution", 20)):
    print(f"{name:12} {steps:5} steps:", *(f"{part:.2f}" for part in learned(name, steps)))

# %%
fig, ax = plt.subplots(figsize=(6, 3.4))
for name, steps in (("coordinate", 300), ("coordinate", 1000), ("waves", 20), ("convolution", 20)):
    plots.draw_curve(ax, (1, 5, 10, 20, 40), learned(name, steps), label=f"{name}, {steps} steps",
                     title="What is learned of each wave", x_label="periods of the wave",
                     y_label="amplitude")
ax.set_ylim(0, 1.2)
plots.show(fig)

# %% [markdown]
# For a network that gets the position as a number it holds, and strongly. For the other two it does
# not: after 20 steps they have nearly all of all waves. So it is no law of gradient descent; it
# depends on how the network sees its input.
#
# ## Keep the picture a picture
#
# All this began with `Flatten`. The lectures draw a convolutional network as a row of *volumes*,
# width x height x depth. TensorFlow says it in its own order, (height, width, channels):

# %%
print("Flatten ", keras.layers.Flatten()(unseen[:1]).shape)
print("Conv2D  ", keras.layers.Conv2D(8, 3)(unseen[:1] / 255).shape)

# %% [markdown]
# A layer that gives a picture again can be followed by another one of its kind. That is where
# notebook 2 begins.
#
# ## Recap
#
# - Neighbours compare, a linear score has one template for each class, a hidden layer with ReLU
#   makes more of it: about 0.79, 0.82 and 0.84 right after 5,000 pictures.
# - Shuffle all pixels alike, and none of the three notices: flattening has already thrown away
#   which pixels are neighbours. Move the pictures by 2 pixels, and all three fall.
# - In a dense layer every unit has a weight for every pixel: 617 million for one layer on a photo.
#
# To play with: how few pictures are enough for 0.7? Take fewer in the first cell, and see which of
# the three needs them most.

# %%
predictions.recap()

# %%
checks.progress()
