"""What the tests of the images share; they are collected by `make image` alone."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.image.containers import Volume

# A bare clone has no container engine, and `make test` skips nothing.
collect_ignore_glob = [] if "GALLRA_ENGINE" in os.environ else ["test_*.py"]


@pytest.fixture
def volume() -> Iterator["Volume"]:
    """A new volume, gone when the test is."""
    from tests.image.containers import new_volume

    with new_volume() as one:
        yield one
