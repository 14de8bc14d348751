"""Articles of the GDPR as the policy writes them ("GDPR 6(1)(b), (f)"): which are a basis, and in Swedish."""

import re
from collections.abc import Iterator

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
