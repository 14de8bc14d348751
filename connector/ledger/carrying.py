"""Carrying one shop's ledger from one database to another: every row, counted and compared, sealed as it was.

Rows go with their numbers, so whatever refers to them, and what is sealed to them, holds at the new place.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, null, select

from connector.errors import LedgerError
from connector.ledger import dialect, schema
from connector.ledger.schema import MOVED, SECRET, SECRET_META
from connector.ledger.store import write_tuples

STAYS = frozenset({"run_lock"})
"""What is of a place and not of a shop: each place counts its own runs."""

_AT_ONCE = 2_000
_MODULUS = 2**256
_encode = msgspec.json.Encoder(order="deterministic").encode


class Counted(NamedTuple):
    """How many rows a table holds of a shop, and a sum over all that stands in them."""

    rows: int
    sum: int


def carried() -> Iterator[Table]:
    """The tables that are carried, each behind those that it refers to."""
    yield from (table for table in schema.metadata.sorted_tables if table.name not in STAYS)


def carry(source: Connection, target: Connection, shop: str, *, sealed: bool) -> dict[str, int]:
    """Writes every row of a shop to the target; how many, by table. What stands there is not looked at.

    Without `sealed` nothing that is sealed is carried: a value becomes none, and where there must be one its
    row is left out. Raises LedgerError where the target does not hold what the source does.
    """
    counts: dict[str, int] = {}
    for table in carried():
        here, there = Counted(0, 0), Counted(0, 0)
        columns = _columns(table, sealed=sealed)
        if columns is not None:
            here = _copied(source, target, table, columns, shop)
            there = counted(target, table, shop, sealed=sealed)
        if here != there:
            raise LedgerError(
                f"The table {table.name} is not at the new place as it is at the old one, so nothing was "
                "moved. Check that nothing else writes there, then run it again."
            )
        counts[table.name] = here.rows
    dialect.of(target).number_on(target, [t for t in carried() if "id" in t.c])
    return counts


def counted(connection: Connection, table: Table, shop: str, *, sealed: bool = True) -> Counted:
    """A shop's rows of a table, as they stand."""
    columns = _columns(table, sealed=sealed)
    found = Counted(0, 0)
    for rows in _rows(connection, table, columns or [], shop) if columns is not None else ():
        found = _more(found, rows)
    return found


def emptied(connection: Connection, shop: str) -> None:
    """Takes a shop's rows away, those that refer to others first."""
    for table in reversed([*carried()]):
        connection.execute(delete(table).where(of_shop(table, shop)))


def is_empty(connection: Connection, shop: str) -> bool:
    """Whether nothing has happened in a shop's ledger yet."""
    tables = (schema.event, schema.record, schema.plan)
    return all(connection.scalar(select(t.c.shop).where(t.c.shop == shop).limit(1)) is None for t in tables)


def of_shop(table: Table, shop: str) -> ColumnElement[bool]:
    """Which rows are a shop's: they say so themselves, or what they refer to does."""
    if "shop" in table.c:
        return table.c.shop == shop
    if table is schema.meta:
        return ~table.c.name.startswith(MOVED, autoescape=True)
    [key] = table.foreign_keys
    parent = key.column.table
    return key.parent.in_(select(key.column).where(parent.c.shop == shop))


def _columns(table: Table, *, sealed: bool) -> list[Any] | None:
    """What is read of a table; None where its rows are nothing without what is sealed."""
    if sealed:
        return list(table.c)
    if any(column.name in SECRET and not column.nullable for column in table.c):
        return None
    return [null().label(column.name) if column.name in SECRET else column for column in table.c]


def _rows(connection: Connection, table: Table, columns: list[Any], shop: str) -> Iterator[list[Any]]:
    chosen = select(*columns).select_from(table).where(of_shop(table, shop))
    if table is schema.meta and any(column is not table.c[column.name] for column in columns):
        chosen = chosen.where(table.c.name.not_in(sorted(SECRET_META)))
    streamed = connection.execute(chosen, execution_options={"yield_per": _AT_ONCE})
    for some in streamed.partitions():
        yield [tuple(row) for row in some]


def _copied(source: Connection, target: Connection, table: Table, columns: list[Any], shop: str) -> Counted:
    names = [column.name for column in table.c]
    found = Counted(0, 0)
    for rows in _rows(source, table, columns, shop):
        write_tuples(target, insert(table), names, rows)
        found = _more(found, rows)
    return found


def _more(before: Counted, rows: list[Any]) -> Counted:
    """A sum, so that the order in which a database gives its rows says nothing."""
    total = before.sum
    for row in rows:
        total += int.from_bytes(hashlib.sha256(_encode(row)).digest(), "big")
    return Counted(before.rows + len(rows), total % _MODULUS)


__all__ = ["STAYS", "carried", "carry", "counted", "emptied", "is_empty", "of_shop"]
