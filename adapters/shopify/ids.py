"""Shopify's global ids and the plain numbers the index keeps of them."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from connector.records import Kind

GID = re.compile(r"gid://shopify/(\w+)/([0-9]+)\Z")
"""A record's global id; those of its parts may have a query behind them."""

TYPES = {
    Kind.ORDER: "Order",
    Kind.CUSTOMER: "Customer",
    Kind.SUBSCRIBER: "Customer",
    Kind.DRAFT_ORDER: "DraftOrder",
    Kind.CART: "AbandonedCheckout",
    Kind.COUPON: "GiftCard",
}


T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most this many."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def gid(kind: Kind, number: str) -> str:
    """The global id of a record, `gid://shopify/Order/123`."""
    return f"gid://shopify/{TYPES[kind]}/{number}"


def number(gid: object) -> str:
    """The number of a global id; a query behind it (as on addresses) is not part of it."""
    return str(gid or "").partition("?")[0].rpartition("/")[2]
