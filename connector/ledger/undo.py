"""Copies of what plans overwrote: sealed before the write, destroyed with their time or once restored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from connector.calendar import to_date
from connector.ledger import schema
from connector.ledger.plans.scopes import OF_REQUESTS
from connector.ledger.sealing import bound_copy
from connector.ledger.store import Ledger, in_chunks
from connector.ledger.vault import Vault
from connector.ports import Kept
from connector.records import Kind, Ref, Value


class Copy(Value, frozen=True, kw_only=True):
    """What is known of a copy that is not opened; of the fields `left_out` it holds nothing."""

    id: int
    plan: int
    record: int
    ref: Ref
    fields: int
    left_out: int
    until: date


class NewCopy(Value, frozen=True, kw_only=True):
    """What is about to be overwritten of one record."""

    plan: int
    record: int
    ref: Ref
    kept: tuple[Kept, ...]
    fields: int
    left_out: int
    until: date


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Kept, ...]).decode


class Copies:
    """The copies of one shop, under its vault."""

    def __init__(self, ledger: Ledger, vault: Vault) -> None:
        self.ledger = ledger
        self.shop = ledger.shop
        self.vault = vault

    def seal(self, connection: Connection, new: NewCopy) -> None:
        """Keeps a copy; one that the same plan has of the record already goes on from it."""
        table = schema.undo_copy
        here = (table.c.plan == new.plan, table.c.record == new.record)
        row = connection.execute(select(table).where(*here)).first()
        place = {
            "shop": self.shop, "plan": new.plan, "record": new.record, "adapter": new.ref.adapter,
            "kind": str(new.ref.kind), "remote_id": new.ref.id,
        }  # fmt: skip
        known = () if row is None else self._opened(row)
        values = {
            "fields": new.fields | (0 if row is None else row.fields),
            "left_out": new.left_out | (0 if row is None else row.left_out),
            "until": new.until.isoformat(),
            "sealed": self._sealed(place, followed(known, new.kept)),
        }
        if row is None:
            connection.execute(table.insert().values(**place, **values))
        else:
            connection.execute(update(table).where(*here).values(**values))

    def _sealed(self, place: Mapping[str, object], kept: Sequence[Kept]) -> bytes:
        bound = bound_copy(SimpleNamespace(**place))
        return self.vault.seal(_encode(tuple(kept)).decode(), bound_to=bound)

    def _opened(self, row: Any) -> tuple[Kept, ...]:
        return _decode(self.vault.open(row.sealed, bound_to=bound_copy(row)))

    def of_plan(self, connection: Connection, plan: int) -> list[Copy]:
        """The copies that live of a plan, in the order of their records."""
        table = schema.undo_copy
        chosen = select(table).where(table.c.shop == self.shop, table.c.plan == plan)
        return [_copy(row) for row in connection.execute(chosen.order_by(table.c.record))]

    def open(self, connection: Connection, plan: int, records: Collection[int]) -> dict[int, list[Kept]]:
        """What stood in these records before a plan, by record; nothing of one whose copy is gone."""
        table, found = schema.undo_copy, dict[int, list[Kept]]()
        for some in in_chunks(sorted(records)):
            here = (table.c.shop == self.shop, table.c.plan == plan, table.c.record.in_(some))
            for row in connection.execute(select(table).where(*here)):
                found[row.record] = list(self._opened(row))
        return found

    def forget(self, connection: Connection, plan: int, records: Collection[int]) -> None:
        """Destroys the copies of these records."""
        table = schema.undo_copy
        for some in in_chunks(sorted(records)):
            connection.execute(delete(table).where(table.c.plan == plan, table.c.record.in_(some)))


def _copy(row: Any) -> Copy:
    return Copy(
        id=row.id, plan=row.plan, record=row.record, fields=row.fields, left_out=row.left_out,
        ref=Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id),
        until=date.fromisoformat(row.until),
    )  # fmt: skip


def followed(known: Sequence[Kept], new: Sequence[Kept]) -> list[Kept]:
    """Two copies of one record as one: where the second begins with what the first wrote, it goes on from it.

    A place that somebody changed in between is kept as it was found then.
    """
    found = {one.place: one for one in known}
    for one in new:
        before = found.get(one.place)
        if before is not None and one.before in (before.after, before.before):
            fields = tuple(dict.fromkeys((*before.fields, *one.fields)))
            one = msgspec.structs.replace(one, before=before.before, fields=fields)
        found[one.place] = one
    return list(found.values())


def expire_copies(ledger: Ledger, connection: Connection) -> None:
    """Destroys the copies of this shop whose time is over."""
    table, today = schema.undo_copy, to_date(ledger.clock()).isoformat()
    connection.execute(delete(table).where(table.c.shop == ledger.shop, table.c.until < today))


def restorable_runs(connection: Connection, shop: str) -> list[tuple[str, int, date]]:
    """The digest of each run of which copies live, how many records, and until when; oldest first.

    What lies sealed for a request is what its person gave, and no copy of what a run took.
    """
    table, plan = schema.undo_copy, schema.plan
    columns = (plan.c.digest, func.count(), func.max(table.c.until))
    chosen = select(*columns).join(plan, plan.c.id == table.c.plan)
    of_runs = ~plan.c.scope.startswith(OF_REQUESTS)
    mine = chosen.where(table.c.shop == shop, of_runs)
    rows = connection.execute(mine.group_by(plan.c.id).order_by(plan.c.id))
    return [(digest, int(count), date.fromisoformat(until)) for digest, count, until in rows]


def forget_given(connection: Connection, shop: str, scope: str) -> None:
    """Destroys what a person gave to have put right, once their request is answered or withdrawn."""
    table, plans = schema.undo_copy, schema.plan
    mine = select(plans.c.id).where(plans.c.shop == shop, plans.c.scope == scope)
    connection.execute(delete(table).where(table.c.plan.in_(mine)))


def restorable_of(connection: Connection, plan: int, *, today: date) -> dict[int, tuple[int, date]]:
    """Of each record the fields of which a copy of this plan lives, a bit set, and until when."""
    table, plans = schema.undo_copy, schema.plan
    of_run = select(plans.c.id).where(plans.c.id == plan, ~plans.c.scope.startswith(OF_REQUESTS))
    chosen = select(table.c.record, table.c.fields, table.c.until).where(
        table.c.plan.in_(of_run), table.c.until >= today.isoformat()
    )
    return {row.record: (row.fields, date.fromisoformat(row.until)) for row in connection.execute(chosen)}


__all__ = [
    "Copies", "Copy", "NewCopy", "expire_copies", "followed", "forget_given", "restorable_of",
    "restorable_runs",
]  # fmt: skip
