"""From the ledger to the dry-run report: counts and codes, nothing is matched a second time."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from connector import __version__
from connector.guards import Mark
from connector.ledger import schema
from connector.ledger.holds import Holds
from connector.ledger.index import Index
from connector.ledger.index.subjects import SHARED
from connector.ledger.plans import Plans, StepRow
from connector.ledger.tallies import TallyKey, read_tallies
from connector.plan import LimitView as PlannedLimit
from connector.plan import Outlook, Plan
from connector.plan import Totals as PlannedTotals
from connector.plan import WavePlan as PlannedWave
from connector.ports import Access, Act, Problem
from connector.records import Action, Field, HoldId, Kind, Wave
from connector.report import consequences
from connector.report.model import (
    AlertView,
    AnnexRow,
    Approval,
    ByHandView,
    Cost,
    DifferenceView,
    DryRun,
    DueView,
    FieldCount,
    HoldView,
    KeptView,
    KindTotals,
    LimitView,
    ListenerView,
    PolicyRef,
    RecipientView,
    SampleField,
    SampleView,
    SurpriseView,
    Totals,
    WaveView,
)
from connector.report.model import Shop as Letterhead
from connector.shop import Shop

SAMPLES = 10
# Measured on WooCommerce 10.5: a request, an order written in a batch, an order's notes read and deleted.
REQUEST_SECONDS, WRITE_SECONDS, NOTES_SECONDS = 0.05, 0.0125, 0.12
BATCH_READ, BATCH_WRITE = 100, 50


def dry_run(shop: Shop, accesses: Mapping[str, Access] | None = None, code: str | None = None) -> DryRun:
    """What a stored plan would do, as the owner reads it; `accesses` are the answers of a check."""
    accesses = accesses or {}
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, plan, _ = plans.need(connection, code)
        tallies = list(read_tallies(connection, shop.ledger.shop))
        builder = _Builder(shop, connection, plan_id, plan, accesses)
        return builder.build(tallies)


class _Builder:
    def __init__(
        self, shop: Shop, connection: Connection, plan_id: int, plan: Plan, accesses: Mapping[str, Access]
    ) -> None:
        self.shop = shop
        self.connection = connection
        self.plan_id = plan_id
        self.plan = plan
        self.accesses = accesses
        self.plans = Plans(shop.ledger)
        self.index = Index(shop.ledger)

    def build(self, tallies: list[tuple[TallyKey, int]]) -> DryRun:
        """The whole view."""
        plan, marks = self.plan, self.index.marks(self.connection)
        recipients = tuple(self._recipient(o) for o in _together(plan.outlook))
        previous = self.plans.previous(self.connection, self.plan_id)
        return DryRun(
            shop=letterhead(self.shop, self.accesses),
            policy=policy_ref(plan),
            made_at=plan.created,
            expires=plan.expires,
            digest=plan.digest,
            kinds=tuple(KindTotals(kind=Kind(k), totals=_totals(t)) for k, t in plan.totals.items()),
            waves=tuple(self._wave(w) for w in plan.waves),
            first_run=self.plans.last_run(self.connection) is None,
            limits=tuple(_limit(limit, plan) for limit in plan.limits),
            kept=_kept(tallies),
            holds=holds_in_force(self.shop, self.connection),
            unknown_holds=_unknown(tallies),
            surprises=self._surprises(marks),
            alerts=(*_alerts(tallies), *self._counted_alerts()),
            listeners=tuple(_listeners(self.accesses, self.shop.marks)),
            own_retention=tuple(
                p for a in self.accesses.values() for p in a.problems if p.code.startswith("own_retention")
            ),
            recipients=recipients,
            by_hand=by_hand_views(_hands(plan), self.shop),
            cost=self._cost(),
            timeline=_timeline(tallies, plan.today),
            difference=tuple(_difference(plan, previous)),
            approval=self._approval(),
            problems=(*self._declared(), *self._problems()),
            approve_command=self._approve_command(),
            tool_version=__version__,
        )

    def _wave(self, wave: PlannedWave) -> WaveView:
        counts = tuple(_field_counts(wave))
        told = [self._recipient(o) for o in self.plan.outlook if o.wave is wave.wave]
        return WaveView(
            wave=wave.wave,
            code=wave.digest[:8],
            records=sum(wave.records.values()),
            steps=wave.steps,
            counts=counts,
            notices=consequences.notices(wave.wave, counts),
            irreversible=consequences.irreversible(wave.wave, counts, recipients=told),
            samples=tuple(
                self._sample(s)
                for s in self.plans.samples(self.connection, self.plan_id, wave.wave, limit=SAMPLES)
            ),
        )

    def _sample(self, row: StepRow) -> SampleView:
        ref = row.step.ref
        access = self.accesses.get(ref.adapter)
        link = access.admin_url if access else ""
        return SampleView(
            label=row.step.label,
            link=link.format(kind=str(ref.kind), id=ref.id) if link and ref.kind is Kind.ORDER else "",
            kind=ref.kind,
            fields=tuple(
                SampleField(
                    field=None if why.field == "record" else Field(why.field),
                    rule=why.rule,
                    action=row.step.action,
                    clock=why.clock,
                    on=why.clock_date,
                    since=why.since,
                )
                for why in row.step.why
            ),
        )

    def _recipient(self, outlook: Outlook) -> RecipientView:
        processor = self.shop.processors[outlook.recipient]
        title = self.shop.settings.recipient(outlook.recipient).title or outlook.recipient
        return RecipientView(
            name=title,
            code=processor.recipient,
            role=processor.role,
            act=outlook.act,
            count=outlook.count,
            handle=outlook.handle,
            irreversible=outlook.irreversible,
            letter_due=self._letter_due(outlook),
        )

    def _letter_due(self, outlook: Outlook) -> date | None:
        """The day the recipient's next letter leaves; None where no letter is written."""
        if outlook.act is not Act.NOTIFY:
            return None
        settings, today = self.shop.settings, self.plan.today
        period = settings.recipient(outlook.recipient).letters or settings.letters.period
        if period == "at_once":
            return today
        if period == "yearly":
            return date(today.year + 1, 1, 1)
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)

    def _problems(self) -> Iterator[Problem]:
        """What a check found, the shop's own retention apart."""
        for access in self.accesses.values():
            for one in access.problems:
                if one.severity != "info" and not one.code.startswith("own_retention"):
                    yield one

    def _declared(self) -> Iterator[Problem]:
        """A decision that rests on a person's word is never shown as proven."""
        years = [str(entry.year) for entry in self.shop.settings.archive.elsewhere]
        if years:
            yield Problem(
                severity="warning",
                code="archive_declared",
                en=f"Vouchers of {', '.join(years)} archived elsewhere: declared, not proven.",
                sv=f"Verifikationer för {', '.join(years)} arkiverade på annat håll: uppgivet, inte bevisat.",
            )

    def _counted_alerts(self) -> Iterator[AlertView]:
        """Contacts that no shop record knows, and fields that came back after they were erased."""
        strangers = strangers_count(self.connection, self.shop.ledger.shop)
        if strangers:
            yield AlertView(code="not_in_shop", count=strangers)
        shared = shared_count(self.connection, self.shop.ledger.shop)
        if shared:
            yield AlertView(code="shared_contact", count=shared)
        again = self.plans.filled_again(self.connection, self.plan_id)
        if again:
            yield AlertView(code="filled_again", count=len(again), samples=tuple(again[:SAMPLES]))

    def _surprises(self, marks: list[tuple[str, str, str, int, int]]) -> tuple[SurpriseView, ...]:
        return tuple(
            SurpriseView(
                code=code,
                place=place,
                count=records,
                samples=tuple(self.index.mark_samples(self.connection, code, place)),
            )
            for code, place, _, records, _ in marks
            if code != "residue"
        )

    def _cost(self) -> Cost:
        touched = sum(sum(w.records.values()) for w in self.plan.waves)
        notes = sum(w.fields.get(str(Field.STAFF_NOTES), 0) for w in self.plan.waves)
        requests = 2 * -(-touched // BATCH_READ) + -(-touched // BATCH_WRITE) + 3 * notes
        seconds = requests * REQUEST_SECONDS + touched * WRITE_SECONDS + notes * NOTES_SECONDS
        log_lines = sum(
            count * self.shop.log_lines(Field(field))
            for w in self.plan.waves
            for field, count in w.fields.items()
        )
        return Cost(requests=requests, minutes=round(seconds / 60, 1), log_lines=log_lines)

    def _approve_command(self) -> str:
        """The command as it is typed from the same place; the file's usual name need not be said."""
        file = self.shop.file
        named = "" if file is None or file == Path("shop.toml") else f" --shop {file}"
        return f"gallra approve {self.plan.code} --by NAME --role ROLE{named}"

    def _approval(self) -> Approval | None:
        approvals = self.plans.approvals(self.connection, self.plan_id)
        if not approvals:
            return None
        first = approvals[0]
        return Approval(
            by=first.person,
            role=first.role,
            at=datetime.fromisoformat(first.at),
            valid_through=self.plan.expires,
            on_behalf=first.on_behalf,
            standing=first.standing,
        )


def letterhead(shop: Shop, accesses: Mapping[str, Access]) -> Letterhead:
    """The shop and the company that answers for it."""
    settings = shop.settings
    platform = str(settings.platform.name)
    access = accesses.get(platform)
    return Letterhead(
        name=settings.shop.name,
        id=settings.shop.id,
        company=settings.company.name or settings.shop.name,
        organisation_number=settings.company.organisation_number or "",
        platform=platform,
        version=access.version if access else "",
        contact=settings.company.contact or "",
    )


def policy_ref(plan: Plan) -> PolicyRef:
    """The policy a plan was made under."""
    name, _, version = plan.policy.partition("@")
    return PolicyRef(name=name, version=version, digest=plan.policy_digest)


def _totals(totals: PlannedTotals) -> Totals:
    names = ("delete", "redact", "held", "kept_by_law", "nothing_due", "by_hand")
    return Totals(**{name: getattr(totals, name) for name in names})


def _limit(limit: PlannedLimit, plan: Plan) -> LimitView:
    """A limit as it is read: a share of a kind in per cent, anything else as a count."""
    kind = Kind(limit.kind) if limit.kind else None
    if kind is None or limit.name != "percent":
        return LimitView(
            name=limit.name, value=limit.planned, allowed=limit.allowed, exceeded=limit.exceeded, kind=kind
        )
    records = max(1, plan.totals[kind].records)
    return LimitView(
        name="share",
        value=round(100 * limit.planned / records, 1),
        allowed=round(100 * limit.allowed / records, 1),
        exceeded=limit.exceeded,
        kind=kind,
    )


def _field_counts(wave: PlannedWave) -> Iterator[FieldCount]:
    for kind, count in wave.deletes.items():
        yield FieldCount(field=None, action=Action.DELETE, count=count, kind=Kind(kind))
    for kind, count in wave.unsubscribes.items():
        yield FieldCount(field=None, action=Action.UNSUBSCRIBE, count=count, kind=Kind(kind))
    for field, count in wave.fields.items():
        yield FieldCount(field=Field(field), action=Action.REDACT, count=count)


def _together(outlook: tuple[Outlook, ...]) -> Iterator[Outlook]:
    """One row per recipient, act and handle, whatever the wave."""
    rows: dict[tuple[str, str, str], Outlook] = {}
    for one in outlook:
        key = (one.recipient, str(one.act), one.handle)
        known = rows.get(key)
        rows[key] = one if known is None else replace(known, count=known.count + one.count)
    yield from rows.values()


def _kept(tallies: list[tuple[TallyKey, int]]) -> tuple[KeptView, ...]:
    rows: dict[tuple[str, str, str, str, str], tuple[int, str, str]] = {}
    for key, count in tallies:
        if key.state not in ("keep", "kept_by_law"):
            continue
        where = (key.rule, key.kind, key.field, key.reason, key.basis)
        total, first, last = rows.get(where, (0, "", ""))
        firsts = [t for t in (first, key.through) if t]
        rows[where] = (total + count, min(firsts, default=""), max(last, key.through))
    return tuple(
        KeptView(
            rule=rule,
            kind=Kind(kind),
            field=None if field == "record" else Field(field),
            reason=reason,
            basis=basis,
            count=total,
            earliest_through=date.fromisoformat(first) if first else None,
            latest_through=date.fromisoformat(last) if last else None,
        )
        for (rule, kind, field, reason, basis), (total, first, last) in sorted(rows.items())
    )


def holds_in_force(shop: Shop, connection: Connection) -> tuple[HoldView, ...]:
    """Records that wait, by what they wait for; the review date is that of the holds people placed."""
    table = schema.record
    counts: dict[HoldId, int] = {}
    rows = connection.execute(
        select(table.c.holds, func.count())
        .where(table.c.shop == shop.ledger.shop, table.c.state == "held", table.c.gone.is_(False))
        .group_by(table.c.holds)
    )
    for holds, count in rows:
        for hold in filter(None, holds.split(",")):
            counts[HoldId(hold)] = counts.get(HoldId(hold), 0) + count
    reviews: dict[HoldId, date] = {}
    for row in Holds(shop.ledger).list(connection):
        reviews[row.hold] = min(row.review, reviews.get(row.hold, row.review))
    return tuple(HoldView(id=h, count=count, review=reviews.get(h)) for h, count in sorted(counts.items()))


def shared_count(connection: Connection, shop: str) -> int:
    """Telephone numbers that several people have given: they join nobody."""
    table = schema.identifier
    chosen = select(func.count()).where(table.c.shop == shop, table.c.subject == SHARED)
    return connection.scalar(chosen) or 0


def strangers_count(connection: Connection, shop: str) -> int:
    """Subscribers whose person no order and no account of the shop knows."""
    table = schema.record
    known = select(table.c.subject).where(
        table.c.shop == shop,
        table.c.gone.is_(False),
        table.c.kind.in_([Kind.ORDER, Kind.CUSTOMER]),
        table.c.subject.is_not(None),
    )
    return (
        connection.scalar(
            select(func.count()).where(
                table.c.shop == shop,
                table.c.gone.is_(False),
                table.c.kind == Kind.SUBSCRIBER,
                table.c.subject.is_not(None),
                table.c.subject.not_in(known),
            )
        )
        or 0
    )


def _hands(plan: Plan) -> dict[tuple[str, str, str], int]:
    """Records that need a hand, by kind, field and place; one that stands in two waves counts once."""
    most: dict[str, int] = {}
    for wave in plan.waves:
        for key, count in wave.by_hand.items():
            most[key] = max(count, most.get(key, 0))
    for key, count in plan.by_hand.items():
        most[key] = most.get(key, 0) + count
    return {_hand(key): count for key, count in most.items()}


def _hand(key: str) -> tuple[str, str, str]:
    kind, field, place = key.split("|", 2)
    return kind, field, place


def by_hand_views(hands: Mapping[tuple[str, str, str], int], shop: Shop) -> tuple[ByHandView, ...]:
    """What a person must do, with the exact place."""
    places = {
        (str(kind), str(field)): place
        for (_, kind), able in shop.capabilities.items()
        for field, place in able.places.items()
    }
    return tuple(
        ByHandView(
            field=Field(field) if field else None, place=place or places.get((kind, field), ""), count=count
        )
        for (kind, field, place), count in sorted(hands.items())
    )


def _alerts(tallies: list[tuple[TallyKey, int]]) -> tuple[AlertView, ...]:
    counts: dict[str, int] = {}
    for key, count in tallies:
        if key.state == "alert":
            counts[key.reason] = counts.get(key.reason, 0) + count
    return tuple(AlertView(code=code, count=count) for code, count in sorted(counts.items()))


def _unknown(tallies: list[tuple[TallyKey, int]]) -> tuple[HoldView, ...]:
    counts: dict[HoldId, int] = {}
    for key, count in tallies:
        if key.state == "held" and key.field == "record":
            for hold in key.reason.split(","):
                if hold.endswith("?"):
                    counts[HoldId(hold[:-1])] = counts.get(HoldId(hold[:-1]), 0) + count
    return tuple(HoldView(id=hold, count=count) for hold, count in sorted(counts.items()))


def _listeners(accesses: Mapping[str, Access], marks: tuple[Mark, ...]) -> Iterator[ListenerView]:
    known = {m.id: m for m in marks}
    for access in accesses.values():
        for one in access.listeners:
            mark = known.get(one.id)
            yield ListenerView(
                name=f"{one.name} ({one.id})",
                kind=one.kind,
                hears=one.hears,
                active=one.active,
                mark=mark.mark if mark else None,
                by=mark.by if mark else "",
                at=mark.on if mark else None,
            )


def _timeline(tallies: list[tuple[TallyKey, int]], today: date) -> tuple[DueView, ...]:
    """The most records of a kind that have one field of a wave fall due in a year, kinds summed."""
    counts: dict[tuple[int, str, str, str], int] = {}
    for key, count in tallies:
        if not key.through or key.state == "held":
            continue
        due = key.state == "due"
        year = today.year if due else (date.fromisoformat(key.through) + timedelta(days=1)).year
        where = (max(year, today.year), key.wave, key.kind, key.field)
        counts[where] = counts.get(where, 0) + count
    most: dict[tuple[int, str, str], int] = {}
    for (year, wave, kind, _), count in counts.items():
        most[year, wave, kind] = max(most.get((year, wave, kind), 0), count)
    summed: dict[tuple[int, str], int] = {}
    for (year, wave, _), count in most.items():
        summed[year, wave] = summed.get((year, wave), 0) + count
    return tuple(DueView(year=y, wave=Wave(w), count=c) for (y, w), c in sorted(summed.items()))


def _difference(plan: Plan, previous: Plan | None) -> Iterator[DifferenceView]:
    for wave in Wave:
        now, before = plan.wave(wave), previous.wave(wave) if previous else None
        if now or before:
            yield DifferenceView(
                wave=wave,
                before=None if previous is None else (before.steps if before else 0),
                now=now.steps if now else 0,
            )


def annex(shop: Shop, code: str | None = None) -> Iterator[AnnexRow]:
    """Every field that the plan takes, streamed: the CSV annex."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, _, _ = plans.need(connection, code)
        for row in plans.steps(connection, plan_id):
            for why in row.step.why:
                yield AnnexRow(
                    order_id=row.step.label,
                    field=None if why.field == "record" else Field(why.field),
                    rule=why.rule,
                    clock_from=why.clock_date,
                    keep_through=why.since - timedelta(days=1) if why.since else None,
                    action=row.step.action,
                )


__all__ = ["annex", "dry_run", "letterhead", "policy_ref"]
