"""A drafted letter is mailed to the proven address, once: from a terminal and from the request's page."""

import io
import re
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.errors import RetryLater
from connector.ledger.request_letters import RequestLetters
from connector.ledger.states import LetterState
from connector.ports import Posted
from connector.serve.pages.people import Role
from connector.stages.requests.letters import write_letter
from tests.sandbox_support import Said
from tests.unit.serve.form.forms import TABLES, Asked
from tests.unit.serve.pages.visiting import Visitor, said, site_at
from tests.unit.stages.objecting import MINE

BY = ("--by", "Disa Demo")


@pytest.fixture
def shop(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


def asked(shop: Asked, *, proven: bool = True) -> str:
    """An access request with a receipt that is drafted."""
    with mock.patch.object(sys, "stdin", io.StringIO(MINE + "\n")):
        code = shop.gallra("request", "open", "access", "--person", *BY).out.split()[1]
    if proven:
        secret = shop.gallra("request", "identify", code, "--send").out.strip()
        assert shop.gallra("request", "identify", code, "--code", secret, *BY).code == 0
    assert shop.gallra("request", "letter", code, "receipt").code == 0
    return code


def sends(shop: Asked, code: str, *words: str, letter: str = "receipt") -> Said:
    return shop.gallra("request", "send", code, letter, *BY, *words)


def row_of(shop: Asked, code: str, letter: str = "receipt") -> Any:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return RequestLetters(opened.ledger).one(connection, code, letter)


def test_it_goes_to_the_proven_address_once_and_its_own_id_is_on_record(shop: Asked) -> None:
    code = asked(shop)
    assert sends(shop, code).code == 0
    [mail] = shop.mails.sent
    row = row_of(shop, code)
    assert (mail.to, row.state, row.person, row.file) == (MINE, LetterState.SENT, "Disa Demo", None)
    assert mail.token in row.how
    for words in ((), ("--again",)):
        again = sends(shop, code, *words)
        assert (again.code, "leaves once" in again.err) == (1, True)
    noted = shop.gallra("request", "sent", code, "receipt", *BY, "--how", "by post")
    assert (noted.code, "leaves once" in noted.err) == (1, True)
    assert len(shop.mails.sent) == 1


def test_the_code_that_proves_an_address_goes_to_it(shop: Asked) -> None:
    code = asked(shop, proven=False)
    assert sends(shop, code).code == 0
    assert [mail.to for mail in shop.mails.sent] == [MINE]


@pytest.mark.parametrize("letter", ["accessed", "erased", "confirmation", "lifting"])
def test_nothing_of_a_record_goes_to_an_address_that_nobody_has_proven(shop: Asked, letter: str) -> None:
    code = asked(shop, proven=False)
    write_letter(shop.open(), code, letter, ("Svar", "Ett svar."))
    told = sends(shop, code, letter=letter)
    assert told.code == 1
    assert "not proven" in told.err
    assert MINE not in told.err
    assert shop.mails.sent == []
    assert row_of(shop, code, letter).state is LetterState.WRITTEN


def test_without_a_mail_server_it_is_said_to_go_by_hand(shop: Asked) -> None:
    code = asked(shop)
    shop.file.write_text(shop.file.read_text("utf-8").replace(TABLES, ""), encoding="utf-8")
    with mock.patch.object(type(shop.mails), "mailer", return_value=None):
        assert "by hand" in sends(shop, code).err
    assert row_of(shop, code).state is LetterState.WRITTEN


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("when", ["unknown", "killed"])
def test_one_that_may_have_been_sent_is_told_so_and_goes_again_only_where_it_is_asked_for(
    shop: Asked, when: str
) -> None:
    code = asked(shop)
    if when == "unknown":
        shop.mails.answer = Posted.UNKNOWN
        first = sends(shop, code)
        assert (first.code, "may have been sent" in first.err, "request sent" in first.err) == (3, True, True)
        shop.mails.answer = Posted.SENT
    else:
        real = shop.mails.deliver

        def dies(mail: Any) -> Posted:
            real(mail)
            raise Killed

        with mock.patch.object(shop.mails, "deliver", dies), pytest.raises(Killed):
            sends(shop, code)
    assert len(shop.mails.sent) == 1
    assert row_of(shop, code).state is LetterState.BEGUN
    again = sends(shop, code)
    assert (again.code, "may have been sent" in again.err) == (1, True)
    assert "may have been sent" in shop.gallra("request", "letters").out
    assert len(shop.mails.sent) == 1
    assert sends(shop, code, "--again").code == 0
    assert row_of(shop, code).state is LetterState.SENT
    assert len({mail.token for mail in shop.mails.sent}) == 1


@pytest.mark.parametrize(("answer", "state"), [
    (Posted.LATER, LetterState.WAITING), (Posted.REFUSED, LetterState.REFUSED), (None, LetterState.WAITING),
])  # fmt: skip
def test_one_that_surely_has_not_left_goes_at_the_next_try(
    shop: Asked, answer: Posted | None, state: LetterState
) -> None:
    code = asked(shop)
    if answer is None:
        shop.mails.fault = RetryLater("warnings: away.", adapter="warnings", operation="warn")
    else:
        shop.mails.answer = answer
    told = sends(shop, code, "--json")
    assert told.code == (75 if answer is None else 3)
    if answer is not None:
        assert told.json["exit"]["code"] == 3
        assert "has not left" in told.err
        assert "`gallra request sent`" in told.err
    assert row_of(shop, code).state is state
    shop.mails.fault, shop.mails.answer = None, Posted.SENT
    assert sends(shop, code).code == 0
    assert len(shop.mails.sent) == 1


def test_of_two_who_send_at_once_one_does(shop: Asked) -> None:
    code = asked(shop)
    opened = shop.open()
    letters = RequestLetters(opened.ledger)
    row = row_of(shop, code)
    with opened.ledger.begin() as connection:
        letters.close(connection, row, LetterState.BEGUN, person="Disa Demo", on=shop.open().today)
    with opened.ledger.begin() as connection, pytest.raises(Exception, match="cannot become begun"):
        letters.close(connection, row, LetterState.BEGUN, person="Anna Ask", on=shop.open().today)


# On the page ------------------------------------------------------------------------------


@pytest.fixture
def visitor(shop: Asked) -> Visitor:
    site = site_at(shop.folder, shop.clock, load=shop.open, look=shop.open, find=lambda: [shop.file])
    made = Visitor(site)
    made.enrol("Anna Ask", Role.ANSWERER)
    return made


def mails_on(visitor: Visitor, code: str, **more: str) -> Any:
    link = f"/shop/egg/requests/{code}"
    token = re.search(r'name="token" value="([^"]+)"', visitor.get(link).text)
    assert token
    fields = {"token": token[1], "back": link, "letter": "receipt", **more}
    return visitor.post(f"{link}/mail", fields)


def test_an_answerer_mails_a_draft_from_the_page_and_once(shop: Asked, visitor: Visitor) -> None:
    code = asked(shop)
    page = visitor.get(f"/shop/egg/requests/{code}")
    assert "Mail the letter" in said(page)
    sent = mails_on(visitor, code)
    assert sent.status_code == 303, said(sent)
    assert "The letter is mailed." in said(visitor.get(sent.headers["location"]))
    assert [mail.to for mail in shop.mails.sent] == [MINE]
    assert row_of(shop, code).person == "Anna Ask"
    assert mails_on(visitor, code).status_code == 409
    assert len(shop.mails.sent) == 1


def test_the_page_offers_no_mail_to_an_address_that_is_not_proven(shop: Asked, visitor: Visitor) -> None:
    code = asked(shop, proven=False)
    write_letter(shop.open(), code, "accessed", ("Svar", "Ett svar."))
    page = said(visitor.get(f"/shop/egg/requests/{code}"))
    assert page.count("Mail the letter") == 1
    assert mails_on(visitor, code, letter="accessed").status_code == 409
    assert shop.mails.sent == []
    assert mails_on(visitor, code).status_code == 303


def test_the_page_mails_again_only_where_it_is_ticked(shop: Asked, visitor: Visitor) -> None:
    code = asked(shop)
    shop.mails.answer = Posted.UNKNOWN
    sent = mails_on(visitor, code)
    assert "may have been sent" in said(visitor.get(sent.headers["location"]))
    shop.mails.answer = Posted.SENT
    assert mails_on(visitor, code).status_code == 409
    assert mails_on(visitor, code, again="yes").status_code == 303
    assert len(shop.mails.sent) == 2


@pytest.mark.parametrize("answer", [one for one in Posted if one is not Posted.SENT])
def test_the_page_names_the_way_on_of_one_that_is_not_sent(
    shop: Asked, visitor: Visitor, answer: Posted
) -> None:
    code = asked(shop)
    shop.mails.answer = answer
    told = said(visitor.get(mails_on(visitor, code).headers["location"]))
    assert "note" in told
    assert ("may have been sent" if answer is Posted.UNKNOWN else "has not left") in told


def test_a_reader_mails_nothing(shop: Asked, visitor: Visitor) -> None:
    code = asked(shop)
    reader = Visitor(visitor.site)
    reader.enrol("Rut Reader", Role.READER)
    assert mails_on(reader, code).status_code == 403
    assert shop.mails.sent == []
