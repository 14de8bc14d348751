"""An engine over an in-memory shop, for every test of the stages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_support import Engine, make_engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The stages of one shop, its ledger in an empty folder; what they wrote is vouched for at the end."""
    made = make_engine(tmp_path)
    yield made
    if not made.changed_by_hand:
        assert made.breaks() == []
    made.ledger.engine.dispose()
