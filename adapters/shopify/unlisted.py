"""Metafields that nobody listed: any app may keep a person in one, so each is named and none is written.

A metafield may hold anything, in an app's own format. What the settings name is erased like any other field;
of the others the key is told, and what their value looks like.
"""

from collections.abc import Callable, Collection, Mapping

from msgspec.structs import replace

from adapters.held import says
from adapters.shopify.holdings import Row, surprises
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.orders import METAFIELD
from connector.places.naming import place_of
from connector.places.suspected import Own
from connector.records import Field, Kind, Record

PLACE, OF_CUSTOMER = "metafield", "customer_metafield"


def unlisted(node: Node, known: Collection[str]) -> list[Row]:
    """The filled metafields of a record whose key (`namespace.key`) is not among the known ones."""
    found = nodes(node, "metafields")
    rows = ((f"{row['namespace']}.{row['key']}", str(row.get("value") or "")) for row in found)
    return [(f"{METAFIELD}{key}", key, value) for key, value in rows if key not in known and says(value)]


def named(
    read: Callable[[Node], Record], table: Mapping[str, Field], *, harmless: Collection[str],
    names: Callable[[Node], Own],
) -> Callable[[Node], Record]:  # fmt: skip
    """The same reader, which also names the metafields that nobody listed.

    `harmless` are those that a named setting says hold no person.
    """
    known = {*table, *harmless}

    def record(node: Node) -> Record:
        found, left = read(node), unlisted(node, known)
        if not left:
            return found
        place = _place(node, found.ref.kind)
        return replace(
            found,
            residue=(*found.residue, *sorted({f"{place}:{shown(key)}" for _, key, _ in left})),
            surprises=(*found.surprises, *surprises(left, table, names(node), cut=False)),
        )

    return record


def shown(key: str) -> str:
    """A metafield's key as a report may show it."""
    return place_of(key).removeprefix("meta:")


def _place(node: Node, kind: Kind) -> str:
    """A profile that its orders keep in the shop keeps its metafields too, whatever becomes of the rest."""
    return OF_CUSTOMER if kind is Kind.CUSTOMER and not node.get("canDelete") else PLACE
