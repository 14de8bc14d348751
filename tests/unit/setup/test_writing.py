"""What a set-up writes is whole and its owner's alone; ended anywhere, it can be done anew."""

import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.errors import GallraError, RetryLater
from connector.machine.lock import only_run
from connector.settings import find_shops, load_settings, resolve_secrets
from connector.setup import draft
from connector.setup.compose import Draft
from connector.setup.writing import LOCK, write_shop

TYPED = {"key": "ck_made_up", "secret": "cs_made_up"}
ANSWERS = {"shop_name": "Ägg", "by": "Ada", "platform": "woocommerce", "url": "https://agg.example"}


def made(**more: str) -> Draft:
    return draft(ANSWERS | more, language="sv", today=date(2026, 11, 22))


class Ended(BaseException):
    """The process was ended."""


def ends_at(nth: int) -> Any:
    """os.replace that ends the process at its nth file: what is written until then stays."""
    left = [nth]
    real = os.replace

    def replaced(*paths: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Ended
        return real(*paths, **more)

    return replaced


@pytest.mark.parametrize("nth", range(9))
def test_ended_at_any_file_it_left_no_settings_and_the_second_try_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", ends_at(nth))
        patch.setattr(Path, "replace", lambda path, to: os.replace(path, to))
        try:
            write_shop(made(), tmp_path, TYPED)
        except Ended:
            assert find_shops(tmp_path) == ()
        else:
            assert nth == 8  # three keys, .gitignore, two secrets, the letter, the settings
            return
    keys = {path: path.read_bytes() for path in tmp_path.glob("*.key")}
    written = write_shop(made(), tmp_path, {**TYPED, "secret": "cs_another"})
    assert {path: path.read_bytes() for path in keys} == keys
    settings = load_settings(written.settings, environ={})
    assert resolve_secrets(settings)["woocommerce"] == {"key": "ck_made_up", "secret": "cs_another"}
    assert not list(tmp_path.glob(".*.part"))
    assert not (tmp_path / LOCK).exists()


def test_every_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        written = write_shop(made(), tmp_path, TYPED)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in written.all} == {0o600}
    text = written.settings.read_text("utf-8")
    assert not any(secret in text for secret in TYPED.values())


def test_settings_that_are_there_are_left_alone_and_nothing_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "agg.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(GallraError, match="exists and was left alone"):
        write_shop(made(), tmp_path, TYPED)
    assert [path.name for path in tmp_path.iterdir()] == ["agg.toml"]
    assert (tmp_path / "agg.toml").read_text("utf-8") == "mine"


def test_a_secret_that_another_shop_s_file_names_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "agg-key.secret").write_text("theirs", encoding="utf-8")
    (tmp_path / "other.toml").write_text('key = { file = "agg-key.secret" }', encoding="utf-8")
    with pytest.raises(GallraError, match=r"a secret of other\.toml"):
        write_shop(made(), tmp_path, TYPED)
    assert (tmp_path / "agg-key.secret").read_text("utf-8") == "theirs"


def test_of_two_at_the_same_time_the_second_is_refused(tmp_path: Path) -> None:
    with only_run(tmp_path / LOCK, "agg"), pytest.raises(RetryLater):
        write_shop(made(), tmp_path, TYPED)
    assert find_shops(tmp_path) == ()


def test_a_second_shop_shares_the_keys_that_are_there(tmp_path: Path) -> None:
    first = write_shop(made(), tmp_path, TYPED)
    assert len(first.keys) == 3
    second = write_shop(made(shop_name="Höns"), tmp_path, TYPED)
    assert second.keys == ()
    assert len(find_shops(tmp_path)) == 2
