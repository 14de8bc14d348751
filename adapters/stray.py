"""What a shop's server prints before its answer: read through where nothing else can be meant.

A byte order mark, white space and PHP's own notices (`display_errors`) stand before whole JSON then. A web
page never does: what is read through is told apart by PHP's own form, and the rest must be JSON to its end.
"""

import re
from typing import NamedTuple

import msgspec

from connector.text.decoding import NOT_JSON

BOM = b"\xef\xbb\xbf"
_LONGEST = 1 << 16  # bytes of notices before the data
_BLANK = re.compile(rb"[\s\x00]+")
# php.net, display_errors: "%s\n%s: %s in %s on line %d%s" between html_errors' own marks.
_NOTICE = re.compile(
    rb"(?:<br ?/?>\s*)?(?:<b>)?(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards|"
    rb"Catchable fatal error|Recoverable fatal error)(?:</b>)?:\s[^\x00]{1,4000}?"
    rb" on line (?:<b>)?\d{1,7}(?:</b>)?(?:<br ?/?>|(?=[\r\n]))"
)
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|script|meta|title)\b", re.IGNORECASE)


class Stripped(NamedTuple):
    """A body without what stood before it; `found` says what did: bom, blank, notices."""

    body: bytes
    found: frozenset[str]


def without_stray(body: bytes) -> Stripped:
    """The JSON behind marks, blanks and notices; the body as it is where it is anything else."""
    if body[:1] in (b"{", b"["):
        return Stripped(body, frozenset())
    at, found = 0, set[str]()
    while at < min(len(body), _LONGEST):
        if body.startswith(BOM, at):
            at, what = at + len(BOM), "bom"
        elif blank := _BLANK.match(body, at):
            at, what = blank.end(), "blank"
        elif notice := _NOTICE.match(body, at):
            at, what = notice.end(), "notices"
        else:
            break
        found.add(what)
    if not found or _PAGE.search(body, 0, at) or not _is_json(body[at:]):
        return Stripped(body, frozenset())
    return Stripped(body[at:], frozenset(found - {"blank"} or found))


def printed_before(body: bytes) -> bool:
    """Whether data seems to stand behind something that was printed, in a form that is not read through."""
    if _PAGE.search(body[:_LONGEST]):
        return False
    start = next((at for at in (body.find(b"{"), body.find(b"[")) if 0 < at < _LONGEST), 0)
    starts = sorted(at for at in (body.find(b"{"), body.find(b"[")) if 0 < at < _LONGEST)
    return bool(start) and any(_is_json(body[at:]) for at in starts)


def _is_json(rest: bytes) -> bool:
    if rest[:1] not in (b"{", b"["):
        return False
    try:
        msgspec.json.decode(rest, type=msgspec.Raw)
    except NOT_JSON:
        return False
    return True


__all__ = ["BOM", "NOT_JSON", "Stripped", "printed_before", "without_stray"]
