"""Exercises on the parts of well-known networks, and on what they cost."""
