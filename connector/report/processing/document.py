"""The record of processing as a document and as CSV (Art. 30, law/documents §4)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from connector.report.annex import _line, _plain
from connector.report.articles import in_language
from connector.report.blocks import Block, Bullets, Cell, Document, Facts, Heading, Paragraph, Section
from connector.report.processing.model import ActivityView, RecipientRow, RecordOfProcessing, RetentionView
from connector.report.shared import AttestedView, Language, Shop
from connector.report.tables import declared, in_sentence, letterhead, listed, row, rule_name, table
from connector.report.words import NOTHING, Words

COLUMNS = (
    "controller",
    "represented",
    "activity",
    "purpose",
    "basis",
    "people",
    "data",
    "recipients",
    "transfer",
    "limits",
    "safeguards",
    "system",
    "agreement",
    "attested",
    "reviewed",
)


def record_sentence(view: RecordOfProcessing) -> str:
    """The last line of `record`: English in every language."""
    day = view.made_at.date()
    in_force = sum(one.due is not None and day <= one.due for one in view.attestations)
    return (
        f"Record: {len(view.activities)} activities, {len(view.recipients)} recipients, "
        f"{in_force} of {len(view.attestations)} attestations in force, {len(view.missing)} to fill in."
    )


def compose(view: RecordOfProcessing, language: Language) -> Document:
    """The record in one language."""
    words = Words(language)
    return Document(
        language=language,
        kind=words.say("document.record"),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.made"), words.moment(view.made_at)),
            (words.say("approval.policy"), f"{view.policy.name}@{view.policy.version}"),
        ),
        title=words.say("record.title"),
        lead=(words.say("record.lead"), *declared(view.archived, words)),
        warnings=_missing(view, words),
        sections=tuple(
            Section(id=name, title=words.say(f"section.{name}"), blocks=tuple(blocks(view, words)))
            for name, blocks in _SECTIONS.items()
        ),
        sentence=record_sentence(view),
        footer=words.say("document.tool", version=view.tool_version),
    )


def _missing(view: RecordOfProcessing, words: Words) -> Bullets | None:
    items = (*view.missing, *(one.of(words.language) for one in view.open))
    return Bullets(title=words.say("record.missing"), items=items, tone="warn") if items else None


def _controller(view: RecordOfProcessing, words: Words) -> Iterator[Block]:
    shop = view.shop
    pairs = (
        ("controller", _company(shop, words)),
        ("organisation_number", shop.organisation_number),
        ("contact", shop.contact),
        ("address", view.address),
        ("data_protection_officer", view.data_protection_officer or words.say("record.none_given")),
        ("representative", view.representative or words.say("record.none_given")),
        ("joint_controller", view.joint_controller or words.say("record.none_given")),
    )
    yield Facts(pairs=tuple((words.code("record_label", name), value or NOTHING) for name, value in pairs))


def _activities(view: RecordOfProcessing, words: Words) -> Iterator[Block]:
    for one in view.activities:
        yield Heading(text=one.title.of(words.language), note=one.purpose.of(words.language))
        pairs = (
            ("basis", listed([words.code("basis", basis) for basis in one.bases])),
            ("law", _law(one, words)),
            ("people", one.people.of(words.language)),
            ("data", _data(one, words)),
            ("recipients", _named(view, one, words)),
            ("transfer", _transfers(view, one, words)),
        )
        yield Facts(
            pairs=tuple((words.code("record_label", name), value or NOTHING) for name, value in pairs)
        )
        limits = tuple(_limit(each, words) for each in one.retention)
        if limits:
            yield Bullets(title=words.code("record_label", "limits"), items=limits)


def _basis(one: ActivityView, words: Words) -> str:
    """The basis and the law in one cell of the list."""
    letters = listed([words.code("basis", basis) for basis in one.bases])
    return "; ".join(part for part in (letters, _law(one, words)) if part)


def _law(one: ActivityView, words: Words) -> str:
    """The acts that a basis or a time limit rests on; an article that gives no basis stands here only."""
    return "; ".join(in_language(part, words.language) for part in one.paragraphs)


def recipient_name(one: RecipientRow, words: Words) -> str:
    """Its name; its kind and the key to fill in, where nobody has named it."""
    if not one.missing:
        return one.name
    return f"{words.code('recipient_code', one.code)}: {words.say('document.fill_in', name=one.missing)}"


def _named(view: RecordOfProcessing, one: ActivityView, words: Words) -> str:
    rows = {each.name: each for each in view.recipients}
    return ", ".join(recipient_name(rows[name], words) for name in one.recipients)


def _data(one: ActivityView, words: Words) -> str:
    """The fields that rules name, then what else the records hold; each once."""
    fields = in_sentence([words.code("field", field) for field in one.fields])
    named = [part for part in (fields, one.data.of(words.language)) if part]
    kinds = ", ".join(words.code("kind", kind) for kind in one.kinds)
    return ": ".join(part for part in (kinds, ", ".join(named)) if part)


def _transfers(view: RecordOfProcessing, one: ActivityView, words: Words) -> str:
    found = [each for each in view.recipients if each.name in one.transfers]
    return ", ".join(f"{each.name}: {_country(each, words)}" for each in found)


def _limit(one: RetentionView, words: Words) -> str:
    language = words.language
    return f"{one.what.of(language)}: {one.how_long.of(language)} ({one.rule})"


def _recipients(view: RecordOfProcessing, words: Words) -> Iterator[Block]:
    if not view.recipients:
        yield Paragraph(text=words.say("record.no_recipients"), tone="warn")
        return
    rows = [
        row(
            Cell(text=recipient_name(one, words), note=words.code("recipient_code", one.code)),
            role_name(one, words),
            in_sentence([words.code("field", field) for field in one.fields]) or NOTHING,
            _country(one, words),
            Cell(text=_agreement(one, words), note=_evidence(one, words)),
            Cell(text=words.code("record_told", one.told_by) if one.told_by else NOTHING, note=one.channel),
        )
        for one in view.recipients
    ]
    yield table(words, ("recipient", "role", "data", "country", "agreement", "told_by"), rows)


def _agreement(one: RecipientRow, words: Words) -> str:
    return words.day(one.agreement) if one.role == "processor" else NOTHING


def _evidence(one: RecipientRow, words: Words) -> str:
    """What last showed that it keeps to what is agreed; empty where nobody has said."""
    if not one.evidence:
        return ""
    day = words.day(one.evidence_on) if one.evidence_on else NOTHING
    return words.say("record.evidence", what=one.evidence, day=day)


def role_name(one: RecipientRow, words: Words) -> str:
    """Its role; marked open where it is inferred and no source states it."""
    if not one.role:
        return NOTHING
    role = words.code("role", one.role)
    return f"{role} ({words.say('record.role_open')})" if one.role_assumed else role


def _country(one: RecipientRow, words: Words) -> str:
    if one.third_country and one.safeguard:
        return f"{one.country} ({words.say('record.safeguarded', safeguard=one.safeguard)})"
    if one.third_country:
        key = f"{one.keys}.safeguard"
        return f"{one.country} ({words.say('record.third_country', name=key)})"
    if one.missing:
        return NOTHING
    return one.country or words.say("record.no_country")


def _attestations(view: RecordOfProcessing, words: Words) -> Iterator[Block]:
    yield Paragraph(text=words.say("record.attest_lead"))
    rows = [
        row(
            Cell(text=view.titles[one.row].of(words.language), note=one.row),
            one.by or NOTHING,
            words.day(one.on),
            words.day(one.due),
            words.code("record_state", _standing(one, view.made_at.date())),
        )
        for one in view.attestations
    ]
    yield table(words, ("attested_row", "attested_by", "attested_on", "due_again", "state"), rows)


def _standing(one: AttestedView, today: date) -> str:
    if one.due is None:
        return "never"
    return "in_force" if today <= one.due else "overdue"


def _safeguards(view: RecordOfProcessing, words: Words) -> Iterator[Block]:
    yield Paragraph(text=words.say("record.safeguards_lead"))
    yield Bullets(items=tuple(one.of(words.language) for one in view.safeguards))


_SECTIONS: dict[str, Callable[[RecordOfProcessing, Words], Iterable[Block]]] = {
    "record_controller": _controller,
    "record_activities": _activities,
    "record_recipients": _recipients,
    "record_attestations": _attestations,
    "record_safeguards": _safeguards,
}


def csv(view: RecordOfProcessing, language: Language) -> Iterator[str]:
    """One line per activity, header first, line by line (law/documents §4)."""
    words = Words(language)
    yield _line(tuple(words.code("record_label", name) for name in COLUMNS))
    for one in view.activities:
        yield _line(tuple(_plain(cell) for cell in _cells(view, one, words)))


def _cells(view: RecordOfProcessing, one: ActivityView, words: Words) -> tuple[str, ...]:
    shop, language = view.shop, words.language
    agreements = {each.name: each.agreement for each in view.recipients if not each.missing}
    return (
        ", ".join(part for part in (_company(shop, words), shop.organisation_number, shop.contact) if part),
        ", ".join(
            part
            for part in (view.joint_controller, view.representative, view.data_protection_officer)
            if part
        ),
        one.title.of(language),
        one.purpose.of(language),
        _basis(one, words),
        one.people.of(language),
        _data(one, words),
        _named(view, one, words),
        _transfers(view, one, words),
        "; ".join(_limit(each, words) for each in one.retention),
        "; ".join(each.of(language) for each in view.safeguards),
        ", ".join((shop.platform, *(name for name in one.recipients if name in agreements))),
        ", ".join(f"{name}: {words.day(agreements[name])}" for name in one.recipients if name in agreements),
        ", ".join(_given(each, words) for each in one.attested),
        view.made_at.date().isoformat(),
    )


def _company(shop: Shop, words: Words) -> str:
    return shop.company or words.say("document.fill_in", name="company.name")


def _given(one: AttestedView, words: Words) -> str:
    name = rule_name(one.row, words)
    if one.on is None:
        return f"{name}: {words.code('record_state', 'never')}"
    return f"{name}: {one.by} {words.day(one.on)}, {words.code('record_label', 'due')} {words.day(one.due)}"
