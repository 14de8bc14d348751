"""Approving: a named person takes on what a plan, or some waves of it, will do."""

from collections.abc import Sequence, Set

from sqlalchemy import Connection

from connector.deciding import guards
from connector.deciding.limits import brakes_on, limits_of, run_before
from connector.deciding.request_scope import must_still_be_asked
from connector.errors import NotApproved
from connector.ledger.head import must_remember
from connector.ledger.plans import Approval, PlanRow, Plans
from connector.ledger.plans.counts import covered as covered_by
from connector.ledger.states import PlanState
from connector.machine.user import system_user
from connector.plan import Plan, WavePlan
from connector.records import Value, Wave
from connector.shop import Shop, Sound


class Word(Value, frozen=True, kw_only=True):
    """Who approves, in what role, for whom and on what evidence; `first_run` means to exceed the limits."""

    by: str
    role: str
    on_behalf: str = ""
    evidence: str = ""
    first_run: bool = False
    standing: bool = False

    @property
    def typed_by(self) -> str:
        """The system's user who typed it; nobody where it stands in the shop's file."""
        return "" if self.standing else system_user()

    def on(self, wave: WavePlan) -> Approval:
        """The word on one wave, as the ledger keeps it."""
        return Approval(
            wave=wave.wave, digest=wave.digest, person=self.by, role=self.role, on_behalf=self.on_behalf,
            evidence=self.evidence, standing=self.standing, first_run=self.first_run,
            typed_by=self.typed_by,
        )  # fmt: skip


def approve(
    shop: Shop, sound: Sound, code: str, word: Word, *, waves: Sequence[Wave] = ()
) -> tuple[Wave, ...]:
    """Records who approves which waves of a plan. Raises LimitExceeded over the limits."""
    policy, key = shop.policy, shop.key
    sound.must_be_of(policy)
    must_remember(shop.ledger, shop.settings.reports.folder)
    shop.unchanged()
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        row = plans.need(connection, code)
        # What has begun is finished whatever its age; a wave that nobody approved has not begun.
        guards.must_be_fresh(row.plan, PlanState.OPEN, policy_digest=policy.digest, key=key, now=shop.clock())
        guards.must_be_whole(plans, connection, row.id, row.plan)
        must_still_be_asked(shop.ledger, connection, row.plan)
        chosen = _chosen(row.plan, waves)
        before = plans.approvals(connection, row.id)
        covered = {*(wave.wave for wave in chosen), *(one.wave for one in before)}
        first_run = word.first_run or any(one.first_run for one in before)
        must_keep_limits(shop, connection, row, waves=covered, first_run=first_run)
        for wave in chosen:
            plans.approve(connection, row.id, word.on(wave))
        names = tuple(wave.wave for wave in chosen)
        _note(shop, connection, row, word, names)
    return names


def _note(shop: Shop, connection: Connection, row: PlanRow, word: Word, waves: Sequence[Wave]) -> None:
    told = {"code": row.plan.code, "by": word.by, "role": word.role, "waves": [str(name) for name in waves]}
    told["user"] = word.typed_by
    if short := [f"{one.adapter}.{one.kind}" for one in row.plan.rests_on if not one.complete]:
        told["incomplete"] = short
    shop.ledger.event(connection, "approved", plan=row.id, **told)


def _chosen(plan: Plan, waves: Sequence[Wave]) -> list[WavePlan]:
    """The plan's waves that were named, all where none was. Raises NotApproved where that is none."""
    chosen = [one for one in plan.waves if not waves or one.wave in waves]
    if not chosen:
        raise NotApproved(f"Plan {plan.code} has nothing due in these waves. `gallra show` lists its waves.")
    return chosen


def must_keep_limits(
    shop: Shop, connection: Connection, row: PlanRow, *, waves: Set[Wave], first_run: bool
) -> None:
    """Holds what is approved of a plan, and no more, to the limits as the settings have them now.

    Its own earlier waves are no earlier run: the rest of a first run passes as one. What restores touches
    no more than the run that it takes back.
    """
    if row.plan.sets_values:
        return
    last = run_before(connection, shop.ledger.shop, row)
    limits = limits_of(
        row.plan.totals,
        brakes_on(row.plan, shop.limits),
        last_run=last,
        today=shop.today,
        covered=covered_by(connection, row.id, sorted(waves)),
    )
    guards.must_keep_limits(limits, first_run=first_run, first_run_allowed=last is None)
