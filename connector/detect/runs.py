"""Digits after the word that announces them, in whatever groups and with whatever between them."""

from collections.abc import Iterator
from typing import NamedTuple

from connector.detect.patterns import expression

_GAP = 24
_BETWEEN = r"(?:[ \t\r\n]{0,2}[-./,_+]{0,2}[ \t\r\n]{0,2}|[ \t\r\n]?[()][ \t\r\n]?)"
_GROUPS = expression(rf"[0-9]{{1,20}}(?:{_BETWEEN}[0-9]{{1,20}}){{0,12}}(?![0-9])")
_GROUP = expression("[0-9]+")
_FIRST = expression("[0-9]")
_SENTENCE = expression(r"[!?;\n]\s*\S|\.\s+[A-ZÅÄÖ]")


class Run(NamedTuple):
    """Some digits and the stretch that they are written in."""

    digits: str
    start: int
    end: int


def after(text: str, word_end: int) -> Iterator[Run]:
    """The digits after a word, group by group: each run holds one group more than the one before."""
    first = _FIRST.search(text, word_end, word_end + _GAP + 1)
    if first is not None and _SENTENCE.search(text, word_end, first.start()) is None:
        yield from at(text, first.start())


def at(text: str, start: int) -> Iterator[Run]:
    """The digits at a place, group by group."""
    whole = _GROUPS.match(text, start)
    if whole is None:
        return
    digits = ""
    for group in _GROUP.finditer(text, whole.start(), whole.end()):
        digits += group[0]
        yield Run(digits, start, group.end())
        if len(digits) > 24:
            return
