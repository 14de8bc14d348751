"""A customer as Shopify answers it, read into holdings, facts, handles and a record."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from adapters.held import present_bits, says
from adapters.shopify import addresses
from adapters.shopify.consent import consent_of, consents, said_of
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import (
    NOBODY,
    Holding,
    keyed_holdings,
    reach,
    surprises,
    text_holdings,
    uncut_places,
)
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node, day, nodes
from adapters.shopify.orders import METAFIELD, rows
from adapters.shopify.redact import metafields_left
from connector.identity import normalise_phone
from connector.places.cutting import nothing_else
from connector.places.suspected import Own
from connector.ports import Keyer
from connector.records import FIELD_BITS, Facts, Field, Identifier, Kind, Record, Ref

Table = Mapping[str, Field]
ADDRESS = "address:"
CONTACT = "contact:"
PAYMENT = "payment:"
READ_CARDS, REVOKE = "read_customer_payment_methods", "write_customer_payment_methods"
FLOOR_YEARS = 8
"""Years after an order's own by which bookkeeping surely no longer needs it: seven, and a split year."""

_RUNNING = ("ACTIVE", "PAUSED", "FAILED")


def holdings(customer: Node, table: Table) -> list[Holding]:
    """Every place of a profile with personal data; an empty one that can be deleted is one too."""
    found = list(_profile(customer))
    for address in nodes(customer, "addressesV2"):
        if addresses.holds_data(address):
            found.append(Holding(Field.SHIPPING_ADDRESS, f"{ADDRESS}{address['id']}"))
    found += keyed_holdings(rows(customer, table), table)
    if found or customer.get("canDelete"):
        found.append(Holding(Field.ACCOUNT, "", fixed=True))
    return found + list(_tied(customer))


def _tied(customer: Node) -> Iterator[Holding]:
    """What is tied to a profile and has a life of its own: company contacts, saved payment methods."""
    for contact in customer.get("companyContactProfiles") or ():
        yield Holding(Field.COMPANY, f"{CONTACT}{contact['id']}")
    for method in nodes(customer, "paymentMethods"):
        yield Holding(Field.PAYMENT_DETAILS, f"{PAYMENT}{method['id']}")


def _profile(customer: Node) -> Iterator[Holding]:
    if says(customer.get("firstName")):
        yield Holding(Field.NAME, "firstName")
    if says(customer.get("lastName")):
        # Shopify demands one of name, telephone and e-mail.
        yield Holding(Field.NAME, "lastName", NOBODY)
    if says(email_of(customer)):
        yield Holding(Field.EMAIL, "email")
    if says(phone_of(customer)):
        yield Holding(Field.PHONE, "phone")
    if says(customer.get("note")):
        if not nothing_else(str(customer["note"]), key="note", words=True):
            yield Holding(Field.STAFF_NOTES, "note", "")
        yield from text_holdings("note", str(customer["note"]), hint="note", words=True)
    if customer.get("tags"):
        yield Holding(Field.TAGS, "tags", [])
    if says(customer.get("multipassIdentifier")):
        yield Holding(Field.CUSTOM, "multipassIdentifier")


def waits_for_erasure(customer: Node, today: date) -> bool:
    """Whether a profile that Gallra emptied has only orders so old that Shopify may be asked to erase them.

    A profile that Shopify has erased holds no name at all; ours holds the placeholder.
    """
    last = day((customer.get("lastOrder") or {}).get("processedAt"))
    emptied = customer.get("lastName") == NOBODY and not customer.get("canDelete")
    return emptied and last is not None and last.year + FLOOR_YEARS < today.year


def is_customer(customer: Node, table: Table, today: date, *, owed: bool = False) -> bool:
    """Whether a profile is somebody's, or may still lead to their orders; no mere newsletter contact."""
    if contact_only(customer, owed=owed):
        return False
    return holds_data(customer, table) or waits_for_erasure(customer, today)


def holds_data(customer: Node, table: Table) -> bool:
    """Whether a profile itself shows data of a person."""
    return any(not one.place.startswith((CONTACT, PAYMENT)) for one in holdings(customer, table))


def still_somebodys(customer: Node, table: Table) -> bool:
    """Whether a profile holds anybody's data still, or the placeholder, which Shopify's erasure takes too."""
    own = (one for one in holdings(customer, table) if not one.place.startswith((CONTACT, PAYMENT)))
    return customer.get("lastName") == NOBODY or any(one.place for one in own)


def email_of(customer: Node) -> str:
    """The address on the profile."""
    return str((customer.get("defaultEmailAddress") or {}).get("emailAddress") or "")


def phone_of(customer: Node) -> str:
    """The telephone number on the profile."""
    return str((customer.get("defaultPhoneNumber") or {}).get("phoneNumber") or "")


def contact_only(customer: Node, *, owed: bool = False) -> bool:
    """Whether this is a newsletter contact and nothing else: no order, no account, no money owed to it.

    The newsletter's rules know no holds, so whoever a hold may keep is a customer. `owed`: by a gift card.
    """
    return (
        str(customer.get("numberOfOrders") or "0") == "0"
        and customer.get("state") not in ("ENABLED", "INVITED")
        and bool(consent_of(customer))
        and not customer.get("companyContactProfiles")
        and not has_balance(customer, owed=owed)
        and customer.get("productSubscriberStatus") not in _RUNNING
    )


def is_subscriber(customer: Node, *, owed: bool = False) -> bool:
    """Whether a customer is a subscriber of letters or text messages, or a contact who has left."""
    return contact_only(customer, owed=owed) or consent_of(customer) == "subscribed"


def has_balance(customer: Node, *, owed: bool) -> bool:
    """Whether the shop owes them something: on a gift card, or as store credit (schedule H6)."""
    return owed or any(_positive(row.get("balance")) for row in nodes(customer, "storeCreditAccounts"))


def facts(customer: Node, *, owed: bool = False) -> Facts:
    """What rules may read of a customer; Shopify shows no date of a login. `owed`: by a gift card.

    Account and subscriber are one profile, which is gone with either; who has yet to confirm does not count.
    """
    last = customer.get("lastOrder") or {}
    # Bought, and the order is out of the app's sight: when is not known, and no account goes by a guess.
    unseen = not last and str(customer.get("numberOfOrders") or "0") != "0"
    return Facts(
        created=None if unseen else day(customer.get("createdAt")),
        modified=day(customer.get("updatedAt")),
        last_purchase=day(last.get("processedAt")),
        status=str(customer.get("state") or "").lower(),
        running_subscription=customer.get("productSubscriberStatus") in _RUNNING,
        balance=has_balance(customer, owed=owed),
        consent_changed=max((one.changed for one in consents(customer) if one.changed), default=None),
        subscribes=consent_of(customer) == "subscribed",
        consents=said_of(customer),
    )


def _positive(balance: Any) -> bool:
    try:
        return float((balance or {}).get("amount") or 0) > 0
    except (TypeError, ValueError):
        return True


def subscriber_facts(customer: Node) -> Facts:
    """The consent of a customer, with its dates: the latest of the channels that say the same."""
    state = consent_of(customer)
    said = [one for one in consents(customer) if one.state == state]
    changed = max((one.changed for one in said if one.changed), default=None)
    confirmed = any(one.confirmed for one in said)
    return Facts(
        created=day(customer.get("createdAt")),
        modified=day(customer.get("updatedAt")),
        status=state,
        basis="consent",
        subscribed=changed if state in ("subscribed", "pending") else None,
        confirmed=changed if state == "subscribed" and confirmed else None,
        unsubscribed=changed if state == "unsubscribed" else None,
        consents=said_of(customer),
    )


def handles(customer: Node) -> dict[str, tuple[str, ...]]:
    """What recipients need to find this person."""
    given = {"email": email_of(customer), "phone": phone_of(customer), "customer": number(customer["id"])}
    return {name: (value,) for name, value in given.items() if says(value)}


def identifiers(customer: Node, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed identifiers of the profile's owner."""
    address = next(iter(nodes(customer, "addressesV2")), {})
    country = str(address.get("countryCodeV2") or "SE")
    digests = (
        ("email", keyer("email", email_of(customer))),
        ("phone", keyer("phone", normalise_phone(phone_of(customer), country) or "")),
        ("account", keyer("account", f"{ADAPTER}:{number(customer['id'])}")),
    )
    return tuple(Identifier(type=type_, digest=digest) for type_, digest in digests if digest)  # type: ignore[arg-type]


def names(customer: Node) -> Own:
    """The words of a profile's owner, to find them repeated elsewhere."""
    contact = {"email": email_of(customer), "phone": phone_of(customer)}
    return addresses.people(customer, contact, *nodes(customer, "addressesV2"))


def residue(customer: Node, held: Iterable[Holding] = ()) -> tuple[str, ...]:
    """Places of a customer that no call changes."""
    found = sorted(uncut_places(held))
    if customer.get("hasTimelineComment"):
        found.append("timeline" if customer.get("canDelete") else "customer_timeline")
    if customer.get("companyContactProfiles"):
        found.append("company_location")
    return tuple(found)


def cannot_revoke(customer: Node, scopes: Collection[str]) -> tuple[str, ...]:
    """Where saved payment methods are, or may be, that the app cannot revoke.

    Shopify keeps them for subscriptions and companies; whether there are any is seen with one permission,
    and they are revoked with another.
    """
    if REVOKE in scopes:
        return ()
    likely = customer.get("productSubscriberStatus") not in (None, "NEVER_SUBSCRIBED")
    likely = likely or bool(customer.get("companyContactProfiles"))
    there = bool(nodes(customer, "paymentMethods")) if READ_CARDS in scopes else likely
    return ("payment_methods",) if there else ()


def to_record(customer: Node, *, kind: Kind, table: Table, keyer: Keyer, today: date) -> Record:
    """The record of a customer, or of the subscription of one, as the index keeps it."""
    found = holdings(customer, table)
    waiting = FIELD_BITS[Field.ACCOUNT] if waits_for_erasure(customer, today) else 0
    return Record(
        ref=Ref(adapter=ADAPTER, kind=kind, id=number(customer["id"])),
        version=str(customer.get("updatedAt") or ""),
        facts=facts(customer) if kind is Kind.CUSTOMER else subscriber_facts(customer),
        present=present_bits(found) | waiting,
        label=number(customer["id"]),
        identifiers=identifiers(customer, keyer),
        copies=tuple(handles(customer)),
        surprises=surprises(rows(customer, table), table, names(customer)),
        residue=residue(customer, found),
        **reach(found),
    )


def customer_input(customer: Node, changed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The CustomerInput of these changes; None where none is the profile's own."""
    own = ("firstName", "lastName", "email", "phone", "note", "tags", "multipassIdentifier")
    found = {place: value for place, value in changed.items() if place in own}
    if not found:
        rewritten = metafields_left(customer, changed)
        return {"id": customer["id"], **rewritten} if rewritten else None
    left = {
        "firstName": customer.get("firstName"), "lastName": customer.get("lastName"),
        "email": email_of(customer), "phone": phone_of(customer),
    } | found  # fmt: skip
    if not any(left[place] for place in ("firstName", "lastName", "email", "phone")):
        found["lastName"] = NOBODY
    return {"id": customer["id"], **found, **metafields_left(customer, changed)}


def metafield_ids(record: Node, changed: Mapping[str, Any]) -> list[dict[str, str]]:
    """The metafields that go whole, as their deletion names them."""
    return [
        {"ownerId": str(record["id"]), "namespace": row["namespace"], "key": row["key"]}
        for row in nodes(record, "metafields")
        if changed.get(f"{METAFIELD}{row['namespace']}.{row['key']}", "stays") in (None, "")
    ]
