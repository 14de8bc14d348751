"""Fixtures that every test may use."""

from pathlib import Path

import pytest

from tests.support import shared_folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder of recordings and schedules."""
    return shared_folder()
