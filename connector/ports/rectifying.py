"""What a platform can put right in a record at its person's word: one part of it, as that person says it."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connector.ports.looks import Live
from connector.ports.tasks import Receipt
from connector.ports.undo import Back, Kept
from connector.records import Field


class Part(StrEnum):
    """What a person may have put right (GDPR 16), as it is typed; none that a tax or a total is counted from.

    Country and region are none: what an order was sold for stands on them.
    """

    EMAIL = "email"
    PHONE = "phone"
    FIRST_NAME = "first-name"
    LAST_NAME = "last-name"
    NOTE = "note"
    BILLING_FIRST_NAME = "billing-first-name"
    BILLING_LAST_NAME = "billing-last-name"
    BILLING_COMPANY = "billing-company"
    BILLING_ADDRESS_1 = "billing-address-1"
    BILLING_ADDRESS_2 = "billing-address-2"
    BILLING_POSTCODE = "billing-postcode"
    BILLING_CITY = "billing-city"
    SHIPPING_FIRST_NAME = "shipping-first-name"
    SHIPPING_LAST_NAME = "shipping-last-name"
    SHIPPING_COMPANY = "shipping-company"
    SHIPPING_ADDRESS_1 = "shipping-address-1"
    SHIPPING_ADDRESS_2 = "shipping-address-2"
    SHIPPING_POSTCODE = "shipping-postcode"
    SHIPPING_CITY = "shipping-city"
    SHIPPING_PHONE = "shipping-phone"

    @property
    def block(self) -> str:
        """`billing` or `shipping`; empty for what is of neither."""
        head, _, rest = self.partition("-")
        return head if rest and head in ("billing", "shipping") else ""

    @property
    def within(self) -> str:
        """What it is called within its block: `first-name`, `postcode`."""
        return self.removeprefix(f"{self.block}-") if self.block else str(self)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that it is of, as a recipient is told of them."""
        own = _OWN.get(self.within)
        address = {"billing": Field.BILLING_ADDRESS, "shipping": Field.SHIPPING_ADDRESS}.get(self.block)
        if address is None:
            return (own,) if own else ()
        if own is None:
            return (address,)
        return (own, address) if self.block == "shipping" else (own,)


_OWN = {
    "email": Field.EMAIL, "phone": Field.PHONE, "first-name": Field.NAME, "last-name": Field.NAME,
    "company": Field.COMPANY, "note": Field.CUSTOMER_NOTE,
}  # fmt: skip


@runtime_checkable
class Rectifies(Protocol):
    """A platform that can put a part of a record right, by the same calls that put back what was taken."""

    def to_rectify(self, live: Live, part: Part, value: str) -> Kept | None:
        """The place of a part: `after` what stands there, `before` what is to; asks nothing.

        None where no call sets it without moving money or mailing anybody: that is for a hand.
        """
        ...

    def now_in(self, live: Live, kept: Sequence[Kept]) -> Mapping[str, str]:
        """What stands in each of these places now, as JSON, by place; asks nothing."""
        ...

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Writes `before` into each place, one receipt each. Raises MoneyMoved where a total changed."""
        ...


__all__ = ["Part", "Rectifies"]
