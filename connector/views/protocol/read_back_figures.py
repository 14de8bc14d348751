"""The figures of the closing sentence."""

from datetime import date

from sqlalchemy import Connection

from connector.ledger.index import Marks
from connector.ledger.plans import Plans
from connector.ledger.unsettled import unsettled
from connector.report.protocol.model import (
    ReadBack,
)
from connector.report.shared import SurpriseView
from connector.shop import Shop
from connector.views.protocol.counting import Counted
from connector.views.protocol.recipients import recipient_results
from connector.views.protocol.tasks import as_of_now, hands_left

UNREAD_NAMED = 50


def read_back(shop: Shop, connection: Connection, plan_id: int, counted: Counted | None = None) -> ReadBack:
    """The figures of the closing sentence: records read back, deliveries accepted and notified."""
    if counted is None:
        plan = Plans(shop.ledger).by_id(connection, plan_id)
        steps = as_of_now(shop, connection, plan_id)
        counted = Counted(shop, steps, plan, hands_left(shop, connection, plan))
    results = recipient_results(shop, connection, plan_id)
    unread = {record: label for record, label in counted.unread.items() if record not in counted.left}
    left = unsettled(connection, plan_id)
    dues = sorted(date.fromisoformat(d) for d in counted.accepted.values() if d)
    return ReadBack(
        clean=len(counted.clean - counted.left.keys() - unread.keys()),
        left=len(counted.left),
        left_labels=tuple(sorted(counted.left.values())),
        unread=len(unread),
        unread_labels=tuple(sorted(unread.values())[:UNREAD_NAMED]),
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
