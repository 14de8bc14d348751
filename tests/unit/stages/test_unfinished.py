"""A run that stopped is nowhere called carried out, and what it began is named until it is settled."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine_support import busy
from tests.unit.stages.opened import Opened


@pytest.fixture
def stopped(tmp_path: Path) -> Opened:
    """A shop whose second batch was begun, and answered nothing."""
    shop = Opened(tmp_path)
    for id in ("1", "2", "3"):
        shop.memory.order(id)
    shop.planned()
    write = shop.memory.apply

    def once(tasks: Any) -> Any:
        if shop.memory.batches:
            shop.memory.apply = write  # type: ignore[method-assign]
            raise busy("woocommerce")
        yield from write(tasks)

    shop.memory.apply = once  # type: ignore[method-assign]
    assert shop.gallra("apply").code == 75
    return shop


def protocol(shop: Opened) -> dict[str, Any]:
    """The protocol that lies in the reports folder."""
    (name,) = shop.protocols
    found: dict[str, Any] = json.loads((shop.folder / "reports" / name).read_text(encoding="utf-8"))
    return found


def test_verify_names_what_has_begun_and_does_not_end_well(stopped: Opened) -> None:
    said = stopped.gallra("verify")
    assert said.code == 3
    assert "2 records have begun and are not settled (order #2, order #3)" in said.err
    assert "gallra apply" in said.err
    assert "2 begun and not settled" in said.out


def test_status_names_what_has_begun(stopped: Opened) -> None:
    assert "begun and not settled: 2 records" in stopped.gallra("status").out


@pytest.mark.parametrize(("language", "title"), [("sv", "inte avslutad"), ("en", "not finished")])
def test_the_protocol_of_a_run_that_stopped_says_so_in_its_title(
    stopped: Opened, language: str, title: str
) -> None:
    stopped.gallra("verify")
    said = stopped.gallra("report", "--language", language)
    assert title in said.out
    found = protocol(stopped)
    assert found["read_back"]["begun_labels"] == ["order:#2", "order:#3"]
    assert ("begun", 2) in [(one["reason"], one["count"]) for one in found["deviations"]]


def test_the_protocol_is_corrected_once_the_run_has_ended_and_names_the_version_it_replaces(
    stopped: Opened,
) -> None:
    chains = []
    for words in (("report",), ("verify",), ("report",), ("apply",), ("verify",), ("report",), ("report",)):
        stopped.gallra(*words)
        if words == ("report",):
            chains.append(protocol(stopped))
    first, second, last, again = chains
    assert second["replaces"] == first["chain"]
    assert last["replaces"] == second["chain"]
    assert (last["number"], last["earlier"]) == (first["number"], first["chain"])
    assert again == last
    assert (last["read_back"]["begun"], last["read_back"]["clean"], last["deviations"]) == (0, 3, [])


def test_apply_settles_what_an_earlier_apply_began_and_then_nothing_is_left(stopped: Opened) -> None:
    assert stopped.gallra("apply").code == 0
    assert stopped.gallra("verify").code == 0
    assert "Nothing was left to do." in stopped.gallra("apply").out


def test_an_apply_in_which_all_was_refused_says_how_many_and_why(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    for id in ("1", "2"):
        shop.memory.order(id)
    shop.planned()
    shop.memory.refuses = {"1", "2"}
    said = shop.gallra("apply")
    assert said.code == 3
    assert "Nothing was left to do." not in said.out
    assert "steps were refused (" in said.out
