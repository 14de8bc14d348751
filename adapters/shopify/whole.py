"""What a record holds beyond the first page of its own lists, read to the end or named as unread.

Connections go on page by page. Lists without pages are held against Shopify's count, or against the
number that was asked for: a list that is filled may go on (shopify.dev/docs/api/usage/pagination-graphql).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.shopify.answers import OddAnswer, connection, more
from adapters.shopify.client import Client
from adapters.shopify.nodes import Node

ASKED = 30
"""Entries that a list without pages is asked for beside other records; order_fields.graphql says the same."""

_ASKED_ALONE = 250
_PAGES = 200  # of one connection: more than any record has
_COUNTED = {"transactions": "transactionsCount", "fulfillments": "fulfillmentsCount"}
# The rest of each connection: by the operation that reads it.
REST: Mapping[str, str] = {
    "lineItems": "rest_line_items",
    "returns": "rest_returns",
    "localizedFields": "rest_localized_fields",
    "addressesV2": "rest_addresses",
    "paymentMethods": "rest_payment_methods",
    "storeCreditAccounts": "rest_store_credit",
}
_METAFIELDS = {"order": "rest_order_metafields", "customer": "rest_customer_metafields"}


def goes_on(node: Node) -> list[str]:
    """The connections of a record that have more pages."""
    paged = [name for name in (*REST, "metafields") if isinstance(node.get(name), Mapping)]
    return [name for name in paged if more(node[name], name)]


def filled(node: Node, asked: int = ASKED) -> list[str]:
    """The lists of an order that may hold more than was read."""
    found = [name for name, count in _COUNTED.items() if _short(node, name, count, asked)]
    if len(node.get("refunds") or ()) >= asked:
        found.append("refunds")
    if any(len(row["trackingInfo"]) >= asked for row in node.get("fulfillments") or ()):
        found.append("fulfillments.trackingInfo")
    return found


def _short(node: Node, name: str, count: str, asked: int) -> bool:
    there = len(node.get(name) or ())
    counted = (node.get(count) or {}).get("count")
    return there >= asked if counted is None else there < counted


def completed(client: Client, node: Node) -> tuple[Node, str]:
    """The record with its lists read to the end, and the first of them that was not; else empty.

    `node` has the form that was asked for.
    """
    lists, connections = filled(node), goes_on(node)
    if not lists and not connections:
        return node, ""
    root = "customer" if "addressesV2" in node else "order"
    whole = dict(node)
    try:
        for name in connections:
            whole[name] = _read_on(client, root, node, name)
        if lists:
            whole |= _read_lists(client, node)
    except OddAnswer:
        return node, next(iter([*connections, *lists]))
    return whole, next(iter(filled(whole, _ASKED_ALONE if lists else ASKED)), "")


def _read_on(client: Client, root: str, node: Node, name: str) -> list[Any]:
    """Every node of a connection: those that are there, and those of its other pages."""
    found = [edge["node"] for edge in node[name]["edges"]]
    after = node[name]["pageInfo"]["endCursor"]
    for page, after_it in _read_pages(client, root, name, str(node["id"]), after):
        found += page
        if after_it is None:
            return found
    raise OddAnswer(name)


def _read_pages(
    client: Client, root: str, name: str, id_: str, after: str | None
) -> Iterator[tuple[list[Any], str | None]]:
    """The other pages, each with the cursor behind it; none behind the last."""
    operation = REST.get(name) or _METAFIELDS[root]
    for _ in range(_PAGES):
        answer = client.run(operation, {"id": id_, "after": after})
        rows, behind = connection(_record(answer, root, id_), name, operation)
        if behind is not None and behind == after:
            raise OddAnswer(operation)  # the same page again
        yield rows, behind
        if behind is None:
            return
        after = behind


def _read_lists(client: Client, node: Node) -> dict[str, Any]:
    """The lists without pages, asked for alone and as long as Shopify lets them be."""
    answer = client.run("order_lists", {"id": node["id"]})
    found = _record(answer, "order", str(node["id"]))
    names = ("transactions", "transactionsCount", "fulfillments", "fulfillmentsCount", "refunds")
    if not all(name in found for name in names):
        raise OddAnswer("order_lists")
    return {name: found[name] for name in names}


def _record(answer: Mapping[str, Any], root: str, id_: str) -> Mapping[str, Any]:
    """The record that an answer is about. Raises OddAnswer where it is about no such record."""
    found = answer.get(root)
    if not isinstance(found, Mapping) or found.get("id") != id_:
        raise OddAnswer(root)
    return found
