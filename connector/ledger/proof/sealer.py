"""The seal key: it vouches for rows and for the chain's head, and a signing key follows from it."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connector.identity import key_fingerprint
from connector.ledger.proof import sshsig

SEAL_KEY = "seal key"
"""The name of the key's fingerprint in the ledger."""


class Sealer:
    """What only the holder of the seal key can write."""

    def __init__(self, key: bytes) -> None:
        self.fingerprint = key_fingerprint(key)
        self._head = _follows(key, b"gallra: the head of a chain, 1")
        self._rows = _follows(key, b"gallra: rows and receipts, 1")
        self._signing = Ed25519PrivateKey.from_private_bytes(_follows(key, b"gallra: protocols, Ed25519, 1"))
        self._public = self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def public(self) -> str:
        """The public half of the signing key, base64."""
        return base64.b64encode(self._public).decode()

    def of_head(self, shop: str, seq: int, digest: str) -> str:
        """What vouches for the last event of a chain."""
        return hmac.new(self._head, f"{shop}\n{seq}\n{digest}".encode(), hashlib.sha256).hexdigest()

    def of_row(self, canonical: bytes) -> int:
        """What vouches for one row, as a number that can be summed."""
        return int.from_bytes(hashlib.blake2b(canonical, key=self._rows, digest_size=32).digest())

    def sign(self, message: bytes, *, namespace: str) -> str:
        """An SSH signature of a message, in armour."""
        return sshsig.signed(message, self._signing.sign, self._public, namespace=namespace)


def _follows(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose (HMAC as a key derivation, NIST SP 800-108)."""
    return hmac.new(key, purpose, hashlib.sha256).digest()
