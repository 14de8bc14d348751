"""What may no longer be in the ledger is destroyed before anything else that a command does."""

from pathlib import Path
from unittest import mock

import pytest

from connector.ledger.shredding import at_start
from tests.unit.stages.opened import Opened

COMMANDS = [("run",), ("pull",), ("plan", "--old-pull"), ("apply",), ("push",), ("verify",), ("report",)]


@pytest.fixture(name="opened", scope="module")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """One shop for all: nothing of it is changed, for each command is stopped where it begins."""
    made = Opened(tmp_path_factory.mktemp("shop"))
    made.ran("1")
    return made


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_destroys_before_it_asks_a_service_or_decides(
    opened: Opened, words: tuple[str, ...]
) -> None:
    done: list[str] = []

    def first(*given: object, **named: object) -> bool:
        done.append("destroyed")
        raise RuntimeError  # what would come now is not looked at

    checks = mock.patch.object(opened.memory, "check", side_effect=lambda: done.append("asked"))
    with mock.patch("connector.stages.flow.common.at_start", first), checks:
        opened.gallra(*words)
    assert done[0] == "destroyed"
    assert "asked" not in done


def test_what_is_destroyed_first_is_what_has_had_its_time(tmp_path: Path) -> None:
    """Copies that could be restored, on the day after their last, with no service that answers."""
    opened = Opened(tmp_path)
    opened.ran("1")
    count = "SELECT count(*) FROM undo_copy"
    shop = opened.open()
    with shop.ledger.begin() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 1
    opened.clock.turn(days=15)
    assert at_start(shop.ledger)
    with shop.ledger.begin() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 0
    shop.ledger.engine.dispose()
