"""What `gallra recipient list` says of one line, in a language."""

from functools import cache

from connector.report.catalogues import read_catalogue
from connector.report.shared import Both, Language
from connector.report.words import Words


@cache
def _catalogue() -> dict[str, dict[str, Both]]:
    return read_catalogue("recipients", dict[str, dict[str, Both]])


def code_in_words(family: str, code: str, language: Language) -> str:
    """What a code of a line means."""
    return _catalogue()[family][code].of(language)


def line_of(line: tuple[str, str, str, str, str], language: Language) -> str:
    """A line in words: recipient, kind of record, by what it is known there, what is done, how it is read."""
    name, kind, handle, what, how = line
    words = Words(language)
    return _catalogue()["say"]["row"].of(language).format(
        name=name, kind=words.code("kind", kind), handle=words.code("handle", handle),
        what=code_in_words("what", what, language), how=code_in_words("read_back", how, language),
    )  # fmt: skip


def until(count: int, day: str, language: Language) -> str:
    """What waits for a day that the shop system named."""
    return _catalogue()["say"]["until"].of(language).format(count=count, day=day)


def unpassed(language: Language) -> str:
    """What is said where no rule ever passes this on."""
    return _catalogue()["say"]["unpassed"].of(language)


def not_named(count: int, name: str, title: str) -> Both:
    """What a check says of a recipient that the shop's own orders show, and its file does not name."""
    said = _catalogue()["say"]["not_named"]
    sv, en = (text.format(count=count, name=name, title=title) for text in (said.sv, said.en))
    return Both(sv=sv, en=en)


def nobody(language: Language) -> str:
    """What is said where the shop's file names no recipient."""
    return _catalogue()["say"]["empty"].of(language)
