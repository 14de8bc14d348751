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


def restorable(shop: Opened, *run: str) -> set[str | None]:
    """Until when the protocol says that each field that was blanked can be restored."""
    rules = shop.gallra("report", *run, "--json").json["rules"]
    return {one["restorable_until"] for one in rules if one["label"] == "redacted"}


def test_while_a_copy_lives_the_protocol_says_until_when_and_after_it_no_more(shop: Opened) -> None:
    shop.ran("1")
    assert restorable(shop) == {"2026-12-06"}
    shop.clock.turn(days=14)
    assert shop.gallra("pull").code == 0
    assert restorable(shop) == {"2026-12-06"}, "the last day counts"
    shop.clock.turn(days=1)
    assert shop.gallra("pull").code == 0
    assert restorable(shop) == {None}


def test_what_was_restored_is_no_longer_said_to_be_restorable(shop: Opened) -> None:
    code = shop.ran("1")
    undo = shop.gallra("undo", code).out.rpartition("plan ")[2][:8]
    approved(shop, undo)
    assert shop.gallra("apply", "--plan", undo).code == 0
    assert restorable(shop, "--run", code) == {None}
