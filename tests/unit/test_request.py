"""By when a request must be answered: schedule §2.10, its own examples, and any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.calendar import add_months, next_working_day
from connector.ledger.states import REQUEST_ARROWS, UNANSWERED, RequestState
from connector.records import HoldId
from connector.request import RequestKind, clock

DAYS = st.dates(date(2020, 1, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("received", "due", "limit"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 2)),
        (date(2024, 1, 31), date(2024, 2, 29), date(2024, 2, 29)),
        (date(2026, 11, 25), date(2026, 12, 25), date(2026, 12, 28)),
        (date(2026, 3, 3), date(2026, 4, 3), date(2026, 4, 7)),
        (date(2026, 5, 6), date(2026, 6, 6), date(2026, 6, 8)),
        (date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 2)),
    ],
)
def test_the_days_of_the_schedule(received: date, due: date, limit: date) -> None:
    found = clock(received)
    assert (found.due, found.limit) == (due, limit)


@given(received=DAYS, weekdays=st.integers(1, 40), extended=st.booleans())
def test_a_promise_and_an_extension_never_reach_past_the_law(
    received: date, weekdays: int, extended: bool
) -> None:
    found = clock(received, promise=f"{weekdays} weekdays", extended=extended)
    plain = clock(received)
    assert found.promised is not None
    assert found.promised == next_working_day(found.promised)
    assert found.due <= found.limit
    assert found.limit == (add_months(received, 3) if extended else plain.limit)
    assert found.notice_by == add_months(received, 1)
    if not extended:
        assert found.due == min(found.promised, plain.due)


def test_one_or_two_weekdays_leave_out_the_weekend() -> None:
    assert clock(date(2026, 11, 27), promise="2 weekdays").due == date(2026, 12, 1)
    assert clock(date(2026, 12, 23), promise="2 weekdays").due == date(2026, 12, 28)


@pytest.mark.parametrize("period", ["soon", "2 hours", "-1 days", "² days"])
def test_another_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        clock(date(2026, 1, 1), promise=period)


@given(received=DAYS)
def test_the_last_lawful_day_is_a_working_day_at_most_a_week_on(received: date) -> None:
    found = clock(received)
    assert found.due <= found.limit <= found.due + timedelta(days=7)


def test_every_request_can_be_closed_and_only_an_open_one_answered() -> None:
    def reached(state: RequestState, seen: frozenset[RequestState] = frozenset()) -> set[RequestState]:
        after = REQUEST_ARROWS[state] - seen
        return {state}.union(*(reached(one, seen | {state}) for one in after))

    assert set(REQUEST_ARROWS) == set(RequestState)
    assert all(RequestState.CLOSED in reached(one) for one in RequestState)
    for state, after in REQUEST_ARROWS.items():
        if RequestState.ANSWERED in after:
            assert state in UNANSWERED


def test_only_access_holds_every_field() -> None:
    assert [one for one in RequestKind if one.hold is HoldId.ACCESS] == [RequestKind.ACCESS]
