"""The made-up shop: the same for the same seed, and with every oddity a run has to cope with."""

import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from stdnum.se import personnummer

from sandbox.data.history import make_shop
from sandbox.data.people import organisation_number, personal_numbers
from sandbox.klarna import make_book
from sandbox.mailchimp.account import MAIN, SECOND, make_account
from sandbox.payson import make_till
from sandbox.postnord import make_depot
from sandbox.woocommerce.shop import Shop

TODAY = date(2026, 11, 22)
Json = dict[str, Any]


@pytest.fixture(scope="module", name="shop")
def _shop() -> Shop:
    return make_shop(7, 600, 1500, TODAY)[0]


def orders(shop: Shop) -> list[Json]:
    return list(shop.orders.values())


def meta_keys(order: Json) -> set[str]:
    return {row["key"] for row in order["meta_data"]}


def state(shop: Shop) -> str:
    parts = (shop.orders, shop.customers, shop.notes, shop.refunds, shop.coupons, shop.reviews, shop.taxes)
    return json.dumps([list(part.items()) if isinstance(part, dict) else part for part in parts])


def test_the_same_seed_gives_the_same_shop_and_another_another() -> None:
    once, again, other = (state(make_shop(seed, 50, 100, TODAY)[0]) for seed in (3, 3, 4))
    assert once == again
    assert once != other


def test_the_years_go_back_twelve_and_nothing_is_of_the_future(shop: Shop) -> None:
    dates = [
        order[name] for order in orders(shop) for name in ("date_created", "date_completed") if order[name]
    ]
    dates += [row["date_created"] for row in shop.refunds.values()]
    assert min(dates) < "2015-06"
    assert max(dates) < TODAY.isoformat()


def test_about_four_orders_in_ten_are_without_an_account(shop: Shop) -> None:
    guests = sum(order["customer_id"] == 0 for order in orders(shop))
    assert 0.34 < guests / len(shop.orders) < 0.46


def test_about_one_order_in_ten_is_of_a_company_and_some_have_its_number(shop: Shop) -> None:
    companies = [order for order in orders(shop) if order["billing"]["company"]]
    assert 0.05 < len(companies) / len(shop.orders) < 0.16
    assert 0 < sum("_billing_company_number" in meta_keys(order) for order in companies) < len(companies)


def test_some_sole_traders_number_is_a_personal_number(shop: Shop) -> None:
    numbers = {
        row["value"]
        for order in orders(shop)
        for row in order["meta_data"]
        if row["key"] == "_billing_company_number"
    }
    personal = {number[2:] for number in personal_numbers()}
    assert numbers & personal
    assert numbers - personal


def test_every_way_to_pay_and_every_status_occurs(shop: Shop) -> None:
    paid = Counter(order["payment_method"] for order in orders(shop))
    assert set(paid) == {"bacs", "paysoncheckout", "klarna_payments", "kco", "swish", "pos_card"}
    statuses = {order["status"] for order in orders(shop)}
    assert statuses == {
        "completed", "processing", "pending", "on-hold", "failed", "cancelled", "refunded", "trash",
    }  # fmt: skip


def test_waiting_invoices_are_unpaid_and_so_is_what_never_was_bought(shop: Shop) -> None:
    for order in orders(shop):
        if order["status"] in ("on-hold", "pending", "failed", "cancelled"):
            assert order["date_paid"] is None
        if order["status"] == "on-hold" and order["created_via"] != "pos":
            assert order["payment_method"] == "bacs"


@pytest.mark.parametrize(
    "key",
    [
        "_billing_personnummer", "_postnord_shipment_id", "_swish_payer_alias", "_wc_klarna_order_id",
        "_payson_checkout_id", "_acme_giftwrap_contact", "mailchimp_woocommerce_is_subscribed",
        "_kco_recurring_token", "leveransinstruktion", "_kco_kss_data",
    ],
)  # fmt: skip
def test_the_meta_key_occurs(shop: Shop, key: str) -> None:
    assert sum(key in meta_keys(order) for order in orders(shop)) >= 1


def test_texts_hold_door_codes_phones_cards_and_names(shop: Shop) -> None:
    notes = " ".join(order["customer_note"] for order in orders(shop))
    staff = " ".join(note["note"] for rows in shop.notes.values() for note in rows)
    assert "portkod 4711" in notes
    assert re.search(r"\+46\d{8,}", notes)
    assert "4111 1111 1111 1111" in staff
    assert any("portkod" in order["billing"]["address_2"] for order in orders(shop))


def test_the_odd_orders_are_there(shop: Shop) -> None:
    rows = orders(shop)
    assert any(order["created_via"] == "pos" and not order["billing"]["email"] for order in rows)
    assert any(order["total"] == "0.00" for order in rows)
    assert any(order["shipping"]["last_name"] == "Presentmottagare" for order in rows)
    lines = [row["key"] for order in rows for line in order["shipping_lines"] for row in line["meta_data"]]
    assert "pickup_recipient" in lines
    assert {order["billing"]["country"] for order in rows} >= {"SE", "DK", "DE", "FI", "NO"}


def test_a_person_orders_both_signed_in_and_as_a_guest_with_another_letter_case(shop: Shop) -> None:
    accounts = {row["email"] for row in shop.customers.values()}
    guests = {order["billing"]["email"] for order in orders(shop) if not order["customer_id"]}
    assert any(email not in accounts and email.lower() in accounts for email in guests)
    written = {order["billing"]["phone"][:2] for order in orders(shop) if order["billing"]["phone"]}
    assert written == {"+4", "07", "08", "03", "04", "09"}


def test_two_accounts_share_a_telephone(shop: Shop) -> None:
    phones = Counter(row["billing"]["phone"] for row in shop.customers.values() if row["role"] == "customer")
    assert [count for count in phones.values() if count > 1] == [2]


def test_some_refunds_come_long_after_the_order(shop: Shop) -> None:
    ages = [
        (
            date.fromisoformat(row["date_created"][:10])
            - date.fromisoformat(shop.orders[row["parent_id"]]["date_created"][:10])
        ).days
        for row in shop.refunds.values()
    ]
    assert max(ages) > 365
    assert sorted(ages)[len(ages) // 2] < 60


def test_many_accounts_have_been_still_for_two_years(shop: Shop) -> None:
    bound = 1_795_000_000 - 730 * 86400
    seen = [
        int(row["value"])
        for account in shop.customers.values()
        for row in account["meta_data"]
        if row["key"] == "wc_last_active"
    ]
    assert len(seen) == 600
    assert sum(moment < bound for moment in seen) > 100


def test_every_address_is_made_up(shop: Shop) -> None:
    emails = re.findall(r"[\w.+-]+@[\w.-]+\w", state(shop))
    assert emails
    assert all(email.endswith((".example", ".invalid")) for email in emails)


def test_every_personal_number_is_well_formed_and_of_the_test_series() -> None:
    assert len(set(personal_numbers())) == 400
    for number in personal_numbers():
        assert personnummer.is_valid(number)
        assert number[-4:-2] in ("98", "99")


def test_an_organisation_number_has_its_check_digit() -> None:
    from stdnum.se import orgnr

    assert all(orgnr.is_valid(organisation_number(number)) for number in range(50))


def test_the_recipients_hold_what_the_shops_orders_say(shop: Shop) -> None:
    by_reference = {row["value"]: order for order in orders(shop) for row in order["meta_data"]}
    for held, key in ((make_book(shop).orders, "merchant_reference1"), (make_till(shop).checkouts, "id")):
        assert held
        assert all(reference in by_reference for reference in held)
        assert all(row[key] for row in held.values())
    assert all(number in by_reference for number in make_depot(shop).shipments)


def test_the_account_at_mailchimp_mirrors_the_shop_and_holds_strangers(shop: Shop) -> None:
    account = make_account(shop, 7)
    statuses = Counter(row["status"] for row in account.members[MAIN].values())
    assert set(statuses) == {"subscribed", "unsubscribed", "cleaned", "pending", "archived"}
    known = {order["billing"]["email"].lower() for order in orders(shop)}
    known |= {row["email"].lower() for row in shop.customers.values()}
    strangers = [row for row in account.members[MAIN].values() if row["email_address"].lower() not in known]
    assert strangers
    assert account.members[SECOND]
    mirrored = {
        str(n) for n, order in shop.orders.items() if order["billing"]["email"] and order["status"] != "trash"
    }
    assert set(account.orders) == mirrored
