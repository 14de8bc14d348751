"""A member of an audience as a record: dates, which fields carry data, keyed identifiers."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct

from connector.calendar import to_date
from connector.ports import Keyer, Unread
from connector.ports.consents import EMAIL, SMS
from connector.records import Consent, Facts, Field, Identifier, Kind, Record, Ref, Surprise, to_bits

MERGE_FIELDS: dict[str, Field] = {
    "FNAME": Field.NAME,
    "LNAME": Field.NAME,
    "NAME": Field.NAME,
    "PHONE": Field.PHONE,
    "SMSPHONE": Field.PHONE,
    "ADDRESS": Field.SHIPPING_ADDRESS,
    "COMPANY": Field.COMPANY,
    "BIRTHDAY": Field.BIRTH_DATE,
}
_LACKS = re.compile(r"missing required field `(\w+)`")
_PATH = re.compile(r" - at `\$\.(\w+)")
_PHONES = ("PHONE", "SMSPHONE")
_GIVEN = ("subscribed", "pending")
_DAYS = ("timestamp_signup", "timestamp_opt", "last_changed", "sms_subscription_last_updated")

Basis = Literal["", "consent", "soft_optin"]


class Reading:
    """How members are read: the extra merge fields, the basis, and the key of identifiers."""

    __slots__ = ("basis", "keyer", "merge_fields")

    def __init__(self, settings: Mapping[str, Any], keyer: Keyer) -> None:
        extra = settings.get("merge_fields") or {}
        self.merge_fields = MERGE_FIELDS | {tag: Field(name) for tag, name in extra.items()}
        self.basis: Basis = settings.get("basis") or "consent"
        self.keyer = keyer


def stockholm_date(moment: object) -> date | None:
    """The Stockholm date of an ISO 8601 moment; None where there is none that can be read."""
    try:
        return to_date(moment) if isinstance(moment, str) else None
    except ValueError:
        return None


class _Member(Struct, frozen=True):
    """The form a member must have to be read; Mailchimp leaves out parts that are empty, never the first."""

    contact_id: str
    status: str
    last_changed: str
    merge_fields: dict[str, str | int | float | dict[str, str | None] | None]
    email_address: str | None = None
    full_name: str | None = None
    web_id: int | str | None = None
    timestamp_signup: str | None = None
    timestamp_opt: str | None = None
    ip_signup: str | None = None
    ip_opt: str | None = None
    tags_count: int | None = None
    sms_phone_number: str | None = None
    sms_subscription_status: str | None = None


def fault_of(member: Mapping[str, Any]) -> str:
    """The first part of a member that is of another type than the API's; empty where all can be read."""
    try:
        msgspec.convert(member, _Member)
    except msgspec.ValidationError as error:
        place = _PATH.search(str(error)) or _LACKS.search(str(error))
        return place[1] if place else "member"
    dates = ("timestamp_signup", "timestamp_opt", "last_changed")
    return next((name for name in dates if member.get(name) and stockholm_date(member[name]) is None), "")


def to_unread(list_id: str, member: Mapping[str, Any], reading: "Reading") -> Unread:
    """A member that cannot be read, by what can still be read of it."""
    merge = member.get("merge_fields")
    sound = {**member, "merge_fields": merge if isinstance(merge, dict) else {}}
    return Unread(
        ref=ref_of(list_id, member["contact_id"]), reason=f"malformed:{fault_of(member)}",
        label=str(member.get("web_id") or ""), identifiers=_identifiers(sound, reading.keyer),
    )  # fmt: skip


def ref_of(list_id: str, contact_id: str) -> Ref:
    """Where a member lives: its audience and the vendor's neutral contact id, never the hash."""
    return Ref(adapter="mailchimp", kind=Kind.SUBSCRIBER, id=f"{list_id}:{contact_id}")


def to_record(
    list_id: str, member: Mapping[str, Any], reading: Reading, last_click: date | None = None
) -> Record:
    """The record of a member; it holds no address, name or hash."""
    identifiers = _identifiers(member, reading.keyer)
    present, unknown = _present(member, reading)
    if any(identifier.type == "email" for identifier in identifiers):
        present.add(Field.EMAIL)
    surprises = tuple(
        Surprise(code="unknown_merge_field", place=f"merge_fields.{tag}") for tag in sorted(unknown)
    )
    return Record(
        ref=ref_of(list_id, member["contact_id"]),
        version=str(member.get("last_changed") or ""),
        facts=to_facts(member, reading.basis, last_click),
        present=to_bits(frozenset(present)),
        label=str(member.get("web_id") or ""),
        identifiers=identifiers,
        copies=("email",) if member.get("email_address") else (),
        surprises=surprises,
    )


def to_facts(member: Mapping[str, Any], basis: Basis, last_click: date | None = None) -> Facts:
    """The dates and the status of a member.

    Mailchimp shows no date of unsubscribing or bouncing; `last_changed` is never before it, so a
    period counted from it is never too short. A living SMS subscription keeps the member living.
    """
    status = str(member.get("status") or "")
    if member.get("sms_subscription_status") == "subscribed":
        status = "subscribed"
    changed = stockholm_date(member.get("last_changed"))
    signed_up = stockholm_date(member.get("timestamp_signup"))
    opted_in = stockholm_date(member.get("timestamp_opt"))
    return Facts(
        created=signed_up or opted_in,
        modified=changed,
        status=status,
        basis="" if status == "transactional" else basis,
        subscribed=None if status == "transactional" else opted_in or signed_up,
        confirmed=None if status in ("pending", "transactional") else opted_in,
        unsubscribed=changed if status == "unsubscribed" else None,
        bounced=changed if status == "cleaned" else None,
        last_click=last_click,
        consents=tuple(consents(member)),
    )


def consents(member: Mapping[str, Any]) -> Iterator[Consent]:
    """What a member said to letters and to text messages; a bounce or an archived contact says neither."""
    status, sms = member.get("status"), member.get("sms_subscription_status")
    days = {name: stockholm_date(member.get(name)) for name in _DAYS}
    if status in _GIVEN:
        yield Consent(channel=EMAIL, given=True, changed=days["timestamp_opt"] or days["timestamp_signup"])
    elif status == "unsubscribed":
        yield Consent(channel=EMAIL, given=False, changed=days["last_changed"])
    if sms in _GIVEN or sms == "unsubscribed":
        yield Consent(channel=SMS, given=sms in _GIVEN, changed=days["sms_subscription_last_updated"])


def _present(member: Mapping[str, Any], reading: Reading) -> tuple[set[Field], set[str]]:
    """The fields that carry data, and the merge fields whose meaning is not known."""
    present: set[Field] = set()
    unknown: set[str] = set()
    for tag, value in (member.get("merge_fields") or {}).items():
        if not _filled(value):
            continue
        field = reading.merge_fields.get(tag)
        if field is None:
            unknown.add(tag)
        present.add(field or Field.CUSTOM)
    others = {
        Field.NAME: member.get("full_name"),
        Field.PHONE: member.get("sms_phone_number"),
        Field.IP_ADDRESS: member.get("ip_signup") or member.get("ip_opt"),
        Field.TAGS: member.get("tags_count"),
        Field.STAFF_NOTES: member.get("last_note"),
    }
    return present | {field for field, value in others.items() if _filled(value)}, unknown


def _filled(value: object) -> bool:
    """Whether a value is data: an address of empty parts, a zero and a blank are not."""
    if isinstance(value, Mapping):
        # A bare country is what Mailchimp puts in an address nobody filled in.
        return any(_filled(part) for name, part in value.items() if name != "country")
    return bool(value.strip() if isinstance(value, str) else value)


def _identifiers(member: Mapping[str, Any], keyer: Keyer) -> tuple[Identifier, ...]:
    merge = member.get("merge_fields") or {}
    phones = [merge.get(tag) for tag in _PHONES] + [member.get("sms_phone_number")]
    digests: dict[bytes, Identifier] = {}
    address = keyer("email", str(member.get("email_address") or ""))
    if address:
        digests[address] = Identifier(type="email", digest=address)
    for phone in phones:
        digest = keyer("phone", phone) if isinstance(phone, str) else None
        if digest:
            digests[digest] = Identifier(type="phone", digest=digest)
    return tuple(digests.values())
