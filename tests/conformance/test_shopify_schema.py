"""The schema that the stand-in Shopify executes, held against the one that Shopify publishes."""

from importlib import resources

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    validate_schema,
)

from sandbox.shopify.schema import SCHEMA
from tests.support import published_shopify


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    """What Shopify publishes, pruned, without descriptions."""
    return published_shopify()


def own_types() -> list[GraphQLNamedType]:
    """Every type that the project writes down itself."""
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    return [
        kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__") and name not in builtin
    ]


def field_faults(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> list[str]:
    """Where fields differ in name, type, nullability or arguments."""
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
        if mine != {arg: (str(value.type), value.default_value) for arg, value in other.args.items()}:
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


def test_the_schema_is_valid_and_carries_no_descriptions() -> None:
    assert validate_schema(SCHEMA) == []
    text = resources.files("sandbox.shopify").joinpath("schema.graphql").read_text(encoding="utf-8")
    assert '"""' not in text


def test_a_billing_address_cannot_be_given_to_an_order_in_either_schema(published: GraphQLSchema) -> None:
    for schema in (SCHEMA, published):
        kind = schema.type_map["OrderInput"]
        assert isinstance(kind, GraphQLInputObjectType)
        assert "billingAddress" not in kind.fields
