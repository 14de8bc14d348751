"""What a bulk query or mutation may look like."""

from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, OperationType, SelectionSetNode, get_named_type

from sandbox.shopify.documents import Prepared
from sandbox.shopify.schema import SCHEMA
from sandbox.shopify.selections import Fragments, fields_of

SIZE_LIMIT = 65_535
CONNECTION_LIMIT, DEPTH_LIMIT = 5, 2
_NEVER = frozenset({"bulkOperationRunQuery", "bulkOperationRunMutation"})


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection in a query: its name, how deep it lies, and what lies around it."""

    name: str
    depth: int
    node: FieldNode
    parent_has_id: bool


def _has_id(selections: SelectionSetNode | None, kind: Any, fragments: Fragments) -> bool:
    nodes = (node for node, _, _ in fields_of(selections, kind, fragments))
    return any(node.name.value == "id" and node.alias is None for node in nodes)


def connections(document: Prepared, root: str) -> list[Connection]:
    """Every connection of an operation."""
    walk = _Walk(document.fragments, [])
    walk.through(document.operations[0].selection_set, SCHEMA.type_map[root], 0, has_id=True)
    return walk.found


@dataclass(slots=True)
class _Walk:
    fragments: Fragments
    found: list[Connection]

    def through(self, selections: SelectionSetNode | None, kind: Any, depth: int, *, has_id: bool) -> None:
        """Notes the connections under a selection, and whether what has them shows its id."""
        for node, _, field in fields_of(selections, kind, self.fragments):
            target: Any = get_named_type(field.type)
            if target.name.endswith("Connection"):
                self.found.append(Connection(node.name.value, depth, node, has_id))
                self.inside(node, target, depth + 1)
            elif node.selection_set is not None:
                self.through(node.selection_set, target, depth, has_id=has_id)

    def inside(self, node: FieldNode, connection: Any, depth: int) -> None:
        """Notes what lies under edges and node."""
        edge: Any = get_named_type(connection.fields["edges"].type)
        child = get_named_type(edge.fields["node"].type)
        for edges, _, _ in fields_of(node.selection_set, connection, self.fragments):
            for one, _, _ in fields_of(edges.selection_set, edge, self.fragments):
                if one.name.value == "node":
                    has_id = _has_id(one.selection_set, child, self.fragments)
                    self.through(one.selection_set, child, depth, has_id=has_id)


def query_fault(document: Prepared) -> str:
    """Why a bulk query is refused, or nothing."""
    operation = document.operations[0]
    if operation.operation is not OperationType.QUERY:
        return "Invalid operation type. Only `query` operations are supported."
    names = [one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    if "nodes" in names:
        return "Bulk queries cannot contain a top level `nodes` field."
    found = connections(document, "QueryRoot")
    if not found or found[0].depth:
        return "Bulk queries must contain at least one connection."
    if len(names) > 1:
        return "Bulk queries cannot contain more than one top level field."
    return _connection_fault(found)


def _connection_fault(found: list[Connection]) -> str:
    if len(found) > CONNECTION_LIMIT:
        return f"Bulk queries cannot contain more than {CONNECTION_LIMIT} connections."
    if any(one.depth > DEPTH_LIMIT for one in found):
        return f"Bulk queries cannot contain connections with a nesting depth greater than {DEPTH_LIMIT}."
    wrong = [one.name for one in found if not _through_edges(one.node)]
    if wrong:
        said = "'edges' > 'node', e.g: '" + found[0].name + " { edges { node {'"
        return (
            f"All connection fields in a bulk query must select their contents using {said}. "
            f"Selecting via 'nodes' is not supported. Invalid connection fields: '{', '.join(wrong)}'."
        )
    without = [one.name for one in found if not one.parent_has_id]
    if without:
        return (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and "
            f"must be of 'ID' return type. Connection fields without 'id': {', '.join(without)}."
        )
    return ""


def _through_edges(node: FieldNode) -> bool:
    chosen = node.selection_set.selections if node.selection_set else ()
    names = [one.name.value for one in chosen if isinstance(one, FieldNode)]
    return "nodes" not in names and "edges" in names


def mutation_fault(document: Prepared) -> tuple[list[str] | None, str, str | None]:
    """Why a bulk mutation is refused: field, message, code; an empty message where it is not."""
    operation = document.operations[0]
    if operation.operation is not OperationType.MUTATION:
        message = "Invalid operation type. Only `mutation` operations are supported."
        return None, message, "INVALID_MUTATION"
    names = [one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    if len(names) != 1:
        return ["mutation"], "You must specify a single top level mutation.", None
    if names[0] in _NEVER:
        return ["mutation"], "You must use an allowed mutation name.", None
    if len(connections(document, "Mutation")) > 1:
        return ["mutation"], "Bulk mutations cannot contain more than 1 connection.", None
    return None, "", None
