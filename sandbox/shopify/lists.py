"""The lists at the root: sorted, searched, counted."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.fields import Reader, enter
from sandbox.shopify.index import Entry, entry_of_row, sorted_by
from sandbox.shopify.pagination import LIST_LIMIT, paginate
from sandbox.shopify.refusals import bad_request
from sandbox.shopify.search import EntryOf, Filters, matching, parse
from sandbox.shopify.shop import ORDERS_SHOWN, Shop
from sandbox.shopify.values import gid
from sandbox.wire import Json

Keys = list[tuple[int, int]]
_COLUMNS = {"CREATED_AT": "created", "PROCESSED_AT": "created", "UPDATED_AT": "updated"}
_SMALL = {
    "draftOrders": "draft_orders", "abandonedCheckouts": "abandoned_checkouts", "giftCards": "gift_cards",
    "companies": "companies", "webhookSubscriptions": "webhooks",
}  # fmt: skip


def _lower(*values: str | None) -> list[str]:
    return [value.lower() for value in values if value]


def _order_status(row: Json) -> list[str]:
    state = "cancelled" if row["cancelledAt"] else "closed" if row["closed"] else "open"
    return [state, "any"] if state != "cancelled" else ["cancelled", "any"]


def _order_filters(shop: Shop) -> Filters:
    """What orders can be searched by."""
    return Filters(
        shop.orders.read,
        {"created_at": "created", "processed_at": "created", "updated_at": "updated"},
        {
            "status": _order_status,
            "tag": lambda row: _lower(*row["tags"]),
            "name": lambda row: _lower(row["name"], row["name"].lstrip("#")),
            "financial_status": lambda row: _lower(row["displayFinancialStatus"]),
            "fulfillment_status": lambda row: _lower(row["displayFulfillmentStatus"]),
            "test": lambda row: [str(row["test"]).lower()],
            "gateway": lambda row: _lower(*row["paymentGatewayNames"]),
            "source_name": lambda row: _lower(row["sourceName"]),
            "po_number": lambda row: _lower(row["poNumber"]),
        },
    )


def _customer_filters(shop: Shop) -> Filters:
    """What customers can be searched by; updated_at knows whole days only."""
    return Filters(
        shop.customers.read,
        {"customer_date": "created", "updated_at": "updated"},
        {
            "tag": lambda row: _lower(*row["tags"]),
            "state": lambda row: _lower(row["state"]),
            "phone": lambda row: _lower((row["defaultPhone"] or {}).get("phoneNumber")),
            "first_name": lambda row: _lower(row["firstName"]),
            "last_name": lambda row: _lower(row["lastName"]),
            "accepts_marketing": lambda row: [
                str((row["defaultEmail"] or {}).get("marketingState") == "SUBSCRIBED").lower()
            ],
        },
        {"orders_count": lambda row: len(shop.orders_of.read(row["number"]))},
        frozenset({"updated_at", "customer_date"}),
    )


def _small_filters(read: Callable[[int], Json]) -> Filters:
    return Filters(
        read,
        {"created_at": "created", "updated_at": "updated"},
        {
            "status": lambda row: _lower(row.get("status"), "enabled" if row.get("enabled") else None),
            "tag": lambda row: _lower(*row.get("tags", [])),
            "name": lambda row: _lower(row.get("name")),
        },
    )


def _searched(
    ctx: Context, keys: Keys, entry_of: EntryOf, filters: Filters, *, path: str, query: str
) -> Keys:
    try:
        search = parse(query, filters)
    except ValueError:
        raise bad_request("Invalid timestamp or number in the query.") from None
    if search.unknown:
        _warn(ctx, path, query, search.unknown)
    return matching(keys, entry_of, search.test)


def _warn(ctx: Context, name: str, query: str, unknown: list[str]) -> None:
    """A term that Shopify does not know is passed over: the list is longer, and only this says so."""
    warnings = [
        {"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        for field in unknown
    ]
    ctx.warnings.append({"path": [name], "query": query, "parsed": {}, "warnings": warnings})


def _small_entry(number: int, row: Json) -> Entry:
    return entry_of_row(number, row, row.get("customer_number") or 0, row.get("email") or "")


def keys_of(ctx: Context, kind: str, args: Json, path: str = "") -> Keys:
    """The places of the records of a list that a search finds, sorted."""
    shop, column = ctx.shop, _COLUMNS.get(args.get("sortKey") or "", "number")
    if kind in _SMALL:  # small enough to be indexed anew each time
        rows: dict[int, Json] = getattr(shop, _SMALL[kind])
        filters = _small_filters(rows.__getitem__)
        entries = {number: _small_entry(number, row) for number, row in rows.items()}
        entry_of: EntryOf = entries.__getitem__
        keys = sorted_by(column, entries.values())
    else:
        index = shop.order_index if kind == "orders" else shop.customer_index
        filters = _order_filters(shop) if kind == "orders" else _customer_filters(shop)
        index.catch_up(shop.now())
        entry_of, keys = index.entries.read, index.sorted_by(column)
    if kind == "orders" and not ctx.token.all_orders:
        since = shop.now() - ORDERS_SHOWN
        keys = [key for key in keys if entry_of(key[1]).created >= since]
    query = args.get("query")
    return _searched(ctx, keys, entry_of, filters, path=path or kind, query=query) if query else keys


def _listed(kind: str) -> Reader:
    def read(source: Any, ctx: Context, args: Json) -> Json:
        rows = getattr(ctx.shop, _SMALL.get(kind, kind))
        keys = [key for key in keys_of(ctx, kind, args) if key[1] in rows]
        if args.get("topics") is not None:
            keys = [key for key in keys if rows[key[1]]["topic"] in args["topics"]]
        return paginate(keys, args, getattr(rows, "read", rows.__getitem__))

    return read


def _counted(kind: str) -> Reader:
    """A count, exact up to its limit and to what can be paged through."""

    def count(source: Any, ctx: Context, args: Json) -> Json:
        number = len(keys_of(ctx, kind, {**args, "sortKey": None}, f"{kind}Count"))
        limit = min(args.get("limit") or LIST_LIMIT, LIST_LIMIT)
        if number > limit:
            return {"count": limit + (limit == LIST_LIMIT), "precision": "AT_LEAST"}
        return {"count": number, "precision": "EXACT"}

    return count


def _segment_members(source: Any, ctx: Context, args: Json) -> Json:
    """Every customer, as a segment's member; without nodes, as Shopify has it."""
    shop = ctx.shop
    keys = [key for key in keys_of(ctx, "customers", {}) if key[1] in shop.customers]
    page = paginate(keys, args, lambda number: _member(shop, number))
    return {**page, "totalCount": len(keys)}


def _member(shop: Shop, number: int) -> Json:
    row = shop.customers.read(number)
    orders = shop.orders_of.read(number)
    return {
        "id": gid("CustomerSegmentMember", number), "firstName": row["firstName"],
        "lastName": row["lastName"],
        "displayName": f"{row['firstName'] or ''} {row['lastName'] or ''}".strip(),
        "numberOfOrders": str(len(orders)),
    }  # fmt: skip


_COUNTED = ("orders", "customers", "draftOrders", "abandonedCheckouts", "giftCards")
enter("QueryRoot", {kind: _listed(kind) for kind in ("orders", "customers", *_SMALL)})
enter("QueryRoot", {f"{kind}Count": _counted(kind) for kind in _COUNTED})
enter("QueryRoot", {"customerSegmentMembers": _segment_members})
