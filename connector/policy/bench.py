"""Who judges what: the rules of one kind of record, seated as its fields and flags call for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec.structs import replace

from connector.policy import clocks
from connector.policy.conditions import bits
from connector.policy.holds import Open
from connector.policy.judge import FIRST_CLOCK, Day, Judge, Ruling, Situation, met
from connector.policy.schema import Alert, Clock, FloorUse, Purpose, Rule
from connector.records import Action, Field, Kind, Wave, from_bits
from connector.verdicts import FieldVerdict

SLOTS: Mapping[Kind, Mapping[Clock, int]] = {
    kind: {clock: FIRST_CLOCK + position for position, clock in enumerate(readers)}
    for kind, readers in clocks.CLOCKS.items()
}
"""Where each clock of a kind stands in a situation."""

CACHE_SIZE = 200_000
"""Situations a panel remembers before it starts afresh: bounds the memory of a long run."""


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


class Found(NamedTuple):
    """What a panel says of one situation, in the order of its judges."""

    verdicts: tuple[FieldVerdict, ...]
    changes: tuple[date, ...]
    changing: bool
    alerting: bool


class Panel:
    """All judges that look at the same slots, asked together: one look-up answers for them all.

    A situation met before, as far as they look, is not judged again, and its verdicts are shared.
    """

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = judges
        self._names = frozenset(hold for judge in judges for hold in judge.names)
        self.key = itemgetter(*judges[0].slots)
        self.known: dict[Any, Found] = {}
        self._held: dict[Any, Found] = {}

    def learn(self, key: Any, situation: Situation) -> Found:
        """What the judges say of a situation not met before, holds left aside."""
        rulings: dict[Any, Ruling] = {}
        said = []
        for judge in self._judges:
            twin = rulings.get(judge.twins)
            if twin is None:
                rulings[judge.twins] = twin = judge.decide(situation)
            else:
                twin = Ruling(replace(twin.verdict, field=judge.field), twin.changes)
            said.append(twin)
        return self._remember(self.known, key, said)

    def hold(self, key: Any, found: Found, holds: tuple[Open, ...]) -> Found:
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

    def _remember(self, memory: dict[Any, Found], key: Any, rulings: Sequence[Ruling]) -> Found:
        if len(memory) >= CACHE_SIZE:
            memory.clear()
        changes = tuple([ruling.changes for ruling in rulings])
        verdicts = tuple([ruling.verdict for ruling in rulings])
        alerting = any(verdict.alerts for verdict in verdicts)
        memory[key] = found = Found(verdicts, changes, min(changes) < date.max, alerting)
        return found


Pick = Callable[[tuple[Any, ...]], tuple[Any, ...]]
Key = Callable[[Situation], Any]
Known = Callable[[Any], "Found | None"]
Seats = tuple[bool, tuple[tuple[Panel, Key, Known, Pick], ...]]
"""Whether a rule takes the record whole; each panel, its ways in, and the verdicts to pick."""


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
                seats.append((panel, panel.key, panel.known.get, _pick(places)))
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
    return bits(condition for part in parts for condition in part.when)
