"""The lists at the root: sorted, searched, counted."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.index import Entry, entry_of_row, sorted_by
from sandbox.shopify.pagination import LIST_LIMIT, paginate
from sandbox.shopify.refusals import bad_request
from sandbox.shopify.search import Filters, matching, parse
from sandbox.shopify.shop import Shop
from sandbox.shopify.values import gid
from sandbox.wire import Json

Keys = list[tuple[int, int]]
_COLUMNS = {"CREATED_AT": "created", "PROCESSED_AT": "created", "UPDATED_AT": "updated"}


def _lower(*values: str | None) -> list[str]:
    return [value.lower() for value in values if value]


def _order_status(row: Json) -> list[str]:
    state = "cancelled" if row["cancelledAt"] else "closed" if row["closed"] else "open"
    return [state, "any"] if state != "cancelled" else ["cancelled", "any"]


def order_filters(shop: Shop) -> Filters:
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


def customer_filters(shop: Shop) -> Filters:
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


def _searched(
    ctx: Context, name: str, keys: Keys, entries: Mapping[int, Entry], filters: Filters, query: str | None
) -> Keys:
    if not query:
        return keys
    try:
        search = parse(query, filters)
    except ValueError:
        raise bad_request("Invalid timestamp or number in the query.") from None
    if search.unknown:
        _warn(ctx, name, query, search.unknown)
    return matching(keys, entries, search.test)


def _warn(ctx: Context, name: str, query: str, unknown: list[str]) -> None:
    """A term that Shopify does not know is passed over: the list is longer, and only this says so."""
    warnings = [
        {"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        for field in unknown
    ]
    ctx.warnings.append({"path": [name], "query": query, "parsed": {}, "warnings": warnings})


def order_keys(ctx: Context, args: Json, name: str = "orders") -> Keys:
    """The orders that a search finds and the caller may see."""
    shop = ctx.shop
    shop.order_index.catch_up(shop.now())
    keys = shop.order_index.sorted_by(_COLUMNS.get(args.get("sortKey") or "", "number"))
    if not ctx.token.all_orders:
        since = shop.now() - 60 * 86400
        keys = [key for key in keys if shop.order_index.entries[key[1]].created >= since]
    return _searched(ctx, name, keys, shop.order_index.entries, order_filters(shop), args.get("query"))


def customer_keys(ctx: Context, args: Json, name: str = "customers") -> Keys:
    """The customers that a search finds."""
    shop = ctx.shop
    shop.customer_index.catch_up(shop.now())
    keys = shop.customer_index.sorted_by(_COLUMNS.get(args.get("sortKey") or "", "number"))
    return _searched(ctx, name, keys, shop.customer_index.entries, customer_filters(shop), args.get("query"))


def orders(source: Any, ctx: Context, args: Json) -> Json:
    """QueryRoot.orders."""
    shop = ctx.shop
    keys = [key for key in order_keys(ctx, args) if key[1] in shop.orders]
    return paginate(keys, args, shop.orders.read)


def customers(source: Any, ctx: Context, args: Json) -> Json:
    """QueryRoot.customers."""
    shop = ctx.shop
    keys = [key for key in customer_keys(ctx, args) if key[1] in shop.customers]
    return paginate(keys, args, shop.customers.read)


def _small(kind: str) -> Callable[[Any, Context, Json], Json]:
    """A list that is small enough to be indexed anew each time."""

    def listed(source: Any, ctx: Context, args: Json) -> Json:
        rows = small_rows(ctx.shop, kind)
        return paginate(small_keys(ctx, kind, args), args, rows.__getitem__)

    return listed


def small_rows(shop: Shop, kind: str) -> dict[int, Json]:
    """The records of a small list."""
    return {
        "draftOrders": shop.draft_orders, "abandonedCheckouts": shop.abandoned_checkouts,
        "giftCards": shop.gift_cards, "companies": shop.companies, "webhookSubscriptions": shop.webhooks,
    }[kind]  # fmt: skip


def small_keys(ctx: Context, kind: str, args: Json) -> Keys:
    """The records of a small list that a search finds, sorted."""
    rows = small_rows(ctx.shop, kind)
    entries = {number: _small_entry(number, row) for number, row in rows.items()}
    filters = Filters(
        rows.__getitem__,
        {"created_at": "created", "updated_at": "updated"},
        {
            "status": lambda row: _lower(row.get("status"), "enabled" if row.get("enabled") else None),
            "tag": lambda row: _lower(*row.get("tags", [])),
            "name": lambda row: _lower(row.get("name")),
        },
    )
    keys = sorted_by(_COLUMNS.get(args.get("sortKey") or "", "number"), entries)
    return _searched(ctx, kind, keys, entries, filters, args.get("query"))


def _small_entry(number: int, row: Json) -> Entry:
    return entry_of_row(number, row, row.get("customer_number") or 0, row.get("email") or "")


draft_orders, abandoned_checkouts = _small("draftOrders"), _small("abandonedCheckouts")
gift_cards, companies = _small("giftCards"), _small("companies")


def webhooks(source: Any, ctx: Context, args: Json) -> Json:
    """QueryRoot.webhookSubscriptions."""
    rows, topics = ctx.shop.webhooks, args.get("topics")
    keys = [
        key for key in small_keys(ctx, "webhookSubscriptions", args)
        if topics is None or rows[key[1]]["topic"] in topics
    ]  # fmt: skip
    return paginate(keys, args, rows.__getitem__)


def counted(find: Callable[[Context, Json], Keys]) -> Callable[[Any, Context, Json], Json]:
    """A count, exact up to its limit and to what can be paged through."""

    def count(source: Any, ctx: Context, args: Json) -> Json:
        number = len(find(ctx, {**args, "sortKey": None}))
        limit = min(args.get("limit") or LIST_LIMIT, LIST_LIMIT)
        if number > limit:
            return {"count": limit + (limit == LIST_LIMIT), "precision": "AT_LEAST"}
        return {"count": number, "precision": "EXACT"}

    return count


def segment_members(source: Any, ctx: Context, args: Json) -> Json:
    """QueryRoot.customerSegmentMembers, for every customer; without nodes, as Shopify has it."""
    shop = ctx.shop
    shop.customer_index.catch_up(shop.now())
    keys = [key for key in shop.customer_index.sorted_by("number") if key[1] in shop.customers]
    page = paginate(keys, args, lambda number: _member(shop, number))
    return {**page, "totalCount": len(keys)}


def _member(shop: Shop, number: int) -> Json:
    row = shop.customers.read(number)
    orders = shop.orders_of.read(number)
    return {
        "id": gid("CustomerSegmentMember", number), "firstName": row["firstName"],
        "lastName": row["lastName"],
        "displayName": f"{row['firstName'] or ''} {row['lastName'] or ''}".strip(),
        "lastOrderId": gid("Order", orders[-1]) if orders else None, "numberOfOrders": str(len(orders)),
    }  # fmt: skip
