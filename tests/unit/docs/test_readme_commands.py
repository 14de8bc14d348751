"""The marked commands of the README and the pages after it, typed in order on a small made-up shop."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.settings import load_settings
from connector.setup import questions
from connector.shop import system_clock
from sandbox import Sandbox
from tests.sandbox_support import Said, typed
from tests.unit.docs import pages

ANSWERS = {
    "shop_name": "Kvarnbackens Kök",
    "shop_id": "kvarnbacken",
    "company": "Kvarnbackens Kök AB",
    "organisation_number": "556677-8899",
    "contact": "dataskydd@kvarnbacken.example",
    "address": "Kvarngatan 1, 111 11 Stockholm",
    "by": "Disa Demo, owner",
    "first_year": "2013",
    "oss": "2021-07-01",
    "gift_cards": "no",
    "subscriptions": "no",
    "recipients": "fortnox",
}
# What is started as a newcomer starts it: the questions, and the first command that writes.
STARTED = ("init", "apply")


class Reader:
    """Someone who types what the README says, in a folder of their own, and keeps each answer."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.folder = folder
        self.box = box
        self.environ: dict[str, str] = dict(os.environ)
        self.said: dict[str, Said] = {}
        self.started: set[str] = set()

    def follow(self) -> None:
        """Every marked block, in order."""
        for block in pages.blocks():
            if block.what == "shop file":
                self._write_listener(block)
                continue
            self._give_key(block.with_)
            for line in block.text.splitlines():
                self.type(line, answers=self._answers() if block.with_ == "init" else "")

    def type(self, line: str, *, answers: str = "") -> None:
        """One line of the README, its placeholders filled in."""
        if line.startswith("export "):
            name, value = line.removeprefix("export ").split("=", 1)
            self.environ[name] = self._keys().get(value, value)
            return
        given, _, command = line.rpartition(" | ")
        words = [self._placed(word) for word in shlex.split(command)]
        assert words[0] == "gallra", line
        stdin = "".join(shlex.split(given)[1:]) + "\n" if given else answers
        self.said[line] = self._run(words[1:], stdin)

    def _run(self, words: list[str], stdin: str = "") -> Said:
        """Started as a process where STARTED says so, the first time; else typed here, a second faster."""
        if words[0] in STARTED and words[0] not in self.started:
            self.started.add(words[0])
            return self._started(words, stdin)
        with chdir(self.folder), mock.patch.dict(os.environ, self.environ, clear=True):
            return typed(*words, stdin=stdin)

    def _started(self, words: list[str], stdin: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "connector", *words],
            cwd=self.folder,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def _answers(self) -> str:
        given: dict[str, str] = {**ANSWERS, "url": self.box.woocommerce.url}
        asked: dict[str, str] = {}
        for question in questions():
            if question.asked(asked):
                asked[question.id] = given.get(question.id, question.default)
        return "\n".join(asked.values()) + "\n"

    def _keys(self) -> Mapping[str, str]:
        shop = self.box.woocommerce
        return {"ck_read": shop.read_key, "cs_read": shop.read_secret}

    def _give_key(self, with_: str) -> None:
        """In a real shop the same key is raised; the stand-in has one key of each kind."""
        if with_ == "write":
            shop = self.box.woocommerce
            self.environ |= {"GALLRA_KVARNBACKEN_KEY": shop.key, "GALLRA_KVARNBACKEN_SECRET": shop.secret}

    def _placed(self, word: str) -> str:
        if word == "CODE":
            return str(self.plan()["digest"])[:8]
        if word in ("ORDER", "1042"):
            return self.orders()[0 if word == "ORDER" else 1]
        return word

    def plan(self) -> Any:
        """The newest plan as data."""
        return json.loads(self._run(["show", "--json"]).out)

    def orders(self) -> list[str]:
        """Orders that the report gives as samples."""
        found: list[str] = []
        _samples(self.plan(), found)
        return list(dict.fromkeys(found))

    def _write_listener(self, block: pages.Block) -> None:
        with (self.folder / "kvarnbacken.toml").open("a", encoding="utf-8") as file:
            file.write("\n" + block.text)


def _samples(value: Any, found: list[str]) -> None:
    if isinstance(value, dict):
        if value.get("kind") == "order" and value.get("label") and "fields" in value:
            found.append(str(value["label"]))
        for one in value.values():
            _samples(one, found)
    elif isinstance(value, list):
        for one in value:
            _samples(one, found)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who has followed the whole README."""
    with Sandbox(seed=7, orders=60, customers=25, today=system_clock().date()) as box:
        one = Reader(tmp_path_factory.mktemp("shop"), box)
        one.follow()
        return one


def test_every_command_of_the_readme_ends_with_exit_code_0(reader: Reader) -> None:
    failed = {line: said.err for line, said in reader.said.items() if said.code}
    assert failed == {}


def test_the_readme_goes_from_init_to_report(reader: Reader) -> None:
    typed = [line.split()[1] for line in reader.said]
    for verb in ("init", "check", "pull", "plan", "approve", "apply", "push", "verify", "report"):
        assert verb in typed


def test_a_key_that_can_only_read_makes_a_dry_run(reader: Reader) -> None:
    assert "read only" in reader.said["gallra check"].out
    assert list((reader.folder / "kvarnbacken-reports").glob("dry-run-*.html"))


def test_apply_only_touches_one_record(reader: Reader) -> None:
    assert "1 records touched" in reader.said["gallra apply --only ORDER"].out


def test_what_was_erased_is_read_back_clean(reader: Reader) -> None:
    last = reader.said["gallra verify"].out.strip().splitlines()[-1]
    assert last.startswith("Verified: ")
    assert ", 0 with data left," in last
    assert not last.startswith("Verified: 0 read back")


def test_the_protocol_lies_in_the_reports_folder(reader: Reader) -> None:
    assert list((reader.folder / "kvarnbacken-reports").glob("protocol-kvarnbacken-*.html"))


def test_the_shops_file_with_all_that_the_readme_adds_has_no_fault(reader: Reader) -> None:
    settings = load_settings(reader.folder / "kvarnbacken.toml", environ={})
    assert [one.id for one in settings.listener] == ["webhook:500"]
    assert settings.approval is not None
