"""What may stand on a terminal: no control, no escape, no direction mark; a line's end alone stays."""

import unicodedata

_SPACES = frozenset("\t\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")


class _Shown(dict[int, str | None]):
    """Each character by its number as it is shown; looked at once."""

    def __missing__(self, number: int) -> str | None:
        one = chr(number)
        hidden = unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn")
        self[number] = " " if one in _SPACES else one if one == "\n" or not hidden else None
        return self[number]


class _Escaped(dict[int, str]):
    """Each character as a JSON text may hold it: what is not shown, by its number."""

    def __missing__(self, number: int) -> str:
        one = chr(number)
        self[number] = one if _SHOWN[number] == one else _by_number(one)
        return self[number]


_SHOWN = _Shown()
_ESCAPED = _Escaped()


def printable(text: str) -> str:
    """The text without what a terminal would obey or hide."""
    return text if text.isprintable() else text.translate(_SHOWN)


def printable_json(text: str) -> str:
    """The same JSON, where what a terminal would obey stands by its number: no value changes."""
    return text if text.isprintable() else text.translate(_ESCAPED)


def _by_number(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
