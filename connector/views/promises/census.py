"""What a shop's data shows of its promises: every record once, each field against its bound."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from connector.policy import Policy
from connector.records import Field, Kind, Record
from connector.report.promises.model import CountView, RemarkView
from connector.settings.promises import Promise
from connector.verdicts import ENDS_LATER, FieldVerdict, State, Verdict
from connector.views.promises.bounds import Slot, clock_of, last_day, slots_of


class Standing(StrEnum):
    """How one field of one record stands against a promise; the first five exclude each other."""

    WITHIN = "within"
    OVER = "over"
    BY_LAW = "by_law"
    HELD = "held"
    ENDLESS = "endless"
    LAW_AHEAD = "law_ahead"
    LATE_AHEAD = "late_ahead"


NUMBERS = frozenset({Field.PERSONAL_NUMBER, Field.ORGANISATION_NUMBER})
"""Numbers that a policy may promise to save for purchases by invoice alone."""

LIVING = ENDS_LATER
"""Reasons that are no lack of an end: it comes when the account goes, or the card ends."""


class Census:
    """Counts while records are read; holds numbers, dates and codes only.

    `read` is the day of the oldest reading; `unsure` says of a kind why what was read
    does not show all of it.
    """

    def __init__(self, policy: Policy, promises: Sequence[Promise], today: date) -> None:
        self.today = today
        self.records: Counter[Kind] = Counter()
        self.kinds: frozenset[Kind] = frozenset()
        self.without_invoice: Counter[Field] = Counter()
        self.read: date | None = None
        self.unsure: Mapping[Kind, RemarkView] = {}
        self.card_numbers = 0
        self.told: dict[str, tuple[int, date | None]] = {}
        self._counts: dict[Slot, Counter[Standing]] = {}
        self._oldest: dict[Slot, date] = {}
        self._reasons: dict[Slot, Counter[str]] = {}
        self._of_field: dict[tuple[Kind, Field], list[Slot]] = {}
        self._of_rule: dict[tuple[Kind, str], list[Slot]] = {}
        for slot in {slot for promise in promises for slot in slots_of(policy, promise)}:
            self._counts[slot], self._reasons[slot] = Counter(), Counter()
            if slot.field:
                self._of_field.setdefault((slot.kind, slot.field), []).append(slot)
            else:
                self._of_rule.setdefault((slot.kind, slot.rule), []).append(slot)

    def add(self, record: Record, verdict: Verdict) -> None:
        """Counts one record with its verdict of today."""
        kind, facts = record.ref.kind, record.facts
        self.records[kind] += 1
        for one in verdict.fields:
            assert one.field is not None
            if one.field in NUMBERS and kind is Kind.ORDER and facts.payment != "invoice":
                self.without_invoice[one.field] += 1
            for slot in self._of_field.get((kind, one.field), ()):
                self._count(slot, clock_of(slot, facts), one)
        if verdict.record is not None:
            for slot in self._of_rule.get((kind, verdict.record.rule), ()):
                self._count(slot, clock_of(slot, facts), verdict.record)

    def _count(self, slot: Slot, on: date | None, verdict: FieldVerdict) -> None:
        standing = self._standing(slot, on, verdict)
        counts = self._counts[slot]
        counts[standing] += 1
        if standing is Standing.ENDLESS:
            self._reasons[slot][verdict.reason] += 1
        elif standing is Standing.WITHIN and on and slot.latest:
            ahead = _ahead(last_day(slot.latest, on), verdict)
            counts.update((ahead,) if ahead else ())
        elif standing in (Standing.OVER, Standing.BY_LAW):
            began = on or (verdict.clock.on if verdict.clock else None)
            if began:
                self._oldest[slot] = min(began, self._oldest.get(slot, began))

    def _standing(self, slot: Slot, on: date | None, verdict: FieldVerdict) -> Standing:
        dated = bool(on and slot.latest)
        latest = last_day(slot.latest, on) if on and slot.latest else verdict.act_by
        if verdict.reason in LIVING and not dated:
            return Standing.WITHIN
        if latest is None:
            return Standing.ENDLESS
        if self.today <= latest:
            return Standing.WITHIN if verdict.keep_through else Standing.ENDLESS
        if verdict.floor and (verdict.floor_through is None or verdict.floor_through > latest):
            return Standing.BY_LAW
        if verdict.state is State.HELD:
            return Standing.HELD
        # Undated and not due: the rule is off, or waits for a warning.
        return Standing.OVER if dated or verdict.state is State.DUE else Standing.ENDLESS

    def views(self, slots: Iterable[Slot]) -> tuple[CountView, ...]:
        """What was counted, slot by slot."""
        return tuple(self._view(slot) for slot in slots)

    def _view(self, slot: Slot) -> CountView:
        counts = self._counts[slot]
        exclusive = ("within", "over", "by_law", "held", "endless")
        return CountView(
            field=slot.field,
            kind=slot.kind,
            rule=slot.rule,
            records=sum(counts[Standing(name)] for name in exclusive),
            oldest=self._oldest.get(slot),
            **{str(standing): counts[standing] for standing in Standing},
        )

    def reasons(self, slots: Iterable[Slot]) -> list[tuple[str, int]]:
        """Why no end could be computed, the most frequent first."""
        found: Counter[str] = Counter()
        for slot in slots:
            found.update(self._reasons[slot])
        return found.most_common()


def _ahead(latest: date, verdict: FieldVerdict) -> Standing | None:
    """What will keep a field longer than promised, seen from today."""
    if verdict.floor_through and verdict.floor_through > latest:
        return Standing.LAW_AHEAD
    return Standing.LATE_AHEAD if verdict.act_by and verdict.act_by > latest else None
