"""The calls of the Mailchimp Marketing API 3.0 that Gallra makes, and no others.

Never a PUT: it creates what it does not find. Basis: mailchimp.com/developer/marketing/api.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
import requests

from adapters.http import HTML, Answer, Http, Row, Statuses
from connector.addresses import bare, folded
from connector.errors import AccessDenied, Rejected, RetryLater, SettingsError

CONNECTIONS = 4  # of the 10 at once that one account is allowed
PAGE = 1000  # the most rows an answer holds
NOT_FOUND = "resource_not_found"
COMPLIANCE = "member_in_compliance_state"

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
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    title = body.get("title") if isinstance(body, dict) else None
    return "_".join(title.lower().split()) if isinstance(title, str) else ""


def subscriber_hash(address: str) -> str:
    """The id Mailchimp derives from an address: the MD5 of its lower case. A handle, never stored."""
    return hashlib.md5(bare(address).lower().encode(), usedforsecurity=False).hexdigest()


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

    def members(self, list_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """One page of an audience's members, trimmed, with `total_items`."""
        fields = ",".join(["total_items", *(f"members.{name}" for name in MEMBER_FIELDS)])
        answer = self._http.request(
            "GET", f"lists/{_path(list_id)}/members", operation="list members",
            params={"fields": fields, **query},
        )  # fmt: skip
        body = _body(answer)
        if not all(member.get("contact_id") for member in body.get("members") or []):
            raise Rejected(
                "mailchimp: an audience has members without a contact id, so they could not be found "
                "again. Ask Mailchimp's support about contact_id, and leave the audience out of `lists`.",
                adapter="mailchimp", operation="list members", code="no_contact_id",
            )  # fmt: skip
        return body

    def count_members(self, list_id: str, query: Mapping[str, Any]) -> int:
        """How many members of an audience a query matches."""
        answer = self._http.request(
            "GET", f"lists/{_path(list_id)}/members", operation="count members",
            params={"fields": "total_items", "count": 1, **query},
        )  # fmt: skip
        return int(_body(answer).get("total_items") or 0)

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
        return str(_body(answer).get("status", ""))

    def delete_permanently(self, list_id: str, address: str) -> bool:
        """Erases a member for good; False where Mailchimp had none."""
        path = f"lists/{_path(list_id)}/members/{subscriber_hash(address)}/actions/delete-permanent"
        return self._write("POST", path, "delete member")

    # Stores.

    def order(self, store_id: str, order_id: str) -> dict[str, Any] | None:
        """An order of a store; None where the store has none."""
        return self._get(
            f"ecommerce/stores/{_path(store_id)}/orders/{_path(order_id)}", "read order", {"fields": "id"}
        )

    def delete_order(self, store_id: str, order_id: str) -> bool:
        """Deletes an order of a store; False where the store had none."""
        return self._write(
            "DELETE", f"ecommerce/stores/{_path(store_id)}/orders/{_path(order_id)}", "delete order"
        )

    def customers(self, store_id: str, address: str) -> list[str]:
        """The ids of a store's customers who have this address."""
        wanted = folded(address)
        if wanted is None:
            return []
        rows = self._rows(
            f"ecommerce/stores/{_path(store_id)}/customers", "customers", ("id", "email_address"),
            "find customer", {"email_address": bare(address)},
        )  # fmt: skip
        # Compared here too: a filter the service does not know would return everybody.
        return [row["id"] for row in rows if folded(str(row.get("email_address", ""))) == wanted]

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
        return [row["id"] for row in rows if (row.get("customer") or {}).get("id") == customer_id]

    def _rows(
        self, path: str, name: str, fields: Sequence[str], operation: str, query: Mapping[str, Any] = {}
    ) -> Iterator[dict[str, Any]]:
        wanted = ",".join(["total_items", *(f"{name}.{field}" for field in fields)])
        offset = 0
        while True:
            params = {"fields": wanted, "count": PAGE, "offset": offset, **query}
            body = _body(self._http.request("GET", path, operation=operation, params=params))
            rows = body.get(name) or []
            yield from rows
            offset += len(rows)
            if not rows or offset >= int(body.get("total_items") or 0):
                return

    def _get(self, path: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            return _body(self._http.request("GET", path, operation=operation, params=params))
        except Rejected as error:
            if _missing(error):
                return None
            raise

    def _write(self, method: str, path: str, operation: str) -> bool:
        try:
            self._http.request(method, path, operation=operation, write=True, idempotent=True)
        except Rejected as error:
            if _missing(error):
                return False
            raise
        return True


def _missing(error: Rejected) -> bool:
    """A 404 counts only with the service's own title; a web page or an empty one does not."""
    return error.status == 404 and error.code == NOT_FOUND


def _path(part: str) -> str:
    return quote(part, safe="")


def _body(answer: Answer) -> dict[str, Any]:
    body = answer.json()
    return body if isinstance(body, dict) else {}
