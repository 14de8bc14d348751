"""What the lines that Gallra shows leave to be filled in: the words they have there, never an answer."""

import re

NAME, ROLE = "NAME", "ROLE"

LEFT_OPEN: dict[str, tuple[str, ...]] = {
    NAME: ("NAMN",),
    ROLE: ("ROLL",),
    "HOW": ("HUR",),
    "REASON": ("SKÄL", "ORSAK"),
    "OWNER": ("ÄGARE",),
    "WHO": ("VEM",),
    "DATE": ("DATUM",),
    "DAY": ("DAG",),
    "EVIDENCE": ("UNDERLAG",),
    "CODE": ("KOD",),
    "LETTER": ("BREV",),
    "NUMBER": ("NUMMER",),
    "ORDER": ("ORDERNUMMER",),
    "SHOP": ("BUTIK",),
    "LIST": ("LISTA",),
    "FILE": ("FIL",),
    "FOLDER": ("MAPP",),
    "PLACE": ("PLATS",),
    "QUERY": ("FRÅGA",),
    "PERIOD": ("TID",),
    "RECIPIENT": ("MOTTAGARE",),
    "ID": (),
    "LANGUAGE": ("SPRÅK",),
}
"""Each word in English, and what the same line says in Swedish; no answer is written in capitals alone."""

_WORDS = frozenset({*LEFT_OPEN, *(word for words in LEFT_OPEN.values() for word in words)})
_AROUND = re.compile(r"[\s<>\[\](){}\"'`.,:;…|]+")
_DOTS = re.compile(r"[\"'\s]*(?:…|\.\.+)[\"'\s]*")


def is_left_open(text: str) -> bool:
    """Whether nothing was filled in: only such words are there, or only dots."""
    words = [word for word in _AROUND.split(text) if word]
    return all(word in _WORDS for word in words) if words else _DOTS.fullmatch(text) is not None
