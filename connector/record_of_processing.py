"""The record of processing (Art. 30), pre-filled from the live policy, the recipients and attestations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from connector import __version__
from connector.policy import Policy
from connector.policy.conditions import EUROPEAN_UNION
from connector.policy.schema import Rule
from connector.policy_text import REGISTER, Line, attested_lines, rule_lines
from connector.promises.carried import confirmed_rows
from connector.records import Field, Kind, Value
from connector.report.model import PolicyRef, Shop
from connector.report.model.promises import AttestedView
from connector.report.model.record import (
    ActivityView,
    Both,
    RecipientRow,
    RecordOfProcessing,
    RetentionView,
)
from connector.settings import Settings

EEA = EUROPEAN_UNION | {"IS", "LI", "NO", "GR"} - {"XI"}
"""Countries to which a transfer is none to a third country (Art. 44)."""


class Activity(Value, frozen=True, kw_only=True):
    """One pre-filled row: its rules of the schedule, who it is about, whose recipients it has."""

    id: str
    title: Both
    purpose: Both
    people: Both
    rules: tuple[str, ...]
    codes: tuple[str, ...]
    kinds: tuple[Kind, ...] = tuple(Kind)
    basis: str = ""
    # What its records hold beside the fields that rules name one by one (Art. 30(1)(c)).
    data: Both = Both(sv="", en="")


def _both(sv: str, en: str) -> Both:
    return Both(sv=sv, en=en)


_CUSTOMERS = _both("kunder", "customers")
_VISITORS = _both("besökare", "visitors")
_ORDERS = (Kind.ORDER, Kind.DRAFT_ORDER, Kind.CART)

ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        id="orders",
        title=_both("Order och leverans", "Orders and delivery"),
        purpose=_both(
            "Leverera varan, hantera ångerrätt, retur och reklamation",
            "Deliver the goods, handle withdrawal, returns and complaints",
        ),
        people=_both("kunder och mottagare av gåvor", "customers and recipients of gifts"),
        rules=(
            "T-01",
            "T-02",
            "T-03",
            "T-04",
            "T-07",
            "T-10",
            "T-14",
            "T-15",
            "T-16",
            "T-17",
            "T-18",
            "T-50",
        ),
        codes=("SH", "PN"),
        kinds=_ORDERS,
    ),
    Activity(
        id="payment",
        title=_both("Betalning", "Payment"),
        purpose=_both("Ta betalt och betala tillbaka", "Take payment and refund"),
        people=_CUSTOMERS,
        rules=("T-08", "T-12", "T-23"),
        codes=("SH", "KL", "PA"),
        kinds=_ORDERS,
        data=_both("sparade betalsätt", "saved payment methods"),
    ),
    Activity(
        id="bookkeeping",
        title=_both("Bokföring", "Bookkeeping"),
        purpose=_both("Bokföra och redovisa skatt", "Keep books and account for tax"),
        people=_both("kunder och företrädare för företag", "customers and representatives of companies"),
        rules=("T-05", "T-06", "T-11", "T-13", "T-24"),
        codes=("SH", "BK"),
        kinds=(Kind.ORDER, Kind.COUPON),
        data=_both("belopp, moms, orderrader, återbetalningar", "amounts, VAT, order lines, refunds"),
    ),
    Activity(
        id="accounts",
        title=_both("Kundkonto", "Customer accounts"),
        purpose=_both(
            "Ge kunden ett konto med sin historik", "Give the customer an account with their history"
        ),
        people=_CUSTOMERS,
        rules=("T-20", "T-21", "T-22", "T-25"),
        codes=("SH",),
        kinds=(Kind.CUSTOMER, Kind.ORDER),
        data=_both(
            "namn, adresser, e-post, telefon, köphistorik", "name, addresses, e-mail, phone, purchase history"
        ),
    ),
    Activity(
        id="support",
        title=_both("Kundtjänst", "Customer service"),
        purpose=_both("Besvara frågor och hantera ärenden", "Answer questions and handle cases"),
        people=_both("kunder och andra som hör av sig", "customers and others who get in touch"),
        rules=("T-60",),
        codes=("HD",),
        data=_both("namn, e-post, telefon, meddelanden", "name, e-mail, phone, messages"),
    ),
    Activity(
        id="newsletter",
        title=_both("Nyhetsbrev", "Newsletter"),
        purpose=_both("Skicka utskick till den som vill ha dem", "Send mailings to those who want them"),
        people=_both("prenumeranter", "subscribers"),
        rules=("T-30", "T-32", "T-33", "T-34", "T-35", "T-36", "T-37", "T-38"),
        codes=("MC",),
        data=_both("e-post, namn, samtycke, öppningar och klick", "e-mail, name, consent, opens and clicks"),
    ),
    Activity(
        id="advertising",
        title=_both("Marknadsföring i sociala medier", "Marketing in social media"),
        purpose=_both("Visa annonser", "Show advertisements"),
        people=_both("kunder och prenumeranter", "customers and subscribers"),
        rules=("T-31", "T-39"),
        codes=("AD",),
        basis="s",
        data=_both("e-post, beteende på sajten", "e-mail, behaviour on the site"),
    ),
    Activity(
        id="reviews",
        title=_both("Recensioner", "Reviews"),
        purpose=_both("Visa kundernas omdömen", "Show customers' reviews"),
        people=_both("den som skriver omdömen", "those who write reviews"),
        rules=("T-55", "T-56"),
        codes=("SH",),
        data=_both("omdömets text, bilder", "the text of the review, pictures"),
    ),
    Activity(
        id="fraud",
        title=_both("Bedrägeriskydd", "Protection against fraud"),
        purpose=_both("Upptäcka och utreda bedrägerier", "Find and investigate fraud"),
        people=_CUSTOMERS,
        rules=("T-09",),
        codes=("SH", "AN"),
        kinds=(Kind.ORDER,),
    ),
    Activity(
        id="logs",
        title=_both("Webbloggar", "Web logs"),
        purpose=_both("Säkerhet, felsökning och statistik", "Security, debugging and statistics"),
        people=_VISITORS,
        rules=("T-51", "T-70"),
        codes=("AN",),
        basis="i",
        data=_both("IP-adress, webbläsare, tidpunkt, nedladdningar", "IP address, browser, time, downloads"),
    ),
    Activity(
        id="rights",
        title=_both("Hantering av rättigheter och incidenter", "Rights of persons, and incidents"),
        purpose=_both(
            "Besvara begäranden, visa att lagen följs", "Answer requests, show that the law is followed"
        ),
        people=_both("alla som begär något", "everyone who makes a request"),
        rules=("T-37b", "T-61", "T-62", "T-63", "T-64"),
        codes=(),
        basis="l",
        data=_both("namn, kontaktuppgifter, begäran och svar", "name, contact details, request and answer"),
    ),
)
"""The rows of law/documents §4."""

SAFEGUARDS: tuple[Both, ...] = (
    _both(
        "Uppgifter gallras enligt en skriven plan, med protokoll",
        "Data are deleted by a written plan, with proof",
    ),
    _both("Det som gallras godkänns av en namngiven person", "Deletions are approved by a named person"),
    _both(
        "Gallringens eget register har inga direkta identifierare",
        "The deletion index holds no direct identifiers",
    ),
    _both(
        "Uppgifter till mottagare krypteras i vila och raderas",
        "Handles for recipients are sealed, then destroyed",
    ),
    _both(
        "Nycklar läses från miljö eller fil, aldrig ur inställningarna",
        "Keys come from environment or file only",
    ),
)
"""A general description of the measures that Gallra itself brings (Art. 30(1)(g)); the shop adds its own."""


def record_of_processing(
    settings: Settings,
    policy: Policy,
    attested: Mapping[str, AttestedView],
    *,
    letterhead: Shop,
    made_at: datetime,
) -> RecordOfProcessing:
    """The record as the settings, the policy and the attestations make it."""
    recipients = tuple(_recipient(settings, name) for name in settings.recipients.named())
    confirmed = confirmed_rows(policy)
    rows = {row.id: _both(row.title.sv, row.title.en) for row in policy.attestations if row.id in confirmed}
    return RecordOfProcessing(
        shop=letterhead,
        address=settings.company.address or "",
        policy=PolicyRef(name=policy.name, version=policy.version, digest=policy.digest),
        made_at=made_at,
        activities=tuple(_activity(one, policy, recipients, attested) for one in ACTIVITIES),
        recipients=recipients,
        attestations=tuple(attested.get(row, AttestedView(row=row)) for row in rows),
        titles=rows,
        safeguards=SAFEGUARDS,
        missing=_missing(settings),
        archived=tuple(entry.year for entry in settings.archive.elsewhere),
        tool_version=__version__,
    )


def _recipient(settings: Settings, name: str) -> RecipientRow:
    one = settings.recipient(name)
    country = (one.country or "").strip()
    return RecipientRow(
        name=one.title or name,
        code=one.code,
        role=one.role,
        fields=one.sends,
        country=country,
        third_country=country.upper() not in EEA if country else None,
        agreement=one.agreement,
        told_by="api" if one.by_api else "letter",
    )


def _activity(
    one: Activity, policy: Policy, recipients: Sequence[RecipientRow], attested: Mapping[str, AttestedView]
) -> ActivityView:
    rules = [rule for rule in policy.rules if rule.id in one.rules and rule.kind in one.kinds]
    own = [row for row in recipients if row.code in one.codes]
    named = [row for row in policy.attestations if row.id in one.rules]
    confirmed = [row for row in named if row.carried_by == "person"]
    return ActivityView(
        id=one.id,
        title=one.title,
        purpose=one.purpose,
        bases=_bases(one, rules),
        paragraphs=_paragraphs([rule.basis for rule in rules] + [row.basis for row in named]),
        people=one.people,
        kinds=tuple(dict.fromkeys(rule.kind for rule in rules)),
        fields=_fields(rules),
        data=one.data,
        recipients=tuple(row.name for row in own),
        transfers=tuple(row.name for row in own if row.third_country is not False),
        retention=tuple(_retention(one, policy)),
        attested=tuple(attested.get(row.id, AttestedView(row=row.id)) for row in confirmed),
    )


def _paragraphs(bases: Iterable[str]) -> tuple[str, ...]:
    """Each act and paragraph once."""
    return tuple(dict.fromkeys(part.strip() for basis in bases for part in basis.split(";")))


def _bases(one: Activity, rules: Iterable[Rule]) -> tuple[str, ...]:
    """The letters of schedule §4: of each purpose, and legal obligation where there is a floor."""
    letters = [purpose.legal_basis for rule in rules for purpose in rule.purpose]
    floors = ["l" for rule in rules if rule.floor]
    return tuple(dict.fromkeys((*letters, *floors, *one.basis)))


def _fields(rules: Iterable[Rule]) -> tuple[Field, ...]:
    named = {field for rule in rules for field in rule.fields}
    return tuple(field for field in Field if field in named)


def _retention(one: Activity, policy: Policy) -> Iterable[RetentionView]:
    """The time limits in words; rules that are off say so, rows that people attest give their period."""
    off = {rule.id for rule in policy.rules if rule.optional}
    named = [rule.id for rule in policy.rules if rule.id in one.rules]
    for line in rule_lines(policy, named, one.kinds, REGISTER):
        yield _limit(line, off=bool(off.intersection(line.rules)))
    for line in attested_lines(policy, [row for row in policy.attestations if row.id in one.rules], REGISTER):
        yield _limit(line)


def _limit(line: Line, *, off: bool = False) -> RetentionView:
    note = _both(" (regeln är avstängd)", " (the rule is off)") if off else _both("", "")
    return RetentionView(
        rule=", ".join(line.rules),
        what=_both(line.what.sv, line.what.en),
        how_long=_both(line.how_long.sv + note.sv, line.how_long.en + note.en),
    )


def _missing(settings: Settings) -> tuple[str, ...]:
    """What Art. 30 asks for and the shop's file does not say."""
    company = settings.company
    asked: dict[str, object] = {
        "company.name": company.name,
        "company.organisation_number": company.organisation_number,
        "company.contact": company.contact,
        "company.address": company.address,
    }
    for name, one in settings.recipients.named().items():
        asked[f"recipients.{name}.country"] = one.country
        if one.role == "processor":
            asked[f"recipients.{name}.agreement"] = one.agreement
    return tuple(key for key, value in asked.items() if not value)


def next_due(record: RecordOfProcessing) -> date | None:
    """The first day on which an attestation is to be given again; None where none has been given."""
    return min((one.due for one in record.attestations if one.due), default=None)
