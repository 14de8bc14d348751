"""A restriction is lifted by a named person, once whoever asked for it was told (GDPR 18(3))."""

from connector.errors import LedgerError
from connector.ledger.request_holds import is_in_force, release_of
from connector.ledger.request_letters import RequestLetters
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.shop import Shop
from connector.stages.flow.common import may_write

LETTER = "lifting"
"""The letter that tells the person so, as the register of letters calls it."""


def lift_restriction(shop: Shop, code: str, *, by: str) -> RequestRow:
    """Ends a restriction: what it held goes on its way, and what waited is carried on by the next push.

    Raises LedgerError where none is in force, or its letter to the person has not left.
    """
    may_write(shop)
    register = Register(shop.ledger)
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        row = register.get(connection, code)
        if not is_in_force(row):
            raise LedgerError(
                f"Request {row.code} restricts nothing now. See `gallra request show {row.code}`."
            )
        letters = RequestLetters(shop.ledger).of(connection, row.code)
        if not any(one.letter == LETTER and one.left for one in letters):
            raise LedgerError(
                f"Whoever made request {row.code} is told before the restriction is lifted (GDPR 18(3)). "
                f"Write `gallra request letter {row.code} lifting`, send it, and lift it then."
            )
        release_of(register, connection, row, by=by)
        shop.ledger.event(connection, "restriction_lifted", request=row.code, by=by)
        return register.advance(connection, row, RequestState.CLOSED)


__all__ = ["lift_restriction"]
