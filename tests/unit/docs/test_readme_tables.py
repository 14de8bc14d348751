"""The README's tables hold everything that the code has, and nothing more."""

import importlib
import pkgutil
import re
from collections import Counter
from importlib.metadata import entry_points
from typing import Any

import pytest
import typer

import connector.cli
from connector.errors import Exit
from connector.policy.hold_query import DATES, WORDS
from connector.registry import ALERTS, PLATFORMS, PROCESSORS
from connector.views.lint import code_table
from tests.unit.docs import readme
from tests.unit.docs.capability_rows import ability_rows, interest_rows, placed_fields, platforms
from tests.unit.docs.settings_keys import setting_rows

PLATFORM_HEADINGS = {
    "woocommerce": "### WooCommerce (adapter `woocommerce`)",
    "mailchimp": "### Mailchimp (adapter `mailchimp`)",
    "shopify": "### Shopify (adapter `shopify`)",
}


def verbs() -> dict[str, Any]:
    """Every command by the words that call it."""
    app = typer.Typer()
    for found_part in pkgutil.iter_modules(connector.cli.__path__):
        part = importlib.import_module(f"connector.cli.{found_part.name}")
        if hasattr(part, "add_to"):
            part.add_to(app)
    group: Any = typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
        else:
            found |= {name if one.hidden else f"{name} {verb}": one for verb, one in inner.items()}
    return found


def test_every_command_stands_in_the_table_once() -> None:
    written = [row[0] for row in readme.rows("## Commands")]
    assert Counter(written) == Counter(f"`gallra {verb}`" for verb in verbs())


@pytest.mark.parametrize("row", readme.rows("## Commands"), ids=lambda row: row[0])
def test_an_option_named_in_the_table_is_one_of_that_command(row: tuple[str, ...]) -> None:
    command = verbs()[row[0].strip("`").removeprefix("gallra ")]
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", row[1])) <= known


def test_every_setting_stands_with_its_type_and_default() -> None:
    written = [row[:3] for row in readme.rows("## Settings")]
    expected = [(f"`{key}`", type_, default) for key, type_, default in setting_rows()]
    assert written == expected


def test_every_setting_has_a_meaning() -> None:
    assert not [row[0] for row in readme.rows("## Settings") if len(row) != 4 or not row[3]]


def test_every_exit_code_stands_with_its_name() -> None:
    written = [row[:2] for row in readme.rows("## Exit codes")]
    assert written == [(str(int(code)), f"`{code.name.lower()}`") for code in Exit]


@pytest.mark.parametrize("group", [PLATFORMS, PROCESSORS, ALERTS])
def test_every_installed_adapter_stands_under_what_is_erased_where(group: str) -> None:
    text = readme.section("## What is erased where")
    assert not [point.name for point in entry_points(group=group) if f"`{point.name}`" not in text]


def test_every_platform_has_a_heading() -> None:
    assert set(PLATFORM_HEADINGS) == {point.name for point in entry_points(group=PLATFORMS)}


@pytest.mark.parametrize(("name", "platform"), tuple(platforms()))
def test_every_field_of_a_platform_stands_with_what_can_be_done(name: str, platform: Any) -> None:
    expected = list(ability_rows(platform))
    width = len(expected[0])
    written = [row for row in readme.rows(PLATFORM_HEADINGS[name]) if len(row) == width and "(" not in row[0]]
    assert written == expected


@pytest.mark.parametrize(("name", "platform"), tuple(platforms()))
def test_every_field_with_a_place_beyond_reach_stands_with_the_place(name: str, platform: Any) -> None:
    rows = [row for row in readme.rows(PLATFORM_HEADINGS[name]) if "(" in row[0]]
    written = {row[0].split("`")[1] for row in rows}
    assert written == {str(field) for field in placed_fields(platform)}


def test_every_interest_of_a_recipient_stands_with_what_happens() -> None:
    assert readme.rows("### Recipients") == list(interest_rows())


def test_every_code_of_the_lint_stands_with_its_severity_and_remedy() -> None:
    written = readme.rows("## What `policy lint` says")
    assert written == [(f"`{row.code}`", str(row.severity), row.says, row.remedy) for row in code_table()]


def test_the_glossary_has_twelve_words_in_both_languages() -> None:
    rows = readme.rows("## Words")
    assert [len(row) for row in rows] == [3] * 12
    assert all(all(row) for row in rows)


def test_every_key_of_a_holds_query_stands_in_its_table() -> None:
    written = {
        name.rstrip("=") for row in readme.rows("## Holds") for name in re.findall(r"`([a-z_]+=?)`", row[0])
    }
    assert written == {"kind", *DATES, *WORDS}
