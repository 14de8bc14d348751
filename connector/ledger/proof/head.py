"""Where a shop's chain of events ends: what a protocol carries, and what a backup is held against."""

from sqlalchemy import Connection

from connector.ledger.proof.cut import head_of
from connector.ledger.store import Ledger
from connector.records import Value


class Head(Value, frozen=True, kw_only=True):
    """The number and the digest of the last event; 0 and empty before the first."""

    seq: int
    digest: str


def chain_head(ledger: Ledger, connection: Connection) -> Head:
    """The head of this shop's chain, as it stands in this transaction."""
    seq, digest = head_of(connection, ledger.shop)
    return Head(seq=seq, digest=digest)
