"""When a served shop runs, and which shops are served."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from hypothesis import given
from hypothesis import strategies as some

from connector.errors import SettingsError
from connector.serve.schedule import add, sound_only, trigger
from connector.settings.cron import fault_of, runs_after
from tests.unit.settings.test_settings import SHOP

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=STOCKHOLM)


def _next(cron: str, after: datetime = SUNDAY) -> datetime:
    found = trigger(cron).get_next_fire_time(None, after)
    assert found is not None
    return datetime.fromisoformat(found.isoformat())


def _runs(cron: str, after: datetime, until: datetime) -> list[datetime]:
    """What APScheduler is handed, one date at a time."""
    served, found = trigger(cron), []
    at = served.get_next_fire_time(None, after)
    while at is not None and at.astimezone(UTC) < until.astimezone(UTC):
        found.append(at)
        at = served.get_next_fire_time(at, at)
    return found


@pytest.mark.parametrize(
    ("weekday", "days"),
    [("0", 7), ("7", 7), ("1", 1), ("6", 6), ("mon", 1), ("1-5", 1), ("2,4", 2), ("0-6", 1)],
)
def test_a_weekday_is_counted_as_crontab_counts_it(weekday: str, days: int) -> None:
    expected = (SUNDAY + timedelta(days=days)).replace(hour=3, minute=15)
    assert _next(f"15 3 * * {weekday}") == expected


@pytest.mark.parametrize(
    ("weekdays", "days"),
    [("0-6", "1111111"), ("5-7", "1000011"), ("0-3", "1111000"), ("sun-tue", "1110000"), ("*/2", "1010101")],
)
def test_ranges_and_steps_of_weekdays_count_from_sunday(weekdays: str, days: str) -> None:
    runs = _runs(f"15 3 * * {weekdays}", SUNDAY, SUNDAY + timedelta(days=14))
    ran = {run.isoweekday() % 7 for run in runs}
    assert "".join("1" if day in ran else "0" for day in range(7)) == days


def test_a_day_of_the_month_and_a_weekday_mean_either() -> None:
    runs = _runs("0 3 1 * 1", SUNDAY, SUNDAY + timedelta(days=21))
    assert [run.day for run in runs] == [23, 30, 1, 7]


@pytest.mark.parametrize(
    "line", ["61 3 * * *", "0 24 * * *", "0 3 0 * *", "0 3 * 13 *", "0 3 * * 8", "0 3 31 2 *"]
)
def test_a_time_that_no_calendar_has_is_a_fault_of_the_settings(line: str) -> None:
    assert fault_of(line)


@pytest.mark.parametrize(
    "line", ["0 3 L * *", "0 3 LW * *", "0 3 * * 1#2", "0 3 * * 5L", "@daily", "0 0 3 * * *"]
)
def test_what_crontab_does_not_know_is_a_fault_of_the_settings(line: str) -> None:
    assert fault_of(line)


@given(some.text(alphabet="0123456789*/-,LW#monsu @", max_size=24))
def test_any_text_is_a_cron_line_or_has_a_fault_that_is_told(line: str) -> None:
    assert fault_of(line) or runs_after(line, SUNDAY) is not None


def test_a_run_keeps_its_hour_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=STOCKHOLM)
    assert _next("15 4 * * *", before) == datetime(2026, 3, 29, 4, 15, tzinfo=STOCKHOLM)


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 12), datetime(2026, 10, 24, 12)])
@pytest.mark.parametrize("line", ["30 2 * * *", "30 2 * * sun", "30 2 29,25 * *"])
def test_a_run_within_the_hour_that_is_skipped_or_comes_twice_happens_once(line: str, day: datetime) -> None:
    before = day.replace(tzinfo=STOCKHOLM)
    assert len(_runs(line, before, before + timedelta(hours=24))) == 1


def test_a_start_within_the_hour_that_comes_twice_repeats_no_run() -> None:
    again = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=STOCKHOLM)
    assert _next("30 2 * * *", again) == datetime(2026, 10, 26, 2, 30, tzinfo=STOCKHOLM)


@given(some.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)), some.booleans())
def test_the_next_run_is_always_later(moment: datetime, second: bool) -> None:
    after = moment.replace(tzinfo=STOCKHOLM, fold=int(second))
    found = runs_after("*/20 1-3 * * *", after)
    assert found is not None
    assert found.astimezone(UTC) > after.astimezone(UTC)


def _opens(path: Path) -> None:
    if path.stem == "bad":
        raise SettingsError([f"{path.name}:2: schedule.cron: is no cron line."])


def test_a_shop_that_cannot_be_served_is_named_and_the_others_are_served() -> None:
    said: list[str] = []
    assert sound_only([Path("bad.toml"), Path("egg.toml")], _opens, said.append) == [Path("egg.toml")]
    assert said[0].startswith("bad.toml is not served: bad.toml:2: schedule.cron")


def test_a_shop_that_is_served_alone_and_cannot_be_ends_with_its_own_error() -> None:
    with pytest.raises(SettingsError, match=r"schedule\.cron"):
        sound_only([Path("bad.toml")], _opens, print)


def test_apscheduler_is_handed_the_next_run_of_the_cron_line(tmp_path: Path) -> None:
    file = tmp_path / "egg.toml"
    file.write_text(SHOP + '[schedule]\ncron = "0 3 * * 0-6"\n', encoding="utf-8")
    scheduler = BackgroundScheduler(timezone=STOCKHOLM)
    scheduler.start(paused=True)
    add(scheduler, file, lambda path: (0, ""), print)
    (job,) = scheduler.get_jobs()
    assert (job.next_run_time.hour, job.next_run_time.minute) == (3, 0)
    scheduler.shutdown()
