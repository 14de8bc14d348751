"""What a key says of its value: a sort of personal data, or nothing. A guess: told, and never erased for."""

import re
import unicodedata
from functools import lru_cache

from connector.telling.words import (
    ABOUT,
    ADDRESSED,
    AGENTS,
    ALONE,
    COMMON,
    GIFT,
    HASHES,
    LAST,
    NOT_PERSONS,
    OF_THINGS,
    PAPERS,
    PICKUP_POINTS,
    SOLE,
    SORTS,
    THINGS,
    THINGS_ALONE,
)

_CAMEL = re.compile(r"(?<=[^\W\d_A-ZÅÄÖÆØÜÉ])(?=[A-ZÅÄÖÆØÜÉ])|(?<=[A-ZÅÄÖÆØÜÉ])(?=[A-ZÅÄÖÆØÜÉ][a-zåäöæøüé])")
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ð": "d", "þ": "th"})
_LONGEST = 400  # characters of a key that are read
_SHORTEST_COMPOUND = 4  # letters; `name` itself is a word
_SWITCHES = frozenset(
    {"is", "has", "display", "show", "same", "different", "use", "enable", "hide", "can", "allow"}
)
_LAST_FOUR = re.compile(r"last[_\- ]?4(?!\d)", re.IGNORECASE)
_TITLE_WORDS = (
    4  # a key with more words is a sentence: a thing's word in it says nothing of the one that speaks
)


def plain_words(key: str) -> tuple[str, ...]:
    """The words of a key, in lower case and without accents: `shippingFirstName` has three."""
    composed = unicodedata.normalize("NFC", key[:_LONGEST])
    parted = _CAMEL.sub(" ", _LAST_FOUR.sub(" lastfour ", composed))
    folded = unicodedata.normalize("NFKD", parted.casefold().translate(_LETTERS))
    bare = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return tuple(_WORD.findall(bare))


@lru_cache(maxsize=8192)
def says(key: str) -> str:
    """The sort of personal data that a key's words promise; empty where they promise none."""
    words = plain_words(key)
    if not words or words[-1] in ABOUT or (len(words) > 1 and words[0] in _SWITCHES):
        return ""
    if words[-1] in HASHES:
        return "token" if len(words) > 1 and _somebodys(words[:-1]) else ""
    if len(words) == 1 and words[0] in ALONE:
        return "person"
    if len(words) == 1 and words[0] in SOLE:
        return "name"
    if GIFT & set(words) and ALONE & set(words):
        return "person"
    found = _of_words(words) or ("person" if words[-1] in LAST else "")
    return found or ("answer" if "?" in key else "")


@lru_cache(maxsize=8192)
def is_pickup_point(key: str) -> bool:
    """Whether a key says the place where a parcel is fetched (schedule T-14): an agent's, not the buyer's."""
    words = plain_words(key)
    joined = "".join(words)
    return not AGENTS.isdisjoint(words) or any(one in joined for one in PICKUP_POINTS)


def is_thing(key: str) -> bool:
    """Whether an inner name says a thing, whatever stands around it: a currency, an amount, a status."""
    words = plain_words(key)
    return bool(words) and (words[-1] in THINGS_ALONE or words[-1] in ABOUT or words[-1] in NOT_PERSONS)


def _somebodys(words: tuple[str, ...]) -> bool:
    """Whether a hash is that of somebody's data."""
    return bool(_of_words(words)) or words[-1] in LAST or _matches(words[-1], "person")


def _of_words(words: tuple[str, ...]) -> str:
    """The weightiest sort that one word says, or two that stand together."""
    spoken = [sort for sort in SORTS if any(_speaks(words, at, sort) for at in range(len(words)))]
    return spoken[0] if spoken else ""


def _speaks(words: tuple[str, ...], at: int, sort: str) -> bool:
    word, before = words[at], words[at - 1] if at else ""
    if word in NOT_PERSONS or before + word in NOT_PERSONS:
        return False
    if before and before not in THINGS and _as_one(before, word, sort):
        return True
    return _matches(word, sort) and not _of_a_thing(words, at, sort)


def _of_a_thing(words: tuple[str, ...], at: int, sort: str) -> bool:
    """Whether the word is a thing's: `product_name`, `store address`; in a sentence no other word says so."""
    before = words[at - 1] if at else ""
    if len(words) > _TITLE_WORDS or before not in THINGS:
        return False
    if sort == "person":
        return words[at] in COMMON
    if (sort == "address" and before in ADDRESSED) or (sort == "link" and before in PAPERS):
        return False
    return sort in OF_THINGS


def _matches(word: str, sort: str) -> bool:
    known = SORTS[sort]
    return (
        word in known.whole
        or word.startswith(known.begin)
        or (word.endswith(known.end) and len(word) > _SHORTEST_COMPOUND)
        or any(part in word for part in known.within)
    )


def _as_one(before: str, word: str, sort: str) -> bool:
    """Whether two words say together what neither says alone: `customer id`, `payer alias`."""
    known, pair = SORTS[sort], before + word
    alone = (part in before or part in word for part in known.within if part in pair)
    return pair in known.whole or not all(alone)
