"""The keys that `init` makes are those that the settings it writes name, whichever way it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.cli.starting import init
from connector.errors import GallraError
from connector.keys import read_keys, read_sealer
from connector.settings import find_shops, load_settings
from connector.setup.keys import key_files

LIST = """\
shop_name;platform;url;company;by
Ett;woocommerce;https://ett.example;Ett AB;Ada Ek
Två;woocommerce;https://tva.example;Ett AB;Ada Ek
Tre;shopify;https://tre.myshopify.com;Tre AB;Bo Ek
"""
ONE = {"shop_name": "Ett", "platform": "woocommerce", "url": "https://ett.example", "by": "Ada Ek"}


def asked_one(folder: Path) -> None:
    init(folder / "shops", json=True, lang="en", keys=False, listed=None, answers=None, **ONE)


def asked_many(folder: Path) -> None:
    listed = folder / "list.csv"
    listed.write_text(LIST, encoding="utf-8")
    init(folder / "shops", json=True, lang="en", keys=False, listed=listed, answers=None)


def keys_alone(place: Path) -> None:
    init(place, json=True, lang="en", keys=True, listed=None, answers=None)


@pytest.mark.parametrize("asked", [asked_one, asked_many])
def test_every_key_that_a_written_file_names_is_there_and_its_owners_alone(
    tmp_path: Path, asked: Callable[[Path], None]
) -> None:
    asked(tmp_path)
    shops = find_shops(tmp_path / "shops")
    assert shops
    for shop in shops:
        settings = load_settings(shop, environ={})
        assert read_keys(settings)
        assert read_sealer(settings) is not None
    found = list((tmp_path / "shops").glob("*.key"))
    assert {path.stat().st_mode & 0o777 for path in found} == {0o600}
    assert len({path.read_bytes() for path in found}) == len(found)


@pytest.mark.parametrize("asked", [asked_one, asked_many])
def test_keys_alone_are_made_by_the_names_that_the_files_there_give_them(
    tmp_path: Path, asked: Callable[[Path], None]
) -> None:
    asked(tmp_path)
    named = set((tmp_path / "shops").glob("*.key"))
    for path in named:
        path.unlink()
    keys_alone(tmp_path / "shops")
    assert set((tmp_path / "shops").glob("*.key")) == named


def test_keys_alone_of_one_shop_are_those_of_its_file(tmp_path: Path) -> None:
    asked_many(tmp_path)
    lost = tmp_path / "shops" / "tre-ab-seal.key"
    lost.unlink()
    keys_alone(tmp_path / "shops" / "tre.toml")
    assert lost.exists()


def test_in_an_empty_folder_all_three_are_made_and_none_is_made_beside_one_that_is_there(
    tmp_path: Path,
) -> None:
    keys_alone(tmp_path)
    assert {path.name for path in tmp_path.glob("*.key")} == set(key_files().values())
    (tmp_path / "seal.key").unlink()
    with pytest.raises(GallraError, match="exists and was left alone"):
        keys_alone(tmp_path)
    assert not (tmp_path / "seal.key").exists()


def test_where_a_ledger_lies_a_lost_key_is_put_back_and_none_is_made(tmp_path: Path) -> None:
    asked_one(tmp_path)
    shop = tmp_path / "shops" / "ett.toml"
    load_settings(shop, environ={}).ledger.path.touch()
    (tmp_path / "shops" / "vault.key").unlink()
    with pytest.raises(GallraError, match="Put back your copy"):
        keys_alone(shop)
    assert not (tmp_path / "shops" / "vault.key").exists()


def test_a_lost_key_of_a_ledger_that_is_there_is_asked_to_be_put_back_not_made_anew(tmp_path: Path) -> None:
    asked_one(tmp_path)
    settings = load_settings(tmp_path / "shops" / "ett.toml", environ={})
    (tmp_path / "shops" / "vault.key").unlink()
    with pytest.raises(GallraError, match="Create it"):
        read_keys(settings)
    settings.ledger.path.touch()
    with pytest.raises(GallraError, match="Put back your copy"):
        read_keys(settings)
