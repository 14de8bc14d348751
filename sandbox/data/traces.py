"""What a person leaves on an order beside the address: meta, notes, refunds, and the account itself."""

import json
import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sandbox.data.people import Person
from sandbox.wire import Json
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import EMPTY_ADDRESS, gmt_text, stamp

_NOTES = (
    "Lämna paketet i soprummet, portkod 4711.",
    "Kan ni leverera till grannen om jag ej är hemma?",
    "Ring {name} {phone} innan leverans tack!",
    "Jag är allergisk mot nötter /{name}",
    "Present till min mamma, skriv: Grattis! Kram {first}",
)
_CARD = "4111 1111 1111 1111"  # a test number of the card networks


def with_account(person: Person, customer_id: int) -> Person:
    """The person as the holder of an account."""
    return replace(person, customer_id=customer_id)


def as_guest(person: Person) -> Person:
    """The same person ordering without signing in: a capital in the address, the telephone as one says it."""
    typed = f"0{person.phone.removeprefix('+46')}"
    return replace(person, customer_id=0, email=person.email[0].upper() + person.email[1:], phone=typed)


def add_meta(order: Json, values: dict[str, str]) -> None:
    """Adds rows of meta; ids follow from the order's."""
    start = order["id"] * 40 + len(order["meta_data"])
    order["meta_data"] += [
        {"id": start + n, "key": key, "value": value} for n, (key, value) in enumerate(values.items())
    ]


def add(shop: Shop, order: Json, person: Person, chance: random.Random) -> None:
    """Adds everything that identifies a person to an order."""
    order["customer_ip_address"], order["customer_user_agent"] = person.ip, person.agent
    add_meta(
        order, _attribution(person) | _payment_meta(order, person) | _delivery_meta(order, person, chance)
    )
    if person.personal_number and chance.random() < 0.7:
        add_meta(order, {"_billing_personnummer": person.personal_number})
    if person.organisation_number:
        add_meta(order, {"_billing_company_number": person.organisation_number})
    if person.subscribed and chance.random() < 0.6:
        add_meta(order, {"mailchimp_woocommerce_is_subscribed": person.subscribed})
    _add_oddities(order, person, chance)
    if chance.random() < 0.3:
        order["customer_note"] = _customer_note(person, chance)
    shop.notes[order["id"]] = _notes(order, person, chance)


def _attribution(person: Person) -> dict[str, str]:
    return {
        "_wc_order_attribution_source_type": "organic",
        "_wc_order_attribution_utm_source": "google",
        "_wc_order_attribution_user_agent": person.agent,
        "_wc_order_attribution_session_pages": "7",
        "_wc_order_attribution_device_type": "Mobile",
    }


def _payment_meta(order: Json, person: Person) -> dict[str, str]:
    reference = order["transaction_id"]
    if order["payment_method"] in ("klarna_payments", "kco") and reference:
        found = {
            "_wc_klarna_order_id": reference,
            "_wc_klarna_environment": "live",
            "_wc_klarna_country": person.country,
        }
        if order["id"] % 300 == 2:
            found["_kco_recurring_token"] = f"token-{order['id']}"
        if order["payment_method"] == "kco" and order["id"] % 9 == 2:
            found["_kco_kss_data"] = json.dumps(
                {"id": "mypack", "address": person.street, "email": person.email}
            )
        return found
    if order["payment_method"] == "paysoncheckout" and reference:
        return {"_payson_checkout_id": reference}
    if order["payment_method"] == "swish" and reference:
        alias = f"46{person.phone[1:]}" if person.phone.startswith("0") else person.phone.lstrip("+")
        return {
            "_swish_payer_alias": alias,
            "_swish_payment_reference": reference.replace("-", ""),
        }
    return {}


def _delivery_meta(order: Json, person: Person, chance: random.Random) -> dict[str, str]:
    if order["status"] not in ("completed", "refunded") or chance.random() < 0.1:
        return {}
    receiver = f"{person.name}, {person.street}, {person.postcode} {person.town}"
    return {"_postnord_shipment_id": shipment_id(order["id"]), "_postnord_tracking_receiver": receiver}


def shipment_id(order_id: int) -> str:
    """The shipment number of an order, in the form PostNord prints it."""
    return f"00370000{zlib.crc32(str(order_id).encode()):010d}"


def _add_oddities(order: Json, person: Person, chance: random.Random) -> None:
    """Gifts to somebody else, and the leavings of a plugin that nobody remembers."""
    if chance.random() < 0.03:
        order["shipping"] |= {"first_name": "Göta", "last_name": "Presentmottagare", "company": ""}
    if order["id"] % 750 == 8:
        add_meta(order, {"_acme_giftwrap_contact": f"Kontakt: {person.email}"})
    for line in order["shipping_lines"]:
        _add_line_meta(line, "Ombud", f"ICA Nära {person.town}")
    if order["id"] % 600 == 5:
        add_meta(order, {"leveransinstruktion": f"Lämna hos {person.name}"})
        for line in order["shipping_lines"]:
            _add_line_meta(line, "pickup_recipient", person.name)


def _add_line_meta(line: Json, key: str, value: str) -> None:
    row = {"id": line["id"] * 10 + len(line["meta_data"]), "key": key, "value": value}
    line["meta_data"].append({**row, "display_key": key, "display_value": value})


def _customer_note(person: Person, chance: random.Random) -> str:
    if person.personal_number and chance.random() < 0.1:
        return f"Mitt personnummer är {person.personal_number} om det behövs för fakturan."
    return chance.choice(_NOTES).format(name=person.name, phone=person.phone, first=person.first)


def _note_texts(order: Json, person: Person, chance: random.Random) -> list[tuple[str, bool]]:
    """What the shop and its staff wrote, and whether the customer was sent it."""
    goods = ", ".join(f"{line['name']} (100&rarr;{100 - line['quantity']})" for line in order["line_items"])
    paid = f"Betalning via {order['payment_method_title']}. Transaktion {order['transaction_id']}."
    texts = [
        (f"Stock levels reduced: {goods}", False),
        (f"Order status changed from Pending payment to {order['status'].capitalize()}.", False),
        (f"{paid} Kund: {person.email}", False),
    ]
    if chance.random() < 0.1:
        sent = f"Hej {person.name}! Ditt paket är på väg till {person.street}."
        texts.append((f"{sent} Frågor? Vi ringer {person.phone}.", True))
    if chance.random() < 0.01:
        texts.append((f"Kunden ringde, kortet {_CARD} nekades. /Kundtjänst", False))
    return texts


def _notes(order: Json, person: Person, chance: random.Random) -> list[Json]:
    when = order["date_created_gmt"]
    return [
        {
            "id": order["id"] * 10 + place, "author": "WooCommerce", "date_created": when,
            "date_created_gmt": when,
            "note": text, "customer_note": to_customer,
        }
        for place, (text, to_customer) in enumerate(_note_texts(order, person, chance))
    ]  # fmt: skip


def make_till_order(order: Json) -> None:
    """An order rung up at the till: no contact details at all."""
    contact = {**EMPTY_ADDRESS, "country": "SE", "phone": ""}
    order |= {
        "created_via": "pos", "customer_id": 0, "payment_method": "pos_card",
        "payment_method_title": "Kort i butik",
        "billing": {**contact, "email": ""}, "shipping": dict(contact), "customer_note": "",
        "customer_ip_address": "", "customer_user_agent": "", "meta_data": [],
    }  # fmt: skip


def add_refund(shop: Shop, order: Json, person: Person, when: datetime, chance: random.Random) -> None:
    """A refund, most within weeks, a few long after; never later than today."""
    age = (shop.today - when.date()).days
    days = chance.randint(400, 900) if chance.random() < 0.12 else chance.randint(5, 30)
    full = order["status"] == "refunded"
    amount = order["total"] if full else min("49.00", order["total"], key=float)
    row: Json = {
        "id": order["id"] + 1, "parent_id": order["id"], "date_created": None, "date_created_gmt": None,
        "amount": amount, "reason": f"Ånger enligt samtal med {person.name}", "refunded_by": 1,
        "refunded_payment": False, "meta_data": [], "line_items": [], "shipping_lines": [], "tax_lines": [],
        "fee_lines": [],
    }  # fmt: skip
    stamp(row, "created", when + timedelta(days=min(days, max(age - 1, 0))))
    shop.refunds[row["id"]] = row
    order["refunds"].append({"id": row["id"], "reason": row["reason"], "total": f"-{amount}"})
    order["date_modified"], order["date_modified_gmt"] = row["date_created"], row["date_created_gmt"]


def add_accounts(shop: Shop, people: list[Person], chance: random.Random) -> None:
    """The accounts, registered before their first order and last seen after their last."""
    spans: dict[int, list[str]] = {}
    for order in shop.orders.values():
        spans.setdefault(order["customer_id"], []).append(order["date_created_gmt"])
    shop.customers[1] = _account(1, "admin@butik.invalid", "admin", "administrator")
    for person in people:
        seen = spans.get(person.customer_id) or [_quiet_day(shop, chance)]
        add_account(shop, person, (min(seen), max(seen)), chance)


def _quiet_day(shop: Shop, chance: random.Random) -> str:
    start = datetime.combine(shop.today, datetime.min.time(), UTC)
    return gmt_text(start - timedelta(days=chance.randint(30, 4000)))


def add_account(shop: Shop, person: Person, span: tuple[str, str], chance: random.Random) -> None:
    """Adds one account, of somebody who was seen from the first of these moments to the last."""
    first, last = span
    row = _account(person.customer_id, person.email, f"kund{person.number}", "customer")
    row |= {"first_name": person.first, "last_name": person.last, "is_paying_customer": first != last}
    row["billing"] |= person.address()
    row["shipping"] |= {**person.address(contact=False), "phone": ""}
    registered = datetime.fromisoformat(first).replace(tzinfo=UTC) - timedelta(days=chance.randint(0, 20))
    seen = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=chance.choice((0, 0, 9, 200)))
    seen = min(seen, datetime.combine(shop.today, datetime.min.time(), UTC))
    stamp(row, "created", registered)
    stamp(row, "modified", seen)
    values = {"wc_last_active": f"{seen.timestamp():.0f}"}
    if person.personal_number:
        values["billing_personnummer"] = person.personal_number
    if person.subscribed:
        values["mailchimp_woocommerce_is_subscribed"] = person.subscribed
    add_meta(row, values)
    shop.customers[person.customer_id] = row


def _account(customer_id: int, email: str, username: str, role: str) -> Json:
    return {
        "id": customer_id, "date_created": None, "date_created_gmt": None, "date_modified": None,
        "date_modified_gmt": None, "email": email, "first_name": "", "last_name": "", "role": role,
        "username": username, "billing": {**EMPTY_ADDRESS, "email": "", "phone": ""},
        "shipping": {**EMPTY_ADDRESS, "phone": ""}, "is_paying_customer": False,
        "avatar_url": f"https://gravatar.example/{customer_id}", "meta_data": [],
    }  # fmt: skip
