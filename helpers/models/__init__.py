"""Networks of the literature, built in Keras from their papers.

Each function gives a Keras model with random weights, not compiled. Its docstring names the table
or the figure that it follows, and what the paper leaves open.
"""

from helpers.models.alexnet import alexnet, alexnet_parameters, local_response_normalization
from helpers.models.cost import Cost, cost_of_layers
from helpers.models.densenet import dense_block, densenet121
from helpers.models.googlenet import googlenet, inception_block
from helpers.models.lenet import C3_SEES, lenet5, lenet5_1998, scaled_tanh
from helpers.models.resnet import resnet50
from helpers.models.unet import unet
from helpers.models.vgg import vgg16
