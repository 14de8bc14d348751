"""What `status` knows of runs: the last one, the last good one, what failed and since when."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.errors import RetryLater
from connector.ledger.run_ends import note_end, run_ends
from connector.report.overview.lines import _catalogue
from connector.report.overview.model import NeedView
from connector.stages.flow import locked
from connector.views.status import as_html, status_of
from connector.views.status.model import Status
from connector.views.status.needs import AHEAD_DAYS
from tests.unit.stages.opened import Opened

STANDING = """
[approval]
by = "Disa Demo"
role = "owner"
on_behalf = "Ägget AB"
evidence = "Minutes, point 7"
on = {on}
until = {until}
version = "2026.2"
waves = ["traces"]
"""


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with one order that has not run."""
    made = Opened(tmp_path)
    made.memory.order("1")
    return made


def _status(opened: Opened) -> dict[str, Any]:
    return dict(opened.gallra("status", "--json").json["shops"][0])


def _fails(*_: object, **__: object) -> None:
    raise RetryLater("The shop does not answer. Run again later.", adapter="woocommerce", operation="check")


def test_a_run_that_fails_is_kept_with_its_code_and_what_it_said(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.stages.run.pull_shop", _fails)
    opened.gallra("run")
    found = _status(opened)
    assert (found["last_code"], found["last_error"]) == (75, "The shop does not answer. Run again later.")


def test_a_failure_counts_from_the_first_run_after_the_last_good_one(opened: Opened) -> None:
    opened.gallra("run")
    good = _status(opened)["last_good"]
    shop = opened.open()
    for _ in range(2):
        opened.clock.now += timedelta(days=1)
        note_end(shop.ledger, code=1, fault="SettingsError", said="broken")
    with shop.ledger.begin() as connection:
        ends = run_ends(shop.ledger, connection)
    assert ends.good is not None
    assert ends.good.at == good
    assert ends.failing is not None
    assert ends.last is not None
    assert good < ends.failing.at < ends.last.at


def test_a_good_run_ends_a_failure(opened: Opened) -> None:
    note_end(opened.open().ledger, code=75, fault="RetryLater", said="later")
    opened.gallra("run")
    assert "failing_since" not in _status(opened)


def test_a_run_that_waits_for_an_approval_has_not_failed(opened: Opened) -> None:
    assert opened.gallra("run").code == 4
    found = _status(opened)
    assert found["last_good"] == found["last_run"]


def test_a_run_that_erased_nothing_is_the_last_run_all_the_same(opened: Opened) -> None:
    opened.gallra("run")
    found = _status(opened)
    assert found["last_run"]
    assert "last_erased" not in found


def test_a_run_that_another_shut_out_is_no_failure_of_the_shop(opened: Opened) -> None:
    opened.gallra("run")
    with locked(opened.open()):
        assert opened.gallra("run").code == 75
    assert "failing_since" not in _status(opened)


def test_what_a_good_run_said_is_not_kept(opened: Opened) -> None:
    shop = opened.open()
    note_end(shop.ledger, code=0, fault="", said="Plan: 1 to delete")
    with shop.ledger.begin() as connection:
        assert run_ends(shop.ledger, connection).last.said == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("days", "what"),
    [(AHEAD_DAYS + 1, ""), (AHEAD_DAYS, "standing_ends"), (0, "standing_ends"), (-1, "standing_ended")],
)
def test_a_standing_approval_is_listed_two_months_before_it_ends(
    opened: Opened, days: int, what: str
) -> None:
    today = opened.open().today
    until, on = today + timedelta(days=days), today - timedelta(days=100)
    with opened.file.open("a", encoding="utf-8") as file:
        file.write(STANDING.format(on=on, until=until))
    found = status_of(opened.open()).standing
    assert (found.what if found else "") == what


def test_the_longest_overdue_comes_first() -> None:
    day = date(2026, 11, 1)
    late, later, due = (
        NeedView(whom="staff", what="request", due=day, over=9),
        NeedView(whom="staff", what="request", due=day, over=2),
        NeedView(whom="owner", what="standing_ends", due=day),
    )
    undated = NeedView(whom="owner", what="policy_text")
    assert sorted([undated, due, later, late], key=lambda one: one.order) == [late, later, due, undated]


def _page(language: str, *states: Status) -> str:
    return as_html(states, language=language)


def test_the_page_is_sorted_without_a_script_and_fetches_nothing() -> None:
    page = _page("sv", Status(shop="a", last_run="2026-11-02T03:00:00+01:00"), Status(shop="b"))
    assert "<script" not in page
    assert "http://" not in page
    for order in ("need", "shop", "state", "run", "next"):
        assert f'href="#by-{order}"' in page
        assert f'id="by-{order}"' in page


def test_the_order_that_nobody_chose_is_the_last_one_of_the_page() -> None:
    """A style can take away only what comes after the order that was chosen."""
    page = _page("sv", Status(shop="a"), Status(shop="b"))
    assert page.rindex('class="sorted usual" id="by-need"') > page.rindex('id="by-next"')


def test_the_page_speaks_the_language_that_most_shops_have() -> None:
    shops = [
        Status(shop="a", language="en"),
        Status(shop="b", language="en"),
        Status(shop="c", language="sv"),
    ]
    assert '<html lang="en">' in as_html(shops)
    assert '<html lang="sv">' in as_html(shops[1:])


def test_a_fault_on_a_swedish_page_is_swedish() -> None:
    broken = status_of(
        None, name="a.toml", fault="There is no shop's .toml file in x. Put each shop's file there."
    )
    assert "Filen går inte att använda: Det finns ingen butiks" in as_html([broken], language="sv")


def test_a_fault_on_the_page_is_text() -> None:
    broken = status_of(None, name="a.toml", fault="<b>x</b>: no key. Fill it in.")
    assert "<b>x</b>" not in as_html([broken])
    assert "Fill it in" in as_html([broken])


def test_every_sentence_of_the_overview_has_the_same_braces_in_both_languages() -> None:
    import re

    for family in _catalogue().values():
        for key, text in family.items():
            assert sorted(re.findall(r"\{\w+\}", text.sv)) == sorted(re.findall(r"\{\w+\}", text.en)), key
