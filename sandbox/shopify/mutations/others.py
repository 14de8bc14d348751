"""Draft orders, gift cards, company contacts, webhook subscriptions."""

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.fields import mutation
from sandbox.shopify.lists import keys_of
from sandbox.shopify.making.others import webhook
from sandbox.shopify.mutations.checks import numbered
from sandbox.shopify.refusals import Refusal, declined
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

_MESSAGE_LIMIT, _NAME_LIMIT = 200, 255
_DRAFTS = need("write_draft_orders")
_COMPANIES = need("write_customers", "write_companies")


@mutation("draftOrderDelete", _DRAFTS)
def draft_order_delete(ctx: Context, args: Json) -> Json:
    """One draft order."""
    if ctx.shop.draft_orders.pop(numbered(args["input"]["id"], "DraftOrder"), None) is None:
        raise declined(["id"], "Draft order not found")
    return {"deletedId": args["input"]["id"]}


@mutation("draftOrderBulkDelete", _DRAFTS)
def draft_order_bulk_delete(ctx: Context, args: Json) -> Json:
    """By ids or by a search; the job is done when it is asked for the second time."""
    if args.get("ids"):
        wanted = [numbered(one, "DraftOrder") for one in args["ids"]]
    else:
        wanted = [number for _, number in keys_of(ctx, "draftOrders", {"query": args.get("search")})]
    for number in wanted:
        ctx.shop.draft_orders.pop(number, None)
    job = f"gid://shopify/Job/{ctx.shop.next_id():032x}"
    ctx.shop.jobs[job] = False
    return {"job": {"id": job, "done": False, "query": {}}}


@mutation("giftCardUpdate", need("write_gift_cards"))
def gift_card_update(ctx: Context, args: Json) -> Json:
    """Note and the recipient's texts."""
    card, given = ctx.shop.gift_cards.get(numbered(args["id"], "GiftCard")), args["input"]
    if card is None:
        raise declined(["id"], "The gift card could not be found.")
    if given.get("recipientAttributes") is not None:
        _write_recipient(card, given["recipientAttributes"])
    card |= {name: given[name] or None for name in ("note", "expiresOn") if name in given}
    card["updatedAt"] = iso(ctx.shop.now())
    return {"giftCard": card}


def _write_recipient(card: Json, given: Json) -> None:
    for name, limit in (("preferredName", _NAME_LIMIT), ("message", _MESSAGE_LIMIT)):
        if len(given.get(name) or "") > limit:
            raise Refusal(f"{name} is too long (maximum is {limit})", "INVALID_FIELD_ARGUMENTS")
    number = numbered(given["id"], "Customer")
    before = card["recipient"] or {"message": None, "preferredName": None, "sendNotificationAt": None}
    texts = {name: given[name] or None for name in ("preferredName", "message") if name in given}
    card["recipient"] = {**before, "customer_number": number, **texts}


def _contact(ctx: Context, contact_id: str) -> tuple[int, Json]:
    number = numbered(contact_id, "CompanyContact")
    contact = ctx.shop.company_contacts.get(number)
    if contact is None:
        raise declined(["companyContactId"], "The company contact doesn't exist.", "RESOURCE_NOT_FOUND")
    return number, contact


@mutation("companyContactDelete", _COMPANIES)
def company_contact_delete(ctx: Context, args: Json) -> Json:
    """Refused while the contact has orders."""
    number, contact = _contact(ctx, args["companyContactId"])
    owned = map(ctx.shop.orders.read, ctx.shop.orders_of.read(contact["customer_number"]))
    if any(order["company"] == number for order in owned):
        said = "Cannot delete a company contact with existing orders or draft orders."
        raise declined(["companyContactId"], said, "FAILED_TO_DELETE")
    del ctx.shop.company_contacts[number]
    return {"deletedCompanyContactId": args["companyContactId"]}


@mutation("companyContactUpdate", _COMPANIES)
def company_contact_update(ctx: Context, args: Json) -> Json:
    """Title and locale; names and addresses belong to the customer."""
    (_, contact), given = _contact(ctx, args["companyContactId"]), args["input"]
    if not given:
        raise declined(None, "Company contact update input is empty.", "NO_INPUT", companyContact=contact)
    for name in ("firstName", "lastName", "phone"):
        if name in given and given[name] is None:
            said = f"{name} is of unexpected type NilClass"
            raise declined(["input", name], said, "UNEXPECTED_TYPE", companyContact=contact)
    contact |= {name: given[name] for name in ("title", "locale") if name in given}
    contact["updatedAt"] = iso(ctx.shop.now())
    return {"companyContact": contact}


@mutation("webhookSubscriptionCreate")
def webhook_create(ctx: Context, args: Json) -> Json:
    """Compliance topics are no topics of the API."""
    address = args["webhookSubscription"].get("uri") or ""
    message = "" if address else "Address can't be blank"
    if address and not address.startswith("https://"):
        message = f"Address protocol {address.partition(':')[0]}:// is not supported"
    if any((row["topic"], row["uri"]) == (args["topic"], address) for row in ctx.shop.webhooks.values()):
        message = "Address for this topic has already been taken"
    if message:
        raise declined(["webhookSubscription", "callbackUrl"], message)
    number = ctx.shop.next_id()
    row = ctx.shop.webhooks[number] = webhook(number, args["topic"], address, iso(ctx.shop.now()))
    return {"webhookSubscription": row}


@mutation("webhookSubscriptionDelete")
def webhook_delete(ctx: Context, args: Json) -> Json:
    """Nobody listens at that address any more."""
    number = numbered(args["id"], "WebhookSubscription")
    if ctx.shop.webhooks.pop(number, None) is None:
        raise declined(["id"], "Webhook subscription does not exist")
    return {"deletedWebhookSubscriptionId": gid("WebhookSubscription", number)}
