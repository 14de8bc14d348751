"""How many calls carrying out a plan takes: each adapter says it of its own work, from what the plan holds.

Only the ledger is read, but for `sample_notes`: how many notes an order has no pull can know.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.errors import RemoteError
from connector.ledger import queries
from connector.ledger.plans import Plans
from connector.plan import Plan
from connector.ports import CountsCalls, SamplesNotes, TakesCalls, Work
from connector.shop import Shop

SAMPLED = 40
"""Orders whose notes are counted: the mean of so many is within a few per cent."""

NOTES = 2.0
"""Notes deleted of an order where none was ever counted: WooCommerce writes one, a person often another."""

_LASTS_DAYS = 30


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


def sample_notes(shop: Shop) -> None:
    """Counts the notes of some orders of the newest plan, for its estimate; a silent shop is let be."""
    platform = next((p for p in shop.platforms.values() if isinstance(p, SamplesNotes)), None)
    if platform is None:
        return
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        found = plans.current(connection)
        refs = queries.noted(connection, found.id, platform.name, SAMPLED) if found else {}
        sampled = shop.ledger.events(connection, "notes_sampled")
    if not refs or any(_lasts(shop, at, detail["orders"], len(refs)) for at, detail in sampled[-1:]):
        return
    try:
        counts = platform.count_notes(refs)
    except RemoteError:
        return
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "notes_sampled", orders=len(counts), notes=sum(counts))


def _lasts(shop: Shop, at: str, orders: int, wanted: int) -> bool:
    """Whether an earlier sample is of as many orders, and not long ago."""
    return orders >= wanted and (shop.clock() - datetime.fromisoformat(at)).days < _LASTS_DAYS
