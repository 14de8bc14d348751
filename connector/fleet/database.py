"""The fleet's database: connections, its tables, and that nothing stands between which breaks a session."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from connector.errors import GallraError, RetryLater, SettingsError
from connector.machine.resources import packaged_text

VERSION = 1
_MAKING = 0x6761_6C6C  # the advisory lock under which tables are made: one maker at a time
_HEARS = 5.0  # seconds that a notification may take
_CONNECTS = 10  # seconds
WAITS = 10.0
"""Seconds that a worker waits for a kept connection: there is one for each use, so more means no database."""

Connection = psycopg.Connection[TupleRow]
NAME = "gallra fleet"
"""What a connection is called in the database's own list of them."""


@contextmanager
def told() -> Iterator[None]:
    """Turns a database that does not answer into a sentence; its own words may name users and hosts."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout):
        raise no_answer() from None
    except psycopg.errors.InsufficientPrivilege:
        raise GallraError(
            "The database's user may not make or use the fleet's tables. Give it a database of its own."
        ) from None
    except psycopg.ProgrammingError as fault:
        if "conninfo" in type(fault).__name__.lower() or fault.sqlstate is None:
            raise SettingsError(
                ["fleet.url: is no address of a PostgreSQL database. Write postgresql://USER@HOST/DATABASE."]
            ) from None
        raise


def no_answer() -> RetryLater:
    """What to say where the database does not answer."""
    return RetryLater(
        "The fleet's database does not answer, or does not let this user in. See that it runs and that "
        "fleet.url is right, and try again.",
        adapter="fleet", operation="database",
    )  # fmt: skip


def connect(url: str) -> Connection:
    """One connection, each statement a transaction of its own. A host that is gone is noticed in a minute."""
    with told():
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=_CONNECTS, application_name=NAME,
            keepalives_idle=20, keepalives_interval=10, keepalives_count=3,
        )  # fmt: skip
        # The server looks too: what a worker held whose machine lost its power is free again soon.
        for name, value in (("idle", 20), ("interval", 10), ("count", 3)):
            connection.execute(f"SET tcp_keepalives_{name} = {value}")
        return connection


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection for as long as it is needed. Raises RetryLater where the database does not answer."""
    with told(), connect(url) as connection:
        yield connection


def pool_of(url: str, most: int) -> ConnectionPool[Connection]:
    """Kept connections for the threads of one worker."""
    return ConnectionPool(
        url, min_size=1, max_size=most, open=False, timeout=WAITS, name="shops",
        kwargs={"autocommit": True, "application_name": NAME, "connect_timeout": _CONNECTS},
        connection_class=cast(type[Connection], psycopg.Connection),
        check=ConnectionPool.check_connection,
    )  # fmt: skip


def must_be_ready(connection: Connection) -> None:
    """Makes the tables where there are none. Raises GallraError where they are of another version."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        if not _there(connection, "procrastinate_jobs"):
            _run(connection, _queue_schema())
        if not _there(connection, "gallra_fleet"):
            _run(connection, packaged_text("fleet", "schema.sql"))
    found = connection.execute("SELECT version FROM gallra_fleet").fetchone()
    version = found[0] if found else 0
    if version != VERSION:
        raise GallraError(
            f"The fleet's tables are of version {version}, and this Gallra knows {VERSION}. "
            "Install the same version at every worker."
        )
    # What stalled jobs are taken up with came with 3.4, and stands until 4.
    if connection.execute("SELECT to_regproc('procrastinate_retry_job_v2')").fetchone() == (None,):
        raise GallraError(
            "The queue's tables are older than Procrastinate 3.4. Apply its migrations up to 3.4, or give "
            "the fleet a database of its own."
        )


def _there(connection: Connection, table: str) -> bool:
    return connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)


def _queue_schema() -> str:
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


def _run(connection: Connection, script: str) -> None:
    """Statements of a file that came with a package: no value of anybody's is in them."""
    connection.execute(script)


def must_be_direct(url: str) -> None:
    """Refuses a pooler that hands a session's connection to others between two transactions.

    Behind one a notification is never heard, and a lock is held by whoever comes next. Two sessions are
    opened: what one listens for the other says, and a lock of the one must be refused to the other and be
    its own to give back. Raises SettingsError.
    """
    with connected(url) as one, connected(url) as other:
        if not (_locks_are_its_own(one, other) and _hears(one, other)):
            raise SettingsError([
                "fleet.url: leads to a pooler of transactions, behind which locks and notifications break. "
                "Name the database itself, or a pool of sessions."
            ])  # fmt: skip


def _locks_are_its_own(one: Connection, other: Connection) -> bool:
    number = secrets.randbits(62)
    if not _asked(one, "SELECT pg_try_advisory_lock(%s)", number):
        return False
    with other.transaction():
        taken = _asked(other, "SELECT pg_try_advisory_lock(%s)", number)
        # Asked while the other's transaction holds a connection of the pooler's.
        kept = _asked(one, "SELECT pg_advisory_unlock(%s)", number)
        if taken:
            _asked(other, "SELECT pg_advisory_unlock(%s)", number)
    return kept and not taken


def _hears(one: Connection, other: Connection) -> bool:
    channel = f"gallra_fleet_{secrets.token_hex(8)}"
    one.execute(f"LISTEN {channel}")
    other.execute("SELECT pg_notify(%s, '')", [channel])
    heard = any(note.channel == channel for note in one.notifies(timeout=_HEARS, stop_after=1))
    one.execute(f"UNLISTEN {channel}")
    return heard


def _asked(connection: Connection, question: LiteralString, value: Any) -> bool:
    row = connection.execute(question, [value]).fetchone()
    return bool(row and row[0])
