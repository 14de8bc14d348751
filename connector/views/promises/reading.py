"""From the ledger: the index decided as of today, the attestations, and what recipients were told."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from connector.basis import Basis, Declared, with_word
from connector.calendar import add_months, to_date
from connector.ledger import Ledger, schema
from connector.ledger.holds import Holds
from connector.ledger.index import Marks, Pulls, Rows, Subjects
from connector.policy import Policy, decide
from connector.records import Kind, Record
from connector.report.promises.model import Remark, RemarkView
from connector.report.shared import AttestedView
from connector.settings.promises import Promise
from connector.shop import Shop
from connector.verdicts import Verdict
from connector.views.promises.census import Census, Known, census_of

ATTESTED = "attested"
"""The event under which the ledger keeps a person's word; its chain is the proof."""

REPEAT_MONTHS = 12
"""How long a person's word holds."""

AT_ONCE = 500


def existing_ledger(shop: Shop) -> Ledger | None:
    """The shop's ledger where there is one; none is made for a report."""
    path = shop.settings.ledger.path
    return shop.ledger if "://" in str(path) or path.exists() else None


def take_census(
    ledger: Ledger,
    policy: Policy,
    promises: Sequence[Promise],
    today: date,
    *,
    declared: Sequence[Declared] = (),
) -> Census | None:
    """Every live record of the index against every promise; None where nothing was ever pulled.

    `declared` are named persons' words on records that the service will not list.
    """
    oldest = today - timedelta(days=policy.context.run_slack_days + 1)
    with ledger.begin() as connection:
        known = _known(ledger, connection, _bases(ledger, connection, declared), oldest)
        if not known.kinds:
            return None
        decided = _decided(ledger, connection, policy, kinds=tuple(known.kinds), today=today)
        return census_of(policy, promises, decided=decided, today=today, known=known)


def _known(ledger: Ledger, connection: Connection, bases: Sequence[Basis], oldest: date) -> Known:
    """What the ledger says beside its records; a reading from before `oldest` shows a kind as it was."""
    marks = Marks(ledger).marks(connection)
    return Known(
        kinds=frozenset(basis.kind for basis in bases),
        read=min((day for one in bases if (day := _day_of(one))), default=None),
        unsure={one.kind: remark for one in bases if (remark := _unsure(one, oldest))},
        card_numbers=sum(one.records for one in marks if one.code == "card_number"),
        told=_told(connection, ledger.shop),
        shown=Marks(ledger).shown(connection),
    )


def _bases(ledger: Ledger, connection: Connection, declared: Sequence[Declared]) -> tuple[Basis, ...]:
    """What the pulls have read of each kind, and how many records they could not read."""
    table = schema.unread
    unread = connection.execute(
        select(table.c.adapter, table.c.kind, func.count())
        .where(table.c.shop == ledger.shop)
        .group_by(table.c.adapter, table.c.kind)
    )
    counts = {(adapter, kind): count for adapter, kind, count in unread}
    return tuple(
        replace(with_word(one, declared), unread=counts.get((one.adapter, str(one.kind)), 0))
        for one in Pulls(ledger).bases(connection)
    )


def _day_of(basis: Basis) -> date | None:
    return to_date(basis.as_of) if basis.as_of else None


def _unsure(basis: Basis, oldest: date) -> RemarkView | None:
    """Why what was read of a kind does not show all of it as it is now; None where it does."""
    if not basis.complete or basis.unread:
        count = (basis.missing or 0) + basis.unread
        return RemarkView(code=Remark.READ_IN_PART, kind=basis.kind, count=count)
    day = _day_of(basis)
    if day is None or day < oldest:
        return RemarkView(code=Remark.READ_LONG_AGO, kind=basis.kind, day=day)
    return None


def _decided(
    ledger: Ledger, connection: Connection, policy: Policy, *, kinds: Sequence[Kind], today: date
) -> Iterator[tuple[Record, Verdict]]:
    """Every record with what is known of its person as of now, as a plan would see it."""
    rows = Rows(ledger)
    subjects = Subjects(ledger)
    holds = Holds(ledger).open(connection)
    # A report leaves the ledger as it was: what is found out of the persons is undone.
    known = connection.begin_nested()
    subjects.refresh_subjects(connection)
    ids = rows.due_ids(connection, kinds=kinds, today=None)
    for start in range(0, len(ids), AT_ONCE):
        for row in rows.rows(connection, ids[start : start + AT_ONCE]).values():
            record = holds.on(row)
            yield record, decide(record, policy, today=today)
    known.rollback()


def _told(connection: Connection, shop: str) -> dict[str, tuple[int, date | None]]:
    """How many orders each recipient has been told of, and the last day its copies are promised gone."""
    table = schema.delivery
    rows = connection.execute(
        select(table.c.recipient, func.count(), func.max(table.c.copy_gone_by))
        .where(table.c.shop == shop, table.c.state == "closed", table.c.outcome != "")
        .group_by(table.c.recipient)
    )
    return {name: (count, date.fromisoformat(day) if day else None) for name, count, day in rows}


def attestations(ledger: Ledger | None) -> dict[str, AttestedView]:
    """The newest word on each row, with the day it is to be given again."""
    if ledger is None:
        return {}
    with ledger.begin() as connection:
        events = ledger.events(connection, ATTESTED)
    return {detail["row"]: _view(detail) for _, detail in events}


def _view(detail: dict[str, str]) -> AttestedView:
    on = date.fromisoformat(detail["on"])
    given = AttestedView(row=detail["row"], by=detail["by"], role=detail["role"], on=on)
    return replace(given, due=add_months(on, REPEAT_MONTHS))


def attest(ledger: Ledger, *, row: str, by: str, role: str, on: date) -> AttestedView:
    """Keeps a named person's word on a row of the policy or on a promise."""
    with ledger.begin() as connection:
        ledger.event(connection, ATTESTED, row=row, by=by, role=role, on=on.isoformat())
    return _view({"row": row, "by": by, "role": role, "on": on.isoformat()})
