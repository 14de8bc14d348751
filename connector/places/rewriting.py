"""What one place of a record becomes once some of its fields are due, and what stays in it by law."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from connector.places.cutting import only, without
from connector.records import Field
from connector.text.formats import Uncut, leaves

KEEP: Any = object()
"""Stands for a place that is not written: nothing of it is due, or it cannot be written back safely."""


class Held(Protocol):
    """One field's part in a place, as an adapter lists it: taken whole, or `cut` out of what stands there.

    Several fields that take a place whole are copies of what stands elsewhere too: the first that is due
    takes it. `fixed` marks what no call changes.
    """

    @property
    def field(self) -> Field: ...
    @property
    def becomes(self) -> Any: ...
    @property
    def cut(self) -> bool: ...
    @property
    def now(self) -> Any: ...
    @property
    def hint(self) -> str: ...
    @property
    def words(self) -> bool: ...
    @property
    def fixed(self) -> bool: ...


def place_after(here: Sequence[Held], due: Collection[Field]) -> Any:
    """What a place becomes for the due fields, KEEP where it is not written.

    A place that goes whole keeps what it holds by value of a field that is not due.
    """
    whole = next((one for one in here if not one.cut and not one.fixed and one.field in due), None)
    parts = [one for one in here if one.cut]
    if whole is None:
        wanted = {one.field for one in parts} & set(due)
        return _cut(parts[0], wanted) if wanted and not any(one.fixed for one in parts) else KEEP
    stays = {one.field for one in parts if one.field not in due}
    return _rest(parts[0], stays) if stays else whole.becomes


def _cut(one: Held, fields: Collection[Field]) -> Any:
    try:
        left = without(one.now, fields, key=one.hint, words=one.words)
    except Uncut:
        return KEEP
    return left if says_anything(left) else one.becomes


def _rest(one: Held, stays: Collection[Field]) -> Any:
    try:
        return only(one.now, stays, key=one.hint, words=one.words)
    except Uncut:
        return KEEP


def says_anything(value: Any) -> bool:
    """Whether a value holds any text or number at all, names of entries aside."""
    return any(leaf.text for leaf in leaves(value) if not leaf.name)
