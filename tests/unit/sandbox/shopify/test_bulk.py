"""Bulk queries and mutations: what they may look like, how they run, what they answer."""

import threading

import msgspec
import pytest
import requests

from sandbox.shopify.access import ALL_SCOPES
from tests.unit.sandbox.shopify.conftest import RUN_QUERY, Client, Json, key_of

ORDERS = """{ orders { edges { node { id name email customer { id } refunds { id note }
  transactions { kind paymentDetails { __typename ... on CardPaymentDetails { name } } }
  lineItems { edges { node { id sku } } } } } } }"""
RETURNS = """{ customers { edges { node { id orders { edges { node { id
  returns { edges { node { id status } } } } } } } } } }"""
UPDATE = """mutation U($input: OrderInput!) { orderUpdate(input: $input) {
  order { id note } userErrors { message } } }"""
RUN_MUTATION = """mutation Run($mutation: String!, $path: String!) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) {
    bulkOperation { id status } userErrors { field message code } } }"""


def lines(client: Client, found: Json, place: str = "url") -> list[Json]:
    answer = client.session.get(found[place], timeout=120)
    assert answer.status_code == 200
    return [msgspec.json.decode(line) for line in answer.content.splitlines()]


def test_a_bulk_query_starts_created_and_ends_with_counts_in_text(client: Client) -> None:
    started = client.run_query(ORDERS)
    assert started["bulkOperation"]["status"] == "CREATED"
    found = client.wait(started["bulkOperation"]["id"])
    rows = lines(client, found)
    roots = [row for row in rows if "__parentId" not in row]
    assert (found["status"], found["errorCode"], found["partialDataUrl"]) == ("COMPLETED", None, None)
    assert found["rootObjectCount"] == str(len(roots)) == "600"
    assert found["objectCount"] == str(len(rows))


def test_a_line_holds_what_a_page_answers(client: Client) -> None:
    rows = [row for row in lines(client, client.bulk(ORDERS)) if "__parentId" not in row]
    text = """{ orders(first: 250, sortKey: ID) { nodes { id name email customer { id } refunds { id note }
      transactions { kind paymentDetails { __typename ... on CardPaymentDetails { name } } } } } }"""
    assert rows[:250] == client.data(text)["orders"]["nodes"]


@pytest.mark.parametrize("grouped", [False, True])
def test_children_come_after_their_parent_and_adjacent_only_where_grouped(
    client: Client, grouped: bool
) -> None:
    seen: set[str] = set()
    last, apart = "", 0
    for row in lines(client, client.bulk(ORDERS, groupObjects=grouped)):
        if parent := row.get("__parentId"):
            assert parent in seen
            apart += parent != last
        else:
            seen.add(row["id"])
            last = row["id"]
    assert (apart == 0) is grouped


def test_two_levels_of_lists_point_at_their_own_parents(client: Client) -> None:
    rows = lines(client, client.bulk(RETURNS))
    kinds = {row["id"].split("/")[3]: row for row in rows}
    assert kinds["Order"]["__parentId"].startswith("gid://shopify/Customer/")
    assert kinds["Return"]["__parentId"].startswith("gid://shopify/Order/")


def test_a_search_limits_a_bulk_query(client: Client) -> None:
    found = client.bulk('{ orders(query: "id:<5000010", first: 1) { edges { node { id } } } }')
    assert found["rootObjectCount"] == "3"


def test_a_bulk_query_that_finds_nothing_has_no_address(client: Client) -> None:
    found = client.bulk('{ orders(query: "id:1") { edges { node { id } } } }')
    assert (found["status"], found["url"], found["objectCount"]) == ("COMPLETED", None, "0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ shop { name } }", "Bulk queries must contain at least one connection."),
        ("{ orders { edges { node { id } }", "Invalid bulk query: syntax error, unexpected end of file"),
        ("mutation { orderDelete(orderId: \"gid://shopify/Order/1\") { deletedId } }",
         "Invalid operation type. Only `query` operations are supported."),
        ("{ nodes(ids: [\"gid://shopify/Order/1\"]) { id } }",
         "Bulk queries cannot contain a top level `nodes` field."),
        ("{ orders { nodes { id } } }", "All connection fields in a bulk query must select their contents"),
        ("{ orders { edges { node { name lineItems { edges { node { id } } } } } } }",
         "The parent 'node' field for a nested connection must select the 'id' field without an alias"),
        ("{ orders { edges { node { id a: lineItems { edges { node { id } } } "
         "b: lineItems { edges { node { id } } } "
         "c: lineItems { edges { node { id } } } d: lineItems { edges { node { id } } } "
         "e: lineItems { edges { node { id } } } } } } }",
         "Bulk queries cannot contain more than 5 connections."),
        ("{ customers { edges { node { id orders { edges { node { id customer { id orders { edges { node { "
         "id returns { edges { node { id } } } } } } } } } } } } } }",
         "Bulk queries cannot contain connections with a nesting depth greater than 2."),
        ("{ orders { edges { node { id billing } } } }",
         "Invalid bulk query: Field 'billing' doesn't exist on type 'Order'"),
    ],
)  # fmt: skip
def test_a_bulk_query_that_breaks_a_rule_is_a_user_error(client: Client, text: str, message: str) -> None:
    refused = client.run_query(text)
    assert refused["bulkOperation"] is None
    assert refused["userErrors"][0]["message"].startswith(message)
    assert refused["userErrors"][0]["code"] == "INVALID"


def test_five_run_at_once_and_the_sixth_is_refused(client: Client) -> None:
    client.box.bulk.hold()
    started = [client.run_query(ORDERS)["bulkOperation"]["id"] for _ in range(5)]
    refused = client.run_query(ORDERS)
    assert refused["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"
    assert all(one in refused["userErrors"][0]["message"] for one in started)
    client.box.bulk.release()
    assert {client.wait(one)["status"] for one in started} == {"COMPLETED"}


def test_a_failed_operation_has_what_it_got_so_far(client: Client) -> None:
    client.box.bulk.break_next("FAILED", "INTERNAL_SERVER_ERROR", after=100)
    found = client.bulk(ORDERS)
    assert (found["status"], found["errorCode"], found["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    assert 100 <= len(lines(client, found, "partialDataUrl")) < 600


def test_shopify_may_cancel_an_operation_by_itself(client: Client) -> None:
    client.box.bulk.break_next("CANCELED", None, after=100)
    assert client.bulk(ORDERS)["status"] == "CANCELED"
    assert client.bulk(ORDERS)["status"] == "COMPLETED"


def test_a_result_lapses_after_a_week(client: Client) -> None:
    found = client.bulk(ORDERS)
    client.box.shop.turn(days=8)
    assert client.session.get(found["url"], timeout=120).status_code == 403
    again = client.wait(found["id"])
    assert (again["status"], again["url"]) == ("EXPIRED", None)


def test_a_result_that_breaks_off_can_be_gone_on_with(client: Client) -> None:
    found = client.bulk(ORDERS)
    whole = client.session.get(found["url"], timeout=120).content
    client.box.faults.add("cut_half", match="bulk-results")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(found["url"], timeout=120)
    rest = client.session.get(found["url"], headers={"Range": "bytes=1000-"}, timeout=120)
    assert rest.status_code == 206
    assert whole[1000:] == rest.content


def test_a_bulk_query_without_the_scope_fails_with_access_denied(client: Client) -> None:
    token = client.box.token_with(set(ALL_SCOPES) - {"read_customers"})
    started = client.ask(RUN_QUERY, token=token, query=ORDERS)["data"]["bulkOperationRunQuery"]
    found = client.wait(started["bulkOperation"]["id"], token=token)
    assert (found["status"], found["errorCode"]) == ("FAILED", "ACCESS_DENIED")


def test_without_read_all_orders_a_bulk_query_completes_with_sixty_days_only(client: Client) -> None:
    token = client.box.limited_token
    started = client.ask(RUN_QUERY, token=token, query=ORDERS)["data"]["bulkOperationRunQuery"]
    found = client.wait(started["bulkOperation"]["id"], token=token)
    assert found["status"] == "COMPLETED"
    assert 0 < int(found["rootObjectCount"]) < 60


def test_the_operations_of_another_app_are_not_shown(client: Client) -> None:
    found = client.bulk(ORDERS)
    text = "query B($id: ID!) { bulkOperation(id: $id) { id } }"
    assert client.ask(text, token=client.box.limited_token, id=found["id"])["data"] == {"bulkOperation": None}


def run_mutation(client: Client, content: bytes, text: str = UPDATE) -> Json:
    target = client.target()
    assert client.upload(target, content).status_code == 201
    return client.mutate(RUN_MUTATION, mutation=text, path=key_of(target))


def test_a_bulk_mutation_answers_each_line_by_its_number(client: Client) -> None:
    given: list[Json] = [
        {"input": {"id": "gid://shopify/Order/5000001", "note": "första"}},
        {"input": {"id": "gid://shopify/Order/1", "note": "saknas"}},
        {"input": {"id": "gid://shopify/Order/5000004", "billingAddress": {}}},
        {"input": {"id": "gid://shopify/Order/5000007", "note": "sista"}},
    ]
    started = run_mutation(client, b"\n".join(msgspec.json.encode(row) for row in given))
    assert started["userErrors"] == []
    found = client.wait(started["bulkOperation"]["id"])
    assert (found["status"], found["objectCount"]) == ("COMPLETED", "4")
    rows = {row["__lineNumber"]: row for row in lines(client, found)}
    assert rows[0]["data"]["orderUpdate"]["order"]["note"] == "första"
    assert rows[1]["data"]["orderUpdate"]["userErrors"] == [{"message": "Order does not exist"}]
    assert rows[2]["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"
    assert client.box.shop.orders.read(5000007)["note"] == "sista"


def test_a_bulk_mutation_that_fails_half_way_has_done_the_lines_it_answers(client: Client) -> None:
    numbers = list(client.box.shop.orders)[:20]
    content = b"\n".join(
        msgspec.json.encode({"input": {"id": f"gid://shopify/Order/{number}", "note": "ny"}})
        for number in numbers
    )
    client.box.bulk.break_next("FAILED", "INTERNAL_SERVER_ERROR", after=7)
    found = client.wait(run_mutation(client, content)["bulkOperation"]["id"])
    assert (found["status"], found["url"]) == ("FAILED", None)
    answered = [row["__lineNumber"] for row in lines(client, found, "partialDataUrl")]
    assert answered == list(range(7))
    done = [client.box.shop.orders.read(number)["note"] == "ny" for number in numbers]
    assert done == [True] * 7 + [False] * 13


def test_a_bulk_mutation_costs_one_mutation_however_many_lines(client: Client) -> None:
    client.box.use_plan("Standard")
    content = b"\n".join(
        msgspec.json.encode({"input": {"id": f"gid://shopify/Order/{number}", "note": None}})
        for number in client.box.shop.orders
    )
    started = run_mutation(client, content)
    assert client.wait(started["bulkOperation"]["id"])["objectCount"] == "600"
    assert client.box.bucket.available() > 1900


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mutation { a: orderDelete(orderId: \"gid://shopify/Order/1\") { deletedId } "
         "b: orderDelete(orderId: \"gid://shopify/Order/1\") { deletedId } }",
         "You must specify a single top level mutation."),
        ("mutation B($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } } }",
         "You must use an allowed mutation name."),
        ("query Q { shop { name } }", "Invalid operation type. Only `mutation` operations are supported."),
        ("mutation U($input: OrderInput!) { orderUpdate(input: $input) { order { "
         "a: lineItems(first: 1) { nodes { id } } b: lineItems(first: 1) { nodes { id } } } } }",
         "Bulk mutations cannot contain more than 1 connection."),
        ("mutation {", "Failed to parse the mutation - syntax error, unexpected end of file at [1, 11]"),
    ],
)  # fmt: skip
def test_a_bulk_mutation_that_breaks_a_rule_is_a_user_error(client: Client, text: str, message: str) -> None:
    assert run_mutation(client, b"{}", text)["userErrors"][0]["message"] == message


def test_a_file_that_was_never_uploaded_is_not_found(client: Client) -> None:
    path = key_of(client.target())
    refused = client.mutate(RUN_MUTATION, mutation=UPDATE, path=path)
    assert refused["userErrors"][0]["code"] == "NO_SUCH_FILE"


def test_the_file_must_be_the_last_field_and_every_parameter_be_there(client: Client) -> None:
    target = client.target()
    fields = [(row["name"], (None, row["value"])) for row in target["parameters"]]
    file = ("file", ("v.jsonl", b"{}"))
    assert requests.post(target["url"], files=[file, *fields], timeout=120).status_code == 400
    assert requests.post(target["url"], files=[*fields[1:], file], timeout=120).status_code == 403


def test_an_upload_may_be_larger_than_a_request_elsewhere(client: Client) -> None:
    target = client.target()
    assert client.upload(target, b" " * (12 * 1024 * 1024)).status_code == 201


def test_bulk_operations_leave_no_thread_and_no_file_behind(client: Client) -> None:
    client.bulk(ORDERS)
    folder = client.box.bulk.folder
    assert folder.exists()
    client.box.server.stop()
    assert not folder.exists()
    assert not [one for one in threading.enumerate() if one.name.startswith("bulk-") and one.is_alive()]


def test_an_operation_that_ends_after_the_files_are_gone_notes_nothing(client: Client) -> None:
    operations = client.box.bulk
    row: Json = {"number": 1, "status": "RUNNING", "completedAt": None}
    operations.path_of(1).write_bytes(b"{}")
    operations.close()
    operations.end(row, "COMPLETED", None, 0.0)
    assert row == {"number": 1, "status": "RUNNING", "completedAt": None}
