"""Made-up deliveries and returns."""

import random
import zlib

from sandbox.shopify.making.sketches import Sketch
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json


def add_delivery(row: Json, sketch: Sketch, chance: random.Random) -> None:
    """The fulfilment, with its tracking number in the form PostNord prints it."""
    if row["sourceName"] == "pos" or not sketch.done:
        return
    delivered = iso(sketch.done + 2 * 86400) if chance.random() < 0.9 else None
    number = f"00370000{zlib.crc32(str(sketch.number).encode()):010d}"
    url = f"https://tracking.postnord.example/?id={number}"
    row["fulfillments"] = [{
        "id": gid("Fulfillment", sketch.number), "status": "SUCCESS", "createdAt": iso(sketch.done),
        "deliveredAt": delivered, "trackingInfo": [{"company": "PostNord", "number": number, "url": url}],
    }]  # fmt: skip


def add_returns(row: Json, sketch: Sketch, chance: random.Random) -> None:
    """A return where money went back, and now and then one that is still open."""
    wanted = bool(sketch.refunded) and chance.random() < 0.6
    waiting = bool(sketch.done) and not sketch.refunded and sketch.place % 150 == 40
    if not wanted and not waiting:
        return
    when = iso(sketch.refunded or sketch.done + 86400)
    row["returns"] = [{
        "id": gid("Return", sketch.number), "createdAt": when, "closedAt": None if waiting else when,
        "status": "OPEN" if waiting else "CLOSED", "decline": None,
    }]  # fmt: skip
