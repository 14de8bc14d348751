"""The report on a terminal."""

import re

import msgspec
import pytest

from connector.report.drawn import terminal
from connector.report.dry_run.model import DryRun
from connector.report.protocol.model import Protocol
from tests.unit.report.examples import DRY_RUN, PROTOCOL

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
VIEWS = [pytest.param(DRY_RUN, id="dry_run"), pytest.param(PROTOCOL, id="protocol")]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_but_the_sentence(view: DryRun | Protocol, width: int) -> None:
    *lines, _told, _sentence = terminal(view, language="sv", width=width, colour=False).splitlines()
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("view", VIEWS)
def test_without_colour_there_is_no_escape(view: DryRun | Protocol) -> None:
    assert "\x1b" not in terminal(view, language="sv", width=80, colour=False)


@pytest.mark.parametrize("view", VIEWS)
def test_colour_adds_nothing_that_the_signs_do_not_say(view: DryRun | Protocol) -> None:
    coloured = terminal(view, language="sv", width=80, colour=True)
    plain = terminal(view, language="sv", width=80, colour=False)
    assert "\x1b" in coloured
    stripped = [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()]
    assert stripped == plain.splitlines()


def test_the_command_to_approve_is_never_broken_or_cut() -> None:
    command = "gallra approve 7f3ac91e --by NAME --role ROLE --on-behalf COMPANY --wave traces"
    view = msgspec.structs.replace(DRY_RUN, approve_command=command)
    assert f"    {command}" in terminal(view, language="sv", width=40, colour=False).splitlines()


def test_the_environment_of_the_caller_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = terminal(DRY_RUN, language="sv", width=80, colour=False)
    for name, value in {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    assert terminal(DRY_RUN, language="sv", width=80, colour=False) == before


def test_square_brackets_in_a_name_are_shown_as_they_are() -> None:
    assert "_faktura_mejl" in terminal(DRY_RUN, language="sv", width=80, colour=False)


def test_what_is_folded_says_where_to_find_it() -> None:
    text = terminal(DRY_RUN, language="sv", width=80, colour=False)
    assert "Visas i HTML-rapporten: 2 stickprov att kontrollera i butiken." in text
