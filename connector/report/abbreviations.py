"""The abbreviations that a text uses, each explained once."""

import re
from collections.abc import Iterator
from functools import cache

import msgspec

from connector.report.blocks import Document
from connector.report.words import Words, catalogue

_FAMILY = "abbreviation."


def explained(document: Document) -> tuple[str, ...]:
    """The abbreviations of a document in the order of the alphabet, each with its meaning."""
    return explained_in(" ".join(_texts(document)), Words(document.language))


def explained_in(text: str, words: Words) -> tuple[str, ...]:
    """The same of a text."""
    return tuple(words.code("abbreviation", short) for short in sorted(set(_known().findall(text))))


@cache
def _known() -> re.Pattern[str]:
    """Any abbreviation that the catalogues explain, as a word of its own."""
    shorts = [key.removeprefix(_FAMILY) for key in catalogue("sv") if key.startswith(_FAMILY)]
    return re.compile(rf"(?<![A-Za-zÅÄÖåäö0-9])(?:{'|'.join(shorts)})(?![A-Za-zÅÄÖåäö0-9])")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
