"""Made-up customers: buyers, people who only read the newsletter, contacts of companies."""

import random

from sandbox.data.people import Person
from sandbox.shopify.making.blank import blank
from sandbox.shopify.making.sketches import FIRST_CUSTOMER
from sandbox.shopify.making.world import World, newsletter_only, quiet
from sandbox.shopify.values import gid, iso
from sandbox.wire import Json

COUNTRIES = {"SE": "Sweden", "DK": "Denmark", "DE": "Germany", "FI": "Finland", "NO": "Norway"}
_MARKETING = {"1": "SUBSCRIBED", "0": "UNSUBSCRIBED", "": "NOT_SUBSCRIBED"}


def address(person: Person, address_id: str) -> Json:
    """A person's address as Shopify writes it."""
    return {
        "id": address_id, "firstName": person.first, "lastName": person.last,
        "company": person.company or None, "address1": person.street, "address2": person.door or None,
        "city": person.town, "zip": spaced(person.postcode, person.country), "province": None,
        "provinceCode": None, "country": COUNTRIES[person.country], "countryCodeV2": person.country,
        "phone": person.phone, "latitude": None, "longitude": None,
    }  # fmt: skip


def spaced(postcode: str, country: str) -> str:
    """A Swedish postcode as people write it, 831 30."""
    return f"{postcode[:3]} {postcode[3:]}" if country == "SE" else postcode


def make_customer(world: World, number: int) -> Json:
    """The customer with a number."""
    place = number - FIRST_CUSTOMER
    person = world.people[place]
    chance = random.Random(f"{world.seed} customer {number}")
    joined = world.joined(place)
    row = bare_customer(number, joined, world.customer_updated(place))
    row["defaultEmail"] = _email(person, place, joined, chance)
    if newsletter_only(place):
        row["tags"] = ["newsletter"]
        return row
    home = address(person, f"{gid('MailingAddress', number * 10)}?model_name=CustomerAddress")
    row |= {
        "firstName": person.first, "lastName": person.last, "addresses": [home],
        "defaultPhone": _phone(person, joined) if chance.random() < 0.5 else None,
        "state": "ENABLED" if chance.random() < 0.3 or quiet(place) else "DISABLED",
        "verifiedEmail": chance.random() < 0.9,
    }  # fmt: skip
    if world.subscribes(place):
        row["productSubscriberStatus"] = "ACTIVE"
    _add_traces(row, person, place, chance)
    return row


def bare_customer(number: int, joined: int, updated: int) -> Json:
    """A customer of whom nothing is known."""
    return blank("Customer", {
        "id": gid("Customer", number), "number": number, "createdAt": iso(joined), "updatedAt": iso(updated),
        "events": [_joined_event(number, joined)],
    })  # fmt: skip


def _joined_event(number: int, joined: int) -> Json:
    return blank("BasicEvent", {
        "id": gid("BasicEvent", number * 10), "createdAt": iso(joined),
    })  # fmt: skip


def _email(person: Person, place: int, joined: int, chance: random.Random) -> Json:
    state = _MARKETING[person.subscribed]
    if newsletter_only(place):
        state = chance.choices(("SUBSCRIBED", "UNSUBSCRIBED", "PENDING"), (80, 14, 6))[0]
    confirmed = state == "PENDING" or chance.random() < 0.4
    level = "CONFIRMED_OPT_IN" if confirmed else "SINGLE_OPT_IN"
    chosen = state != "NOT_SUBSCRIBED"
    moment = joined + chance.randint(0, 40) * 86400
    return {
        "emailAddress": person.email, "marketingState": state,
        "marketingOptInLevel": level if chosen else None,
        "marketingUpdatedAt": iso(moment if moment < joined + 40 * 86400 else joined) if chosen else None,
    }  # fmt: skip


def _phone(person: Person, joined: int) -> Json:
    wanted = person.subscribed == "1" and person.number % 3 == 0
    return {
        "phoneNumber": person.phone, "state": "SUBSCRIBED" if wanted else "NEVER_SUBSCRIBED",
        "optInLevel": "SINGLE_OPT_IN" if wanted else None, "updatedAt": iso(joined) if wanted else None,
    }  # fmt: skip


def _add_traces(row: Json, person: Person, place: int, chance: random.Random) -> None:
    """Notes, tags, metafields, a saved card, store credit."""
    if chance.random() < 0.05:
        row["note"] = f"Ringde om reklamation, nås på {person.phone}. /Kundtjänst"
    if chance.random() < 0.1:
        row["tags"] = ["stamkund", *([f"ref:{person.first}"] if chance.random() < 0.2 else [])]
    if person.personal_number and chance.random() < 0.2:
        row["metafields"].append(
            metafield("CUSTOMER", row["number"], 1, "custom.personnummer", person.personal_number)
        )
    if chance.random() < 0.06:
        born = f"19{chance.randint(50, 99)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        row["metafields"].append(metafield("CUSTOMER", row["number"], 2, "facts.birth_date", born, "date"))
    if place % 60 == 5:
        row["paymentMethods"].append(_card(row["number"], person))
    if place % 90 == 14:
        row["storeCreditAccounts"].append(
            blank("StoreCreditAccount", {"id": gid("StoreCreditAccount", row["number"])})
        )


def metafield(
    owner: str, number: int, place: int, name: str, value: str, kind: str = "single_line_text_field"
) -> Json:
    """One metafield; `name` is namespace.key."""
    namespace, _, key = name.rpartition(".")
    moment = "2019-03-04T09:00:00Z"
    metafield_id = number * 100 + place
    return blank("Metafield", {
        "id": gid("Metafield", metafield_id), "namespace": namespace, "key": key, "value": value,
        "type": kind, "ownerType": owner, "createdAt": moment, "updatedAt": moment,
    })  # fmt: skip


def _card(number: int, person: Person) -> Json:
    return blank("CustomerPaymentMethod", {
        "id": f"gid://shopify/CustomerPaymentMethod/{number:x}", "customer_number": number,
        "instrument": blank("CustomerCreditCard", {"name": person.name}),
    })  # fmt: skip
