"""Applying: orders redacted a second, beside one PUT an order on one connection.

Run: python -m benchmarks.apply [orders]. In `measured` mode, which waits as long as WooCommerce 10.5 on two
cores was measured to. Orders are fetched again, decided anew, written in batches and read back; each step
stands in the ledger. Notes are left out: they have no batch route, so each costs a request of its own; and
with them the orders that go whole, whose notes go first.
"""

import sys
import time
from typing import Any

from benchmarks.clients import NOON, ledger, policy, shop
from benchmarks.machine import Figure, about, apart, at_least, plain, scratch, show
from benchmarks.orders import KEY, TODAY
from benchmarks.services import services
from connector.apply import Applier
from connector.ledger import Vault
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Plans
from connector.plan import Limits
from connector.planning import make_plan
from connector.pull import pull
from connector.records import WAVE_ORDER, Action, Kind, Wave
from connector.verify import verify

ORDERS, PUTS = 1_200, 60
# Notes go in this wave, one request each; telephone numbers wait with them.
WITHOUT = frozenset({Wave.PHONE_NOTES})


def apply(folder: str, credentials: dict[str, Any]) -> dict[str, Any]:
    """Pulls, plans, then applies and reads back; returns the records and the seconds of each."""
    platform, kept = shop(credentials), ledger(folder)
    platforms, rules = {platform.name: platform}, policy()
    pull(kept, platforms, key=KEY, kinds=[Kind.ORDER])
    made = make_plan(
        kept, rules, {(platform.name, Kind.ORDER): platform.capabilities(Kind.ORDER)}, (),
        limits=Limits(), key=KEY, today=TODAY, now=NOON,
    )  # fmt: skip
    waves = sorted({wave.wave for wave in made.waves} - WITHOUT, key=WAVE_ORDER.__getitem__)
    plans = Plans(kept)
    with kept.begin() as connection:
        plan_id, _, _ = plans.need(connection)
        whole = [s.seq for s in plans.steps(connection, plan_id) if s.step.action is Action.DELETE]
        plans._update(connection, plan_id, whole, state="closed")
    outbox = Outbox(kept, Vault(bytes(32)))
    applier = Applier(
        ledger=kept, outbox=outbox, policy=rules, platforms=platforms, recipients=(), today=TODAY
    )
    started = time.perf_counter()
    touched = applier.apply(plan_id, waves)
    applied = time.perf_counter()
    result = verify(kept, outbox, platforms, {}, plan_id=plan_id)
    return {
        "touched": touched, "clean": result.clean, "left": result.left,
        "apply": applied - started, "verify": time.perf_counter() - applied,
    }  # fmt: skip


def put_each(credentials: dict[str, Any], orders: int) -> float:
    """Orders a second when each is written with a PUT of its own, on one connection, nothing read."""
    client = shop({**credentials, "connections": 1})._client
    rows = client.get("orders", {"per_page": orders, "_fields": "id"}, operation="read orders").json()
    started = time.perf_counter()
    for row in rows:
        client.write("PUT", f"orders/{row['id']}", {"customer_note": ""}, operation="update order")
    return len(rows) / (time.perf_counter() - started)


def measure(orders: int) -> list[Figure]:
    """Both figures, against one and the same service."""
    with scratch() as folder, services(orders=orders, mode="measured") as running:
        account = running.credentials["woocommerce"]
        each = apart("benchmarks.apply", "put_each", credentials=account, orders=PUTS).result
        done = apart("benchmarks.apply", "apply", folder=str(folder), credentials=account).result
    speed = done["touched"] / (done["apply"] + done["verify"])
    told = f"{done['touched']} orders: {done['apply']:.1f} s applied, {done['verify']:.1f} s read back"
    return [
        plain("one PUT an order, one connection, nothing read", each, "orders/s", f"{PUTS} orders"),
        plain("apply and verify, fetched again and read back", speed, "orders/s", told),
        at_least("apply and verify, against one PUT an order", speed / each, 4, "times"),
        plain("records read back with data left", done["left"], "records", f"{done['clean']} clean"),
    ]


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("apply (measured mode, notes left out)", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))


if __name__ == "__main__":
    main()
