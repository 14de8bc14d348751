"""Settling what came by webhook: some of it at once, some after a read of the shop by id."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection

from connector.deciding.lost import handles_left
from connector.ledger import Ledger, outside
from connector.ledger.inbox import OF_ORDER, Inbox, Message
from connector.ledger.index import Records, Row, Rows
from connector.ledger.index.rows import IDENTIFYING
from connector.ports import Keyer, Live, Look, Platform, Unread, living, looked
from connector.ports.heard import Copy, Topic
from connector.records import Field, Kind, Ref, to_bits
from connector.services.witness import Witness
from connector.stages.messages.merges import Merges
from connector.stages.messages.whom import Whom, is_stand_in, names_account, whom

AT_ONCE = 100
COPIED = to_bits(
    (
        Field.NAME,
        Field.EMAIL,
        Field.PHONE,
        Field.BILLING_ADDRESS,
        Field.SHIPPING_ADDRESS,
        Field.TRACKING_NUMBER,
        Field.PAYMENT_REFERENCE,
    )
)
"""What recipients may hold of a record, whatever is left of it in the shop."""


def settle_at_once(ledger: Ledger, inbox: Inbox, keyer: Keyer) -> None:
    """What needs no look at the shop: requests become dated. One that names no account waits for a pull."""
    with ledger.begin() as connection:
        for message in inbox.messages(connection, topics=[Topic.DATA_REQUEST]):
            if message.heard is not None and names_account(message.heard):
                _open_request(inbox, connection, message, message.heard.refs[0].id, keyer)


def _open_request(inbox: Inbox, connection: Connection, message: Message, whose: str, keyer: Keyer) -> None:
    mails = message.heard.handles.get("email", ()) if message.heard is not None else ()
    inbox.ask(connection, message.id, whose, keyer("email", mails[0]) if mails else None)
    inbox.ledger.event(connection, "data_request", message=message.id)


def settle(
    ledger: Ledger, inbox: Inbox, platforms: Mapping[str, Platform], keyer: Keyer, *, today: date
) -> None:
    """What needs a look at the shop, by id: changes, deletions, and customers that the shop let go.

    `today` is by the earlier of the clocks: what is forgotten after a time is not forgotten sooner.
    """
    _Settler(ledger, inbox, platforms, keyer).settle(today)


class _Settler:
    def __init__(self, ledger: Ledger, inbox: Inbox, platforms: Mapping[str, Platform], keyer: Keyer) -> None:
        self.ledger = ledger
        self.inbox = inbox
        self.platforms = platforms
        self.keyer = keyer
        self.records = Records(ledger)
        self.rows = Rows(ledger)
        self.witness = Witness(ledger)

    def settle(self, today: date) -> None:
        with self.ledger.begin() as connection:
            hints = self.inbox.messages(connection, topics=[Topic.CHANGED])
            deleted = self.inbox.messages(connection, topics=[Topic.DELETED])
            redacted = self.inbox.messages(connection, topics=[Topic.CUSTOMER_REDACT])
            merged = self.inbox.messages(connection, topics=[Topic.MERGED])
            refs = [ref for message in hints if message.heard for ref in message.heard.refs]
            rows = outside.known(connection, self.ledger.shop, refs)
            outside.decide_again(connection, [row for row, _ in rows.values()])
            self.inbox.close(connection, [message.id for message in hints], "noted")
            self.inbox.expire(connection, today=today)
            self._date_requests(connection)
        for start in range(0, len(deleted), AT_ONCE):
            self._settle_deleted(deleted[start : start + AT_ONCE])
        Merges(self.ledger, self.inbox, self._fetch).settle(merged, today=today)
        for message in redacted:
            self._settle_redacted(message)

    def _date_requests(self, connection: Connection) -> None:
        """Requests that name no account: whose they are is told by the address, or an order of theirs."""
        for message in self.inbox.messages(connection, topics=[Topic.DATA_REQUEST]):
            found = whom(connection, self.ledger, message, self.keyer)
            if found is None:
                continue
            account, *_ = found.accounts
            orders = [*found.heard.refs[len(found.accounts) :], *found.orders]
            whose = account.id
            if is_stand_in(account):
                whose = f"{OF_ORDER}{orders[0].id}" if orders else ""
            _open_request(self.inbox, connection, message, whose, self.keyer)

    def _fetch(self, refs: Sequence[Ref]) -> dict[Ref, Look]:
        """One look at each; a record of a platform that is not the shop's own any more is unread."""
        looks: dict[Ref, Look] = looked(iter(()), refs)
        for name, platform in self.platforms.items():
            own = [ref for ref in refs if ref.adapter == name]
            looks |= self.witness.held(platform, looked(platform.fetch(own), own)) if own else {}
        return looks

    def _settle_deleted(self, messages: Sequence[Message]) -> None:
        """What the shop says is deleted is looked up; only its own word about the id makes it gone.

        A message about a record that could not be read stays open, and is looked up by the next run.
        """
        refs = [ref for message in messages if message.heard for ref in message.heard.refs]
        looks = self._fetch(refs)
        with self.ledger.begin() as connection:
            self._store(connection, refs, looks)
            self.inbox.close(connection, [m.id for m in messages if not _unread(m, looks)], "read")

    def _store(self, connection: Connection, refs: Sequence[Ref], looks: Mapping[Ref, Look]) -> None:
        rows = outside.known(connection, self.ledger.shop, refs)
        told = {ref: look for ref in rows if not isinstance(look := looks[ref], Unread)}
        there = {rows[ref][0]: look.record if isinstance(look, Live) else None for ref, look in told.items()}
        self.records.settle_all(connection, there, word="said")

    def _settle_redacted(self, message: Message) -> None:
        """A merge of two accounts sends the same: nothing follows while the person is still a customer."""
        with self.ledger.begin() as connection:
            found = whom(connection, self.ledger, message, self.keyer)
        if found is None:
            return
        # A merge names no orders: those that the index knows tell whose they are now.
        looks = self._fetch(found.to_look_at)
        if any(isinstance(look, Unread) for look in looks.values()):
            return  # whether the person is still a customer is not known: the next run looks again
        lives = living(looks)
        with self.ledger.begin() as connection:
            if self._is_still_there(connection, found, lives):
                self.inbox.close(connection, [message.id], "still_there")
                self.ledger.event(connection, "customer_redact", message=message.id, outcome="still_there")
                return
            let_go = [ref for ref in found.heard.refs if not _identifies(lives.get(ref))]
            copies = self._copies(connection, found, let_go, lives)
            self._store(connection, let_go, looks)
            heard = msgspec.structs.replace(found.heard, copies=copies, handles={})
            self.inbox.confirm(connection, message, heard)
            self.ledger.event(connection, "customer_redact", message=message.id, copies=len(copies))

    def _is_still_there(self, connection: Connection, found: Whom, lives: Mapping[Ref, Live]) -> bool:
        """Whether the shop still has this person: under the account, another one, or the one it became."""
        became = outside.merged(connection, self.ledger, found.accounts[0].adapter)
        merged = any(ref.id in became for ref in found.accounts)
        there = any(_identifies(lives.get(ref)) for ref in found.accounts)
        return merged or there or _moved(lives, found.accounts) or self._lives_on(connection, found)

    def _lives_on(self, connection: Connection, found: Whom) -> bool:
        shop = self.ledger.shop
        persons: list[int | None] = list(found.persons)
        for address in found.heard.handles.get("email", ()):
            persons.append(outside.person_of(connection, shop, self.keyer("email", address)))
        return any(outside.has_other_account(connection, shop, one, found.accounts) for one in persons)

    def _copies(
        self, connection: Connection, whom: Whom, refs: Sequence[Ref], lives: Mapping[Ref, Live]
    ) -> tuple[Copy, ...]:
        """What recipients may hold of these records: found by what the message and the shop still say."""
        rows = outside.known(connection, self.ledger.shop, refs)
        known = self.rows.rows(connection, [row_id for row_id, _ in rows.values()])
        found = []
        for ref in refs:
            person = next(iter(whom.persons), None) if is_stand_in(ref) else None
            row_id, subject = rows.get(ref, (-1, person))
            row = known.get(row_id)
            handles = dict(whom.heard.handles) if ref == whom.accounts[0] else _by_number(ref, row)
            if ref in lives:
                handles = {**lives[ref].handles, **handles}
            fields = COPIED | (row.record.present if row else 0)
            found.append(Copy(ref=ref, handles=handles, fields=fields, subject=subject))
        return tuple(found)


def _unread(message: Message, looks: Mapping[Ref, Look]) -> bool:
    refs = message.heard.refs if message.heard else ()
    return any(isinstance(looks[ref], Unread) for ref in refs)


def _moved(lives: Mapping[Ref, Live], accounts: Sequence[Ref]) -> bool:
    """Whether an order of theirs is another's by now: they were merged, which no pull may have told."""
    own = {account.id for account in accounts}
    owners = (live.handles.get("customer", ()) for ref, live in lives.items() if ref.kind is Kind.ORDER)
    return any(owner not in own for some in owners for owner in some)


def _by_number(ref: Ref, row: Row | None) -> dict[str, tuple[str, ...]]:
    """How a record is found that the shop no longer has: by its id, an order by its number too."""
    if ref.kind is not Kind.ORDER:
        return {"customer": (ref.id,)}  # also a guest's stand-in
    known = handles_left(ref, row.record.label if row else "")
    return {name: (value,) for name, value in known.items()}


def _identifies(live: Live | None) -> bool:
    """Whether the shop still says who this is."""
    return live is not None and bool(live.record.present & IDENTIFYING)
