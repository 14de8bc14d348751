"""The table of shops."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Exit, GallraError
from connector.fleet.database import Connection
from connector.fleet.ending import Next
from connector.fleet.entering import Entry
from connector.fleet.shops import (
    Begun,
    begin,
    drain,
    due_now,
    end,
    enter,
    must_be_known,
    now_of,
    pause,
    remove,
    rows,
    under_way,
)
from connector.settings.cron import runs_after
from tests.fleet_support import put_shop

CRON = "15 3 * * *"
LATER = datetime(2126, 1, 1, tzinfo=UTC)


def _begin(database: Connection, *, job: int = 1, purpose: str = "nightly") -> Begun | None:
    return begin(database, "egg", job=job, nightly=purpose == "nightly")


def _end(database: Connection, begun: Begun, *, due: datetime = LATER) -> bool:
    return end(database, begun, Exit.DONE, cron=CRON, then=Next(due=due))


def test_a_shop_that_is_added_is_due_when_its_cron_line_says(database: Connection) -> None:
    before = now_of(database)
    assert enter(database, Entry("egg", "/a/egg.toml", None, CRON)) == "added"
    [row] = rows(database)
    assert row.next_due in (runs_after(CRON, before), runs_after(CRON, now_of(database)))


def test_a_shop_that_is_added_again_keeps_its_day_unless_its_line_is_another(database: Connection) -> None:
    put_shop(database, "egg", file="/a/egg.toml")
    [was] = rows(database)
    assert enter(database, Entry("egg", "/a/egg.toml", None, CRON)) == "unchanged"
    assert enter(database, Entry("egg", "/b/egg.toml", None, CRON)) == "changed"
    assert rows(database)[0].next_due == was.next_due
    assert enter(database, Entry("egg", "/b/egg.toml", None, "0 4 * * 1")) == "changed"
    assert rows(database)[0].next_due != was.next_due


def test_the_shop_id_of_another_file_that_is_there_is_refused(database: Connection, tmp_path: Path) -> None:
    first = tmp_path / "a.toml"
    first.write_text("")
    enter(database, Entry("egg", str(first), None, CRON))
    with pytest.raises(GallraError, match="an id of its own"):
        enter(database, Entry("egg", "/b/egg.toml", None, CRON))


def test_a_run_begins_where_a_shop_is_due_and_ends_with_its_next_day(database: Connection) -> None:
    put_shop(database, "egg")
    begun = _begin(database)
    assert begun is not None
    assert under_way(database) == ["egg"]
    assert _end(database, begun)
    [row] = rows(database)
    assert (row.code, row.next_due, row.begun) == (0, LATER, None)


def test_nothing_begins_where_the_shop_is_not_due_any_more(database: Connection) -> None:
    put_shop(database, "egg", next_due=LATER)
    assert _begin(database) is None
    assert _begin(database, purpose="asked") is not None


def test_a_job_that_had_ended_when_its_worker_died_does_nothing_when_it_is_taken_up(
    database: Connection,
) -> None:
    put_shop(database, "egg")
    begun = _begin(database, job=7, purpose="asked")
    assert begun is not None
    _end(database, begun)
    assert _begin(database, job=7, purpose="asked") is None
    assert rows(database)[0].next_due == LATER


def test_a_job_whose_worker_died_in_the_middle_begins_again_and_the_slow_one_ends_without_a_word(
    database: Connection,
) -> None:
    put_shop(database, "egg")
    slow, again = _begin(database), _begin(database)
    assert slow is not None
    assert again is not None
    assert not _end(database, slow, due=datetime(2099, 1, 1, tzinfo=UTC))
    assert _end(database, again)
    assert rows(database)[0].next_due == LATER


def test_a_paused_shop_begins_nothing_and_what_was_asked_for_is_due_after_it(database: Connection) -> None:
    put_shop(database, "egg", next_due=LATER)
    due_now(database, "egg", "request:R-234567")
    pause(database, ["egg"], paused=True)
    assert _begin(database, purpose="request:R-234567") is None
    pause(database, ["egg"], paused=False)
    [row] = rows(database)
    assert row.wants == "request:R-234567"
    assert row.next_due is not None
    assert row.next_due <= now_of(database)


def test_what_is_asked_for_while_the_shop_runs_is_due_after_it(database: Connection) -> None:
    put_shop(database, "egg")
    begun = _begin(database)
    assert begun is not None
    due_now(database, "egg", "request:R-234567")
    _end(database, begun)
    [row] = rows(database)
    assert row.wants == "request:R-234567"
    assert row.next_due is not None
    assert row.next_due <= now_of(database)
    again = _begin(database, job=2, purpose="request:R-234567")
    assert again is not None
    _end(database, again)
    assert rows(database)[0].next_due == LATER


def test_a_drained_fleet_begins_nothing(database: Connection) -> None:
    put_shop(database, "egg")
    drain(database, draining=True)
    assert _begin(database) is None
    drain(database, draining=False)
    assert _begin(database) is not None


def test_a_run_whose_worker_died_is_under_way_no_more_once_its_job_is_taken_up_by_a_paused_shop(
    database: Connection,
) -> None:
    put_shop(database, "egg")
    assert _begin(database) is not None
    pause(database, ["egg"], paused=True)
    assert under_way(database, ["egg"]) == ["egg"]
    assert _begin(database) is None
    assert under_way(database) == []


def test_a_run_of_a_shop_that_was_taken_out_meanwhile_ends_without_a_word(database: Connection) -> None:
    put_shop(database, "egg")
    begun = _begin(database)
    assert begun is not None
    remove(database, ["egg"])
    assert not _end(database, begun)
    assert rows(database) == []


def test_a_shop_that_the_fleet_does_not_have_is_named(database: Connection) -> None:
    put_shop(database, "egg")
    with pytest.raises(GallraError, match="no shop hen"):
        must_be_known(database, ["egg", "hen"])


def test_the_time_is_the_database_s_own(database: Connection) -> None:
    assert now_of(database) - datetime.now(UTC) < timedelta(minutes=1)
