"""The inbox: messages of a platform, sealed on disk when they come, their handles destroyed when settled.

What the states mean, and which may follow which, stands in `states.MessageState`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, select, update

from connector.calendar import add_months, to_date
from connector.errors import WrongKey
from connector.ledger import schema
from connector.ledger.expiry import LOG_MONTHS
from connector.ledger.proof.forms import INBOX, STANDING
from connector.ledger.sealing import VAULT_KEY, bound_message, joined, meta
from connector.ledger.states import MESSAGE_ARROWS, MessageState, before
from connector.ledger.store import Ledger
from connector.ledger.vault import Vault
from connector.ports.heard import Heard, Topic
from connector.records import Value

PATIENCE_MS = 3000
"""How long a message waits for a ledger in use; the sender then tries again (Shopify waits 5 s)."""

HINT_DAYS = 30
"""A settled hint is kept as long as its sender may repeat it, and then some."""

HINTS = (Topic.CHANGED, Topic.DELETED, Topic.MERGED)
"""Messages that only say where to look: a pull that reads everything sees the same."""

OF_ORDER = "order:"
"""What a request is kept under whose person has no account: with the shop's id of an order of theirs."""

STILL_ANSWERS = "still_answers"
"""The outcome of a message that the shop is no more, where the shop itself answered."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Heard).decode


class Message(Value, frozen=True, kw_only=True):
    """One row, opened where it is still sealed; `heard` is never printed."""

    id: int
    adapter: str
    topic: Topic
    on: date
    state: MessageState
    heard: Heard | None = None
    remote_id: str = ""
    plan: int | None = None
    refused: tuple[datetime, ...] = ()  # when the shop refused the app as uninstalled, oldest first


class Inbox:
    """The messages of one shop."""

    def __init__(self, ledger: Ledger, vault: Vault) -> None:
        self.ledger = ledger
        self.vault = vault
        self.shop = ledger.shop

    def receive(self, adapter: str, heard: Heard) -> bool:
        """Seals a message and commits it; False where the sender's id of it is known already."""
        table = schema.inbox
        row = {
            "shop": self.shop,
            "adapter": adapter,
            "key": heard.id,
            "topic": heard.topic,
            "at": self.ledger.now(),
            "sealed": self.vault.seal(_encode(heard).decode(), bound_to=self._bound(adapter, heard.id)),
            "state": MessageState.RECEIVED,
        }
        with self.ledger.begin() as connection:
            self.ledger.dialect.wait(connection, PATIENCE_MS)
            if self._knows(connection, adapter, heard.id):
                return False
            # Two of the same at the same moment: the unique constraint lets one in.
            made = connection.execute(self.ledger.upsert(table).on_conflict_do_nothing(), row)
            self._must_be_under_this_key(connection)
            if made.rowcount:
                here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.key == heard.id)
                self._note(connection, connection.scalars(select(table.c.id).where(*here)).all())
            return int(made.rowcount) > 0

    def _note(self, connection: Connection, ids: Sequence[int]) -> None:
        """Says in the chain how messages stand now; of those that only say where to look it says nothing."""
        note_messages(self.ledger, connection, schema.inbox.c.id.in_(ids))

    def _must_be_under_this_key(self, connection: Connection) -> None:
        """Refuses a message sealed under a key that the ledger was put off meanwhile. Raises WrongKey.

        `gallra serve` lives for long; whoever sent the message sends it again.
        """
        if (meta(connection, VAULT_KEY) or self.vault.fingerprint) != self.vault.fingerprint:
            raise WrongKey(
                "The ledger is under another vault key by now. Start `gallra serve` again; the platform sends"
                " the message again."
            )

    def _knows(self, connection: Connection, adapter: str, key: str) -> bool:
        table = schema.inbox
        here = (table.c.shop == self.shop, table.c.adapter == adapter, table.c.key == key)
        return connection.scalar(select(table.c.id).where(*here)) is not None

    def _bound(self, adapter: str, key: str) -> str:
        """What a message is sealed to: its own row, so that no other row opens it."""
        return joined("inbox", self.shop, adapter, key)

    def messages(
        self,
        connection: Connection,
        *,
        topics: Sequence[Topic],
        states: Sequence[MessageState] = (MessageState.RECEIVED,),
    ) -> list[Message]:
        """The messages of these topics and states, oldest first, opened where they are still sealed."""
        table = schema.inbox
        rows = connection.execute(
            select(table)
            .where(
                table.c.shop == self.shop,
                table.c.topic.in_([str(t) for t in topics]),
                table.c.state.in_(states),
            )
            .order_by(table.c.id)
        )
        return [self._open(row) for row in rows]

    def _open(self, row: Any) -> Message:
        heard = None
        if row.sealed is not None:
            heard = _decode(self.vault.open(row.sealed, bound_to=bound_message(row)))
        return Message(
            id=row.id,
            adapter=row.adapter,
            topic=Topic(row.topic),
            on=to_date(row.at),
            state=MessageState(row.state),
            heard=heard,
            remote_id=row.remote_id,
            plan=row.plan,
            refused=_moments(row.refused),
        )

    def close(self, connection: Connection, ids: Sequence[int], outcome: str, *, by: str = "") -> int:
        """Settles messages for good: what was sealed is destroyed. Returns how many were not closed yet."""
        return self._set(
            connection,
            ids,
            {"state": MessageState.CLOSED, "outcome": outcome, "closed": self.ledger.now(), "closed_by": by},
        )

    def ask(self, connection: Connection, message: int, remote_id: str, by: bytes | None = None) -> None:
        """A person must answer: what was sealed is destroyed, the shop's own id of the account stays.

        `by` is the keyed address that the message gave beside it: until it is answered it says who asked.
        """
        values = {"state": MessageState.OPEN, "remote_id": remote_id, "outcome": by.hex() if by else ""}
        self._set(connection, [message], values)

    def probe(self, connection: Connection, message: int, refused: Sequence[datetime]) -> None:
        """The shop is asked until it answers or is known to be no more; what was refused so far stays."""
        told = " ".join(moment.isoformat(timespec="seconds") for moment in refused)
        self._set(connection, [message], {"state": MessageState.PROBED, "refused": told})

    def confirm(self, connection: Connection, message: Message, heard: Heard) -> None:
        """Seals anew what is still to be carried on to recipients."""
        table = schema.inbox
        bound = self._bound(message.adapter, heard.id)
        connection.execute(
            update(table)
            .where(*self._from(MessageState.CONFIRMED), table.c.id == message.id)
            .values(
                state=MessageState.CONFIRMED,
                plan=None,
                sealed=self.vault.seal(_encode(heard).decode(), bound_to=bound),
            )
        )
        self._note(connection, [message.id])

    def plan(self, connection: Connection, message: int, plan_id: int) -> None:
        """Its copies stand in a plan; it stays sealed until they are on their way."""
        table = schema.inbox
        connection.execute(
            update(table)
            .where(*self._from(MessageState.PLANNED), table.c.id == message)
            .values(state=MessageState.PLANNED, plan=plan_id)
        )
        self._note(connection, [message])

    def _from(self, state: MessageState) -> tuple[ColumnElement[bool], ...]:
        """This shop's messages from which an arrow leads to this state."""
        column = schema.inbox.c
        return column.shop == self.shop, column.state.in_(before(state, MESSAGE_ARROWS))

    def _set(self, connection: Connection, ids: Sequence[int], values: Mapping[str, Any]) -> int:
        table = schema.inbox
        changed = 0
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            changed += int(
                connection.execute(
                    update(table)
                    .where(*self._from(values["state"]), table.c.id.in_(some))
                    .values(sealed=None, **values)
                ).rowcount
            )
            self._note(connection, some)
        return changed

    def answered(self, connection: Connection, ids: Sequence[int], *, by: str) -> int:
        """A named person has seen to these requests; returns how many were open.

        An erased customer whose message opens no more, for its key is lost, is seen to in the same way.
        """
        table = schema.inbox
        lost = (table.c.topic == Topic.CUSTOMER_REDACT) & table.c.sealed.is_(None)
        new = (table.c.state == MessageState.RECEIVED) & (table.c.topic == Topic.DATA_REQUEST)
        chosen = select(table.c.id).where(
            table.c.shop == self.shop,
            table.c.id.in_(ids),
            table.c.state.in_([MessageState.OPEN, MessageState.CONFIRMED]) | new | lost,
        )
        return self.close(connection, list(connection.scalars(chosen)), "answered", by=by)

    def expire(self, connection: Connection, *, today: date) -> None:
        """Deletes settled hints once no repeat of them can come, all else that is settled with the log."""
        table = schema.inbox
        hints = table.c.topic.in_(HINTS)
        repeat, log = today - timedelta(days=HINT_DAYS), add_months(today, -LOG_MONTHS)
        old = (hints & (table.c.at < repeat.isoformat())) | (table.c.at < log.isoformat())
        here = (table.c.shop == self.shop, table.c.state == MessageState.CLOSED, old)
        proven = connection.scalars(select(table.c.id).where(*here, STANDING[INBOX].only)).all()
        connection.execute(delete(table).where(*here))
        for one in proven:
            self.ledger.note(connection, INBOX, one)


def note_messages(ledger: Ledger, connection: Connection, where: ColumnElement[bool]) -> None:
    """Says in the chain how these messages of a shop stand now."""
    here = (schema.inbox.c.shop == ledger.shop, STANDING[INBOX].only, where)
    for one in connection.scalars(select(schema.inbox.c.id).where(*here)).all():
        ledger.note(connection, INBOX, one)


def _moments(text: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(one) for one in text.split())


class OpenRequest(NamedTuple):
    """A request that a person must answer, the day it came, and the shop's id of whoever asks.

    `by` is the keyed address that its message gave; None where it gave none.
    """

    id: int
    received: date
    whose: str
    by: bytes | None = None


def open_requests(connection: Connection, shop: str) -> list[OpenRequest]:
    """Requests that a person must answer."""
    table = schema.inbox
    rows = connection.execute(
        select(table.c.id, table.c.at, table.c.remote_id, table.c.outcome)
        .where(
            table.c.shop == shop,
            table.c.topic == Topic.DATA_REQUEST,
            table.c.state.in_([MessageState.RECEIVED, MessageState.OPEN]),
        )
        .order_by(table.c.id)
    )
    return [
        OpenRequest(row.id, to_date(row.at), row.remote_id, bytes.fromhex(row.outcome) or None)
        for row in rows
    ]


class Awaited(NamedTuple):
    """A message that told of an erased customer, and the day it came."""

    id: int
    received: date


def copies_waiting(connection: Connection, shop: str) -> list[Awaited]:
    """Erased customers whose copies at recipients are not all on their way."""
    table = schema.inbox
    rows = connection.execute(
        select(table.c.id, table.c.at)
        .where(
            table.c.shop == shop,
            table.c.topic == Topic.CUSTOMER_REDACT,
            table.c.state.in_([MessageState.RECEIVED, MessageState.CONFIRMED, MessageState.PLANNED]),
        )
        .order_by(table.c.id)
    )
    return [Awaited(row.id, to_date(row.at)) for row in rows]


class Leaving(Value, frozen=True, kw_only=True):
    """A message that says the shop is no more: since when, and what the shop itself said of it so far."""

    id: int
    on: date
    refused: tuple[datetime, ...] = ()
    closed: date | None = None  # the day on which the shop still answered


def leaving(connection: Connection, shop: str, *, since: date) -> list[Leaving]:
    """Messages that a shop is no more: those still open, and those that a shop answered since a day."""
    table = schema.inbox
    answered = (table.c.outcome == STILL_ANSWERS) & (table.c.closed >= since.isoformat())
    rows = connection.execute(
        select(table.c.id, table.c.at, table.c.refused, table.c.closed)
        .where(
            table.c.shop == shop,
            table.c.topic == Topic.SHOP_REDACT,
            table.c.state.in_([MessageState.RECEIVED, MessageState.PROBED]) | answered,
        )
        .order_by(table.c.id)
    )
    return [
        Leaving(
            id=row.id,
            on=to_date(row.at),
            refused=_moments(row.refused),
            closed=None if row.closed is None else to_date(row.closed),
        )
        for row in rows
    ]
