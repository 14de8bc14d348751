"""The values of a record with their fields, by the places that an adapter names; shared by every platform."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from connector.errors import AccessDenied, Rejected, RetryLater
from connector.identity import is_placeholder
from connector.ports.disclosing import CopiedOut, Shown
from connector.records import Field
from connector.text.folding import same_person
from connector.text.spread import spread

FieldsOf = Callable[[str], tuple[Field, ...]]
_LAST_KEY = re.compile(r"\[([^\[\]]*)\](?:\.\d+)*\Z")


def disclosed(raw: Mapping[str, Any], fields_of: FieldsOf, *, given: re.Pattern[str]) -> tuple[Shown, ...]:
    """Every value of a record but placeholders; `given` matches the places that the person filled in."""
    found = tuple(
        Shown(place=leaf.place, text=leaf.text, fields=fields_of(leaf.place),
              given=bool(given.match(leaf.place)))
        for leaf in spread(raw) if not is_placeholder(leaf.text)
    )  # fmt: skip
    return _with_others(found)


_SENT_TO = re.compile(r"(shipping(?:_?[aA]ddress)?|addressesV2\.\d+)\.")
_NAME = re.compile(r"(?:\A|\.)(?:first|last|given|family)_?[nN]ame\Z")


def _with_others(found: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """The values, those of an address that goes to another name marked as a third person's."""
    names: dict[str, list[str]] = {}
    for one in found:
        if _NAME.search(one.place):
            block = _SENT_TO.match(one.place)
            names.setdefault(block[1] if block else "", []).append(one.text)
    own = " ".join(dict.fromkeys(names.pop("", [])))
    others = {block for block, parts in names.items() if own and not same_person(" ".join(parts), own)}
    return tuple(_as_other(one) if _block_of(one.place) in others else one for one in found)


def _block_of(place: str) -> str:
    block = _SENT_TO.match(place)
    return block[1] if block else ""


def _as_other(one: Shown) -> Shown:
    fields = tuple(dict.fromkeys((*one.fields, Field.GIFT_RECIPIENT)))
    return replace(one, fields=fields)


def by_places(named: Iterable[tuple[str, Field]], table: Mapping[str, Field]) -> FieldsOf:
    """Which fields a place is of: by its own name or one it lies in, and by the key of its row."""
    found: dict[str, list[Field]] = {}
    for place, field in named:
        here = found.setdefault(place, [])
        if field not in here:
            here.append(field)

    def fields_of(place: str) -> tuple[Field, ...]:
        fields = [field for above in _above(place) for field in found.get(above, ())]
        key = _LAST_KEY.search(place)
        by_key = table.get(key[1]) if key else None
        return tuple(dict.fromkeys((*fields, by_key) if by_key else fields))

    return fields_of


def _above(place: str) -> Iterator[str]:
    """The place, and each that it lies in."""
    yield place
    for at in range(len(place) - 1, 0, -1):
        if place[at] in ".[":
            yield place[:at]


Ask = Callable[[str], Mapping[str, Any] | None]


class Person(NamedTuple):
    """Where a recipient's answer names the person: by these places they are proven to be the one who asks."""

    emails: re.Pattern[str]
    phones: re.Pattern[str]
    fields_of: FieldsOf


def copied_out(handle: str, values: Iterable[str], ask: Ask, person: Person) -> Iterator[CopiedOut]:
    """What a recipient answers of each of these; a failure is a reason, after a silence nobody is asked."""
    silent = ""
    for value in dict.fromkeys(values):
        if silent:
            yield CopiedOut(handle=handle, value=value, reason=silent)
            continue
        try:
            body = ask(value)
        except Rejected:
            yield CopiedOut(handle=handle, value=value, reason="not_answered")
            continue
        except (RetryLater, AccessDenied):
            silent = "not_answered"
            yield CopiedOut(handle=handle, value=value, reason=silent)
            continue
        if body is None:
            yield CopiedOut(handle=handle, value=value, reason="not_readable_there")
            continue
        found = disclosed(body, person.fields_of, given=_NOTHING)
        yield CopiedOut(
            handle=handle, value=value, shown=found,
            emails=tuple(one.text for one in found if person.emails.search(one.place)),
            phones=tuple(one.text for one in found if person.phones.search(one.place)),
        )  # fmt: skip


_NOTHING = re.compile(r"(?!)")
