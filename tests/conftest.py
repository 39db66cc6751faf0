"""What all tests share."""

import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def child():
    """A process for learners' cells: the second transport."""
    from helpers.checks.child import Child

    # Its first answer waits for TensorFlow, which takes a busy machine long to import.
    with Child(seconds=300) as process:
        yield process
