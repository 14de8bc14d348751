"""What was put back of a run, by which undo and when: what was put back is never called gone."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from connector.ledger import schema
from connector.ledger.plans import RAN, UNDO
from connector.ledger.store import Ledger, in_chunks
from connector.plan import from_json
from connector.records import Action, Value

_WHEN = ("undone", "apply_started")


class Undone(Value, frozen=True, kw_only=True):
    """An undo that has begun: its row and digest, the digest of the run it took back, and when."""

    plan: int
    digest: str
    undoes: str
    at: str


def undoings(ledger: Ledger, connection: Connection, *, of: str = "") -> list[Undone]:
    """Every undo of the shop that has begun, or those of one run, by its digest; oldest first."""
    table = schema.plan
    chosen = select(table.c.id, table.c.digest, table.c.header).where(
        table.c.shop == ledger.shop, table.c.scope == UNDO, table.c.state.in_(RAN)
    )
    found = list[Undone]()
    for row in connection.execute(chosen.order_by(table.c.id)):
        plan = from_json(row.header)
        if not of or plan.undoes == of:
            at = _when(ledger, connection, row.id) or plan.created.isoformat()
            found.append(Undone(plan=row.id, digest=row.digest, undoes=plan.undoes, at=at))
    return found


def _when(ledger: Ledger, connection: Connection, plan: int) -> str:
    """When it ended, else when it last began."""
    for name in _WHEN:
        if events := ledger.events(connection, name, plan=plan):
            return str(events[-1][0])
    return ""


def put_back(
    connection: Connection, plans: Sequence[int], *, records: Collection[int] | None = None
) -> dict[int, int]:
    """The fields that these undos put back, by record, a bit set; of these records, or of all."""
    found: dict[int, int] = {}
    for each in put_back_by(connection, plans, records=records).values():
        for record, bits in each.items():
            found[record] = found.get(record, 0) | bits
    return found


def put_back_by(
    connection: Connection, plans: Sequence[int], *, records: Collection[int] | None = None
) -> dict[int, Mapping[int, int]]:
    """The same, by undo and record."""
    step, found = schema.step, dict[int, dict[int, int]]()
    chosen = select(step.c.plan, step.c.record, step.c.done).where(
        step.c.plan.in_(plans), step.c.action == Action.RESTORE, step.c.done != 0
    )
    some = [None] if records is None else in_chunks(sorted(records))
    for chunk in some if plans else ():
        here = chosen if chunk is None else chosen.where(step.c.record.in_(chunk))
        for row in connection.execute(here):
            own = found.setdefault(row.plan, {})
            own[row.record] = own.get(row.record, 0) | row.done
    return dict(found)


def put_back_of(ledger: Ledger, connection: Connection, digest: str) -> dict[int, int]:
    """What was put back of the run of this digest, by record."""
    return put_back(connection, [one.plan for one in undoings(ledger, connection, of=digest)])


__all__ = ["Undone", "put_back", "put_back_by", "put_back_of", "undoings"]
