"""A small file of SQLite beside the shops' files: opened for each call, so that any thread may ask."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import GallraError
from connector.ledger.dialect.sqlite import BUSY_MS

DURABLE = ("synchronous=FULL", "secure_delete=ON")
"""On disk when a transaction ends; what is deleted is overwritten."""


@contextmanager
def opened(
    path: Path, pragmas: tuple[str, ...], *, unusable: Callable[[Path], GallraError]
) -> Iterator[sqlite3.Connection]:
    """A transaction that is on disk when the block ends.

    Raises what `unusable` makes of the path, where the file cannot be used.
    """
    try:
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level="IMMEDIATE")
    except sqlite3.Error:
        raise unusable(path) from None
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        with connection:
            yield connection
    except sqlite3.DatabaseError:
        raise unusable(path) from None
    finally:
        connection.close()


__all__ = ["DURABLE", "opened"]
