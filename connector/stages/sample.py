"""Asks how many notes some orders of a plan have: no pull can know it, and its estimate rests on it."""

from datetime import datetime

from connector.errors import RemoteError
from connector.ledger import queries
from connector.ledger.plans import Plans
from connector.ports import SamplesNotes
from connector.shop import Shop

SAMPLED = 40
"""Orders whose notes are counted: the mean of so many is within a few per cent."""

_LASTS_DAYS = 30


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
