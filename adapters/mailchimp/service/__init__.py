"""The calls of the Mailchimp Marketing API 3.0 that Gallra makes, and no others.

Never a PUT: it creates what it does not find. Basis: mailchimp.com/developer/marketing/api.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.mailchimp.service.answers import Listed as Listed
from adapters.mailchimp.service.answers import (
    address_of,
    asked_for,
    body_of,
    customer_of,
    is_id,
    listed,
    other_answer,
    text_of,
)
from adapters.mailchimp.service.answers import missing as missing
from adapters.mailchimp.service.answers import no_control as no_control
from adapters.mailchimp.service.answers import unread as unread
from adapters.mailchimp.service.wire import CONNECTIONS as CONNECTIONS
from adapters.mailchimp.service.wire import PAGE as PAGE
from adapters.mailchimp.service.wire import Wire, part
from adapters.mailchimp.service.wire import base_url as base_url
from connector.errors import AccessDenied, Rejected
from connector.text.addresses import folded, forms

COMPLIANCE = "member_in_compliance_state"
_STATS = ("member_count", "unsubscribe_count", "cleaned_count")  # of an audience, what the API counts in it
_CONTROLS = 10  # rows of which one must have what it is asked for by

MEMBER_FIELDS = (
    "contact_id", "email_address", "full_name", "web_id", "status", "merge_fields", "timestamp_signup",
    "timestamp_opt", "last_changed", "ip_signup", "ip_opt", "tags_count", "sms_phone_number",
    "sms_subscription_status", "sms_subscription_last_updated", "last_note.note_id",
)  # fmt: skip

CART_FIELDS = (
    "id", "created_at", "updated_at", "customer.id", "customer.email_address", "customer.first_name",
    "customer.last_name", "customer.company", "customer.address",
)  # fmt: skip


def subscriber_hash(address: str) -> str:
    """The id Mailchimp derives from an address as it holds it: the MD5 of its lower case. Never stored."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


class Mailchimp:
    """One account; every method is one kind of call."""

    def __init__(self, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._wire = Wire(settings, sleep=sleep)
        self._http = self._wire.http

    def ping(self) -> None:
        """Returns where the key is good."""
        self._http.request("GET", "ping", operation="ping")

    def account(self) -> str:
        """The id of the account that the key opens; raises Rejected where the API's root tells none."""
        body = body_of(
            self._http.request("GET", "", operation="read account", params={"fields": "account_id"})
        )
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
        return frozenset(row["id"] for row in self._wire.rows("lists", "lists", ("id",), "list audiences"))

    def stores(self) -> frozenset[str]:
        """The ids of every connected store of the account."""
        return frozenset(
            row["id"] for row in self._wire.rows("ecommerce/stores", "stores", ("id",), "list stores")
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
            "GET", f"lists/{part(list_id)}/members", operation="list members",
            params={"fields": fields, **query},
        )  # fmt: skip
        found = listed(answer, "members", "list members")
        if not all(isinstance(row, dict) and is_id(row.get("contact_id")) for row in found.rows):
            raise Rejected(
                "mailchimp: an audience has members without a contact id, so they could not be found "
                "again. Ask Mailchimp's support about contact_id, and leave the audience out of `lists`.",
                adapter="mailchimp", operation="list members", code="no_contact_id",
            )  # fmt: skip
        return found

    def count_members(self, list_id: str, query: Mapping[str, Any]) -> Listed:
        """How many members of an audience a query matches, with the one that came latest."""
        answer = self._http.request(
            "GET", f"lists/{part(list_id)}/members", operation="count members",
            params={
                "fields": "total_items,members.timestamp_signup,members.timestamp_opt", "count": 1,
                "sort_field": "timestamp_opt", "sort_dir": "DESC", **query,
            },
        )  # fmt: skip
        found = listed(answer, "members", "count members")
        return Listed([row for row in found.rows if isinstance(row, dict)], found.total)

    def living(self, list_id: str) -> tuple[list[str], bool]:
        """A few contacts that an audience's list shows, and whether it counts none, archived ones too."""
        shown: list[str] = []
        totals: list[int | None] = []
        for query in ({}, {"status": "archived"}):
            answer = self._http.request(
                "GET", f"lists/{part(list_id)}/members", operation="list members", fresh=True,
                params={"fields": "total_items,members.contact_id", "count": _CONTROLS, **query},
            )  # fmt: skip
            rows, total = listed(answer, "members", "list members")
            shown += [contact for row in rows if (contact := text_of(row, "contact_id"))]
            totals.append(total)
            if shown:
                break
        return shown, not shown and all(total == 0 for total in totals)

    def counts_nobody(self, list_id: str) -> bool:
        """Whether the audience itself says that it has no member; False where it says nothing of that."""
        fields = ",".join(["id", *(f"stats.{name}" for name in _STATS)])
        body = self._wire.get(f"lists/{part(list_id)}", "read audience", {"fields": fields})
        stats = body.get("stats") if body and body.get("id") == list_id else None
        return isinstance(stats, dict) and all(stats.get(name) == 0 for name in _STATS)

    def member(self, list_id: str, contact_id: str) -> dict[str, Any] | None:
        """A member by contact id (or hash), trimmed; None where Mailchimp has none."""
        return self._wire.get(
            f"lists/{part(list_id)}/members/{part(contact_id)}", "read member",
            {"fields": ",".join(MEMBER_FIELDS)},
        )  # fmt: skip

    def clicks(self, list_id: str, contact_id: str) -> list[dict[str, Any]]:
        """The latest click of a member, as far as the activity feed reaches back."""
        found = self._wire.get(
            f"lists/{part(list_id)}/members/{part(contact_id)}/activity-feed", "read activity",
            {"activity_filters": "click", "count": 10,
             "fields": "activity.activity_type,activity.created_at_timestamp"},
        )  # fmt: skip
        rows = (found or {}).get("activity") or []
        return [row for row in rows if row.get("activity_type") == "click"]

    def unsubscribe(self, list_id: str, contact_id: str) -> str:
        """Sets a member to unsubscribed and returns the status it then has."""
        answer = self._http.request(
            "PATCH", f"lists/{part(list_id)}/members/{part(contact_id)}", operation="unsubscribe member",
            params={"skip_merge_validation": "true"},
            json={"status": "unsubscribed"}, write=True, idempotent=True,
        )  # fmt: skip
        body = body_of(answer)
        if body.get("contact_id", contact_id) != contact_id:
            raise other_answer("unsubscribe member")
        return str(body.get("status", ""))

    def delete_permanently(self, list_id: str, address: str) -> bool:
        """Erases a member, by the address as Mailchimp itself shows it, for good; False where it had none."""
        path = f"lists/{part(list_id)}/members/{subscriber_hash(address)}/actions/delete-permanent"
        return self._wire.delete(path, "delete member", method="POST")

    def contact(self, list_id: str, contact_id: str) -> bool:
        """Whether the Contacts API (beta) shows this contact; False where it has none, or is not there."""
        path = f"audiences/{part(list_id)}/contacts/{part(contact_id)}"
        return self._wire.get(path, "read contact", {}) is not None

    def forget(self, list_id: str, contact_id: str) -> bool:
        """Erases a contact for good by its neutral id, address or none; False where Mailchimp had none."""
        path = f"audiences/{part(list_id)}/contacts/{part(contact_id)}/actions/forget"
        return self._wire.delete(path, "forget contact", method="POST")

    # Stores.

    def order(self, store_id: str, order_id: str) -> dict[str, Any] | None:
        """An order of a store; None where the store has none. Raises Rejected for another answer."""
        path = f"ecommerce/stores/{part(store_id)}/orders/{part(order_id)}"
        found = self._wire.get(path, "read order", {"fields": "id"})
        if found is not None and str(found.get("id")) != order_id:
            raise other_answer("read order")
        return found

    def delete_order(self, store_id: str, order_id: str) -> bool:
        """Deletes an order of a store; False where the store had none."""
        return self._wire.delete(f"ecommerce/stores/{part(store_id)}/orders/{part(order_id)}", "delete order")

    def customers(self, store_id: str, address: str) -> list[str]:
        """The ids of a store's customers who have this address, in whichever form the store holds it."""
        found = [id_ for form in forms(address) for id_ in self._customers_as(store_id, form)]
        return list(dict.fromkeys(found))

    def _customers_as(self, store_id: str, form: str) -> list[str]:
        rows = self._wire.rows(
            f"ecommerce/stores/{part(store_id)}/customers", "customers", ("id", "email_address"),
            "find customer", {"email_address": form},
        )  # fmt: skip
        wanted = folded(form)
        return asked_for(
            rows, "find customer", lambda row: folded(str(row.get("email_address", ""))) == wanted
        )

    def some_customers(self, store_id: str) -> list[tuple[str, str]] | None:
        """A few customers of a store, each with an address; None where the store counts none at all."""
        return self._some(
            store_id, "customers", "email_address", lambda row: address_of(text_of(row, "email_address"))
        )

    def some_orders(self, store_id: str) -> list[tuple[str, str]] | None:
        """A few orders of a store, each with its customer's id; None where the store counts none at all."""
        return self._some(store_id, "orders", "customer.id", lambda row: text_of(row.get("customer"), "id"))

    def _some(
        self, store_id: str, name: str, field: str, asked_by: Callable[[Mapping[str, Any]], str | None]
    ) -> list[tuple[str, str]] | None:
        operation = f"list {name}"
        answer = self._http.request(
            "GET", f"ecommerce/stores/{part(store_id)}/{name}", operation=operation,
            params={"fields": f"total_items,{name}.id,{name}.{field}", "count": _CONTROLS}, fresh=True,
        )  # fmt: skip
        rows, total = listed(answer, name, operation)
        if total == 0 and not rows:
            return None
        sound = [row for row in rows if isinstance(row, dict) and is_id(row.get("id"))]
        return [(row["id"], by) for row in sound if (by := asked_by(row))]

    def delete_customer(self, store_id: str, customer_id: str) -> bool:
        """Deletes a customer of a store; False where the store had none."""
        path = f"ecommerce/stores/{part(store_id)}/customers/{part(customer_id)}"
        return self._wire.delete(path, "delete customer")

    def orders_of(self, store_id: str, customer_id: str) -> list[str]:
        """The ids of a customer's orders in a store."""
        rows = self._wire.rows(
            f"ecommerce/stores/{part(store_id)}/orders", "orders", ("id", "customer.id"),
            "find orders", {"customer_id": customer_id},
        )  # fmt: skip
        return asked_for(rows, "find orders", lambda row: customer_of(row) == customer_id)

    def carts(self, store_id: str, offset: int) -> Listed:
        """A page of a store's carts, trimmed. Raises Rejected where it is no list of carts, or uncounted."""
        answer = self._http.request(
            "GET", f"ecommerce/stores/{part(store_id)}/carts", operation="list carts", fresh=True,
            params={"fields": f"total_items,{','.join(f'carts.{name}' for name in CART_FIELDS)}",
                    "count": PAGE, "offset": offset},
        )  # fmt: skip
        found = listed(answer, "carts", "list carts")
        sound = all(isinstance(row, dict) and is_id(row.get("id")) for row in found.rows)
        if found.total is None or not sound:
            raise other_answer("list carts")
        return found

    def delete_cart(self, store_id: str, cart_id: str) -> bool:
        """Deletes a cart of a store; False where the store had none."""
        return self._wire.delete(f"ecommerce/stores/{part(store_id)}/carts/{part(cart_id)}", "delete cart")
