# %% [markdown]
# # 17. Look inside a network, and doubt what you see
#
# **You will be able to** ask a network what it looked at (saliency, Grad-CAM), what a unit looks
# for (strongest patches, gradient ascent, dissection), and what it holds to be alike (embeddings,
# Gram matrices); and to test whether a picture that explains a network says anything about it.
#
# **You need** notebooks 6 (gradients), 8 and 9 (pooling, training) and 15 (IoU).
# **Time:** 40 minutes; no GPU.
#
# Exercises: `grad_cam` (4 points, 9 min), `unit_iou` (3 points, 6 min), `nearest_embeddings`
# (3 points, 6 min); `maximise_unit` for practice.

# %% [markdown]
# ## Which of the two has learned?
#
# Here is a network that names clothes. Each picture is a **scene** of 40 x 40 pixels, with a
# garment lying anywhere in it. `network` has been trained (`experiments/scene_network.py`, some
# minutes). `blank` is the same network before training: its weights are random.

# %%
from experiments import scene_network

keras.utils.set_random_seed(1)
network, blank = datasets.trained_scene_network(), datasets.untrained_scene_network()
scenes, masks, labels = scene_network.test_scenes("black")

# %%
for name, model in {"network": network, "blank": blank}.items():
    right = scene_network.accuracy(model, scenes, labels)
    print(f"{name:7} {model.count_params():,} parameters, names {right:.2f} of the scenes right")

# %% [markdown]
# What did the network look at when it named a scene? One old answer: change one pixel a little. If
# the score of the class changes much, the pixel matters. That is the gradient of the score with
# respect to the pixel; its absolute value, for all pixels, is a **saliency map**.
#
# Below are the saliency maps of four scenes, in two rows. One row was made by `network`, the other
# one by `blank`, which knows nothing. (Each map is scaled so that its strongest hundredth is
# white.)

# %%
def shown(maps):
    return np.minimum(maps / np.quantile(maps, 0.99, axis=(1, 2), keepdims=True), 1)

# %%
few = np.array([np.flatnonzero(labels == c)[0] for c in (0, 1, 8, 9)])
lot = np.random.default_rng(3).permutation(["A", "B"])
made_by = dict(sorted(zip(lot, (network, blank))))
rows = {row: visualization.saliency(m, scenes[few], labels[few]) for row, m in made_by.items()}

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(3, 4, figsize=(4.4, 3.8))
for column, image in enumerate(few):
    plots.draw_image(axes[0, column], scenes[image],
                     title=datasets.CLASS_NAMES[labels[image]])
    for ax, (row, maps) in zip(axes[1:, column], rows.items()):
        plots.draw_image(ax, shown(maps)[column], title=f"row {row}")
plots.show(fig)

# %% [markdown]
# **Predict:** look at them for a while, before you read on. Which row belongs to the network that
# has learned?

# %%
prediction = None  # "A" or "B"

# %%
answer = next(str(row) for row, model in made_by.items() if model is network)
predictions.choice("the row of the trained network", prediction, answer,
                   {"A": "the neat outlines", "B": "the smeared ones"},
                   surprise="A network that has learned nothing draws the neater outlines.")

# %% [markdown]
# Row A shows the garments, cleanly cut out. Row A was made by `blank`. Why does a network that has
# learned nothing draw a trouser?
#
# Around the garment there is black. A fresh network has no biases yet, so on black each unit gives
# 0, and a ReLU at 0 lets no gradient through. The map *has to* stop a few pixels off the garment,
# whatever the weights are. It tells of the picture, not of the network. How much of all
# saliency lies on the garment?

# %%
def share_on(masks, maps):
    return float((maps * masks).sum() / maps.sum())

# %%
networks = {"untrained": blank, "trained": network}
maps = {name: visualization.saliency(m, scenes[:200], labels[:200]) for name, m in networks.items()}
share = {name: share_on(masks[:200], maps[name]) for name in networks}
print("with training at least 0.1 more of it:", share["trained"] > share["untrained"] + 0.1)

# %% tags=["nbval-ignore-output"]
import experiments

runs = experiments.read("scene_network")
dots = {name: [run[f"saliency_{name}"] for run in runs] for name in share}
fig, ax = plt.subplots(figsize=(5.6, 1.7))
plots.draw_dots(ax, dots, title="Three seeds; the ringed one is the network of this notebook",
                x_label="share of the saliency on the garment",
                ringed=("trained", share["trained"]))
ax.set_xlim(0, 1)
plots.show(fig)

# %% [markdown]
# In none of the three has training moved saliency onto the garment.
#
# So "the bright pixels lie on the object" is no proof that a network looks at the object. What
# would be one? Two tests come up again and again in this notebook:
#
# - **Do it again with random weights.** What stays was not learned. (Adebayo and others, "Sanity
#   checks for saliency maps", 2018, did this to many methods; some failed.)
# - **Act on it.** If these pixels matter, the network must get worse without them.
#
# The second test: paint 40 pixels black, those which a map calls the most important, and count what
# is still named right. To compare: 40 pixels of the garment drawn by lot.

# %%
def without(images, order):
    """The images with the 40 pixels painted black for which `order` is largest."""
    flat = images.reshape(len(images), -1).copy()
    np.put_along_axis(flat, np.argsort(-order.reshape(len(flat), -1), axis=1)[:, :40], 0, axis=1)
    return flat.reshape(images.shape)

# %%
orders = {"saliency of network": visualization.saliency(network, scenes, labels),
          "saliency of blank": visualization.saliency(blank, scenes, labels),
          "by lot": np.random.default_rng(0).random(masks.shape) * masks}

# %% tags=["nbval-ignore-output"]
print(f"{'nothing painted':20} {scene_network.accuracy(network, scenes, labels):.3f}")
left_over = {name: scene_network.accuracy(network, without(scenes, order), labels)
             for name, order in orders.items()}
for name, value in left_over.items():
    print(f"{name:20} {value:.3f}")

# %%
print("the trained map does at least 0.02 more harm than the lot:",
      left_over["saliency of network"] < left_over["by lot"] - 0.02)

# %% [markdown]
# The pixels that the trained map calls the most important are missed no more than pixels of the
# garment drawn by lot, and hardly more than those that `blank` points at. As an answer to "what did
# it look at?" this is thin. There are better ones below.
#
# ## From edges to garments
#
# Begin at the start. The first layer has 16 filters of 5 x 5, and they can be looked at as they
# are: they stand on pixels.

# %%
fig, ax = plt.subplots(figsize=(5.2, 5.4))
plots.draw_signed(ax, network.get_layer("conv1").kernel.numpy()[:, :, 0], title="conv1: 16 filters")
plots.show(fig)

# %% [markdown]
# Most have a light side and a dark side: they answer to edges, each in its direction. The filters
# of the next layers stand on 16, 24 and 32 maps, and as pictures they say little. Look at what they
# *make* instead: their maps. First the sizes.

# %%
names = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4"]
for name in names[:-1]:
    print(f"{name} gives", visualization.feature_maps(network, name, scenes[:1]).shape[1:])

# %% [markdown]
# **Predict:** `conv4` has 64 filters of 3 x 3, with `padding="same"`. What is the shape of its
# output for one scene?

# %%
prediction = None  # three numbers: height, width, channels

# %%
deep = visualization.feature_maps(network, "conv4", scenes[:500])
predictions.values("shape of conv4's output", prediction, deep.shape[1:])

# %%
steps = [(5, 1), (2, 2), (3, 1), (2, 2), (3, 1), (3, 1)]  # kernel size, stride
for count, name in enumerate(names, start=1):
    size, jump, _ = shapes.receptive_field(steps[:count])
    print(f"one number of {name} sees {size} x {size} pixels; its neighbour begins {jump} further")

# %% [markdown]
# A number of `conv4` sees 28 x 28 pixels: as many as a whole garment. A number of `conv1` sees 5 x
# 5 and can't know more than an edge. Here are, for one boot, the four strongest maps of each layer.

# %% tags=["nbval-ignore-output"]
boot = scenes[few[3]:few[3] + 1]
fig, axes = plt.subplots(4, 4, figsize=(5.0, 5.4))
for row, name in zip(axes, ("conv1", "conv2", "conv3", "conv4")):
    maps = visualization.feature_maps(network, name, boot)[0]
    for ax, unit in zip(row, np.argsort(-maps.max(axis=(0, 1)))):
        plots.draw_image(ax, maps[:, :, unit] / maps[:, :, unit].max(), title=f"{name}, map {unit}")
plots.show(fig)

# %% [markdown]
# The first maps are drawings of the edges. The last ones are blobs on a coarse grid: "something
# of mine is about here". What is it, though? A way to find out that needs no gradient: go through
# many scenes, and cut out the places at which a unit is strongest. (Unit: one channel of a layer.)

# %%
def strongest(unit, count=6):
    """The patches, 28 x 28, around the places at which a unit of conv4 is strongest."""
    peaks = deep[..., unit].max(axis=(1, 2))
    found = []
    for image in np.argsort(-peaks)[:count]:
        row, column = np.unravel_index(deep[image, ..., unit].argmax(), deep.shape[1:3])
        wide = np.pad(scenes[image, :, :, 0], 14)
        found.append(wide[4 * row + 2:4 * row + 30, 4 * column + 2:4 * column + 30])
    return found

# %%
units = (21, 53, 30, 36)
fig, axes = plt.subplots(4, 6, figsize=(5.6, 4.4))
for row, unit in zip(axes, units):
    for ax, patch in zip(row, strongest(unit)):
        plots.draw_image(ax, patch, title=f"unit {unit}" if ax is row[0] else None)
plots.show(fig)

# %% [markdown] topics="T135 T137"
# One finds where two legs part, two find shoes from the tip on, one finds the ends of two legs:
# parts, and nobody told these units what to look for. The lectures show such pictures for a
# network trained on photographs (Zeiler and Fergus 2013: edges, then textures, then wheels and
# faces; newer ones, for GoogLeNet, on the site Distill). They are older than that: a slide shows
# the layers of *convolutional deep belief networks* (Lee, Grosse, Ranganath and Ng, 2009), which
# learned strokes, then parts of faces, then faces, without any labels. Such a network models
# pictures; it does not name them.
#
# ## Draw what it wants
#
# Instead of searching for a picture, make one: begin with grey noise, and change the pixels, step
# by step, so that a unit gets stronger. In training the weights follow the gradient downhill. Here
# the weights stay, the **pixels** follow it, uphill: gradient ascent.
#
# Start from noise and climb for "Trouser": 40 steps on the score of class 1.

# %% tags=["nbval-ignore-output"]
noise = np.random.default_rng(0).uniform(0.4, 0.6, (40, 40, 1)).astype("float32")
drawn = {c: visualization.maximise_unit(network, noise, c, steps=40) for c in (1, 5, 8, 9)}
fig, axes = plots.image_axes(*[(40, 40)] * 5, width=1.1, scale=False)
plots.draw_image(axes[0], noise, title="the start")
for ax, (label, image) in zip(axes[1:], drawn.items()):
    plots.draw_image(ax, image, title=datasets.CLASS_NAMES[label])
plots.show(fig)

# %% [markdown]
# **Predict:** show the second picture to the network. With which probability (a softmax over its
# ten scores) does it say "Trouser"?

# %%
prediction = None  # a number from 0 to 1

# %%
sure = float(keras.ops.softmax(network(drawn[1][None]))[0, 1])
print("surer than 0.99:", sure > 0.99)
predictions.number("how sure that it is a trouser", prediction, round(sure, 2), tolerance=0.05,
                   surprise="It says which class is likeliest, never that there is no garment.")

# %% [markdown]
# Something of the class is in these pictures: the trouser has two legs, the sandal slants. Yet
# nobody would wear them. The network was never asked to tell clothes from other things. A high
# probability says "of the ten, this one".
#
# The same for single units, one of each layer: what was an edge becomes a pattern.

# %% tags=["nbval-ignore-output"]
fig, axes = plots.image_axes(*[(40, 40)] * 4, width=1.1, scale=False)
for ax, (name, unit) in zip(axes, {"conv1": 14, "conv2": 0, "conv3": 19, "conv4": 53}.items()):
    upper = visualization.up_to(network, name)
    plots.draw_image(ax, visualization.maximise_unit(upper, noise, unit, steps=25),
                     title=f"{name}, unit {unit}")
plots.show(fig)

# %% [markdown]
# ## Practice: `maximise_unit` (no points, about 8 minutes)
#
# Write the climb. `model` is a Keras model whose last axis counts the units; `image` is (H, W, C),
# from 0 to 1. In each of `steps` steps:
#
# 1. take the gradient of the mean of `model(pixels)[..., channel]` with respect to the pixels,
# 2. divide it by its root mean square, the root of the mean of its squares (if that is 0, the
#    unit is silent: leave the image as it is),
# 3. add it, times `step_size`, and put what is below 0 or above 1 back to 0 or 1.
#
# The model wants a batch axis, the answer has none.


# %% exercise="maximise_unit"
def maximise_unit(model, image, channel, steps, step_size):
    """An image (H, W, C), changed step by step so that a unit of the model gets stronger."""
    ### BEGIN SOLUTION
    pixels = tf.Variable(image[np.newaxis])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            goal = tf.reduce_mean(model(pixels)[..., channel])
        gradient = tape.gradient(goal, pixels)
        step = tf.math.divide_no_nan(gradient, tf.sqrt(tf.reduce_mean(gradient ** 2)))
        pixels.assign(tf.clip_by_value(pixels + step_size * step, 0, 1))
    return pixels[0].numpy()
    ### END SOLUTION


# %% check="maximise_unit"
checks.visualization.maximise_unit(maximise_unit)

# %% [markdown]
# ## Where is the trouser?
#
# Saliency asks each pixel. **Grad-CAM** asks the maps of the last convolution, which know more. It
# has three steps.
#
# 1. Each map gets a weight: the mean, over all places, of the gradient of the class's score with
#    respect to that map. A positive weight says: more of this speaks for the class.
# 2. At each place the maps are added up, each times its weight.
# 3. What is below zero speaks against the class, and becomes zero. The largest number becomes 1.
#
# ## Exercise: `grad_cam` (4 points, about 9 minutes)
#
# `maps` and `gradients` are both (H, W, C). Give back the map (H, W). Where nothing speaks for the
# class it is 0 everywhere. An example with two places and two maps: at the first place they hold 1
# and 0, at the second 4 and 2. If the weights are 2 and -1, the sums are 2 and 6, and the answer is
# [1/3, 1].


# %% exercise="grad_cam"
def grad_cam(maps, gradients):
    """Where a class is seen: one map (H, W), 0 to 1, from maps and gradients (H, W, C)."""
    ### BEGIN SOLUTION
    weights = gradients.mean(axis=(0, 1))
    seen = np.maximum((maps * weights).sum(axis=-1), 0)
    return seen / seen.max() if seen.max() > 0 else seen
    ### END SOLUTION


# %% check="grad_cam"
checks.visualization.grad_cam(grad_cam)

# %% [markdown]
# The network takes pictures of any size, as the mean of each map stands before its scores. So lay
# two garments on one larger scene, on a piece of a photograph that it has never seen, and ask for
# each class alone. The scene is lit where Grad-CAM is high.

# %%
clothes, kinds = datasets.fashion_mnist("test", n=200)
pair, kind = np.zeros((2, 72, 72, 1), "float32"), ((9, 1), (3, 7))
where, rng = np.zeros((2, 2, 72, 72), bool), np.random.default_rng(3)
for scene, place, two in zip(pair, where, kind):
    scene[:, :, 0] = scene_network.background_of("cat", rng, 72)
    for mask, corner, label in zip(place, (4, 40), two):
        garment = clothes[np.flatnonzero(kinds == label)[0]]
        scene_network.lay(scene, mask, garment, corner, corner)


# %%
def cams(model, images, classes):
    """Grad-CAM for each image, as large as the image: (N, H, W)."""
    both = visualization.maps_and_gradients(model, "conv4", images, classes)
    made = np.stack([visualization.grad_cam(*one) for one in zip(*both)])
    return visualization.enlarge(made, images.shape[1:3])

# %%
lit = [cams(network, pair, np.array(kind)[:, i]) for i in (0, 1)]

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(2, 3, figsize=(4.6, 3.4))
for row, scene, classes, *maps in zip(axes, pair, kind, *lit):
    plots.draw_image(row[0], scene, title="the scene")
    for ax, label, cam in zip(row[1:], classes, maps):
        plots.draw_image(ax, scene[:, :, 0] * (0.15 + 0.85 * cam),
                         title=f"asked for {datasets.CLASS_NAMES[label]}")
plots.show(fig)

# %%
on = [lit[i][s][where[s, i]].max() > lit[i][s][where[s, 1 - i]].max()
      for s in (0, 1) for i in (0, 1)]
print("brightest on the garment asked for:", sum(on), "of", len(on))

# %% [markdown]
# One network, one scene, two questions, two answers. And where a network like this one ends in
# "mean of each map, then Dense", nothing is left to guess: the weight of a map is its weight in the
# Dense layer, over the number of places.

# %%
maps, gradients = visualization.maps_and_gradients(network, "conv4", scenes[:1], 1)
dense = network.get_layer("scores").kernel.numpy()[:, 1] / (maps.shape[1] * maps.shape[2])
print("Grad-CAM's weights are the Dense layer's:",
      np.allclose(gradients.mean(axis=(1, 2))[0], dense, atol=1e-6))

# %% [markdown]
# Now both tests. First: random weights. In 1,000 scenes with the cat's photograph around the
# garment, does the strongest point of Grad-CAM lie on the garment?

# %%
peaks = {name: scene_network.peaks_on_garment(model).mean() for name, model in networks.items()}
on_cat, cat_masks, cat_labels = scene_network.test_scenes("cat")
print("at least 0.15 more often with training:", peaks["trained"] > peaks["untrained"] + 0.15)
print("a garment fills", round(float(cat_masks.mean()), 2), "of its scene")

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(5.6, 1.7))
dots = {name: [run[f"peak_{name}"] for run in runs] for name in peaks}
plots.draw_dots(ax, dots, title="Three seeds; the ringed one is the network of this notebook",
                x_label="share of scenes in which the peak lies on the garment",
                ringed=("trained", peaks["trained"]))
ax.set_xlim(0, 1)
plots.show(fig)

# %% [markdown]
# Our network points at the garment far more often than `blank` does. See also how often an
# *untrained* network hits: more often than a point drawn by lot, since a garment is bright. Always
# ask what chance would get.
#
# Second: act on it. Cover 9 x 9 pixels at the peak of Grad-CAM. To compare: the same at the peak
# that `blank` gives, and around a place of the garment, and of the whole scene, drawn by lot.

# %%
lots = np.random.default_rng(0).random(cat_masks.shape)
orders = {"Grad-CAM of network": cams(network, on_cat, cat_labels),
          "Grad-CAM of blank": cams(blank, on_cat, cat_labels),
          "on the garment": lots * cat_masks, "anywhere": lots}

# %% tags=["nbval-ignore-output"]
print(f"{'nothing covered':20} {scene_network.accuracy(network, on_cat, cat_labels):.3f}")
left_over = {}
for name, order in orders.items():
    images = scene_network.covered(on_cat, order)
    left_over[name] = scene_network.accuracy(network, images, cat_labels)
    print(f"{name:20} {left_over[name]:.3f}")

# %%
print("what Grad-CAM points at is missed, by 0.04 more than a place anywhere:",
      left_over["Grad-CAM of network"] < left_over["anywhere"] - 0.04)

# %% [markdown]
# What the trained network points at is missed most, more than a place on the garment drawn by lot.
# What `blank` points at is missed no more than any place. Our network passes both tests.
#
# A method that passes once need not pass with the next network. The experiment has trained three,
# alike but for their random numbers; the first is ours.

# %%
columns = {"peak on the garment": "peak_trained", "before training": "peak_untrained",
           "within 4 pixels of it": "near_trained", "right, peak covered": "covered_peak",
           "right, any place covered": "covered_anywhere"}
for name, column in columns.items():
    print(f"{name:25}", *(f"{run[column]:.2f}" for run in runs))

# %% [markdown]
# The second network fails both: its peak lies on the garment hardly more often than before
# training, and is hardly missed. Yet it names clothes as well as the others. (Most of its peaks lie
# just beside the garment, within 4 pixels, which is one place of `conv4`.) So read Grad-CAM as
# "about here", and test it on *your* network before you believe it.
#
# And a trap. The first scene holds a boot and a trouser. Ask for a class that is not there: "Bag".
#
# **Predict:** what does Grad-CAM show?

# %%
prediction = None  # "A": nothing, all black; "B": it is bright somewhere

# %%
bag = cams(network, pair[:1], 8)[0]
score = float(network(pair[:1])[0, 8])
print("the score for Bag is below 0:", score < 0)
print("Grad-CAM reaches 0.8:", bool(bag.max() > 0.8))
predictions.choice("Grad-CAM for a class that is not there", prediction,
                   "B" if bag.max() > 0 else "A",
                   {"A": "nothing", "B": "it is bright somewhere"},
                   surprise="The largest number becomes 1, however small it was.")

# %% [markdown]
# Grad-CAM says where, *if* the class is there. Whether it is, the score says.
#
# ## Give a unit a name, with a number
#
# "Unit 21 looks for trousers" was an impression from six patches. **Network dissection** (Bau and
# others, 2017) measures it. Take scenes of which it is known, pixel by pixel, what is where. A unit
# is *strong* at the places that belong to the highest few per cent of all its activations. A
# **concept** has places, too: its mask. How well do they meet? Intersection over union, as in
# notebook 15: places that are in both, over places that are in at least one.
#
# ## Exercise: `unit_iou` (3 points, about 6 minutes)
#
# `activations` of one unit and `masks` of one concept are both (N, H, W); the masks are True or
# False. Strong is what lies *above* `np.quantile(activations, quantile)`, one threshold for all
# images. Count the places of all images together. Give back a float; 0.0 when nothing is strong and
# nothing is in a mask.


# %% exercise="unit_iou"
def unit_iou(activations, masks, quantile):
    """Intersection over union of a unit's strong places and a concept's places, a float."""
    ### BEGIN SOLUTION
    strong = activations > np.quantile(activations, quantile)
    either = (strong | masks).sum()
    return float((strong & masks).sum() / either) if either else 0.0
    ### END SOLUTION


# %% check="unit_iou"
checks.visualization.unit_iou(unit_iou)

# %% [markdown]
# Eighteen concepts: four textures of the background, the four edges of a garment (its two outermost
# pixels on one side), the ten kinds of garments.

# %%
known, concepts = scene_network.dissection_scenes()
print(f"{len(known)} scenes:", ", ".join(concepts))
all_masks = np.stack(list(concepts.values()), axis=-1)

# %%
def dissected(model, layer):
    """The IoU of each unit of a layer with each concept: (units, concepts)."""
    maps = visualization.enlarge(visualization.feature_maps(model, layer, known), 40)
    return visualization.dissect(maps, all_masks, quantile=0.97)

# %% [markdown]
# Give each unit the concept that it meets best, if the IoU is above 0.1. In the first layers there
# will be units for edges. In `conv4`, which has 64 units, some for garments.
#
# **Predict:** how many of the 64 units of `conv4` are units for a garment in the trained network,
# and how many in the one with random weights?

# %%
prediction = None  # two whole numbers of units: [trained, random]

# %%
def groups(ious):
    """How many units have a texture, an edge or a garment as their best concept."""
    best = ious.argmax(axis=1)[ious.max(axis=1) > 0.1]
    return [int(((first <= best) & (best < last)).sum())
            for first, last in ((0, 4), (4, 8), (8, 18))]

# %%
layers_named = ("conv1", "conv2", "conv3", "conv4")
print("looking for 18 concepts in 8 layers, some seconds ...")
ious = {name: [dissected(model, layer) for layer in layers_named]
        for name, model in {"trained": network, "random": blank}.items()}

# %% tags=["nbval-ignore-output"]
for name, found in ious.items():
    for layer, iou in zip(layers_named, found):
        texture, edge, garment = groups(iou)
        print(f"{name:8} {layer}: {len(iou)} units; for a texture {texture:2}, "
              f"for an edge {edge:2}, for a garment {garment:2}")

# %% claims="Q120"
garments = {name: [groups(iou)[2] for iou in found] for name, found in ious.items()}
print("trained: more in each layer:", all(np.diff(garments["trained"]) >= 0))
print("conv4, trained: more than 15:", garments["trained"][3] > 15,
      " random: at most half as many:", 2 * garments["random"][3] <= garments["trained"][3])
print("three seeds, trained:", [run["garments_trained"] for run in runs],
      " before training:", [run["garments_untrained"] for run in runs])
predictions.values("units of conv4 for a garment", prediction,
                   [garments["trained"][3], garments["random"][3]], tolerance=4,
                   surprise="Some fit by chance: the concept of each unit is the best of 18.")

# %% [markdown] topics="T136"
# This is the *hierarchy of features* that the lectures speak of, in numbers: edges first, garments
# last. And a warning: most of the edge units of `conv1` are there *before* training, and even some
# units for garments, since each unit gets the best of eighteen names; how many is a matter of the
# draw, and `blank` has drawn many. What counts is how many more there are with training. (A slide
# shows three units of a network trained on photographs: "Eye Detector", "Eyes and Nose Detector",
# "Dog Face Detector". They were found in this way.)
#
# Here are the three units with the best IoU, on scenes that show their concept. Where a unit is
# strong, the scene is lit.

# %% tags=["nbval-ignore-output"]
last, wide = ious["trained"][3], visualization.feature_maps(network, "conv4", known)
best = np.argsort(-last.max(axis=1))[:3]
fig, axes = plt.subplots(3, 5, figsize=(6.8, 4.6))
for row, unit in zip(axes, best):
    concept = list(concepts)[last[unit].argmax()]
    maps = visualization.enlarge(wide[..., [unit]], 40)[..., 0]
    lit = 0.2 + 0.8 * (maps > np.quantile(maps, 0.97))
    for ax, image in zip(row, np.flatnonzero(concepts[concept].any(axis=(1, 2)))):
        plots.draw_image(ax, known[image, :, :, 0] * lit[image],
                         title=f"{unit}: {concept}" if ax is row[0] else None)
plots.show(fig)

# %% [markdown]
# A name is a temptation: "the trouser unit". Act on it! Switch the best unit for trousers off, so
# that it gives 0 always, and count how many trousers are still found.

# %%
trouser = list(concepts).index("Trouser")
order = np.argsort(-last[:, trouser])
kernel, bias = (weights.numpy() for weights in network.get_layer("scores").weights)
means = visualization.feature_maps(network, "mean", scenes)
for count in (0, 1, 3, 8):
    alive = np.isin(np.arange(64), order[:count], invert=True)
    answers = (means * alive @ kernel + bias).argmax(axis=1)
    print(f"{count} units off: trousers named right {(answers[labels == 1] == 1).mean():.2f}")

# %% [markdown]
# One off, three off: next to nothing happens, since others do the same work. Only with eight off it
# breaks down. A unit that meets a concept well need not be the one that the network leans on.
#
# ## What is alike?
#
# The means of the 64 maps are a row of 64 numbers for each scene: its **embedding**. Two scenes are
# alike for the network when their embeddings point the same way. How nearly they do, the **cosine**
# of the angle between them tells: the dot product, divided by both lengths. It is 1 for the same
# direction, 0 for a right angle, -1 for the opposite one. How *long* an embedding is does not
# matter: a garment in brighter light has about the same direction.
#
# ## Exercise: `nearest_embeddings` (3 points, about 6 minutes)
#
# `queries` is (M, D), `embeddings` is (N, D). For each query give the places (0 to N - 1) of the
# `k` embeddings with the largest cosine, the largest first: an array (M, k) of whole numbers. Of
# equals, the one stored first comes first. No row is all zeros.


# %% exercise="nearest_embeddings"
def nearest_embeddings(queries, embeddings, k):
    """For each query the places of the k embeddings most alike by their cosine: (M, k)."""
    ### BEGIN SOLUTION
    q = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    e = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.argsort(-(q @ e.T), axis=1, kind="stable")[:, :k]
    ### END SOLUTION


# %% check="nearest_embeddings"
checks.visualization.nearest_embeddings(nearest_embeddings)

# %% [markdown]
# Search 800 scenes for the five that are most like a given one. Three ways to turn a scene into a
# row of numbers: its 1,600 pixels; the embedding of `blank`; the embedding of `network`.
#
# **Predict:** put the three in order of how many of the five are of the right class, the best
# first.

# %%
prediction = None  # such as ["pixels", "blank", "network"]

# %%
rows_of = {"pixels": scenes.reshape(1000, -1),
           "blank": visualization.feature_maps(blank, "mean", scenes), "network": means}
found = {name: visualization.nearest_embeddings(rows[:200], rows[200:], 5) + 200
         for name, rows in rows_of.items()}
hits = {name: float((labels[f] == labels[:200, None]).mean()) for name, f in found.items()}
print({name: round(share, 2) for name, share in hits.items()})
predictions.ranking("retrieval, the best first", prediction,
                    sorted(hits, key=hits.get, reverse=True))

# %% [markdown]
# An example in which they differ: a sandal, and the five scenes that each way finds.

# %% tags=["nbval-ignore-output"]
fig, axes = plt.subplots(3, 6, figsize=(6.4, 3.4))
for row, (name, places) in zip(axes, found.items()):
    plots.draw_image(row[0], scenes[11], title="asked")
    row[0].set_ylabel(name)
    for ax, place in zip(row[1:], places[11]):
        plots.draw_image(ax, scenes[place], title=datasets.CLASS_NAMES[labels[place]])
plots.show(fig)

# %% [markdown] topics="T140"
# Comparing pixels asks for the same garment *at the same place*. The embedding does not mind the
# place, as it is a mean over all places, and training brings garments of one class together. This
# is the *retrieval* of a slide, whose figure is from Krizhevsky and others (2012): pictures whose
# embeddings are near, from AlexNet's last hidden layer.
#
# ## Let it dream
#
# Gradient ascent on one unit draws what it wants. **Deep dream** (Mordvintsev and others, 2015; the
# slide calls it *Inceptionism*) begins with a photograph and makes *whatever a layer sees in it*
# stronger: the goal is the mean of the squares of all its activations. It goes from a small version
# of the photograph to the full one, so that there are large shapes as well as small ones.

# %% tags=["nbval-ignore-output"]
cat = datasets.grey(datasets.photo("cat"))[60:220:2, 100:340:2, None]
dreams = {name: visualization.deep_dream(visualization.up_to(network, name), cat)
          for name in ("conv1", "conv4")}
fig, axes = plots.image_axes(*[cat.shape] * 3, width=1.0, scale=False)
for ax, (name, image) in zip(axes, {"photograph": cat, **dreams}.items()):
    plots.draw_image(ax, image, title=name)
plots.show(fig)

# %%
for name, image in dreams.items():
    before, after = (float((visualization.feature_maps(network, name, x[None]) ** 2).mean())
                     for x in (cat, image))
    print(name, "is more than twice as strong:", after > 2 * before)

# %% [markdown] topics="T143"
# `conv1` wants light, and lines in it: the fur is bleached, the dark lines stay. `conv4` puts into
# the cat what this network has learned, light things on dark ground, hung over the nose in folds:
# it knows nothing but clothes. (The dreams that one has seen elsewhere are full of dogs, since
# those networks were trained on photographs of a thousand things, among them more than a hundred
# breeds of dogs.)
#
# ## Style: which maps go together
#
# One last thing that one can ask of feature maps. Take two maps of a layer, multiply them place by
# place, take the mean. It is large when both are strong *at the same places*. For all pairs of C
# maps that gives a C x C table, the **Gram matrix**.
#
# **Predict:** shuffle the places of the maps, all maps in the same way, so that nothing of the
# picture can be recognised. By how much does the largest entry of the Gram matrix change?

# %%
prediction = None  # a number: 0.1 is 10 per cent

# %%
maps = visualization.feature_maps(network, "conv2", cat[None])[0]
places = np.random.default_rng(0).permutation(maps.shape[0] * maps.shape[1])
shuffled = maps.reshape(-1, maps.shape[2])[places].reshape(maps.shape)
gram, other = visualization.gram_matrix(maps), visualization.gram_matrix(shuffled)
changed = round(float(np.abs(other - gram).max() / gram.max()), 4)
print("Gram matrix", gram.shape, " largest change", changed)
predictions.number("change of the Gram matrix", prediction, changed, tolerance=0.001,
                   surprise="A sum over places does not know their order.")

# %% [markdown]
# So it keeps *what goes with what* and forgets *where*. Gatys, Ecker and Bethge took it as the
# **style** of a picture. Begin with noise, and change its pixels until its Gram matrices are those
# of the cat's fur: the texture comes, the cat does not. Begin with another picture instead, and ask
# that its deep maps stay: style transfer.

# %% tags=["nbval-ignore-output"]
fur = datasets.grey(datasets.photo("cat"))[4:100:2, 170:298:2, None]
cup = datasets.grey(datasets.photo("coffee"))[60:316:4, 200:456:4, None]
style_layers = ["conv1", "conv2", "conv3"]
print("painting two pictures, some seconds each ...")
texture = visualization.paint(network, style_layers, fur, steps=60)
painted = visualization.paint(network, style_layers, fur, content=cup, weight=0.5, steps=60)

# %% tags=["nbval-ignore-output"]
four = {"style: fur": fur, "from noise": texture, "content": cup, "both": painted}
fig, axes = plots.image_axes(*[image.shape for image in four.values()], width=1.0, scale=False)
for ax, (name, image) in zip(axes, four.items()):
    plots.draw_image(ax, image, title=name)
plots.show(fig)

# %%
def style_distance(image):
    grams = [visualization.gram_matrix(visualization.feature_maps(network, "conv2", x[None])[0])
             for x in (image, fur)]
    return np.abs(grams[0] - grams[1]).mean() / np.abs(grams[1]).mean()

# %%
start = np.random.default_rng(0).random(fur.shape, dtype="float32")
print("from noise, the distance fell to less than a third:",
      style_distance(texture) < style_distance(start) / 3)
print("painted, it fell to less than a half:", style_distance(painted) < style_distance(cup) / 2)

# %% [markdown] topics="T144"
# The lecture shows it on photographs and paintings (Gatys and others, CVPR 2016 and 2017). There
# the network is VGG, trained on a million photographs; ours has seen some coffee and a rocket
# behind clothes. For fur that is enough.
#
# ## Recap
#
# - A picture that explains a network can look right and say nothing. Two tests: **random weights**
#   (what stays was not learned) and **act on it** (what matters must be missed).
# - **Grad-CAM** says about where a class is seen: maps, weighted by their mean gradient, what is
#   negative cut off. It does not say whether the class is there, and not every network passes.
# - **Edges come first, and many of them for free; garments come last, and most are learned.**
#   Dissection puts a number on it. An embedding forgets the place, a Gram matrix forgets it, too,
#   and keeps which maps go together.
#
# To play: `visualization.deep_dream` on another of `datasets.photos()`, or with `blank`: what does
# a network dream that has seen nothing? Next, notebook 18: build and train one of your own, against
# a judge.

# %%
predictions.recap()

# %%
checks.progress()
