"""Draft orders, gift cards, company contacts, webhook subscriptions."""

from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.lists import small_keys
from sandbox.shopify.making.others import webhook
from sandbox.shopify.mutations.checks import numbered
from sandbox.shopify.refusals import Refusal, user_error
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

_MESSAGE_LIMIT, _NAME_LIMIT = 200, 255


def draft_order_delete(source: Any, ctx: Context, args: Json) -> Json:
    """draftOrderDelete."""
    number = numbered(args["input"]["id"], "DraftOrder")
    if ctx.shop.draft_orders.pop(number, None) is None:
        return {"deletedId": None, "userErrors": [user_error(["id"], "Draft order not found")]}
    return {"deletedId": args["input"]["id"], "userErrors": []}


def draft_order_bulk_delete(source: Any, ctx: Context, args: Json) -> Json:
    """draftOrderBulkDelete: by ids or by a search; the job is done when it is asked for the second time."""
    if args.get("ids"):
        wanted = [numbered(one, "DraftOrder") for one in args["ids"]]
    else:
        wanted = [number for _, number in small_keys(ctx, "draftOrders", {"query": args.get("search")})]
    for number in wanted:
        ctx.shop.draft_orders.pop(number, None)
    job = f"gid://shopify/Job/{ctx.shop.next_id():032x}"
    ctx.shop.jobs[job] = False
    return {"job": {"id": job, "done": False, "query": {}}, "userErrors": []}


def gift_card_update(source: Any, ctx: Context, args: Json) -> Json:
    """giftCardUpdate: note and the recipient's texts."""
    number = numbered(args["id"], "GiftCard")
    card = ctx.shop.gift_cards.get(number)
    if card is None:
        return {"giftCard": None, "userErrors": [user_error(["id"], "The gift card could not be found.")]}
    given = args["input"]
    recipient = given.get("recipientAttributes")
    if recipient is not None:
        _write_recipient(ctx, card, recipient)
    for name in ("note", "expiresOn"):
        if name in given:
            card[name] = given[name] or None
    card["updatedAt"] = iso(ctx.shop.now())
    return {"giftCard": card, "userErrors": []}


def _write_recipient(ctx: Context, card: Json, given: Json) -> None:
    for name, limit in (("preferredName", _NAME_LIMIT), ("message", _MESSAGE_LIMIT)):
        if len(given.get(name) or "") > limit:
            raise Refusal(f"{name} is too long (maximum is {limit})", "INVALID_FIELD_ARGUMENTS")
    number = numbered(given["id"], "Customer")
    before = card["recipient"] or {"message": None, "preferredName": None, "sendNotificationAt": None}
    texts = {name: given[name] or None for name in ("preferredName", "message") if name in given}
    card["recipient"] = {**before, "customer_number": number, **texts}


def company_contact_delete(source: Any, ctx: Context, args: Json) -> Json:
    """companyContactDelete: refused while the contact has orders."""
    number = numbered(args["companyContactId"], "CompanyContact")
    contact = ctx.shop.company_contacts.get(number)
    if contact is None:
        return _contact_refused("The company contact doesn't exist.", "RESOURCE_NOT_FOUND")
    if any(
        ctx.shop.orders.read(n)["company"] == number
        for n in ctx.shop.orders_of.read(contact["customer_number"])
    ):
        return _contact_refused(
            "Cannot delete a company contact with existing orders or draft orders.", "FAILED_TO_DELETE"
        )
    del ctx.shop.company_contacts[number]
    return {"deletedCompanyContactId": args["companyContactId"], "userErrors": []}


def _contact_refused(message: str, code: str) -> Json:
    return {"deletedCompanyContactId": None, "userErrors": [user_error(["companyContactId"], message, code)]}


def company_contact_update(source: Any, ctx: Context, args: Json) -> Json:
    """companyContactUpdate: title and locale; names and addresses belong to the customer."""
    contact = ctx.shop.company_contacts.get(numbered(args["companyContactId"], "CompanyContact"))
    if contact is None:
        error = user_error(["companyContactId"], "The company contact doesn't exist.", "RESOURCE_NOT_FOUND")
        return {"companyContact": None, "userErrors": [error]}
    if not args["input"]:
        error = user_error(None, "Company contact update input is empty.", "NO_INPUT")
        return {"companyContact": contact, "userErrors": [error]}
    for name in ("firstName", "lastName", "phone"):
        if name in args["input"] and args["input"][name] is None:
            error = user_error(["input", name], f"{name} is of unexpected type NilClass", "UNEXPECTED_TYPE")
            return {"companyContact": contact, "userErrors": [error]}
    contact |= {name: args["input"][name] for name in ("title", "locale") if name in args["input"]}
    contact["updatedAt"] = iso(ctx.shop.now())
    return {"companyContact": contact, "userErrors": []}


def webhook_create(source: Any, ctx: Context, args: Json) -> Json:
    """webhookSubscriptionCreate; compliance topics are no topics of the API."""
    under, given = ["webhookSubscription", "callbackUrl"], args["webhookSubscription"]
    address = given.get("uri") or ""
    message = "" if address else "Address can't be blank"
    if address and not address.startswith("https://"):
        message = f"Address protocol {address.partition(':')[0]}:// is not supported"
    if any((row["topic"], row["uri"]) == (args["topic"], address) for row in ctx.shop.webhooks.values()):
        message = "Address for this topic has already been taken"
    if message:
        return {"webhookSubscription": None, "userErrors": [user_error(under, message)]}
    number = ctx.shop.next_id()
    row = webhook(number, args["topic"], address, iso(ctx.shop.now()))
    ctx.shop.webhooks[number] = row
    return {"webhookSubscription": row, "userErrors": []}


def webhook_delete(source: Any, ctx: Context, args: Json) -> Json:
    """webhookSubscriptionDelete."""
    number = numbered(args["id"], "WebhookSubscription")
    if ctx.shop.webhooks.pop(number, None) is None:
        error = user_error(["id"], "Webhook subscription does not exist")
        return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
    return {"deletedWebhookSubscriptionId": gid("WebhookSubscription", number), "userErrors": []}


MUTATIONS = {
    "draftOrderDelete": draft_order_delete,
    "draftOrderBulkDelete": draft_order_bulk_delete,
    "giftCardUpdate": gift_card_update,
    "companyContactDelete": company_contact_delete,
    "companyContactUpdate": company_contact_update,
    "webhookSubscriptionCreate": webhook_create,
    "webhookSubscriptionDelete": webhook_delete,
}
