"""What each adapter says of itself, held to what its code does and to the words that the reports have."""

import tomllib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from typing import Any

import pytest

from adapters.interests import BY_LETTER
from connector.about import About
from connector.about.tables import default_of, handed_over, is_secret
from connector.ports import Act, Interest, Processor
from connector.registry import (
    ADAPTERS,
    PLATFORMS,
    build_platform,
    build_processor,
    described,
    descriptions,
    processor_names,
    told_by_letter,
)
from connector.report.shared import LANGUAGES
from connector.report.words import Words, catalogue
from tests.support import REPOSITORY
from tests.unit.docs.capability_rows import KEYS, clock, keys_of

ALL = tuple(descriptions().values())
TOLD = tuple(one for one in ALL if one.recipient is not None)
HOLDING = tuple(one for one in ALL if one.kinds)
SYSTEMS = tuple(one for one in ALL if one.platform is not None)


def named(about: About) -> str:
    return about.name


def packages() -> set[str]:
    return {point.module.rpartition(".")[0] for point in entry_points(group=ADAPTERS)}


@cache
def shipped(package: str, language: str) -> dict[str, dict[str, str]]:
    file = files(package) / f"about.{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def text_keys_of(package: str, language: str) -> set[str]:
    return {f"{family}.{key}" for family, texts in shipped(package, language).items() for key in texts}


@pytest.mark.parametrize("point", entry_points(group=ADAPTERS), ids=lambda point: point.name)
def test_an_adapter_is_registered_under_the_name_it_gives_itself(point: EntryPoint) -> None:
    assert point.load().name == point.name


def test_who_holds_records_has_a_platform_and_who_is_told_a_processor_and_nobody_else_has() -> None:
    assert {point.name for point in entry_points(group=PLATFORMS)} == set(map(named, HOLDING))
    assert set(processor_names()) - {"letter"} == set(map(named, TOLD))


@pytest.mark.parametrize("about", HOLDING, ids=named)
def test_the_kinds_that_it_holds_are_those_of_its_platform(about: About) -> None:
    built = build_platform(about.name, KEYS[about.name], keyer=lambda _type, _text: None, clock=clock)
    assert about.kinds == built.kinds


@pytest.mark.parametrize("about", SYSTEMS, ids=named)
def test_a_shop_system_holds_records_and_says_what_its_keys_are(about: About) -> None:
    assert about.kinds
    assert about.to_fill_in is not None


def processors(about: About) -> list[Processor]:
    """A recipient as every choice of its table builds it."""
    one = described().get(about.name)
    switches = {name: True for name, key in one.keys.items() if key.kind == "switch"} if one else {}
    tried: list[dict[str, Any]] = [{}, {"order_ids": "id"}, switches]
    return [build_processor(about.name, keys_of(about.name) | more, clock=clock) for more in tried]


def interests(about: About) -> set[Interest]:
    return {interest for one in processors(about) for interest in one.interests}


@pytest.mark.parametrize("about", TOLD, ids=named)
def test_its_code_and_role_are_those_of_its_processor(about: About) -> None:
    built = processors(about)
    assert about.recipient is not None
    assert {default_of(about.recipient, "code")} == {one.recipient for one in built}
    assert {default_of(about.recipient, "role")} == {str(one.role) for one in built}
    assert about.code == default_of(about.recipient, "code")


@pytest.mark.parametrize("about", TOLD, ids=named)
def test_one_that_says_so_is_built_without_a_key_and_told_by_letter_alone(about: About) -> None:
    carried = described().get(about.name)
    if carried is not None and carried.asked_of("carried"):
        assert build_processor(about.name, {}, clock=clock).interests == ()
    elif about.tells_without_key:
        assert {one.act for one in build_processor(about.name, {}, clock=clock).interests} == {Act.NOTIFY}


TOLD_SOMETHING = tuple(one for one in TOLD if one.by_letter or interests(one) or described().get(one.name))
"""Those that are told anything at all: a holder of records may be told nothing."""


@pytest.mark.parametrize("about", TOLD_SOMETHING, ids=named)
def test_a_recipient_says_where_it_takes_in_a_notice_and_when_that_was_read(about: About) -> None:
    assert about.channel.address or about.channel.form
    assert about.channel.source
    assert about.channel.read is not None


@pytest.mark.parametrize("about", ALL, ids=named)
def test_what_its_api_needs_stands_in_its_table_and_no_secret_is_handed_over(about: About) -> None:
    for table in filter(None, (about.platform, about.recipient)):
        given = handed_over(table)
        assert set(table.needs) <= set(table.model_fields)
        assert not [key for key in given if is_secret(table, key)]
        assert {key for key in table.needs if not is_secret(table, key)} <= set(given)


@pytest.mark.parametrize("package", sorted(packages()))
def test_its_texts_stand_in_both_languages_and_replace_none_of_the_engine_s(package: str) -> None:
    swedish, english = (text_keys_of(package, language) for language in LANGUAGES)
    own = tomllib.loads((files("connector.report") / "texts" / "sv.toml").read_text("utf-8"))
    assert swedish == english
    assert not [key for key in swedish if key.partition(".")[2] in own.get(key.partition(".")[0], {})]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_adapters_say_the_same_thing_in_different_words(language: str) -> None:
    said = [key for package in packages() for key in text_keys_of(package, language)]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("about", TOLD, ids=named)
def test_its_kind_has_words_and_is_told_something_by_letter(about: About) -> None:
    assert f"recipient_code.{about.code}" in catalogue("sv")
    assert about.code in {**BY_LETTER, **told_by_letter()}


@pytest.mark.parametrize("about", TOLD, ids=named)
def test_everything_that_it_knows_a_record_by_has_words(about: About) -> None:
    told = {one.handle for one in (*about.by_letter, *interests(about))}
    assert [one for one in told if f"handle.{one}" not in catalogue("sv")] == []


@pytest.mark.parametrize("about", ALL, ids=named)
def test_everything_final_there_has_a_sentence_and_is_an_act_of_its_own(about: About) -> None:
    assert [code for code in about.final.values() if f"irreversible.{code}" not in catalogue("sv")] == []
    assert not about.final or set(about.final) <= {one.act for one in interests(about)}


@pytest.mark.parametrize("about", ALL, ids=named)
def test_the_reports_call_it_by_its_title(about: About) -> None:
    assert {Words(language).service(about.name) for language in LANGUAGES} == {about.title}


SAME_NAMES = {
    "about", "abilities", "build", "call_estimate", "check", "client", "counting", "customers", "fetch",
    "holdings", "orders", "places", "platform", "pull", "redact", "standing", "write_orders", "write_people",
    "writes",
}  # fmt: skip


@pytest.mark.parametrize("about", SYSTEMS, ids=named)
def test_a_shop_system_keeps_each_act_in_a_file_of_the_same_name(about: About) -> None:
    there = {path.stem for path in (REPOSITORY / "adapters" / about.name).iterdir()}
    assert SAME_NAMES - there == set()
