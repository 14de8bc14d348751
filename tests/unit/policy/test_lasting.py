"""Which facts outlast a write of ours, and the one way to make the facts of now."""

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from connector.deciding.anew import as_of_now
from connector.ledger.index import Row
from connector.ledger.index.rows import kept_through
from connector.policy.conditions import never_paid
from connector.policy.facts import Lasts
from connector.policy.lasting import LASTS, to_keep, with_kept
from connector.records import Facts, HoldId, Kind, Record, Ref, SubjectFacts

EARLIER, LATER = date(2024, 3, 1), date(2026, 3, 1)
known = st.sampled_from([EARLIER, date(2025, 6, 2), LATER])
days = st.none() | known
order_facts = st.builds(
    Facts, created=days, paid=days, captured=st.lists(known, max_size=2, unique=True).map(tuple),
    status=st.sampled_from(["failed", "cancelled", "pending", "completed", "processing"]),
    shipped=days, completed=days, has_transaction=st.booleans(), invoiced=st.booleans(),
    undated_refunds=st.booleans(), owed=st.booleans(), payment=st.sampled_from(["", "invoice", "card"]),
    last_login=days,
)  # fmt: skip


def row(facts: Facts, *, version: str = "1", kept: bytes = b"") -> Row:
    """A row of the index."""
    return Row(id=1, record=record(facts, version), kept=kept)


def record(facts: Facts, version: str = "1") -> Record:
    """An order with these facts."""
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    return Record(ref=ref, version=version, facts=facts, present=1)


def test_every_fact_stands_in_the_table_and_once() -> None:
    assert LASTS.keys() == set(Facts.__struct_fields__)


def test_what_is_kept_holds_no_state_but_the_claim_that_a_trace_settled() -> None:
    every = Facts(
        created=EARLIER, status="open", disputed=True, return_open=True, final=False, owed=True, balance=True,
        warned=EARLIER, holds=(HoldId.DISPUTE,), subject=SubjectFacts(), last_login=LATER,
    )  # fmt: skip
    assert to_keep(every) == Facts(created=EARLIER, owed=True, last_login=LATER)


@given(before=order_facts, now=order_facts)
def test_a_fact_of_existence_once_kept_is_true_of_every_later_read(before: Facts, now: Facts) -> None:
    found = with_kept(now, to_keep(before))
    for name, lasts in LASTS.items():
        was = getattr(before, name)
        if lasts is Lasts.EXISTENCE and was:
            assert getattr(found, name), name
        if lasts is Lasts.EXISTENCE and isinstance(was, tuple):
            assert set(was) <= set(getattr(found, name))


@given(before=order_facts, now=order_facts)
def test_an_order_that_was_paid_before_our_write_is_never_one_that_was_not(before: Facts, now: Facts) -> None:
    here = msgspec.structs.replace(before, status="failed")
    if not never_paid(here):
        # A claim and a sale by invoice bar by how they stand now.
        barred_by_state = before.owed or before.payment == "invoice"
        failed = msgspec.structs.replace(now, status="failed")
        assert barred_by_state or not never_paid(with_kept(failed, to_keep(before)))


@given(before=order_facts, now=order_facts)
def test_a_state_is_the_one_just_read(before: Facts, now: Facts) -> None:
    found = with_kept(now, to_keep(before))
    for name, lasts in LASTS.items():
        if lasts is Lasts.STATE and name != "owed":
            assert getattr(found, name) == getattr(now, name), name


def test_a_claim_that_shows_only_because_the_trace_is_gone_is_none() -> None:
    kept = to_keep(Facts(has_transaction=True))
    assert not with_kept(Facts(owed=True), kept).owed
    assert with_kept(Facts(owed=True, has_transaction=True), kept).owed


def test_a_day_that_only_moves_forward_is_the_latest_ever_read() -> None:
    assert with_kept(Facts(), to_keep(Facts(last_login=LATER))).last_login == LATER
    assert with_kept(Facts(last_login=EARLIER), to_keep(Facts(last_login=LATER))).last_login == LATER
    assert with_kept(Facts(last_login=LATER), to_keep(Facts(last_login=EARLIER))).last_login == LATER


def test_what_an_earlier_write_kept_is_kept_through_the_next() -> None:
    first = kept_through(Facts(has_transaction=True), None)
    second = kept_through(Facts(invoiced=True), first)
    found = as_of_now(row(Facts(), kept=second), record(Facts())).record.facts
    assert found.has_transaction
    assert found.invoiced


def test_before_any_write_of_ours_the_shop_has_the_last_word() -> None:
    assert not as_of_now(row(Facts(has_transaction=True)), record(Facts())).record.facts.has_transaction


def test_the_facts_of_now_hold_all_that_was_learnt_outside_the_shop() -> None:
    known = Facts(warned=EARLIER, delivered=EARLIER, subject=SubjectFacts(has_account=True))
    found = as_of_now(row(known), record(Facts(status="completed"), "2")).record.facts
    assert (found.warned, found.delivered) == (EARLIER, EARLIER)
    assert found.subject == SubjectFacts(has_account=True)
    assert found.status == "completed"


def test_a_day_of_change_counts_only_where_the_version_is_not_one_we_know() -> None:
    known = row(Facts(modified=EARLIER))
    assert as_of_now(known, record(Facts(modified=LATER))).record.facts.modified == EARLIER
    assert as_of_now(known, record(Facts(modified=LATER), "2")).record.facts.modified == LATER
    asked = as_of_now(known, record(Facts(modified=LATER), "2"), under_way=True)
    assert asked.record.facts.modified == EARLIER


def test_what_the_record_holds_is_what_was_just_read() -> None:
    live = msgspec.structs.replace(record(Facts(), "2"), present=6)
    assert as_of_now(row(Facts()), live).record.present == 6
