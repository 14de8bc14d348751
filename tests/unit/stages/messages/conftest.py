"""A shop that a platform told something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.stages.messages.hearing import Told, make_told


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A shop with a customer of this week, and last year's order of theirs."""
    made = make_told(tmp_path)
    yield made
    made.engine.ledger.engine.dispose()
