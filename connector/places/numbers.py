"""Order numbers as merchants give them, and those that would name a person.

A plugin or an import can make an e-mail, a telephone or a name of a number. Such a one is kept nowhere: the
index takes in a keyed sign of it, so that it can still be asked for, and everybody reads the record's id.
"""

import re
import unicodedata
from collections.abc import Callable

import msgspec

from connector.detect import holds_person
from connector.records import Record, Ref
from connector.text.plain_text import said

Sign = Callable[[str], str]
"""A keyed sign of a number as it is compared; empty where there is no key."""

ORDER_NUMBER = "order_number"
"""The handle by which recipients know an order by its number."""

_COUNTED = re.compile(r"#?(?:[A-Za-z]{1,12}[-_./]?)?[1-9][0-9]{0,7}")
"""What nearly every shop counts with; too short for a person's number, and a million are looked at."""
_CHARACTERS = re.compile(r"#?[0-9A-Za-zÅÄÖåäö][0-9A-Za-zÅÄÖåäö._/-]{0,39}")
_WORD = re.compile(r"[A-Za-zÅÄÖåäö]{4,}")  # a prefix may be one; two are a name
_MOBILE = re.compile(r"(?:0|46)?7[0-9]{8}")  # also without its zero or plus, as a spreadsheet leaves it


def is_plain(number: str) -> bool:
    """Whether a number may be stored and shown: it counts something, and names nobody."""
    if _COUNTED.fullmatch(number):
        return True
    if not _CHARACTERS.fullmatch(number) or not any(one.isdecimal() for one in number):
        return False
    named = len(_WORD.findall(number)) > 1 or _MOBILE.fullmatch(number.removeprefix("#"))
    return not named and not holds_person(number)


def shown(number: str, ref: Ref) -> str:
    """The number as it may stand anywhere; the record's id, said to be one, where it names a person."""
    return number if not number or is_plain(number) else by_id(ref)


def by_id(ref: Ref) -> str:
    """What a record is called whose number may not be shown."""
    return f"id {ref.id}"


def taken_in(record: Record, sign: Sign) -> Record:
    """The record as the index keeps it: a number that names a person is left out, but for its sign."""
    label = shown(record.label, record.ref)
    if label == record.label or record.label == by_id(record.ref):
        return record
    return msgspec.structs.replace(record, label=label, number_sign=sign(compared(record.label)))


def compared(number: str) -> str:
    """A number as two of them are compared: with and without its `#`, however its letters were composed."""
    return unicodedata.normalize("NFC", said(number)).removeprefix("#").strip().casefold()
