"""What a recipient is to be told, before it is sealed."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from connector.places.numbers import ORDER_NUMBER, by_id, shown
from connector.ports import Act
from connector.records import FIELD_BITS, Field, Ref, Value


class Whom(NamedTuple):
    """A record, and how a recipient is told of it."""

    adapter: str
    kind: str
    id: str
    recipient: str
    act: str
    handle: str


class Draft(Value, frozen=True, kw_only=True):
    """A delivery about to be sealed; its value is in the clear and never printed.

    `fields` are what it tells of, none where the record goes whole; `concerns` is all that the recipient
    cares for, which decides what it is told where a record that was to go whole lost only a part.
    `instead_of` names the handle that went with a lost record, where another one stands in for it.
    """

    plan: int
    step: int
    recipient: str
    act: Act
    ref: Ref
    handle: str
    value: str
    fields: frozenset[Field]
    planned: date
    concerns: frozenset[Field] = frozenset()
    copy_gone_by: date | None = None
    instead_of: str = ""

    def __repr__(self) -> str:
        return f"<Draft {self.recipient} {self.act} {self.handle}>"


def told_by(draft: Draft) -> Draft:
    """An order whose number names a person is told of by its id, to people; a service knows no such id."""
    if draft.handle != ORDER_NUMBER:
        return draft
    if draft.act.is_notice:
        return replace(draft, value=shown(draft.value, draft.ref))
    return replace(draft, value="") if draft.value == by_id(draft.ref) else draft


def whom_of(draft: Draft) -> Whom:
    ref = draft.ref
    return Whom(ref.adapter, str(ref.kind), ref.id, draft.recipient, str(draft.act), draft.handle)


def named_once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """The drafts without a value, each recipient once a record, with the fields of all its steps."""
    found: dict[Whom, Draft] = {}
    for draft in drafts:
        if not draft.value:
            first = found.get(whom_of(draft), draft)
            found[whom_of(draft)] = replace(first, fields=first.fields | draft.fields)
    yield from found.values()


def field_of_handle(handle: str) -> int:
    """The bit of the field whose value a handle is (`email`, `guest_email`); 0 for numbers and references."""
    return sum(bit for field, bit in FIELD_BITS.items() if handle == field or handle.endswith(f"_{field}"))
