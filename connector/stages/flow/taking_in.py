"""Requests that come in otherwise than by hand: from a file, and by a platform's webhook; each only once."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection

from connector.errors import GallraError
from connector.ledger.inbox import OF_ORDER, Inbox, OpenRequest, open_requests
from connector.ledger.index import Row, Rows
from connector.ledger.request_holds import hold_for
from connector.ledger.requests import Named, NewRequest, Register
from connector.ports import Live
from connector.records import Kind, Value
from connector.request import Channel, RequestKind, clock
from connector.shop import Shop
from connector.stages.flow.common import may_write
from connector.stages.flow.opening_requests import (
    Taken,
    named_by,
    number_of,
    open_once,
    promised,
    register_of,
)
from connector.stages.requests.intake import AskedRow, BadRow

SAME = "same_request"
"""The outcome of a message that asks for what an open request asks for already."""


class Came(Value, frozen=True, kw_only=True):
    """What came of one row of a file: taken in or known already, by its code; or refused, and why.

    *earlier* where it was known already, and counts from this row's earlier day now.
    """

    number: int
    outcome: Literal["taken", "already", "earlier", "refused"]
    code: str = ""
    why: str = ""


def take_in_rows(shop: Shop, rows: Sequence[AskedRow | BadRow], *, by: str) -> tuple[Came, ...]:
    """Takes in each row that is a request and is not in the register yet; one that is none stops no other."""
    may_write(shop)
    return tuple(_take_in(shop, row, by) for row in rows)


def _take_in(shop: Shop, row: AskedRow | BadRow, by: str) -> Came:
    if isinstance(row, BadRow):
        return Came(number=row.number, outcome="refused", why=row.why)
    taken = Taken(
        kind=row.kind, channel=row.channel, received=row.received, by=by, email=row.email, phone=row.phone,
        name=row.name, order=row.order, customer=row.customer,
    )  # fmt: skip
    try:
        named_by(shop, taken)
    except GallraError:  # an address that is none, a number that the index does not have
        return Came(number=row.number, outcome="refused", why="whose")
    opened = open_once(shop, taken, same_day=True)
    known: Literal["already", "earlier"] = "earlier" if opened.earlier else "already"
    return Came(number=row.number, outcome="taken" if opened.is_new else known, code=opened.row.code)


def take_in_messages(shop: Shop) -> tuple[str, ...]:
    """Registers what a platform's webhook asked for by a person, once its record is known; the codes.

    The person is known by the address that the message gave, else by those that their record carries now;
    keyed: nothing of them is kept clear.
    """
    with shop.ledger.begin() as connection:
        register = Register(shop.ledger)
        taken = {one.message for one in register.list(connection, every=True)}
        waiting = [one for one in open_requests(connection, shop.ledger.shop) if one.id not in taken]
        found = {one.id: _meant(shop, connection, one) for one in waiting}
    codes = [_register(shop, one, found[one.id]) for one in waiting]
    return tuple(code for code in codes if code)


def _meant(shop: Shop, connection: Connection, asked: OpenRequest) -> Row | None:
    kind = Kind.ORDER if asked.whose.startswith(OF_ORDER) else Kind.CUSTOMER
    number = asked.whose.removeprefix(OF_ORDER)
    rows = Rows(shop.ledger).find(connection, kind=kind, number=number, by_id=True) if number else []
    return rows[0] if len(rows) == 1 else None


def _register(shop: Shop, asked: OpenRequest, row: Row | None) -> str:
    """The code of the request that a message has become; empty while its record is not known."""
    platform = shop.platforms.get(row.record.ref.adapter) if row is not None else None
    if row is None or platform is None:
        return ""
    looks = [one for one in platform.fetch([row.record.ref]) if isinstance(one, Live)]
    mails = [one.digest for look in looks for one in look.record.identifiers if one.type == "email"]
    ref = row.record.ref
    number = number_of(shop, ref.kind, row.id)
    given = mails if asked.by is None else [asked.by]
    named = (number, *(Named(type="email", digest=one) for one in dict.fromkeys(given)))
    # Where the record does not carry the address that was given, one of another person's is not the same.
    whose = named if set(given) <= set(mails) else (number,)
    new = NewRequest(
        kind=RequestKind.ACCESS, channel=Channel.WEBHOOK, received=asked.received, by=ref.adapter,
        clock=clock(asked.received, promise=promised(shop)), named=named, message=asked.id,
    )  # fmt: skip
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        known = register.same(connection, new.kind, whose, received=asked.received)
        if known is not None:
            register.came_earlier(connection, known, asked.received, by=new.by)
            Inbox(shop.ledger, shop.outbox.vault).close(connection, [asked.id], SAME)
            return ""
        made = register.open(connection, new)
        hold_for(register, connection, made, by=new.by)
    return made.code


__all__ = ["Came", "take_in_messages", "take_in_rows"]
