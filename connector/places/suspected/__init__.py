"""What may hold a person and no rule names: by the words of keys, by the text, by the person's own words.

Pure. Everything here is a guess or a repetition: it is told with its place, and nothing is erased for it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from connector.detect import Type, types
from connector.identity import is_placeholder
from connector.places.cutting import nothing_else
from connector.places.suspected.keys import (
    is_of_things,
    is_pickup_point,
    is_thing,
    plain_words,
    says,
    sorts_of,
)
from connector.places.suspected.own import LONGEST, Own, at_home, decoded, own_words, repeats
from connector.places.suspected.values import bare, found_in, given_in, is_flag, leads_somewhere, links
from connector.places.suspected.words import LABELS, THINGS, VALUES
from connector.text.formats import Leaf, leaves
from connector.text.formats.json_text import parsed
from connector.text.plain_text import said

__all__ = [
    "PICKUP_POINT", "Own", "in_note", "is_flag", "is_pickup_point", "own_words", "place_text", "repeated",
    "repeats", "says", "told", "told_in_text",
]  # fmt: skip

HIDDEN = "(a key that looks personal)"
_LONGEST_PLACE = 240
REMEMBERED = 4_096
"""Keys, and texts under them, whose form is remembered: the same few stand in every order."""
_LEAVES = 400  # of one value that are looked through
_PHP_PAIR = re.compile(r's:\d+:"(?:[^"]*\0)?([^"\0]*)";s:\d+:"([^"]*)"')
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.+Z\-]*)?\Z")
_CODE = re.compile(r"[A-Z0-9\-]*\d[A-Z0-9\-]*\Z")
_LONG_NUMBER = 6  # digits of a number that is written in groups
_PERSONS_ID = re.compile(r"(?:\d{3,}|[0-9a-fA-F\-]{12,})\Z")  # fewer digits are a count of persons
_HEXES = re.compile(r"[0-9a-fA-F\-]{12,}\Z")
_TYPES = {
    Type.EMAIL: "email", Type.PHONE: "phone", Type.BIRTH_DATE: "birth_date", Type.CARD_NUMBER: "card_number",
    Type.IBAN: "iban", Type.PERSONAL_NUMBER: "national_id", Type.COORDINATION_NUMBER: "national_id",
}  # fmt: skip


def told(value: object, *, key: str, own: Own = Own()) -> frozenset[str]:  # noqa: B008 - immutable
    """The sorts of personal data that a value under an unmapped key seems to hold, beyond detected types.

    What rules take by value (numbers, door codes) is theirs and is not told here.
    """
    found: set[str] = set()
    for at, leaf in enumerate(leaves(value, key=key)):
        if at >= _LEAVES:
            break
        if leaf.text and not is_placeholder(leaf.text):
            found.update(_sorts(leaf, key, own))
    for label, text in islice(labelled(value), _LEAVES):
        found.update(_announced(sorts_of(label), text))
    return frozenset(found)


PICKUP_POINT = "pickup_point"
"""An agent's place that says where the buyer is: T-14, for as long as the parcel's number."""


def _sorts(leaf: Leaf, key: str, own: Own) -> Iterator[str]:
    """What a leaf seems to hold; the address of a pick-up point is the agent's."""
    for sort in _of_leaf(leaf, key, own):
        agents = sort == "address" and is_pickup_point(leaf.path or key) and not at_home(leaf.text, own)
        yield PICKUP_POINT if agents else sort


def repeated(value: object, *, key: str, own: Own) -> frozenset[str]:
    """What a value under a key that is known to hold no person repeats of the record's own people.

    Their names, addresses of mail and numbers; any address of mail is somebody's.
    """
    found: set[str] = set()
    for leaf in islice(leaves(value, key=key), _LEAVES):
        text = "" if leaf.name or is_flag(leaf.text) else bare(decoded(leaf.text))
        found.update(set(repeats(text, own, sentences=True)) - {"address"} if text else ())
        found.update({"email"} if "@" in text and Type.EMAIL in types(text) else ())
    return frozenset(found)


def _of_leaf(leaf: Leaf, key: str, own: Own) -> frozenset[str]:
    read = _read if len(leaf.text) <= LONGEST else _read.__wrapped__
    shown = read(leaf, key)
    return frozenset() if shown is None else shown.union(repeats(bare(decoded(leaf.text)), own))


@lru_cache(REMEMBERED)
def _read(leaf: Leaf, key: str) -> frozenset[str] | None:
    """What a leaf shows whoever's record it stands in; None where a rule takes all that it says."""
    if not leaf.name and nothing_else(leaf.text, key=leaf.path):
        return None
    return frozenset() if leaf.name else frozenset(_shown(leaf, key, bare(decoded(leaf.text))))


def _shown(leaf: Leaf, key: str, text: str) -> Iterator[str]:
    if text != leaf.text:
        yield from (_TYPES[one] for one in types(text, key=leaf.path) if one in _TYPES)
    yield from found_in(text)
    if links(text):
        yield "link"
    yield from _announced(_said(leaf, key), text)
    if not is_of_things(leaf.path or key) and given_in(text):
        yield "name"
    for name, inner in _PHP_PAIR.findall(text):
        yield from _announced(sorts_of(name), inner)


def _announced(sorts: Iterable[str], text: str) -> Iterator[str]:
    """The weightiest sort that a value can be, of those that its key promises."""
    for sort in sorts:
        if _fits(sort, text):
            yield sort
            return
    if "person" in sorts and _PERSONS_ID.match(text.strip()):
        yield "customer_id"


def _said(leaf: Leaf, key: str) -> tuple[str, ...]:
    """What the innermost name says; where it says nothing, what the names around it do."""
    if leaf.key == key or not leaf.key:
        return sorts_of(key)
    inner = sorts_of(leaf.key)
    if inner[:1] == ("name",) and _named_thing(leaf):
        return ()
    return inner or (() if is_thing(leaf.key) else sorts_of(key))


def labelled(value: object) -> Iterator[tuple[str, str]]:
    """The pairs of a label and a value inside a value: forms keep their questions beside the answers."""
    inner = parsed(value) if isinstance(value, str) else value
    if isinstance(inner, dict):
        names = {" ".join(plain_words(str(name))): one for name, one in inner.items()}
        labels = [one for name, one in names.items() if name in LABELS and isinstance(one, str)]
        values = [one for name, one in names.items() if name in VALUES and isinstance(one, str | int)]
        yield from ((label, str(one)) for label in labels for one in values)
    for one in inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ():
        if isinstance(one, dict | list):
            yield from labelled(one)


def _named_thing(leaf: Leaf) -> bool:
    """Whether a bare `name` is that of a thing it stands in: a product, a pickup point, a fee."""
    outer = leaf.path.removesuffix(leaf.key)
    return len(plain_words(leaf.key)) == 1 and not THINGS.isdisjoint(plain_words(outer)) and not says(outer)


def _fits(sort: str, text: str) -> bool:
    """Whether a value can be what its key says: a switch, a date or an amount is no name."""
    word = text.strip()
    if is_placeholder(word) or is_flag(word, codes=sort in _CODES):
        return False
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdigit, word))
    test = _FITS.get(sort, _anything)
    return test(word, letters, digits)


def _text(word: str, letters: int, digits: int) -> bool:
    return letters >= 2 and not _DATE.match(word)


def _words(word: str, letters: int, digits: int) -> bool:
    return letters >= 2 and not _DATE.match(word) and not _HEXES.match(word) and not _CODE.match(word)


def _numbers(word: str, letters: int, digits: int) -> bool:
    return digits >= 4


def _opaque(word: str, letters: int, digits: int) -> bool:
    return letters + digits >= 3 and " " not in word


def _birth(word: str, letters: int, digits: int) -> bool:
    return digits >= 2 or (digits > 0 and letters >= 3)


def _address(word: str, letters: int, digits: int) -> bool:
    return letters >= 2 or digits >= 4


def _ip(word: str, letters: int, digits: int) -> bool:
    return digits >= 2 and ("." in word or ":" in word)


def _mail(word: str, letters: int, digits: int) -> bool:
    return "@" in word


def _person(word: str, letters: int, digits: int) -> bool:
    return letters >= 2 and not _DATE.match(word)


def _card(word: str, letters: int, digits: int) -> bool:
    return digits >= 3 or letters >= 4


def _anything(word: str, letters: int, digits: int) -> bool:
    return letters + digits >= 2


def _id(word: str, letters: int, digits: int) -> bool:
    return letters + digits >= 2 and (" " not in word or (digits >= _LONG_NUMBER and not letters))


def _plate(word: str, letters: int, digits: int) -> bool:
    return letters >= 2 and digits >= 2


def _link(word: str, letters: int, digits: int) -> bool:
    return leads_somewhere(word)


_CODES = frozenset({"token", "customer_id"})
_FITS = {
    "name": _text, "message": _text, "answer": _words, "reference": _words, "person": _person,
    "birth_date": _birth, "national_id": _numbers, "phone": _numbers, "tracking": _numbers,
    "ip_address": _ip, "user_agent": _text, "email": _mail, "token": _opaque, "customer_id": _id,
    "address": _address, "card": _card, "link": _link, "health": _text, "vehicle": _plate,
}  # fmt: skip


def told_in_text(text: str, own: Own, *, titles: bool = True) -> frozenset[str]:
    """The sorts that a line's own name, a title or a note shows."""
    plain = bare(decoded(text))
    shown = _shown_by if len(plain) <= LONGEST else _shown_by.__wrapped__
    return shown(plain, titles=titles).union(repeats(plain, own, sentences=True))


@lru_cache(REMEMBERED)
def _shown_by(plain: str, *, titles: bool) -> frozenset[str]:
    """What a text shows whoever's record it stands in: goods and methods of delivery repeat."""
    found = set(found_in(plain, titles=titles))
    return frozenset(found.union(_TYPES[one] for one in types(plain) if one in _TYPES))


_ANNOUNCED = re.compile(r"([^:\n.;,]{2,60}):[ \t]*([^\n;]{2,80})")
_OF_NOTES = frozenset({
    "name", "person", "address", "phone", "email", "ip_address", "birth_date", "national_id", "message",
})  # fmt: skip


def in_note(text: str, own: Own) -> bool:
    """Whether a note holds a person: their own words, a name or address, or a value that a word announces."""
    plain = bare(decoded(text))
    if told_in_text(plain, own) - {"token"}:
        return True
    said_of = ((says(label.strip()), value) for label, value in _ANNOUNCED.findall(plain))
    return any(sort in _OF_NOTES and _fits(sort, value) for sort, value in said_of)


def place_text(key: str, own: Own = Own()) -> str:  # noqa: B008 - immutable
    """A key as a report shows it, in full; one that holds a person itself is not repeated."""
    return HIDDEN if any(repeats(key, own, sentences=True)) else _place(key)


@lru_cache(REMEMBERED)
def _place(key: str) -> str:
    """A key as it is shown whoever's record it stands in."""
    shown = said(key, longest=_LONGEST_PLACE)
    return HIDDEN if "@" in key or types(key) or set(found_in(key)) or not shown else shown
