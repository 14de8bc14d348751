"""Verdicts become steps, steps a plan with digests and limits: pure, JSON both ways.

A plan is the header; its steps are rows of the ledger. Each wave's digest is taken over the
canonical form of its steps, in order; the plan's over the header and the waves' digests.
"""

import hashlib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from connector.basis import Basis
from connector.ports import Ability, Act, Capabilities, Interest
from connector.records import (
    FIELD_BITS,
    WAVE_ORDER,
    Action,
    Field,
    HoldId,
    Kind,
    Outcome,
    Placed,
    Record,
    Ref,
    Value,
    Wave,
    from_bits,
)
from connector.verdicts import FieldVerdict, State, Verdict

FORMAT_VERSION = 1
LIFETIME = timedelta(days=7)
_encode = msgspec.json.Encoder(order="deterministic").encode


def approve_line(code: str, *, file: Path, waves: Sequence[Wave] = (), first_run: bool = False) -> str:
    """The command that approves a plan, or some rounds of it, as it can be pasted anywhere.

    `file` is the shop's, whole: a report or a mail is read in another folder than it was made in. `NAME` and
    `ROLE` are asked for where they are left as they stand.
    """
    chosen = "".join(f" --wave {wave}" for wave in waves)
    meant = " --first-run" if first_run else ""
    return f"gallra approve {code} --by NAME --role ROLE{meant}{chosen} --shop {shlex.quote(str(file))}"


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


class LimitCheck(Value, frozen=True, kw_only=True):
    """One limit held against this plan."""

    name: str
    kind: str
    allowed: int
    planned: int

    @property
    def exceeded(self) -> bool:
        """Whether more is planned than allowed."""
        return self.planned > self.allowed


class Limits(Value, frozen=True, kw_only=True):
    """How much one run may touch: records, percent of a kind, times the last run (scaled by days)."""

    records: int = 500
    percent: float = 5.0
    jump: float = 5.0


USUAL = Limits()
"""What holds where the shop's file says nothing."""


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
    digest: str = ""

    @property
    def code(self) -> str:
        """The short code an approval names."""
        return self.digest[:8]

    def wave(self, wave: Wave) -> WavePlan | None:
        """The plan of one wave, None where nothing is due in it."""
        return next((w for w in self.waves if w.wave is wave), None)


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


def steps_of(record: Record, verdict: Verdict, capabilities: Capabilities) -> tuple[Step, ...]:
    """The steps that this verdict calls for: the whole record, or its due fields wave by wave."""
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


def _step(
    record: Record, action: Action, due: Sequence[FieldVerdict], *, fields: int, by_hand: int
) -> Step:
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


def told(step: Step, interests: Sequence[Interest], code: str) -> tuple[Interest, ...]:
    """The interests of a recipient (by its code) that this step concerns.

    A field that a rule takes is passed on only to the recipients that the rule names. A step that only
    notifies is of a record that the shop let go by itself.
    """
    named = {w.field for w in step.why if code in w.recipients}
    if not named:
        return ()
    whole = step.action is Action.DELETE or (step.action is Action.NOTIFY and "record" in named)
    gone = set(from_bits(step.fields)) if whole else {Field(f) for f in named if f != "record"}
    return tuple(
        i
        for i in interests
        if i.kind is step.ref.kind
        and i.handle in step.copies
        and ((i.on_delete and whole) or (i.fields & gone))
    )


def concerned(step: Step, interest: Interest, code: str) -> frozenset[Field]:
    """The fields of a step that a recipient is told of; none where the record goes whole."""
    named = {Field(w.field) for w in step.why if code in w.recipients and w.field != "record"}
    return frozenset(named & interest.fields if interest.fields else named)


def canonical(step: Step) -> bytes:
    """The bytes a digest is taken over."""
    return _encode(step)


class Digester:
    """Takes the digest of each wave while its steps stream by; nothing is held in memory."""

    def __init__(self) -> None:
        self._hash = {wave: hashlib.sha256() for wave in Wave}
        self.steps = dict.fromkeys(Wave, 0)
        self.records: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}
        self.fields: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}
        self.whole: dict[tuple[Wave, Action], dict[str, int]] = {}
        self.by_hand: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}

    def add(self, step: Step) -> None:
        """Counts one step into its wave."""
        wave = step.wave
        self._hash[wave].update(canonical(step) + b"\n")
        self.steps[wave] += 1
        _count(self.records[wave], str(step.ref.kind))
        if step.action is not Action.REDACT:
            _count(self.whole.setdefault((wave, step.action), {}), str(step.ref.kind))
        for field in from_bits(step.fields) if step.action is Action.REDACT else ():
            _count(self.fields[wave], str(field))

        for name, place in hands(step):
            _count(self.by_hand[wave], f"{step.ref.kind}|{name}|{place}")

    def waves(self) -> tuple[WavePlan, ...]:
        """The waves that have steps, in their order."""
        return tuple(
            WavePlan(
                wave=wave,
                digest=self._hash[wave].hexdigest(),
                steps=self.steps[wave],
                records=dict(sorted(self.records[wave].items())),
                fields=dict(sorted(self.fields[wave].items())),
                deletes=self.whole.get((wave, Action.DELETE), {}),
                unsubscribes=self.whole.get((wave, Action.UNSUBSCRIBE), {}),
                by_hand=dict(sorted(self.by_hand[wave].items())),
            )
            for wave in sorted(Wave, key=WAVE_ORDER.__getitem__)
            if self.steps[wave]
        )


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


def _count(counts: dict[Any, int], key: Any) -> None:
    counts[key] = counts.get(key, 0) + 1


def sealed(plan: Plan) -> Plan:
    """The plan with its digest, taken over everything but the digest itself."""
    return msgspec.structs.replace(plan, digest=digest_of(plan))


def digest_of(plan: Plan) -> str:
    """SHA-256 over the canonical header, waves' digests included."""
    return hashlib.sha256(_encode(msgspec.structs.replace(plan, digest=""))).hexdigest()


def check_limits(
    touched: Mapping[Kind, int],
    totals: Mapping[Kind, int],
    limits: Limits,
    *,
    last_run: tuple[int, int] | None,
) -> tuple[LimitCheck, ...]:
    """Every limit with what is planned against it.

    `touched` and `totals` count records per kind; `last_run` is the records of the last run
    and the days since it, None on a first run. The jump is scaled by the days, at least one.
    """
    total = sum(touched.values())
    views = [LimitCheck(name="records", kind="", allowed=limits.records, planned=total)]
    for kind, count in sorted(touched.items()):
        allowed = ceil(totals.get(kind, 0) * limits.percent / 100)
        views.append(LimitCheck(name="percent", kind=str(kind), allowed=allowed, planned=count))
    if last_run is not None and last_run[0] > 0:
        records, days = last_run
        views.append(
            LimitCheck(name="jump", kind="", allowed=int(records * limits.jump * max(1, days)), planned=total)
        )
    return tuple(views)


def to_json(plan: Plan) -> bytes:
    """The header as JSON; minor changes add fields, a new format_version refuses old readers."""
    return _encode(plan)


def from_json(data: bytes) -> Plan:
    """The header again; raises msgspec.ValidationError on anything else."""
    return msgspec.json.decode(data, type=Plan)
