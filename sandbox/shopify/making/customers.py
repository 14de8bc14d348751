"""Made-up customers: buyers, people who only read the newsletter, contacts of companies."""

import random

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.sketches import FIRST_CUSTOMER
from sandbox.shopify.making.world import World, newsletter_only, quiet
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

_MARKETING = {"1": "SUBSCRIBED", "0": "UNSUBSCRIBED", "": "NOT_SUBSCRIBED"}


def address(person: Person, address_id: str) -> Json:
    """A person's address as Shopify writes it; a Swedish postcode as people do, 831 30."""
    code, swedish = person.postcode, person.country == "SE"
    return {
        "id": address_id, "firstName": person.first, "lastName": person.last,
        "company": person.company or None, "address1": person.street, "address2": person.door or None,
        "city": person.town, "zip": f"{code[:3]} {code[3:]}" if swedish else code, "provinceCode": None,
        "countryCodeV2": person.country, "phone": person.phone,
    }  # fmt: skip


def addresses(person: Person, number: int) -> Json:
    """Where an order, an offer or a checkout goes, and who pays it."""
    kinds = {"billingAddress": 1, "shippingAddress": 2}
    return {name: address(person, gid("MailingAddress", number * 10 + at)) for name, at in kinds.items()}


def make_customer(world: World, number: int) -> Json:
    """The customer with a number."""
    place = number - FIRST_CUSTOMER
    person = world.people[place]
    chance = random.Random(f"{world.seed} customer {number}")
    joined = world.joined(place)
    updated, email = world.customer_updated(place), _email(person, place, joined, chance)
    row = blank("Customer", {
        "id": gid("Customer", number), "number": number, "createdAt": iso(joined), "updatedAt": iso(updated),
        "defaultEmail": email,
    })  # fmt: skip
    if newsletter_only(place):
        return row | {"tags": ["newsletter"]}
    home = address(person, f"{gid('MailingAddress', number * 10)}?model_name=CustomerAddress")
    row |= {
        "firstName": person.first, "lastName": person.last, "addresses": [home],
        "defaultPhone": _phone(person, joined) if chance.random() < 0.5 else None,
        "state": "ENABLED" if chance.random() < 0.3 or quiet(place) else "DISABLED",
    }  # fmt: skip
    chance.random()
    if world.subscribes(place):
        row["productSubscriberStatus"] = "ACTIVE"
    _add_traces(row, person, place, chance)
    return row


def _email(person: Person, place: int, joined: int, chance: random.Random) -> Json:
    state = _MARKETING[person.subscribed]
    if newsletter_only(place):
        state = chance.choices(("SUBSCRIBED", "UNSUBSCRIBED", "PENDING"), (80, 14, 6))[0]
    confirmed = state == "PENDING" or chance.random() < 0.4
    level = "CONFIRMED_OPT_IN" if confirmed else "SINGLE_OPT_IN"
    chosen = state != "NOT_SUBSCRIBED"
    moment = joined + chance.randint(0, 40) % 40 * 86400
    return {
        "emailAddress": person.email, "marketingState": state,
        "marketingOptInLevel": level if chosen else None,
        "marketingUpdatedAt": iso(moment) if chosen else None,
    }  # fmt: skip


def _phone(person: Person, joined: int) -> Json:
    wanted = person.subscribed == "1" and person.number % 3 == 0
    return {
        "phoneNumber": person.phone, "state": "SUBSCRIBED" if wanted else "NEVER_SUBSCRIBED",
        "optInLevel": "SINGLE_OPT_IN" if wanted else None, "updatedAt": iso(joined) if wanted else None,
    }  # fmt: skip


def _add_traces(row: Json, person: Person, place: int, chance: random.Random) -> None:
    """Notes, tags, metafields, a saved card, store credit."""
    number = row["number"]
    if chance.random() < 0.05:
        row["note"] = f"Ringde om reklamation, nås på {person.phone}. /Kundtjänst"
    if chance.random() < 0.1:
        row["tags"] = ["stamkund", *([f"ref:{person.first}"] if chance.random() < 0.2 else [])]
    if person.personal_number and chance.random() < 0.2:
        row["metafields"].append(metafield(number * 100 + 1, "custom.personnummer", person.personal_number))
    if chance.random() < 0.06:
        born = f"19{chance.randint(50, 99)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        row["metafields"].append(metafield(number * 100 + 2, "facts.birth_date", born, "date"))
    if place % 60 == 5:
        card = f"gid://shopify/CustomerPaymentMethod/{number:x}"
        row["paymentMethods"].append({"id": card, "revokedAt": None})
    if place % 90 == 14:
        balance = {"amount": "150.0", "currencyCode": "SEK"}
        row["storeCreditAccounts"].append({"id": gid("StoreCreditAccount", number), "balance": balance})


def metafield(number: int, name: str, value: str, kind: str = "single_line_text_field") -> Json:
    """One metafield; `name` is namespace.key."""
    namespace, _, key = name.rpartition(".")
    return {"id": gid("Metafield", number), "namespace": namespace, "key": key, "value": value, "type": kind}
