"""The stand-in PostNord: track and trace of the shop's parcels; booking is only ever recorded."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request
from sandbox.woocommerce.shop import Shop

_TRACEABLE = timedelta(days=540)  # numbers may be given out again after 18 months
_STATES = {"completed": "DELIVERED", "refunded": "RETURNED", "processing": "EN_ROUTE"}


@dataclass(slots=True)
class Depot:
    """Parcels by shipment id, and every call that would book something."""

    shipments: dict[str, Json] = field(default_factory=dict)
    misuse: list[tuple[str, str]] = field(default_factory=list)


def make_depot(shop: Shop) -> Depot:
    """The parcels of a shop that can still be traced."""
    depot = Depot()
    for order in shop.orders.values():
        for row in order["meta_data"]:
            sent = date.fromisoformat(order["date_created"][:10])
            if row["key"] == "_postnord_shipment_id" and shop.today - sent <= _TRACEABLE:
                depot.shipments[row["value"]] = _shipment(order, row["value"])
    return depot


def _shipment(order: Json, shipment_id: str) -> Json:
    status = _STATES.get(order["status"], "EN_ROUTE")
    to = order["shipping"]
    event = {
        "eventTime": order["date_completed"] or order["date_created"], "eventCode": "C20", "status": status,
        "eventDescription": "The shipment item has been handled",
        "location": {"city": to["city"], "postcode": to["postcode"], "countryCode": to["country"]},
    }  # fmt: skip
    item: Json = {"itemId": shipment_id, "status": status, "events": [event]}
    if status == "DELIVERED":
        item["acceptor"] = {"name": f"{to['first_name']} {to['last_name']}"}
    return {
        "shipmentId": shipment_id, "status": status, "deliveryDate": order["date_completed"], "items": [item],
        "consignee": {
            "name": f"{to['first_name']} {to['last_name']}",
            "address": {"city": to["city"], "postCode": to["postcode"]},
        },
    }  # fmt: skip


class PostNord(Router):
    """Answers requests with one API key."""

    def __init__(self, depot: Depot, key: str) -> None:
        super().__init__()
        self.depot = depot
        self._key = key
        self.serve("GET", "/rest/shipment/v7/trackandtrace/id/<id>/public", self.track)
        self.serve("GET", "/rest/shipment/v5/trackandtrace/findByIdentifier.json", self.track)

    def permit(self, request: Request) -> Answer | None:
        """The key in the query; 403 otherwise. Whatever is posted is recorded first."""
        if request.method != "GET":
            self.depot.misuse.append((request.method, request.path))
        if request.query.get("apikey") == self._key:
            return None
        error = {
            "status_code": 403,
            "error_type": "Forbidden",
            "message": "Invalid API Key",
            "xrequestid": "0",
        }
        return Answer(403, {"error": error}, content_type="application/json")

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """405 for a method, 404 for an address that is not served."""
        return Answer(
            405 if other_method else 404, {"message": "Not served"}, content_type="application/json"
        )

    def track(self, request: Request, shipment_id: str = "") -> Answer:
        """One parcel; an unknown number is a 200 without shipments."""
        wanted = shipment_id or request.query.get("id", "")
        if not (wanted.isalnum() and 10 <= len(wanted) <= 35):
            fault = {
                "faultCode": "invalidIdentifier",
                "explanationText": "Invalid identifier",
                "paramValues": [],
            }
            return Answer(400, {"message": "Invalid identifier", "compositeFault": {"faults": [fault]}})
        found = self.depot.shipments.get(wanted)
        body = {"TrackingInformationResponse": {"shipments": [found] if found else []}}
        return Answer(200, body, content_type="application/json", rows=1)
