"""A promise that no data proves: what people do and attest, and what a file or a text shows beside it."""

import re
from collections.abc import Iterator
from datetime import date

from connector.about.tables import Recipient
from connector.calendar import add_months, deadline
from connector.report.promises.model import Remark, RemarkView, State
from connector.settings.promises import Promise
from connector.views.promises.bounds import last_day
from connector.views.promises.carried import PLATFORM
from connector.views.promises.case import (
    Bounds,
    Case,
    Counts,
    Outcome,
    cards_found,
    of_cards,
)
from connector.views.promises.public_text import PublicText

POLICY_GROWS_OLD_MONTHS = 24
"""A privacy policy older than this is to be read again (promise S4-01)."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def by_request(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """A person's request: Gallra counts the days, people answer."""
    legal = deadline(case.today)
    promised = last_day(promise.latest, case.today) if promise.latest else legal.deadline
    day, last = min(promised, legal.deadline), legal.outer_limit
    code = Remark.ANSWER_BY if day < last else Remark.ANSWER_BY_LAW
    return State.ATTEST, (RemarkView(code=code, day=day, other=last),)


def by_worklist(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """What a person weeds by hand, with the day before which everything is to be gone."""
    remarks: list[RemarkView] = []
    if not promise.latest:
        remarks.append(RemarkView(code=Remark.OPEN_ENDED))
    else:
        number, unit = promise.latest.split()
        months = int(number) * (12 if unit == "years" else 1)
        remarks.append(RemarkView(code=Remark.BY_HAND_BEFORE, day=add_months(case.today, -months)))
    return State.ATTEST, tuple(remarks)


def by_register(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
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
                said = Remark.DECLARED if one.sends else Remark.SENDS_UNSAID
                remarks.append(RemarkView(code=said, name=title, fields=one.sends))
            if promise.about == "recipient":
                remarks += _papers(title, one)
    broken = any(remark.code is Remark.SENDS_MORE for remark in remarks)
    return (State.BROKEN if broken else State.ATTEST), tuple(remarks)


def _papers(title: str, one: Recipient) -> Iterator[RemarkView]:
    """The agreement with whoever works for the shop (Art. 28(3)), and what last showed that it is kept to."""
    if one.role == "processor":
        code = Remark.AGREED if one.agreement else Remark.NO_AGREEMENT
        yield RemarkView(code=code, name=title, day=one.agreement)
    if one.evidence:
        yield RemarkView(code=Remark.EVIDENCE, name=f"{title}: {one.evidence}", day=one.evidence_on)


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


def by_attestation(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """Only a person's word; what the carrier was told, and what the data contradicts, stands beside it."""
    if case.census and of_cards(promise):
        state = State.BROKEN if case.census.known.card_numbers else State.ATTEST
        return state, (cards_found(case.census),)
    told = case.census.known.told if case.census and promise.about == "shipment" else {}
    named = case.settings.recipients.named()
    remarks = [
        RemarkView(code=Remark.TOLD, name=named[name].title or name, count=count, day=day)
        for name, (count, day) in told.items()
        if name in named and named[name].code in promise.recipients
    ]
    if promise.about == "recipient":
        for name, one in named.items():
            if one.code in promise.recipients or name in promise.names:
                remarks += _papers(one.title or name, one)
    return State.ATTEST, tuple(remarks)


def by_text(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
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


def by_own_output(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """That Gallra's own documents hold counts only shows nothing of what else the shop hands out."""
    return State.ATTEST, (RemarkView(code=Remark.OWN_OUTPUT),)


def by_wording(promise: Promise, case: Case, counts: Counts, found: Bounds) -> Outcome:
    """Words that law or fact contradicts, whatever the data shows."""
    return State.AGAINST_LAW, (RemarkView(code=Remark.ONLY_WORDS),)
