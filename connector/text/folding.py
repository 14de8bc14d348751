"""Texts as they are compared: one form for entities, accents, case, apostrophes, hyphens and blanks."""

import html
import re
import unicodedata
from collections.abc import Iterable

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4\u0060\uff07"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
# They are not seen: soft hyphen, zero-width characters, marks of direction, a byte order mark.
_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF), "")
_MARKS = {**_APOSTROPHES, **_HYPHENS, **_UNSEEN}
# Letters that no accent makes: a foreign checkout writes them its own way.
_LETTERS = str.maketrans({
    "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u00f0": "d", "\u0111": "d", "\u00fe": "th",
    "\u0142": "l", "\u0131": "i",
})  # fmt: skip
# What an entity, a mark above or a letter that can be written in two ways begins with: nothing below U+0100
# has a second form but these.
_FORMED = re.compile("[&`\xad\xb4\u0100-\U0010ffff]")
_ESCAPED_TWICE = 3
"""How often a text may have been escaped for HTML: by the checkout, by a plugin, by an export."""


def folded_text(value: str) -> str:
    """The text as it is compared, never shown: `O&#8217;Brien` and `O'BRIEN ` are one."""
    if _FORMED.search(value) is None:
        return " ".join(value.casefold().split())
    text = unicodedata.normalize("NFC", unescaped(value).translate(_MARKS)).casefold()
    return " ".join(unicodedata.normalize("NFC", text).split())


def unescaped(value: str) -> str:
    """The text as it was typed, before checkouts and plugins escaped it for HTML."""
    if "&" not in value:
        return value
    text = value
    for _ in range(_ESCAPED_TWICE):
        if "&" not in text:
            break
        text = html.unescape(text)
    return text


def same_text(one: str, other: str) -> bool:
    """Whether two texts are one once both are folded."""
    return folded_text(one) == folded_text(other)


def same_person(one: str, other: str) -> bool:
    """Whether two full names are one however they were spelled (schedule T-04).

    Accents, entities, apostrophes, hyphens, blanks, case and the order of the names make no other person.
    """
    if one == other:
        return True
    words, others = _plain_words(one), _plain_words(other)
    return "".join(words) == "".join(others) or sorted(words) == sorted(others)


def _plain_words(name: str) -> list[str]:
    """The words of a name in the letters that every keyboard has: `Ærø-Åsa d'Or` is `aero`, `asa`, `dor`."""
    bare = unicodedata.normalize("NFKD", folded_text(name).translate(_LETTERS))
    kept = (mark for mark in bare if mark.isalnum() or mark in " -")
    return "".join(kept).replace("-", " ").split()


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a text repeats one of these names: as written, or last name first."""
    folded = without_commas(folded_text(text))
    return any(form in folded for name in names for form in name_orders(name))


def name_orders(name: str) -> tuple[str, ...]:
    """A name with its words in every order that begins elsewhere: `asa lind` is also `lind asa`."""
    words = without_commas(folded_text(name)).split()
    return tuple(" ".join((*words[at:], *words[:at])) for at in range(len(words)))


def without_commas(text: str) -> str:
    """A folded text with one blank where a comma stood: last name first, or a list."""
    return " ".join(text.replace(",", " ").split()) if "," in text else text
