"""Applying to a large Shopify shop: requests, and the time in bulk beside that of single mutations.

Run: python -m benchmarks.shopify_apply [orders] [orders through single mutations]. The shop's own stages, as
the commands call them: check, pull, plan, approve; then apply with its pull and verify, which are counted.

The stand-in keeps a Standard plan's bucket (2,000 points, 100 a second, a mutation 10) by the real clock on
both ways, and the bucket is all but empty when apply begins; bulk operations cost no points, as at Shopify.
Reads by id it prices as one question, whatever the number of ids; what Shopify takes is not recorded. How
long Shopify needs for a line of a bulk mutation is not published: here it is what the stand-in takes on this
machine, so beside the ratio stands the pace below which single mutations would be as fast. Single mutations
run on a part of the orders; the pace after the first order, which waits for check and pull, is scaled.
"""

import sys
import time
from pathlib import Path
from typing import Any

from adapters.shopify import writes
from benchmarks.clients import NOON
from benchmarks.machine import Figure, Spent, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import TODAY
from benchmarks.stand_in import Requests, StandIn, stand_in
from connector.cli.demo.settings import listener_text, shop_text, write_company
from connector.ledger.plans import Plans
from connector.records import Kind
from connector.shop import Shop, open_shop
from connector.stages import flow
from connector.views.lint.refusing import must_be_sound

ORDERS, SINGLES = 10_000, 400
# The shop is larger than what is touched: the newest orders are not due.
SHARE = 1.2


def _opened(folder: str, credentials: dict[str, Any]) -> Shop:
    """The shop of the folder's settings, its orders alone."""
    environ = {"DEMO_SHOPIFY_TOKEN": credentials["token"]}
    shop = open_shop(Path(folder) / "shop" / "shop.toml", environ=environ, clock=lambda: NOON)
    shop.platforms["shopify"].kinds = (Kind.ORDER,)
    return shop


def _write_settings(folder: Path, credentials: dict[str, Any]) -> None:
    write_company(folder, TODAY)
    path = folder / "shop" / "shop.toml"
    path.parent.mkdir()
    path.write_text(shop_text("shopify", {"shopify": credentials}), encoding="utf-8")


def prepare(folder: str, credentials: dict[str, Any], orders: int) -> dict[str, int]:
    """Checks, pulls, plans and approves; leaves so many orders in the plan, spread over all of it."""
    _write_settings(Path(folder), credentials)
    listeners = _opened(folder, credentials).check()["shopify"].listeners
    with (Path(folder) / "shop" / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(listener_text([{"id": one.id, "active": one.active} for one in listeners], TODAY))
    shop = _opened(folder, credentials)
    (came,) = flow.pull_shop(shop, full=True)
    plan = flow.plan_shop(shop, must_be_sound(shop))
    word = flow.Word(by="Disa Demo", role="owner", first_run=True)
    flow.approve(shop, must_be_sound(shop), plan.code, word)
    return {"read": came.read, "orders": _leave(shop, orders)}


def _leave(shop: Shop, orders: int) -> int:
    """Closes the steps of all but so many orders; returns how many are left."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, _, _ = plans.need(connection)
        steps = [(row.seq, row.record) for row in plans.steps(connection, plan_id)]
        found = list(dict.fromkeys(record for _, record in steps))
        kept = frozenset(found[:: max(1, len(found) // orders)][:orders])
        plans._update(connection, plan_id, [seq for seq, of in steps if of not in kept], state="closed")
    return len(kept)


def carry_out(folder: str, credentials: dict[str, Any], singly: bool) -> dict[str, Any]:
    """Applies the plan, in bulk as the adapter does, or with the threshold of bulk out of reach."""
    if singly:
        writes.BULK_FROM = sys.maxsize
    shop = _opened(folder, credentials)
    moments: list[float] = []

    def tell(what: str, done: int, total: int | None) -> None:
        if what == "apply":
            moments.append(time.perf_counter())

    began = time.perf_counter()
    touched = flow.apply_plan(shop, must_be_sound(shop), tell=tell).touched
    budget = shop.platforms["shopify"]._client.budget  # type: ignore[attr-defined]
    return {
        "touched": touched, "throttled": budget.throttled, "first": moments[0] - began,
        "rest": moments[-1] - moments[0],
    }  # fmt: skip


def look_back(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Reads every record back."""
    result = flow.verify_shop(_opened(folder, credentials))
    return {"clean": result.clean, "left": result.left}


def measure(orders: int, singles: int) -> list[Figure]:
    """Both ways, each on a shop of its own and equal to the other."""
    bulk, asked, back = _way(orders, orders, singly=False)
    each, sent, _ = _way(singles, orders, singly=True)
    touched = bulk.result["touched"]
    clean, left = back.result["clean"], back.result["left"]
    premise(touched == orders, f"{orders:,} orders were planned, {touched:,} touched in bulk")
    premise(each.result["touched"] == singles, f"{singles} planned, {each.result['touched']} touched singly")
    premise((clean, left) == (touched, 0), f"{clean:,} of {touched:,} read back clean, {left} with data")
    singly = "single mutations" in sent.sorts and "uploads" not in sent.sorts
    premise(singly, f"the second way sent {sent.told()}")
    premise("uploads" in asked.sorts, "the first way did not go in bulk")
    pace = (each.result["touched"] - 1) / each.result["rest"]
    scaled = each.result["first"] + (touched - 1) / pace
    looked = back.seconds
    told = f"{touched:,} orders, {each.result['touched']} of them measured; {sent.told()}"
    return [
        at_most("requests of apply and verify, beside polling and reads by id", asked.beside, 40, "requests",
                asked.told()),
        plain("apply in bulk", bulk.seconds, "s", f"{touched:,} orders; and {looked:.0f} s read back"),
        plain("apply through single mutations, scaled", scaled, "s", told),
        plain("single mutations against bulk, time of apply", scaled / bulk.seconds, "times"),
        plain("the same, each with the read-back", (scaled + looked) / (bulk.seconds + looked), "times"),
        plain("orders a second, single mutations", pace, "orders/s",
              "slower than this in bulk, and single mutations are as fast"),
        plain("orders read back with data left", left, "orders",
              f"{clean:,} clean; THROTTLED "
              f"{bulk.result['throttled']} times in bulk, {each.result['throttled']} singly"),
    ]  # fmt: skip


def _way(orders: int, shop: int, *, singly: bool) -> tuple[Spent, Requests, Spent]:
    """One way: what apply and verify took, and what they asked."""
    with stand_in(int(shop * SHARE), "Standard") as running, scratch() as folder:
        given: dict[str, Any] = {"folder": str(folder), "credentials": running.credentials}
        apart("benchmarks.shopify_apply", "prepare", **given, orders=orders)
        return _counted(running, given, singly)


def _counted(running: StandIn, given: dict[str, Any], singly: bool) -> tuple[Spent, Requests, Spent]:
    running.requests()
    running.drain()
    done = apart("benchmarks.shopify_apply", "carry_out", **given, singly=singly)
    back = apart("benchmarks.shopify_apply", "look_back", **given)
    return done, running.requests(), back


def main() -> None:
    """Prints the figures."""
    given = [int(word) for word in sys.argv[1:]]
    orders, singles = (given + [ORDERS, SINGLES][len(given) :])[:2]
    print("\n".join(about()))
    show(f"apply to {orders:,} Shopify orders (Standard plan's budget)", measure(orders, singles))


if __name__ == "__main__":
    main()
