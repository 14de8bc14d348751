"""When a served shop runs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.schedule import trigger

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=STOCKHOLM)


def _next(cron: str, after: datetime = SUNDAY) -> datetime:
    found = trigger(cron).get_next_fire_time(None, after)
    assert found is not None
    return datetime.fromisoformat(found.isoformat())


@pytest.mark.parametrize(
    ("weekday", "days"), [("0", 7), ("7", 7), ("1", 1), ("6", 6), ("mon", 1), ("1-5", 1), ("2,4", 2)]
)
def test_a_weekday_is_counted_as_crontab_counts_it(weekday: str, days: int) -> None:
    expected = (SUNDAY + timedelta(days=days)).replace(hour=3, minute=15)
    assert _next(f"15 3 * * {weekday}") == expected


def test_a_step_in_the_weekday_is_no_weekday() -> None:
    assert _next("15 3 * * */2").hour == 3


def test_a_run_keeps_its_hour_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=STOCKHOLM)
    assert _next("15 4 * * *", before) == datetime(2026, 3, 29, 4, 15, tzinfo=STOCKHOLM)
