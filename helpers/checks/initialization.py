"""Exercises on depth, initialization and the size of gradients."""
