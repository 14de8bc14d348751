"""A look at one record, and the pages that a pull brings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.records import Identifier, Record, Ref, Value


class Live:
    """A record fetched right now, with its handles: never stored, never printed.

    `handles` maps names (`email`, `order_number`, `tracking_number` …) to values that a
    recipient needs; `raw` is the adapter's own; `money` a fingerprint of totals, taxes, lines.
    """

    __slots__ = ("handles", "money", "raw", "record")

    def __init__(
        self, *, record: Record, handles: Mapping[str, tuple[str, ...]], raw: Any, money: str = ""
    ) -> None:
        self.record = record
        self.handles = handles
        self.raw = raw
        self.money = money

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.record.ref

    def __repr__(self) -> str:
        return f"<Live {self.record.ref.adapter} {self.record.ref.kind} {self.record.ref.id}>"


class Gone(Value, frozen=True, kw_only=True):
    """The service's own word about this one id: it has no such record.

    Only the service's own code for that object makes one (WooCommerce's 404 with its code for the
    kind, Mailchimp's 404 with its title, Shopify's null beside a living control). A row left out of a
    list, an empty answer, a page of a proxy or a missing permission never does: those are Unread.
    `emptied` is the reason, as a receipt has it (ports/tasks.py), where its place stays in the shop with
    nothing of a person in it.
    """

    ref: Ref
    emptied: str = ""


class Unread(Value, frozen=True, kw_only=True):
    """A record that could not be read, and why: never gone, never clean, and it frees nothing.

    `reason` is a code that the reports have words for, with a detail behind a colon where there is
    one (`malformed:meta_data`, `not_answered`, `no_control`). `label` and `identifiers` are what could
    still be read of it: the number, and whose it is.
    """

    ref: Ref
    reason: str
    label: str = ""
    identifiers: tuple[Identifier, ...] = ()


Look = Live | Gone | Unread
"""What a look at one record came to: present, gone by the service's own word, or unread."""


def looked(looks: Iterator[Look], refs: Sequence[Ref]) -> dict[Ref, Look]:
    """One look per record asked for; one that the adapter left out was not answered, so it is unread."""
    found: dict[Ref, Look] = {ref: Unread(ref=ref, reason="not_answered") for ref in refs}
    asked = frozenset(refs)
    found.update((look.ref, look) for look in looks if look.ref in asked)
    return found


def living(looks: Mapping[Ref, Look]) -> dict[Ref, Live]:
    """The records that are there."""
    return {ref: look for ref, look in looks.items() if isinstance(look, Live)}


class Stock(Value, frozen=True, kw_only=True):
    """How many records of a kind the service says that it has now: of `only` these statuses, but for `apart`.

    `exact` is False where the service counts some of them more than once: then only a change of the
    difference says anything.
    """

    count: int
    only: frozenset[str] | None = None
    apart: frozenset[str] = frozenset()
    exact: bool = True


SCOPE_LOST = "scope_lost"
"""Why a kind is incomplete of which the service showed more under permissions that are lost since."""


class Page(Value, frozen=True, kw_only=True):
    """Some records, and the cursor to go on from once they are stored.

    `total` is the service's own count, for progress. `complete` marks the last page of a walk over
    all records; it alone makes nothing gone. On that page `counted` is the service's own count of what
    existed when the walk began (None where it gives none: such a walk is never complete), and `newer`
    names on every page the records that came into being after that moment, which the count leaves out.
    `unread` are records that are there and could not be read: kept, named, and no fault of the walk.
    `missing` is for the last page of a pull of changes: how many the service counted and did not show;
    `standing` what it counts of the whole kind at the end, however little has changed. `why` is there the
    code of what keeps the service from showing all that it once showed (SCOPE_LOST): no count tells that.
    """

    records: tuple[Record, ...]
    cursor: str
    total: int | None = None
    complete: bool = False
    counted: int | None = None
    unread: "tuple[Unread, ...]" = ()
    newer: frozenset[Ref] = frozenset()
    missing: int = 0
    standing: tuple[Stock, ...] = ()
    why: str = ""
