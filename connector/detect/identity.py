"""Personnummer, samordningsnummer, organisation numbers and birth dates."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum import luhn

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

COORDINATION_DAYS = 60
"""Added to the day of birth in a samordningsnummer (folkbokföringslagen 18 b §)."""

# No clock here: years that the population register can hold, with room ahead.
_YEARS = range(1880, 2060)
_NUMBER = re.compile(
    ALONE_LEFT
    + r"(?P<date>(?:18|19|20)?[0-9]{6})(?P<between>\s?[-–−+]\s?|[ \xa0]?)(?P<serial>[0-9]{4})"
    + ALONE_RIGHT
)
_VAT = re.compile(r"(?<!\w)SE[ -]?(?P<number>[0-9]{6}-?[0-9]{4})[ -]?01(?!\w)", re.IGNORECASE)
_ORGANISATION = re.compile(
    ALONE_LEFT
    + r"(?:16)?(?P<group>[1235-9][0-9][2-9][0-9]{3})(?P<between>[-–−]?)(?P<serial>[0-9]{4})"
    + ALONE_RIGHT
)
_PERSON_LABEL = re.compile(
    r"(?:person(?:al|en|ens)?[\s-]?(?:n|id)|\bpers\.?\s?n|\bpnr|samordning|co-?ordination"
    r"|social security|national id|\bssn|personennummer|födelsenummer|legitimation)[^\n0-9]{0,24}\Z",
    re.IGNORECASE,
)
_ORGANISATION_LABEL = re.compile(
    r"\b(?:org\b|orgn|org[.\s-]{1,2}n|organi[sz]ation|företagsn|momsreg|vat\b|cvr)[^\n0-9]{0,24}\Z",
    re.IGNORECASE,
)


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
    coordination = day > COORDINATION_DAYS
    if coordination:
        written = f"{written[:-2]}{day - COORDINATION_DAYS:02d}"
    if not _possible(written) or not luhn.is_valid(f"{written[-6:-2]}{day:02d}{serial}"):
        return None
    return Type.COORDINATION_NUMBER if coordination else Type.PERSONAL_NUMBER


def _person_strength(place: Place, match: re.Match[str]) -> Strength | None:
    if Hint.PERSON in place.hints or announced(place, match.start(), _PERSON_LABEL):
        return Strength.CERTAIN
    if len(match["date"]) == 6 and is_numbered_thing(place, match.start()):
        return None
    if Hint.TIME in place.hints and place.text.strip() == match[0] and match[0].isdigit():
        return None  # digits alone under a date or a time are one
    if match["between"].strip() or _is_organisation_place(place, match.start()):
        return Strength.LIKELY
    if is_reference(place, match.start()) or in_address(place.text, match.start()):
        return None
    return Strength.POSSIBLE


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
        digits = match["number"].replace("-", "")
        kind = _kind(digits[:6], digits[6:])
        if kind is None and int(digits[2]) >= 2 and luhn.is_valid(digits):
            kind = Type.ORGANISATION_NUMBER
        if kind is not None:
            yield Reading(type=kind, start=match.start(), end=match.end(), strength=Strength.CERTAIN)
