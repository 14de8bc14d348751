"""From the steps of a plan to the tasks that a person must do in the shop, and what is left of them: pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from connector.ledger.tasks import GONE, RECTIFY, UNKNOWN, NewTask, TaskRow
from connector.plan import Step, hands, of_its_own
from connector.ports import Ability, Capabilities
from connector.records import FIELD_BITS, Action, Field, Record, to_bits
from connector.verdicts import State, Verdict

UNCUT, WHOLE = "uncut_meta", "whole_record"


def tasks_of(record: int, steps: Sequence[Step], able: Capabilities) -> tuple[NewTask, ...]:
    """What a person must do on one record, each place once; what one act does for all names no record."""
    found: dict[str, NewTask] = {}
    for step in steps:
        for told in hands(step):
            one = _task(record, step, told, able)
            known = found.get(one.place)
            found[one.place] = one if known is None else _both(known, one)
    return tuple(found.values())


def place_of(field: Field, able: Capabilities) -> str:
    """Where a field is that no call clears on a record; a field without a place goes with its record."""
    return able.places.get(field) or (UNCUT if able.fields.get(field) is Ability.REDACT else WHOLE)


def _task(record: int, step: Step, told: tuple[str, str], able: Capabilities) -> NewTask:
    name, place = told
    field = Field(name) if name else None
    own = of_its_own(told, able)
    due = frozenset(_due(step)) & _calling(field, place, able)
    whole = step.action is not Action.REDACT
    return NewTask(
        adapter=step.ref.adapter,
        kind=str(step.ref.kind),
        remote_id=step.ref.id if own else "",
        record=record if own else None,
        label=step.label if own else "",
        place=place or place_of(Field(name), able),
        fields=0 if whole else to_bits(due),
        by_hand=0 if place or field is None else FIELD_BITS[field],
        asked=FIELD_BITS[field] if not place and field and _by_request(field, able) else 0,
        residue=bool(place),
        placed=bool(place and field),
        taken=place.partition(":")[0] in able.erased,
        since=_since(step, due),
    )


def _by_request(field: Field, able: Capabilities) -> bool:
    return able.fields.get(field) is Ability.BY_REQUEST


def _due(step: Step) -> Iterator[Field]:
    return (Field(why.field) for why in step.why if why.field != "record")


def _calling(field: Field | None, place: str, able: Capabilities) -> frozenset[Field]:
    """The fields that make a place a task once one of them is due."""
    if field is not None:
        return frozenset({field})
    return able.residue.get(place.partition(":")[0], frozenset())


def _since(step: Step, due: frozenset[Field]) -> date | None:
    named = {str(field) for field in due}
    days = [why.since for why in step.why if why.since and (why.field in named or why.field == "record")]
    return min(days, default=None)


def _both(one: NewTask, other: NewTask) -> NewTask:
    """The same place called for twice: by either's fields, since the earlier day."""
    days = [day for day in (one.since, other.since) if day]
    return replace(
        one,
        fields=one.fields | other.fields,
        by_hand=one.by_hand | other.by_hand,
        asked=one.asked | other.asked,
        residue=one.residue or other.residue,
        placed=one.placed and other.placed,
        taken=one.taken and other.taken,
        since=min(days, default=None),
    )


def is_asked_for(task: NewTask) -> bool:
    """Whether a person asked to have it put right: it waits for no day, and no hold stops it."""
    return task.place.startswith(f"{RECTIFY}:")


def is_due(task: NewTask, verdict: Verdict) -> bool:
    """Whether what calls for a task still does: one of its fields is due, or the record whole."""
    whole = verdict.record is not None and verdict.record.state is State.DUE
    due = to_bits(tuple(one.field for one in verdict.fields if one.field and one.state is State.DUE))
    return whole or bool(due & task.fields)


def was_erased(tasks: Iterable[NewTask], record: Record) -> bool:
    """Whether a request to the service has taken what these tasks of one record asked it for."""
    asked = 0
    for one in tasks:
        asked |= one.asked
    return bool(asked) and not asked & (record.present | record.unread)


def is_there(task: NewTask, record: Record | None, *, gone: bool, erased: bool) -> bool:
    """Whether a hand is still needed, as the record was last read; other places may outlive a record."""
    if record is None or gone:
        return record is None or task.residue
    cleared = (task.placed and task.place not in record.residue) or (task.taken and erased)
    told = not task.residue and not task.by_hand  # by a receipt: no reading shows it
    return told or bool(task.by_hand & (record.present | record.unread)) or (task.residue and not cleared)


def seen_of(task: TaskRow, record: Record, *, ran: bool) -> str:
    """What a reading says of a task that was done: still there (empty), gone, or that it cannot be known.

    A place that is known by the buyer's words is not found once they went from the record.
    """
    if task.by_hand & record.present or (task.residue and task.place in record.residue):
        return ""
    unseen = task.by_hand & record.unread or (task.residue and not task.placed and ran)
    return UNKNOWN if unseen or not (task.by_hand or task.residue) else GONE
