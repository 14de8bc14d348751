"""Where a pull stands, as the ledger keeps it between pages and runs. No part of it is changed."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from adapters.cursors import read_cursor
from connector.errors import Rejected

# The search index follows writes with a delay, and clocks differ: what changed just before is read again.
MARGIN = timedelta(minutes=15)


class Slice(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One bulk operation of a pull: what it searches, its id, and the byte it is read to."""

    search: str = ""
    id: str = ""
    done: int = 0
    lines: int = 0  # read before that byte
    roots: int = 0
    over: bool = False


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Where a pull stands; `changed` walks repeat until one finds next to nothing."""

    v: int = 1
    phase: Literal["all", "bulk", "changed", "done"] = "all"
    full: bool = False
    search: str = ""
    start: str = ""  # when this pull began: changes after it belong to its last walk
    newest: str = ""  # change seen so far, in the shop's own time
    slices: tuple[Slice, ...] = ()
    passes: int = 0
    next: str = ""
    counted: int | None = None  # what Shopify counted as the walk began, less what is of another kind
    upto: int = 0  # the newest id then: what is above came into being after the count
    expected: int = 0  # of what changed: counted
    missing: int = 0  # of what changed: counted and not shown
    scopes: tuple[str, ...] = ()  # granted when all was walked last
    lost: bool = False  # the last pull lacked one of them that shows records

    def encoded(self) -> str:
        """The cursor as the ledger stores it."""
        return msgspec.json.encode(self).decode()

    def with_slice(self, at: int, **changes: Any) -> "Cursor":
        """The same with one of its operations changed."""
        part = replace(self.slices[at], **changes)
        return replace(self, slices=(*self.slices[:at], part, *self.slices[at + 1 :]))


def decode(since: str | None, now: datetime) -> Cursor:
    """The cursor to go on from. Raises Rejected for one that is not Shopify's."""
    if since is None:
        return Cursor(full=True, start=moment(now))
    if cursor := read_cursor(since, Cursor):
        return cursor
    raise Rejected(
        "shopify: pull cannot go on from this cursor. Pull everything again with --full.",
        adapter="shopify", operation="pull",
    )  # fmt: skip


def scopes_of(cursor: str) -> frozenset[str]:
    """The permissions under which all records of a kind were walked last; none where they never were."""
    found = read_cursor(cursor, Cursor)
    return frozenset(found.scopes) if found else frozenset()


def moment(now: datetime) -> str:
    """A moment less the margin, as a search takes it."""
    return (now - MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def earlier(at: str) -> str:
    """A moment of the shop's, less the margin."""
    return moment(datetime.fromisoformat(at))
