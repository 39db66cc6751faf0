"""The exercise of the last notebook: a network and the recipe that trains it."""
