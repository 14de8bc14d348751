"""What can and cannot be done to a customer, and Shopify's own erasure."""

from typing import Any

import pytest

from sandbox.shopify.erasure import DAY
from sandbox.shopify.values import epoch
from tests.unit.sandbox.shopify.conftest import Client, Json

UPDATE = """mutation U($input: CustomerInput!) { customerUpdate(input: $input) {
  customer { id firstName lastName note tags defaultEmailAddress { emailAddress } }
  userErrors { field message } } }"""
DELETE = """mutation D($id: ID!) { customerDelete(input: {id: $id}) {
  deletedCustomerId userErrors { field message } } }"""
ERASE = """mutation E($id: ID!) { customerRequestDataErasure(customerId: $id) {
  customerId userErrors { field message code } } }"""
CANCEL = """mutation C($id: ID!) { customerCancelDataErasure(customerId: $id) {
  customerId userErrors { field message code } } }"""
READ = """query Q($id: ID!) { customer(id: $id) {
  firstName lastName canDelete state numberOfOrders
  defaultEmailAddress { emailAddress marketingState }
  defaultPhoneNumber { phoneNumber }
  addressesV2(first: 5) { nodes { id } }
  orders(first: 50) { nodes { id email phone note clientIp billingAddress { lastName }
    shippingAddress { lastName } customAttributes { key } customerJourneySummary { firstVisit { id } }
    totalPriceSet { shopMoney { amount } } transactions { paymentDetails { __typename } } } } } }"""


def customer_id(number: int) -> str:
    return f"gid://shopify/Customer/{number}"


@pytest.fixture
def old_buyer(client: Client) -> int:
    """A buyer whose last order is more than a year old."""
    return buyer(client, lambda days: days > 400)


@pytest.fixture
def recent_buyer(client: Client) -> int:
    """A buyer who ordered within the last months."""
    return buyer(client, lambda days: days < 150)


def buyer(client: Client, wanted: Any) -> int:
    shop = client.box.shop
    for number, owned in shop.orders_of.items():
        row = shop.orders.read(owned[-1])
        if row["company"] is None and wanted((shop.now() - epoch(row["createdAt"])) / DAY):
            return int(number)
    raise AssertionError("no such buyer was made up")


@pytest.fixture
def subscriber(client: Client) -> int:
    """Somebody who only reads the newsletter."""
    shop = client.box.shop
    return next(n for n in shop.customers if "newsletter" in shop.customers.read(n)["tags"])


def test_a_newsletter_reader_can_be_deleted(client: Client, subscriber: int) -> None:
    assert client.data(READ, id=customer_id(subscriber))["customer"]["canDelete"] is True
    assert client.mutate(DELETE, id=customer_id(subscriber))["deletedCustomerId"] == customer_id(subscriber)
    assert client.data(READ, id=customer_id(subscriber)) == {"customer": None}
    again = client.mutate(DELETE, id=customer_id(subscriber))
    assert again["userErrors"] == [{"field": ["id"], "message": "Customer can't be found"}]


def test_a_customer_with_orders_cannot_be_deleted(client: Client, old_buyer: int) -> None:
    assert client.data(READ, id=customer_id(old_buyer))["customer"]["canDelete"] is False
    assert client.mutate(DELETE, id=customer_id(old_buyer))["userErrors"] == [
        {"field": ["id"], "message": "Customer can’t be deleted because they have associated orders"}
    ]


def test_one_of_name_telephone_and_email_must_be_left(client: Client, old_buyer: int) -> None:
    gone: Json = {"firstName": None, "lastName": None, "email": None, "phone": None}
    refused = client.mutate(UPDATE, input={"id": customer_id(old_buyer), **gone})
    assert [error["message"] for error in refused["userErrors"]] == [
        "A name, phone number, or email address must be present"
    ]
    placeholder = {**gone, "firstName": "Raderad", "note": None, "tags": []}
    done = client.mutate(UPDATE, input={"id": customer_id(old_buyer), **placeholder})
    assert done["userErrors"] == []
    assert done["customer"]["defaultEmailAddress"] is None
    assert done["customer"]["firstName"] == "Raderad"


def test_emptying_the_profile_leaves_every_order_as_it_was(client: Client, old_buyer: int) -> None:
    before = client.data(READ, id=customer_id(old_buyer))["customer"]["orders"]
    given = {"id": customer_id(old_buyer), "firstName": "Raderad", "lastName": None, "email": None}
    assert client.mutate(UPDATE, input=given)["userErrors"] == []
    assert client.data(READ, id=customer_id(old_buyer))["customer"]["orders"] == before


def test_addresses_go_one_by_one_and_an_unknown_one_is_a_top_level_error(
    client: Client, old_buyer: int
) -> None:
    text = """mutation A($a: ID!, $c: ID!) { customerAddressDelete(addressId: $a, customerId: $c) {
      deletedAddressId userErrors { field message } } }"""
    address = client.data(READ, id=customer_id(old_buyer))["customer"]["addressesV2"]["nodes"][0]["id"]
    assert address.endswith("?model_name=CustomerAddress")
    assert client.mutate(text, a=address, c=customer_id(old_buyer))["deletedAddressId"] == address
    body = client.ask(text, a=address, c=customer_id(old_buyer))
    assert body["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert body["data"] == {"customerAddressDelete": None}
    stranger = client.mutate(text, a=address, c=customer_id(1))
    assert stranger["userErrors"] == [{"field": ["customerId"], "message": "Customer does not exist"}]


CONSENT = """mutation M($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) {
    customer { defaultEmailAddress { marketingState marketingUpdatedAt } }
    userErrors { field message code } } }"""


def consent(client: Client, number: int, **given: Any) -> Json:
    return client.mutate(CONSENT, input={"customerId": customer_id(number), "emailMarketingConsent": given})


def test_an_unsubscribe_is_dated(client: Client, subscriber: int) -> None:
    done = consent(client, subscriber, marketingState="UNSUBSCRIBED")
    state = done["customer"]["defaultEmailAddress"]
    assert state["marketingState"] == "UNSUBSCRIBED"
    assert state["marketingUpdatedAt"].startswith("2026-11-22")


def test_no_consent_changes_in_the_future(client: Client, subscriber: int) -> None:
    found = consent(
        client, subscriber, marketingState="UNSUBSCRIBED", consentUpdatedAt="2027-11-22T00:00:00Z"
    )
    assert found["userErrors"][0]["code"] == "INVALID"


def test_redacted_is_no_state_to_be_set(client: Client, subscriber: int) -> None:
    state = {"marketingState": "REDACTED"}
    given = {"customerId": customer_id(subscriber), "emailMarketingConsent": state}
    body = client.ask(CONSENT, input=given)
    assert body["errors"][0]["message"] == "Cannot specify REDACTED as a marketing state input"


def test_an_erasure_changes_nothing_before_its_day(client: Client, old_buyer: int) -> None:
    before = client.data(READ, id=customer_id(old_buyer))
    assert client.mutate(ERASE, id=customer_id(old_buyer)) == {
        "customerId": customer_id(old_buyer), "userErrors": [],
    }  # fmt: skip
    assert client.data(READ, id=customer_id(old_buyer)) == before
    client.box.shop.turn(days=9.9)
    assert client.data(READ, id=customer_id(old_buyer)) == before


def test_ten_days_later_name_contact_and_addresses_are_gone_and_the_sums_stay(
    client: Client, old_buyer: int
) -> None:
    before = client.data(READ, id=customer_id(old_buyer))["customer"]
    client.mutate(ERASE, id=customer_id(old_buyer))
    client.box.shop.turn(days=10)
    after = client.data(READ, id=customer_id(old_buyer))["customer"]
    emptied = ("firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber")
    assert [after[name] for name in emptied] == [None] * len(emptied)
    assert after["addressesV2"]["nodes"] == []
    assert after["numberOfOrders"] == before["numberOfOrders"]
    for old, new in zip(before["orders"]["nodes"], after["orders"]["nodes"], strict=True):
        empty = ("email", "phone", "clientIp", "billingAddress", "shippingAddress", "customerJourneySummary")
        assert [new[name] for name in empty] == [None] * len(empty)
        assert new["totalPriceSet"] == old["totalPriceSet"]
        assert all(row["paymentDetails"] is None for row in new["transactions"])


def test_what_was_typed_freely_survives_an_erasure(client: Client) -> None:
    shop = client.box.shop
    number = next(
        n for n, owned in shop.orders_of.items()
        if any(shop.orders.read(o)["note"] or shop.orders.read(o)["customAttributes"] for o in owned)
    )  # fmt: skip
    before = client.data(READ, id=customer_id(number))["customer"]["orders"]["nodes"]
    client.mutate(ERASE, id=customer_id(number))
    shop.turn(days=200)
    after = client.data(READ, id=customer_id(number))["customer"]["orders"]["nodes"]
    free = [(row["note"], row["customAttributes"]) for row in before]
    assert [(row["note"], row["customAttributes"]) for row in after] == free


def test_after_a_recent_order_erasure_waits_until_180_days_after_it(
    client: Client, recent_buyer: int
) -> None:
    shop = client.box.shop
    last = max(epoch(shop.orders.read(number)["createdAt"]) for number in shop.orders_of[recent_buyer])
    client.mutate(ERASE, id=customer_id(recent_buyer))
    left = (last + 180 * DAY - shop.now()) / DAY
    shop.turn(days=left - 0.5)
    assert shop.customers.read(recent_buyer)["redacted"] is False
    shop.turn(days=1)
    assert shop.customers.read(recent_buyer)["redacted"] is True


def test_a_new_order_puts_a_pending_erasure_off(client: Client, old_buyer: int) -> None:
    shop = client.box.shop
    client.mutate(ERASE, id=customer_id(old_buyer))
    shop.turn(days=5)
    shop.place_order(email="ny@kund.example", customer=old_buyer)
    shop.turn(days=170)
    assert shop.customers.read(old_buyer)["redacted"] is False
    shop.turn(days=11)
    assert shop.customers.read(old_buyer)["redacted"] is True


def test_an_erasure_reaches_also_the_orders_that_its_asker_cannot_see(client: Client, old_buyer: int) -> None:
    shop = client.box.shop
    body = client.ask(ERASE, token=client.box.limited_token, id=customer_id(old_buyer))
    assert "errors" not in body
    shop.turn(days=10)
    assert all(shop.orders.read(number)["billingAddress"] is None for number in shop.orders_of[old_buyer])


def test_an_erasure_can_be_taken_back_by_who_asked(client: Client, old_buyer: int) -> None:
    client.mutate(ERASE, id=customer_id(old_buyer))
    assert client.mutate(CANCEL, id=customer_id(old_buyer))["userErrors"] == []
    client.box.shop.turn(days=30)
    assert client.box.shop.customers.read(old_buyer)["redacted"] is False
    none = client.mutate(CANCEL, id=customer_id(old_buyer))
    assert none["userErrors"] == [
        {
            "field": ["customerId"],
            "message": "Customer's data is not scheduled for erasure",
            "code": "NOT_BEING_ERASED",
        }
    ]


def test_somebody_elses_erasure_cannot_be_taken_back(client: Client, old_buyer: int) -> None:
    client.ask(ERASE, token=client.box.limited_token, id=customer_id(old_buyer))
    refused = client.mutate(CANCEL, id=customer_id(old_buyer))
    assert refused["userErrors"][0]["code"] == "UNAUTHORIZED_CANCELLATION"
    assert old_buyer in client.box.shop.erasures


@pytest.mark.parametrize("text", [ERASE, CANCEL])
def test_an_unknown_customer_does_not_exist(client: Client, text: str) -> None:
    assert client.mutate(text, id=customer_id(1))["userErrors"][0]["code"] == "DOES_NOT_EXIST"
