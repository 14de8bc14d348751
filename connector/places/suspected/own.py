"""A person's own words, known from their addresses, found again elsewhere: whole, in parts, in any order."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypedDict, Unpack

from connector.identity import is_placeholder
from connector.text.folding import folded_text, name_orders, unescaped, without_commas

_WORD = re.compile(r"[^\W\d_]+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_DIGITS = re.compile(r"\+?\d[\d\s()/.\-]{4,}\d")
_POSTCODE = re.compile(r"(?<![\d\-])\d{3}[ \u00a0]?\d{2}(?![\d\-])")
_SHORTEST_NAME, _SHORTEST_PART, _SHORTEST_STREET = 5, 3, 5
_PHONE_TAIL = 7  # last digits of a number that tell it apart from others, whichever way it is written
_NOT_NAMES = frozenset({"von", "van", "der", "den", "del", "mrs", "herr", "fru"})
REMEMBERED = 2_048
"""Texts and people that are remembered as they were read; in memory alone, for the life of the process."""
LONGEST = 200
"""Characters of a text that is remembered: keys, titles and choices repeat, and are short."""


class Own(NamedTuple):
    """What is known of the people of one record, as it is compared."""

    names: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()


class Contacts(TypedDict, total=False):
    """How people can be reached, as their record says it."""

    emails: Iterable[str]
    phones: Iterable[str]
    streets: Iterable[str]
    towns: Iterable[str]
    postcodes: Iterable[str]


def own_words(names: Iterable[str], **given: Unpack[Contacts]) -> Own:
    """The words of these people; placeholders and what is too short to tell anybody apart are none."""
    emails, phones = given.get("emails", ()), given.get("phones", ())
    streets, towns, postcodes = given.get("streets", ()), given.get("towns", ()), given.get("postcodes", ())
    whole = [folded_text(one) for one in names if not is_placeholder(one)]
    return Own(
        names=frozenset(one for one in whole if len(one) >= _SHORTEST_NAME and " " in one),
        parts=frozenset(_parts(whole)),
        emails=frozenset(folded_text(one) for one in emails if "@" in one and not is_placeholder(one)),
        phones=frozenset(tail for one in phones if not is_placeholder(one) and (tail := _tail(one))),
        streets=frozenset(one for one in map(folded_text, streets) if _is_street(one)),
        towns=frozenset(one for one in map(folded_text, towns) if len(one) >= _SHORTEST_PART),
        postcodes=frozenset(_only_digits(one) for one in postcodes if len(_only_digits(one)) == 5),
    )


def _parts(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for word in _WORD.findall(name):
            if len(word) >= _SHORTEST_PART and word not in _NOT_NAMES:
                yield word


def _is_street(text: str) -> bool:
    return len(text) >= _SHORTEST_STREET and any(map(str.isalpha, text)) and not is_placeholder(text)


def _only_digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


def _tail(phone: str) -> str:
    digits = _only_digits(phone)
    return digits[-_PHONE_TAIL:] if len(digits) >= _PHONE_TAIL else ""


def decoded(text: str) -> str:
    """A text as it was typed: entities and `\\u` escapes as the letters they stand for."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text
    return unescaped(plain)


def repeats(text: str, own: Own, *, sentences: bool = False) -> Iterator[str]:
    """The sorts of a person's own words in a text.

    In `sentences` (notes, titles, reviews) a part of a name counts only where it has a capital, and a town
    says nothing: other words are written as these are.
    """
    read = _remembered(text) if len(text) <= LONGEST else _read(text)
    words = read.capitals if sentences else read.words
    if not own.parts.isdisjoint(words) or _any_in(_name_orders(own.names), read.ordered):
        yield "name"
    if _any_in(own.emails, read.folded):
        yield "email"
    if _lives_in(read, own, towns=not sentences):
        yield "address"
    if not own.phones.isdisjoint(read.phones):
        yield "phone"


class _Text(NamedTuple):
    """A text as a person's own words are looked for in it, whoever the person is."""

    folded: str
    ordered: str  # folded, without the commas of a last name that stands first
    words: frozenset[str]  # of the folded text
    capitals: frozenset[str]  # the words that begin with a capital, with and without a possessive ending
    phones: frozenset[str]  # their last digits
    postcodes: frozenset[str]


def _read(text: str) -> _Text:
    plain = decoded(text)
    folded = folded_text(plain)
    return _Text(
        folded=folded,
        ordered=without_commas(folded),
        words=frozenset(_WORD.findall(folded)),
        capitals=frozenset(_capitals(plain)),
        phones=frozenset(map(_tail, _DIGITS.findall(plain))) - {""},
        postcodes=frozenset(map(_only_digits, _POSTCODE.findall(plain))),
    )


_remembered = lru_cache(REMEMBERED)(_read)


def _capitals(plain: str) -> Iterator[str]:
    for word in _WORD.findall(plain):
        if word[0].isupper():
            folded = folded_text(word)
            yield from (folded, folded.removesuffix("s"))


@lru_cache(REMEMBERED)
def _name_orders(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(order for name in names for order in name_orders(name))


def _any_in(ones: Iterable[str], text: str) -> bool:
    # A loop: a generator for each of a person's words costs more than the search.
    for one in ones:  # noqa: SIM110
        if one in text:
            return True
    return False


def at_home(text: str, own: Own) -> bool:
    """Whether a text holds the street of one of these people, and not only their town."""
    return _any_in(own.streets, folded_text(decoded(text)))


def _lives_in(read: _Text, own: Own, *, towns: bool) -> bool:
    if _any_in(own.streets, read.folded) or not own.postcodes.isdisjoint(read.postcodes):
        return True
    return towns and any(one in read.folded and _whole_word(one, read.folded) for one in own.towns)


def _whole_word(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None
