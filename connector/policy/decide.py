"""Decides what a policy says of one record, field by field; compiled once per day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec.structs import replace

from connector.policy import clocks, conditions
from connector.policy.conditions import bits
from connector.policy.floors import Floors, book_events
from connector.policy.holds import Open, forgotten_after, order_holds, person_holds, standing_holds
from connector.policy.judge import FIRST_CLOCK, WARNED, Day, Judge, Ruling, Situation, met
from connector.policy.schema import Alert, Clock, FloorUse, Purpose, Rule
from connector.records import Action, Facts, Field, HoldId, Kind, Record, Wave, from_bits
from connector.verdicts import FieldVerdict, State, Verdict

SLOTS: Mapping[Kind, Mapping[Clock, int]] = {
    kind: {clock: FIRST_CLOCK + position for position, clock in enumerate(readers)}
    for kind, readers in clocks.CLOCKS.items()
}
"""Where each clock of a kind stands in a situation."""


CACHE_SIZE = 200_000
"""Situations a panel remembers before it starts afresh: bounds the memory of a long run."""


_Reading = tuple[int, tuple[Open, ...], Situation]
"""What is true of a record, its open holds, and its clocks and floors."""


class Session:
    """A policy made ready for one day: every rule bound to its fields, kind by kind."""

    def __init__(self, rules: Sequence[Rule], day: Day) -> None:
        self.day = day
        self._floors = Floors(day.context, day.today)
        self._benches = {kind: _Bench(kind, [r for r in rules if r.kind is kind], day) for kind in Kind}

    def decide(self, record: Record) -> Verdict:
        """The verdict on one record."""
        kind = record.ref.kind
        flags, holds, situation = self._read(kind, record.facts)
        whole, seats = self._benches[kind].seats(record.present | record.unread, flags)
        verdicts: tuple[FieldVerdict, ...] = ()
        alerts: tuple[str, ...] = ("paid_and_forgotten",) if flags & conditions.FORGOTTEN else ()
        changes = date.max
        for panel, pick in seats:
            key = panel.key(situation)
            found = panel.known.get(key) or panel.learn(key, situation)
            if holds:
                found = panel.hold(key, found, holds)
            verdicts += pick(found.verdicts)
            if found.changing:
                changes = min(changes, *pick(found.changes))
            if found.alerting:
                alerts += tuple(code for verdict in pick(found.verdicts) for code in verdict.alerts)
        return Verdict(
            ref=record.ref,
            fields=verdicts[1:] if whole else verdicts,
            record=verdicts[0] if whole else None,
            next_due=None if changes is date.max else changes,
            alerts=tuple(sorted(set(alerts))) if alerts else (),
        )

    def _read(self, kind: Kind, facts: Facts) -> _Reading:
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
        return flags, holds, (self._floors.bookkeeping(facts, movements), None, facts.warned, *readings)

    def _read_order(self, facts: Facts) -> _Reading:
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
        holds = order_holds(facts, delivered, self.day.today)
        situation = (
            self._floors.bookkeeping(facts, events),
            self._floors.oss(supply),
            None,
            delivered,
            clocks.created(facts),
            clocks.settled(facts),
            clocks.last_payment(facts),
            clocks.identity_end(facts),
        )
        return flags, holds, situation

    def _forgotten(self, facts: Facts) -> bool:
        after = forgotten_after(facts)
        return after is not None and after < self.day.today


class _Unruled:
    """Stands for a field that no rule governs: it keeps, and says so."""

    slots = (WARNED,)
    names: frozenset[HoldId] = frozenset()

    def __init__(self, field: Field, kind: Kind) -> None:
        reason = "basis_unknown" if kind is Kind.SUBSCRIBER else "no_rule"
        verdict = FieldVerdict(
            field=field,
            state=State.KEEP,
            rule="",
            action=Action.REDACT,
            wave=Wave.EMAIL_ADDRESS,
            reason=reason,
            alerts=(reason,),
        )
        self.field: Field | None = field
        self.twins = (field,)
        self._ruling = Ruling(verdict, date.max)

    def decide(self, situation: Situation) -> Ruling:
        """The same ruling in every situation."""
        return self._ruling

    def hold(self, ruling: Ruling, holds: Sequence[Open]) -> Ruling:
        """No hold changes anything for a field that no rule governs."""
        return ruling


class _Found(NamedTuple):
    """What a panel says of one situation, in the order of its judges."""

    verdicts: tuple[FieldVerdict, ...]
    changes: tuple[date, ...]
    changing: bool
    alerting: bool


class _Panel:
    """All judges that look at the same slots, asked together: one look-up answers for them all.

    A situation met before, as far as they look, is not judged again, and its verdicts are shared.
    """

    def __init__(self, judges: Sequence[Judge | _Unruled]) -> None:
        self._judges = judges
        self._names = frozenset(hold for judge in judges for hold in judge.names)
        self.key = itemgetter(*judges[0].slots)
        self.known: dict[Any, _Found] = {}
        self._held: dict[Any, _Found] = {}

    def learn(self, key: Any, situation: Situation) -> _Found:
        """What the judges say of a situation not met before, holds left aside."""
        rulings: dict[Any, Ruling] = {}
        said = []
        for judge in self._judges:
            twin = rulings.get(judge.twins)
            if twin is None:
                rulings[judge.twins] = twin = judge.decide(situation)
            elif twin.verdict.field is not judge.field:
                twin = Ruling(replace(twin.verdict, field=judge.field), twin.changes)
            said.append(twin)
        return self._remember(self.known, key, said)

    def hold(self, key: Any, found: _Found, holds: tuple[Open, ...]) -> _Found:
        """The same with holds open, those that bind none of these judges left out."""
        holds = tuple(hold for hold in holds if hold.id in self._names)
        if not holds:
            return found
        held = self._held.get((holds, key))
        if held is None:
            rulings = map(Ruling, found.verdicts, found.changes)
            said = [judge.hold(ruling, holds) for judge, ruling in zip(self._judges, rulings, strict=True)]
            held = self._remember(self._held, (holds, key), said)
        return held

    def _remember(self, memory: dict[Any, _Found], key: Any, rulings: Sequence[Ruling]) -> _Found:
        if len(memory) >= CACHE_SIZE:
            memory.clear()
        changes = tuple([ruling.changes for ruling in rulings])
        verdicts = tuple([ruling.verdict for ruling in rulings])
        alerting = any(verdict.alerts for verdict in verdicts)
        memory[key] = found = _Found(verdicts, changes, min(changes) < date.max, alerting)
        return found


_Pick = Callable[[tuple[Any, ...]], tuple[Any, ...]]
_Seats = tuple[bool, tuple[tuple[_Panel, _Pick], ...]]


class _Bench:
    """The judges of one kind of record, seated as its flags and fields call for."""

    def __init__(self, kind: Kind, rules: Sequence[Rule], day: Day) -> None:
        self._kind = kind
        self._day = day
        self._wholes = [rule for rule in rules if rule.whole_record]
        self._of_field = {field: rule for rule in rules for field in rule.fields}
        self._judges: dict[tuple[str, Field | None, int], Judge | _Unruled] = {}
        self._panels: dict[tuple[Judge | _Unruled, ...], _Panel] = {}
        self._seats: dict[tuple[int, int], _Seats] = {}

    def seats(self, present: int, flags: int) -> _Seats:
        """Whether a rule takes the record whole, and the panels to ask, each with its pick of verdicts."""
        seated = self._seats.get((present, flags))
        if seated is None:
            seated = self._seats[present, flags] = self._seat(present, flags)
        return seated

    def _seat(self, present: int, flags: int) -> _Seats:
        whole = next((rule for rule in self._wholes if met(rule.when, flags)), None)
        groups: dict[tuple[int, ...], list[Judge | _Unruled]] = {}
        for field in (None, *Field) if whole else Field:
            judge = self._judge(self._rule(field, whole), field, flags)
            groups.setdefault(judge.slots, []).append(judge)
        wanted = frozenset((None, *from_bits(present)))
        seats = []
        for group in groups.values():
            places = [place for place, judge in enumerate(group) if judge.field in wanted]
            if places:
                panel = self._panels.setdefault(tuple(group), _Panel(group))
                seats.append((panel, _pick(places)))
        return whole is not None, tuple(seats)

    def _rule(self, field: Field | None, whole: Rule | None) -> Rule | None:
        """A field's own rule, else the rule that takes the record whole, else none."""
        rule = self._of_field.get(field) if field else None
        return whole if whole and (rule is None or whole.takes_every_field) else rule

    def _judge(self, rule: Rule | None, field: Field | None, flags: int) -> Judge | _Unruled:
        """The judge for the conditions that this rule looks at, whatever else is true."""
        key = (rule.id if rule else "", field, flags & _asked(rule) if rule else 0)
        if key not in self._judges:
            if rule:
                self._judges[key] = Judge(rule, field, key[2], SLOTS[self._kind], self._day)
            elif field:
                self._judges[key] = _Unruled(field, self._kind)
        return self._judges[key]


def _pick(places: Sequence[int]) -> _Pick:
    """Takes these places of a tuple, always as a tuple."""
    if len(places) == 1:
        only = slice(places[0], places[0] + 1)
        return itemgetter(only)
    return itemgetter(*places)


def _asked(rule: Rule) -> int:
    """The conditions that decide which parts of a rule apply."""
    parts: list[Purpose | FloorUse | Alert] = [*rule.purpose, *rule.floor, *rule.alert]
    return bits(condition for part in parts for condition in part.when)
