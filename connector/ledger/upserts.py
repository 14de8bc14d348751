"""An insert that can update on conflict, in the dialect of the database at hand."""

from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def upsert(bind: Connection | Engine, table: Any) -> Any:
    """An insert into a table that takes `on_conflict_do_update`."""
    return (sqlite_insert if bind.dialect.name == "sqlite" else postgresql_insert)(table)
