"""Personnummer, samordningsnummer, organisation numbers and birth dates."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum import luhn

from connector.detect import runs
from connector.detect.context import (
    ALONE_LEFT,
    ALONE_RIGHT,
    Hint,
    Place,
    announced,
    in_address,
    is_numbered_thing,
    is_reference,
)
from connector.detect.found import Reading, Strength, Type
from connector.detect.patterns import expression
from connector.detect.runs import Run

COORDINATION_DAYS = 60
"""Added to the day of birth in a samordningsnummer (folkbokföringslagen 18 b §); alone where no day is known.

A month that is not known is 00, in the tax agency's published test numbers too."""

# No clock here: years that the population register can hold, with room ahead.
_YEARS = range(1880, 2060)
_NUMBER = expression(
    ALONE_LEFT
    + r"(?P<date>(?:18|19|20)?[0-9]{6})(?P<between>\s?[-–−+]\s?|[ \xa0]?)(?P<serial>[0-9]{4})"
    + ALONE_RIGHT
)
_VAT = expression(r"(?<!\w)SE[ .-]?(?P<number>[0-9]{6}[ -]?[0-9]{4})[ -]?01(?!\w)", re.IGNORECASE)
_ORGANISATION = expression(
    ALONE_LEFT
    + r"(?:16)?(?P<group>[1235-9][0-9][2-9][0-9]{3})(?P<between>[-–−]?)(?P<serial>[0-9]{4})"
    + ALONE_RIGHT
)
_PERSON_WORD = (
    r"(?:person(?:al|en|ens)?[\s-]?(?:n|id\w*|u?mm?er)|\bpers\.?\s?n|\bp-?nr|\bp\.nr|\bsam(?:ordn?)?\.?\s?n(?:r|umm)|samordning|\bsno\b"
    r"|co-?ordination|social security|identity n|national id|\bssn|personennummer|födelsenummer"
    r"|legitimation|henkilönum|henkilötun)"
)
_PERSON_LABEL = expression(_PERSON_WORD + r"[^0-9]{0,24}\Z", re.IGNORECASE)
_PERSON_NAMED = expression(_PERSON_WORD + "[a-zåäö]{0,12}", re.IGNORECASE)
_ORDER = expression(r"\border(?:nr|nummer)?[\s:.#]*\Z", re.IGNORECASE)
_ORGANISATION_WORD = (
    r"(?:\borg\b|\borgn|\borg[.\s-]{1,2}n|organi[sz]ation|företagsn|bolagsn|momsreg|momsn|\bvat\b|\bcvr"
    r"|yritysnum|company reg|company n)"
)
_ORGANISATION_LABEL = expression(_ORGANISATION_WORD + r"[^0-9]{0,24}\Z", re.IGNORECASE)
_ORGANISATION_NAMED = expression(_ORGANISATION_WORD + "[a-zåäö]{0,12}", re.IGNORECASE)


def find_numbers(place: Place) -> Iterator[Reading]:
    """Numbers of persons and organisations; a sole trader's organisation number is a personal number."""
    for match in _NUMBER.finditer(place.text):
        reading = _person(place, match)
        if reading is not None:
            yield reading
    for match in _ORGANISATION.finditer(place.text):
        if _is_organisation(place, match):
            yield Reading(type=Type.ORGANISATION_NUMBER, start=match.start(), end=match.end())
    yield from _vat_numbers(place)
    yield from _announced_persons(place)
    yield from _announced_organisations(place)


def _announced_persons(place: Place) -> Iterator[Reading]:
    """After a word for them or under a key for them, with anything between their digits."""
    for run in _runs(place, _PERSON_NAMED, sure=Hint.PERSON in place.hints):
        kind = _kind(run.digits[:-4], run.digits[-4:]) if len(run.digits) in (10, 12) else None
        if kind is not None and _ends_there(place.text, run.end) and not announced(place, run.start, _ORDER):
            yield Reading(type=kind, start=run.start, end=run.end, strength=Strength.CERTAIN)


def _announced_organisations(place: Place) -> Iterator[Reading]:
    for run in _runs(place, _ORGANISATION_NAMED, sure=Hint.ORGANISATION in place.hints):
        digits = run.digits.removeprefix("16") if len(run.digits) == 12 else run.digits
        fits = len(digits) == 10 and digits[0] != "0" and int(digits[2]) >= 2 and luhn.is_valid(digits)
        if fits and _ends_there(place.text, run.end):
            yield Reading(type=Type.ORGANISATION_NUMBER, start=run.start, end=run.end)


def _runs(place: Place, word: re.Pattern[str], *, sure: bool) -> Iterator[Run]:
    if sure:
        yield from runs.after(place.text, 0)
    for named in word.finditer(place.text):
        yield from runs.after(place.text, named.end())


def _ends_there(text: str, end: int) -> bool:
    return not text[end : end + 1].isalnum()


def _person(place: Place, match: re.Match[str]) -> Reading | None:
    written = match["date"]
    kind = _kind(written, match["serial"])
    if kind is None:
        return None
    strength = _person_strength(place, match)
    if strength is None:
        return None
    return Reading(type=kind, start=match.start(), end=match.end(), strength=strength)


def _kind(written: str, serial: str) -> Type | None:
    day = int(written[-2:])
    coordination = day >= COORDINATION_DAYS
    if coordination:
        known = day - COORDINATION_DAYS or 1
        month = written[-4:-2] if written[-4:-2] != "00" else "01"
        plainly = f"{written[:-4]}{month}{known:02d}"
    else:
        plainly = written
    if not _possible(plainly) or not luhn.is_valid(f"{written[-6:-2]}{day:02d}{serial}"):
        return None
    return Type.COORDINATION_NUMBER if coordination else Type.PERSONAL_NUMBER


def _person_strength(place: Place, match: re.Match[str]) -> Strength | None:
    named = announced(place, match.start(), _PERSON_LABEL) and not announced(place, match.start(), _ORDER)
    if Hint.PERSON in place.hints or named:
        return Strength.CERTAIN
    if len(match["date"]) == 6 and _is_vague(match["date"]) and not match["between"].strip():
        return None  # a coordination number without its day or month is too like any other
    if len(match["date"]) == 6 and is_numbered_thing(place, match.start()):
        return None
    if Hint.TIME in place.hints and place.text.strip() == match[0] and match[0].isdigit():
        return None  # digits alone under a date or a time are one
    if match["between"].strip() or _is_organisation_place(place, match.start()):
        return Strength.LIKELY
    if is_reference(place, match.start()) or in_address(place.text, match.start()):
        return None
    return Strength.POSSIBLE


def _is_vague(written: str) -> bool:
    return written[-4:-2] == "00" or written[-2:] == str(COORDINATION_DAYS)


def _possible(written: str) -> bool:
    """Whether six or eight digits are a date; six are tried in both centuries."""
    years = [written[:4]] if len(written) == 8 else ["19" + written[:2], "20" + written[:2]]
    return any(is_date(int(year), int(written[-4:-2]), int(written[-2:])) for year in years)


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the three make a date on which someone in the register can be born."""
    if year not in _YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_organisation_place(place: Place, start: int) -> bool:
    return Hint.ORGANISATION in place.hints or announced(place, start, _ORGANISATION_LABEL)


def _is_organisation(place: Place, match: re.Match[str]) -> bool:
    """Organisationsnummer: third digit at least 2, checksum (Skatteverket SKV 709)."""
    if not luhn.is_valid(match["group"] + match["serial"]):
        return False
    if _is_organisation_place(place, match.start()):
        return True
    return bool(match["between"]) and not is_reference(place, match.start())


def _vat_numbers(place: Place) -> Iterator[Reading]:
    """Swedish VAT numbers: SE + organisation number + 01, prefix and suffix included."""
    for match in _VAT.finditer(place.text):
        digits = match["number"].replace("-", "").replace(" ", "")
        kind = _kind(digits[:6], digits[6:])
        if kind is None and int(digits[2]) >= 2 and luhn.is_valid(digits):
            kind = Type.ORGANISATION_NUMBER
        if kind is not None:
            yield Reading(type=kind, start=match.start(), end=match.end(), strength=Strength.CERTAIN)
