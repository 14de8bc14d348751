"""An order as WooCommerce answers it: its blocks, and whom they name."""

from collections.abc import Mapping
from typing import Any

from adapters.held import says
from adapters.woocommerce import told
from adapters.woocommerce.meta import OBJECTS, first_values, meta_rows
from adapters.woocommerce.told import text_of as text_of
from connector.places.suspected import Own
from connector.text.folding import folded_text, same_person

Order = Mapping[str, Any]
TOWN = ("address_1", "address_2", "city")
STREET = ("address_1", "address_2", "city", "state")


def block_of(order: Order, name: str) -> Order:
    """The billing or shipping address; empty where the order has none."""
    block = order.get(name)
    return block if isinstance(block, OBJECTS) else {}


def has(block: Mapping[str, Any], part: str) -> bool:
    """Whether a part of an address says anything."""
    return says(block.get(part))


def _name(block: Mapping[str, Any]) -> str:
    return folded_text(f"{text_of(block, 'first_name')} {text_of(block, 'last_name')}")


def names_buyer(order: Order) -> bool:
    """Whether the billing address says who bought."""
    billing = block_of(order, "billing")
    return any(has(billing, part) for part in ("first_name", "last_name", "company"))


def is_company(order: Order) -> bool:
    """Whether a company is billed."""
    return has(block_of(order, "billing"), "company")


def destination(order: Order) -> str:
    """The country that an order goes to, in capitals; empty where a place is named without one.

    Where nothing is sent, the sale ends where the buyer is billed.
    """
    shipping = block_of(order, "shipping")
    sent = any(has(shipping, part) for part in ("country", *STREET, "postcode"))
    return text_of(shipping if sent else block_of(order, "billing"), "country").strip().upper()


def is_gift(order: Order) -> bool:
    """Whether the goods go to somebody else than the buyer: a third person (T-04, T-15).

    Where no buyer is named there is no other.
    """
    buyer, recipient = _name(block_of(order, "billing")), _name(block_of(order, "shipping"))
    return bool(recipient) and bool(buyer) and not same_person(recipient, buyer)


def names(order: Order) -> Own:
    """The words of an order's people, to find them repeated elsewhere."""
    return told.people(block_of(order, "billing"), block_of(order, "shipping"))


def meta_of(order: Order) -> dict[str, Any]:
    """The order's meta rows that hold something, by key; the first of a key wins."""
    return first_values(meta_rows(order.get("meta_data")))
