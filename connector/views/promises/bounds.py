"""The two bounds of a field: the promise is the latest day, the law the earliest (schedule §3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from connector.calendar import add_months, next_working_day
from connector.deciding.undoing import COPIED, NEVER
from connector.policy import Policy, clocks, decide
from connector.policy.file_format import Rule
from connector.records import Facts, Field, Kind, Record, Ref, Value, to_bits
from connector.report.promises.model import BoundView
from connector.settings.promises import Promise
from connector.verdicts import FieldVerdict
from connector.views.promises.carried import kind_of, rules_of

DAY = timedelta(days=1)


COUNTED = frozenset({"rule", "scan", "worklist"})
"""What carries the promises that the shop's own data can be held against."""


class Slot(Value, frozen=True, kw_only=True):
    """What is counted together: a field of a kind (or records under a rule) against one bound."""

    kind: Kind
    field: Field | None = None
    rule: str = ""
    clock: str = ""
    latest: str = ""
    # For how many days what is blanked can be restored: the promise is kept once that is over.
    restorable: int = 0

    def gone_by(self, verdict: FieldVerdict) -> date | None:
        """The day by which nothing is left of a field, copies included; None where nobody knows."""
        return None if verdict.act_by is None else verdict.act_by + timedelta(days=self.restorable)


def slots_of(policy: Policy, promise: Promise) -> tuple[Slot, ...]:
    """The slots that a promise is judged by; none where it is about no record."""
    if kind_of(promise) is None or promise.how not in COUNTED:
        return ()
    clock, latest = (promise.clock or "", promise.latest or "") if dated(promise) else ("", "")
    rules = rules_of(policy, promise)
    wholes = (
        Slot(kind=rule.kind, rule=rule.id, clock=clock, latest=latest) for rule in rules if rule.whole_record
    )
    fields = (
        Slot(
            kind=rule.kind,
            field=field,
            clock=clock,
            latest=latest,
            restorable=_restorable(policy, rule, field),
        )
        for rule in rules
        for field in rule.fields
        if field in _fields(promise, rules)
    )
    return (*wholes, *fields)  # fmt: skip


def _restorable(policy: Policy, rule: Rule, field: Field) -> int:
    """For how many days a copy of a field may live: none of contacts, nor of what is never copied."""
    copied = rule.kind in COPIED and field not in NEVER and not rule.whole_record
    return policy.context.undo_days if copied else 0


def _fields(promise: Promise, rules: Sequence[Rule]) -> tuple[Field, ...]:
    """The promise's fields that its rules govern; all that they govern where it names none of them."""
    governed = tuple(dict.fromkeys(field for rule in rules for field in rule.fields))
    return tuple(field for field in governed if field in promise.fields) or governed


def dated(promise: Promise) -> bool:
    """Whether a promise gives a last day that what is stored can be held against."""
    stored = promise.how != "scan" and not of_use(promise)
    return stored and promise.latest is not None and promise.clock in CLOCKS


def of_use(promise: Promise) -> bool:
    """Whether a promise is about use and not storage: nothing stored is gone on the day it is made."""
    return promise.clock == "created" and promise.latest == "0 days"


def last_day(latest: str, on: date) -> date:
    """The last day of a promised period such as "2 weekdays", counted from a date of its clock."""
    number, unit = latest.split()
    if unit == "weekdays":
        return _weekdays(on, int(number))
    if unit == "days":
        return on + timedelta(days=int(number))
    return add_months(on, int(number) * (12 if unit == "years" else 1))


def _weekdays(on: date, number: int) -> date:
    for _ in range(number):
        on = next_working_day(on + DAY)
    return on


def clock_of(slot: Slot, facts: Facts) -> date | None:
    """The date that the promise is counted from, None where it is undated or the record shows none."""
    return CLOCKS[slot.clock](facts) if slot.clock else None


def _fact(name: str) -> Callable[[Facts], date | None]:
    def read(facts: Facts) -> date | None:
        day: date | None = getattr(facts, name)
        return day

    return read


CLOCKS: Mapping[str, Callable[[Facts], date | None]] = {
    "created": _fact("created"),
    "published": _fact("created"),
    "message_date": _fact("created"),
    "delivered": lambda facts: clocks.delivered(facts)[0],
    "shipped": lambda facts: facts.shipped or clocks.delivered(facts)[0],
    "paid": lambda facts: clocks.settled(facts)[0],
    "closed": _fact("closed"),
    "case_closed": lambda facts: clocks.case_closed(facts)[0],
    "unsubscribed": _fact("unsubscribed"),
    "withdrawn": _fact("unsubscribed"),
    "objected": _fact("unsubscribed"),
    "bounced": _fact("bounced"),
    "last_purchase": lambda facts: clocks.last_purchase(facts)[0],
    "last_activity": lambda facts: clocks.last_activity(facts)[0],
}
"""The clocks of promises, read from facts; a promise of another clock is judged without a bound."""

_SALES: Mapping[str, str] = {"domestic": "SE", "oss": "DE", "export": "NO"}


def bounds(policy: Policy, promise: Promise, today: date) -> Iterator[BoundView]:
    """Both bounds of every field of a dated promise, on the sale and day that come nearest to a break."""
    for slot in slots_of(policy, promise):
        if slot.latest:
            samples = ((case, day) for case in _cases(policy, slot.kind) for day in _days(today))
            found = [bound for case, day in samples if (bound := _bound(policy, slot, case, day))]
            if found:
                yield max(found, key=_excess)


def _excess(bound: BoundView) -> timedelta:
    """How much later than the promise the law or the rule is."""
    return max(bound.law or date.min, bound.act_by or date.min) - bound.latest


def _days(today: date) -> tuple[date, ...]:
    """Today and the edges of its year."""
    return (today, date(today.year, 1, 1), date(today.year, 12, 31), date(today.year // 4 * 4, 2, 29))


def _cases(policy: Policy, kind: Kind) -> tuple[str, ...]:
    if kind is not Kind.ORDER:
        return ("",)
    return tuple(case for case in _SALES if case != "oss" or policy.context.oss)


def _bound(policy: Policy, slot: Slot, case: str, day: date) -> BoundView | None:
    record = Record(
        ref=Ref(adapter="sample", kind=slot.kind, id="sample"),
        version="",
        facts=_facts(slot, case, day),
        present=to_bits((slot.field,)) if slot.field else 0,
    )
    verdict = decide(record, policy, today=day)
    chosen: FieldVerdict | None = verdict.record
    if slot.field:
        chosen = next((one for one in verdict.fields if one.field is slot.field), None)
    if chosen is None or chosen.keep_through is None or (slot.rule and chosen.rule != slot.rule):
        return None
    return BoundView(
        field=slot.field,
        kind=slot.kind,
        case=case,
        on=day,
        latest=last_day_of(slot, record.facts) or day,
        act_by=slot.gone_by(chosen),
        law=chosen.floor_through,
        floor=chosen.floor or "",
    )


def last_day_of(slot: Slot, facts: Facts) -> date | None:
    """The last day that a promise allows of one record, None where it is undated there."""
    on = clock_of(slot, facts)
    return last_day(slot.latest, on) if on and slot.latest else None


def _facts(slot: Slot, case: str, day: date) -> Facts:
    """A record that began, ended and was delivered as late as usual after this day."""
    if slot.kind is Kind.ORDER:
        return Facts(
            created=day,
            paid=day,
            completed=day + timedelta(days=4),
            status="completed",
            payment="card",
            has_transaction=True,
            ship_to=_SALES[case],
        )
    if slot.kind is Kind.SUBSCRIBER:
        return Facts(bounced=day) if slot.clock == "bounced" else Facts(unsubscribed=day)
    return Facts(created=day, closed=day, last_login=day, last_purchase=day)
