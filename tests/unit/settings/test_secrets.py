"""Where secrets come from, and that they go nowhere else."""

import os
import sys
from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.settings import Settings, cautions, load_settings, resolve_secrets, resolved

SHOP = '[shop]\nid = "egg"\nname = "Egg"\n'
REMEDY = '{ env = "NAME" }, { file = "path" } or { command = ["pass", "show", "name"] }'


def load(folder: Path, key: str, **environ: str) -> Settings:
    path = folder / "shop.toml"
    path.write_text(SHOP + f"[ledger]\nkey = {key}\n", encoding="utf-8")
    return load_settings(path, environ=environ)


def value(settings: Settings) -> str:
    return resolve_secrets(settings)["ledger"]["key"]


def test_loading_asks_for_no_secret(tmp_path: Path) -> None:
    marker = tmp_path / "asked"
    settings = load(tmp_path, f"{{ command = ['touch', '{marker}'] }}")
    assert settings.ledger.key is not None
    assert not marker.exists()


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert value(load(tmp_path, '{ env = "KEY" }', KEY=" hush\n")) == "hush"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("hush\n", encoding="utf-8")
    assert value(load(tmp_path, '{ file = "key.txt" }')) == "hush"


def test_a_secret_is_the_first_line_a_command_prints(tmp_path: Path) -> None:
    command = f"['{sys.executable}', '-c', 'print(\"hush\"); print(\"url: x\")']"
    assert value(load(tmp_path, f"{{ command = {command} }}")) == "hush"


def test_a_command_runs_without_a_shell(tmp_path: Path) -> None:
    command = f"['{sys.executable}', '-c', 'import sys; print(sys.argv[1])', '$HOME; ls']"
    assert value(load(tmp_path, f"{{ command = {command} }}")) == "$HOME; ls"


@pytest.mark.parametrize("text", ['"hush"', "{}", '{ env = "A", file = "b" }', '{ envv = "A" }', "7"])
def test_a_secret_that_is_no_single_source_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert caught.value.faults[0].startswith("shop.toml:5: ledger.key")
    assert "hush" not in str(caught.value)


def test_a_secret_in_clear_text_is_refused_with_the_three_ways(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, '"hush"')
    assert REMEDY in str(caught.value)


@pytest.mark.parametrize("environ", [{}, {"KEY": ""}])
def test_a_variable_that_is_not_set_is_named_with_the_line(tmp_path: Path, environ: dict[str, str]) -> None:
    settings = load(tmp_path, '{ env = "KEY" }', **environ)
    with pytest.raises(SettingsError) as caught:
        resolve_secrets(settings)
    assert caught.value.faults == (
        "shop.toml:5: ledger.key: the environment variable KEY is not set. Set it where gallra runs.",
    )


def test_a_file_that_is_missing_or_empty_is_a_fault(tmp_path: Path) -> None:
    settings = load(tmp_path, '{ file = "key.txt" }')
    with pytest.raises(SettingsError, match="cannot be read"):
        resolve_secrets(settings)
    (tmp_path / "key.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="is empty"):
        resolve_secrets(settings)


@pytest.mark.parametrize(
    "command",
    [
        "['no-such-command-at-all']",
        f"['{sys.executable}', '-c', 'print(\"hush\"); raise SystemExit(1)']",
        f"['{sys.executable}', '-c', '']",
    ],
)
def test_a_command_that_gives_no_secret_is_a_fault_without_its_output(tmp_path: Path, command: str) -> None:
    settings = load(tmp_path, f"{{ command = {command} }}")
    with pytest.raises(SettingsError, match="Run it by hand") as caught:
        resolve_secrets(settings)
    assert "hush" not in str(caught.value)


def test_only_the_secrets_asked_for_are_resolved(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    text = SHOP + '[ledger]\nkey = { env = "KEY" }\n[recipients.klarna]\npassword = { env = "UNSET" }\n'
    path.write_text(text, encoding="utf-8")
    settings = load_settings(path, environ={"KEY": "hush"})
    assert resolve_secrets(settings, only={"ledger"}) == {"ledger": {"key": "hush"}}


def test_every_secret_is_found_under_its_adapter(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    source = '{ env = "KEY" }'
    path.write_text(
        SHOP
        + f'[platform]\nname = "shopify"\ntoken = {source}\n'
        + f"[ledger]\nkey = {source}\nsubject_key = {source}\n"
        + f"[recipients.payson]\nkey = {source}\n[recipients.postnord]\nkey = {source}\n"
        + f'[letters.smtp]\nhost = "mail.example"\nsender = "a@egg.example"\npassword = {source}\n',
        encoding="utf-8",
    )
    assert resolve_secrets(load_settings(path, environ={"KEY": "hush"})) == {
        "shopify": {"token": "hush"},
        "ledger": {"key": "hush", "subject_key": "hush"},
        "payson": {"key": "hush"},
        "postnord": {"key": "hush"},
        "smtp": {"password": "hush"},
    }


@pytest.mark.parametrize(
    ("mode", "roots", "count"),
    [(0o600, False, 0), (0o640, False, 1), (0o604, False, 1), (0o640, True, 0), (0o604, True, 1)],
)
def test_a_secret_file_that_others_may_read_or_a_group_that_root_did_not_choose_is_a_caution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, roots: bool, count: int
) -> None:
    monkeypatch.setattr("connector.about.secrets.ROOT", os.getuid() if roots else os.getuid() + 1)
    file = tmp_path / "key.txt"
    file.write_text("hush", encoding="utf-8")
    file.chmod(mode)
    lines = cautions(load(tmp_path, '{ file = "key.txt" }'))
    assert len(lines) == count
    assert all("chmod 600" in line and "hush" not in line for line in lines)


@pytest.mark.parametrize("mode", [0o666, 0o602, 0o777])
def test_a_secret_file_that_everybody_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.txt"
    file.write_text("hush", encoding="utf-8")
    file.chmod(mode)
    settings = load(tmp_path, '{ file = "key.txt" }')
    with pytest.raises(SettingsError, match=r"written by everyone.*chmod 600") as refused:
        resolve_secrets(settings)
    assert "hush" not in str(refused.value)
    file.chmod(0o600)
    resolve_secrets(settings)


def test_no_secret_stands_in_the_settings_or_their_listing(tmp_path: Path) -> None:
    settings = load(tmp_path, '{ env = "KEY" }', KEY="hush")
    resolve_secrets(settings)
    assert "hush" not in repr(settings)
    assert "hush" not in str(resolved(settings))
    assert "hush" not in settings.model_dump_json()
