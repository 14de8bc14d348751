"""The proposed privacy policy, whole (Art. 13): what the shop's file does not say is marked with its key."""

from collections.abc import Iterable, Iterator
from datetime import date

from connector.policy import Policy
from connector.report.paper.model import Part
from connector.report.processing.model import ActivityView, RecipientRow, RecordOfProcessing
from connector.report.shared import Both, both
from connector.settings import Settings
from connector.views.papers.balancing import open_rows, rows_on_interest
from connector.views.papers.said import code, codes, gap, given, joined, line, lines, same


def before(settings: Settings, policy: Policy, record: RecordOfProcessing) -> Iterator[Part]:
    """What stands ahead of the time limits: who, why, on what basis, to whom, and where to."""
    yield _controller(settings)
    yield Part(
        id="notice_purposes",
        title=line("notice.purposes"),
        facts=tuple((one.title, _purpose(one)) for one in record.activities if one.bases),
    )
    yield _interests(settings, policy, record.made_at.date())
    yield _must_give(settings)
    yield _recipients(record)
    yield _transfers(record)


def after(settings: Settings) -> Iterator[Part]:
    """What stands behind the time limits: what stays, the rights, objection apart, decisions, complaint."""
    yield _stays()
    yield _rights(settings)
    yield _objection(settings)
    decisions = settings.company.automated_decisions
    yield Part(
        id="notice_automated",
        title=line("notice.automated_decisions"),
        text=(given(decisions, "company.automated_decisions"),),
    )
    yield _complaint()


def _controller(settings: Settings) -> Part:
    company = settings.company
    facts = [
        (line("notice_controller.company"), given(company.name, "company.name")),
        (
            line("notice_controller.organisation_number"),
            given(company.organisation_number, "company.organisation_number"),
        ),
        (line("notice_controller.address"), given(company.address, "company.address")),
        (line("notice_controller.contact"), given(company.contact, "company.contact")),
    ]
    others = (
        (line("notice_controller.data_protection_officer"), company.data_protection_officer),
        (line("notice_controller.representative_in_the_eu"), company.representative),
        (line("notice_controller.joint_controller"), company.joint_controller),
    )
    facts += [(name, same(value)) for name, value in others if value]
    title = line("notice_controller.title")
    return Part(id="notice_controller", title=title, facts=tuple(facts))


def _purpose(one: ActivityView) -> Both:
    bases = joined((line(f"lawful.{letter}") for letter in one.bases), ", ")
    return line("notice.legal_basis", purpose=one.purpose, bases=bases)


def _interests(settings: Settings, policy: Policy, today: date) -> Part:
    unfinished = {row.rule for row in open_rows(settings, policy, today)}
    by_interest: dict[str, list[str]] = {}
    words: dict[str, Both] = {}
    for row in rows_on_interest(settings, policy):
        words[row.interest.sv] = row.interest
        by_interest.setdefault(row.interest.sv, []).append(row.rule)
    items = [
        joined((words[key], _open_mark(set(rules) & unfinished)), " ") for key, rules in by_interest.items()
    ]
    return Part(
        id="notice_interests",
        title=line("notice_interests.title"),
        text=(line("notice_interests.lead"),),
        items=tuple(items),
    )


def _open_mark(rules: Iterable[str]) -> Both:
    ids = ", ".join(sorted(rules))
    if not ids:
        return both("", "")
    return line("notice_interests.open", ids=ids)


def _must_give(settings: Settings) -> Part:
    fields = settings.company.must_be_given
    named = codes("field", fields) if fields else gap("company.must_be_given")
    return Part(
        id="notice_must_give",
        title=line("notice_must_give.title"),
        text=(line("notice_must_give.text", named=named),),
    )


def _recipients(record: RecordOfProcessing) -> Part:
    return Part(
        id="notice_recipients",
        title=line("notice_recipients.title"),
        items=tuple(_recipient(one) for one in record.recipients),
    )


def _recipient(one: RecipientRow) -> Both:
    kind = code("recipient_code", one.code)
    if one.missing:
        return joined((kind, gap(one.missing)), ": ")
    role = {
        "processor": line("notice_recipients.processor"),
        "controller": line("notice_recipients.controller"),
    }[one.role]
    what = codes("field", one.fields) if one.fields else both("", "")
    named = both(f"{one.name} ({kind.sv})", f"{one.name} ({kind.en})")
    return joined((joined((named, role), ", "), what), ": ")


def _transfers(record: RecordOfProcessing) -> Part:
    outside = [one for one in record.recipients if one.third_country is not False and not one.missing]
    items = tuple(_transfer(one) for one in outside)
    none = line("notice_transfers.none")
    unnamed = any(one.missing for one in record.recipients)
    return Part(
        id="notice_transfers",
        title=line("notice_transfers.title"),
        text=() if items else ((gap("recipients"),) if unnamed else (none,)),
        items=items,
    )


def _transfer(one: RecipientRow) -> Both:
    if not one.country:
        return joined((same(one.name), gap(f"{one.keys}.country")), ": ")
    safeguard = given(one.safeguard, f"{one.keys}.safeguard")
    return line("notice_transfers.one", name=one.name, country=one.country, safeguard=safeguard)


def _stays() -> Part:
    return Part(
        id="notice_stays",
        title=line("notice_stays.title"),
        items=lines("notice_stays.items"),
        text=(line("notice_stays.lead"),),
    )


def _rights(settings: Settings) -> Part:
    contact = given(settings.company.contact, "company.contact")
    return Part(
        id="notice_rights",
        title=line("notice_rights.title"),
        text=(line("notice_rights.lead", contact=contact),),
        items=lines("notice_rights.rights"),
    )


def _objection(settings: Settings) -> Part:
    """Set apart from the other rights, as Article 21(4) demands."""
    contact = given(settings.company.contact, "company.contact")
    return Part(
        id="notice_objection",
        title=line("notice_objection.title"),
        text=(line("notice_objection.text", contact=contact),),
    )


def _complaint() -> Part:
    return Part(
        id="notice_complaint",
        title=line("notice_complaint.title"),
        text=(line("notice_complaint.text"),),
    )


def gaps(parts: Iterable[Part]) -> tuple[Both, ...]:
    """Every gap of the text, each once."""
    texts = [
        text for part in parts for text in (*part.text, *part.items, *(value for _, value in part.facts))
    ]
    found: dict[str, Both] = {}
    for text in texts:
        for swedish, english in zip(_marks(text.sv), _marks(text.en), strict=True):
            found.setdefault(swedish, both(swedish, english))
    return tuple(found.values())


def _marks(text: str) -> list[str]:
    return [f"[{part.partition(']')[0]}]" for part in text.split("[")[1:]]
