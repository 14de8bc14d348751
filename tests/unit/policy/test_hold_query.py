"""Holds by query: a small strict grammar over facts that identify nobody."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import GallraError
from connector.policy.hold_query import DATES, KEYS, WORDS, read_query
from connector.records import Facts, Kind, Record, Ref

JANUARY = date(2024, 1, 1)


def record(kind: Kind = Kind.ORDER, **facts: Any) -> Record:
    """A record of these facts; an order is complete in what every order has."""
    usual = {"created": date(2024, 2, 1), "status": "completed", "ship_to": "SE", "payment": "card"}
    given_ = (usual if kind is Kind.ORDER else {"created": date(2024, 2, 1)}) | facts
    return Record(ref=Ref(adapter="shop", kind=kind, id="1"), version="1", facts=Facts(**given_), present=1)


def matches(text: str, kind: Kind = Kind.ORDER, **facts: Any) -> bool:
    return read_query(text).matches(record(kind, **facts))


def fault(text: str) -> str:
    with pytest.raises(GallraError) as caught:
        read_query(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("kind=order created>=2024-02-01", True),
        ("kind=order created>=2024-02-02", False),
        ("kind=order created<=2024-02-01", True),
        ("kind=order created<=2024-01-31", False),
        ("kind=order created=2024-02-01", True),
        ("kind=order status=refunded", False),
        ("kind=order status=refunded,completed", True),
        ("kind=order ship_to=DE", False),
        ("kind=order ship_to=DE,SE", True),
        ("kind=order payment=invoice", False),
        ("kind=order business=no", True),
        ("kind=order business=yes", False),
        ("kind=order created>=2024-01-01 created<=2024-03-31 status=completed ship_to=SE", True),
        ("kind=order created>=2024-01-01 created<=2024-03-31 status=completed ship_to=DE", False),
        ("kind=draft_order created>=2024-01-01", False),
    ],
)
def test_a_query_is_true_where_every_term_is(text: str, true: bool) -> None:
    assert matches(text) is true


def test_one_of_several_dates_must_lie_in_the_span() -> None:
    asked = "kind=order refunded>=2024-03-01 refunded<=2024-03-31"
    around = (date(2024, 2, 1), date(2024, 4, 1))
    assert not matches(asked, refunded=around)
    assert matches(asked, refunded=(*around, date(2024, 3, 9)))


@pytest.mark.parametrize("key", ["ship_to", "payment", "status"])
def test_a_word_that_the_shop_does_not_show_is_held(key: str) -> None:
    value = {"ship_to": "DE", "payment": "invoice", "status": "refunded"}[key]
    assert matches(f"kind=order {key}={value}", **{key: ""})


def test_an_order_whose_date_cannot_be_read_is_held() -> None:
    assert matches("kind=order created>=2024-01-01", created=None)


def test_a_refund_without_a_date_is_held() -> None:
    assert matches("kind=order refunded>=2024-01-01", undated_refunds=True)


def test_an_order_that_was_never_refunded_is_not_held_by_its_refund() -> None:
    assert not matches("kind=order refunded>=2024-01-01")


def test_an_unpaid_order_is_not_held_by_its_payment() -> None:
    assert not matches("kind=order paid>=2024-01-01")


def test_a_delivery_is_counted_as_the_periods_count_it() -> None:
    assert matches("kind=order delivered=2024-02-17", completed=date(2024, 2, 10))


def test_an_account_is_asked_of_its_own_dates() -> None:
    asked = "kind=customer last_login<=2022-12-31"
    assert matches(asked, Kind.CUSTOMER, last_login=date(2022, 5, 1))
    assert not matches(asked, Kind.CUSTOMER, last_login=date(2023, 5, 1))


def test_an_unknown_key_is_an_error_that_lists_the_keys() -> None:
    said = fault("kind=order creatd>=2024-01-01")
    assert all(key in said for key in (*DATES, *WORDS, "kind"))


@pytest.mark.parametrize("kind", Kind)
def test_a_key_of_another_kind_is_an_error_that_lists_those_of_this_one(kind: Kind) -> None:
    other = "ship_to=SE" if kind is not Kind.ORDER else "last_login=2024-01-01"
    assert f"Known: {', '.join(KEYS[kind])}" in fault(f"kind={kind} {other}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Name one kind"),
        ("status=refunded", "Name one kind"),
        ("kind=order kind=customer status=x", "Name one kind"),
        ("kind>=order status=x", "Name one kind"),
        ("kind=orders status=x", "subscriber"),
        ("kind=order", "every such record"),
        ("kind=order refunded", "Each term is"),
        ("kind=order status==refunded", "small letters"),
        ("kind=order status!=refunded", "Each term is"),
        ("kind=order status=", "Each term is"),
        ("kind=order status=refunded,", "small letters"),
        ("kind=order status>=refunded", "no date"),
        ("kind=order status=a status=b", "stands twice"),
        ("kind=order created>2024-01-01", "Each term is"),
        ("kind=order created>=2024-13-01", "YYYY-MM-DD"),
        ("kind=order created>=2024-02-30", "YYYY-MM-DD"),
        ("kind=order created>=20240101", "YYYY-MM-DD"),
        ("kind=order created>=2024-03-01 created<=2024-02-01", "no day between"),
        ("kind=order ship_to=de", "two capital letters"),
        ("kind=order ship_to=QX", "two capital letters"),
        ("kind=order payment=cash", "invoice, card, other"),
        ("kind=order business=true", "yes, no"),
        ("kind=subscriber basis=other", "consent, soft_optin"),
    ],
)
def test_what_is_malformed_is_an_error_that_says_what_is_known(text: str, says: str) -> None:
    assert says in fault(text)


def test_an_error_never_repeats_what_was_typed() -> None:
    for text in (
        "kind=order email=anna@kund.example",
        "anna@kund.example",
        "kind=order status=Anna@kund.example",
    ):
        assert "nna" not in fault(text)


def test_the_text_that_is_kept_reads_back_to_the_same_query() -> None:
    first = read_query("created>=2024-01-01 kind=order  status=b,a created<=2024-03-31 paid=2024-02-02")
    assert first.text == "kind=order created>=2024-01-01 created<=2024-03-31 paid=2024-02-02 status=a,b"
    assert read_query(first.text) == first


@given(start=st.integers(0, 800), length=st.integers(0, 400), at=st.integers(-100, 1400))
def test_a_span_holds_its_days_and_no_other(start: int, length: int, at: int) -> None:
    first = JANUARY + timedelta(days=start)
    last, day = first + timedelta(days=length), JANUARY + timedelta(days=at)
    asked = read_query(f"kind=order created>={first} created<={last}")
    assert asked.matches(record(created=day)) == (first <= day <= last)
