"""A mail server on loopback that says and does what a test tells it to, and keeps what it took."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DIES = ""
"""An answer that is the end of the connection."""
Answer = Callable[[str], str]


def always(answer: str) -> Answer:
    """The same answer, whoever it is about."""
    return lambda _whom: answer


OK, GO_ON = always("250 ok"), always("354 go on")


@dataclass
class MailServer:
    """What the server answers to each address (RCPT) and after each message (the dot), and what it heard."""

    port: int = 0
    greets: str = "220 hej"
    sender: Answer = OK
    rcpt: Answer = OK
    data: Answer = GO_ON
    dot: Answer = OK
    to: list[str] = field(default_factory=list)  # whose message came whole
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: list[socket.socket] = field(default_factory=list, repr=False)


@contextmanager
def mail_server(**answers: object) -> Iterator[MailServer]:
    """The server, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    server = MailServer(port=listener.getsockname()[1], **answers)  # type: ignore[arg-type]
    thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        for one in (listener, *server.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes whoever waits on it
        listener.close()
        thread.join(10)


def _serve(listener: socket.socket, server: MailServer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            server.connections += 1
            server.open.append(connection)
            connection.settimeout(10)
            with connection, connection.makefile("rb") as lines, suppress(_Died, OSError):
                _talk(connection, lines, server)


class _Died(Exception):
    """The server has gone."""


def _talk(connection: socket.socket, lines: object, server: MailServer) -> None:
    def say(answer: str) -> None:
        if answer == DIES:
            raise _Died
        connection.sendall(f"{answer}\r\n".encode())

    say(server.greets)
    whom = ""
    for line in lines:  # type: ignore[attr-defined]
        word = line.decode().strip()
        verb = word[:4].upper()
        if verb in ("EHLO", "HELO", "RSET", "NOOP"):
            say("250 hej")
        elif verb == "MAIL":
            say(server.sender(word))
        elif verb == "RCPT":
            whom = word[word.index("<") + 1 : word.index(">")]
            say(server.rcpt(whom))
        elif verb == "DATA":
            say(server.data(whom))
            if server.data(whom).startswith("354"):
                server.messages.append(_message(lines))
                server.to.append(whom)
                say(server.dot(whom))
        elif verb == "QUIT":
            say("221 hej")
            return


def _message(lines: object) -> bytes:
    found = b""
    for line in lines:  # type: ignore[attr-defined]
        if line == b".\r\n":
            return found
        found += line
    raise _Died
