"""`gallra undo` and `gallra replay` as they are typed, over the in-memory shop."""

import json
from pathlib import Path

import pytest

from connector.records import Field
from tests.unit.stages.opened import Opened


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    return Opened(tmp_path)


def approved(shop: Opened, code: str) -> None:
    said = shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner")
    assert said.code == 0, said.err


def test_an_undo_is_planned_approved_carried_out_and_read_back(shop: Opened) -> None:
    code = shop.ran("1", "2")
    assert Field.NAME not in shop.memory.of("1").values
    said = shop.gallra("undo", code)
    assert said.code == 0, said.err
    assert "restores 2 records" in said.out
    undo = said.out.rpartition("plan ")[2][:8]
    refused = shop.gallra("apply", "--plan", undo)
    assert (refused.code, "No wave" in refused.err) == (4, True)
    approved(shop, undo)
    said = shop.gallra("apply", "--plan", undo)
    assert (said.code, said.err) == (0, said.err)
    assert "2 records touched" in said.out
    assert shop.memory.of("1").values[Field.NAME] == "Person 1"
    again = shop.gallra("undo", code)
    assert (again.code, "no copy was kept" in again.err) == (4, True)


def test_who_came_back_is_told_of_and_a_replay_erases_them_again(shop: Opened) -> None:
    held = shop.memory.customer("7")
    shop.ran()
    assert held.ref not in shop.memory.held
    restored = shop.memory.customer("7", day=shop.clock.now.date())  # an import: everything is of today
    said = shop.gallra("pull")
    assert "1 erased persons are in the shop again" in said.err
    assert "1 erased persons" in shop.gallra("status").out
    assert shop.gallra("plan").err.count("1 erased persons") == 1
    day = shop.clock.now.date().isoformat()
    made = json.loads(shop.gallra("replay", "--since", day, "--json").out)
    approved(shop, made["plan"])
    said = shop.gallra("apply", "--plan", made["plan"])
    assert said.code == 0, said.err
    assert restored.ref not in shop.memory.held
