"""Pulling a large Shopify shop: requests beside polling, time, and flat memory.

Run: python -m benchmarks.shopify [orders …]. The stand-in runs in a process of its own and answers at once;
it builds each order when it is asked for, so that a million need no gigabytes on its side either. The time
is that of both on one machine, not Shopify's.
"""

import sys
import time
from typing import Any

import msgspec

from adapters import shopify
from adapters.shopify import operations
from adapters.shopify.bulk import assemble, lines
from benchmarks.clients import KEYER, NOON, ledger
from benchmarks.machine import Figure, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY, TODAY
from benchmarks.stand_in import stand_in
from connector.pull import pull
from connector.records import Kind
from sandbox.shopify.bulk.lines import lines_of, plan_of
from sandbox.shopify.execution import prepare
from sandbox.shopify.service import Shopify
from sandbox.wire import encode

ORDERS = 100_000
DECODED = 5_000
ASSEMBLED = 3.0  # times the bare decoding
_PIECE = 65_536  # bytes that the adapter reads at once


def read(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Pulls every order into the ledger of a folder."""
    platform = shopify.build(credentials, keyer=KEYER, clock=lambda: NOON)
    (came,) = pull(ledger(folder), {platform.name: platform}, key=KEY, kinds=[Kind.ORDER])
    return {"read": came.read}


def _decoded(body: bytes, orders: int) -> float:
    """Processor seconds in which a bulk file is decoded and put together, as the adapter reads it."""
    pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
    began = time.process_time()
    found = sum(1 for _ in assemble(lines(pieces)))
    spent = time.process_time() - began
    premise(found == orders, f"{found:,} of {orders:,} orders were put together")
    return spent


def _decoded_bare(body: bytes, count: int) -> float:
    """Processor seconds in which the same lines are decoded one by one, nothing kept."""
    began = time.process_time()
    found = sum(1 for line in body.splitlines() if msgspec.json.decode(line))
    spent = time.process_time() - began
    premise(found == count, f"{found:,} of {count:,} lines were decoded")
    return spent


def _lines(orders: int) -> list[dict[str, Any]]:
    """The lines of so many orders, as the stand-in writes them for the adapter's own bulk query."""
    with Shopify(7, orders * 2 // 5, orders, TODAY) as service:
        shop = service.shop
        part = plan_of(prepare(operations.read("bulk_orders")).document).part
        assert part.inner is not None
        ctx = service.api.context(service.keyring.tokens[service.token])
        return lines_of(part.inner, [shop.orders.read(number) for number in shop.orders], ctx, grouped=True)


def measure(orders: int) -> list[Figure]:
    """A first pull of so many orders."""
    with stand_in(orders) as running, scratch() as folder:
        spent = apart("benchmarks.shopify", "read", folder=str(folder), credentials=running.credentials)
        asked, beside = running.requests(), running.megabytes()
    premise(spent.result["read"] == orders, f"{spent.result['read']:,} of {orders:,} orders came")
    told = f"{asked.told()}; {spent.result['read']:,} orders read in {spent.seconds:.0f} s"
    return [
        at_most("requests of the first pull, beside polling", asked.all - asked.polls, 30, "requests", told),
        plain("orders", spent.result["read"] / spent.seconds, "orders/s",
              f"{spent.processor:.0f} s of Gallra's processor"),
        at_most("peak memory", spent.megabytes, 300, "MB", f"the stand-in {beside:.0f} MB"),
    ]  # fmt: skip


def decoding(orders: int = DECODED) -> list[Figure]:
    """How fast a bulk file is decoded and put together, beside the bare decoding of its lines."""
    rows = _lines(orders)
    body = b"".join(encode(row) + b"\n" for row in rows)
    told = f"{len(rows):,} lines; {len(rows) / _decoded(body, orders):,.0f} lines/s"
    ratio = _decoded(body, orders) / _decoded_bare(body, len(rows))
    return [at_most("bulk file put together, against decoding its lines", ratio, ASSEMBLED, "times", told)]


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    for orders in [int(word) for word in sys.argv[1:]] or [ORDERS]:
        show(f"pull of {orders:,} Shopify orders (fast)", measure(orders))
    show("bulk files", decoding())


if __name__ == "__main__":
    main()
