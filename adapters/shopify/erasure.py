"""Shopify's erasure of a customer: when it may be asked for, when it is due, and how it is taken back.

It reaches all the customer's orders and cancels contracts that no other app can read, so it is asked
for only when every order may go (shopify.dev/docs/apps/build/compliance/privacy-law-compliance).
Shopify carries it out 10 days after the request, or 180 days after the last order.

A refusal says what may be done all the same. That is nothing, unless every order was seen and the books
alone keep them, or the one permission to ask is missing: then the profile may be emptied.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import gid, number
from adapters.shopify.nodes import Node, day
from adapters.shopify.reasons import Reason
from adapters.shopify.status import SUBSCRIPTION_MONTHS, on_plan
from adapters.shopify.writes import is_gone, refusal
from connector.calendar import add_months
from connector.ports import Clock, Receipt
from connector.records import Kind, Outcome, Ref

AFTER_REQUEST = timedelta(days=10)
AFTER_LAST_ORDER = timedelta(days=180)
LONGEST_FLOOR_YEARS = 11
"""Ten years after the year of supply (OSS), and one for a supply in the year after the order."""

_SCOPE = "write_customer_data_erasure"
_ASKED = "asked "
LACKS_ERASURE = Reason.LACKS_SCOPE.of(_SCOPE)

MayGo = Callable[[Sequence[Ref]], str]
"""Whether these orders may all go: empty, or the reason why not."""


class Sold(NamedTuple):
    """One order of a customer: which, when, and whether a contract may run on it."""

    ref: Ref
    on: date | None
    contract: bool


class Instead(Enum):
    """What may still be done to a customer whose erasure is refused."""

    NOTHING = "nothing"
    EMPTY_PROFILE = "empty the profile"


class Answered(NamedTuple):
    """What came of a wish to erase: refused for a reason, or accepted and due."""

    refused: str = ""
    due: date | None = None
    token: str = ""

    @property
    def instead(self) -> Instead:
        """What a refusal leaves: nothing, unless its reason is one of the few that name more."""
        return _INSTEAD.get(self.refused, Instead.NOTHING)


class Erasures:
    """Asks for erasures and takes them back.

    `may_go` is the engine's own look at the orders behind a customer: all indexed, each past its
    floor or archived elsewhere. Without it the longest floor there is counts for every order.
    """

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.may_go: MayGo | None = None

    def request(self, ref: Ref, customer: Node) -> Answered:
        """Asks Shopify to erase a customer, read just now, where that is allowed."""
        today = self._clock().date()
        last = last_order_of(customer)
        found, sold = self._orders(ref, last)
        if found is None:  # deleted, or out of this token's sight: the next fetch tells which
            return Answered(refused=Reason.CUSTOMER_NOT_SEEN)
        reason = self._barred(found, sold, today) or self._lacks()
        if reason:
            return Answered(refused=reason)
        payload = self._client.run("customer_erase", {"customerId": found["id"]}, write=True, cost=10.0)
        answer = payload["customerRequestDataErasure"] or {}
        if is_gone(answer):
            return Answered(refused=Reason.CUSTOMER_NOT_SEEN)
        if refusal(answer):
            return Answered(refused=refusal(answer))
        if str(answer.get("customerId") or "") != found["id"]:
            return Answered(refused=Reason.ANSWER_OF_ANOTHER)
        return Answered(
            due=due_on(today, max((s.on for s in sold if s.on), default=None)), token=f"{_ASKED}{today}"
        )

    def under_way(self, customer: Node, token: str) -> Answered:
        """A request that was taken on before: it is not made anew, and its day stays."""
        asked = day(token.removeprefix(_ASKED)) or self._clock().date()
        return Answered(due=due_on(asked, last_order_of(customer)), token=token)

    def reconsider(self, ref: Ref, customer: Node) -> str:
        """Why a request that Shopify took on may no longer be carried out; empty where it may.

        A refund of an old order gives it a new floor, and no other sign of it is on the customer.
        """
        found, sold = self._orders(ref, last_order_of(customer))
        return "" if found is None else self._barred(found, sold, self._clock().date())

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Takes a request back: `stale` where that worked, `refused` where it was too late."""
        id_ = gid(Kind.CUSTOMER, ref.id)
        payload = self._client.run("customer_erase_cancel", {"customerId": id_}, write=True, cost=10.0)
        answer = payload["customerCancelDataErasure"] or {}
        codes = {str(error.get("code") or "") for error in answer.get("userErrors") or ()}
        if not codes and not refusal(answer):
            return Receipt(ref=ref, outcome=Outcome.STALE, reason=Reason.ERASURE_WITHDRAWN)
        reason = _TOO_LATE.get(next(iter(sorted(codes)), ""), refusal(answer))
        return Receipt(ref=ref, outcome=Outcome.REFUSED, reason=reason, token=token)

    def _lacks(self) -> str:
        return "" if _SCOPE in self._client.scopes() else LACKS_ERASURE

    def _barred(self, customer: Node, sold: Sequence[Sold], today: date) -> str:
        """Why the customer may not be erased; empty where they may.

        The reasons that leave nothing to be done come before the one that leaves the profile.
        """
        if "read_all_orders" not in self._client.scopes():
            return Reason.LACKS_SCOPE.of("read_all_orders")
        if len({one.ref for one in sold}) != _counted(customer):
            return Reason.ORDERS_NOT_SEEN
        if any(one.contract for one in sold):
            return Reason.SUBSCRIPTION_MAY_RUN
        if self.may_go is not None:
            return self.may_go([one.ref for one in sold])
        return "" if all(_past_every_floor(one.on, today) for one in sold) else Reason.ORDERS_KEPT

    def _orders(self, ref: Ref, last: date | None) -> tuple[Node | None, list[Sold]]:
        """The customer and every order of theirs, read by id: the search lags behind.

        Lines cost ten times the points and are read only where one may still be under a contract. The newest
        order is not always the one of the latest day: an old one may have been imported after it.
        """
        if last is None or self._fresh(last):
            return self._read(ref, "customer_order_lines")
        customer, sold = self._read(ref, "customer_orders")
        if any(one.on is None or self._fresh(one.on) for one in sold):
            return self._read(ref, "customer_order_lines")
        return customer, sold

    def _fresh(self, day: date) -> bool:
        """Whether a subscription sold on this day may still run."""
        return add_months(day, SUBSCRIPTION_MONTHS) >= self._clock().date()

    def _read(self, ref: Ref, operation: str) -> tuple[Node | None, list[Sold]]:
        customer: Node | None = None
        sold: list[Sold] = []
        for customer in self._pages(operation, gid(Kind.CUSTOMER, ref.id)):
            sold += [self._sold(edge["node"]) for edge in customer["orders"]["edges"]]
        return customer, sold

    def _pages(self, operation: str, id_: str) -> Iterator[Node]:
        after = None
        while True:
            found = self._client.run(operation, {"id": id_, "after": after})["customer"]
            if not found:
                return
            yield found
            info = found["orders"]["pageInfo"]
            if not info["hasNextPage"]:
                return
            after = info["endCursor"]

    def _sold(self, order: Node) -> Sold:
        ref = Ref(adapter=ADAPTER, kind=Kind.ORDER, id=number(order["id"]))
        return Sold(ref, day(order.get("processedAt")), on_plan(order, self._clock().date()))


_INSTEAD = {
    str(Reason.ORDERS_KEPT): Instead.EMPTY_PROFILE,
    LACKS_ERASURE: Instead.EMPTY_PROFILE,
}
_TOO_LATE = {
    "DOES_NOT_EXIST": Reason.CUSTOMER_GONE,
    "NOT_BEING_ERASED": Reason.NOT_BEING_ERASED,
    "UNAUTHORIZED_CANCELLATION": Reason.ASKED_BY_ANOTHER,
    "FAILED_TO_CANCEL": Reason.CANNOT_BE_WITHDRAWN,
}


def _counted(customer: Node) -> int:
    """How many orders Shopify counts of a customer; -1, which no list has, where it gives no number."""
    try:
        return int(customer["numberOfOrders"])
    except (KeyError, TypeError, ValueError):
        return -1


def last_order_of(customer: Node) -> date | None:
    """The day of a customer's newest order."""
    return day((customer.get("lastOrder") or {}).get("processedAt"))


def due_on(today: date, last_order: date | None) -> date:
    """The day by which Shopify is to have carried out a request made today."""
    soonest = today + AFTER_REQUEST
    return soonest if last_order is None else max(soonest, last_order + AFTER_LAST_ORDER)


def _past_every_floor(on: date | None, today: date) -> bool:
    return on is not None and on.year + LONGEST_FLOOR_YEARS < today.year
