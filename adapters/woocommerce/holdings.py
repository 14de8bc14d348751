"""What a record holds and where: one list that pull, apply and read-back share.

A holding is one place with data of one field, and what the place becomes when that field is due.
A field is present where it has a holding; a redaction writes the holdings of the due fields; a
read-back looks whether any is left.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from adapters.woocommerce.places import HARMLESS, NOT_PERSONAL_TYPES, NUMBER_TYPES
from adapters.woocommerce.text import cut, map_strings, place_of, strings, value_types
from connector.detect import Type, detect, types
from connector.identity import is_placeholder
from connector.records import Field, Surprise, to_bits

POSTCODE_KEPT = 3  # digits that stay, with the country, as proof of the place of supply (T-04)
DOOR = frozenset({Type.DOOR_CODE})
CARD_LIKE = frozenset({Type.CARD_NUMBER, Type.IBAN})
NEW_ADDRESS = "\0new address"  # stands for a fresh random address, made when it is written

# Values of these fields are references or whole by their key: their digits are not read one by one.
_WHOLE = frozenset({
    Field.TRACKING_NUMBER, Field.PAYMENT_REFERENCE, Field.USER_AGENT, Field.PERSONAL_NUMBER,
    Field.ORGANISATION_NUMBER, Field.BIRTH_DATE,
})  # fmt: skip


class Holding(NamedTuple):
    """One place with data: `becomes` is written whole, or only tokens of the types in `cut` go."""

    field: Field
    key: str
    top: bool  # a property of the record itself, not a meta key
    becomes: Any = None
    cut: frozenset[Type] = frozenset()
    now: Any = None  # what stands there; read only to cut it


def new_address(kind: str) -> str:
    """A random address that reaches nobody (schedule T-02; RFC 2606): never made from the old one."""
    return f"{kind}-{secrets.token_hex(8)}@redacted.invalid"


def text_holdings(key: str, text: str, *, top: bool, hint: str = "") -> Iterator[Holding]:
    """Door codes and personal numbers inside a text, each cut by value (T-07, T-08)."""
    if not text:
        return
    found = {token.type for token in detect(text, key=hint)}
    if Type.DOOR_CODE in found:
        yield Holding(Field.DOOR_CODE, key, top, cut=DOOR, now=text)
    if found & NUMBER_TYPES:
        yield Holding(Field.PERSONAL_NUMBER, key, top, cut=NUMBER_TYPES, now=text)


def meta_holdings(meta: Iterable[Mapping[str, Any]], table: Mapping[str, Field]) -> Iterator[Holding]:
    """The holdings of meta rows: by key where a rule names it, by value for numbers and door codes."""
    for row in meta:
        key, value = str(row.get("key", "")), row.get("value")
        field = table.get(key)
        if value in (None, "", [], {}) or (isinstance(value, str) and is_placeholder(value)):
            continue
        if field is not None:
            yield Holding(field, key, False)
        if key in HARMLESS or field in _WHOLE:
            continue
        found = value_types(value, key=key)
        if found & NUMBER_TYPES:
            yield _number(key, value)
        if Type.DOOR_CODE in found and field is not Field.DOOR_CODE:
            yield Holding(Field.DOOR_CODE, key, False, cut=DOOR, now=value)


def _number(key: str, value: Any) -> Holding:
    """A personal number in a meta value: the row goes where it is all there is, else it is cut out."""
    alone = isinstance(value, str | int) and not cut(str(value), NUMBER_TYPES, key=key)
    if alone:
        return Holding(Field.PERSONAL_NUMBER, key, False)
    return Holding(Field.PERSONAL_NUMBER, key, False, cut=NUMBER_TYPES, now=value)


def surprises(
    meta: Iterable[Mapping[str, Any]], table: Mapping[str, Field], names: Collection[str]
) -> tuple[Surprise, ...]:
    """Keys that no rule names and whose values look personal: told, never removed."""
    found: list[Surprise] = []
    for row in meta:
        key, value = str(row.get("key", "")), row.get("value")
        if key in table or key in HARMLESS or not value:
            continue
        seen = value_types(value, key=key) - NUMBER_TYPES - DOOR - NOT_PERSONAL_TYPES
        found += [Surprise(code=f"unknown_key:{kind}", place=place_of(key)) for kind in sorted(seen)]
        if names and any(name_in(text, names) for text in strings(value)):
            found.append(Surprise(code="unknown_key:name", place=place_of(key)))
    return tuple(found)


def misplaced(holdings: Iterable[Holding], note: str) -> tuple[Surprise, ...]:
    """Personal numbers, door codes and card-like numbers, by type and place: the owner should know."""
    codes = {Field.PERSONAL_NUMBER: "personal_number", Field.DOOR_CODE: "door_code"}
    found = {(codes[h.field], _named_place(h.key)) for h in holdings if h.field in codes}
    found |= {(str(kind), "customer_note") for kind in types(note, key="customer_note") & CARD_LIKE}
    return tuple(Surprise(code=code, place=place) for code, place in sorted(found))


def _named_place(key: str) -> str:
    """A place of an order in words that the report knows; any other key as a meta key."""
    name = key.removeprefix("_")
    known = name == "customer_note" or name.startswith(("billing_address", "shipping_address"))
    return name if known else place_of(key)


def name_in(text: str, names: Collection[str]) -> bool:
    """Whether a text repeats one of these names (given in lower case)."""
    lowered = text.casefold()
    return any(name in lowered for name in names)


def item_places(lines: Iterable[Mapping[str, Any]], where: str, names: Collection[str]) -> set[str]:
    """The item meta of order lines that holds a person; WooCommerce changes it only by recalculating."""
    places: set[str] = set()
    for line in lines:
        for row in line.get("meta_data") or ():
            key, value = str(row.get("key", "")), row.get("value")
            if not value or key in HARMLESS:
                continue
            texts = tuple(strings(value))
            if any(name_in(text, names) for text in texts) or any(
                types(text, key=key) - NOT_PERSONAL_TYPES for text in texts
            ):
                places.add(f"{where}:{place_of(key).removeprefix('meta:')}")
    return places


def present_bits(holdings: Iterable[Holding]) -> int:
    """The bit set of the fields that have a holding."""
    return to_bits(frozenset(holding.field for holding in holdings))


def changes(
    holdings: Iterable[Holding], due: Collection[Field], *, kind: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What to write for the due fields: properties and meta rows, each place once.

    A place that one field takes whole and another would only cut is taken whole.
    """
    whole: dict[tuple[bool, str], Any] = {}
    parts: dict[tuple[bool, str], tuple[frozenset[Type], Any]] = {}
    for holding in holdings:
        place = (holding.top, holding.key)
        if holding.field not in due:
            continue
        if holding.cut:
            already = parts.get(place, (frozenset(), None))[0]
            parts[place] = (already | holding.cut, holding.now)
        else:
            whole[place] = new_address(kind) if holding.becomes == NEW_ADDRESS else holding.becomes
    for place, (wanted, now) in parts.items():
        if place not in whole:
            whole[place] = _without(now, wanted, place[1])
    return (
        {key: value for (top, key), value in whole.items() if top},
        {key: value for (top, key), value in whole.items() if not top},
    )


def _without(value: Any, wanted: frozenset[Type], key: str) -> Any:
    return map_strings(value, lambda text: cut(text, wanted, key=key))
