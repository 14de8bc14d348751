"""Places that a call takes whole or not at all: such a place waits for the last of its fields.

Of a place that cannot be written back in part, what is due waits for what must stay (schedule T-08 beside
T-04 in one row, say). The waiting field keeps through the day of the one it waits for, by that one's law.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from connector.records import Field, Record, Tie, to_bits
from connector.verdicts import FieldVerdict, State, Verdict

SHARED = "shared_place"


def with_shared_places(record: Record, verdict: Verdict) -> Verdict:
    """The verdict once every due field waits where its place does: instead of going, or beside it."""
    by_field = {one.field: one for one in verdict.fields if one.field}
    waiting: list[FieldVerdict] = []
    alone: set[Field] = set()
    for tie in record.ties:
        mine = by_field.get(tie.field)
        last = _last([by_field[field] for field in tie.waits_for if field in by_field])
        if mine is None or mine.state is not State.DUE or last is None:
            continue
        waiting.append(_waits_for(last, mine, tie))
        alone |= {tie.field} if tie.alone else set()
    if not waiting:
        return verdict
    fields = tuple(one for one in verdict.fields if one.field not in alone)
    return replace(verdict, fields=(*fields, *waiting))


def _last(others: Sequence[FieldVerdict]) -> FieldVerdict | None:
    """The one that stays longest of those that stay at all; one without a day is the longest."""
    stays = [one for one in others if one.state is not State.DUE]
    endless = [one for one in stays if one.state is State.HELD or one.keep_through is None]
    if endless:
        return endless[0]
    return max(stays, key=lambda one: str(one.keep_through), default=None)


def _waits_for(last: FieldVerdict, mine: FieldVerdict, tie: Tie) -> FieldVerdict:
    """The verdict of what waits: its own rule, kept as long and by the same law as the one it waits for."""
    held = last.state is State.HELD
    return replace(
        last, field=mine.field, rule=mine.rule, action=mine.action, wave=mine.wave, reason=SHARED,
        recipients=mine.recipients, alerts=(), place=tie.place, waits_for=last.field,
        keep_through=None if held else last.keep_through,
    )  # fmt: skip


def out_of_reach(record: Record, taken: int) -> int:
    """What a record rightly still holds after these fields (a bit set) were taken: stuck, or waiting."""
    waits = [tie for tie in record.ties if tie.alone and to_bits(tie.waits_for) & ~taken & record.present]
    return record.stuck | to_bits(tuple({tie.field for tie in waits}))
