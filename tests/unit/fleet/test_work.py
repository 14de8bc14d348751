"""Workers in processes of their own: what is due is run once, also where one of them is killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import Exit
from connector.fleet.database import Connection, connected
from connector.fleet.ending import Next, Ran
from connector.fleet.queue import ask, put_what_is_due
from connector.fleet.shops import begin, end, now_of, rows, under_way
from connector.fleet.standing import standing_of
from connector.fleet.work import Work, work
from tests.fleet_support import base, fetched, put_shop
from tests.fleet_worker import lines

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts workers; those that still live when the test is over are killed."""
    begun: list[subprocess.Popen[bytes]] = []

    def worker(*, jobs: int = 2, seconds: float = 0.0, once: bool = True) -> subprocess.Popen[bytes]:
        words = [url, str(tmp_path), str(jobs), str(seconds), "once" if once else "always"]
        begun.append(subprocess.Popen([sys.executable, "-m", "tests.fleet_worker", *words]))
        return begun[-1]

    yield worker
    for one in begun:
        one.kill()
        one.wait()


def _put(database: Connection, folder: Path, count: int) -> list[str]:
    shops = [f"shop-{number:03}" for number in range(count)]
    for shop in shops:
        file = folder / f"{shop}.toml"
        file.write_text("")
        put_shop(database, shop, file=str(file))
    return shops


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def _be_silent_for(database: Connection, seconds: int) -> None:
    database.execute(
        "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - make_interval(secs => %s)",
        [seconds],
    )


def _alive(database: Connection) -> bool:
    """Whether some worker is one that others would not give up."""
    found = database.execute(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 seconds'"
    ).fetchone()
    return found != (0,)


def test_two_workers_run_every_shop_that_is_due_once(
    start: Start, database: Connection, tmp_path: Path
) -> None:
    shops = _put(database, tmp_path, 40)
    assert [one.wait(60) for one in (start(), start())] == [0, 0]
    assert sorted(lines(tmp_path, "ended")) == shops
    assert lines(tmp_path, "twice") == []
    assert {row.code for row in rows(database)} == {0}
    stands = standing_of(rows(database), now=rows(database)[0].ended, draining=False)  # type: ignore[arg-type]
    assert (stands.due, stands.running) == (0, 0)
    assert database.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'gallra-runs'"
                            ).fetchone() == (0,)  # fmt: skip


def test_what_a_killed_worker_had_begun_is_run_by_another_within_a_minute(
    start: Start, database: Connection, tmp_path: Path
) -> None:
    shops = _put(database, tmp_path, 6)
    killed = start(jobs=2, seconds=30, once=False)
    _until(lambda: len(lines(tmp_path, "began")) == 2)
    killed.kill()
    killed.wait()
    _be_silent_for(database, 15)  # of the 20 seconds after which it is given up
    dead = time.monotonic()
    start(jobs=4, once=False)
    _until(lambda: sorted(lines(tmp_path, "ended")) == shops, seconds=60)
    assert time.monotonic() - dead < 60
    assert lines(tmp_path, "twice") == []
    assert len(lines(tmp_path, "began")) == 8  # the two that were cut off began twice
    _until(lambda: under_way(database) == [])


def test_a_worker_that_is_stopped_lets_what_runs_come_to_its_end_and_begins_nothing(
    start: Start, database: Connection, tmp_path: Path
) -> None:
    _put(database, tmp_path, 3)
    worker = start(jobs=1, seconds=8, once=False)
    _until(lambda: len(lines(tmp_path, "began")) == 1)
    worker.send_signal(signal.SIGTERM)
    _until(lambda: "Stopping" in (tmp_path / "said").read_text() if (tmp_path / "said").exists() else False)
    _be_silent_for(database, 3600)
    _until(lambda: _alive(database) or not under_way(database))
    assert len(under_way(database)) == 1  # it shows that it lives as long as the run lasts
    assert worker.wait(30) == 0
    assert len(lines(tmp_path, "ended")) == len(lines(tmp_path, "began")) == 1
    assert under_way(database) == []


def test_a_second_signal_ends_a_worker_at_once(
    start: Start, database: Connection, tmp_path: Path
) -> None:
    _put(database, tmp_path, 1)
    worker = start(jobs=1, seconds=60, once=False)
    _until(lambda: len(lines(tmp_path, "began")) == 1)
    worker.send_signal(signal.SIGTERM)
    time.sleep(1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 3


FETCHED, BEGUN, RAN, ENDED = range(4)


@pytest.mark.parametrize("purpose", ["nightly", "asked"])
@pytest.mark.parametrize("point", [FETCHED, BEGUN, RAN, ENDED])
def test_wherever_a_worker_dies_the_shop_is_run_to_its_end_once(
    url: str, database: Connection, tmp_path: Path, point: int, purpose: str
) -> None:
    [shop] = _put(database, tmp_path, 1)
    if purpose == "asked":
        database.execute("UPDATE gallra_fleet_shops SET next_due = now() + interval '1 day'")
        ask(database, shop, purpose)
    else:
        put_what_is_due(database)
    [job] = fetched(url)
    assert job is not None
    assert job.id is not None
    begun = begin(database, shop, job=job.id, nightly=purpose == "nightly") if point >= BEGUN else None
    ran: list[Path] = [tmp_path] if point >= RAN else []
    if point >= ENDED:
        assert begun is not None
        later = Next(due=now_of(database) + timedelta(hours=1))
        assert end(database, begun, Exit.DONE, cron="15 3 * * *", then=later)
    _be_silent_for(database, 3600)

    def run(path: Path) -> Ran:
        ran.append(path)
        return Ran(code=Exit.DONE, line="Done.")

    work(Work(url=url, folder=tmp_path, run=run, say=lambda _: None, once=True, cron=lambda *_: "15 3 * * *"))
    # What was not written is done again, and the shop's own ledger knows what was done.
    assert len(ran) == (2 if point == RAN else 1)
    [row] = rows(database)
    assert (row.code, row.begun, row.wants) == (0, None, "nightly")
    assert row.next_due is not None
    assert row.next_due > now_of(database)
    assert database.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'gallra-runs'"
                            ).fetchone() == (0,)  # fmt: skip


def test_a_worker_whose_database_goes_ends_with_75(start: Start, database: Connection, url: str) -> None:
    worker = start(once=False)
    _until(lambda: database.execute("SELECT count(*) FROM procrastinate_workers").fetchone() == (2,))
    name = database.info.dbname
    with connected(base()) as keeper:
        keeper.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        keeper.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    assert worker.wait(90) == 75
