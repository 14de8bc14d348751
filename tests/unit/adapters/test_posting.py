"""One signed request goes out: to public addresses alone, once, bounded, and no failure is raised."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

import pytest

from adapters.alerts import WebAlerts
from adapters.http.public import is_public
from connector.ports.posting import MOST_BYTES, Reply, WebRequest


class _Handler(BaseHTTPRequestHandler):
    """Answers what its path says."""

    came: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.append((self.path, dict(self.headers), body))
        if self.path == "/slow":
            time.sleep(1.5)
        status = int(self.path[1:4]) if self.path[1:4].isdigit() else 200
        sent = b"x" * (MOST_BYTES + 1) if self.path == "/large" else b'{"allow": true}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Retry-After", "7")
        if status == 302:
            self.send_header("Location", "/200")
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module", name="port")
def _port() -> Iterator[int]:
    _Handler.came = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def sent(url: str, *, private: bool = False, seconds: float = 5.0) -> Reply:
    _Handler.came = []
    post = WebRequest(
        url=url, body=b'{"a":1}', headers={"webhook-id": "msg_1"}, seconds=seconds, private=private
    )
    return WebAlerts({}).post(post)


def test_a_request_goes_out_as_it_was_signed_and_its_answer_comes_back(port: int) -> None:
    reply = sent(f"http://127.0.0.1:{port}/200")
    ((_, headers, body),) = _Handler.came
    assert (reply.status, json.loads(reply.body), reply.after) == (200, {"allow": True}, 7.0)
    assert (body, headers["webhook-id"], headers["Content-Type"]) == (b'{"a":1}', "msg_1", "application/json")


@pytest.mark.parametrize("status", [302, 410, 500])
def test_nothing_is_followed_and_nothing_is_sent_twice(port: int, status: int) -> None:
    assert sent(f"http://127.0.0.1:{port}/{status}").status == status
    assert len(_Handler.came) == 1


def test_an_answer_that_is_slow_or_large_is_a_failure_and_not_waited_for(port: int) -> None:
    began = time.monotonic()
    assert sent(f"http://127.0.0.1:{port}/slow", seconds=0.3).failure in ("slow", "timeout")
    assert time.monotonic() - began < 1.4
    assert sent(f"http://127.0.0.1:{port}/large").failure == "large"


def test_a_name_that_leads_into_the_own_network_is_refused_before_a_byte_is_sent(port: int) -> None:
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    with mock.patch("socket.getaddrinfo", return_value=inside):
        assert sent(f"http://hooks.example:{port}/200") == Reply(failure="not_public")
        assert _Handler.came == []
        assert sent(f"http://hooks.example:{port}/200", private=True).status == 200


@pytest.mark.parametrize("host", ["10.1.2.3", "169.254.169.254", "192.168.1.1", "[fd00::1]", "0.0.0.0"])
def test_an_address_of_the_own_network_is_refused_without_asking_anybody(host: str) -> None:
    assert sent(f"https://{host}/").failure == "not_public"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:a00:1::1", False),
        ("224.0.0.1", False),
        ("", False),
    ],
)
def test_what_an_address_is_wrapped_in_does_not_hide_it(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url", ["https://hooks.invalid/", "https://xn--/", "https://" + "a" * 300 + ".example/"]
)
def test_a_host_that_is_none_is_a_failure_and_raises_nothing(url: str) -> None:
    with mock.patch("socket.getaddrinfo", side_effect=socket.gaierror(socket.EAI_NONAME, "no such host")):
        reply = sent(url)
    assert reply.status == 0
    assert reply.failure
