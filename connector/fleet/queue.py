"""What lies in the queue: a job is a shop and a purpose, in order, and nothing else of anybody.

A job is put there when its shop is due, or at a person's word. It always ends; Procrastinate's own retries
are not used.
"""

from collections.abc import Sequence

from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

from connector.fleet.database import Connection
from connector.fleet.ending import NIGHTLY
from connector.fleet.shops import due_now

RUNS, TICKS = "gallra-runs", "gallra-ticks"
"""The queue of shops to run, and that of the fleet's own clockwork, which no long run holds up."""

RUN = "gallra.run"
ASKED = "asked"
"""What a person asked for without naming a request."""

_BEFORE_NIGHTLY = 10
_AT_ONCE = 5000  # shops that one look puts into the queue; the next look finds the others
# Advisory locks: one worker at a time looks for what is due, or for what is lost.
_DUE, _TAKES_UP = 0x6761_6C01, 0x6761_6C02

HEARTBEAT, STALLED = 5.0, 20.0
"""Seconds between two signs of life of a worker, and after how many without one it is given up."""


def purpose_of(request: str) -> str:
    """The purpose of a run that a person asked for, by the code of the request or without one."""
    return f"request:{request}" if request else ASKED


def lock_of(shop: str) -> str:
    """The lock of a shop: no two of its jobs run at a time."""
    return f"shop:{shop}"


def job_of(shop: str, purpose: str) -> Job:
    """The job of a shop and a purpose, of which one waits at a time; a person's goes before the nightly."""
    return Job(
        queue=RUNS, task_name=RUN, task_kwargs={"shop": shop, "purpose": purpose}, lock=lock_of(shop),
        queueing_lock=f"{lock_of(shop)}/{purpose}", priority=0 if purpose == NIGHTLY else _BEFORE_NIGHTLY,
    )  # fmt: skip


def ask(connection: Connection, shop: str, purpose: str) -> bool:
    """Makes a shop due at a person's word and puts it into the queue; False where the same waits already."""
    try:
        with connection.transaction():
            due_now(connection, shop, purpose)
            _put(connection, [job_of(shop, purpose)])
    except AlreadyEnqueued:
        return False
    return True


def put_what_is_due(connection: Connection) -> int:
    """Puts every shop that is due, and waits or runs nowhere, into the queue, longest due first; how many.

    Where another worker looks just now, it is left to that one. What was missed while nobody looked is due
    still, once.
    """
    with connection.transaction():
        if not _alone(connection, _DUE):
            return 0
        found = connection.execute(
            "SELECT s.id, s.wants FROM gallra_fleet_shops s "
            "WHERE NOT s.paused AND s.next_due <= now() AND NOT (SELECT draining FROM gallra_fleet) "
            "AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status = 'todo' "
            "AND j.queueing_lock = 'shop:' || s.id || '/' || s.wants) "
            "AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status = 'doing' "
            "AND j.lock = 'shop:' || s.id) "
            "ORDER BY s.next_due, s.id LIMIT %s",
            [_AT_ONCE],
        ).fetchall()
        if found:
            _put(connection, [job_of(str(shop), str(wants)) for shop, wants in found])
    return len(found)


def _put(connection: Connection, jobs: Sequence[Job]) -> None:
    """Within the caller's transaction."""
    JobManager(SyncPsycopgConnector()).batch_defer_jobs(list(jobs), connection=connection)


def _alone(connection: Connection, lock: int) -> bool:
    return connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock]).fetchone() == (True,)


async def take_up_what_is_lost(connector: PsycopgConnector) -> int:
    """Puts back what workers without a sign of life had begun; how many.

    A job of which another waits meanwhile ends here: that one does the same. So does a look for what is due.
    """
    manager, count = JobManager(connector), 0
    async with connector.pool.connection() as connection, connection.transaction():
        cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TAKES_UP])
        if await cursor.fetchone() != (True,):
            return 0
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            if job.queue == RUNS and await _put_back(manager, job):
                count += 1
            elif job.queue in (RUNS, TICKS):
                await manager.finish_job(job, Status.ABORTED, delete_job=True)
    return count


async def _put_back(manager: JobManager, job: Job) -> bool:
    try:
        await manager.retry_job(job)
    except UniqueViolation:
        return False
    return True
