"""What holds of every verdict, whatever the facts (hypothesis)."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.calendar import FinancialYears
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, SubjectFacts, to_bits
from connector.verdicts import FieldVerdict, State, Verdict

YEARS = FinancialYears(
    years=(
        (date(2015, 9, 1), date(2016, 8, 31)),
        *FinancialYears.ending("08-31", 2017, 2022).years,
        (date(2022, 9, 1), date(2023, 12, 31)),
        *FinancialYears.ending("12-31", 2024, 2027).years,
    )
)
DAYS = st.dates(date(2014, 1, 1), date(2028, 12, 31))
MAYBE = st.none() | DAYS
LISTS = st.lists(DAYS, max_size=2).map(tuple)
HOLDS = st.lists(st.sampled_from(HoldId), max_size=2, unique=True).map(tuple)
SUBJECTS = st.none() | st.builds(
    SubjectFacts,
    last_purchase=MAYBE,
    last_login=MAYBE,
    open_orders=st.integers(0, 1),
    has_account=st.booleans(),
    order_holds=HOLDS,
)
STATUSES = st.sampled_from(["", "completed", "processing", "failed", "pending", "unsubscribed", "cleaned"])
FACTS = st.builds(
    Facts,
    **dict.fromkeys(
        (
            *("created", "modified", "paid", "shipped", "delivered", "completed", "cancelled"),
            *("return_seen", "last_login", "last_purchase", "closed", "warned", "subscribed"),
            *("confirmed", "unsubscribed", "bounced", "last_click", "written_off", "consent_changed"),
            *("subscription_ended", "expires", "return_closed", "dispute_closed"),
        ),
        MAYBE,
    ),
    **dict.fromkeys(("captured", "refunded", "credited", "chargeback", "redeemed", "reminders"), LISTS),
    **dict.fromkeys(
        (
            *(
                "business",
                "company",
                "vat_number",
                "has_transaction",
                "zero_value",
                "undated_refunds",
                "invoiced",
            ),
            *("owed", "return_open", "disputed", "running_subscription", "final", "balance"),
            *("consumables", "reminders_shown", "subscribes"),
        ),
        st.booleans(),
    ),
    status=STATUSES,
    payment=st.sampled_from(["", "invoice", "card", "other"]),
    ship_to=st.sampled_from(["", "SE", "DE", "NO"]),
    basis=st.sampled_from(["", "consent", "soft_optin"]),
    warranty_months=st.sampled_from([0, 0, 60]),
    holds=HOLDS,
    subject=SUBJECTS,
)
RECORDS = st.builds(
    Record,
    ref=st.builds(Ref, adapter=st.just("shop"), kind=st.sampled_from(Kind), id=st.just("1")),
    version=st.just("1"),
    facts=FACTS,
    present=st.sets(st.sampled_from(Field)).map(lambda fields: to_bits(tuple(fields))),
    unread=st.sampled_from([0, to_bits((Field.STAFF_NOTES,))]),
)
SWITCHED_ON = {"T-30": {"on": True}, "T-33": {"on": True}}


def policy(**context: Any) -> Policy:
    bound = ShopContext(financial_years=YEARS, oss=((date(2021, 7, 1), None),), **context)
    return load_policy("swedish-webshop", context=bound, overrides=SWITCHED_ON)


POLICIES = [
    policy(),
    policy(archive="elsewhere"),
    policy(archived_years=YEARS.years[5:8], unknown_holds=frozenset({HoldId.RETURN, HoldId.DISPUTE})),
]
SHOPS = st.sampled_from(POLICIES)


def verdicts(verdict: Verdict) -> list[FieldVerdict]:
    return [*verdict.fields, *([verdict.record] if verdict.record else [])]


@given(RECORDS, SHOPS, DAYS)
def test_a_hold_never_yields_due(record: Record, shop: Policy, today: date) -> None:
    for each in verdicts(decide(record, shop, today=today)):
        if each.holds:
            assert each.state is State.HELD
        named = shop.rule(each.rule, record.ref.kind).holds if each.rule else ()
        if each.state is State.DUE:
            assert not set(record.facts.holds) & set(named)


@given(RECORDS, SHOPS, DAYS)
def test_nothing_is_due_before_its_floor_or_its_ends(record: Record, shop: Policy, today: date) -> None:
    for each in verdicts(decide(record, shop, today=today)):
        if each.state is State.DUE:
            assert each.keep_through is not None
            assert each.keep_through < today
            assert each.floor_through is None or each.floor_through < today
            assert all(end.through and end.through < today for end in each.ends)
        if each.keep_through is None:
            assert each.reason not in ("", "due", "purpose", "floor", "hold")


@given(RECORDS, SHOPS, DAYS)
def test_deciding_twice_gives_the_same_verdict(record: Record, shop: Policy, today: date) -> None:
    fresh = Policy(file=shop.file, rules=shop.rules, context=shop.context)
    assert decide(record, shop, today=today) == decide(record, fresh, today=today)


@given(RECORDS, SHOPS, DAYS, st.integers(1, 900))
def test_the_calendar_alone_never_takes_a_due_field_back(
    record: Record, shop: Policy, today: date, later: int
) -> None:
    before = decide(record, shop, today=today)
    after = decide(record, shop, today=today + timedelta(days=later))
    for first, second in zip(verdicts(before), verdicts(after), strict=True):
        if first.state is State.DUE:
            assert second == first
        assert second.keep_through == first.keep_through


@given(RECORDS, SHOPS, DAYS, st.data())
def test_nothing_changes_before_next_due(record: Record, shop: Policy, today: date, data: Any) -> None:
    now = decide(record, shop, today=today)
    last = (now.next_due or date(2045, 1, 1)) - timedelta(days=1)
    assert last >= today
    then = data.draw(st.dates(today, max(last, today)))
    later = decide(record, shop, today=then)
    assert (later.fields, later.record) == (now.fields, now.record)


@given(RECORDS, SHOPS, DAYS)
def test_something_changes_on_next_due(record: Record, shop: Policy, today: date) -> None:
    now = decide(record, shop, today=today)
    if now.next_due:
        then = decide(record, shop, today=now.next_due)
        assert then != now


@given(RECORDS, SHOPS, DAYS)
def test_every_present_field_has_one_verdict(record: Record, shop: Policy, today: date) -> None:
    found = [each.field for each in decide(record, shop, today=today).fields]
    assert len(found) == len(set(found))
    assert to_bits(tuple(field for field in found if field)) == record.present | record.unread


@given(RECORDS, DAYS)
def test_another_archive_never_frees_a_field_before_its_claims_end(record: Record, today: date) -> None:
    shop, elsewhere = POLICIES[0], POLICIES[1]
    pairs = zip(
        verdicts(decide(record, shop, today=today)),
        verdicts(decide(record, elsewhere, today=today)),
        strict=True,
    )
    for strict, loose in {each.field: (each, other) for each, other in pairs}.values():
        if strict.field != loose.field:
            continue
        if strict.keep_through and loose.keep_through:
            assert loose.keep_through <= strict.keep_through
        if strict.rule not in ("T-01", "T-05"):
            assert loose == strict


@given(RECORDS, DAYS)
def test_no_name_of_a_booked_order_goes_within_seven_years_of_its_last_event(
    record: Record, today: date
) -> None:
    facts = record.facts
    booked = record.ref.kind is Kind.ORDER and facts.paid and not facts.zero_value
    if not booked:
        return
    dated = (facts.created, facts.paid, facts.shipped, facts.delivered, facts.completed)
    events = [day for day in (*dated, *facts.captured, *facts.refunded, *facts.credited) if day]
    for each in verdicts(decide(record, POLICIES[0], today=today)):
        if each.field is Field.NAME and each.state is State.DUE:
            assert today > date(max(events).year + 7, 12, 31)
