"""Fixtures that every test may use, and how many examples a property is tried on."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import shared_folder

# Neither a deadline nor a check of speed: how fast an example is says nothing on a loaded machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", patient, max_examples=100)
settings.register_profile("nightly", patient, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder of recordings and schedules."""
    return shared_folder()
