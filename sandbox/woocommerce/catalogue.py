"""Routes of reviews, coupons, webhooks, taxes and products."""

from sandbox.wire import Answer, Json
from sandbox.woocommerce.context import Call, href, paged, self_link, sorted_rows, with_links
from sandbox.woocommerce.errors import rest_error
from sandbox.woocommerce.orders import EDITABLE
from sandbox.woocommerce.params import choice, integers, moment, narrow, words
from sandbox.woocommerce.values import copy
from sandbox.woocommerce.writing import set_free_meta

_ORDERBY = ("date", "date_gmt", "id", "include", "title", "slug", "modified", "product")


def _dated(call: Call, rows: list[Json]) -> list[Json]:
    if bound := moment(call.request, "after"):
        rows = [row for row in rows if row["date_created_gmt"] > bound]
    if bound := moment(call.request, "before"):
        rows = [row for row in rows if row["date_created_gmt"] < bound]
    rows = narrow(call.request, rows)
    descending = choice(call.request, "order", "desc", ("asc", "desc")) == "desc"
    if choice(call.request, "orderby", "date", _ORDERBY) == "id":
        return sorted(rows, key=lambda row: int(row["id"]), reverse=descending)
    return sorted_rows(rows, "date_created_gmt", descending=descending)


def reviews(call: Call) -> Answer:
    """GET products/reviews: by reviewer_email, status or product."""
    asked = choice(call.request, "status", "approved", ("all", "hold", "approved", "spam", "trash"))
    wanted = ("approved", "hold") if asked == "all" else (asked,)
    rows = [row for row in call.shop.reviews.values() if row["status"] in wanted]
    if addresses := {word.lower() for word in words(call.request, "reviewer_email")}:
        rows = [row for row in rows if row["reviewer_email"].lower() in addresses]
    if products := integers(call.request, "product"):
        rows = [row for row in rows if row["product_id"] in products]
    return paged(call, _dated(call, rows), lambda row: _review(call, row))


def review(call: Call) -> Answer:
    """GET, PUT or DELETE of one review."""
    row = call.shop.reviews.get(call.ids[0])
    if row is None:
        raise rest_error(404, "woocommerce_rest_review_invalid_id", "Invalid review ID.")
    if call.request.method == "DELETE":
        return _delete_review(call, row)
    if call.request.method in ("PUT", "POST", "PATCH"):
        names = ("reviewer", "reviewer_email", "review", "status", "rating")
        row.update({name: value for name, value in call.body().items() if name in names})
    return Answer(200, _review(call, row), rows=1)


def _delete_review(call: Call, row: Json) -> Answer:
    before = copy(_review(call, row))
    if not call.forced():
        row["status"] = "trash"
        return Answer(200, before, writes=1)
    del call.shop.reviews[row["id"]]
    return Answer(200, {"deleted": True, "previous": before}, writes=1)


def _review(call: Call, row: Json) -> Json:
    address = call.link("products/reviews")
    links = {
        "self": self_link(f"{address}/{row['id']}", EDITABLE),
        "collection": href(address),
        "up": href(call.link(f"products/{row['product_id']}")),
    }
    if account := call.shop.customer_named(row["reviewer_email"]):
        links["reviewer"] = href(f"{call.base}/wp/v2/users/{account['id']}", embeddable=True)
    return with_links(row, links)


def coupons(call: Call) -> Answer:
    """GET coupons: search looks at the code only; drafts and trash are listed when asked for by status."""
    wanted = call.request.query.get("status", "publish")
    rows = [row for row in call.shop.coupons.values() if row.get("status", "publish") == wanted]
    if text := call.request.query.get("search", "").lower():
        rows = [row for row in rows if text in row["code"].lower()]
    if code := call.request.query.get("code", "").lower():
        rows = [row for row in rows if row["code"].lower() == code]
    return paged(call, _dated(call, rows), lambda row: _plain(call, "coupons", row))


def coupon(call: Call) -> Answer:
    """GET, PUT or DELETE of one coupon; a null for _used_by is a PHP fatal."""
    row = call.shop.coupons.get(call.ids[0])
    if row is None:
        status = 404 if call.request.method in ("GET", "DELETE") else 400
        raise rest_error(status, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
    if call.request.method == "DELETE":
        if not call.forced():
            raise rest_error(501, "woocommerce_rest_trash_not_supported", "Coupons do not support trashing.")
        del call.shop.coupons[row["id"]]
    elif call.request.method in ("PUT", "POST", "PATCH"):
        _write_coupon(call, row, call.body())
    return Answer(200, copy(_plain(call, "coupons", row)), rows=1)


def _write_coupon(call: Call, row: Json, body: Json) -> None:
    for meta in body.get("meta_data") or []:
        if meta.get("key") == "_used_by":
            raise FatalError
        set_free_meta(call.shop, row["meta_data"], meta)
    names = ("description", "email_restrictions", "amount", "code", "status")
    row.update({name: value for name, value in body.items() if name in names})
    call.shop.touch(row)


class FatalError(Exception):
    """PHP died in the middle of the request."""


def webhooks(call: Call) -> Answer:
    """GET webhooks."""
    wanted = choice(call.request, "status", "all", ("all", "active", "paused", "disabled"))
    rows = [row for row in call.shop.webhooks.values() if wanted in ("all", row["status"])]
    return paged(call, _dated(call, rows), lambda row: _plain(call, "webhooks", row))


def webhook(call: Call) -> Answer:
    """GET one webhook."""
    return _single(call, "webhooks", call.shop.webhooks, "woocommerce_rest_shop_webhook_invalid_id")


def taxes(call: Call) -> Answer:
    """GET taxes: today's tax table."""
    rows = call.shop.taxes
    if wanted := call.request.query.get("class"):
        rows = [row for row in rows if row["class"] == wanted]
    return paged(call, rows, lambda row: _plain(call, "taxes", row))


def tax(call: Call) -> Answer:
    """GET one row of the tax table."""
    return _single(call, "taxes", {row["id"]: row for row in call.shop.taxes}, "woocommerce_rest_invalid_id")


def products(call: Call) -> Answer:
    """GET products."""
    return paged(
        call, _dated(call, list(call.shop.products.values())), lambda row: _plain(call, "products", row)
    )


def product(call: Call) -> Answer:
    """GET one product."""
    return _single(call, "products", call.shop.products, "woocommerce_rest_product_invalid_id")


def _single(call: Call, kind: str, rows: dict[int, Json], code: str) -> Answer:
    if call.ids[0] not in rows:
        raise rest_error(404, code, "Invalid ID.")
    return Answer(200, _plain(call, kind, rows[call.ids[0]]), rows=1)


def _plain(call: Call, kind: str, row: Json) -> Json:
    address = call.link(kind)
    return with_links(
        row, {"self": self_link(f"{address}/{row['id']}", EDITABLE), "collection": href(address)}
    )
