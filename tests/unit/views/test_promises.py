"""Promises against rules and data: both bounds, the census, and the state of each promise."""

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from connector.policy import FinancialYears, Policy, ShopContext, decide, load_policy
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, to_bits
from connector.report.promises.model import PromiseView, Remark, RemarkView, State
from connector.report.shared import AttestedView
from connector.settings import Settings, load_settings
from connector.settings.promises import Promise, load_promises
from connector.views.promises.bounds import bounds, dated, last_day, of_use, slots_of
from connector.views.promises.case import Case
from connector.views.promises.census import Census, Known, census_of
from connector.views.promises.check import check
from connector.views.promises.public_text import PublicText
from tests.support import REPOSITORY

TODAY = date(2026, 11, 22)
CONTEXT = ShopContext(
    financial_years=FinancialYears.ending("12-31", 2005, 2045), oss=((date(2021, 7, 1), None),)
)
POLICY = load_policy("swedish-webshop", context=CONTEXT)
PAID = {"status": "completed", "has_transaction": True, "payment": "card"}


def promise(text: str) -> Promise:
    head = 'id = "S9-01"\nsv = "ett löfte"\nen = "a promise"\n'
    given = tomllib.loads(head + text)
    return Promise.model_validate({"verdict": ["E"], "about": "order", "how": "rule", **given})


def policy(**periods: str) -> Policy:
    """The preset with other periods: `T_34="0 days"`."""
    rules = {name.replace("_", "-"): {"period": period} for name, period in periods.items()}
    return load_policy("swedish-webshop", context=CONTEXT, overrides=rules)


def order(day: date, *fields: Field, **facts: object) -> Record:
    values = {"created": day, "paid": day, "delivered": day, **PAID, **facts}
    return record(Kind.ORDER, *fields, **values)


def record(kind: Kind, *fields: Field, **facts: object) -> Record:
    return Record(
        ref=Ref(adapter="shop", kind=kind, id="1"),
        version="",
        facts=Facts(**facts),  # type: ignore[arg-type]
        present=to_bits(fields),
    )


def census(own: Promise, records: Sequence[Record], bound: Policy = POLICY, **known: Any) -> Census:
    return taken_of((own,), records, Known(kinds=frozenset(Kind), **known), bound)


def taken_of(
    promises: Sequence[Promise], records: Sequence[Record], known: Known, bound: Policy = POLICY
) -> Census:
    decided = [(one, decide(one, bound, today=TODAY)) for one in records]
    return census_of(bound, promises, decided=decided, today=TODAY, known=known)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return shop(tmp_path, "")


def shop(folder: Path, text: str) -> Settings:
    path = folder / "shop.toml"
    path.write_text('[shop]\nid = "x"\nname = "X"\n' + text, encoding="utf-8")
    return load_settings(path, environ={}, today=TODAY)


def judged(
    own: Promise, settings: Settings, records: Sequence[Record] | None, bound: Policy = POLICY
) -> PromiseView:
    taken = None if records is None else census(own, records, bound)
    return check(own, Case(settings=settings, policy=bound, today=TODAY, census=taken))


def remarks(view: PromiseView) -> dict[Remark, RemarkView]:
    return {one.code: one for one in view.remarks}


TEN_YEARS = 'rules = ["T-01"]\nfields = ["name"]\nclock = "created"\nlatest = "10 years"\n'
PHONE = 'rules = ["T-03"]\nfields = ["phone"]\nclock = "delivered"\n'
THREE_YEARS = 'rules = ["T-01"]\nfields = ["name"]\nclock = "created"\nlatest = "36 months"\n'


# Periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latest", "on", "expected"),
    [
        ("10 years", date(2016, 2, 29), date(2026, 2, 28)),
        ("36 months", date(2024, 8, 31), date(2027, 8, 31)),
        ("0 days", date(2026, 3, 1), date(2026, 3, 1)),
        ("30 days", date(2026, 2, 1), date(2026, 3, 3)),
        ("2 weekdays", date(2026, 11, 20), date(2026, 11, 24)),
        ("2 weekdays", date(2026, 4, 2), date(2026, 4, 8)),
        ("1 weekdays", date(2026, 12, 30), date(2026, 12, 31)),
    ],
)
def test_a_promised_period_ends_on_this_day(latest: str, on: date, expected: date) -> None:
    assert last_day(latest, on) == expected


def test_a_promise_about_the_day_a_record_is_made_is_about_use() -> None:
    assert of_use(promise('clock = "created"\nlatest = "0 days"\n'))
    assert not of_use(promise('clock = "unsubscribed"\nlatest = "0 days"\n'))


@pytest.mark.parametrize("clock", ["visit_ended", "policy_dated", "received"])
def test_a_promise_of_a_clock_that_no_record_shows_has_no_bound(clock: str) -> None:
    assert not dated(promise(f'clock = "{clock}"\nlatest = "30 days"\n'))


# What is counted ------------------------------------------------------------------------------


def test_a_promise_is_judged_by_the_fields_that_its_rules_govern() -> None:
    own = promise('rules = ["T-01", "T-03"]\nfields = ["name", "email"]\n')
    assert [slot.field for slot in slots_of(POLICY, own)] == [Field.NAME]


def test_a_promise_that_names_none_of_its_rules_fields_is_judged_by_all_of_them() -> None:
    own = promise('about = "customer"\nrules = ["T-22"]\nfields = ["account"]\n')
    assert {slot.field for slot in slots_of(POLICY, own)} == {
        Field.TAGS,
        Field.CUSTOM,
        Field.CUSTOMER_NOTE,
        Field.STAFF_NOTES,
    }


def test_a_promise_about_a_person_is_judged_by_rules_of_orders_where_it_names_no_others() -> None:
    own = promise('about = "customer"\nrules = ["T-16"]\nfields = ["account"]\n')
    assert [(slot.kind, slot.field) for slot in slots_of(POLICY, own)] == [(Kind.ORDER, Field.ACCOUNT)]


@pytest.mark.parametrize("how", ["attest", "register", "request", "text", "wording", "own_output"])
def test_what_no_rule_carries_is_not_counted(how: str) -> None:
    assert slots_of(POLICY, promise(f'how = "{how}"\nrules = ["T-01"]\n')) == ()


def test_a_field_within_its_promise_is_counted_so() -> None:
    own = promise(TEN_YEARS)
    taken = census(own, [order(date(2020, 5, 1), Field.NAME)])
    (view,) = taken.views(slots_of(POLICY, own))
    assert (view.records, view.within, view.over) == (1, 1, 0)


def test_a_field_kept_longer_than_promised_is_counted_with_its_oldest_date() -> None:
    own = promise('rules = ["T-02"]\nfields = ["email"]\nclock = "created"\nlatest = "10 years"\n')
    found = [order(date(year, 5, 1), Field.EMAIL) for year in (2014, 2013, 2025)]
    (view,) = census(own, found).views(slots_of(POLICY, own))
    assert (view.records, view.over, view.oldest) == (3, 2, date(2013, 5, 1))


def test_the_law_is_named_where_it_keeps_a_field_longer_than_promised() -> None:
    own = promise(THREE_YEARS)
    (view,) = census(own, [order(date(2022, 5, 1), Field.NAME)]).views(slots_of(POLICY, own))
    assert (view.by_law, view.over) == (1, 0)


def test_a_field_that_the_law_will_keep_longer_than_promised_is_seen_before_it_happens() -> None:
    own = promise(THREE_YEARS)
    (view,) = census(own, [order(date(2026, 5, 1), Field.NAME)]).views(slots_of(POLICY, own))
    assert (view.within, view.law_ahead) == (1, 1)


def test_a_hold_is_told_apart_from_over_retention() -> None:
    own = promise('rules = ["T-02"]\nfields = ["email"]\nclock = "created"\nlatest = "10 years"\n')
    held = order(date(2013, 5, 1), Field.EMAIL, holds=(HoldId.LEGAL_CLAIM,))
    (view,) = census(own, [held]).views(slots_of(POLICY, own))
    assert (view.held, view.over) == (1, 0)


def test_an_undated_promise_allows_what_the_rule_and_its_slack_allow() -> None:
    own = promise(PHONE)
    in_time, late = order(date(2026, 7, 25), Field.PHONE), order(date(2026, 7, 20), Field.PHONE)
    (view,) = census(own, [in_time, late]).views(slots_of(POLICY, own))
    assert (view.within, view.over) == (1, 1)


def test_a_field_without_an_end_is_counted_with_its_reason() -> None:
    own = promise('rules = ["T-03"]\nfields = ["phone"]\n')
    undated = record(Kind.ORDER, Field.PHONE, **PAID)
    taken = census(own, [undated])
    assert taken.reasons(slots_of(POLICY, own)) == [("clock_unknown", 1)]


def test_the_link_to_a_living_account_is_no_lack_of_an_end() -> None:
    from connector.records import SubjectFacts

    own = promise('about = "order"\nrules = ["T-16"]\nfields = ["account"]\n')
    linked = order(date(2015, 5, 1), Field.ACCOUNT, subject=SubjectFacts(has_account=True))
    (view,) = census(own, [linked]).views(slots_of(POLICY, own))
    assert (view.within, view.endless) == (1, 0)


TWO_YEARS_IDLE = 'clock = "last_activity"\nlatest = "24 months"\n'
ACCOUNT = 'about = "customer"\nrules = ["T-20"]\n'


@pytest.mark.parametrize(
    ("dated", "last_purchase", "within", "endless"),
    [("", date(2015, 5, 1), 1, 0), (TWO_YEARS_IDLE, date(2015, 5, 1), 0, 1), (TWO_YEARS_IDLE, TODAY, 0, 1)],
)
def test_an_account_that_gets_the_newsletter_is_over_no_time(
    dated: str, last_purchase: date, within: int, endless: int
) -> None:
    own = promise(ACCOUNT + dated)
    kept = record(Kind.CUSTOMER, Field.ACCOUNT, last_purchase=last_purchase, subscribes=True)
    taken = census(own, [kept])
    (view,) = taken.views(slots_of(POLICY, own))
    assert (view.within, view.endless, view.over) == (within, endless, 0)
    assert taken.reasons(slots_of(POLICY, own)) == ([("subscribes", 1)] if endless else [])


def test_an_account_that_gets_no_newsletter_is_over_its_promised_time() -> None:
    own = promise(ACCOUNT + TWO_YEARS_IDLE)
    taken = census(own, [record(Kind.CUSTOMER, Field.ACCOUNT, last_purchase=date(2015, 5, 1))])
    (view,) = taken.views(slots_of(POLICY, own))
    assert (view.endless, view.over) == (0, 1)


def test_a_whole_record_counts_under_the_rule_that_takes_it() -> None:
    own = promise('about = "subscriber"\nrules = ["T-34"]\nclock = "unsubscribed"\nlatest = "30 days"\n')
    gone = record(Kind.SUBSCRIBER, Field.EMAIL, unsubscribed=date(2026, 1, 5))
    lives = record(Kind.SUBSCRIBER, Field.EMAIL, basis="consent", subscribed=date(2026, 1, 5))
    (view,) = census(own, [gone, lives]).views(slots_of(POLICY, own))
    assert (view.records, view.over) == (1, 1)


# Both bounds ----------------------------------------------------------------------------------


def test_ten_years_are_later_than_the_books_ask_of_a_name() -> None:
    (bound,) = bounds(POLICY, promise(TEN_YEARS), TODAY)
    assert bound.law is not None
    assert bound.floor == "F1"
    assert not bound.law_is_later
    assert not bound.rule_is_later


def test_ten_years_are_too_short_for_the_address_of_a_sale_under_oss() -> None:
    own = promise('rules = ["T-04"]\nfields = ["shipping_address"]\nclock = "created"\nlatest = "10 years"\n')
    (bound,) = bounds(POLICY, own, TODAY)
    assert (bound.case, bound.floor) == ("oss", "F2")
    assert bound.law_is_later


def test_a_shop_never_under_oss_has_no_such_bound() -> None:
    domestic = load_policy("swedish-webshop", context=ShopContext(financial_years=CONTEXT.financial_years))
    own = promise('rules = ["T-04"]\nfields = ["shipping_address"]\nclock = "created"\nlatest = "10 years"\n')
    (bound,) = bounds(domestic, own, TODAY)
    assert not bound.law_is_later


def test_a_rule_that_waits_longer_than_promised_is_seen() -> None:
    own = promise('about = "subscriber"\nrules = ["T-34"]\nclock = "unsubscribed"\nlatest = "30 days"\n')
    (by_preset,) = bounds(POLICY, own, TODAY)
    (at_once,) = bounds(load(slack=28), own, TODAY)
    assert by_preset.rule_is_later
    assert not at_once.rule_is_later


def load(*, slack: int) -> Policy:
    from msgspec.structs import replace

    context = replace(CONTEXT, run_slack_days=slack)
    return load_policy("swedish-webshop", context=context, overrides={"T-34": {"period": "0 days"}})


# The state of a promise -----------------------------------------------------------------------


def test_a_promise_that_every_record_keeps_is_kept(settings: Settings) -> None:
    view = judged(promise(TEN_YEARS), settings, [order(date(2020, 5, 1), Field.NAME)])
    assert view.state is State.KEPT


def test_a_promise_that_some_records_break_is_kept_in_part_with_count_and_date(settings: Settings) -> None:
    own = promise(PHONE)
    found = [order(date(2026, 11, 1), Field.PHONE), order(date(2019, 1, 1), Field.PHONE)]
    view = judged(own, settings, found)
    over = remarks(view)[Remark.OVER_RETENTION]
    assert view.state is State.IN_PART
    assert (over.count, over.day, over.fields) == (1, date(2019, 1, 1), (Field.PHONE,))


def test_a_promise_that_every_record_breaks_is_broken(settings: Settings) -> None:
    view = judged(promise(PHONE), settings, [order(date(2019, 1, 1), Field.PHONE)])
    assert view.state is State.BROKEN


def test_a_promise_shorter_than_the_law_is_against_it_and_the_law_wins(settings: Settings) -> None:
    view = judged(promise(THREE_YEARS), settings, [order(date(2022, 5, 1), Field.NAME)])
    assert view.state is State.AGAINST_LAW
    assert remarks(view)[Remark.LAW_WINS].count == 1


def test_a_promise_that_a_rule_will_break_is_not_called_kept(settings: Settings) -> None:
    own = promise('rules = ["T-03"]\nfields = ["phone"]\nclock = "delivered"\nlatest = "90 days"\n')
    view = judged(own, settings, [order(date(2026, 11, 1), Field.PHONE)])
    assert view.state is State.IN_PART
    assert Remark.WILL_BE_LATE in remarks(view)


def test_a_promise_without_a_time_says_that_the_policy_leaves_it_open(settings: Settings) -> None:
    assert Remark.OPEN_ENDED in remarks(judged(promise(PHONE), settings, []))


def test_a_promise_about_nothing_that_is_held_has_nothing_to_check(settings: Settings) -> None:
    view = judged(promise(PHONE), settings, [])
    assert view.state is State.NOTHING
    assert Remark.NOTHING_HELD in remarks(view)


def test_a_promise_whose_only_rule_is_off_has_no_rule(settings: Settings) -> None:
    view = judged(promise('about = "subscriber"\nrules = ["T-30"]\n'), settings, [])
    assert view.state is State.NO_RULE
    assert remarks(view)[Remark.RULE_OFF].name == "T-30"


def test_a_promise_with_one_of_its_rules_off_is_at_most_kept_in_part(settings: Settings) -> None:
    own = promise('rules = ["T-03", "T-30"]\nfields = ["phone"]\n')
    read = [order(date(2026, 11, 1), Field.PHONE)]
    assert judged(own, settings, read).state is State.IN_PART
    assert judged(own, settings, []).state is State.NOT_TESTED


def test_a_promise_without_any_rule_has_none(settings: Settings) -> None:
    assert judged(promise(""), settings, []).state is State.NO_RULE


def test_a_promise_that_only_attested_rows_carry_is_to_be_attested(settings: Settings) -> None:
    view = judged(promise('about = "subscriber"\nrules = ["T-39"]\n'), settings, [])
    assert view.state is State.ATTEST


def test_a_promise_about_records_that_no_platform_shows_is_to_be_attested(settings: Settings) -> None:
    own = promise('about = "cart"\nrules = ["T-50"]\n')
    taken = taken_of((own,), (), Known(kinds=frozenset({Kind.ORDER})))
    view = check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken))
    assert view.state is State.ATTEST
    assert remarks(view)[Remark.NOT_SHOWN].kind is Kind.CART


def test_words_that_are_wrong_are_never_called_kept(settings: Settings) -> None:
    own = promise(TEN_YEARS).model_copy(update={"verdict": ("P", "L")})
    view = judged(own, settings, [order(date(2020, 5, 1), Field.NAME)])
    assert view.state is State.IN_PART
    assert Remark.ONLY_WORDS in remarks(view)


def test_nobody_is_asked_to_attest_words_that_are_simply_wrong(settings: Settings) -> None:
    own = promise('how = "register"\nabout = "recipient"\n').model_copy(update={"verdict": ("L",)})
    view = judged(own, settings, None)
    assert view.state is State.AGAINST_LAW
    assert Remark.TO_CONFIRM not in remarks(view)


def test_a_promise_that_only_words_can_mend_is_against_law_or_fact(settings: Settings) -> None:
    assert judged(promise('how = "wording"\n'), settings, []).state is State.AGAINST_LAW


# Without data ---------------------------------------------------------------------------------


def test_without_data_a_ruled_promise_is_neither_kept_nor_broken(settings: Settings) -> None:
    view = judged(promise(TEN_YEARS), settings, None)
    assert view.state is State.NOT_TESTED
    assert view.counts == ()


def test_without_data_the_law_is_still_held_against_the_promise(settings: Settings) -> None:
    view = judged(promise(THREE_YEARS), settings, None)
    forbidden = remarks(view)[Remark.LAW_FORBIDS]
    assert view.state is State.AGAINST_LAW
    assert forbidden.other is not None
    assert forbidden.day is not None
    assert forbidden.other > forbidden.day


def test_without_data_a_rule_that_is_later_than_the_promise_is_told_of(settings: Settings) -> None:
    own = promise('rules = ["T-03"]\nfields = ["phone"]\nclock = "delivered"\nlatest = "90 days"\n')
    view = judged(own, settings, None)
    assert view.state is State.NOT_TESTED
    assert Remark.RULE_LATER in remarks(view)


# What detection finds -------------------------------------------------------------------------


NUMBERS = 'how = "scan"\nrules = ["T-08"]\nfields = ["personal_number"]\n'


def test_a_personal_number_paid_by_invoice_is_as_promised(settings: Settings) -> None:
    own = order(date(2026, 11, 20), Field.PERSONAL_NUMBER, payment="invoice")
    view = judged(promise(NUMBERS), settings, [own])
    assert view.state is State.KEPT


def test_a_personal_number_without_an_invoice_is_counted(settings: Settings) -> None:
    found = [
        order(date(2026, 11, 20), Field.PERSONAL_NUMBER, payment="invoice"),
        order(date(2026, 11, 20), Field.PERSONAL_NUMBER),
    ]
    view = judged(promise(NUMBERS), settings, found)
    assert view.state is State.IN_PART
    assert remarks(view)[Remark.WITHOUT_INVOICE].count == 1


CARDS = (
    'about = "payment"\nhow = "scan"\nrules = ["T-12"]\nfields = ["payment_details"]\n'
    'clock = "paid"\nlatest = "0 days"\n'
)


@pytest.mark.parametrize(("found", "state"), [(0, State.KEPT), (3, State.BROKEN)])
def test_card_numbers_promised_never_to_be_stored_are_looked_for(
    settings: Settings, found: int, state: State
) -> None:
    own = promise(CARDS)
    taken = census(own, [order(date(2026, 1, 20), Field.PAYMENT_DETAILS)], card_numbers=found)
    view = check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken))
    assert view.state is state


def test_where_no_record_was_searched_no_card_number_is_said_to_be_absent(settings: Settings) -> None:
    assert judged(promise(CARDS), settings, []).state is State.NOTHING


def test_cards_not_found_keep_no_promise_about_something_else(settings: Settings) -> None:
    own = promise('about = "payment"\nhow = "scan"\nrules = ["T-12"]\nfields = ["payment_details"]\n')
    assert judged(own, settings, [order(date(2026, 1, 20), Field.NAME)]).state is State.NOTHING


def test_an_organisation_number_without_an_invoice_is_counted_where_the_policy_says_so(
    settings: Settings,
) -> None:
    text = 'how = "scan"\nrules = ["T-06"]\nfields = ["organisation_number"]\n'
    found = [
        order(date(2026, 11, 20), Field.ORGANISATION_NUMBER, payment="invoice"),
        order(date(2026, 11, 20), Field.ORGANISATION_NUMBER, payment="card"),
    ]
    said = judged(promise(text + 'only_with = "invoice"\n'), settings, found)
    unsaid = judged(promise(text), settings, found)
    assert said.state is State.IN_PART
    assert remarks(said)[Remark.WITHOUT_INVOICE].count == 1
    assert Remark.WITHOUT_INVOICE not in remarks(unsaid)


STORED_ELSEWHERE = 'about = "payment"\nhow = "attest"\nfields = ["payment_details"]\nverdict = ["P"]\n'


@pytest.mark.parametrize(("found", "state"), [(0, State.ATTEST), (2, State.BROKEN)])
def test_card_numbers_not_found_do_not_show_that_they_are_safe_elsewhere(
    settings: Settings, found: int, state: State
) -> None:
    own = promise(STORED_ELSEWHERE)
    taken = census(own, [order(date(2026, 1, 20), Field.PAYMENT_DETAILS)], card_numbers=found)
    assert check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken)).state is state


def test_gallra_s_own_documents_keep_no_promise_of_the_shop_s(settings: Settings) -> None:
    own = promise('about = "statistics"\nhow = "own_output"\n')
    assert judged(own, settings, [order(date(2026, 1, 20), Field.NAME)]).state is State.ATTEST


@pytest.mark.parametrize(
    "unsure",
    [
        RemarkView(code=Remark.READ_IN_PART, kind=Kind.ORDER, count=3),
        RemarkView(code=Remark.READ_LONG_AGO, kind=Kind.ORDER, day=date(2025, 1, 1)),
    ],
)
def test_a_promise_about_records_not_wholly_or_not_lately_read_is_not_tested(
    settings: Settings, unsure: RemarkView
) -> None:
    own = promise(TEN_YEARS)
    taken = census(own, [order(date(2020, 5, 1), Field.NAME)], unsure={Kind.ORDER: unsure})
    view = check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken))
    assert view.state is State.NOT_TESTED
    assert unsure.code in remarks(view)


def test_a_promise_that_data_and_a_person_s_word_carry_is_kept_only_with_both(settings: Settings) -> None:
    own = promise(TEN_YEARS.replace('["T-01"]', '["T-01", "T-11"]'))
    taken = census(own, [order(date(2020, 5, 1), Field.NAME)])
    word = AttestedView(row="T-11", by="Disa Demo", role="owner", on=TODAY, due=date(2027, 11, 22))
    without = check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken))
    case = Case(settings=settings, policy=POLICY, today=TODAY, census=taken, attested={"T-11": word})
    assert without.state is State.IN_PART
    assert remarks(without)[Remark.ROWS_UNCONFIRMED].name == "T-11"
    assert check(own, case).state is State.KEPT


# Nothing is kept by nothing -------------------------------------------------------------------


EVERY = [
    promise
    for path in sorted((REPOSITORY / "config" / "promises").glob("*.toml"))
    for promise in load_promises(path)
]
COMPANY = (
    '[company]\nname = "X AB"\norganisation_number = "556677-8899"\ncontact = "dataskydd@x.example"\n'
    '[recipients.postnord]\nsends = ["name"]\n[recipients.klarna]\n[recipients.payson]\n'
)
DAYS = st.dates(date(2012, 1, 1), TODAY)
FIELDS = st.lists(st.sampled_from(sorted(Field)), unique=True, max_size=6)
ANY_RECORD = st.builds(
    lambda kind, fields, day, payment: record(
        kind, *fields, created=day, paid=day, delivered=day, **{**PAID, "payment": payment}
    ),
    st.sampled_from([Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER]),
    FIELDS,
    DAYS,
    st.sampled_from(["", "invoice", "card", "other"]),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shop(tmp_path_factory.mktemp("filled"), COMPANY)


@given(records=st.lists(ANY_RECORD, max_size=4), read=st.booleans(), cards=st.integers(0, 2))
@settings_of(max_examples=25, deadline=None)
def test_no_promise_is_kept_even_in_part_without_a_count_of_something_read(
    filled: Settings, records: list[Record], read: bool, cards: int
) -> None:
    taken = None
    if read:
        taken = taken_of(EVERY, records, Known(kinds=frozenset(Kind), card_numbers=cards))
    text = PublicText(text="X AB 556677-8899", sha256="a", pinned="a")
    case = Case(settings=filled, policy=POLICY, today=TODAY, census=taken, text=text)
    # The bounds are the same in every example, and only ever make a state worse.
    with patch("connector.views.promises.check.bounds", return_value=()):
        views = [check(one, case) for one in EVERY]
    for view in views:
        counted = sum(one.records for one in view.counts)
        if view.state is State.IN_PART:
            assert view.evidence > 0, view.id
        if view.state is State.KEPT:
            assert records, view.id
            assert 0 < view.evidence <= max(counted, len(records)), view.id


# The register ---------------------------------------------------------------------------------


SHIPMENT = (
    'about = "shipment"\nhow = "register"\nnames = ["postnord"]\nrecipients = ["PN"]\n'
    'fields = ["name", "shipping_address", "phone"]\n'
)


@pytest.mark.parametrize(
    ("sends", "state"), [('"name", "phone"', State.ATTEST), ('"name", "email"', State.BROKEN)]
)
def test_a_recipient_that_is_sent_more_than_promised_breaks_the_promise(
    tmp_path: Path, sends: str, state: State
) -> None:
    settings = shop(tmp_path, f"[recipients.postnord]\nsends = [{sends}]\n")
    assert judged(promise(SHIPMENT), settings, None).state is state


def test_a_promise_that_names_one_recipient_is_judged_by_that_one_alone(tmp_path: Path) -> None:
    own = promise('about = "payment"\nhow = "register"\nnames = ["payson"]\nrecipients = ["PA"]\n')
    other = '[recipients.mondido]\ntitle = "Mondido"\ncode = "PA"\nrole = "processor"\nsends = ["name"]\n'
    view = judged(own, shop(tmp_path, f'[recipients.payson]\nsends = ["email"]\n{other}'), None)
    assert [one.fields for one in view.remarks if one.code is Remark.DECLARED] == [(Field.EMAIL,)]


def test_a_recipient_whose_data_the_file_leaves_unsaid_is_not_told_to_get_the_whole_record(
    tmp_path: Path,
) -> None:
    view = judged(promise(SHIPMENT), shop(tmp_path, '[recipients.postnord]\naddress = "Box 1"\n'), None)
    assert Remark.SENDS_UNSAID in remarks(view)
    assert Remark.DECLARED not in remarks(view)


def test_a_recipient_that_the_file_lacks_is_told_of(settings: Settings) -> None:
    assert remarks(judged(promise(SHIPMENT), settings, None))[Remark.NOT_CONFIGURED].name == "postnord"


def test_a_recipient_that_no_one_named_is_not_missed(settings: Settings) -> None:
    own = promise('about = "recipient"\nhow = "register"\nrecipients = ["KL"]\n')
    assert Remark.NOT_CONFIGURED not in remarks(judged(own, settings, None))


PARTNERS = """
[recipients.mailchimp]
agreement = 2025-03-01
evidence = "answer to letter MC-2026-11"
evidence_on = 2026-11-20
[recipients.hotjar]
[recipients.klarna]
"""


@pytest.mark.parametrize("how", ["attest", "register"])
def test_a_promise_about_partners_tells_of_each_agreement_and_of_what_last_showed_that_it_is_kept(
    tmp_path: Path, how: str
) -> None:
    own = promise(f'about = "recipient"\nhow = "{how}"\nrecipients = ["MC", "AN", "KL"]\n')
    view = judged(own, shop(tmp_path, PARTNERS), None)
    told = {(one.code, one.name, one.day) for one in view.remarks}
    assert (Remark.AGREED, "Mailchimp", date(2025, 3, 1)) in told
    assert (Remark.NO_AGREEMENT, "Hotjar", None) in told
    assert (Remark.EVIDENCE, "Mailchimp: answer to letter MC-2026-11", date(2026, 11, 20)) in told
    assert not {one.code for one in view.remarks if one.name == "Klarna Bank AB"} & {
        Remark.AGREED, Remark.NO_AGREEMENT
    }  # fmt: skip


def test_a_company_that_the_shop_s_file_names_is_still_missing_in_the_policy_s_text(tmp_path: Path) -> None:
    own = promise('about = "company"\nhow = "register"\n')
    bare = judged(own, shop(tmp_path, ""), None)
    company = (
        '[company]\nname = "X AB"\norganisation_number = "556677-8899"\ncontact = "dataskydd@x.example"\n'
    )
    full = judged(own, shop(tmp_path, company), None)
    assert (bare.state, full.state) == (State.MISSING, State.MISSING)
    assert Remark.COMPANY_NOT_IN_TEXT in remarks(full)


def test_a_copy_of_the_text_that_names_the_company_is_for_a_person_to_confirm(tmp_path: Path) -> None:
    own = promise('about = "company"\nhow = "register"\n')
    company = '[company]\nname = "X AB"\norganisation_number = "556677-8899"\n'
    text = PublicText(text="X AB, 556677-8899", sha256="a")
    case = Case(settings=shop(tmp_path, company), policy=POLICY, today=TODAY, text=text)
    view = check(own, case)
    assert view.state is State.ATTEST
    assert Remark.COMPANY_IN_TEXT in remarks(view)


# Requests, worklists and people's words -------------------------------------------------------


def test_a_request_is_to_be_answered_by_the_promise_or_the_law_whichever_comes_first(
    settings: Settings,
) -> None:
    quick = promise('about = "request"\nhow = "request"\nlatest = "2 weekdays"\n')
    slow = promise('about = "request"\nhow = "request"\nlatest = "3 months"\n')
    assert remarks(judged(quick, settings, None))[Remark.ANSWER_BY].day == date(2026, 11, 24)
    assert remarks(judged(slow, settings, None))[Remark.ANSWER_BY_LAW].day == date(2026, 12, 22)


def test_a_worklist_names_the_day_before_which_all_is_to_be_gone(settings: Settings) -> None:
    own = promise(
        'about = "support_message"\nhow = "worklist"\nrules = ["T-60"]\nclock = "message_date"\n'
        'latest = "36 months"\n'
    )
    assert remarks(judged(own, settings, None))[Remark.BY_HAND_BEFORE].day == date(2023, 11, 22)


def test_a_policy_grows_old_after_two_years(settings: Settings) -> None:
    text = 'about = "policy"\nhow = "text"\nclock = "policy_dated"\nsv = "Policyn är daterad {}"\n'
    old, young = (
        Promise.model_validate(
            {"id": "S9-01", "en": "x", "verdict": ["E"], **tomllib.loads(text.format(day))}
        )
        for day in ("2024-11-21", "2024-11-22")
    )
    views = [judged(one, settings, None) for one in (old, young)]
    assert [view.state for view in views] == [State.NOT_TESTED, State.NOT_TESTED]
    assert [list(remarks(view)) for view in views] == [[Remark.OLD_POLICY], [Remark.POLICY_DATED]]


ANNOUNCED = 'about = "policy"\nhow = "text"\nclock = "policy_changed"\n'


@pytest.mark.parametrize(
    ("pinned", "state", "code"),
    [
        ("", State.ATTEST, Remark.TEXT_NOT_PINNED),
        ("a", State.ATTEST, Remark.TEXT_SAME),
        ("b", State.ATTEST, Remark.TEXT_CHANGED),
    ],
)
def test_a_change_of_the_policy_s_text_is_an_alert(
    settings: Settings, pinned: str, state: State, code: Remark
) -> None:
    text = PublicText(text="x", sha256="a", pinned=pinned)
    view = check(promise(ANNOUNCED), Case(settings=settings, policy=POLICY, today=TODAY, text=text))
    assert view.state is state
    assert code in remarks(view)


def test_without_a_copy_of_the_text_the_report_says_why_a_change_goes_unseen(settings: Settings) -> None:
    view = judged(promise(ANNOUNCED), settings, None)
    assert view.state is State.ATTEST
    assert Remark.TEXT_NOT_GIVEN in remarks(view)


def test_a_policy_that_names_another_company_as_responsible_is_an_alert(settings: Settings) -> None:
    own = promise('about = "request"\nhow = "request"\nother_controller = "Annat Bolag"\n')
    corrected = PublicText(text="Fråga X AB.", sha256="a")
    mended = check(own, Case(settings=settings, policy=POLICY, today=TODAY, text=corrected))
    view = judged(own, settings, None)
    assert view.state is State.AGAINST_LAW
    assert remarks(view)[Remark.OTHER_CONTROLLER].name == "Annat Bolag"
    assert mended.state is State.ATTEST


@pytest.mark.parametrize(
    ("due", "code"), [(date(2026, 11, 22), Remark.CONFIRMED), (date(2026, 11, 21), Remark.CONFIRM_AGAIN)]
)
def test_a_person_s_word_holds_until_it_is_due_again(settings: Settings, due: date, code: Remark) -> None:
    own = promise('how = "attest"\nrules = ["T-51"]\n')
    given = AttestedView(row="T-51", by="Disa Demo", role="owner", on=date(2025, 11, 22), due=due)
    view = check(own, Case(settings=settings, policy=POLICY, today=TODAY, attested={"T-51": given}))
    assert view.state is State.ATTEST
    assert code in remarks(view)


def test_what_nobody_has_confirmed_is_said_to_be_so(settings: Settings) -> None:
    view = judged(promise('how = "attest"\n'), settings, None)
    assert remarks(view)[Remark.TO_CONFIRM].name == "S9-01"


def test_what_a_carrier_has_been_told_stands_beside_the_word(tmp_path: Path) -> None:
    own = promise('about = "shipment"\nhow = "attest"\nrecipients = ["PN"]\n')
    taken = census(
        own, [], told={"postnord": (7, date(2027, 1, 31)), "klarna": (3, None), "former": (1, None)}
    )
    settings = shop(tmp_path, "[recipients.postnord]\n[recipients.klarna]\n")
    view = check(own, Case(settings=settings, policy=POLICY, today=TODAY, census=taken))
    told = [one for one in view.remarks if one.code is Remark.TOLD]
    assert [(one.name, one.count, one.day) for one in told] == [("PostNord Sverige AB", 7, date(2027, 1, 31))]
