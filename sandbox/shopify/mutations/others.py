"""Draft orders, gift cards, company contacts, metafields."""

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.fields import mutation
from sandbox.shopify.mutations.checks import numbered
from sandbox.shopify.refusals import Refusal, access_denied, declined, invalid_id
from sandbox.shopify.values import iso, kind_of, number_of
from sandbox.wire import Json

_MESSAGE_LIMIT, _NAME_LIMIT = 200, 255


@mutation("draftOrderDelete", need("write_draft_orders"))
def draft_order_delete(ctx: Context, args: Json) -> Json:
    """One draft order."""
    if ctx.shop.draft_orders.pop(numbered(args["input"]["id"], "DraftOrder"), None) is None:
        raise declined(["id"], "Draft order not found")
    return {"deletedId": args["input"]["id"]}


@mutation("giftCardUpdate", need("write_gift_cards"))
def gift_card_update(ctx: Context, args: Json) -> Json:
    """Note and the recipient's texts."""
    card, given = ctx.shop.gift_cards.get(numbered(args["id"], "GiftCard")), args["input"]
    if card is None:
        raise declined(["id"], "The gift card could not be found.")
    if given.get("recipientAttributes") is not None:
        _write_recipient(card, given["recipientAttributes"])
    card |= {"note": given["note"] or None} if "note" in given else {}
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


@mutation("companyContactDelete", need("write_customers", "write_companies"))
def company_contact_delete(ctx: Context, args: Json) -> Json:
    """Refused while the contact has orders."""
    number = numbered(args["companyContactId"], "CompanyContact")
    contact = ctx.shop.company_contacts.get(number)
    if contact is None:
        raise declined(["companyContactId"], "The company contact doesn't exist.", "RESOURCE_NOT_FOUND")
    owned = map(ctx.shop.orders.read, ctx.shop.orders_of.read(contact["customer_number"]))
    if any(order["company"] == number for order in owned):
        said = "Cannot delete a company contact with existing orders or draft orders."
        raise declined(["companyContactId"], said, "FAILED_TO_DELETE")
    del ctx.shop.company_contacts[number]
    return {"deletedCompanyContactId": args["companyContactId"]}


def _owner_of(ctx: Context, owner_id: str) -> Json | None:
    """The living record that has a metafield, if the caller sees it. Raises without the scope it needs."""
    number, kind = number_of(owner_id), kind_of(owner_id)
    if number is None or kind not in ("Order", "Customer"):
        raise invalid_id(owner_id)
    scope = f"write_{kind.lower()}s"
    if scope not in ctx.token.scopes:
        raise access_denied("metafieldsDelete", need(scope)[1])
    if kind == "Customer":
        return ctx.shop.customers.get(number)
    order = ctx.shop.orders.get(number)
    return order if order and ctx.shop.shows_order(order, ctx.token.all_orders) else None


@mutation("metafieldsDelete")
def metafields_delete(ctx: Context, args: Json) -> Json:
    """What does not exist is answered with null, without an error."""
    return {"deletedMetafields": [_deleted(ctx, wanted) for wanted in args["metafields"]]}


def _deleted(ctx: Context, wanted: Json) -> Json | None:
    owner = _owner_of(ctx, wanted["ownerId"])
    name = (wanted["namespace"], wanted["key"])
    rows = owner["metafields"] if owner else []
    left = [row for row in rows if (row["namespace"], row["key"]) != name]
    if owner is None or len(left) == len(rows):
        return None
    owner["metafields"] = left
    touch = ctx.shop.touch_order if kind_of(wanted["ownerId"]) == "Order" else ctx.shop.touch_customer
    touch(number_of(wanted["ownerId"]) or 0)
    return dict(wanted)
