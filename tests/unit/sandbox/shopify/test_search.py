"""Lists: pages, searches, and a search that knows of writes later than the records do."""

from typing import Any

import pytest

from sandbox.shopify.pagination import cursor_of
from sandbox.shopify.service import Shopify
from sandbox.shopify.values import iso
from tests.unit.sandbox.shopify.conftest import TODAY, Client

PAGE = """query P($first: Int, $after: String, $query: String, $sortKey: OrderSortKeys, $reverse: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: $sortKey, reverse: $reverse) {
    nodes { id createdAt updatedAt } pageInfo { hasNextPage endCursor } } }"""
NOTE = (
    """mutation N($id: ID!) { orderUpdate(input: {id: $id, note: "skrivet"}) { userErrors { message } } }"""
)


def walk(client: Client, **variables: Any) -> list[dict[str, str]]:
    found, after = [], None
    while True:
        page = client.data(PAGE, after=after, **variables)["orders"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def found_ids(client: Client, query: str) -> set[str]:
    return {row["id"] for row in walk(client, first=250, query=query)}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("key", ["ID", "CREATED_AT", "UPDATED_AT"])
def test_pages_hold_every_order_once_in_order(client: Client, key: str, reverse: bool) -> None:
    rows = walk(client, first=70, sortKey=key, reverse=reverse)
    assert len({row["id"] for row in rows}) == len(rows) == 600
    column = {"ID": "id", "CREATED_AT": "createdAt", "UPDATED_AT": "updatedAt"}[key]
    values = [row[column] for row in rows]
    assert values == sorted(values, reverse=reverse)


def test_a_malformed_cursor_and_a_page_without_a_size_are_bad_requests(client: Client) -> None:
    for text, message in (
        ('{ orders(first: 1, after: "x") { nodes { id } } }', "Malformed cursor"),
        ("{ orders { nodes { id } } }", "you must provide one of first or last"),
    ):
        error = client.ask(text)["errors"][0]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_REQUEST")


def test_a_page_of_more_than_250_is_refused(client: Client) -> None:
    assert "errors" in client.ask("{ orders(first: 251) { nodes { id } } }")


def test_moments_are_compared_to_the_second_for_orders(client: Client) -> None:
    rows = walk(client, first=250, sortKey="UPDATED_AT")
    middle = rows[300]["updatedAt"]
    since = found_ids(client, f"updated_at:>='{middle}'")
    before = found_ids(client, f"updated_at:<'{middle}'")
    assert since == {row["id"] for row in rows if row["updatedAt"] >= middle}
    assert len(since) + len(before) == 600


def test_customers_updated_at_knows_whole_days_only(client: Client) -> None:
    shop = client.box.shop
    moment = shop.customers.read(7000001)["updatedAt"]
    late = f"{moment[:10]}T23:59:59Z"
    text = "query C($q: String) { customers(first: 250, query: $q) { nodes { id } } }"
    same_day = client.data(text, q=f"updated_at:>='{late}'")["customers"]["nodes"]
    after = client.data(text, q=f"updated_at:>'{moment[:10]}T00:00:00Z'")["customers"]["nodes"]
    assert {"id": "gid://shopify/Customer/7000001"} in same_day
    assert {"id": "gid://shopify/Customer/7000001"} not in after


def test_terms_must_all_hold(client: Client) -> None:
    assert found_ids(client, "id:>=5000001 id:<5000004") == {"gid://shopify/Order/5000001"}
    assert found_ids(client, "id:>5000001 created_at:<2014-01-01") == set()


@pytest.mark.parametrize("text", ["id:5000001 OR id:5000004", "(id:5000001)", "id:x", "updated_at:>=igår"])
def test_a_search_that_the_stand_in_cannot_read_is_refused_and_never_passed_over(
    client: Client, text: str
) -> None:
    assert client.ask(PAGE, first=1, query=text)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_an_unknown_term_is_passed_over_with_a_warning_and_everything_is_found(client: Client) -> None:
    body = client.ask(PAGE, first=250, query="last_order_date:<2020-01-01")
    assert len(body["data"]["orders"]["nodes"]) == 250
    assert "errors" not in body
    assert body["extensions"]["search"][0]["warnings"][0]["field"] == "last_order_date"


def test_search_learns_of_a_write_later_than_a_read_by_id(client: Client) -> None:
    shop = client.box.shop
    shop.search_lag = 60.0
    order = "gid://shopify/Order/5000001"
    since = iso(shop.now() - 1)
    client.mutate(NOTE, id=order)
    by_id = client.data("query O($id: ID!) { order(id: $id) { note } }", id=order)
    assert by_id == {"order": {"note": "skrivet"}}
    assert found_ids(client, f"updated_at:>='{since}'") == set()
    shop.turn(seconds=61)
    assert found_ids(client, f"updated_at:>='{since}'") == {order}


def test_a_new_order_is_found_when_search_has_caught_up(client: Client) -> None:
    shop = client.box.shop
    shop.search_lag = 60.0
    row = shop.place_order(email="ny@kund.example")
    assert row["id"] not in found_ids(client, "")
    shop.settle()
    assert row["id"] in found_ids(client, "")


def test_counts_stop_at_their_limit_and_say_so(client: Client) -> None:
    text = """{ exact: ordersCount(limit: null) { count precision }
      least: ordersCount(limit: 100) { count precision } }"""
    assert client.data(text) == {
        "exact": {"count": 600, "precision": "EXACT"}, "least": {"count": 100, "precision": "AT_LEAST"},
    }  # fmt: skip


def test_lists_end_silently_after_25000_objects() -> None:
    text = """query L($a: String) { orders(first: 250, after: $a, sortKey: ID) {
      nodes { id } pageInfo { hasNextPage } } }"""
    with Shopify(7, 50, 25_100, TODAY) as box:
        ctx = box.api.context(box.keyring.tokens[box.token])
        keys = box.shop.order_index.sorted_by("number")
        page = box.api.execute(ctx, text, {"a": cursor_of(keys[24_899])})["data"]["orders"]
    assert len(page["nodes"]) == 100
    assert page["pageInfo"]["hasNextPage"] is False
