"""A record as a row of the index, and what a newly read record has to say to the one stored."""

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from connector.policy.lasting import to_keep, with_kept, with_learnt
from connector.records import FIELD_BITS, Facts, Field, Kind, Record, SubjectFacts, Value

MUST_DECIDE = ""
IDENTIFYING = (
    FIELD_BITS[Field.NAME]
    | FIELD_BITS[Field.EMAIL]
    | FIELD_BITS[Field.PHONE]
    | FIELD_BITS[Field.ACCOUNT]
    | FIELD_BITS[Field.PERSONAL_NUMBER]
    | FIELD_BITS[Field.BILLING_ADDRESS]
    | FIELD_BITS[Field.SHIPPING_ADDRESS]
)
encode = msgspec.json.Encoder().encode
decode_record = msgspec.json.Decoder(Record).decode
decode_facts = msgspec.json.Decoder(Facts).decode
# Few people differ in what is known of them: most share one of some thousand texts.
decode_subject = lru_cache(maxsize=20_000)(msgspec.json.Decoder(SubjectFacts).decode)


class Row(Value, frozen=True, kw_only=True):
    """One row of the index, as planning reads it."""

    id: int
    record: Record
    subject: int | None = None
    tallies: str = ""
    holds: str = ""
    state: str = ""
    next_due: str | None = MUST_DECIDE
    # Facts that outlast our writes (policy/lasting.py), as stored; empty where we wrote nothing yet.
    kept: bytes = b""


class Standing(NamedTuple):
    """Where the pulls of a kind stand: the cursor, the last complete walk, and what the last pull missed."""

    value: str
    full_at: str | None
    missing: int | None
    why: str


class Stored(NamedTuple):
    """What the index knew of a record before it was read again."""

    id: int
    body: bytes
    gone: bool
    subject: int | None
    kept: bytes | None = None
    present: int = 0
    holds: str = ""


def columns_of(record: Record, subject: int | None, *, held: bool) -> dict[str, Any]:
    """The columns that follow from a record; without an identifying field or a hold it has no subject.

    What holds an order holds its person's account too, though nothing in the order names that person any
    more: the tie goes when the hold has ended.
    """
    return {
        "version": record.version,
        "body": encode(without_identifiers(record)),
        "present": record.present,
        "subject": subject if held or record.present & IDENTIFYING else None,
        "purchased": _iso(purchased(record.ref.kind, record.facts)),
        "last_login": _iso(record.facts.last_login),
        "living": record.ref.kind is Kind.SUBSCRIBER and record.facts.status == "subscribed",
        "next_due": MUST_DECIDE,
        "gone": False,
        "gone_word": "",
    }


def news(record: Record, stored: Stored) -> Record | None:
    """The record as it should be stored, None where nothing but a version number is new.

    A version seen before is our own write, or another run's: its modification date is not the
    shop's doing. Fields that were read at apply (order notes) stay read until something changes.
    What was learnt outside the shop, and what our writes took the traces of, goes on counting.
    """
    now = without_identifiers(record)
    if encode(now) == stored.body and not stored.gone:
        return None
    before = decode_record(stored.body)
    now = msgspec.structs.replace(now, facts=_completed(now.facts, before.facts, stored.kept))
    if stored.gone:
        return msgspec.structs.replace(now, identifiers=record.identifiers)
    if now.version < before.version:
        return None
    if now.version == before.version:
        facts = msgspec.structs.replace(now.facts, modified=before.facts.modified)
        now = msgspec.structs.replace(now, facts=facts, unread=before.unread)
    facts = msgspec.structs.replace(now.facts, modified=before.facts.modified)
    if msgspec.structs.replace(now, version=before.version, unread=before.unread, facts=facts) == before:
        now = msgspec.structs.replace(now, unread=before.unread)
    return None if now == before else msgspec.structs.replace(now, identifiers=record.identifiers)


def after_our_write(record: Record, before: bytes, kept: bytes | None) -> Record:
    """What a record holds after we touched it; our write is no sign of life, so its date and number stay."""
    stored = decode_record(before)
    facts = _completed(record.facts, stored.facts, kept)
    facts = msgspec.structs.replace(facts, modified=stored.facts.modified, subject=None)
    number = {"label": stored.label, "number_sign": stored.number_sign}
    return msgspec.structs.replace(record, facts=facts, identifiers=(), **number)


def kept_through(now: Facts, kept: bytes | None) -> bytes:
    """What outlasts the write that is about to come, with what earlier ones had kept."""
    return encode(to_keep(with_kept(now, decode_facts(kept)) if kept else now))


def _completed(now: Facts, before: Facts, kept: bytes | None) -> Facts:
    """What was read, with all that a read of the shop cannot show (any more)."""
    facts = with_learnt(now, before)
    return with_kept(facts, decode_facts(kept)) if kept else facts


def without_identifiers(record: Record) -> Record:
    """The record as its body is stored."""
    return msgspec.structs.replace(record, identifiers=())


def with_subject(record: Record, facts: bytes | None) -> Record:
    """The record with what the same person's other records say."""
    if facts is None:
        return record
    known = msgspec.structs.replace(record.facts, subject=decode_subject(facts))
    return msgspec.structs.replace(record, facts=known)


def purchased(kind: Kind, facts: Facts) -> date | None:
    """The day of a purchase that was paid, or at least not cancelled or failed."""
    if kind is not Kind.ORDER or facts.status in ("failed", "cancelled", "pending", "trash"):
        return facts.last_purchase if kind is Kind.CUSTOMER else None
    return facts.paid or facts.created


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
