"""Exercises on a label for each pixel."""
