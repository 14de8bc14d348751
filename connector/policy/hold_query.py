"""What a hold by query asks of a record: a small grammar over facts that identify nobody.

    kind=order created>=2024-01-01 created<=2024-03-31 status=refunded,cancelled ship_to=DE

Terms stand side by side and all must be true; a comma means any of. Times are Stockholm dates,
both ends inclusive; the bounds on one date make one span, and where a record has several such dates
(captures, refunds) one of them must lie in it. What a record must have and the shop does not
show counts as true, for a reason to wait may keep too much and never too little.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from connector.errors import GallraError
from connector.policy import clocks
from connector.policy.facts import FACTS, Fact, asked_of
from connector.records import Facts, Kind, Record, Value

Dates = Callable[[Facts], tuple[date, ...]]
Word = Callable[[Facts], str]
_TERM = re.compile(r"([a-z_]+)(>=|<=|=)(\S+)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STATUS = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Span(Value, frozen=True, kw_only=True):
    """A date of the record, from a first day through a last."""

    key: str
    first: date = date.min
    last: date = date.max


class Choice(Value, frozen=True, kw_only=True):
    """A word of the record that must be one of these."""

    key: str
    any_of: frozenset[str]


class HoldQuery(Value, frozen=True, kw_only=True):
    """A query ready to be asked; its text is the canonical one, as the ledger keeps it."""

    kind: Kind
    text: str
    spans: tuple[Span, ...] = ()
    choices: tuple[Choice, ...] = ()

    def matches(self, record: Record) -> bool:
        """Whether every term is true of a record."""
        facts = record.facts
        return (
            record.ref.kind is self.kind
            and all(_chosen(choice, facts) for choice in self.choices)
            and all(_within(span, facts) for span in self.spans)
        )

    def words(self, key: str) -> frozenset[str]:
        """The words that a term asks for; none where the query has no such term."""
        return frozenset(word for choice in self.choices if choice.key == key for word in choice.any_of)


def _chosen(choice: Choice, facts: Facts) -> bool:
    word = WORDS[choice.key](facts)
    return not word or word in choice.any_of


def _within(span: Span, facts: Facts) -> bool:
    days = DATES[span.key](facts)
    if not days:
        return span.key in _ALWAYS_THERE or (span.key in _MONEY_BACK and facts.undated_refunds)
    return any(span.first <= day <= span.last for day in days)


def _days(fact: Fact) -> Dates:
    def read(facts: Facts) -> tuple[date, ...]:
        found = getattr(facts, fact.name)
        if fact.is_days:
            return tuple(found)
        return () if found is None else (found,)

    return read


def _delivered(facts: Facts) -> tuple[date, ...]:
    """As the periods count it: by the best signal there is (schedule §2.8)."""
    day = clocks.delivered(facts)[0]
    return () if day is None else (day,)


def _word(fact: Fact) -> Word:
    def read(facts: Facts) -> str:
        found = getattr(facts, fact.name)
        return ("yes" if found else "no") if fact.is_switch else str(found)

    return read


_ASKED = tuple(fact for fact in FACTS if fact.asked)
DATES: Mapping[str, Dates] = {
    **{fact.name: _days(fact) for fact in _ASKED if fact.is_day or fact.is_days},
    "delivered": _delivered,
}
WORDS: Mapping[str, Word] = {fact.name: _word(fact) for fact in _ASKED if fact.name not in DATES}
_ALWAYS_THERE = frozenset({"created", "delivered"})
"""Dates that every record of the kind has, shown or not; another date may simply not have come."""
_MONEY_BACK = frozenset({"refunded"})

KEYS: Mapping[Kind, tuple[str, ...]] = {kind: asked_of(kind) for kind in Kind}
"""What may be asked of each kind."""

_FIXED: Mapping[str, tuple[str, ...]] = {
    fact.name: fact.words or ("yes", "no") for fact in _ASKED if fact.words or fact.is_switch
}
"""The words that a term may ask for, where they are known."""


def read_query(text: str) -> HoldQuery:
    """The query of a text. Raises GallraError that names the term and lists what is known."""
    terms = [_term(word) for word in text.split()]
    kind = _kind(terms)
    spans: dict[str, Span] = {}
    choices: dict[str, Choice] = {}
    for key, sign, value in terms:
        if key == "kind":
            continue
        if key not in KEYS[kind]:
            raise _fault(f"{key} cannot be asked of kind={kind}. Known: {', '.join(KEYS[kind])}")
        if key in DATES:
            spans[key] = _narrowed(spans.get(key, Span(key=key)), sign, _day(key, value))
        elif key in choices:
            raise _fault(f"{key} stands twice. Write the values with a comma: {key}=…,…")
        else:
            choices[key] = Choice(key=key, any_of=_values(key, sign, value))
    if not spans and not choices:
        raise _fault(f"kind={kind} alone is every such record. Say which, by: {', '.join(KEYS[kind])}")
    return HoldQuery(
        kind=kind,
        text=_canonical(kind, spans, choices),
        spans=tuple(spans.values()),
        choices=tuple(choices.values()),
    )


def _term(word: str) -> tuple[str, str, str]:
    found = _TERM.fullmatch(word)
    if found is None:
        raise _fault("Each term is key=value, key>=value or key<=value, with a space between terms")
    key, sign, value = found.groups()
    if key != "kind" and key not in DATES and key not in WORDS:
        known = sorted({"kind", *DATES, *WORDS})
        raise _fault(f"There is no key of that name. Known: {', '.join(known)}")
    return key, sign, value


def _kind(terms: list[tuple[str, str, str]]) -> Kind:
    named = [(sign, value) for key, sign, value in terms if key == "kind"]
    known = ", ".join(Kind)
    if len(named) != 1 or named[0][0] != "=" or named[0][1] not in set(Kind):
        raise _fault(f"Name one kind, once, such as kind=order. Known: {known}")
    return Kind(named[0][1])


def _day(key: str, value: str) -> date:
    if _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _fault(f"{key} is compared with a day that exists, written YYYY-MM-DD")


def _narrowed(span: Span, sign: str, day: date) -> Span:
    first = max(span.first, day) if sign in ("=", ">=") else span.first
    last = min(span.last, day) if sign in ("=", "<=") else span.last
    if first > last:
        raise _fault(f"The bounds on {span.key} leave no day between them. Correct one of them")
    return Span(key=span.key, first=first, last=last)


def _values(key: str, sign: str, value: str) -> frozenset[str]:
    if sign != "=":
        raise _fault(f"{key} is no date: write {key}=value, or values with a comma")
    values = value.split(",")
    if key in _FIXED and not set(values) <= set(_FIXED[key]):
        raise _fault(f"{key} is one of: {', '.join(_FIXED[key])}")
    if key == "ship_to" and not set(values) <= _countries():
        raise _fault("ship_to is a country's two capital letters, such as SE or DE")
    if key == "status" and not all(_STATUS.fullmatch(one) for one in values):
        raise _fault("status is the shop's own word, small letters: completed, refunded, on-hold")
    return frozenset(values)


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    return frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code))


def _canonical(kind: Kind, spans: Mapping[str, Span], choices: Mapping[str, Choice]) -> str:
    words = [f"kind={kind}"]
    for span in spans.values():
        if span.first == span.last:
            words.append(f"{span.key}={span.first}")
            continue
        words += [f"{span.key}>={span.first}"] if span.first > date.min else []
        words += [f"{span.key}<={span.last}"] if span.last < date.max else []
    words += [f"{choice.key}={','.join(sorted(choice.any_of))}" for choice in choices.values()]
    return " ".join(words)


def _fault(text: str) -> GallraError:
    """A fault in a query; what was typed is not said again, for it may be a person's."""
    return GallraError(f"--query: {text}. Nothing was placed.")
