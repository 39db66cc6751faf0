# %% [markdown]
# # 2. Slide a kernel over an image
#
# **You will be able to** work out any output of a convolutional layer by hand, say how it differs
# from the convolution of mathematics, write it as one matrix, and read an unknown kernel off two
# pictures.
#
# **You need** notebook 0 (an image is an array of numbers; predict, then run) and NumPy's slices.
# **Time:** 45 minutes; no GPU.
#
# Exercises: `correlate2d` (4 points, 11 min), `convolve2d` (2 points, 6 min), `toeplitz_matrix`
# (2 points, 5 min), `recover_kernel` (2 points, 7 min); `sobel` for practice.

# %% [markdown]
# ## Nine numbers change a photo
#
# A **kernel** is a small table of weights; many people call it a filter. Lay it on a photo.
# Multiply each weight by the pixel under it, add up the nine products, and write the sum into a
# new picture. Slide the kernel one pixel further and do it again. That is all.

# %%
three = [kernels.box_blur(3), kernels.sharpen(), kernels.sobel_x()]
fig, axes = plots.grid_axes((3, 3), (3, 3), (3, 3))
for number, (ax, kernel) in enumerate(zip(axes, three), start=1):
    plots.draw_kernel(ax, kernel, title=f"Kernel {number}")
plots.show(fig)

# %%
cat = datasets.grey(datasets.photo("cat"))
eye, order = cat[73:153, 133:213], np.random.default_rng(5).permutation(3)
pictures = [eye] + [convolution.correlate2d(eye, three[index]) for index in order]
fig, axes = plots.image_axes(*[picture.shape for picture in pictures], width=2.1, scale=False)
for ax, name, picture in zip(axes, ["The photo", "A", "B", "C"], pictures):
    middle = float(picture.mean())  # drawn as middle grey in each picture
    plots.draw_image(ax, picture, title=name, limits=(middle - 0.45, middle + 0.45))
plots.show(fig)

# %% [markdown]
# Each kernel made one of the pictures A, B and C. Think of an even grey area first: what becomes
# of it under each kernel? Then think of a place where dark meets bright.
#
# **Predict:** which picture belongs to kernel 1, which to 2, which to 3?

# %%
prediction = None  # three letters, such as ["A", "B", "C"]

# %%
letters = ["ABC"[list(order).index(number)] for number in range(3)]
print("the weights add up to", *[round(float(kernel.sum()), 3) for kernel in three])
predictions.ranking("the pictures of kernels 1, 2, 3", prediction, letters,
                    surprise="Weights that add up to 1 keep an even area as it is.")

# %% [markdown]
# Kernel 1 takes the mean of nine pixels: it blurs. Kernel 2 adds to each pixel its differences
# from its four neighbours: it sharpens. The weights of both add up to 1, so an even area keeps
# its brightness. The weights of kernel 3 add up to 0. An even area gives 0, drawn here as
# middle grey; level edges vanish and upright ones stand out.
#
# ## By hand
#
# Now one example slowly: an image of 4 x 4 pixels and a kernel of 2 x 2.

# %%
image = np.array([[1, 0.5, 1, 0], [0, 0.25, 0.5, 1], [1, 0.25, 0, 1], [0.5, 0, 1, 1]], "float32")
kernel = np.array([[1, 0], [0, 2]], "float32")
fig, (left, right) = plots.grid_axes((4, 4), (2, 2), titles=("Image and first window", "Kernel"))
plots.draw_grid(left, image, title="Image and first window", window=(0, 0, 2, 2))
plots.draw_kernel(right, kernel, title="Kernel")
plots.show(fig)

# %% claims="N004 N005 N006"
for j in range(3):
    window = image[0:2, j:j + 2]
    print(f"columns {j} and {j + 1}:", window.ravel().tolist(), "times", kernel.ravel().tolist(),
          "add up to", float((window * kernel).sum()))

# %% [markdown]
# The kernel fits at three places beside each other, so the first row of the output has three
# numbers: 1.5, 1.5 and 3. Then it moves down by one pixel.
#
# **Predict** the three numbers of the second row.

# %%
prediction = None  # three numbers, such as [1.5, 1.5, 3]

# %% claims="N007"
output = convolution.correlate2d(image, kernel)
print(output)
predictions.values("second row of the output", prediction, output[1],
                   surprise="The window is now rows 1 and 2 of the image.")

# %% [markdown] topics="T063"
# The slide that this example comes from shows its result as a drawing; in our scan of it the
# kernel stands where the result should be. These are the nine numbers. The output of a kernel is
# called a **feature map**, or activation map.
#
# ## The stride
#
# The kernel need not stop at every pixel. The **stride** is how far it jumps, in pixels.

# %% claims="D009 N010"
for stride in (1, 2):
    jumped = tf.nn.conv2d(image[None, :, :, None], kernel[:, :, None, None], stride, "VALID")
    jumped = jumped[0, :, :, 0].numpy()
    print("stride", stride, "gives", jumped.shape, jumped.tolist())
print("stride 2 is every second output:", np.array_equal(jumped, output[::2, ::2]))

# %% [markdown]
# `tf.nn.conv2d` wants four axes: (images, height, width, channels) and (height, width, channels,
# filters). Its stride 2 combines nothing; it leaves outputs out.
#
# The lecture goes on with a kernel of 3 x 3. One of its weights cannot be read any more: it is
# 0.5 or 5. The size of the output does not depend on it.

# %% claims="N011 N012"
for unread in (0.5, 5):
    by_three = convolution.correlate2d(image, [[1, unread, 1], [0, 1, 2], [1, 1, 0]])
    print(f"with {unread}:", by_three.shape, by_three.tolist())

# %% [markdown]
# ## Exercise: `correlate2d` (4 points, about 11 minutes)
#
# Write the rule as a function: an image (H, W), a kernel (KH, KW), one stride for both axes.
# The kernel stays inside the image, and it lies on it as it is written. Height and width may
# differ. Use NumPy only. First the number of places on each axis, then the sum at each of them.


# %% exercise="correlate2d"
def correlate2d(image, kernel, stride=1):
    """Slide a kernel (KH, KW) over an image (H, W), inside it, `stride` pixels at a time."""
    ### BEGIN SOLUTION
    (height, width), (rows, columns) = image.shape, kernel.shape
    output = np.zeros(((height - rows) // stride + 1, (width - columns) // stride + 1))
    for i, j in np.ndindex(*output.shape):
        top, left = i * stride, j * stride
        output[i, j] = (image[top:top + rows, left:left + columns] * kernel).sum()
    return output
    ### END SOLUTION


# %% check="correlate2d"
checks.convolution.correlate2d(correlate2d)

# %% [markdown]
# ## A kernel that finds edges
#
# Kernel 3 has a name, Sobel. Here is a wall that is dark on the left and bright on the right,
# and the same wall seen in a mirror. Both are even but for one place.

# %% claims="Q024"
wall = np.array([[0, 0, 0, 1, 1, 1]] * 3, "float32")
print("dark to bright:", convolution.correlate2d(wall, kernels.sobel_x())[0].tolist())
print("bright to dark:", convolution.correlate2d(wall[:, ::-1], kernels.sobel_x())[0].tolist())

# %% [markdown]
# Two windows contain the step; they give 4, or -4 in the mirror. All others give 0. The sign says
# in which direction the wall gets brighter. Turned by a quarter, the kernel finds edges that lie
# flat.

# %%
dx, dy = (convolution.correlate2d(cat, taps) for taps in (kernels.sobel_x(), kernels.sobel_y()))
fig, axes = plots.image_axes(cat.shape, dx.shape, dy.shape, width=2.4)
plots.draw_image(axes[0], cat, title="The photo", limits=(0, 0.8))
plots.draw_signed(axes[1], dx, title="dx: brighter to the right", limit=1)
plots.draw_signed(axes[2], dy, title="dy: brighter downwards", limit=1)
plots.show(fig)

# %% [markdown]
# ## Practice: `sobel` (no points)
#
# Make both maps, with their signs. The kernel for `dx` is the third of the kernels at the top of
# this notebook; type its nine numbers. `dy` is positive where the image gets brighter downwards.
# Images may be `uint8`; the maps must hold negative numbers. `convolution.correlate2d` may be
# called.


# %% exercise="sobel"
def sobel(image):
    """Both slopes of an image (H, W): (dx, dy), each (H - 2, W - 2), with their signs."""
    ### BEGIN SOLUTION
    to_the_right = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "float32")
    slopes = [convolution.correlate2d(image, taps) for taps in (to_the_right, to_the_right.T)]
    return tuple(slopes)
    ### END SOLUTION


# %% check="sobel"
checks.kernels.sobel(sobel)

# %% [markdown]
# ## Light a single pixel
#
# To find out what an unknown machine does, give it the smallest signal there is. Here that is a
# black image with one bright pixel in the middle, 5 x 5. The kernel holds the numbers 1 to 9:
#
#     1 2 3
#     4 5 6
#     7 8 9
#
# **Predict:** what does the layer make of it?

# %%
prediction = None  # "A": the kernel as written, "B": turned by half a circle, "C": mirrored

# %%
point, nine = np.zeros((5, 5), "float32"), np.arange(1, 10, dtype="float32").reshape(3, 3)
point[2, 2] = 1
lit = tf.nn.conv2d(point[None, :, :, None], nine[:, :, None, None], 1, "VALID").numpy()[0, :, :, 0]
predictions.choice("a pixel under the kernel 1 to 9", prediction, "B" if lit[0, 0] == 9 else "A",
                   {"A": "the kernel as written", "B": "turned by half a circle", "C": "mirrored"},
                   surprise="In the first window the bright pixel lies under the last weight.")

# %%
grids = {"Image and first window": point, "Kernel": nine, "Correlation (the layer)": lit,
         "Convolution": convolution.convolve2d(point, nine, "valid")}
fig, axes = plots.grid_axes((5, 5), (3, 3), (3, 3), (3, 3), titles=list(grids), cell=0.42)
for ax, (name, grid) in zip(axes, grids.items()):
    plots.draw_grid(ax, grid, title=name, window=(0, 0, 3, 3) if grid is point else None)
plots.show(fig)

# %% [markdown]
# The first window has the bright pixel in its last corner, under the 9. So the 9 comes out first.
# The layer takes the kernel as it is, so a point makes a picture of the kernel turned by half a
# circle. This is called **correlation**. One lecture writes it as a formula: `V(x, y)` is the sum
# of `I(x + m, y + n) K(m, n)` over all **taps**, the places of the kernel. Note the plus.

# %% claims="F001"
taps = list(np.ndindex(3, 3))
formula = [sum(point[x + m, y + n] * nine[m, n] for m, n in taps) for x, y in np.ndindex(3, 3)]
print("the formula with plus:", *map(int, formula))
print("tf.nn.conv2d:         ", *map(int, lit.ravel()))

# %% [markdown]
# In mathematics **convolution** has a minus in that place: `f[x, y] * g[x, y]` is the sum of
# `f[n1, n2] g[x - n1, y - n2]`. Every bright pixel turns into a copy of the kernel, the right way
# up. Another lecture calls the layer convolutional because it is *related* to this. Related is
# right, equal is not: half a turn lies between them.

# %% claims="F012"
mathematics = convolution.convolve2d(point, nine, "valid")
by_layer = convolution.correlate2d(point, kernels.flip(nine))
spread = tf.nn.conv2d_transpose(np.ones((1, 1, 1, 1), "float32"), nine[:, :, None, None],
                                (1, 3, 3, 1), 1, "VALID").numpy()
print("convolution:", *map(int, mathematics.ravel()))
print("layer with turned kernel, the same:", np.array_equal(by_layer, mathematics))
print("conv2d_transpose:", *map(int, spread.ravel()))

# %% [markdown]
# TensorFlow has an operation that does spread a pixel into the kernel as written; it is the one
# for making pictures larger, `conv2d_transpose`.
#
# ## Does the slide hold?
#
# Back to the 4 x 4 example. The slide writes image `*` kernel, with the sign of convolution, and
# its first number is 1.5. Turn the kernel [[1, 0], [0, 2]] by half a circle and work out the
# first number again, before you run the next cell.

# %% claims="D001"
print("correlation:", output.tolist())
print("convolution:", convolution.convolve2d(image, kernel, "valid").tolist())

# %% [markdown]
# 2.25, not 1.5: the slide's `*` is a correlation. All of deep learning speaks that way, since a
# layer *learns* its kernel. If it needs a turned one, it learns a turned one.
#
# Why does hardly anyone notice? Look at four kernels that the lectures use as examples.

# %%
examples = {"2 x 2 above": kernel, "diagonal cross": [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
            "edges": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
            "emboss": [[4, 0, 0], [0, 0, 0], [0, 0, -4]]}
for name, weights in examples.items():
    turned = kernels.flip(weights)
    same, negative = np.array_equal(turned, weights), np.array_equal(turned, -np.array(weights))
    print(f"{name:15} half a turn gives",
          "itself" if same else "its negative" if negative else "another kernel")

# %% [markdown]
# With the cross both give the same, and two others only change their sign. Here is the
# example that goes with the cross: a picture of zeros and ones. The slide shows its first number,
# 4.

# %% claims="N024"
binary = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
cross = examples["diagonal cross"]
print("correlation:", convolution.correlate2d(binary, cross).astype(int).tolist())
print("convolution:", convolution.convolve2d(binary, cross, "valid").astype(int).tolist())

# %% [markdown]
# And this one goes with the emboss kernel: nine products that add up to the new value of the
# *source pixel*, the one under the middle of the kernel. The sum itself is not in our scan.

# %% claims="N023"
source = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 2]])
products = source * examples["emboss"]
print("products", products.ravel().tolist(), "sum", int(products.sum()))

# %% [markdown]
# "Under the middle" needs a middle. Light one pixel in row 3, counted from 0, of 7 x 7 and see
# which outputs it reaches, when the output is as large as the image.

# %% claims="Q119"
seven = np.zeros((1, 7, 7, 1), "float32")
seven[0, 3, 3] = 1
for size in (3, 2):
    reached = tf.nn.conv2d(seven, tf.ones((size, size, 1, 1)), 1, "SAME")[0, :, 3, 0].numpy()
    rows = np.flatnonzero(reached)
    print(f"{size} x {size}: rows", *rows, " middle", float(rows.mean()))

# %% [markdown]
# A kernel of even size has no middle, and its output sits half a pixel off. That is one reason
# for 3 x 3 and 5 x 5.
#
# ## Exercise: `convolve2d` (2 points, about 6 minutes)
#
# Write the convolution of mathematics in its **full** form: every place counts at which kernel
# and image share at least one pixel; what lies outside is 0. So the image grows, to
# (H + KH - 1, W + KW - 1). `convolution.correlate2d` may be called.


# %% exercise="convolve2d"
def convolve2d(image, kernel):
    """Full convolution of an image (H, W) with a kernel (KH, KW): (H + KH - 1, W + KW - 1)."""
    ### BEGIN SOLUTION
    sides = [(taps - 1, taps - 1) for taps in kernel.shape]
    return convolution.correlate2d(np.pad(image, sides), kernel[::-1, ::-1])
    ### END SOLUTION


# %% check="convolve2d"
checks.convolution.convolve2d(convolve2d)

# %% [markdown]
# ## Convolution is a matrix
#
# On a row of numbers the formula is `c[t]`, the sum of `a[τ] b[t - τ]` over all τ. Read it as
# copies: each number of `a` lays down a copy of `b`, times itself, one step further each time.

# %% claims="N019 F010"
a, b = np.array([2, -1, 1]), np.array([1, 1, 2])
copies = np.zeros((3, 5), int)
for step, weight in enumerate(a):
    copies[step, step:step + 3] = weight * b
print(copies, "add up to", copies.sum(axis=0), sep="\n")
print("np.convolve:", np.convolve(a, b))

# %% [markdown]
# The copies of `b` stand in the rows here. Stand them upright instead, without their factors, and
# you have a matrix `T`, and `T @ a` takes 2, -1 and 1 of them.

# %% claims="N020"
T = np.array([[1, 0, 0], [1, 1, 0], [2, 1, 1], [0, 2, 1], [0, 0, 2]])
print(T.shape, "T @ a =", T @ a)

# %%
fig, ax = plots.grid_axes((5, 3), titles=["(1, 1, 2) as a matrix"])
plots.draw_kernel(ax, T, title="(1, 1, 2) as a matrix")
plots.show(fig)

# %% [markdown]
# A matrix that is constant along its diagonals is a **Toeplitz matrix**. (Our scan of the slide
# shows four rows of it; five outputs need five.)
#
# Two properties come with it. Convolution does not care which of the two is the image:
# a * b = b * a. Correlation does.

# %% claims="F013"
print("convolution", np.convolve(a, b), np.convolve(b, a))
print("correlation", np.correlate(a, b, "full"), np.correlate(b, a, "full"))

# %% [markdown]
# And a matrix is linear: mix two photos and blur them, or blur them and mix; it comes to the
# same. A layer adds a bias, one number more on each output, and then it is linear no longer.

# %% claims="F014 Q025"
x, y = (datasets.grey(datasets.photo(name))[:200, :200] for name in ("cat", "coffee"))
blurred = [convolution.convolve2d(one, kernels.gaussian(5)) for one in (x, y, 2 * x - 3 * y)]
print("mixed later or sooner, the same:",
      np.allclose(2 * blurred[0] - 3 * blurred[1], blurred[2], atol=1e-5))
x_biased, y_biased, mixed_biased = (one + 0.5 for one in blurred)
off = mixed_biased - (2 * x_biased - 3 * y_biased)
print("with a bias of 0.5 they differ by", round(float(off.mean()), 3))

# %% [markdown]
# ## Exercise: `toeplitz_matrix` (2 points, about 5 minutes)
#
# Build the matrix `T` with which `T @ x` is the full convolution of a kernel with a row `x` of
# `size` numbers. Kernel and row need not have the same length.


# %% exercise="toeplitz_matrix"
def toeplitz_matrix(kernel, size):
    """The matrix T, (size + len(kernel) - 1, size), with T @ x == np.convolve(kernel, x)."""
    ### BEGIN SOLUTION
    matrix = np.zeros((size + len(kernel) - 1, size))
    for column in range(size):
        matrix[column:column + len(kernel), column] = kernel
    return matrix
    ### END SOLUTION


# %% check="toeplitz_matrix"
checks.convolution.toeplitz_matrix(toeplitz_matrix)

# %% [markdown]
# ## Find a kernel from two pictures
#
# A slide shows an image, a kernel and the full convolution of the two. In our scan the kernel has
# come apart. Can it be read off the other two? It is 2 x 2.

# %%
small = np.array([[1, 3, 1], [0, -1, 1], [2, 2, -1]])
printed = np.array([[1, 5, 7, 2], [0, -2, -4, 1], [2, 6, 4, -3], [0, -2, -2, 1]])
fig, (left, right) = plots.grid_axes((3, 3), (4, 4))
plots.draw_grid(left, small, title="Image", colours="signed")
plots.draw_grid(right, printed, title="Convolution", colours="signed")
plots.show(fig)

# %% [markdown]
# Begin in the corner. The first output, 1, is the first pixel times the first weight, and nothing
# else. The second output in that row, 5, is the first pixel times the second weight plus the
# second pixel times the first weight. Go on like this; four outputs are enough.
#
# **Predict** the four weights, in reading order.

# %%
prediction = None  # four whole numbers, such as [4, 3, 2, 1]


# %% claims="N021"
def peel(image, output, kernel_shape):
    kernel = np.zeros(kernel_shape)
    for tap in np.ndindex(*kernel_shape):
        unexplained = output - convolution.convolve2d(image, kernel)
        kernel[tap] = unexplained[tap] / image[0, 0]
    return kernel


found = peel(small, printed, (2, 2))
print("all 16 numbers explained:", np.array_equal(convolution.convolve2d(small, found), printed))
predictions.values("the hidden kernel", prediction, found,
                   surprise="Each new output brings in one new weight, times the first pixel.")

# %% [markdown]
# The slide prints its last pixel twice, once as -1 and once as 4. Now we can tell which is right.
# The slide's own formula, the sum of `A[s, t] B[i - s, j - t]`, says what an output is made of.

# %% claims="F011 N022"
for last in (-1, 4):
    small[2, 2] = last
    fits = np.array_equal(convolution.convolve2d(small, found), printed)
    print(f"last pixel {last}: fits the printed output: {fits}")
products = [int(small[s, t] * found[1 - s, 1 - t]) for s, t in np.ndindex(2, 2)]
print("output [1, 1] is the sum of", products, "=", sum(products), "printed:", int(printed[1, 1]))

# %% [markdown]
# Nine pixels could be luck. Take the cat's eye, 80 x 80 pixels, filtered with that kernel. From
# the photo and the filtered photo alone, get the kernel back, and lay it beside what can still be
# made out of the slide's drawing.

# %%
photo = datasets.photo("cat")[73:153, 133:213, 1].astype("float64")  # the green channel
filtered = convolution.convolve2d(photo, [[1, 2], [0, -1]])
recovered = peel(photo, filtered, (2, 2)).round(6)
drawing = np.array([[-1, 0], [2, 1]])
print("recovered", recovered.tolist(), " the drawing", drawing.tolist(),
      " turned", kernels.flip(drawing).tolist())

# %%
fig, axes = plt.subplots(1, 4, figsize=(8.8, 2.4), width_ratios=[3, 3, 2, 2])
plots.draw_image(axes[0], photo, title="Photo (0 to 200)", limits=(0, 200))
plots.draw_image(axes[1], filtered, title="Filtered (0 to 400)", limits=(0, 400))
plots.draw_kernel(axes[2], recovered, title="Recovered kernel")
plots.draw_kernel(axes[3], drawing, title="The slide's drawing")
plots.show(fig)

# %% [markdown]
# Drawn on scales of 0 to 200 and 0 to 400 the two photos hardly differ, yet the second one holds
# all four weights. And the kernel lies in the drawing turned by half a circle. So the slide does
# not show the kernel but the kernel *as it slides*: turned, ready to be laid on the image. Here is
# the half turn of convolution.
#
# ## Exercise: `recover_kernel` (2 points, about 7 minutes)
#
# The method above depends on one pixel. If it is 0, nothing comes out, and if the output
# was rounded, one wrong number spoils all that follow. Use every output pixel instead. Each is one
# linear equation for the weights: many more equations than unknowns, and
# `np.linalg.lstsq(matrix, numbers, rcond=None)[0]` finds the weights that fit them best.


# %% exercise="recover_kernel"
def recover_kernel(image, output, kernel_shape):
    """The kernel whose full convolution with `image` comes nearest to `output` (least squares)."""
    ### BEGIN SOLUTION
    columns = []
    for row, column in np.ndindex(*kernel_shape):
        copy = np.zeros(output.shape)
        copy[row:row + image.shape[0], column:column + image.shape[1]] = image
        columns.append(copy.ravel())
    weights = np.linalg.lstsq(np.stack(columns, axis=1), output.ravel(), rcond=None)[0]
    return weights.reshape(kernel_shape)
    ### END SOLUTION


# %% check="recover_kernel"
checks.convolution.recover_kernel(recover_kernel)

# %% [markdown]
# ## What the matrix is missing
#
# A kernel of 2 x 2 takes 4 x 4 pixels to 3 x 3 outputs. A dense layer from 16 numbers to 9 has a
# matrix of 9 x 16 = 144 weights. Our layer is such a matrix as well: a row for each output, a
# column for each pixel. The weights 1, 2, 3 and 4 stand in it, and zeros.
#
# **Predict:** how many of the 144 numbers are not zero?

# %%
prediction = None  # a whole number


# %%
def as_matrix(kernel, height, width, padding="valid"):
    pixels = np.eye(height * width).reshape(-1, height, width)  # one lit pixel each
    outputs = [convolution.correlate2d(lit, kernel, padding=padding).ravel() for lit in pixels]
    return np.stack(outputs, axis=1)


matrix = as_matrix([[1, 2], [3, 4]], 4, 4)
predictions.number("numbers that are not zero", prediction, np.count_nonzero(matrix),
                   surprise="9 outputs, and each looks at 4 pixels.")

# %%
headline = "A row for each of 9 outputs, a column for each of 16 pixels"
fig, ax = plots.grid_axes((9, 16), cell=0.36, titles=[headline])
plots.draw_kernel(ax, matrix, title=headline)
plots.show(fig)

# %% [markdown]
# The zeros say: each output looks at a few pixels near each other (**local connectivity**). The
# repeats say: all outputs use the same four weights (**weight sharing**). Keras counts them, and
# one bias more for each output of the dense layer, or for each kernel. All are trainable.

# %% claims="N008 N009 Q143"
dense, layer = keras.layers.Dense(9), keras.layers.Conv2D(1, 2)
dense.build((None, 16))
layer.build((None, 4, 4, 1))
for name, made in (("Dense", dense), ("Conv2D", layer)):
    weights, trainable = made.weights[0], [tuple(v.shape) for v in made.trainable_variables]
    print(f"{name}: {np.prod(weights.shape)} weights, {made.count_params()} with bias; "
          f"trainable: {trainable}")

# %% [markdown]
# Read the matrix by columns, and you see how many outputs a pixel reaches: the numbers that are
# not zero in its column. A 3 x 3 kernel on 4 x 4 pixels gives four outputs. One lecture gives each
# a colour and says that not every input pixel has all four. Which pixels have?

# %% claims="Q010 Q011"
print(np.count_nonzero(as_matrix(np.ones((3, 3)), 4, 4), axis=0).reshape(4, 4))
row_of_five = as_matrix(np.ones((1, 3)), 1, 5, padding="same")
print("a row of 5, 3 taps: pixels reach", *np.count_nonzero(row_of_five, axis=0), "outputs;",
      "the middle output sees", np.count_nonzero(row_of_five[2]), "pixels")

# %% [markdown]
# A corner pixel reaches one output, and the four pixels in the centre reach all four. Had the
# layer been dense, each pixel would reach them all. So the image must be large compared with the
# kernel before "local" means much.
#
# And how often is each weight used? Here are 8 pixels in a row and the taps 1, 2, 3.

# %% claims="Q014"
for mode in ("valid", "same"):
    eight = as_matrix(np.array([[1, 2, 3]]), 1, 8, padding=mode)
    print(mode, "uses each tap", *[np.count_nonzero(eight == tap) for tap in (1, 2, 3)], "times")

# %% [markdown]
# Each weight is used at all places. With zeros around the row the outer taps sometimes lie on
# nothing. The lectures add that a unit is connected to all *channels* of its window: usually.
# `groups` makes it see only some of them; notebook 5 has more.

# %% claims="Q015"
for groups in (1, 3):
    layer = keras.layers.Conv2D(6, 3, groups=groups)
    layer.build((None, 8, 8, 3))
    print(f"groups={groups}: kernel {tuple(layer.kernel.shape)}, sees {layer.kernel.shape[2]} of 3")

# %% [markdown]
# ## Does the slide hold?
#
# A summary slide says "Convolutional (Translation invariance)". Move the cat 60 pixels to the
# right; what leaves on the right comes back on the left. What happens to its edges, the map `dx`,
# away from the left and right border?

# %%
prediction = None  # "A": the map stays the same, "B": it moves by 60 too, "C": it changes otherwise

# %% claims="Q115"
moved = np.roll(cat, 60, axis=1)
before, after = (convolution.correlate2d(one, kernels.sobel_x()) for one in (cat, moved))
stays = float(np.abs(after - before).max())
moves = float(np.abs(after[:, 60:] - before[:, :-60]).max())
print("largest difference if it stays:", round(stays, 2), " if it moves too:", round(moves, 2))
print("mean edge before and after:", *[round(float(np.abs(m).mean()), 2) for m in (before, after)])
predictions.choice("edges of a moved cat", prediction, "B" if moves < stays else "A",
                   {"A": "the same", "B": "moved by 60", "C": "changed otherwise"})

# %% [markdown]
# The map moves with the cat. The word for that is **equivariance**. Invariance means that nothing
# changes, and it takes one more step: a number that forgets the place, such as the mean
# strength of all edges, which is nearly the same here.
#
# The same slide says that local filters make a network stable under small *deformations*. Bend
# the photo: shift each row by up to 2 pixels, in waves. How much does each map change?

# %% claims="Q116"
shifts = np.round(2 * np.sin(np.arange(300) / 8)).astype(int)
bent = np.stack([np.roll(row, shift) for row, shift in zip(cat, shifts)])
filters = {"pixels": kernels.identity(), "blur": kernels.gaussian(9, 2), "edges": kernels.sobel_y()}
for name, taps in filters.items():
    before, after = (convolution.correlate2d(one, taps) for one in (cat, bent))
    change = np.linalg.norm(after - before) / np.linalg.norm(before - before.mean())
    print(f"{name}: {change:.2f}")

# %% [markdown]
# Being local is not enough. A filter that blurs makes the change smaller, one that takes
# differences makes it larger. The stability that the slide means is proved for filters designed
# for it; what a network learns need not have it. (The slide's source, "Bronstein et al., 2018",
# is probably the survey of 2017.) That deeper layers see more abstract things is a claim about
# trained networks, and notebook 17 looks into some.
#
# ## How fast?
#
# A Fourier transform (FFT) turns convolution into one product for each frequency, so a larger
# kernel costs hardly more. A slide calls it the efficient implementation. Is it? Here are both
# ways on the cat, in milliseconds.

# %% tags=["nbval-ignore-output"]
import timeit

from scipy import signal

taken, batch = {}, tf.constant(cat[None, :, :, None])
for size in (3, 7, 15, 31):
    box = kernels.box_blur(size)
    ways = (lambda: tf.nn.conv2d(batch, box[:, :, None, None], 1, "VALID").numpy(),
            lambda: signal.fftconvolve(cat, box, "valid"))
    taken[size] = [1000 * min(timeit.repeat(way, number=1, repeat=5)) for way in ways]
    print(f"{size:2} x {size:2}: tf.nn.conv2d {taken[size][0]:5.1f}, FFT {taken[size][1]:5.1f}")

# %% claims="Q117"
for size in (31, 3):
    print(f"{size} x {size}: FFT at least 3 times as fast:", taken[size][0] > 3 * taken[size][1])

# %% [markdown]
# It is, for large kernels on a CPU. The list shows from which size on. The kernels of most
# networks are 3 x 3, and there it gains little or nothing. (The slide adds that a GPU is faster
# still; this course runs without one.)
#
# ## Recap
#
# - A layer lays the kernel on each window **as it is written** and adds up the products:
#   correlation. Convolution turns the kernel by half a circle first.
# - Either is **one matrix**: few of its numbers are not zero, and these repeat.
# - Move the image, and the map moves along: **equivariance**, not invariance.
#
# To play: put a kernel of your own among the `three` at the top. What must its weights add up to,
# so that an even area stays as bright as it is? Next, notebook 3: what happens at the border.

# %%
predictions.recap()

# %%
checks.progress()
