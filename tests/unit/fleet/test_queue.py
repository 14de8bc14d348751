"""What is put into the queue, in which order it is taken, and what becomes of a worker's jobs that died."""

import asyncio
from datetime import UTC, datetime

from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

from connector.fleet.database import Connection
from connector.fleet.queue import TICKS, ask, job_of, purpose_of, put_what_is_due, take_up_what_is_lost
from connector.fleet.shops import drain, pause
from tests.fleet_support import fetched, opened, put_shop

LATER = datetime(2126, 1, 1, tzinfo=UTC)


def _waiting(database: Connection) -> list[str]:
    found = database.execute(
        "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id"
    )
    return [row[0] for row in found.fetchall()]


def _taken_up(url: str) -> int:
    async def look() -> int:
        connector = PsycopgConnector(conninfo=url, min_size=1, max_size=3)
        await connector.open_async()
        try:
            return await take_up_what_is_lost(connector)
        finally:
            await connector.close_async()

    return asyncio.run(look())


def _silent(database: Connection) -> None:
    database.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '25 seconds'")


def test_what_is_due_is_put_there_once_and_what_is_not_is_left(database: Connection) -> None:
    put_shop(database, "egg")
    put_shop(database, "hen", next_due=LATER)
    assert [put_what_is_due(database) for _ in range(2)] == [1, 0]
    assert _waiting(database) == ["shop:egg/nightly"]


def test_what_was_missed_while_nobody_looked_is_due_still_and_the_longest_due_comes_first(
    database: Connection,
) -> None:
    put_shop(database, "new")
    put_shop(database, "old", next_due=datetime(2026, 1, 1, tzinfo=UTC))
    put_what_is_due(database)
    assert _waiting(database) == ["shop:old/nightly", "shop:new/nightly"]


def test_a_paused_shop_and_a_drained_fleet_put_nothing_there(database: Connection) -> None:
    put_shop(database, "egg")
    pause(database, ["egg"], paused=True)
    assert put_what_is_due(database) == 0
    pause(database, ["egg"], paused=False)
    drain(database, draining=True)
    assert put_what_is_due(database) == 0


def test_a_shop_that_runs_is_not_put_there_again(database: Connection, url: str) -> None:
    put_shop(database, "egg")
    put_what_is_due(database)
    assert fetched(url) != [None]
    assert put_what_is_due(database) == 0


def test_what_a_person_asks_for_waits_beside_the_nightly_run_and_goes_before_others(
    database: Connection, url: str
) -> None:
    put_shop(database, "egg")
    put_shop(database, "hen")
    put_what_is_due(database)
    assert ask(database, "hen", purpose_of("R-234567"))
    assert not ask(database, "hen", purpose_of("R-234567"))
    assert ask(database, "hen", purpose_of(""))
    assert _waiting(database)[:2] == ["shop:hen/request:R-234567", "shop:hen/asked"]
    [first, second] = fetched(url, 2)
    assert first is not None
    assert first.task_kwargs == {"shop": "hen", "purpose": "request:R-234567"}
    assert second is not None  # the others of hen wait until it has ended
    assert second.task_kwargs["shop"] == "egg"


def test_a_job_holds_a_shop_and_a_purpose_and_nothing_else(database: Connection) -> None:
    put_shop(database, "egg", file=None, settings="[shop]\nid = 'egg'\nname = 'Secret'\n")
    put_what_is_due(database)
    [row] = database.execute("SELECT to_jsonb(j) FROM procrastinate_jobs j").fetchall()
    assert row[0]["args"] == {"shop": "egg", "purpose": "nightly"}
    assert "Secret" not in str(row[0])


def test_what_a_worker_without_a_sign_of_life_had_begun_waits_again(database: Connection, url: str) -> None:
    put_shop(database, "egg")
    put_what_is_due(database)
    fetched(url)
    assert _taken_up(url) == 0
    _silent(database)
    assert _taken_up(url) == 1
    assert _waiting(database) == ["shop:egg/nightly"]
    assert _taken_up(url) == 0


def test_a_job_that_is_lost_while_the_same_waits_ends(database: Connection, url: str) -> None:
    put_shop(database, "egg", next_due=LATER)
    ask(database, "egg", "asked")
    fetched(url)
    ask(database, "egg", "asked")
    _silent(database)
    assert _taken_up(url) == 0
    assert _waiting(database) == ["shop:egg/asked"]
    assert database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)


def test_a_look_that_is_lost_is_not_done_again(database: Connection, url: str) -> None:
    look = Job(queue=TICKS, task_name="gallra.due", lock=None, queueing_lock=None)
    from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

    JobManager(SyncPsycopgConnector()).defer_job(look, connection=database)
    fetched(url, queue=TICKS)
    _silent(database)
    assert _taken_up(url) == 0
    assert database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


def test_two_that_look_at_once_put_each_shop_there_once(url: str, database: Connection) -> None:
    put_shop(database, "egg")
    with opened(url) as other, other.transaction():
        assert put_what_is_due(other) == 1
        assert put_what_is_due(database) == 0  # the other still looks
    assert put_what_is_due(database) == 0
    assert _waiting(database) == ["shop:egg/nightly"]


def test_a_job_of_another_purpose_has_the_same_lock() -> None:
    assert job_of("egg", "nightly").lock == job_of("egg", "asked").lock
