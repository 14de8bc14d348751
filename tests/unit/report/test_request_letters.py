"""Letters to those who made a request: what the law asks of each, in both languages, whoever writes it."""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from adapters.notice.mail import MailServer
from adapters.notice.post import SmtpPost
from connector.errors import GallraError
from connector.ports import Mail
from connector.report.request_letters import model
from connector.report.request_letters.compose import compose
from connector.report.shared import Both, both
from connector.request import RequestKind

SENDER = model.Sender(shop="Butiken", company="Butiken AB", contact="dataskydd@butiken.example")
DAY = date(2026, 11, 30)
READ = datetime(2026, 11, 30, 9, tzinfo=UTC)
LAW = both("bokföringslagen 7 kap. 2 §", "Bookkeeping Act 7:2")
KEPT = model.Kept(
    what=both("namn", "name"), record="order 17", law=LAW, until=date(2034, 12, 31), instead="restricted"
)
CONTENTS: tuple[model.Content, ...] = (
    model.Receipt(due=DAY, code="K7F-2Q9"),
    model.Extension(told=DAY, notice_by=DAY, due=date(2027, 2, 28), why=model.Why.COMPLEX),
    model.Accessed(scope="access", records=3, masked=2, by_hand=1, read=READ),
    model.Accessed(scope="portability", records=3, masked=0, by_hand=0, read=READ),
    model.Erased(done=((both("telefon", "phone"), "order 17"),), kept=(KEPT,), told=("PostNord",)),
    model.Erased(done=((both("telefon", "phone"), "order 17"),), anonymised=True, backups_until=DAY),
    *(model.Refusal(ground=one, reasons="skäl", proof="bevis") for one in model.Ground),
    model.Confirmation(on=DAY, marketing=True, queued_until=DAY),
    model.Confirmation(
        on=DAY, marketing=True, ended=(both("Mailchimp, e-post", "Mailchimp, e-mail"),),
        waiting=(both("WooCommerce, sms", "WooCommerce, sms"),), by_hand=("Annonsverket",),
    ),
    model.Confirmation(on=DAY, fields=(both("namn", "name"),)),
)
COMPLAINT = (model.Extension, model.Refusal)


def about(kind: RequestKind = RequestKind.ACCESS) -> model.About:
    return model.About(request="R-7K3M2P", kind=kind, received=DAY)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("content", CONTENTS, ids=lambda one: type(one).__name__)
def test_every_letter_is_whole_in_both_languages(content: model.Content, language: str) -> None:
    kind = RequestKind.OBJECT if isinstance(content, model.Confirmation) else RequestKind.ERASE
    letter = compose(SENDER, about(kind), content, language)
    assert "{" not in letter.subject + letter.text
    assert "R-7K3M2P" in letter.subject
    assert "dataskydd@butiken.example" in letter.text
    if isinstance(content, COMPLAINT):
        assert "IMY" in letter.text
        assert ("domstol" if language == "sv" else "court") in letter.text


@pytest.mark.parametrize("kind", list(RequestKind))
def test_every_kind_of_request_has_its_name_in_every_receipt(kind: RequestKind) -> None:
    swedish, english = (compose(SENDER, about(kind), CONTENTS[0], each).text for each in ("sv", "en"))
    assert swedish != english


@pytest.mark.parametrize(
    "kind", [RequestKind.OBJECT, RequestKind.RECTIFY, RequestKind.RESTRICT, RequestKind.COMPLETE]
)
def test_what_is_confirmed_says_from_when(kind: RequestKind) -> None:
    content = model.Confirmation(on=DAY, fields=(both("namn", "name"),))
    assert "2026-11-30" in compose(SENDER, about(kind), content, "sv").text


def test_an_answer_in_part_says_what_stays_by_which_law_until_when_and_what_was_done_all_the_same() -> None:
    text = compose(SENDER, about(RequestKind.ERASE), CONTENTS[4], "sv").text
    for part in ("namn, order 17", "bokföringslagen 7 kap. 2 §", "2034-12-31", "begränsat", "IMY"):
        assert part in text
    assert "telefon (order 17)" in text


def test_anonymised_is_said_only_where_nothing_stays() -> None:
    said = "inte längre knytas till dig"
    whole = model.Erased(done=((both("a", "a"), "b"),), anonymised=True)
    part = model.Erased(done=((both("a", "a"), "b"),), kept=(KEPT,), anonymised=True)
    assert said in compose(SENDER, about(), whole, "sv").text
    assert said not in compose(SENDER, about(), part, "sv").text


def test_an_extension_after_the_first_month_is_refused() -> None:
    late = model.Extension(told=date(2026, 12, 31), notice_by=date(2026, 12, 30), due=DAY, why=model.Why.MANY)
    with pytest.raises(GallraError, match="first month"):
        compose(SENDER, about(), late, "sv")


@pytest.mark.parametrize("ground", sorted(model.NEED_PROOF))
def test_a_ground_that_the_shop_must_show_needs_proof_and_every_refusal_reasons(ground: model.Ground) -> None:
    with pytest.raises(GallraError, match="12"):
        compose(SENDER, about(), model.Refusal(ground=ground, reasons="skäl"), "sv")
    with pytest.raises(GallraError, match="reasons"):
        compose(SENDER, about(), model.Refusal(ground=ground, reasons=" ", proof="x"), "sv")


def test_a_hostile_name_adds_no_header_to_a_mail_and_no_line_to_a_letter() -> None:
    evil = 'Butik\r\nBcc: all@evil.example\r\n\r\n<script>{kind}\x1b[31m'
    sender = model.Sender(shop=evil, company=evil, contact=evil)
    hostile = model.About(request=evil, kind=RequestKind.ACCESS, received=DAY)
    kept = model.Kept(what=Both(sv=evil, en=evil), record=evil, law=LAW, until=None)
    letter = compose(sender, hostile, model.Erased(done=(), kept=(kept,), told=(evil,)), "sv")
    assert "\n" not in letter.subject
    assert "\r" not in letter.text
    assert "\x1b" not in letter.text
    assert not [line for line in letter.text.splitlines() if line.startswith("Bcc")]
    post = SmtpPost(MailServer(host="mail.example", sender="shop@butiken.example"))
    mail = Mail(to="k@customer.example", subject=letter.subject, text=letter.text, token="a1", reply_to=evil)
    message = message_from_bytes(post._written(mail, "k@customer.example"), policy=default)
    assert message["Bcc"] is None
    assert message["To"] == "k@customer.example"
    assert message["Reply-To"] is None
