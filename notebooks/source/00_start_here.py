# %% [markdown]
# # 0. Start here: run, predict, check
#
# **You will be able to** work with every notebook of this course: run cells, hold a prediction
# against what comes out, get feedback and hints for an exercise; and read the shape of a batch of
# pictures.
#
# **You need** Python functions and a little NumPy. **Time:** 15 minutes; no GPU.
#
# Exercise: `image_shape` (2 points, 4 min).

# %% [markdown]
# ## Run a cell
#
# A notebook is text and code in cells. Click into a cell and press **Shift + Enter**: the code
# runs, the value of its last line appears below, and the next cell is selected. Begin with the
# set-up cell above. Every notebook has it, and nothing works before it has run.
#
# This course follows five lectures and runs what they claim. Even the smallest claim: one of them
# bears the date *March 21, 2023*. Which day of the week was that?

# %% claims="H001"
import datetime

datetime.date(2023, 3, 21).strftime("%A")

# %% [markdown]
# A Tuesday, so it may well be the day of a lecture. (It also says *lecture #14*. That cannot be
# computed.)
#
# ## Predict, then run
#
# Before something is computed, you are asked what it will be. Write your answer in place of
# `None`, run that cell, then the next one. Nothing here is graded. Guess: a guess that is far off
# is what you will remember.
#
# Fashion-MNIST is a collection of small grey pictures of clothes, 28 pixels high and 28 wide, with
# one number for each pixel.
#
# **Predict:** how many numbers does one picture hold?

# %%
prediction = None  # a number

# %%
images, labels = datasets.fashion_mnist("test")
predictions.number("numbers in one picture", prediction, images[0].size)

# %% [markdown]
# If you left `None`, it said so and went on. A notebook never stops at an empty prediction, or at
# an exercise that is still to be written.
#
# ## The shape of pictures
#
# There are 10,000 pictures here, of ten kinds. This is the first one of each kind. A number is a
# brightness, from 0 (black) to 255 (white).

# %%
fig, axes = plt.subplots(2, 5, figsize=(7, 3.2))
for kind, ax in enumerate(axes.flat):
    first = images[labels == kind][0]
    plots.draw_image(ax, first, title=datasets.CLASS_NAMES[kind])
plots.show(fig)

# %%
images.shape

# %% [markdown]
# Four axes, and TensorFlow always wants them in this order: **N, H, W, C**.
#
# | letter | axis | here |
# |---|---|---|
# | N | number of pictures: the *batch* | 10000 |
# | H | height: rows, from the top | 28 |
# | W | width: columns, from the left | 28 |
# | C | channels: numbers for each pixel | 1, as they are grey |
#
# A colour picture has three channels: red, green, blue. **Predict:** the photo of a cat is 451
# pixels wide and 300 high. What is the shape of this one picture, without a batch?

# %%
prediction = None  # three numbers, such as (1, 2, 3)

# %%
cat = datasets.photo("cat")
predictions.values("shape of the cat", prediction, cat.shape,
                   surprise="An array counts its rows first, and the rows are the height.")

# %% [markdown]
# The axes are what you cut along. One of these pictures is `cat[:, :150]`.

# %%
cuts = [cat[:150], cat[:, :150], cat[:, :, 0]]
pictures = {letter: cuts[i] for letter, i in zip("ABC", np.random.default_rng(0).permutation(3))}
fig, axes = plots.image_axes(*(picture.shape for picture in pictures.values()), scale=False)
for ax, (letter, picture) in zip(axes, pictures.items()):
    plots.draw_image(ax, picture, title=letter)
plots.show(fig)

# %% [markdown]
# **Predict:** which? The code above has shuffled them, so look at the pictures.

# %%
prediction = None  # "A", "B" or "C"

# %%
came = next(letter for letter, p in pictures.items() if p.shape == cat[:, :150].shape)
predictions.choice("the picture cat[:, :150]", prediction, came,
                   {letter: f"shape {p.shape}" for letter, p in pictures.items()},
                   surprise="The first axis is kept whole; the second is cut after 150.")

# %% [markdown]
# ## Let a check look at an answer
#
# An exercise asks for a function, and a check tells what is right and wrong about it. Here is the
# one of this notebook:
#
# *A camera says "640 x 480": the width comes first. Write a function `image_shape(width, height,
# channels=3, count=1)` that gives the shape of a batch of such pictures, for TensorFlow.*
#
# Look at a wrong answer first. This one takes everything in the order in which the camera says it.

# %%
def as_the_camera_says(width, height, channels=3, count=1):
    return (width, height, channels, count)


checks.shapes.image_shape(as_the_camera_says)

# %% [markdown]
# Read it from the top: what it is worth so far; a question for each mistake that explains the
# answers; one call, with what came back and what is right; then each property and its share of the
# points. The check tries several calls, so an answer that fits only one of them does not pass. Try
# as often as you like: nothing is taken off.
#
# Stuck? Each exercise has two hints, and the second says more. Ask for them like this.

# %%
checks.hint("image_shape", 1)

# %% [markdown]
# ## Exercise: `image_shape` (2 points, about 4 minutes)
#
# Now write it yourself. Change the cell below, run it, then run its check.


# %% exercise="image_shape"
def image_shape(width, height, channels=3, count=1):
    """Shape of a batch of `count` pictures, four whole numbers in TensorFlow's order."""
    ### BEGIN SOLUTION
    return (count, height, width, channels)
    ### END SOLUTION


# %% check="image_shape"
checks.shapes.image_shape(image_shape)

# %% [markdown]
# The check says *not attempted*, *wrong*, *error*, *right* or *borrowed*. *Wrong* can still earn a
# part of the points. *Borrowed* means that your function calls a ready-made one which does the
# work of the exercise. When the notebook is graded, the same check runs on other
# numbers.
#
# ## What this course is about
#
# Here is a small network that has learned to name the clothes. It has seen 60,000 pictures, none
# of those above. How many of the first 1,000 does it get right?

# %%
network = datasets.trained_network()


def probabilities(pictures, pixels):
    """What the network says of pictures that were moved right by some pixels."""
    moved = np.pad(pictures, [(0, 0), (0, 0), (pixels, 0), (0, 0)])[:, :, :28]
    return network.predict(moved / 255, verbose=0)


print(f"right: {(probabilities(images[:1000], 0).argmax(axis=1) == labels[:1000]).mean():.0%}")

# %% [markdown]
# Now one picture, a coat, and four copies of it that are moved to the right by 1, 2, 3 and 4
# pixels. There is room: nothing is cut off.
#
# **Predict:** how many of the five does the network call a coat?

# %%
prediction = None  # a number from 0 to 5

# %%
coat = images[3875:3876]
said = np.concatenate([probabilities(coat, pixels) for pixels in range(5)])
names = [datasets.CLASS_NAMES[label] for label in said.argmax(axis=1)]
predictions.number("called a coat", prediction, names.count("Coat"), "of 5")

# %%
fig, axes = plt.subplots(1, 5, figsize=(8, 2.3))
for pixels, ax in enumerate(axes):
    plots.draw_image(ax, np.roll(coat[0], pixels, axis=1), title=f"moved {pixels} px")
    ax.set_xlabel(f"{names[pixels]}\n{said[pixels].max():.0%}")
plots.show(fig)

# %% [markdown]
# You would not even notice two pixels. For the network the coat has become a dress, and at four
# it is sure of an ankle boot. Is it only this coat? Take the 1,000 pictures again.
#
# **Predict:** how many per cent does it get right when they are moved by 1, 2, 3 and 4 pixels?

# %%
prediction = None  # four numbers, such as [85, 80, 75, 70]

# %%
right = [int(round(100 * (probabilities(images[:1000], pixels).argmax(axis=1)
                          == labels[:1000]).mean())) for pixels in range(5)]
predictions.values("per cent right, moved by 1 to 4 pixels", prediction, right[1:], tolerance=5)

# %%
fig, ax = plt.subplots(figsize=(5, 3))
plots.draw_curve(ax, range(5), right, title="1,000 pictures, moved sideways",
                 x_label="moved by (pixels)", y_label="named correctly (%)")
ax.set_ylim(0, 100)
ax.set_xticks(range(5))
plots.show(fig)

# %% [markdown]
# The network learned from pictures that were not moved. In its last layer each place has weights
# of its own, so what was learned for one place helps little at another. (Many of the 1,000
# pictures also lose a strip at the right edge; the coat did not.)
#
# There is a convolution in this network, too. So why does it not help? What would have to change,
# in the layers or in the pictures? That is what the coming notebooks are about; number 10 repairs
# it.
#
# ## Recap
#
# - Predict, run, compare; write, check, read the questions; ask for a hint.
# - A batch of pictures has four axes, N, H, W, C: the height stands before the width.
# - A network that is 88% right on pictures in place may be 65% right two pixels further on.
#
# The last two cells of every notebook tell what you predicted and what you have solved.

# %%
predictions.recap()

# %%
checks.progress()
