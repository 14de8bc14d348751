"""What a verdict makes of a record: where it counts, its steps, and whom each concerns."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec

from connector.calendar import add_months
from connector.plan.model import Step, Why
from connector.ports import Ability, Act, Capabilities, Interest
from connector.records import (
    FIELD_BITS,
    Action,
    Field,
    Outcome,
    Record,
    Wave,
    from_bits,
)
from connector.verdicts import FieldVerdict, State, Verdict


def classify(verdict: Verdict, capabilities: Capabilities, *, stuck: int = 0) -> str:
    """Where a record counts: delete > redact > held > kept_by_law > nothing_due.

    `stuck` are the fields that no call changes on it, as a bit set.
    """
    states = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
    whole = _whole(verdict, capabilities)
    if whole is not None:
        return "delete" if whole.action is Action.DELETE else "redact"
    if any(f.state is State.DUE and _able(capabilities, f, stuck) for f in verdict.fields):
        return "redact"
    if any(f.state is State.HELD for f in states):
        return "held"
    if any(f.by_law for f in states):
        return "kept_by_law"
    return "nothing_due"


PARCEL_NUMBER, POINTS_MONTHS = "tracking_number", 17
"""A carrier may use a number again after 18 months (schedule T-14); a letter takes up to one to leave."""


def names_its_parcel(record: Record, today: date) -> bool:
    """Whether a parcel's number may still be told to its carrier: later it may be somebody else's parcel.

    From the order's own day on, where that is earlier: a day of sending may be an edit's, or lie ahead.
    """
    known = [day for day in (record.facts.shipped, record.facts.created) if day is not None]
    return bool(known) and today < add_months(min(known), POINTS_MONTHS)


def steps_of(
    record: Record, verdict: Verdict, capabilities: Capabilities, *, today: date
) -> tuple[Step, ...]:
    """The steps that this verdict calls for: the whole record, or its due fields wave by wave."""
    if PARCEL_NUMBER in record.copies and not names_its_parcel(record, today):
        left = tuple(handle for handle in record.copies if handle != PARCEL_NUMBER)
        record = msgspec.structs.replace(record, copies=left)
    whole = _whole(verdict, capabilities)
    if whole is not None:
        step = _step(record, whole.action, [whole], fields=record.present, by_hand=0)
        stays = tuple(place for place in record.residue if _code(place) in capabilities.outlives)
        return (msgspec.structs.replace(step, residue=stays) if stays else step,)
    steps = []
    for wave in Wave:
        due = [f for f in verdict.fields if f.state is State.DUE and f.wave is wave and f.field]
        able = [f for f in due if _able(capabilities, f, record.stuck)]
        unable = [f for f in due if f not in able and f.field not in capabilities.nobody]
        going = {f.field for f in due if f.field}
        placed = tuple(
            one for one in record.placed if one.field in going and _clears(capabilities, one.field)
        )
        residue = _residue(record, going, capabilities)
        if able or unable or residue:
            fields, by_hand = _bits(able), _bits(unable)
            step = _step(record, Action.REDACT, due, fields=fields, by_hand=by_hand)
            steps.append(msgspec.structs.replace(step, residue=residue, placed=placed))
    return tuple(steps)


def _whole(verdict: Verdict, capabilities: Capabilities) -> FieldVerdict | None:
    """The verdict that takes the record whole, where it is due and the platform can do it."""
    whole = verdict.record
    if whole is None or whole.state is not State.DUE:
        return None
    can = capabilities.unsubscribes if whole.action is Action.UNSUBSCRIBE else capabilities.deletes
    return whole if can else None


def _residue(record: Record, due: set[Field], capabilities: Capabilities) -> tuple[str, ...]:
    """The places no API reaches that matter now that these fields go."""
    known = {one.place: frozenset({one.field}) for one in record.placed}
    return tuple(
        place
        for place in record.residue
        if known.get(place, capabilities.residue.get(_code(place), frozenset())) & due
    )


def _code(place: str) -> str:
    """A place without its detail: what stands behind the colon is a key or an id."""
    return place.partition(":")[0]


def _clears(capabilities: Capabilities, field: Field) -> bool:
    """Whether a call clears this field where it stands within reach."""
    return capabilities.fields.get(field) is Ability.REDACT


def _able(capabilities: Capabilities, verdict: FieldVerdict, stuck: int) -> bool:
    """Whether a call clears this field of a record."""
    field = verdict.field
    can = field is not None and _clears(capabilities, field)
    return can and not _bits([verdict]) & stuck


def _bits(verdicts: Iterable[FieldVerdict]) -> int:
    return sum(FIELD_BITS[v.field] for v in verdicts if v.field)


def _step(record: Record, action: Action, due: Sequence[FieldVerdict], *, fields: int, by_hand: int) -> Step:
    """A step of these verdicts, which are all of one wave."""
    return Step(
        ref=record.ref,
        label=record.label or record.ref.id,
        wave=due[0].wave,
        action=action,
        fields=fields,
        by_hand=by_hand,
        why=tuple(why_of(v) for v in due),
        copies=record.copies,
    )


def why_of(verdict: FieldVerdict) -> Why:
    """What a verdict leaves in a step: the rule, its clock and basis, and who is told."""
    clock = verdict.clock
    return Why(
        field=str(verdict.field) if verdict.field else "record",
        rule=verdict.rule,
        since=verdict.eligible_from,
        clock=clock.name if clock else "",
        clock_date=clock.on if clock else None,
        basis=verdict.basis,
        recipients=verdict.recipients,
    )


EVERYBODY = "all"
"""Stands for every kind of recipient: what a person asked to go is passed on to all (GDPR 17(1), 19)."""


def to_everybody(step: Step) -> Step:
    """The step as its person asked for it: passed on to every recipient, whatever the rules name."""
    why = tuple(msgspec.structs.replace(one, recipients=(EVERYBODY,)) for one in step.why)
    return msgspec.structs.replace(step, why=why)


def _passes(why: Why, code: str) -> bool:
    return code in why.recipients or EVERYBODY in why.recipients


def told(
    step: Step, interests: Sequence[Interest], code: str, *, after_contract: Collection[str]
) -> tuple[Interest, ...]:
    """The interests of a recipient (by its code) that this step concerns.

    A field that a rule takes is passed on only to the recipients that the rule names, and to every one where
    its person asked for it. A step that only notifies is of a record that the shop let go by itself. What a
    recipient cannot open again, a saved card or a mandate, ends only by a rule of `after_contract`: under it
    nothing goes while a contract runs (H7).
    """
    passed = [w for w in step.why if _passes(w, code)]
    named = {w.field for w in passed}
    ends = any(w.rule in after_contract for w in passed)
    asked = any(EVERYBODY in w.recipients for w in passed)
    if not named:
        return ()
    whole = step.action is Action.DELETE or (step.action is Action.NOTIFY and "record" in named)
    gone = set(from_bits(step.fields)) if whole else {Field(f) for f in named if f != "record"}
    return tuple(
        i
        for i in interests
        if i.kind is step.ref.kind
        and i.handle in step.copies
        and (asked if i.asked else ((i.on_delete and whole) or (i.fields & gone)))
        and (ends or not (i.act is Act.STOP and i.irreversible))
    )


def concerned(step: Step, interest: Interest, code: str) -> frozenset[Field]:
    """The fields of a step that a recipient is told of; none where the record goes whole."""
    named = {Field(w.field) for w in step.why if _passes(w, code) and w.field != "record"}
    return frozenset(named & interest.fields if interest.fields else named)


def only_by_hand(steps: Sequence[Step]) -> bool:
    """Whether a record's steps are all such that no API can take them."""
    return bool(steps) and all(step.action is Action.REDACT and not step.fields for step in steps)


def hands(step: Step) -> tuple[tuple[str, str], ...]:
    """What a person must do on a step's record: fields no API can clear, and places none reaches.

    A field whose place is known is told there, once.
    """
    known = {one.place: str(one.field) for one in step.placed}
    fields = [(str(field), "") for field in from_bits(step.by_hand) if field not in known.values()]
    return (*fields, *((known.get(place, ""), place) for place in step.residue))


def of_its_own(told: tuple[str, str], capabilities: Capabilities) -> bool:
    """Whether a task is one on this very record; else one act does it for every record."""
    return not told[1] or _code(told[1]) not in capabilities.at_once


def done_to(step: Step, field: str) -> str:
    """What is done to a field: the step's action, or `by_hand`, or `cannot` where nobody can do it."""
    if step.action is not Action.REDACT or field in {str(one) for one in from_bits(step.fields)}:
        return step.action
    by_hand = field in {str(one) for one in from_bits(step.by_hand)}
    return Outcome.BY_HAND if by_hand else Ability.CANNOT
