"""From what was found of a person to the answer that they get: with purposes, periods and every recipient."""

from datetime import date
from typing import NamedTuple

from connector import __version__
from connector.ledger.answers_sealed import Answers, SealedAnswer
from connector.ledger.requests import RequestRow
from connector.ports.disclosing import Access, Copied
from connector.registry import channel_of
from connector.report.access import twin
from connector.report.access.document import counts_of
from connector.report.access.model import Answer, Purpose, RecipientCopy, RecordCopy
from connector.report.processing.model import ActivityView, RecipientRow
from connector.settings import Settings
from connector.shop import Shop
from connector.views.promises.assembly import processing_record

MADE = "answer_made"
"""The event of one answer: whose, by whom, and its counts."""


class Made(NamedTuple):
    """An answer that was made and sealed, and where it lies."""

    answer: Answer
    sealed: SealedAnswer


def seal_answer(shop: Shop, row: RequestRow, found: Access, *, by: str, portability: bool = False) -> Made:
    """Makes the answer of what was found now, and seals it for 30 days; the chain says who had it made."""
    answer = answer_of(shop, found, request=row.code, received=row.received)
    if portability:
        answer = twin.portable(answer)
    file = shop.settings.reports.folder / "requests" / f"{row.code}-{answer.scope}.sealed"
    shop.ready()
    sealed = Answers(shop.ledger, shop.outbox.vault).seal(
        row.code, answer.scope, file, twin.json(answer).encode()
    )
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, MADE, request=row.code, scope=answer.scope, by=by, **counts_of(answer))
    return Made(answer, sealed)


def open_answer(shop: Shop, row: RequestRow, scope: str, *, by: str) -> Answer:
    """A sealed answer, opened by a named person, which the chain says first. Raises LedgerError for none."""
    shop.ready()
    return twin.read(Answers(shop.ledger, shop.outbox.vault).open(row.code, scope, by=by))


def answer_of(shop: Shop, found: Access, *, request: str, received: date) -> Answer:
    """The answer; `found` is the one look that it rests on, and questions to the answerer stay out of it."""
    record = processing_record(shop)
    names = _names(shop.settings)
    return Answer(
        request=request,
        received=received,
        made_at=shop.clock(),
        level=found.level,
        shop=record.shop,
        records=tuple(map(_record, found.copies)),
        purposes=tuple(map(_purpose, record.activities)),
        recipients=tuple(_recipient(one, found, names) for one in record.recipients if not one.missing),
        automated=shop.settings.company.automated_decisions or "",
        sources=shop.settings.company.sources or "",
        tool_version=__version__,
    )


def unsaid(shop: Shop) -> tuple[str, ...]:
    """Settings without which an answer lacks what Art. 15(1)(g) and (h) ask for."""
    company = shop.settings.company
    known = {"company.sources": company.sources, "company.automated_decisions": company.automated_decisions}
    return tuple(name for name, said in known.items() if not said)


def _record(one: Copied) -> RecordCopy:
    return RecordCopy(
        service=one.ref.adapter, kind=one.ref.kind, number=one.label or one.ref.id, created=one.created,
        values=one.items, by_hand=one.by_hand, places=one.places, notes=one.notes,
    )  # fmt: skip


def _purpose(one: ActivityView) -> Purpose:
    return Purpose(
        title=one.title, purpose=one.purpose, bases=one.bases, law=one.paragraphs, data=one.fields,
        recipients=one.recipients, periods=tuple((each.what, each.how_long) for each in one.retention),
    )  # fmt: skip


def _names(settings: Settings) -> dict[str, str]:
    """The name in the settings behind each recipient's title."""
    return {settings.recipient(name).title or name: name for name in settings.recipients.named()}


def _recipient(one: RecipientRow, found: Access, names: dict[str, str]) -> RecipientCopy:
    name = names.get(one.name, "")
    own = [each for each in found.recipients if each.recipient == name]
    channel = channel_of(name) if name else None
    how = (channel.form or channel.address) if channel else ""
    return RecipientCopy(
        name=one.name, role=one.role, country=one.country, third_country=one.third_country,
        safeguard=one.safeguard, fields=one.fields, how=how,
        copies=tuple(each.items for each in own if each.items),
        reasons=tuple(dict.fromkeys(each.reason for each in own if each.reason)),
    )  # fmt: skip


__all__ = ["MADE", "Made", "answer_of", "open_answer", "seal_answer", "unsaid"]
