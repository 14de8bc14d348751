"""What a text says by itself beyond the detector's types: name, street, IP address, token, link."""

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from connector.machine.resources import packaged_text
from connector.places.suspected.words import FLAGS

_TAG = re.compile(r"<[^>]{0,400}>")
_FIELD = re.compile(r"field_[0-9a-f]{13}\Z")  # Advanced Custom Fields: which field a value beside it fills
_SLUG = re.compile(r"[a-z0-9]+(?:[_\-][a-z0-9]+)+\Z")
# Looked for at every word: the first of a sentence has a capital too (`Grattis Maja Provsson`).
_NAME = re.compile(
    r"\b(?=([A-ZÅÄÖÆØÉÜ][a-zåäöæøéèüáíóú]+(?:-[A-ZÅÄÖÆØÉÜ]?[a-zåäöæøéèüáíóú]+)?)\s+"
    r"((?:(?:von|af|de|van|der)\s+)?[A-ZÅÄÖÆØÉÜ][a-zåäöæøéèüáíóú]+(?:-[A-ZÅÄÖÆØÉÜ][a-zåäöæøéèüáíóú]+)?))"
)
_SURNAME = re.compile(
    r"(?:sson|sen|strom|ström|berg|gren|qvist|kvist|lund|dahl|holm|stedt|blad|feldt|mann|nen|vall|wall|bäck|mark"
    r"|sjö|ling|lander|ander|ius|hjelm|hielm|stad|ell|én|in)\Z"
)
_STREET = re.compile(
    r"\b[A-ZÅÄÖÆØ][\wåäöæøé]*(?:gatan|gata|gränd|vägen|väg|stigen|stig|allén|allé|plan|torg|torget|backen|gården"
    r"|vei|veien|vegen|gaten|vej|gade|katu|tie|straße|strasse|str\.)\s+\d{1,4}\s?[A-Za-z]?\b"
    r"|\b\d{1,4}\s+[A-Z][a-z]+ (?:Street|Road|Lane|Avenue|Drive)\b",
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_TOKEN = re.compile(
    r"(?:cus|pm|src|tok|seti|pi|ch|acct|ba|mandate)_\w{4,}\Z|(?:card|in|sub|cs|py|re)_\w*\d\w{3,}\Z|eyJ[\w\-]{6,}"
    r"|GA\d\.\d\.\d{5,}\.\d{5,}\Z|fb\.\d\.\d{10,}\.[\w\-]+\Z|[\w\-]{10,}\.[\w\-]{10,}\.[\w\-]{10,}\Z"
)
_SECRET = re.compile(
    r"[?&](?:amp;|#0?38;)?[\w\-]*"
    r"(?:key|token|hash|sig|signature|auth|email|mail|session|user|uid|customer|secret|code)[\w\-]*=[^&\s]",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"invoice|faktura|label|track|spar|receipt|kvitto|photo|avatar|profile|document|session|ticket|pdf|download"
    r"|status|order|payment"
)
_NOT_LINKS = (".css", ".js", ".woff", ".svg")


def bare(text: str) -> str:
    """A text as it is read: without markup."""
    return _TAG.sub(" \n ", text) if "<" in text else text


def is_flag(text: str, *, codes: bool = False) -> bool:
    """Whether a value is a switch, a state or a choice of a programme: it says nothing of a person.

    `codes`: where tokens and ids stand, words joined by underscores are such and no choice.
    """
    word = text.strip()
    if _FIELD.match(word):
        return True
    chosen = not codes and "_" in word and bool(_SLUG.match(word)) and not any(map(str.isdigit, word))
    return not word or word.casefold() in FLAGS or chosen


def found_in(text: str, *, titles: bool = False) -> Iterator[str]:
    """The sorts that the text itself shows; `titles`: of a product or a method, where first names are names
    of goods too and only a surname, or a word before, makes a person."""
    if names_in(text, titles=titles):
        yield "name"
    if _STREET.search(text):
        yield "address"
    if any(map(_is_ip, _IPV4.findall(text))) or any(map(_is_ip, _IPV6.findall(text))):
        yield "ip_address"
    if _TOKEN.match(text.strip()):
        yield "token"


def names_in(text: str, *, titles: bool = False) -> bool:
    """Whether a text holds a common first name followed by a surname."""
    for one in _NAME.finditer(text):
        first, last = one[1], one[2]
        known = first.casefold().partition("-")[0] in _given()
        ends = bool(_SURNAME.search(last))
        if known and (not titles or ends or _led(text[: one.start()])):
            return True
        if last.endswith(("sson", "qvist", "ström")):
            return True
    return False


_CAPITAL = re.compile(r"(?<![\w.])[A-ZÅÄÖÆØÉÜ][a-zåäöæøéèüáíóú]+(?![\w])")
# Common first names that are words, colours, months and goods too.
_WORDS_TOO = frozenset({
    "rosa", "max", "love", "sten", "björn", "august", "mars", "viola", "lilja", "jasmine", "iris",
    "grace", "will", "mark", "joy", "april", "maj", "sol", "frank", "lo", "my", "ros", "viol", "linnea",
    "klara", "vera", "alva", "saga", "stella", "nova", "luna", "ebba", "bo", "per", "an", "in", "ida",
    "ester", "alba", "bella", "eden",
})  # fmt: skip


def given_in(text: str) -> bool:
    """Whether a text holds a common first name with a capital that is hardly anything else."""
    words = {one.casefold() for one in _CAPITAL.findall(text)} - _WORDS_TOO
    return not _given().isdisjoint(words)


_LEADS = re.compile(
    r"(?:\b(?:för|till|åt|av|från|hos|for|to|by|of|til|fra|für|von|an)|[(,])\s*\Z", re.IGNORECASE
)


def _led(before: str) -> bool:
    return bool(_LEADS.search(before))


@lru_cache(maxsize=1)
def _given() -> frozenset[str]:
    return frozenset(packaged_text("places", "suspected", "given_names.txt").split())


def _is_ip(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or (found.version == 6 and len(text) < 6))


def links(text: str) -> bool:
    """Whether a text holds a web address that only its holder should have: with a key, or to a document."""
    return any(
        _SECRET.search(word) or (leads_somewhere(word) and _PRIVATE.search(word.casefold()))
        for word in text.split()
        if "://" in word
    )


def leads_somewhere(word: str) -> bool:
    """Whether a text is a web address of more than a site or a file of its design."""
    try:
        parts = urlsplit(word.strip())
    except ValueError:
        return False
    path = parts.path.casefold()
    further = len(path) > 1 or bool(parts.query)
    return bool(parts.netloc) and further and not path.endswith(_NOT_LINKS)
