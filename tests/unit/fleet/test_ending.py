"""What the end of a run means for the next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.errors import Exit
from connector.fleet.ending import NIGHTLY, Next, Ran, next_of
from connector.settings.cron import runs_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CRON = "15 3 * * *"


def _next(code: Exit, *, after: float | None = None, tries: int = 0, purpose: str = NIGHTLY,
          cron: str | None = CRON) -> Next:  # fmt: skip
    ran = Ran(code=code, line="", after=after)
    return next_of(ran, cron=cron, now=NOW, purpose=purpose, tries=tries)


@pytest.mark.parametrize("code", [one for one in Exit if one is not Exit.TRY_LATER])
def test_a_run_that_ended_waits_for_its_cron_line_whatever_its_code(code: Exit) -> None:
    assert _next(code, tries=4, purpose="request:R-234567") == Next(due=runs_after(CRON, NOW))


def test_a_run_that_was_put_off_comes_back_when_the_service_said() -> None:
    assert _next(Exit.TRY_LATER, after=900).due == NOW + timedelta(minutes=15)


def test_it_comes_back_for_what_it_was_asked_for() -> None:
    assert _next(Exit.TRY_LATER, purpose="request:R-234567").wants == "request:R-234567"


def test_where_nobody_said_when_it_waits_longer_each_time_up_to_an_hour() -> None:
    waits = [_next(Exit.TRY_LATER, tries=tries).due for tries in range(9)]
    minutes = [(due - NOW).total_seconds() / 60 for due in waits if due]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_it_never_comes_back_later_than_its_cron_line() -> None:
    assert _next(Exit.TRY_LATER, after=90 * 86400) == Next(due=runs_after(CRON, NOW), tries=1)


def test_without_a_cron_line_nothing_is_due_but_what_was_put_off() -> None:
    assert _next(Exit.DONE, cron=None).due is None
    assert _next(Exit.TRY_LATER, cron=None, after=120).due == NOW + timedelta(minutes=2)


@given(
    code=some.sampled_from(Exit), after=some.none() | some.floats(0, 1e8), tries=some.integers(0, 10_000)
)
def test_a_shop_with_a_cron_line_is_always_due_again_and_never_before_a_minute_is_over(
    code: Exit, after: float | None, tries: int
) -> None:
    due = _next(code, after=after, tries=tries).due
    assert due is not None
    assert due > NOW
    assert due <= (runs_after(CRON, NOW) or NOW)
