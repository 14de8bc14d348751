"""Signed requests to whoever the settings name: what carries them, and the keys they are signed with."""

from collections.abc import Mapping
from hashlib import sha256
from typing import cast
from urllib.parse import urlsplit

from connector.errors import SettingsError
from connector.ports.posting import Posts, Reply, WebRequest
from connector.registry import build_alerts
from connector.settings import resolve_secrets
from connector.settings.outgoing import Veto, Webhook
from connector.shop import Shop
from connector.text.webhook_signature import Signed, headers_of, key_of

_SECRETS = ("secret", "old_secret")
HOOK_SECONDS = 15.0
"""How long a monitor may take to answer (Standard Webhooks: 15 to 30 s)."""


def posts_of(shop: Shop) -> Posts:
    """What carries a request out of the machine."""
    return cast(Posts, build_alerts(shop.settings.reach()))


def keys_of(shop: Shop, where: str) -> tuple[bytes, ...]:
    """The keys of one receiver, the newest first. Raises SettingsError where one is none."""
    values = resolve_secrets(shop.settings, only=(where,)).get(where, {})
    return tuple(_key(where, name, values[name]) for name in _SECRETS if name in values)


def _key(where: str, name: str, value: str) -> bytes:
    try:
        return key_of(value)
    except ValueError as fault:
        raise SettingsError(
            [
                f"{where}.{name}: is no secret of Standard Webhooks ({fault}). "
                "Write whsec_ and 24 to 64 bytes in base64."
            ]
        ) from None


def send(shop: Shop, to: Webhook | Veto, message: Signed, keys: tuple[bytes, ...]) -> Reply:
    """Sends one signed request, once."""
    seconds = float(to.seconds) if isinstance(to, Veto) else HOOK_SECONDS
    headers = headers_of(message, keys)
    request = WebRequest(url=to.url, body=message.body, headers=headers, seconds=seconds, private=to.private)
    return posts_of(shop).post(request)


def host_of(to: Webhook | Veto) -> str:
    """The host alone: whoever knows the path may call it."""
    return urlsplit(to.url).hostname or ""


def address_of(to: Webhook | Veto) -> str:
    """The address as a digest: what stands in the ledger calls nobody."""
    return sha256(to.url.encode()).hexdigest()


def named(shop: Shop, data: Mapping[str, object]) -> dict[str, object]:
    """What every message holds: whose shop it is."""
    return {"shop": {"id": shop.settings.shop.id, "name": shop.settings.shop.name}, **data}
