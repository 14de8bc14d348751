"""The check: what it finds, and that it writes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.woocommerce.check import check
from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.deciding.guards import must_be_writable
from connector.errors import AccessDenied, SettingsError
from connector.ports import Access
from connector.records import HoldId, Kind, Ref
from sandbox import Sandbox
from sandbox.wire import Answer, Request
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import copy, stamp
from tests.unit.adapters.woocommerce.conftest import platform_of, settings_of


def codes(access: Access) -> set[str]:
    return {problem.code for problem in access.problems}


def test_a_good_key_reads_and_writes(platform: WooCommerce) -> None:
    access = platform.check()
    assert (access.reachable, access.can_read, access.can_write) == (True, True, True)
    assert (access.version, access.timezone) == ("10.5.0", "Europe/Stockholm")
    assert not [problem for problem in access.problems if problem.severity == "error"]


def test_a_check_changes_nothing(platform: WooCommerce, shop: Shop) -> None:
    before = copy({"orders": {str(id_): row for id_, row in shop.orders.items()}, "options": shop.options})
    platform.check()
    assert (
        copy({"orders": {str(id_): row for id_, row in shop.orders.items()}, "options": shop.options})
        == before
    )
    assert not shop.deliveries


def test_a_read_only_key_is_found_out(box: Sandbox) -> None:
    woo = box.woocommerce
    access = platform_of(box, key=woo.read_key, secret=woo.read_secret).check()
    assert (access.can_read, access.can_write) == (True, False)
    assert "read_only_key" in codes(access)


@pytest.mark.parametrize("wrong", [{"key": "ck_wrong"}, {"secret": "cs_wrong"}])
def test_a_wrong_key_is_reachable_and_reads_nothing(box: Sandbox, wrong: dict[str, str]) -> None:
    access = platform_of(box, **wrong).check()
    assert (access.reachable, access.can_read, access.can_write) == (True, False, None)
    assert codes(access) == {"orders_unreadable"}


def test_a_wrong_address_is_not_reachable(box: Sandbox) -> None:
    access = platform_of(box, rest_prefix="wp-jsonx").check()
    assert not access.reachable
    assert "index_unreadable" in codes(access)


def test_a_silent_machine_is_not_reachable(box: Sandbox) -> None:
    access = platform_of(box, url="http://127.0.0.1:9").check()
    assert not access.reachable
    assert "could not be reached" in access.problems[0].en


def test_another_rest_prefix_is_honoured() -> None:
    with Sandbox(orders=20, customers=10, rest_prefix="api") as box:
        assert platform_of(box, rest_prefix="api").check().can_write


def test_frozen_copies_of_the_old_storage_are_told(platform: WooCommerce, shop: Shop) -> None:
    assert "frozen_copies" in codes(platform.check())
    shop.hpos_sync = True
    assert "frozen_copies" not in codes(platform.check())


def places(access: Access) -> dict[str, int | None]:
    return {one.place: one.count for one in access.beyond}


def test_frozen_copies_stand_in_the_by_hand_list_with_their_number(platform: WooCommerce, shop: Shop) -> None:
    assert places(platform.check())["old_storage"] is None
    shop.frozen_posts = 107
    assert places(platform.check())["old_storage"] == 107


def test_the_old_storage_is_told_and_linked(platform: WooCommerce, shop: Shop) -> None:
    shop.hpos, shop.hpos_sync = False, True
    access = platform.check()
    assert "legacy_orders" in codes(access)
    assert "post.php?post={id}" in access.links[Kind.ORDER]
    assert not {"old_storage", "new_storage"} & set(places(access))


def test_frozen_copies_in_the_new_tables_are_told_and_stand_in_the_by_hand_list(
    platform: WooCommerce, shop: Shop
) -> None:
    shop.hpos = False
    access = platform.check()
    assert "frozen_tables" in codes(access)
    assert "legacy_orders" not in codes(access)
    assert "new_storage" in places(access)
    assert "post.php?post={id}" in access.links[Kind.ORDER]


def test_every_place_of_a_shop_that_no_api_reaches_is_named(platform: WooCommerce) -> None:
    assert set(places(platform.check())) == {
        "download_log", "payment_tokens", "scheduled_actions", "sessions", "deleted_orders_notes", "logs",
        "customer_lookup", "old_storage",
    }  # fmt: skip


def test_the_analytics_customers_are_counted(platform: WooCommerce, shop: Shop) -> None:
    shop.orders.clear()
    customers = sum(row["role"] == "customer" for row in shop.customers.values())
    assert places(platform.check())["customer_lookup"] == customers


def test_a_shop_that_tells_no_storage_names_both(platform: WooCommerce, box: Sandbox) -> None:
    box.woocommerce.faults.add("403_html", "system_status")
    assert {"old_storage", "new_storage"} <= set(places(platform.check()))


def webhook(shop: Shop, id_: int, **more: Any) -> None:
    row = {"id": id_, "name": "Till affärssystemet", "status": "active", "topic": "order.updated",
           "resource": "order", "event": "updated", "delivery_url": "https://erp.example/in?token=1",
           **more}  # fmt: skip
    stamp(row, "created", datetime.now(UTC))
    stamp(row, "modified", datetime.now(UTC))
    shop.webhooks[id_] = row


def plugin(shop: Shop, file: str) -> None:
    shop.plugins.append({"plugin": file, "name": "x", "version": "1"})


def test_webhooks_and_plugins_are_listeners_with_stable_ids(platform: WooCommerce, shop: Shop) -> None:
    webhook(shop, 7)
    webhook(shop, 8, status="paused")
    plugin(shop, "woocommerce-fortnox-integration/plugin.php")
    plugin(shop, "mailchimp-for-woocommerce/m.php")
    found = {listener.id: listener for listener in platform.check().listeners}
    assert found["webhook:7"].hears == "order.updated"
    assert (found["webhook:7"].active, found["webhook:8"].active) == (True, False)
    assert found["plugin:woocommerce-fortnox-integration"].kind == "plugin"
    assert "plugin:mailchimp-for-woocommerce" in found
    assert "plugin:woocommerce" not in found


@pytest.mark.parametrize("fault", ["empty_body", "403_html"])
def test_webhooks_that_are_not_shown_in_full_are_never_none(
    platform: WooCommerce, shop: Shop, box: Sandbox, fault: str
) -> None:
    webhook(shop, 7)
    assert platform.check().listeners_read
    box.woocommerce.faults.add(fault, "GET webhooks", times=-1)
    access = platform.check()
    assert not access.listeners_read
    assert "listeners_unread" in codes(access)


def test_that_nothing_vouches_for_an_empty_list_of_webhooks_is_said(
    platform: WooCommerce, shop: Shop
) -> None:
    shop.webhooks.clear()
    assert "no_webhooks_shown" in codes(platform.check())
    webhook(shop, 7)
    assert "no_webhooks_shown" not in codes(platform.check())


def test_plugins_without_woocommerce_itself_were_not_shown(platform: WooCommerce, shop: Shop) -> None:
    assert HoldId.SUBSCRIPTION not in platform.check().unreadable_holds
    shop.plugins.clear()
    plugin(shop, "klarna-checkout-for-woocommerce/klarna-checkout-for-woocommerce.php")
    access = platform.check()
    assert not access.listeners_read
    assert {HoldId.SUBSCRIPTION, HoldId.BALANCE} <= access.unreadable_holds


def test_of_a_webhooks_address_only_its_host_is_told(platform: WooCommerce, shop: Shop) -> None:
    webhook(shop, 7, name="")
    access = platform.check()
    (heard,) = (listener for listener in access.listeners if listener.id == "webhook:7")
    assert heard.host == "erp.example"
    assert "token=1" not in str(access)


def test_own_retention_that_cannot_be_read_is_told(platform: WooCommerce, box: Sandbox) -> None:
    assert "own_retention_unknown" not in codes(platform.check())
    box.woocommerce.faults.add("403_html", "wc-admin/options")
    assert "own_retention_unknown" in codes(platform.check())


def test_a_read_only_key_reads_the_retention_periods(box: Sandbox) -> None:
    woo = box.woocommerce
    woo.shop.options["woocommerce_trash_failed_orders"] = {"number": 30, "unit": "days"}
    found = codes(platform_of(box, key=woo.read_key, secret=woo.read_secret).check())
    assert "own_retention:trash_failed_orders" in found
    assert "own_retention_unknown" not in found


@pytest.mark.parametrize("name", ["erasure_request_removes_order_data", "allow_bulk_remove_personal_data"])
def test_wordpress_own_erasure_of_orders_is_a_warning(platform: WooCommerce, shop: Shop, name: str) -> None:
    assert f"own_retention:{name}" not in codes(platform.check())
    shop.options[f"woocommerce_{name}"] = "yes"
    found = {problem.code: problem for problem in platform.check().problems}[f"own_retention:{name}"]
    assert found.severity == "warning"
    assert "on hold" in found.en


def test_own_erasure_that_neither_route_tells_is_unknown(platform: WooCommerce, box: Sandbox) -> None:
    box.woocommerce.shop.options["woocommerce_allow_bulk_remove_personal_data"] = None
    assert "own_erasure_unknown" in codes(platform.check())


def test_own_retention_of_orders_is_a_warning_about_the_books(platform: WooCommerce, shop: Shop) -> None:
    shop.options["woocommerce_anonymize_completed_orders"] = {"number": "84", "unit": "months"}
    shop.options["woocommerce_delete_inactive_accounts"] = {"number": "", "unit": "months"}
    access = platform.check()
    found = [problem for problem in access.problems if problem.code.startswith("own_retention")]
    assert [problem.code for problem in found] == ["own_retention:anonymize_completed_orders"]
    assert found[0].severity == "warning"
    assert "84 months" in found[0].en
    assert "12 to 29 months" in found[0].en
    assert "84 månader" in found[0].sv


def test_a_clock_that_is_off_is_told(box: Sandbox) -> None:
    settings = settings_of(box)
    access = check(connect(settings), settings, lambda: datetime.now(UTC) + timedelta(minutes=12))
    assert "clock_skew" in codes(access)


@pytest.mark.parametrize(("file", "hold"), [
    ("woocommerce-gift-cards/g.php", HoldId.BALANCE), ("woo-wallet/w.php", HoldId.BALANCE),
    ("woocommerce-subscriptions/s.php", HoldId.SUBSCRIPTION),
])  # fmt: skip
def test_a_plugin_whose_holds_cannot_be_read_makes_them_unreadable(
    platform: WooCommerce, shop: Shop, file: str, hold: HoldId
) -> None:
    assert platform.check().unreadable_holds == {HoldId.DISPUTE}
    plugin(shop, file)
    assert platform.check().unreadable_holds == {HoldId.DISPUTE, hold}


def test_a_shop_that_tells_no_plugins_leaves_holds_unreadable(platform: WooCommerce, box: Sandbox) -> None:
    box.woocommerce.faults.add("403_html", "system_status")
    access = platform.check()
    assert access.unreadable_holds == {HoldId.DISPUTE, HoldId.BALANCE, HoldId.SUBSCRIPTION}
    assert (access.can_read, access.can_write) == (True, True)


def test_every_record_has_a_link_into_the_admin(platform: WooCommerce) -> None:
    links = {
        kind: platform.admin_link(Ref(adapter="woocommerce", kind=kind, id="7")) for kind in platform.kinds
    }
    assert links[Kind.ORDER].endswith("/wp-admin/admin.php?page=wc-orders&action=edit&id=7")
    assert links[Kind.CUSTOMER].endswith("/wp-admin/user-edit.php?user_id=7")


def base(**more: Any) -> dict[str, Any]:
    return {"url": "http://shop.example", "key": "ck", "secret": "cs", **more}


def test_plain_http_to_another_machine_is_refused() -> None:
    with pytest.raises(SettingsError, match="use https"):
        connect(base())


def test_plain_http_needs_the_owners_word() -> None:
    assert connect(base(insecure=True)).http.base == "http://shop.example/wp-json/"


def test_an_order_meta_that_names_no_field_is_refused(box: Sandbox) -> None:
    with pytest.raises(SettingsError, match="no field is called"):
        platform_of(box, order_meta={"gravyr": "engraving"})


def test_a_user_who_may_not_list_accounts_is_found_out(box: Sandbox) -> None:
    box.woocommerce.faults.add("403_html", "GET customers", times=9)
    access = platform_of(box).check()
    assert not access.can_read
    assert "customers_unreadable" in {one.code for one in access.problems if one.severity == "error"}


@pytest.mark.parametrize(
    "lead", [b"\xef\xbb\xbf", b"<br />\n<b>Warning</b>: x in <b>/a.php</b> on line <b>3</b><br />\n"]
)
def test_what_stands_before_the_answers_is_told(
    platform: WooCommerce, box: Sandbox, lead: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = box.woocommerce.server.service
    inner = service.answer

    def answer(request: object, fault: object) -> object:
        found = inner(request, fault)
        found.body = lead + found.encode().partition(b"\r\n\r\n")[2]
        return found

    monkeypatch.setattr(service, "answer", answer)
    access = platform.check()
    assert "printed" in {problem.code for problem in access.problems}
    assert access.can_read


def test_a_write_that_is_redirected_is_told_as_such_and_not_as_a_key_that_may_not_write(
    box: Sandbox, platform: WooCommerce
) -> None:
    served = box.woocommerce.server._handle

    def redirects(request: Request) -> Any:
        if request.method == "PUT":
            return Answer(301, b"", {"Location": f"{box.woocommerce.url}/wp-json/wc/v3/orders/0/"})
        return served(request)

    box.woocommerce.server._handle = redirects  # type: ignore[method-assign]
    try:
        access = platform.check()
    finally:
        box.woocommerce.server._handle = served  # type: ignore[method-assign]
    (told,) = [problem.en for problem in access.problems if problem.severity == "error"]
    assert access.can_write is False
    assert "301 (redirected)" in told
    with pytest.raises(AccessDenied, match="sends the API's address elsewhere"):
        must_be_writable({"woocommerce": access})
