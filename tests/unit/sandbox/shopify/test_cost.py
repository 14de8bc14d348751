"""What operations cost, and what happens when there are no points left."""

import pytest

from tests.unit.sandbox.shopify.conftest import Client

SHOP = "{ shop { name } }"


@pytest.mark.parametrize(("first", "cost"), [(1, 3), (5, 5), (10, 6), (20, 7), (50, 9), (100, 11), (250, 13)])
def test_a_list_of_plain_records_costs_what_was_recorded(client: Client, first: int, cost: int) -> None:
    body = client.ask(
        "query Q($n: Int!) { orders(first: $n) { nodes { id name } pageInfo { hasNextPage } } }", n=first
    )
    assert body["extensions"]["cost"]["requestedQueryCost"] == cost


def test_what_was_asked_for_and_not_found_is_given_back(client: Client) -> None:
    body = client.ask('{ orders(first: 250, query: "id:5000001") { nodes { id } } }')
    cost = body["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (13, 3)
    assert cost["throttleStatus"]["currentlyAvailable"] >= cost["throttleStatus"]["maximumAvailable"] - 3


def test_a_mutation_costs_ten_for_each_alias(client: Client) -> None:
    one = 'orderDelete(orderId: "gid://shopify/Order/5000001") { userErrors { message } }'
    body = client.ask(f"mutation {{ a: {one} b: {one} }}")
    assert body["extensions"]["cost"]["requestedQueryCost"] == 20


def test_more_than_a_thousand_points_are_refused(client: Client) -> None:
    lines = "lineItems(first: 250) { nodes { id sellingPlan { name } } }"
    text = f"{{ orders(first: 250) {{ nodes {{ id {lines} more: {lines} again: {lines} once: {lines} }} }} }}"
    body = client.ask(text)
    assert "data" not in body
    error = body["errors"][0]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["message"].endswith("which exceeds the single query max cost limit (1000).")


def test_a_standard_plan_has_2000_points_and_100_a_second(client: Client) -> None:
    client.box.use_plan("Standard")
    status = client.ask(SHOP)["extensions"]["cost"]["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (2000.0, 100.0)


def test_an_empty_bucket_throttles_with_200_and_fills_by_the_second(client: Client) -> None:
    client.box.use_plan("Standard")
    client.box.bucket.drain()
    answer = client.post("{ orders(first: 250) { nodes { id customer { id } } } }")
    body = answer.json()
    assert answer.status_code == 200
    assert "data" not in body
    assert body["errors"][0]["message"] == "Throttled"
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None
    client.box.shop.turn(seconds=2)
    assert client.ask(SHOP)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] >= 190


def test_each_app_has_a_bucket_of_its_own(client: Client) -> None:
    client.box.use_plan("Standard")
    client.box.bucket.drain()
    other = client.ask(SHOP, token=client.box.limited_token)
    assert other["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1999
