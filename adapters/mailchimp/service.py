"""The calls of the Mailchimp Marketing API 3.0 that Gallra makes, and no others.

Never a PUT: it creates what it does not find. Basis: mailchimp.com/developer/marketing/api.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
import requests

from adapters.http import CACHED, HTML, Answer, Http, Row, Statuses
from adapters.network import Network
from adapters.stray import NOT_JSON
from connector.errors import AccessDenied, Rejected, RetryLater, SettingsError
from connector.text.addresses import folded, forms

CONNECTIONS = 4  # of the 10 at once that one account is allowed
PAGE = 1000  # the most rows an answer holds
NOT_FOUND = "resource_not_found"
COMPLIANCE = "member_in_compliance_state"
NO_LIST = "no_list"
OTHER_ANSWER = "other_answer"
NO_CONTROL = "no_control"
_STATS = ("member_count", "unsubscribe_count", "cleaned_count")  # of an audience, what the API counts in it
_CONTROLS = 10  # rows of which one must have what it is asked for by

MEMBER_FIELDS = (
    "contact_id", "email_address", "full_name", "web_id", "status", "merge_fields", "timestamp_signup",
    "timestamp_opt", "last_changed", "ip_signup", "ip_opt", "tags_count", "sms_phone_number",
    "sms_subscription_status", "last_note.note_id",
)  # fmt: skip

_CROWDED = Row(
    error=RetryLater,
    advice="Mailchimp is shedding load; run again in a few minutes, what is done stays done.",
)
# At high load the service answers 403 without a JSON body; a refused key has one.
_STATUSES: Statuses = {(403, ""): _CROWDED, (403, HTML): _CROWDED}


def title_code(response: requests.Response) -> str:
    """The title of a problem document as a code; `detail`, which holds addresses, is not read."""
    try:
        body = msgspec.json.decode(response.content)
    except NOT_JSON:
        return ""
    title = body.get("title") if isinstance(body, dict) else None
    return "_".join(title.lower().split()) if isinstance(title, str) else ""


def subscriber_hash(address: str) -> str:
    """The id Mailchimp derives from an address as it holds it: the MD5 of its lower case. Never stored."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def base_url(settings: Mapping[str, Any]) -> str:
    """The address of the account's data centre, which stands last in the key."""
    url = str(settings.get("url") or "").rstrip("/")
    if not url:
        centre = str(settings["key"]).rpartition("-")[2]
        if centre == settings["key"] or not centre.isalnum():
            raise SettingsError(
                ["mailchimp.key: the data centre (such as -us19) is missing last in the key; copy it whole"]
            )
        url = f"https://{centre}.api.mailchimp.com"
    return url if url.endswith("/3.0") else f"{url}/3.0"


class Listed(NamedTuple):
    """The rows of a list and the service's own count of them; None where it gave none."""

    rows: list[dict[str, Any]]
    total: int | None


class Mailchimp:
    """One account; every method is one kind of call."""

    def __init__(self, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = Http(
            adapter="mailchimp",
            base=base_url(settings),
            auth=("gallra", str(settings["key"])),
            connections=CONNECTIONS,
            statuses=_STATUSES,
            error_code=title_code,
            network=Network.of(settings),
            sleep=sleep,
        )

    def ping(self) -> None:
        """Returns where the key is good."""
        self._http.request("GET", "ping", operation="ping")

    def account(self) -> str:
        """The id of the account that the key opens; raises Rejected where the API's root tells none."""
        body = _body(self._http.request("GET", "", operation="read account", params={"fields": "account_id"}))
        found = str(body.get("account_id") or "")
        if not found:
            raise Rejected(
                "mailchimp: the account does not say which it is. Run again; where it stays so, check url.",
                adapter="mailchimp", operation="read account", code="no_account_id",
            )  # fmt: skip
        return found

    def service_time(self) -> datetime | None:
        """Mailchimp's clock now, by its latest answers."""
        return self._http.service_time()

    def lists(self) -> frozenset[str]:
        """The ids of every audience of the account."""
        return frozenset(row["id"] for row in self._rows("lists", "lists", ("id",), "list audiences"))

    def stores(self) -> frozenset[str]:
        """The ids of every connected store of the account."""
        return frozenset(
            row["id"] for row in self._rows("ecommerce/stores", "stores", ("id",), "list stores")
        )

    def require(self, found: frozenset[str], named: Sequence[str], what: str) -> None:
        """Raises AccessDenied where the settings name an audience or a store that is not there.

        Only once they are known to be there may a missing member or order be read as gone.
        """
        missing = [name for name in named if name not in found]
        if missing:
            raise AccessDenied(
                f"mailchimp: {len(missing)} of the {what} that the settings name "
                f"is not in this account. Correct `{what}` in the settings.",
                adapter="mailchimp", operation=f"check {what}", code="not_in_account",
            )  # fmt: skip

    # Members of an audience.

    def members(self, list_id: str, query: Mapping[str, Any]) -> Listed:
        """One page of an audience's members, trimmed. Raises Rejected where it is no list of members."""
        fields = ",".join(["total_items", *(f"members.{name}" for name in MEMBER_FIELDS)])
        answer = self._http.request(
            "GET", f"lists/{_path(list_id)}/members", operation="list members",
            params={"fields": fields, **query},
        )  # fmt: skip
        found = _listed(answer, "members", "list members")
        if not all(isinstance(row, dict) and _is_id(row.get("contact_id")) for row in found.rows):
            raise Rejected(
                "mailchimp: an audience has members without a contact id, so they could not be found "
                "again. Ask Mailchimp's support about contact_id, and leave the audience out of `lists`.",
                adapter="mailchimp", operation="list members", code="no_contact_id",
            )  # fmt: skip
        return found

    def count_members(self, list_id: str, query: Mapping[str, Any]) -> Listed:
        """How many members of an audience a query matches, with the one that came latest."""
        answer = self._http.request(
            "GET", f"lists/{_path(list_id)}/members", operation="count members",
            params={
                "fields": "total_items,members.timestamp_signup,members.timestamp_opt", "count": 1,
                "sort_field": "timestamp_opt", "sort_dir": "DESC", **query,
            },
        )  # fmt: skip
        found = _listed(answer, "members", "count members")
        return Listed([row for row in found.rows if isinstance(row, dict)], found.total)

    def living(self, list_id: str) -> tuple[list[str], bool]:
        """A few contacts that an audience's list shows, and whether it counts none, archived ones too."""
        shown: list[str] = []
        totals: list[int | None] = []
        for query in ({}, {"status": "archived"}):
            answer = self._http.request(
                "GET", f"lists/{_path(list_id)}/members", operation="list members", fresh=True,
                params={"fields": "total_items,members.contact_id", "count": _CONTROLS, **query},
            )  # fmt: skip
            rows, total = _listed(answer, "members", "list members")
            shown += [contact for row in rows if (contact := _text(row, "contact_id"))]
            totals.append(total)
            if shown:
                break
        return shown, not shown and all(total == 0 for total in totals)

    def counts_nobody(self, list_id: str) -> bool:
        """Whether the audience itself says that it has no member; False where it says nothing of that."""
        fields = ",".join(["id", *(f"stats.{name}" for name in _STATS)])
        body = self._get(f"lists/{_path(list_id)}", "read audience", {"fields": fields})
        stats = body.get("stats") if body and body.get("id") == list_id else None
        return isinstance(stats, dict) and all(stats.get(name) == 0 for name in _STATS)

    def member(self, list_id: str, contact_id: str) -> dict[str, Any] | None:
        """A member by contact id (or hash), trimmed; None where Mailchimp has none."""
        return self._get(
            f"lists/{_path(list_id)}/members/{_path(contact_id)}", "read member",
            {"fields": ",".join(MEMBER_FIELDS)},
        )  # fmt: skip

    def clicks(self, list_id: str, contact_id: str) -> list[dict[str, Any]]:
        """The latest click of a member, as far as the activity feed reaches back."""
        found = self._get(
            f"lists/{_path(list_id)}/members/{_path(contact_id)}/activity-feed", "read activity",
            {"activity_filters": "click", "count": 10,
             "fields": "activity.activity_type,activity.created_at_timestamp"},
        )  # fmt: skip
        rows = (found or {}).get("activity") or []
        return [row for row in rows if row.get("activity_type") == "click"]

    def unsubscribe(self, list_id: str, contact_id: str) -> str:
        """Sets a member to unsubscribed and returns the status it then has."""
        answer = self._http.request(
            "PATCH", f"lists/{_path(list_id)}/members/{_path(contact_id)}", operation="unsubscribe member",
            params={"skip_merge_validation": "true"},
            json={"status": "unsubscribed"}, write=True, idempotent=True,
        )  # fmt: skip
        body = _body(answer)
        if body.get("contact_id", contact_id) != contact_id:
            raise _other_answer("unsubscribe member")
        return str(body.get("status", ""))

    def delete_permanently(self, list_id: str, address: str) -> bool:
        """Erases a member, by the address as Mailchimp itself shows it, for good; False where it had none."""
        path = f"lists/{_path(list_id)}/members/{subscriber_hash(address)}/actions/delete-permanent"
        return self._write("POST", path, "delete member")

    # Stores.

    def order(self, store_id: str, order_id: str) -> dict[str, Any] | None:
        """An order of a store; None where the store has none. Raises Rejected for another answer."""
        path = f"ecommerce/stores/{_path(store_id)}/orders/{_path(order_id)}"
        found = self._get(path, "read order", {"fields": "id"})
        if found is not None and str(found.get("id")) != order_id:
            raise _other_answer("read order")
        return found

    def delete_order(self, store_id: str, order_id: str) -> bool:
        """Deletes an order of a store; False where the store had none."""
        return self._write(
            "DELETE", f"ecommerce/stores/{_path(store_id)}/orders/{_path(order_id)}", "delete order"
        )

    def customers(self, store_id: str, address: str) -> list[str]:
        """The ids of a store's customers who have this address, in whichever form the store holds it."""
        found = [id_ for form in forms(address) for id_ in self._customers_as(store_id, form)]
        return list(dict.fromkeys(found))

    def _customers_as(self, store_id: str, form: str) -> list[str]:
        rows = self._rows(
            f"ecommerce/stores/{_path(store_id)}/customers", "customers", ("id", "email_address"),
            "find customer", {"email_address": form},
        )  # fmt: skip
        wanted = folded(form)
        return _asked_for(
            rows, "find customer", lambda row: folded(str(row.get("email_address", ""))) == wanted
        )

    def some_customers(self, store_id: str) -> list[tuple[str, str]] | None:
        """A few customers of a store, each with an address; None where the store counts none at all."""
        return self._some(
            store_id, "customers", "email_address", lambda row: _address(_text(row, "email_address"))
        )

    def some_orders(self, store_id: str) -> list[tuple[str, str]] | None:
        """A few orders of a store, each with its customer's id; None where the store counts none at all."""
        return self._some(store_id, "orders", "customer.id", lambda row: _text(row.get("customer"), "id"))

    def _some(
        self, store_id: str, name: str, field: str, asked_by: Callable[[Mapping[str, Any]], str | None]
    ) -> list[tuple[str, str]] | None:
        operation = f"list {name}"
        answer = self._http.request(
            "GET", f"ecommerce/stores/{_path(store_id)}/{name}", operation=operation,
            params={"fields": f"total_items,{name}.id,{name}.{field}", "count": _CONTROLS}, fresh=True,
        )  # fmt: skip
        rows, total = _listed(answer, name, operation)
        if total == 0 and not rows:
            return None
        sound = [row for row in rows if isinstance(row, dict) and _is_id(row.get("id"))]
        return [(row["id"], by) for row in sound if (by := asked_by(row))]

    def delete_customer(self, store_id: str, customer_id: str) -> bool:
        """Deletes a customer of a store; False where the store had none."""
        path = f"ecommerce/stores/{_path(store_id)}/customers/{_path(customer_id)}"
        return self._write("DELETE", path, "delete customer")

    def orders_of(self, store_id: str, customer_id: str) -> list[str]:
        """The ids of a customer's orders in a store."""
        rows = self._rows(
            f"ecommerce/stores/{_path(store_id)}/orders", "orders", ("id", "customer.id"),
            "find orders", {"customer_id": customer_id},
        )  # fmt: skip
        return _asked_for(rows, "find orders", lambda row: _customer_of(row) == customer_id)

    def _rows(
        self, path: str, name: str, fields: Sequence[str], operation: str, query: Mapping[str, Any] = {}
    ) -> Iterator[dict[str, Any]]:
        wanted = ",".join(["total_items", *(f"{name}.{field}" for field in fields)])
        offset = 0
        while True:
            params = {"fields": wanted, "count": PAGE, "offset": offset, **query}
            answer = self._http.request("GET", path, operation=operation, params=params, fresh=True)
            rows, total = _listed(answer, name, operation)
            yield from rows
            offset += len(rows)
            if total is None or (not rows and offset < total):
                raise _other_answer(operation)
            if offset >= total:
                return

    def _get(self, path: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            return _body(self._http.request("GET", path, operation=operation, params=params, fresh=True))
        except Rejected as error:
            if missing(error):
                return None
            raise

    def _write(self, method: str, path: str, operation: str) -> bool:
        try:
            # A deletion is answered 204; another success is a page of something in between.
            self._http.request(method, path, operation=operation, write=True, idempotent=True, ok=(204,))
        except Rejected as error:
            if missing(error):
                return False
            raise
        return True


def missing(error: Rejected) -> bool:
    """A 404 counts only with the service's own title; a web page or an empty one does not."""
    return error.status == 404 and error.code == NOT_FOUND


def unread(error: Rejected) -> bool:
    """Whether an answer says nothing of what was asked: a web page, no list, another's rows, a bare 404.

    Or a success where none belongs, or a copy that a cache kept.
    """
    stray = error.status == 404 and error.code != NOT_FOUND
    return (
        stray or 200 <= error.status < 300 or error.code in (HTML, CACHED, NO_LIST, OTHER_ANSWER, NO_CONTROL)
    )


def _listed(answer: Answer, name: str, operation: str) -> Listed:
    """The rows under a name; an answer without such a list is no empty list."""
    body = answer.json()
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise Rejected(
            f"mailchimp: the answer to `{operation}` holds no list, so it is not believed. Run again; if it "
            "stays so, see what stands between this machine and Mailchimp (a proxy, a cache).",
            adapter="mailchimp", operation=operation, code=NO_LIST,
        )  # fmt: skip
    total = body.get("total_items")
    return Listed(rows, total if isinstance(total, int) and not isinstance(total, bool) else None)


def _asked_for(
    rows: Iterator[dict[str, Any]], operation: str, mine: Callable[[Mapping[str, Any]], bool]
) -> list[str]:
    """The ids of rows, all of which must be what was asked for.

    Else a cache or a dropped filter answered something else, and what it leaves out is not gone.
    """
    found = list(rows)
    if not all(isinstance(row, dict) and _is_id(row.get("id")) and mine(row) for row in found):
        raise _other_answer(operation)
    return [row["id"] for row in found]


def _other_answer(operation: str) -> Rejected:
    return Rejected(
        f"mailchimp: the answer to `{operation}` is not to what was asked, so it is not believed. Run again; "
        "if it stays so, see what stands between this machine and Mailchimp (a proxy, a cache).",
        adapter="mailchimp", operation=operation, code=OTHER_ANSWER,
    )  # fmt: skip


def no_control(operation: str) -> Rejected:
    """A filtered list that does not find what the whole list shows, so that its absences prove nothing."""
    return Rejected(
        f"mailchimp: `{operation}` does not find what the store's whole list shows, so its empty answers are "
        "not believed. Run again; if it stays so, see what stands between this machine and Mailchimp.",
        adapter="mailchimp", operation=operation, code=NO_CONTROL,
    )  # fmt: skip


def _text(row: object, name: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def _address(text: str) -> str | None:
    """The address as the service writes it; None where it is none."""
    return text if folded(text) is not None else None


def _customer_of(row: Mapping[str, Any]) -> object:
    customer = row.get("customer")
    return customer.get("id") if isinstance(customer, dict) else None


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _path(part: str) -> str:
    return quote(part, safe="")


def _body(answer: Answer) -> dict[str, Any]:
    body = answer.json()
    return body if isinstance(body, dict) else {}
