"""What a key says of its value: a sort of personal data, or nothing. A guess: told, and never erased for."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from connector.places.suspected.words import (
    ABOUT,
    ADDRESSED,
    AGENTS,
    ALONE,
    COMMON,
    DOERS,
    GIFT,
    HASHES,
    LAST,
    NO_DEEDS,
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
def sorts_of(key: str) -> tuple[str, ...]:
    """The sorts of personal data that a key's words promise, the weightiest first."""
    words = plain_words(key)
    if not words or words[-1] in ABOUT or (len(words) > 1 and words[0] in _SWITCHES):
        return ()
    if words[-1] in HASHES:
        return ("token",) if len(words) > 1 and _somebodys(words[:-1]) else ()
    return tuple(dict.fromkeys((*_alone(words), *_of_words(words), *_at_the_end(words, key))))


def says(key: str) -> str:
    """The weightiest sort of personal data that a key's words promise; empty where they promise none."""
    return next(iter(sorts_of(key)), "")


def _alone(words: tuple[str, ...]) -> Iterator[str]:
    """What a key says that is nothing but a word, or a gift's."""
    if len(words) == 1 and words[0] in SOLE:
        yield "name"
    elif (len(words) == 1 and words[0] in ALONE) or (GIFT & set(words) and ALONE & set(words)):
        yield "person"


def _at_the_end(words: tuple[str, ...], key: str) -> Iterator[str]:
    """What a key's last words say: whose it is, who did it, or that it is a question."""
    done = len(words) > 1 and words[-1] in DOERS and words[-2] not in NO_DEEDS
    if words[-1] in LAST or done:
        yield "person"
    if "?" in key:
        yield "answer"


@lru_cache(maxsize=8192)
def is_pickup_point(key: str) -> bool:
    """Whether a key says the place where a parcel is fetched (schedule T-14): an agent's, not the buyer's."""
    words = plain_words(key)
    joined = "".join(words)
    return not AGENTS.isdisjoint(words) or any(one in joined for one in PICKUP_POINTS)


@lru_cache(maxsize=8192)
def is_of_things(key: str) -> bool:
    """Whether any word of a key says a thing: then a first name in its value may be that of goods."""
    words = set(plain_words(key))
    return not (THINGS | THINGS_ALONE | ABOUT | {"pa", "attribute"}).isdisjoint(words)


def is_thing(key: str) -> bool:
    """Whether an inner name says a thing, whatever stands around it: a currency, an amount, a status."""
    words = plain_words(key)
    return bool(words) and (words[-1] in THINGS_ALONE or words[-1] in ABOUT or words[-1] in NOT_PERSONS)


def _somebodys(words: tuple[str, ...]) -> bool:
    """Whether a hash is that of somebody's data."""
    return bool(_of_words(words)) or words[-1] in LAST or _matches(words[-1], "person")


def _of_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The sorts that one word says, or two that stand together, the weightiest first."""
    return tuple(sort for sort in SORTS if any(_speaks(words, at, sort) for at in range(len(words))))


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
