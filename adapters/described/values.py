"""What fills a gap of a description, and what stands at a place of an answer. Nothing here asks anybody."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connector.about.described.judging import GAP
from connector.about.described.parts import Form

_ALONE = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029]{1,320}\Z")
_AMONG = re.compile(r"[\w.%+@:~-]{1,320}\Z")
_STEP = re.compile(r"[/\\]")

Words = Mapping[str, str]


class NotAnId(ValueError):
    """A value that may not stand where the description would put it: a person looks at it."""


def filled(text: str, words: Words) -> str:
    """A text with its gaps filled, each once. Raises NotAnId for what could end the words around it.

    A gap that is the whole text takes anything in one line; one among other words takes an id or an address.
    """
    if GAP.fullmatch(text):
        return _held(words[text[1:-1]], _ALONE)
    return GAP.sub(lambda gap: _held(words[gap[1]], _AMONG), text)


def path_of(text: str, words: Words) -> str:
    """A path with its gaps filled, each part of its own. Raises NotAnId for a part that leads elsewhere."""
    filled_in = GAP.sub(lambda gap: quote(_step(words[gap[1]]), safe=""), text)
    return "./" + filled_in if ":" in filled_in else filled_in  # a colon is no scheme's (RFC 3986, 4.2)


def body_of(value: Any, words: Words) -> Any:
    """A body with the gaps of its texts filled; its keys and its form stay as they are written."""
    if isinstance(value, Mapping):
        return {key: body_of(inner, words) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [body_of(inner, words) for inner in value]
    return filled(value, words) if isinstance(value, str) else value


def formed(value: str, form: Form) -> str:
    """What a recipient knows the person by, in the form that it asks for."""
    if form == "plain":
        return value
    lowered = value.strip().lower()
    if form == "lower":
        return lowered
    if form == "google_email_sha256":
        lowered = _as_google_has_it(lowered)
    return hashlib.sha256(lowered.encode()).hexdigest()


def _as_google_has_it(address: str) -> str:
    """An address as Google hashes it: its own domains know no dots before the sign (Data Manager API)."""
    name, _, domain = address.rpartition("@")
    bare = name.replace(".", "") if domain in ("gmail.com", "googlemail.com") else name
    return f"{bare}@{domain}"


def at(body: Any, place: str) -> Any:
    """What stands at a dotted place of an answer, `.` for all of it; None where nothing does."""
    if place == ".":
        return body
    for part in place.split("."):
        if isinstance(body, Mapping):
            body = body.get(part)
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


def said(value: Any) -> str:
    """A text or number of an answer as text; empty where it is anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def fits(value: str) -> bool:
    """Whether a value may stand among other words, and as one part of a path."""
    return bool(_AMONG.match(value)) and value not in (".", "..")


def _held(value: str, form: re.Pattern[str]) -> str:
    if not form.match(value):
        raise NotAnId
    return value


def _step(value: str) -> str:
    if _STEP.search(value) or value.strip() in ("", ".", ".."):
        raise NotAnId
    return _held(value, _ALONE)
