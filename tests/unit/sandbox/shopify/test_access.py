"""Who may read and write what: tokens, scopes, the sixty days, versions."""

import pytest
import requests

from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.service import Shopify
from tests.unit.sandbox.shopify.conftest import Client

SHOP = "{ shop { name ianaTimezone plan { publicDisplayName } } }"
COUNT = "{ ordersCount(limit: null) { count precision } }"


def test_a_wrong_token_is_401_with_the_recorded_words(client: Client) -> None:
    answer = client.post(SHOP, token="shpat_wrong")
    assert answer.status_code == 401
    assert answer.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def grant(box: Shopify, **changes: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": box.client_id,
        "client_secret": box.client_secret,
    }
    return requests.post(f"{box.url}/admin/oauth/access_token", data={**form, **changes}, timeout=120)


def test_client_credentials_give_a_token_that_lapses_after_a_day(client: Client) -> None:
    given = grant(client.box).json()
    assert given["expires_in"] == 86399
    assert set(given["scope"].split(",")) == set(ALL_SCOPES)
    assert client.post(SHOP, token=given["access_token"]).status_code == 200
    client.box.shop.turn(days=1)
    assert client.post(SHOP, token=given["access_token"]).status_code == 401
    assert client.post(SHOP).status_code == 200


def test_wrong_client_credentials_give_none(client: Client) -> None:
    assert grant(client.box, client_secret="wrong").status_code == 401


def test_the_scopes_are_told(client: Client) -> None:
    text = "{ currentAppInstallation { accessScopes { handle } } }"
    told = client.ask(text, token=client.box.limited_token)["data"]["currentAppInstallation"]["accessScopes"]
    assert {row["handle"] for row in told} == set(ALL_SCOPES) - {"read_all_orders"}


def test_without_read_all_orders_older_orders_are_missing_and_nothing_says_so(client: Client) -> None:
    everything = client.data(COUNT)["ordersCount"]["count"]
    body = client.ask(COUNT, token=client.box.limited_token)
    assert everything == 600
    assert 0 < body["data"]["ordersCount"]["count"] < 60
    assert "errors" not in body
    old = client.ask('{ order(id: "gid://shopify/Order/5000001") { id } }', token=client.box.limited_token)
    assert old["data"] == {"order": None}
    assert "errors" not in old


def test_number_of_orders_counts_also_the_orders_that_may_not_be_seen(client: Client) -> None:
    owner = next(number for number, owned in client.box.shop.orders_of.items() if len(owned) > 3)
    text = "query Q($id: ID!) { customer(id: $id) { numberOfOrders orders(first: 50) { nodes { id } } } }"
    seen = client.ask(text, token=client.box.limited_token, id=f"gid://shopify/Customer/{owner}")["data"]
    assert int(seen["customer"]["numberOfOrders"]) == len(client.box.shop.orders_of[owner])
    assert len(seen["customer"]["orders"]["nodes"]) < len(client.box.shop.orders_of[owner])


def test_a_missing_scope_denies_one_field_and_leaves_the_rest(client: Client) -> None:
    token = client.box.token_with(set(ALL_SCOPES) - {"read_returns"})
    order = "gid://shopify/Order/5000001"
    inner = "order(id: $id) { id returns(first: 1) { nodes { id } } }"
    text = f"query Q($id: ID!) {{ customersCount {{ count }} {inner} }}"
    body = client.ask(text, token=token, id=order)
    assert body["data"]["customersCount"] == {"count": 200}
    assert body["data"]["order"] is None
    error = body["errors"][0]
    assert error["message"].startswith("Access denied for returns field. Required access: `read_returns`")
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["documentation"] == "https://shopify.dev/api/usage/access-scopes"
    assert error["path"] == ["order", "returns"]


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("write_customer_data_erasure",
         'mutation { customerRequestDataErasure(customerId: "gid://shopify/Customer/7000001") '
         "{ customerId } }"),
        ("write_orders",
         'mutation { orderDelete(orderId: "gid://shopify/Order/5000001") { deletedId } }'),
        ("write_customers", 'mutation { customerDelete(input: {id: "gid://shopify/Customer/7000001"}) '
         "{ deletedCustomerId } }"),
    ],
)  # fmt: skip
def test_a_mutation_without_its_scope_is_denied_and_does_nothing(
    client: Client, scope: str, text: str
) -> None:
    token = client.box.token_with(set(ALL_SCOPES) - {scope})
    body = client.ask(text, token=token)
    assert list(body["data"].values()) == [None]
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert client.box.shop.erasures == {}
    assert (len(client.box.shop.orders), len(client.box.shop.customers)) == (600, 200)


def test_an_expired_version_falls_forward_silently_and_only_a_header_says_so(client: Client) -> None:
    for asked, served in (("2026-10", "2026-10"), ("2026-01", "2026-01"), ("2024-04", "2026-01")):
        answer = client.post(SHOP, version=asked)
        assert (answer.status_code, answer.headers["X-Shopify-API-Version"]) == (200, served)
    assert client.post(SHOP, version="2027-07").status_code == 404


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423, 429, 430, 500, 503, 504])
def test_a_status_can_be_ordered_and_passes(client: Client, status: int) -> None:
    client.box.faults.add(str(status), match="shop")
    answer = client.post(SHOP)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("2.0" if status == 429 else None)
    assert client.post(SHOP).status_code == 200


def test_a_fault_may_be_ordered_of_one_field(client: Client) -> None:
    client.box.faults.add("internal", match="customersCount")
    assert "errors" not in client.ask(SHOP)
    body = client.ask("{ customersCount { count } }")
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert body["data"] is None


def test_the_log_names_operations_by_their_root_fields(client: Client) -> None:
    client.ask(SHOP)
    client.ask("{ a: ordersCount { count } b: ordersCount { count } }")
    client.ask('mutation { orderDelete(orderId: "gid://shopify/Order/5000001") { deletedId } }')
    assert dict(client.box.requests) == {
        ("POST", "query shop"): 1, ("POST", "query ordersCount"): 1, ("POST", "mutation orderDelete"): 1,
    }  # fmt: skip
