"""Shopify's webhooks: the signature over the raw body, and what each topic names.

Only the body is signed; topic and id are headers. A body must therefore have its topic's own shape, so
that no message passes for another (shopify.dev: Verify webhook deliveries, Privacy law compliance).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from adapters.shopify.faults import ADAPTER
from adapters.stray import NOT_JSON
from connector.errors import AccessDenied, Rejected, SettingsError
from connector.ports.heard import NO_ACCOUNT, Heard, Topic
from connector.records import Kind, Ref

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
    "customers/merge": (Topic.MERGED, Kind.CUSTOMER),
}
_COMPLIANCE = (Topic.CUSTOMER_REDACT, Topic.DATA_REQUEST, Topic.SHOP_REDACT)


_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_CUSTOMER = re.compile(r"gid://shopify/Customer/([1-9]\d{0,18})")
_NOTHING_FOLLOWS = "failed"
_Id = Annotated[int, msgspec.Meta(gt=0, lt=NO_ACCOUNT)]
_Ids = Annotated[tuple[_Id, ...], msgspec.Meta(max_length=50_000)]  # more than any customer has ordered
_Address = Annotated[str, msgspec.Meta(max_length=1_000)]


class _Person(msgspec.Struct, frozen=True):
    """One whom a message is about; who never had an account comes without an id."""

    id: _Id | None = None
    email: _Address | None = None
    phone: _Address | None = None


class _Body(msgspec.Struct, frozen=True):
    """The parts of a message that anything follows from; the rest is not even read."""

    id: _Id | None = None
    shop_domain: str | None = None
    customer: _Person | None = None
    orders_to_redact: _Ids | None = None
    orders_requested: _Ids | None = None
    admin_graphql_api_customer_kept_id: str | None = None
    admin_graphql_api_customer_deleted_id: str | None = None
    status: Any = None

    @property
    def merged(self) -> tuple[str, ...]:
        """The customer that went and the one that stayed; empty where the two are not named."""
        named = (self.admin_graphql_api_customer_deleted_id, self.admin_graphql_api_customer_kept_id)
        found = tuple(match[1] for one in named if (match := _CUSTOMER.fullmatch(one or "")))
        return found if len(set(found)) == 2 else ()

    @property
    def orders(self) -> tuple[int, ...]:
        """The orders that a message about a person names."""
        return self.orders_to_redact or self.orders_requested or ()


class ShopifyWebhooks:
    """The messages of one shop."""

    name = ADAPTER

    def __init__(self, *, domain: str, secret: str) -> None:
        if not domain or not secret:  # each would let messages in that nobody signed for this shop
            raise SettingsError(["webhooks: needs the shop's address and the app's secret; fill in both"])
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
        if not _ID.fullmatch(webhook) or not _has_shape(told, topic):
            raise _unreadable()
        if topic is Topic.MERGED and told.status == _NOTHING_FOLLOWS:
            return None
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
        return _is_somebody(told.customer) and told.orders_to_redact is not None
    if topic is Topic.DATA_REQUEST:
        return _is_somebody(told.customer) and told.orders_requested is not None
    if topic is Topic.MERGED:
        return bool(told.merged)
    return told.id is not None


def _is_somebody(person: _Person | None) -> bool:
    return person is not None and bool(person.id or (person.email or "").strip())


def _refs(told: _Body, topic: Topic, kind: Kind | None) -> tuple[Ref, ...]:
    """The account first, then its orders: of a person who is not erased only where no account is named."""
    if kind is None:
        return ()
    if topic is Topic.MERGED:
        return tuple(Ref(adapter=ADAPTER, kind=kind, id=one) for one in told.merged)
    own = told.customer.id if topic in _COMPLIANCE and told.customer else told.id
    first = () if own is None else (Ref(adapter=ADAPTER, kind=kind, id=str(own)),)
    orders = told.orders if topic is Topic.CUSTOMER_REDACT or not first else ()
    return (*first, *(Ref(adapter=ADAPTER, kind=Kind.ORDER, id=str(order)) for order in orders))


def _handles(told: _Body, topic: Topic) -> dict[str, tuple[str, ...]]:
    """What recipients need of a person whose copies are to go; of one who asks, the address they gave.

    That finds one who has no account here, and tells of one who has whether it is theirs. Of everyone else
    nothing is kept.
    """
    person = told.customer
    if person is None or topic not in (Topic.CUSTOMER_REDACT, Topic.DATA_REQUEST):
        return {}
    given = {"customer": person.id and str(person.id), "email": person.email, "phone": person.phone}
    if topic is Topic.DATA_REQUEST:
        given = {"email": person.email}
    return {name: (value.strip(),) for name, value in given.items() if value and value.strip()}


def build(settings: Mapping[str, Any]) -> ShopifyWebhooks:
    """The reader of one shop's messages: `url` is the shop's address, `secret` the app's client secret."""
    return ShopifyWebhooks(domain=urlsplit(str(settings["url"])).hostname or "", secret=settings["secret"])
