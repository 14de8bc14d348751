"""Turns the selections of a bulk query into functions that write a record's lines.

graphql-core spends more on a field than a hundred thousand orders allow; the fields themselves are read by
the same functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLObjectType, SelectionSetNode, get_named_type, is_composite_type
from graphql.execution.values import get_argument_values

from sandbox.shopify.context import Context
from sandbox.shopify.documents import Prepared
from sandbox.shopify.fields import Reader, reader_of
from sandbox.shopify.pagination import ALL
from sandbox.shopify.schema import SCHEMA
from sandbox.shopify.selections import Fragments, is_list, nodes_of
from sandbox.shopify.values import kind_of
from sandbox.wire import Json


@dataclass(slots=True)
class Part:
    """One field of an object."""

    key: str
    reader: Reader
    args: Json
    inner: "Shape | None"
    many: bool


@dataclass(slots=True)
class Fields:
    """What is read of one concrete type: its own fields, and the connections whose objects get own lines."""

    name_keys: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    connections: list[Part] = field(default_factory=list)


class Shape:
    """A selection over a type that may be abstract; laid out for each concrete type when it is met."""

    def __init__(self, selections: SelectionSetNode, kind: Any, fragments: Fragments) -> None:
        self.selections, self.kind, self.fragments = selections, kind, fragments
        self._known: dict[str, Fields] = {}
        self._only = self._laid_out(kind) if isinstance(kind, GraphQLObjectType) else None

    def fields(self, value: Any) -> Fields:
        """What to read of this record."""
        if self._only is not None:
            return self._only
        name = str(value.get("__typename") or kind_of(value["id"]))
        if name not in self._known:
            self._known[name] = self._laid_out(SCHEMA.type_map[name])
        return self._known[name]

    def _laid_out(self, kind: Any) -> Fields:
        found = Fields()
        for node, on in nodes_of(self.selections, kind, self.fragments):
            if on is kind or (not isinstance(on, GraphQLObjectType) and SCHEMA.is_sub_type(on, kind)):
                self._add(found, node, kind)
        return found

    def _add(self, found: Fields, node: FieldNode, kind: Any) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        if name == "__typename":
            found.name_keys.append(key)
            return
        definition = kind.fields[name]
        target = get_named_type(definition.type)
        args = get_argument_values(definition, node)
        reader = reader_of(kind.name, name)
        if target.name.endswith("Connection"):
            nodes = self._of_nodes(node, target)
            found.connections.append(Part(key, reader, {**args, ALL: True}, nodes, True))
            return
        inner = None
        if is_composite_type(target) and node.selection_set:
            inner = Shape(node.selection_set, target, self.fragments)
        found.parts.append(Part(key, reader, args, inner, is_list(definition)))

    def _of_nodes(self, node: FieldNode, connection: Any) -> "Shape":
        edges = _named(node, "edges")
        one = _named(edges, "node")
        edge = get_named_type(connection.fields["edges"].type)
        assert one.selection_set is not None
        return Shape(one.selection_set, get_named_type(edge.fields["node"].type), self.fragments)


def _named(node: FieldNode, name: str) -> FieldNode:
    assert node.selection_set is not None
    return next(
        one for one in node.selection_set.selections if isinstance(one, FieldNode) and one.name.value == name
    )


def own_fields(shape: Shape, value: Any, ctx: Context) -> Json:
    """The fields of one object, without what has lines of its own."""
    fields = shape.fields(value)
    found: Json = {}
    for key in fields.name_keys:
        found[key] = value.get("__typename") or kind_of(value["id"])
    for part in fields.parts:
        read = part.reader(value, ctx, part.args)
        if part.inner is not None and read is not None:
            inner = part.inner
            many = part.many
            read = [own_fields(inner, one, ctx) for one in read] if many else own_fields(inner, read, ctx)
        found[part.key] = read
    return found


def objects_of(part: Part, row: Any, ctx: Context) -> list[Any]:
    """The objects of a connection, all of them."""
    found = part.reader(row, ctx, part.args)
    return [found["read"](number) for _, number in found["keys"]]


def lines_of(shape: Shape, rows: list[Any], ctx: Context, *, grouped: bool) -> list[Json]:
    """The lines of a block of records: each object before what belongs to it, grouped right before it."""
    if grouped:
        return [line for row in rows for line in _grouped(shape, row, ctx, None)]
    lines, level = list[Json](), [(shape, row, None) for row in rows]
    while level:
        deeper: list[Any] = []
        for inner, row, parent in level:
            line = own_fields(inner, row, ctx)
            deeper += [
                (part.inner, node, row["id"])
                for part in inner.fields(row).connections
                for node in objects_of(part, row, ctx)
            ]
            lines.append(line if parent is None else {**line, "__parentId": parent})
        level = deeper
    return lines


def _grouped(shape: Shape, row: Any, ctx: Context, parent: str | None) -> Iterator[Json]:
    line = own_fields(shape, row, ctx)
    yield line if parent is None else {**line, "__parentId": parent}
    for part in shape.fields(row).connections:
        assert part.inner is not None
        for node in objects_of(part, row, ctx):
            yield from _grouped(part.inner, node, ctx, row["id"])


def plan_of(prepared: Prepared) -> Part:
    """Lays out a bulk query that keeps the rules: the list at its root and the shape of its objects."""
    selections = prepared.operations[0].selection_set
    return Shape(selections, SCHEMA.type_map["QueryRoot"], prepared.fragments).fields({}).connections[0]
