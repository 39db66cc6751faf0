"""Checks of the exercises on shapes."""
