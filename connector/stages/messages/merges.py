"""Two accounts that the shop made one: what went is gone by the shop's own word, and its holds live on.

A message says that it happened, not that it is done, and a chain of merges may be told in any order; so both
are looked up, and holds go to whoever is left at the end of the chain.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from connector.ledger import Ledger, outside
from connector.ledger.holds import Holds
from connector.ledger.inbox import Inbox, Message
from connector.ledger.index import Records, Subjects
from connector.ports import Gone, Live, Look, Unread
from connector.records import Kind, Ref

NOT_MERGED_AFTER = timedelta(days=2)
"""Both accounts still there by then: the merge did not come about."""

NOBODY_LEFT_AFTER = timedelta(days=30)
"""Neither is there, and no message has told of a third one by then."""

Read = Callable[[Sequence[Ref]], Mapping[Ref, Look]]


class Merges:
    """The messages that two accounts have become one."""

    def __init__(self, ledger: Ledger, inbox: Inbox, read: Read) -> None:
        self.ledger = ledger
        self.inbox = inbox
        self.read = read
        self.records = Records(ledger)
        self.subjects = Subjects(ledger)

    def settle(self, messages: Sequence[Message], *, today: date) -> None:
        """Settles what can be; a message about what could not be read stays for the next run."""
        if not messages:
            return
        with self.ledger.begin() as connection:
            known = {m.adapter: outside.merged(connection, self.ledger, m.adapter) for m in messages}
        pairs = [(m, m.heard.refs[0], m.heard.refs[1]) for m in messages if m.heard is not None]
        for message, gone, kept in pairs:
            known[message.adapter].setdefault(gone.id, kept.id)
        for message, gone, kept in pairs:
            self._settle_one(message, (gone, at_the_end(kept, known[message.adapter])), today - message.on)

    def _settle_one(self, message: Message, pair: tuple[Ref, Ref], age: timedelta) -> None:
        gone, kept = pair
        looks = self.read((gone, kept))
        if any(isinstance(looks[ref], Unread) for ref in (gone, kept)) or gone == kept:
            return
        with self.ledger.begin() as connection:
            if isinstance(looks[gone], Live):
                self._give_up(connection, message, "not_merged", age > NOT_MERGED_AFTER)
            elif isinstance(looks[kept], Gone):
                self._give_up(connection, message, "nobody_left", age > NOBODY_LEFT_AFTER)
            else:
                self._become_one(connection, message, (gone, kept), looks)

    def _give_up(self, connection: Connection, message: Message, outcome: str, now: bool) -> None:
        if now:
            self.inbox.close(connection, [message.id], outcome)
            self.ledger.event(connection, "customer_merge", message=message.id, outcome=outcome)

    def _become_one(
        self, connection: Connection, message: Message, pair: tuple[Ref, Ref], looks: Mapping[Ref, Look]
    ) -> None:
        """The one that stayed takes over person and holds; it is indexed first, or the message waits."""
        self.ledger.turn(connection)  # nothing is sealed meanwhile that a hold is on its way to
        gone, kept = pair
        rows = outside.known(connection, self.ledger.shop, pair)
        if gone in rows and kept not in rows:
            return
        moved = 0
        if gone in rows:
            (old, person), (new, stays) = rows[gone], rows[kept]
            orders = self._orders(connection, gone.adapter, person)
            there = looks[kept]
            self.records.settle_all(
                connection, {old: None, new: there.record if isinstance(there, Live) else None}, word="said"
            )
            self.subjects.become_one(connection, person, stays)
            moved = Holds(self.ledger).carry_over(connection, old, new, stays)
            outside.decide_again(connection, [new, *orders])
        self.inbox.close(connection, [message.id], "merged")
        self.ledger.event(
            connection,
            outside.MERGED,
            message=message.id,
            adapter=gone.adapter,
            gone=gone.id,
            kept=kept.id,
            holds=moved,
        )

    def _orders(self, connection: Connection, adapter: str, person: int | None) -> list[int]:
        persons = [] if person is None else [person]
        shop = self.ledger.shop
        refs = outside.records_of(connection, shop, persons, adapter=adapter, kind=Kind.ORDER)
        return [row for row, _ in outside.known(connection, shop, refs).values()]


def at_the_end(account: Ref, into: Mapping[str, str]) -> Ref:
    """The account that is left of this one after every merge that is known; a ring has no end."""
    seen = {account.id}
    last = account.id
    while last in into and into[last] not in seen:
        last = into[last]
        seen.add(last)
    return Ref(adapter=account.adapter, kind=account.kind, id=last)
