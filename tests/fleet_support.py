"""Fleets on the tests' own PostgreSQL server: one database a fleet."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import psycopg
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

from connector.fleet.database import Connection, connect, must_be_ready
from tests.postgres_support import base

_NUMBERS = count(1)


def url_of(database: str) -> str:
    """The address of a database of the server."""
    before, _, after = base().partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{after}"


def _asked(statement: str) -> None:
    with psycopg.connect(base(), autocommit=True) as connection:
        connection.execute(statement.encode())


@cache
def template() -> str:
    """A database with an empty fleet; no power fails in a test."""
    _asked("ALTER SYSTEM SET fsync = off")
    _asked("SELECT pg_reload_conf()")
    name = f"fleet_{os.getpid()}"
    _asked(f"CREATE DATABASE {name}")
    with connect(url_of(name)) as connection:
        must_be_ready(connection)
    return name


def new_fleet() -> str:
    """The address of a database with an empty fleet, of its own."""
    name = f"{template()}_{next(_NUMBERS)}"
    _asked(f"CREATE DATABASE {name} TEMPLATE {template()}")
    return url_of(name)


def empty_database() -> str:
    """The address of a database in which there is nothing."""
    name = f"empty_{os.getpid()}_{next(_NUMBERS)}"
    base()
    _asked(f"CREATE DATABASE {name}")
    return url_of(name)


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """A connection that ends with the test."""
    with connect(url) as connection:
        yield connection


def put_shop(connection: Connection, shop: str, **columns: Any) -> None:
    """A shop in the table; due since a minute unless something else is said."""
    values: Mapping[str, Any] = {"id": shop, "file": f"/nowhere/{shop}.toml", "cron": "15 3 * * *", **columns}
    names = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    due = "" if "next_due" in values else ", next_due"
    moment = "" if "next_due" in values else ", now() - interval '1 minute'"
    connection.execute(
        f"INSERT INTO gallra_fleet_shops ({names}{due}) VALUES ({marks}{moment})".encode(), values
    )


def fetched(url: str, count: int = 1, queue: str = "gallra-runs") -> list[Job | None]:
    """Jobs as a worker takes them that never shows a sign of life again."""

    async def fetch() -> list[Job | None]:
        connector = PsycopgConnector(conninfo=url, min_size=1, max_size=2)
        await connector.open_async()
        manager = JobManager(connector)
        worker = await manager.register_worker()
        found = [await manager.fetch_job([queue], worker_id=worker) for _ in range(count)]
        await connector.close_async()
        return found

    return asyncio.run(fetch())
