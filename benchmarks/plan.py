"""Planning over a large index: what a dry run takes when few orders are due, and when all are decided anew.

Run: python -m benchmarks.plan [orders]. The index is filled straight with records; no shop is asked.
Three plans of one shop that keeps to its policy, and one of a shop that has never erased anything.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from adapters.woocommerce.abilities import capabilities
from benchmarks.clients import NOON, ledger, policy
from benchmarks.machine import Figure, about, apart, at_most, plain, scratch, show
from benchmarks.orders import KEY, TODAY, orders
from connector.ledger.index import Index
from connector.plan import Limits
from connector.planning import make_plan
from connector.policy import Policy, decide
from connector.records import Kind, Record, to_bits
from connector.verdicts import State

BATCH = 10_000
FEW_SECONDS, ANEW_SECONDS, MEGABYTES = 5.0, 60.0, 300.0
# A shop that kept to its policy until this many days ago.
BEHIND = timedelta(days=7)


def fill(folder: str, count: int, cleaned: bool) -> int:
    """Fills an index; `cleaned` leaves out what the policy would have taken by last week."""
    kept, source = ledger(folder), orders(count)
    if cleaned:
        source = _cleaned(source, policy("12-31"))
    index = Index(kept)
    while batch := list(islice(source, BATCH)):
        with kept.begin() as connection:
            index.store(connection, batch, key=KEY, walk=1)
    return count


def _cleaned(source: Iterator[Record], rules: Policy) -> Iterator[Record]:
    for record in source:
        verdict = decide(record, rules, today=TODAY - BEHIND)
        gone = to_bits(tuple(v.field for v in verdict.fields if v.field and v.state is State.DUE))
        yield replace(record, present=record.present & ~gone, unread=record.unread & ~gone)


def plan(folder: str, year_end: str, days: int = 0) -> dict[str, Any]:
    """Makes one plan, so many days on; returns its steps and how many records it would touch."""
    made = make_plan(
        ledger(folder), policy(year_end),
        {("woocommerce", Kind.ORDER): capabilities(Kind.ORDER, {"delete_orders": True})}, (),
        limits=Limits(), key=KEY, today=TODAY + timedelta(days=days), now=NOON + timedelta(days=days),
    )  # fmt: skip
    return {
        "steps": sum(wave.steps for wave in made.waves),
        "touched": sum(t.delete + t.redact for t in made.totals.values()),
        "records": sum(t.records for t in made.totals.values()),
    }


def measure(count: int) -> list[Figure]:
    """The figures for an index of so many orders; the aims hold for a million."""
    with scratch() as folder:
        filled = apart("benchmarks.plan", "fill", folder=str(folder), count=count, cleaned=True)
        told = f"{filled.seconds:.1f} s, {filled.megabytes:.0f} MB"
        figures = [plain("index filled", count / filled.seconds, "records/s", told)]
        figures += _figures("first plan, every order new", folder, ANEW_SECONDS, year_end="12-31")
        figures += _figures("next day, few due", folder, FEW_SECONDS, year_end="12-31", days=1)
        figures += _figures(
            "another policy, all decided anew", folder, ANEW_SECONDS, year_end="06-30", days=1
        )
    with scratch() as folder:
        apart("benchmarks.plan", "fill", folder=str(folder), count=count, cleaned=False)
        figures += _figures("nothing ever erased, most orders due", folder, None, year_end="12-31")
    return figures


def _figures(name: str, folder: Path, seconds: float | None, **how: Any) -> list[Figure]:
    spent = apart("benchmarks.plan", "plan", folder=str(folder), **how)
    told = (
        f"{spent.result['touched']:,} of {spent.result['records']:,} due, {spent.result['steps']:,} steps; "
        f"{spent.processor:.1f} s of processor"
    )
    memory = at_most(f"{name}: peak memory", spent.megabytes, MEGABYTES, "MB")
    if seconds is None:
        return [plain(name, spent.seconds, "s", told), memory]
    return [at_most(name, spent.seconds, seconds, "s", told), memory]


def main() -> None:
    """Prints the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print("\n".join(about()))
    show(f"plan over {count:,} orders (no shop asked; SQLite)", measure(count))


if __name__ == "__main__":
    main()
