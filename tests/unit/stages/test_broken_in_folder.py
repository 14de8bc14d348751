"""A folder with a file that cannot be read: it is named, the others are served, and the code says so."""

import io
import json
import sys
from pathlib import Path
from unittest import mock

import pytest

from connector.request import RequestKind
from tests.engine_support import LAST_YEAR
from tests.sandbox_support import Said
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_asked_twice import BY, MINE, count

READS_A_FOLDER = {
    "check": ("check", "{folder}"),
    "pull": ("pull", "{folder}"),
    "plan": ("plan", "{folder}"),
    "todo": ("todo", "{folder}"),
    "status": ("status", "{folder}"),
    "open": ("request", "open", "erase", "--person", *BY, "--shop", "{folder}"),
    "list": ("request", "list", "--shop", "{folder}"),
    "unsubscribe": ("unsubscribe", *BY, "--address-from", "-", "--shop", "{folder}"),
    "run": ("run", "{folder}"),
}


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    made.memory.order("10", LAST_YEAR, email=MINE)
    for words in (("check",), ("pull",)):
        assert made.gallra(*words).code == 0
    return made


def typed(shop: Opened, *words: str) -> Said:
    with mock.patch.object(sys, "stdin", io.StringIO(MINE + "\n")):
        return shop.gallra(*(one.format(folder=shop.folder) for one in words))


@pytest.mark.parametrize("broken", ["a.toml", "z.toml"])
def test_the_others_are_served_and_the_broken_one_is_named(shop: Opened, broken: str) -> None:
    (shop.folder / broken).write_text("[shop\nid = ", encoding="utf-8")
    ended = {}
    for verb, words in READS_A_FOLDER.items():
        told = typed(shop, *words)
        text = told.out + told.err
        ended[verb] = (told.code, broken in text, "egg" in text.replace(str(shop.folder), ""))
    assert ended == dict.fromkeys(READS_A_FOLDER, (1, True, True))
    assert count(shop) == 1


def test_json_of_the_others_stands_alone_and_says_the_code(shop: Opened) -> None:
    (shop.folder / "a.toml").write_text("[shop\nid = ", encoding="utf-8")
    for verb in ("open", "list"):
        told = typed(shop, *READS_A_FOLDER[verb], "--json")
        found = json.loads(told.out)
        assert (told.code, found["exit"]["code"]) == (1, 1)
        assert [one["kind"] for one in found["requests"]] == [RequestKind.ERASE]


def test_a_single_broken_file_is_the_command_s_own_fault(shop: Opened) -> None:
    shop.file.write_text("[shop\nid = ", encoding="utf-8")
    told = shop.gallra("request", "list", "--shop", str(shop.file))
    assert (told.code, "egg.toml: " in told.err.replace(str(shop.folder), "")) == (1, False)
