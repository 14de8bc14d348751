"""The commands of an operator over a ledger on PostgreSQL: the same words, the same end as over a file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connector.errors import Exit
from sandbox.box import Sandbox
from tests import postgres_support
from tests.crash.ends import end_of_protocol
from tests.sandbox_support import Said, SandboxShop, make_shop

FLOW: tuple[tuple[str, ...], ...] = (("apply",), ("push",), ("verify",), ("report", "--json"))


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, customers=6, orders=20) as made:
        yield made


def on_server(box: Sandbox, folder: Path, name: str) -> SandboxShop:
    """The demo's shop with its ledger on the server; its address stands in a file."""
    shop = make_shop(box, folder)
    address = folder / "ledger.url"
    address.touch(0o600)
    address.write_text(postgres_support.database(f"{folder}/{name}"))
    text = shop.file.read_text()
    assert 'path = "gallra.sqlite"' in text
    shop.file.write_text(text.replace('path = "gallra.sqlite"', 'url = { file = "ledger.url" }'))
    return shop


def ended(shop: SandboxShop, *words: str) -> Said:
    said = shop.gallra(*words)
    assert said.code == 0, (words, said.out[-600:], said.err[-600:])
    return said


def without_ports(protocol: Any) -> str:
    """Links to the shop name the port that its stand-in happened to get."""
    return re.sub(r"127\.0\.0\.1:[0-9]+", "", json.dumps(protocol, sort_keys=True))


def test_a_whole_run_over_a_server_comes_to_what_one_over_a_file_comes_to(tmp_path: Path) -> None:
    ends: list[Any] = []
    for made in (make_shop, lambda box, folder: on_server(box, folder, "whole")):
        folder = tmp_path / str(len(ends))
        folder.mkdir()
        with Sandbox(seed=7, customers=6, orders=20) as box:
            shop = made(box, folder)
            shop.ready()
            plan = shop.gallra("show", "--json").json
            said = [ended(shop, *words) for words in FLOW]
            told = ended(shop, "status", "--json").json
            rounds = [[one[key] for key in ("wave", "records", "steps", "counts")] for one in plan["waves"]]
            ends.append((rounds, without_ports(end_of_protocol(said[-1].json)), sorted(told)))
            for words in (("audit", "verify"), ("ledger", "check")):
                ended(shop, *words)
            if len(ends) > 1:
                assert not list(folder.glob("*.sqlite*"))
                assert not list(folder.glob("*.lock"))
    assert ends[0] == ends[1]


def test_an_address_is_in_nothing_that_is_said_or_written(box: Sandbox, tmp_path: Path) -> None:
    shop = on_server(box, tmp_path, "address")
    address = (tmp_path / "ledger.url").read_text()
    ended(shop, "check")
    ended(shop, "check", "--resolved")
    ended(shop, "pull")
    (tmp_path / "ledger.url").write_text("postgresql://egg:hemlig@127.0.0.1:1/ledger")
    said = shop.gallra("pull")
    assert said.code == Exit.ERROR
    assert "cannot be reached" in said.err
    files = [path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(address in text or "hemlig" in text for text in files) == 1
    for one in shop.heard:
        assert "hemlig" not in one.out + one.err
        assert address not in one.out + one.err


def test_path_and_url_at_once_is_a_fault_in_the_file(box: Sandbox, tmp_path: Path) -> None:
    shop = on_server(box, tmp_path, "both")
    text = shop.file.read_text()
    shop.file.write_text(text.replace("url = { file", 'path = "gallra.sqlite"\nurl = { file'))
    said = shop.gallra("check")
    assert said.code == Exit.ERROR
    assert "ledger.path" in said.err
    assert "Take one of the two out" in said.err


def test_looking_makes_no_ledger_and_one_that_is_gone_is_not_begun_anew(box: Sandbox, tmp_path: Path) -> None:
    shop = on_server(box, tmp_path, "gone")
    named = "gallra_demo"

    def there() -> bool:
        with psycopg.connect((tmp_path / "ledger.url").read_text()) as connection:
            found = connection.execute("SELECT to_regnamespace(%s)", (named,)).fetchone()
        return found != (None,)

    said = shop.gallra("ledger", "check")
    assert said.code == Exit.ERROR
    assert "the database that ledger.url names" in said.err
    assert not there()
    shop.ready()
    for words in FLOW:
        ended(shop, *words)
    assert there()
    with psycopg.connect((tmp_path / "ledger.url").read_text(), autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {named} CASCADE")
    said = shop.gallra("pull")
    assert said.code == Exit.ERROR
    assert "There is no ledger at the database that ledger.url names" in said.err
    assert not there()


def test_a_ledger_moves_to_the_server_and_the_next_run_goes_on_there(box: Sandbox, tmp_path: Path) -> None:
    shop = make_shop(box, tmp_path)
    shop.ready()
    ended(shop, "apply")
    on = on_server_from(shop, tmp_path)
    said = ended(on, "ledger", "move", "gallra.sqlite", "--by", "Disa Demo")
    assert "rows, each as it was" in said.out
    for words in FLOW[1:]:
        ended(on, *words)
    ended(on, "audit", "verify")
    again = on.gallra("ledger", "move", "gallra.sqlite", "--by", "Disa Demo")
    assert again.code == Exit.ERROR
    assert "moved from there already" in again.err
    text = on.file.read_text()
    on.file.write_text(text.replace('url = { file = "ledger.url" }', 'path = "gallra.sqlite"'))
    refused = on.gallra("pull")
    assert refused.code == Exit.ERROR
    assert "was moved from here" in refused.err
    on.file.write_text(text.replace('url = { file = "ledger.url" }', 'path = "back.sqlite"'))
    ended(on, "ledger", "move", "ledger.url", "--by", "Disa Demo")
    ended(on, "status")
    ended(on, "audit", "verify")


def on_server_from(shop: SandboxShop, folder: Path) -> SandboxShop:
    """The same shop, whose file names a place on the server from here on."""
    address = folder / "ledger.url"
    address.touch(0o600)
    address.write_text(postgres_support.database(f"{folder}/moved"))
    text = shop.file.read_text()
    shop.file.write_text(text.replace('path = "gallra.sqlite"', 'url = { file = "ledger.url" }'))
    return shop


def test_a_backup_of_a_server_is_put_back_where_there_is_none(box: Sandbox, tmp_path: Path) -> None:
    shop = on_server(box, tmp_path, "backup")
    shop.ready()
    ended(shop, "apply")
    ended(shop, "ledger", "backup", "copy.sqlite")
    refused = shop.gallra("ledger", "restore", "copy.sqlite", "--by", "Disa Demo")
    assert refused.code == Exit.ERROR
    assert "on the server already" in refused.err
    (tmp_path / "ledger.url").write_text(postgres_support.database(f"{tmp_path}/another"))
    ended(shop, "ledger", "restore", "copy.sqlite", "--by", "Disa Demo")
    ended(shop, "audit", "verify")
    assert shop.gallra("status").code == 0


def test_while_a_run_goes_on_another_is_told_to_come_back(box: Sandbox, tmp_path: Path) -> None:
    shop = on_server(box, tmp_path, "busy")
    shop.ready()
    opened = shop.open()
    with opened.ledger.dialect.one_run(opened.ledger):
        said = shop.gallra("pull")
    opened.ledger.engine.dispose()
    assert said.code == Exit.TRY_LATER
    assert "Another run of shop demo is under way" in said.err
    ended(shop, "pull")
