"""Whom Gallra calls by signed webhook: what may stand in the file, and what its listing shows."""

from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.settings import Settings, load_settings, resolve_secrets, resolved

SHOP = '[shop]\nid = "egg"\nname = "Egg"\n'
HOOK = '[[alerts.webhook]]\nname = "a"\nurl = "https://hooks.example/path"\nsecret = { env = "HOOK" }\n'
VETO = '[veto]\nurl = "https://board.example/path"\nsecret = { env = "VETO" }\n'


def load(folder: Path, text: str, **environ: str) -> Settings:
    path = folder / "shop.toml"
    path.write_text(SHOP + text, encoding="utf-8")
    return load_settings(path, environ=environ)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("https://hooks", "http://hooks", "Write https://."),
        ('"https://hooks.example/path"', '"https://u:p@hooks.example"', "holds a user or password"),
        ('{ env = "HOOK" }', '"whsec_AAAA"', "a secret may not stand in the file"),
        ('name = "a"', 'name = "A b"', "Choose a short name"),
        ('name = "a"', 'name = "a"\nevents = []', "events"),
        ('name = "a"', 'name = "a"\nevents = ["plan.gone"]', "events"),
    ],
)
def test_a_webhook_with_a_fault_is_refused(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, HOOK.replace(was, becomes))
    assert says in str(caught.value)
    assert "AAAA" not in str(caught.value)


def test_two_webhooks_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="stands twice"):
        load(tmp_path, HOOK + HOOK)


def test_this_machine_may_be_called_without_https(tmp_path: Path) -> None:
    hook = HOOK.replace("https://hooks.example", "http://127.0.0.1:8088")
    assert load(tmp_path, hook).alerts.webhook[0].url.startswith("http://127.0.0.1")


def test_a_webhooks_secret_that_is_not_at_hand_stops_nothing_and_a_vetos_does(tmp_path: Path) -> None:
    assert resolve_secrets(load(tmp_path, HOOK)) == {}
    assert resolve_secrets(load(tmp_path, HOOK, HOOK="x"), only=("alerts.webhook.a",)) == {
        "alerts.webhook.a": {"secret": "x"}
    }
    with pytest.raises(SettingsError, match="veto"):
        resolve_secrets(load(tmp_path, VETO))


def test_the_listing_of_the_settings_shows_the_hosts_alone(tmp_path: Path) -> None:
    listed = str(resolved(load(tmp_path, HOOK + VETO)))
    assert "https://hooks.example/…" in listed
    assert "https://board.example/…" in listed
    assert "/path" not in listed
