"""From the ledger to the dry-run report: counts and codes, nothing is matched a second time."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from connector.ledger.last_check import last_found
from connector.ledger.plans import Plans
from connector.ledger.tallies import read_tallies
from connector.plan import Step, done_to
from connector.ports import Access
from connector.records import Field, Outcome
from connector.report.dry_run.model import DryRun
from connector.report.shared import AnnexRow
from connector.shop import Shop
from connector.views.dry_run.build import Builder
from connector.views.dry_run.heads import approval_view, basis_views, known_as, letterhead, policy_ref
from connector.views.dry_run.waiting import beyond_views, by_hand_views, holds_in_force, kept_together


def dry_run(shop: Shop, accesses: Mapping[str, Access] | None = None, code: str | None = None) -> DryRun:
    """What a stored plan would do, as the owner reads it, beside what a check found: this one or the last."""
    plans = Plans(shop.ledger)
    shop.ready()
    policy = shop.policy.digest  # it reads the ledger itself, so outside the transaction
    with shop.ledger.begin() as connection:
        row = plans.need(connection, code)
        tallies = list(read_tallies(connection, shop.ledger.shop))
        accesses = accesses or last_found(connection, shop.ledger)
        builder = Builder(shop, connection, row, accesses, policy=policy)
        return builder.build(tallies)


def annex(shop: Shop, code: str | None = None) -> Iterator[AnnexRow]:
    """Every field that the plan takes, and what it leaves to a hand, streamed: the CSV annex."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        for row in plans.steps(connection, plans.need(connection, code).id):
            for why in row.step.why:
                yield AnnexRow(
                    order_id=row.step.label,
                    kind=row.step.ref.kind,
                    field=None if why.field == "record" else Field(why.field),
                    rule=why.rule,
                    clock_from=why.clock_date,
                    keep_through=why.since - timedelta(days=1) if why.since else None,
                    action=done_to(row.step, why.field),
                )
            yield from _by_hand(row.step)


def _by_hand(step: Step) -> Iterator[AnnexRow]:
    """The places of a record that no call changes, though a field is cleared elsewhere on it."""
    rule = step.why[0].rule if step.why else ""
    known = {one.place: one.field for one in step.placed}
    for place in step.residue:
        yield AnnexRow(
            order_id=step.label,
            kind=step.ref.kind,
            field=known.get(place),
            rule=rule,
            action=Outcome.BY_HAND,
            place=place,
        )


__all__ = [
    "annex",
    "approval_view",
    "basis_views",
    "beyond_views",
    "by_hand_views",
    "dry_run",
    "holds_in_force",
    "kept_together",
    "known_as",
    "letterhead",
    "policy_ref",
]
