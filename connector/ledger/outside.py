"""What a message from outside finds in the ledger, and what it does to the rows."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, false, select, true, update

from connector.ledger import schema
from connector.ledger.index.rows import IDENTIFYING, MUST_DECIDE
from connector.ledger.proof.cut import cut, head_of
from connector.ledger.proof.links import SEALED
from connector.ledger.proof.notes import words
from connector.ledger.store import Ledger
from connector.records import Action, Kind, Ref

SOME = 20
PROTOCOL = "protocol"
"""The events that stay for ever: what proves an erasure."""
MERGED = "customers_merged"
"""The events that say which account has become which other, by the shop's own numbers."""


class Known(NamedTuple):
    """The row of a record, and whose it is."""

    row: int
    person: int | None


class Notice(NamedTuple):
    """A step that only tells recipients: what it tells of, and how it stands."""

    seq: int
    state: str
    outcome: str
    fields: int


def known(connection: Connection, shop: str, refs: Sequence[Ref]) -> dict[Ref, Known]:
    """The rows of these records and their persons, of those that the index knows."""
    table = schema.record
    found: dict[Ref, Known] = {}
    for ref in refs:
        row = connection.execute(
            select(table.c.id, table.c.subject).where(
                table.c.shop == shop,
                table.c.adapter == ref.adapter,
                table.c.kind == ref.kind,
                table.c.remote_id == ref.id,
            )
        ).first()
        if row is not None:
            found[ref] = Known(row.id, row.subject)
    return found


_PER_MESSAGE = 100_000


def stranger_row(message: int, place: int) -> int:
    """What stands for the row of a record that the index never knew, in the step that tells of it.

    The column takes a number, and what counts records counts it: steps of one record share it, and no two
    records may. So the copies of each message have numbers of their own, where the index has none, and no
    row is ever found by it. To do without, the column would be empty of such a step, and all that counts
    or groups by it would go by the record's reference: a change of the schema that buys nothing yet.
    """
    return -(message * _PER_MESSAGE + place)


def decide_again(connection: Connection, ids: Sequence[int]) -> None:
    """These rows are decided anew by the next plan."""
    table = schema.record
    for start in range(0, len(ids), 500):
        connection.execute(
            update(table)
            .where(table.c.id.in_(ids[start : start + 500]), table.c.gone.is_(False))
            .values(next_due=MUST_DECIDE)
        )


def person_of(connection: Connection, shop: str, digest: bytes | None) -> int | None:
    """The person of a keyed identifier, None where nobody is known by it."""
    table = schema.identifier
    found = connection.scalar(select(table.c.subject).where(table.c.shop == shop, table.c.digest == digest))
    return None if found is None else int(found)


def records_of(
    connection: Connection, shop: str, persons: Sequence[int], *, adapter: str, kind: Kind
) -> list[Ref]:
    """Some records of a kind that these persons have at a platform, the newest first."""
    table = schema.record
    found = connection.scalars(
        select(table.c.remote_id)
        .where(
            table.c.shop == shop,
            table.c.subject.in_(persons),
            table.c.adapter == adapter,
            table.c.kind == kind,
            table.c.gone.is_(False),
        )
        .order_by(table.c.id.desc())
        .limit(SOME)
    )
    return [Ref(adapter=adapter, kind=kind, id=id) for id in found]


def merged(connection: Connection, ledger: Ledger, adapter: str) -> dict[str, str]:
    """The accounts that were seen to have gone into another, each with that other."""
    found = [detail for _, detail in ledger.events(connection, MERGED)]
    return {one["gone"]: one["kept"] for one in found if one["adapter"] == adapter}


def facts_of(connection: Connection, subject: int | None) -> bytes | None:
    """What is known of a person, as it is stored."""
    return connection.scalar(select(schema.subject.c.facts).where(schema.subject.c.id == subject))


def has_other_account(connection: Connection, shop: str, subject: int | None, own: Sequence[Ref]) -> bool:
    """Whether this person has another account than these that still says who it is."""
    table = schema.record
    others = select(table.c.id).where(
        table.c.shop == shop,
        table.c.subject == subject,
        table.c.kind == Kind.CUSTOMER,
        table.c.gone.is_(False),
        table.c.present.bitwise_and(IDENTIFYING) != 0,
        table.c.remote_id.not_in([ref.id for ref in own]) | (table.c.adapter != own[0].adapter),
    )
    return subject is not None and connection.scalar(others.limit(1)) is not None


def notices(connection: Connection, plan_id: int) -> dict[Ref, Notice]:
    """The steps of a plan that only notify."""
    table = schema.step
    rows = connection.execute(select(table).where(table.c.plan == plan_id, table.c.action == Action.NOTIFY))
    return {
        Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id): Notice(
            row.seq, row.state, row.outcome, row.fields
        )
        for row in rows
    }


def plan_state(connection: Connection, plan_id: int) -> str:
    """Where a plan stands; empty where it is gone."""
    return str(connection.scalar(select(schema.plan.c.state).where(schema.plan.c.id == plan_id)) or "")


def forget_shop(ledger: Ledger, connection: Connection, *, keep: Sequence[int]) -> None:
    """Deletes every row of a shop but its protocols and the messages that asked for it.

    Every table of the schema, those to come included: each names its shop, or a row that does.
    """
    inbox, event = schema.inbox, schema.event
    through, digest = head_of(connection, ledger.shop)
    spared = {
        inbox.name: inbox.c.id.not_in(keep),
        event.name: event.c.type.not_in((PROTOCOL, SEALED)) & ~event.c.seq.in_(_of_keys(ledger, connection)),
        schema.chain.name: false(),
    }
    for table in reversed(schema.metadata.sorted_tables):
        own = own_rows(table, ledger.shop)
        if own is not None:
            connection.execute(delete(table).where(own, spared.get(table.name, true())))
    cut(connection, ledger.place(connection), through, digest)


def _of_keys(ledger: Ledger, connection: Connection) -> list[int]:
    """The chain's words on the keys' fingerprints, which are every shop's."""
    return [word.seq for (of, _), word in words(connection, ledger.shop).items() if of == "meta"]


def own_rows(table: Table, shop: str) -> ColumnElement[bool] | None:
    """Which rows of a table are a shop's; None where its rows are no shop's."""
    if "shop" in table.c:
        return table.c.shop == shop
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        above = key.column.table
        if "shop" in above.c:
            return key.parent.in_(select(key.column).where(above.c.shop == shop))
    return None
