"""A ledger that was there once is not begun anew in silence."""

from pathlib import Path

import pytest

from connector.deciding.missing import must_be_first
from connector.errors import LedgerError
from connector.settings import Settings, load_settings
from connector.shop import open_shop


def settings_of(folder: Path) -> Settings:
    (folder / "shop.toml").write_text('[shop]\nid = "prov"\nname = "Prov"\n')
    return load_settings(folder / "shop.toml", environ={})


def protocol(folder: Path, text: str) -> None:
    reports = folder / "prov-reports"
    reports.mkdir(exist_ok=True)
    (reports / "protocol-2026-1.json").write_text(text)


def test_protocols_of_a_ledger_that_is_gone_stop_everything_and_say_what_to_do(tmp_path: Path) -> None:
    settings_of(tmp_path)
    protocol(tmp_path, '{"shop": {"id": "prov"}}')
    with pytest.raises(LedgerError, match=r"There is no ledger at .*restore the ledger from a backup"):
        _ = open_shop(tmp_path / "shop.toml", environ={}).ledger
    assert not list(tmp_path.glob("*.sqlite"))


@pytest.mark.parametrize("text", ['{"shop": {"id": "another"}}', "no json", "[]", '{"shop": 1}', "{}"])
def test_what_is_no_protocol_of_this_shop_stops_nothing(tmp_path: Path, text: str) -> None:
    protocol(tmp_path, text)
    must_be_first(settings_of(tmp_path))


def test_a_first_ledger_is_begun_where_there_was_none(tmp_path: Path) -> None:
    settings_of(tmp_path)
    ledger = open_shop(tmp_path / "shop.toml", environ={}).ledger
    ledger.engine.dispose()
    assert list(tmp_path.glob("*.sqlite"))
