"""Card numbers and IBAN."""

import re
from collections.abc import Iterator

from stdnum import iban, luhn

from connector.detect.context import ALONE_LEFT, Hint, Place, announced, in_address, is_reference
from connector.detect.found import Reading, Strength, Type
from connector.detect.patterns import expression

# Issuer ranges and lengths as the schemes publish them (ISO/IEC 7812 issuer identification numbers).
_ISSUERS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (expression("4"), frozenset({13, 16, 19})),
    (expression("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), frozenset({16})),
    (expression("3[47]"), frozenset({15})),
    (expression("30[0-5]|309|3[689]"), frozenset(range(14, 20))),
    (expression("6011|64[4-9]|65|622"), frozenset({16, 19})),
    (expression("35(?:2[89]|[3-8])"), frozenset({16, 19})),
    (expression("62"), frozenset({16, 17, 18, 19})),
    (expression("5018|5019|5020|5038|5893|6304|6759|676[1-3]"), frozenset(range(13, 20))),
)
_SAID_ISSUERS = expression("50|5[6-9]|6[0-9]|8[1]|220[0-4]|9")
"""Ranges of Maestro, UnionPay, Mir and shops' own cards: too wide to count where no card is spoken of."""

_BETWEEN = r"(?:[ \n]{1,3}(?:[-./] ?)?|[-./_] ?)"
_DIGITS = expression(ALONE_LEFT + rf"[0-9]{{2,19}}(?:{_BETWEEN}[0-9]{{1,19}}){{0,10}}(?!\w)(?![-.+][0-9])")
_GROUP = expression("[0-9]+")
_SHORTEST = 13
_CARD_LABEL = expression(
    r"(?:kort|card|visa|master\s?card|amex|american express|maestro|karte|diners|union\s?pay|jcb|discover"
    r"|debit|kredit|pan\b)"
    r"[a-zåäö]{0,8}[^0-9]{0,24}\Z",
    re.I,
)


def find_cards(place: Place) -> Iterator[Reading]:
    """Card numbers: issuer range, length and checksum fit, and nothing says parcel, article or order."""
    for match in _DIGITS.finditer(place.text):
        if len(match[0]) < _SHORTEST:
            continue
        labelled = Hint.CARD in place.hints or announced(place, match.start(), _CARD_LABEL)
        if not labelled and (is_reference(place, match.start()) or in_address(place.text, match.start())):
            continue
        span = _card_span(place.text, match, labelled)
        if span is not None:
            strength = Strength.CERTAIN if labelled else Strength.LIKELY
            yield Reading(type=Type.CARD_NUMBER, start=span[0], end=span[1], strength=strength)


def _card_span(text: str, match: re.Match[str], labelled: bool) -> tuple[int, int] | None:
    """The longest stretch of neighbouring groups that is a card number: an expiry or CVC may follow."""
    groups = [group.span() for group in _GROUP.finditer(text, match.start(), match.end())]
    for length in range(len(groups), 0, -1):
        for first in range(len(groups) - length + 1):
            window = groups[first : first + length]
            loose = labelled and first == 0
            if _is_card([text[start:end] for start, end in window], labelled, loose=loose):
                return window[0][0], window[-1][1]
    return None


def _is_card(groups: list[str], labelled: bool, *, loose: bool) -> bool:
    """Whether the groups are a card number; `loose` where they come right after a word for one."""
    digits = "".join(groups)
    if not _SHORTEST <= len(digits) <= 19 or (len(digits) == 13 and not labelled):
        return False  # thirteen bare digits are an EAN far more often than an old Visa number
    if len(groups) > 1 and not loose and not _grouped_as_card(groups):
        return False
    fits = any(len(digits) in lengths and issuer.match(digits) for issuer, lengths in _ISSUERS)
    said = labelled and len(digits) >= 15 and _SAID_ISSUERS.match(digits) is not None
    return (fits or said) and len(set(digits)) > 1 and luhn.is_valid(digits)


def _grouped_as_card(groups: list[str]) -> bool:
    """4-4-4-4, 4-6-5 and the like, or two halves of eight and other fours run together."""
    lengths = [len(group) for group in groups]
    return all(length % 4 == 0 for length in lengths) or (
        lengths[0] == 4 and all(3 <= length <= 6 for length in lengths)
    )


# Total lengths from the IBAN registry, for the countries whose residents pay Swedish shops.
_IBAN_TABLE = """
    AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FO18 FR27 GB22 GI23 GL18 GR27 HR21 HU28 IE22 IS26
    IT27 LI21 LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 TR26 UA29
"""
_IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_TABLE.split()}
_COUNTRIES = "|".join(_IBAN_LENGTHS)
_IBAN = expression(
    rf"(?<!\w)(?:{_COUNTRIES})[ -]?[0-9]{{2}}(?:[ .\n/_-]{{0,2}}[A-Z0-9]){{11,40}}", re.IGNORECASE
)


def find_ibans(place: Place) -> Iterator[Reading]:
    """Account numbers in IBAN form whose check digits hold (ISO 13616, mod 97)."""
    for match in _IBAN.finditer(place.text):
        end = _iban_end(match)
        if end is not None:
            yield Reading(type=Type.IBAN, start=match.start(), end=end, strength=Strength.CERTAIN)


def _iban_end(match: re.Match[str]) -> int | None:
    places = [at for at, letter in enumerate(match[0]) if letter.isalnum()]
    length = _IBAN_LENGTHS[match[0][:2].upper()]
    if len(places) < length:
        return None
    end = places[length - 1] + 1
    written = "".join(filter(str.isalnum, match[0][:end]))
    if match[0][end : end + 1].isdigit() or not iban.is_valid(written, check_country=False):
        return None
    return match.start() + end
