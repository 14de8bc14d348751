"""Which sales end abroad, and which fall under OSS: a rule with a date, for the law changes (R-92)."""

from datetime import date

from connector.calendar import OSS_BEGAN
from connector.records import Facts, Value

EUROPEAN_UNION = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)
"""Where OSS sales may end: EL is Greece, MC counts as France (2006/112/EC art. 7), XI is Northern Ireland."""


class Rule(Value, frozen=True, kw_only=True):
    """What holds of supplies from a day on; `read` says that the Swedish statute stands behind it."""

    since: date
    home: frozenset[str]
    union: frozenset[str]
    source: str
    read: bool = True


RULES: tuple[Rule, ...] = (
    Rule(since=date.min, home=frozenset({"SE"}), union=frozenset(), source="ML 5 kap."),
    Rule(since=OSS_BEGAN, home=frozenset({"SE"}), union=EUROPEAN_UNION, source="ML 22:76–77"),
    # Supplies within another member state come under OSS too. They are sent to that state, so the words
    # "to the Union and not to Sweden" hold them already; the Swedish statute has not been seen.
    Rule(
        since=date(2028, 7, 1),
        home=frozenset({"SE"}),
        union=EUROPEAN_UNION,
        source="Dir. (EU) 2025/516",
        read=False,
    ),
)
"""Oldest first; a new statute is a new row, and orders of before keep theirs."""


def rule_of(supplied: date | None) -> Rule:
    """The rule of a supply; of one whose day is unknown, the rule that keeps longest: the newest."""
    if supplied is None:
        return RULES[-1]
    return next(rule for rule in reversed(RULES) if rule.since <= supplied)


def always_home(country: str) -> bool:
    """Whether a country of delivery is home by every rule, so that no floor keeps its address (T-04)."""
    return all(country.upper() in rule.home for rule in RULES)


def is_abroad(facts: Facts, rule: Rule) -> bool:
    """Whether a known country of delivery is another one."""
    return bool(facts.ship_to) and facts.ship_to not in rule.home


def may_be_oss(facts: Facts, rule: Rule) -> bool:
    """Whether a registered shop's supply falls under OSS; without a country, as if it did (schedule §2.6)."""
    if not facts.ship_to:
        return bool(rule.union)
    return is_abroad(facts, rule) and facts.ship_to in rule.union and not facts.vat_number


def unread_since(today: date) -> date | None:
    """The first day of a rule that has begun and whose Swedish statute nobody has read."""
    return next((rule.since for rule in RULES if not rule.read and rule.since <= today), None)
