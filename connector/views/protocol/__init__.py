"""From the ledger to the protocol: what a run did, per rule and recipient, with its read-back."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from connector import __version__
from connector.ledger.chain import Link, Run, link, runs, unwritten
from connector.ledger.plans import RAN, Plans
from connector.ledger.plans.rows import not_run
from connector.ledger.plans.unapplied import newest_run
from connector.ledger.proof.head import chain_head
from connector.ledger.unsettled import Unsettled, unsettled
from connector.plan import Plan
from connector.ports import Access
from connector.records import Outcome
from connector.report.drawn import json as report_json
from connector.report.protocol.model import AccountantWord, Deviation, Protocol
from connector.report.shared import ApprovalView, short_code
from connector.shop import Shop
from connector.views.dry_run import (
    basis_views,
    beyond_views,
    by_hand_views,
    holds_in_force,
    kept_together,
    letterhead,
    policy_ref,
)
from connector.views.dry_run.heads import approval_view, undone_views
from connector.views.dry_run.waiting import held_count
from connector.views.protocol.counting import SAMPLES, Counted
from connector.views.protocol.read_back_figures import read_back, undoable_of
from connector.views.protocol.recipients import recipient_results, unsent_views, untold_views
from connector.views.protocol.tasks import as_of_now, hands_left, tasks_done, tasks_left
from connector.views.todo import know_policy

BEGUN = "begun"


def protocol(shop: Shop, accesses: Mapping[str, Access] | None = None, code: str | None = None) -> Protocol:
    """The protocol of the newest run, or of the one named, chained to the one before.

    Raises PlanError where nothing ran.
    """
    plans = Plans(shop.ledger)
    shop.ready()
    know_policy(shop)
    shop.unchanged()  # nobody is to sign what a changed ledger says
    with shop.ledger.begin() as connection:
        plan_id, plan, state = newest_run(plans, connection, code)
        approvals = plans.approvals(connection, plan_id)
        if not approvals or state not in RAN:
            raise not_run(plan.code)
        run = Run(plan=plan_id, digest=plan.digest)
        place = link(shop.ledger, connection, run, series=f"{shop.settings.shop.id}-{plan.today:%Y}")
        view = _view(shop, connection, plan_id, plan, accesses or {})
        view = replace(view, approval=approval_view(approvals[0], plan))
        head = chain_head(shop.ledger, connection).digest
        view, digest = _chained(view, place, head=head, now=shop.clock().isoformat())
        if digest not in place.versions[-1:]:
            shop.ledger.event(
                connection, "protocol", plan=plan_id, number=place.number, digest=digest, of=plan.digest,
                head=view.head, **({"updated": view.updated.isoformat()} if view.updated else {}),
            )  # fmt: skip
    return replace(view, chain=digest)


def _chained(view: Protocol, place: Link, *, head: str, now: str) -> tuple[Protocol, str]:
    """The protocol in its place, and its checksum; one that says more names the first, and what it replaces.

    Where nothing changed it is the version that was written last, word for word.
    """
    view = replace(view, number=place.number, previous=place.previous, gaps=place.gaps, head=head)
    if not place.versions:
        return view, _checksum(view)
    first = datetime.fromisoformat(place.first)
    for replaced in (*place.versions[-2:-1], ""):
        same = replace(view, earlier=place.versions[0] if replaced else "", replaces=replaced)
        if replaced and place.updates[-1]:
            same = replace(same, first=first, updated=datetime.fromisoformat(place.updates[-1]))
        same = replace(same, head=place.heads[-1])
        if (digest := _checksum(same)) == place.versions[-1]:
            return same, digest
    view = replace(view, earlier=place.versions[0], replaces=place.versions[-1])
    view = replace(view, first=first, updated=datetime.fromisoformat(now))
    return view, _checksum(view)


def _checksum(view: Protocol) -> str:
    return hashlib.sha256(report_json(view).encode()).hexdigest()


def unwritten_codes(shop: Shop) -> tuple[str, ...]:
    """The digests of runs whose protocol is missing, or older than their last read-back; oldest first."""
    with shop.ledger.begin() as connection:
        return tuple(run.digest for run in unwritten(shop.ledger, connection))


def _view(
    shop: Shop, connection: Connection, plan_id: int, plan: Plan, accesses: Mapping[str, Access]
) -> Protocol:
    """All that the ledger says of a run; number, chain and approval are put on by the caller."""
    hands, undoable = hands_left(shop, connection, plan), undoable_of(shop, connection, plan_id, plan)
    counted = Counted(shop, as_of_now(shop, connection, plan_id), plan, hands, undoable=undoable)
    started, ended = _span(shop, connection, plan_id, plan)
    left = unsettled(connection, plan_id)
    tasks, held = tasks_left(shop, connection, plan_id)
    return Protocol(
        number="",
        shop=letterhead(shop, accesses),
        policy=policy_ref(plan),
        started=started,
        ended=ended,
        digest=plan.digest,
        approval=ApprovalView(by="", role="", at=plan.created),
        tool_version=__version__,
        accountant=_accountant(shop, connection, plan_id),
        undoes=short_code(plan.undoes) if plan.undoes else "",
        rectifies=plan.request if plan.rectifies else "",
        put_back=counted.put_back(),
        undone=undone_views(shop, connection, plan),
        rules=counted.rules(shop),
        waves=counted.waves(plan),
        recipients=recipient_results(shop, connection, plan_id),
        unsent=unsent_views(shop, connection, plan_id),
        untold=untold_views(shop, connection, plan_id),
        held=holds_in_force(shop, connection),
        held_records=held_count(shop, connection),
        kept_together=kept_together(shop, connection),
        deviations=(*counted.deviations(), *_of_begun(left)),
        read_back=read_back(shop, connection, plan_id, counted),
        rests_on=basis_views(plan.rests_on),
        by_hand=(
            *by_hand_views(counted.hands(), shop),
            *beyond_views(shop, connection, accesses),
        ),
        tasks=tasks,
        tasks_held=held,
        tasks_done=tasks_done(shop, connection, plan_id),
        first_run=not any(one.plan < plan_id for one in runs(shop.ledger, connection)),
        deleted_orders=counted.deleted_orders(),
        backups_through=_backups_through(shop, ended),
    )


def _of_begun(left: Unsettled) -> tuple[Deviation, ...]:
    """What began without an answer: whether it was done is not known, which is no refusal either."""
    if not left.begun:
        return ()
    return (
        Deviation(outcome=Outcome.REFUSED, reason=BEGUN, count=len(left.begun), samples=left.begun[:SAMPLES]),
    )


def _accountant(shop: Shop, connection: Connection, plan_id: int) -> AccountantWord | None:
    """The accountant's word as it stood in the shop's file when the run began."""
    starts = [detail for _, detail in shop.ledger.events(connection, "apply_started", plan=plan_id)]
    word = starts[0].get("accountant") if starts else None
    if not word:
        return None
    said = {key: value for key, value in word.items() if key not in ("on", "order_is_underlag")}
    underlag = word["order_is_underlag"] == "True" if "order_is_underlag" in word else None
    return AccountantWord(on=date.fromisoformat(word["on"]), order_is_underlag=underlag, **said)


def _span(shop: Shop, connection: Connection, plan_id: int, plan: Plan) -> tuple[datetime, datetime]:
    """When this plan's run began, and when it was last read back."""
    begins = [at for at, _ in shop.ledger.events(connection, "apply_started", plan=plan_id)]
    ends = [at for at, _ in shop.ledger.events(connection, "verified", plan=plan_id)]
    started = datetime.fromisoformat(begins[0]) if begins else plan.created
    return started, datetime.fromisoformat(ends[-1]) if ends else started


def _backups_through(shop: Shop, ended: datetime) -> date | None:
    days = shop.settings.shop.backup_days
    return None if days is None else ended.date() + timedelta(days=days)


__all__ = ["protocol", "read_back", "recipient_results", "unwritten_codes"]
