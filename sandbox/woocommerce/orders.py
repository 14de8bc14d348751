"""Routes of orders."""

from sandbox.wire import Answer, Json
from sandbox.woocommerce.batch import run_batch
from sandbox.woocommerce.context import Call, href, paged, self_link, sorted_rows, with_links
from sandbox.woocommerce.errors import rest_error
from sandbox.woocommerce.params import LISTED, choice, integer, moment, narrow, statuses
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import copy
from sandbox.woocommerce.writing import check_schema, write_order

EDITABLE = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ORDERBY = ("date", "id", "include", "title", "slug", "modified")
_SORT = {"date": "date_created_gmt", "modified": "date_modified_gmt"}
_BOUNDS = (
    ("after", "date_created_gmt", 1), ("before", "date_created_gmt", -1),
    ("modified_after", "date_modified_gmt", 1), ("modified_before", "date_modified_gmt", -1),
)  # fmt: skip


def listing(call: Call) -> Answer:
    """GET orders."""
    with call.shop.lock:
        rows = _sorted(call, _chosen(call))
        extra = (("status[0]", "any"),) if "status" not in call.request.query else ()
        answer = paged(call, rows, lambda row: shown(call, row), extra=extra)
    answer.rows *= _row_cost(call)
    return answer


def _row_cost(call: Call) -> float:
    """What a row costs beside a trimmed one, as measured: lines and full rows cost more."""
    asked = call.request.query.get("_fields", "")
    if not asked:
        return 4.2
    return 2.7 if "line_items" in asked else 1.0


def _chosen(call: Call) -> list[Json]:
    request, shop = call.request, call.shop
    asked = statuses(request, [status for status in shop.statuses if status not in LISTED])
    wanted = asked or frozenset(shop.statuses) - ({"checkout-draft"} if not shop.any_lists_drafts else set())
    rows = [row for row in shop.orders.values() if row["status"] in wanted]
    for name, field, direction in _BOUNDS:
        bound = moment(request, name)
        if bound and direction > 0:
            rows = [row for row in rows if row[field] > bound]
        elif bound:
            rows = [row for row in rows if row[field] < bound]
    if "customer" in request.query:
        customer = integer(request, "customer", 0)
        rows = [row for row in rows if row["customer_id"] == customer]
    if text := request.query.get("search", "").lower():
        rows = [row for row in rows if text in searchable(row)]
    return narrow(request, rows)


def searchable(order: Json) -> str:
    """The text that an order is searched by: number, addresses, e-mail, names of its goods."""
    parts = [str(order["id"]), *order["billing"].values(), *order["shipping"].values()]
    parts += [line["name"] for line in order["line_items"]]
    return " ".join(parts).lower()


def _sorted(call: Call, rows: list[Json]) -> list[Json]:
    orderby = choice(call.request, "orderby", "date", _ORDERBY)
    descending = choice(call.request, "order", "desc", ("asc", "desc")) == "desc"
    if orderby in _SORT:
        return sorted_rows(rows, _SORT[orderby], descending=descending)
    return sorted(rows, key=lambda row: int(row["id"]), reverse=descending)


def shown(call: Call, order: Json) -> Json:
    """An order as it is answered; `_links` only where `_fields` does not leave them out."""
    if call.request.query.get("_fields"):
        return order
    address = call.link(f"orders/{order['id']}")
    links = {
        "self": self_link(address, EDITABLE),
        "collection": href(call.link("orders")),
        "email_templates": href(f"{address}/actions/email_templates", embeddable=True),
    }
    if order["customer_id"]:
        links["customer"] = href(call.link(f"customers/{order['customer_id']}"))
    return with_links(order, links)


def one(call: Call) -> Answer:
    """GET, PUT or DELETE of one order."""
    with call.shop.lock:
        method, order_id = call.request.method, call.ids[0]
        if method in ("PUT", "POST", "PATCH"):
            body = call.body()
            check_schema(body)
            return Answer(200, shown(call, write_order(call.shop, order_id, body)), rows=1, writes=1)
        order = call.shop.orders.get(order_id)
        if order is None:
            raise rest_error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        if method == "DELETE":
            return Answer(200, remove(call, order, force=call.forced()), rows=1, writes=1)
        return Answer(200, shown(call, order), rows=1)


def remove(call: Call, order: Json, *, force: bool) -> Json:
    """Deletes an order for good, or moves it to the trash with everything it holds."""
    shop, before = call.shop, copy(shown(call, order))
    if force:
        shop.forget_order(order["id"])
    elif order["status"] == "trash":
        raise rest_error(410, "woocommerce_rest_already_trashed", "The shop_order has already been deleted.")
    else:
        trash(shop, order)
    shop.announce("order.deleted", {"id": order["id"]})
    return before


def trash(shop: Shop, order: Json) -> None:
    """Moves an order to the trash; nothing it holds goes."""
    marks = {
        "_wp_trash_meta_status": f"wc-{order['status']}",
        "_wp_trash_meta_time": f"{shop.now().timestamp():.0f}",
    }
    order["meta_data"] += [{"id": shop.next_id(), "key": key, "value": value} for key, value in marks.items()]
    order["status"] = "trash"
    shop.touch(order)


def batch(call: Call) -> Answer:
    """POST orders/batch: up to 100 items, permanent deletes, failures inside a 200."""
    return run_batch(call, _update, _delete)


def _update(call: Call, item: Json) -> Json:
    changes = {name: value for name, value in item.items() if name != "id"}
    return shown(call, write_order(call.shop, int(item.get("id", 0)), changes))


def _delete(call: Call, item_id: int) -> Json:
    order = call.shop.orders.get(item_id)
    if order is None:
        raise rest_error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    return remove(call, order, force=True)
