"""Accounts, reviews and coupons: walked to the end, written only where the API can."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.woocommerce.abilities import capabilities
from adapters.woocommerce.goods import coupon_handles, coupon_record, coupon_update, has_balance
from adapters.woocommerce.platform import WooCommerce
from connector.identity import is_placeholder
from connector.ports import Ability, Receipt, Task
from connector.records import Action, Field, Kind, Outcome, Record, Ref, from_bits
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp
from tests.unit.adapters.woocommerce.conftest import KEYER, platform_of


def pulled(
    platform: WooCommerce, kind: Kind, since: str | None = None
) -> tuple[dict[str, Record], str, bool]:
    found: dict[str, Record] = {}
    cursor, complete = "", False
    for page in platform.pull(kind, since=since):
        found |= {record.ref.id: record for record in page.records}
        cursor, complete = page.cursor, page.complete
    return found, cursor, complete


def run(
    platform: WooCommerce, kind: Kind, ids: list[int], fields: frozenset[Field], action: Action
) -> list[Receipt]:
    refs = [Ref(adapter="woocommerce", kind=kind, id=str(id_)) for id_ in ids]
    return list(
        platform.apply([Task(live=live, action=action, fields=fields) for live in platform.fetch(refs)])
    )


def people(shop: Shop) -> list[int]:
    return [id_ for id_, row in shop.customers.items() if row["role"] == "customer"]


def test_every_account_is_pulled_whatever_its_role(platform: WooCommerce, shop: Shop) -> None:
    found, _, complete = pulled(platform, Kind.CUSTOMER)
    assert set(found) == set(map(str, shop.customers))
    assert complete
    assert {record.facts.status for record in found.values()} >= {"customer", "administrator"}


def test_no_account_is_missed_when_others_are_deleted_under_way() -> None:
    with Sandbox(orders=20, customers=450) as box:
        shop, platform = box.woocommerce.shop, platform_of(box)
        found: set[str] = set()
        for place, page in enumerate(platform.pull(Kind.CUSTOMER, since=None)):
            found |= {record.ref.id for record in page.records}
            if place < 3:
                for id_ in people(shop)[: 40 + place]:
                    shop.forget_customer(id_)
        assert set(map(str, shop.customers)) <= found


def test_a_walk_goes_on_from_a_cursor_that_is_gone(platform: WooCommerce) -> None:
    with Sandbox(orders=20, customers=250) as box:
        shop = box.woocommerce.shop
        first = next(iter(platform_of(box).pull(Kind.CUSTOMER, since=None)))
        shop.forget_customer(int(first.records[-1].ref.id))
        later, _, complete = pulled(platform_of(box), Kind.CUSTOMER, first.cursor)
        assert complete
        assert set(map(str, shop.customers)) <= set(later) | {record.ref.id for record in first.records}


def test_a_later_pull_brings_the_accounts_that_were_active(platform: WooCommerce, shop: Shop) -> None:
    for row in shop.customers.values():
        row["meta_data"] = [meta for meta in row["meta_data"] if meta["key"] != "wc_last_active"]
        stamp(row, "created", datetime.now(UTC) - timedelta(days=400))
    shop.orders.clear()
    _, cursor, _ = pulled(platform, Kind.CUSTOMER)
    active, registered = people(shop)[:2]
    now = str(int(datetime.now(UTC).timestamp()))
    shop.customers[active]["meta_data"].append({"id": shop.next_id(), "key": "wc_last_active", "value": now})
    stamp(shop.customers[registered], "created", datetime.now(UTC))
    found, later, complete = pulled(platform, Kind.CUSTOMER, cursor)
    assert set(found) == {str(active), str(registered)}
    assert not complete
    assert later


def test_an_account_and_its_guest_orders_have_identifiers_in_common(
    platform: WooCommerce, shop: Shop
) -> None:
    account = shop.customers[people(shop)[0]]
    account["billing"]["email"] = ""
    order = shop.place_order(email=account["email"].upper())
    records, _, _ = pulled(platform, Kind.CUSTOMER)
    orders, _, _ = pulled(platform, Kind.ORDER)
    mine = {known.digest for known in records[str(account["id"])].identifiers}
    assert mine & {known.digest for known in orders[str(order["id"])].identifiers}


def test_a_balance_is_a_fact(platform: WooCommerce, shop: Shop) -> None:
    rich, poor = people(shop)[:2]
    shop.customers[rich]["meta_data"].append(
        {"id": 1, "key": "_current_woo_wallet_balance", "value": "120.00"}
    )
    found, _, _ = pulled(platform, Kind.CUSTOMER)
    assert (found[str(rich)].facts.balance, found[str(poor)].facts.balance) == (True, False)


def test_an_account_is_deleted_and_its_orders_stay_with_a_guest(platform: WooCommerce, shop: Shop) -> None:
    ids = people(shop)[:10]
    orders = len(shop.orders)
    receipts = run(platform, Kind.CUSTOMER, ids, frozenset(Field), Action.DELETE)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert not set(ids) & set(shop.customers)
    assert len(shop.orders) == orders


def test_a_staff_account_is_refused_with_the_reason(platform: WooCommerce, shop: Shop) -> None:
    admin = next(id_ for id_, row in shop.customers.items() if row["role"] == "administrator")
    receipt = run(platform, Kind.CUSTOMER, [admin], frozenset(Field), Action.DELETE)[0]
    assert receipt.outcome is Outcome.REFUSED
    assert "staff" in receipt.reason
    assert admin in shop.customers


def test_an_account_deleted_meanwhile_is_already_gone(platform: WooCommerce, shop: Shop) -> None:
    ids = people(shop)[:3]
    refs = [Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id=str(id_)) for id_ in ids]
    tasks = [Task(live=live, action=Action.DELETE, fields=frozenset(Field)) for live in platform.fetch(refs)]
    shop.forget_customer(ids[1])
    found = {receipt.ref: receipt.outcome for receipt in platform.apply(tasks)}
    assert [found[ref] for ref in refs] == [Outcome.DONE, Outcome.ALREADY_GONE, Outcome.DONE]


@pytest.mark.parametrize("fault", ["cut", "cut_after", "503_html"])
def test_an_interrupted_deletion_of_accounts_is_settled(box: Sandbox, shop: Shop, fault: str) -> None:
    box.woocommerce.faults.add(fault, "customers/batch", after=1)
    ids = people(shop)[:20]
    receipts = run(platform_of(box), Kind.CUSTOMER, ids, frozenset(Field), Action.DELETE)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    assert not set(ids) & set(shop.customers)


def test_a_redacted_account_says_that_a_hand_is_needed(platform: WooCommerce, shop: Shop) -> None:
    id_ = people(shop)[0]
    fields = frozenset({Field.PHONE, Field.BILLING_ADDRESS, Field.NAME})
    receipt = run(platform, Kind.CUSTOMER, [id_], fields, Action.REDACT)[0]
    assert receipt.done == {Field.PHONE, Field.BILLING_ADDRESS}
    assert receipt.by_hand == {Field.NAME}
    assert receipt.places
    assert shop.customers[id_]["billing"]["phone"] == ""
    assert shop.customers[id_]["first_name"]


def review(shop: Shop, **more: Any) -> dict[str, Any]:
    row = {"id": shop.next_id(), "product_id": 1, "product_name": "Skärbräda", "product_permalink": "",
           "status": "hold", "reviewer": "Åsa Lind", "reviewer_email": "asa.lind@kund.example",
           "review": "<p>Fin!</p>", "rating": 5, "verified": True, "reviewer_avatar_urls": {},
           **more}  # fmt: skip
    stamp(row, "created", datetime.now(UTC))
    shop.reviews[row["id"]] = row
    return row


def test_reviews_of_every_status_are_pulled(platform: WooCommerce, shop: Shop) -> None:
    rows = [review(shop), review(shop, status="approved"), review(shop, status="spam")]
    found, _, complete = pulled(platform, Kind.REVIEW)
    assert {str(row["id"]) for row in rows} <= set(found)
    assert complete
    record = found[str(rows[0]["id"])]
    assert set(from_bits(record.present)) == {Field.NAME, Field.EMAIL}
    assert set(from_bits(record.unread)) == {Field.IP_ADDRESS, Field.USER_AGENT}


def test_a_deleted_review_is_gone_for_good_and_once(platform: WooCommerce, shop: Shop) -> None:
    row = review(shop)
    ref = Ref(adapter="woocommerce", kind=Kind.REVIEW, id=str(row["id"]))
    tasks = [Task(live=live, action=Action.DELETE, fields=frozenset(Field)) for live in platform.fetch([ref])]
    assert [receipt.outcome for receipt in platform.apply(tasks)] == [Outcome.DONE]
    assert row["id"] not in shop.reviews
    assert [receipt.outcome for receipt in platform.apply(tasks)] == [Outcome.ALREADY_GONE]


def test_a_redacted_review_keeps_its_text_and_says_where_the_ip_is(platform: WooCommerce, shop: Shop) -> None:
    row = review(shop)
    fields = frozenset({Field.NAME, Field.EMAIL, Field.IP_ADDRESS})
    receipt = run(platform, Kind.REVIEW, [row["id"]], fields, Action.REDACT)[0]
    assert (receipt.done, receipt.by_hand) == ({Field.NAME, Field.EMAIL}, {Field.IP_ADDRESS})
    assert is_placeholder(row["reviewer"])
    assert is_placeholder(row["reviewer_email"])
    assert row["review"] == "<p>Fin!</p>"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>Fin skål! Hälsningar Åsa Lind</p>", "<p>Fin skål! Hälsningar …</p>"),
        ("<p>Lind, Åsa: asa.lind@kund.example</p>", "<p>…: …</p>"),
        ("Åsas favorit, under en lind", "… favorit, under en lind"),
        ("&Aring;sa tackar", "… tackar"),
    ],
)
def test_the_reviewers_name_and_address_leave_the_text_of_a_review(
    platform: WooCommerce, shop: Shop, text: str, left: str
) -> None:
    row = review(shop)
    row["reviewer"], row["review"] = "Åsa Lind", text
    receipt = run(platform, Kind.REVIEW, [row["id"]], frozenset({Field.NAME, Field.EMAIL}), Action.REDACT)[0]
    assert receipt.done == {Field.NAME, Field.EMAIL}
    assert row["review"] == left


def test_a_review_that_shows_an_address_only_in_its_text_holds_one(platform: WooCommerce, shop: Shop) -> None:
    row = review(shop)
    row["reviewer"] = row["reviewer_email"] = ""
    row["review"] = "Skriv till asa@kund.example"
    assert Field.EMAIL in from_bits(pulled(platform, Kind.REVIEW)[0][str(row["id"])].present)


def coupon(shop: Shop, **more: Any) -> dict[str, Any]:
    row = {"id": shop.next_id(), "code": "valkommen", "amount": "50.00", "status": "publish",
           "discount_type": "fixed_cart", "description": "Till Åsa Lind", "date_expires": None,
           "date_expires_gmt": None, "usage_count": 0, "usage_limit": None, "meta_data": [],
           "email_restrictions": ["asa.lind@kund.example"], "used_by": [], **more}  # fmt: skip
    stamp(row, "created", datetime.now(UTC))
    stamp(row, "modified", datetime.now(UTC))
    shop.coupons[row["id"]] = row
    return row


def free(platform: WooCommerce, row: dict[str, Any]) -> Receipt:
    return run(platform, Kind.COUPON, [row["id"]], frozenset({Field.EMAIL}), Action.REDACT)[0]


def test_who_used_a_coupon_is_held_and_only_a_hand_can_take_it(platform: WooCommerce, shop: Shop) -> None:
    row = coupon(shop, email_restrictions=[], description="", used_by=["asa@kund.example", "17"])
    record = pulled(platform, Kind.COUPON)[0][str(row["id"])]
    assert from_bits(record.present) == from_bits(record.stuck) == (Field.EMAIL,)
    receipt = free(platform, row)
    assert (receipt.outcome, receipt.by_hand, receipt.places) == (
        Outcome.BY_HAND, {Field.EMAIL}, ("used_by",),
    )  # fmt: skip


def test_an_expired_coupon_loses_its_address(platform: WooCommerce, shop: Shop) -> None:
    row = coupon(shop, date_expires="2020-01-01T00:00:00", date_expires_gmt="2019-12-31T23:00:00")
    assert free(platform, row).outcome is Outcome.DONE
    assert (row["email_restrictions"], row["description"], row["amount"]) == ([], "", "50.00")
    assert free(platform, row).outcome is Outcome.ALREADY_GONE


@pytest.mark.parametrize("more", [{}, {"usage_count": 1, "usage_limit": 1}])
def test_a_coupon_that_counts_or_may_again_is_not_opened_to_everybody(
    platform: WooCommerce, shop: Shop, more: dict[str, Any]
) -> None:
    row = coupon(shop, **more)
    assert free(platform, row).outcome is Outcome.DONE
    assert len(row["email_restrictions"]) == 1
    assert is_placeholder(row["email_restrictions"][0])
    assert free(platform, row).outcome is Outcome.ALREADY_GONE


@pytest.mark.parametrize("more", [
    {"discount_type": "smart_coupon"}, {"discount_type": "store_credit"},
    {"meta_data": [{"id": 1, "key": "_wc_gc_balance", "value": "100"}]},
])  # fmt: skip
def test_a_coupon_with_a_balance_is_never_written(
    platform: WooCommerce, shop: Shop, more: dict[str, Any]
) -> None:
    row = coupon(shop, **more)
    found, _, _ = pulled(platform, Kind.COUPON)
    assert found[str(row["id"])].facts.balance
    assert free(platform, row).outcome is Outcome.REFUSED
    assert row["email_restrictions"] == ["asa.lind@kund.example"]


@pytest.mark.parametrize(
    ("more", "ends"),
    [({}, None), ({"usage_count": 1, "usage_limit": 2}, None), ({"usage_limit": 0, "usage_count": 3}, None),
     ({"usage_count": "1", "usage_limit": "1"}, date(2016, 3, 1)),
     ({"usage_count": 1, "usage_limit": 1, "date_expires_gmt": "2018-12-31T23:00:00"}, date(2019, 1, 1)),
     ({"date_expires_gmt": "2099-01-01T00:00:00"}, date(2099, 1, 1))],
)  # fmt: skip
def test_a_coupon_ends_when_it_expires_or_is_used_up(more: dict[str, Any], ends: date | None) -> None:
    row = {"id": 1, "date_modified_gmt": "2016-03-01T10:00:00", "usage_limit": None, **more}
    assert coupon_record(row, KEYER).facts.closed == ends


def test_addresses_in_a_list_with_a_hole_are_read_and_those_of_a_company_stay() -> None:
    row = {"id": 1, "email_restrictions": {"1": "asa.lind@kund.example", "2": "*@firma.example"}}
    assert coupon_handles(row) == {"email": ("asa.lind@kund.example",)}
    body = coupon_update(row, {Field.EMAIL}, datetime.now(UTC), "nobody@redacted.invalid")
    assert body == {"email_restrictions": ["*@firma.example"]}


@pytest.mark.parametrize(
    "row", [{"description": "Till Berit, berit@kund.example"}, {"code": "berit@kund.example"}]
)
def test_an_address_in_a_description_or_a_code_is_seen(row: dict[str, Any]) -> None:
    record = coupon_record({"id": 1, **row}, KEYER)
    assert Field.EMAIL in from_bits(record.present) or record.residue == ("coupon_code",)


def test_addresses_of_those_who_used_a_coupon_are_residue(platform: WooCommerce, shop: Shop) -> None:
    row = coupon(shop, used_by=["asa.lind@kund.example", "17"])
    found, _, _ = pulled(platform, Kind.COUPON)
    assert found[str(row["id"])].residue == ("used_by",)
    assert Field.EMAIL in platform.capabilities(Kind.COUPON).residue["used_by"]


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON])
def test_what_the_table_calls_redactable_is_redacted(platform: WooCommerce, shop: Shop, kind: Kind) -> None:
    review(shop)
    coupon(shop)
    for order in shop.orders.values():
        shop.add_note(order["id"], "Ring 0701234567", author="Karin")
    table = capabilities(kind, {})
    redactable = frozenset(field for field, ability in table.fields.items() if ability is Ability.REDACT)
    rows: dict[Kind, Any] = {Kind.ORDER: list(shop.orders)[:50], Kind.CUSTOMER: people(shop)[:20],
                             Kind.REVIEW: list(shop.reviews),
                             Kind.COUPON: [id_ for id_, row in shop.coupons.items() if not has_balance(row)],
                             }  # fmt: skip
    receipts = run(platform, kind, rows[kind], redactable, Action.REDACT)
    assert receipts
    refs = [Ref(adapter="woocommerce", kind=kind, id=str(id_)) for id_ in rows[kind]]
    for live in platform.fetch(refs):
        assert not set(from_bits(live.record.present & ~live.record.stuck)) & redactable


def test_a_kind_that_woocommerce_does_not_keep_can_nothing() -> None:
    assert capabilities(Kind.SUBSCRIBER, {}).fields == {}


def test_every_field_that_cannot_be_written_names_its_place() -> None:
    for kind in (Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON):
        table = capabilities(kind, {})
        for field, ability in table.fields.items():
            assert ability is not Ability.CANNOT or table.places[field]


def test_two_pulls_at_once_do_not_disturb_each_other(platform: WooCommerce, shop: Shop) -> None:
    found: list[set[str]] = []
    threads = [
        threading.Thread(target=lambda kind=kind: found.append(set(pulled(platform, kind)[0])))
        for kind in (Kind.ORDER, Kind.CUSTOMER)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found)) == sorted([len(shop.orders), len(shop.customers)])
