"""The stand-in's refusals held against those that were recorded from Shopify."""

import json

import pytest

from tests.recorded import carried, checksum
from tests.unit.sandbox.shopify.conftest import RUN_QUERY, Client, Json
from tests.unit.sandbox.shopify.test_bulk import RUN_MUTATION, UPDATE
from tests.unit.sandbox.shopify.test_customers import CANCEL, DELETE, ERASE
from tests.unit.sandbox.shopify.test_customers import UPDATE as CUSTOMER

NOBODY, BUYER = "gid://shopify/Customer/1", "gid://shopify/Customer/7000001"
NONE = "<no code field>"
UPDATE_NOTHING = """mutation U($input: OrderInput!) { orderUpdate(input: $input) {
  userErrors { field message } } }"""
ADDRESS = """mutation A($c: ID!) { customerAddressDelete(
  addressId: "gid://shopify/MailingAddress/1?model_name=CustomerAddress", customerId: $c) {
  userErrors { field message } } }"""
ORDER_DELETE = """mutation O($id: ID!) { orderDelete(orderId: $id) {
  userErrors { field message code } } }"""


@pytest.mark.parametrize(
    ("mutation", "text", "variables"),
    [
        ("customerRequestDataErasure", ERASE, {"id": NOBODY}),
        ("customerCancelDataErasure", CANCEL, {"id": NOBODY}),
        ("customerCancelDataErasure", CANCEL, {"id": BUYER}),
        ("customerDelete", DELETE, {"id": NOBODY}),
        ("customerDelete", DELETE, {"id": BUYER}),
        ("customerUpdate", CUSTOMER, {"input": {"id": NOBODY, "note": ""}}),
        ("customerUpdate", CUSTOMER, {"input": {"id": BUYER, "email": "inte en adress"}}),
        ("customerUpdate", CUSTOMER, {"input": {"id": BUYER, "note": "x" * 5001}}),
        ("customerUpdate", CUSTOMER, {"input": {"id": BUYER, "firstName": "x" * 256}}),
        ("customerAddressDelete", ADDRESS, {"c": NOBODY}),
        ("orderUpdate", UPDATE_NOTHING, {"input": {"id": "gid://shopify/Order/1", "note": ""}}),
        ("orderDelete", ORDER_DELETE, {"id": "gid://shopify/Order/1"}),
        ("bulkOperationRunQuery", RUN_QUERY, {"query": "{ shop { name } }"}),
        ("bulkOperationRunQuery", RUN_QUERY, {"query": "{ orders { edges { node { id }"}),
        ("bulkOperationRunMutation", RUN_MUTATION, {"mutation": UPDATE, "path": "none"}),
    ],
)  # fmt: skip
def test_a_user_error_has_the_recorded_field_words_and_code(
    client: Client, mutation: str, text: str, variables: Json
) -> None:
    error = client.mutate(text, **variables)["userErrors"][0]
    field = "null" if error["field"] is None else json.dumps(error["field"])
    code = str(error["code"]) if "code" in error else NONE
    fields = {field, "null"} if mutation == "bulkOperationRunMutation" else {field}
    given = {checksum(mutation, one, error["message"], code) for one in fields}
    assert given & set(carried("shopify_refusals")["user_errors"])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("undefinedField", "{ shop { none } }"),
        ("argumentNotAccepted", "{ shop(a: 1) { name } }"),
        ("missingRequiredArguments", "{ order { id } }"),
        ("missingRequiredInputObjectAttribute", "mutation { orderUpdate(input: {}) { order { id } } }"),
        ("argumentLiteralsIncompatible", "mutation { orderUpdate(input: null) { order { id } } }"),
        ("selectionMismatch", "{ shop }"),
        ("undefinedDirective", "{ shop @none { name } }"),
        ("variableNotUsed", "query Q($a: Int) { shop { name } }"),
        ("PARSE_ERROR", "{ shop"),
        ("INVALID_VARIABLE", "query Q($id: ID!) { order(id: $id) { id } }"),
        ("RESOURCE_NOT_FOUND", '{ order(id: "gid://shopify/Product/1") { id } }'),
        ("BAD_REQUEST", '{ orders(first: 1, after: "x") { nodes { id } } }'),
    ],
)
def test_a_top_level_error_has_the_recorded_parts(client: Client, code: str, text: str) -> None:
    ours = client.ask(text)["errors"][0]
    theirs = carried("shopify_refusals")["top"][code]
    shapes = [(one["parts"], one["extensions"]) for one in theirs]
    assert (sorted(ours), sorted(ours["extensions"])) in shapes
    assert type(ours.get("path")).__name__ in {one["path"] for one in theirs}
