"""A ledger of before goes on, says that it is not sealed, and is put under a seal by a named person."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.errors import Altered, LedgerError, Unsealed, WrongKey
from connector.ledger import Ledger, open_ledger
from connector.ledger.proof.audit import breaks
from connector.ledger.proof.gate import must_be_unchanged
from connector.ledger.proof.sealer import Sealer
from connector.ledger.proof.sealing import seal
from connector.ledger.store import Around, no_seal
from tests.engine_support import VAULT_KEY, Engine, make_engine, sealed


@pytest.fixture(name="old")
def _old(tmp_path: Path) -> Iterator[Engine]:
    """A run on a ledger without a seal key."""
    engine = make_engine(tmp_path)
    engine.ledger.seal = no_seal
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply()
    engine.push()
    yield engine
    engine.ledger.engine.dispose()


def by_hand(ledger: Ledger, statement: str) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text(statement))


def other_key() -> Sealer:
    return Sealer(VAULT_KEY)


def test_a_ledger_without_a_seal_key_goes_on_and_is_held_against_its_chain(old: Engine) -> None:
    must_be_unchanged(old.ledger)
    by_hand(old.ledger, "UPDATE approval SET person = 'Mallory'")
    with pytest.raises(Altered, match="approval"):
        must_be_unchanged(old.ledger)


def test_a_seal_key_that_comes_later_asks_for_a_named_person_first(old: Engine) -> None:
    old.ledger.seal = sealed
    with pytest.raises(Unsealed, match="gallra ledger seal"):
        must_be_unchanged(old.ledger)
    done = seal(old.ledger, by="Disa Demo")
    assert (done.shops, done.breaks) == (("egg",), ())
    must_be_unchanged(old.ledger)
    with old.ledger.begin() as connection:
        told = old.ledger.events(connection, "sealed")[-1].detail
    assert (told["by"], told["through"]) == ("Disa Demo", done.events)


def test_what_came_of_older_steps_is_vouched_for_from_the_seal_on(old: Engine) -> None:
    old.ledger.seal = sealed
    seal(old.ledger, by="Disa Demo")
    old.verify()
    must_be_unchanged(old.ledger)
    by_hand(old.ledger, "UPDATE step SET outcome = 'already_gone'")
    with pytest.raises(Altered, match="steps of plan"):
        must_be_unchanged(old.ledger)


def test_a_changed_ledger_is_sealed_only_where_a_named_person_answers_for_it(old: Engine) -> None:
    old.ledger.seal = sealed
    by_hand(old.ledger, "UPDATE event SET at = '2020-01-01T00:00:00+01:00' WHERE seq = 3")
    with pytest.raises(Altered, match="event 3"):
        seal(old.ledger, by="Disa Demo")
    done = seal(old.ledger, by="Disa Demo", as_it_stands=True)
    assert any("event 3" in one for one in done.breaks)
    must_be_unchanged(old.ledger)
    with old.ledger.begin() as connection:
        assert "event 3" in str(old.ledger.events(connection, "sealed")[-1].detail["as_it_stands"])


def test_a_sealed_and_whole_ledger_has_nothing_to_seal(engine: Engine) -> None:
    engine.pull()
    with pytest.raises(LedgerError, match="sealed and whole"):
        seal(engine.ledger, by="Disa Demo")


@pytest.mark.parametrize("key", [no_seal, other_key])
def test_without_its_own_key_nothing_is_written_to_a_sealed_ledger(tmp_path: Path, key: object) -> None:
    engine = make_engine(tmp_path)
    engine.pull()
    without = open_ledger(tmp_path / "ledger.sqlite", shop="egg", clock=engine.clock, around=Around(seal=key))  # type: ignore[arg-type]
    with pytest.raises(WrongKey), without.begin() as connection:
        without.event(connection, "pulled", read={})
    with pytest.raises(WrongKey):
        must_be_unchanged(without)
    for one in (engine.ledger, without):
        one.engine.dispose()


def test_a_lost_seal_key_is_replaced_only_where_a_named_person_says_so(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    engine.whole()
    around = Around(seal=other_key)
    other = open_ledger(tmp_path / "ledger.sqlite", shop="egg", clock=engine.clock, around=around)
    with pytest.raises(WrongKey):
        seal(other, by="Disa Demo")
    seal(other, by="Disa Demo", as_it_stands=True)
    must_be_unchanged(other)
    for one in (engine.ledger, other):
        one.engine.dispose()


def test_a_seal_that_was_taken_away_is_noticed(engine: Engine) -> None:
    engine.changed_by_hand = True
    engine.pull()
    by_hand(engine.ledger, "DELETE FROM meta WHERE name = 'seal key'")
    with pytest.raises(Unsealed):
        must_be_unchanged(engine.ledger)


def test_shops_that_share_a_ledger_have_a_chain_each_and_one_seal(tmp_path: Path) -> None:
    hen = make_engine(tmp_path)
    egg = make_engine(tmp_path, shop="hen")
    for one in (hen, egg):
        one.pull()
        one.ledger.bind_key("vault key", "one")
    for one in (hen, egg):
        must_be_unchanged(one.ledger)
        with one.ledger.begin() as connection:
            assert list(breaks(connection, one.ledger.shop, sealed())) == []
        one.ledger.engine.dispose()


def test_a_first_transaction_that_failed_leaves_a_ledger_that_is_sealed_by_the_next(engine: Engine) -> None:
    with suppress(ZeroDivisionError), engine.ledger.begin() as connection:
        engine.ledger.event(connection, "pulled", read={})
        engine.ledger.event(connection, "pulled", read={})
        raise ZeroDivisionError
    engine.pull()
    must_be_unchanged(engine.ledger)
    with engine.ledger.begin() as connection:
        assert len(engine.ledger.events(connection, "sealed")) == 1
