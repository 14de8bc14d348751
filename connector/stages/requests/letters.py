"""Letters to those who made a request: written as files, and sent only by a mail server's 250."""

from pathlib import Path
from typing import NamedTuple

from connector.errors import GallraError, LedgerError, RemoteError
from connector.ledger.request_letters import LEFT, LetterRow, RequestLetters
from connector.ledger.requests import Register
from connector.ledger.states import LetterState
from connector.machine.files import text_of, write_text
from connector.ports import Mail, Post, Posted
from connector.records import Value
from connector.shop import Shop

_AFTER = {
    Posted.SENT: LetterState.SENT, Posted.LATER: LetterState.WAITING, Posted.REFUSED: LetterState.REFUSED,
}  # fmt: skip


BEFORE_PROOF = ("receipt", "extension", "refusal")
"""Letters that say nothing of any record: when the answer is due, the code, why there is none."""


def file_of(shop: Shop, request: str, letter: str) -> Path:
    """Where a letter lies: named by its request, never by a person."""
    return shop.settings.reports.folder / "requests" / f"{request}-{letter}.txt"


def write_letter(shop: Shop, request: str, letter: str, words: tuple[str, str]) -> LetterRow:
    """Writes a letter, its subject and its text, as a draft; it has not left by that.

    The draft is its owner's alone, and is destroyed once the letter has left, or after 30 days.
    """
    subject, text = words
    letters, file = RequestLetters(shop.ledger), file_of(shop, request, letter)
    with shop.ledger.begin() as connection:
        row = letters.write(connection, request, letter, file, shop.today)
    write_text(file, f"{subject}\n\n{text}")
    return row


class Sending(Value, frozen=True, kw_only=True):
    """Which letter goes, on whose word; `again` where they know that it may have been sent already."""

    request: str
    letter: str
    by: str
    again: bool = False


def must_not_have_left(row: LetterRow) -> None:
    """Refuses to send, or to note as sent, what stands as sent. Raises LedgerError, naming the way on."""
    if row.left:
        raise LedgerError(
            f"The letter {row.letter} of request {row.request} left on {row.on}, and leaves once. Where the "
            "person says that it did not come, send them a copy by hand. Nothing was sent."
        )


class Mailed(NamedTuple):
    """What the mail server answered, and the letter as it stands by now."""

    answer: Posted
    letter: LetterRow


def mail_letter(shop: Shop, sending: Sending) -> Mailed:
    """Mails a letter that was written to the address that is proven to be the person's, once.

    What tells of no record goes to the address that the request gave: the code that proves it is in one.
    Raises GallraError where there is no such address, no mail server or no draft; LedgerError where it has
    left, or may have and nobody asks for it again; RemoteError where the server lets nobody in.
    """
    shop.unchanged()
    shop.ready()
    register = Register(shop.ledger, key=shop.key, vault=shop.outbox.vault)
    with shop.ledger.begin() as connection:
        request = register.get(connection, sending.request)
        row = RequestLetters(shop.ledger).one(connection, request.code, sending.letter)
        contact = register.contact(connection, request)
        proven = {one.digest for one in register.named(connection, request, proven=True)}
    must_not_have_left(row)
    post = shop.carrier.mailer()
    if contact is None or not contact.email or post is None:
        raise GallraError(
            "There is no address to mail to, or no mail server (letters.smtp). Send the letter by hand, and "
            "say so with `gallra request sent`. Nothing was sent."
        )
    if row.letter not in BEFORE_PROOF and shop.keyer("email", contact.email) not in proven:
        raise GallraError(
            f"The address that request {request.code} gave is not proven to be theirs, so nothing is mailed "
            "to it. Prove it with `gallra request identify`; or send the letter by hand, and say so with "
            "`gallra request sent`. Nothing was sent."
        )
    if row.state is LetterState.BEGUN and not sending.again:
        raise LedgerError(
            f"The letter {row.letter} of request {request.code} may have been sent on {row.on}: the mail "
            "server's answer is not on record. Ask the person. `gallra request sent` notes that it came, and "
            "`gallra request send --again` mails it once more. Nothing was sent."
        )
    return send_letter(shop, post, row, to=contact.email, by=sending.by)


def send_letter(shop: Shop, post: Post, row: LetterRow, *, to: str, by: str) -> Mailed:
    """Mails a letter that was written: on record before it leaves, closed by what the server answered.

    Raises LedgerError where it has left already, RemoteError where nobody is let in.
    """
    letters = RequestLetters(shop.ledger)
    subject, text = _words(row)
    with shop.ledger.begin() as connection:
        letters.close(connection, row, LetterState.BEGUN, person=by, on=shop.today)
        row = letters.one(connection, row.request, row.letter)
    reply_to = shop.settings.company.contact or ""
    try:
        answer = post.deliver(Mail(to=to, subject=subject, text=text, token=row.token, reply_to=reply_to))
    except RemoteError:
        _close(shop, row, LetterState.WAITING)
        raise
    finally:
        post.close()
    if answer in _AFTER:
        how = f"mail {row.token}" if answer is Posted.SENT else ""
        _close(shop, row, _AFTER[answer], how=how)
    return Mailed(answer, one_letter(shop, row.request, row.letter))


def one_letter(shop: Shop, request: str, letter: str) -> LetterRow:
    """One letter of a request. Raises LedgerError where it was not written."""
    with shop.ledger.begin() as connection:
        return RequestLetters(shop.ledger).one(connection, request, letter)


def record_letter_sent(shop: Shop, request: str, letter: str, *, by: str, how: str) -> LetterRow:
    """Notes a named person's word that a letter left another way."""
    letters = RequestLetters(shop.ledger)
    with shop.ledger.begin() as connection:
        row = letters.one(connection, request, letter)
        must_not_have_left(row)
        letters.close(connection, row, LetterState.TOLD, person=by, how=how, on=shop.today)
    with shop.ledger.begin() as connection:
        letters.destroy_draft(connection, row)
        return letters.one(connection, request, letter)


def _close(shop: Shop, row: LetterRow, state: LetterState, *, how: str = "") -> None:
    """`how` is the mail's own id, by which a bounce or a mail server's log knows it."""
    letters = RequestLetters(shop.ledger)
    with shop.ledger.begin() as connection:
        letters.close(connection, row, state, how=how)
    if state in LEFT:
        with shop.ledger.begin() as connection:
            letters.destroy_draft(connection, row)


def _words(row: LetterRow) -> tuple[str, str]:
    try:
        if row.file is None:
            raise FileNotFoundError
        subject, _, text = text_of(row.file).partition("\n\n")
    except OSError:
        raise GallraError(
            "The letter's file is not there any more. Write it anew with `gallra request letter`. Nothing "
            "was sent."
        ) from None
    return subject, text


__all__ = [
    "Mailed", "Sending", "file_of", "mail_letter", "must_not_have_left", "one_letter", "record_letter_sent",
    "send_letter", "write_letter",
]  # fmt: skip
