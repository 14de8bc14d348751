"""Made-up orders, each built from its sketch alone, so that only the orders asked for cost anything."""

import random

from sandbox.data.catalogue import GOODS
from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.customers import address, metafield
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
    add_delivery(row, sketch, person, chance)
    add_returns(row, sketch, person, chance)
    row["events"] = _events(row, sketch, person, chance)
    row["updatedAt"] = iso(max(sketch.created, sketch.done, sketch.refunded))
    return row


def bare_order(number: int, name: int, created: int) -> Json:
    """An order with nobody and nothing on it."""
    moment = iso(created)
    return blank("Order", {
        "id": gid("Order", number), "number": name, "name": f"#{name}", "createdAt": moment,
        "processedAt": moment, "updatedAt": moment, "app": {"id": gid("App", 580111), "name": "Online Store"},
    })  # fmt: skip


def _lines(number: int, sketch: Sketch, person: Person, chance: random.Random) -> list[Json]:
    chosen = chance.sample(GOODS, chance.randint(1, 3))
    lines = [_line(number * 10 + n, name, price, chance) for n, (name, price, _) in enumerate(chosen)]
    if chance.random() < 0.04:
        lines[0]["customAttributes"] = [{"key": "Gravyr", "value": f"Till {person.first} {person.last}"}]
    if on_a_selling_plan(sketch.place):
        lines[0]["sellingPlan"] = {"name": "Kaffe varje månad", "sellingPlanId": gid("SellingPlan", 881)}
    return lines


def _line(line_id: int, name: str, price: str, chance: random.Random) -> Json:
    return line_item(line_id, name, int(float(price) * 125), chance.choice((1, 1, 2)))


def line_item(line_id: int, name: str, cents: int, quantity: int) -> Json:
    """One line, in gross cents each."""
    return blank("LineItem", {
        "id": gid("LineItem", line_id), "title": name, "name": name, "quantity": quantity,
        "sku": f"SKU-{len(name)}", "taxLines": [_tax(cents * quantity // 5)], "cents": cents * quantity,
    })  # fmt: skip


def _tax(cents: int) -> Json:
    return {"title": "Moms", "rate": 0.25, "priceSet": bag(cents)}


def _set_totals(row: Json) -> None:
    goods = sum(line["cents"] for line in row["lineItems"])
    freight = FREIGHT if row["requiresShipping"] else 0
    total = row["cents"] = goods + freight
    row["taxLines"] = [_tax(total // 5)]
    row |= {
        "currentSubtotalPriceSet": bag(goods), "totalPriceSet": bag(total),
        "currentTotalPriceSet": bag(total), "currentTotalTaxSet": bag(total // 5),
        "totalShippingPriceSet": bag(freight), "totalDiscountsSet": bag(0),
    }  # fmt: skip


def _set_contact(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    number = sketch.number
    row |= {
        "customer_number": sketch.customer or None, "email": person.email,
        "phone": person.phone if chance.random() < 0.4 else None, "clientIp": person.ip,
        "billingAddress": address(person, gid("MailingAddress", number * 10 + 1)),
        "shippingAddress": address(person, gid("MailingAddress", number * 10 + 2)),
        "customerJourneySummary": _journey(number, sketch.created, person),
    }  # fmt: skip
    if in_a_company(sketch.person) and sketch.linked:
        row["company"] = sketch.person


def _journey(number: int, created: int, person: Person) -> Json:
    visit = {
        "id": gid("CustomerVisit", number), "landingPage": f"{SHOP_URL}/?utm_source=mejl&till={person.first}",
        "referrerUrl": "https://sok.example/", "source": "google",
    }  # fmt: skip
    last = {**visit, "id": gid("CustomerVisit", number + 1)}
    return {"ready": True, "firstVisit": visit, "lastVisit": last}


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
        row |= {
            "sourceName": "shopify_draft_order",
            "app": {"id": gid("App", 1354745), "name": "Draft Orders"},
        }
    if sketch.place % 400 == 21:
        row["test"] = True
    if sketch.place % 75 == 8:
        value = f"Kontakt: {person.email}"
        row["metafields"].append(metafield("ORDER", sketch.number, 1, "acme.giftwrap_contact", value))
    if person.country in ("FI", "DE") and chance.random() < 0.1:
        row["localizedFields"].append(_tax_credential(person))
    if sketch.place % 500 == 33:
        status = "NEEDS_RESPONSE" if sketch.place % 1000 == 33 else "WON"
        row["disputes"].append({"id": gid("OrderDisputeSummary", sketch.number), "status": status})


def _tax_credential(person: Person) -> Json:
    return {
        "countryCode": "ES", "key": "TAX_CREDENTIAL_ES", "purpose": "TAX", "title": "NIF",
        "value": f"X{person.number:07d}T",
    }  # fmt: skip


def _set_state(row: Json, sketch: Sketch) -> None:
    """What follows from the order's state: statuses, dates, what is owed."""
    financial = {
        "pending": "PENDING", "refunded": "REFUNDED", "partially_refunded": "PARTIALLY_REFUNDED",
        "cancelled": "VOIDED",
    }.get(sketch.state, "PAID")  # fmt: skip
    row["displayFinancialStatus"] = financial
    if sketch.done:
        row |= {"displayFulfillmentStatus": "FULFILLED", "closed": True, "closedAt": iso(sketch.done)}
    if sketch.state == "cancelled":
        row |= {
            "cancelledAt": iso(sketch.created + 3600), "closed": True, "closedAt": iso(sketch.created + 3600),
            "cancellation": {"staffNote": None},
        }  # fmt: skip


def _events(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> list[Json]:
    """The timeline: names and addresses stand in its sentences, and no call can remove them."""
    said = [(sketch.created, f"{person.name} placed this order on Online Store.")]
    said.append(
        (sketch.created + 60, f"Order confirmation email was sent to {person.name} ({person.email}).")
    )
    if at_the_till(sketch.place):
        said = [(sketch.created, "This order was created on Point of Sale.")]
    events = [
        _event(sketch.number * 10 + n, when, text, sketch.number) for n, (when, text) in enumerate(said)
    ]
    if chance.random() < 0.05:
        text = f"Kunden ringde från {person.phone} och ville ändra leveransen."
        events.append(_comment(sketch.number * 10 + 9, sketch.created + 7200, text))
        row["hasTimelineComment"] = True
    return events


def _event(event_id: int, when: int, text: str, number: int) -> Json:
    return blank("BasicEvent", {
        "id": gid("BasicEvent", event_id), "action": "placed", "createdAt": iso(when), "message": text,
    })  # fmt: skip


def _comment(event_id: int, when: int, text: str) -> Json:
    return blank("CommentEvent", {
        "id": gid("CommentEvent", event_id), "createdAt": iso(when), "message": text,
    })  # fmt: skip
