"""What can and cannot be written to an order."""

from typing import Any

import pytest

from tests.unit.sandbox.shopify.conftest import Client, Json

UPDATE = """mutation U($input: OrderInput!) { orderUpdate(input: $input) {
  order { id email phone note tags updatedAt customAttributes { key value }
    metafields(first: 9) { nodes { key } }
    shippingAddress { firstName lastName zip } billingAddress { lastName }
    customer { id } totalPriceSet { shopMoney { amount } } }
  userErrors { field message } } }"""
PLACEHOLDER = {"lastName": "-", "address1": "-", "city": "-", "zip": "111 11", "countryCode": "SE"}


@pytest.fixture
def number(client: Client) -> int:
    """A web order of a customer, with a note, attributes and an address."""
    shop = client.box.shop
    for number in shop.orders:
        row = shop.orders.read(number)
        if row["customer_number"] and row["note"] and row["customAttributes"] and row["company"] is None:
            return int(number)
    raise AssertionError("no such order was made up")


def update(client: Client, number: int, **changes: Any) -> Json:
    return client.mutate(UPDATE, input={"id": f"gid://shopify/Order/{number}", **changes})


def test_contact_note_attributes_and_tags_can_be_emptied(client: Client, number: int) -> None:
    done = update(client, number, email=None, phone=None, note=None, customAttributes=[], tags=[])
    assert done["userErrors"] == []
    order = done["order"]
    assert [order[name] for name in ("email", "phone", "note", "customAttributes", "tags")] == [
        None, None, None, [], [],
    ]  # fmt: skip


def test_an_orders_email_leaves_the_customers_as_it_is(client: Client, number: int) -> None:
    customer = client.box.shop.orders.read(number)["customer_number"]
    before = client.box.shop.customers.read(customer)["defaultEmail"]["emailAddress"]
    update(client, number, email="raderad@example.invalid")
    assert client.box.shop.customers.read(customer)["defaultEmail"]["emailAddress"] == before


def test_a_delivery_address_cannot_be_emptied_only_replaced(client: Client, number: int) -> None:
    before = client.box.shop.orders.read(number)["shippingAddress"]["lastName"]
    empty = update(client, number, shippingAddress={})
    messages = [error["message"] for error in empty["userErrors"]]
    assert "Enter a last name" in messages
    assert "Enter a ZIP code" in messages
    assert empty["order"]["shippingAddress"]["lastName"] == before
    done = update(client, number, shippingAddress=PLACEHOLDER)
    assert done["userErrors"] == []
    assert done["order"]["shippingAddress"] == {"firstName": None, "lastName": "-", "zip": "111 11"}


def test_a_delivery_address_of_null_is_taken_and_does_nothing(client: Client, number: int) -> None:
    before = client.box.shop.orders.read(number)["shippingAddress"]["lastName"]
    done = update(client, number, shippingAddress=None, note=None)
    assert done["userErrors"] == []
    assert done["order"]["shippingAddress"]["lastName"] == before


def test_the_billing_address_stays_whatever_is_written(client: Client, number: int) -> None:
    before = client.box.shop.orders.read(number)["billingAddress"]["lastName"]
    done = update(client, number, shippingAddress=PLACEHOLDER, email=None, phone=None, note=None)
    assert done["order"]["billingAddress"]["lastName"] == before


def test_an_update_of_nothing_is_refused(client: Client, number: int) -> None:
    assert update(client, number)["userErrors"] == [
        {"field": None, "message": "No valid update parameters have been provided"}
    ]


def test_metafields_are_only_ever_added_by_an_update(client: Client, number: int) -> None:
    one = {"namespace": "custom", "key": "one", "type": "single_line_text_field", "value": "1"}
    update(client, number, metafields=[one])
    done = update(client, number, metafields=[])
    assert "one" in [row["key"] for row in done["order"]["metafields"]["nodes"]]


def test_metafields_go_by_name_and_a_missing_one_is_answered_with_null(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.orders if shop.orders.read(n)["metafields"])
    owner = f"gid://shopify/Order/{number}"
    named = {"ownerId": owner, "namespace": "acme", "key": "giftwrap_contact"}
    text = """mutation D($m: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $m) {
      deletedMetafields { key } userErrors { message } } }"""
    done = client.mutate(text, m=[named, {**named, "key": "none"}])
    assert done == {"deletedMetafields": [{"key": "giftwrap_contact"}, None], "userErrors": []}
    assert shop.orders.read(number)["metafields"] == []


def test_no_write_changes_the_sums(client: Client, number: int) -> None:
    before = client.box.shop.orders.read(number)["totalPriceSet"]["shopMoney"]["amount"]
    done = update(client, number, shippingAddress=PLACEHOLDER, email=None, tags=[], customAttributes=[])
    assert done["order"]["totalPriceSet"]["shopMoney"]["amount"] == before


def test_a_write_moves_updated_at(client: Client, number: int) -> None:
    before = client.box.shop.orders.read(number)["updatedAt"]
    assert update(client, number, note=None)["order"]["updatedAt"] > before


def test_an_unknown_order_is_a_user_error(client: Client) -> None:
    assert update(client, 1, note=None)["userErrors"] == [
        {"field": ["id"], "message": "Order does not exist"}
    ]


DELETE = "mutation D($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { field message code } } }"


def test_an_order_paid_online_cannot_be_deleted(client: Client, number: int) -> None:
    done = client.mutate(DELETE, id=f"gid://shopify/Order/{number}")
    assert done["deletedId"] is None
    assert done["userErrors"][0]["code"] == "INVALID"
    assert number in client.box.shop.orders


def test_an_order_that_staff_wrote_can_be_deleted_once(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.orders if shop.orders.read(n)["sourceName"] == "shopify_draft_order")
    order_id = f"gid://shopify/Order/{number}"
    assert client.mutate(DELETE, id=order_id) == {"deletedId": order_id, "userErrors": []}
    assert client.mutate(DELETE, id=order_id)["userErrors"] == [
        {"field": ["orderId"], "message": "Order does not exist", "code": "NOT_FOUND"}
    ]


def test_a_tracking_number_is_emptied_and_nobody_is_told_unless_asked(client: Client) -> None:
    shop = client.box.shop
    number = next(
        n for n in shop.orders if shop.orders.read(n)["fulfillments"] and shop.orders.read(n)["email"]
    )
    text = """mutation T($id: ID!, $tell: Boolean) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: {}, notifyCustomer: $tell) {
        fulfillment { trackingInfo { number } } userErrors { message } } }"""
    done = client.mutate(text, id=f"gid://shopify/Fulfillment/{number}", tell=False)
    assert done == {"fulfillment": {"trackingInfo": []}, "userErrors": []}
    assert shop.mails == []
    client.mutate(text, id=f"gid://shopify/Fulfillment/{number}", tell=True)
    assert [mail["order"] for mail in shop.mails] == [number]
