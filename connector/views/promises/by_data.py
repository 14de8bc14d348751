"""A promise that rules carry: by the shop's data where it was read, else by the bounds alone."""

from collections.abc import Iterator, Mapping
from datetime import date

from connector.records import Field
from connector.report.promises.model import BoundView, Remark, RemarkView, State
from connector.settings.promises import Promise
from connector.views.promises.bounds import dated, of_use, slots_of
from connector.views.promises.carried import kind_of, rules_of
from connector.views.promises.case import (
    Bounds,
    Case,
    Counts,
    Outcome,
    by_invoice_alone,
    cards_found,
    is_never,
    is_shown,
)
from connector.views.promises.census import Census


def by_rules(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """A promise that rules carry."""
    own = rules_of(case.policy, promise)
    on = [rule for rule in own if not rule.optional]
    attested = {row.id for row in case.policy.attestations}
    off = [
        RemarkView(code=Remark.RULE_OFF, name=rule.id)
        for rule in case.policy.rules
        if rule.id in promise.rules and rule.optional
    ]
    if not on:
        by_word = any(rule in attested for rule in promise.rules)
        return (State.ATTEST if by_word and not off else State.NO_RULE), tuple(off)
    if of_use(promise):
        return State.ATTEST, (RemarkView(code=Remark.OF_USE), *off)
    state, remarks = _judged(promise, case, counts, found)
    if off and state in (State.KEPT, State.NOTHING):
        state = State.IN_PART
    return state, (*remarks, *off)


def _judged(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """By the data where it has been read; else by the bounds alone."""
    open_ended = () if dated(promise) else (RemarkView(code=Remark.OPEN_ENDED),)
    if case.census is None:
        return _by_bounds(found, open_ended)
    if not is_shown(promise, case):
        return State.ATTEST, (RemarkView(code=Remark.NOT_SHOWN, kind=kind_of(promise)), *open_ended)
    state, remarks = _by_counts(case.census, promise, case, counts)
    return state, (*remarks, *open_ended)


def _by_bounds(found: Bounds, remarks: tuple[RemarkView, ...]) -> Outcome:
    law = [bound for bound in found if bound.law_is_later]
    if law:
        worst = max(law, key=lambda bound: bound.law or date.min)
        return State.AGAINST_LAW, (_law_forbids(worst), *remarks)
    late = [bound for bound in found if bound.rule_is_later]
    if late:
        worst = max(late, key=lambda bound: bound.act_by or date.min)
        return State.IN_PART, (_rule_later(worst), *remarks)
    return State.NOT_TESTED, remarks


def _law_forbids(bound: BoundView) -> RemarkView:
    fields = (bound.field,) if bound.field else ()
    return RemarkView(
        code=Remark.LAW_FORBIDS, day=bound.latest, other=bound.law, name=bound.floor, fields=fields
    )


def _rule_later(bound: BoundView) -> RemarkView:
    fields = (bound.field,) if bound.field else ()
    return RemarkView(code=Remark.RULE_LATER, day=bound.latest, other=bound.act_by, fields=fields)


_COUNTS = ("records", "within", "over", "by_law", "held", "endless", "law_ahead", "late_ahead")


def _by_counts(census: Census, promise: Promise, case: Case, counts: Counts) -> Outcome:
    """The worst that the data shows."""
    total = {name: sum(getattr(one, name) for one in counts) for name in _COUNTS}
    remarks = list(_count_remarks(census, promise, case, counts, total))
    if total["by_law"] or total["law_ahead"]:
        return State.AGAINST_LAW, tuple(remarks)
    if total["over"]:
        whole = total["over"] == total["records"]
        return (State.BROKEN if whole else State.IN_PART), tuple(remarks)
    if total["held"] or total["endless"] or total["late_ahead"]:
        return State.IN_PART, tuple(remarks)
    return (State.KEPT if total["records"] else State.NOTHING), tuple(remarks)


def _count_remarks(
    census: Census, promise: Promise, case: Case, counts: Counts, total: Mapping[str, int]
) -> Iterator[RemarkView]:
    if not total["records"]:
        yield RemarkView(code=Remark.NOTHING_HELD)
    by_law = total["by_law"] + total["law_ahead"]
    if by_law:
        fields = tuple(one.field for one in counts if one.field and one.by_law + one.law_ahead)
        yield RemarkView(code=Remark.LAW_WINS, count=by_law, fields=fields)
    if total["over"]:
        fields = tuple(one.field for one in counts if one.field and one.over)
        oldest = min((one.oldest for one in counts if one.oldest and one.over), default=None)
        yield RemarkView(code=Remark.OVER_RETENTION, count=total["over"], day=oldest, fields=fields)
    if total["late_ahead"]:
        late = tuple(one.field for one in counts if one.field and one.late_ahead)
        yield RemarkView(code=Remark.WILL_BE_LATE, count=total["late_ahead"], fields=late)
    if total["held"]:
        yield RemarkView(code=Remark.ON_HOLD, count=total["held"])
    for reason, count in census.reasons(slots_of(case.policy, promise)):
        yield RemarkView(code=Remark.NO_END, count=count, reason=reason)


def by_scan(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """A promise about what may not be stored at all: the rule, and what detection has found."""
    state, remarks = by_rules(promise, case, counts, found)
    census = case.census
    if census is None or not is_shown(promise, case):
        return state, remarks
    found_remarks = tuple(_numbers_found(promise, census))
    if is_never(promise):
        # The number itself is what was promised never to be stored; other payment data are not.
        return (State.BROKEN if census.known.card_numbers else _looked_at(census)), found_remarks
    wrong = sum(census.without_invoice[field] for field in by_invoice_alone(promise))
    if wrong or (Field.PAYMENT_DETAILS in promise.fields and census.known.card_numbers):
        asked = by_invoice_alone(promise)
        numbers = sum(one.records for one in counts if one.field in asked)
        state = State.BROKEN if wrong and wrong == numbers else max(state, State.IN_PART, key=_GRAVITY.index)
    return state, (*found_remarks, *remarks)


_GRAVITY = (State.KEPT, State.NOTHING, State.NOT_TESTED, State.IN_PART, State.NO_RULE, State.ATTEST,
            State.MISSING, State.BROKEN, State.AGAINST_LAW)  # fmt: skip


def _numbers_found(promise: Promise, census: Census) -> Iterator[RemarkView]:
    """What the search for numbers has met, or that it met none."""
    for field in by_invoice_alone(promise):
        if census.without_invoice[field]:
            count = census.without_invoice[field]
            yield RemarkView(code=Remark.WITHOUT_INVOICE, count=count, fields=(field,))
    if Field.PAYMENT_DETAILS in promise.fields:
        yield cards_found(census)


def _looked_at(census: Census) -> State:
    """An absence is kept where something has been searched for it."""
    return State.KEPT if census.records_read else State.NOTHING
