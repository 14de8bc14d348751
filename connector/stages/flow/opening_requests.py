"""Requests of persons as they come in: by what the person is found, held at once, and each only once."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from connector.calendar import add_months
from connector.errors import GallraError, LedgerError
from connector.ledger.naming import meant
from connector.ledger.request_holds import hold_for, hold_told_of
from connector.ledger.requests import Contact, Named, NewRequest, Register, RequestRow
from connector.ledger.restricted import records_told_of
from connector.records import Kind, Value
from connector.request import OLDEST_YEARS, Channel, RequestKind, clock
from connector.shop import Shop
from connector.stages.flow.common import may_write
from connector.text.addresses import of_one_person


class Taken(Value, frozen=True, kw_only=True):
    """A request as it comes in, with what its person gave; never printed."""

    kind: RequestKind
    channel: Channel
    received: date
    by: str
    email: str = ""
    phone: str = ""
    name: str = ""
    order: str = ""
    customer: str = ""
    code: str = ""
    message: int | None = None


def register_of(shop: Shop) -> Register:
    """The shop's register, with what seals who asked and recognises a code."""
    return Register(shop.ledger, key=shop.key, vault=shop.outbox.vault)


def open_request(shop: Shop, taken: Taken) -> RequestRow:
    """Takes a request in: its clock runs, and all that it names is held. Raises GallraError, LedgerError."""
    may_write(shop)
    register = register_of(shop)
    named = named_by(shop, taken)
    must_be_a_day(shop, taken.received)
    new = NewRequest(
        kind=taken.kind, channel=taken.channel, received=taken.received, by=taken.by, named=named,
        clock=clock(taken.received, promise=promised(shop)), code=taken.code, message=taken.message,
        contact=Contact(email=of_one_person(taken.email) or "", phone=taken.phone, name=taken.name),
    )  # fmt: skip
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        row = register.open(connection, new)
        hold_for(register, connection, row, by=taken.by)
        if row.kind is RequestKind.RESTRICT:
            theirs = {one.digest for one in named}
            vault, own = shop.outbox.vault, shop.ledger.shop
            told_of = records_told_of(connection, own, vault, lambda h, v: _key(shop, h, v) in theirs)
            hold_told_of(register, connection, row, told_of)
    return row


class Opened(NamedTuple):
    """A request in the register, and whether it is new: one of the same person and kind may wait already.

    `earlier` where that one now counts from an earlier day than before.
    """

    row: RequestRow
    is_new: bool
    earlier: bool = False


def open_once(shop: Shop, taken: Taken, *, same_day: bool = False) -> Opened:
    """Takes a request in where the same person does not wait already for an answer to the same.

    Of the days on which the same was asked for, the first counts. `same_day` where one that waited on that
    very day is the same too, whatever became of it. Raises as `open_request` does.
    """
    may_write(shop)
    named, register = named_by(shop, taken), register_of(shop)
    must_be_a_day(shop, taken.received)
    day = taken.received if same_day else None
    with shop.ledger.begin() as connection:
        known = register.same(connection, taken.kind, named, received=day)
        if known is not None:
            row = register.came_earlier(connection, known, taken.received, by=taken.by)
            return Opened(row, False, row.received < known.received)
    return Opened(open_request(shop, taken), True)


def must_be_a_day(shop: Shop, received: date) -> None:
    """Refuses a day on which no request that waits can have come in. Raises GallraError."""
    if received > shop.today:
        raise GallraError(f"{received} has not come yet. Give the day on which the request came in.")
    if received < add_months(shop.today, -12 * OLDEST_YEARS):
        raise GallraError(
            f"{received} is more than {OLDEST_YEARS} years ago. Give the day on which the request came in."
        )


def _key(shop: Shop, handle: str, value: str) -> bytes | None:
    """What a handle is keyed as, where it is an address or a phone."""
    if handle == "phone":
        return shop.keyer("phone", value)
    return shop.keyer("email", value) if "@" in value else None


def promised(shop: Shop) -> str:
    """The period in which the shop's own policy promises an answer; empty where it promises none."""
    found = [one.latest for one in shop.promises or () if one.about == "request" and one.latest]
    return min(found, key=lambda period: clock(shop.today, promise=period).due, default="")


def named_by(shop: Shop, taken: Taken) -> tuple[Named, ...]:
    """By what the person is to be found. Raises GallraError where that is nothing, or is none."""
    named = tuple(_named(shop, taken))
    if not named:
        raise GallraError(
            "Nothing says whose data it is. Give an address, a phone, an order or a customer number."
        )
    return named


def number_of(shop: Shop, kind: Kind, row: int) -> Named:
    """A record's own number, as a request names it."""
    digest = shop.keyer("account", f"request {kind}:{row}") or b""
    return Named(type="order" if kind is Kind.ORDER else "customer", digest=digest, record=row)


def must_be_open(row: RequestRow) -> None:
    """Refuses what is to be done with a request that has ended. Raises LedgerError."""
    if not row.is_open:
        raise LedgerError(f"Request {row.code} is {row.state}. Open another where the person asks again.")


def _named(shop: Shop, taken: Taken) -> Iterator[Named]:
    """By what the person is to be found. Raises GallraError for what is no address, no number, or unknown."""
    for type_, value in (("email", taken.email), ("phone", taken.phone)):
        if value:
            email = of_one_person(value) or "" if type_ == "email" else ""
            digest = shop.keyer("email", email) if type_ == "email" else shop.keyer("phone", value)
            if digest is None:
                raise GallraError("What was given as an address or a phone is none. Nothing was recorded.")
            yield Named(type="email" if type_ == "email" else "phone", digest=digest)
    for kind, number in ((Kind.ORDER, taken.order), (Kind.CUSTOMER, taken.customer)):
        if number:
            yield number_of(shop, kind, meant(shop.ledger, kind, number).id)


__all__ = [
    "Opened",
    "Taken",
    "must_be_a_day",
    "must_be_open",
    "named_by",
    "number_of",
    "open_once",
    "open_request",
    "promised",
    "register_of",
]
