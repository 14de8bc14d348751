"""The state of each promise: from its rules, from the shop's data, from what people have attested."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from connector.records import Field
from connector.registry import descriptions
from connector.report.promises.model import CountView, PromiseView, Remark, RemarkView, State
from connector.settings.promises import Promise
from connector.views.promises.bounds import bounds, slots_of
from connector.views.promises.by_data import by_rules, by_scan
from connector.views.promises.by_word import (
    by_attestation,
    by_own_output,
    by_register,
    by_request,
    by_text,
    by_wording,
    by_worklist,
)
from connector.views.promises.carried import confirmed_rows
from connector.views.promises.case import (
    Bounds,
    Case,
    Counts,
    Outcome,
    by_invoice_alone,
    is_never,
    is_shown,
    of_cards,
)
from connector.views.promises.census import Census
from connector.views.promises.public_text import PublicText


def check(promise: Promise, case: Case) -> PromiseView:
    """One promise with its state, its counts, both bounds and what should be written instead."""
    slots = slots_of(case.policy, promise)
    counts = case.census.views(slots) if case.census and is_shown(promise, case) else ()
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
        remarks=(*remarks, *_shown_by_orders(promise, case), *_word_given(promise, case, state)),
        advice_sv=promise.advice.sv if promise.advice else "",
        advice_en=promise.advice.en if promise.advice else "",
    )


def _shown_by_orders(promise: Promise, case: Case) -> Iterator[RemarkView]:
    """The recipients that orders show, of the same kind as one that this promise names and not that one."""
    known = descriptions()
    codes = {known[name].code for name in promise.names if name in known}
    for name, count in (case.census.known.shown if case.census else {}).items():
        if name in known and known[name].code in codes and name not in promise.names:
            yield RemarkView(code=Remark.SHOWN_BY_ORDERS, name=known[name].title, count=count)


def _evidence(promise: Promise, case: Case, counts: Sequence[CountView]) -> int:
    """How many records of the shop were read and held against this promise."""
    if case.census is None:
        return 0
    if promise.how not in ("rule", "scan"):
        return case.census.known.card_numbers if of_cards(promise) and promise.how == "attest" else 0
    if promise.how == "scan" and is_never(promise) and is_shown(promise, case):
        return case.census.records_read
    return sum(one.records for one in counts) or _numbers_met(promise, case.census)


def _numbers_met(promise: Promise, census: Census) -> int:
    """How many records hold a number that the promise leaves out."""
    if promise.how != "scan":
        return 0
    cards = census.known.card_numbers if Field.PAYMENT_DETAILS in promise.fields else 0
    return cards + sum(census.without_invoice[field] for field in by_invoice_alone(promise))


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


_BY: Mapping[str, Callable[[Promise, Case, Counts, Bounds], Outcome]] = {
    "rule": by_rules,
    "scan": by_scan,
    "request": by_request,
    "worklist": by_worklist,
    "own_output": by_own_output,
    "text": by_text,
    "register": by_register,
    "attest": by_attestation,
    "wording": by_wording,
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
