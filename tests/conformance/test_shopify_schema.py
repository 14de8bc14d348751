"""The schema that the stand-in Shopify executes: Shopify's own, and no more of it than is asked for."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    validate_schema,
    visit,
)
from graphql.type import is_required_argument

from adapters.shopify import operations
from sandbox.shopify.schema import SCHEMA
from tests.support import published_shopify


@pytest.fixture(scope="module")
def published(shared: Path) -> GraphQLSchema:
    """What Shopify publishes, pruned, without descriptions."""
    return published_shopify()


def own_types() -> list[GraphQLNamedType]:
    """Every type that the project writes down itself."""
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    return [
        kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__") and name not in builtin
    ]


def field_faults(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> list[str]:
    """Where fields differ in name, type or nullability, have arguments of their own, or lack a needed one."""
    faults = []
    if not isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        return []
    assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType), ours.name
    for name, field in ours.fields.items():
        other = theirs.fields.get(name)
        if other is None or str(field.type) != str(other.type):
            faults.append(f"{ours.name}.{name}: {field.type}")
            continue
        mine = {arg: (str(value.type), value.default_value) for arg, value in field.args.items()}
        known = {arg: (str(value.type), value.default_value) for arg, value in other.args.items()}
        must = {arg for arg, value in other.args.items() if is_required_argument(value)}
        if not mine.items() <= known.items() or not must <= set(mine):
            faults.append(f"{ours.name}.{name}({', '.join(mine)})")
        if (field.deprecation_reason is None) != (other.deprecation_reason is None):
            faults.append(f"{ours.name}.{name}: deprecated or not")
    extra = {one.name for one in ours.interfaces} - {one.name for one in theirs.interfaces}
    return faults + [f"{ours.name} implements {name}" for name in sorted(extra)]


def input_faults(ours: GraphQLInputObjectType, theirs: GraphQLNamedType) -> list[str]:
    """Where inputs differ, or leave out a field that must be given."""
    assert isinstance(theirs, GraphQLInputObjectType), ours.name
    faults = [
        f"{ours.name}.{name}"
        for name, field in ours.fields.items()
        if name not in theirs.fields or str(field.type) != str(theirs.fields[name].type)
    ]
    must = {name for name, field in theirs.fields.items() if str(field.type).endswith("!")}
    return faults + [f"{ours.name}.{name} missing" for name in sorted(must - set(ours.fields))]


def member_faults(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> list[str]:
    """Enum values and union members that Shopify does not have."""
    if isinstance(ours, GraphQLEnumType):
        assert isinstance(theirs, GraphQLEnumType), ours.name
        return [f"{ours.name}.{value}" for value in set(ours.values) - set(theirs.values)]
    if isinstance(ours, GraphQLUnionType):
        assert isinstance(theirs, GraphQLUnionType), ours.name
        extra = {one.name for one in ours.types} - {one.name for one in theirs.types}
        return [f"{ours.name} = {name}" for name in sorted(extra)]
    return []


def test_every_type_of_the_stand_in_exists_at_shopify(published: GraphQLSchema) -> None:
    assert [kind.name for kind in own_types() if kind.name not in published.type_map] == []


def test_every_type_is_of_the_same_sort_as_at_shopify(published: GraphQLSchema) -> None:
    assert [kind.name for kind in own_types() if type(published.type_map[kind.name]) is not type(kind)] == []


def test_every_field_has_shopifys_type_nullability_and_arguments(published: GraphQLSchema) -> None:
    faults = [line for kind in own_types() for line in field_faults(kind, published.type_map[kind.name])]
    assert faults == []


def test_every_input_has_only_shopifys_fields_and_all_that_must_be_given(published: GraphQLSchema) -> None:
    inputs = [kind for kind in own_types() if isinstance(kind, GraphQLInputObjectType)]
    assert [line for kind in inputs for line in input_faults(kind, published.type_map[kind.name])] == []


def test_enums_and_unions_have_only_shopifys_members(published: GraphQLSchema) -> None:
    faults = [line for kind in own_types() for line in member_faults(kind, published.type_map[kind.name])]
    assert faults == []


class Asked(Visitor):
    """What a document names: "Type.field", and "Type.field(argument)" for each argument."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.names: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Notes one field."""
        parent = self.info.get_parent_type()
        assert parent is not None
        name = f"{parent.name}.{node.name.value}"
        self.names |= {name, *(f"{name}({one.name.value})" for one in node.arguments or ())}


def asked() -> set[str]:
    """What the operations of the adapter name."""
    found: set[str] = set()
    for name in operations.names():
        visitor = Asked(TypeInfo(SCHEMA))
        visit(parse(operations.read(name)), TypeInfoVisitor(visitor.info, visitor))
        found |= visitor.names
    return found


def known() -> Iterator[str]:
    """What the stand-in knows, in the same words."""
    for kind in own_types():
        for name, field in getattr(kind, "fields", {}).items():
            if not isinstance(kind, GraphQLInputObjectType):
                yield f"{kind.name}.{name}"
                yield from (f"{kind.name}.{name}({argument})" for argument in field.args)


NEEDED = {
    "Node.id": "an interface has a field",
    "CardPaymentDetails.name": "a member of a union has a field",
    "LocalPaymentMethodsPaymentDetails.paymentDescriptor": "a member of a union has a field",
}
"""What nothing asks for and the stand-in knows; beside them `nodes`, for which a bulk query is refused."""


def test_the_stand_in_knows_exactly_the_fields_and_arguments_that_the_adapter_asks_for() -> None:
    own = {name for name in known() if not name.endswith("Connection.nodes")}
    assert own - NEEDED.keys() == asked() - {name for name in asked() if name.endswith(".__typename")}


def test_an_input_of_the_stand_in_has_only_fields_that_the_adapter_gives() -> None:
    folder = resources.files("adapters.shopify")
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".py")]
    texts += [operations.read(name) for name in operations.names()]
    words = set(re.findall(r"\w+", " ".join(texts)))
    inputs = [kind for kind in own_types() if isinstance(kind, GraphQLInputObjectType)]
    assert [f"{kind.name}.{name}" for kind in inputs for name in kind.fields if name not in words] == []


def test_the_schema_is_valid_and_carries_no_descriptions() -> None:
    assert validate_schema(SCHEMA) == []
    text = resources.files("sandbox.shopify").joinpath("schema.graphql").read_text(encoding="utf-8")
    assert '"""' not in text


def test_a_billing_address_cannot_be_given_to_an_order_in_either_schema(published: GraphQLSchema) -> None:
    for schema in (SCHEMA, published):
        kind = schema.type_map["OrderInput"]
        assert isinstance(kind, GraphQLInputObjectType)
        assert "billingAddress" not in kind.fields
