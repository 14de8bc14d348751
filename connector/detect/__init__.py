"""Personal data in free text and unknown meta keys: pure, no I/O, no clock.

Types and spans only; what follows from them is the policy's business. Basis: rows T-07 (door codes), T-08
(personnummer) and T-15 (notes) of the retention schedule.
"""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from connector.detect.account import find_accounts, find_giros
from connector.detect.birth import find_birth_dates
from connector.detect.contact import SPELT_AT, find_emails, find_phones
from connector.detect.context import Hint, Place, hints
from connector.detect.door import find_door_codes
from connector.detect.found import PASSES, Found, Reading, Type, settle
from connector.detect.identity import find_numbers
from connector.detect.patterns import expression
from connector.detect.payment import find_cards, find_ibans
from connector.detect.plain import Plain, plain
from connector.detect.spelt import NUMBER_SAID, SPELT_DIGITS
from connector.text.formats.leaf import Uncut

__all__ = [
    "Found", "Type", "detect", "holds_person", "redact", "says_organisation", "says_person",
    "says_time", "types",
]  # fmt: skip

REMEMBERED = 4_096
"""Texts whose finds are remembered for as long as the process lives: keys and lines repeat in every order."""

IDENTIFYING = frozenset(Type) - {Type.DOOR_CODE, Type.ORGANISATION_NUMBER, Type.BANKGIRO}
"""Types that point at a person on their own; the others say something of a door, a company or an account."""

_WORTH_READING = expression(r"[\d@\uff20]|&comm")
_ENOUGH_DIGITS = expression(
    r"\d(?:[^0-9A-Za-z]{0,4}\d){2}|[@\uff20]|%40|&#|&comm|[0-9]{1,2}\S{0,2}\s\S{3,12}\s[-'’]?[0-9]{2}|[0-9][A-Za-z][0-9]|>[0-9]+<"
)
_FINDERS = (
    (find_numbers, 10),
    (find_birth_dates, 0),
    (find_door_codes, 0),
    (find_cards, 13),
    (find_ibans, 0),
    (find_giros, 0),
    (find_accounts, 0),
    (find_emails, 0),
    (find_phones, 7),
)
"""Each with the digits that the shortest of its finds has: most texts have fewer and are not searched."""


@lru_cache(REMEMBERED)
def detect(text: str, *, key: str = "") -> tuple[Found, ...]:
    """Every token of personal data in a text, in order, never overlapping; the strongest reading wins.

    `key` is the meta key or field the text stands under and may raise or lower a reading. Offsets count
    characters.
    """
    if not _worth_reading(text):
        return ()
    form = plain(text)
    place = Place(text=form.text, key=key.lower(), hints=hints(key))
    readings: list[Reading] = []
    digits = sum(map(form.text.count, "0123456789"))
    for find, fewest in _FINDERS:
        if digits >= fewest:
            readings.extend(find(place))
    return settle([_as_written(form, reading) for reading in readings]) if readings else ()


def _as_written(form: Plain, reading: Reading) -> Reading:
    start, end = form.written(reading.start, reading.end)
    return msgspec.structs.replace(reading, start=start, end=end)


def _worth_reading(text: str) -> bool:
    if _WORTH_READING.search(text) is not None and _ENOUGH_DIGITS.search(text) is not None:
        return True
    return SPELT_AT.search(text) is not None or _spells_digits(text)


def _spells_digits(text: str) -> bool:
    return NUMBER_SAID.search(text) is not None and SPELT_DIGITS.search(text) is not None


def types(text: str, *, key: str = "") -> frozenset[Type]:
    """The types of personal data that a text holds."""
    return frozenset(found.type for found in detect(text, key=key))


def holds_person(text: str, *, key: str = "") -> bool:
    """Whether a text holds anything that identifies a person by itself."""
    return not IDENTIFYING.isdisjoint(types(text, key=key))


def says_person(key: str) -> bool:
    """Whether a key promises the number or the birth of a person."""
    return bool(hints(key) & {Hint.PERSON, Hint.BIRTH})


def says_organisation(key: str) -> bool:
    """Whether a key promises the number of a company: an organisation number, a VAT number."""
    return Hint.ORGANISATION in hints(key)


def says_time(key: str) -> bool:
    """Whether a key promises a date or a time of day, and no birth."""
    return Hint.TIME in hints(key) and Hint.BIRTH not in hints(key)


def redact(text: str, found: Iterable[Found], *, placeholder: str = "") -> str:
    """The text without the tokens; what their removal would newly bring to light goes too.

    Tokens that were there and were not given stay. Raises Uncut where three passes leave something, and
    ValueError for a placeholder with digits or @.
    """
    if _WORTH_READING.search(placeholder) or SPELT_AT.search(placeholder):
        raise ValueError("The placeholder holds a digit or @ and could itself be found; use letters only.")
    tokens = tuple(found)
    cut = {token.type for token in tokens}
    spared = {text[token.start : token.end] for token in detect(text) if token not in tokens}
    for _ in range(PASSES):
        text = _without(text, tokens, placeholder)
        again = (token for token in detect(text) if token.type in cut)
        tokens = tuple(token for token in again if text[token.start : token.end] not in spared)
        if not tokens:
            return text
    raise Uncut


def _without(text: str, tokens: Iterable[Found], placeholder: str) -> str:
    for token in sorted(tokens, key=lambda token: token.start, reverse=True):
        start, end = token.start, token.end
        if not placeholder and text[start - 1 : start] in ("", " ") and text[end : end + 1] == " ":
            end += 1
        text = text[:start] + placeholder + text[end:]
    return text
