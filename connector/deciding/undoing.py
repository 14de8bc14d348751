"""What may be copied before it is overwritten, and what can be put back (schedule T-63)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from connector.identity import is_placeholder
from connector.ledger.undo import NewCopy
from connector.places.never_kept import NEVER, may_be_kept
from connector.ports import Kept, Keyer, Restores, Task
from connector.records import Facts, Field, Kind, to_bits
from connector.text.formats import leaves

COPIED = frozenset({Kind.ORDER, Kind.CUSTOMER})
"""Kinds of record of which copies are made at all."""


class Standing(NamedTuple):
    """How the places of a copy stand: as they were, as the write left them, or filled by somebody since."""

    as_it_was: tuple[Kept, ...]
    taken: tuple[Kept, ...]
    filled: tuple[Kept, ...]


def copy_of(platform: object, task: Task, *, plan: int, record: int, until: date) -> NewCopy | None:
    """The copy to make before a task is carried out; None where none may be or none could be restored."""
    if not isinstance(platform, Restores) or task.ref.kind not in COPIED or _is_off(task.live.record.facts):
        return None
    kept = tuple(one for one in platform.overwritten(task) if _may_be_kept(one))
    fields = to_bits(tuple(field for one in kept for field in one.fields))
    if not kept:
        return None
    return NewCopy(
        plan=plan, record=record, ref=task.ref, kept=kept, fields=fields,
        left_out=to_bits(task.fields) & ~fields, until=until,
    )  # fmt: skip


def _is_off(facts: Facts) -> bool:
    """Whether a person has left: of an unsubscribed or bounced contact nothing is kept."""
    return bool(facts.unsubscribed or facts.bounced or facts.status == "unsubscribed")


def _may_be_kept(one: Kept) -> bool:
    return may_be_kept(json.loads(one.before), key=one.key, fields=one.fields)


def standing(kept: Sequence[Kept], now: Mapping[str, str]) -> Standing:
    """Sorts the places of a copy by what stands in them now."""
    as_it_was, taken, filled = list[Kept](), list[Kept](), list[Kept]()
    for one in kept:
        stands = now.get(one.place, "null")
        if stands == one.before:
            as_it_was.append(one)
        elif stands == one.after or _says_nothing(stands):
            taken.append(one)
        else:
            filled.append(one)
    return Standing(tuple(as_it_was), tuple(taken), tuple(filled))


def _says_nothing(text: str) -> bool:
    """Whether a value is empty, or what stands where a person was."""
    return all(is_placeholder(one) for one in _texts(json.loads(text)))


def _texts(value: object) -> Iterator[str]:
    return (leaf.text for leaf in leaves(value) if not leaf.name and leaf.text)


def persons_in(kept: Sequence[Kept], keyer: Keyer) -> frozenset[bytes]:
    """The hashes by which whoever a copy is of is known again: by addresses; without any, by numbers."""
    return _keyed(kept, "email", keyer) or _keyed(kept, "phone", keyer)


def _keyed(kept: Sequence[Kept], type_: Literal["email", "phone"], keyer: Keyer) -> frozenset[bytes]:
    mine = [one for one in kept if Field(type_) in one.fields]
    digests = (keyer(type_, text) for one in mine for text in _texts(json.loads(one.before)))
    return frozenset(digest for digest in digests if digest is not None)


def last_day(today: date, days: int) -> date:
    """The last day on which what is overwritten today can be restored."""
    return today + timedelta(days=days)


__all__ = ["COPIED", "NEVER", "Standing", "copy_of", "last_day", "persons_in", "standing"]
