"""What recipients, and named persons, answered to deliveries, as the ledger keeps it.

A handle is destroyed once its delivery is done with: notified means sent, never written; gone means
seen to be gone by verify, also where the push already met nothing, for one answer alone closes nothing.
Whatever is not done with keeps its handle until a named person closes it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, Update, bindparam, func, not_, or_, select, update

from connector.ledger import schema
from connector.ledger.proof.sums import summed, write
from connector.ledger.restricted import is_any_restricted, is_restricted
from connector.ledger.states import DELIVERY_ARROWS, UNTOLD, DeliveryState, before
from connector.ledger.store import Ledger, in_chunks, write_many
from connector.ports import DeliveryReceipt, Finding, Seen
from connector.ports.processor import NOTICES
from connector.records import Outcome, Value

DONE_WITH = frozenset({Outcome.NOTIFIED, Outcome.STALE})
TO_VERIFY = frozenset({Outcome.DONE, Outcome.STOPPED, Outcome.ALREADY_GONE})
"""What a recipient says it did, or had not: verify asks again before the handle goes."""

BACK_OFF_HOURS = (0, 1, 4, 12, 24)
HANDLE_GONE = "handle_gone"
"""Why a recipient cannot be told: what it would be asked by went with the record."""

KEY_LOST = "key_lost"
"""Why a recipient cannot be told: what it would be asked by was sealed, and its key is no more."""

NO_HANDLE = (HANDLE_GONE, KEY_LOST)

LETTER = "letter:"
"""How the token of a delivery names the letter that its line stands in."""

ASK_AGAIN_HOURS = 12
"""A delivery that waits for a hand is offered again: a mail server or a key may have been filled in."""


class Sent(Value, frozen=True, kw_only=True):
    """A named person's word that a notice left: by whom, on which day and how (by post, a form, mail)."""

    by: str
    on: date
    how: str


def _kind(row: dict[str, object]) -> tuple[str, tuple[str, ...]]:
    """Rows that go to one state with the same columns are written together."""
    return str(row["state"]), tuple(row)


class Answers:
    """The answers to the deliveries of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def receive(self, connection: Connection, receipts: Sequence[DeliveryReceipt], *, today: date) -> None:
        """Writes what the recipient answered; a failure is tried again later, and later still."""
        rows: list[dict[str, object]] = []
        for receipt in receipts:
            row = {"id_": receipt.id, "outcome": receipt.outcome, "reason": receipt.reason}
            rows.append({**row, "token": receipt.token, **self._follows(connection, receipt, today)})
        self._write(connection, rows, tries=schema.delivery.c.tries + 1)

    def about_to(self, connection: Connection, id_: int, token: str) -> None:
        """Notes what a recipient showed just before it is written to, for a try after a lost answer."""
        table = schema.delivery
        self._update(connection, update(table).where(table.c.id == id_).values(token=token))

    def _follows(self, connection: Connection, receipt: DeliveryReceipt, today: date) -> dict[str, object]:
        """The state that a receipt leaves a delivery in."""
        if receipt.retry:
            return {"state": DeliveryState.FAILED, "not_before": self._next_try(connection, receipt)}
        if receipt.outcome is Outcome.ACCEPTED:
            due = (receipt.due or today + timedelta(days=1)).isoformat()
            return {"state": DeliveryState.WAITING, "due": due, "not_before": None}
        if receipt.outcome is Outcome.BY_HAND:
            return {"state": DeliveryState.BY_HAND, "not_before": self._in(hours=ASK_AGAIN_HOURS)}
        if receipt.outcome is Outcome.REFUSED:
            return {"state": DeliveryState.FAILED, "not_before": None}
        if receipt.outcome is Outcome.NOTIFIED:
            left = {"sent_on": today.isoformat(), "sent_how": receipt.reason}
            return {"state": DeliveryState.CLOSED, "sealed": None, **left}
        return {"state": DeliveryState.CLOSED, **({"sealed": None} if receipt.outcome in DONE_WITH else {})}

    def _write(self, connection: Connection, rows: Sequence[dict[str, object]], **fixed: object) -> None:
        """Writes each row's own columns, where an arrow leads to its new state."""
        table = schema.delivery
        for (state, names), same in groupby(sorted(rows, key=_kind), key=_kind):
            bound: dict[str, object] = {name: bindparam(name) for name in names if name != "id_"}
            # Equalities, for a list would be spelled out only when the statement is run by SQLAlchemy.
            may = or_(*(table.c.state == str(one) for one in before(DeliveryState(state), DELIVERY_ARROWS)))
            here = update(table).where(table.c.id == bindparam("id_"), may)
            for some in in_chunks(list(same)):
                ids = table.c.id.in_([row["id_"] for row in some])
                with summed(connection, self.ledger.place(connection), "delivery", ids):
                    write_many(connection, here.values({**bound, **fixed}), some)

    def _next_try(self, connection: Connection, receipt: DeliveryReceipt) -> str:
        """When to try again: our own patience grows with the tries; the recipient's is never cut short."""
        table = schema.delivery
        tries = connection.scalar(select(table.c.tries).where(table.c.id == receipt.id)) or 0
        hours = BACK_OFF_HOURS[min(tries, len(BACK_OFF_HOURS) - 1)]
        return self._in(seconds=max(hours * 3600.0, receipt.after or 0.0))

    def _in(self, **time: float) -> str:
        return (self.ledger.clock() + timedelta(**time)).isoformat(timespec="seconds")

    def wait(self, connection: Connection, recipient: str, *, reason: str, seconds: float = 0) -> None:
        """A recipient did not take what is due: all of it says why, and waits as long as was asked for."""
        column = schema.delivery.c
        until = self._in(seconds=seconds)
        tried = (column.state == DeliveryState.FAILED) & column.not_before.is_not(None)
        open_ = (column.shop == self.shop) & (column.recipient == recipient)
        here = update(schema.delivery).where(
            open_, column.state.in_([DeliveryState.READY, DeliveryState.WAITING]) | tried
        )
        self._update(connection, here.where(column.state == DeliveryState.READY).values(reason=reason))
        sooner = column.not_before.is_(None) | (column.not_before < until)
        self._update(connection, here.where(sooner).values(not_before=until))

    def _update(self, connection: Connection, statement: Update) -> int:
        """Runs an update that what vouches for deliveries takes in; how many rows it was of."""
        return int(write(connection, self.ledger.place(connection), statement).rowcount)

    def found(self, connection: Connection, findings: Sequence[Finding]) -> None:
        """Writes what a read-back showed; only what is gone, or can never be known, gives up its handle.

        What could not be read keeps it, and is asked by the next verify.
        """
        self._write(connection, [{"id_": f.id, **_left_by(f)} for f in findings])

    def waiting(self, connection: Connection) -> dict[str, int]:
        """Deliveries that a recipient has not taken and that will be pushed again, by recipient.

        What waits for a restriction to be lifted is no fault, and is told apart.
        """
        column = schema.delivery.c
        again = (column.state == DeliveryState.READY) | (
            (column.state == DeliveryState.FAILED) & column.not_before.is_not(None)
        )
        if is_any_restricted(connection, self.shop):
            again = again & not_(is_restricted(self.shop))
        return self._counted(connection, again)

    def still_there(self, connection: Connection) -> dict[str, int]:
        """Copies that a read-back found at a recipient that had called them gone, by recipient."""
        column = schema.delivery.c
        called_gone = column.outcome.in_(TO_VERIFY)
        return self._counted(connection, (column.state == DeliveryState.READY) & called_gone)

    def _counted(self, connection: Connection, which: ColumnElement[bool]) -> dict[str, int]:
        column = schema.delivery.c
        chosen = select(column.recipient, func.count()).where(column.shop == self.shop, which)
        rows = connection.execute(chosen.group_by(column.recipient).order_by(column.recipient))
        return {str(name): int(count) for name, count in rows}

    def acknowledge(
        self,
        connection: Connection,
        ids: Sequence[int],
        *,
        by: str,
        written_off: bool = False,
        sent: Sent | None = None,
    ) -> int:
        """A named person closes deliveries; their handles are destroyed. Returns how many were open.

        With `sent` they are notified: only a notice can be, so of other acts none is closed.
        """
        return sum(self._close(connection, some, by, written_off, sent) for some in in_chunks(ids))

    def _close(
        self, connection: Connection, ids: Sequence[int], by: str, written_off: bool, sent: Sent | None
    ) -> int:
        table = schema.delivery
        given: dict[str, object] = {"state": DeliveryState.CLOSED, "sealed": None, "closed_by": by}
        here = update(table).where(table.c.shop == self.shop, table.c.id.in_(ids))
        opened = here.where(table.c.state.in_(UNTOLD))
        if sent is not None:
            given |= {"sent_on": sent.on.isoformat(), "sent_how": sent.how, "reason": "sent_by_hand"}
            notices = opened.where(table.c.act.in_(NOTICES))
            return self._update(connection, notices.values(outcome=Outcome.NOTIFIED, **given))
        given["reason"] = "written_off" if written_off else "acknowledged"
        unread = here.where(table.c.state == DeliveryState.CLOSED, table.c.seen == Seen.UNREAD)
        unknown = self._update(connection, unread.values(seen=Seen.CANNOT_BE_KNOWN, **given))
        return unknown + self._update(connection, opened.values(outcome=Outcome.BY_HAND, **given))

    def in_letter(self, connection: Connection, letter: str) -> list[int]:
        """The open deliveries whose lines stand in this letter."""
        table = schema.delivery
        return list(
            connection.scalars(
                select(table.c.id)
                .where(
                    table.c.shop == self.shop, table.c.token == f"{LETTER}{letter}", table.c.state.in_(UNTOLD)
                )
                .order_by(table.c.id)
            )
        )


class Notice(Value, frozen=True, kw_only=True):
    """A line of a notice that has not left; `letter` is empty where no letter could hold it."""

    recipient: str
    letter: str
    planned: date
    reason: str


def unsent(connection: Connection, shop: str, *, plan: int | None = None) -> list[Notice]:
    """Every line whose notice is written, or should be, and has not left: of all runs, or of one `plan`."""
    table = schema.delivery
    tried = (table.c.state == DeliveryState.READY) & (table.c.reason != "")
    of_run = () if plan is None else (table.c.plan == plan,)
    rows = connection.execute(
        select(table.c.recipient, table.c.token, table.c.planned, table.c.reason)
        .where(
            table.c.shop == shop,
            table.c.act.in_(NOTICES),
            table.c.reason.not_in(NO_HANDLE),  # named by its number, apart: no letter will hold it
            table.c.state.in_([DeliveryState.BY_HAND, DeliveryState.FAILED]) | tried,
            *of_run,
        )
        .order_by(table.c.id)
    )
    return [
        Notice(
            recipient=row.recipient,
            letter=row.token.removeprefix(LETTER) if row.token.startswith(LETTER) else "",
            planned=date.fromisoformat(row.planned),
            reason=row.reason,
        )
        for row in rows
    ]


def _left_by(finding: Finding) -> dict[str, object]:
    """The columns that a look leaves behind."""
    if finding.seen is Seen.STILL_THERE:
        return {"seen": "", "state": DeliveryState.READY, "not_before": None, "reason": finding.reason}
    if finding.seen is Seen.UNREAD:
        closed = {"state": DeliveryState.CLOSED, "seen": finding.seen}
        return {**closed, "reason": finding.reason or "not_answered"}
    return {"state": DeliveryState.CLOSED, "seen": finding.seen, "sealed": None}
