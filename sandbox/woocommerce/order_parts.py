"""Routes of what hangs on orders: notes and refunds."""

from sandbox.wire import Answer, Json
from sandbox.woocommerce.context import Call, href, paged, self_link, sorted_rows, with_links
from sandbox.woocommerce.errors import rest_error
from sandbox.woocommerce.params import choice, moment, narrow

_PART = ("GET", "DELETE")


def notes(call: Call) -> Answer:
    """GET or POST orders/<id>/notes: all of them at once, whatever per_page says, without totals."""
    order_id = call.ids[0]
    with call.shop.lock:
        if order_id not in call.shop.orders:
            raise rest_error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid order ID.")
        if call.request.method == "POST":
            body = call.body()
            added = call.shop.add_note(order_id, body["note"], to_customer=bool(body.get("customer_note")))
            return Answer(201, _note(call, order_id, added), writes=1)
        rows = [_note(call, order_id, row) for row in call.shop.notes.get(order_id, [])]
        return Answer(200, rows, rows=len(rows))


def note(call: Call) -> Answer:
    """GET or DELETE of one note; a note is removed one at a time, with force."""
    order_id, note_id = call.ids
    with call.shop.lock:
        kept = call.shop.notes.get(order_id, [])
        found = next((row for row in kept if row["id"] == note_id), None)
        if call.request.method == "DELETE" and not call.forced():
            raise rest_error(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        if order_id not in call.shop.orders:
            raise rest_error(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
        if found is None:
            raise rest_error(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        answer = _note(call, order_id, found)
        if call.request.method == "DELETE":
            kept.remove(found)
        return Answer(200, answer, rows=1, writes=int(call.request.method == "DELETE"))


def _note(call: Call, order_id: int, row: Json) -> Json:
    address = call.link(f"orders/{order_id}/notes")
    links = {
        "self": self_link(f"{address}/{row['id']}", _PART),
        "collection": href(address),
        "up": href(call.link(f"orders/{order_id}")),
    }
    return with_links(row, links)


def order_refunds(call: Call) -> Answer:
    """GET orders/<id>/refunds."""
    order_id = call.ids[0]
    with call.shop.lock:
        if order_id not in call.shop.orders:
            raise rest_error(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
        rows = [row for row in call.shop.refunds.values() if row["parent_id"] == order_id]
        return paged(call, _newest_first(call, rows), lambda row: _refund(call, row, parent=False))


def refund(call: Call) -> Answer:
    """GET or DELETE of one refund; its reason cannot be changed by any route."""
    order_id, refund_id = call.ids
    with call.shop.lock:
        found = call.shop.refunds.get(refund_id)
        if found is None or found["parent_id"] != order_id:
            raise rest_error(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
        if call.request.method == "DELETE" and not call.forced():
            raise rest_error(501, "woocommerce_rest_trash_not_supported", "Refunds do not support trashing.")
        if call.request.method == "DELETE":
            del call.shop.refunds[refund_id]
            order = call.shop.orders[order_id]
            order["refunds"] = [row for row in order["refunds"] if row["id"] != refund_id]
        return Answer(200, _refund(call, found, parent=False), rows=1)


def refunds(call: Call) -> Answer:
    """GET refunds, of every order."""
    with call.shop.lock:
        rows = list(call.shop.refunds.values())
        if bound := moment(call.request, "after"):
            rows = [row for row in rows if row["date_created_gmt"] > bound]
        if bound := moment(call.request, "before"):
            rows = [row for row in rows if row["date_created_gmt"] < bound]
        return paged(
            call, _newest_first(call, narrow(call.request, rows)), lambda row: _refund(call, row, parent=True)
        )


def _newest_first(call: Call, rows: list[Json]) -> list[Json]:
    descending = choice(call.request, "order", "desc", ("asc", "desc")) == "desc"
    if call.request.query.get("orderby") == "id":
        return sorted(rows, key=lambda row: int(row["id"]), reverse=descending)
    return sorted_rows(rows, "date_created_gmt", descending=descending)


def _refund(call: Call, row: Json, *, parent: bool) -> Json:
    order_id = row["parent_id"]
    address = call.link(f"orders/{order_id}/refunds")
    links = {
        "self": self_link(f"{address}/{row['id']}", _PART),
        "collection": href(address),
        "up": href(call.link(f"orders/{order_id}")),
    }
    shown = row if parent else {name: value for name, value in row.items() if name != "parent_id"}
    return with_links(shown, links)
