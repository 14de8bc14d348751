"""Answers that stand nowhere, and what `apply` refuses until they do: in the dry run and at approval."""

from collections.abc import Sequence

from sqlalchemy import Connection

from connector.deciding import guards
from connector.ledger.plans.counts import touched_orders
from connector.plan import Plan
from connector.ports import Problem
from connector.records import Wave
from connector.shop import Shop

NO_ACCOUNTANT = Problem(
    severity="error",
    code="no_accountant",
    en="The accountant's answer stands nowhere, and until it does nothing on any order is erased. Fill in "
    "[accountant.answer], or [accountant.without], in the shop's file; an approval holds all the same.",
    sv="Redovisningskonsultens svar står ingenstans, och innan det gör det gallras inget på någon order. "
    "Fyll i [accountant.answer], eller [accountant.without], i butikens fil; ett godkännande gäller ändå.",
)
NO_OSS = Problem(
    severity="error",
    code="no_oss",
    en="It is answered nowhere whether the shop uses OSS, and until it is nothing on any order is erased. "
    "Fill in company.oss before you approve, and plan again: the answer changes what is due, and an approval "
    "from before it does not hold.",
    sv="Det står ingenstans om butiken använder OSS, och innan det gör det gallras inget på någon order. "
    "Fyll i company.oss innan du godkänner, och planera igen: svaret ändrar vad som ska gallras, och ett "
    "godkännande från före det gäller inte.",
)
"""The accountant's answer is no part of the policy, so a plan that is approved outlives it; OSS is."""


def unanswered_of(
    shop: Shop, connection: Connection, plan: Plan, waves: Sequence[Wave]
) -> tuple[Problem, ...]:
    """What these waves of a plan will be refused for, as the settings stand now."""
    begun_before = touched_orders(connection, shop.ledger.shop)
    if not guards.asks_for_answers(plan, waves, begun_before=begun_before):
        return ()
    asked = (
        (NO_ACCOUNTANT, shop.settings.accountant.has_spoken),
        (NO_OSS, shop.settings.oss_answered),
    )
    return tuple(problem for problem, answered in asked if not answered)
