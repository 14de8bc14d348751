"""Where a pull of orders stands, as the ledger keeps it between pages and runs. No part of it is changed."""

from typing import Literal

import msgspec

from adapters.cursors import read_cursor
from adapters.woocommerce.answers import ADAPTER
from adapters.woocommerce.walk import Position
from connector.errors import Rejected

PhaseName = Literal["first", "trash", "changed", "changed_trash", "done"]


class Cursor(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Where a pull stands; dates are naive UTC text."""

    v: int = 1
    phase: PhaseName = "first"
    start: str = ""
    since: str = ""  # where the changes begin, by the clock that dates them
    full: bool = False  # a walk over all orders: its last page is complete
    statuses: str = ""  # by name, as the shop registers them; "any" where it does not tell
    aside: str = ""  # and those that no list shows unless they are named
    up: Position = msgspec.field(default_factory=Position)
    down: Position = msgspec.field(default_factory=Position)
    trash: Position = msgspec.field(default_factory=Position)
    changed: Position = msgspec.field(default_factory=Position)
    changed_trash: Position = msgspec.field(default_factory=Position)
    passes: int = 0  # over the changes of this phase
    pages: int = 0  # left of this pass
    newest: str = ""  # change seen so far, in the shop's own time
    next: str = ""  # where the changes of the next pull begin
    counted: int = 0  # orders that existed at the start, by the shop's own counts
    uncounted: bool = False  # a count is missing: the walk cannot be held against one
    newer: int = 0  # orders met that came after the start
    hidden: int = 0  # orders in the totals report that the list leaves out
    expected: int = 0  # changes that the shop counted when this pass began
    shown: int = 0  # changes that it has shown since
    missing: int = 0  # changes counted and not shown, in passes that are over
    settled: Position = msgspec.field(default_factory=Position)  # of the newest change, read long after it


def decoded(since: str | None) -> Cursor:
    """The cursor that the ledger kept; raises Rejected where this is none."""
    if since is None:
        return Cursor()
    if cursor := read_cursor(since, Cursor):
        return cursor
    raise Rejected(
        "woocommerce: read orders cannot go on from this cursor. Pull everything again.",
        adapter=ADAPTER, operation="read orders",
    )  # fmt: skip


def encoded(cursor: Cursor) -> str:
    """The cursor as the ledger keeps it."""
    return msgspec.json.encode(cursor).decode()
