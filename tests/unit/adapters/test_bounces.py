"""What came back: read from a mailbox over IMAP, by the ids of our own mails and nothing else."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from adapters.notice.bounces import bounced_in, mailbox
from connector.errors import AccessDenied, RetryLater

TOKEN = "0123456789abcdef" * 2
FAILED = f"""\
From: MAILER-DAEMON@mx.egg.example
To: kund@egg.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.egg.example

Final-Recipient: rfc822; anna@kund.example
Action: failed
Status: 5.1.1

--x
Content-Type: text/rfc822-headers

Message-ID: <gallra.{TOKEN}@egg.example>
To: anna@kund.example
--x--
"""
OLD_SERVER = f"""\
Return-Path: <>
From: postmaster@old.example
Subject: failure notice

Hi. I was not able to deliver your message.
--- Below this line is a copy of the message.
Message-ID: <gallra.{TOKEN}@egg.example>
"""
HOLIDAY = f"""\
From: anna@kund.example
Auto-Submitted: auto-replied
In-Reply-To: <gallra.{TOKEN}@egg.example>
Subject: Away

I am away. <gallra.{TOKEN}@egg.example>
"""
ANSWER = f"""\
From: anna@kund.example
Subject: Re: Ditt konto

Behåll det! > Message-ID: <gallra.{TOKEN}@egg.example>
"""
FOREIGN = FAILED.replace("gallra.", "other.")


@pytest.mark.parametrize("text", [FAILED, OLD_SERVER], ids=["RFC 3464", "a server's own words"])
def test_a_mail_that_came_back_is_known_by_its_own_id(text: str) -> None:
    assert list(bounced_in(text.encode())) == [TOKEN]


NOT_BACK = {
    "still being tried": FAILED.replace("Action: failed", "Action: delayed"),
    "somebody on holiday": HOLIDAY,
    "somebody's answer": ANSWER,
    "a mail of another program's": FOREIGN,
    "nothing": "",
    "no mail": "\x00\xff" * 50,
}


@pytest.mark.parametrize("text", NOT_BACK.values(), ids=NOT_BACK)
def test_nothing_else_says_that_a_mail_came_back(text: str) -> None:
    assert list(bounced_in(text.encode())) == []


class Imap:
    """A mailbox on loopback with these messages; `said` is what it was asked."""

    def __init__(self, messages: list[str], *, generation: int = 7, login: str = "OK") -> None:
        self.messages, self.generation, self.login = messages, generation, login
        self.said: list[str] = []
        self.floods = False

    def answer(self, line: str) -> Iterator[bytes]:
        tag, _, words = line.partition(" ")
        self.said.append(words)
        verb = words.upper()
        if verb.startswith("CAPABILITY"):
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif verb.startswith("LOGIN") and self.login != "OK":
            yield f"{tag} NO denied\r\n".encode()
            return
        elif verb.startswith("EXAMINE"):
            told = f"* {len(self.messages)} EXISTS\r\n* OK [UIDVALIDITY {self.generation}] ok\r\n"
            yield told.encode()
        elif found := re.match(r"UID SEARCH UID (\d+):\*", verb):
            first = min(int(found[1]), len(self.messages))  # a star is the last
            numbers = " ".join(str(n) for n in range(first, len(self.messages) + 1) if n)
            yield f"* SEARCH {numbers}\r\n".encode()
        elif found := re.match(r"UID FETCH (\d+)", verb):
            body = self.messages[int(found[1]) - 1].encode()
            size = 10**12 if self.floods else len(body)
            yield f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{size}}}\r\n".encode() + body + b")\r\n"
        yield f"{tag} OK done\r\n".encode()


@contextmanager
def imap(server: Imap) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    connections: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                with connection, connection.makefile("rb") as lines, suppress(OSError):
                    connection.sendall(b"* OK hej\r\n")
                    for line in lines:
                        for part in server.answer(line.decode().strip()):
                            connection.sendall(part)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        for one in (listener, *connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def read(server: Imap, after: str = "") -> tuple[list[str], str]:
    with imap(server) as port:
        given = {"host": "127.0.0.1", "port": port, "user": "kund", "password": "p", "security": "none"}
        found = mailbox(given).came_back(after)
    return list(found.tokens), found.read


def test_a_mailbox_is_read_from_where_the_last_reading_ended() -> None:
    server = Imap([ANSWER, FAILED])
    assert read(server) == ([TOKEN], "7:2")
    assert read(server, "7:2") == ([], "7:2")


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning() -> None:
    assert read(Imap([FAILED], generation=8), "7:40") == ([TOKEN], "8:1")


def test_an_empty_mailbox_has_nothing() -> None:
    assert read(Imap([])) == ([], "7:0")


def test_nothing_in_the_mailbox_is_changed_not_even_what_counts_as_read() -> None:
    server = Imap([FAILED])
    read(server)
    asked = " ".join(server.said)
    assert "EXAMINE" in asked
    assert "PEEK" in asked
    assert not re.search(r"SELECT|STORE|DELETE|EXPUNGE|MOVE|COPY", asked)


def test_a_login_that_is_refused_says_what_to_mend_and_names_nobody() -> None:
    with pytest.raises(AccessDenied, match=r"warning\.imap") as caught:
        read(Imap([], login="NO"))
    assert "kund" not in str(caught.value)


def test_an_answer_without_an_end_is_cut_off() -> None:
    server = Imap([FAILED])
    server.floods = True
    with pytest.raises(RetryLater):
        read(server)


def test_a_mailbox_that_nobody_answers_at_waits() -> None:
    with imap(Imap([])) as port:
        pass
    given = {"host": "127.0.0.1", "port": port, "user": "kund", "password": "p", "security": "none"}
    with pytest.raises(RetryLater):
        mailbox(given).came_back("")
