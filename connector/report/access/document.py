"""The answer as a page that a customer can read, in one language (Art. 12(1), 15)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from connector.ports.disclosing import Given, Why
from connector.report.access.model import Answer, RecipientCopy, RecordCopy
from connector.report.articles import in_language
from connector.report.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Facts,
    Fold,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
)
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both, Language
from connector.report.words import NOTHING, Words
from connector.text.printable import printable

_Texts = Mapping[str, Mapping[str, Both]]
_RIGHTS = ("rectify", "erase", "restrict", "port", "object")


def access_sentence(answer: Answer) -> str:
    """The last line of the page and of the command: counts alone, English in every language."""
    values = [one for record in answer.records for one in record.values]
    named = sum(len(record.by_hand) + len(record.places) for record in answer.records)
    return (
        f"Access: {len(answer.records)} records, {len(values)} values, "
        f"{sum(bool(one.why) for one in values)} masked, {named} named only."
    )


def counts_of(answer: Answer) -> dict[str, int]:
    """How many records, values masked, and places only named: what a letter may say of an answer."""
    values = [one for record in answer.records for one in record.values]
    return {
        "records": len(answer.records),
        "masked": sum(bool(one.why) for one in values),
        "by_hand": sum(len(record.by_hand) + len(record.places) for record in answer.records),
    }


def compose(answer: Answer, language: Language) -> Document:
    """The page in one language: what is held, why, who has it, what is not shown, and every right."""
    said, words = _Said(language), Words(language)
    sections = {
        "copy": _copy(answer, said, words), "why": _why(answer, said, words),
        "who": _who(answer, said, words), "left": _left(answer, said, words), "rights": _rights(answer, said),
    }  # fmt: skip
    return Document(
        language=language,
        kind=said("page", "kind"),
        sender=tuple(
            one for one in (answer.shop.name, answer.shop.company, answer.shop.organisation_number,
                            answer.shop.contact) if one
        ),
        reference=(
            (said("page", "request"), answer.request),
            (said("page", "received"), answer.received.isoformat()),
            (words.say("document.made"), words.moment(answer.made_at)),
        ),
        title=said("page", "title", shop=answer.shop.name),
        lead=(said("page", "lead", moment=words.moment(answer.made_at)), said("page", "free")),
        sections=tuple(
            Section(id=f"access_{name}", title=said("section", name), blocks=tuple(blocks))
            for name, blocks in sections.items()
        ),
        sentence=access_sentence(answer),
        footer=words.say("document.tool", version=answer.tool_version),
    )  # fmt: skip


class _Said:
    """The texts of the page in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts: _Texts = read_catalogue("request_answers", dict[str, dict[str, Both]])

    def __call__(self, part: str, key: str, **values: object) -> str:
        text = self._texts[part][key].of(self.language)
        return text.format(**values) if values else text

    def reason(self, code: str) -> str:
        """The words of a reason; one without any as it is."""
        found = self._texts["reason"].get(code)
        return found.of(self.language) if found else code


def _copy(answer: Answer, said: _Said, words: Words) -> Iterator[Block]:
    if not answer.records:
        yield Paragraph(text=said("page", "nothing"))
    for record in answer.records:
        made = said("copy", "created", service=words.service(record.service), day=record.created or NOTHING)
        yield Heading(text=_name(record, said, words), note=made)
        yield from _values(record.values, said, words)


def _values(values: Sequence[Given], said: _Said, words: Words) -> Iterator[Block]:
    own = [one for one in values if one.fields]
    others = [one for one in values if not one.fields]
    if own:
        yield _table(own, said, words)
    if others:
        summary = said("copy", "others", count=len(others))
        yield Fold(summary=summary, blocks=(_table(others, said, words),))


def _table(values: Sequence[Given], said: _Said, words: Words) -> Table:
    rows = [
        (", ".join(words.code("field", field) for field in one.fields) or NOTHING, one.text, one.place)
        for one in values
    ]
    return _rows(said, "copy", ("field", "value", "place"), rows)


def _rows(said: _Said, part: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(
        columns=tuple(Column(title=said(part, name)) for name in columns),
        rows=tuple(Row(cells=tuple(Cell(text=printable(cell)) for cell in row)) for row in rows),
    )


def _name(record: RecordCopy, said: _Said, words: Words) -> str:
    kind = words.code("kind", record.kind)
    return said("copy", "number", kind=kind[:1].upper() + kind[1:], number=printable(record.number))


def _why(answer: Answer, said: _Said, words: Words) -> Iterator[Block]:
    for one in answer.purposes:
        yield Heading(text=one.title.of(said.language))
        pairs = (
            ("purpose", one.purpose.of(said.language)),
            ("basis", ", ".join(words.code("basis", basis) for basis in one.bases)),
            ("law", "; ".join(in_language(part, said.language) for part in one.law)),
            ("data", ", ".join(words.code("field", field) for field in one.data)),
            ("recipients", ", ".join(one.recipients)),
        )
        yield Facts(pairs=tuple((said("why", name), text or NOTHING) for name, text in pairs))
        if one.periods:
            yield Bullets(
                title=said("why", "period"),
                items=tuple(
                    f"{what.of(said.language)}: {how.of(said.language)}" for what, how in one.periods
                ),
            )


def _who(answer: Answer, said: _Said, words: Words) -> Iterator[Block]:
    rows = [
        (
            one.name,
            words.code("role", one.role) if one.role else NOTHING,
            ", ".join(words.code("field", field) for field in one.fields) or NOTHING,
            _country(one, said),
            _copied(one, said),
        )
        for one in answer.recipients
    ]
    yield _rows(said, "who", ("name", "role", "data", "country", "copied"), rows)
    for one in answer.recipients:
        for copy in one.copies:
            yield Heading(text=said("who", "heading", name=one.name))
            yield from _values(copy, said, words)


def _country(one: RecipientCopy, said: _Said) -> str:
    if one.third_country:
        third = said("who", "third", safeguard=one.safeguard or said("who", "none"))
        return f"{one.country} ({third})"
    return one.country or NOTHING


def _copied(one: RecipientCopy, said: _Said) -> str:
    """Whether a copy is enclosed, and else how the person gets one."""
    how = said("who", "ask", how=one.how) if one.how else said("who", "ask_us")
    reasons = ", ".join(said.reason(code) for code in one.reasons)
    parts = [said("who", "enclosed")] if one.copies else [how]
    return "; ".join(part for part in (*parts, reasons) if part)


def _left(answer: Answer, said: _Said, words: Words) -> Iterator[Block]:
    values = [one for record in answer.records for one in record.values]
    values += [one for who in answer.recipients for copy in who.copies for one in copy]
    counted = Counter(why for one in values for why in one.why)
    masked = [
        said("masked", "count", what=said("masked", why), count=counted[why]) for why in Why if counted[why]
    ]
    for state in ("masked", "unread"):
        if count := sum(record.notes == state for record in answer.records):
            masked.append(said("left", f"notes_{state}", count=count))
    if masked:
        yield Bullets(title=said("left", "masked"), items=tuple(masked))
    hands = tuple(_hands(answer, said, words))
    if hands:
        yield Bullets(title=said("left", "by_hand"), items=hands)
    if not masked and not hands:
        yield Paragraph(text=said("left", "nothing"))


def _hands(answer: Answer, said: _Said, words: Words) -> Iterator[str]:
    for one in answer.records:
        name = _name(one, said, words)
        if one.by_hand:
            fields = ", ".join(words.code("field", field) for field in one.by_hand)
            yield said("left", "hand", record=name, fields=fields)
        if one.places:
            yield said("left", "places", record=name, places=printable(", ".join(one.places)))


def _rights(answer: Answer, said: _Said) -> Iterator[Block]:
    yield Paragraph(text=said("rights", "lead"))
    yield Bullets(items=tuple(said("rights", name) for name in _RIGHTS))
    yield Paragraph(text=said("rights", "marketing"), tone="accent")  # presented separately (Art. 21(4))
    for name, text in (("source", answer.sources), ("automated", answer.automated)):
        if text:  # what nobody at the company has said is not said of it
            yield Paragraph(text=said("rights", name, text=printable(text)))
    yield Paragraph(text=said("rights", "complaint"))


__all__ = ["access_sentence", "compose", "counts_of"]
