"""The owner lets go of the claims on one order, at a request to erase: it goes too (schedule §3)."""

from connector.deciding.request_scope import scope_of
from connector.errors import GallraError, LedgerError
from connector.ledger.naming import meant
from connector.ledger.request_loosened import OwnersWord, say_of_claims
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.records import Kind
from connector.shop import Shop
from connector.stages.flow.common import may_write
from connector.stages.flow.requesting import register_of

_BEFORE_APPROVAL = (RequestState.SCOPED, RequestState.DECIDED)


def loosen_claims(shop: Shop, code: str, order: str, word: OwnersWord) -> RequestRow:
    """Notes the owner's word on one order of a request to erase, which is then to be decided anew.

    Raises GallraError where the order is not surely the person's, LedgerError once a plan was approved.
    """
    may_write(shop)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
    if not row.kind.erases:
        raise GallraError(f"Request {row.code} asks for no erasure. Nothing was recorded.")
    if row.state not in _BEFORE_APPROVAL:
        raise LedgerError(
            f"Request {row.code} is {row.state}: claims are loosened once it is decided, and before its plan "
            "is approved. Nothing was recorded."
        )
    found = meant(shop.ledger, Kind.ORDER, order)
    if found.id not in scope_of(shop.ledger, shop.platforms, row).sure:
        raise GallraError(
            "That order does not carry what was proven, so it is not theirs. Nothing was recorded."
        )
    with shop.ledger.begin() as connection:
        say_of_claims(shop.ledger, connection, row.code, found.id, word)
        return register.advance(connection, row, RequestState.SCOPED)


__all__ = ["loosen_claims"]
