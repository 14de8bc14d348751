"""Names and addresses inside a text that itself stays: masked word by word, markup and all else as it was."""

import re
from collections.abc import Iterable, Iterator

from connector.detect import Type, detect
from connector.detect.found import PASSES
from connector.text.folding import folded_text, unescaped

MASK = "…"
_TOKEN = re.compile(r"<[^>]*>|(?:&#?\w+;|[\w'\u2019\-\u0300-\u036f])+")
_SHORTEST = 3  # letters of a first or last name that is masked where it stands alone
_Span = tuple[int, int]


def masked(text: str, names: Iterable[str], *, addresses: bool = False) -> str:
    """The text with these names masked, whole or by a part of them, and, where asked, every e-mail address.

    A part counts where it is written with a capital, as a name is: `Åsa` or `Linds`, not `lind`. What is
    masked may bring more to light, so the text is searched again, three times at most.
    """
    known = list(names)
    for _ in range(PASSES):
        left = _masked_once(text, known, addresses=addresses)
        if left == text:
            break
        text = left
    return text


def _masked_once(text: str, names: list[str], *, addresses: bool) -> str:
    gone = list(_named(text, names))
    if addresses:
        gone += [(one.start, one.end) for one in detect(text) if one.type is Type.EMAIL]
    result, at = [], 0
    for start, end in sorted(gone):
        if start >= at:
            result += [text[at:start], MASK]
        at = max(at, end)
    return "".join((*result, text[at:]))


def _named(text: str, names: list[str]) -> Iterator[_Span]:
    wanted = [tuple(_words(name)) for name in names if name]
    parts = {word for name in names for word in _parts(name)}
    tokens = [(found.start(), found.end(), found.group()) for found in _TOKEN.finditer(text)]
    folded = [() if token.startswith("<") else tuple(_words(token)) for _, _, token in tokens]
    for at, (start, end, token) in enumerate(tokens):
        for words in wanted:
            reach = at + len(words)
            if words and tuple(word for one in folded[at:reach] for word in one) in (words, words[::-1]):
                yield start, tokens[reach - 1][1]
        if token[:1] != "<" and unescaped(token)[:1].isupper() and _bare(token) & parts:
            yield start, end


def _words(name: str) -> list[str]:
    return folded_text(name).replace(",", " ").split()


def _parts(name: str) -> Iterator[str]:
    """The words of a name that are written as names are, long enough to be told from others."""
    for word in unescaped(name).replace(",", " ").split():
        if word[:1].isupper() and len(word) >= _SHORTEST:
            yield folded_text(word)


def _bare(token: str) -> set[str]:
    """A word with and without a possessive ending."""
    word = folded_text(token).strip("'-")
    return {word, word.removesuffix("s"), word.removesuffix("'s")}
