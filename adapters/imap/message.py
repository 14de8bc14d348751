"""What one message shows of itself: its headers, its structure, its day of arrival; its text is not read.

It is one person's where one address outside the shop can be told to be its writer, or its only reader.
"""

import binascii
import email.utils
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any, NamedTuple

from connector.calendar import to_date
from connector.identity import normalise_email
from connector.ports import Keyer
from connector.records import Facts, Field, Identifier, Kind, Record, Ref, Surprise, to_bits

NAME = "imap"
HEADERS = "FROM REPLY-TO TO CC BCC DATE MESSAGE-ID"
LONGEST = 65_536  # bytes of these headers; longer ones are not read in part
ITEMS = f"FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({HEADERS})]<0.{LONGEST}>"
MOST_PARTS = 200
APART = 31  # days between the two dates from which on it is told

_READERS = ("to", "cc", "bcc")
PEOPLE = ("from", "reply-to", *_READERS)
_FAULTS = (ValueError, TypeError, IndexError, KeyError, AttributeError, LookupError, RecursionError)


class Own(NamedTuple):
    """The shop's own addresses, and whole domains of its own (`@shop.example`)."""

    addresses: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "Own":
        """What the settings say, the login among them where it is an address."""
        named = [str(one).strip().lower() for one in (*(table.get("own") or ()), table.get("user") or "")]
        known = (normalise_email(one) for one in named if not one.startswith("@"))
        domains = frozenset(one.removeprefix("@") for one in named if one.startswith("@"))
        return cls(frozenset(one for one in known if one), domains)

    def holds(self, address: str) -> bool:
        """Whether an address, in the one form it has everywhere, is the shop's."""
        return address in self.addresses or address.rpartition("@")[2] in self.domains


class Persons(NamedTuple):
    """Who stands in the headers: whose message it is (empty where nobody can tell), and everybody else."""

    owner: str
    others: tuple[str, ...]
    named: bool


class Headers(NamedTuple):
    """The headers as they were sent, each value by its name."""

    message: Message

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [str(one) for one in self.message.get_all(name) or []]

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """Each name with its address, in the one form that it has everywhere; empty where it is none."""
        found = email.utils.getaddresses(self.values(name))
        return [(said, normalise_email(address) or "") for said, address in found if said or address]


def read_headers(data: bytes) -> Headers:
    """The headers of these bytes; none where they make no sense, or are too long to be read whole."""
    if len(data) >= LONGEST:
        return Headers(Message())
    try:
        found = Headers(BytesHeaderParser().parsebytes(data.replace(b"\0", b"")))
        for name in PEOPLE:
            found.addresses(name)
        return found
    except _FAULTS:
        return Headers(Message())


def decoded_words(value: str) -> str:
    """A header with its encoded words read (RFC 2047); as it stands where they cannot be."""
    try:
        return str(make_header(decode_header(value)))
    except (*_FAULTS, binascii.Error):
        return value


def persons(headers: Headers, own: Own) -> Persons:
    """Whose message it is: its writer, or where the shop wrote it the only reader outside the shop.

    A form on a web site writes as the shop and names the person in Reply-To. Two writers, or one whose
    address cannot be read, are nobody's.
    """
    senders, replies = headers.addresses("from"), headers.addresses("reply-to")
    readers = [one for name in _READERS for one in headers.addresses(name)]
    every = [*senders, *replies, *readers]
    outside = list(dict.fromkeys(one for _, one in every if one and not own.holds(one)))
    owner = _writer(senders, replies, readers, own)
    others = tuple(one for one in outside if one != owner)
    return Persons(owner, others, any(said.strip() for said, _ in every))


def _writer(
    senders: Sequence[tuple[str, str]], replies: Sequence[tuple[str, str]],
    readers: Sequence[tuple[str, str]], own: Own,
) -> str:  # fmt: skip
    if len(senders) != 1 or not senders[0][1]:
        return ""
    sender = senders[0][1]
    if not own.holds(sender):
        return sender
    for group in (replies, readers):
        outside = {one for _, one in group if not (one and own.holds(one))}
        if outside:
            return outside.pop() if len(outside) == 1 else ""
    return ""


def sent_on(headers: Headers) -> date | None:
    """The Stockholm day of the Date header; None where there is not one that can be read."""
    values = headers.values("date")
    if len(values) != 1:
        return None
    try:
        return to_date(email.utils.parsedate_to_datetime(values[0]))
    except (*_FAULTS, OverflowError):
        return None


def arrived_on(moment: object) -> date | None:
    """The Stockholm day on which the server took the message in (INTERNALDATE)."""
    try:
        return to_date(moment) if isinstance(moment, datetime) else None
    except (ValueError, OverflowError):
        return None


def dated(arrived: date | None, sent: date | None) -> date | None:
    """The day that a message counts from: the later of the two, for neither may make it go too early.

    INTERNALDATE is the server's own and begins anew where a mailbox is moved; Date is the sender's word. A
    message whose arrival cannot be read has no day, so it stays.
    """
    if arrived is None:
        return None
    return arrived if sent is None else max(arrived, sent)


class Content(NamedTuple):
    """What the structure says: whether anything is attached, and whether the text is written out plainly."""

    attached: bool
    plain: bool


def content(structure: Any) -> Content:
    """What BODYSTRUCTURE shows (RFC 3501 §7.4.2): anything but one short text is taken for an attachment.

    Where it cannot be read there may be one. A text that is not written out, or is HTML, is not plain.
    """
    try:
        parts = list(_leaves(structure))
    except _FAULTS:
        return Content(attached=True, plain=False)
    if not parts or len(parts) > MOST_PARTS:
        return Content(attached=True, plain=False)
    attached = any(kind not in (b"text/plain", b"text/html") or named for kind, _, named in parts)
    plain = all(kind == b"text/plain" and coding in (b"7bit", b"8bit") for kind, coding, _ in parts)
    return Content(attached, plain)


def _leaves(part: Any, depth: int = 0) -> Iterator[tuple[bytes, bytes, bool]]:
    """Each part that holds something: its type, how it is coded, and whether it is a file."""
    if depth > MOST_PARTS:
        raise ValueError("nested too deep")
    if isinstance(part[0], list):
        for below in part[0]:
            yield from _leaves(below, depth + 1)
        return
    kind = bytes(part[0]).lower() + b"/" + bytes(part[1]).lower()
    yield kind, bytes(part[5]).lower(), _is_file(part)


def _is_file(part: Any) -> bool:
    """Whether a part has a name, or says that it is attached."""
    parameters = [bytes(one).lower() for one in (part[2] or ()) if isinstance(one, bytes)]
    extension = str(part[8:]).lower()
    return b"name" in parameters[::2] or "attachment" in extension or "filename" in extension


class Place(NamedTuple):
    """Where a message lies: the folder's name in the settings, its generation of UIDs, and the UID."""

    label: str
    validity: int
    uid: int


class Reading:
    """How messages are read: whose addresses are the shop's, which folders hold customers alone, the key."""

    def __init__(self, table: Mapping[str, Any], keyer: Keyer) -> None:
        self.own = Own.of(table)
        self.customers_only = frozenset(table.get("customers_only") or ())
        self.keyer = keyer

    def ref(self, place: Place, row: Mapping[bytes, Any]) -> Ref:
        """What the ledger knows a message by: its place, and a keyed sign of what never changes of it."""
        headers = read_headers(header_bytes(row))
        moment = row.get(b"INTERNALDATE")
        arrived = moment.isoformat() if isinstance(moment, datetime) else ""
        parts = ("\n".join(headers.values("message-id")), "\n".join(headers.values("date")), arrived)
        sign = self.keyer("account", "\0".join(("message", *parts, "."))) or b""
        return ref_of(place, sign.hex()[:16])

    def record(self, place: Place, row: Mapping[bytes, Any], *, free_of_links: bool) -> Record:
        """A message as a record; one whose headers cannot be read is nobody's, and held."""
        headers = read_headers(header_bytes(row))
        found = persons(headers, self.own)
        arrived, sent = arrived_on(row.get(b"INTERNALDATE")), sent_on(headers)
        day = dated(arrived, sent)
        apart = arrived is not None and sent is not None and abs((arrived - sent).days) > APART
        ref = self.ref(place, row)
        return Record(
            ref=ref, version=ref.id, label=f"{place.label}/{place.uid}",
            facts=Facts(
                created=day, return_open=b"\\Flagged" in (row.get(b"FLAGS") or ()),
                may_be_voucher=self._voucher(place, row, found, free_of_links=free_of_links),
            ),
            present=to_bits(
                (Field.CUSTOMER_NOTE, *((Field.NAME,) if found.named else ()),
                 *((Field.EMAIL,) if found.owner or found.others else ()))
            ),
            identifiers=self._keyed((found.owner,)),
            also_of=self._keyed(found.others),
            copies=("email",) if found.owner else (),
            surprises=(Surprise(code="dates_apart", place="message"),) if apart else (),
        )  # fmt: skip

    def _voucher(self, place: Place, row: Mapping[bytes, Any], found: Persons, *, free_of_links: bool) -> Any:
        if place.label in self.customers_only:
            return "" if found.owner else "sender"
        inside = content(row.get(b"BODYSTRUCTURE"))
        return "sender" if inside.plain and not inside.attached and free_of_links else "content"

    def _keyed(self, addresses: Sequence[str]) -> tuple[Identifier, ...]:
        keyed = (self.keyer("email", one) for one in addresses if one)
        return tuple(Identifier(type="email", digest=digest) for digest in keyed if digest)

    def to_be_searched(self, label: str, row: Mapping[bytes, Any]) -> bool:
        """Whether it turns on the text alone that a message may be a voucher."""
        if label in self.customers_only:
            return False
        inside = content(row.get(b"BODYSTRUCTURE"))
        return inside.plain and not inside.attached


def header_bytes(row: Mapping[bytes, Any]) -> bytes:
    """The headers in an answer to FETCH; empty where there are none."""
    found = next((value for key, value in row.items() if key.startswith(b"BODY[HEADER")), b"")
    return found if isinstance(found, bytes) else b""


def ref_of(place: Place, sign: str) -> Ref:
    """The record's id: folder, generation, UID, sign."""
    named = f"{place.label}:{place.validity}:{place.uid}:{sign}"
    return Ref(adapter=NAME, kind=Kind.SUPPORT_MESSAGE, id=named)


def place_of(ref: Ref) -> tuple[Place, str] | None:
    """The place and the sign in a record's id; None where it is none of ours."""
    parts = ref.id.split(":")
    if len(parts) != 4 or not (parts[1].isascii() and parts[1].isdigit() and parts[2].isdigit()):
        return None
    return Place(parts[0], int(parts[1]), int(parts[2])), parts[3]
