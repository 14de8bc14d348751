"""What a plan offers to be approved: its rounds, its limits as they stand now, and what cannot be undone."""

from collections.abc import Sequence

from sqlalchemy import Connection

from connector.deciding.limits import Passes, limits_of, passes
from connector.deciding.undoing import NEVER
from connector.ledger.approvals import Approval
from connector.ledger.plans import PlanRow, Plans
from connector.ledger.plans.counts import covered as covered_by
from connector.ledger.plans.counts import last_run
from connector.ledger.states import PlanState
from connector.plan import Plan, WavePlan
from connector.ports import Restores
from connector.records import Field, Value, Wave
from connector.report.dry_run import consequences
from connector.report.dry_run.model import FieldCount, LimitView, RecipientView, Stands, StepsDone
from connector.shop import Shop
from connector.views.dry_run import counts
from connector.views.dry_run.heads import known_as
from connector.views.dry_run.standing import how_it_stands, steps_done


class WaveOffer(Value, frozen=True, kw_only=True):
    """One round: what it takes, what shows afterwards, what cannot be undone (codes), and who approved it."""

    wave: Wave
    digest: str
    steps: int
    records: int
    counts: tuple[FieldCount, ...]
    notices: tuple[str, ...]
    irreversible: tuple[str, ...]
    approval: Approval | None = None


class Offer(Value, frozen=True, kw_only=True):
    """A plan as a person decides about it; `row_id` is its row.

    `done` counts only while it is carried out. `never_copied` are fields of which no copy is kept, empty
    where copies are kept of nothing.
    """

    row_id: int
    plan: Plan
    stands: Stands
    waves: tuple[WaveOffer, ...]
    done: StepsDone = StepsDone()
    never_copied: tuple[Field, ...] = ()

    @property
    def waiting(self) -> tuple[WaveOffer, ...]:
        """The rounds that nobody has approved."""
        return tuple(one for one in self.waves if one.approval is None)

    @property
    def may_be_taken_out_of(self) -> bool:
        """Whether records may be held out of it."""
        own = self.plan.request or self.plan.undoes or self.plan.replays
        return not own and (self.stands.touched_nothing or self.stands is Stands.BEGUN)


class Choice(Value, frozen=True, kw_only=True):
    """Some rounds of a plan, held to the limits as they stand: whether an approval would be taken."""

    limits: tuple[LimitView, ...]
    refused: bool
    first_run: bool


def offer_of(shop: Shop, digest: str | None = None) -> Offer:
    """A plan by its digest, or the newest. Raises PlanError where there is none, PlanStale for an old one."""
    policy = shop.policy.digest  # asks the ledger, before a transaction begins
    able = any(isinstance(one, Restores) for one in shop.platforms.values())
    with shop.ledger.begin() as connection:
        row = Plans(shop.ledger).need(connection, digest)
        given = {one.wave: one for one in Plans(shop.ledger).approvals(connection, row.id)}
        stands = how_it_stands(shop, connection, row, policy=policy)
        done = steps_done(connection, row.id) if row.state is PlanState.BEGUN else StepsDone()
    plan = row.plan
    copies = able and shop.settings.undo.days and not (plan.undoes or plan.replays or plan.request)
    return Offer(
        row_id=row.id,
        plan=plan,
        stands=stands,
        waves=tuple(_wave(shop, plan, one, given.get(one.wave)) for one in plan.waves),
        done=done,
        never_copied=tuple(sorted(NEVER)) if copies else (),
    )


def _wave(shop: Shop, plan: Plan, wave: WavePlan, given: Approval | None) -> WaveOffer:
    lost = tuple(counts.field_counts(wave))
    told = [_told(shop, plan, position) for position, one in enumerate(plan.outlook) if one.wave is wave.wave]
    return WaveOffer(
        wave=wave.wave,
        digest=wave.digest,
        steps=wave.steps,
        records=sum(wave.records.values()),
        counts=lost,
        notices=consequences.notices(wave.wave, lost),
        irreversible=consequences.irreversible(wave.wave, lost, recipients=told),
        approval=given if given is not None and given.digest == wave.digest else None,
    )


def _told(shop: Shop, plan: Plan, position: int) -> RecipientView:
    one = plan.outlook[position]
    title, code, role = known_as(shop, one.recipient)
    return RecipientView(
        name=title, code=code, role=role, act=one.act, count=one.count, irreversible=one.irreversible
    )


def whole_of(shop: Shop, offer: Offer) -> Choice:
    """How an approval of the whole plan would be held to the limits, by what its header counts."""
    plan = offer.plan
    if plan.sets_values:
        return Choice(limits=(), refused=False, first_run=False)
    with shop.ledger.begin() as connection:
        last = last_run(connection, shop.ledger.shop, other_than=offer.row_id)
    held = limits_of(plan.totals, shop.limits, last_run=last, today=shop.today)
    over = any(one.exceeded for one in held)
    return Choice(
        limits=tuple(counts.limit(one, plan) for one in held),
        refused=over and last is not None,
        first_run=over and last is None,
    )


def choice_of(shop: Shop, offer: Offer, waves: Sequence[Wave]) -> Choice:
    """How an approval of these rounds would be held to the limits now."""
    with shop.ledger.begin() as connection:
        row = PlanRow(offer.row_id, offer.plan, PlanState.OPEN)
        how = passes(shop, connection, row, waves=set(waves))
        return Choice(
            limits=_limits(shop, connection, row, waves),
            refused=how is Passes.REFUSED,
            first_run=how is Passes.AS_FIRST_RUN,
        )


def _limits(shop: Shop, connection: Connection, row: PlanRow, waves: Sequence[Wave]) -> tuple[LimitView, ...]:
    if row.plan.sets_values:
        return ()
    before = {one.wave for one in Plans(shop.ledger).approvals(connection, row.id)}
    held = limits_of(
        row.plan.totals,
        shop.limits,
        last_run=last_run(connection, shop.ledger.shop, other_than=row.id),
        today=shop.today,
        covered=covered_by(connection, row.id, sorted({*waves, *before})),
    )
    return tuple(counts.limit(one, row.plan) for one in held)
