"""`python -m tests.crash.soak`: one request in twenty fails, the shop is written to; nothing is lost.

Last line: `Soak: 60 orders, 41 faults, 300 writes beside: nothing lost.`; `--orders 50000` for a night.
"""

import argparse
import random
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sandbox.faults import Fault, Faults
from sandbox.wire import Request
from tests.crash.line import typed
from tests.crash.world import SEED, World, served

SHARE = 0.05
KINDS = ("500", "502_html", "429", "cut", "cut_after", "empty_body", "html", "short_page", "answers_nothing")
READ = ("pull", "plan", "approve")
WRITE = ("apply", "push", "verify")
TRIES = 6  # of the writing in a round while requests fail: one fault in two ends it
FAULTY, QUIET = 5, 6  # rounds: of an hour while requests fail, then of six, for a day is the longest wait
ENDED = {"closed", "by_hand", "cancelled", "waiting"}


class SomeFaults(Faults):
    """Strikes a share of all requests, each with a fault drawn by chance."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance, self.on, self.count = chance, True, 0

    def next(self, request: Request) -> Fault | None:
        """A fault for one request in twenty."""
        if not self.on or self.chance.random() >= SHARE:
            return None
        self.count += 1
        return Fault(self.chance.choice(KINDS), "", 1, 0, 0.05)


@contextmanager
def written_to(world: World, chance: random.Random) -> Iterator[list[int]]:
    """Merchants and customers write to the shop's orders while the block runs; the orders written to."""
    shop, stop, written = world.box.woocommerce.shop, threading.Event(), list[int]()

    def write() -> None:
        while not stop.wait(0.05):
            number = chance.choice(sorted(shop.orders) or [0])
            if number:
                shop.edit_order(number, customer_note=f"Ring mig på 0701740605, {len(written)}")
                written.append(number)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield written
    finally:
        stop.set()
        writer.join()


def lost(world: World, before: dict[int, str]) -> list[str]:
    """What was lost: records, money, deliveries; empty where nothing was."""
    orders = world.box.woocommerce.shop.orders
    with sqlite3.connect(world.base.folder / "gallra.sqlite") as ledger:
        known = {int(id_) for (id_,) in ledger.execute(
            "select remote_id from record where adapter = 'woocommerce' and kind = 'order' and gone = 0"
        )}  # fmt: skip
        told = ledger.execute(
            "select state, recipient, act, kind, outcome, reason, tries, not_before, count(*), min(remote_id)"
            f" from delivery where state not in ({', '.join('?' * len(ENDED))})"
            " group by 1, 2, 3, 4, 5, 6, 7, 8",
            sorted(ENDED),
        ).fetchall()
        open_ = ledger.execute("select count(*) from step where state = 'begun'").fetchone()[0]
    ledger.close()
    moved = [number for number in orders.keys() & before.keys() if orders[number]["total"] != before[number]]
    return [
        *(f"order {number} is not in the ledger" for number in sorted(orders.keys() - known)),
        *(f"order {number} is gone and the ledger does not know" for number in sorted(known - orders.keys())),
        *(f"money of order {number} moved" for number in moved),
        *(f"{many} deliveries are {', '.join(map(str, told_of))}: {one}" for *told_of, many, one in told),
        *([f"{open_} steps have begun and are not settled"] if open_ else []),
    ]


def soaked(orders: int, customers: int) -> tuple[int, int, list[str]]:
    """Faults struck, writes made beside, and what was lost."""
    world, chance = World("woocommerce", customers=customers, orders=orders), random.Random(SEED)
    before = {number: order["total"] for number, order in world.box.woocommerce.shop.orders.items()}
    faults = SomeFaults(chance)
    try:
        with served(world.servers):
            run(world, ("check",))
            for server in world.servers:
                server.faults = faults
            with written_to(world, random.Random(SEED + 1)) as written:
                for _ in range(FAULTY):
                    run(world, READ + WRITE * TRIES)
            faults.on = False
            for _ in range(QUIET):
                run(world, READ + WRITE, hours=6)
                if not lost(world, before):
                    break
        return faults.count, len(written), lost(world, before)
    finally:
        world.remove()


def run(world: World, words: Sequence[str], *, hours: int = 1) -> int:
    """Types the commands, each whatever the one before it said; some hours pass."""
    codes = [_typed(world, word) for word in words]
    world.pass_time(timedelta(hours=hours))
    return max(codes)


def _typed(world: World, word: str) -> int:
    try:
        return typed(world, world.base, (word,), world.base.folder / "said.json")
    except KeyError:  # there is no plan to approve yet
        return 1


def main(words: list[str]) -> int:
    """Soaks, tells; 0 where nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak", description=__doc__)
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--customers", type=int, default=20)
    wanted = parser.parse_args(words)
    faults, written, gone = soaked(wanted.orders, wanted.customers)
    told: Any = sys.stdout.write
    for one in gone:
        told(f"  {one}\n")
    end = "nothing lost" if not gone else f"{len(gone)} lost"
    told(f"Soak: {wanted.orders} orders, {faults} faults, {written} writes beside: {end}.\n")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
