"""Words that announce a number, with one slip of the finger: `porrtkod`, `protkod`, `peronnummer`."""

from functools import lru_cache

from connector.detect.patterns import expression

CORRECTABLE = expression(r"(?<![\w@./\\-])[A-Za-zÅÄÖåäö]{5,24}(?![A-Za-zÅÄÖåäö@])(?!-?\w*@)")
"""Words of five letters and more, for a slip may lose the sixth."""

_ENDINGS = ("", "en", "er", "erna")
_NUMBERS = ("nummer", "numret", "nr")
_KNOWN = frozenset(
    [f"{door}{ending}" for door in ("portkod", "dörrkod", "entrekod", "entrékod", "grindkod", "larmkod",
     "garagekod", "trappkod", "hisskod") for ending in _ENDINGS]
    + [f"{word}{number}" for word in ("person", "samordnings", "organisations", "telefon", "mobil", "konto",
       "clearing", "bankgiro", "plusgiro", "födelse") for number in _NUMBERS]
    + ["bankgiro", "bankgirot", "plusgiro", "plusgirot", "postgiro", "telefon", "födelsedatum", "födelsedag",
       "syntymäaika", "ovikoodi", "porttikoodi", "doorcode", "doorkode", "porttelefon", "porttelefonen",
       "mastercard", "clearing", "puhelin", "kodlås", "kodlåset"]
)  # fmt: skip
_OTHERS_WORDS = """
    postkod postkoden portkort kortnummer ortnummer portnummer sportkod cleaning clearning telefoni
    telefonen kontornummer personnamn personnumrets organisationsnamn samordnings grindstolpe partkod
    farmkod varmkod varukod hemkod mobilnumret artnummer sortnummer kontnummer kortkod korskod ordkod
    födelsedags telefoner bankgirots plusgirots postgirot doorcodes flerkod morskod morsekod mattkod
    mastercards
"""
_OTHERS = frozenset(_OTHERS_WORDS.split())
"""Words of their own that lie one slip away from one of these."""


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _index() -> dict[str, set[str]]:
    index: dict[str, set[str]] = {}
    for word in _KNOWN:
        for form in {word} | _without_one(word):
            index.setdefault(form, set()).add(word)
    return index


_INDEX = _index()


def corrected(written: str) -> str | None:
    """The word that was meant, or None where it is written right or is another word."""
    return _corrected(written.lower()) if len(written) > 4 else None


@lru_cache(maxsize=8192)
def _corrected(word: str) -> str | None:
    if word in _KNOWN or word in _OTHERS:
        return None
    near = set(_INDEX.get(word, ()))
    for form in _without_one(word):
        near |= _INDEX.get(form, set())
    meant = sorted(one for one in near if one[0] == word[0] and _one_slip(word, one))
    return meant[0] if meant else None


def _one_slip(word: str, meant: str) -> bool:
    """Whether one letter was lost, doubled, changed, or two neighbours swapped."""
    at = next((i for i, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), None)
    if at is None:
        return abs(len(word) - len(meant)) <= 1
    rest, wanted = word[at:], meant[at:]
    swapped = len(rest) > 1 and rest[1] + rest[0] + rest[2:] == wanted
    return swapped or rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]
