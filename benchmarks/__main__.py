"""`python -m benchmarks`: every benchmark in one table, and JSON where it is asked for.

Run: python -m benchmarks [--smallest | --long] [--only NAME …] [--part K/N] [--json FOLDER]. `--smallest`
takes a few minutes, its parts can run side by side, and it shows that each still measures what it says: each
ends in an error where its premise fails. Its times say nothing. `--long` takes the sizes that the aims hold
for. The modules themselves take other sizes.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import (
    apply,
    decide,
    described,
    erase,
    fleet,
    ledger,
    plan,
    postgres,
    pull,
    shopify,
    shopify_apply,
    shopify_people,
    start,
)
from benchmarks.machine import Figure, about, keep, show


class Benchmark(NamedTuple):
    """What is measured, and with which sizes; none where a size is left to another benchmark."""

    title: str
    measure: Callable[..., list[Figure]]
    smallest: tuple[Any, ...] | None
    short: tuple[Any, ...] | None
    long: tuple[Any, ...] | None


BENCHMARKS = {
    "start": Benchmark("start of the command (processor time)", start.measure, (1,), (5,), (9,)),
    "decide": Benchmark("decide (one core)", decide.figures, (2_000,), (100_000,), (1_000_000,)),
    "plan": Benchmark("plan (no shop asked; SQLite)", plan.measure, (3_000,), (100_000,), (1_000_000,)),
    "pull": Benchmark(
        "pull (fast)", pull.measure, (200, "fast"), (10_000, "fast"), (pull.FAST, "fast"),
    ),
    "pull_measured": Benchmark(
        "pull (measured)", pull.measure, None, (4_000, "measured"), (pull.MEASURED, "measured")
    ),
    "apply": Benchmark("apply (measured; notes left out)", apply.measure, (100,), (800,), (apply.ORDERS,)),
    "ledger": Benchmark(
        "steps written (SQLite)", ledger.measure, (1_000,), (20_000,), (100_000,)
    ),
    "postgres": Benchmark("the ledger on PostgreSQL", postgres.measure, (1_000,), (20_000,), (100_000,)),
    "erase": Benchmark("people erased from Mailchimp (fast)", erase.measure, (10,), (100,), (100,)),
    "fleet": Benchmark(
        "a fleet: shops due at once, two workers, one killed", fleet.measure,
        (100,), (fleet.SHOPS,), (fleet.SHOPS,),
    ),
    "described": Benchmark(
        "Payson as a description beside its code", described.measure, (20,), (400,), (400,)
    ),
    "shopify": Benchmark(
        "pull of Shopify orders and customers, and the first plan (fast)", shopify.measure,
        (100,), (10_000,), (shopify.ORDERS,),
    ),
    "shopify_lines": Benchmark("Shopify's bulk files", shopify.decoding, (100,), (5_000,), (5_000,)),
    "shopify_apply": Benchmark(
        "apply to Shopify orders (Standard plan's budget)", shopify_apply.measure,
        (60, 5), (1_000, 60), (shopify_apply.ORDERS, shopify_apply.SINGLES),
    ),
    "shopify_people": Benchmark(
        "people erased at Shopify (fast)", shopify_people.measure, (10,), (100,), shopify_people.PEOPLE[1:]
    ),
}  # fmt: skip


def main() -> None:
    """Runs the benchmarks in one size and prints their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--json", type=Path, default=None, metavar="FOLDER", help="keeps the figures there too"
    )
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHMARKS), help="these alone")
    parser.add_argument("--part", default="1/1", metavar="K/N", help="every N-th of them, from the K-th on")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smallest", action="store_const", dest="size", const="smallest", help="premises only")
    size.add_argument("--long", action="store_const", dest="size", const="long", help="takes an hour or two")
    given = parser.parse_args()
    print("\n".join(about()))
    part, parts = map(int, given.part.split("/"))
    for name in list(given.only or BENCHMARKS)[part - 1 :: parts]:
        _run(name, given.size or "short", given.json)


def _run(name: str, size: str, folder: Path | None) -> None:
    benchmark = BENCHMARKS[name]
    sizes: tuple[Any, ...] | None = getattr(benchmark, size)
    if sizes is None:
        return
    figures = benchmark.measure(*sizes)
    show(f"{benchmark.title}: {', '.join(str(one) for one in sizes)}", figures, judged=size != "smallest")
    if folder:
        keep(name, figures, folder)


if __name__ == "__main__":
    main()
