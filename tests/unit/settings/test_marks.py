"""A byte order mark, as Notepad writes it, before any file that a person saves: it is no part of it."""

from pathlib import Path

import pytest

from connector.about.secrets import Secret
from connector.ledger import new_key, read_key
from connector.settings import find_shops, load_settings
from connector.settings.promises import load_promises

MARK = "\ufeff"
SHOP = '[shop]\nid = "prov"\nname = "Prov"\n'


def marked(path: Path, text: str) -> Path:
    path.write_text(MARK + text, encoding="utf-8")
    return path


def test_a_shops_file_loads(tmp_path: Path) -> None:
    assert load_settings(marked(tmp_path / "shop.toml", SHOP), environ={}).shop.id == "prov"


def test_a_file_that_it_extends_loads(tmp_path: Path) -> None:
    marked(tmp_path / "company.toml", '[company]\nname = "Prov AB"\n')
    path = marked(tmp_path / "shop.toml", f'extends = "company.toml"\n{SHOP}')
    assert load_settings(path, environ={}).company.name == "Prov AB"


def test_a_folder_finds_it(tmp_path: Path) -> None:
    path = marked(tmp_path / "shop.toml", SHOP)
    marked(tmp_path / "company.toml", '[company]\nname = "Prov AB"\n')
    assert find_shops(tmp_path) == (path,)


def test_a_secret_of_a_file_is_without_it(tmp_path: Path) -> None:
    assert Secret(file=marked(tmp_path / "key", "ck_1\r\n")).value({}) == "ck_1"


def test_a_secret_of_a_variable_is_without_it() -> None:
    assert Secret(env="KEY").value({"KEY": f"{MARK}ck_1"}) == "ck_1"


def test_the_first_variable_of_a_marked_file_of_variables_is_found() -> None:
    assert Secret(env="KEY").value({f"{MARK}KEY": "ck_1"}) == "ck_1"


def test_a_secret_of_a_command_is_without_it() -> None:
    assert Secret(command=("printf", f"{MARK}ck_1\\n")).value({}) == "ck_1"


def test_the_ledgers_key_is_read(tmp_path: Path) -> None:
    key = new_key()
    text = Secret(file=marked(tmp_path / "vault.key", key)).value({})
    assert read_key(text, name="vault key") == read_key(key, name="vault key")


@pytest.mark.parametrize("folder", ["policies", "promises"])
def test_a_policy_and_promises_of_the_shops_own_load(tmp_path: Path, folder: str) -> None:
    from connector.machine.resources import config_names, config_text
    from connector.policy import load_policy
    from connector.policy.context import ShopContext

    name = config_names(folder)[0]
    path = marked(tmp_path / "own.toml", config_text(folder, f"{name}.toml") or "")
    if folder == "policies":
        assert load_policy(str(path), context=ShopContext()).rules
    else:
        assert load_promises(path)


def test_no_reader_of_a_persons_file_knows_of_no_mark() -> None:
    """Whoever reads another file of a person reads it by `text_of`, or as bytes that know of the mark."""
    folder = Path(load_settings.__code__.co_filename).parent.parent
    plain = 'read_text(encoding="utf-8")'
    # What Gallra wrote itself.
    own = {"watch_policy_text.py", "resources.py", "page.py", "catalogues.py", "services.py", "settings.py"}
    own |= {"given.py", "drawing.py"}
    found = [p.name for p in folder.rglob("*.py") if plain in p.read_text("utf-8") and p.name not in own]
    assert found == []
