"""What an operation costs, and the bucket it is paid from."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    IntValueNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from sandbox.shopify.schema import SCHEMA
from sandbox.shopify.selections import Fragments, nodes_of
from sandbox.wire import Json

SINGLE_LIMIT = 1000
MUTATION = 10
PLANS = {"Standard": (2000, 100), "Advanced": (4000, 200), "Plus": (20000, 1000), "Enterprise": (40000, 2000)}
_FREE = frozenset({"pageInfo", "userErrors", "__typename"})


def weight(first: int) -> int:
    """How many times a page of a size counts; fits every recorded query of a single connection."""
    return max(1, math.floor(2 * math.log(first))) if first > 0 else 1


@dataclass(slots=True)
class Pricing:
    """What prices are read from: variables, fragments and, after the fact, how much was returned."""

    variables: Json
    fragments: Fragments
    returned: dict[str, int] | None = None

    def of_operation(self, selections: SelectionSetNode, root: str) -> int:
        """The cost of a whole operation."""
        return self._of(selections, SCHEMA.type_map[root], top=True)

    def _of(self, selections: SelectionSetNode, kind: Any, *, top: bool = False) -> int:
        return sum(self._of_field(one, on, top) for one, on in nodes_of(selections, kind, self.fragments))

    def _of_field(self, node: FieldNode, kind: Any, top: bool) -> int:
        name = node.name.value
        if name in _FREE or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        target = get_named_type(kind.fields[name].type)
        if kind.name == "Mutation":
            return MUTATION + self._nested_connections(node.selection_set, target)
        if not is_composite_type(target) or node.selection_set is None:
            return 0
        if target.name.endswith("Connection"):
            key = node.alias.value if node.alias else name
            return 2 + weight(self._size(node, key, top)) * self._node_cost(node.selection_set, target)
        return 1 + self._of(node.selection_set, target)

    def _nested_connections(self, selections: SelectionSetNode | None, kind: Any) -> int:
        """In a mutation's answer plain objects are free; lists are paid for."""
        if selections is None:
            return 0
        total = 0
        for one in selections.selections:
            if isinstance(one, FieldNode) and one.selection_set and one.name.value not in _FREE:
                inner = get_named_type(kind.fields[one.name.value].type)
                if inner.name.endswith("Connection"):
                    total += self._of_field(one, kind, False)
                elif isinstance(inner, GraphQLObjectType):
                    total += self._nested_connections(one.selection_set, inner)
        return total

    def _node_cost(self, selections: SelectionSetNode, connection: Any) -> int:
        """One for the node, and what it holds; through nodes or edges."""
        for one in selections.selections:
            if not isinstance(one, FieldNode) or one.selection_set is None:
                continue
            if one.name.value in ("nodes", "node", "edges"):
                inner = get_named_type(connection.fields[one.name.value].type)
                if one.name.value == "edges":
                    return self._node_cost(one.selection_set, inner)
                return 1 + self._of(one.selection_set, inner)
        return 1

    def _size(self, node: FieldNode, key: str, top: bool) -> int:
        if top and self.returned is not None and key in self.returned:
            return self.returned[key]
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                return self._value(argument.value)
        return 1

    def _value(self, node: Any) -> int:
        if isinstance(node, VariableNode):
            return int(self.variables.get(node.name.value) or 1)
        return int(node.value) if isinstance(node, IntValueNode) else 1


class Bucket:
    """The points of one app on one shop; refilled by the second on the shop's clock."""

    def __init__(self, clock: Callable[[], float], plan: str = "Standard") -> None:
        self.clock = clock
        self.maximum, self.restore = PLANS[plan]
        self._points = float(self.maximum)
        self._at = clock()

    def available(self) -> int:
        """The points there are now."""
        now = self.clock()
        self._points = min(self.maximum, self._points + max(0.0, now - self._at) * self.restore)
        self._at = now
        return int(self._points)

    def take(self, points: int) -> bool:
        """Pays, or answers False where the bucket holds too little."""
        if self.available() < points:
            return False
        self._points -= points
        return True

    def give_back(self, points: int) -> None:
        """Returns what was asked for and not used."""
        self._points = min(self.maximum, self._points + points)

    def drain(self) -> None:
        """Empties the bucket, as other work of the same app does."""
        self.available()
        self._points = 0.0

    def report(self, requested: int, actual: int | None) -> Json:
        """`extensions.cost` of an answer."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": float(self.maximum), "currentlyAvailable": self.available(),
                "restoreRate": float(self.restore),
            },
        }  # fmt: skip
