"""The stand-in services in a process of their own, so that their memory and time are not counted.

It is asked over its stdin, a word a line: `requests` answers how often each route was served,
`change N` edits N orders as staff would, `checkouts` lists Payson's; the end of the input ends it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from benchmarks.orders import TODAY
from sandbox import Sandbox
from sandbox.data.history import make_shop
from sandbox.woocommerce.shop import Shop

MADE = 5000  # orders that are made; more are copies of them, each with its own number, time and address


class Services:
    """The running services: their addresses and keys, and what to ask of them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.credentials: dict[str, dict[str, Any]] = self._answer()

    def requests(self) -> dict[str, int]:
        """How often each method and route of each service was served since the last time this was asked."""
        return self._ask("requests")

    def checkouts(self) -> list[str]:
        """The ids of every checkout at Payson."""
        return list(self._ask("checkouts")["ids"])

    def change(self, orders: int) -> None:
        """Edits so many orders, spread over all, as staff would."""
        self._ask(f"change {orders}")

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def services(*, orders: int, mode: str, customers: int = 0) -> Iterator[Services]:
    """Starts the services of a made-up shop, and ends them."""
    command = [sys.executable, "-m", "benchmarks.services", str(orders), str(customers), mode]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Services(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def make(orders: int, customers: int) -> Shop:
    """A shop of so many orders."""
    made = min(orders, MADE)
    shop, _ = make_shop(7, customers or made * 2 // 5, made, TODAY)
    models = list(shop.orders.values())
    for number in range(orders - made):
        copy = _another(models[number % made], number)
        shop.orders[copy["id"]] = copy
    shop.reserve_ids()
    return shop


def _another(model: dict[str, Any], number: int) -> dict[str, Any]:
    """An order like another, of another buyer, some minutes later."""
    order_id = 1_000_000 + number
    later = timedelta(minutes=1 + number // MADE)
    dates = {
        name: (datetime.fromisoformat(value) + later).isoformat(timespec="seconds")
        for name, value in model.items()
        if name.startswith("date_") and value
    }
    billing = {**model["billing"], "email": f"buyer{number}@kund.example", "phone": ""}
    return {**model, **dates, "id": order_id, "number": str(order_id), "customer_id": 0, "billing": billing}


def _counts(box: Sandbox) -> dict[str, int]:
    counted = {
        f"{method} {route}": count
        for service in (box.woocommerce, box.mailchimp, box.payson)
        for (method, route), count in service.requests.items()
    }
    for service in (box.woocommerce, box.mailchimp, box.payson):
        service.requests.clear()
    return counted


def _change(box: Sandbox, count: int) -> dict[str, int]:
    shop = box.woocommerce.shop
    numbers = [number for number, order in shop.orders.items() if order["status"] == "completed"]
    for number in numbers[:: max(1, len(numbers) // count)][:count]:
        shop.edit_order(number, customer_note="Ring på porten")
    return {"changed": count}


def _said(box: Sandbox, word: str, number: str = "0") -> dict[str, Any]:
    if word == "checkouts":
        return {"ids": list(box.payson.shop.checkouts)}
    return _counts(box) if word == "requests" else _change(box, int(number))


def main() -> None:
    """Serves until the input ends."""
    orders, customers, mode = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with Sandbox(seed=7, shop=make(orders, customers), today=TODAY, mode=mode) as box:
        print(json.dumps(box.credentials()), flush=True)
        for line in sys.stdin:
            print(json.dumps(_said(box, *line.split())), flush=True)


if __name__ == "__main__":
    main()
