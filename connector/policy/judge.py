"""One rule on one field: its ends, floor and holds, and what they add up to (schedule §3)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from connector.calendar import add_months, claims_end
from connector.policy.conditions import bits
from connector.policy.context import ShopContext
from connector.policy.floors import Finding
from connector.policy.holds import Open
from connector.policy.schema import Clock, FloorId, Period, Purpose, Rule, read_period
from connector.records import Field
from connector.verdicts import ClockUse, End, FieldVerdict, State

DAY = timedelta(days=1)
MONTH_OF_DAYS = timedelta(days=31)
CACHE_SIZE = 200_000

Situation = tuple[Any, ...]
"""Flags, open holds, F1, F2, the day of a warning, then one reading per clock of the kind."""

FLAGS, HOLDS, F1, F2, WARNED, FIRST_CLOCK = range(6)
_FLOOR_SLOT = {FloorId.F1: F1, FloorId.F2: F2}


class Day(NamedTuple):
    """What holds for every verdict of one run: the day, the shop, and purposes that do not count."""

    today: date
    context: ShopContext
    without: frozenset[str] = frozenset()


class Ruling(NamedTuple):
    """A verdict, and the first day on which the calendar alone changes it."""

    verdict: FieldVerdict
    changes: date | None


class _Term(NamedTuple):
    purpose: str
    mask: int
    slot: int
    clock: Clock
    period: Period


class _Count(NamedTuple):
    purpose: str
    clock: ClockUse
    through: date | None
    reason: str
    warn_from: date | None


class Judge:
    """Applies one rule to one field (or to a whole record), and remembers like situations."""

    def __init__(self, rule: Rule, field: Field | None, slots: Mapping[Clock, int], day: Day) -> None:
        self.rule = rule
        self.field = field
        self.mask = bits(rule.when)
        self._day = day
        self._terms = tuple(_term(p, slots) for p in rule.purpose if not p.fields or field in p.fields)
        self._floors = tuple(
            (bits(floor.when), _FLOOR_SLOT[floor.id])
            for floor in rule.floor
            if not floor.fields or field in floor.fields
        )
        self._alerts = tuple((bits(alert.when), alert.code) for alert in rule.alert)
        self._holds = frozenset(rule.holds)
        unknown = sorted(day.context.unknown_holds & self._holds)
        self._unknown = tuple(unknown) if rule.waits_for_unknown_holds else ()
        used = {slot for _, slot in self._floors} | {term.slot for term in self._terms}
        self.key = itemgetter(FLAGS, HOLDS, WARNED, *sorted(used))
        self.known: dict[Any, Ruling] = {}

    def learn(self, situation: Situation) -> Ruling:
        """The ruling on a situation not met before."""
        if len(self.known) >= CACHE_SIZE:
            self.known.clear()
        ruling = self.known[self.key(situation)] = self._decide(situation)
        return ruling

    def _decide(self, situation: Situation) -> Ruling:
        counts = self._counts(situation)
        floors = self._applying(situation)
        holds = [hold for hold in situation[HOLDS] if self._names(hold)]
        keep, clock, reason = self._keep_through(counts, floors)
        on_request = not counts and any(self._active(situation))
        warn_from = None if on_request else self._warn_from(counts, situation[WARNED])
        state, reason = self._state(keep, reason, counts, holds, warned=warn_from is None or on_request)
        floor = max((f for f in floors if f.through), key=_through, default=None)
        verdict = FieldVerdict(
            field=self.field,
            state=state,
            rule=self.rule.id,
            action=self.rule.action,
            wave=self.rule.wave,
            basis=self.rule.basis,
            keep_through=keep,
            eligible_from=keep + DAY if keep else None,
            act_by=keep + DAY + timedelta(days=self._day.context.run_slack_days) if keep else None,
            clock=clock,
            floor=floor.id if floor else None,
            floor_through=floor.through if floor else None,
            ends=tuple(End(purpose=count.purpose, through=count.through) for count in counts),
            holds=tuple(sorted({hold.id for hold in holds})),
            unknown_holds=self._unknown,
            reason=reason,
            by_law=reason == "floor",
            recipients=self.rule.recipients,
            alerts=self._alert_codes(situation, state, reason, floors, warn_from),
        )
        return Ruling(verdict, self._changes(keep, counts, floors, holds, warn_from, state))

    def _active(self, situation: Situation) -> list[_Term]:
        flags = situation[FLAGS]
        return [term for term in self._terms if flags & term.mask == term.mask]

    def _counts(self, situation: Situation) -> list[_Count]:
        active = [term for term in self._active(situation) if term.purpose not in self._day.without]
        counts = [_count(term, *situation[term.slot]) for term in active]
        warned = situation[WARNED]
        if counts and warned and self.rule.warning and self.rule.warning.required:
            counts.extend(_answer_time(counts[0], warned))
        return counts

    def _applying(self, situation: Situation) -> list[Finding]:
        flags = situation[FLAGS]
        return [situation[slot] for mask, slot in self._floors if flags & mask == mask]

    def _names(self, hold: Open) -> bool:
        return hold.id in self._holds and not (hold.aftermath and self.rule.ignores_aftermath)

    def _keep_through(
        self, counts: Sequence[_Count], floors: Sequence[Finding]
    ) -> tuple[date | None, ClockUse | None, str]:
        """The latest of all ends and floors; None, with the reason, where one of them is unknown."""
        parts: list[_Count | Finding] = [*counts, *floors]
        unknown = next((part for part in parts if part.through is None), None)
        if unknown:
            return None, unknown.clock, unknown.reason
        if not parts:
            return (self._day.today - DAY, None, "") if self._terms else (None, None, "no_active_purpose")
        last = max(parts, key=_through)
        return last.through, last.clock, ""

    def _state(
        self,
        keep: date | None,
        reason: str,
        counts: Sequence[_Count],
        holds: Sequence[Open],
        *,
        warned: bool,
    ) -> tuple[State, str]:
        today = self._day.today
        if holds:
            return State.HELD, reason or "hold"
        if keep is None:
            return State.KEEP, reason
        if today <= keep:
            purpose = any(count.through and today <= count.through for count in counts)
            return State.KEEP, "purpose" if purpose else "floor"
        if self.rule.optional and counts:
            return State.KEEP, "not_switched_on"
        if self.rule.warning and self.rule.warning.required and not warned:
            return State.KEEP, "warning_not_recorded"
        return (State.HELD, "unknown_holds") if self._unknown else (State.DUE, "due")

    def _warn_from(self, counts: Sequence[_Count], warned: date | None) -> date | None:
        """The day from which the person is to be warned; None where nothing is left to send."""
        if self.rule.warning is None or self.rule.optional or not counts:
            return None
        if warned and any(count.purpose == "warning" for count in counts):
            return None
        return counts[0].warn_from

    def _alert_codes(
        self,
        situation: Situation,
        state: State,
        reason: str,
        floors: Sequence[Finding],
        warn_from: date | None,
    ) -> tuple[str, ...]:
        flags = situation[FLAGS]
        codes = [code for mask, code in self._alerts if flags & mask == mask]
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
        counts: Sequence[_Count],
        floors: Sequence[Finding],
        holds: Sequence[Open],
        warn_from: date | None,
        state: State,
    ) -> date | None:
        """The first day after today on which a period, floor, hold or open year ends."""
        if state is State.DUE:
            return None
        lasts = [keep, *(count.through for count in counts), *(hold.through for hold in holds)]
        lasts += [floor.year_ends for floor in floors]
        lasts.append(warn_from - DAY if warn_from else None)
        today = self._day.today
        return min((last + DAY for last in lasts if last and last >= today), default=None)


def _term(purpose: Purpose, slots: Mapping[Clock, int]) -> _Term:
    return _Term(
        purpose.id, bits(purpose.when), slots[purpose.clock], purpose.clock, read_period(purpose.period)
    )


def _count(term: _Term, on: date | None, source: str) -> _Count:
    if on is None:
        return _Count(term.purpose, ClockUse(name=term.clock.value), None, source, None)
    clock = ClockUse(name=term.clock.value, on=on, source=source)
    through = end_of(term.period, on)
    return _Count(term.purpose, clock, through, "", _month_before(term.period, on, through))


def end_of(period: Period, on: date) -> date:
    """The inclusive last day of a period counted from a date (schedule §2.2–2.4)."""
    if period.unit == "days":
        return on + timedelta(days=period.number)
    return claims_end(on) if period.unit == "claims" else add_months(on, period.number)


def _month_before(period: Period, on: date, through: date) -> date:
    """A month before the end, counted from the original date (schedule §2.3)."""
    return add_months(on, period.number - 1) if period.unit == "months" else through - MONTH_OF_DAYS


def _answer_time(count: _Count, warned: date) -> list[_Count]:
    """A month to answer a warning, which counts only if it came after the last activity."""
    if count.clock.on is None or warned < count.clock.on:
        return []
    clock = ClockUse(name="warned", on=warned, source="warned")
    return [_Count("warning", clock, add_months(warned, 1), "", None)]


def _through(part: _Count | Finding) -> date:
    return part.through or date.min
