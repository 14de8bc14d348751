"""Seals the handles that recipients need, and keys the identifiers that join a person.

Two keys that never meet: the vault key opens handles, the subject key makes identifiers.
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
    """Seals and opens handles with AES-256-GCM; the row's identity is bound in."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key
        self.fingerprint = key_fingerprint(key)

    def seal(self, value: str, *, bound_to: str) -> bytes:
        """The sealed value; opens only for the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value.encode(), bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> str:
        """The value; raises WrongKey where the key or the row is another."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
        except InvalidTag:
            raise WrongKey(
                "A sealed handle does not open with this vault key. Restore the ledger's own key."
            ) from None
        return plain.decode()

    def digest(self, value: str) -> bytes:
        """A keyed name of a handle: a repeated attempt finds its row without opening any."""
        return hmac.new(self._key, b"handle:" + value.encode(), hashlib.sha256).digest()
