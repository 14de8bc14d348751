"""A protocol as a file: the checksum that it carries of itself, and its signature beside it."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from connector.ledger.proof import sshsig
from connector.machine.files import text_of

SIGNATURE = ".sshsig"
"""What a signature's file ends in."""

_CHAIN = re.compile(rb'"chain": "([0-9a-f]{64})"')


def own_checksum(text: bytes) -> str:
    """The checksum that a protocol carries, taken before it stood in it; empty where it is another."""
    found = _CHAIN.search(text)
    if found is None:
        return ""
    before = text.replace(found[0], b'"chain": ""')
    return found[1].decode() if hashlib.sha256(before).hexdigest().encode() == found[1] else ""


def is_signed(text: bytes, beside: Path, keys: Sequence[bytes]) -> bool:
    """Whether the signature beside a protocol is of this text, by one of these keys."""
    armour = text_of(beside)
    return any(sshsig.is_signed(text, armour, key, namespace=sshsig.PROTOCOL) for key in keys)
