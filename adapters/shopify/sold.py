"""The orders of customers, read by id right before an erasure is asked for: the search lags behind.

Many customers are read in one request; whoever has more orders than that shows is read page by page.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from adapters.shopify.answers import OddAnswer, connection, more
from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import gid, number
from adapters.shopify.nodes import Node, day
from adapters.shopify.status import on_plan
from connector.calendar import add_months
from connector.errors import Rejected
from connector.policy.holds import SUBSCRIPTION_MONTHS
from connector.ports import Clock
from connector.records import Kind, Ref

_AT_ONCE = {"orders": 50, "order_lines": 10}  # customers of one request; lines cost ten times the points


class Sold(NamedTuple):
    """One order of a customer: which, when, and whether a contract may run on it."""

    ref: Ref
    on: date | None
    contract: bool


Owned = tuple[Node | None, list[Sold]]
"""A customer, None where Shopify shows none, and every order of theirs."""


class SoldTo:
    """Reads customers with all of their orders."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._at_once = dict(_AT_ONCE)

    def to(self, customers: Mapping[Ref, Node]) -> dict[Ref, Owned]:
        """Each of these customers, read just now, with every order of theirs.

        Lines are read only where an order may still be under a contract. The newest order is not always the
        one of the latest day: an old one may have been imported after it.
        """
        old = [ref for ref, node in customers.items() if not self._fresh(last_order_of(node))]
        found = self._read_many(old, "orders")
        lines = [ref for ref in customers if ref not in found or any(map(self._may_run, found[ref][1]))]
        return found | self._read_many(lines, "order_lines")

    def _may_run(self, order: Sold) -> bool:
        return self._fresh(order.on)

    def _fresh(self, day: date | None) -> bool:
        """Whether a subscription sold on this day, or on one that is not known, may still run."""
        return day is None or add_months(day, SUBSCRIPTION_MONTHS) >= self._clock().date()

    def _read_many(self, refs: Sequence[Ref], what: str) -> dict[Ref, Owned]:
        found: dict[Ref, Owned] = {}
        left = list(refs)
        while left:
            some = left[: self._at_once[what]]
            nodes = self._read_nodes(some, what)
            if nodes is None:  # too much for one question
                self._at_once[what] = max(1, len(some) // 2)
                continue
            for ref, node in zip(some, nodes, strict=True):
                found[ref] = self._owned(ref, node, what)
            left = left[len(some) :]
        return found

    def _read_nodes(self, refs: Sequence[Ref], what: str) -> list[Any] | None:
        operation = f"{what}_of_customers"
        try:
            answer = self._client.run(operation, {"ids": [gid(Kind.CUSTOMER, ref.id) for ref in refs]})
        except Rejected as error:
            if error.code != "MAX_COST_EXCEEDED" or len(refs) < 2:
                raise
            return None
        nodes = answer.get("nodes")
        if not isinstance(nodes, list) or len(nodes) != len(refs):
            raise OddAnswer(operation)
        return nodes

    def _owned(self, ref: Ref, node: Any, what: str) -> Owned:
        """One customer of the answer. Raises OddAnswer where the node is another's."""
        if node is None:
            return None, []
        if not isinstance(node, Mapping) or node.get("id") != gid(Kind.CUSTOMER, ref.id):
            raise OddAnswer(f"{what}_of_customers")
        if more(node.get("orders"), f"{what}_of_customers"):
            return self._read_one(ref, "customer_order_lines" if what == "order_lines" else "customer_orders")
        return node, [self._order(edge["node"]) for edge in node["orders"]["edges"]]

    def _read_one(self, ref: Ref, operation: str) -> Owned:
        customer: Node | None = None
        sold: list[Sold] = []
        for customer in self._read_pages(operation, gid(Kind.CUSTOMER, ref.id)):
            sold += [self._order(edge["node"]) for edge in customer["orders"]["edges"]]
        return customer, sold

    def _read_pages(self, operation: str, id_: str) -> Iterator[Node]:
        after: str | None = None
        while True:
            found = self._client.run(operation, {"id": id_, "after": after})["customer"]
            if not found:
                return
            yield found
            _, after = connection(found, "orders", operation)
            if after is None:
                return

    def _order(self, order: Node) -> Sold:
        ref = Ref(adapter=ADAPTER, kind=Kind.ORDER, id=number(order["id"]))
        return Sold(ref, day(order.get("processedAt")), on_plan(order, self._clock().date()))


def last_order_of(customer: Node) -> date | None:
    """The day of a customer's newest order."""
    return day((customer.get("lastOrder") or {}).get("processedAt"))
