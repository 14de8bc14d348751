"""A shop at the measured pace, and one where others write while it is read."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from woocommerce import API

from sandbox import Sandbox
from tests.unit.sandbox.conftest import TODAY

FIELDS = "id,status,billing,shipping,meta_data"


def timed(call: Any) -> float:
    start = time.monotonic()
    assert call().status_code == 200
    return time.monotonic() - start


def test_a_page_of_a_hundred_orders_and_a_batch_of_fifty_take_what_was_measured() -> None:
    with Sandbox(customers=40, orders=160, today=TODAY, mode="measured", https=True) as box:
        service = box.woocommerce
        url = f"{service.url}/wp-json/wc/v3/orders"
        numbers = list(service.shop.orders)[:50]
        with requests.Session() as session:
            session.auth = (service.key, service.secret)
            page = timed(lambda: session.get(url, params={"per_page": "100", "_fields": FIELDS}, timeout=120))
            body = {"update": [{"id": number, "customer_note": ""} for number in numbers]}
            batch = timed(lambda: session.post(f"{url}/batch", json=body, timeout=120))
    assert page >= 0.216
    assert batch >= 0.046 + 50 * 0.023


def test_reading_while_others_write_gives_whole_answers(api: API, shop: Any) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            order = shop.place_order(email="ny@kund.example", meta={"_swish_payer_alias": "46701740605"})
            shop.edit_order(order["id"], customer_note="ändrad", billing={"first_name": "Bo"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for page in range(1, 11):
            answer = api.get("orders", params={"per_page": 50, "page": page})
            assert answer.status_code == 200
            assert all(row["_links"]["self"] for row in answer.json())
    finally:
        done.set()
        writer.join()


def test_new_ids_are_above_every_id_in_use(shop: Any) -> None:
    highest = max([*shop.orders, *shop.customers, *shop.refunds])
    made = shop.place_order(email="ny@kund.example")
    assert made["id"] > highest


@pytest.mark.parametrize("kind", ["orders", "customers"])
def test_the_store_of_a_real_shop_can_be_loaded_in_place_of_the_made_up_one(kind: str, shared: Path) -> None:
    with Sandbox.load_store(shared / "woocommerce" / "store", today=TODAY) as box:
        service = box.woocommerce
        api = API(url=service.url, consumer_key=service.key, consumer_secret=service.secret, version="wc/v3")
        total = api.get(kind, params={"role": "all"} if kind == "customers" else {}).headers["X-WP-Total"]
        assert total == {"orders": "5000", "customers": "2001"}[kind]
        assert len(box.mailchimp.shop.orders) == 5000
        assert box.klarna.shop.orders
