"""Letters to those who made a request: written as files, and sent only by a mail server's 250."""

from pathlib import Path

from connector.errors import GallraError, RemoteError
from connector.ledger.request_letters import LEFT, LetterRow, RequestLetters
from connector.ledger.states import LetterState
from connector.machine.files import text_of, write_text
from connector.ports import Mail, Post, Posted
from connector.shop import Shop

_AFTER = {
    Posted.SENT: LetterState.SENT, Posted.LATER: LetterState.WAITING, Posted.REFUSED: LetterState.REFUSED,
}  # fmt: skip


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


def send_letter(shop: Shop, post: Post, row: LetterRow, *, to: str, by: str) -> Posted:
    """Mails a letter that was written: on record before it leaves, closed by what the server answered.

    Raises LedgerError where it has left already, RemoteError where nobody is let in.
    """
    letters = RequestLetters(shop.ledger)
    subject, text = _words(row)
    with shop.ledger.begin() as connection:
        letters.close(connection, row, LetterState.BEGUN, person=by, on=shop.today)
    reply_to = shop.settings.company.contact or ""
    try:
        answer = post.deliver(Mail(to=to, subject=subject, text=text, token=row.token, reply_to=reply_to))
    except RemoteError:
        _close(shop, row, LetterState.WAITING)
        raise
    finally:
        post.close()
    if answer in _AFTER:
        _close(shop, row, _AFTER[answer])
    return answer


def one_letter(shop: Shop, request: str, letter: str) -> LetterRow:
    """One letter of a request. Raises LedgerError where it was not written."""
    with shop.ledger.begin() as connection:
        return RequestLetters(shop.ledger).one(connection, request, letter)


def record_letter_sent(shop: Shop, request: str, letter: str, *, by: str, how: str) -> LetterRow:
    """Notes a named person's word that a letter left another way."""
    letters = RequestLetters(shop.ledger)
    with shop.ledger.begin() as connection:
        row = letters.one(connection, request, letter)
        letters.close(connection, row, LetterState.TOLD, person=by, how=how, on=shop.today)
    with shop.ledger.begin() as connection:
        letters.destroy_draft(connection, row)
        return letters.one(connection, request, letter)


def _close(shop: Shop, row: LetterRow, state: LetterState) -> None:
    letters = RequestLetters(shop.ledger)
    with shop.ledger.begin() as connection:
        letters.close(connection, row, state)
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


__all__ = ["file_of", "one_letter", "record_letter_sent", "send_letter", "write_letter"]
