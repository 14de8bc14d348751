"""The Marketing API 3.0 over the stand-in account, with its problem+json errors."""

from random import Random
from typing import Any

from sandbox.mailchimp.account import STORE, Account, add_member, subscriber_hash
from sandbox.mailchimp.answers import bound_of, missing, number, problem, trimmed
from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request
from sandbox.woocommerce.auth import basic_credentials

_JSON = "application/json; charset=utf-8"
_COMPLIANCE = frozenset({"unsubscribed", "cleaned"})
_NEVER_ARCHIVED = frozenset({"cleaned", "pending", "archived"})
_BOUNDS = {
    "since_last_changed": ("last_changed", 1), "before_last_changed": ("last_changed", -1),
    "since_timestamp_opt": ("timestamp_opt", 1), "before_timestamp_opt": ("timestamp_opt", -1),
}  # fmt: skip


class Mailchimp(Router):
    """Answers requests to one account."""

    prefix = "/3.0"

    def __init__(self, account: Account, key: str) -> None:
        super().__init__()
        self.account = account
        self.key = key
        member = "/lists/<list>/members/<member>"
        store = f"/ecommerce/stores/{STORE}"
        for method, template, handler in (
            ("GET", "", self.root),
            ("GET", "/ping", self.ping),
            ("GET", "/lists", self.lists),
            ("GET", "/lists/<list>", self.audience),
            ("GET", "/lists/<list>/merge-fields", self.merge_fields),
            ("GET", "/search-members", self.search),
            ("GET", "/lists/<list>/members", self.members),
            ("POST", "/lists/<list>/members", self.add),
            ("GET", member, self.member),
            ("PATCH", member, self.change),
            ("PUT", member, self.put),
            ("DELETE", member, self.archive),
            ("POST", f"{member}/actions/delete-permanent", self.forget),
            ("GET", f"{member}/activity-feed", self.activity),
            ("GET", "/audiences/<list>/contacts/<contact>", self.contact),
            ("POST", "/audiences/<list>/contacts/<contact>/actions/forget", self.forget_contact),
            ("GET", "/ecommerce/stores", self.stores),
            ("GET", store, self.store),
            ("GET", "/ecommerce/orders", self.orders),
            ("GET", f"{store}/customers", self.customers),
            ("GET", f"{store}/orders", self.orders),
            ("GET", f"{store}/carts", self.carts),
        ):
            self.serve(method, template, handler)
        self._serve_copies(store)

    def _serve_copies(self, store: str) -> None:
        for kind, rows in self._kinds().items():

            def one(request: Request, row_id: str, rows: dict[str, Json] = rows) -> Answer:
                return self._one(request, rows.get(row_id))

            def drop(request: Request, row_id: str, rows: dict[str, Json] = rows) -> Answer:
                if rows.pop(row_id, None) is None:
                    raise missing()
                return Answer(204)

            self.serve("GET", f"{store}/{kind}/<id>", one)
            self.serve("DELETE", f"{store}/{kind}/<id>", drop)

    def _kinds(self) -> dict[str, dict[str, Json]]:
        return {
            "customers": self.account.customers,
            "orders": self.account.orders,
            "carts": self.account.carts,
        }

    def permit(self, request: Request) -> Answer | None:
        """Basic with any user name and the key as password, or a bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token if scheme.lower() == "bearer" else basic_credentials(request)[1]
        if given == self.key:
            return None
        detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
        return problem(401, "API Key Invalid", detail).answer

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """405 for a route with another method, else 404."""
        if other_method:
            return problem(
                405, "Method Not Allowed", "The requested method and resource are not compatible."
            ).answer
        return missing().answer

    def root(self, request: Request) -> Answer:
        """Whose account it is."""
        return Answer(200, {"account_id": self.account.account_id}, content_type=_JSON)

    def ping(self, request: Request) -> Answer:
        """Whether the key is good."""
        return Answer(200, {"health_status": "Everything's Chimpy!"}, content_type=_JSON)

    def lists(self, request: Request) -> Answer:
        """The audiences."""
        rows = [self._list(list_id) for list_id in self.account.lists]
        return self._many(request, "lists", rows)

    def audience(self, request: Request, list_id: str) -> Answer:
        """One audience."""
        return self._one(request, self._list(list_id) if list_id in self.account.lists else None)

    def _list(self, list_id: str) -> Json:
        counted = [row["status"] for row in self.account.members[list_id].values()]
        stats = {
            "member_count": counted.count("subscribed"),
            "unsubscribe_count": counted.count("unsubscribed"),
        }
        return {**self.account.lists[list_id], "stats": {**stats, "cleaned_count": counted.count("cleaned")}}

    def merge_fields(self, request: Request, list_id: str) -> Answer:
        """The fields a contact may have beside the address."""
        self._members(list_id)
        kinds = {
            "FNAME": "text",
            "LNAME": "text",
            "ADDRESS": "address",
            "PHONE": "phone",
            "BIRTHDAY": "birthday",
        }
        rows = [
            {"merge_id": n, "tag": tag, "name": tag.title(), "type": kind}
            for n, (tag, kind) in enumerate(kinds.items(), 1)
        ]
        return self._many(request, "merge_fields", rows)

    def _members(self, list_id: str) -> dict[str, Json]:
        if list_id not in self.account.members:
            raise missing()
        return self.account.members[list_id]

    def members(self, request: Request, list_id: str) -> Answer:
        """The contacts of an audience; without a status the archived ones are left out."""
        status = request.query.get("status")
        rows = [
            row for row in self._members(list_id).values()
            if (row["status"] == status if status else row["status"] != "archived")
        ]  # fmt: skip
        for name, (field, direction) in _BOUNDS.items():
            if bound := bound_of(request.query.get(name, "")):
                rows = [
                    row
                    for row in rows
                    if row[field] and (row[field] > bound if direction > 0 else row[field] < bound)
                ]
        if bound := bound_of(request.query.get("unsubscribed_since", "")):
            rows = [row for row in rows if row["status"] == "unsubscribed" and row["last_changed"] > bound]
        if order := request.query.get("sort_field"):
            rows.sort(
                key=lambda row: str(row[order]),
                reverse=request.query.get("sort_dir", "ASC").upper() == "DESC",
            )
        return self._many(request, "members", rows, list_id=list_id)

    def member(self, request: Request, list_id: str, name: str) -> Answer:
        """One contact, by hash, contact id or address."""
        return self._one(request, self.account.find(list_id, name))

    def activity(self, request: Request, list_id: str, name: str) -> Answer:
        """What a contact did with the newsletters."""
        found = self.account.find(list_id, name)
        if found is None:
            raise missing()
        return self._many(request, "activity", self.account.clicks.get(found["id"], []), list_id=list_id)

    def change(self, request: Request, list_id: str, name: str) -> Answer:
        """PATCH: status and merge fields; nobody is subscribed again against a stop."""
        found = self.account.find(list_id, name)
        if found is None:
            raise missing()
        body = request.json()
        if body.get("status") == "subscribed" and found["status"] in _COMPLIANCE:
            raise problem(400, "Member In Compliance State", "The member cannot be subscribed.")
        found |= {key: body[key] for key in ("status", "language", "vip") if key in body}
        found["merge_fields"] |= body.get("merge_fields") or {}
        found["last_changed"] = self.account.now()
        return self._one(request, found)

    def put(self, request: Request, list_id: str, name: str) -> Answer:
        """PUT adds or replaces: recorded, since an eraser that puts brings people back."""
        self.account.puts.append(request.path)
        body = request.json()
        return self._added(request, list_id, body)

    def add(self, request: Request, list_id: str) -> Answer:
        """POST adds a contact."""
        body = request.json()
        if subscriber_hash(body.get("email_address", "")) in self._members(list_id):
            raise problem(400, "Member Exists", "The contact is already a list member. Use PUT to update.")
        return self._added(request, list_id, body)

    def _added(self, request: Request, list_id: str, body: Json) -> Answer:
        email = str(body.get("email_address", ""))
        self._members(list_id)
        if subscriber_hash(email) in self.account.forgotten[list_id]:
            detail = "The contact was permanently deleted and cannot be re-imported. It must re-subscribe."
            raise problem(400, "Forgotten Email Not Subscribed", detail)
        fields = body.get("merge_fields") or {}
        contact = {
            "email": email, "first_name": fields.get("FNAME", ""), "last_name": fields.get("LNAME", ""),
            "phone": fields.get("PHONE", ""),
        }  # fmt: skip
        status = body.get("status") or body.get("status_if_new") or "pending"
        added = add_member(self.account, list_id, contact, status, Random(email))
        added["last_changed"] = self.account.now()
        return self._one(request, added)

    def archive(self, request: Request, list_id: str, name: str) -> Answer:
        """DELETE archives: everything is kept, and it can be undone."""
        found = self.account.find(list_id, name)
        if found is None:
            raise missing()
        if found["status"] in _NEVER_ARCHIVED:
            detail = "Can not archive a contact that is bounced, pending or archived"
            raise problem(405, "Method Not Allowed", f"This list member cannot be removed. {detail}")
        found["status"], found["last_changed"] = "archived", self.account.now()
        return Answer(204)

    def forget(self, request: Request, list_id: str, name: str) -> Answer:
        """delete-permanent: by hash only, for good; the address can never be imported again."""
        members = self._members(list_id)
        if name not in members:
            raise missing()
        del members[name]
        self.account.forgotten[list_id].add(name)
        self.account.clicks.pop(name, None)
        return Answer(204)

    def contact(self, request: Request, list_id: str, contact: str) -> Answer:
        """GET a contact by its id or a channel's hash, where the account has the Contacts API."""
        return self._one(request, self._contact(list_id, contact))

    def forget_contact(self, request: Request, list_id: str, contact: str) -> Answer:
        """POST forget: by contact id, whatever the channel; an address can never be imported again."""
        found = self._contact(list_id, contact)
        if found is None or contact.startswith("email:"):
            raise missing()
        del self._members(list_id)[found["id"]]
        if found["email_address"]:
            self.account.forgotten[list_id].add(found["id"])
        self.account.clicks.pop(found["id"], None)
        return Answer(204)

    def _contact(self, list_id: str, contact: str) -> Json | None:
        if not self.account.contacts_api:
            return None
        rows = self._members(list_id).values()
        wanted = contact.removeprefix("email:")
        return next((row for row in rows if wanted in (row["contact_id"], row["id"])), None)

    def search(self, request: Request) -> Answer:
        """GET search-members: exact and loose matches over every audience, or one."""
        query, only = request.query.get("query", "").lower(), request.query.get("list_id")
        rows = [
            row
            for list_id, members in self.account.members.items()
            if only in (None, list_id)
            for row in members.values()
        ]
        exact = [row for row in rows if row["email_address"].lower() == query]
        loose = [
            row for row in rows if query and query in f"{row['email_address']} {row['full_name']}".lower()
        ]
        body = {
            "exact_matches": {"members": exact, "total_items": len(exact)},
            "full_search": {"members": loose[:30], "total_items": len(loose)},
        }
        return Answer(200, body, content_type=_JSON, rows=len(exact))

    def stores(self, request: Request) -> Answer:
        """The connected stores."""
        return self._many(request, "stores", [self._store()])

    def store(self, request: Request) -> Answer:
        """One connected store."""
        return self._one(request, self._store())

    def _store(self) -> Json:
        return {
            "id": STORE, "list_id": next(iter(self.account.lists)), "name": "Sandbutiken",
            "platform": "woocommerce",
            "is_syncing": False, "currency_code": "SEK",
        }  # fmt: skip

    def customers(self, request: Request) -> Answer:
        """The store's customers, by address where asked."""
        wanted = request.query.get("email_address", "").lower()
        rows = [
            row for row in self.account.customers.values() if wanted in ("", row["email_address"].lower())
        ]
        return self._many(request, "customers", rows, store_id=STORE)

    def orders(self, request: Request) -> Answer:
        """The store's orders, by customer where asked."""
        wanted = request.query.get("customer_id", "")
        rows = [row for row in self.account.orders.values() if wanted in ("", row["customer"]["id"])]
        return self._many(request, "orders", rows, store_id=STORE)

    def carts(self, request: Request) -> Answer:
        """The store's carts."""
        return self._many(request, "carts", list(self.account.carts.values()), store_id=STORE)

    def _one(self, request: Request, row: Json | None) -> Answer:
        if row is None:
            raise missing()
        return Answer(200, trimmed(row, request.query.get("fields", "")), content_type=_JSON, rows=1)

    def _many(self, request: Request, name: str, rows: list[Any], **more: str) -> Answer:
        count, offset = number(request, "count", 10), number(request, "offset", 0)
        chosen = rows[offset : offset + count]
        body = {name: chosen, **more, "total_items": len(rows)}
        return Answer(
            200, trimmed(body, request.query.get("fields", "")), content_type=_JSON, rows=len(chosen)
        )
