"""Answers that stand nowhere, and what `apply` refuses until they do: in the dry run and at approval."""

from collections.abc import Sequence

from sqlalchemy import Connection

from connector.deciding import guards
from connector.ledger.plans.counts import touched_orders
from connector.plan import Plan
from connector.ports import Problem
from connector.records import Wave
from connector.shop import Shop


def unanswered_of(
    shop: Shop, connection: Connection, plan: Plan, waves: Sequence[Wave]
) -> tuple[Problem, ...]:
    """What these waves of a plan will be refused for, as the settings stand now."""
    return guards.unanswered(
        plan,
        waves,
        answered=shop.settings.accountant.has_spoken,
        oss_answered=shop.settings.oss_answered,
        begun_before=touched_orders(connection, shop.ledger.shop),
    )
