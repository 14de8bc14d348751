"""What of a record waits for what, where a place cannot be cut, and what is out of reach."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypedDict

from connector.places.cutting import only
from connector.places.rewriting import Held
from connector.records import Field, Tie, to_bits
from connector.text.formats import Uncut


class Reach(TypedDict):
    """What a record says of the places that a call does not reach, or not yet."""

    ties: tuple[Tie, ...]
    stuck: int


def ties_of(places: Iterable[tuple[str, Sequence[Held]]]) -> tuple[Tie, ...]:
    """What waits for what in each place of a record, by the place's code; none where all can be cut."""
    found = [(place, here, waits_in(here)) for place, here in places]
    if not any(waiting for _, _, waiting in found):
        return ()
    waits = [
        (place, field, others) for place, _, waiting in found for field, others in sorted(waiting.items())
    ]
    reachable = {
        one.field for _, here, waiting in found for one in here if not one.fixed and one.field not in waiting
    }
    return tuple(
        Tie(place=place, field=field, waits_for=tuple(sorted(others)), alone=field not in reachable)
        for place, field, others in waits
    )


def waits_in(here: Sequence[Held]) -> dict[Field, frozenset[Field]]:
    """Per field of one place those that must be due with it; none where nothing takes the place whole."""
    if len(here) == 1:
        return {}
    whole = [one for one in here if not one.cut and not one.fixed]
    parts = [one for one in here if one.cut]
    if not whole or not parts:
        return {}
    takers, held = {one.field for one in whole}, frozenset(one.field for one in parts)
    found: dict[Field, frozenset[Field]] = {}
    last = frozenset[Field]() if _can_be_left_with(parts[0], held) else held
    if any(one.fixed for one in parts):
        found |= {field: (last | {min(takers)}) - {field} for field in held - takers}
    found |= {field: last - {field} for field in takers if last - {field}}
    return found


def _can_be_left_with(one: Held, fields: Collection[Field]) -> bool:
    try:
        only(one.now, fields, key=one.hint, words=one.words)
    except Uncut:
        return False
    return True


def stuck_in(held: Iterable[Held], ties: Sequence[Tie]) -> int:
    """The fields that stand only where no call changes anything, as a bit set; those that wait are none."""
    every = list(held)
    fixed = {one.field for one in every if one.fixed}
    if not fixed:
        return 0
    moving = {one.field for one in every if not one.fixed} | {tie.field for tie in ties}
    return to_bits(tuple(fixed - moving))
