"""An order as Shopify answers it, read into holdings, facts, handles and a record."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from adapters.held import NEW_ADDRESS, present_bits, says
from adapters.shopify import addresses, places
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import (
    Holding,
    Row,
    keyed_holdings,
    personal,
    reach,
    surprises,
    text_holdings,
    uncut_places,
)
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.status import facts, more_lines
from connector.identity import is_placeholder, normalise_email, normalise_phone
from connector.places.cutting import nothing_else
from connector.places.naming import place_of
from connector.places.suspected import Own
from connector.policy.goods import Goods, with_goods
from connector.ports import Clock, Keyer
from connector.records import (
    SHOWS_RECIPIENT,
    Field,
    Identifier,
    Kind,
    Placed,
    Record,
    Ref,
    Surprise,
)
from connector.text.folding import mentions
from connector.text.formats import leaves

Table = Mapping[str, Field]
TRACKING = "tracking:"
ATTRIBUTE = "attribute:"
METAFIELD = "metafield:"
LINE = "line:"  # no place of a call: stands for an attribute of a line


def holdings(order: Node, table: Table) -> list[Holding]:
    """Every place of an order with personal data, those that no call changes included."""
    billing = order.get("billingAddress") or {}
    found = list(addresses.shipping_holdings(order.get("shippingAddress") or {}, billing))
    found += _properties(order)
    found += keyed_holdings(rows(order, table), table, business=says(billing.get("company")))
    found += _tracking(order)
    found += (Holding(field, "", fixed=True) for field in _fixed(order))
    return found


def _properties(order: Node) -> Iterator[Holding]:
    if says(order.get("email")):
        yield Holding(Field.EMAIL, "email", NEW_ADDRESS)
    if says(order.get("phone")):
        yield Holding(Field.PHONE, "phone")
    if says(order.get("poNumber")):
        yield Holding(Field.COMPANY, "poNumber", "")
    note = str(order.get("note") or "")
    if says(note) and not nothing_else(note, key="customer_note", words=True):
        yield Holding(Field.CUSTOMER_NOTE, "note", "")
    yield from text_holdings("note", note, hint="customer_note", words=True)
    if order.get("tags"):
        yield Holding(Field.TAGS, "tags", [])


def _tracking(order: Node) -> Iterator[Holding]:
    for fulfillment in order.get("fulfillments") or ():
        if any(says(row.get("number")) or row.get("url") for row in fulfillment.get("trackingInfo") or ()):
            yield Holding(Field.TRACKING_NUMBER, f"{TRACKING}{fulfillment['id']}")


def _fixed(order: Node) -> Iterator[Field]:
    """What no version of the API changes on an order; Shopify's own erasure takes most of it."""
    if addresses.holds_data(order.get("billingAddress") or {}):
        yield Field.BILLING_ADDRESS
    if order.get("clientIp"):
        yield Field.IP_ADDRESS
    journey = order.get("customerJourneySummary") or {}
    visits = [journey.get("firstVisit") or {}, journey.get("lastVisit") or {}]
    if any(visit.get("landingPage") or visit.get("referrerUrl") for visit in visits):
        yield Field.USER_AGENT
    transactions = order.get("transactions") or ()
    if any(row.get("paymentDetails") for row in transactions):
        yield Field.PAYMENT_DETAILS
    if any(row.get("paymentId") for row in transactions):
        yield Field.PAYMENT_REFERENCE
    if order.get("hasTimelineComment"):
        yield Field.STAFF_NOTES
    if order.get("customer"):
        yield Field.ACCOUNT


def rows(record: Node, table: Table) -> list[tuple[str, str, str]]:
    """Attributes, and the metafields that the table names, as (place, key, value)."""
    found = [
        (f"{ATTRIBUTE}{at}", str(row["key"]), str(row.get("value") or ""))
        for at, row in enumerate(record.get("customAttributes") or ())
    ]
    for row in nodes(record, "metafields"):
        key = f"{row['namespace']}.{row['key']}"
        if key in table:
            found.append((f"{METAFIELD}{key}", key, str(row.get("value") or "")))
    return found


def names(order: Node) -> Own:
    """The words of an order's people, to find them repeated elsewhere."""
    contact = {"email": order.get("email"), "phone": order.get("phone")}
    return addresses.people(order.get("billingAddress") or {}, order.get("shippingAddress") or {}, contact)


def customer_id(order: Node) -> str:
    """The number of the account an order belongs to; empty for a guest."""
    return number((order.get("customer") or {}).get("id"))


def handles(order: Node) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person or order, by name."""
    email = str(order.get("email") or "")
    email = "" if is_placeholder(email) else email
    customer = customer_id(order)
    given: dict[str, list[str]] = {
        "email": [email],
        "phone": [phone_of(order)],
        "order": [number(order["id"])],
        "order_number": [str(order.get("name") or "").lstrip("#")],
        "customer": [customer],
        "guest_email": ["" if customer else email],
        "klarna_order": _values(order, places.KLARNA_KEYS),
        "payson_checkout": _values(order, places.PAYSON_KEYS),
        "tracking_number": tracking_numbers(order),
        "transaction": [str(row.get("paymentId") or "") for row in order.get("transactions") or ()],
    }
    cleaned = {name: tuple(dict.fromkeys(v for v in values if v)) for name, values in given.items()}
    return {name: values for name, values in cleaned.items() if values}


def _values(order: Node, keys: Sequence[str]) -> list[str]:
    """The texts of every row under these keys, those of a list one by one; the keys in their order."""
    given = rows(order, {})
    found = [value for key in keys for _, known, value in given if known == key]
    return [leaf.text for value in found for leaf in leaves(value) if not leaf.name]


def phone_of(order: Node) -> str:
    """The buyer's telephone number: the order's own, else the billing address's."""
    for value in (order.get("phone"), (order.get("billingAddress") or {}).get("phone")):
        if says(value):
            return str(value)
    return ""


def tracking_numbers(order: Node) -> list[str]:
    """The parcel numbers of every fulfillment."""
    return [
        str(row["number"])
        for fulfillment in order.get("fulfillments") or ()
        for row in fulfillment.get("trackingInfo") or ()
        if says(row.get("number"))
    ]


def identifiers(order: Node, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the buyer; the recipient of a gift is not the buyer."""
    country = str((order.get("billingAddress") or {}).get("countryCodeV2") or "SE")
    digests = (
        ("email", keyer("email", normalise_email(str(order.get("email") or "")) or "")),
        ("phone", keyer("phone", normalise_phone(phone_of(order), country) or "")),
        ("account", keyer("account", f"{ADAPTER}:{customer_id(order) or 0}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def residue(order: Node, held: Sequence[Holding] = (), *, known: Own | None = None) -> tuple[str, ...]:
    """Copies of this order's people in places that no call changes; `known` are their words, where read."""
    known = names(order) if known is None else known
    found = set(_line_places(order, known))
    if addresses.holds_data(order.get("billingAddress") or {}):
        found.add("billing_address")
    if any(personal(str(row.get("note") or ""), key="", own=known) for row in order.get("refunds") or ()):
        found.add("refund_reason")
    # Notes of returned lines lie deeper than a bulk query reads: every return may have one.
    if nodes(order, "returns") or order.get("returnStatus") not in (None, "NO_RETURN"):
        found.add("return_note")
    if nodes(order, "localizedFields"):
        found.add("localized_fields")
    if order.get("requiresShipping") and order.get("fulfillments"):
        found.add("fulfillment_destination")
    if order.get("sourceName") == "shopify_draft_order":
        found.add("completed_draft")
    # A service's whole answer (receiptJson) is not read: every payment has one.
    if order.get("transactions"):
        found.add("payment_receipt")
    found |= uncut_places(held)
    return tuple(sorted(found))


def _line_rows(order: Node) -> list[Row]:
    """The attributes of order lines: no call changes them."""
    return [
        ("", str(row.get("key") or ""), str(row.get("value") or ""))
        for line in nodes(order, "lineItems")
        for row in line.get("customAttributes") or ()
    ]


def _line_places(order: Node, known: Own) -> Iterator[str]:
    """Attributes of order lines that hold a person or the customer's own words."""
    for _, key, value in _line_rows(order):
        if says(value) and (mentions(key, places.OWN_WORDS) or personal(value, key=key, own=known)):
            yield f"item_meta:{place_of(key, known).removeprefix('meta:')}"


def _mapped(order: Node, table: Table) -> list[tuple[str, str, Field]]:
    """The lines' attributes that a key's line names: key, value, field."""
    return [(key, value, table[key]) for _, key, value in _line_rows(order) if key in table and says(value)]


def line_holdings(order: Node, table: Table) -> list[Holding]:
    """What lines hold of a field by their keys: present, and changed by no call."""
    return [
        Holding(field, f"{LINE}{key}", now=value, hint=key, fixed=True)
        for key, value, field in _mapped(order, table)
    ]


def line_places(order: Node, table: Table, known: Own) -> tuple[Placed, ...]:
    """The places on lines that a key's line names, each with its field."""
    found = {
        (f"item_meta:{place_of(key, known).removeprefix('meta:')}", field)
        for key, _, field in _mapped(order, table)
    }
    return tuple(Placed(place=place, field=field) for place, field in sorted(found))


def on_lines(order: Node, table: Table, known: Own) -> Iterator[Surprise]:
    """What the lines' attributes hold and no setting names."""
    for one in surprises(_line_rows(order), table, known, cut=False):
        yield replace(one, place=f"item_meta:{one.place.removeprefix('meta:')}")


def shown_by(order: Node) -> Iterator[Surprise]:
    """The recipient that an order shows was used: Kustom, once Klarna Checkout, by its gateway's name."""
    if any("kustom" in str(name).casefold() for name in order.get("paymentGatewayNames") or ()):
        yield Surprise(code=SHOWS_RECIPIENT, place="kustom")


def to_record(order: Node, *, table: Table, keyer: Keyer, clock: Clock, goods: Goods = ()) -> Record:
    """The record of an order, as the index keeps it."""
    found, known = holdings(order, table), names(order)
    every, placed = [*found, *line_holdings(order, table)], line_places(order, table, known)
    numbers = [str(line.get("sku") or "") for line in nodes(order, "lineItems")]
    read = with_goods(facts(order, clock().date()), goods, numbers, whole=not more_lines(order))
    return Record(
        ref=Ref(adapter=ADAPTER, kind=Kind.ORDER, id=number(order["id"])),
        version=str(order.get("updatedAt") or ""),
        facts=read,
        present=present_bits(every),
        label=str(order.get("name") or "").lstrip("#") or number(order["id"]),
        identifiers=identifiers(order, keyer),
        copies=tuple(handles(order)),
        surprises=(
            *surprises(rows(order, table), table, known),
            *on_lines(order, table, known),
            *shown_by(order),
        ),
        residue=tuple(sorted({*residue(order, found, known=known), *(one.place for one in placed)})),
        placed=placed,
        **reach(every),
    )
