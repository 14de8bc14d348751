"""Draft orders, gift cards, companies, saved cards, tags, webhook subscriptions."""

from typing import Any

from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.values import iso
from tests.unit.sandbox.shopify.conftest import Client

TAGS = """mutation T($id: ID!, $t: [String!]!) { tagsRemove(id: $id, tags: $t) {
  node { id } userErrors { message } } }"""


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


def test_draft_orders_are_deleted_in_bulk_by_a_job_that_must_be_asked_again(client: Client) -> None:
    text = """mutation D($s: String) { draftOrderBulkDelete(search: $s) {
      job { id done } userErrors { message } } }"""
    job = client.mutate(text, s="status:completed")["job"]
    assert job["done"] is False
    asked = "query J($id: ID!) { job(id: $id) { done } }"
    assert [client.data(asked, id=job["id"])["job"]["done"] for _ in range(2)] == [False, True]
    assert {row["status"] for row in client.box.shop.draft_orders.values()} == {"OPEN", "INVOICE_SENT"}


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


def test_a_companys_order_names_the_company_and_its_contact(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.orders if shop.orders.read(n)["company"] is not None)
    text = """query O($id: ID!) { order(id: $id) { purchasingEntity { __typename
      ... on PurchasingCompany { company { name } contact { customer { id } } } } } }"""
    entity = client.data(text, id=f"gid://shopify/Order/{number}")["order"]["purchasingEntity"]
    assert entity["__typename"] == "PurchasingCompany"
    assert entity["company"]["name"]
    assert entity["contact"]["customer"]["id"].startswith("gid://shopify/Customer/")


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


def test_tags_go_by_name_whatever_the_case(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.orders if shop.orders.read(n)["tags"])
    order = f"gid://shopify/Order/{number}"
    done = client.mutate(TAGS, id=order, t=["KLARNA", "finns inte"])
    assert done == {"node": {"id": order}, "userErrors": []}
    assert [tag[:5] for tag in shop.orders.read(number)["tags"]] == ["kund:"]


def test_tags_of_a_record_need_the_records_own_scope(client: Client) -> None:
    token = client.box.token_with(set(ALL_SCOPES) - {"write_orders"})
    body = client.ask(TAGS, token=token, id="gid://shopify/Order/5000001", t=["x"])
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_an_erasure_cancels_contracts_that_the_caller_cannot_read(client: Client) -> None:
    shop = client.box.shop
    number = next(n for n in shop.customers if shop.customers.read(n)["productSubscriberStatus"] == "ACTIVE")
    text = "mutation E($id: ID!) { customerRequestDataErasure(customerId: $id) { customerId } }"
    client.mutate(text, id=f"gid://shopify/Customer/{number}")
    shop.turn(days=800)
    assert shop.cancelled_contracts == [number]


def test_who_listens_is_told_of_every_write(client: Client) -> None:
    text = "{ webhookSubscriptions(first: 10) { nodes { topic uri format apiVersion { handle } } } }"
    listed = client.data(text)["webhookSubscriptions"]["nodes"]
    assert {row["topic"] for row in listed} == {"ORDERS_UPDATED", "CUSTOMERS_UPDATE"}
    client.mutate(TAGS, id="gid://shopify/Order/5000001", t=["x"])
    assert [row["topic"] for row in client.box.shop.deliveries] == ["ORDERS_UPDATED"]


def test_a_subscription_is_made_once_and_over_https(client: Client) -> None:
    text = """mutation W($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_UPDATED,
      webhookSubscription: {uri: $uri}) { webhookSubscription { id } userErrors { message } } }"""
    made = client.mutate(text, uri="https://gallra.example/shopify")
    again = client.mutate(text, uri="https://gallra.example/shopify")
    plain = client.mutate(text, uri="http://gallra.example/shopify")
    assert made["userErrors"] == []
    assert again["userErrors"] == [{"message": "Address for this topic has already been taken"}]
    assert plain["userErrors"] == [{"message": "Address protocol http:// is not supported"}]


def test_compliance_topics_are_no_topics_of_the_api(client: Client) -> None:
    text = """mutation { webhookSubscriptionCreate(topic: CUSTOMERS_REDACT,
      webhookSubscription: {uri: "https://gallra.example/"}) { userErrors { message } } }"""
    error = client.ask(text)["errors"][0]
    assert error["extensions"]["code"] == "argumentLiteralsIncompatible"
    assert error["message"] == (
        "Argument 'topic' on Field 'webhookSubscriptionCreate' has an invalid value (CUSTOMERS_REDACT). "
        "Expected type 'WebhookSubscriptionTopic!'."
    )
