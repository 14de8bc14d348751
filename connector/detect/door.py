"""Door codes: three to six digits where a door, a gate or a lock is spoken of."""

import re
from collections.abc import Iterator

from connector.detect.context import Hint, Place
from connector.detect.found import Reading, Strength, Type

_DOORS = (
    r"port|porttelefon|dörr|ytterdörr|dorr|entr[ée]|grind|hiss|trapphus|garage|lås|soprum|miljörum|källar|förråds?"
    r"|tvättstuge|cykelrum|nyckelskåp|nyckelbox|dør|opgangs|haustür|tür|tor|eingangs|zugangs"
)
_DOOR = (
    r"porten?|dörren?|ytterdörren|entr[ée]n?|grinden?|huset|låset|hissen|garaget|trapphuset|trappen"
    r"|døren|opgangen"
)
_ENGLISH = r"door|gate|entry|entrance|building|buzzer|lock|keypad|intercom|garage|access"
_NAMED = re.compile(
    rf"(?<![a-zåäöæøü])(?:(?:{_DOORS})s?[\s-]?(?:kod|code)(?:e|en|er|erna|s)?|kod-?lås(?:et)?"
    rf"|(?:{_ENGLISH})[\s-]?(?:code|pin)s?"
    rf"|(?:(?:adgangs)?kode?n?|koder)\s+(?:(?:in|ner|upp)\s+)?(?:är\s+)?(?:till|til|för|på|i|vid)\s+(?:vår\s+)?(?:{_DOOR})"
    r"|code\s+(?:for|to|of|at)\s+(?:the\s+)?(?:front\s+)?(?:door|gate|building|entrance))(?![a-zåäö])",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<!\w)(?:kod|koden|kode|koder|pk|code)(?!\w)", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![\w.,+@-])(?<![0-9]:)(?<!\b[0-9]/)(?<!\b[0-9]{2}/)"
    r"(?:[#*]\s?)?[A-Za-z]?[0-9]{3,6}[A-Za-z]?(?:\s?[#*])*"
    r"(?!\w)(?![.,:–-][0-9])(?!/[0-9]{1,2}(?![0-9]))"
)
_DIRECT = re.compile(
    r"[\s:=.\-–\"'(]*(?:(?:är|is|er|ist|nr|in|ner|upp|till|på|för|i|nu|nedre|övre|yttre|inre"
    r"|port|porten|dörr|dörren|grind|grinden|lås|låset|hänglås|hänglåset|=)[\s:=]+){0,3}[\"'(]?\Z",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"\b(?:kl|klockan|lgh|lägenhet\w*|apt|order\w*|vån\w*|rum|box|år|sedan|från|before|ring|tel\w*|mobil\w*"
    r"|rabatt\w*|faktura\w*|art\w*)[\s.:]*(?:nr|nummer)?[\s.:#]*\Z",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s?(?:kr\b|kronor|:-|sek\b|eur\b|€|%|st\b|mm\b|cm\b|m\b|km\b|kg\b|g\b|[0-9]{2,3}\b)", re.IGNORECASE
)
_JOINED = re.compile(
    r"\b(?:och|eller|el|alt|alternativt|samt|sen|sedan|resp|annars|or|and|then|und|oder|og)\b|/|,",
    re.IGNORECASE,
)
_BACKWARD = re.compile(r"[\s\"')]*(?:[=(\-–]|är|is|er|som)?\s*(?:the\s+)?\Z", re.IGNORECASE)
_VOUCHER = re.compile(
    r"rabatt|kampanj|kupong|avdrag|presentkort|värdekod|voucher|discount|promo|coupon|gutschein|erbjudande"
    r"|färg|color|colour|ral\b|ncs\b|\bfel\b|verifier|\bsms\b|\bqr\b|swift|riktnummer|land",
    re.IGNORECASE,
)
_WINDOW = 48
_LINE = 120
_SPOKEN_OF = re.compile("kod|code|pk|lås|pin", re.IGNORECASE)


def find_door_codes(place: Place) -> Iterator[Reading]:
    """Codes under a key for them, after or right before a door's name, and after a bare `kod` or `pk`."""
    if Hint.VOUCHER in place.hints or Hint.REFERENCE in place.hints:
        return
    if Hint.DOOR in place.hints:
        yield from (_door(code, Strength.CERTAIN) for code in _CODE.finditer(place.text))
        return
    if _SPOKEN_OF.search(place.text) is None:
        return
    for word in _NAMED.finditer(place.text):
        codes = _forward(place.text, word) or _backward(place.text, word)
        yield from (_door(code, Strength.CERTAIN) for code in codes)
    for word in _BARE.finditer(place.text):
        if _may_be_door(place, word):
            yield from (_door(code, Strength.LIKELY) for code in _right_after(place.text, word))


def _door(code: re.Match[str], strength: Strength) -> Reading:
    return Reading(type=Type.DOOR_CODE, start=code.start(), end=code.end(), strength=strength)


def _plausible(text: str, code: re.Match[str]) -> bool:
    before = _NOT_BEFORE.search(text, max(0, code.start() - 24), code.start())
    return before is None and _NOT_AFTER.match(text, code.end()) is None


def _line_end(text: str, start: int) -> int:
    newline = text.find("\n", start)
    return len(text) if newline < 0 else newline


def _forward(text: str, word: re.Match[str]) -> list[re.Match[str]]:
    """The first code after the word, and those joined to it by `eller`, `och` and the like."""
    codes: list[re.Match[str]] = []
    for code in _CODE.finditer(text, word.end(), _line_end(text, word.end())):
        near = code.start() - (codes[-1].end() if codes else word.end()) <= _WINDOW
        if not near or (codes and not _joined(text[codes[-1].end() : code.start()])):
            break
        if _plausible(text, code):
            codes.append(code)
    return codes


def _joined(between: str) -> bool:
    """Whether the words between two numbers make the second a code too: `eller`, `och`, a slash, a comma."""
    return _JOINED.search(between) is not None and not any(letter.isdigit() for letter in between)


def _backward(text: str, word: re.Match[str]) -> list[re.Match[str]]:
    """A code right before the word: "1234 är portkoden"."""
    codes = list(_CODE.finditer(text, max(0, word.start() - 20), word.start()))
    if codes and _BACKWARD.match(text, codes[-1].end(), word.start()) and _plausible(text, codes[-1]):
        return codes[-1:]
    return []


def _may_be_door(place: Place, word: re.Match[str]) -> bool:
    """A bare `kod` is a door's unless its line speaks of vouchers or colours; `code` needs an address."""
    if word[0].lower() == "code" and Hint.ADDRESS not in place.hints:
        return False
    start = max(place.text.rfind("\n", 0, word.start()) + 1, word.start() - _LINE)
    end = min(_line_end(place.text, word.end()), word.end() + _LINE)
    return _VOUCHER.search(place.text, start, end) is None


def _right_after(text: str, word: re.Match[str]) -> list[re.Match[str]]:
    codes = _forward(text, word)
    return codes if codes and _DIRECT.match(text, word.end(), codes[0].start()) else []
