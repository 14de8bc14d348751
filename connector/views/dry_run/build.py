"""Builds the dry run of one stored plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from connector import __version__
from connector.deciding.limits import limits_of
from connector.deciding.undoing import NEVER
from connector.deciding.warning import codes_of
from connector.ledger import queries
from connector.ledger.alerts import alerted, count_strangers, named
from connector.ledger.alerts import strangers as unknown
from connector.ledger.index import Marks
from connector.ledger.index.marks import RESIDUE, MarkCount
from connector.ledger.plans import PlanRow, Plans, StepRow
from connector.ledger.plans.counts import filled_again, last_run
from connector.ledger.states import PlanState
from connector.ledger.tallies import TallyKey
from connector.plan import LimitCheck, Outlook, done_to
from connector.plan import WavePlan as PlannedWave
from connector.ports import Access, Problem, Restores
from connector.records import Field, Kind
from connector.report.dry_run import consequences
from connector.report.dry_run.model import (
    AlertView,
    Cost,
    DryRun,
    KindTotals,
    RecipientView,
    SampleField,
    SampleView,
    WaveView,
)
from connector.report.shared import ApprovalView, SurpriseView
from connector.shop import Shop
from connector.views.call_estimate import calls_of
from connector.views.dry_run import counts
from connector.views.dry_run.heads import (
    approval_view,
    basis_views,
    known_as,
    letterhead,
    policy_ref,
    undone_views,
)
from connector.views.dry_run.standing import how_it_stands, steps_done
from connector.views.dry_run.unanswered import unanswered_of
from connector.views.dry_run.waiting import (
    beyond_views,
    by_hand_views,
    held_count,
    holds_in_force,
    kept_together,
)
from connector.views.warning import line_to_warn

SAMPLES = 10
# Measured on WooCommerce 10.5: a request, an order written in a batch.
REQUEST_SECONDS, WRITE_SECONDS = 0.05, 0.0125


class Builder:
    def __init__(
        self,
        shop: Shop,
        connection: Connection,
        row: PlanRow,
        accesses: Mapping[str, Access],
        *,
        policy: str,
    ) -> None:
        self.policy = policy
        self.shop = shop
        self.connection = connection
        self.row = row
        self.plan_id = row.id
        self.plan = row.plan
        self.accesses = accesses
        self.plans = Plans(shop.ledger)
        self.marks = Marks(shop.ledger)

    def build(self, tallies: list[tuple[TallyKey, int]]) -> DryRun:
        """The whole view."""
        plan, marks = self.plan, self.marks.marks(self.connection)
        recipients = tuple(self._recipient(o) for o in counts.together(plan.outlook))
        previous = self.plans.previous(self.connection, self.plan_id)
        alerts = (*self._alerts(tallies), *self._counted_alerts())
        first = last_run(self.connection, self.shop.ledger.shop, other_than=self.plan_id) is None
        stands = how_it_stands(self.shop, self.connection, self.row, policy=self.policy)
        limits = self._limits()
        return DryRun(
            shop=letterhead(self.shop, self.accesses),
            policy=policy_ref(plan),
            made_at=plan.created,
            expires=plan.expires,
            digest=plan.digest,
            kinds=tuple(KindTotals(kind=Kind(k), totals=t) for k, t in plan.totals.items()),
            waves=tuple(self._wave(w) for w in plan.waves),
            rests_on=basis_views(plan.rests_on),
            withheld={Kind(kind): count for kind, count in plan.withheld.items()},
            first_run=first,
            percent=self.shop.settings.limits.percent,
            shown_on=self.shop.today,
            limits=tuple(counts.limit(limit, plan) for limit in limits),
            stands=stands,
            steps=steps_done(self.connection, self.plan_id),
            undo_days=self._undo_days(),
            never_copied=tuple(sorted(NEVER)),
            undone=undone_views(self.shop, self.connection, plan),
            file=str((self.shop.file or Path("shop.toml")).absolute()),
            kept=counts.kept(tallies),
            holds=holds_in_force(self.shop, self.connection),
            held=held_count(self.shop, self.connection),
            unknown_holds=counts.unknown(tallies),
            kept_together=kept_together(self.shop, self.connection),
            surprises=self._surprises(marks),
            alerts=alerts,
            warn_command=self._warn_command(alerts),
            listeners=tuple(counts.listeners(self.accesses, self.shop.marks)),
            own_retention=tuple(
                p for a in self.accesses.values() for p in a.problems if p.code.startswith("own_retention")
            ),
            recipients=recipients,
            by_hand=(
                *by_hand_views(counts.hands(plan), self.shop),
                *beyond_views(self.shop, self.connection, self.accesses),
            ),
            cost=self._cost(),
            timeline=counts.timeline(tallies, plan.today),
            difference=tuple(counts.difference(plan, previous)),
            approval=self._approval(),
            problems=(*self._unanswered(), *self._declared(), *self._problems()),
            approve_command=self.shop.line_to_approve(self.connection, self.row) if stands.waits else "",
            tool_version=__version__,
        )

    def _undo_days(self) -> int:
        """For how long what the plan blanks can be restored: as long as `apply` would keep copies."""
        able = any(isinstance(one, Restores) for one in self.shop.platforms.values())
        return 0 if self.plan.replays or self.plan.sets_values or not able else self.shop.settings.undo.days

    def _limits(self) -> tuple[LimitCheck, ...]:
        """The limits as an approval now is held to them; of a plan that has begun, as it was drawn."""
        if self.row.state is not PlanState.OPEN or self.plan.sets_values:
            return self.plan.limits
        last = last_run(self.connection, self.shop.ledger.shop, other_than=self.plan_id)
        today = self.shop.today
        return limits_of(self.plan.totals, self.shop.limits, last_run=last, today=today)

    def _warn_command(self, alerts: Sequence[AlertView]) -> str:
        asked = {code for some in codes_of(self.shop.written).values() for code in some}
        return line_to_warn(self.shop) if any(one.code in asked for one in alerts) else ""

    def _wave(self, wave: PlannedWave) -> WaveView:
        lost = tuple(counts.field_counts(wave))
        told = [self._recipient(o) for o in self.plan.outlook if o.wave is wave.wave]
        return WaveView(
            wave=wave.wave,
            code=wave.digest[:8],
            records=sum(wave.records.values()),
            steps=wave.steps,
            kinds={Kind(kind): count for kind, count in wave.records.items()},
            counts=lost,
            notices=consequences.notices(wave.wave, lost),
            irreversible=consequences.irreversible(wave.wave, lost, recipients=told),
            samples=tuple(
                self._sample(s)
                for s in self.plans.samples(self.connection, self.plan_id, wave.wave, limit=SAMPLES)
            ),
        )

    def _sample(self, row: StepRow) -> SampleView:
        ref = row.step.ref
        access = self.accesses.get(ref.adapter)
        return SampleView(
            label=row.step.label,
            link=access.link(ref.kind, ref.id) if access else "",
            kind=ref.kind,
            fields=tuple(
                SampleField(
                    field=None if why.field == "record" else Field(why.field),
                    rule=why.rule,
                    action=done_to(row.step, why.field),
                    clock=why.clock,
                    on=why.clock_date,
                    since=why.since,
                )
                for why in row.step.why
            ),
        )

    def _recipient(self, outlook: Outlook) -> RecipientView:
        title, code, role = known_as(self.shop, outlook.recipient)
        return RecipientView(
            name=title,
            code=code,
            role=role,
            act=outlook.act,
            count=outlook.count,
            handle=outlook.handle,
            irreversible=outlook.irreversible,
            letter_due=self._letter_due(outlook),
        )

    def _letter_due(self, outlook: Outlook) -> date | None:
        """The day the recipient's next letter leaves; None where no letter is written."""
        if not outlook.act.is_notice:
            return None
        settings, today = self.shop.settings, self.plan.today
        own = settings.recipients.named().get(outlook.recipient)
        period = (own.letters if own else None) or settings.letters.period
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

    def _unanswered(self) -> tuple[Problem, ...]:
        waves = [one.wave for one in self.plan.waves]
        return unanswered_of(self.shop, self.connection, self.plan, waves)

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

    def _alerts(self, tallies: list[tuple[TallyKey, int]]) -> Iterator[AlertView]:
        """What was found on records, each with the newest of them; the work list names the rest."""
        for one in counts.alerts(tallies):
            found = alerted(self.connection, self.shop.ledger.shop, one.code, limit=SAMPLES)
            yield replace(one, samples=tuple(map(named, found)))

    def _counted_alerts(self) -> Iterator[AlertView]:
        """Contacts that no shop record knows, and fields that came back after they were erased."""
        strangers = count_strangers(self.connection, self.shop.ledger.shop)
        if strangers:
            found = unknown(self.connection, self.shop.ledger.shop, limit=SAMPLES)
            yield AlertView(code="not_in_shop", count=strangers, samples=tuple(map(named, found)))
        shared = queries.shared(self.connection, self.shop.ledger.shop)
        if shared:
            yield AlertView(code="shared_contact", count=shared)
        again = filled_again(self.connection, self.plan_id)
        if again:
            yield AlertView(code="filled_again", count=len(again), samples=tuple(again[:SAMPLES]))

    def _surprises(self, marks: Sequence[MarkCount]) -> tuple[SurpriseView, ...]:
        return tuple(
            SurpriseView(
                code=one.code,
                place=one.place,
                count=one.records,
                samples=tuple(self.marks.mark_samples(self.connection, one.code, one.place)),
            )
            for one in marks
            if one.code != RESIDUE
        )

    def _cost(self) -> Cost:
        touched = sum(sum(w.records.values()) for w in self.plan.waves)
        requests = calls_of(self.shop, self.connection, self.plan_id, self.plan)
        seconds = requests * REQUEST_SECONDS + touched * WRITE_SECONDS
        log_lines = sum(
            count * self.shop.log_lines(Field(field))
            for w in self.plan.waves
            for field, count in w.fields.items()
        )
        return Cost(requests=requests, minutes=round(seconds / 60, 1), log_lines=log_lines)

    def _approval(self) -> ApprovalView | None:
        approvals = self.plans.approvals(self.connection, self.plan_id)
        return approval_view(approvals[0], self.plan) if approvals else None
