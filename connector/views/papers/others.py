"""The agency's papers (Art. 30(2), 28), the incident sheet (Art. 33) and the yearly control."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from connector.calendar import STOCKHOLM
from connector.report.paper.model import Part
from connector.report.processing.model import RecordOfProcessing
from connector.report.protocol.model import Protocol
from connector.report.shared import Both
from connector.settings import Settings
from connector.views.activities import safeguards
from connector.views.papers.said import code, gap, given, joined, line, lines, same, to_fill_in

HOURS_TO_NOTIFY = 72
"""Art. 33(1): from when the controller became aware."""


# The agency ----------------------------------------------------------------------------------


def agency_parts(settings: Settings, record: RecordOfProcessing) -> Iterator[Part]:
    """The agency's record for this controller, the controller's instruction, and the agreement to sign."""
    yield _agency_record(settings)
    yield _agency_work(settings)
    yield _instruction(settings, record)
    yield _agreement(settings)


def _agency_record(settings: Settings) -> Part:
    agency, company = settings.agency, settings.company
    facts = (
        (line("agency_record.processor"), given(agency and agency.name, "agency.name")),
        (line("agency_record.organisation_number"),
         given(agency and agency.organisation_number, "agency.organisation_number")),
        (line("agency_record.contact"), given(agency and agency.contact, "agency.contact")),
        (line("agency_record.data_protection_officer"),
         same(agency.data_protection_officer) if agency and agency.data_protection_officer
         else line("agency_record.none_given")),
        (line("agency_record.on_whose_behalf"),
         joined((given(company.name, "company.name"),
                 given(company.organisation_number, "company.organisation_number"),
                 given(company.contact, "company.contact")), ", ")),
    )  # fmt: skip
    title = line("agency_record.title")
    return Part(id="agency_record", title=title, facts=facts)


def _agency_work(settings: Settings) -> Part:
    agency = settings.agency
    country = given(agency and agency.country, "agency.country")
    engaged = ", ".join(agency.engages) if agency else ""
    return Part(
        id="agency_work",
        title=line("agency_work.title"),
        items=lines("agency_work.items"),
        facts=(
            (line("agency_work.country"), country),
            (
                line("agency_work.other_processors"),
                same(engaged) if engaged else line("agency_work.none_given"),
            ),
            (line("agency_work.security_measures"), joined(safeguards())),
        ),
    )


def _instruction(settings: Settings, record: RecordOfProcessing) -> Part:
    policy = f"{record.policy.name}@{record.policy.version}"
    return Part(
        id="agency_instruction",
        title=line("agency_instruction.title"),
        items=lines("agency_instruction.items", policy=policy),
        signature=(line("agency_instruction.for_the_controller"), line("agency_instruction.date")),
    )


def _agreement(settings: Settings) -> Part:
    day = settings.agency.agreement if settings.agency else None
    return Part(
        id="agency_agreement",
        title=line("agency_agreement.title"),
        facts=((line("agency_agreement.day_of_the_agreement"), given(day, "agency.agreement")),),
        items=lines("agency_agreement.terms"),
        signature=(
            line("agency_agreement.for_the_controller"), line("agency_agreement.for_the_processor"),
            line("agency_agreement.place_and_date"),
        ),
    )  # fmt: skip


# The incident --------------------------------------------------------------------------------


def incident_parts(
    noticed: datetime | None, what: str, run: Protocol | None, *, at: str = "Europe/Stockholm"
) -> Iterator[Part]:
    """The 72-hour sheet (Art. 33(3)); a wrong erasure fills in what ran, how many and which fields."""
    limit = _hours_later(noticed) if noticed else None
    yield Part(
        id="incident_clock",
        title=line("incident.clock"),
        facts=(
            (line("incident.noticed"), same(f"{noticed:%Y-%m-%d %H:%M} {at}") if noticed else to_fill_in()),
            (line("incident.notify_imy_by"),
             same(f"{limit:%Y-%m-%d %H:%M} {at}") if limit
             else line("incident.within")),
            (line("incident.noticed_by"), to_fill_in()),
        ),
    )  # fmt: skip
    yield Part(
        id="incident_what",
        title=line("incident.what_has_happened"),
        facts=((line("incident.description"), same(what) if what else to_fill_in()), *_of_run(run)),
        columns=(line("incident.data"), line("incident.records"), line("incident.action")),
        rows=_erased(run),
    )
    yield Part(
        id="incident_judged",
        title=line("incident.judgement"),
        facts=tuple((question, to_fill_in()) for question in lines("incident.questions")),
        signature=lines("paper.sign"),
    )


def _hours_later(noticed: datetime) -> datetime:
    """The clock's time in Stockholm when the hours have really passed, also over a night when it is moved."""
    began = (noticed if noticed.tzinfo else noticed.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
    return (began + timedelta(hours=HOURS_TO_NOTIFY)).astimezone(STOCKHOLM)


def _of_run(run: Protocol | None) -> tuple[tuple[Both, Both], ...]:
    if run is None:
        return ()
    code_ = run.digest.removeprefix("sha256:")[:8]
    return (
        (line("incident_run.run"), same(f"{run.number} ({code_})" if run.number else code_)),
        (line("incident_run.began"), same(f"{run.started:%Y-%m-%d %H:%M}") if run.started else to_fill_in()),
        (line("incident_run.ended"), same(f"{run.ended:%Y-%m-%d %H:%M}") if run.ended else to_fill_in()),
        (line("incident_run.approved_by"), same(run.approval.by) if run.approval.by else to_fill_in()),
    )


def _erased(run: Protocol | None) -> tuple[tuple[Both, ...], ...]:
    return tuple(
        (
            joined((code("field", one.field if one.field else f"whole_{one.kind}"), same(one.rule)), "\n"),
            same(str(one.count)),
            code("label", one.label),
        )
        for one in (run.rules if run else ())
    )


# The yearly control --------------------------------------------------------------------------


def yearly_parts(settings: Settings, record: RecordOfProcessing, opened: Sequence[Both]) -> Iterator[Part]:
    """The checklist of law/documents §12, each line with who, when and what was found."""
    day = record.made_at.date()
    columns = (line("yearly.control"), line("yearly.by"), line("yearly.date"), line("yearly.found"))
    empty = (to_fill_in(), to_fill_in(), to_fill_in())
    yield Part(
        id="yearly_list",
        title=line("yearly.controls"),
        columns=columns,
        rows=tuple((one, *empty) for one in _yearly(settings, record, day)),
    )
    if opened:
        yield Part(id="yearly_open", title=line("yearly.open_from_before"), items=tuple(opened))
    yield Part(
        id="yearly_next",
        title=line("yearly.next_control"),
        facts=((line("yearly.no_later_than"), same(_a_year_later(day).isoformat())),),
        signature=lines("paper.sign"),
    )


def _a_year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _yearly(settings: Settings, record: RecordOfProcessing, day: date) -> Iterator[Both]:
    years = settings.financial_years()
    last = same(str(years[-1][1])) if years else gap("company.financial_years")
    overdue = sum(one.due is None or one.due < day for one in record.attestations)
    yield joined((line("yearly_list.financial_years"), last), "\n")
    yield line("yearly_list.new_apps")
    yield line("yearly_list.unknown_fields")
    yield line("yearly_list.recipients", recipients=len(record.recipients), gaps=len(record.missing))
    yield line("yearly_list.ten_orders")
    yield line("yearly_list.requests")
    yield line("yearly_list.notices")
    yield line("yearly_list.attestations", overdue=overdue, all=len(record.attestations))
    yield line("yearly_list.backups")
    yield line("yearly_list.policy_text")
    yield line("yearly_list.balancings")
