"""How many calls carrying out a plan takes: each adapter says it of its own work, from the plan alone."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.ledger import queries
from connector.plan import Plan
from connector.ports import CountsCalls, TakesCalls, Work
from connector.shop import Shop

NOTES = 2.0
"""Notes deleted of an order where none was ever counted: WooCommerce writes one, a person often another."""


def calls_of(shop: Shop, connection: Connection, plan_id: int, plan: Plan) -> int:
    """The calls of apply, push and verify over all rounds of a plan, to the shop and the recipients."""
    works = _works(shop, connection, plan_id, plan)
    total = sum(_calls(shop.platforms[name], own) for name, own in works.items() if own)
    each = {recipient.name: recipient.processor for recipient in shop.recipients}
    return total + round(sum(one.count * _calls_each(each.get(one.recipient)) for one in plan.outlook))


def _calls_each(recipient: object) -> float:
    return recipient.calls_each if isinstance(recipient, TakesCalls) else 0.0


def _calls(platform: object, works: Sequence[Work]) -> int:
    if isinstance(platform, CountsCalls):
        return platform.calls(works)
    return sum(2 * one.records + 1 for one in works)  # each written and read back by itself


def _works(shop: Shop, connection: Connection, plan_id: int, plan: Plan) -> Mapping[str, list[Work]]:
    notes = _notes(shop, connection)
    found: dict[str, list[Work]] = {name: [] for name in shop.platforms}
    for one in queries.work_of(connection, plan_id):
        known = plan.totals.get(str(one.kind))
        found.setdefault(one.adapter, []).append(
            replace(one, notes=notes, known=known.records if known else 0)
        )
    return found


def _notes(shop: Shop, connection: Connection) -> float:
    sampled = shop.ledger.events(connection, "notes_sampled")
    if not sampled or not sampled[-1][1]["orders"]:
        return NOTES
    return float(sampled[-1][1]["notes"] / sampled[-1][1]["orders"])
