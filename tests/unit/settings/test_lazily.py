"""A command reads the descriptions that the shop's file names, and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector import registry
from connector.report import words
from connector.settings import load_settings, model
from connector.settings.promises import load_promises
from tests.support import REPOSITORY

CACHED = (registry.described, registry.descriptions, model.model_of, model._recipients)


@pytest.fixture(name="read")
def _read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The descriptions that were read since."""
    found: list[str] = []
    beside = registry.text_beside

    def noting(package: str, name: str) -> str | None:
        if package.endswith("shipped"):
            found.append(name)
        return beside(package, name)

    monkeypatch.setattr(registry, "text_beside", noting)
    for one in CACHED:
        one.cache_clear()
    yield found
    for one in CACHED:
        one.cache_clear()


def shop(folder: Path, *names: str) -> Path:
    path = folder / "shop.toml"
    tables = "".join(f"[recipients.{name}]\n" for name in names)
    path.write_text(f'[shop]\nid = "x"\nname = "X"\n{tables}', "utf-8")
    return path


def test_a_shop_without_a_described_recipient_reads_none(read: list[str], tmp_path: Path) -> None:
    settings = load_settings(shop(tmp_path, "klarna", "postnord"), environ={})
    assert [adapter for _, adapter in settings.processors()] == ["klarna", "postnord"]
    assert registry.recipient_codes()
    assert registry.wider_kinds()
    load_promises(REPOSITORY / "config" / "promises" / "dittoo.toml")
    assert read == []


def test_a_shop_reads_the_one_that_it_names_once(read: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        settings = load_settings(shop(tmp_path, "hotjar", "klarna"), environ={})
        assert settings.recipient("hotjar").code == "AN"
        assert registry.channel_of("hotjar").form
    assert read == ["hotjar.toml"]


def test_a_name_that_was_meant_is_still_found_among_all(read: list[str], tmp_path: Path) -> None:
    path = shop(tmp_path, "klarna")
    path.write_text(path.read_text("utf-8") + "[recipients.hotjra]\norganization = 'x'\n", "utf-8")
    with pytest.raises(Exception, match="Did you mean hotjar"):
        load_settings(path, environ={})


def test_every_description_lies_in_a_file_of_its_name(read: list[str]) -> None:
    assert {name: one.name for name, one in registry.described().items()} == {
        name: name for name in registry.described()
    }
    assert sorted(read) == sorted(f"{name}.toml" for name in registry.described())


def test_the_reports_texts_need_no_table_of_a_description(
    read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "about_of", lambda one: pytest.fail(f"a table was made for {one.name}"))
    assert registry.texts_of_adapters("sv")["service"]["hotjar"] == "Hotjar"
    assert {one.name for one in registry.finals()} >= {"hotjar", "klarna", "mailchimp"}
    assert words.Words("sv").code("service", "hotjar") == "Hotjar"
