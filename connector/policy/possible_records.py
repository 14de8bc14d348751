"""What can be true of a record of each kind: each consistent set of conditions."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import product

from connector.policy.file_format import Condition, Rule
from connector.records import Kind

World = frozenset[Condition]
"""The conditions that are true of one record; all others are false."""

_C = Condition
_PERSON = (
    (_C.HAS_PURCHASE, _C.NO_PURCHASE),
    (_C.LOGIN_SEEN, _C.LOGIN_UNSEEN),
    (_C.CLOSED_BY_CUSTOMER, None),
)
_ACCOUNT = (*_PERSON, (_C.SUBSCRIBES, None))
_CHOICES: Mapping[Kind, Sequence[Sequence[Condition | None]]] = {
    Kind.ORDER: (
        (_C.SHOP_IS_ARCHIVE, None),
        (_C.BUSINESS, None),
        (_C.NO_COMPANY_NAME, None),
        (_C.UNDER_OSS, _C.ABROAD_WITHOUT_OSS, None),
        (_C.NEVER_PAID, None),
        (_C.NOT_AN_INVOICE, None),
        (_C.INVOICED, None),
        (_C.CONSUMABLES, None),
    ),
    Kind.CUSTOMER: _ACCOUNT,
    Kind.SUBSCRIBER: (
        (_C.UNSUBSCRIBED, None),
        (_C.BOUNCED, None),
        (_C.NEVER_CONFIRMED, None),
        (_C.SOFT_OPT_IN, _C.CONSENT, None),
    ),
}
"""One of each row is true, or none where None stands; the other kinds are like accounts."""


@cache
def worlds(kind: Kind) -> tuple[World, ...]:
    """Every combination that a record of this kind can show."""
    rows = product(*_CHOICES.get(kind, _PERSON))
    return tuple(frozenset(condition for condition in row if condition) for row in rows)


def possible(kind: Kind) -> frozenset[Condition]:
    """The conditions that a record of this kind can show at all."""
    return frozenset(condition for world in worlds(kind) for condition in world)


def whole_rule(rules: Iterable[Rule], world: World) -> Rule | None:
    """The rule that takes such a record whole: the first whose conditions are all true."""
    return next((rule for rule in rules if rule.whole_record and world.issuperset(rule.when)), None)


def applies(rule: Rule, rules: Sequence[Rule], world: World) -> bool:
    """Whether the rule has a say over such a record; `rules` are those of its kind."""
    whole = whole_rule(rules, world)
    if rule.whole_record:
        return whole is rule
    return whole is None or not whole.takes_every_field
