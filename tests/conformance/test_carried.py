"""What the project carries of the recordings is what lies beside it, and none of the services' sentences."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from tests.conformance.test_recordings import differences, shape
from tests.recorded import CARRIED, PARTS, carried


@pytest.mark.parametrize("name", PARTS)
def test_what_is_carried_is_what_was_recorded(name: str, shared: Path) -> None:
    made: Callable[[Path], Any] = PARTS[name]
    assert json.loads(json.dumps(made(shared))) == carried(name)


def test_nothing_is_carried_that_no_recording_made() -> None:
    assert {path.stem for path in CARRIED.glob("*.json")} == set(PARTS)


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A made-up shop, which nothing here writes to."""
    with Sandbox(orders=130, customers=30) as running:
        yield running


def one_of(box: Sandbox, path: str) -> str:
    """The address with a record of the made-up shop: an order with a refund, an account that bought."""
    shop = box.woocommerce.shop
    of = next(iter(shop.refunds.values()))["parent_id"] if "/orders/" in path else max(shop.customers)
    return f"{box.woocommerce.url}{path.replace('{id}', str(of))}"


@pytest.mark.parametrize("name", carried("woocommerce_answers"))
def test_the_made_up_shop_answers_in_the_shape_that_the_real_one_did(name: str, box: Sandbox) -> None:
    wanted, service = carried("woocommerce_answers")[name], box.woocommerce
    headers = {"X-Forwarded-Proto": "https"}
    answer = requests.get(
        one_of(box, wanted["path"]), params=wanted["params"], auth=(service.key, service.secret),
        headers=headers, timeout=10,
    )  # fmt: skip
    assert answer.status_code == wanted["status"]
    assert {kind: answer.headers.get(kind) for kind in wanted["headers"]} == wanted["headers"]
    assert ("X-WP-Total" in answer.headers) == wanted["counted"]
    assert differences(shape(answer.json()), wanted["shape"]) == []
