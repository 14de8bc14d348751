"""E-mail addresses and telephone numbers."""

import re
from collections.abc import Iterator
from functools import lru_cache

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

_EMAIL = expression(
    r"(?<![\w.+%-])[\w.!#$&'*+^`~%-]{1,64}?(?:@|%40)"
    r"(?P<domain>(?:[\w-]{1,63}\.){1,8}(?:xn--[a-z0-9-]+|[^\W\d_]{2,24}))(?![\w-])",
    re.IGNORECASE,
)
# "anna (at) firma.example", "anna [at] firma [dot] example", "anna snabel-a firma punkt example".
_DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|punkt|prick|\.)\s?[)\]}]\s?|\s(?:dot|punkt|prick)\s)"
_NO_NAME_WORDS = """
    me us them you him her it there here home back be is are was arrive arrives meet start starts come
    begins look delivery pickup lunch dinner work school noon midnight open opens closes ready only
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
"""Said before a time of day: "meet me at 5 dot sharp"."""

_AT = (
    r"(?:\s{0,2}[(\[{<]\s?(?:at|ät|@|snabel-?\s?a)\s?[)\]}>]\s{0,2}|[(\[{]a[)\]}]|\s(?:snabel-?\s?a|@"
    r"|-at-)\s)"
)
_SPELT = expression(
    rf"(?<![\w.+%-])(?P<name>[\w.!#$&'*+^`~%-]{{1,64}})(?P<at>{_AT}|\sat\s(?=[\w-]{{0,62}}[^\W\d_]\w{{0,62}}\s(?:dot|punkt)\s))"
    rf"(?P<domain>(?:[\w-]{{1,63}}{_DOT}){{1,4}}[^\W\d_]{{2,24}})(?![\w-])",
    re.IGNORECASE,
)
SPELT_AT = expression(
    r"[(\[{<]\s?(?:at|a|ät|snabel)|\ssnabel|\sat\s|\s@\s|\s-at-\s"
    r"|[(\[{]\s?@",
    re.IGNORECASE,
)
"""One of these stands in every text with an address whose @ is written out or set apart."""

_NOT_A_DOMAIN = expression(r"\.(?:invalid|png|jpe?g|gif|webp|svg|avif|css|js|pdf)\Z", re.IGNORECASE)


def find_emails(place: Place) -> Iterator[Reading]:
    """Addresses, also with å, ä, ö; `*.invalid` is a placeholder (RFC 2606) and `image@2x.png` a file."""
    for pattern in _spellings(place.text):
        for match in pattern.finditer(place.text):
            if not _NOT_A_DOMAIN.search(match["domain"]) and not _is_said(match):
                start = match.start() + len(match[0]) - len(match[0].lstrip(".'*`"))
                yield Reading(type=Type.EMAIL, start=start, end=match.end(), strength=Strength.CERTAIN)


def _is_said(match: re.Match[str]) -> bool:
    """Whether a spelt address is a sentence about a time or a place."""
    parts = match.groupdict()
    return bool(parts.get("at")) and parts["at"].strip().lower() == "at" and parts["name"].lower() in _NO_NAME


def _spellings(text: str) -> Iterator[re.Pattern[str]]:
    if "@" in text or "%40" in text:
        yield _EMAIL
    if SPELT_AT.search(text) is not None:
        yield _SPELT


_GAP = r"(?:[ \xa0]{1,2}(?:[-–./][ \xa0]{0,2})?|[-–./][ \xa0]{0,2}|\n)?"
_INSIDE = r"[ \xa0]"
_START = ALONE_LEFT + r"(?<!\+)"
_TRUNK = (
    r"(?P<trunk>(?:\+ ?|00 ?|(?P<round>\(\+))46(?(round)\))[ .\xa0-]{0,2}(?:\(0\)[ \xa0-]?|0"
    r"|\((?=[1-9][0-9]{0,2}\)))?|(?:\((?=[0-9]{2,4}\)))?0)"
)
# Area codes of the Swedish numbering plan (PTS): 8, the two-digit ones, else three digits. Not 20, 77,
# 900, 939 and 944, which are services and never a person's line.
_AREA = r"(?P<area>8|1[013689]|2[136]|3[1356]|4[0246]|54|6[03]|90(?!0)|(?!20|77|900|939|944)[1-69][0-9]{2})"
_MOBILE = expression(
    _START + _TRUNK + r"(?:7[02369]\)?"
    r"| ?7[ -][02369])" + rf"(?:{_GAP}[0-9]){{7}}" + ALONE_RIGHT
)
# Every digit by itself, or the first zero: "0 7 0 1 2 3 …", "0 70 123 …"; only where a phone is announced.
_APART = expression(_START + r"0[ \xa0]7[ \xa0]?[02369]" + rf"(?:{_GAP}[0-9]){{7}}" + ALONE_RIGHT)
_SINGLY = expression(r"[0-9](?:[ \xa0][0-9]){9}")
_LANDLINE = expression(
    _START + _TRUNK + _AREA + r"(?P<between>\)? ?[-–/] ?|\)?[ \xa0]?)"
    rf"(?P<line>[0-9]{{5,8}}|[0-9]{{2,4}}(?:{_INSIDE}[0-9]{{2,4}}){{1,3}})" + ALONE_RIGHT
)
_WITHOUT_PLUS = expression(_START + r"467[02369][0-9]{7}" + ALONE_RIGHT)
_LENGTHS = {"8": range(6, 9), "two": range(5, 8), "three": range(5, 7)}
_PHONE_WORD = (
    r"te?le?f?on(?:en|nr|nummer|numret|numrets)?|telephone|tel|tele|telnr|tlf|tfn|mobil(?:en|nr|nummer|numret|tele?fon\w*)?|mob|ring(?:er|a|de|t)?"
    r"|sms(?:a|:a|ar|nr)?|call|text|phone|cell\w*|nås|handy|anrufen|ruf\w*"
    r"|puh|puhelin\w*|soita|soittakaa|gsm|whats\s?app|växel\w*|aviser\w*|kontakt(?:a|as|person|nummer|nr|uppgifter|tele?fon)?|numero(?:ni|mme)?|swish\w*|ph|fax|numéro"
)
_PHONE_TAIL = (
    r"[\s.,:=(-]*(?:(?:mig|oss|me|us|helst|bara|endast|på|on|at|under|till|är|is|bitte|gärna|nr|nummer|numret|number|innan|före|dagtid|kväll|hem|jobb"
    r"|arbete|hemma|mobil|tel|telefon|sms|först|min|mitt|then|numeroon|numero)\b[\s.:=-]*){0,3}\Z"
)
_LABEL = expression(
    # A bare "nr" speaks of a phone only where no other word stands before it to say of what.
    rf"(?:\b(?:{_PHONE_WORD})"
    r"|(?:(?:\A|[\n(/)])\s*|[.,;:!?–-]\s+|\b(?:mitt|min|vårt|hans|hennes|nytt|rätt|hem|jobb|på|till|är)\s*)(?:nummer|nr)"
    rf"|(?<!\w)[TM](?=:))(?!\w){_PHONE_TAIL}",
    re.IGNORECASE,
)
_SURE_LABEL = expression(
    rf"\b(?!swish)(?:{_PHONE_WORD}|mitt\s+(?:nr|nummer))(?!\w){_PHONE_TAIL}", re.IGNORECASE
)
"""What nobody says before the number of something else than a telephone."""


def find_phones(place: Place) -> Iterator[Reading]:
    """Swedish and foreign numbers, and what a telephone key or word announces."""
    yield from _mobiles(place)
    yield from _landlines(place)
    yield from _foreign(place)
    yield from _announced_numbers(place)


def _is_phone_place(place: Place, start: int) -> bool:
    return Hint.PHONE in place.hints or announced(place, start, _LABEL)


def _written_as_phone(number: str) -> bool:
    return number.startswith(("+", "0046")) or not number.isdigit()


def _mobiles(place: Place) -> Iterator[Reading]:
    """A bare run of digits is weighed against its key and label; a separated or +46 number is not."""
    for pattern in (_MOBILE, _WITHOUT_PLUS):
        for match in pattern.finditer(place.text):
            sure = _written_as_phone(match[0]) or _is_phone_place(place, match.start())
            if sure or not _is_code(place, match):
                yield _phone(match.start(), match.end())
    for match in _APART.finditer(place.text):
        if _SINGLY.fullmatch(match[0]) or _is_phone_place(place, match.start()):
            yield _phone(match.start(), match.end())


def _is_code(place: Place, match: re.Match[str]) -> bool:
    return is_reference(place, match.start()) or in_address(place.text, match.start())


def _landlines(place: Place) -> Iterator[Reading]:
    for match in _LANDLINE.finditer(place.text):
        if not _has_line_length(match):
            continue
        if is_numbered_thing(place, match.start()):
            continue
        bare = match[0].isdigit() and not match[0].startswith("00")
        plain = bare or (not match["between"].strip() and match["trunk"] == "0")
        if _is_phone_place(place, match.start()) or not (bare or (plain and _is_code(place, match))):
            yield _phone(match.start(), match.end())


def _has_line_length(match: re.Match[str]) -> bool:
    kind = {1: "8", 2: "two"}.get(len(match["area"]), "three")
    return sum(letter.isdigit() for letter in match["line"]) in _LENGTHS[kind]


_NEIGHBOURS = ("SE", "NO", "DK", "GB")
"""Where a number without a country code or a leading zero may be dialled."""


@lru_cache(maxsize=4096)
def can_be_dialled(written: str) -> bool:
    """Whether a number without a plus is a telephone's by the countries' plans, as the library has them."""
    digits = "".join(_GROUP.findall(written))
    if _is_valid("+" + digits, "SE") or any(_is_valid(digits, region) for region in _NEIGHBOURS):
        return True
    return not written.isdigit() and len(digits) == 10 and _is_valid(digits, "US")


def _is_valid(number: str, region: str) -> bool:
    import phonenumbers  # half of what the command costs to start

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


# Longest national number by country code (ITU E.164 national plans); others: fifteen digits in all.
_COUNTRY = {
    "1": 10,
    "44": 10,
    "45": 8,
    "47": 8,
    "48": 9,
    "31": 9,
    "32": 9,
    "33": 9,
    "34": 9,
    "41": 9,
    "49": 11,
}
_COUNTRY["358"] = 10
_FOREIGN = expression(
    _START
    + r"(?:(?:\((?=\+[0-9]{1,3}\)))?\+|00(?=4[45789]|358|33|31))"
    + r"(?P<rest>[1-9][0-9]{0,14}\)?(?:[ \-–./]?\(?[0-9]{1,12}\)?){0,7})"
)
_GROUP = expression("[0-9]+")
_MONEY = expression(r"\s?(?:kr\b|:-|sek\b|eur\b|€|%|st\b)", re.IGNORECASE)


def _foreign(place: Place) -> Iterator[Reading]:
    """Numbers with another country's code; trailing groups beyond the country's length are left out."""
    for match in _FOREIGN.finditer(place.text):
        if match["rest"].startswith("46"):
            continue
        end = _foreign_end(place.text, match)
        if end is not None and not _MONEY.match(place.text, end):
            yield _phone(match.start(), end)


def _foreign_end(text: str, match: re.Match[str]) -> int | None:
    code = next((code for code in _COUNTRY if match["rest"].startswith(code)), "")
    most = len(code) + _COUNTRY[code] + 1 if code else 15
    digits, end = 0, None
    for group in _GROUP.finditer(text, match.start("rest"), match.end()):
        digits += len(group[0])
        if digits > most:
            break
        end = group.end() if digits >= 8 else None
    return end if end is not None and re.match(ALONE_RIGHT, text[end:]) else None


_ANY = expression(
    r"(?<![\w+])(?<![0-9][-–./,])(?:\([0-9]{2,5}\)|[0-9]{1,15})(?:(?:[ \-/.]"
    r"|(?<=\)))[ ]?[0-9]{2,8}){0,5}" + ALONE_RIGHT
)
_SERVICE = expression("020|077[1-9]|0900|0939|0944")
_DATE = expression(
    r"(?:[0-2]?[0-9][.:][0-5][0-9]-[0-2]?[0-9][.:][0-5][0-9]|(?:19"
    r"|20)[0-9]{2}[-–/. ]?[01][0-9][-–/. ]?[0-3][0-9]"
    r"|[0-3]?[0-9][-–/. ][01]?[0-9][-–/. ](?:19|20)?[0-9]{2})(?![0-9])"
)


def _announced_numbers(place: Place) -> Iterator[Reading]:
    """Numbers in no Swedish form: any under a telephone key; after a word, those that a telephone can"
    " have."""
    for match in _ANY.finditer(place.text):
        digits = "".join(_GROUP.findall(match[0]))
        if not 7 <= len(digits) <= 15 or _DATE.match(match[0]):
            continue
        if _SERVICE.match(digits) and Hint.PHONE not in place.hints:
            continue
        if Hint.PHONE in place.hints or _is_announced(place, match, digits):
            yield _phone(match.start(), match.end(), Strength.POSSIBLE)


def _is_announced(place: Place, match: re.Match[str], digits: str) -> bool:
    start = match.start()
    if (digits[0] == "0" and len(digits) <= 12) or len(digits) == 8:
        return announced(place, start, _LABEL)
    return announced(place, start, _SURE_LABEL) and can_be_dialled(match[0])


def _phone(start: int, end: int, strength: Strength = Strength.LIKELY) -> Reading:
    return Reading(type=Type.PHONE, start=start, end=end, strength=strength)
