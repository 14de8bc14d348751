"""What a plan is: its header, its rounds, its steps, and why each field goes."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from connector.basis import Basis
from connector.placeholders import NAME, ROLE
from connector.plan.limits import LimitCheck
from connector.ports import Act
from connector.records import (
    Action,
    HoldId,
    Placed,
    Ref,
    Value,
    Wave,
)

FORMAT_VERSION = 1
LIFETIME = timedelta(days=7)


def approve_line(code: str, *, file: Path, waves: Sequence[Wave] = (), first_run: bool = False) -> str:
    """The command that approves a plan, or some rounds of it, as it can be pasted anywhere.

    `file` is the shop's, whole: a report or a mail is read in another folder than it was made in. The
    words left open are asked for where they are left as they stand.
    """
    chosen = "".join(f" --wave {wave}" for wave in waves)
    meant = " --first-run" if first_run else ""
    return f"gallra approve {code} --by {NAME} --role {ROLE}{meant}{chosen} --shop {shlex.quote(str(file))}"


NO_LINE = (
    "It cannot be approved as it stands: over the limits, or past its seven days. If its report is right, "
    "see [limits] in the shop's file, and plan again."
)
"""What stands where the line that approves would be refused."""


def apply_line(*, file: Path, code: str = "") -> str:
    """The command that carries out what is approved; a plan beside the nightly one is named by its code."""
    chosen = f" --plan {code}" if code else ""
    return f"gallra apply {shlex.quote(str(file))}{chosen}"


def dry_run_stem(made_at: datetime, code: str) -> str:
    """What the files of a plan's dry run are called, without their ending."""
    return f"dry-run-{made_at:%Y-%m-%d}-{code}"


class Why(Value, frozen=True, kw_only=True):
    """Why one field goes: rule, since when, and the clock it was counted from."""

    field: str  # a Field, or "record" where all of it goes
    rule: str
    since: date | None
    clock: str
    clock_date: date | None
    basis: str = ""
    recipients: tuple[str, ...] = ()


class Step(Value, frozen=True, kw_only=True):
    """What would be done to one record in one wave; `by_hand` what a person must do there."""

    ref: Ref
    label: str
    wave: Wave
    action: Action
    fields: int
    by_hand: int = 0
    why: tuple[Why, ...] = ()
    copies: tuple[str, ...] = ()
    # Codes of places on this record that no API reaches and that hold one of these fields.
    residue: tuple[str, ...] = ()
    # Those of them that hold one known field.
    placed: tuple[Placed, ...] = ()
    # By which channel mailings are to end, as an objection or a withdrawal asks; none of a rule's step.
    channel: str = ""

    @property
    def named(self) -> str:
        """The record as a code that the reports have words for: its kind, and the number beside it."""
        return f"{self.ref.kind}:{self.label}"

    @property
    def needs_hand(self) -> bool:
        """Whether a person must do something on this record."""
        return bool(self.by_hand or self.residue)


class Outlook(Value, frozen=True, kw_only=True):
    """What a plan would ask of one recipient."""

    recipient: str
    act: Act
    handle: str
    count: int
    irreversible: bool = False
    wave: Wave


class WavePlan(Value, frozen=True, kw_only=True):
    """One wave of a plan: how much, and the digest an approval names."""

    wave: Wave
    digest: str
    steps: int
    records: Mapping[str, int]
    fields: Mapping[str, int]
    deletes: Mapping[str, int] = {}
    unsubscribes: Mapping[str, int] = {}
    restores: Mapping[str, int] = {}
    rectifies: Mapping[str, int] = {}
    # Records that need a hand, by "kind|field|place".
    by_hand: Mapping[str, int] = {}


class Totals(Value, frozen=True, kw_only=True):
    """How many records stand where, each once: deleted > redacted > held > kept by law > nothing due.

    A record that is only unsubscribed counts as redacted. `records` is the five counts summed, and written
    out because a plan's digest is taken over it. `by_hand` counts records that need a person as well; it
    overlaps the others and is left out of the sum.
    """

    records: int = 0
    delete: int = 0
    redact: int = 0
    held: int = 0
    kept_by_law: int = 0
    nothing_due: int = 0
    by_hand: int = 0

    def __post_init__(self) -> None:
        if not self.records:
            summed = self.going + self.held + self.kept_by_law + self.nothing_due
            msgspec.structs.force_setattr(self, "records", summed)

    @property
    def going(self) -> int:
        """Records that lose something."""
        return self.delete + self.redact

    def __add__(self, other: "Totals") -> "Totals":
        """Both counts together."""
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class Plan(Value, frozen=True, kw_only=True):
    """The header of a plan: what it was made from and what it would do."""

    format_version: int
    shop: str
    policy: str
    policy_digest: str
    key: str
    tool: str
    today: date
    created: datetime
    expires: datetime
    waves: tuple[WavePlan, ...]
    totals: Mapping[str, Totals]
    outlook: tuple[Outlook, ...]
    limits: tuple[LimitCheck, ...]
    # Records that only a hand can finish: no step, nothing to approve; by "kind|field|place".
    by_hand: Mapping[str, int] = {}
    by_hand_records: int = 0
    # What was read of each kind, and how many due records are left out for what was not.
    rests_on: tuple[Basis, ...] = ()
    withheld: Mapping[str, int] = {}
    # Holds whose signal could not be read when it was made: what they bind is not in it.
    unknown_holds: tuple[HoldId, ...] = ()
    # The digest of the run that it takes back, and whether it erases again what was erased before.
    undoes: str = ""
    replays: bool = False
    # The request of a person that it carries out, by its code.
    request: str = ""
    # It puts right what that person says is wrong: new values, and nothing goes.
    rectifies: bool = False
    # No rule's plan: it ends mailings that persons have objected to, or no more consent to elsewhere.
    objects: Literal["", "objection", "withdrawals"] = ""
    digest: str = ""

    @property
    def code(self) -> str:
        """The short code an approval names."""
        return self.digest[:8]

    @property
    def sets_values(self) -> bool:
        """Whether it writes what persons gave, or what stood there before: by no rule, within no limit."""
        return bool(self.undoes or self.rectifies)

    def wave(self, wave: Wave) -> WavePlan | None:
        """The plan of one wave, None where nothing is due in it."""
        return next((w for w in self.waves if w.wave is wave), None)
