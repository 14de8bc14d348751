"""How the key is shown: never in the clear, signed anew every time, never where it could be read."""

from base64 import b64encode
from urllib.parse import parse_qs, urlsplit

import responses

from adapters.woocommerce.client import connect

KEY, SECRET = "ck_abc", "cs_def"


def read(url: str, times: int = 1, **more: object) -> list[responses.Call]:
    with responses.RequestsMock() as mock:
        for _ in range(times - 1):
            mock.get(f"{url}/wp-json/wc/v3/orders", status=503)
        mock.get(f"{url}/wp-json/wc/v3/orders", json=[])
        client = connect({"url": url, "key": KEY, "secret": SECRET, **more}, sleep=lambda _: None)
        client.get("orders", {"status": "any", "_fields": "id,number"}, operation="read orders")
        return list(mock.calls)


def query(call: responses.Call) -> dict[str, list[str]]:
    return parse_qs(urlsplit(call.request.url or "").query)


def test_https_shows_the_key_in_the_header_only() -> None:
    call = read("https://shop.example")[0]
    expected = b64encode(f"{KEY}:{SECRET}".encode()).decode()
    assert call.request.headers["Authorization"] == f"Basic {expected}"
    assert set(query(call)) == {"status", "_fields"}


def test_https_can_show_the_key_in_the_query_where_the_header_is_dropped() -> None:
    call = read("https://shop.example", query_string_auth=True)[0]
    assert (query(call)["consumer_key"], query(call)["consumer_secret"]) == ([KEY], [SECRET])
    assert "Authorization" not in call.request.headers


def test_http_to_this_machine_is_signed_and_never_shows_the_secret() -> None:
    call = read("http://127.0.0.1:8000")[0]
    assert query(call)["oauth_signature_method"] == ["HMAC-SHA256"]
    assert SECRET not in (call.request.url or "")
    assert "Authorization" not in call.request.headers


def test_a_repeated_request_is_signed_anew() -> None:
    calls = read("http://127.0.0.1:8000", times=3)
    assert len({query(call)["oauth_nonce"][0] for call in calls}) == 3
    assert len({query(call)["oauth_signature"][0] for call in calls}) == 3


def test_the_asked_for_parameters_survive_signing() -> None:
    call = read("http://127.0.0.1:8000")[0]
    assert query(call)["_fields"] == ["id,number"]
