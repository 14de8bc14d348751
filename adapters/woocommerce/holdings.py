"""What a record holds and where: one list that pull, apply and read-back share.

A holding is one place with data of one field, and what the place becomes when that field is due.
A field is present where it has a holding; a redaction writes the holdings of the due fields; a
read-back looks whether any is left. A holding that is `fixed` is one that no call changes safely.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from adapters.held import NEW_ADDRESS, new_address
from adapters.woocommerce.meta import MetaRow
from adapters.woocommerce.places import NOT_PERSONAL_TYPES, is_company_number, is_harmless, is_vouched
from connector.detect import Type, types
from connector.identity import is_placeholder
from connector.places.cutting import NUMBERS, can_be_cut, fields_in, nothing_else, told_in
from connector.places.naming import place_of, types_in
from connector.places.rewriting import KEEP, place_after
from connector.places.suspected import Own, repeated, told
from connector.places.tied import Reach, stuck_in, ties_of, waits_in
from connector.records import Field, Surprise

CARD_LIKE = frozenset({Type.CARD_NUMBER, Type.IBAN})

# Values of these fields are references or whole by their key: their digits are not read one by one.
_WHOLE = frozenset({
    Field.TRACKING_NUMBER, Field.PAYMENT_REFERENCE, Field.USER_AGENT, Field.PERSONAL_NUMBER,
    Field.ORGANISATION_NUMBER, Field.BIRTH_DATE,
})  # fmt: skip


class Holding(NamedTuple):
    """One place with data of a field: it `becomes` something else whole, or loses what it holds of the field.

    `cut` marks the second; `now` is what stands there, `hint` the name that it is read under, and `words`
    says that a person typed it. `row` is the id of a meta row: two rows of one key are two places.
    """

    field: Field
    key: str
    top: bool  # a property of the record itself, not a meta key
    becomes: Any = None
    cut: bool = False
    now: Any = None
    hint: str = ""
    words: bool = False
    row: int = 0
    fixed: bool = False

    @property
    def place(self) -> tuple[bool, str, int]:
        """What tells two places apart."""
        return self.top, self.key, self.row


def text_holdings(
    key: str, text: str, *, top: bool, hint: str = "", words: bool = False
) -> Iterator[Holding]:
    """Door codes and numbers inside a text, each cut by value (T-06, T-07, T-08)."""
    for field in sorted(fields_in(text, key=hint, words=words)) if text else ():
        yield Holding(field, key, top, becomes="", cut=True, now=text, hint=hint, words=words)


def meta_holdings(
    rows: Iterable[MetaRow], table: Mapping[str, Field], *, business: bool = False
) -> Iterator[Holding]:
    """The holdings of meta rows: by key where a rule names it, by value for numbers and door codes.

    In a `business` order a key for persons and companies alike means the company (T-06 wins over T-08).
    """
    for row in rows:
        if isinstance(row.value, str) and is_placeholder(row.value):
            continue
        field = _field_of(row, table, business=business)
        if field in _WHOLE or is_harmless(row.key, table):
            yield from (_whole(row, field),) if field else ()
            continue
        inside = fields_in(row.value, key=row.key)
        if field is not None and (field in inside or not nothing_else(row.value, key=row.key)):
            yield _whole(row, field)
        yield from _parts(row, inside - {field})


def _field_of(row: MetaRow, table: Mapping[str, Field], *, business: bool) -> Field | None:
    """The field that a row is by its key: the table's, else a company's number (T-06)."""
    field = table.get(row.key)
    if field is not None or is_harmless(row.key, table):
        return field
    if is_company_number(row.key, row.value, business=business):
        return Field.ORGANISATION_NUMBER
    return field


def _whole(row: MetaRow, field: Field) -> Holding:
    return Holding(field, row.key, False, now=row.value, hint=row.key, row=row.id)


def _parts(row: MetaRow, fields: Collection[Field]) -> Iterator[Holding]:
    """What a row holds by value; one that cannot be written back, or told from its namesake, waits."""
    unsure = not row.key or (not row.id and not row.alone)
    for part in sorted(fields):
        fixed = unsure or not can_be_cut(row.value, part, key=row.key)
        yield Holding(
            part, row.key, False, cut=True, now=row.value, hint=row.key, row=row.id, fixed=fixed
        )  # fmt: skip


def surprises(rows: Iterable[MetaRow], table: Mapping[str, Field], own: Own) -> tuple[Surprise, ...]:
    """Keys that no rule names and that, by their words or values, hold a person: told, never removed."""
    return tuple(
        one
        for row in rows
        if row.key not in table
        for one in told_of(row, table, own, place=place_of(row.key, own))
    )


def told_of(
    row: MetaRow, table: Mapping[str, Field], own: Own, *, place: str, cut: bool = True
) -> Iterator[Surprise]:
    """What a row that no rule names seems to hold; of a key that is known to hold no person, its words only.

    What the shop's own settings call harmless is not looked at.
    """
    if not is_harmless(row.key, table):
        yield from surprise_of(row, own, place=place, cut=cut)
    elif not is_vouched(row.key, table):
        for kind in sorted(repeated(row.value, key=row.key, own=own)):
            yield Surprise(code=f"unknown_key:{kind}", place=place)


def surprise_of(row: MetaRow, own: Own, *, place: str, cut: bool = True) -> Iterator[Surprise]:
    """What one row seems to hold; `cut` says that its numbers and door codes are fields of their own."""
    seen = types_in(row.value, key=row.key) - NOT_PERSONAL_TYPES
    if cut:
        seen = seen - NUMBERS - {Type.DOOR_CODE} | told_in(row.value, key=row.key)
    kinds = told(row.value, key=row.key, own=own).union(map(str, seen))
    for kind in sorted(kinds):
        yield Surprise(code=f"unknown_key:{kind}", place=place)


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


def by_place(holdings: Iterable[Holding]) -> dict[tuple[bool, str, int], list[Holding]]:
    """The holdings of each place."""
    found: dict[tuple[bool, str, int], list[Holding]] = {}
    for holding in holdings:
        found.setdefault(holding.place, []).append(holding)
    return found


def uncut_places(holdings: Iterable[Holding]) -> set[str]:
    """The meta rows that hold something by value and that no call changes safely; not those that wait."""
    held = list(holdings)
    if not any(one.fixed for one in held):
        return set()
    return {
        f"uncut_meta:{place_of(key).removeprefix('meta:')}"
        for (top, key, _), here in by_place(held).items()
        if not top and any(one.fixed for one in here) and not waits_in(here)
    }


def reach(holdings: Sequence[Holding]) -> Reach:
    """What of a record no call changes, and what waits in a place that goes whole or not at all."""
    by_key = ties_of((key, here) for (_, key, _), here in by_place(holdings).items())
    ties = tuple(replace(tie, place=place_of(tie.place)) for tie in by_key)
    return {"ties": ties, "stuck": stuck_in(holdings, ties)}


def still_to_write(holdings: Iterable[Holding], due: Collection[Field]) -> frozenset[Field]:
    """The due fields that a write would still change something of."""
    return frozenset(
        one.field
        for here in by_place(holdings).values()
        if place_after(here, due) is not KEEP
        for one in here
        if not one.fixed and one.field in due
    )


def changes(
    holdings: Iterable[Holding], due: Collection[Field], *, kind: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What to write for the due fields: properties and meta rows, each place once.

    A place that goes whole keeps what it holds by value of a field that is not due.
    """
    properties: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for (top, key, row), here in by_place(holdings).items():
        value = place_after(here, due)
        value = new_address(kind) if value == NEW_ADDRESS else value
        if value is not KEEP and top:
            properties[key] = value
        elif value is not KEEP:
            # By its id, so that its namesakes stay.
            rows.append({"id": row, "key": key, "value": value} if row else {"key": key, "value": value})
    return properties, rows
