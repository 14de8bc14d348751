"""Every recorded error of a real server becomes one sentence that says what to do."""

import json
from typing import Any

import pytest
import responses

from adapters.woocommerce.client import Client, connect
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from tests.recorded import carried

URL = "https://shop.example"
EXPECTED: dict[str, tuple[type[RemoteError], str]] = {
    "error_500_fatal": (RetryLater, "PHP error log"),
    "error_basic_over_http": (AccessDenied, "check key and secret"),
    "error_batch_over_100": (Rejected, "fewer items"),
    "error_customer_delete_admin": (Rejected, "remove it in the shop's admin"),
    "error_customer_delete_no_force": (Rejected, "does not know the request"),
    "error_customer_delete_twice": (Rejected, "pull again"),
    "error_customer_invalid_id": (Rejected, "pull again"),
    "error_html_404_wrong_base": (Rejected, "put its new address"),
    "error_invalid_after": (Rejected, "does not know the request"),
    "error_invalid_billing_type": (Rejected, "does not know the request"),
    "error_invalid_meta_type": (Rejected, "does not know the request"),
    "error_invalid_orderby": (Rejected, "does not know the request"),
    "error_invalid_param_type": (Rejected, "does not know the request"),
    "error_invalid_status": (Rejected, "does not know the request"),
    "error_invalid_status_filter": (Rejected, "does not know the request"),
    "error_malformed_json": (Rejected, "does not know the request"),
    "error_nginx_403_html": (AccessDenied, "let this machine through"),
    "error_nginx_413_html": (Rejected, "The web server has a limit"),
    "error_nginx_502_html": (RetryLater, "Run again in a few minutes"),
    "error_nginx_503_ratelimit_html": (RetryLater, "The web server limits requests"),
    "error_no_auth": (AccessDenied, "check key and secret"),
    "error_no_namespace": (Rejected, "rest_prefix"),
    "error_no_route": (Rejected, "rest_prefix"),
    "error_note_delete_no_force": (Rejected, "does not know the request"),
    "error_note_invalid_id": (Rejected, "pull again"),
    "error_notes_order_invalid": (Rejected, "pull again"),
    "error_oauth_bad_signature": (AccessDenied, "Check the secret"),
    "error_oauth_old_timestamp": (AccessDenied, "NTP"),
    "error_oauth_replay": (RetryLater, "signed anew"),
    "error_order_already_trashed": (Rejected, "trash"),
    "error_order_bad_id": (Rejected, "rest_prefix"),
    "error_order_invalid_id": (Rejected, "pull again"),
    "error_order_invalid_id_delete": (Rejected, "pull again"),
    "error_order_invalid_id_put": (Rejected, "pull again"),
    "error_per_page_101": (Rejected, "does not know the request"),
    "error_query_string_auth_http": (AccessDenied, "check key and secret"),
    "error_readonly_key_batch": (AccessDenied, "Read/Write"),
    "error_readonly_key_delete": (AccessDenied, "Read/Write"),
    "error_readonly_key_write": (AccessDenied, "Read/Write"),
    "error_wrong_key": (AccessDenied, "check key and secret"),
    "error_wrong_method": (Rejected, "rest_prefix"),
    "error_wrong_secret": (AccessDenied, "secret does not belong"),
}


def _recording(name: str) -> dict[str, Any]:
    """What the real shop answered; carried by the project, its sentences made up."""
    recorded: dict[str, Any] = carried("woocommerce_errors")[name]
    return recorded


def _client(slept: list[float]) -> Client:
    return connect({"url": URL, "key": "ck_test", "secret": "cs_test"}, sleep=slept.append)


def _play(recording: dict[str, Any], mock: responses.RequestsMock) -> None:
    request, response = recording["request"], recording["response"]
    body = response["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    moved = {name: value for name, value in response["headers"].items() if name == "Location"}
    mock.add(
        request["method"], f"{URL}/wp-json/wc/v3/thing", body=text, status=response["status"],
        content_type=response["headers"].get("Content-Type", "application/json"),
        headers=moved,
    )  # fmt: skip


def test_every_recorded_error_is_expected_here() -> None:
    assert set(carried("woocommerce_errors")) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_recorded_error_says_what_to_do(name: str) -> None:
    recording, (error, advice) = _recording(name), EXPECTED[name]
    method, write = recording["request"]["method"], recording["request"]["method"] != "GET"
    with responses.RequestsMock() as mock:
        _play(recording, mock)
        with pytest.raises(error) as caught:
            _client([]).http.request(method, "wc/v3/thing", operation="do it", write=write, ok=(200,))
    assert type(caught.value) is error
    assert advice in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_no_word_of_a_recorded_body_reaches_the_message(name: str) -> None:
    recording, (error, _) = _recording(name), EXPECTED[name]
    method, write = recording["request"]["method"], recording["request"]["method"] != "GET"
    body = recording["response"]["body"]
    said = body["message"] if isinstance(body, dict) else "nginx"
    with responses.RequestsMock() as mock:
        _play(recording, mock)
        with pytest.raises(error) as caught:
            _client([]).http.request(method, "wc/v3/thing", operation="do it", write=write, ok=(200,))
    assert said not in str(caught.value)


def test_a_rejected_write_is_sent_once() -> None:
    with responses.RequestsMock() as mock:
        _play(_recording("error_order_invalid_id_put"), mock)
        with pytest.raises(Rejected):
            _client([]).write("PUT", "thing", {}, operation="do it")
        assert len(mock.calls) == 1
