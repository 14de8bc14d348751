"""One page of a walk forwards; asks by the statuses' names, and without them where the shop takes none."""

from msgspec.structs import replace

from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.begin import of_any_status
from adapters.woocommerce.pull.cursor import Cursor
from adapters.woocommerce.walk import Position, Stretch
from connector.errors import Rejected


def read_listed(asking: Asking, cursor: Cursor, position: Position) -> tuple[Cursor, Stretch]:
    """Asks for the next changed orders of those that the list shows."""
    try:
        return cursor, asking.walk(cursor.statuses, by="modified").read_behind(position)
    except Rejected as error:
        if error.status != 400 or cursor.statuses == "any":
            raise
    cursor = of_any_status(cursor)
    return cursor, asking.walk(cursor.statuses, by="modified").read_behind(position)


def read_unlisted(asking: Asking, cursor: Cursor, position: Position, *, by: str) -> tuple[Cursor, Stretch]:
    """Asks for the next orders of those that no list shows unless they are named."""
    until = cursor.start if by == "date" else ""
    try:
        return cursor, asking.walk(cursor.aside, by=by).read_behind(position, until)
    except Rejected as error:
        if error.status != 400 or cursor.aside == "trash":
            raise
    cursor = replace(cursor, aside="trash")
    return cursor, asking.walk(cursor.aside, by=by).read_behind(position, until)
