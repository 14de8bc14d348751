"""`gallra serve` answers on loopback and stops."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.cli.common import say
from connector.errors import SettingsError
from connector.serve.ears import listening
from connector.serve.web import LIMIT, Listening
from connector.shop import Shop, open_shop
from tests.unit.serve.made import CANARY, ENVIRON, message


def _open(path: Path) -> Shop:
    return open_shop(path, environ=ENVIRON)


@pytest.fixture
def server(file: Path) -> Iterator[Listening]:
    """The web part of this shop, listening."""
    shops: list[Shop] = []

    def load(path: Path) -> Shop:
        shops.append(_open(path))
        return shops[-1]

    with listening([file], load, lambda _line: None) as ears:
        yield ears.servers[0]
    for shop in shops:
        shop.ledger.engine.dispose()


def _ask(
    port: int, path: str, headers: dict[str, str], body: bytes | None, method: str = "POST"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_signed_message_is_answered_with_200_and_so_is_its_repeat(server: Listening) -> None:
    for _ in range(2):
        assert _ask(server.port, "/webhooks/egg/shopify", *message("customers/redact")) == (200, b"")


def test_a_bad_signature_is_answered_with_401_and_an_empty_body(server: Listening) -> None:
    headers, body = message("customers/redact")
    headers["x-shopify-hmac-sha256"] = "bm8="
    assert _ask(server.port, "/webhooks/egg/shopify", headers, body) == (401, b"")


@pytest.mark.parametrize("path", ["/", "/webhooks/other/shopify", "/webhooks/egg/woocommerce"])
def test_another_path_is_not_found(server: Listening, path: str) -> None:
    assert _ask(server.port, path, *message("shop/redact"))[0] == 404


def test_reading_is_not_allowed(server: Listening) -> None:
    assert _ask(server.port, "/webhooks/egg/shopify", {}, None, method="GET")[0] == 405


def _send_head(port: int, **headers: str) -> int:
    """Sends the head of a message and none of its body; the status that comes back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest("POST", "/webhooks/egg/shopify")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Listening) -> None:
    assert _send_head(server.port, Content_Length=str(LIMIT + 1)) == 413


def test_a_body_as_long_as_an_order_of_many_lines_is_taken(server: Listening) -> None:
    sent = message("orders/updated", note="x" * 1_000_000)
    assert _ask(server.port, "/webhooks/egg/shopify", *sent)[0] == 200


def test_an_address_in_use_is_a_fault_of_the_settings(server: Listening, file: Path) -> None:
    shop = _open(file)
    with pytest.raises(SettingsError, match=r"webhooks\.listen"), listening([file], lambda _p: shop, say):
        pass
    shop.ledger.engine.dispose()


def test_a_platform_without_webhooks_is_a_fault_of_the_settings(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace('"shopify"', '"woocommerce"')
    file.write_text(text.replace("token =", "key = { env = 'A' }\nsecret ="), encoding="utf-8")
    with pytest.raises(SettingsError, match="no webhooks"), listening([file], _open, say):
        pass


def test_a_shop_without_the_table_is_not_listened_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8").partition("[webhooks]")[0]
    file.write_text(text, encoding="utf-8")
    with listening([file], _open, say) as ears:
        assert ears.servers == []


def test_a_shop_that_comes_is_heard_and_one_that_goes_is_not_without_a_restart(file: Path) -> None:
    second = file.with_name("anka.toml")
    text = file.read_text(encoding="utf-8").replace('id = "egg"', 'id = "anka"')
    second.write_text(text, encoding="utf-8")
    said: list[str] = []
    with listening([file], _open, said.append) as ears:
        port = ears.servers[0].port
        assert _ask(port, "/webhooks/anka/shopify", *message("shop/redact"))[0] == 404
        ears.hear_as_far_as_can_be([file, second], said.append)
        assert _ask(port, "/webhooks/anka/shopify", *message("shop/redact"))[0] == 200
        ears.hear_as_far_as_can_be([second], said.append)
        assert _ask(port, "/webhooks/egg/shopify", *message("shop/redact"))[0] == 404
        ears.hear_as_far_as_can_be([], said.append)
        assert ears.servers == []
    assert said == [f"{name}.toml: webhooks at /webhooks/{name}/shopify." for name in ("egg", "anka")]


def test_a_shop_whose_address_is_taken_is_named_while_serving_and_the_others_are_heard(file: Path) -> None:
    second = file.with_name("anka.toml")
    text = file.read_text(encoding="utf-8").replace('id = "egg"', 'id = "anka"')
    with socket.socket() as taken, listening([file], _open, say) as ears:
        taken.bind(("127.0.0.1", 0))
        port = ears.servers[0].port
        second.write_text(text.replace(f":{port}", f":{taken.getsockname()[1]}"), encoding="utf-8")
        said: list[str] = []
        ears.hear_as_far_as_can_be([file, second], said.append)
        assert "cannot be listened on" in said[0]
        assert _ask(port, "/webhooks/egg/shopify", *message("shop/redact"))[0] == 200


@pytest.mark.parametrize("listen", ["8080", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "*:80 *:81"])
def test_an_address_without_a_port_is_a_fault_of_the_settings(file: Path, listen: str) -> None:
    text = file.read_text(encoding="utf-8")
    old = text.partition('listen = "')[2].partition('"')[0]
    file.write_text(text.replace(old, listen), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"webhooks\.listen"):
        _open(file)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_hears_on_loopback_and_ends_in_good_order(file: Path, number: signal.Signals) -> None:
    serving = subprocess.Popen(
        [sys.executable, "-m", "connector", "serve", str(file)],
        env=os.environ | ENVIRON | {"PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert serving.stderr is not None
    try:
        assert serving.stderr.readline() == "egg.toml: webhooks at /webhooks/egg/shopify.\n"
        assert serving.stderr.readline() == "Serving 1 shops.\n"
        port = int(file.read_text(encoding="utf-8").partition("127.0.0.1:")[2].partition('"')[0])
        assert _ask(port, "/webhooks/egg/shopify", *message("customers/redact")) == (200, b"")
        serving.send_signal(number)
        assert serving.wait(timeout=30) == 0
        assert serving.stderr.read() == ""
    finally:
        serving.kill()
        serving.stderr.close()
        serving.wait()
    stored = b"".join(path.read_bytes() for path in file.parent.glob("egg.sqlite*"))
    assert CANARY.encode() not in stored
