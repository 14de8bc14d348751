"""The closing sentences: English in every language, one line, made to be grepped; and what stays."""

from collections.abc import Iterator

from connector.report.protocol.model import ReadBack
from connector.report.shared import Language
from connector.report.tables import place_name, surprise_name
from connector.report.words import Words

TOLD_AT_ONCE = 50
"""Lines that a command says of what no rule names; the protocol lists them all."""


def verified_sentence(read_back: ReadBack) -> str:
    """The last line of `verify`; clean, left, and those restored or rectified or not sum up."""
    begun = f"; {read_back.begun} begun and not settled" if read_back.begun else ""
    why = "could not be read" if read_back.asked else "not read back yet"
    unread = f"; {read_back.unread} {why}" if read_back.unread else ""
    word = "rectified" if read_back.rectifies else "restored"
    back = f", {read_back.restored} {word}" if read_back.restored else ""
    away = f", {read_back.not_restored} not {word}" if read_back.not_restored else ""
    return (
        f"Verified: {read_back.read} read back, {read_back.clean} clean, {read_back.left} with data left"
        f"{back}{away}, {read_back.accepted} accepted, {read_back.notified} notified, "
        f"{read_back.by_hand} by hand{unread}{begun}."
    )


def told_lines(read_back: ReadBack, language: Language = "en") -> Iterator[str]:
    """What the records that were read back hold and no rule names, one line a type and place."""
    words = Words(language)
    for one in read_back.told[:TOLD_AT_ONCE]:
        what, place = surprise_name(one.code, words), place_name(one.place, words)
        yield words.say("stays.one", what=what, place=place, n=words.number(one.count))
    if len(read_back.told) > TOLD_AT_ONCE:
        yield words.say("stays.more", n=words.number(len(read_back.told) - TOLD_AT_ONCE))
    if read_back.told:
        yield words.say("stays.why")
