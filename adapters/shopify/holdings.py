"""What a record holds and where: one list that pull, apply and read-back share.

A field is present where it has a holding; a redaction writes the holdings of the due fields; a
read-back looks whether any is left. A holding that is `fixed` is one that no call changes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from adapters.held import NEW_ADDRESS, POSTCODE_KEPT, new_address, says
from connector.detect import Type, says_organisation, says_person
from connector.places.catalogue import Table
from connector.places.cutting import NUMBERS, can_be_cut, company_number, fields_in, nothing_else, told_in
from connector.places.naming import place_of, types_in
from connector.places.rewriting import KEEP, place_after
from connector.places.suspected import Own, told
from connector.places.tied import Reach, stuck_in, ties_of, waits_in
from connector.records import Field, Surprise
from connector.text.formats import leaves

NOBODY = "Avidentifierad kund"
"""Stands where Shopify demands a name, street or city; every placeholder test knows it."""

_NOT_PERSONAL = frozenset({Type.ORGANISATION_NUMBER, Type.BANKGIRO})
# Values of these fields are whole by their key: their digits are not read one by one.
_WHOLE = frozenset({Field.PERSONAL_NUMBER, Field.ORGANISATION_NUMBER, Field.BIRTH_DATE})


Row = tuple[str, str, str]
"""A place, the key it is known by, and its value."""


class Holding(NamedTuple):
    """One place with data of a field: it `becomes` something else whole, or loses what it holds of the field.

    `cut` marks the second; `now` is what stands there, `hint` the key that it is read under, and `words` says
    that a person typed it.
    """

    field: Field
    place: str
    becomes: Any = None
    cut: bool = False
    now: str = ""
    hint: str = ""
    words: bool = False
    fixed: bool = False


def masked(postcode: str) -> str:
    """A postcode of the same form with its first three marks only: `114 55` becomes `114 00`.

    Shopify refuses an address whose postcode does not have the form of its country.
    """
    kept, found = 0, []
    for mark in postcode.strip():
        if mark.isalnum():
            kept += 1
            found.append(mark if kept <= POSTCODE_KEPT else "0" if mark.isdigit() else "A")
        else:
            found.append(mark)
    return "".join(found)


def text_holdings(place: str, text: str, *, hint: str = "", words: bool = False) -> Iterator[Holding]:
    """Door codes and numbers inside a text, each cut by value (T-06, T-07, T-08)."""
    yield from _parts(place, text, fields_in(text, key=hint, words=words) if text else (), hint, words=words)


def _parts(
    place: str, text: str, fields: Iterable[Field], hint: str, *, words: bool = False
) -> Iterator[Holding]:
    for field in sorted(fields):
        fixed = not can_be_cut(text, field, key=hint, words=words)
        yield Holding(field, place, cut=True, now=text, hint=hint, words=words, fixed=fixed)


def keyed_holdings(
    rows: Iterable[Row], table: Mapping[str, Field], *, business: bool = False
) -> Iterator[Holding]:
    """The holdings of rows: by key where the table names it or it says company (T-06), by value else.

    In a `business` order a key for persons and companies alike means the company.
    """
    for place, key, value in rows:
        if not says(value):
            continue
        field = _field_of(key, value, table, business=business)
        inside = fields_in(value, key=key)
        if field is not None and (field in inside or not nothing_else(value, key=key)):
            yield Holding(field, place, now=value, hint=key)
        if field is None or field not in _WHOLE:
            yield from _parts(place, value, inside - {field}, key)


def _field_of(key: str, value: str, table: Mapping[str, Field], *, business: bool) -> Field | None:
    field = table.get(key)
    said = field is None and says_organisation(key) and (business or not says_person(key))
    structured = any(leaf.name for leaf in leaves(value)) if said else False
    return Field.ORGANISATION_NUMBER if said and not structured and company_number(value) else field


def surprises(
    rows: Iterable[Row], table: Mapping[str, Field], own: Own, *, cut: bool = True
) -> tuple[Surprise, ...]:
    """Keys that no rule names and that, by their words or values, hold a person: told, never removed.

    `cut`: the numbers and codes in them are fields of their own, and so no surprise.
    """
    fields = NUMBERS | {Type.DOOR_CODE} if cut else frozenset()
    found: list[Surprise] = []
    for _, key, value in rows:
        if key in table or is_harmless(key, table) or not says(value):
            continue
        seen = types_in(value, key=key) - fields - _NOT_PERSONAL | told_in(value, key=key)
        kinds = {str(kind) for kind in seen} | told(value, key=key, own=own)
        found += [Surprise(code=f"unknown_key:{kind}", place=place_of(key, own)) for kind in sorted(kinds)]
    return tuple(found)


def is_harmless(key: str, table: Mapping[str, Field]) -> bool:
    """Whether the settings say that a key holds no person."""
    return isinstance(table, Table) and table.harmless(key)


def personal(text: str, *, key: str, own: Own) -> bool:
    """Whether a value holds a person: by what its key says or it looks like, or by repeating their words."""
    return says(text) and bool(told(text, key=key, own=own) or types_in(text, key=key) - _NOT_PERSONAL)


def by_place(holdings: Iterable[Holding]) -> dict[str, list[Holding]]:
    """The holdings of each place that a call can name."""
    found: dict[str, list[Holding]] = {}
    for holding in holdings:
        if holding.place:
            found.setdefault(holding.place, []).append(holding)
    return found


def uncut_places(holdings: Iterable[Holding]) -> set[str]:
    """The rows that hold something by value and that no call changes safely; not those that wait."""
    return {
        f"uncut_meta:{place_of(one.hint).removeprefix('meta:')}"
        for here in by_place(holdings).values()
        for one in here
        if one.fixed and not waits_in(here)
    }


def reach(holdings: Iterable[Holding]) -> Reach:
    """What no call cuts out of the places of a record, and what waits in one that only goes whole."""
    places = by_place(holdings)
    by_key = ties_of((here[0].hint, here) for here in places.values())
    ties = tuple(replace(tie, place=place_of(tie.place)) for tie in by_key)
    return {"ties": ties, "stuck": stuck_in([one for here in places.values() for one in here], ties)}


def changes(holdings: Iterable[Holding], due: Collection[Field], *, kind: str) -> dict[str, Any]:
    """What each place becomes for the due fields; what stays in it by law is left in it."""
    found = {place: place_after(here, due) for place, here in by_place(holdings).items()}
    return {
        place: new_address(kind) if value == NEW_ADDRESS else value
        for place, value in found.items()
        if value is not KEEP
    }
