"""What came of a request to rectify or complete, as its person is told: the fields, and who was told."""

from connector.errors import LedgerError
from connector.ledger.request_outcomes import fields_put_right, told_of
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.records import from_bits
from connector.report.request_letters.model import Confirmation
from connector.report.shared import Both
from connector.report.tables import field_name
from connector.report.words import Words
from connector.shop import Shop
from connector.views.dry_run.heads import known_as

_SEEN = (RequestState.READ_BACK, RequestState.ANSWERED)


def rectified_of(shop: Shop, row: RequestRow) -> Confirmation:
    """The fields that were put right and read back. Raises LedgerError before they are.

    Where a person has put it right in the shop, no plan names a field: the letter then says it of the whole.
    """
    with shop.ledger.begin() as connection:
        bits = fields_put_right(connection, shop.ledger.shop, row.scope) if row.scope else 0
        told = told_of(connection, shop.ledger.shop, row.scope) if row.scope else ()
    if row.scope and row.state not in _SEEN and row.state is not RequestState.DECIDED:
        raise LedgerError(
            f"Request {row.code} is {row.state}: not all of it is done, told and read back. Run `gallra "
            "apply`, `gallra push` and `gallra verify` first. Nothing was written."
        )
    fields = tuple(
        Both(sv=field_name(one, Words("sv")), en=field_name(one, Words("en"))) for one in from_bits(bits)
    )
    names = tuple(dict.fromkeys(known_as(shop, one)[0] for one in told))
    return Confirmation(on=shop.today, fields=fields, told=names)


__all__ = ["rectified_of"]
