"""What an earlier run wrote and nobody read back is read by the next one, whatever else it has to do."""

from pathlib import Path

import pytest

from connector.errors import Exit
from connector.records import Field
from tests.engine_support import Engine
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_standing import run


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """A shop with nothing in it yet."""
    return Opened(tmp_path)


def test_data_left_by_an_earlier_run_gives_verify_its_exit_code_and_sentence(shop: Opened) -> None:
    shop.ran("1", "2", verified=False)
    shop.ran("3", verified=False)
    shop.memory.of("2").values[Field.EMAIL] = "back@kund.example"
    said = shop.gallra("verify")
    assert said.code == Exit.DATA_LEFT
    assert "1 with data left" in said.out
    assert "2 still holds something that was erased" in said.err


def test_a_run_reads_back_what_an_earlier_one_wrote_though_nothing_new_is_applied(shop: Opened) -> None:
    shop.ran("1", "2", verified=False)
    shop.memory.of("2").values[Field.EMAIL] = "back@kund.example"
    code, said = run(shop)
    assert code == Exit.DATA_LEFT
    assert "2 read back, 1 clean, 1 with data left" in said


def test_a_run_after_everything_was_read_back_reads_nothing_again(shop: Opened) -> None:
    shop.ran("1")
    code, said = run(shop)
    assert (code, said) == (Exit.DONE, " Applied: nothing.")


def test_what_a_recipient_was_told_is_to_be_read_back_until_it_was(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    engine.push()
    with engine.ledger.begin() as connection:
        assert engine.outbox.is_to_verify(connection)
    engine.verify()
    with engine.ledger.begin() as connection:
        assert not engine.outbox.is_to_verify(connection)
