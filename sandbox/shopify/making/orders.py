"""Made-up orders, each built from its sketch alone, so that only the orders asked for cost anything."""

import random

from sandbox.data.catalogue import GOODS
from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.customers import addresses, metafield
from sandbox.shopify.making.deliveries import add_delivery, add_returns
from sandbox.shopify.making.payments import add_payments
from sandbox.shopify.making.sketches import Sketch
from sandbox.shopify.making.world import World, at_the_till, in_a_company, on_a_selling_plan
from sandbox.shopify.values import bag, gid, iso
from sandbox.wire import Json

SHOP_URL = "https://sandbutiken.example"
FREIGHT = 4900
_NOTES = (
    "Lämna paketet i soprummet, portkod 4711.",
    "Kan ni leverera till grannen om jag ej är hemma?",
    "Ring {name} {phone} innan leverans tack!",
    "Present till min mamma, skriv: Grattis! Kram {first}",
)
_FINANCIAL = {
    "pending": "PENDING", "refunded": "REFUNDED", "partially_refunded": "PARTIALLY_REFUNDED",
    "cancelled": "VOIDED",
}  # fmt: skip


def make_order(world: World, number: int) -> Json:
    """The order with a number."""
    sketch = world.sketches[number]
    chance = random.Random(f"{world.seed} order {number}")
    person = world.people[sketch.person]
    row = bare_order(number, 1001 + sketch.place, sketch.created)
    row["lineItems"] = _lines(number, sketch, person, chance)
    _set_totals(row)
    if at_the_till(sketch.place):
        row |= {"sourceName": "pos", "requiresShipping": False}
    else:
        _set_contact(row, sketch, person, chance)
        _add_free_text(row, person, chance)
        _add_oddities(row, sketch, person, chance)
    _set_state(row, sketch)
    add_payments(row, sketch, person, chance)
    add_delivery(row, sketch, chance)
    add_returns(row, sketch, chance)
    row["hasTimelineComment"] = chance.random() < 0.05
    row["updatedAt"] = iso(sketch.updated)
    return row


def bare_order(number: int, name: int, created: int) -> Json:
    """An order with nobody and nothing on it."""
    moments = dict.fromkeys(("createdAt", "processedAt", "updatedAt"), iso(created))
    return blank("Order", {"id": gid("Order", number), "name": f"#{name}", **moments})


def _lines(number: int, sketch: Sketch, person: Person, chance: random.Random) -> list[Json]:
    chosen = enumerate(chance.sample(GOODS, chance.randint(1, 3)), number * 10)
    lines = [
        line_item(line_id, name, int(float(price) * 125) * chance.choice((1, 1, 2)))
        for line_id, (name, price, _) in chosen
    ]
    if chance.random() < 0.04:
        lines[0]["customAttributes"] = [{"key": "Gravyr", "value": f"Till {person.first} {person.last}"}]
    if on_a_selling_plan(sketch.place):
        lines[0]["sellingPlan"] = {"name": "Kaffe varje månad"}
    return lines


def line_item(line_id: int, name: str, cents: int) -> Json:
    """One line, in gross cents."""
    return blank("LineItem", {"id": gid("LineItem", line_id), "sku": f"SKU-{len(name)}", "cents": cents})


def _set_totals(row: Json) -> None:
    goods = sum(line["cents"] for line in row["lineItems"])
    total = row["cents"] = goods + FREIGHT
    row |= {
        "taxLines": [{"title": "Moms", "rate": 0.25, "priceSet": bag(total // 5)}],
        "currentSubtotalPriceSet": bag(goods), "totalPriceSet": bag(total),
        "currentTotalTaxSet": bag(total // 5), "totalShippingPriceSet": bag(FREIGHT),
        "totalDiscountsSet": bag(0),
    }  # fmt: skip


def _set_contact(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    visits = [
        {
            "id": gid("CustomerVisit", sketch.number + at), "referrerUrl": "https://sok.example/",
            "landingPage": f"{SHOP_URL}/?utm_source=mejl&till={person.first}",
        }
        for at in (0, 1)
    ]  # fmt: skip
    row |= {
        "customer_number": sketch.customer or None, "email": person.email,
        "phone": person.phone if chance.random() < 0.4 else None, "clientIp": person.ip,
        **addresses(person, sketch.number),
        "customerJourneySummary": {"firstVisit": visits[0], "lastVisit": visits[1]},
    }  # fmt: skip
    if in_a_company(sketch.person) and sketch.linked:
        row["company"] = sketch.person


def _add_free_text(row: Json, person: Person, chance: random.Random) -> None:
    """What buyers type: notes, door codes, personal numbers, tags made of names."""
    if chance.random() < 0.25:
        row["note"] = chance.choice(_NOTES).format(name=person.name, phone=person.phone, first=person.first)
    attributes = row["customAttributes"]
    if chance.random() < 0.1:
        attributes.append({"key": "Portkod", "value": str(chance.randint(1000, 9999))})
    if person.personal_number and chance.random() < 0.6:
        attributes.append({"key": "Personnummer", "value": person.personal_number})
    if person.organisation_number:
        attributes.append({"key": "Organisationsnummer", "value": person.organisation_number})
        row["poNumber"] = f"Ref {person.name}" if chance.random() < 0.5 else None
    if chance.random() < 0.05:
        row["tags"] = ["klarna", f"kund:{person.last}"]


def _add_oddities(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    """Gifts to somebody else, orders that staff wrote, test orders, metafields, disputes."""
    if chance.random() < 0.03:
        row["shippingAddress"] |= {"firstName": "Göta", "lastName": "Presentmottagare", "company": None}
    if sketch.place % 45 == 8:
        row["sourceName"] = "shopify_draft_order"
    if sketch.place % 400 == 21:
        row["test"] = True
    if sketch.place % 75 == 8:
        contact = metafield(sketch.number * 100 + 1, "acme.giftwrap_contact", f"Kontakt: {person.email}")
        row["metafields"].append(contact)
    if person.country in ("FI", "DE") and chance.random() < 0.1:
        row["localizedFields"].append({"key": "TAX_CREDENTIAL_ES", "value": f"X{person.number:07d}T"})
    if sketch.place % 500 == 33:
        row["disputes"].append({"status": "NEEDS_RESPONSE" if sketch.place % 1000 == 33 else "WON"})


def _set_state(row: Json, sketch: Sketch) -> None:
    """What follows from the order's state: statuses and dates."""
    row["displayFinancialStatus"] = _FINANCIAL.get(sketch.state, "PAID")
    if sketch.done:
        row |= {"displayFulfillmentStatus": "FULFILLED", "closedAt": iso(sketch.done)}
    if sketch.state == "cancelled":
        row |= dict.fromkeys(("cancelledAt", "closedAt"), iso(sketch.created + 3600))
