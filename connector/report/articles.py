"""Articles of the GDPR as the policy writes them ("GDPR 6(1)(b), (f)"): which are a basis, and in Swedish."""

import re
from collections.abc import Iterable, Iterator

_REGULATION = "GDPR "
_TOKEN = re.compile(r"(\d+)?(?:\((\d+)\))?(?:\(([a-z])\)(?:–\(([a-z])\))?)?\Z")
PRINCIPLES = "5"
"""Article 5 holds principles; nothing is lawful because of it (Art. 6 alone gives a basis)."""


def bases_of(text: str) -> tuple[str, ...]:
    """Each act with its paragraphs, the principles of Article 5 left out."""
    parts = (_without_principles(part.strip()) for part in text.split(";"))
    return tuple(part for part in parts if part)


def _without_principles(part: str) -> str:
    if not part.startswith(_REGULATION):
        return part
    left = [token for article, token in _tokens(part) if article != PRINCIPLES]
    return _REGULATION + ", ".join(left) if left else ""


def _tokens(part: str) -> Iterator[tuple[str, str]]:
    """Every reference with the article it belongs to; "(f)" alone goes on with the one before."""
    article = ""
    for token in part.removeprefix(_REGULATION).split(", "):
        found = _TOKEN.match(token)
        article = (found and found[1]) or article
        yield article, token


_ABBREVIATED = re.compile(r"(BFL|KKL|ML) (.+)\Z")


def merged(parts: Iterable[str]) -> tuple[str, ...]:
    """Parts of several rows as one list: each act once, with every paragraph that any of them names."""
    acts: dict[str, dict[str, None]] = {}
    for part in parts:
        act, paragraphs = _act(part)
        acts.setdefault(act, {}).update(dict.fromkeys(paragraphs))
    return tuple(_together(act, tuple(paragraphs)) for act, paragraphs in acts.items())


def _act(part: str) -> tuple[str, tuple[str, ...]]:
    """An act and its paragraphs; an act that is not abbreviated stays one with its paragraph."""
    if part.startswith(_REGULATION):
        return _REGULATION, tuple(_whole_references(part))
    found = _ABBREVIATED.match(part)
    return (f"{found[1]} ", tuple(found[2].split(", "))) if found else (part, ())


def _together(act: str, paragraphs: tuple[str, ...]) -> str:
    if act != _REGULATION:
        return act + ", ".join(paragraphs)
    said: list[str] = []
    stem = ""
    for reference in sorted(paragraphs, key=_place):
        own, sign, letter = reference.rpartition("(")
        alike = bool(stem) and own == stem and letter[:1].isalpha()
        said.append(f"{sign}{letter}" if alike else reference)
        stem = own if letter[:1].isalpha() else ""
    return _REGULATION + ", ".join(said)


def _place(reference: str) -> tuple[int, str]:
    return int(reference.partition("(")[0]), reference


def _whole_references(part: str) -> Iterator[str]:
    """Every reference of the GDPR with its article and paragraph: "6(1)(b), (f)" is two."""
    stem = ""
    for _, token in _tokens(part):
        if token.startswith("("):
            yield stem + token
        else:
            yield token
            stem = token.rpartition("(")[0]


def in_swedish(part: str) -> str:
    """A part as Swedish law refers: "artikel 6.1 b och f i GDPR"; other acts stay as they are."""
    if not part.startswith(_REGULATION):
        return part
    tokens = [_TOKEN.match(token) for _, token in _tokens(part)]
    if not all(tokens):
        return part
    said: list[str] = []
    for found in tokens:
        assert found is not None
        article, paragraph, letter, last = found.groups()
        number = ".".join(number for number in (article, paragraph) if number)
        letters = f"{letter}–{last}" if last else letter or ""
        if article:
            said.append(f"{number} {letters}".strip())
        elif said:
            said[-1] += f" och {letters or number}"
    return f"artikel {', '.join(said)} i GDPR"


def in_language(part: str, language: str) -> str:
    """A part in the words of a language."""
    return in_swedish(part) if language == "sv" else part


def law_words(basis: str, language: str) -> str:
    """A rule's whole basis in the words of a language, the principles of Article 5 among it."""
    return "; ".join(in_language(part.strip(), language) for part in basis.split(";"))
