"""What the stand-in Mailchimp account holds."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sandbox.wire import Json
from sandbox.woocommerce.shop import Shop

MAIN, SECOND = "a1b2c3d4e5", "f6a7b8c9d0"
STORE = "store_sandbutiken"
_STATUSES = (("subscribed", 80), ("unsubscribed", 9), ("cleaned", 5), ("archived", 4), ("pending", 2))
_WITHOUT_SHOP = 0.05  # contacts that no shop record knows, a share of the audience


def subscriber_hash(email: str) -> str:
    """Mailchimp's id of an address: MD5 of its lower case."""
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


def instant(moment: datetime) -> str:
    """A moment as Mailchimp writes it."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


@dataclass(slots=True)
class Account:
    """Audiences by id, members by hash, the store's copies by id, and every PUT, which none should send."""

    members: dict[str, dict[str, Json]] = field(default_factory=dict)
    lists: dict[str, Json] = field(default_factory=dict)
    forgotten: dict[str, set[str]] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    carts: dict[str, Json] = field(default_factory=dict)
    clicks: dict[str, list[Json]] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    contacts_api: bool = False  # the beta that not every account has
    today: date = date.min
    account_id: str = "8d3a3db4d97663a9074efcc16"

    def now(self) -> str:
        """This second, on the account's day."""
        clock = datetime.now(UTC).timetz()
        return instant(datetime.combine(self.today, clock))

    def find(self, list_id: str, name: str) -> Json | None:
        """A member by hash, contact id or address."""
        members = self.members.get(list_id, {})
        found = members.get(name.lower()) or (members.get(subscriber_hash(name)) if "@" in name else None)
        return found or next((row for row in members.values() if row["contact_id"] == name), None)


def make_account(shop: Shop, seed: int) -> Account:
    """An account whose audience and store mirror a shop, as its plugin would have filled them."""
    chance = random.Random(f"mailchimp {seed}")
    account = Account(today=shop.today)
    for list_id, name in ((MAIN, "Nyhetsbrev"), (SECOND, "Återförsäljare")):
        account.lists[list_id] = {"id": list_id, "web_id": len(account.lists) + 1, "name": name}
        account.members[list_id], account.forgotten[list_id] = {}, set()
    _fill_store(account, shop)
    for contact in _opted_in(shop):
        status = chance.choices([name for name, _ in _STATUSES], [share for _, share in _STATUSES])[0]
        add_member(account, MAIN, contact, status, chance)
    _add_strangers(account, chance)
    return account


def _opted_in(shop: Shop) -> list[Json]:
    """The contacts whose account or latest order says they want the newsletter, one an address."""
    found: dict[str, Json] = {}
    for order in shop.orders.values():
        if _consents(order) and order["billing"]["email"]:
            found[order["billing"]["email"].lower()] = order["billing"]
    for customer in shop.customers.values():
        if _consents(customer):
            found[customer["email"].lower()] = {**customer["billing"], "email": customer["email"]}
    return list(found.values())


def _consents(record: Json) -> bool:
    return any(
        row["key"] == "mailchimp_woocommerce_is_subscribed" and row["value"] == "1"
        for row in record["meta_data"]
    )


def _add_strangers(account: Account, chance: random.Random) -> None:
    """Contacts without any shop record, and a second audience that shares some people with the first."""
    known = list(account.members[MAIN].values())
    for number in range(max(5, int(len(known) * _WITHOUT_SHOP))):
        contact = {"first_name": "", "last_name": "", "email": f"tavling{number}@brev.example", "phone": ""}
        add_member(account, MAIN, contact, "subscribed", chance)
    for member in known[:10]:
        names = {"first_name": member["merge_fields"]["FNAME"], "last_name": member["merge_fields"]["LNAME"]}
        add_member(
            account, SECOND, {**names, "email": member["email_address"], "phone": ""}, "subscribed", chance
        )
    for number in range(20):
        contact = {
            "first_name": "Inköp",
            "last_name": str(number),
            "email": f"inkop{number}@handel.example",
            "phone": "",
        }
        add_member(account, SECOND, contact, "subscribed", chance)


def add_member(account: Account, list_id: str, contact: Json, status: str, chance: random.Random) -> Json:
    """Adds a contact; one in five was last changed in one bulk import, all in the same second."""
    email = contact["email"]
    start = datetime.combine(account.today, datetime.min.time(), UTC)
    signed_up = start - timedelta(days=chance.randint(30, 3600), seconds=chance.randint(0, 86399))
    changed = signed_up + (start - signed_up) * chance.random()
    if chance.random() < 0.2:
        changed = start - timedelta(days=29)
        signed_up = min(signed_up, changed)
    number = len(account.members[list_id]) + 1
    member = _member(list_id, number, contact, status)
    member |= {
        "timestamp_signup": instant(signed_up),
        "timestamp_opt": "" if status == "pending" else instant(signed_up + timedelta(minutes=3)),
        "last_changed": instant(changed),
        "ip_signup": f"198.51.100.{number % 250 + 1}",
        "ip_opt": "" if status == "pending" else f"198.51.100.{number % 250 + 1}",
    }
    account.members[list_id][member["id"]] = member
    if status == "subscribed" and chance.random() < 0.3:
        account.clicks[subscriber_hash(email)] = [
            {"activity_type": "click", "created_at_timestamp": instant(changed)}
        ]
    return member


def _member(list_id: str, number: int, contact: Json, status: str) -> Json:
    email = contact["email"]
    name = f"{contact['first_name']} {contact['last_name']}".strip()
    secret = hashlib.sha256(f"{list_id} {number}".encode()).hexdigest()
    return {
        "id": subscriber_hash(email), "email_address": email, "unique_email_id": secret[:10],
        "contact_id": secret[10:42], "full_name": name, "web_id": 700_000 + number, "email_type": "html",
        "status": status,
        "unsubscribe_reason": "N/A (Unsubscribed by admin)" if status == "unsubscribed" else "",
        "consents_to_one_to_one_messaging": True, "sms_phone_number": "", "sms_subscription_status": "",
        "sms_subscription_last_updated": "",
        "merge_fields": {
            "FNAME": contact["first_name"], "LNAME": contact["last_name"], "ADDRESS": "",
            "PHONE": contact["phone"],
            "BIRTHDAY": "",
        },
        "interests": {}, "stats": {"avg_open_rate": 0, "avg_click_rate": 0}, "member_rating": 2,
        "language": "sv",
        "vip": False, "email_client": "", "marketing_permissions": [], "source": "WooCommerce",
        "tags_count": 0,
        "location": {"latitude": 0, "longitude": 0, "country_code": "SE", "timezone": ""},
        "tags": [], "list_id": list_id,
    }  # fmt: skip


def _fill_store(account: Account, shop: Shop) -> None:
    """The store's copies: every order with an address, and its customer; guests by hash."""
    for order in shop.orders.values():
        if order["billing"]["email"] and order["status"] != "trash":
            customer = _customer_of(account, order)
            account.orders[str(order["id"])] = _order(order, customer)
    start = datetime.combine(shop.today, datetime.min.time(), UTC)
    for number, customer in enumerate(list(account.customers.values())[:15]):
        left = instant(start - timedelta(days=6 * number))
        id_ = subscriber_hash(customer["email_address"])  # as the plugin for WooCommerce makes it
        account.carts[id_] = {
            "id": id_, "customer": customer, "currency_code": "SEK", "order_total": 249.0, "lines": [],
            "created_at": left, "updated_at": left,
        }  # fmt: skip


def _customer_of(account: Account, order: Json) -> Json:
    billing = order["billing"]
    customer_id = str(order["customer_id"] or subscriber_hash(billing["email"]))
    known = account.customers.setdefault(
        customer_id,
        {
            "id": customer_id, "email_address": billing["email"], "opt_in_status": False,
            "company": billing["company"], "first_name": billing["first_name"],
            "last_name": billing["last_name"],
            "orders_count": 0, "total_spent": 0.0, "address": _address(billing),
            "created_at": f"{order['date_created_gmt']}+00:00",
            "updated_at": f"{order['date_modified_gmt']}+00:00",
        },
    )  # fmt: skip
    known["orders_count"] += 1
    return known


def _address(source: Json) -> Json:
    return {
        "address1": source["address_1"], "address2": source["address_2"], "city": source["city"],
        "postal_code": source["postcode"], "country_code": source["country"],
    }  # fmt: skip


def _order(order: Json, customer: Json) -> Json:
    return {
        "id": str(order["id"]), "customer": customer, "store_id": STORE, "financial_status": order["status"],
        "currency_code": order["currency"], "order_total": float(order["total"]),
        "tax_total": float(order["total_tax"]), "processed_at_foreign": f"{order['date_created_gmt']}+00:00",
        "billing_address": {**_address(order["billing"]), "name": customer["first_name"]},
        "shipping_address": _address(order["shipping"]), "lines": [],
    }  # fmt: skip
