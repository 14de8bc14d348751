"""From what was found of a person to the answer that they get: with purposes, periods and every recipient."""

from datetime import date

from connector import __version__
from connector.ports.disclosing import Access, Copied
from connector.registry import channel_of
from connector.report.access.model import Answer, Purpose, RecipientCopy, RecordCopy
from connector.report.processing.model import ActivityView, RecipientRow
from connector.settings import Settings
from connector.shop import Shop
from connector.views.promises.assembly import processing_record


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


__all__ = ["answer_of", "unsaid"]
