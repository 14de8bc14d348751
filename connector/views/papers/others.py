"""The agency's papers (Art. 30(2), 28), the incident sheet (Art. 33) and the yearly control."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from connector.calendar import STOCKHOLM
from connector.report.paper.model import Part
from connector.report.processing.model import RecordOfProcessing
from connector.report.protocol.model import Protocol
from connector.report.shared import Both, both
from connector.settings import Settings
from connector.views.activities import safeguards
from connector.views.papers.said import code, gap, given, joined, same

HOURS_TO_NOTIFY = 72
"""Art. 33(1): from when the controller became aware."""

TO_FILL_IN = both("[fylls i]", "[to be filled in]")
_SIGN = (both("Underskrift", "Signature"), both("Namn och roll", "Name and role"), both("Datum", "Date"))


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
        (both("Personuppgiftsbiträde", "Processor"), given(agency and agency.name, "agency.name")),
        (both("Organisationsnummer", "Organisation number"),
         given(agency and agency.organisation_number, "agency.organisation_number")),
        (both("Kontakt", "Contact"), given(agency and agency.contact, "agency.contact")),
        (both("Dataskyddsombud", "Data protection officer"),
         same(agency.data_protection_officer) if agency and agency.data_protection_officer
         else both("inget angivet", "none given")),
        (both("För vem: personuppgiftsansvarig", "On whose behalf: controller"),
         joined((given(company.name, "company.name"),
                 given(company.organisation_number, "company.organisation_number"),
                 given(company.contact, "company.contact")), ", ")),
    )  # fmt: skip
    title = both("Register enligt artikel 30.2", "Record under Article 30(2)")
    return Part(id="agency_record", title=title, facts=facts)


def _agency_work(settings: Settings) -> Part:
    agency = settings.agency
    country = given(agency and agency.country, "agency.country")
    engaged = ", ".join(agency.engages) if agency else ""
    return Part(
        id="agency_work",
        title=both("Behandling för den ansvariges räkning", "Processing on the controller's behalf"),
        items=(
            both(
                "Läsa ordrar, kunder och prenumeranter i butiken för att avgöra vad som ska gallras",
                "Reading the shop's orders, customers and subscribers to work out what is to be deleted",
            ),
            both(
                "Radera eller blanka det som den ansvarige har godkänt, och kontrolläsa det",
                "Erasing or blanking what the controller has approved, and reading it back",
            ),
            both("Underrätta och instruera mottagare", "Notifying and instructing recipients"),
            both(
                "Föra gallringslogg utan direkta identifierare",
                "Keeping a deletion log without direct identifiers",
            ),
        ),
        facts=(
            (both("Land", "Country"), country),
            (
                both("Andra biträden", "Other processors"),
                same(engaged) if engaged else both("inga angivna", "none given"),
            ),
            (both("Säkerhetsåtgärder", "Security measures"), joined(safeguards())),
        ),
    )


def _instruction(settings: Settings, record: RecordOfProcessing) -> Part:
    policy = f"{record.policy.name}@{record.policy.version}"
    return Part(
        id="agency_instruction",
        title=both("Instruktion (artikel 28.3 a)", "Instruction (Article 28(3)(a))"),
        items=(
            both(
                f"Gallra enligt gallringsplanen {policy}, och bara det som en namngiven person hos den "
                "ansvarige har godkänt.",
                f"Delete under the retention schedule {policy}, and only what a named person of "
                f"the controller "
                "has approved.",
            ),
            both(
                "Ändra inte planen, gränserna eller mottagarna utan skriftligt besked.",
                "Change neither the schedule nor the limits nor the recipients without word in writing.",
            ),
            both(
                "Meddela genast en felaktig gallring eller annan incident.",
                "Report a wrong erasure or any other incident at once.",
            ),
            both(
                "Överför inga uppgifter utanför EU och EES utan skriftligt besked.",
                "Transfer no data outside the EU and the EEA without word in writing.",
            ),
        ),
        signature=(both("För den ansvarige", "For the controller"), both("Datum", "Date")),
    )


_TERMS = (
    both("Föremål: gallring i den ansvariges butik och hos dess mottagare. Varaktighet: så länge uppdraget "
         "löper. Registrerade: kunder, prenumeranter, mottagare av gåvor. Uppgifter: enligt registret.",
         "Subject: deletion in the controller's shop and with its recipients. Duration: as long as the "
         "assignment runs. People: customers, subscribers, recipients of gifts. Data: as in the record."),
    both("a) Biträdet behandlar uppgifter bara på den ansvariges dokumenterade instruktion.",
         "(a) The processor processes data only on the controller's documented instruction."),
    both("b) Den som arbetar med uppgifterna har förbundit sig till tystnadsplikt.",
         "(b) Whoever works with the data is bound to confidentiality."),
    both("c) Biträdet vidtar de åtgärder som artikel 32 kräver.",
         "(c) The processor takes the measures that Article 32 demands."),
    both("d) Inget annat biträde anlitas utan skriftligt godkännande, och det binds av samma villkor.",
         "(d) No other processor is engaged without approval in writing, and it is bound by the same terms."),
    both("e) Biträdet hjälper den ansvarige att besvara de registrerades begäranden.",
         "(e) The processor helps the controller to answer people's requests."),
    both("f) Biträdet hjälper till med säkerhet, incidenter och konsekvensbedömningar (artikel 32–36).",
         "(f) The processor helps with security, incidents and impact assessments (Articles 32–36)."),
    both("g) När uppdraget är slut raderas eller återlämnas alla uppgifter, efter den ansvariges val, och "
         "kopior raderas om ingen lag kräver att de sparas.",
         "(g) When the assignment ends, all data are erased or returned, as the controller chooses, and "
         "copies are erased unless a law obliges the processor to keep them."),
    both("h) Biträdet visar att villkoren följs och låter den ansvarige granska det. Det säger genast till "
         "om en instruktion enligt biträdet strider mot dataskyddsreglerna.",
         "(h) The processor shows that the terms are followed and lets the controller audit it. It says at "
         "once when it holds an instruction to break the data-protection rules."),
)  # fmt: skip


def _agreement(settings: Settings) -> Part:
    day = settings.agency.agreement if settings.agency else None
    return Part(
        id="agency_agreement",
        title=both("Personuppgiftsbiträdesavtal (artikel 28.3)", "Data processing agreement (Article 28(3))"),
        facts=((both("Avtalets datum", "Day of the agreement"), given(day, "agency.agreement")),),
        items=_TERMS,
        signature=(
            both("För den ansvarige", "For the controller"), both("För biträdet", "For the processor"),
            both("Ort och datum", "Place and date"),
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
        title=both("Tidsfrist", "The clock"),
        facts=(
            (both("Upptäckt", "Noticed"), same(f"{noticed:%Y-%m-%d %H:%M} {at}") if noticed else TO_FILL_IN),
            (both("Anmäl till IMY senast", "Notify IMY by"),
             same(f"{limit:%Y-%m-%d %H:%M} {at}") if limit
             else both("72 timmar efter upptäckten", "72 hours after it was noticed")),
            (both("Upptäckt av", "Noticed by"), TO_FILL_IN),
        ),
    )  # fmt: skip
    yield Part(
        id="incident_what",
        title=both("Vad som har hänt", "What has happened"),
        facts=((both("Beskrivning", "Description"), same(what) if what else TO_FILL_IN), *_of_run(run)),
        columns=(both("Uppgift", "Data"), both("Antal poster", "Records"), both("Åtgärd", "Action")),
        rows=_erased(run),
    )
    yield Part(
        id="incident_judged",
        title=both("Bedömning", "Judgement"),
        facts=tuple((question, TO_FILL_IN) for question in _INCIDENT),
        signature=_SIGN,
    )


def _hours_later(noticed: datetime) -> datetime:
    """The clock's time in Stockholm when the hours have really passed, also over a night when it is moved."""
    began = (noticed if noticed.tzinfo else noticed.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
    return (began + timedelta(hours=HOURS_TO_NOTIFY)).astimezone(STOCKHOLM)


_INCIDENT = (
    both("Kategorier av registrerade och ungefärligt antal", "Categories of people and approximate number"),
    both("Kategorier av uppgifter och ungefärligt antal", "Categories of data and approximate number"),
    both("Sannolika konsekvenser (förlorad leveransadress, förlorad verifikation …)",
         "Likely consequences (a lost delivery address, a lost voucher …)"),
    both("Åtgärder som vidtagits eller föreslås (återställning ur säkerhetskopia …)",
         "Measures taken or proposed (restoring from a backup …)"),
    both("Risk för de registrerade: osannolik, risk eller hög risk",
         "Risk to people: unlikely, risk or high risk"),
    both("Beslut: anmälan till IMY, och skälet", "Decision: notify IMY or not, and the reason"),
    both("Beslut: information till de registrerade, och skälet",
         "Decision: tell the people or not, and the reason"),
    both("Kontakt för IMY: dataskyddsombud eller annan (artikel 33.3 b)",
         "Contact for IMY: data protection officer or another (Article 33(3)(b))"),
    both("Anmäld till IMY (datum och diarienummer)", "Notified to IMY (day and reference)"),
    both("Skälet, om anmälan görs senare än 72 timmar efter upptäckten (artikel 33.1)",
         "The reason, where the notification comes later than 72 hours after (Article 33(1))"),
)  # fmt: skip


def _of_run(run: Protocol | None) -> tuple[tuple[Both, Both], ...]:
    if run is None:
        return ()
    code_ = run.digest.removeprefix("sha256:")[:8]
    return (
        (both("Körning", "Run"), same(f"{run.number} ({code_})" if run.number else code_)),
        (both("Startade", "Began"), same(f"{run.started:%Y-%m-%d %H:%M}") if run.started else TO_FILL_IN),
        (both("Slutade", "Ended"), same(f"{run.ended:%Y-%m-%d %H:%M}") if run.ended else TO_FILL_IN),
        (both("Godkänd av", "Approved by"), same(run.approval.by) if run.approval.by else TO_FILL_IN),
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
    columns = (both("Kontroll", "Control"), both("Av", "By"), both("Datum", "Date"), both("Utfall", "Found"))
    empty = (TO_FILL_IN, TO_FILL_IN, TO_FILL_IN)
    yield Part(
        id="yearly_list",
        title=both("Kontrollpunkter", "Controls"),
        columns=columns,
        rows=tuple((line, *empty) for line in _yearly(settings, record, day)),
    )
    if opened:
        yield Part(
            id="yearly_open", title=both("Öppet sedan tidigare", "Open from before"), items=tuple(opened)
        )
    yield Part(
        id="yearly_next",
        title=both("Nästa kontroll", "Next control"),
        facts=((both("Senast", "By"), same(_a_year_later(day).isoformat())),),
        signature=_SIGN,
    )


def _a_year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _yearly(settings: Settings, record: RecordOfProcessing, day: date) -> Iterator[Both]:
    years = settings.financial_years()
    last = same(str(years[-1][1])) if years else gap("company.financial_years")
    overdue = sum(one.due is None or one.due < day for one in record.attestations)
    yield joined((both("Räkenskapsåren är uppdaterade", "Financial years are up to date"), last), "\n")
    yield both(
        "Nya appar och tillägg med tillgång till kunduppgifter\n`gallra check`",
        "New apps and plugins with access to customers' data\n`gallra check`",
    )
    yield both(
        "Okända fält på ordrar och kunder\n`gallra status`",
        "Unknown fields on orders and customers\n`gallra status`",
    )
    yield both(
        f"Mottagarlistan stämmer med verkligheten\n{len(record.recipients)} mottagare, "
        f"{len(record.missing)} luckor",
        f"The list of recipients is true\n{len(record.recipients)} recipients, {len(record.missing)} gaps",
    )
    yield both(
        "Tio slumpvis valda ordrar vars tid är ute är gallrade\n`gallra explain`",
        "Ten random orders past their time are gone\n`gallra explain`",
    )
    yield both(
        "Begäranden besvarade i tid\n`gallra status`", "Requests were answered in time\n`gallra status`"
    )
    yield both(
        "Underrättelser som inte gått fram\n`gallra letters list`",
        "Notices that did not arrive\n`gallra letters list`",
    )
    yield both(
        f"Intyg\n{overdue} av {len(record.attestations)} ska ges eller ges om",
        f"Attestations\n{overdue} of {len(record.attestations)} to be given or repeated",
    )
    yield both(
        "Säkerhetskopior: prov på återställning, och att gallrat inte kommer tillbaka",
        "Backups: a trial restore, and that nothing deleted comes back",
    )
    yield both(
        "Policyns text stämmer med reglerna\n`gallra promises`",
        "The policy's text agrees with the rules\n`gallra promises`",
    )
    yield both(
        "Intresseavvägningar ses över\n`gallra paper balancing`",
        "Balancings are reviewed\n`gallra paper balancing`",
    )
