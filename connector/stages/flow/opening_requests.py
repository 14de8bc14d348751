"""Requests of persons as they come in: by what the person is found, held at once, and each only once."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from connector.errors import GallraError
from connector.ledger.naming import meant
from connector.ledger.request_holds import hold_for, hold_told_of
from connector.ledger.requests import Contact, Named, NewRequest, Register, RequestRow
from connector.ledger.restricted import records_told_of
from connector.records import Kind, Value
from connector.request import Channel, RequestKind, clock
from connector.shop import Shop


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
    shop.unchanged()
    register = register_of(shop)
    named = named_by(shop, taken)
    if taken.received > shop.today:
        raise GallraError(f"{taken.received} has not come yet. Give the day on which the request came in.")
    new = NewRequest(
        kind=taken.kind, channel=taken.channel, received=taken.received, by=taken.by, named=named,
        clock=clock(taken.received, promise=promised(shop)), code=taken.code, message=taken.message,
        contact=Contact(email=taken.email, phone=taken.phone, name=taken.name),
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
    """A request in the register, and whether it is new: one of the same person and kind may wait already."""

    row: RequestRow
    is_new: bool


def open_once(shop: Shop, taken: Taken, *, same_day: bool = False) -> Opened:
    """Takes a request in where the same person does not wait already for an answer to the same.

    `same_day` where one that came in on that very day is the same too, whatever became of it. Raises as
    `open_request` does.
    """
    known = known_request(shop, taken, same_day=same_day)
    return Opened(known, False) if known is not None else Opened(open_request(shop, taken), True)


def known_request(shop: Shop, taken: Taken, *, same_day: bool = False) -> RequestRow | None:
    """The request of this person and kind that waits already. Raises GallraError where nothing names them."""
    named, register = named_by(shop, taken), register_of(shop)
    received = taken.received if same_day else None
    with shop.ledger.begin() as connection:
        return register.same(connection, taken.kind, named, received=received)


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


def _named(shop: Shop, taken: Taken) -> Iterator[Named]:
    """By what the person is to be found. Raises GallraError for what is no address, no number, or unknown."""
    for type_, value in (("email", taken.email), ("phone", taken.phone)):
        if value:
            digest = shop.keyer("email", value) if type_ == "email" else shop.keyer("phone", value)
            if digest is None:
                raise GallraError("What was given as an address or a phone is none. Nothing was recorded.")
            yield Named(type="email" if type_ == "email" else "phone", digest=digest)
    for kind, number in ((Kind.ORDER, taken.order), (Kind.CUSTOMER, taken.customer)):
        if number:
            yield number_of(shop, kind, meant(shop.ledger, kind, number).id)


__all__ = [
    "Opened",
    "Taken",
    "known_request",
    "named_by",
    "number_of",
    "open_once",
    "open_request",
    "promised",
    "register_of",
]
