"""An agency's file beside its shops: what may stand there, who wins, and where each came from."""

from datetime import date
from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.ports import Listener, Mark, mark_of
from connector.settings import find_shops, load_settings, resolved
from connector.shop import Shop

SHOP = '[shop]\nid = "egg"\nname = "Ägget"\n'
AGENCY = """\
[agency]
name = "Byrån AB"

[limits]
records = 50

[[listener]]
plugin = "fortnox-integration"
mark = "harmless"
by = "Tage Tekniker"
on = 2026-11-01

[[listener]]
host = "hooks.byran.example"
mark = "tested"
by = "Tage Tekniker"
on = 2026-11-02
"""
OWN = '\n[[listener]]\nid = "webhook:7"\nmark = "paused"\nby = "Disa Demo"\non = 2026-11-03\n'
FORTNOX = Listener(
    id="plugin:fortnox-integration", name="Fortnox", kind="plugin", hears="", plugin="fortnox-integration"
)
HOOK = Listener(id="webhook:7", name="Byrån", kind="webhook", hears="", host="hooks.byran.example")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A shop's file beside its agency's."""
    (tmp_path / "agency.toml").write_text(AGENCY, encoding="utf-8")
    path = tmp_path / "egg.toml"
    path.write_text(SHOP + OWN, encoding="utf-8")
    return path


def _marks(file: Path) -> tuple[Mark, ...]:
    return Shop(load_settings(file, environ={})).marks


def _fault(file: Path, text: str) -> str:
    (file.parent / "agency.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(file, environ={})
    return str(refused.value)


def test_what_the_agency_says_holds_for_every_shop_beside_it(file: Path) -> None:
    settings = load_settings(file, environ={})
    assert settings.limits.records == 50
    assert settings.agency is not None
    assert settings.agency.name == "Byrån AB"


def test_a_shops_own_word_outweighs_the_agencys(file: Path) -> None:
    file.write_text(f"{SHOP}[limits]\nrecords = 7\n", encoding="utf-8")
    assert load_settings(file, environ={}).limits.records == 7


def test_a_listener_that_the_agency_judged_is_judged_in_the_shop(file: Path) -> None:
    found = mark_of(FORTNOX, _marks(file))
    assert found is not None
    assert (found.mark, found.by, found.place) == ("harmless", "Tage Tekniker", "agency.toml:9")


def test_the_shops_own_word_on_one_webhook_outweighs_the_agencys_on_its_host(file: Path) -> None:
    found = mark_of(HOOK, _marks(file))
    assert found is not None
    assert (found.mark, found.place) == ("paused", "egg.toml:7")


def test_every_setting_says_from_which_file_it_came(file: Path) -> None:
    origin = {key: place for key, _, place in resolved(load_settings(file, environ={}))}
    assert origin["limits.records"] == "agency.toml:5"
    assert origin["listener[0].id"] == "egg.toml:6"
    assert origin["listener[1].plugin"] == "agency.toml:8"
    assert origin["listener[2].on"] == "agency.toml:17"


def test_a_listener_without_plugin_and_host_is_judged_by_neither() -> None:
    mark = Mark(host="hooks.byran.example", mark="tested", by="T", on=date(2026, 1, 1))
    assert not mark.is_of(Listener(id="webhook:1", name="x", kind="webhook", hears=""))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[shop]\nid = "x"\n', "agency.toml:1: shop"),
        ('[company]\nname = "x"\n', "agency.toml:1: company"),
        ('[ledger]\npath = "x"\n', "agency.toml:1: ledger"),
        ('[letters]\nfolder = "x"\n', "agency.toml:2: letters.folder"),
        ('extends = "x.toml"\n', "agency.toml:1: extends"),
        ('[[listener]]\nid = "webhook:7"\n', "agency.toml:2: listener[0].id"),
        ('[[listener]]\nplugin = "x"\nmark = "paused"\n', "agency.toml:3: listener[0].mark"),
    ],
)
def test_what_is_one_shops_own_may_not_stand_there(file: Path, text: str, where: str) -> None:
    assert where in _fault(file, text)


def test_an_approval_never_stands_there(file: Path) -> None:
    """Who approves what is each company's own word, and no agency's."""
    assert "approval" in _fault(file, '[approval]\nby = "x"\n')


def test_a_listener_has_one_name(file: Path) -> None:
    both = '[[listener]]\nplugin = "x"\nhost = "y.example"\nmark = "tested"\nby = "T"\non = 2026-11-01\n'
    assert "only one of the three" in _fault(file, both)


def test_an_agencys_file_is_no_shop(file: Path) -> None:
    assert find_shops(file.parent) == (file,)


def test_an_agencys_file_that_the_shop_extends_is_read_once(file: Path) -> None:
    file.write_text(f'extends = "agency.toml"\n{SHOP}', encoding="utf-8")
    assert len(load_settings(file, environ={}).listener) == 2
