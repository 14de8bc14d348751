"""Who is to be warned now, and the list of them that a person is shown and approves by its code."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from connector.deciding.warning import ToWarn, chosen, codes_of, to_warn
from connector.errors import GallraError, PlanStale
from connector.ledger import learned
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.ledger.warnings import Warnings
from connector.records import Value
from connector.settings.warning import MUST
from connector.shop import Shop

LIFETIME = timedelta(days=7)
"""How long a list that was shown may be sent."""
PLANNED = "warn_planned"


class Listed(Value, frozen=True, kw_only=True):
    """A list that a person is shown: its code, whose records, and the newest try that it knew of."""

    code: str
    records: tuple[int, ...]
    through: int
    made: datetime


def all_to_warn(shop: Shop) -> tuple[ToWarn, ...]:
    """Everybody who is to be warned now by what the last pull showed, in the order of the index."""
    policy, today, index = shop.policy, shop.today, Rows(shop.ledger)
    with shop.ledger.begin() as connection:
        holds = Holds(shop.ledger).open(connection)
        rows = index.rows(connection, learned.rows_of(connection, shop.ledger, codes_of(policy).keys()))
        newest = Warnings(shop.ledger).newest(connection)
    found = (
        to_warn(replace(row, record=holds.on(row)), policy, newest.get(row.id), today=today)
        for row in rows.values()
    )
    return tuple(one for one in found if one is not None)


def make_list(shop: Shop, found: Sequence[ToWarn], *, again: Sequence[str] = (), most: int = 0) -> Listed:
    """Those who would be mailed now, noted under a code that a person can approve.

    Raises GallraError where one of `again` is not among those to be warned.
    """
    _must_be_among(again, found)
    own = shop.settings.warning
    able = [one for one in found if own.can_say(one.whom.code)]
    some = chosen(able, frozenset(again), most=min(most or own.most, own.most))
    records = tuple(one.whom.record for one in some)
    with shop.ledger.begin() as connection:
        newest = Warnings(shop.ledger).newest(connection)
        through = max([row.id for row in newest.values()], default=0)
        code = _code(shop, records, through) if records else ""
        if records:
            shop.ledger.event(connection, PLANNED, code=code, records=list(records), through=through)
    return Listed(code=code, records=records, through=through, made=shop.clock())


def _must_be_among(again: Sequence[str], found: Sequence[ToWarn]) -> None:
    strange = sorted({*again} - {one.whom.ref.id for one in found})
    if strange:
        raise GallraError(
            f"Not to be warned now: {', '.join(strange[:10])}. Nobody was written to. `gallra warn list` has "
            "the ids."
        )


def _code(shop: Shop, records: Sequence[int], through: int) -> str:
    """What a person approves: these people, by these rules, in these words."""
    own = shop.settings.warning
    settings = shop.settings
    words = [own.template(code, settings.shop.language) for code in sorted(MUST)]
    given = (own.sender, own.login, own.renew, settings.company.name, settings.company.contact)
    said = [settings.shop.id, shop.policy.digest, words, given, records, through]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:12]


def listed(shop: Shop, code: str) -> Listed:
    """The list of a code. Raises PlanStale where there is none, or it is old, or rules or words differ."""
    with shop.ledger.begin() as connection:
        made = [one for one in shop.ledger.events(connection, PLANNED) if one.detail["code"] == code]
    if not made:
        raise PlanStale(f"There is no list {code[:12]}. Nobody was written to. `gallra warn send` makes one.")
    at, detail = datetime.fromisoformat(made[-1].at), made[-1].detail
    found = Listed(code=code, records=tuple(detail["records"]), through=detail["through"], made=at)
    if shop.clock() - found.made > LIFETIME or _code(shop, found.records, found.through) != code:
        raise PlanStale(
            f"List {code} is older than seven days, or was made by other rules or words. Nobody was written "
            "to. `gallra warn send` makes a new one."
        )
    return found
