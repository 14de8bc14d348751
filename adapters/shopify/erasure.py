"""Shopify's erasure of a customer: when it may be asked for, when it is due, and how it is taken back.

It reaches all the customer's orders and cancels contracts that no other app can read, so it is asked
for only when every order may go (shopify.dev/docs/apps/build/compliance/privacy-law-compliance).
Shopify carries it out 10 days after the request, or 180 days after the last order.

A refusal says what may be done all the same. That is nothing, unless every order was seen and the books
alone keep them, or the one permission to ask is missing: then the profile may be emptied.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from adapters.shopify.client import Client
from adapters.shopify.ids import batched, gid
from adapters.shopify.nodes import Node, day
from adapters.shopify.reasons import LACKS_ERASURE, MAY_ERASE, Reason
from adapters.shopify.sold import Sold, SoldTo, last_order_of
from adapters.shopify.writes import TOGETHER, Answer, Writes, is_gone, refusal
from connector.ports import Clock, MayGo, Receipt
from connector.records import Kind, Outcome, Ref

AFTER_REQUEST = timedelta(days=10)
AFTER_LAST_ORDER = timedelta(days=180)
LONGEST_FLOOR_YEARS = 11
"""Ten years after the year of supply (OSS), and one for a supply in the year after the order."""

_ASKED = "asked "


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

    def __init__(
        self, client: Client, clock: Clock, writes: Writes, *, may_go: MayGo | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._writes = writes
        self._sold = SoldTo(client, clock)
        self._may_go = may_go

    def request(self, customers: Mapping[Ref, Node]) -> Iterator[tuple[Ref, Answered]]:
        """Asks Shopify to erase customers, read just now, where that is allowed; some in each request.

        The orders of each few are read right before these are asked for.
        """
        for some in batched(customers, TOGETHER):
            yield from self._request({ref: customers[ref] for ref in some})

    def _request(self, customers: Mapping[Ref, Node]) -> Iterator[tuple[Ref, Answered]]:
        today = self._clock().date()
        allowed: dict[Ref, tuple[str, list[Sold]]] = {}
        for ref, (found, sold) in self._sold.to(customers).items():
            if found is None:  # deleted, or out of this token's sight: the next fetch tells which
                yield ref, Answered(refused=Reason.CUSTOMER_NOT_SEEN)
            elif reason := self._barred(found, sold, today) or self._lacks():
                yield ref, Answered(refused=reason)
            else:
                allowed[ref] = (str(found["id"]), sold)
        asked = [{"customerId": id_} for id_, _ in allowed.values()]
        answers = self._writes.together("customer_erase", asked)
        for (ref, (id_, sold)), answer in zip(allowed.items(), answers, strict=True):
            yield ref, _answered(id_, sold, answer, today)

    def under_way(self, customer: Node, token: str) -> Answered:
        """A request that was taken on before: it is not made anew, and its day stays."""
        asked = day(token.removeprefix(_ASKED)) or self._clock().date()
        return Answered(due=due_on(asked, last_order_of(customer)), token=token)

    def reconsider(self, customers: Mapping[Ref, Node]) -> dict[Ref, str]:
        """Why requests that Shopify took on may no longer be carried out; empty where they may.

        A refund of an old order gives it a new floor, and no other sign of it is on the customer.
        """
        today = self._clock().date()
        return {
            ref: "" if found is None else self._barred(found, sold, today)
            for ref, (found, sold) in self._sold.to(customers).items()
        }

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
        return "" if MAY_ERASE in self._client.scopes() else LACKS_ERASURE

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
        if self._may_go is not None:
            return self._may_go([one.ref for one in sold])
        return "" if all(_past_every_floor(one.on, today) for one in sold) else Reason.ORDERS_KEPT


def _answered(id_: str, sold: Sequence[Sold], answer: Answer | None, today: date) -> Answered:
    """What Shopify's answer to one request comes to."""
    if answer is not None and is_gone(answer):
        return Answered(refused=Reason.CUSTOMER_NOT_SEEN)
    if answer is None or refusal(answer):
        return Answered(refused=refusal(answer))
    if str(answer.get("customerId") or "") != id_:
        return Answered(refused=Reason.ANSWER_OF_ANOTHER)
    last = max((one.on for one in sold if one.on), default=None)
    return Answered(due=due_on(today, last), token=f"{_ASKED}{today}")


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


def due_on(today: date, last_order: date | None) -> date:
    """The day by which Shopify is to have carried out a request made today."""
    soonest = today + AFTER_REQUEST
    return soonest if last_order is None else max(soonest, last_order + AFTER_LAST_ORDER)


def _past_every_floor(on: date | None, today: date) -> bool:
    return on is not None and on.year + LONGEST_FLOOR_YEARS < today.year
