"""Mails to customers: what each answer of a mail server means; nothing adds a header or an address."""

import email
from collections.abc import Callable
from contextlib import closing
from email.policy import default

import pytest

from adapters.notice.mail import MailServer
from adapters.notice.post import SmtpPost, mailable
from connector.errors import AccessDenied, RetryLater
from connector.ports import Mail, Posted
from tests.unit.adapters.smtp_stand_in import DIES, always, mail_server
from tests.unit.adapters.smtp_stand_in import MailServer as StandIn


def post_to(server: StandIn, **changes: str) -> SmtpPost:
    given = {"host": "127.0.0.1", "sender": "Ägget <kund@egg.example>", "security": "none"} | changes
    return SmtpPost(MailServer(port=server.port, **given))  # type: ignore[arg-type]


def mail(to: str = "anna@kund.example", **changes: str) -> Mail:
    given = {"subject": "Ditt konto", "text": "Hej!\n.\nTa vara på det.\n", "token": "ab" * 16} | changes
    return Mail(to=to, **given)


def posted(to: str = "anna@kund.example", **answers: object) -> tuple[Posted, StandIn]:
    with mail_server(**answers) as server:
        post = post_to(server)
        found = post.deliver(mail(to))
        post.close()
    return found, server


ANSWERS = {
    "250 after the dot": ({}, Posted.SENT),
    "dies after the dot": ({"dot": always(DIES)}, Posted.UNKNOWN),
    "words that are no answer": ({"dot": always("maybe")}, Posted.UNKNOWN),
    "half an answer": ({"dot": always("25")}, Posted.UNKNOWN),
    "354 once more after the dot": ({"dot": always("354 more")}, Posted.UNKNOWN),
    "550 after the dot": ({"dot": always("550 no")}, Posted.REFUSED),
    "451 after the dot": ({"dot": always("451 later")}, Posted.LATER),
    "550 to the address": ({"rcpt": always("550 unknown")}, Posted.REFUSED),
    "450 to the address": ({"rcpt": always("450 greylisted")}, Posted.LATER),
    "dies at the address": ({"rcpt": always(DIES)}, Posted.LATER),
    "554 to DATA": ({"data": always("554 no")}, Posted.REFUSED),
    "dies at DATA": ({"data": always(DIES)}, Posted.LATER),
    "goes down at the address": ({"rcpt": always("421 bye")}, Posted.LATER),
}


@pytest.mark.parametrize(("answers", "means"), ANSWERS.values(), ids=ANSWERS)
def test_only_250_after_the_whole_message_is_a_mail_that_was_sent(
    answers: dict[str, object], means: Posted
) -> None:
    assert posted(**answers)[0] is means


def test_a_server_that_dies_after_a_message_is_connected_to_anew_for_the_next() -> None:
    def dot(whom: str) -> str:
        return DIES if whom.startswith("anna") else "250 taken"

    with mail_server(dot=dot) as server:
        post = post_to(server)
        found = [post.deliver(mail(to)) for to in ("anna@kund.example", "bo@kund.example")]
        post.close()
    assert (found, server.connections) == ([Posted.UNKNOWN, Posted.SENT], 2)


def test_mails_go_over_one_connection_while_it_stands_whatever_half_of_the_addresses_are_refused() -> None:
    def rcpt(whom: str) -> str:
        return "250 ok" if whom[1] in "02468" else "550 no"

    with mail_server(rcpt=rcpt) as server:
        post = post_to(server)
        found = [post.deliver(mail(f"k{n}@kund.example")) for n in range(6)]
        post.close()
    assert found == [Posted.SENT, Posted.REFUSED] * 3
    assert (server.connections, server.to) == (1, ["k0@kund.example", "k2@kund.example", "k4@kund.example"])


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"sender": always("550 not yours")}, AccessDenied),
        ({"sender": always("451 later")}, RetryLater),
        ({"sender": always(DIES)}, RetryLater),
        ({"greets": "554 go away"}, RetryLater),
    ],
    ids=["the sender refused", "later", "dies", "nobody let in"],
)
def test_a_server_that_lets_nobody_in_stops_the_list_and_names_no_address(
    answers: dict[str, object], fault: type[Exception]
) -> None:
    with mail_server(**answers) as server, pytest.raises(fault) as caught, closing(post_to(server)) as post:
        post.deliver(mail())
    assert "anna" not in str(caught.value)
    assert caught.value.__cause__ is None


HOSTILE = (
    "anna@kund.example\r\nBcc: alla@kund.example",
    "anna@kund.example, bo@kund.example",
    "anna@kund.example> SIZE=1 <bo@kund.example",
    "anna bo@kund.example",
    "a\x00@kund.example",
    "@kund.example",
    "anna",
    "anna@localhost",
    "",
)


@pytest.mark.parametrize("to", HOSTILE)
def test_what_is_not_one_address_alone_reaches_no_server(to: str) -> None:
    found, server = posted(to)
    assert (found, server.to) == (Posted.REFUSED, [])


def test_an_international_domain_is_written_as_every_server_takes_it() -> None:
    assert mailable("Anna <anna@räksmörgås.example>") == "anna@xn--rksmrgs-5wao1o.example"


def test_a_line_break_in_a_subject_or_a_reply_address_adds_no_header() -> None:
    with mail_server() as server, closing(post_to(server)) as post:
        post.deliver(mail(subject="Hej\r\nBcc: alla@kund.example", reply_to="x@egg.example\nX-Evil: 1"))
    (source,) = server.messages
    headers = email.message_from_bytes(source, policy=default)
    assert headers["Bcc"] is None
    assert headers["X-Evil"] is None


def test_the_message_says_who_writes_that_no_hand_did_and_its_own_id() -> None:
    _, server = posted()
    read = email.message_from_bytes(server.messages[0].replace(b"\r\n..", b"\r\n."), policy=default)
    assert (read["From"], read["To"]) == ("Ägget <kund@egg.example>", "anna@kund.example")
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"] == f"<gallra.{'ab' * 16}@egg.example>"
    assert read.get_content().replace("\r", "") == "Hej!\n.\nTa vara på det.\n"


@pytest.mark.parametrize("make", [mail, lambda: SmtpPost(MailServer(host="h", sender="a@b.example"))])
def test_neither_a_mail_nor_the_post_shows_an_address_where_it_is_printed(make: Callable[[], object]) -> None:
    assert "@" not in repr(make())
