"""An insert that can update on conflict, in the dialect of the database at hand."""

from typing import Any

from sqlalchemy import Connection, Engine

from connector.ledger.dialect import of


def upsert(bind: Connection | Engine, table: Any) -> Any:
    """An insert into a table that takes `on_conflict_do_update`."""
    return of(bind).upsert(table)
