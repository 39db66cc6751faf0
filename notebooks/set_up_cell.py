# Set-up: run this cell first. It is the same in every notebook; running it twice does no harm.
import os, pathlib, subprocess, sys, tempfile

here = pathlib.Path.cwd()
course = next((p for p in (here, *here.parents) if (p / "helpers" / "notebook.py").is_file()), None)
if course is None:  # a notebook on its own, as in Colab: fetch the rest of the course once
    course = pathlib.Path(tempfile.gettempdir()) / "cnn-course-@tag@"
    url = os.environ.get("CNN_COURSE_REPOSITORY", "@repository@")
    clone = f"git clone --quiet --depth 1 --branch @tag@ {url} {course}"
    if not course.is_dir() and subprocess.run(clone.split(), capture_output=True).returncode:
        raise RuntimeError(f"The course's helpers could not be fetched from {url}: connect to the "
                           "network and run this cell again, or open the notebook inside a copy "
                           "of the whole course.")
if str(course) not in sys.path:
    sys.path.insert(0, str(course))

from helpers.notebook import set_up

set_up(seed=0)  # seed, deterministic operations, figure defaults, log level

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from helpers import (checks, convolution, datasets, kernels, layers, models, neighbours, padding,
                     plots, predictions, shapes, training, transformations, visualization)
