"""Pulling a large Shopify shop and planning over it: requests beside polling, time, and flat memory.

Run: python -m benchmarks.shopify [orders …]. The stand-in runs in a process of its own and answers at once;
it builds each order when it is asked for, so that a million need no gigabytes on its side either. The time
is that of both on one machine, not Shopify's.
"""

import sys
import time
from typing import Any

import msgspec
from sqlalchemy import func, select

from adapters.shopify import build as shopify
from adapters.shopify import operations
from adapters.shopify.bulk import assemble, lines
from benchmarks.clients import KEYER, NOON, ledger, policy
from benchmarks.machine import Figure, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY, TODAY
from benchmarks.stand_in import stand_in
from connector.deciding.terms import Terms
from connector.ledger import schema
from connector.plan import Limits
from connector.records import Kind
from connector.stages.plan import make_plan
from connector.stages.pull import Reading, pull
from sandbox.shopify.bulk.lines import lines_of, plan_of
from sandbox.shopify.documents import prepare
from sandbox.shopify.service import Shopify
from sandbox.wire import encode

ORDERS = 100_000
DECODED = 5_000
ASSEMBLED = 3.0  # times the bare decoding
_PIECE = 65_536  # bytes that the adapter reads at once


KINDS = (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER)


def read(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Pulls every order and customer into the ledger of a folder; how many of each stand there then.

    Who takes the newsletter is a subscriber, beside an account or alone: both kinds come of one list.
    """
    platform, kept = shopify.build(credentials, keyer=KEYER, clock=lambda: NOON), ledger(folder)
    came = pull(kept, Reading(platforms={platform.name: platform}, key=KEY), kinds=KINDS)
    premise(not any(one.missing for one in came), "the service counted more than came")
    table, found = schema.record, {}
    with kept.begin() as connection:
        for name, kinds in (("orders", KINDS[:1]), ("people", KINDS[1:])):
            ids = select(func.count(table.c.remote_id.distinct())).where(table.c.kind.in_(kinds))
            found[name] = int(connection.scalar(ids) or 0)
        found["records"] = int(connection.scalar(select(func.count()).select_from(table)) or 0)
    return found


def plan(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """The first plan over what was pulled: its steps, and how many records it would touch."""
    platform = shopify.build(credentials, keyer=KEYER, clock=lambda: NOON)
    can = {(platform.name, kind): platform.capabilities(kind) for kind in KINDS}
    made = make_plan(ledger(folder), Terms(
        policy=policy(), capabilities=can, recipients=(), limits=Limits(), key=KEY, today=TODAY, now=NOON,
    ))  # fmt: skip
    return {
        "steps": sum(wave.steps for wave in made.waves),
        "touched": sum(t.delete + t.redact for t in made.totals.values()),
        "records": sum(t.records for t in made.totals.values()),
    }


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
        part = plan_of(prepare(operations.read("bulk_orders")))
        assert part.inner is not None
        ctx = service.api.context(service.keyring.tokens[service.token])
        return lines_of(part.inner, [shop.orders.read(number) for number in shop.orders], ctx, grouped=True)


def measure(orders: int) -> list[Figure]:
    """A first pull of so many orders and six customers to ten of them, and the plan over all."""
    people = max(1, orders * 3 // 5)
    with stand_in(orders, customers=people) as running, scratch() as folder:
        given = {"folder": str(folder), "credentials": running.credentials}
        spent = apart("benchmarks.shopify", "read", **given)
        asked, beside = running.requests(), running.megabytes()
        planned = apart("benchmarks.shopify", "plan", **given)
    came, total = spent.result, spent.result["records"]
    premise((came["orders"], came["people"]) == (orders, people), f"{came} of {orders:,} and {people:,}")
    premise(planned.result["records"] == total, f"{planned.result['records']:,} of {total:,} were planned")
    premise(planned.result["touched"] > 0, "nothing is due")
    told = f"{asked.told()}; {total:,} records read in {spent.seconds:.0f} s"
    drawn = f"{planned.result['touched']:,} due, {planned.result['steps']:,} steps, {planned.seconds:.0f} s"
    return [
        at_most("requests of the first pull, beside polling", asked.all - asked.polls, 30, "requests", told),
        plain("records", total / spent.seconds, "records/s",
              f"{spent.processor:.0f} s of Gallra's processor"),
        at_most("pull: peak memory", spent.megabytes, 300, "MB", f"the stand-in {beside:.0f} MB"),
        at_most("plan: peak memory", planned.megabytes, 300, "MB", drawn),
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
        show(f"pull of {orders:,} Shopify orders and their customers (fast)", measure(orders))
    show("bulk files", decoding())


if __name__ == "__main__":
    main()
