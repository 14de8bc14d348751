"""Limits are held against what the approval covers, and the rest of a first run passes as first run."""

from pathlib import Path

import pytest

from tests.engine_support import LAST_YEAR
from tests.unit.stages.opened import Opened


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """Four orders of which the traces go, and two that go in every wave; three records a run are allowed."""
    made = Opened(tmp_path)
    text = made.file.read_text(encoding="utf-8").replace("records = 10000", "records = 3")
    made.file.write_text(text, encoding="utf-8")
    for number in range(4):
        made.memory.order(str(number), LAST_YEAR)
    for number in range(4, 6):
        made.memory.order(str(number))
    return made


def planned(shop: Opened) -> str:
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0, words
    return str(shop.gallra("show", "--json").json["digest"])[:8]


def approve(shop: Opened, code: str, *more: str) -> int:
    return shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner", *more).code


def test_a_wave_within_the_limits_may_be_approved_of_a_plan_that_is_not(shop: Opened) -> None:
    code = planned(shop)
    assert approve(shop, code) == 4
    assert approve(shop, code, "--wave", "email_address") == 0
    assert shop.gallra("apply").code == 0


def test_waves_approved_one_by_one_are_held_to_the_limits_together(shop: Opened) -> None:
    code = planned(shop)
    assert approve(shop, code, "--wave", "email_address") == 0
    assert approve(shop, code, "--wave", "traces") == 4


def test_the_rest_of_a_first_run_passes_as_first_run(shop: Opened) -> None:
    code = planned(shop)
    assert approve(shop, code, "--wave", "traces", "--first-run") == 0
    assert shop.gallra("apply").code == 0
    assert approve(shop, code, "--wave", "email_address", "--first-run") == 0
    assert shop.gallra("apply").code == 0


def test_a_later_run_is_no_first_run(shop: Opened) -> None:
    code = planned(shop)
    assert approve(shop, code, "--first-run") == 0
    assert shop.gallra("apply").code == 0
    for number in range(10, 15):
        shop.memory.order(str(number))
    assert approve(shop, planned(shop), "--first-run") == 4


def test_a_plan_of_which_one_order_was_tried_has_begun(shop: Opened) -> None:
    code = planned(shop)
    approve(shop, code, "--first-run")
    assert shop.gallra("apply", "--only", "4").code == 0
    said = shop.gallra("plan")
    assert said.code != 0
    assert "has begun" in said.err
    assert shop.gallra("apply").code == 0
    assert shop.gallra("plan").code == 0
