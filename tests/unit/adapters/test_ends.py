"""Every read has an end: a service that drips, floods, packs or sends round in circles holds no run."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from adapters import http as http_module
from adapters.http import Http
from adapters.notice.mail import MailServer, send
from adapters.shopify.files import Files
from connector.errors import AccessDenied, RemoteError, RetryLater

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Talk = Callable[[socket.socket], None]
SHORT = 0.3  # seconds of an exchange here


@contextmanager
def speaking(talk: Talk, *, first: bool = False) -> Iterator[str]:
    """The address of a server that says what it likes to whoever connects, once spoken to or `first`."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(taken,), daemon=True).start()

    def answer(taken: socket.socket) -> None:
        with taken:
            try:
                if not first:
                    taken.recv(65536)
                talk(taken)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(start: bytes, again: bytes) -> Talk:
    """Sends a start, then a little now and then, for ever."""

    def talk(taken: socket.socket) -> None:
        taken.sendall(start)
        while True:
            time.sleep(0.02)
            taken.sendall(again)

    return talk


def once(answer: bytes) -> Talk:
    return lambda taken: taken.sendall(answer)


def asked(base: str, **limits: float) -> None:
    http = Http(adapter="service", base=base, sleep=lambda _: None, longest=SHORT, **limits)  # type: ignore[arg-type]
    try:
        http.request("GET", "a", operation="read a").json()
    finally:
        http.close()


SLOW = {
    "a byte of the body at a time": drip(JSON + b"Content-Length: 100000\r\n\r\n", b" "),
    "a byte of the headers at a time": drip(JSON, b"X"),
    "a header at a time": drip(JSON, b"A: 1\r\n"),
    "a chunk that never comes whole": drip(JSON + b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n", b" "),
    "a chunk's length that never ends": drip(JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "no status line": drip(b"", b"H"),
    "a hundred times that it goes on": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "trailers without end": drip(JSON + b"Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n", b"A: 1\r\n"),
    "a body until the connection ends": drip(JSON + b"\r\n", b" "),
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_an_answer_that_drips_is_left_when_its_time_is_over(talk: Talk) -> None:
    began = time.monotonic()
    with speaking(talk) as base, pytest.raises(RetryLater):
        asked(base)
    assert time.monotonic() - began < 10 * SHORT


def test_an_answer_that_drips_says_that_it_took_too_long_and_what_to_do() -> None:
    with speaking(SLOW["a byte of the body at a time"]) as base, pytest.raises(RetryLater) as caught:
        asked(base)
    assert caught.value.code == "slow"
    assert "had not come in whole" in str(caught.value)
    assert "Run again" in str(caught.value)


def test_a_fast_answer_is_not_touched_by_the_end_of_its_time() -> None:
    with speaking(once(JSON + b"Content-Length: 1\r\n\r\n1")) as base:
        http = Http(adapter="service", base=base, longest=SHORT)
        assert http.request("GET", "a", operation="read a").json() == 1
        http.close()


def chunks(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def flood(start: bytes, piece: bytes) -> Talk:
    def talk(taken: socket.socket) -> None:
        taken.sendall(start)
        while True:
            taken.sendall(piece)

    return talk


def packed(packing: bytes, body: bytes) -> bytes:
    return JSON + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (packing, len(body)) + body


BOMB = b"[" + b" " * 20_000_000
LARGE = {
    "chunks without end": flood(JSON + b"Transfer-Encoding: chunked\r\n\r\n", chunks(b" " * 65536)),
    "a body without end": flood(JSON + b"\r\n", b" " * 65536),
    "gzip that unpacks to more": once(packed(b"gzip", gzip.compress(BOMB))),
    "deflate that unpacks to more": once(packed(b"deflate", zlib.compress(BOMB))),
    "an error of 20 MB": once(
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 20000000\r\n\r\n" + b" " * 20_000_000
    ),
}


@pytest.mark.parametrize("talk", LARGE.values(), ids=LARGE)
def test_an_answer_that_is_too_large_is_given_up_with_what_to_do(talk: Talk) -> None:
    with speaking(talk) as base, pytest.raises(RemoteError, match=r"brought more than .* Look ") as caught:
        Http(adapter="service", base=base, largest=1_000_000).request("GET", "a", operation="read a")
    assert caught.value.code == "large"


ODD = {
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "nothing": b"",
    "two lengths": JSON + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n[]",
    "a length beyond what comes": JSON + b"Content-Length: 900\r\n\r\n[]",
    "a chunk of no number": JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
    "a chunk of less than nothing": JSON + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n[]\r\n0\r\n\r\n",
    "a header of a megabyte": JSON + b"A: " + b"x" * 1_000_000 + b"\r\n\r\n[]",
    "ten thousand headers": JSON + b"A: 1\r\n" * 10_000 + b"\r\n[]",
    "a status of no number": b"HTTP/1.1 two OK\r\n\r\n",
    "a status of six digits": b"HTTP/1.1 200200 OK\r\n\r\n",
    "a place that is no address": b"HTTP/1.1 301 X\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
    "a port of no number": b"HTTP/1.1 301 X\r\nLocation: http://a:b/\r\nContent-Length: 0\r\n\r\n",
    "a place of bytes": b"HTTP/1.1 301 X\r\nLocation: /\xff\x00\r\nContent-Length: 0\r\n\r\n",
    "a nest without end": JSON + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
    "numbers without end": JSON + b"Content-Length: 100000\r\n\r\n" + b"9" * 100_000,
    "half a character": JSON + b'Content-Length: 3\r\n\r\n"\xc3"',
    "a nest behind a notice": JSON + b"\r\nWarning: x in /a.php on line 3\n" + b"[" * 60_000,
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_no_answer_however_odd_is_more_than_an_error_of_the_service(answer: bytes) -> None:
    with speaking(once(answer)) as base, pytest.raises(RemoteError):
        asked(base)


@pytest.mark.parametrize("packing", [b"br", b"zstd", b"gzip, gzip", b"x"])
def test_an_answer_packed_in_a_way_that_nobody_asked_for_is_told(packing: bytes) -> None:
    with speaking(once(packed(packing, b"[]"))) as base, pytest.raises(RetryLater, match="packed"):
        asked(base)


@pytest.mark.parametrize("cut", [10, 30])
def test_a_packed_answer_that_is_broken_off_is_no_answer(cut: int) -> None:
    body = gzip.compress(b"[%s 1]" % (b"1," * 500))[:cut]
    with speaking(once(packed(b"gzip", body))) as base, pytest.raises(RetryLater):
        asked(base)


@pytest.mark.parametrize("packing", [b"gzip", b"deflate", b"identity"])
def test_a_packed_answer_is_read(packing: bytes) -> None:
    body = {b"gzip": gzip.compress(b"[1]"), b"deflate": zlib.compress(b"[1]"), b"identity": b"[1]"}[packing]
    with speaking(once(packed(packing, body))) as base:
        assert Http(adapter="service", base=base).request("GET", "a", operation="a").json() == [1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["/a", "a", "/b/../a", "http://127.0.0.1:1/a", "file:///etc/passwd", "//", "?"]
)
def test_a_redirect_that_leads_round_or_away_ends(status: int, target: str) -> None:
    head = f"HTTP/1.1 {status} X\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with speaking(once(head.encode())) as base, pytest.raises(RemoteError, match="address"):
        asked(base)


def test_a_run_asks_so_many_times_and_no_more() -> None:
    with speaking(once(JSON + b"Content-Length: 1\r\nConnection: close\r\n\r\n1")) as base:
        http = Http(adapter="service", base=base, most=3)
        for _ in range(3):
            http.request("GET", "a", operation="read a")
        with pytest.raises(RetryLater, match="asked 3 times"):
            http.request("GET", "a", operation="read a")


def test_a_host_that_does_not_exist_is_a_wrong_address_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    http = Http(adapter="service", base="https://shpo.example/wp-json", sleep=lambda _: None)
    with pytest.raises(AccessDenied, match=r"There is no host shpo\.example: correct the address"):
        http.request("GET", "a", operation="read a", params={"email": "anna@kund.example"})


def test_a_resolver_that_is_down_is_no_wrong_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    http = Http(adapter="service", base="https://shop.example", sleep=lambda _: None, tries=2)
    with pytest.raises(RetryLater):
        http.request("GET", "a", operation="read a")


STALLS = {
    "a byte at a time": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
    "headers without end": drip(b"HTTP/1.1 200 OK\r\n", b"X"),
}


@pytest.mark.parametrize("talk", STALLS.values(), ids=STALLS)
def test_a_bulk_file_that_stalls_is_left(talk: Talk) -> None:
    with speaking(talk) as base, pytest.raises(RetryLater, match="lost its connection"):
        list(Files(sleep=lambda _: None, pace=0.1).read(f"{base}/file"))


def test_a_bulk_file_without_end_is_given_up_with_what_to_do() -> None:
    talk = flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)
    with speaking(talk) as base, pytest.raises(RemoteError, match=r"which no shop has\. Run again") as caught:
        list(Files(sleep=lambda _: None, largest=1_000_000).read(f"{base}/file"))
    assert caught.value.code == "large"


def test_a_bulk_file_of_one_line_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from adapters.shopify import bulk

    monkeypatch.setattr(bulk, "MOST_OF_A_LINE", 1_000_000)
    with pytest.raises(RemoteError, match="a record of more than"):
        list(bulk.lines(iter(lambda: b"x" * 65536, b"")))


def test_no_adapter_has_a_way_to_a_service_beside_this_one() -> None:
    """Whoever adds an adapter sends through `Http` (or, for bulk files, `Files`): both have an end."""
    from pathlib import Path

    folder = Path(http_module.__file__).parent
    own = {"http.py", "files.py", "watch.py", "mail.py", "bounces.py"}
    marks = (
        "requests.Session(",
        "requests.get(",
        "requests.post(",
        "urlopen(",
        "smtplib.SMTP(",
        "imaplib.IMAP4",
        "HTTPConnection(",
    )
    others = [path for path in folder.rglob("*.py") if path.name not in own]
    assert [path.name for path in others if any(mark in path.read_text("utf-8") for mark in marks)] == []


@pytest.mark.parametrize(
    ("start", "lines"),
    [(b"", b"220-hej\r\n"), (b"220 hej\r\n", b"250-hej\r\n")],
    ids=["a greeting", "an answer to EHLO"],
)
def test_a_mail_servers_answer_without_an_end_is_cut_off(start: bytes, lines: bytes) -> None:
    with speaking(flood(start, lines * 100), first=True) as base:
        server = MailServer(host="127.0.0.1", port=int(base.rpartition(":")[2]), sender="brev@butik.example",
                            security="none")  # fmt: skip
        began = time.monotonic()
        with pytest.raises(RetryLater, match="mail server could not be reached"):
            send(server, to="dso@klarna.example", subject="x", text="x", html="x", letter_id="1")
        assert time.monotonic() - began < 10
