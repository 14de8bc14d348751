"""Signatures of webhooks by Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256, version v1."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a secret."""
TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be from ours: an older request may be one that is sent again by others."""
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_VERSION = "v1,"
_SECOND = re.compile(r"[0-9]{1,12}")


class Signed(NamedTuple):
    """What a signature is of: the message's id, the second it was sent, its body as it goes over the wire."""

    id: str
    at: int
    body: bytes


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError, which never quotes it, where it is none."""
    text = secret.strip().removeprefix(PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None
    if not LEAST <= len(key) <= MOST:
        raise ValueError("too short or too long")
    return key


def headers_of(message: Signed, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers of a message; several keys while a secret is being changed, each with its own."""
    signatures = " ".join(_signature(message, key) for key in keys)
    return {ID: message.id, TIMESTAMP: str(message.at), SIGNATURE: signatures}


def is_signed(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, now: datetime) -> bool:
    """Whether what came was signed with one of these keys, and less than five minutes ago."""
    told = {name.lower(): value for name, value in headers.items()}
    at = told.get(TIMESTAMP, "")
    if not _SECOND.fullmatch(at) or abs(int(at) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    message = Signed(told.get(ID, ""), int(at), body)
    given = [one.encode() for one in told.get(SIGNATURE, "").split()]
    return any(hmac.compare_digest(one, _signature(message, key).encode()) for one in given for key in keys)


def _signature(message: Signed, key: bytes) -> str:
    signed = f"{message.id}.{message.at}.".encode() + message.body
    return _VERSION + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
