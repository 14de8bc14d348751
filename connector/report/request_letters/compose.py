"""Each letter from its facts, in one language: plain text, and a subject of one line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connector.errors import GallraError
from connector.report.abbreviations import explained_in
from connector.report.catalogues import read_catalogue
from connector.report.request_letters.model import (
    NEED_PROOF,
    About,
    Accessed,
    Confirmation,
    Content,
    Erased,
    Extension,
    Kept,
    Letter,
    Lifting,
    Receipt,
    Refusal,
    Sender,
)
from connector.report.shared import Both, Language
from connector.report.words import Words
from connector.request import RequestKind
from connector.text.plain_text import said as one_line

LONGEST = 2_000
"""Characters of what somebody typed or a shop is called, in a letter."""


def compose(sender: Sender, about: About, content: Content, language: Language) -> Letter:
    """The letter. Raises GallraError for an extension too late, or a refusal without reasons or proof."""
    say = _Say(language)
    name = type(content).__name__.lower()
    parts = [
        say("letter", "hello"),
        say("letter", "about", request=about.request, what=say("kind", str(about.kind)),
            received=about.received.isoformat()),
        *_BODIES[type(content)](content, about, say),
        say("letter", "contact", contact=sender.contact or sender.shop),
        say("letter", "signed", shop=sender.shop,
            company=" ".join(filter(None, (sender.company, sender.organisation_number)))),
    ]  # fmt: skip
    subject = one_line(say(name, "subject", request=about.request), longest=200)
    return Letter(name=name, subject=subject, text="\n\n".join(parts) + "\n")


class _Say:
    """The texts of the letters in one language; what fills them is one line each, and printable."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts: Mapping[str, Mapping[str, Both]] = read_catalogue(
            "request_letters", dict[str, dict[str, Both]]
        )

    def __call__(self, part: str, key: str, **values: object) -> str:
        text = self._texts[part][key].of(self.language)
        given = {name: one_line(value, longest=LONGEST) for name, value in values.items()}
        return text.format(**given) if given else text


def _receipt(content: Receipt, about: About, say: _Say) -> Iterator[str]:
    yield say("receipt", "due", due=content.due)
    if content.code:
        yield say("receipt", "code", code=content.code)
        yield say("receipt", "order")
        yield say("receipt", "not_you")
    yield say("letter", "free")


def _extension(content: Extension, about: About, say: _Say) -> Iterator[str]:
    if content.told > content.notice_by:
        raise GallraError(
            f"An extension is told within the first month, and that ended on {content.notice_by}. Answer "
            "the request now. Nothing was written."
        )
    yield say("extension", str(content.why))
    yield say("extension", "due", due=content.due)
    yield say("letter", "complaint")


def _accessed(content: Accessed, about: About, say: _Say) -> Iterator[str]:
    yield say("accessed", content.scope, records=content.records)
    yield say("accessed", "read", moment=Words(say.language).moment(content.read))
    if content.masked:
        yield say("accessed", "masked", masked=content.masked)
    if content.by_hand:
        yield say("accessed", "by_hand", by_hand=content.by_hand)
    yield say("letter", "complaint")


def _erased(content: Erased, about: About, say: _Say) -> Iterator[str]:
    if not content.done and not content.kept:
        yield say("erased", "nothing")
    else:
        yield say("erased", "whole" if not content.kept else "part" if content.done else "none")
    if content.done:
        rows = (say("erased", "one", what=what.of(say.language), where=where) for what, where in content.done)
        yield "\n".join((say("erased", "done"), *rows))
    if content.kept:
        lead = say("erased", "kept_only" if content.for_nothing_else else "kept")
        yield "\n".join((lead, *(line for one in content.kept for line in _kept(one, say))))
        laws = " ".join(one.law.of(say.language) for one in content.kept)
        if short := explained_in(laws, Words(say.language)):
            yield "\n".join(short)
    if content.anonymised and not content.kept:
        yield say("erased", "anonymised")
    elif about.kind is RequestKind.ANONYMISE and content.done:
        yield say("erased", "pseudonymised")
    if content.loosened:
        yield say("erased", "loosened", records=", ".join(content.loosened))
    if content.told:
        yield say("letter", "told", names=", ".join(content.told))
    if content.backups_until:
        yield say("erased", "backups", until=content.backups_until)
    if content.suppressed:
        yield say("erased", "suppressed")
    if content.kept:
        yield say("letter", "complaint")


def _kept(one: Kept, say: _Say) -> Iterator[str]:
    values = {"what": one.what.of(say.language), "record": one.record, "law": one.law.of(say.language)}
    if one.instead == "by_hand":
        yield say("erased", "by_hand", **values)
        return
    yield say("erased", "stays", until=one.until, **values) if one.until else say("erased", "held", **values)
    if one.instead:
        yield say("erased", one.instead)


def _refusal(content: Refusal, about: About, say: _Say) -> Iterator[str]:
    if not content.reasons.strip():
        raise GallraError("A refusal gives its reasons. Write them with --reasons. Nothing was written.")
    if content.ground in NEED_PROOF and not content.proof.strip():
        raise GallraError(
            "This ground is for the shop to show (GDPR Art. 12(5)). Say with --proof what shows it. Nothing "
            "was written."
        )
    yield say("refusal", "lead")
    yield say("refusal", str(content.ground))
    yield say("refusal", "reasons", reasons=content.reasons)
    if content.proof:
        yield say("refusal", "proof", proof=content.proof)
    yield say("letter", "complaint")


def _confirmation(content: Confirmation, about: About, say: _Say) -> Iterator[str]:
    if content.marketing:
        yield say("confirmation", "marketing", on=content.on)
        yield from _mailings(content, say)
        if content.queued_until:
            yield say("confirmation", "queued", until=content.queued_until)
        yield say("confirmation", "suppressed")
    if not (content.marketing and about.kind is RequestKind.OBJECT):
        fields = ", ".join(one.of(say.language) for one in content.fields)
        yield say("confirmation", str(about.kind), on=content.on, fields=fields)
    if content.told:
        yield say("letter", "told", names=", ".join(content.told))


def _mailings(content: Confirmation, say: _Say) -> Iterator[str]:
    """What was read back as ended, what was not, and who is told by a person."""
    for name, channels in (("ended", content.ended), ("waiting", content.waiting)):
        if channels:
            yield say("confirmation", name, names="; ".join(one.of(say.language) for one in channels))
    if not content.ended and not content.waiting:
        yield say("confirmation", "none_found")
    if content.by_hand:
        yield say("confirmation", "by_hand", names=", ".join(content.by_hand))


def _lifting(content: Lifting, about: About, say: _Say) -> Iterator[str]:
    if about.kind is not RequestKind.RESTRICT:
        raise GallraError("That request restricts nothing, so there is nothing to lift. Nothing was written.")
    if not content.reasons.strip():
        raise GallraError("Say with --reasons why the restriction is lifted. Nothing was written.")
    yield say("lifting", "lead")
    yield say("lifting", "reasons", reasons=content.reasons)
    yield say("letter", "complaint")


_BODIES: Mapping[type, Callable[[Any, About, _Say], Iterator[str]]] = {
    Receipt: _receipt, Extension: _extension, Accessed: _accessed, Erased: _erased, Refusal: _refusal,
    Confirmation: _confirmation, Lifting: _lifting,
}  # fmt: skip

__all__ = ["compose"]
