"""A text as its reader reads it, with the place in the written text of every character.

People, keyboards and shop systems write one number in many ways: full-width digits, soft hyphens, entities,
tags between a word and its number, a word glued to its digits, digits one by one or in words. The finders see
one plain form of all of them, and what they find is told in characters of the text as it was written.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import msgspec

from connector.detect.patterns import expression
from connector.detect.slips import CORRECTABLE, corrected
from connector.detect.spelt import NUMBER_SAID, SPELT_DIGITS, spelt_digits


class Plain(msgspec.Struct, frozen=True):
    """A plain text; `starts` and `ends` give each character's place in the written one, None where equal."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The span in the written text of a span in the plain one."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


Edit = tuple[int, int, str]
"""A stretch of a text and what stands for it in the plain one; an empty stretch puts something in."""


_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
_HYPHENS = "\u2010-\u2015\u2043\u2212\ufe58\ufe63"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_TAG = r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:[\s/][^<>]{0,400})?>"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,15});"
_FORMS = expression(
    rf"(?P<tag>{_TAG})|(?P<entity>{_ENTITY})|[{_INVISIBLE}]|[^\x00-\x7f][\u0300-\u036f]?|[A-Za-z][\u0300-\u036f]"
)
_WRITTEN_PLAINLY = expression(r"[^\x00-\x7fåäöÅÄÖéÉüÜ\N{EURO SIGN}…]|[<&]|[A-Za-z][\u0300-\u036f]")
_INVISIBLE_ONE = expression(f"[{_INVISIBLE}]")
_HYPHEN = expression(f"[{_HYPHENS}]")
_SPACE = expression(f"[{_SPACES}]")
_BREAKS = expression(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6]|dt|dl)\b", re.IGNORECASE)
_TELLS = expression(r"@|%40|tel:|sms:|value\s*=", re.IGNORECASE)


def plain(text: str) -> Plain:
    """The plain form of a text; linear in its length."""
    result = Plain(text)
    if _WRITTEN_PLAINLY.search(text) is not None:
        result = _rewritten(result, _replaced(text, _FORMS, _form))
        result = _rewritten(result, _replaced(result.text, _TAG_LEFT, lambda match: " "))
    if NUMBER_SAID.search(result.text) is not None:
        result = _rewritten(
            result, _replaced(result.text, SPELT_DIGITS, lambda match: spelt_digits(match[0]))
        )
    result = _rewritten(result, _replaced(result.text, CORRECTABLE, lambda match: corrected(match[0])))
    result = _rewritten(result, _replaced(result.text, _UNDERSCORE, lambda match: "-"))
    result = _rewritten(result, _parted(result.text))
    result = _rewritten(result, _joined(result.text))
    return _rewritten(result, ((at.end(), at.end(), " ") for at in _GLUED_AFTER.finditer(result.text)))


def _replaced(
    text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None]
) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        written = new(match)
        if written is not None and written != match[0]:
            yield match.start(), match.end(), written


def _joined(text: str) -> Iterator[Edit]:
    """Digits one by one without what stands between them."""
    for match in _SINGLE.finditer(text):
        for between in _BETWEEN.finditer(text, match.start() + 1, match.end()):
            yield between.start(), between.end(), ""


def _parted(text: str) -> Iterator[Edit]:
    """A word that announces a number, set apart from it by one space."""
    if _MAY_BE_GLUED.search(text) is None:
        return
    for match in _GLUED.finditer(text):
        yield match.start("between"), match.end(), " "


def _form(match: re.Match[str]) -> str | None:
    """One character, entity or tag in plain form."""
    if match["tag"]:
        if _TELLS.search(match["tag"]):
            return None  # an address in an attribute is one
        return "\n" if _BREAKS.match(match["tag"]) else " "
    if match["entity"]:
        written = html.unescape(match["entity"])
        return (_character(written) or written) if len(written) == 1 else None
    if _INVISIBLE_ONE.match(match[0]):
        return " " if _parts_words(match) else ""
    return _character(match[0])


def _parts_words(match: re.Match[str]) -> bool:
    """Whether an invisible sign stands between a word and its number."""
    text, start, end = match.string, match.start(), match.end()
    return text[start - 1 : start].isalpha() and text[end : end + 1].isdigit()


def _character(written: str) -> str | None:
    if _HYPHEN.match(written):
        return "-"
    if _SPACE.match(written):
        return " "
    if written.isdecimal():
        return str(unicodedata.decimal(written))
    if "\uff01" <= written[0] <= "\uff5e":
        return chr(ord(written[0]) - 0xFEE0)
    composed = unicodedata.normalize("NFC", written)
    return composed if composed != written else None


_TAG_LEFT = expression(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?=\s[^<>]{0,400}>)")
"""The opening of a tag whose attributes are read as text."""

_BETWEEN = expression("[^0-9]+")
_SINGLE = expression(
    r"(?<![0-9A-Za-z])(?<![0-9][ .,:/_+-])\+?[0-9](?:[ .,/_-]{1,3}[0-9](?![0-9])){6,24}(?![0-9A-Za-z])"
    r"(?![ .,:/_-][0-9]{2})"
)
"""Digits one by one: seven or more, for fewer are read where a door is spoken of."""

_UNDERSCORE = expression(r"(?<=[0-9])_(?=[0-9])")

_WORDS = (
    r"kod(?:en|er|e|s)?|code|koodi|koodin|pk|portk\.?|lås(?:et)?|port(?:en)?|porttelefon(?:en)?|entr[eé]n?|dörr(?:en)?|grind(?:en)?"
    r"|nr|nummer|numret|no|p-?nr|pnr|ssn|dob|född|syntynyt|födelse(?:datum|dag)"
    r"|tel|tele?fon|tfn|tlf|mob|mobil|ring|sms|puh|phone|cell|gsm"
    r"|kort(?:et)?|card|visa|mastercard|maestro|amex|bg|pg|bankgiro|plusgiro|postgiro|giro|konto|kto|clearing|clr"
    r"|iban|är|is|on|vat|org|på|till|mig|oss|me|us|seb|den|born"
)
_GLUED = expression(
    rf"(?<![\w@.+%-])(?:[a-zåäöéü-]{{0,24}}(?:{_WORDS})"
    r"(?=[._/>~-]{0,6}(?:\+|\(0|[#*]?[0-9]|(?<=[._/>~-])[a-z][0-9]{3}))"
    r"|(?:iban|konto)(?:[\s-]?(?:nr|nummer))?(?=_?[a-z]{2} ?[0-9]{2})"
    r"|(?<![/=&?#])[a-zåäöéü]{4,24}(?=_?\+?[0-9]{2}[0-9 ./()-]{2,20}(?![\w@])))"
    r"(?P<between>[._/>~-]{0,6})",
    re.IGNORECASE,
)
"""A word that announces a number, right before it."""

_MAY_BE_GLUED = expression(r"[^\W\d_][._/>~-]{0,7}_?[+(#*0-9]|iban|konto", re.IGNORECASE)
"""A letter with a number right after it, or a word for one that may begin with letters: in all such texts."""

_GLUED_AFTER = expression(
    r"(?<=[0-9]{4}),(?=[0-9]{6,8}[-+]?[0-9]{4}(?![0-9])|[0-9]{1,2}\s?(?:tr|vån))"
    r"|(?<![\w.,/=&?%-])[0-9]{3,6}(?=(?:vån|lgh|plan|namn|dörr|tel|mail|mejl|pnr|kod|port|till(?![a-zåäö]))(?!\w*@))"
    r"|(?<![\w.,:/=&?%-])[0-9]{8,12}(?=[a-zåäö]{3})(?!\w*[0-9_@])",
    re.IGNORECASE,
)
"""A number with a word right after it; not the beginning of an id of letters and digits."""


def _rewritten(before: Plain, edits: Iterator[Edit]) -> Plain:
    """The text after edits in order; a replacement as a whole stands for the whole stretch."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for start, end, new in edits:
        pieces += before.text[at:start], new
        _places(before, at, start, into=(starts, ends))
        first, last = _stretch(before, start, end)
        starts += [first] * len(new)
        ends += [last] * len(new)
        at = end
    if not pieces:
        return before
    pieces.append(before.text[at:])
    _places(before, at, len(before.text), into=(starts, ends))
    return Plain("".join(pieces), starts, ends)


def _stretch(before: Plain, start: int, end: int) -> tuple[int, int]:
    if start < end:
        return before.written(start, end)
    place = before.written(start - 1, start)[1] if start else 0
    return place, place


def _places(before: Plain, start: int, end: int, *, into: tuple[list[int], list[int]]) -> None:
    starts, ends = into
    starts += before.starts[start:end] if before.starts is not None else range(start, end)
    ends += before.ends[start:end] if before.ends is not None else range(start + 1, end + 1)
