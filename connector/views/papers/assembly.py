"""From a shop to any of its papers; only the signature of the schedule writes to the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from connector import __version__
from connector.errors import GallraError
from connector.ledger import Ledger
from connector.policy import Policy
from connector.report.paper.model import Paper, Part
from connector.report.processing.model import RecordOfProcessing
from connector.report.shared import AttestedView, Both, both
from connector.settings import Settings
from connector.shop import Shop
from connector.views.dry_run import letterhead
from connector.views.lint.worlds import shown_to
from connector.views.papers import balancing, notice, others, schedule
from connector.views.papers.limits import limits
from connector.views.papers.said import gap
from connector.views.processing import recipients_of
from connector.views.promises.assembly import policy_ref, processing_record, wording
from connector.views.promises.reading import attestations, existing_ledger
from connector.views.protocol import protocol


def schedule_paper(shop: Shop) -> Paper:
    """The retention schedule to sign."""
    policy = shop.policy
    signed = last_signed(existing_ledger(shop))
    parts = tuple(schedule.parts(shop.settings, policy, signed))
    opened = schedule.still_open(shop.settings, policy, shop.today)
    rows = schedule.plan_rows(shop.settings, policy)
    changed = sum(signed is not None and signed.rows.get(row.key) != row.digest for row in rows)
    state = f"{changed} changed since {signed.on}" if signed else "never signed"
    return _paper(
        shop,
        (both("Gallringsplan", "Retention schedule"), both("Gallringsplan", "Retention schedule")),
        parts,
        opened=opened,
        sentence=f"Schedule: {len(rows)} rows, {state}, {len(opened)} open.",
    )


def last_signed(ledger: Ledger | None) -> schedule.SignedPlan | None:
    """The schedule as it was last signed; None where nobody has."""
    if ledger is None:
        return None
    with ledger.begin() as connection:
        events = ledger.events(connection, schedule.SIGNED)
    if not events:
        return None
    detail = events[-1][1]
    return schedule.SignedPlan(
        by=detail["by"],
        role=detail["role"],
        on=date.fromisoformat(detail["on"]),
        version=detail["version"],
        rows=detail["rows"],
    )


def sign_schedule(shop: Shop, *, by: str, role: str) -> schedule.SignedPlan:
    """Keeps that a named person decided the schedule as it stands.

    Raises GallraError while keys that it rests on are missing.
    """
    policy = shop.policy
    lacking = [key for key, _ in shop.settings.unanswered() if key.startswith("company.")]
    if lacking:
        raise GallraError(
            f"The schedule cannot be signed yet: fill in {', '.join(lacking)}. Nothing was recorded."
        )
    signed = schedule.SignedPlan(
        by=by,
        role=role,
        on=shop.today,
        version=f"{policy.name}@{policy.version}",
        rows={row.key: row.digest for row in schedule.plan_rows(shop.settings, policy)},
    )
    with shop.ledger.begin() as connection:
        shop.ledger.event(
            connection,
            schedule.SIGNED,
            by=by,
            role=role,
            on=signed.on.isoformat(),
            version=signed.version,
            digest=policy.digest,
            rows=dict(signed.rows),
        )
    return signed


def notice_paper(shop: Shop) -> Paper:
    """The proposed privacy policy, whole."""
    policy, record = shop.policy, processing_record(shop)
    attested = attestations(existing_ledger(shop))
    parts = notice_parts(shop.settings, policy, record, attested=attested)
    opened = notice.gaps(parts)
    return _paper(
        shop,
        (
            both("Förslag till integritetspolicy", "Proposed privacy policy"),
            both("Integritetspolicy", "Privacy policy"),
        ),
        parts,
        opened=opened,
        sentence=f"Policy text: {len(parts)} sections, {len(opened)} gaps to fill in.",
    )


def notice_parts(
    settings: Settings,
    policy: Policy,
    record: RecordOfProcessing,
    *,
    attested: Mapping[str, AttestedView],
) -> tuple[Part, ...]:
    """Every section, the time limits in their place among them."""
    lines = wording(policy, shown_to(settings), platform=str(settings.platform.name))
    kept = limits(settings, policy, lines, attested=attested, today=record.made_at.date())
    return (*notice.before(settings, policy, record), kept, *notice.after(settings))


def balancing_paper(shop: Shop) -> Paper:
    """A balancing sheet for each row on legitimate interest."""
    policy = shop.policy
    rows = balancing.rows_on_interest(shop.settings, policy, recipients_of(shop.settings))
    opened = balancing.said_open(row for row in rows if not row.done(shop.today))
    unfinished = sum(not row.done(shop.today) for row in rows)
    name = both("Intresseavvägning", "Balancing of interests")
    return _paper(
        shop,
        (name, name),
        tuple(balancing.sheet(row, shop.today) for row in rows),
        opened=opened,
        sentence=f"Balancing: {len(rows)} rows on legitimate interest, {unfinished} open.",
    )


def agency_paper(shop: Shop) -> Paper:
    """The agency's own record, with the shop's instruction and the agreement to sign."""
    record = processing_record(shop)
    parts = tuple(others.agency_parts(shop.settings, record))
    opened = notice.gaps(parts)
    return _paper(
        shop,
        (
            both(
                "Biträdets register, instruktion och avtal",
                "The processor's record, instruction and agreement",
            ),
            both("Byråns register enligt artikel 30.2", "The agency's record under Article 30(2)"),
        ),
        parts,
        opened=opened,
        sentence=f"Agency: {len(parts)} parts, {len(opened)} gaps to fill in.",
    )


def incident_paper(shop: Shop, *, noticed: datetime | None, what: str, run: str | None) -> Paper:
    """The 72-hour sheet; `run` is the code of a run that erased wrongly, which fills in what it did."""
    found = protocol(shop, code=run or None) if run is not None else None
    name = both("Incidentunderlag", "Incident sheet")
    return _paper(
        shop,
        (name, both("Personuppgiftsincident, 72 timmar", "Personal data breach, 72 hours")),
        tuple(others.incident_parts(noticed, what, found)),
        sentence=f"Incident: notify within {others.HOURS_TO_NOTIFY} hours of noticing.",
    )


def yearly_paper(shop: Shop) -> Paper:
    """The yearly control as a checklist."""
    policy, record = shop.policy, processing_record(shop)
    opened = schedule.still_open(shop.settings, policy, shop.today)
    name = both("Årskontroll", "Yearly control")
    missing = (gap(key) for key in record.missing if gap(key) not in opened)
    return _paper(
        shop,
        (name, name),
        tuple(others.yearly_parts(shop.settings, record, (*opened, *missing))),
        sentence=f"Yearly control: {len(opened)} open, {len(record.missing)} to fill in.",
    )


def _paper(
    shop: Shop,
    names: tuple[Both, Both],
    parts: Sequence[Part],
    *,
    opened: Sequence[Both] = (),
    sentence: str,
) -> Paper:
    return Paper(
        kind=names[0],
        title=names[1],
        shop=letterhead(shop, {}),
        policy=policy_ref(shop.policy),
        made_at=shop.clock(),
        parts=tuple(parts),
        open=tuple(opened),
        sentence=sentence,
        tool_version=__version__,
    )
