"""Exercises on what a trained network looks at."""
