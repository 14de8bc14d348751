"""What an operation selects, read through fragments."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    SelectionSetNode,
    is_list_type,
    is_non_null_type,
)

from sandbox.shopify.schema import SCHEMA

Fragments = dict[str, FragmentDefinitionNode]


def nodes_of(
    selections: SelectionSetNode | None, kind: Any, fragments: Fragments
) -> Iterator[tuple[FieldNode, Any]]:
    """Every selected field with the type it is selected on."""
    for one in selections.selections if selections else ():
        if isinstance(one, FieldNode):
            yield one, kind
            continue
        part: Any = fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
        on = SCHEMA.type_map[part.type_condition.name.value] if part.type_condition else kind
        yield from nodes_of(part.selection_set, on, fragments)


def fields_of(
    selections: SelectionSetNode | None, kind: Any, fragments: Fragments
) -> Iterator[tuple[FieldNode, Any, GraphQLField]]:
    """Every selected field that its type defines, with that type and the definition."""
    for node, on in nodes_of(selections, kind, fragments):
        if isinstance(on, GraphQLObjectType | GraphQLInterfaceType) and node.name.value in on.fields:
            yield node, on, on.fields[node.name.value]


def is_list(field: GraphQLField) -> bool:
    """Whether a field answers a plain list."""
    return is_list_type(field.type.of_type if is_non_null_type(field.type) else field.type)
