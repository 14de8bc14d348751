"""Faults on demand, the measured pace, and several clients at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.shopify.service import Shopify
from tests.unit.sandbox.shopify.conftest import TODAY, Client
from tests.unit.sandbox.shopify.test_bulk import ORDERS

ORDER = "gid://shopify/Order/5000001"
NOTE = """mutation N($id: ID!, $note: String) { orderUpdate(input: {id: $id, note: $note}) {
  userErrors { message } } }"""


@pytest.mark.parametrize(("kind", "written"), [("cut", False), ("cut_after", True)])
def test_a_lost_answer_does_not_say_whether_the_write_was_done(
    client: Client, kind: str, written: bool
) -> None:
    before = client.box.shop.orders.read(5000001)["note"]
    client.box.faults.add(kind, match="orderUpdate")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.post(NOTE, id=ORDER, note="skrivet")
    assert client.box.shop.orders.read(5000001)["note"] == ("skrivet" if written else before)


def test_a_throttled_answer_can_be_ordered_with_an_empty_bucket(client: Client) -> None:
    client.box.faults.add("throttled")
    body = client.ask("{ shop { name } }")
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0
    assert "errors" not in client.ask("{ shop { name } }")


def test_a_results_address_may_lapse_before_its_week(client: Client) -> None:
    found = client.bulk(ORDERS)
    client.box.faults.add("expired", match="bulk-results")
    assert client.session.get(found["url"], timeout=120).status_code == 403
    assert client.session.get(found["url"], timeout=120).status_code == 200


def test_a_changed_signature_opens_no_result(client: Client) -> None:
    address = client.bulk(ORDERS)["url"].partition("?")[0]
    assert client.session.get(f"{address}?signature=1", timeout=120).status_code == 403


def test_a_shop_that_is_frozen_stays_so_until_it_is_cleared(client: Client) -> None:
    client.box.faults.add("402", times=-1)
    assert [client.post("{ shop { name } }").status_code for _ in range(3)] == [402, 402, 402]
    client.box.faults.clear()
    assert client.post("{ shop { name } }").status_code == 200


def test_an_unknown_fault_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        client.box.faults.add("quarter_batch")


def test_many_clients_at_once_lose_no_write(client: Client) -> None:
    numbers = list(client.box.shop.orders)[:120]

    def write(number: int) -> int:
        own = Client(client.box)
        answer = own.post(NOTE, id=f"gid://shopify/Order/{number}", note=f"nr {number}")
        own.session.close()
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, numbers)) == {200}
    assert all(client.box.shop.orders.read(number)["note"] == f"nr {number}" for number in numbers)


def test_bulk_work_and_single_writes_go_on_beside_each_other(client: Client) -> None:
    client.box.bulk.rows_per_second = 2000.0
    started = client.run_query(ORDERS)["bulkOperation"]["id"]
    assert client.mutate(NOTE, id=ORDER, note="medan")["userErrors"] == []
    assert client.wait(started)["rootObjectCount"] == "600"


def test_measured_mode_takes_shopifys_time() -> None:
    with Shopify(7, 20, 40, TODAY, "measured") as box:
        client = Client(box)
        start = time.perf_counter()
        client.data("{ shop { name } }")
        single = time.perf_counter() - start
        client.session.close()
        assert single >= 0.08
        assert box.bulk.rows_per_second == 1500.0


def test_every_second_mutation_of_a_request_can_be_refused(client: Client) -> None:
    client.box.faults.add("half_batch", "orderUpdate")
    fields = "{ order { note } userErrors { message } }"
    text = " ".join(f'a{at}: orderUpdate(input: {{id: "{ORDER}", note: "{at}"}}) {fields}' for at in range(4))
    data = client.ask(f"mutation {{ {text} }}")["data"]
    assert [bool(data[alias]["userErrors"]) for alias in sorted(data)] == [False, True, False, True]
    assert client.box.shop.orders.read(5000001)["note"] == "2"
