"""What the policy says of one record, field by field."""

from datetime import date
from enum import StrEnum

from connector.records import Action, Field, HoldId, Ref, Value, Wave


class State(StrEnum):
    """Keep through a date (or for an unknown time), held by a reason to wait, or due."""

    KEEP = "keep"
    HELD = "held"
    DUE = "due"


SUBSCRIBES = "subscribes"
"""The reason of an account that is itself the newsletter's living, consenting subscriber."""

ENDS_LATER = frozenset({"account_exists", "still_valid", SUBSCRIBES})
"""Reasons for which no day is known because what ends the time has not come: nothing is unread."""


class ClockUse(Value, frozen=True, kw_only=True):
    """The date a period was counted from, and the signal it was taken from."""

    name: str
    on: date | None = None
    source: str = ""


class End(Value, frozen=True, kw_only=True):
    """The inclusive last day of one active purpose."""

    purpose: str
    through: date | None


class FieldVerdict(Value, frozen=True, kw_only=True):
    """The verdict on one field, or on the whole record where `field` is None.

    `keep_through` is inclusive; `eligible_from` the day after; `act_by` 31 days later by
    default. `keep_through` is None where a date cannot be computed: the field keeps, and
    `reason` says why (schedule §3). `by_law` is true where only the floor still keeps it.
    """

    field: Field | None
    state: State
    rule: str
    action: Action
    wave: Wave
    basis: str = ""
    keep_through: date | None = None
    eligible_from: date | None = None
    act_by: date | None = None
    clock: ClockUse | None = None
    floor: str | None = None
    floor_through: date | None = None
    ends: tuple[End, ...] = ()
    holds: tuple[HoldId, ...] = ()
    # Holds whose signal this shop's data cannot show and nobody has attested.
    unknown_holds: tuple[HoldId, ...] = ()
    reason: str = ""
    by_law: bool = False
    recipients: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    # A place that goes whole or not at all, and the field in it that this one waits for.
    place: str = ""
    waits_for: Field | None = None


class Verdict(Value, frozen=True, kw_only=True):
    """All field verdicts of one record; `record` is set where a rule takes it whole.

    `next_due` is the first day on which any verdict can change by the calendar alone;
    None where only new facts can change it.
    """

    ref: Ref
    fields: tuple[FieldVerdict, ...]
    record: FieldVerdict | None = None
    next_due: date | None = None
    alerts: tuple[str, ...] = ()
