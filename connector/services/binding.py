"""The ledger and its shop: what answers must be the shop whose records the ledger holds.

A staging copy answers to the same ids of orders, and a shop made anew uses them for other orders; what
was decided for one must never be done to the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from connector.errors import OtherShop
from connector.ledger import Ledger, bindings
from connector.ledger.index import Rows
from connector.policy import Policy, decide
from connector.ports import Identified, KnownByOrders, Platform, ShopIdentity
from connector.records import Record, Value
from connector.verdicts import State

SAMPLED = 20
ANSWER = 15  # of them must be there; of fewer, all
_TRIED = 25  # orders looked at for one place in the sample
_LONG = timedelta(days=400)
Stays = Callable[[Record], bool]
Unbound = dict[str, ShopIdentity]


class Seen(Value, frozen=True, kw_only=True):
    """What answers, held to what the ledger was bound by."""

    identity: ShopIdentity
    differs: tuple[str, ...] = ()
    sampled: int = 0
    agree: int = 0
    disagree: int = 0

    @property
    def same_orders(self) -> bool:
        """Whether every sampled order that answers agrees, and enough of them answer."""
        return not self.disagree and self.agree >= min(ANSWER, self.sampled)


def stays_in(policy: Policy, today: date) -> Stays:
    """Whether no rule of the policy takes an order whole, or none for more than a year."""

    def stays(record: Record) -> bool:
        whole = decide(record, policy, today=today).record
        if whole is None:
            return True
        through = whole.keep_through
        return whole.state is State.KEEP and (through is None or through > today + _LONG)

    return stays


def recognise(ledger: Ledger, platforms: Iterable[Platform], stays: Stays) -> Unbound:
    """Refuses another shop than the ledger's; a new ledger is bound to the one that answers.

    Returns what an older ledger, which holds records and knew no shop, will be bound to once it has
    been pulled: until then it is held to a sample of its own records. Raises OtherShop.
    """
    found: Unbound = {}
    for platform in platforms:
        if isinstance(platform, Identified):
            found |= _recognised(ledger, platform, stays)
    return found


def _recognised(ledger: Ledger, platform: Identified, stays: Stays) -> Unbound:
    with ledger.begin() as connection:
        bound = bindings.binding(ledger, connection, platform.name)
        known = bindings.has_records(ledger, connection, platform.name)
    seen = look(platform, bound.ids if bound else {}, _sample(ledger, platform, bound, stays))
    if seen.differs or not seen.same_orders:
        raise _other(platform.name, seen)
    if bound is not None:
        return {}
    if known:
        return {platform.name: seen.identity}
    _bind(ledger, platform.name, seen.identity, {}, older=False)
    return {}


def _sample(
    ledger: Ledger, platform: Identified, bound: bindings.Binding | None, stays: Stays
) -> Mapping[str, date]:
    """The orders to ask after: those it was bound by and does not know to be gone, or some of its own."""
    if bound is None or not bound.sample:
        return draw(ledger, platform, stays)
    with ledger.begin() as connection:
        gone = bindings.known_gone(ledger, connection, platform.name)
    return {order: day for order, day in bound.sample.items() if order not in gone}


def look(platform: Identified, ids: Mapping[str, str], sample: Mapping[str, date]) -> Seen:
    """Asks the service which shop it is, and after the sampled orders."""
    identity = platform.identity()
    differs = tuple(sorted(name for name in ids if name in identity.ids and identity.ids[name] != ids[name]))
    if not isinstance(platform, KnownByOrders) or not sample:
        return Seen(identity=identity, differs=differs)
    days = platform.first_days(tuple(sample))
    agree = sum(days.get(order) == day for order, day in sample.items())
    disagree = sum(order in days and days[order] != day for order, day in sample.items())
    return Seen(identity=identity, differs=differs, sampled=len(sample), agree=agree, disagree=disagree)


def keep(ledger: Ledger, platforms: Iterable[Platform], stays: Stays, unbound: Unbound) -> tuple[str, ...]:
    """After a pull: binds an older ledger, returning to what, and samples anew where it is time."""
    identified = [one for one in platforms if isinstance(one, Identified)]
    for platform in identified:
        if platform.name in unbound:
            sample = draw(ledger, platform, stays)
            _bind(ledger, platform.name, unbound[platform.name], sample, older=True)
        elif isinstance(platform, KnownByOrders):
            _renew(ledger, platform, stays)
    return tuple(one.name for one in identified if one.name in unbound)


def _renew(ledger: Ledger, platform: Identified, stays: Stays) -> None:
    """Samples anew where all orders were walked since the last time, or some of the sample are gone."""
    with ledger.begin() as connection:
        bound = bindings.binding(ledger, connection, platform.name)
        if bound is None:
            return
        due = not bound.sample or bindings.walked_since(ledger, connection, platform.name, bound.at)
        due = due or not bindings.known_gone(ledger, connection, platform.name).isdisjoint(bound.sample)
    if not due:
        return
    sample = draw(ledger, platform, stays)
    with ledger.begin() as connection:
        bindings.bind(ledger, connection, platform.name, bound.ids, sample)


def moved(ledger: Ledger, platforms: Iterable[Platform], stays: Stays, *, by: str) -> dict[str, Seen]:
    """Binds the ledger to the shop that answers now, on a named person's word that it is the same one.

    Raises OtherShop where its own records say that it is not: their ids are other orders' there.
    """
    found: dict[str, Seen] = {}
    for platform in platforms:
        if isinstance(platform, Identified):
            found[platform.name] = _moved(ledger, platform, stays, by=by)
    return found


def _moved(ledger: Ledger, platform: Identified, stays: Stays, *, by: str) -> Seen:
    with ledger.begin() as connection:
        bound = bindings.binding(ledger, connection, platform.name)
    seen = look(platform, bound.ids if bound else {}, _sample(ledger, platform, bound, stays))
    if set(seen.differs) & seen.identity.fixed or seen.disagree > seen.agree or _none(seen):
        raise OtherShop(
            f"{platform.name}: {told(seen)}. These are not the records that the ledger holds, so it cannot "
            "be moved. Set ledger.path to a new file for this shop."
        )
    sample = draw(ledger, platform, stays)
    with ledger.begin() as connection:
        bindings.bind(ledger, connection, platform.name, seen.identity.ids, sample)
        bindings.walk_again(ledger, connection, platform.name)
        ledger.event(
            connection, "moved", adapter=platform.name, by=by, differs=seen.differs,
            sampled=seen.sampled, agree=seen.agree,
        )  # fmt: skip
    return seen


def _none(seen: Seen) -> bool:
    """Whether another address answers and none of the sampled orders is there."""
    return bool(seen.differs) and seen.sampled > 0 and not seen.agree


def draw(ledger: Ledger, platform: Identified, stays: Stays) -> dict[str, date]:
    """Some orders spread over the years, among those no rule deletes, each with the day it was made."""
    if not isinstance(platform, KnownByOrders):
        return {}
    index = Rows(ledger)
    found: dict[str, date] = {}
    with ledger.begin() as connection:
        ids = bindings.purchased_orders(ledger, connection, platform.name)
        for part in _parts(ids):
            rows = index.rows(connection, part)
            for row_id in part:
                record = rows[row_id].record
                if record.facts.created is not None and stays(record):
                    found[record.ref.id] = record.facts.created
                    break
    return found


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    """The rows in as many parts as orders are sampled, each thinned to those worth a try."""
    count = min(SAMPLED, len(ids))
    bounds = [len(ids) * part // count for part in range(count + 1)] if count else [0]
    parts = [ids[low:high] for low, high in pairwise(bounds)]
    return [part[:: max(1, len(part) // _TRIED)][:_TRIED] for part in parts]


def _bind(
    ledger: Ledger, adapter: str, identity: ShopIdentity, sample: Mapping[str, date], *, older: bool
) -> None:
    with ledger.begin() as connection:
        bindings.bind(ledger, connection, adapter, identity.ids, sample)
        ledger.event(
            connection, "bound", adapter=adapter, ids=sorted(identity.ids), sampled=len(sample), older=older
        )


def told(seen: Seen) -> str:
    """What differs, by name and count: the values are the shop's addresses."""
    found = [f"its {name.replace('_', ' ')} is another" for name in seen.differs]
    if not seen.same_orders:
        found.append(
            f"of {seen.sampled} orders that must be there {seen.agree} are, "
            f"and {seen.disagree} of those ids are other orders"
        )
    return "; ".join(found)


def _other(adapter: str, seen: Seen) -> OtherShop:
    return OtherShop(
        f"{adapter} is another shop than this ledger belongs to: {told(seen)}. Nothing was read into the "
        "ledger or written to the shop. Correct the address and the keys in the shop's file; for another "
        "shop or a copy set ledger.path to a new file; where the shop itself has moved, or its sampled "
        "orders were deleted by hand, run `gallra ledger moved --by NAME`."
    )
