"""Slow, silent and greedy connections never keep an honest delivery waiting."""

import http.client
import logging
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from connector.serve import connections
from connector.serve.receive import Answer
from connector.serve.web import LIMIT, Application, Listening

CROWD = 500
AT_ONCE = 2.0
"""Seconds; most of it is for a machine that is busy with other things."""

HEAD = b"POST /webhooks/egg/shopify HTTP/1.1\r\nHost: gallra.example\r\n"
KINDS: Sequence[bytes] = (
    b"",  # connects and says nothing
    b"P",
    HEAD,  # headers that never end
    HEAD + b"Content-Length: 900\r\n\r\n" + b"x" * 100,  # a body that never ends
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nx",
    HEAD + b"Expect: 100-continue\r\nContent-Length: 900\r\n\r\n",
    b"\r\n\r\n\r\n",
)


class _Ear:
    """Takes everything in at once."""

    def __init__(self) -> None:
        self.heard = 0

    def receive(self, _headers: object, _body: bytes) -> Answer:
        self.heard += 1
        return Answer.KEPT


class _Deaf:
    """Fails in a way that nobody foresaw, with what was sent in the error's text."""

    def receive(self, _headers: object, body: bytes) -> Answer:
        raise ValueError(body.decode())


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    """Both ends of every connection lie in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def server() -> Iterator[Listening]:
    """A server on loopback."""
    made = Listening(Application({("egg", "shopify"): _Ear()}), "127.0.0.1:0")  # type: ignore[dict-item]
    yield made
    made.stop()


def _crowd(stack: ExitStack, port: int, count: int, *kinds: bytes) -> list[socket.socket]:
    """So many connections, each of which has sent a part of a message and stays."""
    found = []
    for number in range(count):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        one.sendall(kinds[number % len(kinds)])
        found.append(one)
    return found


def _drip(one: socket.socket) -> None:
    """A byte now and then, for five seconds at most."""
    for _ in range(100):
        one.sendall(b"x")
        time.sleep(0.05)


def _deliver(port: int, *, body: bytes = b"{}") -> tuple[int, float]:
    """An honest delivery: its status, and how long it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/webhooks/egg/shopify", body=body)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - began


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_five_hundred_slow_connections_never_keep_a_delivery_waiting(server: Listening, kind: int) -> None:
    with ExitStack() as stack:
        _crowd(stack, server.port, CROWD, KINDS[kind])
        answers = [_deliver(server.port) for _ in range(5)]
    assert [status for status, _ in answers] == [200] * 5
    assert max(took for _, took in answers) < AT_ONCE


def test_connections_that_say_one_byte_at_a_time_win_no_time_by_it(server: Listening) -> None:
    with ExitStack() as stack:
        crowd = _crowd(stack, server.port, CROWD, *KINDS)
        for _ in range(3):
            for one in crowd:
                try:
                    one.sendall(b"x")
                except OSError:
                    continue
            status, took = _deliver(server.port, body=b"x" * 100_000)
            assert (status, took < AT_ONCE) == (200, True)


def test_whoever_has_been_waited_for_too_long_is_let_go_however_it_drips(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    with ExitStack() as stack:
        (one,) = _crowd(stack, server.port, 1, HEAD)
        with pytest.raises(OSError, match=r"reset|pipe|closed"):
            _drip(one)


def test_a_connection_that_is_kept_open_is_waited_for_anew_after_each_answer(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 1.0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.connect()
    kept = connection.sock
    for _ in range(3):
        time.sleep(0.6)
        connection.request("POST", "/webhooks/egg/shopify", body=b"{}")
        assert connection.getresponse().read() == b""
        assert connection.sock is kept
    connection.close()


def test_messages_that_have_not_come_whole_hold_no_more_memory_than_is_allowed(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BYTES", 1_000_000)
    begun = HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 300_000
    with ExitStack() as stack:
        crowd = _crowd(stack, server.port, 12, begun)
        assert _deliver(server.port)[0] == 200
        time.sleep(1.0)
        held = server._connections.room.connections
        assert sum(one.held for one in held) <= 1_000_000
        assert len(held) < len(crowd)


@pytest.mark.parametrize("headers", [b"X-Long: " + b"x" * 70_000, b"X-Many: 1\r\n" * 9_000])
def test_headers_beyond_measure_are_refused(server: Listening, headers: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(HEAD + headers)
        assert one.recv(100).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b"413"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", b"501"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % (LIMIT * 2) + b"x" * (LIMIT + 9), b"413"),
    ],
)
def test_what_is_no_message_is_refused_and_the_next_is_taken(
    server: Listening, sent: bytes, status: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(sent)
        assert one.recv(100).split()[1] == status
    assert _deliver(server.port)[0] == 200


def test_a_fault_that_nobody_foresaw_asks_for_a_repeat_and_quotes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = Listening(Application({("egg", "shopify"): _Deaf()}), "127.0.0.1:0")  # type: ignore[dict-item]
    try:
        assert _deliver(made.port, body=b"kanarie@kund.example")[0] == 503
    finally:
        made.stop()
    assert caplog.messages == ["a webhook could not be taken in (ValueError)"]
    assert "kanarie" not in caplog.text


def test_what_the_server_logs_of_a_message_is_one_line_without_escapes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise ValueError("\x1b[2Jkanarie@kund.example")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception while serving %s", "/\x1b[31m\n\u202ex")
    assert caplog.messages == ["Exception while serving /[31m x"]
    assert "kanarie" not in caplog.text
