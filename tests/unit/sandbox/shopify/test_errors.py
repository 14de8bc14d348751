"""Operations that are wrong fail in Shopify's words, with its codes, and without data."""

import pytest

from tests.unit.sandbox.shopify.conftest import Client

UPDATE = (
    "mutation M($input: OrderInput!) { orderUpdate(input: $input) { order { id } userErrors { message } } }"
)
ORDER = "gid://shopify/Order/5000001"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{ orders(first: 1) { nodes { billing } } }", "undefinedField",
         "Field 'billing' doesn't exist on type 'Order'"),
        ("{ shop }", "selectionMismatch", "Field must have selections (field 'shop' returns Shop but has no "
         "selections. Did you mean 'shop { ... }'?)"),
        ("{ orders(first: 1, status: 2) { nodes { id } } }", "argumentNotAccepted",
         "Field 'orders' doesn't accept argument 'status'"),
        ("{ order { id } }", "missingRequiredArguments", "Field 'order' is missing required arguments: id"),
        ("mutation { orderUpdate(input: {note: \"x\"}) { order { id } } }",
         "missingRequiredInputObjectAttribute",
         "Argument 'id' on InputObject 'OrderInput' is required. Expected type ID!"),
        ("mutation { orderUpdate(input: {id: \"gid://shopify/Order/1\", billing: {}}) { order { id } } }",
         "argumentNotAccepted", "InputObject 'OrderInput' doesn't accept argument 'billing'"),
        ("mutation { orderUpdate(input: null) { order { id } } }", "argumentLiteralsIncompatible",
         "Argument 'input' on Field 'orderUpdate' has an invalid value (null). Expected type 'OrderInput!'."),
        ("query Q($a: Int) { shop { name } }", "variableNotUsed",
         "Variable $a is declared by Q but not used"),
        ("{ shop @idempotent { name } }", "undefinedDirective", "Directive @idempotent is not defined"),
        ("{ shop { name ", "PARSE_ERROR", "syntax error, unexpected end of file at [1, 15]"),
        ("mutation { customerDelete(input: {id: \"gid://shopify/Customer/1\"}) { userErrors { code } } }",
         "undefinedField", "Field 'code' doesn't exist on type 'UserError'"),
    ],
)  # fmt: skip
def test_a_faulty_operation_is_told_what_is_wrong_and_gets_no_data(
    client: Client, text: str, code: str, message: str
) -> None:
    body = client.ask(text)
    assert "data" not in body
    assert (body["errors"][0]["extensions"]["code"], body["errors"][0]["message"]) == (code, message)


def test_a_fault_names_the_way_to_its_place(client: Client) -> None:
    error = client.ask("query Q { mine: orders(first: 1) { nodes { billing } } }")["errors"][0]
    assert error["path"] == ["query Q", "mine", "nodes", "billing"]
    assert error["locations"] == [{"line": 1, "column": 44}]


def test_an_unknown_field_in_a_variable_is_an_invalid_variable(client: Client) -> None:
    error = client.ask(UPDATE, input={"id": ORDER, "billingAddress": {"zip": "1"}})["errors"][0]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == [
        {"path": ["billingAddress"], "explanation": "Field is not defined on OrderInput"}
    ]
    assert error["message"] == (
        "Variable $input of type OrderInput! was provided invalid value for billingAddress "
        "(Field is not defined on OrderInput)"
    )


def test_a_missing_variable_is_expected_not_to_be_null(client: Client) -> None:
    error = client.ask(UPDATE)["errors"][0]
    assert error["message"] == "Variable $input of type OrderInput! was provided invalid value"
    assert error["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]


def test_a_list_of_more_than_250_is_refused(client: Client) -> None:
    body = client.ask(UPDATE, input={"id": ORDER, "tags": ["x"] * 251})
    assert body["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert "data" not in body


def test_an_id_of_another_kind_is_a_top_level_error_beside_partial_data(client: Client) -> None:
    body = client.ask('{ shop { name } order(id: "gid://shopify/Product/1") { id } }')
    assert body["data"] == {"shop": {"name": "Sandbutiken"}, "order": None}
    assert body["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert body["errors"][0]["message"] == "Invalid id: gid://shopify/Product/1"


def test_an_operation_is_named_where_there_are_several(client: Client) -> None:
    url = f"{client.box.url}/admin/api/2026-10/graphql.json"
    headers = {"X-Shopify-Access-Token": client.box.token}
    text = "query A { shop { name } } query B { shop { id } }"
    none = client.session.post(url, json={"query": text}, headers=headers, timeout=120).json()
    wrong = client.session.post(
        url, json={"query": text, "operationName": "C"}, headers=headers, timeout=120
    ).json()
    assert none == {"errors": [{"message": "An operation name is required"}]}
    assert wrong == {"errors": [{"message": 'No operation named "C"'}]}


def test_a_body_without_a_query_is_400(client: Client) -> None:
    url = f"{client.box.url}/admin/api/2026-10/graphql.json"
    answer = client.session.post(
        url, data=b"{", headers={"X-Shopify-Access-Token": client.box.token}, timeout=120
    )
    assert answer.status_code == 400
