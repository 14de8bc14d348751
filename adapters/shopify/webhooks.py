"""Shopify's webhooks: the signature over the raw body, and what each topic names.

Only the body is signed; topic and id are headers. A body must therefore have its topic's own shape, so
that no message passes for another (shopify.dev: Verify webhook deliveries, Privacy law compliance).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from adapters.shopify.faults import ADAPTER
from adapters.stray import NOT_JSON
from connector.errors import AccessDenied, Rejected
from connector.records import Kind, Ref
from connector.webhooks.heard import Heard, Topic

SIGNATURE = "x-shopify-hmac-sha256"
TOPIC, WEBHOOK_ID, SHOP_DOMAIN = "x-shopify-topic", "x-shopify-webhook-id", "x-shopify-shop-domain"

_TOPICS = {
    "customers/redact": (Topic.CUSTOMER_REDACT, Kind.CUSTOMER),
    "customers/data_request": (Topic.DATA_REQUEST, Kind.CUSTOMER),
    "shop/redact": (Topic.SHOP_REDACT, None),
    "orders/create": (Topic.CHANGED, Kind.ORDER),
    "orders/updated": (Topic.CHANGED, Kind.ORDER),
    "orders/delete": (Topic.DELETED, Kind.ORDER),
    "customers/update": (Topic.CHANGED, Kind.CUSTOMER),
    "customers/delete": (Topic.DELETED, Kind.CUSTOMER),
}
_COMPLIANCE = (Topic.CUSTOMER_REDACT, Topic.DATA_REQUEST, Topic.SHOP_REDACT)


class _Person(msgspec.Struct, frozen=True):
    id: int
    email: str | None = None
    phone: str | None = None


class _Body(msgspec.Struct, frozen=True):
    """The parts of a message that anything follows from; the rest is not even read."""

    id: int | None = None
    shop_domain: str | None = None
    customer: _Person | None = None
    orders_to_redact: tuple[int, ...] | None = None
    orders_requested: tuple[int, ...] | None = None


class ShopifyWebhooks:
    """The messages of one shop."""

    name = ADAPTER

    def __init__(self, *, domain: str, secret: str) -> None:
        self._domain = domain.casefold()
        self._secret = secret.encode()

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard | None:
        """The message; None where its topic concerns nothing here.

        Raises AccessDenied where the signature is missing or wrong, Rejected where the message
        cannot be read or is another shop's.
        """
        if not self._signed(headers.get(SIGNATURE, ""), body):
            text = "A webhook is not signed with this app's secret. Compare webhooks.secret with the app's."
            raise AccessDenied(text, adapter=ADAPTER, operation="webhook")
        known = _TOPICS.get(headers.get(TOPIC, ""))
        if known is None:
            return None
        topic, kind = known
        try:
            told = msgspec.json.decode(body, type=_Body)
        except NOT_JSON:
            raise _unreadable() from None
        self._must_be_ours(told, headers, topic)
        webhook = headers.get(WEBHOOK_ID, "")
        if not webhook or not _has_shape(told, topic):
            raise _unreadable()
        return Heard(topic=topic, id=webhook, refs=_refs(told, topic, kind), handles=_handles(told, topic))

    def _signed(self, given: str, body: bytes) -> bool:
        expected = base64.b64encode(hmac.new(self._secret, body, hashlib.sha256).digest())
        return hmac.compare_digest(expected, given.encode("utf-8", "replace"))

    def _must_be_ours(self, told: _Body, headers: Mapping[str, str], topic: Topic) -> None:
        """An app's messages of all its shops may come to one address; only this shop's are taken."""
        named = told.shop_domain if topic in _COMPLIANCE else headers.get(SHOP_DOMAIN)
        if (named or "").casefold() != self._domain:
            text = "A webhook names another shop. Give each shop's messages an address of their own."
            raise Rejected(text, adapter=ADAPTER, operation="webhook")


def _unreadable() -> Rejected:
    text = "A webhook does not have its topic's shape. Compare its API version with the one Gallra uses."
    return Rejected(text, adapter=ADAPTER, operation="webhook")


def _has_shape(told: _Body, topic: Topic) -> bool:
    if topic is Topic.SHOP_REDACT:
        return told.customer is None and told.id is None
    if topic is Topic.CUSTOMER_REDACT:
        return told.customer is not None and told.orders_to_redact is not None
    if topic is Topic.DATA_REQUEST:
        return told.customer is not None and told.orders_requested is not None
    return told.id is not None


def _refs(told: _Body, topic: Topic, kind: Kind | None) -> tuple[Ref, ...]:
    if kind is None:
        return ()
    own = told.customer.id if topic in _COMPLIANCE and told.customer else told.id
    orders = told.orders_to_redact or () if topic is Topic.CUSTOMER_REDACT else ()
    first = Ref(adapter=ADAPTER, kind=kind, id=str(own))
    return (first, *(Ref(adapter=ADAPTER, kind=Kind.ORDER, id=str(order)) for order in orders))


def _handles(told: _Body, topic: Topic) -> dict[str, tuple[str, ...]]:
    """What recipients need, of a person whose copies are to go; of everyone else nothing is kept."""
    if topic is not Topic.CUSTOMER_REDACT or told.customer is None:
        return {}
    person = told.customer
    given = {"customer": str(person.id), "email": person.email, "phone": person.phone}
    return {name: (value,) for name, value in given.items() if value}


def build(settings: Mapping[str, Any]) -> ShopifyWebhooks:
    """The reader of one shop's messages: `url` is the shop's address, `secret` the app's client secret."""
    return ShopifyWebhooks(domain=urlsplit(str(settings["url"])).hostname or "", secret=settings["secret"])
