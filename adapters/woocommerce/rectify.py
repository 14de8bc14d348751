"""Where a part of an order or an account stands, and the keys that set it and move no money.

Orders are written by internal meta keys, as `redact` writes them: `billing` and `shipping` would make
WooCommerce compute totals and VAT anew. WordPress mails the old address when an account's e-mail changes, so
that is for a hand.
"""

import json
from collections.abc import Mapping

from adapters.woocommerce.receipts import Item
from adapters.woocommerce.restore import META, PROPERTY, now_in
from connector.ports import Kept
from connector.ports.rectifying import Part
from connector.records import Kind

_OF_ORDER = {
    Part.EMAIL: "billing.email", Part.PHONE: "billing.phone", Part.FIRST_NAME: "billing.first_name",
    Part.LAST_NAME: "billing.last_name",
}  # fmt: skip
_OF_ACCOUNT = {
    Part.PHONE: "billing.phone", Part.FIRST_NAME: "first_name", Part.LAST_NAME: "last_name",
}  # fmt: skip


def to_rectify(kind: Kind, record: Item, part: Part, value: str) -> Kept | None:
    """The place of a part, what stands there and what is to; None where only a hand sets it."""
    found = _of_order(part) if kind is Kind.ORDER else _of_account(part)
    if found is None or not _has_block(record, found[1]):
        return None
    place, key = found
    kept = Kept(place=place, key=key, fields=part.fields, before=json.dumps(value), after="null")
    return Kept(
        place=place, key=key, fields=part.fields, before=kept.before, after=now_in(record, [kept])[place]
    )


def _of_order(part: Part) -> tuple[str, str] | None:
    """The name of the place, and its key."""
    if part is Part.NOTE:
        return f"{PROPERTY}customer_note", "customer_note"
    path = _in_block(part) or _OF_ORDER.get(part)
    if path is None:
        return None
    block, _, name = path.partition(".")
    return f"{META}_{block}_{name}", f"_{block}_{name}"


def _of_account(part: Part) -> tuple[str, str] | None:
    path = _in_block(part) or _OF_ACCOUNT.get(part)
    return None if path is None else (f"{PROPERTY}{path}", path)


def _in_block(part: Part) -> str | None:
    return f"{part.block}.{part.within.replace('-', '_')}" if part.block else None


def _has_block(record: Item, key: str) -> bool:
    """Whether the record shows the block of a key: what it does not show cannot be read back."""
    for block in ("billing", "shipping"):
        if key.startswith((f"_{block}_", f"{block}.")):
            return isinstance(record.get(block), Mapping)
    return key in record


__all__ = ["to_rectify"]
