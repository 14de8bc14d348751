"""Made-up draft orders, abandoned checkouts, gift cards, companies and who listens."""

from datetime import UTC, datetime, time, timedelta

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.customers import address
from sandbox.shopify.making.sketches import FIRST_CUSTOMER
from sandbox.shopify.making.world import World, in_a_company
from sandbox.shopify.values import bag, gid, iso
from sandbox.wire import Json

_DAY = 86400


def _days_ago(world: World, days: int) -> int:
    start = datetime.combine(world.today, time(9), UTC)
    return int((start - timedelta(days=days)).timestamp())


def _some(world: World, count: int) -> list[int]:
    """People spread over the buyers."""
    step = max(1, len(world.buyers) // count)
    return world.buyers[::step][:count]


def make_draft_orders(world: World) -> dict[int, Json]:
    """Offers that staff wrote: open, sent, completed, some of them years old."""
    rows = {}
    for place, buyer in enumerate(_some(world, 24)):
        number = 800_001 + place
        created = _days_ago(world, 3 + place * 61)
        status = ("OPEN", "INVOICE_SENT", "COMPLETED")[place % 3]
        rows[number] = _draft_order(number, world.people[buyer], FIRST_CUSTOMER + buyer, created, status)
    return rows


def _draft_order(number: int, person: Person, customer: int, created: int, status: str) -> Json:
    sent = iso(created + _DAY)
    return blank("DraftOrder", {
        "id": gid("DraftOrder", number), "name": f"#D{number - 800_000}", "createdAt": iso(created),
        "updatedAt": sent, "completedAt": sent if status == "COMPLETED" else None,
        "customAttributes": [{"key": "Portkod", "value": "4711"}] if number % 4 == 1 else [],
        "customer_number": customer, "email": person.email, "phone": person.phone,
        "note2": f"Offert till {person.name}", "status": status,
        "shippingAddress": address(person, gid("MailingAddress", number * 10 + 2)),
        "billingAddress": address(person, gid("MailingAddress", number * 10 + 1)),
        "totalPriceSet": bag(129900),
    })  # fmt: skip


def make_abandoned_checkouts(world: World) -> dict[int, Json]:
    """Checkouts left behind; Shopify drops them by itself after about three months."""
    rows: dict[int, Json] = {}
    for place, buyer in enumerate(_some(world, 30)):
        number = 900_001 + place
        person, created = world.people[buyer], _days_ago(world, 1 + place * 3)
        rows[number] = blank("AbandonedCheckout", {
            "id": gid("AbandonedCheckout", number), "name": f"#{number}", "createdAt": iso(created),
            "updatedAt": iso(created + 600), "customer_number": FIRST_CUSTOMER + buyer,
            "note": "Ring innan leverans" if place % 5 == 0 else "",
            "shippingAddress": address(person, gid("MailingAddress", number * 10 + 2)),
            "billingAddress": address(person, gid("MailingAddress", number * 10 + 1)),
            "totalPriceSet": bag(34900),
        })  # fmt: skip
    return rows


def make_gift_cards(world: World) -> dict[int, Json]:
    """Gift cards with a balance, without one, and one that waits to be sent."""
    rows: dict[int, Json] = {}
    for place, buyer in enumerate(_some(world, 15)):
        number = 700_001 + place
        person, created = world.people[buyer], _days_ago(world, 10 + place * 120)
        spent = place % 3 == 1
        rows[number] = blank("GiftCard", {
            "id": gid("GiftCard", number), "createdAt": iso(created), "updatedAt": iso(created),
            "balance": {"amount": "0.0" if spent else "300.0", "currencyCode": "SEK"},
            "lastCharacters": f"{number % 10000:04d}", "maskedCode": f"•••• •••• •••• {number % 10000:04d}",
            "note": f"Köpt av {person.name}", "customer_number": FIRST_CUSTOMER + buyer,
            "recipient": _recipient(world, place, person, created),
        })  # fmt: skip
    return rows


def _recipient(world: World, place: int, person: Person, created: int) -> Json | None:
    if place % 5 != 2:
        return None
    receiver = world.buyers[-1 - place]
    later = _days_ago(world, -30) if place == 2 else created
    return {
        "customer_number": FIRST_CUSTOMER + receiver, "message": f"Grattis! Kram {person.first}",
        "preferredName": world.people[receiver].first, "sendNotificationAt": iso(later),
    }  # fmt: skip


def make_companies(world: World) -> tuple[dict[int, Json], dict[int, Json], dict[int, Json]]:
    """Companies, their contacts and their places, by the number of the person who orders."""
    companies: dict[int, Json] = {}
    contacts: dict[int, Json] = {}
    places: dict[int, Json] = {}
    for buyer in filter(in_a_company, world.buyers):
        person, moment = world.people[buyer], iso(world.joined(buyer))
        stamps = {"createdAt": moment, "updatedAt": moment}
        name = person.company or f"{person.last} & Co {buyer} AB"
        companies[buyer] = blank("Company", {
            "id": gid("Company", buyer), "number": buyer, "name": name, **stamps,
        })  # fmt: skip
        contacts[buyer] = blank("CompanyContact", {
            "id": gid("CompanyContact", buyer), "company": buyer, "customer_number": FIRST_CUSTOMER + buyer,
            **stamps,
        })  # fmt: skip
        at = _company_address(buyer, person, name)
        places[buyer] = blank("CompanyLocation", {
            "id": gid("CompanyLocation", buyer), "company": buyer, "name": person.town, "phone": person.phone,
            "billingAddress": at, "shippingAddress": at, **stamps,
        })  # fmt: skip
    return companies, contacts, places


def _company_address(number: int, person: Person, name: str) -> Json:
    return blank("CompanyAddress", {
        "id": gid("CompanyAddress", number), "address1": person.street, "city": person.town,
        "zip": person.postcode, "countryCode": person.country, "firstName": person.first,
        "lastName": person.last, "phone": person.phone, "recipient": person.name,
    })  # fmt: skip


def make_webhooks() -> dict[int, Json]:
    """Who listens: a bookkeeping service and a mail service."""
    rows = {}
    for place, (topic, host) in enumerate((("ORDERS_UPDATED", "fortnox"), ("CUSTOMERS_UPDATE", "mejl"))):
        number = 600_001 + place
        rows[number] = webhook(number, topic, f"https://{host}.example/shopify", "2019-03-04T09:00:00Z")
    return rows


def webhook(number: int, topic: str, address_of: str, moment: str) -> Json:
    """One subscription."""
    return blank("WebhookSubscription", {
        "id": gid("WebhookSubscription", number), "topic": topic, "uri": address_of, "createdAt": moment,
        "updatedAt": moment,
    })  # fmt: skip
