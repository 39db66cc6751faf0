"""Checks of the exercises on channels: the bias, the whole layer, 1x1 and separable ones."""
