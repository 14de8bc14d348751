"""The reference holds everything that the code has, and nothing more."""

import re
from collections import Counter
from importlib.metadata import entry_points
from typing import Any

import pytest

from connector.errors import Exit
from connector.policy.hold_query import DATES, WORDS
from connector.registry import ALERTS, PLATFORMS, processor_names
from connector.settings.meanings import meanings
from connector.views.lint import code_table
from tests.unit.docs.capability_rows import ability_rows, interest_rows, placed_fields, platforms
from tests.unit.docs.commands import verbs
from tests.unit.docs.law import preset
from tests.unit.docs.pages import rows, section, text_of
from tests.unit.docs.settings_keys import setting_rows

COMMANDS = rows(text_of("reference/commands.md").partition("## Every option")[0])
SETTINGS = rows(text_of("reference/settings.md"))
PLATFORM_HEADINGS = {
    "woocommerce": "## WooCommerce (adapter `woocommerce`)",
    "mailchimp": "## Mailchimp (adapter `mailchimp`)",
    "imap": "## A mailbox (adapter `imap`)",
    "shopify": "## Shopify (adapter `shopify`)",
}


def test_every_command_stands_in_the_table_once() -> None:
    written = [row[0] for row in COMMANDS]
    assert Counter(written) == Counter(f"`gallra {verb}`" for verb in verbs())


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
def test_an_option_named_in_the_table_is_one_of_that_command(row: tuple[str, ...]) -> None:
    command = verbs()[row[0].strip("`").removeprefix("gallra ")]
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", row[1])) <= known


def test_every_setting_stands_with_its_type_and_default() -> None:
    written = [row[:3] for row in SETTINGS]
    expected = [(f"`{key}`", type_, default) for key, type_, default in setting_rows()]
    assert written == expected


def test_every_setting_has_a_meaning() -> None:
    assert not [row[0] for row in SETTINGS if len(row) != 4 or not row[3]]


def test_a_meaning_is_of_a_key_that_there_is() -> None:
    assert set(meanings()) == {key for key, _, _ in setting_rows()}


def test_every_row_of_the_schedule_stands_under_the_law_once_for_each_kind() -> None:
    written = [row[0] for row in rows(section("law.md", "## 4 The rows"))]
    there = [*(rule.id for rule in preset().rules), *(row.id for row in preset().attestations)]
    assert Counter(written) == Counter(there)


def test_every_exit_code_stands_with_its_name() -> None:
    written = [row[:2] for row in rows(text_of("reference/exit-codes.md"))]
    assert written == [(str(int(code)), f"`{code.name.lower()}`") for code in Exit]


def test_every_installed_adapter_stands_under_what_is_erased_where() -> None:
    text = text_of("reference/fields.md") + text_of("reference/recipients.md")
    points = [point.name for group in (PLATFORMS, ALERTS) for point in entry_points(group=group)]
    assert not [name for name in (*points, *processor_names()) if f"`{name}`" not in text]


def test_every_platform_has_a_heading() -> None:
    assert set(PLATFORM_HEADINGS) == {point.name for point in entry_points(group=PLATFORMS)}


@pytest.mark.parametrize(("name", "platform"), tuple(platforms()))
def test_every_field_of_a_platform_stands_with_what_can_be_done(name: str, platform: Any) -> None:
    expected = list(ability_rows(platform))
    width = len(expected[0])
    there = rows(section("reference/fields.md", PLATFORM_HEADINGS[name]))
    written = [row for row in there if len(row) == width and "(" not in row[0]]
    assert written == expected


@pytest.mark.parametrize(("name", "platform"), tuple(platforms()))
def test_every_field_with_a_place_beyond_reach_stands_with_the_place(name: str, platform: Any) -> None:
    placed = [row for row in rows(section("reference/fields.md", PLATFORM_HEADINGS[name])) if "(" in row[0]]
    written = {row[0].split("`")[1] for row in placed}
    assert written == {str(field) for field in placed_fields(platform)}


def test_every_interest_of_a_recipient_stands_with_what_happens() -> None:
    assert rows(text_of("reference/recipients.md").partition("## Who they are")[0]) == list(interest_rows())


def test_every_code_of_the_lint_stands_with_its_severity_and_remedy() -> None:
    written = rows(text_of("reference/lint.md"))
    assert written == [(f"`{row.code}`", str(row.severity), row.says, row.remedy) for row in code_table()]


def test_the_glossary_has_twelve_words_in_both_languages() -> None:
    written = rows(text_of("reference/words.md"))
    assert [len(row) for row in written] == [3] * 12
    assert all(all(row) for row in written)


def test_every_key_of_a_holds_query_stands_in_its_table() -> None:
    written = {
        name.rstrip("=")
        for row in rows(text_of("guide/holds.md"))
        for name in re.findall(r"`([a-z_]+=?)`", row[0])
    }
    assert written == {"kind", *DATES, *WORDS}
