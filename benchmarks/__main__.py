"""`python -m benchmarks`: a short form of every benchmark, one table, and JSON where it is asked for.

Run: python -m benchmarks [--long] [--json FOLDER]. `--long` adds those that take minutes. The modules
themselves take other sizes.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import apply, decide, erase, plan, pull, shopify, shopify_apply, start
from benchmarks.machine import Figure, about, apart, at_least, keep, show

Measure = Callable[[], list[Figure]]
DECIDED, PLANNED, PULLED, MEASURED, APPLIED = 100_000, 100_000, 10_000, 4_000, 800
BULK, BULK_APPLIED, SINGLY = 10_000, 1_000, 60
MILLION = 1_000_000

SHORT: dict[str, tuple[str, Measure]] = {
    "start": ("start of the command (processor time)", lambda: start.measure(5)),
    "decide": (f"decide {DECIDED:,} records, one core", lambda: _decided(DECIDED)),
    "plan": (f"plan over {PLANNED:,} orders (no shop asked; SQLite)", lambda: plan.measure(PLANNED)),
    "pull": (f"pull of {PULLED:,} orders (fast)", lambda: pull.measure(PULLED, "fast")),
    "pull_measured": (f"pull of {MEASURED:,} orders (measured)", lambda: pull.measure(MEASURED, "measured")),
    "apply": ("apply (measured; notes left out)", lambda: apply.measure(APPLIED)),
    "erase": ("people erased from Mailchimp (fast)", lambda: erase.measure(erase.PEOPLE)),
    "shopify": (f"pull of {BULK:,} Shopify orders (fast)", lambda: shopify.measure(BULK)),
    "shopify_lines": ("Shopify's bulk files", shopify.decoding),
    "shopify_apply": (
        f"apply to {BULK_APPLIED:,} Shopify orders (Standard plan's budget)",
        lambda: shopify_apply.measure(BULK_APPLIED, SINGLY),
    ),
}
LONG: dict[str, tuple[str, Measure]] = {
    "shopify_apply_long": (
        f"apply to {shopify_apply.ORDERS:,} Shopify orders (Standard plan's budget)",
        lambda: shopify_apply.measure(shopify_apply.ORDERS, shopify_apply.SINGLES),
    ),
    "shopify_large": (
        f"pull of {shopify.ORDERS:,} Shopify orders (fast)",
        lambda: shopify.measure(shopify.ORDERS),
    ),
    "shopify_million": (f"pull of {MILLION:,} Shopify orders (fast)", lambda: shopify.measure(MILLION)),
}


def _decided(count: int) -> list[Figure]:
    seconds, fields, due = apart("benchmarks.decide", "measure", count=count).result
    told = f"{fields:,} fields judged, {due:,} due"
    return [at_least("records judged", count / seconds, decide.TARGET, "records/s", told)]


def main() -> None:
    """Runs every short form and prints its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--json", type=Path, default=None, metavar="FOLDER", help="keeps the figures there too"
    )
    parser.add_argument("--long", action="store_true", help="also those that take minutes")
    given = parser.parse_args()
    folder = given.json
    print("\n".join(about()))
    for name, (title, measure) in (SHORT | LONG if given.long else SHORT).items():
        figures = measure()
        show(title, figures)
        if folder:
            keep(name, figures, folder)


if __name__ == "__main__":
    main()
