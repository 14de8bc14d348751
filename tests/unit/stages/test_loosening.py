"""The owner lets go of the claims on one order at a request to erase: that order's alone."""

from pathlib import Path

import pytest

from connector.ledger.proof.audit import breaks
from connector.records import Field
from tests.engine_support import LAST_YEAR, sealed
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_erased_letter import letter
from tests.unit.stages.test_requests import BY, MINE, OTHERS, asked, held, proven

WHY = ("--reason", "The goods came back", *BY)


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """Two orders of one person inside the window of claims, and one of another's."""
    made = Opened(tmp_path)
    made.memory.order("1", LAST_YEAR, email=MINE)
    made.memory.order("2", LAST_YEAR, email=MINE)
    made.memory.order("3", LAST_YEAR, email=OTHERS)
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    return made


def decided(shop: Opened, code: str) -> tuple[str, dict[str, str]]:
    """The plan's code, and what becomes of each order's e-mail."""
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == 0, drawn.err
    states = {
        one["ref"]["id"]: str(field["state"])
        for one in drawn.json["records"]
        for field in one["fields"]
        if field["field"] == "email"
    }
    return drawn.json["plan"], states


def test_it_is_of_one_order_by_a_new_plan_and_the_letter_says_so(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    before, states = decided(shop, code)
    assert states == {"1": "keep", "2": "keep"}
    said = shop.gallra("request", "loosen", code, "--order", "#1", *WHY)
    assert said.code == 0, said.err
    assert shop.gallra("approve", before, *BY, "--role", "owner", "--first-run").code != 0  # of before
    after, states = decided(shop, code)
    assert after != before
    assert states == {"1": "due", "2": "keep"}
    assert shop.gallra("approve", after, *BY, "--role", "owner", "--first-run").code == 0
    shop.gallra("run")
    assert Field.EMAIL not in held(shop, "1")
    assert held(shop, "2")[Field.EMAIL] == MINE
    assert Field.NAME in held(shop, "1")  # the books keep it, whatever the owner says
    text = letter(shop, code)
    assert "Av order #1 har vi valt" in text
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert list(breaks(connection, opened.ledger.shop, sealed())) == []


def test_it_can_be_taken_back_before_the_plan_is_approved_and_not_after(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    decided(shop, code)
    assert shop.gallra("request", "loosen", code, "--order", "#1", *WHY).code == 0
    assert shop.gallra("request", "loosen", code, "--order", "#1", "--keep", *WHY).code == 0
    plan, states = decided(shop, code)
    assert states == {"1": "keep", "2": "keep"}
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    shop.gallra("run")
    assert shop.gallra("request", "loosen", code, "--order", "#1", *WHY).code == 1


def test_nobody_elses_order_is_loosened_and_no_other_request_loosens(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    assert shop.gallra("request", "loosen", code, "--order", "#1", *WHY).code == 1  # not decided yet
    decided(shop, code)
    assert "not theirs" in shop.gallra("request", "loosen", code, "--order", "#3", *WHY).err
    other = asked(shop, "access")
    assert "no erasure" in shop.gallra("request", "loosen", other, "--order", "#1", *WHY).err


def test_the_nightly_plan_and_another_request_keep_what_this_one_let_go(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    decided(shop, code)
    assert shop.gallra("request", "loosen", code, "--order", "#1", *WHY).code == 0
    assert shop.gallra("request", "close", code, *BY).code == 0
    again = asked(shop)
    proven(shop, again)
    assert decided(shop, again)[1] == {"1": "keep", "2": "keep"}
