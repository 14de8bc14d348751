"""Birth dates: a date where a birth is spoken of."""

import re
from collections.abc import Iterator

from connector.detect.context import ALONE_LEFT, ALONE_RIGHT, Hint, Place, announced
from connector.detect.found import Reading, Type
from connector.detect.identity import is_date
from connector.detect.patterns import expression

# A birthday's feast, gift or cake is no birth, nor is the day on which one is to arrive.
_LABEL = expression(
    r"(?:\b(?:född[ae]?|fött|föddes|födelse(?!dags[a-zåäö]{2})\w*|fødselsda(?:g|gen|to|toen)|født|fødd|birth\w*|born|d\.?o\.?b"
    r"|geboren|geb\.?|geburts(?!tags\w)\w*|syntynyt|syntymä(?:aika|päivä|pvm)\w*|synt?\.?(?=[\s.:]*\Z))(?!\w)|\bf\.)\.?"
    r"(?:(?!present|gåva|gave|gift|party|kalas|fest|tårta|cake|lever|deliver|liefer|skicka|senast|innan|before)[^\n0-9!?.]){0,34}(?:\.{3}|\n[^\w\n]{0,4})?\Z",
    re.IGNORECASE,
)
_CELEBRATED = expression(r"\bfyll(?:er|de)(?:\s+[0-9]{1,3})?(?:\s+år)?(?:\s+(?:den|på))?\s+\Z", re.IGNORECASE)
_TO_COME = 2020
"""Who turns a year older is said of a day to come as well; a year from here on is taken for the order's."""
_MONTH = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "apr": 4, "maj": 5, "may": 5, "mai": 5, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip
_AFTER = expression(
    r"[\s,)]{0,3}(?:(?:är|when|då|blev)\s)?(?:(?:hon|han|jag|hen|de|vi)\s)?(?:född|födda"
    r"|fött|föddes|born|geboren|syntynyt)(?!\w)",
    re.IGNORECASE,
)
"""A birth said right after its date: "2019-02-28, född i Lund"."""

_SPOKEN_OF = expression(r"f[öø]d|fött|fyll|birth|born|d\.?o\.?b|geb|\bf\.|synt", re.IGNORECASE)
_NAME = rf"(?P<name>{'|'.join(_MONTH)})[a-zåäö]*\.?"
_DAY = r"(?P<day>[0-3]?[0-9])"
_YEAR = r"(?P<year>(?:18|19|20)?[0-9]{2})"
_NUMBERED = r"(?P<month>[01]?[0-9])"
_SHAPES = tuple(
    expression(ALONE_LEFT + shape + ALONE_RIGHT, re.IGNORECASE)
    for shape in (
        r"(?P<year>(?:18|19|20)[0-9]{2})(?P<between> ?[-–/. ]?)(?P<month>[01]?[0-9])(?P=between) ?" + _DAY,
        r"(?P<year>[0-9]{2})(?P<between>[-–/. ]?)(?P<month>[01][0-9])(?P=between)(?P<day>[0-3][0-9])",
        r"(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>(?:19|20)?[0-9]{2})",
        _DAY + r"\s?[-–/.]\s?" + _NUMBERED + r"(?:\s?[-–/.]\s?|\s)" + _YEAR,
        _NUMBERED + r"\s?[-–/.]\s?" + _DAY + r"\s?[-–/.]\s?" + _YEAR,
        _DAY + r"(?::(?:de|te|[ea])|\.|st|nd|rd|th)?\s+(?:of\s+)?" + _NAME + r",?\s+[-'’]?" + _YEAR,
        _NAME + r"\s+" + _DAY + r"(?:st|nd|rd|th)?,?\s+" + _YEAR,
    )
)


def find_birth_dates(place: Place) -> Iterator[Reading]:
    """Whole dates under a key of birth, or within a few words of one; a year alone is none."""
    sure = Hint.BIRTH in place.hints
    if not sure and _SPOKEN_OF.search(place.text) is None:
        return
    for shape in _SHAPES:
        for match in shape.finditer(place.text):
            if _is_birth(match) and (sure or _spoken_of(place, match)):
                yield Reading(type=Type.BIRTH_DATE, start=match.start(), end=match.end())


def _spoken_of(place: Place, match: re.Match[str]) -> bool:
    if announced(place, match.start(), _LABEL) or _AFTER.match(place.text, match.end()) is not None:
        return True
    return announced(place, match.start(), _CELEBRATED) and 31 < int(match["year"]) < _TO_COME


def _is_birth(match: re.Match[str]) -> bool:
    parts = match.groupdict()
    month = int(parts["month"]) if parts.get("month") else _MONTH[parts["name"].lower()]
    years = [parts["year"]] if len(parts["year"]) == 4 else ["19" + parts["year"], "20" + parts["year"]]
    return any(is_date(int(year), month, int(parts["day"])) for year in years)
