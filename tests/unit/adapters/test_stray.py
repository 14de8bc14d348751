"""What stands before the data: read through where it can only be that, and never a web page."""

import msgspec
import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import Http
from adapters.stray import without_stray
from connector.errors import Exit, Rejected

BASE = "https://shop.example/wp-json"
PERSON = "anna.persson@kund.example"
HTML_NOTICE = (
    f"<br />\n<b>Warning</b>:  Undefined array key {PERSON} in <b>/srv/prov.php</b> on line <b>3</b><br />\n"
)
LEADS = {
    "bom": "\ufeff",
    "bom twice": "\ufeff\ufeff",
    "white space": "\n\r\n \t",
    "bom and white space": "\n\ufeff\n",
    "a notice": HTML_NOTICE,
    "a notice without html": "\nWarning: Undefined array key in /srv/prov.php on line 3\n",
    "a notice by the command line's PHP": "PHP Deprecated:  Old thing in /srv/prov.php on line 3\n",
    "a notice of two lines": "<br />\n<b>Notice</b>: one\ntwo in <b>/a.php</b> on line <b>1</b><br />\n",
    "many notices": HTML_NOTICE * 40,
    "a bom, a notice and white space": "\ufeff" + HTML_NOTICE + "\n\n",
}
PAGES = {
    "a web page": "<!DOCTYPE html><html><body>{}</body></html>",
    "a page with the data in it": "<html><script>var a = ",
    "a notice and a page": HTML_NOTICE + "<!doctype html><p>",
    "a page that quotes a notice": "<html>" + HTML_NOTICE,
    "a notice that holds a page": "<br />\n<b>Warning</b>: <html><body> in /a.php on line 1<br />\n",
    "a fatal error": "<br />\n<b>Fatal error</b>: Uncaught in <b>/a.php</b> on line <b>1</b><br />\n",
    "a stray letter": "q",
    "a comment": "<!-- cached -->",
}
DATA = '[{"id": 1}]'


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=UTF-8"])
def test_data_behind_what_php_prints_is_read(lead: str, kind: str) -> None:
    http = Http(adapter="shop", base=BASE)
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/orders", body=(lead + DATA).encode(), content_type=kind)
        assert http.request("GET", "orders", operation="read orders").json() == [{"id": 1}]
    assert http.printed


@pytest.mark.parametrize("lead", PAGES.values(), ids=PAGES)
def test_nothing_else_is_read_through(lead: str) -> None:
    http = Http(adapter="shop", base=BASE)
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/orders", body=(lead + DATA).encode(), content_type="text/html")
        answer = http.request("GET", "orders", operation="read orders")
    with pytest.raises(Rejected) as caught:
        answer.json()
    assert not http.printed
    assert PERSON not in str(caught.value)


@pytest.mark.parametrize("lead", ["q", "Query failed: ", "<!-- cached -->"])
def test_data_behind_another_print_names_the_log_and_wp_config(lead: str) -> None:
    http = Http(adapter="shop", base=BASE)
    with responses.RequestsMock() as wire:
        wire.get(f"{BASE}/orders", body=(lead + DATA).encode())
        answer = http.request("GET", "orders", operation="read orders")
    with pytest.raises(Rejected, match=r"PHP error log.*wp-config\.php") as caught:
        answer.json()
    assert caught.value.exit is Exit.ERROR


@pytest.mark.parametrize("rest", ["", "[1", '{"a": 1} x', "null", "1", '"text"', "[1][2]"])
def test_behind_a_notice_stands_whole_json_or_nothing_is_read(rest: str) -> None:
    body = (HTML_NOTICE + rest).encode()
    assert without_stray(body) == (body, frozenset())


def test_the_shops_own_word_behind_a_notice_is_its_word() -> None:
    http = Http(adapter="shop", base=BASE)
    with responses.RequestsMock() as wire:
        body = HTML_NOTICE + '{"code": "gone_for_good"}'
        wire.get(f"{BASE}/orders/1", status=404, body=body, content_type="text/html")
        with pytest.raises(Rejected) as caught:
            http.request("GET", "orders/1", operation="read order")
    assert caught.value.code == "gone_for_good"


@given(st.binary(max_size=200))
def test_what_is_not_read_through_is_left_as_it_was(body: bytes) -> None:
    stripped = without_stray(body)
    assert body.endswith(stripped.body)
    if stripped.found:
        msgspec.json.decode(stripped.body, type=msgspec.Raw)
    else:
        assert stripped.body == body
