"""What each adapter can do, as the rows of the reference's tables."""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any
from zoneinfo import ZoneInfo

from adapters.interests import BY_LETTER
from connector.ports import Ability, Interest, Platform, Processor
from connector.records import Field, Kind
from connector.registry import (
    PLATFORMS,
    build_platform,
    build_processor,
    described,
    processor_names,
    told_by_letter,
)

WORDS = {
    Ability.REDACT: "blanked",
    Ability.DELETE: "with the record",
    Ability.BY_REQUEST: "on request",
    Ability.CANNOT: "cannot",
    None: "–",
}
ACTS = {"erase": "erased", "stop": "stopped", "notify": "told by letter"}
COLUMNS = {
    "woocommerce": (Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON),
    "mailchimp": (Kind.SUBSCRIBER, Kind.CART),
    "imap": (Kind.SUPPORT_MESSAGE,),
    "shopify": (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART, Kind.COUPON),
}
KIND_NAMES = {
    ("", Kind.ORDER): "Order",
    ("", Kind.CUSTOMER): "Account",
    ("", Kind.REVIEW): "Review",
    ("", Kind.COUPON): "Coupon",
    ("", Kind.SUBSCRIBER): "Subscriber",
    ("mailchimp", Kind.CART): "Abandoned cart",
    ("", Kind.SUPPORT_MESSAGE): "Message",
    ("shopify", Kind.CUSTOMER): "Customer",
    ("shopify", Kind.SUBSCRIBER): "Newsletter contact",
    ("shopify", Kind.DRAFT_ORDER): "Draft order",
    ("shopify", Kind.CART): "Abandoned checkout",
    ("shopify", Kind.COUPON): "Gift card",
}
"""What a kind of record is called, on one platform where it has a name of its own."""
KEYS: dict[str, dict[str, Any]] = {
    "woocommerce": {"url": "https://shop.example", "key": "ck_x", "secret": "cs_x"},
    "shopify": {"url": "https://shop.myshopify.com", "token": "shpat_x"},
    "mailchimp": {"key": "0123456789abcdef0123456789abcdef-us19", "lists": ["a"], "stores": ["s"]},
    "imap": {
        "host": "imap.mail.example", "user": "u", "password": "p", "folders": {"support": "INBOX"},
    },
    "klarna": {"user": "u", "password": "p", "clean_references": True},
    "kustom": {"user": "u", "password": "p", "clean_references": True},
    "payson": {"agent": "1", "key": "k"},
    "postnord": {"key": "k"},
}


def clock() -> datetime:
    """A moment; nothing here depends on it."""
    return datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/Stockholm"))


def platforms() -> Iterator[tuple[str, Platform]]:
    """Every installed platform, built with made-up keys; nothing is sent."""
    for point in entry_points(group=PLATFORMS):
        yield (
            point.name,
            build_platform(point.name, KEYS[point.name], keyer=lambda _type, _text: None, clock=clock),
        )


def processors() -> Iterator[tuple[str, Processor]]:
    """Every installed processor with a key; `letter` once for each code of the schedule."""
    for name in processor_names():
        if name != "letter":
            yield name, build_processor(name, keys_of(name), clock=clock)
            continue
        for code in (*BY_LETTER, *told_by_letter()):
            settings = {"code": code, "name": code.lower(), "role": "controller"}
            yield "letter", build_processor("letter", settings, clock=clock)


def keys_of(name: str) -> dict[str, Any]:
    """Made-up keys of an adapter; those of a description are the ones that it names, its switches off."""
    one = described().get(name)
    return dict.fromkeys(one.needs, "17") if one is not None else KEYS[name]


def columns_of(name: str) -> tuple[Kind, ...]:
    """The kinds of record that a platform's table has a column for."""
    return COLUMNS[name]


def ability_rows(platform: Platform) -> Iterator[tuple[str, ...]]:
    """Per field that the platform keeps: what can be done to it in each kind of record."""
    tables = [platform.capabilities(kind).fields for kind in COLUMNS[platform.name]]
    for field in Field:
        if any(field in table for table in tables):
            yield (f"`{field}`", *(WORDS[table.get(field)] for table in tables))


def placed_fields(platform: Platform) -> set[Field]:
    """The fields of which something lies where no API reaches."""
    return {field for kind in COLUMNS[platform.name] for field in platform.capabilities(kind).places}


def interest_rows() -> Iterator[tuple[str, ...]]:
    """Per adapter, recipient, kind of record and handle: what happens there."""
    seen: dict[tuple[str, ...], None] = {}
    for name, processor in processors():
        for one in processor.interests:
            seen[_row(name, processor.recipient, one)] = None
    yield from seen


def _row(name: str, code: str, one: Interest) -> tuple[str, ...]:
    act = ACTS[one.act] + (", cannot be undone" if one.irreversible else "")
    act += ", only where a person asks" if one.asked else ""
    return (f"`{name}`", code, str(one.kind), f"`{one.handle}`", act)
