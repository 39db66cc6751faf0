# %% [markdown]
# # 6. Trace a loss back to every weight
#
# **You will be able to** run a computational graph forward and backward by hand and get
# TensorFlow's numbers, say what +, × and max do to a gradient (also where a value is used twice or
# two are equal), and write the gradients of a linear layer and of softmax with cross-entropy.
#
# **You need** the derivative of a function of one variable, matrix products, and notebook 5 (the
# weights of a layer). **Time:** 35 minutes; no GPU.
#
# Exercises: `backward_gates` (4 points, 8 min), `linear_gradient` (3 points, 6 min),
# `softmax_cross_entropy` (3 points, 6 min).

# %% [markdown]
# ## One number says how wrong
#
# Weights learn from their mistakes, and for that a mistake has to be a number: the **loss**. For
# a network that tells kinds of clothes apart it is mostly the **cross-entropy**. The network gives
# each kind a probability. Take the one that it gave to the *right* kind, and of that minus the
# natural logarithm. The loss is the mean over the pictures.

# %%
given = np.array([0.001, 0.003, 0.01, 0.03, 0.06, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1])
fig, ax = plt.subplots(figsize=(5, 2.6))
plots.draw_curve(ax, given, -np.log(given), x_label="probability of the right class",
                 y_label="loss of one picture")
plots.show(fig)

# %% [markdown]
# Three networks have looked at ten pictures each. *Careful* gave the right class 0.5 each time,
# *clueless* 0.1. *Bold* gave it 0.99 nine times; at the tenth picture it was sure of another
# class, and left one millionth for the right one.
#
# **Predict:** put the three in order, the smallest cross-entropy first.

# %%
prediction = None  # such as ["bold", "careful", "clueless"]

# %%
given = {"bold": [0.99] * 9 + [1e-6], "careful": [0.5] * 10, "clueless": [0.1] * 10}
losses = {name: float(-np.log(p).mean()) for name, p in given.items()}
print({name: round(loss, 2) for name, loss in losses.items()})
predictions.ranking("the smallest loss first", prediction, sorted(losses, key=losses.get),
                    surprise="The one mistake costs 13.8, all the rest of bold's pictures 0.1.")

# %% [markdown]
# Bold is right nine times out of ten, and still worse than careful. So why not just count the
# mistakes? Here is a layer with random weights on 1000 clothes: ten scores a picture, from 784
# pixels. Nudge one weight by 0.0001. Does the loss notice? Does the count?

# %%
images, labels = datasets.fashion_mnist("train", n=1000)
labels = labels.astype("int64")
pixels = images.reshape(1000, 784) / 255
start = np.random.default_rng(0).normal(0, 0.01, (784, 10))  # pixels, classes


# %%
def cross_entropy(weights):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, pixels @ weights)
    return float(tf.reduce_mean(losses))


def mistakes(weights):
    return int(((pixels @ weights).argmax(axis=1) != labels).sum())


# %%
moved = {cross_entropy: 0, mistakes: 0}
for pixel, kind in np.ndindex(3, 10):  # three pixels in the middle, ten classes
    nudged = start.copy()
    nudged[405 + pixel, kind] += 0.0001
    for loss in moved:
        moved[loss] += loss(nudged) != loss(start)
print({loss.__name__: f"{count} of 30 weights" for loss, count in moved.items()})

# %% [markdown] topics="T012"
# The count stays where it is: too small a step to turn even one answer. The cross-entropy moves
# with every weight, and *how far* it moves for such a step, divided by the step, is the **slope**
# for that weight. All slopes together, in an array shaped like the weights, are the **gradient**.
# To learn is to take a step against it, and again: **gradient descent**. A loss is useful if it
# has a slope. (For numbers instead of classes the usual loss is the squared error; it has one.)
#
# ## How long does it take?
#
# To find one slope by nudging takes one more pass through the network. Here is a small network
# with two layers: as many slopes as it has weights and biases.

# %%
network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(128, "relu"),
                            keras.layers.Dense(10)])
batch = tf.constant(pixels, "float32")
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # scores, not probabilities
print("passes to nudge everything once:", f"{network.count_params():,}")

# %% [markdown]
# TensorFlow has another way: `tf.GradientTape` records what is computed, and gives all slopes
# in one go.
#
# **Predict:** how many times as long as one plain pass does it take to get *all* 101,770 slopes
# from the tape?

# %%
prediction = None  # "A": under 10 times, "B": about 300 times, "C": about 100,000 times


# %% tags=["nbval-ignore-output"]
def slopes():
    with tf.GradientTape() as tape:
        loss = loss_of(labels, network(batch))
    return tape.gradient(loss, network.trainable_variables)


import timeit

ways = {"one pass": lambda: float(loss_of(labels, network(batch))), "all slopes": slopes}
taken = {name: 1000 * min(timeit.repeat(way, number=1, repeat=9)) for name, way in ways.items()}
print({name: round(milliseconds, 1) for name, milliseconds in taken.items()}, "milliseconds")

# %%
ratio = taken["all slopes"] / taken["one pass"]
print("slopes:", f"{sum(int(tf.size(g)) for g in slopes()):,}", " under 20 times:", ratio < 20)
predictions.choice("time for all slopes", prediction, "A" if ratio < 20 else "B",
                   {"A": "under 10 times", "B": "about 300 times", "C": "about 100,000 times"},
                   surprise="One walk backward through what was computed finds all of them.")

# %% [markdown]
# All slopes cost as much as a few passes, not a hundred thousand. How that can be is what this
# notebook is about; it is called **backpropagation**.
#
# ## A graph, forward
#
# The lecture's example: $f(x, y, z) = (x + y)\,z$ at x = -2, y = 5, z = -4. Draw what is computed:
# numbers come in on the left, each circle is a **gate** that makes one number out of two. That is
# a **computational graph**.

# %%
inputs = {"x": -2, "y": 5, "z": -4}
gates = {"q": ("+", "x", "y"), "f": ("×", "q", "z")}  # q = x + y, f = q × z
fig, ax = plots.graph_axes(inputs, gates)
plots.draw_graph(ax, inputs, gates, gradients=False, title="f = (x + y) z, forward")
plots.show(fig)

# %% [markdown]
# **Predict:** how far does f move for each step of x? Of y? Of z? (Nudge x from -2 to -1.99 and
# work f out again; the change, divided by 0.01.)

# %%
prediction = None  # three numbers: for x, y, z

# %% claims="N047"
def slope(tape, of, to):  # how far `of` moves for each step of `to`
    return float(tape.gradient(of, to))


x, y, z = tf.Variable(-2.0), tf.Variable(5.0), tf.Variable(-4.0)
with tf.GradientTape(persistent=True) as sum_and_product:  # may be asked more than once
    q = x + y
    f = q * z
found = [slope(sum_and_product, f, to) for to in (x, y, z)]
print("q", float(q), " f", float(f), " slopes of f for x, y, z:", *found)
predictions.values("slopes for x, y, z", prediction, found,
                   surprise="x and y reach f only through q, and f moves -4 for each step of q.")

# %% [markdown]
# ## The same graph, backward
#
# Now by hand, from right to left. Each edge gets the slope of f with regard to *its* value.

# %%
fig, ax = plots.graph_axes(inputs, gates)
plots.draw_graph(ax, inputs, gates, title="f = (x + y) z, forward and backward")
plots.show(fig)

# %% [markdown]
# - At the right end f moves 1 for each step of f.
# - The × gate: when q moves by one step, q × z moves by z = -4. When z does, by q = 3.
#   These are the **local gradients** of the gate; they need nothing but its own two inputs.
# - The + gate: when x moves, q moves as far. Its local gradients are 1 and 1. But what counts is
#   f: the -4 that arrived at q, the **upstream gradient**, times 1.
#
# Upstream times local: that is the **chain rule**, and it is all that a gate does backward.

# %% claims="F034"
dq_dx, dq_dy = [slope(sum_and_product, q, to) for to in (x, y)]
df_dq, df_dz, df_dy = [slope(sum_and_product, f, to) for to in (q, z, y)]
print("local: dq/dx", dq_dx, " dq/dy", dq_dy, " df/dq", df_dq, " df/dz", df_dz)
print("df/dy", df_dy, "=", df_dq, "*", dq_dy)

# %% [markdown]
# Longer chains work the same way. One slide nests three functions, $F = f_1(w_1, f_2(w_2,
# f_3(w_3)))$. Mind the names: $f_1$ is computed *last*. The way back from F to $w_3$ has three
# edges, so its slope is a product of three.

# %% claims="F037"
w1, w2, w3 = tf.Variable(2.0), tf.Variable(-1.0), tf.Variable(3.0)
with tf.GradientTape(persistent=True) as nested:
    f3 = w3**2
    f2 = w2 * f3
    f1 = w1 * f2
df1_df2, df2_df3 = slope(nested, f1, f2), slope(nested, f2, f3)
print("w1:", slope(nested, f1, w1))
print("w2:", slope(nested, f1, w2), "=", df1_df2, "*", slope(nested, f2, w2))
print("w3:", slope(nested, f1, w3), "=", df1_df2, "*", df2_df3, "*", slope(nested, f3, w3))

# %% [markdown]
# The 2.0 at the front stands in both products. Whoever goes backward works it out **once** and
# hands it on to all that lies further back. That is why one walk is enough for all weights. (A
# long product can also shrink to nothing or blow up: notebook 11.)
#
# ## Three gates, three habits
#
# A slide sums them up: + is a *distributor*, max a *router*, × a *switcher*. Here 2 arrives from
# the right at each of them.

# %%
fig, axes = plt.subplots(1, 3, figsize=(9.4, 1.9))
for ax, symbol in zip(axes, ("+", "max", "×")):
    plots.draw_graph(ax, {"x": 3, "y": -4}, {"f": (symbol, "x", "y")}, upstream=2)
plots.show(fig)


# %% claims="Q110"
def backward(function, *numbers, upstream=1.0):
    variables = [tf.Variable(number) for number in numbers]
    with tf.GradientTape() as tape:
        output = function(*variables)
    return [float(g) for g in tape.gradient(output, variables, tf.constant(upstream))]


for name, gate in {"add": tf.add, "max": tf.maximum, "mul": tf.multiply}.items():
    print(name, backward(gate, 3.0, -4.0, upstream=2.0))

# %% [markdown]
# + gives all of it to both. max gives all of it to the larger input: when the smaller one moves
# a little, nothing changes. × gives each input the *other's* value, and it does more than switch:
# it **scales**, by what arrives, here 2.
#
# ## Does the slide hold?
#
# A router sends the gradient to the larger input. Let both be 5.
#
# **Predict:** 1 arrives from the right. What does `tf.maximum` send to its two inputs?

# %%
prediction = None  # "A": 1 and 0, "B": 0.5 and 0.5, "C": 1 and 1

# %%
ties = {"tf.maximum(a, b)": (tf.maximum, 5.0, 5.0),
        "tf.reduce_max([a, b])": (lambda *pair: tf.reduce_max(tf.stack(pair)), 5.0, 5.0),
        "tf.nn.relu(a)": (tf.nn.relu, 0.0), "tf.maximum(a, 0)": (lambda a: tf.maximum(a, 0.0), 0.0)}
for name, (gate, *equal) in ties.items():
    print(f"{name:21} at", *equal, " sends", *backward(gate, *equal))
letter = {(1.0, 0.0): "A", (0.5, 0.5): "B", (1.0, 1.0): "C"}[tuple(backward(tf.maximum, 5.0, 5.0))]
predictions.choice("tf.maximum of two equal numbers", prediction, letter,
                   {"A": "1 and 0", "B": "0.5 and 0.5", "C": "1 and 1"},
                   surprise="Somebody had to decide: tf.maximum takes the first.")

# %% [markdown]
# There is no slope at a tie: upward nudges of either input move the output, downward ones do not.
# So somebody decides. `tf.maximum` gives all to the **first**, `tf.reduce_max` divides it among
# the equals. ReLU is the max of a number and 0: `tf.nn.relu` sends 0 to a number that is 0, but
# written as `tf.maximum(a, 0)` it sends 1. "Router" is true where one input is larger. Ties are
# no rarity: equal pixels are common, and max pooling meets them (notebook 8).
#
# ## Used twice
#
# Now x goes into two gates: $f = (x + y)\,x$ at x = 3, y = -4.

# %%
inputs, gates = {"x": 3, "y": -4}, {"q": ("+", "x", "y"), "f": ("×", "q", "x")}
fig, ax = plots.graph_axes(inputs, gates)
plots.draw_graph(ax, inputs, gates, gradients=False, title="f = (x + y) x")
plots.show(fig)

# %% [markdown]
# **Predict:** go backward through this graph. What is the slope of f with regard to x?

# %%
prediction = None  # a number

# %%
dx, dy = backward(lambda x, y: (x + y) * x, 3.0, -4.0)
predictions.number("slope of (x + y) x for x", prediction, dx,
                   surprise="Two edges leave x, 3 and -1 come back on them, and they are added.")

# %%
fig, ax = plots.graph_axes(inputs, gates)
plots.draw_graph(ax, inputs, gates, title="f = (x + y) x, forward and backward")
plots.show(fig)

# %% [markdown]
# One nudge of x moves f on two ways, and the two moves add up. So where a value is used more than
# once, its gradients are **added**. A program that writes `dx = ...` at each use keeps only the
# last of them. In a convolution this is the rule: one weight is used at thousands of places.
#
# ## Exercise: `backward_gates` (4 points, about 8 minutes)
#
# The three gates in one graph: $f = \max(x y, z) + x$. `upstream` arrives at f; send it back to x,
# y and z. In a tie the product takes all, as `tf.maximum(x * y, z)` has it. Draw the graph on paper
# first, and go from right to left.


# %% exercise="backward_gates"
def backward_gates(x, y, z, upstream):
    """Gradients (dx, dy, dz) of max(x * y, z) + x, when the gradient `upstream` arrives at it."""
    ### BEGIN SOLUTION
    to_product, to_z = (upstream, 0.0) if x * y >= z else (0.0, upstream)
    return y * to_product + upstream, x * to_product, to_z
    ### END SOLUTION


# %% check="backward_gates"
checks.gradients.backward_gates(backward_gates)

# %% [markdown]
# ## forward() and backward()
#
# Programs keep such graphs as objects. Each gate has two methods. `forward` computes, and **saves**
# what the way back will need; `backward` takes what arrives and gives what it sends on.


# %%
class Multiply:
    def forward(self, a, b):
        self.a, self.b = a, b  # saved: the local gradients are made of them
        return a * b

    def backward(self, upstream):
        return upstream * self.b, upstream * self.a


# %%
class Add:
    def forward(self, a, b):
        return a + b  # nothing to save: the local gradients are 1 and 1

    def backward(self, upstream):
        return upstream, upstream


# %% claims="Q111"
add, multiply = Add(), Multiply()
print("forward", multiply.forward(add.forward(-2.0, 5.0), -4.0))
dq, dz = multiply.backward(1.0)
print("backward", *add.backward(dq), dz, " saved for it:", vars(multiply))
try:
    Multiply().backward(1.0)
except AttributeError as error:
    print("backward without forward:", type(error).__name__)

# %% [markdown]
# No formula for df/dx was written down anywhere. Each gate knows its own two lines, and the chain
# rule, applied again and again, does the rest; for a network with a hundred thousand weights that
# is the only practical way. The price is memory: what `forward` saves, for each layer and each
# image, is kept until the way back.
#
# TensorFlow has such a pair for each of its operations. `tf.custom_gradient` lets you give your
# own. Here is one in which somebody forgot to switch.


# %% claims="K012"
@tf.custom_gradient
def multiply_wrongly(a, b):
    return a * b, lambda upstream: (upstream * a, upstream * b)  # result, backward


numbers = [tf.constant(3.0), tf.constant(2.0)]
by_backward, by_nudging = tf.test.compute_gradient(multiply_wrongly, numbers)
print("forward", float(multiply_wrongly(*numbers)), " tape", backward(multiply_wrongly, 3.0, 2.0))
print("by backward()", *np.ravel(by_backward), " by nudging", *np.round(np.ravel(by_nudging), 2))

# %% [markdown]
# The tape believes it: nothing in the result tells that the gradients are wrong. So whoever writes
# a `backward` holds it against nudging. With few numbers, slow does not matter.
#
# ## Whole arrays at once
#
# Real gates take arrays. The lecture's example: multiply a matrix W with a vector x, and add up
# the squares of what comes out: $f = \|Wx\|^2$. With $q = Wx$, f is $q_1^2 + q_2^2$.

# %%
W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])
q = W @ x
print("q", q.round(2), " f", round(float(q @ q), 3))

# %% [markdown]
# The slope for one weight, from row i and column j: what arrives at $q_k$ is $2 q_k$, and $q_k$
# moves by $x_j$ when $W_{ij}$ moves, but **only if** k is i, for row i goes into $q_i$ alone. The
# slide writes this "only if" as $1_{k=i}$, which is 1 where k = i and else 0:
#
# $$\frac{\partial f}{\partial W_{ij}} = \sum_k 2 q_k \, 1_{k=i} \, x_j = 2 q_i x_j$$

# %% claims="F035"
by_hand = [[sum(2 * q[k] * (k == i) * x[j] for k in range(2)) for j in range(2)] for i in range(2)]
matrix = tf.Variable(W)
with tf.GradientTape() as tape:
    f = tf.reduce_sum(tf.linalg.matvec(matrix, x) ** 2)
print("the sum over k", np.round(by_hand, 3).tolist())
print("2 q_i x_j     ", np.outer(2 * q, x).round(3).tolist())
print("the tape      ", tape.gradient(f, matrix).numpy().round(3).tolist())

# %% [markdown]
# (In one copy of the slide the last step is garbled, "2^k q_i x_j". There is no k left over: the
# sum has used it up.) So the gradient of the weights is what arrives, times what came in: every
# pair of the two. And it has the shape of W, as each gradient has the shape of what it belongs to.
# When a program gives another shape, something is turned or not added up.
#
# ## Exercise: `linear_gradient` (3 points, about 6 minutes)
#
# The `backward` of a Dense layer. In Keras the images of a batch are the **rows** of `x`, and the
# weights lie the other way round than in W x: the layer computes `z = x @ weights + bias`, where
# `x` is (N, D), `weights` (D, M) and `bias` (M,). What arrives at z, `upstream`, is (N, M). Give
# the gradients of x, of the weights and of the bias, in this order. All N images use the same
# weights and the same bias.


# %% exercise="linear_gradient"
def linear_gradient(x, weights, upstream):
    """Gradients (dx, dweights, dbias) of z = x @ weights + bias, when `upstream` arrives at z."""
    ### BEGIN SOLUTION
    return upstream @ weights.T, x.T @ upstream, upstream.sum(axis=0)
    ### END SOLUTION


# %% check="linear_gradient"
checks.gradients.linear_gradient(linear_gradient)

# %% [markdown]
# ## Softmax and cross-entropy
#
# The last gate of most networks. **Softmax** makes probabilities of the scores $s_k$: raise e to
# each, and divide by the sum, $p_k = e^{s_k} / \sum_j e^{s_j}$. Then comes the cross-entropy of the
# right class.

# %%
scores, right = np.array([2.0, 1.0, 0.0]), 1
chances = tf.nn.softmax(scores).numpy()
print("probabilities", *chances.round(2), " loss", round(float(-np.log(chances[right])), 2))

# %% [markdown]
# **Predict:** the right class is the middle one. What is the gradient of the loss with regard to
# the three scores? Think of the signs first (which score should go up?), then of the sizes.

# %%
prediction = None  # three numbers, such as [0.1, 0.2, -0.3]

# %%
variable = tf.Variable(scores)
with tf.GradientTape() as tape:
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(right, variable)
gradient = tape.gradient(loss, variable).numpy()
print("gradient", *gradient.round(2), " sum", abs(round(float(gradient.sum()), 6)))
predictions.values("gradient of the three scores", prediction, gradient.round(3), tolerance=0.02,
                   surprise="It is the probabilities, less 1 at the right class.")

# %% [markdown]
# Exponentials, a division, a logarithm, and backward nothing is left but **p minus one-hot**: the
# probabilities, less 1 at the right class. A wrong class is pushed down by as much as it was
# believed, the right one up by what was missing.
#
# That is `upstream` for the last layer, and `linear_gradient` tells what the weights get: each
# picture, times its p minus one-hot, added up. It can be seen. Take all weights 0, so that each
# class gets 0.1, and lay the weights of a class out as a picture of 28 x 28.

# %%
weights = tf.Variable(tf.zeros((784, 10)))
with tf.GradientTape() as tape:
    loss = loss_of(labels, batch @ weights)
step = -tape.gradient(loss, weights).numpy().reshape(28, 28, 10)
fig, axes = plots.image_axes(*[(28, 28)] * 5, width=1.6)
for ax, kind in zip(axes, (1, 3, 5, 8, 9)):
    plots.draw_signed(ax, step[:, :, kind], title=datasets.CLASS_NAMES[kind], limit=0.06)
plots.show(fig)

# %% [markdown]
# The first step of gradient descent: every class is told to look for its own clothes (orange) and
# away from the others' (blue).
#
# ## Exercise: `softmax_cross_entropy` (3 points, about 6 minutes)
#
# For a batch: `scores` is (N, K), `labels` holds the N numbers of the right classes. Give the loss,
# the **mean** over the images, and its gradient with regard to the scores, (N, K). Scores may be
# large: 1000 has to work, and a network that is sure and wrong has a large loss, not an infinite
# one. NumPy will do; no softmax of a library.


# %% exercise="softmax_cross_entropy"
def softmax_cross_entropy(scores, labels):
    """The mean cross-entropy of scores (N, K) and labels (N,), and its gradient (N, K)."""
    ### BEGIN SOLUTION
    images = np.arange(len(scores))
    lowered = scores - scores.max(axis=1, keepdims=True)
    log_chances = lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))
    gradient = np.exp(log_chances)
    gradient[images, labels] -= 1
    return -log_chances[images, labels].mean(), gradient / len(scores)
    ### END SOLUTION


# %% check="softmax_cross_entropy"
checks.gradients.softmax_cross_entropy(softmax_cross_entropy)

# %% [markdown]
# ## One softmax too many
#
# `from_logits=True` tells a Keras loss that it gets scores and has to take the softmax itself. A
# network that ends in a softmax gives probabilities. Say it is certain and right: 1 for the right
# class out of ten, 0 for the others. The loss should be 0.
#
# **Predict:** what does the loss say with `from_logits=True`?

# %%
prediction = None  # a number

# %%
certain, third = np.eye(10, dtype="float32")[[3]], np.array([3])
for from_logits in (False, True):
    loss = keras.losses.sparse_categorical_crossentropy(third, certain, from_logits=from_logits)
    print("from_logits", from_logits, " loss", f"{float(loss[0]):.2f}")
predictions.number("the loss of a certain and right network", prediction, loss[0], tolerance=0.05,
                   surprise="Softmax of 1 and nine 0s leaves only 0.23 for the right class.")

# %% [markdown]
# No error, no warning. Whatever such a network learns, with ten classes its loss cannot come below
# 1.46. A loss that stays just above it is the mark of one softmax too many.
#
# ## Downhill
#
# All of it together: scores, loss, backward, a small step against the gradient, 30 times, on 1000
# clothes. How small is small? Two step sizes (the **learning rate**), from weights that are 0.


# %%
def descend(rate, steps=30):
    weights, losses = tf.Variable(tf.zeros((784, 10))), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = loss_of(labels, batch @ weights)
        losses.append(float(loss))
        weights.assign_sub(rate * tape.gradient(loss, weights))
    return losses, weights


runs = {rate: descend(rate) for rate in (0.1, 0.5)}

# %%
for rate, (losses, _) in runs.items():
    falls = bool((np.diff(losses) < 0).all())
    print(f"rate {rate}: first loss {losses[0]:.2f}, falls at every step: {falls}")
losses, weights = runs[0.1]
right = float((np.argmax(batch @ weights, axis=1) == labels).mean())
print("rate 0.1: last loss below 1.1:", losses[-1] < 1.1, " right on over 0.6:", right > 0.6)

# %% tags=["nbval-ignore-output"]
fig, ax = plt.subplots(figsize=(6, 2.8))
for rate, (losses, _) in runs.items():
    plots.draw_curve(ax, range(30), losses, label=f"rate {rate}", x_label="step",
                     y_label="cross-entropy")
plots.show(fig)

# %% [markdown]
# Weights of 0 are as *clueless* as can be, so both begin at 2.30. With 0.1 the loss falls at every
# step. With 0.5 the step overshoots the valley and the loss jumps about: the slope is true only
# nearby. (One lecture links to a page on which one can play with gradient descent; with this cell
# you can, too.)
#
# ## The Jacobian that nobody builds
#
# A lecture asks: an image of 224 x 224 x 3 and a layer z = W x with 4096 outputs. What is the
# size of ∂z/∂W? Such a table of the slopes of *all* outputs with regard to *all* weights is called
# a **Jacobian**: a row for each output, a column for each weight.
#
# **Predict:** how many of its entries are not zero?

# %%
prediction = None  # "A": all, "B": half, "C": one in 4096, "D": one in 150,528 (the inputs)


# %%
def jacobian(x, outputs):  # a row for each output, a column for each weight
    W = tf.Variable(tf.ones((outputs, len(x))))
    with tf.GradientTape(persistent=True) as tape:
        z = tf.linalg.matvec(W, x)
    return tape.jacobian(z, W, experimental_use_pfor=False).numpy().reshape(outputs, -1)


# %% claims="N037"
for inputs, outputs in ((3, 4), (50, 4), (5, 32)):
    table = jacobian(tf.range(1.0, inputs + 1), outputs)
    print(f"{inputs} inputs, {outputs} outputs: not zero 1 in {1 / (table != 0).mean():.0f}")
columns = 224 * 224 * 3 * 4096  # weights; in each column one entry is not zero
entries = 4096 * columns
print(f"the lecture's: {entries:,} entries, {4 * entries / 1e12:.1f} TB in float32, "
      f"not zero 1 in {entries // columns}")
letter = {1: "A", 2: "B", 4096: "C", 150528: "D"}[entries // columns]
predictions.choice("entries that are not zero", prediction, letter,
                   {"A": "all", "B": "half", "C": "one in 4096", "D": "one in 150,528"},
                   surprise="A weight goes into one output only: one entry a column.")

# %% [markdown]
# Ten terabytes, and as good as nothing in them. Here is such a table in small: three inputs 2, -1
# and 3, four outputs, so 4 rows and 12 columns.

# %%
x = tf.constant([2.0, -1.0, 3.0])
table = jacobian(x, 4)
titles = ["The Jacobian ∂z/∂W: a row an output, a column a weight", "What is kept: x"]
fig, axes = plots.grid_axes(table.shape, (1, 3), titles=titles)
for ax, title, numbers in zip(axes, titles, (table, x)):
    plots.draw_grid(ax, numbers, title=title, colours="signed")
plots.show(fig)

# %% [markdown]
# 48 numbers, 36 of them 0. Each row holds x, the same three numbers, under the weights of its own
# output. So whoever keeps x keeps the whole table. And nobody needs the table itself, only its
# product with what arrives from above. That is the outer product again:

# %%
upstream = np.array([1.0, 0.0, -2.0, 10.0])
by_table = (upstream @ table).reshape(4, 3)
print(by_table.astype(int).tolist())
print("the same as upstream_i x_j:", bool((by_table == np.outer(upstream, x)).all()))
kept = 224 * 224 * 3
print(f"the lecture's layer keeps {kept:,} numbers, {4 * kept / 1e6:.1f} MB, to go backward")
print(f"the table has {entries // kept:,} times as many")

# %% [markdown]
# No gate builds its Jacobian. `backward` goes straight from what arrives to the product, called a
# *vector-Jacobian product*; `linear_gradient` was one. So a layer's way
# back takes two products of arrays, one for x and one for the weights, where its way forward takes
# one. That is why all slopes together cost no more than a few passes.
#
# ## Recap
#
# - Backward, each gate multiplies what arrives by its **local gradient**: + copies, max routes, ×
#   switches and scales. Where a value is used twice, gradients are **added**.
# - The weights of a layer get what came in times what arrives. The **Jacobian**, 10.1 TB for one
#   layer, is never built.
# - Softmax with cross-entropy sends back **p minus one-hot**.
#
# To play: put other numbers into a graph above, change a + into a max, and write the gradients on
# paper before the drawing appears. Next, notebook 7: what activations let through on the way back.

# %%
predictions.recap()

# %%
checks.progress()
