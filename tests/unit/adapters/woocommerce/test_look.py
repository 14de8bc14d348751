"""A look at a record: present, gone by the shop's own word about that id, or unread with the reason."""

from collections.abc import Sequence
from threading import Barrier
from typing import Any
from unittest import mock

import pytest

from adapters.woocommerce.platform import WooCommerce
from adapters.woocommerce.refunds import Refunds
from connector.errors import RemoteError
from connector.ports import Gone, Live, Look, Unread, looked
from connector.records import Kind, Ref
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp
from tests.unit.adapters.woocommerce.conftest import now

LISTS = "GET wc/v3/orders$"
NOBODY = "99999999"


def refs(ids: Sequence[Any], kind: Kind = Kind.ORDER) -> list[Ref]:
    return [Ref(adapter="woocommerce", kind=kind, id=str(id_)) for id_ in ids]


def seen(platform: WooCommerce, asked: Sequence[Ref]) -> list[Look]:
    looks = looked(platform.fetch(asked), asked)
    return [looks[ref] for ref in asked]


def reasons(looks: Sequence[Look]) -> list[str]:
    return [look.reason if isinstance(look, Unread) else type(look).__name__ for look in looks]


def test_a_list_that_answers_nothing_to_include_hides_what_is_there(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    box.woocommerce.faults.add("answers_nothing", LISTS, times=-1, asked="include")
    looks = seen(platform, refs([*list(shop.orders)[:3], NOBODY]))
    assert reasons(looks) == ["list_leaves_out"] * 3 + ["Gone"]
    assert all(isinstance(look, Unread) and look.label and look.identifiers for look in looks[:3])


def test_one_that_the_list_leaves_out_beside_others_is_read_by_itself(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    ids = list(shop.orders)[:3]
    box.woocommerce.faults.add("leaves_out", LISTS, times=-1, row=str(ids[1]))
    assert reasons(seen(platform, refs(ids))) == ["Live"] * 3


def test_an_order_in_a_status_that_no_plugin_registers_any_more_is_read_by_its_id(
    platform: WooCommerce, shop: Shop
) -> None:
    order = next(iter(shop.orders.values()))
    order["status"] = "sent-by-boat"
    (look,) = seen(platform, refs([order["id"]]))
    assert isinstance(look, Live)
    shop.statuses.append("sent-by-boat")
    assert isinstance(seen(platform, refs([order["id"]]))[0], Live)


def test_drafts_and_trash_are_read(platform: WooCommerce, shop: Shop) -> None:
    shop.any_lists_drafts = False
    ids = list(shop.orders)[:3]
    for id_, status in zip(ids, ("checkout-draft", "auto-draft", "trash"), strict=True):
        shop.orders[id_]["status"] = status
    assert reasons(seen(platform, refs(ids))) == ["Live"] * 3


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON])
def test_only_the_code_for_that_kind_of_record_says_that_it_is_gone(
    platform: WooCommerce, box: Sandbox, kind: Kind
) -> None:
    assert isinstance(seen(platform, refs([NOBODY], kind))[0], Gone)
    for fault, reason in (
        ("bare_404", "rejected:status_404"), ("html", "rejected:web_page"), ("empty_body", "other_answer"),
    ):  # fmt: skip
        box.woocommerce.faults.clear()
        box.woocommerce.faults.add(fault, f"/{NOBODY}$", times=-1)
        assert reasons(seen(platform, refs([NOBODY], kind))) == [reason]


def test_the_word_about_another_record_says_nothing_of_this_one(
    platform: WooCommerce, box: Sandbox, shop: Shop
) -> None:
    """A review whose product is gone answers with the product's code; it is there."""
    code = {"code": "woocommerce_rest_product_invalid_id", "message": "x", "data": {"status": 404}}
    (look,) = answered(platform, box, refs([NOBODY], Kind.REVIEW), body=code, status=404)
    assert reasons([look]) == ["rejected:woocommerce_rest_product_invalid_id"]


@pytest.mark.parametrize("body", [None, [], {}, {"id": 5}, {"id": "x"}, [{"id": int(NOBODY)}], True, 7])
def test_any_other_answer_about_one_record_leaves_it_unread(
    platform: WooCommerce, box: Sandbox, body: Any
) -> None:
    (look,) = answered(platform, box, refs([NOBODY]), body=body)
    assert reasons([look]) == ["other_answer"]


def test_a_record_that_lacks_what_was_asked_for_is_unread(platform: WooCommerce, box: Sandbox) -> None:
    (look,) = answered(platform, box, refs([NOBODY]), body={"id": int(NOBODY), "status": "completed"})
    assert reasons([look]) == ["fields_missing"]


def answered(
    platform: WooCommerce, box: Sandbox, asked: Sequence[Ref], *, body: Any, status: int = 200
) -> list[Look]:
    """The looks where the shop answers this to a question about one record."""
    service = box.woocommerce.server.service
    real = service.answer

    def answer(request: Any, fault: Any) -> Any:
        given = real(request, fault)
        if request.path.endswith(f"/{NOBODY}"):
            given.status, given.body = status, body
        return given

    service.answer = answer  # type: ignore[method-assign]
    try:
        return seen(platform, asked)
    finally:
        service.answer = real  # type: ignore[method-assign]


def test_rows_that_were_not_asked_for_make_the_whole_answer_another_querys(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    ids = list(shop.orders)
    box.woocommerce.faults.add("cached", LISTS, times=-1)
    seen(platform, refs(ids[:5]))
    looks = seen(platform, refs(ids[3:8]))
    assert reasons(looks) == ["list_leaves_out"] * 5


@pytest.mark.parametrize("fault", ["empty_body", "html"])
def test_a_list_that_is_none_is_an_error_and_no_answer(
    platform: WooCommerce, shop: Shop, box: Sandbox, fault: str
) -> None:
    box.woocommerce.faults.add(fault, LISTS, times=-1)
    with pytest.raises(RemoteError):
        seen(platform, refs(list(shop.orders)[:3]))


@pytest.mark.parametrize("fault", ["empty_body", "bare_404", "html", "fields_missing"])
def test_an_order_whose_notes_cannot_be_read_is_unread(
    platform: WooCommerce, shop: Shop, box: Sandbox, fault: str
) -> None:
    order = next(iter(shop.orders))
    shop.add_note(order, "Ring Åsa", author="Karin")
    box.woocommerce.faults.add(fault, "notes", times=-1)
    (ref,) = refs([order])
    assert reasons(list(platform.read_back([ref], notes=frozenset({ref})))) == ["notes_unread"]


def test_an_empty_list_of_notes_is_no_notes(platform: WooCommerce, shop: Shop) -> None:
    order = next(iter(shop.orders))
    shop.notes[order] = []
    (ref,) = refs([order])
    (look,) = platform.read_back([ref], notes=frozenset({ref}))
    assert isinstance(look, Live)


def test_reviews_in_spam_and_trash_and_coupons_in_draft_and_trash_are_read(
    platform: WooCommerce, shop: Shop
) -> None:
    for rows, statuses, kind in (
        (shop.reviews, ("spam", "trash", "hold"), Kind.REVIEW),
        (shop.coupons, ("draft", "trash"), Kind.COUPON),
    ):  # fmt: skip
        ids = list(rows)[: len(statuses)]
        for id_, status in zip(ids, statuses, strict=True):
            rows[id_]["status"] = status
        assert reasons(seen(platform, refs(ids, kind))) == ["Live"] * len(ids)
        pages = list(platform.pull(kind, since=None))
        shown = [record.ref.id for page in pages for record in page.records]
        assert sorted(shown) == sorted(map(str, rows))
        assert pages[-1].counted == len(rows)


def test_an_account_that_the_list_leaves_out_is_in_the_changes_by_its_id(
    platform: WooCommerce, shop: Shop, box: Sandbox
) -> None:
    cursor = list(platform.pull(Kind.CUSTOMER, since=None))[-1].cursor
    customer = next(row for row in shop.customers.values() if row["role"] == "customer")
    stamp(customer, "created", now())
    box.woocommerce.faults.add("leaves_out", "wc/v3/customers$", times=-1, row=str(customer["id"]),
                               asked="include")  # fmt: skip
    shown = {record.ref.id for page in platform.pull(Kind.CUSTOMER, since=cursor) for record in page.records}
    assert str(customer["id"]) in shown


def test_the_refunds_of_a_hundred_are_asked_for_beside_the_other_hundred(
    platform: WooCommerce, shop: Shop
) -> None:
    """One after the other, the second connection would wait: a barrier of two never opens then."""
    both, asked = Barrier(2, timeout=20), refs(list(shop.orders)[:200])
    read_of = Refunds.read_of

    def beside(refunds: Refunds, orders: Sequence[dict[str, Any]]) -> None:
        both.wait()
        read_of(refunds, orders)

    with mock.patch.object(Refunds, "read_of", beside):
        looks = seen(platform, asked)
    found = [look.record.facts for look in looks if isinstance(look, Live)]
    assert len(found) == 200
    assert any(facts.refunded for facts in found)
    assert not any(facts.undated_refunds for facts in found)
