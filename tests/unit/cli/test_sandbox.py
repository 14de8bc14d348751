"""`gallra sandbox` and what the demo needs: the made-up shop alone, its files and its end."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import pytest

from connector.cli.demo import _with_extra
from connector.cli.demo.alone import keep_open, write_shops
from connector.cli.demo.settings import _secrets_of
from connector.errors import GallraError
from connector.registry import descriptions
from connector.settings import load_settings
from tests.unit.settings.test_schema import SERVICES

SECRETS: dict[str, dict[str, str]] = {
    "woocommerce": {"key": "ck_1", "secret": "cs_1"},
    "shopify": {"token": "shpat_1"},
    "mailchimp": {"key": "k-us19"},
    "klarna": {"password": "it's"},
    "payson": {"key": "p"},
    "postnord": {"key": "n"},
}


class Stopped:
    """Services that a person closes with Ctrl-C as soon as they are waited for."""

    def __init__(self) -> None:
        self.services = {name: {**SERVICES[name], **SECRETS[name]} for name in SERVICES}
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def wait(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def opened(tmp_path: Path) -> tuple[Path, Stopped]:
    """A folder in which the made-up shop was opened and closed again."""
    services: Any = Stopped()
    keep_open(tmp_path, services, "en")
    return tmp_path, services


def test_both_shops_files_load_with_their_keys_beside_them(opened: tuple[Path, Stopped]) -> None:
    folder, _ = opened
    for name in ("shop.toml", "shopify/shop.toml"):
        assert load_settings(folder / name, environ={}).unanswered() == ()
    assert (folder / "vault.key").is_file()


def test_the_keys_are_written_for_a_shell_and_their_owner_alone(opened: tuple[Path, Stopped]) -> None:
    keys = opened[0] / "keys.sh"
    assert "export DEMO_KLARNA_PASSWORD='it'\"'\"'s'\n" in keys.read_text()
    assert "export GALLRA_SHOP=shop.toml\n" in keys.read_text()
    assert keys.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("shell", [one for one in ("dash", "bash", "sh") if shutil.which(one)])
def test_every_shell_reads_every_key(tmp_path: Path, shell: str) -> None:
    """Of every service that has one, also where its name is no word of a shell."""
    services: Any = {name: dict(one) for name, one in SERVICES.items()}
    for about in descriptions().values():
        services.setdefault(about.name, {}).update(dict.fromkeys(_secrets_of(about), "it's"))
    many = sum(len([*_secrets_of(about)]) for about in descriptions().values())
    write_shops(tmp_path, services, "en")
    told = subprocess.run(
        [shell, "-c", ". ./keys.sh && env"], cwd=tmp_path, capture_output=True, text=True, check=True, env={}
    )
    assert told.stderr == ""
    given = {name: value for name, _, value in (line.partition("=") for line in told.stdout.splitlines())}
    keys = [name for name in given if name.startswith("DEMO_")]
    assert len(keys) == many > len(SECRETS)
    assert given["GALLRA_SHOP"] == "shop.toml"


def test_the_services_are_closed_with_it(opened: tuple[Path, Stopped]) -> None:
    assert opened[1].closed


def test_what_to_type_is_said_and_ctrl_c_ends_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services: Any = Stopped()
    keep_open(tmp_path, services, "en")
    said = capsys.readouterr()
    assert f"    cd {tmp_path}\n    . ./keys.sh\n    gallra check\n" in said.out
    assert said.err == "\nThe made-up shop is closed; the next one is a new one.\n"


def test_in_swedish_it_is_said_in_swedish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    services: Any = Stopped()
    keep_open(tmp_path, services, "sv")
    said = capsys.readouterr()
    assert "En påhittad WooCommerce-butik" in said.out
    assert said.err == "\nDen påhittade butiken är stängd; nästa är en ny.\n"


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(GallraError, match=r"an extra\. Install it: .*gallra\[demo\]"):
        _with_extra()
