"""WooCommerce's page for keys (`/wc-auth/v1/authorize`), and the message that brings them.

WooCommerce REST API documentation, Authentication endpoint: app_name, scope, user_id, return_url and
callback_url (https) go there; key_id, user_id, consumer_key, consumer_secret and key_permissions come back as
JSON, and anything but 200 in answer takes the key back. `user_id` is the asking program's own word.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from adapters.woocommerce.client import ADAPTER
from connector.errors import Rejected
from connector.ports.granting import Granted
from connector.text.decoding import json_as

_WRITES = frozenset({"write", "read_write"})


class _Sent(msgspec.Struct, frozen=True):
    """What WooCommerce sends."""

    user_id: str | int
    consumer_key: str
    consumer_secret: str
    key_permissions: str = "read"


class WooCommerceKeys:
    """One shop's page for keys."""

    name = ADAPTER

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def address(self, *, word: str, send_to: str, write: bool) -> str:
        """The page; whoever has agreed comes back to the shop's own list of keys."""
        asked = {
            "app_name": "Gallra",
            "scope": "read_write" if write else "read",
            "user_id": word,
            "return_url": f"{self.url}/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys",
            "callback_url": send_to,
        }
        return f"{self.url}/wc-auth/v1/authorize?{urlencode(asked)}"

    def read(self, body: bytes) -> Granted:
        """The two keys. Raises Rejected for anything that is not WooCommerce's message."""
        sent = json_as(body, _Sent)
        if sent is None or not sent.consumer_key.startswith("ck_"):
            raise _unreadable()
        if not sent.consumer_secret.startswith("cs_"):
            raise _unreadable()
        return Granted(
            word=str(sent.user_id),
            values={"key": sent.consumer_key, "secret": sent.consumer_secret},
            may_write=sent.key_permissions in _WRITES,
        )


def _unreadable() -> Rejected:
    return Rejected(
        "woocommerce: a message that should bring keys holds none. Ask again with `gallra keys ask`.",
        adapter=ADAPTER,
        operation="receive keys",
    )


def build(settings: Mapping[str, Any]) -> WooCommerceKeys:
    """The page of one shop: `url` is its address."""
    return WooCommerceKeys(str(settings["url"]))
