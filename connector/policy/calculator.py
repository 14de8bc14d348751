"""The calculator: the facts of one record in, the dates of each field out; touches no shop."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from connector.calendar import FIRST_YEAR, LAST_YEAR, OSS_BEGAN, FinancialYears, to_date
from connector.errors import SettingsError
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.policy.conditions import NEVER_PAID, never_paid
from connector.policy.facts import FACTS, Fact, stated_of
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, SubjectFacts, to_bits
from connector.verdicts import ClockUse, FieldVerdict

FINAL = NEVER_PAID - {"pending", "draft", "checkout-draft"} | {
    "completed", "refunded", "delivered", "fulfilled", "shipped", "closed", "archived", "trash",
}  # fmt: skip
"""Statuses after which nothing more is expected of an order (hold H1); an unknown one is open."""

OWES_NOTHING = frozenset({"", "refunded", "cancelled", "canceled", "voided"})
"""Statuses of an order that no invoice is owed for (hold H3)."""

_BY_NAME: Mapping[str, Fact] = {fact.name: fact for fact in FACTS}
_DATE_LISTS = frozenset(fact.name for fact in FACTS if fact.is_days)
_TOP = ("kind", "shop", "facts", "fields")
_SHOP = ("archive", "financial_years", "oss", "archived_years", "run_slack_days", "withdrawal_untold")


def due(
    document: Mapping[str, Any],
    *,
    today: date,
    policy: str | Path = "swedish-webshop",
    overrides: Mapping[str, Any] | None = None,
    request: str = "",
) -> dict[str, Any]:
    """Per field: dates, rule, clock, floor, holds and paragraph; and what the owner should know.

    `request` is a person's: `erase`, or `object` to marketing; what it ends no longer counts.

    Raises SettingsError that names every unknown field or key and every value that cannot be
    read, and PolicyError where the policy has faults.
    """
    if not isinstance(document, Mapping):
        raise SettingsError(["the facts are no JSON object. Give one with kind, shop, facts and fields."])
    faults: list[str] = []
    kind = _kind(document, faults)
    facts = read_facts(kind, _table(document, "facts", faults), faults)
    context = _context(_table(document, "shop", faults), faults)
    fields = _fields(document.get("fields"), faults)
    if faults:
        raise SettingsError(faults)
    bound = load_policy(policy, context=context, overrides=overrides)
    present = to_bits(fields or _governed(bound, kind))
    record = Record(ref=Ref(adapter="facts", kind=kind, id="facts"), version="", facts=facts, present=present)
    ended = _ended(bound, request)
    verdict = decide(record, bound, today=today, without=ended)
    alerts = {*verdict.alerts, *_assumed(record, bound, document.get("shop", {}), today=today)}
    answers = {each.field: _answer(each) for each in verdict.fields}
    asked = fields or tuple(field for field in Field if field in answers)
    return {"fields": {str(field): answers[field] for field in asked}, "alerts": sorted(alerts)}


def _ended(policy: Policy, request: str) -> frozenset[str]:
    """The purposes that a request ends. Raises SettingsError for one of no known kind."""
    if request == "erase":
        return policy.ended_by_erasure()
    if request == "object":
        return policy.ended_by_objection()
    if request:
        raise SettingsError([f"request: {request} is no request. Write erase or object."])
    return frozenset()


def _assumed(record: Record, policy: Policy, shop: Mapping[str, Any], *, today: date) -> Iterator[str]:
    """What the answer rests on and nobody has shown: OSS unanswered, vouchers declared to be elsewhere."""
    context = policy.context
    said = _dates(record, policy, context, today)
    if shop.get("oss") is None and _dates(record, policy, replace(context, oss=()), today) != said:
        yield "oss_unanswered"
    in_the_shop = replace(context, archive="shop", archived_years=())
    if in_the_shop != context and _dates(record, policy, in_the_shop, today) != said:
        yield "archive_declared"


def _dates(record: Record, policy: Policy, context: ShopContext, today: date) -> list[Any]:
    """The last days and floors of a record's fields, had the shop answered so."""
    bound = Policy(file=policy.file, rules=policy.rules, context=context)
    verdict = decide(record, bound, today=today)
    return [(each.keep_through, each.floor, each.floor_through) for each in verdict.fields]


def _answer(verdict: FieldVerdict) -> dict[str, Any]:
    return {
        "keep_through": _iso(verdict.keep_through),
        "eligible_from": _iso(verdict.eligible_from),
        "act_by": _iso(verdict.act_by),
        "rule": verdict.rule,
        "clock": _clock(verdict.clock),
        "floor": verdict.floor,
        "floor_through": _iso(verdict.floor_through),
        "holds": [str(hold) for hold in verdict.holds],
        "basis": verdict.basis,
        "state": str(verdict.state),
        "reason": verdict.reason,
        "purposes": {end.purpose: _iso(end.through) for end in verdict.ends},
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(clock: ClockUse | None) -> dict[str, Any] | None:
    return {"name": clock.name, "date": _iso(clock.on), "from": clock.source or None} if clock else None


def _governed(policy: Policy, kind: Kind) -> tuple[Field, ...]:
    """Every field that some rule of this kind names; all fields where a rule takes records whole."""
    if any(rule.whole_record for rule in policy.rules if rule.kind is kind):
        return tuple(Field)
    return tuple(field for field in Field if policy.rule_of(kind, field)) or tuple(Field)


def _kind(document: Mapping[str, Any], faults: list[str]) -> Kind:
    faults += [f"{key}: unknown key. Known: {', '.join(_TOP)}." for key in document if key not in _TOP]
    try:
        return Kind(document.get("kind", ""))
    except ValueError:
        faults.append(f"kind: names no kind of record. Write one of {', '.join(Kind)}.")
        return Kind.ORDER


def _table(document: Mapping[str, Any], key: str, faults: list[str]) -> Mapping[str, Any]:
    table = document.get(key, {})
    if isinstance(table, Mapping):
        return table
    faults.append(f"{key}: is no table. Write {{…}}.")
    return {}


def _fields(names: Any, faults: list[str]) -> tuple[Field, ...]:
    if names is None:
        return ()
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        faults.append('fields: is no list of fields. Write ["name", "email"], or leave it out for all.')
        return ()
    known = {str(field): field for field in Field}
    named = [str(name) for name in names]
    odd = [name for name in named if name not in known]
    faults += [f"fields: {name} is no field. Known: {', '.join(known)}." for name in odd]
    return tuple(known[name] for name in named if name in known)


def read_facts(kind: Kind, table: Mapping[str, Any], faults: list[str]) -> Facts:
    """The facts of a record as JSON states them; faults are added to the list.

    What the facts leave out is concluded where it can be: whether a status is final, whether
    an invoice is owed, and whether a refund has no date.
    """
    known = stated_of(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            faults.append(f"facts.{key}: unknown key. Known for {kind}: {', '.join(sorted(known))}.")
        elif value is not None:
            try:
                values[key] = _read(key, value)
            except (ValueError, TypeError, msgspec.ValidationError) as error:
                faults.append(f"facts.{key}: {str(error).rstrip('.')}. Correct it.")
    undated = [key for key in _DATE_LISTS & values.keys() if None in values[key]]
    if "reminders" in values:  # one of no known day may have come at any time
        values["reminders_shown"] = "reminders" not in undated
    for key in undated:
        values[key] = tuple(day for day in values[key] if day)
        values["undated_refunds"] = values.get("undated_refunds", False) or key != "reminders"
    return _concluded(kind, values)


def _concluded(kind: Kind, values: dict[str, Any]) -> Facts:
    status = values.get("status", "")
    if kind is Kind.ORDER:
        values.setdefault("final", not status or status in FINAL)
        if status == "refunded" and not values.get("refunded"):
            values["undated_refunds"] = True
        facts = Facts(**values)
        invoice = facts.payment == "invoice" and not (facts.paid or facts.captured or facts.cancelled)
        if invoice and "owed" not in values and not never_paid(facts) and status not in OWES_NOTHING:
            return Facts(**values, owed=True)
        return facts
    signed_up = kind is Kind.SUBSCRIBER and "subscribed" in values and not status
    # Whoever is mailed as a customer was never asked to confirm.
    unconfirmed = signed_up and values.get("basis") != "soft_optin"
    if unconfirmed and not any(key in values for key in _SIGNS_OF_LIFE):
        values["status"] = "pending"
    return Facts(**values)


_SIGNS_OF_LIFE = ("confirmed", "unsubscribed", "bounced", "last_click", "last_login", "last_purchase")
"""Without any of these a subscription was never confirmed (T-38)."""


def _read(key: str, value: Any) -> Any:
    fact = _BY_NAME[key]
    if fact.is_day:
        return _day(value)
    if fact.is_days:
        days = value if isinstance(value, list | tuple) else [value]
        return tuple(None if day is None else _day(day) for day in days)
    if fact.presence:
        return bool(value)
    if fact.is_switch:
        return msgspec.convert(value, bool)
    return _word(fact, value) if fact.words else _OTHERS[key](value)


def _day(value: Any) -> date:
    if not isinstance(value, str):
        raise ValueError('is no text: write a date as "2026-12-31"')
    return to_date(value)


def _word(fact: Fact, value: Any) -> str:
    if not isinstance(value, str) or value not in ("", *fact.words):
        raise ValueError(f"is none of {', '.join(sorted(fact.words))}")
    return value


def _status(value: Any) -> str:
    return msgspec.convert(value, str).strip().lower().removeprefix("wc-")


def _country(value: Any) -> str:
    code = msgspec.convert(value, str).strip().upper()
    if code and not (len(code) == 2 and code.isalpha()):
        raise ValueError("is no country code of two letters")
    return code


_OTHERS: Mapping[str, Callable[[Any], Any]] = {
    "status": _status,
    "ship_to": _country,
    "warranty_months": lambda value: msgspec.convert(value, Annotated[int, msgspec.Meta(ge=0, le=600)]),
    "holds": lambda value: msgspec.convert(value, tuple[HoldId, ...]),
    "subject": lambda value: msgspec.convert(value, SubjectFacts),
}


def _context(table: Mapping[str, Any], faults: list[str]) -> ShopContext:
    faults += [f"shop.{key}: unknown key. Known: {', '.join(_SHOP)}." for key in table if key not in _SHOP]
    values: dict[str, Any] = {}
    readers: Mapping[str, Callable[[Any], Any]] = {
        "archive": _archive,
        "financial_years": _years,
        "oss": _oss,
        "archived_years": lambda value: tuple(_period(item) for item in _periods(value)),
        "withdrawal_untold": lambda value: msgspec.convert(value, bool),
        "run_slack_days": lambda value: msgspec.convert(value, Annotated[int, msgspec.Meta(ge=0, le=92)]),
    }
    for key, read in readers.items():
        if table.get(key) is not None:
            try:
                values[key] = read(table[key])
            except (ValueError, TypeError, msgspec.ValidationError) as error:
                faults.append(f"shop.{key}: {str(error).rstrip('.')}. Correct it.")
    # Unanswered counts as registered, so that more is kept (schedule §2.6).
    values.setdefault("oss", ((OSS_BEGAN, None),))
    return ShopContext(**values)


def _archive(value: Any) -> str:
    if value not in ("shop", "elsewhere"):
        raise ValueError('is neither "shop" nor "elsewhere"')
    return str(value)


def _years(value: Any) -> FinancialYears:
    if isinstance(value, Mapping):
        odd = [key for key in value if key != "ends"]
        if odd or not isinstance(value.get("ends"), str):
            raise ValueError(f"{odd[0] if odd else 'ends'} is unknown or missing: write {{'ends': '06-30'}}")
        return FinancialYears.ending(value["ends"], FIRST_YEAR + 1, LAST_YEAR)
    return FinancialYears(years=tuple(sorted(_period(item) for item in _periods(value))))


def _oss(value: Any) -> tuple[tuple[date, date | None], ...]:
    if not isinstance(value, list | tuple):
        raise ValueError('is no list of periods: write [["2021-07-01", null]], or [] for never')
    found = sorted((_period(item, open_end=True) for item in value), key=lambda period: period[0])
    for start, end in found:
        if end is not None and end < start:
            raise ValueError(f"holds a period from {start} that ends before it, {end}: swap its dates")
    for first, second in pairwise(found):
        if first[1] is None or first[1] >= second[0]:
            until = f"runs through {first[1]}" if first[1] else "has no end"
            raise ValueError(
                f"holds a period from {first[0]} that {until}, and one from {second[0]}: end the first before"
            )
    return tuple(found)


def _periods(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError('is no list of periods: write [["2026-01-01", "2026-12-31"]]')
    return value


def _period(item: Any, *, open_end: bool = False) -> Any:
    if not isinstance(item, list | tuple) or not 1 <= len(item) <= 2:
        raise ValueError('holds something that is no period: write ["2026-01-01", "2026-12-31"]')
    start, end = item[0], item[1] if len(item) == 2 else None
    if end is None and not open_end:
        raise ValueError('holds a period without an end: write ["2026-01-01", "2026-12-31"]')
    return _day(start), None if end is None else _day(end)
