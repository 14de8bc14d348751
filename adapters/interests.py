"""What recipients without an adapter are told of by letter, and how a shop narrows it (schedule §4)."""

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


def order(handle: str, fields: frozenset[Field], *, on_delete: bool = False) -> Interest:
    """A line about an order, by what the recipient knows it by."""
    return Interest(act=Act.NOTIFY, kind=Kind.ORDER, handle=handle, fields=fields, on_delete=on_delete)


ACCOUNT = Interest(act=Act.NOTIFY, kind=Kind.CUSTOMER, handle="customer", on_delete=True)
"""A line about a customer who is gone."""

BY_LETTER: dict[str, tuple[Interest, ...]] = {
    "SH": (order("order_number", _APPS, on_delete=True), ACCOUNT),
    "BK": (order("order_number", _BOOKS),),
    "HD": (order("order_number", _DESK, on_delete=True), ACCOUNT),
    "AD": (ACCOUNT,),
    "AN": (ACCOUNT,),
}
"""By code; what an adapter's own kind is told of stands in its description."""


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
                    on_delete=interest.on_delete, irreversible=interest.irreversible, asked=interest.asked,
                )
            )  # fmt: skip
    return tuple(kept)
