"""Pulling a large Shopify shop: requests beside polling, and flat memory.

Run: python -m benchmarks.shopify [orders]. The stand-in runs in a process of its own and answers at once.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from adapters import shopify
from adapters.shopify.bulk import assemble, lines
from benchmarks.clients import KEYER, NOON, ledger
from benchmarks.machine import Figure, about, apart, at_least, at_most, plain, scratch, show
from benchmarks.orders import KEY, TODAY
from connector.pull import pull
from connector.records import Kind
from sandbox.shopify.service import Shopify

ORDERS = 100_000
POLLS = ("bulkOperation", "currentBulkOperation", "node")


def read(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Pulls every order into the ledger of a folder."""
    platform = shopify.build(credentials, keyer=KEYER, clock=lambda: NOON)
    (came,) = pull(ledger(folder), {platform.name: platform}, key=KEY, kinds=[Kind.ORDER])
    return {"read": came.read}


@contextmanager
def stand_in(orders: int) -> Iterator["subprocess.Popen[str]"]:
    """The stand-in Shopify in a process of its own; a line of input asks what it served."""
    command = [sys.executable, "-m", "benchmarks.shopify", "--serve", str(orders)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def decode(orders: int) -> float:
    """Bulk lines put together per second of processor; an order has three."""
    body = b"".join(msgspec.json.encode(row) + b"\n" for number in range(orders) for row in _rows(number))
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    began = time.process_time()
    found = sum(1 for _ in assemble(lines(pieces)))
    return 3 * found / (time.process_time() - began)


def _rows(number: int) -> list[dict[str, str]]:
    order = f"gid://shopify/Order/{number}"
    own = {"id": order, "name": f"#{number}"}
    return [
        own,
        *({"id": f"gid://shopify/LineItem/{number}{line}", "__parentId": order} for line in (1, 2)),
    ]


def measure(orders: int) -> list[Figure]:
    """A first pull of so many orders."""
    with stand_in(orders) as process, scratch() as folder:
        assert process.stdin is not None
        assert process.stdout is not None
        credentials = json.loads(process.stdout.readline())
        spent = apart("benchmarks.shopify", "read", folder=str(folder), credentials=credentials)
        process.stdin.write("requests\n")
        process.stdin.flush()
        served: dict[str, int] = json.loads(process.stdout.readline())
    polls = sum(count for name, count in served.items() if name.split()[-1] in POLLS)
    told = f"{spent.result['read']:,} orders; and {polls} polls; {spent.seconds:.0f} s"
    return [
        at_most(
            "requests of the first pull, beside polling", sum(served.values()) - polls, 30, "requests", told
        ),
        plain("orders", spent.result["read"] / spent.seconds, "orders/s"),
        at_most("peak memory", spent.megabytes, 300, "MB"),
        at_least("bulk lines decoded, one core", decode(20_000), 50_000, "lines/s"),
    ]


def serve(orders: int) -> None:
    """Serves until the input ends."""
    with Shopify(7, max(1, orders * 2 // 5), orders, TODAY) as service:
        service.use_plan("Plus")
        print(json.dumps(service.credentials()), flush=True)
        for _ in sys.stdin:
            print(json.dumps({f"{m} {name}": n for (m, name), n in service.requests.items()}), flush=True)


def main() -> None:
    """Prints the figures."""
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
        return
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    print("\n".join(about()))
    show(f"pull of {orders:,} Shopify orders (fast)", measure(orders))


if __name__ == "__main__":
    main()
