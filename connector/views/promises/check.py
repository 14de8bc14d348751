"""The state of each promise: from its rules, from the shop's data, from what people have attested."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from connector.calendar import add_months, deadline
from connector.policy import Policy
from connector.records import Field, Value
from connector.report.promises.model import BoundView, CountView, PromiseView, Remark, RemarkView, State
from connector.report.shared import AttestedView
from connector.settings import Settings
from connector.settings.promises import Promise
from connector.views.promises.bounds import bounds, dated, last_day, of_use, slots_of
from connector.views.promises.carried import PLATFORM, confirmed_rows, kind_of, rules_of
from connector.views.promises.census import NUMBERS, Census
from connector.views.promises.public_text import PublicText

POLICY_GROWS_OLD_MONTHS = 24
"""A privacy policy older than this is to be read again (promise S4-01)."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
Outcome = tuple[State, tuple[RemarkView, ...]]


class Case(Value, frozen=True, kw_only=True):
    """What every promise of a shop is judged against."""

    settings: Settings
    policy: Policy
    today: date
    census: Census | None = None
    attested: Mapping[str, AttestedView] = {}
    text: PublicText | None = None


def check(promise: Promise, case: Case) -> PromiseView:
    """One promise with its state, its counts, both bounds and what should be written instead."""
    slots = slots_of(case.policy, promise)
    counts = case.census.views(slots) if case.census and _shown(promise, case) else ()
    found = tuple(bounds(case.policy, promise, case.today))
    state, remarks = _BY[promise.how](promise, case, counts, found)
    evidence = _evidence(promise, case, counts)
    state, remarks = _weighed_by_evidence(promise, case, evidence, (state, remarks))
    state, remarks = _words_weighed(promise, state, remarks)
    if promise.proposed:
        # Nobody has read it against the policy: whatever the data shows, it may be no promise at all.
        state, remarks = State.NOT_TESTED, (RemarkView(code=Remark.PROPOSED), *remarks)
    if speaks_for_another(promise, case.text):
        alert = RemarkView(code=Remark.OTHER_CONTROLLER, name=str(promise.other_controller))
        state, remarks = State.AGAINST_LAW, (alert, *remarks)
    return PromiseView(
        id=promise.id,
        sv=promise.sv,
        en=promise.en,
        state=state,
        how=promise.how,
        rules=promise.rules,
        evidence=evidence,
        counts=counts,
        bounds=found,
        remarks=(*remarks, *_word_given(promise, case, state)),
        advice_sv=promise.advice.sv if promise.advice else "",
        advice_en=promise.advice.en if promise.advice else "",
    )


def _evidence(promise: Promise, case: Case, counts: Sequence[CountView]) -> int:
    """How many records of the shop were read and held against this promise."""
    if case.census is None:
        return 0
    if promise.how not in ("rule", "scan"):
        return case.census.known.card_numbers if _of_cards(promise) and promise.how == "attest" else 0
    if promise.how == "scan" and _never(promise) and _shown(promise, case):
        return case.census.records_read
    return sum(one.records for one in counts) or _numbers_met(promise, case.census)


def _numbers_met(promise: Promise, census: Census) -> int:
    """How many records hold a number that the promise leaves out."""
    if promise.how != "scan":
        return 0
    cards = census.known.card_numbers if Field.PAYMENT_DETAILS in promise.fields else 0
    return cards + sum(census.without_invoice[field] for field in _by_invoice_alone(promise))


def _weighed_by_evidence(promise: Promise, case: Case, evidence: int, outcome: Outcome) -> Outcome:
    """Nothing is kept, in part or whole, but by records that were read; whole, by all of them, and lately."""
    state, remarks = outcome
    if state in (State.KEPT, State.IN_PART) and not evidence:
        state = State.NOT_TESTED
    if state is not State.KEPT or case.census is None:
        return state, remarks
    kinds = {slot.kind for slot in slots_of(case.policy, promise)}
    unsure = tuple(remark for kind, remark in case.census.known.unsure.items() if kind in kinds)
    if unsure:
        return State.NOT_TESTED, (*unsure, *remarks)
    rows = _unconfirmed(promise, case)
    if rows:
        return State.IN_PART, (RemarkView(code=Remark.ROWS_UNCONFIRMED, name=", ".join(rows)), *remarks)
    return outcome


def _unconfirmed(promise: Promise, case: Case) -> tuple[str, ...]:
    """The rows of the promise that only a person's word carries, where no word is in force."""
    given = {row for row, word in case.attested.items() if word.due and case.today <= word.due}
    return tuple(row for row in promise.rules if row in confirmed_rows(case.policy) and row not in given)


def speaks_for_another(promise: Promise, text: PublicText | None) -> bool:
    """Whether the policy names another company as the one responsible (Art. 13(1)(a)).

    A copy of the text decides; without one, what was read when the promises were written down.
    """
    other = promise.other_controller
    return other is not None and (text is None or text.says(other))


def _words_weighed(promise: Promise, state: State, remarks: tuple[RemarkView, ...]) -> Outcome:
    """Words that law or fact contradicts are never called kept, and no one is asked to attest them."""
    if "L" in promise.verdict and state is State.KEPT:
        return State.IN_PART, (*remarks, RemarkView(code=Remark.ONLY_WORDS))
    if "L" in promise.verdict and state in (State.ATTEST, State.NOT_TESTED):
        return State.AGAINST_LAW, (*remarks, RemarkView(code=Remark.ONLY_WORDS))
    return state, remarks


def _shown(promise: Promise, case: Case) -> bool:
    """Whether the shop's platforms have shown a kind of record that the promise is judged by."""
    slots = slots_of(case.policy, promise)
    return case.census is not None and any(slot.kind in case.census.known.kinds for slot in slots)


Counts = Sequence[CountView]
Bounds = Sequence[BoundView]


def _rule(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
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
    if not _shown(promise, case):
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


def _scan(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """A promise about what may not be stored at all: the rule, and what detection has found."""
    state, remarks = _rule(promise, case, counts, found)
    census = case.census
    if census is None or not _shown(promise, case):
        return state, remarks
    found_remarks = tuple(_numbers_found(promise, census))
    if _never(promise):
        # The number itself is what was promised never to be stored; other payment data are not.
        return (State.BROKEN if census.known.card_numbers else _looked_at(census)), found_remarks
    wrong = sum(census.without_invoice[field] for field in _by_invoice_alone(promise))
    if wrong or (Field.PAYMENT_DETAILS in promise.fields and census.known.card_numbers):
        asked = _by_invoice_alone(promise)
        numbers = sum(one.records for one in counts if one.field in asked)
        state = State.BROKEN if wrong and wrong == numbers else max(state, State.IN_PART, key=_GRAVITY.index)
    return state, (*found_remarks, *remarks)


_GRAVITY = (State.KEPT, State.NOTHING, State.NOT_TESTED, State.IN_PART, State.NO_RULE, State.ATTEST,
            State.MISSING, State.BROKEN, State.AGAINST_LAW)  # fmt: skip


def _numbers_found(promise: Promise, census: Census) -> Iterator[RemarkView]:
    """What the search for numbers has met, or that it met none."""
    for field in _by_invoice_alone(promise):
        if census.without_invoice[field]:
            count = census.without_invoice[field]
            yield RemarkView(code=Remark.WITHOUT_INVOICE, count=count, fields=(field,))
    if Field.PAYMENT_DETAILS in promise.fields:
        yield _cards(census)


def _cards(census: Census) -> RemarkView:
    """How many records hold a number like a card's; where none does, how many were searched."""
    if census.known.card_numbers:
        return RemarkView(code=Remark.CARD_NUMBERS, count=census.known.card_numbers)
    return RemarkView(code=Remark.NO_CARD_NUMBERS, count=census.records_read)


def _by_invoice_alone(promise: Promise) -> tuple[Field, ...]:
    """Numbers of purchases by invoice alone: a personal number by law, others where it is promised."""
    asked = {Field.PERSONAL_NUMBER} | (NUMBERS if promise.only_with == "invoice" else set())
    return tuple(field for field in promise.fields if field in asked)


def _looked_at(census: Census) -> State:
    """An absence is kept where something has been searched for it."""
    return State.KEPT if census.records_read else State.NOTHING


def _never(promise: Promise) -> bool:
    return promise.latest == "0 days"


def _request(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """A person's request: Gallra counts the days, people answer."""
    legal = deadline(case.today)
    promised = last_day(promise.latest, case.today) if promise.latest else legal.deadline
    day, last = min(promised, legal.deadline), legal.outer_limit
    code = Remark.ANSWER_BY if day < last else Remark.ANSWER_BY_LAW
    return State.ATTEST, (RemarkView(code=code, day=day, other=last),)


def _worklist(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """What a person weeds by hand, with the day before which everything is to be gone."""
    remarks: list[RemarkView] = []
    if not promise.latest:
        remarks.append(RemarkView(code=Remark.OPEN_ENDED))
    else:
        number, unit = promise.latest.split()
        months = int(number) * (12 if unit == "years" else 1)
        remarks.append(RemarkView(code=Remark.BY_HAND_BEFORE, day=add_months(case.today, -months)))
    return State.ATTEST, tuple(remarks)


def _register(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """What the shop's file declares of its company and its recipients."""
    if promise.about == "company":
        return _company(case)
    named = case.settings.recipients.named()
    remarks = []
    for wanted in _spoken_of(promise):
        found_here = {name: one for name, one in named.items() if wanted in (name, one.code)}
        # Only what the policy names, or leaves out where its list is wrong, is missing from the file.
        missed = wanted in promise.names or "L" in promise.verdict
        if missed and not found_here and wanted != PLATFORM:
            remarks.append(RemarkView(code=Remark.NOT_CONFIGURED, name=wanted))
        for name, one in found_here.items():
            more = tuple(field for field in one.sends if field not in promise.fields)
            title = one.title or name
            if promise.about == "shipment" and more:
                remarks.append(RemarkView(code=Remark.SENDS_MORE, name=title, fields=more))
            else:
                remarks.append(RemarkView(code=Remark.DECLARED, name=title, fields=one.sends))
    broken = any(remark.code is Remark.SENDS_MORE for remark in remarks)
    return (State.BROKEN if broken else State.ATTEST), tuple(remarks)


def _spoken_of(promise: Promise) -> tuple[str, ...]:
    """The recipients that the promise names; by code all where its data goes, where it names none."""
    return tuple(name for name in promise.names if name.islower()) or promise.recipients


def _company(case: Case) -> Outcome:
    """Who is responsible must stand in the policy (Art. 13(1)(a)); the shop's file is no evidence of it."""
    company, text = case.settings.company, case.text
    name, number = company.name, company.organisation_number
    if text is not None and name and number and text.says(name) and text.says(number):
        return State.ATTEST, (RemarkView(code=Remark.COMPANY_IN_TEXT, name=name),)
    return State.MISSING, (RemarkView(code=Remark.COMPANY_NOT_IN_TEXT),)


def _of_cards(promise: Promise) -> bool:
    return promise.about == "payment" and Field.PAYMENT_DETAILS in promise.fields


def _attest(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """Only a person's word; what the carrier was told, and what the data contradicts, stands beside it."""
    if case.census and _of_cards(promise):
        state = State.BROKEN if case.census.known.card_numbers else State.ATTEST
        return state, (_cards(case.census),)
    told = case.census.known.told if case.census and promise.about == "shipment" else {}
    named = case.settings.recipients.named()
    remarks = [
        RemarkView(code=Remark.TOLD, name=named[name].title or name, count=count, day=day)
        for name, (count, day) in told.items()
        if name in named and named[name].code in promise.recipients
    ]
    return State.ATTEST, tuple(remarks)


def _text(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """What only the policy's own text shows: its date grows old, and a change of it is to be announced."""
    if promise.clock == "policy_changed":
        return _text_changed(case.text)
    dated = _DAY.search(promise.sv) if promise.clock == "policy_dated" else None
    if dated is None:
        return State.ATTEST, ()
    day = date.fromisoformat(dated.group())
    grown_old = add_months(day, POLICY_GROWS_OLD_MONTHS) < case.today
    code = Remark.OLD_POLICY if grown_old else Remark.POLICY_DATED
    return State.NOT_TESTED, (RemarkView(code=code, day=day),)


def _text_changed(text: PublicText | None) -> Outcome:
    """Whether the text is the one that the promises were read from; what was announced, a person knows."""
    if text is None:
        return State.ATTEST, (RemarkView(code=Remark.TEXT_NOT_GIVEN),)
    if not text.pinned:
        return State.ATTEST, (RemarkView(code=Remark.TEXT_NOT_PINNED, name=text.sha256),)
    if text.changed:
        return State.ATTEST, (RemarkView(code=Remark.TEXT_CHANGED, name=text.sha256),)
    return State.ATTEST, (RemarkView(code=Remark.TEXT_SAME),)


def _own_output(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """That Gallra's own documents hold counts only shows nothing of what else the shop hands out."""
    return State.ATTEST, (RemarkView(code=Remark.OWN_OUTPUT),)


def _wording(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    return State.AGAINST_LAW, (RemarkView(code=Remark.ONLY_WORDS),)


_BY: Mapping[str, Callable[[Promise, Case, Counts, Bounds], Outcome]] = {
    "rule": _rule,
    "scan": _scan,
    "request": _request,
    "worklist": _worklist,
    "own_output": _own_output,
    "text": _text,
    "register": _register,
    "attest": _attest,
    "wording": _wording,
}


def _word_given(promise: Promise, case: Case, state: State) -> Iterator[RemarkView]:
    """Who has confirmed the promise, or the rows that carry it; no one's word makes wrong words true."""
    if "L" in promise.verdict:
        return
    rows = confirmed_rows(case.policy)
    asked = [rule for rule in promise.rules if rule in rows]
    for row in (promise.id, *asked):
        given = case.attested.get(row)
        if given is None or given.on is None or given.due is None:
            continue
        code = Remark.CONFIRMED if case.today <= given.due else Remark.CONFIRM_AGAIN
        yield RemarkView(code=code, name=f"{given.by} ({row})", day=given.on, other=given.due)
    given_any = any(row in case.attested for row in (promise.id, *asked))
    if state is State.ATTEST and not given_any:
        yield RemarkView(code=Remark.TO_CONFIRM, name=promise.id)
