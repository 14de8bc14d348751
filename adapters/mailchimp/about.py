"""What Mailchimp is: a holder of subscribers, and a recipient of the shop's orders and customers."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, StrictBool

from adapters.interests import ACCOUNT, order
from connector.about import About
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.ports import Act, Channel, Interest
from connector.records import Field as RecordField
from connector.records import Kind


class MailchimpTable(Recipient):
    """Subscribers; a platform and a recipient at once."""

    needs: ClassVar[tuple[str, ...]] = ("key", "lists")

    code: Literal["MC"] = "MC"
    role: Literal["processor", "controller"] = "processor"
    title: Text = "Mailchimp"
    key: Secret | None = None
    lists: tuple[Text, ...] = ()
    stores: tuple[Text, ...] = ()
    merge_fields: dict[str, RecordField] = Field(default_factory=dict)
    basis: Literal["consent", "soft_optin"] = "consent"
    clicks: StrictBool = False
    # What the shop's sync writes as an e-commerce order's id in Mailchimp.
    order_ids: Literal["number", "id"] = "number"
    # Contacts are forgotten by the Contacts API (beta), which needs no address: one known by its number too.
    contacts: StrictBool = False
    url: SecureUrl | None = None


def _order(handle: str) -> Interest:
    fields = frozenset({RecordField.EMAIL})
    return Interest(act=Act.ERASE, kind=Kind.ORDER, handle=handle, fields=fields, on_delete=True)


# What a store's orders are called by: Mailchimp for WooCommerce copies the order number, which is
# the id only where no plugin numbers the orders; other connections copy the id.
ORDERS: Mapping[str, Interest] = {"number": _order("order_number"), "id": _order("order")}
PEOPLE = (
    _order("guest_email"),
    Interest(act=Act.ERASE, kind=Kind.CUSTOMER, handle="email", on_delete=True),
)

ABOUT = About(
    name="mailchimp",
    title="Mailchimp",
    order=1,
    kinds=(Kind.SUBSCRIBER, Kind.CART),
    recipient=MailchimpTable,
    by_letter=(order("order_number", frozenset({RecordField.EMAIL}), on_delete=True), ACCOUNT),
    # Its agreement is part of its terms, and the page read names no address.
    channel=Channel(
        form="https://mailchimp.com/help/mailchimp-european-data-transfers/",
        source="Mailchimp's help page on its data processing addendum",
        read=date(2026, 11, 29),
    ),
    final={Act.ERASE: "mailchimp"},
)
