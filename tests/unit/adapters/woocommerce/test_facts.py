"""What rules may read of an order: dates in Stockholm, what is owed, what the shop does not show."""

from datetime import date
from typing import Any

import pytest

from adapters.woocommerce import places
from adapters.woocommerce.dates import any_date, to_stockholm
from adapters.woocommerce.orders import facts, holdings, meta_of, payment_of, to_record
from connector.calendar import add_months
from connector.identity import make_keyer
from connector.policy.clocks import delivered
from connector.policy.conditions import never_paid
from connector.policy.holds import SUBSCRIPTION_MONTHS, order_holds
from connector.records import SHOWS_RECIPIENT, Facts, Field, HoldId, Kind, Record
from tests.engine_support import make_policy


def order(**more: Any) -> dict[str, Any]:
    """An order with what a test names."""
    return {
        "id": 7, "number": "7", "status": "completed", "total": "100.00", "customer_id": 0, "meta_data": [],
        "billing": {"country": "SE"}, "shipping": {}, "payment_method": "bacs", "refunds": [],
        "date_created_gmt": "2025-12-31T23:30:00", "date_modified_gmt": "2025-12-31T23:30:00",
        "date_paid_gmt": None, "date_completed_gmt": None, **more,
    }  # fmt: skip


def meta(**rows: Any) -> list[dict[str, Any]]:
    return [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate(rows.items())]


def read(**more: Any) -> Facts:
    row = order(**more)
    return facts(row, meta_of(row), {1: date(2026, 3, 4)})


def record(**more: Any) -> Record:
    return to_record(order(**more), table=places.ORDER_META, keyer=make_keyer(b"k" * 32), refund_dates={})


def fields(**more: Any) -> set[Field]:
    return {holding.field for holding in holdings(order(**more), places.ORDER_META)}


def test_a_date_is_the_day_in_stockholm() -> None:
    assert read().created == date(2026, 1, 1)
    assert to_stockholm("2026-06-30T22:30:00") == date(2026, 7, 1)


@pytest.mark.parametrize("value", [None, "", "soon", "0000-00-00T00:00:00"])
def test_a_date_that_cannot_be_read_is_none(value: str | None) -> None:
    assert to_stockholm(value) is None


@pytest.mark.parametrize("value", ["2026-01-02", "1767312000", 1767312000, "2026-01-02T10:00:00"])
def test_plugins_write_dates_in_several_ways(value: object) -> None:
    assert any_date(value) == date(2026, 1, 2)


def test_a_delivery_that_the_shop_does_not_show_is_not_guessed() -> None:
    assert read(date_completed_gmt="2026-01-05T10:00:00").delivered is None


def test_dispatch_is_read_from_the_tracking_plugin() -> None:
    items = [{"tracking_number": "a", "date_shipped": "1767312000"}, {"date_shipped": "1767571200"}]
    assert read(meta_data=meta(_wc_shipment_tracking_items=items)).shipped == date(2026, 1, 5)


@pytest.mark.parametrize(
    "key",
    [
        *("_wcpdf_invoice_number", "_wcpdf_invoice_number_data", "_bewpi_invoice_number"),
        *("_ywpi_invoice_number", "wf_invoice_number"),
        *("_fortnox_invoice_number", "Fortnox Invoice number", "_fortnox_order_documentnumber"),
        *("_fortnox_order_synced", "_visma_order_synced", "_bokio_invoice_id", "fakturanummer", "Faktura-nr"),
        *("wcj_invoicing_invoice_number_id", "_fortnox_order_vouchernumber"),
    ],
)
def test_a_plugins_invoice_number_says_that_the_order_was_invoiced(key: str) -> None:
    assert read(status="cancelled", meta_data=meta(**{key: "1"})).invoiced


@pytest.mark.parametrize(
    ("key", "value"),
    [("_fortnox_order_synced", "0"), ("_wcpdf_invoice_number", ""), ("_billing_invoice_note", "tack"),
     ("_fortnox_order_synced", False)],
)  # fmt: skip
def test_an_order_without_an_invoice_number_was_not_invoiced_as_far_as_is_known(
    key: str, value: object
) -> None:
    assert not read(status="cancelled", meta_data=meta(**{key: value})).invoiced


def test_an_invoiced_order_is_not_one_that_was_never_paid() -> None:
    numbered = read(status="cancelled", meta_data=meta(_wcpdf_invoice_number="20260017"))
    assert never_paid(read(status="cancelled"))
    assert not never_paid(numbered)
    assert "20260017" not in str(numbered)


def test_a_refund_without_a_date_is_told() -> None:
    known = read(refunds=[{"id": 1, "reason": "", "total": "-1"}])
    unknown = read(refunds=[{"id": 2, "reason": "", "total": "-1"}])
    assert (known.refunded, known.undated_refunds, known.return_seen) == (
        (date(2026, 3, 4),), False, date(2026, 3, 4),
    )  # fmt: skip
    assert (unknown.refunded, unknown.undated_refunds) == ((), True)


@pytest.mark.parametrize(
    ("more", "owed"),
    [
        ({"status": "on-hold"}, True),
        ({"status": "processing"}, True),
        ({"status": "processing", "transaction_id": "t"}, False),
        ({"status": "on-hold", "date_paid_gmt": "2026-01-01T10:00:00"}, False),
        ({"status": "on-hold", "total": "0.00"}, False),
        ({"status": "pending"}, False),
        ({"status": "pending", "created_via": "admin"}, True),
        ({"status": "completed", "payment_method": "svea_invoice"}, True),
        ({"status": "completed"}, False),
        ({"status": "cancelled", "payment_method": "svea_invoice"}, False),
    ],
)
def test_what_is_owed_follows_from_status_payment_and_total(more: dict[str, Any], owed: bool) -> None:
    assert read(**more).owed is owed


@pytest.mark.parametrize(
    ("method", "payment"),
    [("", ""), ("svea_invoice", "invoice"), ("faktura", "invoice"), ("klarna_payments_pay_later", "invoice"),
     ("stripe", "card"), ("nets_easy", "card"), ("swish", "other"), ("kco", "other")],
)  # fmt: skip
def test_a_gateway_is_of_one_sort(method: str, payment: str) -> None:
    assert payment_of(method) == payment


def test_an_unreadable_total_is_neither_zero_nor_settled() -> None:
    assert not read(total="n/a").zero_value


def test_a_company_is_a_business_and_a_vat_number_too() -> None:
    assert read(billing={"company": "Bygg AB", "country": "SE"}).company
    private = read(meta_data=meta(_billing_eu_vat_number="SE556677889901"))
    assert (private.company, private.business, private.vat_number) == (False, True, True)


def test_placeholders_are_no_data() -> None:
    billing = {"first_name": "[deleted]", "last_name": "", "email": "deleted@site.invalid", "country": "SE",
               "phone": "+00000000000", "postcode": "[deleted]"}  # fmt: skip
    assert fields(billing=billing, shipping={"country": "SE", "postcode": "903"}) == set()


def test_a_sole_traders_number_in_its_own_field_is_the_companys() -> None:
    found = fields(meta_data=meta(_billing_company_number="19421210-9807"))
    assert found == {Field.ORGANISATION_NUMBER}


def test_references_of_payment_services_and_carriers_are_not_read_as_numbers_of_people() -> None:
    rows = meta(
        _wc_klarna_order_id="5859692c-7bb0-cd0c-2bdb-939a1f6ac2b9", _postnord_shipment_id="003700000851005935"
    )
    assert fields(meta_data=rows) == {Field.PAYMENT_REFERENCE, Field.TRACKING_NUMBER}


def test_a_subscription_is_seen_in_its_renewals() -> None:
    assert read(meta_data=meta(_subscription_renewal="12")).subscription_mark
    assert not read().subscription_mark


def test_a_subscriptions_mark_holds_as_long_as_one_can_run_and_no_longer() -> None:
    facts = read(meta_data=meta(_subscription_renewal="12"), date_completed_gmt="2026-01-05T10:00:00")
    last = add_months(date(2026, 1, 1), SUBSCRIPTION_MONTHS)
    after = date(2028, 1, 2)
    assert HoldId.SUBSCRIPTION in {one.id for one in order_holds(facts, delivered(facts), last)}
    assert HoldId.SUBSCRIPTION not in {one.id for one in order_holds(facts, delivered(facts), after)}


def test_a_plugins_day_without_a_zone_is_the_shops_own() -> None:
    assert any_date("2026-01-02 23:30:00") == date(2026, 1, 2)
    assert any_date("2026-01-02T23:30:00+00:00") == date(2026, 1, 3)


@pytest.mark.parametrize("value", ["3/1 2026", "igår", "20261345"])
def test_a_day_of_delivery_that_cannot_be_read_is_said_and_keeps(value: str) -> None:
    rows = meta(_delivered_date=value)
    facts = read(meta_data=rows, date_completed_gmt="2026-01-05T10:00:00")
    assert (facts.delivered, facts.undated_delivery) == (None, True)
    assert delivered(facts) == (None, "delivery_date_unknown")
    assert "undated_delivery" in {one.code for one in record(meta_data=rows).surprises}


@pytest.mark.parametrize("value", ["", "NULL", "no", "1", "0000-00-00 00:00:00"])
def test_a_delivery_that_is_a_switch_or_nothing_is_no_unreadable_day(value: str) -> None:
    assert not read(meta_data=meta(_delivered_date=value)).undated_delivery


def test_a_recipient_who_is_not_the_buyer_is_a_gift_recipient() -> None:
    billing = {"first_name": "Åsa", "last_name": "Lind", "country": "SE"}
    same = {"first_name": "ÅSA ", "last_name": "lind", "country": "SE"}
    other = {"first_name": "Bo", "last_name": "Ek", "country": "SE"}
    assert Field.GIFT_RECIPIENT not in fields(billing=billing, shipping=same)
    assert Field.GIFT_RECIPIENT in fields(billing=billing, shipping=other)


@pytest.mark.parametrize("key", places.SUBSCRIPTION_KEYS)
def test_what_shows_a_running_subscription_goes_only_by_a_rule_that_waits_for_it(key: str) -> None:
    field = places.ORDER_META.get(key)
    rule = make_policy().rule_of(Kind.ORDER, field) if field else None
    assert field is None or (rule is not None and HoldId.SUBSCRIPTION in rule.holds)


def test_no_place_that_shows_a_balance_is_ever_written() -> None:
    assert not set(places.BALANCE_KEYS) & places.CUSTOMER_META.keys()


def test_a_chargeback_without_a_day_takes_the_latest_that_a_bank_allows() -> None:
    found = read(status="chargeback", date_paid_gmt="2026-01-10T10:00:00")
    assert found.chargeback == (date(2026, 7, 9),)
    assert found.disputed


@pytest.mark.parametrize("status", ["written-off", "writeoff", "bad-debt", "avskriven"])
def test_a_claim_that_was_given_up_is_written_off_on_the_last_change(status: str) -> None:
    assert read(status=status).written_off == date(2026, 1, 1)


def test_no_other_status_is_a_chargeback_or_a_write_off() -> None:
    found = [read(status=status) for status in ("completed", "refunded", "failed", "on-hold")]
    assert not any(one.chargeback or one.written_off for one in found)


def test_an_order_is_sent_where_its_shipping_address_says() -> None:
    assert read(shipping={"country": "de", "address_1": "Weg 1"}).ship_to == "DE"


def test_an_order_with_a_street_and_no_country_is_sent_nobody_knows_where() -> None:
    assert read(shipping={"address_1": "Weg 1"}).ship_to == ""


def test_what_is_not_sent_ends_where_the_buyer_is_billed() -> None:
    assert read().ship_to == "SE"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [({"payment_method": "kco", "date_created_gmt": "2024-10-01T10:00:00"}, ["kustom"]),
     ({"payment_method": "kco", "date_created_gmt": "2024-09-30T21:59:00"}, []),
     ({"payment_method": "kco", "date_created_gmt": "2024-09-30T22:00:00"}, ["kustom"]),
     ({"payment_method": "klarna_payments"}, []),
     ({"payment_method": "other", "payment_method_title": "Kustom Checkout"}, ["kustom"]),
     ({"payment_method": "kco", "date_created_gmt": None}, [])],
)  # fmt: skip
def test_an_order_shows_kustom_by_name_or_by_the_gateway_that_became_its_own(
    changes: dict[str, Any], shown: list[str]
) -> None:
    found = [one.place for one in record(**changes).surprises if one.code == SHOWS_RECIPIENT]
    assert found == shown
