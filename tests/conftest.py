"""Fixtures that every test may use, and how many examples a property is tried on."""

import gc
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.util import LRUCache

from connector.ledger import Ledger, store
from connector.ledger.dialect import postgres, sqlite
from tests import postgres_support
from tests.support import is_beside, shared_folder
from tests.support_worlds import share_worlds

# Commands that tests start compile Gallra's files once, also where the machine keeps none of them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", f"{tempfile.gettempdir()}/gallra-tests-{os.getuid()}")

# What commands say is compared in English, whatever language a made-up shop has; Swedish has its own tests.
os.environ["GALLRA_LANGUAGE"] = "en"

# Each 700 objects Python looks through all that was ever imported and collected: a third of the time here.
gc.set_threshold(100_000, 50, 100)

# No transaction of a ledger inside another: the inner one would not see what the outer one wrote.
Ledger.refuses_nested = True

# Neither a deadline nor a check of speed: how fast an example is says nothing on a loaded machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", patient, max_examples=40)
settings.register_profile("nightly", patient, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The replay of recordings stays where they lie: elsewhere it is not chosen, and nothing is skipped."""
    if is_beside():
        return
    replays = [item for item in items if "shared" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=replays)
    items[:] = [item for item in items if "shared" not in getattr(item, "fixturenames", ())]


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it is not looked through again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder of recordings and schedules."""
    return shared_folder()


DURABLE = sqlite.durable


@pytest.fixture
def waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledgers are opened as a command opens them."""
    monkeypatch.setattr(sqlite, "durable", DURABLE)


@pytest.fixture(scope="session", autouse=True)
def _ledgers_share_compiled_statements() -> Iterator[None]:
    """Ledgers of one process compile a statement once, and none waits for the disk: no power fails in a test.

    Commands in processes of their own, and those that are killed, write as always.
    """
    real, dialects, compiled = sqlite.create_engine, [], LRUCache(2_000)

    def sharing(url: str) -> Engine:
        engine = real(url)
        if engine.dialect.name == "sqlite":
            dialects.append(engine.dialect)
            engine.dialect = engine.pool._dialect = dialects[0]
            engine._compiled_cache = compiled
        return engine

    def at_once(connection: sqlite3.Connection, record: object) -> None:
        DURABLE(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "create_engine", sharing)
        patch.setattr(sqlite, "durable", at_once)
        yield


def _migrated() -> bytes:
    """An empty ledger as the migrations make it, from the first to the last."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        store._bring_up_to_date(connection)
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.commit()
        return driver.serialize()


@pytest.fixture(scope="session", autouse=True)
def _new_ledgers_are_copies() -> Iterator[None]:
    """Every new ledger of the tests is a copy of one that the migrations made: they take a third of a second.

    A ledger that has tables already is brought up to date as always, and so is any in a process of its own.
    """
    real, made = store._bring_up_to_date, _migrated()

    def copied(connection: Connection) -> bool:
        driver = connection.connection.dbapi_connection
        if not isinstance(driver, sqlite3.Connection) or inspect(connection).get_table_names():
            return real(connection)
        source = sqlite3.connect(":memory:")
        source.deserialize(made)
        source.backup(driver)
        source.close()
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_bring_up_to_date", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _ledgers_lie_where_they_should() -> Iterator[None]:
    """On a server, where the tests are run so; what a command leaves open there is closed by the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "engine_of", postgres_support.noted)
        if postgres_support.CHOSEN != "postgresql":
            yield
            return
        patch.setattr(store, "_engine_of", postgres_support.instead_of_a_file)
        patch.setattr("connector.shop.is_there", postgres_support.is_there)
        yield


@pytest.fixture(autouse=True)
def _connections_end() -> Iterator[None]:
    yield
    postgres_support.let_go()


@pytest.fixture(scope="session", autouse=True)
def _made_up_shops_are_copies() -> Iterator[None]:
    """A stand-in shop is made once for each size, and copied for every test that opens it."""
    with pytest.MonkeyPatch.context() as patch:
        share_worlds(patch)
        yield
