"""What is written is not written before what it follows: the clock, and the days of one request."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from connector.calendar import to_date
from connector.errors import ClockUnsure
from connector.ledger import schema
from connector.ledger.events import numbered
from connector.ledger.store import Ledger

_STEP = timedelta(minutes=5)  # a clock that is set right by NTP may step back a little

STEPS = (
    "request_moved", "request_proven", "request_code_made", "request_decided", "request_extended",
    "letter_written", "letter_begun", "letter_sent", "answer_sealed", "answer_opened",
)  # fmt: skip
"""Events of a request that an answer to it comes after; that a letter left by hand may be noted later."""


def must_not_go_back(ledger: Ledger, connection: Connection) -> None:
    """Refuses a clock that stands before what the ledger has seen since the last pull. Raises ClockUnsure.

    Since the pull, for that holds the clock against the services': where it ran ahead once, it is set right.
    """
    table = schema.event
    mine = table.c.shop == ledger.shop
    pull = select(func.max(table.c.seq)).where(mine, table.c.type == "pulled").scalar_subquery()
    newest = connection.scalar(
        select(func.max(table.c.at)).where(mine, table.c.seq >= func.coalesce(pull, 0))
    )
    if newest is not None and ledger.clock() < datetime.fromisoformat(newest) - _STEP:
        raise ClockUnsure(
            "This machine's clock stands before what the ledger has seen already, so nothing is written. Set "
            "it by NTP; where it is right now, run `gallra pull`, then this command again."
        )


def last_step(ledger: Ledger, connection: Connection, request: str) -> date | None:
    """The day of the last thing that was done with a request, in Stockholm; None where nothing was yet."""
    steps = numbered(connection, ledger.shop, STEPS, after=0)
    own = [datetime.fromisoformat(one.at) for one in steps if one.detail.get("request") == request]
    return to_date(max(own)) if own else None


__all__ = ["STEPS", "last_step", "must_not_go_back"]
