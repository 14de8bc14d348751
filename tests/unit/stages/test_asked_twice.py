"""Somebody who waits for the same already: the first request is told, and no other is opened unasked."""

import io
import json
import sys
from pathlib import Path
from unittest import mock

import pytest

from connector.ledger.requests import Register
from connector.request import RequestKind
from tests.engine_support import LAST_YEAR
from tests.sandbox_support import Said
from tests.unit.stages.opened import Opened

MINE, THEIRS = "ylva@kund.example", "berit@kund.example"
BY = ("--by", "Disa Demo")
KINDS = [str(one) for one in RequestKind]


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    made.memory.order("10", LAST_YEAR, email=MINE)
    for words in (("check",), ("pull",)):
        assert made.gallra(*words).code == 0
    return made


def asks(shop: Opened, kind: str, *words: str, email: str = MINE) -> Said:
    with mock.patch.object(sys, "stdin", io.StringIO(email + "\n")):
        said = shop.gallra("request", "open", kind, "--person", *BY, *words)
    assert said.code == 0, said.err
    return said


def count(shop: Opened) -> int:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return len(Register(opened.ledger).list(connection, every=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_is_told_and_no_other_is_opened(shop: Opened, kind: str) -> None:
    first = asks(shop, kind).out.split()[1]
    again = asks(shop, kind, email=f" {MINE.upper()}")
    assert again.out.split()[1] == first
    assert "--again" in again.out
    assert count(shop) == 1
    assert asks(shop, kind, "--again").out.split()[1] != first
    assert count(shop) == 2


def test_another_person_another_kind_and_one_that_was_closed_are_opened(shop: Opened) -> None:
    first = asks(shop, "access").out.split()[1]
    asks(shop, "access", email=THEIRS)
    asks(shop, "erase")
    assert count(shop) == 3
    assert shop.gallra("request", "refuse", first, *BY, "--ground", "the same was answered in May").code == 0
    assert asks(shop, "access").out.split()[1] != first
    assert count(shop) == 4


def test_json_says_whether_it_was_there_already(shop: Opened) -> None:
    first = json.loads(asks(shop, "access", "--json").out)["requests"]
    second = json.loads(asks(shop, "access", "--json").out)["requests"]
    assert [one["already"] for one in (*first, *second)] == [False, True]
    assert first[0]["code"] == second[0]["code"]


def test_a_file_that_holds_them_again_takes_in_nothing(shop: Opened, tmp_path: Path) -> None:
    code = asks(shop, "access").out.split()[1]
    file = tmp_path / "asked.csv"
    day = shop.open().today
    file.write_text(f"kind,received,email\naccess,{day},{MINE}\n", encoding="utf-8")
    said = shop.gallra("request", "import", str(file), *BY)
    assert code in said.out
    assert "already" in said.out
    assert count(shop) == 1
