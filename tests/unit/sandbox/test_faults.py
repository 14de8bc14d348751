"""Faults on demand, and the measured pace."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
import requests
from woocommerce import API

from sandbox import Faults, Profile, Sandbox
from tests.unit.sandbox.conftest import TODAY

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("429", 429, "application/json"),
        ("500", 500, "application/json"),
        ("fatal_500", 500, "application/json"),
        ("502_html", 502, "text/html"),
        ("503_html", 503, "text/html"),
        ("403_html", 403, "text/html"),
        ("html", 200, "text/html"),
    ],
)
def test_a_fault_is_answered_in_place_of_the_service(
    box: Sandbox, api: API, kind: str, status: int, content: str
) -> None:
    box.woocommerce.faults.add(kind)
    answer = api.get("orders")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, content)
    assert api.get("orders").headers["Content-Type"].startswith("application/json")


def test_a_fault_that_answers_in_place_writes_nothing(box: Sandbox, api: API, order: Json) -> None:
    before = dict(order)
    box.woocommerce.faults.add("502_html", match="PUT orders")
    api.put(f"orders/{order['id']}", {"customer_note": "x"})
    assert order == before


def test_a_cut_connection_has_written_nothing(box: Sandbox, api: API, order: Json) -> None:
    before = dict(order)
    box.woocommerce.faults.add("cut", match="PUT orders")
    with pytest.raises(requests.ConnectionError):
        api.put(f"orders/{order['id']}", {"customer_note": "x"})
    assert order == before


def test_a_connection_cut_after_the_write_has_written(box: Sandbox, api: API, order: Json) -> None:
    box.woocommerce.faults.add("cut_after", match="PUT orders")
    with pytest.raises(requests.ConnectionError):
        api.put(f"orders/{order['id']}", {"customer_note": "skriven"})
    assert order["customer_note"] == "skriven"


def test_a_fault_strikes_after_so_many_and_so_often_where_it_matches(box: Sandbox, api: API) -> None:
    box.woocommerce.faults.add("500", match="GET customers", after=1, times=2)
    assert api.get("orders").status_code == 200
    assert [api.get("customers").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert [kind for kind, _ in box.woocommerce.faults.struck] == ["500", "500"]


def test_latency_is_waited_for(box: Sandbox, api: API) -> None:
    box.woocommerce.faults.add("latency", seconds=0.3)
    start = time.monotonic()
    assert api.get("orders").status_code == 200
    assert time.monotonic() - start >= 0.3


def test_a_fault_nobody_knows_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ValueError, match="half_batch"):
        Faults().add("earthquake")


def test_requests_are_counted_by_method_and_route(box: Sandbox, api: API, order: Json) -> None:
    for _ in range(2):
        api.get(f"orders/{order['id']}")
    api.get(f"orders/{order['id']}/notes")
    assert box.woocommerce.requests["GET", "/wc/v3/orders/<id>"] == 2
    assert box.woocommerce.requests["GET", "/wc/v3/orders/<id>/notes"] == 1


def test_the_measured_pace_serves_two_at_a_time_and_charges_for_rows_and_writes() -> None:
    pace = Profile.named("measured")
    assert (pace.slots, pace.request, pace.write) == (2, 0.046, 0.023)
    assert pace.request + 100 * pace.row == pytest.approx(0.216)


def test_a_third_request_waits_for_one_of_two_slots() -> None:
    with Sandbox(customers=5, orders=5, today=TODAY, mode=Profile(request=0.2, slots=2), https=True) as box:
        service = box.woocommerce
        url = f"{service.url}/wp-json/wc/v3/taxes"

        def read(_: int) -> int:
            return requests.get(url, auth=(service.key, service.secret), timeout=120).status_code

        start = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(read, range(4))) == [200] * 4
        assert time.monotonic() - start >= 0.4


def test_a_connection_is_kept_for_the_next_request(box: Sandbox) -> None:
    connection = HTTPConnection("127.0.0.1", box.woocommerce.server.port, timeout=120)
    with closing(connection):
        sockets = []
        for _ in range(3):
            connection.request("GET", "/wp-json/")
            assert b"wc/v3" in connection.getresponse().read()
            sockets.append(connection.sock)
    assert sockets[0] is not None
    assert len(set(sockets)) == 1


def test_what_a_service_did_not_foresee_is_a_500_and_is_remembered(box: Sandbox, api: API) -> None:
    assert api.post("orders/batch", {"delete": ["abc"]}).status_code == 500
    assert box.woocommerce.server.crashes == ["POST /wp-json/wc/v3/orders/batch: ValueError"]
    assert api.get("orders").status_code == 200


def test_bytes_that_are_no_request_end_the_connection_and_nothing_else(box: Sandbox, api: API) -> None:
    with socket.create_connection(("127.0.0.1", box.woocommerce.server.port), timeout=120) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(100) == b""
    assert api.get("orders").status_code == 200
