"""A request that came in by the public form and was confirmed by mail; every step may be begun again."""

from datetime import date

from connector.deciding.request_scope import is_joined, is_on_an_order
from connector.errors import GallraError
from connector.ledger.naming import meant
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.records import Kind, Value
from connector.request import Channel, RequestKind
from connector.shop import Shop
from connector.stages.flow.common import may_write
from connector.stages.flow.opening_requests import Taken, named_by, open_once, register_of
from connector.stages.flow.requesting import Proof, identify


class Confirmed(Value, frozen=True, kw_only=True):
    """What somebody asked and confirmed; `received` is the day on which the form first came in."""

    kind: RequestKind
    received: date
    by: str
    email: str
    order: str = ""

    def __repr__(self) -> str:
        return f"<Confirmed {self.kind} {self.received}>"


def open_confirmed(shop: Shop, asked: Confirmed) -> RequestRow:
    """The request in the register: the one of this person and kind that waits already, else a new one.

    The order's number counts where the index has it as one of whoever goes by that address: nobody holds
    another's order by a number alone. Raises GallraError for what is no address.
    """
    may_write(shop)
    received = min(asked.received, shop.today)
    taken = Taken(
        kind=asked.kind, channel=Channel.FORM, received=received, by=asked.by, email=asked.email,
        order=_order_of(shop, asked),
    )  # fmt: skip
    return open_once(shop, taken, same_day=True).row


def _order_of(shop: Shop, asked: Confirmed) -> str:
    if not asked.order:
        return ""
    own = Taken(
        kind=asked.kind, channel=Channel.FORM, received=asked.received, by=asked.by, email=asked.email
    )
    try:
        row = meant(shop.ledger, Kind.ORDER, asked.order)
    except GallraError:  # no order here has that number, or two have
        return ""
    [address] = named_by(shop, own)
    with shop.ledger.begin() as connection:
        return asked.order if is_joined(shop.ledger, connection, row, address) else ""


def identify_confirmed(shop: Shop, row: RequestRow, *, by: str) -> RequestRow:
    """Notes that it is known who asks, where it is: a code went to the address on an order and came back.

    Level 0 is that and nothing less: an address that no order carries is left for whoever answers. An
    objection to mailings needs the address alone. Raises RemoteError where the orders could not be read.
    """
    if row.state is not RequestState.RECEIVED:
        return row
    if row.kind is not RequestKind.OBJECT:
        with shop.ledger.begin() as connection:
            named = register_of(shop).named(connection, row)
        address = next((one for one in named if one.type == "email"), None)
        if address is None or not is_on_an_order(shop.ledger, shop.platforms, address):
            return row
        return identify(shop, row.code, Proof(by=by, confirmed=True))
    return identify(shop, row.code, Proof(by=by))


__all__ = ["Confirmed", "identify_confirmed", "open_confirmed"]
