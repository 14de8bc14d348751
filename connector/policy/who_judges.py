"""Who judges what: the judges of one kind of record, seated as its fields and flags call for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from connector.policy import clocks
from connector.policy.binding import EVERY
from connector.policy.conditions import CONSUMABLES, bits
from connector.policy.file_format import Alert, Clock, FloorUse, Purpose, Rule
from connector.policy.holds import Open
from connector.policy.judge import FIRST_CLOCK, Day, Judge, Ruling, Situation, met
from connector.records import Action, Field, Kind, Wave, from_bits
from connector.verdicts import FieldVerdict

SLOTS: Mapping[Kind, Mapping[Clock, int]] = {
    kind: {clock: FIRST_CLOCK + position for position, clock in enumerate(readers)}
    for kind, readers in clocks.CLOCKS.items()
}
"""Where each clock of a kind stands in a situation."""

CACHE_SIZE = 4_000
"""Situations a panel remembers before it starts afresh: bounds the memory of a long run.

Records come in the order in which they were made, so that those alike stand close together."""


def unruled(kind: Kind) -> Rule:
    """Stands for the rule of a field that has none: it keeps, and names the record."""
    reason = "basis_unknown" if kind is Kind.SUBSCRIBER else "no_rule"
    return Rule.model_construct(
        id="",
        kind=kind,
        basis="",
        action=Action.REDACT,
        wave=Wave.EMAIL_ADDRESS,
        alert=(Alert(code=reason, when=()),),
        note=reason,
    )


class Found(msgspec.Struct, frozen=True, gc=False):
    """What a panel says of one situation, in the order of its judges, and what that adds up to."""

    verdicts: tuple[FieldVerdict, ...]
    changes: tuple[date, ...]
    soonest: date
    alerts: tuple[str, ...]

    @classmethod
    def of(cls, verdicts: tuple[FieldVerdict, ...], changes: tuple[date, ...]) -> "Found":
        """These verdicts with the first day on which one of them changes, and all their alerts."""
        alerts = [code for verdict in verdicts if verdict.alerts for code in verdict.alerts]
        return cls(verdicts, changes, min(changes), tuple(alerts))

    def only(self, pick: "Pick") -> "Found":
        """What it says of some of its judges' fields."""
        return Found.of(pick(self.verdicts), pick(self.changes))


class Panel(dict[Any, Found]):
    """All judges that look at the same slots, asked together: one look-up answers for them all.

    A situation met before, as far as they look, is not judged again, and its verdicts are shared.
    """

    def __init__(self, judges: Sequence[Judge]) -> None:
        super().__init__()
        self._judges = judges
        # Judges that differ in their field alone follow the first of them.
        first = {judge.twins: place for place, judge in reversed(list(enumerate(judges)))}
        self._leaders = [(first[judge.twins], judge) for judge in judges]
        self._names = EVERY.union(*(judge.names for judge in judges))
        self.key = itemgetter(*judges[0].slots)
        self._held: dict[Any, Found] = {}

    def learn(self, key: Any, situation: Situation) -> Found:
        """What the judges say of a situation not met before, holds left aside."""
        verdicts: list[FieldVerdict] = []
        changes: list[date] = []
        for leader, judge in self._leaders:
            if leader == len(verdicts):
                ruling = judge.decide(situation)
                verdicts.append(ruling.verdict)
                changes.append(ruling.changes)
            else:
                verdicts.append(replace(verdicts[leader], field=judge.field))
                changes.append(changes[leader])
        return _remember(self, key, Found.of(tuple(verdicts), tuple(changes)))

    def hold(self, key: Any, found: Found, holds: tuple[Open, ...]) -> Found:
        """The same with holds open, those that bind none of these judges left out."""
        holds = tuple([hold for hold in holds if hold.id in self._names])
        if not holds:
            return found
        held = self._held.get((holds, key))
        if held is None:
            rulings = map(Ruling, found.verdicts, found.changes)
            said = [judge.hold(ruling, holds) for judge, ruling in zip(self._judges, rulings, strict=True)]
            verdicts = tuple([ruling.verdict for ruling in said])
            held = Found.of(verdicts, tuple([ruling.changes for ruling in said]))
            _remember(self._held, (holds, key), held)
        return held


def _remember(memory: dict[Any, Found], key: Any, found: Found) -> Found:
    if len(memory) >= CACHE_SIZE:
        memory.clear()
    memory[key] = found
    return found


Pick = Callable[[tuple[Any, ...]], tuple[Any, ...]]
"""Takes the verdicts that were asked for."""

Key = Callable[[Situation], Any]
Known = Callable[[Any], Found | None]
Seats = tuple[bool, tuple[tuple[Panel, Key, Known, Pick | None], ...]]
"""Whether a rule takes the record whole; each panel, its ways in, and what to pick (None: all)."""


class Bench:
    """The judges of one kind of record, seated as its flags and fields call for."""

    def __init__(self, kind: Kind, rules: Sequence[Rule], day: Day) -> None:
        self._kind = kind
        self._day = day
        self._unruled = unruled(kind)
        self._wholes = [rule for rule in rules if rule.whole_record]
        self._of_field = {field: rule for rule in rules for field in rule.fields}
        self._judges: dict[tuple[str, Field | None, int], Judge] = {}
        self._panels: dict[tuple[Judge, ...], Panel] = {}
        self._seats: dict[tuple[int, int], Seats] = {}

    def seats(self, present: int, flags: int) -> Seats:
        """Whether a rule takes the record whole, and the panels to ask, each with its pick of verdicts."""
        seated = self._seats.get((present, flags))
        if seated is None:
            seated = self._seats[present, flags] = self._seat(present, flags)
        return seated

    def _seat(self, present: int, flags: int) -> Seats:
        whole = next((rule for rule in self._wholes if met(rule.when, flags)), None)
        groups: dict[tuple[int, ...], list[Judge]] = {}
        for field in (None, *Field) if whole else Field:
            judge = self._judge(self._rule(field, whole), field, flags)
            groups.setdefault(judge.slots, []).append(judge)
        wanted = frozenset((None, *from_bits(present)))
        seats = []
        for group in groups.values():
            places = [place for place, judge in enumerate(group) if judge.field in wanted]
            if places:
                panel = self._panels.setdefault(tuple(group), Panel(group))
                pick = _pick(places) if len(places) < len(group) else None
                seats.append((panel, panel.key, panel.get, pick))
        return whole is not None, tuple(seats)

    def _rule(self, field: Field | None, whole: Rule | None) -> Rule:
        """A field's own rule, else the rule that takes the record whole, else none."""
        rule = self._of_field.get(field) if field else None
        if whole and (rule is None or whole.takes_every_field):
            return whole
        return rule or self._unruled

    def _judge(self, rule: Rule, field: Field | None, flags: int) -> Judge:
        """The judge for the conditions that this rule looks at, whatever else is true."""
        key = (rule.id, field, flags & _asked(rule))
        judge = self._judges.get(key)
        if judge is None:
            judge = self._judges[key] = Judge(rule, field, key[2], SLOTS[self._kind], self._day)
        return judge


def _pick(places: Sequence[int]) -> Pick:
    """Takes these places of a tuple, always as a tuple."""
    if len(places) == 1:
        only = slice(places[0], places[0] + 1)
        return itemgetter(only)
    return itemgetter(*places)


def _asked(rule: Rule) -> int:
    """The conditions that decide which parts of a rule apply."""
    parts: list[Purpose | FloorUse | Alert] = [*rule.purpose, *rule.floor, *rule.alert]
    goods = CONSUMABLES if any(one.consumables or one.survives_erasure for one in rule.purpose) else 0
    return goods | bits(condition for part in parts for condition in part.when)
