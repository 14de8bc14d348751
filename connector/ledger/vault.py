"""Seals the handles that recipients need, and keys the identifiers that join a person.

Two keys that never meet: the vault key opens handles, the subject key makes identifiers. Each handle is
sealed under a key of its own, which lies beside it, wrapped by the vault key: the vault key can be changed
without opening a handle, and with the wrapped key the handle is gone for whoever holds the vault key.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.errors import LedgerError, WrongKey
from connector.identity import key_fingerprint

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
ENVELOPE = b"\x02"
"""The first byte of what is sealed: a wrapped key, then the handle. Version 1 had neither byte nor key."""

_WRAPPED = NONCE_BYTES + KEY_BYTES + TAG_BYTES


def new_key() -> str:
    """A fresh key, as text for a secret store or a key file."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def read_key(text: str, *, name: str) -> bytes:
    """The key behind its text; raises LedgerError where it is no 32-byte key."""
    try:
        key = base64.urlsafe_b64decode(text.strip().encode("ascii"))
    except (ValueError, UnicodeEncodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise LedgerError(
            f"The {name} is not a Gallra key (32 bytes, base64). Restore the key that this "
            "ledger was made with, or make one for a new ledger with `gallra init`."
        )
    return key


class Vault:
    """Seals and opens handles with AES-256-GCM; the row's identity is bound in.

    `digests` is the key that handles are named by; it outlasts the vault key.
    """

    def __init__(self, key: bytes, *, digests: bytes | None = None) -> None:
        self._cipher = AESGCM(key)
        self._digests = digests or key
        self.fingerprint = key_fingerprint(key)

    def seal(self, value: str, *, bound_to: str) -> bytes:
        """The sealed value, under a key of its own; opens only for the same `bound_to`."""
        own = os.urandom(KEY_BYTES)
        wrapped = _sealed(self._cipher, own, _for_key(bound_to))
        return ENVELOPE + wrapped + _sealed(AESGCM(own), value.encode(), bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> str:
        """The value; raises WrongKey where the key or the row is another."""
        own = self._own_key(sealed, bound_to)
        return _opened(AESGCM(own), sealed[1 + _WRAPPED :], bound_to.encode()).decode()

    def open_first_version(self, sealed: bytes, *, bound_to: str) -> str:
        """The value of what an earlier Gallra sealed under the vault key itself. Raises WrongKey."""
        return _opened(self._cipher, sealed, bound_to.encode()).decode()

    def rewrapped(self, sealed: bytes, *, bound_to: str, to: "Vault") -> bytes:
        """The same handle, its key wrapped by another vault's key; the handle is not opened."""
        own = self._own_key(sealed, bound_to)
        return ENVELOPE + _sealed(to._cipher, own, _for_key(bound_to)) + sealed[1 + _WRAPPED :]

    def wrap(self, key: bytes, *, bound_to: str) -> bytes:
        """A key under this vault's, for the ledger to keep."""
        return _sealed(self._cipher, key, _for_key(bound_to))

    def unwrap(self, wrapped: bytes, *, bound_to: str) -> bytes:
        """The key that was wrapped; raises WrongKey where this vault's key is another."""
        return _opened(self._cipher, wrapped, _for_key(bound_to))

    def _own_key(self, sealed: bytes, bound_to: str) -> bytes:
        return self.unwrap(sealed[1 : 1 + _WRAPPED], bound_to=bound_to)

    def digest(self, value: str) -> bytes:
        """A keyed name of a handle: a repeated attempt finds its row without opening any."""
        return hmac.new(self._digests, b"handle:" + value.encode(), hashlib.sha256).digest()


def closed_vault() -> Vault:
    """Where no vault key is at hand: a vault that opens nothing, for what neither seals nor opens."""
    return Vault(os.urandom(KEY_BYTES))


def _for_key(bound_to: str) -> bytes:
    return b"key|" + bound_to.encode()


def _sealed(cipher: AESGCM, value: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, value, bound)


def _opened(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise _lost() from None


def _lost() -> WrongKey:
    return WrongKey(
        "A sealed handle does not open with this vault key. Restore the ledger's own key; `gallra status` "
        "lists what waits for it."
    )
