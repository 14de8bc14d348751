"""Bulk files put together, the budget kept, and nothing personal in what is said."""

import logging
import tracemalloc
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import requests
import responses

from adapters.shopify.budget import Budget
from adapters.shopify.bulk import assemble, lines
from adapters.shopify.client import Client
from adapters.shopify.files import Files
from adapters.shopify.writes import aliased, field_of
from connector.errors import RemoteError, RetryLater
from tests.unit.adapters.shopify.conftest import GRAPHQL, Prepares

STORE = "https://storage.example/result.jsonl"


def encoded(*rows: dict[str, Any]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def order_rows(number: int) -> list[dict[str, Any]]:
    """An order and its two lines, as a bulk file holds them."""
    id_ = f"gid://shopify/Order/{number}"
    return [{"id": id_, "name": f"#{number}"}] + [
        {"id": f"gid://shopify/LineItem/{number}{line}", "__parentId": id_} for line in (1, 2)
    ]


def test_children_stand_with_their_parent_under_their_connection() -> None:
    body = encoded(
        *order_rows(1), {"__parentId": "gid://shopify/Order/1", "key": "k", "value": "v"}, *order_rows(2)
    )
    first, second = [node for node, _ in assemble(lines([body]))]
    assert [len(first["lineItems"]), len(first["localizedFields"]), len(second["lineItems"])] == [2, 1, 2]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_pieces_of_any_size_give_the_same_lines(size: int) -> None:
    body = encoded(*order_rows(1), *order_rows(2))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    assert [row for row, _ in lines(pieces)] == [*order_rows(1), *order_rows(2)]


def test_a_file_can_be_taken_up_behind_any_record() -> None:
    body = encoded(*order_rows(1), *order_rows(2), *order_rows(3))
    whole = list(assemble(lines([body])))
    behind = whole[0][1]
    assert [node for node, _ in assemble(lines([body[behind:]], start=behind))] == [n for n, _ in whole[1:]]


def test_a_child_far_from_its_parent_is_read_again_by_id_and_never_guessed() -> None:
    one, two = order_rows(1), order_rows(2)
    strays: set[str] = set()
    found = list(assemble(lines([encoded(one[0], two[0], two[1], one[1])]), strays=strays))
    assert strays == {"gid://shopify/Order/1"}
    assert "lineItems" not in found[0][0]


def test_every_order_of_many_lines_is_put_together_once() -> None:
    body = encoded(*[row for number in range(20_000) for row in order_rows(number)])
    count = sum(1 for _ in assemble(lines(body[at : at + 65_536] for at in range(0, len(body), 65_536))))
    assert count == 20_000


def test_a_long_file_is_put_together_in_flat_memory() -> None:
    def pieces(orders: int) -> Iterator[bytes]:
        for number in range(orders):
            yield encoded(*order_rows(number))

    def peak(orders: int) -> int:
        tracemalloc.start()
        for _ in assemble(lines(pieces(orders))):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(20_000) < 2 * peak(200)


def test_the_budget_waits_until_an_operation_fits() -> None:
    slept: list[float] = []
    budget = Budget(sleep=slept.append, monotonic=lambda: 0.0)
    budget.learn("orders", {"requestedQueryCost": 500, "throttleStatus": {
        "maximumAvailable": 2000.0, "currentlyAvailable": 300.0, "restoreRate": 100.0}})  # fmt: skip
    budget.reserve("orders")
    assert slept == [2.0]


def test_an_operation_dearer_than_the_bucket_is_not_waited_for_for_ever() -> None:
    slept: list[float] = []
    budget = Budget(sleep=slept.append, monotonic=lambda: 0.0)
    budget.learn("x", {"requestedQueryCost": 9000, "throttleStatus": {
        "maximumAvailable": 1000.0, "currentlyAvailable": 0.0, "restoreRate": 100.0}})  # fmt: skip
    budget.reserve("x")
    assert slept == [10.0]


def test_a_mutation_is_repeated_with_variables_of_its_own() -> None:
    text = "mutation Erase($customerId: ID!) {\n  erase(customerId: $customerId) { id }\n}"
    assert aliased(text, 2) == (
        "mutation Many($customerId_0: ID!, $customerId_1: ID!) {\n"
        "a0: erase(customerId: $customerId_0) { id }\n"
        "a1: erase(customerId: $customerId_1) { id }\n}"
    )
    assert field_of(text) == "erase"


def test_a_server_without_ranges_is_read_past_what_is_known() -> None:
    with responses.RequestsMock() as mocked:
        mocked.add(responses.GET, STORE, body=b"0123456789", status=200)
        assert b"".join(Files(sleep=lambda _: None).read(STORE, start=4)) == b"456789"


def test_a_storage_that_stays_silent_is_left_for_another_run() -> None:
    with responses.RequestsMock() as mocked:
        mocked.add(responses.GET, STORE, body=requests.exceptions.ConnectionError())
        with pytest.raises(RetryLater, match="Run again"):
            list(Files(sleep=lambda _: None).read(STORE))


@pytest.mark.parametrize(
    "body",
    [{"errors": [{"message": "Access denied for disa@kund.example", "path": ["orders"],
                  "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."}}]},
     {"errors": [{"message": "Variable disa@kund.example is wrong",
                  "extensions": {"code": "INVALID_VARIABLE"}}]},
     {"errors": [{"message": "disa@kund.example", "extensions": {"code": "disa@kund.example"}}]}],
)  # fmt: skip
def test_no_sentence_of_shopifys_is_repeated(
    shop: Prepares, client: Client, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.prepare("FetchOrders", body)
    with pytest.raises(RemoteError) as caught:
        client.run("fetch_orders", {"ids": []})
    assert "disa" not in str(caught.value) + caplog.text
    assert "shpat" not in str(caught.value) + caplog.text
    assert str(caught.value).endswith(".")


def test_a_permission_that_is_missing_is_named_with_what_to_give(shop: Prepares, client: Client) -> None:
    more = {"code": "ACCESS_DENIED", "requiredAccess": "`read_returns` access scope."}
    denied = {"message": "Access denied for returns field.", "path": ["nodes", "returns"], "extensions": more}
    shop.prepare("FetchOrders", {"errors": [denied]})
    with pytest.raises(RemoteError, match="Give the app read_returns"):
        client.run("fetch_orders", {"ids": []})


def test_the_token_goes_in_its_header_and_nowhere_else(shop: Prepares, client: Client) -> None:
    client.look()
    assert shop.tokens == ["shpat_made_up"]
    assert "shpat" not in GRAPHQL
    assert "shpat" not in str(shop.asked)
