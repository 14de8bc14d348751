"""A ledger that is not there although it once was: never begun anew in silence."""

import msgspec

from connector.errors import LedgerError
from connector.ledger.head import file_of
from connector.settings import Settings
from connector.text.decoding import NOT_JSON


def must_be_first(settings: Settings) -> None:
    """Refuses to begin a ledger where protocols say that there was one. Raises LedgerError.

    A new one would know no hold, no limit and no run before it, and would ask nobody for a first one.
    """
    folder, shop = settings.reports.folder, settings.shop.id
    count = sum(_of(path.read_bytes()) == shop for path in folder.glob("protocol-*.json"))
    head = file_of(folder, shop)
    if count or head.exists():
        left = f"{count} protocols in {folder} come" if count else f"{head} comes"
        raise LedgerError(
            f"There is no ledger at {settings.ledger.named}, but {left} from one. "
            "Correct ledger.path, or restore the ledger from a backup (`gallra ledger restore`); to begin "
            f"anew all the same, move the protocols and {head.name} to another folder first."
        )


def _of(protocol: bytes) -> str:
    """The id of the shop that a protocol is of; empty where it cannot be read."""
    try:
        found = msgspec.json.decode(protocol)["shop"]["id"]
    except (*NOT_JSON, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""
