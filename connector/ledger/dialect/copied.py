"""Many rows to PostgreSQL at once: copied to a table of this session, written from there by one statement."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    select,
)
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Insert, Update, UpdateBase
from sqlalchemy.types import TypeEngine

FEW = 40
"""So few rows are as fast one by one."""

_Types = dict[str, "TypeEngine[Any]"]


def copy_rows(
    connection: Connection, statement: UpdateBase, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> bool:
    """Runs a statement for many rows in one go; False where it must be run row by row."""
    if len(rows) < FEW:
        return False
    types = _types(statement, names)
    if types is None or not _each_once(statement, names, rows):
        return False
    beside = _table(connection, types)
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{beside.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(_from(statement, beside, names))
    connection.exec_driver_sql(f'TRUNCATE "{beside.name}"')
    return True


def _types(statement: UpdateBase, names: Sequence[str]) -> _Types | None:
    """What type each name is of; None where that cannot be told, or the statement is of another make."""
    if isinstance(statement, Insert):
        if statement.select is not None or statement._multi_values or statement._values:
            return None
        return {name: statement.table.c[name].type for name in names}
    found: _Types = {}
    for column, value in (statement._values or {}).items() if isinstance(statement, Update) else ():
        if isinstance(value, BindParameter):
            found[value.key] = statement.table.c[column if isinstance(column, str) else column.name].type
    for bound in _bound(statement):
        found.setdefault(bound.key, bound.type)
    return {name: found[name] for name in names} if set(names) <= found.keys() else None


def _bound(statement: Any) -> Iterator["BindParameter[Any]"]:
    if statement.whereclause is not None:
        for one in visitors.iterate(statement.whereclause):
            if isinstance(one, BindParameter):
                yield one


def _each_once(statement: UpdateBase, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether no two rows can mean the same: what the second would find is not what the first left."""
    if isinstance(statement, Insert):
        return True
    keys = {bound.key for bound in _bound(statement)}
    places = [place for place, name in enumerate(names) if name in keys]
    return bool(places) and len({tuple([row[p] for p in places]) for row in rows}) == len(rows)


def _table(connection: Connection, types: _Types) -> Table:
    """A table of this session with these columns, empty; it is gone with the session."""
    columns = [Column(name, _plain(type_)) for name, type_ in types.items()]
    shape = repr([(column.name, str(column.type)) for column in columns])
    name = f"copied_{hashlib.sha256(shape.encode()).hexdigest()[:16]}"
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS")
    connection.execute(CreateTable(table, if_not_exists=True))  # a transaction taken back takes it along
    return table


def _plain(type_: "TypeEngine[Any]") -> "TypeEngine[Any]":
    for one in (Boolean, Integer, LargeBinary):
        if isinstance(type_, one):
            return one()
    return Text(collation="C")


def _from(statement: Any, beside: Table, names: Sequence[str]) -> Any:
    """The same statement with the columns of the table in the place of the values."""
    if isinstance(statement, Insert):
        copied = select(*(beside.c[name] for name in names))
        return statement.from_select(list(names), copied, include_defaults=False)

    def of(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in beside.c:
            return beside.c[element.key]
        return None

    return visitors.replacement_traverse(statement, {}, of)


__all__ = ["FEW", "copy_rows"]
