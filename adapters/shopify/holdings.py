"""What a record holds and where: one list that pull, apply and read-back share.

A field is present where it has a holding; a redaction writes the holdings of the due fields; a
read-back looks whether any is left. A holding that is `fixed` is one that no call changes.
"""

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from connector.detect import Type, detect, redact, types
from connector.identity import is_placeholder
from connector.records import Field, Surprise, to_bits

NOBODY = "Avidentifierad kund"
"""Stands where Shopify demands a name, street or city; every placeholder test knows it."""

NEW_ADDRESS = "\0new address"  # stands for a fresh random address, made when it is written
NUMBERS = frozenset({Type.PERSONAL_NUMBER, Type.COORDINATION_NUMBER})
DOOR = frozenset({Type.DOOR_CODE})
_NOT_PERSONAL = frozenset({Type.ORGANISATION_NUMBER, Type.BANKGIRO})
_POSTCODE_KEPT = 3  # marks that stay, with the country, as proof of the place of supply (T-04)
_KEY = re.compile(r"[\w .:/\-]{1,64}\Z")


class Holding(NamedTuple):
    """One place with data: `becomes` is written whole, or only tokens of the types in `cut` go."""

    field: Field
    place: str
    becomes: Any = None
    cut: frozenset[Type] = frozenset()
    now: str = ""
    fixed: bool = False


def data(value: object) -> bool:
    """Whether a value is somebody's: neither empty nor a placeholder."""
    return bool(value) and not is_placeholder(str(value))


def new_address(kind: str) -> str:
    """A random address that reaches nobody (schedule T-02; RFC 2606): never made from the old one."""
    return f"{kind}-{secrets.token_hex(8)}@redacted.invalid"


def masked(postcode: str) -> str:
    """A postcode of the same form with its first three marks only: `114 55` becomes `114 00`.

    Shopify refuses an address whose postcode does not have the form of its country.
    """
    kept, found = 0, []
    for mark in postcode.strip():
        if mark.isalnum():
            kept += 1
            found.append(mark if kept <= _POSTCODE_KEPT else "0" if mark.isdigit() else "A")
        else:
            found.append(mark)
    return "".join(found)


def text_holdings(place: str, text: str, *, hint: str = "") -> Iterator[Holding]:
    """Door codes and personal numbers inside a text, each cut by value (T-07, T-08)."""
    if not text:
        return
    found = {token.type for token in detect(text, key=hint)}
    if Type.DOOR_CODE in found:
        yield Holding(Field.DOOR_CODE, place, cut=DOOR, now=text)
    if found & NUMBERS:
        yield Holding(Field.PERSONAL_NUMBER, place, cut=NUMBERS, now=text)


def keyed_holdings(rows: Iterable[tuple[str, str, str]], table: Mapping[str, Field]) -> Iterator[Holding]:
    """The holdings of (place, key, value) rows: by key where the table names it, by value else."""
    for place, key, value in rows:
        if not data(value):
            continue
        field = table.get(key)
        if field is not None:
            yield Holding(field, place)
            continue
        yield from text_holdings(place, value, hint=key)


def surprises(
    rows: Iterable[tuple[str, str, str]], table: Mapping[str, Field], names: Collection[str]
) -> tuple[Surprise, ...]:
    """Keys that no rule names and whose values look personal: told, never removed."""
    found: list[Surprise] = []
    for _, key, value in rows:
        if key in table or not data(value):
            continue
        seen = types(value, key=key) - NUMBERS - DOOR - _NOT_PERSONAL
        found += [Surprise(code=f"unknown_key:{kind}", place=place_of(key)) for kind in sorted(seen)]
        if name_in(value, names):
            found.append(Surprise(code="unknown_key:name", place=place_of(key)))
    return tuple(found)


def place_of(key: str) -> str:
    """A key as a place in a report; one that itself looks personal is not repeated."""
    shown = _KEY.match(key) and "@" not in key and not types(key)
    return f"meta:{key if shown else '(a key that looks personal)'}"


def name_in(text: str, names: Collection[str]) -> bool:
    """Whether a text repeats one of these names (given in lower case)."""
    lowered = text.casefold()
    return any(name in lowered for name in names)


def personal(text: str, *, key: str, names: Collection[str]) -> bool:
    """Whether a value holds a person: by what it looks like, or by repeating a name."""
    return data(text) and (name_in(text, names) or bool(types(text, key=key) - _NOT_PERSONAL))


def present_bits(holdings: Iterable[Holding]) -> int:
    """The bit set of the fields that have a holding."""
    return to_bits(frozenset(holding.field for holding in holdings))


def changes(holdings: Iterable[Holding], due: Collection[Field], *, kind: str) -> dict[str, Any]:
    """What each place becomes for the due fields; a place taken whole by one field is not cut."""
    whole: dict[str, Any] = {}
    parts: dict[str, tuple[frozenset[Type], str]] = {}
    for holding in holdings:
        if holding.field not in due or holding.fixed:
            continue
        if holding.cut:
            already = parts.get(holding.place, (frozenset(), ""))[0]
            parts[holding.place] = (already | holding.cut, holding.now)
        else:
            whole[holding.place] = new_address(kind) if holding.becomes == NEW_ADDRESS else holding.becomes
    for place, (wanted, text) in parts.items():
        whole.setdefault(place, cut(text, wanted, key=place.rpartition(":")[2]))
    return whole


def cut(text: str, wanted: Collection[Type], *, key: str = "") -> str:
    """The text without the tokens of these types."""
    tokens = [token for token in detect(text, key=key) if token.type in wanted]
    return redact(text, tokens).strip() if tokens else text
