"""What a service asks for with Retry-After, and how long a run waits for it."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import Http
from adapters.network import Network
from adapters.patience import Patience, come_back, retry_after
from adapters.shopify.budget import Budget
from connector.errors import Exit, RetryLater
from connector.ports import waiting

BASE = "https://service.example/v1"
YEAR = 366 * 86400.0
NOW = 1_792_567_700.0  # Wed, 21 Oct 2026 07:28:20 GMT


@pytest.mark.parametrize(("value", "seconds"), [
    ("0", 0), ("120", 120), ("1.5", 1.5), ("7.", 7), ("007", 7), ("99999999999999999999", YEAR),
    ("30, 60", 60), ("Wed, 21 Oct 2026 07:28:30 GMT", 10), ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ("Fri, 31 Dec 9999 23:59:59 GMT", YEAR), ("Wednesday, 21-Oct-26 07:28:30 GMT", 10),
    ("Wed, 21 Oct 2026 09:28:30 +0200", 10), ("Wed, 21 Oct 2026 07:28:30 -0000", 10),
])  # fmt: skip
def test_what_a_service_asks_for_is_read(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}, now=lambda: NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("value", [
    "", "soon", "-5", "nan", "inf", "1e9", "0x10", "²", "٣", "1,5,x", "120 seconds", "9" * 400, "12; 13",
    "Wed, 99 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 99999999 07:28:30 GMT", "\x1b[2J",
])  # fmt: skip
def test_nonsense_asks_for_nothing(value: str) -> None:
    assert retry_after({"Retry-After": value}, now=lambda: NOW) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_or_asks_for_more_than_a_year(value: str) -> None:
    asked = retry_after({"Retry-After": value, "Date": value})
    assert asked is None or 0 <= asked <= YEAR


def test_a_date_is_counted_from_the_services_own_clock() -> None:
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert retry_after(headers, now=lambda: 0.0) == 30


def test_the_time_to_come_back_is_the_stockholm_minute_behind_the_wait() -> None:
    assert come_back(3600, now=lambda: NOW) == "2026-10-21 10:29"


def busy(wire: responses.RequestsMock, value: str) -> None:
    wire.get(f"{BASE}/a", status=429, headers={"Retry-After": value})


def asked(http: Http) -> None:
    http.request("GET", "a", operation="read a")


def test_more_than_the_runs_patience_ends_it_with_75_and_the_time_to_come_back() -> None:
    slept: list[float] = []
    with responses.RequestsMock() as wire:
        busy(wire, "3600")
        with pytest.raises(RetryLater) as caught:
            asked(Http(adapter="service", base=BASE, sleep=slept.append))
    assert (caught.value.exit, slept) == (Exit.TRY_LATER, [])
    assert come_back(3600, now=time.time)[:10] in str(caught.value)
    assert "until" in str(caught.value)


def test_the_patience_is_a_setting() -> None:
    slept: list[float] = []
    with responses.RequestsMock() as wire:
        busy(wire, "600")
        wire.get(f"{BASE}/a", json=1)
        asked(Http(adapter="service", base=BASE, sleep=slept.append, network=Network(patience=600)))
    assert len(slept) == 1


@given(asks=st.lists(st.floats(0, 120), min_size=1, max_size=400))
def test_a_run_waits_so_long_for_one_service_in_all(asks: list[float]) -> None:
    slept: list[float] = []
    patience = Patience(120, sleep=slept.append)
    for seconds in asks:
        if patience.allows(seconds):
            patience.wait("service", "read a", seconds)
    assert sum(slept) <= 10 * 120


def test_a_hundred_seconds_for_ever_have_an_end() -> None:
    slept: list[float] = []
    http = Http(adapter="service", base=BASE, sleep=slept.append)
    with responses.RequestsMock() as wire:
        for _ in range(30):
            busy(wire, "100")
            with pytest.raises(RetryLater):
                asked(http)
    assert sum(slept) <= 10 * 120


def test_a_long_wait_is_told_and_a_short_one_is_not() -> None:
    told: list[tuple[str, str, float]] = []
    waiting.listen(lambda *one: told.append(one))
    patience = Patience(120, sleep=lambda _: None)
    patience.wait("service", "read a", 1.0)
    patience.wait("service", "read a", 60.0)
    assert told == [("service", "read a", 60.0)]


def test_a_caller_that_waits_by_itself_is_held_to_the_same_patience() -> None:
    slept: list[float] = []
    http = Http(adapter="service", base=BASE, sleep=slept.append)
    long = RetryLater("later", adapter="service", operation="write a", after=3600)
    with pytest.raises(RetryLater):
        http.wait_out(long, 1.0)
    http.wait_out(RetryLater("later", adapter="service", operation="write a"), 1.0)
    assert slept == [1.0]


def test_a_budget_that_is_restored_too_slowly_ends_the_run_with_75() -> None:
    slept: list[float] = []
    budget = Budget(sleep=slept.append, monotonic=lambda: 0.0)
    status = {"maximumAvailable": 1000, "currentlyAvailable": 0, "restoreRate": 0.000001}
    budget.learn("orders", {"requestedQueryCost": 500, "throttleStatus": status})
    with pytest.raises(RetryLater, match="until"):
        budget.reserve("orders")
    assert slept == []


def test_a_date_of_a_moment_ago_is_tried_again_at_once() -> None:
    gone = format_datetime(datetime.fromtimestamp(NOW - 60, UTC), usegmt=True)
    assert retry_after({"Retry-After": gone}, now=lambda: NOW) == 0
