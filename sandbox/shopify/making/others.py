"""Made-up draft orders, abandoned checkouts, gift cards, contacts of companies and who listens."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.customers import addresses
from sandbox.shopify.making.sketches import FIRST_CUSTOMER
from sandbox.shopify.making.world import World, in_a_company
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

_DAY = 86400


class _Buyer(NamedTuple):
    """Somebody to make a record for: which one this is, who it is, and what every such record carries."""

    place: int
    number: int
    person: Person
    created: int
    row: Json


def _days_ago(world: World, days: int) -> int:
    start = datetime.combine(world.today, time(9), UTC)
    return int((start - timedelta(days=days)).timestamp())


def _some(world: World, kind: str, ages: range, first: int) -> Iterator[_Buyer]:
    """People spread over the buyers, one for each age in days, numbered from `first` on."""
    step = max(1, len(world.buyers) // len(ages))
    for place, (buyer, days) in enumerate(zip(world.buyers[::step], ages, strict=False)):
        number, created = first + place, _days_ago(world, days)
        row = {"id": gid(kind, number), "createdAt": iso(created), "customer_number": FIRST_CUSTOMER + buyer}
        yield _Buyer(place, number, world.people[buyer], created, row)


def make_draft_orders(world: World) -> dict[int, Json]:
    """Offers that staff wrote: open, sent, completed, some of them years old."""
    rows = {}
    for one in _some(world, "DraftOrder", range(3, 3 + 24 * 61, 61), 800_001):
        status, sent = ("OPEN", "INVOICE_SENT", "COMPLETED")[one.place % 3], iso(one.created + _DAY)
        rows[one.number] = blank("DraftOrder", {
            **one.row, "name": f"#D{one.number - 800_000}", "updatedAt": sent, "status": status,
            "completedAt": sent if status == "COMPLETED" else None,
            "customAttributes": [{"key": "Portkod", "value": "4711"}] if one.number % 4 == 1 else [],
            "email": one.person.email, "phone": one.person.phone, "note2": f"Offert till {one.person.name}",
            **addresses(one.person, one.number),
        })  # fmt: skip
    return rows


def make_abandoned_checkouts(world: World) -> dict[int, Json]:
    """Checkouts left behind; Shopify drops them by itself after about three months."""
    return {
        one.number: blank("AbandonedCheckout", {
            **one.row, "name": f"#{one.number}", "updatedAt": iso(one.created + 600),
            "note": "Ring innan leverans" if one.place % 5 == 0 else "", **addresses(one.person, one.number),
        })
        for one in _some(world, "AbandonedCheckout", range(1, 91, 3), 900_001)
    }  # fmt: skip


def make_gift_cards(world: World) -> dict[int, Json]:
    """Gift cards with a balance, without one, and one that waits to be sent."""
    return {
        one.number: blank("GiftCard", {
            **one.row, "updatedAt": iso(one.created), "note": f"Köpt av {one.person.name}",
            "balance": {"amount": "0.0" if one.place % 3 == 1 else "300.0", "currencyCode": "SEK"},
            "recipient": _recipient(world, one),
        })
        for one in _some(world, "GiftCard", range(10, 10 + 15 * 120, 120), 700_001)
    }  # fmt: skip


def _recipient(world: World, card: _Buyer) -> Json | None:
    if card.place % 5 != 2:
        return None
    receiver = world.buyers[-1 - card.place]
    return {
        "customer_number": FIRST_CUSTOMER + receiver, "message": f"Grattis! Kram {card.person.first}",
        "preferredName": world.people[receiver].first,
        "sendNotificationAt": iso(_days_ago(world, -30) if card.place == 2 else card.created),
    }  # fmt: skip


def make_company_contacts(world: World) -> dict[int, Json]:
    """Who orders for a company, by the number of the person, which is the company's too."""
    return {
        buyer: {
            "id": gid("CompanyContact", buyer), "company": buyer, "customer_number": FIRST_CUSTOMER + buyer,
        }
        for buyer in filter(in_a_company, world.buyers)
    }  # fmt: skip


def make_webhooks() -> dict[int, Json]:
    """Who listens: a bookkeeping service and a mail service."""
    return {
        number: {"id": gid("WebhookSubscription", number), "topic": topic}
        for number, topic in enumerate(("ORDERS_UPDATED", "CUSTOMERS_UPDATE"), 600_001)
    }
