"""Words in both languages at once, and what a paper says where nobody has filled in."""

from collections.abc import Iterable, Mapping
from functools import cache

from connector.records import Field, Kind
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both, Language, both
from connector.report.tables import clock_name, field_name, listed
from connector.report.words import NOTHING, Words

EMPTY = Both(sv="", en="")
DASH = Both(sv=NOTHING, en=NOTHING)


@cache
def words(language: Language) -> Words:
    """The words of a language, read when a paper is first written."""
    return Words(language)


@cache
def _papers() -> dict[str, dict[str, Both | tuple[Both, ...]]]:
    return read_catalogue("papers", dict[str, dict[str, Both | tuple[Both, ...]]])


def line(key: str, **values: object) -> Both:
    """What a paper says under a key of its part, its braces filled. Raises KeyError."""
    part, _, name = key.partition(".")
    return _one(_papers()[part][name], values)


def lines(key: str, **values: object) -> tuple[Both, ...]:
    """The same of a key that has several lines."""
    part, _, name = key.partition(".")
    found = _papers()[part][name]
    return tuple(_one(one, values) for one in (found if isinstance(found, tuple) else (found,)))


def table(part: str) -> dict[str, Both]:
    """The lines of a part that is a list of codes, each in words."""
    return {name: _one(one, {}) for name, one in _papers()[part].items()}


def _one(found: Both | tuple[Both, ...], values: Mapping[str, object]) -> Both:
    if isinstance(found, tuple):
        raise KeyError("these are several lines: ask for them with `lines`")
    return found.filled(**values) if values else found


def to_fill_in() -> Both:
    """A line that a person fills in."""
    return line("paper.to_fill_in")


def same(text: str) -> Both:
    """A name or a number: the same in every language."""
    return Both(sv=text, en=text)


def said(key: str, **values: object) -> Both:
    """A sentence of the catalogue in both languages."""
    return Both(sv=words("sv").say(key, **values), en=words("en").say(key, **values))


def code(family: str, one: object) -> Both:
    """A code in words."""
    return Both(sv=words("sv").code(family, one), en=words("en").code(family, one))


def codes(family: str, many: Iterable[object]) -> Both:
    """Codes in words, in a row."""
    found = list(many)
    return Both(
        sv=listed([words("sv").code(family, one) for one in found]),
        en=listed([words("en").code(family, one) for one in found]),
    )


def field_names(fields: Iterable[Field], kind: Kind) -> Both:
    """Fields in a row, each in the word it has for its kind of record."""
    found = list(fields)
    return Both(
        sv=listed([field_name(one, words("sv"), kind) for one in found]),
        en=listed([field_name(one, words("en"), kind) for one in found]),
    )


def clock_names(clocks: Iterable[str], kind: Kind) -> Both:
    """What time is counted from, each once, in the words of a kind of record."""
    found = list(dict.fromkeys(str(one) for one in clocks))
    return Both(
        sv=", ".join(clock_name(one, words("sv"), kind) for one in found),
        en=", ".join(clock_name(one, words("en"), kind) for one in found),
    )


def joined(parts: Iterable[Both], sign: str = "; ") -> Both:
    """Texts in a row; empty ones are left out."""
    found = [part for part in parts if part.sv]
    return Both(sv=sign.join(part.sv for part in found), en=sign.join(part.en for part in found))


def given(value: object, key: str) -> Both:
    """What the shop's file says, or the key to fill in: a gap is marked and never invented."""
    return same(str(value)) if value else gap(key)


def gap(key: str) -> Both:
    """A gap with its key."""
    return both(f"[fyll i {key}]", f"[fill in {key}]")
