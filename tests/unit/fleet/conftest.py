"""A fleet of each test's own."""

from collections.abc import Iterator

import pytest

from connector.fleet.database import Connection
from tests.fleet_support import new_fleet, opened


@pytest.fixture
def url() -> str:
    """The address of an empty fleet's database."""
    return new_fleet()


@pytest.fixture
def database(url: str) -> Iterator[Connection]:
    """A connection to it."""
    with opened(url) as connection:
        yield connection
