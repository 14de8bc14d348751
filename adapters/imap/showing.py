"""A message as its person gets it (Art. 15): its headers one by one, and its text up to a limit.

Whoever else is written to stands there as a third person. What is attached is named and not opened.
"""

import binascii
import email.utils
import quopri
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from adapters.imap.line import Session
from adapters.imap.message import LONGEST, PEOPLE, Own, Place, content, decoded_words, read_headers
from connector.identity import normalise_email
from connector.ports.disclosing import Shown
from connector.records import Field
from connector.text.sentences import plain

TEXT_LONGEST = 262_144  # bytes of a message's text that are shown; the rest is for a hand
ATTACHED = "imap_attachment"
_THEIRS = (Field.NAME, Field.EMAIL)
_OTHERS = (*_THEIRS, Field.GIFT_RECIPIENT)
_FAULTS = (ValueError, TypeError, IndexError, KeyError, AttributeError, LookupError, RecursionError)


class Part(NamedTuple):
    """A text within a message: its number (RFC 3501 §6.4.5), type, letters and coding."""

    number: str
    kind: bytes
    charset: str
    coding: bytes


def more_of(session: Session, place: Place, row: Mapping[bytes, Any]) -> dict[str, Any]:
    """The subject and the text of one message of the open folder; the text only where it came in whole."""
    part = text_part(row.get(b"BODYSTRUCTURE"))
    items = f"BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.{LONGEST}>"
    items += f" BODY.PEEK[{part.number}]<0.{TEXT_LONGEST}>" if part else ""
    found = session.fetch([place.uid], items).get(place.uid, {})
    data = {key: value for key, value in found.items() if isinstance(value, bytes)}
    header = next((value for key, value in data.items() if key.startswith(b"BODY[HEADER")), b"")
    body = next((value for key, value in data.items() if part and key.startswith(_key(part))), b"")
    more: dict[str, Any] = {"subject": [decoded_words(one) for one in read_headers(header).values("subject")]}
    if part and body and len(body) < TEXT_LONGEST:
        more["text"] = text_of(part, body)
    return more


def is_cut(raw: Mapping[str, Any], row: Mapping[bytes, Any]) -> bool:
    """Whether something of a message is not shown: what is attached, or a text that is too long."""
    return content(row.get(b"BODYSTRUCTURE")).attached or not raw.get("text")


def _key(part: Part) -> bytes:
    return f"BODY[{part.number}]".encode()


def text_part(structure: Any) -> Part | None:
    """The first text of a message, a plain one before HTML; None where there is none that can be read."""
    try:
        found = [part for part in _texts(structure, "") if part.kind in (b"plain", b"html")]
    except _FAULTS:
        return None
    return min(found, key=lambda part: part.kind != b"plain", default=None)


def _texts(part: Any, before: str, depth: int = 0) -> Iterator[Part]:
    if depth > 50:
        return
    if isinstance(part[0], list):
        for number, below in enumerate(part[0], 1):
            yield from _texts(below, f"{before}.{number}" if before else str(number), depth + 1)
    elif bytes(part[0]).lower() == b"text":
        given = [bytes(one) for one in (part[2] or ())]
        named = dict(zip((one.lower() for one in given[::2]), given[1::2], strict=False))
        charset = named.get(b"charset", b"us-ascii").decode("ascii", "replace")
        yield Part(before or "1", bytes(part[1]).lower(), charset, bytes(part[5]).lower())


def text_of(part: Part, body: bytes) -> str:
    """The text that a part holds, decoded; letters that cannot be read stand as such."""
    data = body
    with suppress(ValueError, binascii.Error):
        if part.coding == b"base64":
            data = binascii.a2b_base64(body)
        elif part.coding == b"quoted-printable":
            data = quopri.decodestring(body)
    try:
        text = data.decode(part.charset, "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return (plain(text) if part.kind == b"html" else text).replace("\0", "").strip()


def shown(raw: Mapping[str, Any], owner: str, own: Own) -> tuple[Shown, ...]:
    """Every value of a message, in the order of its headers."""
    return tuple(_shown(raw, owner, own))


def _shown(raw: Mapping[str, Any], owner: str, own: Own) -> Iterator[Shown]:
    for name in PEOPLE:
        for number, text in enumerate(raw.get(name, ()), 1):
            address = _address(text)
            mine = bool(owner) and address == owner
            ours = bool(address) and own.holds(address)
            fields = _THEIRS if mine or ours else _OTHERS
            yield Shown(place=f"{name}.{number}", text=text, fields=fields, given=mine)
    for name in ("date", "message-id"):
        for number, text in enumerate(raw.get(name, ()), 1):
            yield Shown(place=f"{name}.{number}", text=text)
    wrote = any(_address(text) == owner for text in raw.get("from", ())) and bool(owner)
    for number, text in enumerate(raw.get("subject", ()), 1):
        yield Shown(place=f"subject.{number}", text=text, fields=(Field.CUSTOMER_NOTE,), given=wrote)
    if text := raw.get("text"):
        yield Shown(place="text", text=text, fields=(Field.CUSTOMER_NOTE,), given=wrote)


def _address(text: str) -> str:
    found = [normalise_email(address) for _, address in email.utils.getaddresses([text])]
    return found[0] or "" if len(found) == 1 else ""
