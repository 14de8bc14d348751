"""What a shop's data shows of its promises: every record once, each field against its bound."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.policy import Policy
from connector.records import Facts, Field, Kind, Record
from connector.report.promises.model import CountView, RemarkView
from connector.report.shared import Standing
from connector.settings.promises import Promise
from connector.verdicts import ENDS_LATER, SUBSCRIBES, FieldVerdict, State, Verdict
from connector.views.promises.bounds import Slot, clock_of, last_day, slots_of

COUNTED = tuple(one for one in Standing if one is not Standing.NO_TIME)
"""What a record can be counted as."""

NUMBERS = frozenset({Field.PERSONAL_NUMBER, Field.ORGANISATION_NUMBER})
"""Numbers that a policy may promise to save for purchases by invoice alone."""

LIVING = ENDS_LATER
"""Reasons that are no lack of an end: it comes when the account goes, the card ends, or the consent does."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the ledger says beside its records; none of it where there is no ledger.

    `kinds` were ever pulled, the oldest on the day `read`; `unsure` says of a kind why what was read does not
    show all of it; `told` how many orders each recipient was told of, and the last day its copies go;
    `shown` how many orders show that a recipient is used, by the recipient's own name.
    """

    kinds: frozenset[Kind] = frozenset()
    read: date | None = None
    unsure: Mapping[Kind, RemarkView] = field(default_factory=dict)
    card_numbers: int = 0
    told: Mapping[str, tuple[int, date | None]] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Census:
    """What was counted; numbers, dates and codes only."""

    records: Mapping[Kind, int]
    without_invoice: Mapping[Field, int]
    known: Known
    _slots: Mapping[Slot, "_Tally"]

    @property
    def records_read(self) -> int:
        """How many records were counted, of whatever kind."""
        return sum(self.records.values())

    def views(self, slots: Iterable[Slot]) -> tuple[CountView, ...]:
        """What was counted, slot by slot."""
        return tuple(self._slots[slot].view() for slot in slots)

    def reasons(self, slots: Iterable[Slot]) -> list[tuple[str, int]]:
        """Why no end could be computed, the most frequent first."""
        found: Counter[str] = Counter()
        for slot in slots:
            found.update(self._slots[slot].reasons)
        return found.most_common()


def census_of(
    policy: Policy,
    promises: Sequence[Promise],
    *,
    decided: Iterable[tuple[Record, Verdict]],
    today: date,
    known: Known | None = None,
) -> Census:
    """Every record, with its verdict of today, counted against every promise."""
    tallies = {slot: _Tally(slot, today) for one in promises for slot in slots_of(policy, one)}
    of_field, of_rule = defaultdict[_Place, list[_Tally]](list), defaultdict[_Place, list[_Tally]](list)
    for slot, tally in tallies.items():
        (of_field if slot.field else of_rule)[slot.kind, slot.field or slot.rule].append(tally)
    records, without_invoice = Counter[Kind](), Counter[Field]()
    for record, verdict in decided:
        kind = record.ref.kind
        records[kind] += 1
        without_invoice.update(_numbers_without_invoice(record, verdict))
        for one in verdict.fields:
            assert one.field is not None
            for tally in of_field.get((kind, one.field), ()):
                tally.count(record.facts, one)
        if verdict.record is not None:
            for tally in of_rule.get((kind, verdict.record.rule), ()):
                tally.count(record.facts, verdict.record)
    return Census(records, without_invoice, known or Known(), tallies)


_Place = tuple[Kind, str]


def _numbers_without_invoice(record: Record, verdict: Verdict) -> Iterator[Field]:
    """The numbers on an order that nobody paid by invoice."""
    if record.ref.kind is Kind.ORDER and record.facts.payment != "invoice":
        yield from (one.field for one in verdict.fields if one.field in NUMBERS)


class _Tally:
    """One slot while records are counted."""

    def __init__(self, slot: Slot, today: date) -> None:
        self._slot = slot
        self._today = today
        self._counts: Counter[Standing] = Counter()
        self._oldest: date | None = None
        self.reasons: Counter[str] = Counter()

    def count(self, facts: Facts, verdict: FieldVerdict) -> None:
        """Counts a field of one record, or the record where it goes whole."""
        on = clock_of(self._slot, facts)
        standing = self._standing(on, verdict)
        self._counts[standing] += 1
        if standing is Standing.ENDLESS:
            self.reasons[verdict.reason] += 1
        elif standing is Standing.WITHIN and on and self._slot.latest:
            ahead = _ahead(last_day(self._slot.latest, on), verdict, self._slot.gone_by(verdict))
            self._counts.update((ahead,) if ahead else ())
        elif standing in (Standing.OVER, Standing.BY_LAW):
            began = on or (verdict.clock.on if verdict.clock else None)
            if began:
                self._oldest = min(began, self._oldest or began)

    def _standing(self, on: date | None, verdict: FieldVerdict) -> Standing:
        dated = bool(on and self._slot.latest)
        latest = last_day(self._slot.latest, on) if on and self._slot.latest else verdict.act_by
        if verdict.reason in LIVING and not dated:
            return Standing.WITHIN
        if verdict.reason == SUBSCRIBES:
            # Not over: another purpose of the same profile runs, and the promise did not speak of it.
            return Standing.ENDLESS
        if latest is None:
            return Standing.ENDLESS
        if self._today <= latest:
            return Standing.WITHIN if verdict.keep_through else Standing.ENDLESS
        if verdict.floor and (verdict.floor_through is None or verdict.floor_through > latest):
            return Standing.BY_LAW
        if verdict.state is State.HELD:
            return Standing.HELD
        # Undated and not due: the rule is off, or waits for a warning.
        return Standing.OVER if dated or verdict.state is State.DUE else Standing.ENDLESS

    def view(self) -> CountView:
        """What was counted of it."""
        exclusive = ("within", "over", "by_law", "held", "endless")
        return CountView(
            field=self._slot.field,
            kind=self._slot.kind,
            rule=self._slot.rule,
            records=sum(self._counts[Standing(name)] for name in exclusive),
            oldest=self._oldest,
            **{str(standing): self._counts[standing] for standing in COUNTED},
        )


def _ahead(latest: date, verdict: FieldVerdict, gone_by: date | None) -> Standing | None:
    """What will keep a field longer than promised, seen from today."""
    if verdict.floor_through and verdict.floor_through > latest:
        return Standing.LAW_AHEAD
    return Standing.LATE_AHEAD if gone_by and gone_by > latest else None
