"""`gallra fleet` as an operator types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.fleet.database import Connection
from connector.fleet.shops import begin, rows
from connector.serve.schedule import Run
from tests.fleet_support import put_shop
from tests.sandbox_support import typed
from tests.unit.settings.test_settings import SHOP

CRON = '[schedule]\ncron = "15 3 * * *"\n'


@pytest.fixture
def here(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to type in, with the fleet's address in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GALLRA_FLEET_URL", url)
    return tmp_path


def _shop(folder: Path, shop: str, *, more: str = CRON) -> Path:
    path = folder / f"{shop}.toml"
    path.write_text(SHOP.replace('"egg"', f'"{shop}"') + more, encoding="utf-8")
    return path


def test_a_folder_is_added_and_a_bad_shop_in_it_is_named_and_left_out(
    here: Path, database: Connection
) -> None:
    _shop(here, "egg")
    _shop(here, "hen")
    _shop(here, "bad", more='[schedule]\ncron = "soon"\n')
    _shop(here, "idle", more="")
    said = typed("fleet", "add", ".")
    assert said.code == 1
    assert "bad.toml is not served:" in said.err
    assert "idle.toml is not served: schedule.cron: is not set" in said.err
    assert "Added: 2; changed: 0; unchanged: 0." in said.out
    assert [row.id for row in rows(database)] == ["egg", "hen"]


def test_added_again_nothing_changes_and_a_changed_line_does(here: Path, database: Connection) -> None:
    file = _shop(here, "egg")
    typed("fleet", "add", "egg.toml")
    assert typed("fleet", "add", "egg.toml", "--json").json["shops"] == {"egg": "unchanged"}
    file.write_text(file.read_text().replace("15 3", "45 4"))
    assert typed("fleet", "add", "egg.toml", "--json").json["shops"] == {"egg": "changed"}
    assert rows(database)[0].cron == "45 4 * * *"


def test_a_shop_with_webhooks_is_taken_and_it_is_said_who_hears_them(here: Path) -> None:
    _shop(here, "egg", more=CRON + '[webhooks]\nsecret = { env = "EGG_HOOK" }\n')
    said = typed("fleet", "add", "egg.toml")
    assert said.code == 0
    assert "`gallra serve --no-run` hears" in said.err


def test_kept_settings_stand_in_the_database_without_a_secret(
    here: Path, database: Connection
) -> None:
    _shop(here, "egg")
    assert typed("fleet", "add", "egg.toml", "--keep").code == 0
    [row] = rows(database)
    assert row.file is None
    assert row.settings is not None
    assert 'key = { env = "EGG_KEY" }' in row.settings
    assert "settings in the database" in typed("fleet", "list").out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[alerts.ping]\nok = "https://ping.example/4f1c"\n', "alerts.ping.ok: whoever knows this address"),
        ('[platform]\nkey = "ck_hemligt"\n', "a secret may not stand in the file"),
    ],
)
def test_what_is_as_good_as_a_secret_is_not_kept(
    here: Path, database: Connection, text: str, why: str
) -> None:
    path = _shop(here, "egg", more=CRON)
    whole = path.read_text().replace('key = { env = "EGG_KEY" }', "") if "ck_" in text else path.read_text()
    path.write_text(whole.replace("[platform]\n", text) if "ck_" in text else whole + text)
    said = typed("fleet", "add", "egg.toml", "--keep")
    assert said.code == 1
    assert why in said.err
    assert "ck_hemligt" not in said.err
    assert rows(database) == []


COMMAND = 'key = { command = ["sh", "-c", "touch ran"] }'


def test_settings_in_the_database_run_no_command_whoever_wrote_them_there(
    here: Path, database: Connection
) -> None:
    path = _shop(here, "egg")
    path.write_text(path.read_text().replace('key = { env = "EGG_KEY" }', COMMAND))
    assert "names a command" in typed("fleet", "add", "egg.toml", "--keep").err
    put_shop(database, "egg", file=None, settings=path.read_text())
    assert "names a command" in _work(here).stderr
    assert rows(database)[0].code == 1
    assert not list(here.rglob("ran"))


def test_settings_that_rest_on_another_file_are_not_kept(here: Path) -> None:
    _shop(here, "egg", more="")
    (here / "leaf.toml").write_text(f'extends = "egg.toml"\n{CRON}')
    assert "rests on other files" in typed("fleet", "add", "leaf.toml", "--keep").err
    assert typed("fleet", "add", "leaf.toml").code == 0


def test_a_shop_is_run_now_at_a_word_once(here: Path, database: Connection) -> None:
    put_shop(database, "egg")
    assert typed("fleet", "run", "egg", "--request", "R-234567", "--json").json["queued"] is True
    assert "waits for a worker already" in typed("fleet", "run", "egg", "--request", "R-234567").out
    assert typed("fleet", "run", "hen").code == 1


@pytest.mark.parametrize("word", ["kund@kund.example", "850101-1234", "R-23", "r-234567"])
def test_only_a_request_s_code_comes_into_the_queue(here: Path, database: Connection, word: str) -> None:
    put_shop(database, "egg")
    said = typed("fleet", "run", "egg", "--request", word)
    assert said.code == 1
    assert "takes a request's code" in said.err
    assert database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


def test_a_shop_is_paused_and_resumed_by_itself_and_the_fleet_as_a_whole(
    here: Path, database: Connection
) -> None:
    put_shop(database, "egg")
    put_shop(database, "hen")
    assert typed("fleet", "pause", "egg").code == 0
    assert typed("fleet", "status", "--json").json["paused"] == 1
    assert typed("fleet", "drain").code == 0
    assert "The fleet is drained" in typed("fleet", "status").out
    typed("fleet", "resume")
    assert [row.paused for row in rows(database)] == [True, False]
    typed("fleet", "resume", "egg")
    assert [row.paused for row in rows(database)] == [False, False]


def test_a_drain_waits_for_what_runs_and_ends_with_75_where_it_has_not_ended(
    here: Path, database: Connection
) -> None:
    put_shop(database, "egg")
    begin(database, "egg", job=1, nightly=True)
    said = typed("fleet", "drain", "--wait", "0")
    assert said.code == 75
    assert "Still under way: egg." in said.out


def test_the_status_tells_what_is_due_runs_failed_and_waits_for_a_person(
    here: Path, database: Connection
) -> None:
    for shop, code in (("a", 1), ("b", 4), ("c", 5), ("d", 6), ("e", 3), ("f", 75), ("g", 0), ("h", None)):
        put_shop(database, shop, code=code)
    begin(database, "h", job=1, nightly=True)
    said = typed("fleet", "status", "--json")
    assert said.code == 0
    told = said.json
    assert (told["shops"], told["due"], told["running"]) == (8, 7, 1)
    assert (told["failed"], told["waiting"]) == (["a"], ["b", "c", "d"])
    assert (told["unfinished"], told["put_off"]) == (["e"], ["f"])
    assert "Waiting for a person: b, c, d." in typed("fleet", "status").out


def test_the_status_ends_with_1_where_a_shop_has_been_due_for_more_than_a_day(
    here: Path, database: Connection
) -> None:
    put_shop(database, "egg")
    assert typed("fleet", "status").code == 0
    database.execute("UPDATE gallra_fleet_shops SET next_due = now() - interval '25 hours'")
    said = typed("fleet", "status")
    assert said.code == 1
    assert "Overdue for more than a day: egg." in said.out
    typed("fleet", "pause", "egg")
    assert typed("fleet", "status").code == 0


def test_a_shop_is_taken_out(here: Path, database: Connection) -> None:
    put_shop(database, "egg")
    assert typed("fleet", "remove", "egg").code == 0
    assert rows(database) == []


def test_without_the_libraries_it_is_said_what_to_do(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.fleet.where.find_spec", lambda name: None)
    said = typed("fleet", "status")
    assert said.code == 1
    assert "pip install 'gallra[fleet]'" in said.err


def test_without_an_address_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GALLRA_FLEET_URL", raising=False)
    said = typed("fleet", "status")
    assert said.code == 1
    assert "GALLRA_FLEET_URL" in said.err


def test_a_worker_ends_at_a_pooler_of_transactions(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.pooler import transaction_pooler

    url = os.environ["GALLRA_FLEET_URL"]
    with transaction_pooler(url) as port:
        name = url.split("/")[3].partition("?")[0]
        monkeypatch.setenv("GALLRA_FLEET_URL", f"postgresql://postgres@127.0.0.1:{port}/{name}")
        said = typed("fleet", "work", "--once")
    assert said.code == 1
    assert "pooler of transactions" in said.err


def _work(here: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "connector", "fleet", "work", "--once"]
    environ = {**os.environ, "GALLRA_LANGUAGE": ""}
    return subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True, check=False)


def test_a_worker_says_of_each_shop_how_it_ended_in_the_shop_s_own_language(
    here: Path, database: Connection
) -> None:
    for shop in ("egg", "hen"):
        file = _shop(here, shop, more=CRON)
        if shop == "hen":
            file.write_text(file.read_text().replace('name = "Egg"', 'name = "Egg"\nlanguage = "en"'))
    typed("fleet", "add", ".")
    database.execute("UPDATE gallra_fleet_shops SET next_due = now()")
    ended = _work(here)
    assert ended.returncode == 0, ended.stderr
    said = {line.partition(":")[0]: line for line in ended.stderr.splitlines()}
    assert "Fel:" in said["egg"]
    assert "miljövariabeln" in said["egg"]
    assert "Error:" in said["hen"]
    assert "environment variable" in said["hen"]
    found = rows(database)
    assert [row.code for row in found] == [1, 1]
    assert all(row.next_due and row.ended and row.next_due > row.ended for row in found)


def test_a_shop_whose_file_is_gone_fails_by_itself_and_is_due_again(
    here: Path, database: Connection
) -> None:
    put_shop(database, "egg", file=str(here / "gone.toml"))
    ended = _work(here)
    assert "is not on this machine" in ended.stderr
    assert [row.code for row in rows(database)] == [1]
    assert typed("fleet", "status", "--json").json["failed"] == ["egg"]


def test_a_shop_that_is_kept_in_the_database_runs_in_the_worker_s_folder(
    here: Path, database: Connection
) -> None:
    _shop(here, "egg")
    typed("fleet", "add", "egg.toml", "--keep")
    (here / "egg.toml").unlink()
    database.execute("UPDATE gallra_fleet_shops SET next_due = now()")
    _work(here)
    kept = here / "fleet-shops" / "egg" / "egg.toml"
    assert kept.read_text() == rows(database)[0].settings
    assert kept.stat().st_mode & 0o077 == 0
    assert rows(database)[0].code == 1


@pytest.mark.parametrize(("words", "code"), [(("--no-run",), 0), ((), 1)])
def test_serve_leaves_the_runs_to_a_fleet_only_where_it_is_told_to(
    here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int
) -> None:
    file = _shop(here, "egg")
    ended: list[int] = []

    def at_night(paths: list[Path], run: Run, say: object, **_more: object) -> None:
        ended.extend(int(run(path)[0]) for path in paths)

    monkeypatch.setattr("connector.serve.schedule.serve", at_night)
    assert typed("serve", *words, str(file)).code == 0
    assert ended == [code]  # without its keys a run ends with 1
