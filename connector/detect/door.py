"""Door codes: three to six digits where a door, a gate, a lock or an alarm is spoken of."""

import re
from collections.abc import Iterator

from connector.detect import door_words as words
from connector.detect.context import Hint, Place
from connector.detect.found import Reading, Strength, Type
from connector.detect.patterns import expression

_SIGNS = "[#*]*"
"""`#` and `*` belong to a code where they touch it: they are pressed with it."""
_CODE = expression(
    r"(?<![\w.,+@-])(?<![0-9]:)(?<!\b[0-9]/)(?<!\b[0-9]{2}/)[#*]*"
    r"(?:(?<![0-9]\s)(?P<spaced>[0-9](?:(?:[ \xa0]{1,2}|[-–.,/][ \xa0]?)[0-9]){3,5}"
    r"|[0-9]{2}(?:[ \xa0][0-9]{2}){1,2}|[0-9]{2}(?:-[0-9]{2}){1,2}|(?![012][0-9][./](?:[03]0"
    r"|[14]5))[0-9]{2}[./][0-9]{2}(?![./-]))(?!\s?[0-9])"
    r"|[A-Za-z]{0,2}[0-9]{1,6}(?:[A-Za-z][0-9]{0,4})?[A-Za-z]?)"
    + _SIGNS
    + r"(?!\w)(?![.,:–-][0-9])(?!/[0-9]{1,2}(?![0-9]))"
)
_GROWS = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"
"""The one character that takes two places in lower case, where offsets must stay."""
_MEASURE = expression("[0-9][gmlwvxhk]$")
_CLAUSE = expression(r"[^.,;!?\n]*\Z")
_SENTENCE_END = expression(r"[.!?\n]")
_ALONE_ON_LINE = expression(r"[ \t]*(?:\n|\Z)")
_WINDOW = 64
_MOST = 4
"""Codes that one word announces after its first."""

_CLOSE = 6
_HOURS = expression("(?:[01][0-9]|2[0-4])-(?:[01][0-9]|2[0-4])")
_BARE_PORT = expression(r"port\s+")
_WORD = expression(r"[^\W_]+(?:-[^\W\d_]+)*")
_SPAN = 160
_LINE = 120
_NEAR = 40


def find_door_codes(place: Place) -> Iterator[Reading]:
    """Codes under a key for them, and where the words speak of a door: named, bare, placed or typed."""
    if Hint.VOUCHER in place.hints or Hint.REFERENCE in place.hints:
        return
    if Hint.DOOR in place.hints:
        yield from _read(filter(_is_code, _CODE.finditer(place.text)), Strength.CERTAIN)
        return
    text = place.text.replace(_GROWS, "I").lower()
    if words.SPOKEN_OF.search(text) is None:
        return
    if words.CODE_NAMED.search(text) is not None:
        yield from _named(text)
        yield from _bare(text, place.hints)
        yield from _told_after(text, place.hints)
    yield from _signed(text)
    yield from _typed(text)
    yield from _opening(text)
    yield from _pressed(text)


def _read(codes: Iterator[re.Match[str]] | list[re.Match[str]], strength: Strength) -> Iterator[Reading]:
    for code in codes:
        yield Reading(type=Type.DOOR_CODE, start=code.start(), end=code.end(), strength=strength)


def _named(text: str) -> Iterator[Reading]:
    for word in words.NAMED.finditer(text):
        if not _denied(text, word):
            yield from _read(_forward(text, word.end()) or _backward(text, word), Strength.CERTAIN)


def _bare(text: str, hints: frozenset[Hint]) -> Iterator[Reading]:
    for word in words.BARE.finditer(text):
        if not _may_be_door(text, word, hints):
            continue
        codes = _forward(text, word.end())
        if codes and _is_direct(text, word.end(), codes[0].start()):
            yield from _read(codes, Strength.LIKELY)


def _is_direct(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    return words.DIRECT.match(text, start, end) is not None or (len(between) <= _NEAR and _joins(between))


def _told_after(text: str, hints: frozenset[Hint]) -> Iterator[Reading]:
    """A code that a sentence begins with: "7788 är koden", where a place or an address is spoken of."""
    for word in words.BARE.finditer(text):
        if _may_be_door(text, word, hints):
            codes = [code for code in _backward(text, word) if _is_said(text, code, word)]
            yield from _read(filter(_is_sure, codes), Strength.LIKELY)


def _is_said(text: str, code: re.Match[str], word: re.Match[str]) -> bool:
    """Whether a code is said to be one, or a line begins with it: "5823 kod"."""
    if words.SAID_TO_BE.search(text, code.end(), word.start()) is not None:
        return True
    return not text[: code.start()].rpartition("\n")[2].strip()


def _signed(text: str) -> Iterator[Reading]:
    """A code right after its place: "Porten: 4711"."""
    for sign in words.SIGNED.finditer(text):
        code = _code_at(text, sign.end())
        if code is not None and not _of_a_machine(text, sign):
            yield from _read([code, *_further(text, code)], Strength.LIKELY)


def _of_a_machine(text: str, sign: re.Match[str]) -> bool:
    """Whether the line speaks of a router, a server or the like, or a sign right before does."""
    bare = _BARE_PORT.fullmatch(sign[0]) is not None
    if (
        (bare or text[sign.start() - 1 : sign.start()] in "-/")
        and sign.start()
        and (words.OF_A_MACHINE.search(text, max(0, sign.start() - 24), sign.start()) is not None)
    ):
        return True
    start = max(text.rfind("\n", 0, sign.start()) + 1, sign.start() - _LINE)
    return words.NETWORK.search(text, start, _line_end(text, sign.end())) is not None


def _typed(text: str) -> Iterator[Reading]:
    """A code that is pressed or opens something, where the sentence names a place: "Slå 4711 i porten"."""
    for verb in words.TYPED.finditer(text):
        code = _code_at(text, verb.end())
        if code is not None and _names_place(text, verb.start(), code.end()):
            yield from _read([code, *_further(text, code)], Strength.LIKELY)


def _opening(text: str) -> Iterator[Reading]:
    """A code right before its place: "4711 i porten"."""
    for code in _CODE.finditer(text):
        if words.OPENS.match(text, code.end()) and _is_sure(code) and _stands_free(text, code):
            before = _CODE.finditer(text, max(0, code.start() - _NEAR // 2), code.end())
            yield from _read(_with_choice(text, list(before)) or [code], Strength.LIKELY)


def _pressed(text: str) -> Iterator[Reading]:
    """A code that ends in `#` or `*` where the sentence names a place."""
    for code in _CODE.finditer(text):
        if code[0][-1] in "#*" and _is_sure(code) and _names_place(text, code.start(), code.end()):
            yield from _read(filter(None, [_code_at(text, code.start())]), Strength.LIKELY)


def _stands_free(text: str, code: re.Match[str]) -> bool:
    other = words.OTHER_COMPOUND.search(text, max(0, code.start() - 24), code.start())
    return other is None and _plausible(text, code)


def _code_at(text: str, start: int) -> re.Match[str] | None:
    code = _CODE.match(text, start)
    return code if code is not None and _is_sure(code) and _plausible(text, code) else None


def _is_code(code: re.Match[str]) -> bool:
    """Three to six digits, and no measure such as `100g`."""
    digits = sum(letter.isdigit() for letter in code[0])
    return 3 <= digits <= 6 and _MEASURE.search(code[0]) is None


def _is_sure(code: re.Match[str]) -> bool:
    """Whether the code looks like one by itself: four digits, or three with a letter or a sign."""
    return _is_code(code) and len(code[0]) >= 4


def _plausible(text: str, code: re.Match[str]) -> bool:
    if not _is_code(code):
        return False
    before = words.NOT_BEFORE.search(text, max(0, code.start() - 24), code.start())
    return before is None and words.NOT_AFTER.match(text, code.end()) is None


def _denied(text: str, word: re.Match[str]) -> bool:
    before = words.DENIED_BEFORE.search(text, max(0, word.start() - 12), word.start())
    return before is not None or words.DENIED_AFTER.match(text, word.end()) is not None


def _line_end(text: str, start: int) -> int:
    """The end of the line, or of the next where nothing stands on the rest of this one."""
    end = min(len(text), start + _SPAN)
    blank = words.NEXT_LINE.match(text, start, end)
    newline = text.find("\n", blank.end() if blank else start, end)
    return end if newline < 0 else newline


def _forward(text: str, start: int) -> list[re.Match[str]]:
    """The first code within reach on the line, and those that are joined to it."""
    for code in _CODE.finditer(text, start, _line_end(text, start)):
        if code.start() - start > _WINDOW:
            break
        if _plausible(text, code) and _may_be_spaced(text, start, code):
            return [code, *_further(text, code)]
    return []


def _may_be_spaced(text: str, start: int, code: re.Match[str]) -> bool:
    """Digits apart from each other are one code only in the clause of the word that announces them."""
    near = code.start() - start <= _CLOSE
    if not near and _HOURS.fullmatch(code[0]):
        return False
    return code["spaced"] is None or near or _CLAUSE.match(text, start, code.start()) is not None


def _further(text: str, first: re.Match[str]) -> Iterator[re.Match[str]]:
    """The codes joined to one by `eller`, `och` and the like; by a comma only if they are as long."""
    last = first
    found = 0
    for code in _CODE.finditer(text, first.end(), min(len(text), first.end() + _SPAN)):
        if code.start() - last.end() > _WINDOW or found == _MOST:
            return
        between = text[last.end() : code.start()]
        if not _joins(between) and not _is_next_of_list(text, between, code):
            if _is_code(code):
                return
            continue
        if _plausible(text, code) and (len(between) > 3 or _as_long(code, last)):
            yield code
            last = code
            found += 1


def _is_next_of_list(text: str, between: str, code: re.Match[str]) -> bool:
    """Whether a code stands alone on the line after another."""
    return between.strip(" \t") == "\n" and _ALONE_ON_LINE.match(text, code.end()) is not None


def _joins(between: str) -> bool:
    """Whether all that stands between two codes says which of them holds when, and where."""
    if "\n" not in between and words.JOINED.fullmatch(between) is not None:
        return True
    said = _WORD.findall(between)
    return bool(said) and all(
        (word.isdigit() and len(word) <= 2) or word in words.SAID or words.PLACE.fullmatch(word) is not None
        for word in said
    )


def _as_long(one: re.Match[str], other: re.Match[str]) -> bool:
    return sum(map(str.isdigit, one[0])) == sum(map(str.isdigit, other[0]))


def _backward(text: str, word: re.Match[str]) -> list[re.Match[str]]:
    """A code right before the word: "1234 är portkoden"."""
    codes = list(_CODE.finditer(text, max(0, word.start() - _NEAR), word.start()))
    if not codes or not words.BACKWARD.match(text, codes[-1].end(), word.start()):
        return []
    return _with_choice(text, codes) if _plausible(text, codes[-1]) else []


def _with_choice(text: str, codes: list[re.Match[str]]) -> list[re.Match[str]]:
    """The last code, and the one before where both are offered: "1234 eller 5678"."""
    if len(codes) < 2 or not words.CHOICE.fullmatch(text, codes[-2].end(), codes[-1].start()):
        return codes[-1:]
    return codes[-2:] if _is_sure(codes[-2]) and _plausible(text, codes[-2]) else codes[-1:]


def _names_place(text: str, start: int, end: int) -> bool:
    """Whether the sentence around a stretch names a place, at most 40 characters away."""
    ends = [point.end() for point in _SENTENCE_END.finditer(text, max(0, start - _NEAR), start)]
    stop = _SENTENCE_END.search(text, end, end + _NEAR)
    first = ends[-1] if ends else max(0, start - _NEAR)
    return words.PLACE.search(text, first, stop.start() if stop else end + _NEAR) is not None


def _may_be_door(text: str, word: re.Match[str], hints: frozenset[Hint]) -> bool:
    """A bare `kod` is a door's unless its line speaks of other codes; `code` needs an address or a place."""
    placed = _names_place(text, word.start(), word.end())
    if _denied(text, word) or (word[0] == "code" and Hint.ADDRESS not in hints and not placed):
        return False
    start = max(text.rfind("\n", 0, word.start()) + 1, word.start() - _LINE)
    end = min(_line_end(text, word.end()), word.end() + _LINE)
    other = words.OTHER_CODE.search(text, start, end)
    return other is None and (placed or words.PICKUP.search(text, start, end) is None)
