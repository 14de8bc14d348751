"""A ledger that moves between a file and a server: whole, sealed as it was, closed where it lay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from connector.errors import Altered, GallraError, LedgerError
from connector.ledger import Ledger, open_ledger, schema
from connector.ledger.backup import Restored, back_up, put_back
from connector.ledger.carrying import Counted, carried, counted
from connector.ledger.dialect.postgres import Server
from connector.ledger.moving import LEDGER_MOVED, move, old_place
from connector.ledger.outbox import Outbox
from connector.ledger.proof.gate import must_be_unchanged
from connector.ledger.sealing import how_many, opens
from connector.ledger.store import Around, is_there
from connector.ledger.vault import Vault
from tests import postgres_support
from tests.engine_support import VAULT_KEY, Engine, TurnableClock, make_engine, sealed
from tests.unit.ledger.proof.finished import finished

AROUND = Around(seal=sealed, also_closed=True)


OPENED: list[Ledger] = []


def opened(place: Path | Server, *, around: Around = AROUND) -> Ledger:
    OPENED.append(open_ledger(place, shop="egg", clock=TurnableClock(), around=around))
    return OPENED[-1]


@pytest.fixture(autouse=True)
def _all_are_closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().engine.dispose()


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[Engine]:
    """A ledger with rows in every proven table, some of them sealed."""
    made = finished(tmp_path)
    for number in ("70", "71"):
        made.shop.order(number)
    made.pull()
    made.plan()
    made.approve()
    made.apply()
    yield made
    made.ledger.engine.dispose()


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Server:
    return postgres_support.place(tmp_path)


def rows(ledger: Ledger, *, sealed: bool = True) -> dict[str, Counted]:
    with ledger.begin() as connection:
        return {table.name: counted(connection, table, "egg", sealed=sealed) for table in carried()}


def without_the_move(found: dict[str, Counted]) -> dict[str, Counted]:
    """What is not of the event that says that it moved."""
    return {name: one for name, one in found.items() if name not in ("event", "chain")}


def test_every_row_is_at_the_new_place_and_the_chain_goes_on(engine: Engine, server: Server) -> None:
    before = rows(engine.ledger)
    assert before["step"].rows > 0
    assert before["mark"].rows >= 0
    with engine.ledger.begin() as connection:
        handles = how_many(connection)
    assert handles > 0
    done = move(engine.ledger, server, by="Disa Demo", around=AROUND)
    assert done.rows == {name: one.rows for name, one in before.items()}
    ledger = opened(server, around=Around(seal=sealed))
    after = rows(ledger)
    assert without_the_move(after) == without_the_move(before)
    assert after["event"].rows == before["event"].rows + 1
    must_be_unchanged(ledger)
    with ledger.begin() as connection:
        assert how_many(connection) == handles
        [moved] = ledger.events(connection, LEDGER_MOVED)
    assert moved.detail["by"] == "Disa Demo"
    assert opens(ledger, Vault(VAULT_KEY)) == opens(engine.ledger, Vault(VAULT_KEY)) == 0
    ledger.engine.dispose()


def test_a_ledger_that_was_moved_goes_on_where_it_lies_and_nowhere_else(
    engine: Engine, server: Server, tmp_path: Path
) -> None:
    move(engine.ledger, server, by="Disa Demo", around=AROUND)
    with pytest.raises(LedgerError, match=r"was moved from here.*ledger\.url"):
        opened(tmp_path / "ledger.sqlite", around=Around(seal=sealed))
    with pytest.raises(GallraError, match="was moved from there already"):
        move(engine.ledger, server, by="Disa Demo", around=AROUND)
    there = opened(server, around=Around(seal=sealed))
    engine.ledger = there
    engine.outbox = Outbox(there, Vault(VAULT_KEY))
    engine.shop.order("99")
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply()
    engine.push()
    engine.verify()
    must_be_unchanged(there)
    there.engine.dispose()


def test_there_and_back_it_is_what_it_was(engine: Engine, server: Server, tmp_path: Path) -> None:
    before = rows(engine.ledger)
    move(engine.ledger, server, by="Disa Demo", around=AROUND)
    there, back = opened(server), tmp_path / "back.sqlite"
    move(there, back, by="Disa Demo", around=AROUND)
    here = opened(back, around=Around(seal=sealed))
    assert without_the_move(rows(here)) == without_the_move(before)
    must_be_unchanged(here)
    # And once more to the place that was left: what is closed there gives way.
    move(here, server, by="Disa Demo", around=AROUND)
    again = opened(server, around=Around(seal=sealed))
    assert without_the_move(rows(again)) == without_the_move(before)
    for one in (there, here, again):
        one.engine.dispose()


def test_a_ledger_at_the_new_place_is_never_written_over(engine: Engine, server: Server) -> None:
    other = opened(server)
    with other.begin() as connection:
        other.event(connection, "its own")
    with pytest.raises(GallraError, match="gone its own way"):
        move(engine.ledger, server, by="Disa Demo", around=AROUND)
    assert rows(other)["event"].rows > 0
    opened(engine_file(engine), around=Around(seal=sealed)).engine.dispose()
    other.engine.dispose()


def engine_file(engine: Engine) -> Path:
    return Path(str(engine.ledger.engine.url.database))


def test_a_ledger_that_was_changed_by_hand_is_not_moved(engine: Engine, server: Server) -> None:
    with engine.ledger.begin() as connection:
        connection.execute(update(schema.hold).values(reason="another"))
    with pytest.raises(Altered):
        move(engine.ledger, server, by="Disa Demo", around=AROUND)
    assert not is_there(server) or rows(opened(server))["event"].rows == 0


@pytest.mark.parametrize("table", ["hold", "delivery", "step", "meta", "identifier"])
def test_a_row_that_is_lost_on_the_way_is_noticed_and_the_old_ledger_stays(
    engine: Engine, server: Server, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = __import__("connector.ledger.carrying", fromlist=["write_tuples"]).write_tuples

    def loses(connection: Connection, statement: Any, names: Any, some: Any) -> None:
        real(connection, statement, names, some[1:] if statement.table.name == table else some)

    monkeypatch.setattr("connector.ledger.carrying.write_tuples", loses)
    with pytest.raises(LedgerError):
        move(engine.ledger, server, by="Disa Demo", around=AROUND)
    monkeypatch.undo()
    assert rows(opened(server))["event"].rows == 0
    move(engine.ledger, server, by="Disa Demo", around=AROUND)


def test_a_move_that_ended_before_the_old_ledger_was_closed_is_finished_when_it_is_run_again(
    engine: Engine, server: Server
) -> None:
    move(engine.ledger, server, by="Disa Demo", around=AROUND)
    with engine.ledger.begin() as connection:
        connection.execute(delete(schema.meta).where(schema.meta.c.name == f"{schema.MOVED}egg"))
    assert move(engine.ledger, server, by="Disa Demo", around=AROUND).rows == {}
    with pytest.raises(LedgerError, match="was moved"):
        opened(engine_file(engine), around=Around(seal=sealed))


def test_of_a_file_that_shops_share_only_one_shop_moves(tmp_path: Path, server: Server) -> None:
    egg, hen = (make_engine(tmp_path, shop=shop) for shop in ("egg", "hen"))
    for one in (egg, hen):
        one.shop.order("1", phone="0701234567")
        one.pull()
        one.plan()
        one.apply()
    move(egg.ledger, server, by="Disa Demo", around=AROUND)
    there = opened(server, around=Around(seal=sealed))
    with there.begin() as connection:
        for table in carried():
            if "shop" in table.c:
                assert set(connection.scalars(select(table.c.shop))) <= {"egg"}
        assert len(connection.execute(select(schema.record)).all()) == 1
    must_be_unchanged(there)
    hen.push()
    must_be_unchanged(hen.ledger)
    for ledger in (there, egg.ledger, hen.ledger):
        ledger.engine.dispose()


def test_where_a_ledger_lay_is_a_file_or_the_address_in_one(tmp_path: Path, engine: Engine) -> None:
    assert old_place(engine_file(engine), "egg") == engine_file(engine)
    (tmp_path / "address").write_text("postgresql://egg:hemlig@db.example/ledger\n")
    found = old_place(tmp_path / "address", "egg")
    assert isinstance(found, Server)
    assert found.schema == "gallra_egg"
    for wrong in (tmp_path / "none", tmp_path):
        with pytest.raises(GallraError, match="is no file"):
            old_place(wrong, "egg")


# Backups -------------------------------------------------------------------------------------------------


def test_a_backup_of_a_server_holds_nothing_that_is_sealed_and_can_be_put_back(
    engine: Engine, server: Server, tmp_path: Path
) -> None:
    move(engine.ledger, server, by="Disa Demo", around=AROUND)
    there = opened(server, around=Around(seal=sealed))
    copy = back_up(there.engine, tmp_path / "copy.sqlite", shop="egg", now=there.clock())
    kept = opened(copy)
    with kept.begin() as connection:
        assert how_many(connection) == 0
    assert rows(kept)["event"] == rows(there)["event"]
    kept.engine.dispose()
    told = Restored(shop="egg", folder=tmp_path / "reports", by="Disa Demo")
    with pytest.raises(GallraError, match="on the server already"):
        put_back(copy, server, told, clock=there.clock, seal=sealed)
    fresh = postgres_support.place(tmp_path / "fresh")
    assert put_back(copy, fresh, told, clock=there.clock, seal=sealed)
    back = opened(fresh, around=Around(seal=sealed))
    must_be_unchanged(back)
    assert rows(back)["hold"] == rows(there)["hold"]
    for one in (there, back):
        one.engine.dispose()
