"""A shop and a mailing service in memory, whose records say by which channels mailings may reach somebody."""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from unittest import mock

from msgspec.structs import replace

from connector.errors import RemoteError
from connector.identity import make_keyer
from connector.ports import Look, Receipt, Task
from connector.records import Action, Consent, Facts, Field, Kind, Outcome, Ref
from tests.engine_support import LAST_YEAR, NOON, SUBJECT_KEY, Held, MemoryShop
from tests.sandbox_support import Said
from tests.unit.stages.opened import Opened

MINE, THEIRS = "ylva@kund.example", "berit@kund.example"
TODAY = NOON.date()
LONG_SINCE = date(2025, 3, 1)
STANDING = """
[objections]
by = "Disa Demo"
role = "owner"
on_behalf = "Ägget AB"
evidence = "board, item 4"
on = 2026-11-01
until = 2027-10-31
"""


class Mailing(MemoryShop):
    """A service that ends mailings; `lies` are records whose service says yes and does nothing."""

    consents_of = frozenset({Kind.SUBSCRIBER, Kind.CUSTOMER, Kind.ORDER})

    def __init__(self, name: str, kinds: tuple[Kind, ...]) -> None:
        super().__init__(make_keyer(SUBJECT_KEY), name=name)
        self.kinds = kinds
        self.lies: set[str] = set()
        self.fail: RemoteError | None = None
        self.keeps_channels: Mapping[str, str] = {}
        self.ended: list[tuple[str, frozenset[str]]] = []

    def said(self, kind: Kind, id: str, address: str, *consents: Consent, phone: str = "") -> Held:
        """A record that says these things of mailings."""
        values = {Field.EMAIL: address, **({Field.PHONE: phone} if phone else {})}
        day = LAST_YEAR
        status = "completed" if kind is Kind.ORDER else _status(consents)
        basis: Literal["", "consent"] = "consent" if kind is Kind.SUBSCRIBER else ""
        asked = max((one.changed for one in consents if one.given and one.changed), default=None)
        facts = Facts(created=day, modified=day, status=status, consents=consents, last_login=TODAY,
                      paid=day if kind is Kind.ORDER else None, basis=basis,
                      subscribed=asked if basis else None)  # fmt: skip
        return self.put(kind, id, values, facts, label=f"#{id}")

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """The records as they are now, or the fault that a test has put here."""
        if self.fail is not None:
            raise self.fail
        yield from super().fetch(refs)

    def says(self, id: str, kind: Kind) -> dict[str, bool]:
        """What a record says now, by channel."""
        return {one.channel: one.given for one in self.of(id, kind).facts.consents}

    def _write(self, task: Task) -> Receipt:
        if task.action is not Action.UNSUBSCRIBE:
            return super()._write(task)
        id, held = task.ref.id, self.held[task.ref]
        if id in self.refuses:
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="refused")
        living = {one.channel for one in held.facts.consents if one.given}
        ending = (living & task.channels if task.channels else living) - self.keeps_channels.keys()
        self.ended.append((id, ending))
        if id not in self.lies:
            consents = tuple(
                replace(one, given=False, changed=self.day()) if one.channel in ending and one.changed
                else replace(one, given=one.given and one.channel not in ending)
                for one in held.facts.consents
            )  # fmt: skip
            status = _status(consents) if held.facts.basis else held.facts.status
            self.touch(held, consents=consents, status=status)
        left = {one: why for one, why in self.keeps_channels.items() if one in task.channels & living}
        outcome = Outcome.REFUSED if left else Outcome.STOPPED
        return Receipt(ref=task.ref, outcome=outcome, reason=next(iter(left.values()), ""), still_given=left)

    def day(self) -> date:
        """The day of its own clock."""
        return TODAY


def _status(consents: tuple[Consent, ...]) -> str:
    return "subscribed" if any(one.given for one in consents) else "unsubscribed"


def yes(channel: str = "email", on: date | None = LONG_SINCE) -> Consent:
    return Consent(channel=channel, given=True, changed=on)


def no(on: date, channel: str = "email") -> Consent:
    return Consent(channel=channel, given=False, changed=on)


class Mailed(Opened):
    """A shop with accounts and orders, and a mailing service beside it."""

    def __init__(self, folder: Path, *, standing: bool = True) -> None:
        super().__init__(folder)
        if standing:
            self.file.write_text(self.file.read_text(encoding="utf-8") + STANDING, encoding="utf-8")
        self.shop = Mailing("woocommerce", (Kind.ORDER, Kind.CUSTOMER))
        self.list = Mailing("mailchimp", (Kind.SUBSCRIBER,))
        self.memory, self.beside = self.shop, [self.list]

    def ready(self) -> "Mailed":
        """Checked and pulled once."""
        for words in (("check",), ("pull",)):
            said = self.gallra(*words)
            assert said.code == 0, said.err
        return self

    def objects(self, given: str = MINE, *words: str) -> Said:
        """Types the command, the address on stdin."""
        with mock.patch.object(sys, "stdin", io.StringIO(given + "\n")):
            return self.gallra("unsubscribe", "--by", "Disa Demo", "--address-from", "-", *words)

    def files(self) -> bytes:
        """All that the ledger and the reports hold."""
        return b"".join(one.read_bytes() for one in sorted(self.folder.rglob("*")) if one.is_file())


YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
