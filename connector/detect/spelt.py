"""Digits in words, Swedish, English and Finnish: "fyra sju ett ett", "fyrtiosju elva"."""

import re

from connector.detect.patterns import expression

_SAID_UNITS = (
    ("noll", "nolla", "nollan", "zero", "oh"),
    ("ett", "en", "etta", "ettan", "one", "yksi"),
    ("två", "tvåa", "tvåan", "two", "kaksi"),
    ("tre", "trea", "trean", "three", "kolme"),
    ("fyra", "fyran", "four", "neljä"),
    ("fem", "femma", "femman", "five", "viisi"),
    ("sex", "sexa", "sexan", "six", "kuusi"),
    ("sju", "sjua", "sjuan", "seven", "seitsemän"),
    ("åtta", "åttan", "eight", "kahdeksan"),
    ("nio", "nia", "nian", "nine", "yhdeksän"),
)
_UNITS = {word: digit for digit, words in enumerate(_SAID_UNITS) for word in words}
_TEENS = {
    "tio": 10, "elva": 11, "tolv": 12, "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16,
    "sjutton": 17, "arton": 18, "nitton": 19, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "tjugo": 20, "trettio": 30, "fyrtio": 40, "femtio": 50, "sextio": 60, "sjuttio": 70, "åttio": 80,
    "nittio": 90, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_UNIT, _TEEN, _TEN = _any(_UNITS), _any(_TEENS), _any(_TENS)
_WORD = rf"(?:(?:{_TEN})-?(?:{_UNIT})?|{_TEEN}|{_UNIT})"
_ONE = expression(rf"(?P<tens>{_TEN})-?(?P<unit>{_UNIT})?|(?P<teen>{_TEEN})|{_UNIT}")
SPELT_DIGITS = expression(rf"(?<!\w){_WORD}(?:(?:[ -]|,[ ]?|[.][ ]?){_WORD}){{1,14}}(?![\w])", re.IGNORECASE)
"""Two number words or more, one after the other."""

NUMBER_SAID = expression(
    r"ko+d|code|port|\bpk\b|lås|ring|tel|tfn|sms|phone|call|puh|soita|nummer|numret|pin\b|mob", re.IGNORECASE
)
"""One of these stands in every text whose words are read as digits."""

_FEWEST = 3


def spelt_digits(words: str) -> str | None:
    """The digits that the words say; None where they are fewer than a code has."""
    digits = "".join(map(_digits, _ONE.finditer(words.lower())))
    return digits if len(digits) >= _FEWEST else None


def _digits(word: re.Match[str]) -> str:
    if word["tens"]:
        return str(_TENS[word["tens"]] + _UNITS.get(word["unit"] or "", 0))
    return str(_TEENS[word["teen"]]) if word["teen"] else str(_UNITS[word[0]])
