"""A gift card as Shopify answers it: its texts name people; its code, money and dates are never written."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from adapters.held import present_bits, says
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import Holding
from adapters.shopify.ids import number
from adapters.shopify.nodes import Node, day
from connector.policy.clocks import card_expires
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref

_OF_RECIPIENT = ("preferredName", "message")


def holdings(card: Node) -> Iterator[Holding]:
    """The texts of a card, and the people it is linked to, whom no call unlinks."""
    recipient = recipient_of(card)
    if says(card.get("note")):
        yield Holding(Field.STAFF_NOTES, "note", "")
    for place in _OF_RECIPIENT:
        if says(recipient.get(place)):
            yield Holding(Field.GIFT_RECIPIENT, place, "")
    if card.get("customer") or recipient.get("recipient"):
        yield Holding(Field.ACCOUNT, "", fixed=True)


def recipient_of(card: Node) -> Node:
    """Who the card was made for; empty where it was made for nobody else."""
    found: Node = card.get("recipientAttributes") or {}
    return found


def holder(card: Node) -> str:
    """The number of the customer who has the card, else of the one it is to be sent to."""
    recipient = (recipient_of(card).get("recipient") or {}).get("id")
    return number((card.get("customer") or {}).get("id") or recipient)


def facts(card: Node, today: date) -> Facts:
    """Delivered when it is sent; it ends when it is deactivated, expires or is used up (schedule T-24)."""
    created, sent = day(card.get("createdAt")), day(recipient_of(card).get("sendNotificationAt"))
    return Facts(
        created=created,
        modified=day(card.get("updatedAt")),
        delivered=max(filter(None, (created, sent)), default=None),
        closed=closed(card, today),
        expires=day(card.get("expiresOn")),
        balance=holds_money(card),
    )


def closed(card: Node, today: date) -> date | None:
    """The day a card ended, None while it lives; of one that is used up, its last change at the latest."""
    expired = day(card.get("expiresOn"))
    if found := day(card.get("deactivatedAt")):
        return found
    if expired and expired < today:
        return expired
    return day(card.get("updatedAt")) if _used_up(card) else None


def _used_up(card: Node) -> bool:
    """Whether nothing is left on a card; one whose balance was not read may have some."""
    amount = (card.get("balance") or {}).get("amount")
    return amount is not None and float(amount) == 0


def holds_money(card: Node) -> bool:
    """Whether the shop still owes something on the card (schedule H6)."""
    return bool(card.get("enabled")) and float((card.get("balance") or {}).get("amount") or 0) > 0


def is_owed(card: Node, today: date) -> bool:
    """Whether the shop still owes its holder the balance: it ends when the card has expired."""
    expires = card_expires(facts(card, today))
    return holds_money(card) and (expires is None or today <= expires)


def money(card: Node) -> str:
    """What a write must leave as it was."""
    balance = (card.get("balance") or {}).get("amount")
    return "|".join(str(part) for part in (balance, card.get("enabled"), card.get("expiresOn")))


def handles(card: Node) -> dict[str, tuple[str, ...]]:
    """What recipients need to find the holder."""
    return {"customer": (holder(card),)} if holder(card) else {}


def identifiers(card: Node, keyer: Keyer) -> tuple[Identifier, ...]:
    """The keyed account of the holder."""
    digest = keyer("account", f"{ADAPTER}:{holder(card) or 0}")
    return (Identifier(type="account", digest=digest),) if digest else ()


def to_record(card: Node, *, keyer: Keyer, today: date) -> Record:
    """The record of a gift card, as the index keeps it."""
    return Record(
        ref=Ref(adapter=ADAPTER, kind=Kind.COUPON, id=number(card["id"])),
        version=str(card.get("updatedAt") or ""),
        facts=facts(card, today),
        present=present_bits(holdings(card)),
        label=number(card["id"]),
        identifiers=identifiers(card, keyer),
        copies=tuple(handles(card)),
    )


def card_input(card: Node, changed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The variables of `giftCardUpdate` for these changes; None where there is none."""
    texts = {place: value for place, value in changed.items() if place in _OF_RECIPIENT}
    given: dict[str, Any] = {"note": changed["note"]} if "note" in changed else {}
    if texts:
        given["recipientAttributes"] = {"id": recipient_of(card)["recipient"]["id"], **texts}
    return {"id": card["id"], "input": given} if given else None
