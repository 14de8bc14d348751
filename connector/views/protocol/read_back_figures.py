"""The figures of the closing sentence."""

from datetime import date

from sqlalchemy import Connection

from connector.ledger.index import Marks
from connector.ledger.plans import Plans
from connector.ledger.undo import restorable_of
from connector.ledger.undone import put_back_of
from connector.ledger.unsettled import unsettled
from connector.plan import Plan
from connector.report.protocol.model import (
    ReadBack,
)
from connector.report.shared import SurpriseView
from connector.shop import Shop
from connector.views.protocol.counting import Counted, Undoable
from connector.views.protocol.recipients import recipient_results
from connector.views.protocol.tasks import as_of_now, hands_left

UNREAD_NAMED = 50
_WROTE = ("applied", "applied_only", "stopped")


def undoable_of(shop: Shop, connection: Connection, plan_id: int, plan: Plan) -> Undoable:
    """What of a run can be put back, and what was."""
    return Undoable(
        restorable_of(connection, plan_id, today=shop.today),
        put_back_of(shop.ledger, connection, plan.digest),
    )


def asked_since(shop: Shop, connection: Connection, plan_id: int) -> bool:
    """Whether a read-back has been tried since the run last wrote: till then nothing is known of it."""
    seen, wrote = (
        [at for name in names for at, _ in shop.ledger.events(connection, name, plan=plan_id)]
        for names in (("verified",), _WROTE)
    )
    return bool(seen) and max(seen) >= max(wrote, default="")


def read_back(shop: Shop, connection: Connection, plan_id: int, counted: Counted | None = None) -> ReadBack:
    """The figures of the closing sentence: records read back, deliveries accepted and notified."""
    if counted is None:
        plan = Plans(shop.ledger).by_id(connection, plan_id)
        steps = as_of_now(shop, connection, plan_id)
        hands, undoable = hands_left(shop, connection, plan), undoable_of(shop, connection, plan_id, plan)
        counted = Counted(shop, steps, plan, hands, undoable=undoable)
    results = recipient_results(shop, connection, plan_id)
    unread = {record: label for record, label in counted.unread.items() if record not in counted.left}
    other = counted.left.keys() | unread.keys()
    left = unsettled(connection, plan_id)
    dues = sorted(date.fromisoformat(d) for d in counted.accepted.values() if d)
    return ReadBack(
        clean=len(counted.clean - other - counted.restored),
        left=len(counted.left),
        left_labels=tuple(sorted(counted.left.values())),
        unread=len(unread),
        unread_labels=tuple(sorted(unread.values())[:UNREAD_NAMED]),
        asked=asked_since(shop, connection, plan_id),
        restored=len(counted.restored - other),
        not_restored=len(counted.not_restored),
        rectifies=counted.rectifies,
        not_restored_labels=tuple(sorted(counted.not_restored.values())[:UNREAD_NAMED]),
        begun=len(left.begun),
        begun_labels=left.begun,
        to_begin=left.to_begin,
        accepted=len(counted.accepted) + sum(r.accepted for r in results),
        accepted_due=dues[-1] if dues else None,
        notified=sum(r.notified for r in results),
        by_hand=counted.tasks + sum(r.by_hand for r in results),
        told=tuple(
            SurpriseView(code=one.code, place=one.place, count=one.records)
            for one in Marks(shop.ledger).told_of(connection, counted.clean | counted.left.keys())
        ),
    )
