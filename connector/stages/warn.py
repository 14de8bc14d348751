"""Accounts whose owners the shop must warn before they are deleted (schedule T-20).

Gallra writes no mail to customers: it lists whom to warn, and remembers who was.
"""

from collections.abc import Sequence
from datetime import date

from connector.ledger import learned
from connector.ledger.index import Row, Rows
from connector.policy import decide
from connector.services.timekeeping import must_agree, must_not_go_back
from connector.shop import Shop

ALERT = "account_to_warn"


def to_warn(shop: Shop) -> tuple[str, ...]:
    """The ids of the accounts to warn now, in the order of the index."""
    policy, today = shop.policy, shop.today
    return tuple(
        row.record.ref.id
        for row in _accounts(shop)
        if ALERT in decide(row.record, policy, today=today).alerts
    )


def record_warned(shop: Shop, ids: Sequence[str], *, by: str, on: date) -> int:
    """Remembers that these accounts were warned on a day; returns how many were known.

    Raises ClockUnsure: an account goes so long after its warning, and a day too early would shorten that.
    """
    must_not_go_back(shop.ledger, shop.clock())
    must_agree(shop.ledger)
    wanted = set(ids)
    rows = [row.id for row in _accounts(shop) if row.record.ref.id in wanted]
    with shop.ledger.begin() as connection:
        learned.warned(connection, rows, on)
        shop.ledger.event(connection, "warned", by=by, on=on, count=len(rows))
    return len(rows)


def _accounts(shop: Shop) -> list[Row]:
    rows = Rows(shop.ledger)
    with shop.ledger.begin() as connection:
        ids = learned.account_rows(connection, shop.ledger)
        return list(rows.rows(connection, ids).values())
