"""Decides what a policy says of one record, field by field; compiled once per day."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from connector.policy import clocks, conditions
from connector.policy.floors import Floors, book_events
from connector.policy.holds import forgotten_after, order_holds, person_holds, standing_holds
from connector.policy.judge import FIRST_CLOCK, Day, Judge, Ruling, Situation
from connector.policy.schema import Clock, Rule
from connector.records import Action, Facts, Field, Kind, Record, Wave, from_bits
from connector.verdicts import FieldVerdict, State, Verdict

SLOTS: Mapping[Kind, Mapping[Clock, int]] = {
    kind: {clock: FIRST_CLOCK + position for position, clock in enumerate(readers)}
    for kind, readers in clocks.CLOCKS.items()
}
"""Where each clock of a kind stands in a situation."""


class Session:
    """A policy made ready for one day: every rule bound to its fields, kind by kind."""

    def __init__(self, rules: Sequence[Rule], day: Day) -> None:
        self.day = day
        self._floors = Floors(day.context, day.today)
        self._benches = {kind: _Bench(kind, [r for r in rules if r.kind is kind], day) for kind in Kind}

    def decide(self, record: Record) -> Verdict:
        """The verdict on one record."""
        kind = record.ref.kind
        bench = self._benches[kind]
        situation = self._read(kind, record.facts)
        whole, judges = bench.seat(record.present | record.unread, situation[0])
        changes: date | None = None
        alerts: tuple[str, ...] = ("paid_and_forgotten",) if situation[0] & conditions.FORGOTTEN else ()
        verdicts = []
        for judge in judges:
            verdict, changing = judge.known.get(judge.key(situation)) or judge.learn(situation)
            verdicts.append(verdict)
            if changing and (changes is None or changing < changes):
                changes = changing
            if verdict.alerts:
                alerts += verdict.alerts
        return Verdict(
            ref=record.ref,
            fields=tuple(verdicts[1:] if whole else verdicts),
            record=verdicts[0] if whole else None,
            next_due=changes,
            alerts=tuple(dict.fromkeys(alerts)) if alerts else (),
        )

    def _read(self, kind: Kind, facts: Facts) -> Situation:
        if kind is Kind.ORDER:
            return self._read_order(facts)
        readings = [read(facts) for read in clocks.CLOCKS[kind].values()]
        if kind is Kind.CUSTOMER:
            flags, holds = conditions.customer_flags(facts), person_holds(facts)
        elif kind is Kind.SUBSCRIBER:
            flags, holds = conditions.subscriber_flags(facts), person_holds(facts)
        else:
            flags, holds = conditions.customer_flags(facts), standing_holds(facts)
        movements = book_events(facts) if kind is Kind.COUPON else ()
        return (flags, holds, self._floors.bookkeeping(facts, movements), None, facts.warned, *readings)

    def _read_order(self, facts: Facts) -> Situation:
        delivered = clocks.delivered(facts)
        supply = clocks.supplied(facts)
        events = book_events(facts)
        flags = conditions.order_flags(
            facts,
            shop_is_archive=not self._floors.archived_elsewhere(events),
            registered=self._floors.registered(supply[0]),
        )
        if not facts.final and self._forgotten(facts):
            flags |= conditions.FORGOTTEN
        return (
            flags,
            order_holds(facts, delivered, self.day.today),
            self._floors.bookkeeping(facts, events),
            self._floors.oss(supply),
            None,
            delivered,
            clocks.created(facts),
            clocks.settled(facts),
            clocks.last_payment(facts),
            clocks.identity_end(facts),
        )

    def _forgotten(self, facts: Facts) -> bool:
        after = forgotten_after(facts)
        return after is not None and after < self.day.today


class _Unruled:
    """Stands for a field that no rule governs: it keeps, and says so."""

    def __init__(self, field: Field, kind: Kind) -> None:
        self.key = itemgetter(0)
        reason = "basis_unknown" if kind is Kind.SUBSCRIBER else "no_rule"
        self._ruling = Ruling(
            FieldVerdict(
                field=field,
                state=State.KEEP,
                rule="",
                action=Action.REDACT,
                wave=Wave.EMAIL_ADDRESS,
                reason=reason,
                alerts=(reason,),
            ),
            None,
        )
        self.known: dict[Any, Ruling] = {}

    def learn(self, situation: Situation) -> Ruling:
        """The same ruling in every situation."""
        self.known[self.key(situation)] = self._ruling
        return self._ruling


class _Bench:
    """The judges of one kind of record."""

    def __init__(self, kind: Kind, rules: Sequence[Rule], day: Day) -> None:
        self._kind = kind
        self._day = day
        self._wholes = [Judge(rule, None, SLOTS[kind], day) for rule in rules if rule.whole_record]
        self._of_field: dict[Field, Judge | _Unruled] = {
            field: Judge(rule, field, SLOTS[kind], day) for rule in rules for field in rule.fields
        }
        self._heirs: dict[tuple[str, Field], Judge | _Unruled] = {}
        self._seats: dict[tuple[int, int], tuple[bool, tuple[Judge | _Unruled, ...]]] = {}

    def seat(self, present: int, flags: int) -> tuple[bool, tuple[Judge | _Unruled, ...]]:
        """The judges of these fields, led by that of the whole record where one applies."""
        seated = self._seats.get((present, flags))
        if seated is None:
            whole = next((judge for judge in self._wholes if flags & judge.mask == judge.mask), None)
            fields = tuple(self._judge(field, whole) for field in from_bits(present))
            seated = self._seats[present, flags] = (whole is not None, (whole, *fields) if whole else fields)
        return seated

    def _judge(self, field: Field, whole: Judge | None) -> Judge | _Unruled:
        own = self._of_field.get(field)
        if own and not (whole and whole.rule.takes_every_field):
            return own
        heir = self._heirs.get((whole.rule.id if whole else "", field))
        if heir is None:
            slots = SLOTS[self._kind]
            heir = Judge(whole.rule, field, slots, self._day) if whole else _Unruled(field, self._kind)
            self._heirs[whole.rule.id if whole else "", field] = heir
        return heir
