"""What rules may read of an order and of a customer."""

from datetime import date
from typing import Any

import pytest

from adapters.shopify import customers, orders, status
from adapters.shopify.holdings import masked
from adapters.shopify.places import ATTRIBUTES
from connector.identity import make_keyer
from connector.records import Field, Kind, from_bits
from tests.unit.adapters.shopify.conftest import NOW
from tests.unit.adapters.shopify.made import address, customer, money, order, paged, payment

TODAY = NOW.date()
KEYER = make_keyer(b"k" * 32)


def facts(**changes: Any) -> Any:
    return status.facts(order(**changes), TODAY)


def test_dates_are_stockholms_days() -> None:
    late = {"processedAt": "2023-01-31T23:30:00Z"}
    assert facts(**late).created == date(2023, 2, 1)


def test_an_order_is_delivered_once_its_last_parcel_is() -> None:
    parcel = order()["fulfillments"][0]
    on_its_way = {**parcel, "id": "gid://shopify/Fulfillment/8", "deliveredAt": None}
    assert facts().delivered == date(2023, 2, 6)
    assert facts(fulfillments=[parcel, on_its_way]).delivered is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"cancelledAt": "2023-03-01T10:00:00Z"}, "cancelled"), ({"displayFinancialStatus": "VOIDED"}, "voided"),
     ({"displayFinancialStatus": "PENDING"}, "pending"), ({"displayFinancialStatus": "REFUNDED"}, "refunded"),
     ({}, "completed"), ({"displayFulfillmentStatus": "UNFULFILLED"}, "processing")],
)  # fmt: skip
def test_the_status_is_one_word_that_the_policy_knows(changes: dict[str, Any], word: str) -> None:
    assert facts(**changes).status == word


def test_an_order_that_was_sent_and_not_paid_is_owed() -> None:
    unpaid = {"displayFinancialStatus": "PENDING", "transactions": [], "fullyPaid": False,
              "totalOutstandingSet": money("250.00")}  # fmt: skip
    assert facts(**unpaid).owed
    assert not facts(**unpaid, fulfillments=[]).owed
    assert facts(**unpaid, fulfillments=[], paymentGatewayNames=["Faktura"]).owed


def test_an_order_that_staff_wrote_or_that_quotes_a_purchase_order_may_be_invoiced() -> None:
    assert not facts(sourceName="web").invoiced
    assert facts(sourceName="shopify_draft_order").invoiced
    assert facts(poNumber="PO-17").invoiced


def test_a_refund_without_a_date_is_told() -> None:
    assert facts(totalRefundedSet=money("50.00")).undated_refunds


@pytest.mark.parametrize(
    ("state", "open_"), [("NEEDS_RESPONSE", True), ("UNDER_REVIEW", True), ("WON", False)]
)
def test_a_dispute_is_open_until_it_is_decided(state: str, open_: bool) -> None:
    assert facts(disputes=[{"status": state}]).disputed is open_


@pytest.mark.parametrize(
    ("sold", "runs"), [("2024-11-23", True), ("2024-11-21", False), ("2026-01-01", True)]
)
def test_a_line_sold_on_a_plan_runs_for_twenty_four_months(sold: str, runs: bool) -> None:
    line = {"id": "gid://shopify/LineItem/1", "sellingPlan": {"name": "Varje månad"}, "customAttributes": []}
    changes = {"processedAt": f"{sold}T10:00:00Z", "lineItems": {"edges": [{"node": line}]}}
    assert facts(**changes).running_subscription is runs


@pytest.mark.parametrize("more", [True, False])
def test_an_order_with_more_lines_than_were_read_may_have_one_on_a_plan(more: bool) -> None:
    lines = {**order()["lineItems"], "pageInfo": {"hasNextPage": more}}
    assert facts(processedAt="2026-01-01T10:00:00Z", lineItems=lines).running_subscription is more
    assert not facts(processedAt="2020-01-01T10:00:00Z", lineItems=lines).running_subscription


def test_what_no_call_changes_is_named_on_its_order() -> None:
    line = {"id": "gid://shopify/LineItem/1", "sellingPlan": None,
            "customAttributes": [{"key": "Gravyr", "value": "Till mormor"}]}  # fmt: skip
    refund = {"id": "r", "createdAt": None, "processedAt": None, "note": "disa demosson ångrade sig"}
    local = {"edges": [{"node": {"key": "TAX_CREDENTIAL_IT", "value": "X"}}]}
    made = order(lineItems={"edges": [{"node": line}]}, refunds=[refund], localizedFields=local)
    assert orders.residue(made) == (
        "billing_address", "fulfillment_destination", "item_meta:Gravyr", "localized_fields",
        "payment_receipt", "refund_reason",
    )  # fmt: skip


def test_an_order_made_from_a_draft_names_the_completed_draft() -> None:
    assert "completed_draft" in orders.residue(order(sourceName="shopify_draft_order"))
    assert "completed_draft" not in orders.residue(order())


def test_an_order_that_nobody_paid_has_no_receipt_of_a_payment() -> None:
    assert "payment_receipt" not in orders.residue(order(transactions=[]))


def test_a_line_attribute_of_a_colour_is_no_place_of_a_person() -> None:
    line = {"id": "gid://shopify/LineItem/1", "sellingPlan": None,
            "customAttributes": [{"key": "Färg", "value": "blå"}]}  # fmt: skip
    assert "item_meta" not in orders.residue(order(lineItems={"edges": [{"node": line}]}))


def test_a_gift_is_an_order_sent_to_another_name() -> None:
    gift = order(shippingAddress=address(firstName="Moa"))
    held = {holding.field for holding in orders.holdings(gift, ATTRIBUTES)}
    assert Field.GIFT_RECIPIENT in held
    assert Field.GIFT_RECIPIENT not in {holding.field for holding in orders.holdings(order(), ATTRIBUTES)}


@pytest.mark.parametrize(
    ("postcode", "left"),
    [
        ("114 55", "114 00"),
        ("11455", "11400"),
        ("0150", "0150"),
        ("1234 AB", "1230 AA"),
        ("SW1A 1AA", "SW1A 0AA"),
    ],
)
def test_a_postcode_keeps_its_form_and_three_marks(postcode: str, left: str) -> None:
    assert masked(postcode) == left
    assert masked(left) == left


def test_the_index_of_an_order_holds_no_value_of_it() -> None:
    record = orders.to_record(order(), table=ATTRIBUTES, keyer=KEYER, clock=lambda: NOW)
    text = repr(record)
    for value in (
        "disa@kund.example",
        "Demosson",
        "Provgatan",
        "46701740605",
        "191212121212",
        "192.0.2.7",
        "1234",
    ):
        assert value not in text


def test_a_customer_that_shopify_has_erased_holds_nobody() -> None:
    erased = customer(
        firstName=None,
        lastName=None,
        defaultEmailAddress=None,
        defaultPhoneNumber=None,
        note=None,
        tags=[],
        addressesV2={"edges": []},
    )
    assert not customers.is_customer(erased, ATTRIBUTES, TODAY)


@pytest.mark.parametrize(("last", "waits"), [("2016-05-01", True), ("2019-05-01", False)])
def test_an_emptied_profile_comes_back_once_its_orders_are_old_enough_to_erase(
    last: str, waits: bool
) -> None:
    emptied = customer(
        firstName=None,
        lastName="Avidentifierad kund",
        defaultEmailAddress=None,
        defaultPhoneNumber=None,
        note=None,
        tags=[],
        addressesV2={"edges": []},
        lastOrder={"id": "gid://shopify/Order/1", "processedAt": f"{last}T10:00:00Z"},
    )
    assert customers.is_customer(emptied, ATTRIBUTES, TODAY) is waits
    record = customers.to_record(emptied, kind=Kind.CUSTOMER, table=ATTRIBUTES, keyer=KEYER, today=TODAY)
    assert from_bits(record.present) == ((Field.ACCOUNT,) if waits else ())


def test_a_profile_keeps_a_name_where_shopify_demands_one() -> None:
    only_email = customer(firstName=None, lastName=None, defaultPhoneNumber=None)
    given = customers.customer_input(only_email, {"email": None})
    assert given is not None
    assert given["lastName"] == "Avidentifierad kund"


def test_a_living_subscription_and_store_credit_hold_a_customer() -> None:
    credit = {"edges": [{"node": {"id": "c", "balance": {"amount": "50.00"}}}]}
    assert customers.facts(customer(productSubscriberStatus="ACTIVE")).running_subscription
    assert customers.facts(customer(storeCreditAccounts=credit)).balance
    assert not customers.facts(customer()).balance


def channels(email: str, sms: str) -> Any:
    """A customer who said these of letters and of text messages, a year apart."""
    return customer(
        defaultEmailAddress={"emailAddress": "disa@kund.example", "marketingState": email,
                             "marketingOptInLevel": "SINGLE_OPT_IN",
                             "marketingUpdatedAt": "2023-03-01T10:00:00Z"},
        defaultPhoneNumber={"phoneNumber": "+46701740605", "smsMarketingConsent": {
            "state": sms, "optInLevel": "CONFIRMED_OPT_IN", "updatedAt": "2024-03-01T10:00:00Z"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("email", "sms", "subscribes"),
    [("SUBSCRIBED", "NEVER_SUBSCRIBED", True), ("UNSUBSCRIBED", "SUBSCRIBED", True),
     ("PENDING", "NEVER_SUBSCRIBED", False), ("UNSUBSCRIBED", "UNSUBSCRIBED", False),
     ("NOT_SUBSCRIBED", "NEVER_SUBSCRIBED", False), ("REDACTED", "REDACTED", False)],
)  # fmt: skip
def test_a_profile_subscribes_where_any_channel_was_said_yes_to(
    email: str, sms: str, subscribes: bool
) -> None:
    assert customers.facts(channels(email, sms)).subscribes is subscribes


def test_a_profile_that_gets_whatsapp_messages_subscribes() -> None:
    said = {"state": "SUBSCRIBED", "optInLevel": "SINGLE_OPT_IN", "updatedAt": "2023-03-01T10:00:00Z"}
    phone = {"phoneNumber": "+46701740605", "smsMarketingConsent": None, "whatsAppMarketingConsent": said}
    assert customers.facts(customer(defaultPhoneNumber=phone)).subscribes


@pytest.mark.parametrize(
    ("email", "sms", "status", "subscribed", "confirmed", "unsubscribed"),
    [
        ("SUBSCRIBED", "NEVER_SUBSCRIBED", "subscribed", date(2023, 3, 1), None, None),
        ("NOT_SUBSCRIBED", "SUBSCRIBED", "subscribed", date(2024, 3, 1), date(2024, 3, 1), None),
        ("UNSUBSCRIBED", "SUBSCRIBED", "subscribed", date(2024, 3, 1), date(2024, 3, 1), None),
        ("UNSUBSCRIBED", "UNSUBSCRIBED", "unsubscribed", None, None, date(2024, 3, 1)),
        ("NOT_SUBSCRIBED", "NEVER_SUBSCRIBED", "", None, None, None),
    ],
)  # fmt: skip
def test_a_consent_lives_while_any_channel_does_and_has_the_day_of_that_channel(
    email: str, sms: str, status: str, subscribed: Any, confirmed: Any, unsubscribed: Any
) -> None:
    found = customers.subscriber_facts(channels(email, sms))
    assert (found.status, found.subscribed, found.confirmed, found.unsubscribed) == (
        status, subscribed, confirmed, unsubscribed,
    )  # fmt: skip


@pytest.mark.parametrize("dispute", ["LOST", "ACCEPTED", "CHARGE_REFUNDED"])
def test_money_that_a_bank_took_back_is_an_event_by_the_latest_day_it_can_be(dispute: str) -> None:
    found = facts(disputes=[{"status": dispute}])
    assert found.chargeback == (date(2023, 7, 31),)
    assert not found.disputed


def test_a_dispute_that_was_won_is_no_chargeback() -> None:
    assert facts(disputes=[{"status": "WON"}]).chargeback == ()


def test_the_last_word_on_mailings_of_any_channel_is_known_of_a_customer() -> None:
    email = {**customer()["defaultEmailAddress"], "marketingState": "UNSUBSCRIBED",
             "marketingUpdatedAt": "2024-03-31T22:30:00Z"}  # fmt: skip
    assert customers.facts(customer(defaultEmailAddress=email)).consent_changed == date(2024, 4, 1)
    assert customers.facts(customer()).consent_changed is None


def test_a_purchase_that_the_app_may_not_see_leaves_the_account_without_a_clock() -> None:
    found = customers.facts(customer(lastOrder=None))
    assert (found.created, found.last_purchase) == (None, None)
    assert customers.facts(customer(lastOrder=None, numberOfOrders="0")).created == date(2022, 1, 1)


@pytest.mark.parametrize(
    ("changes", "redeemed"),
    [
        ({"gateway": "gift_card"}, (date(2023, 2, 1),)),
        ({"gateway": "gift_card", "kind": "AUTHORIZATION"}, ()),
        ({"gateway": "gift_card", "status": "FAILURE"}, ()),
        ({}, ()),
    ],
)
def test_a_payment_by_gift_card_is_a_redemption_in_the_books(
    changes: dict[str, Any], redeemed: tuple[date, ...]
) -> None:
    read = status.facts(order(transactions=[payment(**changes)]), TODAY)
    assert read.redeemed == redeemed
    assert read.captured == (() if changes.keys() & {"kind", "status"} else (date(2023, 2, 1),))


def test_a_return_ended_when_it_was_closed_and_the_last_of_several_counts() -> None:
    rows = (
        {"createdAt": "2025-06-01T10:00:00Z", "closedAt": "2025-07-30T10:00:00Z"},
        {"createdAt": "2025-06-20T10:00:00Z", "closedAt": None},
    )
    read = status.facts(order(returns=paged(*rows)), TODAY)
    assert (read.return_seen, read.return_closed) == (date(2025, 6, 1), date(2025, 7, 30))


@pytest.mark.parametrize(("word", "closed"), [("WON", date(2023, 7, 31)), ("UNDER_REVIEW", None)])
def test_a_dispute_that_is_over_ended_within_the_banks_time_at_the_latest(
    word: str, closed: date | None
) -> None:
    assert status.facts(order(disputes=[{"status": word}]), TODAY).dispute_closed == closed


@pytest.mark.parametrize(
    ("names", "shown"), [(["Kustom Checkout"], ["kustom"]), (["Klarna", "shopify_payments"], [])]
)
def test_an_order_shows_kustom_by_its_gateway_s_name(names: list[str], shown: list[str]) -> None:
    assert [one.place for one in orders.shown_by(order(paymentGatewayNames=names))] == shown
