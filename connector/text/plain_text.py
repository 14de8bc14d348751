"""Text that others wrote, as it may stand on a terminal, in a log or a header: one line, nothing hidden."""

import unicodedata

LONGEST = 80
"""Characters; an id, a number or a name that is longer is no help to whoever reads it."""

_SCANNED = 20
"""Times the length that is looked through at most: a giant text costs no more than a long one."""
_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls and escapes; direction marks and zero-width characters; halves of characters; no characters."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters by their category that show as nothing


def said(text: object, *, longest: int = LONGEST) -> str:
    """What somebody else wrote, in one line without controls, escapes or direction marks, cut to a length."""
    told = str(text)
    if len(told) <= longest and told.isascii() and told.isprintable():
        return " ".join(told.split())
    looked_at = told[: longest * _SCANNED]
    seen = "".join(" " if one in _SPACES else one for one in looked_at if _shows(one))
    line = " ".join(seen.split())
    if len(line) <= longest and len(looked_at) == len(told):
        return line
    return line[: longest - 1].rstrip() + "…"


def _shows(one: str) -> bool:
    return one in _SPACES or (unicodedata.category(one) not in _UNSEEN and one not in _FILLERS)
