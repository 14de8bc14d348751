"""The sentences of a text that others published, with or without markup, and what changed between two."""

import html
import re
from collections.abc import Sequence

LEAST_WORDS = 3
"""What has fewer words is a heading or a label."""

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)

_HEADINGS = re.compile(r"<(h\d|title)\b[^>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)

_BREAKS = re.compile(r"</?(p|li|h\d|br|div|td|tr|ul|ol)\b[^>]*>", re.IGNORECASE)

_ANY_TAG = re.compile(r"<[^>]+>")

# A stop ends a sentence before a capital; not after an abbreviation with a stop inside (t.ex., bl.a.).
_END = re.compile(r"(?<![a-zåäö]\.[a-zåäö])(?<=[.!?])\s+(?=[A-ZÅÄÖ0-9\"”])")


def plain(text: str) -> str:
    """A policy's text without markup; block elements become line breaks."""
    whole = _TAGS.sub(" ", text)
    # In markup a line break is white space; in plain text one before a small letter is only a fold.
    whole = " ".join(whole.split()) if _BREAKS.search(whole) else re.sub(r"\n[ \t]*(?=[a-zåäö])", " ", whole)
    return html.unescape(_ANY_TAG.sub(" ", _BREAKS.sub("\n", _HEADINGS.sub("\n", whole))))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, each once and in order; headings, questions and mere words promise nothing."""
    found: list[str] = []
    for line in plain(text).splitlines():
        found += [" ".join(part.split()) for part in _END.split(line)]
    return tuple(dict.fromkeys(one for one in found if _says(one)))


def _says(sentence: str) -> bool:
    return len(sentence.split()) >= LEAST_WORDS and not sentence.endswith("?")


def changed(before: Sequence[str], now: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences that are gone from a text, and those that are new in it."""
    return (
        tuple(one for one in before if one not in set(now)),
        tuple(one for one in now if one not in set(before)),
    )
