"""Pulling orders: requests, speed beside a bare fetch of the same pages, memory.

Run: python -m benchmarks.pull [orders in measured mode] [orders in fast mode]. `measured` waits as long as
WooCommerce 10.5 on two cores was measured to; `fast` answers at once, and shows what the client costs.
"""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import Any

import requests

from adapters.http import Answer
from adapters.woocommerce.client import VERSION, authentication
from benchmarks.clients import ledger, shop
from benchmarks.machine import Figure, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY
from benchmarks.services import services
from connector.records import Kind
from connector.stages.pull import Reading, pull

FAST, MEASURED, LARGE = 20_000, 5_000, 100_000
SETTLED = 12  # seconds; a pull reads what changed in the last ten again, in case it is not yet all there


def read(folder: str, credentials: dict[str, Any], kind: str = "order") -> dict[str, Any]:
    """Pulls one kind into the ledger of a folder; returns what came, and the pages that were asked for."""
    platform = shop(credentials)
    asked: list[tuple[str, Mapping[str, Any]]] = []
    get = platform._client.get

    def noted(
        route: str, params: Mapping[str, Any] | None = None, *, operation: str, fresh: bool = False
    ) -> Answer:
        asked.append((route, dict(params or {})))
        return get(route, params, operation=operation, fresh=fresh)

    platform._client.get = noted  # type: ignore[method-assign]
    started, worked = time.perf_counter(), time.process_time()
    (came,) = pull(ledger(folder), Reading(platforms={platform.name: platform}, key=KEY), kinds=[Kind(kind)])
    return {
        "read": came.read, "changed": came.changed, "pages": asked if came.read <= FAST else [],
        "seconds": time.perf_counter() - started, "processor": time.process_time() - worked,
    }  # fmt: skip


def fetch_bare(credentials: dict[str, Any], pages: list[tuple[str, dict[str, Any]]]) -> dict[str, float]:
    """Fetches the same pages in the same order on as many connections, and does nothing with them."""
    base = f"{credentials['url']}/wp-json/{VERSION}"
    session = requests.Session()
    session.auth = authentication(credentials)
    started, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = pool.map(lambda page: session.get(f"{base}/{page[0]}", params=page[1], timeout=60), pages)
        size = sum(len(answer.content) for answer in answers)
    return {
        "seconds": time.perf_counter() - started, "processor": time.process_time() - worked, "bytes": size,
    }  # fmt: skip


def measure(orders: int, mode: str) -> list[Figure]:
    """A first pull of orders, the same pages fetched bare, and a second pull with 1 % changed."""
    with scratch() as folder, services(orders=orders, mode=mode) as running:
        account = running.credentials["woocommerce"]
        first = apart("benchmarks.pull", "read", folder=str(folder), credentials=account).result
        asked = running.requests()
        bare = apart("benchmarks.pull", "fetch_bare", credentials=account, pages=first["pages"]).result
        edited = max(1, orders // 100)
        running.change(edited)
        time.sleep(SETTLED)
        running.requests()
        second = apart("benchmarks.pull", "read", folder=str(folder), credentials=account).result
        again = sum(running.requests().values())
    premise(first["read"] == orders, f"{first['read']:,} of {orders:,} orders came")
    premise(second["changed"] == edited, f"{edited} orders were edited, {second['changed']} came as changed")
    ratio = first["seconds"] / bare["seconds"]
    told = f"{first['seconds']:.1f} s; the bare fetch {bare['seconds']:.1f} s"
    figures = [
        _requests(asked, orders),
        plain("records", first["read"] / first["seconds"], "records/s", told),
    ]
    if mode == "measured":
        return [*figures, at_most("against a bare fetch of the same pages", ratio, 1.3, "times")]
    total = sum(asked.values())
    told = f"{again} of {total} requests, {second['changed']} changed"
    return [
        *figures,
        plain("records by processor time, one core", first["read"] / first["processor"], "records/s"),
        plain("against a bare fetch of the same pages", ratio, "times"),
        at_most("second pull, 1 % changed: requests", again, 0.03 * total + 5, "requests", told),
    ]


BESIDE = (
    "the newest orders whole, for what plugins add to them", "the newest change",
    "the shop's orders by status", "its count of those that were read", "the trash",
    "the changes since the start", "and those in the trash",
)  # fmt: skip
"""One request each, beside the pages of a hundred: what there is to read, and that all of it was read."""


def _requests(asked: Mapping[str, int], orders: int) -> Figure:
    """Requests of a first pull; refunds are a list of their own, read so that each has its date."""
    refunds = sum(count for route, count in asked.items() if "refunds" in route)
    pages = ceil(orders / 100)
    told = f"{pages:,} pages, {len(BESIDE)} beside them; and {refunds} of the list of refunds"
    aim = pages + len(BESIDE)
    return at_most("requests of the first pull", sum(asked.values()) - refunds, aim, "requests", told)


def large(orders: int) -> list[Figure]:
    """A first pull of many orders: memory must not grow with their number."""
    with services(orders=orders, mode="fast") as running:
        account = running.credentials["woocommerce"]
        with scratch() as folder:
            spent = apart("benchmarks.pull", "read", folder=str(folder), credentials=account)
            asked = running.requests()
    premise(spent.result["read"] == orders, f"{spent.result['read']:,} of {orders:,} orders came")
    told = f"{spent.seconds:.0f} s beside the services, {spent.processor:.0f} s of the client's processor"
    return [_requests(asked, orders), at_most("peak memory", spent.megabytes, 200, "MB", told)]


def main() -> None:
    """Prints the figures."""
    given = [int(word) for word in sys.argv[1:]]
    measured, fast = (given + [MEASURED, LARGE][len(given) :])[:2]
    print("\n".join(about()))
    show(f"pull of {measured:,} orders (measured)", measure(measured, "measured"))
    show(f"pull of {min(fast, FAST):,} orders (fast)", measure(min(fast, FAST), "fast"))
    if fast > FAST:
        show(f"pull of {fast:,} orders (fast)", large(fast))


if __name__ == "__main__":
    main()
