"""What stands before every write: the ledger is as Gallra left it, or nothing acts on it."""

from sqlalchemy import Connection, select

from connector.errors import Altered, Unsealed
from connector.ledger import schema
from connector.ledger.proof.audit import Break, breaks
from connector.ledger.proof.notes import widen
from connector.ledger.proof.sealer import SEAL_KEY, Sealer
from connector.ledger.store import Ledger, must_be_the_seal


def must_be_unchanged(ledger: Ledger) -> None:
    """Refuses a ledger that was changed by hand, before anything is written. Raises Altered.

    Raises Unsealed where a seal key is at hand that the ledger is not under, WrongKey where it is another.
    """
    with ledger.begin() as connection:
        ledger.place(connection)  # a new ledger goes under the key at hand
        found = next(breaks(connection, ledger.shop, sealer_in_force(ledger, connection)), None)
        if found is None:
            widen(connection, ledger.place(connection))
    if found is not None:
        raise Altered(told(found))


def sealer_in_force(ledger: Ledger, connection: Connection) -> Sealer | None:
    """The key that this ledger is under; None where it has none and none is at hand."""
    known = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == SEAL_KEY))
    at_hand = ledger.seal()
    if known is not None:
        return must_be_the_seal(at_hand, known)
    if at_hand is not None:
        raise Unsealed(
            "The shop's file names a seal key, and this ledger is not sealed with it: it is older than the "
            "key, or its seal was taken away. Look at `gallra audit verify`, then run "
            "`gallra ledger seal --by NAME`."
        )
    return None


def told(found: Break) -> str:
    """What a person reads of the first break."""
    return (
        f"The ledger was changed by hand: {found}. Nothing was written. See `gallra audit verify`, and "
        "restore the ledger from a backup; where it is right as it stands, a named person answers for it "
        "with `gallra ledger seal --by NAME --as-it-stands`."
    )


def is_sealed(connection: Connection) -> bool:
    """Whether a seal key vouches for this ledger."""
    named = select(schema.meta.c.name).where(schema.meta.c.name == SEAL_KEY)
    return connection.scalar(named) is not None
