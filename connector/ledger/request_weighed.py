"""An objection to another interest (Art. 21(1)): what a named person found in weighing it."""

from sqlalchemy import Connection

from connector.errors import LedgerError
from connector.ledger import Ledger
from connector.ledger.requests import RequestRow
from connector.request import RequestKind

WEIGHED = "request_weighed"
"""The event of a named person's balancing of an objection."""


def must_be_as_weighed(ledger: Ledger, connection: Connection, row: RequestRow) -> None:
    """An objection that a named person found overridden is answered as one. Raises LedgerError."""
    if row.kind is not RequestKind.OBJECT:
        return
    found = [one.detail for one in ledger.events(connection, WEIGHED)]
    own = [one["outcome"] for one in found if one["request"] == row.code]
    if own and own[-1] == "overridden":
        raise LedgerError(
            f"The objection of request {row.code} was weighed and overridden. Refuse it with that ground: "
            f"`gallra request refuse {row.code}`."
        )


__all__ = ["WEIGHED", "must_be_as_weighed"]
