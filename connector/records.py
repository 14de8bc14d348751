"""What a shop holds, without direct identifiers: the values every stage passes on."""

from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from connector.text.plain_text import LONGEST, said


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of all values: immutable, keyword-only, JSON both ways; never part of a cycle."""


class Kind(StrEnum):
    """The kinds of record a platform holds."""

    ORDER = "order"
    CUSTOMER = "customer"
    SUBSCRIBER = "subscriber"
    REVIEW = "review"
    COUPON = "coupon"
    CART = "cart"
    DRAFT_ORDER = "draft_order"
    SUPPORT_MESSAGE = "support_message"


class Field(StrEnum):
    """A canonical piece of personal data; adapters map it to the places that keep it.

    The order is part of the ledger's bit sets: append, never reorder.
    """

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    BILLING_ADDRESS = "billing_address"
    SHIPPING_ADDRESS = "shipping_address"
    COMPANY = "company"
    ORGANISATION_NUMBER = "organisation_number"
    DOOR_CODE = "door_code"
    PERSONAL_NUMBER = "personal_number"
    BIRTH_DATE = "birth_date"
    IP_ADDRESS = "ip_address"
    USER_AGENT = "user_agent"
    CUSTOMER_NOTE = "customer_note"
    STAFF_NOTES = "staff_notes"
    TAGS = "tags"
    TRACKING_NUMBER = "tracking_number"
    PAYMENT_DETAILS = "payment_details"
    ACCOUNT = "account"
    CUSTOM = "custom"
    PAYMENT_REFERENCE = "payment_reference"
    # A recipient who is not the buyer: a third person with a shorter clock (schedule T-04, T-15).
    GIFT_RECIPIENT = "gift_recipient"


FIELD_BITS: dict[Field, int] = {field: 1 << position for position, field in enumerate(Field)}
ALL_FIELDS = (1 << len(Field)) - 1


def to_bits(fields: frozenset[Field] | tuple[Field, ...]) -> int:
    """The bit set of these fields, as the index stores it."""
    bits = 0
    for field in fields:
        bits |= FIELD_BITS[field]
    return bits


_FROM_BITS: dict[int, tuple[Field, ...]] = {}


def from_bits(bits: int) -> tuple[Field, ...]:
    """The fields of this bit set, in canonical order."""
    known = _FROM_BITS.get(bits)
    if known is None:
        known = tuple(field for field, bit in FIELD_BITS.items() if bits & bit)
        _FROM_BITS[bits] = known
    return known


class Ref(Value, frozen=True, kw_only=True):
    """Where a record lives: adapter, kind and the vendor's own neutral id."""

    adapter: str
    kind: Kind
    id: str


class HoldId(StrEnum):
    """The reasons to wait, H1 to H9 of the schedule; a request to see or restrict binds every row.

    H0 is none of the schedule's: a named person takes a record out and answers for it.
    H10 is a message's alone: it may be a voucher of the books, and nobody has looked (bokföringslagen 7:2).
    """

    OPEN_ORDER = "H1"
    RETURN = "H2"
    UNPAID = "H3"
    WARRANTY = "H4"
    LEGAL_CLAIM = "H5"
    BALANCE = "H6"
    SUBSCRIPTION = "H7"
    DISPUTE = "H8"
    REQUEST = "H9"
    VOUCHER = "H10"
    ACCESS = "H9A"
    RESTRICTION = "H9R"
    TAKEN_OUT = "H0"


class SubjectFacts(Value, frozen=True, kw_only=True):
    """What the other records of the same person say."""

    last_purchase: date | None = None
    last_login: date | None = None
    open_orders: int = 0
    living_subscription: bool = False
    has_account: bool = False
    order_holds: tuple[HoldId, ...] = ()


class Consent(Value, frozen=True, kw_only=True):
    """By one channel (`email`, `sms`, `whatsapp`): whether mailings may reach somebody, and since when so.

    One that is yet to be confirmed is `given`. A no without a day says nothing: nobody may ever have asked.
    """

    channel: str
    given: bool
    changed: date | None = None


class Facts(Value, frozen=True, kw_only=True):
    """What rules may read of one record; never personal.

    Dates are Stockholm dates (schedule §2.1). None means the platform shows no such date.
    """

    created: date | None = None
    modified: date | None = None
    status: str = ""
    # order
    paid: date | None = None
    captured: tuple[date, ...] = ()
    refunded: tuple[date, ...] = ()
    credited: tuple[date, ...] = ()
    shipped: date | None = None
    delivered: date | None = None
    completed: date | None = None
    cancelled: date | None = None
    payment: Literal["", "invoice", "card", "other"] = ""
    ship_to: str = ""
    business: bool = False
    company: bool = False
    vat_number: bool = False
    has_transaction: bool = False
    # An invoice number was given, by whichever system; the number itself is not kept.
    invoiced: bool = False
    zero_value: bool = False
    undated_refunds: bool = False
    # Money the bank took back, a claim given up, a gift card paid with: events of the books (schedule §2.5).
    chargeback: tuple[date, ...] = ()
    written_off: date | None = None
    redeemed: tuple[date, ...] = ()
    # A day of delivery or dispatch stands there and cannot be read: it is not guessed.
    undated_delivery: bool = False
    owed: bool = False
    # Written reminders of an unpaid claim, each of which begins its prescription anew (schedule H3);
    # shown: whoever gave the facts says that these are all.
    reminders: tuple[date, ...] = ()
    reminders_shown: bool = False
    return_open: bool = False
    return_seen: date | None = None
    # The last day on which a return, and a dispute over the payment, can have ended (schedule H2, H8).
    return_closed: date | None = None
    disputed: bool = False
    dispute_closed: date | None = None
    running_subscription: bool = False
    subscription_mark: bool = False  # a plugin's mark: one may run, for as long as one can
    # The last day of a contract that has ended; claims on it may still come (schedule H7).
    subscription_ended: date | None = None
    # Every line is of goods that are soon used up (schedule T-02); False where one is not, or none is known.
    consumables: bool = False
    trashed: bool = False
    final: bool = True
    warranty_months: int = 0
    # customer
    last_login: date | None = None
    last_purchase: date | None = None
    closed: date | None = None
    warned: date | None = None
    # The day on which a customer last said yes or no to mailings.
    consent_changed: date | None = None
    # This very profile is who the newsletter goes to, by consent: at Shopify account and subscriber are one.
    subscribes: bool = False
    balance: bool = False
    # The stated last day of a gift card or credit; without one it is valid for ten years (schedule H6).
    expires: date | None = None
    # subscriber
    basis: Literal["", "consent", "soft_optin"] = ""
    subscribed: date | None = None
    confirmed: date | None = None
    unsubscribed: date | None = None
    bounced: date | None = None
    last_click: date | None = None
    # message: something in it may be a voucher, or (`sender`) is taken for none where a customer wrote it.
    may_be_voucher: Literal["", "content", "sender"] = ""
    # What the record says of mailings, channel by channel; of whatever kind it is.
    consents: tuple[Consent, ...] = ()
    # Manual holds of the ledger that bind this record or its person.
    holds: tuple[HoldId, ...] = ()
    subject: SubjectFacts | None = None


class Identifier(Value, frozen=True, kw_only=True):
    """A keyed (HMAC) identifier that joins records of one person."""

    type: Literal["email", "phone", "account"]
    digest: bytes


class Surprise(Value, frozen=True, kw_only=True):
    """Something a shop owner should know of: a type of finding and the place, never a value."""

    code: str
    place: str
    count: int = 1


SHOWS_RECIPIENT = "shows_recipient"
"""The code of a surprise that is no finding about a person: a record shows that a recipient is used.

Its place is the recipient's name as its adapter has it.
"""


class Tie(Value, frozen=True, kw_only=True):
    """A place that a call takes whole or not at all: `field` waits there until those it waits for are due.

    `alone` says that the record holds the field nowhere else that a call reaches.
    """

    place: str
    field: Field
    waits_for: tuple[Field, ...]
    alone: bool = False


class Placed(Value, frozen=True, kw_only=True):
    """A place that no call changes and that holds one field by its key: a gift's recipient on a line."""

    place: str
    field: Field


class Record(Value, frozen=True, kw_only=True):
    """One record as the index keeps it: facts, which fields carry data, keyed identifiers.

    `copies` names the handles that this record could give (such as `tracking_number`), without
    their values; `unread` the fields that pull could not see (order notes); `label` is the
    number the merchant knows the record by. `also_of` are further people who stand in it: a request
    of theirs finds it, and it joins nobody to them.
    """

    ref: Ref
    version: str
    facts: Facts
    present: int
    label: str = ""
    identifiers: tuple[Identifier, ...] = ()
    copies: tuple[str, ...] = ()
    unread: int = 0
    surprises: tuple[Surprise, ...] = ()
    # Places of this record that no API reaches, such as `refund_reason`.
    residue: tuple[str, ...] = ()
    # Those of them that hold one known field: they are a task once that field goes, and no other.
    placed: tuple[Placed, ...] = ()
    # Present fields that stand only where no call changes anything, as a bit set.
    stuck: int = 0
    ties: tuple[Tie, ...] = ()
    # The keyed sign of a number that names a person and is kept nowhere (connector/places/numbers.py).
    number_sign: str = ""
    also_of: tuple[Identifier, ...] = ()

    def __post_init__(self) -> None:
        if not self.label.isprintable() or len(self.label) > LONGEST:
            msgspec.structs.force_setattr(self, "label", said(self.label))


class Outcome(StrEnum):
    """What came of one step or delivery; honest labels stand in schedule §5."""

    DONE = "done"
    ALREADY_GONE = "already_gone"
    ACCEPTED = "accepted"
    STOPPED = "stopped"
    NOTIFIED = "notified"
    BY_HAND = "by_hand"
    STALE = "stale"
    REFUSED = "refused"


class Action(StrEnum):
    """What a rule does when its time has come."""

    REDACT = "redact"
    DELETE = "delete"
    UNSUBSCRIBE = "unsubscribe"
    NOTIFY = "notify"
    RESTORE = "restore"
    RECTIFY = "rectify"


class Wave(StrEnum):
    """Steps of like consequence, approved together; in the order they run."""

    TRACES = "traces"
    PHONE_NOTES = "phone_notes"
    EMAIL_ADDRESS = "email_address"
    ACCOUNTS = "accounts"
    NEWSLETTER = "newsletter"


WAVE_ORDER: dict[Wave, int] = {wave: position for position, wave in enumerate(Wave)}
