"""What came of steps and deliveries, summed under the seal key: no row is changed, added or taken unseen.

A sum and not a mark on each row: what a batch writes is taken into it by two looks at the batch. Without a
seal key nothing is summed.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, delete, select
from sqlalchemy.sql.dml import Update

from connector.ledger import dialect, schema
from connector.ledger.proof import forms
from connector.ledger.proof.links import Place
from connector.ledger.proof.sealer import Sealer
from connector.ledger.upserts import upsert

MODULUS = 2**256
_AT_ONCE = 500


@contextmanager
def summed(connection: Connection, place: Place, of: str, *where: ColumnElement[bool]) -> Iterator[None]:
    """Takes what the block writes to these rows into their plans' sums.

    `where` names the same rows before and after: those that the block may add, and no column it changes.
    """
    if place.sealer is None:
        yield
        return
    _take_turn(connection)
    before = sums_of(connection, place.shop, place.sealer, of, *where)
    yield
    after = sums_of(connection, place.shop, place.sealer, of, *where)
    _add(connection, place, of, _difference(before, after))


def write(connection: Connection, place: Place, statement: Update) -> CursorResult[Any]:
    """Updates deliveries and takes the change into their plans' sums."""
    if place.sealer is None:
        return connection.execute(statement)
    _take_turn(connection)
    table = schema.delivery
    chosen = select(table.c.id)
    if statement.whereclause is not None:
        chosen = chosen.where(statement.whereclause)
    ids = list(connection.scalars(chosen))
    some = [table.c.id.in_(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE)]
    before = [sums_of(connection, place.shop, place.sealer, "delivery", one) for one in some]
    written = connection.execute(statement)
    for one, was in zip(some, before, strict=True):
        now = sums_of(connection, place.shop, place.sealer, "delivery", one)
        _add(connection, place, "delivery", _difference(was, now))
    return written


def sums_of(
    connection: Connection, shop: str, sealer: Sealer, of: str, *where: ColumnElement[bool]
) -> Counter[int]:
    """The sums of rows, by plan."""
    found: Counter[int] = Counter()
    for plan, row in forms.receipts(connection, of, shop, *where):
        found[plan] += sealer.of_row(row)
    return found


def sum_anew(connection: Connection, place: Place, plans: list[int] | None = None) -> None:
    """Writes the sums of these plans, or of all of a shop, as their rows stand now."""
    if place.sealer is None:
        return
    table = schema.receipt_sum
    for of, form in forms.RECEIPTS.items():
        here = () if plans is None else (form.table.c.plan.in_(plans),)
        named = () if plans is None else (table.c.plan.in_(plans),)
        connection.execute(delete(table).where(table.c.shop == place.shop, table.c.of == of, *named))
        _add(connection, place, of, sums_of(connection, place.shop, place.sealer, of, *here))


def stored(connection: Connection, shop: str, of: str) -> dict[int, int]:
    """The sums that the ledger keeps, by plan. Raises ValueError where one is no number."""
    table = schema.receipt_sum
    chosen = select(table.c.plan, table.c.value).where(table.c.shop == shop, table.c.of == of)
    return {int(plan): int(value, 16) for plan, value in connection.execute(chosen)}


def _difference(before: Counter[int], after: Counter[int]) -> Counter[int]:
    return Counter({plan: after[plan] - before[plan] for plan in before.keys() | after.keys()})


def _take_turn(connection: Connection) -> None:
    """Nobody else writes from here: what is read now is what the block changes. No row is touched."""
    dialect.of(connection).take_turn(connection)


def _add(connection: Connection, place: Place, of: str, more: Counter[int]) -> None:
    table = schema.receipt_sum
    for plan, number in sorted(more.items()):
        if not number % MODULUS:
            continue
        key = {"shop": place.shop, "of": of, "plan": plan}
        here = [table.c[name] == value for name, value in key.items()]
        known = int(connection.scalar(select(table.c.value).where(*here)) or "0", 16)
        value = f"{(known + number) % MODULUS:x}"
        one = upsert(connection, table).values(**key, value=value)
        connection.execute(one.on_conflict_do_update(index_elements=list(key), set_={"value": value}))
