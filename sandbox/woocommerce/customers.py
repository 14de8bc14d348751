"""Routes of accounts."""

from typing import Any

from sandbox.wire import Answer, Json
from sandbox.woocommerce.batch import run_batch
from sandbox.woocommerce.context import Call, href, paged, self_link, sorted_rows, with_links
from sandbox.woocommerce.errors import invalid_param, rest_error
from sandbox.woocommerce.params import choice, narrow
from sandbox.woocommerce.values import copy
from sandbox.woocommerce.writing import is_email, set_free_meta

_ORDERBY = ("id", "include", "name", "registered_date")
_ROLES = (
    "all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager",
)  # fmt: skip
_DELETABLE = ("customer", "subscriber")


def listing(call: Call) -> Answer:
    """GET customers: date bounds are taken without a word and do nothing."""
    request = call.request
    role = choice(request, "role", "customer", _ROLES)
    with call.shop.lock:
        rows = [row for row in call.shop.customers.values() if role in ("all", row["role"])]
        if email := request.query.get("email"):
            rows = [row for row in rows if row["email"].lower() == email.lower()]
        if text := request.query.get("search", "").lower():
            rows = [row for row in rows if text in _searchable(row)]
        found = _sorted(call, narrow(request, rows))
        answer = paged(call, found, lambda row: shown(call, row), empty_beyond=False)
    answer.rows *= 1.2
    return answer


def _searchable(row: Json) -> str:
    return f"{row['username']} {row['email']} {row['first_name']} {row['last_name']}".lower()


def _sorted(call: Call, rows: list[Json]) -> list[Json]:
    orderby = choice(call.request, "orderby", "name", _ORDERBY)
    descending = choice(call.request, "order", "asc", ("asc", "desc")) == "desc"
    if orderby == "name":
        return sorted_rows(rows, "username", descending=descending)
    if orderby == "registered_date":
        return sorted_rows(rows, "date_created_gmt", descending=descending)
    return sorted(rows, key=lambda row: int(row["id"]), reverse=descending)


def allowed(row: Json) -> tuple[str, ...]:
    """What may be done to an account: only customers and subscribers can be deleted."""
    both = ("GET", "POST", "PUT", "PATCH")
    return (*both, "DELETE") if row["role"] in _DELETABLE else both


def shown(call: Call, row: Json, *, gone: bool = False) -> Json:
    """An account as it is answered; one that was just deleted has no hints."""
    links = {
        "self": self_link(call.link(f"customers/{row['id']}"), None if gone else allowed(row)),
        "collection": href(call.link("customers")),
    }
    return with_links(row, links)


def one(call: Call) -> Answer:
    """GET, PUT or DELETE of one account."""
    with call.shop.lock:
        row = _found(call, call.ids[0])
        method = call.request.method
        if method == "GET":
            return Answer(200, shown(call, row), {"Allow": ", ".join(allowed(row))}, rows=1)
        if method == "DELETE":
            return _deleted(call, row)
        write(call, row, call.body(), checked=True)
        return Answer(200, shown(call, row), {"Allow": ", ".join(allowed(row))}, rows=1, writes=1)


def _found(call: Call, customer_id: int) -> Json:
    row = call.shop.customers.get(customer_id)
    if row is None:
        raise rest_error(404, "wc_user_invalid_id", "Invalid user ID.")
    return row


def _deleted(call: Call, row: Json) -> Answer:
    if row["role"] not in _DELETABLE:
        error = rest_error(
            403, "woocommerce_rest_cannot_delete",
            f"Sorry, users with {row['role']} role cannot be deleted via this endpoint. "
            f"Allowed roles: {', '.join(_DELETABLE)}",
        )  # fmt: skip
        error.answer.headers["Allow"] = ", ".join(allowed(row))
        raise error
    if not call.forced():
        error = rest_error(501, "woocommerce_rest_trash_not_supported", "Customers do not support trashing.")
        error.answer.headers["Allow"] = ", ".join(allowed(row))
        raise error
    return Answer(200, remove(call, row), rows=1, writes=1)


def remove(call: Call, row: Json) -> Json:
    """Deletes an account; answers what it held."""
    before = copy(shown(call, row, gone=True))
    call.shop.forget_customer(row["id"])
    call.shop.announce("customer.deleted", {"id": row["id"]})
    return before


def write(call: Call, row: Json, body: Json, *, checked: bool) -> None:
    """Writes to an account: e-mail, names, addresses, meta; never the user name."""
    if "username" in body:
        raise rest_error(400, "woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
    if "email" in body and not is_email(str(body["email"] or "")):
        if checked:
            raise invalid_param("email", "Invalid email address.", "rest_invalid_email")
        raise rest_error(400, "customer_invalid_email", "Invalid email address")
    row.update({name: body[name] or "" for name in ("email", "first_name", "last_name") if name in body})
    for kind in ("billing", "shipping"):
        changes = {part: value or "" for part, value in (body.get(kind) or {}).items() if part in row[kind]}
        row[kind].update(changes)
    for meta in body.get("meta_data") or []:
        set_free_meta(call.shop, row["meta_data"], meta)
    call.shop.touch(row)
    call.shop.announce("customer.updated", row)


def batch(call: Call) -> Answer:
    """POST customers/batch; delete needs no force and is permanent."""
    return run_batch(call, _update, _delete)


def _update(call: Call, item: Json) -> Json:
    row = _found(call, int(item.get("id", 0)))
    write(call, row, {name: value for name, value in item.items() if name != "id"}, checked=False)
    return shown(call, row)


def _delete(call: Call, customer_id: int) -> Json:
    row = _found(call, customer_id)
    if row["role"] not in _DELETABLE:
        raise rest_error(
            403, "woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."
        )
    return remove(call, row)


def downloads(call: Call) -> Answer:
    """GET customers/<id>/downloads."""
    _found(call, call.ids[0])
    return Answer(200, [_download(call, row) for row in call.shop.downloads.get(call.ids[0], [])])


def _download(call: Call, row: Json) -> Json:
    links: dict[str, Any] = {
        "collection": href(call.link(f"customers/{call.ids[0]}/downloads")),
        "product": href(call.link(f"products/{row['product_id']}")),
        "order": href(call.link(f"orders/{row['order_id']}")),
    }
    return with_links(row, links)
