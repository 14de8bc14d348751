"""What an order holds of a person where no rule names it: fields that plugins add, and its lines.

Told with its place and never erased for it; what the settings map is erased like any other field, except on
lines: WooCommerce changes those only by calculating the order's VAT anew.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters import held
from adapters.woocommerce.holdings import Holding, told_of
from adapters.woocommerce.meta import MetaRow, meta_rows
from adapters.woocommerce.readable import BLOCK_PARTS
from connector.identity import is_placeholder
from connector.places.naming import place_of
from connector.places.suspected import PICKUP_POINT, Own, is_pickup_point, told_in_text
from connector.records import Field, Placed, Surprise

Row = Mapping[str, Any]
_JOINTS = re.compile(r"[_\-.]+")
BLOCKS = ("billing", "shipping")
# The properties of an order in WooCommerce's own schema (wc/v3); a plugin's stand beside them.
ORDER_PARTS = frozenset({
    "id", "parent_id", "status", "currency", "version", "prices_include_tax", "date_created",
    "date_modified", "date_created_gmt", "date_modified_gmt", "discount_total", "discount_tax",
    "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax", "customer_id", "order_key",
    "billing", "shipping", "payment_method", "payment_method_title", "transaction_id",
    "customer_ip_address", "customer_user_agent", "created_via", "customer_note", "date_completed",
    "date_completed_gmt", "date_paid", "date_paid_gmt", "cart_hash", "number", "meta_data",
    "line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines", "refunds", "payment_url",
    "is_editable", "needs_payment", "needs_processing", "currency_symbol", "set_paid", "_links",
})  # fmt: skip


class Lines(NamedTuple):
    """One sort of lines: where they stand, the places of their meta and of their own name, and that name."""

    part: str
    meta: str
    title: str
    name: str


LINES = (
    Lines("line_items", "item_meta", "item_name", "name"),
    Lines("shipping_lines", "shipping_item_meta", "shipping_title", "method_title"),
    Lines("fee_lines", "fee_meta", "fee_name", "name"),
    Lines("coupon_lines", "coupon_line_meta", "coupon_line_code", "code"),
)


_PARTS = held.Parts(
    "first_name", "last_name", streets=("address_1", "address_2"), town="city", postcode="postcode"
)


def people(*blocks: Row) -> Own:
    """The words of the people on these addresses."""
    return held.people(blocks, _PARTS, text_of)


def text_of(block: Row, part: str) -> str:
    """The text of a part of an address; empty where it says nothing."""
    value = block.get(part)
    return "" if value is None or is_placeholder(str(value)) else str(value)


def block_rows(record: Row) -> list[MetaRow]:
    """The fields that a plugin adds to an address, by a name such as `billing.birthdate`.

    An order's shipping address has no e-mail in WooCommerce's schema; an account's is read with the account.
    """
    ours = {"billing": BLOCK_PARTS, "shipping": BLOCK_PARTS - ({"email"} if "refunds" in record else set())}
    return [
        MetaRow(id=0, key=f"{name}.{part}", value=value)
        for name in BLOCKS
        if isinstance(block := record.get(name), Mapping)
        for part, value in block.items()
        if part not in ours[name] and _says(value)
    ]


def meta_key(row: MetaRow) -> str:
    """The meta key that such a field comes from, by WooCommerce's own habit: `_billing_birthdate`."""
    return f"_{row.key.replace('.', '_')}"


def field_of(row: MetaRow, table: Mapping[str, Field]) -> Field | None:
    """What such a field holds, by its own name or by that of its meta; None where no line says it."""
    return table.get(row.key) or table.get(meta_key(row))


def added_names(order: Row) -> tuple[str, ...]:
    """The properties that a plugin adds to an order beside WooCommerce's own."""
    return tuple(sorted(name for name in order if name not in ORDER_PARTS and name.isprintable()))


def added_rows(order: Row) -> list[MetaRow]:
    """The filled properties that a plugin adds to an order, by their names."""
    return [MetaRow(id=0, key=name, value=order[name]) for name in added_names(order) if _says(order[name])]


def _says(value: Any) -> bool:
    return value not in (None, "", [], {}, False) and not (isinstance(value, str) and is_placeholder(value))


def added(order: Row, table: Mapping[str, Field], own: Own) -> Iterator[Surprise]:
    """What stands in fields that plugins add to an order and its addresses, and no rule names."""
    yield from added_to_blocks(order, table, own)
    yield from _added(added_rows(order), table, own)


def added_to_blocks(record: Row, table: Mapping[str, Field], own: Own) -> Iterator[Surprise]:
    """What stands in fields that plugins add to the addresses of an order or an account."""
    yield from _added(block_rows(record), table, own)


def _added(rows: Sequence[MetaRow], table: Mapping[str, Field], own: Own) -> Iterator[Surprise]:
    for row in rows:
        if field_of(row, table) is None:
            yield from told_of(row, table, own, place=f"added_field:{key_of(row, own)}", cut=False)


def key_of(row: MetaRow, own: Own) -> str:
    """A row's key as a report shows it."""
    return place_of(row.key, own).removeprefix("meta:")


def on_lines(order: Row, table: Mapping[str, Field], own: Own) -> Iterator[Surprise]:
    """What an order's lines hold: in their meta, and in their own names."""
    for lines in LINES:
        for line in order.get(lines.part) or ():
            yield from _of_line(line, lines, table, own)
    for kind in sorted(told_in_text(str(order.get("payment_method_title") or ""), own)):
        yield Surprise(code=f"unknown_key:{kind}", place="payment_title")


def _of_line(line: Row, lines: Lines, table: Mapping[str, Field], own: Own) -> Iterator[Surprise]:
    for row in (*meta_rows(line.get("meta_data")), *_shown(line.get("meta_data"))):
        if row.key not in table:
            yield from told_of(row, table, own, place=f"{lines.meta}:{key_of(row, own)}", cut=False)
    title = str(line.get(lines.name) or "")
    # WooCommerce writes codes in lower case, and people join words by signs in them.
    spaced = _JOINTS.sub(" ", title) if lines.name == "code" else ""
    for kind in sorted(told_in_text(title, own) | (told_in_text(spaced, own) if spaced else frozenset())):
        yield Surprise(code=f"unknown_key:{kind}", place=lines.title)


def _shown(raw: Any) -> list[MetaRow]:
    """What a line shows for a value that is something else itself: the name behind an id."""
    rows: Sequence[Any] = list(raw.values()) if isinstance(raw, Mapping) else raw or ()
    return [
        MetaRow(id=0, key=str(row["key"]), value=row["display_value"])
        for row in rows
        if isinstance(row, Mapping) and row.get("key") and _says(row.get("display_value"))
        and row["display_value"] != row.get("value")
    ]  # fmt: skip


def line_holdings(order: Row, table: Mapping[str, Field]) -> list[Holding]:
    """What lines hold of a field by their keys: present, and changed by no call without the VAT."""
    return [
        Holding(table[row.key], f"{lines.meta}:{row.key}", True, now=row.value, row=row.id, fixed=True)
        for lines, row in _mapped(order, table)
    ]


def line_places(order: Row, table: Mapping[str, Field], own: Own) -> tuple[Placed, ...]:
    """The places on lines that a key's line names, each with its field."""
    found = {(_place(lines, row, table, own), table[row.key]) for lines, row in _mapped(order, table)}
    return tuple(Placed(place=place, field=field) for place, field in sorted(found))


def _mapped(order: Row, table: Mapping[str, Field]) -> Iterator[tuple[Lines, MetaRow]]:
    for lines in LINES:
        for line in order.get(lines.part) or ():
            for row in meta_rows(line.get("meta_data")):
                if row.key in table and _says(row.value):
                    yield lines, row


def _place(lines: Lines, row: MetaRow, table: Mapping[str, Field], own: Own) -> str:
    agents = table[row.key] is Field.TRACKING_NUMBER and is_pickup_point(row.key)
    return f"{PICKUP_POINT if agents else lines.meta}:{key_of(row, own)}"


def line_residue(order: Row, table: Mapping[str, Field], own: Own, *, seen: Sequence[Surprise]) -> set[str]:
    """The places on lines that hold a person, mapped or not: no call changes them without the VAT.

    `seen` is what these lines hold and no rule names.
    """
    told = {_unmapped(one) for one in seen}
    return told | {one.place for one in line_places(order, table, own)}


def _unmapped(one: Surprise) -> str:
    """The place of a surprise; a pick-up point has its own, for one act clears all of a key."""
    agents = one.code.endswith(f":{PICKUP_POINT}")
    return f"{PICKUP_POINT}:{one.place.partition(':')[2]}" if agents else one.place
