"""A row that PHP serialised, changed with its lengths: the format of PHP's serialize(), without objects."""

import re
from typing import NamedTuple

from connector.text.formats.leaf import Change, Deeper, Leaf, Uncut, renamed, under

_LOOKS = re.compile(r"(?:[aOCE]:[0-9]+:|s:[0-9]+:\"|i:-?[0-9]+;|d:[0-9.eE+\-]+;|b:[01];|N;)")
_HEAD = re.compile(rb"(?P<kind>[asidb]):(?P<size>-?[0-9.eE+\-]+)(?P<after>[:;])|N;")
_NAMES = re.compile(rb'[is]:(?:[0-9]+:")?([^";]*)')
"""Whatever may be the name of an entry: a new name is none of them."""
_DEEPEST = 60


class _Scalar(NamedTuple):
    """A string or number of the row: what it is, and where it ends."""

    kind: str
    text: str
    end: int


def looks_serialised(text: str) -> bool:
    """Whether a text has the form of a row that PHP serialised, objects included."""
    return bool(_LOOKS.match(text)) and text[-1:] in (";", "}")


def rewrite_php(path: str, key: str, text: str, change: Change, deeper: Deeper) -> str:
    """The row with every leaf changed and its lengths counted anew. Raises Uncut for objects and the like."""
    row = _Row(text.encode("utf-8", "surrogatepass"), change, deeper)
    end = row.value(0, path, key, 0)
    if end != len(row.data):
        raise Uncut
    return b"".join(row.found).decode("utf-8", "surrogatepass")


class _Row:
    """One row that is being read and written at once."""

    def __init__(self, data: bytes, change: Change, deeper: Deeper) -> None:
        self.data = data
        self.found: list[bytes] = []
        self._change = change
        self._deeper = deeper
        self._taken = {text.decode("utf-8", "replace") for text in _NAMES.findall(data)}

    def value(self, at: int, path: str, key: str, depth: int) -> int:
        """Writes the value at this place; where it ends."""
        if depth > _DEEPEST:
            raise Uncut
        if self.data.startswith(b"a:", at):
            return self._array(at, path, key, depth)
        scalar = self._scalar(at)
        if scalar.kind == "s":
            self.found.append(_string(self._deeper(path, key, scalar.text, self._change)))
        elif scalar.kind in "id" and self._change(Leaf(path, key, scalar.text, number=True)) != scalar.text:
            self.found.append(b"N;")
        else:
            self.found.append(self.data[at : scalar.end])
        return scalar.end

    def _array(self, at: int, path: str, key: str, depth: int) -> int:
        head = re.compile(rb"a:([0-9]+):\{").match(self.data, at)
        if head is None:
            raise Uncut
        self.found.append(head[0])
        end = head.end()
        for _ in range(int(head[1])):
            name = self._scalar(end)
            if name.kind not in "si":
                raise Uncut
            self.found.append(self._named(name, end, path, key))
            inner = key if name.kind == "i" else name.text
            deeper = path if name.kind == "i" else under(path, name.text)
            end = self.value(name.end, deeper, inner, depth + 1)
        if not self.data.startswith(b"}", end):
            raise Uncut
        self.found.append(b"}")
        return end + 1

    def _named(self, name: _Scalar, at: int, path: str, key: str) -> bytes:
        new = renamed(name.text, self._taken, self._change(Leaf(path, key, name.text, name=True)))
        self._taken.add(new)
        return self.data[at : name.end] if new == name.text else _string(new)

    def _scalar(self, at: int) -> _Scalar:
        head = _HEAD.match(self.data, at)
        if head is None:
            raise Uncut
        if head[0] == b"N;":
            return _Scalar("N", "", head.end())
        kind, size = head["kind"].decode(), head["size"]
        if kind == "s":
            return self._text(head.end(), size, head["after"])
        if head["after"] != b";" or kind == "a":
            raise Uncut
        return _Scalar(kind, size.decode(), head.end())

    def _text(self, at: int, size: bytes, after: bytes) -> _Scalar:
        if after != b":" or not size.isdigit():
            raise Uncut
        start = at + 1
        end = start + int(size)
        if self.data[at:start] != b'"' or self.data[end : end + 2] != b'";':
            raise Uncut
        try:
            text = self.data[start:end].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise Uncut from None
        return _Scalar("s", text, end + 2)


def _string(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return b's:%d:"%b";' % (len(data), data)
