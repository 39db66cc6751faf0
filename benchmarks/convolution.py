"""How fast is helpers.convolution.correlate2d, next to a textbook's im2col in NumPy?

    python benchmarks/convolution.py [seconds for each row of the table]

Both do the same work in the same run, by turns, so that whatever else the machine does hits both.
The figure to look at is the ratio: below 1, correlate2d is faster.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers.convolution import correlate2d  # noqa: E402

SHAPES = [  # image (N, H, W, C), kernel (KH, KW, C, F), stride
    ((1, 300, 400, 1), (3, 3, 1, 1), 1),
    ((1, 300, 400, 1), (7, 7, 1, 1), 1),
    ((1, 300, 400, 3), (3, 3, 3, 8), 1),
    ((1, 224, 224, 3), (7, 7, 3, 64), 2),
    ((32, 28, 28, 1), (3, 3, 1, 32), 1),
    ((32, 28, 28, 1), (5, 5, 1, 6), 1),
    ((16, 28, 28, 8), (3, 3, 8, 16), 1),
    ((16, 28, 28, 16), (3, 3, 16, 16), 1),
    ((32, 28, 28, 64), (1, 1, 64, 16), 1),
    ((32, 28, 28, 64), (3, 3, 64, 16), 2),
    ((32, 28, 28, 64), (3, 3, 64, 64), 1),
    ((32, 28, 28, 64), (3, 3, 64, 64), 2),
    ((8, 28, 28, 32), (7, 7, 32, 32), 1),
    ((32, 28, 28, 128), (1, 1, 128, 128), 1),
    ((32, 28, 28, 128), (1, 1, 128, 128), 2),
    ((1, 28, 28, 1), (3, 3, 1, 1), 1),
    ((1, 5, 5, 1), (3, 3, 1, 1), 1),
]


def im2col(image, kernel, stride):
    """The textbook: copy each window into a row of a matrix, then one matrix product."""
    height, width, _, filters = kernel.shape
    windows = sliding_window_view(image, (height, width), axis=(1, 2))[:, ::stride, ::stride]
    batch, rows, columns = windows.shape[:3]
    matrix = windows.transpose(0, 1, 2, 4, 5, 3).reshape(batch * rows * columns, -1)
    return (matrix @ kernel.reshape(-1, filters)).reshape(batch, rows, columns, filters)


def compare(image_shape, kernel_shape, stride, seconds):
    """Median seconds of one call: of im2col, of correlate2d."""
    rng = np.random.default_rng(0)
    image = rng.normal(size=image_shape).astype("float32")
    kernel = rng.normal(size=kernel_shape).astype("float32")
    by_im2col, by_us = im2col(image, kernel, stride), correlate2d(image, kernel, stride)
    np.testing.assert_allclose(by_us, by_im2col, rtol=0, atol=1e-3)

    times = {im2col: [], correlate2d: []}
    end = time.perf_counter() + seconds
    while not times[im2col] or time.perf_counter() < end:
        for version in rng.permutation(list(times)):  # who goes first finds less memory free
            times[version].append(_seconds(version, image, kernel, stride))
    return np.median(times[im2col]), np.median(times[correlate2d])


def _seconds(version, *arguments):
    start = time.perf_counter()
    version(*arguments)
    return time.perf_counter() - start


def main(seconds=1.0):
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many as cores")
    print(f"NumPy {np.__version__}, {os.cpu_count()} cores, threads of OpenBLAS: {threads}\n")
    print("| image (N, H, W, C) | kernel (KH, KW, C, F) | stride | im2col, ms | ours, ms | ratio |")
    print("|---|---|---|---|---|---|")
    for image_shape, kernel_shape, stride in SHAPES:
        textbook, ours = compare(image_shape, kernel_shape, stride, seconds)
        print(f"| {image_shape} | {kernel_shape} | {stride} | {textbook * 1e3:.3f} | "
              f"{ours * 1e3:.3f} | {ours / textbook:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
