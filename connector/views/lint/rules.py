"""Faults of a policy by itself: purposes, bases, rules that never apply, fields that nothing ends."""

import re
from collections.abc import Iterable, Iterator, Sequence

from connector.policy.file_format import Alert, Condition, FloorUse, Purpose, Rule, read_period
from connector.policy.possible_records import World, applies, whole_rule, worlds
from connector.records import Field, Kind
from connector.report.shared import Both
from connector.views.lint.codes import finding
from connector.views.lint.texts import Finding, words_of
from connector.views.lint.worlds import HELD, SHOWN, why_impossible

_PARAGRAPH = re.compile(r"[A-Za-zÅÄÖåäö].*\d")
_ARTICLE_6 = re.compile(r"6\(1\)((?:\([a-f]\)(?:,\s*)?)+)")
_RESTS_ON = {"a": "s", "b": "c", "c": "l", "f": "ip"}  # points of article 6(1): the schedule's letters
CLAIMS = "claims"
"""The purpose of meeting a claim, and the period that is as long as one can come."""
RECORD = "record"
"""Stands for the whole record where a field is named."""


def check_rules(rules: Sequence[Rule], shown: frozenset[Kind] = SHOWN) -> Iterator[Finding]:
    """Every fault that the rules show by themselves; `shown` are the kinds that platforms show."""
    for kind in Kind:
        own = [rule for rule in rules if rule.kind is kind]
        for rule in own:
            yield from _basis(rule)
            yield from _firing(rule, own)
            yield from _parts(rule, own)
            yield from _purposes(rule, own)
            yield from _consumables(rule)
            yield from _claims(rule)
            if kind not in shown:
                yield finding("GA111", rule.id, rule=rule.id, kind=words_of("kind", (kind,)))
        if kind in shown:
            yield from _unended(kind, own)


def _basis(rule: Rule) -> Iterator[Finding]:
    if not _PARAGRAPH.search(rule.basis):
        yield finding("GA103", rule.id, rule=rule.id)
    cited = _ARTICLE_6.search(rule.basis)
    rests = {"l"} if rule.floor else set()
    rests |= {purpose.legal_basis for purpose in rule.purpose}
    for point in re.findall(r"\(([a-f])\)", cited[1] if cited else ""):
        if rests.isdisjoint(_RESTS_ON.get(point, "")):
            yield finding("GA117", rule.id, rule=rule.id, letters=point)


def _firing(rule: Rule, own: Sequence[Rule]) -> Iterator[Finding]:
    if any(applies(rule, own, world) for world in worlds(rule.kind)):
        return
    met = [world for world in worlds(rule.kind) if world.issuperset(rule.when)]
    other = whole_rule(own, met[0]) if met else None
    if other is not None:
        yield finding("GA106", rule.id, rule=rule.id, other=other.id)
    else:
        yield _never("GA105", rule, rule.when)


def _never(code: str, rule: Rule, when: Sequence[Condition], part: str = "") -> Finding:
    return finding(code, rule.id, rule=rule.id, part=part, why=why_impossible(rule.kind, when))


def _parts(rule: Rule, own: Sequence[Rule]) -> Iterator[Finding]:
    """Purposes, floors and alerts whose conditions no record of this rule shows."""
    reached = [world for world in worlds(rule.kind) if applies(rule, own, world)]
    parts: list[Purpose | FloorUse | Alert] = [*rule.purpose, *rule.floor, *rule.alert]
    for part in parts if reached else ():
        if not any(world.issuperset(part.when) for world in reached):
            yield _never("GA107", rule, (*rule.when, *part.when), part=_name(part))


def _name(part: Purpose | FloorUse | Alert) -> str:
    return part.code if isinstance(part, Alert) else str(part.id)


def _purposes(rule: Rule, own: Sequence[Rule]) -> Iterator[Finding]:
    """Fields that the rule governs and that nothing in it ends, always or in some case."""
    reached = [world for world in worlds(rule.kind) if applies(rule, own, world)]
    for field in rule.fields or (None,):
        parts = _parts_of(rule, field)
        place = f"{rule.id} {field or RECORD}"
        word = words_of("field", (field or f"whole_{rule.kind}",))
        if not parts:
            yield finding("GA102", place, rule=rule.id, field=word)
        elif any(not _ended(parts, world) for world in reached):
            names = _listed(condition for part in parts for condition in part.when)
            yield finding("GA109", place, rule=rule.id, field=word, conditions=names)


def _parts_of(rule: Rule, field: Field | None) -> list[Purpose | FloorUse]:
    every: list[Purpose | FloorUse] = [*rule.purpose, *rule.floor]
    return [part for part in every if not part.fields or field in part.fields]


def _ended(parts: Iterable[Purpose | FloorUse], world: World) -> bool:
    return any(world.issuperset(part.when) for part in parts)


def _listed(conditions: Iterable[Condition]) -> Both:
    return words_of("condition", sorted(set(conditions)))


def _unended(kind: Kind, own: Sequence[Rule]) -> Iterator[Finding]:
    """Fields of a shown kind without a rule, and cases in which a record has none at all."""
    governed = {field for rule in own for field in rule.fields}
    lone = [field for field in Field if field in HELD[kind] and field not in governed]
    kinds = words_of("kind", (kind,))
    bare = [world for world in worlds(kind) if whole_rule(own, world) is None]
    wholes = [rule for rule in own if rule.whole_record]
    if lone and bare and wholes and not governed:
        names = _listed(condition for rule in wholes for condition in rule.when)
        yield finding("GA112", str(kind), kind=kinds, conditions=names)
    elif bare:
        for field in lone:
            yield finding("GA108", f"{kind} {field}", field=words_of("field", (field,)), kind=kinds)


def check_switches(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Optional rules that the shop has left off."""
    for rule in rules:
        if rule.optional:
            yield finding("GA110", rule.id, rule=rule.id, title=Both(sv=rule.title.sv, en=rule.title.en))


def _consumables(rule: Rule) -> Iterator[Finding]:
    """A period for goods that are soon used up which the rest's own undercuts: it never counts."""
    for one in rule.purpose:
        if one.consumables and read_period(one.consumables).about_days >= read_period(one.period).about_days:
            yield finding("GA116", rule.id, rule=rule.id, consumables=one.consumables, period=one.period)


def _claims(rule: Rule) -> Iterator[Finding]:
    """What claims are met with and goes whole before the last one can come (schedule §2.4): to be known."""
    window = read_period(CLAIMS).about_days
    for one in rule.purpose if rule.whole_record else ():
        if one.id == CLAIMS and read_period(one.period).about_days < window:
            yield finding("GA118", rule.id, rule=rule.id, period=one.period)
