"""Draft orders, gift cards, contacts of companies, saved cards."""

from typing import Any

from sandbox.shopify.values import iso
from tests.unit.sandbox.shopify.conftest import Client


def first(rows: Any, **wanted: Any) -> int:
    """The number of the first record with these values."""
    return next(n for n in rows if all(rows[n][name] == value for name, value in wanted.items()))


def test_a_draft_order_can_be_deleted_once(client: Client) -> None:
    text = """mutation D($id: ID!) { draftOrderDelete(input: {id: $id}) {
      deletedId userErrors { field message } } }"""
    draft = f"gid://shopify/DraftOrder/{first(client.box.shop.draft_orders)}"
    assert client.mutate(text, id=draft)["deletedId"] == draft
    assert client.mutate(text, id=draft)["userErrors"] == [
        {"field": ["id"], "message": "Draft order not found"}
    ]


GIFT = """mutation G($id: ID!, $input: GiftCardUpdateInput!) { giftCardUpdate(id: $id, input: $input) {
  giftCard { note balance { amount } recipientAttributes { message preferredName } }
  userErrors { field message } } }"""


def test_a_gift_cards_texts_can_be_emptied_and_its_balance_stays(client: Client) -> None:
    cards = client.box.shop.gift_cards
    number = next(n for n in cards if cards[n]["recipient"])
    before, receiver = cards[number]["balance"], cards[number]["recipient"]["customer_number"]
    recipient = {"id": f"gid://shopify/Customer/{receiver}", "message": None, "preferredName": None}
    given = {"note": None, "recipientAttributes": recipient}
    done = client.mutate(GIFT, id=f"gid://shopify/GiftCard/{number}", input=given)
    assert done["giftCard"] == {
        "note": None, "balance": {"amount": before["amount"]},
        "recipientAttributes": {"message": None, "preferredName": None},
    }  # fmt: skip


def test_a_gift_cards_message_has_200_characters_at_most(client: Client) -> None:
    number = first(client.box.shop.gift_cards)
    recipient = {"id": "gid://shopify/Customer/7000001", "message": "x" * 201}
    body = client.ask(GIFT, id=f"gid://shopify/GiftCard/{number}", input={"recipientAttributes": recipient})
    assert body["errors"][0]["message"] == "message is too long (maximum is 200)"


def test_who_waits_for_a_gift_card_cannot_be_deleted(client: Client) -> None:
    shop = client.box.shop
    reader = next(n for n in shop.customers if "newsletter" in shop.customers.read(n)["tags"])
    card = shop.gift_cards[first(shop.gift_cards)]
    card["recipient"] = {
        "customer_number": reader, "message": None, "preferredName": None,
        "sendNotificationAt": iso(shop.now() + 86400),
    }  # fmt: skip
    text = "mutation D($id: ID!) { customerDelete(input: {id: $id}) { userErrors { message } } }"
    refused = client.mutate(text, id=f"gid://shopify/Customer/{reader}")["userErrors"][0]["message"]
    assert refused.endswith("recipient of an unsent scheduled gift card")


def test_a_companys_contact_with_orders_stays(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n, row in shop.company_contacts.items() if shop.orders_of.get(row["customer_number"]))
    text = """mutation C($id: ID!) { companyContactDelete(companyContactId: $id) {
      deletedCompanyContactId userErrors { code } } }"""
    done = client.mutate(text, id=f"gid://shopify/CompanyContact/{number}")
    assert done == {"deletedCompanyContactId": None, "userErrors": [{"code": "FAILED_TO_DELETE"}]}


def test_a_saved_card_can_be_revoked(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.customers if shop.customers.read(n)["paymentMethods"])
    card = shop.customers.read(number)["paymentMethods"][0]["id"]
    text = """mutation R($id: ID!) { customerPaymentMethodRevoke(customerPaymentMethodId: $id) {
      revokedCustomerPaymentMethodId userErrors { message } } }"""
    assert client.mutate(text, id=card)["revokedCustomerPaymentMethodId"] == card
    read = "query C($id: ID!) { customer(id: $id) { paymentMethods(first: 5) { nodes { id } } } }"
    shown = client.data(read, id=f"gid://shopify/Customer/{number}")["customer"]["paymentMethods"]
    assert shown == {"nodes": []}


def test_an_erasure_cancels_contracts_that_the_caller_cannot_read(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.customers if shop.customers.read(n)["productSubscriberStatus"] == "ACTIVE")
    text = "mutation E($id: ID!) { customerRequestDataErasure(customerId: $id) { customerId } }"
    client.mutate(text, id=f"gid://shopify/Customer/{number}")
    shop.turn(days=800)
    assert shop.customers.read(number)["productSubscriberStatus"] == "CANCELLED"
