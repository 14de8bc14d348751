"""Writing orders: what is due goes, what is not stays, and the money does not move."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.woocommerce import write_orders as stage
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.platform import WooCommerce
from connector.errors import AccessDenied, MoneyMoved, Rejected, RetryLater
from connector.identity import is_placeholder
from connector.plan import steps_of
from connector.policy import decide
from connector.ports import Gone, Live, Receipt, Task
from connector.records import Action, Facts, Field, Kind, Outcome, Ref, from_bits
from connector.verdicts import State
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import copy
from tests.engine_support import make_policy
from tests.unit.adapters.woocommerce.conftest import platform_of

CONTACT = frozenset({Field.EMAIL, Field.PHONE, Field.NAME, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS})
ALL = frozenset(Field)
BATCH = ("POST", "/wc/v3/orders/batch")


def refs(ids: Collection[int]) -> list[Ref]:
    return [Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order_id)) for order_id in ids]


def redact(platform: WooCommerce, ids: Collection[int], fields: frozenset[Field]) -> list[Receipt]:
    return run(platform, ids, fields, Action.REDACT)


def run(
    platform: WooCommerce, ids: Collection[int], fields: frozenset[Field], action: Action
) -> list[Receipt]:
    tasks = [Task(live=live, action=action, fields=fields) for live in platform.fetch(refs(ids))]
    return list(platform.apply(tasks))


def untouched(shop: Shop, count: int) -> list[int]:
    """Orders that still have their address."""
    found = (id_ for id_, order in shop.orders.items() if not is_placeholder(order["billing"]["email"]))
    return [next(found) for _ in range(count)]


def outcomes(receipts: Sequence[Receipt]) -> set[Outcome]:
    return {receipt.outcome for receipt in receipts}


def place(shop: Shop, **more: Any) -> dict[str, Any]:
    billing = {"first_name": "Åsa", "last_name": "Lind", "address_1": "Storgatan 1", "city": "Umeå",
               "postcode": "903 25", "country": "SE", "phone": "0701234567"}  # fmt: skip
    return shop.place_order(email="asa.lind@kund.example", billing=billing, status="completed", **more)


def test_every_due_field_is_gone_and_the_others_stay(platform: WooCommerce, shop: Shop) -> None:
    ids = list(shop.orders)[:120]
    before = {live.record.ref.id: set(from_bits(live.record.present)) for live in platform.fetch(refs(ids))}
    receipts = redact(platform, ids, CONTACT)
    assert outcomes(receipts) <= {Outcome.DONE, Outcome.ALREADY_GONE}
    assert {receipt.ref.id for receipt in receipts} == set(map(str, ids))
    for live in platform.fetch(refs(ids)):
        left = set(from_bits(live.record.present))
        assert not left & CONTACT
        # A gift's recipient and a door code stand in the address that went with them.
        assert before[live.record.ref.id] - CONTACT - left <= {
            Field.GIFT_RECIPIENT, Field.DOOR_CODE, Field.COMPANY, Field.PERSONAL_NUMBER,
        }  # fmt: skip


def test_money_stays_after_the_tax_table_has_changed(platform: WooCommerce, shop: Shop) -> None:
    ids = list(shop.orders)[:60]
    before = {order_id: fingerprint(copy(shop.orders[order_id])) for order_id in ids}
    for tax in shop.taxes:
        tax["rate"] = "12.0000"
    redact(platform, ids, ALL - {Field.STAFF_NOTES})
    assert {order_id: fingerprint(shop.orders[order_id]) for order_id in ids} == before


def naive(order_id: int, holdings: object, due: object) -> dict[str, Any]:
    """The write that everybody tries first: it makes WooCommerce recalculate."""
    return {"id": order_id, "billing": {"first_name": "", "phone": ""}}


def test_a_recalculating_write_stops_the_run_after_one_order(
    platform: WooCommerce, shop: Shop, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "order_update", naive)
    for tax in shop.taxes:
        tax["rate"] = "12.0000"
    ids = list(shop.orders)[:40]
    totals = {order_id: shop.orders[order_id]["total"] for order_id in ids}
    with pytest.raises(MoneyMoved, match="compare the order with the books"):
        redact(platform, ids, frozenset({Field.PHONE}))
    assert sum(totals[order_id] != shop.orders[order_id]["total"] for order_id in ids) == 1
    assert box.woocommerce.requests[BATCH] == 1


def test_moved_money_in_a_later_batch_stops_the_run_and_tells_what_was_done(
    shop: Shop, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = platform_of(box, batch=5)
    ids = list(shop.orders)[:60]
    victim = ids[30]
    right = stage.order_update
    monkeypatch.setattr(
        stage,
        "order_update",
        lambda id_, held, due: naive(id_, held, due) if id_ == victim else right(id_, held, due),
    )
    for tax in shop.taxes:
        tax["rate"] = "12.0000"
    tasks = [
        Task(live=live, action=Action.REDACT, fields=frozenset({Field.PHONE}))
        for live in platform.fetch(refs(ids))
    ]
    told: list[Receipt] = []
    with pytest.raises(MoneyMoved):
        told.extend(platform.apply(tasks))
    written = [order_id for order_id in ids if not shop.orders[order_id]["billing"]["phone"]]
    assert 1 < len(written) < len(ids)


def test_the_first_write_of_a_process_is_one_order(platform: WooCommerce, shop: Shop, box: Sandbox) -> None:
    sent = watch(platform)
    redact(platform, list(shop.orders)[:130], frozenset({Field.PHONE, Field.USER_AGENT}))
    sizes = [len(body["update"]) for body in sent if body]
    assert sizes[0] == 1
    assert max(sizes) <= 50
    assert len(sizes) == box.woocommerce.requests[BATCH] == 4


def watch(platform: WooCommerce) -> list[Any]:
    """The bodies of all later requests, as they are sent."""
    sent: list[Any] = []
    http = platform._client.http
    real = http.request

    def request(method: str, path: str, **given: Any) -> Any:
        assert method == "GET" or "_fields" not in (given.get("params") or {})
        sent.append(given.get("json"))
        return real(method, path, **given)

    http.request = request  # type: ignore[method-assign]
    return sent


def test_no_write_names_a_status_an_address_block_or_a_line(platform: WooCommerce, shop: Shop) -> None:
    sent = watch(platform)
    redact(platform, list(shop.orders)[:60], ALL)
    items = [item for body in sent if body for item in body["update"]]
    assert items
    for item in items:
        assert set(item) <= {"id", "meta_data", "customer_note", "customer_id", "transaction_id"}


def test_a_redaction_mails_nobody_and_adds_no_note(platform: WooCommerce, shop: Shop) -> None:
    mails = len(shop.mails)
    notes = sum(map(len, shop.notes.values()))
    redact(platform, list(shop.orders)[:60], CONTACT)
    assert len(shop.mails) == mails
    assert sum(map(len, shop.notes.values())) == notes


def test_a_second_run_finds_everything_already_gone_and_writes_nothing(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    ids = list(shop.orders)[:60]
    redact(platform, ids, ALL)
    written = box.woocommerce.requests[BATCH]
    assert outcomes(redact(platform, ids, ALL)) == {Outcome.ALREADY_GONE}
    assert box.woocommerce.requests[BATCH] == written


def test_the_new_address_is_random_and_reaches_nobody(platform: WooCommerce, shop: Shop) -> None:
    orders = [place(shop), place(shop)]
    redact(platform, [order["id"] for order in orders], frozenset({Field.EMAIL}))
    addresses = {order["billing"]["email"] for order in orders}
    assert len(addresses) == 2
    assert all(is_placeholder(address) and address.endswith(".invalid") for address in addresses)


def test_an_account_keeps_its_order_when_only_the_address_is_due(platform: WooCommerce, shop: Shop) -> None:
    customer = next(iter(shop.customers))
    order = place(shop, customer_id=customer)
    redact(platform, [order["id"]], frozenset({Field.EMAIL}))
    assert order["customer_id"] == customer
    assert is_placeholder(order["billing"]["email"])


def test_the_account_link_goes_in_the_same_write_as_the_address(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop, customer_id=next(iter(shop.customers)))
    sent = watch(platform)
    redact(platform, [order["id"]], frozenset({Field.EMAIL, Field.ACCOUNT}))
    assert (order["customer_id"], is_placeholder(order["billing"]["email"])) == (0, True)
    assert sum(1 for body in sent if body) == 1


def test_country_and_three_digits_of_the_postcode_stay(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    redact(platform, [order["id"]], CONTACT)
    assert (order["shipping"]["country"], order["shipping"]["postcode"]) == ("SE", "903")
    assert (order["billing"]["country"], order["billing"]["postcode"]) == ("SE", "")
    assert not any(order["shipping"][part] for part in ("first_name", "last_name", "address_1", "city"))


def test_a_door_code_is_cut_out_and_the_rest_of_the_note_stays(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    shop.edit_order(order["id"], customer_note="Lämna paketet i soprummet, portkod 4711.")
    redact(platform, [order["id"]], frozenset({Field.DOOR_CODE}))
    assert "4711" not in order["customer_note"]
    assert order["customer_note"].startswith("Lämna paketet i soprummet")


def test_a_personal_number_goes_wherever_its_value_stands(platform: WooCommerce, shop: Shop) -> None:
    number = "19421210-9807"
    order = place(
        shop, meta={"ovanlig_nyckel": number, "blandat": {"text": f"pnr {number} tack"}, "antal": "3"}
    )
    shop.edit_order(order["id"], customer_note=f"Mitt personnummer är {number} om det behövs.")
    receipts = redact(platform, [order["id"]], frozenset({Field.PERSONAL_NUMBER}))
    meta = {row["key"]: row["value"] for row in order["meta_data"]}
    assert outcomes(receipts) == {Outcome.DONE}
    assert number not in str(order)
    assert "ovanlig_nyckel" not in meta
    assert meta["antal"] == "3"
    assert "tack" in str(meta["blandat"])


def test_a_key_that_no_rule_names_is_told_and_never_removed(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop, meta={"partner_kontakt": "bo.ek@partner.example", "halsning": "Till Åsa Lind"})
    live = next(iter(platform.fetch(refs([order["id"]]))))
    told = {(found.code, found.place) for found in live.record.surprises}
    assert told == {
        ("unknown_key:email", "meta:partner_kontakt"), ("unknown_key:person", "meta:partner_kontakt"),
        ("unknown_key:name", "meta:halsning"), ("unknown_key:message", "meta:halsning"),
    }  # fmt: skip
    redact(platform, [order["id"]], ALL)
    assert {row["key"] for row in order["meta_data"]} == {"partner_kontakt", "halsning"}


def test_a_key_named_in_the_settings_is_removed_with_its_field(box: Sandbox, shop: Shop) -> None:
    order = place(shop, meta={"gravyr": "Till mormor", "annat": "x"})
    redact(platform_of(box, order_meta={"gravyr": "custom"}), [order["id"]], frozenset({Field.CUSTOM}))
    assert [row["key"] for row in order["meta_data"]] == ["annat"]


def test_a_gift_recipient_goes_before_the_buyer(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    order["shipping"].update(first_name="Bo", last_name="Ek", address_1="Lillgatan 2")
    redact(platform, [order["id"]], frozenset({Field.GIFT_RECIPIENT}))
    assert (order["shipping"]["first_name"], order["shipping"]["address_1"]) == ("", "")
    assert order["billing"]["first_name"] == "Åsa"


def test_an_order_in_the_trash_is_redacted_too(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    order["status"] = "trash"
    assert outcomes(redact(platform, [order["id"]], CONTACT)) == {Outcome.DONE}
    assert order["billing"]["phone"] == ""
    assert order["status"] == "trash"


def test_an_order_that_went_meanwhile_is_already_gone(platform: WooCommerce, shop: Shop) -> None:
    order, other = place(shop), place(shop)
    lives = list(platform.fetch(refs([order["id"], other["id"]])))
    shop.forget_order(order["id"])
    tasks = [Task(live=live, action=Action.REDACT, fields=CONTACT) for live in lives]
    found = {receipt.ref.id: receipt.outcome for receipt in platform.apply(tasks)}
    assert found == {str(order["id"]): Outcome.ALREADY_GONE, str(other["id"]): Outcome.DONE}


def test_an_order_is_gone_where_the_shop_says_so_of_its_id(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    there, gone = refs([order["id"], 987654321])
    looks = {look.ref: look for look in platform.fetch([there, gone])}
    assert isinstance(looks[there], Live)
    assert looks[gone] == Gone(ref=gone)


def test_items_that_fail_inside_a_good_answer_are_refused_and_the_others_done(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    box.woocommerce.faults.add("half_batch", "orders/batch", times=-1)
    ids = untouched(shop, 41)
    receipts = redact(platform, ids, frozenset({Field.USER_AGENT, Field.PHONE, Field.EMAIL}))
    assert outcomes(receipts) == {Outcome.DONE, Outcome.REFUSED}
    refused = {int(receipt.ref.id) for receipt in receipts if receipt.outcome is Outcome.REFUSED}
    for order_id in ids:
        assert is_placeholder(shop.orders[order_id]["billing"]["email"]) == (order_id not in refused)


@pytest.mark.parametrize("fault", ["cut", "cut_after", "429", "503_html", "fatal_500", "502_html"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_batch_is_settled_item_by_item(
    shop: Shop, box: Sandbox, fault: str, after: int
) -> None:
    slept: list[float] = []
    platform = platform_of(box, slept)
    box.woocommerce.faults.add(fault, "orders/batch", after=after)
    ids = list(shop.orders)[:90]
    receipts = redact(platform, ids, CONTACT)
    assert slept
    assert outcomes(receipts) <= {Outcome.DONE, Outcome.ALREADY_GONE}
    assert sorted(int(receipt.ref.id) for receipt in receipts) == sorted(ids)
    for live in platform.fetch(refs(ids)):
        assert not set(from_bits(live.record.present)) & CONTACT


def test_a_shop_that_stays_away_ends_in_try_later_with_what_was_done(shop: Shop, box: Sandbox) -> None:
    platform = platform_of(box, batch=10)
    box.woocommerce.faults.add("503_html", "orders/batch", times=-1, after=3)
    ids = list(shop.orders)[:80]
    lives = list(platform.fetch(refs(ids)))
    told: list[Receipt] = []
    with pytest.raises(RetryLater):
        told.extend(platform.apply([Task(live=live, action=Action.REDACT, fields=CONTACT) for live in lives]))
    assert 1 <= sum(is_placeholder(shop.orders[order_id]["billing"]["email"]) for order_id in ids) < len(ids)


def test_an_order_that_crashes_a_plugin_stops_only_itself(shop: Shop, box: Sandbox) -> None:
    """The crash strikes every batch until the order stands alone, and then it too."""
    platform = platform_of(box)
    ids = untouched(shop, 9)
    crashing = ids[5]
    http = platform._client.http
    real = http.request

    def request(method: str, path: str, **given: Any) -> Any:
        items = (given.get("json") or {}).get("update", []) if method == "POST" else []
        if any(item["id"] == crashing for item in items):
            raise RetryLater(
                "crash", adapter="woocommerce", operation="x", status=500, code="internal_server_error"
            )
        return real(method, path, **given)

    http.request = request  # type: ignore[method-assign]
    found = {int(receipt.ref.id): receipt.outcome for receipt in redact(platform, ids, CONTACT)}
    assert found == {order_id: Outcome.REFUSED if order_id == crashing else Outcome.DONE for order_id in ids}


def test_a_read_only_key_stops_before_anything_is_written(shop: Shop, box: Sandbox) -> None:
    woo = box.woocommerce
    platform = platform_of(box, key=woo.read_key, secret=woo.read_secret)
    order = place(shop)
    with pytest.raises(AccessDenied, match="Read/Write"):
        redact(platform, [order["id"]], CONTACT)
    assert order["billing"]["phone"]


def test_notes_that_went_before_their_order_was_refused_are_done_and_nothing_else_is(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    order = place(shop)
    shop.add_note(order["id"], "Åsa Lind ringde")
    box.woocommerce.faults.add("half_batch", "orders/batch", times=-1)
    others = untouched(shop, 20)
    receipts = redact(platform, [order["id"], *others], CONTACT | {Field.STAFF_NOTES})
    noted = {receipt.ref.id: receipt for receipt in receipts}[str(order["id"])]
    refused = [one for one in receipts if one.outcome is Outcome.REFUSED]
    assert refused
    assert all(one.done <= {Field.STAFF_NOTES} for one in refused)
    assert Field.STAFF_NOTES in noted.done


def test_notes_that_can_hold_a_person_go_and_the_systems_own_stay(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    shop.add_note(order["id"], "Order status changed from Pending payment to Processing.")
    shop.add_note(order["id"], "Åsa Lind ringde")
    shop.add_note(order["id"], "Betalare: asa.lind@kund.example")
    shop.add_note(order["id"], "Ditt paket är på väg.", to_customer=True)
    shop.add_note(order["id"], "Kunden vill byta", author="Karin i kassan")
    live = next(iter(platform.fetch(refs([order["id"]]))))
    (noted,) = platform.read_back([live.ref], notes=frozenset({live.ref}))
    assert Field.STAFF_NOTES in from_bits(noted.record.present)
    receipts = list(
        platform.apply([Task(live=live, action=Action.REDACT, fields=frozenset({Field.STAFF_NOTES}))])
    )
    assert outcomes(receipts) == {Outcome.DONE}
    assert receipts[0].done == {Field.STAFF_NOTES}
    assert [note["note"] for note in shop.notes[order["id"]]] == [
        "Order status changed from Pending payment to Processing."
    ]


def test_notes_are_left_alone_where_they_are_not_due(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    shop.add_note(order["id"], "Åsa Lind ringde")
    redact(platform, [order["id"]], CONTACT)
    assert len(shop.notes[order["id"]]) == 1


def test_an_order_is_not_deleted_unless_the_settings_say_so(platform: WooCommerce, shop: Shop) -> None:
    order = place(shop)
    (receipt,) = run(platform, [order["id"]], ALL, Action.DELETE)
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "delete_orders_off")
    assert order["id"] in shop.orders
    assert not platform.capabilities(Kind.ORDER).deletes


def test_an_order_that_was_never_paid_is_emptied_of_its_person_where_it_may_not_go(
    platform: WooCommerce, shop: Shop
) -> None:
    (live,) = platform.fetch(refs([place(shop)["id"]]))
    record = replace(live.record, facts=Facts(created=date(2020, 1, 7), status="failed"))
    verdict = decide(record, make_policy(), today=date(2026, 11, 22))
    assert verdict.record is not None
    assert verdict.record.state is State.DUE
    (step,) = steps_of(record, verdict, platform.capabilities(Kind.ORDER), today=date(2026, 11, 22))
    assert step.action is Action.REDACT
    assert step.fields == record.present | record.unread


def test_a_deleted_order_leaves_no_note_behind(box: Sandbox, shop: Shop) -> None:
    platform = platform_of(box, delete_orders=True)
    ids = list(shop.orders)[:30]
    for order_id in ids:
        shop.add_note(order_id, "Order status changed.")
        shop.add_note(order_id, "Ring 0701234567", author="Karin")
    receipts = run(platform, ids, ALL, Action.DELETE)
    assert outcomes(receipts) == {Outcome.DONE}
    assert not set(ids) & set(shop.orders)
    assert shop.orphaned_notes() == 0


@pytest.mark.parametrize("fault", ["cut", "cut_after", "503_html"])
def test_an_interrupted_deletion_is_settled(shop: Shop, box: Sandbox, fault: str) -> None:
    box.woocommerce.faults.add(fault, "orders/batch", after=1)
    ids = list(shop.orders)[:30]
    assert outcomes(run(platform_of(box, delete_orders=True), ids, ALL, Action.DELETE)) == {Outcome.DONE}
    assert not set(ids) & set(shop.orders)
    assert shop.orphaned_notes() == 0


def test_a_refund_reason_is_residue_of_the_name(platform: WooCommerce, shop: Shop) -> None:
    order = next(order for order in shop.orders.values() if any(row["reason"] for row in order["refunds"]))
    live = next(iter(platform.fetch(refs([order["id"]]))))
    assert "refund_reason" in live.record.residue
    assert Field.NAME in platform.capabilities(Kind.ORDER).residue["refund_reason"]


def test_a_pickup_recipient_in_item_meta_is_residue_and_never_written(
    platform: WooCommerce, shop: Shop
) -> None:
    order = place(shop)
    order["shipping_lines"][0]["meta_data"] = [{"id": 1, "key": "pickup_recipient", "value": "Åsa Lind"}]
    live = next(iter(platform.fetch(refs([order["id"]]))))
    assert live.record.residue == ("shipping_item_meta:pickup_recipient",)
    assert outcomes(redact(platform, [order["id"]], CONTACT)) == {Outcome.DONE}
    assert order["shipping_lines"][0]["meta_data"][0]["value"] == "Åsa Lind"


def refuse_notes(platform: WooCommerce, order_id: int) -> None:
    """A shop whose plugin protects the notes of one order."""
    http = platform._client.http
    real = http.request

    def request(method: str, path: str, **given: Any) -> Any:
        if method == "DELETE" and f"orders/{order_id}/notes" in path:
            raise Rejected("no", adapter="woocommerce", operation="delete note", status=403, code="protected")
        return real(method, path, **given)

    http.request = request  # type: ignore[method-assign]


def test_a_note_that_stays_is_told_and_the_other_orders_go_on(platform: WooCommerce, shop: Shop) -> None:
    orders = [place(shop), place(shop)]
    for order in orders:
        shop.add_note(order["id"], "Åsa Lind ringde")
    refuse_notes(platform, orders[0]["id"])
    fields = CONTACT | {Field.STAFF_NOTES}
    found = {
        receipt.ref.id: receipt for receipt in redact(platform, [order["id"] for order in orders], fields)
    }
    kept, gone = (found[str(order["id"])] for order in orders)
    assert (kept.done, kept.refused) == (CONTACT, {Field.STAFF_NOTES: "not_taken"})
    assert (gone.done, gone.by_hand) == (fields, frozenset())


def test_an_order_whose_notes_would_stay_is_not_deleted(box: Sandbox, shop: Shop) -> None:
    platform = platform_of(box, delete_orders=True)
    orders = [place(shop), place(shop)]
    for order in orders:
        shop.add_note(order["id"], "Åsa Lind ringde")
    refuse_notes(platform, orders[0]["id"])
    found = {
        int(receipt.ref.id): receipt.outcome
        for receipt in run(platform, [order["id"] for order in orders], ALL, Action.DELETE)
    }
    assert found == {orders[0]["id"]: Outcome.REFUSED, orders[1]["id"]: Outcome.DONE}
    assert orders[0]["id"] in shop.orders
    assert shop.orphaned_notes() == 0


def test_a_read_back_tells_whether_notes_are_left(platform: WooCommerce, shop: Shop) -> None:
    order, other = place(shop), place(shop)
    for row in (order, other):
        shop.add_note(row["id"], "Åsa Lind ringde")
    asked = refs([order["id"], other["id"]])
    list(platform.apply([Task(live=live, action=Action.REDACT, fields=frozenset({Field.STAFF_NOTES}))
                         for live in platform.fetch(asked[:1])]))  # fmt: skip
    back = {live.record.ref: live.record for live in platform.read_back(asked, notes=frozenset(asked))}
    assert [Field.STAFF_NOTES in from_bits(back[ref].present) for ref in asked] == [False, True]
    assert not any(record.unread for record in back.values())


def test_the_lines_in_the_php_log_are_foretold(platform: WooCommerce, shop: Shop) -> None:
    ids = list(shop.orders)[:40]
    lives = list(platform.fetch(refs(ids)))
    foretold = sum(platform.log_lines(live, CONTACT | {Field.IP_ADDRESS}) for live in lives)
    before = shop.php_log_lines
    redact(platform, ids, CONTACT | {Field.IP_ADDRESS})
    assert shop.php_log_lines - before == foretold > 0


def test_handles_name_what_recipients_need(platform: WooCommerce, shop: Shop) -> None:
    guest = place(
        shop,
        meta={"_wc_klarna_order_id": "k-1", "_payson_checkout_id": "p-1", "_postnord_shipment_id": "t-1"},
    )
    owned = place(shop, customer_id=next(iter(shop.customers)))
    handles = {live.record.ref.id: live.handles for live in platform.fetch(refs([guest["id"], owned["id"]]))}
    first, second = handles[str(guest["id"])], handles[str(owned["id"])]
    assert first["guest_email"] == ("asa.lind@kund.example",)
    assert (first["klarna_order"], first["payson_checkout"], first["tracking_number"]) == (
        ("k-1",),
        ("p-1",),
        ("t-1",),
    )
    assert "guest_email" not in second
    assert second["customer"] == (str(owned["customer_id"]),)
