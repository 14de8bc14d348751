"""What each kind of recipient is told of by letter, and how a shop narrows it (schedule §4)."""

from collections.abc import Sequence

from connector.ports import Act, Interest
from connector.records import Field, Kind

PAYMENT_FIELDS = frozenset(
    {
        Field.NAME, Field.EMAIL, Field.PHONE, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS,
        Field.PERSONAL_NUMBER, Field.PAYMENT_DETAILS,
    }
)  # fmt: skip
_BOOKS = frozenset(
    {Field.NAME, Field.BILLING_ADDRESS, Field.COMPANY, Field.ORGANISATION_NUMBER, Field.EMAIL, Field.PHONE}
)
_DESK = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.CUSTOMER_NOTE, Field.STAFF_NOTES})
_APPS = frozenset(Field) - {Field.ACCOUNT}


def _order(handle: str, fields: frozenset[Field], *, on_delete: bool = False) -> Interest:
    return Interest(act=Act.NOTIFY, kind=Kind.ORDER, handle=handle, fields=fields, on_delete=on_delete)


_ACCOUNT = Interest(act=Act.NOTIFY, kind=Kind.CUSTOMER, handle="customer", on_delete=True)

INTERESTS: dict[str, tuple[Interest, ...]] = {
    "KL": (_order("klarna_order", PAYMENT_FIELDS),),
    "PA": (_order("payson_checkout", PAYMENT_FIELDS),),
    "PN": (_order("tracking_number", frozenset({Field.TRACKING_NUMBER})),),
    "BK": (_order("order_number", _BOOKS),),
    "HD": (_order("order_number", _DESK, on_delete=True), _ACCOUNT),
    "SH": (_order("order_number", _APPS, on_delete=True), _ACCOUNT),
    "AD": (_ACCOUNT,),
    "AN": (_ACCOUNT,),
    "MC": (_order("order_number", frozenset({Field.EMAIL}), on_delete=True), _ACCOUNT),
}


def narrowed(interests: Sequence[Interest], sends: frozenset[Field]) -> tuple[Interest, ...]:
    """The interests in what a recipient is sent; all where nothing is said.

    A carrier is told when the parcel's number goes, whatever else it was sent.
    """
    if not sends:
        return tuple(interests)
    sends |= {Field.TRACKING_NUMBER}
    kept = []
    for interest in interests:
        fields = interest.fields & sends
        if fields or not interest.fields:
            kept.append(
                Interest(
                    act=interest.act, kind=interest.kind, handle=interest.handle, fields=fields,
                    on_delete=interest.on_delete, irreversible=interest.irreversible,
                )
            )  # fmt: skip
    return tuple(kept)
