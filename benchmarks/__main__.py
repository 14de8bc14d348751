"""`python -m benchmarks`: a short form of every benchmark, one table, and JSON where it is asked for.

Run: python -m benchmarks [--json FOLDER]. The long forms are the modules themselves.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import apply, decide, erase, plan, pull, start
from benchmarks.machine import Figure, about, apart, at_least, keep, show

Measure = Callable[[], list[Figure]]
DECIDED, PLANNED, PULLED, MEASURED, APPLIED = 100_000, 100_000, 10_000, 4_000, 800

SHORT: dict[str, tuple[str, Measure]] = {
    "start": ("start of the command (processor time)", lambda: start.measure(5)),
    "decide": (f"decide {DECIDED:,} records, one core", lambda: _decided(DECIDED)),
    "plan": (f"plan over {PLANNED:,} orders (no shop asked; SQLite)", lambda: plan.measure(PLANNED)),
    "pull": (f"pull of {PULLED:,} orders (fast)", lambda: pull.measure(PULLED, "fast")),
    "pull_measured": (f"pull of {MEASURED:,} orders (measured)", lambda: pull.measure(MEASURED, "measured")),
    "apply": ("apply (measured; notes left out)", lambda: apply.measure(APPLIED)),
    "erase": ("people erased from Mailchimp (fast)", lambda: erase.measure(erase.PEOPLE)),
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
    folder = parser.parse_args().json
    print("\n".join(about()))
    for name, (title, measure) in SHORT.items():
        figures = measure()
        show(title, figures)
        if folder:
            keep(name, figures, folder)


if __name__ == "__main__":
    main()
