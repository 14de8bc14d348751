"""Whether a row of the shop can be read: its parts have the types that the reading rests on.

A plugin, an importer or PHP itself (an array with a hole becomes an object) leaves other types. What
can be read as it was meant is; of the rest the first part that cannot is named.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.woocommerce.answers import TORN, Row, whole
from adapters.woocommerce.dates import naive
from connector.records import Kind

_ROWS = ("meta_data", "line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines", "refunds")
_LISTS = ("email_restrictions", "used_by")
_BLOCKS = ("billing", "shipping")
# What a block is read by; what a plugin adds to it may have any type.
BLOCK_PARTS = frozenset({
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country",
    "email", "phone",
})  # fmt: skip
# What a block always has, empty or not: one that lacks a key does not say that it holds nothing there.
_WHOLE = {"billing": BLOCK_PARTS, "shipping": BLOCK_PARTS - {"email"}}
_NO_DATE = ("", "0000-00-00T00:00:00", "0000-00-00 00:00:00")
# The parts without which a row says nothing of a person: a row that lacks one answers another question.
NEEDED: Mapping[Kind, frozenset[str]] = {
    Kind.ORDER: frozenset({
        "status", "date_created_gmt", "date_modified_gmt", "total", "customer_id", "billing", "shipping",
        "customer_note", "customer_ip_address", "customer_user_agent", "transaction_id", "payment_method",
        "meta_data", "shipping_lines", "refunds",
    }),
    Kind.CUSTOMER: frozenset({
        "date_created_gmt", "email", "first_name", "last_name", "role", "billing", "shipping", "meta_data",
    }),
    Kind.REVIEW: frozenset({"date_created_gmt", "reviewer", "reviewer_email", "review"}),
    Kind.COUPON: frozenset({"code", "discount_type", "description", "email_restrictions", "meta_data"}),
}  # fmt: skip
# What a fetch is compared by after a write; needed where it was asked for.
_MONEY = frozenset({"line_items", "tax_lines", "fee_lines", "coupon_lines", "total_tax", "currency"})
_TEXTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("status", "number", "created_via", "customer_note", "customer_ip_address",
                 "customer_user_agent", "transaction_id", "payment_method", "total"),
    Kind.CUSTOMER: ("email", "first_name", "last_name", "role", "username"),
    Kind.REVIEW: ("status", "reviewer", "reviewer_email", "review"),
    Kind.COUPON: ("code", "description", "discount_type", "status", "usage_count", "usage_limit"),
}  # fmt: skip
_DATES: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("date_created_gmt", "date_modified_gmt", "date_completed_gmt", "date_paid_gmt"),
    Kind.CUSTOMER: ("date_created_gmt", "date_modified_gmt"),
    Kind.REVIEW: ("date_created_gmt",),
    Kind.COUPON: ("date_created_gmt", "date_modified_gmt", "date_expires_gmt"),
}
_NUMBERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("customer_id",), Kind.COUPON: ("usage_count", "usage_limit"),
}  # fmt: skip


def plain(row: Row) -> Row:
    """The row with lists that came as objects as lists, and empty lists that stand for blocks as blocks."""
    changed: dict[str, Any] = {}
    for name in _ROWS:
        part = row.get(name)
        rows = _values(part)
        if name != "meta_data" and isinstance(rows, list):
            rows = _lines(rows)
        if rows is not part:
            changed[name] = rows
    for name in _LISTS:
        entries = _values(row.get(name))
        if entries is not row.get(name):
            changed[name] = entries
    changed |= {name: {} for name in _BLOCKS if row.get(name) == []}
    number = whole(row.get("customer_id"))
    if number is not None and number != row["customer_id"]:
        changed["customer_id"] = number
    return {**row, **changed} if changed else row


def _lines(lines: list[Any]) -> list[Any]:
    """The lines of an order, each with its rows as lists; the same list where nothing changes."""
    found = [_line(line) if isinstance(line, dict) else line for line in lines]
    return lines if all(new is old for new, old in zip(found, lines, strict=True)) else found


def _line(line: dict[str, Any]) -> dict[str, Any]:
    parts = {name: _values(line[name]) for name in ("meta_data", "taxes") if isinstance(line.get(name), dict)}
    return {**line, **parts} if parts else line


def _values(part: Any) -> Any:
    """The rows of an object that PHP made of a list: its keys are numbers. Anything else as it is."""
    if isinstance(part, dict) and all(str(key).isdigit() for key in part):
        return list(part.values())
    return part


def why_unreadable(row: Row, kind: Kind, *, fields: str = "") -> str:
    """The reason why a plain row cannot be read, as a code; empty where it can.

    `fields` are those that were asked for.
    """
    if not row.keys() >= NEEDED[kind] | (_MONEY & frozenset(fields.split(","))) or _lacks_parts(row, kind):
        return "fields_missing"
    part = next(_odd(row, kind), "")
    return f"malformed:{part}" if part else ""


def _lacks_parts(row: Row, kind: Kind) -> bool:
    """Whether a block lacks a key that it always has; one of another type is malformed, not incomplete."""
    blocks = ((row[name] or {}, parts) for name, parts in _WHOLE.items() if name in NEEDED[kind])
    return any(isinstance(block, dict) and not block.keys() >= parts for block, parts in blocks)


def _odd(row: Row, kind: Kind) -> Iterator[str]:
    checks: tuple[tuple[tuple[str, ...], Callable[[Any], bool]], ...] = (
        (_TEXTS[kind], _is_text),
        (_DATES[kind], _is_date),
        (_NUMBERS.get(kind, ()), _is_number),
        (_BLOCKS, _is_block),
        (("meta_data",), _is_meta),
        (_ROWS[1:-1], _are_lines),
        (("refunds",), _are_refunds),
        (_LISTS, _are_texts),
    )
    for names, is_right in checks:
        yield from (name for name in names if name in row and not is_right(row[name]))
    if kind is Kind.ORDER and not row["status"]:
        yield "status"
    if TORN in row:
        yield "letters"


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _is_number(value: Any) -> bool:
    return value is None or value == "" or whole(value) is not None


def _is_date(value: Any) -> bool:
    return value is None or value in _NO_DATE or bool(naive(value))


def _is_block(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and all(_is_text(value.get(part)) for part in BLOCK_PARTS)


def _is_meta(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(row, dict) and ("key" in row or "value" in row) and _is_text(row.get("key"))
        for row in value
    )


def _are_lines(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(line, dict) and _is_meta(line.get("meta_data")) and _are_taxes(line.get("taxes"))
        for line in value
    )


def _are_taxes(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, dict) for row in value))


def _are_refunds(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(row, dict) and whole(row.get("id")) is not None for row in value
    )


def _are_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(_is_text, value)))
