"""The stand-in Klarna, Payson and PostNord: what may be asked of them, and what is remembered as misuse."""

from typing import Any

import pytest
import requests

from sandbox import Sandbox

Json = dict[str, Any]


def klarna(box: Sandbox, method: str, path: str, **options: Any) -> requests.Response:
    service = box.klarna
    return requests.request(
        method, f"{service.url}/{path}", auth=(service.user, service.password), timeout=120, **options
    )


def payson(box: Sandbox, method: str, path: str, **options: Any) -> requests.Response:
    service = box.payson
    return requests.request(
        method, f"{service.url}/2.0/{path}", auth=(service.agent, service.key), timeout=120, **options
    )


def postnord(box: Sandbox, method: str, path: str, **params: str) -> requests.Response:
    url = f"{box.postnord.url}/rest/shipment/{path}"
    return requests.request(method, url, params={"apikey": box.postnord.key, **params}, timeout=120)


@pytest.fixture
def order_id(box: Sandbox) -> str:
    """An order that Klarna still answers."""
    return next(n for n, row in box.klarna.shop.orders.items() if row["status"] == "CAPTURED")


def test_the_shops_own_references_at_klarna_can_be_cleared(box: Sandbox, order_id: str) -> None:
    path = f"ordermanagement/v1/orders/{order_id}"
    assert "@" in klarna(box, "GET", path).json()["merchant_reference2"]
    assert (
        klarna(box, "PATCH", f"{path}/merchant-references", json={"merchant_reference2": ""}).status_code
        == 204
    )
    assert klarna(box, "GET", path).json()["merchant_reference2"] == ""
    assert box.klarna.shop.misuse == []


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("PATCH", "customer-details"),
        ("POST", "cancel"),
        ("POST", "refunds"),
        ("POST", "release-remaining-authorization"),
    ],
)
def test_what_moves_money_or_masks_people_at_klarna_is_misuse(
    box: Sandbox, order_id: str, method: str, what: str
) -> None:
    before = dict(box.klarna.shop.orders[order_id])
    answer = klarna(box, method, f"ordermanagement/v1/orders/{order_id}/{what}", json={})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "NOT_ALLOWED")
    assert box.klarna.shop.misuse == [(method, what)]
    assert box.klarna.shop.orders[order_id] == before


def test_an_order_of_more_than_three_years_ago_is_unknown_to_klarna(box: Sandbox) -> None:
    for order in box.woocommerce.shop.orders.values():
        meta = {row["key"]: row["value"] for row in order["meta_data"]}
        if order["date_created"] < "2023-11-01" and "_wc_klarna_order_id" in meta:
            answer = klarna(box, "GET", f"ordermanagement/v1/orders/{meta['_wc_klarna_order_id']}")
            assert (answer.status_code, answer.json()["error_code"]) == (404, "NO_SUCH_ORDER")
            return
    pytest.fail("the made-up shop has no old Klarna order")


def test_a_token_is_cancelled_for_good(box: Sandbox) -> None:
    box.klarna.shop.tokens["t-1"] = {"status": "ACTIVE", "payment_method_type": "INVOICE"}
    path = "customer-token/v1/tokens/t-1"
    assert klarna(box, "PATCH", f"{path}/status", json={"status": "SUSPENDED"}).status_code == 400
    assert klarna(box, "PATCH", f"{path}/status", json={"status": "CANCELLED"}).status_code == 202
    assert klarna(box, "GET", path).json()["status"] == "CANCELLED"
    assert klarna(box, "GET", "customer-token/v1/tokens/none").json()["error_code"] == "NOT_FOUND"


def test_klarna_asks_for_its_credentials(box: Sandbox) -> None:
    assert requests.get(f"{box.klarna.url}/ordermanagement/v1/orders/x", timeout=120).status_code == 401


def test_payson_lists_twenty_a_page_and_looks_for_nobody(box: Sandbox) -> None:
    first = payson(box, "GET", "Checkouts").json()
    assert (first["pageSize"], first["totalCount"]) == (20, len(box.payson.shop.checkouts))
    asked = payson(box, "GET", "Checkouts", params={"email": "nobody@kund.example"}).json()
    assert asked["totalCount"] == first["totalCount"]
    assert payson(box, "GET", "Checkouts", params={"status": "nonsense"}).json()["data"] == []


def test_payson_answers_the_account_and_one_checkout(box: Sandbox) -> None:
    assert payson(box, "GET", "Accounts").json()["merchantId"] == 4
    checkout = next(iter(box.payson.shop.checkouts))
    assert payson(box, "GET", f"Checkouts/{checkout}").json()["id"] == checkout
    assert payson(box, "GET", "Checkouts/none").status_code == 404


def test_a_put_at_payson_is_misuse_and_there_is_no_delete(box: Sandbox) -> None:
    checkout = next(iter(box.payson.shop.checkouts))
    assert payson(box, "PUT", f"Checkouts/{checkout}", json={}).status_code == 400
    assert payson(box, "DELETE", f"Checkouts/{checkout}").status_code == 405
    assert box.payson.shop.misuse == [("PUT", "Checkouts")]


def test_postnord_answers_a_parcel_on_both_routes(box: Sandbox) -> None:
    number, held = next(
        (n, row) for n, row in box.postnord.shop.shipments.items() if row["status"] == "DELIVERED"
    )
    for answer in (
        postnord(box, "GET", f"v7/trackandtrace/id/{number}/public"),
        postnord(box, "GET", "v5/trackandtrace/findByIdentifier.json", id=number),
    ):
        assert answer.json()["TrackingInformationResponse"]["shipments"] == [held]


def test_a_number_unknown_to_postnord_is_a_200_without_parcels(box: Sandbox) -> None:
    answer = postnord(box, "GET", "v5/trackandtrace/findByIdentifier.json", id="00000000000000")
    assert (answer.status_code, answer.json()["TrackingInformationResponse"]["shipments"]) == (200, [])


def test_a_key_that_postnord_does_not_know_is_a_403(box: Sandbox) -> None:
    answer = postnord(box, "GET", "v5/trackandtrace/findByIdentifier.json", id="00000000000000", apikey="x")
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Invalid API Key")


def test_anything_posted_to_postnord_is_misuse(box: Sandbox) -> None:
    postnord(box, "POST", "v3/edi")
    assert box.postnord.shop.misuse == [("POST", "/rest/shipment/v3/edi")]
