"""What `status` and `check` say of the ledger's seal."""

from connector.ledger.head import forgotten
from connector.ledger.proof.audit import breaks
from connector.ledger.proof.gate import is_sealed, told
from connector.ledger.proof.head import chain_head
from connector.shop import Shop

_HOW = "run `gallra ledger seal --by NAME`"


def seal_alert(shop: Shop) -> str:
    """What a person must know of the seal, offline; empty where the ledger is sealed and its key is named."""
    if shop.has_ledger and (found := _found_wrong(shop)):
        return found
    named = shop.settings.ledger.seal_key is not None
    sealed = shop.has_ledger and _is_sealed(shop)
    if sealed and not named:
        return "the ledger is sealed, and the shop's file names no ledger.seal_key: restore it, nothing runs"
    if not named:
        return f"the ledger is not sealed: what is changed in it by hand goes unseen; {_HOW}"
    if not sealed and shop.has_ledger and _has_begun(shop):
        return f"the ledger is not sealed, though a seal key is named: see `gallra audit verify`, then {_HOW}"
    return ""


def _found_wrong(shop: Shop) -> str:
    """That the ledger was changed by hand, or is older than its reports; empty where neither is so.

    Without the seal key at hand the rest is checked: that the key is missing is said elsewhere.
    """
    ledger = shop.ledger
    with ledger.begin() as connection:
        lost = forgotten(ledger, connection, shop.settings.reports.folder)
        found = next(breaks(connection, ledger.shop, None), None)
    if found is not None:
        return told(found)
    return f"{lost}. Nothing is erased until `gallra ledger accept --by NAME`" if lost else ""


def _is_sealed(shop: Shop) -> bool:
    with shop.ledger.begin() as connection:
        return is_sealed(connection)


def _has_begun(shop: Shop) -> bool:
    """Whether anything was written to the ledger: a new one is sealed by its first event."""
    with shop.ledger.begin() as connection:
        return chain_head(shop.ledger, connection).seq > 0
