"""The lists at the root: sorted, searched, counted."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.fields import Reader, enter
from sandbox.shopify.index import Entry, entry_of_row, sorted_by
from sandbox.shopify.pagination import LIST_LIMIT, Keys, paginate
from sandbox.shopify.refusals import bad_request
from sandbox.shopify.search import parse
from sandbox.shopify.shop import ORDERS_SHOWN
from sandbox.wire import Json

_COLUMNS = {"CREATED_AT": "created", "PROCESSED_AT": "created", "UPDATED_AT": "updated"}
_ROWS = {
    "orders": "orders", "customers": "customers", "draftOrders": "draft_orders",
    "abandonedCheckouts": "abandoned_checkouts", "giftCards": "gift_cards",
}  # fmt: skip


def _keys_of(ctx: Context, kind: str, args: Json, path: str) -> Keys:
    """The places of the records of a list that a search finds, sorted."""
    entry_of: Callable[[int], Entry]
    shop, column = ctx.shop, _COLUMNS.get(args.get("sortKey") or "", "number")
    if kind in ("orders", "customers"):
        index = shop.order_index if kind == "orders" else shop.customer_index
        index.catch_up(shop.now())
        keys, entry_of = index.sorted_by(column), index.entries.read
    else:  # small enough to be indexed anew each time
        entries = {number: entry_of_row(number, row) for number, row in getattr(shop, _ROWS[kind]).items()}
        keys, entry_of = sorted_by(column, entries.values()), entries.__getitem__
    if kind == "orders" and not ctx.token.all_orders:
        since = shop.now() - ORDERS_SHOWN
        keys = [key for key in keys if entry_of(key[1]).created >= since]
    if not args.get("query"):
        return keys
    try:
        tests, unknown = parse(args["query"], whole_days=kind == "customers")
    except ValueError:
        raise bad_request("Invalid timestamp or number in the query.") from None
    if unknown:
        _warn(ctx, path, args["query"], unknown)
    return [key for key in keys if all(test(entry_of(key[1])) for test in tests)] if tests else keys


def _warn(ctx: Context, name: str, query: str, unknown: list[str]) -> None:
    """A term that Shopify does not know is passed over: the list is longer, and only this says so."""
    warnings = [
        {"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        for field in unknown
    ]
    ctx.warnings.append({"path": [name], "query": query, "parsed": {}, "warnings": warnings})


def _listed(kind: str) -> Reader:
    def read(source: Any, ctx: Context, args: Json) -> Json:
        rows = getattr(ctx.shop, _ROWS[kind])
        keys = [key for key in _keys_of(ctx, kind, args, kind) if key[1] in rows]
        return paginate(keys, args, getattr(rows, "read", rows.__getitem__))

    return read


def _counted(kind: str) -> Reader:
    """A count, exact up to its limit and to what can be paged through."""

    def count(source: Any, ctx: Context, args: Json) -> Json:
        number = len(_keys_of(ctx, kind, args, f"{kind}Count"))
        limit = min(args.get("limit") or LIST_LIMIT, LIST_LIMIT)
        if number > limit:
            return {"count": limit + (limit == LIST_LIMIT), "precision": "AT_LEAST"}
        return {"count": number, "precision": "EXACT"}

    return count


def _webhooks(source: Any, ctx: Context, args: Json) -> Json:
    rows = ctx.shop.webhooks
    return paginate([(number, number) for number in rows], args, rows.__getitem__)


enter("QueryRoot", {kind: _listed(kind) for kind in _ROWS})
enter("QueryRoot", {f"{kind}Count": _counted(kind) for kind in _ROWS})
enter("QueryRoot", {"webhookSubscriptions": _webhooks})
