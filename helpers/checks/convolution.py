"""Checks of the exercises on convolution."""
