"""What a value holds of each field, found by value, and the value without it, in its own format.

A number decides nothing by itself: a Unix time has a personal number's checksum in one second of sixteen on
some days. It is one where its key promises a person, where words stand around it, or where it is written as
one; elsewhere it is told. Under a key that says organisation or VAT it is the company's (schedule T-06).
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from connector.detect import Type, detect, says_organisation, says_person, says_time, types
from connector.detect.found import PASSES, Found
from connector.records import Field
from connector.text.formats import Leaf, Uncut, leaves, rewritten

NUMBERS = frozenset({Type.PERSONAL_NUMBER, Type.COORDINATION_NUMBER})
_LABELS = {
    Field.DOOR_CODE: "portkod",
    Field.PERSONAL_NUMBER: "personnummer",
    Field.ORGANISATION_NUMBER: "organisationsnummer",
}
_LABEL = re.compile(rf"\b(?:{'|'.join(_LABELS.values())})\b", re.IGNORECASE)
_FEWEST_DIGITS = 6
"""Of a company's number: the shortest that VIES knows have about as many."""


class Part(NamedTuple):
    """A stretch of a leaf that belongs to one field."""

    field: Field
    start: int
    end: int


def parts(leaf: Leaf, *, words: bool = False) -> tuple[Part, ...]:
    """The stretches of a leaf that rules take by value: door codes, personal numbers, companies' numbers.

    `words` says that a person typed the text, so that a number alone in it is nobody's machine's.
    """
    found = (_part(leaf, token, words=words) for token in detect(leaf.text, key=leaf.path))
    return tuple(part for part in found if part is not None)


def _part(leaf: Leaf, token: Found, *, words: bool) -> Part | None:
    if token.type is Type.DOOR_CODE:
        return Part(Field.DOOR_CODE, token.start, token.end)
    if token.type is Type.ORGANISATION_NUMBER and says_organisation(leaf.path):
        return Part(Field.ORGANISATION_NUMBER, token.start, token.end)
    if token.type is Type.BANK_ACCOUNT and _numbered_after_owner(leaf.text[token.start : token.end]):
        return Part(Field.PERSONAL_NUMBER, token.start, token.end)
    if token.type not in NUMBERS:
        return None
    if says_organisation(leaf.path) and not says_person(leaf.path):
        return Part(Field.ORGANISATION_NUMBER, token.start, token.end)
    if not words and _only_told(leaf, token):
        return None
    return Part(Field.PERSONAL_NUMBER, token.start, token.end)


def _numbered_after_owner(account: str) -> bool:
    """Whether an account's number is its owner's personal number, as some banks give them out."""
    digits = "".join(filter(str.isdecimal, account))
    return len(digits) > 10 and not NUMBERS.isdisjoint(types(f"personnummer {digits[-10:]}"))


def _only_told(leaf: Leaf, token: Found) -> bool:
    """Whether a number stands bare under a key that promises no person: it may be anything."""
    bare = leaf.text.strip() == leaf.text[token.start : token.end] and leaf.text.strip().isdigit()
    return bare and (not says_person(leaf.path) or says_time(leaf.key))


def fields_in(value: Any, *, key: str, words: bool = False) -> frozenset[Field]:
    """The fields of which a value holds something by value."""
    return frozenset(part.field for leaf in leaves(value, key=key) for part in parts(leaf, words=words))


def told_in(value: Any, *, key: str) -> frozenset[Type]:
    """The types of bare numbers in a value that look like a person's and stand where none is promised."""
    return frozenset(_told(value, key))


def _told(value: Any, key: str) -> Iterator[Type]:
    for leaf in leaves(value, key=key):
        taken = {(part.start, part.end) for part in parts(leaf)}
        for token in detect(leaf.text, key=leaf.path):
            if token.type in NUMBERS and (token.start, token.end) not in taken:
                yield token.type


def company_number(value: Any) -> bool:
    """Whether a value can be the number of a company: digits enough, and no amount of money."""
    for leaf in leaves(value):
        digits = sum(letter.isdigit() for letter in leaf.text)
        if not leaf.name and digits >= _FEWEST_DIGITS and not _is_amount(leaf.text):
            return True
    return False


def _is_amount(text: str) -> bool:
    whole, point, rest = text.strip().replace(",", ".").partition(".")
    return bool(point) and whole.lstrip("-").isdigit() and rest.isdigit() and len(rest) <= 4


def without(value: Any, fields: Collection[Field], *, key: str, words: bool = False) -> Any:
    """The value without what it holds of these fields; empty leaves stay, everything else as it was.

    Raises Uncut where the format of a text in it cannot be written back.
    """
    result = rewritten(value, lambda leaf: _without(leaf, fields, words=words), key=key)
    if fields_in(result, key=key, words=words) & set(fields):
        raise Uncut
    return result


def can_be_cut(value: Any, field: Field, *, key: str, words: bool = False) -> bool:
    """Whether a value can be written back without what it holds of a field."""
    try:
        without(value, {field}, key=key, words=words)
    except Uncut:
        return False
    return True


def _without(leaf: Leaf, fields: Collection[Field], *, words: bool) -> str:
    """The text without its parts of these fields, and without what their going would bring to light."""
    text = leaf.text
    for _ in range(PASSES):
        gone = [part for part in parts(leaf._replace(text=text), words=words) if part.field in fields]
        if not gone:
            return text if text == leaf.text else text.strip() if _said(text) else ""
        text = _removed(text, gone)
    return text  # what is still found in it is left to a hand


def _removed(text: str, gone: Iterable[Part]) -> str:
    for part in sorted(gone, key=lambda part: part.start, reverse=True):
        start, end = part.start, part.end
        if text[start - 1 : start] in ("", " ") and text[end : end + 1] == " ":
            end += 1
        text = text[:start] + text[end:]
    return text


def only(value: Any, fields: Collection[Field], *, key: str, words: bool = False) -> Any:
    """What is left of a value that goes as a whole, where it holds something of fields that stay: that alone.

    Raises Uncut where it cannot be written so that the same is read from it.
    """

    def kept(leaf: Leaf) -> str:
        if leaf.name:
            return leaf.text
        stays = [part for part in parts(leaf, words=words) if part.field in fields]
        if leaf.number:
            return leaf.text if stays else ""
        return ", ".join(f"{_LABELS[part.field]}: {leaf.text[part.start : part.end]}" for part in stays)

    result = rewritten(value, kept, key=key)
    still = fields_in(result, key=key, words=words)
    if still != set(fields) or not nothing_else(result, key=key, words=words):
        raise Uncut
    return result


def nothing_else(value: Any, *, key: str, words: bool = False) -> bool:
    """Whether a value is nothing but what it holds by value, with or without the word that announces it."""
    if isinstance(value, str) and not _may_be_only_parts(value):
        return False
    held = [leaf for leaf in leaves(value, key=key) if not leaf.name and leaf.text]
    return bool(held) and all(_all_parts(leaf, words=words) for leaf in held)


def _may_be_only_parts(text: str) -> bool:
    return text[:1] in "{[aO" or _LABEL.search(text) is not None or not any(map(str.isalpha, text))


def _all_parts(leaf: Leaf, *, words: bool) -> bool:
    found = parts(leaf, words=words)
    return bool(found) and not _said(_removed(leaf.text, found))


def _said(text: str) -> str:
    """What a text says beyond a word that announces a number."""
    return _LABEL.sub("", text).strip(" ,;:.-–#*")
