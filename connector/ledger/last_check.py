"""What the last check of each service found, so that what is read offline says the same as the check did."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from connector.ledger.store import Ledger
from connector.ledger.tasks import NewTask, Tasks
from connector.ports import Access

FOUND = "found"


def remember(connection: Connection, ledger: Ledger, answers: Mapping[str, Access]) -> None:
    """Keeps what a check found, where it is other than what the one before found."""
    known = last_found(connection, ledger)
    found = {**known, **answers}
    if found != known:
        ledger.event(connection, FOUND, accesses=msgspec.to_builtins(found))


def note_beyond(connection: Connection, ledger: Ledger, answers: Mapping[str, Access]) -> None:
    """The places of a whole shop that no API reaches are tasks of the shop, done on a person's word."""
    found = [
        NewTask(adapter=name, kind="", place=one.place)
        for name, access in answers.items()
        for one in access.beyond
        if one.count != 0
    ]
    Tasks(ledger).note(connection, 0, found)


def last_found(connection: Connection, ledger: Ledger) -> dict[str, Access]:
    """Each service as its last check found it; none before any check."""
    told = [detail for _, detail in ledger.events(connection, FOUND)]
    return msgspec.convert(told[-1]["accesses"], dict[str, Access]) if told else {}
