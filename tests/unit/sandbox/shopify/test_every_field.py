"""Every field that the schema names can be read."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from sandbox.shopify.schema import SCHEMA
from tests.unit.sandbox.shopify.conftest import Client

ROOTS = (
    "orders", "customers", "draftOrders", "abandonedCheckouts", "giftCards", "webhookSubscriptions",
)  # fmt: skip


def selection(kind: object, depth: int) -> str:
    """A selection of all that a type has, to a depth; needed arguments are left out with their fields."""
    if isinstance(kind, GraphQLUnionType):
        return "__typename " + " ".join(
            f"... on {one.name} {{ {selection(one, depth)} }}" for one in kind.types
        )
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return "__typename " + " ".join(parts(kind, depth))


def parts(kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> Iterator[str]:
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(arg) for arg in field.args.values()):
            continue
        if is_leaf_type(inner):
            yield name
        elif depth > 0 and inner.name != "QueryRoot":
            yield f"{name}{arguments(field)} {{ {selection(inner, depth - 1)} }}"


def arguments(field: GraphQLField) -> str:
    connection = get_named_type(field.type).name.endswith("Connection")
    return "(first: 2)" if connection else ""


@pytest.mark.parametrize("root", ROOTS)
def test_every_field_of_a_list_can_be_read_through_pages(client: Client, root: str) -> None:
    field = SCHEMA.type_map["QueryRoot"].fields[root]  # type: ignore[attr-defined]
    text = f"{{ {root}(first: 3) {{ edges {{ node {{ {selection(node_of(field), 2)} }} }} }} }}"
    body = client.box.api.execute(  # without a price, which so wide a query could not pay
        client.box.api.context(client.box.keyring.tokens[client.box.token]), text, {}
    )
    assert "errors" not in body
    assert len(body["data"][root]["edges"]) >= 2


def node_of(field: GraphQLField) -> object:
    connection = get_named_type(field.type)
    edge = get_named_type(connection.fields["edges"].type)  # type: ignore[attr-defined]
    return get_named_type(edge.fields["node"].type)  # type: ignore[attr-defined]


def test_all_600_orders_and_200_customers_read_whole_without_an_error(client: Client) -> None:
    api = client.box.api
    ctx = api.context(client.box.keyring.tokens[client.box.token])
    for root, kind in (("order", "Order"), ("customer", "Customer")):
        rows = client.box.shop.orders if kind == "Order" else client.box.shop.customers
        text = f"query One($id: ID!) {{ {root}(id: $id) {{ {selection(SCHEMA.type_map[kind], 1)} }} }}"
        for number in rows:
            body = api.execute(ctx, text, {"id": f"gid://shopify/{kind}/{number}"})
            assert "errors" not in body
            assert body["data"][root]["id"]
