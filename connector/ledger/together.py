"""Persons whose orders a platform erases all at once or not at all, and what a purchase does to the rest."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, distinct, func, select

from connector.ledger import schema
from connector.records import FIELD_BITS, Field, Kind

_LINKED = FIELD_BITS[Field.ACCOUNT]
_NO_DATE = ("financial_year_unknown", "refund_date_unknown", "delivery_date_unknown")


class Together(NamedTuple):
    """How many persons bought again, and how many of them have orders whose own time is over."""

    customers: int = 0
    past: int = 0


class _Stands(NamedTuple):
    """Tallies by what they say of an order: it must stay, or something of it is due."""

    stays: frozenset[str]
    due: frozenset[str]

    def order(self, tallies: str) -> tuple[bool, bool]:
        """Whether an order must stay, and whether its own time is over."""
        ids = tallies.split(",")
        stays = not self.stays.isdisjoint(ids)
        return stays, not stays and not self.due.isdisjoint(ids)


def bought_again(connection: Connection, shop: str, adapter: str, *, today: str) -> Together:
    """Persons with purchases on several days, of which one at least must stay: so all of them do.

    Reads what planning decided; `today` is an ISO date. An order that is linked to no account is its own.
    """
    read = lru_cache(maxsize=100_000)(_stands(connection, shop, today).order)
    customers = past = 0
    for _, orders in groupby(_linked_orders(connection, shop, adapter), key=lambda row: row[0]):
        seen = {read(tallies) for _, tallies in orders}
        customers += any(stays for stays, _ in seen)
        past += any(stays for stays, _ in seen) and any(over for _, over in seen)
    return Together(customers, past)


def _stands(connection: Connection, shop: str, today: str) -> _Stands:
    table = schema.tally
    chosen = select(table.c.id, table.c.state, table.c.reason, table.c.through).where(
        table.c.shop == shop, table.c.kind == Kind.ORDER
    )
    stays, due = set(), set()
    for row in connection.execute(chosen):
        kept = row.state == "keep" and (row.through >= today or row.reason in _NO_DATE)
        if kept or row.state in ("kept_by_law", "held"):
            stays.add(str(row.id))
        elif row.state == "due":
            due.add(str(row.id))
    return _Stands(frozenset(stays), frozenset(due))


def _linked_orders(connection: Connection, shop: str, adapter: str) -> Iterator[tuple[int, str]]:
    """Person and tallies of every order of those who bought on more than one day, person by person."""
    table = schema.record
    linked = (
        table.c.shop == shop,
        table.c.adapter == adapter,
        table.c.kind == Kind.ORDER,
        table.c.gone.is_(False),
        table.c.subject.is_not(None),
        table.c.present.op("&")(_LINKED) != 0,
    )
    again = (
        select(table.c.subject)
        .where(*linked)
        .group_by(table.c.subject)
        .having(func.count(distinct(table.c.purchased)) > 1)
    )
    chosen = select(table.c.subject, table.c.tallies).where(*linked, table.c.subject.in_(again))
    for row in connection.execute(chosen.order_by(table.c.subject)):
        yield row.subject, row.tallies
