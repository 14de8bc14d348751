"""One rule on one field: its ends, floor and holds, and what they add up to (schedule §3)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from connector.calendar import add_months, claims_end
from connector.policy.binding import EVERY
from connector.policy.clocks import Reading
from connector.policy.conditions import CONSUMABLES, bits
from connector.policy.context import ShopContext
from connector.policy.file_format import Clock, FloorId, FloorUse, Period, Purpose, Rule, read_period
from connector.policy.floors import Finding
from connector.policy.holds import Open
from connector.records import Field, HoldId
from connector.verdicts import ClockUse, End, FieldVerdict, State

DAY = timedelta(days=1)
MONTH_OF_DAYS = timedelta(days=31)
Situation = tuple[Any, ...]
"""F1, F2, the day of a warning, then one reading per clock of the kind."""

F1, F2, WARNED, FIRST_CLOCK = range(4)
_FLOOR_SLOT = {FloorId.F1: F1, FloorId.F2: F2}


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """A verdict, and the first day on which the calendar alone changes it (date.max: never)."""

    verdict: FieldVerdict
    changes: date


class Count(msgspec.Struct, frozen=True, gc=False):
    """One purpose counted from one date."""

    ends: tuple[End]
    clock: ClockUse
    through: date | None
    reason: str = ""


class Tally(dict[Reading, Count]):
    """One purpose counted from the dates its clock shows, each date once."""

    def __init__(self, purpose: Purpose) -> None:
        super().__init__()
        self._name, self._id = purpose.clock.value, purpose.id
        self._period = read_period(purpose.period)

    def __missing__(self, reading: Reading) -> Count:
        found = self[reading] = self._count(*reading)
        return found

    def _count(self, on: date | None, source: str) -> Count:
        if on is None:
            return Count((End(purpose=self._id, through=None),), ClockUse(name=self._name), None, source)
        through = end_of(self._period, on)
        clock = ClockUse(name=self._name, on=on, source=source)
        return Count((End(purpose=self._id, through=through),), clock, through)

    def warn_from(self, counted: Count) -> date | None:
        """A month before the end of what was counted; None where no end is known."""
        on, through = counted.clock.on, counted.through
        return None if on is None or through is None else _month_before(self._period, on, through)


class _After(dict[date | None, tuple[date | None, date | None]]):
    """The day after a last day, and the day by which to act: so many verdicts end on the same day."""

    def __init__(self, slack: timedelta) -> None:
        super().__init__({None: (None, None)})
        self._slack = slack

    def __missing__(self, last: date | None) -> tuple[date | None, date | None]:
        assert last is not None
        found = self[last] = (last + DAY, last + self._slack)
        return found


class Day:
    """What holds for every verdict of one run: the day, the shop, and purposes that do not count."""

    def __init__(self, today: date, context: ShopContext, without: frozenset[str] = frozenset()) -> None:
        self.today = today
        self.context = context
        self.without = without
        self.after = _After(DAY + timedelta(days=context.run_slack_days))
        self._tallies: dict[tuple[str, Clock, str], Tally] = {}

    def tally(self, purpose: Purpose, *, consumed: bool) -> Tally:
        """The tally of a purpose, which rules that count alike share; `consumed`: of goods soon used up."""
        if consumed and purpose.consumables:
            purpose = purpose.model_copy(update={"period": _shorter(purpose.period, purpose.consumables)})
        key = (purpose.id, purpose.clock, purpose.period)
        return self._tallies.setdefault(key, Tally(purpose))


class Judge:
    """One rule on one field (None: the whole record) under one set of conditions.

    `slots` are the places of a situation it looks at, apart from the holds it `names`.
    """

    def __init__(
        self, rule: Rule, field: Field | None, flags: int, slots: Mapping[Clock, int], day: Day
    ) -> None:
        self.rule = rule
        self.field = field
        self._day = day
        purposes = _those_of(rule.purpose, field, flags)
        consumed = bool(flags & CONSUMABLES)
        counting = [one for one in purposes if not day.without & names_of(rule, one, consumed=consumed)]
        self._purposes = [(slots[one.clock], day.tally(one, consumed=consumed)) for one in counting]
        # A request that has ended every purpose: neither a warning nor a switch is waited for.
        self._on_request = bool(purposes) and not self._purposes
        self._floors = tuple(_FLOOR_SLOT[floor.id] for floor in _those_of(rule.floor, field, flags))
        self._silence = "no_active_purpose" if rule.id else rule.note
        self._alerts = tuple(alert.code for alert in rule.alert if met(alert.when, flags))
        self.names = frozenset(rule.holds)
        self._unknown = _waited_for(rule, day.context)
        self._needs_warning = _needs_warning(rule, counting)
        self._optional = rule.optional
        warned = (WARNED,) if rule.warning else ()
        looked_at = {*warned, *self._floors, *(slot for slot, _ in self._purposes)}
        # Never empty: a rule that looks at nothing still needs a key.
        self.slots: tuple[int, ...] = tuple(sorted(looked_at)) or (WARNED,)
        # Judges that differ in their field alone.
        self.twins = (rule.id, self._floors, tuple(id(tally) for _, tally in self._purposes))
        self._blank = self._blank_verdict()

    def _blank_verdict(self) -> FieldVerdict:
        """All that is the same in every verdict of this judge: copying it is cheaper than spelling it out."""
        rule = self.rule
        return FieldVerdict(
            field=self.field,
            state=State.KEEP,
            rule=rule.id,
            action=rule.action,
            wave=rule.wave,
            basis=rule.basis,
            unknown_holds=self._unknown,
            recipients=rule.recipients,
            alerts=self._alerts,
        )

    def decide(self, situation: Situation) -> Ruling:
        """The ruling on a situation, holds left aside."""
        counts = [tally[situation[slot]] for slot, tally in self._purposes]
        if self._needs_warning and counts and situation[WARNED]:
            counts += _answer_time(counts[0], situation[WARNED])
        floors: list[Finding] = [situation[slot] for slot in self._floors]
        keep, clock, reason = self._keep_through(counts, floors)
        state, reason = self._state(keep, reason, counts)
        warn_from = self._warn_from(counts) if self.rule.warning else None
        floor = _latest(floors) if floors else None
        after = self._day.after[keep]
        verdict = replace(
            self._blank,
            state=state,
            keep_through=keep,
            eligible_from=after[0],
            act_by=after[1],
            clock=clock,
            floor=floor.id if floor else None,
            floor_through=floor.through if floor else None,
            ends=counts[0].ends if len(counts) == 1 else tuple([count.ends[0] for count in counts]),
            reason=reason,
            by_law=reason == "floor",
        )
        if floors or warn_from:
            verdict = replace(verdict, alerts=self._alert_codes(state, reason, floors, warn_from))
        if state is State.DUE:
            return Ruling(verdict, date.max)
        return Ruling(verdict, self._changes(keep, counts, floors, warn_from))

    def hold(self, ruling: Ruling, holds: Sequence[Open]) -> Ruling:
        """The ruling on the same situation with these holds open; its dates stay as they were."""
        bound = [hold for hold in holds if self._binds(hold)]
        if not bound:
            return ruling
        verdict = replace(
            ruling.verdict,
            state=State.HELD,
            holds=tuple(sorted({hold.id for hold in bound})),
            reason="hold" if ruling.verdict.keep_through else ruling.verdict.reason,
            by_law=False,
        )
        releases = [hold.through + DAY for hold in bound if hold.through]
        return Ruling(verdict, min([ruling.changes, *releases]))

    def _binds(self, hold: Open) -> bool:
        if hold.id in EVERY:
            return True  # what is to be shown, or only stored, is not erased meanwhile, whatever row it is of
        return hold.id in self.names and not (hold.aftermath and self.rule.ignores_aftermath)

    def _keep_through(
        self, counts: Sequence[Count], floors: Sequence[Finding]
    ) -> tuple[date | None, ClockUse | None, str]:
        """The latest of all ends and floors; None, with the reason, where one of them is unknown."""
        parts: list[Count | Finding] = [*counts, *floors]
        latest, clock = None, None
        for part in parts:
            through = part.through
            if through is None:
                return None, part.clock, part.reason
            if latest is None or through > latest:
                latest, clock = through, part.clock
        if latest is None:
            # Ended by a request today: due at once. Otherwise nothing in the policy speaks of it.
            return (self._day.today - DAY if self._on_request else None), None, self._silence
        return latest, clock, ""

    def _state(self, keep: date | None, reason: str, counts: Sequence[Count]) -> tuple[State, str]:
        """Kept for an unknown time, by a purpose or by law alone; or over."""
        today = self._day.today
        if keep is None:
            return State.KEEP, reason
        if keep < today:
            return self._when_over(counts)
        for counted in counts:
            if counted.through and today <= counted.through:
                return State.KEEP, "purpose"
        return State.KEEP, "floor"

    def _when_over(self, counts: Sequence[Count]) -> tuple[State, str]:
        """Due, unless the rule is off, a warning is missing, or a hold cannot be read."""
        if self._optional and not self._on_request:
            return State.KEEP, "not_switched_on"
        if self._needs_warning and not self._on_request and not _answered(counts):
            return State.KEEP, "warning_not_recorded"
        return (State.HELD, "unknown_holds") if self._unknown else (State.DUE, "due")

    def _warn_from(self, counts: Sequence[Count]) -> date | None:
        """The day from which the person is to be warned; None where nothing is left to send."""
        if self.rule.warning is None or self.rule.optional or not counts or _answered(counts):
            return None
        if any(count.through is None for count in counts):
            return None  # nobody is told that an account goes which another purpose keeps for an unknown time
        return self._purposes[0][1].warn_from(counts[0])

    def _alert_codes(
        self, state: State, reason: str, floors: Sequence[Finding], warn_from: date | None
    ) -> tuple[str, ...]:
        codes = list(self._alerts)
        if any(floor.year_ends for floor in floors):
            codes.append("financial_year_open")
        if reason == "financial_year_unknown":
            codes.append(reason)
        if self.rule.warning and warn_from and warn_from <= self._day.today and state is not State.DUE:
            codes.append(self.rule.warning.alert)
        return tuple(codes)

    def _changes(
        self,
        keep: date | None,
        counts: Sequence[Count],
        floors: Sequence[Finding],
        warn_from: date | None,
    ) -> date:
        """The first day after today on which a period, floor or open year ends, or a warning is due."""
        lasts = [keep, warn_from - DAY if warn_from else None]
        lasts += [count.through for count in counts]
        lasts += [floor.year_ends for floor in floors]
        today = self._day.today
        coming = [last for last in lasts if last and last >= today]
        return min(coming) + DAY if coming else date.max


Part = TypeVar("Part", Purpose, FloorUse)


def _those_of(parts: Sequence[Part], field: Field | None, flags: int) -> list[Part]:
    """The purposes, or floors, of a rule that concern a field of a record with these flags."""
    return [one for one in parts if (not one.fields or field in one.fields) and met(one.when, flags)]


def _waited_for(rule: Rule, context: ShopContext) -> tuple[HoldId, ...]:
    """The holds of a rule that the shop's data cannot show, where the rule waits for them."""
    unknown = sorted(context.unknown_holds & frozenset(rule.holds))
    return tuple(unknown) if rule.waits_for_unknown_holds else ()


def _needs_warning(rule: Rule, counting: Sequence[Purpose]) -> bool:
    """Whether nothing goes by this rule before the person was warned."""
    unwaivable = any(purpose.never_unwarned for purpose in counting)
    return rule.warning is not None and (rule.warning.required or unwaivable)


OF_CONSUMABLES = ".of_consumables"
"""Ends the name of a purpose of goods that are soon used up alone (schedule §3, a request to erase)."""


def names_of(rule: Rule, purpose: Purpose, *, consumed: bool) -> set[str]:
    """The names by which a request may end a purpose."""
    own = f"{rule.id}.{purpose.id}"
    return {purpose.id, own, own + OF_CONSUMABLES} if consumed else {purpose.id, own}


def _shorter(period: str, other: str) -> str:
    return min(period, other, key=lambda text: read_period(text).about_days)


def met(conditions: Sequence[Any], flags: int) -> bool:
    """Whether all conditions are true of a record with these flags."""
    mask = bits(conditions)
    return flags & mask == mask


def end_of(period: Period, on: date) -> date:
    """The inclusive last day of a period counted from a date (schedule §2.2–2.4)."""
    if period.unit == "days":
        return on + timedelta(days=period.number)
    return claims_end(on) if period.unit == "claims" else add_months(on, period.number)


def _month_before(period: Period, on: date, through: date) -> date:
    """A month before the end, counted from the original date (schedule §2.3)."""
    return add_months(on, period.number - 1) if period.unit == "months" else through - MONTH_OF_DAYS


WARNING = "warning"


def _answer_time(counted: Count, warned: date) -> list[Count]:
    """A month to answer a warning, which counts only if it came after the last activity."""
    if counted.clock.on is None or warned < counted.clock.on:
        return []
    through = add_months(warned, 1)
    clock = ClockUse(name="warned", on=warned, source="warned")
    return [Count((End(purpose=WARNING, through=through),), clock, through)]


def _answered(counts: Sequence[Count]) -> bool:
    return any(counted.ends[0].purpose == WARNING for counted in counts)


def _latest(floors: Sequence[Finding]) -> Finding | None:
    return max((floor for floor in floors if floor.through), key=_through, default=None)


def _through(part: Count | Finding) -> date:
    return part.through or date.min
