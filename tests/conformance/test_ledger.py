"""What every ledger database must hold to: all or nothing, on disk, one shop never in another's way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, insert, literal, select, text

from connector.errors import LedgerError
from connector.ledger import open_ledger, schema
from connector.ledger.dialect import of
from connector.ledger.dialect.postgres import Server
from connector.ledger.store import Ledger
from connector.ledger.tallies import read_tallies
from connector.records import Field, Kind
from tests import postgres_support
from tests.engine_support import Engine, TurnableClock, make_engine

Open = Callable[[str], Ledger]


PLACES = ("sqlite", "postgresql")


def place_of(database: str, folder: Path, shop: str = "egg") -> Path | Server:
    """Where a shop's ledger lies in the one ledger of a test."""
    return folder / "ledger.sqlite" if database == "sqlite" else postgres_support.place(folder, shop)


@pytest.fixture(params=PLACES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(database: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the one ledger of this database for a shop."""
    made: list[Ledger] = []

    def open_for(shop: str) -> Ledger:
        made.append(open_ledger(place_of(database, tmp_path, shop), shop=shop, clock=TurnableClock()))
        return made[-1]

    yield open_for
    for ledger in made:
        ledger.engine.dispose()


@pytest.fixture
def two(database: str, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two shops in one ledger, with the same order numbers and the same customers."""
    egg, hen = (
        make_engine(tmp_path, shop=shop, place=place_of(database, tmp_path, shop)) for shop in ("egg", "hen")
    )
    for one in (egg, hen):
        one.shop.order("1", phone="0701234567")
        one.shop.customer("9")
    yield egg, hen
    for one in (egg, hen):
        one.ledger.engine.dispose()


def test_a_transaction_that_fails_leaves_nothing(opened: Open) -> None:
    ledger = opened("egg")

    def half() -> None:
        with ledger.begin() as connection:
            ledger.event(connection, "half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with ledger.begin() as connection:
        assert ledger.events(connection, "half") == []


def test_bytes_are_found_in_a_column_of_bytes_and_others_are_not(opened: Open) -> None:
    ledger = opened("egg")
    body = literal(b'{"given":true}', LargeBinary)
    with ledger.begin() as connection:
        for part, there in ((b'"given":true', True), (b'"given":false', False), (b"\x00", False)):
            assert connection.scalar(select(of(connection).holds(body, part))) == there


def test_what_was_committed_is_there_for_the_next_process(opened: Open) -> None:
    ledger = opened("egg")
    with ledger.begin() as connection:
        ledger.event(connection, "done", count=1)
    again = opened("egg")
    with again.begin() as connection:
        assert [detail for _, detail in again.events(connection, "done")] == [{"count": 1}]


@pytest.mark.usefixtures("waits_for_the_disk")
def test_a_commit_is_on_the_disk_before_it_returns(opened: Open, database: str) -> None:
    with opened("egg").begin() as connection:
        if database == "postgresql":
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
            return
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_ledger_that_a_newer_version_wrote_is_refused_with_what_to_do(opened: Open) -> None:
    ledger = opened("egg")
    with ledger.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match="9999"):
        opened("egg")


def test_a_file_that_is_no_ledger_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database at all, not even nearly" * 99)
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path / "broken.sqlite", shop="egg", clock=TurnableClock())
    assert refused.value.__cause__ is None


def test_a_fault_of_the_database_shows_no_statement_and_no_value(opened: Open) -> None:
    ledger = opened("egg")
    twice = insert(schema.meta).values(name="once", value="kund@kund.example")
    with ledger.begin() as connection:
        connection.execute(twice)
    with pytest.raises(LedgerError) as refused, ledger.begin() as connection:
        connection.execute(twice)
    assert "kund" not in str(refused.value)
    assert "INSERT" not in str(refused.value)


def test_two_shops_in_one_ledger_have_their_own_records_people_and_plans(
    two: tuple[Engine, Engine],
) -> None:
    egg, hen = two
    egg.pull()
    assert egg.plan().totals["order"].records == 1
    assert hen.plan().totals == {}
    hen.pull()
    plans = egg.plan(), hen.plan()
    assert plans[0].waves == plans[1].waves
    assert plans[0].digest != plans[1].digest
    with egg.ledger.begin() as connection:
        mine = select(func.count()).select_from(schema.subject).where(schema.subject.c.shop == "egg")
        assert connection.scalar(mine) == 2


def test_what_one_shop_applies_and_pushes_leaves_the_other_as_it_was(two: tuple[Engine, Engine]) -> None:
    egg, hen = two
    for one in two:
        one.pull()
        one.plan()
    before = hen.steps(), hen.shop.of("1").values.copy()
    egg.apply()
    assert hen.push().answered == 0
    assert egg.push().answered > 0
    egg.verify()
    assert (hen.steps(), hen.shop.of("1").values) == before
    hen.apply()
    assert Field.EMAIL not in hen.shop.of("1").values
    assert {name for name, _, state, _ in hen.deliveries() if state == "ready"} == {"mailer"}


def test_counting_the_verdicts_of_one_shop_never_counts_those_of_another(
    two: tuple[Engine, Engine],
) -> None:
    egg, hen = two
    for one in (*two, *two):
        one.pull()
        one.plan()
    with egg.ledger.begin() as connection:
        mine = dict(read_tallies(connection, "egg"))
    with hen.ledger.begin() as connection:
        theirs = dict(read_tallies(connection, "hen"))
    assert mine == theirs
    assert all(count == 1 for count in mine.values())
    assert {key.kind for key in mine} == {Kind.ORDER, Kind.CUSTOMER}
    assert hen.state_of("1") == "redact"
