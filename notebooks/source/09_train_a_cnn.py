# %% [markdown]
# # 9. Train a network, and find out what it has learned
#
# **You will be able to** build LeNet-5 and train it in seconds to name clothes, climb a ladder of
# cheap tests before you trust a training run, and say what a network gets wrong, not only how
# often.
#
# **You need** notebooks 4 to 8 (output sizes, parameters, gradients and losses, ReLU, pooling).
# **Time:** 40 minutes; no GPU.
#
# Exercises: `build_lenet` (3 points, 7 min), `standardise` (2 points, 4 min), `fit_small`
# (3 points, 8 min), `top_k_error` (2 points, 4 min); `confusion` for practice.

# %% [markdown]
# ## Layers in a row
#
# You know the parts. One lecture puts them in a row, for colour pictures of 32 x 32 pixels and ten
# classes: INPUT - CONV - RELU - POOL - FC. (FC, fully connected, is what Keras calls Dense.) Each
# layer makes another volume of numbers out of the one before.

# %% claims="N046"
row = [keras.layers.Conv2D(12, 3, padding="same"), keras.layers.ReLU(),
       keras.layers.MaxPooling2D(2), keras.layers.Flatten(), keras.layers.Dense(10)]
example = keras.Sequential([keras.Input((32, 32, 3)), *row])
for layer in example.layers:
    print(f"{type(layer).__name__:12} gives {layer.output.shape[1:]}")
print("parameters", f"{example.count_params():,}")

# %% [markdown]
# The ten numbers at the end are **scores**, one for each class; the highest is the answer. The
# lecture writes them as a volume, too: 1 x 1 x 10. Keras gives a plain row of ten. A convolution
# whose kernel covers the whole 16 x 16 map gives the volume, with the very same weights:

# %% claims="D008"
maps = tf.random.stateless_normal((1, 16, 16, 12), seed=(0, 1))
dense, covering = keras.layers.Dense(10), keras.layers.Conv2D(10, 16)
scores, volume = dense(tf.reshape(maps, (1, -1))), covering(maps)
covering.set_weights([tf.reshape(dense.kernel, covering.kernel.shape), dense.bias])
print("Dense", scores.shape, " convolution", volume.shape)
print("same numbers:", bool(np.allclose(covering(maps)[0, 0, 0], scores[0], atol=1e-4)))

# %% [markdown]
# The lecture adds that every layer is *differentiable*: each weight gets a gradient, and can learn.
# Almost. ReLU has a corner at 0, and the largest of two equal numbers has no derivative either.
# There TensorFlow picks one of the slopes that fit:

# %% claims="Q123"
x, tie = tf.constant([-1.0, 0.0, 1.0]), tf.constant([2.0, 2.0])
with tf.GradientTape() as tape:
    tape.watch([x, tie])
    total = tf.reduce_sum(tf.nn.relu(x)) + tf.nn.max_pool1d(tie[None, :, None], 2, 2, "VALID")
slopes = [slope.numpy().tolist() for slope in tape.gradient(total, [x, tie])]
print("ReLU at -1, 0, 1:", slopes[0], " the largest of 2 and 2:", slopes[1])

# %% [markdown] topics="T062"
# Another lecture has the usual order: convolution, activation, convolution, activation, smaller
# maps; again; then everything is unrolled into dense layers. What comes before the unrolling is
# called the **feature extractor**, what comes after it the **head**. Today many networks do not
# unroll: they take the mean of each map.

# %% claims="Q122"
def stack(end):
    layers = [keras.Input((28, 28, 1))]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                   keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                   keras.layers.MaxPooling2D(2)]
    return keras.Sequential([*layers, end, keras.layers.Dense(10)])


for end in (keras.layers.Flatten(), keras.layers.GlobalAveragePooling2D()):
    made = stack(end)
    print(f"{type(end).__name__:22} {made.layers[5].output.shape[1:]} -> {end.output.shape[1:]}",
          f" head {made.layers[-1].count_params():,} of {made.count_params():,} parameters")

# %% [markdown]
# Why do convolution and pooling take turns? A 5 x 5 kernel sees 5 x 5 pixels. After a pooling the
# same kernel sees more than twice as much of the picture, so it can put together what the first
# one found: edges, then corners and seams, then sleeves. Here is how much one number of each layer
# sees, in the network of the next section:

# %%
steps = {"C1": (5, 1), "S2": (2, 2), "C3": (5, 1), "S4": (2, 2)}  # kernel size, stride
for count, name in enumerate(steps, start=1):
    size, jump, _ = shapes.receptive_field(list(steps.values())[:count])
    print(f"{name}: {size} x {size} pixels")

# %% [markdown]
# ## LeNet-5
#
# In 1998 LeCun, Bottou, Bengio and Haffner published a network that reads handwritten digits. It
# was used to read cheques. Here it is as one builds it today. C is a convolution, S a subsampling
# (pooling), F fully connected; the number counts the layers.

# %%
lenet = models.lenet5()
for layer in lenet.layers:
    print(f"{layer.name:8} {type(layer).__name__:13} {layer.output.shape[1:]}")

# %% [markdown]
# C1 has 6 filters and C3 has 16, all of 5 x 5. The last layer has a softmax: ten probabilities.
#
# **Predict:** put the five layers with weights in order, the one with the fewest parameters first.

# %%
prediction = None  # such as ["C1", "C3", "C5", "F6", "output"]

# %%
learned = {layer.name: layer.count_params() for layer in lenet.layers if layer.count_params()}
print(learned, "in all", lenet.count_params())
print("C1 and C3 together:", f"{(learned['C1'] + learned['C3']) / lenet.count_params():.1%}")
predictions.ranking("LeNet's layers, fewest parameters first", prediction,
                    sorted(learned, key=learned.get),
                    surprise="400 numbers meet 120 units, and each pair has a weight.")

# %% [markdown]
# The two convolutions, which do the seeing, have 4 % of the parameters.
#
# ## Exercise: `build_lenet` (3 points, about 7 minutes)
#
# Build this network yourself, from Keras layers. The function takes a symbolic tensor and gives
# one back, as `separable_block` did in notebook 5; it must work for any image of at least 12 x 12
# pixels, with any number of channels, and for any number of `classes`.
#
# | layer | what it does | output | parameters |
# |---|---|---|---|
# | input | for example | 28 x 28 x 1 | |
# | C1 | 6 filters of 5 x 5, ReLU | 28 x 28 x 6 | 156 |
# | S2 | the largest of each 2 x 2 | 14 x 14 x 6 | 0 |
# | C3 | 16 filters of 5 x 5, ReLU | 10 x 10 x 16 | 2,416 |
# | S4 | the largest of each 2 x 2 | 5 x 5 x 16 | 0 |
# | C5 | dense, ReLU | 120 | 48,120 |
# | F6 | dense, ReLU | 84 | 10,164 |
# | output | dense, softmax | 10 | 850 |


# %% exercise="build_lenet"
def build_lenet(inputs, classes):
    """LeNet-5 on a symbolic tensor (N, H, W, C): the probabilities (N, classes), a Keras tensor."""
    ### BEGIN SOLUTION
    layers = keras.layers
    x = layers.Conv2D(6, 5, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(16, 5, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dense(120, activation="relu")(layers.Flatten()(x))
    x = layers.Dense(84, activation="relu")(x)
    return layers.Dense(classes, activation="softmax")(x)
    ### END SOLUTION


# %% check="build_lenet"
checks.training.build_lenet(build_lenet)

# %% [markdown]
# ## Does the slide hold?
#
# A slide describes LeNet-5: *Conv filters were 5x5, applied at stride 1. Subsampling layers were
# 2x2 applied at stride 2. i.e. architecture is [CONV-POOL-CONV-POOL-FC-FC]*. Compare with the
# network that you have just built, and with the one of the paper.

# %% claims="N050 H010"
old = models.lenet5_1998()
parts = {name: [x for x in old.layers if x.name.startswith(name)] for name in
         ("C1", "S2", "C3", "S4", "C5", "F6")}
counts = {name: sum(x.count_params() for x in found) for name, found in parts.items()}
print("1998:", *counts.values(), "makes", old.count_params(), " today:", lenet.count_params())
print("maps", "-".join(str(parts[name][-1].output.shape[1]) for name in ("C1", "S2", "C3", "S4")))
print("C5 in 1998 is a convolution, kernel", parts["C5"][0].kernel.shape)
dense = [x.name for x in lenet.layers if isinstance(x, keras.layers.Dense)]
print("dense layers today:", *dense)

# %% [markdown]
# The sizes are right. The letters at the end are not: today's network has **three** dense layers.
# In the paper there were a convolution (C5: its 5 x 5 kernel covers the whole map, so it comes to
# the same as a dense layer), one dense layer, and an output without anything to learn.
# Three more things were different:
#
# - tanh stood where ReLU stands now;
# - *subsampling* added up four pixels, and had a factor and a bias to learn for each map: that is
#   why S2 and S4 have parameters;
# - a filter of C3 saw only some of the six maps. In the drawing 1 means "sees".

# %%
table = np.array([[channel in seen for seen in models.C3_SEES] for channel in range(6)])
fig, ax = plots.grid_axes(table.shape, cell=0.36)
plots.draw_grid(ax, table.astype(int), title="Columns: 16 filters of C3. Rows: 6 maps of S2")
plots.show(fig)

# %% [markdown]
# It saved work, and it kept the filters from all learning the same. Today a network has all
# connections and starts from random weights, which differ enough.
#
# The caption of the paper's figure says what a feature map is: *a set of units whose weights are
# constrained to be identical*. How much does that save in C1?

# %% claims="H011"
one_unit = 5 * 5 + 1  # weights and a bias
print("C1, every unit with weights of its own:", f"{28 * 28 * 6 * one_unit:,}")
print("C1, weights constrained to be identical:", f"{6 * one_unit:,}")

# %% [markdown]
# ## Pixels that the network likes
#
# Fashion-MNIST has pixels from 0 to 255; most are 0. A network learns faster when its inputs lie
# around 0 and are about 1 in size (notebook 7: with only positive inputs the weights of a unit can
# only move together). So one subtracts the mean and divides by the standard deviation.

# %%
raw, labels = datasets.fashion_mnist("train", n=15_000)
raw_test, test_labels = datasets.fashion_mnist("test")
images, test_images = training.standardise(raw, raw_test)
for name, pixels in {"raw": raw, "train": images, "test": test_images}.items():
    print(f"{name:5} from {pixels.min():.2f} to {pixels.max():.2f},",
          f"mean {pixels.mean():.2f}, deviation {pixels.std():.2f}")

# %% [markdown]
# Mean and deviation are those of the *training* images, for both sets. The test images come out
# near 0 and 1, not exactly there, and so they should: the test stands for pictures that nobody has
# seen yet, and whose mean nobody knows.
#
# ## Exercise: `standardise` (2 points, about 4 minutes)
#
# `train` is (N, H, W, C), `test` is (M, H, W, C). Give back both, standardised by mean and standard
# deviation of the training images: one pair of numbers for each channel. A channel that never
# changes has deviation 0: subtract its mean and divide by 1.


# %% exercise="standardise"
def standardise(train, test):
    """Both arrays of images, shifted and scaled by the training images' numbers: (train, test)."""
    ### BEGIN SOLUTION
    mean, deviation = train.mean(axis=(0, 1, 2)), train.std(axis=(0, 1, 2))
    deviation = np.where(deviation == 0, 1, deviation)
    return (train - mean) / deviation, (test - mean) / deviation
    ### END SOLUTION


# %% check="standardise"
checks.training.standardise(standardise)

# %% [markdown]
# ## First rung: the loss before training
#
# A network that trains badly looks much like one with a bug. So test cheap things first. The first
# costs no training at all.
#
# The **loss** is the cross-entropy of notebook 6: minus the logarithm of the probability that the
# network gives to the true class. A network with random weights knows nothing. It should give each
# of the ten classes about the same probability.
#
# **Predict:** about what loss should it have?

# %%
prediction = None  # a number, such as 1.5

# %%
keras.utils.set_random_seed(0)
lenet = models.lenet5()
lenet.compile(loss="sparse_categorical_crossentropy")
untrained = lenet.evaluate(test_images[:1000], test_labels[:1000], verbose=0)
print("within 0.2 of ln 10:", abs(untrained - np.log(10)) < 0.2)
predictions.number("loss before training", prediction, round(np.log(10), 3), tolerance=0.1,
                   surprise="Probability 1/10 has the loss -ln(1/10) = ln 10.")

# %% [markdown]
# Ten classes, so ln 10 = 2.303. A first loss far above it is a sign that something is wrong: the
# scale of the pixels, the labels, the last activation. For example, forget to standardise:

# %%
wild = lenet.evaluate(raw_test[:1000].astype("float32"), test_labels[:1000], verbose=0)
print("raw pixels: loss above 10:", wild > 10)

# %% [markdown]
# It is sure of itself, and wrong. Training would have to undo that first.
#
# ## Second rung: learn a hundred images by heart
#
# Training goes in steps. In each **step** the network sees a **batch** of images, and its weights
# move a little against the gradient of the loss. An **epoch** is one pass over all training
# images. How far the weights move is set by the **learning rate**; `Adam` is a common rule that
# adapts it for each weight. Here are five steps, with one batch of a hundred images.

# %% tags=["nbval-ignore-output"]
batch, answers = images[:100], labels[:100]
lenet.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
losses = [float(lenet.train_on_batch(batch, answers)) for step in range(5)]
print("loss after each step:", *[round(loss, 2) for loss in losses])

# %%
print("the loss falls:", losses[-1] < losses[0])

# %% [markdown]
# If a network of 60,000 weights can't even learn a hundred images by heart, something is broken:
# a layer without gradient, shuffled labels, a learning rate that is far off. It takes a second to
# find out.
#
# ## Exercise: `fit_small` (3 points, about 8 minutes)
#
# Make a model, fit it to the `images` until it names at least 98 in 100 of them as `labels` says,
# and return it. `images` is (N, H, W, C), from 0 to 1, with N about 100; `labels` holds whole
# numbers from 0 to 9. You may use `models.lenet5(input_shape)`. The check gives your function two
# sets of images, of different sizes; the labels of the second set are dealt out at random. Then it
# asks your model. (This check trains two networks. It takes some seconds.)


# %% exercise="fit_small"
def fit_small(images, labels):
    """A Keras model, fitted so long that it knows these images by heart."""
    ### BEGIN SOLUTION
    model = models.lenet5(images.shape[1:])
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    for _ in range(100):
        model.train_on_batch(images, labels)
    return model
    ### END SOLUTION


# %% check="fit_small"
checks.training.fit_small(fit_small)

# %% [markdown]
# ## Third rung: what does "learned" mean?
#
# Take 500 clothes. Deal their labels out anew, at random: a boot may be a "Dress" now, and the next
# boot a "Bag". There is nothing to understand any more. Train the same network twice, once with the
# true labels and once with the random ones.
#
# **Predict:** what happens on the 500 training images with random labels?

# %%
prediction = None  # "A": learns none of them, "B": about half, "C": all, about as fast as true ones

# %% tags=["nbval-ignore-output"]
from experiments import random_labels

few, truth = images[:500], labels[:500]
dealt = np.random.default_rng(0).permutation(truth)
logs = {}
for name, taught in {"true": truth, "random": dealt}.items():
    print("labels:", name)
    keras.utils.set_random_seed(0)
    model = models.lenet5()
    adam, loss = keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy"
    model.compile(adam, loss, metrics=["accuracy"])
    logs[name] = model.fit(few, taught, 50, 40, verbose=0, callbacks=[training.Progress(every=10)],
                           validation_data=(test_images[:500], test_labels[:500]),
                           validation_batch_size=500).history

# %%
learned = logs["random"]["accuracy"][-1]
print("above 0.97 of the random labels are learned:", learned > 0.97)
predictions.choice("random labels", prediction, "ABC"[int(learned > 0.3) + int(learned > 0.97)],
                   {"A": "none", "B": "about half", "C": "all, about as fast"},
                   surprise="It learns each image by heart; it does not need a rule for that.")

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2), sharey=True)
for name, log in logs.items():
    epochs = range(1, 1 + len(log["accuracy"]))
    plots.draw_curve(left, epochs, log["accuracy"], label=f"{name} labels",
                     title="The 500 it is trained on", x_label="epoch", y_label="accuracy")
    plots.draw_curve(right, epochs, log["val_accuracy"], label=f"{name} labels",
                     title="500 test images, true labels", x_label="epoch")
left.set_ylim(0, 1.05)
plots.show(fig)

# %%
last = {name: log["val_accuracy"][-1] for name, log in logs.items()}
print("test accuracy above 0.7 with true labels:", last["true"] > 0.7)
print("test accuracy below 0.2 with random labels:", last["random"] < 0.2)

# %% [markdown]
# On the left the curves meet: in the end the network knows all 500, whatever they were said to be.
# On the right one network knows clothes and the other knows nothing. So the left picture alone,
# the accuracy on the training images, cannot tell understanding from memory. **Only images that
# were not trained on can.**
#
# Is one run proof? Here are five of each: after which epoch were all 500 right? The rings are
# yours.

# %% tags=["nbval-ignore-output"]
import experiments

rows = experiments.read("random_labels")
groups = {name: [row["epochs_to_100"] for row in rows if row["labels"] == name] for name in logs}
mine = {name: random_labels.first_epoch(log["accuracy"], 1) for name, log in logs.items()}
fig, ax = plt.subplots(figsize=(6, 1.9))
plots.draw_dots(ax, groups, x_label="epochs until all 500 are right",
                ringed=("random", mine["random"]))
plots.show(fig)

# %%
for share in (90, 100):
    means = {name: float(np.mean([row[f"epochs_to_{share}"] for row in rows
                                  if row["labels"] == name]))
             for name in logs}
    print(f"epochs to {share} %, mean of 5 seeds:", means)

# %% [markdown]
# Most of the true labels are learned sooner, since they follow a rule: the curves on the left part
# early on. But the last and oddest ones have to be learned by heart in either case. To know **all**
# 500 takes about as long with random labels as with true ones.
#
# ## Train
#
# The ladder stands. Now the real run: 15,000 images, four epochs, batches of 64. The learning rate
# begins at 0.004 and falls to 0 along a cosine: large steps first, small ones to settle. While it
# runs, think about which class it will find hardest.

# %%
def train_lenet(images, labels, test_images, epochs=4, batch=64):
    keras.utils.set_random_seed(0)
    model = models.lenet5()
    steps = epochs * -(-len(images) // batch)
    falling = keras.optimizers.schedules.CosineDecay(0.004, steps)
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    log = model.fit(images, labels, batch, epochs, verbose=0, callbacks=[training.Progress()],
                    validation_data=(test_images[:2000], test_labels[:2000]))
    return model, log.history


# %% tags=["nbval-ignore-output"]
lenet, log = train_lenet(images, labels, test_images)
probabilities = lenet.predict(test_images, batch_size=1000, verbose=0)
accuracy = np.mean(probabilities.argmax(axis=1) == test_labels)
print("named right, of 10,000 test images:", accuracy)

# %%
print("test accuracy above 0.86:", accuracy > 0.86)

# %% tags=["nbval-ignore-output"]
rows = experiments.read("lenet")
five = [row["test_accuracy"] for row in rows if row["pixels"] == "in place"]
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 2.9), width_ratios=(3, 2))
epochs = range(1, 1 + len(log["accuracy"]))
plots.draw_curve(left, epochs, log["accuracy"], label="training images", x_label="epoch",
                 y_label="accuracy", title="Learning curves")
plots.draw_curve(left, epochs, log["val_accuracy"], label="2,000 test images")
plots.draw_dots(right, {"5 seeds": five}, x_label="test accuracy", ringed=("5 seeds", accuracy),
                title="Other first weights; ringed: yours")
plots.show(fig)

# %% [markdown]
# The curve of the training images counts *while* an epoch runs, with the weights of that moment;
# the other one counts at its end. That is why it can lie above, early on. When the training curve
# goes on rising and the test curve does not, the network has begun to learn by heart.
#
# ## One right answer, or one among five
#
# For each image the network gives ten probabilities. Let us look at one that it is unsure of: its
# five highest, in order.

# %% tags=["nbval-ignore-output"]
unsure = int(np.sort(probabilities, axis=1)[:500, -1].argmin())
best = np.argsort(-probabilities[unsure])[:5]
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 2.3), width_ratios=(1, 2))
plots.draw_image(left, raw_test[unsure], title=datasets.CLASS_NAMES[test_labels[unsure]])
plots.draw_bars(right, [datasets.CLASS_NAMES[c] for c in best], probabilities[unsure][best],
                title="What the network says", x_label="probability")
plots.show(fig)

# %% [markdown] topics="T016"
# The **top-5 error** forgives: an image counts as wrong only if its class is not among the five
# highest. The **top-1 error** is the usual one. (Top-5 comes from ImageNet, with 1000 classes. A
# picture may show several things there, and only one of them is the label.)
#
# **Predict:** the top-1 error of your network is about 12 in 100. How many of 100 does it miss with
# five guesses?

# %%
prediction = None  # a number of images in 100, such as 6

# %% tags=["nbval-ignore-output"]
errors = {k: training.top_k_error(probabilities, test_labels, k) for k in range(1, 6)}
print({f"top-{k}": round(100 * error, 2) for k, error in errors.items()}, "in 100")
predictions.number("top-5 error in 100 images", prediction, round(100 * errors[5], 1),
                   tolerance=0.5, surprise="Five guesses are half of all classes.")

# %%
print("top-1 error below 0.14:", errors[1] < 0.14, " top-5 error below 0.01:", errors[5] < 0.01)

# %% [markdown]
# ## Exercise: `top_k_error` (2 points, about 4 minutes)
#
# `scores` is (N, classes), `labels` is (N,). Give the share of images whose class is *not* among
# the `k` highest scores. No two scores of an image are equal here. NumPy will do.


# %% exercise="top_k_error"
def top_k_error(scores, labels, k):
    """The share of images, 0 to 1, whose class has none of the k highest scores."""
    ### BEGIN SOLUTION
    best = np.argsort(scores, axis=1)[:, ::-1][:, :k]
    found = (best == labels[:, None]).any(axis=1)
    return 1 - found.mean()
    ### END SOLUTION


# %% check="top_k_error"
checks.training.top_k_error(top_k_error)

# %% [markdown]
# ## Which ones does it get wrong?
#
# An accuracy is one number. It does not say whether the errors are spread evenly or sit in one
# place.
#
# **Predict:** of which class does the network name the smallest part right?

# %%
prediction = None  # "A": Sandal, "B": Bag, "C": Dress, "D": Shirt

# %%
counts = training.confusion(test_labels, probabilities.argmax(axis=1), classes=10)
found = counts.diagonal() / counts.sum(axis=1)
worst = datasets.CLASS_NAMES[found.argmin()]
letters = {"A": "Sandal", "B": "Bag", "C": "Dress", "D": "Shirt"}
predictions.choice("the hardest class", prediction,
                   next(letter for letter, name in letters.items() if name == worst), letters,
                   surprise="A shirt lies between T-shirt, pullover, coat and dress.")

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6.4, 6.2))
plots.draw_confusion(ax, counts, datasets.CLASS_NAMES, title="10,000 test images")
plots.show(fig)

# %% [markdown]
# This is a **confusion matrix**: a row for each true class, a column for each answer. The errors
# are not spread evenly. They form two blocks: clothes for the upper body, and shoes. Hardly
# anything is confused across them. The most confident of the largest kinds of errors:

# %% tags=["nbval-ignore-output"]
errors = counts - np.diag(counts.diagonal())
pairs = [np.unravel_index(place, counts.shape) for place in np.argsort(-errors, axis=None)[:2]]
fig, axes = plt.subplots(2, 5, figsize=(8, 3.7))
for (true, said), line in zip(pairs, axes):
    hits = np.flatnonzero((test_labels == true) & (probabilities.argmax(axis=1) == said))
    for ax, hit in zip(line, hits[np.argsort(-probabilities[hits, said])]):
        plots.draw_image(ax, raw_test[hit], title=f"{datasets.CLASS_NAMES[said]}?\n"
                         f"{datasets.CLASS_NAMES[true]}")
plots.show(fig)

# %% [markdown]
# Above each picture stands the answer, and under it the label. Would you have known?
#
# ## Practice: `confusion` (no points, 4 minutes)
#
# `labels` and `answers` are (N,), whole numbers below `classes`. Count the pairs: an array
# (classes, classes) with a row for each true class and a column for each answer.


# %% exercise="confusion"
def confusion(labels, answers, classes):
    """How often each class (row) was taken for each (column): counts (classes, classes)."""
    ### BEGIN SOLUTION
    counts = np.zeros((classes, classes), int)
    for label, answer in zip(labels, answers):
        counts[label, answer] += 1
    return counts
    ### END SOLUTION


# %% check="confusion"
checks.training.confusion(confusion)

# %% [markdown]
# ## Look inside
#
# The six filters of C1 were random numbers a minute ago. Here they are before and after (one
# lecture shows such a picture of 32 filters of 5 x 5).

# %% tags=["nbval-ignore-output"] topics="T034"
keras.utils.set_random_seed(0)
before = models.lenet5()
fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2))
for ax, model, title in zip(axes, (before, lenet), ("Untrained", "Trained")):
    plots.draw_signed(ax, model.get_layer("C1").kernel.numpy()[:, :, 0], title=title)
plots.show(fig)

# %% [markdown] topics="T138"
# Some have become edges and spots. With 5 x 5 pixels there is not much to read in them, so look at
# what they *do*. From left to right, an ankle boot goes through the network: the picture, six maps
# of each layer, and the five best answers. Each layer's maps have a scale of their own.

# %% tags=["nbval-ignore-output"]
names = ["C1", "S2", "C3", "S4"]
tap = keras.Model(lenet.inputs[0], [lenet.get_layer(name).output for name in names])
boot, best = test_images[:1], np.argsort(-probabilities[0])[:5]
fig, axes = plt.subplots(1, 6, figsize=(10, 4.6), width_ratios=(1, 1, 1, 1, 1, 1.5))
plots.draw_image(axes[0], raw_test[0], title="Input")
for ax, name, maps in zip(axes[1:], names, tap(boot)):
    tower = np.concatenate([np.pad(maps[0, :, :, c], 1) for c in range(6)])
    plots.draw_image(ax, tower, title=f"{name}: {maps.shape[1]} x {maps.shape[2]}",
                     limits=(0, float(tower.max())))
plots.draw_bars(axes[5], [datasets.CLASS_NAMES[c] for c in best], probabilities[0][best])
plots.show(fig)

# %% [markdown]
# The maps shrink, and what they show is less and less a boot. In the end there are 5 x 5 places
# with 16 numbers each: the *features*. The head makes its answer from them.
#
# What is the feature extractor good for, then? Take away the head. Name each test image after the
# nearest **mean** of a class instead, a rule without anything to learn. Do this with the pixels,
# with the features of the untrained network, and with those of the trained one.

# %%
def by_nearest_mean(describe):
    known, asked = describe(images[:5000]), describe(test_images[:2000])
    means = np.stack([known[labels[:5000] == c].mean(axis=0) for c in range(10)])
    distances = ((asked[:, None] - means) ** 2).sum(axis=2)
    return np.mean(distances.argmin(axis=1) == test_labels[:2000])


def features(model):
    cut = keras.Model(model.inputs[0], model.get_layer("F6").output)
    return lambda pixels: cut.predict(pixels, batch_size=1000, verbose=0)


# %% tags=["nbval-ignore-output"]
shares = {"pixels": by_nearest_mean(lambda pixels: pixels.reshape(len(pixels), -1)),
          "untrained features": by_nearest_mean(features(before)),
          "trained features": by_nearest_mean(features(lenet))}
print({name: round(share, 3) for name, share in shares.items()})

# %%
print("trained features are better than pixels by 0.1:",
      shares["trained features"] > shares["pixels"] + 0.1)

# %% [markdown]
# ## Shuffle the pixels
#
# In notebook 1 one fixed permutation moved the pixels of all images, and a dense network did not
# notice. A convolution looks at neighbours, and after the shuffle neighbours mean nothing.

# %%
from experiments.shuffled_pixels import rearranged, shuffle

places = shuffle(seed=0)
shuffled, shuffled_test = rearranged(images, places), rearranged(test_images, places)
fig, axes = plt.subplots(2, 5, figsize=(7, 2.9))
for index, (upper, lower) in enumerate(axes.T):
    plots.draw_image(upper, test_images[index], limits=(-1, 2.3))
    plots.draw_image(lower, shuffled_test[index], limits=(-1, 2.3))
plots.show(fig)

# %% [markdown]
# Train LeNet anew on the shuffled images, and test it on shuffled images.
#
# **Predict:** how many of 100 test images does it name right? (Before: about 87.)

# %%
prediction = None  # a number of images in 100

# %% tags=["nbval-ignore-output"]
confused, log = train_lenet(shuffled, labels, shuffled_test)
answers = confused.predict(shuffled_test, batch_size=1000, verbose=0).argmax(axis=1)
accuracy = np.mean(answers == test_labels)
predictions.number("right in 100, pixels shuffled", prediction, round(100 * accuracy, 1),
                   tolerance=2, surprise="The dense layers can still learn from shuffled pixels.")

# %%
print("accuracy above 0.7:", accuracy > 0.7, " below 0.86:", accuracy < 0.86)

# %% tags=["nbval-ignore-output"]
groups = {name: [row["test_accuracy"] for row in rows if row["pixels"] == name]
          for name in ("in place", "permuted")}
fig, ax = plt.subplots(figsize=(6, 1.9))
plots.draw_dots(ax, groups, x_label="test accuracy, 5 seeds", ringed=("permuted", accuracy))
plots.show(fig)

# %% [markdown]
# It loses something, on every seed, but far less than one would think: three dense layers stand
# behind the convolutions, and they can use whatever comes. So this network *likes* neighbours, but
# it does not live on them. What convolution gives for certain shows when the picture **moves**:
# that is notebook 10.
#
# ## Recap
#
# - Climb the **ladder** before a long run: first loss about ln(classes); a hundred images by heart;
#   only then train.
# - A network can learn **random labels** by heart. Only images that it was not trained on say
#   whether it has learned more.
# - One accuracy hides where the errors are: look at the **confusion matrix**, and at the images.
#
# To play: give `train_lenet` only 1,000 images and watch the two learning curves part. Next,
# notebook 10: move the picture.

# %%
predictions.recap()

# %%
checks.progress()
