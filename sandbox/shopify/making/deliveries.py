"""Made-up deliveries and returns."""

import random
import zlib

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.sketches import Sketch
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json


def shipment_id(number: int) -> str:
    """The shipment number of an order, in the form PostNord prints it."""
    return f"00370000{zlib.crc32(str(number).encode()):010d}"


def add_delivery(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    """The fulfilment, with its tracking number."""
    if row["sourceName"] == "pos" or not sketch.done:
        return
    known = chance.random() < 0.9
    delivered = sketch.done + 2 * 86400 if known else 0
    tracking = shipment_id(sketch.number)
    row["fulfillments"] = [
        blank("Fulfillment", {
            "id": gid("Fulfillment", sketch.number), "name": f"{row['name']}.1",
            "createdAt": iso(sketch.done), "updatedAt": iso(delivered or sketch.done),
            "deliveredAt": iso(delivered) if known else None,
            "events": [_event(sketch.number, delivered, person)] if known else [],
            "trackingInfo": [
                {
                    "company": "PostNord", "number": tracking,
                    "url": f"https://tracking.postnord.example/?id={tracking}",
                }
            ],
        })
    ]  # fmt: skip


def _event(number: int, delivered: int, person: Person) -> Json:
    return blank("FulfillmentEvent", {
        "id": gid("FulfillmentEvent", number), "city": person.town, "zip": person.postcode,
        "country": person.country, "createdAt": iso(delivered),
    })  # fmt: skip


def add_returns(row: Json, sketch: Sketch, person: Person, chance: random.Random) -> None:
    """A return where money went back, and now and then one that is still open."""
    wanted = bool(sketch.refunded) and chance.random() < 0.6
    waiting = bool(sketch.done) and not sketch.refunded and sketch.place % 150 == 40
    if not wanted and not waiting:
        return
    when = sketch.refunded or sketch.done + 86400
    line = row["lineItems"][0]
    row["returns"] = [
        blank("Return", {
            "id": gid("Return", sketch.number), "name": f"{row['name']}-R1", "createdAt": iso(when),
            "closedAt": None if waiting else iso(when), "status": "OPEN" if waiting else "CLOSED",
            "returnLineItems": [blank("ReturnLineItem", {
                "id": gid("ReturnLineItem", sketch.number), "line": line["id"],
                "customerNote": f"Passade inte. /{person.first}",
            })],
        })
    ]  # fmt: skip
