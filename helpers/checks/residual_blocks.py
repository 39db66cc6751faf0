"""Exercises on residual blocks, and on what a difference between runs says."""
