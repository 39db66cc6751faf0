"""Exercises on augmentation and dropout."""
