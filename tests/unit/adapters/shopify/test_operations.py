"""Every operation against the schema that Shopify publishes."""

import re

import pytest
from graphql import GraphQLSchema, OperationType, parse, validate

from adapters.shopify import operations
from adapters.shopify.budget import first_guess
from sandbox.shopify.cost import Pricing
from sandbox.shopify.documents import prepare
from tests.support import known_of_shopify


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """The part of the Admin API 2026-10 that Gallra touches."""
    return known_of_shopify()


@pytest.mark.parametrize("name", operations.names())
def test_an_operation_is_valid_in_the_published_schema(schema: GraphQLSchema, name: str) -> None:
    document = parse(operations.read(name))
    assert validate(schema, document) == []


@pytest.mark.parametrize("name", operations.names())
def test_an_operation_is_valid_without_any_optional_part(schema: GraphQLSchema, name: str) -> None:
    assert validate(schema, parse(operations.read(name, features=()))) == []


@pytest.mark.parametrize("name", [name for name in operations.names() if name.startswith("bulk_")])
def test_a_bulk_query_keeps_to_five_connections_and_edges(name: str) -> None:
    text = operations.read(name, search="id:>1")
    assert text.count("edges {") <= 5
    assert "pageInfo" not in text
    assert "nodes" not in text
    assert len(text.encode()) < 65_535


@pytest.mark.parametrize("name", operations.names())
def test_no_operation_opts_a_person_out_by_address_or_mails_a_customer(name: str) -> None:
    text = operations.read(name)
    assert "dataSaleOptOut" not in text
    assert "orderCustomerRemove" not in text
    assert not re.search(r"notifyCustomer: true", text)


def test_no_operation_selects_what_the_version_deprecates(schema: GraphQLSchema) -> None:
    from graphql.validation import NoDeprecatedCustomRule

    found = {
        error.message
        for name in operations.names()
        for error in validate(schema, parse(operations.read(name)), [NoDeprecatedCustomRule])
    }
    assert found == set()


@pytest.mark.parametrize("name", [name for name in operations.names() if not name.startswith("bulk_")])
def test_no_question_costs_more_than_is_set_aside_before_its_first_answer(name: str) -> None:
    prepared = prepare(operations.read(name))
    pricing = Pricing({"first": 250, "ids": ["gid://shopify/Order/1"] * 250}, prepared.fragments)
    (operation,) = prepared.operations
    root = "Mutation" if operation.operation is OperationType.MUTATION else "QueryRoot"
    assert pricing.of_operation(operation.selection_set, root) <= first_guess(name)
