"""Whose data is only stored for now (GDPR 18): nothing is carried on to a recipient until that is lifted."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from connector.ledger import schema
from connector.ledger.sealing import bound_delivery
from connector.ledger.states import UNTOLD, DeliveryState
from connector.ledger.vault import Vault
from connector.records import HoldId

RESTRICTED = "restricted"
"""How a delivery stands that waits for this alone, in words of `status` and the protocol."""


def is_any_restricted(connection: Connection, shop: str) -> bool:
    """Whether anybody's data is restricted at all, which costs nothing to know."""
    return connection.scalar(_open(shop).limit(1)) is not None


def is_restricted(shop: str) -> ColumnElement[bool]:
    """Whether a delivery is of a record whose person has had processing restricted."""
    told, record, kept = schema.delivery.c, schema.record.c, schema.hold_record.c
    ids, hold = schema.identifier.c, schema.hold.c
    of_person = select(ids.subject).where(
        ids.shop == shop, ids.digest.in_(_open(shop, hold.subject_digest, hold.subject_digest.is_not(None)))
    )
    held = or_(
        record.id.in_(_open(shop, hold.record, hold.record.is_not(None))),
        record.id.in_(select(kept.record).where(kept.hold.in_(_open(shop)))),
        record.subject.in_(of_person),
    )
    same = and_(
        record.shop == told.shop, record.adapter == told.adapter, record.kind == told.kind,
        record.remote_id == told.remote_id,
    )  # fmt: skip
    return exists(select(record.id).where(same, held).correlate(schema.delivery))


def restricted_by_recipient(connection: Connection, shop: str, *, plan: int | None = None) -> dict[str, int]:
    """How many deliveries wait until a restriction is lifted, by recipient: of all runs, or of a `plan`."""
    if not is_any_restricted(connection, shop):
        return {}
    told = schema.delivery.c
    of_run = () if plan is None else (told.plan == plan,)
    chosen = select(told.recipient, func.count()).where(
        told.shop == shop, told.state.in_(UNTOLD), is_restricted(shop), *of_run
    )
    rows = connection.execute(chosen.group_by(told.recipient).order_by(told.recipient))
    return {str(name): int(count) for name, count in rows}


def records_told_of(
    connection: Connection, shop: str, vault: Vault, is_theirs: Callable[[str, str], bool]
) -> list[int]:
    """The rows of records that somebody is still to be told of by a handle that is one person's.

    Where the shop has erased the address already, the sealed handle alone says whose the record was.
    """
    told, record = schema.delivery, schema.record
    open_ = told.c.state.in_((DeliveryState.HELD, *UNTOLD))
    here = (told.c.shop == shop, told.c.sealed.is_not(None), open_)
    refs = {
        (row.adapter, row.kind, row.remote_id)
        for row in connection.execute(select(told).where(*here)).all()
        if is_theirs(row.handle, vault.open(row.sealed, bound_to=bound_delivery(row)))
    }
    rows: list[int] = []
    for adapter, kind, remote_id in sorted(refs):
        same = (record.c.adapter == adapter, record.c.kind == kind, record.c.remote_id == remote_id)
        rows += connection.scalars(select(record.c.id).where(record.c.shop == shop, *same))
    return rows


def _open(shop: str, column: Any = schema.hold.c.id, *which: ColumnElement[bool]) -> Select[Any]:
    hold = schema.hold.c
    mine = (hold.shop == shop, hold.hold == str(HoldId.RESTRICTION), hold.released.is_(None))
    return select(column).where(*mine, *which)


__all__ = [
    "RESTRICTED", "is_any_restricted", "is_restricted", "records_told_of", "restricted_by_recipient",
]  # fmt: skip
