"""What the engine and the adapters say in English, in the language of the shop.

A sentence is written once, in English, where it is raised or said; `texts/errors.toml`, `texts/says.toml`
and each adapter's own `errors.toml` hold it in Swedish under the English one, its gaps by name. A line is
said in Swedish when every sentence in it is known, and else stays wholly English, never half of each.
What fills a gap is translated where all of it is known sentences or phrases, and else left as it is; what
somebody is called, typed or must type is never exchanged.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

from connector.records import Value
from connector.registry import sentences_of_adapters
from connector.report.catalogues import catalogue_text
from connector.report.shared import Language
from connector.report.words import catalogue

_GAP = re.compile(r"\{([a-z_]+)\}")
_INSIDE = r"(?:[^.!?;]|[.!?;](?! ))"  # a sign of a gap that is no sentence's end
# Where one sentence of a text may end and the next begin: after a stop, a colon or the end of a line.
_END = re.compile(r"(?<=[.!?:;,)])[ \n]+|\n+")
_SPLIT_MOST = 24
"""Parts in a row that may make one sentence."""
_WORDS_LEAST = 5
"""Letters outside the gaps that a pattern has, which may stretch over more than one part."""
_SAYS = re.compile(r"[A-Za-z]")
_PHRASE = re.compile(r"[^\s,;] \S")
"""Two words that no comma parts."""
_PLACE = re.compile(r"\S+:\s*\Z")
"""A name or a place in a file before a colon: the same in every language."""
_NAMES = frozenset(
    [
        "by",
        "person",
        "path",
        "folder",
        "file",
        "files",
        "copy",
        "page",
        "host",
        "address",
        "role",
        "owner",
        "letter",
        "command",
        "cron",
        "wave",
        "operation",
    ]
)
"""Gaps that hold a name, a place or a person's own word: what fills them is never exchanged."""
_TYPED = frozenset(
    [
        "name",
        "names",
        "known",
        "key",
        "keys",
        "option",
        "code",
        "codes",
        "id",
        "ids",
        "word",
        "words",
        "fields",
        "expected",
        "shop",
        "shops",
        "letters",
        "first",
        "last",
    ]
)
"""Gaps that hold what is typed or called so, or a phrase: of these only a phrase is exchanged."""
NUMBERS = frozenset(
    ["n", "m", "count", "done", "total", "sampled", "agree", "disagree", "days", "hours", "minutes", "months"]
)
"""Gaps that hold a number: no letter fills them, or words of a name would be taken for a sentence."""
_ONE_WORD = frozenset(["adapter", "code", "wave"])
"""Gaps that hold one word: a list of sentences is not taken for one of them."""
LINES_MOST = 40
"""A text of more lines is a document with words of its own, and is left as it is."""


class _Pattern(Value, frozen=True, kw_only=True):
    """An English sentence with gaps, and the same in another language."""

    english: str
    needs: tuple[str, ...]
    other: str
    weight: int


class _Sentences(Value, frozen=True, kw_only=True):
    """Sentences without gaps by their text, and those with gaps by how they begin; most words first."""

    whole: Mapping[str, str]
    begun: Mapping[str, tuple[_Pattern, ...]]


def translated(text: str, language: Language) -> str:
    """A text of English sentences in a language; a line with a sentence that has no translation stays."""
    if language == "en" or not text.strip() or text.count("\n") > LINES_MOST:
        return text
    told, whole = _told(text)
    return told if whole else "".join(_told(line)[0] for line in text.splitlines(keepends=True))


def is_translated(text: str) -> bool:
    """Whether every sentence of an English text has a translation."""
    return _told(text)[1]


def _told(text: str) -> tuple[str, bool]:
    """A text in the other language, and True; as it is, and False, where a sentence of it is not known."""
    if not text.strip():
        return text, True
    parts = tuple(_parts(text))
    whole = all(known or not _SAYS.search(_PLACE.sub("", said)) for said, known in parts)
    return ("".join(said for said, _ in parts) if whole else text), whole


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text in the other language, what stands between them included; whether each is known."""
    starts, ends = _bounds(text)
    before = text[: starts[0]]
    at = 0
    while at < len(starts):
        end, said = _longest(text, starts[at], ends[at:])
        known = said is not None
        upto = end if known else ends[at]
        step = ends.index(upto) + 1
        between = text[upto : starts[step]] if step < len(starts) else text[upto:]
        yield before + (said if said is not None else text[starts[at] : upto]) + between, known
        before, at = "", step


def _bounds(text: str) -> tuple[list[int], list[int]]:
    """Where the parts of a text begin and end, white space around them left out."""
    first = len(text) - len(text.lstrip())
    last = len(text.rstrip())
    breaks = [found.span() for found in _END.finditer(text, first, last)]
    return [first, *(end for _, end in breaks)], [*(start for start, _ in breaks), last]


def _longest(text: str, start: int, ends: list[int]) -> tuple[int, str | None]:
    """The longest run of parts from here that is known as one sentence, and its translation."""
    first = text[start : ends[0]]
    if first.endswith(":") and first in _sentences().whole:  # such as `Error:`, before whatever it is
        return ends[0], _sentences().whole[first]
    for end in reversed(ends[:_SPLIT_MOST]):
        part = text[start:end]
        bare = part.rstrip(",;")
        said = _known(part) if bare == part else _known(part) or _known(bare)
        if said is not None:
            return end, said if said.endswith((",", ";")) else said + part[len(bare) :]
    return ends[0], None


def _known(sentence: str) -> str | None:
    """The translation of one sentence or phrase; None where there is none."""
    sentences = _sentences()
    if sentence in sentences.whole:
        return sentences.whole[sentence]
    single = not _END.search(sentence)
    for pattern in (*sentences.begun.get(_beginning(sentence), ()), *sentences.begun.get("", ())):
        may = all(word in sentence for word in pattern.needs) and (single or pattern.weight >= _WORDS_LEAST)
        found = _compiled(pattern.english).fullmatch(sentence) if may else None
        if found:
            return _filled(pattern.other, found.groupdict())
    return None


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    """A sentence with its gaps filled; a brace that is no gap stays."""
    return _GAP.sub(lambda gap: _value(gap[1], values[gap[1]]), sentence)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that is looked for; most are never."""
    return re.compile(pattern, re.DOTALL)


def _value(gap: str, value: str) -> str:
    """What fills a gap: a known phrase or a list of them in the other language, else what it is."""
    if gap in _NAMES or (gap in _TYPED and not _PHRASE.search(value)):
        return value
    return _told(value)[0]


def _beginning(sentence: str) -> str:
    """The first word of a sentence; empty where a gap stands in it."""
    word = sentence.partition(" ")[0]
    return "" if "{" in word else word


@cache
def _sentences() -> _Sentences:
    """Every sentence in Swedish, by its English one: the engine's own and those of the installed adapters."""
    own = (tomllib.loads(catalogue_text(name)) for name in ("says", "errors"))
    known = {text: told for each in own for text, told in each.items()}
    table = {**_words(), **sentences_of_adapters(), **known}
    whole = {english: other for english, other in table.items() if not _GAP.search(english)}
    begun: dict[str, list[_Pattern]] = {}
    for english, other in table.items():
        if english not in whole:
            begun.setdefault(_beginning(english), []).append(_pattern(english, other))
    heaviest = {word: tuple(sorted(found, key=lambda one: -one.weight)) for word, found in begun.items()}
    return _Sentences(whole=whole, begun=heaviest)


def _words() -> dict[str, str]:
    """The words that the reports have for codes, states and reasons, where they have no gaps."""
    other = catalogue("sv")
    pairs = ((english, other.get(key)) for key, english in catalogue("en").items())
    return {english: said for english, said in pairs if said is not None and "{" not in english + said}


def _between(gap: str, after: str, *, last: bool) -> str:
    """What a gap may hold: at the end sentences, in a bracket these too but no other bracket's end."""
    if gap in NUMBERS:
        return r"[^a-zåäöA-ZÅÄÖ]"
    if gap == "kind":
        return r"[^:;]"
    if gap in _ONE_WORD:
        return r"[^\s,]"
    if last and not after:
        return "."
    return r"(?:[^()]|\([^()]*\))" if after.startswith(")") else _INSIDE


def _pattern(english: str, other: str) -> _Pattern:
    """A sentence with gaps as a pattern: a gap that ends it, or a bracket, may hold sentences."""
    pieces = _GAP.split(english)
    pattern = ""
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pattern += re.escape(piece)
        elif f"(?P<{piece}>" in pattern:
            pattern += f"(?P={piece})"
        else:
            pattern += f"(?P<{piece}>{_between(piece, pieces[at + 1], last=at + 2 == len(pieces))}+?)"
    weight = sum(len(re.sub(r"\W", "", piece)) for piece in pieces[::2])
    needs = tuple(sorted(filter(None, pieces[::2]), key=len, reverse=True))
    return _Pattern(english=pattern, needs=needs, other=other, weight=weight)
