"""What is approved and not carried out is said until it is: by status, its page and the table over shops."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.cli.standing import closing
from connector.plan import apply_line
from connector.views.status import as_html, status_of
from connector.views.status.model import Status
from connector.views.status.needs import needs_of
from tests.unit.stages.opened import Opened

WHO = ("--by", "Disa Demo", "--role", "owner", "--first-run")


@pytest.fixture
def approved(tmp_path: Path) -> Opened:
    """A shop whose plan is approved and not applied."""
    made = Opened(tmp_path)
    made.memory.order("1")
    assert made.gallra("run").code == 4
    code = status_of(made.open()).plan
    assert made.gallra("approve", code, *WHO).code == 0
    return made


def test_an_approved_plan_waits_with_its_line_and_its_last_day(approved: Opened) -> None:
    status = status_of(approved.open())
    (need,) = (one for one in status.needs if one.what == "apply")
    assert need.values["line"] == apply_line(file=approved.file.absolute())
    assert need.due == approved.open().today + timedelta(days=7)
    assert status.state == "needing"


def test_status_its_page_and_the_table_name_the_line(approved: Opened) -> None:
    status = status_of(approved.open())
    line = f"gallra apply {approved.file.absolute()}"
    for told in ("\n".join(status.lines("en")), as_html([status]), "\n".join(closing([status], "sv"))):
        assert re.sub(r"\s", "", line) in re.sub(r"\s", "", told)


def test_once_the_last_day_has_passed_it_is_to_be_planned_again(approved: Opened) -> None:
    approved.clock.now += timedelta(days=9)
    status = status_of(approved.open())
    assert [one.what for one in status.needs if one.what in ("apply", "lapsed")] == ["lapsed"]
    assert status.state == "overdue"


def test_what_is_carried_out_waits_no_more(approved: Opened) -> None:
    approved.gallra("apply")
    assert not status_of(approved.open()).unapplied


@pytest.mark.parametrize("code", range(1, 8))
def test_no_shop_whose_last_run_ended_otherwise_than_well_is_in_order(code: int) -> None:
    status = Status(shop="a", last_run="2026-11-20T03:15:00+01:00", last_code=code)
    needs = needs_of(status, today=date(2026, 11, 22))
    assert [one.what for one in needs] == ["ended"]
    assert Status(shop="a", last_run=status.last_run, last_code=code, needs=needs).state == "needing"
