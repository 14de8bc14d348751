"""The HTTP client: what is repeated, what an answer means, and what is never told."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import responses

from adapters.http import Http, Row, retry_after
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater

BASE = "https://service.example/v1"
SECRET = "sk_very_secret"
PERSON = "anna.persson@kund.example"


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def http(slept: list[float]) -> Http:
    return Http(
        adapter="service",
        base=BASE,
        auth=("user", SECRET),
        tries=3,
        sleep=slept.append,
        jitter=lambda low, high: high,
    )


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def test_an_answer_gives_its_status_headers_and_body(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/things", json={"a": [1]}, headers={"X-Total": "1"})
    answer = http.request("GET", "/things", operation="read things", params={"q": "x"})
    assert (answer.status, answer.headers["x-total"], answer.json()) == (200, "1", {"a": [1]})
    assert answer.elapsed >= 0


def test_a_body_is_sent_as_json(http: Http, wire: responses.RequestsMock) -> None:
    matcher = responses.matchers.json_params_matcher({"namn": "Åsa"})
    wire.post(f"{BASE}/things", match=[matcher], status=201)
    assert http.request("POST", "things", operation="write", json={"namn": "Åsa"}, write=True).json() is None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_while_the_service_is_busy(
    http: Http, wire: responses.RequestsMock, slept: list[float], status: int
) -> None:
    wire.get(f"{BASE}/a", status=status)
    wire.get(f"{BASE}/a", status=status)
    wire.get(f"{BASE}/a", json=1)
    assert http.request("GET", "a", operation="read a").json() == 1
    assert slept == [0.5, 1.0]


def test_a_read_that_stays_busy_asks_to_try_later(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", status=503)
    with pytest.raises(RetryLater) as caught:
        http.request("GET", "a", operation="read a")
    assert caught.value.status == 503
    assert len(wire.calls) == 3


def test_retry_after_is_honoured(http: Http, wire: responses.RequestsMock, slept: list[float]) -> None:
    wire.get(f"{BASE}/a", status=429, headers={"Retry-After": "7"})
    wire.get(f"{BASE}/a", json=1)
    http.request("GET", "a", operation="read a")
    assert slept == [7.5]


def test_a_long_retry_after_is_handed_on_at_once(
    http: Http, wire: responses.RequestsMock, slept: list[float]
) -> None:
    wire.get(f"{BASE}/a", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RetryLater) as caught:
        http.request("GET", "a", operation="read a")
    assert (caught.value.after, slept) == (3600, [])


def test_retry_after_may_be_a_date() -> None:
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}
    assert retry_after(headers, now=lambda: 1792567700.0) == pytest.approx(10.0)


@pytest.mark.parametrize("value", ["", "soon", "-5"])
def test_a_retry_after_that_cannot_be_read_is_none(value: str) -> None:
    assert retry_after({"Retry-After": value}) is None


@pytest.mark.parametrize(
    "failure", [requests.ConnectionError, requests.ReadTimeout, requests.exceptions.ChunkedEncodingError]
)
def test_a_cut_read_is_repeated(http: Http, wire: responses.RequestsMock, failure: type[Exception]) -> None:
    wire.get(f"{BASE}/a", body=failure("https://service.example/v1/a?key=" + SECRET))
    wire.get(f"{BASE}/a", json=1)
    assert http.request("GET", "a", operation="read a").json() == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_write_is_not_repeated(http: Http, wire: responses.RequestsMock, status: int) -> None:
    wire.post(f"{BASE}/a", status=status)
    with pytest.raises(RetryLater):
        http.request("POST", "a", operation="write a", write=True)
    assert len(wire.calls) == 1


def test_a_cut_write_says_that_it_is_not_known_whether_it_was_done(
    http: Http, wire: responses.RequestsMock
) -> None:
    wire.post(f"{BASE}/a", body=requests.ReadTimeout())
    with pytest.raises(RetryLater, match="Whether it was done is not known"):
        http.request("POST", "a", operation="write a", write=True)
    assert len(wire.calls) == 1


def test_an_idempotent_write_is_repeated(http: Http, wire: responses.RequestsMock) -> None:
    wire.delete(f"{BASE}/a", status=502)
    wire.delete(f"{BASE}/a", status=204)
    assert http.request("DELETE", "a", operation="delete a", write=True, idempotent=True).status == 204


def test_a_write_that_never_left_is_repeated(http: Http, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/a", body=requests.ConnectTimeout())
    wire.post(f"{BASE}/a", json=1)
    assert http.request("POST", "a", operation="write a", write=True).json() == 1


def test_a_refused_connection_is_told_as_such(slept: list[float]) -> None:
    http = Http(adapter="service", base="http://127.0.0.1:9", tries=2, sleep=slept.append)
    with pytest.raises(RetryLater, match="could not be reached"):
        http.request("POST", "a", operation="write a", write=True)
    assert len(slept) == 1


@pytest.mark.parametrize("status", [418, 507, 599])
def test_an_unknown_status_on_a_write_is_rejected_and_not_repeated(
    http: Http, wire: responses.RequestsMock, status: int
) -> None:
    wire.post(f"{BASE}/a", status=status)
    with pytest.raises(Rejected):
        http.request("POST", "a", operation="write a", write=True, idempotent=True)
    assert len(wire.calls) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_access_denied_and_not_repeated(
    http: Http, wire: responses.RequestsMock, status: int
) -> None:
    wire.get(f"{BASE}/a", status=status, json={"code": "bad_key"})
    with pytest.raises(AccessDenied) as caught:
        http.request("GET", "a", operation="read a")
    assert (caught.value.status, caught.value.code) == (status, "bad_key")


def test_a_row_of_the_table_can_be_overridden_by_status_and_code(wire: responses.RequestsMock) -> None:
    row = Row(error=AccessDenied, advice="Pay the bill.")
    http = Http(adapter="service", base=BASE, statuses={(402, "unpaid"): row})
    wire.get(f"{BASE}/a", status=402, json={"code": "unpaid"})
    with pytest.raises(AccessDenied, match=r"Pay the bill\.$"):
        http.request("GET", "a", operation="read a")


def test_a_web_page_in_place_of_json_is_told_as_such(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", body="<!DOCTYPE html><p>Maintenance", content_type="text/html")
    with pytest.raises(Rejected, match="A web page came where the API should be"):
        http.request("GET", "a", operation="read a").json()


def test_a_web_page_with_403_points_at_the_firewall(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", status=403, body="<html>", content_type="text/html")
    with pytest.raises(AccessDenied, match="firewall"):
        http.request("GET", "a", operation="read a")


def test_a_read_follows_a_redirect_on_its_own_host(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", status=301, headers={"Location": "/v1/a/"})
    wire.get(f"{BASE}/a/", json=1)
    assert http.request("GET", "a", operation="read a").json() == 1


@pytest.mark.parametrize(
    "target", ["https://other.example/v1/a", "http://service.example/v1/a", "//other.example/"]
)
def test_a_redirect_to_another_host_or_scheme_is_not_followed(
    http: Http, wire: responses.RequestsMock, target: str
) -> None:
    wire.get(f"{BASE}/a", status=302, headers={"Location": target})
    with pytest.raises(Rejected, match="has moved"):
        http.request("GET", "a", operation="read a")
    assert len(wire.calls) == 1


def test_a_write_is_never_redirected(http: Http, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/a", status=307, headers={"Location": f"{BASE}/b"})
    with pytest.raises(Rejected, match="has moved"):
        http.request("POST", "a", operation="write a", write=True, idempotent=True)


def test_a_route_is_proven_by_a_good_answer_only(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", status=404)
    wire.get(f"{BASE}/a", json=1)
    with pytest.raises(Rejected):
        http.request("GET", "a", operation="read a")
    assert not http.proven("read a")
    http.request("GET", "a", operation="read a")
    assert http.proven("read a")


def test_no_message_or_log_holds_a_body_query_address_or_secret(
    http: Http, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.post(f"{BASE}/people/{PERSON}", status=400, json={"code": PERSON, "message": PERSON})
    wire.get(f"{BASE}/people", body=requests.ConnectionError(f"{BASE}/people?email={PERSON}"))
    errors: list[RemoteError] = []
    for method, path, write in (("POST", f"people/{PERSON}", True), ("GET", "people", False)):
        with pytest.raises(RemoteError) as caught:
            http.request(method, path, operation="find people", params={"email": PERSON}, write=write)
        errors.append(caught.value)
    told = caplog.text + "".join(f"{error} {error!r} {error.code} {error.__context__}" for error in errors)
    for word in (PERSON, "kund.example", SECRET, "?email", "service.example"):
        assert word not in told


def test_the_own_words_of_a_service_do_not_reach_the_message(
    http: Http, wire: responses.RequestsMock
) -> None:
    wire.get(f"{BASE}/a", status=400, json={"code": "bad", "message": f"no such person {PERSON}"})
    with pytest.raises(Rejected) as caught:
        http.request("GET", "a", operation="read a")
    assert str(caught.value).endswith("then run again.")
    assert PERSON not in str(caught.value)


def test_cookies_are_not_kept(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", json=1, headers={"Set-Cookie": "session=1"})
    http.request("GET", "a", operation="read a")
    http.request("GET", "a", operation="read a")
    assert "Cookie" not in wire.calls[1].request.headers


def dated(hours: float, **more: str) -> dict[str, str]:
    """The headers of an answer by a clock that is so far ahead."""
    return {"Date": format_datetime(datetime.now(UTC) + timedelta(hours=hours)), **more}


def hours_ahead(http: Http) -> float | None:
    told = http.service_time()
    return None if told is None else round((told - datetime.now(UTC)) / timedelta(hours=1), 1)


def test_the_services_clock_is_the_median_of_its_latest_three_answers(
    http: Http, wire: responses.RequestsMock
) -> None:
    for hours in (9, 2, 50, 2):
        wire.get(f"{BASE}/a", json=1, headers=dated(hours))
        http.request("GET", "a", operation="read a")
    assert hours_ahead(http) == 2


@pytest.mark.parametrize("headers", [
    dated(-5, Age="30"), dated(-5, **{"X-Cache": "HIT from edge"}), dated(-5, **{"CF-Cache-Status": "HIT"}),
    dated(-5, **{"X-LiteSpeed-Cache": "hit"}), dated(-5, **{"Cache-Status": "edge; hit"}),
    dated(-5, **{"X-Varnish": "32770 3"}), {"Date": "yesterday"},
    {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, {},
])  # fmt: skip
def test_an_answer_of_a_cache_or_without_a_time_tells_no_clock(
    http: Http, wire: responses.RequestsMock, headers: dict[str, str]
) -> None:
    wire.get(f"{BASE}/a", json=1, headers=headers)
    http.request("GET", "a", operation="read a")
    assert http.service_time() is None


@pytest.mark.parametrize("more", [{"X-Cache": "MISS"}, {"Cache-Control": "stale-while-revalidate=60"},
                                  {"X-Varnish": "32770"}])  # fmt: skip
def test_an_answer_that_no_cache_gave_tells_the_clock(
    http: Http, wire: responses.RequestsMock, more: dict[str, str]
) -> None:
    wire.get(f"{BASE}/a", json=1, headers=dated(-5, **more))
    http.request("GET", "a", operation="read a")
    assert hours_ahead(http) == -5


CACHES = [
    {"Age": "30"}, {"X-Cache": "HIT from edge"}, {"X-Cache": "TCP_HIT"}, {"X-Cache": "MISS, HIT"},
    {"CF-Cache-Status": "HIT"}, {"CF-Cache-Status": "STALE"}, {"X-LiteSpeed-Cache": "hit"},
    {"Cache-Status": "edge; hit; ttl=60"}, {"X-Varnish": "32770 3"},
]  # fmt: skip


@pytest.mark.parametrize("headers", CACHES)
@pytest.mark.parametrize("status", [200, 404])
def test_what_a_cache_answered_is_no_answer_to_a_read_that_counts_as_evidence(
    http: Http, wire: responses.RequestsMock, headers: dict[str, str], status: int
) -> None:
    wire.get(f"{BASE}/a", json={"code": "gone"}, status=status, headers=headers)
    with pytest.raises(Rejected, match="cache") as raised:
        http.request("GET", "a", operation="read a", fresh=True)
    assert raised.value.code == "cached"
    assert wire.calls[0].request.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("headers", [
    {}, {"Age": "0"}, {"X-Cache": "MISS"}, {"X-Varnish": "32770"}, {"CF-Cache-Status": "DYNAMIC"},
    {"CF-Cache-Status": "REVALIDATED"}, {"X-Cache": "RefreshHit from edge"},
    {"Cache-Status": "edge; fwd=stale; fwd-status=304"}, {"Cache-Control": "stale-while-revalidate=60"},
])  # fmt: skip
def test_what_the_service_answered_or_confirmed_itself_is_fresh(
    http: Http, wire: responses.RequestsMock, headers: dict[str, str]
) -> None:
    wire.get(f"{BASE}/a", json=1, headers=headers)
    assert http.request("GET", "a", operation="read a", fresh=True).json() == 1


def test_other_reads_may_come_from_a_cache(http: Http, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/a", json=1, headers={"Age": "30"})
    assert http.request("GET", "a", operation="read a").json() == 1
    assert "Cache-Control" not in wire.calls[0].request.headers


def test_a_question_that_is_sent_with_a_body_is_never_redirected(
    http: Http, wire: responses.RequestsMock
) -> None:
    wire.post(f"{BASE}/a", status=301, headers={"Location": f"{BASE}/a/"})
    with pytest.raises(Rejected, match="has moved"):
        http.request("POST", "a", operation="ask a", json={"query": "q"})
    assert len(wire.calls) == 1
