"""Ids, moments and money as Shopify writes them."""

import re
from datetime import UTC, datetime
from functools import cache

from sandbox.wire import Json

_GID = re.compile(r"gid://shopify/(\w+)/(\d+)(\?.*)?\Z")


def gid(kind: str, number: int) -> str:
    """The id of a record: gid://shopify/Order/5001."""
    return f"gid://shopify/{kind}/{number}"


def number_of(text: str, kind: str = "") -> int | None:
    """The number in an id, or None where the id is malformed or of another kind."""
    match = _GID.match(text)
    if match is None or (kind and match[1] != kind):
        return None
    return int(match[2])


def kind_of(text: str) -> str:
    """The kind of record that an id names, or nothing."""
    match = _GID.match(text)
    return match[1] if match else ""


def iso(seconds: float) -> str:
    """A moment as the API writes it: whole seconds, UTC."""
    return f"{datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19]}Z"


def epoch(text: str) -> int:
    """Seconds since 1970 of a moment or a day. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@cache
def bag(cents: int) -> Json:
    """An amount in the shop's currency and the buyer's, in text; shared, so never changed in place."""
    text = f"{cents // 100}.{cents % 100:02d}".removesuffix("0")
    amount = {"amount": text, "currencyCode": "SEK"}
    return {"shopMoney": amount, "presentmentMoney": amount}
