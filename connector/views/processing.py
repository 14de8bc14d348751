"""The record of processing (Art. 30), pre-filled from the live policy, the recipients and attestations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from connector import __version__
from connector.policy import Policy
from connector.policy.abroad import EUROPEAN_UNION
from connector.policy.file_format import Rule
from connector.records import Field
from connector.report.articles import bases_of, merged
from connector.report.policy_text import Line, Voice, attested_lines, on_platform, register, rule_lines
from connector.report.processing.model import ActivityView, RecipientRow, RecordOfProcessing, RetentionView
from connector.report.shared import AttestedView, PolicyRef, Shop, both
from connector.settings import Settings
from connector.views.activities import Activity, activities, safeguards
from connector.views.letters import channel
from connector.views.papers.balancing import open_rows, said_open
from connector.views.promises.carried import confirmed_rows
from connector.views.standing_recipients import standing_recipients

EEA = EUROPEAN_UNION | {"IS", "LI", "NO", "GR"} - {"XI"}
"""Countries to which a transfer is none to a third country (Art. 44)."""


def record_of_processing(
    settings: Settings,
    policy: Policy,
    attested: Mapping[str, AttestedView],
    *,
    letterhead: Shop,
    made_at: datetime,
) -> RecordOfProcessing:
    """The record as the settings, the policy and the attestations make it."""
    recipients = recipients_of(settings)
    confirmed = confirmed_rows(policy)
    voice = on_platform(register(), str(settings.platform.name))
    rows = {row.id: both(row.title.sv, row.title.en) for row in policy.attestations if row.id in confirmed}
    return RecordOfProcessing(
        shop=letterhead,
        address=settings.company.address or "",
        data_protection_officer=settings.company.data_protection_officer or "",
        representative=settings.company.representative or "",
        joint_controller=settings.company.joint_controller or "",
        policy=PolicyRef(name=policy.name, version=policy.version, digest=policy.digest),
        made_at=made_at,
        activities=tuple(
            replace(
                _activity(one, policy, recipients, attested),
                bases=_bases(one, policy, voice),
                retention=tuple(_retention(one, policy, voice)),
            )
            for one in activities()
        ),
        recipients=recipients,
        attestations=tuple(attested.get(row, AttestedView(row=row)) for row in rows),
        titles=rows,
        safeguards=safeguards(),
        missing=_missing(settings, recipients),
        open=said_open(open_rows(settings, policy, made_at.date())),
        archived=tuple(entry.year for entry in settings.archive.elsewhere),
        tool_version=__version__,
    )


def recipients_of(settings: Settings) -> tuple[RecipientRow, ...]:
    """Everyone who gets data, those of the shop's [recipients] first (Art. 30(1)(d))."""
    named = (_recipient(settings, name) for name in settings.recipients.named())
    return tuple(_placed(one) for one in (*named, *standing_recipients(settings)))


def _placed(one: RecipientRow) -> RecipientRow:
    """With whether its country lies outside the EEA; None where nobody has given one."""
    country = one.country.strip().upper()
    return replace(one, third_country=country not in EEA if country else None)


def _recipient(settings: Settings, name: str) -> RecipientRow:
    one, by_hand = settings.recipient(name), channel(settings, name)
    return RecipientRow(
        name=one.title or name,
        code=one.code,
        role=one.role,
        fields=one.sends,
        country=(one.country or "").strip(),
        safeguard=one.safeguard or "",
        role_assumed=one.role_assumed,
        keys=f"recipients.{name}",
        agreement=one.agreement,
        told_by="api" if one.by_api and one.role == "processor" else "letter",
        channel=by_hand.address or by_hand.form,
        evidence=one.evidence or "",
        evidence_on=one.evidence_on,
    )


def _activity(
    one: Activity, policy: Policy, recipients: Sequence[RecipientRow], attested: Mapping[str, AttestedView]
) -> ActivityView:
    rules = _rules(one, policy)
    codes = _with_their_own(one.codes, frozenset(row.code for row in recipients))
    own = [row for row in recipients if row.code in codes]
    named = [row for row in policy.attestations if row.id in one.rules]
    confirmed = [row for row in named if row.carried_by == "person"]
    return ActivityView(
        id=one.id,
        title=one.title,
        purpose=one.purpose,
        bases=(),
        paragraphs=_paragraphs([rule.basis for rule in rules] + [row.basis for row in named]),
        people=one.people,
        kinds=tuple(dict.fromkeys(rule.kind for rule in rules)),
        fields=_fields(rules),
        data=one.data,
        recipients=tuple(row.name for row in own),
        retention=(),
        transfers=tuple(row.name for row in own if row.third_country is not False and not row.missing),
        attested=tuple(attested.get(row.id, AttestedView(row=row.id)) for row in confirmed),
    )


def _with_their_own(codes: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """The codes with those who stand behind them: whoever hosts the shop, and whoever runs Gallra for it.

    Where nobody but the platform hosts the shop, what lies with a host lies with the platform.
    """
    behind = {"host", "agency"} if "SH" in codes else frozenset[str]()
    hosted = {"SH"} if "host" in codes and "host" not in known else frozenset[str]()
    return frozenset(codes) | behind | hosted


def _paragraphs(bases: Iterable[str]) -> tuple[str, ...]:
    """Each act once, with its paragraphs; a principle (Art. 5) is no basis."""
    return merged(part for basis in bases for part in bases_of(basis))


def _rules(one: Activity, policy: Policy) -> list[Rule]:
    return [rule for rule in policy.rules if rule.id in one.rules and rule.kind in one.kinds]


def _bases(one: Activity, policy: Policy, voice: Voice) -> tuple[str, ...]:
    """The letters of schedule §4: of each purpose met on the platform, and legal obligation for a floor."""
    rules = _rules(one, policy)
    letters = [purpose.legal_basis for rule in rules for purpose in voice.met(rule.purpose)]
    floors = ["l" for rule in rules if rule.floor]
    return tuple(dict.fromkeys((*letters, *floors, *one.basis)))


def _fields(rules: Iterable[Rule]) -> tuple[Field, ...]:
    named = {field for rule in rules for field in rule.fields}
    return tuple(field for field in Field if field in named)


def _retention(one: Activity, policy: Policy, voice: Voice) -> Iterable[RetentionView]:
    """The time limits in words; rules that are off say so, rows that people attest give their period."""
    off = {rule.id for rule in policy.rules if rule.optional}
    named = [rule.id for rule in policy.rules if rule.id in one.rules]
    for line in rule_lines(policy, named, one.kinds, voice):
        yield _limit(line, off=bool(off.intersection(line.rules)))
    for line in attested_lines(policy, [row for row in policy.attestations if row.id in one.rules], voice):
        yield _limit(line)


def _limit(line: Line, *, off: bool = False) -> RetentionView:
    note = both(" (regeln är avstängd)", " (the rule is off)") if off else both("", "")
    return RetentionView(
        rule=", ".join(line.rules),
        what=line.what,
        how_long=both(line.how_long.sv + note.sv, line.how_long.en + note.en),
    )


def _missing(settings: Settings, recipients: Iterable[RecipientRow]) -> tuple[str, ...]:
    """What Art. 30 asks for and the shop's file does not say."""
    company = settings.company
    asked: dict[str, object] = {
        "company.name": company.name,
        "company.organisation_number": company.organisation_number,
        "company.contact": company.contact,
        "company.address": company.address,
    }
    for one in recipients:
        if one.missing:
            asked[one.missing] = None
            continue
        asked[f"{one.keys}.country"] = one.country
        if one.third_country:
            asked[f"{one.keys}.safeguard"] = one.safeguard
        if one.role == "processor":
            asked[f"{one.keys}.agreement"] = one.agreement
    return tuple(key for key, value in asked.items() if not value)


def next_due(record: RecordOfProcessing) -> date | None:
    """The first day on which an attestation is to be given again; None where none has been given."""
    return min((one.due for one in record.attestations if one.due), default=None)
