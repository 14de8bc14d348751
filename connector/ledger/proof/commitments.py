"""Names stand in the chain as salted commitments, with the text beside: it can go, and the chain holds."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

SAID = frozenset(
    {
        "accesses", "accountant", "archived", "by", "evidence", "gone", "kept", "label", "on_behalf", "order",
        "owner", "person", "role", "said", "user",
    }
)  # fmt: skip
"""Keys of an event's detail under which a person, an order or an account is named."""
OPEN = frozenset(
    {
        "adapter", "after", "agree", "answered", "applied", "as_it_stands", "beyond", "came", "clean",
        "code", "copies", "count", "deliveries", "differs", "digest", "done", "error", "event", "events",
        "failed", "fault", "file", "form", "handles", "head", "held", "hold", "holds", "host", "how", "id",
        "ids", "incomplete", "key", "later", "left", "letter", "letters", "message", "messages", "missing",
        "name", "none_found", "notes", "number", "numbers", "of", "older", "on", "orders", "outcome", "plans",
        "policy", "public", "read", "recipient", "records", "refused", "requests", "retries", "row", "rows",
        "sampled", "scope", "seconds", "sent", "sentences", "sha256", "signature", "since", "skipped", "step",
        "steps", "through", "unknown", "unread", "unreadable", "until", "updated",
        "request", "kind", "channel", "to", "version", "versions", "waiting", "waves",
        "what", "wiped", "written_off",
    }
)  # fmt: skip
"""Keys of counts, codes, days and digests: they stand in the chain as they are, and no other does."""


ROW = "row"
"""The key under which a row is committed to: beside it stands the salt, for the row is the text."""


class Parted(NamedTuple):
    """An event's detail as the chain has it, and what is said beside: canonical JSON each."""

    chained: str
    beside: str


def canonical(value: Any) -> str:
    """The one JSON text of a value: names in order, nothing between the signs."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def new_salt() -> str:
    """Sixteen random bytes, so that no name can be guessed from its commitment."""
    return os.urandom(16).hex()


def commitment(salt: str, text: bytes) -> dict[str, str]:
    """What stands in the chain for a text."""
    return {"sha256": hashlib.sha256(salt.encode() + b"\n" + text).hexdigest()}


def parted(detail: Mapping[str, Any]) -> Parted:
    """Puts what names somebody, or may, beside the chain."""
    chained, beside = dict(detail), dict[str, list[Any]]()
    for name in sorted(detail.keys() - OPEN):
        salt = new_salt()
        beside[name] = [salt, json.loads(canonical(detail[name]))]
        chained[name] = commitment(salt, canonical(detail[name]).encode())
    return Parted(canonical(chained), canonical(beside) if beside else "")


def joined(chained: str, beside: str) -> dict[str, Any]:
    """The detail as it was told; a text that has gone leaves its commitment."""
    detail: dict[str, Any] = json.loads(chained)
    if beside:
        detail |= {name: said[1] for name, said in json.loads(beside).items() if len(said) > 1}
    return detail


def agree(chained: str, beside: str) -> bool:
    """Whether every text beside is the one that the chain holds, and none is missing or more."""
    try:
        detail, said = json.loads(chained), json.loads(beside or "{}")
        committed = {name for name, one in detail.items() if _is_commitment(one)}
        texts = [(name, *one) for name, one in said.items() if name != ROW or len(one) > 1]
        return said.keys() == committed and all(
            detail[name] == commitment(salt, canonical(text).encode()) for name, salt, text in texts
        )
    except (ValueError, TypeError, AttributeError):
        return False


def _is_commitment(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"sha256"}
