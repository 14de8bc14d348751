"""tagsAdd, tagsRemove and metafieldsDelete, which work on several kinds of record."""

from sandbox.shopify.access import need
from sandbox.shopify.context import Context
from sandbox.shopify.fields import mutation
from sandbox.shopify.refusals import access_denied, declined, invalid_id
from sandbox.shopify.values import iso, kind_of, number_of
from sandbox.wire import Json

_SPOKEN = {"Order": "Order", "Customer": "Customer", "DraftOrder": "Draft order"}
_SCOPES = {
    "Order": "write_orders", "Customer": "write_customers", "DraftOrder": "write_draft_orders",
    "Company": "write_companies",
}  # fmt: skip


def owner_of(ctx: Context, owner_id: str, asked: str) -> Json | None:
    """The living record that an id names, if the caller sees it. Raises without the scope it needs."""
    number, shop = number_of(owner_id), ctx.shop
    rows = {
        "Order": shop.orders, "Customer": shop.customers, "DraftOrder": shop.draft_orders,
        "Company": shop.companies,
    }.get(kind_of(owner_id))  # fmt: skip
    if rows is None or number is None:
        raise invalid_id(owner_id)
    scope = _SCOPES[kind_of(owner_id)]
    if scope not in ctx.token.scopes:
        raise access_denied(asked, need(scope)[1])
    found: Json | None = rows.get(number)
    if found and kind_of(owner_id) == "Order" and not ctx.shop.shows_order(found, ctx.token.all_orders):
        return None
    return found


def touch(ctx: Context, owner_id: str, owner: Json) -> None:
    """A write to that record."""
    number = number_of(owner_id) or 0
    if kind_of(owner_id) == "Order":
        ctx.shop.touch_order(number)
    elif kind_of(owner_id) == "Customer":
        ctx.shop.touch_customer(number)
    else:
        owner["updatedAt"] = iso(ctx.shop.now())


def _change(ctx: Context, args: Json, *, add: bool) -> Json:
    owner = owner_of(ctx, args["id"], "tagsAdd" if add else "tagsRemove")
    if owner is None:
        spoken = _SPOKEN.get(kind_of(args["id"]), kind_of(args["id"]))
        raise declined(["id"], f"{spoken} does not exist")
    given = {tag.strip().lower() for tag in args["tags"]}
    kept = [tag for tag in owner["tags"] if tag.lower() not in given]
    owner["tags"] = sorted([*kept, *args["tags"]]) if add else kept
    touch(ctx, args["id"], owner)
    return {"node": owner}


@mutation("tagsAdd")
def tags_add(ctx: Context, args: Json) -> Json:
    """Adds to the tags of a record."""
    return _change(ctx, args, add=True)


@mutation("tagsRemove")
def tags_remove(ctx: Context, args: Json) -> Json:
    """By name, whatever the letter case; tags that are not there are passed over."""
    return _change(ctx, args, add=False)


@mutation("metafieldsDelete")
def metafields_delete(ctx: Context, args: Json) -> Json:
    """What does not exist is answered with null, without an error."""
    deleted: list[Json | None] = []
    for wanted in args["metafields"]:
        owner = owner_of(ctx, wanted["ownerId"], "metafieldsDelete")
        name = (wanted["namespace"], wanted["key"])
        rows = (owner or {}).get("metafields", [])
        left = [row for row in rows if (row["namespace"], row["key"]) != name]
        if owner is None or len(left) == len(rows):
            deleted.append(None)
            continue
        owner["metafields"] = left
        touch(ctx, wanted["ownerId"], owner)
        deleted.append({"ownerId": wanted["ownerId"], "namespace": name[0], "key": name[1]})
    return {"deletedMetafields": deleted}
