"""Records known to live, for platforms whose silence about an id proves nothing by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import msgspec
from sqlalchemy import Connection, func, select

from connector.ledger import Ledger, schema
from connector.ledger.cursors import Cursor
from connector.ledger.index import Rows
from connector.ports import Controls, NeedsControls, Platform
from connector.records import Action, Field, Kind, Ref, to_bits

MOST = 5
"""Controls of a kind: a few, as one of them may have gone in the meantime."""

PERSONS = to_bits((Field.NAME, Field.EMAIL, Field.PHONE, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS))
"""What a service may hide field by field: a null of these is an empty one, or a lost permission."""

Known = tuple[tuple[Ref, ...], Mapping[Ref, int], tuple[Ref, ...]]


def holding(ledger: Callable[[], Ledger], platform: Platform) -> Platform:
    """The platform with what its absences are held against, if it needs that; opens the ledger when asked."""
    if isinstance(platform, NeedsControls):
        return platform.holding_against(_of(ledger, platform.name))
    return platform


def _of(opened: Callable[[], Ledger], adapter: str) -> Callable[[Kind], Controls]:
    known: dict[tuple[Kind, int], Known] = {}  # by the newest plan: it may delete others

    def controls(kind: Kind) -> Controls:
        ledger = opened()
        with ledger.begin() as connection:
            newest = connection.scalar(select(func.max(schema.plan.c.id))) or 0
            if (kind, newest) not in known:
                known[kind, newest] = (
                    _living(ledger, connection, adapter, kind), _held(ledger, connection, adapter, kind),
                    _living(ledger, connection, adapter, kind, newest=True),
                )  # fmt: skip
            living, held, youngest = known[kind, newest]
            return Controls(
                cursor=_cursor(ledger, connection, adapter, kind), living=living, held=held, newest=youngest,
                last_days=partial(_last_days, ledger),
            )  # fmt: skip

    return controls


def _cursor(ledger: Ledger, connection: Connection, adapter: str, kind: Kind) -> str:
    """The adapter's own cursor, once all records of the kind were walked; else empty."""
    table = schema.cursor
    found = connection.execute(
        select(table.c.value, table.c.full_at).where(
            table.c.shop == ledger.shop, table.c.adapter == adapter, table.c.kind == kind
        )
    ).first()
    if found is None or found.full_at is None:
        return ""
    return msgspec.json.decode(found.value, type=Cursor).value


def _last_days(ledger: Ledger, refs: Sequence[Ref]) -> dict[Ref, date]:
    """The last day on which the index knows each of these to have been made or changed."""
    with ledger.begin() as connection:
        found = Rows(ledger).facts_of(connection, refs)
    days = {ref: [day for day in (facts.created, facts.modified) if day] for ref, facts in found.items()}
    return {ref: max(known) for ref, known in days.items() if known}


def _living(
    ledger: Ledger, connection: Connection, adapter: str, kind: Kind, *, newest: bool = False
) -> tuple[Ref, ...]:
    """The oldest, or newest, records of a kind that live and that no step deletes: ids grow with time."""
    table, step = schema.record, schema.step
    deleted = select(step.c.record).where(step.c.action == str(Action.DELETE))
    length = func.length(table.c.remote_id)  # ids are numbers written as text
    ids = connection.scalars(
        select(table.c.remote_id)
        .where(
            table.c.shop == ledger.shop, table.c.adapter == adapter, table.c.kind == kind,
            table.c.gone.is_(False), table.c.id.not_in(deleted),
        )
        .order_by(*((length.desc(), table.c.remote_id.desc()) if newest else (length, table.c.remote_id)))
        .limit(MOST)
    )  # fmt: skip
    return tuple(Ref(adapter=adapter, kind=kind, id=id_) for id_ in ids)


def _held(ledger: Ledger, connection: Connection, adapter: str, kind: Kind) -> dict[Ref, int]:
    """Some records of a kind that hold a person and that no step has touched, newest first.

    What a step touches may be empty by now though the index does not know it yet.
    """
    found = Rows(ledger).holding(connection, adapter, kind, PERSONS, limit=MOST)
    return {ref: present & PERSONS for ref, present in found.items()}
