"""What a form carries so that nobody else's page can send it: signed by the server, good for one visitor."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from connector.records import Value

FORM = timedelta(minutes=15)
"""How long a page with a passkey's question may lie open before it is asked anew."""


class Nonce(Value, frozen=True, kw_only=True):
    """A number used once, and until when it may be."""

    text: str
    until: datetime


class Tokens:
    """Signs with one key; keeps nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of_form(self, visitor: str) -> str:
        """The token of every form of one visitor: a session's secret, or what a sign-in began with."""
        return self._signed("form", visitor)

    def is_of_form(self, token: str, visitor: str) -> bool:
        """Whether a form was this visitor's."""
        return bool(visitor) and hmac.compare_digest(token.encode(), self.of_form(visitor).encode())

    def nonce(self, purpose: str, now: datetime) -> str:
        """A new nonce for a purpose, as a page carries it."""
        until = str(int((now + FORM).timestamp()))
        text = secrets.token_urlsafe(24)
        return ".".join((text, until, self._signed("nonce", purpose, text, until)))

    def read_nonce(self, carried: str, purpose: str, now: datetime) -> Nonce | None:
        """The nonce that a page carried; None where it is of another purpose, changed or over."""
        text, _, rest = carried.partition(".")
        until, _, signature = rest.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signed("nonce", purpose, text, until).encode()):
            return None
        moment = datetime.fromtimestamp(int(until), tz=now.tzinfo)
        return Nonce(text=text, until=moment) if now <= moment else None

    def challenge(self, nonce: Nonce, *about: str) -> bytes:
        """What a passkey signs to sign in or to enrol: nothing that a page could have made itself."""
        return hmac.new(self._key, _joined(("challenge", nonce.text, *about)), hashlib.sha256).digest()

    def _signed(self, *parts: str) -> str:
        return hmac.new(self._key, _joined(parts), hashlib.sha256).hexdigest()


class Approving(Value, frozen=True, kw_only=True):
    """What one approval is about, all of which its passkey signs."""

    shop: str
    digest: str
    waves: tuple[str, ...]
    first_run: bool
    session: str

    def challenge(self, nonce: Nonce) -> bytes:
        """SHA-256 over all of it: another plan, round, session or page gives another question."""
        first = "first run" if self.first_run else ""
        parts = (nonce.text, self.shop, self.digest, ",".join(self.waves), first, self.session)
        return hashlib.sha256(_joined(parts)).digest()


def _joined(parts: Sequence[str]) -> bytes:
    """Parts that cannot run into each other: each with its length before it."""
    return b"".join(b"%d:%s" % (len(one.encode()), one.encode()) for one in parts)
