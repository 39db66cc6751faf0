"""Checks of the exercises on kernels."""
