"""How a pull begins: its dates by the shop's own clock, and the statuses that it asks for by name."""

from datetime import timedelta

from msgspec.structs import replace

from adapters.woocommerce.counting import ASIDE, read_totals
from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.cursor import Cursor
from adapters.woocommerce.pull.moments import START_MARGIN, before
from adapters.woocommerce.pull.steps import Progress
from adapters.woocommerce.shop_time import read_newest_change
from adapters.woocommerce.walk import Position

# Where the shop does not tell its statuses: all that its list shows, and these beside.
_ASIDE_OF_ANY = ",".join((*ASIDE, "checkout-draft"))


def begin(asking: Asking, cursor: Cursor, *, first: bool) -> Progress:
    """Asks what a pull must know before it reads: how old the newest change is, and the statuses."""
    if cursor.phase == "done":
        cursor = _with_newest(asking, _resumed(cursor))
    if first:
        cursor = _dated(asking, cursor)
    if not cursor.statuses:
        cursor = _with_statuses(asking, cursor)
    return Progress(cursor)


def of_any_status(cursor: Cursor) -> Cursor:
    """The list does not take the statuses that the report names: all that it shows, then."""
    return replace(cursor, statuses="any", aside=_ASIDE_OF_ANY, hidden=0)


def _resumed(cursor: Cursor) -> Cursor:
    """The next pull begins where the changes of the last one ended."""
    return Cursor(phase="changed", start=cursor.next, newest=cursor.newest, settled=cursor.settled)


def _with_newest(asking: Asking, cursor: Cursor) -> Cursor:
    """Asks for the newest change as a pull of changes begins: the next one goes on from there.

    Its own first page shows the oldest of what changed: from there, all but a hundred of a run's own
    writes would be read again by each pull after it. A date ahead of the shop's header dates nothing.
    """
    answer, newest = read_newest_change(asking.client)
    if newest > before(answer, timedelta()):
        return cursor
    return replace(cursor, newest=max(cursor.newest, newest))


def _dated(asking: Asking, cursor: Cursor) -> Cursor:
    """Asks before anything is read: a change after this is dated after it."""
    answer, newest = read_newest_change(asking.client)
    start = before(answer, START_MARGIN)
    settled = Position(at=newest if newest < start else "")
    return replace(cursor, start=start, since=min(start, newest), settled=settled)


def _with_statuses(asking: Asking, cursor: Cursor) -> Cursor:
    """Asks for the statuses by name: `any` leaves out drafts, and more with each version."""
    counted = read_totals(asking.client, "orders")
    if not counted:
        named = replace(cursor, statuses="any", aside=_ASIDE_OF_ANY)
    else:
        named = replace(cursor, statuses=",".join(counted.by_slug), aside=",".join(ASIDE))
    if cursor.phase != "first":  # begun by a version that did not count
        return replace(named, uncounted=cursor.uncounted or cursor.full)
    if counted and not cursor.up.at:
        start = cursor.start or before(counted.answer, START_MARGIN)
        return replace(named, start=start, hidden=counted.sum)  # until the list has been counted too
    return named
