"""Accounts that money is sent to: bankgiro, plusgiro, and clearing number with account number.

A bankgiro is a company's address; a plusgiro is an account of its own, of persons too, and counts as one.
"""

import re
from collections.abc import Iterator

from stdnum import luhn

from connector.detect import runs
from connector.detect.context import ALONE_LEFT, ALONE_RIGHT, Hint, Place, is_reference
from connector.detect.found import Reading, Strength, Type
from connector.detect.patterns import expression

_GIRO_WORD = (
    r"(?:(?P<plus>(?:plus|post)[\s-]?giro\w*|pg|p\.\s?g\.?)|bank[\s-]?giro\w*|bg"
    r"|b\.\s?g\.?)(?:[\s-]?(?:nr|nummer))?"
)
_GIRO_NAMED = expression(rf"(?<!\w){_GIRO_WORD}(?!\w)", re.IGNORECASE)
_GIRO_AFTER = expression(rf"[\s(]{{0,2}}{_GIRO_WORD}(?!\w)", re.IGNORECASE)
_GIRO_SPOKEN_OF = expression(r"giro|bg|pg|[bp]\.\s?g", re.IGNORECASE)
_WRITTEN = expression(
    ALONE_LEFT + r"(?:[0-9]{3,4}[-–. ]?[0-9]{4}|[0-9](?: ?[0-9]){0,6} ?- ?[0-9])" + ALONE_RIGHT
)
_JOINED = expression(r"\s?(?:,|/|&|\+|eller|och|el\.?|or|and|alt\.?)\s?(?=[0-9])")
_AS_BANKGIRO = expression(r"[0-9]{3,4}-[0-9]{4}(?![0-9])")
_BOTH = expression(r"(?:bg|bankgiro)\W{1,3}(?:pg|plusgiro)", re.IGNORECASE)
_PLUS_KEY = expression(r"plus|post|pg")
_GAP = expression(r"[^\n0-9]{0,20}|[^0-9\w]{0,8}|[^\n0-9]{0,12}\n[^\w\n]{0,4}")
_SHORT = expression(r"p\.?\s?g\.?(?:[\s-]?(?:nr|nummer))?", re.IGNORECASE)
_SHORT_GAP = expression(
    r"[\s.,:;#=()/-]*(?:(?:nr|nummer|är|is|konto|bg|på|till)\b[\s.:#=/-]*){0,2}", re.IGNORECASE
)
"""After "pg", which is short for other things too."""

_ISSUED = {True: range(2, 9), False: range(7, 9)}


def find_giros(place: Place) -> Iterator[Reading]:
    """Bankgiro and plusgiro numbers, only where a giro is named; checksum over all digits."""
    if Hint.GIRO in place.hints:
        plus = _PLUS_KEY.search(place.key) is not None
        yield from _giros_from(place.text, _first_digit(place.text, 0), plus=plus)
    elif _GIRO_SPOKEN_OF.search(place.text) is not None:
        for named in _GIRO_NAMED.finditer(place.text):
            first = _first_digit(place.text, named.end())
            gap = _SHORT_GAP if _SHORT.fullmatch(named[0]) else _GAP
            if gap.fullmatch(place.text, named.end(), first) is not None:
                yield from _giros_from(place.text, first, plus=named["plus"] is not None)
        yield from _giros_before(place.text)


def _first_digit(text: str, start: int) -> int:
    found = _DIGIT.search(text, start)
    return found.start() if found else len(text)


_DIGIT = expression("[0-9]")


def _giros_from(text: str, start: int, *, plus: bool) -> Iterator[Reading]:
    """The giro at a place, and those joined to it."""
    giro = _giro_at(text, start, plus=plus)
    while giro is not None:
        yield giro
        joined = _JOINED.match(text, giro.end)
        giro = _giro_at(text, joined.end(), plus=plus) if joined else None


def _giro_at(text: str, start: int, *, plus: bool) -> Reading | None:
    written = _WRITTEN.match(text, start)
    if plus and _AS_BANKGIRO.match(text, start) and _BOTH.search(text, max(0, start - 24), start):
        plus = False
    if written is not None and _is_giro("".join(filter(str.isdigit, written[0])), plus=plus):
        return _giro(written.start(), written.end(), plus=plus)
    fitting = [run for run in runs.at(text, start) if _is_giro(run.digits, plus=plus)]
    ends = [run for run in fitting if not text[run.end : run.end + 1].isalnum()]
    return _giro(start, ends[-1].end, plus=plus) if ends else None


def _giros_before(text: str) -> Iterator[Reading]:
    for written in _WRITTEN.finditer(text):
        named = _GIRO_AFTER.match(text, written.end())
        if named is not None and _is_giro("".join(filter(str.isdigit, written[0])), plus=bool(named["plus"])):
            yield _giro(written.start(), written.end(), plus=bool(named["plus"]))


def _is_giro(digits: str, *, plus: bool) -> bool:
    return len(digits) in _ISSUED[plus] and luhn.is_valid(digits)


def _giro(start: int, end: int, *, plus: bool) -> Reading:
    kind = Type.BANK_ACCOUNT if plus else Type.BANKGIRO
    return Reading(type=kind, start=start, end=end, strength=Strength.CERTAIN)


_SEPARATED = r"(?:\s{0,2}[-./,:]\s{0,2}|\s{1,3})"
_WHOLE = expression(
    r"(?<![\w+])(?<![0-9][-–.,+/])(?P<clearing>[1-9][0-9]{3})(?P<fifth>[-\s]?[0-9](?=[-\s.,/]))?"
    rf"{_SEPARATED}(?P<account>[0-9](?:[ .-]?[0-9]){{4,10}})(?![ .-]?[0-9]|\w)"
)
"""A clearing number and an account number, with the fifth digit that some banks' have or without."""

_BARE = expression(r"(?<![\w+-])[1-9][0-9]{8,14}(?![\w-])")
_PART = expression(r"[0-9](?:[ .-]?[0-9]){5,11}(?![ .-]?[0-9]|\w)")
_CLEARING_PART = expression(
    r"[1-9][0-9]{3}(?:\s?-\s?[0-9](?![0-9])|\s[0-9](?!\s?[0-9])"
    r"|[0-9](?![0-9]))?(?![0-9]|-[0-9]{2}(?![0-9]{2}))"
)
_SPOKEN_OF = expression(
    r"kont|kto|clear|clr|cl\.|bank|account|nordea|seb\b|skandia|länsf|swed|handels|danske|sparb|peng|återbet|sätt|utbet|refund|tili",
    re.IGNORECASE,
)
_LEDGER = expression(r"(?:bokför|konter|moms|kostnads|debet|kredit\b)", re.IGNORECASE)
_ACCOUNT_WORD = expression(
    r"(?<!\w)(?:(?:bank|person|lön|löne|spar|privat)?(?:konto(?:t)?|kto|account)[\s.-]{0,2}(?:nummer|numret|nr|no|number|n)?\.?)(?!\w)"
    r"(?!\s+(?:hos|på sidan))",
    re.IGNORECASE,
)
_NUMBER_WORD = expression(
    r"(?<!\w)(?:bank)?(?:konto|kto|account)[\s.-]{0,2}(?:nummer|numret|nr|no|number|n)\.?(?!\w)|(?<!\w)bankkonto(?!\w)",
    re.IGNORECASE,
)
_CLEARING_WORD = expression(
    r"(?<!\w)(?:clearing|clr|cl)[\s.-]{0,2}(?:nummer|numret|nr|no|number)?\.?(?!\w)", re.IGNORECASE
)
_BANK_OR_MONEY = expression(
    r"(?<!\w)(?:swedbank|sparbanken|nordea|seb|handelsbanken|shb|danske\s?bank|länsförsäkringar|lf\s?bank|ica[\s-]?banken"
    r"|skandia\w*|ikano\w*|avanza|icabanken|resurs\s?bank|forex|sbab|peng\w+|återbetal\w*|utbetal\w*|sätt(?:er)?\s+in|refund\w*"
    r"|överför\w*|bank(?!kort)\w*|pankki|tilille)(?!\w)",
    re.IGNORECASE,
)
_REACH = 40
_LINK = expression(r"[^0-9\n]{0,40}\n?[^0-9\n]{0,3}")


def find_accounts(place: Place) -> Iterator[Reading]:
    """A clearing number with its account, together or each after its word."""
    text = place.text
    if Hint.ACCOUNT in place.hints:
        yield from _all_of(text)
    if _SPOKEN_OF.search(text) is None:
        return
    for written in _WHOLE.finditer(text):
        if _is_account(written) and _speaks_of_account(place, written):
            yield _account(written.start(), written.end())
    yield from _apart(text)


def _all_of(text: str) -> Iterator[Reading]:
    """What stands under a key for an account."""
    for pattern in (_WHOLE, _BARE):
        for written in pattern.finditer(text):
            yield _account(written.start(), written.end())


def _apart(text: str) -> Iterator[Reading]:
    """Clearing number and account each after its own word."""
    named = list(_CLEARING_WORD.finditer(text))
    for word in named:
        yield from _part_after(text, word, _CLEARING_PART)
    for word in _NUMBER_WORD.finditer(text):
        yield from _part_after(text, word, _BARE)
    if named:
        for word in _ACCOUNT_WORD.finditer(text):
            yield from _part_after(text, word, _PART)


def _part_after(text: str, word: re.Match[str], pattern: re.Pattern[str]) -> Iterator[Reading]:
    first = _DIGIT.search(text, word.end(), word.end() + _REACH)
    part = pattern.match(text, first.start()) if first else None
    if part is not None and _LINK.fullmatch(text, word.end(), part.start()) is not None:
        yield _account(part.start(), part.end())


def _is_account(written: re.Match[str]) -> bool:
    """Whether the clearing number is in use (1100–9999) and the account has six to ten digits."""
    digits = sum(letter.isdigit() for letter in written["account"])
    return int(written["clearing"]) >= 1100 and 6 <= digits <= 10


def _speaks_of_account(place: Place, written: re.Match[str]) -> bool:
    text = place.text
    before = text[max(0, written.start() - _REACH) : written.start()]
    behind = text[written.end() : written.end() + 16]
    if _LEDGER.search(before):
        return False
    if _ACCOUNT_WORD.search(before) or _CLEARING_WORD.search(before):
        return True
    if is_reference(place, written.start()):
        return False
    return any(_BANK_OR_MONEY.search(part) is not None for part in (before, behind))


def _account(start: int, end: int) -> Reading:
    return Reading(type=Type.BANK_ACCOUNT, start=start, end=end, strength=Strength.CERTAIN)
