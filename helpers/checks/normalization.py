"""Exercises on batch, layer and group normalization."""
