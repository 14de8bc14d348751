"""Every run has its protocol, and the protocols hang together."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector.ports import Access
from connector.stages.flow import locked
from tests.engine_support import busy
from tests.unit.stages.opened import Opened


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """A shop with nothing in it yet."""
    return Opened(tmp_path)


def down() -> Access:
    raise busy()


def protocol(shop: Opened, number: int) -> dict[str, Any]:
    text = (shop.folder / "reports" / f"protocol-egg-2026-{number:03d}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_each_run_that_has_no_protocol_gets_one_and_they_form_a_chain(shop: Opened) -> None:
    codes = [shop.ran("1", "2"), shop.ran("3"), shop.ran("4")]
    assert shop.gallra("report").code == 0
    made = [protocol(shop, number) for number in (1, 2, 3)]
    assert [one["digest"][:8] for one in made] == codes
    assert [one.get("previous", "") for one in made] == ["", made[0]["chain"], made[1]["chain"]]


def test_a_run_that_is_named_gets_its_protocol_and_says_which_earlier_ones_are_missing(shop: Opened) -> None:
    first, second = shop.ran("1"), shop.ran("2")
    assert shop.gallra("report", "--run", second).code == 0
    assert protocol(shop, 1)["gaps"] == [first]
    shop.gallra("report")
    assert protocol(shop, 2)["digest"][:8] == first
    shop.gallra("report", "--run", second)
    assert protocol(shop, 1)["gaps"] == []


def test_a_protocol_older_than_its_read_back_is_written_anew_in_its_place_and_names_its_first_checksum(
    shop: Opened,
) -> None:
    shop.ran("1", "9", verified=False)
    shop.gallra("report")
    first = protocol(shop, 1)
    assert first["read_back"]["unread"] == 2
    shop.ran("2")
    shop.gallra("report")
    again = protocol(shop, 1)
    assert again["read_back"]["clean"] == 2
    assert (again["number"], again["earlier"]) == (first["number"], first["chain"])
    assert protocol(shop, 2)["previous"] == first["chain"]


def test_a_plan_that_has_not_run_has_no_protocol(shop: Opened) -> None:
    shop.memory.order("1")
    shop.gallra("pull")
    shop.gallra("plan")
    code = str(shop.gallra("show", "--json").json["digest"])[:8]
    shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner")
    said = shop.gallra("report", "--run", code)
    assert said.code != 0
    assert "has not run" in said.err


def test_a_report_says_that_a_run_is_under_way(shop: Opened) -> None:
    shop.ran("1")
    with locked(shop.open()):
        said = shop.gallra("report")
    assert said.code == 75
    assert "under way" in said.err
    assert shop.protocols == []


def test_an_unattended_run_writes_the_protocols_that_are_missing_though_it_ends_in_a_fault(
    shop: Opened,
) -> None:
    shop.ran("1")
    shop.memory.check = down  # type: ignore[method-assign]
    assert shop.gallra("run").code == 75
    assert shop.protocols == ["protocol-egg-2026-001.json"]
