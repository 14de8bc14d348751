"""`gallra fleet work`: a worker, which runs what is due as long as it is not stopped."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg_pool import ConnectionPool, PoolTimeout

from connector.errors import Exit, GallraError, RetryLater
from connector.fleet.database import NAME, WAITS, Connection, connect, no_answer, pool_of
from connector.fleet.ending import NIGHTLY, Ran, next_of
from connector.fleet.entering import cron_of, place_of
from connector.fleet.queue import (
    HEARTBEAT,
    RUN,
    RUNS,
    STALLED,
    TICKS,
    put_what_is_due,
    take_up_what_is_lost,
)
from connector.fleet.shops import Begun, begin, end
from connector.fleet.slots import FleetSlots
from connector.ports.slots import taken_from
from connector.records import Value

_EVERY_MINUTE = "* * * * *"
_EVERY_TEN_SECONDS = "* * * * * */10"  # Procrastinate's cron lines have seconds last
_SPARE = 4  # connections of the queue beside one for each run: fetching, signs of life, looks

Run = Callable[[Path], Ran]
Cron = Callable[[Path, Mapping[str, str], str | None], str | None]
Say = Callable[[str], None]


class Work(Value, frozen=True, kw_only=True):
    """What a worker is given: the database, where kept settings are put, how a shop is run, who is told.

    `cron` reads the cron line after a run. `jobs` shops run at a time. A worker that works `once` ends when
    nothing is due any more.
    """

    url: str
    folder: Path
    run: Run
    say: Say
    cron: Cron = cron_of
    jobs: int = 1
    once: bool = False


def work(given: Work) -> None:
    """Works until it is stopped, and lets what runs come to its end. Raises RetryLater without the database.

    A second signal ends it at once: what ran is taken up by another worker, as after a power cut.
    """
    try:
        asyncio.run(_working(given))
    except (ConnectorException, PoolTimeout):
        raise no_answer() from None


async def _working(given: Work) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(given.jobs + _SPARE))
    connector = PsycopgConnector(
        conninfo=given.url, min_size=1, max_size=given.jobs + _SPARE, timeout=WAITS,
        kwargs={"application_name": NAME},
    )  # fmt: skip
    slots = FleetSlots(lambda: connect(given.url))
    try:
        with pool_of(given.url, given.jobs + 1) as pool:
            app = _app(connector, pool, _Runner(given, pool, slots))
            async with app.open_async():
                if given.once:
                    await take_up_what_is_lost(connector)
                    await asyncio.to_thread(_look, pool)
                await _run_workers(app, given)
    finally:
        slots.close()


def _app(connector: PsycopgConnector, pool: "ConnectionPool[Connection]", runner: "_Runner") -> App:
    """The queue's tasks: a shop's run, and the fleet's two looks."""
    app = App(connector=connector)
    app.task(name=RUN, queue=RUNS, pass_context=True)(runner.job)

    def due(timestamp: int) -> None:
        _look(pool)

    async def lost(timestamp: int) -> None:
        await take_up_what_is_lost(connector)

    for name, cron, task in (("due", _EVERY_MINUTE, due), ("lost", _EVERY_TEN_SECONDS, lost)):
        called: Any = app.task(name=f"gallra.{name}", queue=TICKS, queueing_lock=f"gallra.{name}")(task)
        app.periodic(cron=cron, periodic_id=name)(called)
    return app


def _look(pool: "ConnectionPool[Connection]") -> None:
    with pool.connection() as connection:
        put_what_is_due(connection)


async def _run_workers(app: App, given: Work) -> None:
    """One worker for the shops' runs, one for the looks; each shows that it lives, also while it ends."""
    runs = _worker(app, RUNS, given.jobs, wait=not given.once)
    ticks = _worker(app, TICKS, 1, wait=True)
    asked = _stop_on_signal((runs, ticks), given.say)
    alive = asyncio.create_task(_show_life(app, (runs, ticks)))
    working = [asyncio.create_task(one.run()) for one in (runs, ticks)]
    try:
        await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        for one in (runs, ticks):
            one.stop()
        for ended in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
        if not (given.once or asked):  # a worker ends by itself where the database has left it
            raise no_answer()
    finally:
        alive.cancel()


def _worker(app: App, queue: str, jobs: int, *, wait: bool) -> Worker:
    # A finished job is deleted: how it ended stands in the shop's row.
    return Worker(
        app, queues=[queue], name=queue, concurrency=jobs, wait=wait, delete_jobs="always",
        install_signal_handlers=False, update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=STALLED,
    )  # fmt: skip


async def _show_life(app: App, workers: tuple[Worker, ...]) -> None:
    """Signs of life until the end: Procrastinate's own stop when a worker begins to end."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        for one in workers:
            if one.worker_id is not None:
                with suppress(ConnectorException, PoolTimeout):
                    await app.job_manager.update_heartbeat(one.worker_id)


def _stop_on_signal(workers: tuple[Worker, ...], say: Say) -> list[int]:
    """Stops these workers at a signal; what it gives back is empty until one has come."""
    asked: list[int] = []

    def stop() -> None:
        if asked:
            say("Stopped in the middle. Nothing is lost: another worker takes up what ran.")
            os._exit(int(Exit.PARTIAL))
        asked.append(1)
        say("Stopping: nothing more begins, and what runs comes to its end. A second signal ends it at once.")
        for one in workers:
            one.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return asked


class _Runner:
    """Runs one shop for a job: begins in its row, runs, and writes there how it ended and what comes next."""

    def __init__(self, given: Work, pool: "ConnectionPool[Connection]", slots: FleetSlots) -> None:
        self._given, self._pool, self._slots = given, pool, slots

    def job(self, context: JobContext, *, shop: str, purpose: str) -> None:
        """A job's work. It raises nothing of a run's own: a job always ends."""
        number = context.job.id or 0
        with self._pool.connection() as connection:
            begun = begin(connection, shop, job=number, nightly=purpose == NIGHTLY)
        if begun is None:
            return
        started = time.monotonic()
        ran, cron = self._ran(shop, begun)
        now = begun.now + timedelta(seconds=time.monotonic() - started)
        then = next_of(ran, cron=cron, now=now, purpose=purpose, tries=begun.tries)
        with self._pool.connection() as connection:
            end(connection, begun, ran.code, cron=cron, then=then)
        self._given.say(f"{shop}: {ran.line} (exit code {int(ran.code)})")

    def _ran(self, shop: str, begun: Begun) -> tuple[Ran, str | None]:
        try:
            path = place_of(shop, begun.file, begun.settings, self._given.folder)
            with taken_from(self._slots):
                ran = self._given.run(path)
        except RetryLater as fault:
            return Ran(code=Exit.TRY_LATER, line=f"Error: {fault}", after=fault.after), begun.cron
        except GallraError as fault:
            return Ran(code=Exit(fault.exit), line=f"Error: {fault}"), begun.cron
        except Exception as fault:  # one that nobody foresaw too: the other shops of the fleet still run
            return Ran(code=Exit.ERROR, line=f"Error: {type(fault).__name__}"), begun.cron
        return ran, self._given.cron(path, os.environ, begun.cron)
