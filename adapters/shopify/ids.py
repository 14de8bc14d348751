"""Shopify's global ids and the plain numbers the index keeps of them."""

from connector.records import Kind

_TYPES = {
    Kind.ORDER: "Order",
    Kind.CUSTOMER: "Customer",
    Kind.SUBSCRIBER: "Customer",
    Kind.DRAFT_ORDER: "DraftOrder",
    Kind.CART: "AbandonedCheckout",
    Kind.COUPON: "GiftCard",
}


def gid(kind: Kind, number: str) -> str:
    """The global id of a record, `gid://shopify/Order/123`."""
    return f"gid://shopify/{_TYPES[kind]}/{number}"


def number(gid: object) -> str:
    """The number of a global id; a query behind it (as on addresses) is not part of it."""
    return str(gid or "").partition("?")[0].rpartition("/")[2]
